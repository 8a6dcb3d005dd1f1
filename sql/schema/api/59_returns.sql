-- Where returns go, what the buyer is told of it, and the scans of parcels.

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
    actor_id := support_case._authorise('seller', set_return_address.seller_id, actor_id => actor_id);
    PERFORM support_case._lock_seller(set_return_address.seller_id);
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
        PERFORM support_case._check_country(set_return_address.country, 'country');
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
        OR support_case._is_platform()) IS NOT TRUE
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
    actor_id := support_case._authorise('carrier', record_parcel_scan.seller_id, actor_id => actor_id);
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
    RETURN NEXT support_case._shown_case(support_case._finish(seller_id, case_id, 'record_parcel_scan', actor_id,
        idempotency_key, arguments));
END
$$;

COMMENT ON FUNCTION support_case.record_parcel_scan(bigint, bigint, integer, text, timestamptz, text, text) IS
'The carrier scanned a return or replacement at an instant: returns the case. kind: accepted, in_transit, delivered, refused (by its recipient, AMB-19), lost, damaged or returned_to_sender. The first scan is the drop-off or shipment, the first delivery the delivery, as record_return_dropped_off() and its siblings report them; further scans are recorded and leave the case where it is: a lost parcel is the platform''s task when its time to arrive is over (AMB-20, AMB-29). Errors: P0002, 22004, 22008, 22023, SC001, SC003, SC009, SC013.';
