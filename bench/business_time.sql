-- Measures the business-time functions against their peers in one run.
-- psql variable rows: how many random instants (default 200000).
-- Each figure is the fastest of fifteen, in turns with its peer's, less an
-- equally measured scan; ratios are what counts, nanoseconds are the machine's.

\set ON_ERROR_STOP on
\if :{?rows}
\else
\set rows 200000
\endif
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS support_case;
SET timezone = 'America/Los_Angeles';
SET max_parallel_workers_per_gather = 0;
SET jit = off;
SET work_mem = '256MB';
SELECT setseed(0.42) \g /dev/null
CREATE SCHEMA bench;

CREATE TABLE bench.instant AS
SELECT
    '2024-01-01'::timestamptz + random() * interval '1000 days' AS t,
    ''::text AS pad
FROM generate_series(1, :rows);

-- The calendar as a column, one calendar a row: 154 holidays, 0.7 kB.
CREATE FUNCTION bench.holidays(number integer, every integer)
RETURNS date[]
LANGUAGE sql IMMUTABLE
AS $$SELECT array_agg('2023-01-02'::date + i * every) FROM generate_series(0, number - 1) AS i$$;

SELECT
    'America/Los_Angeles; Mo-Fr' AS plain,
    'America/Los_Angeles; Mo-Fr 09:00-17:30' AS office,
    support_case.with_holidays('America/Los_Angeles; Mo-Fr', bench.holidays(154, 23)) AS holidays,
    support_case.with_holidays('America/Los_Angeles; Mo-Fr', bench.holidays(1000, 4)) AS thousand \gset
CREATE TABLE bench.instant_calendar AS
SELECT t, :'holidays'::support_case.business_calendar AS calendar FROM bench.instant;
ANALYZE bench.instant;
ANALYZE bench.instant_calendar;

-- A peer as people write it: PL/pgSQL that goes from day to day and asks
-- tables for opening hours and holidays.
CREATE TABLE bench.opening (weekday integer, opens interval, closes interval, PRIMARY KEY (weekday, opens));
INSERT INTO bench.opening SELECT day, '00:00', '24:00' FROM generate_series(1, 5) AS day;
CREATE TABLE bench.holiday (day date PRIMARY KEY);
INSERT INTO bench.holiday SELECT unnest(bench.holidays(154, 23));
ANALYZE bench.opening;
ANALYZE bench.holiday;

CREATE FUNCTION bench.day_loop(at timestamptz, hours integer)
RETURNS timestamptz
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
<<day_loop>>
DECLARE
    remaining interval := make_interval(hours => hours);
    local timestamp := at AT TIME ZONE 'America/Los_Angeles';
    day timestamp := date_trunc('day', local);
    opening record;
    opens timestamp;
BEGIN
    LOOP
        IF NOT EXISTS (SELECT FROM bench.holiday AS h WHERE h.day = day_loop.day::date) THEN
            FOR opening IN
                SELECT o.opens, o.closes FROM bench.opening AS o
                WHERE o.weekday = extract(isodow FROM day)
                ORDER BY o.opens
            LOOP
                opens := greatest(local, day + opening.opens);
                CONTINUE WHEN day + opening.closes <= opens;
                IF day + opening.closes - opens >= remaining THEN
                    RETURN (opens + remaining) AT TIME ZONE 'America/Los_Angeles';
                END IF;
                remaining := remaining - (day + opening.closes - opens);
            END LOOP;
        END IF;
        day := day + interval '1 day';
    END LOOP;
END
$$;

-- The other peer: a table of open days with a running sum of open time.
CREATE TABLE bench.open_day AS
SELECT day AT TIME ZONE 'America/Los_Angeles' AS opens, sum(24) OVER (ORDER BY day) - 24 AS before
FROM generate_series('2023-12-01'::timestamp, '2028-01-01', '1 day') AS day
WHERE extract(isodow FROM day) < 6;
ALTER TABLE bench.open_day ADD COLUMN before_interval interval;
UPDATE bench.open_day SET before_interval = make_interval(hours => before::integer);
CREATE UNIQUE INDEX ON bench.open_day (opens);
CREATE UNIQUE INDEX ON bench.open_day (before_interval);
VACUUM ANALYZE bench.open_day;

CREATE FUNCTION bench.set_sql(at timestamptz)
RETURNS timestamptz
LANGUAGE sql STABLE
AS $$
SELECT d.opens + (s.target - d.before_interval)
FROM (
    SELECT o.before_interval + least(at - o.opens, interval '24 hours') + interval '48 hours' AS target
    FROM bench.open_day AS o
    WHERE o.opens <= at
    ORDER BY o.opens DESC
    LIMIT 1
) AS s
CROSS JOIN LATERAL (
    SELECT p.opens, p.before_interval
    FROM bench.open_day AS p
    WHERE p.before_interval < s.target
    ORDER BY p.before_interval DESC
    LIMIT 1
) AS d
$$;

CREATE TABLE bench.item (
    number integer PRIMARY KEY, item text, ours text, peer text, relation text, share numeric,
    target numeric, at_least boolean, ours_ns numeric, peer_ns numeric
);

CREATE FUNCTION bench.seconds(expression text, relation text, share numeric)
RETURNS numeric
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    start timestamptz := clock_timestamp();
BEGIN
    EXECUTE format(
        'SELECT count(%s) FROM (SELECT * FROM bench.%I LIMIT %s) AS x',
        expression, relation, ceil(share * (SELECT count(*) FROM bench.instant))
    );
    RETURN extract(epoch FROM clock_timestamp() - start);
END
$$;

CREATE FUNCTION bench.measure(item bench.item)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    rows numeric := (SELECT count(*) FROM bench.instant);
    scan numeric := 'Infinity';
    ours_best numeric := 'Infinity';
    peer_best numeric := 'Infinity';
BEGIN
    FOR turn IN 1 .. 15 LOOP
        scan := least(scan, bench.seconds('t', item.relation, 1));
        ours_best := least(ours_best, bench.seconds(item.ours, item.relation, 1));
        -- a slow peer sees a share of the rows, and the scan disappears in it
        IF item.share = 1 OR turn <= 3 THEN
            peer_best := least(peer_best, bench.seconds(item.peer, item.relation, item.share) / item.share);
        END IF;
    END LOOP;
    UPDATE bench.item AS i
    SET
        ours_ns = greatest(ours_best - scan, 0) / rows * 1e9,
        peer_ns = greatest(peer_best - scan, 0) / rows * 1e9
    WHERE i.number = item.number;
END
$$;

SELECT
    format('support_case.business_add(t, %L, %L)', '48bh', :'plain') AS add_48,
    format('support_case.business_add(t, %L, %L)', '48bh', :'holidays') AS add_holidays,
    format('support_case.business_add(t, %L, %L)', '48bh', :'thousand') AS add_thousand,
    format('support_case.business_add(t, %L, %L)', '2bd', :'plain') AS add_days,
    format('support_case.business_add(t, %L, %L)', '40bh', :'office') AS add_40,
    format('support_case.business_add(t, %L, %L)', '5000bh', :'office') AS add_5000,
    format('support_case.business_between(t, t + interval %L, %L)', '720 hours', :'plain') AS between_30,
    format('support_case.is_open(t, %L)', :'plain') AS is_open,
    format('support_case.next_open(t, %L)', :'plain') AS next_open,
    format('num_nulls(t, %L::support_case.term, %L::support_case.business_calendar)', '48bh', :'plain') AS no_op,
    't + interval ''2 days''' AS two_days \gset

INSERT INTO bench.item (number, item, ours, peer, relation, share, target, at_least)
VALUES
(1, '48 bh : + ''2 days''', :'add_48', :'two_days', 'instant', 1, 1.0, false),
(2, '48 bh, 154 holidays : + ''2 days''', :'add_holidays', :'two_days', 'instant', 1, 1.0, false),
(3, '2 bd : + ''2 days''', :'add_days', :'two_days', 'instant', 1, 1.5, false),
(4, '5000 bh : 40 bh, 09:00-17:30', :'add_5000', :'add_40', 'instant', 1, 1.3, false),
(5, '1000 exceptions : none', :'add_thousand', :'add_48', 'instant', 1, 2.0, false),
(6, 'between, 30 days : + ''2 days''', :'between_30', :'two_days', 'instant', 1, 1.5, false),
(7, 'is_open : + ''2 days''', :'is_open', :'two_days', 'instant', 1, 0.8, false),
(8, 'next_open : + ''2 days''', :'next_open', :'two_days', 'instant', 1, 0.8, false),
(9, 'calendar column : constant', 'support_case.business_add(t, ''48bh'', calendar)', :'add_holidays', 'instant_calendar', 1, 2.0, false),
(10, '48 bh, times faster than a PL/pgSQL day loop', :'add_holidays', 'bench.day_loop(t, 48)', 'instant', 0.1, 300, true),
(11, '48 bh, times faster than prefix-sum SQL', :'add_48', 'bench.set_sql(t)', 'instant', 0.1, 50, true);

-- Each peer gives what we give, or the comparison means nothing.
DO $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT t, calendar FROM bench.instant_calendar LIMIT 2000) AS x
        WHERE bench.set_sql(t) <> support_case.business_add(t, '48bh', 'America/Los_Angeles; Mo-Fr')
           OR bench.day_loop(t, 48) <> support_case.business_add(t, '48bh', calendar)
    ) THEN
        RAISE EXCEPTION 'a peer gives other results';
    END IF;
END
$$;
SELECT bench.measure(i) FROM bench.item AS i ORDER BY number \g /dev/null

-- A warm statement, parsed and planned anew, beside one that does nothing
-- with the same arguments.
CREATE FUNCTION bench.statements(expression text)
RETURNS numeric
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    start timestamptz := clock_timestamp();
BEGIN
    FOR i IN 1 .. 1000 LOOP
        EXECUTE format('SELECT %s FROM (VALUES ($1)) AS v (t)', expression) USING '2026-01-09 16:00-05'::timestamptz;
    END LOOP;
    RETURN extract(epoch FROM clock_timestamp() - start) / 1000 * 1e9;
END
$$;
INSERT INTO bench.item (number, item, share, target, at_least, ours_ns, peer_ns)
SELECT 12, 'warm statement : no-op', 1, 1.2, false, min(bench.statements(:'add_48')), min(bench.statements(:'no_op'))
FROM generate_series(1, 25);

\pset footer off
SELECT
    item,
    round(ours_ns) AS "ours ns",
    round(peer_ns) AS "peer ns",
    round(ratio, 2) AS ratio,
    CASE WHEN at_least THEN '>= ' ELSE '<= ' END || target AS target,
    CASE WHEN CASE WHEN at_least THEN ratio >= target ELSE ratio <= target END THEN 'yes' ELSE 'no' END AS met
FROM bench.item
CROSS JOIN LATERAL (
    SELECT CASE WHEN at_least THEN peer_ns / nullif(ours_ns, 0) ELSE ours_ns / nullif(peer_ns, 0) END AS ratio
) AS r
ORDER BY number;

DROP SCHEMA bench CASCADE;
