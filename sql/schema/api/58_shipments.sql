-- Shipments of orders, and where returns go.  A scan is recorded as it was
-- reported; what a shipment shows is computed from its scans.

CREATE OR REPLACE VIEW support_case.shipments WITH (security_invoker = true) AS
SELECT s.seller_id, s.order_id, s.shipment_number, s.carrier, s.service, s.tracking_number,
    s.handed_over_at, s.delivered_at, s.last_scan_at, s.last_scan_kind, s.max_estimated_delivery_on, s.ship_to_country,
    support_case._to_major(s.declared_value, o.currency) AS declared_value,
    support_case._to_major(s.insured_value, o.currency) AS insured_value, s.insurer,
    support_case._to_major(s.included_cover, o.currency) AS included_cover, s.is_insurance_included,
    s.has_automatic_claims, o.currency, s.created_at
FROM support_case.shipment AS s
JOIN support_case.sales_order AS o ON o.seller_id = s.seller_id AND o.order_id = s.order_id;

COMMENT ON VIEW support_case.shipments IS 'Shipments of orders, with the carrier''s scans and the cover that they have; amounts in major units.';
COMMENT ON COLUMN support_case.shipments.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.shipments.order_id IS 'The order.';
COMMENT ON COLUMN support_case.shipments.shipment_number IS 'Number of the shipment within the order.';
COMMENT ON COLUMN support_case.shipments.carrier IS 'The carrier; null until the label is bought.';
COMMENT ON COLUMN support_case.shipments.service IS 'The carrier''s service.';
COMMENT ON COLUMN support_case.shipments.tracking_number IS 'The carrier''s tracking number.';
COMMENT ON COLUMN support_case.shipments.handed_over_at IS 'When the carrier accepted it.';
COMMENT ON COLUMN support_case.shipments.delivered_at IS 'When it was delivered.';
COMMENT ON COLUMN support_case.shipments.last_scan_at IS 'When it was scanned last.';
COMMENT ON COLUMN support_case.shipments.last_scan_kind IS 'What that scan said.';
COMMENT ON COLUMN support_case.shipments.max_estimated_delivery_on IS 'The latest day of the estimated delivery, in the buyer''s time zone.';
COMMENT ON COLUMN support_case.shipments.ship_to_country IS 'ISO 3166 code of the country it goes to.';
COMMENT ON COLUMN support_case.shipments.declared_value IS 'The value declared to the carrier.';
COMMENT ON COLUMN support_case.shipments.insured_value IS 'The cover that was purchased (W-121, W-124).';
COMMENT ON COLUMN support_case.shipments.insurer IS 'Who sold that cover; null: the carrier.';
COMMENT ON COLUMN support_case.shipments.included_cover IS 'The cover that the service includes (W-123).';
COMMENT ON COLUMN support_case.shipments.is_insurance_included IS 'Whether the service includes cover (W-123).';
COMMENT ON COLUMN support_case.shipments.has_automatic_claims IS 'Whether the platform can file claims with the carrier (W-119, W-125).';
COMMENT ON COLUMN support_case.shipments.currency IS 'ISO 4217 code of the amounts.';
COMMENT ON COLUMN support_case.shipments.created_at IS 'When it was registered.';

-- A parcel that the carrier has seen was accepted by then, though the scan of
-- the acceptance itself may be missing; one that is reported lost may never
-- have been.
CREATE OR REPLACE VIEW support_case._shipment_progress WITH (security_invoker = true) AS
SELECT seller_id, order_id, shipment_number,
    min(scanned_at) FILTER (WHERE kind <> 'lost') AS handed_over_at,
    min(scanned_at) FILTER (WHERE kind = 'delivered') AS delivered_at,
    max(scanned_at) AS last_scan_at,
    (array_agg(kind ORDER BY scanned_at DESC, scan_number DESC))[1] AS last_scan_kind
FROM support_case.shipment_scan
GROUP BY seller_id, order_id, shipment_number;

COMMENT ON VIEW support_case._shipment_progress IS 'What the scans of a shipment come to.';
COMMENT ON COLUMN support_case._shipment_progress.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case._shipment_progress.order_id IS 'The order.';
COMMENT ON COLUMN support_case._shipment_progress.shipment_number IS 'The shipment.';
COMMENT ON COLUMN support_case._shipment_progress.handed_over_at IS 'The earliest scan that shows it in the carrier''s hands.';
COMMENT ON COLUMN support_case._shipment_progress.delivered_at IS 'When it was delivered.';
COMMENT ON COLUMN support_case._shipment_progress.last_scan_at IS 'When it was scanned last.';
COMMENT ON COLUMN support_case._shipment_progress.last_scan_kind IS 'What that scan said.';

CREATE OR REPLACE FUNCTION support_case._has_acceptance_scan(
    seller_id bigint,
    order_id bigint,
    before timestamptz DEFAULT 'infinity'
)
RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    RETURN EXISTS (SELECT FROM support_case.sales_order AS o
            WHERE o.seller_id = _has_acceptance_scan.seller_id AND o.order_id = _has_acceptance_scan.order_id
                AND o.delivered_at < _has_acceptance_scan.before)
        OR coalesce((SELECT bool_and(coalesce(s.handed_over_at < _has_acceptance_scan.before, false))
            FROM support_case.shipment AS s
            WHERE s.seller_id = _has_acceptance_scan.seller_id AND s.order_id = _has_acceptance_scan.order_id), false);
END
$$;

COMMENT ON FUNCTION support_case._has_acceptance_scan(bigint, bigint, timestamptz) IS
'Whether carriers had accepted all of an order''s shipments before an instant, or it was delivered by then (AMB-45).';

CREATE OR REPLACE FUNCTION support_case._lock_shipment(o support_case.sales_order, shipment_number integer)
RETURNS support_case.shipment
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    found_shipment support_case.shipment;
BEGIN
    PERFORM support_case._require(_lock_shipment.shipment_number, 'shipment_number');
    SELECT s.* INTO found_shipment
    FROM support_case.shipment AS s
    WHERE s.seller_id = o.seller_id AND s.order_id = o.order_id
        AND s.shipment_number = _lock_shipment.shipment_number
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM support_case._raise('no_data_found',
            format('order %s of seller %s has no shipment %s', o.order_id, o.seller_id,
                _lock_shipment.shipment_number),
            NULL, 'Register it with record_shipment().', 'support_case', 'shipment');
    END IF;
    RETURN found_shipment;
END
$$;

COMMENT ON FUNCTION support_case._lock_shipment(support_case.sales_order, integer) IS
'Locks a shipment of an order, whose lock the caller holds, and returns it. Errors: 22004, P0002.';

CREATE OR REPLACE FUNCTION support_case.record_shipment(
    seller_id bigint,
    order_id bigint,
    carrier text DEFAULT NULL,
    service text DEFAULT NULL,
    tracking_number text DEFAULT NULL,
    max_estimated_delivery_on date DEFAULT NULL,
    ship_to_country text DEFAULT NULL,
    declared_value numeric DEFAULT NULL,
    insured_value numeric DEFAULT NULL,
    insurer text DEFAULT NULL,
    shipment_number integer DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.shipments
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(order_id, carrier, service, tracking_number, max_estimated_delivery_on,
            ship_to_country, trim_scale(declared_value), trim_scale(insured_value), insurer,
            shipment_number) END;
    answer jsonb;
    o support_case.sales_order;
    s support_case.shipment;
BEGIN
    actor_id := support_case._authorise('host', record_shipment.seller_id, actor_id => actor_id);
    o := support_case._lock_order(record_shipment.seller_id, record_shipment.order_id);
    IF idempotency_key IS NOT NULL THEN
        answer := support_case._find_answer(o.seller_id, actor_id, idempotency_key, 'record_shipment', arguments);
    END IF;
    IF answer IS NULL THEN
        IF record_shipment.shipment_number IS NOT NULL THEN
            s := support_case._lock_shipment(o, record_shipment.shipment_number);
            IF s.handed_over_at IS NOT NULL THEN
                PERFORM support_case._raise('action_not_allowed', 'the shipment is with the carrier already',
                    format('It was accepted at %s; what was agreed with the carrier stands.', s.handed_over_at),
                    'Report what happens to it with record_shipment_scan().', 'support_case', 'shipment');
            END IF;
        ELSE
            s.seller_id := o.seller_id;
            s.order_id := o.order_id;
            s.shipment_number := coalesce((SELECT max(k.shipment_number) FROM support_case.shipment AS k
                WHERE k.seller_id = o.seller_id AND k.order_id = o.order_id), 0) + 1;
            s.created_at := support_case._instant();
        END IF;
        s.carrier := coalesce(left(record_shipment.carrier, 63), s.carrier);
        s.service := coalesce(left(record_shipment.service, 63), s.service);
        s.tracking_number := coalesce(left(record_shipment.tracking_number, 63), s.tracking_number);
        s.max_estimated_delivery_on := coalesce(record_shipment.max_estimated_delivery_on,
            s.max_estimated_delivery_on);
        PERFORM support_case._check_country(record_shipment.ship_to_country, 'ship_to_country');
        s.ship_to_country := coalesce(record_shipment.ship_to_country, s.ship_to_country);
        s.declared_value := coalesce(support_case._to_nonnegative_minor(record_shipment.declared_value, o.currency,
            'declared_value'), s.declared_value);
        s.insured_value := coalesce(support_case._to_nonnegative_minor(record_shipment.insured_value, o.currency,
            'insured_value'), s.insured_value);
        s.insurer := coalesce(left(record_shipment.insurer, 63), s.insurer);
        IF s.insurer IS NOT NULL THEN
            PERFORM support_case._require(s.insured_value, 'insured_value');
        END IF;
        -- Guarantee claims are measured on it.
        PERFORM support_case._check_date(s.max_estimated_delivery_on, 'max_estimated_delivery_on');
        SELECT k.included_cover, k.has_automatic_claims INTO s.included_cover, s.has_automatic_claims
        FROM support_case.carrier_service AS k
        WHERE k.carrier = s.carrier AND k.service = s.service AND k.currency = o.currency;
        INSERT INTO support_case.shipment AS k (seller_id, order_id, shipment_number, carrier, service, tracking_number,
            max_estimated_delivery_on, ship_to_country, declared_value, insured_value, insurer,
            included_cover, has_automatic_claims, created_at)
        VALUES (s.seller_id, s.order_id, s.shipment_number, s.carrier, s.service, s.tracking_number,
            s.max_estimated_delivery_on, s.ship_to_country, s.declared_value, s.insured_value, s.insurer,
            coalesce(s.included_cover, 0), coalesce(s.has_automatic_claims, false), s.created_at)
        ON CONFLICT (seller_id, order_id, shipment_number) DO UPDATE
            SET carrier = excluded.carrier, service = excluded.service, tracking_number = excluded.tracking_number,
                max_estimated_delivery_on = excluded.max_estimated_delivery_on,
                ship_to_country = excluded.ship_to_country, declared_value = excluded.declared_value,
                insured_value = excluded.insured_value, insurer = excluded.insurer,
                included_cover = excluded.included_cover, has_automatic_claims = excluded.has_automatic_claims;
        SELECT jsonb_agg(to_jsonb(v)) INTO answer FROM support_case.shipments AS v
        WHERE v.seller_id = s.seller_id AND v.order_id = s.order_id AND v.shipment_number = s.shipment_number;
        IF idempotency_key IS NOT NULL THEN
            PERFORM support_case._keep_answer(o.seller_id, actor_id, idempotency_key, 'record_shipment', arguments,
                answer);
        END IF;
    END IF;
    RETURN QUERY SELECT s.* FROM jsonb_populate_recordset(NULL::support_case.shipments, answer) AS v,
        support_case._shown_shipment(v) AS s;
END
$$;

COMMENT ON FUNCTION support_case.record_shipment(bigint, bigint, text, text, text, date, text, numeric, numeric, text, integer, text, text) IS
'Registers a shipment of an order and returns it; with a shipment_number, changes that one, until the carrier has accepted it: what is left out stays. carrier and service are codes of table carrier_service, where they are listed there: cover and automatic claims follow from it (W-123, W-125). declared_value and insured_value, the cover that was purchased, are in major units of the order''s currency; insurer: who sold that cover, such as xcover, if not the carrier (W-124). Errors: P0002, 22004, 22003, 22008, 22023, SC001 (accepted already), SC009.';

-- The filing window depends on it (AMB-42).
CREATE OR REPLACE FUNCTION support_case._set_order_delivered(o support_case.sales_order, at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    UPDATE support_case.sales_order AS s
    SET delivered_at = _set_order_delivered.at
    WHERE s.seller_id = o.seller_id AND s.order_id = o.order_id;
END
$$;

COMMENT ON FUNCTION support_case._set_order_delivered(support_case.sales_order, timestamptz) IS
'Writes when an order, whose lock the caller holds, was delivered.';

CREATE OR REPLACE FUNCTION support_case.record_shipment_scan(
    seller_id bigint,
    order_id bigint,
    shipment_number integer,
    kind text,
    at timestamptz,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.shipments
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(order_id, shipment_number, kind, support_case._iso_instant(at)) END;
    answer jsonb;
    o support_case.sales_order;
    s support_case.shipment;
    instant timestamptz;
    all_delivered_at timestamptz;
BEGIN
    actor_id := support_case._authorise('carrier', record_shipment_scan.seller_id, actor_id => actor_id);
    PERFORM support_case._check_choice(record_shipment_scan.kind, 'kind', 'accepted', 'in_transit', 'delivered', 'lost',
        'damaged', 'returned_to_sender');
    o := support_case._lock_order(record_shipment_scan.seller_id, record_shipment_scan.order_id);
    IF idempotency_key IS NOT NULL THEN
        answer := support_case._find_answer(o.seller_id, actor_id, idempotency_key, 'record_shipment_scan', arguments);
    END IF;
    IF answer IS NULL THEN
        s := support_case._lock_shipment(o, record_shipment_scan.shipment_number);
        instant := support_case._instant();
        PERFORM support_case._check_fact_instant(record_shipment_scan.at, instant, o.purchased_at);
        -- Carriers repeat themselves.
        INSERT INTO support_case.shipment_scan (seller_id, order_id, shipment_number, scan_number, kind, scanned_at,
            recorded_at)
        SELECT s.seller_id, s.order_id, s.shipment_number, coalesce(max(k.scan_number), 0) + 1,
            record_shipment_scan.kind, record_shipment_scan.at, instant
        FROM support_case.shipment_scan AS k
        WHERE k.seller_id = s.seller_id AND k.order_id = s.order_id AND k.shipment_number = s.shipment_number
        HAVING bool_or(k.kind = record_shipment_scan.kind AND k.scanned_at = record_shipment_scan.at) IS NOT TRUE;
        UPDATE support_case.shipment AS k
        SET handed_over_at = p.handed_over_at, delivered_at = p.delivered_at, last_scan_at = p.last_scan_at,
            last_scan_kind = p.last_scan_kind
        FROM support_case._shipment_progress AS p
        WHERE k.seller_id = s.seller_id AND k.order_id = s.order_id AND k.shipment_number = s.shipment_number
            AND p.seller_id = s.seller_id AND p.order_id = s.order_id AND p.shipment_number = s.shipment_number;
        IF record_shipment_scan.kind = 'delivered' THEN
            SELECT CASE WHEN bool_and(k.delivered_at IS NOT NULL) THEN max(k.delivered_at) END INTO all_delivered_at
            FROM support_case.shipment AS k
            WHERE k.seller_id = o.seller_id AND k.order_id = o.order_id;
            IF all_delivered_at IS NOT NULL THEN
                PERFORM support_case._set_order_delivered(o, all_delivered_at);
            END IF;
        END IF;
        SELECT jsonb_agg(to_jsonb(v)) INTO answer FROM support_case.shipments AS v
        WHERE v.seller_id = s.seller_id AND v.order_id = s.order_id AND v.shipment_number = s.shipment_number;
        IF idempotency_key IS NOT NULL THEN
            PERFORM support_case._keep_answer(o.seller_id, actor_id, idempotency_key, 'record_shipment_scan', arguments,
                answer);
        END IF;
    END IF;
    RETURN QUERY SELECT s.* FROM jsonb_populate_recordset(NULL::support_case.shipments, answer) AS v,
        support_case._shown_shipment(v) AS s;
END
$$;

COMMENT ON FUNCTION support_case.record_shipment_scan(bigint, bigint, integer, text, timestamptz, text, text) IS
'The carrier scanned a shipment at an instant: returns the shipment. kind: accepted, in_transit, delivered, lost, damaged or returned_to_sender. The earliest scan that shows it in the carrier''s hands is its acceptance; when every shipment of the order is delivered, the order is (AMB-42, AMB-45, AMB-57). The same scan again changes nothing. Errors: P0002, 22004, 22008, 22023, SC009.';

---------- where returns go ----------
