# `make report` and `make test` need only Python 3.11 or newer with venv, make and git. `make help` lists the rest.

PYTHON ?= python3
UV ?= uv
PYTEST_ARGS ?= -n auto --dist loadfile --durations=10
BENCH_ARGS ?=

# Programs that tests start find what was compiled before, also where the environment says that nothing is to be kept.
unexport PYTHONDONTWRITEBYTECODE

# The markers of tests that need another program, which `make test` leaves to `make check`; see pyproject.toml.
PROGRAMS := browser or java or tex or services

VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-bench
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCK := $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11
# One place for the packages and for the project itself, in place, so that an edit needs no new installation.
# The package is installed as diptych; in place it is a link to report/, since no editable installation renames a folder.
INSTALL_PROJECT := mkdir -p $(VENV)/dev && ln -sfn ../../report $(VENV)/dev/diptych && \
  $(PIP) install --no-deps --no-build-isolation --editable .

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: report test quick check nightly bench docs accept lock clean help

report: $(VENV)/run.stamp ## build site/ from config.yaml
	$(BIN)/diptych build config.yaml --output site

test: $(VENV)/dev.stamp ## run all tests that need nothing but Python, make and git
	$(BIN)/python -m pytest -m "not (nightly or $(PROGRAMS))" $(PYTEST_ARGS)

quick: $(VENV)/dev.stamp ## run those of `make test` that take moments
	$(BIN)/python -m pytest -m "not (slow or nightly or $(PROGRAMS))" $(PYTEST_ARGS)

# TEST_PATH is the PATH of `make test` alone: .ci/run has one with next to nothing in it.
check: $(VENV)/dev.stamp ## format, lint, types, import layers, `make test`, then the tests that need other programs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	PATH="$(or $(TEST_PATH),$$PATH)" $(MAKE) test
	$(BIN)/python -m pytest -m "not nightly and ($(PROGRAMS))" $(PYTEST_ARGS)

nightly: $(VENV)/dev.stamp ## run every test, with simulations and many random draws (tests/draws.py)
	DIPTYCH_NIGHTLY=1 $(BIN)/python -m pytest -m "" $(PYTEST_ARGS)

bench: $(VENV)/dev.stamp $(PEERS)/peers.stamp ## measure against peers and budgets, into benchmarks/results.md; BENCH_ARGS=--quick for less
	$(BIN)/python -m benchmarks.run --peers $(PEERS)/bin/python $(BENCH_ARGS)

lock: ## pin the packages of pyproject.toml anew (needs uv; UV=path); add UPGRADE=--upgrade for newer versions
	$(LOCK) $(UPGRADE) pyproject.toml --group build --output-file requirements/run.txt
	$(LOCK) $(UPGRADE) pyproject.toml --extra spreadsheets --extra word --group dev --constraints requirements/run.txt --output-file requirements/dev.txt
	$(LOCK) $(UPGRADE) pyproject.toml --all-extras --constraints requirements/dev.txt --output-file requirements/extras.txt
	echo uv | $(LOCK) $(UPGRADE) - --output-file requirements/uv.txt
	printf '%s\n' furo hugo myst-parser pydata-sphinx-theme sphinx | $(LOCK) $(UPGRADE) - --output-file requirements/generators.txt
	echo 'jupyter-book<2' | $(LOCK) $(UPGRADE) - --output-file requirements/jupyter-book.txt
	$(LOCK) --resolution lowest-direct pyproject.toml --extra spreadsheets --extra word --group lowest --output-file requirements/lowest.txt

accept: $(VENV)/dev.stamp ## accept new wording: rewrite golden files, but no number; DATA=1 accepts numbers alone
	DIPTYCH_ACCEPT$(if $(DATA),_DATA)=1 $(BIN)/python -m pytest -k golden $(if $(DATA),-n 0,$(PYTEST_ARGS))

docs: $(VENV)/dev.stamp ## build the documentation as a site into build/docs/site, its gallery included
	$(BIN)/python -m tools.docs_site
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

clean: ## remove all that was made: site/, .venv, caches
	rm -rf site $(VENV) $(PEERS) build dist .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find report tools tests -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

# The stamps say what .venv holds; dev holds run.
$(VENV)/run.stamp: requirements/run.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes --requirement requirements/run.txt
	$(INSTALL_PROJECT)
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes --requirement requirements/dev.txt
	$(INSTALL_PROJECT)
	@touch $(VENV)/run.stamp $@

# What Diptych is measured against, in a place of its own; pyarrow apart, since pandas takes longer to start beside it.
$(PEERS)/peers.stamp: $(wildcard benchmarks/requirements*.txt) | $(BIN)/python
	$(BIN)/python -m venv --clear $(PEERS)
	$(PEERS)/bin/python -m pip --disable-pip-version-check --quiet install --requirement benchmarks/requirements.txt
	$(PEERS)/bin/python -m pip --disable-pip-version-check --quiet install \
	  --target $(PEERS)/arrow --requirement benchmarks/requirements-arrow.txt
	@touch $@

$(BIN)/python:
	@command -v $(PYTHON) > /dev/null || { \
	  echo "make: no $(PYTHON) here; install Python 3.11 or newer, or name it: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: $(PYTHON) is $$($(PYTHON) -V 2>&1); 3.11 or newer is needed: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || { \
	  echo "make: $(PYTHON) has no venv; on Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
