-- One history, swept on time, late, twice or never: the same rows, whatever
-- the session's TimeZone (principle 4; AMB-120 to AMB-122, T-12 to T-44).
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(111);

\ir data/case_history.sql

CREATE TABLE history.seen (
    variant text,
    days integer,
    relation text,
    content jsonb,
    PRIMARY KEY (variant, days, relation)
);

-- How much no sweep has written yet.
CREATE VIEW history.waiting AS
SELECT count(*) AS cases FROM support_case.support_case
WHERE due_at <= support_case.clock() AND stalled_code IS NULL;

-- Plays the history to day 24 and on to day 80, notes what is to be seen on
-- both days, and takes all of it back.
CREATE FUNCTION history.play_variant(variant text, timezone text)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    seen history.seen[] := '{}';
    stops integer[] := ARRAY[-1000, 24, 80];
BEGIN
    BEGIN
        PERFORM setval('support_case.case_id_seq', 1, false),
            setval('support_case.conversation_id_seq', 1, false);
        FOR i IN 2 .. 3 LOOP
            PERFORM set_config('TimeZone', timezone, true);
            PERFORM history.play(variant = 'on time', history.at(stops[i - 1]), history.at(stops[i]));
            -- Nobody else does it within this transaction.
            ANALYZE;
            FOR sweeps IN 1 .. CASE variant WHEN 'late' THEN 1 WHEN 'twice' THEN 2 ELSE 0 END LOOP
                PERFORM support_case.sweep();
            END LOOP;
            PERFORM set_config('TimeZone', 'UTC', true);
            seen := seen || ARRAY(SELECT ROW(variant, stops[i], l.relation, l.content)::history.seen
                FROM history.look(history.views() || history.tables()
                    || ARRAY['history.waiting', 'support_case.verify()']) AS l);
        END LOOP;
        RAISE EXCEPTION 'enough' USING ERRCODE = 'HI001';
    EXCEPTION WHEN SQLSTATE 'HI001' THEN
        NULL;
    END;
    INSERT INTO history.seen SELECT s.* FROM unnest(seen) AS s;
END
$$;

-- The first rows that only one of two variants has.
CREATE FUNCTION history.difference(one text, other text, at_days integer, of_relation text)
RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
    a jsonb := (SELECT content FROM history.seen WHERE variant = one AND days = at_days AND relation = of_relation);
    b jsonb := (SELECT content FROM history.seen WHERE variant = other AND days = at_days AND relation = of_relation);
BEGIN
    IF a = b THEN
        RETURN;
    END IF;
    RETURN QUERY
    (SELECT one || ' only: ' || d::text
        FROM (SELECT jsonb_array_elements(a) EXCEPT ALL SELECT jsonb_array_elements(b)) AS d LIMIT 2)
    UNION ALL
    (SELECT other || ' only: ' || d::text
        FROM (SELECT jsonb_array_elements(b) EXCEPT ALL SELECT jsonb_array_elements(a)) AS d LIMIT 2);
END
$$;

SELECT history.play_variant('on time', 'UTC');
SELECT history.play_variant('late', 'Asia/Tokyo');
SELECT history.play_variant('twice', 'America/New_York');
SELECT history.play_variant('never', 'Europe/Paris');

-- The history is worth its time.
CREATE VIEW history.event AS
SELECT s.variant, s.days, e.*
FROM history.seen AS s, jsonb_to_recordset(s.content) AS e (transition text, action text, status text,
    resolution text)
WHERE s.relation = 'support_case.case_timeline';

SELECT cmp_ok(jsonb_array_length(content), '>', 300, 'there are some hundreds of cases')
FROM history.seen WHERE variant = 'never' AND days = 80 AND relation = 'support_case.case_current';
SELECT is_empty($$
    SELECT m.transition, m.condition FROM support_case.state_machine() AS m
    WHERE m.machine = 'case' AND m.action = 'expire_deadline' AND m.transition <> 'T-36'
        AND NOT EXISTS (SELECT FROM history.event AS e
            WHERE e.variant = 'on time' AND e.transition = m.transition AND e.action = m.action
                AND e.status = m.to_status AND e.resolution IS NOT DISTINCT FROM m.resolution)
    $$, 'every expiry of the state machine occurs, but for late requests');
SELECT cmp_ok(count(*), '>', 3::bigint, 'refunds meet an exhausted cap (AMB-122)')
FROM history.event WHERE variant = 'on time' AND days = 80 AND action = 'refund_clamped';
SELECT cmp_ok(count(*), '>', 50::bigint, 'commands come when it is too late for them')
FROM history.seen AS s, jsonb_to_recordset(s.content) AS o (outcome text)
WHERE s.variant = 'on time' AND s.days = 80 AND s.relation = 'history.outcome' AND o.outcome LIKE 'SC%';
SELECT is_empty($$
    SELECT o.outcome FROM history.seen AS s, jsonb_to_recordset(s.content) AS o (outcome text)
    WHERE s.relation = 'history.outcome' AND o.outcome !~ '^(done|SC|22004)' LIMIT 3
    $$, 'and no command fails in a way that has nothing to do with the case');
SELECT cmp_ok((content -> 0 ->> 'cases')::integer,
        CASE WHEN variant = 'never' THEN '>' ELSE '=' END, CASE WHEN variant = 'never' THEN 50 ELSE 0 END,
        format('day %s, swept %s: as many deadlines wait as are to', days, variant))
FROM history.seen WHERE relation = 'history.waiting' ORDER BY days, variant;

-- The same rows.
SELECT is_empty(format('SELECT * FROM history.difference(%L, %L, %s, %L)', 'on time', variant, days, relation),
    format('day %s, swept %s: %s is as if swept on time', days, variant, relation))
FROM unnest(ARRAY[24, 80]) AS days, unnest(ARRAY['late', 'twice', 'never']) AS variant,
    unnest(history.views()) AS relation;
SELECT is_empty(format('SELECT * FROM history.difference(%L, %L, %s, %L)', 'on time', variant, days, relation),
    format('day %s, swept %s: %s is as if swept on time', days, variant, relation))
FROM unnest(ARRAY[24, 80]) AS days, unnest(ARRAY['late', 'twice']) AS variant,
    unnest(history.tables()) AS relation;
SELECT is(content, '[]', format('day %s, swept %s: all invariants hold', days, variant))
FROM history.seen WHERE relation = 'support_case.verify()' ORDER BY days, variant;

SELECT * FROM finish();
ROLLBACK;
