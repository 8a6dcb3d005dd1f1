-- The programme: enrolment, rollout, waitlist, no opt-out, no rejecting
-- (W-01 to W-06).
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-12T10:00:00Z');

CREATE TEMPORARY VIEW notified AS
SELECT seller_id, subject, subject_id, recipient, recipient_id, template, channel, occurred_at
FROM support_case.outbox WHERE subject = 'seller';

---------- W-02: who handles a request ----------

CREATE FUNCTION pg_temp.order_of_seller(seller_id bigint)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    new_id bigint := nextval('pg_temp.order_id_seq');
BEGIN
    PERFORM support_case.register_order(order_of_seller.seller_id, new_id, 7, 'USD', 88.80, 5.00, 3.20,
        '[{"unit_price": 100.00}]');
    RETURN new_id;
END
$$;

SELECT support_case.register_seller(1), support_case.register_seller(2, false);
SELECT case_id AS of_one FROM support_case.open_case(1, pg_temp.order_of_seller(1), 'missing_item', 'gone') \gset
SELECT case_id AS of_two FROM support_case.open_case(2, pg_temp.order_of_seller(2), 'missing_item', 'gone') \gset
SELECT results_eq($$SELECT c.seller_id, c.status, c.waiting_on, s.routed_because FROM support_case.case_current AS c
        JOIN support_case.support_case AS s USING (seller_id, case_id) ORDER BY 1$$,
    $$VALUES (1::bigint, 'awaiting_seller', 'seller', 'seller'), (2, 'escalated', 'platform', 'seller_not_enabled')$$,
    'W-01, W-02, W-16: the request goes to the seller who is enrolled, else to the platform');

---------- W-01: the platform steps in ----------

SELECT pg_temp.refuses(:of_one, 'take_over_case(1, $1)', '22004', 'W-01: the agent is named');
SELECT pg_temp.refuses(:of_one, 'take_over_case(1, $1, ''mood'', actor_id => ''a'')', '22023', 'W-01: for a known cause');
SELECT pg_temp.refuses(:of_one, 'take_over_case(1, $1, message => '''', actor_id => ''a'')', '22023', 'W-01: with words, if any');
SELECT pg_temp.takes(:of_one, 'take_over_case(1, $1, message => ''customs'', actor_id => ''ann'')',
    '{"status": "escalated", "escalation_reason": "taken_over", "waiting_on": "platform", "actor": "platform",
    "due_at": null, "is_conversation_closed": true, "details": {"because": "beyond_seller", "message": "customs"}}',
    'W-01: what is beyond the seller''s control becomes the platform''s');
SELECT is(routed_because, 'beyond_seller', 'W-01: and the platform''s queue shows why')
FROM support_case.platform_queue WHERE seller_id = 1;
SELECT pg_temp.refuses(:of_one, 'take_over_case(1, $1, actor_id => ''a'')', 'SC001', 'W-01: once');

---------- W-03: rollout ----------

SELECT is((SELECT is_enabled FROM support_case.register_seller(10 + n, country => country, joined_at => joined_at)), enrolled,
    format('W-03: a seller of %s who joined at %s: enrolled %s', coalesce(country, 'no country'), joined_at, enrolled))
FROM (VALUES (1, 'US', '2025-12-01T00:00:00Z'::timestamptz, true), (2, 'US', '2025-11-30T23:59:59.999999Z', false),
    (3, 'US', '2026-01-12T10:00:00Z', true), (4, 'US', NULL, true), (5, 'CA', '2026-01-01T00:00:00Z', false),
    (6, NULL, NULL, true)) AS v (n, country, joined_at, enrolled);
SELECT results_eq('SELECT seller_id, country, joined_at, enabled_at FROM support_case.seller WHERE seller_id IN (12, 14) ORDER BY 1',
    $$VALUES (12::bigint, 'US', '2025-11-30T23:59:59.999999Z'::timestamptz, NULL::timestamptz),
        (14, 'US', '2026-01-12T10:00:00Z', '2026-01-12T10:00:00Z')$$, 'W-03: what decided it is on record');
SELECT is((SELECT is_enabled FROM support_case.register_seller(17, false, country => 'US')), false,
    'W-03: the host may say otherwise');
SELECT is((SELECT is_enabled FROM support_case.register_seller(18, true, country => 'CA')), true, 'W-03: both ways');
SELECT is((SELECT is_enabled FROM support_case.register_seller(12)), false, 'W-03: registering again decides nothing again');
SELECT is((SELECT (country, joined_at)::text FROM support_case.register_seller(12)),
    '(US,"2025-11-30 18:59:59.999999-05")', 'W-03: and forgets nothing');
SELECT is((SELECT created_by || enrolled_from FROM support_case.schedule_rollout('CA', '2026-02-01T00:00:00Z', 'ann')),
    'ann2026-01-31 19:00:00-05', 'W-03: a country follows');
SELECT pg_temp.at('2026-01-31T23:59:59.999999Z');
SELECT is((SELECT is_enabled FROM support_case.register_seller(20, country => 'CA')), false, 'W-03: not one microsecond before');
SELECT pg_temp.at('2026-02-01T00:00:00Z');
SELECT is((SELECT is_enabled FROM support_case.register_seller(21, country => 'CA')), true, 'W-03: and at its instant');
SELECT is((SELECT is_enabled FROM support_case.seller WHERE seller_id = 20), false,
    'W-03: who is registered already waits until access is granted');
SELECT pg_temp.refuses(NULL, command, sqlstate, 'W-03: ' || command)
FROM (VALUES ('schedule_rollout(''Canada'', now())', '22023'), ('schedule_rollout(''ca'', now())', '22023'),
    ('register_seller(22, country => ''usa'')', '22023'),
    ('register_seller(22, joined_at => ''2026-02-01T00:00:00.000001Z'')', '22023'),
    ('register_seller(22, joined_at => ''infinity'')', '22008')) AS v (command, sqlstate);
SELECT throws_ok('SELECT support_case.register_seller(22, joined_at => ''2026-02-01T00:00:00.000001Z'')', '22023',
    'argument "joined_at" is in the future', 'W-03: the argument is named');
SELECT is_empty('SELECT * FROM notified', 'W-04: nobody has waited so far');

---------- W-04: waitlist ----------

SELECT is((SELECT waitlisted_at FROM support_case.join_waitlist(12)), support_case.clock(), 'W-04: a seller without access waits');
SELECT pg_temp.at('2026-02-02T00:00:00Z');
SELECT is((SELECT waitlisted_at FROM support_case.join_waitlist(12)), '2026-02-01T00:00:00Z',
    'W-04: once; asking again keeps the place');
SELECT results_eq('SELECT seller_id, country, waitlisted_at FROM support_case.programme_waitlist',
    $$VALUES (12::bigint, 'US', '2026-02-01T00:00:00Z'::timestamptz)$$, 'W-04: the waitlist');
SELECT pg_temp.refuses(NULL, 'join_waitlist(1)', 'SC001', 'W-04: who has access waits for nothing', '%without access%');
SELECT pg_temp.refuses(NULL, 'join_waitlist(99)', 'P0002', 'W-04: an unknown seller');
SELECT pg_temp.refuses(NULL, 'grant_access(99)', 'P0002', 'W-04: nor is one granted access');
SELECT is((SELECT ROW(is_enabled, enabled_at)::text FROM support_case.grant_access(12)), '(t,"2026-02-01 19:00:00-05")',
    'W-04: access is granted');
SELECT results_eq('SELECT * FROM notified ORDER BY channel',
    $$VALUES (12::bigint, 'seller', 12::bigint, 'seller', 12::bigint, 'access_granted', 'email', '2026-02-02T00:00:00Z'::timestamptz),
        (12, 'seller', 12, 'seller', 12, 'access_granted', 'in_app', '2026-02-02T00:00:00Z')$$, 'W-04: and the seller notified');
SELECT is_empty('SELECT * FROM support_case.programme_waitlist', 'W-04: nobody waits any more');
SELECT pg_temp.at('2026-02-03T00:00:00Z');
SELECT is((SELECT enabled_at FROM support_case.grant_access(12)), '2026-02-02T00:00:00Z', 'W-04: granting again changes nothing');
SELECT is((SELECT enabled_at FROM support_case.grant_access(20)), '2026-02-03T00:00:00Z', 'W-04: access without having waited');
SELECT is((SELECT is_enabled FROM support_case.register_seller(2, true)), true, 'W-04: a registration may grant it, too');
SELECT results_eq('SELECT seller_id FROM notified WHERE channel = ''email'' ORDER BY 1', 'VALUES (2::bigint), (12), (20)', 'W-04: each is notified once');
SELECT case_id AS of_two FROM support_case.open_case(2, pg_temp.order_of_seller(2), 'missing_item', 'gone') \gset
SELECT is((SELECT status FROM support_case.case_current WHERE case_id = :of_two), 'awaiting_seller',
    'W-02, W-04: requests from now on go to the seller');

---------- W-05: no opt-out ----------

SELECT pg_temp.refuses(NULL, 'register_seller(1, false)', '23514', 'W-05: an enrolled seller stays', '%out of the programme%');
SELECT throws_ok(statement, '23514', 'an enrolled seller stays enrolled', 'W-05: ' || statement)
FROM unnest(ARRAY['UPDATE support_case.seller SET is_enabled = false WHERE seller_id = 12',
    'UPDATE support_case.seller SET is_enabled = NULL WHERE seller_id = 12',
    'INSERT INTO support_case.seller (seller_id, is_enabled, registered_at) VALUES (1, false, now())
        ON CONFLICT (seller_id) DO UPDATE SET is_enabled = false']) AS statement;
SET LOCAL ROLE support_case_owner;
SELECT set_config('test.outcome', 'none', true);
DO $owner$
BEGIN
    UPDATE support_case.seller SET is_enabled = false WHERE seller_id = 12;
    PERFORM set_config('test.outcome', 'written', true);
EXCEPTION WHEN check_violation THEN
    PERFORM set_config('test.outcome', SQLERRM, true);
END
$owner$;
RESET ROLE;
SELECT is(current_setting('test.outcome'), 'an enrolled seller stays enrolled', 'W-05: whoever writes it');
SELECT lives_ok('UPDATE support_case.seller SET is_enabled = true, calendar_code = NULL WHERE seller_id = 12',
    'W-05: everything else may change');
SELECT lives_ok('UPDATE support_case.seller SET is_enabled = false WHERE seller_id = 17', 'W-05: who is out stays out');
CREATE TEMPORARY TABLE elsewhere (is_enabled boolean);
CREATE TRIGGER after_all AFTER UPDATE ON elsewhere FOR EACH ROW EXECUTE FUNCTION support_case.refuse_opt_out();
INSERT INTO elsewhere VALUES (true);
SELECT throws_ok('UPDATE elsewhere SET is_enabled = false', '39P01', NULL, 'W-05: the guard runs before');

---------- W-06: no rejecting ----------

SELECT is_empty($$SELECT action FROM support_case.state_machine() WHERE action ~ 'reject' OR requirements ~ 'reject'$$,
    'W-06: no transition rejects a request');
SELECT is_empty($$SELECT proname FROM pg_proc WHERE pronamespace = 'support_case'::regnamespace AND proname ~ 'reject_(case|request)'$$,
    'W-06: and no command does');
SELECT set_eq($$SELECT action FROM support_case.state_machine() WHERE machine = 'case' AND from_status = 'awaiting_seller'
        AND actor = 'seller'$$,
    ARRAY['offer_full_refund', 'offer_partial_refund', 'send_replacement', 'explain_no_refund', 'request_information',
        'post_message', 'refund_and_ask_to_reorder', 'start_carrier_enquiry', 'record_parcel_found'],
    'W-06, W-26, W-66: the six responses and a message are all that a seller has, and A-26, A-28 for what did not arrive');
SELECT case_id AS id FROM support_case.open_case(1, pg_temp.order_of_seller(1), 'missing_item', 'gone') \gset
SELECT pg_temp.takes(:id, 'explain_no_refund(1, $1, ''see the video'')', '{"status": "refusal_explained"}',
    'W-06, W-66: who thinks that nothing is due says why');

---------- who may ----------

SET LOCAL support_case.seller_id = '17';
SET LOCAL ROLE support_case_app;
SELECT set_config('test.outcome', (SELECT seller_id::text FROM support_case.join_waitlist(17)), true);
RESET ROLE;
SELECT is(current_setting('test.outcome'), '17', 'W-04: a seller joins by itself');
SET LOCAL support_case.seller_id = '';

SELECT is_empty('SELECT * FROM support_case.verify()', 'verify() finds nothing');
SELECT * FROM finish();
ROLLBACK;
