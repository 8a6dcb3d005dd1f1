-- Loads orders of one line with one case each, as the commands would have
-- written them.  psql variables: cases; due, of which a deadline has passed in
-- the last five days, in no order of their own: eight of ten wait for the
-- seller's response (T-42), one for the buyer's (T-35), one has been refused
-- (T-34); returns, 1 when they are returns to inspect instead (T-17); escalated,
-- 1 when another fifth waits for the platform's decision.

SET session_replication_role = replica;
SET synchronous_commit = off;

INSERT INTO support_case.seller (seller_id, registered_at)
SELECT s, now() - interval '1 year' FROM generate_series(1, 1000) AS s;

CREATE TEMPORARY TABLE opened AS
SELECT n.case_id, n.case_id % 1000 + 1 AS seller_id, n.case_id % 50000 + 1 AS buyer_id,
    now() - interval '60 days' AS opened_at,
    CASE
        WHEN n.is_escalated THEN 'escalated'
        WHEN n.due_number IS NULL THEN 'awaiting_seller'
        WHEN :returns = 1 THEN 'return_inspection'
        WHEN n.due_number % 10 = 0 THEN 'awaiting_buyer'
        WHEN n.due_number % 10 = 1 THEN 'refusal_explained'
        ELSE 'awaiting_seller'
    END AS status,
    CASE
        WHEN n.is_escalated THEN NULL
        WHEN n.due_number IS NULL THEN 'seller_response'
        WHEN :returns = 1 THEN 'return_inspection'
        WHEN n.due_number % 10 = 0 THEN 'information_request'
        WHEN n.due_number % 10 = 1 THEN 'escalation_window'
        ELSE 'seller_response'
    END AS deadline,
    CASE
        WHEN n.is_escalated THEN NULL
        WHEN n.due_number IS NULL THEN now() + interval '2 years' + random() * interval '30 days'
        ELSE now() - random() * interval '5 days'
    END AS due_at,
    now() - interval '60 days' + CASE WHEN n.is_escalated THEN random() ELSE 0 END * interval '30 days' AS status_since,
    CASE WHEN n.is_escalated THEN 'buyer_escalated' END AS escalation_reason
FROM (
    SELECT k AS case_id, CASE WHEN :due > 0 AND k % (:cases / greatest(:due, 1)) = 0
        THEN k / (:cases / greatest(:due, 1)) END AS due_number, :escalated = 1 AND k % 5 = 1 AS is_escalated
    FROM generate_series(1, :cases) AS k
) AS n;

INSERT INTO support_case.sales_order (seller_id, order_id, buyer_id, currency, payout, buyer_shipping,
    processing_fee, commission, tax, return_shipping, purchased_at, registered_at)
SELECT seller_id, case_id, buyer_id, 'USD', 8880, 500, 320, 800, 0, 650, opened_at - interval '5 days',
    opened_at - interval '5 days'
FROM opened;

INSERT INTO support_case.sales_order_line (seller_id, order_id, line_number, quantity, unit_price, payout, shipping,
    fee, commission, tax, refundable)
SELECT seller_id, case_id, 1, 1, 10000, 8880, 500, 320, 800, 0, 10500
FROM opened;

INSERT INTO support_case.support_case (seller_id, case_id, order_id, buyer_id, currency, reason, description,
    policy_version, calendar_code, is_discretionary, is_returnable, routed_because, opened_at, status, status_since,
    deadline, due_at, escalation_reason, is_responded, is_conversation_closed, last_message_by, last_event_number,
    last_effective_at)
SELECT seller_id, case_id, case_id, buyer_id, 'USD', 'damaged_in_transit', 'The box arrived crushed.', 1, 'platform',
    false, true, 'seller', opened_at, status, status_since, deadline, due_at, escalation_reason,
    status <> 'awaiting_seller', false, CASE status WHEN 'awaiting_seller' THEN 'buyer' ELSE 'seller' END, 1,
    status_since
FROM opened;

INSERT INTO support_case.case_line (seller_id, case_id, line_number, order_id, quantity)
SELECT seller_id, case_id, 1, case_id, 1 FROM opened;

INSERT INTO support_case.case_event (seller_id, case_id, event_number, transition, action, actor, status, deadline,
    due_at, details, effective_at, recorded_at)
SELECT seller_id, case_id, 1, 'T-01', 'open_case', 'buyer', status, deadline, due_at,
    '{"reason": "damaged_in_transit", "routed_because": "seller", "is_discretionary": false}', opened_at, opened_at
FROM opened;

INSERT INTO support_case.parcel (seller_id, case_id, parcel_number, direction, destination, carrier, tracking_number,
    label_cost, handed_over_at, delivered_at, created_at)
SELECT seller_id, case_id, 1, 'return', 'seller', 'UPS', case_id::text, 650, opened_at + interval '10 days',
    opened_at + interval '14 days', opened_at
FROM opened
WHERE status = 'return_inspection';

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

SELECT setval('support_case.case_id_seq', :cases), setval('support_case.conversation_id_seq', 2 * :cases) \g /dev/null
VACUUM (ANALYZE);
CHECKPOINT;
