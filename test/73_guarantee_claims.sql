-- Guarantee claims: the window, the options of the seller, late claims, claims
-- with the platform alone, and parcels found after the refund (A-15 to A-32,
-- AMB-70 to AMB-83, AMB-111, AMB-113, D-13, D-14, X-08, X-09).
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SET TimeZone = 'UTC';
SELECT pg_temp.at('2026-01-05T15:00:00Z');
SELECT support_case.register_seller(1) IS NOT NULL AS made;

-- An order of now with two lines, 60 and 40, and what was promised about it.
CREATE FUNCTION pg_temp.promised(estimate date DEFAULT NULL, service date DEFAULT NULL,
    is_platform_fulfilled boolean DEFAULT false, validated date DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    new_id bigint := nextval('pg_temp.order_id_seq');
BEGIN
    PERFORM support_case.register_order(1, new_id, 7, 'USD', 88.80, 5.00, 3.20,
        '[{"unit_price": 60.00}, {"line_number": 2, "unit_price": 40.00}]', commission => 8, tax => 0,
        return_shipping => 6.50, purchased_at => support_case.clock());
    PERFORM support_case.record_delivery_promise(1, new_id, validated, estimate, service, is_platform_fulfilled);
    RETURN new_id;
END
$$;

CREATE FUNCTION pg_temp.claim(of_order bigint, lines jsonb DEFAULT NULL)
RETURNS bigint
LANGUAGE sql
AS $$ SELECT case_id FROM support_case.file_guarantee_claim(1, of_order, 'nothing has arrived', lines) $$;

-- A claim about an order of half a year ago, which has no closing date.
CREATE FUNCTION pg_temp.claim_after(VARIADIC steps text[] DEFAULT '{}')
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    of_case bigint := pg_temp.new_claim('180 days');
BEGIN
    PERFORM pg_temp.run(of_case, VARIADIC steps);
    RETURN of_case;
END
$$;

CREATE FUNCTION pg_temp.window_of(of_order bigint, of_line integer DEFAULT 1)
RETURNS text
LANGUAGE sql
AS $$
    SELECT concat_ws(' ', CASE WHEN is_open THEN 'open' ELSE obstacle END, 'from', coalesce(possible_from::text, '?'),
        CASE WHEN blocking_case_id IS NOT NULL THEN 'blocked' END)
    FROM support_case.guarantee_window(1, of_order) WHERE line_number = of_line
$$;

-- What a refused command says: SQLSTATE, message, detail, hint.
CREATE FUNCTION pg_temp.says(command text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    message text;
    detail text;
    hint text;
BEGIN
    EXECUTE 'SELECT support_case.' || command;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, message, detail, hint);
END
$$;

-- Account by account what the journals of a case add up to.
CREATE FUNCTION pg_temp.net(of_case bigint)
RETURNS text
LANGUAGE sql
AS $$
    SELECT string_agg(account || ' ' || amount, ', ' ORDER BY account)
    FROM (SELECT account, sum(amount) AS amount FROM support_case.seller_ledger
        WHERE case_id = of_case GROUP BY account HAVING sum(amount) <> 0) AS a
$$;

---------- the window (D-13, D-14) ----------

-- X-08: 2026-01-23 to 2026-04-20; X-09: 2026-02-04 to 2026-06-13.
SELECT pg_temp.promised('2026-01-20') AS x08, pg_temp.promised('2026-03-15') AS x09, pg_temp.promised() AS bare,
    pg_temp.promised(NULL, '2026-03-01') AS service \gset
SELECT results_eq(format('SELECT DISTINCT opens_at, closes_at, is_open, obstacle FROM support_case.guarantee_window(1, %s)', :x08),
    $$VALUES ('2026-01-23T00:00Z'::timestamptz, '2026-04-21T00:00Z'::timestamptz, false, 'request_too_early')$$,
    'X-08, A-29, A-30, D-13, D-14, AMB-74: the estimate opens, the last day counts to its end');
SELECT results_eq(format('SELECT DISTINCT opens_at, closes_at FROM support_case.guarantee_window(1, %s)', :x09),
    $$VALUES ('2026-02-04T00:00Z'::timestamptz, '2026-06-14T00:00Z'::timestamptz)$$,
    'X-09, A-29, A-30, AMB-73: the validation opens, before the item is due');
SELECT results_eq(format('SELECT DISTINCT opens_at, closes_at FROM support_case.guarantee_window(1, %s)', :bare),
    $$VALUES ('2026-02-04T00:00Z'::timestamptz, NULL::timestamptz)$$,
    'AMB-72: without an estimate the validation opens, which is the purchase where nobody says otherwise, and nothing closes');
SELECT results_eq(format('SELECT DISTINCT opens_at, closes_at FROM support_case.guarantee_window(1, %s)', :service),
    $$VALUES ('2026-02-04T00:00Z'::timestamptz, '2026-05-31T00:00Z'::timestamptz)$$, 'A-30, AMB-72: a service closes');
SELECT support_case.record_delivery_promise(1, :service, '2026-01-07', '2026-01-20', '2026-03-01') IS NOT NULL AS made \gset
SELECT results_eq(format('SELECT DISTINCT opens_at, closes_at FROM support_case.guarantee_window(1, %s)', :service),
    $$VALUES ('2026-01-23T00:00Z'::timestamptz, '2026-05-31T00:00Z'::timestamptz)$$,
    'AMB-72: an estimate opens beside a service; a promise recorded again replaces the one before');
SELECT pg_temp.promised() AS shipped, pg_temp.promised('2026-01-12') AS promised_first \gset
SELECT support_case.record_shipment(1, k, 'USPS', 'priority_mail', '94' || n, estimate) IS NOT NULL AS made
FROM (VALUES (:shipped, 1, '2026-01-10'::date), (:shipped, 2, '2026-01-20'), (:shipped, 3, NULL), (:promised_first, 4, '2026-01-20'))
    AS v (k, n, estimate);
SELECT results_eq(format('SELECT DISTINCT opens_at, closes_at FROM support_case.guarantee_window(1, %s)', :shipped),
    $$VALUES ('2026-01-23T00:00Z'::timestamptz, '2026-04-21T00:00Z'::timestamptz)$$,
    'A-29, A-30, D-13, D-14: without a promise the estimate of the last parcel counts');
SELECT results_eq(format('SELECT DISTINCT opens_at, closes_at FROM support_case.guarantee_window(1, %s)', :promised_first),
    $$VALUES ('2026-01-15T00:00Z'::timestamptz, '2026-04-13T00:00Z'::timestamptz)$$, 'A-29: what was promised does not move with a parcel');
SELECT pg_temp.promised(NULL, '2025-10-01') AS backwards \gset
SELECT is(pg_temp.window_of(:backwards), 'request_too_early from ?', 'AMB-72: a window that ends before it begins never opens');
SELECT alike(pg_temp.says(format('file_guarantee_claim(1, %s, ''nothing came'')', :backwards)),
    'SC018 |%| Its time would begin at 2026-02-04 00:00:00+00, and ends at 2025-12-31 00:00:00+00. |%', 'AMB-72: which is said');
SELECT pg_temp.new_order() AS unpromised \gset
SELECT is(pg_temp.window_of(:unpromised), 'request_too_early from 2026-02-04 00:00:00+00',
    'A-29: an order without a promise counts from its purchase');
SELECT is_empty(format('SELECT support_case.guarantee_window(1, %s) EXCEPT SELECT support_case.guarantee_window(1, %1$s)', :x08),
    'the window can be asked again');
SELECT is((SELECT count(*)::integer FROM support_case.guarantee_window(1, :x08)), 2, 'one row for each line');
SELECT is(pg_temp.says('guarantee_window(1, 9999)'),
    'P0002 | order 9999 of seller 1 does not exist |  | Register it with register_order().', 'of orders that exist');

-- The first and the last instant.
SELECT pg_temp.at('2026-01-22T23:59:59.999999Z');
SELECT is(pg_temp.says(format('file_guarantee_claim(1, %s, ''nothing came'')', :x08)),
    format('SC018 | a guarantee claim about order %s is not possible yet | It is possible from 2026-01-23 00:00:00+00 on. | '
        'Wait until then, or write to the seller.', :x08), 'A-29, X-08: too early, and from when on it is not');
SELECT pg_temp.refuses(NULL, format('file_guarantee_claim(1, %s, ''nothing came'')', :x08), 'SC018', 'A-29: writes nothing');
SELECT pg_temp.refuses(NULL, format('admit_guarantee_claim(1, %s, ''why not'', ''nothing came'', actor_id => ''a'')', :x08),
    'SC018', 'AMB-75: the platform does not admit what comes too early');
SELECT pg_temp.at('2026-01-23T00:00:00Z');
SELECT is(pg_temp.window_of(:x08), 'open from 2026-01-23 00:00:00+00', 'AMB-71: open at the start of the opening date');
SELECT pg_temp.claim(:x08, '[{"line_number": 1}]') AS id \gset
SELECT pg_temp.shows(:id, '{"status": "escalated", "reason": "not_received", "escalation_reason": "guarantee_claimed",
    "waiting_on": "platform", "next_step": "decide", "deadline": null, "is_conversation_closed": false,
    "is_returnable": false, "is_discretionary": false, "transition": "A-29", "actor": "buyer", "events": 1, "charged": 0}',
    'A-17, A-19, A-29, AMB-71, AMB-83: a claim is a case that begins with the platform');
SELECT is((SELECT routed_because FROM support_case.support_case WHERE case_id = :id), 'guarantee_claim',
    'A-25: because it is a claim');
SELECT is(pg_temp.window_of(:x08, 1), 'line_in_open_case from ? blocked', 'AMB-111: its line is taken');
SELECT is(pg_temp.window_of(:x08, 2), 'open from 2026-01-23 00:00:00+00', 'the other is not');
SELECT pg_temp.refuses(NULL, format('file_guarantee_claim(1, %s, ''both'')', :x08), 'SC013', 'AMB-111: one claim a line',
    '%Case ' || :id || ' is about it%');
SELECT pg_temp.refuses(NULL, format('open_case(1, %s, ''not_received'', ''nothing came'')', :x08), 'SC013',
    'AMB-46: and no case beside it');
SELECT pg_temp.at('2026-04-20T23:59:59.999999Z');
SELECT ok(pg_temp.claim(:x08, '[{"line_number": 2}]') > :id, 'A-30, AMB-74, X-08: in the last microsecond of the last day');
SELECT pg_temp.run(:id, 'withdraw_case(1, $1)');
SELECT is(pg_temp.window_of(:x08), 'open from 2026-01-23 00:00:00+00', 'a withdrawn claim can be filed again');
SELECT pg_temp.at('2026-04-21T00:00:00Z');
SELECT is(pg_temp.window_of(:x08), 'deadline_passed from ?', 'A-30: over');
SELECT is(pg_temp.says(format('file_guarantee_claim(1, %s, ''nothing came'', ''[{"line_number": 1}]'')', :x08)),
    format('SC003 | the time for a guarantee claim about order %s is over | It ended at 2026-04-21 00:00:00+00. | '
        'The platform may still admit the claim with admit_guarantee_claim().', :x08),
    'A-30, A-31, D-14: too late, unless the platform says otherwise');
SAVEPOINT not_covered;
SELECT pg_temp.new_order() AS not_covered \gset
SELECT throws_ok(format('SELECT support_case.file_guarantee_claim(1, %s, ''nothing came'')', :not_covered), 'SC018', NULL,
    'A-18: what the guarantee does not cover yet');
SELECT lives_ok(format('SELECT support_case.post_order_message(1, %s, ''buyer'', ''Where is it?'')', :not_covered),
    'A-16, A-18: is settled between the parties');
SELECT lives_ok(format('SELECT support_case.rate_order(1, %s, 2, ''It takes long.'')', :not_covered), 'A-18: and can be rated');
ROLLBACK TO not_covered;
SELECT ok(pg_temp.claim(:bare) IS NOT NULL, 'AMB-72: never too late where nothing closes');

-- Late claims (A-31, AMB-75).
SELECT pg_temp.refuses(NULL, format('admit_guarantee_claim(1, %s, ''ill'', ''nothing came'')', :x08), '22004',
    'AMB-75: the platform says who');
SELECT pg_temp.refuses(NULL, format('admit_guarantee_claim(1, %s, %L, ''nothing came'', actor_id => ''a'')', :x08, because),
    sqlstate, 'AMB-75: and why')
FROM (VALUES (NULL, '22004'), ('', '22023'), (repeat('x', 1001), '22023')) AS v (because, sqlstate);
SELECT case_id AS id FROM support_case.admit_guarantee_claim(1, :x08, 'was in hospital', 'nothing came',
    '[{"line_number": 1}]', actor_id => 'agent') \gset
SELECT pg_temp.shows(:id, '{"status": "escalated", "escalation_reason": "guarantee_claimed", "transition": "A-31",
    "actor": "platform"}', 'A-31, AMB-75: the platform admits a late claim');
SELECT results_eq(format('SELECT author, body FROM support_case.conversation_messages WHERE case_id = %s', :id),
    $$VALUES ('buyer', 'nothing came')$$, 'A-31: what the buyer says is the buyer''s');
SELECT is(e.details ->> 'because', 'was in hospital', 'AMB-75: the reason is recorded')
FROM support_case.case_event AS e WHERE e.case_id = :id AND e.event_number = 1;
SELECT results_eq(format('SELECT is_late, admitted_because FROM support_case.guarantee_claims WHERE case_id = %s', :id),
    $$VALUES (true, 'was in hospital')$$, 'AMB-75: and shown');
SELECT is(pg_temp.says(format('admit_guarantee_claim(1, %s, ''ill'', ''nothing came'', actor_id => ''a'')', :service)),
    format('SC001 | a guarantee claim about order %s is not late | It is in time before 2026-05-31 00:00:00+00. | '
        'The buyer files it with file_guarantee_claim().', :service), 'AMB-75: what is in time needs no admission');
SELECT alike(pg_temp.says(format('admit_guarantee_claim(1, %s, ''ill'', ''nothing came'', actor_id => ''a'')', :unpromised)),
    '%It is in time whenever it comes%', 'AMB-75: nor what never is late');

-- Bad input.
SELECT pg_temp.refuses(NULL, format('file_guarantee_claim(1, %s, %s)', :service, arguments), sqlstate, title)
FROM (VALUES ('NULL', '22004', 'a claim says something'), ($$''$$, '22023', 'and not nothing'),
    ($$'x', '[{"line_number": 3}]'$$, 'P0002', 'about lines of the order'),
    ($$'x', '[{"line_number": 1, "quantity": 2}]'$$, '22023', 'no more than was bought'),
    ($$'x', '{}'$$, '22023', 'in a list'), ($$'x', evidence => '{}'$$, '22023', 'with evidence in a list'))
    AS v (arguments, sqlstate, title);
SELECT pg_temp.refuses(NULL, $$file_guarantee_claim(1, 9999, 'x')$$, 'P0002', 'of an order that exists');
SELECT pg_temp.refuses(NULL, format('record_delivery_promise(1, %s, %s)', :service, arguments), sqlstate, title)
FROM (VALUES ($$'infinity'$$, '22008', 'a promise names dates'), ($$NULL, '-infinity'$$, '22008', 'that come'),
    ($$NULL, NULL, '2300-01-01'$$, '22008', 'some day'), ($$NULL, '1066-10-14'$$, '22008', 'in our time'),
    ('is_platform_fulfilled => NULL', '22004', 'and who fulfils')) AS v (arguments, sqlstate, title);
SELECT is(pg_temp.says(format('record_delivery_promise(1, %s, service_on => ''infinity'')', :service)),
    '22008 | argument "service_on" must be a date of the years 1900 to 2200 | It is infinity. | Leave out what is not known.',
    'and which date is meant');
SELECT pg_temp.refuses(NULL, 'record_delivery_promise(1, 9999)', 'P0002', 'the order it is about');

---------- the other setting of every knob ----------

SELECT pg_temp.at('2026-06-01T10:00:00Z');
CREATE FUNCTION pg_temp.dates_under(settings jsonb, estimate date)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    answer text;
    of_order bigint;
BEGIN
    PERFORM pg_temp.at((support_case.clock() + interval '1 minute')::text);
    PERFORM pg_temp.policy(settings);
    of_order := pg_temp.promised(estimate);
    SELECT DISTINCT concat_ws(' to ', opens_at, closes_at) INTO answer
    FROM support_case.guarantee_window(1, of_order);
    PERFORM pg_temp.at((support_case.clock() + interval '1 minute')::text);
    PERFORM pg_temp.policy();
    RETURN answer;
END
$$;
SELECT is(pg_temp.dates_under(settings, estimate), expected, title)
FROM (VALUES
    ('{}'::jsonb, '2026-08-01'::date, '2026-07-01 00:00:00+00 to 2026-10-31 00:00:00+00', 'the defaults'),
    ('{"guarantee_open_rule": "edd_only"}', '2026-08-01', '2026-08-04 00:00:00+00 to 2026-10-31 00:00:00+00',
        'AMB-73: guarantee_open_rule = edd_only waits until the item is due'),
    ('{"guarantee_open_rule": "edd_only"}', NULL, '2026-07-01 00:00:00+00',
        'AMB-72, AMB-73: and falls back to the validation'),
    ('{"guarantee_close_inclusive": false}', '2026-08-01', '2026-07-01 00:00:00+00 to 2026-10-30 00:00:00+00',
        'AMB-74: guarantee_close_inclusive = false closes at the start of the last day'),
    ('{"guarantee_zone": "America/New_York"}', '2026-08-01', '2026-07-01 04:00:00+00 to 2026-10-31 04:00:00+00',
        'AMB-71: guarantee_zone says when a date begins'),
    ('{"guarantee_zone": "America/New_York"}', '2026-08-10', '2026-07-01 04:00:00+00 to 2026-11-09 05:00:00+00',
        'AMB-71: across a change of the clocks'),
    ('{"guarantee_days_after_estimate": 5, "guarantee_days_to_close": 10}', '2026-06-10',
        '2026-06-15 00:00:00+00 to 2026-06-21 00:00:00+00', 'D-13, D-14: guarantee_days_after_estimate, guarantee_days_to_close'),
    ('{"guarantee_days_after_validation": 1}', '2026-08-01', '2026-06-02 00:00:00+00 to 2026-10-31 00:00:00+00',
        'D-13: guarantee_days_after_validation')) AS v (settings, estimate, expected, title);
-- The date of a purchase is that of the marketplace's clocks.
SELECT pg_temp.at('2026-06-02T02:00:00Z');
SELECT is(pg_temp.dates_under('{"guarantee_zone": "America/New_York"}', NULL), '2026-07-01 04:00:00+00',
    'A-29, AMB-71: bought at 22:00 of June 1 in New York');
SELECT pg_temp.refuses(NULL, format('create_policy(%L)', settings), '23514', 'knobs have limits: ' || settings)
FROM unnest(ARRAY['{"guarantee_zone": "Mars/Olympus"}', '{"guarantee_open_rule": "later"}', '{"guarantee_days_to_close": -1}',
    '{"guarantee_days_after_estimate": 36501}', '{"guarantee_days_after_validation": -1}']) AS settings;

-- The first and the last instant, where clocks change in between.
SAVEPOINT clocks;
SELECT pg_temp.at('2026-09-20T12:00:00Z');
SELECT pg_temp.policy('{"guarantee_zone": "America/New_York"}') IS NOT NULL AS made;
SELECT pg_temp.at('2026-09-20T12:01:00Z');
SELECT pg_temp.promised('2026-10-29', validated => '2026-09-20') AS autumn \gset
SELECT pg_temp.at('2026-10-20T03:59:59.999999Z');
SELECT pg_temp.refuses(NULL, format('file_guarantee_claim(1, %s, ''gone'')', :autumn), 'SC018', 'A-29, AMB-71: still October 19 in New York');
SELECT pg_temp.at('2026-10-20T04:00:00Z');
SELECT lives_ok(format('SELECT pg_temp.claim(%s, ''[{"line_number": 1}]'')', :autumn), 'A-29, AMB-71: midnight of summer time');
SELECT pg_temp.at('2027-01-28T04:59:59.999999Z');
SELECT lives_ok(format('SELECT pg_temp.claim(%s, ''[{"line_number": 2}]'')', :autumn), 'A-30, AMB-74: the last microsecond of day 90');
SELECT pg_temp.at('2027-01-28T05:00:00Z');
SELECT is(pg_temp.window_of(:autumn, 2), 'deadline_passed from ? blocked', 'A-30, AMB-74: midnight of standard time');
ROLLBACK TO clocks;

---------- A-24, AMB-81: orders that the platform fulfilled ----------

SELECT pg_temp.at('2026-06-10T10:00:00Z');
SELECT pg_temp.promised('2026-06-12', is_platform_fulfilled => true) AS fulfilled,
    pg_temp.promised('2026-06-12', is_platform_fulfilled => true) AS routed \gset
SELECT pg_temp.at('2026-06-20T10:00:00Z');
SELECT pg_temp.claim(:routed) AS id \gset
SELECT pg_temp.shows(:id, '{"status": "escalated", "escalation_reason": "routed_to_platform", "transition": "A-24",
    "is_conversation_closed": true}', 'A-24, AMB-81: the platform alone handles what it fulfilled');
SELECT pg_temp.refuses(:id, command, 'SC001', 'A-24: the seller is no party: ' || command)
FROM unnest(ARRAY['offer_full_refund(1, $1)', 'offer_partial_refund(1, $1, 5)', 'refund_and_ask_to_reorder(1, $1)',
    'start_carrier_enquiry(1, $1, ''UPS'')', 'post_message(1, $1, ''seller'', ''hello'')']) AS command;
SELECT set_eq(format('SELECT DISTINCT recipient FROM support_case.outbox WHERE subject = ''case'' AND subject_id = %s', :id),
    ARRAY['host', 'buyer', 'platform'], 'A-24: and is not told');
SELECT pg_temp.takes(:id, 'decide(1, $1, ''refund'', ''platform'', actor_id => ''a'')',
    '{"resolution": "platform_refund", "charged": 0, "refund": 105}', 'A-24, AMB-83: it is decided as any other');
SELECT pg_temp.policy('{"fulfilment_platform_routes": false}') IS NOT NULL AS made;
SELECT pg_temp.shows(pg_temp.claim(:fulfilled), '{"escalation_reason": "guarantee_claimed", "is_conversation_closed": false}',
    'AMB-81: with fulfilment_platform_routes = false the seller is a party');
SELECT pg_temp.at('2026-06-20T10:01:00Z');
SELECT pg_temp.policy() IS NOT NULL AS made;
SELECT pg_temp.promised('2026-06-12') AS suspect \gset
-- So do cases: the platform has what belongs to the order.
SELECT pg_temp.promised(is_platform_fulfilled => true) AS ordinary, pg_temp.promised() AS own \gset
SELECT results_eq(format('SELECT handled_by, handled_because FROM support_case.preview_case(1, %s, %L)', :ordinary, reason),
    $$VALUES ('platform', 'platform_fulfilled')$$, 'A-24, AMB-81: the buyer is told beforehand: ' || reason)
FROM unnest(ARRAY['not_received', 'damaged_in_transit', 'cancellation']) AS reason;
SELECT case_id AS id FROM support_case.open_case(1, :ordinary, 'not_received', 'nothing came', '[{"line_number": 1}]') \gset
SELECT pg_temp.shows(:id, '{"status": "escalated", "escalation_reason": "routed_to_platform", "transition": "T-02",
    "is_conversation_closed": true}', 'A-24, AMB-81: a case goes to the platform, too');
SELECT is((SELECT routed_because FROM support_case.platform_queue WHERE case_id = :id), 'platform_fulfilled',
    'A-24: whose queue shows why');
SELECT pg_temp.refuses(:id, 'offer_full_refund(1, $1)', 'SC001', 'A-24: the seller is no party');
SELECT is((SELECT handled_by FROM support_case.preview_case(1, :own, 'not_received')), 'seller',
    'W-16: what the seller fulfilled is the seller''s');
SELECT pg_temp.at('2026-06-20T10:01:30Z');
SELECT pg_temp.policy('{"fulfilment_platform_routes": false}') IS NOT NULL AS made;
SELECT is((SELECT handled_by FROM support_case.preview_case(1, :ordinary, 'not_received')), 'seller',
    'AMB-81: with fulfilment_platform_routes = false the seller has it');
SELECT pg_temp.at('2026-06-20T10:02:00Z');
SELECT pg_temp.policy() IS NOT NULL AS made;
-- A seller who is not in the programme.
SELECT support_case.register_seller(3, is_enabled => false) IS NOT NULL AS made;
SELECT support_case.register_order(3, 80001, 7, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]',
    purchased_at => support_case.clock() - interval '60 days') IS NOT NULL AS made;
SELECT case_id AS id FROM support_case.file_guarantee_claim(3, 80001, 'nothing came') \gset
SELECT results_eq(format('SELECT c.escalation_reason, k.routed_because FROM support_case.case_current AS c
        JOIN support_case.support_case AS k USING (seller_id, case_id) WHERE c.case_id = %s', :id),
    $$VALUES ('routed_to_platform', 'seller_not_enabled')$$, 'W-02: the platform alone handles a claim where it handles every request');
SELECT throws_ok(format('SELECT support_case.offer_full_refund(3, %s)', :id), 'SC001', NULL, 'W-02: and not the seller');
SELECT support_case.flag_fraud(1, :suspect, 'empty boxes', actor_id => 'a') IS NOT NULL AS made;
SELECT pg_temp.at('2026-07-01T10:00:00Z');
SELECT pg_temp.shows(pg_temp.claim(:suspect), '{"escalation_reason": "routed_to_platform"}',
    'W-22: nor is the seller where refund fraud is suspected');

-- A marketplace that takes no ordinary cases about what did not arrive.
SAVEPOINT retired;
SELECT support_case.retire_reason('not_received') IS NOT NULL AS made;
SELECT pg_temp.refuses(NULL, format('open_case(1, %s, ''not_received'', ''gone'')', pg_temp.new_order('60 days')), '22023',
    'W-17: a retired reason is for no new case');
SELECT lives_ok('SELECT pg_temp.new_claim()', 'A-17: the guarantee stays');
ROLLBACK TO retired;

---------- the options of the seller (A-20 to A-28) ----------

SELECT pg_temp.at('2026-08-03T10:00:00Z');
SELECT pg_temp.takes(pg_temp.claim_after(), 'offer_full_refund(1, $1, message => ''sorry'')',
    '{"status": "closed", "resolution": "full_refund", "transition": "A-21", "charged": 97, "refund": 105, "messages": 1}',
    'A-21: the seller refunds');
SELECT pg_temp.refuses(pg_temp.claim_after(), 'offer_full_refund(1, $1, true)', 'SC001', 'A-21: there is nothing to return');
SELECT pg_temp.policy('{"escalation_allow_concede": false, "escalation_blocks_messages": true}') IS NOT NULL AS made;
SELECT pg_temp.takes(pg_temp.claim_after(), 'offer_full_refund(1, $1)', '{"resolution": "full_refund"}',
    'A-21: whatever escalation_allow_concede says of other cases');
SELECT pg_temp.at('2026-08-03T10:01:00Z');
SELECT pg_temp.policy('{"partial_offer_on_expiry": "close", "partial_offer_decline_without_item": "reopen",
    "partial_offer_allow_upgrade": true}') IS NOT NULL AS made;

SELECT pg_temp.claim_after() AS id \gset
SELECT pg_temp.takes(:id, 'offer_partial_refund(1, $1, 30)', '{"status": "partial_offered", "transition": "A-23",
    "deadline": "partial_offer_answer", "escalation_reason": "guarantee_claimed", "waiting_on": "buyer"}',
    'A-23: the seller offers a part');
SELECT pg_temp.refuses(:id, 'escalate(1, $1)', 'SC001', 'AMB-83: the platform has the claim already', '%has already%');
SELECT pg_temp.takes(:id, 'decline_offer(1, $1)', '{"status": "escalated", "escalation_reason": "guarantee_claimed",
    "is_conversation_closed": false, "deadline": null}',
    'A-23, AMB-83: declined, the claim is the platform''s to decide, whatever is done with other cases');
SELECT pg_temp.takes(:id, 'offer_partial_refund(1, $1, 40)', '{"status": "partial_offered"}', 'A-23: another offer');
SELECT pg_temp.takes(:id, 'accept_offer(1, $1)', '{"resolution": "partial_refund", "charged": 40, "refund": 40}',
    'A-23: accepted');
SELECT pg_temp.refuses(pg_temp.claim_after(), 'offer_partial_refund(1, $1, 105)', 'SC007', 'A-23: a part is less than all');
SELECT pg_temp.claim_after('offer_partial_refund(1, $1, 30)') AS id, support_case.clock() AS now \gset
SELECT pg_temp.turns(:id, timestamptz '2026-08-05T10:01:00Z', '{"status": "partial_offered"}',
    '{"status": "escalated", "escalation_reason": "guarantee_claimed", "transition": "A-23", "deadline": null,
        "is_conversation_closed": false}', 'A-23, AMB-83: nobody answers, whatever partial_offer_on_expiry says');
SELECT pg_temp.takes(:id, 'offer_full_refund(1, $1)', '{"resolution": "full_refund"}', 'A-21: and the seller can still refund');
SELECT pg_temp.at('2026-08-10T10:00:00Z');
SELECT pg_temp.policy() IS NOT NULL AS made;
SELECT pg_temp.takes(pg_temp.claim_after('offer_partial_refund(1, $1, 30)'), 'offer_full_refund(1, $1)',
    '{"resolution": "full_refund", "transition": "T-32"}', 'A-21, AMB-15: or refund in full while the offer is pending');

SELECT pg_temp.claim_after() AS id \gset
SELECT pg_temp.takes(:id, 'post_message(1, $1, ''seller'', ''which address?'')',
    '{"status": "escalated", "messages": 1, "is_responded": false}', 'A-25: the seller contacts the buyer');
SELECT pg_temp.takes(:id, 'post_message(1, $1, ''buyer'', ''mine'')', '{"status": "escalated", "messages": 2}',
    'A-25: who answers');
SELECT lives_ok(format('SELECT support_case.post_order_message(1, %s, ''seller'', ''any news?'')', order_id),
    'A-25: also in the conversation of the order') FROM support_case.support_case WHERE case_id = :id;
SELECT lives_ok(format('SELECT support_case.post_platform_message(1, %s, ''seller'', ''we sent it'', ''seller'')', :id),
    'A-20: and tells the platform');
SELECT results_eq(format('SELECT author, body FROM support_case.conversation_messages WHERE case_id = %s AND kind = ''case''
        ORDER BY message_number', :id),
    $$VALUES ('buyer', 'nothing has arrived'), ('seller', 'which address?'), ('buyer', 'mine')$$,
    'A-25: the claim is the first message of the conversation');
SELECT pg_temp.refuses(pg_temp.case_after('damaged_in_transit', 'explain_no_refund(1, $1, ''no'')', 'escalate(1, $1)'),
    'post_message(1, $1, ''seller'', ''hello'')', 'SC001', 'W-72: as in no other escalated case');
SELECT pg_temp.takes(:id, 'start_carrier_enquiry(1, $1, ''UPS'', ''ENQ-7'', ''1Z'')', '{"status": "escalated",
    "transition": "A-28", "is_responded": false, "details": {"carrier": "UPS", "reference": "ENQ-7", "tracking_number": "1Z"}}',
    'A-28: the seller asks the carrier, and the case stays');
SELECT pg_temp.takes(:id, 'start_carrier_enquiry(1, $1, ''UPS'')', '{"details": {"carrier": "UPS"}}', 'A-28: without tracking, too');
SELECT pg_temp.refuses(:id, format('start_carrier_enquiry(1, $1, %s)', arguments), sqlstate, 'A-28: ' || arguments)
FROM (VALUES ('NULL', '22004'), ($$''$$, '22023'), ($$repeat('x', 64)$$, '22023'), ($$'UPS', ''$$, '22023'),
    ($$'UPS', tracking_number => repeat('x', 64)$$, '22023')) AS v (arguments, sqlstate);
SELECT is((SELECT seller_option FROM support_case.guarantee_claims WHERE case_id = :id), 'carrier_enquiry',
    'A-20, AMB-70: the claim shows which option the seller chose');
SELECT pg_temp.takes(:id, 'refund_and_ask_to_reorder(1, $1, ''please order again'')', '{"status": "closed",
    "resolution": "full_refund", "transition": "A-26", "charged": 97, "refund": 105, "messages": 4}',
    'A-26, AMB-77: the seller refunds and asks to order again');
SELECT is((SELECT seller_option FROM support_case.guarantee_claims WHERE case_id = :id), 'refund_and_reorder', 'A-26: the last one');
SELECT pg_temp.refuses(:id, 'refund_and_ask_to_reorder(1, $1)', 'SC001', 'A-26: once');
SELECT pg_temp.refuses(pg_temp.claim_after(), 'refund_and_ask_to_reorder(1, $1, '''')', '22023', 'A-26: a message says something');

-- The same options before the buyer turns to the guarantee (A-16, A-25).
SELECT pg_temp.takes(pg_temp.case_after('not_received'), 'refund_and_ask_to_reorder(1, $1)',
    '{"resolution": "full_refund", "transition": "A-26", "charged": 97}', 'A-26: without a claim');
SELECT pg_temp.case_after('not_received') AS id \gset
SELECT pg_temp.takes(:id, 'start_carrier_enquiry(1, $1, ''UPS'')', '{"status": "awaiting_seller", "is_responded": false,
    "deadline": "seller_response", "transition": "A-28"}', 'A-28: asking the carrier is no answer to the buyer');
SELECT pg_temp.refuses(:id, 'escalate(1, $1)', 'SC008', 'A-28: who cannot escalate because of it');
SELECT pg_temp.refuses(pg_temp.case_after('damaged_in_transit'), command, 'SC001', 'A-20: what arrived was received: ' || command)
FROM unnest(ARRAY['refund_and_ask_to_reorder(1, $1)', 'start_carrier_enquiry(1, $1, ''UPS'')', 'consent_to_recharge(1, $1)',
    'record_parcel_found(1, $1, support_case.clock())']) AS command;

-- A-15, AMB-82: whatever the seller chose, the buyer can rate.
CREATE FUNCTION pg_temp.rated_after(option text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    of_order bigint := pg_temp.new_order('60 days');
BEGIN
    PERFORM pg_temp.run(pg_temp.claim(of_order), option);
    RETURN lives_ok(format('SELECT support_case.rate_order(1, %s, 1, ''never came'')', of_order),
        'A-15, AMB-82: the buyer can rate whatever the seller chose: ' || option);
END
$$;
SELECT pg_temp.rated_after(option) FROM unnest(ARRAY['offer_full_refund(1, $1)', 'offer_partial_refund(1, $1, 30)',
    'post_message(1, $1, ''seller'', ''hello'')', 'refund_and_ask_to_reorder(1, $1)', 'start_carrier_enquiry(1, $1, ''UPS'')'])
    AS option;

---------- the platform decides (AMB-83) ----------

SELECT pg_temp.takes(pg_temp.claim_after(), command, expected::jsonb, 'AMB-83: ' || command)
FROM (VALUES ($$decide(1, $1, 'uphold_seller', actor_id => 'a')$$, '{"resolution": "platform_denied", "charged": 0, "refund": 0}'),
    ($$decide(1, $1, 'refund', actor_id => 'a')$$, '{"resolution": "platform_refund", "charged": 97, "refund": 105}'),
    ($$decide(1, $1, 'refund', 'carrier', actor_id => 'a')$$, '{"resolution": "platform_refund", "charged": 0, "refund": 105}'),
    ($$decide(1, $1, 'partial_refund', amount => 20, actor_id => 'a')$$, '{"resolution": "platform_refund", "refund": 20}'),
    ($$return_to_seller(1, $1, 'a')$$, '{"status": "awaiting_seller", "deadline": "seller_response", "escalation_reason": null}'))
    AS v (command, expected);
SELECT pg_temp.refuses(pg_temp.claim_after(), 'decide(1, $1, ''refund'', return_required => true, actor_id => ''a'')', 'SC001',
    'AMB-83: there is nothing to return');
SELECT pg_temp.takes(pg_temp.claim_after('withdraw_case(1, $1)'), 'reopen_case(1, $1)', '{"status": "escalated",
    "escalation_reason": "guarantee_claimed", "is_conversation_closed": false}', 'AMB-63: a claim reopens as a claim');
SELECT is((SELECT task FROM support_case.platform_queue WHERE case_id = (SELECT max(case_id) FROM support_case.support_case)),
    'guarantee_claimed', 'AMB-83: it is in the platform''s queue');

---------- AMB-111: contact the seller first ----------

-- Bought 20 days ago and due 10 days ago: in time for a case and a claim.
CREATE FUNCTION pg_temp.due_order()
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    new_id bigint := pg_temp.new_order('20 days');
BEGIN
    PERFORM support_case.record_delivery_promise(1, new_id, NULL, (support_case.clock() - interval '10 days')::date);
    RETURN new_id;
END
$$;
SELECT pg_temp.at('2026-09-07T10:00:00Z');
SELECT pg_temp.due_order() AS o \gset
SELECT case_id AS ordinary FROM support_case.open_case(1, :o, 'not_received', 'nothing came') \gset
SELECT is(pg_temp.window_of(:o), 'line_in_open_case from 2026-09-09 10:00:00+00 blocked',
    'AMB-111: an open case blocks a claim, as far as is known until its response deadline');
SELECT pg_temp.refuses(NULL, format('file_guarantee_claim(1, %s, ''nothing came'')', :o), 'SC013', 'AMB-111: blocks');
SELECT pg_temp.run(:ordinary, 'request_information(1, $1, ''which address?'')');
SELECT is(pg_temp.window_of(:o), 'line_in_open_case from ? blocked', 'AMB-111: the buyer has to answer');
SELECT pg_temp.run(:ordinary, 'provide_information(1, $1, ''mine'')');
SELECT pg_temp.at('2026-09-09T09:59:59.999999Z');
SELECT pg_temp.refuses(NULL, format('file_guarantee_claim(1, %s, ''nothing came'')', :o), 'SC013',
    'AMB-111: until the last microsecond');
SELECT pg_temp.at('2026-09-09T10:00:00Z');
SELECT ok(is_open, 'AMB-111: the seller missed the deadline, swept or not') FROM support_case.guarantee_window(1, :o);
SELECT pg_temp.claim(:o) AS id \gset
SELECT pg_temp.shows(:ordinary, '{"status": "awaiting_seller", "is_overdue": true}', 'AMB-111: both are open');
SELECT is_empty('SELECT * FROM support_case.verify()', 'AMB-111: which is in order');
SELECT pg_temp.refuses(NULL, format('open_case(1, %s, ''missing_item'', ''gone'')', :o), 'SC013', 'AMB-46: no third');
-- A response deadline that ends after the window.
SELECT pg_temp.due_order() AS closing \gset
SELECT support_case.record_delivery_promise(1, :closing, NULL, (support_case.clock() - interval '89 days')::date) IS NOT NULL AS made;
SELECT support_case.open_case(1, :closing, 'not_received', 'nothing came') IS NOT NULL AS made;
SELECT is(pg_temp.window_of(:closing), 'line_in_open_case from ? blocked',
    'AMB-111, A-30: no claim is announced for a time after the window');
SELECT support_case.record_delivery_promise(1, :closing, NULL, (support_case.clock() - interval '88 days')::date) IS NOT NULL AS made;
SELECT is(pg_temp.window_of(:closing), 'line_in_open_case from 2026-09-11 10:00:00+00 blocked',
    'AMB-111, A-30: the last day of the window is one');
-- A case that cannot go on by itself.
SAVEPOINT stalled;
SELECT pg_temp.due_order() AS stuck \gset
SELECT case_id AS stuck_case, due_at AS stuck_until FROM support_case.open_case(1, :stuck, 'not_received', 'nothing came') \gset
SET LOCAL session_replication_role = replica;
UPDATE support_case.support_case SET stalled_code = 'XX000' WHERE case_id = :stuck_case;
SET LOCAL session_replication_role = origin;
SELECT pg_temp.refuses(NULL, format('file_guarantee_claim(1, %s, ''gone'')', :stuck), 'SC013', 'AMB-111, AMB-122: a stalled case blocks as well');
SELECT pg_temp.at(:'stuck_until');
SELECT is(pg_temp.window_of(:stuck), 'open from 2026-09-02 00:00:00+00', 'AMB-111, AMB-122: until its response deadline');
SELECT lives_ok(format('SELECT pg_temp.claim(%s)', :stuck), 'AMB-111, AMB-122: has passed');
ROLLBACK TO stalled;
SELECT pg_temp.at('2026-09-09T10:00:00Z');
-- AMB-113: one cap.
SELECT pg_temp.run(:ordinary, 'offer_partial_refund(1, $1, 100)', 'accept_offer(1, $1)');
SELECT pg_temp.takes(:id, 'decide(1, $1, ''refund'', actor_id => ''a'')', '{"resolution": "platform_refund", "refund": 5}',
    'AMB-113: case and claim share one cap');
SELECT is(pg_temp.window_of(:o), 'refund_cap_exceeded from ?', 'AMB-113: nothing is left');
SELECT pg_temp.refuses(NULL, format('file_guarantee_claim(1, %s, ''again'', ''[{"line_number": 1}]'')', :o), 'SC007',
    'AMB-113: of the line');
SELECT pg_temp.due_order() AS o \gset
SELECT support_case.record_external_refund(1, :o, 105) IS NOT NULL AS made;
SELECT pg_temp.refuses(NULL, format('file_guarantee_claim(1, %s, ''again'')', :o), 'SC007', 'AMB-113: refunds outside count');
-- An order whose case closed; a case that escalated because the seller was silent.
SELECT pg_temp.due_order() AS o \gset
SELECT case_id AS ordinary FROM support_case.open_case(1, :o, 'not_received', 'nothing came') \gset
SELECT pg_temp.run(:ordinary, 'explain_no_refund(1, $1, ''it was delivered'')');
SELECT pg_temp.refuses(NULL, format('file_guarantee_claim(1, %s, ''no'')', :o), 'SC013', 'AMB-111: a refusal is an answer');
SELECT pg_temp.run(:ordinary, 'withdraw_case(1, $1)');
SELECT ok(pg_temp.claim(:o) IS NOT NULL, 'AMB-111: a closed case does not block');
SELECT pg_temp.policy('{"escalation_auto_on_overdue": true}') IS NOT NULL AS made;
SELECT pg_temp.due_order() AS o \gset
SELECT case_id AS ordinary FROM support_case.open_case(1, :o, 'not_received', 'nothing came') \gset
SELECT pg_temp.at('2026-09-14T10:00:00Z');
SELECT ok(pg_temp.claim(:o) IS NOT NULL, 'AMB-111: nor one that went to the platform because the seller was silent');
SELECT pg_temp.policy() IS NOT NULL AS made;

---------- a parcel found after the refund (A-22, A-27, AMB-76) ----------

CREATE FUNCTION pg_temp.task(of_case bigint)
RETURNS text
LANGUAGE sql
AS $$ SELECT string_agg(task || ' since ' || (support_case.clock() - waiting_since) || ' for ' || (target_at - waiting_since), ', ')
    FROM support_case.platform_queue WHERE case_id = of_case $$;
SELECT pg_temp.claim_after('offer_full_refund(1, $1)') AS id \gset
SELECT pg_temp.refuses(:id, 'recharge_buyer(1, $1, 10, actor_id => ''a'')', 'SC001', 'A-22: the parcel was not found',
    '%Nobody has recorded%');
SELECT pg_temp.refuses(:id, 'record_parcel_found(1, $1, support_case.clock() + interval ''1 second'')', '22023', 'A-22: not yet');
SELECT pg_temp.refuses(:id, 'record_parcel_found(1, $1, ''2020-01-01'')', '22023', 'A-22: not before it was bought');
SELECT pg_temp.refuses(:id, 'record_parcel_found(1, $1, ''infinity'')', '22008', 'A-22: some time');
SELECT pg_temp.refuses(:id, 'record_parcel_found(1, $1, support_case.clock(), ''host'')', '22023', 'A-22: by somebody');
SELECT pg_temp.takes(:id, 'record_parcel_found(1, $1, support_case.clock(), ''seller'')', '{"status": "closed",
    "resolution": "full_refund", "transition": "A-22", "actor": "seller"}', 'A-22, A-27: the parcel turns up');
SELECT pg_temp.refuses(:id, 'record_parcel_found(1, $1, support_case.clock())', '23505', 'A-22: once');
SELECT is((SELECT parcel_found_at FROM support_case.guarantee_claims WHERE case_id = :id), support_case.clock(), 'A-22: shown');
SELECT lives_ok(format('SELECT support_case.post_order_message(1, %s, ''seller'', ''please send it back'')', order_id),
    'A-27: its return can be arranged in the conversation') FROM support_case.support_case WHERE case_id = :id;
SELECT pg_temp.refuses(:id, 'recharge_buyer(1, $1, 10, actor_id => ''a'')', 'SC014', 'AMB-76: the buyer has not consented',
    '%not consented%');
SELECT pg_temp.refuses(:id, format('consent_to_recharge(1, $1, %s)', amount), '22023', 'AMB-76: no consent to ' || amount)
FROM unnest(ARRAY['0', '-1', '0.001', '''NaN''']) AS amount;
SELECT is(pg_temp.task(:id), NULL, 'AMB-76: without a consent there is nothing to do');
SELECT pg_temp.takes(:id, 'consent_to_recharge(1, $1, 60, ''ann'')', '{"status": "closed", "transition": "AMB-76",
    "details": {"amount": 60, "currency": "USD"}}', 'AMB-76: the buyer consents to a part');
SELECT results_eq(format('SELECT amount, given_by, given_at FROM support_case.recharge_consent WHERE case_id = %s', :id),
    $$VALUES (6000::bigint, 'ann', support_case.clock())$$, 'AMB-76: who, when, up to what');
SELECT pg_temp.refuses(:id, 'recharge_buyer(1, $1, 10)', '22004', 'AMB-76: the platform says who');
SELECT pg_temp.refuses(:id, format('recharge_buyer(1, $1, %s, actor_id => ''a'')', amount), sqlstate, 'AMB-76: not ' || amount, detail)
FROM (VALUES ('0', '22023', '%'), ('-1', '22023', '%'), ('0.001', '22023', '%'), ('NULL', '22004', '%'), ('1e30', '22003', '%'),
    ('60.01', 'SC007', '105.00 USD were refunded, the consent is to 60.00 USD, and 0.00 USD were re-charged before.'))
    AS v (amount, sqlstate, detail);
SELECT is(pg_temp.task(:id), 'recharge_consented since 00:00:00 for 7 days', 'A-22, AMB-76, AMB-33: it is in the platform''s queue');
SELECT pg_temp.takes(:id, 'recharge_buyer(1, $1, 50, ''it arrived'', ''agent'')', '{"status": "closed", "transition": "AMB-76",
    "actor": "platform", "refund": 105, "details": {"amount": 50, "currency": "USD", "message": "it arrived"}}',
    'A-22, AMB-76: the platform re-charges the buyer');
SELECT is(pg_temp.net(:id), 'buyer_refund -105.00, cash_clearing 50.00, commission_reversal 4.19, seller_payable 50.81',
    'AMB-76: who bore the refund gets the money, in proportion');
SELECT results_eq(format('SELECT DISTINCT kind, response FROM support_case.seller_ledger WHERE case_id = %s AND amount <> 0', :id),
    $$VALUES ('charge', 'full_refund'), ('recharge', 'recharge')$$, 'AMB-76: as a kind of its own');
SELECT is((SELECT sum(amount) FROM support_case.ledger_entry WHERE case_id = :id), 0::numeric, 'AMB-76: it adds up to zero');
SELECT results_eq(format($$SELECT data -> 'details' ->> 'amount', data -> 'details' ->> 'currency' FROM support_case.outbox
        WHERE subject = 'case' AND subject_id = %s AND recipient = 'host' AND template = 'recharge_buyer'$$, :id),
    $$VALUES ('50', 'USD')$$, 'AMB-76: the host is told what to charge');
SELECT results_eq(format($$SELECT recipient, (data ->> 'amount')::bigint FROM support_case.outbox
        WHERE subject = 'case' AND subject_id = %s AND template = 'buyer_recharged' AND channel = 'in_app' ORDER BY 1$$, :id),
    $$VALUES ('buyer', 5000::bigint), ('seller', 5000)$$, 'A-22: so are buyer and seller');
SELECT is(pg_temp.task(:id), NULL, 'AMB-76: until the platform has re-charged on it');
SELECT pg_temp.refuses(:id, 'recharge_buyer(1, $1, 10.01, actor_id => ''a'')', 'SC007', 'AMB-76: all together at most the consent');
SELECT pg_temp.run(:id, 'consent_to_recharge(1, $1)');
SELECT is(pg_temp.task(:id), 'recharge_consented since 00:00:00 for 7 days', 'AMB-76: another consent is another task');
SELECT pg_temp.refuses(:id, 'recharge_buyer(1, $1, 55.01, actor_id => ''a'')', 'SC007', 'AMB-76: nor more than was refunded');
SELECT pg_temp.run(:id, 'recharge_buyer(1, $1, 55, actor_id => ''a'')');
SELECT is(pg_temp.net(:id), 'buyer_refund -105.00, cash_clearing 105.00', 'AMB-76: all of it clears exactly');
SELECT is((SELECT recharged_amount FROM support_case.guarantee_claims WHERE case_id = :id), 105.00, 'AMB-76: shown');
SELECT is((SELECT balance FROM support_case.seller_balance WHERE seller_id = 1 AND currency = 'USD'),
    (SELECT -sum(amount) FROM support_case.seller_ledger WHERE seller_id = 1 AND account = 'seller_payable'),
    'AMB-76: the balance of the seller counts it');
SELECT pg_temp.refuses(:id, 'recharge_buyer(1, $1, 0.01, actor_id => ''a'')', 'SC007', 'AMB-76: and no more');
SAVEPOINT recharged;
SELECT pg_temp.run(:id, 'consent_to_recharge(1, $1)');
SELECT is(pg_temp.task(:id), NULL, 'AMB-76: nor is there where nothing is left');
ROLLBACK TO recharged;
SELECT pg_temp.refuses(:id, 'reassign_liability(1, $1, ''platform'', actor_id => ''a'')', 'SC001',
    'AMB-38, AMB-76: whose liability it was stays settled', '%was re-charged%');
SELECT results_eq(format('SELECT status, sum(amount) FROM support_case.refund_instructions WHERE case_id = %s GROUP BY 1', :id),
    $$VALUES ('instructed', 105.00)$$, 'AMB-76: the refund itself stays');
SELECT lives_ok(format('SELECT support_case.record_refund_settled(1, %s)', :id), 'AMB-128: and settles');
SELECT is(pg_temp.net(:id), NULL, 'AMB-76, AMB-128: in the end nobody owes anything');
SELECT pg_temp.refuses(NULL, format('open_case(1, %s, ''missing_item'', ''again'')',
    (SELECT order_id FROM support_case.support_case WHERE case_id = :id)), 'SC007', 'AMB-113: what can be refunded does not grow');

-- A consent that was withdrawn.
SELECT pg_temp.claim_after('offer_full_refund(1, $1)', 'consent_to_recharge(1, $1)') AS id \gset
SELECT is(pg_temp.task(:id), NULL, 'A-22: a consent is no task while the parcel is lost');
SELECT pg_temp.at((support_case.clock() + interval '1 day')::text);
SELECT pg_temp.run(:id, 'record_parcel_found(1, $1, support_case.clock() - interval ''1 hour'')');
SELECT is(pg_temp.task(:id), 'recharge_consented since 00:00:00 for 7 days', 'A-22, AMB-76: it is one since it can be done');
SAVEPOINT found;
SELECT pg_temp.run(:id, 'withdraw_recharge_consent(1, $1)');
SELECT is(pg_temp.task(:id), NULL, 'AMB-76: and none any more when the consent is withdrawn');
ROLLBACK TO found;
SELECT lives_ok(format('SELECT support_case.record_refund_failed(1, %s, ''closed account'')', :id), 'AMB-128: the refund fails');
SELECT ok(pg_temp.task(:id) IS NULL OR pg_temp.task(:id) NOT LIKE '%recharge%', 'AMB-76: nor where the buyer got nothing');
ROLLBACK TO found;
SELECT pg_temp.run(:id, 'recharge_buyer(1, $1, 20, actor_id => ''a'')');
SELECT pg_temp.takes(:id, 'withdraw_recharge_consent(1, $1, ''ann'')', '{"status": "closed", "transition": "AMB-76", "actor": "buyer"}',
    'AMB-76: the buyer withdraws the consent');
SELECT pg_temp.refuses(:id, 'recharge_buyer(1, $1, 10, actor_id => ''a'')', 'SC014', 'AMB-76: and is not charged any more', '%not consented%');
SELECT results_eq(format('SELECT consent_number, amount, given_by FROM support_case.recharge_consent WHERE case_id = %s ORDER BY 1', :id),
    $$VALUES (1, NULL::bigint, NULL), (2, 0, 'ann')$$, 'AMB-76: both are on record');
SELECT set_eq(format($$SELECT recipient, template FROM support_case.outbox WHERE subject = 'case' AND subject_id = %s
        AND channel = 'in_app' AND event_number = (SELECT max(event_number) FROM support_case.case_event WHERE case_id = %1$s)$$, :id),
    $$VALUES ('platform', 'recharge_consent_withdrawn')$$, 'AMB-76: the platform is told');
SELECT pg_temp.run(:id, 'consent_to_recharge(1, $1, 30)', 'recharge_buyer(1, $1, 10, actor_id => ''a'')');
SELECT pg_temp.refuses(:id, 'recharge_buyer(1, $1, 0.01, actor_id => ''a'')', 'SC007', 'AMB-76: who consents anew consents to a sum of all');
SELECT pg_temp.takes(pg_temp.case_after('not_received'), 'withdraw_recharge_consent(1, $1)', '{"status": "awaiting_seller",
    "deadline": "seller_response"}', 'AMB-76: nor need there be one');
SELECT pg_temp.refuses(pg_temp.case_after('damaged_in_transit'), 'withdraw_recharge_consent(1, $1)', 'SC001',
    'AMB-76: only about what did not arrive');

-- Other currencies: no decimals, and three.
CREATE FUNCTION pg_temp.recharged_in(currency text, price numeric, consent numeric, VARIADIC parts numeric[])
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    new_id bigint := nextval('pg_temp.order_id_seq');
    of_case bigint;
BEGIN
    PERFORM support_case.register_order(1, new_id, 7, currency, price, 0, 0,
        jsonb_build_array(jsonb_build_object('unit_price', price)), purchased_at => support_case.clock() - interval '60 days');
    of_case := pg_temp.claim(new_id);
    PERFORM support_case.offer_full_refund(1, of_case), support_case.consent_to_recharge(1, of_case, consent),
        support_case.record_parcel_found(1, of_case, support_case.clock());
    PERFORM support_case.recharge_buyer(1, of_case, k, actor_id => 'a') FROM unnest(parts) AS k;
    RETURN pg_temp.net(of_case);
END
$$;
SELECT is(pg_temp.recharged_in('JPY', 1001, 500.0, 499, 1), 'buyer_refund -1001, cash_clearing 500, seller_payable 501',
    'AMB-61, AMB-76: yen');
SELECT is(pg_temp.recharged_in('KWD', 10.013, NULL, 5.001, 5.012), 'buyer_refund -10.013, cash_clearing 10.013', 'AMB-61, AMB-76: dinars');
SELECT throws_ok('SELECT pg_temp.recharged_in(''JPY'', 1001, 500.5, 1)', '22023', NULL, 'AMB-61, AMB-76: no part of a yen');
SELECT throws_ok('SELECT pg_temp.recharged_in(''KWD'', 10.013, NULL, 10.014)', 'SC007', NULL, 'AMB-76: not a fils too much');

-- A chargeback.
SELECT pg_temp.claim_after('consent_to_recharge(1, $1)') AS id \gset
SELECT support_case.record_chargeback(1, order_id, 105) IS NOT NULL AS made FROM support_case.support_case WHERE case_id = :id;
SELECT pg_temp.run(:id, 'record_parcel_found(1, $1, support_case.clock())');
SELECT pg_temp.refuses(:id, 'recharge_buyer(1, $1, 1, actor_id => ''a'')', 'SC001', 'AMB-41, AMB-76: the bank refunded, and not we', '%has no charge%');
SELECT pg_temp.claim_after('consent_to_recharge(1, $1)', 'offer_partial_refund(1, $1, 30)', 'accept_offer(1, $1)',
    'record_parcel_found(1, $1, support_case.clock())') AS id \gset
SELECT support_case.record_chargeback(1, order_id, 105) IS NOT NULL AS made FROM support_case.support_case WHERE case_id = :id;
SELECT pg_temp.refuses(:id, 'recharge_buyer(1, $1, 30.01, actor_id => ''a'')', 'SC007', 'AMB-41, AMB-76: what the bank gave back is no refund of ours');
SELECT is((SELECT count(*) FROM (SELECT support_case.recharge_buyer(1, :id, k, actor_id => 'a', idempotency_key => 'once')
        FROM unnest(ARRAY[30, 30.00]) AS k) AS r), 2::bigint, 'AMB-76: who repeats a re-charge');
SELECT results_eq(format('SELECT count(*), sum(amount) FROM support_case.recharge WHERE case_id = %s', :id), 'VALUES (1::bigint, 3000::numeric)',
    'AMB-76: re-charges once');

-- Consent before the refund; who bears; a discount; failed refunds; other cases.
SELECT pg_temp.claim_after('consent_to_recharge(1, $1)', 'decide(1, $1, ''refund'', ''split'', seller_amount => 50, carrier_amount => 7, actor_id => ''a'')',
    'record_parcel_found(1, $1, support_case.clock(), ''buyer'')', 'recharge_buyer(1, $1, 105, actor_id => ''a'')') AS id \gset
SELECT is(pg_temp.net(:id), 'buyer_refund -105.00, cash_clearing 105.00',
    'AMB-34, AMB-76: seller, carrier and platform get back what each bore');
SELECT pg_temp.claim_after('consent_to_recharge(1, $1)', 'decide(1, $1, ''refund'', ''platform'', actor_id => ''a'')',
    'record_parcel_found(1, $1, support_case.clock())', 'recharge_buyer(1, $1, 21, actor_id => ''a'')') AS id \gset
SELECT is(pg_temp.net(:id), 'buyer_refund -105.00, cash_clearing 21.00, commission_reversal 6.40, platform_absorbed 77.60',
    'AMB-34, AMB-76: the seller who bore nothing gets nothing');
SELECT support_case.register_order(1, 90001, 7, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 85.00}]',
    purchased_at => support_case.clock() - interval '60 days') IS NOT NULL AS made;
SELECT pg_temp.claim(90001) AS id \gset
SELECT pg_temp.run(:id, 'offer_full_refund(1, $1)', 'consent_to_recharge(1, $1)',
    'record_parcel_found(1, $1, support_case.clock())', 'recharge_buyer(1, $1, 30, actor_id => ''a'')');
SELECT is(pg_temp.net(:id), 'buyer_refund -90.00, cash_clearing 30.00, platform_subsidy -4.67, seller_payable 64.67',
    'AMB-76, AMB-126: a discount of the platform goes back in proportion');
SELECT pg_temp.run(:id, 'recharge_buyer(1, $1, 60, actor_id => ''a'')');
SELECT is(pg_temp.net(:id), 'buyer_refund -90.00, cash_clearing 90.00', 'AMB-76, AMB-126: and in full');
SELECT pg_temp.claim_after('offer_full_refund(1, $1)', 'consent_to_recharge(1, $1)', 'record_refund_failed(1, $1, ''card closed'')',
    'record_parcel_found(1, $1, support_case.clock())') AS id \gset
SELECT pg_temp.refuses(:id, 'recharge_buyer(1, $1, 1, actor_id => ''a'')', 'SC007', 'AMB-76, AMB-128: what the buyer did not get');
SELECT pg_temp.case_after('not_received', 'offer_partial_refund(1, $1, 30)', 'accept_offer(1, $1)', 'consent_to_recharge(1, $1, 100)',
    'record_parcel_found(1, $1, support_case.clock())') AS id \gset
SELECT pg_temp.refuses(:id, 'recharge_buyer(1, $1, 30.01, actor_id => ''a'')', 'SC007', 'AMB-76: at most what was refunded');
SELECT pg_temp.run(:id, 'recharge_buyer(1, $1, 30, actor_id => ''a'')');
SELECT is(pg_temp.net(:id), 'buyer_refund -30.00, cash_clearing 30.00', 'A-22: without a claim, too');
SELECT pg_temp.refuses(pg_temp.claim_after('consent_to_recharge(1, $1)', 'record_parcel_found(1, $1, support_case.clock())'),
    'recharge_buyer(1, $1, 1, actor_id => ''a'')', 'SC001', 'A-22: not before the refund');
SELECT pg_temp.refuses(pg_temp.claim_after('decide(1, $1, ''uphold_seller'', actor_id => ''a'')', 'consent_to_recharge(1, $1)',
        'record_parcel_found(1, $1, support_case.clock())'),
    'recharge_buyer(1, $1, 1, actor_id => ''a'')', 'SC001', 'A-22: nor without one', '%has no charge%');
SELECT pg_temp.at('2026-09-21T10:00:00Z');
SELECT pg_temp.policy('{"recharge_enabled": false}') IS NOT NULL AS made;
SELECT pg_temp.refuses(pg_temp.claim_after('offer_full_refund(1, $1)', 'consent_to_recharge(1, $1)',
        'record_parcel_found(1, $1, support_case.clock())'),
    'recharge_buyer(1, $1, 1, actor_id => ''a'')', 'SC001', 'AMB-76: recharge_enabled = false', '%recharge_enabled=true%');
SELECT pg_temp.at('2026-09-21T10:01:00Z');
SELECT pg_temp.policy() IS NOT NULL AS made;

-- A carrier that paid for the loss: nobody keeps more of that than he still
-- bears, whichever comes first.
CREATE FUNCTION pg_temp.carrier_paid(VARIADIC steps text[])
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    of_order bigint := pg_temp.new_order('60 days');
    of_case bigint;
BEGIN
    PERFORM support_case.record_shipment(1, of_order, 'USPS', 'priority_mail', '94');
    PERFORM support_case.record_shipment_scan(1, of_order, 1, 'accepted', support_case.clock() - interval '59 days');
    of_case := pg_temp.claim(of_order);
    PERFORM pg_temp.run(of_case, 'consent_to_recharge(1, $1)');
    PERFORM pg_temp.run(of_case, VARIADIC steps);
    RETURN of_case;
END
$$;
SELECT is(pg_temp.net(pg_temp.carrier_paid(VARIADIC steps)), expected, title)
FROM (VALUES
    ('{"offer_full_refund(1, $1)","request_carrier_claim(1, $1)","record_carrier_claim_filed(1, $1)",
        "record_carrier_claim_paid(1, $1)","record_parcel_found(1, $1, support_case.clock())",
        "recharge_buyer(1, $1, 105, actor_id => ''a'')"}'::text[],
        'buyer_refund -105.00, cash_clearing 205.00, platform_absorbed -100.00',
        'AMB-59, AMB-76: the seller, whom the carrier had paid, is not paid twice'),
    ('{"offer_full_refund(1, $1)","request_carrier_claim(1, $1)","record_carrier_claim_filed(1, $1)",
        "record_parcel_found(1, $1, support_case.clock())",
        "recharge_buyer(1, $1, 105, actor_id => ''a'')","record_carrier_claim_paid(1, $1)"}',
        'buyer_refund -105.00, cash_clearing 205.00, platform_absorbed -100.00',
        'AMB-59, AMB-76: nor where the carrier pays after the re-charge'),
    ('{"offer_full_refund(1, $1)","request_carrier_claim(1, $1)","record_carrier_claim_filed(1, $1)",
        "record_carrier_claim_paid(1, $1, 40)","record_parcel_found(1, $1, support_case.clock())",
        "recharge_buyer(1, $1, 52.5, actor_id => ''a'')"}',
        'buyer_refund -105.00, cash_clearing 92.50, commission_reversal 4.00, seller_payable 8.50',
        'AMB-59, AMB-76: a seller who still bears more than the carrier paid keeps that'),
    ('{"offer_full_refund(1, $1)","request_carrier_claim(1, $1)","record_carrier_claim_filed(1, $1)",
        "record_carrier_claim_paid(1, $1, 50)","reassign_liability(1, $1, ''platform'', actor_id => ''a'')",
        "record_parcel_found(1, $1, support_case.clock())","recharge_buyer(1, $1, 40, actor_id => ''a'')",
        "recharge_buyer(1, $1, 65, actor_id => ''a'')"}',
        'buyer_refund -105.00, cash_clearing 155.00, platform_absorbed -50.00',
        'AMB-38, AMB-76: what the carrier paid is no discount, and no seller''s who bore nothing'),
    ('{"decide(1, $1, ''refund'', ''carrier'', actor_id => ''a'')","request_carrier_claim(1, $1)",
        "record_carrier_claim_filed(1, $1)","record_carrier_claim_paid(1, $1)",
        "record_parcel_found(1, $1, support_case.clock())","recharge_buyer(1, $1, 105, actor_id => ''a'')"}',
        'buyer_refund -105.00, cash_clearing 205.00, platform_absorbed -100.00',
        'AMB-34, AMB-76: the platform settles with a carrier that bore it and has paid'))
    AS v (steps, expected, title);

-- Nor is claimed what is lost no more.
SELECT pg_temp.carrier_paid('offer_full_refund(1, $1)', 'record_parcel_found(1, $1, support_case.clock())',
    'recharge_buyer(1, $1, 60, actor_id => ''a'')', 'request_carrier_claim(1, $1)') AS id \gset
SELECT is((SELECT maximum_amount FROM support_case.carrier_claims WHERE case_id = :id), 45.00, 'A-22, AMB-59: what was re-charged is no refund to recover');
SELECT pg_temp.refuses(:id, 'record_carrier_claim_filed(1, $1, NULL, 45.01)', '22023', 'A-22, AMB-59: nor claimed', '%allow 45.00 USD%');
SELECT pg_temp.run(:id, 'recharge_buyer(1, $1, 45, actor_id => ''a'')');
SELECT pg_temp.refuses(:id, 'record_carrier_claim_filed(1, $1)', '22023', 'A-22, AMB-59: once all is re-charged nothing is');

-- Many re-charges, in parts drawn at random: each adds up to zero, none gives
-- anybody more than was borne, and the last clears everything.
SELECT setseed(0.27) \g /dev/null
CREATE TEMPORARY TABLE drawn AS
SELECT n, (100 + floor(random() * 20000))::bigint AS price, floor(random() * 1000)::bigint AS shipping,
    floor(random() * 500)::bigint AS fee, (random() < 0.3) AS is_discounted
FROM generate_series(91001, 91060) AS n;
DO $recharges$
DECLARE
    d drawn;
    of_case bigint;
    due numeric;
    part numeric;
    paid numeric;
BEGIN
    FOR d IN SELECT * FROM drawn LOOP
        paid := (d.price + d.shipping) / 100.0;
        PERFORM support_case.register_order(1, d.n, 7, 'USD',
            CASE WHEN d.is_discounted THEN paid + 3 ELSE paid * 0.85 - mod(paid * 0.85, 0.01) END, d.shipping / 100.0, 0,
            jsonb_build_array(jsonb_build_object('unit_price', d.price / 100.0)),
            purchased_at => support_case.clock() - interval '60 days');
        of_case := pg_temp.claim(d.n);
        PERFORM pg_temp.run(of_case, CASE WHEN random() < 0.5 THEN 'offer_full_refund(1, $1)'
            ELSE 'decide(1, $1, ''refund'', ''split'', seller_amount => 0.30, carrier_amount => 0.11, actor_id => ''a'')' END,
            'consent_to_recharge(1, $1)', 'record_parcel_found(1, $1, support_case.clock())');
        LOOP
            SELECT i.amount - coalesce((SELECT sum(r.amount) / 100.0 FROM support_case.recharge AS r WHERE r.case_id = of_case), 0)
            INTO due FROM support_case.refund_instructions AS i WHERE i.case_id = of_case;
            EXIT WHEN due = 0;
            part := greatest(0.01, least(due, round((random() * 1.2 * due::double precision)::numeric, 2)));
            PERFORM support_case.recharge_buyer(1, of_case, part, actor_id => 'a');
        END LOOP;
    END LOOP;
END
$recharges$;
SELECT cmp_ok((SELECT count(*) FROM support_case.recharge), '>', 120::bigint, 'AMB-76: there are many re-charges');
SELECT is_empty($$SELECT c.order_id FROM support_case.support_case AS c JOIN support_case.seller_ledger AS l USING (seller_id, case_id)
    WHERE c.order_id BETWEEN 91001 AND 91060 AND l.account NOT IN ('buyer_refund', 'cash_clearing')
    GROUP BY c.order_id, l.account, l.component HAVING sum(l.amount) <> 0$$, 'AMB-76: the last re-charge clears every account exactly');
SELECT is_empty($$SELECT l.case_id FROM support_case.seller_ledger AS l WHERE l.kind = 'recharge' AND l.component <> 'claim'
        AND CASE WHEN l.account IN ('cash_clearing', 'platform_subsidy') THEN l.amount < 0 ELSE l.amount > 0 END$$,
    'AMB-76: cash is debited, bearers are credited');

---------- notices, views, verify() ----------

SELECT pg_temp.claim_after() AS id \gset
SELECT set_eq(format($$SELECT recipient, channel, template FROM support_case.outbox
        WHERE subject = 'case' AND subject_id = %s AND channel <> 'event'$$, :id),
    $$VALUES ('buyer', 'in_app', 'guarantee_claimed'), ('seller', 'email', 'guarantee_claimed'),
        ('seller', 'in_app', 'guarantee_claimed'), ('platform', 'in_app', 'decision_needed')$$,
    'A-25, A-32: seller, buyer and platform are told of a claim');
SELECT results_eq(format('SELECT status, is_late, is_platform_fulfilled, purchased_at, lines FROM support_case.guarantee_claims
        WHERE case_id = %s', :id),
    $$VALUES ('escalated', false, false, support_case.clock() - interval '180 days', '[{"line_number": 1, "quantity": 1,
        "unit_price": 100.00, "refundable": 105.00, "refunded": 0.00}]'::jsonb)$$, 'A-32: with the order');
SELECT pg_temp.run(:id, 'offer_partial_refund(1, $1, 30)');
SELECT pg_temp.at('2026-10-21T10:01:00Z');
SELECT is((SELECT status || ' ' || waiting_on FROM support_case.guarantee_claims WHERE case_id = :id), 'escalated platform',
    'AMB-83: claims are shown as deadlines have left them, swept or not');
SELECT throws_ok(format('UPDATE support_case.%I SET seller_id = seller_id', name), 'SC002', NULL, name || ' is append-only')
FROM unnest(ARRAY['guarantee_claim', 'found_parcel', 'recharge_consent', 'recharge']) AS name;
SELECT is_empty('SELECT * FROM support_case.verify()', 'verify() finds nothing');

-- What verify() says of damage that the guards would have refused.
CREATE FUNCTION pg_temp.damage(command text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    answer text;
BEGIN
    BEGIN
        SET LOCAL session_replication_role = replica;
        EXECUTE command;
        SELECT string_agg(DISTINCT v.check_name, ', ' ORDER BY v.check_name) INTO answer FROM support_case.verify() AS v;
        RAISE SQLSTATE 'ZZ000';
    EXCEPTION WHEN SQLSTATE 'ZZ000' THEN
        RETURN coalesce(answer, 'nothing');
    END;
END
$$;
SELECT is(pg_temp.damage(command), expected, 'verify(): ' || expected || ': ' || command)
FROM (VALUES ('DELETE FROM support_case.guarantee_claim', 'guarantee_claim, open_cases'),
    ('UPDATE support_case.recharge SET amount = amount - 1 WHERE recharge_number = 1', 'recharge'),
    ('DELETE FROM support_case.recharge', 'recharge'),
    ('UPDATE support_case.recharge_consent SET amount = 1', 'recharge_limit'),
    ('DELETE FROM support_case.refund_instruction', 'claim_amount, recharge_limit, refund_instruction, refund_settlement'),
    ('UPDATE support_case.ledger_journal SET kind = ''recharge'' WHERE kind = ''settlement''',
        'journal_ground, recharge, refund_settlement')) AS v (command, expected);

SELECT * FROM finish();
ROLLBACK;
