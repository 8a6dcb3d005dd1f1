-- The return: T-13 to T-18, T-40, T-41 (8.4: AMB-16 to AMB-23, AMB-123).
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-02T09:00:00-05:00');
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr') IS NOT NULL AS made;

-- A return approved on the Wednesday of worked example X-03, weeks later for
-- every further policy; due a week after.
CREATE TEMPORARY SEQUENCE week_seq MINVALUE 0;
CREATE FUNCTION pg_temp.returning(settings jsonb DEFAULT '{}')
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    of_case bigint;
BEGIN
    PERFORM pg_temp.at((timestamp '2026-01-07 09:00' AT TIME ZONE 'America/New_York')::text);
    IF settings <> '{}' THEN
        PERFORM pg_temp.at(((timestamp '2026-04-08 09:00' + nextval('pg_temp.week_seq') * interval '1 week')
            AT TIME ZONE 'America/New_York')::text);
        PERFORM pg_temp.policy(settings);
    END IF;
    of_case := pg_temp.case_after('damaged_in_transit', 'offer_full_refund(1, $1, true)');
    PERFORM set_config('test.due_at', (SELECT due_at::text FROM support_case.case_current WHERE case_id = of_case),
        false);
    RETURN of_case;
END
$$;
-- The clock, relative to when the return is due.
CREATE FUNCTION pg_temp.due(shift interval DEFAULT '0')
RETURNS timestamptz
LANGUAGE sql
AS $$ SELECT current_setting('test.due_at')::timestamptz + shift $$;
CREATE FUNCTION pg_temp.at_due(shift interval DEFAULT '0')
RETURNS void
LANGUAGE sql
AS $$ SELECT pg_temp.at(pg_temp.due(shift)::text) $$;

---------- W-35: the label ----------

SELECT pg_temp.returning() AS id \gset
SELECT pg_temp.takes(:id, 'record_return_label(1, $1, 6.50, ''USPS'', ''94'')', '{"status": "return_pending",
    "transition": "W-35", "actor": "carrier", "deadline": "return_drop_off", "due_at": "2026-01-14T09:00:00-05:00",
    "parcels": [{"direction": "return", "destination": "seller", "handed_over_at": null, "delivered_at": null}]}',
    'W-35, AMB-22: the label belongs to a parcel to the seller, and moves no deadline');
SELECT pg_temp.refuses(:id, 'record_return_label(1, $1, -1)', '22023', 'W-35: a label has no negative cost');
SELECT pg_temp.refuses(:id, 'record_return_label(1, $1, NULL)', '22004', 'W-35: a label has a cost');

---------- T-13: dropped off ----------

SELECT pg_temp.refuses(:id, 'record_return_dropped_off(1, $1, support_case.clock() + interval ''1 second'')', '22023',
    'T-13: not in the future');
SELECT pg_temp.refuses(:id, 'record_return_dropped_off(1, $1, ''2026-01-07T08:59:59-05:00'')', '22023',
    'T-13: not before the case');
SELECT pg_temp.refuses(:id, 'record_return_dropped_off(1, $1, ''infinity'')', '22008', 'T-13: at an instant');
SELECT pg_temp.refuses(:id, 'record_return_dropped_off(1, $1, NULL)', '22004', 'T-13: at an instant');
SAVEPOINT pending;
SELECT pg_temp.at('2026-01-13T12:00:00-05:00');
SELECT pg_temp.takes(:id, 'record_return_dropped_off(1, $1, ''2026-01-12T10:00:00-05:00'', ''USPS'', ''94'')',
    '{"status": "return_in_transit", "transition": "T-13", "actor": "carrier", "waiting_on": "carrier",
    "deadline": "return_transit", "due_at": "2026-01-27T10:00:00-05:00", "charged": 0,
    "effective_at": "2026-01-13T12:00:00-05:00", "parcels": [{"direction": "return", "destination": "seller",
    "handed_over_at": "2026-01-12T10:00:00-05:00", "delivered_at": null}]}',
    'T-13, W-33, AMB-20: the drop-off deadline stops; 15 days from the scan');
SELECT pg_temp.refuses(:id, 'record_return_dropped_off(1, $1, support_case.clock())', 'SC001', 'T-13: once');
ROLLBACK TO pending;
SELECT pg_temp.at('2026-01-13T12:00:00-05:00');
SELECT pg_temp.refuses(:id, 'submit_dropoff_proof(1, $1, support_case.clock(), ''[]'')', 'SC012', 'AMB-17: proof is shown');
SELECT pg_temp.takes(:id, 'submit_dropoff_proof(1, $1, ''2026-01-13T11:00:00-05:00'', ''[{"uri": "x"}]'')',
    '{"status": "return_in_transit", "transition": "T-13", "actor": "buyer", "due_at": "2026-01-28T11:00:00-05:00"}',
    'T-13, AMB-17 scan_or_proof: the buyer''s proof counts');
SELECT pg_temp.returning('{"return_dropoff_evidence": "scan"}') AS id \gset
SELECT pg_temp.refuses(:id, 'submit_dropoff_proof(1, $1, support_case.clock(), ''[{"uri": "x"}]'')', 'SC001',
    'AMB-17 scan: only the carrier''s scan counts', '%return_dropoff_evidence=scan_or_proof%');

---------- T-14: not dropped off ----------

SELECT pg_temp.returning() AS id \gset
SELECT pg_temp.turns(:id, pg_temp.due(), '{"status": "return_pending"}', '{"status": "closed",
    "resolution": "return_expired", "transition": "T-14", "charged": 0, "refund": 0, "waiting_on": null}',
    'T-14, W-34, W-88, AMB-16, AMB-23, D-04');
SELECT pg_temp.refuses(:id, 'record_return_dropped_off(1, $1, support_case.clock())', 'SC003',
    'D-04: a drop-off at the instant is too late', '%not dropped off before its deadline%');
SELECT pg_temp.returning() AS id \gset
SELECT pg_temp.at_due('-1 microsecond');
SELECT pg_temp.takes(:id, 'record_return_dropped_off(1, $1, support_case.clock())', '{"transition": "T-13"}',
    'D-04: one microsecond before it is in time');
SELECT pg_temp.returning('{"return_auto_cancel": false}') AS id \gset
SELECT pg_temp.turns(:id, pg_temp.due(), '{"status": "return_pending"}', '{"status": "escalated",
    "escalation_reason": "return_overdue", "transition": "T-14", "charged": 0}', 'T-14, AMB-16 auto_cancel = false');
SELECT pg_temp.takes(:id, 'reinstate_return(1, $1, ''agent'')', '{"status": "return_pending", "transition": "T-41",
    "deadline": "return_drop_off"}', 'T-41, AMB-16: from there the platform can reinstate it too');
SELECT pg_temp.returning('{"return_auto_cancel": false}') AS id \gset
SELECT pg_temp.at_due('1 day');
SELECT pg_temp.takes(:id, format('record_return_dropped_off(1, $1, %L)', pg_temp.due('-1 hour')),
    '{"status": "return_in_transit", "transition": "T-41"}', 'T-41: a scan in time counts there too');
SELECT pg_temp.returning('{"return_auto_cancel": false}') AS id \gset
SELECT pg_temp.at_due('1 day');
SELECT pg_temp.refuses(:id, format('record_return_dropped_off(1, $1, %L)', pg_temp.due()), 'SC003',
    'T-41: one at the deadline does not');

SELECT pg_temp.returning() AS id \gset
SELECT pg_temp.run(:id, 'record_return_label(1, $1, 6.50)');
SELECT pg_temp.at_due('1 hour');
SELECT pg_temp.run(:id, '_roll_cases(''{1}'', ARRAY[$1], support_case.clock())');
SELECT pg_temp.shows(:id, '{"resolution": "return_expired", "charged": 0}', 'AMB-23: an unscanned label is not charged');
SELECT pg_temp.returning('{"return_charge_unscanned_label": true}') AS id \gset
SELECT pg_temp.run(:id, 'record_return_label(1, $1, 6.50)');
SELECT pg_temp.turns(:id, pg_temp.due(), '{"status": "return_pending", "charged": 0}',
    '{"resolution": "return_expired", "charged": 6.50, "refund": 0}', 'AMB-23 charge_unscanned_label = true');

---------- T-41: in time, reported late; reinstated ----------

SELECT pg_temp.returning() AS id \gset
SELECT pg_temp.at_due('2 days');
SELECT pg_temp.takes(:id, format('record_return_dropped_off(1, $1, %L)', pg_temp.due('-1 microsecond')),
    '{"status": "return_in_transit", "resolution": null, "transition": "T-41", "deadline": "return_transit",
    "due_at": "2026-01-29T08:59:59.999999-05:00", "events": 4, "waiting_on": "carrier"}',
    'T-41, AMB-123: a scan one microsecond before the deadline, reported two days later, is in time');
SELECT pg_temp.returning() AS id \gset
SELECT pg_temp.at_due('2 days');
SELECT pg_temp.refuses(:id, format('record_return_dropped_off(1, $1, %L)', pg_temp.due()), 'SC003',
    'T-41: one at the deadline is not');
SELECT pg_temp.refuses(:id, format('submit_dropoff_proof(1, $1, %L, ''[{"uri": "x"}]'')', pg_temp.due()), 'SC003',
    'T-41, D-04, AMB-17: proof dated at the deadline is too late');
SELECT pg_temp.takes(:id, format('submit_dropoff_proof(1, $1, %L, ''[{"uri": "x"}]'')', pg_temp.due('-1 hour')),
    '{"status": "return_in_transit", "transition": "T-41", "actor": "buyer"}', 'T-41, AMB-17: proof dated in time');
SELECT pg_temp.returning() AS id \gset
SELECT pg_temp.at_due('1 day');
SELECT pg_temp.takes(:id, 'reinstate_return(1, $1, ''agent'')', '{"status": "return_pending", "resolution": null,
    "transition": "T-41", "actor": "platform", "deadline": "return_drop_off", "due_at": "2026-01-22T09:00:00-05:00"}',
    'T-41, AMB-16: the platform reinstates, with a new deadline');
SELECT pg_temp.returning() AS id \gset
SELECT pg_temp.at_due('1 day');
SELECT pg_temp.refuses(:id, 'reinstate_return(1, $1)', '22004', 'T-41: the agent is named');
SELECT pg_temp.at('2026-01-21T09:00:00-05:00');
SELECT pg_temp.refuses(:id, 'reinstate_return(1, $1, ''agent'')', 'SC003', 'AMB-16: grace of 5 business days is over',
    '%return_grace%');
SELECT pg_temp.at('2026-01-21T08:59:59.999999-05:00');
SELECT pg_temp.takes(:id, 'reinstate_return(1, $1, ''agent'')', '{"status": "return_pending"}',
    'AMB-16: one microsecond before it is not');
SELECT pg_temp.returning('{"return_grace": null}') AS id \gset
SELECT pg_temp.at_due();
SELECT pg_temp.refuses(:id, 'reinstate_return(1, $1, ''agent'')', 'SC003', 'AMB-16 grace = null: never');
SELECT pg_temp.returning() AS id \gset
SELECT pg_temp.at_due('1 day');
SELECT case_id AS other FROM support_case.open_case(1,
    (SELECT order_id FROM support_case.support_case WHERE case_id = :id), 'damaged_in_transit', 'again') \gset
SELECT pg_temp.refuses(:id, 'reinstate_return(1, $1, ''agent'')', 'SC013', 'T-41, AMB-46: not while another case is open');
SELECT pg_temp.refuses(:id, format('record_return_dropped_off(1, $1, %L)', pg_temp.due('-1 hour')), 'SC013',
    'T-41, AMB-46: nor by a late scan');

---------- T-15: delivered ----------

SELECT pg_temp.returning() AS id \gset
SELECT pg_temp.run(:id, '@2026-01-12T10:00:00-05:00', 'record_return_dropped_off(1, $1, support_case.clock())',
    '@2026-01-15T11:30:00-05:00');
SAVEPOINT in_transit;
SELECT pg_temp.takes(:id, 'record_return_delivered(1, $1, support_case.clock())', '{"status": "return_inspection",
    "transition": "T-15", "actor": "carrier", "waiting_on": "seller", "next_step": "inspect_return",
    "deadline": "return_inspection", "due_at": "2026-01-19T11:30:00-05:00", "charged": 0, "parcels": [{
    "direction": "return", "destination": "seller", "handed_over_at": "2026-01-12T10:00:00-05:00",
    "delivered_at": "2026-01-15T11:30:00-05:00"}]}', 'T-15, X-04, W-41, D-05: two business days to inspect');
ROLLBACK TO in_transit;
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr; 2026-01-19 off') IS NOT NULL AS made;
SELECT pg_temp.takes(:id, 'record_return_delivered(1, $1, support_case.clock())',
    '{"due_at": "2026-01-20T11:30:00-05:00"}', 'X-04, AMB-04: a holiday in between is no business time');
ROLLBACK TO in_transit;
SELECT pg_temp.refuses(:id, 'record_return_delivered(1, $1, support_case.clock(), true, ''seller'')', 'SC001',
    'T-15, AMB-18, AMB-19: that a parcel was refused is for the carrier to say');
SELECT pg_temp.takes(:id, 'record_return_delivered(1, $1, support_case.clock(), reported_by => ''seller'')',
    '{"status": "return_inspection", "transition": "T-15", "actor": "seller"}', 'AMB-18: without tracking the seller reports it');
ROLLBACK TO in_transit;
SELECT pg_temp.takes(:id, 'record_return_delivered(1, $1, support_case.clock(), true)',
    '{"status": "return_inspection", "transition": "T-15", "due_at": "2026-01-19T11:30:00-05:00"}',
    'AMB-19, W-40: a parcel the seller refuses is delivered at refusal');
ROLLBACK TO in_transit;
SELECT pg_temp.run(:id, '@2026-01-20T10:00:00-05:00');
SELECT pg_temp.takes(:id, 'record_return_delivered(1, $1, ''2026-01-15T11:30:00-05:00'')',
    '{"due_at": "2026-01-21T10:00:00-05:00", "effective_at": "2026-01-20T10:00:00-05:00"}',
    'AMB-123: reported five days late, the deadline ends one business day after the report');
ROLLBACK TO in_transit;
SELECT pg_temp.run(:id, '@2026-01-16T11:30:00-05:00');
SELECT pg_temp.takes(:id, 'record_return_delivered(1, $1, ''2026-01-15T11:30:00-05:00'')',
    '{"due_at": "2026-01-19T11:30:00-05:00"}', 'AMB-123: reported a day late, the notice changes nothing');
ROLLBACK TO in_transit;
SELECT pg_temp.returning() AS id \gset
SELECT pg_temp.run(:id, '@2026-01-13T10:00:00-05:00');
SELECT pg_temp.takes(:id, 'record_return_delivered(1, $1, support_case.clock())', '{"status": "return_inspection",
    "transition": "T-15"}', 'T-15: a delivery without a scan is a drop-off too');

SELECT pg_temp.returning('{"fact_minimum_notice": "3 business days"}') AS id \gset
SELECT pg_temp.at_due('-2 days');
SELECT pg_temp.takes(:id, 'record_return_delivered(1, $1, support_case.clock())',
    jsonb_build_object('due_at', pg_temp.due('-2 days') + interval '3 days'),
    'AMB-123 fact_minimum_notice = 3 business days: longer than the inspection of 48 hours');
SELECT pg_temp.returning('{"fact_minimum_notice": null}') AS id \gset
SELECT pg_temp.at_due('-1 hour');
SELECT pg_temp.takes(:id, format('record_return_delivered(1, $1, %L)', pg_temp.due('-6 days')),
    jsonb_build_object('transition', 'T-15', 'status', 'closed', 'status_since', pg_temp.due('-1 hour'), 'charged', 103.50),
    'AMB-123 fact_minimum_notice = null: reported when the time is over, it ends at the report');
SELECT pg_temp.run(:id, '_roll_cases(''{1}'', ARRAY[$1], support_case.clock())');
SELECT pg_temp.shows(:id, jsonb_build_object('transition', 'T-17', 'effective_at', pg_temp.due('-1 hour')),
    'AMB-123, AMB-120: and not before it');
SELECT pg_temp.returning('{"return_delivery_evidence": "carrier"}') AS id \gset
SELECT pg_temp.refuses(:id, 'record_return_delivered(1, $1, support_case.clock(), reported_by => ''seller'')', 'SC001',
    'AMB-18 carrier: the seller cannot report it', '%return_delivery_evidence=carrier_or_seller%');
SELECT pg_temp.returning('{"return_refusal_counts_as_delivery": false}') AS id \gset
SELECT pg_temp.takes(:id, 'record_return_delivered(1, $1, support_case.clock(), true)', '{"status": "escalated",
    "transition": "AMB-19", "escalation_reason": "return_refused", "charged": 0}',
    'AMB-19 refusal_counts_as_delivery = false: the platform decides');
SELECT pg_temp.returning('{"return_destination": "platform"}') AS id \gset
SELECT pg_temp.run(:id, 'record_return_label(1, $1, 1)');
SELECT is(pg_temp.state(:id) #>> '{parcels,0,destination}', 'platform', 'AMB-22 destination = platform');

---------- T-16, T-17, T-18: inspected, or not ----------

SELECT pg_temp.returning() AS id \gset
SELECT pg_temp.run(:id, 'record_return_label(1, $1, 4.00)', '@2026-01-12T10:00:00-05:00',
    'record_return_dropped_off(1, $1, support_case.clock())', '@2026-01-15T11:30:00-05:00',
    'record_return_delivered(1, $1, support_case.clock())');
SAVEPOINT inspection;
SELECT pg_temp.at('2026-01-16T09:00:00-05:00');
SELECT pg_temp.takes(:id, 'confirm_return(1, $1)', '{"status": "closed", "resolution": "full_refund_after_return",
    "transition": "T-16", "actor": "seller", "charged": 101.00, "refund": 105, "due_at": null}',
    'T-16, W-42, W-49, W-84: refunded with the label of 4.00');
SELECT pg_temp.refuses(:id, 'dispute_return(1, $1, ''missing'', ''gone'')', 'SC001', 'T-18: not after confirmation');
ROLLBACK TO inspection;
SELECT pg_temp.turns(:id, '2026-01-19T11:30:00-05:00', '{"status": "return_inspection", "charged": 0, "refund": 0}',
    '{"status": "closed", "resolution": "full_refund_after_return", "transition": "T-17", "charged": 101.00,
    "refund": 105}', 'T-17, W-43, W-79, D-05: neither confirmed nor disputed');
SELECT pg_temp.refuses(:id, 'confirm_return(1, $1)', 'SC001', 'D-05: confirming at the instant is too late');
SELECT pg_temp.refuses(:id, 'dispute_return(1, $1, ''missing'', ''gone'')', 'SC001', 'D-05, W-118: and disputing');
ROLLBACK TO inspection;
SELECT pg_temp.at('2026-01-19T11:29:59.999999-05:00');
SELECT pg_temp.refuses(:id, format('dispute_return(1, $1, %s)', arguments), sqlstate, 'T-18, W-46: ' || arguments)
FROM (VALUES ('''worn'', ''used''', '22023'), ('NULL, ''used''', '22004'), ('''missing'', NULL', '22004'),
    ('''missing'', ''gone'', ''[{"line_number": 2, "quantity": 0}]''', '22023'),
    ('''missing'', ''gone'', ''[{"line_number": 1, "quantity": 2}]''', '22023')) AS v (arguments, sqlstate);
SELECT pg_temp.takes(:id, 'dispute_return(1, $1, ''missing'', ''empty box'', ''[{"line_number": 1, "quantity": 0}]'')',
    '{"status": "escalated", "transition": "T-18", "escalation_reason": "return_disputed", "charged": 0, "refund": 0,
    "waiting_on": "platform", "is_conversation_closed": true, "deadline": null, "details": {"ground": "missing",
    "lines": [{"line_number": 1, "quantity": 0}]}}',
    'T-18, W-44, W-45, W-46, W-89, AMB-21: on hold, one microsecond before the deadline');
SELECT pg_temp.takes(:id, 'decide(1, $1, ''refund'', actor_id => ''agent'')', '{"status": "closed",
    "resolution": "platform_refund", "charged": 101.00, "refund": 105}', 'W-48, W-89: charged by the decision');
SELECT pg_temp.returning() AS id \gset
SELECT pg_temp.refuses(:id, 'confirm_return(1, $1)', 'SC001', 'T-16: not before delivery');
SELECT pg_temp.run(:id, 'record_return_delivered(1, $1, support_case.clock())', 'confirm_return(1, $1)');
SELECT pg_temp.shows(:id, '{"charged": 103.50}', 'W-84, X-14: without a label the order''s return shipping is charged');

---------- T-40: lost ----------

SELECT pg_temp.returning() AS id \gset
SELECT pg_temp.run(:id, '@2026-01-12T10:00:00-05:00', 'record_return_dropped_off(1, $1, support_case.clock())');
SELECT pg_temp.turns(:id, '2026-01-27T10:00:00-05:00', '{"status": "return_in_transit"}', '{"status": "escalated",
    "transition": "T-40", "escalation_reason": "return_lost", "charged": 0, "waiting_on": "platform"}', 'T-40, AMB-20');
SELECT pg_temp.takes(:id, 'record_return_delivered(1, $1, support_case.clock())', '{"status": "escalated",
    "transition": "AMB-20", "escalation_reason": "return_lost"}', 'AMB-20: it still turns up, and the platform decides');
SELECT pg_temp.returning() AS id \gset
SELECT pg_temp.run(:id, '@2026-01-12T10:00:00-05:00', 'record_return_dropped_off(1, $1, support_case.clock())',
    '@2026-01-27T09:59:59.999999-05:00');
SELECT pg_temp.takes(:id, 'record_return_delivered(1, $1, support_case.clock())', '{"transition": "T-15"}',
    'AMB-20: one microsecond before 15 days it is not lost');
SELECT pg_temp.returning('{"return_transit": "20 days"}') AS id \gset
SELECT pg_temp.takes(:id, 'record_return_dropped_off(1, $1, support_case.clock())',
    jsonb_build_object('deadline', 'return_transit', 'due_at', pg_temp.due('-7 days') + interval '20 days'),
    'AMB-20 lost_after = 20 days');

---------- AMB-123: in time, but reported late ----------

SELECT pg_temp.returning() AS id \gset
SELECT pg_temp.run(:id, '@2026-01-12T10:00:00-05:00', 'record_return_dropped_off(1, $1, support_case.clock())',
    '@2026-01-28T10:00:00-05:00');
SELECT pg_temp.takes(:id, 'record_return_delivered(1, $1, ''2026-01-20T10:00:00-05:00'')', '{"status": "return_inspection",
    "transition": "T-41", "due_at": "2026-01-29T10:00:00-05:00"}',
    'T-41, AMB-123: delivered before it counted as lost, with a day''s notice');
SELECT pg_temp.returning() AS id \gset
SELECT pg_temp.at_due('1 day');
SELECT pg_temp.takes(:id, format('record_return_delivered(1, $1, %L)', pg_temp.due('-1 hour')), '{"status": "return_inspection",
    "transition": "T-41"}', 'T-41, AMB-123: delivered before the drop-off was due');
SELECT pg_temp.returning() AS id \gset
SELECT pg_temp.at_due('1 day');
SELECT pg_temp.refuses(:id, format('record_return_delivered(1, $1, %L)', pg_temp.due()), 'SC003',
    'T-41: delivered at the deadline is too late');

---------- AMB-20, AMB-23: a parcel is delivered once, and its label charged once ----------

SELECT pg_temp.returning() AS id \gset
SELECT pg_temp.run(:id, '@2026-01-12T10:00:00-05:00', 'record_return_delivered(1, $1, support_case.clock())',
    'dispute_return(1, $1, ''incorrect'', ''another one'')');
SELECT pg_temp.refuses(:id, 'record_return_delivered(1, $1, support_case.clock())', 'SC001',
    'AMB-20: a delivery that is reported again', '%No return of this case is on its way.%');
SELECT pg_temp.takes(:id, 'decide(1, $1, ''refund'', actor_id => ''agent'')', '{"charged": 103.50}',
    'AMB-23: one label is charged');

---------- AMB-22: a decision's destination ends with the decision ----------

SELECT pg_temp.at('2026-01-07T09:00:00-05:00');
SELECT pg_temp.new_case() AS id \gset
SELECT pg_temp.run(:id, 'explain_no_refund(1, $1, ''no'')', 'escalate(1, $1)',
    'decide(1, $1, ''refund'', return_required => true, return_destination => ''platform'', actor_id => ''agent'')',
    'withdraw_case(1, $1)', 'reopen_case(1, $1)', 'offer_full_refund(1, $1, true)',
    'record_return_delivered(1, $1, support_case.clock())');
SELECT is((SELECT string_agg(destination, ',') FROM support_case.parcel WHERE seller_id = 1 AND case_id = :id), 'seller',
    'AMB-22: the seller''s own return comes to the seller');

SELECT * FROM finish();
ROLLBACK;
