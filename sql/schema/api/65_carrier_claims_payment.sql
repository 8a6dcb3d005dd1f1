-- What a carrier pays or denies.

-- What carriers paid for a case goes first to what a decision laid on them,
-- then to the others by what they bore, and no more: the rest is the
-- platform's, which gave its commission back, and settles with a carrier whose
-- parcel was found.  Where no charge was posted, the seller made the refund.
CREATE OR REPLACE FUNCTION support_case._claim_legs(
    seller_id bigint,
    case_id bigint,
    paid bigint,
    seller bigint DEFAULT 0,
    carrier bigint DEFAULT 0,
    platform bigint DEFAULT 0
)
RETURNS TABLE (account text, component text, amount bigint)
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    borne record;
    rest bigint;
    seller_rest bigint;
BEGIN
    SELECT coalesce(sum(e.amount) FILTER (WHERE e.account = 'seller_payable' AND NOT e.is_claim), 0) + seller AS seller,
        coalesce(sum(e.amount) FILTER (WHERE e.account = 'carrier_claim' AND NOT e.is_claim), 0) + carrier AS carrier,
        coalesce(sum(e.amount) FILTER (WHERE e.account = 'platform_absorbed' AND NOT e.is_claim), 0) + platform AS platform,
        coalesce(-sum(e.amount) FILTER (WHERE e.account = 'seller_payable' AND e.is_claim), 0)::bigint AS seller_had,
        coalesce(-sum(e.amount) FILTER (WHERE e.account = 'platform_absorbed' AND e.is_claim), 0)::bigint AS platform_had,
        coalesce(sum(e.amount) FILTER (WHERE e.account = 'cash_clearing' AND e.is_claim), 0) + paid AS paid,
        -- Whoever bore that may have got it back from the buyer since.
        EXISTS (SELECT FROM support_case.ledger_journal AS j
            WHERE j.seller_id = _claim_legs.seller_id AND j.case_id = _claim_legs.case_id AND j.kind = 'charge')
            AS is_charged
    INTO borne
    FROM (SELECT k.account, k.amount, k.component IN ('claim', 'claim_payment') AS is_claim
        FROM support_case.ledger_entry AS k
        WHERE k.seller_id = _claim_legs.seller_id AND k.case_id = _claim_legs.case_id) AS e;
    rest := greatest(borne.paid - borne.carrier, 0);
    seller_rest := CASE
        WHEN borne.seller > 0 THEN (support_case.allocate(least(rest, (borne.seller + borne.platform)::bigint),
            ARRAY[borne.seller::bigint, borne.platform::bigint]))[1]
        WHEN borne.platform > 0 OR borne.carrier > 0 OR borne.is_charged THEN 0
        ELSE rest
    END;
    RETURN QUERY
    SELECT l.account, l.component, l.amount
    FROM (VALUES
        ('carrier_claim', 'claim', rest - borne.seller_had - borne.platform_had),
        ('seller_payable', 'claim', borne.seller_had - seller_rest),
        ('platform_absorbed', 'claim', borne.platform_had - (rest - seller_rest)),
        ('cash_clearing', 'claim_payment', _claim_legs.paid),
        ('carrier_claim', 'claim_payment', -_claim_legs.paid)
    ) AS l (account, component, amount)
    WHERE l.amount <> 0;
END
$$;

COMMENT ON FUNCTION support_case._claim_legs(bigint, bigint, bigint, bigint, bigint, bigint) IS
'The entries, in minor units, that share out what carriers have paid for a case and now pay, where seller, carrier and platform bear as much as is posted and, besides, of a charge that is posted along: none is credited with more than he bore.';

CREATE OR REPLACE FUNCTION support_case._post_claim_payment(c support_case.support_case, k support_case.carrier_claim)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    next_journal integer;
BEGIN
    SELECT coalesce(max(j.journal_number), 0) + 1 INTO next_journal FROM support_case.ledger_journal AS j
    WHERE j.seller_id = c.seller_id AND j.case_id = c.case_id;
    INSERT INTO support_case.ledger_journal (seller_id, case_id, journal_number, order_id, event_number, kind, response,
        revision, currency, effective_at, recorded_at)
    VALUES (c.seller_id, c.case_id, next_journal, c.order_id, c.last_event_number + 1, 'claim_payment', 'carrier_claim',
        k.claim_number, k.currency, c.last_effective_at, c.last_effective_at);
    INSERT INTO support_case.ledger_entry (seller_id, case_id, journal_number, entry_number, account, component, currency,
        amount)
    SELECT c.seller_id, c.case_id, next_journal, l.entry_number, l.account, l.component, k.currency, l.amount
    FROM support_case._claim_legs(c.seller_id, c.case_id, k.paid_amount)
        WITH ORDINALITY AS l (account, component, amount, entry_number);
END
$$;

COMMENT ON FUNCTION support_case._post_claim_payment(support_case.support_case, support_case.carrier_claim) IS
'Posts what a carrier paid for a claim, for the event that follows: the seller is credited, or whoever bore the refund, with no more than that; the rest is the platform''s.';

CREATE OR REPLACE FUNCTION support_case.record_carrier_claim_paid(
    seller_id bigint,
    case_id bigint,
    amount numeric DEFAULT NULL,
    claim_number integer DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.carrier_claims
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(case_id, trim_scale(amount), claim_number) END;
    c support_case.support_case;
    k support_case.carrier_claim;
    number integer;
BEGIN
    PERFORM support_case._authorise('host', record_carrier_claim_paid.seller_id);
    c := support_case._begin(seller_id, case_id, 'record_carrier_claim_paid', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        k := support_case._lock_claim(c, claim_number);
        k.paid_amount := CASE WHEN amount IS NULL THEN k.claimed_amount
            ELSE support_case._to_positive_minor(amount, k.currency, 'amount') END;
        IF k.paid_amount > k.claimed_amount THEN
            PERFORM support_case._raise('invalid_parameter_value', 'more was paid than was claimed',
                format('%s %s were claimed.', support_case._to_major(k.claimed_amount, k.currency), k.currency),
                'Pass what the carrier paid for this claim.');
        END IF;
        number := support_case._move_claim(c, k, 'record_carrier_claim_paid', 'host', actor_id,
            jsonb_build_object('amount', support_case._to_major(k.paid_amount, k.currency), 'currency', k.currency));
        PERFORM support_case._post_claim_payment(c, k);
        PERFORM support_case._note_event(c, 'record_carrier_claim_paid', 'host', actor_id,
            jsonb_build_object('claim_number', k.claim_number,
                'amount', support_case._to_major(k.paid_amount, k.currency), 'currency', k.currency));
    END IF;
    RETURN QUERY SELECT n.* FROM support_case._finish_claim(seller_id, case_id, number, 'record_carrier_claim_paid',
        actor_id, idempotency_key, arguments) AS n;
END
$$;

COMMENT ON FUNCTION support_case.record_carrier_claim_paid(bigint, bigint, numeric, integer, text, text) IS
'The carrier has paid a claim (default: the only open one of the case): returns it; the seller is credited, or whoever bore the refund, with no more than that; the rest is the platform''s, which gave back its commission. amount: what was paid, in major units, by default what was claimed. Errors: P0002, 22004, 22003, 22023 (more than was claimed), SC001 (not filed), SC009. (W-119, W-121, AMB-59)';

CREATE OR REPLACE FUNCTION support_case.record_carrier_claim_denied(
    seller_id bigint,
    case_id bigint,
    denial_reason text,
    claim_number integer DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.carrier_claims
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(case_id, denial_reason, claim_number) END;
    c support_case.support_case;
    k support_case.carrier_claim;
    number integer;
BEGIN
    PERFORM support_case._authorise('host', record_carrier_claim_denied.seller_id);
    PERFORM support_case._check_text(denial_reason, 'denial_reason', 1000);
    c := support_case._begin(seller_id, case_id, 'record_carrier_claim_denied', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        k := support_case._lock_claim(c, claim_number);
        k.denial_reason := record_carrier_claim_denied.denial_reason;
        number := support_case._move_claim(c, k, 'record_carrier_claim_denied', 'host', actor_id,
            jsonb_build_object('denial_reason', denial_reason));
    END IF;
    RETURN QUERY SELECT n.* FROM support_case._finish_claim(seller_id, case_id, number, 'record_carrier_claim_denied',
        actor_id, idempotency_key, arguments) AS n;
END
$$;

COMMENT ON FUNCTION support_case.record_carrier_claim_denied(bigint, bigint, text, integer, text, text) IS
'The carrier has denied a claim (default: the only open one of the case): returns it; nothing is posted. denial_reason has 1 to 1,000 characters. Errors: P0002, 22004, 22023, SC001 (not filed), SC009. (W-119)';
