-- verify(): the ledger by itself, and against what caused it.

CREATE OR REPLACE FUNCTION support_case._verify_journals()
RETURNS TABLE (check_name text, seller_id bigint, case_id bigint, detail text)
LANGUAGE sql STABLE
AS $$
    WITH total AS MATERIALIZED (
        SELECT e.seller_id, e.case_id, e.journal_number, e.currency, sum(e.amount) AS amount,
            bool_or(e.amount = 0) AS has_zero, min(e.entry_number) AS entry_number
        FROM support_case.ledger_entry AS e
        GROUP BY e.seller_id, e.case_id, e.journal_number, e.currency
    )
    SELECT 'journal_balance', t.seller_id, t.case_id,
        format('Journal %s adds up to %s minor units of %s.', t.journal_number, t.amount, t.currency)
    FROM total AS t
    WHERE t.amount <> 0 OR t.has_zero
    UNION ALL
    SELECT 'journal_entries', coalesce(j.seller_id, t.seller_id), coalesce(j.case_id, t.case_id),
        CASE WHEN t.case_id IS NULL THEN format('Journal %s has no entries.', j.journal_number)
            ELSE format('The entries of journal %s have no journal.', t.journal_number) END
    FROM support_case.ledger_journal AS j
    FULL JOIN total AS t
        ON t.seller_id = j.seller_id AND t.case_id = j.case_id AND t.journal_number = j.journal_number
    WHERE j.case_id IS NULL OR t.case_id IS NULL
    UNION ALL
    SELECT 'entry_account', e.seller_id, e.case_id,
        format('Account %s in %s is not open; %s entries use it.', e.account, e.currency, e.uses)
    FROM (SELECT k.seller_id, k.account, k.currency, min(k.case_id) AS case_id, count(*) AS uses
        FROM support_case.ledger_entry AS k
        GROUP BY k.seller_id, k.account, k.currency) AS e
    LEFT JOIN support_case.ledger_account AS a
        ON a.seller_id = e.seller_id AND a.account = e.account AND a.currency = e.currency
    WHERE a.account IS NULL
    UNION ALL
    SELECT 'entry_component', e.seller_id, e.case_id,
        format('Component %s does not belong on account %s; %s entries have it there.', e.component, e.account, e.uses)
    FROM (SELECT k.seller_id, k.account, k.component, min(k.case_id) AS case_id, count(*) AS uses
        FROM support_case.ledger_entry AS k
        GROUP BY k.seller_id, k.account, k.component) AS e
    WHERE CASE
        WHEN support_case._bears_charge(e.account) THEN
            e.component NOT IN ('payout', 'shipping', 'fee', 'partial', 'return', 'claim')
            AND (e.account, e.component) <> ('carrier_claim', 'claim_payment')
        ELSE (e.account, e.component) NOT IN (('commission_reversal', 'commission'), ('tax_reversal', 'tax'),
            ('buyer_refund', 'refund'), ('return_label', 'return'), ('platform_subsidy', 'subsidy'),
            ('cash_clearing', 'refund'), ('cash_clearing', 'claim_payment'))
    END
    UNION ALL
    SELECT 'entry_currency', t.seller_id, t.case_id,
        format('Entry %s of journal %s is in %s, the journal in %s.', t.entry_number, t.journal_number, t.currency,
            j.currency)
    FROM total AS t
    JOIN support_case.ledger_journal AS j
        ON j.seller_id = t.seller_id AND j.case_id = t.case_id AND j.journal_number = t.journal_number
    WHERE t.currency <> j.currency
    UNION ALL
    SELECT 'journal_order', j.seller_id, j.case_id,
        format('Journal %s is about order %s in %s, the case about order %s in %s.', j.journal_number, j.order_id,
            j.currency, coalesce(c.order_id::text, '(none)'), coalesce(c.currency, '(none)'))
    FROM support_case.ledger_journal AS j
    LEFT JOIN support_case.support_case AS c ON c.seller_id = j.seller_id AND c.case_id = j.case_id
    WHERE (c.order_id, c.currency) IS DISTINCT FROM (j.order_id, j.currency)
    UNION ALL
    SELECT 'journal_event', j.seller_id, j.case_id,
        CASE WHEN e.case_id IS NULL THEN format('Event %s of journal %s does not exist.', j.event_number,
                j.journal_number)
            ELSE format('Journal %s took effect at %s, its event %s at %s.', j.journal_number, j.effective_at,
                j.event_number, e.effective_at) END
    FROM support_case.ledger_journal AS j
    LEFT JOIN support_case.case_event AS e
        ON e.seller_id = j.seller_id AND e.case_id = j.case_id AND e.event_number = j.event_number
    WHERE e.effective_at IS DISTINCT FROM j.effective_at
    UNION ALL
    -- A charge without its reversal blocks the next one; so does the key.
    SELECT 'journal_revision', j.seller_id, j.case_id,
        format('Response %s has %s charges and %s reversals.', j.response,
            count(*) FILTER (WHERE j.kind = 'charge'), count(*) FILTER (WHERE j.kind = 'reversal'))
    FROM support_case.ledger_journal AS j
    WHERE j.kind IN ('charge', 'reversal')
    GROUP BY j.seller_id, j.case_id, j.response
    HAVING count(*) FILTER (WHERE j.kind = 'charge') - count(*) FILTER (WHERE j.kind = 'reversal') NOT IN (0, 1)
        OR max(j.revision) FILTER (WHERE j.kind = 'charge') <> count(*) FILTER (WHERE j.kind = 'charge') - 1
    UNION ALL
    SELECT 'journal_reversal', r.seller_id, r.case_id,
        format('Journal %s does not mirror the charge that it reverses.', r.journal_number)
    FROM support_case.ledger_journal AS r
    LEFT JOIN support_case.ledger_journal AS j
        ON j.seller_id = r.seller_id AND j.case_id = r.case_id AND j.response = r.response AND j.kind = 'charge'
            AND j.revision = r.revision
    WHERE r.kind = 'reversal'
        AND EXISTS (
            SELECT FROM support_case.ledger_entry AS e
            WHERE e.seller_id = r.seller_id AND e.case_id = r.case_id
                AND e.journal_number IN (r.journal_number, j.journal_number)
            GROUP BY e.account, e.component, e.currency
            HAVING sum(e.amount) <> 0)
$$;

COMMENT ON FUNCTION support_case._verify_journals() IS
'verify(): journals and entries by themselves.';

CREATE OR REPLACE FUNCTION support_case._verify_money()
RETURNS TABLE (check_name text, seller_id bigint, case_id bigint, detail text)
LANGUAGE sql STABLE
AS $$
    WITH posted AS MATERIALIZED (
        SELECT j.seller_id, j.case_id, j.journal_number, j.order_id, j.event_number, j.kind, j.response, j.revision, j.currency,
            coalesce(-sum(e.amount) FILTER (WHERE e.account = 'buyer_refund'), 0) AS refunded,
            coalesce(sum(e.amount) FILTER (WHERE e.component <> 'return'
                AND support_case._bears_charge(e.account)), 0) AS borne,
            coalesce(sum(e.amount) FILTER (WHERE e.component IN ('payout', 'shipping', 'fee')
                AND support_case._bears_charge(e.account)), 0) AS seller_money,
            coalesce(sum(e.amount) FILTER (WHERE e.component = 'payout'), 0) AS payout,
            coalesce(sum(e.amount) FILTER (WHERE e.component = 'shipping'), 0) AS shipping,
            coalesce(sum(e.amount) FILTER (WHERE e.component = 'fee'), 0) AS fee,
            coalesce(sum(e.amount) FILTER (WHERE e.account = 'seller_payable' AND e.component <> 'claim'), 0)
                AS borne_by_seller,
            coalesce(sum(e.amount) FILTER (WHERE e.account = 'carrier_claim' AND e.component <> 'claim'), 0)
                AS borne_by_carrier,
            coalesce(sum(e.amount) FILTER (WHERE e.account = 'platform_absorbed' AND e.component <> 'claim'), 0)
                AS borne_by_platform,
            coalesce(-sum(e.amount) FILTER (WHERE e.account = 'cash_clearing'), 0) AS cash,
            coalesce(sum(e.amount) FILTER (WHERE e.account = 'commission_reversal'), 0) AS commission,
            coalesce(sum(e.amount) FILTER (WHERE e.account = 'tax_reversal'), 0) AS tax
        FROM support_case.ledger_journal AS j
        JOIN support_case.ledger_entry AS e
            ON e.seller_id = j.seller_id AND e.case_id = j.case_id AND e.journal_number = j.journal_number
        GROUP BY j.seller_id, j.case_id, j.journal_number
    ), due AS MATERIALIZED (
        SELECT e.seller_id, e.case_id, e.event_number, e.transition, m.charge
        FROM support_case.state_machine() AS m
        JOIN support_case.case_event AS e
            ON e.transition = m.transition AND e.action = m.action AND e.actor = m.actor AND e.status = m.to_status
                AND e.resolution = m.resolution
        JOIN support_case.case_event AS b
            ON b.seller_id = e.seller_id AND b.case_id = e.case_id AND b.event_number = e.event_number - 1
                AND b.status = m.from_status
        WHERE m.machine = 'case' AND m.charge IS NOT NULL
    ), order_total AS MATERIALIZED (
        SELECT l.seller_id, l.order_id, l.refunded, l.seller_money, l.commission, l.tax, l.has_unknown_income,
            l.payout < p.payout OR l.shipping < p.shipping OR l.fee < p.fee AS has_excess_component,
            coalesce(p.refunded, 0) AS posted_refunded, coalesce(p.borne, 0) AS posted_borne,
            coalesce(p.seller_money, 0) AS posted_seller_money,
            coalesce(p.commission, 0) AS posted_commission, coalesce(p.tax, 0) AS posted_tax,
            coalesce(x.counted, 0) AS counted, coalesce(x.seller_money, 0) AS outside_seller_money,
            coalesce(x.commission, 0) AS outside_commission, coalesce(x.tax, 0) AS outside_tax
        FROM (SELECT o.seller_id, o.order_id, sum(o.refunded) AS refunded,
                sum(o.consumed_payout::numeric + o.consumed_shipping + o.consumed_fee) AS seller_money,
                sum(o.consumed_payout) AS payout, sum(o.consumed_shipping) AS shipping, sum(o.consumed_fee) AS fee,
                sum(o.consumed_commission) AS commission, sum(o.consumed_tax) AS tax,
                bool_or(o.consumed_commission = o.commission AND o.consumed_tax = o.tax
                    AND o.payout::numeric + o.shipping + o.fee + o.commission + o.tax < o.refundable)
                    AS has_unknown_income
            FROM support_case.sales_order_line AS o
            GROUP BY o.seller_id, o.order_id) AS l
        LEFT JOIN (SELECT q.seller_id, q.order_id, sum(q.refunded) AS refunded, sum(q.borne) AS borne,
                sum(q.payout) AS payout, sum(q.shipping) AS shipping, sum(q.fee) AS fee,
                sum(q.seller_money) AS seller_money, sum(q.commission) AS commission, sum(q.tax) AS tax
            FROM posted AS q
            WHERE q.kind IN ('charge', 'reversal')
            GROUP BY q.seller_id, q.order_id) AS p ON p.seller_id = l.seller_id AND p.order_id = l.order_id
        LEFT JOIN (SELECT r.seller_id, r.order_id, sum(r.counted_amount) AS counted,
                sum(r.consumed_seller_money) AS seller_money, sum(r.consumed_commission) AS commission,
                sum(r.consumed_tax) AS tax
            FROM support_case.external_refund AS r
            GROUP BY r.seller_id, r.order_id) AS x ON x.seller_id = l.seller_id AND x.order_id = l.order_id
    )
    SELECT 'journal_ground', p.seller_id, p.case_id,
        format('Journal %s charges %s, which event %s (%s, %s) does not charge.', p.journal_number, p.response,
            p.event_number, coalesce(s.transition, '(none)'), coalesce(s.action, '(none)'))
    FROM posted AS p
    LEFT JOIN support_case.case_event AS s
        ON s.seller_id = p.seller_id AND s.case_id = p.case_id AND s.event_number = p.event_number
    LEFT JOIN due AS d ON d.seller_id = p.seller_id AND d.case_id = p.case_id AND d.event_number = p.event_number
        AND d.charge = p.response
    WHERE CASE
        WHEN p.kind = 'settlement' THEN s.action IS DISTINCT FROM 'record_refund_settled'
        WHEN p.kind = 'recharge' THEN s.action IS DISTINCT FROM 'recharge_buyer'
        WHEN p.kind = 'claim_payment' THEN s.action IS DISTINCT FROM 'record_carrier_claim_paid'
        WHEN p.kind = 'reversal' OR p.revision > 0 THEN s.action IS DISTINCT FROM 'reassign_liability'
        ELSE d.charge IS NULL
    END
    UNION ALL
    SELECT 'journal_missing', d.seller_id, d.case_id,
        format('Event %s (%s) charges %s, and there is no journal.', d.event_number, d.transition, d.charge)
    FROM due AS d
    LEFT JOIN posted AS p ON p.seller_id = d.seller_id AND p.case_id = d.case_id AND p.event_number = d.event_number
    WHERE p.case_id IS NULL AND d.charge <> 'return_label'
        AND NOT EXISTS (
            SELECT FROM support_case.case_event AS n
            WHERE n.seller_id = d.seller_id AND n.case_id = d.case_id AND n.event_number = d.event_number + 1
                AND n.action = 'refund_clamped')
        AND EXISTS (
            SELECT FROM support_case.case_line AS l
            JOIN support_case.sales_order_line AS o
                ON o.seller_id = l.seller_id AND o.order_id = l.order_id AND o.line_number = l.line_number
            WHERE l.seller_id = d.seller_id AND l.case_id = d.case_id
                AND o.refundable::numeric * coalesce(l.decided_quantity, l.quantity) >= o.quantity)
    UNION ALL
    -- Refund and label of a charge are split, and rounded, each by itself.
    SELECT 'charge_bearer', p.seller_id, p.case_id,
        format('Of journal %s the seller bears %s minor units, the carrier %s and the platform %s; liable by the case: %s.',
            p.journal_number, p.borne_by_seller, p.borne_by_carrier, p.borne_by_platform,
            concat_ws(' ', coalesce(c.liability, 'seller'), c.liability_seller, c.liability_carrier, c.liability_platform))
    FROM (SELECT q.*, max(q.revision) OVER (PARTITION BY q.seller_id, q.case_id, q.response) AS last_revision
        FROM posted AS q
        WHERE q.kind = 'charge') AS p
    JOIN support_case.support_case AS c ON c.seller_id = p.seller_id AND c.case_id = p.case_id
    -- After a label that is charged without a refund, another decision may come.
    WHERE p.response <> 'return_label' AND p.revision = p.last_revision
        AND EXISTS (
            SELECT
            FROM (SELECT b.borne, b.weight, sum(b.borne) OVER () AS total, sum(b.weight) OVER () AS weights
                FROM (VALUES
                    (p.borne_by_seller, CASE c.liability WHEN 'split' THEN c.liability_seller WHEN 'carrier' THEN 0
                        WHEN 'platform' THEN 0 ELSE 1 END),
                    (p.borne_by_carrier, CASE c.liability WHEN 'split' THEN c.liability_carrier WHEN 'carrier' THEN 1
                        ELSE 0 END),
                    (p.borne_by_platform, CASE c.liability WHEN 'split' THEN c.liability_platform
                        WHEN 'platform' THEN 1 ELSE 0 END)) AS b (borne, weight)) AS k
            WHERE abs(k.borne * k.weights - k.total * k.weight)
                > CASE WHEN k.weight IN (0, k.weights) THEN 0 ELSE 2 * k.weights END)
    UNION ALL
    SELECT 'order_lines', coalesce(o.seller_id, l.seller_id), NULL,
        CASE WHEN l.order_id IS NULL THEN format('Order %s has no lines.', o.order_id)
            WHEN o.order_id IS NULL THEN format('The order %s of %s lines does not exist.', l.order_id, l.lines)
            ELSE format('The %s lines of order %s do not add up to its amounts, or the buyer can get back of one of them '
                'what was not paid for it.', l.lines, o.order_id) END
    FROM support_case.sales_order AS o
    FULL JOIN (
        SELECT k.seller_id, k.order_id, count(*) AS lines, sum(k.payout) AS payout, sum(k.shipping) AS shipping,
            sum(k.fee) AS fee, sum(k.commission) AS commission, sum(k.tax) AS tax,
            bool_and(k.refundable = k.unit_price::numeric * k.quantity + k.shipping) AS are_priced
        FROM support_case.sales_order_line AS k
        GROUP BY k.seller_id, k.order_id
    ) AS l ON l.seller_id = o.seller_id AND l.order_id = o.order_id
    WHERE (l.payout, l.shipping, l.fee, l.commission, l.tax, l.are_priced) IS DISTINCT FROM
        (o.payout::numeric, o.buyer_shipping::numeric, o.processing_fee::numeric, coalesce(o.commission, 0)::numeric,
            coalesce(o.tax, 0)::numeric, true)
    UNION ALL
    SELECT 'refunded_amount', o.seller_id, NULL,
        format('The lines of order %s count %s refunded minor units; journals have %s, refunds outside the cases %s.',
            o.order_id, o.refunded, o.posted_refunded, o.counted)
    FROM order_total AS o
    WHERE o.refunded <> o.posted_refunded + o.counted
    UNION ALL
    -- A partial refund may cost more than the seller money left, never less;
    -- what is charged part by part has gone.
    SELECT 'seller_money', o.seller_id, NULL,
        format('The lines of order %s count %s minor units of seller money as gone; the journals charge %s, refunds '
            'outside the cases took %s.', o.order_id, o.seller_money, o.posted_borne, o.outside_seller_money)
    FROM order_total AS o
    WHERE o.seller_money - o.outside_seller_money NOT BETWEEN o.posted_seller_money AND o.posted_borne
        OR o.has_excess_component
    UNION ALL
    -- What exceeds the income left of a line, where not all of it is known, is
    -- commission of unknown amount.
    SELECT 'platform_income', o.seller_id, NULL,
        format('The lines of order %s count %s minor units of commission and %s of tax as gone; the journals reverse '
            '%s and %s, refunds outside the cases took %s and %s.', o.order_id, o.commission, o.tax,
            o.posted_commission, o.posted_tax, o.outside_commission, o.outside_tax)
    FROM order_total AS o
    WHERE o.tax <> o.posted_tax + o.outside_tax OR o.commission > o.posted_commission + o.outside_commission
        OR (o.commission < o.posted_commission + o.outside_commission AND NOT o.has_unknown_income)
    UNION ALL
    SELECT 'refund_instruction', coalesce(i.seller_id, p.seller_id), coalesce(i.case_id, p.case_id),
        CASE WHEN p.case_id IS NULL THEN format('Refund instruction %s has no charge.', i.instruction_number)
            WHEN i.case_id IS NULL THEN format('Journal %s refunds %s minor units without an instruction.',
                p.journal_number, p.refunded)
            ELSE format('Refund instruction %s is %s minor units of %s, journal %s refunds %s of %s.', i.instruction_number,
                i.amount, i.currency, p.journal_number, p.refunded, p.currency) END
    FROM support_case.refund_instruction AS i
    FULL JOIN (SELECT q.* FROM posted AS q WHERE q.kind = 'charge' AND q.revision = 0 AND q.refunded > 0) AS p
        ON p.seller_id = i.seller_id AND p.case_id = i.case_id AND p.event_number = i.event_number
    WHERE (i.amount, i.currency) IS DISTINCT FROM (p.refunded, p.currency)
    UNION ALL
    SELECT 'refund_status', i.seller_id, i.case_id,
        format('Refund instruction %s is %s since %s; its events say %s since %s.', i.instruction_number, i.status,
            i.status_since, coalesce(m.to_status, 'instructed'),
            coalesce((coalesce(a.effective_at, b.effective_at))::text, '(never)'))
    FROM support_case.refund_instruction AS i
    LEFT JOIN support_case.case_event AS b
        ON b.seller_id = i.seller_id AND b.case_id = i.case_id AND b.event_number = i.event_number
    LEFT JOIN (
        SELECT DISTINCT ON (e.seller_id, e.case_id, e.details ->> 'instruction_number')
            e.seller_id, e.case_id, e.details ->> 'instruction_number' AS instruction_number, e.action,
            e.effective_at
        FROM support_case.case_event AS e
        WHERE e.action IN ('record_refund_settled', 'record_refund_failed')
        ORDER BY e.seller_id, e.case_id, e.details ->> 'instruction_number', e.event_number DESC
    ) AS a ON a.seller_id = i.seller_id AND a.case_id = i.case_id AND a.instruction_number = i.instruction_number::text
    LEFT JOIN (SELECT DISTINCT k.action, k.to_status FROM support_case.state_machine() AS k
        WHERE k.machine = 'refund_instruction') AS m ON m.action = a.action
    WHERE (i.status, i.status_since, i.instructed_at) IS DISTINCT FROM
        (coalesce(m.to_status, 'instructed'), coalesce(a.effective_at, b.effective_at), b.effective_at)
    UNION ALL
    SELECT 'refund_settlement', coalesce(i.seller_id, p.seller_id), coalesce(i.case_id, p.case_id),
        CASE WHEN i.case_id IS NULL THEN format('Journal %s settles refund instruction %s, which is not settled.',
                p.journal_number, p.revision)
            ELSE format('Refund instruction %s is settled with %s minor units; the ledger has %s.',
                i.instruction_number, i.amount, coalesce(p.cash::text, 'nothing')) END
    FROM (SELECT k.* FROM support_case.refund_instruction AS k WHERE k.status = 'settled') AS i
    FULL JOIN (SELECT q.* FROM posted AS q WHERE q.kind = 'settlement') AS p
        ON p.seller_id = i.seller_id AND p.case_id = i.case_id AND p.revision = i.instruction_number
    WHERE i.amount IS DISTINCT FROM p.cash
    UNION ALL
    SELECT 'recharge', coalesce(r.seller_id, p.seller_id), coalesce(r.case_id, p.case_id),
        CASE WHEN r.case_id IS NULL THEN format('Journal %s re-charges the buyer, which is not recorded.',
                p.journal_number)
            ELSE format('Re-charge %s is %s minor units of %s; the ledger has %s.', r.recharge_number, r.amount, r.currency,
                coalesce(concat_ws(' of ', -p.cash, p.currency), 'nothing')) END
    FROM support_case.recharge AS r
    FULL JOIN (SELECT q.* FROM posted AS q WHERE q.kind = 'recharge') AS p
        ON p.seller_id = r.seller_id AND p.case_id = r.case_id AND p.event_number = r.event_number
    WHERE (r.amount, r.currency) IS DISTINCT FROM (-p.cash, p.currency)
    UNION ALL
    SELECT 'recharge_limit', r.seller_id, r.case_id,
        format('With re-charge %s the buyer pays back %s minor units; %s were refunded, and the consent is to %s.',
            r.recharge_number, r.total, coalesce(i.refunded, 0), coalesce(c.amount::text, '(none)'))
    FROM (SELECT k.*, sum(k.amount) OVER (PARTITION BY k.seller_id, k.case_id ORDER BY k.recharge_number) AS total
        FROM support_case.recharge AS k) AS r
    LEFT JOIN support_case.recharge_consent AS c
        ON c.seller_id = r.seller_id AND c.case_id = r.case_id AND c.consent_number = r.consent_number
    LEFT JOIN (SELECT k.seller_id, k.case_id, sum(k.amount) AS refunded
        FROM support_case.refund_instruction AS k
        GROUP BY k.seller_id, k.case_id) AS i ON i.seller_id = r.seller_id AND i.case_id = r.case_id
    WHERE c.case_id IS NULL OR r.total > c.amount OR r.total > coalesce(i.refunded, 0)
$$;

COMMENT ON FUNCTION support_case._verify_money() IS
'verify(): the ledger against events, order lines, refund instructions, refunds outside the cases and re-charges.';
