-- Opening a case and the six responses of the seller: T-01 to T-09, T-31.
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-02T09:00:00-05:00');
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr') IS NOT NULL AS made;

---------- T-01, T-02: opening ----------

SELECT pg_temp.at('2026-01-09T16:00:00-05:00');
SELECT pg_temp.new_case() AS id \gset
SELECT pg_temp.shows(:id, '{"status": "awaiting_seller", "waiting_on": "seller", "next_step": "respond",
    "deadline": "seller_response", "due_at": "2026-01-13T16:00:00-05:00", "transition": "T-01", "actor": "buyer",
    "events": 1, "is_responded": false, "is_conversation_closed": false, "resolution": null, "charged": 0,
    "escalation_reason": null, "parcels": []}',
    'T-01, X-01, W-16, W-25: a request of Friday 16:00 is to be answered by Tuesday 16:00');
SELECT is((SELECT array_agg(concat_ws(' ', o.recipient, o.channel, o.template, o.data ->> 'status')
            ORDER BY o.recipient, o.channel) FROM support_case.outbox AS o
        WHERE o.subject = 'case' AND o.subject_id = :id),
    '{buyer in_app status_changed awaiting_seller,host event open_case awaiting_seller,seller email new_request awaiting_seller,seller in_app new_request awaiting_seller}',
    'T-01, W-96: the seller is told by email and in the app');

SELECT pg_temp.case_after('damaged_in_transit', '@2026-01-10T10:00:00-05:00') AS id \gset
SELECT pg_temp.shows(:id, '{"opened_at": "2026-01-10T10:00:00-05:00", "due_at": "2026-01-14T00:00:00-05:00"}',
    'X-02, AMB-06: a request of Saturday runs from Monday; when it was made is kept');
SELECT pg_temp.case_after('damaged_in_transit', '@2026-03-06T16:00:00-05:00') AS id \gset
SELECT pg_temp.shows(:id, '{"due_at": "2026-03-10T16:00:00-04:00"}',
    'X-06: a weekend with a change of clocks takes no business time');

SELECT pg_temp.case_after('other', '@2026-01-12T10:00:00-05:00') AS id \gset
SELECT pg_temp.shows(:id, '{"status": "escalated", "waiting_on": "platform", "next_step": "decide", "deadline": null,
    "due_at": null, "transition": "T-02", "escalation_reason": "routed_to_platform",
    "is_conversation_closed": true, "events": 1}', 'T-02, W-21: a reason not covered goes to the platform');
SELECT pg_temp.refuses(:id, 'post_message(1, $1, ''seller'', ''hello'')', 'SC001',
    'T-02: there is no chat with the seller', '%never reached the seller%');
SELECT pg_temp.refuses(:id, 'post_message(1, $1, ''buyer'', ''hello'')', 'SC001', 'T-02: nor with the buyer');
SELECT pg_temp.refuses(:id, 'offer_full_refund(1, $1)', 'SC001', 'T-02: the seller cannot concede what he never got');

---------- T-03: full refund without return ----------

SELECT pg_temp.case_after('damaged_in_transit', '@2026-01-12T10:00:00-05:00', '@2026-01-12T11:30:00-05:00') AS id \gset
SELECT pg_temp.takes(:id, 'offer_full_refund(1, $1)', '{"status": "closed", "resolution": "full_refund",
    "waiting_on": null, "next_step": null, "deadline": null, "due_at": null, "transition": "T-03",
    "actor": "seller", "events": 2, "effective_at": "2026-01-12T11:30:00-05:00", "is_responded": true,
    "charged": 97.00, "refund": 105.00, "is_conversation_closed": false}',
    'T-03, W-29, W-31, W-83, X-14: refunded and charged at once');
SELECT is(ROW(i.instructed_at, i.visible_from, i.visible_until), ROW('2026-01-12T11:30-05:00'::timestamptz,
    '2026-01-15T11:30-05:00'::timestamptz, '2026-01-19T11:30-05:00'::timestamptz),
    'AMB-40, AMB-39, W-30: instructed the same instant, visible in 3 to 5 business days')
FROM support_case.refund_instruction AS i WHERE i.case_id = :id;
SELECT pg_temp.refuses(:id, 'offer_full_refund(1, $1)', 'SC001', 'T-03: once', '%closed with resolution full_refund%');

SELECT pg_temp.case_after('missing_item', 'request_information(1, $1, ''which?'')') AS id \gset
SELECT pg_temp.takes(:id, 'offer_full_refund(1, $1, message => ''sorry'')', '{"status": "closed",
    "resolution": "full_refund", "transition": "T-03", "charged": 97.00, "messages": 2}',
    'T-03: also while the buyer has been asked, with a message');

---------- T-04: full refund after a return ----------

SELECT pg_temp.case_after('damaged_in_transit', '@2026-01-07T08:00:00-05:00', '@2026-01-07T09:00:00-05:00') AS id \gset
SELECT pg_temp.takes(:id, 'offer_full_refund(1, $1, true)', '{"status": "return_pending", "waiting_on": "buyer",
    "next_step": "drop_off_return", "deadline": "return_drop_off", "due_at": "2026-01-14T09:00:00-05:00",
    "transition": "T-04", "events": 2, "charged": 0, "refund": 0, "details": {"return_required": true}}',
    'T-04, X-03, W-33: approved on Wednesday 09:00, to be dropped off by the next one; nothing is charged');
SELECT pg_temp.case_after('missing_item') AS id \gset
SELECT pg_temp.refuses(:id, 'offer_full_refund(1, $1, true)', 'SC001', 'T-04: nothing to return',
    '%leaves nothing to return%');
SELECT pg_temp.refuses(:id, 'offer_full_refund(1, $1, NULL)', '22004', 'T-04: return_required is stated');
SELECT pg_temp.refuses(:id, 'offer_full_refund(1, $1, message => '' '')', '22023', 'T-03: a message says something');

---------- T-05: partial refund offer ----------

SELECT pg_temp.case_after('damaged_in_transit', '@2026-01-12T10:00:00-05:00', '@2026-01-12T12:00:00-05:00') AS id \gset
SELECT pg_temp.refuses(:id, format('offer_partial_refund(1, $1, %s)', amount), sqlstate, 'T-05, AMB-14: ' || amount)
FROM (VALUES ('0', '22023'), ('-1', '22023'), ('105', 'SC007'), ('105.01', 'SC007'), ('NULL', '22004'),
    ('10.001', '22023'), ('1e30', '22003'), ('''NaN''', '22023')) AS v (amount, sqlstate);
SELECT pg_temp.takes(:id, 'offer_partial_refund(1, $1, 104.99)', '{"status": "partial_offered",
    "waiting_on": "buyer", "next_step": "answer_offer", "deadline": "partial_offer_answer",
    "due_at": "2026-01-14T12:00:00-05:00", "transition": "T-05", "events": 2, "partial_amount": 104.99,
    "charged": 0, "refund": 0}', 'T-05, W-51, W-52: the buyer has 48 business hours');
SELECT pg_temp.refuses(:id, 'offer_partial_refund(1, $1, 30)', 'SC001', 'T-05, W-51, AMB-15: an offer is not edited');

---------- T-06: replacement ----------

SELECT pg_temp.case_after('damaged_in_transit', '@2026-01-12T10:00:00-05:00') AS id \gset
SELECT pg_temp.refuses(:id, 'send_replacement(1, $1, ''UPS'', ''1Z'')', 'SC014', 'T-06, W-57: consent first',
    '%has not consented%');
SELECT pg_temp.takes(:id, 'consent_to_replacement(1, $1)', '{"status": "awaiting_seller", "transition": "AMB-28",
    "actor": "buyer", "deadline": "seller_response", "due_at": "2026-01-14T10:00:00-05:00", "events": 2}',
    'AMB-28: consent is recorded and moves no deadline');
SELECT pg_temp.refuses(:id, format('send_replacement(1, $1, %s)', arguments), sqlstate,
    'T-06, W-58: label and tracking are required: ' || arguments)
FROM (VALUES ('NULL, ''1Z''', '22004'), ('''UPS''', '22004'), ('''UPS'', '' ''', '22023')) AS v (arguments, sqlstate);
SELECT pg_temp.at('2026-01-16T11:00:00-05:00');
SELECT pg_temp.takes(:id, 'send_replacement(1, $1, ''UPS'', ''1Z'')', '{"status": "replacement_pending",
    "waiting_on": "seller", "next_step": "ship_replacement", "deadline": "replacement_shipment",
    "due_at": "2026-01-20T11:00:00-05:00", "transition": "T-06", "charged": 0, "events": 4,
    "parcels": [{"direction": "replacement", "destination": "buyer", "handed_over_at": null, "delivered_at": null}]}',
    'T-06, W-59, W-60: sent in answer on Friday (late, T-42 came before), to be shipped by Tuesday');

---------- T-07, T-08, T-09: refusal and question ----------

SELECT pg_temp.case_after('damaged_in_transit', '@2026-01-12T10:00:00-05:00') AS id \gset
SELECT pg_temp.refuses(:id, format('explain_no_refund(1, $1, %s)', argument), sqlstate, 'T-07, W-62: ' || argument)
FROM (VALUES ('NULL', '22004'), ('''''', '22023'), ('repeat(''x'', 10001)', '22023')) AS v (argument, sqlstate);
SELECT pg_temp.refuses(:id, format('request_information(1, $1, %s)', argument), sqlstate, 'T-08, W-67: ' || argument)
FROM (VALUES ('NULL', '22004'), ('''''', '22023')) AS v (argument, sqlstate);
SELECT pg_temp.refuses(:id, 'provide_information(1, $1, ''this'')', 'SC001', 'T-09: nothing was asked');
SELECT pg_temp.takes(:id, 'request_information(1, $1, ''which one?'')', '{"status": "awaiting_buyer",
    "waiting_on": "buyer", "next_step": "provide_information", "deadline": "information_request",
    "due_at": "2026-01-19T10:00:00-05:00", "transition": "T-08", "is_responded": true, "messages": 1, "events": 2}',
    'T-08, AMB-31: a question is a response; the buyer has 5 business days');
SELECT pg_temp.refuses(:id, 'provide_information(1, $1, NULL)', '22004', 'T-09, W-68: an answer says something');
SELECT pg_temp.at('2026-01-16T15:00:00-05:00');
SELECT pg_temp.takes(:id, 'provide_information(1, $1, ''the red one'', ''[{"uri": "s3://1.jpg"}]'')',
    '{"status": "awaiting_seller", "waiting_on": "seller", "deadline": "next_response",
    "due_at": "2026-01-20T15:00:00-05:00", "transition": "T-09", "is_responded": true, "messages": 2, "events": 3}',
    'T-09, AMB-08: the answer starts the next-response clock');
SELECT is((SELECT array_agg(e.transition || ' ' || e.actor ORDER BY e.event_number)
        FROM support_case.case_event AS e WHERE e.case_id = :id AND e.actor = 'seller'), '{T-08 seller}',
    'T-08: the first response is kept in history');
SELECT pg_temp.takes(:id, 'explain_no_refund(1, $1, ''as described'', ''[{"uri": "s3://2.jpg"}]'')',
    '{"status": "refusal_explained", "waiting_on": "buyer", "next_step": "accept_refusal_or_escalate",
    "deadline": "escalation_window", "due_at": "2026-02-15T15:00:00-05:00", "transition": "T-07", "charged": 0,
    "refund": 0, "messages": 3}', 'T-07, W-62, W-63, W-64, W-87, AMB-11: explained, nothing charged, 30 days to escalate');
SELECT pg_temp.refuses(:id, 'request_information(1, $1, ''really?'')', 'SC001', 'T-08: not after the refusal');
SELECT pg_temp.refuses(:id, 'explain_no_refund(1, $1, ''really'')', 'SC001', 'T-07: once');

---------- T-31: the seller thinks again ----------

SELECT pg_temp.case_after('damaged_in_transit', '@2026-01-12T10:00:00-05:00',
    'explain_no_refund(1, $1, ''no'')', '@2026-01-13T10:00:00-05:00') AS id \gset
SAVEPOINT refused;
SELECT pg_temp.takes(:id, 'offer_full_refund(1, $1)', '{"status": "closed", "resolution": "full_refund",
    "transition": "T-31", "charged": 97, "refund": 105, "due_at": null}', 'T-31: A after all, as T-03');
ROLLBACK TO refused;
SELECT pg_temp.takes(:id, 'offer_full_refund(1, $1, true)', '{"status": "return_pending", "transition": "T-31",
    "deadline": "return_drop_off", "due_at": "2026-01-20T10:00:00-05:00", "charged": 0}',
    'T-31: B after all, as T-04');
ROLLBACK TO refused;
SELECT pg_temp.takes(:id, 'offer_partial_refund(1, $1, 30)', '{"status": "partial_offered", "transition": "T-31",
    "deadline": "partial_offer_answer", "due_at": "2026-01-15T10:00:00-05:00", "partial_amount": 30}',
    'T-31: C after all, as T-05');
ROLLBACK TO refused;
SELECT pg_temp.refuses(:id, 'send_replacement(1, $1, ''UPS'', ''1Z'')', 'SC014', 'T-31: D needs consent');
SELECT pg_temp.run(:id, 'consent_to_replacement(1, $1)');
SELECT pg_temp.takes(:id, 'send_replacement(1, $1, ''UPS'', ''1Z'')', '{"status": "replacement_pending",
    "transition": "T-31", "deadline": "replacement_shipment", "due_at": "2026-01-15T10:00:00-05:00"}',
    'T-31: D after all, as T-06');

SELECT * FROM finish();
ROLLBACK;
