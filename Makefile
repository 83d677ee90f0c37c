# Two commands for a newcomer: `make demo` and `make test`. Each makes what it needs; a second run is quick.
.DEFAULT_GOAL := help
SHELL := /bin/bash
VENV ?= .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	command -v $$name >/dev/null && $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$name && break; done)
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help demo test test-slow check format bench calibrate fuzz kill9 mutation facts-page pictures clean

help: ## This list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /  \1\t/' | expand -t 14

demo: $(VENV)/.run ## Screen, study, backtests and a tearsheet on the simulated market, into demo/
	@$(BIN)/lodestone demo -o demo

test: $(VENV)/.dev ## The default tests, under five minutes on two cores
	@$(BIN)/python -m pytest -n 2 --dist loadfile

test-slow: $(VENV)/.dev ## The tests marked slow
	@$(BIN)/python -m pytest -m slow

check: $(VENV)/.dev ## Lint, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/.dev ## Write the format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/.dev ## Start-up, demo, facts, prices, backtester, study and tearsheet against peers, as ratios measured in one run
	@$(BIN)/python benchmarks/startup.py
	@$(BIN)/python benchmarks/facts.py
	@$(BIN)/python benchmarks/market.py
	@$(BIN)/python -m benchmarks.backtest
	@$(BIN)/python -m benchmarks.study
	@$(BIN)/python -m benchmarks.tearsheet

calibrate: $(VENV)/.run ## Simulate the whole grid of studies, into docs/calibration.md; some ten minutes
	@$(BIN)/python -m strategies.calibration_page > docs/calibration.md.new && mv docs/calibration.md.new docs/calibration.md

fuzz: $(VENV)/.dev ## Try mutated filters for a minute: each must be a filter or a refusal
	@PYTHONPATH=. $(BIN)/python tests/fuzz_filters.py --seconds 60

KILLS ?= 1000

kill9: $(VENV)/.dev ## Kill writers of the price store at random: first a naive one, then the store; no read may be corrupt
	@PYTHONPATH=. $(BIN)/python tests/kill9.py --kills $(KILLS) --naive 2>/dev/null
	@PYTHONPATH=. $(BIN)/python tests/kill9.py --kills $(KILLS)

mutation: $(VENV)/.dev ## Plant bugs into the engine one by one and count those that the tests see; half an hour
	@$(PIP) install --constraint constraints.txt --editable '.[mutation]'
	@$(BIN)/python -m mutmut run --max-children 2
	@$(BIN)/python -m mutmut results

facts-page: $(VENV)/.run ## Count the facts anew, into docs/facts-count.md
	@$(BIN)/python -m universes.census > docs/facts-count.md

pictures: $(VENV)/.dev ## Take the pictures of docs/tearsheet.md anew; needs chromium
	@$(BIN)/python docs/pictures.py

clean: ## Remove the virtual environment, caches and demo/
	rm -rf $(VENV) demo build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Where ensurepip is missing (Debian without python3-venv), pip itself can fill an empty environment.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo 'Lodestone needs Python 3.11 or newer: install it, or run make PYTHON=/path/to/python'; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); $(PYTHON) -m venv --without-pip $(VENV) \
		&& $(PYTHON) -m pip --disable-pip-version-check --quiet --python $(BIN)/python install pip; }

$(VENV)/.run: $(BIN)/python setup.cfg pyproject.toml constraints.txt
	@echo "Installing Lodestone and its pinned dependencies (once; a few minutes on a slow line)"
	@$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "Installing the pinned tools for tests and checks"
	@$(PIP) install --constraint constraints.txt --editable '.[dev]'
	@touch $@
