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

CREATE OR REPLACE FUNCTION support_case._filing_closes_at(
    o support_case.sales_order,
    p support_case.policy,
    calendar_code text
)
RETURNS timestamptz
LANGUAGE sql STABLE
AS $$
    SELECT least(
        support_case.business_add((o).purchased_at, ((p).filing_after_purchase)::support_case.term, k.compiled),
        support_case.business_add((o).delivered_at, ((p).filing_after_delivery)::support_case.term, k.compiled))
    FROM support_case.calendar AS k
    WHERE k.calendar_code = _filing_closes_at.calendar_code AND k.effective_from <= (o).purchased_at
    ORDER BY k.effective_from DESC
    LIMIT 1
$$;

COMMENT ON FUNCTION support_case._filing_closes_at(support_case.sales_order, support_case.policy, text) IS
'From when on a request about the order is late; null: never (D-12, AMB-42).';

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
    FOR bad IN
        SELECT r.line_number, r.quantity, l.line_number AS known_line, l.quantity - l.refunded_quantity AS remaining,
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
'The lines and quantities of a JSON array, checked against the order. Errors: P0002 (line), 22023, 22P02.';

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
    s support_case.seller;
    p support_case.policy;
    r support_case.reason;
    c support_case.support_case;
    step support_case._case_step;
    line_numbers integer[];
    quantities integer[];
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
    PERFORM support_case._require(open_case.reason, 'reason');
    PERFORM support_case._check_text(open_case.description, 'description');
    SELECT k.* INTO r FROM support_case.reason AS k WHERE k.reason = open_case.reason AND NOT k.is_retired;
    IF NOT FOUND THEN
        PERFORM support_case._raise('invalid_parameter_value',
            format('unknown reason "%s"', left(open_case.reason, 64)),
            NULL, 'Table support_case.reason lists the reasons.');
    END IF;
    evidence := support_case._check_attachments(evidence, 'evidence');
    IF r.is_evidence_required AND jsonb_array_length(evidence) = 0 THEN
        PERFORM support_case._raise('evidence_required', format('reason "%s" needs evidence', r.reason),
            'The buyer must add photos when the case is opened.',
            'Pass evidence like [{"uri": "s3://evidence/1.jpg", "media_type": "image/jpeg"}].');
    END IF;

    c.last_effective_at := support_case._roll_order(open_case.seller_id, open_case.order_id);
    SELECT k.* INTO STRICT p FROM support_case.policy AS k
    WHERE k.effective_from <= c.last_effective_at ORDER BY k.effective_from DESC LIMIT 1;
    SELECT k.* INTO STRICT s FROM support_case.seller AS k WHERE k.seller_id = open_case.seller_id;
    SELECT array_agg(l.line_number ORDER BY l.line_number), array_agg(l.quantity ORDER BY l.line_number)
    INTO line_numbers, quantities
    FROM support_case._read_case_lines(o, open_case.lines) AS l;
    -- A gift, for which nothing was paid, can still be replaced.
    IF line_numbers IS NULL OR (
        SELECT sum(l.refundable) > 0 AND sum(l.refundable) = sum(l.refunded)
        FROM support_case.sales_order_line AS l
        WHERE l.seller_id = o.seller_id AND l.order_id = o.order_id AND l.line_number = ANY (line_numbers))
    THEN
        PERFORM support_case._raise('refund_cap_exceeded',
            format('nothing of order %s is left to ask about', o.order_id),
            'The buyer has got back all that was paid for these lines.', 'Open cases about other lines or orders.');
    END IF;
    PERFORM support_case._check_lines_are_free(o, line_numbers, p.case_max_open_per_line, NULL);

    c.seller_id := o.seller_id;
    c.order_id := o.order_id;
    c.policy_version := p.policy_version;
    c.calendar_code := coalesce(CASE p.calendar_scope
        WHEN 'seller' THEN s.calendar_code WHEN 'buyer' THEN o.buyer_calendar_code END, p.calendar_code);
    c.opened_at := c.last_effective_at;
    c.is_returnable := r.is_returnable;
    c.is_discretionary := coalesce(
        c.opened_at >= support_case._filing_closes_at(o, p, c.calendar_code), false);
    IF c.is_discretionary AND p.filing_late_mode = 'refuse' THEN
        PERFORM support_case._raise('deadline_passed', 'the time to ask for help with this order is over',
            format('It ended at %s.', support_case._filing_closes_at(o, p, c.calendar_code)),
            'The policy of the marketplace refuses late requests.');
    END IF;
    c.routed_because := support_case._route(o.is_fraud_suspected, s.is_enabled, r,
        EXISTS (SELECT FROM support_case.sales_order_line AS l
            WHERE l.seller_id = o.seller_id AND l.order_id = o.order_id AND l.line_number = ANY (line_numbers)
                AND l.product_kind <> 'standard'));
    c.is_responded := false;
    c.is_conversation_closed := false;
    SELECT n.* INTO step
    FROM support_case._calendar_history AS h,
        support_case._plan_transition(c, p.rules, h.calendars, h.calendars_from, 'open_case', 'buyer',
            CASE WHEN c.routed_because = 'seller' THEN ARRAY['routed_to_seller'] ELSE '{}' END,
            c.opened_at) AS n
    WHERE h.calendar_code = c.calendar_code;

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
    VALUES (c.seller_id, c.case_id, c.order_id, o.buyer_id, o.currency, r.reason, open_case.description,
        left(open_case.channel, 63), c.policy_version, c.calendar_code, c.is_discretionary, c.is_returnable,
        c.routed_because, c.opened_at, step.status, step.status_since, step.deadline, step.due_at,
        step.escalation_reason, step.is_responded, step.is_conversation_closed, 0, c.opened_at);
    INSERT INTO support_case.case_line (seller_id, case_id, line_number, order_id, quantity)
    SELECT c.seller_id, c.case_id, l.line_number, c.order_id, l.quantity
    FROM unnest(line_numbers, quantities) AS l (line_number, quantity);
    PERFORM support_case._write_steps(
        ARRAY[ROW(c.seller_id, c.case_id, c.order_id, 1, 'buyer', support_case._acting_id(actor_id),
            jsonb_strip_nulls(jsonb_build_object('reason', r.reason, 'routed_because', c.routed_because,
                'is_discretionary', c.is_discretionary, 'channel', left(open_case.channel, 63))),
            step)::support_case._case_write],
        c.opened_at);
    PERFORM support_case._open_case_conversation(c.seller_id, c.case_id, evidence, actor_id);

    IF idempotency_key IS NOT NULL THEN
        RETURN QUERY SELECT k.* FROM support_case._finish(c.seller_id, c.case_id, 'open_case', actor_id,
            idempotency_key, arguments) AS k;
    ELSE
        RETURN QUERY SELECT k.* FROM support_case.case_current AS k
            WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id;
    END IF;
END
$$;

COMMENT ON FUNCTION support_case.open_case(bigint, bigint, text, text, jsonb, jsonb, text, text, text) IS
'The buyer of an order asks for help: opens a case and returns it. reason is a code of table reason; lines are the order lines and quantities concerned, such as [{"line_number": 1, "quantity": 1}], by default all that is not refunded; evidence is a list of attachments, such as [{"uri": "s3://evidence/1.jpg", "media_type": "image/jpeg"}]. The case goes to the seller, whose response deadline starts, or to the platform (requirements 2.3). Errors: P0002 (order, line), 22004, 22023, 22P02, 54000, SC003 (late, where the policy refuses it), SC007 (all refunded), SC009, SC012 (evidence required), SC013 (line in an open case). (W-09 to W-23, T-01, T-02)';
