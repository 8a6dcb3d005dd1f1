# Four sweepers at once leave the same rows as one, and as sweeping on time;
# a sweep that is interrupted leaves nothing half done (AMB-121, AMB-122).

use strict;
use warnings;

use IPC::Run ();
use PostgreSQL::Test::Utils;
use SupportCase;
use Test::More;

my $node = new_node('sweepers');
$node->start;

$node->safe_psql('postgres', 'CREATE DATABASE history');
play_history($node, 'history', 80);
$node->safe_psql('postgres', "CREATE DATABASE $_ TEMPLATE history") for qw(one four);

my $clock = "SET support_case.now = '2026-03-26T09:00:00Z';";
my $look  = q{SELECT relation, md5(content::text) FROM history.look(history.views() || history.tables()) ORDER BY 1};
my $views = q{SELECT relation, md5(content::text) FROM history.look(history.views()) ORDER BY 1};
my $unswept = $node->safe_psql('history', "$clock $views");

# Interrupted, a sweep has not been.
my $before = $node->safe_psql('one', "$clock $look");
my ($status, undef, $error) = $node->psql('one', "$clock SET statement_timeout = '2ms'; SELECT support_case.sweep(100000)");
isnt($status, 0, 'a sweep can be interrupted');
like($error, qr/canceling statement due to statement timeout/, 'by statement_timeout');
is($node->safe_psql('one', "$clock $look"), $before, 'and leaves no trace');

my $written = $node->safe_psql('one', "$clock SELECT support_case.sweep()");
cmp_ok($written, '>', 100, 'one sweeper writes what is due');
is($node->safe_psql('one', "$clock SELECT support_case.sweep()"), '0', 'all of it');

# Small batches, so that they meet.
my $sweeper = "$clock CALL support_case.run_sweep(3);";
my @sweepers = map {
	my ($in, $out, $err) = ($sweeper, '', '');
	my $output = { err => '' };
	$output->{run} = IPC::Run::start(
		[ 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('four') ],
		'<', \$in, '>', \$out, '2>', \$output->{err});
	$output;
} 1 .. 4;
for my $sweep (@sweepers)
{
	ok($sweep->{run}->finish, 'a sweeper among four is not disturbed') or diag $sweep->{err};
}
# Whoever found everything in others' hands has gone home.
$node->safe_psql('four', $sweeper);

is($node->safe_psql('four', 'SELECT sum(deadlines) FROM support_case.sweep_run'),
	$written, 'four sweepers write every deadline once');
is($node->safe_psql('four', "$clock $look"),
	$node->safe_psql('one', "$clock $look"), 'and the same rows as one');
is($node->safe_psql('four', "$clock $views"), $unswept, 'which the views showed before any sweep');
is($node->safe_psql('four', 'SELECT * FROM support_case.verify()'), '', 'all invariants hold');

$node->stop;
done_testing();
