-- Work lists.  A computed column is no index condition and gives no order, so
-- each queue reads the stored rows that are as they stand through an index, in
-- its order, and adds the few that have rolled forward: the first rows of a
-- long queue cost no sort of the whole.

CREATE OR REPLACE VIEW support_case.due_queue WITH (security_invoker = true) AS
SELECT q.seller_id, q.case_id, q.order_id, q.buyer_id, q.status, q.waiting_on, q.deadline, q.due_at,
    q.due_at <= support_case.clock() + interval '24 hours' AS is_due_soon
FROM (
    -- Without a condition of its own, which would hide the order of the index.
    SELECT c.seller_id, c.case_id, c.order_id, c.buyer_id, c.status,
        support_case._waiting_on(c.status, c.deadline) AS waiting_on, c.deadline, c.due_at, c.stalled_code
    FROM support_case.support_case AS c
    UNION ALL
    SELECT r.seller_id, r.case_id, r.order_id, r.buyer_id, r.status, r.waiting_on, r.deadline, r.due_at,
        r.stalled_code
    FROM support_case._rolled_case AS r
) AS q
WHERE q.due_at > support_case.clock() AND q.stalled_code IS NULL;

COMMENT ON VIEW support_case.due_queue IS 'Cases with a running deadline, as of clock(); order by due_at.';
COMMENT ON COLUMN support_case.due_queue.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.due_queue.case_id IS 'The case.';
COMMENT ON COLUMN support_case.due_queue.order_id IS 'The order.';
COMMENT ON COLUMN support_case.due_queue.buyer_id IS 'The buyer.';
COMMENT ON COLUMN support_case.due_queue.status IS 'Status.';
COMMENT ON COLUMN support_case.due_queue.waiting_on IS 'Who has the next move.';
COMMENT ON COLUMN support_case.due_queue.deadline IS 'The deadline that runs.';
COMMENT ON COLUMN support_case.due_queue.due_at IS 'When it ends.';
COMMENT ON COLUMN support_case.due_queue.is_due_soon IS 'Whether it ends within 24 hours.';

CREATE OR REPLACE VIEW support_case.platform_queue WITH (security_invoker = true) AS
SELECT q.seller_id, q.case_id, q.order_id, q.buyer_id, q.status,
    CASE WHEN q.is_refund_failed THEN 'refund_failed'
        WHEN q.stalled_code IS NOT NULL THEN 'stalled'
        WHEN q.status = 'escalated' THEN q.escalation_reason
        ELSE 'replacement_overdue' END AS task,
    q.stalled_code, q.waiting_since,
    (SELECT support_case._business_add_or_null(q.waiting_since, p.platform_target::support_case.term, l.compiled)
        FROM support_case.support_case AS k, support_case.policy AS p, support_case.calendar AS l
        WHERE NOT q.is_refund_failed AND k.seller_id = q.seller_id AND k.case_id = q.case_id
            AND p.policy_version = k.policy_version AND l.calendar_code = k.calendar_code
            AND l.effective_from <= q.waiting_since
        ORDER BY l.effective_from DESC
        LIMIT 1) AS target_at,
    (SELECT CASE WHEN k.routed_because = 'beyond_seller' AND EXISTS (SELECT FROM support_case.case_suspicion AS s
            WHERE s.seller_id = k.seller_id AND s.case_id = k.case_id
                AND s.event_number > coalesce(k.reached_seller_event, 0))
            THEN 'fraud_suspected' ELSE NULLIF(k.routed_because, 'seller') END
        FROM support_case.support_case AS k
        WHERE k.seller_id = q.seller_id AND k.case_id = q.case_id) AS routed_because
FROM (
    SELECT c.seller_id, c.case_id, c.order_id, c.buyer_id, c.status, c.deadline, c.escalation_reason,
        c.stalled_code, c.status_since AS waiting_since, false AS is_refund_failed
    FROM support_case.support_case AS c
    UNION ALL
    SELECT r.seller_id, r.case_id, r.order_id, r.buyer_id, r.status, r.deadline, r.escalation_reason,
        r.stalled_code, r.status_since, false
    FROM support_case._rolled_case AS r
    UNION ALL
    -- A join shows an order of its own only.
    SELECT f.seller_id, f.case_id, f.order_id, f.buyer_id, f.status, NULL AS deadline, NULL AS escalation_reason,
        NULL AS stalled_code, f.waiting_since, true
    FROM (
        SELECT i.seller_id, i.case_id, s.order_id, s.buyer_id, s.status, i.status_since AS waiting_since
        FROM support_case.refund_instruction AS i
        JOIN support_case.support_case AS s ON s.seller_id = i.seller_id AND s.case_id = i.case_id
        WHERE i.status = 'failed'
        ORDER BY i.status_since
    ) AS f
) AS q
-- The condition of the index.
WHERE q.is_refund_failed OR q.status = 'escalated' OR q.stalled_code IS NOT NULL
    OR (q.status = 'replacement_pending' AND q.deadline IS NULL);

COMMENT ON VIEW support_case.platform_queue IS 'What waits on the platform, as of clock(): decisions, overdue replacements, stalled cases, failed refunds.';
COMMENT ON COLUMN support_case.platform_queue.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.platform_queue.case_id IS 'The case.';
COMMENT ON COLUMN support_case.platform_queue.order_id IS 'The order.';
COMMENT ON COLUMN support_case.platform_queue.buyer_id IS 'The buyer.';
COMMENT ON COLUMN support_case.platform_queue.status IS 'Status.';
COMMENT ON COLUMN support_case.platform_queue.task IS 'What is to be done: an escalation reason, replacement_overdue, stalled or refund_failed.';
COMMENT ON COLUMN support_case.platform_queue.stalled_code IS 'SQLSTATE of what stalls the case.';
COMMENT ON COLUMN support_case.platform_queue.waiting_since IS 'Since when.';
COMMENT ON COLUMN support_case.platform_queue.routed_because IS 'Why the platform and not the seller handles the case, such as fraud_suspected (requirements 2.3, W-116); null: it was the seller''s.';
COMMENT ON COLUMN support_case.platform_queue.target_at IS 'When the platform aims to be done; null where the calendar has no open time left (AMB-33).';
