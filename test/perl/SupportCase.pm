# A PostgreSQL node that finds the support_case under test.
#
# The configuration file named by TEMP_CONFIG tells a node where the extension
# lies (dev/with_cluster.sh writes it); without it, the installed one is used.
package SupportCase;

use strict;
use warnings;

use Exporter 'import';
use PostgreSQL::Test::Cluster;

our @EXPORT = qw(new_node);

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

1;
