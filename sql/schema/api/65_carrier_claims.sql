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
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    claimed bigint;
BEGIN
    IF refunded IS NOT NULL THEN
        SELECT coalesce(sum(coalesce(k.paid_amount, k.claimed_amount)), 0) INTO claimed
        FROM support_case.carrier_claim AS k
        WHERE k.seller_id = s.seller_id AND k.order_id = s.order_id AND k.shipment_number <> s.shipment_number
            AND k.status IN ('filed', 'paid');
    END IF;
    RETURN greatest(0, least(support_case._claim_cover(s, cap), s.declared_value,
        support_case._to_minor(refunded, currency, 'refunded') - claimed));
END
$$;

COMMENT ON FUNCTION support_case._claim_maximum(support_case.shipment, text, text, numeric) IS
'The most that can be claimed for a shipment, minor units: the least of its cover, its declared value and what was refunded (null: not known yet) and not claimed for other shipments of the order (AMB-59).';

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
COMMENT ON COLUMN support_case.carrier_claims.maximum_amount IS 'The most that can be claimed, in major units: the least of cover, declared value and refund, less what was claimed for other shipments of the order (AMB-59); null where that is nothing.';
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
SET enable_seqscan = off
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
'The shipments of a case''s order, and whether a claim against the carrier is possible with a refund: shipment_number, reason (lost, stuck, damaged), is_eligible (automatically), is_manual (the seller can claim by hand), obstacle (a code; null: none) and maximum_amount in major units of currency. Errors: SC004. (W-120 to W-127, AMB-57 to AMB-60)';

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

-- The seller is told of what the platform, the carrier or time has done.
CREATE OR REPLACE FUNCTION support_case._notify_of_claim(
    k support_case.carrier_claim,
    status text,
    event_number integer,
    at timestamptz
)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    IF status IN ('fileable', 'filed', 'paid', 'denied') THEN
        PERFORM support_case._notify(k.seller_id, 'carrier_claim', k.claim_id, event_number, 'seller', k.seller_id,
            'carrier_claim_' || status,
            jsonb_strip_nulls(jsonb_build_object('case_id', k.case_id, 'claim_number', k.claim_number,
                'order_id', k.order_id, 'shipment_number', k.shipment_number, 'reason', k.reason,
                'claimed_amount', k.claimed_amount, 'paid_amount', k.paid_amount, 'currency', k.currency)),
            at);
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._notify_of_claim(support_case.carrier_claim, text, integer, timestamptz) IS
'Tells the seller that a claim, as it is now, can be filed, was filed, paid or denied.';

-- Writes the claim as k says it is to be, in the status that the action leads
-- to, with its event.  Without a number it is a new one.
CREATE OR REPLACE FUNCTION support_case._move_claim(
    c support_case.support_case,
    k support_case.carrier_claim,
    action text,
    actor text,
    actor_id text,
    details jsonb
)
RETURNS integer
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    at timestamptz := greatest(c.last_effective_at, k.status_since);
    is_new boolean := k.claim_id IS NULL;
    step support_case.life_cycle_event;
BEGIN
    IF is_new THEN
        k.claim_id := nextval('support_case.claim_id_seq');
    END IF;
    step := support_case._take_step('carrier_claim', c.seller_id, k.claim_id, k.status, action, actor, actor_id,
        jsonb_strip_nulls(details), at, at);
    IF is_new THEN
        k.seller_id := c.seller_id;
        k.case_id := c.case_id;
        k.order_id := c.order_id;
        k.currency := c.currency;
        k.requested_at := at;
        k.claim_number := coalesce((SELECT max(n.claim_number) FROM support_case.carrier_claim AS n
            WHERE n.seller_id = c.seller_id AND n.case_id = c.case_id), 0) + 1;
        INSERT INTO support_case.carrier_claim (seller_id, case_id, claim_number, claim_id, order_id, shipment_number,
            reason, status, manual_reason, currency, wait_ends_at, carrier_reference, requested_at, status_since)
        VALUES (k.seller_id, k.case_id, k.claim_number, k.claim_id, k.order_id, k.shipment_number, k.reason, step.status,
            k.manual_reason, k.currency, k.wait_ends_at, k.carrier_reference, k.requested_at, at);
    ELSE
        UPDATE support_case.carrier_claim AS n
        SET status = step.status, status_since = at, manual_reason = k.manual_reason,
            claimed_amount = k.claimed_amount, paid_amount = k.paid_amount, carrier_reference = k.carrier_reference,
            denial_reason = k.denial_reason
        WHERE n.seller_id = k.seller_id AND n.case_id = k.case_id AND n.claim_number = k.claim_number;
    END IF;
    PERFORM support_case._notify_of_claim(k, step.status, step.event_number, at);
    RETURN k.claim_number;
END
$$;

COMMENT ON FUNCTION support_case._move_claim(support_case.support_case, support_case.carrier_claim, text, text, text, jsonb) IS
'Takes a claim, whose case and row the caller has locked, along an action of machine carrier_claim, tells the seller, and returns its number. Errors: SC001.';

CREATE OR REPLACE FUNCTION support_case._expire_carrier_claims(
    seller_ids bigint[],
    claim_ids bigint[],
    until timestamptz
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    steps support_case.life_cycle_event[] := ARRAY(
        SELECT e
        FROM (
            SELECT array_agg(k.seller_id) AS seller_ids, array_agg(k.claim_id) AS claim_ids,
                array_agg(k.status) AS statuses, array_agg(f.fileable_at) AS ends
            FROM unnest(seller_ids, claim_ids) AS u (seller_id, claim_id)
            JOIN support_case.carrier_claim AS k ON k.seller_id = u.seller_id AND k.claim_id = u.claim_id
            CROSS JOIN LATERAL (SELECT support_case._claim_fileable_at(k) AS fileable_at OFFSET 0) AS f
            WHERE k.status = 'scheduled' AND f.fileable_at <= until
        ) AS d
        CROSS JOIN LATERAL support_case._take_steps('carrier_claim', d.seller_ids, d.claim_ids, d.statuses,
            'expire_deadline', 'system', NULL, jsonb_build_object('deadline', 'claim_wait'), d.ends, until) AS e);
BEGIN
    IF cardinality(steps) > 0 THEN
        UPDATE support_case.carrier_claim AS k
        SET status = e.status, status_since = e.effective_at, fileable_at = e.effective_at, retry_at = NULL
        FROM unnest(steps) AS e
        WHERE k.seller_id = e.seller_id AND k.claim_id = e.subject_id;
        PERFORM support_case._notify_of_claim(k, e.status, e.event_number, e.effective_at)
        FROM unnest(steps) AS e
        JOIN support_case.carrier_claim AS k ON k.seller_id = e.seller_id AND k.claim_id = e.subject_id;
    END IF;
    RETURN cardinality(steps);
END
$$;

COMMENT ON FUNCTION support_case._expire_carrier_claims(bigint[], bigint[], timestamptz) IS
'Writes the end of the wait of these claims, which the caller has locked, where it came at or before until, tells their sellers, and returns how many (D-10).';

CREATE OR REPLACE FUNCTION support_case._lock_due_carrier_claims(until timestamptz, batch integer)
RETURNS TABLE (seller_id bigint, claim_id bigint)
LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT k.seller_id, k.claim_id
    FROM support_case.carrier_claim AS k
    WHERE k.status = 'scheduled' AND coalesce(k.retry_at, k.wait_ends_at) <= _lock_due_carrier_claims.until
    ORDER BY coalesce(k.retry_at, k.wait_ends_at)
    LIMIT batch
    FOR NO KEY UPDATE SKIP LOCKED;
END
$$;

COMMENT ON FUNCTION support_case._lock_due_carrier_claims(timestamptz, integer) IS
'Locks up to batch claims whose wait is over and that nobody else holds, refunded or not, and returns them, for _sweep_small_machine().';

CREATE OR REPLACE FUNCTION support_case._lock_claim(c support_case.support_case, claim_number integer)
RETURNS support_case.carrier_claim
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    k support_case.carrier_claim;
    live_count integer;
BEGIN
    IF _lock_claim.claim_number IS NULL THEN
        SELECT count(*) FILTER (WHERE n.status NOT IN ('paid', 'denied', 'cancelled')),
            coalesce(max(n.claim_number) FILTER (WHERE n.status NOT IN ('paid', 'denied', 'cancelled')),
                max(n.claim_number))
        INTO live_count, claim_number
        FROM support_case.carrier_claim AS n
        WHERE n.seller_id = c.seller_id AND n.case_id = c.case_id;
        IF live_count > 1 THEN
            PERFORM support_case._raise('invalid_parameter_value', format('case %s has several claims', c.case_id),
                format('%s of them are open.', live_count), 'Pass a claim_number.');
        END IF;
    END IF;
    SELECT n.* INTO k FROM support_case.carrier_claim AS n
    WHERE n.seller_id = c.seller_id AND n.case_id = c.case_id AND n.claim_number = _lock_claim.claim_number
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM support_case._raise('no_data_found', format('case %s has no such claim', c.case_id),
            NULL, 'The seller asks for one with request_carrier_claim().', 'support_case', 'carrier_claim');
    END IF;
    IF support_case._expire_carrier_claims(ARRAY[k.seller_id], ARRAY[k.claim_id], c.last_effective_at) > 0 THEN
        SELECT n.* INTO k FROM support_case.carrier_claim AS n
        WHERE n.seller_id = c.seller_id AND n.case_id = c.case_id AND n.claim_number = _lock_claim.claim_number;
    END IF;
    RETURN k;
END
$$;

COMMENT ON FUNCTION support_case._lock_claim(support_case.support_case, integer) IS
'Locks a claim of a case that _begin() returned, by default the only one that is open, rolls it forward to the instant of the command and returns it. Errors: P0002, 22023.';

CREATE OR REPLACE FUNCTION support_case._finish_claim(
    seller_id bigint,
    case_id bigint,
    claim_number integer,
    command text,
    actor_id text,
    idempotency_key text,
    arguments jsonb
)
RETURNS SETOF support_case.carrier_claims
LANGUAGE plpgsql VOLATILE ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    answer jsonb;
BEGIN
    IF idempotency_key IS NOT NULL THEN
        answer := support_case._find_answer(seller_id, actor_id, idempotency_key, command, arguments);
    END IF;
    IF answer IS NULL THEN
        SELECT jsonb_agg(to_jsonb(k)) INTO answer FROM support_case.carrier_claims AS k
        WHERE k.seller_id = _finish_claim.seller_id AND k.case_id = _finish_claim.case_id
            AND k.claim_number = _finish_claim.claim_number;
        IF idempotency_key IS NOT NULL THEN
            PERFORM support_case._keep_answer(seller_id, actor_id, idempotency_key, command, arguments, answer);
        END IF;
    END IF;
    RETURN QUERY SELECT k.* FROM jsonb_populate_recordset(NULL::support_case.carrier_claims, answer) AS k;
END
$$;

COMMENT ON FUNCTION support_case._finish_claim(bigint, bigint, integer, text, text, text, jsonb) IS
'Ends a command about a claim: returns its row of carrier_claims, and keeps it under the idempotency key, or returns what was kept.';

---------- the seller ----------

CREATE OR REPLACE FUNCTION support_case._open_claim(
    c support_case.support_case,
    s support_case.shipment,
    reason text,
    obstacle text,
    actor_id text
)
RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    k support_case.carrier_claim;
BEGIN
    k.shipment_number := s.shipment_number;
    k.reason := _open_claim.reason;
    IF obstacle IN ('carrier_without_automatic_claims', 'insured_elsewhere') THEN
        k.manual_reason := obstacle;
        RETURN support_case._move_claim(c, k, 'record_manual_carrier_claim', 'seller', actor_id,
            jsonb_build_object('shipment_number', s.shipment_number, 'reason', reason, 'manual_reason', obstacle));
    END IF;
    IF obstacle IS NOT NULL THEN
        PERFORM support_case._raise_claim_obstacle(obstacle, s);
    END IF;
    SELECT support_case._term_end(s.handed_over_at, p.claim_wait, c.calendar_code) INTO k.wait_ends_at
    FROM support_case.policy AS p
    WHERE p.policy_version = c.policy_version;
    RETURN support_case._move_claim(c, k, 'request_carrier_claim', 'seller', actor_id,
        jsonb_build_object('shipment_number', s.shipment_number, 'reason', reason,
            'wait_ends_at', support_case._iso_instant(k.wait_ends_at)));
END
$$;

COMMENT ON FUNCTION support_case._open_claim(support_case.support_case, support_case.shipment, text, text, text) IS
'Makes the claim for a shipment, manual where the carrier or an insurer asks for it, and returns its number. Errors: SC001 (obstacle).';

-- With the refund; a shipment that is claimed already needs no second claim.
CREATE OR REPLACE FUNCTION support_case._claim_with_refund(c support_case.support_case, actor_id text)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    s support_case.shipment := support_case._shipment_of_case(c, NULL);
    claim_reason text := support_case._claim_reason(s, c);
    obstacle text := support_case._claim_obstacle(s, c, claim_reason, true);
BEGIN
    IF obstacle IS DISTINCT FROM 'claimed_already' THEN
        PERFORM support_case._open_claim(c, s, claim_reason, obstacle, actor_id);
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._claim_with_refund(support_case.support_case, text) IS
'What is_carrier_claim_wanted of an offer asks for (W-120). Errors: P0002, 22023, SC001.';

CREATE OR REPLACE FUNCTION support_case.request_carrier_claim(
    seller_id bigint,
    case_id bigint,
    shipment_number integer DEFAULT NULL,
    reason text DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.carrier_claims
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(case_id, shipment_number, reason) END;
    c support_case.support_case;
    s support_case.shipment;
    claim_reason text;
    number integer;
BEGIN
    PERFORM support_case._authorise('seller', request_carrier_claim.seller_id);
    IF reason IS NOT NULL THEN
        PERFORM support_case._check_choice(reason, 'reason', 'lost', 'stuck', 'damaged');
    END IF;
    c := support_case._begin(seller_id, case_id, 'request_carrier_claim', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        s := support_case._shipment_of_case(c, shipment_number);
        claim_reason := coalesce(reason, support_case._claim_reason(s, c));
        number := support_case._open_claim(c, s, claim_reason,
            support_case._claim_obstacle(s, c, claim_reason, support_case._is_refund_promised(c.status)), actor_id);
    END IF;
    RETURN QUERY SELECT k.* FROM support_case._finish_claim(seller_id, case_id, number, 'request_carrier_claim', actor_id,
        idempotency_key, arguments) AS k;
END
$$;

COMMENT ON FUNCTION support_case.request_carrier_claim(bigint, bigint, integer, text, text, text) IS
'The seller wants the platform to claim a refunded shipment from its carrier, and returns the claim: scheduled until claim_wait after the acceptance scan, then fileable, once a refund of the order was executed (W-119, W-122, AMB-57, AMB-58); manual where the carrier takes no automatic claims or an insurer covers the shipment (W-124, W-125). shipment_number: by default the order''s only shipment; reason: lost, stuck or damaged, by default what scans and case say (AMB-60). Errors: P0002, 22004, 22023, SC001 (not eligible; the message ends with the obstacle of carrier_claim_eligibility()), SC009. (W-120, D-10)';

CREATE OR REPLACE FUNCTION support_case.record_manual_carrier_claim(
    seller_id bigint,
    case_id bigint,
    shipment_number integer DEFAULT NULL,
    carrier_reference text DEFAULT NULL,
    reason text DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.carrier_claims
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(case_id, shipment_number, carrier_reference, reason) END;
    c support_case.support_case;
    s support_case.shipment;
    k support_case.carrier_claim;
    number integer;
BEGIN
    PERFORM support_case._authorise('seller', record_manual_carrier_claim.seller_id);
    IF reason IS NOT NULL THEN
        PERFORM support_case._check_choice(reason, 'reason', 'lost', 'stuck', 'damaged');
    END IF;
    IF carrier_reference IS NOT NULL THEN
        PERFORM support_case._check_text(carrier_reference, 'carrier_reference', 255);
    END IF;
    c := support_case._begin(seller_id, case_id, 'record_manual_carrier_claim', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        s := support_case._shipment_of_case(c, shipment_number);
        SELECT n.claim_number INTO number FROM support_case.carrier_claim AS n
        WHERE n.seller_id = s.seller_id AND n.order_id = s.order_id AND n.shipment_number = s.shipment_number
            AND n.case_id = c.case_id AND n.status NOT IN ('denied', 'cancelled');
        IF FOUND THEN
            k := support_case._lock_claim(c, number);
        ELSIF support_case._claim_obstacle(s, c, reason, true) = 'claimed_already' THEN
            PERFORM support_case._raise_claim_obstacle('claimed_already', s);
        ELSE
            k.shipment_number := s.shipment_number;
            k.reason := coalesce(record_manual_carrier_claim.reason, support_case._claim_reason(s, c));
        END IF;
        k.manual_reason := CASE
            WHEN s.insurer IS NOT NULL THEN 'insured_elsewhere'
            WHEN NOT s.has_automatic_claims THEN 'carrier_without_automatic_claims'
            ELSE 'claimed_directly'
        END;
        k.carrier_reference := record_manual_carrier_claim.carrier_reference;
        number := support_case._move_claim(c, k, 'record_manual_carrier_claim', 'seller', actor_id,
            jsonb_build_object('shipment_number', s.shipment_number, 'reason', k.reason,
                'manual_reason', k.manual_reason, 'carrier_reference', carrier_reference));
    END IF;
    RETURN QUERY SELECT n.* FROM support_case._finish_claim(seller_id, case_id, number, 'record_manual_carrier_claim',
        actor_id, idempotency_key, arguments) AS n;
END
$$;

COMMENT ON FUNCTION support_case.record_manual_carrier_claim(bigint, bigint, integer, text, text, text, text) IS
'The seller claims a shipment directly at its carrier or insurer, and returns the claim, manual: one that the platform has not filed yet becomes manual (W-124, W-125, W-128). What is paid goes to the seller directly and is not posted here. carrier_reference: the number of the claim there. Errors: P0002, 22004, 22023, SC001 (filed already), SC009.';

CREATE OR REPLACE FUNCTION support_case.cancel_carrier_claim(
    seller_id bigint,
    case_id bigint,
    claim_number integer DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.carrier_claims
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL THEN jsonb_build_array(case_id, claim_number) END;
    c support_case.support_case;
    number integer;
BEGIN
    PERFORM support_case._authorise('seller', cancel_carrier_claim.seller_id);
    c := support_case._begin(seller_id, case_id, 'cancel_carrier_claim', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        number := support_case._move_claim(c, support_case._lock_claim(c, claim_number), 'cancel_carrier_claim', 'seller',
            actor_id, '{}');
    END IF;
    RETURN QUERY SELECT k.* FROM support_case._finish_claim(seller_id, case_id, number, 'cancel_carrier_claim', actor_id,
        idempotency_key, arguments) AS k;
END
$$;

COMMENT ON FUNCTION support_case.cancel_carrier_claim(bigint, bigint, integer, text, text) IS
'The seller gives up a claim that was not filed (default: the only open one of the case), and returns it; another one may be requested. Errors: P0002, 22004, 22023, SC001, SC009. (W-120)';

---------- the host, for the carrier ----------

CREATE OR REPLACE FUNCTION support_case.record_carrier_claim_filed(
    seller_id bigint,
    case_id bigint,
    carrier_reference text DEFAULT NULL,
    amount numeric DEFAULT NULL,
    claim_number integer DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.carrier_claims
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(case_id, carrier_reference, trim_scale(amount), claim_number) END;
    c support_case.support_case;
    k support_case.carrier_claim;
    maximum bigint;
    number integer;
BEGIN
    PERFORM support_case._authorise('host', record_carrier_claim_filed.seller_id);
    IF carrier_reference IS NOT NULL THEN
        PERFORM support_case._check_text(carrier_reference, 'carrier_reference', 255);
    END IF;
    c := support_case._begin(seller_id, case_id, 'record_carrier_claim_filed', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        k := support_case._lock_claim(c, claim_number);
        SELECT support_case._claim_maximum(s, k.currency, p.claim_cap,
            (support_case._order_refund(k.seller_id, k.order_id, p.claim_requires)).amount)
        INTO maximum
        FROM support_case.shipment AS s, support_case.policy AS p
        WHERE s.seller_id = k.seller_id AND s.order_id = k.order_id AND s.shipment_number = k.shipment_number
            AND p.policy_version = c.policy_version;
        -- Nothing left, because other shipments were claimed: refused as one minor unit too many.
        k.claimed_amount := CASE WHEN amount IS NULL THEN greatest(maximum, 1)
            ELSE support_case._to_positive_minor(amount, k.currency, 'amount') END;
        k.carrier_reference := record_carrier_claim_filed.carrier_reference;
        number := support_case._move_claim(c, k, 'record_carrier_claim_filed', 'host', actor_id,
            jsonb_build_object('amount', support_case._to_major(k.claimed_amount, k.currency), 'currency', k.currency,
                'carrier_reference', carrier_reference));
        IF k.claimed_amount > maximum THEN
            PERFORM support_case._raise('invalid_parameter_value', 'the claim is larger than what can be claimed',
                format('Refund, declared value, cover and other claims of the order allow %s %s.', support_case._to_major(maximum, k.currency),
                    k.currency),
                'Leave the amount out to claim all that is possible.');
        END IF;
    END IF;
    RETURN QUERY SELECT n.* FROM support_case._finish_claim(seller_id, case_id, number, 'record_carrier_claim_filed',
        actor_id, idempotency_key, arguments) AS n;
END
$$;

COMMENT ON FUNCTION support_case.record_carrier_claim_filed(bigint, bigint, text, numeric, integer, text, text) IS
'The host has filed a claim with the carrier (default: the only open one of the case), and returns it. carrier_reference: the carrier''s number of it; amount: what was claimed, in major units, by default the most that is possible: the least of cover, declared value and refund, less what was claimed for other shipments of the order (AMB-59). Errors: P0002, 22004, 22003, 22023, SC001 (not fileable), SC009. (W-119, W-121, W-122)';

-- What carriers paid for a case goes first to what a decision laid on them,
-- then to the others by what they bore, and no more: the rest is the
-- platform's, which gave its commission back.  Where no charge was posted, the
-- seller made the refund.
CREATE OR REPLACE FUNCTION support_case._claim_legs(
    seller_id bigint,
    case_id bigint,
    paid bigint,
    seller bigint DEFAULT 0,
    carrier bigint DEFAULT 0,
    platform bigint DEFAULT 0
)
RETURNS TABLE (account text, component text, amount bigint)
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    borne record;
    rest bigint;
    seller_rest bigint;
BEGIN
    SELECT coalesce(sum(e.amount) FILTER (WHERE e.account = 'seller_payable' AND NOT e.is_claim), 0) + seller AS seller,
        coalesce(sum(e.amount) FILTER (WHERE e.account = 'carrier_claim' AND NOT e.is_claim), 0) + carrier AS carrier,
        coalesce(sum(e.amount) FILTER (WHERE e.account = 'platform_absorbed' AND NOT e.is_claim), 0) + platform AS platform,
        coalesce(-sum(e.amount) FILTER (WHERE e.account = 'seller_payable' AND e.is_claim), 0)::bigint AS seller_had,
        coalesce(-sum(e.amount) FILTER (WHERE e.account = 'platform_absorbed' AND e.is_claim), 0)::bigint AS platform_had,
        coalesce(sum(e.amount) FILTER (WHERE e.account = 'cash_clearing' AND e.is_claim), 0) + paid AS paid
    INTO borne
    FROM (SELECT k.account, k.amount, k.component IN ('claim', 'claim_payment') AS is_claim
        FROM support_case.ledger_entry AS k
        WHERE k.seller_id = _claim_legs.seller_id AND k.case_id = _claim_legs.case_id) AS e;
    rest := greatest(borne.paid - borne.carrier, 0);
    seller_rest := CASE
        WHEN borne.seller > 0 THEN (support_case.allocate(least(rest, (borne.seller + borne.platform)::bigint),
            ARRAY[borne.seller::bigint, borne.platform::bigint]))[1]
        WHEN borne.platform > 0 OR borne.carrier > 0 THEN 0
        ELSE rest
    END;
    RETURN QUERY
    SELECT l.account, l.component, l.amount
    FROM (VALUES
        ('carrier_claim', 'claim', rest - borne.seller_had - borne.platform_had),
        ('seller_payable', 'claim', borne.seller_had - seller_rest),
        ('platform_absorbed', 'claim', borne.platform_had - (rest - seller_rest)),
        ('cash_clearing', 'claim_payment', _claim_legs.paid),
        ('carrier_claim', 'claim_payment', -_claim_legs.paid)
    ) AS l (account, component, amount)
    WHERE l.amount <> 0;
END
$$;

COMMENT ON FUNCTION support_case._claim_legs(bigint, bigint, bigint, bigint, bigint, bigint) IS
'The entries, in minor units, that share out what carriers have paid for a case and now pay, where seller, carrier and platform bear as much as is posted and, besides, of a charge that is posted along: none is credited with more than he bore.';

CREATE OR REPLACE FUNCTION support_case._post_claim_payment(c support_case.support_case, k support_case.carrier_claim)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    next_journal integer;
BEGIN
    SELECT coalesce(max(j.journal_number), 0) + 1 INTO next_journal FROM support_case.ledger_journal AS j
    WHERE j.seller_id = c.seller_id AND j.case_id = c.case_id;
    INSERT INTO support_case.ledger_journal (seller_id, case_id, journal_number, order_id, event_number, kind, response,
        revision, currency, effective_at, recorded_at)
    VALUES (c.seller_id, c.case_id, next_journal, c.order_id, c.last_event_number + 1, 'claim_payment', 'carrier_claim',
        k.claim_number, k.currency, c.last_effective_at, c.last_effective_at);
    INSERT INTO support_case.ledger_entry (seller_id, case_id, journal_number, entry_number, account, component, currency,
        amount)
    SELECT c.seller_id, c.case_id, next_journal, l.entry_number, l.account, l.component, k.currency, l.amount
    FROM support_case._claim_legs(c.seller_id, c.case_id, k.paid_amount)
        WITH ORDINALITY AS l (account, component, amount, entry_number);
END
$$;

COMMENT ON FUNCTION support_case._post_claim_payment(support_case.support_case, support_case.carrier_claim) IS
'Posts what a carrier paid for a claim, for the event that follows: the seller is credited, or whoever bore the refund, with no more than that; the rest is the platform''s.';

CREATE OR REPLACE FUNCTION support_case.record_carrier_claim_paid(
    seller_id bigint,
    case_id bigint,
    amount numeric DEFAULT NULL,
    claim_number integer DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.carrier_claims
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(case_id, trim_scale(amount), claim_number) END;
    c support_case.support_case;
    k support_case.carrier_claim;
    number integer;
BEGIN
    PERFORM support_case._authorise('host', record_carrier_claim_paid.seller_id);
    c := support_case._begin(seller_id, case_id, 'record_carrier_claim_paid', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        k := support_case._lock_claim(c, claim_number);
        k.paid_amount := CASE WHEN amount IS NULL THEN k.claimed_amount
            ELSE support_case._to_positive_minor(amount, k.currency, 'amount') END;
        IF k.paid_amount > k.claimed_amount THEN
            PERFORM support_case._raise('invalid_parameter_value', 'more was paid than was claimed',
                format('%s %s were claimed.', support_case._to_major(k.claimed_amount, k.currency), k.currency),
                'Pass what the carrier paid for this claim.');
        END IF;
        number := support_case._move_claim(c, k, 'record_carrier_claim_paid', 'host', actor_id,
            jsonb_build_object('amount', support_case._to_major(k.paid_amount, k.currency), 'currency', k.currency));
        PERFORM support_case._post_claim_payment(c, k);
        PERFORM support_case._note_event(c, 'record_carrier_claim_paid', 'host', actor_id,
            jsonb_build_object('claim_number', k.claim_number,
                'amount', support_case._to_major(k.paid_amount, k.currency), 'currency', k.currency));
    END IF;
    RETURN QUERY SELECT n.* FROM support_case._finish_claim(seller_id, case_id, number, 'record_carrier_claim_paid',
        actor_id, idempotency_key, arguments) AS n;
END
$$;

COMMENT ON FUNCTION support_case.record_carrier_claim_paid(bigint, bigint, numeric, integer, text, text) IS
'The carrier has paid a claim (default: the only open one of the case): returns it; the seller is credited, or whoever bore the refund, with no more than that; the rest is the platform''s, which gave back its commission. amount: what was paid, in major units, by default what was claimed. Errors: P0002, 22004, 22003, 22023 (more than was claimed), SC001 (not filed), SC009. (W-119, W-121, AMB-59)';

CREATE OR REPLACE FUNCTION support_case.record_carrier_claim_denied(
    seller_id bigint,
    case_id bigint,
    denial_reason text,
    claim_number integer DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.carrier_claims
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(case_id, denial_reason, claim_number) END;
    c support_case.support_case;
    k support_case.carrier_claim;
    number integer;
BEGIN
    PERFORM support_case._authorise('host', record_carrier_claim_denied.seller_id);
    PERFORM support_case._check_text(denial_reason, 'denial_reason', 1000);
    c := support_case._begin(seller_id, case_id, 'record_carrier_claim_denied', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        k := support_case._lock_claim(c, claim_number);
        k.denial_reason := record_carrier_claim_denied.denial_reason;
        number := support_case._move_claim(c, k, 'record_carrier_claim_denied', 'host', actor_id,
            jsonb_build_object('denial_reason', denial_reason));
    END IF;
    RETURN QUERY SELECT n.* FROM support_case._finish_claim(seller_id, case_id, number, 'record_carrier_claim_denied',
        actor_id, idempotency_key, arguments) AS n;
END
$$;

COMMENT ON FUNCTION support_case.record_carrier_claim_denied(bigint, bigint, text, integer, text, text) IS
'The carrier has denied a claim (default: the only open one of the case): returns it; nothing is posted. denial_reason has 1 to 1,000 characters. Errors: P0002, 22004, 22023, SC001 (not filed), SC009. (W-119)';
