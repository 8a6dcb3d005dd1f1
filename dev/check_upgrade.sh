#!/bin/bash
# Fills the cluster of dev/with_cluster.sh, takes it to another PostgreSQL with
# pg_upgrade, once by copy and once by link, and compares what was with what
# is.  Called by dev/upgrade.sh, in the private copy of the checkout.
#
#   dev/check_upgrade.sh NEW_PG_CONFIG
set -euo pipefail

new_pg_config=$1
new_bin=$("$new_pg_config" --bindir)
old_bin=$("$PG_CONFIG" --bindir)
here=$PWD/tmp_check
checks=0
failed=0

# The script of test/data/case_history.sql is 80 days long.
upgrade_day=40
last_day=80
clock="SET support_case.now = '2026-02-14T09:00:00Z'"

run_sql() {
    psql -XqAt -v ON_ERROR_STOP=1 -d "$1" "${@:2}"
}

# check NAME COMMAND... counts whether the command succeeds; its output is
# shown when it does not.
check() {
    local output
    checks=$((checks + 1))
    if output=$("${@:2}" 2>&1); then
        printf 'ok - %s\n' "$1"
    else
        failed=$((failed + 1))
        printf 'not ok - %s\n%s\n' "$1" "$(head -n 40 <<<"$output" | cut -c -400 | sed 's/^/    /')"
    fi
}

prints() {
    local output
    output=$("${@:2}") || return 1
    [ "$output" = "$1" ] || { printf 'expected %s, got %s\n' "$1" "$output"; return 1; }
}

# Every row of every table and view of the schema, compiled columns included.
rows() {
    run_sql "$1" -c "$clock" -f - <<'SQL' | LC_ALL=C sort
CREATE FUNCTION pg_temp.rows() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    relation regclass;
BEGIN
    FOR relation IN
        SELECT oid FROM pg_class WHERE relnamespace = 'support_case'::regnamespace AND relkind IN ('r', 'v') ORDER BY relname
    LOOP
        RETURN QUERY EXECUTE format('SELECT %L || to_jsonb(t)::text FROM %s AS t', relation::text || ' ', relation);
    END LOOP;
    RETURN QUERY SELECT format('sequence %s %s', s.last_value, s.is_called) FROM support_case.case_id_seq AS s;
END
$$;
SELECT pg_temp.rows();
SQL
}

# Every object with owner, rights and comment, and what belongs to the
# extension.  Majors print definitions in different ways, know different
# privileges, and do or do not count array types as members.
objects() {
    run_sql "$1" <<'SQL' | LC_ALL=C sort
SELECT concat_ws(' ', pg_describe_object('pg_class'::regclass, c.oid, 0), c.relowner::regrole, c.relrowsecurity, c.reloptions,
    (SELECT string_agg(concat_ws('/', a.grantee::regrole, a.privilege_type), ',' ORDER BY a.grantee::regrole::text, a.privilege_type)
    FROM aclexplode(coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))) AS a
    WHERE a.privilege_type <> 'MAINTAIN'),
    obj_description(c.oid, 'pg_class'))
FROM pg_class AS c WHERE c.relnamespace = 'support_case'::regnamespace
UNION ALL
SELECT concat_ws(' ', p.oid::regprocedure, p.proowner::regrole, p.prosecdef, p.proconfig, p.probin, p.proacl, obj_description(p.oid, 'pg_proc'))
FROM pg_proc AS p WHERE p.pronamespace = 'support_case'::regnamespace
UNION ALL
SELECT concat_ws(' ', 'member', pg_describe_object(d.classid, d.objid, d.objsubid))
FROM pg_depend AS d
JOIN pg_extension AS e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
WHERE e.extname = 'support_case'
    AND (d.classid <> 'pg_type'::regclass OR NOT EXISTS (SELECT FROM pg_type AS t WHERE t.typarray = d.objid))
UNION ALL
SELECT concat_ws(' ', 'trigger', t.tgenabled, t.tgrelid::regclass, t.tgname)
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'support_case'::regnamespace AND NOT t.tgisinternal
UNION ALL
SELECT concat_ws(' ', 'constraint', c.conrelid::regclass, c.conname, c.convalidated)
FROM pg_constraint AS c WHERE c.connamespace = 'support_case'::regnamespace AND c.contype <> 'n'
UNION ALL
SELECT concat_ws(' ', 'policy', p.polrelid::regclass, p.polname, p.polcmd, p.polroles::regrole[])
FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid WHERE c.relnamespace = 'support_case'::regnamespace
SQL
}

# The rest of the script of commands and a sweep; what was recorded when is
# the server's time.
play_on() {
    run_sql "$1" -c "DO 'BEGIN PERFORM history.play(false, history.at($upgrade_day), history.at($last_day)); END'" \
        -c "SET support_case.now = '2026-03-26T09:00:00Z'" -c 'SELECT support_case.sweep()' \
        -c 'SELECT relation, content FROM history.look(history.views() || history.tables()) ORDER BY 1'
}

same() {
    diff "$here/$1" "$here/$2"
}

fill() {
    # What serves the sweep's job; nothing is due there.
    run_sql postgres <<'SQL'
SET client_min_messages = warning;
CREATE EXTENSION pg_cron;
CREATE EXTENSION support_case;
SELECT support_case.install();
CREATE ROLE sweeper LOGIN IN ROLE support_case_operator;
GRANT USAGE ON SCHEMA cron TO sweeper;
SET ROLE sweeper;
SELECT support_case.schedule();
SQL
    createdb shop
    run_sql shop -c 'SET client_min_messages = warning' -c 'CREATE EXTENSION support_case' -c 'SELECT support_case.install()'
    run_sql shop -f test/data/case_history.sql
    run_sql shop -c "SELECT history.play(false, '-infinity', history.at($upgrade_day))" -c ANALYZE
    # What the host has added.
    run_sql shop <<'SQL'
ALTER TABLE support_case.support_case ADD COLUMN ticket text DEFAULT 'none';
CREATE INDEX my_index ON support_case.sales_order (seller_id, buyer_id);
CREATE ROLE auditor;
GRANT SELECT ON support_case.case_event TO auditor;
CREATE POLICY my_policy ON support_case.case_event FOR SELECT TO auditor USING (true);
CREATE VIEW public.my_cases AS SELECT case_id, status FROM support_case.case_current;
CREATE TABLE public.host (price support_case.amount, patience support_case.term, open support_case.business_calendar);
INSERT INTO public.host VALUES ('12.34 USD', '3 business days', 'America/New_York; Mo-Fr 08:00-20:00; 2026-01-19 off');
CREATE ROLE app LOGIN IN ROLE support_case_app;
ALTER ROLE app SET support_case.seller_id = '2';
SQL
    createdb -T shop shop_played

    # An owner who is no superuser.
    createdb small
    run_sql small -c 'CREATE ROLE shopkeeper LOGIN' -c 'CREATE EXTENSION support_case' \
        -c 'GRANT USAGE, CREATE ON SCHEMA support_case TO shopkeeper' -c 'SET client_min_messages = warning' \
        -c 'SET ROLE shopkeeper' -c 'SELECT support_case.install()' \
        -c "RESET ROLE; $clock" -c 'SET ROLE shopkeeper' \
        -c 'SELECT support_case.register_seller(1)' \
        -c "SELECT support_case.register_order(1, 1, 7, 'USD', 90, 5, 5, '[{\"unit_price\": 100}]')" \
        -c "SELECT support_case.open_case(1, 1, 'missing_item', 'gone')"
}

# upgrade_by MODE upgrades into a new cluster, and leaves its server running.
upgrade_by() {
    local data=$here/$1 checksums=
    if [ "$("$new_bin/pg_ctl" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')" -ge 18 ]; then
        checksums=--no-data-checksums
    fi
    "$new_bin/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N $checksums >/dev/null
    cat "$here/extension.conf" "$here/cluster.conf" >>"$data/postgresql.conf"
    "$new_bin/pg_upgrade" --"$1" --old-bindir "$old_bin" --new-bindir "$new_bin" \
        --old-datadir "$CLUSTER_DATA" --new-datadir "$data" --username postgres \
        --socketdir "$PGHOST" --jobs 2 >"$here/log/pg_upgrade_$1.log" 2>&1 || {
        tail -n 30 "$here/log/pg_upgrade_$1.log"
        find "$data/pg_upgrade_output.d" -name '*.log' -print0 | xargs -0 grep -hE 'ERROR|FATAL|error:' | head
        return 1
    }
    "$new_bin/pg_ctl" -D "$data" -l "$here/log/server_$1.log" -w start >/dev/null
    "$new_bin/vacuumdb" --all --analyze-only --quiet
}

compare() {
    local database mode=$1
    for database in shop small; do
        rows "$database" >"$here/rows.$database.new"
        objects "$database" >"$here/objects.$database.new"
        check "$mode: $database has every row, in tables and views" same "rows.$database.old" "rows.$database.new"
        check "$mode: $database has every object, with owner, rights and comment" \
            same "objects.$database.old" "objects.$database.new"
        check "$mode: verify() of $database finds no damage" prints '' \
            run_sql "$database" -c "$clock" -c 'SELECT * FROM support_case.verify()'
        check "$mode: health() of $database knows its version" prints ok \
            run_sql "$database" -c "SELECT status FROM support_case.health() WHERE component = 'version'"
        check "$mode: ALTER EXTENSION UPDATE, install() and migrate() of $database have nothing to do" prints $'1.0\n1.0' \
            run_sql "$database" -c 'SET client_min_messages = warning' -c 'ALTER EXTENSION support_case UPDATE' \
            -c 'SELECT support_case.install()' -c 'SELECT support_case.migrate()'
        rows "$database" >"$here/rows.$database.new"
        check "$mode: and leave every row of $database" same "rows.$database.old" "rows.$database.new"
    done
    check "$mode: types of the host keep their values" prints "$(cat "$here/host.old")" \
        run_sql shop -c 'TABLE public.host'
    check "$mode: what was compiled before is what is compiled now" prints '0' run_sql shop -f - <<'SQL'
BEGIN;
CREATE TEMP TABLE compiled AS
SELECT 'policy ' || policy_version AS version, rules::text AS value FROM support_case.policy
UNION ALL SELECT format('calendar %s %s', calendar_code, effective_from), compiled::text FROM support_case.calendar;
SET client_min_messages = warning;
DROP EXTENSION support_case CASCADE;
CREATE EXTENSION support_case;
DO 'BEGIN PERFORM support_case.install(); END';
SELECT count(*) FROM (
    SELECT 'policy ' || policy_version AS version, rules::text AS value FROM support_case.policy
    UNION ALL SELECT format('calendar %s %s', calendar_code, effective_from), compiled::text FROM support_case.calendar) AS k
FULL JOIN compiled AS c USING (version)
WHERE k.value IS DISTINCT FROM c.value OR k.value IS NULL;
ROLLBACK;
SQL

    check "$mode: an application acts for the same seller" prints "$(cat "$here/app.old")" app_sees
    play_on shop >"$here/played.new"
    check "$mode: commands and a sweep go on as before the upgrade" same played.old played.new
    check "$mode: verify() finds no damage afterwards" prints '' \
        run_sql shop -c "SET support_case.now = '2026-03-26T09:00:00Z'" -c 'SELECT * FROM support_case.verify()'
    check "$mode: so they do for an owner who is no superuser" prints $'closed\n2' run_sql small -c "$clock" \
        -c 'SET ROLE shopkeeper' -c 'SELECT status FROM support_case.offer_full_refund(1, 1)' \
        -c "SELECT FROM support_case.register_order(1, 2, 7, 'USD', 90, 5, 5, '[{\"unit_price\": 100}]')" \
        -c "SELECT case_id FROM support_case.open_case(1, 2, 'missing_item', 'gone')"

    check "$mode: health() asks for a new schedule()" prints 'error: of another cluster: this is a copy' schedule_health
    check "$mode: which replaces the job" prints 1 run_sql postgres -c 'SET ROLE sweeper' \
        -c "SELECT count(*) FROM (SELECT support_case.schedule()) AS s, cron.job"
    check "$mode: and then all is well" prints 'ok: ' schedule_health
}

app_sees() {
    psql -XqAt -v ON_ERROR_STOP=1 -U app -d shop -c 'SHOW support_case.seller_id' \
        -c 'SELECT seller_id, case_id, status FROM support_case.case_current ORDER BY 1, 2'
}

schedule_health() {
    run_sql postgres -c "SELECT status || ': ' || coalesce(substring(detail FROM 'of another cluster.*'), '')
        FROM support_case.health() WHERE component = 'sweep_schedule'"
}

# Both majors build in the same folder, one after the other.
make -s clean with_llvm=no
make -s -j2 PG_CONFIG="$new_pg_config" with_llvm=no DESTDIR="$PWD/upgraded" install >/dev/null
mkdir -p "$here/log"
dev/extension_settings.sh "$new_pg_config" "$PWD/upgraded" >"$here/extension.conf"
printf "listen_addresses = ''\nunix_socket_directories = '%s'\nfsync = off\n%s\n" "$PGHOST" "$CLUSTER_CONFIG" >"$here/cluster.conf"

fill >/dev/null
for database in shop small; do
    rows "$database" >"$here/rows.$database.old"
    objects "$database" >"$here/objects.$database.old"
done
run_sql shop -c 'TABLE public.host' >"$here/host.old"
app_sees >"$here/app.old"
play_on shop_played >"$here/played.old"
check 'there are cases, money, messages and passed deadlines to upgrade' prints 't|t|t|t' run_sql shop -c "$clock" \
    -c 'SELECT (SELECT count(*) > 100 FROM support_case.support_case), (SELECT count(*) > 100 FROM support_case.ledger_entry),
        (SELECT count(*) > 10 FROM support_case.message), (SELECT count(*) > 10 FROM support_case.support_case WHERE due_at < support_case.clock())'
check 'and something happens to them later' grep -q '[1-9]' <(head -n 1 "$here/played.old")
"$old_bin/pg_ctl" -D "$CLUSTER_DATA" -m fast -w stop >/dev/null

# By copy first: the old cluster must not be used any more after link.
for mode in copy link; do
    check "pg_upgrade --$mode succeeds" upgrade_by "$mode"
    if [ -f "$here/$mode/postmaster.pid" ]; then
        compare "$mode"
    fi
    "$new_bin/pg_ctl" -D "$here/$mode" -m fast -w stop >/dev/null || true
done

printf '%d passed, %d failed\n' $((checks - failed)) "$failed"
[ "$failed" -eq 0 ]
