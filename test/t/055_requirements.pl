# doc/requirements.md: no id without object and test, no test without an id.
use strict;
use warnings FATAL => 'all';
use IPC::Run qw(run);
use Test::More;

sub slurp
{
    my ($name) = @_;
    open(my $file, '<', $name) or die "$name: $!";
    local $/;
    return scalar <$file>;
}

# What the third column may name: functions, relations, and columns.
my $script = <<'SQL';
SET client_min_messages = warning;
BEGIN;
CREATE EXTENSION support_case;
SELECT support_case.install() \g /dev/null
SELECT proname FROM pg_proc WHERE pronamespace = 'support_case'::regnamespace
UNION
SELECT relname FROM pg_class WHERE relnamespace = 'support_case'::regnamespace AND relkind IN ('r', 'v')
UNION
SELECT relname || '.' || attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = 'support_case'::regnamespace AND relkind IN ('r', 'v') AND attnum > 0;
ROLLBACK;
SQL
my ($stdout, $stderr) = ('', '');
run([ 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1' ], '<', \$script, '>', \$stdout, '2>', \$stderr) or diag($stderr);
my %exists = map { ($_ => 1) } split /\n/, $stdout;
ok($exists{open_case} && $exists{'policy.seller_response'}, 'the catalogue is read');

my (%row, @faults);
for (split /\n/, slurp('doc/requirements.md'))
{
    my ($id, $rule, $where, $tests) = /^\| ([WAV]-\d+) \| (.+?) \| (.*?) \| (.*?) \|$/ or next;
    push @faults, "$id stands twice" if $row{$id};
    $row{$id} = { where => [ $where =~ /`([^`]+)`/g ], tests => [ $tests =~ /`([^`]+)`/g ] };
}

my %last = (W => 134, A => 32, V => 23);
for my $series (sort keys %last)
{
    for my $number (1 .. $last{$series})
    {
        my $id = sprintf('%s-%02d', $series, $number);
        push @faults, "$id is missing" unless $row{$id};
    }
}
is_deeply(\@faults, [], 'every id stands in the table, once');

@faults = ();
my %text;
for my $id (sort keys %row)
{
    push @faults, "$id names no object" unless @{ $row{$id}{where} };
    push @faults, "$id names no test" unless @{ $row{$id}{tests} };
    push @faults, map { "$id: $_ does not exist" } grep { !$exists{$_} } @{ $row{$id}{where} };
    for my $test (@{ $row{$id}{tests} })
    {
        $text{$test} //= -e $test ? slurp($test) : '';
        push @faults, "$id: $test does not name it" unless $text{$test} =~ /\b\Q$id\E\b/;
    }
}
is_deeply(\@faults, [], 'every id names objects that exist and tests that name it') or diag(join("\n", @faults));

@faults = ();
for my $test (grep { $_ ne 'test/t/055_requirements.pl' } glob('test/*.sql test/sql/*.sql test/specs/*.spec test/t/*.pl'))
{
    my %named = map { ($_ => 1) } slurp($test) =~ /\b([WAV]-\d{2,3})\b/g;
    push @faults, map { "$test names $_" } grep { !$row{$_} } sort keys %named;
}
is_deeply(\@faults, [], 'no test names an id that is not in the table') or diag(join("\n", @faults));

done_testing();
