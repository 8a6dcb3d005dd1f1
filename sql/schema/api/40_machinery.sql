-- How a case changes.  Order of locks: the order, then its cases by number.
-- Every command locks, rolls the order forward to its instant (AMB-120,
-- AMB-121), plans in C and writes with _write_step(); the sweep rolls forward
-- with the same _roll_cases().
--
-- Functions that unnest an array of steps or keys run on generic plans: a plan
-- made for one array looks cheaper and would be made again for every call.
-- Functions of language sql that cannot be inlined are planned at every call,
-- too: here they are plpgsql.
--
-- Whole rows are fetched as one column: the executor describes every column of a
-- result anew, and looks its type up, whenever a statement runs.

-- One step: its case, its event, what is charged and what the outbox says of
-- it.  Plain statements cost less than one of all of them.
CREATE OR REPLACE FUNCTION support_case._write_step(w support_case._case_write, recorded_at timestamptz)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    s support_case._case_step := w.step;
    written record;
    c support_case.support_case;
    refunded bigint;
BEGIN
    UPDATE support_case.support_case AS k
    SET status = s.status,
        resolution = s.resolution,
        status_since = s.status_since,
        deadline = s.deadline,
        due_at = s.due_at,
        escalation_reason = s.escalation_reason,
        is_responded = s.is_responded,
        is_conversation_closed = s.is_conversation_closed,
        last_message_by = CASE WHEN w.actor IN ('buyer', 'seller') THEN w.actor ELSE k.last_message_by END,
        stalled_code = s.stalled_code,
        last_event_number = w.event_number,
        last_effective_at = s.effective_at
    WHERE k.seller_id = w.seller_id AND k.case_id = w.case_id
    RETURNING k AS row INTO written;
    c := written.row;
    INSERT INTO support_case.case_event (seller_id, case_id, event_number, transition, action, actor, actor_id,
        status, resolution, deadline, due_at, details, effective_at, recorded_at)
    VALUES (w.seller_id, w.case_id, w.event_number, s.transition, s.action, w.actor, w.actor_id, s.status,
        s.resolution, s.deadline, s.due_at, w.details, s.effective_at, recorded_at);
    IF s.charge IS NOT NULL THEN
        refunded := support_case._post_charge(c, w, recorded_at);
    ELSE
        INSERT INTO support_case.outbox (seller_id, subject, subject_id, event_number, recipient, recipient_id,
            channel, template, data, occurred_at, available_at)
        SELECT n.* FROM support_case._notices_of_step(c.buyer_id, c.reason, c.currency, c.routed_because, w,
            NULL, NULL) AS n;
    END IF;
    IF support_case._notifies_outbox() THEN
        NOTIFY support_case_outbox;
    END IF;
    RETURN refunded;
END
$$;

COMMENT ON FUNCTION support_case._write_step(support_case._case_write, timestamptz) IS
'Writes a step of a case: the case, its event, what is charged and the outbox. Returns what is refunded, minor units, null where nothing is charged. The caller has locked the case, and the order of a case that is charged.';

CREATE OR REPLACE FUNCTION support_case._write_note(
    c support_case.support_case,
    action text,
    actor text,
    actor_id text,
    details jsonb,
    stalled_code text,
    effective_at timestamptz,
    recorded_at timestamptz
)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    s support_case._case_step;
BEGIN
    s.action := action;
    s.status := c.status;
    s.resolution := c.resolution;
    s.deadline := c.deadline;
    s.due_at := c.due_at;
    s.status_since := c.status_since;
    s.escalation_reason := c.escalation_reason;
    s.is_responded := c.is_responded;
    s.is_conversation_closed := c.is_conversation_closed;
    s.effective_at := _write_note.effective_at;
    s.stalled_code := _write_note.stalled_code;
    PERFORM support_case._write_step(
        ROW(c.seller_id, c.case_id, c.order_id, c.last_event_number + 1, actor, actor_id, details, s)
            ::support_case._case_write,
        recorded_at);
END
$$;

COMMENT ON FUNCTION support_case._write_note(support_case.support_case, text, text, text, jsonb, text, timestamptz, timestamptz) IS
'Writes an event that leaves the state of a case alone, but for what keeps its deadline from taking effect.';

-- Posts one charge: what it takes of the order lines, journal and entries, the
-- refund instruction, and event refund_clamped where less than the case's share
-- was left.  The caller holds the lock of the order.
CREATE OR REPLACE FUNCTION support_case._post_charge(
    c support_case.support_case,
    w support_case._case_write,
    recorded_at timestamptz
)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    s support_case._case_step := w.step;
    refund record;
    total support_case._refund_total;
BEGIN
    SELECT
        ARRAY(SELECT support_case._line_row(l)
            FROM support_case.sales_order_line AS l
            WHERE l.seller_id = w.seller_id AND l.order_id = w.order_id
            ORDER BY l.line_number) AS lines,
        ARRAY[support_case._refund_row(c, s.charge, p.ledger_partial_components,
            p.return_charge_unscanned_label)] AS refunds,
        ARRAY(SELECT support_case._refund_line_row(l)
            FROM support_case.case_line AS l
            WHERE l.seller_id = w.seller_id AND l.case_id = w.case_id AND l.decided_quantity IS DISTINCT FROM 0
            ORDER BY l.line_number) AS refund_lines,
        -- Its number and its revision, from one scan.
        (SELECT ARRAY[coalesce(max(o.journal_number), 0) + 1,
                count(*) FILTER (WHERE o.response = s.charge AND o.kind = 'reversal')]
            FROM support_case.ledger_journal AS o
            WHERE o.seller_id = w.seller_id AND o.case_id = w.case_id) AS journal,
        coalesce((SELECT max(i.instruction_number) FROM support_case.refund_instruction AS i
            WHERE i.seller_id = w.seller_id AND i.case_id = w.case_id), 0) + 1 AS instruction_number,
        EXISTS (SELECT FROM support_case.carrier_claim AS k
            WHERE k.seller_id = w.seller_id AND k.order_id = w.order_id) AS has_carrier_claim
    INTO STRICT refund
    FROM support_case.policy AS p
    WHERE p.policy_version = c.policy_version;
    total := support_case._refund_total(refund.lines, refund.refunds, refund.refund_lines);

    UPDATE support_case.sales_order_line AS l
    SET refunded = l.refunded + r.refunded,
        refunded_quantity = l.refunded_quantity + r.refunded_quantity::integer,
        consumed_payout = l.consumed_payout + r.consumed_payout,
        consumed_shipping = l.consumed_shipping + r.consumed_shipping,
        consumed_fee = l.consumed_fee + r.consumed_fee,
        consumed_commission = l.consumed_commission + r.consumed_commission,
        consumed_tax = l.consumed_tax + r.consumed_tax
    FROM support_case._refund_lines(refund.lines, refund.refunds, refund.refund_lines) AS r
    WHERE l.seller_id = w.seller_id AND l.order_id = w.order_id AND l.line_number = r.line_number;

    IF total.refunded > 0 OR total.charged > 0 THEN
        INSERT INTO support_case.ledger_journal (seller_id, case_id, journal_number, order_id, event_number, kind,
            response, revision, currency, effective_at, recorded_at)
        VALUES (w.seller_id, w.case_id, refund.journal[1], w.order_id, w.event_number, 'charge',
            s.charge, refund.journal[2], c.currency, s.effective_at, _post_charge.recorded_at);
        -- All entries of a journal in one statement.
        IF refund.has_carrier_claim THEN
            -- What a carrier has paid for the order is shared out anew.
            INSERT INTO support_case.ledger_entry (seller_id, case_id, journal_number, entry_number, account,
                component, currency, amount)
            SELECT w.seller_id, w.case_id, refund.journal[1], row_number() OVER (ORDER BY e.is_claim, e.position),
                e.account, e.component, c.currency, e.amount
            FROM (
                SELECT false AS is_claim, k.position, k.account, k.component, k.amount
                FROM support_case._refund_entries(refund.lines, refund.refunds, refund.refund_lines)
                    WITH ORDINALITY AS k (refund_key, account, component, amount, position)
                UNION ALL
                SELECT true, k.position, k.account, k.component, k.amount
                FROM support_case._claim_legs(w.seller_id, w.order_id, 0, total.seller_charged, total.carrier_charged,
                        total.platform_absorbed)
                    WITH ORDINALITY AS k (account, component, amount, position)
            ) AS e;
        ELSE
            INSERT INTO support_case.ledger_entry (seller_id, case_id, journal_number, entry_number, account,
                component, currency, amount)
            SELECT w.seller_id, w.case_id, refund.journal[1], e.position, e.account, e.component, c.currency, e.amount
            FROM support_case._refund_entries(refund.lines, refund.refunds, refund.refund_lines)
                WITH ORDINALITY AS e (refund_key, account, component, amount, position);
        END IF;
    END IF;
    IF total.refunded > 0 THEN
        INSERT INTO support_case.refund_instruction (seller_id, case_id, instruction_number, event_number, amount,
            currency, status, instructed_at, visible_from, visible_until, status_since)
        VALUES (w.seller_id, w.case_id, refund.instruction_number, w.event_number, total.refunded,
            c.currency, 'instructed', s.effective_at,
            s.refund_visible_from, s.refund_visible_until, s.effective_at);
        IF refund.has_carrier_claim THEN
            PERFORM support_case._wake_carrier_claims(w.seller_id, w.order_id);
        END IF;
    END IF;
    INSERT INTO support_case.outbox (seller_id, subject, subject_id, event_number, recipient, recipient_id, channel,
        template, data, occurred_at, available_at)
    SELECT n.* FROM support_case._notices_of_step(c.buyer_id, c.reason, c.currency, c.routed_because, w,
        NULLIF(total.refunded, 0), total.seller_charged) AS n;
    IF total.refunded < total.entitled THEN
        s.transition := NULL;
        s.action := 'refund_clamped';
        s.charge := NULL;
        PERFORM support_case._write_step(
            ROW(w.seller_id, w.case_id, w.order_id, w.event_number + 1, 'system', NULL,
                support_case._clamp_details(total.entitled, total.refunded, c.currency), s)
                ::support_case._case_write,
            recorded_at);
    END IF;
    RETURN total.refunded;
END
$$;

COMMENT ON FUNCTION support_case._post_charge(support_case.support_case, support_case._case_write, timestamptz) IS
'Posts the charge of a step whose case and event have been written: journal, entries, refunded amounts, refund instruction, and the outbox with the amounts; returns what is refunded, minor units (W-82 to W-89, AMB-40, AMB-122).';

-- One round takes one step of every case, so that each arc is its own UPDATE.
-- The steps of ten thousand cases are to stay in memory.
CREATE OR REPLACE FUNCTION support_case._roll_together(
    seller_ids bigint[],
    case_ids bigint[],
    until timestamptz,
    recorded_at timestamptz
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan SET work_mem = '32MB'
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    charges support_case._case_write[];
    w support_case._case_write;
    c support_case.support_case;
    is_more_due boolean;
    round_count integer;
    step_count integer := 0;
BEGIN
    LOOP
        -- The step in columns of its own: a field of a composite value is
        -- looked up anew wherever it is named.
        WITH step AS MATERIALIZED (
            SELECT p.row_address, p.seller_id, p.case_id, p.event_number, p.buyer_id, p.reason, p.currency,
                p.routed_because, d.details, (p.step).*,
                ROW(p.seller_id, p.case_id, p.order_id, p.event_number, 'system', NULL, d.details, p.step)
                    ::support_case._case_write AS w
            FROM (
                SELECT c.ctid AS row_address, c.seller_id, c.case_id, c.order_id,
                    c.last_event_number + 1 AS event_number, c.buyer_id, c.reason, c.currency, c.routed_because,
                    c.deadline AS ended_deadline,
                    support_case._expire_deadline(c, v.rules, h.calendars, h.calendars_from, until) AS step
                FROM (SELECT DISTINCT u.seller_id, u.case_id
                    FROM unnest(_roll_together.seller_ids, _roll_together.case_ids) AS u (seller_id, case_id)) AS i
                JOIN support_case.support_case AS c ON c.seller_id = i.seller_id AND c.case_id = i.case_id
                CROSS JOIN LATERAL (
                    SELECT o.rules FROM support_case.policy AS o
                    WHERE o.policy_version = c.policy_version
                    OFFSET 0
                ) AS v
                CROSS JOIN LATERAL (
                    SELECT array_agg(k.compiled) AS calendars, array_agg(k.effective_from) AS calendars_from
                    FROM (SELECT o.compiled, o.effective_from FROM support_case.calendar AS o
                        WHERE o.calendar_code = c.calendar_code
                        ORDER BY o.effective_from) AS k
                ) AS h
                WHERE c.due_at <= until AND c.stalled_code IS NULL
                -- In the order of storage.
                ORDER BY c.ctid
                OFFSET 0
            ) AS p
            CROSS JOIN LATERAL (
                SELECT support_case._step_details(p.ended_deadline, (p.step).stalled_code) AS details
                OFFSET 0
            ) AS d
        ), case_update AS (
            UPDATE support_case.support_case AS c
            SET status = s.status,
                resolution = s.resolution,
                status_since = s.status_since,
                deadline = s.deadline,
                due_at = s.due_at,
                escalation_reason = s.escalation_reason,
                is_responded = s.is_responded,
                is_conversation_closed = s.is_conversation_closed,
                stalled_code = s.stalled_code,
                last_event_number = s.event_number,
                last_effective_at = s.effective_at
            FROM step AS s
            -- By its address, where the caller's lock keeps it.
            WHERE c.ctid = s.row_address
        ), event AS (
            INSERT INTO support_case.case_event (seller_id, case_id, event_number, transition, action, actor, status,
                resolution, deadline, due_at, details, effective_at, recorded_at)
            SELECT s.seller_id, s.case_id, s.event_number, s.transition, s.action, 'system', s.status, s.resolution,
                s.deadline, s.due_at, s.details, s.effective_at, _roll_together.recorded_at
            FROM step AS s
        ), published AS (
            INSERT INTO support_case.outbox (seller_id, subject, subject_id, event_number, recipient, recipient_id,
                channel, template, data, occurred_at, available_at)
            SELECT n.*
            FROM step AS s
            CROSS JOIN LATERAL support_case._notices_of_step(s.buyer_id, s.reason, s.currency, s.routed_because, s.w,
                NULL, NULL) AS n
            WHERE s.charge IS NULL
        )
        SELECT count(*), bool_or(s.due_at <= until),
            array_agg(s.w ORDER BY s.effective_at, s.case_id) FILTER (WHERE s.charge IS NOT NULL)
        INTO round_count, is_more_due, charges
        FROM step AS s;
        FOREACH w IN ARRAY coalesce(charges, '{}') LOOP
            SELECT k.* INTO STRICT c
            FROM support_case.support_case AS k
            WHERE k.seller_id = w.seller_id AND k.case_id = w.case_id;
            PERFORM support_case._post_charge(c, w, recorded_at);
        END LOOP;
        step_count := step_count + round_count;
        EXIT WHEN is_more_due IS NOT TRUE;
    END LOOP;
    IF support_case._notifies_outbox() THEN
        NOTIFY support_case_outbox;
    END IF;
    RETURN step_count;
END
$$;

COMMENT ON FUNCTION support_case._roll_together(bigint[], bigint[], timestamptz, timestamptz) IS
'Lets every deadline of these cases that ended at or before until take effect, and returns how many. Raises whatever keeps one of them from it.';

-- What is wrong with a case or its data stalls the case.  What is wrong with
-- the server, the schema or the caller's rights would stall every case there
-- is: that is raised, and the deadlines wait.
CREATE OR REPLACE FUNCTION support_case._is_fault_of_case(sqlstate text)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT pg_catalog.left(sqlstate, 2) NOT IN ('08', '25', '28', '3B', '40', '42', '53', '55', '57', '58') $$;

COMMENT ON FUNCTION support_case._is_fault_of_case(text) IS
'Whether an error of a roll-forward belongs to the case, which stalls then, and not to its surroundings (AMB-122).';

CREATE OR REPLACE FUNCTION support_case._stall_case(c support_case.support_case, code text, recorded_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._write_note(c, 'stall', 'system', NULL, support_case._step_details(c.deadline, code), code,
        c.due_at, recorded_at);
END
$$;

COMMENT ON FUNCTION support_case._stall_case(support_case.support_case, text, timestamptz) IS
'Notes on a case what keeps its deadline from taking effect: it stays where it is until resume_case() (AMB-122).';

-- The cases of one order, one deadline after the other in their order, each
-- in a subtransaction of its own.
CREATE OR REPLACE FUNCTION support_case._roll_one_by_one(
    seller_ids bigint[],
    case_ids bigint[],
    until timestamptz
)
RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    c support_case.support_case;
    step_count integer := 0;
    code text;
    given_up bigint[] := ARRAY[]::bigint[];
BEGIN
    LOOP
        SELECT k.* INTO c
        FROM unnest(_roll_one_by_one.seller_ids, _roll_one_by_one.case_ids) AS u (seller_id, case_id)
        JOIN support_case.support_case AS k ON k.seller_id = u.seller_id AND k.case_id = u.case_id
        WHERE k.due_at <= _roll_one_by_one.until AND k.stalled_code IS NULL AND k.case_id <> ALL (given_up)
        ORDER BY k.due_at, k.case_id
        LIMIT 1;
        EXIT WHEN NOT FOUND;
        BEGIN
            step_count := step_count
                + support_case._roll_together(ARRAY[c.seller_id], ARRAY[c.case_id], c.due_at, until);
            CONTINUE;
        EXCEPTION WHEN OTHERS THEN
            code := SQLSTATE;
            IF NOT support_case._is_fault_of_case(code) THEN
                RAISE;
            END IF;
        END;
        BEGIN
            PERFORM support_case._stall_case(c, code, until);
            step_count := step_count + 1;
        EXCEPTION WHEN OTHERS THEN
            IF NOT support_case._is_fault_of_case(SQLSTATE) THEN
                RAISE;
            END IF;
            RAISE WARNING 'case % of seller % can neither roll forward nor stall', c.case_id, c.seller_id
                USING ERRCODE = SQLSTATE, DETAIL = SQLERRM,
                HINT = 'Mend the row of the case; its deadline waits until then.';
            given_up := array_append(given_up, c.case_id);
        END;
    END LOOP;
    RETURN step_count;
END
$$;

COMMENT ON FUNCTION support_case._roll_one_by_one(bigint[], bigint[], timestamptz) IS
'_roll_cases() for the cases of one order of which one fails: that one stalls, the others go on (AMB-122).';

-- All at once in one subtransaction; where that fails, by halves down to the
-- order at fault, so that one bad row costs its batch a second try.
CREATE OR REPLACE FUNCTION support_case._roll_cases(seller_ids bigint[], case_ids bigint[], until timestamptz)
RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    half record;
BEGIN
    BEGIN
        RETURN support_case._roll_together(seller_ids, case_ids, until, until);
    EXCEPTION WHEN OTHERS THEN
        IF NOT support_case._is_fault_of_case(SQLSTATE) THEN
            RAISE;
        END IF;
    END;
    SELECT array_agg(r.seller_id) FILTER (WHERE r.is_first) AS first_seller_ids,
        array_agg(r.case_id) FILTER (WHERE r.is_first) AS first_case_ids,
        array_agg(r.seller_id) FILTER (WHERE NOT r.is_first) AS seller_ids,
        array_agg(r.case_id) FILTER (WHERE NOT r.is_first) AS case_ids
    INTO half
    FROM (
        SELECT o.seller_id, o.case_id, o.rank <= max(o.rank) OVER () / 2 AS is_first
        FROM (
            SELECT c.seller_id, c.case_id, dense_rank() OVER (ORDER BY c.seller_id, c.order_id) AS rank
            FROM (SELECT DISTINCT u.seller_id, u.case_id
                FROM unnest(_roll_cases.seller_ids, _roll_cases.case_ids) AS u (seller_id, case_id)) AS k
            JOIN support_case.support_case AS c ON c.seller_id = k.seller_id AND c.case_id = k.case_id
        ) AS o
    ) AS r;
    IF half.first_case_ids IS NULL THEN
        RETURN support_case._roll_one_by_one(half.seller_ids, half.case_ids, until);
    END IF;
    RETURN support_case._roll_cases(half.first_seller_ids, half.first_case_ids, until)
        + support_case._roll_cases(half.seller_ids, half.case_ids, until);
END
$$;

COMMENT ON FUNCTION support_case._roll_cases(bigint[], bigint[], timestamptz) IS
'Lets every deadline of these cases that ended at or before until take effect, or stalls the case that cannot (AMB-122), and returns how many. The caller has locked the cases, and the orders of those whose deadline may be charged.';
