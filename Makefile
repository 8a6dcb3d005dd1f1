# PGXS build of support_case.  The version lives in support_case.control only.
EXTENSION   = support_case
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(EXTENSION).control)

MODULE_big  = $(EXTENSION)
OBJS        = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c)))
# The server calls every function with the same arguments, used or not.
PG_CFLAGS   = -Wall -Wextra -Wno-unused-parameter

EXTENSION_SCRIPT = $(EXTENSION)--$(EXTVERSION).sql
DATA_built     = $(EXTENSION_SCRIPT)

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

$(OBJS): $(wildcard src/*.h)

# The members of the extension, then the scripts that install() and migrate()
# run, embedded as data.
$(EXTENSION_SCRIPT): $(sort $(wildcard sql/extension/*.sql sql/schema/*/*.sql)) dev/build_install_script.sh
	dev/build_install_script.sh $(EXTVERSION) > $@.tmp && mv $@.tmp $@
