-- Messages: of a case, of an order, and with the platform.

CREATE OR REPLACE VIEW support_case.conversation_messages WITH (security_invoker = true) AS
SELECT m.seller_id, m.conversation_id, m.message_number, k.kind, k.order_id, k.case_id, k.buyer_id, m.event_number,
    m.author, m.body, m.has_contact_data,
    coalesce((
        SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('uri', a.uri, 'media_type', a.media_type, 'size', a.size,
            'sha256', a.sha256, 'uploaded_by', a.uploaded_by, 'uploaded_at', support_case._iso_instant(a.uploaded_at)))
            ORDER BY a.attachment_number)
        FROM support_case.attachment AS a
        WHERE a.seller_id = m.seller_id AND a.conversation_id = m.conversation_id
            AND a.message_number = m.message_number), '[]') AS attachments,
    m.posted_at
FROM support_case.message AS m
JOIN support_case.conversation AS k ON k.seller_id = m.seller_id AND k.conversation_id = m.conversation_id;

COMMENT ON VIEW support_case.conversation_messages IS 'Messages of the conversations that the reader may see. A seller does not see what buyers write to the platform, nor a buyer what sellers do (AMB-32).';
COMMENT ON COLUMN support_case.conversation_messages.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.conversation_messages.conversation_id IS 'The conversation.';
COMMENT ON COLUMN support_case.conversation_messages.message_number IS 'Number of the message within the conversation, from 1.';
COMMENT ON COLUMN support_case.conversation_messages.kind IS 'order, case, seller_platform or buyer_platform.';
COMMENT ON COLUMN support_case.conversation_messages.order_id IS 'The order.';
COMMENT ON COLUMN support_case.conversation_messages.case_id IS 'The case; null in the conversation of the order.';
COMMENT ON COLUMN support_case.conversation_messages.buyer_id IS 'The buyer.';
COMMENT ON COLUMN support_case.conversation_messages.event_number IS 'The event of the case that it belongs to, if any.';
COMMENT ON COLUMN support_case.conversation_messages.author IS 'buyer, seller or platform.';
COMMENT ON COLUMN support_case.conversation_messages.body IS 'The text, contact data masked where the policy asks for it.';
COMMENT ON COLUMN support_case.conversation_messages.has_contact_data IS 'Whether contact data was found in it (AMB-99).';
COMMENT ON COLUMN support_case.conversation_messages.attachments IS 'What is known about its files, an array of objects with uri, media_type, size, sha256, uploaded_by and uploaded_at.';
COMMENT ON COLUMN support_case.conversation_messages.posted_at IS 'When it was posted.';

-- Not case_timeline: a buyer may not read what it says beside the action.  Notes
-- on a case have no transition; what was said is the message; and what one of
-- the two has with the platform alone does not belong where both talk.
CREATE OR REPLACE VIEW support_case.conversation_history WITH (security_invoker = true) AS
SELECT m.seller_id, m.conversation_id, m.kind, m.order_id, m.case_id, m.buyer_id, m.posted_at AS occurred_at,
    coalesce(m.event_number, 0) AS event_number, m.message_number, m.author, m.body, m.has_contact_data,
    m.attachments, NULL::text AS status, NULL::text AS resolution
FROM support_case.conversation_messages AS m
UNION ALL
SELECT k.seller_id, k.conversation_id, k.kind, k.order_id, k.case_id, k.buyer_id, h.effective_at, h.event_number, 0,
    'system', h.action, false, '[]'::jsonb, h.status, h.resolution
FROM support_case.conversation AS k
-- Lateral: one conversation rolls one case forward, not all that are due.
CROSS JOIN LATERAL (
    SELECT e.event_number, e.transition, e.action, e.status, e.resolution, e.effective_at
    FROM support_case.case_event AS e
    WHERE e.seller_id = k.seller_id AND e.case_id = k.case_id
    UNION ALL
    SELECT s.event_number, s.transition, s.action, s.status, s.resolution, s.effective_at
    FROM support_case._due_step AS s
    WHERE s.seller_id = k.seller_id AND s.order_id = k.order_id AND s.case_id = k.case_id
) AS h
WHERE k.kind = 'case' AND h.transition IS NOT NULL
    AND h.action NOT IN ('post_message', 'leave_feedback', 'reassign_liability', 'consent_to_recharge',
        'withdraw_recharge_consent');

COMMENT ON VIEW support_case.conversation_history IS 'What a window of a conversation shows, ordered by occurred_at, event_number and message_number, which are never null, so that it can be paged by them: its messages and, in the conversation of a case, as messages of the system what happened to the case as of clock(), swept or not.';
COMMENT ON COLUMN support_case.conversation_history.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.conversation_history.conversation_id IS 'The conversation.';
COMMENT ON COLUMN support_case.conversation_history.kind IS 'order, case, seller_platform or buyer_platform.';
COMMENT ON COLUMN support_case.conversation_history.order_id IS 'The order.';
COMMENT ON COLUMN support_case.conversation_history.case_id IS 'The case; null in the conversation of the order.';
COMMENT ON COLUMN support_case.conversation_history.buyer_id IS 'The buyer.';
COMMENT ON COLUMN support_case.conversation_history.occurred_at IS 'When the message was posted, or what happened took effect.';
COMMENT ON COLUMN support_case.conversation_history.event_number IS 'The event of the case that it is or belongs to; 0 for a message that belongs to none.';
COMMENT ON COLUMN support_case.conversation_history.message_number IS 'Number of the message within the conversation; 0 for a message of the system, which stands before what was said with it.';
COMMENT ON COLUMN support_case.conversation_history.author IS 'buyer, seller, platform, or system: then body is a code.';
COMMENT ON COLUMN support_case.conversation_history.body IS 'The text, contact data masked where the policy asks for it; of a message of the system the action, a code of state_machine(), such as offer_full_refund or expire_deadline.';
COMMENT ON COLUMN support_case.conversation_history.has_contact_data IS 'Whether contact data was found in it (AMB-99).';
COMMENT ON COLUMN support_case.conversation_history.attachments IS 'What is known about its files, as in conversation_messages.';
COMMENT ON COLUMN support_case.conversation_history.status IS 'Status of the case after what happened; null for a message.';
COMMENT ON COLUMN support_case.conversation_history.resolution IS 'Its resolution then.';

CREATE OR REPLACE FUNCTION support_case.post_message(
    seller_id bigint,
    case_id bigint,
    author text,
    body text,
    attachments jsonb DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._check_choice(author, 'author', 'buyer', 'seller');
    actor_id := support_case._authorise(author, post_message.seller_id, NULL, post_message.case_id,
        actor_id => actor_id);
    RETURN NEXT support_case._say(seller_id, case_id, 'post_message', author, body, attachments,
        actor_id, idempotency_key);
END
$$;

COMMENT ON FUNCTION support_case.post_message(bigint, bigint, text, text, jsonb, text, text) IS
'Buyer or seller writes to the other, and the case is returned. A message of the seller meets the response deadline where the policy counts it (AMB-07), and a buyer''s answer to the seller starts the next-response deadline (AMB-08). body has 1 to 10,000 characters. Errors: P0002, 22004, 22023, 54000, SC001 (also when the conversation is closed, W-72), SC009. (W-27, T-46)';

-- Calendar and policy are those in force when the order was delivered.
CREATE OR REPLACE FUNCTION support_case._chat_closes_at(o support_case.sales_order)
RETURNS timestamptz
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    -- Not the whole policy: a seller may not read all of it.
    RETURN (
        SELECT support_case.business_add(o.delivered_at, p.chat_read_only_after::support_case.term,
            support_case._calendar_in_force(p.calendar_code, o.delivered_at))
        FROM support_case.policy AS p
        WHERE p.effective_from <= o.delivered_at
        ORDER BY p.effective_from DESC
        LIMIT 1);
END
$$;

COMMENT ON FUNCTION support_case._chat_closes_at(support_case.sales_order) IS
'From when on the conversation of an order takes no messages; null while it is not delivered, or where the policy knows no end (AMB-100).';

CREATE OR REPLACE FUNCTION support_case._check_order_chat(o support_case.sales_order, at timestamptz)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    escalated_id bigint;
BEGIN
    IF at >= support_case._chat_closes_at(o) THEN
        PERFORM support_case._raise('deadline_passed', 'the conversation of the order is closed',
            format('It can only be read since %s.', support_case._chat_closes_at(o)),
            'Messages about a case belong to the conversation of the case.');
    END IF;
    SELECT min(c.case_id) INTO escalated_id
    FROM support_case.support_case AS c
    JOIN support_case.policy AS p ON p.policy_version = c.policy_version
    WHERE c.seller_id = o.seller_id AND c.order_id = o.order_id AND c.status = 'escalated' AND c.is_conversation_closed
        AND p.escalation_blocks_messages;
    IF escalated_id IS NOT NULL THEN
        PERFORM support_case._raise('action_not_allowed', 'buyer and seller cannot write to each other now',
            format('Case %s of the order is with the platform.', escalated_id),
            'Write to the platform with post_platform_message().');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_order_chat(support_case.sales_order, timestamptz) IS
'Raises SC003 or SC001 unless buyer and seller of an order, whose cases are rolled forward to the instant, may write to each other (7.2, W-72, AMB-100).';

CREATE OR REPLACE FUNCTION support_case._message_row(seller_id bigint, conversation_id bigint, message_number integer)
RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    RETURN (
        SELECT jsonb_build_array(to_jsonb(m)) FROM support_case.conversation_messages AS m
        WHERE m.seller_id = _message_row.seller_id AND m.conversation_id = _message_row.conversation_id
            AND m.message_number = _message_row.message_number);
END
$$;

COMMENT ON FUNCTION support_case._message_row(bigint, bigint, integer) IS
'A row of conversation_messages, as the array that an idempotency key keeps.';

CREATE OR REPLACE FUNCTION support_case._post_about_order(
    o support_case.sales_order,
    author text,
    author_id text,
    body text,
    attachments jsonb,
    at timestamptz
)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    conversation support_case.conversation;
BEGIN
    PERFORM support_case._check_order_chat(o, at);
    PERFORM support_case._check_text(body, 'body');
    conversation := support_case._append_message('order', o.seller_id, o.order_id, NULL, o.buyer_id, NULL, author,
        author_id, body, support_case._check_attachments(attachments, 'attachments'),
        (support_case._policy_in_force(at)).policy_version, at);
    PERFORM support_case._notify(o.seller_id, 'conversation', conversation.conversation_id, conversation.message_count,
        CASE author WHEN 'buyer' THEN 'seller' ELSE 'buyer' END,
        CASE author WHEN 'buyer' THEN o.seller_id ELSE o.buyer_id END, 'order_message_posted',
        jsonb_build_object('order_id', o.order_id, 'message_number', conversation.message_count), at);
    RETURN support_case._message_row(o.seller_id, conversation.conversation_id, conversation.message_count);
END
$$;

COMMENT ON FUNCTION support_case._post_about_order(support_case.sales_order, text, text, text, jsonb, timestamptz) IS
'Adds a message to the conversation of an order, which is locked and whose cases are rolled forward to the instant, tells the other party in the app, and returns its row of conversation_messages. Errors: 22004, 22023, 54000, SC001, SC003.';

CREATE OR REPLACE FUNCTION support_case.post_order_message(
    seller_id bigint,
    order_id bigint,
    author text,
    body text,
    attachments jsonb DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.conversation_messages
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(order_id, author, body, attachments) END;
    o support_case.sales_order;
    answer jsonb;
BEGIN
    PERFORM support_case._check_choice(author, 'author', 'buyer', 'seller');
    actor_id := support_case._authorise(author, post_order_message.seller_id, post_order_message.order_id,
        actor_id => actor_id);
    o := support_case._lock_order(post_order_message.seller_id, post_order_message.order_id);
    IF idempotency_key IS NOT NULL THEN
        answer := support_case._find_answer(seller_id, actor_id, idempotency_key, 'post_order_message', arguments);
    END IF;
    IF answer IS NULL THEN
        answer := support_case._post_about_order(o, author, actor_id, body, attachments,
            support_case._roll_order(o.seller_id, o.order_id));
        IF idempotency_key IS NOT NULL THEN
            PERFORM support_case._keep_answer(seller_id, actor_id, idempotency_key, 'post_order_message', arguments,
                answer);
        END IF;
    END IF;
    RETURN QUERY SELECT m.* FROM jsonb_populate_recordset(NULL::support_case.conversation_messages, answer) AS m;
END
$$;

COMMENT ON FUNCTION support_case.post_order_message(bigint, bigint, text, text, jsonb, text, text) IS
'Buyer or seller of an order writes to the other in the conversation of the order; the other is told in the app, and the message is returned. The conversation exists as soon as the order is registered (V-20) and never before a purchase (V-03); chat_read_only_after delivery it can only be read (AMB-100), and nobody writes in it while a case of the order is with the platform (W-72). body has 1 to 10,000 characters; attachments is a list such as [{"uri": "s3://chat/1.jpg", "media_type": "image/jpeg"}]. Errors: P0002, 22004, 22023 (also contact data, where the policy rejects it), 54000, SC001, SC003 (closed), SC004, SC009. (V-20 to V-23, A-07)';

CREATE OR REPLACE FUNCTION support_case._check_platform_chat(c support_case.support_case, party text, author text)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF author = 'platform' OR (c.status = 'escalated' AND (party = 'buyer' OR c.routed_because IN ('seller', 'guarantee_claim')))
        OR EXISTS (SELECT FROM support_case.conversation AS k
            WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id AND k.kind = party || '_platform')
    THEN
        RETURN;
    END IF;
    PERFORM support_case._raise('action_not_allowed', format('the %s is not in conversation with the platform', party),
        format('Case %s is %s, and the platform has not written to the %s about it.', c.case_id, c.status, party),
        'Write to the platform while it has the case, or in answer to it.', 'support_case', 'support_case');
END
$$;

COMMENT ON FUNCTION support_case._check_platform_chat(support_case.support_case, text, text) IS
'Raises SC001 unless the platform writes, or has the case, or is in conversation with the party already.';

CREATE OR REPLACE FUNCTION support_case.post_platform_message(
    seller_id bigint,
    case_id bigint,
    party text,
    body text,
    author text DEFAULT 'platform',
    attachments jsonb DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.conversation_messages
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(case_id, party, body, author, attachments) END;
    c support_case.support_case;
    conversation support_case.conversation;
    answer jsonb;
BEGIN
    PERFORM support_case._check_choice(party, 'party', 'buyer', 'seller');
    PERFORM support_case._check_choice(author, 'author', 'platform', party);
    actor_id := support_case._authorise(author, post_platform_message.seller_id, NULL, post_platform_message.case_id,
        actor_id => actor_id);
    IF author = 'platform' THEN
        PERFORM support_case._require_actor(actor_id);
    END IF;
    c := support_case._begin(seller_id, case_id, 'post_platform_message', actor_id, idempotency_key, arguments);
    IF c.case_id IS NULL THEN
        answer := support_case._find_answer(seller_id, actor_id, idempotency_key, 'post_platform_message', arguments);
    ELSE
        PERFORM support_case._check_platform_chat(c, party, author);
        PERFORM support_case._check_text(body, 'body');
        conversation := support_case._post(c, NULL, author, actor_id, body,
            support_case._check_attachments(attachments, 'attachments'), party || '_platform');
        PERFORM support_case._notify(c.seller_id, 'conversation', conversation.conversation_id,
            conversation.message_count,
            CASE author WHEN 'platform' THEN party ELSE 'platform' END,
            CASE WHEN author <> 'platform' THEN 0 WHEN party = 'seller' THEN c.seller_id ELSE c.buyer_id END,
            'platform_message_posted',
            jsonb_build_object('order_id', c.order_id, 'case_id', c.case_id,
                'message_number', conversation.message_count),
            c.last_effective_at);
        answer := support_case._message_row(c.seller_id, conversation.conversation_id, conversation.message_count);
        IF idempotency_key IS NOT NULL THEN
            PERFORM support_case._keep_answer(seller_id, actor_id, idempotency_key, 'post_platform_message', arguments,
                answer);
        END IF;
    END IF;
    RETURN QUERY SELECT m.* FROM jsonb_populate_recordset(NULL::support_case.conversation_messages, answer) AS m;
END
$$;

COMMENT ON FUNCTION support_case.post_platform_message(bigint, bigint, text, text, text, jsonb, text, text) IS
'The platform writes to one party of a case, or that party to the platform; the recipient is told in the app, and the message is returned; the other party does not see it. party: buyer or seller; author: platform, whose actor_id is required, or the party. The platform may write at any time, a party while the platform has the case and once they are in conversation. body has 1 to 10,000 characters. Errors: P0002, 22004, 22023, 54000, SC001 (not with the platform), SC004, SC009. (AMB-32, W-75)';
