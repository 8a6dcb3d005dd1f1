# A standby shows what deadlines have brought about, though no sweep can run
# there, and goes on from there when it is promoted (principle 4).  On a
# subscriber the guards stay quiet.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use SupportCase;
use Test::More;

my $clock = "SET support_case.now = '2026-01-25T09:00:00Z';";
my $look  = q{SELECT relation, md5(content::text) FROM history.look(history.views()) ORDER BY 1};

my $primary = new_node('primary', streaming => 1, config => "wal_level = logical\n");
$primary->start;
$primary->safe_psql('postgres', 'CREATE DATABASE history');
play_history($primary, 'history', 20);
$primary->backup('base');

my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));

my $expected = $primary->safe_psql('history', "$clock $look");
is($standby->safe_psql('history', "$clock $look"), $expected,
	'the views of a standby show every deadline that has passed');
my ($status, undef, $error) = $standby->psql('history', "$clock SELECT support_case.sweep()");
like($error, qr/read-only transaction/, 'no sweep runs there');
like($standby->safe_psql('history', "$clock SELECT status, detail FROM support_case.health() WHERE component = 'sweep'"),
	qr/^error\|no sweep has run yet; \d+ deadlines are due/, 'health() says so');

# A subscriber gets every row; append-only and transition guards let it.
my $tables = q{SELECT string_agg(format('support_case.%I', relname), ', ') FROM pg_class
	WHERE relnamespace = 'support_case'::regnamespace AND relkind = 'r'};
$primary->safe_psql('history', 'CREATE PUBLICATION desk FOR TABLES IN SCHEMA support_case');
my $subscriber = new_node('subscriber');
$subscriber->start;
$subscriber->safe_psql('postgres', 'CREATE DATABASE history');
install_in($subscriber, 'history');
$subscriber->safe_psql('history', 'SET session_replication_role = replica; TRUNCATE '
	. $subscriber->safe_psql('history', $tables) . ' CASCADE');
$subscriber->safe_psql('history', sprintf(q{CREATE SUBSCRIPTION desk CONNECTION '%s dbname=history' PUBLICATION desk},
	$primary->connstr));
$subscriber->wait_for_subscription_sync($primary, 'desk', 'history');

my $swept = $primary->safe_psql('history', "$clock SELECT support_case.sweep()");
cmp_ok($swept, '>', 50, 'the primary sweeps');
$primary->wait_for_catchup('desk');
my $stored = q{SELECT md5(string_agg(e::text, '' ORDER BY seller_id, case_id, event_number)) FROM support_case.case_event AS e};
is($subscriber->safe_psql('history', $stored), $primary->safe_psql('history', $stored),
	'a subscriber has every event');
is($subscriber->safe_psql('history', 'SELECT check_name FROM support_case.verify() ORDER BY check_name'),
	"case_number\nconversation_number",
	'and all invariants hold there, but for the sequences, which are not replicated');
$subscriber->stop;

# The standby has the sweep too; promoted, it goes on by itself.
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));
$primary->stop('immediate');
$standby->promote;
is($standby->safe_psql('history', "$clock $look"), $expected, 'the views of a promoted standby are the same');
is($standby->safe_psql('history', "$clock SELECT support_case.sweep()"), '0', 'nothing is swept twice');
my $later = "SET support_case.now = '2026-06-01T09:00:00Z';";
my $due   = $standby->safe_psql('history', "$later $look");
cmp_ok($standby->safe_psql('history', "$later SELECT support_case.sweep()"), '>', 0, 'it sweeps from now on');
is($standby->safe_psql('history', "$later $look"), $due, 'into what its views had shown');
is($standby->safe_psql('history', 'SELECT * FROM support_case.verify()'), '', 'all invariants hold');

$standby->stop;
done_testing();
