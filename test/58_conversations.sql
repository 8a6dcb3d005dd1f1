-- Conversations of orders, cases and parties with the platform: who may write
-- when (requirements 7.2), what is kept, relay addresses and search.
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-12T10:00:00-05:00');
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr') IS NOT NULL AS made;

-- The messages of an order or case, as text.
CREATE FUNCTION pg_temp.said(of_order bigint, of_kind text)
RETURNS text
LANGUAGE sql
AS $$
    SELECT string_agg(format('%s: %s', m.author, m.body), ' | ' ORDER BY m.posted_at, m.message_number)
    FROM support_case.conversation_messages AS m
    WHERE m.seller_id = 1 AND m.order_id = of_order AND m.kind = of_kind
$$;
CREATE FUNCTION pg_temp.order_of(of_case bigint)
RETURNS bigint
LANGUAGE sql
AS $$ SELECT order_id FROM support_case.support_case WHERE seller_id = 1 AND case_id = of_case $$;

-- A policy in force a minute later, which it is then.
CREATE FUNCTION pg_temp.rules(settings jsonb DEFAULT '{}')
RETURNS void
LANGUAGE sql
AS $$ SELECT pg_temp.policy(settings), pg_temp.at((support_case.clock() + interval '1 minute')::text) $$;

---------- Before the purchase ----------

SELECT pg_temp.refuses(9999, 'post_order_message(1, $1, ''buyer'', ''is it still there?'')', 'P0002',
    '7.2, V-03: no private message before the purchase');
SELECT pg_temp.refuses(9999, 'relay_address(1, $1, ''buyer'')', 'P0002', '7.2, A-07, A-08: nor an address');
SELECT is_empty('SELECT FROM support_case.conversation', 'V-03: there is no conversation without an order');
SELECT is_empty($$
    SELECT p.proname FROM pg_proc AS p
    WHERE p.pronamespace = 'support_case'::regnamespace AND p.proname NOT LIKE '\_%' AND p.proname ~ '^post_|^receive_'
        AND NOT (p.proargnames && '{order_id,case_id,relay_address}')$$,
    '7.2, V-03: every command that posts names an order, a case, or the relay address of an order');

---------- The conversation of an order ----------

SELECT pg_temp.new_order() AS o \gset
SELECT results_eq(format('SELECT kind, case_id, buyer_id, opened_at, message_count, last_message_at, last_message_by
        FROM support_case.conversation WHERE order_id = %s', :o),
    $$VALUES ('order', NULL::bigint, 7::bigint, support_case.clock(), 0, support_case.clock(), NULL)$$,
    'V-20: the conversation exists as soon as the order does');
SELECT support_case.register_order(1, :o, 7, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]', commission => 8, tax => 0,
    return_shipping => 6.50);
SELECT is((SELECT count(*)::integer FROM support_case.conversation WHERE order_id = :o), 1,
    'V-20: registering again opens no second one');
SELECT pg_temp.at('2026-01-12T11:00:00-05:00');
SELECT results_eq(format($$SELECT seller_id, message_number, kind, order_id, case_id, buyer_id, event_number, author, body,
        has_contact_data, attachments, posted_at
        FROM support_case.post_order_message(1, %s, 'seller', 'To 12 Main Street, Springfield, IL 62704?', NULL, 'ann')$$, :o),
    format($$VALUES (1::bigint, 1, 'order', %s::bigint, NULL::bigint, 7::bigint, NULL::integer, 'seller',
        'To 12 Main Street, Springfield, IL 62704?', false, '[]'::jsonb, support_case.clock())$$, :o),
    '7.2, V-20, V-21: order, no case: they write to each other, postal addresses and all');
SELECT pg_temp.at('2026-01-12T12:00:00-05:00');
SELECT is((SELECT author FROM support_case.post_order_message(1, :o, 'buyer', 'Yes.')), 'buyer', '7.2, V-20, A-01: the buyer, too');
SELECT is(pg_temp.said(:o, 'order'), 'seller: To 12 Main Street, Springfield, IL 62704? | buyer: Yes.',
    'V-20, V-21: the conversation is kept');
SELECT is((SELECT author_id FROM support_case.message AS m JOIN support_case.conversation AS k USING (seller_id, conversation_id)
    WHERE k.order_id = :o AND m.message_number = 1), 'ann', 'who wrote is kept');
SELECT results_eq(format('SELECT message_count, last_message_at, last_message_by, seller_read_count, buyer_read_count,
        platform_read_count FROM support_case.conversation WHERE order_id = %s', :o),
    $$VALUES (2, support_case.clock(), 'buyer', 1, 2, 0)$$, 'an author has read so far, the other has not');
UPDATE support_case.conversation SET is_archived_by_seller = true, is_archived_by_buyer = true,
    is_marked_unread_by_seller = true, is_marked_unread_by_buyer = true WHERE order_id = :o;
SELECT support_case.post_order_message(1, :o, 'seller', 'Sent.');
SELECT results_eq(format('SELECT is_archived_by_seller, is_archived_by_buyer, is_marked_unread_by_seller,
        is_marked_unread_by_buyer FROM support_case.conversation WHERE order_id = %s', :o),
    'VALUES (false, false, false, true)', 'W-94, W-95, AMB-55: a message brings it back for both and takes back its author''s mark alone');
SAVEPOINT marked;
UPDATE support_case.conversation SET is_marked_unread_by_seller = true WHERE order_id = :o;
SELECT pg_temp.at('2026-01-12T11:00:00-05:00');
SELECT support_case.post_order_message(1, :o, 'buyer', 'Thank you.', '[{"uri": "s3://1"}]');
SELECT results_eq(format('SELECT is_marked_unread_by_seller, is_marked_unread_by_buyer, buyer_read_count, last_message_at, m.posted_at
        FROM support_case.conversation AS k JOIN support_case.message AS m USING (seller_id, conversation_id)
        WHERE k.order_id = %s AND m.message_number = k.message_count', :o),
    $$VALUES (true, false, 4, '2026-01-12T12:00:00-05:00'::timestamptz, '2026-01-12T12:00:00-05:00'::timestamptz)$$,
    'W-94: so does the buyer''s; a clock that was set back leaves the messages in their order');
ROLLBACK TO marked;
SELECT pg_temp.refuses(:o, 'post_order_message(1, $1, ''platform'', ''x'')', '22023', 'V-20: the platform has its own');

-- A key answers with the message that it posted.
SELECT results_eq(format($$SELECT m::text FROM support_case.post_order_message(1, %s, 'buyer', 'a@b.de', '[{"uri": "s3://1"}]',
        idempotency_key => 'k1') AS m$$, :o),
    format($$SELECT m::text FROM support_case.post_order_message(1, %s, 'buyer', 'a@b.de', '[{"uri": "s3://1"}]',
        idempotency_key => 'k1') AS m$$, :o), 'a retry returns the message');
SELECT is((SELECT message_count FROM support_case.conversation WHERE order_id = :o), 4, 'and posts none');

-- AMB-100: 90 calendar days after delivery.
SELECT support_case.record_order_delivered(1, :o, '2026-01-12T12:00:00-05:00');
SELECT pg_temp.at('2026-04-12T11:59:59.999999-04:00');
SELECT is((SELECT count(*)::integer FROM support_case.post_order_message(1, :o, 'buyer', 'still')), 1,
    'AMB-100: the order''s chat is open for 90 days, to the microsecond');
SELECT pg_temp.at('2026-04-12T12:00:00-04:00');
SELECT is((SELECT writable_until FROM support_case.order_contacts WHERE order_id = :o), support_case.clock(),
    'AMB-100: order_contacts says so');
SELECT pg_temp.refuses(:o, 'post_order_message(1, $1, ''buyer'', ''x'')', 'SC003', 'AMB-100: then it can only be read',
    'It can only be read since %');
SELECT pg_temp.refuses(:o, 'post_order_message(1, $1, ''seller'', ''x'')', 'SC003', 'AMB-100: by the seller, too');
SELECT isnt(pg_temp.said(:o, 'order'), NULL, 'AMB-100: but read');

SELECT pg_temp.new_order() AS p \gset
SELECT pg_temp.at('2027-04-13T12:00:00-04:00');
SELECT is((SELECT count(*)::integer FROM support_case.post_order_message(1, :p, 'buyer', 'where is it?')), 1,
    'AMB-100: while it is not delivered, the chat is open');
SELECT pg_temp.rules('{"chat_read_only_after": null}');
SELECT support_case.record_order_delivered(1, :p, support_case.clock());
SELECT pg_temp.at('2030-04-12T12:00:00-04:00');
SELECT is((SELECT count(*)::integer FROM support_case.post_order_message(1, :p, 'buyer', 'again')), 1,
    'AMB-100, chat_read_only_after = null: for ever');
SELECT pg_temp.rules('{"chat_read_only_after": "2 business days"}');
SELECT pg_temp.new_order() AS p \gset
SELECT support_case.record_order_delivered(1, :p, support_case.clock());
SELECT is((SELECT writable_until FROM support_case.order_contacts WHERE order_id = :p), '2030-04-16T12:01:00-04:00'::timestamptz,
    'AMB-100: a term of any unit; Friday + 2 business days');
SELECT throws_ok($$SELECT support_case.create_policy('{"chat_read_only_after": "-1 days"}')$$, '23514', NULL,
    'AMB-100: not negative');

---------- The conversation of a case ----------

SELECT pg_temp.rules();
SELECT pg_temp.at('2030-05-06T10:00:00-04:00');
SELECT pg_temp.new_order() AS o \gset
SELECT case_id AS id FROM support_case.open_case(1, :o, 'damaged_in_transit', 'Crushed.', evidence =>
    ('[{"uri": "s3://evidence/1.jpg", "media_type": "image/jpeg", "size": 52311, "sha256": "' || repeat('0a', 32)
        || '"}, {"uri": "s3://evidence/2", "size": null}]')::jsonb, actor_id => 'web-7') \gset
SELECT results_eq(format($$SELECT message_number, event_number, author, body, attachments, posted_at
        FROM support_case.conversation_messages WHERE case_id = %s AND kind = 'case'$$, :id),
    $$VALUES (1, 1, 'buyer', 'Crushed.', jsonb_build_array(jsonb_build_object('uri', 's3://evidence/1.jpg', 'media_type',
        'image/jpeg', 'size', 52311, 'sha256', repeat('0a', 32), 'uploaded_by', 'buyer', 'uploaded_at',
        '2030-05-06T14:00:00Z'), jsonb_build_object('uri', 's3://evidence/2', 'media_type', 'application/octet-stream',
        'uploaded_by', 'buyer', 'uploaded_at', '2030-05-06T14:00:00Z')), support_case.clock())$$,
    'W-01, W-14, W-15: the description is the first message of the case, the evidence its attachments');
SELECT is((SELECT count(*)::integer FROM support_case.conversation WHERE order_id = :o), 2,
    'a case has a conversation beside the order''s');

-- 7.2, case open: both write, in the case and about the order; contact data is flagged.
SELECT support_case.post_message(1, :id, 'seller', 'Would a discount do? Call +1 555 123 4567.',
    '[{"uri": "s3://replacement/1.jpg", "media_type": "image/jpeg"}]');
SELECT is((SELECT attachments -> 0 ->> 'uri' FROM support_case.conversation_messages WHERE case_id = :id AND message_number = 2),
    's3://replacement/1.jpg', 'W-57: a seller discusses a replacement with photos');
SELECT support_case.post_message(1, :id, 'buyer', 'No.');
SELECT is(pg_temp.said(:o, 'case'), 'buyer: Crushed. | seller: Would a discount do? Call +1 555 123 4567. | buyer: No.',
    '7.2, W-27: case open: they write to each other');
SELECT is((SELECT array_agg(has_contact_data ORDER BY message_number) FROM support_case.conversation_messages
    WHERE case_id = :id), '{f,t,f}', '7.2, AMB-99: case open: contact data is flagged');
SELECT is((SELECT count(*)::integer FROM support_case.post_order_message(1, :o, 'seller', 'About the order itself.')), 1,
    '7.2: case open: the order''s conversation goes on');
SELECT pg_temp.refuses(:id, 'post_message(1, $1, ''platform'', ''x'')', '22023', '7.2: not the platform');
SELECT pg_temp.refuses(:id, 'post_platform_message(1, $1, ''buyer'', ''x'', ''buyer'')', 'SC001',
    'AMB-32: case open: the buyer does not write to the platform yet', '%the platform has not written to the buyer%');

-- Typed actions say what they say in the conversation.
SELECT support_case.request_information(1, :id, 'Which corner?', '[{"uri": "s3://q/1"}]', actor_id => 'ann');
SELECT support_case.provide_information(1, :id, 'This one.', '[{"uri": "s3://a/1.mp4", "media_type": "video/mp4"}]');
SELECT support_case.explain_no_refund(1, :id, 'Insured.', '[{"uri": "s3://r/1.pdf", "media_type": "application/pdf"}]');
SELECT results_eq(format($$SELECT author, body, event_number, jsonb_array_length(attachments)
        FROM support_case.conversation_messages WHERE case_id = %s AND message_number > 3 ORDER BY message_number$$, :id),
    $$VALUES ('seller', 'Which corner?', 4, 1), ('buyer', 'This one.', 5, 1), ('seller', 'Insured.', 6, 1)$$,
    'W-62, W-67, W-68: question, answer and refusal are messages with attachments');

-- What happened stands between what was said.
CREATE FUNCTION pg_temp.history(of_case bigint)
RETURNS text
LANGUAGE sql
AS $$
    SELECT string_agg(concat_ws(' ', h.author || ':', h.body, '(' || h.status || coalesce(' ' || h.resolution, '') || ')'), ' | '
        ORDER BY h.occurred_at, h.event_number, h.message_number)
    FROM support_case.conversation_history AS h
    WHERE h.seller_id = 1 AND h.case_id = of_case AND h.kind = 'case'
$$;
SELECT is(pg_temp.history(:id), 'system: open_case (awaiting_seller) | buyer: Crushed. | '
    'seller: Would a discount do? Call +1 555 123 4567. | buyer: No. | '
    'system: request_information (awaiting_buyer) | seller: Which corner? | '
    'system: provide_information (awaiting_seller) | buyer: This one. | '
    'system: explain_no_refund (refusal_explained) | seller: Insured.',
    'W-08, W-27, W-62, W-67, W-68: messages of the system say what happened, before what was said with it');

---------- 7.2, case escalated ----------

SELECT support_case.escalate(1, :id, 'They do not listen.');
SELECT is(pg_temp.said(:o, 'buyer_platform'), 'buyer: They do not listen.',
    'W-69, AMB-32: why the buyer escalates is for the platform');
SELECT pg_temp.refuses(:id, 'post_message(1, $1, ''seller'', ''x'')', 'SC001',
    '7.2, W-72: case escalated: the seller does not write to the buyer', '%closed when the case was escalated%');
SELECT pg_temp.refuses(:id, 'post_message(1, $1, ''buyer'', ''x'')', 'SC001', '7.2, W-72: nor the buyer to the seller');
SELECT pg_temp.refuses(:o, 'post_order_message(1, $1, ''seller'', ''x'')', 'SC001',
    '7.2, W-72: nor in the conversation of the order', '%is with the platform%');
SELECT pg_temp.refuses(:o, 'post_order_message(1, $1, ''buyer'', ''x'')', 'SC001', '7.2, W-72: nor the buyer there');
SELECT pg_temp.refuses(:o, 'receive_relayed_message(support_case.relay_address(1, $1, ''seller''), ''x'')', 'SC001',
    '7.2, W-72: nor by email');
SELECT is((SELECT kind FROM support_case.post_platform_message(1, :id, 'seller', 'It was packed well.', 'seller',
    '[{"uri": "s3://p/1"}]')), 'seller_platform', 'AMB-32, A-10: each writes to the platform as who it is');
SELECT support_case.post_platform_message(1, :id, 'buyer', 'We look into it.', actor_id => 'agent');
SELECT support_case.post_platform_message(1, :id, 'buyer', 'Thanks.', 'buyer');
SELECT is(pg_temp.said(:o, 'seller_platform'), 'seller: It was packed well.', 'AMB-32: the seller''s thread');
SELECT is(pg_temp.said(:o, 'buyer_platform'), 'buyer: They do not listen. | platform: We look into it. | buyer: Thanks.',
    'AMB-32: and the buyer''s, apart');
SELECT is((SELECT platform_read_count FROM support_case.conversation WHERE case_id = :id AND kind = 'buyer_platform'), 2,
    'the platform has read up to its own message');
SELECT pg_temp.takes(:id, 'return_to_seller(1, $1, ''agent'')', '{"status": "awaiting_seller"}', 'T-45: handed back');
SELECT support_case.post_message(1, :id, 'seller', 'Here again.');
SELECT support_case.post_platform_message(1, :id, 'seller', 'Understood.', 'seller');
SELECT is((SELECT count(*)::integer FROM support_case.post_order_message(1, :o, 'buyer', 'Good.')), 1,
    '7.2, T-45, AMB-33: handed back, they write to each other again, and answer the platform');

-- The same under a policy that does not block.
SELECT pg_temp.rules('{"escalation_blocks_messages": false}');
SELECT pg_temp.case_after('damaged_in_transit', 'explain_no_refund(1, $1, ''no'')', 'escalate(1, $1)') AS id \gset
SELECT pg_temp.order_of(:id) AS o \gset
SELECT support_case.post_message(1, :id, 'buyer', 'a'), support_case.post_order_message(1, :o, 'seller', 'b'),
    support_case.receive_relayed_message(support_case.relay_address(1, :o, 'seller'), 'c');
SELECT is(concat_ws(' || ', pg_temp.said(:o, 'case'), pg_temp.said(:o, 'order')),
    'buyer: it is not right | seller: no | buyer: a | seller: c || seller: b',
    '7.2, AMB-32, escalation_blocks_messages = false: they go on');
SELECT pg_temp.rules();

-- A deadline that passed unswept closes the conversation all the same.
SELECT pg_temp.rules('{"escalation_auto_on_overdue": true}');
SELECT pg_temp.case_after('damaged_in_transit', '@2030-05-07T10:00:00-04:00') AS id \gset
SELECT pg_temp.order_of(:id) AS o \gset
SELECT pg_temp.at('2030-05-09T09:59:59-04:00');
SELECT is((SELECT count(*)::integer FROM support_case.post_order_message(1, :o, 'buyer', 'Hello?')), 1,
    'W-72, AMB-10: a second before the deadline the order''s chat is open');
SELECT pg_temp.at('2030-05-09T10:00:00-04:00');
SELECT pg_temp.refuses(:o, 'post_order_message(1, $1, ''buyer'', ''x'')', 'SC001',
    'W-72, AMB-10: at the deadline it is blocked, swept or not');
SELECT pg_temp.rules();

-- A case that the platform handles from the start.
SELECT pg_temp.new_order() AS o \gset
SELECT case_id AS id FROM support_case.open_case(1, :o, 'other', 'It smells. Mail jane@example.com',
    evidence => '[{"uri": "s3://1"}]') \gset
SELECT is((SELECT array_agg(kind ORDER BY kind) FROM support_case.conversation WHERE case_id = :id), '{buyer_platform}',
    'T-02, W-21: routed to the platform, there is no conversation with the seller');
SELECT is((SELECT ROW(m.body, jsonb_array_length(m.attachments), c.description)::text
        FROM support_case.conversation_messages AS m JOIN support_case.support_case AS c USING (seller_id, case_id)
        WHERE m.case_id = :id), '("It smells. Mail ***",1,"It smells. Mail ***")',
    'T-02, AMB-80: it begins with the description, without an address anywhere');
SELECT pg_temp.refuses(:o, 'post_order_message(1, $1, ''seller'', ''x'')', 'SC001',
    '7.2, T-02: while the platform has it, they do not write about the order either');
SELECT pg_temp.refuses(:id, 'post_platform_message(1, $1, ''seller'', ''x'', ''seller'')', 'SC001',
    'T-02: the seller, who never got the case, does not write first');
SELECT support_case.post_platform_message(1, :id, 'seller', 'Did you pack it?', actor_id => 'agent');
SELECT support_case.post_platform_message(1, :id, 'seller', 'I did.', 'seller');
SELECT is(pg_temp.said(:o, 'seller_platform'), 'platform: Did you pack it? | seller: I did.', 'but answers');
SELECT pg_temp.at((support_case.clock() + interval '1 hour')::text);
SELECT support_case.post_platform_message(1, :id, 'buyer', 'And this.', 'buyer', '[{"uri": "s3://later"}]');
SELECT support_case.return_to_seller(1, :id, 'agent');
SELECT ok(k.opened_at = c.opened_at AND k.last_message_by = 'buyer' AND k.message_count = 1,
    'T-45: the request was made when it was made, by the buyer')
FROM support_case.conversation AS k JOIN support_case.support_case AS c USING (seller_id, case_id)
WHERE k.case_id = :id AND k.kind = 'case';
SELECT results_eq(format($$SELECT author, body, attachments FROM support_case.conversation_messages
        WHERE case_id = %s AND kind = 'case'$$, :id),
    format($$SELECT author, body, attachments FROM support_case.conversation_messages
        WHERE case_id = %s AND kind = 'buyer_platform' AND message_number = 1$$, :id),
    'T-45, W-14, W-16: handed to the seller, the conversation opens with the request and its evidence');
SELECT is((SELECT ROW(unread_count, last_message)::text FROM support_case.seller_inbox_page(1) WHERE case_id = :id AND kind = 'case'),
    ROW(1, 'It smells. Mail ***')::text, 'T-45, W-16: which is in the inbox, unread');
SELECT is((SELECT unread_count FROM support_case.buyer_inbox_page(7) WHERE case_id = :id AND kind = 'case'), 0,
    'T-45: and which the buyer has read');
SELECT support_case.post_message(1, :id, 'seller', 'How can I help?');
SELECT is(pg_temp.said(:o, 'case'), 'buyer: It smells. Mail *** | seller: How can I help?', 'T-45: the seller answers there');

-- A disputed return is argued before the platform.
SELECT pg_temp.case_after('damaged_in_transit', 'offer_full_refund(1, $1, true)') AS id \gset
SELECT support_case.record_return_delivered(1, :id, support_case.clock());
SELECT support_case.dispute_return(1, :id, 'missing', 'An empty box.', attachments => '[{"uri": "s3://box.jpg"}]');
SELECT results_eq(format($$SELECT kind, author, body, jsonb_array_length(attachments), event_number
        FROM support_case.conversation_messages WHERE case_id = %s AND message_number = 1 AND author = 'seller'$$, :id),
    $$VALUES ('seller_platform', 'seller', 'An empty box.', 1, 4)$$, 'W-44, W-46, W-75: the dispute is the platform''s to read');

-- The history of a case that a deadline closed, swept or not.
SELECT pg_temp.case_after('damaged_in_transit', '@2030-06-03T10:00:00-04:00', 'explain_no_refund(1, $1, ''Insured.'')') AS id \gset
CREATE TEMPORARY TABLE closing AS SELECT due_at AS ends_at FROM support_case.case_current WHERE case_id = :id;
SELECT pg_temp.at((ends_at - interval '1 microsecond')::text) FROM closing;
SELECT is(pg_temp.history(:id), 'system: open_case (awaiting_seller) | buyer: it is not right | '
    'system: explain_no_refund (refusal_explained) | seller: Insured.', 'W-08: before the deadline nothing happened');
SELECT pg_temp.at((ends_at + interval '1 day')::text) FROM closing;
SELECT is(pg_temp.history(:id), 'system: open_case (awaiting_seller) | buyer: it is not right | '
    'system: explain_no_refund (refusal_explained) | seller: Insured. | '
    'system: expire_deadline (closed no_refund)', 'W-08, T-34: an unswept deadline is part of the history');
SELECT support_case.leave_feedback(1, :id, true);
SELECT is(pg_temp.history(:id), 'system: open_case (awaiting_seller) | buyer: it is not right | '
    'system: explain_no_refund (refusal_explained) | seller: Insured. | '
    'system: expire_deadline (closed no_refund)', 'W-08, W-109: swept it is the same, and the feedback is not part of it');
SELECT is((SELECT occurred_at FROM support_case.conversation_history WHERE case_id = :id AND body = 'expire_deadline'),
    (SELECT ends_at FROM closing), 'W-08: at the instant of the deadline');
SELECT is((SELECT count(*)::integer FROM support_case.conversation_history
    WHERE kind = 'case' AND (occurred_at IS NULL OR event_number IS NULL OR message_number IS NULL
        OR (author = 'system') <> (message_number = 0))), 0, 'W-08: what it is paged by is never null');
SELECT is((SELECT count(*)::integer FROM support_case.conversation_history WHERE kind <> 'case' AND author = 'system'), 0,
    'AMB-32: no other conversation tells what happened to the case');
SELECT is((SELECT count(*)::integer FROM support_case.conversation_history WHERE author <> 'system'),
    (SELECT count(*)::integer FROM support_case.conversation_messages), 'W-08: every message is part of the history');
SELECT throws_ok(format($$INSERT INTO support_case.message (seller_id, conversation_id, message_number, author, body, posted_at)
    SELECT seller_id, conversation_id, message_count + 1, 'system', 'x', support_case.clock()
    FROM support_case.conversation WHERE case_id = %s AND kind = 'case'$$, :id), '23514', NULL,
    'W-08: what happened is kept once, as an event');

---------- Relay addresses ----------

SELECT pg_temp.new_order() AS o \gset
SELECT support_case.relay_address(1, :o, 'buyer') AS buyer_address, support_case.relay_address(1, :o, 'seller') AS seller_address \gset
SELECT matches(:'buyer_address'::text, format('^b1-%s-[0-9a-f]{20}@relay[.]invalid$', :o), 'AMB-80, A-09: an address per order and party leads through the service');
SELECT is(support_case.relay_address(1, :o, 'buyer'), :'buyer_address', 'AMB-80: always the same');
SELECT is(right(split_part(:'buyer_address', '@', 1), 20),
    (SELECT left(encode(support_case._hmac_sha256(convert_to(format('b1-%s', :o), 'UTF8'), secret), 'hex'), 20)
        FROM support_case.relay_secret), 'AMB-80: a keyed hash of what it names');
SELECT is(encode(support_case._hmac_sha256('what do ya want for nothing?', 'Jefe'), 'hex'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843', 'HMAC-SHA-256: test case 2 of RFC 4231');
SELECT is(encode(support_case._hmac_sha256('Test Using Larger Than Block-Size Key - Hash Key First', decode(repeat('aa', 131), 'hex')), 'hex'),
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54', 'HMAC-SHA-256: test case 6');
SELECT is(char_length(support_case._relay_name(9223372036854775807, 9223372036854775807, 'seller')), 61,
    'AMB-80: the longest is short enough for email');
SELECT is((SELECT relay_address FROM support_case.order_contacts WHERE order_id = :o), :'seller_address',
    'A-02, A-03, V-22: the seller looks up how to reach the buyer');
SELECT is((SELECT ROW(kind, author, body)::text FROM support_case.receive_relayed_message(upper(:'buyer_address'), 'When?')),
    '(order,buyer,When?)', 'A-07: an email to it is a message of the buyer');
SELECT is((SELECT author FROM support_case.receive_relayed_message(:'seller_address', 'Tomorrow.', '[{"uri": "s3://1"}]', 'mx',
    'message-id')), 'seller', 'A-07: to the other, of the seller');
SELECT is((SELECT message_number FROM support_case.receive_relayed_message(:'seller_address', 'Tomorrow.', '[{"uri": "s3://1"}]',
    'mx', 'message-id')), 2, 'redelivery is harmless');
SELECT case_id AS id FROM support_case.open_case(1, :o, 'damaged_in_transit', 'broken') \gset
SELECT is((SELECT ROW(kind, author, body)::text FROM support_case.receive_relayed_message(:'seller_address',
    'On Monday jane@example.com wrote: see http://x.de')), '(case,seller,"On Monday *** wrote: see http://x.de")',
    'AMB-80: with a case open it belongs there, and no real address is kept');
SELECT pg_temp.shows(:id, '{"is_responded": true, "deadline": "next_response", "action": "post_message", "messages": 1}',
    'AMB-07, T-46: and answers the buyer');
SELECT support_case.withdraw_case(1, :id);
SELECT is((SELECT kind FROM support_case.receive_relayed_message(:'buyer_address', 'Never mind.')), 'order',
    'with the case closed, to the order');
SELECT is((SELECT message_number FROM support_case.receive_relayed_message(:'seller_address', 'Tomorrow.', '[{"uri": "s3://1"}]',
    'mx', 'message-id')), 2, 'redelivery is harmless ever after');
SAVEPOINT several;
SELECT support_case.register_order(1, 9001, 7, 'USD', 88.80, 5, 3.20, '[{"unit_price": 60}, {"unit_price": 40}]') IS NOT NULL AS made;
SELECT case_id AS first_id FROM support_case.open_case(1, 9001, 'damaged_in_transit', 'one', '[{"line_number": 1}]') \gset
SELECT case_id AS second_id FROM support_case.open_case(1, 9001, 'damaged_in_transit', 'two', '[{"line_number": 2}]') \gset
SELECT is((SELECT case_id FROM support_case.receive_relayed_message(support_case.relay_address(1, 9001, 'seller'), 'Which one?')),
    :second_id::bigint, 'AMB-80: of several cases it belongs to the latest');
SELECT support_case.escalate(1, :second_id) IS NOT NULL AS done;
SELECT is((SELECT case_id FROM support_case.receive_relayed_message(support_case.relay_address(1, 9001, 'seller'), 'That one?')),
    :first_id::bigint, 'AMB-80, W-72: in which buyer and seller may write to each other');
ROLLBACK TO several;
CREATE FUNCTION pg_temp.is_unknown(address text)
RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM support_case.receive_relayed_message(address, 'x');
    RETURN false;
EXCEPTION WHEN no_data_found THEN
    RETURN true;
END
$$;
SELECT is((SELECT count(*)::integer FROM generate_series(0, 15) AS d
        WHERE pg_temp.is_unknown(regexp_replace(:'buyer_address', '[0-9a-f]@', to_hex(d) || '@'))), 15,
    'AMB-80: with another digit it is nobody''s');
SELECT pg_temp.rules('{"contact_mode": "direct", "relay_domain": "mail.example.com"}');
SELECT is(support_case.relay_address(1, :o, 'buyer'), NULL, 'AMB-80, contact_mode = direct: there is none');
SELECT is((SELECT relay_address FROM support_case.order_contacts WHERE order_id = :o), NULL, 'nor in order_contacts');
SELECT is((SELECT body FROM support_case.post_order_message(1, :o, 'buyer', 'I am jane@example.com')), 'I am jane@example.com',
    'AMB-80, contact_mode = direct: addresses are kept');
SELECT pg_temp.rules('{"relay_domain": "mail.example.com"}');
SELECT is(split_part(support_case.relay_address(1, :o, 'buyer'), '@', 2), 'mail.example.com', 'AMB-80: the domain is a setting');
SELECT throws_ok(format('SELECT support_case.create_policy(%L)', jsonb_build_object('relay_domain', d)), '23514', NULL,
    'AMB-80: no domain: ' || d)
FROM unnest(ARRAY['', 'x', 'a b.de', 'A.de', '-a.de', 'a..de', 'a.de@b.de']) AS d;
SELECT throws_ok($$SELECT support_case.create_policy('{"contact_mode": "none"}')$$, '23514', NULL, 'AMB-80: one of two modes');
SELECT pg_temp.rules();

---------- Search ----------

SELECT pg_temp.new_order() AS o \gset
SELECT support_case.post_order_message(1, :o, 'seller', 'Der Tracking-Code für das Päckchen ist ZX81.');
SELECT support_case.register_seller(2);
SELECT support_case.register_order(2, 1, 7, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]', commission => 8, tax => 0);
SELECT support_case.post_order_message(2, 1, 'buyer', 'Is there a zx81 in the box?');
SELECT results_eq($$SELECT order_id, message_number, kind, author, match_position FROM support_case.search_messages(1, 'zx81')$$,
    format($$VALUES (%s::bigint, 1, 'order', 'seller', 40)$$, :o), 'a seller finds a word in its messages, upper or lower case');
SELECT results_eq($$SELECT seller_id, match_position FROM support_case.search_buyer_messages(7, 'zx81') ORDER BY seller_id$$,
    'VALUES (1::bigint, 40), (2::bigint, 12)', 'a buyer in those with every seller');
SELECT is_empty($$SELECT FROM support_case.search_buyer_messages(8, 'zx81')$$, 'and nobody else''s');
SELECT is((SELECT count(*)::integer FROM support_case.search_messages(1, query)), found, 'search: ' || query)
FROM (VALUES ('päckchen zx81', 1), ('"das päckchen"', 1), ('"päckchen das"', 0), ('päckchen -zx81', 0), ('nothing or zx81', 1),
    ('päck', 0), ('tracking-code', 1), ('''', 0), ('& | !', 0), ('seller 1', 0), ('"seller 1"', 0)) AS v (query, found);
SELECT is((SELECT array_agg(author || ' ' || kind ORDER BY author) FROM support_case.search_messages(1, 'they or packed or look')),
    '{"seller seller_platform"}', 'AMB-32: what the buyer tells the platform the seller does not find');
SELECT is((SELECT array_agg(DISTINCT kind) FROM support_case.search_buyer_messages(7, 'they or packed or look')),
    '{buyer_platform}', 'AMB-32: nor the buyer what the seller does');
SELECT is((SELECT count(*)::integer FROM support_case.search_messages(1, 'it', max_rows => 2)), 2, 'as many as one asks for');
SELECT is_empty($$SELECT FROM support_case.search_messages(1, 'zx81', posted_before => support_case.clock())$$, 'and before an instant');

-- A word that everybody uses costs a seller who rarely does no more.
SET LOCAL session_replication_role = replica;
INSERT INTO support_case.message (seller_id, conversation_id, message_number, author, body, posted_at)
SELECT 3 + g % 100, 100000 + g, 1, 'buyer', 'refund ' || g, support_case.clock() FROM generate_series(1, 20000) AS g;
SET LOCAL session_replication_role = origin;
ANALYZE support_case.message;
CREATE FUNCTION pg_temp.plan_of(query text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    line text;
    plan text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN ' || query LOOP
        plan := plan || line || E'\n';
    END LOOP;
    RETURN plan;
END
$$;
SELECT matches(pg_temp.plan_of($$SELECT FROM support_case.message
    WHERE seller_id = 1 AND search_words @@ (websearch_to_tsquery('pg_catalog.simple', 'refund') && '''seller 1'''::tsquery)$$),
    'message_search|message_pkey', 'search: by an index');
SET LOCAL session_replication_role = replica;
DELETE FROM support_case.message WHERE conversation_id > 100000;
SET LOCAL session_replication_role = origin;

---------- Kept ----------

SELECT throws_ok(format('%s support_case.%s %s', verb, relation, rest), 'SC002', NULL, format('%s of %s is refused', verb, relation))
FROM (VALUES ('UPDATE', 'SET seller_id = seller_id'), ('DELETE FROM', ''), ('TRUNCATE', 'CASCADE')) AS v (verb, rest),
    unnest(ARRAY['message', 'attachment']) AS relation;
SELECT is_empty('SELECT * FROM support_case.verify()', 'verify() finds nothing');
SELECT * FROM finish();
ROLLBACK;
