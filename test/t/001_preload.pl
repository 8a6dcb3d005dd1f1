# support_case.now in postgresql.conf of a server that preloads the library.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use SupportCase;
use Test::More;

my $node = new_node(
	'preload',
	preload => ['support_case'],
	cron    => 1,
	config  => "support_case.now = '2026-01-09T16:00:00-05:00'\n");
my $read_clock = q{SELECT support_case.clock() AT TIME ZONE 'UTC'};

$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION support_case');
is($node->safe_psql('postgres', $read_clock),
	'2026-01-09 21:00:00', 'the configured instant is obeyed');

$node->stop('immediate');
$node->start;
is($node->safe_psql('postgres', $read_clock),
	'2026-01-09 21:00:00', 'and still is after a crash');

$node->append_conf('postgresql.conf', "support_case.now = 'tomorrow'\n");
$node->reload;
ok( $node->poll_query_until(
		'postgres',
		q{SELECT count(*) > 0 FROM pg_file_settings
		  WHERE name = 'support_case.now' AND error IS NOT NULL}),
	'an instant without offset is refused at reload');
is($node->safe_psql('postgres', $read_clock),
	'2026-01-09 21:00:00', 'and the former one stays');

$node->safe_psql('postgres', 'CREATE EXTENSION pg_cron');
is( $node->safe_psql(
		'postgres', q{SELECT count(*) FROM pg_extension WHERE extname IN ('support_case', 'pg_cron')}),
	'2', 'support_case and pg_cron live side by side');

$node->stop;
done_testing();
