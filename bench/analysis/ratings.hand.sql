SELECT CASE WHEN score >= 0.95 THEN 'excellent' WHEN score >= 0.85 THEN 'great' WHEN score >= 0.70 THEN 'good'
        WHEN score >= 0.50 THEN 'average' WHEN score IS NOT NULL THEN 'below_average' END AS label,
    count(*), round(avg(round(score, 4)), 4)
FROM (
    SELECT s.seller_id, count(*) >= 10 AS is_shown,
        coalesce(sum(abs(s.weight)) FILTER (WHERE s.weight > 0 AND s.counts), 0)::numeric
            / NULLIF(sum(abs(s.weight)) FILTER (WHERE s.counts), 0) AS score
    FROM (
        SELECT w.*,
            CASE WHEN count(*) FILTER (WHERE w.closed_at > now() - interval '90 days') OVER (PARTITION BY w.seller_id) >= 10
                THEN w.closed_at > now() - interval '90 days'
                ELSE row_number() OVER (PARTITION BY w.seller_id, w.weight IS NULL
                    ORDER BY w.closed_at DESC NULLS LAST, w.case_id DESC) <= 10 END AS counts
        FROM (
            SELECT c.seller_id, c.case_id, CASE WHEN c.status = 'closed' THEN c.status_since END AS closed_at,
                CASE
                    WHEN c.status <> 'closed' OR c.resolution IN ('withdrawn', 'superseded_by_chargeback') THEN NULL
                    WHEN c.escalated_after = 'silence' THEN -1
                    WHEN c.platform_ruling IN ('refund', 'partial_refund') AND c.escalated_after = 'decision'
                        AND coalesce(c.liability, 'seller') = 'seller' THEN -1
                    WHEN NOT f.is_thumbs_up THEN -1
                    WHEN c.platform_ruling IS NULL AND c.is_responded AND c.resolution IN ('full_refund',
                        'full_refund_after_return', 'partial_refund', 'replacement') THEN 1
                    WHEN f.is_thumbs_up THEN 1
                END AS weight
            FROM support_case.support_case AS c
            LEFT JOIN support_case.case_feedback AS f
                ON f.seller_id = c.seller_id AND f.case_id = c.case_id AND f.given_at >= c.status_since
            WHERE c.routed_because = 'seller'
        ) AS w
    ) AS s
    GROUP BY s.seller_id
) AS r
WHERE is_shown
GROUP BY 1;
