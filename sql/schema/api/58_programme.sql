-- The programme: which sellers handle requests themselves (W-01 to W-06).

CREATE OR REPLACE FUNCTION support_case._is_enrolled_by_rollout(country text, joined_at timestamptz)
RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    RETURN country IS NULL OR EXISTS (
        SELECT FROM support_case.programme_rollout AS r
        WHERE r.country = _is_enrolled_by_rollout.country AND r.enrolled_from <= _is_enrolled_by_rollout.joined_at);
END
$$;

COMMENT ON FUNCTION support_case._is_enrolled_by_rollout(text, timestamptz) IS
'Whether a new seller of a country, who joined the marketplace at an instant, is enrolled; without a country everybody is (W-03).';

CREATE OR REPLACE FUNCTION support_case._lock_seller(seller_id bigint)
RETURNS support_case.seller
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    found_seller support_case.seller;
BEGIN
    PERFORM support_case._require(_lock_seller.seller_id, 'seller_id');
    SELECT k.* INTO found_seller
    FROM support_case.seller AS k
    WHERE k.seller_id = _lock_seller.seller_id
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM support_case._raise_no_seller(_lock_seller.seller_id);
    END IF;
    RETURN found_seller;
END
$$;

COMMENT ON FUNCTION support_case._lock_seller(bigint) IS
'Locks a seller and returns it. Errors: 22004, P0002.';

CREATE OR REPLACE FUNCTION support_case.join_waitlist(seller_id bigint)
RETURNS SETOF support_case.seller
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    s support_case.seller;
BEGIN
    PERFORM support_case._authorise('seller', join_waitlist.seller_id);
    s := support_case._lock_seller(join_waitlist.seller_id);
    IF s.is_enabled THEN
        PERFORM support_case._raise('action_not_allowed', format('seller %s has access already', s.seller_id),
            'The waitlist is for sellers without access to the programme.', 'Nothing is to be done.',
            'support_case', 'seller');
    END IF;
    RETURN QUERY
    UPDATE support_case.seller AS k
    SET waitlisted_at = coalesce(k.waitlisted_at, support_case._instant())
    WHERE k.seller_id = s.seller_id
    RETURNING k.*;
END
$$;

COMMENT ON FUNCTION support_case.join_waitlist(bigint) IS
'A seller without access to the programme joins the waitlist, once, and returns the seller; view programme_waitlist is the list. Errors: P0002, 22004, SC001 (has access). (W-04)';

CREATE OR REPLACE FUNCTION support_case.grant_access(seller_id bigint)
RETURNS SETOF support_case.seller
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    s support_case.seller;
    at timestamptz;
BEGIN
    PERFORM support_case._authorise('platform', grant_access.seller_id);
    s := support_case._lock_seller(grant_access.seller_id);
    IF NOT s.is_enabled THEN
        at := support_case._instant();
        UPDATE support_case.seller AS k
        SET is_enabled = true, enabled_at = at
        WHERE k.seller_id = s.seller_id
        RETURNING k.* INTO s;
        PERFORM support_case._notify(s.seller_id, 'seller', s.seller_id, 1, 'seller', s.seller_id, 'access_granted', '{}', at);
    END IF;
    RETURN NEXT s;
END
$$;

COMMENT ON FUNCTION support_case.grant_access(bigint) IS
'The platform enrols a seller, from the waitlist or not, notifies the seller and returns it; one who has access already is returned unchanged, without a notice. Requests that are opened from now on go to the seller (W-02), for good (W-05). Errors: P0002, 22004. (W-03, W-04)';

CREATE OR REPLACE VIEW support_case.programme_waitlist WITH (security_invoker = true) AS
SELECT s.seller_id, s.country, s.joined_at, s.waitlisted_at
FROM support_case.seller AS s
WHERE NOT s.is_enabled AND s.waitlisted_at IS NOT NULL;

COMMENT ON VIEW support_case.programme_waitlist IS 'Sellers who wait for access to the programme; order by waitlisted_at (W-04).';
COMMENT ON COLUMN support_case.programme_waitlist.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.programme_waitlist.country IS 'ISO 3166-1 code, where known.';
COMMENT ON COLUMN support_case.programme_waitlist.joined_at IS 'When the seller joined the marketplace.';
COMMENT ON COLUMN support_case.programme_waitlist.waitlisted_at IS 'Since when the seller waits.';

CREATE OR REPLACE FUNCTION support_case.schedule_rollout(
    country text,
    enrolled_from timestamptz,
    actor_id text DEFAULT NULL
)
RETURNS SETOF support_case.programme_rollout
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    actor_id := support_case._authorise('platform', NULL, actor_id => actor_id);
    PERFORM support_case._require(country, 'country');
    PERFORM support_case._check_country(country, 'country');
    PERFORM support_case._require(enrolled_from, 'enrolled_from');
    RETURN QUERY
    INSERT INTO support_case.programme_rollout AS r (country, enrolled_from, created_at, created_by)
    VALUES (schedule_rollout.country, schedule_rollout.enrolled_from, support_case._instant(),
        support_case._acting_id(actor_id))
    ON CONFLICT (country) DO UPDATE
        SET enrolled_from = excluded.enrolled_from, created_at = excluded.created_at, created_by = excluded.created_by
    RETURNING r.*;
END
$$;

COMMENT ON FUNCTION support_case.schedule_rollout(text, timestamptz, text) IS
'Sets from when on new sellers of a country (ISO 3166-1) are enrolled when they are registered, and returns it. Sellers who are registered already stay as they are: grant_access(). Errors: 22004, 22023 (country). (W-03)';
