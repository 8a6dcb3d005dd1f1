-- Facts about the buyer's money: chargebacks and refunds outside the cases, and
-- what the payment provider says of a refund instruction.

-- Money that reached the buyer outside the cases is taken from the order's
-- lines like an amount pro rata: of each line's seller money and income the part
-- that goes with it.  Nothing is posted, but what is left for the cases to charge
-- and to give back belongs to what is left to refund.
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
    lines bigint[];
    refund_lines bigint[];
    total record;
BEGIN
    SELECT array_agg(support_case._line_row(l) ORDER BY l.line_number),
        array_agg(ARRAY[0, l.line_number, l.quantity]::bigint[] ORDER BY l.line_number)
    INTO lines, refund_lines
    FROM support_case.sales_order_line AS l
    WHERE l.seller_id = o.seller_id AND l.order_id = o.order_id;
    WITH taken AS (
        UPDATE support_case.sales_order_line AS l
        SET refunded = l.refunded + r.refunded,
            consumed_payout = l.consumed_payout + r.consumed_payout,
            consumed_shipping = l.consumed_shipping + r.consumed_shipping,
            consumed_fee = l.consumed_fee + r.consumed_fee,
            consumed_commission = l.consumed_commission + r.consumed_commission,
            consumed_tax = l.consumed_tax + r.consumed_tax
        FROM support_case._refund_lines(lines, ARRAY[ARRAY[0, 3, minor, 0, 1, 0, 0]]::bigint[], refund_lines) AS r
        WHERE l.seller_id = o.seller_id AND l.order_id = o.order_id AND l.line_number = r.line_number
        RETURNING r.*
    )
    SELECT coalesce(sum(t.refunded), 0) AS refunded, coalesce(sum(t.consumed_commission), 0) AS commission,
        coalesce(sum(t.consumed_tax), 0) AS tax,
        coalesce(sum(t.consumed_payout + t.consumed_shipping + t.consumed_fee), 0) AS seller_money
    INTO total
    FROM taken AS t;
    INSERT INTO support_case.external_refund (seller_id, order_id, refund_number, kind, amount, counted_amount,
        consumed_seller_money, consumed_commission, consumed_tax, reference, happened_at, recorded_at)
    SELECT o.seller_id, o.order_id,
        coalesce((SELECT max(e.refund_number) FROM support_case.external_refund AS e
            WHERE e.seller_id = o.seller_id AND e.order_id = o.order_id), 0) + 1,
        _count_external_refund.kind, minor, total.refunded, total.seller_money, total.commission, total.tax,
        left(_count_external_refund.reference, 255), _count_external_refund.happened_at,
        _count_external_refund.recorded_at;
    PERFORM support_case._wake_carrier_claims(o.seller_id, o.order_id);
    RETURN total.refunded;
END
$$;

COMMENT ON FUNCTION support_case._count_external_refund(support_case.sales_order, text, bigint, text, timestamptz, timestamptz) IS
'Records a refund outside the cases and takes it from the order''s lines; returns how much of it counted, minor units (AMB-41, AMB-65, AMB-124).';

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
    actor_id := support_case._authorise('host', _record_outside_money.seller_id, _record_outside_money.order_id,
        actor_id => actor_id);
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
    actor_id := support_case._authorise('host', _answer_instruction.seller_id, actor_id => actor_id);
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
            PERFORM support_case._wake_carrier_claims(c.seller_id, c.order_id);
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
    PERFORM support_case._write_note(c, action, actor, support_case._acting_id(actor_id), details, c.stalled_code,
        c.last_effective_at, c.last_effective_at);
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
