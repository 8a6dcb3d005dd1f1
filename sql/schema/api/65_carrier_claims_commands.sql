-- Carrier claims: their steps, commands and the sweep.

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
    -- The refund wakes it, if one ever comes.
    IF cardinality(steps) < cardinality(claim_ids) THEN
        UPDATE support_case.carrier_claim AS k
        SET retry_at = 'infinity'
        FROM unnest(seller_ids, claim_ids) AS u (seller_id, claim_id)
        WHERE k.seller_id = u.seller_id AND k.claim_id = u.claim_id AND k.status = 'scheduled'
            AND coalesce(k.retry_at, k.wait_ends_at) <= until AND support_case._claim_fileable_at(k) IS NULL;
    END IF;
    RETURN cardinality(steps);
END
$$;

COMMENT ON FUNCTION support_case._expire_carrier_claims(bigint[], bigint[], timestamptz) IS
'Writes the end of the wait of these claims, which the caller has locked, where it came at or before until, tells their sellers, and returns how many (D-10). Those of which nothing was refunded wait for _wake_carrier_claims() (W-119).';

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

-- Also those that wait for nothing yet: a sweep that looks at them now, and sees
-- no refund, is over before the refund is there, or begins after it.
CREATE OR REPLACE FUNCTION support_case._wake_carrier_claims(seller_id bigint, order_id bigint)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
BEGIN
    UPDATE support_case.carrier_claim AS k
    SET retry_at = NULL
    WHERE k.seller_id = _wake_carrier_claims.seller_id AND k.order_id = _wake_carrier_claims.order_id
        AND k.status = 'scheduled';
END
$$;

COMMENT ON FUNCTION support_case._wake_carrier_claims(bigint, bigint) IS
'The next sweep looks at the scheduled claims of an order, of which something was refunded.';

CREATE OR REPLACE FUNCTION support_case._lock_claim(c support_case.support_case, claim_number integer)
RETURNS support_case.carrier_claim
LANGUAGE plpgsql VOLATILE
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
    RETURN QUERY SELECT s.* FROM jsonb_populate_recordset(NULL::support_case.carrier_claims, answer) AS k,
        support_case._shown_claim(k) AS s;
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
    actor_id := support_case._authorise('seller', request_carrier_claim.seller_id, actor_id => actor_id);
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
    actor_id := support_case._authorise('seller', record_manual_carrier_claim.seller_id, actor_id => actor_id);
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
    actor_id := support_case._authorise('seller', cancel_carrier_claim.seller_id, actor_id => actor_id);
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
    actor_id := support_case._authorise('host', record_carrier_claim_filed.seller_id, actor_id => actor_id);
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
        -- Nothing left, because other shipments were claimed or the buyer was
        -- re-charged: refused as one minor unit too many.
        k.claimed_amount := CASE WHEN amount IS NULL THEN greatest(maximum, 1)
            ELSE support_case._to_positive_minor(amount, k.currency, 'amount') END;
        k.carrier_reference := record_carrier_claim_filed.carrier_reference;
        number := support_case._move_claim(c, k, 'record_carrier_claim_filed', 'host', actor_id,
            jsonb_build_object('amount', support_case._to_major(k.claimed_amount, k.currency), 'currency', k.currency,
                'carrier_reference', carrier_reference));
        IF k.claimed_amount > maximum THEN
            PERFORM support_case._raise('invalid_parameter_value', 'the claim is larger than what can be claimed',
                format('Refund less re-charge, declared value, cover and other claims of the order allow %s %s.',
                    support_case._to_major(maximum, k.currency), k.currency),
                'Leave the amount out to claim all that is possible.');
        END IF;
    END IF;
    RETURN QUERY SELECT n.* FROM support_case._finish_claim(seller_id, case_id, number, 'record_carrier_claim_filed',
        actor_id, idempotency_key, arguments) AS n;
END
$$;

COMMENT ON FUNCTION support_case.record_carrier_claim_filed(bigint, bigint, text, numeric, integer, text, text) IS
'The host has filed a claim with the carrier (default: the only open one of the case), and returns it. carrier_reference: the carrier''s number of it; amount: what was claimed, in major units, by default the most that is possible: the least of cover, declared value and refund, less what was re-charged and what was claimed for other shipments of the order (AMB-59). Errors: P0002, 22004, 22003, 22023, SC001 (not fileable), SC009. (W-119, W-121, W-122)';
