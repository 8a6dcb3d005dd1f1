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

CREATE OR REPLACE FUNCTION support_case._to_cover(value numeric, currency text, argument text)
RETURNS bigint
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    minor bigint := support_case._to_minor(value, currency, argument);
BEGIN
    IF minor < 0 THEN
        PERFORM support_case._raise('invalid_parameter_value', format('argument "%s" must not be negative', argument),
            format('It is %s %s.', value, currency), 'Pass the value in major units of the order''s currency.');
    END IF;
    RETURN minor;
END
$$;

COMMENT ON FUNCTION support_case._to_cover(numeric, text, text) IS
'A value or cover in minor units; null for null. Raises 22003 or 22023 unless it is exact in the currency and not negative.';

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
    PERFORM support_case._authorise('host', record_shipment.seller_id);
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
        s.ship_to_country := coalesce(record_shipment.ship_to_country, s.ship_to_country);
        s.declared_value := coalesce(support_case._to_cover(record_shipment.declared_value, o.currency,
            'declared_value'), s.declared_value);
        s.insured_value := coalesce(support_case._to_cover(record_shipment.insured_value, o.currency, 'insured_value'),
            s.insured_value);
        s.insurer := coalesce(left(record_shipment.insurer, 63), s.insurer);
        IF s.insurer IS NOT NULL THEN
            PERFORM support_case._require(s.insured_value, 'insured_value');
        END IF;
        IF NOT isfinite(s.max_estimated_delivery_on) THEN
            PERFORM support_case._raise('datetime_field_overflow',
                'argument "max_estimated_delivery_on" must be a finite date', NULL,
                'Leave out what is not known.');
        END IF;
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
    RETURN QUERY SELECT v.* FROM jsonb_populate_recordset(NULL::support_case.shipments, answer) AS v;
END
$$;

COMMENT ON FUNCTION support_case.record_shipment(bigint, bigint, text, text, text, date, text, numeric, numeric, text, integer, text, text) IS
'Registers a shipment of an order and returns it; with a shipment_number, changes that one, until the carrier has accepted it: what is left out stays. carrier and service are codes of table carrier_service, where they are listed there: cover and automatic claims follow from it (W-123, W-125). declared_value and insured_value, the cover that was purchased, are in major units of the order''s currency; insurer: who sold that cover, such as xcover, if not the carrier (W-124). Errors: P0002, 22004, 22003, 22008, 22023, 23514 (country), SC001 (accepted already), SC009.';

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
    PERFORM support_case._authorise('carrier', record_shipment_scan.seller_id);
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
    RETURN QUERY SELECT v.* FROM jsonb_populate_recordset(NULL::support_case.shipments, answer) AS v;
END
$$;

COMMENT ON FUNCTION support_case.record_shipment_scan(bigint, bigint, integer, text, timestamptz, text, text) IS
'The carrier scanned a shipment at an instant: returns the shipment. kind: accepted, in_transit, delivered, lost, damaged or returned_to_sender. The earliest scan that shows it in the carrier''s hands is its acceptance; when every shipment of the order is delivered, the order is (AMB-42, AMB-45, AMB-57). The same scan again changes nothing. Errors: P0002, 22004, 22008, 22023, SC009.';

---------- where returns go ----------

CREATE OR REPLACE FUNCTION support_case.set_return_address(
    seller_id bigint,
    recipient text,
    address_line_1 text,
    city text,
    country text,
    address_line_2 text DEFAULT NULL,
    region text DEFAULT NULL,
    postal_code text DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.return_address
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(recipient, address_line_1, city, country, address_line_2, region, postal_code) END;
    answer jsonb;
    latest support_case.return_address;
BEGIN
    PERFORM support_case._authorise('seller', set_return_address.seller_id);
    PERFORM support_case._require(set_return_address.seller_id, 'seller_id');
    PERFORM FROM support_case.seller AS s WHERE s.seller_id = set_return_address.seller_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM support_case._raise('no_data_found', format('seller %s does not exist', set_return_address.seller_id),
            NULL, 'Register the seller with register_seller().', 'support_case', 'seller');
    END IF;
    IF idempotency_key IS NOT NULL THEN
        answer := support_case._find_answer(seller_id, actor_id, idempotency_key, 'set_return_address', arguments);
    END IF;
    IF answer IS NULL THEN
        PERFORM support_case._check_text(v.value, v.name, 255)
        FROM (VALUES ('recipient', set_return_address.recipient),
            ('address_line_1', set_return_address.address_line_1), ('city', set_return_address.city)) AS v (name, value);
        PERFORM support_case._check_text(v.value, v.name, 255)
        FROM (VALUES ('address_line_2', set_return_address.address_line_2), ('region', set_return_address.region),
            ('postal_code', set_return_address.postal_code)) AS v (name, value)
        WHERE v.value IS NOT NULL;
        PERFORM support_case._require(set_return_address.country, 'country');
        IF set_return_address.country !~ '^[A-Z]{2}$' THEN
            PERFORM support_case._raise('invalid_parameter_value',
                format('unknown country "%s"', left(set_return_address.country, 64)), NULL,
                'Pass the code of ISO 3166, such as US.');
        END IF;
        SELECT a.* INTO latest FROM support_case.return_address AS a
        WHERE a.seller_id = set_return_address.seller_id
        ORDER BY a.address_number DESC
        LIMIT 1;
        INSERT INTO support_case.return_address AS a (seller_id, address_number, recipient, address_line_1,
            address_line_2, city, region, postal_code, country, set_at, set_by)
        VALUES (set_return_address.seller_id, coalesce(latest.address_number, 0) + 1, set_return_address.recipient,
            set_return_address.address_line_1, set_return_address.address_line_2, set_return_address.city,
            set_return_address.region, set_return_address.postal_code, set_return_address.country,
            greatest(support_case._instant(), latest.set_at), support_case._acting_id(set_return_address.actor_id))
        RETURNING jsonb_build_array(to_jsonb(a)) INTO answer;
        IF idempotency_key IS NOT NULL THEN
            PERFORM support_case._keep_answer(seller_id, actor_id, idempotency_key, 'set_return_address', arguments,
                answer);
        END IF;
    END IF;
    RETURN QUERY SELECT a.* FROM jsonb_populate_recordset(NULL::support_case.return_address, answer) AS a;
END
$$;

COMMENT ON FUNCTION support_case.set_return_address(bigint, text, text, text, text, text, text, text, text, text) IS
'The seller sets where returns go from now on, and returns the address. country is a code of ISO 3166. Returns that have started keep their address. Errors: P0002, 22004, 22023, SC009. (W-39)';

CREATE OR REPLACE FUNCTION support_case._return_started_at(c support_case.support_case)
RETURNS timestamptz
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF c.status = 'return_pending' THEN
        RETURN c.status_since;
    END IF;
    RETURN (
        SELECT e.effective_at
        FROM support_case.case_event AS e
        WHERE e.seller_id = c.seller_id AND e.case_id = c.case_id AND e.status = 'return_pending'
            AND NOT EXISTS (SELECT FROM support_case.case_event AS b
                WHERE b.seller_id = e.seller_id AND b.case_id = e.case_id AND b.event_number = e.event_number - 1
                    AND b.status = 'return_pending')
        ORDER BY e.event_number DESC
        LIMIT 1);
END
$$;

COMMENT ON FUNCTION support_case._return_started_at(support_case.support_case) IS
'When the latest return of a case was approved; null when there was none.';

-- A return keeps the address in force when it started; a seller who sets the
-- first one later has no other.
CREATE OR REPLACE FUNCTION support_case._return_address(
    seller_id bigint,
    destination text,
    policy_version integer,
    at timestamptz
)
RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF destination = 'platform' THEN
        RETURN (SELECT p.platform_return_address FROM support_case.policy AS p
            WHERE p.policy_version = _return_address.policy_version);
    END IF;
    RETURN (
        SELECT jsonb_strip_nulls(to_jsonb(a) - ARRAY['seller_id', 'address_number', 'set_at', 'set_by'])
        FROM support_case.return_address AS a
        WHERE a.seller_id = _return_address.seller_id
        ORDER BY a.set_at <= _return_address.at DESC,
            CASE WHEN a.set_at <= _return_address.at THEN -a.address_number ELSE a.address_number END
        LIMIT 1);
END
$$;

COMMENT ON FUNCTION support_case._return_address(bigint, text, integer, timestamptz) IS
'The address of a destination, seller or platform, that was in force at an instant; null where none is known (W-39, AMB-22).';

-- A buyer learns the address of the return that is to be sent, and no other:
-- the function sees all addresses and shows that of one case.
CREATE OR REPLACE FUNCTION support_case._address_of_return(seller_id bigint, case_id bigint)
RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    c support_case.support_case;
    k support_case.case_current;
BEGIN
    SELECT v.* INTO c FROM support_case.support_case AS v
    WHERE v.seller_id = _address_of_return.seller_id AND v.case_id = _address_of_return.case_id;
    IF (support_case._is_trusted() OR c.seller_id = support_case._own_seller_id()
        OR c.buyer_id = support_case._own_buyer_id()
        OR pg_has_role(support_case._caller(), to_regrole('support_case_platform')::oid, 'member')) IS NOT TRUE
    THEN
        RETURN NULL;
    END IF;
    SELECT v.* INTO k FROM support_case.case_current AS v WHERE v.seller_id = c.seller_id AND v.case_id = c.case_id;
    IF k.status NOT IN ('return_pending', 'return_in_transit', 'return_inspection') THEN
        RETURN NULL;
    END IF;
    RETURN support_case._return_address(c.seller_id,
        coalesce(c.return_destination, (SELECT p.return_destination FROM support_case.policy AS p
            WHERE p.policy_version = c.policy_version)),
        c.policy_version,
        CASE k.status WHEN 'return_pending' THEN k.status_since ELSE support_case._return_started_at(c) END);
END
$$;

COMMENT ON FUNCTION support_case._address_of_return(bigint, bigint) IS
'Where the running return of a case goes, for its parties and the platform; null for others, and where nothing is returned.';

CREATE OR REPLACE VIEW support_case.return_instructions WITH (security_invoker = true) AS
SELECT k.seller_id, k.case_id, k.order_id, k.buyer_id, k.status, l.parcel_number,
    coalesce(l.destination, c.return_destination, p.return_destination) AS destination,
    a.address ->> 'recipient' AS recipient, a.address ->> 'address_line_1' AS address_line_1,
    a.address ->> 'address_line_2' AS address_line_2, a.address ->> 'city' AS city, a.address ->> 'region' AS region,
    a.address ->> 'postal_code' AS postal_code, a.address ->> 'country' AS country,
    CASE k.status WHEN 'return_pending' THEN k.due_at END AS drop_off_by,
    l.carrier, l.tracking_number, l.label_uri, l.handed_over_at, l.delivered_at,
    'same_condition_as_received' AS condition_guidance, 'protect_against_transit_damage' AS packaging_guidance
FROM support_case.case_current AS k
JOIN support_case.support_case AS c ON c.seller_id = k.seller_id AND c.case_id = k.case_id
JOIN support_case.policy AS p ON p.policy_version = c.policy_version
LEFT JOIN LATERAL (
    SELECT n.* FROM support_case.parcel AS n
    WHERE n.seller_id = k.seller_id AND n.case_id = k.case_id AND n.direction = 'return'
        AND (n.delivered_at IS NULL OR k.status = 'return_inspection')
        -- A label to somewhere else belongs to an earlier return.
        AND (n.destination = coalesce(c.return_destination, p.return_destination) OR k.status <> 'return_pending')
    ORDER BY n.parcel_number DESC
    LIMIT 1
) AS l ON true
CROSS JOIN LATERAL (
    SELECT coalesce(l.return_address, support_case._address_of_return(k.seller_id, k.case_id)) AS address
) AS a
WHERE k.status IN ('return_pending', 'return_in_transit', 'return_inspection');

COMMENT ON VIEW support_case.return_instructions IS 'What the buyer of a running return has to know, as of clock(): where to send what until when, with which label (W-33, W-35 to W-37, W-39, AMB-22).';
COMMENT ON COLUMN support_case.return_instructions.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.return_instructions.case_id IS 'The case.';
COMMENT ON COLUMN support_case.return_instructions.order_id IS 'The order.';
COMMENT ON COLUMN support_case.return_instructions.buyer_id IS 'The buyer.';
COMMENT ON COLUMN support_case.return_instructions.status IS 'return_pending, return_in_transit or return_inspection.';
COMMENT ON COLUMN support_case.return_instructions.parcel_number IS 'The parcel within the case, once there is a label or a scan.';
COMMENT ON COLUMN support_case.return_instructions.destination IS 'Who receives it: seller or platform (AMB-22).';
COMMENT ON COLUMN support_case.return_instructions.recipient IS 'Name on the parcel; null where no address is known.';
COMMENT ON COLUMN support_case.return_instructions.address_line_1 IS 'Street and number, or post-office box.';
COMMENT ON COLUMN support_case.return_instructions.address_line_2 IS 'Second line, where there is one.';
COMMENT ON COLUMN support_case.return_instructions.city IS 'City.';
COMMENT ON COLUMN support_case.return_instructions.region IS 'State, province or the like.';
COMMENT ON COLUMN support_case.return_instructions.postal_code IS 'Postal code.';
COMMENT ON COLUMN support_case.return_instructions.country IS 'ISO 3166 code of the country.';
COMMENT ON COLUMN support_case.return_instructions.drop_off_by IS 'When the parcel has to be with the carrier (W-33); null once it is.';
COMMENT ON COLUMN support_case.return_instructions.carrier IS 'Carrier of the label.';
COMMENT ON COLUMN support_case.return_instructions.tracking_number IS 'Its tracking number.';
COMMENT ON COLUMN support_case.return_instructions.label_uri IS 'Where the label is (W-35).';
COMMENT ON COLUMN support_case.return_instructions.handed_over_at IS 'When the parcel was dropped off.';
COMMENT ON COLUMN support_case.return_instructions.delivered_at IS 'When it was delivered, or refused.';
COMMENT ON COLUMN support_case.return_instructions.condition_guidance IS 'Code: the item comes back as it was received (W-36).';
COMMENT ON COLUMN support_case.return_instructions.packaging_guidance IS 'Code: it is packed so that transport does not damage it (W-37).';

---------- scans of returns and replacements ----------

CREATE OR REPLACE FUNCTION support_case._note_parcel_scan(
    c support_case.support_case,
    parcel_number integer,
    kind text,
    reported_by text,
    at timestamptz
)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO support_case.parcel_scan (seller_id, case_id, parcel_number, scan_number, kind, reported_by, scanned_at,
        recorded_at)
    SELECT c.seller_id, c.case_id, _note_parcel_scan.parcel_number, coalesce(max(k.scan_number), 0) + 1,
        _note_parcel_scan.kind, _note_parcel_scan.reported_by, _note_parcel_scan.at, c.last_effective_at
    FROM support_case.parcel_scan AS k
    WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id AND k.parcel_number = _note_parcel_scan.parcel_number
    HAVING bool_or(k.kind = _note_parcel_scan.kind AND k.scanned_at = _note_parcel_scan.at
        AND k.reported_by = _note_parcel_scan.reported_by) IS NOT TRUE;
END
$$;

COMMENT ON FUNCTION support_case._note_parcel_scan(support_case.support_case, integer, text, text, timestamptz) IS
'Records where a parcel of a case was seen, once.';

CREATE OR REPLACE FUNCTION support_case.record_parcel_scan(
    seller_id bigint,
    case_id bigint,
    parcel_number integer,
    kind text,
    at timestamptz,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(case_id, parcel_number, kind, support_case._iso_instant(at)) END;
    c support_case.support_case;
    l support_case.parcel;
BEGIN
    PERFORM support_case._authorise('carrier', record_parcel_scan.seller_id);
    PERFORM support_case._check_choice(record_parcel_scan.kind, 'kind', 'accepted', 'in_transit', 'delivered', 'refused',
        'lost', 'damaged', 'returned_to_sender');
    PERFORM support_case._require(parcel_number, 'parcel_number');
    PERFORM support_case._require(at, 'at');
    c := support_case._begin(seller_id, case_id, 'record_parcel_scan', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        SELECT k.* INTO l FROM support_case.parcel AS k
        WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id
            AND k.parcel_number = record_parcel_scan.parcel_number;
        IF NOT FOUND THEN
            PERFORM support_case._raise('no_data_found',
                format('case %s has no parcel %s', c.case_id, record_parcel_scan.parcel_number), NULL,
                'A parcel is known once it has a label or was dropped off.', 'support_case', 'parcel');
        END IF;
        -- The first scan hands the parcel over, the first delivery ends its way;
        -- everything else leaves the case where it is.
        IF record_parcel_scan.kind IN ('accepted', 'in_transit') AND l.handed_over_at IS NULL THEN
            IF l.direction = 'return' THEN
                PERFORM support_case.record_return_dropped_off(seller_id, case_id, at, actor_id => actor_id);
            ELSE
                PERFORM support_case.record_replacement_shipped(seller_id, case_id, at, actor_id => actor_id);
            END IF;
        ELSIF record_parcel_scan.kind IN ('delivered', 'refused') AND l.direction = 'return'
            AND l.delivered_at IS NULL
        THEN
            PERFORM support_case.record_return_delivered(seller_id, case_id, at,
                is_refused => record_parcel_scan.kind = 'refused', actor_id => actor_id);
        ELSIF record_parcel_scan.kind = 'delivered' AND l.direction = 'replacement' AND l.delivered_at IS NULL THEN
            PERFORM support_case.record_replacement_delivered(seller_id, case_id, at, actor_id => actor_id);
        END IF;
        PERFORM support_case._check_fact_instant(at, c.last_effective_at, c.opened_at);
        PERFORM support_case._note_parcel_scan(c, l.parcel_number, record_parcel_scan.kind, 'carrier', at);
    END IF;
    RETURN QUERY SELECT k.* FROM support_case._finish(seller_id, case_id, 'record_parcel_scan', actor_id,
        idempotency_key, arguments) AS k;
END
$$;

COMMENT ON FUNCTION support_case.record_parcel_scan(bigint, bigint, integer, text, timestamptz, text, text) IS
'The carrier scanned a return or replacement at an instant: returns the case. kind: accepted, in_transit, delivered, refused (by its recipient, AMB-19), lost, damaged or returned_to_sender. The first scan is the drop-off or shipment, the first delivery the delivery, as record_return_dropped_off() and its siblings report them; further scans are recorded and leave the case where it is: a lost parcel is the platform''s task when its time to arrive is over (AMB-20, AMB-29). Errors: P0002, 22004, 22008, 22023, SC001, SC003, SC009, SC013.';
