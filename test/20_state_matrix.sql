-- Every status and condition that a case can be in, times everything that can
-- be done to it, times everyone who could do it.  state_machine() says what
-- must happen; this file builds the states with real commands, says which
-- conditions hold in each, and compares (requirements 6, principles 9, 11, 12).
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();

---------- policies: the defaults, then every setting turned round, and no two terms alike ----------

SELECT pg_temp.at('2026-02-02T10:00:00Z');
SELECT support_case.create_calendar('shut', 'UTC; Mo-Fr');
SELECT support_case.create_calendar('shut', 'UTC; off', '2028-01-04T10:00:00Z');

CREATE TEMPORARY TABLE setting (policy_version integer, settings jsonb, opens_at timestamptz);
INSERT INTO setting VALUES
    (1, '{}', '2026-03-02T10:00:00Z'),
    (2, '{"response_counts": "typed_only", "escalation_auto_on_overdue": true, "escalation_blocks_messages": false,
        "escalation_allow_concede": false, "withdraw_allowed": false, "partial_offer_on_expiry": "treat_as_declined",
        "partial_offer_decline_without_item": "refund_no_return", "partial_offer_allow_upgrade": false,
        "return_auto_cancel": false, "return_dropoff_evidence": "scan", "return_delivery_evidence": "carrier",
        "return_refusal_counts_as_delivery": false, "replacement_auto_authorise_return": true,
        "chargeback_on_open": "escalate", "appeal_window": "5 days", "escalation_min_wait": "0 hours",
        "seller_response": "47 business hours", "next_response": "46 business hours", "escalation_window": "29 days",
        "information_request": "4 business days", "partial_offer_answer": "45 business hours",
        "return_drop_off": "110 business hours", "return_inspection": "44 business hours",
        "return_transit": "14 days", "replacement_shipment": "43 business hours", "replacement_transit": "13 days",
        "replacement_shipment_rounding": "end_of_business_day"}',
        '2026-06-01T10:00:00Z'),
    (3, '{"replacement_mode": "refund_and_reorder", "partial_offer_on_expiry": "treat_as_accepted",
        "partial_offer_decline_without_item": "reopen", "return_charge_unscanned_label": true,
        "seller_response_rounding": "end_of_business_day", "escalation_window_rounding": "end_of_business_day",
        "partial_offer_answer_rounding": "end_of_business_day", "return_inspection_rounding": "end_of_business_day"}',
        '2026-09-07T10:00:00Z'),
    (4, '{"replacement_sent_evidence": "label", "partial_offer_on_expiry": "close",
        "next_response_rounding": "end_of_business_day", "information_request_rounding": "end_of_business_day",
        "return_drop_off_rounding": "end_of_business_day", "return_transit_rounding": "end_of_business_day",
        "replacement_transit_rounding": "end_of_business_day"}', '2026-12-07T10:00:00Z'),
    (5, '{"partial_offer_on_expiry": "treat_as_declined", "partial_offer_decline_without_item": "reopen"}',
        '2027-03-01T10:00:00Z'),
    (6, '{"partial_offer_on_expiry": "treat_as_declined"}', '2027-06-07T10:00:00Z'),
    (7, '{"calendar_code": "shut", "escalation_window": "30 business days",
        "replacement_auto_authorise_return": true}', '2028-01-03T10:00:00Z');
SELECT support_case.create_policy(
    (SELECT v.settings FROM support_case.policy_versions AS v WHERE v.policy_version = 1) || s.settings,
    date_trunc('day', s.opens_at))
FROM setting AS s WHERE s.policy_version > 1 ORDER BY s.policy_version;

---------- states ----------

-- holds: the conditions that follow from the case; the driver adds what the
-- policy sets and, for a case just closed, the windows.  states: what the
-- commands state of such a case by themselves.  steps: commands, $1 being the
-- case and $2 its order, or @ and the time since opening.
CREATE TEMPORARY TABLE state (
    position integer GENERATED ALWAYS AS IDENTITY,
    policies integer[],
    name text,
    reason text,
    steps text[],
    status text,
    resolution text,
    holds text[],
    states text[],
    age interval DEFAULT '0'
);
INSERT INTO state (policies, name, reason, steps, status, resolution, holds, states) VALUES
('{1,2,3,4}', 'fresh', 'damaged_in_transit', '{}', 'awaiting_seller', NULL, '{returnable}', '{}'),
('{1,2}', 'nothing to return', 'missing_item', '{}', 'awaiting_seller', NULL, '{}', '{}'),
('{1,2,3,4}', 'consented', 'damaged_in_transit', '{"consent_to_replacement(1, $1)"}',
    'awaiting_seller', NULL, '{returnable}', '{consent_given}'),
('{1}', 'seller has written', 'damaged_in_transit', '{"post_message(1, $1, ''seller'', ''hello'')"}',
    'awaiting_seller', NULL, '{returnable,escalation_open}', '{answers_seller}'),
('{2}', 'seller has only written', 'damaged_in_transit', '{"post_message(1, $1, ''seller'', ''hello'')"}',
    'awaiting_seller', NULL, '{returnable}', '{}'),
('{1}', 'overdue', 'damaged_in_transit', '{"@3 days"}',
    'awaiting_seller', NULL, '{returnable,overdue,escalation_open}', '{}'),
('{1}', 'overdue again', 'damaged_in_transit', '{"post_message(1, $1, ''seller'', ''hello'')","@3 days"}',
    'awaiting_seller', NULL, '{returnable,overdue,escalation_open}', '{answers_seller}'),
('{1,2}', 'informed', 'damaged_in_transit',
    '{"request_information(1, $1, ''which?'')","provide_information(1, $1, ''this'')"}',
    'awaiting_seller', NULL, '{returnable,escalation_open}', '{}'),
('{1,2}', 'handed back', 'other', '{"return_to_seller(1, $1, ''agent'')"}',
    'awaiting_seller', NULL, '{returnable}', '{}'),
('{1}', 'reopened', 'damaged_in_transit', '{"withdraw_case(1, $1)","reopen_case(1, $1)"}',
    'awaiting_seller', NULL, '{returnable}', '{}'),
('{1,2,3,4}', 'asked', 'damaged_in_transit', '{"request_information(1, $1, ''which?'')"}',
    'awaiting_buyer', NULL, '{returnable,escalation_open}', '{}'),
('{1,2}', 'asked, nothing to return', 'missing_item', '{"request_information(1, $1, ''which?'')"}',
    'awaiting_buyer', NULL, '{escalation_open}', '{}'),
('{1,2,3,4}', 'asked, consented', 'damaged_in_transit',
    '{"consent_to_replacement(1, $1)","request_information(1, $1, ''which?'')"}',
    'awaiting_buyer', NULL, '{returnable,escalation_open}', '{consent_given}'),
('{1}', 'offer lapsed', 'damaged_in_transit', '{"offer_partial_refund(1, $1, 30)","@3 days"}',
    'awaiting_buyer', NULL, '{returnable,escalation_open}', '{}'),
('{1,2,3,4}', 'offered', 'damaged_in_transit', '{"offer_partial_refund(1, $1, 30)"}',
    'partial_offered', NULL, '{returnable,escalation_open}', '{}'),
('{1,2,3,5,6}', 'offered, nothing to return', 'missing_item', '{"offer_partial_refund(1, $1, 30)"}',
    'partial_offered', NULL, '{escalation_open}', '{}'),
('{1,2}', 'refused', 'damaged_in_transit', '{"explain_no_refund(1, $1, ''worn'')"}',
    'refusal_explained', NULL, '{returnable,escalation_open}', '{}'),
('{1}', 'refused, nothing to return', 'missing_item', '{"explain_no_refund(1, $1, ''was packed'')"}',
    'refusal_explained', NULL, '{escalation_open}', '{}'),
('{1,3,4}', 'refused, consented', 'damaged_in_transit',
    '{"explain_no_refund(1, $1, ''worn'')","consent_to_replacement(1, $1)"}',
    'refusal_explained', NULL, '{returnable,escalation_open}', '{consent_given}'),
('{1,2,3,4}', 'return offered', 'damaged_in_transit',
    '{"offer_full_refund(1, $1, true)","record_return_label(1, $1, 6.50)"}',
    'return_pending', NULL, '{returnable,escalation_open}', '{}'),
('{1}', 'offer declined', 'damaged_in_transit', '{"offer_partial_refund(1, $1, 30)","decline_offer(1, $1)"}',
    'return_pending', NULL, '{returnable,escalation_open}', '{}'),
('{2}', 'replacement not shipped', 'damaged_in_transit',
    '{"consent_to_replacement(1, $1)","send_replacement(1, $1, ''UPS'', ''1Z'')","@3 days"}',
    'return_pending', NULL, '{returnable,escalation_open}', '{}'),
('{1,2}', 'return ordered', 'other', '{"decide(1, $1, ''refund'', return_required => true, actor_id => ''agent'')"}',
    'return_pending', NULL, '{returnable,conversation_closed}', '{}'),
('{1,2}', 'return scanned', 'damaged_in_transit',
    '{"offer_full_refund(1, $1, true)","@1 day","record_return_dropped_off(1, $1, support_case.clock())"}',
    'return_in_transit', NULL, '{returnable,escalation_open}', '{}'),
('{1}', 'ordered return scanned', 'other',
    '{"decide(1, $1, ''refund'', return_required => true, actor_id => ''agent'')",
        "record_return_dropped_off(1, $1, support_case.clock())"}',
    'return_in_transit', NULL, '{returnable,conversation_closed}', '{}'),
('{1,2}', 'return delivered', 'damaged_in_transit',
    '{"offer_full_refund(1, $1, true)","@1 day","record_return_delivered(1, $1, support_case.clock())"}',
    'return_inspection', NULL, '{returnable,escalation_open}', '{}'),
('{1}', 'ordered return delivered', 'other',
    '{"decide(1, $1, ''refund'', return_required => true, actor_id => ''agent'')",
        "record_return_delivered(1, $1, support_case.clock())"}',
    'return_inspection', NULL, '{returnable,conversation_closed}', '{}'),
('{1,2}', 'replacement sent', 'damaged_in_transit',
    '{"consent_to_replacement(1, $1)","send_replacement(1, $1, ''UPS'', ''1Z'')"}',
    'replacement_pending', NULL, '{returnable,escalation_open}', '{consent_given}'),
('{1}', 'replacement overdue', 'damaged_in_transit',
    '{"consent_to_replacement(1, $1)","send_replacement(1, $1, ''UPS'', ''1Z'')","@3 days"}',
    'replacement_pending', NULL, '{returnable,overdue,escalation_open}', '{consent_given}'),
('{1}', 'replacement overdue, nothing to return', 'returned_to_sender',
    '{"send_replacement(1, $1, ''UPS'', ''1Z'')","@3 days"}',
    'replacement_pending', NULL, '{overdue,escalation_open}', '{consent_given}'),
('{1,2}', 'replacement scanned', 'damaged_in_transit',
    '{"consent_to_replacement(1, $1)","send_replacement(1, $1, ''UPS'', ''1Z'')",
        "record_replacement_shipped(1, $1, support_case.clock())"}',
    'replacement_in_transit', NULL, '{returnable,escalation_open}', '{consent_given}'),
('{1}', 'replacement scanned, nothing to return', 'returned_to_sender',
    '{"send_replacement(1, $1, ''UPS'', ''1Z'')","record_replacement_shipped(1, $1, support_case.clock())"}',
    'replacement_in_transit', NULL, '{escalation_open}', '{consent_given}'),
('{1,2}', 'by the buyer', 'damaged_in_transit', '{"explain_no_refund(1, $1, ''worn'')","escalate(1, $1)"}',
    'escalated', NULL, '{returnable,escalation_open,conversation_closed}', '{}'),
('{1,2}', 'routed', 'other', '{}',
    'escalated', NULL, '{returnable,routed_to_platform,conversation_closed}', '{}'),
('{1}', 'declined, nothing to return', 'missing_item', '{"offer_partial_refund(1, $1, 30)","decline_offer(1, $1)"}',
    'escalated', NULL, '{escalation_open,conversation_closed}', '{}'),
('{1}', 'return disputed', 'damaged_in_transit',
    '{"offer_full_refund(1, $1, true)","record_return_delivered(1, $1, support_case.clock())",
        "dispute_return(1, $1, ''missing'', ''empty box'')"}',
    'escalated', NULL, '{returnable,escalation_open,conversation_closed}', '{}'),
('{1}', 'return lost', 'damaged_in_transit',
    '{"offer_full_refund(1, $1, true)","record_return_dropped_off(1, $1, support_case.clock())","@20 days"}',
    'escalated', NULL, '{returnable,escalation_open,conversation_closed,return_lost}', '{}'),
('{1}', 'replacement lost', 'damaged_in_transit',
    '{"consent_to_replacement(1, $1)","send_replacement(1, $1, ''UPS'', ''1Z'')",
        "record_replacement_shipped(1, $1, support_case.clock())","@20 days"}',
    'escalated', NULL, '{returnable,escalation_open,conversation_closed,replacement_lost}', '{replacement}'),
('{2}', 'return overdue', 'damaged_in_transit', '{"offer_full_refund(1, $1, true)","@8 days"}',
    'escalated', NULL, '{returnable,return_overdue,escalation_open,conversation_closed}', '{}'),
('{2}', 'return refused', 'damaged_in_transit',
    '{"offer_full_refund(1, $1, true)","record_return_delivered(1, $1, support_case.clock(), true)"}',
    'escalated', NULL, '{returnable,escalation_open,conversation_closed}', '{}'),
('{2}', 'seller silent', 'damaged_in_transit', '{"@3 days"}',
    'escalated', NULL, '{returnable,conversation_closed}', '{}'),
('{2}', 'charged back', 'damaged_in_transit', '{"record_chargeback(1, $2, 1)"}',
    'escalated', NULL, '{returnable,conversation_closed}', '{}'),
('{1}', 'taken over', 'damaged_in_transit', '{"take_over_case(1, $1, actor_id => ''agent'')"}',
    'escalated', NULL, '{returnable,conversation_closed}', '{}'),
('{2}', 'appealed', 'other',
    '{"decide(1, $1, ''uphold_seller'', actor_id => ''agent'')","escalate(1, $1)"}',
    'escalated', NULL, '{returnable,conversation_closed}', '{}'),
('{1}', 'in full', 'damaged_in_transit', '{"offer_full_refund(1, $1)"}',
    'closed', 'full_refund', '{returnable,escalation_open,rateable}', '{charged}'),
('{1}', 'after return', 'damaged_in_transit',
    '{"offer_full_refund(1, $1, true)","record_return_delivered(1, $1, support_case.clock())",
        "confirm_return(1, $1)"}',
    'closed', 'full_refund_after_return', '{returnable,escalation_open,rateable}', '{charged}'),
('{1}', 'in part', 'damaged_in_transit', '{"offer_partial_refund(1, $1, 30)","accept_offer(1, $1)"}',
    'closed', 'partial_refund', '{returnable,escalation_open,rateable}', '{charged}'),
('{1,2}', 'replaced', 'damaged_in_transit',
    '{"consent_to_replacement(1, $1)","send_replacement(1, $1, ''UPS'', ''1Z'')",
        "record_replacement_delivered(1, $1, support_case.clock())"}',
    'closed', 'replacement', '{returnable,reopenable,escalation_open,rateable}', '{replacement}'),
('{1}', 'replaced, late', 'damaged_in_transit',
    '{"consent_to_replacement(1, $1)","send_replacement(1, $1, ''UPS'', ''1Z'')",
        "record_replacement_delivered(1, $1, support_case.clock())","@120 days"}',
    'closed', 'replacement', '{returnable,reopenable,escalation_open,rateable}', '{replacement}'),
('{1}', 'refused for good', 'damaged_in_transit', '{"explain_no_refund(1, $1, ''worn'')","@31 days"}',
    'closed', 'no_refund', '{returnable,escalation_open,rateable}', '{}'),
('{1}', 'return expired', 'damaged_in_transit', '{"offer_full_refund(1, $1, true)","@8 days"}',
    'closed', 'return_expired', '{returnable,return_expired,escalation_open,rateable}', '{}'),
('{1}', 'return expired, late', 'damaged_in_transit', '{"offer_full_refund(1, $1, true)","@120 days"}',
    'closed', 'return_expired', '{returnable,return_expired,escalation_open,rateable}', '{}'),
('{1}', 'buyer silent', 'damaged_in_transit', '{"request_information(1, $1, ''which?'')","@8 days"}',
    'closed', 'no_buyer_response', '{returnable,reopenable,escalation_open}', '{}'),
('{1}', 'seller silent', 'damaged_in_transit', '{"@33 days"}',
    'closed', 'no_seller_response', '{returnable,reopenable,rateable}', '{}'),
('{1,3,4}', 'withdrawn', 'damaged_in_transit', '{"withdraw_case(1, $1)"}',
    'closed', 'withdrawn', '{returnable,reopenable}', '{}'),
('{1}', 'withdrawn, late', 'damaged_in_transit', '{"withdraw_case(1, $1)","@120 days"}',
    'closed', 'withdrawn', '{returnable,reopenable}', '{}'),
('{1}', 'routed, withdrawn', 'other', '{"withdraw_case(1, $1)"}',
    'closed', 'withdrawn', '{returnable,reopenable}', '{}'),
('{1}', 'by decision', 'other', '{"decide(1, $1, ''refund'', actor_id => ''agent'')"}',
    'closed', 'platform_refund', '{returnable,routed_to_platform}', '{charged}'),
('{1,2}', 'denied', 'other', '{"decide(1, $1, ''uphold_seller'', actor_id => ''agent'')"}',
    'closed', 'platform_denied', '{returnable,platform_denied}', '{}'),
('{2}', 'denied, late', 'other', '{"decide(1, $1, ''uphold_seller'', actor_id => ''agent'')","@120 days"}',
    'closed', 'platform_denied', '{returnable,platform_denied}', '{}'),
('{1}', 'charged back', 'damaged_in_transit', '{"record_chargeback(1, $2, 1)"}',
    'closed', 'superseded_by_chargeback', '{returnable,rateable}', '{}'),
('{7}', 'stalled', 'damaged_in_transit', '{"@4 days"}',
    'awaiting_seller', NULL, '{returnable,stalled}', '{}'),
('{7}', 'offer stalled', 'damaged_in_transit', '{"offer_partial_refund(1, $1, 30)","@4 days"}',
    'partial_offered', NULL, '{returnable,escalation_open,stalled}', '{}'),
('{7}', 'replacement stalled', 'damaged_in_transit',
    '{"consent_to_replacement(1, $1)","send_replacement(1, $1, ''UPS'', ''1Z'')","@4 days"}',
    'replacement_pending', NULL, '{returnable,escalation_open,stalled}', '{consent_given}');
INSERT INTO state (policies, name, reason, steps, status, resolution, holds, states, age) VALUES
('{1,2}', 'guarantee', 'guarantee_claim', '{}',
    'escalated', NULL, '{guarantee_claim}', '{}', '60 days'),
('{1}', 'guarantee, seller has written', 'guarantee_claim',
    '{"post_message(1, $1, ''seller'', ''hello'')","start_carrier_enquiry(1, $1, ''UPS'')"}',
    'escalated', NULL, '{guarantee_claim}', '{}', '60 days'),
('{1,2}', 'guarantee, offered', 'guarantee_claim', '{"offer_partial_refund(1, $1, 30)"}',
    'partial_offered', NULL, '{guarantee_claim,escalation_open}', '{}', '60 days'),
('{1}', 'guarantee, declined', 'guarantee_claim', '{"offer_partial_refund(1, $1, 30)","decline_offer(1, $1)"}',
    'escalated', NULL, '{guarantee_claim,escalation_open}', '{}', '60 days'),
('{1}', 'guarantee, withdrawn', 'guarantee_claim', '{"withdraw_case(1, $1)"}',
    'closed', 'withdrawn', '{reopenable}', '{seller_is_party}', '60 days'),
('{1}', 'guarantee, consented', 'guarantee_claim',
    '{"offer_full_refund(1, $1)","consent_to_recharge(1, $1)"}',
    'closed', 'full_refund', '{escalation_open,rateable}', '{charged}', '60 days'),
('{1}', 'guarantee, found', 'guarantee_claim',
    '{"offer_full_refund(1, $1)","consent_to_recharge(1, $1)","record_parcel_found(1, $1, support_case.clock())"}',
    'closed', 'full_refund', '{escalation_open,rateable}', '{charged,found}', '60 days'),
('{1}', 'guarantee, found without consent', 'guarantee_claim',
    '{"offer_full_refund(1, $1)","record_parcel_found(1, $1, support_case.clock(), ''seller'')"}',
    'closed', 'full_refund', '{escalation_open,rateable}', '{charged,found}', '60 days'),
('{1}', 'filed late', 'damaged_in_transit', '{}',
    'awaiting_seller', NULL, '{returnable,discretionary}', '{}', '60 days'),
('{1}', 'filed late, seller has written', 'damaged_in_transit', '{"post_message(1, $1, ''seller'', ''hello'')"}',
    'awaiting_seller', NULL, '{returnable,discretionary,escalation_open}', '{answers_seller}', '60 days'),
('{1,6}', 'filed late, offered, nothing to return', 'missing_item', '{"offer_partial_refund(1, $1, 30)"}',
    'partial_offered', NULL, '{discretionary,escalation_open}', '{}', '60 days'),
('{1}', 'filed late, refused', 'damaged_in_transit', '{"explain_no_refund(1, $1, ''too late'')"}',
    'refusal_explained', NULL, '{returnable,discretionary,escalation_open}', '{}', '60 days');

---------- calls ----------

-- stated: what the arguments say.  $3: now; $4: before the status was reached.
CREATE TEMPORARY TABLE call (action text, actor text, stated text[], command text, fact integer);
INSERT INTO call VALUES
('offer_full_refund', 'seller', '{}', 'offer_full_refund(1, $1)', NULL),
('offer_full_refund', 'seller', '{return_required}', 'offer_full_refund(1, $1, true)', NULL),
('offer_partial_refund', 'seller', '{}', 'offer_partial_refund(1, $1, 1)', NULL),
('send_replacement', 'seller', '{}', 'send_replacement(1, $1, ''UPS'', ''1Z'')', NULL),
('explain_no_refund', 'seller', '{}', 'explain_no_refund(1, $1, ''no'')', NULL),
('request_information', 'seller', '{}', 'request_information(1, $1, ''what?'')', NULL),
('confirm_return', 'seller', '{}', 'confirm_return(1, $1)', NULL),
('dispute_return', 'seller', '{}', 'dispute_return(1, $1, ''missing'', ''gone'')', NULL),
('accept_offer', 'buyer', '{}', 'accept_offer(1, $1)', NULL),
('decline_offer', 'buyer', '{}', 'decline_offer(1, $1)', NULL),
('provide_information', 'buyer', '{}', 'provide_information(1, $1, ''this'')', NULL),
('escalate', 'buyer', '{}', 'escalate(1, $1)', NULL),
('withdraw_case', 'buyer', '{}', 'withdraw_case(1, $1)', NULL),
('reopen_case', 'buyer', '{}', 'reopen_case(1, $1)', NULL),
('consent_to_replacement', 'buyer', '{}', 'consent_to_replacement(1, $1)', NULL),
('submit_dropoff_proof', 'buyer', '{}', 'submit_dropoff_proof(1, $1, $3, ''[{"uri": "x"}]'')', 3),
('submit_dropoff_proof', 'buyer', '{}', 'submit_dropoff_proof(1, $1, $4, ''[{"uri": "x"}]'')', 4),
('leave_feedback', 'buyer', '{}', 'leave_feedback(1, $1, true)', NULL),
('decide', 'platform', '{decision=uphold_seller}', 'decide(1, $1, ''uphold_seller'', actor_id => ''a'')', NULL),
('decide', 'platform', '{decision=refund}', 'decide(1, $1, ''refund'', actor_id => ''a'')', NULL),
('decide', 'platform', '{decision=refund,liability=platform}',
    'decide(1, $1, ''refund'', ''platform'', actor_id => ''a'')', NULL),
('decide', 'platform', '{decision=refund,return_required}',
    'decide(1, $1, ''refund'', return_required => true, actor_id => ''a'')', NULL),
('decide', 'platform', '{decision=partial_refund}',
    'decide(1, $1, ''partial_refund'', amount => 1, actor_id => ''a'')', NULL),
('authorise_return', 'platform', '{}', 'authorise_return(1, $1, ''a'')', NULL),
('reinstate_return', 'platform', '{}', 'reinstate_return(1, $1, ''a'')', NULL),
('return_to_seller', 'platform', '{}', 'return_to_seller(1, $1, ''a'')', NULL),
('reassign_liability', 'platform', '{}', 'reassign_liability(1, $1, ''platform'', actor_id => ''a'')', NULL),
('take_over_case', 'platform', '{}', 'take_over_case(1, $1, actor_id => ''a'')', NULL),
('resume_case', 'platform', '{}', 'resume_case(1, $1, ''a'')', NULL),
('record_return_label', 'carrier', '{}', 'record_return_label(1, $1, 1)', NULL),
('record_return_delivered', 'carrier', '{}', 'record_return_delivered(1, $1, $4)', 4),
('record_replacement_shipped', 'carrier', '{}', 'record_replacement_shipped(1, $1, $4)', 4),
('record_replacement_delivered', 'carrier', '{}', 'record_replacement_delivered(1, $1, $4)', 4),
('record_return_dropped_off', 'carrier', '{}', 'record_return_dropped_off(1, $1, $3)', 3),
('record_return_dropped_off', 'carrier', '{}', 'record_return_dropped_off(1, $1, $4)', 4),
('record_return_delivered', 'carrier', '{}', 'record_return_delivered(1, $1, $3)', 3),
('record_return_delivered', 'carrier', '{parcel_refused}', 'record_return_delivered(1, $1, $3, true)', 3),
('record_return_delivered', 'seller', '{}', 'record_return_delivered(1, $1, $3, reported_by => ''seller'')', 3),
('record_return_delivered', 'seller', '{parcel_refused}',
    'record_return_delivered(1, $1, $3, true, ''seller'')', 3),
('record_replacement_shipped', 'carrier', '{}', 'record_replacement_shipped(1, $1, $3)', 3),
('record_replacement_delivered', 'carrier', '{}', 'record_replacement_delivered(1, $1, $3)', 3),
('record_chargeback', 'host', '{}', 'record_chargeback(1, $2, 1)', NULL),
('record_external_refund', 'host', '{}', 'record_external_refund(1, $2, 1)', NULL),
('record_external_refund', 'host', '{nothing_left_to_refund}', 'record_external_refund(1, $2, 105)', NULL),
('post_message', 'seller', '{}', 'post_message(1, $1, ''seller'', ''hello'')', NULL),
('post_message', 'buyer', '{}', 'post_message(1, $1, ''buyer'', ''hello'')', NULL),
('refund_and_ask_to_reorder', 'seller', '{}', 'refund_and_ask_to_reorder(1, $1)', NULL),
('start_carrier_enquiry', 'seller', '{}', 'start_carrier_enquiry(1, $1, ''UPS'')', NULL),
('record_parcel_found', 'carrier', '{}', 'record_parcel_found(1, $1, $3)', 3),
('record_parcel_found', 'seller', '{}', 'record_parcel_found(1, $1, $3, ''seller'')', 3),
('record_parcel_found', 'buyer', '{}', 'record_parcel_found(1, $1, $3, ''buyer'')', 3),
('consent_to_recharge', 'buyer', '{}', 'consent_to_recharge(1, $1)', NULL),
('withdraw_recharge_consent', 'buyer', '{}', 'withdraw_recharge_consent(1, $1)', NULL),
('recharge_buyer', 'platform', '{}', 'recharge_buyer(1, $1, 1, actor_id => ''a'')', NULL),
('expire_deadline', 'system', '{}', NULL, NULL);

SELECT set_eq('SELECT action, actor FROM call',
    $$SELECT action, actor FROM support_case.state_machine() WHERE machine = 'case' AND from_status IS NOT NULL$$,
    'every action and actor of machine case is called');

---------- what state_machine() expects ----------

CREATE TEMPORARY TABLE arc AS
SELECT s.*, string_to_array(s.condition, ' and ') AS terms
FROM support_case.state_machine() WITH ORDINALITY AS s (machine, transition, from_status, action, actor, condition,
    to_status, resolution, deadline, escalation_reason, charge, requirements, position)
WHERE s.machine = 'case';

CREATE TEMPORARY TABLE taken (position bigint);

-- The terms of a condition that a set of facts does not meet, in order.
CREATE FUNCTION pg_temp.unmet(terms text[], facts text[])
RETURNS text[]
LANGUAGE sql IMMUTABLE
AS $$
    SELECT coalesce(array_agg(t ORDER BY t LIKE 'not %', n), '{}')
    FROM unnest(terms) WITH ORDINALITY AS u (t, n)
    WHERE CASE WHEN t LIKE 'not %' THEN substr(t, 5) = ANY (facts) ELSE t <> ALL (facts) END
$$;

CREATE FUNCTION pg_temp.expected_arc(of_status text, of_action text, of_actor text, facts text[])
RETURNS arc
LANGUAGE sql STABLE
AS $$
    SELECT a FROM arc AS a
    WHERE a.from_status = of_status AND a.action = of_action AND a.actor = of_actor
        AND pg_temp.unmet(a.terms, facts) = '{}'
    ORDER BY a.position
    LIMIT 1
$$;

CREATE FUNCTION pg_temp.is_stated(condition text)
RETURNS boolean
LANGUAGE sql IMMUTABLE
AS $$
    SELECT condition IN ('routed_to_seller', 'seller_is_party', 'return_required', 'consent_given', 'answers_seller', 'answers_buyer',
        'parcel_refused', 'nothing_left_to_refund', 'decision=uphold_seller', 'decision=refund',
        'decision=partial_refund', 'liability=platform')
$$;

-- The code of the first unmet condition of the row that is nearest to being
-- taken: what a command states cannot be had by waiting, and nobody is told to
-- wait where a fact of the case stands in the way.
CREATE FUNCTION pg_temp.expected_sqlstate(of_status text, of_action text, of_actor text, facts text[])
RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT coalesce((
        SELECT CASE
                WHEN unmet = 'escalation_open' AND is_barred THEN 'SC001'
                WHEN unmet = 'escalation_open' THEN 'SC008'
                WHEN unmet IN ('consent_given', 'recharge_consented') THEN 'SC014'
                WHEN unmet = 'in_time' OR unmet LIKE '%\_window\_open' OR unmet = 'return_grace_open' THEN 'SC003'
                ELSE 'SC001'
            END
        FROM (
            SELECT u.unmet[1] AS unmet, EXISTS (SELECT FROM unnest(u.unmet) AS t
                WHERE t LIKE 'not %' AND NOT pg_temp.is_stated(substr(t, 5))) AS is_barred
            FROM arc AS a CROSS JOIN LATERAL (SELECT pg_temp.unmet(a.terms, facts)) AS u (unmet)
            WHERE a.from_status = of_status AND a.action = of_action AND a.actor = of_actor
            ORDER BY (SELECT count(*) FROM unnest(u.unmet) AS t
                    WHERE pg_temp.is_stated(regexp_replace(t, '^not ', ''))),
                cardinality(u.unmet), a.position DESC
            LIMIT 1
        ) AS nearest), 'SC001')
$$;

-- Everything that somebody could do now; what the command itself would have to
-- state does not count, but for what the refused one found out.
CREATE FUNCTION pg_temp.expected_hint(of_status text, of_action text, of_actor text, facts text[])
RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT coalesce('Possible now: ' || string_agg(p.action || ' (' || p.actor || ')', ', ' ORDER BY p.position) || '.',
        'Nothing more is possible in this case.')
    FROM (
        SELECT a.action, a.actor, min(a.position) AS position FROM arc AS a
        WHERE a.from_status = of_status AND a.actor <> 'system'
            AND NOT EXISTS (SELECT FROM unnest(pg_temp.unmet(a.terms, facts)) AS u
                WHERE u <> 'in_time' AND (NOT pg_temp.is_stated(regexp_replace(u, '^not ', ''))
                    OR (a.action = of_action AND a.actor = of_actor
                        AND u ~ '^(not )?(consent_given|answers_seller|answers_buyer|nothing_left_to_refund)$')))
        GROUP BY a.action, a.actor
    ) AS p
$$;

-- What holds of a case besides what its command states.
CREATE FUNCTION pg_temp.standing_facts(s state, version integer)
RETURNS text[]
LANGUAGE sql STABLE
AS $$
    SELECT s.holds
        || ARRAY(SELECT key || '=' || value FROM jsonb_each_text(p.settings) WHERE value IS NOT NULL)
        || CASE WHEN 'conversation_closed' = ANY (s.holds)
                AND p.settings ->> 'escalation_blocks_messages' = 'true'
            THEN ARRAY['conversation_blocked'] ELSE '{}' END
        || CASE WHEN s.status = 'awaiting_seller' AND p.settings ->> 'escalation_min_wait' IS NOT NULL
            THEN ARRAY['escalation_open'] ELSE '{}' END
        || CASE WHEN s.status = 'closed' AND s.name NOT LIKE '%, late'
            THEN ARRAY['reopen_window_open', 'return_grace_open', 'feedback_window_open']
                || CASE WHEN p.settings ->> 'appeal_window' IS NOT NULL THEN ARRAY['appeal_window_open'] END
            ELSE '{}' END
    FROM support_case.policy_versions AS p
    WHERE p.policy_version = version
$$;

---------- building and walking ----------

CREATE FUNCTION pg_temp.build(s state, version integer)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    opened timestamptz := (SELECT opens_at FROM setting WHERE policy_version = version);
    of_case bigint;
    of_order bigint;
    step text;
BEGIN
    PERFORM pg_temp.at(opened::text);
    of_case := CASE s.reason WHEN 'guarantee_claim' THEN pg_temp.new_claim(s.age)
        ELSE pg_temp.new_case(s.reason, s.age) END;
    SELECT order_id INTO of_order FROM support_case.support_case WHERE seller_id = 1 AND case_id = of_case;
    FOREACH step IN ARRAY s.steps LOOP
        IF step LIKE '@%' THEN
            PERFORM pg_temp.at((opened + substr(step, 2)::interval)::text);
        ELSE
            EXECUTE 'SELECT support_case.' || step USING of_case, of_order;
        END IF;
    END LOOP;
    PERFORM support_case._roll_cases('{1}', ARRAY[of_case], support_case.clock());
    PERFORM pg_temp.at((support_case.clock() + interval '1 minute')::text);
    RETURN of_case;
END
$$;

CREATE FUNCTION pg_temp.facets(c support_case.support_case)
RETURNS jsonb
LANGUAGE sql STABLE
AS $$
    SELECT jsonb_build_object('status', c.status, 'resolution', c.resolution, 'deadline', c.deadline,
        'due_at', c.due_at, 'escalation_reason', c.escalation_reason, 'is_responded', c.is_responded,
        'is_conversation_closed', c.is_conversation_closed,
        'events', (SELECT count(*) FROM support_case.case_event AS e
            WHERE e.case_id = c.case_id AND e.action <> 'refund_clamped'),
        'outbox', (SELECT count(*) FROM support_case.outbox AS o
            WHERE o.subject = 'case' AND o.subject_id = c.case_id AND o.recipient = 'host'
                AND o.template <> 'refund_clamped'),
        'charges', (SELECT array_agg(j.response ORDER BY j.journal_number) FROM support_case.ledger_journal AS j
            WHERE j.case_id = c.case_id AND j.kind = 'charge' AND j.revision = 0))
$$;

-- What the case looks like after a row of state_machine().
CREATE FUNCTION pg_temp.after(c support_case.support_case, a arc, k call, fact_at timestamptz)
RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    due_at timestamptz := c.due_at;
    now_at timestamptz := support_case.clock();
    settings jsonb := (SELECT p.settings FROM support_case.policy_versions AS p
        WHERE p.policy_version = c.policy_version);
    calendar support_case.business_calendar := 'UTC; Mo-Fr';
    before jsonb := pg_temp.facets(c);
BEGIN
    IF a.deadline IS NULL THEN
        due_at := NULL;
    ELSIF k.action = 'resume_case' THEN
        -- A deadline that could not take effect when it ended does so now.
        due_at := now_at;
    ELSIF a.deadline <> 'unchanged' THEN
        due_at := support_case.business_add(
            CASE WHEN k.action = 'expire_deadline' THEN c.due_at ELSE coalesce(fact_at, now_at) END,
            (settings ->> a.deadline)::support_case.term, calendar);
        IF settings ->> (a.deadline || '_rounding') = 'end_of_business_day' THEN
            -- None of them ends at a weekend.
            due_at := date_trunc('day', due_at - interval '1 microsecond', 'UTC') + interval '1 day';
        END IF;
        IF fact_at IS NOT NULL THEN
            due_at := greatest(due_at, support_case.business_add(now_at,
                (settings ->> 'fact_minimum_notice')::support_case.term, calendar));
        END IF;
    END IF;
    RETURN jsonb_build_object('status', a.to_status,
        'resolution', CASE WHEN a.from_status = 'closed' AND a.to_status = 'closed' THEN c.resolution
            ELSE a.resolution END,
        'deadline', CASE WHEN a.deadline = 'unchanged' THEN c.deadline ELSE a.deadline END,
        'due_at', due_at,
        'escalation_reason', CASE
            WHEN a.to_status = a.from_status OR a.to_status = 'escalated'
                THEN coalesce(a.escalation_reason, c.escalation_reason)
            ELSE a.escalation_reason END,
        'is_responded', CASE
            WHEN a.deadline = 'seller_response' THEN false
            WHEN k.actor = 'seller' AND (a.to_status <> a.from_status OR a.deadline IS DISTINCT FROM 'unchanged') THEN true
            ELSE c.is_responded END,
        'is_conversation_closed', CASE
            WHEN a.to_status = 'escalated' AND a.from_status <> 'escalated'
                THEN a.escalation_reason <> 'guarantee_claimed'
            WHEN a.to_status = 'awaiting_seller' AND a.from_status <> 'awaiting_seller' THEN false
            ELSE c.is_conversation_closed END,
        'events', (before ->> 'events')::integer + 1,
        'outbox', (before ->> 'outbox')::integer + 1,
        'charges', CASE WHEN a.charge IS NULL THEN before -> 'charges'
            ELSE CASE jsonb_typeof(before -> 'charges') WHEN 'array' THEN before -> 'charges' ELSE '[]' END
                || to_jsonb(a.charge) END);
END
$$;

CREATE FUNCTION pg_temp.stored(of_case bigint)
RETURNS support_case.support_case
LANGUAGE sql STABLE
AS $$ SELECT c FROM support_case.support_case AS c WHERE c.seller_id = 1 AND c.case_id = of_case $$;

CREATE FUNCTION pg_temp.last_event(of_case bigint)
RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT concat_ws(' ', e.transition, e.action, e.actor, e.status, e.resolution, e.deadline)
    FROM support_case.case_event AS e
    WHERE e.seller_id = 1 AND e.case_id = of_case AND e.action <> 'refund_clamped'
    ORDER BY e.event_number DESC
    LIMIT 1
$$;

CREATE FUNCTION pg_temp.walk(s state, version integer)
RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
    of_case bigint := pg_temp.build(s, version);
    c support_case.support_case := pg_temp.stored(of_case);
    title text := format('%s%s (%s, policy %s)', s.status, coalesce(' ' || s.resolution, ''), s.name, version);
    standing text[] := pg_temp.standing_facts(s, version) || support_case._facts_of_case(c);
    before text := pg_temp.contents();
    conversations bigint := (SELECT q.last_value FROM support_case.conversation_id_seq AS q);
    earlier timestamptz := greatest(c.opened_at, c.status_since - interval '1 hour');
    k call;
    a arc;
    facts text[];
    fact_at timestamptz;
    wanted jsonb;
    found jsonb;
    wanted_event text;
    found_event text;
    returned jsonb;
    shown jsonb;
    wanted_sqlstate text;
    found_sqlstate text;
    found_detail text;
    found_hint text;
    wanted_hint text;
    wrong text[] := '{}';
    legal integer := 0;
    illegal integer := 0;
BEGIN
    RETURN NEXT is(ROW(c.status, c.resolution, c.stalled_code IS NOT NULL)::text,
        ROW(s.status, s.resolution, 'stalled' = ANY (s.holds))::text, title || ' is reached by commands');
    FOR k IN SELECT * FROM call LOOP
        CONTINUE WHEN k.action = 'expire_deadline' AND (c.due_at IS NULL OR c.stalled_code IS NOT NULL);
        fact_at := CASE k.fact WHEN 3 THEN support_case.clock() WHEN 4 THEN earlier END;
        facts := standing || k.stated || CASE WHEN fact_at < c.status_since THEN ARRAY['in_time'] ELSE '{}' END
            || ARRAY(SELECT f FROM unnest(s.states) AS f
                WHERE CASE f WHEN 'consent_given' THEN k.action = 'send_replacement'
                    WHEN 'answers_seller' THEN k.action = 'post_message' AND k.actor = 'buyer'
                    ELSE false END)
            || CASE WHEN k.action = 'post_message' AND k.actor = 'seller' AND (c.last_message_by IS DISTINCT FROM 'seller'
                    OR NOT c.is_responded OR c.deadline = 'escalation_window') THEN ARRAY['answers_buyer'] ELSE '{}' END
            || CASE WHEN k.action = 'reopen_case' AND c.routed_because = 'seller' THEN ARRAY['routed_to_seller']
                WHEN k.action = 'reopen_case' AND 'seller_is_party' = ANY (s.states) THEN ARRAY['seller_is_party']
                ELSE '{}' END;
        a := pg_temp.expected_arc(s.status, k.action, k.actor, facts);
        found_sqlstate := 'none';
        found := NULL;
        returned := NULL;
        BEGIN
            IF k.action = 'expire_deadline' THEN
                PERFORM support_case._roll_cases('{1}', ARRAY[of_case], c.due_at);
            ELSE
                EXECUTE format('SELECT to_jsonb(r) FROM support_case.%s AS r', k.command) INTO returned
                    USING of_case, c.order_id, support_case.clock(), earlier;
            END IF;
            found := pg_temp.facets(pg_temp.stored(of_case));
            found_event := pg_temp.last_event(of_case);
            shown := (SELECT to_jsonb(v) FROM support_case.case_current AS v WHERE v.seller_id = 1 AND v.case_id = of_case);
            IF returned ? 'waiting_on' AND returned <> shown THEN
                wrong := wrong || format('%s returns %s, case_current shows %s', k.command, returned, shown);
            END IF;
            RAISE SQLSTATE 'ZZ000';
        EXCEPTION
            WHEN SQLSTATE 'ZZ000' THEN
                NULL;
            WHEN OTHERS THEN
                GET STACKED DIAGNOSTICS found_sqlstate = RETURNED_SQLSTATE, found_detail = PG_EXCEPTION_DETAIL,
                    found_hint = PG_EXCEPTION_HINT;
        END;

        wanted_sqlstate := CASE
            -- Money outside the cases is counted; a closed case takes no notice.
            WHEN s.status = 'closed' AND k.action IN ('record_chargeback', 'record_external_refund') THEN 'none'
            WHEN a.transition IS NULL
                THEN pg_temp.expected_sqlstate(s.status, k.action, k.actor, facts)
            WHEN k.action LIKE 'record_replacement%' AND s.status = 'escalated' AND 'replacement' <> ALL (s.states)
                THEN 'P0002'
            WHEN k.action = 'record_parcel_found' AND 'found' = ANY (s.states) THEN '23505'
            WHEN version = 7 AND fact_at IS NOT NULL AND a.deadline <> 'unchanged' THEN 'SC017'
            WHEN version = 7 AND a.deadline IN ('information_request', 'partial_offer_answer', 'return_drop_off',
                'escalation_window', 'next_response', 'replacement_shipment', 'return_inspection')
                THEN 'SC017'
            ELSE 'none' END;
        IF wanted_sqlstate = 'none' THEN
            legal := legal + 1;
            IF a.transition IS NULL THEN
                wanted := pg_temp.facets(c);
                wanted_event := pg_temp.last_event(of_case);
            ELSE
                INSERT INTO taken VALUES (a.position);
                wanted := pg_temp.after(c, a, k, fact_at);
                wanted_event := concat_ws(' ', a.transition, k.action, k.actor, wanted ->> 'status',
                    wanted ->> 'resolution', wanted ->> 'deadline');
                -- A case that goes on is rolled forward: its cause was not mended.
                IF k.action = 'resume_case' THEN
                    wanted := wanted || jsonb_build_object('events', (wanted ->> 'events')::integer + 1,
                        'outbox', (wanted ->> 'outbox')::integer + 1);
                    wanted_event := concat_ws(' ', 'stall', 'system', c.status, c.deadline);
                END IF;
            END IF;
            IF found IS DISTINCT FROM wanted OR found_event IS DISTINCT FROM wanted_event THEN
                wrong := wrong || format('%s: %s, wanted %s; event %s, wanted %s; %s %s', k.command, found, wanted,
                    found_event, wanted_event, found_sqlstate, found_detail);
            END IF;
        ELSE
            illegal := illegal + 1;
            wanted_hint := pg_temp.expected_hint(s.status, k.action, k.actor, facts);
            IF found_sqlstate <> wanted_sqlstate
                OR (wanted_sqlstate LIKE 'SC0__' AND wanted_sqlstate <> 'SC017' AND (
                    found_detail NOT LIKE format('The case has status %s%s; action %s by the %s is not possible.%%',
                        s.status, coalesce(' with resolution ' || s.resolution, ''), k.action, k.actor)
                    OR found_hint <> wanted_hint))
            THEN
                wrong := wrong || format('%s: %s, wanted %s: %s %s, wanted %s', k.command, found_sqlstate,
                    wanted_sqlstate, found_detail, found_hint, wanted_hint);
            END IF;
        END IF;
    END LOOP;
    RETURN NEXT is(array_to_string(wrong[1:3], E'\n'), '',
        format('%s: %s legal cells do what their row says, %s others raise and say what is possible', title, legal,
            illegal));
    -- What was legal, and undone, may have opened conversations.
    PERFORM setval('support_case.conversation_id_seq', conversations);
    RETURN NEXT is(pg_temp.contents(), before, title || ': what was refused wrote nothing');
    RETURN NEXT pg_temp.walk_actors(s, c, standing, title);
END
$$;

-- Everyone tries everything, straight at the plan.
CREATE FUNCTION pg_temp.walk_actors(s state, c support_case.support_case, standing text[], title text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    cell record;
    found_sqlstate text;
    step support_case._case_step;
    wrong text[] := '{}';
    tried integer := 0;
BEGIN
    FOR cell IN
        SELECT DISTINCT a.action, o.actor, p.rules, h.calendars, h.calendars_from
        FROM (SELECT DISTINCT action FROM arc WHERE from_status IS NOT NULL AND action <> 'expire_deadline') AS a
        CROSS JOIN (VALUES ('system'), ('buyer'), ('seller'), ('platform'), ('carrier'), ('host')) AS o (actor)
        JOIN support_case.policy AS p ON p.policy_version = c.policy_version
        JOIN support_case._calendar_history AS h ON h.calendar_code = c.calendar_code
        WHERE NOT EXISTS (SELECT FROM arc AS r
            WHERE r.from_status = s.status AND r.action = a.action AND r.actor = o.actor)
    LOOP
        tried := tried + 1;
        found_sqlstate := 'none';
        BEGIN
            step := support_case._plan_transition(c, cell.rules, cell.calendars, cell.calendars_from, cell.action,
                cell.actor, ARRAY['return_required', 'consent_given', 'answers_seller', 'answers_buyer', 'charged',
                    'return_expected', 'replacement_expected', 'parcel_found', 'recharge_consented',
                    'decision=refund'], support_case.clock(), c.opened_at);
        EXCEPTION WHEN OTHERS THEN
            found_sqlstate := SQLSTATE;
        END;
        IF found_sqlstate <> 'SC001' THEN
            wrong := wrong || format('%s by %s: %s', cell.action, cell.actor, found_sqlstate);
        END IF;
    END LOOP;
    RETURN is(array_to_string(wrong[1:3], E'\n'), '',
        format('%s: %s pairs of action and actor without a row raise SC001', title, tried));
END
$$;

SELECT pg_temp.walk(s, v)
FROM state AS s, unnest(s.policies) AS v
ORDER BY s.position, v;

---------- stalled cases ----------

SELECT pg_temp.at('2028-01-10T10:00:00Z');
SELECT support_case.escalate(1, case_id) FROM support_case.case_current
WHERE stalled_code IS NOT NULL AND status = 'replacement_pending';
SELECT results_eq($$SELECT task, stalled_code, target_at FROM support_case.platform_queue
        WHERE waiting_since >= '2028-01-01' ORDER BY case_id$$,
    $$VALUES ('stalled', 'SC017', '2028-01-10T10:00Z'::timestamptz), ('stalled', 'SC017', '2028-01-10T10:00Z'),
        ('buyer_escalated', NULL, NULL)$$,
    'the platform queue shows what is stalled, and needs no open time itself (AMB-33, AMB-122)');
SELECT lives_ok($$SELECT support_case.offer_full_refund(1, case_id) FROM support_case.case_current
        WHERE stalled_code IS NOT NULL AND status = 'partial_offered'$$,
    'a refund needs no open time (AMB-39, AMB-122)');
SELECT is(visible_until, NULL, 'but when it will be visible is unknown (AMB-39)')
FROM support_case.refund_instruction ORDER BY instructed_at DESC LIMIT 1;

---------- all rows were taken ----------

-- The ways in: a case and a guarantee claim, with the seller or without.
SELECT pg_temp.at('2026-03-02T10:00:00Z');
DO $ways_in$
DECLARE
    of_order bigint;
BEGIN
    FOR k IN 0..3 LOOP
        of_order := pg_temp.new_order('60 days');
        PERFORM support_case.record_delivery_promise(1, of_order, service_on => CASE k / 2 WHEN 0 THEN '2025-10-01'::date END,
            is_platform_fulfilled => k % 2 = 1);
        IF k / 2 = 0 THEN
            PERFORM support_case.admit_guarantee_claim(1, of_order, 'was ill', 'nothing came', actor_id => 'a');
        ELSE
            PERFORM support_case.file_guarantee_claim(1, of_order, 'nothing came');
        END IF;
    END LOOP;
END
$ways_in$;
INSERT INTO taken
SELECT a.position
FROM arc AS a
WHERE a.from_status IS NULL AND (a.transition, a.action, a.to_status, a.escalation_reason) IN (
    SELECT e.transition, e.action, e.status, c.escalation_reason
    FROM support_case.case_event AS e
    JOIN support_case.support_case AS c USING (seller_id, case_id)
    WHERE e.event_number = 1 AND c.last_event_number = 1)
    OR (a.from_status IS NULL AND a.transition = 'T-01' AND EXISTS (SELECT FROM support_case.case_event WHERE transition = 'T-01'));

SELECT set_eq(
    'SELECT transition, from_status, action, actor, condition FROM arc WHERE position NOT IN (SELECT position FROM taken)',
    $$SELECT 'AMB-122' AS transition, from_status, 'resume_case' AS action, 'platform' AS actor, 'stalled' AS condition
    FROM unnest(ARRAY['awaiting_buyer', 'return_pending', 'return_in_transit', 'return_inspection',
        'replacement_in_transit', 'refusal_explained', 'escalated']) AS u (from_status)$$,
    'every row of machine case was taken, but resuming where no expiry starts a timer that could stall (T-01 to T-47)');

---------- actors named by arguments ----------

SELECT pg_temp.new_case() AS id \gset
SELECT pg_temp.refuses(:id, format('post_message(1, $1, %L, ''hello'')', author), '22023',
    'post_message() by ' || author)
FROM unnest(ARRAY['platform', 'carrier', 'host', 'system', 'Seller', '']) AS author;
SELECT support_case.offer_full_refund(1, :id, true);
SELECT pg_temp.refuses(:id,
    format('record_return_delivered(1, $1, support_case.clock(), reported_by => %L)', reporter), '22023',
    'record_return_delivered() reported by ' || reporter)
FROM unnest(ARRAY['buyer', 'platform', 'host', 'system', '']) AS reporter;

SELECT * FROM finish();
ROLLBACK;
