-- Reads a folder in the layout of the Olist data set and derives what
-- support_case wants to know: one order per seller, numbers for hashed ids,
-- money, and which buyers complain when.  psql variable folder names it.
\set ON_ERROR_STOP on
\set QUIET on
\pset footer off
SET client_min_messages = warning;
SET TimeZone = 'America/Sao_Paulo';
SET DateStyle = 'ISO, YMD';

CREATE SCHEMA demo;

-- The columns have the order and the names of the files' headers; times are
-- local wall-clock times.
CREATE TABLE demo.order_file (order_id text, customer_id text, order_status text, order_purchase_timestamp timestamp,
    order_approved_at timestamp, order_delivered_carrier_date timestamp, order_delivered_customer_date timestamp,
    order_estimated_delivery_date timestamp);
CREATE TABLE demo.item_file (order_id text, order_item_id integer, product_id text, seller_id text,
    shipping_limit_date timestamp, price numeric, freight_value numeric);
CREATE TABLE demo.review_file (review_id text, order_id text, review_score integer, review_comment_title text,
    review_comment_message text, review_creation_date timestamp, review_answer_timestamp timestamp);
CREATE TABLE demo.seller_file (seller_id text, seller_zip_code_prefix text, seller_city text, seller_state text);

\set path :folder '/olist_orders_dataset.csv'
COPY demo.order_file FROM :'path' (FORMAT csv, HEADER match, ENCODING 'UTF8');
\set path :folder '/olist_order_items_dataset.csv'
COPY demo.item_file FROM :'path' (FORMAT csv, HEADER match, ENCODING 'UTF8');
\set path :folder '/olist_order_reviews_dataset.csv'
COPY demo.review_file FROM :'path' (FORMAT csv, HEADER match, ENCODING 'UTF8');
\set path :folder '/olist_sellers_dataset.csv'
COPY demo.seller_file FROM :'path' (FORMAT csv, HEADER match, ENCODING 'UTF8');

-- Hashed ids become numbers.
CREATE TABLE demo.seller_number AS
SELECT seller_id AS seller_hash, row_number() OVER (ORDER BY seller_id) AS seller_id
FROM (SELECT DISTINCT seller_id FROM demo.seller_file) AS s;
CREATE TABLE demo.order_number AS
SELECT order_id AS order_hash, row_number() OVER (ORDER BY order_purchase_timestamp, order_id) AS order_id
FROM demo.order_file;
CREATE TABLE demo.buyer_number AS
SELECT customer_id AS customer_hash, row_number() OVER (ORDER BY customer_id) AS buyer_id
FROM (SELECT DISTINCT customer_id FROM demo.order_file) AS c;

-- The same throw for the same key and purpose, in every run and on every
-- machine: from 0 up to, not including, 1.
CREATE FUNCTION demo.dice(key text, purpose text) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT
AS $$ SELECT ('x' || left(md5('seed 42/' || key || '/' || purpose), 8))::bit(32)::bigint / 4294967296.0 $$;

-- An order of several sellers is one order for each of them.  The buyer pays
-- price and freight; the seller gets the price less 10 % commission and a
-- processing fee of 2.5 % of the payment; a return costs what the freight did.
CREATE TABLE demo.sale AS
SELECT s.seller_id, n.order_id, b.buyer_id, n.order_hash || '/' || s.seller_id AS key,
    m.price, m.freight, m.commission, m.fee, m.price - m.commission - m.fee AS payout, i.lines,
    f.order_purchase_timestamp AT TIME ZONE 'America/Sao_Paulo' AS purchased_at,
    f.order_delivered_customer_date AT TIME ZONE 'America/Sao_Paulo' AS delivered_at,
    f.order_delivered_customer_date > f.order_estimated_delivery_date IS TRUE AS is_late
FROM demo.order_file AS f
JOIN demo.order_number AS n ON n.order_hash = f.order_id
JOIN demo.buyer_number AS b ON b.customer_hash = f.customer_id
JOIN (
    SELECT order_id, seller_id, sum(price) AS price, sum(freight_value) AS freight,
        jsonb_agg(jsonb_build_object('line_number', order_item_id, 'unit_price', price)
            ORDER BY order_item_id) AS lines
    FROM demo.item_file
    GROUP BY order_id, seller_id
) AS i ON i.order_id = f.order_id
JOIN demo.seller_number AS s ON s.seller_hash = i.seller_id
CROSS JOIN LATERAL (SELECT round(i.price * 0.10, 2) AS commission) AS c
CROSS JOIN LATERAL (SELECT i.price, i.freight, c.commission,
    least(round((i.price + i.freight) * 0.025, 2), i.price - c.commission) AS fee) AS m;
ALTER TABLE demo.sale ADD PRIMARY KEY (seller_id, order_id);

-- One complaint per order and seller: a late delivery, two hours after the
-- parcel came, or a review of one or two stars when the buyer wrote it,
-- whichever came first; in the buyer's words, where there are any.
CREATE TABLE demo.complaint AS
SELECT DISTINCT ON (s.seller_id, s.order_id) s.seller_id, s.order_id, c.cause,
    greatest(c.at, s.purchased_at + interval '1 day') AS opens_at,
    CASE
        WHEN c.cause = 'late delivery' THEN 'late_delivery'
        WHEN s.delivered_at IS NULL OR s.delivered_at > c.at THEN 'late_not_shipped'
        ELSE (ARRAY['not_as_described', 'not_as_described', 'defective', 'wrong_item', 'missing_item',
            'damaged_in_transit'])[1 + floor(6 * demo.dice(s.key, 'reason'))]
    END AS reason,
    coalesce(c.words, CASE c.cause WHEN 'late delivery' THEN 'It came after the promised date.'
        ELSE c.review_score || ' of 5 stars.' END) AS description
FROM demo.sale AS s
JOIN demo.order_number AS n USING (order_id)
CROSS JOIN LATERAL (
    SELECT 'late delivery' AS cause, s.delivered_at + interval '2 hours' AS at, NULL AS words, NULL AS review_score
    WHERE s.is_late
    UNION ALL
    SELECT 'bad review', r.review_answer_timestamp AT TIME ZONE 'America/Sao_Paulo',
        NULLIF(btrim(concat_ws(': ', r.review_comment_title, r.review_comment_message), E' \t\r\n'), ''), r.review_score
    FROM demo.review_file AS r
    WHERE r.order_id = n.order_hash AND r.review_score <= 2
) AS c
ORDER BY s.seller_id, s.order_id, c.at, c.cause;
ALTER TABLE demo.complaint ADD PRIMARY KEY (seller_id, order_id);

-- One public rating per order and seller: the first review, when the buyer
-- wrote it, cut to the length of a comment.
CREATE TABLE demo.review AS
SELECT DISTINCT ON (s.seller_id, s.order_id) s.seller_id, s.order_id, r.review_score AS mark,
    NULLIF(btrim(left(concat_ws(': ', r.review_comment_title, r.review_comment_message), 400), E' \t\r\n'), '') AS comment,
    greatest(r.review_answer_timestamp AT TIME ZONE 'America/Sao_Paulo', s.purchased_at + interval '1 minute') AS rated_at
FROM demo.sale AS s
JOIN demo.order_number AS n USING (order_id)
JOIN demo.review_file AS r ON r.order_id = n.order_hash
ORDER BY s.seller_id, s.order_id, r.review_answer_timestamp, r.review_id;
ALTER TABLE demo.review ADD PRIMARY KEY (seller_id, order_id);

-- What happens when: the player of play.sql takes it from here.
CREATE TABLE demo.agenda (at timestamptz NOT NULL, kind text NOT NULL, seller_id bigint NOT NULL,
    order_id bigint NOT NULL, case_id bigint, turn integer NOT NULL DEFAULT 1);
CREATE INDEX ON demo.agenda (at);
INSERT INTO demo.agenda (at, kind, seller_id, order_id)
SELECT purchased_at, 'register', seller_id, order_id FROM demo.sale
UNION ALL
SELECT delivered_at, 'deliver', seller_id, order_id FROM demo.sale WHERE delivered_at IS NOT NULL
UNION ALL
SELECT opens_at, 'open', seller_id, order_id FROM demo.complaint
UNION ALL
SELECT rated_at, 'rate', seller_id, order_id FROM demo.review;
ANALYZE;

\echo
\echo 'Orders in the folder:'
\echo
SELECT CASE WHEN i.order_id IS NULL THEN 'skipped: no line, status ' || f.order_status ELSE 'registered' END AS fate,
    count(*) AS orders
FROM demo.order_file AS f
LEFT JOIN (SELECT DISTINCT order_id FROM demo.item_file) AS i USING (order_id)
GROUP BY fate ORDER BY fate;
SELECT count(*) AS registrations, sum(jsonb_array_length(lines)) AS lines, count(DISTINCT seller_id) AS sellers,
    sum(price + freight) AS buyers_paid, count(*) - count(DISTINCT order_id) AS further_sellers_of_an_order
FROM demo.sale;
