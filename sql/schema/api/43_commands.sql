-- How a command runs: it locks, rolls its order forward, takes its step and
-- returns the case; a key repeats its answer.

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
        PERFORM support_case._raise_no_order(_lock_order.seller_id, _lock_order.order_id);
    END IF;
    RETURN found_order;
END
$$;

COMMENT ON FUNCTION support_case._lock_order(bigint, bigint) IS
'Locks an order and returns it. Errors: 22004, P0002.';

CREATE OR REPLACE FUNCTION support_case._roll_due_of_order(seller_id bigint, order_id bigint, at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    case_ids bigint[];
    seller_ids bigint[];
BEGIN
    SELECT array_agg(c.seller_id), array_agg(c.case_id) INTO seller_ids, case_ids
    FROM support_case.support_case AS c
    WHERE c.seller_id = _roll_due_of_order.seller_id AND c.order_id = _roll_due_of_order.order_id
        AND c.due_at <= at AND c.stalled_code IS NULL;
    PERFORM support_case._roll_cases(seller_ids, case_ids, at);
    -- A case that could not even stall must not be acted on as if its
    -- deadline still ran: what is wrong with it is raised.
    IF EXISTS (
        SELECT FROM support_case.support_case AS c
        WHERE c.seller_id = _roll_due_of_order.seller_id AND c.case_id = ANY (case_ids)
            AND c.due_at <= at AND c.stalled_code IS NULL)
    THEN
        PERFORM support_case._roll_together(seller_ids, case_ids, at, at);
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._roll_due_of_order(bigint, bigint, timestamptz) IS
'Rolls the cases of an order forward to an instant; the caller holds the locks of all of them. Raises what is wrong with one that can neither roll forward nor stall.';

-- The instant is taken once the locks are held: a command that waited past a
-- deadline comes too late (AMB-120).
CREATE OR REPLACE FUNCTION support_case._roll_order(seller_id bigint, order_id bigint)
RETURNS timestamptz
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    at timestamptz;
    first_due_at timestamptz;
BEGIN
    SELECT max(k.last_effective_at), min(CASE WHEN k.stalled_code IS NULL THEN k.due_at END)
    INTO at, first_due_at
    FROM (
        SELECT c.last_effective_at, c.stalled_code, c.due_at
        FROM support_case.support_case AS c
        WHERE c.seller_id = _roll_order.seller_id AND c.order_id = _roll_order.order_id
        ORDER BY c.case_id
        FOR NO KEY UPDATE
    ) AS k;
    at := greatest(support_case._instant(), at);
    IF first_due_at <= at THEN
        PERFORM support_case._roll_due_of_order(seller_id, order_id, at);
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
    fetched record;
    found_order_id bigint;
    at timestamptz;
BEGIN
    SELECT o.order_id INTO found_order_id
    FROM support_case.sales_order AS o
    WHERE o.seller_id = _begin.seller_id
        AND o.order_id = (SELECT k.order_id FROM support_case.support_case AS k
            WHERE k.seller_id = _begin.seller_id AND k.case_id = _begin.case_id)
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM support_case._require(_begin.seller_id, 'seller_id');
        PERFORM support_case._require(_begin.case_id, 'case_id');
        PERFORM support_case._raise_no_case(_begin.seller_id, _begin.case_id);
    END IF;
    IF idempotency_key IS NOT NULL THEN
        IF support_case._find_answer(seller_id, actor_id, idempotency_key, command, arguments) IS NOT NULL THEN
            RETURN c;
        END IF;
    END IF;
    -- As _roll_order(), and what it locks is read.
    SELECT max(k.last_effective_at) AS last_effective_at,
        min(CASE WHEN k.stalled_code IS NULL THEN k.due_at END) AS due_at,
        (array_agg(k.row) FILTER (WHERE k.is_asked))[1] AS row
    INTO fetched
    FROM (
        SELECT e.last_effective_at, e.stalled_code, e.due_at, e.case_id = _begin.case_id AS is_asked, e AS row
        FROM support_case.support_case AS e
        WHERE e.seller_id = _begin.seller_id AND e.order_id = found_order_id
        ORDER BY e.case_id
        FOR NO KEY UPDATE
    ) AS k;
    at := greatest(support_case._instant(), fetched.last_effective_at);
    c := fetched.row;
    IF fetched.due_at <= at THEN
        PERFORM support_case._roll_due_of_order(c.seller_id, c.order_id, at);
        SELECT k AS row INTO fetched
        FROM support_case.support_case AS k
        WHERE k.seller_id = _begin.seller_id AND k.case_id = _begin.case_id;
        c := fetched.row;
    END IF;
    c.last_effective_at := at;
    RETURN c;
END
$$;

COMMENT ON FUNCTION support_case._begin(bigint, bigint, text, text, text, jsonb) IS
'Starts a command on a case: locks the order and its cases, rolls them forward, and returns the case with last_effective_at set to the instant of the command; all null when the idempotency key has its answer already. Errors: 22004, P0002, SC009.';

CREATE OR REPLACE FUNCTION support_case._facts_of_case(c support_case.support_case)
RETURNS text[]
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    RETURN ARRAY(
            SELECT l.direction || '_expected'
            FROM support_case.parcel AS l
            WHERE l.seller_id = c.seller_id AND l.case_id = c.case_id AND l.delivered_at IS NULL)
        || ARRAY(
            SELECT 'charged'
            FROM support_case.ledger_journal AS j
            WHERE c.status = 'closed' AND j.seller_id = c.seller_id AND j.case_id = c.case_id AND j.kind = 'charge'
            LIMIT 1)
        || CASE WHEN c.status = 'closed' AND NOT c.is_returnable THEN support_case._facts_of_lost_parcel(c) END;
END
$$;

COMMENT ON FUNCTION support_case._facts_of_case(support_case.support_case) IS
'What belongs to a case, as conditions of state_machine(): parcels on their way, a charge, what a re-charge needs.';

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
    law record;
    step support_case._case_step;
BEGIN
    SELECT p.rules,
        ARRAY(SELECT k.compiled FROM support_case.calendar AS k
            WHERE k.calendar_code = c.calendar_code ORDER BY k.effective_from) AS calendars,
        ARRAY(SELECT k.effective_from FROM support_case.calendar AS k
            WHERE k.calendar_code = c.calendar_code ORDER BY k.effective_from) AS calendars_from
    INTO STRICT law
    FROM support_case.policy AS p
    WHERE p.policy_version = c.policy_version;
    -- Where no transition asks for facts, none are looked up.
    IF c.status IN ('escalated', 'closed', 'return_pending') THEN
        conditions := conditions || support_case._facts_of_case(c);
    END IF;
    step := support_case._plan_transition(c, law.rules, law.calendars, law.calendars_from, action, actor, conditions,
        c.last_effective_at, fact_at);
    IF c.stalled_code IS NOT NULL THEN
        -- A stall lasts as long as its deadline, or until it is resumed.
        IF action <> 'resume_case' AND step.deadline = c.deadline AND step.due_at = c.due_at THEN
            step.stalled_code := c.stalled_code;
        END IF;
    END IF;
    step.refunded := support_case._write_step(
        ROW(c.seller_id, c.case_id, c.order_id, c.last_event_number + 1, actor, actor_id, details, step)
            ::support_case._case_write,
        c.last_effective_at);
    IF action IN ('escalate', 'decline_offer', 'decide', 'reopen_case', 'return_to_seller') THEN
        PERFORM support_case._note_rating_fact(c, step, actor, details);
    END IF;
    RETURN step;
END
$$;

COMMENT ON FUNCTION support_case._transition(support_case.support_case, text, text, text, text[], jsonb, timestamptz) IS
'Takes the step of an action on a case that _begin() returned, at its last_effective_at, writes it and returns it. Errors: SC001 and those of the conditions that are not met.';

CREATE OR REPLACE FUNCTION support_case._finish_step(
    seller_id bigint,
    case_id bigint,
    command text,
    actor_id text,
    idempotency_key text,
    arguments jsonb,
    c support_case.support_case,
    step support_case._case_step
)
RETURNS support_case.case_current
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    finished support_case.case_current;
    answer jsonb;
BEGIN
    -- _begin() has looked before a step was taken.
    IF idempotency_key IS NOT NULL AND step.status IS NULL THEN
        answer := support_case._find_answer(seller_id, actor_id, idempotency_key, command, arguments);
        IF answer IS NOT NULL THEN
            RETURN jsonb_populate_record(NULL::support_case.case_current, answer -> 0);
        END IF;
    END IF;
    IF step.status IS NOT NULL AND (step.due_at <= support_case.clock()) IS NOT TRUE THEN
        finished := support_case._case_after(c, step);
    ELSE
        SELECT k.* INTO finished FROM support_case.case_current AS k
        WHERE k.seller_id = _finish_step.seller_id AND k.case_id = _finish_step.case_id;
    END IF;
    IF idempotency_key IS NOT NULL THEN
        PERFORM support_case._keep_answer(seller_id, actor_id, idempotency_key, command, arguments,
            jsonb_build_array(to_jsonb(finished)));
    END IF;
    RETURN finished;
END
$$;

COMMENT ON FUNCTION support_case._finish_step(bigint, bigint, text, text, text, jsonb, support_case.support_case, support_case._case_step) IS
'Ends a command: returns the case''s row of case_current, and keeps it under the idempotency key, or returns what was kept. The row is not read where it follows from a case that _begin() returned and from the step that _transition() returned for it.';

CREATE OR REPLACE FUNCTION support_case._finish(
    seller_id bigint,
    case_id bigint,
    command text,
    actor_id text,
    idempotency_key text,
    arguments jsonb
)
RETURNS support_case.case_current
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    RETURN support_case._finish_step(seller_id, case_id, command, actor_id, idempotency_key, arguments, NULL, NULL);
END
$$;

COMMENT ON FUNCTION support_case._finish(bigint, bigint, text, text, text, jsonb) IS
'_finish_step() for a command that may have changed more than its step says.';

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
RETURNS support_case.case_current
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL THEN jsonb_build_array(case_id, details) END;
    c support_case.support_case;
    step support_case._case_step;
BEGIN
    c := support_case._begin(seller_id, case_id, action, actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        step := support_case._transition(c, action, actor, actor_id, conditions, details);
    END IF;
    RETURN support_case._finish_step(seller_id, case_id, action, actor_id, idempotency_key, arguments, c, step);
END
$$;

COMMENT ON FUNCTION support_case._act(bigint, bigint, text, text, text, text, text[], jsonb) IS
'A whole command whose action needs nothing but its name, actor and conditions.';
