#!/bin/bash
# The sweep of a fifth of all cases, in batches with a commit each, against
# hand-written sweeps that write the same rows: set-based, and row by row.  Every
# arm starts from a copy of the same database; what it wrote is compared.
. "$(dirname "$0")/common.bash"

cases=$(scaled 1000000)
due=$((cases / 5))
returns=$(scaled 50000)
turns=$((BENCH_SLICES < 3 ? BENCH_SLICES : 3))
export PGOPTIONS='-c synchronous_commit=off'

# sweep DATABASE STATEMENT CLIENTS DUE prints cases per second.
sweep() {
    local database=$1 statement=$2 clients=$3 from to pids=() pid
    from=$EPOCHREALTIME
    for ((i = 0; i < clients; i++)); do
        psql -X -q -v ON_ERROR_STOP=1 -d "$database" -c "$statement" &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid"
    done
    to=$EPOCHREALTIME
    awk -v due="$4" -v from="$from" -v to="$to" 'BEGIN { print due / (to - from) }'
}

# compare_sweeps TEMPLATE DUE ARM... runs the arms in turns, into rates[ARM].  An
# arm reads NAME|CLIENTS|STATEMENT.
declare -A rates=()
compare_sweeps() {
    local template=$1 due=$2 arm name clients statement expected='' written
    shift 2
    for ((turn = 0; turn < turns; turn++)); do
        for arm in "$@"; do
            IFS='|' read -r name clients statement <<<"$arm"
            fresh_database bench_sweep "$template"
            rates[$name]+=" $(sweep bench_sweep "$statement" "$clients" "$due")"
            written=$(sql bench_sweep -f "$bench/sweep/checksum.sql")
            [ -n "$expected" ] || verified bench_sweep
            [ "$written" = "${expected:=$written}" ] ||
                { echo "$name did not write the rows that the first arm wrote" >&2; exit 1; }
        done
    done
}

# loaded_database NAME CASES DUE RETURNS
loaded_database() {
    installed_database "$1"
    sql "$1" -v cases="$2" -v due="$3" -v returns="$4" -v escalated=0 -f "$bench/sweep/load.sql"
    sql "$1" -f "$bench/sweep/floors.sql"
}

# rate ARM prints its median.
rate() {
    # shellcheck disable=SC2086
    median ${rates[$1]}
}

loaded_database bench_cases "$cases" "$due" 0
compare_sweeps bench_cases "$due" \
    'ours 1000|1|CALL support_case.run_sweep(1000)' \
    'array 1000|1|CALL bench.sweep_by_array(1000)' \
    'ours 10000|1|CALL support_case.run_sweep(10000)' \
    'array 10000|1|CALL bench.sweep_by_array(10000)' \
    'loop 1000|1|CALL bench.sweep_by_row(1000)' \
    'two 1000|2|CALL support_case.run_sweep(1000)'
for batch in 1000 10000; do
    report "sweep, batches of $batch" cases/s "$(rate "ours $batch")" "$(rate "array $batch")" 'id array' '>= 0.9'
done
report 'sweep, batches of 1000' cases/s "$(rate 'ours 1000')" "$(rate 'loop 1000')" 'row loop' '>= 1.4'
report 'two sweeps at once' cases/s "$(rate 'two 1000')" "$(rate 'ours 1000')" 'one sweep' '>= 1.2'

loaded_database bench_returns "$returns" "$returns" 1
compare_sweeps bench_returns "$returns" \
    'returns|1|CALL support_case.run_sweep(1000)' \
    'returns array|1|CALL bench.sweep_returns(1000)'
report 'sweep of refunds, batches of 1000' cases/s "$(rate returns)" "$(rate 'returns array')" 'id array' ''

sql postgres -c 'DROP DATABASE bench_sweep' -c 'DROP DATABASE bench_cases' -c 'DROP DATABASE bench_returns'
