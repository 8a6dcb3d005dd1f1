-- Facts that carriers, payment providers and the host report: parcels,
-- chargebacks, refunds.

-- Who reports facts for others gets back what was reported on, not what was paid
-- or written: the whole row is for those who may read it anyway.
CREATE OR REPLACE FUNCTION support_case._shown_case(c support_case.case_current)
RETURNS support_case.case_current
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    shown support_case.case_current;
BEGIN
    IF has_table_privilege(support_case._caller(), 'support_case.case_current', 'SELECT') THEN
        RETURN c;
    END IF;
    shown.seller_id := c.seller_id;
    shown.case_id := c.case_id;
    shown.order_id := c.order_id;
    shown.status := c.status;
    shown.status_since := c.status_since;
    RETURN shown;
END
$$;

COMMENT ON FUNCTION support_case._shown_case(support_case.case_current) IS
'What a command that reports a fact returns of a case: all of it to who may read case_current, else (support_case_carrier) seller, case, order, status and status_since.';

CREATE OR REPLACE FUNCTION support_case._shown_order(o support_case.sales_orders)
RETURNS support_case.sales_orders
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    shown support_case.sales_orders;
BEGIN
    IF has_table_privilege(support_case._caller(), 'support_case.sales_orders', 'SELECT') THEN
        RETURN o;
    END IF;
    shown.seller_id := o.seller_id;
    shown.order_id := o.order_id;
    shown.delivered_at := o.delivered_at;
    RETURN shown;
END
$$;

COMMENT ON FUNCTION support_case._shown_order(support_case.sales_orders) IS
'What a command that reports a fact returns of an order: all of it to who may read sales_orders, else (support_case_carrier) seller, order and delivered_at.';

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
    PERFORM support_case._authorise('carrier', record_return_label.seller_id);
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
    PERFORM support_case._authorise('carrier', record_return_dropped_off.seller_id);
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
    PERFORM support_case._authorise(reported_by, record_return_delivered.seller_id);
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
    PERFORM support_case._authorise('carrier', _move_replacement.seller_id);
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

-- Money that reached the buyer outside the cases counts against the caps of
-- the order's lines, in proportion to what each has left.
CREATE OR REPLACE FUNCTION support_case._count_external_refund(
    o support_case.sales_order,
    kind text,
    minor bigint,
    reference text,
    happened_at timestamptz,
    recorded_at timestamptz
)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    line_numbers integer[];
    remaining bigint[];
    counted bigint;
BEGIN
    SELECT array_agg(l.line_number ORDER BY l.line_number),
        array_agg(l.refundable - l.refunded ORDER BY l.line_number)
    INTO line_numbers, remaining
    FROM support_case.sales_order_line AS l
    WHERE l.seller_id = o.seller_id AND l.order_id = o.order_id;
    counted := least(minor, (SELECT sum(r) FROM unnest(remaining) AS r));
    IF counted > 0 THEN
        UPDATE support_case.sales_order_line AS l
        SET refunded = l.refunded + a.amount
        FROM unnest(line_numbers, support_case.allocate(counted, remaining)) AS a (line_number, amount)
        WHERE l.seller_id = o.seller_id AND l.order_id = o.order_id AND l.line_number = a.line_number;
    END IF;
    INSERT INTO support_case.external_refund (seller_id, order_id, refund_number, kind, amount, counted_amount,
        reference, happened_at, recorded_at)
    SELECT o.seller_id, o.order_id,
        coalesce((SELECT max(e.refund_number) FROM support_case.external_refund AS e
            WHERE e.seller_id = o.seller_id AND e.order_id = o.order_id), 0) + 1,
        _count_external_refund.kind, minor, counted, left(_count_external_refund.reference, 255),
        _count_external_refund.happened_at, _count_external_refund.recorded_at;
    RETURN counted;
END
$$;

COMMENT ON FUNCTION support_case._count_external_refund(support_case.sales_order, text, bigint, text, timestamptz, timestamptz) IS
'Records a refund outside the cases and shrinks the caps of the order''s lines; returns how much of it counted, minor units (AMB-41, AMB-65).';

CREATE OR REPLACE FUNCTION support_case._record_outside_money(
    seller_id bigint,
    order_id bigint,
    action text,
    kind text,
    amount numeric,
    at timestamptz,
    reference text,
    actor_id text,
    idempotency_key text
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(order_id, trim_scale(amount), support_case._iso_instant(at), reference) END;
    answer jsonb;
    o support_case.sales_order;
    c support_case.support_case;
    instant timestamptz;
    counted bigint;
BEGIN
    PERFORM support_case._authorise('host', _record_outside_money.seller_id, _record_outside_money.order_id);
    o := support_case._lock_order(seller_id, order_id);
    IF idempotency_key IS NOT NULL THEN
        answer := support_case._find_answer(seller_id, actor_id, idempotency_key, action, arguments);
    END IF;
    IF answer IS NULL THEN
        instant := support_case._roll_order(seller_id, order_id);
        at := coalesce(at, instant);
        PERFORM support_case._check_fact_instant(at, instant, o.purchased_at);
        counted := support_case._count_external_refund(o, kind,
            support_case._to_positive_minor(amount, o.currency, 'amount'), reference, at, instant);
        FOR c IN
            SELECT k.* FROM support_case.support_case AS k
            WHERE k.seller_id = o.seller_id AND k.order_id = o.order_id AND k.status <> 'closed'
            ORDER BY k.case_id
        LOOP
            c.last_effective_at := instant;
            PERFORM support_case._transition(c, action, 'host', actor_id,
                CASE WHEN support_case._remaining_refundable(c) = 0 THEN ARRAY['nothing_left_to_refund']
                    ELSE '{}' END,
                jsonb_strip_nulls(jsonb_build_object('amount', amount, 'currency', o.currency,
                    'counted_amount', support_case._to_major(counted, o.currency),
                    'at', support_case._iso_instant(at), 'reference', left(reference, 255))));
        END LOOP;
        SELECT coalesce(jsonb_agg(to_jsonb(k) ORDER BY k.case_id), '[]') INTO answer
        FROM support_case.case_current AS k
        WHERE k.seller_id = o.seller_id AND k.order_id = o.order_id;
        IF idempotency_key IS NOT NULL THEN
            PERFORM support_case._keep_answer(seller_id, actor_id, idempotency_key, action, arguments, answer);
        END IF;
    END IF;
    RETURN QUERY SELECT s.* FROM jsonb_populate_recordset(NULL::support_case.case_current, answer) AS k,
        support_case._shown_case(k) AS s;
END
$$;

COMMENT ON FUNCTION support_case._record_outside_money(bigint, bigint, text, text, numeric, timestamptz, text, text, text) IS
'A whole command that reports money which reached the buyer outside the cases.';

CREATE OR REPLACE FUNCTION support_case.record_chargeback(
    seller_id bigint,
    order_id bigint,
    amount numeric,
    at timestamptz DEFAULT NULL,
    reference text DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 4
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT k.* FROM support_case._record_outside_money(seller_id, order_id, 'record_chargeback',
        'chargeback', amount, at, reference, actor_id, idempotency_key) AS k;
END
$$;

COMMENT ON FUNCTION support_case.record_chargeback(bigint, bigint, numeric, timestamptz, text, text, text) IS
'The buyer''s bank took back amount, in major units of the order''s currency, at an instant (default now): returns every case of the order. Open cases close or go to the platform (chargeback_on_open), the seller is not debited (W-117), and what cases can still refund shrinks. Errors: P0002, 22004, 22003, 22008, 22023, SC009. (T-29, AMB-41)';

CREATE OR REPLACE FUNCTION support_case.record_external_refund(
    seller_id bigint,
    order_id bigint,
    amount numeric,
    at timestamptz DEFAULT NULL,
    reference text DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 4
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT k.* FROM support_case._record_outside_money(seller_id, order_id, 'record_external_refund',
        'external_refund', amount, at, reference, actor_id, idempotency_key) AS k;
END
$$;

COMMENT ON FUNCTION support_case.record_external_refund(bigint, bigint, numeric, timestamptz, text, text, text) IS
'The host refunded amount outside the cases, in major units of the order''s currency, at an instant (default now): returns every case of the order. What cases can still refund shrinks; an open case for which nothing is left closes. Nothing is posted here. Errors: P0002, 22004, 22003, 22008, 22023, SC009. (AMB-65)';

-- The payment provider's answer to a refund instruction.
CREATE OR REPLACE FUNCTION support_case._answer_instruction(
    seller_id bigint,
    case_id bigint,
    action text,
    failure_reason text,
    instruction_number integer,
    actor_id text,
    idempotency_key text
)
RETURNS support_case.case_current
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(case_id, failure_reason, instruction_number) END;
    c support_case.support_case;
    i support_case.refund_instruction;
    next_journal integer;
    new_status text;
BEGIN
    PERFORM support_case._authorise('host', _answer_instruction.seller_id);
    c := support_case._begin(seller_id, case_id, action, actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        SELECT k.* INTO i FROM support_case.refund_instruction AS k
        WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id
            AND k.instruction_number = coalesce(_answer_instruction.instruction_number, k.instruction_number)
        ORDER BY k.status = 'settled', k.instruction_number
        LIMIT 1;
        IF NOT FOUND THEN
            PERFORM support_case._raise('no_data_found', format('case %s has no such refund instruction', c.case_id),
                NULL, 'A refund instruction is made when a refund is charged.', 'support_case',
                'refund_instruction');
        END IF;
        new_status := support_case._next_status('refund_instruction', i.status, action, 'host');
        UPDATE support_case.refund_instruction AS k
        SET status = new_status, status_since = c.last_effective_at,
            failure_reason = _answer_instruction.failure_reason
        WHERE k.seller_id = i.seller_id AND k.case_id = i.case_id AND k.instruction_number = i.instruction_number;
        PERFORM support_case._note_event(c, action, 'host', actor_id,
            jsonb_strip_nulls(jsonb_build_object('instruction_number', i.instruction_number,
                'amount', support_case._to_major(i.amount, i.currency), 'currency', i.currency,
                'failure_reason', failure_reason)));
        IF action = 'record_refund_settled' THEN
            SELECT max(j.journal_number) + 1 INTO next_journal FROM support_case.ledger_journal AS j
            WHERE j.seller_id = c.seller_id AND j.case_id = c.case_id;
            INSERT INTO support_case.ledger_journal (seller_id, case_id, journal_number, order_id, event_number, kind,
                response, revision, currency, effective_at, recorded_at)
            VALUES (c.seller_id, c.case_id, next_journal, c.order_id, c.last_event_number + 1, 'settlement',
                'refund_settled', i.instruction_number, i.currency, c.last_effective_at, c.last_effective_at);
            INSERT INTO support_case.ledger_entry (seller_id, case_id, journal_number, entry_number, account,
                component, currency, amount)
            VALUES (c.seller_id, c.case_id, next_journal, 1, 'buyer_refund', 'refund', i.currency, i.amount),
                (c.seller_id, c.case_id, next_journal, 2, 'cash_clearing', 'refund', i.currency, -i.amount);
        END IF;
    END IF;
    RETURN support_case._finish(seller_id, case_id, action, actor_id, idempotency_key,
        arguments);
END
$$;

COMMENT ON FUNCTION support_case._answer_instruction(bigint, bigint, text, text, integer, text, text) IS
'A whole command that reports what became of a refund instruction.';

-- An event that leaves the state of the case alone.
CREATE OR REPLACE FUNCTION support_case._note_event(
    c support_case.support_case,
    action text,
    actor text,
    actor_id text,
    details jsonb
)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._write_steps(
        ARRAY[ROW(c.seller_id, c.case_id, c.order_id, c.last_event_number + 1, actor,
            support_case._acting_id(actor_id), details,
            ROW(NULL, action, c.status, c.resolution, c.deadline, c.due_at, c.status_since, c.escalation_reason,
                c.is_responded, c.is_conversation_closed, NULL, c.last_effective_at, c.stalled_code)
                ::support_case._case_step)::support_case._case_write],
        c.last_effective_at);
END
$$;

COMMENT ON FUNCTION support_case._note_event(support_case.support_case, text, text, text, jsonb) IS
'Writes an event that leaves the state of its case alone.';

CREATE OR REPLACE FUNCTION support_case.record_refund_settled(
    seller_id bigint,
    case_id bigint,
    instruction_number integer DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    RETURN NEXT support_case._shown_case(support_case._answer_instruction(seller_id, case_id,
        'record_refund_settled', NULL, instruction_number, actor_id, idempotency_key));
END
$$;

COMMENT ON FUNCTION support_case.record_refund_settled(bigint, bigint, integer, text, text) IS
'The payment provider executed a refund instruction (default: the oldest that is not settled): returns the case; the buyer''s claim is cleared against cash. Errors: P0002, 22004, SC001 (settled already), SC009. (AMB-128)';

CREATE OR REPLACE FUNCTION support_case.record_refund_failed(
    seller_id bigint,
    case_id bigint,
    failure_reason text,
    instruction_number integer DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._check_text(failure_reason, 'failure_reason', 1000);
    RETURN NEXT support_case._shown_case(support_case._answer_instruction(seller_id, case_id,
        'record_refund_failed', failure_reason, instruction_number, actor_id, idempotency_key));
END
$$;

COMMENT ON FUNCTION support_case.record_refund_failed(bigint, bigint, text, integer, text, text) IS
'The payment provider could not execute a refund instruction (default: the oldest that is not settled): returns the case; the instruction is failed and in the platform queue, the ledger unchanged. Errors: P0002, 22004, 22023, SC001, SC009. (AMB-128)';
