-- Opening a case: what it is about, whether it is late, who handles it.

CREATE OR REPLACE FUNCTION support_case._route(
    is_fraud_suspected boolean,
    is_seller_enabled boolean,
    reason support_case.reason,
    is_consumable boolean,
    is_platform_fulfilled boolean
)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN is_fraud_suspected THEN 'fraud_suspected'
        WHEN NOT is_seller_enabled THEN 'seller_not_enabled'
        WHEN is_platform_fulfilled THEN 'platform_fulfilled'
        WHEN NOT reason.is_covered THEN 'reason_not_covered'
        WHEN reason.excludes_consumables AND is_consumable THEN 'consumable_excluded'
        ELSE 'seller'
    END
$$;

COMMENT ON FUNCTION support_case._route(boolean, boolean, support_case.reason, boolean, boolean) IS
'The routing decision of requirements 2.3, first match wins: seller, or why the platform handles the case (W-02, W-20, W-21, W-22, A-24). fraud_suspected is not for sellers: _create_case() keeps it from them.';

CREATE OR REPLACE FUNCTION support_case._is_platform_fulfilled(
    seller_id bigint,
    order_id bigint,
    is_routed boolean
)
RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    RETURN is_routed AND EXISTS (SELECT FROM support_case.delivery_promise AS d
        WHERE d.seller_id = _is_platform_fulfilled.seller_id AND d.order_id = _is_platform_fulfilled.order_id
            AND d.is_platform_fulfilled);
END
$$;

COMMENT ON FUNCTION support_case._is_platform_fulfilled(bigint, bigint, boolean) IS
'Whether the platform fulfilled an order, and, by is_routed, fulfilment_platform_routes of the policy, handles what is asked about it (A-24, AMB-81).';

CREATE OR REPLACE FUNCTION support_case._is_fraud_suspected(o support_case.sales_order, fraud_threshold numeric)
RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    RETURN EXISTS (SELECT FROM support_case.buyer_standing AS b
            WHERE b.buyer_id = o.buyer_id AND (b.is_fraud_suspected OR b.fraud_score >= fraud_threshold))
        OR EXISTS (SELECT FROM support_case.order_standing AS s
            WHERE s.seller_id = o.seller_id AND s.order_id = o.order_id
                AND (s.is_fraud_suspected OR s.fraud_score >= fraud_threshold));
END
$$;

COMMENT ON FUNCTION support_case._is_fraud_suspected(support_case.sales_order, numeric) IS
'Whether the order or its buyer is flagged, or has a score from the threshold on; a null threshold: no score counts (W-22, AMB-62).';

CREATE OR REPLACE FUNCTION support_case._is_fraud_suspected_in(c support_case.support_case)
RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    RETURN (SELECT support_case._is_fraud_suspected(o, p.fraud_threshold)
        FROM support_case.sales_order AS o, support_case.policy AS p
        WHERE o.seller_id = c.seller_id AND o.order_id = c.order_id AND p.policy_version = c.policy_version);
END
$$;

COMMENT ON FUNCTION support_case._is_fraud_suspected_in(support_case.support_case) IS
'_is_fraud_suspected() by the order and the policy of a case.';

-- The row is made where there is none: what is locked has to be there, and to be
-- older than the suspicion.  FOR SHARE, so that cases of a buyer do not wait for
-- each other.
CREATE OR REPLACE FUNCTION support_case._lock_standing(seller_id bigint, order_id bigint)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off
AS $$
#variable_conflict use_column
BEGIN
    LOOP
        PERFORM FROM support_case.sales_order AS o
        JOIN support_case.buyer_standing AS b ON b.buyer_id = o.buyer_id
        WHERE o.seller_id = _lock_standing.seller_id AND o.order_id = _lock_standing.order_id
        FOR SHARE OF b;
        EXIT WHEN FOUND;
        INSERT INTO support_case.buyer_standing (buyer_id)
        SELECT o.buyer_id FROM support_case.sales_order AS o
        WHERE o.seller_id = _lock_standing.seller_id AND o.order_id = _lock_standing.order_id
            AND NOT EXISTS (SELECT FROM support_case.buyer_standing AS b WHERE b.buyer_id = o.buyer_id)
        ON CONFLICT DO NOTHING;
        -- Made here, or there is no such order; else somebody has made it just now.
        EXIT WHEN FOUND OR NOT EXISTS (SELECT FROM support_case.sales_order AS o
            WHERE o.seller_id = _lock_standing.seller_id AND o.order_id = _lock_standing.order_id);
    END LOOP;
END
$$;

COMMENT ON FUNCTION support_case._lock_standing(bigint, bigint) IS
'Keeps the standing of an order''s buyer as it is until the transaction ends; called before the order is locked by whoever asks for suspicions and opens a case accordingly. Who assesses the buyer meanwhile waits, or is waited for; a transaction that reads from an older snapshot fails with 40001 (W-22).';

CREATE OR REPLACE FUNCTION support_case._note_suspicion(
    seller_id bigint,
    case_id bigint,
    event_number integer,
    message text DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO support_case.case_suspicion (seller_id, case_id, event_number, message)
    VALUES (_note_suspicion.seller_id, _note_suspicion.case_id, _note_suspicion.event_number, _note_suspicion.message);
END
$$;

COMMENT ON FUNCTION support_case._note_suspicion(bigint, bigint, integer, text) IS
'Writes where the seller does not read it that an event brought a case to the platform because refund fraud is suspected; what the seller reads is routed_because = beyond_seller.';

-- The earliest window of the lines counts: one case has one answer.
CREATE OR REPLACE FUNCTION support_case._filing_closes_at(
    o support_case.sales_order,
    p support_case.policy,
    calendar_code text,
    line_numbers integer[],
    at timestamptz
)
RETURNS timestamptz
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    calendar constant support_case.business_calendar := support_case._calendar_in_force(calendar_code, o.purchased_at);
BEGIN
    RETURN (
        SELECT min(least(
            support_case.business_add(o.purchased_at,
                coalesce(w.after_purchase, p.filing_after_purchase)::support_case.term, calendar),
            support_case.business_add(o.delivered_at,
                coalesce(w.after_delivery, p.filing_after_delivery)::support_case.term, calendar)))
        FROM (SELECT DISTINCT l.category FROM support_case.sales_order_line AS l
            WHERE l.seller_id = o.seller_id AND l.order_id = o.order_id AND l.line_number = ANY (line_numbers)) AS l
        LEFT JOIN LATERAL (
            SELECT f.after_purchase, f.after_delivery
            FROM support_case.filing_window AS f
            WHERE f.category = l.category AND f.effective_from <= at
            ORDER BY f.effective_from DESC
            LIMIT 1
        ) AS w ON true);
END
$$;

COMMENT ON FUNCTION support_case._filing_closes_at(support_case.sales_order, support_case.policy, text, integer[], timestamptz) IS
'From when on a request about these lines of the order is late, by the windows in force at an instant; null: never (D-12, AMB-42).';

CREATE OR REPLACE FUNCTION support_case._late_shipment_starts_at(
    o support_case.sales_order,
    p support_case.policy,
    calendar_code text
)
RETURNS timestamptz
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    RETURN support_case.business_add(o.handling_due_at, p.late_threshold::support_case.term,
        support_case._calendar_in_force(calendar_code, o.handling_due_at));
END
$$;

COMMENT ON FUNCTION support_case._late_shipment_starts_at(support_case.sales_order, support_case.policy, text) IS
'From when on the shipping of the order counts as substantially delayed, unless a carrier has accepted it before; null: nobody can tell (AMB-45).';

-- The lines that a case is about; by default all that is not refunded yet.
CREATE OR REPLACE FUNCTION support_case._read_case_lines(o support_case.sales_order, lines jsonb)
RETURNS TABLE (line_number integer, quantity integer)
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    bad record;
BEGIN
    IF lines IS NULL THEN
        RETURN QUERY
        SELECT l.line_number, l.quantity - l.refunded_quantity
        FROM support_case.sales_order_line AS l
        WHERE l.seller_id = o.seller_id AND l.order_id = o.order_id AND l.quantity > l.refunded_quantity;
        RETURN;
    END IF;
    IF jsonb_typeof(lines) <> 'array' OR jsonb_array_length(lines) NOT BETWEEN 1 AND 1000
        OR EXISTS (SELECT FROM jsonb_array_elements(lines) AS e,
                jsonb_object_keys(CASE WHEN jsonb_typeof(e) = 'object' THEN e ELSE '{"not an object": 1}' END) AS k
            WHERE k NOT IN ('line_number', 'quantity'))
    THEN
        PERFORM support_case._raise('invalid_parameter_value',
            'argument "lines" must be a JSON array of line numbers and quantities', NULL,
            'Write it like [{"line_number": 1, "quantity": 1}], or leave it out for the whole order.');
    END IF;
    PERFORM support_case._check_line_numbers(lines);
    FOR bad IN
        SELECT r.line_number, r.quantity, l.line_number AS known_line, l.quantity AS known_quantity,
            l.quantity - l.refunded_quantity AS remaining,
            count(*) OVER (PARTITION BY r.line_number) AS occurrences
        FROM jsonb_to_recordset(lines) AS r (line_number integer, quantity integer)
        LEFT JOIN support_case.sales_order_line AS l
            ON l.seller_id = o.seller_id AND l.order_id = o.order_id AND l.line_number = r.line_number
    LOOP
        IF bad.known_line IS NULL THEN
            PERFORM support_case._raise('no_data_found',
                format('order %s of seller %s has no line %s', o.order_id, o.seller_id,
                    coalesce(bad.line_number::text, '(null)')),
                NULL, 'Pass line numbers of the order as it was registered.', 'support_case', 'sales_order_line');
        END IF;
        IF bad.occurrences > 1 THEN
            PERFORM support_case._raise('invalid_parameter_value',
                format('line %s occurs more than once', bad.line_number),
                NULL, 'Name every line once, with its whole quantity.');
        END IF;
        IF bad.remaining = 0 THEN
            PERFORM support_case._raise('refund_cap_exceeded',
                format('nothing of line %s is left to ask about', bad.line_number),
                format('All %s units of the line are refunded.', bad.known_quantity),
                'Open cases about other lines or orders.', 'support_case', 'sales_order_line');
        END IF;
        IF coalesce(bad.quantity, 1) NOT BETWEEN 1 AND bad.remaining THEN
            PERFORM support_case._raise('invalid_parameter_value',
                format('quantity %s of line %s is not possible', bad.quantity, bad.line_number),
                format('%s units of the line are not refunded yet.', bad.remaining),
                'Pass a quantity from 1 to what is left.');
        END IF;
    END LOOP;
    RETURN QUERY
    SELECT r.line_number, coalesce(r.quantity, 1)
    FROM jsonb_to_recordset(lines) AS r (line_number integer, quantity integer);
END
$$;

COMMENT ON FUNCTION support_case._read_case_lines(support_case.sales_order, jsonb) IS
'The lines and quantities of a JSON array, checked against the order. Errors: P0002 (line), 22023, 22P02, 22003, SC007 (line refunded).';

CREATE OR REPLACE FUNCTION support_case._check_lines_are_free(
    o support_case.sales_order,
    line_numbers integer[],
    max_open integer,
    but_case_id bigint
)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    taken record;
BEGIN
    SELECT l.line_number, min(l.case_id) AS case_id INTO taken
    FROM support_case.case_line AS l
    JOIN support_case.support_case AS c ON c.seller_id = l.seller_id AND c.case_id = l.case_id
    WHERE l.seller_id = o.seller_id AND l.order_id = o.order_id AND l.line_number = ANY (line_numbers)
        AND c.status <> 'closed' AND c.case_id IS DISTINCT FROM but_case_id
    GROUP BY l.line_number
    HAVING count(*) >= max_open
    LIMIT 1;
    IF FOUND THEN
        PERFORM support_case._raise('line_in_open_case',
            format('line %s of order %s is in an open case', taken.line_number, o.order_id),
            format('Case %s is about it.', taken.case_id),
            'Continue that case, or wait until it is closed.', 'support_case', 'case_line');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_lines_are_free(support_case.sales_order, integer[], integer, bigint) IS
'Raises SC013 when one of the lines has max_open open cases, but_case_id aside (AMB-46). The caller holds the lock of the order and has rolled its cases forward.';

CREATE OR REPLACE FUNCTION support_case._calendar_of_request(
    o support_case.sales_order,
    s support_case.seller,
    p support_case.policy
)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT coalesce(CASE p.calendar_scope WHEN 'seller' THEN s.calendar_code WHEN 'buyer' THEN o.buyer_calendar_code END,
        p.calendar_code)
$$;

COMMENT ON FUNCTION support_case._calendar_of_request(support_case.sales_order, support_case.seller, support_case.policy) IS
'The calendar that a case about the order is measured on (AMB-03).';

-- All that is decided about a request before it becomes a case: open_case()
-- acts on it, preview_case() shows it.
CREATE OR REPLACE FUNCTION support_case._assess_request(
    o support_case.sales_order,
    r support_case.reason,
    lines jsonb,
    at timestamptz
)
RETURNS TABLE (
    policy_version integer,
    intake_channels jsonb,
    max_open integer,
    calendar_code text,
    line_numbers integer[],
    quantities integer[],
    routed_because text,
    possible_from timestamptz,
    closes_at timestamptz,
    is_discretionary boolean,
    obstacle text,
    message text,
    detail text,
    hint text
)
LANGUAGE plpgsql STABLE ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    s support_case.seller;
    p support_case.policy;
BEGIN
    p := support_case._policy_in_force(at);
    SELECT k.* INTO STRICT s FROM support_case.seller AS k WHERE k.seller_id = o.seller_id;
    policy_version := p.policy_version;
    intake_channels := p.intake_channels;
    max_open := p.case_max_open_per_line;
    calendar_code := support_case._calendar_of_request(o, s, p);
    SELECT array_agg(l.line_number ORDER BY l.line_number), array_agg(l.quantity ORDER BY l.line_number)
    INTO line_numbers, quantities
    FROM support_case._read_case_lines(o, _assess_request.lines) AS l;
    closes_at := support_case._filing_closes_at(o, p, calendar_code, line_numbers, at);
    is_discretionary := coalesce(at >= closes_at, false);
    routed_because := support_case._route(support_case._is_fraud_suspected(o, p.fraud_threshold), s.is_enabled, r,
        EXISTS (SELECT FROM support_case.sales_order_line AS l
            WHERE l.seller_id = o.seller_id AND l.order_id = o.order_id AND l.line_number = ANY (line_numbers)
                AND l.product_kind <> 'standard'),
        support_case._is_platform_fulfilled(o.seller_id, o.order_id, p.fulfilment_platform_routes));
    IF r.is_for_late_shipment THEN
        possible_from := support_case._late_shipment_starts_at(o, p, calendar_code);
    END IF;

    -- A gift, for which nothing was paid, can still be replaced.
    IF line_numbers IS NULL OR (
        SELECT sum(l.refundable) > 0 AND sum(l.refundable) = sum(l.refunded)
        FROM support_case.sales_order_line AS l
        WHERE l.seller_id = o.seller_id AND l.order_id = o.order_id AND l.line_number = ANY (line_numbers))
    THEN
        obstacle := 'refund_cap_exceeded';
        message := format('nothing of order %s is left to ask about', o.order_id);
        detail := 'The buyer has got back all that was paid for these lines.';
        hint := 'Open cases about other lines or orders.';
    ELSIF is_discretionary AND p.filing_late_mode = 'refuse' THEN
        obstacle := 'deadline_passed';
        message := 'the time to ask for help with this order is over';
        detail := format('It ended at %s.', closes_at);
        hint := 'The policy of the marketplace refuses late requests.';
    ELSIF r.is_before_shipment AND support_case._has_acceptance_scan(o.seller_id, o.order_id) THEN
        obstacle := 'action_not_allowed';
        message := format('order %s is shipped already', o.order_id);
        detail := format('Reason "%s" is for orders that no carrier has accepted.', r.reason);
        hint := 'Use another reason once the order has arrived.';
    ELSIF r.is_for_late_shipment AND o.handling_due_at IS NULL AND o.delivered_at <= at THEN
        obstacle := 'action_not_allowed';
        message := format('order %s has been delivered', o.order_id);
        detail := 'It has no handling deadline that would tell whether it was shipped late.';
        hint := 'Use another reason, or register orders with handling_due_at.';
    ELSIF possible_from IS NOT NULL AND support_case._has_acceptance_scan(o.seller_id, o.order_id, possible_from) THEN
        obstacle := 'action_not_allowed';
        message := format('order %s was shipped in time', o.order_id);
        detail := format('A carrier accepted it before %s, when its shipping would have counted as delayed.',
            possible_from);
        hint := 'Use another reason once the order has arrived.';
    ELSIF at < possible_from THEN
        obstacle := 'request_too_early';
        message := format('order %s is not substantially delayed yet', o.order_id);
        detail := format('The request is possible from %s on, unless a carrier accepts the order before.',
            possible_from);
        hint := 'Wait until then, or write to the seller.';
    END IF;
    RETURN NEXT;
END
$$;

COMMENT ON FUNCTION support_case._assess_request(support_case.sales_order, support_case.reason, jsonb, timestamptz) IS
'What a request about lines of an order would become at an instant: its policy, calendar, lines, route (requirements 2.3) and filing window, from when on it is possible, and the first obstacle as an error of error_codes(); whether its lines are in open cases is another question. Errors: P0002 (line), 22023, 22P02, SC007 (line refunded).';

CREATE OR REPLACE FUNCTION support_case._find_reason(reason text)
RETURNS support_case.reason
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    r support_case.reason;
BEGIN
    PERFORM support_case._require(_find_reason.reason, 'reason');
    SELECT k.* INTO r FROM support_case.reason AS k WHERE k.reason = _find_reason.reason AND NOT k.is_retired;
    IF NOT FOUND THEN
        PERFORM support_case._raise('invalid_parameter_value',
            format('unknown reason "%s"', left(_find_reason.reason, 64)),
            NULL, 'Table support_case.reason lists the reasons.');
    END IF;
    RETURN r;
END
$$;

COMMENT ON FUNCTION support_case._find_reason(text) IS
'A reason that new cases may use. Errors: 22004, 22023.';

-- What does not say what it is may be what is asked for.
CREATE OR REPLACE FUNCTION support_case._check_evidence(r support_case.reason, evidence jsonb)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF r.required_evidence IS NOT NULL AND NOT EXISTS (
        SELECT FROM jsonb_array_elements(evidence) AS e
        WHERE r.required_evidence = 'any' OR e ->> 'media_type' IS NULL
            OR e ->> 'media_type' ILIKE CASE r.required_evidence WHEN 'photo' THEN 'image/%' ELSE 'video/%' END)
    THEN
        PERFORM support_case._raise('evidence_required', format('reason "%s" needs evidence', r.reason),
            format('The buyer must add %s when the case is opened.',
                CASE r.required_evidence WHEN 'photo' THEN 'photos' WHEN 'video' THEN 'a video' ELSE 'something' END),
            'Pass evidence like [{"uri": "s3://evidence/1.jpg", "media_type": "image/jpeg"}].');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_evidence(support_case.reason, jsonb) IS
'Raises SC012 unless the attachments hold what the reason requires (W-14, W-15).';

CREATE OR REPLACE FUNCTION support_case._check_channel(channels jsonb, channel text)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF NOT coalesce(channels ? channel, false) THEN
        PERFORM support_case._raise('invalid_parameter_value',
            format('cases are not opened in channel "%s"', coalesce(left(channel, 64), '(null)')), NULL,
            format('The policy of the marketplace has intake_channels = %s.', left(channels::text, 200)));
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_channel(jsonb, text) IS
'Raises 22023 unless the channel is one of those where cases may be opened (W-10, AMB-56).';
