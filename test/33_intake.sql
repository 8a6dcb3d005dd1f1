-- Intake: reasons, evidence, filing windows, routing, channels, cancellation,
-- late shipping, and the preview (W-09 to W-23, W-72, AMB-42 to AMB-46,
-- AMB-56, AMB-62).
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-02T09:00:00-05:00');
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr') IS NOT NULL AS made;
SELECT pg_temp.at('2026-01-12T10:00:00-05:00');
SELECT support_case.register_seller(1), support_case.register_seller(2, false);

-- An order, with further arguments of register_order().
CREATE FUNCTION pg_temp.order_with(arguments text DEFAULT '', lines text DEFAULT '[{"unit_price": 100.00}]', seller bigint DEFAULT 1)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    new_id bigint := nextval('pg_temp.order_id_seq');
BEGIN
    EXECUTE format('SELECT support_case.register_order(%s, %s, 7, ''USD'', 88.80, 5.00, 3.20, %L%s)', seller, new_id, lines,
        CASE WHEN arguments <> '' THEN ', ' || arguments ELSE '' END);
    RETURN new_id;
END
$$;

CREATE FUNCTION pg_temp.asks(of_order bigint, reason text DEFAULT 'missing_item', rest text DEFAULT '', seller bigint DEFAULT 1)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    of_case bigint;
BEGIN
    EXECUTE format('SELECT case_id FROM support_case.open_case(%s, %s, %L, ''help''%s)', seller, of_order, reason,
        CASE WHEN rest <> '' THEN ', ' || rest ELSE '' END) INTO of_case;
    RETURN of_case;
END
$$;

CREATE FUNCTION pg_temp.filed(of_case bigint)
RETURNS SETOF support_case.support_case
LANGUAGE sql VOLATILE
AS $$ SELECT * FROM support_case.support_case WHERE case_id = of_case $$;

CREATE FUNCTION pg_temp.previews(of_order bigint, reason text, expected jsonb, name text, lines text DEFAULT NULL, seller bigint DEFAULT 1)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    before text := pg_temp.contents();
    found jsonb;
BEGIN
    SELECT to_jsonb(p) INTO found FROM support_case.preview_case(seller, of_order, previews.reason, lines::jsonb) AS p;
    RETURN is((SELECT jsonb_object_agg(w.key, found -> w.key) FROM jsonb_each(expected) AS w)
            || CASE WHEN pg_temp.contents() <> before THEN '{"wrote": true}'::jsonb ELSE '{}' END,
        expected, name);
END
$$;

---------- W-10, W-11, AMB-46, AMB-56: channel, orders, lines ----------

SELECT pg_temp.order_with(lines => '[{"line_number": 1, "quantity": 3, "unit_price": 10}, {"line_number": 2, "unit_price": 70}]') AS two \gset
SELECT pg_temp.asks(:two, rest => $$'[{"line_number": 1, "quantity": 2}]', channel => 'web'$$) AS id \gset
SELECT is((SELECT channel FROM support_case.support_case WHERE case_id = :id), 'web', 'W-10, AMB-56: the channel is recorded, not enforced');
SELECT is((SELECT ROW(order_id, line_number, quantity)::text FROM support_case.case_line WHERE case_id = :id),
    format('(%s,1,2)', :two), 'AMB-46: a case holds lines and quantities of one order');
SELECT pg_temp.refuses(NULL, format('open_case(1, %s, ''missing_item'', ''more'', ''[{"line_number": 1}]'')', :two), 'SC013',
    'AMB-46: one open case per line');
SELECT isnt(pg_temp.asks(:two, rest => $$'[{"line_number": 2}]'$$), NULL, 'AMB-46: another line is free');
SELECT isnt(pg_temp.asks(pg_temp.order_with()), NULL, 'W-11: the buyer''s other order has a case of its own');

SELECT pg_temp.policy('{"intake_channels": ["ios", "android"]}');
SELECT pg_temp.order_with() AS app \gset
SELECT pg_temp.refuses(NULL, format('open_case(1, %s, ''missing_item'', ''gone'', channel => %s)', :app, channel), '22023',
    'W-10, AMB-56 intake_channels: not in ' || channel)
FROM unnest(ARRAY['''web''', '''''', 'NULL', '''IOS''']) AS channel;
SELECT isnt(pg_temp.asks(:app, rest => 'channel => ''android'''), NULL, 'W-10, AMB-56 intake_channels: in an app');
SELECT throws_ok($$SELECT support_case.create_policy('{"intake_channels": "ios"}')$$, '23514', NULL, 'AMB-56: channels are a list');
SELECT pg_temp.at('2026-01-12T10:00:01-05:00');
SELECT pg_temp.policy();

---------- W-17, W-19, W-21: reasons ----------

SELECT set_eq('SELECT reason FROM support_case.reason WHERE is_covered AND NOT is_before_shipment AND reason <> ''not_received''',
    ARRAY['late_not_shipped', 'missing_item', 'wrong_item', 'not_as_described', 'defective', 'returned_to_sender',
        'damaged_in_transit'], 'W-17: the seven covered reasons');
SELECT is((SELECT routed_because || ' ' || status FROM pg_temp.filed(pg_temp.asks(pg_temp.order_with(), reason,
        'evidence => ''[{"uri": "s3://1"}]'''))), expected, 'W-16, W-17, W-21: ' || reason)
FROM (VALUES ('late_not_shipped', 'seller awaiting_seller'), ('missing_item', 'seller awaiting_seller'),
    ('wrong_item', 'seller awaiting_seller'), ('not_as_described', 'seller awaiting_seller'), ('defective', 'seller awaiting_seller'),
    ('returned_to_sender', 'seller awaiting_seller'), ('damaged_in_transit', 'seller awaiting_seller'),
    ('other', 'reason_not_covered escalated')) AS v (reason, expected);

SELECT is((SELECT to_jsonb(r) FROM support_case.define_reason('remorse', 'The buyer does not want it any more.', false, true) AS r),
    '{"reason": "remorse", "is_covered": false, "is_returnable": true, "required_evidence": null,
    "is_consent_needed_for_replacement": true, "excludes_consumables": false, "is_before_shipment": false,
    "is_for_late_shipment": false, "description": "The buyer does not want it any more.", "is_retired": false}',
    'W-17: the marketplace adds a reason');
SELECT is((SELECT routed_because FROM pg_temp.filed(pg_temp.asks(pg_temp.order_with(), 'remorse'))),
    'reason_not_covered', 'W-19, W-21: which the buyer protection does not cover: the seller owes nothing');
SELECT support_case.define_reason('stale', 'The food is stale.', true, false, 'video', excludes_consumables => true) IS NOT NULL;
SELECT pg_temp.order_with() AS stale \gset
SELECT pg_temp.refuses(NULL, format('open_case(1, %s, ''stale'', ''old'', evidence => %L)', :stale, evidence), 'SC012',
    'W-14, W-17: which needs a video, not ' || coalesce(evidence, 'nothing'), '%a video%')
FROM unnest(ARRAY[NULL, '[]', '[{"uri": "s3://1", "media_type": "image/png"}]']) AS evidence;
SELECT pg_temp.asks(:stale, 'stale', 'evidence => ''[{"uri": "s3://1", "media_type": "video/mp4"}]''') AS id \gset
SELECT pg_temp.shows(:id, '{"status": "awaiting_seller", "reason": "stale", "is_returnable": false}', 'W-17: which is covered');
SELECT lives_ok($$SELECT support_case.define_reason('stale', 'The food is stale.', true, false, 'video', true)$$,
    'W-17: the same again is harmless');
SELECT pg_temp.refuses(NULL, format('define_reason(%s)', arguments), sqlstate, 'W-17: define_reason ' || arguments)
FROM (VALUES ('''stale'', ''The food is stale.'', false, false', '23505'), ('''Stale'', ''x'', true, true', '22023'),
    ('''9'', ''x'', true, true', '22023'), ('''a-b'', ''x'', true, true', '22023'), ('''x'', '''', true, true', '22023'),
    ('repeat(''x'', 64), ''x'', true, true', '22023'), ('''x'', ''x'', true, true, ''smell''', '22023'),
    ('''x'', ''x'', NULL, true', '22004'), ('NULL, ''x'', true, true', '22004')) AS v (arguments, sqlstate);
SELECT is((SELECT is_retired FROM support_case.retire_reason('stale')), true, 'W-17: a reason is retired');
SELECT pg_temp.refuses(NULL, format('open_case(1, %s, ''stale'', ''old'')', pg_temp.order_with()), '22023', 'W-17: no new case may use it');
SELECT pg_temp.takes(:id, 'offer_full_refund(1, $1)', '{"resolution": "full_refund"}', 'W-17: its cases go on');
SELECT is((SELECT is_retired FROM support_case.define_reason('stale', 'The food is stale.', true, false, 'video', true)), false,
    'W-17: and brought back');
SELECT pg_temp.refuses(NULL, 'retire_reason(''nonsense'')', 'P0002', 'W-17: retire_reason of none');

---------- W-14, W-15, AMB-44: evidence ----------

SELECT is((SELECT jsonb_object_agg(reason, required_evidence) FROM support_case.reason WHERE required_evidence IS NOT NULL AND reason <> 'stale'),
    '{"not_as_described": "photo", "wrong_item": "photo", "defective": "photo"}', 'W-14, W-15, AMB-44: photos are required for these');
SELECT pg_temp.refuses(NULL, format('open_case(1, %s, %L, ''bad'', evidence => %L)', pg_temp.order_with(), reason, evidence), 'SC012',
    format('W-14, W-15: %s with %s', reason, coalesce(evidence, 'nothing')), '%photos%')
FROM unnest(ARRAY['not_as_described', 'wrong_item', 'defective']) AS reason,
    unnest(ARRAY[NULL, '[]', '[{"uri": "s3://1", "media_type": "application/pdf"}]']) AS evidence;
SELECT isnt(pg_temp.asks(pg_temp.order_with(), reason, format('evidence => %L', evidence)), NULL,
    format('W-14, W-15: %s with %s', reason, evidence))
FROM unnest(ARRAY['not_as_described', 'wrong_item']) AS reason,
    unnest(ARRAY['[{"uri": "s3://1", "media_type": "image/jpeg"}]', '[{"uri": "s3://1", "media_type": "IMAGE/PNG"}]', '[{"uri": "s3://1"}]',
        '[{"uri": "s3://1", "media_type": "video/mp4"}, {"uri": "s3://2", "media_type": "image/heic"}]']) AS evidence;

---------- W-20: what the seller is spared ----------

SELECT is((SELECT routed_because FROM pg_temp.filed(pg_temp.asks(
        pg_temp.order_with(lines => format('[{"unit_price": 60}, {"line_number": 2, "unit_price": 40, "product_kind": "%s"}]', kind)),
        reason, 'evidence => ''[{"uri": "s3://1"}]'''))), expected, format('W-20: %s of %s', reason, kind))
FROM (VALUES ('missing_item', 'break', 'consumable_excluded'), ('missing_item', 'surprise', 'consumable_excluded'),
    ('missing_item', 'openable_consumable', 'consumable_excluded'), ('wrong_item', 'break', 'consumable_excluded'),
    ('wrong_item', 'surprise', 'consumable_excluded'), ('wrong_item', 'openable_consumable', 'consumable_excluded'),
    ('wrong_item', 'standard', 'seller'), ('defective', 'openable_consumable', 'seller'),
    ('damaged_in_transit', 'break', 'seller'), ('not_as_described', 'surprise', 'seller')) AS v (reason, kind, expected);
SELECT pg_temp.order_with(lines => '[{"unit_price": 60}, {"line_number": 2, "unit_price": 40, "product_kind": "break"}]') AS mixed \gset
SELECT is((SELECT routed_because FROM pg_temp.filed(pg_temp.asks(:mixed, rest => '''[{"line_number": 1}]'''))),
    'seller', 'W-20: only the lines of the request count');
SELECT throws_ok(format('SELECT pg_temp.order_with(lines => %L)', '[{"unit_price": 1, "product_kind": "edible"}]'), '22023', NULL,
    'W-20: product kinds are a list');

-- First match wins: every condition of the routing at once, then one less.
SELECT is(support_case._route(f, e, r, c, p), expected,
    format('requirements 2.3, A-24: suspected %s, enrolled %s, %s, consumable %s, fulfilled by the platform %s', f, e, r.reason, c, p))
FROM (VALUES (true, false, 'other', true, true, 'fraud_suspected'), (false, false, 'other', true, true, 'seller_not_enabled'),
    (false, true, 'other', true, true, 'platform_fulfilled'), (false, true, 'other', true, false, 'reason_not_covered'),
    (false, true, 'missing_item', true, false, 'consumable_excluded'), (false, true, 'missing_item', false, false, 'seller'),
    (true, true, 'missing_item', false, false, 'fraud_suspected'), (false, false, 'missing_item', false, false, 'seller_not_enabled'),
    (false, true, 'missing_item', false, true, 'platform_fulfilled')) AS v (f, e, code, c, p, expected)
JOIN support_case.reason AS r ON r.reason = v.code;

---------- W-12, AMB-42: the filing window ----------

-- From 12 January, 10:00.  Deadlines are missed from their instant on.
SELECT is((SELECT is_discretionary FROM pg_temp.filed(pg_temp.asks(pg_temp.order_with(arguments)))), late,
    'W-12, AMB-42: ' || arguments)
FROM (VALUES ('purchased_at => support_case.clock() - interval ''30 days''', true),
    ('purchased_at => support_case.clock() - interval ''30 days'' + interval ''1 microsecond''', false),
    ('purchased_at => support_case.clock() - interval ''20 days'', delivered_at => support_case.clock() - interval ''14 days''', true),
    ('purchased_at => support_case.clock() - interval ''20 days'', delivered_at => support_case.clock() - interval ''14 days'' + interval ''1 microsecond''', false),
    ('purchased_at => support_case.clock() - interval ''31 days'', delivered_at => support_case.clock() - interval ''1 day''', true))
    AS v (arguments, late);

SELECT is((SELECT ROW(version, after_purchase, after_delivery, created_by)::text
        FROM support_case.create_filing_window('food', '7 days', '2 days', actor_id => 'ann')), '(1,"7 days","2 days",ann)',
    'AMB-42: a category with a window of its own');
SELECT support_case.create_filing_window('toys', after_delivery => '7 days') IS NOT NULL;
CREATE FUNCTION pg_temp.is_late(age interval, delivered interval, VARIADIC categories text[])
RETURNS boolean
LANGUAGE sql
AS $$
    SELECT is_discretionary FROM pg_temp.filed(pg_temp.asks(pg_temp.order_with(
        format('purchased_at => support_case.clock() - interval %L%s', age,
            CASE WHEN delivered IS NOT NULL THEN format(', delivered_at => support_case.clock() - interval %L', delivered) ELSE '' END),
        (SELECT jsonb_agg(jsonb_build_object('line_number', n, 'unit_price', 50, 'category', c))::text
            FROM unnest(categories) WITH ORDINALITY AS u (c, n)))))
$$;
SELECT is(pg_temp.is_late(age, delivered, VARIADIC categories), late,
    format('AMB-42: %s, bought %s ago, delivered %s ago', categories, age, coalesce(delivered::text, 'never')))
FROM (VALUES ('{food}'::text[], interval '7 days', NULL::interval, true), ('{food}', '6 days 23:59:59', NULL, false),
    ('{food}', '6 days', '2 days', true), ('{food}', '6 days', '1 day 23:59:59', false),
    ('{toys}', '29 days', NULL, false), ('{toys}', '30 days', NULL, true), ('{toys}', '20 days', '7 days', true),
    ('{toys}', '20 days', '6 days', false), ('{books}', '20 days', '13 days', false), ('{NULL}', '20 days', '13 days', false),
    ('{books,toys}', '20 days', '8 days', true), ('{books,food}', '7 days', NULL, true), ('{toys,food}', '6 days', '1 day', false))
    AS v (categories, age, delivered, late);
SELECT pg_temp.order_with('purchased_at => support_case.clock() - interval ''10 days''',
    '[{"unit_price": 50, "category": "books"}, {"line_number": 2, "unit_price": 50, "category": "food"}]') AS basket \gset
SELECT is((SELECT is_discretionary FROM pg_temp.filed(pg_temp.asks(:basket, rest => '''[{"line_number": 1}]'''))),
    false, 'AMB-42: only the lines of the request count');
SELECT pg_temp.previews(:basket, 'missing_item', '{"is_in_time": false, "closes_at": "2026-01-09T10:00:01-05:00", "is_possible": true,
    "obstacle": null, "choosable_lines": [{"line_number": 2, "quantity": 1}]}', 'AMB-42: the earliest window of the lines',
    '[{"line_number": 2}]');
SAVEPOINT another_window;
SELECT pg_temp.policy('{"filing_after_purchase": null, "filing_after_delivery": "3 days"}') > 1 AS made;
SELECT pg_temp.at((support_case.clock() + interval '1 second')::text);
SELECT is((SELECT is_discretionary FROM pg_temp.filed(pg_temp.asks(pg_temp.order_with(arguments)))), late,
    'AMB-42 filing_after_delivery = 3 days: ' || arguments)
FROM (VALUES ('purchased_at => support_case.clock() - interval ''40 days'', delivered_at => support_case.clock() - interval ''3 days''', true),
    ('purchased_at => support_case.clock() - interval ''40 days'', delivered_at => support_case.clock() - interval ''2 days''', false),
    ('purchased_at => support_case.clock() - interval ''400 days''', false)) AS v (arguments, late);
ROLLBACK TO another_window;
SELECT pg_temp.refuses(NULL, format('create_filing_window(%s)', arguments), sqlstate, 'AMB-42: create_filing_window ' || arguments)
FROM (VALUES ('NULL', '22004'), ('''''', '22023'), ('repeat(''x'', 64)', '22023'), ('''x'', ''soon''', '22P02'),
    ('''x'', ''-1 day''', '23514'), ('''x'', NULL, ''-2 days''', '23514'),
    ('''x'', ''1 day'', effective_from => ''2026-01-12T10:00:00-05:00''', '22023')) AS v (arguments, sqlstate);
SELECT throws_ok(statement, 'SC015', NULL, 'AMB-42, AMB-127: ' || statement)
FROM unnest(ARRAY['UPDATE support_case.filing_window SET after_delivery = ''9 days''', 'DELETE FROM support_case.filing_window',
    'TRUNCATE support_case.filing_window']) AS statement;
-- A version to come, and one that ends the override.
SELECT support_case.create_filing_window('food', '1 day', effective_from => '2026-01-13T10:00:00-05:00') IS NOT NULL;
SELECT is(pg_temp.is_late('2 days', NULL, 'food'), false, 'AMB-42: what is not in force yet does not count');
SELECT case_id AS id FROM support_case.support_case ORDER BY case_id DESC LIMIT 1 \gset
SELECT pg_temp.at('2026-01-13T09:59:59.999999-05:00');
SELECT is(pg_temp.is_late('2 days', NULL, 'food'), false, 'AMB-42: not one microsecond before');
SELECT pg_temp.at('2026-01-13T10:00:00-05:00');
SELECT is(pg_temp.is_late('2 days', NULL, 'food'), true, 'AMB-42: and at its instant it is');
SELECT pg_temp.shows(:id, '{"is_discretionary": false}', 'AMB-42: an open case stays what it was');
SELECT pg_temp.at('2026-01-13T10:00:01-05:00');
SELECT support_case.create_filing_window('food') IS NOT NULL;
SELECT is(pg_temp.is_late('29 days', NULL, 'food'), false, 'AMB-42: without terms it is as the policy says again');

---------- W-13, AMB-43: late requests ----------

SELECT pg_temp.new_case('missing_item', '60 days') AS id \gset
SELECT pg_temp.shows(:id, '{"status": "awaiting_seller", "is_discretionary": true, "waiting_on": "seller"}',
    'W-13, AMB-43: a late request is left to the seller');
SELECT pg_temp.refuses(:id, 'escalate(1, $1)', 'SC001', 'AMB-43: the buyer cannot escalate it while the seller has time, and is not told to wait',
    '%The request was filed late, so the seller alone decides on it.');
SELECT pg_temp.run(:id, 'offer_partial_refund(1, $1, 30)');
SELECT pg_temp.refuses(:id, 'escalate(1, $1)', 'SC001', 'AMB-43: nor from an offer', '%seller alone decides%');
SELECT pg_temp.takes(:id, 'decline_offer(1, $1)', '{"status": "awaiting_seller", "transition": "T-33", "waiting_on": "seller",
    "deadline": "next_response"}', 'AMB-13, AMB-43: nor by declining one where nothing can be returned');
SELECT pg_temp.run(:id, 'request_information(1, $1, ''which?'')');
SELECT pg_temp.refuses(:id, 'escalate(1, $1)', 'SC001', 'AMB-43: nor when the seller asks');
SELECT pg_temp.run(:id, 'explain_no_refund(1, $1, ''too late'')');
SELECT pg_temp.refuses(:id, 'escalate(1, $1)', 'SC001', 'AMB-43: nor after a refusal');
SELECT pg_temp.shows(:id, '{"status": "refusal_explained", "waiting_on": "buyer", "next_step": "accept_refusal"}',
    'AMB-43: which the buyer is not told to be possible');
SELECT is((SELECT next_step || ' ' || (possible_actions ? 'escalate') FROM support_case.what_happens_next(1, :id) WHERE party = 'buyer'),
    'accept_refusal false', 'AMB-43, W-08: nor by what follows');
SELECT pg_temp.new_case('missing_item', '60 days') AS id \gset
SELECT pg_temp.at('2026-01-15T10:00:01-05:00');
SELECT pg_temp.shows(:id, '{"status": "closed", "resolution": "no_refund"}', 'AMB-43, T-36: silence closes it');
SELECT pg_temp.refuses(:id, 'escalate(1, $1)', 'SC001', 'AMB-43: nor then');
SELECT pg_temp.at('2026-01-15T10:00:02-05:00');
SELECT pg_temp.policy('{"escalation_auto_on_overdue": true}');
SELECT pg_temp.new_case('missing_item', '60 days') AS id \gset
SELECT pg_temp.at('2026-01-19T10:00:02-05:00');
SELECT pg_temp.shows(:id, '{"status": "closed", "resolution": "no_refund"}', 'AMB-43: nor by itself');
SELECT pg_temp.policy('{"filing_late_mode": "refuse"}');
SELECT pg_temp.new_order('30 days') AS late \gset
SELECT pg_temp.refuses(NULL, format('open_case(1, %s, ''missing_item'', ''gone'')', :late), 'SC003', 'AMB-43 filing_late_mode = refuse',
    'It ended at%');
SELECT pg_temp.previews(:late, 'missing_item', '{"is_possible": false, "obstacle": "deadline_passed", "is_in_time": false}',
    'AMB-43: and the preview says so');
SELECT pg_temp.at('2026-01-19T10:00:03-05:00');
SELECT pg_temp.policy();

---------- AMB-45: substantially delayed ----------

-- Handed over by Friday, 16 January, noon: 5 business days end on Friday, 23.
SELECT pg_temp.order_with('purchased_at => ''2026-01-12T10:00:00-05:00'', handling_due_at => ''2026-01-16T12:00:00-05:00''') AS slow \gset
SELECT pg_temp.refuses(NULL, format('open_case(1, %s, ''late_not_shipped'', ''where?'')', :slow), 'SC018', 'AMB-45: too early',
    'The request is possible from 2026-01-23 12:00:00-05 on%');
SELECT pg_temp.at('2026-01-23T11:59:59.999999-05:00');
SELECT pg_temp.refuses(NULL, format('open_case(1, %s, ''late_not_shipped'', ''where?'')', :slow), 'SC018', 'AMB-45: one microsecond before');
SELECT pg_temp.previews(:slow, 'late_not_shipped', '{"is_possible": false, "obstacle": "request_too_early",
    "possible_from": "2026-01-23T12:00:00-05:00", "handled_by": "seller"}', 'AMB-45: the preview says from when on');
SELECT pg_temp.previews(:slow, 'missing_item', '{"is_possible": true, "possible_from": null}', 'AMB-45: other reasons wait for nothing');
SELECT pg_temp.at('2026-01-23T12:00:00-05:00');
SELECT pg_temp.previews(:slow, 'late_not_shipped', '{"is_possible": true, "obstacle": null}', 'AMB-45: at its instant it is possible');
SELECT pg_temp.shows(pg_temp.asks(:slow, 'late_not_shipped'), '{"status": "awaiting_seller"}', 'AMB-45: and is a case of the seller');
-- Shipped in time, or later than that.
SELECT pg_temp.order_with('purchased_at => ''2026-01-12T10:00:00-05:00'', handling_due_at => ''2026-01-16T12:00:00-05:00'',
    delivered_at => ''2026-01-23T11:59:59-05:00''') AS scanned \gset
SELECT pg_temp.refuses(NULL, format('open_case(1, %s, ''late_not_shipped'', ''slow'')', :scanned), 'SC001', 'AMB-45: an acceptance scan in time',
    '%accepted it before%');
SELECT pg_temp.previews(:scanned, 'late_not_shipped', '{"is_possible": false, "obstacle": "action_not_allowed"}', 'AMB-45: says the preview, too');
SELECT pg_temp.order_with('purchased_at => ''2026-01-12T10:00:00-05:00'', handling_due_at => ''2026-01-16T12:00:00-05:00'',
    delivered_at => ''2026-01-23T12:00:00-05:00''') AS scanned \gset
SELECT isnt(pg_temp.asks(:scanned, 'late_not_shipped'), NULL, 'AMB-45: a later one does not undo the delay');
-- Without a handling deadline nobody can tell; but what has arrived was shipped.
SELECT isnt(pg_temp.asks(pg_temp.order_with('handling_due_at => NULL'), 'late_not_shipped'), NULL,
    'AMB-45: without a handling deadline there is no waiting');
SELECT pg_temp.order_with('delivered_at => support_case.clock()') AS arrived \gset
SELECT pg_temp.refuses(NULL, format('open_case(1, %s, ''late_not_shipped'', ''slow'')', :arrived), 'SC001',
    'AMB-45, W-17: what has arrived is not delayed, where nothing tells that it was shipped late', '%no handling deadline%');
SELECT pg_temp.previews(:arrived, 'late_not_shipped', '{"is_possible": false, "obstacle": "action_not_allowed"}', 'AMB-45: says the preview, too');
SELECT pg_temp.previews(:arrived, 'missing_item', '{"is_possible": true}', 'AMB-45: other reasons are possible');
SELECT pg_temp.order_with('purchased_at => ''2026-01-12T10:00:00-05:00'', handling_due_at => ''2026-01-23T10:00:00-05:00''') AS slow \gset
SELECT pg_temp.policy('{"late_threshold": "2 hours"}');
SELECT pg_temp.previews(:slow, 'late_not_shipped', '{"is_possible": true, "possible_from": "2026-01-23T12:00:00-05:00"}',
    'AMB-45 late_threshold = 2 hours');
SELECT pg_temp.at('2026-01-23T12:00:01-05:00');
SELECT pg_temp.policy('{"late_threshold": null}');
SELECT pg_temp.previews(pg_temp.order_with('handling_due_at => ''2026-02-23T10:00:00-05:00'''), 'late_not_shipped',
    '{"is_possible": true, "possible_from": null}', 'AMB-45 late_threshold = null: no waiting');
SELECT throws_ok(format('SELECT support_case.create_policy(%L)', settings), sqlstate, NULL, 'AMB-45: ' || settings)
FROM (VALUES ('{"late_threshold": "soon"}', '22P02'), ('{"late_threshold": "-1 day"}', '23514')) AS v (settings, sqlstate);
SELECT throws_ok(format('SELECT pg_temp.order_with(%L)', 'handling_due_at => ' || quote_literal(instant)), '23514', NULL,
    'AMB-45: handled ' || instant)
FROM unnest(ARRAY['2026-01-23T12:00:00-05:00', 'infinity', '-infinity']) AS instant;
SELECT pg_temp.at('2026-01-23T12:00:02-05:00');
SELECT pg_temp.policy();

---------- W-23, W-72: cancellation ----------

SELECT pg_temp.order_with() AS bought \gset
SELECT pg_temp.previews(:bought, 'cancellation', '{"is_possible": true, "handled_by": "seller", "handled_because": "seller",
    "required_evidence": null, "is_returnable": false}', 'W-23: an order can be cancelled before it is shipped');
SELECT pg_temp.asks(:bought, 'cancellation') AS id \gset
SELECT pg_temp.shows(:id, '{"status": "awaiting_seller", "deadline": "seller_response", "waiting_on": "seller"}',
    'W-23: the request goes to the seller');
SELECT pg_temp.refuses(:id, 'offer_full_refund(1, $1, true)', 'SC001', 'W-23: nothing was sent that could come back');
SELECT pg_temp.run(:id, 'explain_no_refund(1, $1, ''it is on its way'')');
SELECT pg_temp.takes(:id, 'escalate(1, $1)', '{"status": "escalated", "escalation_reason": "buyer_escalated",
    "is_conversation_closed": true}', 'W-23, W-72: it can be escalated, and the conversation is closed');
SELECT pg_temp.refuses(:id, 'post_message(1, $1, ''buyer'', ''please'')', 'SC001', 'W-72: buyer and seller can no longer communicate');
SELECT pg_temp.takes(:id, 'decide(1, $1, ''refund'', actor_id => ''ann'')', '{"resolution": "platform_refund", "refund": 105}',
    'W-23: the platform decides');
SELECT pg_temp.takes(pg_temp.asks(pg_temp.order_with(), 'cancellation'), 'offer_full_refund(1, $1)', '{"resolution": "full_refund",
    "refund": 105}', 'W-23: the seller cancels');
SELECT pg_temp.order_with('delivered_at => support_case.clock()') AS shipped \gset
SELECT pg_temp.refuses(NULL, format('open_case(1, %s, ''cancellation'', ''stop'')', :shipped), 'SC001', 'W-23: not once it is shipped',
    '%no carrier has accepted%');
SELECT pg_temp.previews(:shipped, 'cancellation', '{"is_possible": false, "obstacle": "action_not_allowed"}', 'W-23: says the preview, too');

---------- W-09: the preview ----------

SELECT pg_temp.order_with(lines => '[{"line_number": 1, "quantity": 3, "unit_price": 10}, {"line_number": 2, "unit_price": 70,
    "product_kind": "break"}]') AS id \gset order_
SELECT pg_temp.previews(:order_id, 'wrong_item', '{"is_possible": true, "obstacle": null, "is_in_time": true,
    "closes_at": "2026-02-22T12:00:02-05:00", "handled_by": "platform", "handled_because": "consumable_excluded",
    "required_evidence": "photo", "is_returnable": true, "possible_from": null,
    "choosable_lines": [{"line_number": 1, "quantity": 3}, {"line_number": 2, "quantity": 1}]}', 'W-09: the whole order');
SELECT pg_temp.previews(:order_id, 'wrong_item', '{"handled_by": "seller", "handled_because": "seller"}', 'W-09: one line',
    '[{"line_number": 1}]');
SELECT pg_temp.asks(:order_id, rest => '''[{"line_number": 1, "quantity": 1}]''') AS id \gset
SELECT pg_temp.previews(:order_id, 'missing_item', '{"is_possible": false, "obstacle": "line_in_open_case",
    "choosable_lines": [{"line_number": 2, "quantity": 1}]}', 'W-09, AMB-46: a line in an open case');
SELECT pg_temp.previews(:order_id, 'missing_item', '{"is_possible": true, "choosable_lines": [{"line_number": 2, "quantity": 1}]}',
    'W-09, AMB-46: and one that is free', '[{"line_number": 2}]');
SELECT pg_temp.run(:id, 'offer_full_refund(1, $1)');
SELECT pg_temp.previews(:order_id, 'missing_item', '{"is_possible": true, "choosable_lines": [{"line_number": 1, "quantity": 2},
    {"line_number": 2, "quantity": 1}]}', 'W-09: what is refunded cannot be asked for');
SELECT pg_temp.asks(:order_id, 'damaged_in_transit') AS id \gset
SELECT pg_temp.previews(:order_id, 'missing_item', '{"is_possible": false, "choosable_lines": []}', 'W-09: nothing is free');
SELECT pg_temp.run(:id, 'request_information(1, $1, ''which?'')');
SELECT pg_temp.at('2026-01-30T12:00:02-05:00');
SELECT pg_temp.previews(:order_id, 'missing_item', '{"is_possible": true, "choosable_lines": [{"line_number": 1, "quantity": 2},
    {"line_number": 2, "quantity": 1}]}', 'W-09: a case that a deadline has closed, swept or not, is closed');
SELECT pg_temp.run(pg_temp.asks(:order_id, 'damaged_in_transit'), 'offer_full_refund(1, $1)');
SELECT pg_temp.previews(:order_id, 'missing_item', '{"is_possible": false, "obstacle": "refund_cap_exceeded", "choosable_lines": []}',
    'W-09: nothing is left');
SELECT pg_temp.refuses(NULL, format('open_case(1, %s, ''missing_item'', ''x'', ''[{"line_number": 1}]'')', :order_id), 'SC007',
    'AMB-46: nor of the line that is named', 'All 3 units of the line are refunded.');
SELECT throws_ok(format('SELECT support_case.preview_case(1, %s, ''missing_item'', ''[{"line_number": 1}]'')', :order_id), 'SC007',
    'nothing of line 1 is left to ask about', 'W-09: says the preview, too');
SELECT order_id AS gift FROM support_case.register_order(1, nextval('pg_temp.order_id_seq'), 7, 'USD', 0, 0, 0, '[{"unit_price": 0}]') \gset
SELECT pg_temp.previews(:gift, 'damaged_in_transit', '{"is_possible": true, "obstacle": null}', 'W-58: a gift can be replaced');
SELECT pg_temp.previews(pg_temp.order_with(seller => 2), 'missing_item', '{"is_possible": true, "handled_by": "platform",
    "handled_because": null}', 'W-09: the seller''s enrolment is not the buyer''s to know', seller => 2);
SELECT pg_temp.previews(pg_temp.order_with('is_fraud_suspected => true'), 'missing_item', '{"is_possible": true,
    "handled_by": "platform", "handled_because": null}', 'W-09, W-22: nor is a suspicion, which looks the same');
SELECT throws_ok(format('SELECT support_case.preview_case(%s)', arguments), sqlstate, NULL, 'W-09: preview_case ' || arguments)
FROM (VALUES ('1, 99999, ''missing_item''', 'P0002'), ('9, 501, ''missing_item''', 'P0002'), ('1, 501, ''nonsense''', '22023'),
    ('1, 501, NULL', '22004'), ('NULL, 501, ''missing_item''', '22004'), ('1, NULL, ''missing_item''', '22004'),
    ('1, 501, ''missing_item'', ''{}''', '22023'), ('1, 501, ''missing_item'', ''[{"line_number": 9}]''', 'P0002')) AS v (arguments, sqlstate);
SET LOCAL support_case.buyer_id = '8';
SELECT throws_ok('SELECT support_case.preview_case(1, 501, ''missing_item'')', 'SC004', NULL, 'W-09: another buyer''s order is not previewed');
SET LOCAL support_case.buyer_id = '7';
SELECT lives_ok('SELECT support_case.preview_case(1, 501, ''missing_item'')', 'W-09: the buyer''s own is');
SET LOCAL support_case.buyer_id = '';

SELECT is_empty('SELECT * FROM support_case.verify()', 'verify() finds nothing');
SELECT * FROM finish();
ROLLBACK;
