-- How a case changes.  Order of locks: the order, then its cases by number.
-- Every command locks, rolls the order forward to its instant (AMB-120,
-- AMB-121), plans in C and writes with _write_steps(); the sweep rolls forward
-- with the same _roll_cases().
--
-- Functions that unnest an array of steps or keys run on generic plans: a plan
-- made for one array looks cheaper and would be made again for every call.
-- Functions of language sql that cannot be inlined are planned at every call,
-- too: here they are plpgsql.

CREATE OR REPLACE FUNCTION support_case._require(value anyelement, argument text)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF value IS NULL THEN
        PERFORM support_case._raise('null_value_not_allowed', format('argument "%s" must not be null', argument),
            NULL, format('Pass a value for %s.', argument));
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._require(anyelement, text) IS
'Raises 22004 naming the argument when value is null.';

-- Writes a charge: journal and entries, the order lines' refunded amounts, the
-- refund instruction, and event refund_clamped where less than the case's
-- share was left.  The caller holds the lock of every order.
CREATE OR REPLACE FUNCTION support_case._post_charges(writes support_case._case_write[], recorded_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    clamps support_case._case_write[];
BEGIN
    WITH charge AS MATERIALIZED (
        SELECT w.seller_id, w.case_id, w.order_id, w.event_number, w.actor, w.details, w.step, (w.step).charge AS response,
            (w.step).effective_at AS effective_at, c.currency,
            coalesce((SELECT max(j.journal_number) FROM support_case.ledger_journal AS j
                WHERE j.seller_id = w.seller_id AND j.case_id = w.case_id), 0) + 1 AS journal_number,
            p.refund_visible_min, p.refund_visible_max, v.compiled AS calendar
        FROM unnest(writes) AS w
        JOIN support_case.support_case AS c ON c.seller_id = w.seller_id AND c.case_id = w.case_id
        JOIN support_case.policy AS p ON p.policy_version = c.policy_version
        CROSS JOIN LATERAL (
            SELECT k.compiled FROM support_case.calendar AS k
            WHERE k.calendar_code = c.calendar_code AND k.effective_from <= (w.step).effective_at
            ORDER BY k.effective_from DESC
            LIMIT 1
        ) AS v
        WHERE (w.step).charge IS NOT NULL
    ), arguments AS MATERIALIZED (
        SELECT o.*, a.lines, a.refunds, a.refund_lines
        FROM (
            SELECT seller_id, order_id, min(currency) AS currency,
                array_agg(case_id ORDER BY effective_at, case_id) AS case_ids,
                array_agg(response ORDER BY effective_at, case_id) AS charges,
                array_agg(journal_number ORDER BY effective_at, case_id) AS journal_numbers,
                array_agg(charge) AS charge_rows
            FROM charge
            GROUP BY seller_id, order_id
        ) AS o
        CROSS JOIN LATERAL support_case._refund_arguments(o.seller_id, o.order_id, o.case_ids, o.charges) AS a
    ), total AS MATERIALIZED (
        -- The order's own charges, not a join with all: that would compare
        -- every charge with every other.
        SELECT k.*, t.entitled, t.refunded, t.charged
        FROM arguments AS a
        CROSS JOIN LATERAL support_case._refund_totals(a.lines, a.refunds, a.refund_lines) AS t
        JOIN LATERAL unnest(a.charge_rows) AS k (seller_id bigint, case_id bigint, order_id bigint,
            event_number integer, actor text, details jsonb, step support_case._case_step, response text, effective_at timestamptz,
            currency text, journal_number integer, refund_visible_min text, refund_visible_max text,
            calendar support_case.business_calendar) ON k.case_id = t.refund_key
    ), line_update AS (
        UPDATE support_case.sales_order_line AS l
        SET refunded = l.refunded + i.refunded,
            refunded_quantity = l.refunded_quantity + i.refunded_quantity::integer,
            consumed_payout = l.consumed_payout + i.consumed_payout,
            consumed_shipping = l.consumed_shipping + i.consumed_shipping,
            consumed_fee = l.consumed_fee + i.consumed_fee,
            consumed_commission = l.consumed_commission + i.consumed_commission,
            consumed_tax = l.consumed_tax + i.consumed_tax
        FROM (
            SELECT a.seller_id, a.order_id, r.line_number,
                sum(r.refunded)::bigint AS refunded,
                sum(r.refunded_quantity)::bigint AS refunded_quantity,
                sum(r.consumed_payout)::bigint AS consumed_payout,
                sum(r.consumed_shipping)::bigint AS consumed_shipping,
                sum(r.consumed_fee)::bigint AS consumed_fee,
                sum(r.consumed_commission)::bigint AS consumed_commission,
                sum(r.consumed_tax)::bigint AS consumed_tax
            FROM arguments AS a
            CROSS JOIN LATERAL support_case._refund_lines(a.lines, a.refunds, a.refund_lines) AS r
            GROUP BY a.seller_id, a.order_id, r.line_number
        ) AS i
        WHERE l.seller_id = i.seller_id AND l.order_id = i.order_id AND l.line_number = i.line_number
    ), journal AS (
        INSERT INTO support_case.ledger_journal (seller_id, case_id, journal_number, order_id, event_number, kind,
            response, revision, currency, effective_at, recorded_at)
        SELECT t.seller_id, t.case_id, t.journal_number, t.order_id, t.event_number, 'charge', t.response,
            (SELECT count(*)::integer FROM support_case.ledger_journal AS j
                WHERE j.seller_id = t.seller_id AND j.case_id = t.case_id
                    AND j.response = t.response AND j.kind = 'reversal'),
            t.currency, t.effective_at, _post_charges.recorded_at
        FROM total AS t
        WHERE t.refunded > 0 OR t.charged > 0
    ), entry AS (
        INSERT INTO support_case.ledger_entry (seller_id, case_id, journal_number, entry_number, account, component,
            currency, amount)
        SELECT a.seller_id, k.case_id, k.journal_number,
            row_number() OVER (PARTITION BY a.seller_id, k.case_id ORDER BY e.position)::integer,
            e.account, e.component, a.currency, e.amount
        FROM arguments AS a
        CROSS JOIN LATERAL support_case._refund_entries(a.lines, a.refunds, a.refund_lines)
            WITH ORDINALITY AS e (refund_key, account, component, amount, position)
        JOIN LATERAL unnest(a.case_ids, a.journal_numbers) AS k (case_id, journal_number) ON k.case_id = e.refund_key
    ), instruction AS (
        INSERT INTO support_case.refund_instruction (seller_id, case_id, instruction_number, event_number, amount,
            currency, status, instructed_at, visible_from, visible_until, status_since)
        SELECT t.seller_id, t.case_id,
            coalesce((SELECT max(i.instruction_number) FROM support_case.refund_instruction AS i
                WHERE i.seller_id = t.seller_id AND i.case_id = t.case_id), 0) + 1,
            t.event_number, t.refunded, t.currency, 'instructed', t.effective_at,
            support_case._business_add_or_null(t.effective_at, t.refund_visible_min::support_case.term, t.calendar),
            support_case._business_add_or_null(t.effective_at, t.refund_visible_max::support_case.term, t.calendar),
            t.effective_at
        FROM total AS t
        WHERE t.refunded > 0
    ), published AS (
        INSERT INTO support_case.outbox (seller_id, subject, subject_id, event_number, recipient, recipient_id,
            channel, template, data, occurred_at, available_at)
        SELECT n.*
        FROM total AS t
        CROSS JOIN LATERAL support_case._notices_of_step(t.seller_id, t.case_id, t.event_number, (t.step).action,
            t.actor, (t.step).status, (t.step).resolution, (t.step).deadline, (t.step).due_at,
            (t.step).status_since, (t.step).is_responded, (t.step).is_conversation_closed, t.details, t.effective_at,
            CASE WHEN t.refunded > 0 THEN
                jsonb_build_object('amount', t.refunded, 'currency', t.currency,
                    'visible_from', support_case._iso_instant(support_case._business_add_or_null(t.effective_at,
                        t.refund_visible_min::support_case.term, t.calendar)),
                    'visible_until', support_case._iso_instant(support_case._business_add_or_null(t.effective_at,
                        t.refund_visible_max::support_case.term, t.calendar)))
            END, t.charged) AS n
    )
    SELECT array_agg(ROW(t.seller_id, t.case_id, t.order_id, t.event_number + 1, 'system', NULL,
        support_case._clamp_details(t.entitled, t.refunded, t.currency),
        ROW(NULL, 'refund_clamped', (t.step).status, (t.step).resolution, (t.step).deadline, (t.step).due_at,
            (t.step).status_since, (t.step).escalation_reason, (t.step).is_responded,
            (t.step).is_conversation_closed, NULL, (t.step).effective_at, (t.step).stalled_code
        )::support_case._case_step)::support_case._case_write)
    INTO clamps
    FROM total AS t
    WHERE t.refunded < t.entitled;
    IF clamps IS NOT NULL THEN
        PERFORM support_case._write_steps(clamps, recorded_at);
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._post_charges(support_case._case_write[], timestamptz) IS
'Posts the charges of steps that _write_steps() has written: journals, entries, refunded amounts, refund instructions (W-82 to W-89, AMB-40, AMB-122).';

-- Each step is one UPDATE of its case and one event; a case occurs once.  A
-- session that made its plans while the tables were small would read them from
-- end to end when they have grown; the few rows of a command, or of a sweep's
-- batch, are always found through the keys.
CREATE OR REPLACE FUNCTION support_case._write_steps(writes support_case._case_write[], recorded_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    is_charged boolean;
BEGIN
    WITH step AS MATERIALIZED (
        SELECT w.seller_id, w.case_id, w.event_number, w.actor, w.actor_id, w.details, (w.step).*
        FROM unnest(writes) AS w
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
            last_message_by = CASE WHEN s.actor IN ('buyer', 'seller') THEN s.actor ELSE c.last_message_by END,
            -- A stall lasts as long as its deadline, or until it is resumed.
            stalled_code = CASE
                WHEN s.stalled_code IS NULL AND s.action <> 'resume_case' AND s.status = c.status
                    AND s.deadline = c.deadline AND s.due_at = c.due_at THEN c.stalled_code
                ELSE s.stalled_code
            END,
            last_event_number = s.event_number,
            last_effective_at = s.effective_at
        FROM step AS s
        WHERE c.seller_id = s.seller_id AND c.case_id = s.case_id
    ), event AS (
        INSERT INTO support_case.case_event (seller_id, case_id, event_number, transition, action, actor, actor_id,
            status, resolution, deadline, due_at, details, effective_at, recorded_at)
        SELECT seller_id, case_id, event_number, transition, action, actor, actor_id, status, resolution,
            deadline, due_at, details, effective_at, _write_steps.recorded_at
        FROM step
    ), published AS (
        INSERT INTO support_case.outbox (seller_id, subject, subject_id, event_number, recipient, recipient_id,
            channel, template, data, occurred_at, available_at)
        SELECT seller_id, 'case', case_id, event_number, 'host', 0, 'event', action,
            jsonb_build_object('version', 1, 'actor', actor, 'status', status, 'resolution', resolution,
                'due_at', support_case._iso_instant(due_at), 'details', details),
            effective_at, effective_at
        FROM step
        UNION ALL
        -- What is charged is announced with its amounts by _post_charges().
        SELECT n.*
        FROM step AS s
        CROSS JOIN LATERAL support_case._notices_of_step(s.seller_id, s.case_id, s.event_number, s.action, s.actor,
            s.status, s.resolution, s.deadline, s.due_at, s.status_since, s.is_responded, s.is_conversation_closed,
            s.details, s.effective_at, NULL, NULL) AS n
        WHERE s.charge IS NULL
    )
    SELECT bool_or(charge IS NOT NULL) INTO is_charged FROM step;
    PERFORM support_case._hint_at_outbox();
    IF is_charged THEN
        PERFORM support_case._post_charges(writes, recorded_at);
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._write_steps(support_case._case_write[], timestamptz) IS
'Writes steps of cases, at most one a case: the case, its event, the outbox and what is charged. The caller has locked the cases, and the order of every case that is charged.';

-- One round takes one step of every case, so that each arc is its own UPDATE.
CREATE OR REPLACE FUNCTION support_case._roll_together(
    seller_ids bigint[],
    case_ids bigint[],
    until timestamptz,
    recorded_at timestamptz
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    writes support_case._case_write[];
    is_more_due boolean;
    step_count integer := 0;
BEGIN
    LOOP
        SELECT bool_or((s.step).due_at <= _roll_together.until),
            array_agg(ROW(s.seller_id, s.case_id, s.order_id, s.event_number, 'system', NULL,
                support_case._step_details(s.ended_deadline, (s.step).stalled_code), s.step)::support_case._case_write)
        INTO is_more_due, writes
        FROM (
            SELECT c.seller_id, c.case_id, c.order_id, c.last_event_number + 1 AS event_number,
                c.deadline AS ended_deadline,
                support_case._expire_deadline(c, p.rules, h.calendars, h.calendars_from, _roll_together.until) AS step
            FROM (SELECT DISTINCT u.seller_id, u.case_id
                FROM unnest(_roll_together.seller_ids, _roll_together.case_ids) AS u (seller_id, case_id)) AS k
            JOIN support_case.support_case AS c ON c.seller_id = k.seller_id AND c.case_id = k.case_id
            JOIN support_case.policy AS p ON p.policy_version = c.policy_version
            JOIN support_case._calendar_history AS h ON h.calendar_code = c.calendar_code
            WHERE c.due_at <= _roll_together.until AND c.stalled_code IS NULL
            OFFSET 0
        ) AS s;
        EXIT WHEN writes IS NULL;
        PERFORM support_case._write_steps(writes, recorded_at);
        step_count := step_count + cardinality(writes);
        EXIT WHEN is_more_due IS NOT TRUE;
    END LOOP;
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
LANGUAGE sql VOLATILE
AS $$
    SELECT support_case._write_steps(
        ARRAY[ROW((c).seller_id, (c).case_id, (c).order_id, (c).last_event_number + 1, 'system', NULL,
            support_case._step_details((c).deadline, code),
            ROW(NULL, 'stall', (c).status, (c).resolution, (c).deadline, (c).due_at, (c).status_since,
                (c).escalation_reason, (c).is_responded, (c).is_conversation_closed, NULL, (c).due_at, code)
                ::support_case._case_step)::support_case._case_write],
        recorded_at)
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

CREATE OR REPLACE FUNCTION support_case._lock_order(seller_id bigint, order_id bigint)
RETURNS support_case.sales_order
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    found_order support_case.sales_order;
BEGIN
    PERFORM support_case._require(_lock_order.seller_id, 'seller_id');
    PERFORM support_case._require(_lock_order.order_id, 'order_id');
    SELECT o.* INTO found_order
    FROM support_case.sales_order AS o
    WHERE o.seller_id = _lock_order.seller_id AND o.order_id = _lock_order.order_id
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM support_case._raise('no_data_found',
            format('order %s of seller %s does not exist', _lock_order.order_id, _lock_order.seller_id),
            NULL, 'Register it with register_order().', 'support_case', 'sales_order');
    END IF;
    RETURN found_order;
END
$$;

COMMENT ON FUNCTION support_case._lock_order(bigint, bigint) IS
'Locks an order and returns it. Errors: 22004, P0002.';

-- The instant is taken once the locks are held: a command that waited past a
-- deadline comes too late (AMB-120).
CREATE OR REPLACE FUNCTION support_case._roll_order(seller_id bigint, order_id bigint)
RETURNS timestamptz
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    at timestamptz;
    case_ids bigint[];
    seller_ids bigint[];
    first_due_at timestamptz;
BEGIN
    WITH locked AS (
        SELECT c.case_id, c.last_effective_at, CASE WHEN c.stalled_code IS NULL THEN c.due_at END AS due_at
        FROM support_case.support_case AS c
        WHERE c.seller_id = _roll_order.seller_id AND c.order_id = _roll_order.order_id
        ORDER BY c.case_id
        FOR NO KEY UPDATE
    )
    SELECT max(last_effective_at), min(due_at), array_agg(case_id) FILTER (WHERE due_at IS NOT NULL)
    INTO at, first_due_at, case_ids
    FROM locked;
    at := greatest(support_case._instant(), at);
    IF first_due_at <= at THEN
        seller_ids := array_fill(seller_id, ARRAY[cardinality(case_ids)]);
        PERFORM support_case._roll_cases(seller_ids, case_ids, at);
        -- A case that could not even stall must not be acted on as if its
        -- deadline still ran: what is wrong with it is raised.
        IF EXISTS (
            SELECT FROM support_case.support_case AS c
            WHERE c.seller_id = _roll_order.seller_id AND c.case_id = ANY (case_ids)
                AND c.due_at <= at AND c.stalled_code IS NULL)
        THEN
            PERFORM support_case._roll_together(seller_ids, case_ids, at, at);
        END IF;
    END IF;
    RETURN at;
END
$$;

COMMENT ON FUNCTION support_case._roll_order(bigint, bigint) IS
'Locks the cases of an order, whose lock the caller holds, takes the instant of the command, rolls the cases forward to it and returns it (AMB-120, AMB-121).';

CREATE OR REPLACE FUNCTION support_case._find_answer(
    seller_id bigint,
    actor_id text,
    idempotency_key text,
    command text,
    arguments jsonb
)
RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    known support_case.command_key;
BEGIN
    SELECT k.* INTO known
    FROM support_case.command_key AS k
    WHERE k.seller_id = _find_answer.seller_id AND k.actor_id = coalesce(support_case._acting_id(_find_answer.actor_id), '')
        AND k.idempotency_key = _find_answer.idempotency_key;
    IF FOUND AND (known.command <> command OR known.arguments_digest <> support_case._digest(arguments)) THEN
        PERFORM support_case._raise('idempotency_key_reused',
            format('idempotency key "%s" was used with other arguments', idempotency_key),
            format('It belongs to %s at %s.', known.command, known.created_at),
            'Use a new key for a new command; repeat a command with the same arguments.',
            'support_case', 'command_key');
    END IF;
    RETURN known.result;
END
$$;

COMMENT ON FUNCTION support_case._find_answer(bigint, text, text, text, jsonb) IS
'What a command with this idempotency key answered, or null. Errors: SC009.';

CREATE OR REPLACE FUNCTION support_case._digest(arguments jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(arguments::text, 'UTF8')), 'hex') $$;

COMMENT ON FUNCTION support_case._digest(jsonb) IS
'SHA-256 of a command''s arguments.';

CREATE OR REPLACE FUNCTION support_case._keep_answer(
    seller_id bigint,
    actor_id text,
    idempotency_key text,
    command text,
    arguments jsonb,
    result jsonb
)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO support_case.command_key (seller_id, actor_id, idempotency_key, command, arguments_digest, result,
        created_at)
    VALUES (_keep_answer.seller_id, coalesce(support_case._acting_id(_keep_answer.actor_id), ''), _keep_answer.idempotency_key,
        _keep_answer.command, support_case._digest(_keep_answer.arguments), _keep_answer.result,
        support_case._instant())
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        PERFORM support_case._raise('idempotency_key_reused',
            format('idempotency key "%s" was used with other arguments', idempotency_key),
            'Another command with this key has run at the same time.',
            'Use a new key for a new command; repeat a command with the same arguments.',
            'support_case', 'command_key');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._keep_answer(bigint, text, text, text, jsonb, jsonb) IS
'Keeps what a command answered under its idempotency key.';

-- The case is null when the key has its answer already: nothing is to be done.
CREATE OR REPLACE FUNCTION support_case._begin(
    seller_id bigint,
    case_id bigint,
    command text,
    actor_id text,
    idempotency_key text,
    arguments jsonb
)
RETURNS support_case.support_case
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    c support_case.support_case;
    found_order_id bigint;
    at timestamptz;
BEGIN
    PERFORM support_case._require(_begin.seller_id, 'seller_id');
    PERFORM support_case._require(_begin.case_id, 'case_id');
    SELECT o.order_id INTO found_order_id
    FROM support_case.sales_order AS o
    WHERE o.seller_id = _begin.seller_id
        AND o.order_id = (SELECT k.order_id FROM support_case.support_case AS k
            WHERE k.seller_id = _begin.seller_id AND k.case_id = _begin.case_id)
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM support_case._raise('no_data_found',
            format('case %s of seller %s does not exist', _begin.case_id, _begin.seller_id),
            NULL, 'Pass the seller and the number of a case that open_case() returned.',
            'support_case', 'support_case');
    END IF;
    IF idempotency_key IS NOT NULL
        AND support_case._find_answer(seller_id, actor_id, idempotency_key, command, arguments) IS NOT NULL
    THEN
        RETURN c;
    END IF;
    at := support_case._roll_order(seller_id, found_order_id);
    SELECT k.* INTO c
    FROM support_case.support_case AS k
    WHERE k.seller_id = _begin.seller_id AND k.case_id = _begin.case_id;
    c.last_effective_at := at;
    RETURN c;
END
$$;

COMMENT ON FUNCTION support_case._begin(bigint, bigint, text, text, text, jsonb) IS
'Starts a command on a case: locks the order and its cases, rolls them forward, and returns the case with last_effective_at set to the instant of the command; all null when the idempotency key has its answer already. Errors: 22004, P0002, SC009.';

-- Looked up only where some transition asks for it.
CREATE OR REPLACE FUNCTION support_case._facts_of_case(c support_case.support_case)
RETURNS text[]
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF c.status NOT IN ('escalated', 'closed', 'return_pending') THEN
        RETURN '{}'::text[];
    END IF;
    RETURN ARRAY(
            SELECT l.direction || '_expected'
            FROM support_case.parcel AS l
            WHERE l.seller_id = c.seller_id AND l.case_id = c.case_id AND l.delivered_at IS NULL)
        || ARRAY(
            SELECT 'charged'
            FROM support_case.ledger_journal AS j
            WHERE c.status = 'closed' AND j.seller_id = c.seller_id AND j.case_id = c.case_id AND j.kind = 'charge'
            LIMIT 1);
END
$$;

COMMENT ON FUNCTION support_case._facts_of_case(support_case.support_case) IS
'What belongs to a case, as conditions of state_machine(): parcels on their way, a charge.';

CREATE OR REPLACE FUNCTION support_case._transition(
    c support_case.support_case,
    action text,
    actor text,
    actor_id text,
    conditions text[],
    details jsonb,
    fact_at timestamptz DEFAULT NULL
)
RETURNS support_case._case_step
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    step support_case._case_step;
BEGIN
    SELECT p.* INTO step
    FROM support_case.policy AS v, support_case._calendar_history AS h,
        support_case._plan_transition(_transition.c, v.rules, h.calendars, h.calendars_from, _transition.action,
            _transition.actor, _transition.conditions || support_case._facts_of_case(_transition.c),
            (_transition.c).last_effective_at, _transition.fact_at) AS p
    WHERE v.policy_version = (_transition.c).policy_version AND h.calendar_code = (_transition.c).calendar_code;
    -- What leaves the deadline alone does not mend what stalls it.
    IF c.stalled_code IS NOT NULL AND action <> 'resume_case' AND step.deadline = c.deadline
        AND step.due_at = c.due_at
    THEN
        step.stalled_code := c.stalled_code;
    END IF;
    PERFORM support_case._write_steps(
        ARRAY[ROW(c.seller_id, c.case_id, c.order_id, c.last_event_number + 1, actor,
            support_case._acting_id(actor_id), details, step)
            ::support_case._case_write],
        c.last_effective_at);
    IF action IN ('escalate', 'decline_offer', 'decide', 'reopen_case', 'return_to_seller') THEN
        PERFORM support_case._note_rating_fact(c, step, actor, details);
    END IF;
    RETURN step;
END
$$;

COMMENT ON FUNCTION support_case._transition(support_case.support_case, text, text, text, text[], jsonb, timestamptz) IS
'Takes the step of an action on a case that _begin() returned, at its last_effective_at, and writes it. Errors: SC001 and those of the conditions that are not met.';

CREATE OR REPLACE FUNCTION support_case._finish(
    seller_id bigint,
    case_id bigint,
    command text,
    actor_id text,
    idempotency_key text,
    arguments jsonb
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    answer jsonb;
BEGIN
    IF idempotency_key IS NULL THEN
        RETURN QUERY SELECT k.* FROM support_case._settled_case AS k
            WHERE k.seller_id = _finish.seller_id AND k.case_id = _finish.case_id;
        IF NOT FOUND THEN
            RETURN QUERY SELECT k.* FROM support_case._rolled_case AS k
                WHERE k.seller_id = _finish.seller_id AND k.case_id = _finish.case_id;
        END IF;
        RETURN;
    END IF;
    answer := support_case._find_answer(seller_id, actor_id, idempotency_key, command, arguments);
    IF answer IS NULL THEN
        SELECT jsonb_agg(to_jsonb(k)) INTO answer FROM support_case.case_current AS k
        WHERE k.seller_id = _finish.seller_id AND k.case_id = _finish.case_id;
        PERFORM support_case._keep_answer(seller_id, actor_id, idempotency_key, command, arguments, answer);
    END IF;
    RETURN QUERY SELECT k.* FROM jsonb_populate_recordset(NULL::support_case.case_current, answer) AS k;
END
$$;

COMMENT ON FUNCTION support_case._finish(bigint, bigint, text, text, text, jsonb) IS
'Ends a command: returns the case''s row of case_current, and keeps it under the idempotency key, or returns what was kept.';

-- Commands that state no more than who does what.
CREATE OR REPLACE FUNCTION support_case._act(
    seller_id bigint,
    case_id bigint,
    action text,
    actor text,
    actor_id text,
    idempotency_key text,
    conditions text[] DEFAULT '{}',
    details jsonb DEFAULT '{}'
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL THEN jsonb_build_array(case_id, details) END;
    c support_case.support_case;
BEGIN
    c := support_case._begin(seller_id, case_id, action, actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        PERFORM support_case._transition(c, action, actor, actor_id, conditions, details);
    END IF;
    RETURN QUERY SELECT k.* FROM support_case._finish(seller_id, case_id, action, actor_id, idempotency_key,
        arguments) AS k;
END
$$;

COMMENT ON FUNCTION support_case._act(bigint, bigint, text, text, text, text, text[], jsonb) IS
'A whole command whose action needs nothing but its name, actor and conditions.';
