-- Loads conversations with a message each, three of four about a case.  Seller
-- 1, who is buyer 7, has every tenth of them.  One case of ten is open, and of
-- every fifth of those the seller's deadline has passed unswept.
-- psql variable: conversations.

SET session_replication_role = replica;
SET synchronous_commit = off;

INSERT INTO support_case.seller (seller_id, buyer_id, registered_at)
SELECT s, CASE s WHEN 1 THEN 7 END, now() - interval '1 year' FROM generate_series(1, 1000) AS s;

CREATE TEMPORARY TABLE posted AS
SELECT n, CASE n % 10 WHEN 0 THEN 1 ELSE n % 1000 + 1 END AS seller_id, n % 50000 + 1 AS buyer_id,
    (n / 10) % 4 <> 0 AS is_case, (n / 10) % 100 BETWEEN 10 AND 19 AS is_open, (n / 10) % 500 BETWEEN 10 AND 19 AS is_due,
    now() - interval '10 days' - random() * interval '300 days' AS last_message_at
FROM generate_series(1, :conversations) AS n;

INSERT INTO support_case.support_case (seller_id, case_id, order_id, buyer_id, currency, reason, description,
    policy_version, calendar_code, is_discretionary, is_returnable, routed_because, opened_at, status, resolution,
    status_since, deadline, due_at, is_responded, is_conversation_closed, last_message_by, last_event_number,
    last_effective_at)
SELECT seller_id, n, n, buyer_id, 'USD', 'damaged_in_transit', 'The box arrived crushed.', 1, 'platform', false, true,
    'seller', last_message_at, CASE WHEN is_open THEN 'awaiting_seller' ELSE 'closed' END,
    CASE WHEN NOT is_open THEN 'withdrawn' END, last_message_at, CASE WHEN is_open THEN 'seller_response' END,
    CASE WHEN is_open AND is_due THEN now() - random() * interval '5 days'
        WHEN is_open THEN now() + interval '2 years' END,
    false, false, 'buyer', 1, last_message_at
FROM posted
WHERE is_case;

INSERT INTO support_case.conversation (seller_id, conversation_id, kind, order_id, case_id, buyer_id, opened_at,
    message_count, last_message_at, last_message_by, seller_read_count, buyer_read_count)
SELECT seller_id, n, CASE WHEN is_case THEN 'case' ELSE 'order' END, n, CASE WHEN is_case THEN n END, buyer_id,
    last_message_at, 1, last_message_at, 'buyer', CASE WHEN n / 10 % 100 < 5 THEN 0 ELSE 1 END, 1
FROM posted;

INSERT INTO support_case.message (seller_id, conversation_id, message_number, author, body, posted_at)
SELECT seller_id, n, 1, 'buyer', 'The box arrived crushed, and the cup in it is broken.', last_message_at FROM posted;

VACUUM (ANALYZE);
CHECKPOINT;
