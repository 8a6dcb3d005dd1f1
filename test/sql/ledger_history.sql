-- Random histories of refunds against a second implementation, in numeric:
-- every posting is balanced, nothing exceeds what the buyer paid, the last
-- part clears a line exactly (AMB-122, AMB-124, AMB-126, W-82 to W-89).
SET search_path = pg_catalog, support_case;

-- draw is a seeded generator: the same histories on every version.
SET test.seed = '20260109';
CREATE FUNCTION pg_temp.draw(below bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    state bigint := (current_setting('test.seed')::bigint * 1103515245 + 12345) % 2147483648;
BEGIN
    PERFORM set_config('test.seed', state::text, false);
    RETURN (state / 256) % below;
END
$$;

-- split is the largest remainder method, written as one query.
CREATE FUNCTION pg_temp.split(total numeric, weights numeric[]) RETURNS numeric[]
LANGUAGE sql AS $$
    WITH given AS (
        SELECT position, CASE WHEN sum(weight) OVER () = 0 THEN 1 ELSE weight END AS weight
        FROM unnest(weights) WITH ORDINALITY AS w(weight, position)
    ), parts AS (
        SELECT position,
            div(abs(total) * weight, sum(weight) OVER ()) AS part,
            row_number() OVER (ORDER BY mod(abs(total) * weight, (SELECT sum(weight) FROM given)) DESC, position) AS rank
        FROM given
    )
    SELECT array_agg(sign(total) * (part + CASE WHEN rank <= abs(total) - (SELECT sum(part) FROM parts) THEN 1 ELSE 0 END)
                     ORDER BY position)
    FROM parts
$$;

-- Allocation: 500 random ones, small and near the limits.
WITH drawn AS MATERIALIZED (
    SELECT n,
        CASE n % 3 WHEN 0 THEN pg_temp.draw(100) WHEN 1 THEN -pg_temp.draw(100000)
                   ELSE 9223372036854775807 - pg_temp.draw(1000) END AS total,
        (SELECT array_agg(CASE pg_temp.draw(4) WHEN 0 THEN 0 WHEN 1 THEN pg_temp.draw(5)
                               WHEN 2 THEN pg_temp.draw(1000000)
                               ELSE CASE WHEN n % 2 = 0 THEN 9223372036854775807 ELSE position END END)
         FROM generate_series(1, 1 + n % 9) AS position) AS weights
    FROM generate_series(1, 500) AS n
)
SELECT count(*) AS allocations,
    count(*) FILTER (WHERE allocate(total, weights)::numeric[] <> pg_temp.split(total, weights)) AS wrong,
    count(*) FILTER (WHERE (SELECT sum(s) FROM unnest(allocate(total, weights)) AS s) <> total) AS wrong_sum
FROM drawn;

-- The model's state: what the lines of one order were allocated, and lost.
CREATE TEMPORARY TABLE line (
    line_number bigint PRIMARY KEY,
    quantity numeric, refundable numeric, refunded numeric, refunded_quantity numeric,
    used numeric[],     -- of payout, shipping, fee, commission, tax
    payout numeric, shipping numeric, fee numeric, commission numeric, tax numeric,
    outside boolean,    -- a refund outside the ledger came first
    others boolean      -- a refund other than of full shares came first
);
CREATE TEMPORARY TABLE refund (
    refund_key bigint PRIMARY KEY, kind bigint, fixed_amount bigint, label bigint, weights bigint[]
);
CREATE TEMPORARY TABLE refund_line (refund_key bigint, line_number bigint, quantity bigint);
CREATE TEMPORARY TABLE expected_line (
    refund_key bigint, line_number bigint, refunded numeric, refunded_quantity numeric, consumed numeric, used numeric[]
);
CREATE TEMPORARY TABLE expected_entry (refund_key bigint, account text, component text, amount numeric);
CREATE TEMPORARY TABLE problem (history integer, what text, how_many bigint);
CREATE TEMPORARY TABLE tally (what text, how_many bigint);

-- draw_order makes up an order and up to six refunds on it.
CREATE FUNCTION pg_temp.draw_order(history integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    price bigint;
    scale bigint := (ARRAY[10, 1000, 100000])[1 + history % 3];
BEGIN
    TRUNCATE line, refund, refund_line, expected_line, expected_entry;
    FOR n IN 1 .. 1 + pg_temp.draw(4) LOOP
        price := CASE WHEN pg_temp.draw(6) = 0 THEN 0 ELSE pg_temp.draw(scale) END;
        INSERT INTO line VALUES (n * 10, 1 + pg_temp.draw(6), price, 0, 0, '{0,0,0,0,0}',
            price * (70 + pg_temp.draw(40)) / 100, pg_temp.draw(1 + price / 10), pg_temp.draw(1 + price / 30),
            pg_temp.draw(1 + price / 8), pg_temp.draw(1 + price / 20), false, false);
    END LOOP;
    IF pg_temp.draw(5) = 0 THEN
        UPDATE line SET refunded = least(refundable, pg_temp.draw(scale)), outside = true, others = true
        WHERE line_number = 10;
    END IF;
    FOR n IN 1 .. 1 + pg_temp.draw(6) LOOP
        INSERT INTO refund VALUES (100 - n, (ARRAY[0, 0, 0, 1, 1, 2])[1 + pg_temp.draw(6)], pg_temp.draw(scale),
            pg_temp.draw(3) * pg_temp.draw(500),
            CASE pg_temp.draw(5) WHEN 0 THEN '{0,0,1}'::bigint[] WHEN 1 THEN '{0,1,0}' WHEN 2 THEN '{60,0,40}'
                                 WHEN 3 THEN '{1,1,1}' ELSE '{1,0,0}' END);
        INSERT INTO refund_line
        SELECT 100 - n, line_number, 1 + pg_temp.draw(quantity::bigint)
        FROM (SELECT * FROM line ORDER BY line_number) AS l
        WHERE line_number = 10 OR pg_temp.draw(2) = 0;
    END LOOP;
END
$$;

-- model_full takes full shares: of the buyer's money and of the seller's.
CREATE FUNCTION pg_temp.model_full(key bigint) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO expected_line
    SELECT key, line_number,
        CASE WHEN unit_left = 0 THEN 0 ELSE round(money_left * taken / unit_left) END,
        taken,
        CASE WHEN unit_left = 0 THEN 0
             ELSE round(least(seller_left, CASE WHEN NOT short THEN seller_left WHEN money_left = 0 THEN 0
                                                ELSE money_left + greatest(seller - refundable, 0) END)
                        * taken / unit_left) END
    FROM (SELECT *, least(wanted, unit_left) AS taken,
              -- less is left than k roundings of half a unit explain
              refundable * unit_left / quantity - money_left > (quantity - unit_left) / 2.0 AS short
          FROM (SELECT l.*, r.quantity AS wanted, l.quantity - l.refunded_quantity AS unit_left,
                    refundable - refunded AS money_left, payout + shipping + fee AS seller,
                    payout + shipping + fee - used[1] - used[2] - used[3] AS seller_left
                FROM refund_line AS r JOIN line AS l USING (line_number)
                WHERE r.refund_key = key) AS s) AS t
$$;

-- model_fixed takes an amount from the lines by what is left of each.
CREATE FUNCTION pg_temp.model_fixed(key bigint, wanted numeric) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO expected_line
    SELECT key, t.line_number, t.taken, 0, least(t.taken, l.payout + l.shipping + l.fee - l.used[1] - l.used[2] - l.used[3])
    FROM (SELECT unnest(numbers) AS line_number, unnest(pg_temp.split(least(wanted, total), lefts)) AS taken
          FROM (SELECT array_agg(line_number ORDER BY line_number) AS numbers,
                    array_agg(refundable - refunded ORDER BY line_number) AS lefts,
                    sum(refundable - refunded) AS total
                FROM refund_line JOIN line USING (line_number) WHERE refund_key = key) AS a) AS t
    JOIN line AS l USING (line_number)
$$;

CREATE FUNCTION pg_temp.plus(a numeric[], b numeric[]) RETURNS numeric[]
LANGUAGE sql AS $$
    SELECT array_agg(x + y ORDER BY n) FROM unnest(a, b) WITH ORDINALITY AS u(x, y, n)
$$;

-- model_refund posts one refund and adds it to the lines.
CREATE FUNCTION pg_temp.model_refund(r refund) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    accounts text[] := '{seller_payable,carrier_claim,platform_absorbed}';
    g numeric; s numeric; difference numeric; parts numeric[]; labels numeric[];
BEGIN
    IF r.kind = 0 THEN
        PERFORM pg_temp.model_full(r.refund_key);
    ELSIF r.kind = 1 THEN
        PERFORM pg_temp.model_fixed(r.refund_key, r.fixed_amount);
    END IF;
    SELECT coalesce(sum(e.refunded), 0), coalesce(sum(e.consumed), 0) INTO g, s
    FROM expected_line AS e WHERE e.refund_key = r.refund_key;
    IF r.kind = 1 THEN
        s := g;
    END IF;
    difference := g - s;
    -- the seller's parts by what is left of each; then, by the lines that
    -- refund more than they cost, the platform's
    UPDATE expected_line AS e
    SET used = pg_temp.split(e.consumed, ARRAY[l.payout - l.used[1], l.shipping - l.used[2], l.fee - l.used[3]])
        || CASE WHEN difference > 0
            THEN pg_temp.split(least(b.amount, l.commission + l.tax - l.used[4] - l.used[5]),
                ARRAY[l.commission - l.used[4], l.tax - l.used[5]])
            ELSE '{0,0}' END
    FROM line AS l,
        (SELECT unnest(array_agg(x.line_number ORDER BY x.line_number)) AS line_number,
            unnest(pg_temp.split(greatest(difference, 0),
                array_agg(greatest(x.refunded - x.consumed, 0) ORDER BY x.line_number))) AS amount
         FROM expected_line AS x WHERE x.refund_key = r.refund_key) AS b
    WHERE e.refund_key = r.refund_key AND l.line_number = e.line_number AND b.line_number = e.line_number;
    parts := pg_temp.split(s, r.weights::numeric[]);
    labels := pg_temp.split(r.label, r.weights::numeric[]);
    INSERT INTO expected_entry
    SELECT r.refund_key, account, 'any', parts[n] + labels[n] FROM unnest(accounts) WITH ORDINALITY AS a(account, n);
    INSERT INTO expected_entry
    VALUES (r.refund_key, 'reversal', 'any', greatest(difference, 0)),
        (r.refund_key, 'platform_subsidy', 'any', least(difference, 0)),
        (r.refund_key, 'buyer_refund', 'any', -g),
        (r.refund_key, 'return_label', 'any', -r.label);
    -- over all bearers, the components of the lines
    INSERT INTO expected_entry
    SELECT r.refund_key, 'bearers', c.component, sum(c.amount)
    FROM expected_line AS e JOIN line AS l USING (line_number),
        LATERAL (VALUES ('payout', e.used[1]), ('shipping', e.used[2]), ('fee', e.used[3])) AS c(component, amount)
    WHERE e.refund_key = r.refund_key AND r.kind = 0
    GROUP BY c.component;
    INSERT INTO expected_entry
    VALUES (r.refund_key, 'bearers', 'return', r.label),
        (r.refund_key, 'bearers', 'partial', CASE r.kind WHEN 1 THEN g ELSE 0 END);

    UPDATE line AS l SET refunded = l.refunded + e.refunded, used = pg_temp.plus(l.used, e.used),
        refunded_quantity = l.refunded_quantity + e.refunded_quantity, others = l.others OR r.kind <> 0
    FROM expected_line AS e WHERE e.line_number = l.line_number AND e.refund_key = r.refund_key;
END
$$;

CREATE FUNCTION pg_temp.note(history integer, what text, how_many bigint) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO problem SELECT history, what, how_many WHERE how_many > 0
$$;

-- run plays one history and notes where the two implementations differ.
CREATE FUNCTION pg_temp.run(history integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    order_lines bigint[]; refunds bigint[]; refund_lines bigint[];
    r refund;
    state_lines bigint[];
BEGIN
    PERFORM pg_temp.draw_order(history);
    SELECT array_agg(ARRAY[line_number, quantity, refundable, refunded, refunded_quantity]::bigint[]
               || used::bigint[] || ARRAY[payout, shipping, fee, commission, tax]::bigint[] ORDER BY line_number DESC)
    INTO order_lines FROM line;
    SELECT array_agg(ARRAY[f.refund_key, f.kind, f.fixed_amount, f.label] || f.weights ORDER BY f.refund_key DESC)
    INTO refunds FROM refund AS f;
    SELECT array_agg(ARRAY[l.refund_key, l.line_number, l.quantity] ORDER BY l.quantity, l.line_number)
    INTO refund_lines FROM refund_line AS l;

    CREATE TEMPORARY TABLE entry ON COMMIT DROP AS SELECT * FROM _refund_entries(order_lines, refunds, refund_lines);
    CREATE TEMPORARY TABLE taken ON COMMIT DROP AS SELECT * FROM _refund_lines(order_lines, refunds, refund_lines);
    CREATE TEMPORARY TABLE total ON COMMIT DROP AS SELECT * FROM _refund_totals(order_lines, refunds, refund_lines);

    FOR r IN SELECT * FROM refund ORDER BY refund_key DESC LOOP
        -- entitled and refunded agree unless something else took from a line
        PERFORM pg_temp.note(history, 'false clamp', count(*))
        FROM total AS t WHERE t.refund_key = r.refund_key AND r.kind = 0 AND t.entitled <> t.refunded
            AND NOT EXISTS (SELECT FROM refund_line AS x JOIN line AS l USING (line_number)
                            WHERE x.refund_key = r.refund_key
                              AND (l.others OR x.quantity > l.quantity - l.refunded_quantity));
        -- one refund a call gives the same as all in one
        SELECT array_agg(ARRAY[line_number, quantity, refundable, refunded, refunded_quantity]::bigint[]
                   || used::bigint[] || ARRAY[payout, shipping, fee, commission, tax]::bigint[])
        INTO state_lines FROM line;
        PERFORM pg_temp.note(history, 'one by one', count(*))
        FROM (SELECT account, component, amount FROM _refund_entries(state_lines,
                  ARRAY[ARRAY[r.refund_key, r.kind, r.fixed_amount, r.label] || r.weights],
                  (SELECT array_agg(ARRAY[x.refund_key, x.line_number, x.quantity]) FROM refund_line AS x
                   WHERE x.refund_key = r.refund_key))) AS one
        FULL JOIN (SELECT * FROM entry WHERE refund_key = r.refund_key) AS all_of_them USING (account, component)
        WHERE one.amount IS DISTINCT FROM all_of_them.amount;
        PERFORM pg_temp.model_refund(r);
    END LOOP;

    PERFORM pg_temp.note(history, 'unbalanced', count(*))
    FROM (SELECT FROM entry GROUP BY refund_key HAVING sum(amount) <> 0) AS u;
    PERFORM pg_temp.note(history, 'zero or repeated entry', count(*))
    FROM (SELECT FROM entry GROUP BY refund_key, account, component HAVING count(*) > 1 OR min(abs(amount)) = 0) AS z;
    PERFORM pg_temp.note(history, 'sign', count(*)) FROM entry
    WHERE (amount < 0) <> (account IN ('buyer_refund', 'return_label', 'platform_subsidy'));
    PERFORM pg_temp.note(history, 'account', count(*))
    FROM (SELECT refund_key, CASE WHEN account LIKE '%reversal' THEN 'reversal' ELSE account END AS account, sum(amount) AS amount
          FROM entry GROUP BY 1, 2) AS actual
    FULL JOIN (SELECT refund_key, account, amount FROM expected_entry WHERE component = 'any' AND amount <> 0) AS model
        USING (refund_key, account)
    WHERE actual.amount IS DISTINCT FROM model.amount;
    PERFORM pg_temp.note(history, 'component', count(*))
    FROM (SELECT refund_key, component, sum(amount) AS amount FROM entry
          WHERE account IN ('seller_payable', 'carrier_claim', 'platform_absorbed') GROUP BY 1, 2) AS actual
    FULL JOIN (SELECT refund_key, component, amount FROM expected_entry WHERE account = 'bearers' AND amount <> 0) AS model
        USING (refund_key, component)
    WHERE actual.amount IS DISTINCT FROM model.amount;
    PERFORM pg_temp.note(history, 'tax', count(*))
    FROM (SELECT refund_key, amount FROM entry WHERE account = 'tax_reversal') AS actual
    FULL JOIN (SELECT refund_key, sum(used[5]) AS amount FROM expected_line GROUP BY 1 HAVING sum(used[5]) > 0) AS model
        USING (refund_key)
    WHERE actual.amount IS DISTINCT FROM model.amount;
    PERFORM pg_temp.note(history, 'line', count(*))
    FROM taken AS actual
    FULL JOIN (SELECT * FROM expected_line WHERE refunded <> 0 OR refunded_quantity <> 0 OR consumed <> 0) AS model
        USING (refund_key, line_number)
    WHERE (actual.refunded, actual.refunded_quantity, ARRAY[consumed_payout, consumed_shipping, consumed_fee,
            consumed_commission, consumed_tax]::numeric[])
        IS DISTINCT FROM (model.refunded, model.refunded_quantity, model.used);
    PERFORM pg_temp.note(history, 'total', count(*))
    FROM total AS t JOIN refund AS f USING (refund_key)
    LEFT JOIN (SELECT refund_key, -sum(amount) FILTER (WHERE account = 'buyer_refund') AS refunded,
                   sum(amount) FILTER (WHERE account = 'seller_payable') AS seller,
                   sum(amount) FILTER (WHERE account = 'carrier_claim') AS carrier,
                   sum(amount) FILTER (WHERE account = 'platform_absorbed') AS platform
               FROM entry GROUP BY refund_key) AS e USING (refund_key)
    WHERE (t.refunded, t.seller_charged, t.carrier_charged, t.platform_absorbed, t.return_label)
        IS DISTINCT FROM (coalesce(e.refunded, 0), coalesce(e.seller, 0), coalesce(e.carrier, 0), coalesce(e.platform, 0), f.label)
        OR t.charged <> t.seller_charged + t.carrier_charged + t.platform_absorbed
        OR t.entitled < t.refunded;

    PERFORM pg_temp.note(history, 'more than paid', count(*)) FROM line WHERE refunded > refundable;
    PERFORM pg_temp.note(history, 'more than ordered', count(*)) FROM line WHERE refunded_quantity > quantity;
    PERFORM pg_temp.note(history, 'more than the parts', count(*)) FROM line
    WHERE used[1] > payout OR used[2] > shipping OR used[3] > fee OR used[4] > commission OR used[5] > tax;
    PERFORM pg_temp.note(history, 'buyer not cleared', count(*)) FROM line
    WHERE refunded_quantity = quantity AND refunded <> refundable;
    PERFORM pg_temp.note(history, 'seller not cleared', count(*)) FROM line
    WHERE refunded_quantity = quantity AND NOT others AND used[1:3] <> ARRAY[payout, shipping, fee];

    INSERT INTO tally
    SELECT 'refunds', count(*) FROM refund
    UNION ALL SELECT 'entries', count(*) FROM entry
    UNION ALL SELECT 'clamped', count(*) FROM total WHERE entitled > refunded
    UNION ALL SELECT 'with subsidy', count(*) FROM entry WHERE account = 'platform_subsidy'
    UNION ALL SELECT 'with reversal', count(*) FROM entry WHERE account = 'commission_reversal'
    UNION ALL SELECT 'lines cleared', count(*) FROM line WHERE refunded_quantity = quantity AND refundable > 0
    UNION ALL SELECT 'lines refunded outside', count(*) FROM line WHERE outside AND refunded > 0;
    DROP TABLE entry, taken, total;
END
$$;

SET client_min_messages = warning;
SELECT count(pg_temp.run(n)) AS histories FROM generate_series(1, 120) AS n;
SELECT what, sum(how_many) AS how_many FROM tally GROUP BY what ORDER BY what COLLATE "C";
SELECT * FROM problem ORDER BY history, what LIMIT 20;
