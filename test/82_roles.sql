-- Security model: each role calls and reads what is granted to it, parties
-- see and touch their own rows only, and PUBLIC nothing at all.
BEGIN;
SELECT no_plan();

SET LOCAL support_case.now = '2026-01-09T16:00:00-05:00';

CREATE ROLE tap_seller_one LOGIN IN ROLE support_case_seller;
CREATE ROLE tap_seller_two LOGIN IN ROLE support_case_seller;
CREATE ROLE tap_seller_unmapped LOGIN IN ROLE support_case_seller;
CREATE ROLE tap_buyer_seven LOGIN IN ROLE support_case_buyer;
CREATE ROLE tap_buyer_eight LOGIN IN ROLE support_case_buyer;
CREATE ROLE tap_application LOGIN IN ROLE support_case_app;
CREATE ROLE tap_agent LOGIN IN ROLE support_case_platform;
CREATE ROLE tap_carrier LOGIN IN ROLE support_case_carrier;
CREATE ROLE tap_stranger LOGIN;
GRANT USAGE ON SCHEMA support_case TO tap_stranger;

-- Two sellers, two buyers: case of seller 1 with buyer 7, of seller 2 with 8.
SELECT support_case.register_seller(s) FROM generate_series(1, 2) AS s;
SELECT support_case.register_order(1, 100, 7, 'USD', 8, 1, 1, '[{"unit_price": 9}]');
SELECT support_case.register_order(2, 200, 8, 'USD', 8, 1, 1, '[{"unit_price": 9}]');
SELECT support_case.open_case(1, 100, 'damaged_in_transit', 'broken');
SELECT support_case.open_case(2, 200, 'damaged_in_transit', 'broken');
SELECT support_case.map_login('tap_seller_one', seller_id => 1);
SELECT support_case.map_login('tap_seller_two', seller_id => 2);
SELECT support_case.map_login('tap_buyer_seven', buyer_id => 7);
SELECT support_case.map_login('tap_buyer_eight', buyer_id => 8);
CREATE TEMPORARY TABLE known_case ON COMMIT DROP AS SELECT seller_id, case_id FROM support_case.support_case;

-- as_role runs a query in a role and returns its value, or the SQLSTATE.
CREATE FUNCTION pg_temp.as_role(role_name text, query text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    result text;
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', role_name);
    BEGIN
        EXECUTE query INTO result;
    EXCEPTION WHEN OTHERS THEN
        result := SQLSTATE;
    END;
    RESET ROLE;
    RETURN result;
END
$$;

-- as_login runs it as if the role had connected.
CREATE FUNCTION pg_temp.as_login(role_name text, query text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    result text;
BEGIN
    EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', role_name);
    BEGIN
        EXECUTE query INTO result;
    EXCEPTION WHEN OTHERS THEN
        result := SQLSTATE;
    END;
    RESET SESSION AUTHORIZATION;
    RETURN result;
END
$$;

-- The case numbers depend on the sequence.
CREATE FUNCTION pg_temp.case_of(seller bigint)
RETURNS bigint
LANGUAGE sql STABLE
AS 'SELECT case_id FROM known_case WHERE seller_id = seller';

-- Who connects is who acts, without a role that was set.
SELECT is(pg_temp.as_login(role_name, 'SELECT support_case.relay_address(1, 100, ''buyer'') LIKE ''b1-100-%'''), expected,
    format('%s, who has connected, and the address of buyer 7: %s', role_name, expected))
FROM (VALUES ('tap_buyer_seven', 'true'), ('tap_buyer_eight', 'SC004'), ('tap_seller_one', 'SC004'), ('tap_application', 'true'),
    ('support_case_owner', 'true'), ('tap_stranger', '42501')) AS v (role_name, expected);

-- Reading.
SELECT is(pg_temp.as_role(role_name, 'SELECT string_agg(seller_id::text, '','' ORDER BY seller_id) FROM support_case.' || relation),
    expected, format('%s reads of %s the rows of seller %s', role_name, relation, coalesce(expected, '(none)')))
FROM (VALUES
    ('tap_seller_one', 'case_current', '1'),
    ('tap_seller_two', 'case_current', '2'),
    ('tap_seller_unmapped', 'case_current', NULL),
    ('tap_buyer_seven', 'case_current', '1'),
    ('tap_buyer_eight', 'case_current', '2'),
    ('tap_application', 'case_current', '1,2'),
    ('tap_agent', 'case_current', '1,2'),
    ('tap_carrier', 'case_current', '42501'),
    ('tap_stranger', 'case_current', '42501'),
    ('tap_seller_one', 'case_event', '1'),
    ('tap_buyer_eight', 'case_event', '2'),
    ('tap_seller_one', 'case_timeline', '1'),
    ('tap_buyer_seven', 'case_timeline', '42501'),
    ('tap_seller_two', 'sales_order', '2'),
    ('tap_buyer_seven', 'sales_order', '42501'),
    ('tap_seller_two', 'sales_order_line', '2'),
    ('tap_application', 'case_timeline', '1,2'),
    ('tap_seller_one', 'notices', '1'),
    ('tap_seller_two', 'notices', '2'),
    ('tap_seller_unmapped', 'notices', NULL),
    ('tap_buyer_seven', 'notices', '1'),
    ('tap_buyer_eight', 'notices', '2'),
    ('tap_carrier', 'notices', '42501'),
    ('tap_seller_one', 'dead_notices', '42501'),
    ('tap_buyer_seven', 'dead_notices', '42501'),
    ('tap_seller_one', 'command_key', '42501'),
    ('tap_application', 'party_login', '42501')
) AS expectation (role_name, relation, expected);
SELECT is(pg_temp.as_role(role_name, 'SELECT string_agg(DISTINCT concat_ws('' '', recipient, recipient_id, channel), '','') FROM support_case.outbox'),
    expected, format('W-08: %s reads of the outbox what is in the app and addressed to %s', role_name, expected))
FROM (VALUES ('tap_seller_one', 'seller 1 in_app'), ('tap_seller_unmapped', NULL), ('tap_buyer_eight', 'buyer 8 in_app'))
    AS expectation (role_name, expected);
SELECT is(pg_temp.as_role(role_name, 'SELECT max(attempts) FROM support_case.outbox'), '42501',
    format('%s does not read how a notice is published', role_name))
FROM (VALUES ('tap_seller_one'), ('tap_buyer_seven')) AS reader (role_name);

-- What the platform thinks of a case is not the buyer's to read.
SELECT is(pg_temp.as_role('tap_buyer_seven', format('SELECT %s::text FROM support_case.%s', column_name, relation)), '42501',
    format('a buyer does not read %s of %s', column_name, relation))
FROM (VALUES ('routed_because', 'support_case'), ('liability', 'support_case'), ('details', 'case_event'),
    ('actor_id', 'case_event')) AS hidden (column_name, relation);

-- The ledger is the seller's, not the buyer's.
SELECT support_case.offer_full_refund(1, pg_temp.case_of(1));
SELECT support_case.offer_full_refund(2, pg_temp.case_of(2));
SELECT is(pg_temp.as_role(role_name, 'SELECT string_agg(seller_id || '' '' || balance, '','' ORDER BY seller_id) FROM support_case.seller_balance'),
    expected, format('%s reads the balances %s', role_name, expected))
FROM (VALUES
    ('tap_seller_one', '1 -10.00'),
    ('tap_seller_two', '2 -10.00'),
    ('tap_application', '1 -10.00,2 -10.00'),
    ('tap_buyer_seven', '42501')
) AS expectation (role_name, expected);

-- Acting for others: SC004; without the grant: 42501.
SELECT support_case.register_order(1, 120, 7, 'USD', 8, 1, 1, '[{"unit_price": 9}]');
SELECT support_case.record_delivery_promise(1, 120, '2025-12-01');
SELECT support_case.register_order(1, 101, 7, 'USD', 8, 1, 1, '[{"unit_price": 9}]');
SELECT is(pg_temp.as_role(role_name, format(command, pg_temp.case_of(1))), expected,
    format('%s calling %s: %s', role_name, command, expected))
FROM (VALUES
    ('tap_buyer_eight', 'SELECT case_id IS NOT NULL FROM support_case.open_case(1, 101, ''damaged_in_transit'', ''broken'')', 'SC004'),
    ('tap_buyer_seven', 'SELECT case_id IS NOT NULL FROM support_case.open_case(1, 101, ''damaged_in_transit'', ''broken'')', 'true'),
    ('tap_buyer_eight', 'SELECT status FROM support_case.leave_feedback(1, %s, true)', 'SC004'),
    ('tap_buyer_seven', 'SELECT status FROM support_case.leave_feedback(1, %s, true)', 'closed'),
    ('tap_seller_two', 'SELECT status FROM support_case.confirm_return(1, %s)', 'SC004'),
    ('tap_seller_unmapped', 'SELECT status FROM support_case.confirm_return(1, %s)', 'SC004'),
    ('tap_seller_one', 'SELECT status FROM support_case.confirm_return(1, %s)', 'SC001'),
    ('tap_seller_one', 'SELECT status FROM support_case.leave_feedback(1, %s, true)', '42501'),
    ('tap_seller_one', 'SELECT status FROM support_case.decide(1, %s, ''refund'', actor_id => ''a'')', '42501'),
    ('tap_agent', 'SELECT status FROM support_case.decide(1, %s, ''refund'', actor_id => ''a'')', 'SC001'),
    ('tap_agent', 'SELECT status FROM support_case.confirm_return(1, %s)', '42501'),
    ('tap_carrier', 'SELECT status FROM support_case.record_return_dropped_off(1, %s, ''2026-01-09T16:00:00-05:00'')', 'SC001'),
    ('tap_carrier', 'SELECT status FROM support_case.confirm_return(1, %s)', '42501'),
    ('tap_stranger', 'SELECT status FROM support_case.confirm_return(1, %s)', '42501'),
    ('tap_buyer_eight', 'SELECT is_open FROM support_case.guarantee_window(1, 120)', 'SC004'),
    ('tap_buyer_seven', 'SELECT is_open FROM support_case.guarantee_window(1, 120)', 'true'),
    ('tap_seller_one', 'SELECT is_open FROM support_case.guarantee_window(1, 120)', 'true'),
    ('tap_seller_two', 'SELECT is_open FROM support_case.guarantee_window(1, 120)', 'SC004'),
    ('tap_seller_unmapped', 'SELECT is_open FROM support_case.guarantee_window(1, 120)', 'SC004'),
    ('tap_agent', 'SELECT is_open FROM support_case.guarantee_window(1, 120)', 'true'),
    ('tap_carrier', 'SELECT is_open FROM support_case.guarantee_window(1, 120)', '42501'),
    ('tap_buyer_eight', 'SELECT status FROM support_case.file_guarantee_claim(1, 120, ''nothing came'')', 'SC004'),
    ('tap_seller_one', 'SELECT status FROM support_case.file_guarantee_claim(1, 120, ''nothing came'')', '42501'),
    ('tap_buyer_seven', 'SELECT status FROM support_case.file_guarantee_claim(1, 120, ''nothing came'')', 'escalated'),
    ('tap_seller_one', 'SELECT count(*) FROM support_case.guarantee_claims', '1'),
    ('tap_seller_two', 'SELECT count(*) FROM support_case.guarantee_claims', '0'),
    ('tap_buyer_seven', 'SELECT count(*) FROM support_case.guarantee_claims', '42501'),
    ('tap_buyer_seven', 'SELECT count(*) FROM support_case.guarantee_claim', '1'),
    ('tap_buyer_seven', 'SELECT closes_at IS NULL FROM support_case.guarantee_claim', 'true'),
    ('tap_buyer_seven', 'SELECT admitted_because FROM support_case.guarantee_claim', '42501'),
    ('tap_buyer_eight', 'SELECT count(*) FROM support_case.guarantee_claim', '0'),
    ('tap_agent', 'SELECT count(*) FROM support_case.guarantee_claims', '1'),
    ('tap_buyer_seven', 'SELECT status FROM support_case.recharge_buyer(1, %s, 1, actor_id => ''a'')', '42501'),
    ('tap_carrier', 'SELECT status FROM support_case.record_parcel_found(1, %s, ''2026-01-09T16:00:00-05:00'')', 'SC001'),
    ('tap_seller_one', 'SELECT status FROM support_case.consent_to_recharge(1, %s)', '42501'),
    ('tap_buyer_eight', 'SELECT status FROM support_case.withdraw_recharge_consent(1, %s)', 'SC004'),
    ('tap_seller_two', 'SELECT status FROM support_case.start_carrier_enquiry(1, %s, ''UPS'')', 'SC004'),
    ('tap_application', 'SELECT status FROM support_case.leave_feedback(1, %s, false)', 'closed'),
    ('tap_buyer_seven', 'SELECT handled_by FROM support_case.preview_case(1, 100, ''damaged_in_transit'')', 'seller'),
    ('tap_buyer_eight', 'SELECT handled_by FROM support_case.preview_case(1, 100, ''damaged_in_transit'')', 'SC004'),
    ('tap_seller_one', 'SELECT count(*) FROM support_case.suggested_responses(1, %s)', '0'),
    ('tap_seller_two', 'SELECT count(*) FROM support_case.suggested_responses(1, %s)', 'SC004'),
    ('tap_seller_two', 'SELECT seller_id FROM support_case.join_waitlist(1)', 'SC004'),
    ('tap_seller_one', 'SELECT seller_id FROM support_case.grant_access(1)', '42501'),
    ('tap_agent', 'SELECT seller_id FROM support_case.grant_access(1)', '1'),
    ('tap_agent', 'SELECT reason FROM support_case.define_reason(''stale'', ''It is stale.'', true, true)', 'stale'),
    ('tap_seller_one', 'SELECT reason FROM support_case.retire_reason(''stale'')', '42501'),
    ('tap_seller_one', 'SELECT buyer_id FROM support_case.flag_fraud(1, 100, ''he lies'', ''buyer'')', '42501'),
    ('tap_carrier', 'SELECT buyer_id FROM support_case.record_fraud_score(1, 100, 1)', '42501'),
    ('tap_agent', 'SELECT subject FROM support_case.flag_fraud(1, 100, ''an empty box'')', 'order'),
    ('tap_agent', 'SELECT actor_id FROM support_case.fraud_assessment', 'tap_agent'),
    ('tap_agent', 'SELECT flagged_orders FROM support_case.buyer_refund_behaviour WHERE buyer_id = 7 AND period = ''all''', '1'),
    ('tap_seller_one', 'SELECT actor_id FROM support_case.fraud_assessment', '42501'),
    ('tap_buyer_seven', 'SELECT is_fraud_suspected FROM support_case.buyer_standing', '42501'),
    ('tap_application', 'SELECT support_case.sweep()', '0'),
    ('tap_seller_one', 'SELECT support_case.sweep()', '42501'),
    ('tap_application', 'SELECT role_name FROM support_case.map_login(''tap_stranger'', 1)', '42501')
) AS expectation (role_name, command, expected);

-- Who acted: what an application says, the role of a direct user.
SELECT is((SELECT string_agg(actor_id, ',' ORDER BY event_number) FROM support_case.case_event
        WHERE seller_id = 1 AND action = 'leave_feedback'),
    'tap_buyer_seven', 'a direct user is who connected, an application says nothing here');
SELECT pg_temp.as_role('tap_buyer_seven', format(
    'SELECT status FROM support_case.leave_feedback(1, %s, true, actor_id => ''somebody else'', idempotency_key => ''k'')',
    pg_temp.case_of(1)));
SELECT pg_temp.as_role('tap_application', format(
    'SELECT status FROM support_case.leave_feedback(1, %s, true, actor_id => ''buyer-7'', idempotency_key => ''k'')',
    pg_temp.case_of(1)));
SELECT is((SELECT string_agg(actor_id, ',' ORDER BY event_number) FROM support_case.case_event
        WHERE seller_id = 1 AND action = 'leave_feedback'),
    'tap_buyer_seven,tap_buyer_seven,buyer-7', 'a direct user cannot name somebody else, an application can');
SELECT is((SELECT string_agg(actor_id, ',' ORDER BY actor_id) FROM support_case.command_key),
    'buyer-7,tap_buyer_seven', 'each with idempotency keys of its own');
SELECT is(pg_temp.as_role('tap_agent', format('SELECT status FROM support_case.decide(1, %s, ''refund'')', pg_temp.case_of(1))),
    'SC001', 'a direct agent need not say who decides');

-- Facts of a parcel are the carrier's to report; a seller reports those of its
-- own returns, as seller.
SELECT support_case.register_order(1, 102, 7, 'USD', 8, 1, 1, '[{"unit_price": 9}]');
SELECT case_id AS returned FROM support_case.open_case(1, 102, 'damaged_in_transit', 'broken') \gset
SELECT support_case.offer_full_refund(1, :returned, return_required => true);
SELECT is(pg_temp.as_role(role_name, format(
        'SELECT status FROM support_case.record_return_delivered(1, %s, ''2026-01-09T16:00:00-05:00''%s)', :returned, reporter)),
    expected, format('%s reporting a delivery%s: %s', role_name, reporter, expected))
FROM (VALUES
    ('tap_seller_two', '', 'SC004'),
    ('tap_seller_two', ', reported_by => ''seller''', 'SC004'),
    ('tap_seller_unmapped', '', 'SC004'),
    ('tap_seller_one', '', 'SC004'),
    ('tap_seller_one', ', reported_by => ''seller''', 'return_inspection')
) AS expectation (role_name, reporter, expected);

-- Who only reports facts gets no more of case and order than the facts are about.
SELECT support_case.register_order(1, 105, 7, 'USD', 8, 1, 1, '[{"unit_price": 9}]');
SELECT case_id AS reported FROM support_case.open_case(1, 105, 'damaged_in_transit', 'broken') \gset
SELECT support_case.offer_full_refund(1, :reported, return_required => true);
SELECT is(pg_temp.as_role('tap_carrier', format($$SELECT jsonb_strip_nulls(to_jsonb(k) - 'status_since') - 'case_id' FROM support_case.%s AS k$$,
        replace(command, '@', :reported::text)))::jsonb, expected::jsonb, 'tap_carrier gets back of ' || command || ': ' || expected)
FROM (VALUES
    ('record_order_delivered(1, 105, ''2026-01-09T16:00:00-05:00'')', '{"seller_id": 1, "order_id": 105, "delivered_at": "2026-01-09T21:00:00+00:00"}'),
    ('record_return_label(1, @, 4.5)', '{"seller_id": 1, "order_id": 105, "status": "return_pending"}'),
    ('record_return_label(1, @, 4.5, idempotency_key => ''l'')', '{"seller_id": 1, "order_id": 105, "status": "return_pending"}'),
    ('record_return_label(1, @, 4.5, idempotency_key => ''l'')', '{"seller_id": 1, "order_id": 105, "status": "return_pending"}'),
    ('record_return_dropped_off(1, @, ''2026-01-09T16:00:00-05:00'')', '{"seller_id": 1, "order_id": 105, "status": "return_in_transit"}'),
    ('record_parcel_scan(1, @, 1, ''in_transit'', ''2026-01-09T16:00:00-05:00'')', '{"seller_id": 1, "order_id": 105, "status": "return_in_transit"}'),
    ('record_return_delivered(1, @, ''2026-01-09T16:00:00-05:00'')', '{"seller_id": 1, "order_id": 105, "status": "return_inspection"}'),
    ('record_external_refund(1, 105, 1)', '{"seller_id": 1, "order_id": 105, "status": "return_inspection"}'),
    ('record_chargeback(1, 105, 1)', '{"seller_id": 1, "order_id": 105, "status": "closed"}')
) AS expectation (command, expected);
SAVEPOINT shipped;
SELECT support_case.register_order(1, 106, 7, 'USD', 8, 1, 1, '[{"unit_price": 9}]', purchased_at => '2025-12-01T00:00:00Z');
SELECT support_case.record_shipment(1, 106, 'USPS', 'priority_mail', declared_value => 9, insured_value => 200);
SELECT case_id AS claimed FROM support_case.open_case(1, 106, 'damaged_in_transit', 'broken') \gset
SELECT support_case.record_shipment_scan(1, 106, 1, 'accepted', '2025-12-02T00:00:00Z');
SELECT support_case.offer_full_refund(1, :claimed, is_carrier_claim_wanted => true);
SELECT is(pg_temp.as_role('tap_carrier', format($$SELECT k::text ~ '9.00|10.00|200' FROM support_case.%s AS k$$, replace(command, '@', :claimed::text))),
    'false', 'tap_carrier reads in ' || command || ' neither values nor refunds')
FROM (VALUES ('record_shipment_scan(1, 106, 1, ''in_transit'', ''2025-12-03T00:00:00Z'')'),
    ('record_carrier_claim_filed(1, @, amount => 1)'), ('record_carrier_claim_paid(1, @)')) AS c (command);
SELECT support_case.record_shipment(1, 105, 'USPS', insured_value => 200, insurer => 'xcover');
SELECT is(pg_temp.as_role('tap_carrier', $$SELECT k::text ~ 'xcover|200' FROM support_case.record_shipment_scan(1, 105, 1, 'accepted',
    '2026-01-09T16:00:00-05:00') AS k$$), 'false', 'tap_carrier does not read who insures a shipment');
ROLLBACK TO shipped;
SELECT is_empty($$
    SELECT p.proname FROM pg_proc AS p
    WHERE p.pronamespace = 'support_case'::regnamespace
        AND p.prorettype IN ('support_case.case_current'::regtype, 'support_case.sales_orders'::regtype)
        AND has_function_privilege('tap_carrier', p.oid, 'EXECUTE') AND p.prosrc !~ '_shown_(case|order)\('
        AND p.proname NOT IN ('record_chargeback', 'record_external_refund')$$,
    'every command that the carrier may call shows no more of cases and orders');
SELECT is(pg_temp.as_role('tap_application', $$SELECT payout FROM support_case.record_order_delivered(1, 105, '2026-01-09T16:00:00-05:00')$$),
    '8.00', 'an application gets all of it');

-- Conversations: each party reads its own, and not what the other writes to
-- the platform (AMB-32, 7.2).
SELECT support_case.post_platform_message(1, pg_temp.case_of(1), party, 'to the ' || party, actor_id => 'a')
FROM unnest('{buyer,seller}'::text[]) AS party;
SELECT is(pg_temp.as_role(role_name, 'SELECT string_agg(DISTINCT kind, '','' ORDER BY kind) FROM support_case.' || relation),
    expected, format('AMB-32: %s reads of %s: %s', role_name, relation, coalesce(expected, '(none)')))
FROM (VALUES
    ('conversation', 'tap_seller_two', 'case,order'), ('conversation', 'tap_buyer_eight', 'case,order'),
    ('conversation', 'tap_seller_one', 'case,order,seller_platform'),
    ('conversation', 'tap_buyer_seven', 'buyer_platform,case,order'),
    ('conversation', 'tap_application', 'buyer_platform,case,order,seller_platform'),
    ('conversation_messages', 'tap_seller_one', 'case,seller_platform'),
    ('conversation_messages', 'tap_buyer_seven', 'buyer_platform,case'),
    ('conversation_messages', 'tap_agent', 'buyer_platform,case,seller_platform'),
    ('conversation_messages', 'tap_seller_unmapped', NULL),
    ('conversation_history', 'tap_seller_one', 'case,seller_platform'),
    ('conversation_history', 'tap_buyer_seven', 'buyer_platform,case'),
    ('conversation_history', 'tap_buyer_eight', 'case'),
    ('conversation_history', 'tap_agent', 'buyer_platform,case,seller_platform'),
    ('conversation_history', 'tap_seller_unmapped', NULL),
    ('conversation_history', 'tap_carrier', '42501'), ('conversation_history', 'tap_stranger', '42501'),
    ('conversation_messages', 'tap_carrier', '42501'), ('conversation_messages', 'tap_stranger', '42501')
) AS expectation (relation, role_name, expected);
-- What happened in it, also at deadlines that nobody has swept.
SAVEPOINT history;
SELECT support_case.register_order(1, 130, 7, 'USD', 8, 1, 1, '[{"unit_price": 9}]');
SELECT case_id AS id FROM support_case.open_case(1, 130, 'damaged_in_transit', 'broken') \gset
SET LOCAL support_case.now = '2026-02-09T16:00:00-05:00';
SELECT is(pg_temp.as_role(role_name, format('SELECT string_agg(body, '','' ORDER BY occurred_at, event_number, message_number)
        FROM support_case.conversation_history WHERE seller_id = 1 AND case_id = %s', :id)),
    expected, format('W-08: %s reads what happened to a case: %s', role_name, coalesce(expected, '(none)')))
FROM (VALUES
    ('tap_seller_one', 'open_case,broken,expire_deadline'),
    ('tap_buyer_seven', 'open_case,broken,expire_deadline'),
    ('tap_application', 'open_case,broken,expire_deadline'),
    ('tap_seller_two', NULL), ('tap_buyer_eight', NULL)
) AS expectation (role_name, expected);
ROLLBACK TO history;
SELECT is(pg_temp.as_role(role_name, 'SELECT string_agg(body, '','' ORDER BY body) FROM support_case.message'),
    expected, format('AMB-32: %s reads the messages %s', role_name, expected))
FROM (VALUES
    ('tap_seller_one', 'broken,broken,broken,broken,nothing came,to the seller'), ('tap_seller_two', 'broken'),
    ('tap_buyer_seven', 'broken,broken,broken,broken,nothing came,to the buyer'), ('tap_buyer_eight', 'broken')
) AS expectation (role_name, expected);
SELECT is(pg_temp.as_role('tap_buyer_seven', 'SELECT max(author_id) FROM support_case.message'), '42501',
    'a buyer does not read who wrote for the seller');
SELECT is(pg_temp.as_role(role_name, replace(command, '@', pg_temp.case_of(1)::text)), expected,
    format('%s: %s: %s', role_name, command, expected))
FROM (VALUES
    ('tap_seller_one', $$SELECT author FROM support_case.post_order_message(1, 100, 'seller', 'hello')$$, 'seller'),
    ('tap_seller_one', $$SELECT author FROM support_case.post_order_message(1, 100, 'buyer', 'hello')$$, 'SC004'),
    ('tap_seller_two', $$SELECT author FROM support_case.post_order_message(1, 100, 'seller', 'hello')$$, 'SC004'),
    ('tap_buyer_seven', $$SELECT author FROM support_case.post_order_message(1, 100, 'buyer', 'hello')$$, 'buyer'),
    ('tap_buyer_eight', $$SELECT author FROM support_case.post_order_message(1, 100, 'buyer', 'hello')$$, 'SC004'),
    ('tap_agent', $$SELECT author FROM support_case.post_order_message(1, 100, 'buyer', 'hello')$$, '42501'),
    ('tap_seller_one', $$SELECT author FROM support_case.post_platform_message(1, @, 'seller', 'hello', 'seller')$$, 'seller'),
    ('tap_seller_one', $$SELECT author FROM support_case.post_platform_message(1, @, 'seller', 'hello')$$, 'SC004'),
    ('tap_seller_one', $$SELECT author FROM support_case.post_platform_message(1, @, 'buyer', 'hello', 'buyer')$$, 'SC004'),
    ('tap_buyer_seven', $$SELECT author FROM support_case.post_platform_message(1, @, 'buyer', 'hello', 'buyer')$$, 'buyer'),
    ('tap_agent', $$SELECT author FROM support_case.post_platform_message(1, @, 'buyer', 'hello')$$, 'platform'),
    ('tap_seller_one', $$SELECT relay_address LIKE 's1-100-%' FROM support_case.order_contacts WHERE order_id = 100$$, 'true'),
    ('tap_seller_one', $$SELECT writable_until > '2026-01-09' FROM support_case.order_contacts WHERE order_id = 105$$, 'true'),
    ('tap_seller_two', $$SELECT relay_address FROM support_case.order_contacts WHERE order_id = 100$$, NULL),
    ('tap_buyer_seven', $$SELECT relay_address FROM support_case.order_contacts$$, '42501'),
    ('tap_seller_one', $$SELECT support_case.relay_address(1, 100, 'buyer')$$, 'SC004'),
    ('tap_buyer_seven', $$SELECT support_case.relay_address(1, 100, 'buyer') LIKE 'b1-100-%'$$, 'true'),
    ('tap_buyer_seven', $$SELECT support_case.relay_address(1, 100, 'seller')$$, 'SC004'),
    ('tap_buyer_eight', $$SELECT support_case.relay_address(1, 100, 'buyer')$$, 'SC004'),
    ('tap_application', $$SELECT secret::text FROM support_case.relay_secret$$, '42501'),
    ('tap_agent', $$SELECT secret::text FROM support_case.relay_secret$$, '42501'),
    ('tap_seller_one', $$SELECT author FROM support_case.receive_relayed_message('s1-100', 'hello')$$, '42501'),
    ('tap_seller_one', $$SELECT count(*) FROM support_case.search_messages(1, 'hello')$$, '3'),
    ('tap_seller_two', $$SELECT count(*) FROM support_case.search_messages(1, 'hello')$$, 'SC004'),
    ('tap_buyer_seven', $$SELECT count(*) FROM support_case.search_buyer_messages(7, 'hello')$$, '4'),
    ('tap_buyer_eight', $$SELECT count(*) FROM support_case.search_buyer_messages(7, 'hello')$$, 'SC004'),
    ('tap_application', $$SELECT count(*) FROM support_case.search_buyer_messages(7, 'hello')$$, '4')
) AS expectation (role_name, command, expected);

-- Nobody writes tables directly.
SELECT is(pg_temp.as_role(role_name, format('UPDATE support_case.%I SET seller_id = seller_id', relname)), '42501',
    format('%s cannot write %s', role_name, relname))
FROM unnest(ARRAY['tap_seller_one', 'tap_buyer_seven', 'tap_application', 'tap_agent']) AS role_name,
    unnest(ARRAY['support_case', 'case_event', 'ledger_entry', 'sales_order_line', 'party_login', 'conversation', 'message']) AS relname;

SELECT is(pg_temp.as_role('tap_agent', $$SELECT created_by FROM support_case.create_policy('{"fraud_threshold": 0.75}', actor_id => 'somebody else')$$),
    'tap_agent', 'AMB-127: who made a policy is who connected');
SELECT is(pg_temp.as_role('tap_agent', $$SELECT created_by FROM support_case.create_calendar('agent', 'UTC; Mo-Fr', actor_id => 'somebody else')$$),
    'tap_agent', 'AMB-127: and a calendar');

-- An application says for whom it acts; nobody else's setting is obeyed.
SET LOCAL support_case.seller_id = '2';
SELECT is(pg_temp.as_role('tap_application', 'SELECT string_agg(DISTINCT seller_id::text, '','') FROM support_case.case_current'),
    '2', 'an application that acts for seller 2 sees seller 2');
SELECT is(pg_temp.as_role('tap_application', format('SELECT status FROM support_case.confirm_return(1, %s)', pg_temp.case_of(1))),
    'SC004', 'and cannot act for seller 1');
SELECT is(pg_temp.as_role('tap_application', command), 'SC004', 'nor report facts of seller 1: ' || command)
FROM (VALUES ('SELECT case_id FROM support_case.record_chargeback(1, 100, 1)'),
    ('SELECT order_id FROM support_case.register_order(1, 103, 7, ''USD'', 8, 1, 1, ''[{"unit_price": 9}]'')'),
    (format('SELECT case_id FROM support_case.decide(1, %s, ''refund'', actor_id => ''a'')', pg_temp.case_of(1)))) AS c (command);
SELECT is(pg_temp.as_role('tap_application', command), 'SC004', 'nor act as the platform, in its own matters or all: ' || command)
FROM (VALUES
    (format('SELECT case_id FROM support_case.decide(2, %s, ''uphold_seller'', actor_id => ''a'')', pg_temp.case_of(2))),
    ('SELECT order_id FROM support_case.flag_fraud(2, 200, ''x'', actor_id => ''a'')'),
    ('SELECT seller_id FROM support_case.grant_access(2)'),
    ('SELECT policy_version FROM support_case.create_policy(''{"pii_mode": "allow"}'')'),
    ('SELECT version FROM support_case.create_calendar(''mine'', ''UTC; Mo'')')) AS c (command);
SELECT is(pg_temp.as_role('tap_seller_one', 'SELECT string_agg(DISTINCT seller_id::text, '','') FROM support_case.case_current'),
    '1', 'the setting does not make another seller of a direct user');
SET LOCAL support_case.seller_id = '';
SET LOCAL support_case.buyer_id = '8';
SELECT is(pg_temp.as_role('tap_application', 'SELECT string_agg(DISTINCT buyer_id::text, '','') FROM support_case.case_current'),
    '8', 'an application that acts for buyer 8 sees buyer 8');
SELECT is(pg_temp.as_role('tap_application', 'SELECT string_agg(DISTINCT buyer_id::text, '','') FROM support_case.conversation_messages'),
    '8', 'and what buyer 8 may read of conversations');
SELECT throws_ok($$SET LOCAL support_case.seller_id = 'x'$$, '22023', NULL, 'the setting is a number');

-- What the platform thinks of a buyer is neither the seller's nor the buyer's to
-- know: no value of any relation that they read, and no answer of a command;
-- nor from which score on it thinks so.  That setting is about nobody, and for
-- applications to read.
RESET support_case.buyer_id;
SELECT support_case.register_seller(3);
SELECT support_case.map_login('tap_seller_unmapped', seller_id => 3);
CREATE ROLE tap_buyer_nine LOGIN IN ROLE support_case_buyer;
SELECT support_case.map_login('tap_buyer_nine', buyer_id => 9);
SELECT support_case.register_order(3, o, 9, 'USD', 8, 1, 1, '[{"unit_price": 9}]', is_fraud_suspected => o = 300) FROM generate_series(300, 304) AS o;
SELECT support_case.record_delivery_promise(3, 302, '2025-12-01');
SELECT case_id AS opened FROM support_case.open_case(3, 300, 'missing_item', 'gone') \gset
SELECT case_id AS taken FROM support_case.open_case(3, 301, 'missing_item', 'gone') \gset
SELECT case_id AS singled_out FROM support_case.open_case(3, 303, 'missing_item', 'gone') \gset
SELECT case_id AS reopened FROM support_case.open_case(3, 304, 'missing_item', 'gone') \gset
SELECT support_case.withdraw_case(3, :reopened);
SELECT support_case.take_over_case(3, :singled_out, 'fraud_suspected', 'smells of fraud', actor_id => 'a');
SELECT support_case.flag_fraud(3, 301, 'empty boxes', 'buyer', 'a');
SELECT support_case.file_guarantee_claim(3, 302, 'nothing came');
SELECT support_case.reopen_case(3, :reopened);
SELECT is((SELECT count(*) FROM support_case.platform_queue WHERE seller_id = 3 AND routed_because = 'fraud_suspected'), 5::bigint,
    'W-22: five cases of seller 3 are with the platform under suspicion');
SELECT is((SELECT message FROM support_case.case_suspicion WHERE case_id = :singled_out), 'smells of fraud', 'W-22: who reads what the agent said');
CREATE FUNCTION pg_temp.fraud_words(role_name text)
RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
    readable record;
    is_found boolean;
BEGIN
    FOR readable IN
        SELECT c.relname, string_agg(quote_ident(a.attname), ', ') AS columns,
            string_agg(a.attname, ',') FILTER (WHERE a.attname ~ 'fraud|suspic') AS telling
        FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'support_case'::regnamespace AND c.relkind IN ('r', 'p', 'v')
            AND c.relname <> 'schema_migration' AND has_column_privilege(role_name, c.oid, a.attnum, 'SELECT')
        GROUP BY c.relname
    LOOP
        EXECUTE format('SET LOCAL ROLE %I', role_name);
        EXECUTE format('SELECT EXISTS (SELECT FROM support_case.%I WHERE replace(ROW(%s)::text, ''fraud_threshold'', '''') ~* ''fraud|suspic'')',
            readable.relname, readable.columns) INTO is_found;
        IF is_found OR readable.telling IS NOT NULL AND NOT pg_has_role(role_name, 'support_case_app', 'member') THEN
            RETURN NEXT readable.relname;
        END IF;
        RESET ROLE;
    END LOOP;
END
$$;
SELECT is_empty(format('SELECT pg_temp.fraud_words(%L)', role_name), format('W-22: %s reads nowhere of a suspicion', role_name))
FROM unnest(ARRAY['tap_seller_unmapped', 'tap_buyer_nine']) AS role_name;
SELECT is(pg_temp.as_role(role_name, query), expected, format('AMB-62: %s: %s: %s', role_name, query, expected))
FROM (VALUES ('tap_seller_unmapped', '42501'), ('tap_buyer_nine', '42501'), ('tap_agent', '0.75')) AS r (role_name, expected),
    (VALUES ('SELECT fraud_threshold FROM support_case.policy WHERE policy_version = 2'),
        ('SELECT settings ->> ''fraud_threshold'' FROM support_case.policy_versions WHERE policy_version = 2')) AS q (query)
UNION ALL
SELECT is(pg_temp.as_role(role_name, 'SELECT seller_response FROM support_case.policy WHERE policy_version = 2'), '48 business hours',
    'AMB-62: of other settings they read: ' || role_name)
FROM unnest(ARRAY['tap_seller_unmapped', 'tap_buyer_nine']) AS role_name;
SELECT is_empty(format('SELECT c FROM support_case.%s AS c WHERE c::text ~* ''fraud|suspic''', answer), 'W-22: nor does a command tell: ' || answer)
FROM (VALUES ('preview_case(3, 300, ''missing_item'')'), ('record_chargeback(3, 303, 1)')) AS c (answer);
SET LOCAL support_case.seller_id = '3';
SELECT is_empty($$SELECT pg_temp.fraud_words('tap_application')$$, 'W-22: nor does an application that acts for the seller');
RESET support_case.seller_id;
SET LOCAL support_case.buyer_id = '9';
SELECT is_empty($$SELECT pg_temp.fraud_words('tap_application')$$, 'W-22: or for the buyer');
RESET support_case.buyer_id;
SELECT ok(count(*) > 0, 'W-22: where one that acts for nobody does') FROM pg_temp.fraud_words('tap_application');

-- Names are public, whose they are is not: the member's own, and of the seller
-- whose item the member favourited.
RESET support_case.buyer_id;
SELECT support_case.register_member(k, 'member.' || k) FROM generate_series(7, 9) AS k;
SELECT support_case.register_listing(1, 1, 'Lamp', 40, 'USD', 'A lamp');
SELECT support_case.add_favourite(1, 1, 9);
SELECT is(pg_temp.as_role(role_name, 'SELECT string_agg(member_id::text, '','' ORDER BY member_id) FROM support_case.member'),
    expected, format('V-02: %s reads the members %s', role_name, expected))
FROM (VALUES ('tap_buyer_seven', '7'), ('tap_seller_one', '9'), ('tap_seller_two', NULL), ('tap_agent', '7,8,9'),
    ('tap_application', '7,8,9')) AS expectation (role_name, expected);
SELECT is(pg_temp.as_role('tap_seller_one', 'SELECT user_name FROM support_case.listing_favourites'), 'member.9',
    'V-13: the seller reads the names of those who favourited');
SET LOCAL support_case.buyer_id = '8';
SELECT is(pg_temp.as_role('tap_application', 'SELECT string_agg(member_id::text, '','') FROM support_case.member'), '8',
    'V-02: nor does an application that acts for a buyer');
SELECT is(pg_temp.as_role('tap_application', $$SELECT user_name FROM support_case.register_member(9, 'taken')$$), 'SC004',
    'V-05: who acts for a buyer renames nobody');

-- The clock is not for everyone.
SELECT is(pg_temp.as_role('tap_application', $$SELECT set_config('support_case.now', '2030-01-01T00:00:00Z', true)$$),
    '42501', 'only a superuser moves the clock');

SELECT * FROM finish();
ROLLBACK;
