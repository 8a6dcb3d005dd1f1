-- What happens next in a case, as data for each party.

-- A stranger sees no row, as in the views; a party sees its own.
CREATE OR REPLACE FUNCTION support_case.what_happens_next(seller_id bigint, case_id bigint)
RETURNS TABLE (party text, status text, resolution text, waiting_on text, next_step text, is_next boolean,
    deadline text, due_at timestamptz, then_transition text, then_status text, then_resolution text,
    then_escalation_reason text, then_charge text, then_deadline text, then_due_at timestamptz, possible_actions jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 3
AS $$
#variable_conflict use_column
DECLARE
    at timestamptz := support_case.clock();
    own_seller_id bigint := support_case._own_seller_id();
    own_buyer_id bigint := support_case._own_buyer_id();
    sees_all boolean := num_nonnulls(own_seller_id, own_buyer_id) = 0 AND (support_case._is_trusted()
        OR support_case._is_platform());
    c support_case.support_case;
    h support_case._calendar_history;
    rules bytea;
    last_step support_case._case_step;
    next support_case._case_step;
    facts text[];
BEGIN
    SELECT k.* INTO c FROM support_case.support_case AS k
    WHERE k.seller_id = what_happens_next.seller_id AND k.case_id = what_happens_next.case_id
        AND (sees_all OR k.seller_id = own_seller_id OR k.buyer_id = own_buyer_id);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT p.rules INTO STRICT rules FROM support_case.policy AS p WHERE p.policy_version = c.policy_version;
    SELECT k.* INTO STRICT h FROM support_case._calendar_history AS k WHERE k.calendar_code = c.calendar_code;
    IF c.stalled_code IS NULL THEN
        last_step := support_case._effective_state(c, rules, h.calendars, h.calendars_from, at);
        IF last_step.status IS NOT NULL THEN
            c.status := last_step.status;
            c.resolution := last_step.resolution;
            c.status_since := last_step.status_since;
            c.deadline := last_step.deadline;
            c.due_at := last_step.due_at;
            c.escalation_reason := last_step.escalation_reason;
            c.is_conversation_closed := last_step.is_conversation_closed;
            c.stalled_code := last_step.stalled_code;
        END IF;
    END IF;
    IF c.stalled_code IS NULL AND c.due_at IS NOT NULL THEN
        next := support_case._expire_deadline(c, rules, h.calendars, h.calendars_from, c.due_at);
    END IF;

    facts := support_case._facts_of_case(c);
    -- A charge that no sweep has written yet.
    IF last_step.status = 'closed' AND EXISTS (SELECT FROM support_case._due_entry AS d
        WHERE d.seller_id = c.seller_id AND d.case_id = c.case_id)
    THEN
        facts := array_append(facts, 'charged');
    END IF;

    RETURN QUERY
    SELECT n.party, c.status, c.resolution, n.waiting_on,
        CASE WHEN c.stalled_code IS NOT NULL THEN 'resume_case'
            ELSE support_case._next_step(c.status, c.deadline, c.is_discretionary) END,
        n.party = n.waiting_on IS TRUE,
        CASE WHEN c.stalled_code IS NULL THEN c.deadline END, CASE WHEN c.stalled_code IS NULL THEN c.due_at END,
        next.transition, next.status, next.resolution, next.escalation_reason, next.charge, next.deadline, next.due_at,
        (SELECT coalesce(jsonb_agg(a.action ORDER BY a.action), '[]')
            FROM support_case._possible_actions(c, rules, h.calendars, h.calendars_from, facts,
                at) AS a
            WHERE a.actor = n.party)
    FROM (
        SELECT k.party, k.is_seen, CASE WHEN c.stalled_code IS NOT NULL THEN 'platform'
            ELSE support_case._waiting_on(c.status, c.deadline) END AS waiting_on
        FROM (VALUES ('buyer', sees_all OR c.buyer_id = own_buyer_id),
            ('seller', sees_all OR c.seller_id = own_seller_id), ('platform', sees_all)) AS k (party, is_seen)
    ) AS n
    WHERE n.is_seen;
END
$$;

COMMENT ON FUNCTION support_case.what_happens_next(bigint, bigint) IS
'What happens next in a case, one row per party that the caller may see (buyer, seller, platform; parties see their own row; none for strangers or a case that does not exist): the effective status at clock(), who has the next move (waiting_on), its code (next_step) and whether it is this party''s (is_next), the deadline that runs and when it ends (due_at); what takes effect if nobody acts until then (then_transition, then_status, then_resolution, then_escalation_reason, then_charge: which response is charged, then_deadline and then_due_at: what runs after it; null where nothing does); possible_actions: the actions that this party could take now, a JSON list. Codes are those of state_machine(). (W-08)';
