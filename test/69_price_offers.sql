-- Price offers: by buyers and to favouriters, answers, expiry, purchase.
BEGIN;
SELECT plan(83);
\ir helpers/cases.sql

SELECT pg_temp.at('2026-01-09T16:00:00-05:00');
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr');
SELECT support_case.register_seller(1);
SELECT support_case.register_member(k, 'member.' || k) FROM generate_series(7, 60) AS k;
SELECT support_case.register_listing(1, 1, 'Lamp', 40.00, 'USD', 'A lamp', accepts_offers => true);
SELECT support_case.register_listing(1, 2, 'Vase', 19.99, 'USD', 'A vase');

CREATE FUNCTION pg_temp.offer(listing_id bigint, buyer_id bigint, price numeric)
RETURNS bigint
LANGUAGE sql
AS $$ SELECT offer_id FROM support_case.make_offer(1, listing_id, buyer_id, price) $$;

CREATE FUNCTION pg_temp.status(of_offer bigint)
RETURNS text
LANGUAGE sql STABLE
AS $$ SELECT status FROM support_case.price_offers WHERE seller_id = 1 AND offer_id = of_offer $$;

-- What is stored: nothing is written by what is refused.
CREATE FUNCTION pg_temp.written()
RETURNS text
LANGUAGE sql
AS $$ SELECT concat((SELECT count(*) FROM support_case.price_offer), ' offers, ',
    (SELECT count(*) FROM support_case.life_cycle_event), ' events, ', (SELECT count(*) FROM support_case.outbox), ' notices') $$;

-- Offers of buyers.
SELECT results_eq(
    $$SELECT offered_by, price, list_price, status, waiting_on, due_at FROM support_case.make_offer(1, 1, 7, 30)$$,
    $$VALUES ('buyer', 30.00, 40.00, 'awaiting_seller', 'seller', '2026-01-12T16:00:00-05:00'::timestamptz)$$,
    'V-08: a buyer makes an offer, which waits on the seller for 72 hours, weekends included (X-10, AMB-90)');
SELECT is(pg_temp.written(), '1 offers, 1 events, 2 notices', 'V-08: the seller is notified in the app and by email');
SELECT throws_ok($$SELECT support_case.make_offer(1, 2, 7, 10)$$, 'SC001', 'the seller accepts no offers for this item',
    'V-09: offers have to be enabled first');
SELECT throws_ok($$SELECT support_case.make_offer(1, 1, 7, 29)$$, '23505', 'an offer for listing 1 and buyer 7 is pending',
    'AMB-93: one pending offer per buyer and item');
SELECT throws_ok($$SELECT support_case.make_offer(1, 1, 8, 40)$$, '22023', 'argument "price" must be below the item price',
    'V-08: an offer is below the price');
SELECT throws_ok($$SELECT support_case.make_offer(1, 1, 8, 0)$$, '22023', 'argument "price" must be greater than zero',
    'V-08: and above zero');
SELECT throws_ok($$SELECT support_case.make_offer(1, 1, 8, 10.001)$$, '22023', NULL, 'V-08: and exact in the currency');
SELECT throws_ok($$SELECT support_case.make_offer(1, 99, 8, 10)$$, 'P0002', 'listing 99 of seller 1 does not exist',
    'V-08: for a listing that exists');
SELECT is(pg_temp.written(), '1 offers, 1 events, 2 notices', 'V-08: refused offers leave nothing behind');

-- The seller is member 60, too, who liked the lamp before anybody knew.
SAVEPOINT own_item;
SELECT support_case.add_favourite(1, 1, k) FROM generate_series(59, 60) AS k;
SELECT support_case.register_seller(1, buyer_id => 60);
SELECT throws_ok(command, '22023', 'buyer 60 is the same person as seller 1', requirement || ': not one''s own item: ' || command)
FROM (VALUES ('V-08', 'SELECT support_case.make_offer(1, 1, 60, 30)'), ('V-11', 'SELECT support_case.add_favourite(1, 1, 60)'),
    ('V-14', 'SELECT support_case.send_offers(1, 1, 30, ''[59, 60]'')')) AS c (requirement, command);
SELECT is((SELECT string_agg(buyer_id::text, ',') FROM support_case.send_offers(1, 1, 30)), '59',
    'V-15: an offer to all goes to the others');
ROLLBACK TO own_item;

SELECT support_case.set_offer_default(1, true);
SELECT support_case.register_listing(1, 3, 'Cup', 10, 'USD', 'A cup');
SELECT is((SELECT accepts_offers FROM support_case.listings WHERE listing_id = 3), true, 'AMB-102: the account has a default');
SELECT is((SELECT accepts_offers FROM support_case.listings WHERE listing_id = 2), false,
    'AMB-102: which does not touch what is listed');
SELECT lives_ok($$SELECT support_case.edit_listing(1, 2, accepts_offers => true), support_case.make_offer(1, 2, 7, 19.98)$$,
    'V-09: the seller enables offers for an item; a buyer''s offer needs no minimum discount (AMB-96)');

-- Answers of the seller.
SELECT is((SELECT status FROM support_case.accept_price_offer(1, 1)), 'accepted', 'V-10: the seller accepts');
SELECT is((SELECT due_at FROM support_case.price_offers WHERE offer_id = 1), '2026-01-10T16:00:00-05:00'::timestamptz,
    'AMB-98: the buyer may pay the price for 24 hours');
SELECT throws_ok($$SELECT support_case.accept_price_offer(1, 1)$$, 'SC001', 'action is not allowed in this status',
    'V-10: an offer is answered once');
CREATE TEMPORARY TABLE made AS SELECT pg_temp.offer(1, 8, 30) AS declined, pg_temp.offer(1, 9, 20) AS countered;
SELECT is((SELECT status FROM support_case.decline_price_offer(1, (SELECT declined FROM made))), 'declined',
    'V-10: the seller declines');
SELECT lives_ok($$SELECT support_case.make_offer(1, 1, 8, 31)$$, 'V-10: then the buyer may offer again');
SELECT pg_temp.at('2026-01-10T12:00:00-05:00');
SELECT results_eq(
    $$SELECT offered_by, price, status, waiting_on, due_at, counters_offer_id = (SELECT countered FROM made)
    FROM support_case.counter_price_offer(1, (SELECT countered FROM made), 39.00)$$,
    $$VALUES ('seller', 39.00, 'awaiting_buyer', 'buyer', '2026-01-13T12:00:00-05:00'::timestamptz, true)$$,
    'V-10: the seller counters, for another 72 hours, with any price below the list price (AMB-90, AMB-96)');
SELECT is(pg_temp.status((SELECT countered FROM made)), 'countered', 'V-10: the countered offer is over');
SELECT throws_ok($$SELECT support_case.counter_price_offer(1, (SELECT max(offer_id) FROM support_case.price_offer), 39)$$,
    '22023', 'a counter-offer must name another price', 'V-16: the same price is no counter-offer');
SELECT results_eq(
    $$SELECT offered_by, price, status FROM support_case.counter_price_offer(1, (SELECT max(offer_id) FROM support_case.price_offer), 25)$$,
    $$VALUES ('buyer', 25.00, 'awaiting_seller')$$, 'V-16: the buyer counters in turn');
SELECT support_case.counter_price_offer(1, (SELECT max(offer_id) FROM support_case.price_offer), 35);
SELECT is((SELECT status FROM support_case.decline_price_offer(1, (SELECT max(offer_id) FROM support_case.price_offer))),
    'declined', 'AMB-91: the buyer declines an offer of the seller');

-- The price lapses.
SELECT pg_temp.at('2026-01-10T15:59:59.999999-05:00');
SELECT is(pg_temp.status(1), 'accepted', 'AMB-98: the price holds to its end');
SELECT pg_temp.at('2026-01-10T16:00:00-05:00');
SELECT results_eq($$SELECT status, status_since, due_at FROM support_case.price_offers WHERE offer_id = 1$$,
    $$VALUES ('lapsed', '2026-01-10T16:00:00-05:00'::timestamptz, NULL::timestamptz)$$,
    'AMB-98: then it lapses, though nothing was swept');

-- Offers to favouriters.
SELECT pg_temp.at('2025-12-11T12:00:00-05:00');
SELECT support_case.add_favourite(1, 2, 20);
SELECT pg_temp.at('2026-01-09T16:00:00-05:00');
SELECT support_case.add_favourite(1, 2, k) FROM generate_series(21, 45) AS k;
SELECT support_case.add_favourite(1, 1, 21);
SELECT is((SELECT count(*) FROM support_case.listing_favourites WHERE listing_id = 2 AND is_recent), 26::bigint,
    'V-13: the seller sees who favourited the item');
SELECT pg_temp.at('2026-01-10T12:00:00-05:00');
SELECT is((SELECT string_agg(member_id::text, ',') FROM support_case.listing_favourites WHERE listing_id = 2 AND NOT is_recent),
    '20', 'AMB-92: after 30 days a favourite is not recent');
SELECT throws_ok($$SELECT support_case.send_offers(1, 2, 17.99, '[20]')$$, '22023',
    'member 20 has not favourited listing 2 recently', 'V-11: offers go to recent favouriters');
SELECT throws_ok($$SELECT support_case.send_offers(1, 2, 17.99, '[59]')$$, '22023',
    'member 59 has not favourited listing 2 recently', 'V-11: not to others');
SELECT throws_ok($$SELECT support_case.send_offers(1, 2, 18.00, '[21]')$$, '22023',
    'argument "price" is not low enough for an offer', 'V-18: X-12: 18.00 is less than 10 % below 19.99');
SELECT throws_ok($$SELECT support_case.send_offers(1, 1, 36.01, '[21]')$$, '22023',
    'argument "price" is not low enough for an offer', 'V-18: X-12: 36.01 is less than 10 % below 40.00');
SELECT lives_ok($$SELECT support_case.send_offers(1, 1, 36.00, '[21]')$$, 'V-18: X-12: 36.00 is 10 % below 40.00');
SELECT support_case.edit_listing(1, 2, accepts_offers => false);
SELECT results_eq(
    $$SELECT buyer_id, offered_by, price, status, due_at FROM support_case.send_offers(1, 2, 17.99, '[21]')$$,
    $$VALUES (21::bigint, 'seller', 17.99, 'awaiting_buyer', '2026-01-13T12:00:00-05:00'::timestamptz)$$,
    'V-12: X-12: the seller sends one of 17.99 without enabling offers (V-15)');
SELECT throws_ok($$SELECT support_case.send_offers(1, 2, 15, '[22, 21]')$$, '23505',
    'an offer for listing 2 and buyer 21 is pending', 'AMB-93: one pending offer a buyer, and all or none');
SELECT is(pg_temp.status((SELECT max(offer_id) FROM support_case.price_offer WHERE buyer_id = 22)), NULL,
    'V-15: a refused batch sends nothing');
SELECT throws_ok(format($$SELECT support_case.send_offers(1, 2, 15, '%s')$$, (SELECT jsonb_agg(k) FROM generate_series(22, 42) AS k)),
    '22023', 'an offer can be sent to at most 20 members at once', 'V-14: at most 20 buyers');
SELECT is((SELECT count(*) FROM support_case.send_offers(1, 2, 15,
        (SELECT jsonb_agg(k) FROM generate_series(22, 41) AS k))), 20::bigint, 'V-14: 20 buyers in one call');
SELECT is((SELECT string_agg(buyer_id::text, ',' ORDER BY buyer_id) FROM support_case.send_offers(1, 2, 15)), '42,43,44,45',
    'V-15: an offer to all goes to those who have none pending');
SELECT throws_ok($$SELECT support_case.send_offers(1, 2, 15)$$, 'P0002', 'nobody is there to send an offer for listing 2 to',
    'V-15: to nobody it cannot go');
SELECT throws_ok($$SELECT support_case.send_offers(1, 2, 15, '{"a": 1}')$$, '22023',
    'argument "members" must be a JSON array of member ids', 'V-14: the buyers are a list');
SELECT results_eq($$SELECT template, channel, recipient_id FROM support_case.outbox WHERE subject = 'price_offer'
        AND template <> 'make_offer' AND recipient_id = 45 ORDER BY channel$$,
    $$VALUES ('price_offered', 'email', 45::bigint), ('price_offered', 'in_app', 45)$$, 'V-15: the buyer is notified');
SELECT is((SELECT count(*) FROM support_case.outbox WHERE subject = 'price_offer' AND data ? 'message'), 0::bigint,
    'AMB-101: offers carry no words');

-- Expiry, read before it is swept, then swept.
SELECT pg_temp.at('2026-01-13T11:59:59.999999-05:00');
SELECT is((SELECT count(*) FROM support_case.price_offers WHERE listing_id = 2 AND status = 'awaiting_buyer'), 25::bigint,
    'V-16: buyers have 72 hours');
SAVEPOINT in_time;
SELECT is((SELECT status FROM support_case.accept_price_offer(1, (SELECT offer_id FROM support_case.price_offers WHERE listing_id = 2 AND buyer_id = 22))),
    'accepted', 'V-16: at the last moment');
ROLLBACK TO in_time;
SELECT pg_temp.at('2026-01-13T12:00:00-05:00');
SELECT is((SELECT count(*) FROM support_case.price_offers WHERE listing_id = 2 AND status = 'expired'), 26::bigint,
    'V-17: then they expire by themselves');
CREATE TEMPORARY TABLE before_sweep AS TABLE support_case.price_offers;
SELECT throws_ok($$SELECT support_case.accept_price_offer(1, (SELECT offer_id FROM support_case.price_offers
    WHERE listing_id = 2 AND buyer_id = 22))$$, 'SC001', 'action is not allowed in this status', 'V-17: it is too late');
SELECT pg_temp.at('2026-02-01T12:00:00-05:00');
SELECT cmp_ok(support_case.sweep(), '>', 25, 'V-17: the sweep writes it');
SELECT is(support_case.sweep(), 0, 'V-17: once');
SELECT results_eq($$SELECT DISTINCT o.offered_by, n.recipient, n.recipient_id = CASE n.recipient WHEN 'seller' THEN 1 ELSE o.buyer_id END
    FROM support_case.outbox AS n JOIN support_case.price_offer AS o ON o.seller_id = n.seller_id AND o.offer_id = n.subject_id
    WHERE n.subject = 'price_offer' AND n.template = 'price_offer_expired' ORDER BY 1$$,
    $$VALUES ('buyer', 'buyer', true), ('seller', 'seller', true)$$, 'V-17: who offered is told that it has expired');
SELECT set_eq('TABLE support_case.price_offers', 'SELECT seller_id, offer_id, listing_id, buyer_id, offered_by, counters_offer_id,
    currency, price, list_price, offered_at, CASE WHEN status IN (''awaiting_seller'', ''awaiting_buyer'') THEN ''expired'' ELSE status END,
    NULL::text, NULL::timestamptz, CASE WHEN due_at IS NULL THEN status_since ELSE due_at END FROM before_sweep',
    'V-17: what was read before the sweep is what is written');
SELECT is((SELECT count(*) FROM support_case.life_cycle_event WHERE action = 'expire_deadline' AND effective_at = recorded_at),
    0::bigint, 'V-17: expiry takes effect at its instant, whenever it is written');
SELECT pg_temp.at('2026-03-06T16:00:00-05:00');
SELECT is((SELECT due_at FROM support_case.make_offer(1, 1, 50, 30)), '2026-03-09T17:00:00-04:00'::timestamptz,
    'D-15: X-11: 72 hours are elapsed hours, also over a change of clocks');

-- The list price changes.
CREATE TEMPORARY TABLE priced AS SELECT pg_temp.offer(1, 51, 20) AS low, pg_temp.offer(1, 52, 35) AS high;
SELECT support_case.edit_listing(1, 1, price => 30);
SELECT is(pg_temp.status((SELECT high FROM priced)), 'superseded', 'AMB-95: a list price at or below an offer supersedes it');
SELECT is(pg_temp.status((SELECT low FROM priced)), 'awaiting_seller', 'AMB-95: lower offers stay');
SELECT is((SELECT list_price FROM support_case.price_offers WHERE offer_id = (SELECT low FROM priced)), 40.00,
    'AMB-95: with the list price of their time');
SELECT is((SELECT count(*) FROM support_case.price_offers WHERE status = 'superseded'), 2::bigint, 'AMB-95: 30 is not below 30');

-- The purchase.
SELECT support_case.accept_price_offer(1, (SELECT low FROM priced));
CREATE TEMPORARY TABLE sold AS SELECT pg_temp.offer(1, 53, 10) AS pending, pg_temp.offer(1, 54, 22) AS other;
SELECT is((SELECT status FROM support_case.accept_price_offer(1, (SELECT other FROM sold))), 'accepted',
    'AMB-97: several buyers may have accepted prices');
SELECT results_eq(
    $$SELECT buyer_id, status FROM support_case.record_purchase(1, 1, 54)$$,
    $$VALUES (51::bigint, 'item_sold'), (53::bigint, 'item_sold'), (54::bigint, 'purchased')$$,
    'AMB-97: the first purchase wins, the others close');
SELECT throws_ok($$SELECT support_case.record_purchase(1, 1, 51)$$, 'SC001', 'the item is sold', 'AMB-97: an item is sold once');
SELECT throws_ok($$SELECT support_case.make_offer(1, 1, 55, 5)$$, 'SC001', 'the item is sold', 'AMB-97: no offers for what is sold');

SELECT support_case.register_listing(1, 4, 'Mug', 10, 'USD', 'A mug');
SELECT support_case.accept_price_offer(1, pg_temp.offer(4, 7, k)) FROM unnest(ARRAY[8, 6, 7]) AS k;
SELECT results_eq($$SELECT price, status FROM support_case.record_purchase(1, 4, 7)$$,
    $$VALUES (8.00, 'item_sold'), (6.00, 'purchased'), (7.00, 'item_sold')$$,
    'AMB-97: of several accepted prices of a buyer the lowest is taken, once');
SELECT is((SELECT count(*) FROM support_case.outbox WHERE template = 'price_offer_item_sold' AND data ->> 'listing_id' = '4'),
    0::bigint, 'AMB-97: who bought is not told that the item is gone');
SELECT support_case.register_listing(1, 5, 'Jug', 10, 'USD', 'A jug');
SELECT support_case.accept_price_offer(1, pg_temp.offer(5, 7, 8));
SELECT support_case.edit_listing(1, 5, price => 7);
SELECT results_eq($$SELECT price, status FROM support_case.record_purchase(1, 5, 7)$$, $$VALUES (8.00, 'item_sold')$$,
    'AMB-95, AMB-97: nobody buys at an accepted price that the list price has come below');

-- The settings.
SELECT support_case.create_policy('{"offer_answer_by_seller": "1 hour", "offer_answer_by_buyer": "2 hours", "offer_purchase_window":
    "3 hours", "offer_favourite_age": null, "offer_batch_maximum": 1, "offer_minimum_discount": 0.5, "offer_accept_effect": "reserve"}');
SELECT pg_temp.at('2026-03-06T17:00:00-05:00');
SELECT is((SELECT due_at FROM support_case.make_offer(1, 3, 7, 6)), '2026-03-06T18:00:00-05:00'::timestamptz,
    'AMB-90: how long the seller may answer is a setting');
SELECT support_case.add_favourite(1, 3, k) FROM generate_series(20, 22) AS k;
SELECT throws_ok($$SELECT support_case.send_offers(1, 3, 5.01, '[20]')$$, '22023', NULL, 'AMB-94: the minimum discount is a setting');
SELECT throws_ok($$SELECT support_case.send_offers(1, 3, 5, '[20, 21]')$$, '22023',
    'an offer can be sent to at most 1 members at once', 'AMB-93: the size of a batch is a setting');
SELECT pg_temp.at('2027-03-06T17:00:00-05:00');
SELECT is((SELECT due_at FROM support_case.send_offers(1, 3, 5, '[20]')), '2027-03-06T19:00:00-05:00'::timestamptz,
    'AMB-92: so is how recent a favourite is, and how long the buyer may answer (AMB-90)');
SELECT is((SELECT due_at FROM support_case.accept_price_offer(1, (SELECT max(offer_id) FROM support_case.price_offer))),
    '2027-03-06T20:00:00-05:00'::timestamptz, 'AMB-98: so is how long the price holds');
SELECT support_case.send_offers(1, 3, 4, '[21]');
SELECT throws_ok($$SELECT support_case.accept_price_offer(1, (SELECT max(offer_id) FROM support_case.price_offer))$$, 'SC001',
    'the item is reserved', 'AMB-97: where acceptance reserves, there is one');
SELECT throws_ok($$SELECT support_case.record_purchase(1, 3, 21)$$, 'SC001', 'the item is reserved', 'AMB-97: and nobody else buys');
SAVEPOINT reserved;
SELECT is((SELECT status FROM support_case.record_purchase(1, 3, 20) WHERE buyer_id = 20), 'purchased', 'AMB-97: but whom it is reserved for');
ROLLBACK TO reserved;
SELECT pg_temp.at('2027-03-06T20:00:00-05:00');
SELECT lives_ok($$SELECT support_case.record_purchase(1, 3, 21)$$, 'AMB-97: until the reservation lapses');

-- Parties.
CREATE ROLE tap_other_seller LOGIN IN ROLE support_case_seller;
CREATE ROLE tap_other_buyer LOGIN IN ROLE support_case_buyer;
SELECT support_case.map_login('tap_other_seller', seller_id => 2);
SELECT support_case.map_login('tap_other_buyer', buyer_id => 8);
SET LOCAL ROLE tap_other_seller;
SELECT throws_ok($$SELECT support_case.send_offers(1, 2, 5)$$, 'SC004', NULL, 'V-15: only the seller sends');
RESET ROLE;
SET LOCAL ROLE tap_other_buyer;
SELECT throws_ok($$SELECT support_case.make_offer(1, 2, 7, 5)$$, 'SC004', NULL, 'V-08: nobody offers for another one');
SELECT is((SELECT count(*) FROM support_case.price_offers WHERE buyer_id <> 8), 0::bigint, 'V-10: offers are between two');
RESET ROLE;

-- Whom an offer does not concern is not told whether it exists.
CREATE FUNCTION pg_temp.answer(offer bigint)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    detail text;
BEGIN
    PERFORM support_case.decline_price_offer(1, offer);
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' ', SQLSTATE, SQLERRM, detail);
END
$$;
CREATE TEMPORARY TABLE other_offer ON COMMIT DROP AS
SELECT offer_id FROM support_case.price_offer WHERE buyer_id <> 8 UNION VALUES (99999), (0), (-1);
GRANT SELECT ON other_offer TO tap_other_seller, tap_other_buyer;
SET LOCAL ROLE tap_other_seller;
SELECT is((SELECT string_agg(DISTINCT pg_temp.answer(offer_id), ', ') FROM other_offer),
    'SC004 not the seller of this case or order Role "tap_other_seller" acts for seller 2 and buyer (none).',
    'V-10: another seller gets one answer, whether or not there is such an offer');
SET LOCAL ROLE tap_other_buyer;
SELECT is((SELECT string_agg(DISTINCT pg_temp.answer(offer_id), ', ') FROM other_offer),
    'SC004 not the seller of this case or order Role "tap_other_buyer" acts for seller (none) and buyer 8.',
    'V-10: and so does another buyer');
RESET ROLE;
SET LOCAL support_case.seller_id = '1';
SELECT throws_ok('SELECT support_case.decline_price_offer(1, 99999)', 'P0002', NULL, 'V-10: its seller is told that there is none');
RESET support_case.seller_id;

SELECT throws_ok($$UPDATE support_case.price_offer SET status = 'accepted' WHERE status = 'expired'$$, 'SC005',
    'change of status is not a transition of machine "price_offer"', 'V-17: what has expired stays so');
SELECT is_empty('SELECT * FROM support_case.verify()', 'everything adds up');
SELECT * FROM finish();
ROLLBACK;
