# Every rule of dev/lint.sh finds a defect planted for it, and nothing in a
# clean tree.

use strict;
use warnings;

use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp;
use Test::More;

my %clean = (
	'support_case.control' => "default_version = '1.0'\n",
	'META.json' =>
	  '{"version": "1.0.0", "provides": {"support_case": {"version": "1.0.0"}}}' . "\n",
	'CHANGELOG.md' => "## [1.0.0]\n",
	'src/good.c'   => <<'C',
/* ereport(ERROR, (errmsg("in a comment"))); */
ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("a; b")));
ereport(LOG, (errmsg("a message")));
C
	'sql/schema/api/10_good.sql' => <<'SQL',
-- RAISE EXCEPTION 'in a comment';
CREATE OR REPLACE VIEW support_case.good WITH (security_invoker = true) AS SELECT 1;
CREATE OR REPLACE FUNCTION support_case.good()
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RAISE NOTICE 'a notice';
    RAISE EXCEPTION 'first; then' USING ERRCODE = 'SC001';
EXCEPTION WHEN OTHERS THEN
    RAISE;
END $$;
SQL
	'test/sql/good.sql' => "SELECT 1;\n",
	'expected/good.out' => "SELECT 1;\n");

# Rule => the files that break it.
my %defect = (
	'no trailing white space' => { 'doc/a.md' => "text \n" },
	'nothing unfinished'      => { 'src/a.c'  => '/* TO' . "DO */\n" },
	'tests of the PostgreSQL version live in src/compat.h' =>
	  { 'src/a.c' => "#if PG_VERSION_NUM > 1\n" },
	'no unbounded string functions' => { 'src/a.c' => "sprintf(a, b);\n" },
	'every ereport has a SQLSTATE' =>
	  { 'src/a.c' => qq{ereport(ERROR,\n\t(errmsg("a; b")));\n} },
	'every RAISE has an ERRCODE' =>
	  { 'sql/schema/api/a.sql' => "RAISE EXCEPTION 'a; b'\n    USING HINT = 'c';\n" },
	'the install script never adopts existing objects' =>
	  { 'sql/extension/a.sql' => "CREATE OR REPLACE FUNCTION support_case.a()\n" },
	'every view states security_invoker or security_barrier' =>
	  { 'sql/schema/api/a.sql' => "CREATE OR REPLACE VIEW support_case.a AS SELECT 1;\n" },
	'SECURITY DEFINER pins search_path = pg_catalog, pg_temp' =>
	  { 'sql/schema/api/a.sql' =>
		  "CREATE FUNCTION support_case.a() RETURNS int\nSECURITY DEFINER AS \$\$" },
	'created objects are schema-qualified' =>
	  { 'sql/schema/tables/a.sql' => "CREATE TABLE a (b integer);\n" },
	'functions and views are created once' =>
	  { 'sql/schema/api/20_again.sql' =>
		  "CREATE OR REPLACE VIEW support_case.good WITH (security_invoker = true) AS SELECT 2;\n" },
	'PL/pgSQL bodies open with #variable_conflict use_column' =>
	  { 'sql/schema/api/a.sql' => "LANGUAGE plpgsql AS \$\$\nBEGIN\nEND \$\$;\n" },
	'no test is shadowed and every test has its output' =>
	  { 'sql/good.sql' => "SELECT 1;\n" },
	'every recorded output has its test' => { 'expected/a.out' => "a\n" },
	'exported symbols carry the prefix sc_' =>
	  { 'src/a.c' => "int stray(void) { return 1; }\n" },
	'one version everywhere' =>
	  { 'support_case.control' => "default_version = '1.1'\n" });

my $lint = dirname(__FILE__) . '/../../dev/lint.sh';

# lint_of(FILES) writes the files into an empty folder and returns what lint
# says about it.
sub lint_of
{
	my (%file) = @_;
	my $folder = File::Temp->newdir;

	while (my ($name, $text) = each %file)
	{
		make_path(dirname("$folder/$name"));
		open my $handle, '>', "$folder/$name" or die "$name: $!";
		print $handle $text;
		close $handle;
	}
	if (($file{'src/a.c'} // '') =~ /stray/)
	{
		system('gcc', '-shared', '-fPIC', '-o', "$folder/support_case.so",
			"$folder/src/a.c") == 0 or die 'gcc failed';
	}
	return scalar `$lint $folder 2>&1`;
}

my $verdict = lint_of(%clean);
like($verdict, qr/^(\d+) rules kept, 0 not kept$/, 'a clean tree keeps every rule');
my ($rules) = $verdict =~ /^(\d+) rules/;
is(scalar keys %defect, $rules, 'every rule has a planted defect');

foreach my $rule (sort keys %defect)
{
	my $text = lint_of(%clean, %{ $defect{$rule} });
	my @broken = $text =~ /^not kept: (.*)$/mg;
	is_deeply(\@broken, [$rule], "found: $rule");
}

done_testing();
