# To be sourced: a root file system that holds every supported PostgreSQL
# major, made once, and a way to run a command in it.  The newest Debian's C
# library runs the servers of older ones; Ubuntu has the major that is in no
# Debian release.
#
# Needs root and a Debian machine; takes Debian's mirrors from that machine's
# apt.  Environment:
#   MATRIX_ROOT     where the root is kept (default
#                   /var/tmp/support_case-matrix, about 1.5 GB; remove the
#                   folder to have it made anew)
#   UBUNTU_MIRROR   default http://archive.ubuntu.com/ubuntu

matrix=${MATRIX_ROOT:-/var/tmp/support_case-matrix}
root=$matrix/root
available=(15 16 17 18)

# Later security releases of 15 and 17 store a column option, pg_attver, that
# no 18 accepts from a dump; the first releases of their suites do not.  They
# lie here, so that pg_upgrade has something to start from.
before_security=/opt/before_security

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo 'The matrix needs a Debian machine and root: it makes a root file system of its own.' >&2
    exit 1
fi

# mirror EXPRESSION prints the first of apt's repositories that grep lets pass.
mirror() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
        grep 'debian' | grep "$@" -m 1 security
}

# packages_of MAJOR... prints the names of its packages for mmdebstrap.
packages_of() {
    local major
    for major in "$@"; do
        printf ',%s' "postgresql-$major" "postgresql-$major-cron" \
            "postgresql-$major-pgtap" "postgresql-$major-plpgsql-check"
    done
}

# finish_root runs in the new root.  Server-dev packages would pull in LLVM;
# unpacked without their dependencies they serve a build with with_llvm=no.
finish_root() {
    set -e
    local ubuntu=$1 before_security=$2 target package
    local keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg

    # unpack FOLDER PACKAGE...
    unpack() {
        target=$1
        shift
        (cd /tmp && apt-get download -qq "$@" && for package in *.deb; do dpkg-deb -x "$package" "$target"; done)
        rm /tmp/*.deb
    }
    mkdir /src "$before_security"
    unpack / postgresql-server-dev-15 postgresql-server-dev-17 postgresql-server-dev-18
    unpack "$before_security" postgresql-15{,-cron}/bookworm postgresql-{client,server-dev}-15/bookworm postgresql-17{,-cron}/trixie postgresql-{client,server-dev}-17/trixie

    # From Ubuntu only what Debian does not have.
    printf 'Package: *\nPin: release o=Ubuntu\nPin-Priority: 100\n' >/etc/apt/preferences.d/ubuntu
    printf "deb [signed-by=$keyring] $ubuntu %s main universe\n" noble >/etc/apt/sources.list.d/ubuntu.list
    apt-get update -qq
    unpack "$before_security" postgresql-16{,-cron} postgresql-{client,server-dev}-16
    printf "deb [signed-by=$keyring] $ubuntu %s main universe\n" noble-updates noble-security \
        >>/etc/apt/sources.list.d/ubuntu.list
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends \
        postgresql-16 postgresql-16-cron postgresql-16-pgtap postgresql-16-plpgsql-check >/dev/null
    unpack / postgresql-server-dev-16
}

build_root() {
    local main security
    command -v mmdebstrap >/dev/null ||
        apt-get -o DPkg::Lock::Timeout=300 install -q -y --no-install-recommends mmdebstrap
    main=$(mirror -v)
    security=$(mirror)
    rm -rf "$root.new"
    mkdir -p "$matrix"
    { declare -f finish_root; echo 'finish_root "$@"'; } >"$matrix/finish_root.sh"
    # Release files of suites that are not released yet may have expired.
    mmdebstrap --quiet --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --essential-hook='mkdir -p $1/etc/postgresql-common; echo "create_main_cluster = false" >$1/etc/postgresql-common/createcluster.conf' \
        --include="make,gcc,libc6-dev,libssl-dev,libkrb5-dev,libipc-run-perl,libtap-parser-sourcehandler-pgtap-perl,ubuntu-archive-keyring$(packages_of 15 17 18)" \
        --customize-hook="chroot \$1 bash -s ${UBUNTU_MIRROR:-http://archive.ubuntu.com/ubuntu} $before_security <$matrix/finish_root.sh" \
        forky "$root.new" "deb $main forky main" \
        "deb $main trixie main" "deb $security trixie-security main" \
        "deb $main bookworm main" "deb $security bookworm-security main"
    rm -rf "$root"
    mv "$root.new" "$root"
}

# run_in_root COMMAND... runs it in the checkout, read-only at /src; mounts,
# processes and network vanish with it.
run_in_root() {
    [ -d "$root$before_security" ] || build_root
    root=$root checkout=$checkout unshare --mount --pid --fork --kill-child --ipc --net sh -ec '
        mount --make-rprivate /
        mount -t proc proc "$root/proc"
        mount -t tmpfs tmpfs "$root/tmp"
        ip link set lo up 2>/dev/null || true
        mount --bind -o ro "$checkout" "$root/src"
        exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"
    ' sh "$@" </dev/null
}
