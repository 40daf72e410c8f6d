# `make report` and `make test` need only Python 3.11 or newer with venv, make and git. `make help` lists the rest.

PYTHON ?= python3
UV ?= uv
PYTEST_ARGS ?= -n auto --durations=10
BENCH_ARGS ?=
PORT ?= 8000

# Programs that tests start find what was compiled before, also where the environment says that nothing is to be kept.
unexport PYTHONDONTWRITEBYTECODE

# What a test may need that not every machine has, or that takes long; see pyproject.toml.
MARKED := browser or java or tex or spark or long
# What `make test` leaves to `make check`.
ELSEWHERE := browser or java or tex or spark or thorough

# Tests that draw at random, or look at pages in more windows by night; see tests/draws.py.
DRAWING := $(addprefix tests/,benchmarks browser docs/test_site.py figures/test_print.py findings/test_blocks.py findings/test_directed_pairs.py \
  findings/test_selection.py fuzz contrib/history/test_item_types.py inference contrib/init/test_public_tables.py ledger contrib/history/test_differences.py \
  pipeline/test_outputs.py pipeline/test_sites.py privacy prose publish/test_publish_killed.py recounts relations \
  renderers/test_pdf_layout.py renderers/test_pdf_smallest_text.py reuse/test_killed.py safety/test_corpus.py \
  safety/test_disclosure.py simulations sources/test_engines_agree.py sources/test_opening.py contrib/scan/test_empty_worlds.py contrib/scan/test_group_tests.py)

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
.PHONY: report test quick nightly recipes check bench docs format lock catalogue accept accept-data serve clean help

report: $(VENV)/run.stamp ## build site/ from config.yaml
	$(BIN)/diptych build config.yaml --output site

test: $(VENV)/dev.stamp ## run the tests of every part, whole reports included; `make check` runs all tests
	$(BIN)/python -m pytest -m "not ($(ELSEWHERE))" $(PYTEST_ARGS)

quick: $(VENV)/dev.stamp ## run the tests that take moments: no browser, Java, TeX, Spark, nor whole reports
	$(BIN)/python -m pytest $(PYTEST_ARGS) -m "not ($(MARKED))"

nightly: $(VENV)/dev.stamp ## run the tests with the many random draws and windows that CI has every night (tests/draws.py)
	DIPTYCH_NIGHTLY=1 $(BIN)/python -m pytest $(PYTEST_ARGS) $(DRAWING)

recipes: $(VENV)/dev.stamp ## follow the recipes of docs/embedding.md (.ci/generators installs the site generators)
	DIPTYCH_NIGHTLY=1 $(BIN)/python -m pytest tests/browser/test_recipes.py

check: $(VENV)/dev.stamp ## format, lint, types, import layers, tests, the quick ones first: what CI runs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) quick
	$(BIN)/python -m pytest $(PYTEST_ARGS) -m "$(MARKED)"

bench: $(VENV)/dev.stamp $(PEERS)/peers.stamp ## measure against peers and budgets, into benchmarks/results.md; BENCH_ARGS=--quick for less
	$(BIN)/python -m benchmarks.run --peers $(PEERS)/bin/python $(BENCH_ARGS)

format: $(VENV)/dev.stamp ## put the code into its format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## pin the packages of pyproject.toml anew (needs uv; UV=path); add UPGRADE=--upgrade for newer versions
	$(LOCK) $(UPGRADE) pyproject.toml --group build --output-file requirements/run.txt
	$(LOCK) $(UPGRADE) pyproject.toml --extra spreadsheets --extra word --group dev --constraints requirements/run.txt --output-file requirements/dev.txt
	$(LOCK) $(UPGRADE) pyproject.toml --all-extras --constraints requirements/dev.txt --output-file requirements/extras.txt
	echo uv | $(LOCK) $(UPGRADE) - --output-file requirements/uv.txt
	printf '%s\n' furo hugo myst-parser pydata-sphinx-theme sphinx | $(LOCK) $(UPGRADE) - --output-file requirements/generators.txt
	echo 'jupyter-book<2' | $(LOCK) $(UPGRADE) - --output-file requirements/jupyter-book.txt
	$(LOCK) --resolution lowest-direct pyproject.toml --extra spreadsheets --extra word --group lowest --output-file requirements/lowest.txt

catalogue: $(VENV)/run.stamp ## read data/catalogue anew from the published packages (needs the network)
	$(BIN)/python -m tools.catalogue

accept: $(VENV)/dev.stamp ## accept new wording: rewrite the golden files of text, never numbers; look at the difference
	DIPTYCH_ACCEPT=1 $(BIN)/python -m pytest -k golden

accept-data: $(VENV)/dev.stamp ## accept moved numbers: rewrite the golden tables and the hashes of data files
	DIPTYCH_ACCEPT_DATA=1 $(BIN)/python -m pytest tests/net tests/renderers/test_golden.py -k "golden and not words"

docs: $(VENV)/dev.stamp ## build the documentation as a site into build/docs/site, its gallery included
	$(BIN)/python -m tools.docs_site
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

serve: $(VENV)/run.stamp ## show the default report on http://127.0.0.1:8000, built again when something changes (PORT=number)
	$(BIN)/diptych serve config.yaml --port $(or $(PORT),8000)

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
	$(BIN)/python -m venv --clear $(PEERS)/profiling
	$(PEERS)/profiling/bin/python -m pip --disable-pip-version-check --quiet install \
	  --requirement benchmarks/requirements-profiling.txt
	@touch $@

$(BIN)/python:
	@command -v $(PYTHON) > /dev/null || { \
	  echo "make: no $(PYTHON) here; install Python 3.11 or newer, or name it: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: $(PYTHON) is $$($(PYTHON) -V 2>&1); 3.11 or newer is needed: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || { \
	  echo "make: $(PYTHON) has no venv; on Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
