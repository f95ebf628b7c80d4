# Everything that people and CI do here. `make drill` and `make test` set up what they need first.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CHECKOV := .venv-checkov
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

$(CHECKOV)/ready: requirements-checkov.txt
	$(PYTHON) -m venv $(CHECKOV)
	$(CHECKOV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-checkov.txt
	touch $@

.PHONY: checkov
checkov: $(CHECKOV)/ready ## make .venv-checkov: it asks for an older boto3 than Lifeboat runs on

.PHONY: checks
checks: setup checkov ## cfn-lint, cdk-nag, checkov and our own rules over the templates of every topology: ten minutes
	$(BIN)/python -m template_checks

.PHONY: test
test: lint checkov ## the test suite, a drill, two minutes of simulated schedules, and a product's templates
	$(BIN)/python -m pytest -n 2 --dist loadfile --ignore tests/twin --ignore tests/drills --ignore tests/contract/postgres
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/twin tests/contract/postgres
	$(MAKE) --no-print-directory test-drills

.PHONY: test-drills
test-drills: setup checkov # a drill mostly waits: schedules are played and templates checked meanwhile, behind it
	mkdir -p out/test
	setsid nice -n 19 $(SHELL) -euc '$(BIN)/lifeboat simulate --minutes 2 --json out/simulate/test.json; \
	  $(BIN)/python -m template_checks topologies/haven.yaml' > out/test/behind.log 2>&1 & \
	  behind=$$!; trap 'kill -- -$$behind 2> /dev/null || true' EXIT; \
	  $(BIN)/python -m pytest tests/drills; \
	  wait $$behind && cat out/test/behind.log || { cat out/test/behind.log; exit 1; }

.PHONY: test-all
test-all: lint ## the suite and what is slow: the gate on PostgreSQL 16, deployments after a failover, longer plays on the twin
	$(BIN)/python -m pytest -m "slow or not slow"

.PHONY: simulate
simulate: setup ## 5,000 schedules in virtual time
	$(BIN)/lifeboat simulate --schedules 5000 --jobs 2 --json out/simulate/simulate.json

.PHONY: soak
soak: setup ## schedules for hours; ended and started again it goes on where it was
	$(BIN)/lifeboat simulate --minutes $(or $(MINUTES),600) --jobs 2 --json out/simulate/soak.json --resume

.PHONY: mutants
mutants: setup ## plant every bug, one at a time, and tell what found it: ten minutes or more
	$(BIN)/python -m simulator.mutants --schedules 100 --jobs 2 --json simulator/mutants/score.json

.PHONY: bench
bench: setup ## measure; prints the machine
	$(BIN)/python -m bench

.PHONY: clean
clean: ## remove what was made here
	rm -rf $(VENV) $(CHECKOV) node_modules build out cdk.out
