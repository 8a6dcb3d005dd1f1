#!/bin/bash
# Builds support_case and runs all suites on several PostgreSQL majors.  One
# Debian root, made once, holds them all: the newest release's C library runs
# the servers of the older ones.
#
#   dev/matrix.sh [MAJOR ...]       (default: 15 17 18; 16 is in no release)
#
# Needs root and a Debian machine; takes its mirrors from that machine's apt.
# Environment:
#   MATRIX_ROOT   where the root is kept (default /var/tmp/support_case-matrix,
#                 about 1 GB; remove the folder to have it made anew)
set -euo pipefail

checkout=$(cd "$(dirname "$0")/.." && pwd)
matrix=${MATRIX_ROOT:-/var/tmp/support_case-matrix}
root=$matrix/root
available=(15 17 18)

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo 'The matrix needs a Debian machine and root: it makes a root file system of its own.' >&2
    exit 1
fi

# mirror EXPRESSION prints the first of apt's repositories that grep lets pass.
mirror() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
        grep 'debian' | grep "$@" -m 1 security
}

# Server-dev packages would pull in LLVM; unpacked without their dependencies
# they serve a build with with_llvm=no.
build_root() {
    local main security version packages=
    command -v mmdebstrap >/dev/null ||
        apt-get -o DPkg::Lock::Timeout=300 install -q -y --no-install-recommends mmdebstrap
    main=$(mirror -v)
    security=$(mirror)
    for version in "${available[@]}"; do
        packages+=,postgresql-$version,postgresql-$version-cron
        packages+=,postgresql-$version-pgtap,postgresql-$version-plpgsql-check
    done
    rm -rf "$root.new"
    mkdir -p "$matrix"
    # Release files of suites that are not released yet may have expired.
    mmdebstrap --quiet --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --essential-hook='mkdir -p $1/etc/postgresql-common; echo "create_main_cluster = false" >$1/etc/postgresql-common/createcluster.conf' \
        --include="make,gcc,libc6-dev,libssl-dev,libkrb5-dev,libipc-run-perl,libtap-parser-sourcehandler-pgtap-perl$packages" \
        --customize-hook="chroot \$1 sh -ec 'cd /tmp; for v in ${available[*]}; do apt-get download postgresql-server-dev-\$v; done; for d in *.deb; do dpkg-deb -x \$d /; done; rm *.deb'" \
        --customize-hook='mkdir $1/src' \
        forky "$root.new" "deb $main forky main" \
        "deb $main trixie main" "deb $security trixie-security main" \
        "deb $main bookworm main" "deb $security bookworm-security main"
    mv "$root.new" "$root"
}

# Mounts, processes and network of a cell vanish with it.
run_cell() {
    root=$root checkout=$checkout unshare --mount --pid --fork --kill-child --ipc --net sh -ec '
        mount --make-rprivate /
        mount -t proc proc "$root/proc"
        mount -t tmpfs tmpfs "$root/tmp"
        ip link set lo up 2>/dev/null || true
        mount --bind -o ro "$checkout" "$root/src"
        exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
            PG_CONFIG="/usr/lib/postgresql/$1/bin/pg_config" \
            /src/dev/with_cluster.sh dev/run_suites.sh lint regress isolation pgtap tap
    ' sh "$1" </dev/null
}

[ -d "$root" ] || build_root

failed=()
majors=("$@")
[ ${#majors[@]} -gt 0 ] || majors=("${available[@]}")
for major in "${majors[@]}"; do
    printf '\n==== PostgreSQL %s\n' "$major"
    run_cell "$major" || failed+=("$major")
done
if [ ${#failed[@]} -gt 0 ]; then
    printf '\nfailed on PostgreSQL %s\n' "${failed[*]}"
    exit 1
fi
printf '\npassed on PostgreSQL %s\n' "${majors[*]}"
