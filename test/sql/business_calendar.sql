-- Type business_calendar: notation, canonical form, limits, binary form
-- (AMB-01, AMB-03, AMB-04).
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS support_case;
RESET client_min_messages;
SET search_path = support_case, pg_catalog;
SET timezone = 'UTC';
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

-- text in, canonical text out, and the same again
\pset format unaligned
\pset tuples_only on
\pset fieldsep ' => '
CREATE TEMPORARY TABLE sample AS
SELECT row_number() OVER () AS number, input, input::business_calendar AS calendar
FROM unnest(ARRAY[
    'Europe/Paris; Mo-Fr 09:00-12:30,13:30-17:30; Sa 10:00-14:00; 2026-12-24 09:00-12:00; 2026-12-25,2026-12-28..2027-01-01 off',
    'America/New_York; Mo-Fr',
    'utc; 24/7',
    ' UTC ;24/7 ',
    'UTC; Mo-Su',
    'UTC; Mo-Su 00:00-24:00',
    'UTC; mo-FR 09:00-17:00',
    'UTC; Mo 09:00-17:00; Tu 09:00-17:00; We 09:00-17:00; Fr 09:00-17:00',
    'UTC; Fr-Mo 09:00-17:00',
    'UTC; Mo,We,Fr 09:00-17:00; Tu,Th 10:00-12:00',
    'UTC;Mo - Fr 09:00 - 12:00 , 13:00 - 17:00',
    E'UTC;\n\tMo-Fr\n09:00-17:00',
    -- what touches or overlaps merges
    'UTC; Mo 09:00-12:00,12:00-17:00,16:00-18:00,10:00-11:00',
    -- later rules replace earlier ones of the same weekday
    'UTC; Mo-Fr 09:00-17:00; Fr 09:00-12:00; We off',
    -- over midnight
    'UTC; Mo-Su 22:00-06:00',
    'UTC; Fr 22:00-06:00; Sa 10:00-14:00',
    'UTC; Su 20:00-04:00',
    'UTC; Mo-Fr 18:00-00:00',
    -- dates replace their weekday, the last rule of a date holds, order does not matter
    'UTC; Mo-Fr; 2026-12-25 off; 2026-12-25 09:00-12:00; 2026-12-24 off',
    'UTC; 2026-12-24,2026-12-25 off; Mo-Fr 09:00-17:00',
    'UTC; Mo-Fr; 2026-12-28..2026-12-30,2026-12-31 off; 2026-12-27 off; 2027-01-01 10:00-12:00; 2027-01-02 10:00-12:00',
    -- a night that begins on a listed date runs into the next, unless that one is off
    'UTC; Mo-Fr 09:00-17:00; 2026-12-24 22:00-02:00',
    'UTC; Mo-Fr 09:00-17:00; 2026-12-24 22:00-02:00; 2026-12-25 off',
    'UTC; Mo-Fr 09:00-17:00; 2026-12-24,2026-12-25 22:00-02:00',
    'UTC; Mo-Fr 22:00-06:00; 2026-12-25 off',
    -- closed calendars and such that open on dates only
    'UTC; off',
    'UTC; Mo-Su off',
    'UTC; 24/7 off',
    'UTC; off; 2026-12-05 10:00-18:00',
    -- the first and the last date, a leap day
    'UTC; Mo; 1900-01-01,2200-12-31,2028-02-29 off',
    'Etc/GMT+5; Mo', 'Etc/GMT-14; Mo', 'EST5EDT; Mo', 'America/Argentina/Buenos_Aires; Mo', 'asia/kathmandu; Mo'
]) AS input;
SELECT input, calendar FROM sample ORDER BY number;
SELECT count(*), bool_and(calendar::text::business_calendar = calendar) AS canonical_text_reads_back FROM sample;

-- what is no calendar
SELECT left(input, 60), pg_temp.fails(format('SELECT %L::business_calendar', input))
FROM unnest(ARRAY[
    '', ';', '; Mo-Fr', 'UTC', 'UTC;', 'UTC; ', 'UTC; Mo-Fr;', 'UTC; ; Mo', 'UTC Mo-Fr',
    'UTC; 09:00-17:00', 'UTC; 2026-12-25 off', 'UTC; Mo-Fr; 2026-12-25', 'UTC; PH off; Mo-Fr', 'UTC; Jan-Mar Mo-Fr',
    'UTC; Mo-Xx', 'UTC; Mo-', 'UTC; Mo,', 'UTC; Monday', 'UTC; Mo-Fr closed', 'UTC; Mo off 09:00-17:00',
    'UTC; Mo 9:00-17:00', 'UTC; Mo 09:00', 'UTC; Mo 09:00-', 'UTC; Mo 09:00-17:00,', 'UTC; Mo 09:00-17', 'UTC; Mo 0900-1700',
    'UTC; Mo 25:00-26:00', 'UTC; Mo 09:00-25:00', 'UTC; Mo 09:00-24:01', 'UTC; Mo 09:60-17:00', 'UTC; Mo 24:00-24:00',
    'UTC; Mo 09:00-09:00', 'UTC; Mo 00:00-00:00', 'UTC; Mo-Fr 00:00-23:59', 'UTC; Mo; 2026-01-01 00:00-23:59',
    'UTC; Mo -09:00-17:00', 'UTC; Mo 09:00-17:00-18:00', 'UTC; Mo 09:00+',
    'UTC; Mo; 2026-02-29 off', 'UTC; Mo; 2026-13-01 off', 'UTC; Mo; 2026-00-10 off', 'UTC; Mo; 2026-1-1 off', 'UTC; Mo; 26-01-01 off',
    'UTC; Mo; 2026-12-31..2026-12-01 off', 'UTC; Mo; 2026-12-24.. off', 'UTC; Mo; 2026-12-24,Mo off', 'UTC; Mo; 2026-12-24 offf',
    'UTC; Mo; 1899-12-31 off', 'UTC; Mo; 2201-01-01 off', 'UTC; Mo; 1899-12-30..1900-01-02 off',
    'Nowhere/Atlantis; Mo-Fr', 'Europe/Pariss; Mo', '+05:30; Mo', 'XYZ-3; Mo', '<+05>-5; Mo', 'EST5EDT,M3.2.0,M11.1.0; Mo', 'CET-1CEST; Mo',
    'right/Europe/Paris; Mo', 'posix/Europe/Paris; Mo', 'localtime; Mo', 'posixrules; Mo', '../../etc/passwd; Mo', 'Etc/GMT+13; Mo',
    'Europe/' || repeat('x', 300) || '; Mo', 'Österreich/Wien; Mo', 'Europe/Paris; Mö-Fr', 'UTC; Mo é'
]) AS input;

-- limits: 128 weekly intervals, 4096 dates, intervals of dates, length
SELECT label, pg_temp.fails(format('SELECT %L::business_calendar', input))
FROM (
    SELECT
        format('%s weekly intervals', number),
        'UTC; ' || string_agg(format('%s %s', day, spans), '; ')
    FROM unnest(ARRAY[128, 129]) AS number
    CROSS JOIN LATERAL (
        SELECT
            (ARRAY['Mo', 'Tu'])[d] AS day,
            string_agg(format('%s-%s', to_char('0:00'::time + i * interval '20 min', 'HH24:MI'), to_char('0:10'::time + i * interval '20 min', 'HH24:MI')), ',' ORDER BY i) AS spans
        FROM generate_series(0, number - 1) AS n
        CROSS JOIN LATERAL (SELECT 1 + n / 65 AS d, n % 65 AS i) AS x
        GROUP BY d
    ) AS days
    GROUP BY number
    UNION ALL
    SELECT format('%s dates', number), 'UTC; Mo; 2026-01-01..' || '2025-12-31'::date + number || ' off'
    FROM unnest(ARRAY[4096, 4097, 60000]) AS number
    UNION ALL
    SELECT 'three centuries off', 'UTC; Mo' || repeat('; 1900-01-01..2200-12-31 off', 2)
    UNION ALL
    SELECT '721 spans in one rule', 'UTC; Mo ' || string_agg('09:00-10:00', ',') FROM generate_series(1, 721)
    UNION ALL
    SELECT '4096 dates with 5 intervals', 'UTC; Mo; 2026-01-01..2037-03-19 01:00-02:00,03:00-04:00,05:00-06:00,07:00-08:00,09:00-10:00'
    UNION ALL
    SELECT 'a megabyte', 'UTC; Mo' || repeat(' ', 1000000)
    UNION ALL
    SELECT 'a megabyte of rules', 'UTC' || repeat('; Mo 09:00-17:00', 65536)
    UNION ALL
    SELECT 'a megabyte without a rule', repeat('x', 1000000)
) AS l (label, input)
ORDER BY label COLLATE "C";

-- input fails softly where the server can (16 on)
DO $$
DECLARE
    valid boolean := false;
BEGIN
    IF current_setting('server_version_num')::integer >= 160000 THEN
        EXECUTE $sql$SELECT bool_or(pg_input_is_valid(input, 'support_case.business_calendar')) FROM unnest(ARRAY['', 'UTC; Mo 25:00-26:00', 'Nowhere; Mo', 'UTC; Mo; 1899-12-31 off', 'UTC; Mo; 1900-01-01..2200-12-31 off', repeat('x', 1000000)]) AS input$sql$ INTO valid;
    END IF;
    IF valid THEN
        RAISE EXCEPTION 'bad input is held valid';
    END IF;
END
$$;

-- size: four bytes a closure, and 4096 of them come back
SELECT
    pg_column_size('Europe/Paris; Mo-Fr 09:00-17:30'::business_calendar) AS plain,
    pg_column_size(with_holidays('Europe/Paris; Mo-Fr 09:00-17:30', holidays)) AS with_154,
    with_holidays('Europe/Paris; Mo-Fr 09:00-17:30', holidays)::text::business_calendar
        = with_holidays('Europe/Paris; Mo-Fr 09:00-17:30', holidays) AS reads_back,
    length(with_holidays('Europe/Paris; Mo-Fr 09:00-17:30', all_holidays)::text) AS text_of_4096,
    with_holidays('Europe/Paris; Mo-Fr 09:00-17:30', all_holidays)::text::business_calendar
        = with_holidays('Europe/Paris; Mo-Fr 09:00-17:30', all_holidays) AS reads_back
FROM (
    SELECT
        (SELECT array_agg('2026-01-01'::date + 17 * i) FROM generate_series(1, 154) AS i) AS holidays,
        (SELECT array_agg('1950-01-01'::date + 17 * i) FROM generate_series(1, 4096) AS i) AS all_holidays
) AS h;

-- with_holidays: unsorted, repeated, over what the calendar said (AMB-04)
SELECT with_holidays('UTC; Mo-Fr; 2026-01-02 09:00-12:00; 2026-01-05 09:00-12:00', '{2026-01-19,2026-01-01,2026-01-02,2026-01-19}');
SELECT with_holidays('UTC; Mo-Fr', '{}') = 'UTC; Mo-Fr'::business_calendar;
SELECT with_holidays('UTC; Mo-Fr; 2026-01-01 off', '{{2026-01-01},{2026-01-02}}') = 'UTC; Mo-Fr; 2026-01-01..2026-01-02 off'::business_calendar;
SELECT statement, pg_temp.fails(statement)
FROM unnest(ARRAY[
    $$SELECT with_holidays('UTC; Mo-Fr', '{2026-01-01,NULL}')$$,
    $$SELECT with_holidays('UTC; Mo-Fr', '{1899-12-31}')$$,
    $$SELECT with_holidays('UTC; Mo-Fr', '{2201-01-01}')$$,
    $$SELECT with_holidays('UTC; Mo-Fr', '{infinity}')$$,
    $$SELECT with_holidays('UTC; Mo-Fr', ARRAY(SELECT '1950-01-01'::date + i FROM generate_series(1, 4097) AS i))$$
]) AS statement;

-- equality and hash
SELECT
    'UTC; Mo-Fr'::business_calendar = 'UTC; Mo-Fr 00:00-24:00' AS same, 'UTC; Mo-Fr'::business_calendar <> 'UTC; Mo-Sa' AS differs,
    'UTC; Mo-Fr'::business_calendar = 'Etc/UTC; Mo-Fr' AS other_name, 'UTC; Mo-Fr'::business_calendar <> 'UTC; Mo-Fr; 2026-01-03 off' AS listed_sunday;
SELECT count(*) AS samples, count(DISTINCT calendar::text) AS by_text, (SELECT count(*) FROM (SELECT calendar FROM sample GROUP BY calendar) AS g) AS by_hash FROM sample;
CREATE INDEX ON sample USING hash (calendar);
SET LOCAL enable_seqscan = off;
SELECT number, input FROM sample WHERE calendar = 'UTC; 24/7' ORDER BY number;
RESET enable_seqscan;

-- binary: send and receive; pieces and changed bytes never crash, and whatever is accepted is canonical
CREATE TEMPORARY TABLE received (number bigint, calendar business_calendar);
\getenv abs_builddir PG_ABS_BUILDDIR
\set wire :abs_builddir '/results/business_calendar.bin'
COPY (SELECT number, calendar FROM sample) TO :'wire' (FORMAT binary);
COPY received FROM :'wire' (FORMAT binary);
SELECT count(*), bool_and(r.calendar = s.calendar) FROM received AS r FULL JOIN sample AS s USING (number);
SELECT encode(_business_calendar_send('UTC; Mo 09:00-17:00; Su 10:00-24:00; 2000-01-03 off; 2026-12-24 09:00-12:00'), 'hex');

-- receive(bytes): a calendar from its binary form, by way of a binary COPY file
SELECT set_config('test.wire', :'wire', false) \g /dev/null
CREATE TEMPORARY TABLE wire (calendar business_calendar);
CREATE FUNCTION pg_temp.receive(bytes bytea)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    object oid;
    result text;
    message text;
BEGIN
    object := lo_from_bytea(0, '\x5047434f50590aff0d0a00'::bytea || '\x0000000000000000'::bytea || '\x0001'::bytea
        || int4send(length(bytes)) || bytes || '\xffff'::bytea);
    PERFORM lo_export(object, current_setting('test.wire'));
    PERFORM lo_unlink(object);
    DELETE FROM wire;
    EXECUTE format('COPY wire FROM %L (FORMAT binary)', current_setting('test.wire'));
    SELECT calendar::text INTO result FROM wire;
    IF result::support_case.business_calendar <> (SELECT calendar FROM wire) THEN
        RETURN 'accepted, but not canonical: ' || result;
    END IF;
    RETURN result;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
    RETURN SQLSTATE || ': ' || message;
END
$$;

CREATE FUNCTION pg_temp.wire(zone text, week integer[], dates bytea, version integer DEFAULT 1)
RETURNS bytea
LANGUAGE sql
AS $$
SELECT
    int2send(version::smallint) || int2send(length(zone)::smallint) || convert_to(zone, 'UTF8')
    || int2send((cardinality(week) / 2)::smallint)
    || coalesce((SELECT string_agg(int2send(CASE WHEN m > 32767 THEN m - 65536 ELSE m END::smallint), '' ORDER BY n) FROM unnest(week) WITH ORDINALITY AS w (m, n)), '')
    || dates
$$;

SELECT label, pg_temp.receive(bytes)
FROM (
    VALUES
    ('well-formed', pg_temp.wire('UTC', '{540,1020}', '\x0000')),
    ('zone in other case', pg_temp.wire('europe/PARIS', '{540,1020}', '\x0000')),
    ('no opening', pg_temp.wire('UTC', '{}', '\x0000')),
    ('empty', ''),
    ('version 2', pg_temp.wire('UTC', '{540,1020}', '\x0000', 2)),
    ('unknown zone', pg_temp.wire('Nowhere', '{540,1020}', '\x0000')),
    ('POSIX zone', pg_temp.wire('XYZ-3', '{540,1020}', '\x0000')),
    ('empty zone', pg_temp.wire('', '{540,1020}', '\x0000')),
    ('zone longer than the value', '\x00017fff555443'::bytea),
    ('zone with a zero byte', '\x00010003550043000000 00'::bytea),
    ('weekly intervals missing', '\x0001000355544300050000'::bytea),
    ('129 weekly intervals', pg_temp.wire('UTC', ARRAY(SELECT x FROM generate_series(0, 128) AS i, unnest(ARRAY[i * 20, i * 20 + 10]) AS x), '\x0000')),
    ('reversed', pg_temp.wire('UTC', '{1020,540}', '\x0000')),
    ('empty interval', pg_temp.wire('UTC', '{540,540}', '\x0000')),
    ('over midnight', pg_temp.wire('UTC', '{1380,1500}', '\x0000')),
    ('beyond the week', pg_temp.wire('UTC', '{10080,10140}', '\x0000')),
    ('far beyond the week', pg_temp.wire('UTC', '{65000,65500}', '\x0000')),
    ('unsorted', pg_temp.wire('UTC', '{700,800,540,600}', '\x0000')),
    ('unsorted days', pg_temp.wire('UTC', '{2000,2100,540,600}', '\x0000')),
    ('overlapping', pg_temp.wire('UTC', '{540,700,600,800}', '\x0000')),
    ('touching', pg_temp.wire('UTC', '{540,600,600,800}', '\x0000')),
    ('touching at midnight', pg_temp.wire('UTC', '{540,1440,1440,1500}', '\x0000')),
    ('until 23:59', pg_temp.wire('UTC', '{540,1439}', '\x0000')),
    ('a date', pg_temp.wire('UTC', '{540,1020}', '\x0001000025880000')),
    ('date before 1900', pg_temp.wire('UTC', '{540,1020}', '\x0001ffff71530000')),
    ('first of 1900', pg_temp.wire('UTC', '{540,1020}', '\x0001ffff71540000')),
    ('date after 2200', pg_temp.wire('UTC', '{540,1020}', '\x000100011ec60000')),
    ('last of 2200', pg_temp.wire('UTC', '{540,1020}', '\x000100011ec50000')),
    ('dates unsorted', pg_temp.wire('UTC', '{540,1020}', '\x0002000025890000000025880000')),
    ('date twice', pg_temp.wire('UTC', '{540,1020}', '\x0002000025880000000025880000')),
    ('more dates than bytes', pg_temp.wire('UTC', '{540,1020}', '\x7fff000025880000')),
    ('date without its intervals', pg_temp.wire('UTC', '{540,1020}', '\x0001000025880002021c')),
    ('date interval reversed', pg_temp.wire('UTC', '{540,1020}', '\x0001000025880001021c0010')),
    ('date interval over midnight', pg_temp.wire('UTC', '{540,1020}', '\x0001000025880001021c05dc')),
    ('bytes after the end', pg_temp.wire('UTC', '{540,1020}', '\x000000'))
) AS v (label, bytes);

-- every truncation fails; every single changed byte fails or is canonical
SELECT count(*) AS truncations, count(*) FILTER (WHERE pg_temp.receive(substr(bytes, 1, n)) !~ '^(22P03|22023|08P01|22P04)') AS accepted
FROM (SELECT _business_calendar_send('Europe/Paris; Mo-Fr 09:00-12:30,13:30-17:30; 2026-12-24 09:00-12:00; 2026-12-25 off') AS bytes) AS b
CROSS JOIN LATERAL generate_series(0, length(bytes) - 1) AS n;
SELECT count(*) AS changes, count(*) FILTER (WHERE result ~ '^accepted') AS not_canonical, count(*) FILTER (WHERE result ~ '^(XX|[^2]....:)') AS unexpected
FROM (SELECT _business_calendar_send('Europe/Paris; Mo-Fr 09:00-12:30,13:30-17:30; 2026-12-24 09:00-12:00; 2026-12-25 off') AS bytes) AS b
CROSS JOIN LATERAL generate_series(0, length(bytes) - 1) AS n
CROSS JOIN unnest(ARRAY[0, 1, 127, 128, 255]) AS byte
CROSS JOIN LATERAL (SELECT pg_temp.receive(set_byte(bytes, n, byte)) AS result) AS r;

-- a stored generated column beside its text (immutable input), checks, storage
CREATE TEMPORARY TABLE calendar_version (
    definition text NOT NULL CHECK (definition::business_calendar IS NOT NULL),
    compiled business_calendar GENERATED ALWAYS AS (definition::business_calendar) STORED
);
INSERT INTO calendar_version VALUES ('europe/paris;Mo-Fr');
INSERT INTO calendar_version SELECT with_holidays('UTC; Mo-Fr', ARRAY(SELECT '1950-01-01'::date + 17 * i FROM generate_series(1, 4000) AS i));
SELECT left(compiled::text, 60), is_open('2026-01-09 12:00+00', compiled) FROM calendar_version;
SELECT pg_temp.fails($$INSERT INTO calendar_version VALUES ('Europe/Paris; Mo-Fr 9-17')$$);
SELECT typstorage, typalign, typlen FROM pg_type WHERE oid = 'business_calendar'::regtype;

\pset format aligned
\pset tuples_only off
ROLLBACK;
