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

INSERT INTO support_case.ledger_account (seller_id, account, currency)
SELECT s, a, 'USD' FROM generate_series(1, 1000) AS s, support_case._ledger_accounts() AS a;

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
    now() - interval '60 days' + CASE WHEN n.is_escalated THEN random() * interval '30 days'
        WHEN n.due_number IS NOT NULL AND :returns = 1 THEN interval '14 days' ELSE interval '0' END AS status_since,
    CASE WHEN n.is_escalated THEN 'buyer_escalated' END AS escalation_reason
FROM (
    SELECT k AS case_id, CASE WHEN :due > 0 AND k % (:cases / greatest(:due, 1)) = 0
        THEN k / (:cases / greatest(:due, 1)) END AS due_number, :escalated = 1 AND k % 5 = 1 AS is_escalated
    FROM generate_series(1, :cases) AS k
) AS n;

-- How a case came to its status.
CREATE TEMPORARY TABLE taken AS
SELECT * FROM (VALUES
    ('awaiting_seller', 1, 'T-01', 'open_case', 'buyer', 'awaiting_seller', 'seller_response', '{}'::jsonb),
    ('awaiting_buyer', 1, 'T-01', 'open_case', 'buyer', 'awaiting_seller', 'seller_response', '{}'),
    ('awaiting_buyer', 2, 'T-08', 'request_information', 'seller', 'awaiting_buyer', 'information_request', '{}'),
    ('refusal_explained', 1, 'T-01', 'open_case', 'buyer', 'awaiting_seller', 'seller_response', '{}'),
    ('refusal_explained', 2, 'T-07', 'explain_no_refund', 'seller', 'refusal_explained', 'escalation_window', '{}'),
    ('escalated', 1, 'T-01', 'open_case', 'buyer', 'awaiting_seller', 'seller_response', '{}'),
    ('escalated', 2, 'T-07', 'explain_no_refund', 'seller', 'refusal_explained', 'escalation_window', '{}'),
    ('escalated', 3, 'T-23', 'escalate', 'buyer', 'escalated', NULL, '{}'),
    ('return_inspection', 1, 'T-01', 'open_case', 'buyer', 'awaiting_seller', 'seller_response', '{}'),
    ('return_inspection', 2, 'T-04', 'offer_full_refund', 'seller', 'return_pending', 'return_drop_off',
        '{"return_required": true}'),
    ('return_inspection', 3, 'T-13', 'record_return_dropped_off', 'carrier', 'return_in_transit', 'return_transit', '{}'),
    ('return_inspection', 4, 'T-15', 'record_return_delivered', 'carrier', 'return_inspection', 'return_inspection', '{}'))
    AS v (case_status, event_number, transition, action, actor, status, deadline, details);

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
    deadline, due_at, escalation_reason, escalated_after, is_responded, is_conversation_closed, last_message_by,
    last_event_number, last_effective_at)
SELECT seller_id, case_id, case_id, buyer_id, 'USD', 'damaged_in_transit', 'The box arrived crushed.', 1, 'platform',
    false, true, 'seller', opened_at, status, status_since, deadline, due_at, escalation_reason,
    CASE status WHEN 'escalated' THEN 'decision' END, status <> 'awaiting_seller', status = 'escalated',
    CASE WHEN status IN ('awaiting_seller', 'escalated') THEN 'buyer' ELSE 'seller' END,
    (SELECT count(*) FROM taken AS t WHERE t.case_status = opened.status), status_since
FROM opened;

INSERT INTO support_case.case_line (seller_id, case_id, line_number, order_id, quantity)
SELECT seller_id, case_id, 1, case_id, 1 FROM opened;

INSERT INTO support_case.case_event (seller_id, case_id, event_number, transition, action, actor, status, deadline,
    due_at, details, effective_at, recorded_at)
SELECT o.seller_id, o.case_id, t.event_number, t.transition, t.action, t.actor, t.status, t.deadline,
    CASE WHEN t.status = o.status THEN o.due_at ELSE o.opened_at + interval '30 days' END,
    CASE t.action WHEN 'open_case'
        THEN '{"reason": "damaged_in_transit", "routed_because": "seller", "is_discretionary": false}'
        ELSE t.details END,
    e.at, e.at
FROM opened AS o
JOIN taken AS t ON t.case_status = o.status
CROSS JOIN LATERAL (SELECT CASE WHEN t.action = 'record_return_dropped_off' THEN o.opened_at + interval '10 days'
    WHEN t.status = o.status THEN o.status_since ELSE o.opened_at END AS at) AS e;

INSERT INTO support_case.parcel (seller_id, case_id, parcel_number, direction, destination, carrier, tracking_number,
    label_cost, handed_over_at, delivered_at, created_at)
SELECT seller_id, case_id, 1, 'return', 'seller', 'UPS', case_id::text, 650, opened_at + interval '10 days',
    opened_at + interval '14 days', opened_at
FROM opened
WHERE status = 'return_inspection';

INSERT INTO support_case.parcel_scan (seller_id, case_id, parcel_number, scan_number, kind, reported_by, scanned_at,
    recorded_at)
SELECT o.seller_id, o.case_id, 1, k.scan_number, k.kind, 'carrier', o.opened_at + k.age, o.opened_at + k.age
FROM opened AS o, (VALUES (1, 'accepted', interval '10 days'), (2, 'delivered', interval '14 days'))
    AS k (scan_number, kind, age)
WHERE o.status = 'return_inspection';

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
VACUUM (ANALYZE);
CHECKPOINT;
