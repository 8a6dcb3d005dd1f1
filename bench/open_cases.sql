-- Loads orders of one line with one case each, as the commands would have
-- written them.  psql variables: cases, and due, of which the seller's deadline
-- to respond has passed in the last five days.  The rest is due in two years'
-- time.

SET session_replication_role = replica;
SET synchronous_commit = off;

INSERT INTO support_case.seller (seller_id, registered_at)
SELECT s, now() - interval '1 year' FROM generate_series(1, 1000) AS s;

INSERT INTO support_case.ledger_account (seller_id, account, currency)
SELECT s, a, 'USD' FROM generate_series(1, 1000) AS s, support_case._ledger_accounts() AS a;

CREATE TEMPORARY TABLE opened AS
SELECT n AS case_id, n % 1000 + 1 AS seller_id, n % 50000 + 1 AS buyer_id, now() - interval '20 days' AS opened_at,
    CASE WHEN n % (:cases / greatest(:due, 1)) = 0 AND :due > 0 THEN now() - random() * interval '5 days'
        ELSE now() + interval '2 years' + random() * interval '30 days' END AS due_at
FROM generate_series(1, :cases) AS n;

INSERT INTO support_case.sales_order (seller_id, order_id, buyer_id, currency, payout, buyer_shipping,
    processing_fee, commission, tax, return_shipping, purchased_at, registered_at, case_count)
SELECT seller_id, case_id, buyer_id, 'USD', 8880, 500, 320, 800, 0, 650, opened_at - interval '5 days',
    opened_at - interval '5 days', 1
FROM opened;

INSERT INTO support_case.sales_order_line (seller_id, order_id, line_number, quantity, unit_price, payout, shipping,
    fee, commission, tax, refundable)
SELECT seller_id, case_id, 1, 1, 10000, 8880, 500, 320, 800, 0, 10500
FROM opened;

INSERT INTO support_case.support_case (seller_id, case_id, order_id, buyer_id, currency, reason, description,
    policy_version, calendar_code, is_discretionary, is_returnable, routed_because, opened_at, status, status_since,
    deadline, due_at, is_responded, is_conversation_closed, last_message_by, last_event_number, last_effective_at)
SELECT seller_id, case_id, case_id, buyer_id, 'USD', 'damaged_in_transit', 'The box arrived crushed.', 1, 'platform',
    false, true, 'seller', opened_at, 'awaiting_seller', opened_at, 'seller_response', due_at, false, false, 'buyer',
    1, opened_at
FROM opened;

INSERT INTO support_case.case_line (seller_id, case_id, line_number, order_id, quantity)
SELECT seller_id, case_id, 1, case_id, 1 FROM opened;

INSERT INTO support_case.case_event (seller_id, case_id, event_number, transition, action, actor, status, deadline,
    due_at, details, effective_at, recorded_at)
SELECT seller_id, case_id, 1, 'T-01', 'open_case', 'buyer', 'awaiting_seller', 'seller_response', due_at,
    '{"reason": "damaged_in_transit", "routed_because": "seller", "is_discretionary": false}', opened_at, opened_at
FROM opened;

-- The conversation of every order, without messages, and that of every case
-- with the description.
INSERT INTO support_case.conversation (seller_id, conversation_id, kind, order_id, case_id, buyer_id, opened_at,
    message_count, last_message_at, last_message_by, buyer_read_count)
SELECT seller_id, case_id, 'order', case_id, NULL, buyer_id, opened_at - interval '5 days', 0,
    opened_at - interval '5 days', NULL, 0
FROM opened
UNION ALL
SELECT seller_id, :cases + case_id, 'case', case_id, case_id, buyer_id, opened_at, 1, opened_at, 'buyer', 1
FROM opened;

INSERT INTO support_case.message (seller_id, conversation_id, message_number, event_number, author, body, posted_at)
SELECT seller_id, :cases + case_id, 1, 1, 'buyer', 'The box arrived crushed.', opened_at
FROM opened;

-- Their notices have been published and purged.
INSERT INTO support_case.outbox_purge (acknowledged_before) VALUES (now() - interval '10 days');

SELECT setval('support_case.case_id_seq', :cases), setval('support_case.conversation_id_seq', 2 * :cases) \g /dev/null
VACUUM (ANALYZE) support_case.seller, support_case.sales_order, support_case.sales_order_line,
    support_case.support_case, support_case.case_line, support_case.case_event, support_case.conversation,
    support_case.message;
CHECKPOINT;
