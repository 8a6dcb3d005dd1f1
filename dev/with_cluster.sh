#!/bin/bash
# Runs a command as user postgres against a throwaway PostgreSQL cluster that
# has this checkout's extension installed, and leaves nothing behind.
#
#   dev/with_cluster.sh COMMAND [ARGUMENT ...]
#
# The command sees PGHOST (a socket directory), PGPORT, PGUSER and PGDATABASE,
# its working directory is a private copy of the checkout, owned by postgres.
# A caller who is not root runs everything as himself.  The run fails when the
# server's log shows a crash, whatever the command says.
#
# Environment:
#   PG_CONFIG       which PostgreSQL (default: pg_config on the PATH)
#   CLUSTER_CONFIG  further lines for postgresql.conf
#   COPT            further compiler options
#   KEEP_OUTPUT     a folder that receives results and logs
set -euo pipefail
umask 022

checkout=$(cd "$(dirname "$0")/.." && pwd)
pg_config=${PG_CONFIG:-pg_config}
bindir=$("$pg_config" --bindir)
# Not TMPDIR: a socket's path must stay short.
work=$(mktemp -d /tmp/support_case.XXXXXX)
command_pid=

# The caller's connection settings and make flags must not leak in.
for variable in ${!PG*}; do
    [ "$variable" = PG_CONFIG ] || unset "$variable"
done
unset MAKEFLAGS MFLAGS MAKELEVEL

as_postgres() {
    if [ "$(id -u)" = 0 ]; then
        exec setpriv --reuid=postgres --regid=postgres --init-groups env HOME="$work" "$@"
    else
        exec "$@"
    fi
}

# Servers of the TAP tests lie in the copy of the checkout.
stop_servers() {
    find "$work" -name postmaster.pid 2>/dev/null | while read -r file; do
        (as_postgres "$bindir/pg_ctl" -D "$(dirname "$file")" -m fast -t 20 stop) >/dev/null 2>&1 ||
            (as_postgres "$bindir/pg_ctl" -D "$(dirname "$file")" -m immediate stop) >/dev/null 2>&1 || true
    done
}

# crashes prints what the logs say of them.  TAP tests kill servers on purpose,
# by signal 9 only.
crashes() {
    local crash='TRAP: |PANIC: |runtime error: |AddressSanitizer|was terminated by signal'
    {
        grep -HE "$crash" "$work/server.log"
        grep -HE "$crash" "$work"/checkout/tmp_check/log/*.log | grep -v 'signal 9'
    } 2>/dev/null | sed "s#^$work/#CRASH #"
}

finish() {
    status=$?
    trap '' INT TERM HUP
    if [ -n "$command_pid" ]; then
        kill -TERM -- "-$command_pid" 2>/dev/null || true
    fi
    stop_servers
    crashed=$(crashes || true)
    if [ -n "$crashed" ]; then
        printf '%s\n' "$crashed" >&2
        [ $status -ne 0 ] || status=1
    fi
    if [ -n "${KEEP_OUTPUT:-}" ]; then
        mkdir -p "$KEEP_OUTPUT"
        for output in results regression.diffs tmp_check/log ../server.log ../build.log; do
            cp -r "$work/checkout/$output" "$KEEP_OUTPUT/" 2>/dev/null || true
        done
    fi
    rm -rf "$work"
    exit $status
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Copied without what another compiler or another major may have built.
mkdir "$work/checkout" "$work/socket"
(cd "$checkout" && tar -cf - --exclude=./.git --exclude=./.work --exclude=./results \
    --exclude=./tmp_check --exclude='*.o' --exclude='*.so' --exclude='*.bc' \
    --exclude='*.gc??' .) | tar -xf - -C "$work/checkout"
[ "$(id -u)" != 0 ] || chown -R postgres:postgres "$work"

cd "$work/checkout"
(as_postgres make -s -j2 PG_CONFIG="$pg_config" with_llvm=no DESTDIR="$work/dest" install) \
    </dev/null >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 1; }
grep -E 'warning:|error:' "$work/build.log" >&2 || true

dev/extension_settings.sh "$pg_config" "$work/dest" >"$work/extension.conf"

(as_postgres "$bindir/initdb" -D "$work/data" -U postgres -A trust -E UTF8 \
    --locale=C.UTF-8 -N) </dev/null >/dev/null
cat >>"$work/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$work/socket'
fsync = off
max_prepared_transactions = 10
include '$work/extension.conf'
${CLUSTER_CONFIG:-}
CONF
(as_postgres "$bindir/pg_ctl" -D "$work/data" -l "$work/server.log" -w start) \
    </dev/null >/dev/null || { cat "$work/server.log" >&2; exit 1; }

export PGHOST=$work/socket PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
export CLUSTER_LOG=$work/server.log CLUSTER_DATA=$work/data
# PostgreSQL::Test::Cluster adds this file to the configuration of its nodes.
export TEMP_CONFIG=$work/extension.conf
export PG_CONFIG=$pg_config PATH=$bindir:$PATH

# A terminal gets its command in the foreground (psql, Ctrl-C); anything else
# a process group of its own, so that a signal to us ends all of it at once.
if [ -t 0 ]; then
    (as_postgres "$@")
else
    (as_postgres setsid "$@") <&0 &
    command_pid=$!
    wait $command_pid
fi
