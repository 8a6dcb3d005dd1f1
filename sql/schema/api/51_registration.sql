-- What the host tells about sellers and orders.

CREATE OR REPLACE VIEW support_case.sales_orders WITH (security_invoker = true) AS
SELECT o.seller_id, o.order_id, o.buyer_id, o.currency,
    support_case._to_major(o.payout, o.currency) AS payout,
    support_case._to_major(o.buyer_shipping, o.currency) AS buyer_shipping,
    support_case._to_major(o.processing_fee, o.currency) AS processing_fee,
    support_case._to_major(o.commission, o.currency) AS commission,
    support_case._to_major(o.tax, o.currency) AS tax,
    support_case._to_major(o.return_shipping, o.currency) AS return_shipping,
    support_case._to_major(l.refundable, o.currency) AS refundable,
    support_case._to_major(l.refunded, o.currency) AS refunded,
    l.lines, o.purchased_at, o.delivered_at, o.registered_at, o.handling_due_at
FROM support_case.sales_order AS o
CROSS JOIN LATERAL (
    SELECT sum(n.refundable)::bigint AS refundable, sum(n.refunded)::bigint AS refunded,
        jsonb_agg(jsonb_build_object('line_number', n.line_number, 'quantity', n.quantity,
            'unit_price', support_case._to_major(n.unit_price, o.currency), 'product_kind', n.product_kind,
            'category', n.category, 'refundable', support_case._to_major(n.refundable, o.currency),
            'refunded', support_case._to_major(n.refunded, o.currency),
            'refunded_quantity', n.refunded_quantity) ORDER BY n.line_number) AS lines
    FROM support_case.sales_order_line AS n
    WHERE n.seller_id = o.seller_id AND n.order_id = o.order_id
) AS l;

COMMENT ON VIEW support_case.sales_orders IS 'Registered orders with their lines, amounts in major units of the currency. What deadlines refund counts once it is written.';
COMMENT ON COLUMN support_case.sales_orders.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.sales_orders.order_id IS 'The host''s id.';
COMMENT ON COLUMN support_case.sales_orders.buyer_id IS 'The buyer.';
COMMENT ON COLUMN support_case.sales_orders.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN support_case.sales_orders.payout IS 'Total payout to the seller.';
COMMENT ON COLUMN support_case.sales_orders.buyer_shipping IS 'Shipping that the buyer paid.';
COMMENT ON COLUMN support_case.sales_orders.processing_fee IS 'Payment processing fee.';
COMMENT ON COLUMN support_case.sales_orders.commission IS 'The platform''s commission, where known.';
COMMENT ON COLUMN support_case.sales_orders.tax IS 'Tax, where known.';
COMMENT ON COLUMN support_case.sales_orders.return_shipping IS 'What a return label costs where no label says so.';
COMMENT ON COLUMN support_case.sales_orders.refundable IS 'What the buyer paid: the most that can be refunded.';
COMMENT ON COLUMN support_case.sales_orders.refunded IS 'What the buyer got back so far, by cases, chargebacks and outside.';
COMMENT ON COLUMN support_case.sales_orders.lines IS 'The lines, with what is refundable and refunded of each.';
COMMENT ON COLUMN support_case.sales_orders.purchased_at IS 'When the buyer bought.';
COMMENT ON COLUMN support_case.sales_orders.delivered_at IS 'When it was delivered, where known.';
COMMENT ON COLUMN support_case.sales_orders.registered_at IS 'When it was registered.';
COMMENT ON COLUMN support_case.sales_orders.handling_due_at IS 'By when the seller has to hand it to the carrier, where known.';

CREATE OR REPLACE FUNCTION support_case.register_seller(
    seller_id bigint,
    is_enabled boolean DEFAULT NULL,
    calendar_code text DEFAULT NULL,
    country text DEFAULT NULL,
    joined_at timestamptz DEFAULT NULL,
    buyer_id bigint DEFAULT NULL
)
RETURNS SETOF support_case.seller
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    at timestamptz;
    known support_case.seller;
    s support_case.seller;
    is_enrolled boolean;
BEGIN
    PERFORM support_case._authorise('host', register_seller.seller_id);
    PERFORM support_case._require(register_seller.seller_id, 'seller_id');
    PERFORM support_case._check_id(register_seller.seller_id, 'seller_id');
    PERFORM support_case._check_id(register_seller.buyer_id, 'buyer_id');
    PERFORM support_case._check_country(register_seller.country, 'country');
    IF register_seller.calendar_code IS NOT NULL THEN
        PERFORM support_case._check_calendar_code(register_seller.calendar_code);
    END IF;
    SELECT k.* INTO known FROM support_case.seller AS k WHERE k.seller_id = register_seller.seller_id
    FOR NO KEY UPDATE;
    at := support_case._instant();
    IF register_seller.joined_at IS NOT NULL THEN
        PERFORM support_case._check_fact_instant(register_seller.joined_at, at, NULL, 'joined_at');
    END IF;
    IF register_seller.buyer_id IS NOT NULL THEN
        PERFORM support_case._check_buyer_of_seller(register_seller.buyer_id, register_seller.seller_id);
    END IF;
    is_enrolled := coalesce(register_seller.is_enabled, known.is_enabled,
        support_case._is_enrolled_by_rollout(register_seller.country, coalesce(register_seller.joined_at, at)));
    INSERT INTO support_case.seller AS k (seller_id, is_enabled, calendar_code, registered_at, country, joined_at,
        enabled_at, buyer_id)
    VALUES (register_seller.seller_id, is_enrolled, register_seller.calendar_code, at, register_seller.country,
        coalesce(register_seller.joined_at, at), CASE WHEN is_enrolled THEN at END,
        register_seller.buyer_id)
    ON CONFLICT (seller_id) DO UPDATE
        SET is_enabled = excluded.is_enabled, calendar_code = excluded.calendar_code,
            country = coalesce(excluded.country, k.country),
            joined_at = coalesce(register_seller.joined_at, k.joined_at),
            buyer_id = excluded.buyer_id,
            enabled_at = CASE WHEN k.is_enabled THEN k.enabled_at ELSE excluded.enabled_at END
    RETURNING k.* INTO s;
    IF NOT known.is_enabled AND s.is_enabled THEN
        PERFORM support_case._notify(s.seller_id, 'seller', s.seller_id, 1, 'seller', s.seller_id, 'access_granted', '{}', at);
    END IF;
    RETURN NEXT s;
END
$$;

COMMENT ON FUNCTION support_case.register_seller(bigint, boolean, text, text, timestamptz, bigint) IS
'Registers a seller, or changes its registration, and returns it. is_enabled: whether requests go to the seller, else to the platform (W-02); left out, a new seller is enrolled where the rollout of its country says so, or where no country is given, and a known one stays as it is. An enrolled seller stays enrolled (W-05). calendar_code: the seller''s calendar, for policies with calendar_scope = seller; started deadlines do not move. country: ISO 3166-1 code; joined_at: when the seller joined the marketplace, default now (W-03). buyer_id: the buyer that the same person is, whose conversations the seller''s inbox then contains (W-92). Left out, calendar_code and buyer_id are none, country and joined_at stay as they are. Errors: 22004, 22008, 22023 (ids, country, unknown calendar, joined in the future), 23505 (another seller is that buyer), 23514 (opt-out).';

-- No unique key: it would not begin with seller_id.
CREATE OR REPLACE FUNCTION support_case._check_buyer_of_seller(buyer_id bigint, seller_id bigint)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    other_seller_id bigint;
BEGIN
    -- Nobody else registers meanwhile; orders may.
    LOCK TABLE support_case.seller IN SHARE ROW EXCLUSIVE MODE;
    SELECT s.seller_id INTO other_seller_id
    FROM support_case.seller AS s
    WHERE s.buyer_id = _check_buyer_of_seller.buyer_id AND s.seller_id <> _check_buyer_of_seller.seller_id;
    IF FOUND THEN
        PERFORM support_case._raise('unique_violation',
            format('buyer %s is the same person as seller %s', _check_buyer_of_seller.buyer_id, other_seller_id),
            NULL, 'Register that seller without the buyer first.', 'support_case', 'seller');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_buyer_of_seller(bigint, bigint) IS
'Raises 23505 when another seller is the same person as the buyer; no seller is registered until the transaction ends.';

CREATE OR REPLACE FUNCTION support_case._check_calendar_code(code text)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM support_case.calendar AS c WHERE c.calendar_code = _check_calendar_code.code) THEN
        PERFORM support_case._raise('invalid_parameter_value',
            format('unknown calendar_code "%s"', left(code, 64)),
            NULL, 'Create the calendar first, with create_calendar().');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_calendar_code(text) IS
'Raises 22023 unless the calendar exists.';

CREATE OR REPLACE FUNCTION support_case._read_order_lines(lines jsonb, currency text)
RETURNS TABLE (line_number integer, quantity integer, unit_price bigint, product_kind text, category text)
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    unknown text;
    bad record;
BEGIN
    IF jsonb_typeof(lines) IS DISTINCT FROM 'array' OR jsonb_array_length(lines) NOT BETWEEN 1 AND 1000
        OR EXISTS (SELECT FROM jsonb_array_elements(lines) AS l WHERE jsonb_typeof(l) <> 'object')
    THEN
        PERFORM support_case._raise('invalid_parameter_value',
            'argument "lines" must be a JSON array of 1 to 1000 objects', NULL,
            'Write it like [{"line_number": 1, "quantity": 2, "unit_price": 12.34}].');
    END IF;
    SELECT string_agg(DISTINCT k, ', ') INTO unknown
    FROM jsonb_array_elements(lines) AS l, jsonb_object_keys(l) AS k
    WHERE k NOT IN ('line_number', 'quantity', 'unit_price', 'product_kind', 'category');
    IF unknown IS NOT NULL THEN
        PERFORM support_case._raise('invalid_parameter_value', format('unknown key of an order line: %s', left(unknown, 200)),
            NULL, 'The keys are line_number, quantity, unit_price, product_kind and category.');
    END IF;
    PERFORM support_case._check_line_numbers(lines);
    SELECT r.* INTO bad
    FROM jsonb_to_recordset(lines) AS r (line_number integer, quantity integer, product_kind text)
    WHERE r.line_number < 1 OR r.quantity < 1
        OR r.product_kind NOT IN ('standard', 'break', 'surprise', 'openable_consumable')
    LIMIT 1;
    IF FOUND THEN
        PERFORM support_case._check_id(bad.line_number, 'line_number');
        PERFORM support_case._check_id(bad.quantity, 'quantity');
        PERFORM support_case._check_choice(bad.product_kind, 'product_kind', 'standard', 'break', 'surprise',
            'openable_consumable');
    END IF;
    RETURN QUERY
    SELECT coalesce(r.line_number, l.position::integer), coalesce(r.quantity, 1),
        support_case._to_minor(r.unit_price, _read_order_lines.currency, 'unit_price'),
        coalesce(r.product_kind, 'standard'), left(r.category, 63)
    FROM jsonb_array_elements(lines) WITH ORDINALITY AS l (line, position),
        jsonb_to_record(l.line) AS r (line_number integer, quantity integer, unit_price numeric, product_kind text,
            category text);
    IF EXISTS (SELECT FROM jsonb_array_elements(lines) AS l WHERE jsonb_typeof(l -> 'unit_price') IS NULL
            OR jsonb_typeof(l -> 'unit_price') = 'null')
    THEN
        PERFORM support_case._raise('null_value_not_allowed', 'every order line needs a unit_price', NULL,
            'Pass what the buyer paid for one unit, in major units.');
    END IF;
    IF EXISTS (SELECT FROM jsonb_array_elements(lines) AS l WHERE (l ->> 'unit_price')::numeric < 0) THEN
        PERFORM support_case._raise('invalid_parameter_value', 'unit_price must not be negative', NULL,
            'Pass what the buyer paid for one unit, in major units.');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._read_order_lines(jsonb, text) IS
'The order lines of a JSON array. Errors: 22004, 22023, 22003, 22P02.';

CREATE OR REPLACE FUNCTION support_case._check_order_sums(
    buyer_paid bigint,
    seller_money bigint,
    commission bigint,
    tax bigint,
    currency text
)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    kept bigint := coalesce(commission, 0) + coalesce(tax, 0);
BEGIN
    IF (commission IS NULL AND tax IS NULL) OR seller_money > buyer_paid
        OR seller_money = buyer_paid - kept
        OR NOT (support_case._policy_in_force(support_case._instant())).ledger_reconcile
    THEN
        RETURN;
    END IF;
    PERFORM support_case._raise('check_violation', 'the amounts of the order do not add up',
        format('Payout, buyer shipping and processing fee come to %s; what the buyer paid less commission and tax comes to %s %s.',
            support_case._to_major(seller_money, currency),
            support_case._to_major(buyer_paid - kept, currency), currency),
        'Correct the amounts, or leave commission and tax out, or set ledger_reconcile to false in the policy.',
        'support_case', 'sales_order');
END
$$;

COMMENT ON FUNCTION support_case._check_order_sums(bigint, bigint, bigint, bigint, text) IS
'Raises 23514 unless seller money = what the buyer paid - commission - tax, where those are known (AMB-36). Seller money may exceed what the buyer paid: the platform funded a discount (AMB-126).';

-- Were each amount allocated on its own, a line's parts could miss its price by
-- a minor unit or two, and no refund of that line alone could come out even.
-- So line after line takes its price from what is left of the amounts; what
-- they do not explain is one more amount, the platform's income of unknown kind.
CREATE OR REPLACE FUNCTION support_case._allocate_to_lines(
    prices bigint[],
    payout bigint,
    fee bigint,
    commission bigint,
    tax bigint
)
RETURNS TABLE (line_payout bigint, line_fee bigint, line_commission bigint, line_tax bigint)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 3
AS $$
#variable_conflict use_column
DECLARE
    explained bigint := payout + fee + commission + tax;
    paid bigint := (SELECT sum(p) FROM unnest(prices) AS p);
    remaining bigint[] := ARRAY[payout, fee, commission, tax, greatest(paid - explained, 0)];
    line_total bigint;
    shares bigint[];
BEGIN
    -- The shares of what was paid are the prices themselves.
    FOREACH line_total IN ARRAY support_case.allocate(greatest(paid, explained), prices) LOOP
        shares := support_case.allocate(line_total, remaining);
        FOR i IN 1 .. cardinality(remaining) LOOP
            remaining[i] := remaining[i] - shares[i];
        END LOOP;
        line_payout := shares[1];
        line_fee := shares[2];
        line_commission := shares[3];
        line_tax := shares[4];
        RETURN NEXT;
    END LOOP;
END
$$;

COMMENT ON FUNCTION support_case._allocate_to_lines(bigint[], bigint, bigint, bigint, bigint) IS
'The lines'' shares of an order''s payout, processing fee, commission and tax (minor units, as the lines'' prices), in the order of the prices. Each amount is allocated in full, and the shares of a line add up to its price where the amounts add up to the prices; to its price at most where they explain less of them; to its price and its share of the discount where the platform funded one (AMB-124, AMB-126).';

-- What was assessed since is not what was registered.
CREATE OR REPLACE FUNCTION support_case._is_registered_standing(
    seller_id bigint,
    order_id bigint,
    is_flagged boolean,
    fraud_score numeric
)
RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    s support_case.order_standing;
BEGIN
    IF EXISTS (SELECT FROM support_case.fraud_assessment AS f
        WHERE f.seller_id = _is_registered_standing.seller_id AND f.order_id = _is_registered_standing.order_id
            AND f.subject = 'order')
    THEN
        RETURN true;
    END IF;
    SELECT k.* INTO s FROM support_case.order_standing AS k
    WHERE k.seller_id = _is_registered_standing.seller_id AND k.order_id = _is_registered_standing.order_id;
    RETURN coalesce(s.is_fraud_suspected, false) = _is_registered_standing.is_flagged
        AND s.fraud_score IS NOT DISTINCT FROM _is_registered_standing.fraud_score;
END
$$;

COMMENT ON FUNCTION support_case._is_registered_standing(bigint, bigint, boolean, numeric) IS
'Whether an order may have been registered with this flag and score: it was, or somebody has assessed it since.';

CREATE OR REPLACE FUNCTION support_case.register_order(
    seller_id bigint,
    order_id bigint,
    buyer_id bigint,
    currency text,
    payout numeric,
    buyer_shipping numeric,
    processing_fee numeric,
    lines jsonb,
    commission numeric DEFAULT NULL,
    tax numeric DEFAULT NULL,
    return_shipping numeric DEFAULT NULL,
    purchased_at timestamptz DEFAULT NULL,
    delivered_at timestamptz DEFAULT NULL,
    buyer_calendar_code text DEFAULT NULL,
    is_fraud_suspected boolean DEFAULT false,
    handling_due_at timestamptz DEFAULT NULL,
    fraud_score numeric DEFAULT NULL
)
RETURNS SETOF support_case.sales_orders
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    o support_case.sales_order;
    known support_case.sales_order;
    line_numbers integer[];
    quantities integer[];
    unit_prices bigint[];
    product_kinds text[];
    categories text[];
    prices bigint[];
    price_sum numeric;
    buyer_paid bigint;
    duplicate integer;
    changing_columns constant text[] := ARRAY['registered_at', 'delivered_at', 'purchased_at', 'case_count'];
    is_flagged constant boolean NOT NULL := coalesce(register_order.is_fraud_suspected, false);
BEGIN
    PERFORM support_case._authorise('host', register_order.seller_id);
    PERFORM support_case._require(register_order.seller_id, 'seller_id');
    PERFORM support_case._require(register_order.order_id, 'order_id');
    PERFORM support_case._require(register_order.buyer_id, 'buyer_id');
    PERFORM support_case._require(register_order.currency, 'currency');
    PERFORM support_case._require(register_order.payout, 'payout');
    PERFORM support_case._require(register_order.buyer_shipping, 'buyer_shipping');
    PERFORM support_case._require(register_order.processing_fee, 'processing_fee');
    PERFORM support_case._require(register_order.lines, 'lines');
    PERFORM support_case._check_id(register_order.order_id, 'order_id');
    PERFORM support_case._check_id(register_order.buyer_id, 'buyer_id');
    PERFORM support_case._check_score(register_order.fraud_score, 'fraud_score');
    IF NOT EXISTS (SELECT FROM support_case.seller AS s WHERE s.seller_id = register_order.seller_id) THEN
        PERFORM support_case._raise_no_seller(register_order.seller_id);
    END IF;
    IF register_order.buyer_calendar_code IS NOT NULL THEN
        PERFORM support_case._check_calendar_code(register_order.buyer_calendar_code);
    END IF;

    o.seller_id := register_order.seller_id;
    o.order_id := register_order.order_id;
    o.buyer_id := register_order.buyer_id;
    o.currency := register_order.currency;
    o.payout := support_case._to_nonnegative_minor(register_order.payout, o.currency, 'payout');
    o.buyer_shipping := support_case._to_nonnegative_minor(register_order.buyer_shipping, o.currency, 'buyer_shipping');
    o.processing_fee := support_case._to_nonnegative_minor(register_order.processing_fee, o.currency, 'processing_fee');
    o.commission := support_case._to_nonnegative_minor(register_order.commission, o.currency, 'commission');
    o.tax := support_case._to_nonnegative_minor(register_order.tax, o.currency, 'tax');
    o.return_shipping := support_case._to_nonnegative_minor(register_order.return_shipping, o.currency,
        'return_shipping');
    o.case_count := 0;
    o.registered_at := support_case._instant();
    o.purchased_at := coalesce(register_order.purchased_at, o.registered_at);
    o.delivered_at := register_order.delivered_at;
    o.buyer_calendar_code := register_order.buyer_calendar_code;
    o.handling_due_at := register_order.handling_due_at;
    PERFORM support_case._check_fact_instant(o.purchased_at, o.registered_at, NULL, 'purchased_at');
    IF o.delivered_at IS NOT NULL THEN
        PERFORM support_case._check_fact_instant(o.delivered_at, o.registered_at, o.purchased_at, 'delivered_at');
    END IF;
    IF NOT (o.handling_due_at >= o.purchased_at AND isfinite(o.handling_due_at)) THEN
        PERFORM support_case._raise('check_violation', 'argument "handling_due_at" must be an instant after the purchase',
            format('It is %s, and the order was bought at %s.', o.handling_due_at, o.purchased_at),
            'Pass the instant by which the seller has to hand the order to the carrier, or leave it out.',
            'support_case', 'sales_order', 'sales_order_handling_follows_purchase');
    END IF;

    SELECT array_agg(l.line_number ORDER BY l.line_number), array_agg(l.quantity ORDER BY l.line_number),
        array_agg(l.unit_price ORDER BY l.line_number), array_agg(l.product_kind ORDER BY l.line_number),
        array_agg(l.category ORDER BY l.line_number), sum(l.quantity * l.unit_price::numeric)
    INTO line_numbers, quantities, unit_prices, product_kinds, categories, price_sum
    FROM support_case._read_order_lines(register_order.lines, o.currency) AS l;
    SELECT n INTO duplicate FROM unnest(line_numbers) AS n GROUP BY n HAVING count(*) > 1 ORDER BY n LIMIT 1;
    IF FOUND THEN
        PERFORM support_case._raise('unique_violation', 'argument "lines" has a line_number twice',
            format('It is %s.', duplicate), 'Give each line a number of its own; a line without one has its position in the array.',
            'support_case', 'sales_order_line', 'sales_order_line_pkey');
    END IF;
    IF price_sum + o.buyer_shipping + o.payout + o.buyer_shipping + o.processing_fee + coalesce(o.return_shipping, 0)
        + coalesce(o.commission, 0) + coalesce(o.tax, 0) > 4000000000000000000
    THEN
        PERFORM support_case._raise('numeric_value_out_of_range', 'the amounts of the order are too large',
            'Together they would overflow the ledger.', 'Pass amounts in major units of the currency.');
    END IF;
    prices := ARRAY(SELECT l.quantity * l.unit_price
        FROM ROWS FROM (unnest(quantities, unit_prices)) WITH ORDINALITY AS l (quantity, unit_price, position)
        ORDER BY l.position);
    buyer_paid := price_sum + o.buyer_shipping;
    PERFORM support_case._check_order_sums(buyer_paid, o.payout + o.buyer_shipping + o.processing_fee,
        o.commission, o.tax, o.currency);

    INSERT INTO support_case.sales_order SELECT (o).*
    ON CONFLICT (seller_id, order_id) DO NOTHING;
    IF NOT FOUND THEN
        known := support_case._lock_order(register_order.seller_id, register_order.order_id);
        IF to_jsonb(known) - changing_columns = to_jsonb(o) - changing_columns
            AND NOT EXISTS (
                SELECT FROM unnest(line_numbers, quantities, unit_prices, product_kinds, categories)
                    AS n (line_number, quantity, unit_price, product_kind, category)
                FULL JOIN (SELECT l.* FROM support_case.sales_order_line AS l
                    WHERE l.seller_id = o.seller_id AND l.order_id = o.order_id) AS k USING (line_number)
                WHERE (n.quantity, n.unit_price, n.product_kind, n.category)
                    IS DISTINCT FROM (k.quantity, k.unit_price, k.product_kind, k.category))
            AND support_case._is_registered_standing(o.seller_id, o.order_id, is_flagged, register_order.fraud_score)
        THEN
            RETURN QUERY SELECT v.* FROM support_case.sales_orders AS v
                WHERE v.seller_id = o.seller_id AND v.order_id = o.order_id;
            RETURN;
        END IF;
        PERFORM support_case._raise('unique_violation',
            format('order %s of seller %s is registered already, with other data', o.order_id, o.seller_id),
            NULL, 'An order is registered once; report what happens later with the record_ commands, and what is thought of it with flag_fraud() and record_fraud_score().',
            'support_case', 'sales_order', 'sales_order_pkey');
    END IF;

    INSERT INTO support_case.sales_order_line (seller_id, order_id, line_number, quantity, unit_price, product_kind,
        category, payout, shipping, fee, commission, tax, refundable)
    SELECT o.seller_id, o.order_id, l.line_number, l.quantity, l.unit_price, l.product_kind, l.category,
        l.payout, l.shipping, l.fee, l.commission, l.tax, l.quantity * l.unit_price + l.shipping
    FROM ROWS FROM (
            unnest(line_numbers, quantities, unit_prices, product_kinds, categories,
                support_case.allocate(o.buyer_shipping, prices)),
            support_case._allocate_to_lines(prices, o.payout, o.processing_fee, coalesce(o.commission, 0),
                coalesce(o.tax, 0)))
        AS l (line_number, quantity, unit_price, product_kind, category, shipping, payout, fee, commission, tax);
    IF is_flagged OR register_order.fraud_score IS NOT NULL THEN
        INSERT INTO support_case.order_standing (seller_id, order_id, is_fraud_suspected, fraud_score)
        VALUES (o.seller_id, o.order_id, is_flagged, register_order.fraud_score);
    END IF;

    INSERT INTO support_case.ledger_account (seller_id, account, currency)
    SELECT o.seller_id, a, o.currency
    FROM support_case._ledger_accounts() AS a
    ON CONFLICT DO NOTHING;
    PERFORM support_case._notify_order_created(o,
        support_case._open_conversation('order', o.seller_id, o.order_id, NULL, o.buyer_id, o.registered_at));
    RETURN QUERY SELECT v.* FROM support_case.sales_orders AS v
        WHERE v.seller_id = o.seller_id AND v.order_id = o.order_id;
END
$$;

COMMENT ON FUNCTION support_case.register_order(bigint, bigint, bigint, text, numeric, numeric, numeric, jsonb, numeric, numeric, numeric, timestamptz, timestamptz, text, boolean, timestamptz, numeric) IS
'Registers an order with its lines and returns it; buyer and seller are told (V-23, A-02). The same call again returns it unchanged. Amounts are in major units of the ISO 4217 currency, exact in its decimals: payout, buyer_shipping and processing_fee make up what a full refund costs the seller (W-83); commission and tax, where given, must explain the rest of what the buyer paid (AMB-36); return_shipping is what a return label costs where no label says so. lines: [{"line_number": 1, "quantity": 2, "unit_price": 12.34, "product_kind": "standard", "category": "shoes"}], unit_price being what the buyer paid for a unit, tax included. Amounts of the order are allocated to the lines by price (AMB-124). purchased_at defaults to now. handling_due_at: by when the seller has to hand the order to the carrier; without it, nobody waits until late_not_shipped is possible, and nobody can ask for it once the order has arrived (AMB-45). is_fraud_suspected flags the order, fraud_score is the host''s score of it; flag_fraud(), clear_fraud_flag() and record_fraud_score() change them later, and a call that is repeated after that need not know (W-22, AMB-62); table order_standing shows them to the platform. Errors: P0002 (seller), 22004, 22023 (ids, currency, decimals, negative amounts or score, keys, codes, instants), 22003, 22P02, 23505 (registered with other data, a line number twice), 23514 (sums, handled before bought).';

CREATE OR REPLACE FUNCTION support_case.record_order_delivered(seller_id bigint, order_id bigint, at timestamptz)
RETURNS SETOF support_case.sales_orders
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    o support_case.sales_order;
BEGIN
    PERFORM support_case._authorise('host', record_order_delivered.seller_id);
    o := support_case._lock_order(record_order_delivered.seller_id, record_order_delivered.order_id);
    PERFORM support_case._check_fact_instant(record_order_delivered.at, support_case._instant(), o.purchased_at);
    PERFORM support_case._set_order_delivered(o, record_order_delivered.at);
    RETURN QUERY SELECT s.* FROM support_case.sales_orders AS v, support_case._shown_order(v) AS s
        WHERE v.seller_id = o.seller_id AND v.order_id = o.order_id;
END
$$;

COMMENT ON FUNCTION support_case.record_order_delivered(bigint, bigint, timestamptz) IS
'Records when an order was delivered and returns the order; the filing window depends on it (AMB-42). Errors: P0002, 22004, 22008, 22023.';
