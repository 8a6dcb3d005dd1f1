-- Offers to buy or sell an item at another price.  The listing is the lock.
-- An offer ends with its time, swept or not; it carries no words (AMB-101).

CREATE OR REPLACE VIEW support_case.price_offers WITH (security_invoker = true) AS
SELECT o.seller_id, o.offer_id, o.listing_id, o.buyer_id, o.offered_by, o.counters_offer_id, o.currency,
    support_case._to_major(o.price, o.currency) AS price,
    support_case._to_major(o.list_price, o.currency) AS list_price,
    o.offered_at, e.status, support_case._next_actor('price_offer', e.status) AS waiting_on,
    CASE WHEN e.status = o.status THEN o.due_at END AS due_at,
    CASE WHEN e.status = o.status THEN o.status_since ELSE o.due_at END AS status_since
FROM support_case.price_offer AS o
CROSS JOIN LATERAL (
    SELECT support_case._effective_status('price_offer', o.status, o.due_at, support_case.clock()) AS status
    OFFSET 0
) AS e;

COMMENT ON VIEW support_case.price_offers IS 'Price offers as they are at clock(): one whose time is over has expired or lapsed, swept or not (V-17). Commands on offers return rows of this view.';
COMMENT ON COLUMN support_case.price_offers.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.price_offers.offer_id IS 'Number of the offer.';
COMMENT ON COLUMN support_case.price_offers.listing_id IS 'The listing.';
COMMENT ON COLUMN support_case.price_offers.buyer_id IS 'Who would buy.';
COMMENT ON COLUMN support_case.price_offers.offered_by IS 'buyer or seller.';
COMMENT ON COLUMN support_case.price_offers.counters_offer_id IS 'The offer that it counters; null: none.';
COMMENT ON COLUMN support_case.price_offers.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN support_case.price_offers.price IS 'Offered item price, major units.';
COMMENT ON COLUMN support_case.price_offers.list_price IS 'Item price of the listing when the offer was made, major units (AMB-95).';
COMMENT ON COLUMN support_case.price_offers.offered_at IS 'When it was made.';
COMMENT ON COLUMN support_case.price_offers.status IS 'awaiting_seller, awaiting_buyer, accepted, declined, countered, expired, superseded, item_sold, purchased or lapsed.';
COMMENT ON COLUMN support_case.price_offers.waiting_on IS 'Who has the next move, seller or buyer; null: nobody.';
COMMENT ON COLUMN support_case.price_offers.due_at IS 'Until when it can be answered, or an accepted price be paid; at this instant it is too late; null when no time runs.';
COMMENT ON COLUMN support_case.price_offers.status_since IS 'When the status was reached.';

CREATE OR REPLACE FUNCTION support_case._add_offer(
    l support_case.listing,
    buyer_id bigint,
    offered_by text,
    price bigint,
    counters_offer_id bigint,
    actor_id text,
    at timestamptz
)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    p support_case.policy := support_case._policy_in_force(at);
    new_id bigint := nextval('support_case.offer_id_seq');
    new_status text;
    due_at timestamptz := support_case._term_end(at,
        CASE offered_by WHEN 'buyer' THEN p.offer_answer_by_seller ELSE p.offer_answer_by_buyer END, p.calendar_code);
BEGIN
    new_status := (support_case._take_step('price_offer', l.seller_id, new_id, NULL, 'make_offer', offered_by, actor_id,
        jsonb_build_object('price', support_case._to_major(price, l.currency), 'currency', l.currency), at, at)).status;
    INSERT INTO support_case.price_offer (seller_id, offer_id, listing_id, buyer_id, offered_by, counters_offer_id,
        currency, price, list_price, offered_at, status, status_since, due_at)
    VALUES (l.seller_id, new_id, l.listing_id, _add_offer.buyer_id, _add_offer.offered_by, _add_offer.counters_offer_id,
        l.currency, _add_offer.price, l.price, at, new_status, at, due_at);
    PERFORM support_case._notify(l.seller_id, 'price_offer', new_id, 1,
        CASE offered_by WHEN 'buyer' THEN 'seller' ELSE 'buyer' END,
        CASE offered_by WHEN 'buyer' THEN l.seller_id ELSE _add_offer.buyer_id END,
        CASE WHEN counters_offer_id IS NULL THEN 'price_offered' ELSE 'price_countered' END,
        jsonb_build_object('listing_id', l.listing_id, 'price', price, 'currency', l.currency,
            'due_at', support_case._iso_instant(due_at)), at);
    RETURN new_id;
END
$$;

COMMENT ON FUNCTION support_case._add_offer(support_case.listing, bigint, text, bigint, bigint, text, timestamptz) IS
'Makes an offer on a listing whose lock the caller holds, tells the other side, and returns its number. price is in minor units.';

CREATE OR REPLACE FUNCTION support_case._change_offers(
    offers support_case.price_offer[],
    action text,
    actor text,
    actor_id text,
    effective_at timestamptz,
    recorded_at timestamptz,
    due_at timestamptz DEFAULT NULL,
    is_known boolean DEFAULT false
)
RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    steps support_case.life_cycle_event[] := ARRAY(
        SELECT e
        FROM (
            SELECT array_agg(o.seller_id) AS seller_ids, array_agg(o.offer_id) AS offer_ids,
                array_agg(o.status) AS statuses, array_agg(coalesce(_change_offers.effective_at, o.due_at)) AS ends
            FROM unnest(offers) AS o
        ) AS k
        CROSS JOIN LATERAL support_case._take_steps('price_offer', k.seller_ids, k.offer_ids, k.statuses, action, actor,
            actor_id, '{}', k.ends, recorded_at) AS e);
BEGIN
    UPDATE support_case.price_offer AS k
    SET status = e.status, status_since = e.effective_at, due_at = _change_offers.due_at, retry_at = NULL
    FROM unnest(steps) AS e
    WHERE k.seller_id = e.seller_id AND k.offer_id = e.subject_id;
    -- Who did not act is told; of a purchase the host tells.
    PERFORM support_case._notify(o.seller_id, 'price_offer', o.offer_id, e.event_number, r.recipient,
        CASE r.recipient WHEN 'seller' THEN o.seller_id ELSE o.buyer_id END, 'price_offer_' || e.status,
        jsonb_strip_nulls(jsonb_build_object('listing_id', o.listing_id, 'price', o.price, 'currency', o.currency,
            'due_at', support_case._iso_instant(_change_offers.due_at))),
        e.effective_at)
    FROM unnest(steps) AS e
    JOIN unnest(offers) AS o ON o.seller_id = e.seller_id AND o.offer_id = e.subject_id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN e.actor = 'buyer' OR (e.actor = 'system' AND o.offered_by = 'seller')
            THEN 'seller' ELSE 'buyer' END AS recipient
    ) AS r
    WHERE NOT is_known AND e.status IN ('accepted', 'declined', 'expired', 'superseded', 'item_sold')
    ORDER BY e.subject_id;
    RETURN cardinality(steps);
END
$$;

COMMENT ON FUNCTION support_case._change_offers(support_case.price_offer[], text, text, text, timestamptz, timestamptz, timestamptz, boolean) IS
'Takes an action on each of these offers, whose listings the caller has locked, tells the other sides unless it is_known there, and returns how many. effective_at null: each at the end of its own time; due_at: when the time ends that starts. Errors: SC001.';

-- Written before anything else happens to an offer (principle: on time or
-- late, the same rows).
CREATE OR REPLACE FUNCTION support_case._expire_price_offers(
    seller_ids bigint[],
    offer_ids bigint[],
    until timestamptz
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
BEGIN
    RETURN support_case._change_offers(ARRAY(
        SELECT k
        FROM unnest(seller_ids, offer_ids) AS u (seller_id, offer_id)
        JOIN support_case.price_offer AS k ON k.seller_id = u.seller_id AND k.offer_id = u.offer_id
        WHERE k.due_at <= _expire_price_offers.until
        ORDER BY k.due_at, k.offer_id), 'expire_deadline', 'system', NULL, NULL, until);
END
$$;

COMMENT ON FUNCTION support_case._expire_price_offers(bigint[], bigint[], timestamptz) IS
'Writes the ends of these offers, whose listings the caller has locked, up to an instant, each at its own, and returns how many.';

CREATE OR REPLACE FUNCTION support_case._expire_offers(seller_id bigint, listing_id bigint, until timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    seller_ids bigint[];
    offer_ids bigint[];
BEGIN
    SELECT array_agg(k.seller_id), array_agg(k.offer_id) INTO seller_ids, offer_ids
    FROM support_case.price_offer AS k
    WHERE k.seller_id = _expire_offers.seller_id AND k.listing_id = _expire_offers.listing_id
        AND k.due_at <= _expire_offers.until;
    IF offer_ids IS NOT NULL THEN
        PERFORM support_case._expire_price_offers(seller_ids, offer_ids, until);
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._expire_offers(bigint, bigint, timestamptz) IS
'Writes the ends of the offers of a listing, whose lock the caller holds, up to an instant, each at its own.';

CREATE OR REPLACE FUNCTION support_case._supersede_offers(
    seller_id bigint,
    listing_id bigint,
    list_price bigint,
    actor_id text,
    at timestamptz
)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._expire_offers(seller_id, listing_id, at);
    PERFORM support_case._change_offers(ARRAY(
        SELECT k FROM support_case.price_offer AS k
        WHERE k.seller_id = _supersede_offers.seller_id AND k.listing_id = _supersede_offers.listing_id
            AND k.status IN ('awaiting_seller', 'awaiting_buyer') AND k.price >= _supersede_offers.list_price
        ORDER BY k.offer_id), 'change_list_price', 'seller', actor_id, at, at);
END
$$;

COMMENT ON FUNCTION support_case._supersede_offers(bigint, bigint, bigint, text, timestamptz) IS
'Supersedes the pending offers of a listing that are not below its new list price, in minor units (AMB-95).';

-- What an offer needs whoever makes it.
CREATE OR REPLACE FUNCTION support_case._check_offer(l support_case.listing, buyer_id bigint, price bigint)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._check_other_person(l, buyer_id);
    IF l.is_sold THEN
        PERFORM support_case._raise('action_not_allowed', 'the item is sold',
            format('Listing %s was sold.', l.listing_id), 'Offers are possible until an item is sold.');
    END IF;
    IF price >= l.price THEN
        PERFORM support_case._raise('invalid_parameter_value', 'argument "price" must be below the item price',
            format('The item price of listing %s is %s %s.', l.listing_id,
                support_case._to_major(l.price, l.currency), l.currency),
            'Name a lower price, or buy at the item price.');
    END IF;
    IF EXISTS (SELECT FROM support_case.price_offer AS o
        WHERE o.seller_id = l.seller_id AND o.listing_id = l.listing_id AND o.buyer_id = _check_offer.buyer_id
            AND o.status IN ('awaiting_seller', 'awaiting_buyer'))
    THEN
        PERFORM support_case._raise('unique_violation',
            format('an offer for listing %s and buyer %s is pending', l.listing_id, buyer_id),
            'One offer at a time can be pending for an item and a buyer.', 'Answer it, or wait until it expires.',
            'support_case', 'price_offer', 'price_offer_one_pending');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_offer(support_case.listing, bigint, bigint) IS
'Raises SC001 (sold), 22023 (the seller''s own item, not below the item price) or 23505 (an offer is pending, AMB-93); the offers of the listing whose time is over have been written.';

CREATE OR REPLACE FUNCTION support_case.make_offer(
    seller_id bigint,
    listing_id bigint,
    buyer_id bigint,
    price numeric,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.price_offers
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(listing_id, buyer_id, trim_scale(price)) END;
    answer jsonb;
    l support_case.listing;
    at timestamptz;
    minor bigint;
    new_id bigint;
BEGIN
    PERFORM support_case._require(make_offer.buyer_id, 'buyer_id');
    actor_id := support_case._authorise_buyer(make_offer.buyer_id, actor_id);
    l := support_case._lock_listing(make_offer.seller_id, make_offer.listing_id);
    IF idempotency_key IS NOT NULL THEN
        answer := support_case._find_answer(seller_id, actor_id, idempotency_key, 'make_offer', arguments);
    END IF;
    IF answer IS NULL THEN
        at := support_case._instant();
        PERFORM support_case._expire_offers(l.seller_id, l.listing_id, at);
        IF NOT l.accepts_offers THEN
            PERFORM support_case._raise('action_not_allowed', 'the seller accepts no offers for this item',
                format('Listing %s has accepts_offers = false.', l.listing_id),
                'The seller enables offers with edit_listing() or set_offer_default().');
        END IF;
        minor := support_case._to_positive_minor(make_offer.price, l.currency, 'price');
        PERFORM support_case._check_offer(l, make_offer.buyer_id, minor);
        new_id := support_case._add_offer(l, make_offer.buyer_id, 'buyer', minor, NULL, actor_id, at);
        SELECT jsonb_agg(to_jsonb(o)) INTO answer FROM support_case.price_offers AS o
        WHERE o.seller_id = l.seller_id AND o.offer_id = new_id;
        IF idempotency_key IS NOT NULL THEN
            PERFORM support_case._keep_answer(seller_id, actor_id, idempotency_key, 'make_offer', arguments, answer);
        END IF;
    END IF;
    RETURN QUERY SELECT k.* FROM jsonb_populate_recordset(NULL::support_case.price_offers, answer) AS k;
END
$$;

COMMENT ON FUNCTION support_case.make_offer(bigint, bigint, bigint, numeric, text, text) IS
'A buyer offers to buy an item at price, in major units of the listing''s currency and below its price, and the offer is returned; the seller can answer for offer_answer_by_seller. Errors: P0002, 22004, 22003, 22023 (price, the seller''s own item), 23505 (an offer is pending), SC001 (sold, or the seller accepts no offers), SC004, SC009. (V-08, V-09, AMB-90)';

CREATE OR REPLACE FUNCTION support_case._maximum_offer(price bigint, discount numeric)
RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT pg_catalog.floor(price * (1 - discount))::bigint $$;

COMMENT ON FUNCTION support_case._maximum_offer(bigint, numeric) IS
'The highest offer, in minor units, that is lower than a price by at least a fraction of it (V-18, AMB-94).';

-- Favouriters to whom an offer can be sent now, the latest first.
CREATE OR REPLACE VIEW support_case.listing_favourites WITH (security_invoker = true) AS
SELECT f.seller_id, f.listing_id, f.member_id, m.user_name, f.favourited_at,
    p.offer_favourite_age IS NULL
        OR support_case.clock() < support_case.business_add(f.favourited_at,
            p.offer_favourite_age::support_case.term, k.compiled) AS is_recent,
    EXISTS (SELECT FROM support_case.price_offer AS o
        WHERE o.seller_id = f.seller_id AND o.listing_id = f.listing_id AND o.buyer_id = f.member_id
            AND o.status IN ('awaiting_seller', 'awaiting_buyer') AND o.due_at > support_case.clock()) AS has_pending_offer
FROM support_case.listing_favourite AS f
LEFT JOIN support_case.member AS m ON m.member_id = f.member_id
CROSS JOIN LATERAL (
    SELECT l.offer_favourite_age, l.calendar_code FROM support_case.policy AS l
    WHERE l.effective_from <= support_case.clock()
    ORDER BY l.effective_from DESC
    LIMIT 1
) AS p
CROSS JOIN LATERAL (
    SELECT l.compiled FROM support_case.calendar AS l
    WHERE l.calendar_code = p.calendar_code AND l.effective_from <= f.favourited_at
    ORDER BY l.effective_from DESC
    LIMIT 1
) AS k;

COMMENT ON VIEW support_case.listing_favourites IS 'Who favourited the seller''s items (V-13), and whether an offer can be sent to them.';
COMMENT ON COLUMN support_case.listing_favourites.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.listing_favourites.listing_id IS 'The listing.';
COMMENT ON COLUMN support_case.listing_favourites.member_id IS 'The member.';
COMMENT ON COLUMN support_case.listing_favourites.user_name IS 'The member''s name, where it is registered.';
COMMENT ON COLUMN support_case.listing_favourites.favourited_at IS 'When the member favourited the item, the last time.';
COMMENT ON COLUMN support_case.listing_favourites.is_recent IS 'Whether that is recent enough for an offer (V-11, AMB-92).';
COMMENT ON COLUMN support_case.listing_favourites.has_pending_offer IS 'Whether an offer for the item and the member is pending (AMB-93).';

CREATE OR REPLACE FUNCTION support_case._read_members(members jsonb, maximum integer)
RETURNS SETOF bigint
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF jsonb_typeof(members) <> 'array' OR jsonb_array_length(members) = 0
        OR EXISTS (SELECT FROM jsonb_array_elements(
                CASE WHEN jsonb_typeof(members) = 'array' THEN members ELSE '[]'::jsonb END) AS e
            WHERE jsonb_typeof(e) <> 'number' OR e::text !~ '^[0-9]{1,18}$')
    THEN
        PERFORM support_case._raise('invalid_parameter_value', 'argument "members" must be a JSON array of member ids',
            NULL, 'Write it like [7, 8], or leave it out for all recent favouriters.');
    END IF;
    IF jsonb_array_length(members) > maximum THEN
        PERFORM support_case._raise('invalid_parameter_value',
            format('an offer can be sent to at most %s members at once', maximum),
            format('These are %s.', jsonb_array_length(members)), 'Send several times.');
    END IF;
    RETURN QUERY SELECT DISTINCT (e::text)::bigint FROM jsonb_array_elements(members) AS e ORDER BY 1;
END
$$;

COMMENT ON FUNCTION support_case._read_members(jsonb, integer) IS
'The member ids of a JSON array, each once. Errors: 22023.';

CREATE OR REPLACE FUNCTION support_case.send_offers(
    seller_id bigint,
    listing_id bigint,
    price numeric,
    members jsonb DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.price_offers
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 20
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(listing_id, trim_scale(price), members) END;
    answer jsonb;
    l support_case.listing;
    p support_case.policy;
    f record;
    at timestamptz;
    minor bigint;
    first_id bigint;
BEGIN
    actor_id := support_case._authorise('seller', send_offers.seller_id, actor_id => actor_id);
    l := support_case._lock_listing(send_offers.seller_id, send_offers.listing_id);
    IF idempotency_key IS NOT NULL THEN
        answer := support_case._find_answer(seller_id, actor_id, idempotency_key, 'send_offers', arguments);
    END IF;
    IF answer IS NULL THEN
        at := support_case._instant();
        p := support_case._policy_in_force(at);
        PERFORM support_case._expire_offers(l.seller_id, l.listing_id, at);
        minor := support_case._to_positive_minor(send_offers.price, l.currency, 'price');
        IF minor > support_case._maximum_offer(l.price, p.offer_minimum_discount) THEN
            PERFORM support_case._raise('invalid_parameter_value', 'argument "price" is not low enough for an offer',
                format('An offer must be at least %s %% below the item price: at most %s %s.',
                    trim_scale(p.offer_minimum_discount * 100),
                    support_case._to_major(support_case._maximum_offer(l.price, p.offer_minimum_discount), l.currency),
                    l.currency),
                'Name a lower price.');
        END IF;
        FOR f IN
            SELECT w.member_id, k.is_recent
            FROM (
                SELECT m FROM support_case._read_members(send_offers.members, p.offer_batch_maximum) AS m
                WHERE send_offers.members IS NOT NULL
                UNION ALL
                (SELECT k.member_id FROM support_case.listing_favourites AS k
                WHERE send_offers.members IS NULL AND k.seller_id = l.seller_id AND k.listing_id = l.listing_id
                    AND k.is_recent AND NOT k.has_pending_offer
                    AND NOT EXISTS (SELECT FROM support_case.seller AS s
                        WHERE s.seller_id = k.seller_id AND s.buyer_id = k.member_id)
                ORDER BY k.favourited_at DESC, k.member_id
                LIMIT p.offer_batch_maximum)
            ) AS w (member_id)
            LEFT JOIN support_case.listing_favourites AS k
                ON k.seller_id = l.seller_id AND k.listing_id = l.listing_id AND k.member_id = w.member_id
        LOOP
            IF f.is_recent IS NOT TRUE THEN
                PERFORM support_case._raise('invalid_parameter_value',
                    format('member %s has not favourited listing %s recently', f.member_id, l.listing_id),
                    NULL, 'View listing_favourites shows to whom offers can be sent.');
            END IF;
            PERFORM support_case._check_offer(l, f.member_id, minor);
            first_id := least(first_id, support_case._add_offer(l, f.member_id, 'seller', minor, NULL, actor_id, at));
        END LOOP;
        IF first_id IS NULL THEN
            PERFORM support_case._raise('no_data_found', format('nobody is there to send an offer for listing %s to', l.listing_id),
                'No member has favourited it recently without having a pending offer.',
                'View listing_favourites shows to whom offers can be sent.', 'support_case', 'listing_favourite');
        END IF;
        SELECT jsonb_agg(to_jsonb(o) ORDER BY o.offer_id) INTO answer FROM support_case.price_offers AS o
        WHERE o.seller_id = l.seller_id AND o.listing_id = l.listing_id AND o.offer_id >= first_id;
        IF idempotency_key IS NOT NULL THEN
            PERFORM support_case._keep_answer(seller_id, actor_id, idempotency_key, 'send_offers', arguments, answer);
        END IF;
    END IF;
    RETURN QUERY SELECT k.* FROM jsonb_populate_recordset(NULL::support_case.price_offers, answer) AS k;
END
$$;

COMMENT ON FUNCTION support_case.send_offers(bigint, bigint, numeric, jsonb, text, text) IS
'The seller offers an item at price, in major units, to members who favourited it recently, and the offers are returned: to those of members, such as [7, 8], at most offer_batch_maximum; by default to as many, the latest favourites first, who have no pending offer. All or none. The price is at least offer_minimum_discount below the item price. They can answer for offer_answer_by_buyer. Errors: P0002 (listing, nobody to send to), 22004, 22003, 22023, 23505 (an offer is pending), SC001 (sold), SC004, SC009. (V-11 to V-19, AMB-92 to AMB-96)';
