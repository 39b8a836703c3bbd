# make demo    plan the West Midlands example
# make test    run the tests;  make test-all: with the long sweeps too
# make docs    build the documentation into site/
# make check   lint, format, types, import order
#
# The same without make, on any system with Python 3.11 or newer:
#
#   python3 -m venv .venv
#   .venv/bin/pip install -e '.[dev]'
#   .venv/bin/dmopt solve instances/west-midlands --gap 1% --time-limit 60
#   .venv/bin/pytest -n 3 --dist worksteal -q -m 'not thorough'

VENV := .venv
BIN := $(VENV)/bin
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
# A name on the path may be a shim that does not run: try each one.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$python $(NEW_ENOUGH) >/dev/null 2>&1 && echo $$python && break; done)

DEMO := runs/west-midlands-demo

.PHONY: demo test test-all docs check clean

# A plan with a larger gap than asked (exit code 3) is still a plan to look at.
demo: $(VENV)/.core
	@$(BIN)/dmopt solve instances/west-midlands --gap 1% --time-limit 60 \
		--out $(DEMO) || [ $$? -eq 3 ]
	@echo
	@echo "Map:    $(DEMO)/map.png"
	@echo "Tables: $(DEMO)/tables"
	@echo "QGIS:   $(DEMO)/plan.gpkg"

test: $(VENV)/.dev
	$(BIN)/pytest -n 3 --dist worksteal -q -m "not thorough"

test-all: $(VENV)/.dev
	DMOPT_THOROUGH=1 $(BIN)/pytest -n 3 --dist worksteal -q

docs: $(VENV)/.dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

check: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_layers.py

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "dmopt needs Python 3.11 or newer, and none was found on the path."; \
		echo "Install one, or name it: make demo PYTHON=/path/to/python3.12"; \
		exit 1; fi
	@$(PYTHON) $(NEW_ENOUGH) || { \
		echo "$(PYTHON) is older than Python 3.11."; exit 1; }
	$(PYTHON) -m venv $(VENV)

# Stamps: a second call installs nothing, until pyproject.toml changes.
$(VENV)/.core: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.core
