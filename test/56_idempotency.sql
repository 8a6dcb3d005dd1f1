-- Idempotency keys: a retry returns what the first call returned, whatever has
-- happened since; a key belongs to one command with one set of arguments.
BEGIN;
SELECT no_plan();


SET LOCAL timezone = 'UTC';

CREATE FUNCTION pg_temp.at(instant text)
RETURNS void
LANGUAGE sql
AS $$ SELECT set_config('support_case.now', instant, true) $$;

CREATE FUNCTION pg_temp.order(order_id bigint)
RETURNS void
LANGUAGE sql
AS $$
    SELECT support_case.register_order(1, order_id, 7, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]',
        commission => 8.00, tax => 0)
$$;

SELECT pg_temp.at('2026-01-05T09:00:00Z');
SELECT support_case.register_seller(1), support_case.register_seller(2);
SELECT pg_temp.order(k) FROM generate_series(1, 40) AS k;

-- Every command on a case takes a key, and who acted.
SELECT is_empty($$
    SELECT p.proname FROM pg_proc AS p
    WHERE p.pronamespace = 'support_case'::regnamespace AND p.proname NOT LIKE '\_%' AND p.provolatile = 'v'
        AND p.prorettype = 'support_case.case_current'::regtype
        AND NOT (p.proargnames @> '{actor_id,idempotency_key}'
            AND pg_get_function_arguments(p.oid) LIKE '%actor\_id text DEFAULT NULL::text, idempotency\_key text DEFAULT NULL::text')
    $$, 'every command that returns a case takes actor_id and idempotency_key, last, by default null');

-- retry calls a command, lets time pass over every deadline, sweeps, and calls
-- it again with its key: the same row, and nothing written.
CREATE FUNCTION pg_temp.retry(command text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    instant constant text := current_setting('support_case.now');
    first_rows text;
    events integer;
BEGIN
    EXECUTE format('SELECT coalesce(string_agg(r::text, E''\n''), ''no row'') FROM support_case.%s AS r', command) INTO first_rows;
    SELECT count(*) INTO events FROM support_case.case_event;
    PERFORM set_config('support_case.now', (instant::timestamptz + interval '200 days')::text, true);
    EXECUTE format('SELECT coalesce(string_agg(r::text, E''\n''), ''no row'') = $1 FROM support_case.%s AS r', command)
    INTO STRICT command USING first_rows;
    IF command = 'false' THEN
        RETURN 'another row';
    ELSIF (SELECT count(*) FROM support_case.case_event) <> events THEN
        RETURN 'something was written';
    END IF;
    -- Once more, after the deadlines were written.
    PERFORM set_config('support_case.now', instant, true);
    RETURN 'the first row';
END
$$;

-- Cases 1 to 39 of orders 1 to 39 in the states that the commands need.
DO $cases$
BEGIN
    PERFORM support_case.open_case(1, k, 'damaged_in_transit', 'help') FROM generate_series(1, 39) AS k;
    PERFORM support_case.offer_partial_refund(1, k, 30) FROM generate_series(10, 11) AS k;
    PERFORM support_case.request_information(1, 12, 'which one?');
    PERFORM support_case.explain_no_refund(1, k, 'no') FROM generate_series(13, 19) AS k;
    PERFORM support_case.escalate(1, k) FROM generate_series(14, 19) AS k;
    PERFORM support_case.withdraw_case(1, 20);
    PERFORM support_case.offer_full_refund(1, 21);
    PERFORM support_case.offer_full_refund(1, k, true) FROM generate_series(22, 29) AS k;
    PERFORM support_case.record_return_delivered(1, k, support_case.clock()) FROM generate_series(26, 27) AS k;
    PERFORM support_case.consent_to_replacement(1, k) FROM generate_series(30, 32) AS k;
    PERFORM support_case.send_replacement(1, k, 'USPS', '9400') FROM generate_series(31, 32) AS k;
    PERFORM support_case.offer_full_refund(1, k) FROM generate_series(33, 35) AS k;
    PERFORM support_case.consent_to_replacement(1, 38), support_case.send_replacement(1, 38, 'USPS', '9400');
    -- A return with a label; cases 40 to 45 of orders 41 to 46, which were shipped.
    PERFORM support_case.record_return_label(1, 29, 6.50);
    PERFORM pg_temp.order(k), support_case.record_shipment(1, k, 'USPS', 'priority_mail'),
        support_case.record_shipment_scan(1, k, 1, 'accepted', '2026-01-05T09:00:00Z'),
        support_case.open_case(1, k, 'damaged_in_transit', 'help')
    FROM generate_series(41, 46) AS k;
    PERFORM support_case.offer_full_refund(1, k, is_carrier_claim_wanted => k > 41) FROM generate_series(40, 45) AS k;
    -- Stalls: its next deadline falls into a time without opening hours.
    PERFORM support_case.offer_partial_refund(1, 39, 30);
    PERFORM support_case.register_listing(1, k, 'Lamp', 40, 'USD', 'A lamp', accepts_offers => true) FROM generate_series(1, 2) AS k;
    PERFORM support_case.make_offer(1, 1, k, 30) FROM generate_series(11, 13) AS k;
    PERFORM support_case.make_offer(1, 2, 7, 30);
    PERFORM support_case.add_favourite(1, 1, 9);
    PERFORM support_case.rate_order(1, 1, 1), support_case.rate_order(1, 2, 1), support_case.dispute_rating(1, 2, 'unfair');
    -- Orders 51 and 52 can be claimed, the latter too late; cases 46 to 50 are
    -- about what did not arrive.
    PERFORM pg_temp.order(k) FROM generate_series(51, 57) AS k;
    PERFORM support_case.record_delivery_promise(1, 51, '2025-12-01'),
        support_case.record_delivery_promise(1, 52, '2025-09-01', '2025-09-10');
    PERFORM support_case.open_case(1, k, 'not_received', 'help') FROM generate_series(53, 57) AS k;
    PERFORM support_case.offer_full_refund(1, 50), support_case.consent_to_recharge(1, 50),
        support_case.record_parcel_found(1, 50, support_case.clock());
    PERFORM support_case.create_calendar('platform', 'UTC; off', '2026-01-06T00:00:00Z');
    PERFORM support_case.create_calendar('platform', 'UTC; Mo-Fr', '2026-01-12T00:00:00Z');
END
$cases$;

-- One INSERT an area, one line a command; tried() tries those that were not
-- tried before.
CREATE TEMPORARY TABLE call (n serial, command text, is_tried boolean NOT NULL DEFAULT false);
CREATE FUNCTION pg_temp.tried()
RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
    waiting record;
BEGIN
    FOR waiting IN SELECT c.n, c.command FROM call AS c WHERE NOT c.is_tried ORDER BY c.n LOOP
        UPDATE call AS c SET is_tried = true WHERE c.n = waiting.n;
        RETURN NEXT is(pg_temp.retry(waiting.command), 'the first row',
            format('a retry of %s', split_part(waiting.command, '(', 1)));
    END LOOP;
END
$$;
INSERT INTO call (command) VALUES
    ($$open_case(1, 40, 'damaged_in_transit', 'box', '[{"line_number": 1}]', '[{"uri": "s3://1"}]', 'app', 'ann', 'k1')$$),
    ($$take_over_case(1, 9, 'beyond_seller', 'let us', 'ann', 'k43')$$),
    ($$flag_fraud(1, 35, 'a third empty box', 'order', 'ann', 'k44')$$),
    ($$clear_fraud_flag(1, 35, 'it was the carrier', 'order', 'ann', 'k45')$$),
    ($$record_fraud_score(1, 35, 0.50, 'buyer', 'ann', 'k46')$$);
INSERT INTO call (command) VALUES
    ($$offer_full_refund(1, 1, false, 'sorry', false, 'ann', 'k2')$$),
    ($$offer_partial_refund(1, 2, 30.00, 'sorry', false, 'ann', 'k3')$$),
    ($$send_replacement(1, 30, 'USPS', '9401', 'sorry', 'ann', 'k4')$$),
    ($$explain_no_refund(1, 3, 'no', '[{"uri": "s3://1"}]', 'ann', 'k5')$$),
    ($$request_information(1, 4, 'which?', NULL, 'ann', 'k6')$$),
    ($$confirm_return(1, 26, 'ann', 'k7')$$),
    ($$dispute_return(1, 27, 'missing', 'empty', '[{"line_number": 1, "quantity": 0}]', NULL, 'ann', 'k8')$$),
    ($$post_message(1, 7, 'seller', 'hello', NULL, 'ann', 'k30')$$);
INSERT INTO call (command) VALUES
    ($$accept_offer(1, 10, 'ann', 'k9')$$),
    ($$decline_offer(1, 11, 'ann', 'k10')$$),
    ($$provide_information(1, 12, 'this', NULL, 'ann', 'k11')$$),
    ($$escalate(1, 13, 'unfair', 'ann', 'k12')$$),
    ($$withdraw_case(1, 5, 'ann', 'k13')$$),
    ($$reopen_case(1, 20, 'ann', 'k14')$$),
    ($$consent_to_replacement(1, 6, 'ann', 'k15')$$),
    ($$submit_dropoff_proof(1, 22, '2026-01-05T09:00:00Z', '[{"uri": "s3://1"}]', 'ann', 'k16')$$),
    ($$leave_feedback(1, 21, true, 'ann', 'k17')$$);
INSERT INTO call (command) VALUES
    ($$decide(1, 14, 'refund', 'split', NULL, false, 50, 10, NULL, 'so be it', NULL, 'ann', 'k18')$$),
    ($$return_to_seller(1, 15, 'ann', 'k19')$$),
    ($$reassign_liability(1, 33, 'platform', NULL, NULL, 'goodwill', 'ann', 'k20')$$);
INSERT INTO call (command) VALUES
    ($$record_return_label(1, 23, 6.50, 'USPS', '1', 's3://label', 'ann', 'k21')$$),
    ($$record_return_dropped_off(1, 24, '2026-01-05T09:00:00Z', 'USPS', '1', 'ann', 'k22')$$),
    ($$record_return_delivered(1, 25, '2026-01-05T09:00:00Z', true, 'carrier', 'ann', 'k23')$$),
    ($$record_replacement_shipped(1, 31, '2026-01-05T09:00:00Z', 'ann', 'k24')$$),
    ($$record_replacement_delivered(1, 32, '2026-01-05T09:00:00Z', 'ann', 'k25')$$),
    ($$record_chargeback(1, 36, 20.00, '2026-01-05T09:00:00Z', 'cb', 'ann', 'k26')$$),
    ($$record_external_refund(1, 37, 20.00, NULL, NULL, 'ann', 'k27')$$),
    ($$record_refund_settled(1, 34, 1, 'ann', 'k28')$$),
    ($$record_refund_failed(1, 35, 'card closed', NULL, 'ann', 'k29')$$);
INSERT INTO call (command) VALUES
    ($$rate_order(1, 3, 5, 'good', 'ann', 'k34')$$),
    ($$dispute_rating(1, 1, 'unfair', 'ann', 'k35')$$),
    ($$decide_rating_dispute(1, 2, 'remove', 'insult', 'ann', 'k36')$$);
INSERT INTO call (command) VALUES
    ($$make_offer(1, 1, 7, 30.00, 'ann', 'k37')$$),
    ($$send_offers(1, 1, 30.00, '[9]', 'ann', 'k38')$$),
    ($$accept_price_offer(1, 1, 'ann', 'k39')$$),
    ($$decline_price_offer(1, 2, 'ann', 'k40')$$),
    ($$counter_price_offer(1, 3, 31.00, 'ann', 'k41')$$),
    ($$record_purchase(1, 2, 7, 'ann', 'k42')$$);
INSERT INTO call (command) VALUES
    ($$record_shipment(1, 1, 'USPS', 'priority_mail', '94', '2026-01-12', 'US', 50.0, 80.00, 'xcover', NULL, 'ann', 'p34')$$),
    ($$record_shipment_scan(1, 41, 1, 'delivered', '2026-01-05T09:00:00Z', 'ann', 'p35')$$),
    ($$record_parcel_scan(1, 29, 1, 'accepted', '2026-01-05T09:00:00Z', 'ann', 'p36')$$),
    ($$set_return_address(1, 'x', 'y', 'z', 'US', 'floor 2', 'MA', '02108', 'ann', 'p37')$$);
INSERT INTO call (command) VALUES
    ($$request_carrier_claim(1, 40, 1, 'damaged', 'ann', 'p38')$$),
    ($$record_manual_carrier_claim(1, 41, 1, 'U1', 'lost', 'ann', 'p39')$$),
    ($$cancel_carrier_claim(1, 42, 1, 'ann', 'p40')$$);
INSERT INTO call (command) VALUES
    ($$file_guarantee_claim(1, 51, 'nothing came', '[{"line_number": 1}]', '[{"uri": "s3://1"}]', 'ann', 'g47')$$),
    ($$admit_guarantee_claim(1, 52, 'was ill', 'nothing came', NULL, NULL, 'ann', 'g48')$$),
    ($$refund_and_ask_to_reorder(1, 46, 'sorry', 'ann', 'g49')$$),
    ($$start_carrier_enquiry(1, 47, 'UPS', 'ENQ-7', '1Z', 'ann', 'g50')$$),
    ($$record_parcel_found(1, 48, '2026-01-05T09:00:00Z', 'carrier', 'ann', 'g51')$$),
    ($$consent_to_recharge(1, 49, 10.00, 'ann', 'g52')$$),
    ($$withdraw_recharge_consent(1, 49, 'ann', 'g54')$$),
    ($$recharge_buyer(1, 50, 10.00, 'it came', 'ann', 'g53')$$);
SELECT pg_temp.tried();

-- The commands that need time to have passed.
SELECT pg_temp.at('2026-01-12T10:00:00Z');
SELECT support_case.sweep();
INSERT INTO call (command) VALUES
    ($$reinstate_return(1, 28, 'ann', 'k31')$$),
    ($$authorise_return(1, 38, 'ann', 'k32')$$),
    ($$resume_case(1, 39, 'ann', 'k33')$$);
INSERT INTO call (command) VALUES
    ($$post_order_message(1, 8, 'seller', 'hello', '[{"uri": "s3://1"}]', 'ann', 'k47')$$),
    ($$post_platform_message(1, 9, 'buyer', 'hello', 'platform', NULL, 'ann', 'k48')$$),
    ($$receive_relayed_message(support_case.relay_address(1, 8, 'buyer'), 'hello', NULL, 'ann', 'k49')$$);
SELECT pg_temp.tried();
SELECT pg_temp.at('2026-01-20T10:00:00Z');
SELECT support_case.record_carrier_claim_filed(1, k) FROM generate_series(44, 45) AS k;
INSERT INTO call (command) VALUES
    ($$record_carrier_claim_filed(1, 43, 'C1', 40.0, 1, 'ann', 'p41')$$),
    ($$record_carrier_claim_paid(1, 44, 40.0, 1, 'ann', 'p42')$$),
    ($$record_carrier_claim_denied(1, 45, 'no', 1, 'ann', 'p43')$$);
SELECT pg_temp.tried();
SELECT is_empty($$
    SELECT p.proname FROM pg_proc AS p
    WHERE p.pronamespace = 'support_case'::regnamespace AND p.proname NOT LIKE '\_%'
        AND 'idempotency_key' = ANY (p.proargnames)
    EXCEPT SELECT split_part(command, '(', 1) FROM call$$, 'these are all commands with a key');

-- Commands without a case of their own (AMB-41) return all cases of the order;
-- a key answers the same where there is none.
SELECT is((SELECT count(*)::integer FROM support_case.record_chargeback(1, 36, 20.00, '2026-01-05T09:00:00Z', 'cb', 'ann', 'k26')),
    1, 'record_chargeback again returns the cases that it returned');
SELECT is((SELECT count(*)::integer FROM support_case.external_refund WHERE order_id = 36), 1, 'and counts once');

-- All arguments belong to the key, and the command does.
SELECT throws_ok($$SELECT support_case.offer_partial_refund(1, 2, 30.01, 'sorry', false, 'ann', 'k3')$$, 'SC009',
    'idempotency key "k3" was used with other arguments', 'another amount');
SELECT throws_ok($$SELECT support_case.offer_partial_refund(1, 3, 30.00, 'sorry', false, 'ann', 'k3')$$, 'SC009', NULL, 'another case');
SELECT throws_ok($$SELECT support_case.offer_partial_refund(1, 2, 30.00, NULL, false, 'ann', 'k3')$$, 'SC009', NULL, 'another message');
SELECT throws_ok($$SELECT support_case.withdraw_case(1, 2, 'ann', 'k3')$$, 'SC009', NULL, 'another command');
SELECT lives_ok($$SELECT support_case.offer_partial_refund(1, 2, 30.0, 'sorry', false, 'ann', 'k3')$$,
    'the same amount written otherwise is the same amount');

-- Keys belong to a seller and an actor.
SELECT lives_ok($$SELECT support_case.withdraw_case(1, 8, 'bob', 'k3')$$, 'another actor has keys of his own');
SELECT lives_ok($$SELECT support_case.withdraw_case(1, 9, NULL, 'k3')$$, 'and so has nobody');
SELECT support_case.register_order(2, 1, 7, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]');
SELECT lives_ok($$SELECT support_case.open_case(2, 1, 'missing_item', 'gone', actor_id => 'ann', idempotency_key => 'k3')$$,
    'another seller''s case, too');

-- A command that fails keeps no key.
SELECT throws_ok($$SELECT support_case.accept_offer(1, 16, 'ann', 'later')$$, 'SC001', NULL, 'a command fails');
SELECT is_empty($$SELECT 1 FROM support_case.command_key WHERE idempotency_key = 'later'$$, 'and keeps no key');
SELECT lives_ok($$SELECT support_case.decide(1, 16, 'uphold_seller', actor_id => 'ann', idempotency_key => 'later')$$,
    'which another command can use then');

SELECT * FROM finish();
ROLLBACK;
