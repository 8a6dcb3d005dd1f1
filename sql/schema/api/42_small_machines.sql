-- How everything changes that has a life cycle and is no case.  The caller
-- holds the lock of the things, takes the step here and keeps the status.

CREATE OR REPLACE FUNCTION support_case._take_steps(
    machine text,
    seller_ids bigint[],
    subject_ids bigint[],
    statuses text[],
    action text,
    actor text,
    actor_id text,
    details jsonb,
    effective_ats timestamptz[],
    recorded_at timestamptz
)
RETURNS SETOF support_case.life_cycle_event
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    INSERT INTO support_case.life_cycle_event AS n (seller_id, machine, subject_id, event_number, action, actor, actor_id,
        status, details, effective_at, recorded_at)
    SELECT u.seller_id, _take_steps.machine, u.subject_id,
        coalesce((SELECT max(e.event_number) FROM support_case.life_cycle_event AS e
            WHERE e.seller_id = u.seller_id AND e.machine = _take_steps.machine
                AND e.subject_id = u.subject_id), 0) + 1,
        _take_steps.action, _take_steps.actor, support_case._acting_id(_take_steps.actor_id),
        support_case._next_status(_take_steps.machine, u.status, _take_steps.action, _take_steps.actor),
        _take_steps.details, u.effective_at, _take_steps.recorded_at
    FROM unnest(seller_ids, subject_ids, statuses, effective_ats) AS u (seller_id, subject_id, status, effective_at)
    RETURNING n.*;
END
$$;

COMMENT ON FUNCTION support_case._take_steps(text, bigint[], bigint[], text[], text, text, text, jsonb, timestamptz[], timestamptz) IS
'Appends the event of an action to the record of each of these things, all different, and returns the events, whose status is the one that the action leads to; a null in statuses: the thing comes into being. Errors: SC001.';

CREATE OR REPLACE FUNCTION support_case._take_step(
    machine text,
    seller_id bigint,
    subject_id bigint,
    status text,
    action text,
    actor text,
    actor_id text,
    details jsonb,
    effective_at timestamptz,
    recorded_at timestamptz
)
RETURNS support_case.life_cycle_event
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    step support_case.life_cycle_event;
BEGIN
    SELECT e.* INTO STRICT step
    FROM support_case._take_steps(machine, ARRAY[_take_step.seller_id], ARRAY[_take_step.subject_id],
        ARRAY[_take_step.status], action, actor, actor_id, details, ARRAY[_take_step.effective_at], recorded_at) AS e;
    RETURN step;
END
$$;

COMMENT ON FUNCTION support_case._take_step(text, bigint, bigint, text, text, text, text, jsonb, timestamptz, timestamptz) IS
'Appends the event of an action to the record of one thing and returns it. Errors: SC001.';

CREATE OR REPLACE FUNCTION support_case._term_end(at timestamptz, term text, calendar_code text)
RETURNS timestamptz
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    RETURN support_case.business_add(at, term::support_case.term, support_case._calendar_in_force(calendar_code, at));
END
$$;

COMMENT ON FUNCTION support_case._term_end(timestamptz, text, text) IS
'When a term of the policy ends that starts at an instant; null for a null term.';

---------- the sweep ----------

-- What is wrong with one thing keeps no other from its step: halves are tried
-- apart, down to the thing itself (AMB-122).
CREATE OR REPLACE FUNCTION support_case._expire_apart(
    machine text,
    seller_ids bigint[],
    subject_ids bigint[],
    until timestamptz
)
RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    middle integer := cardinality(subject_ids) / 2;
BEGIN
    BEGIN
        RETURN CASE machine
            WHEN 'price_offer' THEN support_case._expire_price_offers(seller_ids, subject_ids, until)
            WHEN 'carrier_claim' THEN support_case._expire_carrier_claims(seller_ids, subject_ids, until)
        END;
    EXCEPTION WHEN OTHERS THEN
        IF NOT support_case._is_fault_of_case(SQLSTATE) THEN
            RAISE;
        END IF;
        IF middle = 0 THEN
            RAISE WARNING 'the deadline of % % of seller % cannot be written', machine, subject_ids[1], seller_ids[1]
                USING ERRCODE = SQLSTATE, DETAIL = SQLERRM,
                HINT = 'Mend its row; the sweep tries again in an hour, and views are right all the same.';
            RETURN 0;
        END IF;
    END;
    RETURN support_case._expire_apart(machine, seller_ids[:middle], subject_ids[:middle], until)
        + support_case._expire_apart(machine, seller_ids[middle + 1:], subject_ids[middle + 1:], until);
END
$$;

COMMENT ON FUNCTION support_case._expire_apart(text, bigint[], bigint[], timestamptz) IS
'Writes the ends, at or before until, of what runs for these things, which the caller has locked, and returns how many; one that cannot be written is left alone with a warning.';

CREATE OR REPLACE FUNCTION support_case._sweep_small_machine(machine text, until timestamptz, batch integer)
RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    seller_ids bigint[];
    subject_ids bigint[];
    step_count integer := 0;
    -- For what could not be written.
    next_at timestamptz := until + make_interval(hours => 1);
BEGIN
    -- Nothing written is not nothing due.
    WHILE step_count = 0 LOOP
        IF machine = 'price_offer' THEN
            SELECT array_agg(d.seller_id), array_agg(d.offer_id) INTO seller_ids, subject_ids
            FROM support_case._lock_due_price_offers(until, batch) AS d;
        ELSE
            SELECT array_agg(d.seller_id), array_agg(d.claim_id) INTO seller_ids, subject_ids
            FROM support_case._lock_due_carrier_claims(until, batch) AS d;
        END IF;
        EXIT WHEN seller_ids IS NULL;
        step_count := support_case._expire_apart(machine, seller_ids, subject_ids, until);
        IF step_count < cardinality(seller_ids) AND machine = 'price_offer' THEN
            UPDATE support_case.price_offer AS k
            SET retry_at = next_at
            FROM unnest(seller_ids, subject_ids) AS u (seller_id, subject_id)
            WHERE k.seller_id = u.seller_id AND k.offer_id = u.subject_id AND k.due_at <= until;
        ELSIF step_count < cardinality(seller_ids) THEN
            UPDATE support_case.carrier_claim AS k
            SET retry_at = next_at
            FROM unnest(seller_ids, subject_ids) AS u (seller_id, subject_id)
            WHERE k.seller_id = u.seller_id AND k.claim_id = u.subject_id AND k.status = 'scheduled'
                AND coalesce(k.retry_at, k.wait_ends_at) <= until;
        END IF;
    END LOOP;
    RETURN step_count;
END
$$;

COMMENT ON FUNCTION support_case._sweep_small_machine(text, timestamptz, integer) IS
'Writes deadlines that have passed, of up to batch things of a machine that nobody else holds, and returns how many: 0 when none is left. Part of sweep().';
