#!/bin/bash
# psql for pg_prove: every test file gets a database of its own, copied from
# the template that dev/run_suites.sh has made, and dropped afterwards.
set -u
export PGDATABASE=support_case_test_$$
psql -qX -d postgres -c "CREATE DATABASE $PGDATABASE TEMPLATE support_case_template" || exit 2
psql "$@"
status=$?
psql -qX -d postgres -c "DROP DATABASE $PGDATABASE WITH (FORCE)"
exit $status
