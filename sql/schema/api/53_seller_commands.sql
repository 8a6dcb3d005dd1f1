-- What the seller of an order does: the six responses, and returns.

-- A refund that is promised now must find money.
CREATE OR REPLACE FUNCTION support_case._remaining_refundable(c support_case.support_case)
RETURNS bigint
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    RETURN (
        SELECT coalesce(sum(o.refundable - o.refunded), 0)::bigint
        FROM support_case.case_line AS l
        JOIN support_case.sales_order_line AS o USING (seller_id, order_id, line_number)
        WHERE l.seller_id = c.seller_id AND l.case_id = c.case_id AND l.decided_quantity IS DISTINCT FROM 0);
END
$$;

COMMENT ON FUNCTION support_case._remaining_refundable(support_case.support_case) IS
'What the buyer has not got back of the case''s order lines, minor units.';

CREATE OR REPLACE FUNCTION support_case._raise_nothing_left(case_id bigint)
RETURNS void
LANGUAGE sql STABLE
AS $$
    SELECT support_case._raise('refund_cap_exceeded', 'nothing is left to refund',
        format('The buyer has got back all that was paid for the lines of case %s.', _raise_nothing_left.case_id),
        'Explain this to the buyer with explain_no_refund().', 'support_case', 'sales_order_line',
        'sales_order_line_refund_cap')
$$;

COMMENT ON FUNCTION support_case._raise_nothing_left(bigint) IS
'Raises SC007 for a case whose lines are fully refunded.';

CREATE OR REPLACE FUNCTION support_case._check_remaining(c support_case.support_case)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF support_case._remaining_refundable(c) = 0 THEN
        PERFORM support_case._raise_nothing_left(c.case_id);
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_remaining(support_case.support_case) IS
'Raises SC007 when the buyer has got back all that was paid for the case''s lines.';

-- A partial refund lies strictly between 0 and what remains (AMB-14).
CREATE OR REPLACE FUNCTION support_case._check_partial_amount(c support_case.support_case, amount numeric)
RETURNS bigint
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    minor bigint := support_case._to_positive_minor(amount, c.currency, 'amount');
    remaining bigint := support_case._remaining_refundable(c);
    p support_case.policy;
BEGIN
    SELECT k.* INTO STRICT p FROM support_case.policy AS k WHERE k.policy_version = c.policy_version;
    IF minor >= remaining OR minor >= remaining * p.partial_offer_maximum THEN
        PERFORM support_case._raise('refund_cap_exceeded', 'a partial refund must be less than what remains refundable',
            format('%s %s remain refundable for the lines of case %s, and the policy allows up to %s of that.',
                support_case._to_major(remaining, c.currency), c.currency, c.case_id, p.partial_offer_maximum),
            'Name a smaller amount, or refund in full.', 'support_case', 'sales_order_line',
            'sales_order_line_refund_cap');
    END IF;
    IF minor <= remaining * p.partial_offer_minimum THEN
        PERFORM support_case._raise('invalid_parameter_value', 'the partial refund is too small',
            format('The policy asks for more than %s of the %s %s that remain refundable.', p.partial_offer_minimum,
                support_case._to_major(remaining, c.currency), c.currency),
            'Name a larger amount.');
    END IF;
    RETURN minor;
END
$$;

COMMENT ON FUNCTION support_case._check_partial_amount(support_case.support_case, numeric) IS
'A partial refund of a case in minor units. Errors: SC007 (not below what remains), 22023, 22003, 22004 (AMB-14).';

CREATE OR REPLACE FUNCTION support_case._end_decision(c support_case.support_case)
RETURNS support_case.support_case
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    IF num_nonnulls(c.liability, c.return_destination) > 0 THEN
        UPDATE support_case.support_case AS k
        SET liability = NULL, liability_seller = NULL, liability_carrier = NULL, liability_platform = NULL,
            return_destination = NULL
        WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id
        RETURNING k.liability, k.liability_seller, k.liability_carrier, k.liability_platform, k.return_destination
        INTO STRICT c.liability, c.liability_seller, c.liability_carrier, c.liability_platform, c.return_destination;
        PERFORM support_case._set_decided_quantities(c, NULL);
    END IF;
    RETURN c;
END
$$;

COMMENT ON FUNCTION support_case._end_decision(support_case.support_case) IS
'Forgets what the platform had decided about a refund that was not made: who bears it, where the return goes, and which lines it is about. Returns the case.';

CREATE OR REPLACE FUNCTION support_case.offer_full_refund(
    seller_id bigint,
    case_id bigint,
    return_required boolean DEFAULT false,
    message text DEFAULT NULL,
    is_carrier_claim_wanted boolean DEFAULT false,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(case_id, return_required, message, is_carrier_claim_wanted) END;
    c support_case.support_case;
    step support_case._case_step;
BEGIN
    actor_id := support_case._authorise('seller', offer_full_refund.seller_id, actor_id => actor_id);
    return_required := support_case._require(return_required, 'return_required');
    is_carrier_claim_wanted := support_case._require(is_carrier_claim_wanted, 'is_carrier_claim_wanted');
    c := support_case._begin(seller_id, case_id, 'offer_full_refund', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        -- The seller takes over what the platform had decided.
        c := support_case._end_decision(c);
        IF message IS NOT NULL THEN
            PERFORM support_case._check_text(message, 'message');
        END IF;
        step := support_case._transition(c, 'offer_full_refund', 'seller', actor_id,
            CASE WHEN return_required THEN ARRAY['return_required'] ELSE '{}' END,
            jsonb_build_object('return_required', return_required));
        step := support_case._check_was_refundable(c, step);
        IF message IS NOT NULL THEN
            PERFORM support_case._post(c, c.last_event_number + 1, 'seller', actor_id, message, '[]');
        END IF;
        IF is_carrier_claim_wanted THEN
            PERFORM support_case._claim_with_refund(c, actor_id);
        END IF;
    END IF;
    RETURN NEXT support_case._finish_step(seller_id, case_id, 'offer_full_refund', actor_id,
        idempotency_key, arguments, c, step);
END
$$;

COMMENT ON FUNCTION support_case.offer_full_refund(bigint, bigint, boolean, text, boolean, text, text) IS
'The seller refunds in full, at once, or once the item has come back (return_required), and returns the case. Without a return the refund is instructed and charged now (W-29, W-83); with one the buyer''s drop-off deadline starts (W-33). After escalation it concedes (AMB-66). is_carrier_claim_wanted: as request_carrier_claim() for the order''s only shipment, which waits for the refund (W-120). Errors: P0002 (case; no shipment to claim), 22004, 22023, SC001 (also a claim that is not possible), SC007 (nothing left to refund), SC009. (T-03, T-04, T-31, T-32, T-38)';

CREATE OR REPLACE FUNCTION support_case.offer_partial_refund(
    seller_id bigint,
    case_id bigint,
    amount numeric,
    message text DEFAULT NULL,
    is_carrier_claim_wanted boolean DEFAULT false,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(case_id, trim_scale(amount), message, is_carrier_claim_wanted) END;
    c support_case.support_case;
    step support_case._case_step;
BEGIN
    actor_id := support_case._authorise('seller', offer_partial_refund.seller_id, actor_id => actor_id);
    PERFORM support_case._require(amount, 'amount');
    PERFORM support_case._require(is_carrier_claim_wanted, 'is_carrier_claim_wanted');
    c := support_case._begin(seller_id, case_id, 'offer_partial_refund', actor_id, idempotency_key,
        arguments);
    IF c.case_id IS NOT NULL THEN
        step := support_case._transition(c, 'offer_partial_refund', 'seller', actor_id, '{}',
            jsonb_build_object('amount', amount, 'currency', c.currency));
        c.agreed_amount := support_case._check_partial_amount(c, amount);
        UPDATE support_case.support_case AS k
        SET agreed_amount = c.agreed_amount
        WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id;
        INSERT INTO support_case.partial_offer (seller_id, case_id, offer_number, amount, event_number, offered_at)
        SELECT c.seller_id, c.case_id,
            coalesce((SELECT max(o.offer_number) FROM support_case.partial_offer AS o
                WHERE o.seller_id = c.seller_id AND o.case_id = c.case_id), 0) + 1,
            c.agreed_amount, c.last_event_number + 1, c.last_effective_at;
        IF message IS NOT NULL THEN
            PERFORM support_case._check_text(message, 'message');
            PERFORM support_case._post(c, c.last_event_number + 1, 'seller', actor_id, message, '[]');
        END IF;
        IF is_carrier_claim_wanted THEN
            PERFORM support_case._claim_with_refund(c, actor_id);
        END IF;
    END IF;
    RETURN NEXT support_case._finish_step(seller_id, case_id, 'offer_partial_refund', actor_id,
        idempotency_key, arguments, c, step);
END
$$;

COMMENT ON FUNCTION support_case.offer_partial_refund(bigint, bigint, numeric, text, boolean, text, text) IS
'The seller offers a partial refund of amount, in major units of the case''s currency, and returns the case; the buyer''s deadline to answer starts. An offer is never edited (W-51). is_carrier_claim_wanted: as request_carrier_claim() for the order''s only shipment, which waits for the refund (W-120). Errors: P0002 (case; no shipment to claim), 22004, 22003, 22023, SC001 (also a claim that is not possible), SC007 (not below what remains refundable), SC009. (T-05, T-31, AMB-14)';

CREATE OR REPLACE FUNCTION support_case.send_replacement(
    seller_id bigint,
    case_id bigint,
    carrier text DEFAULT NULL,
    tracking_number text DEFAULT NULL,
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
        THEN jsonb_build_array(case_id, carrier, tracking_number, message) END;
    c support_case.support_case;
    p support_case.policy;
    step support_case._case_step;
    is_consented boolean;
BEGIN
    actor_id := support_case._authorise('seller', send_replacement.seller_id, actor_id => actor_id);
    c := support_case._begin(seller_id, case_id, 'send_replacement', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        SELECT k.* INTO STRICT p FROM support_case.policy AS k WHERE k.policy_version = c.policy_version;
        is_consented := c.replacement_consent_at IS NOT NULL OR NOT p.replacement_require_consent
            OR NOT (SELECT r.is_consent_needed_for_replacement FROM support_case.reason AS r
                WHERE r.reason = c.reason);
        step := support_case._transition(c, 'send_replacement', 'seller', actor_id,
            CASE WHEN is_consented THEN ARRAY['consent_given'] ELSE '{}' END,
            jsonb_strip_nulls(jsonb_build_object('carrier', carrier, 'tracking_number', tracking_number,
                'mode', p.replacement_mode,
                'return_original', NULLIF(p.replacement_return_original, false))));
        step := support_case._check_was_refundable(c, step);
        IF step.status <> 'closed' THEN
            PERFORM support_case._check_text(carrier, 'carrier', 63);
            PERFORM support_case._check_text(tracking_number, 'tracking_number', 63);
            INSERT INTO support_case.parcel (seller_id, case_id, parcel_number, direction, destination, carrier,
                tracking_number, created_at)
            SELECT c.seller_id, c.case_id,
                coalesce((SELECT max(l.parcel_number) FROM support_case.parcel AS l
                    WHERE l.seller_id = c.seller_id AND l.case_id = c.case_id), 0) + 1,
                'replacement', 'buyer', send_replacement.carrier, send_replacement.tracking_number,
                c.last_effective_at;
        END IF;
        IF message IS NOT NULL THEN
            PERFORM support_case._check_text(message, 'message');
            PERFORM support_case._post(c, c.last_event_number + 1, 'seller', actor_id, message, '[]');
        END IF;
    END IF;
    RETURN NEXT support_case._finish_step(seller_id, case_id, 'send_replacement', actor_id,
        idempotency_key, arguments, c, step);
END
$$;

COMMENT ON FUNCTION support_case.send_replacement(bigint, bigint, text, text, text, text, text) IS
'The seller sends a replacement and returns the case: carrier and tracking_number of its label are required (W-58), and the recorded consent of the buyer (W-57, AMB-28). The carrier must accept it before its deadline (W-60). With replacement_mode = refund_and_reorder it refunds in full instead, and the buyer orders again (AMB-25). Errors: P0002, 22004, 22023, SC001, SC007, SC009, SC014 (no consent). (T-06, T-31)';

CREATE OR REPLACE FUNCTION support_case._say(
    seller_id bigint,
    case_id bigint,
    action text,
    actor text,
    body text,
    attachments jsonb,
    actor_id text,
    idempotency_key text
)
RETURNS support_case.case_current
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(case_id, actor, body, attachments) END;
    c support_case.support_case;
    conditions text[] := ARRAY[]::text[];
    step support_case._case_step;
BEGIN
    c := support_case._begin(seller_id, case_id, action, actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        IF action = 'post_message' THEN
            conditions := CASE
                WHEN actor = 'buyer' AND c.is_responded AND c.last_message_by = 'seller' THEN ARRAY['answers_seller']
                WHEN actor = 'seller' AND (c.last_message_by IS DISTINCT FROM 'seller' OR NOT c.is_responded
                    OR c.deadline = 'escalation_window') THEN ARRAY['answers_buyer']
                ELSE '{}'
            END;
        END IF;
        step := support_case._transition(c, action, actor, actor_id, conditions, '{}');
        PERFORM support_case._post(c, c.last_event_number + 1, actor, actor_id,
            support_case._check_text(body, CASE action WHEN 'post_message' THEN 'body' ELSE 'message' END),
            support_case._check_attachments(attachments, 'attachments'));
    END IF;
    RETURN support_case._finish_step(seller_id, case_id, action, actor_id, idempotency_key, arguments, c, step);
END
$$;

COMMENT ON FUNCTION support_case._say(bigint, bigint, text, text, text, jsonb, text, text) IS
'A whole command whose point is what it says: the message becomes part of the conversation.';

CREATE OR REPLACE FUNCTION support_case.explain_no_refund(
    seller_id bigint,
    case_id bigint,
    message text,
    attachments jsonb DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    actor_id := support_case._authorise('seller', explain_no_refund.seller_id, actor_id => actor_id);
    RETURN NEXT support_case._say(seller_id, case_id, 'explain_no_refund', 'seller', message,
        attachments, actor_id, idempotency_key);
END
$$;

COMMENT ON FUNCTION support_case.explain_no_refund(bigint, bigint, text, jsonb, text, text) IS
'The seller explains why no refund is due, and returns the case; the buyer may escalate within the escalation window, then the case closes. message has 1 to 10,000 characters. Errors: P0002, 22004, 22023, 54000, SC001, SC009. (W-62, W-63, W-66, T-07)';

CREATE OR REPLACE FUNCTION support_case.request_information(
    seller_id bigint,
    case_id bigint,
    message text,
    attachments jsonb DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    actor_id := support_case._authorise('seller', request_information.seller_id, actor_id => actor_id);
    RETURN NEXT support_case._say(seller_id, case_id, 'request_information', 'seller', message,
        attachments, actor_id, idempotency_key);
END
$$;

COMMENT ON FUNCTION support_case.request_information(bigint, bigint, text, jsonb, text, text) IS
'The seller asks the buyer for information, and returns the case; the buyer''s deadline to answer starts. message has 1 to 10,000 characters. Errors: P0002, 22004, 22023, 54000, SC001, SC009. (W-67, T-08)';

CREATE OR REPLACE FUNCTION support_case.confirm_return(
    seller_id bigint,
    case_id bigint,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    actor_id := support_case._authorise('seller', confirm_return.seller_id, actor_id => actor_id);
    RETURN NEXT support_case._act(seller_id, case_id, 'confirm_return', 'seller', actor_id,
        idempotency_key);
END
$$;

COMMENT ON FUNCTION support_case.confirm_return(bigint, bigint, text, text) IS
'The seller confirms a delivered return, and returns the case: the refund is instructed and charged with the return label (W-42, W-84). Errors: P0002, 22004, SC001, SC009. (T-16)';

CREATE OR REPLACE FUNCTION support_case.dispute_return(
    seller_id bigint,
    case_id bigint,
    ground text,
    message text,
    lines jsonb DEFAULT NULL,
    attachments jsonb DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(case_id, ground, message, lines, attachments) END;
    c support_case.support_case;
BEGIN
    actor_id := support_case._authorise('seller', dispute_return.seller_id, actor_id => actor_id);
    c := support_case._begin(seller_id, case_id, 'dispute_return', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        PERFORM support_case._transition(c, 'dispute_return', 'seller', actor_id, '{}',
            jsonb_strip_nulls(jsonb_build_object('ground', ground, 'lines', lines)));
        PERFORM support_case._check_choice(ground, 'ground', 'incorrect', 'missing', 'damaged_in_transit');
        PERFORM support_case._check_text(message, 'message');
        PERFORM support_case._check_returned_lines(c, lines);
        PERFORM support_case._post(c, c.last_event_number + 1, 'seller', actor_id, message,
            support_case._check_attachments(attachments, 'attachments'), 'seller_platform');
    END IF;
    RETURN NEXT support_case._finish(seller_id, case_id, 'dispute_return', actor_id,
        idempotency_key, arguments);
END
$$;

COMMENT ON FUNCTION support_case.dispute_return(bigint, bigint, text, text, jsonb, jsonb, text, text) IS
'The seller disputes a delivered return, and returns the case: it goes to the platform and nothing is charged meanwhile (W-44, W-45). ground: incorrect, missing or damaged_in_transit (W-46); message says more, in the seller''s conversation with the platform; lines tells what came back, such as [{"line_number": 1, "quantity": 0}] (AMB-21). Errors: P0002, 22004, 22023, 22P02, 22003, SC001, SC009. (T-18)';

CREATE OR REPLACE FUNCTION support_case._check_returned_lines(c support_case.support_case, lines jsonb)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    is_list constant boolean := jsonb_typeof(lines) = 'array'
        AND NOT EXISTS (SELECT FROM jsonb_array_elements(lines) AS e WHERE jsonb_typeof(e) <> 'object');
BEGIN
    IF lines IS NULL THEN
        RETURN;
    END IF;
    IF is_list THEN
        PERFORM support_case._check_line_numbers(lines);
    END IF;
    IF NOT is_list
        OR EXISTS (
            SELECT FROM jsonb_to_recordset(lines) AS r (line_number integer, quantity integer)
            LEFT JOIN support_case.case_line AS l
                ON l.seller_id = c.seller_id AND l.case_id = c.case_id AND l.line_number = r.line_number
            WHERE l.line_number IS NULL OR r.quantity IS NULL OR r.quantity NOT BETWEEN 0 AND l.quantity)
        OR EXISTS (
            SELECT FROM jsonb_to_recordset(lines) AS r (line_number integer)
            GROUP BY r.line_number
            HAVING count(*) > 1)
    THEN
        PERFORM support_case._raise('invalid_parameter_value',
            'argument "lines" must tell what came back of the lines of the case', NULL,
            'Write it like [{"line_number": 1, "quantity": 0}], with at most the quantities of the case.');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_returned_lines(support_case.support_case, jsonb) IS
'Raises 22023, 22P02 or 22003 unless lines names lines of the case, each once, with what came back of them (AMB-21).';

CREATE OR REPLACE FUNCTION support_case._set_decided_quantities(c support_case.support_case, lines jsonb)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    UPDATE support_case.case_line AS l
    SET decided_quantity = d.quantity
    FROM (
        SELECT n.line_number, CASE WHEN lines IS NOT NULL THEN coalesce(r.quantity, 0) END AS quantity
        FROM support_case.case_line AS n
        LEFT JOIN jsonb_to_recordset(lines) AS r (line_number integer, quantity integer)
            ON r.line_number = n.line_number
        WHERE n.seller_id = c.seller_id AND n.case_id = c.case_id
    ) AS d
    WHERE l.seller_id = c.seller_id AND l.case_id = c.case_id AND l.line_number = d.line_number
        AND l.decided_quantity IS DISTINCT FROM d.quantity;
END
$$;

COMMENT ON FUNCTION support_case._set_decided_quantities(support_case.support_case, jsonb) IS
'Writes how much of the lines of a case is refunded: the quantities of lines that were checked, and nothing of the others; all for null (AMB-21).';

-- Checked after the transition, so that a wrong status is the first complaint;
-- the error undoes what was written.
CREATE OR REPLACE FUNCTION support_case._check_was_refundable(
    c support_case.support_case,
    step support_case._case_step
)
RETURNS support_case._case_step
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF step.refunded = 0 OR (step.status = 'return_pending' AND support_case._remaining_refundable(c) = 0) THEN
        PERFORM support_case._raise_nothing_left(c.case_id);
    END IF;
    RETURN step;
END
$$;

COMMENT ON FUNCTION support_case._check_was_refundable(support_case.support_case, support_case._case_step) IS
'The step. Raises SC007 when a step that promises a refund finds no money left, or has refunded none.';
