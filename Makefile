# `make` lists the targets. They need Python 3.11 or newer, make and git, and nothing else.

PYTHON ?= python3
PORT   ?= 5000

VENV  := .venv
BIN   := $(VENV)/bin
STATE := $(VENV)/stamps

# The distributions of this repository: the core, every plugin, the example shop, fake carriers.
DISTS := $(patsubst %/,%,$(dir $(wildcard pyproject.toml plugins/*/pyproject.toml \
           examples/plugins/*/pyproject.toml examples/*/pyproject.toml)))
TYPED := $(wildcard grc_core pytest_grc.py plugins examples benchmarks)

# The demo: its app, its data, and what changes its tables.
SHOP       := examples/shop
INSTANCE   := $(SHOP)/instance
DATABASES   = $(wildcard $(INSTANCE)/*.db $(INSTANCE)/*.sqlite $(INSTANCE)/*.sqlite3)
PREPARED   := $(INSTANCE)/.prepared
MIGRATIONS := $(shell find $(wildcard grc_core plugins examples) -path '*/migrations/*' -name '*.py' 2>/dev/null)
FLASK      := SHOP_INSTANCE="$(CURDIR)/$(INSTANCE)" $(BIN)/python -m flask --app shop
# The departments that customers may call their favourites.
FAVOURITES := [["golf-clubs","Golf clubs","Bâtons de golf"],["books","Books","Livres"],["kitchen","Kitchen","Cuisine"]]
# Carriers that are not there, so that the demo's parcels move.
CARRIERS   := $(BIN)/python -m fake_carriers --every 120 --remember $(INSTANCE)/carriers.json --

# Never a message about pip itself, never a prompt.
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 $(BIN)/python -m pip --quiet

.PHONY: help install demo demo-reset test test-postgres test-slow lint format bench lock clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*##  *\(.*\)/  make \1 | \2/p' $(MAKEFILE_LIST) \
	  | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

# --- the environment --------------------------------------------------------------------------

$(STATE)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "GRC needs Python 3.11 or newer, and $(PYTHON) is not." >&2; \
	  echo "Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot create virtual environments: its modules venv and ensurepip are missing." >&2; \
	  echo "On Debian and Ubuntu: apt install python3-venv. Elsewhere: install a complete Python." >&2; exit 1; }
	@echo "creating $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@mkdir -p $(@D) && touch $@

$(STATE)/run: requirements/run.txt $(STATE)/venv
	@echo "installing the run-time needs …"
	@$(PIP) install --require-hashes -r $<
	@touch $@

$(STATE)/dev: requirements/dev.txt $(STATE)/run
	@echo "installing what the tests and checks need …"
	@$(PIP) install --require-hashes -r $<
	@touch $@

# The distributions are written down, so that one more (or one less) is noticed.
$(STATE)/dists: FORCE
	@mkdir -p $(@D)
	@echo '$(CURDIR): $(DISTS)' | cmp -s - $@ || echo '$(CURDIR): $(DISTS)' > $@

$(STATE)/installed: $(STATE)/run $(STATE)/dists $(DISTS:%=%/pyproject.toml)
	@echo "installing GRC from here: $(DISTS) …"
	@$(PIP) install --no-build-isolation --no-deps $(DISTS:%=--editable ./%)
	@touch $@

.PHONY: FORCE
FORCE:

install: $(STATE)/installed  ## create .venv with the core, the plugins and the shop

# --- the demo ---------------------------------------------------------------------------------

demo: $(PREPARED)  ## serve the example shop with its widgets (PORT=5000)
	@$(BIN)/python -c 'import socket, sys; \
	    sys.exit(socket.socket().connect_ex(("127.0.0.1", $(PORT))) == 0)' || { \
	  echo "Port $(PORT) is taken. Name another one: make demo PORT=$$(($(PORT) + 1))" >&2; exit 1; }
	@echo
	@echo "The shop: http://127.0.0.1:$(PORT)/   (stop it with Ctrl-C)"
	@cat $(PREPARED)
	@echo
	@$(CARRIERS) $(BIN)/python -m stripe_server \
	  --webhook http://127.0.0.1:$(PORT)/grc/webhooks/stripe -- env $(FLASK) run --port $(PORT)

# Prepared once; again when a migration, a package or a pin changed, or the data is gone.
$(PREPARED): $(STATE)/installed $(MIGRATIONS) $(if $(DATABASES),,FORCE)
	@mkdir -p $(INSTANCE)
	@echo "migrating the shop …"
	@$(FLASK) db upgrade
	@echo "filling the shop, unless it is …"
	@$(FLASK) shop seed --if-empty
	@echo "preparing GRC …"
	@$(FLASK) grc db upgrade
	@$(FLASK) grc faq starter
	@$(FLASK) grc loyalty examples
	@$(FLASK) grc settings loyalty 'favourites=$(FAVOURITES)' referral_promotion=welcome \
	  signup_promotion=welcome apology_promotion=welcome aside_regulars=on >/dev/null
	@$(FLASK) grc settings shipment_tracking \
	  'ships_to=["CA", "US", "FR", "BE", "CH", "GB"]' delivery_days=1-10 >/dev/null
	@$(FLASK) grc backfill
	@$(FLASK) grc recommendations train
	@$(FLASK) shop accounts > $@.new && mv $@.new $@

demo-reset:  ## throw the demo's data away; the next `make demo` starts over
	rm -rf $(INSTANCE)

# --- tests and checks -------------------------------------------------------------------------

# Thousands of small databases are made and dropped: in memory, where there is room for them.
IN_MEMORY = [ "$$(df --output=avail /dev/shm 2>/dev/null | tail -n 1)" -gt 4000000 ] 2>/dev/null

test: $(STATE)/dev $(STATE)/installed  ## run the fast tests
	@if $(IN_MEMORY); then export TMPDIR=/dev/shm; fi; \
	$(BIN)/python -m pytest -m "not slow" -n 3 --dist worksteal

test-postgres: $(STATE)/dev $(STATE)/installed  ## run all tests that use a database on PostgreSQL
	@if $(IN_MEMORY); then export TMPDIR=/dev/shm; fi; \
	$(BIN)/python -m pytest -m "not slow and not browser" -n 3 --dist worksteal \
	  --grc-databases postgres --grc-everywhere

test-slow: $(STATE)/dev $(STATE)/installed  ## run the slow tests: kills, load and the like
	@$(BIN)/python -m pytest -m slow

lint: $(STATE)/dev $(STATE)/installed  ## check style, types and imports
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m mypy $(TYPED)
	$(BIN)/lint-imports

format: $(STATE)/dev  ## rewrite the sources in the house style
	$(BIN)/python -m ruff check --fix
	$(BIN)/python -m ruff format

bench: $(STATE)/dev $(STATE)/installed  ## measure what GRC costs, beside the shop without it
	@$(BIN)/python -m benchmarks

lock:  ## pin requirements/*.txt anew from requirements/*.in (needs uv)
	@for name in run dev; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header requirements/$$name.in -o requirements/$$name.txt; \
	done

clean:  ## remove .venv and every cache; the demo's data stays
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find grc_core plugins examples tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
