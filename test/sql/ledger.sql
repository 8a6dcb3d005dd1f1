-- Charges and postings (W-82 to W-89, AMB-34 to AMB-37, AMB-61, AMB-122,
-- AMB-124 to AMB-126, X-14, X-15).  Amounts are minor units; an entry's debit
-- is positive.
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

-- The allocation: largest remainder, ties by position, the sum is exact.
SELECT total, weights, allocate(total, weights)
FROM (VALUES
    (100::bigint, '{1,1,1}'::bigint[]), (-100, '{1,1,1}'), (10, '{3,0,7}'), (5, '{0,0}'), (7, '{0,0,0}'),
    (1, '{1,2}'), (1, '{1,1}'), (-1, '{1,1}'), (0, '{1,2}'), (0, '{}'), (3, '{5}'), (2, '{1,1,1,1}'),
    (9223372036854775807, '{9223372036854775807,9223372036854775807}'),
    (9223372036854775807, '{9223372036854775807,1}'),
    (-9223372036854775808, '{1}'), (-9223372036854775808, '{1,2}')) AS v(total, weights);
SELECT command, pg_temp.failure(command)
FROM (VALUES
    ($$SELECT support_case.allocate(1, '{1,-1}')$$),
    ($$SELECT support_case.allocate(1, '{1,NULL}')$$),
    ($$SELECT support_case.allocate(1, '{}')$$),
    ($$SELECT support_case.allocate(1, '{{1},{2}}')$$),
    ($$SELECT support_case.allocate(1, array_fill(1::bigint, ARRAY[1000001]))$$)) AS v(command);
-- A null that was replaced leaves the array with a null bitmap.
DO $$
DECLARE
    weights bigint[] := '{1,NULL}';
BEGIN
    weights[2] := 3;
    ASSERT allocate(8, weights) = '{2,6}';
END
$$;

-- X-14, X-15 in currencies of 0, 2 and 3 decimals: one line, sold for 100.00
-- and 5.00 shipping, commission 8.00; payout 88.80, fee 3.20; label 6.50.
CREATE TEMPORARY TABLE example AS
SELECT currency, ARRAY[[1, 1, 10500, 0, 0, 0, 0, 0, 0, 0, 8880, 500, 320, 800, 0]]::bigint[] AS lines
FROM unnest('{JPY,EUR,KWD}'::text[]) AS currency;
-- posting writes each refund's entries on two lines, in major units.
CREATE FUNCTION pg_temp.posting(currency text, lines bigint[], refunds bigint[], refund_lines bigint[])
RETURNS TABLE (refund_key bigint, debits text, credits text, sum numeric)
LANGUAGE sql AS $$
    SELECT refund_key,
        string_agg(entry, ', ' ORDER BY ordinality) FILTER (WHERE amount > 0),
        string_agg(entry, ', ' ORDER BY ordinality) FILTER (WHERE amount < 0),
        sum(amount)
    FROM (SELECT *, format('%s.%s %s', account, component,
              support_case._to_major(abs(amount), posting.currency)) AS entry
          FROM support_case._refund_entries(lines, refunds, refund_lines) WITH ORDINALITY) AS e
    GROUP BY refund_key ORDER BY min(ordinality)
$$;

\echo W-83 full refund, no return: seller 97.00 (X-14), buyer 105.00, commission back 8.00 (X-15)
SELECT currency, p.* FROM example, pg_temp.posting(currency, lines, '{{1,0,0,0,1,0,0}}', '{{1,1,1}}') AS p;
\echo W-84 full refund after return: seller 103.50 (X-14)
SELECT currency, p.* FROM example, pg_temp.posting(currency, lines, '{{1,0,0,650,1,0,0}}', '{{1,1,1}}') AS p;
SELECT * FROM _refund_totals('{{1,1,10500,0,0,0,0,0,0,0,8880,500,320,800,0}}', '{{1,0,0,650,1,0,0}}', '{{1,1,1}}');
\echo W-86, AMB-37 partial refund: the amount only, nothing pro rata
SELECT currency, p.* FROM example, pg_temp.posting(currency, lines, '{{1,1,3000,0,1,0,0}}', '{{1,1,1}}') AS p;
\echo W-85, W-87, W-88 replacement, no refund, return not dropped off: no entry
SELECT count(*) FROM example, pg_temp.posting(currency, lines, '{}', '{}') AS p;
SELECT count(*) FROM example, pg_temp.posting(currency, lines, '{{1,2,0,0,1,0,0}}', '{{1,1,1}}') AS p;
\echo a label without a refund charges the label only
SELECT p.* FROM example, pg_temp.posting(currency, lines, '{{1,2,0,650,1,0,0}}', '{}') AS p WHERE currency = 'EUR';
SELECT * FROM _refund_lines('{{1,1,10500,0,0,0,0,0,0,0,8880,500,320,800,0}}', '{{1,2,0,650,1,0,0}}', '{{1,1,1}}');

\echo W-89, AMB-34 the decision names who bears: seller, carrier, platform (T-27: seller 0), split
SELECT weights, p.debits, p.sum
FROM (VALUES ('{1,0,0}'::bigint[]), ('{0,1,0}'), ('{0,0,1}'), ('{60,0,40}'), ('{1,1,1}')) AS v(weights),
     pg_temp.posting('EUR', '{{1,1,10500,0,0,0,0,0,0,0,8880,500,320,800,0}}',
         ARRAY[ARRAY[1, 0, 0, 0] || weights], '{{1,1,1}}') AS p;
\echo AMB-125 the label of an ordered return is shared like the charge
SELECT seller_charged, carrier_charged, platform_absorbed, charged, return_label
FROM _refund_totals('{{1,1,10500,0,0,0,0,0,0,0,8880,500,320,800,0}}', '{{1,0,0,650,50,0,50}}', '{{1,1,1}}');
\echo AMB-35 partial refund by the platform: amount times seller share
SELECT p.* FROM pg_temp.posting('EUR', '{{1,1,10500,0,0,0,0,0,0,0,8880,500,320,800,0}}', '{{1,1,3000,0,60,0,40}}', '{{1,1,1}}') AS p;

\echo AMB-36 commission and tax come back as they were; what they do not explain counts as commission
SELECT commission, tax, p.debits, p.credits
FROM (VALUES (500, 300), (0, 800), (0, 0), (1, 2)) AS v(commission, tax),
     pg_temp.posting('EUR', ARRAY[[1, 1, 10500, 0, 0, 0, 0, 0, 0, 0, 8880, 500, 320, commission, tax]]::bigint[],
         '{{1,0,0,0,1,0,0}}', '{{1,1,1}}') AS p;
\echo AMB-36 a tax that is too small for every unit comes back once
SELECT p.* FROM pg_temp.posting('EUR', '{{1,3,30,0,0,0,0,0,0,0,20,0,0,0,1}}', '{{1,0,0,0,1,0,0}}', '{{1,1,1}}') AS p;
\echo AMB-126 seller money above the refund: the difference is the platform subsidy
SELECT p.* FROM pg_temp.posting('EUR', '{{1,1,9000,0,0,0,0,0,0,0,8880,500,320,0,0}}', '{{1,0,0,0,1,0,0}}', '{{1,1,1}}') AS p;
\echo a free line, wholly paid by the platform
SELECT p.* FROM pg_temp.posting('EUR', '{{1,1,0,0,0,0,0,0,0,0,500,0,0,0,0}}', '{{1,0,0,0,1,0,0}}', '{{1,1,1}}') AS p;

\echo AMB-124 three of a line one by one: every share is of what is left, the last one clears
SELECT * FROM _refund_lines('{{1,3,1000,0,0,0,0,0,0,0,800,40,11,149,0}}',
    '{{1,0,0,0,1,0,0},{2,0,0,0,1,0,0},{3,0,0,0,1,0,0}}', '{{1,1,1},{2,1,1},{3,1,1}}');
SELECT * FROM pg_temp.posting('EUR', '{{1,3,1000,0,0,0,0,0,0,0,800,40,11,149,0}}',
    '{{1,0,0,0,1,0,0},{2,0,0,0,1,0,0},{3,0,0,0,1,0,0}}', '{{1,1,1},{2,1,1},{3,1,1}}');
SELECT refund_key, entitled, refunded FROM _refund_totals('{{1,3,1000,0,0,0,0,0,0,0,800,40,11,149,0}}',
    '{{1,0,0,0,1,0,0},{2,0,0,0,1,0,0},{3,0,0,0,1,0,0}}', '{{1,1,1},{2,1,1},{3,1,1}}');
\echo AMB-124 the parts of three units of 9.99 add up: payout 29.97, fee, commission and tax 0.01 each
SELECT * FROM pg_temp.posting('USD', '{{7,3,3000,0,0,0,0,0,0,0,2997,0,1,1,1}}',
    '{{1,0,0,0,1,0,0},{2,0,0,0,1,0,0},{3,0,0,0,1,0,0}}', '{{1,7,1},{2,7,1},{3,7,1}}');
SELECT * FROM _refund_lines('{{7,3,3000,0,0,0,0,0,0,0,2997,0,1,1,1}}',
    '{{1,0,0,0,1,0,0},{2,0,0,0,1,0,0},{3,0,0,0,1,0,0}}', '{{1,7,1},{2,7,1},{3,7,1}}');
\echo AMB-124 the same without decimals, where a unit has less than a yen of each
SELECT * FROM pg_temp.posting('JPY', '{{7,4,40,0,0,0,0,0,0,0,30,3,2,3,2}}',
    '{{1,0,0,0,1,0,0},{2,0,0,0,1,0,0},{3,0,0,0,1,0,0}}', '{{1,7,1},{2,7,2},{3,7,1}}');
\echo AMB-124, AMB-126 a line that costs more than it refunds beside one that costs less: one leg for both
SELECT * FROM pg_temp.posting('EUR', '{{1,1,100,0,0,0,0,0,0,0,80,0,0,15,5},{2,1,50,0,0,0,0,0,0,0,55,0,0,0,0}}',
    '{{1,0,0,0,1,0,0}}', '{{1,1,1},{1,2,1}}');
SELECT * FROM _refund_lines('{{1,1,100,0,0,0,0,0,0,0,80,0,0,15,5},{2,1,50,0,0,0,0,0,0,0,55,0,0,0,0}}',
    '{{1,0,0,0,1,0,0}}', '{{1,1,1},{1,2,1}}');
\echo AMB-124 a partial refund, then the rest: 30.00 and 75.00, seller 30.00 and 67.00
SELECT * FROM pg_temp.posting('EUR', '{{1,1,10500,0,0,0,0,0,0,0,8880,500,320,800,0}}',
    '{{1,1,3000,0,1,0,0},{2,0,0,0,1,0,0}}', '{{1,1,1},{2,1,1}}');
\echo AMB-124 a fixed amount over two lines, by what is left of each
SELECT * FROM _refund_lines('{{1,1,1000,0,0,0,0,0,0,0,900,0,0,100,0},{2,2,500,200,0,200,0,0,0,0,450,0,0,50,0}}',
    '{{1,1,1000,0,1,0,0}}', '{{1,2,2},{1,1,1}}');

\echo AMB-37 pro rata: 30.00 of 105.00 charges 30/105 of 97.00, commission gives the rest
SELECT currency, p.* FROM example, pg_temp.posting(currency, lines, '{{1,3,3000,0,1,0,0}}', '{{1,1,1}}') AS p;
\echo AMB-37 pro rata of everything charges exactly the seller money, also in parts
SELECT p.* FROM pg_temp.posting('EUR', '{{1,1,10500,0,0,0,0,0,0,0,8880,500,320,500,300}}', '{{1,3,10500,0,1,0,0}}', '{{1,1,1}}') AS p;
SELECT refund_key, refunded, charged, sum(charged) OVER (ORDER BY refund_key)
FROM _refund_totals('{{1,1,10500,0,0,0,0,0,0,0,8880,500,320,800,0}}',
    '{{1,3,1,0,1,0,0},{2,3,3333,0,1,0,0},{3,3,3333,0,1,0,0},{4,3,9999,0,1,0,0}}', '{{1,1,1},{2,1,1},{3,1,1},{4,1,1}}');
\echo AMB-37 every way to cut a line into four parts charges its seller money, every part by what is left of it
SELECT count(DISTINCT (seller_money, a, b, c)) AS cuts,
    count(*) FILTER (WHERE abs(t.charged - t.refunded * (seller_money - total + t.charged) / (23.0 - refunded_total + t.refunded)) > 0.5) AS off,
    count(*) FILTER (WHERE refund_key = 4 AND total <> seller_money) AS wrong
FROM generate_series(0, 46, 2) AS seller_money, generate_series(1, 20, 3) AS a, generate_series(1, 21 - a, 3) AS b,
    generate_series(1, 22 - a - b, 2) AS c,
    LATERAL (SELECT *, sum(charged) OVER (ORDER BY refund_key) AS total, sum(refunded) OVER (ORDER BY refund_key) AS refunded_total
        FROM _refund_totals(ARRAY[[1, 1, 23, 0, 0, 0, 0, 0, 0, 0, seller_money, 0, 0, 0, 0]]::bigint[],
            ARRAY[[1, 3, a, 0, 1, 0, 0], [2, 3, b, 0, 1, 0, 0], [3, 3, c, 0, 1, 0, 0], [4, 3, 23, 0, 1, 0, 0]]::bigint[],
            '{{1,1,1},{2,1,1},{3,1,1},{4,1,1}}')) AS t;
\echo AMB-37 pro rata, then the full rest: together the seller money
SELECT p.* FROM pg_temp.posting('EUR', '{{1,1,10500,0,0,0,0,0,0,0,8880,500,320,800,0}}',
    '{{1,3,3000,0,1,0,0},{2,0,0,0,1,0,0}}', '{{1,1,1},{2,1,1}}') AS p;
\echo AMB-37 pro rata over two lines, each with its own seller money
SELECT p.* FROM pg_temp.posting('EUR', '{{1,1,1000,0,0,0,0,0,0,0,900,0,0,100,0},{2,2,500,0,0,0,0,0,0,0,250,0,0,0,250}}',
    '{{1,3,750,0,1,0,0}}', '{{1,1,1},{1,2,2}}') AS p;
SELECT * FROM _refund_lines('{{1,1,1000,0,0,0,0,0,0,0,900,0,0,100,0},{2,2,500,0,0,0,0,0,0,0,250,0,0,0,250}}',
    '{{1,3,750,0,1,0,0}}', '{{1,1,1},{1,2,2}}');
\echo AMB-37 pro rata beside refunds outside the ledger, with a split, and clamped
SELECT p.* FROM pg_temp.posting('EUR', '{{1,1,10500,5000,0,4229,238,152,381,0,8880,500,320,800,0}}', '{{1,3,3000,0,60,0,40}}', '{{1,1,1}}') AS p;
SELECT * FROM _refund_totals('{{1,1,10500,10000,0,8457,476,305,762,0,8880,500,320,800,0}}', '{{1,3,3000,0,1,0,0},{2,3,1,0,1,0,0}}', '{{1,1,1},{2,1,1}}');
\echo AMB-37, AMB-126 pro rata of a line that the platform had discounted: the subsidy comes back in part
SELECT p.* FROM pg_temp.posting('EUR', '{{1,1,9000,0,0,0,0,0,0,0,8880,500,320,0,0}}', '{{1,3,3000,0,1,0,0}}', '{{1,1,1}}') AS p;

\echo AMB-122 an exhausted cap clamps, to zero at last; it never raises
SELECT * FROM _refund_totals('{{1,1,10500,0,0,0,0,0,0,0,8880,500,320,800,0}}',
    '{{1,1,10000,0,1,0,0},{2,1,1000,0,1,0,0},{3,0,0,0,1,0,0},{4,1,1,0,1,0,0}}',
    '{{1,1,1},{2,1,1},{3,1,1},{4,1,1}}');
SELECT * FROM pg_temp.posting('EUR', '{{1,1,10500,0,0,0,0,0,0,0,8880,500,320,800,0}}',
    '{{1,1,10000,0,1,0,0},{2,1,1000,0,1,0,0},{3,0,0,650,1,0,0},{4,1,1,0,1,0,0}}',
    '{{1,1,1},{2,1,1},{3,1,1},{4,1,1}}');
\echo AMB-122 more quantity than is left
SELECT refund_key, entitled, refunded FROM _refund_totals('{{1,3,1000,0,0,0,0,0,0,0,800,40,11,149,0}}',
    '{{1,0,0,0,1,0,0},{2,0,0,0,1,0,0}}', '{{1,1,2},{2,1,2}}');
\echo AMB-122 refunds outside the ledger took the money: seller and platform are not charged for it
SELECT v.refunded AS outside, t.entitled, t.refunded, t.charged, p.debits, p.credits
FROM (VALUES (10000), (10500)) AS v(refunded),
     _refund_totals(ARRAY[[1, 1, 10500, v.refunded, 0, 0, 0, 0, 0, 0, 8880, 500, 320, 800, 0]]::bigint[], '{{1,0,0,0,1,0,0}}', '{{1,1,1}}') AS t
     LEFT JOIN pg_temp.posting('EUR', ARRAY[[1, 1, 10500, v.refunded, 0, 0, 0, 0, 0, 0, 8880, 500, 320, 800, 0]]::bigint[],
         '{{1,0,0,0,1,0,0}}', '{{1,1,1}}') AS p USING (refund_key);
\echo a rounded unit is no clamp: 13 of a line in six refunds
SELECT count(*), count(*) FILTER (WHERE entitled <> refunded) AS clamped, sum(refunded)
FROM generate_series(1, 1000) AS g(money),
     _refund_totals(ARRAY[[1, 13, money, 0, 0, 0, 0, 0, 0, 0, money, 0, 0, 0, 0]]::bigint[],
         '{{1,0,0,0,1,0,0},{2,0,0,0,1,0,0},{3,0,0,0,1,0,0},{4,0,0,0,1,0,0},{5,0,0,0,1,0,0},{6,0,0,0,1,0,0}}',
         '{{1,1,1},{2,1,2},{3,1,1},{4,1,4},{5,1,2},{6,1,3}}');

\echo Amounts near the limits of bigint
SELECT * FROM pg_temp.posting('JPY', '{{1,3,9223372036854775807,0,0,0,0,0,0,0,9223372036854775807,0,0,0,0}}',
    '{{1,0,0,0,1,1,1},{2,0,0,0,9223372036854775807,9223372036854775807,9223372036854775807}}', '{{1,1,1},{2,1,2}}');
SELECT * FROM pg_temp.posting('JPY', '{{-5,2147483647,9223372036854775806,0,0,0,0,0,0,0,3074457345618258602,3074457345618258602,3074457345618258602,0,0},{9223372036854775807,1,1,0,0,0,0,0,0,0,0,0,1,0,0}}',
    '{{9223372036854775807,0,0,0,1,0,0}}', '{{9223372036854775807,-5,2147483646},{9223372036854775807,9223372036854775807,1}}');
SELECT * FROM _refund_totals('{{1,1,9223372036854775807,0,0,0,0,0,0,0,9223372036854775807,0,0,0,0}}', '{{1,1,9223372036854775807,0,1,0,0}}', '{{1,1,1}}');
SELECT * FROM _refund_totals('{{1,1,9223372036854775807,0,0,0,0,0,0,0,9223372036854775806,0,0,0,0}}',
    '{{1,3,4611686018427387904,0,1,0,0},{2,3,9223372036854775807,0,1,0,0}}', '{{1,1,1},{2,1,1}}');

\echo Malformed input
SELECT what, pg_temp.failure(format('SELECT * FROM support_case._refund_entries(%L, %L, %L)', lines, refunds, refund_lines))
FROM (VALUES
    ('one dimension', '{1,2}', '{}', '{}'),
    ('three dimensions', '{{{1}}}', '{}', '{}'),
    ('too few columns', '{{1,1,1}}', '{}', '{}'),
    ('too many columns', '{{1,1,10,0,0,0,0,0,0,0,5,0,0,0,0}}', '{{1,0,0,0,1,0,0,0}}', '{}'),
    ('null', '{{1,1,10,0,0,0,0,0,0,0,5,0,0,NULL,0}}', '{}', '{}'),
    ('negative payout', '{{1,1,10,0,0,0,0,0,0,0,-5,0,0,0,0}}', '{}', '{}'),
    ('negative refunded', '{{1,1,10,-1,0,0,0,0,0,0,5,0,0,0,0}}', '{}', '{}'),
    ('quantity zero', '{{1,0,10,0,0,0,0,0,0,0,5,0,0,0,0}}', '{}', '{}'),
    ('quantity too large', '{{1,2147483648,10,0,0,0,0,0,0,0,5,0,0,0,0}}', '{}', '{}'),
    ('line twice', '{{1,1,10,0,0,0,0,0,0,0,5,0,0,0,0},{2,1,10,0,0,0,0,0,0,0,5,0,0,0,0},{1,1,10,0,0,0,0,0,0,0,5,0,0,0,0}}', '{}', '{}'),
    ('refundable overflows', '{{1,1,9223372036854775807,0,0,0,0,0,0,0,0,0,0,0,0},{2,1,1,0,0,0,0,0,0,0,0,0,0,0,0}}', '{}', '{}'),
    ('seller money overflows', '{{1,1,1,0,0,0,0,0,0,0,9223372036854775807,0,1,0,0}}', '{}', '{}'),
    ('commission overflows', '{{1,1,1,0,0,0,0,0,0,0,0,0,0,9223372036854775807,1}}', '{}', '{}'),
    ('refund twice', '{{1,1,10,0,0,0,0,0,0,0,5,0,0,0,0}}', '{{1,2,0,0,1,0,0},{1,2,0,0,1,0,0}}', '{}'),
    ('unknown kind', '{{1,1,10,0,0,0,0,0,0,0,5,0,0,0,0}}', '{{1,4,0,0,1,0,0}}', '{}'),
    ('negative kind', '{{1,1,10,0,0,0,0,0,0,0,5,0,0,0,0}}', '{{1,-1,0,0,1,0,0}}', '{}'),
    ('negative amount', '{{1,1,10,0,0,0,0,0,0,0,5,0,0,0,0}}', '{{1,1,-1,0,1,0,0}}', '{{1,1,1}}'),
    ('negative label', '{{1,1,10,0,0,0,0,0,0,0,5,0,0,0,0}}', '{{1,0,0,-1,1,0,0}}', '{{1,1,1}}'),
    ('negative weight', '{{1,1,10,0,0,0,0,0,0,0,5,0,0,0,0}}', '{{1,0,0,0,1,-1,0}}', '{{1,1,1}}'),
    ('nobody bears', '{{1,1,10,0,0,0,0,0,0,0,5,0,0,0,0}}', '{{1,0,0,0,0,0,0}}', '{{1,1,1}}'),
    ('refund without lines', '{{1,1,10,0,0,0,0,0,0,0,5,0,0,0,0}}', '{{1,0,0,0,1,0,0}}', '{}'),
    ('unknown refund', '{{1,1,10,0,0,0,0,0,0,0,5,0,0,0,0}}', '{{1,0,0,0,1,0,0}}', '{{2,1,1}}'),
    ('unknown line', '{{1,1,10,0,0,0,0,0,0,0,5,0,0,0,0}}', '{{1,0,0,0,1,0,0}}', '{{1,2,1}}'),
    ('line without quantity', '{{1,1,10,0,0,0,0,0,0,0,5,0,0,0,0}}', '{{1,0,0,0,1,0,0}}', '{{1,1,0}}'),
    ('more than ordered', '{{1,2,10,0,0,0,0,0,0,0,5,0,0,0,0}}', '{{1,0,0,0,1,0,0}}', '{{1,1,3}}'),
    ('line twice in a refund', '{{1,2,10,0,0,0,0,0,0,0,5,0,0,0,0}}', '{{1,0,0,0,1,0,0}}', '{{1,1,1},{1,1,1}}'),
    ('charge overflows', '{{1,1,9223372036854775807,0,0,0,0,0,0,0,9223372036854775807,0,0,0,0}}', '{{1,0,0,1,1,0,0}}', '{{1,1,1}}'))
    AS v(what, lines, refunds, refund_lines);
SELECT left(pg_temp.failure($$SELECT * FROM support_case._refund_totals(
    array_fill(1::bigint, ARRAY[100001, 15]), '{}', '{}')$$), 100);
SELECT count(*) AS strict FROM _refund_lines(NULL, '{}', '{}');
