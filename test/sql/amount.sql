-- The type amount: exact money in one currency (AMB-61).
SET search_path = pg_catalog, support_case;

CREATE FUNCTION pg_temp.failure(command text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    message text; detail text; hint text;
BEGIN
    EXECUTE command;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(E'\n', SQLSTATE || ': ' || message,
        nullif(detail, ''), nullif(hint, ''));
END
$$;

-- Text: canonical, with exactly the currency's decimals.
SELECT input, input::amount AS amount, minor_units(input::amount),
    major_units(input::amount), currency_of(input::amount)
FROM (VALUES ('12.34 EUR'), ('  -5 JPY '), ('+.5 KWD'), ('5. USD'), ('007 EUR'), ('-0 EUR'),
             ('1.500 EUR'), ('1500.0 JPY'), (E'1.5\tEUR\n'), ('0.0001 CLF'),
             ('92233720368547758.07 EUR'), ('-92233720368547758.07 EUR'),
             ('9223372036854775807 JPY')) AS v(input);

SELECT input, pg_temp.failure(format('SELECT %L::support_case.amount', input))
FROM (VALUES (''), ('12.34'), ('EUR'), (' EUR'), ('. EUR'), ('- EUR'), ('12.34EUR'), ('12.34 eur'),
             ('12.34 EURO'), ('12.34 EUR x'), ('EUR 12.34'), ('12,34 EUR'), ('1 000 EUR'), ('1.2.3 EUR'),
             ('1e2 EUR'), ('--1 EUR'), ('NaN EUR'), ('Infinity EUR'), ('12.34 XTS'), ('12.345 EUR'), ('0.5 JPY'),
             ('92233720368547758.08 EUR'), ('-92233720368547758.08 EUR'),
             ('99999999999999999999999 JPY')) AS v(input);

-- Constructor.
SELECT amount(12.34, 'EUR'), amount(12.340, 'EUR'), amount(1500, 'JPY'), amount(-0.001, 'KWD');
SELECT command, pg_temp.failure(command)
FROM (VALUES
    ($$SELECT amount(12.345, 'EUR')$$),
    ($$SELECT amount('NaN', 'EUR')$$),
    ($$SELECT amount(1e17, 'EUR')$$),
    ($$SELECT amount(1, 'XAU')$$)) AS v(command);

-- Binary: eight bytes of minor units, three of currency, checked like text.
SELECT _amount_send('12.34 EUR'), _amount_send('-1 JPY');
SELECT set_config('test.copy_file', current_setting('data_directory') || '/amount_regress.copy', false) AS copy_file \gset
\setenv COPY_FILE :copy_file
-- binary_copy writes one bytea field and reads it back as the binary form of
-- an amount, which is what a client would send.
CREATE TEMPORARY TABLE sent (field bytea);
CREATE TEMPORARY TABLE received (amount support_case.amount);
CREATE FUNCTION pg_temp.binary_copy(field bytea) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    path text := current_setting('test.copy_file');
BEGIN
    TRUNCATE sent, received;
    INSERT INTO sent VALUES (field);
    EXECUTE format('COPY sent TO %L (FORMAT binary)', path);
    EXECUTE format('COPY received FROM %L (FORMAT binary)', path);
    RETURN (SELECT received.amount::text FROM received);
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ': ' || SQLERRM;
END
$$;
SELECT field, pg_temp.binary_copy(field)
FROM (VALUES (_amount_send('12.34 EUR')), (_amount_send('-92233720368547758.07 EUR')),
             ('\x00000000000004d2585858'), ('\x00000000000004d2657572'),
             ('\x8000000000000000455552'), ('\x7fffffffffffffff455552'),
             ('\x00000000000004d24555'), ('\x00000000000004d2'), ('\x000000'), ('\x'),
             ('\x00000000000004d245555200')) AS v(field);
\! rm -f "$COPY_FILE"

-- From PostgreSQL 16 on, malformed text is a soft error.
DO $$
DECLARE
    input text;
    valid boolean;
BEGIN
    FOREACH input IN ARRAY '{"",12.34,12.34 XTS,0.5 JPY,99999999999999999999999 JPY}'::text[] LOOP
        IF current_setting('server_version_num')::integer >= 160000 THEN
            EXECUTE 'SELECT pg_input_is_valid($1, ''support_case.amount'')' INTO valid USING input;
            IF valid THEN
                RAISE EXCEPTION 'accepted: %', input;
            END IF;
        END IF;
    END LOOP;
END
$$;

-- Arithmetic within one currency.
SELECT '1.50 EUR'::amount + '2.25 EUR' AS sum, '1.50 EUR'::amount - '2.25 EUR' AS difference,
    - '3 JPY'::amount AS negative, - '0 JPY'::amount AS zero,
    '92233720368547758.07 EUR'::amount - '92233720368547758.07 EUR' AS nothing;
SELECT sum(a) FROM (VALUES ('0.10 EUR'::amount), ('0.20 EUR'), (NULL)) AS v(a);
SELECT sum(a) IS NULL AS is_null FROM (SELECT '1 EUR'::amount WHERE false) AS v(a);
SELECT command, pg_temp.failure(command)
FROM (VALUES
    ($$SELECT '1 EUR'::amount + '1 USD'$$),
    ($$SELECT '1 EUR'::amount - '1 USD'$$),
    ($$SELECT sum(a) FROM (VALUES ('1 EUR'::amount), ('1 JPY')) AS v(a)$$),
    ($$SELECT '92233720368547758.07 EUR'::amount + '0.01 EUR'$$),
    ($$SELECT '-92233720368547758.07 EUR'::amount - '0.01 EUR'$$),
    ($$SELECT '-92233720368547758.07 EUR'::amount - '0.02 EUR'$$)) AS v(command);
SELECT left(pg_temp.failure($$SELECT '1 EUR'::amount + 1$$), 5) AS plain_number;

-- One total order, by currency, then by value; six operators agree with it.
SELECT array_agg(a ORDER BY a) FROM (VALUES ('2 EUR'::amount), ('-1 EUR'), ('1 USD'), ('10 EUR'), ('900 CHF')) AS v(a);
SELECT count(*) AS wrong
FROM unnest('{"1 EUR","2 EUR","-1 EUR","1 USD","0 USD","1 JPY"}'::amount[]) AS l(a),
     unnest('{"1 EUR","2 EUR","-1 EUR","1 USD","0 USD","1 JPY"}'::amount[]) AS r(b),
     LATERAL (SELECT sign(_amount_compare(a, b))) AS c(o)
WHERE (a < b) <> (o < 0) OR (a <= b) <> (o <= 0) OR (a = b) <> (o = 0)
   OR (a <> b) <> (o <> 0) OR (a >= b) <> (o >= 0) OR (a > b) <> (o > 0)
   OR o <> -sign(_amount_compare(b, a));
SELECT count(DISTINCT a), bool_and(_amount_hash(a) = _amount_hash('5.00 EUR')) AS same_hash,
    bool_and(_amount_hash_extended(a, 0) & 4294967295 = _amount_hash(a)::bigint & 4294967295) AS same_low_bits
FROM (VALUES ('5 EUR'::amount), ('5.0 EUR'), ('5.00 EUR')) AS v(a);

-- Index, hash join and merge join.
CREATE TEMPORARY TABLE priced AS
SELECT amount((g % 100)::numeric / 100, c) AS a
FROM generate_series(1, 1000) AS g, unnest('{EUR,USD}'::text[]) AS c;
CREATE INDEX ON priced USING btree (a);
CREATE INDEX ON priced USING hash (a);
ANALYZE priced;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT count(*) FROM priced WHERE a = '0.42 EUR';
SELECT count(*) FROM priced WHERE a BETWEEN '0.98 EUR' AND '0.01 USD';
RESET enable_seqscan;
RESET enable_bitmapscan;
SET enable_nestloop = off;
SET enable_mergejoin = off;
SELECT count(*) FROM priced AS p JOIN priced AS q USING (a);
SET enable_mergejoin = on;
SET enable_hashjoin = off;
SELECT count(*) FROM priced AS p JOIN priced AS q USING (a);
RESET ALL;
SET search_path = pg_catalog, support_case;

-- No implicit cast leads to or from amount.
SELECT castsource::regtype, casttarget::regtype, castcontext FROM pg_cast
WHERE 'support_case.amount'::regtype IN (castsource, casttarget);
