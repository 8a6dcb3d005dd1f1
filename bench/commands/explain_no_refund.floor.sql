-- The rows of explain_no_refund() by hand, in one statement.
\set n :n + 1
\set case_id :base + :client_id * :count + :n
\set seller_id :case_id % 1000 + 1
WITH locked_order AS MATERIALIZED (
    SELECT o.order_id FROM support_case.sales_order AS o
    WHERE o.seller_id = :seller_id AND o.order_id = :case_id
    FOR NO KEY UPDATE
), locked_case AS MATERIALIZED (
    SELECT c.seller_id, c.case_id, c.order_id, c.buyer_id, c.last_event_number + 1 AS event_number, now() AS at,
        now() + interval '30 days' AS due_at
    FROM locked_order AS o
    JOIN support_case.support_case AS c ON c.seller_id = :seller_id AND c.order_id = o.order_id
    FOR NO KEY UPDATE OF c
), event AS (
    INSERT INTO support_case.case_event (seller_id, case_id, event_number, transition, action, actor, status,
        deadline, due_at, details, effective_at, recorded_at)
    SELECT seller_id, case_id, event_number, 'T-07', 'explain_no_refund', 'seller', 'refusal_explained',
        'escalation_window', due_at, '{}', at, at
    FROM locked_case
), published AS (
    INSERT INTO support_case.outbox (seller_id, subject, subject_id, event_number, recipient, recipient_id,
        channel, template, data, occurred_at, available_at)
    SELECT k.seller_id, 'case', k.case_id, k.event_number, n.recipient, n.recipient_id, n.channel,
        n.template, n.data, k.at, k.at
    FROM locked_case AS k
    CROSS JOIN LATERAL (SELECT jsonb_build_object('version', 1, 'order_id', k.order_id, 'reason', 'damaged_in_transit',
        'action', 'explain_no_refund', 'actor', 'seller', 'status', 'refusal_explained',
        'deadline', 'escalation_window', 'due_at', k.due_at) AS notice OFFSET 0) AS d
    CROSS JOIN LATERAL (VALUES
        ('host', 0, 'event', 'explain_no_refund', jsonb_build_object('version', 1, 'actor', 'seller',
            'status', 'refusal_explained', 'resolution', NULL, 'due_at', k.due_at, 'details', '{}'::jsonb)),
        ('seller', k.seller_id, 'in_app', 'status_changed', d.notice),
        ('buyer', k.buyer_id, 'email', 'refusal_explained', d.notice),
        ('buyer', k.buyer_id, 'in_app', 'refusal_explained', d.notice)
    ) AS n (recipient, recipient_id, channel, template, data)
), conversation AS (
    UPDATE support_case.conversation AS n
    SET message_count = n.message_count + 1, last_message_at = k.at, last_message_by = 'seller',
        seller_read_count = n.message_count + 1, is_archived_by_seller = false, is_archived_by_buyer = false
    FROM locked_case AS k
    WHERE n.seller_id = k.seller_id AND n.case_id = k.case_id AND n.kind = 'case'
    RETURNING n.seller_id, n.conversation_id, n.message_count, k.event_number, k.at
), message AS (
    INSERT INTO support_case.message (seller_id, conversation_id, message_number, event_number, author, body, posted_at)
    SELECT seller_id, conversation_id, message_count, event_number, 'seller',
        'The damage is covered by your insurance.', at
    FROM conversation
)
UPDATE support_case.support_case AS c
SET status = 'refusal_explained', status_since = k.at, deadline = 'escalation_window', due_at = k.due_at,
    is_responded = true, last_message_by = 'seller', last_event_number = k.event_number, last_effective_at = k.at
FROM locked_case AS k
WHERE c.seller_id = k.seller_id AND c.case_id = k.case_id
RETURNING c.seller_id, c.case_id, c.order_id, c.buyer_id, c.reason, c.status, c.resolution, c.deadline, c.due_at,
    c.status_since, c.escalation_reason, c.is_discretionary, c.is_returnable, c.currency, c.agreed_amount,
    c.description, c.policy_version, c.opened_at, c.stalled_code;
