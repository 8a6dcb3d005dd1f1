#!/bin/bash
# Prints the reference manual from a fresh installation in the cluster that
# PGHOST names; make reference and a test call it.
set -eu
database=support_case_reference_$$
psql -qX -d postgres -c "CREATE DATABASE $database"
trap 'psql -qX -d postgres -c "DROP DATABASE $database"' EXIT
psql -qX -v ON_ERROR_STOP=1 -d "$database" -o /dev/null <<'SQL'
SET client_min_messages = warning;
CREATE EXTENSION support_case;
SELECT support_case.install();
SQL
psql -X -d "$database" -f "$(dirname "$0")/print_reference.sql"
