-- The guard behind the commands: a change of status that no transition allows
-- is SC005, whoever makes it (requirements 6, principle 5).
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-12T10:00:00-05:00');

---------- every pair of states, on a table with the same trigger ----------

CREATE TEMPORARY TABLE machine_state AS
SELECT DISTINCT s.machine, u.status, u.resolution
FROM support_case.state_machine() AS s
CROSS JOIN LATERAL (VALUES (s.from_status, NULL), (s.to_status, s.resolution)) AS u (status, resolution)
WHERE u.status IS NOT NULL AND (u.status = 'closed') = (u.resolution IS NOT NULL);

-- What the table allows: some row leads there, or nothing changes.
CREATE FUNCTION pg_temp.allowed(of_machine text, a machine_state, b machine_state)
RETURNS boolean
LANGUAGE sql
AS $$
    SELECT (a.status = b.status AND a.resolution IS NOT DISTINCT FROM b.resolution)
        OR EXISTS (SELECT FROM support_case.state_machine() AS s
            WHERE s.machine = of_machine AND s.from_status = a.status AND s.to_status = b.status
                AND s.resolution IS NOT DISTINCT FROM b.resolution
                AND NOT (s.from_status = 'closed' AND s.to_status = 'closed'))
$$;

CREATE FUNCTION pg_temp.try_all(of_machine text)
RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
    a machine_state;
    b machine_state;
    found_sqlstate text;
    wanted text;
    wrong text[] := '{}';
    counts integer[] := '{0,0}';
BEGIN
    CREATE TEMPORARY TABLE thing (status text, resolution text, note text);
    EXECUTE format('CREATE TRIGGER legal BEFORE UPDATE ON thing FOR EACH ROW '
        'EXECUTE FUNCTION support_case.guard_transition(%L)', of_machine);
    FOR a IN SELECT * FROM machine_state WHERE machine = of_machine LOOP
        FOR b IN SELECT * FROM machine_state WHERE machine = of_machine LOOP
            TRUNCATE thing;
            INSERT INTO thing VALUES (a.status, a.resolution);
            wanted := CASE WHEN pg_temp.allowed(of_machine, a, b) THEN 'none' ELSE 'SC005' END;
            found_sqlstate := 'none';
            BEGIN
                UPDATE thing SET status = b.status, resolution = b.resolution;
            EXCEPTION WHEN OTHERS THEN
                found_sqlstate := SQLSTATE;
            END;
            counts := CASE wanted WHEN 'none' THEN ARRAY[counts[1] + 1, counts[2]] ELSE ARRAY[counts[1], counts[2] + 1] END;
            IF found_sqlstate <> wanted THEN
                wrong := wrong || format('%s to %s: %s, wanted %s', a, b, found_sqlstate, wanted);
            END IF;
        END LOOP;
    END LOOP;
    RETURN NEXT is(array_to_string(wrong, E'\n'), '',
        format('machine %s: %s changes pass, %s raise SC005', of_machine, counts[1], counts[2]));
    RETURN NEXT ok(counts[1] > 1 AND counts[2] > 1, of_machine || ': there are both');
    DROP TABLE thing;
END
$$;
SELECT pg_temp.try_all(m) FROM unnest(ARRAY['case', 'refund_instruction']) AS m;

---------- on the tables, by whoever may write to them ----------

SELECT pg_temp.case_after('damaged_in_transit', 'offer_full_refund(1, $1)') AS closed \gset
SELECT pg_temp.new_case() AS id \gset
CREATE FUNCTION pg_temp.tries(statement text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    message text;
    detail text;
    hint text;
BEGIN
    EXECUTE statement;
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws('; ', SQLSTATE, message, detail);
END
$$;
GRANT USAGE ON SCHEMA support_case TO PUBLIC;
SELECT pg_temp.contents() AS before \gset
CREATE TEMPORARY VIEW attempt AS
SELECT * FROM (VALUES
    ('UPDATE support_case.support_case SET status = ''return_inspection'' WHERE case_id = ' || :id,
        'SC005; change of status is not a transition of machine "case"; No arc leads from awaiting_seller to return_inspection.'),
    ('UPDATE support_case.support_case SET status = ''closed'', resolution = ''platform_refund'', deadline = NULL, due_at = NULL WHERE case_id = ' || :id,
        'SC005; change of status is not a transition of machine "case"; No arc leads from awaiting_seller to closed with resolution platform_refund.'),
    ('UPDATE support_case.support_case SET status = ''nonsense'' WHERE case_id = ' || :id,
        'SC005; change of status is not a transition of machine "case"; No arc leads from awaiting_seller to nonsense.'),
    ('UPDATE support_case.support_case SET resolution = ''withdrawn'' WHERE case_id = ' || :closed,
        'SC005; change of status is not a transition of machine "case"; No arc leads from closed to closed with resolution withdrawn.'),
    ('UPDATE support_case.support_case SET status = ''escalated'', resolution = NULL, deadline = ''seller_response'' WHERE case_id = ' || :id,
        'none'),
    ('UPDATE support_case.support_case SET description = ''x'' WHERE case_id = ' || :id, 'none')
) AS v (statement, outcome);
GRANT SELECT ON attempt TO PUBLIC;
SELECT is(pg_temp.tries(statement), outcome, 'superuser: ' || statement) FROM attempt WHERE outcome <> 'none';
SELECT is(pg_temp.contents(), :'before', 'nothing was written');
SET LOCAL ROLE support_case_owner;
SELECT set_config('test.outcome', string_agg(pg_temp.tries(statement), '|' ORDER BY statement), true) FROM attempt
WHERE outcome <> 'none';
RESET ROLE;
SELECT is(current_setting('test.outcome'), string_agg(outcome, '|' ORDER BY statement), 'the owner of the tables is refused alike')
FROM attempt WHERE outcome <> 'none';
SELECT is(pg_temp.tries(statement), outcome, 'superuser: ' || statement) FROM attempt WHERE outcome = 'none';

SELECT is(pg_temp.tries(format('UPDATE support_case.refund_instruction SET status = %L', status)), outcome,
    'refund_instruction to ' || status)
FROM (VALUES ('failed', 'none'), ('settled', 'none'),
    ('instructed', 'SC005; change of status is not a transition of machine "refund_instruction"; No arc leads from settled to instructed.'),
    ('failed', 'SC005; change of status is not a transition of machine "refund_instruction"; No arc leads from settled to failed.'))
    AS v (status, outcome);

---------- a closed case has no timer, an open one has no resolution ----------

SELECT matches(pg_temp.tries(statement), '^23514', statement)
FROM unnest(ARRAY[
    'UPDATE support_case.support_case SET deadline = ''seller_response'', due_at = now() WHERE case_id = ' || :closed,
    'UPDATE support_case.support_case SET deadline = NULL WHERE case_id = ' || :id,
    'UPDATE support_case.support_case SET deadline = ''soon'' WHERE case_id = ' || :id]) AS statement;

SELECT * FROM finish();
ROLLBACK;
