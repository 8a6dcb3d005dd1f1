-- An order refunded by full shares, however it is cut into cases, gives back
-- each of its amounts exactly: payout, shipping, fee, commission and tax
-- (AMB-36, AMB-124, AMB-126, W-83).
BEGIN;
SELECT plan(34);
SET LOCAL timezone = 'UTC';

-- What the cases of one order posted, by account and component.
CREATE FUNCTION pg_temp.posted(order_id bigint)
RETURNS text
LANGUAGE sql
AS $$
    SELECT string_agg(format('%s.%s %s', account, component, amount), ', ' ORDER BY account, component)
    FROM (SELECT l.account, l.component, sum(l.amount) AS amount
        FROM support_case.seller_ledger AS l
        WHERE l.case_id IN (SELECT c.case_id FROM support_case.case_current AS c WHERE c.order_id = posted.order_id)
        GROUP BY l.account, l.component) AS s
$$;

CREATE FUNCTION pg_temp.refund(order_id bigint, line_number integer, quantity integer)
RETURNS void
LANGUAGE sql
AS $$
    SELECT support_case.offer_full_refund(1, c.case_id)
    FROM support_case.open_case(1, order_id, 'missing_item', 'missing',
        jsonb_build_array(jsonb_build_object('line_number', line_number, 'quantity', quantity))) AS c
$$;

CREATE FUNCTION pg_temp.consumed(order_id bigint)
RETURNS text
LANGUAGE sql
AS $$
    SELECT format('%s of %s', ARRAY[sum(consumed_payout), sum(consumed_shipping), sum(consumed_fee),
            sum(consumed_commission), sum(consumed_tax)],
        ARRAY[sum(payout), sum(shipping), sum(fee), sum(commission), sum(tax)])
    FROM support_case.sales_order_line AS l WHERE l.seller_id = 1 AND l.order_id = consumed.order_id
$$;

SELECT set_config('support_case.now', '2026-01-05T09:00:00Z', true) \g /dev/null
SELECT support_case.register_seller(1) \g /dev/null

-- Three units of 10.00, each in a case of its own.
SELECT support_case.register_order(1, 42, 7, 'USD', 29.97, 0, 0.01, '[{"unit_price": 10.00, "quantity": 3}]', 0.01, 0.01)
\g /dev/null
SELECT pg_temp.refund(42, 1, 1) FROM generate_series(1, 3) \g /dev/null
SELECT is(pg_temp.posted(42), 'buyer_refund.refund -30.00, commission_reversal.commission 0.01, '
    'seller_payable.fee 0.01, seller_payable.payout 29.97, tax_reversal.tax 0.01',
    'AMB-124: three units one by one give back what the order was made of');
SELECT is(pg_temp.consumed(42), '{2997,0,1,1,1} of {2997,0,1,1,1}', 'AMB-124: and the line counts it');

-- No decimals, and two lines, of which neither has a whole share of anything.
SELECT support_case.register_order(1, 43, 7, 'JPY', 95, 7, 3,
    '[{"unit_price": 10, "quantity": 4}, {"line_number": 2, "unit_price": 9, "quantity": 7}]', 3, 2) \g /dev/null
SELECT is(array_agg(refundable - payout - shipping - fee - commission - tax), '{0,0}',
    'AMB-124: the shares of a line add up to what the buyer paid for it')
FROM support_case.sales_order_line WHERE order_id = 43;
SELECT pg_temp.refund(43, 2, 3), pg_temp.refund(43, 1, 1), pg_temp.refund(43, 1, 2), pg_temp.refund(43, 2, 1) \g /dev/null
SELECT pg_temp.refund(43, 1, 1), pg_temp.refund(43, 2, 2), pg_temp.refund(43, 2, 1) \g /dev/null
SELECT is(pg_temp.posted(43), 'buyer_refund.refund -110, commission_reversal.commission 3, '
    'seller_payable.fee 3, seller_payable.payout 95, seller_payable.shipping 7, tax_reversal.tax 2',
    'AMB-124: seven cases of an order in yen give back what the order was made of');
SELECT is(pg_temp.consumed(43), '{95,7,3,3,2} of {95,7,3,3,2}', 'AMB-124: and the lines count it');

-- Three lines of 0.01: payout and fee, each allocated on its own, would both
-- fall to the first line.
SELECT support_case.register_order(1, 44, 7, 'USD', 0.02, 0, 0.01,
    '[{"unit_price": 0.01}, {"line_number": 2, "unit_price": 0.01}, {"line_number": 3, "unit_price": 0.01}]', 0, 0)
\g /dev/null
SELECT pg_temp.refund(44, n, 1) FROM generate_series(1, 3) AS n \g /dev/null
SELECT is(pg_temp.posted(44), 'buyer_refund.refund -0.03, seller_payable.fee 0.01, seller_payable.payout 0.02',
    'AMB-124, AMB-126: no subsidy and no commission out of rounding alone');

-- A partial refund first: the rest is split by what it left.
SELECT support_case.register_order(1, 45, 7, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]', 8.00, 0) \g /dev/null
SELECT is(array_agg(amount ORDER BY n), '{3000,6134,345,221,800}', 'AMB-124: full shares after a fixed amount clear the rest')
FROM (SELECT n, amount FROM support_case._refund_entries('{{1,1,10500,0,0,0,0,0,0,0,8880,500,320,800,0}}',
        '{{1,1,3000,0,1,0,0},{2,0,0,0,1,0,0}}', '{{1,1,1},{2,1,1}}') WITH ORDINALITY AS e (k, a, c, amount, n)
    WHERE amount > 0) AS e;
SELECT is(ARRAY[sum(consumed_payout), sum(consumed_shipping), sum(consumed_fee), sum(consumed_commission), sum(consumed_tax)],
    '{8880,500,320,800,0}', 'AMB-124: a fixed amount consumes the seller''s parts, too')
FROM support_case._refund_lines('{{1,1,10500,0,0,0,0,0,0,0,8880,500,320,800,0}}',
    '{{1,1,3000,0,1,0,0},{2,0,0,0,1,0,0}}', '{{1,1,1},{2,1,1}}');
SELECT is(array_agg(consumed ORDER BY k), '{{30,2,1,3,1},{27,1,1,4,0},{30,2,1,3,1}}',
    'AMB-37: so does an amount pro rata, part by part')
FROM (SELECT refund_key AS k, ARRAY[consumed_payout, consumed_shipping, consumed_fee, consumed_commission, consumed_tax]
        AS consumed
    FROM support_case._refund_lines('{{1,1,107,0,0,0,0,0,0,0,87,5,3,10,2}}',
        '{{1,3,37,0,1,0,0},{2,3,33,0,1,0,0},{3,3,37,0,1,0,0}}', '{{1,1,1},{2,1,1},{3,1,1}}')) AS t;

-- Random orders in three currencies, refunded unit by unit or some units at a
-- time, of one line or of several, in random order; each refund sees only what
-- the ones before it left in the lines.  Seeded: every run is the same.
SELECT setseed(0.124) \g /dev/null
CREATE FUNCTION pg_temp.up_to(most bigint)
RETURNS bigint
LANGUAGE sql VOLATILE
AS $$ SELECT floor(random() * (most + 1))::bigint $$;

CREATE TEMPORARY TABLE drawn (order_id bigint PRIMARY KEY, kind text, currency text, parts bigint[], paid bigint);

-- known: the parts are what was paid; unknown: commission and tax are not
-- given; discounted: the platform paid some of the price.
CREATE FUNCTION pg_temp.draw_order(order_id bigint)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    kind text := (ARRAY['known', 'known', 'unknown', 'discounted'])[1 + order_id % 4];
    currency text := (ARRAY['USD', 'JPY', 'KWD'])[1 + order_id % 3];
    lines jsonb;
    price bigint;
    shipping bigint := pg_temp.up_to(12);
    fee bigint;
    commission bigint := 0;
    tax bigint := 0;
    discount bigint := 0;
BEGIN
    SELECT jsonb_agg(jsonb_build_object('line_number', n, 'quantity', q,
            'unit_price', support_case._to_major(p, currency))), sum(p * q)
    INTO lines, price
    FROM (SELECT n, 1 + pg_temp.up_to(4) AS q, 1 + pg_temp.up_to((ARRAY[2, 30, 3000])[1 + order_id / 4 % 3]) AS p
        FROM generate_series(1, 1 + pg_temp.up_to(4)) AS n) AS l;
    fee := pg_temp.up_to(least(price / 4, 40));
    IF kind <> 'discounted' THEN
        commission := pg_temp.up_to(least(price / 4, 200));
        tax := pg_temp.up_to(least(price / 4, 60));
    ELSE
        discount := 1 + pg_temp.up_to(20);
    END IF;
    INSERT INTO drawn VALUES (order_id, kind, currency,
        ARRAY[price + discount - fee - commission - tax, shipping, fee,
            CASE kind WHEN 'unknown' THEN commission + tax ELSE commission END,
            CASE kind WHEN 'unknown' THEN 0 ELSE tax END], price + shipping);
    PERFORM support_case.register_order(1, order_id, 7, currency,
        support_case._to_major(price + discount - fee - commission - tax, currency),
        support_case._to_major(shipping, currency), support_case._to_major(fee, currency), lines,
        CASE WHEN kind = 'known' THEN support_case._to_major(commission, currency) END,
        CASE WHEN kind = 'known' THEN support_case._to_major(tax, currency) END);
END
$$;
SELECT count(pg_temp.draw_order(n)) FROM generate_series(1001, 1240) AS n \g /dev/null

SELECT is(count(*), 0::bigint, 'AMB-124: registration allocates every order''s amounts to its lines in full')
FROM drawn AS d
JOIN LATERAL (SELECT ARRAY[sum(l.payout), sum(l.shipping), sum(l.fee), sum(l.commission), sum(l.tax)]::bigint[] AS parts
    FROM support_case.sales_order_line AS l WHERE l.order_id = d.order_id) AS s ON true
WHERE s.parts IS DISTINCT FROM CASE d.kind WHEN 'unknown' THEN d.parts[1:3] || '{0,0}' ELSE d.parts END;
SELECT is(count(*), 0::bigint, 'AMB-124, AMB-126: a line''s shares add up to what was paid; only discounts exceed it')
FROM drawn AS d
JOIN support_case.sales_order_line AS l ON l.order_id = d.order_id,
    LATERAL (SELECT l.payout + l.shipping + l.fee + l.commission + l.tax - l.refundable AS more) AS m
WHERE CASE d.kind WHEN 'known' THEN more <> 0 WHEN 'unknown' THEN more > 0 ELSE more < 0 END;

-- The copy has the caps of the table: nothing is consumed twice.
CREATE TEMPORARY TABLE line (LIKE support_case.sales_order_line INCLUDING ALL);
INSERT INTO line SELECT l.* FROM support_case.sales_order_line AS l JOIN drawn USING (order_id);
CREATE TEMPORARY TABLE entry (order_id bigint, refund_key bigint, account text, component text, amount bigint);

-- refund_units shuffles the units, cuts them into refunds and posts those.
CREATE FUNCTION pg_temp.refund_units(order_id bigint, units_per_refund integer)
RETURNS void
LANGUAGE plpgsql
AS $$
#variable_conflict use_variable
DECLARE
    state bigint[];
    refund bigint[];
    taken bigint[];
BEGIN
    FOR taken IN
        SELECT array_agg(ARRAY[g.refund_key, g.line_number, g.quantity])
        FROM (SELECT (u.n + units_per_refund - 1) / units_per_refund AS refund_key, u.line_number, count(*) AS quantity
            FROM (SELECT l.line_number, row_number() OVER (ORDER BY s.chance, l.line_number, s.unit) AS n
                FROM line AS l, LATERAL (SELECT unit, random() AS chance
                    FROM generate_series(1, l.quantity) AS unit) AS s
                WHERE l.order_id = refund_units.order_id) AS u
            GROUP BY 1, 2) AS g
        GROUP BY g.refund_key ORDER BY g.refund_key
    LOOP
        state := ARRAY(SELECT ARRAY[l.line_number, l.quantity, l.refundable, l.refunded, l.refunded_quantity,
                l.consumed_payout, l.consumed_shipping, l.consumed_fee, l.consumed_commission, l.consumed_tax,
                l.payout, l.shipping, l.fee, l.commission, l.tax]::bigint[]
            FROM line AS l WHERE l.order_id = refund_units.order_id);
        refund := ARRAY[ARRAY[taken[1][1], 0, 0, 0] || (ARRAY['{1,0,0}', '{60,0,40}', '{1,1,1}'])[1 + pg_temp.up_to(2)]::bigint[]];
        INSERT INTO entry
        SELECT refund_units.order_id, e.* FROM support_case._refund_entries(state, refund, taken) AS e;
        UPDATE line AS l
        SET refunded = l.refunded + r.refunded, refunded_quantity = l.refunded_quantity + r.refunded_quantity,
            consumed_payout = l.consumed_payout + r.consumed_payout,
            consumed_shipping = l.consumed_shipping + r.consumed_shipping,
            consumed_fee = l.consumed_fee + r.consumed_fee,
            consumed_commission = l.consumed_commission + r.consumed_commission,
            consumed_tax = l.consumed_tax + r.consumed_tax
        FROM support_case._refund_lines(state, refund, taken) AS r
        WHERE l.order_id = refund_units.order_id AND l.line_number = r.line_number;
    END LOOP;
END
$$;
-- Half of the orders unit by unit, the others two or three units at a time.
SELECT count(pg_temp.refund_units(order_id, CASE order_id % 2 WHEN 0 THEN 1 ELSE 2 + (order_id / 2 % 2)::integer END))
FROM (SELECT order_id FROM drawn ORDER BY order_id) AS d \g /dev/null

SELECT cmp_ok(count(DISTINCT (order_id, refund_key)), '>', 1000::bigint, 'there are many refunds') FROM entry;
SELECT is(count(*), 0::bigint, 'W-82: the entries of each refund add up to zero')
FROM (SELECT FROM entry GROUP BY order_id, refund_key HAVING sum(amount) <> 0) AS e;
SELECT is(count(*), 0::bigint, 'AMB-124: no component''s entry is negative')
FROM entry WHERE amount < 0 AND account NOT IN ('buyer_refund', 'platform_subsidy');
SELECT is(count(*), 0::bigint, 'AMB-126: no subsidy where the platform funded no discount')
FROM entry JOIN drawn USING (order_id) WHERE account = 'platform_subsidy' AND kind <> 'discounted';
SELECT is(count(*), 0::bigint, 'AMB-126: no income of the platform comes back where there was none')
FROM entry JOIN drawn USING (order_id) WHERE account LIKE '%reversal' AND kind = 'discounted';

CREATE TEMPORARY TABLE outcome AS
SELECT d.*, p.*
FROM drawn AS d
JOIN (SELECT order_id,
        ARRAY[sum(amount) FILTER (WHERE component = 'payout'), sum(amount) FILTER (WHERE component = 'shipping'),
            sum(amount) FILTER (WHERE component = 'fee'), sum(amount) FILTER (WHERE account = 'commission_reversal'),
            sum(amount) FILTER (WHERE account = 'tax_reversal')] AS posted,
        -sum(amount) FILTER (WHERE account = 'buyer_refund') AS refunded,
        coalesce(-sum(amount) FILTER (WHERE account = 'platform_subsidy'), 0) AS subsidy
    FROM entry GROUP BY order_id) AS p (posted_order_id, posted, refunded, subsidy) ON p.posted_order_id = d.order_id;
SELECT is(count(*), 240::bigint, 'every order is refunded') FROM outcome;
SELECT is((SELECT count(*) FROM outcome AS o WHERE o.kind = k.kind
        AND (SELECT array_agg(coalesce(p, 0) ORDER BY n) FROM unnest(o.posted) WITH ORDINALITY AS u (p, n))::bigint[] <> o.parts),
    0::bigint, format('AMB-124: %s parts of orders are posted exactly', k.kind))
FROM (VALUES ('known'), ('unknown'), ('discounted')) AS k (kind);
SELECT is(count(*), 0::bigint, 'AMB-124: the buyers get what they paid') FROM outcome WHERE refunded <> paid;
SELECT is(count(*), 0::bigint, 'AMB-126: the discounts come back to the platform')
FROM outcome WHERE subsidy <> (SELECT sum(p) FROM unnest(parts) AS p) - paid;
SELECT is(count(*), 0::bigint, 'AMB-124: every line is consumed, part by part')
FROM line
WHERE (refunded, refunded_quantity, consumed_payout, consumed_shipping, consumed_fee, consumed_commission, consumed_tax)
    IS DISTINCT FROM (refundable, quantity, payout, shipping, fee, commission, tax);

-- Refunds outside the cases before, between and after full shares: a chargeback
-- of 40.00, then a decision; 105.00 were paid, 97.00 of it for the seller.
SELECT support_case.register_order(1, 46, 7, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]', 6.00, 2.00) \g /dev/null
SELECT support_case.create_policy('{"chargeback_on_open": "escalate"}') \g /dev/null
SELECT case_id AS id FROM support_case.open_case(1, 46, 'missing_item', 'missing') \gset
SELECT support_case.record_chargeback(1, 46, 40.00) \g /dev/null
SELECT is(pg_temp.consumed(46), '{3383,190,122,229,76} of {8880,500,320,600,200}',
    'AMB-41, AMB-124: a chargeback takes of each part of the line what goes with it');
SELECT is(pg_temp.posted(46), NULL, 'W-117: and nothing is posted');
SELECT support_case.decide(1, :id, 'refund', actor_id => 'agent') \g /dev/null
SELECT is(pg_temp.posted(46), 'buyer_refund.refund -65.00, commission_reversal.commission 3.71, '
    'seller_payable.fee 1.98, seller_payable.payout 54.97, seller_payable.shipping 3.10, tax_reversal.tax 1.24',
    'W-83, AMB-36: the decision charges what is left of the seller''s money, and gives commission and tax back');
SELECT is(pg_temp.consumed(46), '{8880,500,320,600,200} of {8880,500,320,600,200}', 'AMB-124: to the last cent');
SELECT support_case.register_order(1, 47, 7, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]', 6.00, 2.00) \g /dev/null
SELECT support_case.record_external_refund(1, 47, 40.00) \g /dev/null
SELECT pg_temp.refund(47, 1, 1) \g /dev/null
SELECT is(pg_temp.posted(47), pg_temp.posted(46), 'AMB-65: the same after a refund of the host''s');
-- The seller's own part, though, is his alone (W-86): what is left after it has all of the commission.
SELECT support_case.register_order(1, 48, 7, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]', 6.00, 2.00) \g /dev/null
SELECT case_id AS id FROM support_case.open_case(1, 48, 'missing_item', 'missing') \gset
SELECT support_case.offer_partial_refund(1, :id, 30.00), support_case.accept_offer(1, :id) \g /dev/null
SELECT support_case.record_external_refund(1, 48, 40.00) \g /dev/null
SELECT pg_temp.refund(48, 1, 1) \g /dev/null
SELECT is(pg_temp.posted(48), 'buyer_refund.refund -65.00, commission_reversal.commission 2.80, seller_payable.fee 1.03, '
    'seller_payable.partial 30.00, seller_payable.payout 28.63, seller_payable.shipping 1.61, tax_reversal.tax 0.93',
    'W-86, AMB-124: a partial refund, a refund outside and a full one');
SELECT is(pg_temp.consumed(48), '{8880,500,320,600,200} of {8880,500,320,600,200}', 'AMB-124: to the last cent');

SELECT count(pg_temp.draw_order(n)) FROM generate_series(2001, 2120) AS n \g /dev/null
DO $mixed$
DECLARE
    d drawn;
    unit record;
BEGIN
    FOR d IN SELECT * FROM drawn WHERE order_id > 2000 ORDER BY order_id LOOP
        FOR unit IN
            SELECT l.line_number FROM support_case.sales_order_line AS l, LATERAL (SELECT n, random() AS chance
                FROM generate_series(1, l.quantity) AS n) AS u
            WHERE l.order_id = d.order_id ORDER BY u.chance, l.line_number, u.n
        LOOP
            IF random() < 0.5 THEN
                PERFORM support_case.record_external_refund(1, d.order_id,
                    support_case._to_major(1 + pg_temp.up_to(d.paid / 4), d.currency));
            END IF;
            BEGIN
                PERFORM pg_temp.refund(d.order_id, unit.line_number, 1);
            EXCEPTION WHEN SQLSTATE 'SC007' THEN
                NULL;
            END;
        END LOOP;
        -- Where the last units were refunded already, something may be left.
        PERFORM support_case.record_external_refund(1, d.order_id, support_case._to_major(d.paid, d.currency));
    END LOOP;
END
$mixed$;
SELECT cmp_ok((SELECT count(*) FROM support_case.external_refund WHERE order_id > 2000 AND counted_amount > 0), '>', 200::bigint,
    'there are many refunds outside the cases');
SELECT is(count(*), 0::bigint, 'AMB-124: however refunds outside and full shares alternate, they clear every part of every line')
FROM support_case.sales_order_line AS l JOIN drawn USING (order_id)
WHERE order_id > 2000 AND (refunded, consumed_payout, consumed_shipping, consumed_fee, consumed_commission, consumed_tax)
    IS DISTINCT FROM (refundable, payout, shipping, fee, commission, tax);
SELECT is(count(*), 0::bigint, 'AMB-126: and nobody is charged for what no buyer gets')
FROM support_case.ledger_journal AS j JOIN support_case.ledger_entry USING (seller_id, case_id, journal_number)
JOIN drawn USING (order_id)
WHERE order_id > 2000 AND account = 'platform_subsidy' AND drawn.kind <> 'discounted';
SELECT is_empty('SELECT * FROM support_case.verify()', 'verify() finds nothing');
SELECT * FROM finish();
ROLLBACK;
