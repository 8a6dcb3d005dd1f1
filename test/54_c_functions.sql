-- Everybody may call the extension's own functions, with whatever they like:
-- nulls, one or all, and rows of nulls raise an error or give a result, and
-- never take the server down.
BEGIN;
SET LOCAL timezone = 'UTC';

-- A value of a type that says as little as possible.
CREATE FUNCTION pg_temp.sample(of_type regtype)
RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT CASE
        WHEN t.typtype = 'c' THEN format('(jsonb_populate_record(NULL::%1$s, ''{}''))', of_type)
        WHEN t.typcategory = 'A' THEN format('''{}''::%s', of_type)
        ELSE coalesce((SELECT format('%s::%s', s.value, of_type)
            FROM (VALUES
                ('bigint', '1'), ('integer', '1'), ('smallint', '1'), ('numeric', '1'), ('double precision', '1'), ('boolean', 'true'),
                ('text', '''x'''), ('date', '''2026-01-05'''), ('timestamptz', '''2026-01-05'''),
                ('timestamp', '''2026-01-05'''), ('interval', '''1 hour'''), ('time', '''09:00'''), ('jsonb', '''{}'''), ('bytea', '''\x00'''),
                ('oid', '0'), ('name', '''x'''), ('support_case.term', '''1 day'''),
                ('support_case.amount', '''1.00 USD'''), ('support_case.business_calendar', '''UTC; Mo-Fr'''),
                ('tstzrange', '''empty'''), ('tstzmultirange', '''{}'''), ('regclass', '0'), ('"char"', '''x'''))
                AS s (type, value)
            WHERE s.type::regtype = of_type), 'NULL')
    END
    FROM pg_type AS t
    WHERE t.oid = of_type
$$;

-- Every function that a query can call, with all of its arguments null or a
-- sample (number 0), or one of them null, or all (number -1).
CREATE TEMPORARY TABLE call AS
SELECT f.oid::regprocedure AS function, n.number,
    format('SELECT support_case.%I(%s)', f.proname,
        (SELECT string_agg(CASE WHEN n.number = -1 OR n.number = a.position THEN format('NULL::%s', a.type)
                ELSE pg_temp.sample(a.type) END, ', ' ORDER BY a.position)
            FROM (SELECT u.position, CASE u.type::regtype::text WHEN 'record' THEN 'support_case.support_case'::regtype
                    WHEN 'anyelement' THEN 'text'::regtype ELSE u.type::regtype END AS type
                FROM unnest(f.proargtypes::oid[]) WITH ORDINALITY AS u (type, position)) AS a)) AS text
FROM pg_proc AS f
CROSS JOIN LATERAL generate_series(-1, f.pronargs) AS n (number)
WHERE f.pronamespace = 'support_case'::regnamespace AND f.prolang = (SELECT l.oid FROM pg_language AS l WHERE l.lanname = 'c')
    AND f.prokind = 'f' AND f.prorettype <> 'trigger'::regtype
    AND NOT f.proargtypes::oid[] && ARRAY['internal', 'cstring']::regtype[]::oid[];

CREATE FUNCTION pg_temp.outcome(command text)
RETURNS text
LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE command;
    RETURN 'result';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END
$$;

CREATE TEMPORARY TABLE ended AS
SELECT c.function, c.number, c.text, pg_temp.outcome(c.text) AS outcome FROM call AS c;

SELECT plan(8);

SELECT cmp_ok((SELECT count(DISTINCT function) FROM ended), '>', 90::bigint, 'every function in C was called');
SELECT is((SELECT count(*) FROM ended), (SELECT count(*) FROM call), 'and came back');
SELECT is((SELECT string_agg(text, E'\n') FROM (SELECT text FROM ended WHERE outcome IN ('XX000', '42883', '42601', '42846', '42804', '22P02')
        ORDER BY text LIMIT 5) AS e), NULL,
    'with a result or an error of its own, none of which is internal');
SELECT set_has($$SELECT function::text FROM ended WHERE number = -1 AND outcome = '22004'$$,
    $$VALUES ('support_case._require(anyelement,text)'), ('support_case._check_text(text,text,integer)')$$,
    'what checks for nulls finds them');

SELECT is(support_case._check_text('äöü', 'note', 3), 'äöü', 'a length is one of characters, and may be reached');
SELECT throws_ok($$SELECT support_case._check_text('äöüx', 'note', 3)$$, '22023',
    'argument "note" must have 1 to 3 characters', 'and not exceeded: the message names the argument');
SELECT is(support_case._iso_instant(at), expected, 'instants without end: ' || expected)
FROM (VALUES ('infinity'::timestamptz, 'infinity'), ('-infinity', '-infinity')) AS v (at, expected);

SELECT * FROM finish();
ROLLBACK;
