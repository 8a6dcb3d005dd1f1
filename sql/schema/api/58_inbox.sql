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
COMMENT ON COLUMN support_case.inbox_conversation.last_message_by IS 'Who posted the last message: buyer, seller, platform or system.';
COMMENT ON COLUMN support_case.inbox_conversation.reason IS 'Why the buyer asked for help; this and what follows of the case is null for the conversation of the order.';
COMMENT ON COLUMN support_case.inbox_conversation.status IS 'Status of the case as of clock() (W-08, W-90).';
COMMENT ON COLUMN support_case.inbox_conversation.resolution IS 'How a closed case ended.';
COMMENT ON COLUMN support_case.inbox_conversation.waiting_on IS 'Who has the next move in the case; null when nobody has.';
COMMENT ON COLUMN support_case.inbox_conversation.next_step IS 'A code for that move (W-08).';
COMMENT ON COLUMN support_case.inbox_conversation.due_at IS 'When its deadline ends: an act at this instant or later comes too late.';
COMMENT ON COLUMN support_case.inbox_conversation.last_message IS 'First 200 characters of the last message; of a system message the code.';

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
COMMENT ON COLUMN support_case.order_conversations.last_message_by IS 'Who posted the last message: buyer, seller or system.';
COMMENT ON COLUMN support_case.order_conversations.last_message IS 'First 200 characters of the last message; of a system message the code.';

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

CREATE OR REPLACE FUNCTION support_case._stays_archived(
    is_archived boolean,
    unarchive_on text,
    author text,
    party text
)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT is_archived AND unarchive_on = 'own_message' AND author <> party $$;

COMMENT ON FUNCTION support_case._stays_archived(boolean, text, text, text) IS
'Whether a conversation that the party may have archived is archived after a message of the author, by the setting inbox_unarchive_on (W-95, AMB-55).';

-- What a party does to its own view of a conversation.  What changes nothing
-- writes nothing.
CREATE OR REPLACE FUNCTION support_case._change_inbox(
    seller_id bigint,
    conversation_id bigint,
    party text,
    is_archived boolean DEFAULT NULL,
    is_marked_unread boolean DEFAULT NULL,
    read_count integer DEFAULT NULL
)
RETURNS SETOF support_case.inbox_conversation
LANGUAGE plpgsql VOLATILE ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    other_party constant text := CASE party WHEN 'seller' THEN 'buyer' ELSE 'seller' END;
    found_row support_case.conversation;
    changed support_case.conversation;
BEGIN
    PERFORM support_case._require(_change_inbox.seller_id, 'seller_id');
    PERFORM support_case._require(_change_inbox.conversation_id, 'conversation_id');
    PERFORM support_case._check_choice(_change_inbox.party, 'party', 'seller', 'buyer');
    SELECT c.* INTO found_row
    FROM support_case.conversation AS c
    WHERE c.seller_id = _change_inbox.seller_id AND c.conversation_id = _change_inbox.conversation_id
    FOR NO KEY UPDATE;
    PERFORM support_case._authorise(party, _change_inbox.seller_id, found_row.order_id);
    IF found_row.conversation_id IS NULL THEN
        PERFORM support_case._raise('no_data_found',
            format('conversation %s of seller %s does not exist', _change_inbox.conversation_id, _change_inbox.seller_id),
            NULL, 'Pass the key of a row of the inbox.', 'support_case', 'conversation');
    END IF;
    IF found_row.kind = other_party || '_platform' THEN
        PERFORM support_case._raise('not_a_party', format('the %s takes no part in this conversation', party),
            format('It is the %s''s with the platform.', other_party),
            'Pass the key of a row of the inbox.');
    END IF;
    IF read_count NOT BETWEEN 1 AND found_row.message_count THEN
        PERFORM support_case._raise('invalid_parameter_value', format('there is no message %s to read', read_count),
            format('The conversation has %s messages.', found_row.message_count),
            'Pass the number of the last message that was read, or leave it out.');
    END IF;
    changed := found_row;
    IF party = 'seller' THEN
        changed.is_archived_by_seller := coalesce(_change_inbox.is_archived, changed.is_archived_by_seller);
        changed.is_marked_unread_by_seller := coalesce(is_marked_unread, changed.is_marked_unread_by_seller);
        changed.seller_read_count := greatest(changed.seller_read_count, read_count,
            CASE WHEN NOT is_marked_unread AND read_count IS NULL THEN changed.message_count END);
    ELSE
        changed.is_archived_by_buyer := coalesce(_change_inbox.is_archived, changed.is_archived_by_buyer);
        changed.is_marked_unread_by_buyer := coalesce(is_marked_unread, changed.is_marked_unread_by_buyer);
        changed.buyer_read_count := greatest(changed.buyer_read_count, read_count,
            CASE WHEN NOT is_marked_unread AND read_count IS NULL THEN changed.message_count END);
    END IF;
    IF changed IS DISTINCT FROM found_row THEN
        UPDATE support_case.conversation AS c
        SET is_archived_by_seller = changed.is_archived_by_seller,
            is_archived_by_buyer = changed.is_archived_by_buyer,
            is_marked_unread_by_seller = changed.is_marked_unread_by_seller,
            is_marked_unread_by_buyer = changed.is_marked_unread_by_buyer,
            seller_read_count = changed.seller_read_count,
            buyer_read_count = changed.buyer_read_count
        WHERE c.seller_id = changed.seller_id AND c.conversation_id = changed.conversation_id;
    END IF;
    RETURN QUERY SELECT i.* FROM support_case.inbox_conversation AS i
    WHERE i.seller_id = changed.seller_id AND i.conversation_id = changed.conversation_id
        AND i.party = _change_inbox.party;
END
$$;

COMMENT ON FUNCTION support_case._change_inbox(bigint, bigint, text, boolean, boolean, integer) IS
'A whole command of the inbox: changes what is not null, and returns the conversation as the party has it then. is_marked_unread false reads, up to read_count or all. Errors: P0002, 22004, 22023, SC004.';

CREATE OR REPLACE FUNCTION support_case.mark_conversation_read(
    seller_id bigint,
    conversation_id bigint,
    party text,
    up_to_message integer DEFAULT NULL
)
RETURNS SETOF support_case.inbox_conversation
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT i.* FROM support_case._change_inbox(mark_conversation_read.seller_id,
        mark_conversation_read.conversation_id, mark_conversation_read.party, is_marked_unread => false,
        read_count => up_to_message) AS i;
END
$$;

COMMENT ON FUNCTION support_case.mark_conversation_read(bigint, bigint, text, integer) IS
'The party, seller or buyer, has read the conversation: all of it, or up to a message, so that one that came meanwhile stays unread; takes back a mark. What was read stays read. The same call again changes nothing. Errors: P0002, 22004, 22023, SC004. (W-94)';

CREATE OR REPLACE FUNCTION support_case.mark_conversation_unread(seller_id bigint, conversation_id bigint, party text)
RETURNS SETOF support_case.inbox_conversation
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT i.* FROM support_case._change_inbox(mark_conversation_unread.seller_id,
        mark_conversation_unread.conversation_id, mark_conversation_unread.party, is_marked_unread => true) AS i;
END
$$;

COMMENT ON FUNCTION support_case.mark_conversation_unread(bigint, bigint, text) IS
'The party, seller or buyer, marks a conversation unread; the count of unread messages stays. The same call again changes nothing. Errors: P0002, 22004, 22023, SC004. (W-94)';

CREATE OR REPLACE FUNCTION support_case.archive_conversation(seller_id bigint, conversation_id bigint, party text)
RETURNS SETOF support_case.inbox_conversation
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT i.* FROM support_case._change_inbox(archive_conversation.seller_id,
        archive_conversation.conversation_id, archive_conversation.party, is_archived => true) AS i;
END
$$;

COMMENT ON FUNCTION support_case.archive_conversation(bigint, bigint, text) IS
'The party, seller or buyer, puts a conversation into its archive; a new message brings it back (setting inbox_unarchive_on). The case goes on. The same call again changes nothing. Errors: P0002, 22004, 22023, SC004. (W-95, AMB-55)';

CREATE OR REPLACE FUNCTION support_case.unarchive_conversation(seller_id bigint, conversation_id bigint, party text)
RETURNS SETOF support_case.inbox_conversation
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT i.* FROM support_case._change_inbox(unarchive_conversation.seller_id,
        unarchive_conversation.conversation_id, unarchive_conversation.party, is_archived => false) AS i;
END
$$;

COMMENT ON FUNCTION support_case.unarchive_conversation(bigint, bigint, text) IS
'The party, seller or buyer, takes a conversation out of its archive. The same call again changes nothing. Errors: P0002, 22004, 22023, SC004. (W-95)';

-- Pages follow the last row of the page before, not a number of rows to skip:
-- page one thousand costs what page one costs.  They run with the rights of the
-- caller, who finds no row that is not his.
CREATE OR REPLACE FUNCTION support_case._check_page(before_at timestamptz, before_id bigint, page_size integer)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._require(page_size, 'page_size');
    IF page_size NOT BETWEEN 1 AND 1000 THEN
        PERFORM support_case._raise('invalid_parameter_value', 'argument "page_size" must be from 1 to 1000',
            format('It is %s.', page_size), 'Read several pages.');
    END IF;
    IF (before_at IS NULL) <> (before_id IS NULL) THEN
        PERFORM support_case._raise('invalid_parameter_value',
            'arguments "before_at" and "before_id" belong together', NULL,
            'Pass last_message_at and conversation_id of the last row of the page before, or neither.');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_page(timestamptz, bigint, integer) IS
'Raises 22004 or 22023 unless the arguments name a page.';

-- The plan is the one for a long inbox also where the tables are still small: a
-- session keeps it.
CREATE OR REPLACE FUNCTION support_case._seller_inbox_waiting(
    seller_id bigint,
    tab text,
    is_archived boolean,
    before_at timestamptz,
    before_id bigint,
    page_size integer,
    own_buyer_id bigint
)
RETURNS SETOF support_case.seller_inbox
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    -- The open cases are few; those whose conversation comes first are looked at.
    (SELECT s.*
        FROM (
            SELECT c.seller_id, c.conversation_id, c.last_message_at
            FROM (
                SELECT k.seller_id, k.case_id
                FROM support_case.support_case AS k
                WHERE k.seller_id = _seller_inbox_waiting.seller_id AND k.status <> 'closed'
                OFFSET 0
            ) AS o
            CROSS JOIN LATERAL (
                SELECT k.*
                FROM support_case._conversation_of_seller AS k
                WHERE k.seller_id = o.seller_id AND k.case_id = o.case_id
                OFFSET 0
            ) AS c
            WHERE c.is_archived = _seller_inbox_waiting.is_archived
                AND (c.last_message_at, c.conversation_id) < (before_at, before_id)
            ORDER BY c.last_message_at DESC, c.conversation_id DESC
            OFFSET 0
        ) AS r
        CROSS JOIN LATERAL (
            SELECT i.*
            FROM support_case._inbox_of_sales AS i
            WHERE i.seller_id = r.seller_id AND i.conversation_id = r.conversation_id AND i.waiting_on = i.party
            OFFSET 0
        ) AS s
        ORDER BY r.last_message_at DESC, r.conversation_id DESC
        LIMIT page_size)
    UNION ALL
    (SELECT i.*
        FROM support_case._inbox_of_purchases AS i
        WHERE i.seller_id = _seller_inbox_waiting.seller_id AND i.buyer_id = own_buyer_id AND i.case_id IS NOT NULL
            AND _seller_inbox_waiting.tab = 'all_messages' AND i.waiting_on = i.party
            AND i.is_archived = _seller_inbox_waiting.is_archived
            AND (i.last_message_at, i.conversation_id) < (before_at, before_id)
        ORDER BY i.last_message_at DESC, i.conversation_id DESC
        LIMIT page_size)
    ORDER BY last_message_at DESC, conversation_id DESC
    LIMIT page_size;
END
$$;

COMMENT ON FUNCTION support_case._seller_inbox_waiting(bigint, text, boolean, timestamptz, bigint, integer, bigint) IS
'The page of seller_inbox_page() with the requests that wait on its reader.';

CREATE OR REPLACE FUNCTION support_case.seller_inbox_page(
    seller_id bigint,
    tab text DEFAULT 'customer_support',
    is_archived boolean DEFAULT false,
    before_at timestamptz DEFAULT NULL,
    before_id bigint DEFAULT NULL,
    page_size integer DEFAULT 50,
    is_waiting_on_me boolean DEFAULT false
)
RETURNS SETOF support_case.seller_inbox
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_sort = off
AS $$
#variable_conflict use_column
DECLARE
    own_buyer_id bigint;
BEGIN
    PERFORM support_case._require(seller_inbox_page.seller_id, 'seller_id');
    PERFORM support_case._check_choice(seller_inbox_page.tab, 'tab', 'customer_support', 'all_messages');
    PERFORM support_case._require(seller_inbox_page.is_archived, 'is_archived');
    PERFORM support_case._require(is_waiting_on_me, 'is_waiting_on_me');
    PERFORM support_case._check_page(before_at, before_id, page_size);
    before_at := coalesce(before_at, 'infinity');
    before_id := coalesce(before_id, 0);
    SELECT s.buyer_id INTO own_buyer_id FROM support_case.seller AS s WHERE s.seller_id = seller_inbox_page.seller_id;
    IF is_waiting_on_me THEN
        RETURN QUERY
        SELECT i.*
        FROM support_case._seller_inbox_waiting(seller_inbox_page.seller_id, seller_inbox_page.tab,
            seller_inbox_page.is_archived, before_at, before_id, page_size, own_buyer_id) AS i;
    ELSIF seller_inbox_page.tab = 'customer_support' THEN
        RETURN QUERY
        SELECT i.*
        FROM support_case._inbox_of_sales AS i
        WHERE i.seller_id = seller_inbox_page.seller_id AND i.case_id IS NOT NULL
            AND i.is_archived = seller_inbox_page.is_archived
            AND (i.last_message_at, i.conversation_id) < (before_at, before_id)
        ORDER BY i.last_message_at DESC, i.conversation_id DESC
        LIMIT page_size;
    ELSE
        RETURN QUERY
        (SELECT i.*
            FROM support_case._inbox_of_sales AS i
            WHERE i.seller_id = seller_inbox_page.seller_id
                AND i.is_archived = seller_inbox_page.is_archived
                AND (i.last_message_at, i.conversation_id) < (before_at, before_id)
            ORDER BY i.last_message_at DESC, i.conversation_id DESC
            LIMIT page_size)
        UNION ALL
        (SELECT i.*
            FROM support_case._inbox_of_purchases AS i
            WHERE i.seller_id = seller_inbox_page.seller_id AND i.buyer_id = own_buyer_id
                AND i.is_archived = seller_inbox_page.is_archived
                AND (i.last_message_at, i.conversation_id) < (before_at, before_id)
            ORDER BY i.last_message_at DESC, i.conversation_id DESC
            LIMIT page_size)
        ORDER BY last_message_at DESC, conversation_id DESC
        LIMIT page_size;
    END IF;
END
$$;

COMMENT ON FUNCTION support_case.seller_inbox_page(bigint, text, boolean, timestamptz, bigint, integer, boolean) IS
'One page of a seller''s inbox, latest message first. tab: customer_support, or all_messages, which contains what the same person asked as a buyer. is_archived: the archive instead of the inbox. before_at and before_id: last_message_at and conversation_id of the last row of the page before; default the first page. page_size: 1 to 1000 rows. is_waiting_on_me: only requests whose next move is this user''s, as of clock(). Errors: 22004, 22023. (W-08, W-92, W-95)';

CREATE OR REPLACE FUNCTION support_case.buyer_inbox_page(
    buyer_id bigint,
    filter text DEFAULT 'purchases',
    is_archived boolean DEFAULT false,
    before_at timestamptz DEFAULT NULL,
    before_id bigint DEFAULT NULL,
    page_size integer DEFAULT 50,
    is_waiting_on_me boolean DEFAULT false
)
RETURNS SETOF support_case.buyer_inbox
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_sort = off
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._require(buyer_inbox_page.buyer_id, 'buyer_id');
    PERFORM support_case._check_choice(buyer_inbox_page.filter, 'filter', 'purchases', 'all_messages');
    PERFORM support_case._require(buyer_inbox_page.is_archived, 'is_archived');
    PERFORM support_case._require(is_waiting_on_me, 'is_waiting_on_me');
    PERFORM support_case._check_page(before_at, before_id, page_size);
    before_at := coalesce(before_at, 'infinity');
    before_id := coalesce(before_id, 0);
    -- What waits on anybody is a request.
    IF buyer_inbox_page.filter = 'purchases' OR is_waiting_on_me THEN
        RETURN QUERY
        SELECT i.*
        FROM support_case.buyer_inbox AS i
        WHERE i.buyer_id = buyer_inbox_page.buyer_id AND i.case_id IS NOT NULL
            AND i.is_archived = buyer_inbox_page.is_archived
            AND (i.last_message_at, i.conversation_id) < (before_at, before_id)
            AND (NOT is_waiting_on_me OR i.waiting_on = 'buyer')
        ORDER BY i.last_message_at DESC, i.conversation_id DESC
        LIMIT page_size;
    ELSE
        RETURN QUERY
        SELECT i.*
        FROM support_case.buyer_inbox AS i
        WHERE i.buyer_id = buyer_inbox_page.buyer_id
            AND i.is_archived = buyer_inbox_page.is_archived
            AND (i.last_message_at, i.conversation_id) < (before_at, before_id)
        ORDER BY i.last_message_at DESC, i.conversation_id DESC
        LIMIT page_size;
    END IF;
END
$$;

COMMENT ON FUNCTION support_case.buyer_inbox_page(bigint, text, boolean, timestamptz, bigint, integer, boolean) IS
'One page of a buyer''s inbox, latest message first. filter: purchases for requests with their statuses, or all_messages. The other arguments are those of seller_inbox_page(). Errors: 22004, 22023. (W-90, W-95)';

CREATE OR REPLACE FUNCTION support_case.seller_inbox_counts(seller_id bigint)
RETURNS TABLE (tab text, unread_conversations bigint, unread_messages bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._require(seller_inbox_counts.seller_id, 'seller_id');
    RETURN QUERY
    WITH unread AS (
        SELECT s.case_id IS NOT NULL AS is_support, s.unread_count
        FROM support_case._conversation_of_seller AS s
        WHERE s.seller_id = seller_inbox_counts.seller_id AND s.is_unread AND NOT s.is_archived
        UNION ALL
        SELECT false, b.unread_count
        FROM support_case._conversation_of_buyer AS b
        WHERE b.buyer_id = (SELECT s.buyer_id FROM support_case.seller AS s
                WHERE s.seller_id = seller_inbox_counts.seller_id)
            AND b.seller_id <> seller_inbox_counts.seller_id AND b.is_unread AND NOT b.is_archived
    )
    SELECT t.tab, count(u.unread_count), coalesce(sum(u.unread_count), 0)
    FROM (VALUES ('customer_support', true), ('all_messages', false)) AS t (tab, is_support)
    LEFT JOIN unread AS u ON u.is_support OR NOT t.is_support
    GROUP BY t.tab, t.is_support
    ORDER BY t.is_support DESC;
END
$$;

COMMENT ON FUNCTION support_case.seller_inbox_counts(bigint) IS
'How many conversations of each tab of a seller''s inbox are unread, and how many messages of them; without the archive. One marked unread counts, with as many messages as are new. Errors: 22004. (W-92, W-94)';

CREATE OR REPLACE FUNCTION support_case.buyer_inbox_counts(buyer_id bigint)
RETURNS TABLE (filter text, unread_conversations bigint, unread_messages bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._require(buyer_inbox_counts.buyer_id, 'buyer_id');
    RETURN QUERY
    WITH unread AS (
        SELECT b.case_id IS NOT NULL AS is_purchase, b.unread_count
        FROM support_case._conversation_of_buyer AS b
        WHERE b.buyer_id = buyer_inbox_counts.buyer_id AND b.is_unread AND NOT b.is_archived
    )
    SELECT t.filter, count(u.unread_count), coalesce(sum(u.unread_count), 0)
    FROM (VALUES ('purchases', true), ('all_messages', false)) AS t (filter, is_purchase)
    LEFT JOIN unread AS u ON u.is_purchase OR NOT t.is_purchase
    GROUP BY t.filter, t.is_purchase
    ORDER BY t.is_purchase DESC;
END
$$;

COMMENT ON FUNCTION support_case.buyer_inbox_counts(bigint) IS
'How many conversations of each filter of a buyer''s inbox are unread, and how many messages of them; without the archive. Errors: 22004. (W-90, W-94)';
