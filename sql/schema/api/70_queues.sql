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
SELECT c.seller_id, c.case_id, c.order_id, c.buyer_id, c.status,
    CASE WHEN c.stalled_code IS NOT NULL THEN 'stalled'
        WHEN c.status = 'escalated' THEN c.escalation_reason
        ELSE 'replacement_overdue' END AS task,
    c.stalled_code, c.status_since AS waiting_since,
    (SELECT support_case._business_add_or_null(c.status_since, p.platform_target::support_case.term, l.compiled)
        FROM support_case.policy AS p, support_case.calendar AS l
        WHERE p.policy_version = c.policy_version AND l.calendar_code = c.calendar_code
            AND l.effective_from <= c.status_since
        ORDER BY l.effective_from DESC
        LIMIT 1) AS target_at,
    NULLIF(c.routed_because, 'seller') AS routed_because
FROM support_case.support_case AS c
WHERE c.status = 'escalated' OR c.stalled_code IS NOT NULL
    OR (c.status = 'replacement_pending' AND c.deadline IS NULL)
UNION ALL
SELECT r.seller_id, r.case_id, r.order_id, r.buyer_id, r.status,
    CASE WHEN r.stalled_code IS NOT NULL THEN 'stalled'
        WHEN r.status = 'escalated' THEN r.escalation_reason
        ELSE 'replacement_overdue' END,
    r.stalled_code, r.status_since,
    (SELECT support_case._business_add_or_null(r.status_since, p.platform_target::support_case.term, l.compiled)
        FROM support_case.support_case AS c, support_case.policy AS p, support_case.calendar AS l
        WHERE c.seller_id = r.seller_id AND c.case_id = r.case_id AND p.policy_version = r.policy_version
            AND l.calendar_code = c.calendar_code AND l.effective_from <= r.status_since
        ORDER BY l.effective_from DESC
        LIMIT 1),
    (SELECT NULLIF(c.routed_because, 'seller') FROM support_case.support_case AS c
        WHERE c.seller_id = r.seller_id AND c.case_id = r.case_id)
FROM support_case._rolled_case AS r
WHERE r.waiting_on = 'platform'
UNION ALL
SELECT i.seller_id, i.case_id, s.order_id, s.buyer_id, s.status, 'refund_failed', NULL, i.status_since, NULL,
    NULLIF(s.routed_because, 'seller')
FROM support_case.refund_instruction AS i
JOIN support_case.support_case AS s USING (seller_id, case_id)
WHERE i.status = 'failed';

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
