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
    PERFORM support_case._check_date(record_delivery_promise.validated_on, 'validated_on');
    PERFORM support_case._check_date(record_delivery_promise.max_estimated_delivery_on, 'max_estimated_delivery_on');
    PERFORM support_case._check_date(record_delivery_promise.service_on, 'service_on');
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
'Records what was promised about the delivery of an order, in place of what was recorded before, and returns it: the date of its validation (default: that of the purchase, in the policy''s guarantee_zone), the latest estimated delivery date (default: the latest that a shipment of the order has), the date of the service, and whether the platform fulfils the order. Guarantee claims filed from now on are measured on it, cases and claims opened from now on routed by it. Errors: P0002, 22004, 22008 (a date is infinite or not of the years 1900 to 2200). (A-24, A-29, A-30, AMB-72)';

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
    SELECT v.validated_on, v.max_estimated_delivery_on, d.service_on, coalesce(d.is_platform_fulfilled, false),
        support_case._start_of_date(w.opens_on, p.guarantee_zone),
        support_case._start_of_date(w.closes_on + CASE WHEN p.guarantee_close_inclusive THEN 1 ELSE 0 END,
            p.guarantee_zone)
    FROM (SELECT 1) AS one
    LEFT JOIN support_case.delivery_promise AS d ON d.seller_id = o.seller_id AND d.order_id = o.order_id
    CROSS JOIN LATERAL (
        SELECT coalesce(d.validated_on, (o.purchased_at AT TIME ZONE p.guarantee_zone)::date) AS validated_on,
            -- An order is there when its last parcel is.
            coalesce(d.max_estimated_delivery_on, (SELECT max(k.max_estimated_delivery_on)
                FROM support_case.shipment AS k
                WHERE k.seller_id = o.seller_id AND k.order_id = o.order_id)) AS max_estimated_delivery_on
    ) AS v
    CROSS JOIN LATERAL support_case._guarantee_dates(v.validated_on, v.max_estimated_delivery_on, d.service_on,
        p.guarantee_open_rule, p.guarantee_days_after_estimate, p.guarantee_days_after_validation,
        p.guarantee_days_to_close) AS w;
END
$$;

COMMENT ON FUNCTION support_case._guarantee_terms(support_case.sales_order, support_case.policy) IS
'What is known about the delivery of an order, and when guarantee claims about it can be filed: from opens_at on, before closes_at (null: for ever). Errors: 22008. (A-29, A-30, AMB-71 to AMB-74)';

-- Inlined.  A case that the seller has left unanswered does not keep the buyer
-- from the guarantee, whether or not it went to the platform by itself, or
-- stalled.
CREATE OR REPLACE FUNCTION support_case._blocks_claim(
    status text,
    deadline text,
    due_at timestamptz,
    escalation_reason text,
    at timestamptz
)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT status <> 'closed' AND escalation_reason IS DISTINCT FROM 'seller_silent'
        AND NOT (status = 'awaiting_seller'
            AND (deadline IS NOT DISTINCT FROM 'escalation_window' OR coalesce(due_at <= at, false)))
$$;

COMMENT ON FUNCTION support_case._blocks_claim(text, text, timestamptz, text, timestamptz) IS
'Whether a case in this state keeps its lines from guarantee claims at an instant: an open one whose response deadline has not passed (AMB-111).';

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
    -- The seller should know what the buyer can do (A-25), the platform whether
    -- a claim is late.
    IF support_case._own_seller_id() IS DISTINCT FROM guarantee_window.seller_id
        AND (support_case._is_trusted() OR NOT support_case._is_platform())
    THEN
        PERFORM support_case._authorise('buyer', guarantee_window.seller_id, guarantee_window.order_id);
    END IF;
    PERFORM support_case._require(guarantee_window.seller_id, 'seller_id');
    PERFORM support_case._require(guarantee_window.order_id, 'order_id');
    SELECT k.* INTO o FROM support_case.sales_order AS k
    WHERE k.seller_id = guarantee_window.seller_id AND k.order_id = guarantee_window.order_id;
    IF NOT FOUND THEN
        PERFORM support_case._raise_no_order(guarantee_window.seller_id, guarantee_window.order_id);
    END IF;
    at := support_case.clock();
    RETURN QUERY
    SELECT l.line_number, w.obstacle IS NULL, w.obstacle,
        CASE
            WHEN w.obstacle = 'refund_cap_exceeded' OR (b.case_id IS NOT NULL AND b.until IS NULL)
                OR greatest(at, t.opens_at, b.until) >= t.closes_at
            THEN NULL
            ELSE greatest(t.opens_at, b.until)
        END,
        t.opens_at, t.closes_at, b.case_id
    FROM support_case._guarantee_terms(o, support_case._policy_in_force(at)) AS t
    JOIN support_case.sales_order_line AS l ON l.seller_id = o.seller_id AND l.order_id = o.order_id
    LEFT JOIN LATERAL (
        SELECT min(c.case_id) AS case_id,
            -- Known where every one of them waits for the seller.
            CASE WHEN bool_and(c.status = 'awaiting_seller') THEN max(d.due_at) END AS until
        FROM support_case.case_line AS n
        JOIN support_case.case_current AS c ON c.seller_id = n.seller_id AND c.case_id = n.case_id
        -- Of a stalled case, the one that runs is shown to nobody.
        JOIN support_case.support_case AS k ON k.seller_id = c.seller_id AND k.case_id = c.case_id
        CROSS JOIN LATERAL (
            SELECT coalesce(c.deadline, k.deadline) AS deadline, coalesce(c.due_at, k.due_at) AS due_at
        ) AS d
        WHERE n.seller_id = l.seller_id AND n.order_id = l.order_id AND n.line_number = l.line_number
            AND support_case._blocks_claim(c.status, d.deadline, d.due_at, c.escalation_reason, at)
    ) AS b ON true
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN l.refunded >= l.refundable OR l.refunded_quantity >= l.quantity THEN 'refund_cap_exceeded'
            WHEN at < t.opens_at THEN 'request_too_early'
            WHEN at >= t.closes_at THEN 'deadline_passed'
            WHEN b.case_id IS NOT NULL THEN 'line_in_open_case'
        END AS obstacle
    ) AS w
    ORDER BY l.line_number;
END
$$;

COMMENT ON FUNCTION support_case.guarantee_window(bigint, bigint) IS
'When the buyer of an order can file a guarantee claim, one row a line, as of clock(); for the buyer, the seller and the platform. is_open: now; else obstacle, the condition name of the error (error_codes()): request_too_early, deadline_passed (the platform may still admit it), line_in_open_case (blocking_case_id is about it, until it is closed or its response deadline has passed) or refund_cap_exceeded (nothing is left). possible_from: from when on a claim will be possible as things stand; null: unknown, or not before closes_at. opens_at and closes_at: the window, from the start of its first date to the end of its last; closes_at, the first instant after it, is null where it does not close. What deadlines refund counts once it is written. Errors: P0002, 22004, 22008, SC004. (A-25, A-29, A-30, D-13, D-14, AMB-111)';

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
            CASE WHEN opens_at >= closes_at
                THEN format('Its time would begin at %s, and ends at %s.', opens_at, closes_at)
                ELSE format('It is possible from %s on.', opens_at) END,
            'Wait until then, or write to the seller.', 'support_case', 'sales_order');
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
    line_numbers integer[],
    at timestamptz
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
    SELECT l.line_number, l.case_id, c.status INTO taken
    FROM support_case.case_line AS l
    JOIN support_case.support_case AS c ON c.seller_id = l.seller_id AND c.case_id = l.case_id
    WHERE l.seller_id = o.seller_id AND l.order_id = o.order_id AND l.line_number = ANY (line_numbers)
        AND support_case._blocks_claim(c.status, c.deadline, c.due_at, c.escalation_reason, at)
    ORDER BY l.line_number, l.case_id
    LIMIT 1;
    IF FOUND THEN
        PERFORM support_case._raise('line_in_open_case',
            format('line %s of order %s is in an open case', taken.line_number, o.order_id),
            format('Case %s is about it.', taken.case_id),
            CASE taken.status WHEN 'escalated' THEN 'The platform decides that case; once it is closed, a claim is possible.'
                ELSE 'Continue that case; once it is closed or the seller has missed its response deadline, a claim is possible.' END,
            'support_case', 'case_line');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_lines_are_claimable(support_case.sales_order, integer[], timestamptz) IS
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
    PERFORM support_case._lock_standing(_claim_guarantee.seller_id, _claim_guarantee.order_id);
    o := support_case._lock_order(_claim_guarantee.seller_id, _claim_guarantee.order_id);
    IF idempotency_key IS NOT NULL THEN
        answer := support_case._find_answer(seller_id, actor_id, idempotency_key, action, arguments);
        IF answer IS NOT NULL THEN
            RETURN QUERY SELECT k.* FROM jsonb_populate_recordset(NULL::support_case.case_current, answer) AS k;
            RETURN;
        END IF;
    END IF;
    -- Also where buyers may no longer choose the reason for ordinary cases.
    SELECT k.* INTO STRICT r FROM support_case.reason AS k WHERE k.reason = 'not_received';
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
    PERFORM support_case._check_lines_are_claimable(o, chosen.line_numbers, c.last_effective_at);

    c.policy_version := p.policy_version;
    c.calendar_code := support_case._calendar_of_request(o, s, p);
    c.description := _claim_guarantee.description;
    c.is_discretionary := false;
    c.routed_because := support_case._route(support_case._is_fraud_suspected(o, p.fraud_threshold), s.is_enabled, r,
        false, terms.is_platform_fulfilled AND p.fulfilment_platform_routes);
    IF c.routed_because = 'seller' THEN
        c.routed_because := 'guarantee_claim';
    END IF;
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
    actor_id := support_case._authorise('buyer', file_guarantee_claim.seller_id, file_guarantee_claim.order_id,
        actor_id => actor_id);
    RETURN QUERY SELECT k.* FROM support_case._claim_guarantee(seller_id, order_id, 'file_guarantee_claim', 'buyer',
        NULL, description, lines, evidence, actor_id, idempotency_key) AS k;
END
$$;

COMMENT ON FUNCTION support_case.file_guarantee_claim(bigint, bigint, text, jsonb, jsonb, text, text) IS
'The buyer of an order that did not arrive claims the guarantee: opens a case of reason not_received and returns it. The platform has to decide it; until then the seller can refund in full or in part, refund and ask to order again, write to the buyer, or ask the carrier, unless the platform fulfilled the order or handles all that is asked of this seller. lines: the lines and quantities concerned, such as [{"line_number": 1, "quantity": 1}], by default all that is not refunded; evidence: a list of attachments. guarantee_window() tells beforehand. Errors: P0002 (order, line), 22004, 22023, 22P02, 54000, SC003 (too late), SC004, SC007 (nothing left to refund), SC009, SC013 (line in an open case), SC018 (too early). (A-17, A-24, A-25, A-29, A-30, AMB-83, AMB-111)';

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
    actor_id := support_case._authorise('platform', admit_guarantee_claim.seller_id, actor_id => actor_id);
    PERFORM support_case._require_actor(actor_id);
    PERFORM support_case._check_text(because, 'because', 1000);
    RETURN QUERY SELECT k.* FROM support_case._claim_guarantee(seller_id, order_id, 'admit_guarantee_claim',
        'platform', because, description, lines, evidence, actor_id, idempotency_key) AS k;
END
$$;

COMMENT ON FUNCTION support_case.admit_guarantee_claim(bigint, bigint, text, text, jsonb, jsonb, text, text) IS
'The platform accepts a guarantee claim that comes too late, and returns its case; because, 1 to 1,000 characters, says why, description is what the buyer says. Other arguments as of file_guarantee_claim(); actor_id is required. Errors: P0002 (order, line), 22004, 22023, 22P02, 54000, SC001 (not late), SC007, SC009, SC013, SC018 (too early). (A-31, AMB-75)';

---------- what the seller can do ----------
