#!/bin/bash
# Analysts' questions to the views, against the same questions written by hand
# over the raw tables; both have to give the same answer.
. "$(dirname "$0")/common.bash"

queries=$bench/analysis
sellers=$(scaled 100000)
cases=$(scaled 5000000)
answers=$(mktemp -d)
trap 'rm -rf "$answers"' EXIT

# ask ITEM QUESTION TARGET
ask() {
    local item=$1 question=$2 target=$3
    # In one transaction: windows end at the same instant.
    sql bench_analysis <<SQL
BEGIN;
\\o $answers/view
\\i $queries/$question.view.sql
\\o $answers/hand
\\i $queries/$question.hand.sql
COMMIT;
SQL
    diff <(sort "$answers/view") <(sort "$answers/hand") >&2
    report "$item" ms "$(milliseconds bench_analysis "$question.view")" \
        "$(milliseconds bench_analysis "$question.hand")" 'by hand' "$target"
}

installed_database bench_analysis
sql bench_analysis -v sellers="$sellers" -v cases="$cases" -f "$queries/load.sql"

ask "ratings of $sellers sellers, $cases cases" ratings ''
PGOPTIONS='-c max_parallel_workers_per_gather=2' ask 'the same, with 2 workers' ratings ''
ask 'rating of a seller with 10000 cases' rating ''
ask 'response-time percentiles of a month' percentiles ''
ask 'breach rate of a month' breaches ''
ask 'refund cost of a month by reason' refunds ''

sql postgres -c 'DROP DATABASE bench_analysis'
