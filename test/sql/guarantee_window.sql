-- When a guarantee claim can be filed: its dates, and the instants at which
-- they begin (A-29, A-30, AMB-71 to AMB-74, X-08, X-09).
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS support_case;
RESET client_min_messages;
SET search_path = support_case, pg_catalog;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'UTC';
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

-- X-08, X-09
SELECT example, d.*
FROM (VALUES ('X-08', '2026-01-05'::date, '2026-01-20'::date), ('X-09', '2026-01-05', '2026-03-15'))
        AS x (example, validated_on, max_estimated_delivery_on),
    LATERAL _guarantee_dates(validated_on, max_estimated_delivery_on, NULL, 'earlier', 3, 30, 90) AS d;

-- which date opens, which closes; by either rule
SELECT title, validated_on AS validated, estimated, service_on AS service, e.opens_on AS earlier, o.opens_on AS edd_only,
    e.closes_on AS closes, e.closes_on IS NOT DISTINCT FROM o.closes_on AS alike
FROM (VALUES
    ('the estimate is earlier', '2026-01-05'::date, '2026-01-31'::date, NULL::date),
    ('both on one date', '2026-01-05', '2026-02-01', NULL),
    ('the validation is earlier by a day', '2026-01-05', '2026-02-02', NULL),
    ('delivery before validation', '2026-01-05', '2026-01-01', NULL),
    ('no estimate', '2026-01-05', NULL, NULL),
    ('no validation', NULL, '2026-01-20', NULL),
    ('nothing known', NULL, NULL, NULL),
    ('a service', '2026-01-05', NULL, '2026-06-01'),
    ('a service alone', NULL, NULL, '2026-06-01'),
    ('a service with an estimate', '2026-01-05', '2026-01-20', '2026-06-01'),
    ('over a leap day', '2028-01-30', '2028-02-26', NULL),
    ('on a leap day', '2028-01-30', '2028-02-29', NULL),
    ('the same in a common year', '2027-01-30', '2027-02-26', NULL),
    ('over a century without one', '2100-02-26', '2100-02-26', NULL),
    ('over the turn of the year', '2026-12-15', '2026-12-30', NULL)
) AS c (title, validated_on, estimated, service_on),
    LATERAL _guarantee_dates(validated_on, estimated, service_on, 'earlier', 3, 30, 90) AS e,
    LATERAL _guarantee_dates(validated_on, estimated, service_on, 'edd_only', 3, 30, 90) AS o;

-- other numbers of days
SELECT days, d.*
FROM unnest(ARRAY[0, 1, 365, 36500]) AS days,
    LATERAL _guarantee_dates('2026-01-05', '2026-01-20', NULL, 'earlier', days, days, days) AS d;

-- what cannot be
SELECT arguments, pg_temp.fails(format('SELECT _guarantee_dates(%s)', arguments))
FROM unnest(ARRAY[
    $$'infinity', NULL, NULL, 'earlier', 3, 30, 90$$,
    $$NULL, '-infinity', NULL, 'earlier', 3, 30, 90$$,
    $$NULL, NULL, 'infinity', 'earlier', 3, 30, 90$$,
    $$'5874897-12-31', NULL, NULL, 'earlier', 3, 30, 90$$,
    $$NULL, '5874897-12-31', NULL, 'earlier', 0, 30, 90$$,
    $$NULL, '5874897-12-31', NULL, 'earlier', 0, 30, 2147483647$$,
    $$'4714-11-24 BC', NULL, NULL, 'earlier', 3, -1, 90$$,
    $$'2026-01-05', NULL, NULL, 'later', 3, 30, 90$$,
    $$'2026-01-05', NULL, NULL, NULL, 3, 30, 90$$,
    $$'2026-01-05', NULL, NULL, 'earlier', NULL, 30, 90$$,
    $$'2026-01-05', NULL, NULL, 'earlier', 3, NULL, 90$$,
    $$'2026-01-05', NULL, NULL, 'earlier', 3, 30, NULL$$]) AS arguments;

-- the first instant of a date: one second before, clocks show an earlier date
SELECT zone, on_date, s AS starts_at, to_char(s - interval '1 second', 'YYYY-MM-DD HH24:MI:SS') AS before_in_utc,
    ((s - interval '1 second') AT TIME ZONE zone)::date < on_date AS is_before,
    s AT TIME ZONE zone AS clocks_show, (_start_of_date(on_date + 1, zone) - s) AS lasts
FROM (VALUES
    ('UTC', '2026-01-23'::date),
    ('America/New_York', '2026-03-08'), ('America/New_York', '2026-11-01'),
    ('Europe/Paris', '2026-03-29'), ('Europe/Paris', '2026-10-25'),
    -- midnight is skipped
    ('America/Sao_Paulo', '2018-11-04'), ('Asia/Beirut', '2019-03-31'),
    -- midnight comes twice, or the day before is longer
    ('America/Havana', '2019-11-03'), ('America/Sao_Paulo', '2018-02-18'), ('Atlantic/Azores', '2019-10-27'),
    -- far from Greenwich, by less than an hour, a date that was skipped
    ('Pacific/Kiritimati', '2026-01-23'), ('Etc/GMT+12', '2026-01-23'), ('Asia/Kathmandu', '2026-01-23'),
    ('Pacific/Apia', '2011-12-29'), ('Pacific/Apia', '2011-12-30'), ('Pacific/Apia', '2011-12-31'),
    ('America/New_York', '1890-01-01'), ('America/New_York', '2500-07-01')
) AS z (zone, on_date), LATERAL (SELECT _start_of_date(on_date, zone) AS s) AS t;

-- every day of many years begins when the one before is over, and at midnight
-- unless there is none
SELECT zone, count(*) AS days, count(*) FILTER (WHERE (s AT TIME ZONE zone)::date <> d) AS wrong_date,
    count(*) FILTER (WHERE ((s - interval '1 microsecond') AT TIME ZONE zone)::date >= d) AS not_first,
    count(*) FILTER (WHERE (s AT TIME ZONE zone)::time <> '00:00') AS later_than_midnight
FROM unnest(ARRAY['UTC', 'America/New_York', 'America/Havana', 'America/Sao_Paulo', 'Asia/Kathmandu', 'Africa/Cairo'])
        AS zone,
    generate_series(0, 365 * 29) AS n,
    LATERAL (SELECT '1990-01-01'::date + n AS d) AS k,
    LATERAL (SELECT _start_of_date(d, zone) AS s) AS t
GROUP BY zone ORDER BY zone;

SELECT arguments, pg_temp.fails(format('SELECT _start_of_date(%s)', arguments))
FROM unnest(ARRAY[
    $$'2026-01-05', 'Mars/Olympus'$$, $$'2026-01-05', ''$$, $$'2026-01-05', 'XYZ-3'$$, $$'infinity', 'UTC'$$,
    $$'-infinity', 'UTC'$$, $$'294276-12-31', 'UTC'$$, $$'5874897-12-31', 'UTC'$$, $$'4714-11-24 BC', 'UTC'$$,
    $$'294276-12-29', 'America/New_York'$$]) AS arguments;

SELECT zone, _is_time_zone(zone)
FROM unnest(ARRAY['UTC', 'Europe/Paris', 'europe/paris', 'Etc/GMT+5', 'EST5EDT', '', 'Paris', 'XYZ-3', '+02',
    'posix/Europe/Paris', NULL]) AS zone;
SELECT _is_time_zone(repeat('x', 10000));

ROLLBACK;
