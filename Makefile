# Python is called PYTHON where python3 is older than 3.11: make run PYTHON=python3.12
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# Nothing here calls home.
export DO_NOT_TRACK := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export GX_ANALYTICS_ENABLED := false
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup spark run build docs dashboard test lint format check-types sql-lint unit-test end-to-end mutation clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(INSTALLED) ## make the private environment in .venv (once)

# The lock names every package with its hashes, so that nothing is left to resolve (--no-deps).
$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	    { echo "Python 3.11 or newer is needed; name it with: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	    { echo "Python lacks the venv module; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "installing into $(VENV) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --require-hashes --no-deps -r requirements.lock
	@$(BIN)/python -m pip check -q
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation -e .
	@echo "parsing the dbt project …"
	@$(BIN)/python -m pipeline.manifest
	@touch $@

# On top of the lock, and as strict. No isolation: setuptools, which builds pyspark's wheel, is in the lock.
spark: setup ## add what `yusuan spark` needs (0.5 GB; a Java runtime is needed as well)
	@$(BIN)/python -m pip install -qq --require-hashes --no-deps --no-build-isolation -r requirements-spark.lock
	@$(BIN)/python -m pip check -q

run: setup ## read samples/ into warehouse/yusuan.duckdb and show what it holds
	@$(BIN)/yusuan run samples

build: setup ## rebuild and publish the models on the documents that are already loaded
	@$(BIN)/yusuan build
	@$(BIN)/yusuan check
	@$(BIN)/yusuan publish

# From the project alone: no warehouse is opened, so that types are those of the contracts. Nothing is asked of the network.
docs: setup ## the columns of every table as one page, target/docs/index.html
	@YUSUAN_WAREHOUSE=:memory: $(BIN)/dbt --quiet --no-version-check --no-use-colors docs generate --static --empty-catalog \
	    --profiles-dir profiles --target-path target/dbt-docs --log-path target/dbt-docs
	@mkdir -p target/docs && cp target/dbt-docs/static_index.html target/docs/index.html && echo "target/docs/index.html"

dashboard: setup ## show the pages on the published file (YUSUAN_WAREHOUSE, else warehouse/yusuan.duckdb)
	@$(BIN)/streamlit run dashboard/app.py

test: lint check-types sql-lint unit-test end-to-end ## everything that must hold before a change is taken

lint: setup ## ruff: errors and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: setup ## let ruff format the code
	$(BIN)/ruff format .

check-types: setup ## mypy
	$(BIN)/mypy

sql-lint: setup ## sqlfluff
	$(BIN)/sqlfluff lint --disable-progress-bar --nocolor models tests/data

unit-test: setup ## pytest
	$(BIN)/pytest -n 2 --durations 30

# The command on samples/, then plain dbt with its unit tests on raw tables that the loaders wrote; all in a folder of its own.
end-to-end: setup ## the whole pipeline on samples/, and plain dbt on the loaded tables
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && export YUSUAN_TARGET="$$folder/target" && \
	$(BIN)/yusuan run samples --warehouse "$$folder/yusuan.duckdb" && \
	$(BIN)/yusuan load samples --warehouse "$$folder/plain/yusuan.duckdb" && \
	YUSUAN_WAREHOUSE="$$folder/plain/.work/yusuan.duckdb" $(BIN)/dbt --quiet --no-version-check build \
	    --profiles-dir profiles --target-path "$$folder/dbt" --log-path "$$folder/dbt" && echo "plain dbt build: passed"

# In a copy of the code; nothing is written here. LANE=all shows what the fast lane misses to the whole suite.
mutation: setup ## plant 25 faults in a copy of the code and list which of them the tests notice
	@$(BIN)/python -m scripts.mutation --lane $(or $(LANE),fast)

clean: ## remove what can be made again, but not the warehouse
	rm -rf $(VENV) target logs *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
