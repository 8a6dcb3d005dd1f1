# The server is killed amid commands and sweeps: what was committed is whole,
# what was not never was, and the sweep goes on (principle 11).

use strict;
use warnings;

use IPC::Run ();
use PostgreSQL::Test::Utils;
use SupportCase;
use Test::More;
use Time::HiRes qw(usleep);

my $node = new_node('crash');
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE history');
play_history($node, 'history', 12);

# Buyers come back to their cases a month later, while the sweep is at work.
my $folder = PostgreSQL::Test::Utils::tempdir();
append_to_file("$folder/sweep.sql", "SET support_case.now = '2026-03-26T09:00:00Z';\nSELECT support_case.sweep(5);\n");
append_to_file("$folder/command.sql", <<'SQL');
\set order_number random(1, 120)
SET support_case.now = '2026-01-20T09:00:00Z';
DO $$
BEGIN
	PERFORM support_case.record_external_refund(o.seller_id, o.order_id, 1) FROM support_case.sales_order AS o
	WHERE o.order_id = 1 + (random() * 119)::integer;
	PERFORM support_case.escalate(c.seller_id, c.case_id) FROM support_case.support_case AS c
	WHERE c.case_id = 1 + (random() * 300)::integer;
EXCEPTION WHEN OTHERS THEN
	NULL;
END $$;
SQL

for my $round (1 .. 2)
{
	my $events = $node->safe_psql('history', 'SELECT count(*) FROM support_case.case_event');
	my $output = '';
	my $load = IPC::Run::start(
		[
			'pgbench', '-n', '-c', '4', '-t', '100000', '-M', 'simple',
			'-f', "$folder/sweep.sql\@1", '-f', "$folder/command.sql\@3",
			$node->connstr('history')
		],
		'>', \$output, '2>', \$output);
	ok($node->poll_query_until('history',
			'SELECT count(*) >= ' . ($events + 40) . ' FROM support_case.case_event'),
		"round $round: commands and sweeps are at work") or diag $output;
	$node->kill9;
	$load->finish;
	# The last backend may still be on its way out.
	my $is_up = 0;
	for (1 .. 100)
	{
		last if $is_up = $node->start(fail_ok => 1);
		usleep(100_000);
		$node->stop('fast', fail_ok => 1);
	}
	ok($is_up, "round $round: the server recovers");
	is($node->safe_psql('history', 'SELECT * FROM support_case.verify()'), '',
		"round $round: all invariants hold after the crash");
}

my $clock = "SET support_case.now = '2026-03-26T09:00:00Z';";
my $look  = q{SELECT relation, md5(content::text) FROM history.look(history.views()) ORDER BY 1};
my $seen  = $node->safe_psql('history', "$clock $look");
cmp_ok($node->safe_psql('history', "$clock SELECT support_case.sweep()"), '>=', 0, 'the sweep goes on');
is($node->safe_psql('history', "$clock SELECT support_case.sweep()"), '0', 'to the end');
is($node->safe_psql('history', "$clock $look"), $seen, 'into what the views had shown');
is($node->safe_psql('history', 'SELECT * FROM support_case.verify()'), '', 'all invariants hold');

$node->stop;
done_testing();
