-- What the buyer of an order does once a case is open.

CREATE OR REPLACE FUNCTION support_case.accept_offer(
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
    actor_id := support_case._authorise('buyer', accept_offer.seller_id, NULL, accept_offer.case_id,
        actor_id => actor_id);
    RETURN NEXT support_case._act(seller_id, case_id, 'accept_offer', 'buyer', actor_id,
        idempotency_key);
END
$$;

COMMENT ON FUNCTION support_case.accept_offer(bigint, bigint, text, text) IS
'The buyer accepts the partial refund offer, and returns the case: the refund is instructed and charged (W-53, W-86), clamped to what remains refundable. Errors: P0002, 22004, SC001, SC009. (T-10)';

CREATE OR REPLACE FUNCTION support_case.decline_offer(
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
    actor_id := support_case._authorise('buyer', decline_offer.seller_id, NULL, decline_offer.case_id,
        actor_id => actor_id);
    RETURN NEXT support_case._act(seller_id, case_id, 'decline_offer', 'buyer', actor_id,
        idempotency_key);
END
$$;

COMMENT ON FUNCTION support_case.decline_offer(bigint, bigint, text, text) IS
'The buyer declines the partial refund offer, and returns the case: a full refund is approved once the item is returned (W-55); where nothing can be returned, the policy''s partial_offer_decline_without_item decides (AMB-13). Errors: P0002, 22004, SC001, SC009. (T-11, T-33)';

CREATE OR REPLACE FUNCTION support_case.provide_information(
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
    actor_id := support_case._authorise('buyer', provide_information.seller_id, NULL, provide_information.case_id,
        actor_id => actor_id);
    RETURN NEXT support_case._say(seller_id, case_id, 'provide_information', 'buyer', message,
        attachments, actor_id, idempotency_key);
END
$$;

COMMENT ON FUNCTION support_case.provide_information(bigint, bigint, text, jsonb, text, text) IS
'The buyer answers the seller''s question, and returns the case: the seller''s next-response deadline starts (AMB-08). message has 1 to 10,000 characters. Errors: P0002, 22004, 22023, 54000, SC001, SC009. (W-68, T-09)';

CREATE OR REPLACE FUNCTION support_case.escalate(
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
BEGIN
    actor_id := support_case._authorise('buyer', escalate.seller_id, NULL, escalate.case_id, actor_id => actor_id);
    IF message IS NOT NULL THEN
        PERFORM support_case._check_text(message, 'message');
    END IF;
    c := support_case._begin(seller_id, case_id, 'escalate', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        PERFORM support_case._transition(c, 'escalate', 'buyer', actor_id, '{}', '{}');
        -- An appeal opens the case again.
        IF c.status = 'closed' THEN
            PERFORM support_case._check_case_lines_are_free(c);
        END IF;
        IF message IS NOT NULL THEN
            PERFORM support_case._post(c, c.last_event_number + 1, 'buyer', actor_id, message, '[]', 'buyer_platform');
        END IF;
    END IF;
    RETURN NEXT support_case._finish(seller_id, case_id, 'escalate', actor_id, idempotency_key,
        arguments);
END
$$;

COMMENT ON FUNCTION support_case.escalate(bigint, bigint, text, text, text) IS
'The buyer asks the platform to decide, and returns the case: the conversation with the seller is closed (W-69, W-72). message says why, in the buyer''s conversation with the platform. Possible once the seller has responded or missed the deadline; within the appeal window also after a denied refund (AMB-33). Errors: P0002, 22004, 22023, SC001 (also for a late request, AMB-43), SC003 (appeal too late), SC008 (too early, AMB-09), SC009, SC013 (an appeal, and another case has its lines). (T-23)';

CREATE OR REPLACE FUNCTION support_case.withdraw_case(
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
    actor_id := support_case._authorise('buyer', withdraw_case.seller_id, NULL, withdraw_case.case_id,
        actor_id => actor_id);
    RETURN NEXT support_case._act(seller_id, case_id, 'withdraw_case', 'buyer', actor_id,
        idempotency_key);
END
$$;

COMMENT ON FUNCTION support_case.withdraw_case(bigint, bigint, text, text) IS
'The buyer withdraws the case, and returns it, closed. Errors: P0002, 22004, SC001, SC009. (T-28, AMB-64)';

CREATE OR REPLACE FUNCTION support_case._check_case_lines_are_free(c support_case.support_case)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    o support_case.sales_order;
    max_open integer;
BEGIN
    SELECT k.* INTO STRICT o FROM support_case.sales_order AS k
    WHERE k.seller_id = c.seller_id AND k.order_id = c.order_id;
    SELECT k.case_max_open_per_line INTO STRICT max_open FROM support_case.policy AS k
    WHERE k.policy_version = c.policy_version;
    PERFORM support_case._check_lines_are_free(o,
        ARRAY(SELECT l.line_number FROM support_case.case_line AS l
            WHERE l.seller_id = c.seller_id AND l.case_id = c.case_id),
        max_open, c.case_id);
END
$$;

COMMENT ON FUNCTION support_case._check_case_lines_are_free(support_case.support_case) IS
'Raises SC013 when a closed case cannot open again, because another one is about its lines (AMB-46).';

CREATE OR REPLACE FUNCTION support_case.reopen_case(
    seller_id bigint,
    case_id bigint,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL THEN jsonb_build_array(case_id) END;
    c support_case.support_case;
    is_suspected boolean;
BEGIN
    actor_id := support_case._authorise('buyer', reopen_case.seller_id, NULL, reopen_case.case_id,
        actor_id => actor_id);
    PERFORM support_case._lock_standing(seller_id, (SELECT k.order_id FROM support_case.support_case AS k
        WHERE k.seller_id = reopen_case.seller_id AND k.case_id = reopen_case.case_id));
    c := support_case._begin(seller_id, case_id, 'reopen_case', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        is_suspected := support_case._is_fraud_suspected_in(c);
        IF is_suspected THEN
            c.routed_because := 'beyond_seller';
        END IF;
        PERFORM support_case._transition(c, 'reopen_case', 'buyer', actor_id,
            CASE c.routed_because WHEN 'seller' THEN ARRAY['routed_to_seller']
                WHEN 'guarantee_claim' THEN ARRAY['seller_is_party'] ELSE '{}' END, '{}');
        PERFORM support_case._check_case_lines_are_free(c);
        PERFORM support_case._check_remaining(c);
        -- What was agreed before it closed is not agreed any more.
        UPDATE support_case.support_case AS k
        SET replacement_consent_at = NULL, routed_because = c.routed_because
        WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id;
        IF is_suspected THEN
            PERFORM support_case._note_suspicion(c.seller_id, c.case_id, c.last_event_number + 1);
        END IF;
        c := support_case._end_decision(c);
    END IF;
    RETURN NEXT support_case._finish(seller_id, case_id, 'reopen_case', actor_id,
        idempotency_key, arguments);
END
$$;

COMMENT ON FUNCTION support_case.reopen_case(bigint, bigint, text, text) IS
'The buyer reopens a case that ended without a response, was withdrawn or ended with a replacement, and returns it: the seller''s response deadline starts anew, or the platform goes on with a case that never was the seller''s, or where refund fraud is suspected by now (W-22). Errors: P0002, 22004, SC001, SC003 (window over), SC007 (all refunded meanwhile), SC009, SC013. (T-39, AMB-63)';

CREATE OR REPLACE FUNCTION support_case.consent_to_replacement(
    seller_id bigint,
    case_id bigint,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL THEN jsonb_build_array(case_id) END;
    c support_case.support_case;
BEGIN
    actor_id := support_case._authorise('buyer', consent_to_replacement.seller_id, NULL, consent_to_replacement.case_id,
        actor_id => actor_id);
    c := support_case._begin(seller_id, case_id, 'consent_to_replacement', actor_id, idempotency_key,
        arguments);
    IF c.case_id IS NOT NULL THEN
        PERFORM support_case._transition(c, 'consent_to_replacement', 'buyer', actor_id, '{}', '{}');
        UPDATE support_case.support_case AS k
        SET replacement_consent_at = coalesce(k.replacement_consent_at, c.last_effective_at)
        WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id;
    END IF;
    RETURN NEXT support_case._finish(seller_id, case_id, 'consent_to_replacement', actor_id,
        idempotency_key, arguments);
END
$$;

COMMENT ON FUNCTION support_case.consent_to_replacement(bigint, bigint, text, text) IS
'The buyer agrees to a replacement, and returns the case; the seller may send one then. Errors: P0002, 22004, SC001, SC009. (W-57, AMB-28)';

CREATE OR REPLACE FUNCTION support_case.submit_dropoff_proof(
    seller_id bigint,
    case_id bigint,
    at timestamptz,
    proof jsonb,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    actor_id := support_case._authorise('buyer', submit_dropoff_proof.seller_id, NULL, submit_dropoff_proof.case_id,
        actor_id => actor_id);
    IF coalesce(jsonb_array_length(support_case._check_attachments(proof, 'proof')), 0) = 0 THEN
        PERFORM support_case._raise('evidence_required', 'a drop-off needs proof', NULL,
            'Pass proof like [{"uri": "s3://proofs/1.jpg", "media_type": "image/jpeg"}].');
    END IF;
    RETURN NEXT support_case._drop_off(seller_id, case_id, 'submit_dropoff_proof', 'buyer', at,
        NULL, NULL, proof, actor_id, idempotency_key);
END
$$;

COMMENT ON FUNCTION support_case.submit_dropoff_proof(bigint, bigint, timestamptz, jsonb, text, text) IS
'The buyer proves to have dropped off the return at an instant, and returns the case: it is in transit, also when the proof comes after the deadline but is dated before it (AMB-17). proof is a list of attachments. Errors: P0002, 22004, 22008, 22023, SC001, SC003 (dropped off too late), SC009, SC012, SC013. (T-13, T-41)';

CREATE OR REPLACE FUNCTION support_case.leave_feedback(
    seller_id bigint,
    case_id bigint,
    thumbs_up boolean,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL THEN jsonb_build_array(case_id, thumbs_up) END;
    c support_case.support_case;
BEGIN
    actor_id := support_case._authorise('buyer', leave_feedback.seller_id, NULL, leave_feedback.case_id,
        actor_id => actor_id);
    PERFORM support_case._require(thumbs_up, 'thumbs_up');
    c := support_case._begin(seller_id, case_id, 'leave_feedback', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        PERFORM support_case._transition(c, 'leave_feedback', 'buyer', actor_id, '{}',
            jsonb_build_object('thumbs_up', thumbs_up));
        INSERT INTO support_case.case_feedback AS f (seller_id, case_id, is_thumbs_up, given_at)
        VALUES (c.seller_id, c.case_id, leave_feedback.thumbs_up, c.last_effective_at)
        ON CONFLICT (seller_id, case_id) DO UPDATE
            SET is_thumbs_up = excluded.is_thumbs_up, given_at = excluded.given_at;
    END IF;
    RETURN NEXT support_case._finish(seller_id, case_id, 'leave_feedback', actor_id,
        idempotency_key, arguments);
END
$$;

COMMENT ON FUNCTION support_case.leave_feedback(bigint, bigint, boolean, text, text) IS
'The buyer rates the handling of a closed case, thumb up or down, and returns the case; the latest thumb within the feedback window counts. Errors: P0002, 22004, SC001, SC003 (window over), SC009. (W-110, T-30, AMB-52)';
