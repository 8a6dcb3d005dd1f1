#!/bin/bash
# Builds support_case and runs all suites on several PostgreSQL majors, in the
# root that dev/matrix_root.sh makes and describes.
#
#   dev/matrix.sh [MAJOR ...]       (default: all that are supported)
set -euo pipefail

checkout=$(cd "$(dirname "$0")/.." && pwd)
. "$checkout/dev/matrix_root.sh"

failed=()
majors=("$@")
[ ${#majors[@]} -gt 0 ] || majors=("${available[@]}")
for major in "${majors[@]}"; do
    printf '\n==== PostgreSQL %s\n' "$major"
    run_in_root PG_CONFIG="/usr/lib/postgresql/$major/bin/pg_config" \
        /src/dev/with_cluster.sh dev/run_suites.sh lint regress isolation pgtap tap ||
        failed+=("$major")
done
if [ ${#failed[@]} -gt 0 ]; then
    printf '\nfailed on PostgreSQL %s\n' "${failed[*]}"
    exit 1
fi
printf '\npassed on PostgreSQL %s\n' "${majors[*]}"
