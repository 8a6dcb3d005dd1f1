-- Errors are an interface: one list in C, which SQL raises from by name.

CREATE FUNCTION support_case.error_codes()
RETURNS TABLE (sqlstate text, condition_name text, description text)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
ROWS 30
AS 'MODULE_PATHNAME', 'sc_error_codes';

COMMENT ON FUNCTION support_case.error_codes() IS
'Every error that support_case raises on purpose: its SQLSTATE (class SC, or PostgreSQL''s own code where one fits), its condition name, and when it occurs.';

CREATE FUNCTION support_case._raise(
    condition_name text,
    message text,
    detail text DEFAULT NULL,
    hint text DEFAULT NULL,
    schema_name text DEFAULT NULL,
    table_name text DEFAULT NULL,
    constraint_name text DEFAULT NULL)
RETURNS void
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_raise';

COMMENT ON FUNCTION support_case._raise(text, text, text, text, text, text, text) IS
'Raises an error of error_codes() by its condition name, with message, and where not null detail, hint and the names of schema, table and constraint. Errors: 42704 for a name that error_codes() does not list, 22004 for a null name or message.';
