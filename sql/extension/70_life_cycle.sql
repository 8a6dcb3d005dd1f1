-- The life cycle of a case: one static table in C, and what SQL asks of it.

CREATE FUNCTION support_case.state_machine()
RETURNS TABLE (
    machine text,
    transition text,
    from_status text,
    action text,
    actor text,
    condition text,
    to_status text,
    resolution text,
    deadline text,
    escalation_reason text,
    charge text,
    requirements text
)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_state_machine';

COMMENT ON FUNCTION support_case.state_machine() IS
'Every transition: in from_status (null: before the thing exists) the actor takes the action and, where the condition holds, to_status follows, with a resolution when the case closes, a deadline that starts (null: the timer stops; unchanged: it goes on), an escalation reason and a charge to the ledger. Where several rows share from_status, action and actor, the first whose condition holds is taken. transition and requirements name the rules of the specification.';

CREATE TYPE support_case._case_step AS (
    transition text,
    action text,
    status text,
    resolution text,
    deadline text,
    due_at timestamptz,
    status_since timestamptz,
    escalation_reason text,
    is_responded boolean,
    is_conversation_closed boolean,
    charge text,
    effective_at timestamptz,
    stalled_code text,
    feedback_until timestamptz,
    refund_visible_from timestamptz,
    refund_visible_until timestamptz,
    refunded bigint
);

COMMENT ON TYPE support_case._case_step IS
'One transition that a case takes, the state it has afterwards, and what follows from it: until when the buyer of a case that it closes can rate the service (W-110, AMB-52), when a refund that it charges appears on the buyer''s payment method (W-30, AMB-39), and, once it is written, what it has refunded, minor units.';

CREATE FUNCTION support_case._policy_rules(settings text[], terms support_case.term[])
RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_policy_rules';

COMMENT ON FUNCTION support_case._policy_rules(text[], support_case.term[]) IS
'A policy version compiled for the state machine: its settings as name=value (null elements say nothing) and its terms in the order of the deadlines and windows of the state machine (null: the policy has none).';

CREATE FUNCTION support_case._plan_transition(
    case_row record,
    rules bytea,
    calendars support_case.business_calendar[],
    calendars_from timestamptz[],
    action text,
    actor text,
    conditions text[],
    at timestamptz,
    fact_at timestamptz DEFAULT NULL
)
RETURNS support_case._case_step
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_plan_transition';

COMMENT ON FUNCTION support_case._plan_transition(record, bytea, support_case.business_calendar[], timestamptz[], text, text, text[], timestamptz, timestamptz) IS
'The step that an action takes in the state of a case row, at an instant; a deadline that a reported fact starts runs from fact_at. Errors: SC001 and the codes of the conditions that are not met.';

CREATE FUNCTION support_case._is_action_possible(
    case_row record,
    rules bytea,
    calendars support_case.business_calendar[],
    calendars_from timestamptz[],
    action text,
    actor text,
    at timestamptz
)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_is_action_possible';

COMMENT ON FUNCTION support_case._is_action_possible(record, bytea, support_case.business_calendar[], timestamptz[], text, text, timestamptz) IS
'Whether an actor could take an action in the state of a case row at an instant, if the command states what it needs to.';

CREATE FUNCTION support_case._expire_deadline(
    case_row record,
    rules bytea,
    calendars support_case.business_calendar[],
    calendars_from timestamptz[],
    until timestamptz
)
RETURNS support_case._case_step
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_expire_deadline';

COMMENT ON FUNCTION support_case._expire_deadline(record, bytea, support_case.business_calendar[], timestamptz[], timestamptz) IS
'The step that the running deadline of a case takes if it ended at or before until, else null. Never raises for a case that the commands wrote (AMB-122).';

CREATE FUNCTION support_case._effective_state(
    case_row record,
    rules bytea,
    calendars support_case.business_calendar[],
    calendars_from timestamptz[],
    until timestamptz
)
RETURNS support_case._case_step
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_effective_state';

COMMENT ON FUNCTION support_case._effective_state(record, bytea, support_case.business_calendar[], timestamptz[], timestamptz) IS
'The last step after every deadline of a case that ended at or before until, or null when none did.';

CREATE FUNCTION support_case._roll_forward(
    case_row record,
    rules bytea,
    calendars support_case.business_calendar[],
    calendars_from timestamptz[],
    until timestamptz
)
RETURNS SETOF support_case._case_step
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
ROWS 1
AS 'MODULE_PATHNAME', 'sc_roll_forward';

COMMENT ON FUNCTION support_case._roll_forward(record, bytea, support_case.business_calendar[], timestamptz[], timestamptz) IS
'Every step of a case whose deadline ended at or before until, in order.';

CREATE FUNCTION support_case._possible_actions(
    case_row record,
    rules bytea,
    calendars support_case.business_calendar[],
    calendars_from timestamptz[],
    conditions text[],
    at timestamptz
)
RETURNS TABLE (actor text, action text)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_possible_actions';

COMMENT ON FUNCTION support_case._possible_actions(record, bytea, support_case.business_calendar[], timestamptz[], text[], timestamptz) IS
'Who could do what in the state of a case row at an instant, if the command states what its transition needs; conditions are the facts of the case.';

CREATE FUNCTION support_case._waiting_on(status text, deadline text)
RETURNS text
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_waiting_on';

COMMENT ON FUNCTION support_case._waiting_on(text, text) IS
'Who has the next move in a status with this running deadline; null when nobody has.';

CREATE FUNCTION support_case._next_step(status text, deadline text, is_discretionary boolean)
RETURNS text
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_next_step';

COMMENT ON FUNCTION support_case._next_step(text, text, boolean) IS
'A code for the next move in a status with this running deadline; null when there is none. Where the seller alone decides, because the request came late, escalating is none (AMB-43).';

CREATE FUNCTION support_case._is_status(machine text, status text)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_is_status';

COMMENT ON FUNCTION support_case._is_status(text, text) IS
'Whether state_machine() knows a status of a machine. Errors: 22023 when there is no such machine.';

CREATE FUNCTION support_case._is_case_state(status text, resolution text, deadline text)
RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_is_case_state';

COMMENT ON FUNCTION support_case._is_case_state(text, text, text) IS
'Whether status, resolution and running deadline are known codes that can stand together.';

CREATE FUNCTION support_case._expiry_moves_money(status text)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_expiry_moves_money';

COMMENT ON FUNCTION support_case._expiry_moves_money(text) IS
'Whether some deadline of a status ends in a charge, so that the sweep needs the lock of the order (AMB-121).';

CREATE FUNCTION support_case.guard_transition()
RETURNS trigger
LANGUAGE c VOLATILE
AS 'MODULE_PATHNAME', 'sc_guard_transition';

COMMENT ON FUNCTION support_case.guard_transition() IS
'Trigger, BEFORE UPDATE FOR EACH ROW, argument: a machine. Refuses a change of status or resolution that is no transition of state_machine() with SC005, whoever makes it.';
