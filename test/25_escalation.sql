-- Escalation and decision: T-23 to T-27, T-37, T-38, T-45 (AMB-09, AMB-10,
-- AMB-32 to AMB-35, AMB-66).
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-02T09:00:00-05:00');
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr') IS NOT NULL AS made;

-- A case of Monday, 12 January 2026, 10:00, or of a Monday in summer for
-- another policy.
CREATE TEMPORARY SEQUENCE week_seq MINVALUE 0;
CREATE FUNCTION pg_temp.under(settings jsonb, reason text, VARIADIC steps text[] DEFAULT '{}')
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
    RETURN pg_temp.case_after(reason, VARIADIC ('@' || support_case.clock()) || steps);
END
$$;

---------- T-23: when the buyer may escalate ----------

SELECT pg_temp.under('{}', 'damaged_in_transit') AS id \gset
SELECT pg_temp.refuses(:id, 'escalate(1, $1)', 'SC008', 'T-23, AMB-09: not before the seller had his time',
    '%neither answered nor missed%');
SELECT pg_temp.at('2026-01-14T09:59:59.999999-05:00');
SELECT pg_temp.refuses(:id, 'escalate(1, $1)', 'SC008', 'T-23, D-01: one microsecond before it is too early');
SELECT pg_temp.refuses(:id, 'escalate(1, $1, '''')', '22023', 'T-23: a message says something');
SELECT pg_temp.at('2026-01-14T10:00:00-05:00');
SELECT pg_temp.takes(:id, 'escalate(1, $1, ''no answer'')', '{"status": "escalated", "transition": "T-23",
    "actor": "buyer", "escalation_reason": "buyer_escalated", "waiting_on": "platform", "next_step": "decide",
    "deadline": null, "due_at": null, "is_conversation_closed": true, "events": 3, "charged": 0,
    "details": {}}', 'T-23, W-69, W-72, W-77, D-01: at that instant it is not');
SELECT is((SELECT array_agg(e.transition ORDER BY e.event_number) FROM support_case.case_event AS e
    WHERE e.case_id = :id), '{T-01,T-42,T-23}', 'T-42 came before it');
SELECT pg_temp.refuses(:id, 'escalate(1, $1)', 'SC001', 'T-23: once');
SELECT pg_temp.refuses(:id, 'post_message(1, $1, ''seller'', ''wait'')', 'SC001', 'W-72: the conversation is closed',
    '%closed when the case was escalated%');
SELECT pg_temp.refuses(:id, 'post_message(1, $1, ''buyer'', ''no'')', 'SC001', 'W-72: for both');

SELECT pg_temp.takes(pg_temp.under('{}', 'damaged_in_transit', VARIADIC steps), 'escalate(1, $1)', '{"status": "escalated",
        "transition": "T-23", "is_conversation_closed": true, "due_at": null}', 'T-23, W-70: from ' || status)
FROM (VALUES ('awaiting_seller', ARRAY['post_message(1, $1, ''seller'', ''hello'')']),
    ('awaiting_buyer', ARRAY['request_information(1, $1, ''what?'')']),
    ('partial_offered', ARRAY['offer_partial_refund(1, $1, 5)']),
    ('refusal_explained', ARRAY['explain_no_refund(1, $1, ''no'')']),
    ('replacement_pending', ARRAY['consent_to_replacement(1, $1)', 'send_replacement(1, $1, ''U'', ''1'')']),
    ('replacement_in_transit', ARRAY['consent_to_replacement(1, $1)', 'send_replacement(1, $1, ''U'', ''1'')',
        'record_replacement_shipped(1, $1, support_case.clock())'])) AS v (status, steps);
SELECT pg_temp.under('{}', 'damaged_in_transit', 'offer_full_refund(1, $1, true)') AS id \gset
SELECT pg_temp.refuses(:id, 'escalate(1, $1)', 'SC001', 'T-23: not from a return');
SELECT pg_temp.at('2026-01-12T10:00:00-05:00');
SELECT pg_temp.new_case(age => '60 days') AS id \gset
SELECT pg_temp.run(:id, 'explain_no_refund(1, $1, ''late'')');
SELECT pg_temp.refuses(:id, 'escalate(1, $1)', 'SC001', 'AMB-43: a request filed late cannot be escalated',
    '%seller alone decides%');

SELECT pg_temp.under('{"escalation_min_wait": "0 hours"}', 'damaged_in_transit') AS id \gset
SELECT pg_temp.takes(:id, 'escalate(1, $1)', '{"status": "escalated"}', 'AMB-09 min_wait = 0: no gate');
SELECT pg_temp.under('{"escalation_min_wait": "24 hours"}', 'damaged_in_transit') AS id \gset
SELECT pg_temp.at((opened_at + interval '24 hours' - interval '1 microsecond')::text)
FROM support_case.case_current WHERE case_id = :id;
SELECT pg_temp.refuses(:id, 'escalate(1, $1)', 'SC008', 'AMB-09 min_wait = 24 hours: too early until then');
SELECT pg_temp.at((opened_at + interval '24 hours')::text) FROM support_case.case_current WHERE case_id = :id;
SELECT pg_temp.takes(:id, 'escalate(1, $1)', '{"status": "escalated"}', 'AMB-09 min_wait = 24 hours: and then not');

---------- AMB-32: messages after escalation ----------

SELECT pg_temp.under('{"escalation_blocks_messages": false}', 'damaged_in_transit',
    'explain_no_refund(1, $1, ''no'')', 'escalate(1, $1)') AS id \gset
SELECT pg_temp.takes(:id, 'post_message(1, $1, ''seller'', ''I said'')', '{"status": "escalated",
    "transition": "AMB-32", "messages": 2, "escalation_reason": "buyer_escalated"}', 'AMB-32 blocks_messages = false');
SELECT pg_temp.takes(:id, 'post_message(1, $1, ''buyer'', ''I know'')', '{"messages": 3, "transition": "AMB-32"}',
    'AMB-32 blocks_messages = false, the buyer');
SELECT pg_temp.under('{"escalation_blocks_messages": false}', 'other') AS id \gset
SELECT pg_temp.refuses(:id, 'post_message(1, $1, ''buyer'', ''hello'')', 'SC001',
    'AMB-32: but there is nobody to write to in a routed case');
SELECT pg_temp.refuses(:id, 'post_message(1, $1, ''seller'', ''hello'')', 'SC001', 'AMB-32: nor has the seller a word in it');

---------- T-24 to T-27, T-37: decisions ----------

CREATE FUNCTION pg_temp.escalated(reason text DEFAULT 'damaged_in_transit')
RETURNS bigint
LANGUAGE sql
AS $$ SELECT pg_temp.under('{}', reason, 'explain_no_refund(1, $1, ''no'')', 'escalate(1, $1)',
    '@2026-01-15T12:00:00-05:00') $$;

SELECT pg_temp.escalated() AS id \gset
SELECT pg_temp.refuses(:id, format('decide(1, $1, %s)', arguments), sqlstate, 'decide: ' || arguments)
FROM (VALUES ('''uphold_seller''', '22004'), ('''refund'', actor_id => '' ''', '22023'),
    ('''maybe'', actor_id => ''a''', '22023'), ('NULL, actor_id => ''a''', '22004'),
    ('''refund'', ''nobody'', actor_id => ''a''', '22023'), ('''refund'', amount => 5, actor_id => ''a''', '22023'),
    ('''partial_refund'', actor_id => ''a''', '22023'), ('''partial_refund'', amount => 105, actor_id => ''a''', 'SC007'),
    ('''partial_refund'', amount => 5, return_required => true, actor_id => ''a''', '22023'),
    ('''uphold_seller'', ''seller'', actor_id => ''a''', '22023'),
    ('''refund'', ''split'', actor_id => ''a''', '22004'),
    ('''refund'', ''split'', seller_amount => 97.01, actor_id => ''a''', '22023'),
    ('''refund'', ''split'', seller_amount => -1, actor_id => ''a''', '22023'),
    ('''refund'', ''seller'', seller_amount => 1, actor_id => ''a''', '22023'),
    ('''refund'', return_destination => ''seller'', actor_id => ''a''', '22023')) AS v (arguments, sqlstate);
SAVEPOINT escalated;
SELECT pg_temp.takes(:id, 'decide(1, $1, ''uphold_seller'', actor_id => ''agent'')', '{"status": "closed",
    "resolution": "platform_denied", "transition": "T-24", "actor": "platform", "charged": 0, "refund": 0,
    "is_conversation_closed": true, "effective_at": "2026-01-15T12:00:00-05:00"}', 'T-24, W-76: the seller was right');
SELECT pg_temp.refuses(:id, 'decide(1, $1, ''refund'', actor_id => ''agent'')', 'SC001', 'T-25: not after that');
ROLLBACK TO escalated;
SELECT pg_temp.takes(:id, 'decide(1, $1, ''refund'', actor_id => ''agent'')', '{"status": "closed",
    "resolution": "platform_refund", "transition": "T-25", "charged": 97, "refund": 105}',
    'T-25, W-65, AMB-34: refunded, by default at the seller''s cost');
ROLLBACK TO escalated;
SELECT pg_temp.takes(:id, 'decide(1, $1, ''refund'', ''split'', seller_amount => 50, carrier_amount => 7, actor_id => ''a'')',
    '{"resolution": "platform_refund", "transition": "T-25", "charged": 50, "refund": 105}', 'T-25, AMB-34 split');
SELECT is((SELECT jsonb_object_agg(account, amount) FROM (SELECT account, sum(amount) AS amount
        FROM support_case.seller_ledger WHERE case_id = :id
            AND account IN ('seller_payable', 'carrier_claim', 'platform_absorbed') GROUP BY account) AS s),
    '{"seller_payable": 50, "carrier_claim": 7, "platform_absorbed": 40}', 'AMB-34: the platform bears the rest');
ROLLBACK TO escalated;
SELECT pg_temp.takes(:id, 'decide(1, $1, ''refund'', ''platform'', actor_id => ''agent'')', '{"status": "closed",
    "resolution": "platform_refund", "transition": "T-27", "charged": 0, "refund": 105}',
    'T-27, W-76: the platform absorbs the refund');
ROLLBACK TO escalated;
SELECT pg_temp.takes(:id, 'decide(1, $1, ''partial_refund'', amount => 40, actor_id => ''agent'')', '{"status": "closed",
    "resolution": "platform_refund", "transition": "T-37", "charged": 40, "refund": 40, "partial_amount": 40}',
    'T-37, AMB-35: a part, at the seller''s cost');
ROLLBACK TO escalated;
SELECT pg_temp.takes(:id, 'decide(1, $1, ''partial_refund'', ''split'', 40, seller_amount => 10, actor_id => ''a'')',
    '{"transition": "T-37", "charged": 10, "refund": 40}', 'T-37, AMB-35: amount times the seller''s share');
ROLLBACK TO escalated;
SELECT support_case.decide(1, :id, 'uphold_seller', message => 'It was packed well.', actor_id => 'agent');
SELECT results_eq(format('SELECT m.kind, m.author, m.body, m.event_number = e.event_number, e.details
        FROM support_case.conversation_messages AS m
        JOIN support_case.case_event AS e ON e.seller_id = m.seller_id AND e.case_id = m.case_id AND e.action = ''decide''
        WHERE m.case_id = %s AND m.author = ''platform'' ORDER BY m.kind', :id),
    $$VALUES ('buyer_platform', 'platform', 'It was packed well.', true, '{"outcome": "uphold_seller"}'::jsonb),
        ('seller_platform', 'platform', 'It was packed well.', true, '{"outcome": "uphold_seller"}')$$,
    'T-24, AMB-32: each party reads why in its own conversation with the platform');
SELECT is((SELECT author_id FROM support_case.message WHERE body = 'It was packed well.' LIMIT 1), 'agent', 'which an agent wrote');
ROLLBACK TO escalated;
SELECT pg_temp.takes(:id, 'decide(1, $1, ''refund'', return_required => true, return_destination => ''platform'', actor_id => ''a'')',
    '{"status": "return_pending", "transition": "T-26", "deadline": "return_drop_off", "charged": 0,
    "due_at": "2026-01-22T12:00:00-05:00", "is_conversation_closed": true, "escalation_reason": null}',
    'T-26, W-74, W-75: a return first; the chat stays closed');
SELECT pg_temp.refuses(:id, 'post_message(1, $1, ''buyer'', ''where to?'')', 'SC001', 'T-26: the chat stays closed');
SELECT pg_temp.run(:id, 'record_return_delivered(1, $1, support_case.clock())');
SELECT is(pg_temp.state(:id) #>> '{parcels,0,destination}', 'platform', 'T-26, AMB-22: the decision names the destination');
SELECT pg_temp.takes(:id, 'confirm_return(1, $1)', '{"resolution": "full_refund_after_return", "charged": 103.5}',
    'T-26, W-75: typed actions stay possible; then T-16');
ROLLBACK TO escalated;
SELECT pg_temp.run(:id, 'decide(1, $1, ''refund'', ''platform'', return_required => true, actor_id => ''a'')',
    'record_return_delivered(1, $1, support_case.clock())', '@2026-01-30T12:00:00-05:00',
    '_roll_cases(''{1}'', ARRAY[$1], support_case.clock())');
SELECT pg_temp.shows(:id, '{"resolution": "full_refund_after_return", "transition": "T-17", "charged": 0, "refund": 105}',
    'T-26, AMB-125: T-17 charges by the decision''s liability');
SELECT pg_temp.escalated('missing_item') AS id \gset
SELECT pg_temp.refuses(:id, 'decide(1, $1, ''refund'', return_required => true, actor_id => ''a'')', 'SC001',
    'T-26: nothing to return', '%leaves nothing to return%');
SELECT pg_temp.under('{}', 'damaged_in_transit') AS id \gset
SELECT pg_temp.refuses(:id, 'decide(1, $1, ''refund'', actor_id => ''a'')', 'SC001', 'T-25: only what was escalated');
SELECT pg_temp.under('{"decision_default_liability": "platform"}', 'other') AS id \gset
SELECT pg_temp.takes(:id, 'decide(1, $1, ''refund'', actor_id => ''a'')', '{"transition": "T-27", "charged": 0}',
    'AMB-34 default_liability = platform');

---------- T-38: the seller concedes ----------

SELECT pg_temp.escalated() AS id \gset
SELECT pg_temp.refuses(:id, 'offer_full_refund(1, $1, true)', 'SC001', 'T-38: without conditions', '%cannot require a return%');
SELECT pg_temp.refuses(:id, 'offer_partial_refund(1, $1, 5)', 'SC001', 'T-38: in full');
SELECT pg_temp.takes(:id, 'offer_full_refund(1, $1)', '{"status": "closed", "resolution": "full_refund",
    "transition": "T-38", "actor": "seller", "charged": 97, "refund": 105}', 'T-38, AMB-66: concedes');
SELECT pg_temp.under('{"escalation_allow_concede": false}', 'damaged_in_transit', 'explain_no_refund(1, $1, ''no'')',
    'escalate(1, $1)') AS id \gset
SELECT pg_temp.refuses(:id, 'offer_full_refund(1, $1)', 'SC001', 'AMB-66 allow_concede = false',
    '%escalation_allow_concede=true%');
SELECT pg_temp.under('{}', 'other') AS id \gset
SELECT pg_temp.refuses(:id, 'offer_full_refund(1, $1)', 'SC001', 'T-38: what was the platform''s from the start he does not have to concede');

---------- AMB-38: who bears it ----------

SELECT pg_temp.escalated() AS id \gset
SELECT pg_temp.run(:id, 'decide(1, $1, ''uphold_seller'', actor_id => ''agent'')');
SELECT pg_temp.refuses(:id, 'reassign_liability(1, $1, ''platform'', actor_id => ''agent'')', 'SC001',
    'AMB-38: where nothing was refunded nobody bears anything');

---------- T-45: handed back ----------

SELECT pg_temp.escalated() AS id \gset
SELECT pg_temp.refuses(:id, 'return_to_seller(1, $1)', '22004', 'T-45: the agent is named');
SELECT pg_temp.takes(:id, 'return_to_seller(1, $1, ''agent'')', '{"status": "awaiting_seller", "transition": "T-45",
    "actor": "platform", "deadline": "seller_response", "due_at": "2026-01-19T12:00:00-05:00", "is_responded": false,
    "is_conversation_closed": false, "escalation_reason": null}', 'T-45: a new D-01, and the chat is open again');
SELECT pg_temp.refuses(:id, 'escalate(1, $1)', 'SC008', 'T-45: the seller has his time again');
SELECT pg_temp.takes(:id, 'post_message(1, $1, ''buyer'', ''hello?'')', '{"transition": "W-01",
    "deadline": "seller_response", "due_at": "2026-01-19T12:00:00-05:00"}', 'T-45: the chat moves no first deadline');
SELECT pg_temp.takes(:id, 'offer_full_refund(1, $1)', '{"transition": "T-03"}', 'T-45: and may answer');

---------- AMB-33: appeal, target ----------

SELECT pg_temp.under('{}', 'other', 'decide(1, $1, ''uphold_seller'', actor_id => ''agent'')') AS id \gset
SELECT pg_temp.refuses(:id, 'escalate(1, $1)', 'SC003', 'AMB-33: no appeal by default', '%appeal_window%');
SELECT pg_temp.under('{"appeal_window": "3 days"}', 'other', 'decide(1, $1, ''uphold_seller'', actor_id => ''a'')') AS id \gset
SELECT c.status_since + interval '3 days' AS closes_at FROM support_case.case_current AS c WHERE c.case_id = :id \gset
SELECT pg_temp.at(:'closes_at');
SELECT pg_temp.refuses(:id, 'escalate(1, $1)', 'SC003', 'AMB-33 appeal_window = 3 days: at its end it is over');
SELECT pg_temp.at((:'closes_at'::timestamptz - interval '1 microsecond')::text);
SELECT o.case_id AS other_id FROM support_case.case_current AS c,
    support_case.open_case(1, c.order_id, 'other', 'again', evidence => '[{"uri": "s3://evidence/2.jpg"}]') AS o
WHERE c.case_id = :id \gset
SELECT pg_temp.refuses(:id, 'escalate(1, $1)', 'SC013', 'AMB-33: an appeal opens a case again, and no line is in two open cases');
SELECT status FROM support_case.withdraw_case(1, :other_id) \gset
SELECT pg_temp.takes(:id, 'escalate(1, $1)', '{"status": "escalated", "resolution": null, "transition": "AMB-33",
    "escalation_reason": "appealed"}', 'AMB-33 appeal_window = 3 days: before it is not');
SELECT pg_temp.escalated() AS id \gset
SELECT is(q.target_at, '2026-01-19T10:00-05:00', 'AMB-33: no deadline, a target of 5 business days')
FROM support_case.platform_queue AS q WHERE q.case_id = :id;
SELECT pg_temp.under('{"platform_target": "2 business days"}', 'other') AS id \gset
SELECT is(q.target_at - q.waiting_since, interval '2 days', 'AMB-33: platform_target = 2 business days')
FROM support_case.platform_queue AS q WHERE q.case_id = :id;

SELECT * FROM finish();
ROLLBACK;
