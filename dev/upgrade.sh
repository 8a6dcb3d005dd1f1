#!/bin/bash
# Checks that pg_upgrade takes a cluster with support_case in use from one
# PostgreSQL major to another, in the root that dev/matrix_root.sh makes and
# describes.
#
#   dev/upgrade.sh [OLD NEW]        (default: from each major to the newest)
set -euo pipefail

checkout=$(cd "$(dirname "$0")/.." && pwd)
. "$checkout/dev/matrix_root.sh"

newest=${available[-1]}
failed=()
pairs=("$@")
if [ ${#pairs[@]} -eq 0 ]; then
    for major in "${available[@]}"; do
        [ "$major" = "$newest" ] || pairs+=("$major" "$newest")
    done
fi
set -- "${pairs[@]}"
while [ $# -ge 2 ]; do
    printf '\n==== PostgreSQL %s to %s\n' "$1" "$2"
    run_in_root PG_CONFIG="$before_security/usr/lib/postgresql/$1/bin/pg_config" \
        CLUSTER_CONFIG="$(cat "$checkout/dev/upgrade.conf")" \
        /src/dev/with_cluster.sh dev/check_upgrade.sh "/usr/lib/postgresql/$2/bin/pg_config" ||
        failed+=("$1 to $2")
    shift 2
done
if [ ${#failed[@]} -gt 0 ]; then
    printf '\nfailed: %s\n' "${failed[@]}"
    exit 1
fi
