-- How everything changes that has a life cycle and is no case.  The caller
-- holds the lock of the thing, takes the step here and keeps the status.

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
RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    new_status text := support_case._next_status(machine, status, action, actor);
BEGIN
    INSERT INTO support_case.life_cycle_event (seller_id, machine, subject_id, event_number, action, actor, actor_id,
        status, details, effective_at, recorded_at)
    VALUES (_take_step.seller_id, _take_step.machine, _take_step.subject_id,
        coalesce((SELECT max(e.event_number) FROM support_case.life_cycle_event AS e
            WHERE e.seller_id = _take_step.seller_id AND e.machine = _take_step.machine
                AND e.subject_id = _take_step.subject_id), 0) + 1,
        _take_step.action, _take_step.actor, support_case._acting_id(_take_step.actor_id), new_status,
        _take_step.details, _take_step.effective_at, _take_step.recorded_at);
    RETURN new_status;
END
$$;

COMMENT ON FUNCTION support_case._take_step(text, bigint, bigint, text, text, text, text, jsonb, timestamptz, timestamptz) IS
'Appends the event of an action to the record of a thing and returns the status that the action leads to; status null: the thing comes into being. Errors: SC001.';
