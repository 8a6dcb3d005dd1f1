-- plpgsql_check finds nothing in any PL/pgSQL function of schema support_case:
-- no error, no warning, no injectable EXECUTE.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION plpgsql_check;

-- What the functions call of pg_cron, which need not be there.
CREATE SCHEMA cron;
CREATE TABLE cron.job (jobid bigint, schedule text, command text, nodename text, nodeport integer, database text,
    username text, active boolean, jobname name);
CREATE TABLE cron.job_run_details (jobid bigint, runid bigint, command text, database text, username text, status text,
    return_message text, start_time timestamptz, end_time timestamptz);
CREATE FUNCTION cron.schedule(job_name text, schedule text, command text) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
CREATE FUNCTION cron.unschedule(job_id bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true';

-- Trigger functions are checked with every table that they serve.
CREATE TEMPORARY VIEW finding (function, line, level, message) AS
SELECT proc.oid::regprocedure::text || coalesce(' on ' || tgrelid::regclass, ''), lineno, level,
    concat_ws('. ', message, detail, hint)
FROM pg_proc proc
    JOIN pg_language language ON language.oid = prolang AND lanname = 'plpgsql'
    LEFT JOIN pg_trigger ON tgfoid = proc.oid
    CROSS JOIN LATERAL plpgsql_check_function_tb(
        funcoid => proc.oid, relid => coalesce(tgrelid, 0), fatal_errors => false, security_warnings => true,
        oldtable => tgoldtable, newtable => tgnewtable)
WHERE pronamespace = 'support_case'::regnamespace
    AND (prorettype <> 'trigger'::regtype OR tgrelid IS NOT NULL);

CREATE FUNCTION pg_temp.planted_defects()
RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
    found text[];
BEGIN
    CREATE TABLE support_case.lint_table (a integer);
    CREATE FUNCTION support_case.lint_error() RETURNS integer LANGUAGE plpgsql AS
        'BEGIN RETURN (SELECT no_such_column FROM support_case.lint_table); END';
    CREATE FUNCTION support_case.lint_unused() RETURNS void LANGUAGE plpgsql AS
        'DECLARE unused integer; BEGIN END';
    CREATE FUNCTION support_case.lint_injection(a text) RETURNS void LANGUAGE plpgsql AS
        'BEGIN EXECUTE ''SELECT '' || a; END';
    CREATE FUNCTION support_case.lint_trigger() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN NEW.no_such_column := 1; RETURN NEW; END';
    CREATE TRIGGER lint_trigger BEFORE INSERT ON support_case.lint_table
        FOR EACH ROW EXECUTE FUNCTION support_case.lint_trigger();

    found := ARRAY (
        SELECT DISTINCT regexp_replace(function, '\(.*', '')
        FROM finding WHERE function LIKE 'support_case.lint\_%');
    RAISE EXCEPTION USING ERRCODE = 'P0001', MESSAGE = 'undo';
EXCEPTION WHEN raise_exception THEN
    RETURN QUERY SELECT unnest(found);
END
$$;

SELECT plan(2);

SELECT set_eq('SELECT pg_temp.planted_defects()',
    ARRAY['support_case.lint_error', 'support_case.lint_unused',
        'support_case.lint_injection', 'support_case.lint_trigger'],
    'planted errors, warnings and injections are found');

-- These execute the scripts that the extension itself ships.
SELECT is_empty($$
    SELECT * FROM finding
    WHERE NOT (level = 'security'
            AND function IN ('support_case.migrate()', 'support_case._run_api_scripts()',
                -- The columns are quoted names from the catalogue.
                'support_case.create_policy(jsonb,timestamp with time zone,text)'))
        -- PostgreSQL labels pg_control_system() volatile, though a cluster's
        -- identifier does not change.
        AND NOT (function IN ('support_case._health_of_schedule()', 'support_case.health()')
            AND message LIKE 'routine is marked as STABLE, but expression is VOLATILE%')
    $$, 'plpgsql_check finds nothing');

SELECT * FROM finish();
ROLLBACK;
