-- The rows of offer_full_refund() as a client writes them: a round trip per
-- statement.
\set n :n + 1
\set case_id :base + :client_id * :count + :n
\set seller_id :case_id % 1000 + 1
BEGIN;
SELECT order_id FROM support_case.sales_order WHERE seller_id = :seller_id AND order_id = :case_id FOR NO KEY UPDATE;
SELECT status, deadline, due_at, last_event_number FROM support_case.support_case
WHERE seller_id = :seller_id AND case_id = :case_id FOR NO KEY UPDATE;
SELECT * FROM support_case.sales_order_line WHERE seller_id = :seller_id AND order_id = :case_id;
UPDATE support_case.support_case
SET status = 'closed', resolution = 'full_refund', status_since = now(), deadline = NULL, due_at = NULL,
    is_responded = true, last_message_by = 'seller', last_event_number = 2, last_effective_at = now()
WHERE seller_id = :seller_id AND case_id = :case_id
RETURNING seller_id, case_id, order_id, buyer_id, reason, status, resolution, deadline, due_at, status_since,
    escalation_reason, is_discretionary, is_returnable, currency, agreed_amount, description, policy_version,
    opened_at, stalled_code;
INSERT INTO support_case.case_event (seller_id, case_id, event_number, transition, action, actor, status, resolution,
    details, effective_at, recorded_at)
VALUES (:seller_id, :case_id, 2, 'T-03', 'offer_full_refund', 'seller', 'closed', 'full_refund',
    '{"return_required": false}', now(), now());
INSERT INTO support_case.outbox (seller_id, subject, subject_id, event_number, recipient, recipient_id,
    channel, template, data, occurred_at, available_at)
SELECT o.seller_id, 'case', o.order_id, 2, n.recipient, n.recipient_id, n.channel,
    n.template, n.data, now(), now()
FROM support_case.sales_order AS o
CROSS JOIN LATERAL (SELECT jsonb_build_object('version', 1, 'order_id', o.order_id, 'reason', 'damaged_in_transit',
    'action', 'offer_full_refund', 'actor', 'seller', 'status', 'closed', 'resolution', 'full_refund',
    'amount', 10500, 'currency', 'USD', 'visible_from', now() + interval '3 days',
    'visible_until', now() + interval '5 days') AS notice OFFSET 0) AS d
CROSS JOIN LATERAL (VALUES
    ('host', 0, 'event', 'offer_full_refund', jsonb_build_object('version', 1, 'actor', 'seller',
        'status', 'closed', 'resolution', 'full_refund', 'due_at', NULL,
        'details', '{"return_required": false}'::jsonb)),
    ('seller', o.seller_id, 'in_app', 'status_changed', d.notice),
    ('buyer', o.buyer_id, 'email', 'refund_instructed', d.notice),
    ('buyer', o.buyer_id, 'in_app', 'refund_instructed', d.notice)
) AS n (recipient, recipient_id, channel, template, data)
WHERE o.seller_id = :seller_id AND o.order_id = :case_id;
UPDATE support_case.sales_order_line
SET refunded = 10500, refunded_quantity = 1, consumed_payout = 8880, consumed_shipping = 500, consumed_fee = 320,
    consumed_commission = 800
WHERE seller_id = :seller_id AND order_id = :case_id AND line_number = 1;
INSERT INTO support_case.ledger_journal (seller_id, case_id, journal_number, order_id, event_number, kind, response,
    revision, currency, effective_at, recorded_at)
VALUES (:seller_id, :case_id, 1, :case_id, 2, 'charge', 'full_refund', 0, 'USD', now(), now());
INSERT INTO support_case.ledger_entry (seller_id, case_id, journal_number, entry_number, account, component, currency,
    amount)
VALUES (:seller_id, :case_id, 1, 1, 'seller_payable', 'payout', 'USD', 8880),
    (:seller_id, :case_id, 1, 2, 'seller_payable', 'shipping', 'USD', 500),
    (:seller_id, :case_id, 1, 3, 'seller_payable', 'fee', 'USD', 320),
    (:seller_id, :case_id, 1, 4, 'commission_reversal', 'commission', 'USD', 800),
    (:seller_id, :case_id, 1, 5, 'buyer_refund', 'refund', 'USD', -10500);
INSERT INTO support_case.refund_instruction (seller_id, case_id, instruction_number, event_number, amount, currency,
    status, instructed_at, visible_from, visible_until, status_since)
VALUES (:seller_id, :case_id, 1, 2, 10500, 'USD', 'instructed', now(), now() + interval '3 days',
    now() + interval '5 days', now());
COMMIT;
