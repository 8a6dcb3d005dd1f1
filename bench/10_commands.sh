#!/bin/bash
# A whole command, validation included, against one hand-written statement that
# takes the same locks and writes the same rows into the same tables, and
# against a client that sends statement by statement.  Arm keyed is the command
# with an idempotency key, for which its peer has no counterpart.
. "$(dirname "$0")/common.bash"

count_of_one=$(scaled 10000)        # transactions of one client in a slice
count_of_four=$(scaled 5000)        # of each of four clients
slice=$((4 * count_of_four))        # cases that the largest slice uses

arms=(ours floor client keyed)
declare -A user=([ours]=bench_app [floor]=bench_writer [client]=bench_writer [keyed]=bench_app)

# compare_command COMMAND CLIENTS COUNT COMMIT
compare_command() {
    local command=$1 clients=$2 count=$3 base=0 arm
    local -A rates=()
    export BENCH_COMMIT=$4
    fresh_database bench_commands bench_template
    for ((n = 0; n < BENCH_SLICES; n++)); do
        for arm in "${arms[@]}"; do
            rates[$arm]+=" $(transactions_per_second "${user[$arm]}" bench_commands \
                "$bench/commands/$command.$arm.sql" "$clients" \
                -t "$count" -D n=0 -D base="$base" -D count="$count")"
            base=$((base + slice))
        done
    done
    verified bench_commands
    local item="$command, $clients client$([ "$clients" = 1 ] || echo s), commit $BENCH_COMMIT"
    # shellcheck disable=SC2086
    report "$item" tps "$(median ${rates[ours]})" "$(median ${rates[floor]})" "one statement" '>= 0.85'
    # shellcheck disable=SC2086
    report "$item" tps "$(median ${rates[ours]})" "$(median ${rates[client]})" "client statements" '>= 1.8'
    # shellcheck disable=SC2086
    report "$item, with key" tps "$(median ${rates[keyed]})" "$(median ${rates[floor]})" "one statement" ''
}

installed_database bench_template
open_cases bench_template $((BENCH_SLICES * ${#arms[@]} * slice)) 0
for command in explain_no_refund offer_full_refund; do
    for commit in off on; do
        compare_command $command 1 "$count_of_one" $commit
        compare_command $command 4 "$count_of_four" $commit
    done
done
sql postgres -c 'DROP DATABASE bench_commands' -c 'DROP DATABASE bench_template'
