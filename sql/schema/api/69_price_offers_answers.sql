-- Answers to price offers, the purchase, and the sweep.

-- Offer and listing are locked, in that order of the keys: listing first.
CREATE OR REPLACE FUNCTION support_case._answer_offer(
    seller_id bigint,
    offer_id bigint,
    action text,
    price numeric,
    actor_id text,
    idempotency_key text
)
RETURNS SETOF support_case.price_offers
LANGUAGE plpgsql VOLATILE ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL THEN jsonb_build_array(offer_id, trim_scale(price)) END;
    answer jsonb;
    l support_case.listing;
    o support_case.price_offer;
    p support_case.policy;
    party text;
    at timestamptz;
    minor bigint;
    shown_id bigint;
BEGIN
    PERFORM support_case._require(_answer_offer.seller_id, 'seller_id');
    PERFORM support_case._require(_answer_offer.offer_id, 'offer_id');
    SELECT k.* INTO o FROM support_case.price_offer AS k
    WHERE k.seller_id = _answer_offer.seller_id AND k.offer_id = _answer_offer.offer_id;
    -- A stranger gets one answer, whether or not there is such an offer.
    IF o.offer_id IS NULL OR o.buyer_id IS DISTINCT FROM support_case._own_buyer_id() THEN
        actor_id := support_case._authorise('seller', _answer_offer.seller_id, actor_id => actor_id);
    END IF;
    IF o.offer_id IS NULL THEN
        PERFORM support_case._raise('no_data_found',
            format('offer %s of seller %s does not exist', _answer_offer.offer_id, _answer_offer.seller_id),
            NULL, 'Pass the seller and the number of an offer of view price_offers.', 'support_case', 'price_offer');
    END IF;
    -- Who answers is the side that did not offer.
    party := CASE o.offered_by WHEN 'buyer' THEN 'seller' ELSE 'buyer' END;
    IF party = 'seller' THEN
        actor_id := support_case._authorise('seller', o.seller_id, actor_id => actor_id);
    ELSE
        actor_id := support_case._authorise_buyer(o.buyer_id, actor_id);
    END IF;
    l := support_case._lock_listing(o.seller_id, o.listing_id);
    IF idempotency_key IS NOT NULL THEN
        answer := support_case._find_answer(seller_id, actor_id, idempotency_key, action, arguments);
    END IF;
    IF answer IS NULL THEN
        at := greatest(support_case._instant(), o.status_since);
        PERFORM support_case._expire_offers(l.seller_id, l.listing_id, at);
        SELECT k.* INTO o FROM support_case.price_offer AS k
        WHERE k.seller_id = o.seller_id AND k.offer_id = o.offer_id;
        p := support_case._policy_in_force(at);
        shown_id := o.offer_id;
        IF action = 'accept_price_offer' AND p.offer_accept_effect = 'reserve' AND EXISTS (
            SELECT FROM support_case.price_offer AS k
            WHERE k.seller_id = l.seller_id AND k.listing_id = l.listing_id AND k.status = 'accepted')
        THEN
            PERFORM support_case._raise('action_not_allowed', 'the item is reserved',
                'Another offer was accepted, and its buyer may still pay.', 'Wait until the reservation lapses.');
        END IF;
        PERFORM support_case._change_offers(ARRAY[o], action, party, actor_id, at, at,
            CASE action WHEN 'accept_price_offer'
                THEN support_case._term_end(at, p.offer_purchase_window, p.calendar_code) END);
        IF action = 'counter_price_offer' THEN
            minor := support_case._to_positive_minor(_answer_offer.price, l.currency, 'price');
            IF minor = o.price THEN
                PERFORM support_case._raise('invalid_parameter_value', 'a counter-offer must name another price',
                    format('Offer %s names it already.', o.offer_id), 'Accept the offer, or name another price.');
            END IF;
            PERFORM support_case._check_offer(l, o.buyer_id, minor);
            shown_id := support_case._add_offer(l, o.buyer_id, party, minor, o.offer_id, actor_id, at);
        END IF;
        SELECT jsonb_agg(to_jsonb(k)) INTO answer FROM support_case.price_offers AS k
        WHERE k.seller_id = o.seller_id AND k.offer_id = shown_id;
        IF idempotency_key IS NOT NULL THEN
            PERFORM support_case._keep_answer(seller_id, actor_id, idempotency_key, action, arguments, answer);
        END IF;
    END IF;
    RETURN QUERY SELECT k.* FROM jsonb_populate_recordset(NULL::support_case.price_offers, answer) AS k;
END
$$;

COMMENT ON FUNCTION support_case._answer_offer(bigint, bigint, text, numeric, text, text) IS
'A whole command that answers an offer, in the part of the side that did not make it.';

CREATE OR REPLACE FUNCTION support_case.accept_price_offer(
    seller_id bigint,
    offer_id bigint,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.price_offers
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT k.* FROM support_case._answer_offer(seller_id, offer_id, 'accept_price_offer', NULL, actor_id,
        idempotency_key) AS k;
END
$$;

COMMENT ON FUNCTION support_case.accept_price_offer(bigint, bigint, text, text) IS
'The side that did not make an offer accepts it, and it is returned: the buyer may pay its price for offer_purchase_window. Several buyers may have accepted prices for an item, and the first purchase wins, unless offer_accept_effect reserves it (AMB-97, AMB-98). Errors: P0002, 22004, SC001 (answered, expired, reserved), SC004, SC009. (V-10, V-16)';

CREATE OR REPLACE FUNCTION support_case.decline_price_offer(
    seller_id bigint,
    offer_id bigint,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.price_offers
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT k.* FROM support_case._answer_offer(seller_id, offer_id, 'decline_price_offer', NULL, actor_id,
        idempotency_key) AS k;
END
$$;

COMMENT ON FUNCTION support_case.decline_price_offer(bigint, bigint, text, text) IS
'The side that did not make an offer declines it, and it is returned. Errors: P0002, 22004, SC001, SC004, SC009. (V-10, AMB-91)';

CREATE OR REPLACE FUNCTION support_case.counter_price_offer(
    seller_id bigint,
    offer_id bigint,
    price numeric,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.price_offers
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT k.* FROM support_case._answer_offer(seller_id, offer_id, 'counter_price_offer', price, actor_id,
        idempotency_key) AS k;
END
$$;

COMMENT ON FUNCTION support_case.counter_price_offer(bigint, bigint, numeric, text, text) IS
'The side that did not make an offer names another price, in major units and below the item price, and the new offer is returned; the other side has as long to answer as for any offer. No minimum discount applies (AMB-96). Errors: P0002, 22004, 22003, 22023, SC001, SC004, SC009. (V-10, V-16, AMB-90)';

CREATE OR REPLACE FUNCTION support_case.record_purchase(
    seller_id bigint,
    listing_id bigint,
    buyer_id bigint,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.price_offers
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 4
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL THEN jsonb_build_array(listing_id, buyer_id) END;
    answer jsonb;
    l support_case.listing;
    taken_id bigint;
    at timestamptz;
BEGIN
    actor_id := support_case._authorise('host', record_purchase.seller_id, actor_id => actor_id);
    PERFORM support_case._require(record_purchase.buyer_id, 'buyer_id');
    l := support_case._lock_listing(record_purchase.seller_id, record_purchase.listing_id);
    IF idempotency_key IS NOT NULL THEN
        answer := support_case._find_answer(seller_id, actor_id, idempotency_key, 'record_purchase', arguments);
    END IF;
    IF answer IS NULL THEN
        at := support_case._instant();
        PERFORM support_case._expire_offers(l.seller_id, l.listing_id, at);
        IF l.is_sold THEN
            PERFORM support_case._raise('action_not_allowed', 'the item is sold',
                format('Listing %s was sold.', l.listing_id), 'The first purchase wins.');
        END IF;
        IF (support_case._policy_in_force(at)).offer_accept_effect = 'reserve' AND EXISTS (
            SELECT FROM support_case.price_offer AS k
            WHERE k.seller_id = l.seller_id AND k.listing_id = l.listing_id AND k.status = 'accepted'
                AND k.buyer_id <> record_purchase.buyer_id)
        THEN
            PERFORM support_case._raise('action_not_allowed', 'the item is reserved',
                'An offer of another buyer was accepted, and may still be paid.', 'Wait until the reservation lapses.');
        END IF;
        UPDATE support_case.listing AS k
        SET is_sold = true
        WHERE k.seller_id = l.seller_id AND k.listing_id = l.listing_id;
        -- One item is bought once: of several accepted prices at the lowest, and
        -- at none where the list price has come down to it (AMB-95).
        SELECT k.offer_id INTO taken_id FROM support_case.price_offer AS k
        WHERE k.seller_id = l.seller_id AND k.listing_id = l.listing_id AND k.status = 'accepted'
            AND k.buyer_id = record_purchase.buyer_id AND k.price < l.price
        ORDER BY k.price, k.offer_id
        LIMIT 1;
        PERFORM support_case._change_offers(ARRAY(
            SELECT k FROM support_case.price_offer AS k
            WHERE k.seller_id = l.seller_id AND k.offer_id = taken_id), 'record_purchase', 'host', actor_id, at, at);
        -- Who bought knows that the item is sold.
        PERFORM support_case._change_offers(ARRAY(
            SELECT k FROM support_case.price_offer AS k
            WHERE k.seller_id = l.seller_id AND k.listing_id = l.listing_id
                AND k.status IN ('awaiting_seller', 'awaiting_buyer', 'accepted')
                AND (k.buyer_id = record_purchase.buyer_id) = b.is_buyer
            ORDER BY k.offer_id), 'sell_item', 'host', actor_id, at, at, NULL, b.is_buyer)
        FROM (VALUES (true), (false)) AS b (is_buyer);
        SELECT coalesce(jsonb_agg(to_jsonb(k) ORDER BY k.offer_id), '[]') INTO answer FROM support_case.price_offers AS k
        WHERE k.seller_id = l.seller_id AND k.listing_id = l.listing_id AND k.status_since = at
            AND k.status IN ('purchased', 'item_sold');
        IF idempotency_key IS NOT NULL THEN
            PERFORM support_case._keep_answer(seller_id, actor_id, idempotency_key, 'record_purchase', arguments, answer);
        END IF;
    END IF;
    RETURN QUERY SELECT k.* FROM jsonb_populate_recordset(NULL::support_case.price_offers, answer) AS k;
END
$$;

COMMENT ON FUNCTION support_case.record_purchase(bigint, bigint, bigint, text, text) IS
'The host reports that a buyer bought an item, and the offers that this ends are returned: the buyer''s lowest accepted price is taken, unless the list price is no higher by now, all others close because the item is sold. Errors: P0002, 22004, SC001 (sold, reserved for another buyer), SC004, SC009. (AMB-97)';

-- The listing is what commands lock.
CREATE OR REPLACE FUNCTION support_case._lock_due_price_offers(until timestamptz, batch integer)
RETURNS TABLE (seller_id bigint, offer_id bigint)
LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT k.seller_id, k.offer_id FROM support_case.price_offer AS k
    JOIN support_case.listing AS l ON l.seller_id = k.seller_id AND l.listing_id = k.listing_id
    WHERE k.due_at IS NOT NULL AND coalesce(k.retry_at, k.due_at) <= _lock_due_price_offers.until
    ORDER BY coalesce(k.retry_at, k.due_at)
    LIMIT batch
    FOR NO KEY UPDATE OF l SKIP LOCKED;
END
$$;

COMMENT ON FUNCTION support_case._lock_due_price_offers(timestamptz, integer) IS
'Locks the listings, that nobody else holds, of up to batch offers whose time is over, and returns the offers, for _sweep_small_machine().';
