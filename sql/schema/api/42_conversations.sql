-- How conversations are opened and messages added.  The order's lock, which
-- every caller holds, keeps the numbers of the messages without gaps.  What
-- happens to a case is told by its events: nothing writes messages of its own.

CREATE OR REPLACE FUNCTION support_case._open_conversation(
    kind text,
    seller_id bigint,
    order_id bigint,
    case_id bigint,
    buyer_id bigint,
    at timestamptz
)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    opened_id bigint;
BEGIN
    INSERT INTO support_case.conversation AS k (seller_id, conversation_id, kind, order_id, case_id, buyer_id, opened_at,
        last_message_at)
    VALUES (_open_conversation.seller_id, nextval('support_case.conversation_id_seq'), _open_conversation.kind,
        _open_conversation.order_id, _open_conversation.case_id, _open_conversation.buyer_id, at, at)
    RETURNING k.conversation_id INTO opened_id;
    RETURN opened_id;
END
$$;

COMMENT ON FUNCTION support_case._open_conversation(text, bigint, bigint, bigint, bigint, timestamptz) IS
'Opens a conversation and returns its number (V-20, W-01, AMB-32).';

CREATE OR REPLACE FUNCTION support_case._screen_body(body text, p support_case.policy)
RETURNS text
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF p.pii_mode = 'reject' THEN
        PERFORM support_case._raise('invalid_parameter_value', 'the text contains contact data',
            (SELECT format('Found: %s.', string_agg(DISTINCT f.kind, ', ' ORDER BY f.kind))
                FROM support_case._find_contact_data(body) AS f),
            'Leave out email addresses, telephone numbers, links and social handles; postal addresses are welcome.');
    END IF;
    RETURN CASE
        WHEN p.pii_mode = 'mask' THEN support_case._mask_contact_data(body)
        WHEN p.contact_mode = 'relay' THEN support_case._mask_contact_data(body, emails_only => true)
        ELSE body
    END;
END
$$;

COMMENT ON FUNCTION support_case._screen_body(text, support_case.policy) IS
'A text with contact data as the policy lets it be kept: as it is, or masked; with relay addresses never with an email address (AMB-80). Errors: 22023 (pii_mode reject). (AMB-99)';

-- One UPDATE and one INSERT.  Whoever writes has read so far, and has the
-- conversation back in the inbox.
CREATE OR REPLACE FUNCTION support_case._append_message(
    kind text,
    seller_id bigint,
    order_id bigint,
    case_id bigint,
    buyer_id bigint,
    event_number integer,
    author text,
    author_id text,
    body text,
    attachments jsonb,
    policy_version integer,
    at timestamptz
)
RETURNS support_case.conversation
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    has_contact_data boolean := support_case._has_contact_data(_append_message.body);
    updated record;
    conversation support_case.conversation;
BEGIN
    IF has_contact_data THEN
        SELECT b.body, p.pii_mode <> 'allow' OR b.body <> _append_message.body
        INTO STRICT body, has_contact_data
        FROM support_case.policy AS p,
            LATERAL (SELECT support_case._screen_body(_append_message.body, p) AS body OFFSET 0) AS b
        WHERE p.policy_version = _append_message.policy_version;
    END IF;
    LOOP
        UPDATE support_case.conversation AS k
        SET message_count = k.message_count + 1,
            last_message_at = greatest(k.last_message_at, at),
            last_message_by = _append_message.author,
            seller_read_count = CASE _append_message.author WHEN 'seller' THEN k.message_count + 1
                ELSE k.seller_read_count END,
            buyer_read_count = CASE _append_message.author WHEN 'buyer' THEN k.message_count + 1
                ELSE k.buyer_read_count END,
            platform_read_count = CASE _append_message.author WHEN 'platform' THEN k.message_count + 1
                ELSE k.platform_read_count END,
            is_marked_unread_by_seller = k.is_marked_unread_by_seller AND _append_message.author <> 'seller',
            is_marked_unread_by_buyer = k.is_marked_unread_by_buyer AND _append_message.author <> 'buyer',
            is_archived_by_seller = k.is_archived_by_seller AND _append_message.author <> 'seller',
            is_archived_by_buyer = k.is_archived_by_buyer AND _append_message.author <> 'buyer'
        -- Through the order, which has few.
        WHERE k.seller_id = _append_message.seller_id AND k.order_id = _append_message.order_id
            AND k.case_id IS NOT DISTINCT FROM _append_message.case_id AND k.kind = _append_message.kind
        RETURNING k AS row INTO updated;
        EXIT WHEN FOUND;
        PERFORM support_case._open_conversation(kind, seller_id, order_id, case_id, buyer_id, at);
    END LOOP;
    conversation := updated.row;
    -- Few are archived: the policy is not read for every message.
    IF conversation.is_archived_by_seller OR conversation.is_archived_by_buyer THEN
        UPDATE support_case.conversation AS k
        SET is_archived_by_seller = false, is_archived_by_buyer = false
        FROM support_case.policy AS p
        WHERE k.seller_id = conversation.seller_id AND k.conversation_id = conversation.conversation_id
            AND p.policy_version = _append_message.policy_version AND p.inbox_unarchive_on <> 'own_message';
    END IF;
    INSERT INTO support_case.message (seller_id, conversation_id, message_number, event_number, author, author_id,
        body, has_contact_data, posted_at)
    VALUES (conversation.seller_id, conversation.conversation_id, conversation.message_count,
        _append_message.event_number, _append_message.author, _append_message.author_id, _append_message.body,
        has_contact_data, conversation.last_message_at);
    IF attachments <> '[]' THEN
        INSERT INTO support_case.attachment (seller_id, conversation_id, message_number, attachment_number, uri,
            media_type, size, sha256, uploaded_by, uploaded_at)
        SELECT conversation.seller_id, conversation.conversation_id, conversation.message_count, a.position, r.uri,
            coalesce(r.media_type, 'application/octet-stream'), r.size, r.sha256, _append_message.author, at
        FROM jsonb_array_elements(attachments) WITH ORDINALITY AS a (attachment, position),
            jsonb_to_record(a.attachment) AS r (uri text, media_type text, size bigint, sha256 text);
    END IF;
    RETURN conversation;
END
$$;

COMMENT ON FUNCTION support_case._append_message(text, bigint, bigint, bigint, bigint, integer, text, text, text, jsonb, integer, timestamptz) IS
'Adds a message with its attachments, which _check_attachments() has returned, to the conversation of a kind about an order or a case, which is opened where there is none yet, and returns the conversation; its message_count is the number of the message. Contact data is treated as the policy says (AMB-99), the author has read so far, marked unread or not, and it returns to the inboxes as inbox_unarchive_on says (W-95, AMB-55). Errors: 22023 (pii_mode reject).';

CREATE OR REPLACE FUNCTION support_case._post(
    c support_case.support_case,
    event_number integer,
    author text,
    author_id text,
    body text,
    attachments jsonb,
    kind text DEFAULT 'case'
)
RETURNS support_case.conversation
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    RETURN support_case._append_message(kind, c.seller_id, c.order_id, c.case_id, c.buyer_id, event_number, author,
        author_id, body, attachments, c.policy_version, c.last_effective_at);
END
$$;

COMMENT ON FUNCTION support_case._post(support_case.support_case, integer, text, text, text, jsonb, text) IS
'_append_message() for a conversation of a case that _begin() returned.';

-- The request as the platform got it, with its own instants and its author.
CREATE OR REPLACE FUNCTION support_case._show_request_to_seller(c support_case.support_case)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    asked_id bigint;
    opened_id bigint;
BEGIN
    SELECT k.conversation_id INTO asked_id
    FROM support_case.conversation AS k
    WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id AND k.kind = 'buyer_platform'
        AND NOT EXISTS (SELECT FROM support_case.conversation AS e
            WHERE e.seller_id = c.seller_id AND e.case_id = c.case_id AND e.kind = 'case');
    IF NOT FOUND THEN
        RETURN;
    END IF;
    opened_id := support_case._open_conversation('case', c.seller_id, c.order_id, c.case_id, c.buyer_id, c.opened_at);
    INSERT INTO support_case.message (seller_id, conversation_id, message_number, event_number, author, author_id, body,
        has_contact_data, posted_at)
    SELECT m.seller_id, opened_id, m.message_number, m.event_number, m.author, m.author_id, m.body, m.has_contact_data,
        m.posted_at
    FROM support_case.message AS m
    WHERE m.seller_id = c.seller_id AND m.conversation_id = asked_id AND m.message_number = 1;
    INSERT INTO support_case.attachment (seller_id, conversation_id, message_number, attachment_number, uri, media_type,
        size, sha256, uploaded_by, uploaded_at)
    SELECT a.seller_id, opened_id, a.message_number, a.attachment_number, a.uri, a.media_type, a.size, a.sha256,
        a.uploaded_by, a.uploaded_at
    FROM support_case.attachment AS a
    WHERE a.seller_id = c.seller_id AND a.conversation_id = asked_id AND a.message_number = 1;
    UPDATE support_case.conversation AS k
    SET message_count = 1, last_message_by = 'buyer', buyer_read_count = 1
    WHERE k.seller_id = c.seller_id AND k.conversation_id = opened_id;
END
$$;

COMMENT ON FUNCTION support_case._show_request_to_seller(support_case.support_case) IS
'Opens the conversation with the seller, which begins with the description and the evidence, of a case that the platform handled from the start and now hands over; nothing where there is one (T-45, W-14 to W-16).';

-- What the description says is said in the conversation, and screened there.
CREATE OR REPLACE FUNCTION support_case._open_case_conversation(
    seller_id bigint,
    case_id bigint,
    evidence jsonb,
    actor_id text
)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    c support_case.support_case;
    opened support_case.conversation;
BEGIN
    SELECT k.* INTO STRICT c
    FROM support_case.support_case AS k
    WHERE k.seller_id = _open_case_conversation.seller_id AND k.case_id = _open_case_conversation.case_id;
    opened := support_case._append_message(
        CASE WHEN c.routed_because IN ('seller', 'guarantee_claim') THEN 'case' ELSE 'buyer_platform' END,
        c.seller_id, c.order_id, c.case_id, c.buyer_id, 1, 'buyer', actor_id, c.description, evidence,
        c.policy_version, c.opened_at);
    IF support_case._has_contact_data(c.description) THEN
        UPDATE support_case.support_case AS k
        SET description = m.body
        FROM support_case.message AS m
        WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id AND m.seller_id = c.seller_id
            AND m.conversation_id = opened.conversation_id AND m.message_number = 1 AND k.description <> m.body;
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._open_case_conversation(bigint, bigint, jsonb, text) IS
'Opens the conversation of a case that has just been opened, with the seller or else with the platform: the description is its first message, the evidence its attachments. Errors: 22023 (pii_mode reject). (W-01, W-14, W-15)';
