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

CREATE FUNCTION support_case.migrate()
RETURNS text
LANGUAGE plpgsql VOLATILE STRICT
SET check_function_bodies = off
SET client_min_messages = warning
AS $migrate$
#variable_conflict use_column
DECLARE
    next_script record;
    owner text;
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
            HINT = format('Run it as that role, or as a superuser.');
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
    FOR next_script IN
        SELECT s.name, s.body FROM support_case._schema_scripts() AS s WHERE s.kind = 'api' ORDER BY s.name
    LOOP
        EXECUTE next_script.body;
    END LOOP;
    INSERT INTO support_case.schema_migration AS m (script, extension_version, applied_at)
    VALUES ('api', support_case._extension_version(), now())
    ON CONFLICT (script) DO UPDATE
        SET extension_version = excluded.extension_version, applied_at = excluded.applied_at
        WHERE m.extension_version <> excluded.extension_version;
    PERFORM pg_catalog.set_config('role', previous_role, true);
    RETURN support_case._extension_version();
END
$migrate$;

COMMENT ON FUNCTION support_case.migrate() IS
'Brings tables, views and functions to the version of the loaded extension and returns that version. Run it after ALTER EXTENSION support_case UPDATE, as the owner of the tables or as a superuser. Errors: SC010 when install() has not run, 42501 for anybody else, SC016 with a list when objects that depend on a changed function or view block it; nothing has changed then.';

-- Roles belong to the cluster: another database may have made them before.
CREATE FUNCTION support_case._create_group_roles()
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $create_group_roles$
#variable_conflict use_column
DECLARE
    group_role text;
    may_create boolean := (SELECT rolsuper OR rolcreaterole FROM pg_catalog.pg_roles WHERE rolname = current_user);
    owns_schema boolean := (SELECT pg_catalog.pg_has_role(n.nspowner, 'member')
        FROM pg_catalog.pg_namespace AS n WHERE n.nspname = 'support_case');
    missing text[] := ARRAY[]::text[];
BEGIN
    FOREACH group_role IN ARRAY ARRAY['support_case_app', 'support_case_seller', 'support_case_buyer',
        'support_case_platform', 'support_case_carrier', 'support_case_analyst', 'support_case_operator']
    LOOP
        IF to_regrole(quote_ident(group_role)) IS NULL THEN
            IF NOT may_create THEN
                missing := pg_catalog.array_append(missing, group_role);
                CONTINUE;
            END IF;
            EXECUTE format('CREATE ROLE %I NOLOGIN', group_role);
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
        IF to_regrole(quote_ident(table_owner)) IS NULL THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', table_owner);
        ELSIF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = table_owner) THEN
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
        applied_at timestamptz NOT NULL
    );
    COMMENT ON TABLE support_case.schema_migration IS 'The scripts that install() and migrate() have run.';
    COMMENT ON COLUMN support_case.schema_migration.script IS 'Name of the script; api for all that is re-created.';
    COMMENT ON COLUMN support_case.schema_migration.extension_version IS 'The version of the extension that ran it.';
    COMMENT ON COLUMN support_case.schema_migration.applied_at IS 'When it ran.';
    PERFORM pg_catalog.set_config('role', previous_role, true);
    RETURN support_case.migrate();
END
$install$;

COMMENT ON FUNCTION support_case.install(text) IS
'Creates the tables, views, functions and grants of support_case in this database and returns the version; where they exist already, it brings them to the loaded version or changes nothing. They belong to the caller, or, when a superuser calls it, to owner (default: role support_case_owner, created NOLOGIN where missing): a superuser never owns them. Errors: 42501 when the caller cannot create in schema support_case, or names an owner without being a superuser.';
