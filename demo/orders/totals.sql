-- What the run of play.sql came to, and proof that it adds up.
\set ON_ERROR_STOP on
\pset null '-'

\echo
\echo 'Cases by cause and reason, and how many were filed late:'
\echo
SELECT coalesce(p.cause, 'all') AS cause, c.reason, count(*) AS cases, count(*) FILTER (WHERE c.is_discretionary) AS filed_late
FROM support_case.case_current AS c JOIN demo.complaint AS p USING (seller_id, order_id)
GROUP BY ROLLUP ((p.cause, c.reason)) ORDER BY grouping(p.cause), p.cause, c.reason;

\echo 'Cases by resolution:'
\echo
SELECT coalesce(c.resolution, 'all') AS resolution,
    count(*) AS cases
FROM support_case.case_current AS c
GROUP BY ROLLUP (c.resolution) ORDER BY grouping(c.resolution), c.resolution;

\echo 'Charges by response, and what buyers got for them:'
\echo
SELECT coalesce(l.response, 'all') AS response, count(DISTINCT l.case_id) AS charges,
    -sum(l.amount) FILTER (WHERE l.account = 'buyer_refund') AS refunded,
    sum(l.amount) FILTER (WHERE l.account = 'seller_payable') AS borne_by_sellers
FROM support_case.seller_ledger AS l
WHERE l.kind = 'charge'
GROUP BY ROLLUP (l.response) ORDER BY grouping(l.response), l.response;

\echo 'The ledger:'
\echo
SELECT coalesce(l.account, 'all') AS account, l.currency, count(*) AS entries,
    coalesce(sum(l.amount) FILTER (WHERE l.amount > 0), 0) AS debit,
    -coalesce(sum(l.amount) FILTER (WHERE l.amount < 0), 0) AS credit, sum(l.amount) AS balance
FROM support_case.seller_ledger AS l
GROUP BY l.currency, ROLLUP (l.account) ORDER BY l.currency, grouping(l.account), l.account;

\echo 'Refunded of what could be refunded:'
\echo
SELECT round(sum(refunded) / 100.0, 2) AS refunded, round(sum(refundable) / 100.0, 2) AS refundable,
    round(100.0 * sum(refunded) / sum(refundable), 1) AS percent
FROM support_case.sales_order_line;

\echo 'Public ratings, and reviews that came too late to be one:'
\echo
SELECT mark, count(*) AS ratings, count(comment) AS with_comment, count(*) FILTER (WHERE comment LIKE '%***%') AS masked
FROM support_case.public_ratings
GROUP BY ROLLUP (mark) ORDER BY mark;
SELECT count(*) AS too_late FROM demo.late_review;

-- Every sum a second way; a difference ends the run.
CREATE TABLE demo.proof AS
WITH refund AS (
    SELECT i.seller_id, i.case_id, i.amount FROM support_case.refund_instruction AS i
), paid AS (
    SELECT -sum(l.amount) AS total FROM support_case.seller_ledger AS l
    WHERE l.kind = 'charge' AND l.account = 'buyer_refund'
)
SELECT *
FROM (VALUES
    (1, 'orders registered = registrations of the folder',
        (SELECT count(*) FROM support_case.sales_order) = (SELECT count(*) FROM demo.sale)),
    (2, 'refundable = what the buyers paid',
        (SELECT sum(refundable) FROM support_case.sales_order_line)
            = (SELECT sum(100 * (price + freight)) FROM demo.sale)),
    (3, 'cases = complaints, one per order and seller',
        (SELECT count(*) FROM support_case.case_current) = (SELECT count(*) FROM demo.complaint)),
    (4, 'every case is closed',
        NOT EXISTS (SELECT FROM support_case.case_current WHERE status <> 'closed')),
    (5, 'cases that ended with a refund = charges',
        (SELECT count(*) FROM support_case.case_current WHERE resolution IN ('full_refund',
            'full_refund_after_return', 'partial_refund', 'platform_refund'))
            = (SELECT count(*) FROM support_case.ledger_journal WHERE kind = 'charge')),
    (6, 'every currency of the ledger sums to zero',
        NOT EXISTS (SELECT FROM support_case.seller_ledger GROUP BY currency HAVING sum(amount) <> 0)),
    (7, 'refund instructions = credits of buyer_refund',
        (SELECT sum(amount) FROM refund) = (SELECT 100 * total FROM paid)),
    (8, 'no order line refunds more than it was sold for',
        NOT EXISTS (SELECT FROM support_case.sales_order_line WHERE refunded > refundable)),
    (9, 'refunded on the lines = refund instructions',
        (SELECT sum(refunded) FROM support_case.sales_order_line) = (SELECT sum(amount) FROM refund)),
    (10, 'seller balances = debits of seller_payable',
        (SELECT -sum(balance) FROM support_case.seller_balance)
            = (SELECT sum(amount) FROM support_case.seller_ledger WHERE account = 'seller_payable')),
    (11, 'every refund is settled: no balance on buyer_refund',
        (SELECT coalesce(sum(amount), 0) FROM support_case.seller_ledger WHERE account = 'buyer_refund') = 0),
    (12, 'nothing is due that is not written',
        NOT EXISTS (SELECT FROM support_case.case_timeline WHERE recorded_at IS NULL)),
    (13, 'public ratings = reviews, but those that came too late',
        (SELECT count(*) FROM support_case.public_ratings)
            = (SELECT count(*) FROM demo.review) - (SELECT count(*) FROM demo.late_review)),
    (14, 'seller summaries = marks of the reviews in time',
        (SELECT sum(mark_1_count + 2 * mark_2_count + 3 * mark_3_count + 4 * mark_4_count + 5 * mark_5_count)
            FROM support_case.seller_rating_summary)
            = (SELECT sum(r.mark) FROM demo.review AS r
                WHERE NOT EXISTS (SELECT FROM demo.late_review AS l
                    WHERE l.seller_id = r.seller_id AND l.order_id = r.order_id)))
) AS p (number, what, holds);

\echo 'It adds up:'
\echo
SELECT what, holds FROM demo.proof ORDER BY number;
DO $$
BEGIN
    IF EXISTS (SELECT FROM demo.proof WHERE holds IS NOT TRUE) THEN
        RAISE EXCEPTION 'the totals do not add up' USING ERRCODE = 'assert_failure';
    END IF;
END
$$;
\ir ../verify.sql

\echo 'How long it took on this machine, playing included:'
\echo
SELECT what, calls, round(milliseconds / 1000, 1) AS seconds, round(1000 * calls / NULLIF(milliseconds, 0)) AS per_second
FROM demo.tally ORDER BY what DESC;
