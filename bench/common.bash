# What the parts of the benchmark share.  Sourced, not run.
#
# BENCH_SCALE    size of tables and slices; 1 is the full size
# BENCH_SECONDS  length of a slice where slices are timed
# BENCH_SLICES   slices per arm; arms take turns, medians count
# BENCH_RESULTS  the file that collects one line per item
set -euo pipefail

BENCH_SCALE=${BENCH_SCALE:-1}
BENCH_SECONDS=${BENCH_SECONDS:-5}
BENCH_SLICES=${BENCH_SLICES:-5}
BENCH_RESULTS=${BENCH_RESULTS:-/dev/stdout}
bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# scaled NUMBER prints it at the scale of the run.
scaled() {
    awk -v number="$1" -v scale="$BENCH_SCALE" \
        'BEGIN { number = int(number * scale); print number < 100 ? 100 : number }'
}

# median NUMBER... prints the middle one.
median() {
    printf '%s\n' "$@" | sort -g | sed -n "$((($# + 1) / 2))p"
}

# report ITEM UNIT OURS PEER PEER_NAME TARGET notes a result; the ratio is ours to the
# peer's, and TARGET reads ">= 0.85" or "<= 1.25".
report() {
    awk -v OFS='\t' -v item="$1" -v unit="$2" -v ours="$3" -v peer="$4" -v name="$5" -v target="$6" '
        function rounded(x) { return x >= 100 ? sprintf("%.0f", x) : sprintf("%.3g", x) }
        BEGIN {
            split(target, limit, " ")
            ratio = ours / peer
            met = limit[1] == ">=" ? ratio >= limit[2] : limit[1] == "<=" ? ratio <= limit[2] : 2
            print item, rounded(ours) " " unit, rounded(peer) " " unit, name, sprintf("%.2f", ratio), target,
                met == 2 ? "-" : met ? "yes" : "NO"
        }' >>"$BENCH_RESULTS"
}

# sql DATABASE ARGUMENT... runs psql quietly.
sql() {
    local database=$1
    shift
    PGOPTIONS="-c client_min_messages=warning" psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$database" "$@"
}

# fresh_database NAME [TEMPLATE] makes a database, empty or a copy.
fresh_database() {
    sql postgres -c "DROP DATABASE IF EXISTS $1" \
        -c "CREATE DATABASE $1 TEMPLATE ${2:-template1} ${2:+STRATEGY file_copy}" -c 'CHECKPOINT'
}

# installed_database NAME makes a database with support_case installed.
installed_database() {
    fresh_database "$1"
    sql "$1" -o /dev/null <<'SQL'
CREATE SCHEMA support_case;
CREATE EXTENSION support_case SCHEMA support_case;
SELECT support_case.install();
DO $$
BEGIN
    IF to_regrole('bench_app') IS NULL THEN
        CREATE ROLE bench_app LOGIN IN ROLE support_case_app;
        -- Writes by hand with the rights that commands have, checked as theirs are.
        CREATE ROLE bench_writer LOGIN IN ROLE support_case_owner;
        ALTER ROLE bench_writer SET role = support_case_owner;
    END IF;
END
$$;
GRANT USAGE ON SCHEMA support_case TO bench_app;
SQL
}

# open_cases DATABASE COUNT DUE loads orders with one case each, of which DUE
# wait for a sweep.
open_cases() {
    sql "$1" -v cases="$2" -v due="$3" -f "$bench/open_cases.sql"
}

# verified DATABASE fails when verify() finds something in what was written.
verified() {
    local findings
    findings=$(sql "$1" -c 'SELECT * FROM support_case.verify() LIMIT 5')
    [ -z "$findings" ] || { printf 'verify() finds in %s:\n%s\n' "$1" "$findings" >&2; exit 1; }
}

# transactions_per_second USER DATABASE SCRIPT CLIENTS PGBENCH_ARGUMENT... runs pgbench.
transactions_per_second() {
    local user=$1 database=$2 script=$3 clients=$4
    shift 4
    PGOPTIONS="-c synchronous_commit=${BENCH_COMMIT:-off}" \
        pgbench -n -M prepared -U "$user" -c "$clients" -j "$clients" -f "$script" "$@" "$database" 2>&1 |
        awk '/^tps = / { print $3; found = 1 } { text = text $0 "\n" }
            END { if (!found) { printf "%s", text > "/dev/stderr"; exit 1 } }'
}

# milliseconds DATABASE FILE [PSQL_ARGUMENT...] prints the median of BENCH_SLICES
# runs of the one statement of $queries/FILE.sql, after one to warm up.
milliseconds() {
    local database=$1 file=$2 from times=()
    shift 2
    # shellcheck disable=SC2046
    times=($({
        echo '\set QUIET on' '\timing on'
        for ((i = 0; i <= BENCH_SLICES; i++)); do
            echo "\\i $queries/$file.sql"
        done
    } | sed 's/ \\timing/\n\\timing/' | psql -X -d "$database" -o /dev/null -v ON_ERROR_STOP=1 "$@" |
        sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p'))
    [ ${#times[@]} = $((BENCH_SLICES + 1)) ]
    median "${times[@]:1}"
}

# compare ITEM DATABASE VIEW_FILE FLOOR_FILE FLOOR TARGET [PSQL_ARGUMENT...]
compare() {
    local item=$1 database=$2 view=$3 floor=$4 name=$5 target=$6
    shift 6
    report "$item" ms "$(milliseconds "$database" "$view" "$@")" "$(milliseconds "$database" "$floor" "$@")" \
        "$name" "$target"
}
