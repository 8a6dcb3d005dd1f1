-- Loads cases of a year straight into the tables, as the commands would have
-- written them, with the guards' triggers off (session_replication_role).  psql
-- variables: sellers, cases.  Nine of ten cases are closed; none is due.  One of
-- the sellers, number 1, has 10,000 cases besides.

SET session_replication_role = replica;
SET synchronous_commit = off;
SELECT setseed(0.2026) \g /dev/null

INSERT INTO support_case.seller (seller_id, registered_at)
SELECT s, now() - interval '2 years' FROM generate_series(1, :sellers) AS s;

CREATE TEMPORARY TABLE given AS
SELECT n.case_id, n.seller_id, n.opened_at, n.opened_at + n.response_after AS responded_at,
    n.opened_at + n.response_after + interval '3 days' AS closed_at, n.response_after,
    (ARRAY['damaged_in_transit', 'not_as_described', 'missing_item', 'wrong_item', 'late_not_shipped'])
        [1 + (n.case_id % 5)] AS reason,
    CASE
        WHEN n.draw < 0.10 THEN 'open'
        WHEN n.draw < 0.50 THEN 'full_refund'
        WHEN n.draw < 0.65 THEN 'partial_refund'
        WHEN n.draw < 0.80 THEN 'no_refund'
        WHEN n.draw < 0.90 THEN 'platform_refund'
        WHEN n.draw < 0.94 THEN 'platform_denied'
        ELSE 'withdrawn'
    END AS outcome
FROM (
    SELECT k AS case_id, CASE WHEN k <= :cases THEN k % :sellers + 1 ELSE 1 END AS seller_id, random() AS draw,
        date_trunc('day', now()) - interval '370 days' + CASE WHEN k <= :cases THEN k::float8 / :cases
            ELSE (k - :cases)::float8 / 10000 END * interval '364 days' AS opened_at,
        random() * interval '60 hours' AS response_after
    FROM generate_series(1, :cases + 10000) AS k
) AS n;

INSERT INTO support_case.sales_order (seller_id, order_id, buyer_id, currency, payout, buyer_shipping,
    processing_fee, commission, tax, return_shipping, purchased_at, registered_at)
SELECT seller_id, case_id, case_id % 50000 + 1, 'USD', 8880, 500, 320, 800, 0, 650, opened_at - interval '5 days',
    opened_at - interval '5 days'
FROM given;

INSERT INTO support_case.support_case (seller_id, case_id, order_id, buyer_id, currency, reason, description,
    policy_version, calendar_code, is_discretionary, is_returnable, routed_because, opened_at, status, resolution,
    status_since, deadline, due_at, escalated_after, platform_ruling, is_responded, is_conversation_closed,
    last_message_by, last_event_number, last_effective_at)
SELECT seller_id, case_id, case_id, case_id % 50000 + 1, 'USD', reason, 'It arrived in pieces, and the box was open.', 1,
    'platform', false, true, 'seller', opened_at,
    CASE WHEN outcome = 'open' THEN 'awaiting_seller' ELSE 'closed' END,
    NULLIF(outcome, 'open'),
    CASE WHEN outcome = 'open' THEN opened_at ELSE closed_at END,
    CASE WHEN outcome = 'open' THEN 'seller_response' END,
    CASE WHEN outcome = 'open' THEN now() + interval '2 years' END,
    CASE WHEN outcome LIKE 'platform%' THEN 'decision' END,
    CASE outcome WHEN 'platform_refund' THEN 'refund' WHEN 'platform_denied' THEN 'uphold_seller' END,
    outcome <> 'open', outcome LIKE 'platform%', 'seller', CASE WHEN outcome = 'open' THEN 1 ELSE 3 END,
    CASE WHEN outcome = 'open' THEN opened_at ELSE closed_at END
FROM given
ORDER BY opened_at;

INSERT INTO support_case.case_event (seller_id, case_id, event_number, transition, action, actor, status, resolution,
    deadline, due_at, details, effective_at, recorded_at)
SELECT seller_id, case_id, event_number, transition, action, actor, status, resolution, deadline, due_at, details,
    effective_at, effective_at
FROM (
    SELECT seller_id, case_id, 1 AS event_number, 'T-01' AS transition, 'open_case' AS action, 'buyer' AS actor,
        'awaiting_seller' AS status, NULL AS resolution, 'seller_response' AS deadline, opened_at + interval '2 days' AS due_at,
        '{"reason": "damaged_in_transit", "routed_because": "seller", "is_discretionary": false}'::jsonb AS details,
        opened_at AS effective_at
    FROM given
    UNION ALL
    SELECT seller_id, case_id, 2, 'T-07', 'explain_no_refund', 'seller', 'refusal_explained', NULL, 'escalation_window',
        responded_at + interval '30 days', '{}', responded_at
    FROM given WHERE outcome <> 'open'
    UNION ALL
    SELECT seller_id, case_id, 3, 'T-31', 'offer_full_refund', 'seller', 'closed', outcome, NULL, NULL, '{}', closed_at
    FROM given WHERE outcome <> 'open'
    UNION ALL
    SELECT seller_id, case_id, 4, 'T-42', 'expire_deadline', 'system', 'awaiting_seller', NULL, 'escalation_window',
        opened_at + interval '32 days', '{"ended_deadline": "seller_response"}', opened_at + interval '2 days'
    FROM given WHERE response_after > interval '2 days'
) AS e
ORDER BY effective_at;

INSERT INTO support_case.case_feedback (seller_id, case_id, is_thumbs_up, given_at)
SELECT seller_id, case_id, case_id % 7 > 0, closed_at + interval '1 hour'
FROM given
WHERE outcome NOT IN ('open', 'withdrawn') AND case_id % 4 = 0;

INSERT INTO support_case.ledger_journal (seller_id, case_id, journal_number, order_id, event_number, kind, response,
    revision, currency, effective_at, recorded_at)
SELECT seller_id, case_id, 1, case_id, 3, 'charge', outcome, 0, 'USD', closed_at, closed_at
FROM given
WHERE outcome IN ('full_refund', 'partial_refund', 'platform_refund')
ORDER BY closed_at;

INSERT INTO support_case.ledger_entry (seller_id, case_id, journal_number, entry_number, account, component, currency,
    amount)
SELECT g.seller_id, g.case_id, 1, e.entry_number, e.account, e.component, 'USD', e.amount
FROM given AS g
CROSS JOIN (VALUES (1, 'seller_payable', 'payout', 8880), (2, 'seller_payable', 'shipping', 500),
    (3, 'seller_payable', 'fee', 320), (4, 'commission_reversal', 'commission', 800), (5, 'buyer_refund', 'refund', -10500))
    AS e (entry_number, account, component, amount)
WHERE g.outcome IN ('full_refund', 'partial_refund', 'platform_refund')
ORDER BY g.closed_at;

SELECT setval('support_case.case_id_seq', :cases + 10000) \g /dev/null
VACUUM (ANALYZE);
CHECKPOINT;
