-- Prints doc/reference.md from the catalogue of a database in which install()
-- has run: every sentence stands where its object is defined.
\set QUIET on
\set ON_ERROR_STOP on
\pset tuples_only on
\pset format unaligned
\pset footer off
SET client_min_messages = warning;
SELECT support_case.clock() IS NOT NULL AS loaded \gset

-- Text in a cell of a Markdown table.
CREATE FUNCTION pg_temp.cell(value text)
RETURNS text
LANGUAGE sql IMMUTABLE
AS $$ SELECT replace(replace(coalesce(value, ''), '|', '\|'), E'\n', ' ') $$;

CREATE FUNCTION pg_temp.is_member(class regclass, object oid)
RETURNS boolean
LANGUAGE sql STABLE
AS $$ SELECT EXISTS (SELECT FROM pg_depend WHERE classid = class AND objid = object AND deptype = 'e') $$;

-- Arguments of a function, one a line, as they are written in a call.
CREATE FUNCTION pg_temp.signature(function oid)
RETURNS text
LANGUAGE sql STABLE
AS $$
SELECT format(E'support_case.%s(%s)%s', p.proname,
    CASE WHEN p.pronargs > 3
        THEN E'\n    ' || array_to_string(regexp_split_to_array(pg_get_function_arguments(p.oid), ', (?=[a-z_]+ )'),
            E',\n    ') || E'\n'
        ELSE pg_get_function_arguments(p.oid) END,
    coalesce(E'\n    RETURNS ' || pg_get_function_result(p.oid), ''))
FROM pg_proc AS p WHERE p.oid = function
$$;

\echo '# Reference'
\echo
\echo 'Made from the comments of the objects by `make reference`; in psql, `\\df+ support_case.*` and `\\d+` show the same.'
\echo 'Names that begin with an underscore are internal.'
\echo
\echo '## Commands and functions'
\echo
\echo 'They exist once `SELECT support_case.install()` has run. Arguments have names: `open_case(seller_id => 1, ...)`.'
\echo
SELECT format(E'### %s\n\n```\n%s\n```\n\n%s\n', p.proname, pg_temp.signature(p.oid), obj_description(p.oid, 'pg_proc'))
FROM pg_proc AS p
WHERE p.pronamespace = 'support_case'::regnamespace AND p.proname NOT LIKE '\_%'
    AND NOT pg_temp.is_member('pg_proc', p.oid)
ORDER BY p.proname COLLATE "C";

\echo '## Functions of the extension'
\echo
\echo 'They exist once `CREATE EXTENSION support_case` has run.'
\echo
SELECT format(E'### %s\n\n```\n%s\n```\n\n%s\n', p.proname, pg_temp.signature(p.oid), obj_description(p.oid, 'pg_proc'))
FROM pg_proc AS p
WHERE p.pronamespace = 'support_case'::regnamespace AND p.proname NOT LIKE '\_%' AND p.prokind IN ('f', 'a')
    AND pg_temp.is_member('pg_proc', p.oid)
ORDER BY p.proname COLLATE "C", p.oid::regprocedure::text COLLATE "C";

\echo '## Types'
\echo
SELECT format(E'### %s\n\n%s\n', t.typname, obj_description(t.oid, 'pg_type'))
FROM pg_type AS t
WHERE t.typnamespace = 'support_case'::regnamespace AND t.typtype = 'b' AND t.typcategory <> 'A'
    AND t.typname NOT LIKE '\_%'
ORDER BY t.typname COLLATE "C";

\echo '## Views'
\echo
SELECT format(E'### %s\n\n%s\n\n| Column | Type | Meaning |\n|---|---|---|\n%s\n', c.relname, obj_description(c.oid, 'pg_class'),
    (SELECT string_agg(format('| %s | %s | %s |', a.attname, format_type(a.atttypid, a.atttypmod),
            pg_temp.cell(col_description(c.oid, a.attnum))), E'\n' ORDER BY a.attnum)
        FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped))
FROM pg_class AS c
WHERE c.relnamespace = 'support_case'::regnamespace AND c.relkind = 'v' AND c.relname NOT LIKE '\_%'
ORDER BY c.relname COLLATE "C";

\echo '## Policy settings'
\echo
\echo 'Columns of table `policy`, changed by `create_policy()`.'
\echo
\echo '| Setting | Type | Default | Meaning |'
\echo '|---|---|---|---|'
SELECT format('| %s | %s | %s | %s |', a.attname, format_type(a.atttypid, a.atttypmod),
    pg_temp.cell(regexp_replace(coalesce(pg_get_expr(d.adbin, d.adrelid), 'none'), '^''(.*)''::text$', '\1')),
    pg_temp.cell(col_description(a.attrelid, a.attnum)))
FROM pg_attribute AS a
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = 'support_case.policy'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    AND a.attname NOT IN ('policy_version', 'effective_from', 'created_at', 'created_by')
ORDER BY a.attnum;
\echo
\echo '## Server settings'
\echo
\echo '| Setting | Who may set it | Meaning |'
\echo '|---|---|---|'
SELECT format('| %s | %s | %s |', s.name, CASE s.context WHEN 'superuser' THEN 'superusers' ELSE 'everybody' END,
    pg_temp.cell(concat_ws(' ', s.short_desc, s.extra_desc)))
FROM pg_settings AS s WHERE s.name LIKE 'support\_case.%'
ORDER BY s.name COLLATE "C";
\echo
\echo '## Errors'
\echo
\echo '| SQLSTATE | Condition | When |'
\echo '|---|---|---|'
SELECT format('| %s | %s | %s |', sqlstate, condition_name, pg_temp.cell(description))
FROM support_case.error_codes() ORDER BY sqlstate COLLATE "C";
\echo
\echo '## Life cycle of a case'
\echo
\echo '```mermaid'
\echo 'stateDiagram-v2'
SELECT DISTINCT format('    %s --> %s: %s', coalesce(from_status, '[*]'), to_status,
    string_agg(DISTINCT action || coalesce(' / ' || resolution, ''), ', '))
FROM support_case.state_machine()
WHERE machine = 'case' AND from_status IS DISTINCT FROM to_status AND action NOT IN ('withdraw_case', 'record_chargeback', 'record_external_refund')
GROUP BY from_status, to_status
ORDER BY 1;
\echo '```'
\echo
\echo 'Not drawn: `withdraw_case`, `record_chargeback` and `record_external_refund`, which can end any open case, and what leaves'
\echo 'the status as it is. Everything is in this table, which `state_machine()` returns; where several rows share status, action'
\echo 'and actor, the first whose condition holds is taken.'
\echo
\echo '| Machine | Rule | From | Action | Actor | Condition | To | Resolution | Deadline | Escalation reason | Charge | Requirements |'
\echo '|---|---|---|---|---|---|---|---|---|---|---|---|'
SELECT format('| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |', machine, transition, from_status, action, actor,
    pg_temp.cell(condition), to_status, resolution, deadline, escalation_reason, charge, requirements)
FROM support_case.state_machine();
\echo
\echo '## Tables'
\echo
\echo 'Yours to index and to extend; only the commands write them. `\\d+` shows what every column means.'
\echo
\echo '| Table | What it holds |'
\echo '|---|---|'
SELECT format('| %s | %s |', c.relname, pg_temp.cell(obj_description(c.oid, 'pg_class')))
FROM pg_class AS c
WHERE c.relnamespace = 'support_case'::regnamespace AND c.relkind = 'r'
ORDER BY c.relname COLLATE "C";
