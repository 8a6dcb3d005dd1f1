SELECT month, reason, currency, sum(refunded) AS refunded, sum(borne_by_seller) AS borne_by_seller,
    sum(borne_by_platform) AS borne_by_platform, sum(borne_by_carrier) AS borne_by_carrier
FROM support_case.analysis_refund_costs
WHERE effective_at >= date_trunc('month', now()) - interval '3 months'
    AND effective_at < date_trunc('month', now()) - interval '2 months'
GROUP BY month, reason, currency;
