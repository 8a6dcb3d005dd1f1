-- Guarantee claims: when the buyer of an order that did not arrive can turn to
-- the platform, what the seller can do then, and what follows when the parcel
-- is found after the refund.

CREATE OR REPLACE FUNCTION support_case.record_delivery_promise(
    seller_id bigint,
    order_id bigint,
    validated_on date DEFAULT NULL,
    max_estimated_delivery_on date DEFAULT NULL,
    service_on date DEFAULT NULL,
    is_platform_fulfilled boolean DEFAULT false
)
RETURNS SETOF support_case.delivery_promise
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    o support_case.sales_order;
BEGIN
    PERFORM support_case._authorise('host', record_delivery_promise.seller_id);
    PERFORM support_case._require(record_delivery_promise.is_platform_fulfilled, 'is_platform_fulfilled');
    o := support_case._lock_order(record_delivery_promise.seller_id, record_delivery_promise.order_id);
    RETURN QUERY
    INSERT INTO support_case.delivery_promise AS k (seller_id, order_id, validated_on, max_estimated_delivery_on,
        service_on, is_platform_fulfilled, recorded_at)
    VALUES (o.seller_id, o.order_id, record_delivery_promise.validated_on,
        record_delivery_promise.max_estimated_delivery_on, record_delivery_promise.service_on,
        record_delivery_promise.is_platform_fulfilled, support_case._instant())
    ON CONFLICT (seller_id, order_id) DO UPDATE
        SET validated_on = excluded.validated_on, max_estimated_delivery_on = excluded.max_estimated_delivery_on,
            service_on = excluded.service_on, is_platform_fulfilled = excluded.is_platform_fulfilled,
            recorded_at = excluded.recorded_at
    RETURNING k.*;
END
$$;

COMMENT ON FUNCTION support_case.record_delivery_promise(bigint, bigint, date, date, date, boolean) IS
'Records what was promised about the delivery of an order, in place of what was recorded before, and returns it: the date of its validation (default: that of the purchase, in the policy''s guarantee_zone), the latest estimated delivery date, the date of the service, and whether the platform fulfils the order. Guarantee claims filed from now on are measured on it. Errors: P0002, 22004, 23514 (a date is infinite or not of the years 1900 to 2200). (A-24, A-29, A-30, AMB-72)';

-- The window of an order under a policy, whether or not a promise is known.
CREATE OR REPLACE FUNCTION support_case._guarantee_terms(o support_case.sales_order, p support_case.policy)
RETURNS TABLE (
    validated_on date,
    max_estimated_delivery_on date,
    service_on date,
    is_platform_fulfilled boolean,
    opens_at timestamptz,
    closes_at timestamptz
)
LANGUAGE plpgsql STABLE ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT v.validated_on, d.max_estimated_delivery_on, d.service_on, coalesce(d.is_platform_fulfilled, false),
        support_case._start_of_date(w.opens_on, p.guarantee_zone),
        support_case._start_of_date(w.closes_on + CASE WHEN p.guarantee_close_inclusive THEN 1 ELSE 0 END,
            p.guarantee_zone)
    FROM (SELECT 1) AS one
    LEFT JOIN support_case.delivery_promise AS d ON d.seller_id = o.seller_id AND d.order_id = o.order_id
    CROSS JOIN LATERAL (
        SELECT coalesce(d.validated_on, (o.purchased_at AT TIME ZONE p.guarantee_zone)::date) AS validated_on
    ) AS v
    CROSS JOIN LATERAL support_case._guarantee_dates(v.validated_on, d.max_estimated_delivery_on, d.service_on,
        p.guarantee_open_rule, p.guarantee_days_after_estimate, p.guarantee_days_after_validation,
        p.guarantee_days_to_close) AS w;
END
$$;

COMMENT ON FUNCTION support_case._guarantee_terms(support_case.sales_order, support_case.policy) IS
'What is known about the delivery of an order, and when guarantee claims about it can be filed: from opens_at on, before closes_at (null: for ever). Errors: 22008. (A-29, A-30, AMB-71 to AMB-74)';

-- Inlined.  A case that the seller has left unanswered does not keep the buyer
-- from the guarantee, whether or not it went to the platform by itself.
CREATE OR REPLACE FUNCTION support_case._blocks_claim(status text, deadline text, escalation_reason text)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT status <> 'closed' AND NOT (status = 'awaiting_seller' AND deadline IS NOT DISTINCT FROM 'escalation_window')
        AND escalation_reason IS DISTINCT FROM 'seller_silent'
$$;

COMMENT ON FUNCTION support_case._blocks_claim(text, text, text) IS
'Whether a case in this state keeps its lines from guarantee claims: an open one whose response deadline has not passed (AMB-111).';

CREATE OR REPLACE FUNCTION support_case.guarantee_window(seller_id bigint, order_id bigint)
RETURNS TABLE (
    line_number integer,
    is_open boolean,
    obstacle text,
    possible_from timestamptz,
    opens_at timestamptz,
    closes_at timestamptz,
    blocking_case_id bigint
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 4
AS $$
#variable_conflict use_column
DECLARE
    o support_case.sales_order;
    at timestamptz;
BEGIN
    PERFORM support_case._authorise('buyer', guarantee_window.seller_id, guarantee_window.order_id);
    PERFORM support_case._require(guarantee_window.seller_id, 'seller_id');
    PERFORM support_case._require(guarantee_window.order_id, 'order_id');
    SELECT k.* INTO o FROM support_case.sales_order AS k
    WHERE k.seller_id = guarantee_window.seller_id AND k.order_id = guarantee_window.order_id;
    IF NOT FOUND THEN
        PERFORM support_case._raise('no_data_found',
            format('order %s of seller %s does not exist', guarantee_window.order_id, guarantee_window.seller_id),
            NULL, 'Register it with register_order().', 'support_case', 'sales_order');
    END IF;
    at := support_case.clock();
    RETURN QUERY
    SELECT l.line_number, w.obstacle IS NULL, w.obstacle,
        CASE
            WHEN w.obstacle IN ('refund_cap_exceeded', 'deadline_passed') OR (b.case_id IS NOT NULL AND b.until IS NULL)
            THEN NULL
            ELSE greatest(t.opens_at, b.until)
        END,
        t.opens_at, t.closes_at, b.case_id
    FROM support_case._guarantee_terms(o, support_case._policy_in_force(at)) AS t
    JOIN support_case.sales_order_line AS l ON l.seller_id = o.seller_id AND l.order_id = o.order_id
    LEFT JOIN LATERAL (
        SELECT min(c.case_id) AS case_id,
            -- Known where every one of them waits for the seller.
            CASE WHEN bool_and(c.status = 'awaiting_seller') THEN max(c.due_at) END AS until
        FROM support_case.case_line AS n
        JOIN support_case.case_current AS c ON c.seller_id = n.seller_id AND c.case_id = n.case_id
        WHERE n.seller_id = l.seller_id AND n.order_id = l.order_id AND n.line_number = l.line_number
            AND support_case._blocks_claim(c.status, c.deadline, c.escalation_reason)
    ) AS b ON true
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN l.refunded >= l.refundable OR l.refunded_quantity >= l.quantity THEN 'refund_cap_exceeded'
            WHEN at >= t.closes_at THEN 'deadline_passed'
            WHEN at < t.opens_at THEN 'request_too_early'
            WHEN b.case_id IS NOT NULL THEN 'line_in_open_case'
        END AS obstacle
    ) AS w
    ORDER BY l.line_number;
END
$$;

COMMENT ON FUNCTION support_case.guarantee_window(bigint, bigint) IS
'When the buyer of an order can file a guarantee claim, one row a line, as of clock(). is_open: now; else obstacle, the condition name of the error (error_codes()): request_too_early, deadline_passed (the platform may still admit it), line_in_open_case (blocking_case_id is about it, until it is closed or its response deadline has passed) or refund_cap_exceeded (nothing is left). possible_from: from when on a claim will be possible as things stand; null: unknown or never. opens_at and closes_at: the window; closes_at is null where it does not close. What deadlines refund counts once it is written. Errors: P0002, 22004, 22008. (A-29, A-30, D-13, D-14, AMB-111)';

CREATE OR REPLACE FUNCTION support_case._check_claim_window(
    order_id bigint,
    opens_at timestamptz,
    closes_at timestamptz,
    at timestamptz,
    is_admission boolean
)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF at < opens_at THEN
        PERFORM support_case._raise('request_too_early',
            format('a guarantee claim about order %s is not possible yet', _check_claim_window.order_id),
            format('It is possible from %s on.', opens_at), 'Wait until then, or write to the seller.',
            'support_case', 'sales_order');
    END IF;
    IF is_admission AND coalesce(at < closes_at, true) THEN
        PERFORM support_case._raise('action_not_allowed',
            format('a guarantee claim about order %s is not late', _check_claim_window.order_id),
            format('It is in time %s.', coalesce('before ' || closes_at, 'whenever it comes')),
            'The buyer files it with file_guarantee_claim().', 'support_case', 'sales_order');
    END IF;
    IF NOT is_admission AND at >= closes_at THEN
        PERFORM support_case._raise('deadline_passed',
            format('the time for a guarantee claim about order %s is over', _check_claim_window.order_id),
            format('It ended at %s.', closes_at),
            'The platform may still admit the claim with admit_guarantee_claim().', 'support_case', 'sales_order');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_claim_window(bigint, timestamptz, timestamptz, timestamptz, boolean) IS
'Raises SC018 before the window of a guarantee claim, SC003 after it, and for an admission SC001 within it (AMB-75).';

CREATE OR REPLACE FUNCTION support_case._check_lines_are_claimable(
    o support_case.sales_order,
    line_numbers integer[]
)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    taken record;
BEGIN
    IF (SELECT coalesce(sum(l.refundable - l.refunded), 0) = 0
        FROM support_case.sales_order_line AS l
        WHERE l.seller_id = o.seller_id AND l.order_id = o.order_id AND l.line_number = ANY (line_numbers))
    THEN
        PERFORM support_case._raise('refund_cap_exceeded', format('nothing of order %s is left to refund', o.order_id),
            'The buyer has got back all that was paid for these lines.', 'File claims about other lines or orders.',
            'support_case', 'sales_order_line', 'sales_order_line_refund_cap');
    END IF;
    SELECT l.line_number, l.case_id INTO taken
    FROM support_case.case_line AS l
    JOIN support_case.support_case AS c ON c.seller_id = l.seller_id AND c.case_id = l.case_id
    WHERE l.seller_id = o.seller_id AND l.order_id = o.order_id AND l.line_number = ANY (line_numbers)
        AND support_case._blocks_claim(c.status, c.deadline, c.escalation_reason)
    ORDER BY l.line_number, l.case_id
    LIMIT 1;
    IF FOUND THEN
        PERFORM support_case._raise('line_in_open_case',
            format('line %s of order %s is in an open case', taken.line_number, o.order_id),
            format('Case %s is about it.', taken.case_id),
            'Continue that case; once it is closed or the seller has missed its response deadline, a claim is possible.',
            'support_case', 'case_line');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_lines_are_claimable(support_case.sales_order, integer[]) IS
'Raises SC007 when nothing is left to refund of these lines, SC013 when one of them is in a case that blocks guarantee claims (AMB-111, AMB-113). The caller holds the lock of the order and has rolled its cases forward.';

CREATE OR REPLACE FUNCTION support_case._claim_guarantee(
    seller_id bigint,
    order_id bigint,
    action text,
    actor text,
    because text,
    description text,
    lines jsonb,
    evidence jsonb,
    actor_id text,
    idempotency_key text
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(order_id, because, description, lines, evidence) END;
    answer jsonb;
    o support_case.sales_order;
    s support_case.seller;
    p support_case.policy;
    r support_case.reason;
    c support_case.support_case;
    terms record;
    chosen record;
BEGIN
    o := support_case._lock_order(_claim_guarantee.seller_id, _claim_guarantee.order_id);
    IF idempotency_key IS NOT NULL THEN
        answer := support_case._find_answer(seller_id, actor_id, idempotency_key, action, arguments);
        IF answer IS NOT NULL THEN
            RETURN QUERY SELECT k.* FROM jsonb_populate_recordset(NULL::support_case.case_current, answer) AS k;
            RETURN;
        END IF;
    END IF;
    r := support_case._find_reason('not_received');
    PERFORM support_case._check_text(_claim_guarantee.description, 'description');
    evidence := support_case._check_attachments(evidence, 'evidence');

    c.last_effective_at := support_case._roll_order(o.seller_id, o.order_id);
    p := support_case._policy_in_force(c.last_effective_at);
    SELECT k.* INTO STRICT s FROM support_case.seller AS k WHERE k.seller_id = o.seller_id;
    SELECT k.* INTO STRICT terms FROM support_case._guarantee_terms(o, p) AS k;
    PERFORM support_case._check_claim_window(o.order_id, terms.opens_at, terms.closes_at, c.last_effective_at,
        because IS NOT NULL);
    SELECT array_agg(l.line_number ORDER BY l.line_number) AS line_numbers,
        array_agg(l.quantity ORDER BY l.line_number) AS quantities
    INTO chosen
    FROM support_case._read_case_lines(o, _claim_guarantee.lines) AS l;
    PERFORM support_case._check_lines_are_claimable(o, chosen.line_numbers);

    c.policy_version := p.policy_version;
    c.calendar_code := support_case._calendar_of_request(o, s, p);
    c.description := _claim_guarantee.description;
    c.is_discretionary := false;
    c.routed_because := CASE
        WHEN support_case._is_fraud_suspected(o, p.fraud_threshold) THEN 'fraud_suspected'
        WHEN terms.is_platform_fulfilled AND p.fulfilment_platform_routes THEN 'platform_fulfilled'
        ELSE 'guarantee_claim'
    END;
    c := support_case._create_case(c, o, r, chosen.line_numbers, chosen.quantities, action, actor, actor_id,
        CASE WHEN c.routed_because = 'guarantee_claim' THEN ARRAY['seller_is_party'] ELSE '{}' END,
        jsonb_build_object('because', because), evidence);
    INSERT INTO support_case.guarantee_claim (seller_id, case_id, validated_on, max_estimated_delivery_on, service_on,
        is_platform_fulfilled, opens_at, closes_at, filed_at, admitted_because)
    VALUES (c.seller_id, c.case_id, terms.validated_on, terms.max_estimated_delivery_on, terms.service_on,
        terms.is_platform_fulfilled, terms.opens_at, terms.closes_at, c.opened_at, because);
    RETURN QUERY SELECT k.* FROM support_case._finish(c.seller_id, c.case_id, action, actor_id, idempotency_key,
        arguments) AS k;
END
$$;

COMMENT ON FUNCTION support_case._claim_guarantee(bigint, bigint, text, text, text, text, jsonb, jsonb, text, text) IS
'A whole command that files a guarantee claim; because is not null where the platform admits a late one.';

CREATE OR REPLACE FUNCTION support_case.file_guarantee_claim(
    seller_id bigint,
    order_id bigint,
    description text,
    lines jsonb DEFAULT NULL,
    evidence jsonb DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._authorise('buyer', file_guarantee_claim.seller_id, file_guarantee_claim.order_id);
    RETURN QUERY SELECT k.* FROM support_case._claim_guarantee(seller_id, order_id, 'file_guarantee_claim', 'buyer',
        NULL, description, lines, evidence, actor_id, idempotency_key) AS k;
END
$$;

COMMENT ON FUNCTION support_case.file_guarantee_claim(bigint, bigint, text, jsonb, jsonb, text, text) IS
'The buyer of an order that did not arrive claims the guarantee: opens a case of reason not_received and returns it. The platform has to decide it; until then the seller can refund in full or in part, refund and ask to order again, write to the buyer, or ask the carrier, unless the platform fulfilled the order. lines: the lines and quantities concerned, such as [{"line_number": 1, "quantity": 1}], by default all that is not refunded; evidence: a list of attachments. guarantee_window() tells beforehand. Errors: P0002 (order, line), 22004, 22023, 22P02, 54000, SC003 (too late), SC004, SC007 (nothing left to refund), SC009, SC013 (line in an open case), SC018 (too early). (A-17, A-24, A-25, A-29, A-30, AMB-83, AMB-111)';

CREATE OR REPLACE FUNCTION support_case.admit_guarantee_claim(
    seller_id bigint,
    order_id bigint,
    because text,
    description text,
    lines jsonb DEFAULT NULL,
    evidence jsonb DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._authorise('platform', admit_guarantee_claim.seller_id);
    PERFORM support_case._require_actor(actor_id);
    PERFORM support_case._check_text(because, 'because', 1000);
    RETURN QUERY SELECT k.* FROM support_case._claim_guarantee(seller_id, order_id, 'admit_guarantee_claim',
        'platform', because, description, lines, evidence, actor_id, idempotency_key) AS k;
END
$$;

COMMENT ON FUNCTION support_case.admit_guarantee_claim(bigint, bigint, text, text, jsonb, jsonb, text, text) IS
'The platform accepts a guarantee claim that comes too late, and returns its case; because, 1 to 1,000 characters, says why, description is what the buyer says. Other arguments as of file_guarantee_claim(); actor_id is required. Errors: P0002 (order, line), 22004, 22023, 22P02, 54000, SC001 (not late), SC007, SC009, SC013, SC018 (too early). (A-31, AMB-75)';

---------- what the seller can do ----------

CREATE OR REPLACE FUNCTION support_case.refund_and_ask_to_reorder(
    seller_id bigint,
    case_id bigint,
    message text DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL THEN jsonb_build_array(case_id, message) END;
    c support_case.support_case;
    step support_case._case_step;
BEGIN
    PERFORM support_case._authorise('seller', refund_and_ask_to_reorder.seller_id);
    IF message IS NOT NULL THEN
        PERFORM support_case._check_text(message, 'message');
    END IF;
    c := support_case._begin(seller_id, case_id, 'refund_and_ask_to_reorder', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        step := support_case._transition(c, 'refund_and_ask_to_reorder', 'seller', actor_id, '{}', '{}');
        PERFORM support_case._check_was_refundable(c, step);
        IF message IS NOT NULL THEN
            PERFORM support_case._post(c, 'seller', actor_id, message, '[]');
        END IF;
    END IF;
    RETURN QUERY SELECT k.* FROM support_case._finish(seller_id, case_id, 'refund_and_ask_to_reorder', actor_id,
        idempotency_key, arguments) AS k;
END
$$;

COMMENT ON FUNCTION support_case.refund_and_ask_to_reorder(bigint, bigint, text, text, text) IS
'The seller of something that did not arrive refunds in full and asks the buyer to order it again, and returns the case, closed: the refund is instructed and charged now. message goes into the conversation. Errors: P0002, 22004, 22023, SC001, SC007 (nothing left to refund), SC009. (A-26, AMB-25, AMB-77)';

CREATE OR REPLACE FUNCTION support_case.start_carrier_enquiry(
    seller_id bigint,
    case_id bigint,
    carrier text,
    reference text DEFAULT NULL,
    tracking_number text DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(case_id, carrier, reference, tracking_number) END;
    c support_case.support_case;
BEGIN
    PERFORM support_case._authorise('seller', start_carrier_enquiry.seller_id);
    PERFORM support_case._check_text(carrier, 'carrier', 63);
    IF reference IS NOT NULL THEN
        PERFORM support_case._check_text(reference, 'reference', 255);
    END IF;
    IF tracking_number IS NOT NULL THEN
        PERFORM support_case._check_text(tracking_number, 'tracking_number', 63);
    END IF;
    c := support_case._begin(seller_id, case_id, 'start_carrier_enquiry', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        PERFORM support_case._transition(c, 'start_carrier_enquiry', 'seller', actor_id, '{}',
            jsonb_strip_nulls(jsonb_build_object('carrier', carrier, 'reference', reference,
                'tracking_number', tracking_number)));
    END IF;
    RETURN QUERY SELECT k.* FROM support_case._finish(seller_id, case_id, 'start_carrier_enquiry', actor_id,
        idempotency_key, arguments) AS k;
END
$$;

COMMENT ON FUNCTION support_case.start_carrier_enquiry(bigint, bigint, text, text, text, text, text) IS
'The seller has asked the carrier for a parcel that did not arrive, with or without tracking: records carrier, the reference of the enquiry and the tracking number in the case, and returns it. The case stays as it is, and a response deadline goes on. Errors: P0002, 22004, 22023, SC001, SC009. (A-28)';

---------- a parcel found after all ----------

CREATE OR REPLACE FUNCTION support_case._facts_of_lost_parcel(c support_case.support_case)
RETURNS text[]
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    RETURN ARRAY(SELECT 'parcel_found' FROM support_case.found_parcel AS f
            WHERE f.seller_id = c.seller_id AND f.case_id = c.case_id)
        || ARRAY(SELECT 'recharge_consented' FROM support_case.recharge_consent AS r
            WHERE r.seller_id = c.seller_id AND r.case_id = c.case_id
            LIMIT 1);
END
$$;

COMMENT ON FUNCTION support_case._facts_of_lost_parcel(support_case.support_case) IS
'What a re-charge needs, as conditions of state_machine(): the parcel found, the consent of the buyer.';

CREATE OR REPLACE FUNCTION support_case.record_parcel_found(
    seller_id bigint,
    case_id bigint,
    at timestamptz,
    reported_by text DEFAULT 'carrier',
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(case_id, support_case._iso_instant(at), reported_by) END;
    c support_case.support_case;
BEGIN
    PERFORM support_case._check_choice(reported_by, 'reported_by', 'carrier', 'seller', 'buyer');
    PERFORM support_case._authorise(reported_by, record_parcel_found.seller_id, NULL, record_parcel_found.case_id);
    PERFORM support_case._require(at, 'at');
    c := support_case._begin(seller_id, case_id, 'record_parcel_found', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        PERFORM support_case._check_fact_instant(at, c.last_effective_at,
            (SELECT o.purchased_at FROM support_case.sales_order AS o
                WHERE o.seller_id = c.seller_id AND o.order_id = c.order_id));
        PERFORM support_case._transition(c, 'record_parcel_found', reported_by, actor_id, '{}',
            jsonb_build_object('at', support_case._iso_instant(at)), at);
        INSERT INTO support_case.found_parcel (seller_id, case_id, found_at, reported_by, recorded_at)
        VALUES (c.seller_id, c.case_id, record_parcel_found.at, record_parcel_found.reported_by, c.last_effective_at)
        ON CONFLICT (seller_id, case_id) DO NOTHING;
        IF NOT FOUND THEN
            PERFORM support_case._raise('unique_violation',
                format('the parcel of case %s is recorded as found already', c.case_id), NULL,
                'View guarantee_claims and table found_parcel show when.', 'support_case', 'found_parcel');
        END IF;
    END IF;
    RETURN QUERY SELECT k.* FROM support_case._finish(seller_id, case_id, 'record_parcel_found', actor_id,
        idempotency_key, arguments) AS k;
END
$$;

COMMENT ON FUNCTION support_case.record_parcel_found(bigint, bigint, timestamptz, text, text, text) IS
'The parcel of a case about something that did not arrive was found, or arrived after all, at an instant: records it and returns the case, open or closed, as it is. reported_by: carrier, seller or buyer. Buyer and seller can arrange its return in their conversation, and the platform can re-charge the buyer, who has to consent. Errors: P0002, 22004, 22008, 22023, 23505 (recorded already), SC001 (the item can be returned), SC009. (A-22, A-27)';

CREATE OR REPLACE FUNCTION support_case.consent_to_recharge(
    seller_id bigint,
    case_id bigint,
    amount numeric DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL THEN jsonb_build_array(case_id, trim_scale(amount)) END;
    c support_case.support_case;
BEGIN
    PERFORM support_case._authorise('buyer', consent_to_recharge.seller_id, NULL, consent_to_recharge.case_id);
    c := support_case._begin(seller_id, case_id, 'consent_to_recharge', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        PERFORM support_case._transition(c, 'consent_to_recharge', 'buyer', actor_id, '{}',
            jsonb_strip_nulls(jsonb_build_object('amount', amount,
                'currency', CASE WHEN amount IS NOT NULL THEN c.currency END)));
        INSERT INTO support_case.recharge_consent (seller_id, case_id, consent_number, event_number, amount, given_by,
            given_at)
        SELECT c.seller_id, c.case_id,
            coalesce((SELECT max(r.consent_number) FROM support_case.recharge_consent AS r
                WHERE r.seller_id = c.seller_id AND r.case_id = c.case_id), 0) + 1,
            c.last_event_number + 1,
            CASE WHEN consent_to_recharge.amount IS NOT NULL
                THEN support_case._to_positive_minor(consent_to_recharge.amount, c.currency, 'amount') END,
            support_case._acting_id(consent_to_recharge.actor_id), c.last_effective_at;
    END IF;
    RETURN QUERY SELECT k.* FROM support_case._finish(seller_id, case_id, 'consent_to_recharge', actor_id,
        idempotency_key, arguments) AS k;
END
$$;

COMMENT ON FUNCTION support_case.consent_to_recharge(bigint, bigint, numeric, text, text) IS
'The buyer of something that did not arrive agrees to be charged again should the parcel arrive after the refund, and returns the case: in all up to amount, in major units of the case''s currency, by default up to what was refunded. A later consent replaces an earlier one, for what is re-charged from then on. Errors: P0002, 22003, 22004, 22023, SC001 (the item can be returned), SC009. (A-22, AMB-76)';

CREATE OR REPLACE FUNCTION support_case._check_is_not_recharged(c support_case.support_case)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF EXISTS (SELECT FROM support_case.recharge AS r WHERE r.seller_id = c.seller_id AND r.case_id = c.case_id) THEN
        PERFORM support_case._raise('action_not_allowed',
            format('the liability of case %s cannot change any more', c.case_id),
            'The buyer was re-charged, and who had borne the refund got the money.', 'Settle the rest outside the case.',
            'support_case', 'recharge');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_is_not_recharged(support_case.support_case) IS
'Raises SC001 when the buyer of a case was re-charged: the re-charge went to who had borne the refund.';

-- What was debited with the refund, and is still borne, gets the money back in
-- proportion; a discount that the platform got back with it goes again.  The
-- last part of a re-charge clears what is left exactly.
CREATE OR REPLACE FUNCTION support_case._post_recharge(
    c support_case.support_case,
    minor bigint,
    recharge_number integer
)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    next_journal integer;
    accounts text[];
    components text[];
    borne bigint[];
    subsidy bigint;
    outstanding bigint;
    subsidy_part bigint;
BEGIN
    SELECT max(j.journal_number) + 1 INTO next_journal FROM support_case.ledger_journal AS j
    WHERE j.seller_id = c.seller_id AND j.case_id = c.case_id;
    SELECT array_agg(b.account ORDER BY b.account, b.component) FILTER (WHERE b.amount > 0),
        array_agg(b.component ORDER BY b.account, b.component) FILTER (WHERE b.amount > 0),
        array_agg(b.amount ORDER BY b.account, b.component) FILTER (WHERE b.amount > 0),
        coalesce(-sum(b.amount) FILTER (WHERE b.amount < 0), 0), sum(b.amount)
    INTO accounts, components, borne, subsidy, outstanding
    FROM (
        SELECT e.account, e.component, sum(e.amount)::bigint AS amount
        FROM support_case.ledger_journal AS j
        JOIN support_case.ledger_entry AS e
            ON e.seller_id = j.seller_id AND e.case_id = j.case_id AND e.journal_number = j.journal_number
        WHERE j.seller_id = c.seller_id AND j.case_id = c.case_id AND j.kind IN ('charge', 'reversal', 'recharge')
            -- Return labels are no part of the refund.
            AND e.account NOT IN ('buyer_refund', 'cash_clearing') AND e.component <> 'return'
        GROUP BY e.account, e.component
    ) AS b;
    subsidy_part := (support_case.allocate(subsidy, ARRAY[minor, outstanding - minor]))[1];

    INSERT INTO support_case.ledger_journal (seller_id, case_id, journal_number, order_id, event_number, kind, response,
        revision, currency, effective_at, recorded_at)
    VALUES (c.seller_id, c.case_id, next_journal, c.order_id, c.last_event_number + 1, 'recharge', 'recharge',
        _post_recharge.recharge_number, c.currency, c.last_effective_at, c.last_effective_at);
    INSERT INTO support_case.ledger_entry (seller_id, case_id, journal_number, entry_number, account, component,
        currency, amount)
    SELECT c.seller_id, c.case_id, next_journal,
        row_number() OVER (ORDER BY l.position, l.account, l.component)::integer, l.account, l.component, c.currency,
        l.amount
    FROM (
        SELECT 1 AS position, 'cash_clearing' AS account, 'refund' AS component, minor AS amount
        UNION ALL
        SELECT 2, 'platform_subsidy', 'subsidy', subsidy_part
        UNION ALL
        SELECT 3, u.account, u.component, -u.share
        FROM unnest(accounts, components, support_case.allocate(minor + subsidy_part, borne))
            AS u (account, component, share)
    ) AS l
    WHERE l.amount <> 0;
END
$$;

COMMENT ON FUNCTION support_case._post_recharge(support_case.support_case, bigint, integer) IS
'Posts the journal of a re-charge of minor units: cash against those who bore the refund.';

CREATE OR REPLACE FUNCTION support_case.recharge_buyer(
    seller_id bigint,
    case_id bigint,
    amount numeric,
    message text DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(case_id, trim_scale(amount), message) END;
    c support_case.support_case;
    consent support_case.recharge_consent;
    minor bigint;
    refunded bigint;
    recharged bigint;
    next_number integer;
BEGIN
    PERFORM support_case._authorise('platform', recharge_buyer.seller_id);
    PERFORM support_case._require_actor(actor_id);
    PERFORM support_case._require(amount, 'amount');
    IF message IS NOT NULL THEN
        PERFORM support_case._check_text(message, 'message');
    END IF;
    c := support_case._begin(seller_id, case_id, 'recharge_buyer', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        IF NOT (SELECT p.recharge_enabled FROM support_case.policy AS p WHERE p.policy_version = c.policy_version) THEN
            PERFORM support_case._raise('action_not_allowed', 'buyers are not charged again',
                'The policy of this case does not have recharge_enabled=true.',
                'Arrange the return of the parcel in the conversation of the case.');
        END IF;
        PERFORM support_case._transition(c, 'recharge_buyer', 'platform', actor_id, '{}',
            jsonb_strip_nulls(jsonb_build_object('amount', amount, 'currency', c.currency, 'message', message)));
        minor := support_case._to_positive_minor(amount, c.currency, 'amount');
        SELECT k.* INTO STRICT consent FROM support_case.recharge_consent AS k
        WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id
        ORDER BY k.consent_number DESC LIMIT 1;
        SELECT coalesce(sum(i.amount), 0) INTO refunded FROM support_case.refund_instruction AS i
        WHERE i.seller_id = c.seller_id AND i.case_id = c.case_id AND i.status <> 'failed';
        SELECT coalesce(sum(r.amount), 0), coalesce(max(r.recharge_number), 0) + 1 INTO recharged, next_number
        FROM support_case.recharge AS r
        WHERE r.seller_id = c.seller_id AND r.case_id = c.case_id;
        IF minor > least(refunded, consent.amount) - recharged THEN
            PERFORM support_case._raise('refund_cap_exceeded', 'a re-charge must not exceed refund and consent',
                format('%1$s %4$s were refunded, the consent is to %2$s %4$s, and %3$s %4$s were re-charged before.',
                    support_case._to_major(refunded, c.currency),
                    support_case._to_major(coalesce(consent.amount, refunded), c.currency),
                    support_case._to_major(recharged, c.currency), c.currency),
                'Name a smaller amount, or ask the buyer for another consent.', 'support_case', 'recharge');
        END IF;
        PERFORM support_case._post_recharge(c, minor, next_number);
        INSERT INTO support_case.recharge (seller_id, case_id, recharge_number, consent_number, event_number, amount,
            currency, recharged_at)
        VALUES (c.seller_id, c.case_id, next_number, consent.consent_number, c.last_event_number + 1, minor, c.currency,
            c.last_effective_at);
    END IF;
    RETURN QUERY SELECT k.* FROM support_case._finish(seller_id, case_id, 'recharge_buyer', actor_id, idempotency_key,
        arguments) AS k;
END
$$;

COMMENT ON FUNCTION support_case.recharge_buyer(bigint, bigint, numeric, text, text, text) IS
'The platform charges the buyer of a closed case again, because the parcel arrived after the refund, and returns the case. amount is in major units of its currency; all re-charges together are at most what was refunded and what the buyer has consented to. The host executes it: the outbox has event recharge_buyer with amount and currency. Who bore the refund gets it back in proportion; what can still be refunded of the order does not grow. actor_id is required. Errors: P0002, 22003, 22004, 22023, SC001 (no refund, no parcel found, not enabled), SC007 (more than refund or consent), SC009, SC014 (no consent). (A-22, AMB-76)';

---------- what there is to see ----------

CREATE OR REPLACE VIEW support_case.guarantee_claims WITH (security_invoker = true) AS
SELECT g.seller_id, g.case_id, c.order_id, c.buyer_id, c.status, c.resolution, c.waiting_on, c.next_step, c.deadline,
    c.due_at, c.status_since, c.escalation_reason, c.currency, c.description, g.filed_at,
    g.validated_on, g.max_estimated_delivery_on, g.service_on, g.opens_at, g.closes_at,
    g.admitted_because IS NOT NULL AS is_late, g.admitted_because, g.is_platform_fulfilled,
    s.seller_option, s.seller_option_at, f.found_at AS parcel_found_at,
    support_case._to_major(coalesce(r.amount, 0)::bigint, c.currency) AS recharged_amount,
    o.purchased_at, o.delivered_at, l.lines
FROM support_case.guarantee_claim AS g
JOIN support_case.case_current AS c ON c.seller_id = g.seller_id AND c.case_id = g.case_id
JOIN support_case.sales_order AS o ON o.seller_id = c.seller_id AND o.order_id = c.order_id
LEFT JOIN support_case.found_parcel AS f ON f.seller_id = g.seller_id AND f.case_id = g.case_id
LEFT JOIN LATERAL (
    SELECT CASE e.action WHEN 'offer_full_refund' THEN 'refund' WHEN 'offer_partial_refund' THEN 'partial_refund'
            WHEN 'refund_and_ask_to_reorder' THEN 'refund_and_reorder' WHEN 'start_carrier_enquiry' THEN 'carrier_enquiry'
            WHEN 'post_message' THEN 'contact' END AS seller_option,
        e.effective_at AS seller_option_at
    FROM support_case.case_event AS e
    WHERE e.seller_id = g.seller_id AND e.case_id = g.case_id AND e.actor = 'seller'
        AND e.action IN ('offer_full_refund', 'offer_partial_refund', 'refund_and_ask_to_reorder',
            'start_carrier_enquiry', 'post_message')
    ORDER BY e.event_number DESC
    LIMIT 1
) AS s ON true
LEFT JOIN LATERAL (
    SELECT sum(k.amount) AS amount FROM support_case.recharge AS k
    WHERE k.seller_id = g.seller_id AND k.case_id = g.case_id
) AS r ON true
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('line_number', n.line_number, 'quantity', n.quantity,
        'unit_price', support_case._to_major(k.unit_price, o.currency),
        'refundable', support_case._to_major(k.refundable, o.currency),
        'refunded', support_case._to_major(k.refunded, o.currency)) ORDER BY n.line_number) AS lines
    FROM support_case.case_line AS n
    JOIN support_case.sales_order_line AS k
        ON k.seller_id = n.seller_id AND k.order_id = n.order_id AND k.line_number = n.line_number
    WHERE n.seller_id = g.seller_id AND n.case_id = g.case_id
) AS l ON true;

COMMENT ON VIEW support_case.guarantee_claims IS 'Guarantee claims as of clock(), for sellers and the platform, with what is known about the order (A-32, AMB-83). They are cases as well, with everything that cases have.';
COMMENT ON COLUMN support_case.guarantee_claims.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.guarantee_claims.case_id IS 'The case.';
COMMENT ON COLUMN support_case.guarantee_claims.order_id IS 'The order.';
COMMENT ON COLUMN support_case.guarantee_claims.buyer_id IS 'The buyer.';
COMMENT ON COLUMN support_case.guarantee_claims.status IS 'Status of the case, a code of state_machine().';
COMMENT ON COLUMN support_case.guarantee_claims.resolution IS 'How it ended.';
COMMENT ON COLUMN support_case.guarantee_claims.waiting_on IS 'Who has the next move; null when nobody has.';
COMMENT ON COLUMN support_case.guarantee_claims.next_step IS 'A code for that move.';
COMMENT ON COLUMN support_case.guarantee_claims.deadline IS 'The deadline that runs, a term of the policy.';
COMMENT ON COLUMN support_case.guarantee_claims.due_at IS 'When it ends.';
COMMENT ON COLUMN support_case.guarantee_claims.status_since IS 'When the status was reached.';
COMMENT ON COLUMN support_case.guarantee_claims.escalation_reason IS 'guarantee_claimed while the seller is a party, routed_to_platform where it is not (A-24).';
COMMENT ON COLUMN support_case.guarantee_claims.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN support_case.guarantee_claims.description IS 'The buyer''s words.';
COMMENT ON COLUMN support_case.guarantee_claims.filed_at IS 'When it was filed.';
COMMENT ON COLUMN support_case.guarantee_claims.validated_on IS 'The date on which the order was validated, as known when the claim was filed.';
COMMENT ON COLUMN support_case.guarantee_claims.max_estimated_delivery_on IS 'The latest estimated delivery date, as known then.';
COMMENT ON COLUMN support_case.guarantee_claims.service_on IS 'The date of the service, as known then.';
COMMENT ON COLUMN support_case.guarantee_claims.opens_at IS 'From when on a claim could be filed (D-13).';
COMMENT ON COLUMN support_case.guarantee_claims.closes_at IS 'From when on it was late; null: never (D-14).';
COMMENT ON COLUMN support_case.guarantee_claims.is_late IS 'Whether it came too late, and the platform admitted it (AMB-75).';
COMMENT ON COLUMN support_case.guarantee_claims.admitted_because IS 'Why the platform did.';
COMMENT ON COLUMN support_case.guarantee_claims.is_platform_fulfilled IS 'Whether the platform fulfilled the order (AMB-81).';
COMMENT ON COLUMN support_case.guarantee_claims.seller_option IS 'What the seller did last: refund, partial_refund, refund_and_reorder, carrier_enquiry or contact; null: nothing (A-21 to A-28).';
COMMENT ON COLUMN support_case.guarantee_claims.seller_option_at IS 'When.';
COMMENT ON COLUMN support_case.guarantee_claims.parcel_found_at IS 'When the parcel was found after all (A-22).';
COMMENT ON COLUMN support_case.guarantee_claims.recharged_amount IS 'What the buyer was charged again, major units (AMB-76).';
COMMENT ON COLUMN support_case.guarantee_claims.purchased_at IS 'When the buyer bought.';
COMMENT ON COLUMN support_case.guarantee_claims.delivered_at IS 'When the order was delivered, where the host says so.';
COMMENT ON COLUMN support_case.guarantee_claims.lines IS 'The order lines concerned: line_number, quantity, and unit_price, refundable and refunded in major units.';
