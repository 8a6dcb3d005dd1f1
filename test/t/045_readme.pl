# The README's first five minutes print what the README says they do.
use strict;
use warnings FATAL => 'all';
use Test::More;

open(my $file, '<', 'README.md') or die "README.md: $!";
my $readme = do { local $/; <$file> };
close $file;
my ($script, $expected) = $readme =~ /A test runs this block.*?```sql\n(.*?)```.*?```text\n(.*?)```/s
    or die 'README.md has no block to run';

# A trailing blank at the end of a line is psql's, not the reader's.
sub lines { return [map { s/\s+$//r } split /\n/, $_[0]] }

my $database = "support_case_readme_$$";
system('psql', '-qX', '-d', 'postgres', '-c', "CREATE DATABASE $database") == 0 or die 'no database';
open(my $input, '>', 'results/readme.sql') or die "results/readme.sql: $!";
print $input $script;
close $input;
my $printed = `psql -X -q -v SHOW_CONTEXT=never -d $database < results/readme.sql 2>&1`;
system('psql', '-qX', '-d', 'postgres', '-c', "DROP DATABASE $database");

is_deeply(lines($printed), lines($expected), 'the first five minutes are as printed')
    or diag($printed);

done_testing();
