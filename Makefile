# Needs only Python >= 3.11, pip and make; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := runs/demo

.PHONY: install demo test lint types contract tests notebooks browser docs networks clean

# The stamp is newer than pyproject.toml when what it asks for is installed.
$(VENV)/.installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "signalopt needs Python 3.11 or newer; set PYTHON=python3.x")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

install: $(VENV)/.installed

# Optimise the bundled arterial: some minutes on two cores, ends with a before/after report.
demo: install
	$(BIN)/signalopt optimise scenarios/arterial -o $(DEMO)
	@echo "The run is in $(DEMO): plan.json, plan.add.xml (load it in SUMO), summary.json, run.log"
	@echo "Open the before/after report in a browser: $(DEMO)/report.html"

test: lint types contract docs tests notebooks

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

contract: install
	$(BIN)/lint-imports

# Two processes: SUMO runs dominate, and every worker holds a simulator of its own.
tests: install
	$(BIN)/pytest -n 2 --dist loadgroup

notebooks: install
	$(BIN)/pytest --nbmake --nbmake-timeout 300 notebooks

# The workbench in the Chromium or Chrome of this machine; fails where there is none.
browser: install
	$(BIN)/pytest -o addopts="-ra --import-mode=importlib -p no:dash" tests/browser

# The documentation as a web site in site/, warnings as errors; needs no internet.
docs: install
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

# Rebuild the bundled networks and scenarios from their plain sources.
networks: install
	$(BIN)/python -m networks.build

clean:
	rm -rf $(VENV) site runs .pytest_cache .mypy_cache .ruff_cache .hypothesis
