-- What the platform does: decide what the two cannot settle.

CREATE OR REPLACE FUNCTION support_case._require_actor(actor_id text)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._check_text(support_case._acting_id(actor_id), 'actor_id', 255);
END
$$;

COMMENT ON FUNCTION support_case._require_actor(text) IS
'Raises 22004 or 22023 unless the platform''s agent is named.';

-- What the decision shares out: the seller money of a full refund, or what
-- the partial amount, set before, is charged with (AMB-37).
CREATE OR REPLACE FUNCTION support_case._decided_charge(c support_case.support_case, outcome text)
RETURNS bigint
LANGUAGE sql STABLE
AS $$
    SELECT t.charged - t.return_label
    FROM support_case._refund_arguments((c).seller_id, (c).order_id, ARRAY[(c).case_id],
            ARRAY[CASE outcome WHEN 'partial_refund' THEN 'platform_partial_refund' ELSE 'full_refund' END]) AS a
    CROSS JOIN LATERAL support_case._refund_totals(a.lines, a.refunds, a.refund_lines) AS t
$$;

COMMENT ON FUNCTION support_case._decided_charge(support_case.support_case, text) IS
'What a refund of the case costs seller, carrier and platform together, minor units.';

-- Sets who bears a refund; a split names the amounts of seller and carrier,
-- and the platform bears the rest (AMB-34).
CREATE OR REPLACE FUNCTION support_case._set_liability(
    c support_case.support_case,
    liability text,
    charged bigint,
    seller_amount numeric,
    carrier_amount numeric
)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    seller_part bigint;
    carrier_part bigint;
BEGIN
    PERFORM support_case._check_choice(liability, 'liability', 'seller', 'platform', 'carrier', 'split');
    IF liability = 'split' THEN
        PERFORM support_case._require(seller_amount, 'seller_amount');
        IF charged = 0 THEN
            PERFORM support_case._raise('invalid_parameter_value', 'nothing is charged that could be split',
                'The refund consists of commission and tax alone.', 'Pass another liability.');
        END IF;
        seller_part := support_case._to_minor(seller_amount, c.currency, 'seller_amount');
        carrier_part := coalesce(support_case._to_minor(carrier_amount, c.currency, 'carrier_amount'), 0);
        IF seller_part < 0 OR carrier_part < 0 OR seller_part > charged - carrier_part THEN
            PERFORM support_case._raise('invalid_parameter_value',
                'the parts of seller and carrier must lie between zero and the charge',
                format('The charge is %s %s.', support_case._to_major(charged, c.currency), c.currency),
                'The platform bears what the two parts leave.');
        END IF;
    ELSIF seller_amount IS NOT NULL OR carrier_amount IS NOT NULL THEN
        PERFORM support_case._raise('invalid_parameter_value',
            'seller_amount and carrier_amount belong to liability "split"',
            format('The liability is "%s".', liability), 'Leave the amounts out, or pass liability split.');
    END IF;
    UPDATE support_case.support_case AS k
    SET liability = _set_liability.liability,
        liability_seller = seller_part,
        liability_carrier = carrier_part,
        liability_platform = charged - seller_part - carrier_part
    WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id;
END
$$;

COMMENT ON FUNCTION support_case._set_liability(support_case.support_case, text, bigint, numeric, numeric) IS
'Writes who bears the refund of a case. Errors: 22004, 22023, 22003.';

CREATE OR REPLACE FUNCTION support_case.decide(
    seller_id bigint,
    case_id bigint,
    outcome text,
    liability text DEFAULT NULL,
    amount numeric DEFAULT NULL,
    return_required boolean DEFAULT false,
    seller_amount numeric DEFAULT NULL,
    carrier_amount numeric DEFAULT NULL,
    return_destination text DEFAULT NULL,
    message text DEFAULT NULL,
    lines jsonb DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL THEN jsonb_build_array(case_id, outcome, liability,
        trim_scale(amount), return_required, trim_scale(seller_amount), trim_scale(carrier_amount), return_destination,
        message, lines) END;
    c support_case.support_case;
    step support_case._case_step;
    bearer text;
    minor bigint;
BEGIN
    actor_id := support_case._authorise('platform', decide.seller_id, actor_id => actor_id);
    PERFORM support_case._require_actor(actor_id);
    PERFORM support_case._check_choice(outcome, 'outcome', 'uphold_seller', 'refund', 'partial_refund');
    PERFORM support_case._require(return_required, 'return_required');
    IF message IS NOT NULL THEN
        PERFORM support_case._check_text(message, 'message');
    END IF;
    IF return_destination IS NOT NULL THEN
        PERFORM support_case._check_choice(return_destination, 'return_destination', 'seller', 'platform');
    END IF;
    IF (outcome = 'partial_refund') <> (amount IS NOT NULL) OR (return_required AND outcome <> 'refund')
        OR (return_destination IS NOT NULL AND NOT return_required)
        OR (outcome = 'uphold_seller' AND num_nonnulls(liability, seller_amount, carrier_amount) > 0)
        OR (lines IS NOT NULL AND outcome <> 'refund')
    THEN
        PERFORM support_case._raise('invalid_parameter_value',
            format('these arguments do not make a decision "%s"', outcome), NULL,
            'A partial_refund needs an amount and nothing else has one; only a refund can require a return, and only a return has a destination; uphold_seller has no liability; only a refund can be limited to lines.');
    END IF;

    c := support_case._begin(seller_id, case_id, 'decide', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        bearer := coalesce(liability, (SELECT p.decision_default_liability FROM support_case.policy AS p
            WHERE p.policy_version = c.policy_version));
        IF outcome <> 'uphold_seller' AND c.status = 'escalated' THEN
            PERFORM support_case._check_returned_lines(c, lines);
            PERFORM support_case._set_decided_quantities(c, lines);
            IF NOT EXISTS (SELECT FROM support_case.case_line AS l
                WHERE l.seller_id = c.seller_id AND l.case_id = c.case_id AND l.decided_quantity IS DISTINCT FROM 0)
            THEN
                PERFORM support_case._raise('invalid_parameter_value', 'argument "lines" names nothing to refund',
                    'Every quantity is zero.', 'Decide uphold_seller, or name what is refunded.');
            END IF;
            PERFORM support_case._check_remaining(c);
            IF outcome = 'partial_refund' THEN
                minor := support_case._check_partial_amount(c, amount);
                UPDATE support_case.support_case AS k
                SET agreed_amount = minor
                WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id;
            END IF;
            PERFORM support_case._set_liability(c, bearer, support_case._decided_charge(c, outcome),
                seller_amount, carrier_amount);
        END IF;
        step := support_case._transition(c, 'decide', 'platform', actor_id,
            ARRAY['decision=' || outcome, CASE WHEN return_required THEN 'return_required' END,
                CASE WHEN bearer = 'platform' THEN 'liability=platform' END],
            jsonb_strip_nulls(jsonb_build_object('outcome', outcome,
                'liability', CASE WHEN outcome <> 'uphold_seller' THEN bearer END,
                'amount', amount, 'seller_amount', seller_amount, 'carrier_amount', carrier_amount,
                'return_required', NULLIF(return_required, false), 'lines', lines)));
        step := support_case._check_was_refundable(c, step);
        IF message IS NOT NULL THEN
            PERFORM support_case._post(c, c.last_event_number + 1, 'platform', actor_id, message, '[]', party.kind)
            FROM (VALUES ('buyer_platform'), ('seller_platform')) AS party (kind);
        END IF;
        IF return_destination IS NOT NULL THEN
            UPDATE support_case.support_case AS k
            SET return_destination = decide.return_destination
            WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id;
        END IF;
    END IF;
    RETURN NEXT support_case._finish(seller_id, case_id, 'decide', actor_id, idempotency_key,
        arguments);
END
$$;

COMMENT ON FUNCTION support_case.decide(bigint, bigint, text, text, numeric, boolean, numeric, numeric, text, text, jsonb, text, text) IS
'The platform decides an escalated case, and returns it. outcome: uphold_seller (no refund), refund (in full; with return_required once the item has come back to return_destination, seller or platform), or partial_refund of amount. liability: who bears it, seller, platform, carrier, or split with seller_amount and carrier_amount, the platform bearing the rest; default: the policy''s decision_default_liability. lines limits a refund to what came back, such as [{"line_number": 1, "quantity": 1}]; lines that it leaves out are not refunded (AMB-21). message is for both parties: each reads it in its conversation with the platform (AMB-32). Amounts are in major units of the case''s currency. actor_id is required. Errors: P0002, 22004, 22003, 22023, SC001, SC007, SC009. (T-24 to T-27, T-37, W-65, W-74 to W-76, AMB-34, AMB-35)';

CREATE OR REPLACE FUNCTION support_case._order_return(
    seller_id bigint,
    case_id bigint,
    action text,
    actor_id text,
    idempotency_key text
)
RETURNS support_case.case_current
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL THEN jsonb_build_array(case_id) END;
    c support_case.support_case;
BEGIN
    PERFORM support_case._require_actor(actor_id);
    c := support_case._begin(seller_id, case_id, action, actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        PERFORM support_case._transition(c, action, 'platform', actor_id, '{}', '{}');
        PERFORM support_case._check_case_lines_are_free(c);
        PERFORM support_case._check_remaining(c);
    END IF;
    RETURN support_case._finish(seller_id, case_id, action, actor_id, idempotency_key,
        arguments);
END
$$;

COMMENT ON FUNCTION support_case._order_return(bigint, bigint, text, text, text) IS
'A whole command of the platform after which the buyer may return the item.';

CREATE OR REPLACE FUNCTION support_case.authorise_return(
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
    actor_id := support_case._authorise('platform', authorise_return.seller_id, actor_id => actor_id);
    RETURN NEXT support_case._order_return(seller_id, case_id, 'authorise_return', actor_id,
        idempotency_key);
END
$$;

COMMENT ON FUNCTION support_case.authorise_return(bigint, bigint, text, text) IS
'The platform lets the buyer return the original because the replacement was not shipped in time, and returns the case: the drop-off deadline starts. actor_id is required. Errors: P0002, 22004, SC001, SC007, SC009. (W-60, T-21)';

CREATE OR REPLACE FUNCTION support_case.reinstate_return(
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
    actor_id := support_case._authorise('platform', reinstate_return.seller_id, actor_id => actor_id);
    RETURN NEXT support_case._order_return(seller_id, case_id, 'reinstate_return', actor_id,
        idempotency_key);
END
$$;

COMMENT ON FUNCTION support_case.reinstate_return(bigint, bigint, text, text) IS
'The platform gives the buyer a new drop-off deadline after a return expired, and returns the case. actor_id is required. Errors: P0002, 22004, SC001, SC003 (return_grace is over), SC007, SC009, SC013. (T-41, AMB-16)';

CREATE OR REPLACE FUNCTION support_case.return_to_seller(
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
    actor_id := support_case._authorise('platform', return_to_seller.seller_id, actor_id => actor_id);
    PERFORM support_case._require_actor(actor_id);
    c := support_case._begin(seller_id, case_id, 'return_to_seller', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        PERFORM support_case._transition(c, 'return_to_seller', 'platform', actor_id, '{}', '{}');
        -- A guarantee claim stays one, of which the seller is a party.
        UPDATE support_case.support_case AS k
        SET routed_because = 'seller'
        WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id AND k.routed_because <> 'guarantee_claim';
        PERFORM support_case._show_request_to_seller(c);
        c := support_case._end_decision(c);
    END IF;
    RETURN QUERY SELECT k.* FROM support_case._finish(seller_id, case_id, 'return_to_seller', actor_id,
        idempotency_key, arguments) AS k;
END
$$;

COMMENT ON FUNCTION support_case.return_to_seller(bigint, bigint, text, text) IS
'The platform hands an escalated case to the seller, and returns it: the response deadline starts anew, and the conversation is open again, or opens with the buyer''s request and its evidence. From then on it is the seller''s, also when it is reopened. What is handed back under suspicion of refund fraud stays with the seller until a new suspicion arises. actor_id is required. Errors: P0002, 22004, SC001, SC009. (T-45, W-22, AMB-33)';

CREATE OR REPLACE FUNCTION support_case.resume_case(
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
    actor_id := support_case._authorise('platform', resume_case.seller_id, actor_id => actor_id);
    PERFORM support_case._require_actor(actor_id);
    c := support_case._begin(seller_id, case_id, 'resume_case', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        PERFORM support_case._transition(c, 'resume_case', 'platform', actor_id, '{}', '{}');
        PERFORM support_case._roll_order(c.seller_id, c.order_id);
    END IF;
    RETURN NEXT support_case._finish(seller_id, case_id, 'resume_case', actor_id,
        idempotency_key, arguments);
END
$$;

COMMENT ON FUNCTION support_case.resume_case(bigint, bigint, text, text) IS
'The platform lets a stalled case go on once its cause is mended, and returns it, rolled forward. actor_id is required. Errors: P0002, 22004, SC001 (not stalled), SC009. (AMB-122)';

CREATE OR REPLACE FUNCTION support_case.reassign_liability(
    seller_id bigint,
    case_id bigint,
    liability text,
    seller_amount numeric DEFAULT NULL,
    carrier_amount numeric DEFAULT NULL,
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
        THEN jsonb_build_array(case_id, liability, trim_scale(seller_amount), trim_scale(carrier_amount), message) END;
    c support_case.support_case;
    charge support_case.ledger_journal;
    step support_case._case_step;
BEGIN
    actor_id := support_case._authorise('platform', reassign_liability.seller_id, actor_id => actor_id);
    PERFORM support_case._require_actor(actor_id);
    PERFORM support_case._check_choice(liability, 'liability', 'seller', 'platform', 'carrier', 'split');
    IF message IS NOT NULL THEN
        PERFORM support_case._check_text(message, 'message');
    END IF;
    c := support_case._begin(seller_id, case_id, 'reassign_liability', actor_id, idempotency_key,
        arguments);
    IF c.case_id IS NOT NULL THEN
        charge := support_case._unreversed_charge(c);
        PERFORM support_case._check_is_not_recharged(c);
        IF charge.case_id IS NOT NULL THEN
            PERFORM support_case._set_liability(c, liability, support_case._borne_amount(charge), seller_amount,
                carrier_amount);
        END IF;
        step := support_case._transition(c, 'reassign_liability', 'platform', actor_id,
            '{}',
            jsonb_strip_nulls(jsonb_build_object('liability', liability, 'seller_amount', seller_amount,
                'carrier_amount', carrier_amount, 'message', message, 'charged_to_seller',
                support_case._to_major((support_case._liability_shares(charge))[1], c.currency))));
        PERFORM support_case._correct_charge(charge, c.last_event_number + 1, step.effective_at);
    END IF;
    RETURN NEXT support_case._finish(seller_id, case_id, 'reassign_liability', actor_id,
        idempotency_key, arguments);
END
$$;

COMMENT ON FUNCTION support_case.reassign_liability(bigint, bigint, text, numeric, numeric, text, text, text) IS
'The platform changes who bears a refund that was charged, after a chargeback for instance, and returns the case: the charge is reversed and posted anew; the buyer''s refund stays, and what a carrier has paid for it follows. Arguments as of decide(); actor_id is required. Errors: P0002, 22004, 22003, 22023, SC001 (nothing charged, or the buyer was re-charged), SC009. (AMB-38, AMB-41)';

CREATE OR REPLACE FUNCTION support_case._unreversed_charge(c support_case.support_case)
RETURNS support_case.ledger_journal
LANGUAGE sql STABLE
AS $$
    SELECT j.*
    FROM support_case.ledger_journal AS j
    WHERE j.seller_id = (c).seller_id AND j.case_id = (c).case_id AND j.kind = 'charge'
        AND NOT EXISTS (SELECT FROM support_case.ledger_journal AS r
            WHERE r.seller_id = j.seller_id AND r.case_id = j.case_id AND r.response = j.response
                AND r.kind = 'reversal' AND r.revision = j.revision)
    ORDER BY j.journal_number DESC
    LIMIT 1
$$;

COMMENT ON FUNCTION support_case._unreversed_charge(support_case.support_case) IS
'The latest charge of a case that was not reversed; null when there is none.';

CREATE OR REPLACE FUNCTION support_case._borne_amount(charge support_case.ledger_journal)
RETURNS bigint
LANGUAGE sql STABLE
AS $$
    SELECT coalesce(sum(e.amount), 0)::bigint
    FROM support_case.ledger_entry AS e
    WHERE e.seller_id = (charge).seller_id AND e.case_id = (charge).case_id
        AND e.journal_number = (charge).journal_number
        AND support_case._bears_charge(e.account)
$$;

COMMENT ON FUNCTION support_case._borne_amount(support_case.ledger_journal) IS
'What seller, carrier and platform bear of a charge together, minor units.';

CREATE OR REPLACE FUNCTION support_case._liability_shares(charge support_case.ledger_journal)
RETURNS bigint[]
LANGUAGE sql STABLE
AS $$
    SELECT support_case.allocate(support_case._borne_amount(charge), CASE c.liability
        WHEN 'seller' THEN ARRAY[1, 0, 0] WHEN 'carrier' THEN ARRAY[0, 1, 0] WHEN 'platform' THEN ARRAY[0, 0, 1]
        ELSE ARRAY[c.liability_seller, c.liability_carrier, c.liability_platform] END)
    FROM support_case.support_case AS c
    WHERE c.seller_id = (charge).seller_id AND c.case_id = (charge).case_id
$$;

COMMENT ON FUNCTION support_case._liability_shares(support_case.ledger_journal) IS
'What seller, carrier and platform each bear of a charge by the case''s liability as it is now, minor units; null without a charge.';

-- Mirrors every leg of a charge, then posts it again with what is borne
-- shared out anew over the same components.
CREATE OR REPLACE FUNCTION support_case._correct_charge(
    charge support_case.ledger_journal,
    event_number integer,
    effective_at timestamptz
)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    next_journal integer;
    components text[];
    amounts bigint[];
    shares bigint[] := support_case._liability_shares(charge);
BEGIN
    SELECT max(j.journal_number) + 1 INTO next_journal
    FROM support_case.ledger_journal AS j
    WHERE j.seller_id = charge.seller_id AND j.case_id = charge.case_id;
    INSERT INTO support_case.ledger_journal (seller_id, case_id, journal_number, order_id, event_number, kind, response,
        revision, currency, effective_at, recorded_at)
    VALUES (charge.seller_id, charge.case_id, next_journal, charge.order_id, _correct_charge.event_number, 'reversal',
            charge.response, charge.revision, charge.currency, _correct_charge.effective_at,
            _correct_charge.effective_at),
        (charge.seller_id, charge.case_id, next_journal + 1, charge.order_id, _correct_charge.event_number, 'charge',
            charge.response, charge.revision + 1, charge.currency, _correct_charge.effective_at,
            _correct_charge.effective_at);
    INSERT INTO support_case.ledger_entry (seller_id, case_id, journal_number, entry_number, account, component,
        currency, amount)
    SELECT e.seller_id, e.case_id, next_journal, e.entry_number, e.account, e.component, e.currency, -e.amount
    FROM support_case.ledger_entry AS e
    WHERE e.seller_id = charge.seller_id AND e.case_id = charge.case_id
        AND e.journal_number = charge.journal_number;

    SELECT array_agg(b.component ORDER BY b.component), array_agg(b.amount ORDER BY b.component)
    INTO components, amounts
    FROM (
        SELECT e.component, sum(e.amount)::bigint AS amount
        FROM support_case.ledger_entry AS e
        WHERE e.seller_id = charge.seller_id AND e.case_id = charge.case_id
            AND e.journal_number = charge.journal_number
            AND support_case._bears_charge(e.account) AND e.component <> 'claim'
        GROUP BY e.component
    ) AS b;
    WITH seller AS (
        SELECT u.component, u.amount, u.part
        FROM unnest(components, amounts, support_case.allocate(shares[1], amounts)) AS u (component, amount, part)
    ), left_over AS (
        SELECT array_agg(s.amount - s.part ORDER BY s.component) AS amounts FROM seller AS s
    ), carrier AS (
        SELECT u.component, u.part
        FROM left_over AS l, unnest(components, support_case.allocate(shares[2], l.amounts)) AS u (component, part)
    ), leg AS (
        SELECT 1 AS position, 'seller_payable' AS account, s.component, s.part AS amount FROM seller AS s
        UNION ALL
        SELECT 2, 'carrier_claim', k.component, k.part FROM carrier AS k
        UNION ALL
        SELECT 3, 'platform_absorbed', s.component, s.amount - s.part - k.part
        FROM seller AS s JOIN carrier AS k ON k.component = s.component
        UNION ALL
        SELECT 4, e.account, e.component, e.amount
        FROM support_case.ledger_entry AS e
        WHERE e.seller_id = charge.seller_id AND e.case_id = charge.case_id
            AND e.journal_number = charge.journal_number
            AND NOT support_case._bears_charge(e.account)
        UNION ALL
        -- What a carrier has paid follows the refund to who bears it now.
        SELECT 5, k.account, k.component, k.amount
        FROM support_case._claim_legs(charge.seller_id, charge.order_id, 0, shares[1], shares[2], shares[3]) AS k
    )
    INSERT INTO support_case.ledger_entry (seller_id, case_id, journal_number, entry_number, account, component,
        currency, amount)
    SELECT charge.seller_id, charge.case_id, next_journal + 1,
        row_number() OVER (ORDER BY l.position, l.account, l.component)::integer, l.account, l.component,
        charge.currency, l.amount
    FROM leg AS l
    WHERE l.amount <> 0;
END
$$;

COMMENT ON FUNCTION support_case._correct_charge(support_case.ledger_journal, integer, timestamptz) IS
'Reverses a charge and posts it again with the case''s liability as it is now (AMB-38).';
