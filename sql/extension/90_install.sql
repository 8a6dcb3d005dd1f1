-- install() and migrate(): the extension holds code, the host owns the data.
-- They run the scripts of sql/schema, which the build embeds here.

CREATE FUNCTION support_case._schema_scripts()
RETURNS TABLE (kind text, name text, body text)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $schema_scripts$
VALUES
-- @schema_scripts@
$schema_scripts$;

COMMENT ON FUNCTION support_case._schema_scripts() IS
'The scripts of install() and migrate(): kind tables runs once, kind api is run again by every migrate().';

CREATE FUNCTION support_case._extension_version()
RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
AS $$ SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'support_case' $$;

COMMENT ON FUNCTION support_case._extension_version() IS
'The version of the extension in this database.';

-- The functions, procedures and views that the api scripts make, and what of
-- each changes when it is made anew.
CREATE FUNCTION support_case._api_objects()
RETURNS TABLE (kind text, identity text, state text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $api_objects$
    SELECT CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, p.oid::regprocedure::text, p.ctid::text
    FROM pg_proc AS p
    WHERE p.pronamespace = 'support_case'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend AS d
            WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    UNION ALL
    SELECT 'VIEW', c.oid::regclass::text, r.ctid::text
    FROM pg_class AS c
    JOIN pg_rewrite AS r ON r.ev_class = c.oid AND r.rulename = '_RETURN'
    WHERE c.relnamespace = 'support_case'::regnamespace AND c.relkind = 'v'
$api_objects$;

COMMENT ON FUNCTION support_case._api_objects() IS
'Functions, procedures and views of the schema that are no members of the extension; state changes whenever one is created or replaced.';

-- Whatever hangs on objects that have to go, and is not the schema's own.
CREATE FUNCTION support_case._refuse_dependents(identities text[])
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $refuse_dependents$
#variable_conflict use_column
DECLARE
    dependents text;
    dependent_count integer;
BEGIN
    WITH going AS MATERIALIZED (
        SELECT CASE o.kind WHEN 'VIEW' THEN 'pg_class'::regclass ELSE 'pg_proc'::regclass END AS class,
            CASE o.kind WHEN 'VIEW' THEN o.identity::regclass::oid ELSE o.identity::regprocedure::oid END AS object,
            o.identity
        FROM support_case._api_objects() AS o
        WHERE o.identity = ANY (identities)
    ), needed AS (
        SELECT g.class, g.object, g.identity FROM going AS g
        UNION ALL
        -- The row type of a view, and arrays of it.
        SELECT 'pg_type'::regclass, t.oid, g.identity
        FROM going AS g
        JOIN pg_type AS v ON v.typrelid = g.object AND g.class = 'pg_class'::regclass
        JOIN pg_type AS t ON t.oid IN (v.oid, v.typarray)
    ), dependent AS (
        SELECT 'pg_class'::regclass AS class, r.ev_class AS object, 0 AS part, n.identity
        FROM needed AS n
        JOIN pg_depend AS d ON d.refclassid = n.class AND d.refobjid = n.object AND d.deptype IN ('n', 'a')
        JOIN pg_rewrite AS r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
        UNION
        SELECT d.classid, d.objid, d.objsubid, n.identity
        FROM needed AS n
        JOIN pg_depend AS d ON d.refclassid = n.class AND d.refobjid = n.object AND d.deptype IN ('n', 'a')
        WHERE d.classid <> 'pg_rewrite'::regclass
    )
    SELECT string_agg(format('%s depends on %s', pg_describe_object(d.class, d.object, d.part), d.identity), ', '
            ORDER BY d.identity, d.class, d.object, d.part), count(*)
    INTO dependents, dependent_count
    FROM dependent AS d
    WHERE NOT EXISTS (SELECT FROM going AS g WHERE g.class = d.class AND g.object = d.object)
        -- The policies that the api scripts make anew.
        AND NOT (d.class = 'pg_policy'::regclass AND EXISTS (
            SELECT FROM pg_policy AS y JOIN pg_class AS c ON c.oid = y.polrelid
            WHERE y.oid = d.object AND c.relnamespace = 'support_case'::regnamespace
                AND y.polname LIKE 'support\_case\_%'));
    IF dependent_count > 0 THEN
        RAISE EXCEPTION '% block the migration of support_case',
                CASE dependent_count WHEN 1 THEN 'an object' ELSE dependent_count || ' objects' END
            USING ERRCODE = 'SC016',
            DETAIL = dependents || '.',
            HINT = 'Drop what depends, run SELECT support_case.migrate() again, and create it anew. Nothing has changed so far.';
    END IF;
END
$refuse_dependents$;

COMMENT ON FUNCTION support_case._refuse_dependents(text[]) IS
'Raises SC016 with a list when objects of others depend on these functions and views.';

CREATE FUNCTION support_case._drop_api(identities text[])
RETURNS text[]
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $drop_api$
#variable_conflict use_column
DECLARE
    known oid;
    views regclass[];
    routines regprocedure[];
    grants text[];
BEGIN
    PERFORM support_case._refuse_dependents(identities);
    SELECT array_agg(format('GRANT %s ON %s %s TO %I%s', x.privilege_type,
        CASE o.kind WHEN 'VIEW' THEN 'TABLE' ELSE o.kind END, o.identity, pg_get_userbyid(x.grantee),
        CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END))
    INTO grants
    FROM support_case._api_objects() AS o
    CROSS JOIN LATERAL (
        SELECT p.proacl AS rights, p.proowner AS owner FROM pg_proc AS p
        WHERE p.oid = CASE WHEN o.kind <> 'VIEW' THEN o.identity::regprocedure END
        UNION ALL
        SELECT c.relacl, c.relowner FROM pg_class AS c
        WHERE c.oid = CASE o.kind WHEN 'VIEW' THEN o.identity::regclass END
    ) AS r
    CROSS JOIN LATERAL aclexplode(r.rights) AS x
    WHERE o.identity = ANY (identities) AND x.grantee NOT IN (0, r.owner);
    -- By number, because a name cannot be looked up once a view that is the type
    -- of an argument is gone.
    SELECT array_agg(CASE o.kind WHEN 'VIEW' THEN o.identity::regclass END),
        array_agg(CASE WHEN o.kind <> 'VIEW' THEN o.identity::regprocedure END)
    INTO views, routines
    FROM support_case._api_objects() AS o
    WHERE o.identity = ANY (identities);
    -- Nothing but others of them goes along.
    FOR known IN SELECT v FROM unnest(views) AS v WHERE v IS NOT NULL LOOP
        IF EXISTS (SELECT FROM pg_class AS c WHERE c.oid = known) THEN
            EXECUTE format('DROP VIEW %s CASCADE', known::regclass);
        END IF;
    END LOOP;
    FOR known IN SELECT r FROM unnest(routines) AS r WHERE r IS NOT NULL LOOP
        IF EXISTS (SELECT FROM pg_proc AS p WHERE p.oid = known) THEN
            EXECUTE format('DROP ROUTINE %s CASCADE', known::regprocedure);
        END IF;
    END LOOP;
    RETURN coalesce(grants, ARRAY[]::text[]);
END
$drop_api$;

COMMENT ON FUNCTION support_case._drop_api(text[]) IS
'Drops these functions and views, and returns the grants that they had. Errors: SC016.';

CREATE FUNCTION support_case._run_api_scripts()
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $run_api_scripts$
#variable_conflict use_column
DECLARE
    next_script record;
BEGIN
    FOR next_script IN
        SELECT s.name, s.body FROM support_case._schema_scripts() AS s WHERE s.kind = 'api' ORDER BY s.name
    LOOP
        EXECUTE next_script.body;
    END LOOP;
END
$run_api_scripts$;

COMMENT ON FUNCTION support_case._run_api_scripts() IS
'Creates or replaces what the api scripts define.';

-- CREATE OR REPLACE keeps what others have built on a function or view.  Where
-- it is not enough, because a signature or the columns of a view have changed,
-- the whole of the old API goes first; what the new one no longer has goes
-- last.
CREATE FUNCTION support_case._replace_api(known text[])
RETURNS text[]
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $replace_api$
#variable_conflict use_column
DECLARE
    before text[] := ARRAY(SELECT o.identity || ' ' || o.state FROM support_case._api_objects() AS o);
    made text[];
    kept_grant text;
    grants text[] := ARRAY[]::text[];
BEGIN
    BEGIN
        PERFORM support_case._run_api_scripts();
    EXCEPTION WHEN invalid_table_definition OR invalid_function_definition OR wrong_object_type THEN
        grants := support_case._drop_api(known);
        PERFORM support_case._run_api_scripts();
    END;
    made := ARRAY(SELECT o.identity FROM support_case._api_objects() AS o
        WHERE o.identity || ' ' || o.state <> ALL (before) ORDER BY 1);
    PERFORM support_case._drop_api(ARRAY(SELECT o.identity FROM support_case._api_objects() AS o
        WHERE o.identity = ANY (known) AND o.identity <> ALL (made)));
    FOREACH kept_grant IN ARRAY grants LOOP
        BEGIN
            EXECUTE kept_grant;
        EXCEPTION WHEN undefined_function OR undefined_table OR undefined_object THEN
            -- The new version does not have it.
            NULL;
        END;
    END LOOP;
    RETURN made;
END
$replace_api$;

COMMENT ON FUNCTION support_case._replace_api(text[]) IS
'Brings functions and views to the loaded version, and returns which those are. known: those of the version before. Errors: SC016.';

CREATE FUNCTION support_case.migrate()
RETURNS text
LANGUAGE plpgsql VOLATILE STRICT
SET search_path = pg_catalog, pg_temp
SET check_function_bodies = off
SET client_min_messages = warning
AS $migrate$
#variable_conflict use_column
DECLARE
    next_script record;
    owner text;
    known text[];
    made text[];
    previous_role text := current_setting('role');
BEGIN
    IF to_regclass('support_case.schema_migration') IS NULL THEN
        RAISE EXCEPTION 'support_case is not installed in this database'
            USING ERRCODE = 'SC010',
            HINT = 'Run SELECT support_case.install().';
    END IF;
    SELECT pg_catalog.pg_get_userbyid(relowner) INTO owner
    FROM pg_catalog.pg_class WHERE oid = 'support_case.schema_migration'::regclass;
    IF NOT pg_catalog.pg_has_role(owner, 'member') THEN
        RAISE EXCEPTION 'must be a member of role "%" to migrate support_case', owner
            USING ERRCODE = '42501',
            DETAIL = format('The tables of support_case belong to role "%s".', owner),
            HINT = 'Run it as that role, or as a superuser.';
    END IF;
    PERFORM pg_catalog.pg_advisory_xact_lock(hashtextextended('support_case.install', 0));
    EXECUTE format('SET LOCAL ROLE %I', owner);
    FOR next_script IN
        SELECT s.kind, s.name, s.body FROM support_case._schema_scripts() AS s
        WHERE s.kind = 'tables'
            AND NOT EXISTS (SELECT FROM support_case.schema_migration AS m WHERE m.script = s.name)
        ORDER BY s.name
    LOOP
        EXECUTE next_script.body;
        INSERT INTO support_case.schema_migration (script, extension_version, applied_at)
        VALUES (next_script.name, support_case._extension_version(), now());
    END LOOP;
    SELECT m.api_objects INTO known FROM support_case.schema_migration AS m WHERE m.script = 'api';
    made := support_case._replace_api(coalesce(known, ARRAY[]::text[]));
    INSERT INTO support_case.schema_migration AS m (script, extension_version, applied_at, api_objects)
    VALUES ('api', support_case._extension_version(), now(), made)
    ON CONFLICT (script) DO UPDATE
        SET extension_version = excluded.extension_version, applied_at = excluded.applied_at,
            api_objects = excluded.api_objects
        WHERE (m.extension_version, m.api_objects) IS DISTINCT FROM (excluded.extension_version, excluded.api_objects);
    PERFORM pg_catalog.set_config('role', previous_role, true);
    RETURN support_case._extension_version();
END
$migrate$;

COMMENT ON FUNCTION support_case.migrate() IS
'Brings tables, views and functions to the version of the loaded extension and returns that version. Run it after ALTER EXTENSION support_case UPDATE, as the owner of the tables or as a superuser. Errors: SC010 when install() has not run, 42501 for anybody else, SC016 with a list when objects that depend on a changed function or view block it; nothing has changed then.';

CREATE FUNCTION support_case._group_roles()
RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT ARRAY['support_case_app', 'support_case_seller', 'support_case_buyer', 'support_case_platform',
        'support_case_carrier', 'support_case_analyst', 'support_case_operator']
$$;

COMMENT ON FUNCTION support_case._group_roles() IS
'The group roles that the grants speak of.';

-- Roles belong to the cluster: another database may have made them before, or
-- make them just now.
CREATE FUNCTION support_case._create_role(role_name text)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $create_role$
#variable_conflict use_column
BEGIN
    IF to_regrole(quote_ident(role_name)) IS NULL THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END
$create_role$;

COMMENT ON FUNCTION support_case._create_role(text) IS
'Creates a role that cannot log in, unless it exists; waits for whoever is creating it.';

CREATE FUNCTION support_case._create_group_roles()
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $create_group_roles$
#variable_conflict use_column
DECLARE
    group_role text;
    may_create boolean := (SELECT rolsuper OR rolcreaterole FROM pg_catalog.pg_roles WHERE rolname = current_user);
    owns_schema boolean := (SELECT pg_catalog.pg_has_role(n.nspowner, 'member')
        FROM pg_catalog.pg_namespace AS n WHERE n.nspname = 'support_case');
    missing text[] := ARRAY[]::text[];
BEGIN
    FOREACH group_role IN ARRAY support_case._group_roles()
    LOOP
        IF to_regrole(quote_ident(group_role)) IS NULL THEN
            IF NOT may_create THEN
                missing := pg_catalog.array_append(missing, group_role);
                CONTINUE;
            END IF;
            PERFORM support_case._create_role(group_role);
        END IF;
        IF owns_schema THEN
            EXECUTE format('GRANT USAGE ON SCHEMA support_case TO %I', group_role);
        END IF;
    END LOOP;
    IF cardinality(missing) > 0 THEN
        RAISE NOTICE 'roles that do not exist are granted nothing: %', array_to_string(missing, ', ')
            USING HINT = 'Let a superuser create them, then run SELECT support_case.migrate().';
    END IF;
END
$create_group_roles$;

COMMENT ON FUNCTION support_case._create_group_roles() IS
'Creates the group roles that the grants speak of and lets them use the schema, where the caller may; else says which are missing.';

CREATE FUNCTION support_case.install(owner text DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $install$
#variable_conflict use_column
DECLARE
    is_superuser boolean;
    table_owner text;
    previous_role text := current_setting('role');
BEGIN
    IF to_regclass('support_case.schema_migration') IS NOT NULL THEN
        IF (SELECT extension_version FROM support_case.schema_migration WHERE script = 'api')
            IS DISTINCT FROM support_case._extension_version()
            OR to_regclass('support_case.case_current') IS NULL
        THEN
            RETURN support_case.migrate();
        END IF;
        RETURN support_case._extension_version();
    END IF;

    SELECT rolsuper INTO STRICT is_superuser FROM pg_catalog.pg_roles WHERE rolname = current_user;
    IF is_superuser THEN
        table_owner := coalesce(owner, 'support_case_owner');
        PERFORM support_case._create_role(table_owner);
        IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = table_owner) THEN
            RAISE EXCEPTION 'role "%" is a superuser', table_owner
                USING ERRCODE = '42501',
                DETAIL = 'The functions that install() creates run with the rights of their owner.',
                HINT = 'Name another role: SELECT support_case.install(''a_role'').';
        END IF;
        EXECUTE format('GRANT USAGE, CREATE ON SCHEMA support_case TO %I', table_owner);
    ELSIF owner IS NOT NULL AND owner <> current_user THEN
        RAISE EXCEPTION 'only a superuser can install for another owner'
            USING ERRCODE = '42501',
            DETAIL = format('The current role is "%s".', current_user),
            HINT = 'Call install() without an argument.';
    ELSE
        table_owner := current_user;
    END IF;

    PERFORM support_case._create_group_roles();
    PERFORM pg_catalog.pg_advisory_xact_lock(hashtextextended('support_case.install', 0));
    EXECUTE format('SET LOCAL ROLE %I', table_owner);
    CREATE TABLE support_case.schema_migration (
        script text PRIMARY KEY,
        extension_version text NOT NULL,
        applied_at timestamptz NOT NULL,
        api_objects text[]
    );
    COMMENT ON TABLE support_case.schema_migration IS 'The scripts that install() and migrate() have run.';
    COMMENT ON COLUMN support_case.schema_migration.script IS 'Name of the script; api for all that is re-created.';
    COMMENT ON COLUMN support_case.schema_migration.extension_version IS 'The version of the extension that ran it.';
    COMMENT ON COLUMN support_case.schema_migration.applied_at IS 'When it ran.';
    COMMENT ON COLUMN support_case.schema_migration.api_objects IS 'The functions and views that api made, for the next version to replace.';
    PERFORM pg_catalog.set_config('role', previous_role, true);
    RETURN support_case.migrate();
END
$install$;

COMMENT ON FUNCTION support_case.install(text) IS
'Creates the tables, views, functions and grants of support_case in this database and returns the version; where they exist already, it brings them to the loaded version or changes nothing. They belong to the caller, or, when a superuser calls it, to owner (default: role support_case_owner, created NOLOGIN where missing): a superuser never owns them. Errors: 42501 when the caller cannot create in schema support_case, or names an owner without being a superuser.';
