-- Silence: T-34 to T-36, T-42 to T-44, T-46 (AMB-07, AMB-08, AMB-10, AMB-11,
-- AMB-31, AMB-43).
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-02T09:00:00-05:00');
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr') IS NOT NULL AS made;

CREATE TEMPORARY SEQUENCE week_seq MINVALUE 0;
CREATE FUNCTION pg_temp.under(settings jsonb DEFAULT '{}', VARIADIC steps text[] DEFAULT '{}')
RETURNS bigint
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pg_temp.at('2026-01-12T10:00:00-05:00');
    IF settings <> '{}' THEN
        PERFORM pg_temp.at(((timestamp '2026-06-01 10:00' + nextval('pg_temp.week_seq') * interval '1 week')
            AT TIME ZONE 'America/New_York')::text);
        PERFORM pg_temp.policy(settings);
    END IF;
    RETURN pg_temp.case_after('damaged_in_transit', VARIADIC ('@' || support_case.clock()) || steps);
END
$$;

---------- T-42, T-43: the seller ----------

SELECT pg_temp.under() AS id \gset
CREATE FUNCTION pg_temp.is_due_soon(of_case bigint)
RETURNS boolean
LANGUAGE sql
AS $$ SELECT is_due_soon FROM support_case.due_queue WHERE case_id = of_case $$;
SELECT pg_temp.at('2026-01-13T09:59:59.999999-05:00');
SELECT is(pg_temp.is_due_soon(:id), false, 'W-24: the seller has more than a day left');
SELECT pg_temp.at('2026-01-13T10:00:00-05:00');
SELECT is(pg_temp.is_due_soon(:id), true, 'W-24: due within 24 hours');
SELECT pg_temp.at('2026-01-14T10:00:00-05:00');
SELECT is(pg_temp.is_due_soon(:id), false, 'W-25: missed, and not yet written: the next deadline counts');
SELECT pg_temp.turns(:id, '2026-01-14T10:00:00-05:00', '{"status": "awaiting_seller", "is_overdue": false}',
    '{"status": "awaiting_seller", "is_overdue": true, "transition": "T-42", "deadline": "escalation_window",
    "due_at": "2026-02-13T10:00:00-05:00", "is_responded": false, "events": 2, "waiting_on": "seller"}',
    'T-42, W-25, D-01: overdue; the buyer has 30 days to escalate');
SELECT results_eq(format('SELECT status, waiting_on, deadline, due_at, is_due_soon FROM support_case.due_queue WHERE case_id = %s', :id),
    $$VALUES ('awaiting_seller', 'seller', 'escalation_window', timestamptz '2026-02-13T10:00:00-05:00', false)$$,
    'W-25: the work list shows the deadline that runs');
SAVEPOINT overdue;
SELECT pg_temp.takes(:id, 'offer_full_refund(1, $1)', '{"transition": "T-03", "is_responded": true}',
    'T-42: a late answer is an answer');
ROLLBACK TO overdue;
SELECT pg_temp.takes(:id, 'post_message(1, $1, ''seller'', ''sorry'')', '{"transition": "T-46", "is_overdue": false,
    "deadline": "next_response", "due_at": "2026-01-16T10:00:00-05:00"}', 'T-46: and so is a late message');
ROLLBACK TO overdue;
SELECT pg_temp.takes(:id, 'post_message(1, $1, ''buyer'', ''hello?'')', '{"transition": "W-01", "is_overdue": true,
    "deadline": "escalation_window", "due_at": "2026-02-13T10:00:00-05:00"}', 'T-42: the buyer''s message moves nothing');
ROLLBACK TO overdue;
SELECT pg_temp.turns(:id, '2026-02-13T10:00:00-05:00', '{"status": "awaiting_seller"}', '{"status": "closed",
    "resolution": "no_seller_response", "transition": "T-43", "events": 3, "charged": 0, "refund": 0}', 'T-43, AMB-11');
SELECT pg_temp.refuses(:id, 'escalate(1, $1)', 'SC001', 'T-43: at that instant it is too late to escalate');
ROLLBACK TO overdue;
SELECT pg_temp.at('2026-02-13T09:59:59.999999-05:00');
SELECT pg_temp.takes(:id, 'escalate(1, $1)', '{"status": "escalated"}', 'T-43: one microsecond before it is not');
SELECT pg_temp.under('{}', '@2026-04-01T10:00:00-04:00', '_roll_cases(''{1}'', ARRAY[$1], support_case.clock())') AS id \gset
SELECT is((SELECT array_agg(e.transition || ' ' || e.effective_at ORDER BY e.event_number)
        FROM support_case.case_event AS e WHERE e.case_id = :id AND e.actor = 'system'),
    ARRAY['T-42 2026-01-14 10:00:00-05', 'T-43 2026-02-13 10:00:00-05'],
    'T-42, T-43: written months late, each takes effect at its instant');
SELECT pg_temp.under('{"escalation_window": "10 days"}') AS id \gset
SELECT c.due_at FROM support_case.case_current AS c WHERE c.case_id = :id \gset
SELECT pg_temp.turns(:id, :'due_at', '{"is_overdue": false}',
    jsonb_build_object('is_overdue', true, 'due_at', :'due_at'::timestamptz + interval '10 days'),
    'T-42, AMB-11 escalation_window = 10 days');

---------- T-44: escalation by itself ----------

SELECT pg_temp.under('{"escalation_auto_on_overdue": true}') AS id \gset
SELECT c.due_at FROM support_case.case_current AS c WHERE c.case_id = :id \gset
SELECT pg_temp.turns(:id, :'due_at', '{"status": "awaiting_seller"}', '{"status": "escalated", "transition": "T-44",
    "escalation_reason": "seller_silent", "is_conversation_closed": true, "deadline": null}',
    'T-44, AMB-10 auto_on_overdue = true');

---------- T-36: a request filed late ----------

SELECT pg_temp.at('2026-01-12T10:00:00-05:00');
SELECT pg_temp.new_case(age => '30 days') AS id \gset
SELECT pg_temp.shows(:id, '{"is_discretionary": true, "status": "awaiting_seller"}', 'AMB-42, AMB-43: 30 days after the purchase is late');
SELECT pg_temp.turns(:id, '2026-01-14T10:00:00-05:00', '{"status": "awaiting_seller"}', '{"status": "closed",
    "resolution": "no_refund", "transition": "T-36", "charged": 0}', 'T-36, W-13, AMB-43: the seller''s silence closes it');
SELECT pg_temp.at('2026-01-12T10:00:00-05:00');
SELECT pg_temp.new_case(age => '29 days 23:59:59.999999') AS id \gset
SELECT pg_temp.shows(:id, '{"is_discretionary": false}', 'AMB-42: one microsecond less is not');

---------- T-34: the buyer, after a refusal ----------

SELECT pg_temp.under('{}', 'explain_no_refund(1, $1, ''no'')') AS id \gset
SAVEPOINT refused;
SELECT pg_temp.turns(:id, '2026-02-11T10:00:00-05:00', '{"status": "refusal_explained"}', '{"status": "closed",
    "resolution": "no_refund", "transition": "T-34", "charged": 0, "refund": 0}', 'T-34, W-87, AMB-11');
SELECT pg_temp.refuses(:id, 'escalate(1, $1)', 'SC001', 'AMB-11: at that instant it is too late to escalate');
ROLLBACK TO refused;
SELECT pg_temp.at('2026-02-11T09:59:59.999999-05:00');
SELECT pg_temp.takes(:id, 'escalate(1, $1)', '{"status": "escalated"}', 'AMB-11: one microsecond before it is not');

---------- T-35: the buyer, asked ----------

SELECT pg_temp.under('{}', 'request_information(1, $1, ''what?'')') AS id \gset
SAVEPOINT asked;
SELECT pg_temp.turns(:id, '2026-01-19T10:00:00-05:00', '{"status": "awaiting_buyer"}', '{"status": "closed",
    "resolution": "no_buyer_response", "transition": "T-35", "charged": 0}', 'T-35, AMB-31');
SELECT pg_temp.refuses(:id, 'provide_information(1, $1, ''this'')', 'SC001', 'AMB-31: at that instant it is too late to answer');
ROLLBACK TO asked;
SELECT pg_temp.at('2026-01-19T09:59:59.999999-05:00');
SELECT pg_temp.takes(:id, 'provide_information(1, $1, ''this'')', '{"transition": "T-09"}', 'AMB-31: one microsecond before it is not');
ROLLBACK TO asked;
SELECT pg_temp.takes(:id, 'post_message(1, $1, ''buyer'', ''a moment'')', '{"transition": "W-01",
    "deadline": "information_request", "due_at": "2026-01-19T10:00:00-05:00"}', 'AMB-31: a mere message does not stop the clock');
SELECT pg_temp.under('{"information_request": "1 business day"}', 'request_information(1, $1, ''what?'')') AS id \gset
SELECT pg_temp.shows(:id, jsonb_build_object('due_at', support_case.clock() + interval '1 day'),
    'AMB-31 information_request = 1 business day');

---------- T-46, AMB-07, AMB-08: messages ----------

SELECT pg_temp.under('{}', '@2026-01-13T12:00:00-05:00') AS id \gset
SELECT pg_temp.takes(:id, 'post_message(1, $1, ''buyer'', ''anyone?'')', '{"transition": "W-01", "actor": "buyer",
    "deadline": "seller_response", "due_at": "2026-01-14T10:00:00-05:00", "is_responded": false, "messages": 1}',
    'W-01, AMB-08: the buyer''s message before the first response moves no deadline');
SELECT pg_temp.takes(:id, 'post_message(1, $1, ''seller'', ''looking into it'')', '{"status": "awaiting_seller",
    "transition": "T-46", "actor": "seller", "deadline": "next_response", "due_at": "2026-01-15T12:00:00-05:00",
    "is_responded": true, "messages": 2}', 'T-46, W-27, AMB-07 any_public_message: D-01 is met');
SELECT pg_temp.run(:id, '@2026-01-14T12:00:00-05:00');
SAVEPOINT answered;
SELECT pg_temp.takes(:id, 'post_message(1, $1, ''buyer'', ''thanks'')', '{"transition": "AMB-08",
    "deadline": "next_response", "due_at": "2026-01-16T12:00:00-05:00"}', 'AMB-08: the buyer''s reply starts it anew');
SELECT pg_temp.run(:id, '@2026-01-15T12:00:00-05:00');
SELECT pg_temp.takes(:id, 'post_message(1, $1, ''buyer'', ''and?'')', '{"transition": "W-01",
    "due_at": "2026-01-16T12:00:00-05:00"}', 'AMB-08: a further message of the buyer''s does not');
ROLLBACK TO answered;
SELECT pg_temp.turns(:id, '2026-01-15T12:00:00-05:00', '{"is_overdue": false}', '{"is_overdue": true,
    "transition": "T-42", "deadline": "escalation_window", "due_at": "2026-02-14T12:00:00-05:00"}', 'AMB-08, T-42: missed');
SAVEPOINT missed;
SELECT pg_temp.takes(:id, 'post_message(1, $1, ''buyer'', ''thanks'')', '{"transition": "W-01", "is_overdue": true,
    "due_at": "2026-02-14T12:00:00-05:00"}', 'AMB-08: a reply to a seller who is late gives him no more time');
ROLLBACK TO missed;
SELECT pg_temp.refuses(:id, format('post_message(1, $1, ''seller'', %s)', body), sqlstate, 'T-46: body ' || left(body, 9))
FROM (VALUES ('NULL', '22004'), ('''''', '22023'), ('repeat(''x'', 10001)', '22023'),
    ('''x'', ''{}''', '22023'), ('''x'', ''[{}]''', '22023')) AS v (body, sqlstate);

SELECT pg_temp.under('{"response_counts": "typed_only"}') AS id \gset
SELECT c.due_at FROM support_case.case_current AS c WHERE c.case_id = :id \gset
SELECT pg_temp.takes(:id, 'post_message(1, $1, ''seller'', ''hello'')', jsonb_build_object('transition', 'W-27',
    'deadline', 'seller_response', 'due_at', :'due_at'::timestamptz, 'is_responded', false),
    'AMB-07 response_counts = typed_only: a message does not meet D-01');
SELECT pg_temp.at((support_case.clock() + interval '1 hour')::text);
SELECT pg_temp.takes(:id, 'post_message(1, $1, ''buyer'', ''hello'')', jsonb_build_object('transition', 'W-01',
    'deadline', 'seller_response', 'due_at', :'due_at'::timestamptz),
    'AMB-07 typed_only, AMB-08: so the buyer''s reply does not move it either');
SELECT pg_temp.refuses(:id, 'escalate(1, $1)', 'SC008', 'AMB-07 typed_only, AMB-09: nor opens escalation');
SELECT pg_temp.takes(:id, 'request_information(1, $1, ''what?'')', '{"is_responded": true}', 'AMB-07 typed_only: F does');
SELECT pg_temp.under('{"next_response": "24 business hours"}', 'post_message(1, $1, ''seller'', ''hello'')') AS id \gset
SELECT pg_temp.shows(:id, jsonb_build_object('due_at', support_case.clock() + interval '24 hours'),
    'AMB-08 next_response = 24 business hours');

---------- T-46: the seller's own messages do not push the clock on ----------

SELECT pg_temp.new_case() AS id \gset
SELECT pg_temp.run(:id, 'post_message(1, $1, ''seller'', ''I will look'')');
SELECT c.due_at, c.due_at - interval '1 hour' AS moment FROM support_case.case_current AS c WHERE c.case_id = :id \gset
SELECT pg_temp.at(:'moment');
SELECT pg_temp.takes(:id, 'post_message(1, $1, ''seller'', ''still looking'')',
    jsonb_build_object('status', 'awaiting_seller', 'transition', 'W-27', 'due_at', :'due_at'::timestamptz),
    'T-46, AMB-08: writing again without an answer starts nothing');

---------- AMB-121: the cases of an order ----------

SELECT pg_temp.at('2026-06-01T10:00:00-04:00');
SELECT order_id AS shared_id FROM support_case.register_order(1, nextval('pg_temp.order_id_seq'), 7, 'USD', 80, 0, 0,
    '[{"unit_price": 40}, {"unit_price": 40}]') \gset
SELECT case_id AS earlier_id FROM support_case.open_case(1, :shared_id, 'damaged_in_transit', 'the first item', '[{"line_number": 1, "quantity": 1}]',
    evidence => '[{"uri": "s3://evidence/1.jpg"}]') \gset
SELECT pg_temp.at('2026-06-02T10:00:00-04:00');
SELECT case_id AS later_id FROM support_case.open_case(1, :shared_id, 'damaged_in_transit', 'the second item', '[{"line_number": 2, "quantity": 1}]',
    evidence => '[{"uri": "s3://evidence/2.jpg"}]') \gset
SELECT pg_temp.at('2026-06-03T12:00:00-04:00');
SELECT support_case.post_message(1, :later_id, 'buyer', 'And?') IS NOT NULL AS said \gset
SELECT is((SELECT string_agg(format('%s at %s', e.action, e.effective_at), ', ' ORDER BY e.event_number)
        FROM support_case.case_event AS e WHERE e.seller_id = 1 AND e.case_id = :earlier_id AND e.event_number > 1),
    'expire_deadline at 2026-06-03 10:00:00-04',
    'AMB-121: a command writes the deadlines of all cases of its order, also where its own has not ended');
SELECT pg_temp.at('2026-06-03T13:00:00-04:00');
SELECT support_case.post_message(1, :earlier_id, 'buyer', 'And?') IS NOT NULL AS said \gset
SELECT pg_temp.at('2026-06-03T12:30:00-04:00');
SELECT support_case.post_message(1, :later_id, 'buyer', 'Well?') IS NOT NULL AS said \gset
SELECT is((SELECT max(e.effective_at) FROM support_case.case_event AS e WHERE e.seller_id = 1 AND e.case_id = :later_id),
    '2026-06-03 13:00:00-04', 'AMB-120: nor does time go back within an order');

SELECT * FROM finish();
ROLLBACK;
