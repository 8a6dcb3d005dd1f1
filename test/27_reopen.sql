-- Withdrawal, chargeback, feedback, reopening: T-28 to T-30, T-39 (AMB-29,
-- AMB-41, AMB-52, AMB-63, AMB-64, AMB-65).
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
CREATE FUNCTION pg_temp.order_of(of_case bigint)
RETURNS bigint
LANGUAGE sql
AS $$ SELECT order_id FROM support_case.support_case WHERE seller_id = 1 AND case_id = of_case $$;

---------- T-28: withdrawn ----------

SELECT pg_temp.under('{}', 'offer_partial_refund(1, $1, 5)', '@2026-01-13T10:00:00-05:00') AS id \gset
SELECT pg_temp.takes(:id, 'withdraw_case(1, $1)', '{"status": "closed", "resolution": "withdrawn", "transition": "T-28",
    "actor": "buyer", "charged": 0, "refund": 0, "deadline": null, "effective_at": "2026-01-13T10:00:00-05:00"}',
    'T-28, AMB-64: withdrawn while no refund was executed');
SELECT pg_temp.refuses(:id, 'withdraw_case(1, $1)', 'SC001', 'T-28: once');
SELECT pg_temp.under('{}', 'offer_full_refund(1, $1)') AS id \gset
SELECT pg_temp.refuses(:id, 'withdraw_case(1, $1)', 'SC001', 'T-28, AMB-64: not after the refund');
SELECT pg_temp.under('{"withdraw_allowed": false}') AS id \gset
SELECT pg_temp.refuses(:id, 'withdraw_case(1, $1)', 'SC001', 'AMB-64 withdraw_allowed = false', '%withdraw_allowed=true%');

---------- T-39: reopened ----------

SELECT pg_temp.under('{}', 'post_message(1, $1, ''seller'', ''hello'')', 'withdraw_case(1, $1)') AS id \gset
SAVEPOINT withdrawn;
SELECT pg_temp.at('2026-02-11T10:00:00-05:00');
SELECT pg_temp.refuses(:id, 'reopen_case(1, $1)', 'SC003', 'T-39, AMB-63: after 30 days it is too late', '%reopen_window%');
SELECT pg_temp.at('2026-02-11T09:59:59.999999-05:00');
SELECT pg_temp.takes(:id, 'reopen_case(1, $1)', '{"status": "awaiting_seller", "resolution": null, "transition": "T-39",
    "actor": "buyer", "deadline": "seller_response", "due_at": "2026-02-13T09:59:59.999999-05:00",
    "is_responded": false, "events": 4}', 'T-39, AMB-63: one microsecond before it is not; a new D-01 starts');
SELECT is((SELECT array_agg(e.transition ORDER BY e.event_number) FROM support_case.case_event AS e
    WHERE e.case_id = :id), '{T-01,T-46,T-28,T-39}', 'T-39: the first response stays in history');
SELECT pg_temp.refuses(:id, 'escalate(1, $1)', 'SC008', 'T-39, AMB-09: the seller has his time again');
SELECT pg_temp.refuses(:id, 'reopen_case(1, $1)', 'SC001', 'T-39: once');
ROLLBACK TO withdrawn;
SELECT case_id AS other FROM support_case.open_case(1, pg_temp.order_of(:id), 'defective', 'again',
    evidence => '[{"uri": "x"}]') \gset
SELECT pg_temp.refuses(:id, 'reopen_case(1, $1)', 'SC013', 'T-39, AMB-46: not while another case is about the line');

SELECT pg_temp.takes(pg_temp.under('{}', VARIADIC steps), 'reopen_case(1, $1)', '{"status": "awaiting_seller",
        "transition": "T-39"}', 'T-39, AMB-63: ' || resolution)
FROM (VALUES ('no_buyer_response', ARRAY['request_information(1, $1, ''?'')', '@2026-02-01T10:00:00-05:00']),
    ('no_seller_response', ARRAY['@2026-03-01T10:00:00-05:00']),
    ('replacement', ARRAY['consent_to_replacement(1, $1)', 'send_replacement(1, $1, ''U'', ''1'')',
        'record_replacement_delivered(1, $1, support_case.clock())'])) AS v (resolution, steps);
SELECT pg_temp.refuses(pg_temp.under('{}', VARIADIC steps), 'reopen_case(1, $1)', 'SC001',
        'T-39, AMB-63: never ' || resolution, '%with resolution ' || resolution || '%cannot be reopened%')
FROM (VALUES ('full_refund', ARRAY['offer_full_refund(1, $1)']),
    ('partial_refund', ARRAY['offer_partial_refund(1, $1, 5)', 'accept_offer(1, $1)']),
    ('full_refund_after_return', ARRAY['offer_full_refund(1, $1, true)',
        'record_return_delivered(1, $1, support_case.clock())', 'confirm_return(1, $1)']),
    ('no_refund', ARRAY['explain_no_refund(1, $1, ''no'')', '@2026-02-11T10:00:00-05:00']),
    ('return_expired', ARRAY['offer_full_refund(1, $1, true)', '@2026-01-19T10:00:00-05:00']),
    ('platform_refund', ARRAY['explain_no_refund(1, $1, ''no'')', 'escalate(1, $1)',
        'decide(1, $1, ''refund'', actor_id => ''a'')']),
    ('platform_denied', ARRAY['explain_no_refund(1, $1, ''no'')', 'escalate(1, $1)',
        'decide(1, $1, ''uphold_seller'', actor_id => ''a'')'])) AS v (resolution, steps);
SELECT pg_temp.under('{}', 'consent_to_replacement(1, $1)', 'send_replacement(1, $1, ''U'', ''1'')',
    'record_replacement_delivered(1, $1, support_case.clock())', '@2026-01-15T10:00:00-05:00') AS id \gset
SELECT pg_temp.refuses(:id, 'reopen_case(1, $1)', 'SC003', 'AMB-29: 3 business days after the replacement it is too late');
SELECT pg_temp.at('2026-01-15T09:59:59.999999-05:00');
SELECT pg_temp.takes(:id, 'reopen_case(1, $1)', '{"transition": "T-39"}', 'AMB-29: one microsecond before it is not');
SELECT pg_temp.under('{"replacement_confirm_window": "10 days", "reopen_window": null}', 'consent_to_replacement(1, $1)',
    'send_replacement(1, $1, ''U'', ''1'')', 'record_replacement_delivered(1, $1, support_case.clock())') AS id \gset
SELECT pg_temp.at((support_case.clock() + interval '9 days')::text);
SELECT pg_temp.takes(:id, 'reopen_case(1, $1)', '{"transition": "T-39"}', 'AMB-29 confirm_window = 10 days');
SELECT pg_temp.under('{"reopen_window": null}', 'withdraw_case(1, $1)') AS id \gset
SELECT pg_temp.refuses(:id, 'reopen_case(1, $1)', 'SC003', 'AMB-63 reopen_window = null: never');

---------- T-30: feedback ----------

SELECT pg_temp.under('{}', 'offer_full_refund(1, $1)') AS id \gset
SELECT pg_temp.takes(:id, 'leave_feedback(1, $1, true)', '{"status": "closed", "resolution": "full_refund",
    "transition": "T-30", "actor": "buyer", "events": 3, "details": {"thumbs_up": true}}', 'T-30, W-110');
SELECT pg_temp.takes(:id, 'leave_feedback(1, $1, false)', '{"events": 4, "details": {"thumbs_up": false}}',
    'T-30, AMB-52: changeable');
SELECT results_eq(format('SELECT is_thumbs_up FROM support_case.case_feedback WHERE case_id = %s', :id), ARRAY[false],
    'AMB-52: the latest thumb counts');
SELECT pg_temp.refuses(:id, 'leave_feedback(1, $1, NULL)', '22004', 'T-30: up or down');
SELECT pg_temp.at('2026-01-26T10:00:00-05:00');
SELECT pg_temp.refuses(:id, 'leave_feedback(1, $1, true)', 'SC003', 'AMB-52: for 14 days', '%feedback_window%');
SELECT pg_temp.at('2026-01-26T09:59:59.999999-05:00');
SELECT pg_temp.takes(:id, 'leave_feedback(1, $1, true)', '{"events": 5}', 'AMB-52: until one microsecond before');
SELECT pg_temp.under() AS id \gset
SELECT pg_temp.refuses(:id, 'leave_feedback(1, $1, true)', 'SC001', 'T-30: only of a closed case');

---------- T-29: chargeback ----------

SELECT pg_temp.under('{}', 'offer_full_refund(1, $1, true)') AS id \gset
SELECT pg_temp.takes(:id, format('record_chargeback(1, %s, 105)', pg_temp.order_of(:id)), '{"status": "closed",
    "resolution": "superseded_by_chargeback", "transition": "T-29", "actor": "host", "charged": 0, "refund": 0,
    "deadline": null}', 'T-29, W-117, AMB-41: closed, the seller is not debited');
SELECT is((SELECT refunded FROM support_case.sales_order_line WHERE order_id = pg_temp.order_of(:id)), 10500::bigint,
    'AMB-41: what the bank took back counts against the cap');
SELECT pg_temp.under('{"chargeback_on_open": "escalate"}') AS id \gset
SELECT pg_temp.takes(:id, format('record_chargeback(1, %s, 50)', pg_temp.order_of(:id)), '{"status": "escalated",
    "transition": "AMB-41", "escalation_reason": "chargeback", "charged": 0}', 'AMB-41 chargeback_on_open = escalate');
SELECT pg_temp.under() AS id \gset
SELECT pg_temp.refuses(:id, format('record_chargeback(1, %s, %s)', pg_temp.order_of(:id), arguments), sqlstate,
    'T-29: ' || arguments)
FROM (VALUES ('0', '22023'), ('NULL', '22004'), ('1.001', '22023'),
    ('1, ''2026-01-12T10:00:01-05:00''', '22023')) AS v (arguments, sqlstate);

---------- AMB-65: refunds outside ----------

SELECT pg_temp.under('{}', 'offer_partial_refund(1, $1, 30)') AS id \gset
SELECT pg_temp.takes(:id, format('record_external_refund(1, %s, 100)', pg_temp.order_of(:id)),
    '{"status": "partial_offered", "transition": "AMB-65", "actor": "host", "deadline": "partial_offer_answer",
    "due_at": "2026-01-14T10:00:00-05:00", "charged": 0}', 'AMB-65: the cap shrinks, the case goes on');
SELECT pg_temp.takes(:id, 'accept_offer(1, $1)', '{"resolution": "partial_refund", "refund": 5}',
    'AMB-65, AMB-122: what was offered is clamped to what is left');
SELECT pg_temp.under() AS id \gset
SELECT pg_temp.takes(:id, format('record_external_refund(1, %s, 105)', pg_temp.order_of(:id)), '{"status": "closed",
    "resolution": "full_refund", "transition": "AMB-65", "charged": 0, "refund": 0}', 'AMB-65: nothing left, the case closes');

---------- what a reopened case does not keep ----------

SELECT pg_temp.new_case('other') AS id \gset
SELECT pg_temp.run(:id, 'withdraw_case(1, $1)');
SELECT pg_temp.takes(:id, 'reopen_case(1, $1)', '{"status": "escalated", "transition": "T-39",
    "escalation_reason": "routed_to_platform"}', 'T-39, W-21: what was the platform''s does not become the seller''s');
SELECT pg_temp.new_case() AS id \gset
SELECT pg_temp.run(:id, 'withdraw_case(1, $1)');
SELECT support_case.record_external_refund(1, c.order_id, 105.00) FROM support_case.support_case AS c
WHERE c.seller_id = 1 AND c.case_id = :id;
SELECT pg_temp.refuses(:id, 'reopen_case(1, $1)', 'SC007', 'AMB-63: all that was paid has come back meanwhile');
SELECT pg_temp.new_case() AS id \gset
SELECT pg_temp.run(:id, 'consent_to_replacement(1, $1)', 'send_replacement(1, $1, ''UPS'', ''1Z'')',
    'record_replacement_delivered(1, $1, support_case.clock())', 'reopen_case(1, $1)');
SELECT pg_temp.refuses(:id, 'send_replacement(1, $1, ''UPS'', ''1Z'')', 'SC014',
    'AMB-28: another replacement needs another consent');

SELECT * FROM finish();
ROLLBACK;
