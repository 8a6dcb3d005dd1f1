-- Opening a case: what it is about, whether it is late, who handles it.

CREATE OR REPLACE FUNCTION support_case._route(
    is_fraud_suspected boolean,
    is_seller_enabled boolean,
    reason support_case.reason,
    is_consumable boolean
)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN is_fraud_suspected THEN 'fraud_suspected'
        WHEN NOT is_seller_enabled THEN 'seller_not_enabled'
        WHEN NOT reason.is_covered THEN 'reason_not_covered'
        WHEN reason.excludes_consumables AND is_consumable THEN 'consumable_excluded'
        ELSE 'seller'
    END
$$;

COMMENT ON FUNCTION support_case._route(boolean, boolean, support_case.reason, boolean) IS
'The routing decision of requirements 2.3, first match wins: seller, or why the platform handles the case (W-02, W-20, W-21, W-22).';

CREATE OR REPLACE FUNCTION support_case._is_fraud_suspected(o support_case.sales_order, fraud_threshold numeric)
RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    RETURN o.is_fraud_suspected
        OR EXISTS (SELECT FROM support_case.buyer_standing AS b
            WHERE b.buyer_id = o.buyer_id AND (b.is_fraud_suspected OR b.fraud_score >= fraud_threshold))
        OR EXISTS (SELECT FROM support_case.order_standing AS s
            WHERE s.seller_id = o.seller_id AND s.order_id = o.order_id AND s.fraud_score >= fraud_threshold);
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
                AND l.product_kind <> 'standard'));
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

-- What every case begins with, whoever opens it; open_case() and guarantee
-- claims differ in what they check before.
CREATE OR REPLACE FUNCTION support_case._create_case(
    c support_case.support_case,
    o support_case.sales_order,
    r support_case.reason,
    line_numbers integer[],
    quantities integer[],
    action text,
    actor text,
    actor_id text,
    conditions text[],
    details jsonb,
    evidence jsonb
)
RETURNS support_case.support_case
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    step support_case._case_step;
BEGIN
    c.seller_id := o.seller_id;
    c.order_id := o.order_id;
    c.opened_at := c.last_effective_at;
    c.is_returnable := r.is_returnable;
    c.is_responded := false;
    c.is_conversation_closed := false;
    SELECT n.* INTO step
    FROM support_case.policy AS p, support_case._calendar_history AS h,
        support_case._plan_transition(c, p.rules, h.calendars, h.calendars_from, action, actor, conditions,
            c.opened_at) AS n
    WHERE p.policy_version = c.policy_version AND h.calendar_code = c.calendar_code;

    -- A transaction that reads from an older snapshot must not miss this case
    -- when it asks whether a line is free: it fails with 40001.
    UPDATE support_case.sales_order AS k
    SET case_count = k.case_count + 1
    WHERE k.seller_id = o.seller_id AND k.order_id = o.order_id;
    c.case_id := nextval('support_case.case_id_seq');
    INSERT INTO support_case.support_case (seller_id, case_id, order_id, buyer_id, currency, reason, description,
        channel, policy_version, calendar_code, is_discretionary, is_returnable, routed_because, opened_at, status,
        status_since, deadline, due_at, escalation_reason, is_responded, is_conversation_closed, last_event_number,
        last_effective_at)
    VALUES (c.seller_id, c.case_id, c.order_id, o.buyer_id, o.currency, r.reason, c.description,
        c.channel, c.policy_version, c.calendar_code, c.is_discretionary, c.is_returnable,
        c.routed_because, c.opened_at, step.status, step.status_since, step.deadline, step.due_at,
        step.escalation_reason, step.is_responded, step.is_conversation_closed, 0, c.opened_at);
    INSERT INTO support_case.case_line (seller_id, case_id, line_number, order_id, quantity)
    SELECT c.seller_id, c.case_id, l.line_number, c.order_id, l.quantity
    FROM unnest(_create_case.line_numbers, _create_case.quantities) AS l (line_number, quantity);
    PERFORM support_case._write_steps(
        ARRAY[ROW(c.seller_id, c.case_id, c.order_id, 1, actor, support_case._acting_id(actor_id),
            jsonb_strip_nulls(jsonb_build_object('reason', r.reason, 'routed_because', c.routed_because) || details),
            step)::support_case._case_write],
        c.opened_at);
    -- What the buyer says, whoever files it.
    PERFORM support_case._open_case_conversation(c.seller_id, c.case_id, evidence,
        CASE actor WHEN 'buyer' THEN actor_id END);
    RETURN c;
END
$$;

COMMENT ON FUNCTION support_case._create_case(support_case.support_case, support_case.sales_order, support_case.reason, integer[], integer[], text, text, text, text[], jsonb, jsonb) IS
'Writes a new case with its lines and first event, and returns it. Of c are set policy_version, calendar_code, description, channel, is_discretionary, routed_because, and last_effective_at: the instant of the command. The caller holds the lock of the order and has checked the lines. Errors: SC017.';

CREATE OR REPLACE FUNCTION support_case.open_case(
    seller_id bigint,
    order_id bigint,
    reason text,
    description text,
    lines jsonb DEFAULT NULL,
    evidence jsonb DEFAULT NULL,
    channel text DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(order_id, reason, description, lines, evidence, channel) END;
    answer jsonb;
    o support_case.sales_order;
    r support_case.reason;
    c support_case.support_case;
    request record;
BEGIN
    PERFORM support_case._authorise('buyer', open_case.seller_id, open_case.order_id);
    o := support_case._lock_order(open_case.seller_id, open_case.order_id);
    IF idempotency_key IS NOT NULL THEN
        answer := support_case._find_answer(open_case.seller_id, actor_id, idempotency_key, 'open_case', arguments);
        IF answer IS NOT NULL THEN
            RETURN QUERY SELECT k.* FROM jsonb_populate_recordset(NULL::support_case.case_current, answer) AS k;
            RETURN;
        END IF;
    END IF;
    r := support_case._find_reason(open_case.reason);
    PERFORM support_case._check_text(open_case.description, 'description');
    evidence := support_case._check_attachments(evidence, 'evidence');
    PERFORM support_case._check_evidence(r, evidence);

    c.last_effective_at := support_case._roll_order(open_case.seller_id, open_case.order_id);
    SELECT k.* INTO STRICT request FROM support_case._assess_request(o, r, open_case.lines, c.last_effective_at) AS k;
    IF request.intake_channels IS NOT NULL THEN
        PERFORM support_case._check_channel(request.intake_channels, open_case.channel);
    END IF;
    IF request.obstacle IS NOT NULL THEN
        PERFORM support_case._raise(request.obstacle, request.message, request.detail, request.hint, 'support_case',
            'sales_order');
    END IF;
    PERFORM support_case._check_lines_are_free(o, request.line_numbers, request.max_open, NULL);

    c.policy_version := request.policy_version;
    c.calendar_code := request.calendar_code;
    c.description := open_case.description;
    c.channel := left(open_case.channel, 63);
    c.is_discretionary := request.is_discretionary;
    c.routed_because := request.routed_because;
    c := support_case._create_case(c, o, r, request.line_numbers, request.quantities, 'open_case', 'buyer', actor_id,
        CASE WHEN c.routed_because = 'seller' THEN ARRAY['routed_to_seller'] ELSE '{}' END,
        jsonb_build_object('is_discretionary', c.is_discretionary, 'channel', c.channel), evidence);

    IF idempotency_key IS NOT NULL THEN
        RETURN NEXT support_case._finish(c.seller_id, c.case_id, 'open_case', actor_id,
            idempotency_key, arguments);
    ELSE
        RETURN QUERY SELECT k.* FROM support_case.case_current AS k
            WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id;
    END IF;
END
$$;

COMMENT ON FUNCTION support_case.open_case(bigint, bigint, text, text, jsonb, jsonb, text, text, text) IS
'The buyer of an order asks for help: opens a case and returns it. reason is a code of table reason; lines are the order lines and quantities concerned, such as [{"line_number": 1, "quantity": 1}], by default all that is not refunded; evidence is a list of attachments, such as [{"uri": "s3://evidence/1.jpg", "media_type": "image/jpeg"}]. channel is where the buyer asks, such as ios. The case goes to the seller, whose response deadline starts, or to the platform (requirements 2.3); preview_case() tells beforehand. Errors: P0002 (order, line), 22004, 22023 (reason, lines, channel), 22P02, 54000, SC001 (cancellation of a shipped order, delay of one shipped in time), SC003 (late, where the policy refuses it), SC007 (all refunded), SC009, SC012 (evidence required), SC013 (line in an open case), SC018 (not substantially delayed yet). (W-09 to W-23, T-01, T-02)';

CREATE OR REPLACE FUNCTION support_case.preview_case(
    seller_id bigint,
    order_id bigint,
    reason text,
    lines jsonb DEFAULT NULL
)
RETURNS TABLE (
    is_possible boolean,
    obstacle text,
    possible_from timestamptz,
    is_in_time boolean,
    closes_at timestamptz,
    handled_by text,
    handled_because text,
    required_evidence text,
    is_returnable boolean,
    choosable_lines jsonb
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    o support_case.sales_order;
    r support_case.reason;
    request record;
BEGIN
    PERFORM support_case._authorise('buyer', preview_case.seller_id, preview_case.order_id);
    PERFORM support_case._require(preview_case.seller_id, 'seller_id');
    PERFORM support_case._require(preview_case.order_id, 'order_id');
    SELECT k.* INTO o FROM support_case.sales_order AS k
    WHERE k.seller_id = preview_case.seller_id AND k.order_id = preview_case.order_id;
    IF NOT FOUND THEN
        PERFORM support_case._raise('no_data_found',
            format('order %s of seller %s does not exist', preview_case.order_id, preview_case.seller_id),
            NULL, 'Register it with register_order().', 'support_case', 'sales_order');
    END IF;
    r := support_case._find_reason(preview_case.reason);
    SELECT k.* INTO STRICT request
    FROM support_case._assess_request(o, r, preview_case.lines, support_case.clock()) AS k;

    RETURN QUERY
    SELECT b.obstacle IS NULL, b.obstacle, request.possible_from, NOT request.is_discretionary, request.closes_at,
        CASE request.routed_because WHEN 'seller' THEN 'seller' ELSE 'platform' END,
        -- What is about the request, not about seller or buyer: were a suspicion
        -- alone left out, its absence would tell it.
        CASE WHEN request.routed_because NOT IN ('fraud_suspected', 'seller_not_enabled')
            THEN request.routed_because END,
        r.required_evidence, r.is_returnable, f.choosable_lines
    FROM (
        SELECT coalesce(jsonb_agg(jsonb_build_object('line_number', l.line_number,
                'quantity', l.quantity - l.refunded_quantity) ORDER BY l.line_number) FILTER (WHERE t.is_free), '[]')
                AS choosable_lines,
            bool_and(t.is_free) FILTER (WHERE l.line_number = ANY (request.line_numbers)) AS are_free
        FROM support_case.sales_order_line AS l
        CROSS JOIN LATERAL (
            SELECT l.quantity > l.refunded_quantity AND (
                SELECT count(*) < request.max_open
                FROM support_case.case_line AS n
                JOIN support_case.case_current AS c ON c.seller_id = n.seller_id AND c.case_id = n.case_id
                WHERE n.seller_id = l.seller_id AND n.order_id = l.order_id AND n.line_number = l.line_number
                    AND c.status <> 'closed') AS is_free
        ) AS t
        WHERE l.seller_id = o.seller_id AND l.order_id = o.order_id
    ) AS f
    CROSS JOIN LATERAL (
        SELECT coalesce(request.obstacle, CASE WHEN NOT f.are_free THEN 'line_in_open_case' END) AS obstacle
    ) AS b;
END
$$;

COMMENT ON FUNCTION support_case.preview_case(bigint, bigint, text, jsonb) IS
'What open_case() with this reason and these lines (default: all that is not refunded) would do at clock(), without doing it. is_possible, else obstacle: the condition name of the error (error_codes()); possible_from: from when on the reason can be used, where it has to wait; is_in_time and closes_at: from when on a request is late and left to the seller''s discretion (null: never); handled_by: seller or platform, and handled_because: which rule of the routing applies, null where it is about the seller or the buyer and not about the request; required_evidence: any, photo, video or null; choosable_lines: the lines and quantities that a case can be about, such as [{"line_number": 1, "quantity": 1}]. What deadlines refund counts once it is written. Errors: P0002 (order, line), 22004, 22023, 22P02, SC007 (a named line is refunded). (W-09, W-12, W-14, W-15, AMB-42, AMB-45, AMB-46)';

---------- what the marketplace sets ----------

CREATE OR REPLACE FUNCTION support_case.define_reason(
    reason text,
    description text,
    is_covered boolean,
    is_returnable boolean,
    required_evidence text DEFAULT NULL,
    excludes_consumables boolean DEFAULT false,
    is_consent_needed_for_replacement boolean DEFAULT true,
    is_before_shipment boolean DEFAULT false,
    is_for_late_shipment boolean DEFAULT false
)
RETURNS SETOF support_case.reason
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    r support_case.reason;
    known support_case.reason;
BEGIN
    PERFORM support_case._authorise('platform', NULL);
    PERFORM support_case._require(reason, 'reason');
    PERFORM support_case._check_text(description, 'description', 1000);
    PERFORM support_case._require(is_covered, 'is_covered');
    PERFORM support_case._require(is_returnable, 'is_returnable');
    IF required_evidence IS NOT NULL THEN
        PERFORM support_case._check_choice(required_evidence, 'required_evidence', 'any', 'photo', 'video');
    END IF;
    r := ROW(reason, is_covered, is_returnable, required_evidence, coalesce(is_consent_needed_for_replacement, true),
        coalesce(excludes_consumables, false), coalesce(is_before_shipment, false),
        coalesce(is_for_late_shipment, false), description, false);
    INSERT INTO support_case.reason SELECT (r).*
    ON CONFLICT (reason) DO NOTHING;
    IF NOT FOUND THEN
        SELECT k.* INTO STRICT known FROM support_case.reason AS k WHERE k.reason = r.reason FOR UPDATE;
        IF to_jsonb(known) - 'is_retired' <> to_jsonb(r) - 'is_retired' THEN
            PERFORM support_case._raise('unique_violation',
                format('reason "%s" is defined already, and otherwise', left(r.reason, 63)),
                'Cases of the reason rely on what it means.', 'Define another one, and retire this one.',
                'support_case', 'reason', 'reason_pkey');
        END IF;
        UPDATE support_case.reason AS k SET is_retired = false WHERE k.reason = r.reason AND k.is_retired;
    END IF;
    RETURN NEXT r;
END
$$;

COMMENT ON FUNCTION support_case.define_reason(text, text, boolean, boolean, text, boolean, boolean, boolean, boolean) IS
'Adds a reason for which buyers may ask for help, and returns it; the same call again brings a retired one back. The arguments are the columns of table reason. Errors: 22004, 22023, 23505 (defined otherwise), 23514 (code). (W-17, W-21)';

CREATE OR REPLACE FUNCTION support_case.retire_reason(reason text)
RETURNS SETOF support_case.reason
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._authorise('platform', NULL);
    PERFORM support_case._require(reason, 'reason');
    RETURN QUERY
    UPDATE support_case.reason AS k
    SET is_retired = true
    WHERE k.reason = retire_reason.reason
    RETURNING k.*;
    IF NOT FOUND THEN
        PERFORM support_case._raise('no_data_found', format('reason "%s" does not exist', left(retire_reason.reason, 63)),
            NULL, 'Table support_case.reason lists the reasons.', 'support_case', 'reason');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case.retire_reason(text) IS
'No new case may use the reason any more; returns it. Cases that have it go on. Errors: 22004, P0002. (W-17)';

CREATE OR REPLACE FUNCTION support_case.create_filing_window(
    category text,
    after_purchase text DEFAULT NULL,
    after_delivery text DEFAULT NULL,
    effective_from timestamptz DEFAULT NULL,
    actor_id text DEFAULT NULL
)
RETURNS SETOF support_case.filing_window
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    latest record;
BEGIN
    PERFORM support_case._authorise('platform', NULL);
    PERFORM support_case._check_text(category, 'category', 63);
    -- As for calendars.
    LOCK TABLE support_case.filing_window IN ACCESS EXCLUSIVE MODE;
    SELECT coalesce(max(f.version), 0) AS version, max(f.effective_from) AS effective_from INTO latest
    FROM support_case.filing_window AS f
    WHERE f.category = create_filing_window.category;
    RETURN QUERY
    INSERT INTO support_case.filing_window AS f (category, version, after_purchase, after_delivery, effective_from,
        created_at, created_by)
    VALUES (create_filing_window.category, latest.version + 1, create_filing_window.after_purchase,
        create_filing_window.after_delivery,
        support_case._check_effective_from(create_filing_window.effective_from, latest.effective_from),
        support_case._instant(), support_case._acting_id(create_filing_window.actor_id))
    RETURNING f.*;
END
$$;

COMMENT ON FUNCTION support_case.create_filing_window(text, text, text, timestamptz, text) IS
'Creates a new version of a product category''s filing window, and returns it. after_purchase and after_delivery are terms, such as "7 days"; null: as the policy says, so that a version without terms ends the override. A case about several lines has the earliest window of them. effective_from: cases opened then or later use the version; default now. Errors: 22004, 22023 (category, effective in the past), 22P02 (malformed term), 23514 (negative term). (W-12, AMB-42)';
