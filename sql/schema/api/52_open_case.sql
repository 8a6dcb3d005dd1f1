-- Opening a case, and what would become of one.

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
    is_suspected constant boolean NOT NULL := c.routed_because = 'fraud_suspected';
BEGIN
    IF is_suspected THEN
        c.routed_because := 'beyond_seller';
    END IF;
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
    PERFORM support_case._write_step(
        ROW(c.seller_id, c.case_id, c.order_id, 1, actor, support_case._acting_id(actor_id),
            jsonb_strip_nulls(jsonb_build_object('reason', r.reason, 'routed_because', c.routed_because) || details),
            step)::support_case._case_write,
        c.opened_at);
    IF is_suspected THEN
        PERFORM support_case._note_suspicion(c.seller_id, c.case_id, 1);
    END IF;
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
    actor_id := support_case._authorise('buyer', open_case.seller_id, open_case.order_id, actor_id => actor_id);
    PERFORM support_case._lock_standing(open_case.seller_id, open_case.order_id);
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
        PERFORM support_case._raise_no_order(preview_case.seller_id, preview_case.order_id);
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
