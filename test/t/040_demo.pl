# make demo: the story prints what demo/story.out says, and a folder of orders
# is played to totals that add up, twice the same.

use strict;
use warnings;

use Cwd qw(getcwd);
use File::Temp;
use PostgreSQL::Test::Utils;
use SupportCase;
use Test::More;

my $node = new_node('demo', cron => 1);
$node->start;
local $ENV{PGHOST} = $node->host;
local $ENV{PGPORT} = $node->port;

# demo(DATABASE, FOLDER) returns exit code, output and messages of demo/run.sh.
sub demo
{
	my ($database, $folder) = @_;
	my ($out, $err);
	local $ENV{PGDATABASE} = $database;
	local $ENV{ORDERS}     = $folder // '';
	my $ok = IPC::Run::run([ 'demo/run.sh' ], '>', \$out, '2>', \$err);
	return ($ok, $out, $err);
}

# The story, in the database of pg_cron.
my ($ok, $out, $err) = demo('postgres');
ok($ok, 'the story runs and prints demo/story.out');
is($err, '', 'without a message');
like($out, qr/^ +8 \| Sat 10 Jan 10:00 \| Wed 14 Jan 00:00$/m,
	'48 business hours from a Saturday end on Tuesday night (X-02)');
like($out, qr/^ +2 \| return_inspection \| 2026-01-20 11:30:00-05$/m,
	'48 business hours pass over weekend and holiday (X-04)');
like($out, qr/^ buyer_refund +\| refund +\| -48880 \| JPY +\| 2026-01-20 11:30:00-05 \| -$/m,
	'an automatic refund is in the ledger before any sweep (W-43)');
like($out,
	qr/^ buyer_refund +\| refund +\| -48880 \| JPY +\| 2026-01-20 11:30:00-05 \| 2026-01-20 18:00:00-05$/m,
	'the sweep writes it as of the due instant');
like($out, qr/^code: SC014\nerror: .+\ndetail: .+\.\nhint: .+\.$/m, 'a refused action explains itself');
like($out, qr/^SELECT \* FROM support_case\.verify\(\);\n.*\n.*\n\(0 rows\)$/m, 'verify() finds nothing');
like($out, qr/^ sweep_schedule +\| ok /m, 'the sweep is scheduled');

($ok, $out, $err) = demo('postgres');
ok(!$ok, 'the story fails in a database that is not empty');
like($err, qr/extension "support_case" already exists/, 'and says why');

# A folder of orders: 12, of which one has no line and one two sellers.
my $folder = getcwd() . '/test/data/orders';
$node->safe_psql('postgres', "CREATE DATABASE $_") foreach qw(first second third);
($ok, $out, $err) = demo('first', $folder);
ok($ok, 'a folder of orders is played') or diag($err);
like($out, qr/^ registered +\| +11$/m,                         'orders with lines are registered');
like($out, qr/^ skipped: no line, status unavailable \| +1$/m, 'and the other one is named');
like($out, qr/^ +12 \| +14 \| +4 \| /m, 'an order of two sellers is registered for both');
like($out, qr/^ late delivery \| late_delivery +\| +3 \|/m, 'late deliveries become cases');
like($out, qr/^ all +\| - +\| +10 \|/m, 'and bad reviews do, once per order and seller');
like($out, qr/^ all +\| BRL +\| +\d+ \| +(\d+\.\d\d) \| +\1 \| +0\.00$/m, 'the ledger sums to zero');
unlike($out, qr/ \| f$/m, 'all totals add up');
is($node->safe_psql('first', q{SELECT description FROM support_case.support_case WHERE reason NOT IN ('late_delivery', 'late_not_shipped') ORDER BY opened_at LIMIT 1}),
	"Quebrado: O produto veio quebrado,\ne a caixa também.", 'in the words of the buyers');

my (undef, $again) = demo('second', $folder);
s/^How long it took.*//ms foreach $out, $again;
is($again, $out, 'a second run gives the same');

# What goes wrong is said.
($ok, $out, $err) = demo('third', "$folder/nowhere");
ok(!$ok, 'a folder that cannot be read ends the run');
like($err, qr{cannot read .*/nowhere/olist_orders_dataset\.csv}, 'naming the file');

$node->stop;
done_testing();
