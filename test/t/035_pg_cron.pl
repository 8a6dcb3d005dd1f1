# pg_cron: who may schedule the sweep, what is said where it cannot be done,
# one job however often, and a real job that really sweeps.  Waits for the
# next minute: pg_cron before 1.5 knows nothing shorter.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use SupportCase;
use Test::More;

my $node = new_node('cron', cron => 1);
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE shop');
install_in($node, $_) for qw(postgres shop);
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE sweeper LOGIN IN ROLE support_case_operator;
CREATE ROLE other LOGIN IN ROLE support_case_operator;
CREATE ROLE no_login NOLOGIN IN ROLE support_case_operator;
CREATE ROLE outsider LOGIN;
SQL

# refusal(DATABASE, ROLE, QUERY) returns what a role is told.
sub refusal
{
	my ($database, $role, $query) = @_;
	my (undef, undef, $error) =
	  $node->psql($database, "\\set VERBOSITY verbose\nSET ROLE $role;\n$query");
	return $error;
}

sub as
{
	my ($role, $query) = @_;
	return $node->safe_psql('postgres', "SET ROLE $role;\n$query");
}

sub health
{
	return $node->safe_psql('postgres',
		q{SELECT status || ': ' || detail FROM support_case.health() WHERE component = 'sweep_schedule'});
}

# Two cases whose deadline passed years ago.
$node->safe_psql($_, <<'SQL') for qw(postgres shop);
SET support_case.now = '2020-01-06T12:00:00Z';
SELECT support_case.create_policy('{"escalation_auto_on_overdue": true}', '2020-01-06T12:00:00Z');
SELECT support_case.register_seller(1);
SELECT support_case.register_order(1, 1, 7, 'USD', 93, 5, 2, '[{"unit_price": 100}]');
SELECT support_case.open_case(1, 1, 'damaged_in_transit', 'a');
SQL

# pg_cron is not there.
my $error = refusal('postgres', 'postgres', 'SELECT support_case.schedule()');
like($error, qr/ERROR:  SC011: pg_cron is not installed in this database/, 'pg_cron is not installed: SC011');
like($error, qr/HINT:  Run as a superuser: CREATE EXTENSION pg_cron\./, 'and what to do');
$node->safe_psql('postgres', 'CREATE EXTENSION pg_cron');

# pg_cron is elsewhere; the hint's call is tried below.
$error = refusal('shop', 'postgres', 'SELECT support_case.schedule()');
like($error, qr/ERROR:  SC011: pg_cron runs in database "postgres"/, 'pg_cron is in another database: SC011');
$error = refusal('shop', 'sweeper', q{SELECT support_case.schedule('*/1 * * * *')});
like($error, qr/ERROR:  SC011: pg_cron is not installed in this database/,
	'a role that cannot see where it is gets SC011 too');
my ($call) = $error =~ /run there as a superuser: (SELECT cron\.schedule_in_database\(.*\);)/;
is( $call,
	q{SELECT cron.schedule_in_database('support_case sweep of shop', '*/1 * * * *', 'CALL support_case.run_sweep()', 'shop', 'sweeper');},
	'and the call to make there');

# Who may.
like(refusal('postgres', 'postgres', 'SELECT support_case.schedule()'),
	qr/ERROR:  42501: a superuser must not own the sweep's job.*HINT:  Run as a superuser: CREATE ROLE/s,
	'no superuser');
like(refusal('postgres', 'sweeper', 'SELECT support_case.schedule()'),
	qr/ERROR:  42501: role "sweeper" may not use pg_cron.*HINT:  .*GRANT USAGE ON SCHEMA cron TO sweeper/s,
	'nobody without rights on schema cron');
$node->safe_psql('postgres', 'GRANT USAGE ON SCHEMA cron TO sweeper, other, no_login, outsider');
like(refusal('postgres', 'no_login', 'SELECT support_case.schedule()'),
	qr/ERROR:  42501: role "no_login" cannot log in/, 'nobody without LOGIN');
like(refusal('postgres', 'outsider', 'SELECT support_case.schedule()'),
	qr/ERROR:  42501: /, 'nobody who may not sweep');
$node->safe_psql('postgres', 'REVOKE EXECUTE ON FUNCTION cron.schedule(text, text, text) FROM PUBLIC');
like(refusal('postgres', 'sweeper', 'SELECT support_case.schedule()'),
	qr/ERROR:  42501: role "sweeper" may not schedule jobs.*HINT:  .*GRANT EXECUTE ON FUNCTION cron\.schedule/s,
	'nobody who may not call cron.schedule()');
$node->safe_psql('postgres', 'GRANT EXECUTE ON FUNCTION cron.schedule(text, text, text) TO PUBLIC');
like(refusal('postgres', 'sweeper', q{SELECT support_case.schedule('5 parsecs')}),
	qr/ERROR:  22023: invalid schedule "5 parsecs"/, 'and not like that');
is(health(), 'warning: no job sweeps this database', 'health(): no job yet');

# One job, whoever asks how often.
as('sweeper', 'SELECT support_case.schedule()') for 1 .. 3;
is( $node->safe_psql('postgres', 'SELECT jobname, schedule, command, database, username FROM cron.job'),
	'support_case sweep|* * * * *|CALL support_case.run_sweep()|postgres|sweeper',
	'scheduling three times makes one job');
like(health(), qr/^ok: job \d+ of role "sweeper": \* \* \* \* \*$/, 'health(): all is well');
like(refusal('postgres', 'other', 'SELECT support_case.schedule()'),
	qr/ERROR:  42501: the sweep is scheduled by role "sweeper".*HINT:  .*unschedule\(\) as role "sweeper"/s,
	'another role is told whose the job is');
as('other', q{SELECT cron.schedule('mine', '* * * * *', 'CALL support_case.run_sweep(10)')});
is(health(), 'warning: 2 jobs sweep this database', 'health(): a job too many');

# What becomes of a job.
for my $damage (
	[ q{UPDATE cron.job SET active = false WHERE username = 'sweeper'}, qr/^error: job \d+ is not active/ ],
	[ q{UPDATE cron.job SET username = 'postgres' WHERE username = 'sweeper'}, qr/^error: job \d+ runs as role "postgres", which is a superuser/ ],
	[ q{UPDATE cron.job SET username = 'outsider' WHERE username = 'sweeper'}, qr/^error: job \d+ runs as role "outsider", which may not sweep/ ],
	[ q{UPDATE cron.job SET username = 'gone' WHERE username = 'sweeper'}, qr/^error: job \d+ runs as role "gone", which does not exist/ ],
	[ q{DELETE FROM cron.job}, qr/^error: job \d+ of role "sweeper" is gone/ ],
	[ q{UPDATE support_case.sweep_schedule SET system_identifier = 1}, qr/^error: job \d+ was made in database "postgres" of another cluster/ ],
	[ q{UPDATE support_case.sweep_schedule SET database_name = 'old'}, qr/^error: job \d+ was made in database "old" of this cluster/ ])
{
	my ($sql, $finding) = @$damage;
	my $found = $node->safe_psql('postgres', "BEGIN; $sql;"
		. q{SELECT status || ': ' || detail FROM support_case.health() WHERE component = 'sweep_schedule'; ROLLBACK});
	like($found, $finding, "health(): $sql");
}
is($node->safe_psql('postgres', 'SELECT count(*) FROM support_case.unschedule()'), '2',
	'a superuser can remove every job');
is(as('sweeper', 'SELECT count(*) FROM support_case.unschedule()'), '0', 'which leaves none to remove');

# And now for real, here and, with the hint's call, in the other database.
as('sweeper', 'SELECT support_case.schedule()');
$node->safe_psql('postgres', $call);
ok( $node->poll_query_until('postgres',
		q{SELECT count(DISTINCT database) = 2 FROM cron.job_run_details WHERE status = 'succeeded'}),
	'both jobs run within a minute')
  or diag $node->safe_psql('postgres', 'SELECT * FROM cron.job_run_details');
for my $database (qw(postgres shop))
{
	is($node->safe_psql($database, 'SELECT status, escalation_reason FROM support_case.support_case'),
		'escalated|seller_silent', "the job has swept database $database");
}
is($node->safe_psql('postgres', 'SELECT DISTINCT username FROM cron.job_run_details'), 'sweeper',
	'as the role that scheduled it');
like(health(), qr/^ok: /, 'health(): all is well');
like($node->safe_psql('postgres', q{SELECT status || ': ' || detail FROM support_case.health() WHERE component = 'sweep'}),
	qr/^ok: last sweep .*; nothing is due$/, 'health(): and swept');
is(as('sweeper', q{SELECT job_runs >= 1 FROM support_case.purge(interval '0')}), 't', 'purge() empties the log of its runs');

is(as('sweeper', 'SELECT job_name, scheduled_by FROM support_case.unschedule()'), 'support_case sweep|sweeper',
	'unschedule() tells what it removed');
is($node->safe_psql('postgres', 'SELECT database FROM cron.job'), 'shop', 'and leaves the other database its job');
is(health(), 'warning: no job sweeps this database', 'health(): no job');

$node->stop;
done_testing();
