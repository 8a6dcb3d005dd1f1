-- The rows of explain_no_refund() as a client writes them: a round trip per
-- statement.
\set n :n + 1
\set case_id :base + :client_id * :count + :n
\set seller_id :case_id % 1000 + 1
BEGIN;
SELECT order_id FROM support_case.sales_order WHERE seller_id = :seller_id AND order_id = :case_id FOR NO KEY UPDATE;
SELECT status, deadline, due_at, last_event_number FROM support_case.support_case
WHERE seller_id = :seller_id AND case_id = :case_id FOR NO KEY UPDATE;
UPDATE support_case.support_case
SET status = 'refusal_explained', status_since = now(), deadline = 'escalation_window',
    due_at = now() + interval '30 days', is_responded = true, last_message_by = 'seller', last_event_number = 2,
    last_effective_at = now()
WHERE seller_id = :seller_id AND case_id = :case_id
RETURNING seller_id, case_id, order_id, buyer_id, reason, status, resolution, deadline, due_at, status_since,
    escalation_reason, is_discretionary, is_returnable, currency, agreed_amount, description, policy_version,
    opened_at, stalled_code;
INSERT INTO support_case.case_event (seller_id, case_id, event_number, transition, action, actor, status, deadline,
    due_at, details, effective_at, recorded_at)
VALUES (:seller_id, :case_id, 2, 'T-07', 'explain_no_refund', 'seller', 'refusal_explained', 'escalation_window',
    now() + interval '30 days', '{}', now(), now());
INSERT INTO support_case.outbox (seller_id, subject, subject_id, event_number, recipient, recipient_id,
    channel, template, data, occurred_at, available_at)
SELECT o.seller_id, 'case', o.order_id, 2, n.recipient, n.recipient_id, n.channel,
    n.template, n.data, now(), now()
FROM support_case.sales_order AS o
CROSS JOIN LATERAL (SELECT jsonb_build_object('version', 1, 'order_id', o.order_id, 'reason', 'damaged_in_transit',
    'action', 'explain_no_refund', 'actor', 'seller', 'status', 'refusal_explained',
    'deadline', 'escalation_window', 'due_at', now() + interval '30 days') AS notice OFFSET 0) AS d
CROSS JOIN LATERAL (VALUES
    ('host', 0, 'event', 'explain_no_refund', jsonb_build_object('version', 1, 'actor', 'seller',
        'status', 'refusal_explained', 'resolution', NULL, 'due_at', now() + interval '30 days', 'details', '{}'::jsonb)),
    ('seller', o.seller_id, 'in_app', 'status_changed', d.notice),
    ('buyer', o.buyer_id, 'email', 'refusal_explained', d.notice),
    ('buyer', o.buyer_id, 'in_app', 'refusal_explained', d.notice)
) AS n (recipient, recipient_id, channel, template, data)
WHERE o.seller_id = :seller_id AND o.order_id = :case_id;
UPDATE support_case.conversation
SET message_count = message_count + 1, last_message_at = now(), last_message_by = 'seller',
    seller_read_count = message_count + 1, is_archived_by_seller = false, is_archived_by_buyer = false
WHERE seller_id = :seller_id AND case_id = :case_id AND kind = 'case'
RETURNING conversation_id, message_count \gset
INSERT INTO support_case.message (seller_id, conversation_id, message_number, event_number, author, body, posted_at)
VALUES (:seller_id, :conversation_id, :message_count, 2, 'seller', 'The damage is covered by your insurance.', now());
COMMIT;
