-- Inboxes of sellers and buyers, and how support stands with an order.
BEGIN;
\ir helpers/cases.sql
SELECT no_plan();

-- Conversations as the commands leave them.  A conversation or message that no
-- command has written is written here.
CREATE FUNCTION pg_temp.conversation(of_seller bigint, of_order bigint, of_kind text, of_case bigint DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    found_id bigint := (SELECT conversation_id FROM support_case.conversation
        WHERE seller_id = of_seller AND order_id = of_order AND kind = of_kind AND case_id IS NOT DISTINCT FROM of_case);
BEGIN
    IF found_id IS NULL THEN
        INSERT INTO support_case.conversation (seller_id, conversation_id, kind, order_id, case_id, buyer_id, opened_at,
            last_message_at)
        SELECT of_seller, nextval('support_case.conversation_id_seq'), of_kind, of_order, of_case, o.buyer_id,
            support_case.clock(), support_case.clock()
        FROM support_case.sales_order AS o WHERE o.seller_id = of_seller AND o.order_id = of_order
        RETURNING conversation_id INTO found_id;
    END IF;
    RETURN found_id;
END
$$;

CREATE FUNCTION pg_temp.post(of_seller bigint, of_conversation bigint, author text, body text)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM support_case._append_message(c.kind, c.seller_id, c.order_id, c.case_id, c.buyer_id, NULL, post.author, NULL,
        post.body, '[]',
        coalesce((SELECT k.policy_version FROM support_case.support_case AS k
            WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id), 1), support_case.clock())
    FROM support_case.conversation AS c
    WHERE c.seller_id = of_seller AND c.conversation_id = of_conversation;
END
$$;

CREATE FUNCTION pg_temp.say(of_seller bigint, of_case bigint, author text, body text)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    before record;
    after record;
BEGIN
    SELECT * INTO before FROM support_case.conversation
    WHERE seller_id = of_seller AND case_id = of_case AND kind = 'case';
    PERFORM support_case.post_message(of_seller, of_case, author, body);
    SELECT * INTO after FROM support_case.conversation
    WHERE seller_id = of_seller AND case_id = of_case AND kind = 'case';
    IF after.message_count = before.message_count THEN
        PERFORM pg_temp.post(of_seller, after.conversation_id, author, body);
    END IF;
END
$$;

-- Seller 1 is the same person as buyer 70, who bought of seller 2.
SELECT pg_temp.at('2026-01-09T16:00:00-05:00');
SELECT is((SELECT buyer_id FROM support_case.register_seller(1, buyer_id => 70)), 70::bigint,
    'W-92: a seller says which buyer the same person is');
SELECT support_case.register_seller(2);
SELECT support_case.register_order(s, o, b, 'USD', 8, 1, 1, '[{"unit_price": 9}]')
FROM (VALUES (1, 1, 7), (1, 2, 8), (2, 3, 70), (2, 4, 7)) AS n (s, o, b);
SELECT case_id AS k1 FROM support_case.open_case(1, 1, 'damaged_in_transit', 'broken') \gset
SELECT case_id AS k2 FROM support_case.open_case(1, 2, 'damaged_in_transit', 'broken') \gset
SELECT case_id AS k3 FROM support_case.open_case(2, 3, 'damaged_in_transit', 'broken') \gset
SELECT case_id AS k4 FROM support_case.open_case(2, 4, 'damaged_in_transit', 'broken') \gset
SELECT pg_temp.conversation(1, 1, 'order') AS o1, pg_temp.conversation(1, 2, 'order') AS o2,
    pg_temp.conversation(2, 3, 'order') AS o3, pg_temp.conversation(2, 4, 'order') AS o4,
    pg_temp.conversation(1, 1, 'case', :k1) AS c1, pg_temp.conversation(1, 2, 'case', :k2) AS c2,
    pg_temp.conversation(2, 3, 'case', :k3) AS c3, pg_temp.conversation(2, 4, 'case', :k4) AS c4,
    pg_temp.conversation(1, 2, 'seller_platform', :k2) AS sp, pg_temp.conversation(1, 2, 'buyer_platform', :k2) AS bp \gset
CREATE TEMPORARY TABLE named (conversation_id bigint PRIMARY KEY, name text);
INSERT INTO named VALUES (:o1, 'o1'), (:o2, 'o2'), (:o3, 'o3'), (:o4, 'o4'), (:c1, 'c1'), (:c2, 'c2'), (:c3, 'c3'),
    (:c4, 'c4'), (:sp, 'sp'), (:bp, 'bp');
GRANT SELECT ON named TO PUBLIC;
GRANT USAGE ON SCHEMA support_case TO PUBLIC;

-- The names of the conversations that a query gives, in its order.
CREATE FUNCTION pg_temp.names(query text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    result text;
BEGIN
    EXECUTE format('SELECT string_agg(n.name, '' '' ORDER BY q.row) FROM (SELECT r.conversation_id, row_number() OVER () AS row'
        ' FROM %s AS r) AS q JOIN named AS n USING (conversation_id)', query) INTO result;
    RETURN result;
END
$$;

-- Everything is read; then one message after the other, an hour apart.
SELECT support_case.mark_conversation_read(c.seller_id, c.conversation_id, p.party)
FROM support_case.conversation AS c, unnest(ARRAY['seller', 'buyer']) AS p (party)
WHERE c.kind <> CASE p.party WHEN 'seller' THEN 'buyer_platform' ELSE 'seller_platform' END AND c.message_count > 0;
SELECT is((SELECT string_agg(format('%s %s %s', tab, unread_conversations, unread_messages), ', ')
        FROM support_case.seller_inbox_counts(1)), 'customer_support 0 0, all_messages 0 0', 'nothing is unread');
SELECT pg_temp.at('2026-01-09T17:00:00-05:00'), pg_temp.post(1, :o1, 'buyer', 'please send it to my office');
SELECT pg_temp.at('2026-01-09T18:00:00-05:00'), pg_temp.say(1, :k1, 'buyer', 'here is a photo');
SELECT pg_temp.at('2026-01-09T19:00:00-05:00'), pg_temp.say(2, :k3, 'seller', 'sorry to hear that');
SELECT pg_temp.at('2026-01-09T20:00:00-05:00'), pg_temp.say(1, :k2, 'buyer', repeat('x', 300));
SELECT pg_temp.at('2026-01-09T21:00:00-05:00'), pg_temp.post(1, :sp, 'platform', 'we are looking into it');
SELECT pg_temp.at('2026-01-09T22:00:00-05:00'), pg_temp.post(1, :bp, 'platform', 'do you have a photo?');

-- Tabs and filters.
SELECT is(pg_temp.names('support_case.seller_inbox_page(1)'), 'sp c2 c1',
    'W-92, W-16: Customer Support shows the requests about the seller''s sales, latest message first, with the platform''s word about them');
SELECT is(pg_temp.names('support_case.seller_inbox_page(1, ''all_messages'')'), 'sp c2 c3 c1 o1 o3 o2',
    'W-92: All messages also shows orders, the platform, and what the seller asked as a buyer');
SELECT set_eq($$SELECT name FROM support_case.seller_inbox JOIN named USING (conversation_id)
        WHERE seller_id = 1 AND tab = 'customer_support'$$, ARRAY['c1', 'c2', 'sp'], 'W-92: the view has the tab');
SELECT set_eq($$SELECT name FROM support_case.seller_inbox JOIN named USING (conversation_id) WHERE seller_id = 1$$,
    ARRAY['c1', 'c2', 'c3', 'o1', 'o2', 'o3', 'sp'], 'W-92: and all messages, the buyer''s with the platform excepted');
SELECT is((SELECT ROW(party, conversation_seller_id, counterparty, counterparty_id, buyer_id, case_id)::text
        FROM support_case.seller_inbox WHERE seller_id = 1 AND conversation_id = :c3),
    ROW('buyer', 2, 'seller', 2, 70, :k3)::text, 'W-92: there the seller is the buyer, and the key is the other seller''s');
SELECT is((SELECT ROW(party, conversation_seller_id, counterparty, counterparty_id, buyer_id, case_id)::text
        FROM support_case.seller_inbox WHERE seller_id = 1 AND conversation_id = :c1),
    ROW('seller', 1, 'buyer', 7, 7, :k1)::text, 'W-92: a sale has the buyer on the other side');
SELECT is((SELECT ROW(counterparty, counterparty_id)::text FROM support_case.seller_inbox
        WHERE seller_id = 1 AND conversation_id = :sp), ROW('platform', NULL::bigint)::text, 'the platform has no number');
SELECT is(pg_temp.names('support_case.buyer_inbox_page(7)'), 'c1 c4', 'W-90: Purchases shows the requests of a buyer');
SELECT is(pg_temp.names('support_case.buyer_inbox_page(8, ''all_messages'')'), 'bp c2 o2',
    'W-90: all messages also shows orders');
SELECT is(pg_temp.names('support_case.buyer_inbox_page(8)'), 'bp c2',
    'W-90: a request is also shown where its buyer writes with the platform');
SELECT set_eq($$SELECT name FROM support_case.buyer_inbox JOIN named USING (conversation_id)
        WHERE buyer_id = 7 AND filter = 'purchases'$$, ARRAY['c1', 'c4'], 'W-90: the view has the filter');
SELECT set_eq($$SELECT name FROM support_case.order_conversations JOIN named USING (conversation_id) WHERE seller_id = 1$$,
    ARRAY['o1', 'o2'], 'V-22: the conversation of an order is found by the order');
SELECT is((SELECT ROW(buyer_id, last_message, last_message_by)::text FROM support_case.order_conversations
        WHERE seller_id = 1 AND order_id = 1), ROW(7, 'please send it to my office', 'buyer')::text,
    'V-22: with its last message');
SELECT is((SELECT ROW(length(last_message), last_message_at, last_message_by)::text FROM support_case.seller_inbox
        WHERE seller_id = 1 AND conversation_id = :c2),
    ROW(200, timestamptz '2026-01-09T20:00:00-05:00', 'buyer')::text, 'W-08: a row shows the first 200 characters');

-- Pages: every row once, in order, whatever their size.
CREATE FUNCTION pg_temp.paged(page_size integer)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    last_row support_case.seller_inbox;
    page_row support_case.seller_inbox;
    names text := '';
BEGIN
    LOOP
        page_row := NULL;
        FOR page_row IN SELECT * FROM support_case.seller_inbox_page(1, 'all_messages',
            before_at => last_row.last_message_at, before_id => last_row.conversation_id, page_size => paged.page_size)
        LOOP
            names := names || ' ' || coalesce((SELECT name FROM named AS n
                WHERE n.conversation_id = page_row.conversation_id), '?');
            last_row := page_row;
        END LOOP;
        EXIT WHEN page_row.conversation_id IS NULL;
    END LOOP;
    RETURN btrim(names);
END
$$;
SELECT is(pg_temp.paged(size), 'sp c2 c3 c1 o1 o3 o2', format('W-92: pages of %s show every row once', size))
FROM unnest(ARRAY[1, 2, 3, 7, 50]) AS size;
SELECT is((SELECT count(*) FROM support_case.buyer_inbox_page(7, 'all_messages', page_size => 1)), 1::bigint,
    'W-90: a page has as many rows as asked for');

-- Statuses are effective, and lead to the next step.
SELECT is((SELECT ROW(status, waiting_on, next_step, due_at)::text FROM support_case.seller_inbox
        WHERE seller_id = 1 AND conversation_id = :c1),
    (SELECT ROW(status, waiting_on, next_step, due_at)::text FROM support_case.case_current
        WHERE seller_id = 1 AND case_id = :k1), 'W-08: current status and what happens next');
SELECT is(pg_temp.names('support_case.seller_inbox_page(1, is_waiting_on_me => true)'), 'sp c2 c1', 'W-24: what the seller has to answer');
SELECT is(pg_temp.names('support_case.buyer_inbox_page(7, is_waiting_on_me => true)'), NULL, 'nothing waits on the buyer');
SELECT pg_temp.at('2026-01-12T10:00:00-05:00');
SELECT support_case.request_information(conversation_seller_id, case_id, 'which one?')
FROM support_case.seller_inbox WHERE seller_id = 1 AND conversation_id = :c2;
SELECT support_case.offer_partial_refund(conversation_seller_id, case_id, 4)
FROM support_case.seller_inbox WHERE seller_id = 1 AND conversation_id = :c1;
SELECT is((SELECT string_agg(status, ' ' ORDER BY conversation_id) FROM support_case.seller_inbox
        WHERE seller_id = 1 AND conversation_id IN (:c1, :c2)), 'partial_offered awaiting_buyer',
    'W-93: a row of the inbox is the key for the seller''s responses');
SELECT is(pg_temp.names('support_case.seller_inbox_page(1, is_waiting_on_me => true)'), NULL, 'now nothing waits on the seller');
SELECT is(pg_temp.names('support_case.buyer_inbox_page(7, is_waiting_on_me => true)'), 'c1', 'but on the buyer');
SELECT support_case.request_information(2, :k3, 'which one?');
SELECT is(pg_temp.names('support_case.seller_inbox_page(1, ''all_messages'', is_waiting_on_me => true)'), 'c3',
    'W-92: what waits on the seller as a buyer is in All messages');
SELECT pg_temp.at((SELECT due_at FROM support_case.case_current WHERE seller_id = 1 AND case_id = :k2)::text);
SELECT is((SELECT ROW(status, resolution, waiting_on, next_step, due_at)::text
        FROM support_case.buyer_inbox WHERE seller_id = 1 AND conversation_id = :c2),
    (SELECT ROW('closed', c.resolution, NULL::text, NULL::text, NULL::timestamptz)::text
        FROM support_case.case_current AS c WHERE seller_id = 1 AND case_id = :k2),
    'W-90: an unswept deadline has taken effect in the inbox');
SELECT isnt((SELECT status FROM support_case.support_case WHERE seller_id = 1 AND case_id = :k2), 'closed',
    'while the stored case still waits');
SELECT ok('c2' = ANY (string_to_array(pg_temp.names('support_case.seller_inbox_page(1)'), ' ')),
    'W-08: a closed request stays viewable');

-- Unread: what came since, and what is marked.  A message counts for its
-- reader, not for its author.
SELECT support_case.mark_conversation_read(1, :c1, 'seller'), support_case.mark_conversation_read(1, :c1, 'buyer');
SELECT is((SELECT ROW(unread_count, is_unread)::text FROM support_case.mark_conversation_read(1, :c1, 'seller')),
    ROW(0, false)::text, 'W-94: read');
SELECT pg_temp.at('2026-01-20T10:00:00-05:00'), pg_temp.say(1, :k1, 'buyer', 'one');
SELECT message_count AS first_unread FROM support_case.conversation WHERE seller_id = 1 AND conversation_id = :c1 \gset
SELECT pg_temp.say(1, :k1, 'buyer', 'two');
SELECT is((SELECT ROW(unread_count, is_unread, last_message)::text FROM support_case.seller_inbox
        WHERE seller_id = 1 AND conversation_id = :c1), ROW(2, true, 'two')::text, 'W-94: two messages are unread');
SELECT is((SELECT ROW(unread_count, is_unread)::text FROM support_case.buyer_inbox
        WHERE seller_id = 1 AND conversation_id = :c1), ROW(0, false)::text, 'W-94: their author has read them');
SELECT is((SELECT unread_count FROM support_case.mark_conversation_read(1, :c1, 'seller', :first_unread)), 1,
    'W-94: read up to a message, the next one stays unread');
SELECT is((SELECT unread_count FROM support_case.mark_conversation_read(1, :c1, 'seller', 1)), 1,
    'W-94: what was read stays read');
SELECT is((SELECT unread_count FROM support_case.mark_conversation_read(1, :c1, 'buyer', 1)), 0, 'W-94: by the buyer too');
SELECT is((SELECT ROW(unread_conversations, unread_messages)::text FROM support_case.seller_inbox_counts(1)
        WHERE tab = 'customer_support'),
    (SELECT ROW(count(*) FILTER (WHERE is_unread), sum(unread_count))::text FROM support_case.seller_inbox
        WHERE seller_id = 1 AND tab = 'customer_support' AND NOT is_archived), 'W-92: the badge counts what the rows show');
SELECT is((SELECT ROW(unread_conversations, unread_messages)::text FROM support_case.seller_inbox_counts(1)
        WHERE tab = 'all_messages'),
    (SELECT ROW(count(*) FILTER (WHERE is_unread), sum(unread_count))::text FROM support_case.seller_inbox
        WHERE seller_id = 1 AND NOT is_archived), 'W-92: so does that of All messages, purchases included');
SELECT cmp_ok((SELECT unread_conversations FROM support_case.seller_inbox_counts(1) WHERE tab = 'all_messages'), '>',
    (SELECT unread_conversations FROM support_case.seller_inbox_counts(1) WHERE tab = 'customer_support'),
    'W-92: which are more');
SAVEPOINT own;
SELECT unread_conversations AS before FROM support_case.seller_inbox_counts(1) WHERE tab = 'all_messages' \gset
SELECT support_case.register_order(1, 5, 70, 'USD', 8, 1, 1, '[{"unit_price": 9}]');
SELECT support_case.post_order_message(1, 5, 'buyer', 'to myself');
SELECT support_case.mark_conversation_unread(1, conversation_id, 'buyer') FROM support_case.conversation WHERE order_id = 5;
SELECT is((SELECT unread_conversations FROM support_case.seller_inbox_counts(1) WHERE tab = 'all_messages'), :before + 1::bigint,
    'W-92: what somebody bought of himself counts once');
ROLLBACK TO own;
SELECT support_case.mark_conversation_read(1, :c1, 'seller'), support_case.mark_conversation_read(1, :o1, 'seller');
SELECT unread_conversations AS unread FROM support_case.seller_inbox_counts(1) WHERE tab = 'customer_support' \gset
SELECT is((SELECT ROW(unread_count, is_unread, party)::text FROM support_case.mark_conversation_unread(1, :c1, 'seller')),
    ROW(0, true, 'seller')::text, 'W-94: marked unread, without a new message');
SELECT is((SELECT is_unread FROM support_case.mark_conversation_unread(1, :c1, 'seller')), true, 'W-94: twice is once');
SELECT is((SELECT unread_conversations FROM support_case.seller_inbox_counts(1) WHERE tab = 'customer_support'),
    :unread::bigint + 1, 'W-94: it counts');
SELECT is((SELECT is_unread FROM support_case.buyer_inbox WHERE seller_id = 1 AND conversation_id = :c1), false,
    'W-94: for the seller only');
SELECT is((SELECT is_unread FROM support_case.mark_conversation_read(1, :c1, 'seller')), false, 'W-94: reading takes the mark back');
SELECT is((SELECT is_unread FROM support_case.mark_conversation_unread(1, :c1, 'buyer')), true, 'W-94: a buyer marks, too');
SAVEPOINT answered;
SELECT pg_temp.post(1, :c1, 'seller', 'the seller writes');
SELECT is((SELECT string_agg(format('%s %s', party, is_unread), ', ' ORDER BY party) FROM support_case.inbox_conversation
        WHERE seller_id = 1 AND conversation_id = :c1), 'buyer t, seller f', 'W-94: the other party''s message leaves the mark');
SELECT pg_temp.post(1, :c1, 'buyer', 'the buyer answers');
SELECT is((SELECT is_unread FROM support_case.buyer_inbox WHERE seller_id = 1 AND conversation_id = :c1), false,
    'W-94: whoever writes has read');
ROLLBACK TO answered;
SELECT is((SELECT string_agg(format('%s %s %s', filter, unread_conversations, unread_messages), ', ')
        FROM support_case.buyer_inbox_counts(7)),
    (SELECT format('purchases %s %s, all_messages %s %s', count(*) FILTER (WHERE is_unread AND filter = 'purchases'),
            sum(unread_count) FILTER (WHERE filter = 'purchases'), count(*) FILTER (WHERE is_unread), sum(unread_count))
        FROM support_case.buyer_inbox WHERE buyer_id = 7), 'W-90: the badges of a buyer');
SAVEPOINT unread;
SELECT pg_temp.post(1, :c1, 'seller', 'not yet read');
SELECT is((SELECT ROW(unread_count, is_archived)::text FROM support_case.archive_conversation(1, :c1, 'buyer')), '(1,t)',
    'W-95: what is archived unread stays unread');
SELECT is((SELECT unread_count FROM support_case.mark_conversation_unread(1, :c1, 'buyer')), 1, 'W-94: nor does a mark read it');
ROLLBACK TO unread;
CREATE TEMPORARY TABLE version AS SELECT ctid AS place FROM support_case.conversation WHERE conversation_id = :c1;
SELECT support_case.mark_conversation_unread(1, :c1, 'buyer'), support_case.mark_conversation_read(1, :c1, 'seller');
SELECT is((SELECT ctid FROM support_case.conversation WHERE conversation_id = :c1), place,
    'W-94: what changes nothing writes nothing') FROM version;

-- The platform reads what is written to it.
SAVEPOINT written;
SELECT is((SELECT is_unread FROM support_case.platform_inbox WHERE seller_id = 1 AND conversation_id = :bp), false,
    'W-94: who wrote last has read');
SELECT pg_temp.post(1, :bp, 'buyer', 'I do');
SELECT is((SELECT ROW(counterparty, case_id, message_count, unread_count, is_unread, last_message_by)::text FROM support_case.platform_inbox
        WHERE seller_id = 1 AND conversation_id = :bp), ROW('buyer', :k2, 2, 1, true, 'buyer')::text, 'AMB-32, W-94: the platform has not read what the buyer wrote');
SELECT is((SELECT string_agg(DISTINCT kind, ',' ORDER BY kind) FROM support_case.platform_inbox), 'buyer_platform,seller_platform',
    'AMB-32: other conversations are not the platform''s');
SELECT pg_temp.post(1, :bp, 'buyer', 'are you there?');
SELECT is((SELECT unread_count FROM support_case.mark_platform_conversation_read(1, :bp, 2)), 1, 'W-94: read, up to a message');
SELECT is((SELECT ROW(unread_count, is_unread)::text FROM support_case.mark_platform_conversation_read(1, :bp)), ROW(0, false)::text, 'W-94: read');
SELECT is((SELECT unread_count FROM support_case.mark_platform_conversation_read(1, :bp, 1)), 0, 'W-94: what was read stays read');
CREATE TEMPORARY TABLE read_version AS SELECT ctid AS place FROM support_case.conversation WHERE conversation_id = :bp;
SELECT support_case.mark_platform_conversation_read(1, :bp);
SELECT is((SELECT ctid FROM support_case.conversation WHERE conversation_id = :bp), place, 'W-94: what changes nothing writes nothing') FROM read_version;
SELECT is((SELECT platform_read_count FROM support_case.conversation WHERE conversation_id = :c1), 0, 'W-94: of nothing else');
ROLLBACK TO written;

-- Archive, and back.
SELECT is((SELECT is_archived FROM support_case.archive_conversation(1, :c1, 'seller')), true, 'W-95: archived');
SELECT is((SELECT is_archived FROM support_case.archive_conversation(1, :c1, 'seller')), true, 'W-95: twice is once');
SELECT is(pg_temp.names('support_case.seller_inbox_page(1)'), 'c2 sp', 'W-95: it leaves the inbox');
SELECT is(pg_temp.names('support_case.seller_inbox_page(1, is_archived => true)'), 'c1', 'W-95: for the archive');
SELECT is(pg_temp.names('support_case.seller_inbox_page(1, ''all_messages'', is_archived => true)'), 'c1',
    'W-95: also of All messages');
SELECT ok('c1' = ANY (string_to_array(pg_temp.names('support_case.buyer_inbox_page(7)'), ' ')),
    'W-95: the buyer still has it');
SELECT support_case.mark_conversation_unread(1, :c1, 'seller');
SELECT is((SELECT unread_conversations FROM support_case.seller_inbox_counts(1) WHERE tab = 'customer_support'),
    :unread::bigint, 'W-95: the archive is not counted');
SELECT is((SELECT is_archived FROM support_case.unarchive_conversation(1, :c1, 'seller')), false, 'W-95: taken back');
SELECT is((SELECT is_archived FROM support_case.unarchive_conversation(1, :c1, 'seller')), false, 'W-95: twice is once');
SELECT support_case.archive_conversation(1, :c1, 'seller'), support_case.archive_conversation(1, :c1, 'buyer');
SELECT pg_temp.at('2026-01-20T11:00:00-05:00'), pg_temp.say(1, :k1, 'buyer', 'three');
SELECT is((SELECT string_agg(DISTINCT is_archived::text, ' ') FROM support_case.inbox_conversation
        WHERE seller_id = 1 AND conversation_id = :c1), 'false',
    'W-95, AMB-55: any message brings it back for both');
SELECT pg_temp.policy('{"inbox_unarchive_on": "own_message"}');
SELECT support_case.register_order(1, 5, 7, 'USD', 8, 1, 1, '[{"unit_price": 9}]');
SELECT case_id AS k5 FROM support_case.open_case(1, 5, 'damaged_in_transit', 'broken') \gset
SELECT pg_temp.conversation(1, 5, 'case', :k5) AS c5 \gset
SELECT support_case.archive_conversation(1, :c5, 'seller'), support_case.archive_conversation(1, :c5, 'buyer');
SELECT pg_temp.at('2026-01-20T12:00:00-05:00'), pg_temp.say(1, :k5, 'seller', 'hello');
SELECT is((SELECT string_agg(format('%s %s', party, is_archived), ', ' ORDER BY party) FROM support_case.inbox_conversation
        WHERE seller_id = 1 AND conversation_id = :c5), 'buyer t, seller f',
    'AMB-55: with own_message it comes back for its author only');
SELECT is((SELECT unread_count > 0 FROM support_case.buyer_inbox WHERE seller_id = 1 AND conversation_id = :c5), true,
    'AMB-55: the message is unread in the archive');
SAVEPOINT archived;
SELECT support_case.archive_conversation(1, :c5, 'seller');
SELECT pg_temp.post(1, :c5, 'buyer', 'the buyer, too');
SELECT is((SELECT string_agg(format('%s %s', party, is_archived), ', ' ORDER BY party) FROM support_case.inbox_conversation
        WHERE seller_id = 1 AND conversation_id = :c5), 'buyer f, seller t', 'AMB-55: the buyer''s own brings it back for the buyer');
ROLLBACK TO archived;
SELECT is((SELECT ROW(unread_conversations, unread_messages)::text FROM support_case.buyer_inbox_counts(7) WHERE filter = 'purchases'),
    (SELECT ROW(count(*) FILTER (WHERE is_unread), sum(unread_count))::text FROM support_case.buyer_inbox
        WHERE buyer_id = 7 AND filter = 'purchases' AND NOT is_archived), 'W-95: and does not count for the badge');
SELECT support_case.archive_conversation(2, :c3, 'buyer');
SELECT is((SELECT string_agg(format('%s %s', unread_conversations, unread_messages), ', ') FROM support_case.seller_inbox_counts(1)),
    (SELECT string_agg(format('%s %s', k.unread, k.messages), ', ' ORDER BY k.tab DESC) FROM (
        SELECT t.tab, count(*) FILTER (WHERE is_unread) AS unread, sum(unread_count) AS messages
        FROM support_case.seller_inbox AS i JOIN (VALUES ('customer_support'), ('all_messages')) AS t (tab)
            ON i.tab = t.tab OR t.tab = 'all_messages'
        WHERE i.seller_id = 1 AND NOT i.is_archived GROUP BY t.tab) AS k),
    'W-92: nor does what a seller archived as a buyer');
SELECT is(pg_temp.names('support_case.seller_inbox_page(1, ''all_messages'', is_archived => true)'), 'c3',
    'W-92: which the archive of All messages shows');
SELECT support_case.unarchive_conversation(2, :c3, 'buyer');
SELECT throws_ok($$SELECT support_case.create_policy('{"inbox_unarchive_on": "never"}')$$, '23514', NULL,
    'AMB-55: the setting knows two values');

-- How support stands with an order.
SELECT is((SELECT ROW(case_count, open_case_count, case_id, conversation_id, status, last_resolution)::text
        FROM support_case.order_support_status WHERE seller_id = 1 AND order_id = 5),
    ROW(1, 1, :k5, :c5, 'awaiting_seller', NULL::text)::text, 'W-28, W-91: the request of an order');
SELECT is((SELECT ROW(s.waiting_on, s.next_step, s.due_at)::text
        FROM support_case.order_support_status AS s WHERE s.seller_id = 1 AND s.order_id = 5),
    (SELECT ROW(waiting_on, next_step, due_at)::text FROM support_case.case_current
        WHERE seller_id = 1 AND case_id = :k5), 'W-28, W-91: with what happens next');
SELECT support_case.withdraw_case(1, :k5);
SELECT pg_temp.at('2026-01-20T13:00:00-05:00');
SELECT is((SELECT ROW(case_count, open_case_count, case_id, status, last_resolution)::text
        FROM support_case.order_support_status WHERE seller_id = 1 AND order_id = 5),
    ROW(1, 0, :k5, 'closed', 'withdrawn')::text, 'W-91: a closed request stays, with how it ended');
SELECT case_id AS k6 FROM support_case.open_case(1, 5, 'damaged_in_transit', 'still broken') \gset
SELECT is((SELECT ROW(case_count, open_case_count, case_id, status, resolution, last_resolution)::text
        FROM support_case.order_support_status WHERE seller_id = 1 AND order_id = 5),
    ROW(2, 1, :k6, 'awaiting_seller', NULL::text, 'withdrawn')::text, 'W-28: the open request comes before the closed one');
SELECT support_case.reopen_case(1, :k5) FROM support_case.withdraw_case(1, :k6);
SELECT is((SELECT ROW(open_case_count, case_id, last_resolution)::text
        FROM support_case.order_support_status WHERE seller_id = 1 AND order_id = 5),
    ROW(1, :k5, 'withdrawn')::text, 'W-28: also where the open one is older');
SAVEPOINT refunded;
SELECT pg_temp.at('2026-01-20T14:00:00-05:00');
SELECT support_case.offer_full_refund(1, :k5);
SELECT is((SELECT ROW(open_case_count, case_id, resolution, last_resolution)::text
        FROM support_case.order_support_status WHERE seller_id = 1 AND order_id = 5),
    ROW(0, :k6, 'withdrawn', 'full_refund')::text, 'W-91: how the one ended that closed last');
ROLLBACK TO refunded;
SELECT is((SELECT ROW(open_case_count, status)::text FROM support_case.order_support_status
        WHERE seller_id = 1 AND order_id = 2), ROW(0, 'closed')::text, 'W-91: an unswept deadline has taken effect');
SELECT support_case.register_order(1, 6, 7, 'USD', 8, 1, 1, '[{"unit_price": 9}]');
SELECT is((SELECT string_agg(format('%s %s', o.order_id, coalesce(s.status, '-')), ', ' ORDER BY o.order_id)
        FROM support_case.sales_orders AS o
        LEFT JOIN support_case.order_support_status AS s ON s.seller_id = o.seller_id AND s.order_id = o.order_id
        WHERE o.seller_id = 1 AND o.order_id IN (2, 5, 6)), '2 closed, 5 awaiting_seller, 6 -',
    'A-32, W-28: the orders of a seller with what is asked about them');

-- The person behind seller 1.
SELECT throws_ok('SELECT support_case.register_seller(2, buyer_id => 70)', '23505', 'buyer 70 is the same person as seller 1',
    'W-92: a buyer is one seller at most');
SELECT throws_ok('SELECT support_case.register_seller(2, buyer_id => 0)', '22023', NULL, 'W-92: and a positive number');
SELECT lives_ok('SELECT support_case.register_seller(1, buyer_id => 70)', 'W-92: the same registration again');
SELECT support_case.register_order(1, 7, 70, 'USD', 8, 1, 1, '[{"unit_price": 9}]');
SELECT pg_temp.conversation(1, 7, 'order') AS o7 \gset
SELECT is((SELECT string_agg(party, ' ') FROM support_case.seller_inbox WHERE seller_id = 1 AND conversation_id = :o7), 'seller',
    'W-92: who bought of himself sees it once');
SELECT is((SELECT buyer_id FROM support_case.register_seller(1)), NULL, 'W-92: registered without the buyer');
SELECT set_eq('SELECT DISTINCT party FROM support_case.seller_inbox WHERE seller_id = 1', ARRAY['seller'],
    'W-92: the inbox has the sales only');
SELECT is((SELECT count(*) FROM support_case.seller_inbox_page(1, 'all_messages') WHERE party = 'buyer'), 0::bigint,
    'W-92: so does the page');
SELECT support_case.register_seller(1, buyer_id => 70);

-- Everybody sees and touches what is his own.
INSERT INTO named VALUES (:c5, 'c5');
SELECT support_case.archive_conversation(1, :c5, 'buyer'), support_case.unarchive_conversation(1, :c5, 'seller');
CREATE ROLE tap_seller_one LOGIN IN ROLE support_case_seller;
CREATE ROLE tap_seller_two LOGIN IN ROLE support_case_seller;
CREATE ROLE tap_buyer_seven LOGIN IN ROLE support_case_buyer;
CREATE ROLE tap_application LOGIN IN ROLE support_case_app;
CREATE ROLE tap_agent LOGIN IN ROLE support_case_platform;
SELECT support_case.map_login('tap_seller_one', seller_id => 1);
SELECT support_case.map_login('tap_seller_two', seller_id => 2);
SELECT support_case.map_login('tap_buyer_seven', buyer_id => 7);
SELECT throws_ok($$SELECT support_case.map_login('tap_seller_one', seller_id => 1, buyer_id => 70)$$, '22023',
    'a login is a seller or a buyer, not both', 'W-92: a person who is both has a login for each, or an application');

CREATE FUNCTION pg_temp.as_role(role_name text, query text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    result text;
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', role_name);
    BEGIN
        EXECUTE query INTO result;
    EXCEPTION WHEN OTHERS THEN
        result := SQLSTATE;
    END;
    RESET ROLE;
    RETURN result;
END
$$;
SELECT is(pg_temp.as_role(role_name, format('SELECT string_agg(DISTINCT n.name, '' '' ORDER BY n.name) FROM support_case.%s AS r
        JOIN named AS n USING (conversation_id)', relation)), expected,
    format('W-92: %s reads of %s: %s', role_name, relation, coalesce(expected, 'nothing')))
FROM (VALUES
    ('tap_seller_one', 'seller_inbox', 'c1 c2 c5 o1 o2 sp'),
    ('tap_seller_one', 'seller_inbox_page(1, ''all_messages'')', 'c1 c2 c5 o1 o2 sp'),
    ('tap_seller_one', 'seller_inbox_page(1, is_waiting_on_me => true)', 'c5'),
    ('tap_seller_one', 'seller_inbox_page(2, ''all_messages'')', NULL),
    ('tap_seller_two', 'seller_inbox', 'c3 c4 o3 o4'),
    ('tap_seller_one', 'conversation', 'c1 c2 c5 o1 o2 sp'),
    ('tap_buyer_seven', 'buyer_inbox', 'c1 c4 c5 o1 o4'),
    ('tap_buyer_seven', 'buyer_inbox_page(7, is_archived => true)', 'c5'),
    ('tap_buyer_seven', 'buyer_inbox_page(7)', 'c1 c4'),
    ('tap_buyer_seven', 'buyer_inbox_page(8, ''all_messages'')', NULL),
    ('tap_buyer_seven', 'order_conversations', 'o1 o4'),
    ('tap_buyer_seven', 'seller_inbox', '42501'),
    ('tap_seller_one', 'buyer_inbox', '42501'),
    ('tap_application', 'buyer_inbox_page(8, ''all_messages'')', 'bp c2 o2')
) AS e (role_name, relation, expected);
SELECT is(pg_temp.as_role('tap_seller_two', format('SELECT count(*) > 0 FROM support_case.message WHERE conversation_id = %s', :c3)),
    'true', 'the messages of a seller are visible');
SELECT is(pg_temp.as_role('tap_seller_two', 'SELECT count(*) FROM support_case.message WHERE seller_id = 1'), '0',
    'messages of another seller are invisible');
SELECT is(pg_temp.as_role('tap_seller_one', format('SELECT count(*) FROM support_case.message WHERE conversation_id = %s', :bp)), '0',
    'AMB-32: what the buyer and the platform write is not the seller''s to read');
SELECT is(pg_temp.as_role('tap_buyer_seven', 'SELECT count(is_archived_by_seller) FROM support_case.conversation'), '42501',
    'what the seller archived is not the buyer''s to know');
SELECT is(pg_temp.as_role(role_name, query), expected, format('%s: %s', role_name, query))
FROM (VALUES
    ('tap_buyer_seven', 'SELECT string_agg(order_id::text, '' '' ORDER BY order_id) FROM support_case.order_support_status', '1 4 5'),
    ('tap_seller_two', 'SELECT string_agg(order_id::text, '' '' ORDER BY order_id) FROM support_case.order_support_status', '3 4'),
    ('tap_buyer_seven', 'SELECT unread_conversations FROM support_case.buyer_inbox_counts(8) LIMIT 1', '0'),
    ('tap_seller_two', 'SELECT sum(unread_conversations) FROM support_case.seller_inbox_counts(1)', '0'),
    ('tap_seller_two', format('SELECT party FROM support_case.archive_conversation(1, %s, ''seller'')', :c1), 'SC004'),
    ('tap_buyer_seven', format('SELECT party FROM support_case.archive_conversation(1, %s, ''buyer'')', :c2), 'SC004'),
    ('tap_buyer_seven', format('SELECT party FROM support_case.mark_conversation_unread(1, %s, ''seller'')', :c1), 'SC004'),
    ('tap_buyer_seven', 'SELECT party FROM support_case.mark_conversation_unread(1, 999999, ''buyer'')', 'SC004'),
    ('tap_buyer_seven', format('SELECT party FROM support_case.mark_conversation_unread(1, %s, ''buyer'')', :c1), 'buyer'),
    ('tap_seller_one', format('SELECT party FROM support_case.mark_conversation_read(1, %s, ''seller'')', :c1), 'seller'),
    ('tap_application', format('SELECT party FROM support_case.unarchive_conversation(1, %s, ''seller'')', :c1), 'seller'),
    ('tap_seller_one', 'SELECT unread_count FROM support_case.platform_inbox', '42501'),
    ('tap_buyer_seven', 'SELECT unread_count FROM support_case.platform_inbox', '42501'),
    ('tap_seller_one', format('SELECT kind FROM support_case.mark_platform_conversation_read(1, %s)', :sp), '42501'),
    ('tap_agent', format('SELECT kind FROM support_case.mark_platform_conversation_read(1, %s)', :sp), 'seller_platform'),
    ('tap_application', format('SELECT kind FROM support_case.mark_platform_conversation_read(1, %s)', :sp), 'seller_platform')
) AS e (role_name, query, expected);
SET LOCAL support_case.seller_id = '1';
SELECT is(pg_temp.as_role('tap_application', 'SELECT count(*) FROM support_case.seller_inbox_page(2, ''all_messages'')'), '0',
    'an application that acts for a seller reads no other inbox');
SET LOCAL support_case.seller_id = '';

-- What is refused, and writes nothing.
SELECT pg_temp.refuses(conversation, command, expected, command, detail_like)
FROM (VALUES
    (:c1, 'mark_conversation_read(1, $1, ''platform'')', '22023', '%'),
    (:c1, 'mark_conversation_read(1, $1, NULL)', '22004', '%'),
    (:c1, 'mark_conversation_read(NULL, $1, ''seller'')', '22004', '%'),
    (:c1, 'mark_conversation_read(1, NULL, ''seller'')', '22004', '%'),
    (:c1, 'mark_conversation_read(1, $1, ''seller'', 0)', '22023', 'The conversation has % messages.'),
    (:c1, 'mark_conversation_read(1, $1, ''seller'', -1)', '22023', '%'),
    (:c1, 'mark_conversation_read(1, $1, ''seller'', 2147483647)', '22023', '%'),
    (:c1, 'mark_conversation_unread(2, $1, ''seller'')', 'P0002', '%'),
    (:c1, 'mark_platform_conversation_read(1, $1)', 'P0002', '%'),
    (:bp, 'mark_platform_conversation_read(2, $1)', 'P0002', '%'),
    (:bp, 'mark_platform_conversation_read(1, NULL)', '22004', '%'),
    (:bp, 'mark_platform_conversation_read(1, $1, 0)', '22023', 'The conversation has % messages.'),
    (:c1, 'archive_conversation(1, -$1, ''seller'')', 'P0002', '%'),
    (:bp, 'archive_conversation(1, $1, ''seller'')', 'SC004', 'It is the buyer''s with the platform.'),
    (:sp, 'unarchive_conversation(1, $1, ''buyer'')', 'SC004', 'It is the seller''s with the platform.'),
    (:c1, 'seller_inbox_page(NULL)', '22004', '%'),
    (:c1, 'seller_inbox_page(1, ''spam'')', '22023', '%'),
    (:c1, 'seller_inbox_page(1, NULL)', '22004', '%'),
    (:c1, 'seller_inbox_page(1, is_archived => NULL)', '22004', '%'),
    (:c1, 'seller_inbox_page(1, is_waiting_on_me => NULL)', '22004', '%'),
    (:c1, 'seller_inbox_page(1, page_size => 0)', '22023', 'It is 0.'),
    (:c1, 'seller_inbox_page(1, page_size => 1001)', '22023', '%'),
    (:c1, 'seller_inbox_page(1, page_size => NULL)', '22004', '%'),
    (:c1, 'seller_inbox_page(1, before_at => ''2026-01-09Z'')', '22023', '%'),
    (:c1, 'seller_inbox_page(1, before_id => 5)', '22023', '%'),
    (:c1, 'buyer_inbox_page(NULL)', '22004', '%'),
    (:c1, 'buyer_inbox_page(7, ''customer_support'')', '22023', '%'),
    (:c1, 'buyer_inbox_page(7, page_size => -1)', '22023', '%'),
    (:c1, 'seller_inbox_counts(NULL)', '22004', '%'),
    (:c1, 'buyer_inbox_counts(NULL)', '22004', '%')
) AS e (conversation, command, expected, detail_like);

SELECT is_empty('SELECT * FROM support_case.verify()', 'verify() finds nothing');
SELECT * FROM finish();
ROLLBACK;
