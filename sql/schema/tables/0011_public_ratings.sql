-- What buyers say publicly about an order.

CREATE SEQUENCE support_case.rating_id_seq AS bigint;

COMMENT ON SEQUENCE support_case.rating_id_seq IS 'Numbers the public ratings.';

CREATE TABLE support_case.public_rating (
    seller_id bigint NOT NULL,
    rating_id bigint NOT NULL,
    order_id bigint NOT NULL,
    buyer_id bigint NOT NULL,
    mark integer NOT NULL
        CONSTRAINT public_rating_mark CHECK (mark BETWEEN 1 AND 5),
    comment text,
    rated_at timestamptz NOT NULL,
    status text NOT NULL,
    status_since timestamptz NOT NULL,
    PRIMARY KEY (seller_id, rating_id),
    CONSTRAINT public_rating_one_per_order UNIQUE (seller_id, order_id),
    FOREIGN KEY (seller_id, order_id) REFERENCES support_case.sales_order
);

CREATE INDEX public_rating_seller ON support_case.public_rating (seller_id, rated_at, mark) WHERE status <> 'removed';
CREATE INDEX public_rating_disputed ON support_case.public_rating (status_since) WHERE status = 'disputed';

COMMENT ON TABLE support_case.public_rating IS 'Marks and comments of buyers about orders (A-11). A removed one stays, with the record of its dispute (AMB-79).';
COMMENT ON COLUMN support_case.public_rating.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.public_rating.rating_id IS 'Number of the rating.';
COMMENT ON COLUMN support_case.public_rating.order_id IS 'The order; it can be rated once (AMB-78).';
COMMENT ON COLUMN support_case.public_rating.buyer_id IS 'The buyer.';
COMMENT ON COLUMN support_case.public_rating.mark IS 'From 1 (worst) to 5 (best) (AMB-78).';
COMMENT ON COLUMN support_case.public_rating.comment IS 'The buyer''s words; null: none.';
COMMENT ON COLUMN support_case.public_rating.rated_at IS 'When the buyer rated.';
COMMENT ON COLUMN support_case.public_rating.status IS 'published, disputed, upheld or removed: a code of state_machine().';
COMMENT ON COLUMN support_case.public_rating.status_since IS 'When the status was reached.';

INSERT INTO support_case.notice_template (template, recipient, channel, requirements)
VALUES
    ('rating_published', 'seller', 'in_app', 'A-11'),
    ('rating_disputed', 'platform', 'in_app', 'A-14'),
    ('rating_upheld', 'seller', 'in_app', 'A-14, AMB-79'),
    ('rating_upheld', 'buyer', 'in_app', 'A-14, AMB-79'),
    ('rating_removed', 'seller', 'in_app', 'A-14, AMB-79'),
    ('rating_removed', 'buyer', 'email', 'A-14, AMB-79'),
    ('rating_removed', 'buyer', 'in_app', 'A-14, AMB-79');
