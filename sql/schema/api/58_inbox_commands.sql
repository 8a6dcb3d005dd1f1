-- What a party does to its own inbox: read, mark unread, archive.

CREATE OR REPLACE FUNCTION support_case._check_read_count(read_count integer, message_count integer)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF read_count NOT BETWEEN 1 AND message_count THEN
        PERFORM support_case._raise('invalid_parameter_value', format('there is no message %s to read', read_count),
            format('The conversation has %s messages.', message_count),
            'Pass the number of the last message that was read, or leave it out.');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_read_count(integer, integer) IS
'Raises 22023 unless a conversation with so many messages has this one, or null.';

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
    PERFORM support_case._check_read_count(read_count, found_row.message_count);
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

CREATE OR REPLACE FUNCTION support_case.mark_platform_conversation_read(
    seller_id bigint,
    conversation_id bigint,
    up_to_message integer DEFAULT NULL
)
RETURNS SETOF support_case.platform_inbox
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    c support_case.conversation;
BEGIN
    PERFORM support_case._authorise('platform', mark_platform_conversation_read.seller_id);
    PERFORM support_case._require(mark_platform_conversation_read.seller_id, 'seller_id');
    PERFORM support_case._require(mark_platform_conversation_read.conversation_id, 'conversation_id');
    SELECT k.* INTO c
    FROM support_case.conversation AS k
    WHERE k.seller_id = mark_platform_conversation_read.seller_id
        AND k.conversation_id = mark_platform_conversation_read.conversation_id
        AND k.kind IN ('seller_platform', 'buyer_platform')
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM support_case._raise('no_data_found',
            format('seller %s has no conversation %s in which the platform takes part',
                mark_platform_conversation_read.seller_id, mark_platform_conversation_read.conversation_id),
            NULL, 'Pass the key of a row of platform_inbox.', 'support_case', 'conversation');
    END IF;
    PERFORM support_case._check_read_count(up_to_message, c.message_count);
    UPDATE support_case.conversation AS k
    SET platform_read_count = coalesce(up_to_message, c.message_count)
    WHERE k.seller_id = c.seller_id AND k.conversation_id = c.conversation_id
        AND k.platform_read_count < coalesce(up_to_message, c.message_count);
    RETURN QUERY SELECT i.* FROM support_case.platform_inbox AS i
    WHERE i.seller_id = c.seller_id AND i.conversation_id = c.conversation_id;
END
$$;

COMMENT ON FUNCTION support_case.mark_platform_conversation_read(bigint, bigint, integer) IS
'The platform has read a conversation with one party: all of it, or up to a message, and gets its row of platform_inbox. What was read stays read. The same call again changes nothing. Errors: P0002, 22004, 22023, SC004. (W-94, AMB-32)';
