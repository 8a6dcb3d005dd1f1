-- What people write to each other: one model for the conversation of an order,
-- of a case, and of each party with the platform.

CREATE SEQUENCE support_case.conversation_id_seq AS bigint;

COMMENT ON SEQUENCE support_case.conversation_id_seq IS 'Numbers the conversations.';

CREATE TABLE support_case.conversation (
    seller_id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    kind text NOT NULL,
    order_id bigint NOT NULL,
    case_id bigint,
    buyer_id bigint NOT NULL,
    opened_at timestamptz NOT NULL,

    message_count integer NOT NULL DEFAULT 0,
    last_message_at timestamptz NOT NULL,
    last_message_by text,
    seller_read_count integer NOT NULL DEFAULT 0,
    buyer_read_count integer NOT NULL DEFAULT 0,
    platform_read_count integer NOT NULL DEFAULT 0,
    is_marked_unread_by_seller boolean NOT NULL DEFAULT false,
    is_marked_unread_by_buyer boolean NOT NULL DEFAULT false,
    is_archived_by_seller boolean NOT NULL DEFAULT false,
    is_archived_by_buyer boolean NOT NULL DEFAULT false,

    PRIMARY KEY (seller_id, conversation_id),
    FOREIGN KEY (seller_id, order_id) REFERENCES support_case.sales_order,
    FOREIGN KEY (seller_id, case_id) REFERENCES support_case.support_case,
    CONSTRAINT conversation_of_case UNIQUE (seller_id, case_id, kind),
    CONSTRAINT conversation_case CHECK ((kind = 'order') = (case_id IS NULL)),
    CONSTRAINT conversation_read_counts
        CHECK (greatest(seller_read_count, buyer_read_count, platform_read_count) <= message_count
            AND least(seller_read_count, buyer_read_count, platform_read_count) >= 0)
) WITH (fillfactor = 90);

CREATE UNIQUE INDEX conversation_of_order ON support_case.conversation (seller_id, order_id) WHERE kind = 'order';
CREATE INDEX conversation_order ON support_case.conversation (seller_id, order_id);

-- Inboxes, latest message first.  For sellers the archive flag leads: a lookup
-- by seller and case must not take such an index for as good as the key of the
-- case.  All that a buyer may see is found by the last one, too.
CREATE INDEX conversation_seller_support ON support_case.conversation
    (is_archived_by_seller, seller_id, last_message_at DESC, conversation_id DESC)
    WHERE case_id IS NOT NULL AND kind <> 'buyer_platform';
CREATE INDEX conversation_seller_all ON support_case.conversation
    (is_archived_by_seller, seller_id, last_message_at DESC, conversation_id DESC) WHERE kind <> 'buyer_platform';
CREATE INDEX conversation_buyer_purchases ON support_case.conversation
    (buyer_id, is_archived_by_buyer, last_message_at DESC, conversation_id DESC)
    WHERE case_id IS NOT NULL AND kind <> 'seller_platform';
CREATE INDEX conversation_buyer_all ON support_case.conversation
    (buyer_id, is_archived_by_buyer, last_message_at DESC, conversation_id DESC) WHERE kind <> 'seller_platform';
CREATE INDEX conversation_unread_by_seller ON support_case.conversation (seller_id)
    WHERE (is_marked_unread_by_seller OR message_count > seller_read_count) AND NOT is_archived_by_seller;
CREATE INDEX conversation_unread_by_buyer ON support_case.conversation (buyer_id)
    WHERE (is_marked_unread_by_buyer OR message_count > buyer_read_count) AND NOT is_archived_by_buyer;
CREATE INDEX conversation_unread_by_platform ON support_case.conversation (last_message_at)
    WHERE message_count > platform_read_count AND kind IN ('seller_platform', 'buyer_platform');
-- What waits on a seller is among his open cases.
CREATE INDEX support_case_open ON support_case.support_case (seller_id, case_id) WHERE status <> 'closed';

COMMENT ON TABLE support_case.conversation IS 'Conversations: of an order from its creation on (V-20), of a case (W-01), and of one party of an escalated case with the platform (AMB-32).';
COMMENT ON COLUMN support_case.conversation.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.conversation.conversation_id IS 'Number of the conversation.';
COMMENT ON COLUMN support_case.conversation.kind IS 'order and case: between buyer and seller; seller_platform and buyer_platform: one party of a case with the platform.';
COMMENT ON COLUMN support_case.conversation.order_id IS 'The order.';
COMMENT ON COLUMN support_case.conversation.case_id IS 'The case; null for the conversation of the order.';
COMMENT ON COLUMN support_case.conversation.buyer_id IS 'The buyer.';
COMMENT ON COLUMN support_case.conversation.opened_at IS 'When it was opened.';
COMMENT ON COLUMN support_case.conversation.message_count IS 'Messages so far; the number of the last one.';
COMMENT ON COLUMN support_case.conversation.last_message_at IS 'When the last message was posted, or the conversation opened.';
COMMENT ON COLUMN support_case.conversation.last_message_by IS 'Who posted the last message: buyer, seller or platform.';
COMMENT ON COLUMN support_case.conversation.seller_read_count IS 'Number of the last message that the seller has read; unread are those after it.';
COMMENT ON COLUMN support_case.conversation.buyer_read_count IS 'Number of the last message that the buyer has read.';
COMMENT ON COLUMN support_case.conversation.platform_read_count IS 'Number of the last message that the platform has read.';
COMMENT ON COLUMN support_case.conversation.is_marked_unread_by_seller IS 'Whether the seller has marked it unread (W-94).';
COMMENT ON COLUMN support_case.conversation.is_marked_unread_by_buyer IS 'Whether the buyer has marked it unread (W-94).';
COMMENT ON COLUMN support_case.conversation.is_archived_by_seller IS 'Whether the seller has archived it; a new message brings it back (W-95).';
COMMENT ON COLUMN support_case.conversation.is_archived_by_buyer IS 'Whether the buyer has archived it; a new message brings it back (W-95).';

CREATE TABLE support_case.message (
    seller_id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    message_number integer NOT NULL,
    event_number integer,
    author text NOT NULL,
    author_id text,
    body text NOT NULL,
    has_contact_data boolean NOT NULL DEFAULT false,
    posted_at timestamptz NOT NULL,
    search_words tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('pg_catalog.simple', body)
        || array_to_tsvector(ARRAY['seller ' || seller_id::text])) STORED,
    PRIMARY KEY (seller_id, conversation_id, message_number),
    FOREIGN KEY (seller_id, conversation_id) REFERENCES support_case.conversation,
    CONSTRAINT message_body_length CHECK (char_length(body) BETWEEN 1 AND 10000)
);

-- The seller is one of the words, so that the index finds a seller's messages
-- with a word and not everybody's.
CREATE INDEX message_search ON support_case.message USING gin (search_words);

COMMENT ON TABLE support_case.message IS 'Messages of the conversations. Append-only.';
COMMENT ON COLUMN support_case.message.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.message.conversation_id IS 'The conversation.';
COMMENT ON COLUMN support_case.message.message_number IS 'Number of the message within the conversation, from 1.';
COMMENT ON COLUMN support_case.message.event_number IS 'The event of the case that it belongs to, if any.';
COMMENT ON COLUMN support_case.message.author IS 'buyer, seller or platform. What happens to a case is an event of the case; conversation_history shows both.';
COMMENT ON COLUMN support_case.message.author_id IS 'Who wrote it, where the caller said so.';
COMMENT ON COLUMN support_case.message.body IS 'The text, at most 10,000 characters; masked where the policy asks for it (AMB-99).';
COMMENT ON COLUMN support_case.message.has_contact_data IS 'Whether an email address, a telephone number or a link was found in it (AMB-99).';
COMMENT ON COLUMN support_case.message.posted_at IS 'When it was posted.';
COMMENT ON COLUMN support_case.message.search_words IS 'The words of the body and the seller, for search_messages().';

CREATE TABLE support_case.attachment (
    seller_id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    message_number integer NOT NULL,
    attachment_number integer NOT NULL,
    uri text NOT NULL,
    media_type text NOT NULL,
    size bigint,
    sha256 text
        CONSTRAINT attachment_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    uploaded_by text NOT NULL,
    uploaded_at timestamptz NOT NULL,
    PRIMARY KEY (seller_id, conversation_id, message_number, attachment_number),
    FOREIGN KEY (seller_id, conversation_id, message_number) REFERENCES support_case.message,
    CONSTRAINT attachment_size_is_not_negative CHECK (size >= 0)
);

COMMENT ON TABLE support_case.attachment IS 'Files that belong to a message: what is known about them, not the files. Append-only.';
COMMENT ON COLUMN support_case.attachment.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.attachment.conversation_id IS 'The conversation.';
COMMENT ON COLUMN support_case.attachment.message_number IS 'The message.';
COMMENT ON COLUMN support_case.attachment.attachment_number IS 'Number of the attachment within the message, from 1.';
COMMENT ON COLUMN support_case.attachment.uri IS 'Where the host keeps the file.';
COMMENT ON COLUMN support_case.attachment.media_type IS 'Media type, such as image/jpeg.';
COMMENT ON COLUMN support_case.attachment.size IS 'Size in bytes, where known.';
COMMENT ON COLUMN support_case.attachment.sha256 IS 'SHA-256 of the content in hexadecimal, where known.';
COMMENT ON COLUMN support_case.attachment.uploaded_by IS 'Who added it.';
COMMENT ON COLUMN support_case.attachment.uploaded_at IS 'When it was added.';

CREATE TABLE support_case.relay_secret (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    secret bytea NOT NULL
        CONSTRAINT relay_secret_length CHECK (octet_length(secret) = 32),
    created_at timestamptz NOT NULL
);

COMMENT ON TABLE support_case.relay_secret IS 'What makes the relay addresses of this installation unguessable (AMB-80). The owner''s alone; whoever replaces it makes every address anew.';
COMMENT ON COLUMN support_case.relay_secret.singleton IS 'There is one.';
COMMENT ON COLUMN support_case.relay_secret.secret IS 'Key of the addresses'' keyed hash.';
COMMENT ON COLUMN support_case.relay_secret.created_at IS 'When it was made.';

INSERT INTO support_case.notice_template (template, recipient, channel, requirements)
VALUES
    ('order_created', 'buyer', 'email', 'V-23'),
    ('order_created', 'seller', 'email', 'A-02'),
    ('order_message_posted', 'seller', 'in_app', 'V-20, V-21'),
    ('order_message_posted', 'buyer', 'in_app', 'V-20, V-21'),
    ('platform_message_posted', 'seller', 'in_app', 'AMB-32'),
    ('platform_message_posted', 'buyer', 'in_app', 'AMB-32'),
    ('platform_message_posted', 'platform', 'in_app', 'AMB-32');

-- The strong random numbers that the server itself has.
INSERT INTO support_case.relay_secret (secret, created_at)
SELECT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), support_case.clock();
