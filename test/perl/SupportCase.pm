# A PostgreSQL node that finds the support_case under test.
#
# The configuration file named by TEMP_CONFIG tells a node where the extension
# lies (dev/with_cluster.sh writes it); without it, the installed one is used.
package SupportCase;

use strict;
use warnings;

use Exporter 'import';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

our @EXPORT = qw(new_node install_in play_history);

# new_node(NAME, preload => [LIBRARY ...], cron => BOOLEAN,
#          streaming => BOOLEAN, config => TEXT)
# returns an initialised node that is not started yet.
sub new_node
{
	my ($name, %option) = @_;
	my @preload = @{ $option{preload} // [] };
	my $node    = PostgreSQL::Test::Cluster->new($name);

	$node->init(allows_streaming => $option{streaming} ? 1 : 0);
	push @preload, 'pg_cron' if $option{cron};
	$node->append_conf('postgresql.conf',
		"shared_preload_libraries = '" . join(',', @preload) . "'\n")
	  if @preload;

	# Background workers: a job must not depend on pg_hba.conf.
	$node->append_conf('postgresql.conf',
		"cron.database_name = 'postgres'\ncron.use_background_workers = on\n")
	  if $option{cron};
	$node->append_conf('postgresql.conf', $option{config})
	  if defined $option{config};
	return $node;
}

# install_in(NODE, DATABASE) creates the extension and its tables.
sub install_in
{
	my ($node, $database) = @_;

	$node->safe_psql($database, <<'SQL');
SET client_min_messages = warning;
CREATE EXTENSION support_case;
SELECT support_case.install();
SQL
	return;
}

# play_history(NODE, DATABASE, DAYS) installs and fills a database with the
# cases of test/data/case_history.sql, DAYS days long, nothing of it swept.
sub play_history
{
	my ($node, $database, $days) = @_;

	install_in($node, $database);
	PostgreSQL::Test::Utils::system_or_bail('psql', '-XqAt', '-v', 'ON_ERROR_STOP=1',
		'-d', $node->connstr($database), '-f', 'test/data/case_history.sql');
	# Statistics early on: nobody waits for autovacuum here.
	$node->safe_psql($database, "SELECT history.play(false, '-infinity', history.at(4))");
	$node->safe_psql($database, 'ANALYZE');
	$node->safe_psql($database, "SELECT history.play(false, history.at(4), history.at($days))");
	$node->safe_psql($database, 'ANALYZE');
	return;
}

1;
