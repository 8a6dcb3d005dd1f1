-- What every command checks of its arguments.  They return what they have
-- checked: an assignment costs a command less than a statement of its own.

CREATE FUNCTION support_case._require(value anyelement, argument text)
RETURNS anyelement
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_require';

COMMENT ON FUNCTION support_case._require(anyelement, text) IS
'The value. Raises 22004 naming the argument when it is null.';

CREATE FUNCTION support_case._check_text(value text, argument text, max_length integer DEFAULT 10000)
RETURNS text
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_check_text';

COMMENT ON FUNCTION support_case._check_text(text, text, integer) IS
'The value. Raises 22004 or 22023 unless it has 1 to max_length characters, one of them visible.';
