-- Full-text search in messages.

CREATE OR REPLACE FUNCTION support_case._search_query(query text)
RETURNS tsquery
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._check_text(_search_query.query, 'query', 1000);
    RETURN websearch_to_tsquery('pg_catalog.simple', _search_query.query);
END
$$;

COMMENT ON FUNCTION support_case._search_query(text) IS
'The words of a search. Errors: 22004, 22023.';

-- The position is where ts_headline() would begin to highlight.
CREATE OR REPLACE FUNCTION support_case._match_position(body text, words tsquery)
RETURNS integer
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    RETURN NULLIF(strpos(ts_headline('pg_catalog.simple', translate(body, chr(1), ' '), words,
        format('StartSel="%s", StopSel="", HighlightAll=true', chr(1))), chr(1)), 0);
END
$$;

COMMENT ON FUNCTION support_case._match_position(text, tsquery) IS
'The number of the first character of a body that is part of a match, from 1; null where the match is that a word is missing.';

CREATE OR REPLACE FUNCTION support_case._check_max_rows(max_rows integer)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._require(max_rows, 'max_rows');
    IF max_rows NOT BETWEEN 1 AND 1000 THEN
        PERFORM support_case._raise('invalid_parameter_value', 'argument "max_rows" must be 1 to 1000',
            format('It is %s.', max_rows), 'Ask for the rest with posted_before.');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_max_rows(integer) IS
'Raises 22004 or 22023 unless max_rows is 1 to 1000.';

CREATE OR REPLACE FUNCTION support_case.search_messages(
    seller_id bigint,
    query text,
    max_rows integer DEFAULT 50,
    posted_before timestamptz DEFAULT NULL
)
RETURNS TABLE (conversation_id bigint, message_number integer, kind text, order_id bigint, case_id bigint,
    author text, posted_at timestamptz, match_position integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 50
AS $$
#variable_conflict use_column
DECLARE
    words tsquery := support_case._search_query(search_messages.query);
BEGIN
    PERFORM support_case._require(search_messages.seller_id, 'seller_id');
    PERFORM support_case._check_max_rows(search_messages.max_rows);
    PERFORM support_case._authorise('seller', search_messages.seller_id);
    RETURN QUERY
    SELECT f.conversation_id, f.message_number, f.kind, f.order_id, f.case_id, f.author, f.posted_at,
        support_case._match_position(f.body, words)
    FROM (
        SELECT m.conversation_id, m.message_number, k.kind, k.order_id, k.case_id, m.author, m.posted_at, m.body
        FROM support_case.message AS m
        JOIN support_case.conversation AS k ON k.seller_id = m.seller_id AND k.conversation_id = m.conversation_id
        WHERE m.seller_id = search_messages.seller_id AND k.kind <> 'buyer_platform' AND numnode(words) > 0
            AND m.search_words @@ (words && format('''seller %s''', search_messages.seller_id)::tsquery)
            AND (search_messages.posted_before IS NULL OR m.posted_at < search_messages.posted_before)
        ORDER BY m.posted_at DESC, m.conversation_id DESC, m.message_number DESC
        LIMIT search_messages.max_rows
    ) AS f;
END
$$;

COMMENT ON FUNCTION support_case.search_messages(bigint, text, integer, timestamptz) IS
'The latest messages with these words in the conversations that a seller takes part in, at most max_rows (1 to 1000), before posted_before where given, latest first. query is what one types into a search engine: words, "phrases", or, -without; words match as they are, in upper or lower case. match_position: number of the first matching character of the body, from 1. Errors: 22004, 22023, SC004. (W-92)';

CREATE OR REPLACE FUNCTION support_case.search_buyer_messages(
    buyer_id bigint,
    query text,
    max_rows integer DEFAULT 50,
    posted_before timestamptz DEFAULT NULL
)
RETURNS TABLE (seller_id bigint, conversation_id bigint, message_number integer, kind text, order_id bigint,
    case_id bigint, author text, posted_at timestamptz, match_position integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 50
AS $$
#variable_conflict use_column
DECLARE
    words tsquery := support_case._search_query(search_buyer_messages.query);
BEGIN
    PERFORM support_case._require(search_buyer_messages.buyer_id, 'buyer_id');
    PERFORM support_case._check_max_rows(search_buyer_messages.max_rows);
    PERFORM support_case._authorise_buyer(search_buyer_messages.buyer_id);
    RETURN QUERY
    SELECT f.seller_id, f.conversation_id, f.message_number, f.kind, f.order_id, f.case_id, f.author, f.posted_at,
        support_case._match_position(f.body, words)
    FROM (
        SELECT m.seller_id, m.conversation_id, m.message_number, k.kind, k.order_id, k.case_id, m.author, m.posted_at,
            m.body
        FROM support_case.conversation AS k
        JOIN support_case.message AS m ON m.seller_id = k.seller_id AND m.conversation_id = k.conversation_id
        WHERE k.buyer_id = search_buyer_messages.buyer_id AND k.kind <> 'seller_platform' AND numnode(words) > 0
            AND m.search_words @@ words
            AND (search_buyer_messages.posted_before IS NULL OR m.posted_at < search_buyer_messages.posted_before)
        ORDER BY m.posted_at DESC, m.seller_id, m.conversation_id DESC, m.message_number DESC
        LIMIT search_buyer_messages.max_rows
    ) AS f;
END
$$;

COMMENT ON FUNCTION support_case.search_buyer_messages(bigint, text, integer, timestamptz) IS
'search_messages() for a buyer: the latest messages with these words in the conversations that the buyer takes part in, with whatever seller. Errors: 22004, 22023, SC004. (W-90)';
