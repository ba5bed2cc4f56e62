# The first of these that runs on a fresh machine sets everything up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PROJECT ?= .
# Tests of one file share what they build, so that a file is one process's.
PYTEST = $(BIN)/python -m pytest -q -n 2 --dist loadfile
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help report test test-fast test-slow check format lab lock audit docs bench clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

report: $(VENV)/.ready ## build the reports that are out of date (PROJECT=folder for another programme)
	$(BIN)/jpreport build --strict --project $(PROJECT)

# Branches are counted in the fast tests: it takes half as much time again, and what the slow ones
# run is in other processes.
test: COUNT = --cov --cov-report=term:skip-covered
test: test-fast test-slow ## run all tests, the fast ones first

test-fast: $(VENV)/.ready
	$(PYTEST) -m "not slow" $(COUNT)

test-slow: $(VENV)/.ready
	$(PYTEST) -m slow

check: $(VENV)/.ready ## format, lint, types, layers, notebooks, records
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/jpreport strip --check
	$(BIN)/python scripts/make_records.py --check
	$(BIN)/jpreport check

format: $(VENV)/.ready ## format the code and strip the notebooks' outputs
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/jpreport strip

# Terminals there are no login shells, which would begin with a PATH of their own.
lab: $(VENV)/.ready ## open the notebooks in JupyterLab (ARGS="--no-browser --port=9999")
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/jupyter lab --notebook-dir=$(PROJECT) \
	  --LabApp.default_url=/lab/tree/notebooks $(if $(filter 0,$(shell id -u)),--allow-root) \
	  --ServerApp.terminado_settings="{'shell_command': ['$${SHELL:-sh}']}" $(ARGS)

# Where it finds rfc3987-syntax, jsonschema builds a grammar at each import: 1.1 s, not 0.1 s, in
# every process that imports nbformat. Nothing that Jupyter checks here is an IRI.
lock: $(VENV)/.ready ## resolve the dependencies anew
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-emit-package rfc3987-syntax --no-emit-package lark \
	  --extra cluster --extra dev --extra lab pyproject.toml -o requirements.lock

audit: $(VENV)/.ready ## attack the reports: can anybody be singled out?
	$(BIN)/jpreport audit --project $(PROJECT)

docs: $(VENV)/.ready ## write the documentation as a site, docs/_build/index.html
	$(BIN)/python -m sphinx -q -W -b html docs docs/_build

bench: $(VENV)/.ready ## measure against papermill and nbconvert; writes benchmarks/RESULTS.md
	$(BIN)/python benchmarks/bench.py

# The programme's secret stays: without it the next release would choose other cells.
clean: ## remove what was built (the environments and the programme's secret stay)
	[ ! -d .jpreport ] || find .jpreport -mindepth 1 -maxdepth 1 ! -name secret -exec rm -rf {} +
	rm -rf outputs/* outputs-restricted .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis

# --no-deps: a lock is whole, and pip that resolves it again trips over a release that came after
# it (it asks for the newest `coverage[toml]`, which has no hash there). `pip check` proves it whole.
$(VENV)/.ready: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "jpreport needs Python 3.11 or newer: make PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV) (once, about a minute)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@$(BIN)/python -m pip check -q
	@touch $@
