#!/bin/bash
# A session that starts on empty tables must not slow down as they fill: a plan
# made for an empty table, and kept, reads a full one from end to end.
. "$(dirname "$0")/common.bash"

seconds=$((BENCH_SECONDS * 4))
script=$(mktemp)
trap 'rm -f "$script"' EXIT
cat >"$script" <<'SQL'
\set n :n + 1
SELECT * FROM support_case.register_order(1, :n, 7, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]', commission => 8, tax => 0);
SELECT case_id FROM support_case.open_case(1, :n, 'damaged_in_transit', 'The box arrived crushed.') \gset
SELECT * FROM support_case.explain_no_refund(1, :case_id, 'The damage is covered by your insurance.');
SQL

installed_database bench_fresh
sql bench_fresh -o /dev/null -c 'SELECT support_case.register_seller(1)'
# The first second compiles and plans, and belongs to no slice.
slices=$(PGOPTIONS='-c synchronous_commit=off' pgbench -n -M prepared -U bench_app -c 1 -T "$seconds" -P 1 \
        -f "$script" -D n=0 bench_fresh 2>&1 | awk '
    /^progress:/ { rate[++count] = $4 }
    END {
        width = int(count / 5)
        for (i = 1; i <= width; i++) { first += rate[1 + i]; last += rate[count + 1 - i] }
        if (!(width && first)) exit 1
        print last / width, first / width
    }')
report "fresh install, $seconds s in one session" tps "${slices% *}" "${slices#* }" 'its first slice' '>= 0.8'
verified bench_fresh
sql postgres -c 'DROP DATABASE bench_fresh'
