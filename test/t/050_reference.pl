# doc/reference.md says what the comments of the objects say.
use strict;
use warnings FATAL => 'all';
use Test::More;

my $printed = `dev/print_reference.sh`;
is($?, 0, 'the reference is printed');

open(my $file, '<', 'doc/reference.md') or die "doc/reference.md: $!";
my $kept = do { local $/; <$file> };
close $file;

my @printed = split /\n/, $printed;
my @kept = split /\n/, $kept;
my ($line) = grep { ($printed[$_] // '') ne ($kept[$_] // '') } 0 .. ($#printed > $#kept ? $#printed : $#kept);
ok(!defined $line, 'doc/reference.md is what `make reference` writes')
    or diag(sprintf("line %d\nprinted: %s\nkept:    %s", $line + 1, $printed[$line] // '(none)', $kept[$line] // '(none)'));

done_testing();
