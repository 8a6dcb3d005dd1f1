-- Relay addresses: how buyer and seller of an order reach each other by email
-- without knowing each other's address (AMB-80, A-01 to A-10).  An address
-- names order and party and proves by a keyed hash that we have made it.

CREATE OR REPLACE FUNCTION support_case._relay_name(seller_id bigint, order_id bigint, party text)
RETURNS text
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    name text := format('%s%s-%s', left(party, 1), _relay_name.seller_id, _relay_name.order_id);
BEGIN
    RETURN (
        SELECT name || '-' || left(encode(support_case._hmac_sha256(convert_to(name, 'UTF8'), s.secret), 'hex'), 20)
        FROM support_case.relay_secret AS s);
END
$$;

COMMENT ON FUNCTION support_case._relay_name(bigint, bigint, text) IS
'The relay address of a party of an order without its domain: at most 64 characters, 80 bits of them a keyed hash.';

CREATE OR REPLACE FUNCTION support_case._relay_address(
    seller_id bigint,
    order_id bigint,
    party text,
    contact_mode text,
    relay_domain text
)
RETURNS text
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    RETURN CASE contact_mode
        WHEN 'relay' THEN support_case._relay_name(seller_id, order_id, party) || '@' || relay_domain END;
END
$$;

COMMENT ON FUNCTION support_case._relay_address(bigint, bigint, text, text, text) IS
'The relay address of a party of an order by two settings of a policy; null where contact_mode is direct.';

CREATE OR REPLACE FUNCTION support_case.relay_address(seller_id bigint, order_id bigint, party text)
RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    p support_case.policy;
BEGIN
    PERFORM support_case._require(relay_address.seller_id, 'seller_id');
    PERFORM support_case._require(relay_address.order_id, 'order_id');
    PERFORM support_case._check_choice(party, 'party', 'buyer', 'seller');
    PERFORM support_case._authorise(party, relay_address.seller_id, relay_address.order_id);
    IF NOT EXISTS (SELECT FROM support_case.sales_order AS o
        WHERE o.seller_id = relay_address.seller_id AND o.order_id = relay_address.order_id)
    THEN
        PERFORM support_case._raise_no_order(relay_address.seller_id, relay_address.order_id);
    END IF;
    p := support_case._policy_in_force(support_case.clock());
    RETURN support_case._relay_address(seller_id, order_id, party, p.contact_mode, p.relay_domain);
END
$$;

COMMENT ON FUNCTION support_case.relay_address(bigint, bigint, text) IS
'The address that a party of an order, buyer or seller, writes to in order to reach the other: always the same, and nobody can guess another one. Give it to that party only: who writes to it is that party. Null where the policy''s contact_mode is direct. Errors: P0002, 22004, 22023, SC004. (AMB-80, A-02, A-03, A-07 to A-09)';

CREATE OR REPLACE FUNCTION support_case._read_relay_address(relay_address text)
RETURNS TABLE (seller_id bigint, order_id bigint, party text)
LANGUAGE plpgsql STABLE ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    name text;
    parts text[];
BEGIN
    PERFORM support_case._check_text(_read_relay_address.relay_address, 'relay_address', 320);
    name := lower(split_part(btrim(_read_relay_address.relay_address), '@', 1));
    parts := regexp_match(name, '^([bs])([0-9]{1,19})-([0-9]{1,19})-[0-9a-f]{20}$');
    IF parts[2]::numeric <= 9223372036854775807 AND parts[3]::numeric <= 9223372036854775807 THEN
        seller_id := parts[2]::bigint;
        order_id := parts[3]::bigint;
        party := CASE parts[1] WHEN 'b' THEN 'buyer' ELSE 'seller' END;
    END IF;
    IF support_case._relay_name(_read_relay_address.seller_id, _read_relay_address.order_id, _read_relay_address.party)
        IS DISTINCT FROM name
    THEN
        PERFORM support_case._raise('no_data_found', 'unknown relay address', NULL,
            'Pass the address as relay_address() has made it.');
    END IF;
    RETURN NEXT;
END
$$;

COMMENT ON FUNCTION support_case._read_relay_address(text) IS
'Order and party that a relay address names, whatever its domain. Errors: 22004, 22023, P0002 (not one of ours).';

CREATE OR REPLACE FUNCTION support_case._relay_message(
    o support_case.sales_order,
    author text,
    body text,
    attachments jsonb,
    actor_id text
)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    at timestamptz := support_case._roll_order(o.seller_id, o.order_id);
    open_case_id bigint;
BEGIN
    SELECT max(c.case_id) INTO open_case_id
    FROM support_case.support_case AS c
    JOIN support_case.conversation AS k ON k.seller_id = c.seller_id AND k.case_id = c.case_id AND k.kind = 'case'
    JOIN support_case.policy AS p ON p.policy_version = c.policy_version
    WHERE c.seller_id = o.seller_id AND c.order_id = o.order_id AND c.status <> 'closed'
        AND NOT (c.is_conversation_closed AND p.escalation_blocks_messages);
    IF open_case_id IS NULL THEN
        RETURN support_case._post_about_order(o, author, actor_id, body, attachments, at);
    END IF;
    PERFORM support_case._say(o.seller_id, open_case_id, 'post_message', author, body, attachments, actor_id, NULL);
    RETURN (
        SELECT support_case._message_row(k.seller_id, k.conversation_id, k.message_count)
        FROM support_case.conversation AS k
        WHERE k.seller_id = o.seller_id AND k.case_id = open_case_id AND k.kind = 'case');
END
$$;

COMMENT ON FUNCTION support_case._relay_message(support_case.sales_order, text, text, jsonb, text) IS
'Adds a message that came by email to the conversation of the latest open case of an order, or else of the order itself, and returns its row. The caller holds the lock of the order.';

CREATE OR REPLACE FUNCTION support_case.receive_relayed_message(
    relay_address text,
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
        THEN jsonb_build_array(relay_address, body, attachments) END;
    named record;
    o support_case.sales_order;
    answer jsonb;
BEGIN
    SELECT r.* INTO STRICT named FROM support_case._read_relay_address(receive_relayed_message.relay_address) AS r;
    actor_id := support_case._authorise('host', named.seller_id, named.order_id, actor_id => actor_id);
    o := support_case._lock_order(named.seller_id, named.order_id);
    IF idempotency_key IS NOT NULL THEN
        answer := support_case._find_answer(o.seller_id, actor_id, idempotency_key, 'receive_relayed_message', arguments);
    END IF;
    IF answer IS NULL THEN
        answer := support_case._relay_message(o, named.party, body, attachments, actor_id);
        IF idempotency_key IS NOT NULL THEN
            PERFORM support_case._keep_answer(o.seller_id, actor_id, idempotency_key, 'receive_relayed_message',
                arguments, answer);
        END IF;
    END IF;
    RETURN QUERY SELECT m.* FROM jsonb_populate_recordset(NULL::support_case.conversation_messages, answer) AS m;
END
$$;

COMMENT ON FUNCTION support_case.receive_relayed_message(text, text, jsonb, text, text) IS
'The host passes on an email that came to a relay address: it is posted as a message of the party that the address was made for, in the conversation of the latest open case of the order, where it has the effect of post_message(), or else in the conversation of the order; the message is returned. body is the text without headers; automatic replies are not to be passed on, for they answer nothing (AMB-07). An idempotency_key made of the Message-ID makes redelivery harmless. Errors: P0002 (not one of our addresses), 22004, 22023, 54000, SC001 and SC003 (buyer and seller may not write now), SC004, SC009. (AMB-80, A-07)';

-- Only for the seller's eyes: who acts for a buyer gets no address here.
CREATE OR REPLACE VIEW support_case.order_contacts WITH (security_invoker = true) AS
SELECT o.seller_id, o.order_id, o.buyer_id, o.purchased_at, k.conversation_id,
    CASE WHEN (SELECT support_case._own_buyer_id()) IS NULL OR o.seller_id = (SELECT support_case._own_seller_id())
        THEN support_case.relay_address(o.seller_id, o.order_id, 'seller') END AS relay_address,
    support_case._chat_closes_at(o) AS writable_until
FROM support_case.sales_order AS o
JOIN support_case.conversation AS k ON k.seller_id = o.seller_id AND k.order_id = o.order_id AND k.kind = 'order';

COMMENT ON VIEW support_case.order_contacts IS 'How a seller reaches the buyers of the orders: ORDER BY purchased_at DESC shows the recent ones (A-02, A-03, V-22, V-23).';
COMMENT ON COLUMN support_case.order_contacts.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.order_contacts.order_id IS 'The order.';
COMMENT ON COLUMN support_case.order_contacts.buyer_id IS 'The buyer.';
COMMENT ON COLUMN support_case.order_contacts.purchased_at IS 'When the buyer bought.';
COMMENT ON COLUMN support_case.order_contacts.conversation_id IS 'The conversation of the order.';
COMMENT ON COLUMN support_case.order_contacts.relay_address IS 'The address that the seller writes to in order to reach the buyer; null where the policy''s contact_mode is direct.';
COMMENT ON COLUMN support_case.order_contacts.writable_until IS 'From when on the conversation can only be read; null while that is open (AMB-100).';
