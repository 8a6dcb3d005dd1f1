-- Inboxes: what each party of a conversation sees of it.  The case is shown as
-- it is at clock(), whether or not a sweep has run.

-- _conversation_of_seller and _conversation_of_buyer: the same columns from
-- either side, without what has to be looked up for each.  The conversation of
-- the other party with the platform is not theirs (AMB-32).
DO $party_views$
DECLARE
    side record;
BEGIN
    FOR side IN
        VALUES ('seller', 'buyer'), ('buyer', 'seller')
    LOOP
        EXECUTE format($view$
            CREATE OR REPLACE VIEW support_case._conversation_of_%1$s WITH (security_invoker = true) AS
            SELECT c.seller_id, c.conversation_id, '%1$s' AS party, c.buyer_id, c.kind, c.order_id, c.case_id,
                CASE WHEN c.kind = '%1$s_platform' THEN 'platform' ELSE '%2$s' END AS counterparty,
                CASE WHEN c.kind <> '%1$s_platform' THEN c.%2$s_id END AS counterparty_id,
                c.message_count, c.message_count - c.%1$s_read_count AS unread_count,
                c.is_marked_unread_by_%1$s OR c.message_count > c.%1$s_read_count AS is_unread,
                c.is_archived_by_%1$s AS is_archived, c.opened_at, c.last_message_at, c.last_message_by
            FROM support_case.conversation AS c
            WHERE c.kind <> '%2$s_platform'
            $view$,
            side.column1, side.column2);
        EXECUTE format($view$
            CREATE OR REPLACE VIEW support_case._inbox_of_%1$s WITH (security_invoker = true) AS
            SELECT c.*, k.reason, k.status, k.resolution, k.waiting_on, k.next_step, k.due_at,
                (SELECT left(m.body, 200) FROM support_case.message AS m
                    WHERE m.seller_id = c.seller_id AND m.conversation_id = c.conversation_id
                        AND m.message_number = c.message_count) AS last_message
            FROM support_case._conversation_of_%1$s AS c
            -- One case for each conversation that is shown, by its key.
            LEFT JOIN LATERAL (
                SELECT e.reason, e.status, e.resolution, e.waiting_on, e.next_step, e.due_at
                FROM support_case.case_current AS e
                WHERE e.seller_id = c.seller_id AND e.case_id = c.case_id
                OFFSET 0
            ) AS k ON true
            $view$,
            side.column1);
    END LOOP;
END
$party_views$;

COMMENT ON VIEW support_case._conversation_of_seller IS 'The conversations in which the seller takes part.';
COMMENT ON VIEW support_case._conversation_of_buyer IS 'The conversations in which the buyer takes part.';
COMMENT ON VIEW support_case._inbox_of_seller IS 'What the seller''s inbox shows of a conversation.';
COMMENT ON VIEW support_case._inbox_of_buyer IS 'What the buyer''s inbox shows of a conversation.';

CREATE OR REPLACE VIEW support_case.inbox_conversation WITH (security_invoker = true) AS
SELECT s.* FROM support_case._inbox_of_seller AS s
UNION ALL
SELECT b.* FROM support_case._inbox_of_buyer AS b;

COMMENT ON VIEW support_case.inbox_conversation IS 'Conversations as each of their parties has them in its inbox, a row for either party. The commands of the inbox return rows of this view.';
COMMENT ON COLUMN support_case.inbox_conversation.seller_id IS 'The seller of the conversation.';
COMMENT ON COLUMN support_case.inbox_conversation.conversation_id IS 'Number of the conversation.';
COMMENT ON COLUMN support_case.inbox_conversation.party IS 'Whose view of it the row is: seller or buyer.';
COMMENT ON COLUMN support_case.inbox_conversation.buyer_id IS 'The buyer of the conversation.';
COMMENT ON COLUMN support_case.inbox_conversation.kind IS 'order, case, seller_platform or buyer_platform.';
COMMENT ON COLUMN support_case.inbox_conversation.order_id IS 'The order.';
COMMENT ON COLUMN support_case.inbox_conversation.case_id IS 'The case; null for the conversation of the order.';
COMMENT ON COLUMN support_case.inbox_conversation.counterparty IS 'Who is on the other side: seller, buyer or platform.';
COMMENT ON COLUMN support_case.inbox_conversation.counterparty_id IS 'The seller or buyer on the other side; null for the platform.';
COMMENT ON COLUMN support_case.inbox_conversation.message_count IS 'Messages so far; the number of the last one.';
COMMENT ON COLUMN support_case.inbox_conversation.unread_count IS 'Messages that the party has not read.';
COMMENT ON COLUMN support_case.inbox_conversation.is_unread IS 'Whether there are any, or the party has marked it unread (W-94).';
COMMENT ON COLUMN support_case.inbox_conversation.is_archived IS 'Whether the party has archived it (W-95).';
COMMENT ON COLUMN support_case.inbox_conversation.opened_at IS 'When it was opened.';
COMMENT ON COLUMN support_case.inbox_conversation.last_message_at IS 'When the last message was posted, or the conversation opened.';
COMMENT ON COLUMN support_case.inbox_conversation.last_message_by IS 'Who posted the last message: buyer, seller or platform.';
COMMENT ON COLUMN support_case.inbox_conversation.reason IS 'Why the buyer asked for help; this and what follows of the case is null for the conversation of the order.';
COMMENT ON COLUMN support_case.inbox_conversation.status IS 'Status of the case as of clock() (W-08, W-90).';
COMMENT ON COLUMN support_case.inbox_conversation.resolution IS 'How a closed case ended.';
COMMENT ON COLUMN support_case.inbox_conversation.waiting_on IS 'Who has the next move in the case; null when nobody has.';
COMMENT ON COLUMN support_case.inbox_conversation.next_step IS 'A code for that move (W-08).';
COMMENT ON COLUMN support_case.inbox_conversation.due_at IS 'When its deadline ends: an act at this instant or later comes too late.';
COMMENT ON COLUMN support_case.inbox_conversation.last_message IS 'First 200 characters of the last message.';

CREATE OR REPLACE VIEW support_case.buyer_inbox WITH (security_invoker = true) AS
SELECT b.*, CASE WHEN b.case_id IS NOT NULL THEN 'purchases' ELSE 'all_messages' END AS filter
FROM support_case._inbox_of_buyer AS b;

COMMENT ON VIEW support_case.buyer_inbox IS 'The inboxes of the buyers (W-90): requests with their statuses, conversations of orders, and those with the platform. buyer_inbox_page() reads one page.';
COMMENT ON COLUMN support_case.buyer_inbox.filter IS 'The narrowest filter that shows the row: purchases for what is about a request, all_messages for the conversations of orders; all_messages shows every row.';

-- A seller's own sales, and what the same person bought of others.
DO $seller_views$
DECLARE
    half record;
BEGIN
    FOR half IN
        VALUES
            ('_inbox_of_sales', 'i.seller_id',
                $$CASE WHEN i.case_id IS NOT NULL THEN 'customer_support' ELSE 'all_messages' END$$,
                'support_case._inbox_of_seller AS i'),
            ('_inbox_of_purchases', 's.seller_id', $$'all_messages'$$,
                $$support_case.seller AS s
                JOIN support_case._inbox_of_buyer AS i ON i.buyer_id = s.buyer_id AND i.seller_id <> s.seller_id$$)
    LOOP
        EXECUTE format($view$
            CREATE OR REPLACE VIEW support_case.%1$I WITH (security_invoker = true) AS
            SELECT %2$s AS seller_id, %3$s AS tab, i.party, i.seller_id AS conversation_seller_id, i.conversation_id,
                i.buyer_id, i.kind, i.order_id, i.case_id, i.counterparty, i.counterparty_id, i.message_count,
                i.unread_count, i.is_unread, i.is_archived, i.opened_at, i.last_message_at, i.last_message_by,
                i.reason, i.status, i.resolution, i.waiting_on, i.next_step, i.due_at, i.last_message
            FROM %4$s
            $view$,
            half.column1, half.column2, half.column3, half.column4);
    END LOOP;
END
$seller_views$;

COMMENT ON VIEW support_case._inbox_of_sales IS 'The part of seller_inbox that is about the seller''s sales.';
COMMENT ON VIEW support_case._inbox_of_purchases IS 'The part of seller_inbox in which the seller is the buyer (W-92).';

CREATE OR REPLACE VIEW support_case.seller_inbox WITH (security_invoker = true) AS
SELECT s.* FROM support_case._inbox_of_sales AS s
UNION ALL
SELECT p.* FROM support_case._inbox_of_purchases AS p;

COMMENT ON VIEW support_case.seller_inbox IS 'The inboxes of the sellers (W-92): requests about their sales, conversations of orders and with the platform, and what the same person wrote and asked as a buyer. seller_inbox_page() reads one page.';
COMMENT ON COLUMN support_case.seller_inbox.seller_id IS 'Whose inbox it is.';
COMMENT ON COLUMN support_case.seller_inbox.tab IS 'The narrowest tab that shows the row: customer_support for what is about a request concerning the seller''s sales, with the buyer or the platform; all_messages for the rest; all_messages shows every row.';
COMMENT ON COLUMN support_case.seller_inbox.party IS 'Which part this user has: seller, or buyer of another seller; the commands of the inbox ask for it.';
COMMENT ON COLUMN support_case.seller_inbox.conversation_seller_id IS 'The seller of the conversation: with conversation_id its key, with case_id that of the case.';

-- What these views have in common is explained once.
DO $comment_columns$
DECLARE
    comment_on record;
BEGIN
    FOR comment_on IN
        SELECT target.name, t.attname, col_description(e.attrelid, e.attnum) AS comment
        FROM (VALUES
            ('_inbox_of_sales', 'seller_inbox'), ('_inbox_of_purchases', 'seller_inbox'),
            ('seller_inbox', 'inbox_conversation'), ('buyer_inbox', 'inbox_conversation'),
            ('_inbox_of_sales', 'inbox_conversation'), ('_inbox_of_purchases', 'inbox_conversation'),
            ('_inbox_of_seller', 'inbox_conversation'), ('_inbox_of_buyer', 'inbox_conversation'),
            ('_conversation_of_seller', 'inbox_conversation'), ('_conversation_of_buyer', 'inbox_conversation')
        ) AS target (name, source)
        JOIN pg_attribute AS t ON t.attrelid = format('support_case.%I', target.name)::regclass
        JOIN pg_attribute AS e ON e.attrelid = format('support_case.%I', target.source)::regclass
            AND e.attname = t.attname
        WHERE col_description(e.attrelid, e.attnum) IS NOT NULL
            AND NOT (target.source = 'inbox_conversation' AND target.name IN ('seller_inbox', '_inbox_of_sales',
                    '_inbox_of_purchases') AND t.attname IN ('seller_id', 'party'))
    LOOP
        EXECUTE format('COMMENT ON COLUMN support_case.%I.%I IS %L',
            comment_on.name, comment_on.attname, comment_on.comment);
    END LOOP;
END
$comment_columns$;

-- Conditions on columns of the table alone, so that the index of what is unread
-- can be used.
CREATE OR REPLACE VIEW support_case.platform_inbox WITH (security_invoker = true) AS
SELECT c.seller_id, c.conversation_id, c.kind, c.order_id, c.case_id, c.buyer_id,
    CASE c.kind WHEN 'seller_platform' THEN 'seller' ELSE 'buyer' END AS counterparty,
    c.message_count, c.message_count - c.platform_read_count AS unread_count,
    c.message_count > c.platform_read_count AS is_unread, c.opened_at, c.last_message_at, c.last_message_by,
    (SELECT left(m.body, 200) FROM support_case.message AS m
        WHERE m.seller_id = c.seller_id AND m.conversation_id = c.conversation_id
            AND m.message_number = c.message_count) AS last_message
FROM support_case.conversation AS c
WHERE c.kind IN ('seller_platform', 'buyer_platform');

COMMENT ON VIEW support_case.platform_inbox IS 'The conversations of the platform with one party of a case (AMB-32); order by last_message_at. mark_platform_conversation_read() says that one was read.';
COMMENT ON COLUMN support_case.platform_inbox.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.platform_inbox.conversation_id IS 'Number of the conversation.';
COMMENT ON COLUMN support_case.platform_inbox.kind IS 'seller_platform or buyer_platform.';
COMMENT ON COLUMN support_case.platform_inbox.order_id IS 'The order.';
COMMENT ON COLUMN support_case.platform_inbox.case_id IS 'The case.';
COMMENT ON COLUMN support_case.platform_inbox.buyer_id IS 'The buyer of the case.';
COMMENT ON COLUMN support_case.platform_inbox.counterparty IS 'Who is on the other side: seller or buyer.';
COMMENT ON COLUMN support_case.platform_inbox.message_count IS 'Messages so far; the number of the last one.';
COMMENT ON COLUMN support_case.platform_inbox.unread_count IS 'Messages that the platform has not read.';
COMMENT ON COLUMN support_case.platform_inbox.is_unread IS 'Whether there are any.';
COMMENT ON COLUMN support_case.platform_inbox.opened_at IS 'When it was opened.';
COMMENT ON COLUMN support_case.platform_inbox.last_message_at IS 'When the last message was posted, or the conversation opened.';
COMMENT ON COLUMN support_case.platform_inbox.last_message_by IS 'Who posted the last message.';
COMMENT ON COLUMN support_case.platform_inbox.last_message IS 'First 200 characters of the last message.';

CREATE OR REPLACE VIEW support_case.order_conversations WITH (security_invoker = true) AS
SELECT c.seller_id, c.order_id, c.buyer_id, c.conversation_id, c.opened_at, c.message_count, c.last_message_at,
    c.last_message_by,
    (SELECT left(m.body, 200) FROM support_case.message AS m
        WHERE m.seller_id = c.seller_id AND m.conversation_id = c.conversation_id
            AND m.message_number = c.message_count) AS last_message
FROM support_case.conversation AS c
WHERE c.kind = 'order';

COMMENT ON VIEW support_case.order_conversations IS 'The private conversation of buyer and seller about each order, found by the order (V-20, V-22).';
COMMENT ON COLUMN support_case.order_conversations.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.order_conversations.order_id IS 'The order.';
COMMENT ON COLUMN support_case.order_conversations.buyer_id IS 'The buyer.';
COMMENT ON COLUMN support_case.order_conversations.conversation_id IS 'Number of the conversation.';
COMMENT ON COLUMN support_case.order_conversations.opened_at IS 'When it was opened.';
COMMENT ON COLUMN support_case.order_conversations.message_count IS 'Messages so far.';
COMMENT ON COLUMN support_case.order_conversations.last_message_at IS 'When the last message was posted, or the conversation opened.';
COMMENT ON COLUMN support_case.order_conversations.last_message_by IS 'Who posted the last message: buyer or seller.';
COMMENT ON COLUMN support_case.order_conversations.last_message IS 'First 200 characters of the last message.';

-- The first case of an order stands for the order, so that its row is found by
-- the key of the order in any join.
CREATE OR REPLACE VIEW support_case.order_support_status WITH (security_invoker = true) AS
SELECT f.seller_id, f.order_id, f.buyer_id, s.case_count, s.open_case_count, s.case_id,
    (SELECT c.conversation_id FROM support_case.conversation AS c
        WHERE c.seller_id = f.seller_id AND c.case_id = s.case_id AND c.kind = 'case') AS conversation_id,
    s.reason, s.status, s.resolution, s.waiting_on, s.next_step, s.due_at, s.last_resolution
FROM support_case.support_case AS f
CROSS JOIN LATERAL (
    SELECT count(*) OVER () AS case_count, count(*) FILTER (WHERE k.status <> 'closed') OVER () AS open_case_count,
        k.case_id, k.reason, k.status, k.resolution, k.waiting_on, k.next_step, k.due_at,
        first_value(k.resolution) OVER (ORDER BY k.status <> 'closed', k.status_since DESC, k.case_id DESC)
            AS last_resolution
    FROM support_case.case_current AS k
    WHERE k.order_id = f.order_id AND k.seller_id = f.seller_id
    ORDER BY k.status = 'closed', k.case_id DESC
    LIMIT 1
) AS s
WHERE f.case_id = (SELECT min(e.case_id) FROM support_case.support_case AS e
    WHERE e.order_id = f.order_id AND e.seller_id = f.seller_id);

COMMENT ON VIEW support_case.order_support_status IS 'How support stands with each order that has had a case, for the order pages of both sides (W-28, W-91, A-32); an order without a row never had one.';
COMMENT ON COLUMN support_case.order_support_status.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.order_support_status.order_id IS 'The order.';
COMMENT ON COLUMN support_case.order_support_status.buyer_id IS 'The buyer.';
COMMENT ON COLUMN support_case.order_support_status.case_count IS 'Cases about the order.';
COMMENT ON COLUMN support_case.order_support_status.open_case_count IS 'How many of them are open as of clock().';
COMMENT ON COLUMN support_case.order_support_status.case_id IS 'The case to show: the latest open one, else the latest one.';
COMMENT ON COLUMN support_case.order_support_status.conversation_id IS 'The conversation of buyer and seller about that case; null where the request went straight to the platform.';
COMMENT ON COLUMN support_case.order_support_status.reason IS 'Why the buyer asked for help in that case.';
COMMENT ON COLUMN support_case.order_support_status.status IS 'Status of that case as of clock().';
COMMENT ON COLUMN support_case.order_support_status.resolution IS 'How that case ended, when it is closed.';
COMMENT ON COLUMN support_case.order_support_status.waiting_on IS 'Who has the next move; null when nobody has.';
COMMENT ON COLUMN support_case.order_support_status.next_step IS 'A code for that move.';
COMMENT ON COLUMN support_case.order_support_status.due_at IS 'When its deadline ends.';
COMMENT ON COLUMN support_case.order_support_status.last_resolution IS 'How the case of the order that closed last ended; null while none has.';
