-- What can be done about what did not arrive, and about a parcel that turns up
-- after the refund.

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
    actor_id := support_case._authorise('seller', refund_and_ask_to_reorder.seller_id, actor_id => actor_id);
    IF message IS NOT NULL THEN
        PERFORM support_case._check_text(message, 'message');
    END IF;
    c := support_case._begin(seller_id, case_id, 'refund_and_ask_to_reorder', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        step := support_case._transition(c, 'refund_and_ask_to_reorder', 'seller', actor_id, '{}', '{}');
        step := support_case._check_was_refundable(c, step);
        IF message IS NOT NULL THEN
            PERFORM support_case._post(c, c.last_event_number + 1, 'seller', actor_id, message, '[]');
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
    actor_id := support_case._authorise('seller', start_carrier_enquiry.seller_id, actor_id => actor_id);
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
        || ARRAY(SELECT 'recharge_consented'
            FROM (SELECT r.amount FROM support_case.recharge_consent AS r
                WHERE r.seller_id = c.seller_id AND r.case_id = c.case_id
                ORDER BY r.consent_number DESC
                LIMIT 1) AS latest
            WHERE latest.amount IS DISTINCT FROM 0);
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
    actor_id := support_case._authorise(reported_by, record_parcel_found.seller_id, NULL, record_parcel_found.case_id,
        actor_id => actor_id);
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
    RETURN NEXT support_case._shown_case(support_case._finish(seller_id, case_id, 'record_parcel_found', actor_id,
        idempotency_key, arguments));
END
$$;

COMMENT ON FUNCTION support_case.record_parcel_found(bigint, bigint, timestamptz, text, text, text) IS
'The parcel of a case about something that did not arrive was found, or arrived after all, at an instant: records it and returns the case, open or closed, as it is. reported_by: carrier, seller or buyer. Buyer and seller can arrange its return in their conversation, and the platform can re-charge the buyer, who has to consent. Errors: P0002, 22004, 22008, 22023, 23505 (recorded already), SC001 (the item can be returned), SC009. (A-22, A-27)';

CREATE OR REPLACE FUNCTION support_case._note_recharge_consent(
    c support_case.support_case,
    minor bigint,
    actor_id text
)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO support_case.recharge_consent (seller_id, case_id, consent_number, event_number, amount, given_by,
        given_at)
    SELECT c.seller_id, c.case_id,
        coalesce((SELECT max(r.consent_number) FROM support_case.recharge_consent AS r
            WHERE r.seller_id = c.seller_id AND r.case_id = c.case_id), 0) + 1,
        c.last_event_number + 1, _note_recharge_consent.minor, support_case._acting_id(_note_recharge_consent.actor_id),
        c.last_effective_at;
END
$$;

COMMENT ON FUNCTION support_case._note_recharge_consent(support_case.support_case, bigint, text) IS
'Records the latest consent of the buyer of a case that _begin() returned: up to so many minor units, null for all that was refunded, 0 for nothing.';

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
    actor_id := support_case._authorise('buyer', consent_to_recharge.seller_id, NULL, consent_to_recharge.case_id,
        actor_id => actor_id);
    c := support_case._begin(seller_id, case_id, 'consent_to_recharge', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        PERFORM support_case._transition(c, 'consent_to_recharge', 'buyer', actor_id, '{}',
            jsonb_strip_nulls(jsonb_build_object('amount', amount,
                'currency', CASE WHEN amount IS NOT NULL THEN c.currency END)));
        PERFORM support_case._note_recharge_consent(c, CASE WHEN amount IS NOT NULL
            THEN support_case._to_positive_minor(amount, c.currency, 'amount') END, actor_id);
    END IF;
    RETURN QUERY SELECT k.* FROM support_case._finish(seller_id, case_id, 'consent_to_recharge', actor_id,
        idempotency_key, arguments) AS k;
END
$$;

COMMENT ON FUNCTION support_case.consent_to_recharge(bigint, bigint, numeric, text, text) IS
'The buyer of something that did not arrive agrees to be charged again should the parcel arrive after the refund, and returns the case: in all up to amount, in major units of the case''s currency, by default up to what was refunded. A later consent replaces an earlier one, for what is re-charged from then on; withdraw_recharge_consent() ends it. Errors: P0002, 22003, 22004, 22023, SC001 (the item can be returned), SC009. (A-22, AMB-76)';

CREATE OR REPLACE FUNCTION support_case.withdraw_recharge_consent(
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
    actor_id := support_case._authorise('buyer', withdraw_recharge_consent.seller_id, NULL, withdraw_recharge_consent.case_id,
        actor_id => actor_id);
    c := support_case._begin(seller_id, case_id, 'withdraw_recharge_consent', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        PERFORM support_case._transition(c, 'withdraw_recharge_consent', 'buyer', actor_id, '{}', '{}');
        PERFORM support_case._note_recharge_consent(c, 0, actor_id);
    END IF;
    RETURN QUERY SELECT k.* FROM support_case._finish(seller_id, case_id, 'withdraw_recharge_consent', actor_id,
        idempotency_key, arguments) AS k;
END
$$;

COMMENT ON FUNCTION support_case.withdraw_recharge_consent(bigint, bigint, text, text) IS
'The buyer of something that did not arrive no longer agrees to be charged again, or never did, and returns the case: nothing can be re-charged until the buyer consents anew. What was re-charged before stays. Errors: P0002, 22004, SC001 (the item can be returned), SC009. (A-22, AMB-76)';

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
            -- Return labels are no part of the refund, nor what a carrier paid.
            AND e.account NOT IN ('buyer_refund', 'cash_clearing') AND e.component NOT IN ('return', 'claim')
        GROUP BY e.account, e.component
    ) AS b;
    subsidy_part := (support_case.allocate(subsidy, ARRAY[minor, outstanding - minor]))[1];

    INSERT INTO support_case.ledger_journal (seller_id, case_id, journal_number, order_id, event_number, kind, response,
        revision, currency, effective_at, recorded_at)
    VALUES (c.seller_id, c.case_id, next_journal, c.order_id, c.last_event_number + 1, 'recharge', 'recharge',
        _post_recharge.recharge_number, c.currency, c.last_effective_at, c.last_effective_at);
    WITH part AS (
        SELECT u.account, u.component, -u.share AS amount
        FROM unnest(accounts, components, support_case.allocate(minor + subsidy_part, borne))
            AS u (account, component, share)
    )
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
        SELECT 3, p.account, p.component, p.amount
        FROM part AS p
        UNION ALL
        -- Nobody gets the same money from the buyer and from a carrier.
        SELECT 4, k.account, k.component, k.amount
        FROM (SELECT coalesce(sum(p.amount) FILTER (WHERE p.account = 'seller_payable'), 0)::bigint AS seller,
                coalesce(sum(p.amount) FILTER (WHERE p.account = 'carrier_claim'), 0)::bigint AS carrier,
                coalesce(sum(p.amount) FILTER (WHERE p.account = 'platform_absorbed'), 0)::bigint AS platform
            FROM part AS p) AS b
        CROSS JOIN LATERAL support_case._claim_legs(c.seller_id, c.order_id, 0, b.seller, b.carrier, b.platform) AS k
    ) AS l
    WHERE l.amount <> 0;
END
$$;

COMMENT ON FUNCTION support_case._post_recharge(support_case.support_case, bigint, integer) IS
'Posts the journal of a re-charge of minor units: cash against those who bore the refund, and what carriers have paid for the order, shared out anew as of _claim_shares().';

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
    actor_id := support_case._authorise('platform', recharge_buyer.seller_id, actor_id => actor_id);
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
'The platform charges the buyer of a closed case again, because the parcel arrived after the refund, and returns the case. amount is in major units of its currency; all re-charges together are at most what was refunded and what the buyer has consented to. The host executes it: the outbox has event recharge_buyer with amount and currency. Who bore the refund gets it back in proportion, and hands on to the platform what a carrier had paid him for it; what can still be refunded of the order does not grow. actor_id is required. Errors: P0002, 22003, 22004, 22023, SC001 (no refund, no parcel found, not enabled), SC007 (more than refund or consent), SC009, SC014 (no consent). (A-22, AMB-76)';

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
COMMENT ON COLUMN support_case.guarantee_claims.lines IS 'The order lines concerned: line_number, quantity, and unit_price, refundable and refunded in major units; what deadlines refund counts once it is written.';
