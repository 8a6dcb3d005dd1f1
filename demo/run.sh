#!/bin/bash
# The demonstration behind make demo.  Runs inside dev/with_cluster.sh, in an
# empty database, and fails when anything is not as expected.
#
#   demo/run.sh                     the story; it must print demo/story.out
#   ORDERS=folder demo/run.sh       plays the orders of a folder in the layout
#                                   of the Olist data set (absolute path)
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
export PGCLIENTENCODING=UTF8 PSQLRC=/dev/null

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

run_story() {
    local printed status
    printed=$(mktemp) || exit 2
    psql -X -q -f demo/story.sql | tee "$printed"
    status=${PIPESTATUS[0]}
    if [ "$status" -eq 0 ]; then
        diff -u demo/story.out "$printed" >&2 || fail 'This is not what demo/story.out says.'
    fi
    rm -f "$printed"
    [ "$status" -eq 0 ] || exit 1
    psql -X -q -f demo/operation.sql
}

run_orders() {
    local file
    for file in orders order_items order_reviews sellers; do
        file=$ORDERS/olist_${file}_dataset.csv
        [ -r "$file" ] ||
            fail "User $(id -un) cannot read $file." \
                'ORDERS names a folder with the CSV files of the Olist data set (orders, order_items,' \
                'order_reviews, sellers) that everybody may read; copy it to /tmp if need be.'
    done
    psql -X -q -v folder="$ORDERS" -f demo/orders/load.sql -f demo/orders/play.sql -f demo/orders/totals.sql
}

if [ -n "${ORDERS:-}" ]; then
    run_orders
else
    run_story
fi
