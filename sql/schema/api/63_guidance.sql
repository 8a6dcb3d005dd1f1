-- What sellers are advised to answer: data, not enforced (W-129 to W-134).

-- The plan itself says whether the response is possible: there is no second
-- copy of the state machine.
CREATE OR REPLACE FUNCTION support_case._is_response_possible(
    c support_case.support_case,
    action text,
    is_return_required boolean,
    at timestamptz
)
RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    PERFORM n.status
    FROM support_case.policy AS p, support_case._calendar_history AS h,
        support_case._plan_transition(c, p.rules, h.calendars, h.calendars_from, _is_response_possible.action,
            'seller', CASE WHEN is_return_required THEN ARRAY['return_required', 'consent_given']
                ELSE ARRAY['consent_given'] END, at) AS n
    WHERE p.policy_version = c.policy_version AND h.calendar_code = c.calendar_code;
    RETURN true;
EXCEPTION WHEN OTHERS THEN
    IF left(SQLSTATE, 2) <> 'SC' THEN
        RAISE;
    END IF;
    RETURN false;
END
$$;

COMMENT ON FUNCTION support_case._is_response_possible(support_case.support_case, text, boolean, timestamptz) IS
'Whether the seller could give a response in the state of a case, at an instant; a buyer''s consent is taken for granted.';

CREATE OR REPLACE FUNCTION support_case.suggested_responses(seller_id bigint, case_id bigint)
RETURNS TABLE (
    step_number integer,
    condition_code text,
    action text,
    is_return_required boolean,
    evidence jsonb,
    follow_up_code text,
    requirement text
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 5
AS $$
#variable_conflict use_column
DECLARE
    at timestamptz := support_case.clock();
    c support_case.support_case;
    due support_case._case_step;
BEGIN
    PERFORM support_case._authorise('seller', suggested_responses.seller_id);
    PERFORM support_case._require(suggested_responses.seller_id, 'seller_id');
    PERFORM support_case._require(suggested_responses.case_id, 'case_id');
    SELECT k.* INTO c FROM support_case.support_case AS k
    WHERE k.seller_id = suggested_responses.seller_id AND k.case_id = suggested_responses.case_id;
    IF NOT FOUND THEN
        PERFORM support_case._raise_no_case(suggested_responses.seller_id, suggested_responses.case_id);
    END IF;
    IF c.due_at <= at AND c.stalled_code IS NULL THEN
        SELECT e.* INTO due
        FROM support_case.policy AS p, support_case._calendar_history AS h,
            support_case._effective_state(c, p.rules, h.calendars, h.calendars_from, at) AS e
        WHERE p.policy_version = c.policy_version AND h.calendar_code = c.calendar_code;
        c := jsonb_populate_record(c, to_jsonb(due));
    END IF;
    RETURN QUERY
    SELECT s.step_number, s.condition_code, s.action, s.is_return_required, s.evidence, s.follow_up_code,
        s.requirement
    FROM support_case.suggested_response AS s
    WHERE s.reason = c.reason
        AND support_case._is_response_possible(c, s.action, s.is_return_required, at)
    ORDER BY s.step_number;
END
$$;

COMMENT ON FUNCTION support_case.suggested_responses(bigint, bigint) IS
'What the seller is advised to answer in a case, as of clock(): the rows of table suggested_response for its reason whose response is possible in its status, in the order of their steps; none where the seller has nothing to answer. Errors: P0002, 22004. (W-18, W-19, W-129 to W-134, AMB-44)';

CREATE OR REPLACE FUNCTION support_case.define_suggested_response(
    reason text,
    step_number integer,
    condition_code text,
    action text,
    is_return_required boolean DEFAULT NULL,
    evidence jsonb DEFAULT NULL,
    follow_up_code text DEFAULT NULL
)
RETURNS SETOF support_case.suggested_response
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._authorise('platform', NULL);
    PERFORM support_case._find_reason(reason);
    PERFORM support_case._require(step_number, 'step_number');
    PERFORM support_case._check_id(step_number, 'step_number');
    PERFORM support_case._require(condition_code, 'condition_code');
    PERFORM support_case._check_code(condition_code, 'condition_code');
    PERFORM support_case._check_code(follow_up_code, 'follow_up_code');
    PERFORM support_case._check_choice(action, 'action', 'offer_full_refund', 'offer_partial_refund',
        'send_replacement', 'explain_no_refund', 'request_information');
    IF jsonb_typeof(evidence) <> 'array' OR jsonb_path_exists(evidence, 'strict $[*] ? (@.type() != "string")') THEN
        PERFORM support_case._raise('invalid_parameter_value', 'argument "evidence" must be a JSON array of codes', NULL,
            'Write it like ["buyer_photos", "purchase_record"].');
    END IF;
    PERFORM support_case._check_code(e.code, 'evidence')
    FROM jsonb_array_elements_text(coalesce(evidence, '[]')) AS e (code);
    IF is_return_required IS NOT NULL AND action <> 'offer_full_refund' THEN
        PERFORM support_case._raise('invalid_parameter_value', 'only a full refund asks for a return',
            format('The action is "%s".', action), 'Leave is_return_required out.');
    END IF;
    RETURN QUERY
    INSERT INTO support_case.suggested_response AS s (reason, step_number, condition_code, action,
        is_return_required, evidence, follow_up_code)
    VALUES (define_suggested_response.reason, define_suggested_response.step_number,
        define_suggested_response.condition_code, define_suggested_response.action,
        CASE WHEN action = 'offer_full_refund'
            THEN coalesce(define_suggested_response.is_return_required, false)
            ELSE define_suggested_response.is_return_required END,
        coalesce(define_suggested_response.evidence, '[]'), define_suggested_response.follow_up_code)
    ON CONFLICT (reason, step_number) DO UPDATE
        SET condition_code = excluded.condition_code, action = excluded.action,
            is_return_required = excluded.is_return_required, evidence = excluded.evidence,
            follow_up_code = excluded.follow_up_code, requirement = NULL
    RETURNING s.*;
END
$$;

COMMENT ON FUNCTION support_case.define_suggested_response(text, integer, text, text, boolean, jsonb, text) IS
'Sets a step of what sellers are advised to answer for a reason, and returns it. The arguments are the columns of table suggested_response. Errors: 22004, 22023. (W-129 to W-134)';

CREATE OR REPLACE FUNCTION support_case.remove_suggested_response(reason text, step_number integer)
RETURNS SETOF support_case.suggested_response
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._authorise('platform', NULL);
    PERFORM support_case._require(reason, 'reason');
    PERFORM support_case._require(step_number, 'step_number');
    RETURN QUERY
    DELETE FROM support_case.suggested_response AS s
    WHERE s.reason = remove_suggested_response.reason AND s.step_number = remove_suggested_response.step_number
    RETURNING s.*;
    IF NOT FOUND THEN
        PERFORM support_case._raise('no_data_found', format('reason "%s" has no suggestion %s',
                left(remove_suggested_response.reason, 63), remove_suggested_response.step_number),
            NULL, 'Table support_case.suggested_response lists the suggestions.', 'support_case',
            'suggested_response');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case.remove_suggested_response(text, integer) IS
'Removes a step of what sellers are advised to answer, and returns it. Errors: 22004, P0002. (W-129 to W-134)';
