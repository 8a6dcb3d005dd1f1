#!/bin/bash
# Makes this machine able to build and test support_case, or says what is
# missing.  On Debian, as root, it installs the missing packages; elsewhere it
# names them.  It does nothing when everything is there.
#
# PG_CONFIG chooses the PostgreSQL (default: pg_config on the PATH, else the
# newest supported server of the machine, else the oldest that Debian offers).
set -euo pipefail

oldest=15
newest=18

missing=()        # what, in words
packages=()       # the Debian packages that bring it

# need DESCRIPTION PACKAGE COMMAND... notes what the command does not find.
need() {
    local what=$1 package=$2
    shift 2
    "$@" >/dev/null 2>&1 && return
    missing+=("$what")
    packages+=("$package")
}

# server_version prints the major of the PostgreSQL to use, or nothing.
server_version() {
    local version
    if version=$("$pg_config" --version 2>/dev/null) &&
        [ -x "$("$pg_config" --bindir)/postgres" ]; then
        sed 's/[^0-9]*\([0-9]*\).*/\1/' <<<"$version"
        return
    fi
    for ((version = newest; version >= oldest; version--)); do
        if [ -x "/usr/lib/postgresql/$version/bin/postgres" ]; then
            echo "$version"
            return
        fi
    done
}

# offered_version prints the oldest supported major that apt knows.
offered_version() {
    local version
    for ((version = oldest; version <= newest; version++)); do
        if apt-cache show "postgresql-$version" >/dev/null 2>&1; then
            echo "$version"
            return
        fi
    done
    echo "$oldest"
}

look() {
    missing=()
    packages=()
    pg_config=${PG_CONFIG:-pg_config}
    major=$(server_version)
    major=${major:-$(offered_version)}
    local root=/usr/lib/postgresql/$major
    # The distribution's own tree, unless the caller chose another one.
    [ -n "${PG_CONFIG:-}" ] || [ ! -x "$root/bin/pg_config" ] || pg_config=$root/bin/pg_config
    local bindir sharedir
    bindir=$("$pg_config" --bindir 2>/dev/null || echo "$root/bin")
    sharedir=$("$pg_config" --sharedir 2>/dev/null || echo "/usr/share/postgresql/$major")

    need "PostgreSQL $major server" "postgresql-$major" test -x "$bindir/initdb"
    need "PostgreSQL $major server headers and PGXS" "postgresql-server-dev-$major" \
        test -f "$("$pg_config" --pgxs 2>/dev/null || echo missing)"
    need "pg_cron" "postgresql-$major-cron" test -f "$sharedir/extension/pg_cron.control"
    need "pgTAP" "postgresql-$major-pgtap" test -f "$sharedir/extension/pgtap.control"
    need "plpgsql_check" "postgresql-$major-plpgsql-check" \
        test -f "$sharedir/extension/plpgsql_check.control"
    need "pg_prove" libtap-parser-sourcehandler-pgtap-perl command -v pg_prove
    need "perl module IPC::Run" libipc-run-perl perl -MIPC::Run -e 1
    need "make" make command -v make
    need "a C compiler" gcc command -v gcc
    need "the C library's headers" libc6-dev test -f /usr/include/stdio.h
}

# Debian's server package starts a cluster when it is installed; we want only
# the programs.  An administrator's own setting stays.
keep_from_creating_a_cluster() {
    local folder=/etc/postgresql-common
    if [ -x "/usr/lib/postgresql/$major/bin/postgres" ] ||
        grep -qsE '^[[:space:]]*create_main_cluster' \
            $folder/createcluster.conf $folder/createcluster.d/*.conf; then
        return
    fi
    mkdir -p $folder/createcluster.d
    cat >$folder/createcluster.d/support_case.conf <<'CONF'
# Written by the set-up of support_case: its tests start clusters of their own.
create_main_cluster = false
CONF
}

look
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
    printf 'support_case needs, and this machine lacks:\n' >&2
    printf '  %s\n' "${missing[@]}" >&2
    printf 'Debian calls them: %s\n' "${packages[*]}" >&2
    exit 1
fi
if [ "$(id -u)" != 0 ]; then
    printf 'Missing: %s\n' "$(printf '%s, ' "${missing[@]}" | sed 's/, $//')" >&2
    printf 'Run as root:  apt-get install --no-install-recommends %s\n' "${packages[*]}" >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get -o DPkg::Lock::Timeout=300 update -q
look        # apt may now offer another major
keep_from_creating_a_cluster
apt-get -o DPkg::Lock::Timeout=300 install -q -y --no-install-recommends "${packages[@]}" </dev/null
look
if [ ${#missing[@]} -gt 0 ]; then
    printf 'Still missing after the installation: %s\n' "${missing[*]}" >&2
    exit 1
fi
