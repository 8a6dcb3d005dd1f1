-- Rules for every object of schema support_case after install(), read from
-- the catalogue.  Each rule is proved to find a planted defect first.
BEGIN;

-- Tables of the platform, not of a seller: the only ones that no seller_id
-- leads.  The versions and codes that cases refer to are never removed, so
-- that their foreign keys need no index.
CREATE TEMPORARY TABLE reference_table (name name PRIMARY KEY);
INSERT INTO reference_table VALUES
    ('calendar'), ('policy'), ('reason'), ('member'), ('notice_template'), ('notice_rule'), ('sent_notice'), ('filing_window'), ('suggested_response'), ('programme_rollout'),
    ('buyer_standing'), ('outbox_purge'), ('analysis_secret'), ('carrier_service'), ('claim_excluded_category'),
    ('party_login'), ('relay_secret'), ('schema_migration'), ('sweep_run'), ('sweep_schedule');

-- Views that show other people's rows with the owner's rights, and so have to
-- be security barriers; every other view runs with the caller's.
CREATE TEMPORARY TABLE owner_rights_view (name name PRIMARY KEY);
INSERT INTO owner_rights_view VALUES
    ('listing_questions'), ('public_ratings'), ('support_rating'), ('_publicly_rated_case'), ('_rating_policy'),
    ('analysis_cases'), ('analysis_responses'), ('analysis_refund_costs'), ('seller_rating_summary');

-- What commands and views take and show: types that every client can read.
CREATE TEMPORARY TABLE public_type (oid oid PRIMARY KEY);
INSERT INTO public_type
SELECT unnest('{bigint, integer, text, boolean, timestamptz, jsonb, numeric, date, interval}'::regtype[]);

CREATE FUNCTION pg_temp.is_member(class regclass, object oid)
RETURNS boolean
LANGUAGE sql STABLE
AS $$
SELECT EXISTS (
    SELECT FROM pg_depend
    WHERE classid = class AND objid = object AND refclassid = 'pg_extension'::regclass AND deptype = 'e')
$$;

CREATE TEMPORARY VIEW relation AS
SELECT class.oid, relname, relkind, relacl, relrowsecurity, relforcerowsecurity,
    coalesce(reloptions, '{}') AS options,
    EXISTS (SELECT FROM reference_table WHERE name = relname) AS is_reference
FROM pg_class class
WHERE relnamespace = 'support_case'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f');

CREATE TEMPORARY VIEW function AS
SELECT proc.oid, proname, prokind, proacl, provolatile, proparallel, prosecdef, proowner, proargmodes, prosrc,
    coalesce(proargnames, '{}') AS argument_names,
    coalesce(proconfig, '{}') AS config, coalesce(proallargtypes, proargtypes::oid[]) AS argument_types,
    prorettype, lanname, pg_temp.is_member('pg_proc', proc.oid) AS is_member,
    proname LIKE '\_%' AS is_private,
    proc.oid::regprocedure::text AS signature
FROM pg_proc proc JOIN pg_language language ON language.oid = prolang
WHERE pronamespace = 'support_case'::regnamespace;

CREATE TEMPORARY VIEW type AS
SELECT type.oid, typname, typacl, pg_temp.is_member('pg_type', type.oid) AS is_member
FROM pg_type type LEFT JOIN pg_class class ON class.oid = typrelid
WHERE typnamespace = 'support_case'::regnamespace
    AND typtype <> 'p'
    AND NOT (typcategory = 'A' AND typelem <> 0)
    AND typname NOT LIKE 'pg\_toast%'
    AND (typrelid = 0 OR relkind = 'c')
    -- A range type's multirange comes with it.
    AND typtype <> 'm';

CREATE TEMPORARY VIEW table_column AS
SELECT relation.oid AS relation, relname, relkind, attnum, attname, atttypid, attgenerated
FROM relation JOIN pg_attribute ON attrelid = relation.oid
WHERE attnum > 0 AND NOT attisdropped;

CREATE TEMPORARY VIEW table_key AS
SELECT indrelid AS relation, relname, is_reference, indexrelid::regclass::text AS index, indisprimary, indisunique,
    indpred IS NULL AS is_total, (indkey::int2[])[0 : indnkeyatts - 1] AS columns
FROM pg_index JOIN relation ON relation.oid = indrelid
WHERE relkind IN ('r', 'p');

CREATE TEMPORARY VIEW foreign_key AS
SELECT conname, conrelid AS relation, source.relname, conkey AS columns, confkey AS target_columns, confrelid AS target,
    target.is_reference AS targets_reference
FROM pg_constraint
    JOIN relation source ON source.oid = conrelid
    LEFT JOIN relation target ON target.oid = confrelid
WHERE contype = 'f';

CREATE FUNCTION pg_temp.column_name(relation oid, number int2)
RETURNS name
LANGUAGE sql STABLE
AS $$ SELECT attname FROM pg_attribute WHERE attrelid = relation AND attnum = number $$;

CREATE TEMPORARY VIEW finding (rule, object) AS
-- Functions
SELECT 'a definer function has search_path = pg_catalog, pg_temp', signature
FROM function WHERE prosecdef AND NOT 'search_path=pg_catalog, pg_temp' = ANY (config)
UNION ALL
SELECT 'a command finds rows by their keys and compiles nothing', signature
FROM function WHERE prosecdef AND provolatile = 'v' AND prokind = 'f'
    AND NOT coalesce(ARRAY['enable_seqscan=off', 'jit=off'] <@ config, false)
UNION ALL
SELECT 'a command writes down the actor that _authorise() returned', signature
FROM function WHERE 'actor_id' = ANY (argument_names) AND prosrc LIKE '%support_case.\_authorise%'
    AND prosrc NOT LIKE '%actor_id := support_case.\_authorise%'
UNION ALL
SELECT 'a definer function is not PARALLEL SAFE', signature
FROM function WHERE prosecdef AND proparallel = 's'
UNION ALL
SELECT 'a definer function is not owned by a superuser', signature
FROM function JOIN pg_roles ON pg_roles.oid = proowner WHERE prosecdef AND rolsuper
UNION ALL
SELECT 'no definer function is a member of the extension', signature
FROM function WHERE prosecdef AND is_member
UNION ALL
-- Aggregates are exempt: min(term) and min(amount) cannot be called otherwise.
SELECT 'one name, one signature', proname
FROM function WHERE prokind <> 'a' GROUP BY proname HAVING count(*) > 1
UNION ALL
SELECT 'commands take and return public types', signature || ' ' || format_type(argument, NULL)
FROM function, unnest(argument_types || prorettype) AS argument
WHERE NOT is_member AND NOT is_private
    AND argument NOT IN (SELECT oid FROM public_type)
    AND NOT EXISTS (SELECT FROM pg_type WHERE pg_type.oid = argument AND typrelid IN (SELECT oid FROM relation))
    AND NOT (argument = prorettype AND argument IN ('void'::regtype, 'trigger'::regtype))
    AND NOT (argument = prorettype AND argument = 'record'::regtype AND proargmodes IS NOT NULL)
UNION ALL
SELECT 'an IMMUTABLE function is PARALLEL SAFE', signature
FROM function WHERE provolatile = 'i' AND proparallel <> 's'
UNION ALL
SELECT 'a VOLATILE function in SQL or PL/pgSQL is not PARALLEL SAFE', signature
FROM function WHERE provolatile = 'v' AND proparallel = 's' AND lanname IN ('sql', 'plpgsql')
UNION ALL
SELECT 'a trigger function is VOLATILE', signature
FROM function WHERE prorettype = 'trigger'::regtype AND provolatile <> 'v'
UNION ALL
-- Tables
SELECT 'a table has a primary key', relname
FROM relation
WHERE relkind IN ('r', 'p')
    AND NOT EXISTS (SELECT FROM table_key WHERE relation = relation.oid AND indisprimary)
UNION ALL
SELECT 'seller_id leads every primary and unique key', index
FROM table_key
WHERE NOT is_reference AND (indisprimary OR indisunique)
    AND pg_temp.column_name(relation, columns[1]) IS DISTINCT FROM 'seller_id'
UNION ALL
SELECT 'seller_id leads every foreign key', relname || '.' || conname
FROM foreign_key
WHERE targets_reference IS NOT TRUE
    AND (pg_temp.column_name(relation, columns[1]) IS DISTINCT FROM 'seller_id'
        OR pg_temp.column_name(target, target_columns[1]) IS DISTINCT FROM 'seller_id')
UNION ALL
-- In any order, for equality on all of them finds the leading columns.
SELECT 'an index supports every foreign key', relname || '.' || conname
FROM foreign_key
WHERE targets_reference IS NOT TRUE
    -- An append-only table removes no row that another one of it refers to.
    AND relation <> target
    AND NOT EXISTS (
    SELECT FROM table_key
    WHERE table_key.relation = foreign_key.relation AND is_total
        AND table_key.columns[1 : cardinality(foreign_key.columns)] @> foreign_key.columns)
UNION ALL
-- Every write pays for it, and no read is better off.  A unique one is there
-- for what it forbids.
SELECT 'no index is the beginning of another one', shorter.indexrelid::regclass::text
FROM pg_index shorter
    JOIN pg_class ON pg_class.oid = shorter.indexrelid
    JOIN relation ON relation.oid = shorter.indrelid
WHERE NOT shorter.indisunique AND EXISTS (
    SELECT FROM pg_index longer JOIN pg_class other ON other.oid = longer.indexrelid
    WHERE longer.indrelid = shorter.indrelid AND longer.indexrelid <> shorter.indexrelid
        AND other.relam = pg_class.relam AND longer.indnkeyatts >= shorter.indnkeyatts
        AND (longer.indnkeyatts > shorter.indnkeyatts OR longer.indisunique OR longer.indexrelid < shorter.indexrelid)
        AND pg_get_expr(longer.indpred, longer.indrelid) IS NOT DISTINCT FROM pg_get_expr(shorter.indpred, shorter.indrelid)
        AND pg_get_expr(longer.indexprs, longer.indrelid) IS NOT DISTINCT FROM pg_get_expr(shorter.indexprs, shorter.indrelid)
        -- Included columns as well.
        AND (longer.indkey::int2[])[0 : shorter.indnatts - 1] = (shorter.indkey::int2[])[0 : shorter.indnatts - 1]
        AND (longer.indclass::oid[])[0 : shorter.indnkeyatts - 1] = (shorter.indclass::oid[])[0 : shorter.indnkeyatts - 1]
        AND (longer.indoption::int2[])[0 : shorter.indnkeyatts - 1] = (shorter.indoption::int2[])[0 : shorter.indnkeyatts - 1])
UNION ALL
SELECT 'row-level security is enabled', relname
FROM relation WHERE relkind IN ('r', 'p') AND NOT relrowsecurity
UNION ALL
-- It would empty the owner's own dump.
SELECT 'row-level security is not forced', relname
FROM relation WHERE relforcerowsecurity
UNION ALL
-- DROP EXTENSION takes columns of its types along; generated ones come back.
SELECT 'stored facts have built-in types', relname || '.' || attname
FROM table_column JOIN pg_type ON pg_type.oid = atttypid
WHERE relkind IN ('r', 'p') AND attgenerated = '' AND typnamespace <> 'pg_catalog'::regnamespace
UNION ALL
-- They would fire, or log twice, where a subscriber applies changes.
SELECT 'no trigger is enabled ALWAYS or REPLICA', relname || '.' || tgname
FROM pg_trigger JOIN relation ON relation.oid = tgrelid WHERE tgenabled IN ('A', 'R')
UNION ALL
-- Views
SELECT 'a view runs with the caller''s rights or is a listed barrier', relname
FROM relation
WHERE relkind = 'v'
    AND CASE WHEN relname IN (SELECT name FROM owner_rights_view)
        THEN NOT options && '{security_barrier=true, security_barrier=on, security_barrier=1}'
        ELSE NOT options && '{security_invoker=true, security_invoker=on, security_invoker=1}' END
UNION ALL
SELECT 'no materialized view bypasses policies', relname
FROM relation WHERE relkind = 'm'
UNION ALL
SELECT 'a view shows public types', relname || '.' || attname
FROM table_column
WHERE relkind = 'v' AND relname NOT LIKE '\_%' AND atttypid NOT IN (SELECT oid FROM public_type)
UNION ALL
-- Rights: what install() creates gives PUBLIC nothing.
SELECT 'PUBLIC has no rights', object
FROM (
    SELECT signature, coalesce(proacl, acldefault('f', proowner)) FROM function WHERE NOT is_member
    UNION ALL
    SELECT relname, relacl FROM relation
    UNION ALL
    SELECT relname || '.' || attname, attacl
    FROM relation JOIN pg_attribute ON attrelid = relation.oid WHERE NOT attisdropped
    UNION ALL
    SELECT typname, coalesce(typacl, acldefault('T', 10)) FROM type WHERE NOT is_member
    ) AS acl (object, rights)
WHERE EXISTS (SELECT FROM aclexplode(rights) WHERE grantee = 0)
UNION ALL
SELECT 'PUBLIC creates nothing in the schema', nspname
FROM pg_namespace, aclexplode(nspacl) WHERE nspname = 'support_case' AND grantee = 0 AND privilege_type = 'CREATE'
UNION ALL
-- Documentation
SELECT 'everything has a comment', object
FROM (
    SELECT signature, obj_description(oid, 'pg_proc') FROM function
    UNION ALL
    SELECT relname, obj_description(oid, 'pg_class') FROM relation
    UNION ALL
    SELECT relname || '.' || attname, col_description(relation, attnum)
    FROM table_column WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
    UNION ALL
    SELECT typname, obj_description(oid, 'pg_type') FROM type
    ) AS documented (object, comment)
WHERE coalesce(btrim(comment), '') = ''
UNION ALL
-- Names
SELECT 'names are lower snake_case', name
FROM (
    SELECT proname FROM function
    UNION ALL SELECT relname FROM relation
    UNION ALL SELECT attname FROM table_column
    UNION ALL SELECT typname FROM type
    UNION ALL SELECT conname FROM pg_constraint WHERE connamespace = 'support_case'::regnamespace
    UNION ALL SELECT tgname FROM pg_trigger JOIN relation ON relation.oid = tgrelid WHERE NOT tgisinternal
    UNION ALL SELECT polname FROM pg_policy JOIN relation ON relation.oid = polrelid
    UNION ALL SELECT class.relname
        FROM pg_index JOIN relation ON relation.oid = indrelid JOIN pg_class class ON class.oid = indexrelid
    UNION ALL
    SELECT argument FROM pg_proc, unnest(proargnames) AS argument
    WHERE pronamespace = 'support_case'::regnamespace AND argument <> ''
    ) AS named (name)
WHERE name !~ '^_?[a-z][a-z0-9]*(_+[a-z0-9]+)*_?$';

CREATE TEMPORARY TABLE rule (title text PRIMARY KEY);
INSERT INTO rule
SELECT replace(title[1], '''''', '''')
FROM regexp_matches(pg_get_viewdef('finding'::regclass), 'SELECT ''((?:[^'']|'''')+)''::text', 'g') AS title;

-- planted_defects creates one defect per rule, returns the rules that found
-- theirs and undoes everything.
CREATE FUNCTION pg_temp.planted_defects()
RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
    found text[];
BEGIN
    -- What the schema breaks already does not count as found.
    CREATE TEMPORARY TABLE before ON COMMIT DROP AS SELECT * FROM finding;

    CREATE FUNCTION support_case.lint_definer() RETURNS integer
        LANGUAGE sql SECURITY DEFINER PARALLEL SAFE AS 'SELECT 1';
    CREATE FUNCTION support_case.lint_member() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
    ALTER EXTENSION support_case ADD FUNCTION support_case.lint_member();
    CREATE FUNCTION support_case.lint_overload(a integer) RETURNS void LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION support_case.lint_overload(a point) RETURNS void LANGUAGE sql IMMUTABLE AS 'SELECT 1';
    CREATE FUNCTION support_case.lint_actor(actor_id text) RETURNS text
        LANGUAGE sql AS 'SELECT support_case._authorise(''host'', 1)';
    CREATE FUNCTION support_case.lint_trigger() RETURNS trigger
        LANGUAGE plpgsql STABLE AS 'BEGIN RETURN NULL; END';

    CREATE TYPE support_case.lint_type AS ENUM ('a');
    CREATE TABLE support_case.lint_parent (case_id bigint PRIMARY KEY, fact support_case.lint_type);
    CREATE TABLE support_case.lint_child ("case" bigint REFERENCES support_case.lint_parent);
    ALTER TABLE support_case.lint_child FORCE ROW LEVEL SECURITY;
    CREATE INDEX lint_covered ON support_case.sales_order_line (seller_id, order_id) WHERE quantity > 1;
    CREATE INDEX lint_covering ON support_case.sales_order_line (seller_id, order_id, unit_price) WHERE quantity > 1;
    CREATE TRIGGER lint_always AFTER INSERT ON support_case.lint_parent
        EXECUTE FUNCTION support_case.lint_trigger();
    ALTER TABLE support_case.lint_parent ENABLE ALWAYS TRIGGER lint_always;
    CREATE VIEW support_case."lintView" AS SELECT point(1, 1) AS place;
    CREATE MATERIALIZED VIEW support_case.lint_snapshot AS SELECT 1 AS one;
    GRANT CREATE ON SCHEMA support_case TO PUBLIC;

    found := ARRAY (SELECT DISTINCT rule FROM (TABLE finding EXCEPT TABLE before) AS planted);
    RAISE EXCEPTION USING ERRCODE = 'P0001', MESSAGE = 'undo';
EXCEPTION WHEN raise_exception THEN
    RETURN QUERY SELECT unnest(found);
END
$$;

SELECT plan((1 + count(*))::integer) FROM rule;

SELECT set_eq('SELECT pg_temp.planted_defects()', 'SELECT title FROM rule',
    'every rule finds a defect planted for it');

SELECT is_empty(format('SELECT object FROM finding WHERE rule = %L', title), title)
FROM rule ORDER BY title;

SELECT * FROM finish();
ROLLBACK;
