SELECT c.reason,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY support_case.business_between(e.received_at, e.responded_at, k.compiled))
        AS median,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY support_case.business_between(e.received_at, e.responded_at, k.compiled))
        AS ninetieth
FROM support_case.support_case AS c
JOIN support_case.calendar AS k ON k.calendar_code = c.calendar_code AND k.version = 1
CROSS JOIN LATERAL (
    SELECT min(v.effective_at) FILTER (WHERE v.event_number = 1) AS received_at,
        min(v.effective_at) FILTER (WHERE v.actor = 'seller') AS responded_at
    FROM support_case.case_event AS v
    WHERE v.seller_id = c.seller_id AND v.case_id = c.case_id
) AS e
WHERE c.opened_at >= date_trunc('month', now()) - interval '3 months'
    AND c.opened_at < date_trunc('month', now()) - interval '2 months'
    AND c.routed_because = 'seller'
GROUP BY c.reason;
