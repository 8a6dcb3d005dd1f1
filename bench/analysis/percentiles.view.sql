SELECT reason,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY response_time) AS median,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY response_time) AS ninetieth
FROM support_case.analysis_responses
WHERE opened_at >= date_trunc('month', now()) - interval '3 months'
    AND opened_at < date_trunc('month', now()) - interval '2 months'
GROUP BY reason;
