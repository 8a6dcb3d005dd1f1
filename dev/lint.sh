#!/bin/bash
# Source rules that no compiler checks.  Prints FILE:LINE: TEXT for whatever
# breaks a rule, then how many rules hold; exits 1 when one does not.
#
#   dev/lint.sh [FOLDER]      (default: this checkout)
#
# The rules about exported symbols apply where support_case.so is built.
set -u
export LC_ALL=C
cd "${1:-$(dirname "$0")/..}" || exit 2
kept=0
broken=0

# rule TITLE COMMAND... holds when the command prints nothing.
rule() {
    local title=$1 findings
    shift
    findings=$("$@" 2>&1)
    if [ -z "$findings" ]; then
        kept=$((kept + 1))
        return
    fi
    broken=$((broken + 1))
    printf 'not kept: %s\n%s\n' "$title" "$(sed 's/^/    /' <<<"$findings")"
}

# sources FOLDER... prints every text file we wrote, recorded output excepted.
sources() {
    find "$@" \( -name .git -o -name results -o -name tmp_check -o -name .work \) -prune \
        -o -type f \( -name '*.[ch]' -o -name '*.sql' -o -name '*.sh' -o -name '*.p[lm]' \
        -o -name '*.spec' -o -name '*.md' -o -name '*.json' -o -name '*.control' \
        -o -name Makefile \) ! -name 'support_case--*' -print 2>/dev/null | sort
}

# search PATTERN FOLDER... [-- GREP OPTION...]
search() {
    local pattern=$1
    shift
    sources "$@" | xargs -r grep -nHE -- "$pattern"
}

# statements FOLDER REGEX UNLESS prints where REGEX matches and the matched
# text, comments blanked out, does not contain UNLESS.
statements() {
    sources "$1" | grep -E '\.(sql|c|h)$' | REGEX=$2 UNLESS=$3 xargs -r perl -0777 -ne '
        my ($source, $regex, $unless) = ($_, $ENV{REGEX}, $ENV{UNLESS});
        my $blank = sub { my $text = shift; $text =~ s/[^\n]/ /g; $text };
        if ($ARGV =~ /\.sql$/) { $source =~ s/(--[^\n]*)/$blank->($1)/ge }
        else
        {
            $source =~ s{(/\*.*?\*/)}{$blank->($1)}gse;
            $source =~ s{^(\s*#\s*define(?:[^\n]*\\\n)*[^\n]*)}{$blank->($1)}gme;
        }
        while ($source =~ /$regex/gs)
        {
            my ($start, $text) = ($-[0], $&);
            next if $unless ne "" && $text =~ /$unless/s;
            my $line = 1 + (substr($source, 0, $start) =~ tr/\n//);
            $text =~ s/\s+/ /g;
            printf "%s:%d: %.70s\n", $ARGV, $line, $text;
        }'
}

trailing_whitespace() { search '[[:blank:]]+$' .; }

unfinished() { search '\b(TODO|FIXME|XXX)\b' src sql test doc bench; }

version_tests_elsewhere() { search 'PG_VERSION_NUM' src | grep -v '^src/compat\.h:'; }

unbounded_string_calls() {
    search '\b(sprintf|vsprintf|strcpy|strcat|gets)[[:blank:]]*\(' src
}

errors_without_code() {
    statements src '\b(?:ereport|ereturn)\s*\((?:[^;"]|"(?:[^"\\]|\\.)*")*;' \
        'errcode|\(\s*(?:DEBUG\d|LOG|INFO|NOTICE)\b'
}

# Text without a condition name: RAISE 'message', RAISE EXCEPTION 'message'.
raise_without_code() {
    statements sql \
        "\\bRAISE\\b(?!\\s*;)(?!\\s+(?:DEBUG|LOG|INFO|NOTICE|WARNING)\\b)(?:'(?:[^']|'')*'|[^;'])*;" \
        'ERRCODE|SQLSTATE'
}

# Either would adopt an object that somebody else has put there.
adopting_in_install_script() {
    search 'CREATE[[:blank:]]+OR[[:blank:]]+REPLACE|IF[[:blank:]]+NOT[[:blank:]]+EXISTS' sql/extension |
        grep -vE ':[[:blank:]]*--'
}

# CREATE OR REPLACE VIEW resets the options that it does not repeat.
views_without_options() {
    statements sql 'CREATE\s+(?:OR\s+REPLACE\s+)?(?:RECURSIVE\s+)?VIEW\s.*?\bAS\b' \
        'WITH\s*\([^)]*security_(?:invoker|barrier)'
}

definer_without_search_path() {
    statements sql 'CREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE)\b.*?(?:\bAS\s+(?:\$\w*\$|\x27)|BEGIN\s+ATOMIC)' \
        '^(?!.*SECURITY\s+DEFINER)|SET\s+search_path\s*(?:=|TO)\s*pg_catalog\s*,\s*pg_temp'
}

objects_without_schema() {
    statements sql 'CREATE\s+(?:OR\s+REPLACE\s+)?(?:UNIQUE\s+)?(?:TABLE|VIEW|FUNCTION|PROCEDURE|SEQUENCE|TYPE|AGGREGATE)\s+[\w.%]+' \
        'support_case\.|\s%'
}

# The later file would quietly win: nothing is overloaded.
created_twice() {
    sources sql/schema/api | xargs -r grep -nHoE '^CREATE OR REPLACE (FUNCTION|PROCEDURE|VIEW) support_case\.[a-z0-9_]+' |
        awk '{ match($0, /CREATE .*/); name = substr($0, RSTART) }
            name in place { print place[name]; print $0 }
            { place[name] = $0 }'
}

# PL/pgSQL would otherwise ask whether a name is a column or a variable.
plpgsql_without_conflict_rule() {
    statements sql 'LANGUAGE\s+plpgsql\b.*?\bAS\s+(\$\w*\$)\s*(?:(?!\1).)*\1' \
        'AS\s+\$\w*\$\s*#variable_conflict use_column'
}

# pg_regress prefers ./sql/NAME.sql to test/sql/NAME.sql.
shadowed_tests() {
    local file name
    for file in test/sql/*.sql test/specs/*.spec; do
        [ -e "$file" ] || continue
        name=$(basename "${file%.*}")
        [ ! -e "sql/$name.sql" ] || echo "sql/$name.sql shadows $file"
        [ "$file" != "test/specs/$name.spec" ] || [ ! -e "test/sql/$name.sql" ] ||
            echo "$file and test/sql/$name.sql share expected/$name.out"
        [ -s "expected/$name.out" ] || echo "expected/$name.out of $file is missing"
    done
}

orphaned_expectations() {
    local file name
    for file in expected/*; do
        [ -e "$file" ] || continue
        name=$(basename "$file" .out)
        [ -e "test/sql/$name.sql" ] || [ -e "test/specs/$name.spec" ] ||
            echo "$file belongs to no test"
    done
}

# The server's namespace of symbols is shared by all libraries.
exported_symbols() {
    [ -e support_case.so ] || return 0
    nm -D --defined-only support_case.so |
        awk '$2 ~ /[A-Z]/ && $3 !~ /^(sc_|pg_finfo_sc_|Pg_magic_func$|_PG_init$|_init$|_fini$)/ { print $3 }' |
        grep -vE '^__(gcov|llvm|asan|ubsan)' | sed 's/^/support_case.so: /'
}

version_stated_twice() {
    [ -e support_case.control ] || return 0
    local control meta
    control=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" support_case.control)
    # PGXN wants three numbers; a release 1.0 is 1.0.0 there.
    [[ $control == *.*.* ]] || control+=.0
    meta=$(perl -MJSON::PP -0777 -ne '
        my $meta = decode_json($_);
        print join "\n", $meta->{version}, $meta->{provides}{support_case}{version}' META.json) ||
        { echo "META.json is not valid JSON"; return; }
    while read -r version; do
        [ "$version" = "$control" ] ||
            echo "META.json says $version, support_case.control $control"
    done <<<"$meta"
    grep -qF "[$control]" CHANGELOG.md || grep -qF '[Unreleased]' CHANGELOG.md ||
        echo "CHANGELOG.md has no entry for $control"
}

rule 'no trailing white space' trailing_whitespace
rule 'nothing unfinished' unfinished
rule 'tests of the PostgreSQL version live in src/compat.h' version_tests_elsewhere
rule 'no unbounded string functions' unbounded_string_calls
rule 'every ereport has a SQLSTATE' errors_without_code
rule 'every RAISE has an ERRCODE' raise_without_code
rule 'the install script never adopts existing objects' adopting_in_install_script
rule 'every view states security_invoker or security_barrier' views_without_options
rule 'SECURITY DEFINER pins search_path = pg_catalog, pg_temp' definer_without_search_path
rule 'created objects are schema-qualified' objects_without_schema
rule 'functions and views are created once' created_twice
rule 'PL/pgSQL bodies open with #variable_conflict use_column' plpgsql_without_conflict_rule
rule 'no test is shadowed and every test has its output' shadowed_tests
rule 'every recorded output has its test' orphaned_expectations
rule 'exported symbols carry the prefix sc_' exported_symbols
rule 'one version everywhere' version_stated_twice

printf '%d rules kept, %d not kept\n' "$kept" "$broken"
[ "$broken" -eq 0 ]
