-- What sellers are advised to answer, as data (W-129 to W-134, AMB-44,
-- AMB-114).
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-12T10:00:00Z');

-- The suggestions of a case, one line a step.
CREATE FUNCTION pg_temp.advice(of_case bigint)
RETURNS text
LANGUAGE sql
AS $$
    SELECT coalesce(string_agg(concat_ws(' ', step_number, condition_code, action,
        CASE WHEN is_return_required THEN 'with_return' END, NULLIF(evidence, '[]'), follow_up_code), E'\n'), 'none')
    FROM support_case.suggested_responses(1, of_case)
$$;

SELECT is(pg_temp.advice(pg_temp.new_case(reason)), expected, format('%s: %s', requirement, reason))
FROM (VALUES
    ('W-129', 'not_as_described', '1 defect_not_named request_information ["buyer_photos", "purchase_record"]
2 defect_not_shown offer_partial_refund ["buyer_photos", "purchase_record"]
3 defect_not_shown offer_full_refund ["buyer_photos", "purchase_record"]
4 defect_not_shown offer_full_refund with_return ["buyer_photos", "purchase_record"]
5 defect_mentioned_and_shown explain_no_refund ["purchase_record_screenshot"]'),
    ('W-129, AMB-44', 'defective', '1 defect_not_named request_information ["buyer_photos", "purchase_record"]
2 defect_not_shown offer_partial_refund ["buyer_photos", "purchase_record"]
3 defect_not_shown offer_full_refund ["buyer_photos", "purchase_record"]
4 defect_not_shown offer_full_refund with_return ["buyer_photos", "purchase_record"]
5 defect_mentioned_and_shown explain_no_refund ["purchase_record_screenshot"]'),
    ('W-130', 'missing_item', '1 packing_proved explain_no_refund ["packing_photo", "packing_video"]
2 packing_not_proved offer_full_refund
3 packing_not_proved send_replacement ["buyer_consent"]'),
    ('W-131', 'wrong_item', '1 item_differs offer_full_refund ["buyer_photos", "purchase_record"]
2 item_differs offer_full_refund with_return ["buyer_photos", "purchase_record"]
3 item_differs send_replacement ["buyer_photos", "purchase_record", "buyer_consent"]'),
    ('W-132', 'late_not_shipped', '1 shipped_and_tracking_moves explain_no_refund ["tracking"]
2 not_shipped offer_full_refund
3 tracking_does_not_move offer_full_refund ["tracking"]'),
    ('W-133', 'damaged_in_transit', '1 packed_properly offer_full_refund ["buyer_photos", "packing_photo"] claim_from_carrier
2 packed_poorly offer_full_refund ["buyer_photos", "packing_photo"]'),
    ('W-134', 'returned_to_sender', '1 item_can_be_sent_again send_replacement ["shipping_label", "tracking_number"]
2 item_cannot_be_sent_again offer_full_refund'),
    ('W-19, W-21', 'other', 'none')) AS v (requirement, reason, expected);

SELECT set_eq('SELECT DISTINCT requirement, reason FROM support_case.suggested_response',
    $$VALUES ('W-129', 'not_as_described'), ('W-129', 'defective'), ('W-130', 'missing_item'), ('W-131', 'wrong_item'),
        ('W-132', 'late_not_shipped'), ('W-133', 'damaged_in_transit'), ('W-134', 'returned_to_sender')$$,
    'W-129 to W-134: every step says which rule advises it');
SELECT is_empty($$SELECT code FROM support_case.suggested_response AS s, jsonb_array_elements_text(s.evidence) AS code
        WHERE code !~ '^[a-z][a-z_]*$'$$, 'AMB-114: codes, never texts');

---------- what is possible now ----------

-- Only full refunds may follow an offer; after a refusal all but a question.
SELECT pg_temp.new_case('not_as_described') AS id \gset
SELECT pg_temp.run(:id, 'offer_partial_refund(1, $1, 30)');
SELECT is((SELECT string_agg(step_number::text, ' ') FROM support_case.suggested_responses(1, :id)), '3 4',
    'W-129: while an offer is pending');
SELECT pg_temp.at('2026-01-14T09:59:59.999999Z');
SELECT is((SELECT string_agg(step_number::text, ' ') FROM support_case.suggested_responses(1, :id)), '3 4',
    'W-129: one microsecond before the offer ends');
SELECT pg_temp.at('2026-01-14T10:00:00Z');
SELECT pg_temp.contents() AS before \gset
SELECT is((SELECT string_agg(step_number::text, ' ') FROM support_case.suggested_responses(1, :id)), '1 2 3 4 5',
    'W-129: and at its instant, though no sweep has written it');
SELECT is(pg_temp.contents(), :'before', 'reading writes nothing');
SELECT pg_temp.run(:id, 'explain_no_refund(1, $1, ''see the video'')');
SELECT is((SELECT string_agg(step_number::text, ' ') FROM support_case.suggested_responses(1, :id)), '2 3 4',
    'W-129: after a refusal the seller may think again');
SELECT pg_temp.run(:id, 'escalate(1, $1)');
SELECT is((SELECT string_agg(step_number::text, ' ') FROM support_case.suggested_responses(1, :id)), '3',
    'W-129, AMB-66: after escalation it may concede');
SELECT pg_temp.run(:id, 'decide(1, $1, ''uphold_seller'', actor_id => ''ann'')');
SELECT is(pg_temp.advice(:id), 'none', 'W-129: nothing once the case is closed');
SELECT pg_temp.new_case('not_as_described') AS id \gset
SELECT pg_temp.run(:id, 'offer_full_refund(1, $1, true)');
SELECT is(pg_temp.advice(:id), 'none', 'W-129: nothing while a return is due');
SELECT pg_temp.at('2026-02-20T10:00:00Z');
SELECT pg_temp.new_case('missing_item') AS id \gset
SELECT pg_temp.at('2026-04-20T10:00:00Z');
SELECT is(pg_temp.advice(:id), 'none', 'W-130: nothing when two deadlines have passed in a row');
SELECT pg_temp.policy('{"partial_offer_allow_upgrade": false}');
SELECT pg_temp.new_case('not_as_described') AS id \gset
SELECT pg_temp.run(:id, 'offer_partial_refund(1, $1, 30)');
SELECT is(pg_temp.advice(:id), 'none', 'W-129, AMB-15: what the policy of the case forbids is not suggested');
SELECT lives_ok(format('SELECT support_case.request_information(1, %s, ''x'')', pg_temp.new_case('wrong_item')),
    'W-131: nothing of it is enforced');

---------- the marketplace's own ----------

SELECT support_case.define_reason('stale', 'The food is stale.', true, false) IS NOT NULL;
SELECT is((SELECT to_jsonb(s) FROM support_case.define_suggested_response('stale', 2, 'sold_fresh', 'explain_no_refund',
        evidence => '["date_of_packing"]', follow_up_code => 'improve_packing') AS s),
    '{"reason": "stale", "step_number": 2, "condition_code": "sold_fresh", "action": "explain_no_refund",
    "is_return_required": null, "evidence": ["date_of_packing"], "follow_up_code": "improve_packing", "requirement": null}',
    'W-129: a marketplace advises on its own reasons');
SELECT support_case.define_suggested_response('stale', 1, 'sold_old', 'offer_full_refund') IS NOT NULL;
SELECT is(pg_temp.advice(pg_temp.new_case('stale')), E'1 sold_old offer_full_refund\n2 sold_fresh explain_no_refund ["date_of_packing"] improve_packing',
    'W-129: in the order of their steps');
SELECT support_case.define_suggested_response('stale', 1, 'sold_late', 'offer_partial_refund') IS NOT NULL;
SELECT support_case.remove_suggested_response('stale', 2) IS NOT NULL;
SELECT is(pg_temp.advice(pg_temp.new_case('stale')), '1 sold_late offer_partial_refund', 'W-129: a step is replaced, another removed');
SELECT pg_temp.refuses(NULL, command, sqlstate, 'W-129: ' || command)
FROM (VALUES ('define_suggested_response(''nonsense'', 1, ''x'', ''explain_no_refund'')', '22023'),
    ('define_suggested_response(''stale'', 1, ''x'', ''reject'')', '22023'),
    ('define_suggested_response(''stale'', 1, ''Tell them no.'', ''explain_no_refund'')', '22023'),
    ('define_suggested_response(''stale'', 0, ''x'', ''explain_no_refund'')', '22023'),
    ('define_suggested_response(''stale'', 1, ''x'', ''explain_no_refund'', true)', '22023'),
    ('define_suggested_response(''stale'', 1, ''x'', ''explain_no_refund'', evidence => ''{}'')', '22023'),
    ('define_suggested_response(''stale'', 1, ''x'', ''explain_no_refund'', follow_up_code => ''Go!'')', '22023'),
    ('remove_suggested_response(''stale'', 9)', 'P0002')) AS v (command, sqlstate);
SELECT throws_ok(format('SELECT support_case.suggested_responses(%s)', arguments), sqlstate, NULL, 'suggested_responses ' || arguments)
FROM (VALUES ('1, 99999', 'P0002'), ('2, 1', 'P0002'), ('NULL, 1', '22004'), ('1, NULL', '22004')) AS v (arguments, sqlstate);
SET LOCAL support_case.seller_id = '2';
SELECT throws_ok('SELECT support_case.suggested_responses(1, 1)', 'SC004', NULL, 'another seller''s case is not advised on');
SET LOCAL support_case.seller_id = '';

SELECT is_empty('SELECT * FROM support_case.verify()', 'verify() finds nothing');
SELECT * FROM finish();
ROLLBACK;
