-- Who may act for whom.  Applications are trusted, or say for whom they act
-- with a setting; direct users are who table party_login says they are.

CREATE OR REPLACE FUNCTION support_case._own_seller_id()
RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF support_case._is_trusted() THEN
        RETURN NULLIF(current_setting('support_case.seller_id', true), '')::bigint;
    END IF;
    RETURN (SELECT p.seller_id FROM support_case.party_login AS p WHERE p.role_name = support_case._caller());
END
$$;

COMMENT ON FUNCTION support_case._own_seller_id() IS
'The seller that the caller is: by table party_login, or, for applications, by the setting support_case.seller_id; null for nobody.';

CREATE OR REPLACE FUNCTION support_case._own_buyer_id()
RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF support_case._is_trusted() THEN
        RETURN NULLIF(current_setting('support_case.buyer_id', true), '')::bigint;
    END IF;
    RETURN (SELECT p.buyer_id FROM support_case.party_login AS p WHERE p.role_name = support_case._caller());
END
$$;

COMMENT ON FUNCTION support_case._own_buyer_id() IS
'The buyer that the caller is: by table party_login, or, for applications, by the setting support_case.buyer_id; null for nobody.';

CREATE OR REPLACE FUNCTION support_case._is_platform()
RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    RETURN coalesce(pg_has_role(support_case._caller(), to_regrole('support_case_platform')::oid, 'member'), false);
END
$$;

COMMENT ON FUNCTION support_case._is_platform() IS
'Whether the caller is a member of support_case_platform; false where there is no such role.';

-- Runs inside commands, which run with their owner's rights.
CREATE OR REPLACE FUNCTION support_case._authorise(
    actor text,
    seller_id bigint,
    order_id bigint DEFAULT NULL,
    case_id bigint DEFAULT NULL,
    actor_id text DEFAULT NULL
)
RETURNS text
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    group_role text;
    is_own_seller boolean;
    is_own_buyer boolean;
BEGIN
    IF support_case._is_unrestricted() THEN
        RETURN actor_id;
    END IF;
    group_role := CASE actor WHEN 'platform' THEN 'support_case_platform'
        WHEN 'carrier' THEN 'support_case_carrier' WHEN 'host' THEN 'support_case_carrier' END;
    -- The platform and the host's facts belong to no party: a direct user needs
    -- the role; an application that acts for a party reports facts of that party
    -- only, and does not act as the platform.
    IF group_role IS NOT NULL AND NOT support_case._is_trusted() THEN
        IF pg_has_role(support_case._caller(), group_role, 'member') THEN
            RETURN support_case._acting_id(actor_id);
        END IF;
    ELSE
        is_own_seller := _authorise.seller_id = support_case._own_seller_id();
        is_own_buyer := support_case._own_buyer_id() = coalesce(
            (SELECT o.buyer_id FROM support_case.sales_order AS o
                WHERE o.seller_id = _authorise.seller_id AND o.order_id = _authorise.order_id),
            (SELECT c.buyer_id FROM support_case.support_case AS c
                WHERE c.seller_id = _authorise.seller_id AND c.case_id = _authorise.case_id));
    END IF;
    IF (CASE actor WHEN 'seller' THEN is_own_seller WHEN 'buyer' THEN is_own_buyer
            WHEN 'platform' THEN false ELSE is_own_seller OR is_own_buyer END) IS NOT TRUE
    THEN
        PERFORM support_case._raise('not_a_party', format('not the %s of this case or order', actor),
            format('Role "%s" acts for seller %s and buyer %s.', support_case._caller(),
                coalesce(support_case._own_seller_id()::text, '(none)'),
                coalesce(support_case._own_buyer_id()::text, '(none)')),
            'Act in your own cases only; table party_login maps database roles to sellers and buyers.');
    END IF;
    RETURN support_case._acting_id(actor_id);
END
$$;

COMMENT ON FUNCTION support_case._authorise(text, bigint, bigint, bigint, text) IS
'Who acts: the actor_id that an application passed, the role of a direct user. Raises SC004 unless the caller may act as this actor for the seller, or for the buyer of the order or case: platform, carrier and host need the group role, or an application that acts for nobody; one that acts for a party may report the facts of that party.';

-- Before there is an order, a buyer is known by number only.
CREATE OR REPLACE FUNCTION support_case._authorise_buyer(buyer_id bigint, actor_id text DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF support_case._is_unrestricted() THEN
        RETURN actor_id;
    END IF;
    IF _authorise_buyer.buyer_id IS DISTINCT FROM support_case._own_buyer_id() THEN
        PERFORM support_case._raise('not_a_party', 'not this buyer',
            format('Role "%s" acts for buyer %s.', support_case._caller(),
                coalesce(support_case._own_buyer_id()::text, '(none)')),
            'Act for yourself only; table party_login maps database roles to sellers and buyers.');
    END IF;
    RETURN support_case._acting_id(actor_id);
END
$$;

COMMENT ON FUNCTION support_case._authorise_buyer(bigint, text) IS
'Who acts, as _authorise(). Raises SC004 unless the caller may act for this buyer.';

CREATE OR REPLACE FUNCTION support_case.map_login(
    role_name text,
    seller_id bigint DEFAULT NULL,
    buyer_id bigint DEFAULT NULL
)
RETURNS SETOF support_case.party_login
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._require(map_login.role_name, 'role_name');
    IF NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = map_login.role_name) THEN
        PERFORM support_case._raise('undefined_object', format('role "%s" does not exist', left(role_name, 64)),
            NULL, 'Create the role first.');
    END IF;
    -- What a seller may read of a sale, the seller may not read of a purchase;
    -- a login's rights do not tell them apart.
    IF map_login.seller_id IS NOT NULL AND map_login.buyer_id IS NOT NULL THEN
        PERFORM support_case._raise('invalid_parameter_value', 'a login is a seller or a buyer, not both',
            format('Role "%s" would be seller %s and buyer %s.', left(role_name, 64), map_login.seller_id,
                map_login.buyer_id),
            'Use a login for each part; an application can act for both with its settings.');
    END IF;
    IF num_nonnulls(map_login.seller_id, map_login.buyer_id) = 0 THEN
        PERFORM support_case._raise('invalid_parameter_value', 'a login is a seller or a buyer', NULL,
            'Pass seller_id or buyer_id.');
    END IF;
    RETURN QUERY
    INSERT INTO support_case.party_login AS p (role_name, seller_id, buyer_id)
    VALUES (map_login.role_name, map_login.seller_id, map_login.buyer_id)
    ON CONFLICT (role_name) DO UPDATE SET seller_id = excluded.seller_id, buyer_id = excluded.buyer_id
    RETURNING p.*;
END
$$;

COMMENT ON FUNCTION support_case.map_login(text, bigint, bigint) IS
'Says which seller or which buyer a database role is, and returns that. Errors: 22004, 22023 (both, or neither), 42704 (role).';
