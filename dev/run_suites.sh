#!/bin/bash
# Runs test suites and prints how many tests passed and failed.  Called by
# make inside dev/with_cluster.sh, in the private copy of the checkout.
#
#   dev/run_suites.sh SUITE...      lint, regress, isolation, pgtap, tap
#
# TESTS narrows the tests of a single suite: names without suffix for regress
# and isolation, file names for pgtap and tap.
set -u
trap 'exit 130' INT
trap 'exit 143' TERM

pgxs_test=$(dirname "$("$PG_CONFIG" --pgxs)")/../test
passed_total=0
failed_total=0
summary=
mkdir -p results

# count SUITE PASSED FAILED adds a suite's figures to the summary.
count() {
    passed_total=$((passed_total + $2))
    failed_total=$((failed_total + $3))
    summary+=$(printf '%-10s %4d passed, %d failed' "$1" "$2" "$3")$'\n'
}

run_lint() {
    if dev/lint.sh; then
        count lint 1 0
    else
        count lint 0 1
    fi
}

# pg_regress aborts where an expected file is missing; an empty one makes the
# test fail alone and show its output.
seed_expected() {
    local name
    for name in "$@"; do
        [ -e "expected/$name.out" ] || : >"expected/$name.out"
    done
}

# run_pg_regress SUITE OTHER_VARIABLE runs installcheck without the suite of
# the other variable, and reads the summary that pg_regress of every major
# prints: "All 3 tests passed" or "1 of 3 tests failed".
run_pg_regress() {
    local suite=$1 without=$2 only=() log=results/$1.log ran=0 failed=0
    [ -z "${TESTS:-}" ] || case $suite in
        regress) only=("REGRESS=$TESTS") ;;
        isolation) only=("ISOLATION=$TESTS") ;;
    esac
    make -s with_llvm=no "$without=" "${only[@]}" installcheck 2>&1 | tee "$log"
    if [ "${PIPESTATUS[0]}" -eq 0 ]; then
        ran=$(sed -n 's/.*All \([0-9]*\) tests passed.*/\1/p' "$log")
    else
        read -r failed ran <<<"$(sed -n 's/[# ]*\([0-9]*\) of \([0-9]*\) tests failed.*/\1 \2/p' "$log")"
        [ ! -s regression.diffs ] || head -c 200000 regression.diffs
        cp regression.diffs "results/$suite.diffs" 2>/dev/null
        # No summary: pg_regress itself gave up.
        failed=${failed:-1}
        ran=${ran:-$failed}
    fi
    count "$suite" $((${ran:-0} - failed)) "$failed"
}

run_regress() {
    seed_expected $(basename -a -s .sql test/sql/*.sql)
    run_pg_regress regress ISOLATION
}

run_isolation() {
    seed_expected $(basename -a -s .spec test/specs/*.spec)
    run_pg_regress isolation REGRESS
}

# count_prove SUITE LOG STATUS reads the summary of prove and pg_prove.
count_prove() {
    local tests failed
    tests=$(sed -n 's/^Files=[0-9]*, Tests=\([0-9]*\),.*/\1/p' "$2")
    failed=$(sed -n 's/.*(Wstat: .* Tests: [0-9]* Failed: \([0-9]*\)).*/\1/p' "$2" |
        awk '{ failed += $1 } END { print failed + 0 }')
    tests=${tests:-0}
    tests=$((tests - failed))
    # A file that dies or breaks its plan without a failed test counts as one.
    [ "$3" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
    count "$1" "$tests" "$failed"
}

make_template() {
    psql -qX -v ON_ERROR_STOP=1 -d postgres <<'SQL'
CREATE DATABASE support_case_template;
\connect support_case_template
SET client_min_messages = warning;
CREATE EXTENSION pgtap;
CREATE EXTENSION support_case;
SELECT 'SELECT support_case.install()'
WHERE EXISTS (
    SELECT FROM pg_proc
    WHERE pronamespace = 'support_case'::regnamespace AND proname = 'install')
\g (tuples_only=on format=unaligned) results/install_command.sql
\o /dev/null
\i results/install_command.sql
SQL
}

run_pgtap() {
    local log=results/pgtap.log
    if ! make_template; then
        count pgtap 0 1
        return
    fi
    pg_prove --norc --nocolor --nocount --jobs 2 \
        --psql-bin dev/psql_in_fresh_database.sh ${TESTS:-test/[0-9][0-9]_*.sql} 2>&1 | tee "$log"
    count_prove pgtap "$log" "${PIPESTATUS[0]}"
}

run_tap() {
    local log=results/tap.log status
    TESTDIR=$PWD TESTDATADIR=$PWD/tmp_check TESTLOGDIR=$PWD/tmp_check/log \
        PG_REGRESS=$pgxs_test/regress/pg_regress \
        prove --norc --nocolor --nocount --jobs 2 -I "$pgxs_test/perl" -I test/perl \
        ${TESTS:-test/t/*.pl} 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    if [ "$status" -ne 0 ]; then
        tail -n 60 tmp_check/log/regress_log_* 2>/dev/null
    fi
    count_prove tap "$log" "$status"
}

for suite in "$@"; do
    printf '\n== %s\n' "$suite"
    "run_$suite"
done
printf '\n%s%d passed, %d failed\n' "$summary" "$passed_total" "$failed_total"
[ "$failed_total" -eq 0 ]
