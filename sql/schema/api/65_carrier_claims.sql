-- Claims against carriers for refunded parcels (W-119 to W-128).  A claim is
-- scheduled until the wait after the ship date is over and a refund of the
-- order executed: from that instant on it is fileable, whoever has written it.

CREATE OR REPLACE FUNCTION support_case._refund_executed_at(
    requires text,
    status text,
    instructed_at timestamptz,
    status_since timestamptz
)
RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN requires = 'instructed_refund' THEN instructed_at WHEN status = 'settled' THEN status_since END
$$;

COMMENT ON FUNCTION support_case._refund_executed_at(text, text, timestamptz, timestamptz) IS
'When a refund instruction counts as executed by the policy''s claim_requires; null while it does not (AMB-58).';

CREATE OR REPLACE FUNCTION support_case._order_refund(
    seller_id bigint,
    order_id bigint,
    requires text,
    OUT executed_at timestamptz,
    OUT amount numeric
)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    outside_at timestamptz;
    outside_amount numeric;
BEGIN
    -- Only where a deadline that no sweep has written may have refunded is it
    -- worth rolling forward.
    IF EXISTS (SELECT FROM support_case.support_case AS c
        WHERE c.seller_id = _order_refund.seller_id AND c.order_id = _order_refund.order_id
            AND c.due_at <= support_case.clock() AND c.stalled_code IS NULL)
    THEN
        SELECT min(i.executed_at), sum(i.amount) INTO executed_at, amount
        FROM (
            SELECT support_case._refund_executed_at(requires, n.status, n.instructed_at, n.status_since) AS executed_at,
                n.amount
            FROM support_case.refund_instructions AS n
            WHERE n.seller_id = _order_refund.seller_id AND n.order_id = _order_refund.order_id
        ) AS i
        WHERE i.executed_at IS NOT NULL;
    ELSE
        SELECT min(i.executed_at), sum(i.amount) INTO executed_at, amount
        FROM (
            SELECT support_case._refund_executed_at(requires, n.status, n.instructed_at, n.status_since) AS executed_at,
                support_case._to_major(n.amount, n.currency) AS amount
            FROM support_case.support_case AS c
            JOIN support_case.refund_instruction AS n ON n.seller_id = c.seller_id AND n.case_id = c.case_id
            WHERE c.seller_id = _order_refund.seller_id AND c.order_id = _order_refund.order_id
        ) AS i
        WHERE i.executed_at IS NOT NULL;
    END IF;
    SELECT min(e.recorded_at), sum(support_case._to_major(e.amount, o.currency)) INTO outside_at, outside_amount
    FROM support_case.external_refund AS e
    JOIN support_case.sales_order AS o ON o.seller_id = e.seller_id AND o.order_id = e.order_id
    WHERE e.seller_id = _order_refund.seller_id AND e.order_id = _order_refund.order_id
        AND e.kind = 'external_refund';
    executed_at := least(executed_at, outside_at);
    IF executed_at IS NOT NULL THEN
        amount := coalesce(amount, 0) + coalesce(outside_amount, 0);
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._order_refund(bigint, bigint, text) IS
'When the first refund of an order was executed, by the policy''s claim_requires, and what all came to, in major units; null when there is none. Refunds outside the cases count, chargebacks and replacements do not (AMB-58).';

-- What is monotone in time stays so: a refund does not un-happen.
CREATE OR REPLACE FUNCTION support_case._claim_fileable_at(k support_case.carrier_claim)
RETURNS timestamptz
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    RETURN (
        SELECT greatest(k.wait_ends_at, r.executed_at, k.requested_at)
        FROM support_case.support_case AS c
        JOIN support_case.policy AS p ON p.policy_version = c.policy_version
        CROSS JOIN LATERAL support_case._order_refund(k.seller_id, k.order_id, p.claim_requires) AS r
        WHERE c.seller_id = k.seller_id AND c.case_id = k.case_id AND r.executed_at IS NOT NULL);
END
$$;

COMMENT ON FUNCTION support_case._claim_fileable_at(support_case.carrier_claim) IS
'From when on a scheduled claim can be filed; null while no refund was executed (W-119, W-122, AMB-57, AMB-58).';

CREATE OR REPLACE FUNCTION support_case._claim_cover(s support_case.shipment, cap text)
RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN cap = 'included_or_purchased_cover'
        THEN greatest((s).included_cover, coalesce((s).insured_value, 0))
        ELSE (s).included_cover END
$$;

COMMENT ON FUNCTION support_case._claim_cover(support_case.shipment, text) IS
'What a shipment is insured for by the policy''s claim_cap, minor units (W-121, W-123, AMB-59).';

CREATE OR REPLACE FUNCTION support_case._claim_maximum(
    s support_case.shipment,
    currency text,
    cap text,
    refunded numeric
)
RETURNS bigint
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    claimed bigint;
    recharged bigint;
BEGIN
    IF refunded IS NOT NULL THEN
        -- A parcel that was found is lost no more (A-22).
        SELECT coalesce(sum(r.amount), 0) INTO recharged
        FROM support_case.support_case AS c
        JOIN support_case.recharge AS r ON r.seller_id = c.seller_id AND r.case_id = c.case_id
        WHERE c.seller_id = s.seller_id AND c.order_id = s.order_id;
        SELECT coalesce(sum(coalesce(k.paid_amount, k.claimed_amount)), 0) INTO claimed
        FROM support_case.carrier_claim AS k
        WHERE k.seller_id = s.seller_id AND k.order_id = s.order_id AND k.shipment_number <> s.shipment_number
            AND k.status IN ('filed', 'paid');
    END IF;
    RETURN greatest(0, least(support_case._claim_cover(s, cap), s.declared_value,
        support_case._to_minor(refunded, currency, 'refunded') - recharged - claimed));
END
$$;

COMMENT ON FUNCTION support_case._claim_maximum(support_case.shipment, text, text, numeric) IS
'The most that can be claimed for a shipment, minor units: the least of its cover, its declared value and what was refunded (null: not known yet) and neither re-charged nor claimed for other shipments of the order (A-22, AMB-59).';

CREATE OR REPLACE VIEW support_case.carrier_claims WITH (security_invoker = true) AS
SELECT k.seller_id, k.case_id, k.claim_number, k.claim_id, k.order_id, k.shipment_number, s.carrier, s.service, s.tracking_number,
    k.reason, e.status, k.manual_reason, s.handed_over_at, k.wait_ends_at, f.fileable_at, r.executed_at AS refunded_at,
    r.amount AS refunded_amount,
    support_case._to_major(NULLIF(support_case._claim_maximum(s, k.currency, p.claim_cap, r.amount), 0), k.currency)
        AS maximum_amount,
    support_case._to_major(k.claimed_amount, k.currency) AS claimed_amount,
    support_case._to_major(k.paid_amount, k.currency) AS paid_amount, k.currency, k.carrier_reference, k.denial_reason,
    k.requested_at, CASE WHEN e.status = k.status THEN k.status_since ELSE f.fileable_at END AS status_since,
    e.status = k.status AS is_recorded
FROM support_case.carrier_claim AS k
JOIN support_case.support_case AS c ON c.seller_id = k.seller_id AND c.case_id = k.case_id
JOIN support_case.policy AS p ON p.policy_version = c.policy_version
JOIN support_case.shipment AS s
    ON s.seller_id = k.seller_id AND s.order_id = k.order_id AND s.shipment_number = k.shipment_number
CROSS JOIN LATERAL (
    SELECT CASE k.status WHEN 'scheduled' THEN support_case._claim_fileable_at(k) ELSE k.fileable_at END AS fileable_at
    OFFSET 0
) AS f
CROSS JOIN LATERAL (
    SELECT support_case._effective_status('carrier_claim', k.status, f.fileable_at, support_case.clock()) AS status
) AS e
CROSS JOIN LATERAL support_case._order_refund(k.seller_id, k.order_id, p.claim_requires) AS r;

COMMENT ON VIEW support_case.carrier_claims IS 'Claims against carriers as of clock(): a wait that is over has taken effect, swept or not. Commands about claims return rows of this view.';
COMMENT ON COLUMN support_case.carrier_claims.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.carrier_claims.case_id IS 'The case whose refund it is to recover.';
COMMENT ON COLUMN support_case.carrier_claims.claim_number IS 'Number of the claim within the case.';
COMMENT ON COLUMN support_case.carrier_claims.claim_id IS 'Number of the claim among all: subject_id of its notices.';
COMMENT ON COLUMN support_case.carrier_claims.order_id IS 'The order.';
COMMENT ON COLUMN support_case.carrier_claims.shipment_number IS 'The shipment.';
COMMENT ON COLUMN support_case.carrier_claims.carrier IS 'The carrier.';
COMMENT ON COLUMN support_case.carrier_claims.service IS 'The carrier''s service.';
COMMENT ON COLUMN support_case.carrier_claims.tracking_number IS 'The carrier''s tracking number.';
COMMENT ON COLUMN support_case.carrier_claims.reason IS 'lost, stuck or damaged (AMB-60).';
COMMENT ON COLUMN support_case.carrier_claims.status IS 'Status, a code of machine carrier_claim of state_machine().';
COMMENT ON COLUMN support_case.carrier_claims.manual_reason IS 'Why the seller claims by hand: carrier_without_automatic_claims (W-125), insured_elsewhere (W-124) or claimed_directly (W-128).';
COMMENT ON COLUMN support_case.carrier_claims.handed_over_at IS 'The ship date: when the carrier accepted the parcel (AMB-57).';
COMMENT ON COLUMN support_case.carrier_claims.wait_ends_at IS 'When the wait after the ship date ends (D-10).';
COMMENT ON COLUMN support_case.carrier_claims.fileable_at IS 'From when on it can be filed; null while no refund was executed, and for manual claims.';
COMMENT ON COLUMN support_case.carrier_claims.refunded_at IS 'When the first refund of the order was executed (AMB-58).';
COMMENT ON COLUMN support_case.carrier_claims.refunded_amount IS 'What the executed refunds of the order came to, in major units.';
COMMENT ON COLUMN support_case.carrier_claims.maximum_amount IS 'The most that can be claimed, in major units: the least of cover, declared value and refund, less what was re-charged and what was claimed for other shipments of the order (A-22, AMB-59); null where that is nothing.';
COMMENT ON COLUMN support_case.carrier_claims.claimed_amount IS 'What was claimed, in major units.';
COMMENT ON COLUMN support_case.carrier_claims.paid_amount IS 'What the carrier paid, in major units.';
COMMENT ON COLUMN support_case.carrier_claims.currency IS 'ISO 4217 code of the amounts.';
COMMENT ON COLUMN support_case.carrier_claims.carrier_reference IS 'The carrier''s or insurer''s number of the claim.';
COMMENT ON COLUMN support_case.carrier_claims.denial_reason IS 'Why the carrier denied it.';
COMMENT ON COLUMN support_case.carrier_claims.requested_at IS 'When the seller asked for it.';
COMMENT ON COLUMN support_case.carrier_claims.status_since IS 'When the status was reached.';
COMMENT ON COLUMN support_case.carrier_claims.is_recorded IS 'Whether the status has been written; false while no sweep has.';

CREATE OR REPLACE VIEW support_case.carrier_claim_timeline WITH (security_invoker = true) AS
SELECT k.seller_id, k.case_id, k.claim_number, e.event_number, e.action, e.actor, e.actor_id, e.status, e.details,
    e.effective_at, e.recorded_at
FROM support_case.carrier_claim AS k
JOIN support_case.life_cycle_event AS e
    ON e.seller_id = k.seller_id AND e.machine = 'carrier_claim' AND e.subject_id = k.claim_id
UNION ALL
SELECT k.seller_id, k.case_id, k.claim_number,
    (SELECT max(e.event_number) + 1 FROM support_case.life_cycle_event AS e
        WHERE e.seller_id = k.seller_id AND e.machine = 'carrier_claim' AND e.subject_id = k.claim_id),
    'expire_deadline', 'system', NULL, k.status, jsonb_build_object('deadline', 'claim_wait'), k.fileable_at, NULL
FROM support_case.carrier_claims AS k
WHERE NOT k.is_recorded;

COMMENT ON VIEW support_case.carrier_claim_timeline IS 'Every event of a claim as of clock(): recorded, or brought about by a wait whose end no sweep has written yet (recorded_at is null then).';
COMMENT ON COLUMN support_case.carrier_claim_timeline.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.carrier_claim_timeline.case_id IS 'The case.';
COMMENT ON COLUMN support_case.carrier_claim_timeline.claim_number IS 'The claim.';
COMMENT ON COLUMN support_case.carrier_claim_timeline.event_number IS 'Number of the event within the claim.';
COMMENT ON COLUMN support_case.carrier_claim_timeline.action IS 'What was done.';
COMMENT ON COLUMN support_case.carrier_claim_timeline.actor IS 'In which part.';
COMMENT ON COLUMN support_case.carrier_claim_timeline.actor_id IS 'Who acted, where the caller said so.';
COMMENT ON COLUMN support_case.carrier_claim_timeline.status IS 'The status afterwards.';
COMMENT ON COLUMN support_case.carrier_claim_timeline.details IS 'What else belongs to the action.';
COMMENT ON COLUMN support_case.carrier_claim_timeline.effective_at IS 'When it took effect.';
COMMENT ON COLUMN support_case.carrier_claim_timeline.recorded_at IS 'When it was written; null while no sweep has.';

---------- what can be claimed ----------

CREATE OR REPLACE FUNCTION support_case._claim_reason(s support_case.shipment, c support_case.support_case)
RETURNS text
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    RETURN CASE
        WHEN s.last_scan_kind = 'lost' THEN 'lost'
        WHEN c.reason = 'damaged_in_transit' OR EXISTS (SELECT FROM support_case.shipment_scan AS n
            WHERE n.seller_id = s.seller_id AND n.order_id = s.order_id AND n.shipment_number = s.shipment_number
                AND n.kind = 'damaged') THEN 'damaged'
        WHEN s.handed_over_at IS NOT NULL AND s.delivered_at IS NULL AND s.last_scan_kind <> 'returned_to_sender'
            THEN 'stuck'
    END;
END
$$;

COMMENT ON FUNCTION support_case._claim_reason(support_case.shipment, support_case.support_case) IS
'What a claim for a shipment is about by its scans and the reason of the case: lost, damaged, stuck (accepted and not delivered), or null (AMB-60).';

-- The one rule of who can claim automatically; the first obstacle counts.
CREATE OR REPLACE FUNCTION support_case._claim_obstacle(
    s support_case.shipment,
    c support_case.support_case,
    reason text,
    is_refund_promised boolean
)
RETURNS text
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    p support_case.policy;
BEGIN
    SELECT k.* INTO STRICT p FROM support_case.policy AS k WHERE k.policy_version = c.policy_version;
    RETURN CASE
        WHEN EXISTS (SELECT FROM support_case.carrier_claim AS k
            WHERE k.seller_id = s.seller_id AND k.order_id = s.order_id AND k.shipment_number = s.shipment_number
                AND k.status NOT IN ('denied', 'cancelled')) THEN 'claimed_already'
        WHEN NOT s.has_automatic_claims THEN 'carrier_without_automatic_claims'
        WHEN s.insurer IS NOT NULL THEN 'insured_elsewhere'
        WHEN s.handed_over_at IS NULL THEN 'not_handed_over'
        WHEN EXISTS (SELECT FROM support_case.case_line AS l
            JOIN support_case.sales_order_line AS o
                ON o.seller_id = l.seller_id AND o.order_id = l.order_id AND o.line_number = l.line_number
            JOIN support_case.claim_excluded_category AS x ON x.category = o.category
            WHERE l.seller_id = c.seller_id AND l.case_id = c.case_id) THEN 'category_excluded'
        WHEN (_claim_obstacle.reason = ANY (p.claim_reasons)) IS NOT TRUE THEN 'reason_not_covered'
        WHEN support_case._claim_maximum(s, c.currency, p.claim_cap, NULL) = 0 THEN 'no_cover'
        WHEN NOT is_refund_promised AND (support_case._order_refund(s.seller_id, s.order_id, p.claim_requires))
            .executed_at IS NULL THEN 'no_refund'
    END;
END
$$;

COMMENT ON FUNCTION support_case._claim_obstacle(support_case.shipment, support_case.support_case, text, boolean) IS
'Why a shipment cannot be claimed automatically for a case; null when it can: claimed_already, carrier_without_automatic_claims (W-125), insured_elsewhere (W-124), not_handed_over (AMB-57), category_excluded (W-126), reason_not_covered (AMB-60), no_cover (AMB-59), no_refund (W-119, W-127, AMB-58).';

CREATE OR REPLACE FUNCTION support_case._is_refund_promised(status text)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT status IN ('partial_offered', 'return_pending', 'return_in_transit', 'return_inspection')
$$;

COMMENT ON FUNCTION support_case._is_refund_promised(text) IS
'Whether a case in this status is refunded unless something else happens: a claim may wait for it.';

CREATE OR REPLACE FUNCTION support_case.carrier_claim_eligibility(seller_id bigint, case_id bigint)
RETURNS TABLE (
    shipment_number integer,
    reason text,
    is_eligible boolean,
    is_manual boolean,
    obstacle text,
    maximum_amount numeric,
    currency text
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._authorise('seller', carrier_claim_eligibility.seller_id);
    PERFORM support_case._require(carrier_claim_eligibility.seller_id, 'seller_id');
    PERFORM support_case._require(carrier_claim_eligibility.case_id, 'case_id');
    IF NOT EXISTS (SELECT FROM support_case.support_case AS c
        WHERE c.seller_id = carrier_claim_eligibility.seller_id AND c.case_id = carrier_claim_eligibility.case_id)
    THEN
        PERFORM support_case._raise_no_case(carrier_claim_eligibility.seller_id, carrier_claim_eligibility.case_id);
    END IF;
    RETURN QUERY
    SELECT s.shipment_number, r.reason, b.obstacle IS NULL,
        coalesce(b.obstacle IN ('carrier_without_automatic_claims', 'insured_elsewhere'), false), b.obstacle,
        support_case._to_major(NULLIF(support_case._claim_maximum(s, c.currency, p.claim_cap,
            (support_case._order_refund(c.seller_id, c.order_id, p.claim_requires)).amount), 0), c.currency),
        c.currency
    FROM support_case.support_case AS c
    JOIN support_case.case_current AS k ON k.seller_id = c.seller_id AND k.case_id = c.case_id
    JOIN support_case.policy AS p ON p.policy_version = c.policy_version
    JOIN support_case.shipment AS s ON s.seller_id = c.seller_id AND s.order_id = c.order_id
    CROSS JOIN LATERAL (SELECT support_case._claim_reason(s, c) AS reason) AS r
    -- What the refund that is about to be offered does not stand in the way of.
    CROSS JOIN LATERAL (SELECT support_case._claim_obstacle(s, c, r.reason,
        k.status <> 'closed') AS obstacle) AS b
    WHERE c.seller_id = carrier_claim_eligibility.seller_id AND c.case_id = carrier_claim_eligibility.case_id
    ORDER BY s.shipment_number;
END
$$;

COMMENT ON FUNCTION support_case.carrier_claim_eligibility(bigint, bigint) IS
'The shipments of a case''s order (no row without any), and whether a claim against the carrier is possible with a refund: shipment_number, reason (lost, stuck, damaged), is_eligible (automatically), is_manual (the seller can claim by hand), obstacle (a code; null: none) and maximum_amount in major units of currency. Errors: P0002, 22004, SC004. (W-120 to W-127, AMB-57 to AMB-60)';

CREATE OR REPLACE FUNCTION support_case._raise_claim_obstacle(obstacle text, s support_case.shipment)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._raise('action_not_allowed', format('this shipment cannot be claimed: %s', obstacle),
        CASE obstacle
            WHEN 'claimed_already' THEN format('Shipment %s of order %s has a claim.', s.shipment_number, s.order_id)
            WHEN 'not_handed_over' THEN 'The carrier has not accepted the parcel.'
            WHEN 'category_excluded' THEN 'The case is about a category that carriers do not insure.'
            WHEN 'reason_not_covered' THEN 'The policy allows claims for some of lost, stuck and damaged parcels, and this is none of them.'
            WHEN 'no_cover' THEN 'The shipment has neither included nor purchased cover.'
            WHEN 'no_refund' THEN 'No refund of the order was executed, and none is promised.'
        END,
        CASE obstacle
            WHEN 'claimed_already' THEN 'View carrier_claims shows it.'
            WHEN 'no_refund' THEN 'Refund the buyer first.'
            ELSE 'carrier_claim_eligibility() tells beforehand; the seller may claim directly, with record_manual_carrier_claim().'
        END,
        'support_case', 'carrier_claim');
END
$$;

COMMENT ON FUNCTION support_case._raise_claim_obstacle(text, support_case.shipment) IS
'Raises SC001 that tells what keeps a shipment from being claimed.';

CREATE OR REPLACE FUNCTION support_case._shipment_of_case(c support_case.support_case, shipment_number integer)
RETURNS support_case.shipment
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    found_shipment support_case.shipment;
    shipment_count integer;
BEGIN
    SELECT count(*) INTO shipment_count FROM support_case.shipment AS s
    WHERE s.seller_id = c.seller_id AND s.order_id = c.order_id;
    IF shipment_count > 1 AND _shipment_of_case.shipment_number IS NULL THEN
        PERFORM support_case._raise('invalid_parameter_value',
            format('order %s has several shipments', c.order_id),
            format('There are %s.', shipment_count), 'Pass a shipment_number to request_carrier_claim().');
    END IF;
    SELECT s.* INTO found_shipment FROM support_case.shipment AS s
    WHERE s.seller_id = c.seller_id AND s.order_id = c.order_id
        AND s.shipment_number = coalesce(_shipment_of_case.shipment_number, s.shipment_number);
    IF NOT FOUND THEN
        PERFORM support_case._raise('no_data_found',
            format('order %s of seller %s has no shipment%s', c.order_id, c.seller_id,
                coalesce(' ' || _shipment_of_case.shipment_number, '')),
            NULL, 'Register it with record_shipment().', 'support_case', 'shipment');
    END IF;
    RETURN found_shipment;
END
$$;

COMMENT ON FUNCTION support_case._shipment_of_case(support_case.support_case, integer) IS
'A shipment of the case''s order, by default the only one. Errors: P0002, 22023.';

---------- how a claim changes ----------
