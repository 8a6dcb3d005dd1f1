#!/bin/bash
# Measures support_case and prints one table: every part of the benchmark is a
# script beside this one.  Arguments name parts: run.sh 10_commands.
# Run by make bench, inside dev/with_cluster.sh.
. "$(dirname "$0")/common.bash"
export BENCH_RESULTS
BENCH_RESULTS=$(mktemp)
trap 'rm -f "$BENCH_RESULTS"' EXIT

if [ $# -gt 0 ]; then
    parts=("${@/%/.sh}")
else
    parts=($(cd "$bench" && ls -- *.sh | grep -v '^run\.sh$'))
fi

started=$SECONDS
for part in "${parts[@]}"; do
    echo "== $part"
    "$bench/$part"
done
echo
{
    printf 'item\tours\tpeer\tpeer is\tratio\ttarget\tmet\n'
    cat "$BENCH_RESULTS"
} | column -t -s $'\t' -o ' | '
echo
echo "PostgreSQL $(sql postgres -c 'SHOW server_version'), $(nproc) CPUs:$(sed -n '/model name/{s/.*://p;q}' /proc/cpuinfo), scale $BENCH_SCALE, $((SECONDS - started)) s"
