-- Currencies have the decimals of ISO 4217, and decimal numbers become minor
-- units exactly or not at all (AMB-61).
\pset null '(null)'
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

-- Sorted and unique: the search is binary.
SELECT count(*), count(DISTINCT currency), min(currency), max(currency),
    bool_and(currency COLLATE "C" > previous COLLATE "C") AS sorted,
    bool_and(currency ~ '^[A-Z]{3}$') AS well_formed
FROM (SELECT currency, lag(currency) OVER (ORDER BY ordinality) AS previous
      FROM currencies() WITH ORDINALITY) AS c;

SELECT exponent, count(*),
    CASE WHEN exponent <> 2 THEN string_agg(currency, ' ' ORDER BY currency COLLATE "C") END AS codes
FROM currencies() GROUP BY exponent ORDER BY exponent;

-- Every listed currency is found, and keeps its decimals both ways.
SELECT count(*) AS wrong FROM currencies()
WHERE _to_minor(7, currency, 'x') <> 7 * (10::numeric ^ exponent)
   OR _to_minor((10::numeric ^ -exponent), currency, 'x') <> 1
   OR scale(_to_major(1, currency)) <> exponent
   OR _to_major(1, currency) <> 10::numeric ^ -exponent;

-- Young currencies are there; metals, funds, test and withdrawn codes are not.
SELECT c.code, e.exponent
FROM unnest('{VES,VED,SLE,MRU,STN,XCG,ZWG,SSP,UYW,CLF,XTS,XAU,XAG,XDR,BOV,CHE,MXV,USN,HRK,SLL}'::text[] || repeat('X', 3))
    WITH ORDINALITY AS c(code, position)
LEFT JOIN currencies() AS e ON e.currency = c.code
ORDER BY position;

-- Exact both ways.
SELECT value, currency, _to_minor(value, currency, 'payout') AS minor,
    _to_major(_to_minor(value, currency, 'payout'), currency) AS major
FROM (VALUES (88.80, 'EUR'), (88.8, 'USD'), (88.8000, 'EUR'), (-0.01, 'EUR'), (0, 'EUR'),
             (1500, 'JPY'), (1500.00, 'JPY'), (1.234, 'KWD'), (0.0001, 'CLF'),
             (92233720368547758.07, 'EUR'), (-92233720368547758.07, 'EUR'),
             (9223372036854775807, 'JPY'), (1e3, 'JPY'), (1e-2, 'EUR')) AS v(value, currency);
SELECT _to_major(-9223372036854775808, 'EUR');
SELECT _to_minor(NULL, 'EUR', 'payout'), _to_major(1, NULL);

-- No value is rounded, and the error names the argument.
SELECT command, pg_temp.failure(command)
FROM (VALUES
    ($$SELECT _to_minor(1.001, 'EUR', 'payout')$$),
    ($$SELECT _to_minor(0.5, 'JPY', 'processing_fee')$$),
    ($$SELECT _to_minor(1.2345, 'KWD', 'payout')$$),
    ($$SELECT _to_minor(1e-1000, 'EUR', 'payout')$$),
    ($$SELECT _to_minor('NaN', 'EUR', 'payout')$$),
    ($$SELECT _to_minor('Infinity', 'EUR', 'payout')$$),
    ($$SELECT _to_minor('-Infinity', 'EUR', 'payout')$$),
    ($$SELECT _to_minor(92233720368547758.08, 'EUR', 'payout')$$),
    ($$SELECT _to_minor(-92233720368547758.08, 'EUR', 'payout')$$),
    ($$SELECT _to_minor(9223372036854775808, 'JPY', 'payout')$$),
    ($$SELECT _to_minor(1e131071, 'KWD', 'payout')$$),
    ($$SELECT _to_minor(1, 'XTS', 'payout')$$),
    ($$SELECT _to_minor(1, 'eur', 'payout')$$),
    ($$SELECT _to_minor(1, 'EURO', 'payout')$$),
    ($$SELECT _to_minor(1, '', 'payout')$$),
    ($$SELECT _to_major(1, 'XTS')$$)) AS v(command);
