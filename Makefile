# PGXS build of support_case.  The version lives in support_case.control only.
EXTENSION   = support_case
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(EXTENSION).control)

MODULE_big  = $(EXTENSION)
OBJS        = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c)))
# The server calls every function with the same arguments, used or not.
PG_CFLAGS   = -Wall -Wextra -Wno-unused-parameter

EXTENSION_SCRIPT = $(EXTENSION)--$(EXTVERSION).sql
DATA_built     = $(EXTENSION_SCRIPT)

# Against a running server that has the extension installed: make installcheck.
REGRESS        = $(sort $(patsubst test/sql/%.sql,%,$(wildcard test/sql/*.sql)))
REGRESS_OPTS   = --inputdir=test --load-extension=$(EXTENSION)
ISOLATION      = $(sort $(patsubst test/specs/%.spec,%,$(wildcard test/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test --outputdir=. --load-extension=$(EXTENSION)

EXTRA_CLEAN = $(EXTENSION_SCRIPT).tmp results regression.diffs regression.out \
              tmp_check output_iso

PG_CONFIG ?= pg_config
export PG_CONFIG
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifneq ($(wildcard $(PGXS)),)
include $(PGXS)

$(OBJS): $(wildcard src/*.h)

# The members of the extension, then the scripts that install() and migrate()
# run, embedded as data.
$(EXTENSION_SCRIPT): $(sort $(wildcard sql/extension/*.sql sql/schema/*/*.sql)) dev/build_install_script.sh
	dev/build_install_script.sh $(EXTVERSION) > $@.tmp && mv $@.tmp $@
else
all install installcheck clean:
	@echo "$(PG_CONFIG) knows no PGXS: run 'make setup', or set PG_CONFIG" >&2; exit 1
endif

# Everything below runs in a throwaway cluster that dev/with_cluster.sh starts
# and removes; nothing is installed into the system but the packages of setup.
.PHONY: setup test lint test-regress test-isolation test-pgtap test-tap demo bench matrix upgrade-check reference

IN_CLUSTER = dev/with_cluster.sh

setup:
	dev/setup.sh

test: setup
	$(IN_CLUSTER) dev/run_suites.sh lint regress isolation pgtap tap </dev/null

# One suite; TESTS="name ..." narrows it.
lint test-regress test-isolation test-pgtap test-tap: setup
	$(IN_CLUSTER) dev/run_suites.sh $(@:test-%=%) </dev/null

# The story of demo/story.sql; ORDERS=folder plays the orders of that folder.
demo: setup
	@ORDERS=$${ORDERS:+$$(realpath -m "$$ORDERS")} \
	CLUSTER_CONFIG="$$(cat demo/cluster.conf)" $(IN_CLUSTER) demo/run.sh </dev/null

bench: setup
	CLUSTER_CONFIG="$$(cat bench/postgresql.conf)" $(IN_CLUSTER) bench/run.sh $(PARTS) </dev/null

# The manual that is made from the comments of the objects.
reference: setup
	$(IN_CLUSTER) dev/print_reference.sh </dev/null >doc/reference.md.tmp
	mv doc/reference.md.tmp doc/reference.md

matrix:
	dev/matrix.sh

upgrade-check:
	dev/upgrade.sh
