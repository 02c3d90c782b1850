# Artel: one command to run it, one to test it. `make` alone lists them.

PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/bin
PAGES = services/portal
PIP = $(BIN)/python -m pip --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.PHONY: help setup setup-test up down status reset-demo admin dead-letters replay move-to-compose
.PHONY: test test-containers bench lint format contracts settings texts

help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile


up: setup ## Run everything here: servers, services, demo data (SPLIT=1: a process per service)
	@exec $(BIN)/python -m deploy.local up $(if $(filter-out 0,$(SPLIT)),--split)

down: setup ## Stop what runs here, also what a crash left behind
	@exec $(BIN)/python -m deploy.local down

status: setup ## Say what runs here
	@exec $(BIN)/python -m deploy.local status

reset-demo: setup ## Wipe the demo data; the next `make up` lays them anew
	@exec $(BIN)/python -m deploy.local reset-demo

admin: setup ## Make the first administrator: EMAIL=you@example.org
	@test -n "$(EMAIL)" || { echo "Say who: make admin EMAIL=you@example.org" >&2; exit 2; }
	@exec $(BIN)/python -m deploy.local admin --email "$(EMAIL)"

dead-letters: setup ## List messages that were given up (ID=… shows one, DO=replay replays it)
	@exec $(BIN)/python -m deploy.local dead-letters $(if $(ID),--id "$(ID)") $(if $(DO),--do "$(DO)")

replay: setup ## Tell a service again all that it hears: TO=finance
	@test -n "$(TO)" || { echo "Say whom: make replay TO=finance" >&2; exit 2; }
	@exec $(BIN)/python -m deploy.local replay --to "$(TO)"

move-to-compose: setup ## Move what `make up` holds into the containers of docker-compose.yml
	@exec $(BIN)/python -m deploy.containers.move


test: lint ## All checks and all tests
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

bench: setup-test ## Measure: one figure a line (ONLY=booking runs one group)
	@$(BIN)/python -m tests.bench $(ONLY)

test-containers: setup-test ## Data tests and a journey against containers, where Docker is
	@if docker compose version >/dev/null 2>&1 && docker info >/dev/null 2>&1; then \
	  TESTCONTAINERS_RYUK_DISABLED=$${TESTCONTAINERS_RYUK_DISABLED:-true} ARTEL_TEST_SERVERS=containers \
	  $(BIN)/python -m pytest $(or $(ARGS),tests/workshops/test_races.py tests/shared/test_outbox_and_inbox.py tests/shared/test_durability.py tests/containers); \
	else echo "There is no Docker engine with Compose here: the tests with containers are left out."; fi

lint: setup-test ## Format, style, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup-test ## Put the code into its one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

contracts: setup-test ## Write schemas, examples and asyncapi.yaml from the contracts
	$(BIN)/python -m contracts.gate

texts: setup ## Gather the texts of the pages into the catalogue that is translated
	$(BIN)/python -m services.portal.texts

settings: setup ## Write the reference of all settings
	$(BIN)/python -m deploy.settings_reference


# A copy of the lock lies in the venv once all of it is installed: while it is the same, nothing
# is done and no network is needed.
setup: ## Install what running needs into .venv
	@cmp -s requirements.lock $(VENV)/runtime.lock && $(BIN)/python -c "" 2>/dev/null || $(MAKE) --no-print-directory install-runtime
	@cmp -s $(PAGES)/package-lock.json $(PAGES)/node_modules/pages.lock || $(MAKE) --no-print-directory install-pages

setup-test: setup ## Install what the tests need as well
	@cmp -s requirements-test.lock $(VENV)/test.lock || $(MAKE) --no-print-directory install-test

.PHONY: install-venv install-runtime install-pages install-test
install-venv:
	@command -v $(PYTHON) >/dev/null || { echo "Artel needs Python 3.11 or newer; $(PYTHON) is not there. Say which: make up PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Artel needs Python 3.11 or newer; $(PYTHON) is older. Say which: make up PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { rm -rf $(VENV) && $(PYTHON) -m venv $(VENV); } || { echo "Python cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

install-runtime: install-venv
	@echo "Artel installs what it needs into $(VENV) (once, a minute or two) …"
	@$(PIP) install --quiet --require-hashes -r requirements.lock
	@cp requirements.lock $(VENV)/runtime.lock

install-pages:
	@echo "Artel fetches what its pages are made with into $(PAGES)/node_modules (once) …"
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --prefix $(PAGES) --cache $(VENV)/npm --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel error >/dev/null
	@cp $(PAGES)/package-lock.json $(PAGES)/node_modules/pages.lock

install-test:
	@echo "Artel installs what its tests need into $(VENV) …"
	@$(PIP) install --quiet --require-hashes -r requirements.lock -r requirements-test.lock
	@cp requirements-test.lock $(VENV)/test.lock
