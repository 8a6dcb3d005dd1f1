-- Loads a seller with entries many entries on his account, and ten others with
-- a tenth of that.  psql variable: entries.

SET session_replication_role = replica;
SET synchronous_commit = off;

INSERT INTO support_case.seller (seller_id, registered_at)
SELECT s, now() - interval '1 year' FROM generate_series(1, 11) AS s;

INSERT INTO support_case.ledger_entry (seller_id, case_id, journal_number, entry_number, account, component, currency,
    amount)
SELECT s, n, 1, e.entry_number, e.account, e.component, 'USD', e.amount
FROM generate_series(1, 11) AS s
CROSS JOIN LATERAL generate_series(1, CASE s WHEN 1 THEN :entries ELSE :entries / 10 END) AS n
CROSS JOIN (VALUES (1, 'seller_payable', 'payout', 8880), (2, 'buyer_refund', 'refund', -8880))
    AS e (entry_number, account, component, amount);

VACUUM (ANALYZE);
CHECKPOINT;
