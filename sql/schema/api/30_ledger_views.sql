-- What is charged, computed from the order as it is; what was posted; and
-- both together, so that an automatic refund shows from its due instant on.

-- A label is charged once, though a return may expire, be reinstated and
-- arrive after all.
CREATE OR REPLACE FUNCTION support_case._uncharged_label_cost(
    seller_id bigint,
    case_id bigint,
    order_id bigint,
    charge text,
    counts_unscanned boolean
)
RETURNS bigint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    -- Responses are charged once; what a dearer label adds waits until the
    -- return arrives.
    IF charge = 'return_label' AND EXISTS (SELECT FROM support_case.ledger_journal AS j
        WHERE j.seller_id = _uncharged_label_cost.seller_id AND j.case_id = _uncharged_label_cost.case_id
            AND j.response = _uncharged_label_cost.charge)
    THEN
        RETURN 0;
    END IF;
    RETURN greatest(0,
        coalesce((SELECT sum(coalesce(l.label_cost, o.return_shipping, 0))
            FROM support_case.parcel AS l
            JOIN support_case.sales_order AS o
                ON o.seller_id = l.seller_id AND o.order_id = _uncharged_label_cost.order_id
            WHERE l.seller_id = _uncharged_label_cost.seller_id AND l.case_id = _uncharged_label_cost.case_id
                AND l.direction = 'return'
                AND (counts_unscanned OR l.handed_over_at IS NOT NULL OR l.delivered_at IS NOT NULL)), 0)
        + coalesce((SELECT sum(e.amount) FILTER (WHERE e.account = 'return_label')
            FROM support_case.ledger_entry AS e
            WHERE e.seller_id = _uncharged_label_cost.seller_id AND e.case_id = _uncharged_label_cost.case_id),
            0))::bigint;
END
$$;

COMMENT ON FUNCTION support_case._uncharged_label_cost(bigint, bigint, bigint, text, boolean) IS
'What the return labels of a case cost less what was charged for them, minor units; labels that were never scanned count where counts_unscanned; nothing when the charge is that of a label and there has been one (W-49, AMB-23).';

-- The rows of _refund_entries() and its siblings, written out where they are
-- asked for.
CREATE OR REPLACE FUNCTION support_case._line_row(l support_case.sales_order_line)
RETURNS bigint[]
LANGUAGE sql STABLE
AS $$
    SELECT ARRAY[l.line_number::bigint, l.quantity, l.refundable, l.refunded, l.refunded_quantity, l.consumed_payout,
        l.consumed_shipping, l.consumed_fee, l.consumed_commission, l.consumed_tax, l.payout, l.shipping, l.fee,
        l.commission, l.tax]
$$;

COMMENT ON FUNCTION support_case._line_row(support_case.sales_order_line) IS
'An order line as a row of argument lines of _refund_entries().';

CREATE OR REPLACE FUNCTION support_case._refund_row(
    c support_case.support_case,
    charge text,
    partial_components text,
    charge_unscanned_label boolean
)
RETURNS bigint[]
LANGUAGE sql STABLE
AS $$
    SELECT ARRAY[
        c.case_id,
        CASE
            WHEN charge = 'return_label' THEN 2
            WHEN charge NOT IN ('partial_refund', 'platform_partial_refund') THEN 0
            WHEN partial_components = 'pro_rata' THEN 3
            ELSE 1
        END,
        CASE WHEN charge IN ('partial_refund', 'platform_partial_refund') THEN c.agreed_amount ELSE 0 END,
        CASE WHEN charge IN ('full_refund_after_return', 'platform_refund', 'return_label')
            THEN support_case._uncharged_label_cost(c.seller_id, c.case_id, c.order_id, charge,
                charge_unscanned_label)
            ELSE 0 END,
        CASE c.liability WHEN 'platform' THEN 0 WHEN 'carrier' THEN 0
            WHEN 'split' THEN c.liability_seller ELSE 1 END,
        CASE c.liability WHEN 'carrier' THEN 1 WHEN 'split' THEN c.liability_carrier ELSE 0 END,
        CASE c.liability WHEN 'platform' THEN 1 WHEN 'split' THEN c.liability_platform ELSE 0 END
    ]
$$;

COMMENT ON FUNCTION support_case._refund_row(support_case.support_case, text, text, boolean) IS
'What a case is charged, by the policy''s ledger_partial_components and return_charge_unscanned_label, as a row of argument refunds of _refund_entries() (W-82 to W-89, AMB-23, AMB-34 to AMB-37).';

CREATE OR REPLACE FUNCTION support_case._refund_line_row(l support_case.case_line)
RETURNS bigint[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT ARRAY[(l).case_id, (l).line_number, coalesce((l).decided_quantity, (l).quantity)] $$;

COMMENT ON FUNCTION support_case._refund_line_row(support_case.case_line) IS
'A line of a case as an element of the argument refund_lines of _refund_entries(): as many units as the platform decided, or all of the case (AMB-21).';

CREATE OR REPLACE FUNCTION support_case._refund_arguments(
    seller_id bigint,
    order_id bigint,
    case_ids bigint[],
    charges text[],
    OUT lines bigint[],
    OUT refunds bigint[],
    OUT refund_lines bigint[]
)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off
AS $$
#variable_conflict use_column
BEGIN
    SELECT
        ARRAY(SELECT support_case._line_row(l)
            FROM support_case.sales_order_line AS l
            WHERE l.seller_id = _refund_arguments.seller_id AND l.order_id = _refund_arguments.order_id
            ORDER BY l.line_number),
        (SELECT array_agg(support_case._refund_row(c, r.charge, p.ledger_partial_components,
                p.return_charge_unscanned_label) ORDER BY r.refund_number)
            FROM unnest(case_ids, charges) WITH ORDINALITY AS r (case_id, charge, refund_number)
            JOIN support_case.support_case AS c
                ON c.seller_id = _refund_arguments.seller_id AND c.case_id = r.case_id
            JOIN support_case.policy AS p ON p.policy_version = c.policy_version),
        ARRAY(SELECT support_case._refund_line_row(l)
            FROM (SELECT DISTINCT unnest(_refund_arguments.case_ids) AS case_id) AS u
            JOIN support_case.case_line AS l
                ON l.seller_id = _refund_arguments.seller_id AND l.case_id = u.case_id
            WHERE l.decided_quantity IS DISTINCT FROM 0
            ORDER BY l.case_id, l.line_number)
    INTO lines, refunds, refund_lines;
END
$$;

COMMENT ON FUNCTION support_case._refund_arguments(bigint, bigint, bigint[], text[]) IS
'What _refund_entries() and its siblings need to know to charge these cases of one order, one after the other: the order''s lines, the cases'' amounts and liability, the cases'' lines (W-82 to W-89, AMB-23, AMB-34 to AMB-37).';

-- A charge depends on those that the order's other cases post before it.  The
-- order is looked up from the case, so that who asks about one case does not
-- wait for all that is due.
CREATE OR REPLACE VIEW support_case._due_charge WITH (security_invoker = true) AS
SELECT s.seller_id, s.order_id, s.case_id, s.buyer_id, s.currency, s.event_number, s.charge, s.status, s.resolution,
    s.deadline, s.due_at, s.effective_at, o.case_ids, o.charges, s.refund_visible_from, s.refund_visible_until
FROM support_case._due_step AS s
CROSS JOIN LATERAL (
    SELECT array_agg(d.case_id ORDER BY d.effective_at, d.case_id) AS case_ids,
        array_agg(d.charge ORDER BY d.effective_at, d.case_id) AS charges
    FROM support_case._due_step AS d
    WHERE d.seller_id = s.seller_id AND d.order_id = s.order_id AND d.charge IS NOT NULL
) AS o
WHERE s.charge IS NOT NULL;

COMMENT ON VIEW support_case._due_charge IS 'Charges that deadlines have brought about and no sweep has written yet, with all such charges of the order.';
COMMENT ON COLUMN support_case._due_charge.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case._due_charge.order_id IS 'The order.';
COMMENT ON COLUMN support_case._due_charge.case_id IS 'The case.';
COMMENT ON COLUMN support_case._due_charge.buyer_id IS 'The buyer.';
COMMENT ON COLUMN support_case._due_charge.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN support_case._due_charge.event_number IS 'The number that its event will have.';
COMMENT ON COLUMN support_case._due_charge.charge IS 'What is charged.';
COMMENT ON COLUMN support_case._due_charge.status IS 'The status afterwards.';
COMMENT ON COLUMN support_case._due_charge.resolution IS 'The resolution afterwards.';
COMMENT ON COLUMN support_case._due_charge.deadline IS 'The deadline that runs afterwards.';
COMMENT ON COLUMN support_case._due_charge.due_at IS 'When that one ends.';
COMMENT ON COLUMN support_case._due_charge.effective_at IS 'When it took effect.';
COMMENT ON COLUMN support_case._due_charge.case_ids IS 'The order''s cases that are charged, in posting order (AMB-121).';
COMMENT ON COLUMN support_case._due_charge.charges IS 'What each of these is charged.';
COMMENT ON COLUMN support_case._due_charge.refund_visible_from IS 'When the refund appears on the payment method at the earliest.';
COMMENT ON COLUMN support_case._due_charge.refund_visible_until IS 'When it appears there at the latest.';

-- One damaged order must not hide a ledger: the sweep will stall its case.
CREATE OR REPLACE FUNCTION support_case._due_refund_arguments(
    seller_id bigint,
    order_id bigint,
    case_ids bigint[],
    charges text[],
    OUT lines bigint[],
    OUT refunds bigint[],
    OUT refund_lines bigint[]
)
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    SELECT a.lines, a.refunds, a.refund_lines INTO lines, refunds, refund_lines
    FROM support_case._refund_arguments(seller_id, order_id, case_ids, charges) AS a;
    PERFORM FROM support_case._refund_totals(lines, refunds, refund_lines);
EXCEPTION WHEN OTHERS THEN
    IF NOT support_case._is_fault_of_case(SQLSTATE) THEN
        RAISE;
    END IF;
    lines := NULL;
END
$$;

COMMENT ON FUNCTION support_case._due_refund_arguments(bigint, bigint, bigint[], text[]) IS
'_refund_arguments() for what no sweep has written yet; lines is null, so that nothing is charged, where damage keeps the charges from being computed (AMB-122).';

-- What is paid is shared out after a charge as if the ones before it had been
-- posted.
CREATE OR REPLACE FUNCTION support_case._due_claim_legs(
    seller_id bigint,
    order_id bigint,
    case_id bigint,
    lines bigint[],
    refunds bigint[],
    refund_lines bigint[]
)
RETURNS TABLE (account text, component text, amount bigint)
LANGUAGE plpgsql STABLE ROWS 3
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    earlier record;
    this record;
BEGIN
    IF NOT EXISTS (SELECT FROM support_case.carrier_claim AS k
        WHERE k.seller_id = _due_claim_legs.seller_id AND k.order_id = _due_claim_legs.order_id AND k.status = 'paid')
    THEN
        RETURN;
    END IF;
    SELECT t.* INTO this
    FROM support_case._refund_totals(lines, refunds, refund_lines) WITH ORDINALITY AS t
    WHERE t.refund_key = _due_claim_legs.case_id;
    SELECT sum(t.seller_charged)::bigint AS seller, sum(t.carrier_charged)::bigint AS carrier,
        sum(t.platform_absorbed)::bigint AS platform
    INTO earlier
    FROM support_case._refund_totals(lines, refunds, refund_lines) WITH ORDINALITY AS t
    WHERE t.ordinality < this.ordinality;
    IF earlier.seller IS NULL THEN
        RETURN QUERY SELECT l.account, l.component, l.amount
        FROM support_case._claim_legs(seller_id, order_id, 0, this.seller_charged, this.carrier_charged,
            this.platform_absorbed) AS l;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT l.account, 'claim', l.amount
    FROM support_case._claim_shares(seller_id, order_id, 0, earlier.seller, earlier.carrier, earlier.platform) AS b
    CROSS JOIN support_case._claim_shares(seller_id, order_id, 0, earlier.seller + this.seller_charged,
        earlier.carrier + this.carrier_charged, earlier.platform + this.platform_absorbed) AS s
    CROSS JOIN LATERAL (VALUES
        ('carrier_claim', s.seller_share + s.platform_share - b.seller_share - b.platform_share),
        ('seller_payable', b.seller_share - s.seller_share),
        ('platform_absorbed', b.platform_share - s.platform_share)
    ) AS l (account, amount)
    WHERE l.amount <> 0;
END
$$;

COMMENT ON FUNCTION support_case._due_claim_legs(bigint, bigint, bigint, bigint[], bigint[], bigint[]) IS
'The entries by which the charge of a case that no sweep has written yet shares out anew what carriers have paid for the order, minor units. The arrays are those of _refund_entries() for all such charges of the order.';

CREATE OR REPLACE VIEW support_case._due_entry WITH (security_invoker = true) AS
SELECT d.seller_id, d.case_id,
    coalesce((SELECT max(j.journal_number) FROM support_case.ledger_journal AS j
        WHERE j.seller_id = d.seller_id AND j.case_id = d.case_id), 0) + 1 AS journal_number,
    row_number() OVER (PARTITION BY d.seller_id, d.case_id ORDER BY e.is_claim, e.position)::integer AS entry_number,
    d.order_id, d.event_number, d.charge AS response, e.account, e.component, d.currency, e.amount, d.effective_at
FROM support_case._due_charge AS d
CROSS JOIN LATERAL support_case._due_refund_arguments(d.seller_id, d.order_id, d.case_ids, d.charges) AS a
CROSS JOIN LATERAL (
    SELECT false AS is_claim, k.position, k.account, k.component, k.amount
    FROM support_case._refund_entries(a.lines, a.refunds, a.refund_lines)
        WITH ORDINALITY AS k (refund_key, account, component, amount, position)
    WHERE k.refund_key = d.case_id
    UNION ALL
    SELECT true, k.position, k.account, k.component, k.amount
    FROM support_case._due_claim_legs(d.seller_id, d.order_id, d.case_id, a.lines, a.refunds, a.refund_lines)
        WITH ORDINALITY AS k (account, component, amount, position)
    WHERE a.lines IS NOT NULL
) AS e;

COMMENT ON VIEW support_case._due_entry IS 'Ledger entries that deadlines have brought about and no sweep has written yet.';
COMMENT ON COLUMN support_case._due_entry.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case._due_entry.case_id IS 'The case.';
COMMENT ON COLUMN support_case._due_entry.journal_number IS 'The number that the journal will have.';
COMMENT ON COLUMN support_case._due_entry.entry_number IS 'The number that the entry will have.';
COMMENT ON COLUMN support_case._due_entry.order_id IS 'The order.';
COMMENT ON COLUMN support_case._due_entry.event_number IS 'The event that it belongs to.';
COMMENT ON COLUMN support_case._due_entry.response IS 'What is charged.';
COMMENT ON COLUMN support_case._due_entry.account IS 'Kind of the account.';
COMMENT ON COLUMN support_case._due_entry.component IS 'What part of the charge it is.';
COMMENT ON COLUMN support_case._due_entry.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN support_case._due_entry.amount IS 'Minor units, debit positive.';
COMMENT ON COLUMN support_case._due_entry.effective_at IS 'When it took effect.';

CREATE OR REPLACE VIEW support_case.seller_ledger WITH (security_invoker = true) AS
SELECT j.seller_id, j.case_id, j.journal_number, e.entry_number, j.order_id, j.event_number, j.kind, j.response,
    j.revision, e.account, e.component, e.currency, support_case._to_major(e.amount, e.currency) AS amount,
    j.effective_at, j.recorded_at
FROM support_case.ledger_journal AS j
JOIN support_case.ledger_entry AS e USING (seller_id, case_id, journal_number)
UNION ALL
SELECT d.seller_id, d.case_id, d.journal_number, d.entry_number, d.order_id, d.event_number, 'charge', d.response,
    0, d.account, d.component, d.currency, support_case._to_major(d.amount, d.currency),
    d.effective_at, NULL
FROM support_case._due_entry AS d;

COMMENT ON VIEW support_case.seller_ledger IS 'Every entry of the ledger as of clock(): posted, or brought about by a deadline that no sweep has written yet (recorded_at is null then).';
COMMENT ON COLUMN support_case.seller_ledger.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.seller_ledger.case_id IS 'The case.';
COMMENT ON COLUMN support_case.seller_ledger.journal_number IS 'Number of the journal within the case.';
COMMENT ON COLUMN support_case.seller_ledger.entry_number IS 'Number of the entry within the journal.';
COMMENT ON COLUMN support_case.seller_ledger.order_id IS 'The order.';
COMMENT ON COLUMN support_case.seller_ledger.event_number IS 'The event that the journal belongs to.';
COMMENT ON COLUMN support_case.seller_ledger.kind IS 'charge, reversal, settlement, claim_payment or recharge.';
COMMENT ON COLUMN support_case.seller_ledger.response IS 'What is charged (W-82).';
COMMENT ON COLUMN support_case.seller_ledger.revision IS 'Counts the corrections of the charge.';
COMMENT ON COLUMN support_case.seller_ledger.account IS 'Kind of the account.';
COMMENT ON COLUMN support_case.seller_ledger.component IS 'What part of the charge it is.';
COMMENT ON COLUMN support_case.seller_ledger.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN support_case.seller_ledger.amount IS 'Major units, debit positive, credit negative.';
COMMENT ON COLUMN support_case.seller_ledger.effective_at IS 'When it took effect.';
COMMENT ON COLUMN support_case.seller_ledger.recorded_at IS 'When it was written; null while no sweep has.';

CREATE OR REPLACE VIEW support_case.seller_balance WITH (security_invoker = true) AS
SELECT e.seller_id, e.currency, support_case._to_major(-sum(e.amount)::bigint, e.currency) AS balance
FROM (
    SELECT p.seller_id, p.currency, p.amount FROM support_case.ledger_entry AS p WHERE p.account = 'seller_payable'
    UNION ALL
    SELECT d.seller_id, d.currency, d.amount FROM support_case._due_entry AS d WHERE d.account = 'seller_payable'
) AS e
GROUP BY e.seller_id, e.currency;

COMMENT ON VIEW support_case.seller_balance IS 'What the cases have come to for each seller and currency, as of clock(): positive where the platform owes the seller. Speaks of case postings only.';
COMMENT ON COLUMN support_case.seller_balance.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.seller_balance.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN support_case.seller_balance.balance IS 'Major units, positive where the platform owes the seller.';

CREATE OR REPLACE VIEW support_case.refund_instructions WITH (security_invoker = true) AS
SELECT i.seller_id, i.case_id, i.instruction_number, c.order_id, c.buyer_id,
    support_case._to_major(i.amount, i.currency) AS amount, i.currency, i.status, i.failure_reason,
    i.instructed_at, i.visible_from, i.visible_until, i.status_since, true AS is_recorded
FROM support_case.refund_instruction AS i
JOIN support_case.support_case AS c USING (seller_id, case_id)
UNION ALL
SELECT d.seller_id, d.case_id,
    coalesce((SELECT max(i.instruction_number) FROM support_case.refund_instruction AS i
        WHERE i.seller_id = d.seller_id AND i.case_id = d.case_id), 0) + 1,
    d.order_id, d.buyer_id, support_case._to_major(t.refunded, d.currency), d.currency, 'instructed', NULL,
    d.effective_at, d.refund_visible_from, d.refund_visible_until, d.effective_at, false
FROM support_case._due_charge AS d
CROSS JOIN LATERAL support_case._due_refund_arguments(d.seller_id, d.order_id, d.case_ids, d.charges) AS a
CROSS JOIN LATERAL support_case._refund_totals(a.lines, a.refunds, a.refund_lines) AS t
WHERE t.refund_key = d.case_id AND t.refunded > 0;

COMMENT ON VIEW support_case.refund_instructions IS 'Refunds for the host to execute, as of clock(): instructed by a command, or by a deadline that no sweep has written yet. Report what became of one with record_refund_settled() or record_refund_failed().';
COMMENT ON COLUMN support_case.refund_instructions.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.refund_instructions.case_id IS 'The case.';
COMMENT ON COLUMN support_case.refund_instructions.instruction_number IS 'Number of the instruction within the case.';
COMMENT ON COLUMN support_case.refund_instructions.order_id IS 'The order.';
COMMENT ON COLUMN support_case.refund_instructions.buyer_id IS 'Who gets the money, on the original payment method (W-30).';
COMMENT ON COLUMN support_case.refund_instructions.amount IS 'Major units.';
COMMENT ON COLUMN support_case.refund_instructions.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN support_case.refund_instructions.status IS 'instructed, settled or failed (AMB-128).';
COMMENT ON COLUMN support_case.refund_instructions.failure_reason IS 'Why the payment provider failed, in the host''s words.';
COMMENT ON COLUMN support_case.refund_instructions.instructed_at IS 'When the refund took effect.';
COMMENT ON COLUMN support_case.refund_instructions.visible_from IS 'When it appears on the payment method at the earliest (D-09); null where the calendar cannot tell.';
COMMENT ON COLUMN support_case.refund_instructions.visible_until IS 'When it appears there at the latest (D-09); null where the calendar cannot tell.';
COMMENT ON COLUMN support_case.refund_instructions.status_since IS 'When the status was reached.';
COMMENT ON COLUMN support_case.refund_instructions.is_recorded IS 'Whether it has been written; false while no sweep has.';

CREATE OR REPLACE VIEW support_case.case_timeline WITH (security_invoker = true) AS
SELECT e.seller_id, e.case_id, e.event_number, e.transition, e.action, e.actor, e.actor_id, e.status, e.resolution,
    e.deadline, e.due_at, e.details, e.effective_at, e.recorded_at
FROM support_case.case_event AS e
UNION ALL
SELECT s.seller_id, s.case_id, s.event_number, s.transition, s.action, 'system', NULL, s.status, s.resolution,
    s.deadline, s.due_at, support_case._step_details(s.ended_deadline, s.stalled_code), s.effective_at, NULL
FROM support_case._due_step AS s
UNION ALL
SELECT d.seller_id, d.case_id, d.event_number + 1, NULL, 'refund_clamped', 'system', NULL, d.status, d.resolution,
    d.deadline, d.due_at, support_case._clamp_details(t.entitled, t.refunded, d.currency), d.effective_at, NULL
FROM support_case._due_charge AS d
CROSS JOIN LATERAL support_case._due_refund_arguments(d.seller_id, d.order_id, d.case_ids, d.charges) AS a
CROSS JOIN LATERAL support_case._refund_totals(a.lines, a.refunds, a.refund_lines) AS t
WHERE t.refund_key = d.case_id AND t.refunded < t.entitled;

COMMENT ON VIEW support_case.case_timeline IS 'Every event of a case as of clock(): recorded, or brought about by a deadline that no sweep has written yet (recorded_at is null then).';
COMMENT ON COLUMN support_case.case_timeline.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.case_timeline.case_id IS 'The case.';
COMMENT ON COLUMN support_case.case_timeline.event_number IS 'Number of the event within the case.';
COMMENT ON COLUMN support_case.case_timeline.transition IS 'The transition of state_machine().';
COMMENT ON COLUMN support_case.case_timeline.action IS 'What was done.';
COMMENT ON COLUMN support_case.case_timeline.actor IS 'In which part.';
COMMENT ON COLUMN support_case.case_timeline.actor_id IS 'Who acted, where the caller said so.';
COMMENT ON COLUMN support_case.case_timeline.status IS 'The status afterwards.';
COMMENT ON COLUMN support_case.case_timeline.resolution IS 'The resolution afterwards.';
COMMENT ON COLUMN support_case.case_timeline.deadline IS 'The deadline that runs afterwards.';
COMMENT ON COLUMN support_case.case_timeline.due_at IS 'When it ends.';
COMMENT ON COLUMN support_case.case_timeline.details IS 'What else belongs to the action.';
COMMENT ON COLUMN support_case.case_timeline.effective_at IS 'When it took effect.';
COMMENT ON COLUMN support_case.case_timeline.recorded_at IS 'When it was written; null while no sweep has.';
