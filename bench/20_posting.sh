#!/bin/bash
# What the guards of the ledger cost: the same rows into the guarded tables and
# into copies with the same indexes, but without triggers, checks and keys.
. "$(dirname "$0")/common.bash"

count=$(scaled 10000)
entries=$(scaled 1000000)

installed_database bench_posting
sql bench_posting <<'SQL'
CREATE SCHEMA unguarded;
CREATE TABLE unguarded.ledger_journal (LIKE support_case.ledger_journal INCLUDING INDEXES INCLUDING GENERATED);
CREATE TABLE unguarded.ledger_entry (LIKE support_case.ledger_entry INCLUDING INDEXES);
-- Bulk: one index, so that nothing hides the guard.
CREATE SCHEMA bulk;
CREATE TABLE bulk.guarded (LIKE support_case.ledger_entry,
    PRIMARY KEY (seller_id, case_id, journal_number, entry_number));
CREATE TRIGGER balanced AFTER INSERT ON bulk.guarded REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION support_case.check_journal_balance();
CREATE TABLE bulk.unguarded (LIKE support_case.ledger_entry,
    PRIMARY KEY (seller_id, case_id, journal_number, entry_number));
SQL

# Two legs a posting, four clients.
script=$(mktemp)
trap 'rm -f "$script"' EXIT
base=0
guarded=() unguarded=()
for ((n = 0; n < BENCH_SLICES; n++)); do
    for schema in support_case unguarded; do
        cat >"$script" <<SQL
\\set n :n + 1
\\set case_id :base + :client_id * :count + :n
WITH journal AS (
    INSERT INTO $schema.ledger_journal (seller_id, case_id, journal_number, order_id, event_number, kind, response,
        revision, currency, effective_at, recorded_at)
    VALUES (:case_id % 1000 + 1, :case_id, 1, :case_id, 2, 'charge', 'full_refund', 0, 'USD', now(), now())
)
INSERT INTO $schema.ledger_entry (seller_id, case_id, journal_number, entry_number, account, component, currency,
    amount)
VALUES (:case_id % 1000 + 1, :case_id, 1, 1, 'seller_payable', 'payout', 'USD', 10500),
    (:case_id % 1000 + 1, :case_id, 1, 2, 'buyer_refund', 'refund', 'USD', -10500);
SQL
        rate=$(transactions_per_second postgres bench_posting "$script" 4 \
            -t "$count" -D n=0 -D base=$base -D count="$count")
        [ $schema = support_case ] && guarded+=("$rate") || unguarded+=("$rate")
    done
    base=$((base + 4 * count))
done
report 'posting, 2 entries, 4 clients' tps "$(median "${guarded[@]}")" "$(median "${unguarded[@]}")" \
    'without guards' '>= 0.8'

# milliseconds TABLE loads it with balanced journals and prints how long it took.
milliseconds() {
    sql bench_posting -c "TRUNCATE bulk.$1" -c CHECKPOINT
    sql bench_posting <<SQL | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p'
SET synchronous_commit = off;
\\timing on
INSERT INTO bulk.$1 (seller_id, case_id, journal_number, entry_number, account, component, currency, amount)
SELECT n / 2 % 1000 + 1, n / 2, 1, n % 2 + 1, 'seller_payable', 'payout', 'USD', n % 2 * 200 - 100
FROM generate_series(0, $entries - 1) AS n;
SQL
}

guarded=() unguarded=()
for ((n = 0; n < BENCH_SLICES; n++)); do
    guarded+=("$(milliseconds guarded)")
    unguarded+=("$(milliseconds unguarded)")
done
report "$entries entries in one statement" ms "$(median "${guarded[@]}")" "$(median "${unguarded[@]}")" \
    'without guard' '<= 1.25'
sql postgres -c 'DROP DATABASE bench_posting'
