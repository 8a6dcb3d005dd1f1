-- The injectable clock: no view and no command asks PostgreSQL's own.

CREATE FUNCTION support_case.clock()
RETURNS timestamptz
LANGUAGE c STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_clock';

COMMENT ON FUNCTION support_case.clock() IS
'The instant that views show: the setting support_case.now when a superuser has set it, else the start of the statement.';

CREATE FUNCTION support_case._instant()
RETURNS timestamptz
LANGUAGE c VOLATILE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_instant';

COMMENT ON FUNCTION support_case._instant() IS
'The present instant: the setting support_case.now when a superuser has set it, else the wall clock. A command asks it once, after it holds its locks (AMB-120).';
