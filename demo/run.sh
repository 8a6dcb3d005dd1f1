#!/bin/bash
# The demonstration of make demo, run inside dev/with_cluster.sh.
set -u
cd "$(dirname "$0")/.."
psql -X -q -f demo/story.sql
