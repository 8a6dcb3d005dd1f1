# install() and migrate(): twice, after DROP EXTENSION, for an owner without
# rights, past a changed signature, under a hostile search_path, and after dump
# and restore, of everything or of the data alone.

use strict;
use warnings;

use Cwd qw(getcwd);
use PostgreSQL::Test::Utils;
use SupportCase;
use Test::More;

my $node = new_node('install');
$node->start;

# What the schema is made of, one line an object; without what the reading
# database calls it (oids) or counts (positions of columns).
my $catalogue = <<'SQL';
SET search_path = pg_catalog;
CREATE FUNCTION pg_temp.rights(acl aclitem[]) RETURNS text LANGUAGE sql
AS $$ SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(acl) AS a $$;
WITH relation AS (
    SELECT c.* FROM pg_class AS c WHERE c.relnamespace = 'support_case'::regnamespace
), object AS (
    SELECT concat_ws(' ', 'function', p.oid::regprocedure, 'of', p.proowner::regrole, pg_temp.rights(coalesce(p.proacl, acldefault('f', p.proowner))),
        obj_description(p.oid, 'pg_proc'), CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END)
    FROM pg_proc AS p WHERE p.pronamespace = 'support_case'::regnamespace
    UNION ALL
    SELECT concat_ws(' ', 'relation', c.relkind, c.oid::regclass, 'of', c.relowner::regrole,
        pg_temp.rights(coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))),
        c.relrowsecurity, c.reloptions, obj_description(c.oid, 'pg_class'),
        CASE c.relkind WHEN 'v' THEN pg_get_viewdef(c.oid) WHEN 'i' THEN pg_get_indexdef(c.oid) END)
    FROM relation AS c WHERE c.relkind <> 'c'
    UNION ALL
    SELECT concat_ws(' ', 'column', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        a.attgenerated, a.attidentity, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum))
    FROM relation AS c
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind IN ('r', 'v')
    UNION ALL
    SELECT concat_ws(' ', 'constraint', c.conrelid::regclass, c.conname, c.convalidated, pg_get_constraintdef(c.oid))
    FROM pg_constraint AS c WHERE c.conrelid IN (SELECT oid FROM relation)
    UNION ALL
    SELECT concat_ws(' ', 'trigger', t.tgenabled, pg_get_triggerdef(t.oid))
    FROM pg_trigger AS t WHERE t.tgrelid IN (SELECT oid FROM relation) AND NOT t.tgisinternal
    UNION ALL
    SELECT concat_ws(' ', 'policy', p.polname, p.polrelid::regclass, p.polcmd, p.polroles::regrole[],
        pg_get_expr(p.polqual, p.polrelid))
    FROM pg_policy AS p WHERE p.polrelid IN (SELECT oid FROM relation)
)
SELECT regexp_replace(concat_ws, '\s+', ' ', 'g') FROM object ORDER BY 1
SQL

# Every row; compiled columns may be missing for a while.
my $data = <<'SQL';
SET search_path = pg_catalog;
CREATE FUNCTION pg_temp.rows() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    relation regclass;
BEGIN
    FOR relation IN
        SELECT oid FROM pg_class WHERE relnamespace = 'support_case'::regnamespace AND relkind = 'r'
            AND relname <> 'schema_migration' ORDER BY relname
    LOOP
        RETURN QUERY EXECUTE format(
            'SELECT %L || (to_jsonb(t) - ARRAY[''rules'', ''compiled''])::text FROM %s AS t ORDER BY 1', relation::text || ' ', relation);
    END LOOP;
    RETURN QUERY SELECT 'sequence ' || last_value FROM support_case.case_id_seq;
END
$$;
SELECT pg_temp.rows();
SQL

my $fill = <<'SQL';
SET client_min_messages = warning;
SET support_case.now = '2026-01-05T09:00:00-05:00';
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr');
SELECT support_case.create_policy('{"ledger_partial_components": "pro_rata"}');
SELECT support_case.register_seller(1);
SELECT support_case.register_order(1, k, 7, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]', commission => 8, tax => 0)
FROM generate_series(1, 6) AS k;
SET support_case.now = '2026-01-05T10:00:00-05:00';
SELECT support_case.open_case(1, k, 'damaged_in_transit', 'box crushed', actor_id => 'ann', idempotency_key => 'k' || k)
FROM generate_series(1, 5) AS k;
SELECT support_case.offer_full_refund(1, 1);
SELECT support_case.offer_partial_refund(1, 2, 30.00);
SELECT support_case.accept_offer(1, 2);
SELECT support_case.offer_full_refund(1, 3, true);
SELECT support_case.record_return_delivered(1, 3, support_case.clock());
SELECT support_case.explain_no_refund(1, 4, 'no');
SELECT support_case.escalate(1, 4);
SELECT support_case.record_refund_settled(1, 1);
SQL

# The return of case 3 was refunded by its deadline; then one more command.
my $work = <<'SQL';
SET client_min_messages = warning;
SET support_case.now = '2026-01-09T10:00:00-05:00';
SELECT status FROM support_case.case_current WHERE case_id = 3;
SELECT status FROM support_case.withdraw_case(1, 5);
SELECT count(*) FROM support_case.verify();
SQL
my $worked = "closed\nclosed\n0";

sub same
{
	my ($database, $query, $expected, $name) = @_;
	my $got = $node->safe_psql($database, $query);
	my %expected = map { $_ => 1 } split /\n/, $expected;
	my %got      = map { $_ => 1 } split /\n/, $got;
	my @missing = grep { !$got{$_} } sort keys %expected;
	my @extra   = grep { !$expected{$_} } sort keys %got;

	is_deeply([ \@missing, \@extra ], [ [], [] ], $name)
	  or diag(join "\n", (map { "missing: $_" } @missing), (map { "extra: $_" } @extra));
	return;
}

# worked(DATABASE, NAME): commands work; nothing of it stays.
sub worked
{
	my ($database, $name) = @_;
	is($node->safe_psql($database, "BEGIN;\n${work}ROLLBACK;"), $worked, $name);
	return;
}

# refused(DATABASE, COMMAND) returns what psql says of a command.
sub refused
{
	my ($database, $command) = @_;
	my ($code, $out, $err) = $node->psql($database, "\\set VERBOSITY verbose\n$command");
	return $err;
}

sub new_database
{
	my ($database) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	return;
}

# Twice.
new_database('desk');
install_in($node, 'desk');
$node->safe_psql('desk', $fill);
my $fresh = $node->safe_psql('desk', $catalogue);
my $rows  = $node->safe_psql('desk', $data);
like($rows, qr/^support_case\.ledger_entry /m, 'there is money in the database');
is($node->safe_psql('desk', 'SELECT support_case.install()'), '1.0', 'install() again returns the version');
same('desk', $catalogue, $fresh, 'and changes no object');
same('desk', $data,      $rows,  'and no row');
is($node->safe_psql('desk', 'SELECT support_case.migrate()'), '1.0', 'migrate() returns the version');
same('desk', $catalogue, $fresh, 'and changes no object');
same('desk', $data,      $rows,  'and no row');
unlike($node->safe_psql('desk', 'SELECT DISTINCT relowner::regrole FROM pg_class
		WHERE relnamespace = \'support_case\'::regnamespace AND relkind <> \'c\''),
	qr/postgres/, 'a superuser owns nothing');

# DROP EXTENSION: refused, then undone by install(), then by migrate().
like(refused('desk', 'DROP EXTENSION support_case'), qr/ERROR:  2BP01: /, 'DROP EXTENSION is refused while data depends on it');
foreach my $way ('install()', 'migrate()')
{
	$node->safe_psql('desk', 'SET client_min_messages = warning; DROP EXTENSION support_case CASCADE');
	same('desk', $data, $rows, 'DROP EXTENSION CASCADE loses no row');
	$node->safe_psql('desk', "CREATE EXTENSION support_case; SELECT support_case.$way");
	same('desk', $catalogue, $fresh, "CREATE EXTENSION and $way bring back every object");
	same('desk', $data,      $rows,  'with the same rows');
	is( $node->safe_psql('desk', 'SELECT count(*) FROM support_case.policy WHERE rules IS NULL'),
		'0', 'and compiled policies');
	worked('desk', 'and commands work');
}

# A version that compiled its policies otherwise: they are compiled anew.
my $compiled = 'SELECT array_agg(xmin::text ORDER BY policy_version) FROM support_case.policy';
my $before   = $node->safe_psql('desk', $compiled);
$node->safe_psql('desk', "UPDATE support_case.schema_migration SET extension_version = '0.9' WHERE script = 'api'");
is($node->safe_psql('desk', 'SELECT support_case.install()'), '1.0', 'install() of another version migrates');
isnt($node->safe_psql('desk', $compiled), $before, 'and compiles policies anew');
same('desk', $catalogue, $fresh, 'into the same objects');

# Signatures of an older version: a function that takes less, one that is gone
# since, and a view with other columns, as a host has granted and used them.
my $older = <<'SQL';
SET ROLE support_case_owner;
DROP FUNCTION support_case.escalate;
CREATE FUNCTION support_case.escalate(seller_id bigint, case_id bigint) RETURNS SETOF support_case.case_current
    LANGUAGE sql AS 'SELECT * FROM support_case.case_current';
CREATE FUNCTION support_case.bribe(seller_id bigint) RETURNS integer LANGUAGE sql AS 'SELECT 1';
DROP VIEW support_case.due_queue;
CREATE VIEW support_case.due_queue AS SELECT case_id, seller_id FROM support_case.case_current;
UPDATE support_case.schema_migration
SET extension_version = '0.9', api_objects = api_objects || ARRAY['support_case.escalate(bigint,bigint)', 'support_case.bribe(bigint)']
WHERE script = 'api';
RESET ROLE;
SQL
$node->safe_psql('desk', "CREATE ROLE reporter NOLOGIN;\n$older
GRANT SELECT ON support_case.case_current TO reporter;
CREATE FUNCTION support_case.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE VIEW public.my_queue AS SELECT * FROM support_case.due_queue;
CREATE VIEW public.my_cases AS SELECT case_id FROM support_case.case_current;");
my $held = $node->safe_psql('desk', $catalogue);
my $said = refused('desk', 'SELECT support_case.migrate()');
like($said, qr/ERROR:  SC016: 2 objects block the migration of support_case$/m, 'migrate() refuses what blocks it');
like($said, qr/DETAIL:  view public\.my_cases depends on support_case\.case_current, view public\.my_queue depends on support_case\.due_queue\.$/m,
	'with a list');
like($said, qr/HINT:  Drop what depends, /, 'and says what to do');
same('desk', $catalogue, $held, 'nothing has changed then');
$node->safe_psql('desk', 'DROP VIEW public.my_queue; DROP VIEW public.my_cases; SELECT support_case.migrate()');
is( $node->safe_psql('desk', q{SELECT string_agg(oid::regprocedure::text, ' ' ORDER BY proname) FROM pg_proc
		WHERE pronamespace = 'support_case'::regnamespace AND proname IN ('escalate', 'bribe', 'mine')}),
	'support_case.escalate(bigint,bigint,text,text,text) support_case.mine()',
	'the old signature and the old function are gone, the host\'s own stays');
is( $node->safe_psql('desk', q{SELECT has_table_privilege('reporter', 'support_case.case_current', 'SELECT')}),
	't', 'grants of the host are there again');
$node->safe_psql('desk', 'DROP FUNCTION support_case.mine(); REVOKE SELECT ON support_case.case_current FROM reporter');
same('desk', $catalogue, $fresh, 'otherwise it is the fresh schema');
worked('desk', 'and works');

# A view on what does not change its columns stays.
$node->safe_psql('desk', 'CREATE VIEW public.my_cases AS SELECT case_id FROM support_case.case_current;
UPDATE support_case.schema_migration SET extension_version = \'0.9\' WHERE script = \'api\'');
is($node->safe_psql('desk', 'SELECT support_case.migrate()'), '1.0', 'a view of the host is no obstacle to what only replaces');
# A function of the host that hangs on what is gone since.
$node->safe_psql('desk', "$older
DROP VIEW support_case.due_queue CASCADE; SET ROLE support_case_owner; SET client_min_messages = error;
CREATE VIEW support_case.due_queue AS SELECT case_id FROM support_case.case_current; RESET ROLE;
CREATE VIEW public.bribes AS SELECT support_case.bribe(1);");
like(refused('desk', 'SELECT support_case.migrate()'),
	qr/DETAIL:  view public\.bribes depends on support_case\.bribe\(bigint\), view public\.my_cases depends on support_case\.case_current\.$/m,
	'all obstacles are listed at once');
$node->safe_psql('desk', 'DROP VIEW public.bribes, public.my_cases; SELECT support_case.migrate()');
same('desk', $catalogue, $fresh, 'and without them it is the fresh schema');

# An owner who is no superuser and may create in the schema.
new_database('small');
$node->safe_psql('small', 'CREATE ROLE shopkeeper LOGIN; CREATE EXTENSION support_case;
CREATE SCHEMA other; CREATE ROLE stranger LOGIN');
my $as_shopkeeper = $node->connstr('small') . ' user=shopkeeper';
like(refused_as('stranger', 'SELECT support_case.install()'), qr/ERROR:  42501: /, 'nobody else can install');
$node->safe_psql('small', 'GRANT USAGE, CREATE ON SCHEMA support_case TO shopkeeper');
is(as_shopkeeper('SELECT support_case.install()'), '1.0', 'a role with CREATE on the schema can install');
like(refused_as('shopkeeper', q{SELECT support_case.install('stranger')}), qr/^$|ERROR:  42501: /, 'for himself alone');
is( $node->safe_psql('small', q{SELECT DISTINCT relowner::regrole FROM pg_class
		WHERE relnamespace = 'support_case'::regnamespace AND relkind <> 'c'}),
	'shopkeeper', 'and owns all of it');
is( $node->safe_psql('small', q{SELECT DISTINCT proowner::regrole FROM pg_proc
		WHERE pronamespace = 'support_case'::regnamespace AND prosecdef}),
	'shopkeeper', 'also the functions that run with their owner\'s rights');
like(refused_as('stranger', 'SELECT support_case.migrate()'), qr/ERROR:  42501: /, 'nobody else can migrate');
is(as_shopkeeper('SELECT support_case.migrate()'), '1.0', 'he can');
is( as_shopkeeper(q{SELECT count(*) FROM support_case.register_seller(1);
		SELECT count(*) FROM support_case.register_order(1, 1, 7, 'USD', 90, 5, 5, '[{"unit_price": 100}]');
		SELECT status FROM support_case.open_case(1, 1, 'missing_item', 'gone');
		SELECT status FROM support_case.offer_full_refund(1, 1);
		SELECT count(*) FROM support_case.verify();
		SELECT support_case.sweep()}),
	"1\n1\nawaiting_seller\nclosed\n0\n0", 'and works with it');
like(refused_as('stranger', 'SELECT * FROM support_case.case_current'), qr/ERROR:  42501: /, 'others see nothing');

sub as_shopkeeper
{
	my ($command) = @_;
	return $node->safe_psql('small', $command, connstr => $as_shopkeeper);
}

sub refused_as
{
	my ($role, $command) = @_;
	my ($code, $out, $err) = $node->psql('small', "\\set VERBOSITY verbose\n$command",
		connstr => $node->connstr('small') . " user=$role");
	return $err;
}

# A search_path full of decoys that raise when they are called.
new_database('hostile');
$node->safe_psql('hostile', <<'SQL');
CREATE SCHEMA evil;
DO $decoys$
DECLARE
    f record;
BEGIN
    FOR f IN
        SELECT DISTINCT ON (p.proname, p.proargtypes) p.proname, pg_get_function_identity_arguments(p.oid) AS arguments,
            format_type(p.prorettype, NULL) AS result
        FROM pg_proc AS p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND NOT p.proretset AND p.provariadic = 0
            AND p.proname IN ('format', 'now', 'array_to_string', 'to_regclass', 'quote_ident', 'concat_ws', 'md5', 'left', 'btrim',
                'char_length', 'to_jsonb', 'jsonb_build_object', 'current_setting', 'set_config', 'array_append', 'isfinite', 'encode',
                'sha256', 'convert_to', 'jsonb_typeof', 'jsonb_array_length', 'to_regrole', 'pg_has_role', 'hashtextextended',
                'int4eq', 'greatest', 'array_fill', 'cardinality', 'round', 'abs', 'jsonb_strip_nulls', 'trim_scale', 'nextval')
            AND p.proargtypes::oid[] && ARRAY(SELECT oid FROM pg_type WHERE typtype = 'p') IS NOT TRUE
    LOOP
        EXECUTE format('CREATE FUNCTION evil.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L', f.proname, f.arguments, f.result,
            'BEGIN RAISE EXCEPTION ''decoy ' || f.proname || ' was called''; END');
    END LOOP;
END
$decoys$;
CREATE FUNCTION evil.decoy(a bigint, b bigint) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''decoy operator''; END';
CREATE OPERATOR evil.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = evil.decoy);
CREATE OPERATOR evil.<> (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = evil.decoy);
CREATE FUNCTION evil.decoy(a text, b text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''decoy operator''; END';
CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.decoy);
CREATE OPERATOR evil.<> (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.decoy);
CREATE FUNCTION evil.decoy(a timestamptz, b timestamptz) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''decoy operator''; END';
CREATE OPERATOR evil.<= (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = evil.decoy);
CREATE EXTENSION support_case;
ALTER DATABASE hostile SET search_path = evil, pg_catalog, public;
SQL
like(refused('hostile', q{SELECT format('%s', 1::bigint = 2::bigint)}), qr/decoy/, 'the decoys are in the way');
is($node->safe_psql('hostile', 'SET client_min_messages = warning; SELECT support_case.install()'), '1.0',
	'install() is not misled');
$node->safe_psql('hostile', 'SET client_min_messages = warning; SELECT support_case.migrate()');
same('hostile', $catalogue, $fresh, 'nor what it makes');
$node->safe_psql('hostile', $fill);
is( $node->safe_psql('hostile', <<'SQL'), "closed\nclosed\n7\n17|-221.71\n0\n1\n1\n0", 'nor views, the sweep and verify()');
SET support_case.now = '2026-01-09T10:00:00-05:00';
SELECT status FROM support_case.case_current WHERE case_id OPERATOR(pg_catalog.=) 3;
SELECT status FROM support_case.withdraw_case(1, 5);
SELECT count(*) FROM support_case.case_timeline WHERE case_id OPERATOR(pg_catalog.=) 3 OR case_id OPERATOR(pg_catalog.=) 5;
SELECT count(*), min(balance) FROM support_case.seller_ledger, support_case.seller_balance;
SELECT count(*) FROM support_case.due_queue;
SELECT count(*) FROM support_case.platform_queue;
SELECT support_case.sweep();
SELECT count(*) FROM support_case.verify();
SQL

# Dump and restore into an empty database, with what the host has added.
$node->safe_psql('desk', q{
	ALTER TABLE support_case.support_case ADD COLUMN ticket text DEFAULT 'none';
	CREATE INDEX my_index ON support_case.sales_order (seller_id, buyer_id);
	CREATE ROLE auditor; GRANT SELECT ON support_case.case_event TO auditor;
	CREATE POLICY my_policy ON support_case.case_event FOR SELECT TO auditor USING (true);
	CREATE VIEW public.my_cases AS SELECT case_id, status FROM support_case.case_current});
my $added = $node->safe_psql('desk', $catalogue);
$rows = $node->safe_psql('desk', $data);
my $dump = $node->basedir . '/desk.dump';
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, '-d', $node->connstr('desk') ], 'the database is dumped');
foreach my $jobs (1, 4)
{
	new_database("restored_$jobs");
	$node->command_ok([ 'pg_restore', '-e', "-j$jobs", '-d', $node->connstr("restored_$jobs"), $dump ],
		"and restored by $jobs jobs without an error");
	same("restored_$jobs", $catalogue, $added, 'every object is there');
	same("restored_$jobs", $data,      $rows,  'and every row');
	worked("restored_$jobs", 'commands work');
	is($node->safe_psql("restored_$jobs", 'SELECT support_case.install()'), '1.0', 'and install() has nothing to do');
	same("restored_$jobs", $catalogue, $added, 'nor does it');
	is( $node->safe_psql("restored_$jobs",
			q{SET support_case.now = '2026-01-09T10:00:00-05:00'; SELECT case_id FROM support_case.open_case(1, 6, 'missing_item', 'gone')}),
		'6', 'cases go on being numbered');
}

# Data only, where install() has run, as the how-to guide says.
my ($empty) = slurp_file('doc/how-to.md') =~ /^```sql\n([^`]*TRUNCATE[^`]*)^```/m;
new_database('restored_data');
install_in($node, 'restored_data');
$node->safe_psql('restored_data', q{ALTER TABLE support_case.support_case ADD COLUMN ticket text DEFAULT 'none'});
foreach my $form ([], ['--inserts'])
{
	my $script = $node->basedir . '/data.sql';
	$node->command_ok(
		[ 'pg_dump', '--data-only', '--disable-triggers', @$form, '-f', $script, '-d', $node->connstr('desk') ],
		"the data alone is dumped @$form");
	$node->safe_psql('restored_data', $empty);
	$node->command_ok([ 'psql', '-qX', '-v', 'ON_ERROR_STOP=1', '-f', $script, '-d', $node->connstr('restored_data') ],
		'and restored where install() has run');
	same('restored_data', $data, $rows, 'every row is there');
	worked('restored_data', 'commands work');
}

$node->stop;
done_testing();
