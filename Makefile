# One command each. Needs Python 3.11 or later and make, nothing else; works with the make of macOS (3.81).
#
#   make demo RESET=1                begin anew, with the data removed
#   make demo PORT=8001              another port; LISTEN=0.0.0.0 lets other machines in (set ALLOWED_HOSTS too)
#   make demo EQUITY_HOME=/some/dir  another data folder
#   make test ARGS="-k audit"        arguments for pytest
#   make bench BENCH_OBSERVATIONS=20000000   the roll-up at the size of its goal (some 30 GB of disk; 2 million unless asked)

PYTHON ?= python3
ARGS ?=
UV_VERSION := 0.13.9

BIN := .venv/bin
# Trust what the machine trusts, where it has a list: some networks bring a certificate of their own.
TRUST := $(wildcard /etc/ssl/cert.pem /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt)
UV := UV_PROJECT_ENVIRONMENT=.venv UV_PYTHON_DOWNLOADS=never $(if $(TRUST),UV_SYSTEM_CERTS=true) $(BIN)/uv
EMBEDDED := $(BIN)/python -m equity.project.embedded
WITH_SERVICES := exec $(EMBEDDED) run --follow-parent

.DEFAULT_GOAL := help
.PHONY: help demo test check bench screenshots fix messages untranslated browser clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/.demo ## start everything with example data and print the address
	@exec $(EMBEDDED) demo --follow-parent

test: .venv/.dev browser ## run all tests, in two processes
	@$(WITH_SERVICES) -- $(BIN)/python -m pytest -n 2 --ignore=tests/benchmarks $(ARGS)

check: .venv/.dev ## style, types, import contracts, templates, migrations, deployment settings, lock file
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	find templates equity practices metrics accountability -name '*.html' \
	    -exec $(BIN)/djade --check --target-version 5.2 {} +
	$(UV) lock --check
	@BASE_URL=https://equity.example ALLOWED_HOSTS=equity.example $(WITH_SERVICES) -- sh -exc '\
	    $(BIN)/mypy; \
	    $(BIN)/python manage.py makemigrations --check --dry-run; \
	    $(BIN)/python manage.py check --deploy --fail-level WARNING'

bench: .venv/.dev ## measure speed, as ratios to the bare engine
	@$(WITH_SERVICES) --durable -- $(BIN)/python -m pytest -p no:randomly tests/benchmarks $(ARGS)

screenshots: .venv/.dev browser ## draw every screen in a real browser
	@$(WITH_SERVICES) -- $(BIN)/python -m tests.functional.screenshots $(ARGS)

fix: .venv/.dev ## put code and templates into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	find templates equity practices metrics accountability -name '*.html' \
	    -exec $(BIN)/djade --target-version 5.2 {} +

messages: .venv/.dev ## collect the sentences to translate, and compile the translations
	@command -v msgfmt >/dev/null || { echo "Install GNU gettext first (apt-get install gettext, or brew install gettext)." >&2; exit 1; }
	@$(WITH_SERVICES) -- sh -ec '\
	    $(BIN)/python manage.py makemessages --locale es --no-obsolete --add-location file --no-wrap --ignore=.venv --ignore=var --ignore="tests*"; \
	    $(BIN)/python manage.py compilemessages --ignore=.venv'

untranslated: .venv/.dev ## name every sentence of the pages in Spanish that lacks its Spanish
	@$(BIN)/python -m tests.project.spanish

clean: ## remove the virtual environment and caches; the data in var/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache htmlcov .coverage

browser:
	@.ci/browser >/dev/null

# ---- the virtual environment: made once, brought up to date when the lock file changes

.venv/.demo: .venv/.uv-$(UV_VERSION) pyproject.toml uv.lock
	@$(UV) sync --quiet --locked --no-dev --inexact
	@touch $@

.venv/.dev: .venv/.uv-$(UV_VERSION) pyproject.toml uv.lock
	@$(UV) sync --quiet --locked
	@touch $@ .venv/.demo

.venv/.uv-$(UV_VERSION):
	@python=; \
	for candidate in "$(PYTHON)" python3.13 python3.12 python3.11 python3.14; do \
	    if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	        python=$$candidate; break; \
	    fi; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "Python 3.11 or later is needed, and $(PYTHON) is not: install it (apt-get install python3, or" \
	        "brew install python), or name it with make PYTHON=/path/to/python3." >&2; exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo "$$python cannot make virtual environments: install what it lacks" \
	        "(apt-get install python3-venv, or brew install python)." >&2; exit 1; \
	fi; \
	echo "Fetching the packages (once)."; \
	$(BIN)/python -c '' 2>/dev/null || "$$python" -m venv --clear .venv; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@
