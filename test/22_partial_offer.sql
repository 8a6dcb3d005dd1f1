-- The partial refund offer: T-10 to T-12, T-32, T-33 (8.3: AMB-12 to AMB-15).
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-02T09:00:00-05:00');
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr') IS NOT NULL AS made;

CREATE FUNCTION pg_temp.offered(settings jsonb DEFAULT '{}', reason text DEFAULT 'damaged_in_transit')
RETURNS bigint
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pg_temp.at((greatest(support_case.clock(), '2026-01-05T10:00:00-05:00') + interval '1 week')::text);
    PERFORM pg_temp.at((date_trunc('week', support_case.clock()) + interval '10 hours')::text);
    PERFORM pg_temp.policy(settings);
    RETURN pg_temp.case_after(reason, 'offer_partial_refund(1, $1, 30)');
END
$$;

---------- T-10: accepted ----------

SELECT pg_temp.offered() AS id \gset
SELECT pg_temp.shows(:id, '{"due_at": "2026-01-14T10:00:00-05:00"}', 'the offer is of Monday, 12 January');
SELECT pg_temp.at('2026-01-13T15:00:00-05:00');
SELECT pg_temp.takes(:id, 'accept_offer(1, $1)', '{"status": "closed", "resolution": "partial_refund",
    "transition": "T-10", "actor": "buyer", "effective_at": "2026-01-13T15:00:00-05:00", "events": 3,
    "charged": 30, "refund": 30, "deadline": null, "waiting_on": null}',
    'T-10, W-53, W-54, W-86, X-14, W-80: refund and charge are the partial amount, at acceptance');
SELECT pg_temp.refuses(:id, 'accept_offer(1, $1)', 'SC001', 'T-10: once');
SELECT pg_temp.refuses(:id, 'decline_offer(1, $1)', 'SC001', 'T-11: not after acceptance');

---------- T-11: declined ----------

SELECT pg_temp.offered() AS id \gset
SELECT pg_temp.at('2026-01-20T16:00:00-05:00');
SELECT pg_temp.takes(:id, 'decline_offer(1, $1)', '{"status": "return_pending", "transition": "T-11",
    "deadline": "return_drop_off", "due_at": "2026-01-27T16:00:00-05:00", "charged": 0, "refund": 0, "events": 3}',
    'T-11, W-55, D-08: a full refund is approved, given a return within 5 business days');
SELECT pg_temp.run(:id, 'record_return_delivered(1, $1, support_case.clock())', 'confirm_return(1, $1)');
SELECT pg_temp.shows(:id, '{"resolution": "full_refund_after_return", "charged": 103.5, "refund": 105}',
    'T-11, W-55: no further approval, and the whole refund rather than the offer');

---------- T-33: declined, nothing to return ----------

SELECT pg_temp.offered('{}', 'missing_item') AS id \gset
SELECT pg_temp.takes(:id, 'decline_offer(1, $1)', '{"status": "escalated", "transition": "T-33",
    "escalation_reason": "declined_nothing_to_return", "is_conversation_closed": true, "due_at": null}',
    'T-33, AMB-13: escalated by default');
SELECT pg_temp.offered('{"partial_offer_decline_without_item": "refund_no_return"}', 'missing_item') AS id \gset
SELECT pg_temp.takes(:id, 'decline_offer(1, $1)', '{"status": "closed", "resolution": "full_refund",
    "transition": "T-33", "charged": 97, "refund": 105}', 'T-33, AMB-13 refund_no_return: refunded in full');
SELECT pg_temp.offered('{"partial_offer_decline_without_item": "reopen"}', 'missing_item') AS id \gset
SELECT pg_temp.takes(:id, 'decline_offer(1, $1)', '{"status": "awaiting_seller", "transition": "T-33",
    "deadline": "next_response", "is_conversation_closed": false, "charged": 0}',
    'T-33, AMB-13 reopen: the seller is asked again');
SELECT pg_temp.takes(:id, 'offer_partial_refund(1, $1, 40)', '{"status": "partial_offered", "partial_amount": 40}',
    'AMB-14: another offer, one at a time');
SELECT is((SELECT array_agg(o.amount ORDER BY o.offer_number) FROM support_case.partial_offer AS o
    WHERE o.case_id = :id), '{3000,4000}', 'W-51: offers are kept as they were made');

---------- T-12: not answered ----------

SELECT pg_temp.offered() AS id \gset
SELECT c.due_at FROM support_case.case_current AS c WHERE c.case_id = :id \gset
SELECT pg_temp.turns(:id, :'due_at', '{"status": "partial_offered"}', '{"status": "awaiting_buyer",
    "transition": "T-12", "deadline": "information_request", "charged": 0, "refund": 0, "events": 3}',
    'T-12, W-56, AMB-12 keep_open');
SELECT pg_temp.refuses(:id, 'accept_offer(1, $1)', 'SC001', 'T-10, D-03: at the instant it is too late to accept');
SELECT pg_temp.takes(:id, 'offer_partial_refund(1, $1, 35)', '{"status": "partial_offered"}',
    'AMB-12: the seller may offer again');
SELECT pg_temp.offered() AS id \gset
SELECT c.due_at + interval '1 hour' AS moment FROM support_case.case_current AS c WHERE c.case_id = :id \gset
SELECT pg_temp.at(:'moment');
SELECT pg_temp.takes(:id, 'escalate(1, $1)', '{"status": "escalated", "transition": "T-23"}',
    'AMB-12: the buyer may escalate');
SELECT pg_temp.offered() AS id \gset
SELECT c.due_at + interval '7 days' AS moment FROM support_case.case_current AS c WHERE c.case_id = :id \gset
SELECT pg_temp.at(:'moment');
SELECT pg_temp.run(:id, '_roll_cases(''{1}'', ARRAY[$1], support_case.clock())');
SELECT pg_temp.shows(:id, '{"status": "closed", "resolution": "no_buyer_response", "transition": "T-35", "events": 4}',
    'AMB-12, AMB-31: the inactivity rule then closes it');

SELECT pg_temp.offered('{"partial_offer_on_expiry": "treat_as_declined"}') AS id \gset
SELECT c.due_at FROM support_case.case_current AS c WHERE c.case_id = :id \gset
SELECT pg_temp.turns(:id, :'due_at', '{"status": "partial_offered"}', '{"status": "return_pending",
    "transition": "T-12", "deadline": "return_drop_off", "charged": 0, "events": 3}', 'T-12, AMB-12 treat_as_declined');
SELECT pg_temp.offered('{"partial_offer_on_expiry": "treat_as_declined"}', 'missing_item') AS id \gset
SELECT c.due_at FROM support_case.case_current AS c WHERE c.case_id = :id \gset
SELECT pg_temp.turns(:id, :'due_at', '{"status": "partial_offered"}', '{"status": "escalated",
    "transition": "T-12", "escalation_reason": "declined_nothing_to_return", "due_at": null}',
    'T-12, AMB-12 treat_as_declined, AMB-13 escalate');
SELECT pg_temp.offered('{"partial_offer_on_expiry": "treat_as_declined",
    "partial_offer_decline_without_item": "refund_no_return"}', 'missing_item') AS id \gset
SELECT c.due_at FROM support_case.case_current AS c WHERE c.case_id = :id \gset
SELECT pg_temp.turns(:id, :'due_at', '{"status": "partial_offered", "charged": 0}', '{"status": "closed",
    "transition": "T-12", "resolution": "full_refund", "charged": 97, "refund": 105}',
    'T-12, AMB-12 treat_as_declined, AMB-13 refund_no_return');
SELECT pg_temp.offered('{"partial_offer_on_expiry": "treat_as_declined",
    "partial_offer_decline_without_item": "reopen"}', 'missing_item') AS id \gset
SELECT c.due_at FROM support_case.case_current AS c WHERE c.case_id = :id \gset
SELECT pg_temp.turns(:id, :'due_at', '{"status": "partial_offered"}', '{"status": "awaiting_seller",
    "transition": "T-12", "deadline": "next_response"}', 'T-12, AMB-12 treat_as_declined, AMB-13 reopen');
SELECT pg_temp.offered('{"partial_offer_on_expiry": "treat_as_accepted"}') AS id \gset
SELECT c.due_at FROM support_case.case_current AS c WHERE c.case_id = :id \gset
SELECT pg_temp.turns(:id, :'due_at', '{"status": "partial_offered", "charged": 0}', '{"status": "closed",
    "resolution": "partial_refund", "transition": "T-12", "charged": 30, "refund": 30}',
    'T-12, AMB-12 treat_as_accepted');
SELECT pg_temp.offered('{"partial_offer_on_expiry": "close"}') AS id \gset
SELECT c.due_at FROM support_case.case_current AS c WHERE c.case_id = :id \gset
SELECT pg_temp.turns(:id, :'due_at', '{"status": "partial_offered"}', '{"status": "closed",
    "resolution": "no_buyer_response", "transition": "T-12", "charged": 0, "refund": 0}', 'T-12, AMB-12 close');

---------- D-03 to the instant, by commands ----------

SELECT pg_temp.offered() AS id \gset
SELECT pg_temp.at((c.due_at - interval '1 microsecond')::text) FROM support_case.case_current AS c WHERE c.case_id = :id;
SELECT pg_temp.takes(:id, 'accept_offer(1, $1)', '{"resolution": "partial_refund", "transition": "T-10"}',
    'D-03: one microsecond before due_at the buyer may accept');

---------- T-32: the seller does better ----------

SELECT pg_temp.offered() AS id \gset
SAVEPOINT offered;
SELECT pg_temp.takes(:id, 'offer_full_refund(1, $1)', '{"status": "closed", "resolution": "full_refund",
    "transition": "T-32", "charged": 97, "refund": 105}', 'T-32, AMB-15: a full refund supersedes the offer');
ROLLBACK TO offered;
SELECT pg_temp.takes(:id, 'offer_full_refund(1, $1, true)', '{"status": "return_pending", "transition": "T-32",
    "deadline": "return_drop_off", "charged": 0}', 'T-32, AMB-15: also with a return');
SELECT pg_temp.refuses(:id, 'accept_offer(1, $1)', 'SC001', 'T-32: the offer is gone');
SELECT pg_temp.offered('{"partial_offer_allow_upgrade": false}') AS id \gset
SELECT pg_temp.refuses(:id, 'offer_full_refund(1, $1)', 'SC001', 'AMB-15 allow_upgrade = false',
    '%partial_offer_allow_upgrade=true%');
SELECT pg_temp.refuses(:id, 'explain_no_refund(1, $1, ''no'')', 'SC001', 'AMB-15: an offer is not withdrawn');
SELECT pg_temp.refuses(:id, 'send_replacement(1, $1, ''UPS'', ''1Z'')', 'SC001', 'AMB-15: nor replaced');

---------- AMB-14: minimum and maximum ----------

SELECT pg_temp.at((support_case.clock() + interval '1 day')::text);
SELECT pg_temp.policy('{"partial_offer_minimum": 0.1, "partial_offer_maximum": 0.5}') > 0 AS made;
SELECT pg_temp.new_case() AS id \gset
SELECT pg_temp.refuses(:id, 'offer_partial_refund(1, $1, 10.50)', '22023', 'AMB-14: 10 % of 105.00 is not above the minimum');
SELECT pg_temp.refuses(:id, 'offer_partial_refund(1, $1, 52.50)', 'SC007', 'AMB-14: 50 % is not below the maximum');
SAVEPOINT open;
SELECT pg_temp.takes(:id, 'offer_partial_refund(1, $1, 10.51)', '{"partial_amount": 10.51}', 'AMB-14: just above the minimum');
ROLLBACK TO open;
SELECT pg_temp.takes(:id, 'offer_partial_refund(1, $1, 52.49)', '{"partial_amount": 52.49}', 'AMB-14: just below the maximum');

SELECT * FROM finish();
ROLLBACK;
