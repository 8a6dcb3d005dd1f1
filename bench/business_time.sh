#!/bin/sh
# Prints what the business-time functions cost beside their peers.
# Run inside dev/with_cluster.sh; ROWS sets how many instants (200000).
set -eu
exec psql -X -q -v rows="${ROWS:-200000}" -f "$(dirname "$0")/business_time.sql"
