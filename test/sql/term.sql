-- Type term: input, output, equality, sorting, casts (AMB-02, AMB-05).
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS support_case;
RESET client_min_messages;
SET search_path = support_case, pg_catalog;
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
SELECT input, input::term AS term, input::term::text::term = input::term AS round_trip
FROM unnest(ARRAY[
    '48 business hours', '48bh', ' 48  Business   HOURS ', '1 business hour', '1bh', '-1 bh', '+5 bd', '5 business days',
    '1 business day', '0 business days', '90 business minutes', '90bmin', '1 business minute', '72 hours', '72h', '1 hour',
    '90 minutes', '90 min', '14 days', '14d', '1 day', '-14 days', '0 bh', '-0bh', '1.5 business hours', '0.5h', '-0.25bh',
    '1.50 bh', '0.0000000025 hours', '0.00000005 min', '1.00000000000000000000 h', '0.1 bmin',
    '2562047788.015 h', '-2562047788.015 h', '153722867280.9 min', '9223372036854775807 days',
    '-9223372036854775808 days', '007 bd'
]) AS input;

-- fractions are exact in microseconds: not rounded, not accepted
SELECT input, pg_temp.fails(format('SELECT %L::term', input)) AS error
FROM unnest(ARRAY[
    '0.00000000025 h', '0.00000001 min', '0.0000000001 h', '1.5 business days', '2.0 bd', '0.5 days', '0.3333333333333 bh'
]) AS input;

-- what is no term
SELECT left(input, 30) AS input, pg_temp.fails(format('SELECT %L::term', input)) AS error
FROM unnest(ARRAY[
    '', ' ', '48', 'bh', 'business hours', '48 business', '48 b h', '48 weeks', '1 month', '2 days 3 hours', '48 hours ago',
    '1e3 h', '.5 h', '5. h', '--5 h', '+-5h', '0x10 h', '1,5 h', 'P2D', '48:00', 'infinity', '48 businesshours',
    '48 hour business', '48 hourss', repeat('9', 19) || ' d', '-9223372036854775809 d', '2562047788.1 h',
    '2562047789 h', repeat('9', 5000) || ' d', '5 ' || repeat('x', 1000000), repeat(' ', 100) || '?', 'é bh', '5 bh é'
]) AS input;

-- input fails softly where the server can (16 on)
DO $$
DECLARE
    valid boolean := false;
BEGIN
    IF current_setting('server_version_num')::integer >= 160000 THEN
        EXECUTE $sql$SELECT bool_or(pg_input_is_valid(input, 'support_case.term')) FROM unnest(ARRAY['', '48', '1.5 bd', '9223372036854775808 d']) AS input$sql$ INTO valid;
    END IF;
    IF valid THEN
        RAISE EXCEPTION 'bad input is held valid';
    END IF;
END
$$;

-- unit and amount make equality: nothing else is equal
SELECT a, b, a::term = b::term AS equal, a::term <> b::term AS unequal
FROM (
    VALUES
    ('48 business hours', '48bh'), ('48 hours', '2 days'), ('48 business hours', '2 business days'), ('48 hours', '48 business hours'),
    ('60 minutes', '1 hour'), ('1.5 bh', '1.50 bh'), ('0 bh', '0 bd'), ('5 bd', '4 bd')
) AS v (a, b);

-- there is no order between units, so there is no < ; a sort there is
SELECT split_part(pg_temp.fails('SELECT ''1 hour''::support_case.term < ''2 hours''::support_case.term'), ' | ', 2) AS no_order;
CREATE TEMPORARY TABLE deadline (name text, length term);
INSERT INTO deadline
VALUES ('a', '5 bd'), ('b', '48 bh'), ('c', '-1 bh'), ('d', '14 days'), ('e', '72 hours'), ('f', '90 bmin'), ('g', '2 days'), ('h', '48bh');
SELECT name, length FROM deadline ORDER BY length, name;
SELECT DISTINCT length FROM deadline ORDER BY length DESC;
SELECT length, count(*) FROM deadline GROUP BY length HAVING count(*) > 1;
CREATE UNIQUE INDEX ON deadline (length) WHERE name <> 'h';
SELECT pg_temp.fails('INSERT INTO deadline VALUES (''i'', ''2 days'')') AS unique_violation;
CREATE INDEX deadline_hash ON deadline USING hash (length);
SET LOCAL enable_seqscan = off;
SET LOCAL enable_indexscan = on;
SELECT name FROM deadline WHERE length = '48bh' ORDER BY name;
SELECT a.name, b.name FROM deadline AS a JOIN deadline AS b USING (length) WHERE a.name < b.name;
SELECT
    '1 bd'::term *< '2 bd' AS lt, '2 bd'::term *<= '2 bd' AS le, '2 bd'::term *>= '3 bd' AS ge, '4 bd'::term *> '3 bd' AS gt,
    '9 bmin'::term *< '1 bh' AS by_unit_first;
SELECT
    _term_hash('48bh') = _term_hash('48 business hours') AS hash_equal,
    _term_hash_extended('48bh', 0)::bit(32) = _term_hash('48bh')::bit(32) AS extended_agrees,
    _term_hash_extended('48bh', 1) <> _term_hash_extended('48bh', 2) AS seeded;

-- binary: send and receive
CREATE TEMPORARY TABLE received (length term);
\getenv abs_builddir PG_ABS_BUILDDIR
\set file :abs_builddir '/results/term.bin'
COPY (SELECT length FROM deadline ORDER BY name) TO :'file' (FORMAT binary);
COPY received FROM :'file' (FORMAT binary);
SELECT count(*), bool_and(r.length IS NOT DISTINCT FROM d.length) AS same
FROM (SELECT length, row_number() OVER () AS n FROM received) AS r
FULL JOIN (SELECT length, row_number() OVER (ORDER BY name) AS n FROM deadline) AS d USING (n);
SELECT encode(_term_send('1 bh'), 'hex') AS one_hour, encode(_term_send('-5 bd'), 'hex') AS minus_five_days, pg_column_size('1 bh'::term);

-- receive(bytes): a term from its binary form, by way of a binary COPY file
SELECT set_config('test.wire', :'file', false) \g /dev/null
CREATE FUNCTION pg_temp.receive(bytes bytea)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    object oid;
    message text;
BEGIN
    object := lo_from_bytea(0, '\x5047434f50590aff0d0a00'::bytea || '\x0000000000000000'::bytea || '\x0001'::bytea
        || int4send(length(bytes)) || bytes || '\xffff'::bytea);
    PERFORM lo_export(object, current_setting('test.wire'));
    PERFORM lo_unlink(object);
    DELETE FROM received;
    EXECUTE format('COPY received FROM %L (FORMAT binary)', current_setting('test.wire'));
    RETURN (SELECT length::text FROM received);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
    RETURN SQLSTATE || ': ' || message;
END
$$;
SELECT label, pg_temp.receive(bytes)
FROM (
    VALUES
    ('one hour', int8send(3600000000) || int4send(1)),
    ('least amount', int8send(-9223372036854775808) || int4send(5)),
    ('9 microseconds', int8send(9) || int4send(4)),
    ('10 microseconds of an hour', int8send(10) || int4send(4)),
    ('4 microseconds of a minute', int8send(4) || int4send(0)),
    ('unit 6', int8send(1) || int4send(6)),
    ('unit -1', int8send(1) || int4send(-1)),
    ('empty', ''),
    ('truncated', int8send(1)),
    ('oversized', int8send(1) || int4send(2) || int4send(0))
) AS v (label, bytes);

-- columns of text checked by a cast, assignment, arrays, nulls
CREATE TEMPORARY TABLE policy (
    seller_response text NOT NULL CHECK (seller_response::term IS NOT NULL),
    compiled term GENERATED ALWAYS AS (seller_response::term) STORED,
    waits term[]
);
INSERT INTO policy (seller_response, waits) VALUES ('48bh', '{5 bd,"14 days",NULL}');
SELECT * FROM policy;
SELECT pg_temp.fails('INSERT INTO policy (seller_response) VALUES (''two days'')') AS rejected;
INSERT INTO deadline SELECT 'from text', seller_response FROM policy WHERE seller_response = '1 bh';
UPDATE policy SET seller_response = compiled;
SELECT seller_response FROM policy;
SELECT split_part(pg_temp.fails('SELECT business_add(now(), ''48 hours''::interval, ''UTC; Mo-Fr'')'), ' | ', 2) AS no_interval;
SELECT provolatile, proisstrict, proparallel FROM pg_proc WHERE oid IN ('_term_in'::regproc, '_term_out'::regproc);

ROLLBACK;
