-- 999 vectors computed by independent libraries (W-07, AMB-01, AMB-02, AMB-04).
\getenv abs_srcdir PG_ABS_SRCDIR
\set data :abs_srcdir '/data/business_time'
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS support_case;
RESET client_min_messages;
SET timezone = 'UTC';
BEGIN;

\set file :data '/calendars.json'
CREATE TEMPORARY TABLE calendar AS
SELECT
    entry ->> 'id' AS id,
    support_case.with_holidays(
        concat_ws(
            '; ',
            entry ->> 'tz',
            entry ->> 'osm',
            (
                SELECT string_agg(
                    format('%s %s', day, (
                        SELECT string_agg(format('%s-%s', span ->> 0, span ->> 1), ',')
                        FROM jsonb_array_elements(spans) AS span
                    )), '; ')
                FROM jsonb_each(entry -> 'exceptions') AS exception (day, spans)
            )
        )::support_case.business_calendar,
        ARRAY(
            SELECT holiday::date
            FROM jsonb_array_elements_text(entry -> 'holidays') AS holiday
            WHERE NOT entry -> 'exceptions' ? holiday
        )
    ) AS calendar
FROM jsonb_array_elements(pg_read_file(:'file')::jsonb -> 'calendars') AS entry;

-- the calendars, without their holidays where they are many
SELECT id, left(calendar::text, 90) AS calendar, pg_column_size(calendar) AS bytes FROM calendar ORDER BY id;

CREATE TEMPORARY TABLE add_vector (
    id text, calendar text, start timestamptz, term support_case.term, expected timestamptz,
    expected_far timestamptz, category text, oracle text, agrees text
);
CREATE TEMPORARY TABLE between_vector (
    id text, calendar text, t1 timestamptz, t2 timestamptz, open_seconds numeric, is_open_t1 boolean,
    next_open_t1 timestamptz, category text, oracle text, agrees text
);
\set file :data '/add_hours.csv'
COPY add_vector FROM :'file' (FORMAT csv, HEADER);
\set file :data '/add_days.csv'
COPY add_vector FROM :'file' (FORMAT csv, HEADER);
\set file :data '/between.csv'
COPY between_vector FROM :'file' (FORMAT csv, HEADER);

CREATE TEMPORARY TABLE add_result AS
SELECT v.*, c.calendar AS value, support_case.business_add(v.start, v.term, c.calendar) AS result
FROM add_vector AS v
JOIN calendar AS c ON c.id = v.calendar;

SELECT
    CASE left(id, 1) WHEN 'h' THEN 'add_hours' ELSE 'add_days' END AS file, category, count(*) AS rows,
    count(*) FILTER (WHERE result IS DISTINCT FROM expected) AS mismatches
FROM add_result
GROUP BY 1, category
ORDER BY 1, category COLLATE "C";

-- every mismatch: none
SELECT id, calendar, start, term, expected, result FROM add_result WHERE result IS DISTINCT FROM expected ORDER BY id;

-- the far end: next_open() going forward, the same instant where both ends agree
SELECT count(*) AS rows, count(*) FILTER (WHERE support_case.next_open(result, value) IS DISTINCT FROM expected_far) AS mismatches
FROM add_result
WHERE id LIKE 'h%' AND expected_far >= start;

-- between(start, expected) = between(start, expected_far) = term
SELECT
    count(*) AS rows,
    count(*) FILTER (
        WHERE support_case.business_between(start, expected, value) <> replace(term::text, 'business ', '')::interval
    ) AS near_mismatches,
    count(*) FILTER (
        WHERE support_case.business_between(start, expected_far, value) <> replace(term::text, 'business ', '')::interval
    ) AS far_mismatches
FROM add_result
WHERE id LIKE 'h%';

CREATE TEMPORARY TABLE between_result AS
SELECT
    v.*,
    support_case.business_between(v.t1, v.t2, c.calendar) AS open_time,
    support_case.is_open(v.t1, c.calendar) AS is_open,
    support_case.next_open(v.t1, c.calendar) AS next_open
FROM between_vector AS v
JOIN calendar AS c ON c.id = v.calendar;

SELECT
    category, count(*) AS rows,
    count(*) FILTER (WHERE extract(epoch FROM open_time) IS DISTINCT FROM open_seconds) AS between_mismatches,
    count(*) FILTER (WHERE extract(day FROM open_time) <> 0) AS with_days,
    count(*) FILTER (WHERE is_open IS DISTINCT FROM is_open_t1) AS is_open_mismatches,
    count(*) FILTER (WHERE next_open IS DISTINCT FROM next_open_t1) AS next_open_mismatches
FROM between_result
GROUP BY category
ORDER BY category COLLATE "C";

SELECT * FROM between_result
WHERE
    extract(epoch FROM open_time) IS DISTINCT FROM open_seconds
    OR is_open IS DISTINCT FROM is_open_t1
    OR next_open IS DISTINCT FROM next_open_t1;

SELECT (SELECT count(*) FROM add_result) + (SELECT count(*) FROM between_result) AS vectors;

ROLLBACK;
