-- Before a purchase: listings, public questions and answers, mentions, contact
-- data.
BEGIN;
SELECT plan(42);
\ir helpers/cases.sql

SELECT pg_temp.at('2026-01-09T16:00:00-05:00');
SELECT support_case.register_seller(1);
SELECT support_case.register_member(7, 'Anna'), support_case.register_member(8, 'bo.b'), support_case.register_member(9, 'eve_99');
SELECT results_eq($$SELECT price, currency, accepts_offers, is_sold FROM support_case.register_listing(1, 1, 'Lamp', 40, 'USD', 'A lamp')$$,
    $$VALUES (40.00, 'USD', false, false)$$, 'V-19: a listing has an item price');

CREATE FUNCTION pg_temp.shown(number integer)
RETURNS text
LANGUAGE sql STABLE
AS $$ SELECT body FROM support_case.listing_questions WHERE seller_id = 1 AND listing_id = 1 AND comment_number = number $$;

CREATE FUNCTION pg_temp.notices(of_template text, number integer)
RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT string_agg(concat(recipient, ' ', recipient_id, ' ', channel), ', ' ORDER BY recipient, recipient_id, channel)
    FROM support_case.outbox
    WHERE subject = 'listing' AND subject_id = 1 AND event_number = number AND template = of_template
$$;

-- Questions and answers.
SELECT results_eq(
    $$SELECT comment_number, author, user_name, body FROM support_case.ask_question(1, 1, 7, 'Does it come with a bulb?')$$,
    $$VALUES (1, 'member', 'anna', 'Does it come with a bulb?')$$, 'V-02: a member asks under the listing');
SELECT is(pg_temp.notices('question_asked', 1), 'seller 1 email, seller 1 in_app', 'A-04: the seller is told, to answer quickly');
SELECT results_eq(
    $$SELECT comment_number, answers_comment_number, author, user_name FROM support_case.answer_question(1, 1, 'Yes.', 1)$$,
    $$VALUES (2, 1, 'seller', NULL)$$, 'V-02: the seller answers');
SELECT is(pg_temp.notices('question_answered', 2), 'member 7 in_app', 'V-02: who asked is told');
SELECT throws_ok($$SELECT support_case.answer_question(1, 1, 'Yes.', 99)$$, 'P0002', 'listing 1 has no comment 99',
    'V-02: an answer answers a comment');
SELECT throws_ok($$SELECT support_case.ask_question(1, 1, 7, repeat('x', 2001))$$, '22023',
    'argument "body" must have 1 to 2000 characters', 'V-02: comments have at most 2,000 characters');
SELECT throws_ok($$SELECT support_case.ask_question(1, 1, 7, '  ')$$, '22023', NULL, 'V-02: and say something');
SELECT throws_ok($$SELECT support_case.ask_question(1, 99, 7, 'Hello')$$, 'P0002', 'listing 99 of seller 1 does not exist',
    'V-02: there has to be a listing');
SELECT throws_ok($$SELECT support_case.ask_question(1, 1, NULL, 'Hello')$$, '22004', NULL, 'V-02: somebody asks');
SAVEPOINT own_item;
SELECT support_case.register_seller(1, buyer_id => 9);
SELECT throws_ok($$SELECT support_case.ask_question(1, 1, 9, 'Is it the lamp of the palace?')$$, '22023',
    'buyer 9 is the same person as seller 1', 'V-02: nobody asks about his own item');
ROLLBACK TO own_item;
SELECT is((SELECT comment_count FROM support_case.listings WHERE listing_id = 1), 2, 'V-02: refused comments leave nothing behind');
SELECT throws_ok($$UPDATE support_case.listing_comment SET body = 'No.'$$, 'SC002', NULL, 'V-02: comments are not changed');

-- Everybody reads, by names.
CREATE ROLE tap_other_buyer LOGIN IN ROLE support_case_buyer;
SELECT support_case.map_login('tap_other_buyer', buyer_id => 8);
SET LOCAL ROLE tap_other_buyer;
SELECT is((SELECT count(*) FROM support_case.listing_questions), 2::bigint, 'V-02: every prospect reads them');
SELECT throws_ok($$SELECT count(*) FROM support_case.listing_comment$$, '42501', NULL, 'V-02: but no member''s number');
SELECT throws_ok($$SELECT support_case.ask_question(1, 1, 7, 'Hello')$$, 'SC004', 'not this buyer', 'V-02: in one''s own name');
RESET ROLE;

-- There is no private way to a seller without an order.
SELECT is((SELECT count(*) FROM support_case.conversation), 0::bigint, 'V-03: no conversation before the purchase');
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc AS p
    WHERE p.pronamespace = 'support_case'::regnamespace AND p.proname ~ '^post_'
        AND NOT (p.proargnames && '{order_id,case_id,conversation_id}')$$,
    'V-01: messages belong to an order or a case; before that, questions are public');

-- Editing.
SELECT pg_temp.at('2026-01-10T16:00:00-05:00');
SELECT results_eq(
    $$SELECT title, description, price, photos, edited_at FROM support_case.edit_listing(1, 1, description => 'A lamp with a bulb',
        photos => '[{"uri": "s3://lamp/1.jpg"}]')$$,
    $$VALUES ('Lamp', 'A lamp with a bulb', 40.00, '[{"uri": "s3://lamp/1.jpg"}]'::jsonb, '2026-01-10T16:00:00-05:00'::timestamptz)$$,
    'V-04: the seller edits the listing and adds photos (A-05, A-06)');
SELECT support_case.record_purchase(1, 1, 8);
SELECT lives_ok($$SELECT support_case.edit_listing(1, 1, title => 'Old lamp')$$, 'V-04: always');
SELECT throws_ok($$SELECT support_case.edit_listing(1, 1, photos => '[{}]')$$, '22023', NULL, 'V-04: photos are somewhere');
SELECT throws_ok($$SELECT support_case.edit_listing(1, 1, price => 0)$$, '22023', NULL, 'V-04: a price is positive');
SELECT throws_ok($$SELECT support_case.register_listing(1, 1, 'Lamp', 40, 'USD', 'A lamp')$$, '23505',
    'listing 1 is registered already', 'V-04: a listing is registered once');

-- Mentions.
SELECT support_case.ask_question(1, 1, 7, 'What do you think, @bo.b? And @EVE_99, @Anna and @nobody?');
SELECT is(pg_temp.notices('mentioned', 3), 'member 8 in_app, member 9 in_app', 'V-05: members mentioned with @ are notified, oneself is not');
SELECT is(pg_temp.shown(3), 'What do you think, @bo.b? And @EVE_99, @Anna and @nobody?', 'V-05: the names of members are shown');
SELECT support_case.answer_question(1, 1, 'Thanks @bo.b, @bo.b.');
SELECT is(pg_temp.notices('mentioned', 4), 'member 8 in_app', 'V-05: once each');
SAVEPOINT answered;
SELECT lives_ok($$SELECT support_case.answer_question(1, 1, '@Anna, @bo.b: yes.', 3)$$, 'V-02, V-05: an answer may mention who asked');
SELECT is(concat_ws(', ', pg_temp.notices('question_answered', 5), pg_temp.notices('mentioned', 5)), 'member 7 in_app, member 8 in_app',
    'V-02, V-05: who is told once');
ROLLBACK TO answered;
SELECT support_case.ask_question(1, 1, 7, 'mail@bo.b @@eve_99');
SELECT is(pg_temp.notices('mentioned', 5), NULL, 'V-05: an address mentions nobody');
SELECT throws_ok($$SELECT support_case.register_member(10, 'ANNA')$$, '23505', 'the name anna is taken', 'V-05: names are unique');
SELECT throws_ok($$SELECT support_case.register_member(10, 'no good')$$, '22023', NULL, 'V-05: names can be mentioned');
SELECT throws_ok($$SELECT support_case.register_member(10, 'anna.')$$, '22023', NULL, 'V-05: a full stop ends a sentence, not a name');

-- Contact data.
SELECT support_case.ask_question(1, 1, 7, 'Write to anna@example.com or call +1 212 555 0123, see www.example.com');
SELECT is(pg_temp.shown(6), 'Write to *** or call ***, see ***', 'V-06: contact data is masked (AMB-99)');
SELECT is((SELECT has_contact_data FROM support_case.listing_comment WHERE comment_number = 6), true, 'V-06: and flagged');
SELECT is((SELECT has_contact_data FROM support_case.listing_comment WHERE comment_number = 3), false, 'V-06: a mention is none');
SELECT support_case.ask_question(1, 1, 7, 'I am on instagram @anna_shop_1');
SELECT isnt(pg_temp.shown(7), 'I am on instagram @anna_shop_1', 'V-07: accounts elsewhere lead off the platform and are masked');
SELECT support_case.create_policy('{"public_pii_mode": "flag"}');
SELECT support_case.ask_question(1, 1, 7, 'anna@example.com');
SELECT results_eq($$SELECT body, has_contact_data FROM support_case.listing_comment WHERE comment_number = 8$$,
    $$VALUES ('anna@example.com', true)$$, 'AMB-99: where the policy says flag, it is flagged only');
SELECT pg_temp.at('2026-01-10T17:00:00-05:00');
SELECT support_case.create_policy('{"public_pii_mode": "reject"}');
SELECT throws_ok($$SELECT support_case.ask_question(1, 1, 7, 'anna@example.com')$$, '22023',
    'a public comment must not contain contact data', 'AMB-99: where it says reject, the comment is refused');
SELECT lives_ok($$SELECT support_case.ask_question(1, 1, 7, '@eve_99 is it brass?')$$, 'V-05: a mention is not refused');
SELECT pg_temp.at('2026-01-10T18:00:00-05:00');
SELECT support_case.create_policy('{"public_pii_mode": "allow"}');
SELECT support_case.ask_question(1, 1, 7, 'anna@example.com');
SELECT results_eq($$SELECT body, has_contact_data FROM support_case.listing_comment WHERE comment_number = 10$$,
    $$VALUES ('anna@example.com', false)$$, 'AMB-99: where it says allow, nothing is looked for');

SELECT throws_ok($$SELECT support_case.create_policy('{"public_pii_mode": "hide"}')$$, '23514', NULL, 'AMB-99: there are four modes');
SELECT is_empty('SELECT * FROM support_case.verify()', 'everything adds up');
SELECT * FROM finish();
ROLLBACK;
