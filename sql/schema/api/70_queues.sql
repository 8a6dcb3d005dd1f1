-- Work lists.  A computed status is no index condition, so each queue finds
-- stored rows by their stored status and adds the few that have rolled into it.

CREATE OR REPLACE VIEW support_case.due_queue WITH (security_invoker = true) AS
SELECT k.seller_id, k.case_id, k.order_id, k.buyer_id, k.status, k.waiting_on, k.deadline, k.due_at,
    k.due_at <= support_case.clock() + interval '24 hours' AS is_due_soon
FROM support_case.case_current AS k
WHERE k.due_at IS NOT NULL;

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
SELECT k.seller_id, k.case_id, k.order_id, k.buyer_id, k.status,
    CASE WHEN k.stalled_code IS NOT NULL THEN 'stalled'
        WHEN k.status = 'escalated' THEN k.escalation_reason
        ELSE 'replacement_overdue' END AS task,
    k.stalled_code, k.status_since AS waiting_since,
    support_case._business_add_or_null(k.status_since, p.platform_target::support_case.term, v.compiled) AS target_at
FROM (
    SELECT c.* FROM support_case.case_current AS c
    JOIN support_case.support_case AS s USING (seller_id, case_id)
    WHERE s.status = 'escalated' OR s.stalled_code IS NOT NULL
        OR (s.status = 'replacement_pending' AND s.deadline IS NULL)
    UNION ALL
    SELECT c.* FROM support_case.case_current AS c
    JOIN support_case.support_case AS s USING (seller_id, case_id)
    WHERE s.due_at <= support_case.clock() AND s.stalled_code IS NULL AND c.waiting_on = 'platform'
) AS k
JOIN support_case.policy AS p ON p.policy_version = k.policy_version
CROSS JOIN LATERAL (
    SELECT l.compiled FROM support_case.calendar AS l
    JOIN support_case.support_case AS s ON s.seller_id = k.seller_id AND s.case_id = k.case_id
    WHERE l.calendar_code = s.calendar_code AND l.effective_from <= k.status_since
    ORDER BY l.effective_from DESC
    LIMIT 1
) AS v
UNION ALL
SELECT i.seller_id, i.case_id, s.order_id, s.buyer_id, s.status, 'refund_failed', NULL, i.status_since, NULL
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
COMMENT ON COLUMN support_case.platform_queue.target_at IS 'When the platform aims to be done; null where the calendar has no open time left (AMB-33).';
