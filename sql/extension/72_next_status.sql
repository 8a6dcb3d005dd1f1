-- The smaller machines need no more of the table than this.

CREATE FUNCTION support_case._next_status(machine text, status text, action text, actor text)
RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_next_status';

COMMENT ON FUNCTION support_case._next_status(text, text, text, text) IS
'The status that an action of an actor leads to. Errors: SC001 when no transition of the machine does.';
