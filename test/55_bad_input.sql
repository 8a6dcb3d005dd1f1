-- Whatever a caller passes, a command answers with the SQLSTATE that it
-- documents, a message in PostgreSQL's form, and writes nothing.
BEGIN;
SET LOCAL timezone = 'UTC';
SET LOCAL support_case.now = '2026-01-07T09:00:00Z';

-- Orders 1 to 9 with cases of the same numbers, in the states of their use.
DO $fixture$
BEGIN
    PERFORM support_case.register_seller(1);
    PERFORM support_case.register_order(1, k, 7, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]',
        commission => 8, tax => 0, purchased_at => '2026-01-01T00:00:00Z')
    FROM generate_series(1, 10) AS k;
    PERFORM support_case.register_order(1, 11, 7, 'JPY', 97, 5, 3, '[{"unit_price": 100}]',
        purchased_at => '2026-01-01T00:00:00Z');
    FOR k IN 1..9 LOOP
        PERFORM support_case.open_case(1, k, 'damaged_in_transit', 'box crushed');
    END LOOP;
    PERFORM support_case.open_case(1, 11, 'damaged_in_transit', 'box crushed');
    PERFORM support_case.register_order(1, 13, 7, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]',
        purchased_at => '2026-01-01T00:00:00Z');
    PERFORM support_case.open_case(1, 13, 'damaged_in_transit', 'box crushed');
    -- 1, 10: open.  2: a pending offer.  3: escalated.  4: a return is due.
    -- 5: a return to inspect.  6: a replacement.  7: refunded.  8: refused.
    -- 9: closed.  11: a question is open.
    PERFORM support_case.request_information(1, 11, 'which?');
    PERFORM support_case.offer_partial_refund(1, 2, 30.00);
    PERFORM support_case.explain_no_refund(1, k, 'no') FROM unnest('{3,8}'::bigint[]) AS k;
    PERFORM support_case.escalate(1, 3);
    PERFORM support_case.offer_full_refund(1, k, true) FROM unnest('{4,5}'::bigint[]) AS k;
    PERFORM support_case.record_return_delivered(1, 5, support_case.clock());
    PERFORM support_case.consent_to_replacement(1, 6);
    PERFORM support_case.send_replacement(1, 6, 'USPS', '9400');
    PERFORM support_case.offer_full_refund(1, 7);
    PERFORM support_case.withdraw_case(1, 9);
    -- Listings: 1 with a pending offer, 2.
    PERFORM support_case.register_listing(1, k, 'Lamp', 40, 'USD', 'A lamp', accepts_offers => true) FROM generate_series(1, 2) AS k;
    PERFORM support_case.make_offer(1, 1, 7, 30);
    PERFORM support_case.add_favourite(1, 1, 9);
    -- Ratings: 1 published, 2 disputed.
    PERFORM support_case.rate_order(1, 8, 2), support_case.rate_order(1, 9, 2), support_case.dispute_rating(1, 2, 'unfair');
    PERFORM support_case.flag_fraud(1, 9, 'a third empty box', actor_id => 'a');
    PERFORM support_case.register_seller(3, false);
    -- Conversation 1, where the commands have not opened one of that number.
    INSERT INTO support_case.conversation (seller_id, conversation_id, kind, order_id, buyer_id, opened_at, last_message_at)
    SELECT 1, 1, 'order', 1, 7, support_case.clock(), support_case.clock()
    WHERE NOT EXISTS (SELECT FROM support_case.conversation WHERE seller_id = 1 AND conversation_id = 1);
    PERFORM support_case.claim_notices('event');
    -- Case 7 was shipped; 12 has a claim that can be filed, 13 one that was.
    PERFORM support_case.register_order(1, k, 7, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]',
            purchased_at => '2025-12-01T00:00:00Z'),
        support_case.open_case(1, k, 'damaged_in_transit', 'box crushed')
    FROM generate_series(14, 15) AS k;
    PERFORM support_case.record_shipment(1, k, 'USPS', 'priority_mail'),
        support_case.record_shipment_scan(1, k, 1, 'accepted', timestamptz '2026-01-02T00:00:00Z' - k / 14 * interval '30 days')
    FROM unnest('{7,14,15}'::bigint[]) AS k;
    PERFORM support_case.offer_full_refund(1, k, is_carrier_claim_wanted => true) FROM generate_series(12, 13) AS k;
    PERFORM support_case.record_carrier_claim_filed(1, 13);
    -- Orders that did not arrive: 24 can be claimed, 25 too late; case 14 is a
    -- claim, 15 one that was refunded, and the parcel turned up.
    PERFORM support_case.register_order(1, k, 7, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]',
        commission => 8, tax => 0, purchased_at => '2026-01-01T00:00:00Z')
    FROM generate_series(24, 27) AS k;
    PERFORM support_case.record_delivery_promise(1, k, '2025-12-01') FROM unnest('{24,26,27}'::bigint[]) AS k;
    PERFORM support_case.record_delivery_promise(1, 25, '2025-09-01', '2025-09-10');
    PERFORM support_case.file_guarantee_claim(1, k, 'nothing came') FROM generate_series(26, 27) AS k;
    PERFORM support_case.offer_full_refund(1, 15), support_case.consent_to_recharge(1, 15),
        support_case.record_parcel_found(1, 15, support_case.clock());
    PERFORM support_case.post_platform_message(1, 3, 'buyer', 'hello', actor_id => 'a');
END
$fixture$;

CREATE FUNCTION pg_temp.digest()
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    relation regclass;
    digest text;
    whole text := '';
BEGIN
    FOR relation IN
        SELECT oid FROM pg_class WHERE relnamespace = 'support_case'::regnamespace AND relkind = 'r' ORDER BY relname
    LOOP
        EXECUTE format('SELECT md5(string_agg(t::text, '''' ORDER BY t::text)) FROM %s AS t', relation) INTO digest;
        whole := md5(concat(whole, relation, digest));
    END LOOP;
    RETURN whole;
END
$$;

-- refusal returns the SQLSTATE of a command, and what is wrong with the
-- answer: its form, or that something was written.
CREATE FUNCTION pg_temp.refusal(command text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    message text;
    detail text;
    hint text;
BEGIN
    EXECUTE command;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(', ', SQLSTATE,
        CASE WHEN message !~ '^[a-z"]' OR message ~ '[.!?]$' OR message ~ '\n' OR length(message) > 300
            THEN 'message: ' || left(message, 300) END,
        -- PostgreSQL's own key violations tell their values, without a stop.
        CASE WHEN detail <> '' AND detail !~ '^[A-Z"0-9(].*[.]$' THEN 'detail: ' || left(detail, 300) END,
        CASE WHEN hint <> '' AND hint !~ '^[A-Z].*[.]$' OR hint = '' AND SQLSTATE <> 'P0001'
            THEN 'hint: ' || left(hint, 300) END,
        CASE WHEN SQLSTATE !~ '^SC' AND SQLSTATE NOT IN (SELECT e.sqlstate FROM support_case.error_codes() AS e)
            THEN 'not documented: ' || message END);
END
$$;

CREATE TEMPORARY TABLE bad (n serial, command text, expected text);

-- Every command on a case: what does not exist, and nulls.
-- Their required arguments, in order, and what else they need; one INSERT an
-- area, one line a command.
CREATE TEMPORARY TABLE good (name text PRIMARY KEY, required text, optional text);
INSERT INTO good VALUES
    ('accept_offer', '1|2', ''),
    ('decline_offer', '1|2', ''),
    ('provide_information', $$1|11|'this'$$, ''),
    ('escalate', '1|8', ''),
    ('withdraw_case', '1|1', ''),
    ('reopen_case', '1|9', ''),
    ('consent_to_replacement', '1|1', ''),
    ('submit_dropoff_proof', $$1|4|'2026-01-07T09:00:00Z'|'[{"uri": "s3://1"}]'$$, ''),
    ('leave_feedback', '1|7|true', '');
INSERT INTO good VALUES
    ('offer_full_refund', '1|1', ''),
    ('offer_partial_refund', '1|1|30', ''),
    ('send_replacement', '1|6', $$, 'USPS', '9400'$$),
    ('explain_no_refund', $$1|1|'no'$$, ''),
    ('request_information', $$1|1|'which?'$$, ''),
    ('confirm_return', '1|5', ''),
    ('dispute_return', $$1|5|'missing'|'empty'$$, '');
INSERT INTO good VALUES
    ('decide', $$1|3|'refund'$$, $$, actor_id => 'a'$$),
    ('authorise_return', '1|6', $$, 'a'$$),
    ('reinstate_return', '1|4', $$, 'a'$$),
    ('return_to_seller', '1|3', $$, 'a'$$),
    ('resume_case', '1|1', $$, 'a'$$),
    ('reassign_liability', $$1|7|'platform'$$, $$, actor_id => 'a'$$),
    ('take_over_case', '1|1', $$, actor_id => 'a'$$);
INSERT INTO good VALUES
    ('record_return_label', '1|4|6.50', ''),
    ('record_return_dropped_off', $$1|4|'2026-01-07T09:00:00Z'$$, ''),
    ('record_return_delivered', $$1|4|'2026-01-07T09:00:00Z'$$, ''),
    ('record_replacement_shipped', $$1|6|'2026-01-07T09:00:00Z'$$, ''),
    ('record_replacement_delivered', $$1|6|'2026-01-07T09:00:00Z'$$, ''),
    ('record_refund_settled', '1|7', ''),
    ('record_refund_failed', $$1|7|'card closed'$$, ''),
    ('record_parcel_scan', $$1|5|1|'in_transit'|'2026-01-07T09:00:00Z'$$, '');
INSERT INTO good VALUES
    ('post_message', $$1|1|'seller'|'hello'$$, ''),
    ('post_order_message', $$1|1|'seller'|'hello'$$, ''),
    ('post_platform_message', $$1|1|'buyer'|'hello'$$, $$, actor_id => 'a'$$);
INSERT INTO good VALUES
    ('mark_conversation_read', $$1|1|'seller'$$, ''),
    ('mark_conversation_unread', $$1|1|'seller'$$, ''),
    ('mark_platform_conversation_read', '1|34', ''),
    ('archive_conversation', $$1|1|'seller'$$, ''),
    ('unarchive_conversation', $$1|1|'seller'$$, '');
INSERT INTO good VALUES
    ('refund_and_ask_to_reorder', '1|14', ''),
    ('start_carrier_enquiry', $$1|14|'UPS'$$, ''),
    ('record_parcel_found', $$1|14|'2026-01-07T09:00:00Z'$$, ''),
    ('consent_to_recharge', '1|14', ''),
    ('withdraw_recharge_consent', '1|14', ''),
    ('recharge_buyer', '1|15|10', $$, actor_id => 'a'$$);
INSERT INTO good VALUES
    ('request_carrier_claim', '1|7', ''),
    ('record_manual_carrier_claim', '1|7', ''),
    ('cancel_carrier_claim', '1|12', ''),
    ('record_carrier_claim_filed', '1|12', ''),
    ('record_carrier_claim_paid', '1|13', ''),
    ('record_carrier_claim_denied', $$1|13|'badly packed'$$, '');
INSERT INTO bad (command, expected)
SELECT format('SELECT support_case.%s(%s%s)', name,
        replace(regexp_replace(required, '^1.\d+', replacement), '|', ', '), optional), 'P0002'
FROM good, unnest('{1|99,1|-1,2|1,1|9223372036854775807,-1|1,9223372036854775807|1}'::text[]) AS replacement
ORDER BY name, replacement;

-- A null for each argument that has no default, and for those that need a
-- value all the same.
CREATE TEMPORARY TABLE nullable AS
SELECT p.oid, p.proname::text AS name, a.name AS argument, a.position::integer,
    p.pronargs - p.pronargdefaults AS required, p.pronargs AS arguments,
    format_type(p.proargtypes[a.position - 1], NULL) AS type
FROM pg_proc AS p, unnest(p.proargnames[1 : p.pronargs]) WITH ORDINALITY AS a (name, position)
WHERE p.pronamespace = 'support_case'::regnamespace AND p.proname NOT LIKE '\_%' AND p.provolatile = 'v'
    AND p.prorettype <> 'trigger'::regtype
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e');
-- Good values for the required arguments of the other commands, likewise.
INSERT INTO good VALUES
    ('record_delivery_promise', '1|24', ''),
    ('file_guarantee_claim', $$1|24|'nothing came'$$, ''),
    ('admit_guarantee_claim', $$1|25|'was ill'|'nothing came'$$, $$, actor_id => 'a'$$);
INSERT INTO good VALUES
    ('register_seller', '1', ''),
    ('map_login', $$'postgres'$$, ', 1'),
    ('register_order', $$1|12|7|'USD'|88.80|5.00|3.20|'[{"unit_price": 100.00}]'$$, ''),
    ('record_order_delivered', $$1|1|'2026-01-07T09:00:00Z'$$, ''),
    ('record_chargeback', '1|1|10', ''),
    ('record_external_refund', '1|1|10', '');
INSERT INTO good VALUES
    ('open_case', $$1|10|'missing_item'|'help'$$, ''),
    ('define_reason', $$'stale'|'It is stale.'|true|true$$, ''),
    ('retire_reason', $$'other'$$, ''),
    ('create_filing_window', $$'food'$$, '');
INSERT INTO good VALUES
    ('create_calendar', $$'other'|'UTC; Mo-Fr'$$, ''),
    ('create_policy', '', ''),
    ('sweep', '', '');
INSERT INTO good VALUES
    ('rate_order', '1|1|5', ''),
    ('dispute_rating', $$1|1|'unfair'$$, ''),
    ('decide_rating_dispute', $$1|2|'uphold'|'fair'$$, $$, 'a'$$);
INSERT INTO good VALUES
    ('register_member', $$8|'anna'$$, ''),
    ('register_listing', $$1|3|'Lamp'|40|'USD'|'A lamp'$$, ''),
    ('edit_listing', '1|1', ''),
    ('add_favourite', '1|1|8', ''),
    ('remove_favourite', '1|1|8', ''),
    ('ask_question', $$1|1|8|'why?'$$, ''),
    ('answer_question', $$1|1|'so'$$, '');
INSERT INTO good VALUES
    ('set_offer_default', '1|true', ''),
    ('make_offer', '1|1|8|30', ''),
    ('send_offers', '1|1|30', $$, '[9]'$$),
    ('accept_price_offer', '1|1', ''),
    ('decline_price_offer', '1|1', ''),
    ('counter_price_offer', '1|1|31', ''),
    ('record_purchase', '1|1|7', '');
INSERT INTO good VALUES
    ('join_waitlist', '3', ''),
    ('grant_access', '3', ''),
    ('schedule_rollout', $$'CA'|'2026-02-01T00:00:00Z'$$, '');
INSERT INTO good VALUES
    ('define_suggested_response', $$'other'|1|'always'|'explain_no_refund'$$, ''),
    ('remove_suggested_response', $$'wrong_item'|1$$, '');
INSERT INTO good VALUES
    ('flag_fraud', $$1|1|'empty boxes'$$, $$, actor_id => 'a'$$),
    ('clear_fraud_flag', $$1|9|'a mistake'$$, $$, actor_id => 'a'$$),
    ('record_fraud_score', '1|1|0.5', '');
INSERT INTO good VALUES
    ('claim_notices', $$'event'$$, ''),
    ('acknowledge_notice', $$1|'case'|1|1|'host'|0|'event'$$, ''),
    ('fail_notice', $$1|'case'|1|1|'host'|0|'event'|'no route'$$, ''),
    ('retry_notice', $$1|'case'|1|1|'host'|0|'event'$$, '');
INSERT INTO good VALUES
    ('receive_relayed_message', $$support_case.relay_address(1, 1, 'buyer')|'hello'$$, '');
INSERT INTO good VALUES
    ('record_shipment', '1|7', ''),
    ('record_shipment_scan', $$1|7|1|'in_transit'|'2026-01-07T09:00:00Z'$$, ''),
    ('set_return_address', $$1|'x'|'y'|'z'|'US'$$, '');
INSERT INTO bad (command, expected)
SELECT format('SELECT support_case.%s(%s%s)', n.name,
    (SELECT string_agg(CASE WHEN v.position = n.position THEN format('NULL::%s', n.type) ELSE v.value END, ', ' ORDER BY v.position)
        FROM unnest(string_to_array(g.required, '|')) WITH ORDINALITY AS v (value, position)),
    concat(g.optional, CASE WHEN n.position > n.required
        THEN concat(CASE WHEN n.required > 0 THEN ', ' END, n.argument, ' => NULL') END)),
    CASE n.argument WHEN 'proof' THEN 'SC012' ELSE '22004' END
FROM nullable AS n
JOIN good AS g ON g.name = n.name
WHERE n.position <= n.required
    OR n.argument IN ('return_required', 'batch', 'settings', 'is_refused', 'reported_by', 'lease', 'is_carrier_claim_wanted')
ORDER BY n.name, n.position;
INSERT INTO bad (command, expected)
SELECT format('SELECT support_case.%s(%s)', name, arguments), '22004'
FROM (VALUES ('decide', $$1, 3, 'refund'$$), ('authorise_return', '1, 6'), ('reinstate_return', '1, 4'),
    ('return_to_seller', '1, 3'), ('resume_case', '1, 1'), ('reassign_liability', $$1, 7, 'platform'$$),
    ('decide', $$1, 3, 'refund', 'split', actor_id => 'a'$$)) AS v (name, arguments);

-- Amounts.
INSERT INTO bad (command, expected)
SELECT format('SELECT support_case.offer_partial_refund(1, 1, %s)', amount), expected
FROM (VALUES ('0', '22023'), ('-1', '22023'), ('0.001', '22023'), ('30.005', '22023'), ('1e-30', '22023'),
    ('''NaN''', '22023'), ('''Infinity''', '22023'), ('''-Infinity''', '22023'), ('1e30', '22003'),
    ('92233720368547758.08', '22003'), ('105.00', 'SC007'), ('105.01', 'SC007'),
    ('92233720368547758.07', 'SC007')) AS v (amount, expected);
INSERT INTO bad (command, expected) VALUES
    ('SELECT support_case.offer_partial_refund(1, 10, 1.5)', '22023'),
    ($$SELECT support_case.recharge_buyer(1, 15, 'Infinity', actor_id => 'a')$$, '22023'),
    ($$SELECT support_case.recharge_buyer(1, 15, 105.01, actor_id => 'a')$$, 'SC007'),
    ($$SELECT support_case.consent_to_recharge(1, 14, 1e40)$$, '22003'),
    ($$SELECT support_case.record_return_label(1, 4, -0.01)$$, '22023'),
    ($$SELECT support_case.record_return_label(1, 4, 1.001)$$, '22023'),
    ($$SELECT support_case.record_return_label(1, 4, 'NaN')$$, '22023'),
    ($$SELECT support_case.record_chargeback(1, 1, 0)$$, '22023'),
    ($$SELECT support_case.record_chargeback(1, 1, 1e40)$$, '22003'),
    ($$SELECT support_case.record_chargeback(1, 1, 'Infinity')$$, '22023'),
    ($$SELECT support_case.record_chargeback(1, 99, 10)$$, 'P0002'),
    ($$SELECT support_case.record_external_refund(1, 1, -5)$$, '22023'),
    ($$SELECT support_case.record_external_refund(1, 11, 0.5)$$, '22023'),
    ($$SELECT support_case.record_external_refund(2, 1, 5)$$, 'P0002'),
    ($$SELECT support_case.decide(1, 3, 'partial_refund', amount => 105, actor_id => 'a')$$, 'SC007'),
    ($$SELECT support_case.decide(1, 3, 'partial_refund', actor_id => 'a')$$, '22023'),
    ($$SELECT support_case.decide(1, 3, 'refund', amount => 10, actor_id => 'a')$$, '22023'),
    ($$SELECT support_case.decide(1, 3, 'uphold_seller', 'platform', actor_id => 'a')$$, '22023'),
    ($$SELECT support_case.decide(1, 3, 'refund', 'split', seller_amount => -1, actor_id => 'a')$$, '22023'),
    ($$SELECT support_case.decide(1, 3, 'refund', 'split', seller_amount => 60, carrier_amount => 60, actor_id => 'a')$$, '22023'),
    ($$SELECT support_case.decide(1, 3, 'refund', 'split', seller_amount => 92233720368547758.07,
        carrier_amount => 92233720368547758.07, actor_id => 'a')$$, '22023'),
    ($$SELECT support_case.decide(1, 3, 'refund', 'split', seller_amount => 'NaN', actor_id => 'a')$$, '22023'),
    ($$SELECT support_case.decide(1, 3, 'refund', 'seller', seller_amount => 1, actor_id => 'a')$$, '22023'),
    ($$SELECT support_case.decide(1, 3, 'refund', return_destination => 'seller', actor_id => 'a')$$, '22023'),
    ($$SELECT support_case.reassign_liability(1, 7, 'seller', 1, actor_id => 'a')$$, '22023'),
    ($$SELECT support_case.reassign_liability(1, 7, 'split', 97.01, actor_id => 'a')$$, '22023'),
    ($$SELECT support_case.reassign_liability(1, 7, 'split', actor_id => 'a')$$, '22004'),
    ($$SELECT support_case.reassign_liability(1, 1, 'platform', actor_id => 'a')$$, 'SC001'),
    ($$SELECT support_case.record_refund_settled(1, 7, 2)$$, 'P0002'),
    ($$SELECT support_case.record_refund_settled(1, 7, -1)$$, 'P0002'),
    ($$SELECT support_case.record_refund_settled(1, 1)$$, 'P0002');

-- Codes.
INSERT INTO bad (command, expected) VALUES
    ($$SELECT support_case.open_case(1, 10, 'remorse', 'help')$$, '22023'),
    ($$SELECT support_case.open_case(1, 10, '', 'help')$$, '22023'),
    ($$SELECT support_case.open_case(1, 10, repeat('x', 1048576), 'help')$$, '22023'),
    ($$SELECT support_case.open_case(1, 99, 'missing_item', 'help')$$, 'P0002'),
    ($$SELECT support_case.open_case(9, 1, 'missing_item', 'help')$$, 'P0002'),
    ($$SELECT support_case.open_case(1, 10, 'wrong_item', 'help')$$, 'SC012'),
    ($$SELECT support_case.open_case(1, 1, 'missing_item', 'help')$$, 'SC013'),
    ($$SELECT support_case.open_case(1, 7, 'missing_item', 'help')$$, 'SC007'),
    ($$SELECT support_case.decide(1, 3, 'maybe', actor_id => 'a')$$, '22023'),
    ($$SELECT support_case.decide(1, 3, 'refund', 'buyer', actor_id => 'a')$$, '22023'),
    ($$SELECT support_case.decide(1, 3, 'refund', return_required => true, return_destination => 'moon', actor_id => 'a')$$, '22023'),
    ($$SELECT support_case.decide(1, 3, 'refund', actor_id => '')$$, '22023'),
    ($$SELECT support_case.reassign_liability(1, 7, 'buyer', actor_id => 'a')$$, '22023'),
    ($$SELECT support_case.dispute_return(1, 5, 'ugly', 'it is')$$, '22023'),
    ($$SELECT support_case.dispute_return(1, 5, 'missing', '')$$, '22023'),
    ($$SELECT support_case.post_message(1, 1, 'platform', 'hello')$$, '22023'),
    ($$SELECT support_case.post_order_message(1, 1, 'platform', 'hello')$$, '22023'),
    ($$SELECT support_case.post_platform_message(1, 3, 'platform', 'hello', actor_id => 'a')$$, '22023'),
    ($$SELECT support_case.post_platform_message(1, 3, 'buyer', 'hello', 'seller')$$, '22023'),
    ($$SELECT support_case.post_platform_message(1, 3, 'buyer', 'hello')$$, '22004'),
    ($$SELECT support_case.post_platform_message(1, 3, 'buyer', 'hello', NULL)$$, '22004'),
    ($$SELECT support_case.relay_address(1, 1, 'platform')$$, '22023'),
    ($$SELECT support_case.relay_address(1, 99, 'buyer')$$, 'P0002'),
    ($$SELECT support_case.relay_address(1, NULL, 'buyer')$$, '22004'),
    ($$SELECT support_case.receive_relayed_message('', 'hello')$$, '22023'),
    ($$SELECT support_case.receive_relayed_message(repeat('x', 1048576), 'hello')$$, '22023'),
    ($$SELECT support_case.receive_relayed_message('b1-1-00000000000000000000@relay.invalid', 'hello')$$, 'P0002'),
    ($$SELECT support_case.receive_relayed_message('b9999999999999999999-1-00000000000000000000@x.de', 'hello')$$, 'P0002'),
    ($$SELECT support_case.receive_relayed_message(replace(support_case.relay_address(1, 1, 'buyer'), 'b', 's'), 'hello')$$,
        'P0002'),
    ($$SELECT support_case.search_messages(1, '')$$, '22023'), ($$SELECT support_case.search_messages(1, NULL)$$, '22004'),
    ($$SELECT support_case.search_messages(NULL, 'x')$$, '22004'), ($$SELECT support_case.search_messages(1, 'x', 0)$$, '22023'),
    ($$SELECT support_case.search_messages(1, 'x', 1001)$$, '22023'),
    ($$SELECT support_case.search_messages(1, repeat('x', 1048576))$$, '22023'),
    ($$SELECT support_case.search_buyer_messages(NULL, 'x')$$, '22004'),
    ($$SELECT support_case.search_buyer_messages(7, 'x', NULL)$$, '22004'),
    ($$SELECT support_case.search_buyer_messages(7, ' ')$$, '22023'),
    ($$SELECT support_case.post_message(1, 1, 'buyer', E'\n\t ')$$, '22023'),
    ($$SELECT support_case.create_policy('{}', 'infinity')$$, '22023'),
    ($$SELECT support_case.create_calendar('platform', 'UTC; Mo', 'infinity')$$, '22023'),
    ($$SELECT support_case.create_filing_window('shoes', '1 day', effective_from => 'infinity')$$, '22023'),
    ($$SELECT support_case.open_case(1, 10, 'other', E'\r\n')$$, '22023'),
    ($$SELECT support_case.post_message(1, 1, 'buyer', 'x', '[{"uri": " \n"}]')$$, '22023'),
    ($$SELECT support_case.define_suggested_response('defective', 9, 'a', 'explain_no_refund', evidence => '["Some prose."]')$$, '22023'),
    ($$SELECT support_case.define_suggested_response('defective', 9, 'a', 'explain_no_refund', evidence => '[{"a": 1}]')$$, '22023'),
    ($$SELECT support_case.define_suggested_response('defective', 9, 'a', 'explain_no_refund', evidence => '[["photo"]]')$$, '22023'),
    ($$SELECT support_case.record_return_delivered(1, 4, '2026-01-07T09:00:00Z', reported_by => 'buyer')$$, '22023'),
    ($$SELECT support_case.map_login('nobody in here', 1)$$, '42704'),
    ($$SELECT support_case.map_login('postgres')$$, '22023'),
    ($$SELECT support_case.sweep(0)$$, '22023'), ($$SELECT support_case.sweep(-1)$$, '22023');

-- Text.
INSERT INTO bad (command, expected)
SELECT format('SELECT support_case.%s(%s)', name, replace(arguments, '@', text)), '22023'
FROM (VALUES
    ('open_case', $$1, 10, 'missing_item', @$$), ('explain_no_refund', '1, 1, @'), ('request_information', '1, 1, @'),
    ('provide_information', '1, 11, @'), ('post_message', $$1, 1, 'buyer', @$$), ('escalate', '1, 8, @'),
    ('dispute_return', $$1, 5, 'missing', @$$), ('offer_full_refund', '1, 1, message => @'),
    ('offer_partial_refund', '1, 1, 30, @'), ('record_refund_failed', '1, 7, @'),
    ('decide', $$1, 3, 'refund', message => @, actor_id => 'a'$$), ('decide', $$1, 3, 'refund', actor_id => @$$),
    ('post_order_message', $$1, 1, 'buyer', @$$), ('post_platform_message', $$1, 3, 'buyer', @, 'buyer'$$),
    ('receive_relayed_message', $$support_case.relay_address(1, 1, 'buyer'), @$$),
    ('reassign_liability', $$1, 7, 'platform', message => @, actor_id => 'a'$$),
    ('file_guarantee_claim', '1, 24, @'), ('admit_guarantee_claim', $$1, 25, @, 'nothing came', actor_id => 'a'$$),
    ('admit_guarantee_claim', $$1, 25, 'was ill', @, actor_id => 'a'$$), ('start_carrier_enquiry', '1, 14, @'),
    ('refund_and_ask_to_reorder', '1, 14, @'), ('recharge_buyer', $$1, 15, 10, @, 'a'$$)) AS c (name, arguments),
    unnest(ARRAY['''''', '''  ''', 'repeat(''x'', 1048576)', 'repeat(''é'', 10001)']) AS text;
INSERT INTO bad (command, expected) VALUES
    ($$SELECT support_case.send_replacement(1, 1, 'USPS', '9400')$$, 'SC014'),
    ($$DO $do$ BEGIN
        PERFORM support_case.consent_to_replacement(1, 1);
        PERFORM support_case.send_replacement(1, 1, 'USPS', repeat('x', 1048576)); END $do$ $$, '22023'),
    ($$DO $do$ BEGIN
        PERFORM support_case.consent_to_replacement(1, 1);
        PERFORM support_case.send_replacement(1, 1); END $do$ $$, '22004');

-- Instants.
INSERT INTO bad (command, expected)
SELECT format('SELECT support_case.%s(%s%L%s)', name, arguments, instant, rest), expected
FROM (VALUES ('record_return_dropped_off', '1, 4, ', ''), ('record_return_delivered', '1, 4, ', ''),
    ('record_replacement_shipped', '1, 6, ', ''), ('record_replacement_delivered', '1, 6, ', ''),
    ('submit_dropoff_proof', '1, 4, ', $$, '[{"uri": "s3://1"}]'$$), ('record_order_delivered', '1, 1, ', ''),
    ('record_chargeback', '1, 1, 10, ', ''), ('record_external_refund', '1, 1, 10, ', ''),
    ('record_parcel_found', '1, 14, ', ''),
    ('record_shipment_scan', $$1, 7, 1, 'lost', $$, ''), ('record_parcel_scan', $$1, 5, 1, 'lost', $$, '')) AS c (name, arguments, rest),
    (VALUES ('2026-01-07T09:00:00.000001Z', '22023'), ('infinity', '22008'), ('-infinity', '22008'),
        ('2025-12-31T23:59:59Z', '22023'), ('4713-01-01T00:00:00Z BC', '22023'), ('294276-12-31T23:59:59Z', '22023')) AS i (instant, expected);

-- JSON.
INSERT INTO bad (command, expected)
SELECT format('SELECT support_case.open_case(1, 10, ''missing_item'', ''help'', %L)', lines), expected
FROM (VALUES ('{}', '22023'), ('[]', '22023'), ('1', '22023'), ('null', '22023'), ('[1]', '22023'), ('[[]]', '22023'),
    ('[{"line_number": 1, "quantity": 0}]', '22023'), ('[{"line_number": 1, "quantity": -1}]', '22023'),
    ('[{"line_number": 1, "quantity": 2}]', '22023'), ('[{"line_number": 2}]', 'P0002'), ('[{"quantity": 1}]', 'P0002'),
    ('[{"line_number": 1}, {"line_number": 1}]', '22023'), ('[{"line": 1}]', '22023'),
    ('[{"line_number": "one"}]', '22P02'), ('[{"line_number": 1.5}]', '22P02'),
    ('[{"line_number": 99999999999}]', '22003')) AS v (lines, expected);
INSERT INTO bad (command, expected)
SELECT format('SELECT support_case.open_case(1, 10, ''missing_item'', ''help'', evidence => %s)', evidence), expected
FROM (VALUES ('''{}''', '22023'), ('''"x"''', '22023'), ('''[1]''', '22023'), ('''[{}]''', '22023'),
    ('''[{"uri": ""}]''', '22023'), ('''[{"uri": null}]''', '22023'), ('''[{"uri": 1}]''', '22023'),
    ('''[null]''', '22023'), ('''[[]]''', '22023'), ('''null''', '22023'), ('''[{"uri": "x"}, {}]''', '22023'),
    ('''[{"uri": "x", "colour": "red"}]''', '22023'), ('''[{"uri": "x", "media_type": "photo"}]''', '22023'),
    ('''[{"uri": "x", "media_type": 1}]''', '22023'), ('''[{"uri": "x", "size": -1}]''', '22023'),
    ('''[{"uri": "x", "size": 1.5}]''', '22023'), ('''[{"uri": "x", "size": "1"}]''', '22023'),
    ('''[{"uri": "x", "size": 1e30}]''', '22023'), ('''[{"uri": "x", "sha256": "abc"}]''', '22023'),
    ('''[{"uri": "x", "sha256": 1}]''', '22023'),
    ('jsonb_build_array(jsonb_build_object(''uri'', ''x'', ''sha256'', repeat(''g'', 64)))', '22023'),
    ('jsonb_build_array(jsonb_build_object(''uri'', ''x'', ''sha256'', repeat(''A'', 64)))', '22023'),
    ('jsonb_build_array(jsonb_build_object(''uri'', repeat(''x'', 2049)))', '22023'),
    ('(SELECT jsonb_agg(''{"uri": "s3://1"}''::jsonb) FROM generate_series(1, 1001))', '54000'),
    ('(SELECT jsonb_agg(''{"uri": "s3://1"}''::jsonb) FROM generate_series(1, 51))', '54000'),
    ('jsonb_build_array(jsonb_build_object(''uri'', (SELECT string_agg(md5(g::text), '''') FROM generate_series(1, 3000) AS g)))', '54000'))
    AS v (evidence, expected);
INSERT INTO bad (command, expected) VALUES
    ($$SELECT support_case.submit_dropoff_proof(1, 4, '2026-01-07T09:00:00Z', '[]')$$, 'SC012'),
    ($$SELECT support_case.submit_dropoff_proof(1, 4, '2026-01-07T09:00:00Z', '{}')$$, '22023'),
    ($$SELECT support_case.dispute_return(1, 5, 'missing', 'empty', '{}')$$, '22023'),
    ($$SELECT support_case.dispute_return(1, 5, 'missing', 'empty', '[{"line_number": 2, "quantity": 0}]')$$, '22023'),
    ($$SELECT support_case.dispute_return(1, 5, 'missing', 'empty', '[{"line_number": 1, "quantity": 2}]')$$, '22023'),
    ($$SELECT support_case.dispute_return(1, 5, 'missing', 'empty', '[{"line_number": 1, "quantity": "none"}]')$$, '22P02'),
    ($$SELECT support_case.dispute_return(1, 5, 'missing', 'empty', '[{"line_number": 99999999999, "quantity": 0}]')$$, '22003'),
    ($$SELECT support_case.dispute_return(1, 5, 'missing', 'empty', '[1]')$$, '22023'),
    ($$SELECT support_case.dispute_return(1, 5, 'missing', 'empty', attachments => '[1]')$$, '22023'),
    ($$SELECT support_case.post_message(1, 1, 'buyer', 'hello', '{}')$$, '22023'),
    -- The status of the case comes before what the action says.
    ($$SELECT support_case.post_message(1, 9, 'buyer', '')$$, 'SC001');

-- Registration.
INSERT INTO bad (command, expected)
SELECT format('SELECT support_case.register_order(%s)', arguments), expected
FROM (VALUES
    ($$9, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": 100}]'$$, 'P0002'),
    ($$1, 0, 7, 'USD', 90, 5, 5, '[{"unit_price": 100}]'$$, '22023'),
    ($$1, 12, 0, 'USD', 90, 5, 5, '[{"unit_price": 100}]'$$, '22023'),
    ($$1, 1, 8, 'USD', 88.80, 5, 3.20, '[{"unit_price": 100}]', 8, 0$$, '23505'),
    ($$1, 12, 7, 'XTS', 90, 5, 5, '[{"unit_price": 100}]'$$, '22023'),
    ($$1, 12, 7, 'usd', 90, 5, 5, '[{"unit_price": 100}]'$$, '22023'),
    ($$1, 12, 7, '', 90, 5, 5, '[{"unit_price": 100}]'$$, '22023'),
    ($$1, 12, 7, repeat('U', 1048576), 90, 5, 5, '[{"unit_price": 100}]'$$, '22023'),
    ($$1, 12, 7, 'USD', -1, 5, 5, '[{"unit_price": 100}]'$$, '22023'),
    ($$1, 12, 7, 'USD', 90.001, 5, 5, '[{"unit_price": 100}]'$$, '22023'),
    ($$1, 12, 7, 'JPY', 90.5, 5, 5, '[{"unit_price": 100}]'$$, '22023'),
    ($$1, 12, 7, 'USD', 'NaN', 5, 5, '[{"unit_price": 100}]'$$, '22023'),
    ($$1, 12, 7, 'USD', 90, 'Infinity', 5, '[{"unit_price": 100}]'$$, '22023'),
    ($$1, 12, 7, 'USD', 92233720368547758, 92233720368547758, 5, '[{"unit_price": 100}]'$$, '22003'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": 92233720368547758, "quantity": 2}]'$$, '22003'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": 92233720368547758.07}]'$$, '22003'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": 1e300}]'$$, '22003'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": -1}]'$$, '22023'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": 1.001}]'$$, '22023'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": "much"}]'$$, '22P02'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": null}]'$$, '22004'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{}]'$$, '22004'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[]'$$, '22023'), ($$1, 12, 7, 'USD', 90, 5, 5, '{}'$$, '22023'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[1]'$$, '22023'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": 100, "colour": "red"}]'$$, '22023'),
    ($$1, 12, 7, 'USD', 90, 5, 5, jsonb_build_array(jsonb_build_object(repeat('x', 100000), 1))$$, '22023'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": 100, "quantity": 0}]'$$, '22023'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": 100, "line_number": 0}]'$$, '22023'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": 50, "line_number": 1}, {"unit_price": 50, "line_number": 1}]'$$, '23505'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": 100, "product_kind": "magic"}]'$$, '22023'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": 100}]', 3, 1$$, '23514'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": 100}]', -5, 10$$, '22023'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": 100}]', return_shipping => -1$$, '22023'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": 100}]', purchased_at => '2027-01-01'$$, '22023'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": 100}]', purchased_at => 'infinity'$$, '22008'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": 100}]', purchased_at => '2026-01-05', delivered_at => '2026-01-04'$$, '22023'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": 100}]', buyer_calendar_code => 'moon'$$, '22023'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": 100}]', purchased_at => '2026-01-05', handling_due_at => '2026-01-04'$$, '23514'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": 100}]', handling_due_at => 'infinity'$$, '23514'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": 50, "line_number": 2}, {"unit_price": 50}]'$$, '23505'),
    ($$1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": 100}]', 92233720368547758, 92233720368547758$$, '22003'))
    AS v (arguments, expected);
INSERT INTO bad (command, expected) VALUES
    ($$SELECT support_case.register_seller(0)$$, '22023'), ($$SELECT support_case.register_seller(-1)$$, '22023'),
    ($$SELECT support_case.register_seller(2, calendar_code => 'moon')$$, '22023'),
    ($$SELECT support_case.register_seller(2, buyer_id => -7)$$, '22023'),
    ($$SELECT support_case.record_order_delivered(1, 99, '2026-01-07T09:00:00Z')$$, 'P0002');

-- Versions.
INSERT INTO bad (command, expected)
SELECT format('SELECT support_case.create_calendar(''other'', %s)', definition), expected
FROM (VALUES ('''''', '22P02'), ('''UTC''', '22P02'), ('''UTC; Mo-Fr 25:00-26:00''', '22P02'), ('''UTC; Xx''', '22P02'),
    ('''Middle/Earth; Mo-Fr''', '22023'), ('''UTC; Mo-Fr; 2026-02-30 off''', '22P02'),
    ('''UTC; Mo-Fr; 2300-01-01 off''', '22008'), ('''UTC; Mo-Fr; 1900-01-01..2200-12-31 off''', '54000'),
    ('repeat(''UTC; Mo-Fr; '', 100000)', '54000')) AS v (definition, expected);
INSERT INTO bad (command, expected) VALUES
    ($$SELECT support_case.create_calendar('Not A Code', 'UTC; Mo-Fr')$$, '22023'),
    ($$SELECT support_case.create_calendar('', 'UTC; Mo-Fr')$$, '22023'),
    ($$SELECT support_case.create_calendar('platform', 'UTC; Mo-Fr', '2026-01-01')$$, '22023'),
    ($$SELECT support_case.create_policy('{"seller_response": "soon"}')$$, '22P02'),
    ($$SELECT support_case.create_policy('{"seller_response": "-1 hour"}')$$, '22023'),
    ($$SELECT support_case.create_policy('{"idempotency_retention": "-1 days"}')$$, '23514'),
    ($$SELECT support_case.create_policy('{"notice_attempts": 0}')$$, '23514'),
    ($$SELECT support_case.create_policy('{"notice_first_delay": "-1 minutes"}')$$, '23514'),
    ($$SELECT support_case.create_policy('{"notice_delay_factor": 0.5}')$$, '23514'),
    ($$SELECT support_case.create_policy('{"notice_maximum_delay": "2 years"}')$$, '23514'),
    ($$SELECT support_case.create_policy('{"notice_retention": "-1 days"}')$$, '23514'),
    ($$SELECT support_case.claim_notices('pigeon')$$, '22023'),
    ($$SELECT support_case.claim_notices('email', 0)$$, '22023'),
    ($$SELECT support_case.claim_notices('email', lease => '0')$$, '22023'),
    ($$SELECT support_case.claim_notices('email', lease => '1000000 years')$$, '22023'),
    ($$SELECT support_case.rate_order(1, 9, 5)$$, '23505'),
    ($$SELECT support_case.register_member(0, 'nobody')$$, '22023'),
    ($$SELECT support_case.register_member(-7, 'nobody')$$, '22023'),
    ($$SELECT support_case.register_member(700, 'a b')$$, '22023'),
    ($$SELECT support_case.register_listing(1, 0, 'Lamp', 40, 'USD', 'A lamp')$$, '22023'),
    ($$SELECT support_case.register_seller(700, country => 'usa')$$, '22023'),
    ($$SELECT support_case.schedule_rollout('Canada', now())$$, '22023'),
    ($$SELECT support_case.define_reason('Not a code', 'x', true, true)$$, '22023'),
    ($$SELECT support_case.record_shipment(1, 1, ship_to_country => 'usa')$$, '22023'),
    ($$SELECT support_case.record_fraud_score(1, 1, -1)$$, '22023'),
    ($$SELECT support_case.acknowledge_notice(1, 'case', 1, 99, 'host', 0, 'event')$$, 'P0002'),
    ($$SELECT support_case.acknowledge_notice(1, 'case', 1, 1, 'seller', 1, 'email')$$, '22023'),
    ($$SELECT support_case.fail_notice(1, 'case', 1, 99, 'host', 0, 'event', 'no route')$$, 'P0002'),
    ($$SELECT support_case.fail_notice(1, 'case', 1, 1, 'seller', 1, 'email', 'no route')$$, '22023'),
    ($$SELECT support_case.retry_notice(1, 'case', 1, 99, 'host', 0, 'event')$$, 'P0002'),
    ($$SELECT support_case.create_policy('{"seller_response": ""}')$$, '22P02'),
    ($$SELECT support_case.create_policy('{"seller_response": null}')$$, '23502'),
    ($$SELECT support_case.create_policy('{"seller_response_rounding": "up"}')$$, '23514'),
    ($$SELECT support_case.create_policy('{"partial_offer_on_expiry": "shrug"}')$$, '23514'),
    ($$SELECT support_case.create_policy('{"partial_offer_minimum": 2}')$$, '23514'),
    ($$SELECT support_case.create_policy('{"partial_offer_minimum": "NaN"}')$$, '23514'),
    ($$SELECT support_case.create_policy('{"withdraw_allowed": "perhaps"}')$$, '22P02'),
    ($$SELECT support_case.create_policy('{"guarantee_zone": "Middle/Earth"}')$$, '23514'),
    ($$SELECT support_case.create_policy('{"guarantee_days_to_close": -1}')$$, '23514'),
    ($$SELECT support_case.create_policy('{"guarantee_open_rule": "never"}')$$, '23514'),
    ($$SELECT support_case.create_policy('{"case_max_open_per_line": 0}')$$, '23514'),
    ($$SELECT support_case.create_policy('{"case_max_open_per_line": 1e20}')$$, '22003'),
    ($$SELECT support_case.create_policy('{"case_max_open_per_line": "x"}')$$, '22P02'),
    ($$SELECT support_case.create_policy('{"public_rating_window": "soon"}')$$, '22P02'),
    ($$SELECT support_case.create_policy('{"public_rating_window": "0.5 days"}')$$, '22P02'),
    ($$SELECT support_case.create_policy('{"public_rating_window": "99999999999999999999 hours"}')$$, '22008'),
    ($$SELECT support_case.create_policy('{"notice_retention": "long"}')$$, '22P02'),
    ($$SELECT support_case.create_policy('{"notice_retention": "1000000000000 years"}')$$, '22008'),
    ($$SELECT support_case.create_policy('{"claim_reasons": "lost"}')$$, '22P02'),
    ($$SELECT support_case.create_policy('{"fraud_threshold": "1e200000"}')$$, '22003'),
    ($$SELECT support_case.create_filing_window('shoes', 'soon')$$, '22P02'),
    ($$SELECT support_case.create_filing_window('shoes', '99999999999999999999 hours')$$, '22008'),
    ($$SELECT support_case.create_policy('{"calendar_code": "moon"}')$$, '22023'),
    ($$SELECT support_case.create_policy('{"policy_version": 9}')$$, '22023'),
    ($$SELECT support_case.create_policy('{"rules": "x"}')$$, '22023'),
    ($$SELECT support_case.create_policy('{"patience": "5 days"}')$$, '22023'),
    ($$SELECT support_case.create_policy('[]')$$, '22023'),
    ($$SELECT support_case.create_policy('{}', '2026-01-01')$$, '22023'),
    ($$SELECT support_case.create_policy('{}', '-infinity')$$, '22023');

-- Amounts that are in range one by one, but not together; an order again with
-- other data that comes to the same sum.
INSERT INTO bad (command, expected) VALUES
    ($$SELECT support_case.register_order(1, 900, 7, 'USD', 30000000000000000, 5, 5,
        '[{"unit_price": 30000000000000000}]')$$, '22003'),
    ($$DO 'BEGIN PERFORM support_case.register_order(1, 901, 7, ''USD'', 5, 1, 0, ''[{"quantity": 2, "unit_price": 3}]'');
        PERFORM support_case.register_order(1, 901, 7, ''USD'', 5, 1, 0, ''[{"quantity": 3, "unit_price": 2}]''); END'$$,
        '23505');

SELECT plan((8 + count(*))::integer) FROM bad;
CREATE TEMPORARY TABLE before AS SELECT pg_temp.digest() AS digest;
SELECT is(pg_temp.refusal(command), expected, left(regexp_replace(command, '\s+', ' ', 'g'), 110)) FROM bad ORDER BY n;
SELECT is(pg_temp.digest(), digest, 'nothing was written') FROM before;

-- Which argument it is that cannot be read.
SELECT throws_ok(command, expected, 'argument "lines" has a value that is not a number of its kind', command)
FROM (VALUES ($$SELECT support_case.open_case(1, 10, 'missing_item', 'help', '[{"line_number": "one"}]')$$, '22P02'),
    ($$SELECT support_case.dispute_return(1, 5, 'missing', 'empty', '[{"line_number": 99999999999}]')$$, '22003'),
    ($$SELECT support_case.register_order(1, 12, 7, 'USD', 90, 5, 5, '[{"unit_price": "much"}]')$$, '22P02'))
    AS v (command, expected);

SELECT throws_ok($$SELECT support_case.create_policy('{"seller_response": "soon"}')$$, '22P02',
    'argument "settings" has a value that its setting cannot take', 'a setting that cannot be read');

-- A test of the test: without its null the same command is right.
SELECT is_empty($$
    SELECT name, pg_temp.refusal(command)
    FROM (SELECT name, format('DO %L', format('BEGIN PERFORM support_case.%s(%s%s); RAISE EXCEPTION ''undo''; END',
            name, replace(required, '|', ', '), optional)) AS command FROM good) AS g
    WHERE pg_temp.refusal(command) <> 'P0001, not documented: undo'
        -- These wait for a deadline.
        AND name NOT IN ('authorise_return', 'reinstate_return', 'resume_case', 'send_replacement')
    $$, 'what the null tests change was right before');
SELECT is_empty($$SELECT DISTINCT name FROM nullable WHERE required > 0 EXCEPT SELECT name FROM good$$,
    'every command was tried with nulls');
SELECT is_empty('SELECT * FROM support_case.verify()', 'verify() finds nothing');
SELECT * FROM finish();
ROLLBACK;
