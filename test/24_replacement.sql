-- The replacement: T-06, T-19 to T-22, T-40, T-47 (8.5: AMB-25 to AMB-30).
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-02T09:00:00-05:00');
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr') IS NOT NULL AS made;

-- A case with consent, opened on Monday, 12 January 2026, 10:00, or a Monday
-- in summer for another policy.
CREATE TEMPORARY SEQUENCE week_seq MINVALUE 0;
CREATE FUNCTION pg_temp.consented(settings jsonb DEFAULT '{}', reason text DEFAULT 'damaged_in_transit')
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
    RETURN pg_temp.case_after(reason, 'consent_to_replacement(1, $1)');
END
$$;
CREATE FUNCTION pg_temp.sent(settings jsonb DEFAULT '{}', reason text DEFAULT 'damaged_in_transit')
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    of_case bigint := pg_temp.consented(settings, reason);
BEGIN
    PERFORM pg_temp.run(of_case, 'send_replacement(1, $1, ''UPS'', ''1Z'')');
    RETURN of_case;
END
$$;

---------- T-19: shipped ----------

SELECT pg_temp.sent() AS id \gset
SELECT pg_temp.shows(:id, '{"status": "replacement_pending", "due_at": "2026-01-14T10:00:00-05:00"}',
    'AMB-26: 48 business hours from the response');
SELECT pg_temp.refuses(:id, 'record_replacement_shipped(1, $1, ''2026-01-12T10:00:01-05:00'')', '22023',
    'T-19: not in the future');
SELECT pg_temp.refuses(:id, 'record_replacement_shipped(1, $1, ''2026-01-12T09:59:59-05:00'')', '22023',
    'T-19: not before the case');
SELECT pg_temp.refuses(:id, 'record_replacement_shipped(1, $1, NULL)', '22004', 'T-19: at an instant');
SELECT pg_temp.at('2026-01-13T17:00:00-05:00');
SELECT pg_temp.takes(:id, 'record_replacement_shipped(1, $1, ''2026-01-13T16:00:00-05:00'')',
    '{"status": "replacement_in_transit", "transition": "T-19", "actor": "carrier", "waiting_on": "carrier",
    "deadline": "replacement_transit", "due_at": "2026-01-28T16:00:00-05:00", "charged": 0, "parcels": [{
    "direction": "replacement", "destination": "buyer", "handed_over_at": "2026-01-13T16:00:00-05:00",
    "delivered_at": null}]}', 'T-19, W-60, AMB-26, AMB-29: the scan ships it; 15 days to arrive');
SELECT pg_temp.refuses(:id, 'record_replacement_shipped(1, $1, support_case.clock())', 'SC001', 'T-19: once');

---------- T-20, T-21: not shipped ----------

SELECT pg_temp.sent() AS id \gset
SELECT pg_temp.refuses(:id, 'authorise_return(1, $1, ''agent'')', 'SC001', 'T-21: not before the deadline',
    '%has not passed yet%');
SELECT pg_temp.turns(:id, '2026-01-14T10:00:00-05:00', '{"status": "replacement_pending", "is_overdue": false,
    "waiting_on": "seller"}', '{"status": "replacement_pending", "is_overdue": true, "transition": "T-20",
    "waiting_on": "platform", "next_step": "authorise_return", "deadline": null, "events": 4, "charged": 0}',
    'T-20, W-60, D-06, AMB-27: a task for the platform, no automatic effect');
PREPARE overdue_task AS SELECT q.task, q.waiting_since, q.target_at FROM support_case.platform_queue AS q WHERE q.case_id = $1;
PREPARE expected_task AS VALUES ('replacement_overdue', '2026-01-14T10:00:00-05:00'::timestamptz,
    '2026-01-21T10:00:00-05:00'::timestamptz);
SELECT pg_temp.at('2026-01-16T10:00:00-05:00');
SELECT results_eq(format('EXECUTE overdue_task(%s)', :id), 'EXECUTE expected_task',
    'T-20, AMB-33: it is in the platform''s queue since it is overdue');
SAVEPOINT unswept;
SELECT support_case.sweep() > 0 AS swept;
SELECT results_eq(format('EXECUTE overdue_task(%s)', :id), 'EXECUTE expected_task', 'T-20, AMB-33: swept or not');
SELECT pg_temp.run(:id, 'post_message(1, $1, ''buyer'', ''Where is it?'')');
SELECT results_eq(format('EXECUTE overdue_task(%s)', :id), 'EXECUTE expected_task', 'T-20, AMB-33: whatever is said since');
ROLLBACK TO unswept;
SELECT pg_temp.at('2026-01-14T10:00:00-05:00');
SAVEPOINT overdue;
SELECT pg_temp.refuses(:id, 'authorise_return(1, $1)', '22004', 'T-21: the agent is named');
SELECT pg_temp.takes(:id, 'authorise_return(1, $1, ''agent'')', '{"status": "return_pending", "transition": "T-21",
    "actor": "platform", "deadline": "return_drop_off", "due_at": "2026-01-21T10:00:00-05:00", "charged": 0}',
    'T-21, W-60, D-07: the buyer may return the original within 5 business days');
SELECT pg_temp.turns(:id, '2026-01-21T10:00:00-05:00', '{"status": "return_pending"}',
    '{"resolution": "return_expired", "charged": 0}', 'D-07: as D-04');
ROLLBACK TO overdue;
SELECT pg_temp.run(:id, '@2026-01-15T10:00:00-05:00');
SELECT pg_temp.takes(:id, 'record_replacement_shipped(1, $1, ''2026-01-14T10:00:00-05:00'')',
    '{"status": "replacement_in_transit", "transition": "T-19", "is_overdue": false,
    "due_at": "2026-01-29T10:00:00-05:00"}', 'T-19: shipped late is shipped');
ROLLBACK TO overdue;
SELECT pg_temp.takes(:id, 'escalate(1, $1)', '{"status": "escalated", "transition": "T-23"}', 'T-23: the buyer may escalate');
SELECT pg_temp.run(:id, '@2026-01-15T10:00:00-05:00');
SELECT pg_temp.takes(:id, 'record_replacement_delivered(1, $1, support_case.clock())', '{"status": "escalated",
    "transition": "AMB-29"}', 'AMB-29: it arrives all the same, and the platform decides');
SELECT pg_temp.sent('{}', 'returned_to_sender') AS id \gset
SELECT pg_temp.at('2026-01-14T10:00:00-05:00');
SELECT pg_temp.refuses(:id, 'authorise_return(1, $1, ''agent'')', 'SC001', 'T-21: nothing to return',
    '%leaves nothing to return%');
SELECT pg_temp.sent() AS id \gset
SELECT pg_temp.at('2026-01-14T09:59:59.999999-05:00');
SELECT pg_temp.takes(:id, 'record_replacement_shipped(1, $1, support_case.clock())', '{"transition": "T-19", "events": 4}',
    'D-06: one microsecond before, it was never overdue');

---------- T-47: the return authorised automatically ----------

SELECT pg_temp.sent('{"replacement_auto_authorise_return": true}') AS id \gset
SELECT c.due_at FROM support_case.case_current AS c WHERE c.case_id = :id \gset
SELECT pg_temp.turns(:id, :'due_at', '{"status": "replacement_pending"}', '{"status": "return_pending",
    "transition": "T-47", "deadline": "return_drop_off", "charged": 0}', 'T-47, AMB-27 auto_authorise_return = true');
SELECT is(c.due_at, :'due_at'::timestamptz + interval '7 days', 'T-47, D-07: 5 business days from the deadline')
FROM support_case.case_current AS c WHERE c.case_id = :id;
SELECT pg_temp.sent('{"replacement_auto_authorise_return": true}', 'returned_to_sender') AS id \gset
SELECT c.due_at FROM support_case.case_current AS c WHERE c.case_id = :id \gset
SELECT pg_temp.turns(:id, :'due_at', '{"status": "replacement_pending"}', '{"status": "replacement_pending",
    "transition": "T-20", "is_overdue": true}', 'T-47, AMB-27: not where nothing can be returned');

---------- T-22, T-40: delivered, or lost ----------

SELECT pg_temp.sent() AS id \gset
SELECT pg_temp.run(:id, '@2026-01-13T16:00:00-05:00', 'record_replacement_shipped(1, $1, support_case.clock())');
SAVEPOINT shipped;
SELECT pg_temp.at('2026-01-16T12:00:00-05:00');
SELECT pg_temp.takes(:id, 'record_replacement_delivered(1, $1, ''2026-01-16T11:00:00-05:00'')', '{"status": "closed",
    "resolution": "replacement", "transition": "T-22", "actor": "carrier", "charged": 0, "refund": 0, "due_at": null,
    "parcels": [{"direction": "replacement", "destination": "buyer", "handed_over_at": "2026-01-13T16:00:00-05:00",
    "delivered_at": "2026-01-16T11:00:00-05:00"}]}', 'T-22, W-59, W-85, X-14, AMB-29: no charge');
ROLLBACK TO shipped;
SELECT pg_temp.turns(:id, '2026-01-28T16:00:00-05:00', '{"status": "replacement_in_transit"}', '{"status": "escalated",
    "transition": "T-40", "escalation_reason": "replacement_lost", "charged": 0}', 'T-40, AMB-29');
ROLLBACK TO shipped;
SELECT pg_temp.at('2026-01-28T15:59:59.999999-05:00');
SELECT pg_temp.takes(:id, 'record_replacement_delivered(1, $1, support_case.clock())', '{"resolution": "replacement"}',
    'AMB-29: one microsecond before 15 days it is not lost');
SELECT pg_temp.sent() AS id \gset
SELECT pg_temp.takes(:id, 'record_replacement_delivered(1, $1, support_case.clock())', '{"resolution": "replacement",
    "transition": "T-22"}', 'T-22: a delivery without a scan is a shipment too');
SELECT pg_temp.sent('{"replacement_transit": "10 days"}') AS id \gset
SELECT pg_temp.takes(:id, 'record_replacement_shipped(1, $1, support_case.clock())',
    jsonb_build_object('due_at', support_case.clock() + interval '10 days'), 'AMB-29: replacement_transit = 10 days');

---------- knobs ----------

SELECT pg_temp.consented('{"replacement_mode": "refund_and_reorder"}') AS id \gset
SELECT pg_temp.takes(:id, 'send_replacement(1, $1)', '{"status": "closed", "resolution": "full_refund",
    "transition": "AMB-25", "charged": 97, "refund": 105, "parcels": []}',
    'AMB-25, A-26 mode = refund_and_reorder: refunded, and the buyer orders again; no label');
SELECT pg_temp.consented('{"replacement_sent_evidence": "label"}') AS id \gset
SELECT pg_temp.takes(:id, 'send_replacement(1, $1, ''UPS'', ''1Z'')',
    jsonb_build_object('status', 'replacement_in_transit', 'transition', 'AMB-26', 'deadline', 'replacement_transit',
        'due_at', support_case.clock() + interval '15 days'), 'AMB-26 sent_evidence = label: the label ships it');
SELECT pg_temp.consented('{"replacement_require_consent": false}') AS id \gset
SELECT pg_temp.new_case() AS id \gset
SELECT pg_temp.takes(:id, 'send_replacement(1, $1, ''UPS'', ''1Z'')', '{"status": "replacement_pending"}',
    'AMB-28 require_consent = false: none needed');
SELECT pg_temp.policy() > 0 AS made;
SELECT pg_temp.at((support_case.clock() + interval '1 hour')::text);
SELECT pg_temp.new_case('returned_to_sender') AS id \gset
SELECT pg_temp.takes(:id, 'send_replacement(1, $1, ''UPS'', ''1Z'')', '{"status": "replacement_pending"}',
    'AMB-28, W-61, W-134: none needed for returned_to_sender');
SELECT ok(NOT pg_temp.state(:id) -> 'details' ? 'return_original', 'AMB-30: the original need not come back');
SELECT pg_temp.sent('{"replacement_return_original": true}') AS id \gset
SELECT pg_temp.shows(:id, '{"details": {"carrier": "UPS", "tracking_number": "1Z", "mode": "seller_ships",
    "return_original": true}}', 'AMB-30 return_original = true: the buyer is asked for it');

SELECT * FROM finish();
ROLLBACK;
