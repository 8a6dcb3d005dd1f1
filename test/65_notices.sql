-- What the parties are told (W-08, W-35, W-71, W-73, W-75, W-96 to W-100,
-- W-110), and what happens next.
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-02T09:00:00-05:00');
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr') IS NOT NULL AS made;

-- What a recipient is told of the last event, or of one before.
CREATE FUNCTION pg_temp.told(of_case bigint, to_recipient text, events_ago integer DEFAULT 0)
RETURNS text
LANGUAGE sql
AS $$
    SELECT string_agg(o.template || ' ' || o.channel, ', ' ORDER BY o.channel)
    FROM support_case.outbox AS o
    WHERE o.seller_id = 1 AND o.subject = 'case' AND o.subject_id = of_case AND o.recipient = to_recipient
        AND o.recipient_id = CASE to_recipient WHEN 'seller' THEN 1 WHEN 'buyer' THEN 7 ELSE 0 END
        AND o.event_number = (SELECT max(e.event_number) - events_ago FROM support_case.case_event AS e
            WHERE e.seller_id = 1 AND e.case_id = of_case)
$$;
CREATE FUNCTION pg_temp.data(of_case bigint, to_recipient text)
RETURNS jsonb
LANGUAGE sql
AS $$
    SELECT o.data FROM support_case.outbox AS o
    WHERE o.seller_id = 1 AND o.subject = 'case' AND o.subject_id = of_case AND o.recipient = to_recipient
    ORDER BY o.event_number DESC, o.channel LIMIT 1
$$;

---------- what the rules say, for every arc ----------

SELECT is_empty($$
    SELECT r.template, r.recipient FROM support_case.notice_rule AS r
    EXCEPT SELECT t.template, t.recipient FROM support_case.notice_template AS t$$,
    'every notice of a rule has a channel');
SELECT is_empty($$
    SELECT t.template, t.recipient FROM support_case.notice_template AS t
    WHERE t.template IN (SELECT r.template FROM support_case.notice_rule AS r)
    EXCEPT SELECT r.template, r.recipient FROM support_case.notice_rule AS r$$,
    'and every recipient of such a notice a rule');
SELECT is_empty($$
    SELECT m.transition, m.action, m.actor, m.from_status, m.to_status, w.recipient
    FROM support_case.state_machine() AS m, (VALUES ('seller'), ('buyer')) AS w (recipient)
    WHERE m.machine = 'case' AND m.from_status IS DISTINCT FROM m.to_status
        AND NOT EXISTS (SELECT FROM support_case.notice_rule AS r
            WHERE r.action = m.action AND r.actor = m.actor AND r.outcome = coalesce(m.resolution, m.to_status)
                AND r.recipient = w.recipient)
        AND NOT (w.recipient = 'seller' AND m.action IN ('open_case', 'reopen_case') AND m.to_status = 'escalated')$$,
    'W-97, W-08: every change of status is told to both sides, but for requests that never reach the seller');
SELECT results_eq($$
    SELECT DISTINCT t.channel FROM support_case.notice_rule AS r
    JOIN support_case.notice_template AS t USING (template, recipient)
    WHERE r.recipient = 'seller' AND r.template = 'status_changed'$$, ARRAY['in_app'], 'W-97: in the app');
SELECT is_empty($$
    SELECT r.action, r.outcome, w.recipient FROM support_case.notice_rule AS r, (VALUES ('seller'), ('buyer')) AS w (recipient)
    WHERE r.action = 'decide' AND NOT EXISTS (SELECT FROM support_case.notice_rule AS k
        JOIN support_case.notice_template AS t ON t.template = k.template AND t.recipient = k.recipient
        WHERE k.action = 'decide' AND k.outcome = r.outcome AND k.recipient = w.recipient AND t.channel = 'email')$$,
    'W-99: every decision is told to both sides by email');

---------- a request, and its refund ----------

-- What the seller reads of a decision on a case that the buyer had escalated.
CREATE FUNCTION pg_temp.decided(liability text)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    of_case bigint := pg_temp.case_after('damaged_in_transit', 'explain_no_refund(1, $1, ''no'')', 'escalate(1, $1)',
        format('decide(1, $1, ''refund'', actor_id => ''agent'', %s)', liability));
BEGIN
    RETURN pg_temp.data(of_case, 'seller');
END
$$;

SELECT pg_temp.at('2026-01-09T16:00:00-05:00');
SELECT pg_temp.new_case() AS id \gset
SELECT is(pg_temp.told(:id, 'seller'), 'new_request email, new_request in_app', 'W-96: a new request is told to the seller by email and in the app');
SELECT is(pg_temp.told(:id, 'buyer'), 'status_changed in_app', 'W-08: the buyer sees it in the app');
SELECT is(pg_temp.data(:id, 'seller'), jsonb_build_object('version', 1, 'order_id', k.order_id, 'reason', 'damaged_in_transit',
        'action', 'open_case', 'actor', 'buyer', 'status', 'awaiting_seller', 'deadline', 'seller_response',
        'due_at', '2026-01-13T21:00:00Z'),
    'W-96: with ids, codes and instants, and no words of the buyer') FROM support_case.case_current AS k WHERE k.case_id = :id;
SELECT is(pg_temp.data(:id, 'host'), '{"version": 1, "actor": "buyer", "status": "awaiting_seller", "resolution": null,
    "due_at": "2026-01-13T21:00:00Z", "details": {"reason": "damaged_in_transit",
    "routed_because": "seller", "is_discretionary": false}}', 'W-97: the host is told the state of the case, too');
SELECT is(template, 'open_case', 'W-97: by the name of its action') FROM support_case.outbox
WHERE subject = 'case' AND subject_id = :id AND recipient = 'host';
SELECT support_case.offer_full_refund(1, :id, message => 'sorry');
SELECT is(pg_temp.data(:id, 'host'), '{"version": 1, "actor": "seller", "status": "closed", "resolution": "full_refund",
    "due_at": null, "details": {"return_required": false}}', 'W-97: and how it ends');
SELECT is(pg_temp.told(:id, 'seller'), 'status_changed in_app', 'W-97: a change of status is told to the seller in the app');
SELECT is(pg_temp.told(:id, 'buyer'), 'refund_instructed email, refund_instructed in_app', 'W-30: a refund is told to the buyer');
SELECT is(pg_temp.data(:id, 'buyer') - ARRAY['order_id', 'reason', 'version'],
    '{"action": "offer_full_refund", "actor": "seller", "status": "closed", "resolution": "full_refund",
    "amount": 10500, "currency": "USD", "visible_from": "2026-01-14T21:00:00Z", "visible_until": "2026-01-16T21:00:00Z",
    "feedback_until": "2026-01-23T21:00:00Z"}',
    'W-30, W-110: with the amount, when it becomes visible, and until when the buyer may rate the service');
SELECT is(pg_temp.data(:id, 'seller') ->> 'charged_to_seller', '9700', 'W-83: the seller is told what is charged');
SELECT ok(NOT pg_temp.data(:id, 'buyer') ? 'charged_to_seller', 'which is none of the buyer''s business');
SAVEPOINT refunded;
SELECT is(pg_temp.decided(liability) ->> 'charged_to_seller', expected, 'W-65, W-73, AMB-34: and with a decision, what it lays on him: ' || liability)
FROM (VALUES ('liability => ''seller''', '9700'), ('liability => ''platform''', '0'), ('liability => ''carrier''', '0'),
    ('liability => ''split'', seller_amount => 50, carrier_amount => 10', '5000')) AS v (liability, expected);
ROLLBACK TO refunded;
SELECT support_case.record_refund_settled(1, :id);
SELECT is(pg_temp.told(:id, 'buyer'), 'refund_settled in_app', 'W-81: the payment is told to the buyer');
SELECT is(pg_temp.data(:id, 'buyer') ->> 'amount', '10500', 'in minor units');
SELECT support_case.leave_feedback(1, :id, true);
SELECT is(concat(pg_temp.told(:id, 'buyer'), pg_temp.told(:id, 'seller')), '', 'W-113: a rating of the service stays private');

SELECT pg_temp.policy('{"feedback_window": null}');
SELECT pg_temp.new_case() AS id \gset
SELECT support_case.withdraw_case(1, :id);
SELECT is(pg_temp.told(:id, 'seller'), 'status_changed in_app', 'W-97: a withdrawal is told');
SELECT ok(NOT pg_temp.data(:id, 'buyer') ? 'feedback_until', 'W-110: feedback_window = null: nobody is asked to rate the service');
SELECT pg_temp.policy();
SELECT pg_temp.at('2026-01-09T16:00:01-05:00');
-- A case of each end, and whether its buyer is asked; the survey says the same.
CREATE FUNCTION pg_temp.is_asked(VARIADIC steps text[])
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    id bigint := pg_temp.case_after('damaged_in_transit', VARIADIC steps);
BEGIN
    RETURN (
        SELECT format('%s %s, %s', s.resolution, pg_temp.data(id, 'buyer') ? 'feedback_until',
            (pg_temp.data(id, 'buyer') ->> 'feedback_until')::timestamptz
                IS NOT DISTINCT FROM CASE WHEN s.is_open THEN s.closes_at END)
        FROM support_case.feedback_survey AS s
        WHERE s.case_id = id);
END
$$;
SELECT is(pg_temp.is_asked('offer_full_refund(1, $1)'), 'full_refund t, t', 'W-110: the notice asks where the survey is open');
SELECT is(pg_temp.is_asked('withdraw_case(1, $1)'), 'withdrawn f, t', 'W-110: not the buyer who withdrew');
SELECT is(pg_temp.is_asked('take_over_case(1, $1, actor_id => ''ann'')', 'decide(1, $1, ''uphold_seller'', actor_id => ''ann'')'),
    'platform_denied f, t', 'W-110: not where the platform decided before the seller had responded');
SELECT is(pg_temp.is_asked('take_over_case(1, $1, actor_id => ''ann'')', 'decide(1, $1, ''refund'', actor_id => ''ann'')'),
    'platform_refund f, t', 'W-110: nor with a refund');
SELECT is(pg_temp.is_asked('explain_no_refund(1, $1, ''no'')', 'escalate(1, $1)', 'decide(1, $1, ''refund'', actor_id => ''ann'')'),
    'platform_refund t, t', 'W-110: but where the seller had');
SELECT pg_temp.case_after('not_received', 'offer_full_refund(1, $1)') AS id \gset
SELECT pg_temp.at('2026-01-09T17:00:01-05:00');
SELECT support_case.record_parcel_found(1, :id, support_case.clock());
SELECT is(pg_temp.told(:id, 'buyer'), 'parcel_found in_app', 'A-22: what is found when all is over is told to the buyer ...');
SELECT ok(NOT pg_temp.data(:id, 'buyer') ? 'feedback_until', 'W-110: ... who is asked once');
SELECT pg_temp.at('2026-01-09T16:00:01-05:00');
SELECT pg_temp.new_case() AS id \gset
SELECT support_case.take_over_case(1, :id, message => 'a second opinion', actor_id => 'ann');
SELECT is_empty(format('SELECT recipient, data FROM support_case.outbox WHERE subject_id = %s AND recipient <> ''host'' AND data::text LIKE ''%%opinion%%''', :id),
    'W-01: why the platform takes a case over is not for its notices');
SELECT pg_temp.new_case() AS id \gset
SELECT support_case.offer_full_refund(1, :id);
SELECT support_case.record_refund_failed(1, :id, 'card closed');
SELECT is(pg_temp.told(:id, 'platform'), 'refund_failed in_app', 'AMB-128: a failed payment is told to the platform');

---------- the other responses ----------

SELECT pg_temp.new_case() AS id \gset
SELECT support_case.request_information(1, :id, 'which?');
SELECT is(pg_temp.told(:id, 'buyer'), 'information_requested email, information_requested in_app', 'W-67: a question is told to the buyer');
SELECT support_case.provide_information(1, :id, 'this');
SELECT is(pg_temp.told(:id, 'seller'), 'status_changed in_app', 'W-68: the answer to the seller');
SELECT support_case.post_message(1, :id, 'seller', 'thanks');
SELECT is(pg_temp.told(:id, 'buyer'), 'message_posted in_app', 'W-01: a message to the other side ...');
SELECT is(pg_temp.told(:id, 'seller'), NULL, '... only');
SELECT support_case.post_message(1, :id, 'buyer', 'welcome');
SELECT is(concat_ws('/', pg_temp.told(:id, 'seller'), pg_temp.told(:id, 'buyer')), 'message_posted in_app', 'W-01: both ways');
SELECT support_case.offer_partial_refund(1, :id, 30.50);
SELECT is(pg_temp.told(:id, 'buyer'), 'partial_offer_made email, partial_offer_made in_app', 'W-52: an offer is told to the buyer');
SELECT is(pg_temp.data(:id, 'buyer') - ARRAY['order_id', 'reason', 'version', 'due_at'],
    '{"action": "offer_partial_refund", "actor": "seller", "status": "partial_offered", "deadline": "partial_offer_answer",
    "amount": 3050, "currency": "USD"}', 'W-52: in minor units with its currency');
SELECT support_case.accept_offer(1, :id);
SELECT is(pg_temp.data(:id, 'buyer') ->> 'amount', '3050', 'W-54: so is what is refunded');

SELECT pg_temp.new_case() AS id \gset
SELECT support_case.consent_to_replacement(1, :id);
SELECT is(pg_temp.told(:id, 'seller'), 'replacement_consented in_app', 'W-57: consent is told to the seller');
SELECT support_case.send_replacement(1, :id, 'USPS', '9400');
SELECT is(pg_temp.told(:id, 'buyer'), 'status_changed in_app', 'W-58: the buyer sees that a replacement is promised');
SELECT support_case.record_replacement_shipped(1, :id, support_case.clock());
SELECT is(pg_temp.told(:id, 'buyer'), 'replacement_shipped email, replacement_shipped in_app', 'W-60: and is told when it is shipped');

---------- returns ----------

SELECT pg_temp.new_case() AS id \gset
SELECT support_case.offer_full_refund(1, :id, true);
SELECT is(pg_temp.told(:id, 'buyer'), 'return_approved email, return_approved in_app', 'W-98: an approved return is told to the buyer by email');
SELECT is(pg_temp.data(:id, 'buyer') ->> 'deadline', 'return_drop_off', 'W-33: with the deadline');
SELECT support_case.record_return_label(1, :id, 6.50, 'UPS', '1Z', 's3://labels/1.pdf');
SELECT is(pg_temp.told(:id, 'buyer'), 'return_label email, return_label in_app', 'W-35, W-98: the label goes to the buyer by email');
SELECT is(pg_temp.data(:id, 'buyer') - ARRAY['order_id', 'reason', 'version', 'due_at'],
    '{"action": "record_return_label", "actor": "carrier", "status": "return_pending", "deadline": "return_drop_off",
    "carrier": "UPS", "tracking_number": "1Z", "label_uri": "s3://labels/1.pdf"}',
    'W-35, W-98: with where it is and its tracking number, not with what the seller pays for it');
SELECT support_case.record_return_dropped_off(1, :id, support_case.clock());
SELECT is(pg_temp.told(:id, 'seller'), 'status_changed in_app', 'W-97: the drop-off is told to the seller in the app');
SELECT support_case.record_return_delivered(1, :id, support_case.clock());
SELECT is(pg_temp.told(:id, 'seller'), 'return_delivered email, return_delivered in_app', 'W-41: a delivered return is told to the seller');
SELECT support_case.dispute_return(1, :id, 'missing', 'the box was empty');
SELECT is(pg_temp.told(:id, 'platform'), 'decision_needed in_app', 'W-44: a dispute to the platform');
SELECT is(pg_temp.data(:id, 'platform') ->> 'message', NULL, 'without the words');

---------- escalations ----------

SELECT pg_temp.new_case() AS id \gset
SELECT support_case.explain_no_refund(1, :id, 'no');
SELECT is(pg_temp.told(:id, 'buyer'), 'refusal_explained email, refusal_explained in_app', 'W-62: a refusal is told to the buyer');
SELECT support_case.escalate(1, :id);
SELECT is(pg_temp.told(:id, 'seller'), 'case_escalated email, case_escalated in_app', 'W-72: an escalation to the seller');
SELECT is(pg_temp.told(:id, 'platform'), 'decision_needed in_app', 'W-71: and to the platform');
SELECT support_case.decide(1, :id, 'refund', return_required => true, actor_id => 'agent', message => 'send it back');
SELECT is(pg_temp.told(:id, 'buyer'), 'escalation_result email, escalation_result in_app', 'W-71, W-99: the result goes to the buyer by email');
SELECT is(pg_temp.told(:id, 'seller'), 'escalation_result email, escalation_result in_app', 'W-73, W-99: and to the seller by email');
SELECT support_case.record_return_delivered(1, :id, support_case.clock());
SELECT is(pg_temp.told(:id, 'seller'), 'return_delivered email, return_delivered in_app',
    'W-75, W-100: a return that the platform approved is told to the seller by email when it is delivered');
SELECT pg_temp.new_case() AS id \gset
SELECT support_case.explain_no_refund(1, :id, 'no');
SELECT support_case.escalate(1, :id);
SELECT support_case.decide(1, :id, 'partial_refund', amount => 10, actor_id => 'agent');
SELECT is(pg_temp.data(:id, 'buyer') ->> 'amount', '1000', 'W-99: with the amount');
SELECT is(pg_temp.told(:id, 'seller'), 'escalation_result email, escalation_result in_app', 'W-73: when money is charged, too');

SELECT pg_temp.case_after('other', '@2026-01-12T10:00:00-05:00') AS id \gset
SELECT is(concat_ws('/', pg_temp.told(:id, 'seller'), pg_temp.told(:id, 'platform')), 'decision_needed in_app',
    'T-02: a request that goes to the platform is not told to the seller');

---------- deadlines: swept and on time ----------

SELECT pg_temp.at('2026-01-12T10:00:00-05:00');
SELECT pg_temp.new_case() AS late \gset
SELECT pg_temp.new_case() AS punctual \gset
SELECT pg_temp.new_case() AS returned \gset
SELECT support_case.offer_full_refund(1, :returned, true);
SELECT support_case.record_return_delivered(1, :returned, support_case.clock());
-- One case rolls forward on time; the sweep comes months later.
SELECT pg_temp.at('2026-01-14T10:00:00-05:00');
SELECT support_case._roll_order(1, k.order_id) FROM support_case.support_case AS k WHERE k.case_id = :punctual;
SELECT pg_temp.at('2026-02-13T10:00:00-05:00');
SELECT support_case._roll_order(1, k.order_id) FROM support_case.support_case AS k WHERE k.case_id = :punctual;
SELECT is(count(*), 3::bigint, 'one case is rolled forward on time') FROM support_case.case_event AS e WHERE e.case_id = :punctual;
SELECT pg_temp.at('2026-06-01T10:00:00-04:00');
SELECT support_case.sweep();
SELECT is(pg_temp.told(:punctual, 'seller', 1), 'deadline_passed email, deadline_passed in_app', 'W-25: a missed deadline is told to the seller');
SELECT is(pg_temp.told(:punctual, 'buyer', 1), 'deadline_passed in_app', 'W-69: and to the buyer');
SELECT is(pg_temp.data(:returned, 'seller') - ARRAY['order_id', 'reason', 'version'],
    '{"action": "expire_deadline", "actor": "system", "status": "closed", "resolution": "full_refund_after_return",
    "ended_deadline": "return_inspection", "charged_to_seller": 10350, "amount": 10500, "currency": "USD",
    "visible_from": "2026-01-19T15:00:00Z", "visible_until": "2026-01-21T15:00:00Z"}',
    'W-43, W-97: so is a refund that a deadline brought about');
SELECT is(count(DISTINCT jsonb_set(to_jsonb(o), '{data,order_id}', '0') - 'subject_id'), count(*) / 2,
    'a case that was swept on time and one that was swept months later have the same notices')
FROM support_case.outbox AS o WHERE o.subject = 'case' AND o.subject_id IN (:late, :punctual);

---------- what happens next ----------

SELECT pg_temp.at('2026-01-16T16:00:00-05:00');
SELECT pg_temp.policy();
SELECT pg_temp.new_case() AS id \gset
SELECT results_eq(format('SELECT party, status, waiting_on, next_step, is_next, deadline, due_at FROM support_case.what_happens_next(1, %s)', :id),
    $$VALUES ('buyer', 'awaiting_seller', 'seller', 'respond', false, 'seller_response', '2026-01-20T16:00:00-05:00'::timestamptz),
        ('seller', 'awaiting_seller', 'seller', 'respond', true, 'seller_response', '2026-01-20T16:00:00-05:00'::timestamptz),
        ('platform', 'awaiting_seller', 'seller', 'respond', false, 'seller_response', '2026-01-20T16:00:00-05:00'::timestamptz)$$,
    'W-08: who has the next move, which one, and until when');
SELECT results_eq(format($$SELECT DISTINCT then_transition, then_status, then_resolution, then_charge, then_deadline, then_due_at
        FROM support_case.what_happens_next(1, %s)$$, :id),
    $$VALUES ('T-42', 'awaiting_seller', NULL::text, NULL::text, 'escalation_window', '2026-02-19T16:00:00-05:00'::timestamptz)$$,
    'W-08: what happens when nobody acts until then');
SELECT is(possible_actions, '["explain_no_refund", "offer_full_refund", "offer_partial_refund", "post_message", "request_information", "send_replacement"]',
    'W-08, W-28: what the seller can do now') FROM support_case.what_happens_next(1, :id) WHERE party = 'seller';
SELECT is(possible_actions, '["consent_to_replacement", "post_message", "withdraw_case"]',
    'W-08: what the buyer can do now') FROM support_case.what_happens_next(1, :id) WHERE party = 'buyer';
SELECT pg_temp.at('2026-01-21T16:00:00-05:00');
SELECT is(possible_actions, '["consent_to_replacement", "escalate", "post_message", "withdraw_case"]',
    'W-69: once the deadline has passed, unswept, the buyer may escalate')
FROM support_case.what_happens_next(1, :id) WHERE party = 'buyer' AND deadline = 'escalation_window' AND then_resolution = 'no_seller_response';
SELECT support_case.offer_full_refund(1, :id, true);
SELECT support_case.record_return_delivered(1, :id, support_case.clock());
SELECT is(then_transition || ' ' || then_status || ' ' || then_resolution || ' ' || then_charge, 'T-17 closed full_refund_after_return full_refund_after_return',
    'W-43: the refund comes by itself') FROM support_case.what_happens_next(1, :id) WHERE party = 'seller';
SELECT is(possible_actions, '["confirm_return", "dispute_return", "post_message"]', 'W-42, W-44: unless the seller disputes')
FROM support_case.what_happens_next(1, :id) WHERE party = 'seller';
SELECT support_case.confirm_return(1, :id);
SELECT is(to_jsonb(n) - ARRAY['party', 'possible_actions'], jsonb_build_object('status', 'closed', 'resolution', 'full_refund_after_return',
        'waiting_on', NULL, 'next_step', NULL, 'is_next', false, 'deadline', NULL, 'due_at', NULL, 'then_transition', NULL, 'then_status', NULL,
        'then_resolution', NULL, 'then_escalation_reason', NULL, 'then_charge', NULL, 'then_deadline', NULL, 'then_due_at', NULL),
    'W-08: in a closed case nothing happens next') FROM support_case.what_happens_next(1, :id) AS n WHERE party = 'seller';
SELECT is(possible_actions, '["leave_feedback"]', 'W-110: but the buyer may rate the service')
FROM support_case.what_happens_next(1, :id) WHERE party = 'buyer';
SELECT is_empty('SELECT * FROM support_case.what_happens_next(1, 999999)', 'a case that does not exist has no rows');
SET LOCAL support_case.seller_id = '1';
SELECT results_eq(format('SELECT party FROM support_case.what_happens_next(1, %s)', :id), ARRAY['seller'], 'W-08: a party sees its own row');
SET LOCAL support_case.seller_id = '2';
SELECT is_empty(format('SELECT party FROM support_case.what_happens_next(1, %s)', :id), 'a stranger none');
SET LOCAL support_case.seller_id = '';
SET LOCAL support_case.buyer_id = '7';
SELECT results_eq(format('SELECT party FROM support_case.what_happens_next(1, %s)', :id), ARRAY['buyer'], 'W-08: so does the buyer');
SET LOCAL support_case.buyer_id = '';

---------- orders and their conversations ----------

SELECT pg_temp.at('2027-01-04T10:00:00-05:00');
-- What is told about a subject, by recipient.
CREATE FUNCTION pg_temp.told_about(of_subject text, of_id bigint)
RETURNS text
LANGUAGE sql
AS $$
    SELECT string_agg(concat_ws(' ', o.event_number, o.template, o.recipient, o.recipient_id, o.channel), ', '
        ORDER BY o.event_number, o.recipient, o.channel)
    FROM support_case.outbox AS o
    WHERE o.seller_id = 1 AND o.subject = of_subject AND o.subject_id = of_id
$$;
CREATE FUNCTION pg_temp.conversation_of(of_order bigint, of_kind text)
RETURNS bigint
LANGUAGE sql
AS $$ SELECT conversation_id FROM support_case.conversation WHERE seller_id = 1 AND order_id = of_order AND kind = of_kind $$;

SELECT pg_temp.new_order() AS o \gset
SELECT is(pg_temp.told_about('order', :o), '1 order_created buyer 7 email, 1 order_created seller 1 email',
    'V-23, A-02: buyer and seller are told by email that the item is sold');
SELECT is(data, jsonb_build_object('version', 1, 'order_id', :o, 'conversation_id', pg_temp.conversation_of(:o, 'order')),
    'V-23: the buyer with the number of the conversation, and without an address')
FROM support_case.outbox WHERE subject = 'order' AND subject_id = :o AND recipient = 'buyer';
SELECT is(data, jsonb_build_object('version', 1, 'order_id', :o, 'conversation_id', pg_temp.conversation_of(:o, 'order'),
        'buyer_id', 7, 'contact_mode', 'relay', 'relay_address', support_case.relay_address(1, :o, 'seller')),
    'A-02, AMB-80: the seller also with the address that reaches the buyer')
FROM support_case.outbox WHERE subject = 'order' AND subject_id = :o AND recipient = 'seller';
SELECT support_case.register_order(1, order_id, buyer_id, currency, payout, buyer_shipping, processing_fee,
        (SELECT jsonb_agg(jsonb_build_object('unit_price', support_case._to_major(l.unit_price, 'USD'), 'quantity', l.quantity,
            'product_kind', l.product_kind)) FROM support_case.sales_order_line AS l WHERE l.seller_id = 1 AND l.order_id = :o),
        commission, tax, return_shipping) IS NOT NULL AS again
FROM support_case.sales_orders WHERE seller_id = 1 AND order_id = :o;
SELECT is(count(*), 2::bigint, 'V-23: once, however often the order is registered')
FROM support_case.outbox WHERE subject = 'order' AND subject_id = :o;
SELECT pg_temp.policy('{"contact_mode": "direct"}');
SELECT pg_temp.at('2027-01-04T10:00:01-05:00');
SELECT pg_temp.new_order() AS direct \gset
SELECT is(data -> 'contact_mode', '"direct"', 'A-02, AMB-80 contact_mode = direct: the host adds the address of the buyer')
    FROM support_case.outbox WHERE subject = 'order' AND subject_id = :direct AND recipient = 'seller';
SELECT is(data -> 'relay_address', 'null', 'A-02, AMB-80: and there is no relay address')
    FROM support_case.outbox WHERE subject = 'order' AND subject_id = :direct AND recipient = 'seller';
SELECT pg_temp.policy();
SELECT pg_temp.at('2027-01-04T10:00:02-05:00');
UPDATE support_case.notice_template SET is_sent = false WHERE template = 'order_created' AND recipient = 'buyer';
SELECT pg_temp.new_order() AS muted \gset
SELECT is(pg_temp.told_about('order', :muted), '1 order_created seller 1 email', 'V-23: what the marketplace does not want it switches off');

SELECT support_case.post_order_message(1, :o, 'buyer', 'when?') IS NOT NULL AS posted;
SELECT support_case.post_order_message(1, :o, 'seller', 'tomorrow') IS NOT NULL AS posted;
SELECT support_case.receive_relayed_message(support_case.relay_address(1, :o, 'buyer'), 'thanks') IS NOT NULL AS posted;
SELECT is(pg_temp.told_about('conversation', pg_temp.conversation_of(:o, 'order')),
    '1 order_message_posted seller 1 in_app, 2 order_message_posted buyer 7 in_app, 3 order_message_posted seller 1 in_app',
    'V-20, V-21, A-07: a message about an order is told to the other side, also one that came by email');
SELECT is(data, jsonb_build_object('version', 1, 'order_id', :o, 'message_number', 2), 'V-21: and not what it says')
FROM support_case.outbox WHERE subject = 'conversation' AND recipient = 'buyer' AND subject_id = pg_temp.conversation_of(:o, 'order');

SELECT support_case.open_case(1, :o, 'damaged_in_transit', 'broken') IS NOT NULL AS opened;
SELECT max(case_id) AS id FROM support_case.support_case \gset
SELECT support_case.receive_relayed_message(support_case.relay_address(1, :o, 'buyer'), 'quite broken') IS NOT NULL AS posted;
SELECT is(pg_temp.told(:id, 'seller'), 'message_posted in_app', 'A-07: a message about a case is told as such');
SELECT support_case.post_platform_message(1, :id, 'buyer', 'what is broken?', actor_id => 'ann') IS NOT NULL AS posted;
SELECT support_case.post_platform_message(1, :id, 'buyer', 'the lid', 'buyer') IS NOT NULL AS posted;
SELECT support_case.post_platform_message(1, :id, 'seller', 'how was it packed?', actor_id => 'ann') IS NOT NULL AS posted;
SELECT support_case.post_platform_message(1, :id, 'seller', 'well', 'seller') IS NOT NULL AS posted;
SELECT is(pg_temp.told_about('conversation', pg_temp.conversation_of(:o, 'buyer_platform')),
    '1 platform_message_posted buyer 7 in_app, 2 platform_message_posted platform 0 in_app',
    'AMB-32: what platform and buyer write each other is told to the other of them');
SELECT is(pg_temp.told_about('conversation', pg_temp.conversation_of(:o, 'seller_platform')),
    '1 platform_message_posted seller 1 in_app, 2 platform_message_posted platform 0 in_app', 'AMB-32: as with the seller');
SELECT set_eq(format('SELECT DISTINCT template FROM support_case.notices WHERE subject = ''conversation'' AND recipient = ''buyer'''),
    ARRAY['order_message_posted', 'platform_message_posted'], 'W-08: notices shows what is in the app ...');
SELECT is_empty('SELECT FROM support_case.notices WHERE template = ''order_created''', 'W-08: ... and no email');

SELECT is((SELECT array_agg(DISTINCT o.data ->> 'version') FROM support_case.outbox AS o), ARRAY[support_case._notice_version()::text],
    'W-08: every notice and event says which version of their form it has');

SELECT is_empty('SELECT * FROM support_case.verify()', 'verify() finds nothing');
SELECT * FROM finish();
ROLLBACK;
