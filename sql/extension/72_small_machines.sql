-- The smaller machines need no more of the table than this.

CREATE FUNCTION support_case._next_status(machine text, status text, action text, actor text)
RETURNS text
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_next_status';

COMMENT ON FUNCTION support_case._next_status(text, text, text, text) IS
'The status that an action of an actor leads to; status null: before the thing exists. Errors: SC001 when no transition of the machine does.';

CREATE FUNCTION support_case._effective_status(machine text, status text, due_at timestamptz, until timestamptz)
RETURNS text
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_effective_status';

COMMENT ON FUNCTION support_case._effective_status(text, text, timestamptz, timestamptz) IS
'The status at an instant: where the deadline leads that ended at due_at, if it ended at or before until, else the stored status. For machines whose deadlines lead to a status without one.';

CREATE FUNCTION support_case._next_actor(machine text, status text)
RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_next_actor';

COMMENT ON FUNCTION support_case._next_actor(text, text) IS
'Who has the next move in a status; null when nobody has.';
