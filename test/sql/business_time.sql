-- Business-time functions: the worked examples, boundaries, limits, errors
-- (W-07, W-33, W-41, W-52, AMB-01 to AMB-06, X-01 to X-07, X-10, X-11, X-13).
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS support_case;
RESET client_min_messages;
SET search_path = support_case, pg_catalog;
SET timezone = 'America/New_York';
SET datestyle = 'ISO';
BEGIN;

-- fails(statement): what it raises, whole.
CREATE FUNCTION pg_temp.fails(statement text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    message text;
    detail text;
    hint text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, message, nullif(detail, ''), nullif(hint, ''));
END
$$;

-- the worked examples
SELECT
    example, to_char(at, 'Dy YYYY-MM-DD HH24:MI') AS at, term, to_char(result, 'Dy YYYY-MM-DD HH24:MI OF') AS result,
    result = expected AS as_expected
FROM (
    SELECT *, business_add(at, term, ('America/New_York; ' || rules)::business_calendar) AS result
    FROM (
        VALUES
        ('X-01', '2026-01-09 16:00'::timestamptz, '48 bh'::term, 'Mo-Fr', '2026-01-13 16:00-05'::timestamptz),
        ('X-01 in business days', '2026-01-09 16:00', '2 bd', 'Mo-Fr', '2026-01-13 16:00-05'),
        ('X-02, AMB-06', '2026-01-10 10:00', '48 bh', 'Mo-Fr', '2026-01-14 00:00-05'),
        ('X-02 in business days', '2026-01-10 10:00', '2 bd', 'Mo-Fr', '2026-01-14 00:00-05'),
        ('X-03', '2026-01-07 09:00', '5 bd', 'Mo-Fr', '2026-01-14 09:00-05'),
        ('X-04', '2026-01-15 11:30', '48 bh', 'Mo-Fr', '2026-01-19 11:30-05'),
        ('X-04 with holiday, AMB-04', '2026-01-15 11:30', '48 bh', 'Mo-Fr; 2026-01-19 off', '2026-01-20 11:30-05'),
        ('X-05', '2026-01-09 16:00', '48 bh', 'Mo-Fr 09:00-17:00', '2026-01-19 16:00-05'),
        ('X-06', '2026-03-06 16:00', '48 bh', 'Mo-Fr', '2026-03-10 16:00-04'),
        ('X-07', '2026-03-07 12:00', '48 bh', '24/7', '2026-03-09 13:00-04'),
        ('X-07 in hours', '2026-03-07 12:00', '48 hours', '24/7', '2026-03-09 13:00-04'),
        ('X-08 from', '2026-01-20', '3 days', 'Mo-Fr', '2026-01-23 00:00-05'),
        ('X-08 until', '2026-01-20', '90 days', 'Mo-Fr', '2026-04-20 00:00-04'),
        ('X-09 from', '2026-01-05', '30 days', 'Mo-Fr', '2026-02-04 00:00-05'),
        ('X-09 until', '2026-03-15', '90 days', 'Mo-Fr', '2026-06-13 00:00-04'),
        ('X-10', '2026-01-09 16:00', '72 hours', 'Mo-Fr', '2026-01-12 16:00-05'),
        ('X-11', '2026-03-06 16:00', '72 hours', 'Mo-Fr', '2026-03-09 17:00-04'),
        ('X-13, AMB-05', '2026-01-05', '14 days', 'Mo-Fr', '2026-01-19 00:00-05')
    ) AS v (example, at, term, rules, expected)
) AS e;

-- the closing rule, both directions, and business days of closed starts (AMB-02)
SELECT label, to_char(result, 'Dy YYYY-MM-DD HH24:MI:SS.US') AS result
FROM (
    SELECT label, business_add(at, term, ('America/New_York; ' || rules)::business_calendar) AS result
    FROM (
        VALUES
        ('ends with the day: closing', '2026-01-05 09:00'::timestamptz, '8 bh'::term, 'Mo-Fr 09:00-17:00'),
        ('18 microseconds more: after the next opening', '2026-01-05 09:00', '8.000000005 bh', 'Mo-Fr 09:00-17:00'),
        ('ends with the week: Friday 24:00', '2026-01-09 00:00', '24 bh', 'Mo-Fr'),
        ('back to the opening', '2026-01-05 17:00', '-8 bh', 'Mo-Fr 09:00-17:00'),
        ('18 microseconds more back: before the closing', '2026-01-05 17:00', '-8.000000005 bh', 'Mo-Fr 09:00-17:00'),
        ('from closed time back', '2026-01-10 10:00', '-1 bh', 'Mo-Fr 09:00-17:00'),
        ('zero stays in closed time', '2026-01-10 10:00', '0 bh', 'Mo-Fr'),
        ('zero days stay as well', '2026-01-10 10:00', '0 bd', 'Mo-Fr'),
        ('Saturday + 5 bd', '2026-01-10 10:00', '5 bd', 'Mo-Fr'),
        ('Saturday + 1 bd, office', '2026-01-10 10:00', '1 bd', 'Mo-Fr 09:00-17:00'),
        ('Saturday - 1 bd, office', '2026-01-10 10:00', '-1 bd', 'Mo-Fr 09:00-17:00'),
        ('opening + 1 bd, office', '2026-01-05 09:00', '1 bd', 'Mo-Fr 09:00-17:00'),
        ('Thursday 16:00 + 1 bd, short Friday', '2026-01-08 16:00', '1 bd', 'Mo-Th 09:00-17:00; Fr 09:00-12:00'),
        ('lunch + 1 bd', '2026-01-05 12:45', '1 bd', 'Mo-Fr 09:00-12:30,13:30-17:30'),
        ('Monday 00:00 + 1 bd', '2026-01-05 00:00', '1 bd', 'Mo-Fr'),
        ('Monday 00:00 - 1 bd', '2026-01-05 00:00', '-1 bd', 'Mo-Fr'),
        ('into the gap: 02:30 + 1 day', '2026-03-07 02:30', '1 day', '24/7'),
        ('into the gap: 02:30 + 1 bd', '2026-03-07 02:30', '1 bd', '24/7'),
        ('into the overlap: 01:30 + 1 bd', '2026-10-31 01:30', '1 bd', '24/7'),
        ('from the first instant of summer time back', '2026-03-08 03:00', '-1 bd', '24/7'),
        ('90 business minutes', '2026-01-09 16:00', '90 bmin', 'Mo-Fr 09:00-17:00'),
        ('90 minutes', '2026-01-09 16:00', '90 min', 'Mo-Fr 09:00-17:00'),
        ('microseconds are kept', '2026-01-09 16:00:00.123456', '48 bh', 'Mo-Fr')
    ) AS v (label, at, term, rules)
) AS r;

-- next_open, next_close, is_open, end_of_business_day
SELECT
    to_char(at, 'Dy HH24:MI:SS.US') AS at, is_open(at, office) AS is_open, to_char(next_open(at, office), 'Dy HH24:MI:SS') AS next_open,
    to_char(next_close(at, office), 'Dy HH24:MI') AS next_close, to_char(end_of_business_day(at, office), 'Dy HH24:MI:SS.US') AS end_of_day
FROM (SELECT 'America/New_York; Mo-Fr 09:00-12:30,13:30-17:30; Sa 10:00-14:00'::business_calendar AS office) AS c
CROSS JOIN unnest(ARRAY[
    '2026-01-09 08:59:59.999999', '2026-01-09 09:00', '2026-01-09 12:29:59.999999', '2026-01-09 12:30', '2026-01-09 13:00',
    '2026-01-09 17:29:59.999999', '2026-01-09 17:30', '2026-01-09 23:00', '2026-01-10 00:00', '2026-01-10 15:00', '2026-01-11 12:00'
]::timestamptz[]) AS at;
SELECT
    to_char(at, 'Dy HH24:MI') AS at, to_char(next_close(at, days), 'Dy YYYY-MM-DD HH24:MI') AS next_close,
    to_char(end_of_business_day(at, days), 'Dy YYYY-MM-DD HH24:MI') AS end_of_day
FROM (SELECT 'America/New_York; Mo-Fr'::business_calendar AS days) AS c
CROSS JOIN unnest(ARRAY['2026-01-08 16:00', '2026-01-09 00:00', '2026-01-09 23:59', '2026-01-10 00:00', '2026-01-12 00:00']::timestamptz[]) AS at;

-- an open period over midnights, clock changes and years
SELECT
    next_close('2026-01-01', 'America/New_York; 24/7; 2030-12-25 off') AS years,
    next_close('2026-01-01', 'America/New_York; 24/7; 2026-06-01 00:00-24:00; 2026-07-04 10:00-24:00') AS open_dates_do_not_close,
    next_open('2026-07-04 01:00', 'America/New_York; off; 2150-07-04 10:00-24:00') AS far_ahead;
SELECT * FROM open_periods('2026-03-06 12:00', '2026-03-10 12:00', 'America/New_York; Mo-Fr 09:00-17:00; Su 01:00-04:00');
SELECT * FROM open_periods('2026-01-10 12:00', '2026-01-11 12:00', 'America/New_York; Mo-Fr');
SELECT * FROM open_periods('2026-01-05 12:00', '2026-01-05 12:00', 'America/New_York; Mo-Fr');
SELECT * FROM open_periods('2026-01-06 12:00', '2026-01-05 12:00', 'America/New_York; Mo-Fr');
SELECT * FROM open_periods('2026-01-06 12:00', '2030-01-05 12:00', 'America/New_York; 24/7');
SELECT count(*), min(lower(p)), max(upper(p)) FROM open_periods('1900-01-01', '2200-12-31', 'America/New_York; Mo-Fr 09:00-17:00') AS p;
SELECT sum(upper(p) - lower(p)) = business_between('2026-01-01', '2027-01-01', 'America/New_York; Mo-Fr 22:00-06:00')
FROM open_periods('2026-01-01', '2027-01-01', 'America/New_York; Mo-Fr 22:00-06:00') AS p;

-- business_between has no days field
SELECT
    business_between('2026-01-05', '2026-01-12', 'America/New_York; Mo-Fr') AS week,
    extract(day FROM business_between('2026-01-05', '2026-01-12', 'America/New_York; Mo-Fr')) AS days,
    business_between('2026-01-12', '2026-01-05', 'America/New_York; Mo-Fr') AS back,
    business_between('2026-01-09 23:59:59.999999', '2026-01-12 00:00:00.000001', 'America/New_York; Mo-Fr') AS two_microseconds;

-- infinity passes through
SELECT
    i, business_add(i, '48bh', c) AS add, business_add(i, '-5bd', c) AS add_days, is_open(i, c) AS is_open, next_open(i, c) AS next_open,
    next_close(i, c) AS next_close, end_of_business_day(i, c) AS end_of_day
FROM unnest('{infinity,-infinity}'::timestamptz[]) AS i, (SELECT 'UTC; off'::business_calendar AS c) AS x;

-- the first and the last instants
SET LOCAL timezone = 'UTC';
SELECT
    business_add('1900-01-01', '1 bh', 'UTC; Mo-Fr') AS first_hour, business_add('2200-12-31 23:00', '1 bh', 'UTC; Mo-Fr') AS last_hour,
    business_between('1900-01-01', '2200-12-31 23:59:59.999999', 'UTC; 24/7') AS three_centuries,
    business_add('1900-01-01', '78524 bd', 'UTC; Mo-Fr') AS all_business_days,
    business_add('2200-12-31 23:59:59', '-10000 bd', 'Europe/London; Mo-Fr') AS back;

-- what must fail
SELECT left(regexp_replace(statement, '^SELECT ', ''), 90) AS statement, pg_temp.fails(statement) AS error
FROM unnest(ARRAY[
    $$SELECT business_add('2026-01-05', '1 bh', 'UTC; off')$$,
    $$SELECT business_add('2026-01-05', '-1 bh', 'UTC; off')$$,
    $$SELECT business_add('2026-01-05', '1 bd', 'UTC; off')$$,
    $$SELECT business_add('2026-01-05', '-1 bd', 'UTC; Mo-Su off')$$,
    $$SELECT business_add('2026-01-05', '9 bh', 'UTC; off; 2026-02-01 09:00-17:00')$$,
    $$SELECT business_add('2026-01-05', '1 bd', 'UTC; off; 2026-02-01 09:00-17:00')$$,
    $$SELECT business_add('2026-02-02', '1 bmin', 'UTC; off; 2026-02-01 09:00-17:00')$$,
    $$SELECT business_add('2026-01-05', '-1 bmin', 'UTC; off; 2026-02-01 09:00-17:00')$$,
    $$SELECT next_open('2026-01-05', 'UTC; off')$$,
    $$SELECT next_open('2026-02-02', 'UTC; off; 2026-02-01 09:00-17:00; 2025-01-01..2025-12-31 off')$$,
    $$SELECT next_close('2026-01-05', 'UTC; off')$$,
    $$SELECT next_close('2026-01-05', 'UTC; 24/7')$$,
    $$SELECT next_close('2026-01-05', 'UTC; 24/7; 2025-12-25 off')$$,
    $$SELECT business_add('1899-12-31 23:59:59', '1 bh', 'UTC; Mo-Fr')$$,
    $$SELECT business_add('2201-01-01', '1 bh', 'UTC; Mo-Fr')$$,
    $$SELECT business_add('2201-01-01', '0 bh', 'UTC; Mo-Fr')$$,
    $$SELECT business_add('4713-01-01 BC', '1 bh', 'UTC; Mo-Fr')$$,
    $$SELECT business_add('294276-12-31', '1 bh', 'UTC; Mo-Fr')$$,
    $$SELECT business_add('2200-12-31', '25 bh', 'UTC; Mo-Fr')$$,
    $$SELECT business_add('1900-01-01', '-1 bh', 'UTC; Mo-Fr')$$,
    $$SELECT business_add('2200-12-31', '1 bd', 'UTC; Mo-Fr')$$,
    $$SELECT business_add('1900-01-01', '-1 bd', 'UTC; Mo-Fr')$$,
    $$SELECT business_add('2026-01-05', '9223372036854775807 bd', 'UTC; Mo-Fr')$$,
    $$SELECT business_add('2026-01-05', '-9223372036854775808 bd', 'UTC; Mo-Fr')$$,
    $$SELECT business_add('2026-01-05', '2562047788 bh', 'UTC; Mo-Fr')$$,
    $$SELECT business_add('2026-01-05', '-2562047788 bh', 'UTC; Mo-Fr')$$,
    $$SELECT business_add('2026-01-05', '2562047788 h', 'UTC; Mo-Fr')$$,
    $$SELECT business_add('2026-01-05', '9223372036854775807 d', 'UTC; Mo-Fr')$$,
    $$SELECT business_add('2026-01-05', '-9223372036854775808 d', 'UTC; Mo-Fr')$$,
    $$SELECT business_add('2026-01-05', '70000 d', 'UTC; Mo-Fr')$$,
    $$SELECT business_between('2026-01-05', 'infinity', 'UTC; Mo-Fr')$$,
    $$SELECT business_between('-infinity', '2026-01-05', 'UTC; Mo-Fr')$$,
    $$SELECT business_between('1899-12-31', '2026-01-05', 'UTC; Mo-Fr')$$,
    $$SELECT business_between('2026-01-05', '2201-01-01', 'UTC; Mo-Fr')$$,
    $$SELECT is_open('2201-01-01', 'UTC; Mo-Fr')$$,
    $$SELECT next_open('1899-12-31', 'UTC; Mo-Fr')$$,
    $$SELECT next_close('2201-01-01', 'UTC; Mo-Fr')$$,
    $$SELECT end_of_business_day('2201-01-01', 'UTC; Mo-Fr')$$,
    $$SELECT open_periods('2026-01-05', 'infinity', 'UTC; Mo-Fr')$$,
    $$SELECT open_periods('2026-01-05', '2201-01-02', 'UTC; Mo-Fr')$$,
    $$SELECT open_periods('2026-01-05', '2201-01-02', 'UTC; Mo-Fr') LIMIT 0$$,
    $$SELECT business_add('2026-01-05', '1 bh', 'Nowhere; Mo-Fr')$$
]) AS statement;

-- more calendars than the backend keeps compiled, in turns, by column and by constant
SELECT count(*) AS sums, count(DISTINCT calendar::text) AS calendars, count(*) FILTER (WHERE result <> at + make_interval(hours => 24 * 7 * 4 + i)) AS wrong
FROM (
    SELECT
        i, turn, c.calendar, c.at,
        business_add(c.at, ((i + 24 * 20) || ' bh')::term, c.calendar) AS result,
        business_add(c.at, '1 bh', 'UTC; Mo-Fr')
    FROM generate_series(1, 3) AS turn
    CROSS JOIN generate_series(1, 23) AS i
    CROSS JOIN generate_series(0, 19) AS month
    CROSS JOIN LATERAL (
        SELECT
            format('UTC; Mo-Fr; 2000-%s-%s off', lpad((1 + month % 12)::text, 2, '0'), lpad((i + month / 12)::text, 2, '0'))::business_calendar AS calendar,
            '2026-01-05 00:00+00'::timestamptz AS at
    ) AS c
) AS r;

-- volatility, strictness, parallel safety, and a comment on each function
SELECT proname, provolatile, proisstrict, proparallel, obj_description(oid, 'pg_proc') IS NOT NULL AS commented
FROM pg_proc
WHERE pronamespace = 'support_case'::regnamespace
  AND proname IN ('business_add', 'business_between', 'is_open', 'next_open', 'next_close', 'open_periods', 'with_holidays', 'end_of_business_day')
ORDER BY proname COLLATE "C";
SELECT business_add(NULL, '1 bh', 'UTC; Mo-Fr') IS NULL AS strict;

-- an index on a deadline
CREATE TEMPORARY TABLE request (at timestamptz);
CREATE INDEX ON request (business_add(at, '48 bh', 'UTC; Mo-Fr'));

ROLLBACK;
