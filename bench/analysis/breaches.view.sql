SELECT reason, round(avg(is_breached::integer), 4) AS breach_rate
FROM support_case.analysis_responses
WHERE opened_at >= date_trunc('month', now()) - interval '3 months'
    AND opened_at < date_trunc('month', now()) - interval '2 months'
GROUP BY reason;
