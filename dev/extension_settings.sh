#!/bin/bash
# Prints the lines of postgresql.conf with which a server finds an extension
# that lies below a DESTDIR.
#
#   dev/extension_settings.sh PG_CONFIG DESTDIR
set -euo pipefail

pg_config=$1
destination=$2
major=$("$pg_config" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')

echo "dynamic_library_path = '$destination$("$pg_config" --pkglibdir):\$libdir'"
if [ "$major" -ge 18 ]; then
    echo "extension_control_path = '$destination$("$pg_config" --sharedir):\$system'"
else
    # Debian's own.
    echo "extension_destdir = '$destination'"
fi
