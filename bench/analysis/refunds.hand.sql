SELECT date_trunc('month', j.effective_at AT TIME ZONE 'UTC')::date AS month, c.reason, j.currency,
    round(coalesce(-sum(e.amount) FILTER (WHERE e.account = 'buyer_refund'), 0) / 100.0, 2) AS refunded,
    round(coalesce(sum(e.amount) FILTER (WHERE e.account = 'seller_payable'), 0) / 100.0, 2) AS borne_by_seller,
    round(coalesce(sum(e.amount) FILTER (WHERE e.account IN ('platform_absorbed', 'platform_subsidy')), 0) / 100.0, 2) AS borne_by_platform,
    round(coalesce(sum(e.amount) FILTER (WHERE e.account = 'carrier_claim'), 0) / 100.0, 2) AS borne_by_carrier
FROM support_case.ledger_journal AS j
JOIN support_case.support_case AS c ON c.seller_id = j.seller_id AND c.case_id = j.case_id
JOIN support_case.ledger_entry AS e
    ON e.seller_id = j.seller_id AND e.case_id = j.case_id AND e.journal_number = j.journal_number
WHERE j.effective_at >= date_trunc('month', now()) - interval '3 months'
    AND j.effective_at < date_trunc('month', now()) - interval '2 months'
    AND j.kind IN ('charge', 'reversal')
GROUP BY 1, 2, 3;
