# Everything that people and CI do here. `make drill` and `make test` set up what they need first.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SCENARIO ?= drills/region-down.yaml
export PATH := $(CURDIR)/$(BIN):$(PATH)
export JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION := 1

.PHONY: help
help: ## say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/ready: requirements.txt constraints.txt package-lock.json pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -c constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/npm ci --silent --no-audit --no-fund
	touch $@

.PHONY: setup
setup: $(VENV)/ready ## make .venv and node_modules

.PHONY: drill
drill: setup ## play a disaster on the twin: make drill SCENARIO=drills/blip.yaml
	$(BIN)/lifeboat drill $(SCENARIO) --json out/drill/report.json --html out/drill/report.html

.PHONY: drills
drills: setup ## play every scenario, one after the other: make drills [NAMES="blip region-down"]
	$(BIN)/lifeboat drills $(NAMES)

.PHONY: lint
lint: setup ## linters, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: test
test: lint ## the whole test suite
	$(BIN)/python -m pytest

.PHONY: test-all
test-all: lint ## the suite and what is slow: the gate on PostgreSQL 16 as well
	$(BIN)/python -m pytest -m "slow or not slow"

.PHONY: bench
bench: setup ## measure; prints the machine
	$(BIN)/python -m bench

.PHONY: clean
clean: ## remove what was made here
	rm -rf $(VENV) node_modules build out cdk.out
