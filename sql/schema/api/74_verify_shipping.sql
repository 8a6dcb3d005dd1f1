-- verify(): parcels, and what carriers are claimed and have paid for them.

CREATE OR REPLACE FUNCTION support_case._verify_shipping()
RETURNS TABLE (check_name text, seller_id bigint, case_id bigint, detail text)
LANGUAGE sql STABLE
AS $$
    WITH paid AS MATERIALIZED (
        SELECT j.seller_id, j.case_id, j.revision AS claim_number, j.currency,
            coalesce(sum(e.amount) FILTER (WHERE e.account = 'cash_clearing'), 0) AS cash
        FROM support_case.ledger_journal AS j
        JOIN support_case.ledger_entry AS e
            ON e.seller_id = j.seller_id AND e.case_id = j.case_id AND e.journal_number = j.journal_number
        WHERE j.kind = 'claim_payment'
        GROUP BY j.seller_id, j.case_id, j.journal_number
    )
    SELECT 'shipment_scans', coalesce(s.seller_id, p.seller_id), NULL::bigint,
        CASE WHEN s.order_id IS NULL THEN format('Shipment %s of order %s has scans and does not exist.',
                p.shipment_number, p.order_id)
            ELSE format('Shipment %s of order %s is not where its scans say.', s.shipment_number, s.order_id) END
    FROM support_case.shipment AS s
    FULL JOIN support_case._shipment_progress AS p
        ON p.seller_id = s.seller_id AND p.order_id = s.order_id AND p.shipment_number = s.shipment_number
    WHERE s.order_id IS NULL OR (s.handed_over_at, s.delivered_at, s.last_scan_at, s.last_scan_kind)
        IS DISTINCT FROM (p.handed_over_at, p.delivered_at, p.last_scan_at, p.last_scan_kind)
    UNION ALL
    SELECT 'parcel_scans', coalesce(l.seller_id, n.seller_id), coalesce(l.case_id, n.case_id),
        CASE WHEN l.case_id IS NULL THEN format('Parcel %s has scans and does not exist.', n.parcel_number)
            ELSE format('Parcel %s was handed over at %s and delivered at %s; its scans say %s and %s.', l.parcel_number,
                coalesce(l.handed_over_at::text, '(never)'), coalesce(l.delivered_at::text, '(never)'),
                coalesce(n.handed_over_at::text, '(never)'), coalesce(n.delivered_at::text, '(never)')) END
    FROM support_case.parcel AS l
    FULL JOIN (
        SELECT k.seller_id, k.case_id, k.parcel_number,
            min(k.scanned_at) FILTER (WHERE k.kind IN ('accepted', 'delivered', 'refused')) AS handed_over_at,
            max(k.scanned_at) FILTER (WHERE k.kind IN ('delivered', 'refused')) AS delivered_at
        FROM support_case.parcel_scan AS k
        GROUP BY k.seller_id, k.case_id, k.parcel_number) AS n
        ON n.seller_id = l.seller_id AND n.case_id = l.case_id AND n.parcel_number = l.parcel_number
    WHERE l.case_id IS NULL OR (l.handed_over_at IS NULL) <> (n.handed_over_at IS NULL)
        OR (l.delivered_at IS NULL) <> (n.delivered_at IS NULL)
    UNION ALL
    SELECT 'claim_order', k.seller_id, k.case_id,
        format('Claim %s is about order %s in %s, its case about order %s in %s.', k.claim_number, k.order_id,
            k.currency, c.order_id, c.currency)
    FROM support_case.carrier_claim AS k
    JOIN support_case.support_case AS c ON c.seller_id = k.seller_id AND c.case_id = k.case_id
    WHERE (c.order_id, c.currency) <> (k.order_id, k.currency)
    UNION ALL
    SELECT 'claim_amount', k.seller_id, max(k.case_id),
        format('Carriers were claimed %s minor units for order %s, of which %s were refunded.', sum(k.claimed), k.order_id,
            coalesce(max(r.refunded), 0))
    FROM (SELECT n.seller_id, n.case_id, n.order_id, coalesce(n.paid_amount, n.claimed_amount) AS claimed
        FROM support_case.carrier_claim AS n WHERE n.status IN ('filed', 'paid')) AS k
    LEFT JOIN (
        SELECT f.seller_id, f.order_id, sum(f.amount) AS refunded
        FROM (
            SELECT c.seller_id, c.order_id, i.amount
            FROM support_case.refund_instruction AS i
            JOIN support_case.support_case AS c ON c.seller_id = i.seller_id AND c.case_id = i.case_id
            UNION ALL
            SELECT x.seller_id, x.order_id, x.amount
            FROM support_case.external_refund AS x WHERE x.kind = 'external_refund'
        ) AS f
        GROUP BY f.seller_id, f.order_id) AS r ON r.seller_id = k.seller_id AND r.order_id = k.order_id
    GROUP BY k.seller_id, k.order_id
    HAVING sum(k.claimed) > coalesce(max(r.refunded), 0)
    UNION ALL
    SELECT 'claim_payment', coalesce(k.seller_id, p.seller_id), coalesce(k.case_id, p.case_id),
        format('Claim %s was paid with %s minor units; the ledger has %s.',
            coalesce(k.claim_number, p.claim_number), coalesce(k.paid_amount::text, 'nothing'),
            coalesce(p.cash::text, 'nothing'))
    FROM (SELECT n.* FROM support_case.carrier_claim AS n WHERE n.status = 'paid') AS k
    FULL JOIN paid AS p
        ON p.seller_id = k.seller_id AND p.case_id = k.case_id AND p.claim_number = k.claim_number
    WHERE (k.paid_amount, k.currency) IS DISTINCT FROM (p.cash::bigint, p.currency)
    UNION ALL
    -- Beside what it bore, the platform may keep what it gave back of its
    -- income, and what a buyer who was re-charged has paid again.
    SELECT 'claim_share', s.seller_id, s.case_id,
        format('Of what carriers paid for order %s the seller got %s of %s minor units that he bore, the platform %s of '
            '%s; they paid %s more than they owe.', s.order_id, s.seller_share, s.seller_borne, s.platform_share,
            s.platform_borne, greatest(-s.carrier, 0))
    FROM (
        SELECT t.seller_id, t.order_id, t.case_id, t.seller_share, t.platform_share, t.carrier, t.platform_borne,
            greatest(t.seller_borne, 0) + coalesce((SELECT sum(x.amount) FROM support_case.external_refund AS x
                WHERE x.seller_id = t.seller_id AND x.order_id = t.order_id AND x.kind = 'external_refund'), 0)
                AS seller_borne
        FROM (
            SELECT c.seller_id, c.order_id, max(c.case_id) FILTER (WHERE e.component = 'claim') AS case_id,
                coalesce(-sum(e.amount) FILTER (WHERE e.account = 'seller_payable' AND e.component = 'claim'), 0)
                    AS seller_share,
                coalesce(-sum(e.amount) FILTER (WHERE e.account = 'platform_absorbed' AND e.component = 'claim'), 0)
                    AS platform_share,
                coalesce(sum(e.amount) FILTER (WHERE e.account = 'seller_payable' AND e.component <> 'claim'), 0)
                    AS seller_borne,
                coalesce(sum(e.amount) FILTER (WHERE (e.account IN ('commission_reversal', 'tax_reversal')
                        OR (e.account = 'platform_absorbed' AND e.component <> 'claim'))), 0)
                    + coalesce(sum(e.amount) FILTER (WHERE j.kind = 'recharge' AND e.account = 'cash_clearing'), 0)
                    AS platform_borne,
                coalesce(sum(e.amount) FILTER (WHERE e.account = 'carrier_claim'), 0) AS carrier
            FROM support_case.support_case AS c
            JOIN support_case.ledger_journal AS j ON j.seller_id = c.seller_id AND j.case_id = c.case_id
            JOIN support_case.ledger_entry AS e
                ON e.seller_id = j.seller_id AND e.case_id = j.case_id AND e.journal_number = j.journal_number
            WHERE (c.seller_id, c.order_id) IN (
                SELECT o.seller_id, o.order_id
                FROM support_case.ledger_entry AS k
                JOIN support_case.support_case AS o ON o.seller_id = k.seller_id AND o.case_id = k.case_id
                WHERE k.component IN ('claim', 'claim_payment'))
            GROUP BY c.seller_id, c.order_id
        ) AS t
    ) AS s
    WHERE s.seller_share NOT BETWEEN 0 AND s.seller_borne OR s.platform_share NOT BETWEEN 0 AND s.platform_borne
        OR s.carrier < 0
$$;

COMMENT ON FUNCTION support_case._verify_shipping() IS
'verify(): shipments and parcels against their scans, claims against cases, refunds and the ledger, and what is paid for them against what each bore.';
