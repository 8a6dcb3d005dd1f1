#!/bin/bash
# Reading: what it costs that views show deadlines which nobody has swept.
. "$(dirname "$0")/common.bash"

cases=$(scaled 1000000)
queries=$bench/views

# microseconds DATABASE FILE [PGBENCH_ARGUMENT...] prints the latency of one client.
microseconds() {
    local database=$1 file=$2
    shift 2
    awk -v tps="$(transactions_per_second postgres "$database" "$bench/views/$file.sql" 1 -T "$BENCH_SECONDS" "$@")" \
        'BEGIN { print 1000000 / tps }'
}

installed_database bench_settled
sql bench_settled -v cases="$cases" -v due=0 -v returns=0 -v escalated=1 -f "$bench/sweep/load.sql"
installed_database bench_due
sql bench_due -v cases="$cases" -v due=$((cases / 5)) -v returns=0 -v escalated=1 -f "$bench/sweep/load.sql"
installed_database bench_balance
sql bench_balance -v entries="$(scaled 100000)" -f "$bench/views/load_entries.sql"

compare 'all cases, nothing due' bench_settled scan.view scan.table 'stored rows' ''
compare 'all cases, a fifth due' bench_due scan.view scan.table 'stored rows' ''
for due in 0 1; do
    database=$([ $due = 1 ] && echo bench_due || echo bench_settled)
    report "one case by key, $([ $due = 1 ] && echo due || echo 'not due')" us \
        "$(microseconds "$database" case.view -D "cases=$cases")" \
        "$(microseconds "$database" case.table -D "cases=$cases")" 'stored row' ''
done
compare 'due_queue, first 50, nothing due' bench_settled due_queue.view due_queue.table 'stored rows' ''
compare 'due_queue, first 50, a fifth due' bench_due due_queue.view due_queue.table 'stored rows' ''
compare 'platform_queue, first 50, nothing due' bench_settled platform_queue.view platform_queue.table 'stored rows' ''
compare 'platform_queue, first 50, a fifth due' bench_due platform_queue.view platform_queue.table 'stored rows' ''
compare "balance of a seller with $(scaled 100000) entries" bench_balance balance.view balance.table 'sum of entries' ''

sql postgres -c 'DROP DATABASE bench_settled' -c 'DROP DATABASE bench_due' -c 'DROP DATABASE bench_balance'
