-- Inboxes page by page, and their badges.

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
