-- Before the purchase: listings with their public questions, members who like
-- them, and offers to buy or sell at another price.

CREATE TABLE support_case.member (
    member_id bigint PRIMARY KEY,
    user_name text NOT NULL UNIQUE
        CONSTRAINT member_user_name CHECK (user_name ~ '^[a-z0-9_.]{0,62}[a-z0-9_]$'),
    registered_at timestamptz NOT NULL,
    CONSTRAINT member_id_is_positive CHECK (member_id > 0)
);

COMMENT ON TABLE support_case.member IS 'Members of the marketplace by the names under which they can be mentioned (V-05). A member who buys is the buyer of the same number.';
COMMENT ON COLUMN support_case.member.member_id IS 'The host''s id of the member.';
COMMENT ON COLUMN support_case.member.user_name IS 'The name that @ mentions, in lower case.';
COMMENT ON COLUMN support_case.member.registered_at IS 'When the member was registered, or last renamed.';

CREATE TABLE support_case.listing (
    seller_id bigint NOT NULL REFERENCES support_case.seller,
    listing_id bigint NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    photos jsonb NOT NULL DEFAULT '[]',
    currency text NOT NULL,
    price bigint NOT NULL,
    accepts_offers boolean NOT NULL,
    comment_count integer NOT NULL DEFAULT 0,
    is_sold boolean NOT NULL DEFAULT false,
    listed_at timestamptz NOT NULL,
    edited_at timestamptz NOT NULL,
    PRIMARY KEY (seller_id, listing_id),
    CONSTRAINT listing_id_is_positive CHECK (listing_id > 0),
    CONSTRAINT listing_price_is_positive CHECK (price > 0)
);

COMMENT ON TABLE support_case.listing IS 'Items for sale. The row is the lock that serialises the offers and the sale of an item.';
COMMENT ON COLUMN support_case.listing.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.listing.listing_id IS 'The host''s id.';
COMMENT ON COLUMN support_case.listing.title IS 'Title, at most 255 characters.';
COMMENT ON COLUMN support_case.listing.description IS 'Description, at most 10,000 characters.';
COMMENT ON COLUMN support_case.listing.photos IS 'Metadata of the photos: a list of objects with a uri.';
COMMENT ON COLUMN support_case.listing.currency IS 'ISO 4217 code of every price of the listing.';
COMMENT ON COLUMN support_case.listing.price IS 'Item price without shipping, protection fee and taxes (V-19), minor units.';
COMMENT ON COLUMN support_case.listing.accepts_offers IS 'Whether buyers may make offers (V-09, AMB-102).';
COMMENT ON COLUMN support_case.listing.comment_count IS 'Comments so far; the number of the last one.';
COMMENT ON COLUMN support_case.listing.is_sold IS 'Whether the item was sold.';
COMMENT ON COLUMN support_case.listing.listed_at IS 'When it was listed.';
COMMENT ON COLUMN support_case.listing.edited_at IS 'When the seller last edited it (V-04).';

CREATE TABLE support_case.listing_favourite (
    seller_id bigint NOT NULL,
    listing_id bigint NOT NULL,
    member_id bigint NOT NULL,
    favourited_at timestamptz NOT NULL,
    PRIMARY KEY (seller_id, listing_id, member_id),
    FOREIGN KEY (seller_id, listing_id) REFERENCES support_case.listing
);

CREATE INDEX listing_favourite_recent ON support_case.listing_favourite (seller_id, listing_id, favourited_at DESC, member_id);

COMMENT ON TABLE support_case.listing_favourite IS 'Members who favourited an item (V-11, V-13).';
COMMENT ON COLUMN support_case.listing_favourite.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.listing_favourite.listing_id IS 'The listing.';
COMMENT ON COLUMN support_case.listing_favourite.member_id IS 'The member.';
COMMENT ON COLUMN support_case.listing_favourite.favourited_at IS 'When the member favourited it, the last time.';

CREATE TABLE support_case.listing_comment (
    seller_id bigint NOT NULL,
    listing_id bigint NOT NULL,
    comment_number integer NOT NULL,
    answers_comment_number integer,
    author text NOT NULL
        CONSTRAINT listing_comment_author CHECK (author IN ('member', 'seller')),
    member_id bigint,
    body text NOT NULL,
    has_contact_data boolean NOT NULL,
    posted_at timestamptz NOT NULL,
    PRIMARY KEY (seller_id, listing_id, comment_number),
    FOREIGN KEY (seller_id, listing_id) REFERENCES support_case.listing,
    FOREIGN KEY (seller_id, listing_id, answers_comment_number) REFERENCES support_case.listing_comment,
    CONSTRAINT listing_comment_member CHECK ((author = 'member') = (member_id IS NOT NULL)),
    CONSTRAINT listing_comment_body_length CHECK (char_length(body) BETWEEN 1 AND 2000)
);

COMMENT ON TABLE support_case.listing_comment IS 'Public questions and answers under a listing (V-02). Append-only.';
COMMENT ON COLUMN support_case.listing_comment.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.listing_comment.listing_id IS 'The listing.';
COMMENT ON COLUMN support_case.listing_comment.comment_number IS 'Number of the comment within the listing, from 1.';
COMMENT ON COLUMN support_case.listing_comment.answers_comment_number IS 'The comment that it answers; null: none.';
COMMENT ON COLUMN support_case.listing_comment.author IS 'member or seller.';
COMMENT ON COLUMN support_case.listing_comment.member_id IS 'Which member; null for the seller.';
COMMENT ON COLUMN support_case.listing_comment.body IS 'The text, at most 2,000 characters; contact data masked where the policy asks for it (AMB-99).';
COMMENT ON COLUMN support_case.listing_comment.has_contact_data IS 'Whether contact data was found in it (V-06).';
COMMENT ON COLUMN support_case.listing_comment.posted_at IS 'When it was posted.';

CREATE SEQUENCE support_case.offer_id_seq AS bigint;

COMMENT ON SEQUENCE support_case.offer_id_seq IS 'Numbers the price offers.';

CREATE TABLE support_case.price_offer (
    seller_id bigint NOT NULL,
    offer_id bigint NOT NULL,
    listing_id bigint NOT NULL,
    buyer_id bigint NOT NULL,
    offered_by text NOT NULL
        CONSTRAINT price_offer_offered_by CHECK (offered_by IN ('buyer', 'seller')),
    counters_offer_id bigint,
    currency text NOT NULL,
    price bigint NOT NULL,
    list_price bigint NOT NULL,
    offered_at timestamptz NOT NULL,
    status text NOT NULL,
    status_since timestamptz NOT NULL,
    due_at timestamptz,
    retry_at timestamptz,
    PRIMARY KEY (seller_id, offer_id),
    FOREIGN KEY (seller_id, listing_id) REFERENCES support_case.listing,
    FOREIGN KEY (seller_id, counters_offer_id) REFERENCES support_case.price_offer,
    CONSTRAINT price_offer_amounts_are_positive CHECK (price > 0 AND buyer_id > 0)
);

CREATE INDEX price_offer_listing ON support_case.price_offer (seller_id, listing_id, buyer_id);
CREATE UNIQUE INDEX price_offer_one_pending ON support_case.price_offer (seller_id, listing_id, buyer_id)
    WHERE status IN ('awaiting_seller', 'awaiting_buyer');
CREATE INDEX price_offer_buyer ON support_case.price_offer (buyer_id, offered_at);
CREATE INDEX price_offer_countered ON support_case.price_offer (seller_id, counters_offer_id);
CREATE INDEX price_offer_due ON support_case.price_offer (coalesce(retry_at, due_at)) WHERE due_at IS NOT NULL;

COMMENT ON TABLE support_case.price_offer IS 'Offers to buy or sell an item at a price, as written. An offer whose time is over has expired all the same: read the view price_offers.';
COMMENT ON COLUMN support_case.price_offer.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.price_offer.offer_id IS 'Number of the offer.';
COMMENT ON COLUMN support_case.price_offer.listing_id IS 'The listing.';
COMMENT ON COLUMN support_case.price_offer.buyer_id IS 'Who would buy.';
COMMENT ON COLUMN support_case.price_offer.offered_by IS 'buyer or seller.';
COMMENT ON COLUMN support_case.price_offer.counters_offer_id IS 'The offer that it counters; null: none.';
COMMENT ON COLUMN support_case.price_offer.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN support_case.price_offer.price IS 'Offered item price, minor units.';
COMMENT ON COLUMN support_case.price_offer.list_price IS 'Item price of the listing at that time, minor units (AMB-95).';
COMMENT ON COLUMN support_case.price_offer.offered_at IS 'When it was made.';
COMMENT ON COLUMN support_case.price_offer.status IS 'Status, a code of state_machine().';
COMMENT ON COLUMN support_case.price_offer.status_since IS 'When the status was reached.';
COMMENT ON COLUMN support_case.price_offer.due_at IS 'Until when it can be answered, or an accepted one be paid: at this instant it is too late.';
COMMENT ON COLUMN support_case.price_offer.retry_at IS 'When a sweep is to look at it again, because it could not write its end; null: at due_at.';

INSERT INTO support_case.notice_template (template, recipient, channel, requirements)
VALUES
    ('mentioned', 'member', 'in_app', 'V-05'),
    ('question_asked', 'seller', 'in_app', 'A-04, V-02'),
    ('question_asked', 'seller', 'email', 'A-04'),
    ('question_answered', 'member', 'in_app', 'V-02'),
    ('price_offered', 'seller', 'in_app', 'V-08'),
    ('price_offered', 'seller', 'email', 'V-08'),
    ('price_offered', 'buyer', 'in_app', 'V-15, V-16'),
    ('price_offered', 'buyer', 'email', 'V-15, V-16'),
    ('price_countered', 'seller', 'in_app', 'V-10, V-16'),
    ('price_countered', 'buyer', 'in_app', 'V-10, V-16'),
    ('price_offer_accepted', 'seller', 'in_app', 'V-10'),
    ('price_offer_accepted', 'buyer', 'in_app', 'V-10, AMB-98'),
    ('price_offer_accepted', 'buyer', 'email', 'V-10, AMB-98'),
    ('price_offer_declined', 'seller', 'in_app', 'AMB-91'),
    ('price_offer_declined', 'buyer', 'in_app', 'V-10'),
    ('price_offer_expired', 'seller', 'in_app', 'V-17'),
    ('price_offer_expired', 'buyer', 'in_app', 'V-17'),
    ('price_offer_superseded', 'buyer', 'in_app', 'AMB-95'),
    ('price_offer_item_sold', 'buyer', 'in_app', 'AMB-97');
