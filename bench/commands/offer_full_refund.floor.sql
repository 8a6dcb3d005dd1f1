-- The rows of offer_full_refund() by hand, in one statement.
\set n :n + 1
\set case_id :base + :client_id * :count + :n
\set seller_id :case_id % 1000 + 1
WITH locked_order AS MATERIALIZED (
    SELECT o.order_id FROM support_case.sales_order AS o
    WHERE o.seller_id = :seller_id AND o.order_id = :case_id
    FOR NO KEY UPDATE
), locked_case AS MATERIALIZED (
    SELECT c.seller_id, c.case_id, c.order_id, c.buyer_id, c.currency, c.last_event_number + 1 AS event_number,
        now() AS at
    FROM locked_order AS o
    JOIN support_case.support_case AS c ON c.seller_id = :seller_id AND c.order_id = o.order_id
    FOR NO KEY UPDATE OF c
), event AS (
    INSERT INTO support_case.case_event (seller_id, case_id, event_number, transition, action, actor, status,
        resolution, details, effective_at, recorded_at)
    SELECT seller_id, case_id, event_number, 'T-03', 'offer_full_refund', 'seller', 'closed', 'full_refund',
        '{"return_required": false}', at, at
    FROM locked_case
), published AS (
    INSERT INTO support_case.outbox (seller_id, subject, subject_id, event_number, recipient, recipient_id,
        channel, template, data, occurred_at, available_at)
    SELECT k.seller_id, 'case', k.case_id, k.event_number, n.recipient, n.recipient_id, n.channel,
        n.template, n.data, k.at, k.at
    FROM locked_case AS k
    CROSS JOIN LATERAL (SELECT jsonb_build_object('version', 1, 'order_id', k.order_id, 'reason', 'damaged_in_transit',
        'action', 'offer_full_refund', 'actor', 'seller', 'status', 'closed', 'resolution', 'full_refund',
        'amount', 10500, 'currency', 'USD', 'visible_from', k.at + interval '3 days',
        'visible_until', k.at + interval '5 days') AS notice OFFSET 0) AS d
    CROSS JOIN LATERAL (VALUES
        ('host', 0, 'event', 'offer_full_refund', jsonb_build_object('version', 1, 'actor', 'seller',
            'status', 'closed', 'resolution', 'full_refund', 'due_at', NULL,
            'details', '{"return_required": false}'::jsonb)),
        ('seller', k.seller_id, 'in_app', 'status_changed', d.notice),
        ('buyer', k.buyer_id, 'email', 'refund_instructed', d.notice),
        ('buyer', k.buyer_id, 'in_app', 'refund_instructed', d.notice)
    ) AS n (recipient, recipient_id, channel, template, data)
), line AS (
    UPDATE support_case.sales_order_line AS l
    SET refunded = l.refundable, refunded_quantity = l.quantity,
        consumed_payout = l.payout, consumed_shipping = l.shipping, consumed_fee = l.fee,
        consumed_commission = l.commission, consumed_tax = l.tax
    FROM locked_case AS k
    WHERE l.seller_id = k.seller_id AND l.order_id = k.order_id
    RETURNING k.seller_id, k.case_id, k.currency, l.refundable, l.payout, l.shipping, l.fee, l.commission
), journal AS (
    INSERT INTO support_case.ledger_journal (seller_id, case_id, journal_number, order_id, event_number, kind,
        response, revision, currency, effective_at, recorded_at)
    SELECT seller_id, case_id, 1, order_id, event_number, 'charge', 'full_refund', 0, currency, at, at
    FROM locked_case
), entry AS (
    INSERT INTO support_case.ledger_entry (seller_id, case_id, journal_number, entry_number, account, component,
        currency, amount)
    SELECT l.seller_id, l.case_id, 1, e.entry_number, e.account, e.component, l.currency, e.amount
    FROM line AS l
    CROSS JOIN LATERAL (VALUES
        (1, 'seller_payable', 'payout', l.payout),
        (2, 'seller_payable', 'shipping', l.shipping),
        (3, 'seller_payable', 'fee', l.fee),
        (4, 'commission_reversal', 'commission', l.commission),
        (5, 'buyer_refund', 'refund', -l.refundable)) AS e (entry_number, account, component, amount)
), instruction AS (
    INSERT INTO support_case.refund_instruction (seller_id, case_id, instruction_number, event_number, amount,
        currency, status, instructed_at, visible_from, visible_until, status_since)
    SELECT k.seller_id, k.case_id, 1, k.event_number, l.refundable, k.currency, 'instructed', k.at,
        k.at + interval '3 days', k.at + interval '5 days', k.at
    FROM locked_case AS k
    JOIN line AS l ON l.seller_id = k.seller_id AND l.case_id = k.case_id
)
UPDATE support_case.support_case AS c
SET status = 'closed', resolution = 'full_refund', status_since = k.at, deadline = NULL, due_at = NULL,
    is_responded = true, last_message_by = 'seller', last_event_number = k.event_number, last_effective_at = k.at
FROM locked_case AS k
WHERE c.seller_id = k.seller_id AND c.case_id = k.case_id
RETURNING c.seller_id, c.case_id, c.order_id, c.buyer_id, c.reason, c.status, c.resolution, c.deadline, c.due_at,
    c.status_since, c.escalation_reason, c.is_discretionary, c.is_returnable, c.currency, c.agreed_amount,
    c.description, c.policy_version, c.opened_at, c.stalled_code;
