-- What carriers pay for an order goes to those who bear its refunds, whatever
-- comes first: charges, corrections and re-charges after the payment share it
-- out anew, and nobody is credited more than he bore (W-82, W-119, AMB-38,
-- AMB-59, AMB-76).
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-05T09:00:00-05:00');

-- An order like that of X-14 in lines of these prices, shipped and lost or
-- damaged: 105.00 were paid, 97.00 are the seller's, 8.00 commission.
CREATE FUNCTION pg_temp.shipped(VARIADIC prices numeric[] DEFAULT '{50,50}')
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    new_id bigint := nextval('pg_temp.order_id_seq');
BEGIN
    PERFORM support_case.register_seller(1);
    PERFORM support_case.register_order(1, new_id, 7, 'USD', 88.80, 5.00, 3.20,
        (SELECT jsonb_agg(jsonb_build_object('line_number', n, 'unit_price', p)) FROM unnest(prices) WITH ORDINALITY AS u (p, n)),
        commission => 8, tax => 0, return_shipping => 6.50, purchased_at => support_case.clock());
    PERFORM support_case.record_shipment(1, new_id, 'USPS', 'priority_mail', '94');
    PERFORM support_case.record_shipment_scan(1, new_id, 1, 'accepted', support_case.clock());
    RETURN new_id;
END
$$;
-- A case about a line, and what was done about it.
CREATE FUNCTION pg_temp.about(of_order bigint, line integer, VARIADIC steps text[] DEFAULT '{}')
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    of_case bigint;
BEGIN
    SELECT case_id INTO of_case FROM support_case.open_case(1, of_order, 'damaged_in_transit', 'no good',
        jsonb_build_array(jsonb_build_object('line_number', line)), '[{"uri": "x"}]');
    PERFORM pg_temp.run(of_case, VARIADIC steps);
    RETURN of_case;
END
$$;
-- The platform decides about a case; a claim is paid for one.
CREATE FUNCTION pg_temp.decides(of_case bigint, decision text)
RETURNS void
LANGUAGE sql
AS $$ SELECT pg_temp.run(of_case, 'explain_no_refund(1, $1, ''no'')', 'escalate(1, $1)', format('decide(1, $1, %s, actor_id => ''a'')', decision)) $$;
CREATE FUNCTION pg_temp.pays(of_case bigint)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM support_case.request_carrier_claim(1, of_case);
    PERFORM pg_temp.at((support_case.clock() + interval '15 days')::text);
    PERFORM pg_temp.run(of_case, 'record_carrier_claim_filed(1, $1)', 'record_carrier_claim_paid(1, $1)');
END
$$;
-- What each bears of an order, all in all; and what the carrier's money made of it.
CREATE FUNCTION pg_temp.borne(of_order bigint)
RETURNS text
LANGUAGE sql
AS $$
    SELECT coalesce(string_agg(b.account || ' ' || b.amount, ', ' ORDER BY b.account), 'nobody')
    FROM (SELECT l.account, sum(l.amount) AS amount FROM support_case.seller_ledger AS l
        WHERE l.order_id = of_order AND l.account IN ('seller_payable', 'platform_absorbed', 'carrier_claim')
        GROUP BY l.account HAVING sum(l.amount) <> 0) AS b
$$;
CREATE FUNCTION pg_temp.shares(of_order bigint)
RETURNS text
LANGUAGE sql
AS $$
    SELECT coalesce(string_agg(b.account || ' ' || b.amount, ', ' ORDER BY b.account), 'none')
    FROM (SELECT l.account, sum(l.amount) AS amount FROM support_case.seller_ledger AS l
        WHERE l.order_id = of_order AND l.component = 'claim'
        GROUP BY l.account HAVING sum(l.amount) <> 0) AS b
$$;

---------- a payment, then another charge ----------

SELECT pg_temp.shipped() AS o \gset
SELECT pg_temp.about(:o, 1, 'offer_full_refund(1, $1)') AS one \gset
SELECT pg_temp.pays(:one);
SELECT is(pg_temp.shares(:o), 'carrier_claim 52.50, platform_absorbed -4.00, seller_payable -48.50',
    'W-119: the seller gets what he bore of the refund, the platform the rest');
SELECT pg_temp.about(:o, 2, 'offer_full_refund(1, $1)') AS two \gset
SELECT is(pg_temp.shares(:o), 'carrier_claim 52.50, seller_payable -52.50',
    'W-119, AMB-59: the next refund that the seller bears is paid of the rest');
SELECT is(pg_temp.borne(:o), 'seller_payable 44.50', 'W-119: the seller bears what the carrier did not pay');
SELECT results_eq(format('SELECT kind, account, component, amount FROM support_case.seller_ledger WHERE case_id = %s ORDER BY entry_number', :two),
    $$VALUES ('charge', 'seller_payable', 'payout', 44.40), ('charge', 'seller_payable', 'shipping', 2.50), ('charge', 'seller_payable', 'fee', 1.60),
        ('charge', 'commission_reversal', 'commission', 4.00), ('charge', 'buyer_refund', 'refund', -52.50),
        ('charge', 'seller_payable', 'claim', -4.00), ('charge', 'platform_absorbed', 'claim', 4.00)$$,
    'AMB-38: the charge corrects the shares; nothing that was posted changes');
SELECT results_eq(format('SELECT borne_by_seller, borne_by_platform, commission FROM support_case.analysis_refund_costs WHERE case_id = %s', :two),
    'VALUES (48.50, 0.00, 4.00)', 'W-82: analysts read what was charged');
SELECT is_empty('SELECT * FROM support_case.verify()', 'verify() finds nothing');

-- The same the other way round, and more of it.
SELECT pg_temp.shipped() AS o \gset
SELECT pg_temp.about(:o, 1, 'offer_full_refund(1, $1)') AS one \gset
SELECT pg_temp.about(:o, 2, 'offer_full_refund(1, $1)') AS two \gset
SELECT pg_temp.pays(:one);
SELECT is(pg_temp.shares(:o), 'carrier_claim 100.00, platform_absorbed -3.00, seller_payable -97.00',
    'AMB-59: what is paid for one case covers what the seller bore in the other');

-- A platform that bears the other refund.
SELECT pg_temp.shipped() AS o \gset
SELECT pg_temp.about(:o, 1, 'offer_full_refund(1, $1)') AS one \gset
SELECT pg_temp.pays(:one);
SELECT pg_temp.about(:o, 2) AS two \gset
SELECT pg_temp.decides(:two, '''refund'', ''platform''');
SELECT is(pg_temp.shares(:o), 'carrier_claim 52.50, platform_absorbed -26.25, seller_payable -26.25',
    'W-119: by what each bears of the order');
SELECT support_case.reassign_liability(1, :two, 'seller', actor_id => 'a') IS NOT NULL AS done;
SELECT is(pg_temp.borne(:o), 'seller_payable 44.50', 'AMB-38: a correction shares out the payment for the other case, too');
SELECT support_case.reassign_liability(1, :two, 'carrier', actor_id => 'a') IS NOT NULL AS done;
SELECT is(pg_temp.shares(:o), 'carrier_claim 4.00, seller_payable -4.00', 'AMB-38: what is laid on the carrier is paid first');
SELECT is(pg_temp.borne(:o), 'seller_payable 44.50', 'AMB-38: and the seller gets what is left');
SELECT support_case.reassign_liability(1, :one, 'platform', actor_id => 'a') IS NOT NULL AS done;
SELECT is(pg_temp.borne(:o), 'platform_absorbed 44.50', 'AMB-38: or who bears the refund now');
SELECT is_empty('SELECT * FROM support_case.verify()', 'verify() finds nothing');

-- A payment for a case that was never charged.
SELECT pg_temp.shipped() AS o \gset
SELECT pg_temp.about(:o, 1, 'offer_full_refund(1, $1)') AS one \gset
SELECT support_case.reassign_liability(1, :one, 'platform', actor_id => 'a') IS NOT NULL AS done;
SELECT pg_temp.about(:o, 2) AS two \gset
SELECT pg_temp.pays(:two);
SELECT is(pg_temp.shares(:o), 'carrier_claim 52.50, platform_absorbed -52.50', 'W-119: goes to who bore the order''s refunds');

---------- a refund outside the cases ----------

SELECT pg_temp.shipped() AS o \gset
SELECT pg_temp.about(:o, 1) AS one \gset
SELECT support_case.record_external_refund(1, :o, 25) IS NOT NULL AS done;
SELECT pg_temp.pays(:one);
SELECT is(pg_temp.shares(:o), 'carrier_claim 25.00, seller_payable -25.00', 'AMB-58, AMB-65: a refund outside the cases was the seller''s');
SELECT pg_temp.about(:o, 2) AS two \gset
SELECT pg_temp.decides(:two, '''partial_refund'', ''platform'', amount => 25');
SELECT is(pg_temp.shares(:o), 'carrier_claim 25.00, platform_absorbed -12.50, seller_payable -12.50', 'W-119: and counts as such beside charges');
SELECT is_empty('SELECT * FROM support_case.verify()', 'verify() finds nothing');

---------- a charge by deadline: the views show what the sweep writes ----------

SELECT pg_temp.shipped(40, 30, 30) AS o \gset
SELECT pg_temp.about(:o, 1, 'offer_full_refund(1, $1)') AS one \gset
SELECT pg_temp.pays(:one);
SELECT pg_temp.about(:o, 2, 'offer_full_refund(1, $1, true)', 'record_return_delivered(1, $1, support_case.clock())') AS two \gset
SELECT pg_temp.about(:o, 3, 'offer_full_refund(1, $1, true)', 'record_return_delivered(1, $1, support_case.clock())') AS three \gset
SELECT is(pg_temp.shares(:o), 'carrier_claim 42.00, platform_absorbed -3.20, seller_payable -38.80', 'before the deadline');
SELECT pg_temp.at((support_case.clock() + interval '20 days')::text);
SELECT is(pg_temp.shares(:o), 'carrier_claim 42.00, seller_payable -42.00', 'AMB-120: shared out anew from the deadline on, unswept');
CREATE TEMPORARY TABLE shown AS SELECT case_id, journal_number, entry_number, account, component, amount, effective_at
FROM support_case.seller_ledger WHERE order_id = :o;
SELECT is((SELECT string_agg(concat_ws(' ', account, amount), ', ' ORDER BY entry_number) FROM shown WHERE case_id = :two AND component = 'claim'),
    'seller_payable -3.20, platform_absorbed 3.20', 'AMB-121: with the charge that comes first');
SELECT is((SELECT balance FROM support_case.seller_balance),
    (SELECT -sum(amount) FROM support_case.seller_ledger WHERE account = 'seller_payable'), 'AMB-120: the balance, too');
SELECT cmp_ok(support_case.sweep(), '>=', 2, 'the sweep writes it');
SELECT set_eq(format('SELECT case_id, journal_number, entry_number, account, component, amount, effective_at FROM support_case.seller_ledger WHERE order_id = %s', :o),
    'SELECT * FROM shown', 'AMB-120: as it was shown');
SELECT is_empty('SELECT * FROM support_case.verify()', 'verify() finds nothing');
-- Each of two charges at once moves some of it.
SELECT pg_temp.shipped(40, 30, 30) AS o \gset
SELECT pg_temp.about(:o, 1, 'offer_full_refund(1, $1)') AS one \gset
SELECT pg_temp.pays(:one);
SELECT support_case.reassign_liability(1, :one, 'platform', actor_id => 'a') IS NOT NULL AS done;
SELECT pg_temp.about(:o, 2, 'offer_full_refund(1, $1, true)', 'record_return_delivered(1, $1, support_case.clock())') AS two \gset
SELECT pg_temp.about(:o, 3, 'offer_full_refund(1, $1, true)', 'record_return_delivered(1, $1, support_case.clock())') AS three \gset
SELECT pg_temp.at((support_case.clock() + interval '20 days')::text);
TRUNCATE shown;
INSERT INTO shown SELECT case_id, journal_number, entry_number, account, component, amount, effective_at
FROM support_case.seller_ledger WHERE order_id = :o;
SELECT results_eq(format($$SELECT case_id = %s, count(*) FROM shown WHERE case_id <> %s AND component = 'claim' GROUP BY 1 ORDER BY 1$$, :three, :one),
    'VALUES (false, 2::bigint), (true, 2)', 'AMB-121: of two charges at once each shares out what the one before left');
SELECT cmp_ok(support_case.sweep(), '>=', 2, 'the sweep writes them');
SELECT set_eq(format('SELECT case_id, journal_number, entry_number, account, component, amount, effective_at FROM support_case.seller_ledger WHERE order_id = %s', :o),
    'SELECT * FROM shown', 'AMB-120: as they were shown');

---------- a re-charge of the buyer ----------

SELECT pg_temp.shipped(100) AS o \gset
CREATE FUNCTION pg_temp.found_after(of_order bigint, before_payment text, after_payment text)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    of_case bigint;
BEGIN
    SELECT case_id INTO of_case FROM support_case.open_case(1, of_order, 'not_received', 'where is it?');
    PERFORM pg_temp.run(of_case, 'offer_full_refund(1, $1)', 'consent_to_recharge(1, $1)');
    IF before_payment <> '' THEN
        PERFORM pg_temp.run(of_case, before_payment);
    END IF;
    PERFORM pg_temp.pays(of_case);
    IF after_payment <> '' THEN
        PERFORM pg_temp.run(of_case, after_payment);
    END IF;
    PERFORM pg_temp.run(of_case, 'record_parcel_found(1, $1, support_case.clock())');
    RETURN of_case;
END
$$;
SELECT pg_temp.found_after(:o, '', '') AS id \gset
SELECT is(pg_temp.borne(:o), 'platform_absorbed -3.00', 'W-119: the carrier has paid for what was lost');
SELECT pg_temp.run(:id, 'recharge_buyer(1, $1, 50, actor_id => ''a'')');
SELECT is(pg_temp.shares(:o), 'carrier_claim 100.00, platform_absorbed -49.19, seller_payable -50.81',
    'AMB-76: what the buyer pays back is not paid by the carrier, too');
SELECT pg_temp.run(:id, 'recharge_buyer(1, $1, 55, actor_id => ''a'')');
SELECT is(pg_temp.borne(:o), 'platform_absorbed -100.00', 'AMB-76: in the end the seller has borne nothing, and the platform holds the carrier''s money');
SELECT is((SELECT sum(amount) FROM support_case.seller_ledger WHERE order_id = :o AND account = 'commission_reversal'), 0.00,
    'AMB-76: the platform has its commission');
SELECT pg_temp.shipped(100) AS o \gset
SELECT pg_temp.found_after(:o, '', 'reassign_liability(1, $1, ''platform'', actor_id => ''a'')') AS id \gset
SELECT pg_temp.run(:id, 'recharge_buyer(1, $1, 105, actor_id => ''a'')');
SELECT is(pg_temp.borne(:o), 'platform_absorbed -100.00', 'AMB-76, AMB-38: the same where the liability has changed since the payment');
SELECT is_empty('SELECT * FROM support_case.verify()', 'verify() finds nothing');

---------- whatever the order of things ----------

-- Seeded: every run is the same.
SELECT setseed(0.119) \g /dev/null
CREATE FUNCTION pg_temp.one_of(VARIADIC choices text[])
RETURNS text
LANGUAGE sql VOLATILE
AS $$ SELECT choices[1 + floor(random() * cardinality(choices))::integer] $$;
CREATE TEMPORARY TABLE tally (step text, sqlstate text);
CREATE TEMPORARY TABLE drawn (order_id bigint);
-- Opens cases about the lines of an order, and does this and that about them.
CREATE FUNCTION pg_temp.live(of_order bigint, steps integer)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    of_case bigint;
    step text;
    amount text;
BEGIN
    INSERT INTO drawn VALUES (of_order);
    FOR line IN 1 .. 3 LOOP
        PERFORM support_case.open_case(1, of_order, 'not_received', 'where is it?',
            jsonb_build_array(jsonb_build_object('line_number', line)));
    END LOOP;
    FOR i IN 1 .. steps LOOP
        PERFORM pg_temp.at((support_case.clock() + interval '1 day')::text);
        SELECT case_id INTO of_case FROM support_case.support_case WHERE order_id = of_order ORDER BY random() LIMIT 1;
        amount := (1 + floor(random() * 2000) / 100)::text;
        step := pg_temp.one_of('offer_full_refund', 'escalate', 'decide', 'decide', 'pay', 'pay', 'reassign_liability',
            'reassign_liability', 'consent_to_recharge', 'record_parcel_found', 'recharge_buyer', 'recharge_buyer',
            'record_external_refund', 'record_chargeback');
        BEGIN
            CASE step
                WHEN 'pay' THEN PERFORM pg_temp.pays(of_case);
                WHEN 'decide' THEN PERFORM pg_temp.run(of_case, format('decide(1, $1, ''refund'', %s, actor_id => ''a'')',
                    pg_temp.one_of('''seller''', '''platform''', '''carrier''', '''split'', seller_amount => 9, carrier_amount => 4')));
                WHEN 'reassign_liability' THEN PERFORM pg_temp.run(of_case, format('reassign_liability(1, $1, %s, actor_id => ''a'')',
                    pg_temp.one_of('''seller''', '''platform''', '''carrier''', '''split'', 8, 5')));
                WHEN 'recharge_buyer' THEN PERFORM pg_temp.run(of_case, format('recharge_buyer(1, $1, %s, actor_id => ''a'')', amount));
                WHEN 'record_parcel_found' THEN PERFORM pg_temp.run(of_case, 'record_parcel_found(1, $1, support_case.clock())');
                WHEN 'record_external_refund' THEN
                    IF of_order % 3 = 0 THEN
                        PERFORM support_case.record_external_refund(1, of_order, amount::numeric);
                    END IF;
                WHEN 'record_chargeback' THEN
                    IF of_order % 3 = 1 THEN
                        PERFORM support_case.record_chargeback(1, of_order, amount::numeric);
                    END IF;
                ELSE PERFORM pg_temp.run(of_case, step || '(1, $1)');
            END CASE;
            INSERT INTO tally VALUES (step, '00000');
        EXCEPTION WHEN OTHERS THEN
            INSERT INTO tally VALUES (step, SQLSTATE);
        END;
    END LOOP;
END
$$;
SELECT count(pg_temp.live(pg_temp.shipped(40, 30, 30), 40)) FROM generate_series(1, 40) \g /dev/null
SELECT is_empty('SELECT * FROM support_case.verify()', 'verify() finds nothing after any of it');
SELECT is_empty($$SELECT step, sqlstate FROM tally WHERE sqlstate NOT IN ('00000', 'SC001', 'SC003', 'SC007', 'SC008', 'SC013', 'SC014',
    '22023') AND NOT (sqlstate = '23505' AND step = 'record_parcel_found')$$, 'commands are refused with the errors that they document');
SELECT cmp_ok((SELECT count(*) FROM tally WHERE step = k AND sqlstate = '00000'), '>=', least::bigint, 'many a ' || k)
FROM (VALUES ('pay', 25), ('reassign_liability', 60), ('recharge_buyer', 15), ('decide', 15), ('offer_full_refund', 30)) AS v (k, least);
-- Reckoned from the sums alone, so that the order of things cannot matter.
SELECT is_empty($$
    SELECT s.*
    FROM (SELECT l.order_id,
            coalesce(sum(l.amount) FILTER (WHERE l.account = 'cash_clearing' AND l.component = 'claim_payment'), 0) AS paid,
            coalesce(sum(l.amount) FILTER (WHERE l.account = 'seller_payable' AND l.component <> 'claim'), 0) AS seller,
            coalesce(sum(l.amount) FILTER (WHERE l.account = 'platform_absorbed' AND l.component <> 'claim'), 0) AS platform,
            coalesce(sum(l.amount) FILTER (WHERE l.account = 'carrier_claim' AND l.component NOT LIKE 'claim%'), 0) AS carrier,
            coalesce(-sum(l.amount) FILTER (WHERE l.account = 'seller_payable' AND l.component = 'claim'), 0) AS seller_share,
            coalesce(-sum(l.amount) FILTER (WHERE l.account = 'platform_absorbed' AND l.component = 'claim'), 0) AS platform_share,
            coalesce(sum(l.amount) FILTER (WHERE l.account = 'carrier_claim'), 0) AS carrier_owes
        FROM support_case.seller_ledger AS l JOIN drawn USING (order_id) WHERE order_id % 3 > 0 GROUP BY l.order_id) AS s
    WHERE s.carrier_owes <> greatest(s.carrier - s.paid, 0)
        OR s.seller_share + s.platform_share <> greatest(s.paid - s.carrier, 0)
        OR abs(s.seller_share - least(s.seller,
            coalesce(greatest(s.paid - s.carrier, 0) * s.seller / NULLIF(s.seller + s.platform, 0), 0))) > 0.005$$,
    'W-119: whatever comes first, the shares are those of what each bears');

---------- verified ----------

-- The guard sees one statement at a time.
SELECT is_empty('SELECT seller_id, case_id, journal_number FROM support_case.ledger_entry GROUP BY 1, 2, 3
    HAVING count(DISTINCT cmin::text) > 1', 'all entries of a journal went in with one statement');

CREATE FUNCTION pg_temp.damage(command text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    found text;
BEGIN
    SET LOCAL session_replication_role = replica;
    EXECUTE command;
    SELECT string_agg(DISTINCT concat_ws(' ', check_name, detail), ', ') INTO found FROM support_case.verify();
    RAISE EXCEPTION USING ERRCODE = 'P0001', MESSAGE = 'undo';
EXCEPTION WHEN raise_exception THEN
    RETURN coalesce(found, '');
END
$$;
-- One refund that the seller bears, and one that was laid on the carrier.
SELECT pg_temp.shipped(100) AS o \gset
SELECT pg_temp.about(:o, 1, 'offer_full_refund(1, $1)') AS one \gset
SELECT pg_temp.pays(:one);
SELECT pg_temp.shipped(100) AS p \gset
SELECT pg_temp.about(:p, 1) AS two \gset
SELECT pg_temp.decides(:two, '''refund'', ''carrier''');
SELECT pg_temp.pays(:two);
SELECT is_empty('SELECT * FROM support_case.verify()', 'verify() finds nothing');
CREATE FUNCTION pg_temp.moves(of_case bigint, from_account text, to_account text, minor bigint)
RETURNS text
LANGUAGE sql
AS $$
    SELECT format('UPDATE support_case.ledger_entry SET amount = amount + CASE account WHEN %L THEN %s ELSE -%s END
        WHERE case_id = %s AND component = ''claim'' AND account IN (%L, %L)', from_account, minor, minor, of_case, from_account, to_account)
$$;
SELECT is(pg_temp.damage(pg_temp.moves(:one, 'platform_absorbed', 'seller_payable', 1)),
    format('claim_share Of what carriers paid for order %s the seller got 9701 of 9700 minor units that he bore, the platform 299 of 800; they paid 0 more than they owe.', :o),
    'verify(): a claim paid the seller more than he bore');
SELECT matches(pg_temp.damage(pg_temp.moves(:one, 'seller_payable', 'platform_absorbed', 501)),
    'claim_share .* the platform 801 of 800', 'verify(): or the platform');
SELECT matches(pg_temp.damage(format('UPDATE support_case.ledger_entry SET amount = amount + CASE WHEN amount > 0 THEN -1 ELSE 1 END
        WHERE case_id = %s AND component = ''claim''', :two)),
    '^claim_share .* they paid 1 more than they owe', 'verify(): or nobody got it');
SELECT matches(pg_temp.damage(pg_temp.moves(:one, 'seller_payable', 'platform_absorbed', 9701)),
    'claim_share .* the seller got -1 of', 'verify(): or somebody was charged for it');

SELECT * FROM finish();
ROLLBACK;
