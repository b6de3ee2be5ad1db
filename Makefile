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
.PHONY: help setup spark run build docs dashboard check test nightly lint format check-types sql-lint quick-test all-tests \
    end-to-end mutation nightly-fuzz nightly-spark nightly-sequences nightly-survive nightly-full-disk nightly-readers nightly-soak clean

# Goals side by side: those that fail do not stop the others, and each speaks when it has ended (where make can do that).
SIDE_BY_SIDE = +@$(MAKE) --no-print-directory --keep-going --jobs=3 $(if $(filter output-sync,$(.FEATURES)),--output-sync=$(1))

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

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
	@$(BIN)/python -m pipeline.project
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

# Lanes of the tests: docs/testing.md. What is slow for one processor stands beside pytest, which takes both.
check: setup ## before each commit: lint, types, and the quick tests
	$(call SIDE_BY_SIDE,target) lint check-types quick-test

test: setup ## everything that must hold before a change is taken
	$(call SIDE_BY_SIDE,line) lint check-types sql-lint end-to-end all-tests

nightly: test ## everything, and the long forms of the tests that have one (5 hours)
	+@$(MAKE) --no-print-directory --keep-going nightly-fuzz nightly-spark nightly-sequences nightly-survive \
	    nightly-full-disk nightly-readers nightly-soak

lint: setup ## ruff: errors and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: setup ## let ruff format the code
	$(BIN)/ruff format .

check-types: setup ## mypy
	$(BIN)/mypy

sql-lint: setup ## sqlfluff
	$(BIN)/sqlfluff lint --disable-progress-bar --nocolor models tests/data

# A worker that has nothing left takes from the other.
quick-test: setup ## pytest: loaders, forms, unit tests of models and the gates, without what is slow
	$(BIN)/pytest -n 2 --dist worksteal --durations 10 -m "not (slow or nightly or browser or spark)" \
	    tests/python/unit tests/python/forms tests/python/models tests/python/pipeline

all-tests: setup ## pytest: everything but the long forms
	$(BIN)/pytest -n 2 --dist worksteal --durations 30

# Plain dbt, as any dbt user runs it, on raw tables that the loaders wrote; in a folder of its own. pytest does `yusuan run`.
end-to-end: setup ## yusuan load, then plain dbt build with its unit and data tests
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && export YUSUAN_TARGET="$$folder/target" && \
	$(BIN)/yusuan load samples --warehouse "$$folder/plain/yusuan.duckdb" && \
	YUSUAN_WAREHOUSE="$$folder/plain/.work/yusuan.duckdb" $(BIN)/dbt --quiet --no-version-check build \
	    --profiles-dir profiles --target-path "$$folder/dbt" --log-path "$$folder/dbt" && echo "plain dbt build: passed"

# In a copy of the code; nothing is written here. LANE=all shows what the fast lane misses to the whole suite.
mutation: setup ## plant 25 faults in a copy of the code and list which of them the tests notice
	@$(BIN)/python -m scripts.mutation --lane $(or $(LANE),fast)

nightly-fuzz: setup ## damaged documents for 20 minutes of a processor
	YUSUAN_FUZZ_SECONDS=1200 $(BIN)/pytest tests/python/survival/test_damaged_documents.py

nightly-spark: setup ## Spark on a cluster: hundreds of documents, with all data tests, gates and publication
	$(BIN)/pytest -m nightly tests/python/spark

nightly-sequences: setup ## random sequences of what happens to an inbox, with dbt and gates in every run
	$(BIN)/python benchmarks/sequences.py --sequences 20 && $(BIN)/python benchmarks/sequences.py --sequences 2 --real

nightly-survive: setup ## kill -9 at hundreds of points of runs, and of runs with dbt and gates
	$(BIN)/python benchmarks/survive.py --kills 300 --minutes 60 && \
	$(BIN)/python benchmarks/survive.py --kills 60 --minutes 40 --real

nightly-full-disk: setup ## the disk fills at each moment of a run (needs root, for a small tmpfs)
	$(BIN)/python benchmarks/full_disk.py

nightly-readers: setup ## readers that ask while 300 publications are made
	$(BIN)/python benchmarks/readers_under_publication.py --minutes 60

nightly-soak: setup ## the real command in a loop while documents arrive, change and go
	$(BIN)/python benchmarks/soak.py --minutes 20

clean: ## remove what can be made again, but not the warehouse
	rm -rf $(VENV) target logs *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
