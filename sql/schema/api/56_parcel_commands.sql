-- Facts about the parcels of returns and replacements: labels, drop-offs,
-- deliveries.

-- A return is one parcel until it is delivered; a later return is another.
CREATE OR REPLACE FUNCTION support_case._return_parcel(c support_case.support_case)
RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    latest support_case.parcel;
    destination text := coalesce(c.return_destination, (SELECT p.return_destination FROM support_case.policy AS p
        WHERE p.policy_version = c.policy_version));
BEGIN
    SELECT l.* INTO latest
    FROM support_case.parcel AS l
    WHERE l.seller_id = c.seller_id AND l.case_id = c.case_id
    ORDER BY l.parcel_number DESC
    LIMIT 1;
    IF latest.direction = 'return' AND (latest.delivered_at IS NULL OR c.status = 'return_inspection')
        -- A label to somewhere else belongs to an earlier return.
        AND (latest.destination = destination OR c.status <> 'return_pending')
    THEN
        RETURN latest.parcel_number;
    END IF;
    INSERT INTO support_case.parcel (seller_id, case_id, parcel_number, direction, destination, return_address,
        created_at)
    SELECT c.seller_id, c.case_id, coalesce(latest.parcel_number, 0) + 1, 'return', destination,
        support_case._return_address(c.seller_id, destination, c.policy_version, support_case._return_started_at(c)),
        c.last_effective_at;
    RETURN coalesce(latest.parcel_number, 0) + 1;
END
$$;

COMMENT ON FUNCTION support_case._return_parcel(support_case.support_case) IS
'The number of the parcel that a case''s return travels in, made where there is none, with the address that was in force when the return started (W-39, AMB-22).';

CREATE OR REPLACE FUNCTION support_case.record_return_label(
    seller_id bigint,
    case_id bigint,
    cost numeric,
    carrier text DEFAULT NULL,
    tracking_number text DEFAULT NULL,
    label_uri text DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(case_id, trim_scale(cost), carrier, tracking_number, label_uri) END;
    c support_case.support_case;
    minor bigint;
    number integer;
BEGIN
    actor_id := support_case._authorise('carrier', record_return_label.seller_id, actor_id => actor_id);
    PERFORM support_case._require(cost, 'cost');
    c := support_case._begin(seller_id, case_id, 'record_return_label', actor_id, idempotency_key,
        arguments);
    IF c.case_id IS NOT NULL THEN
        PERFORM support_case._transition(c, 'record_return_label', 'carrier', actor_id, '{}',
            jsonb_strip_nulls(jsonb_build_object('cost', cost, 'carrier', carrier,
                'tracking_number', tracking_number, 'label_uri', label_uri)));
        IF label_uri IS NOT NULL THEN
            PERFORM support_case._check_text(label_uri, 'label_uri', 2000);
        END IF;
        minor := support_case._to_nonnegative_minor(cost, c.currency, 'cost');
        IF minor > 1000000000000000000 THEN
            PERFORM support_case._raise('numeric_value_out_of_range', 'argument "cost" is too large',
                format('It is %s %s.', cost, c.currency), 'Pass what the label costs in major units.');
        END IF;
        number := support_case._return_parcel(c);
        UPDATE support_case.parcel AS l
        SET label_cost = minor,
            carrier = left(coalesce(record_return_label.carrier, l.carrier), 63),
            tracking_number = left(coalesce(record_return_label.tracking_number, l.tracking_number), 63),
            label_uri = coalesce(record_return_label.label_uri, l.label_uri)
        WHERE l.seller_id = c.seller_id AND l.case_id = c.case_id AND l.parcel_number = number;
    END IF;
    RETURN NEXT support_case._shown_case(support_case._finish(seller_id, case_id, 'record_return_label',
        actor_id, idempotency_key, arguments));
END
$$;

COMMENT ON FUNCTION support_case.record_return_label(bigint, bigint, numeric, text, text, text, text, text) IS
'Records the label of a return with its cost in major units of the case''s currency, and returns the case. label_uri: where the host keeps it; the event carries it for the buyer''s email, view return_instructions shows it (W-35). The seller is charged for it when the return is refunded (W-49), and only if the parcel was scanned (AMB-23). Errors: P0002, 22004, 22003, 22023, SC001, SC009. (W-35)';

CREATE OR REPLACE FUNCTION support_case._drop_off(
    seller_id bigint,
    case_id bigint,
    action text,
    actor text,
    at timestamptz,
    carrier text,
    tracking_number text,
    proof jsonb,
    actor_id text,
    idempotency_key text
)
RETURNS support_case.case_current
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(case_id, support_case._iso_instant(at), carrier, tracking_number, proof) END;
    c support_case.support_case;
    number integer;
BEGIN
    PERFORM support_case._require(at, 'at');
    c := support_case._begin(seller_id, case_id, action, actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        PERFORM support_case._check_fact_instant(at, c.last_effective_at, c.opened_at);
        PERFORM support_case._transition(c, action, actor, actor_id, '{}',
            jsonb_strip_nulls(jsonb_build_object('at', support_case._iso_instant(at), 'carrier', carrier,
                'tracking_number', tracking_number, 'proof', proof)),
            at);
        IF c.status = 'closed' THEN
            PERFORM support_case._check_case_lines_are_free(c);
        END IF;
        number := support_case._return_parcel(c);
        UPDATE support_case.parcel AS l
        SET handed_over_at = least(l.handed_over_at, _drop_off.at),
            carrier = left(coalesce(_drop_off.carrier, l.carrier), 63),
            tracking_number = left(coalesce(_drop_off.tracking_number, l.tracking_number), 63)
        WHERE l.seller_id = c.seller_id AND l.case_id = c.case_id AND l.parcel_number = number;
        PERFORM support_case._note_parcel_scan(c, number, 'accepted', actor, _drop_off.at);
    END IF;
    RETURN support_case._finish(seller_id, case_id, action, actor_id, idempotency_key,
        arguments);
END
$$;

COMMENT ON FUNCTION support_case._drop_off(bigint, bigint, text, text, timestamptz, text, text, jsonb, text, text) IS
'A whole command that reports the drop-off of a return.';

CREATE OR REPLACE FUNCTION support_case.record_return_dropped_off(
    seller_id bigint,
    case_id bigint,
    at timestamptz,
    carrier text DEFAULT NULL,
    tracking_number text DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    actor_id := support_case._authorise('carrier', record_return_dropped_off.seller_id, actor_id => actor_id);
    RETURN NEXT support_case._shown_case(support_case._drop_off(seller_id, case_id, 'record_return_dropped_off',
        'carrier', at, carrier, tracking_number, NULL, actor_id, idempotency_key));
END
$$;

COMMENT ON FUNCTION support_case.record_return_dropped_off(bigint, bigint, timestamptz, text, text, text, text) IS
'The carrier accepted the return at an instant: returns the case, in transit; a scan before the deadline counts even when it is reported after it (T-41). Errors: P0002, 22004, 22008, 22023, SC001, SC003 (dropped off too late), SC009, SC013. (W-33, T-13)';

CREATE OR REPLACE FUNCTION support_case.record_return_delivered(
    seller_id bigint,
    case_id bigint,
    at timestamptz,
    is_refused boolean DEFAULT false,
    reported_by text DEFAULT 'carrier',
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(case_id, support_case._iso_instant(at), is_refused, reported_by) END;
    c support_case.support_case;
    number integer;
BEGIN
    PERFORM support_case._check_choice(reported_by, 'reported_by', 'carrier', 'seller');
    actor_id := support_case._authorise(reported_by, record_return_delivered.seller_id, actor_id => actor_id);
    PERFORM support_case._require(at, 'at');
    PERFORM support_case._require(is_refused, 'is_refused');
    c := support_case._begin(seller_id, case_id, 'record_return_delivered', actor_id, idempotency_key,
        arguments);
    IF c.case_id IS NOT NULL THEN
        PERFORM support_case._check_fact_instant(at, c.last_effective_at, c.opened_at);
        PERFORM support_case._transition(c, 'record_return_delivered', reported_by, actor_id,
            CASE WHEN is_refused THEN ARRAY['parcel_refused'] ELSE '{}' END,
            jsonb_strip_nulls(jsonb_build_object('at', support_case._iso_instant(at),
                'is_refused', NULLIF(is_refused, false))),
            at);
        IF c.status = 'closed' THEN
            PERFORM support_case._check_case_lines_are_free(c);
        END IF;
        number := support_case._return_parcel(c);
        UPDATE support_case.parcel AS l
        SET handed_over_at = least(l.handed_over_at, record_return_delivered.at),
            delivered_at = record_return_delivered.at,
            is_refused = record_return_delivered.is_refused
        WHERE l.seller_id = c.seller_id AND l.case_id = c.case_id AND l.parcel_number = number;
        PERFORM support_case._note_parcel_scan(c, number, CASE WHEN is_refused THEN 'refused' ELSE 'delivered' END,
            reported_by, at);
    END IF;
    RETURN NEXT support_case._shown_case(support_case._finish(seller_id, case_id, 'record_return_delivered',
        actor_id, idempotency_key, arguments));
END
$$;

COMMENT ON FUNCTION support_case.record_return_delivered(bigint, bigint, timestamptz, boolean, text, text, text) IS
'The return was delivered at an instant, or its recipient refused it (is_refused, which counts as delivered, AMB-19): returns the case; the seller''s inspection deadline starts. reported_by: carrier, or seller where there is no tracking (AMB-18). Errors: P0002, 22004, 22008, 22023, SC001, SC009. (W-41, T-15)';

CREATE OR REPLACE FUNCTION support_case._move_replacement(
    seller_id bigint,
    case_id bigint,
    action text,
    at timestamptz,
    actor_id text,
    idempotency_key text
)
RETURNS support_case.case_current
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(case_id, support_case._iso_instant(at)) END;
    c support_case.support_case;
    number integer;
BEGIN
    actor_id := support_case._authorise('carrier', _move_replacement.seller_id, actor_id => actor_id);
    PERFORM support_case._require(at, 'at');
    c := support_case._begin(seller_id, case_id, action, actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        SELECT max(l.parcel_number) INTO number FROM support_case.parcel AS l
        WHERE l.seller_id = c.seller_id AND l.case_id = c.case_id AND l.direction = 'replacement';
        PERFORM support_case._check_fact_instant(at, c.last_effective_at, c.opened_at);
        PERFORM support_case._transition(c, action, 'carrier', actor_id, '{}',
            jsonb_build_object('at', support_case._iso_instant(at)), at);
        IF number IS NULL THEN
            PERFORM support_case._raise('no_data_found',
                format('case %s has no replacement', c.case_id), NULL,
                'The seller sends one with send_replacement().', 'support_case', 'parcel');
        END IF;
        UPDATE support_case.parcel AS l
        SET handed_over_at = least(l.handed_over_at, _move_replacement.at),
            delivered_at = CASE WHEN action = 'record_replacement_delivered' THEN _move_replacement.at
                ELSE l.delivered_at END
        WHERE l.seller_id = c.seller_id AND l.case_id = c.case_id AND l.parcel_number = number;
        PERFORM support_case._note_parcel_scan(c, number,
            CASE action WHEN 'record_replacement_delivered' THEN 'delivered' ELSE 'accepted' END, 'carrier', at);
    END IF;
    RETURN support_case._finish(seller_id, case_id, action, actor_id, idempotency_key,
        arguments);
END
$$;

COMMENT ON FUNCTION support_case._move_replacement(bigint, bigint, text, timestamptz, text, text) IS
'A whole command that reports where the replacement is.';

CREATE OR REPLACE FUNCTION support_case.record_replacement_shipped(
    seller_id bigint,
    case_id bigint,
    at timestamptz,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    RETURN NEXT support_case._shown_case(support_case._move_replacement(seller_id, case_id,
        'record_replacement_shipped', at, actor_id, idempotency_key));
END
$$;

COMMENT ON FUNCTION support_case.record_replacement_shipped(bigint, bigint, timestamptz, text, text) IS
'The carrier accepted the replacement at an instant: returns the case. Errors: P0002, 22004, 22008, 22023, SC001, SC009. (W-60, T-19, AMB-26)';

CREATE OR REPLACE FUNCTION support_case.record_replacement_delivered(
    seller_id bigint,
    case_id bigint,
    at timestamptz,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    RETURN NEXT support_case._shown_case(support_case._move_replacement(seller_id, case_id,
        'record_replacement_delivered', at, actor_id, idempotency_key));
END
$$;

COMMENT ON FUNCTION support_case.record_replacement_delivered(bigint, bigint, timestamptz, text, text) IS
'The replacement was delivered at an instant: returns the case, closed. Errors: P0002, 22004, 22008, 22023, SC001, SC009. (W-59, T-22)';
