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

CREATE OR REPLACE FUNCTION support_case._refund_of_case(
    seller_id bigint,
    case_id bigint,
    OUT instructed_at timestamptz,
    OUT amount numeric
)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
BEGIN
    -- Only where a deadline that no sweep has written may have refunded is it
    -- worth rolling forward.
    IF EXISTS (SELECT FROM support_case.support_case AS c
        WHERE c.seller_id = _refund_of_case.seller_id AND c.case_id = _refund_of_case.case_id
            AND c.due_at <= support_case.clock() AND c.stalled_code IS NULL)
    THEN
        SELECT min(n.instructed_at), sum(n.amount) INTO instructed_at, amount
        FROM support_case.refund_instructions AS n
        WHERE n.seller_id = _refund_of_case.seller_id AND n.case_id = _refund_of_case.case_id AND n.status <> 'failed';
    ELSE
        SELECT min(n.instructed_at), support_case._to_major(sum(n.amount)::bigint, min(n.currency))
        INTO instructed_at, amount
        FROM support_case.refund_instruction AS n
        WHERE n.seller_id = _refund_of_case.seller_id AND n.case_id = _refund_of_case.case_id AND n.status <> 'failed';
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._refund_of_case(bigint, bigint) IS
'What a case has refunded, in major units, as of clock(), and since when; null for nothing. What the payment provider failed to pay does not count.';

CREATE OR REPLACE VIEW support_case.platform_queue WITH (security_invoker = true) AS
SELECT q.seller_id, q.case_id, q.order_id, q.buyer_id, q.case_status || q.rating_status AS status,
    CASE WHEN q.own_task <> '' THEN q.own_task
        WHEN q.rating_status = 'disputed' THEN 'rating_disputed'
        WHEN q.stalled_code IS NOT NULL THEN 'stalled'
        ELSE q.escalation_reason END AS task,
    q.stalled_code, q.waiting_since,
    (SELECT support_case._business_add_or_null(q.waiting_since, p.platform_target::support_case.term, l.compiled)
        FROM support_case.support_case AS k, support_case.policy AS p, support_case.calendar AS l
        WHERE q.own_task <> 'refund_failed' AND k.seller_id = q.seller_id AND k.case_id = q.case_id
            AND p.policy_version = k.policy_version AND l.calendar_code = k.calendar_code
            AND l.effective_from <= q.waiting_since
        ORDER BY l.effective_from DESC
        LIMIT 1) AS target_at,
    (SELECT CASE WHEN k.routed_because = 'beyond_seller' AND EXISTS (SELECT FROM support_case.case_suspicion AS s
            WHERE s.seller_id = k.seller_id AND s.case_id = k.case_id
                AND s.event_number > coalesce(k.reached_seller_event, 0))
            THEN 'fraud_suspected' ELSE NULLIF(k.routed_because, 'seller') END
        FROM support_case.support_case AS k
        WHERE k.seller_id = q.seller_id AND k.case_id = q.case_id) AS routed_because,
    q.rating_id
FROM (
    -- Conditions stand outside, which hide the order of no index.  The status of
    -- what a row is not is empty: the planner then drops its condition, which it
    -- keeps for a null.
    SELECT c.seller_id, c.case_id, c.order_id, c.buyer_id, c.status AS case_status, c.escalation_reason,
        c.stalled_code, c.status_since AS waiting_since, ''::text AS own_task, NULL::bigint AS rating_id,
        ''::text AS rating_status
    FROM support_case.support_case AS c
    UNION ALL
    -- No deadline but its own leaves a replacement without one.
    SELECT r.seller_id, r.case_id, r.order_id, r.buyer_id, r.status, r.escalation_reason, r.stalled_code,
        CASE WHEN o.is_replacement_overdue THEN (SELECT k.due_at FROM support_case.support_case AS k
            WHERE k.seller_id = r.seller_id AND k.case_id = r.case_id) ELSE r.status_since END,
        CASE WHEN o.is_replacement_overdue THEN 'replacement_overdue'::text ELSE ''::text END, NULL::bigint, ''::text
    FROM support_case._rolled_case AS r
    CROSS JOIN LATERAL (
        SELECT r.status = 'replacement_pending' AND r.deadline IS NULL AS is_replacement_overdue
    ) AS o
    UNION ALL
    SELECT d.seller_id, NULL::bigint, d.order_id, d.buyer_id, ''::text, NULL::text,
        NULL::text, d.status_since, ''::text, d.rating_id, d.status
    FROM support_case.public_rating AS d
    UNION ALL
    -- A join shows an order of its own only.
    SELECT f.seller_id, f.case_id, f.order_id, f.buyer_id, f.status, NULL::text,
        NULL::text, f.waiting_since, 'refund_failed'::text, NULL::bigint, ''::text
    FROM (
        SELECT i.seller_id, i.case_id, s.order_id, s.buyer_id, s.status, i.status_since AS waiting_since
        FROM support_case.refund_instruction AS i
        JOIN support_case.support_case AS s ON s.seller_id = i.seller_id AND s.case_id = i.case_id
        WHERE i.status = 'failed'
        ORDER BY i.status_since
    ) AS f
    UNION ALL
    SELECT v.seller_id, v.case_id, v.order_id, v.buyer_id, v.status, NULL::text,
        NULL::text, v.waiting_since, 'replacement_overdue'::text, NULL::bigint, ''::text
    FROM (
        SELECT s.seller_id, s.case_id, s.order_id, s.buyer_id, s.status, e.effective_at AS waiting_since
        FROM support_case.support_case AS s
        CROSS JOIN LATERAL (
            SELECT max(n.effective_at) AS effective_at FROM support_case.case_event AS n
            WHERE n.seller_id = s.seller_id AND n.case_id = s.case_id AND n.action = 'expire_deadline'
        ) AS e
        WHERE s.status = 'replacement_pending' AND s.deadline IS NULL
        ORDER BY e.effective_at
    ) AS v
    UNION ALL
    SELECT g.seller_id, g.case_id, g.order_id, g.buyer_id, g.status, NULL::text,
        NULL::text, g.waiting_since, 'recharge_consented'::text, NULL::bigint, ''::text
    FROM (
        SELECT r.seller_id, r.case_id, s.order_id, s.buyer_id, 'closed' AS status,
            greatest(r.given_at, w.recorded_at, i.instructed_at) AS waiting_since
        FROM (
            -- Who has been charged again on a consent, in part or in full, has been
            -- attended to.
            SELECT k.seller_id, k.case_id, k.amount, k.given_at
            FROM support_case.recharge_consent AS k
            WHERE NOT EXISTS (SELECT FROM support_case.recharge AS n
                    WHERE n.seller_id = k.seller_id AND n.case_id = k.case_id AND n.consent_number = k.consent_number)
                AND NOT EXISTS (SELECT FROM support_case.recharge_consent AS n
                    WHERE n.seller_id = k.seller_id AND n.case_id = k.case_id AND n.consent_number > k.consent_number)
            OFFSET 0
        ) AS r
        JOIN support_case.found_parcel AS w ON w.seller_id = r.seller_id AND w.case_id = r.case_id
        CROSS JOIN LATERAL (
            SELECT c.order_id, c.buyer_id, c.currency, c.policy_version FROM support_case.support_case AS c
            WHERE c.seller_id = r.seller_id AND c.case_id = r.case_id
            OFFSET 0
        ) AS s
        JOIN support_case.policy AS p ON p.policy_version = s.policy_version AND p.recharge_enabled
        CROSS JOIN LATERAL support_case._refund_of_case(r.seller_id, r.case_id) AS i
        WHERE least(i.amount, support_case._to_major(r.amount, s.currency)) > coalesce((
            SELECT support_case._to_major(sum(k.amount)::bigint, s.currency) FROM support_case.recharge AS k
            WHERE k.seller_id = r.seller_id AND k.case_id = r.case_id), 0)
        ORDER BY waiting_since
    ) AS g
) AS q
-- The conditions of the indexes.
WHERE q.own_task <> '' OR q.case_status = 'escalated' OR q.stalled_code IS NOT NULL OR q.rating_status = 'disputed';

COMMENT ON VIEW support_case.platform_queue IS 'What waits on the platform, as of clock(): decisions on cases and on disputed ratings, overdue replacements, re-charges that buyers have consented to, stalled cases, failed refunds.';
COMMENT ON COLUMN support_case.platform_queue.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.platform_queue.case_id IS 'The case; null for a rating.';
COMMENT ON COLUMN support_case.platform_queue.order_id IS 'The order.';
COMMENT ON COLUMN support_case.platform_queue.buyer_id IS 'The buyer.';
COMMENT ON COLUMN support_case.platform_queue.status IS 'Status of the case or the rating.';
COMMENT ON COLUMN support_case.platform_queue.task IS 'What is to be done: an escalation reason, replacement_overdue (W-60), recharge_consented (A-22, AMB-76), stalled, refund_failed or rating_disputed (AMB-79).';
COMMENT ON COLUMN support_case.platform_queue.stalled_code IS 'SQLSTATE of what stalls the case.';
COMMENT ON COLUMN support_case.platform_queue.waiting_since IS 'Since when the case or the rating has its status; of a replacement, since when it is overdue; of a refund, since when it failed; of a re-charge, since when it is possible.';
COMMENT ON COLUMN support_case.platform_queue.routed_because IS 'Why the platform and not the seller handles the case, such as fraud_suspected (requirements 2.3, W-116); null: it was the seller''s.';
COMMENT ON COLUMN support_case.platform_queue.target_at IS 'When the platform aims to be done with a case; null for ratings and failed refunds, and where the calendar has no open time left (AMB-33).';
COMMENT ON COLUMN support_case.platform_queue.rating_id IS 'The disputed rating, for decide_rating_dispute(); null for a case.';
