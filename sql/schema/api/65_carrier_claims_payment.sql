-- What a carrier pays or denies.

-- What carriers paid for an order goes first to what decisions laid on them,
-- then to the others by what they bore of its refunds, and no more: the rest is
-- the platform's, which gave its commission back.  It is the order that counts,
-- because a claim may come to all that was refunded of it (AMB-59), and a refund
-- outside the cases was the seller's.  It counts what is borne, not since when:
-- whether the charge or the payment came first, the same is shared out.
CREATE OR REPLACE FUNCTION support_case._claim_shares(
    seller_id bigint,
    order_id bigint,
    paid bigint,
    seller bigint,
    carrier bigint,
    platform bigint,
    OUT seller_share bigint,
    OUT platform_share bigint,
    OUT seller_had bigint,
    OUT platform_had bigint
)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    borne record;
    rest bigint;
BEGIN
    SELECT coalesce(sum(e.amount) FILTER (WHERE e.account = 'seller_payable' AND NOT e.is_claim), 0)
            + _claim_shares.seller AS seller,
        coalesce(sum(e.amount) FILTER (WHERE e.account = 'carrier_claim' AND NOT e.is_claim), 0)
            + _claim_shares.carrier AS carrier,
        coalesce(sum(e.amount) FILTER (WHERE e.account = 'platform_absorbed' AND NOT e.is_claim), 0)
            + _claim_shares.platform AS platform,
        coalesce(sum(e.amount) FILTER (WHERE e.account = 'cash_clearing' AND e.is_claim), 0)
            + _claim_shares.paid AS paid,
        coalesce(-sum(e.amount) FILTER (WHERE e.account = 'seller_payable' AND e.is_claim), 0)::bigint AS seller_had,
        coalesce(-sum(e.amount) FILTER (WHERE e.account = 'platform_absorbed' AND e.is_claim), 0)::bigint AS platform_had,
        coalesce((SELECT sum(x.amount) FROM support_case.external_refund AS x
            WHERE x.seller_id = _claim_shares.seller_id AND x.order_id = _claim_shares.order_id
                AND x.kind = 'external_refund'), 0) AS outside
    INTO borne
    FROM (SELECT k.account, k.amount, k.component IN ('claim', 'claim_payment') AS is_claim
        FROM support_case.support_case AS c
        JOIN support_case.ledger_entry AS k ON k.seller_id = c.seller_id AND k.case_id = c.case_id
        WHERE c.seller_id = _claim_shares.seller_id AND c.order_id = _claim_shares.order_id) AS e;
    borne.seller := borne.seller + borne.outside;
    rest := greatest(borne.paid - borne.carrier, 0);
    seller_share := (support_case.allocate(least(rest, borne.seller + borne.platform)::bigint,
        ARRAY[borne.seller, borne.platform]::bigint[]))[1];
    platform_share := rest - seller_share;
    seller_had := borne.seller_had;
    platform_had := borne.platform_had;
END
$$;

COMMENT ON FUNCTION support_case._claim_shares(bigint, bigint, bigint, bigint, bigint, bigint) IS
'What seller and platform are to get, and what they have, in minor units, of all that carriers have paid for an order, where besides what is posted so much is paid and borne by seller, carrier and platform. (W-119, AMB-59)';

-- Posted beside whatever changes what is paid or borne.
CREATE OR REPLACE FUNCTION support_case._claim_legs(
    seller_id bigint,
    order_id bigint,
    paid bigint,
    seller bigint,
    carrier bigint,
    platform bigint
)
RETURNS TABLE (account text, component text, amount bigint)
LANGUAGE sql STABLE ROWS 3
AS $$
    SELECT l.account, l.component, l.amount
    FROM support_case._claim_shares(seller_id, order_id, paid, seller, carrier, platform) AS s
    CROSS JOIN LATERAL (VALUES
        ('carrier_claim', 'claim', s.seller_share + s.platform_share - s.seller_had - s.platform_had),
        ('seller_payable', 'claim', s.seller_had - s.seller_share),
        ('platform_absorbed', 'claim', s.platform_had - s.platform_share),
        ('cash_clearing', 'claim_payment', paid),
        ('carrier_claim', 'claim_payment', -paid)
    ) AS l (account, component, amount)
    WHERE l.amount <> 0
$$;

COMMENT ON FUNCTION support_case._claim_legs(bigint, bigint, bigint, bigint, bigint, bigint) IS
'The entries, in minor units, that share out as of _claim_shares() what carriers have paid for an order and now pay, for a journal by which besides seller, carrier and platform come to bear so much.';

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
    FROM support_case._claim_legs(c.seller_id, c.order_id, k.paid_amount, 0, 0, 0)
        WITH ORDINALITY AS l (account, component, amount, entry_number);
END
$$;

COMMENT ON FUNCTION support_case._post_claim_payment(support_case.support_case, support_case.carrier_claim) IS
'Posts what a carrier paid for a claim, for the event that follows, shared out as of _claim_shares().';

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
    actor_id := support_case._authorise('host', record_carrier_claim_paid.seller_id, actor_id => actor_id);
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
'The carrier has paid a claim (default: the only open one of the case): returns it; the seller is credited, or whoever bore the order''s refunds, with no more than that; the rest is the platform''s, which gave back its commission. Whatever changes what they bear shares it out anew. amount: what was paid, in major units, by default what was claimed. Errors: P0002, 22004, 22003, 22023 (more than was claimed), SC001 (not filed), SC009. (W-119, W-121, AMB-59)';

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
    actor_id := support_case._authorise('host', record_carrier_claim_denied.seller_id, actor_id => actor_id);
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
