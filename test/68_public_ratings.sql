-- Public ratings: one an order, in time, for everybody to see; disputes.
BEGIN;
SELECT plan(52);
\ir helpers/cases.sql

SELECT pg_temp.at('2026-01-09T16:00:00-05:00');

CREATE FUNCTION pg_temp.rate(of_order bigint, mark integer, comment text DEFAULT NULL)
RETURNS bigint
LANGUAGE sql
AS $$ SELECT rating_id FROM support_case.rate_order(1, of_order, mark, comment) $$;

CREATE FUNCTION pg_temp.written()
RETURNS text
LANGUAGE sql
AS $$ SELECT concat((SELECT count(*) FROM support_case.public_rating), ' ratings, ',
    (SELECT count(*) FROM support_case.life_cycle_event), ' events') $$;

-- The rating.
CREATE TEMPORARY TABLE rated AS
SELECT pg_temp.new_order() AS order_id, NULL::bigint AS rating_id FROM generate_series(1, 8);
SELECT results_eq(
    $$SELECT mark, comment, status, buyer_id FROM support_case.rate_order(1, (SELECT min(order_id) FROM rated), 2, 'slow')$$,
    $$VALUES (2, 'slow', 'published', 7::bigint)$$,
    'A-11: a buyer rates an order with a mark and a short comment');
SELECT results_eq(
    $$SELECT machine, action, actor, status, effective_at FROM support_case.life_cycle_event$$,
    $$VALUES ('public_rating', 'rate_order', 'buyer', 'published', '2026-01-09T16:00:00-05:00'::timestamptz)$$,
    'A-11: the rating is on record');
SELECT throws_ok($$SELECT support_case.rate_order(1, (SELECT min(order_id) FROM rated), 5)$$, '23505',
    format('order %s is rated already', (SELECT min(order_id) FROM rated)), 'AMB-78: one rating an order');
SELECT throws_ok($$SELECT support_case.rate_order(1, (SELECT max(order_id) FROM rated), 0)$$, '22023',
    'argument "mark" must be from 1 to 5', 'AMB-78: marks start at 1');
SELECT throws_ok($$SELECT support_case.rate_order(1, (SELECT max(order_id) FROM rated), 6)$$, '22023',
    'argument "mark" must be from 1 to 5', 'AMB-78: marks end at 5');
SELECT throws_ok($$SELECT support_case.rate_order(1, (SELECT max(order_id) FROM rated), NULL)$$, '22004',
    'argument "mark" must not be null', 'A-11: a rating has a mark');
SELECT throws_ok($$SELECT support_case.rate_order(1, (SELECT max(order_id) FROM rated), 3, repeat('x', 401))$$, '22023',
    'argument "comment" must have 1 to 400 characters', 'AMB-78: comments have at most 400 characters');
SELECT throws_ok($$SELECT support_case.rate_order(1, 999999, 3)$$, 'P0002',
    'order 999999 of seller 1 does not exist', 'A-11: only an order can be rated');
SELECT is(pg_temp.written(), '1 ratings, 1 events', 'A-11: refused ratings leave nothing behind');
SELECT lives_ok($$SELECT support_case.rate_order(1, (SELECT max(order_id) FROM rated), 5, repeat('x', 400))$$,
    'AMB-78: a comment of 400 characters fits');

-- The window.
CREATE TEMPORARY TABLE late AS SELECT pg_temp.new_order() AS order_id;
SELECT pg_temp.at('2026-04-09T17:00:00-04:00');
SELECT throws_ok($$SELECT support_case.rate_order(1, (SELECT order_id FROM late), 4)$$, 'SC003',
    'the time to rate this order is over', 'AMB-78: 90 days after the purchase it is too late');
SAVEPOINT in_time;
SELECT pg_temp.at('2026-04-09T16:59:59.999999-04:00');
SELECT lives_ok($$SELECT support_case.rate_order(1, (SELECT order_id FROM late), 4)$$,
    'AMB-78: until then it is in time');
ROLLBACK TO in_time;
SAVEPOINT delivered;
SELECT pg_temp.at('2026-04-20T06:59:59-04:00');
SELECT support_case.record_order_delivered(1, (SELECT order_id FROM late), '2026-01-20T11:00:00-05:00');
SELECT lives_ok($$SELECT support_case.rate_order(1, (SELECT order_id FROM late), 4)$$,
    'AMB-78: the window starts with the delivery where it is known');
ROLLBACK TO delivered;
-- What did not arrive is looked into late.
SAVEPOINT not_received;
SELECT support_case.record_delivery_promise(1, order_id, max_estimated_delivery_on => '2026-02-20') FROM late;
SELECT pg_temp.at('2026-05-20T10:00:00-04:00');
SELECT throws_ok($$SELECT support_case.rate_order(1, (SELECT order_id FROM late), 1)$$, 'SC003', NULL, 'A-15: after the window');
SELECT case_id AS claim FROM support_case.file_guarantee_claim(1, (SELECT order_id FROM late), 'it never came') \gset
SAVEPOINT claimed;
SELECT lives_ok($$SELECT support_case.rate_order(1, (SELECT order_id FROM late), 1)$$, 'A-15: who claims the guarantee can rate');
ROLLBACK TO claimed;
SELECT support_case.offer_full_refund(1, :claim);
SELECT pg_temp.at('2026-08-18T09:59:59.999999-04:00');
SAVEPOINT refunded;
SELECT lives_ok($$SELECT support_case.rate_order(1, (SELECT order_id FROM late), 1)$$, 'A-15, AMB-82: also after the late refund');
ROLLBACK TO refunded;
SELECT pg_temp.at('2026-08-18T10:00:00-04:00');
SELECT throws_ok($$SELECT support_case.rate_order(1, (SELECT order_id FROM late), 1)$$, 'SC003', NULL, 'A-15, AMB-78: for as long as after a delivery');
ROLLBACK TO not_received;
SELECT pg_temp.at('2026-05-20T10:00:00-04:00');
SELECT support_case.open_case(1, (SELECT order_id FROM late), 'not_received', 'it never came');
SELECT throws_ok($$SELECT support_case.rate_order(1, (SELECT order_id FROM late), 1)$$, 'SC003', NULL,
    'A-15, AMB-43: a request that comes too late itself opens nothing');
ROLLBACK TO not_received;
SELECT pg_temp.at('2026-04-20T06:59:59-04:00');
SELECT support_case.create_policy('{"public_rating_window": null, "public_rating_comment_length": 3}');
SELECT pg_temp.at('2027-04-20T06:59:59-04:00');
SELECT throws_ok($$SELECT support_case.rate_order(1, (SELECT order_id FROM late), 4, 'late')$$, '22023',
    'argument "comment" must have 1 to 3 characters', 'AMB-78: the length of a comment is a setting');
SELECT lives_ok($$SELECT support_case.rate_order(1, (SELECT order_id FROM late), 4, 'ok')$$,
    'AMB-78: the window is a setting');
SELECT throws_ok($$SELECT support_case.create_policy('{"public_rating_window": "-1 days"}')$$, '23514', NULL,
    'AMB-78: the window is not negative');
SELECT support_case.create_policy('{"public_rating_window": "90 days", "public_rating_comment_length": 400}');

-- A refund does not take the word from the buyer.
SELECT pg_temp.at('2027-05-03T12:00:00-04:00');
CREATE TEMPORARY TABLE refunded AS SELECT pg_temp.new_case() AS case_id;
SELECT support_case.offer_full_refund(1, (SELECT case_id FROM refunded), false);
SELECT lives_ok($$SELECT support_case.rate_order(1, (SELECT order_id FROM support_case.case_current
        WHERE seller_id = 1 AND case_id = (SELECT case_id FROM refunded)), 1, 'never again')$$,
    'A-15: a refunded buyer can still rate (AMB-82)');

-- Who sees it.
SELECT results_eq($$SELECT mark, comment FROM support_case.public_ratings WHERE seller_id = 1 ORDER BY rating_id$$,
    format($$VALUES (2, 'slow'), (5, '%s'), (4, 'ok'), (1, 'never again')$$, repeat('x', 400)),
    'A-12: every prospect sees marks and comments');
SELECT bag_eq($$SELECT attname::text FROM pg_attribute WHERE attrelid = 'support_case.public_ratings'::regclass AND attnum > 0$$,
    ARRAY['seller_id', 'rating_id', 'mark', 'comment', 'rated_at'], 'A-12: strangers see neither order nor buyer');
CREATE ROLE tap_other_buyer LOGIN IN ROLE support_case_buyer;
CREATE ROLE tap_other_seller LOGIN IN ROLE support_case_seller;
SELECT support_case.map_login('tap_other_buyer', buyer_id => 8);
SELECT support_case.map_login('tap_other_seller', seller_id => 2);
SET LOCAL ROLE tap_other_buyer;
SELECT is((SELECT count(*) FROM support_case.public_ratings), 4::bigint, 'A-12: another buyer sees all ratings');
SELECT is((SELECT count(*) FROM support_case.order_ratings), 0::bigint, 'A-12: but whose they are only of his own');
SELECT throws_ok($$SELECT support_case.rate_order(1, 1, 1)$$, 'SC004', NULL, 'A-11: nobody rates another one''s order');
RESET ROLE;

-- The summary.
SELECT results_eq(
    $$SELECT rating_count, average_mark, mark_5_count, mark_4_count, mark_3_count, mark_2_count, mark_1_count,
        rating_count_90_days, average_mark_90_days, rating_count_year, average_mark_year
    FROM support_case.seller_rating_summary WHERE seller_id = 1$$,
    $$VALUES (4, 3.00, 1, 1, 0, 1, 1, 2, 2.50, 2, 2.50)$$,
    'A-13: ratings are counted per mark, over all time, 90 days and a year');
SELECT pg_temp.at('2027-07-19T06:59:59-04:00');
SELECT is((SELECT rating_count_90_days FROM support_case.seller_rating_summary WHERE seller_id = 1), 2,
    'A-13: a rating counts among the last 90 days to their end');
SELECT pg_temp.at('2027-07-19T07:00:00-04:00');
SELECT is((SELECT rating_count_90_days FROM support_case.seller_rating_summary WHERE seller_id = 1), 1,
    'A-13: and then no more');
SELECT pg_temp.at('2028-04-19T06:59:59-04:00');
SELECT is((SELECT ROW(rating_count_year, average_mark_year)::text FROM support_case.seller_rating_summary WHERE seller_id = 1),
    '(2,2.50)', 'A-13: and among those of the last 365');
SELECT pg_temp.at('2028-04-19T07:00:00-04:00');
SELECT is((SELECT ROW(rating_count_year, average_mark_year)::text FROM support_case.seller_rating_summary WHERE seller_id = 1),
    '(1,1.00)', 'A-13: to their end');
SELECT pg_temp.at('2027-07-19T07:00:00-04:00');

-- The dispute.
UPDATE rated SET rating_id = (SELECT min(rating_id) FROM support_case.public_rating);
CREATE FUNCTION pg_temp.rating(nth integer)
RETURNS bigint
LANGUAGE sql STABLE
AS $$ SELECT rating_id FROM support_case.public_rating ORDER BY rating_id OFFSET nth - 1 LIMIT 1 $$;
SELECT results_eq($$SELECT status FROM support_case.dispute_rating(1, pg_temp.rating(1), 'it was on time')$$,
    $$VALUES ('disputed')$$, 'A-14: a seller disputes a rating');
SELECT is((SELECT count(*) FROM support_case.public_ratings), 4::bigint, 'AMB-79: a disputed rating is still shown');
SELECT pg_temp.at('2027-07-20T08:00:00-04:00');
SELECT results_eq($$SELECT seller_id, case_id, rating_id, order_id, buyer_id, status, task, waiting_since, target_at, routed_because
        FROM support_case.platform_queue$$,
    $$SELECT 1::bigint, NULL::bigint, pg_temp.rating(1), (SELECT min(order_id) FROM rated), 7::bigint, 'disputed', 'rating_disputed',
        '2027-07-19T07:00:00-04:00'::timestamptz, NULL::timestamptz, NULL$$,
    'A-14, AMB-79: the dispute is a task of the platform');
CREATE ROLE tap_agent LOGIN IN ROLE support_case_platform;
SET LOCAL ROLE tap_agent;
SELECT is((SELECT count(*) FROM support_case.platform_queue WHERE task = 'rating_disputed'), 1::bigint, 'AMB-79: which its agents see');
RESET ROLE;
SET LOCAL ROLE tap_other_seller;
SELECT throws_ok('SELECT FROM support_case.platform_queue', '42501', NULL, 'AMB-79: and sellers do not');
RESET ROLE;
SELECT throws_ok($$SELECT support_case.dispute_rating(1, pg_temp.rating(1), 'again')$$, 'SC001',
    'action is not allowed in this status', 'A-14: a rating is disputed once');
SELECT throws_ok($$SELECT support_case.dispute_rating(1, pg_temp.rating(2), ' ')$$, '22023',
    'argument "message" must have 1 to 10000 characters', 'A-14: a dispute says why');
SELECT throws_ok($$SELECT support_case.dispute_rating(1, 999999, 'why')$$, 'P0002',
    'rating 999999 of seller 1 does not exist', 'A-14: there has to be a rating');
SELECT throws_ok($$SELECT support_case.decide_rating_dispute(1, pg_temp.rating(1), 'remove', 'insult')$$, '22004',
    'argument "actor_id" must not be null', 'AMB-79: the platform says who decided');
SELECT throws_ok($$SELECT support_case.decide_rating_dispute(1, pg_temp.rating(1), 'hide', 'insult', 'agent 1')$$, '22023',
    'unknown outcome "hide"', 'AMB-79: a rating is upheld or removed');
SELECT results_eq(
    $$SELECT status FROM support_case.decide_rating_dispute(1, pg_temp.rating(1), 'remove', 'insult', 'agent 1')$$,
    $$VALUES ('removed')$$, 'AMB-79: the platform removes a disputed rating');
SELECT is_empty('SELECT FROM support_case.platform_queue', 'AMB-79: and the task is done');
SELECT results_eq($$SELECT count(*)::integer, (SELECT rating_count FROM support_case.seller_rating_summary WHERE seller_id = 1)
        FROM support_case.public_ratings$$,
    $$VALUES (3, 3)$$, 'AMB-79: a removed rating is neither shown nor counted');
SELECT results_eq(
    $$SELECT event_number, action, actor, actor_id, status, details ->> 'message' FROM support_case.life_cycle_event
    WHERE seller_id = 1 AND machine = 'public_rating' AND subject_id = pg_temp.rating(1) ORDER BY event_number$$,
    $$VALUES (1, 'rate_order', 'buyer', NULL, 'published', NULL),
        (2, 'dispute_rating', 'seller', NULL, 'disputed', 'it was on time'),
        (3, 'remove_rating', 'platform', 'agent 1', 'removed', 'insult')$$,
    'AMB-79: its record stays');
SELECT results_eq(
    $$SELECT event_number, recipient, template, channel FROM support_case.outbox
    WHERE subject = 'public_rating' AND subject_id = pg_temp.rating(1) ORDER BY event_number, recipient, channel$$,
    $$VALUES (1, 'seller', 'rating_published', 'in_app'), (2, 'platform', 'rating_disputed', 'in_app'),
        (3, 'buyer', 'rating_removed', 'email'), (3, 'buyer', 'rating_removed', 'in_app'),
        (3, 'seller', 'rating_removed', 'in_app')$$, 'A-14: everybody concerned is told');
SELECT support_case.dispute_rating(1, pg_temp.rating(3), 'I do not like it');
SELECT results_eq(
    $$SELECT k.status, l.status FROM support_case.decide_rating_dispute(1, pg_temp.rating(3), 'uphold', 'fair', 'agent 1',
            idempotency_key => 'uphold') AS k,
        support_case.decide_rating_dispute(1, pg_temp.rating(3), 'uphold', 'fair', 'agent 1',
            idempotency_key => 'uphold') AS l$$,
    $$VALUES ('upheld', 'upheld')$$, 'A-14: the platform upholds a rating, and a retry changes nothing');
SELECT is((SELECT comment FROM support_case.rate_order(1, pg_temp.new_order(), 5, 'Great! Write to me@example.com')),
    'Great! Write to ***', 'A-08: contact data does not go public (AMB-99)');
SELECT throws_ok($$UPDATE support_case.public_rating SET status = 'removed' WHERE rating_id = pg_temp.rating(3)$$, 'SC005',
    'change of status is not a transition of machine "public_rating"', 'AMB-79: no other way leads to removal');
SELECT throws_ok($$DELETE FROM support_case.life_cycle_event$$, 'SC002', 'table "life_cycle_event" is append-only', 'AMB-79: the record cannot be changed');

SELECT is_empty('SELECT * FROM support_case.verify()', 'everything adds up');
SELECT * FROM finish();
ROLLBACK;
