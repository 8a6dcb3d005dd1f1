-- Refund fraud and chargebacks (W-22, W-115 to W-117, AMB-41, AMB-62, AMB-65).
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-12T10:00:00Z');
SELECT support_case.register_seller(s) FROM generate_series(1, 2) AS s;

CREATE FUNCTION pg_temp.order_of(buyer bigint, seller bigint DEFAULT 1, arguments text DEFAULT '', currency text DEFAULT 'USD')
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    new_id bigint := nextval('pg_temp.order_id_seq');
BEGIN
    EXECUTE format('SELECT support_case.register_order(%s, %s, %s, %L, 88.80, 5.00, 3.20, ''[{"unit_price": 100.00}]''%s)',
        seller, new_id, buyer, currency, CASE WHEN arguments <> '' THEN ', ' || arguments ELSE '' END);
    RETURN new_id;
END
$$;

CREATE FUNCTION pg_temp.case_of(of_order bigint, seller bigint DEFAULT 1, reason text DEFAULT 'missing_item')
RETURNS bigint
LANGUAGE sql
AS $$ SELECT case_id FROM support_case.open_case(seller, of_order, reason, 'it is not there') $$;

-- Why the platform has a new case of the order, or that the seller has.
CREATE FUNCTION pg_temp.routed(of_order bigint, seller bigint DEFAULT 1)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    of_case bigint := pg_temp.case_of(of_order, seller);
BEGIN
    RETURN (SELECT c.status || ' ' || coalesce(q.routed_because, 'seller')
        FROM support_case.case_current AS c LEFT JOIN support_case.platform_queue AS q USING (seller_id, case_id)
        WHERE c.case_id = of_case);
END
$$;

---------- W-22: manual flags ----------

SELECT is(pg_temp.routed(pg_temp.order_of(7, arguments => 'is_fraud_suspected => true')), 'escalated fraud_suspected',
    'W-22: an order flagged at registration');
SELECT pg_temp.order_of(7) AS flagged \gset
SELECT pg_temp.order_of(7) AS other \gset
SELECT pg_temp.case_of(:flagged) AS flagged_case \gset
SELECT pg_temp.case_of(:other) AS other_case \gset
SELECT results_eq(format('SELECT assessment_number, buyer_id, subject, action, ground, fraud_score, actor_id, assessed_at
        FROM support_case.flag_fraud(1, %s, ''an empty box again'', actor_id => ''ann'')', :flagged),
    $$VALUES (1, 7::bigint, 'order', 'flag_fraud', 'an empty box again', NULL::numeric, 'ann', '2026-01-12T10:00:00Z'::timestamptz)$$,
    'W-22, AMB-62: the platform flags an order');
SELECT pg_temp.shows(:flagged_case, '{"status": "escalated", "escalation_reason": "taken_over", "actor": "platform", "due_at": null,
    "action": "take_over_case", "details": {"because": "beyond_seller"}, "is_conversation_closed": true}',
    'W-22: its open case goes to the platform; the seller does not have to handle it');
SELECT pg_temp.refuses(:flagged_case, 'offer_partial_refund(1, $1, 5)', 'SC001', 'W-22: nor can');
SELECT pg_temp.shows(:other_case, '{"status": "awaiting_seller"}', 'W-22: other orders of the buyer are not concerned');
SELECT is((SELECT routed_because FROM support_case.platform_queue WHERE case_id = :flagged_case), 'fraud_suspected',
    'W-116: the queue of the platform shows why');
SELECT pg_temp.takes(:flagged_case, 'decide(1, $1, ''uphold_seller'', actor_id => ''ann'')', '{"resolution": "platform_denied",
    "charged": 0, "refund": 0}', 'W-116: the refund is refused');

SELECT pg_temp.order_of(8) AS first \gset
SELECT pg_temp.order_of(8, 2) AS elsewhere \gset
SELECT pg_temp.order_of(8) AS answered \gset
SELECT pg_temp.case_of(:first) AS first_case \gset
SELECT pg_temp.case_of(:elsewhere, 2) AS elsewhere_case \gset
SELECT pg_temp.case_of(:answered, 1, 'damaged_in_transit') AS answered_case \gset
SELECT pg_temp.run(:answered_case, 'offer_full_refund(1, $1, true)', 'record_return_delivered(1, $1, support_case.clock())');
SELECT support_case.flag_fraud(1, :first, 'three empty boxes', 'buyer', 'ann') IS NOT NULL;
SELECT results_eq($$SELECT seller_id, status, escalation_reason FROM support_case.case_current WHERE buyer_id = 8 ORDER BY case_id$$,
    $$VALUES (1::bigint, 'escalated', 'taken_over'), (2, 'escalated', 'taken_over'), (1, 'escalated', 'taken_over')$$,
    'W-22, W-116: a flagged buyer''s open cases go to the platform, of all sellers');
SELECT pg_temp.at('2026-02-20T10:00:00Z');
SELECT pg_temp.shows(:answered_case, '{"status": "escalated", "charged": 0, "refund": 0}',
    'W-22, W-43: a return of a flagged buyer is not refunded by a deadline');
SELECT is(pg_temp.routed(pg_temp.order_of(8, 2), 2), 'escalated fraud_suspected', 'W-22: so do new ones');
SELECT is(pg_temp.routed(pg_temp.order_of(9)), 'awaiting_seller seller', 'W-22: other buyers are not concerned');
SELECT pg_temp.takes(:answered_case, 'decide(1, $1, ''refund'', ''platform'', actor_id => ''ann'')',
    '{"resolution": "platform_refund", "charged": 0, "refund": 105}', 'W-116: the platform may, and need not, refuse');

-- Handed back, and flagged no more.
SELECT pg_temp.takes(:first_case, 'return_to_seller(1, $1, ''ann'')', '{"status": "awaiting_seller"}', 'W-22: the platform may hand a case back');
SELECT support_case.return_to_seller(2, :elsewhere_case, 'ann') IS NOT NULL;
SELECT support_case.flag_fraud(1, :answered, 'a fourth one', 'buyer', 'ann') IS NOT NULL;
SELECT pg_temp.shows(:first_case, '{"status": "awaiting_seller"}', 'W-22: what it handed back knowingly stays');
SELECT is((SELECT status FROM support_case.case_current WHERE seller_id = 2 AND case_id = :elsewhere_case), 'awaiting_seller',
    'W-22: with every seller');
SELECT pg_temp.takes(:first_case, 'take_over_case(1, $1, ''fraud_suspected'', actor_id => ''ann'')', '{"status": "escalated"}',
    'W-22: unless it takes the request over again');
SELECT pg_temp.order_of(8) AS next \gset
SELECT is((SELECT action FROM support_case.clear_fraud_flag(1, :next, 'it was the carrier', 'buyer', 'ann')), 'clear_fraud_flag',
    'AMB-62: a flag is cleared, through any order of the buyer');
SELECT is(pg_temp.routed(:next), 'awaiting_seller seller', 'AMB-62: and counts no more');
SELECT pg_temp.refuses(NULL, format('clear_fraud_flag(1, %s, ''again'', %L, ''ann'')', :next, subject), 'SC001',
    'AMB-62: there is no flag to clear: ' || subject)
FROM unnest(ARRAY['buyer', 'order']) AS subject;
SELECT support_case.clear_fraud_flag(1, :flagged, 'found it', actor_id => 'ann') IS NOT NULL;
SELECT is(pg_temp.routed(:flagged), 'awaiting_seller seller', 'AMB-62: nor does one of an order');
SELECT results_eq(format('SELECT assessment_number, action, ground FROM support_case.fraud_assessment WHERE order_id = %s ORDER BY 1', :flagged),
    $$VALUES (1, 'flag_fraud', 'an empty box again'), (2, 'clear_fraud_flag', 'found it')$$, 'W-115: every assessment is on record');
SELECT throws_ok(statement, 'SC002', NULL, 'W-115: append-only: ' || statement)
FROM unnest(ARRAY['UPDATE support_case.fraud_assessment SET ground = NULL', 'DELETE FROM support_case.fraud_assessment',
    'TRUNCATE support_case.fraud_assessment']) AS statement;
SELECT pg_temp.refuses(NULL, command, sqlstate, 'AMB-62: ' || command)
FROM (VALUES ('flag_fraud(1, 1, ''x'')', '22004'), ('flag_fraud(1, 1, '''', actor_id => ''a'')', '22023'),
    ('flag_fraud(1, 1, ''x'', ''seller'', ''a'')', '22023'), ('flag_fraud(1, 99999, ''x'', ''buyer'', ''a'')', 'P0002'),
    ('flag_fraud(9, 1, ''x'', ''order'', ''a'')', 'P0002'), ('record_fraud_score(1, 1, -0.1)', '22023'),
    ('record_fraud_score(1, 1, ''NaN'')', '22023'), ('record_fraud_score(1, 1, ''Infinity'', ''buyer'')', '22023'),
    ('record_fraud_score(1, 1, 0.5, ''seller'')', '22023'), ('record_fraud_score(1, 99999, 0.5)', 'P0002'))
    AS v (command, sqlstate);

-- A case that was handed back is the seller's, until a new suspicion arises.
SELECT pg_temp.at('2026-02-23T10:00:00Z');
SELECT pg_temp.order_of(15, arguments => 'is_fraud_suspected => true') AS handed_back \gset
SELECT pg_temp.case_of(:handed_back) AS id \gset
SELECT support_case.clear_fraud_flag(1, :handed_back, 'a mistake', actor_id => 'ann') IS NOT NULL;
SELECT pg_temp.takes(:id, 'return_to_seller(1, $1, ''ann'')', '{"status": "awaiting_seller"}', 'W-22: opened under suspicion, cleared, handed back');
SELECT support_case.flag_fraud(1, :handed_back, 'no mistake', actor_id => 'ann') IS NOT NULL;
SELECT pg_temp.shows(:id, '{"status": "escalated", "escalation_reason": "taken_over"}', 'W-22: a new flag takes it over');
SELECT is((SELECT routed_because FROM support_case.platform_queue WHERE case_id = :id), 'fraud_suspected', 'W-22: and the platform sees why');
SELECT pg_temp.takes(:id, 'return_to_seller(1, $1, ''ann'')', '{"status": "awaiting_seller"}', 'W-22: handed back under suspicion');
SELECT support_case.flag_fraud(1, :handed_back, 'a second ground', 'buyer', actor_id => 'ann') IS NOT NULL,
    support_case.record_fraud_score(1, :handed_back, 0.9) IS NOT NULL,
    support_case.clear_fraud_flag(1, :handed_back, 'one is enough', actor_id => 'ann') IS NOT NULL;
SELECT pg_temp.shows(:id, '{"status": "awaiting_seller"}', 'W-22: it stays as long as the suspicion lasts, whatever else is found');
SELECT support_case.clear_fraud_flag(1, :handed_back, 'innocent', 'buyer', actor_id => 'ann') IS NOT NULL,
    support_case.flag_fraud(1, :handed_back, 'not that innocent', actor_id => 'ann') IS NOT NULL;
SELECT pg_temp.shows(:id, '{"status": "escalated"}', 'W-22: and no longer');
SELECT support_case.clear_fraud_flag(1, :handed_back, 'now he is', actor_id => 'ann') IS NOT NULL;
SELECT pg_temp.run(:id, 'return_to_seller(1, $1, ''ann'')', 'withdraw_case(1, $1)', 'reopen_case(1, $1)');
SELECT pg_temp.shows(:id, '{"status": "awaiting_seller", "action": "reopen_case"}', 'T-39: a case that was handed back is reopened at the seller');
SELECT support_case.flag_fraud(1, :handed_back, 'again', actor_id => 'ann') IS NOT NULL;
SELECT pg_temp.shows(:id, '{"status": "escalated", "escalation_reason": "taken_over"}', 'W-22: from where a new flag takes it over');
SELECT pg_temp.run(:id, 'return_to_seller(1, $1, ''ann'')', 'take_over_case(1, $1, actor_id => ''ann'')');
SELECT is((SELECT routed_because FROM support_case.platform_queue WHERE case_id = :id), 'beyond_seller', 'W-01: the latest reason counts');
SELECT pg_temp.run(:id, 'return_to_seller(1, $1, ''ann'')', 'explain_no_refund(1, $1, ''no'')', 'escalate(1, $1)');
SELECT is((SELECT routed_because FROM support_case.platform_queue WHERE case_id = :id), NULL, 'T-45: a case that was handed back was the seller''s');
SELECT is((SELECT author FROM support_case.post_platform_message(1, :id, 'seller', 'look', 'seller')), 'seller',
    'T-45: who may write to the platform when the buyer escalates');
SELECT is((SELECT is_fraud_suspected || ' ' || routed_because FROM support_case.analysis_cases WHERE case_id = :id), 'true seller',
    'W-22: analysts see that it was under suspicion');

-- Reopening asks again.
SELECT pg_temp.order_of(10) AS reopened \gset
SELECT pg_temp.case_of(:reopened) AS id \gset
SELECT pg_temp.run(:id, 'withdraw_case(1, $1)');
SELECT support_case.flag_fraud(1, :reopened, 'and again', actor_id => 'ann') IS NOT NULL;
SELECT pg_temp.shows(:id, '{"status": "closed", "resolution": "withdrawn"}', 'W-22: a closed case is not taken over');
SELECT pg_temp.takes(:id, 'reopen_case(1, $1)', '{"status": "escalated", "escalation_reason": "routed_to_platform"}',
    'W-22, AMB-63: but goes to the platform when it is reopened');
SELECT is((SELECT routed_because FROM support_case.platform_queue WHERE case_id = :id), 'fraud_suspected', 'W-22: which sees why');

---------- AMB-62: scores ----------

SELECT is(pg_temp.routed(pg_temp.order_of(11, arguments => 'fraud_score => 1000')), 'awaiting_seller seller',
    'AMB-62: no threshold by default: no score counts');
SELECT throws_ok(format('SELECT support_case.create_policy(%L)', settings), '23514', NULL, 'AMB-62: ' || settings)
FROM unnest(ARRAY['{"fraud_threshold": -1}', '{"fraud_threshold": "NaN"}', '{"fraud_threshold": "Infinity"}']) AS settings;
SELECT pg_temp.policy('{"fraud_threshold": 0.8}');
SELECT is(pg_temp.routed(pg_temp.order_of(11, arguments => 'fraud_score => ' || score)), expected, 'AMB-62 fraud_threshold = 0.8: a score of ' || score)
FROM (VALUES ('0.8', 'escalated fraud_suspected'), ('0.79', 'awaiting_seller seller'), ('3', 'escalated fraud_suspected')) AS v (score, expected);
SELECT throws_ok('SELECT pg_temp.order_of(11, arguments => ''fraud_score => -1'')', '22023', NULL, 'AMB-62: scores start at 0');
SELECT pg_temp.order_of(12) AS scored \gset
SELECT pg_temp.case_of(:scored) AS id \gset
SELECT is((SELECT fraud_score FROM support_case.record_fraud_score(1, :scored, 0.5)), 0.5, 'AMB-62: the host scores an order');
SELECT pg_temp.shows(:id, '{"status": "awaiting_seller"}', 'AMB-62: below the threshold nothing happens');
SELECT support_case.record_fraud_score(1, :scored, 0.9) IS NOT NULL;
SELECT pg_temp.shows(:id, '{"status": "escalated", "escalation_reason": "taken_over"}', 'W-22, AMB-62: from it on the platform intervenes');
SELECT pg_temp.order_of(13) AS scored \gset
SELECT pg_temp.order_of(13, 2) AS elsewhere \gset
SELECT pg_temp.case_of(:elsewhere, 2) AS id \gset
SELECT support_case.record_fraud_score(1, :scored, 0.8, 'buyer') IS NOT NULL;
SELECT is((SELECT status FROM support_case.case_current WHERE case_id = :id), 'escalated', 'AMB-62: a buyer''s score counts with all sellers');
SELECT is(pg_temp.routed(:scored), 'escalated fraud_suspected', 'AMB-62: for new cases, too');
SELECT support_case.record_fraud_score(1, :scored, 0.1, 'buyer') IS NOT NULL;
SELECT is(pg_temp.routed(pg_temp.order_of(13)), 'awaiting_seller seller', 'AMB-62: the latest score counts');
SELECT lives_ok(format('SELECT support_case.register_order(1, %s, 13, ''USD'', 88.80, 5.00, 3.20, ''[{"unit_price": 100.00}]'')', :scored),
    'AMB-62: scores and flags do not keep an order from being registered again');
-- Flag and score are data of an order like others, until somebody assesses it.
SELECT pg_temp.order_of(16) AS plain \gset
SELECT pg_temp.order_of(16, arguments => 'is_fraud_suspected => true, fraud_score => 0.5') AS flagged \gset
CREATE FUNCTION pg_temp.registers(of_order bigint, arguments text)
RETURNS text
LANGUAGE sql
AS $$
SELECT format('SELECT order_id FROM support_case.register_order(1, %s, 16, ''USD'', 88.80, 5.00, 3.20, ''[{"unit_price": 100.00}]''%s)',
    of_order, arguments)
$$;
SELECT throws_ok(pg_temp.registers(of_order, arguments), '23505', NULL, 'AMB-62: the same order with other standing: ' || arguments)
FROM (VALUES (:plain, ', is_fraud_suspected => true'), (:plain, ', fraud_score => 0'), (:flagged, ''),
    (:flagged, ', is_fraud_suspected => true'), (:flagged, ', is_fraud_suspected => true, fraud_score => 0.51')) AS v (of_order, arguments);
SELECT lives_ok(pg_temp.registers(of_order, arguments), 'AMB-62: the same order again: ' || arguments)
FROM (VALUES (:plain, ', is_fraud_suspected => NULL'), (:flagged, ', is_fraud_suspected => true, fraud_score => 0.50')) AS v (of_order, arguments);
SELECT support_case.clear_fraud_flag(1, :flagged, 'a mistake', actor_id => 'ann') IS NOT NULL;
SELECT lives_ok(pg_temp.registers(:flagged, ', is_fraud_suspected => true, fraud_score => 0.5'),
    'AMB-62: what was assessed since is not what was registered');
SELECT is((SELECT is_fraud_suspected FROM support_case.order_standing WHERE seller_id = 1 AND order_id = :flagged), false,
    'AMB-62: and stays as it was assessed');

-- A case keeps the threshold it was opened with.
SELECT pg_temp.at('2026-02-20T10:00:01Z');
SELECT pg_temp.order_of(14) AS scored \gset
SELECT pg_temp.case_of(:scored) AS id \gset
SELECT pg_temp.policy('{"fraud_threshold": 0.2}');
SELECT support_case.record_fraud_score(1, :scored, 0.5) IS NOT NULL;
SELECT pg_temp.shows(:id, '{"status": "awaiting_seller"}', 'AMB-62: by the policy of the case');
SELECT pg_temp.at('2026-02-20T10:00:02Z');
SELECT pg_temp.policy();

---------- W-115: refund behaviour ----------

SELECT pg_temp.at('2026-03-02T10:00:00Z');
SELECT pg_temp.run(pg_temp.case_of(pg_temp.order_of(20)), 'offer_full_refund(1, $1)');
SELECT pg_temp.run(pg_temp.case_of(pg_temp.order_of(20)), 'offer_partial_refund(1, $1, 30)', 'accept_offer(1, $1)');
SELECT pg_temp.run(pg_temp.case_of(pg_temp.order_of(20)), 'explain_no_refund(1, $1, ''no'')', 'escalate(1, $1)',
    'decide(1, $1, ''uphold_seller'', actor_id => ''a'')');
SELECT pg_temp.at('2026-08-03T10:00:00Z');
SELECT support_case.offer_full_refund(2, pg_temp.case_of(pg_temp.order_of(20, 2, currency => 'EUR'), 2)) IS NOT NULL;
SELECT pg_temp.order_of(20) AS outside \gset
SELECT support_case.record_external_refund(1, :outside, 10.50);
SELECT support_case.record_chargeback(1, :outside, 20.00);
SELECT pg_temp.order_of(20) AS kept \gset
SELECT support_case.flag_fraud(1, :kept, 'look', actor_id => 'ann') IS NOT NULL, support_case.flag_fraud(1, :kept, 'look', 'buyer', 'ann') IS NOT NULL;
SELECT support_case.record_fraud_score(1, :kept, 0.7, 'buyer') IS NOT NULL;
SELECT is((SELECT jsonb_object_agg(period, to_jsonb(b) - ARRAY['buyer_id', 'period']) FROM support_case.buyer_refund_behaviour AS b WHERE buyer_id = 20),
    '{"all": {"orders": 6, "orders_with_case": 4, "orders_refunded": 4, "refund_share": 0.6667, "cases": 4, "cases_denied": 1,
        "refunds": 4, "refunded": {"USD": 145.50, "EUR": 105.00}, "chargebacks": 1, "charged_back": {"USD": 20.00},
        "flagged_orders": 1, "is_flagged": true, "fraud_score": 0.7},
    "last_90_days": {"orders": 3, "orders_with_case": 1, "orders_refunded": 2, "refund_share": 0.6667, "cases": 1, "cases_denied": 0,
        "refunds": 2, "refunded": {"USD": 10.50, "EUR": 105.00}, "chargebacks": 1, "charged_back": {"USD": 20.00},
        "flagged_orders": 1, "is_flagged": true, "fraud_score": 0.7}}', 'W-115: cases, refunds and amounts per currency, share of orders, flags');
SELECT pg_temp.at('2026-11-02T10:00:00Z');
SELECT is((SELECT to_jsonb(b) - ARRAY['buyer_id', 'period'] FROM support_case.buyer_refund_behaviour AS b
        WHERE buyer_id = 20 AND period = 'last_90_days'),
    '{"orders": 0, "orders_with_case": 0, "orders_refunded": 0, "refund_share": null, "cases": 0, "cases_denied": 0, "refunds": 0,
    "refunded": {}, "chargebacks": 0, "charged_back": {}, "flagged_orders": 0, "is_flagged": true, "fraud_score": 0.7}',
    'W-115: 91 days later nothing is recent');

-- 90 days of 24 hours, wherever the reader is: the clocks of New York changed on November 1.
SELECT pg_temp.at('2026-08-20T12:30:00Z');
SELECT pg_temp.order_of(21) IS NOT NULL;
SELECT pg_temp.at('2026-11-18T12:30:00Z');
CREATE FUNCTION pg_temp.recent_orders(zone text)
RETURNS bigint
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM set_config('TimeZone', zone, true);
    RETURN (SELECT orders FROM support_case.buyer_refund_behaviour WHERE buyer_id = 21 AND period = 'last_90_days');
END
$$;
SELECT is(pg_temp.recent_orders(zone), 1::bigint, 'W-115: the last 90 days as seen from ' || zone)
FROM unnest(ARRAY['UTC', 'America/New_York', 'Australia/Sydney']) AS zone;
SELECT pg_temp.at('2026-11-18T12:30:00.000001Z');
SELECT is(pg_temp.recent_orders(zone), 0::bigint, 'W-115: and not longer, from ' || zone)
FROM unnest(ARRAY['UTC', 'America/New_York', 'Australia/Sydney']) AS zone;
SET LOCAL TimeZone = 'UTC';

---------- W-117, AMB-41, AMB-65: chargebacks ----------

CREATE FUNCTION pg_temp.seller_debit(of_order bigint)
RETURNS numeric
LANGUAGE sql
AS $$ SELECT coalesce(sum(amount), 0) FROM support_case.seller_ledger WHERE order_id = of_order AND account = 'seller_payable' $$;

-- In every status of an open case: it closes and debits nobody.
SELECT pg_temp.at('2026-11-19T10:00:00Z');
CREATE FUNCTION pg_temp.charged_back(reason text, VARIADIC steps text[])
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    of_order bigint := pg_temp.order_of(30);
    of_case bigint := pg_temp.case_of(of_order, 1, reason);
BEGIN
    PERFORM pg_temp.run(of_case, VARIADIC steps);
    PERFORM support_case.record_chargeback(1, of_order, 105);
    RETURN (SELECT concat_ws(' ', c.status, c.resolution, pg_temp.seller_debit(of_order),
            (SELECT sum(l.refunded) FROM support_case.sales_order_line AS l WHERE l.seller_id = 1 AND l.order_id = of_order))
        FROM support_case.case_current AS c WHERE c.case_id = of_case);
END
$$;
SELECT is(pg_temp.charged_back('damaged_in_transit', VARIADIC steps), 'closed superseded_by_chargeback 0 10500',
    'W-117, AMB-41: a chargeback while the case is ' || status)
FROM (VALUES ('awaiting_seller', ARRAY['post_message(1, $1, ''buyer'', ''hello'')']), ('awaiting_buyer', ARRAY['request_information(1, $1, ''which?'')']),
    ('partial_offered', ARRAY['offer_partial_refund(1, $1, 30)']), ('refusal_explained', ARRAY['explain_no_refund(1, $1, ''no'')']),
    ('return_pending', ARRAY['offer_full_refund(1, $1, true)']),
    ('return_in_transit', ARRAY['offer_full_refund(1, $1, true)', 'record_return_dropped_off(1, $1, support_case.clock())']),
    ('return_inspection', ARRAY['offer_full_refund(1, $1, true)', 'record_return_delivered(1, $1, support_case.clock())']),
    ('replacement_pending', ARRAY['consent_to_replacement(1, $1)', 'send_replacement(1, $1, ''UPS'', ''1Z'')']),
    ('escalated', ARRAY['explain_no_refund(1, $1, ''no'')', 'escalate(1, $1)'])) AS v (status, steps);
-- An executed refund blocks a second payment, and is not charged again.
SELECT pg_temp.order_of(31) AS refunded \gset
SELECT pg_temp.case_of(:refunded) AS id \gset
SELECT pg_temp.run(:id, 'offer_full_refund(1, $1)');
SELECT is(pg_temp.seller_debit(:refunded), 97.00, 'W-117: a refund by the seller is charged once');
SELECT support_case.record_chargeback(1, :refunded, 105, reference => 'cb-31') IS NOT NULL;
SELECT is(pg_temp.seller_debit(:refunded), 97.00, 'W-117, AMB-41: and its chargeback not again');
SELECT results_eq(format('SELECT kind, amount, counted_amount, reference FROM support_case.external_refund WHERE order_id = %s', :refunded),
    $$VALUES ('chargeback', 10500::bigint, 0::bigint, 'cb-31')$$, 'AMB-41: it is on record and refunds nothing more');
SELECT pg_temp.shows(:id, '{"resolution": "full_refund", "refund": 105, "charged": 97}', 'AMB-41: the case stays as it was');
SELECT pg_temp.takes(:id, 'reassign_liability(1, $1, ''platform'', actor_id => ''ann'')', '{"charged": 0}',
    'AMB-41: the seller''s debit is reversed by decision of the platform only');
-- A part charged back leaves a part to refund, never more than was paid.
SELECT pg_temp.order_of(32) AS partly \gset
SELECT support_case.record_chargeback(1, :partly, 60);
SELECT is(pg_temp.seller_debit(:partly), 0.00, 'W-117: a chargeback without a case debits nobody');
SELECT pg_temp.case_of(:partly) AS id \gset
SELECT pg_temp.takes(:id, 'offer_full_refund(1, $1)', '{"resolution": "full_refund", "refund": 45}', 'AMB-41: what is left is refunded');
SELECT cmp_ok(pg_temp.seller_debit(:partly), '<=', 45.00, 'W-117: and the seller pays no more than that');
SELECT pg_temp.refuses(NULL, format('open_case(1, %s, ''missing_item'', ''more'')', :partly), 'SC007', 'AMB-41: nothing is left then');
-- Twice the same money: chargeback and refund outside.
SELECT pg_temp.order_of(33) AS twice \gset
SELECT pg_temp.case_of(:twice) AS id \gset
SELECT support_case.record_external_refund(1, :twice, 50);
SELECT pg_temp.shows(:id, '{"status": "awaiting_seller"}', 'AMB-65: a refund outside leaves the case open while something is left');
SELECT support_case.record_chargeback(1, :twice, 105);
SELECT is((SELECT sum(refunded) FROM support_case.sales_order_line WHERE order_id = :twice), 10500::numeric, 'AMB-65: the cap shrinks to nothing, not below');
SELECT is(pg_temp.seller_debit(:twice), 0.00, 'W-117, AMB-65: and the seller is debited for neither');
-- A chargeback may go to the platform instead, which cannot refund it again.
SELECT pg_temp.policy('{"chargeback_on_open": "escalate"}');
SELECT pg_temp.order_of(34) AS disputed \gset
SELECT pg_temp.case_of(:disputed) AS id \gset
SELECT support_case.record_chargeback(1, :disputed, 105);
SELECT pg_temp.shows(:id, '{"status": "escalated", "escalation_reason": "chargeback"}', 'AMB-41 chargeback_on_open = escalate');
SELECT pg_temp.refuses(:id, 'decide(1, $1, ''refund'', actor_id => ''ann'')', 'SC007', 'W-117, AMB-41: nothing is left to refund');
SELECT pg_temp.takes(:id, 'decide(1, $1, ''uphold_seller'', actor_id => ''ann'')', '{"charged": 0, "refund": 0}', 'W-117: the seller is not debited');

---------- who sees and does what ----------

SELECT is(has_table_privilege(role_name, 'support_case.' || relation, 'SELECT'), role_name IN ('support_case_app', 'support_case_platform'),
    format('W-115: %s and %s', role_name, relation))
FROM unnest(ARRAY['support_case_app', 'support_case_platform', 'support_case_seller', 'support_case_buyer', 'support_case_carrier']) AS role_name,
    unnest(ARRAY['buyer_refund_behaviour', 'fraud_assessment', 'buyer_standing', 'order_standing', 'case_suspicion']) AS relation;
SET LOCAL support_case.buyer_id = '20';
SET LOCAL ROLE support_case_app;
SELECT set_config('test.outcome', (SELECT count(*) FROM support_case.fraud_assessment)::text
    || (SELECT count(*) FROM support_case.buyer_standing), true);
RESET ROLE;
SET LOCAL support_case.buyer_id = '';
SELECT is(current_setting('test.outcome'), '00', 'W-115: an application that acts for a buyer reads none of it');
SET LOCAL ROLE support_case_app;
SELECT set_config('test.outcome', (count(*) > 0)::text, true) FROM support_case.fraud_assessment;
RESET ROLE;
SELECT is(current_setting('test.outcome'), 'true', 'W-115: one that acts for nobody does');

SAVEPOINT undamaged;
SET LOCAL session_replication_role = replica;
UPDATE support_case.fraud_assessment SET buyer_id = 99 WHERE order_id = :kept AND assessment_number = 1;
SELECT results_eq('SELECT check_name, seller_id FROM support_case.verify()', $$VALUES ('fraud_party', 1::bigint)$$,
    'W-115: verify() sees an assessment of somebody else');
ROLLBACK TO undamaged;
INSERT INTO support_case.buyer_standing (buyer_id, is_fraud_suspected) VALUES (99, true);
SELECT results_eq('SELECT check_name FROM support_case.verify()', $$VALUES ('fraud_flag')$$,
    'W-115: verify() sees a flag that nobody has set');
ROLLBACK TO undamaged;
SET LOCAL session_replication_role = replica;
UPDATE support_case.case_suspicion SET event_number = 99
WHERE (seller_id, case_id) = (SELECT s.seller_id, s.case_id FROM support_case.case_suspicion AS s ORDER BY 1, 2 LIMIT 1);
SELECT results_eq('SELECT DISTINCT check_name FROM support_case.verify()', $$VALUES ('fraud_suspicion')$$,
    'W-22: verify() sees a suspicion of an event that brought nothing to the platform');
ROLLBACK TO undamaged;
SELECT support_case.record_fraud_score(1, :kept, 0.4, 'buyer') IS NOT NULL, support_case.flag_fraud(1, :kept, 'see above', 'buyer', 'ann') IS NOT NULL;
SELECT is(b.fraud_score, 0.4, 'AMB-62: a flag leaves the score') FROM support_case.sales_order AS o
JOIN support_case.buyer_standing AS b ON b.buyer_id = o.buyer_id WHERE o.seller_id = 1 AND o.order_id = :kept;
ROLLBACK TO undamaged;

SELECT is_empty('SELECT * FROM support_case.verify()', 'verify() finds nothing');
SELECT * FROM finish();
ROLLBACK;
