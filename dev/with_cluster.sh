#!/bin/bash
# Runs a command as user postgres against a throwaway PostgreSQL cluster that
# has this checkout's extension installed, and leaves nothing behind.
#
#   dev/with_cluster.sh COMMAND [ARGUMENT ...]
#
# The command sees PGHOST (a socket directory), PGPORT, PGUSER and PGDATABASE,
# its working directory is a private copy of the checkout, owned by postgres.
# Environment:
#   PG_CONFIG       which PostgreSQL (default: pg_config on the PATH)
#   CLUSTER_CONFIG  further lines for postgresql.conf
#   KEEP_OUTPUT     a folder that receives the copy's results when it fails
set -euo pipefail

checkout=$(cd "$(dirname "$0")/.." && pwd)
pg_config=${PG_CONFIG:-pg_config}
bindir=$("$pg_config" --bindir)
pkglibdir=$("$pg_config" --pkglibdir)
work=$(mktemp -d /tmp/support_case.XXXXXX)

as_postgres() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid=postgres --regid=postgres --init-groups env HOME="$work" "$@"
    else
        "$@"
    fi
}

finish() {
    status=$?
    if [ -f "$work/data/postmaster.pid" ]; then
        as_postgres "$bindir/pg_ctl" -D "$work/data" -m immediate -w stop >/dev/null 2>&1 || true
    fi
    if [ $status -ne 0 ] && [ -n "${KEEP_OUTPUT:-}" ]; then
        mkdir -p "$KEEP_OUTPUT"
        cp -r "$work/checkout/." "$KEEP_OUTPUT/" 2>/dev/null || true
        cp "$work/server.log" "$KEEP_OUTPUT/" 2>/dev/null || true
    fi
    rm -rf "$work"
    exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM

mkdir "$work/checkout" "$work/socket"
(cd "$checkout" && tar -cf - --exclude=.git --exclude=./.work .) | tar -xf - -C "$work/checkout"
[ "$(id -u)" = 0 ] && chown -R postgres:postgres "$work"

cd "$work/checkout"
as_postgres make -s PG_CONFIG="$pg_config" >"$work/build.log" 2>&1 ||
    { cat "$work/build.log" >&2; exit 1; }
as_postgres make -s PG_CONFIG="$pg_config" DESTDIR="$work/dest" install >>"$work/build.log" 2>&1 ||
    { cat "$work/build.log" >&2; exit 1; }

as_postgres "$bindir/initdb" -D "$work/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N >/dev/null
cat >>"$work/data/postgresql.conf" <<EOF
listen_addresses = ''
unix_socket_directories = '$work/socket'
fsync = off
max_prepared_transactions = 10
dynamic_library_path = '$work/dest$pkglibdir:\$libdir'
EOF
sharedir=$("$pg_config" --sharedir)
if [ "$("$pg_config" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')" -ge 18 ]; then
    echo "extension_control_path = '$work/dest$sharedir:\$system'" >>"$work/data/postgresql.conf"
else
    echo "extension_destdir = '$work/dest'" >>"$work/data/postgresql.conf"
fi
printf '%s\n' "${CLUSTER_CONFIG:-}" >>"$work/data/postgresql.conf"
as_postgres "$bindir/pg_ctl" -D "$work/data" -l "$work/server.log" -w start >/dev/null ||
    { cat "$work/server.log" >&2; exit 1; }

export PGHOST=$work/socket PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
export CLUSTER_LOG=$work/server.log CLUSTER_DATA=$work/data
PATH=$bindir:$PATH as_postgres "$@"
