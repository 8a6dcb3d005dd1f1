SELECT c.reason, round(avg((e.due_at <= coalesce(e.responded_at, now()))::integer), 4) AS breach_rate
FROM support_case.support_case AS c
CROSS JOIN LATERAL (
    SELECT min(v.due_at) FILTER (WHERE v.event_number = 1) AS due_at,
        min(v.effective_at) FILTER (WHERE v.actor = 'seller') AS responded_at
    FROM support_case.case_event AS v
    WHERE v.seller_id = c.seller_id AND v.case_id = c.case_id
) AS e
WHERE c.opened_at >= date_trunc('month', now()) - interval '3 months'
    AND c.opened_at < date_trunc('month', now()) - interval '2 months'
    AND c.routed_because = 'seller'
GROUP BY c.reason;
