-- Listings, who likes them, and the public questions under them.

CREATE OR REPLACE FUNCTION support_case._lock_listing(seller_id bigint, listing_id bigint)
RETURNS support_case.listing
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    l support_case.listing;
BEGIN
    PERFORM support_case._require(_lock_listing.seller_id, 'seller_id');
    PERFORM support_case._require(_lock_listing.listing_id, 'listing_id');
    SELECT k.* INTO l
    FROM support_case.listing AS k
    WHERE k.seller_id = _lock_listing.seller_id AND k.listing_id = _lock_listing.listing_id
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM support_case._raise('no_data_found',
            format('listing %s of seller %s does not exist', _lock_listing.listing_id, _lock_listing.seller_id),
            NULL, 'Register it with register_listing().', 'support_case', 'listing');
    END IF;
    RETURN l;
END
$$;

COMMENT ON FUNCTION support_case._lock_listing(bigint, bigint) IS
'Locks a listing and returns it. Errors: 22004, P0002.';

CREATE OR REPLACE VIEW support_case.listings WITH (security_invoker = true) AS
SELECT l.seller_id, l.listing_id, l.title, l.description, l.photos, l.currency,
    support_case._to_major(l.price, l.currency) AS price, l.accepts_offers, l.comment_count, l.is_sold, l.listed_at,
    l.edited_at
FROM support_case.listing AS l;

COMMENT ON VIEW support_case.listings IS 'Items for sale and sold. Commands on listings return rows of this view.';
COMMENT ON COLUMN support_case.listings.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.listings.listing_id IS 'The host''s id.';
COMMENT ON COLUMN support_case.listings.title IS 'Title.';
COMMENT ON COLUMN support_case.listings.description IS 'Description.';
COMMENT ON COLUMN support_case.listings.photos IS 'Metadata of the photos: a list of objects with a uri.';
COMMENT ON COLUMN support_case.listings.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN support_case.listings.price IS 'Item price without shipping, protection fee and taxes, major units.';
COMMENT ON COLUMN support_case.listings.accepts_offers IS 'Whether buyers may make offers (V-09).';
COMMENT ON COLUMN support_case.listings.comment_count IS 'Public comments so far.';
COMMENT ON COLUMN support_case.listings.is_sold IS 'Whether the item was sold.';
COMMENT ON COLUMN support_case.listings.listed_at IS 'When it was listed.';
COMMENT ON COLUMN support_case.listings.edited_at IS 'When the seller last edited it.';

-- Nobody likes, asks about or bids for what he sells himself.
CREATE OR REPLACE FUNCTION support_case._check_other_person(l support_case.listing, member_id bigint)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF EXISTS (SELECT FROM support_case.seller AS s
        WHERE s.seller_id = l.seller_id AND s.buyer_id = _check_other_person.member_id)
    THEN
        PERFORM support_case._raise('invalid_parameter_value',
            format('buyer %s is the same person as seller %s', _check_other_person.member_id, l.seller_id),
            format('Listing %s is that person''s own.', l.listing_id),
            'The seller of a listing answers with answer_question() and send_offers().');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_other_person(support_case.listing, bigint) IS
'Raises 22023 when a member is the seller of the listing, by register_seller().';

-- For every prospect; members by name, not by number.
CREATE OR REPLACE VIEW support_case.listing_questions WITH (security_barrier = true) AS
SELECT c.seller_id, c.listing_id, c.comment_number, c.answers_comment_number, c.author, m.user_name, c.body, c.posted_at
FROM support_case.listing_comment AS c
LEFT JOIN support_case.member AS m ON m.member_id = c.member_id;

COMMENT ON VIEW support_case.listing_questions IS 'Questions and answers under the listings, for everybody (V-02).';
COMMENT ON COLUMN support_case.listing_questions.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.listing_questions.listing_id IS 'The listing.';
COMMENT ON COLUMN support_case.listing_questions.comment_number IS 'Number of the comment within the listing.';
COMMENT ON COLUMN support_case.listing_questions.answers_comment_number IS 'The comment that it answers; null: none.';
COMMENT ON COLUMN support_case.listing_questions.author IS 'member or seller.';
COMMENT ON COLUMN support_case.listing_questions.user_name IS 'The member''s name; null for the seller, and where no name is registered.';
COMMENT ON COLUMN support_case.listing_questions.body IS 'The text.';
COMMENT ON COLUMN support_case.listing_questions.posted_at IS 'When it was posted.';

CREATE OR REPLACE FUNCTION support_case.register_member(member_id bigint, user_name text)
RETURNS SETOF support_case.member
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._authorise('host', NULL);
    PERFORM support_case._require(register_member.member_id, 'member_id');
    PERFORM support_case._check_id(register_member.member_id, 'member_id');
    PERFORM support_case._require(register_member.user_name, 'user_name');
    PERFORM support_case._check_form(lower(register_member.user_name), 'user_name', '^[a-z0-9_.]{0,62}[a-z0-9_]$',
        'Use 1 to 63 letters, digits, underscores and dots, no dot last.');
    RETURN QUERY
    INSERT INTO support_case.member AS m (member_id, user_name, registered_at)
    VALUES (register_member.member_id, lower(register_member.user_name), support_case._instant())
    ON CONFLICT (member_id) DO UPDATE SET user_name = excluded.user_name,
        registered_at = CASE WHEN m.user_name = excluded.user_name THEN m.registered_at ELSE excluded.registered_at END
    RETURNING m.*;
EXCEPTION WHEN unique_violation THEN
    PERFORM support_case._raise('unique_violation', format('the name %s is taken', lower(register_member.user_name)),
        'Another member is mentioned by it.', 'Choose another name, or rename that member first.', 'support_case', 'member',
        'member_user_name_key');
END
$$;

COMMENT ON FUNCTION support_case.register_member(bigint, text) IS
'Says under which name a member can be mentioned, and returns the member; the same member again is renamed. user_name: letters, digits, underscores and dots, of which the last character is none; capitals do not count. Errors: 22004, 22023 (number, name), 23505 (name taken), SC004. (V-05)';

CREATE OR REPLACE FUNCTION support_case.register_listing(
    seller_id bigint,
    listing_id bigint,
    title text,
    price numeric,
    currency text,
    description text,
    photos jsonb DEFAULT NULL,
    accepts_offers boolean DEFAULT NULL
)
RETURNS SETOF support_case.listings
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    at timestamptz := support_case._instant();
    by_default boolean;
BEGIN
    PERFORM support_case._authorise('seller', register_listing.seller_id);
    PERFORM support_case._require(register_listing.seller_id, 'seller_id');
    PERFORM support_case._require(register_listing.listing_id, 'listing_id');
    PERFORM support_case._check_id(register_listing.listing_id, 'listing_id');
    PERFORM support_case._check_text(register_listing.title, 'title', 255);
    PERFORM support_case._check_text(register_listing.description, 'description');
    PERFORM support_case._require(register_listing.currency, 'currency');
    SELECT s.accepts_offers INTO by_default FROM support_case.seller AS s
    WHERE s.seller_id = register_listing.seller_id;
    IF NOT FOUND THEN
        PERFORM support_case._raise_no_seller(register_listing.seller_id);
    END IF;
    IF EXISTS (SELECT FROM support_case.listing AS l
        WHERE l.seller_id = register_listing.seller_id AND l.listing_id = register_listing.listing_id)
    THEN
        PERFORM support_case._raise('unique_violation',
            format('listing %s is registered already', register_listing.listing_id), NULL, 'Change it with edit_listing().', 'support_case', 'listing');
    END IF;
    INSERT INTO support_case.listing (seller_id, listing_id, title, description, photos, currency, price, accepts_offers,
        listed_at, edited_at)
    VALUES (register_listing.seller_id, register_listing.listing_id, register_listing.title, register_listing.description,
        coalesce(support_case._check_attachments(register_listing.photos, 'photos'), '[]'), register_listing.currency,
        support_case._to_positive_minor(register_listing.price, register_listing.currency, 'price'),
        coalesce(register_listing.accepts_offers, by_default), at, at);
    RETURN QUERY SELECT l.* FROM support_case.listings AS l
    WHERE l.seller_id = register_listing.seller_id AND l.listing_id = register_listing.listing_id;
END
$$;

COMMENT ON FUNCTION support_case.register_listing(bigint, bigint, text, numeric, text, text, jsonb, boolean) IS
'Registers an item for sale and returns it. price is the item price in major units of the ISO 4217 currency, without shipping, protection fee and taxes (V-19). accepts_offers: whether buyers may make offers; default: what the seller has chosen for all items (AMB-102). Errors: P0002 (seller), 22004, 22003, 22023, 23505, SC004.';

CREATE OR REPLACE FUNCTION support_case.set_offer_default(seller_id bigint, accepts_offers boolean)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._authorise('seller', set_offer_default.seller_id);
    PERFORM support_case._require(set_offer_default.seller_id, 'seller_id');
    PERFORM support_case._require(set_offer_default.accepts_offers, 'accepts_offers');
    UPDATE support_case.seller AS s
    SET accepts_offers = set_offer_default.accepts_offers
    WHERE s.seller_id = set_offer_default.seller_id;
    IF NOT FOUND THEN
        PERFORM support_case._raise_no_seller(set_offer_default.seller_id);
    END IF;
    RETURN set_offer_default.accepts_offers;
END
$$;

COMMENT ON FUNCTION support_case.set_offer_default(bigint, boolean) IS
'Whether buyers may make offers on the items that the seller lists from now on, unless the listing says otherwise; returns it. Errors: P0002, 22004, SC004. (V-09, AMB-102)';

CREATE OR REPLACE FUNCTION support_case.edit_listing(
    seller_id bigint,
    listing_id bigint,
    title text DEFAULT NULL,
    price numeric DEFAULT NULL,
    description text DEFAULT NULL,
    photos jsonb DEFAULT NULL,
    accepts_offers boolean DEFAULT NULL,
    actor_id text DEFAULT NULL
)
RETURNS SETOF support_case.listings
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    l support_case.listing;
    at timestamptz;
    new_price bigint;
BEGIN
    actor_id := support_case._authorise('seller', edit_listing.seller_id, actor_id => actor_id);
    l := support_case._lock_listing(edit_listing.seller_id, edit_listing.listing_id);
    at := greatest(support_case._instant(), l.edited_at);
    IF edit_listing.title IS NOT NULL THEN
        PERFORM support_case._check_text(edit_listing.title, 'title', 255);
    END IF;
    IF edit_listing.description IS NOT NULL THEN
        PERFORM support_case._check_text(edit_listing.description, 'description');
    END IF;
    new_price := CASE WHEN edit_listing.price IS NULL THEN l.price
        ELSE support_case._to_positive_minor(edit_listing.price, l.currency, 'price') END;
    UPDATE support_case.listing AS k
    SET title = coalesce(edit_listing.title, k.title),
        description = coalesce(edit_listing.description, k.description),
        photos = CASE WHEN edit_listing.photos IS NULL THEN k.photos
            ELSE support_case._check_attachments(edit_listing.photos, 'photos') END,
        price = new_price,
        accepts_offers = coalesce(edit_listing.accepts_offers, k.accepts_offers),
        edited_at = at
    WHERE k.seller_id = l.seller_id AND k.listing_id = l.listing_id;
    IF new_price < l.price THEN
        PERFORM support_case._supersede_offers(l.seller_id, l.listing_id, new_price, edit_listing.actor_id, at);
    END IF;
    RETURN QUERY SELECT k.* FROM support_case.listings AS k
    WHERE k.seller_id = l.seller_id AND k.listing_id = l.listing_id;
END
$$;

COMMENT ON FUNCTION support_case.edit_listing(bigint, bigint, text, numeric, text, jsonb, boolean, text) IS
'The seller edits a listing, at any time (V-04, A-05), and it is returned; what is null stays. A lower price supersedes the pending offers that are not below it (AMB-95). Errors: P0002, 22004, 22003, 22023, SC004.';

CREATE OR REPLACE FUNCTION support_case.add_favourite(seller_id bigint, listing_id bigint, member_id bigint)
RETURNS SETOF support_case.listing_favourite
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._require(add_favourite.member_id, 'member_id');
    PERFORM support_case._authorise_buyer(add_favourite.member_id);
    PERFORM support_case._check_other_person(
        support_case._lock_listing(add_favourite.seller_id, add_favourite.listing_id), add_favourite.member_id);
    RETURN QUERY
    INSERT INTO support_case.listing_favourite AS f (seller_id, listing_id, member_id, favourited_at)
    VALUES (add_favourite.seller_id, add_favourite.listing_id, add_favourite.member_id, support_case._instant())
    ON CONFLICT (seller_id, listing_id, member_id) DO UPDATE SET favourited_at = excluded.favourited_at
    RETURNING f.*;
END
$$;

COMMENT ON FUNCTION support_case.add_favourite(bigint, bigint, bigint) IS
'A member favourites an item, now, and the favourite is returned. Errors: P0002, 22004, 22023 (the seller''s own item), SC004. (V-11)';

CREATE OR REPLACE FUNCTION support_case.remove_favourite(seller_id bigint, listing_id bigint, member_id bigint)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._require(remove_favourite.member_id, 'member_id');
    PERFORM support_case._authorise_buyer(remove_favourite.member_id);
    PERFORM support_case._lock_listing(remove_favourite.seller_id, remove_favourite.listing_id);
    DELETE FROM support_case.listing_favourite AS f
    WHERE f.seller_id = remove_favourite.seller_id AND f.listing_id = remove_favourite.listing_id
        AND f.member_id = remove_favourite.member_id;
    RETURN FOUND;
END
$$;

COMMENT ON FUNCTION support_case.remove_favourite(bigint, bigint, bigint) IS
'A member no longer favourites an item; returns whether it was favourited. Offers that were sent stay. Errors: P0002, 22004, SC004. (V-11)';

-- Mentioned are members whose names follow an @ that no letter precedes.
CREATE OR REPLACE FUNCTION support_case._notify_mentioned(c support_case.listing_comment)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._notify(c.seller_id, 'listing', c.listing_id, c.comment_number, 'member', m.member_id,
        'mentioned', jsonb_build_object('listing_id', c.listing_id, 'comment_number', c.comment_number), c.posted_at)
    FROM (SELECT DISTINCT lower(rtrim(r.names[1], '.')) AS user_name
        FROM regexp_matches(c.body, '(?:^|[^[:alnum:]_.@])@([A-Za-z0-9_.]{1,63})', 'g') AS r (names)) AS n
    JOIN support_case.member AS m ON m.user_name = n.user_name
    WHERE m.member_id IS DISTINCT FROM c.member_id
        -- Who asked is told that the seller has answered.
        AND NOT EXISTS (SELECT FROM support_case.listing_comment AS k
            WHERE c.author = 'seller' AND k.seller_id = c.seller_id AND k.listing_id = c.listing_id
                AND k.comment_number = c.answers_comment_number AND k.member_id = m.member_id);
END
$$;

COMMENT ON FUNCTION support_case._notify_mentioned(support_case.listing_comment) IS
'Notifies the members whom a comment mentions, but its author and, of an answer of the seller''s, who asked (V-02, V-05).';

CREATE OR REPLACE FUNCTION support_case._comment(
    l support_case.listing,
    author text,
    member_id bigint,
    body text,
    answers_comment_number integer
)
RETURNS support_case.listing_comment
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    at timestamptz := support_case._instant();
    p support_case.policy := support_case._policy_in_force(at);
    c support_case.listing_comment;
BEGIN
    PERFORM support_case._check_text(body, 'body', 2000);
    IF answers_comment_number IS NOT NULL AND NOT EXISTS (SELECT FROM support_case.listing_comment AS k
        WHERE k.seller_id = l.seller_id AND k.listing_id = l.listing_id
            AND k.comment_number = _comment.answers_comment_number)
    THEN
        PERFORM support_case._raise('no_data_found',
            format('listing %s has no comment %s', l.listing_id, answers_comment_number),
            NULL, 'Answer a comment of view listing_questions.', 'support_case', 'listing_comment');
    END IF;
    UPDATE support_case.listing AS k
    SET comment_count = k.comment_count + 1
    WHERE k.seller_id = l.seller_id AND k.listing_id = l.listing_id;
    INSERT INTO support_case.listing_comment (seller_id, listing_id, comment_number, answers_comment_number, author,
        member_id, body, has_contact_data, posted_at)
    SELECT l.seller_id, l.listing_id, l.comment_count + 1, _comment.answers_comment_number, _comment.author,
        _comment.member_id, t.screened_body, t.has_contact_data, at
    FROM support_case._screen_comment(_comment.body, p.public_pii_mode) AS t
    RETURNING * INTO c;
    PERFORM support_case._notify_mentioned(c);
    RETURN c;
END
$$;

COMMENT ON FUNCTION support_case._comment(support_case.listing, text, bigint, text, integer) IS
'Adds a comment under a listing whose lock the caller holds, and notifies whom it mentions. Errors: P0002, 22004, 22023.';

CREATE OR REPLACE FUNCTION support_case.ask_question(
    seller_id bigint,
    listing_id bigint,
    member_id bigint,
    body text,
    answers_comment_number integer DEFAULT NULL
)
RETURNS SETOF support_case.listing_questions
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    l support_case.listing;
    c support_case.listing_comment;
BEGIN
    PERFORM support_case._require(ask_question.member_id, 'member_id');
    PERFORM support_case._authorise_buyer(ask_question.member_id);
    l := support_case._lock_listing(ask_question.seller_id, ask_question.listing_id);
    PERFORM support_case._check_other_person(l, ask_question.member_id);
    c := support_case._comment(l, 'member', ask_question.member_id, ask_question.body,
        ask_question.answers_comment_number);
    PERFORM support_case._notify(c.seller_id, 'listing', c.listing_id, c.comment_number, 'seller', c.seller_id,
        'question_asked', jsonb_build_object('listing_id', c.listing_id, 'comment_number', c.comment_number), c.posted_at);
    RETURN QUERY SELECT q.* FROM support_case.listing_questions AS q
    WHERE q.seller_id = c.seller_id AND q.listing_id = c.listing_id AND q.comment_number = c.comment_number;
END
$$;

COMMENT ON FUNCTION support_case.ask_question(bigint, bigint, bigint, text, integer) IS
'A member asks publicly under a listing, or comments, and the comment is returned; before a purchase there is no other way to talk to a seller (V-01 to V-03). Members mentioned with @name are notified (V-05), contact data is treated as public_pii_mode says (V-06, AMB-99). body has 1 to 2,000 characters. Errors: P0002, 22004, 22023 (body, contact data, the seller''s own item), SC004.';

CREATE OR REPLACE FUNCTION support_case.answer_question(
    seller_id bigint,
    listing_id bigint,
    body text,
    answers_comment_number integer DEFAULT NULL
)
RETURNS SETOF support_case.listing_questions
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    l support_case.listing;
    c support_case.listing_comment;
    asked support_case.listing_comment;
BEGIN
    PERFORM support_case._authorise('seller', answer_question.seller_id);
    l := support_case._lock_listing(answer_question.seller_id, answer_question.listing_id);
    c := support_case._comment(l, 'seller', NULL, answer_question.body, answer_question.answers_comment_number);
    SELECT k.* INTO asked FROM support_case.listing_comment AS k
    WHERE k.seller_id = c.seller_id AND k.listing_id = c.listing_id AND k.comment_number = c.answers_comment_number;
    IF asked.member_id IS NOT NULL THEN
        PERFORM support_case._notify(c.seller_id, 'listing', c.listing_id, c.comment_number, 'member', asked.member_id,
            'question_answered', jsonb_build_object('listing_id', c.listing_id, 'comment_number', c.comment_number),
            c.posted_at);
    END IF;
    RETURN QUERY SELECT q.* FROM support_case.listing_questions AS q
    WHERE q.seller_id = c.seller_id AND q.listing_id = c.listing_id AND q.comment_number = c.comment_number;
END
$$;

COMMENT ON FUNCTION support_case.answer_question(bigint, bigint, text, integer) IS
'The seller answers publicly under a listing, or comments, and the comment is returned; who asked is notified. body has 1 to 2,000 characters. Errors: P0002, 22004, 22023, SC004. (V-02, A-04)';
