#!/bin/sh
# Prints the install script of the extension: every fragment of sql/extension
# in order, with the line "-- @schema_scripts@" replaced by one VALUES row per
# file of sql/schema, so that install() and migrate() can run them.
set -eu
version=$1
cd "$(dirname "$0")/.."

schema_scripts() {
    separator=''
    for kind in tables api; do
        for file in sql/schema/$kind/*.sql; do
            [ -e "$file" ] || continue
            name=$(basename "$file" .sql)
            printf "%s('%s', '%s', \$schema_script\$\n" "$separator" "$kind" "$name"
            cat "$file"
            printf '$schema_script$)\n'
            separator=', '
        done
    done
}

printf '/* support_case %s: built from sql/, do not edit */\n' "$version"
printf '%s\n' '\echo Use "CREATE EXTENSION support_case" to load this file. \quit'
for file in sql/extension/*.sql; do
    while IFS= read -r line || [ -n "$line" ]; do
        if [ "$line" = '-- @schema_scripts@' ]; then
            schema_scripts
        else
            printf '%s\n' "$line"
        fi
    done <"$file"
done
