# make demo, make test, make ui: each creates .venv by itself and is safe to run again.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
export DAGSTER_HOME := $(CURDIR)/dagster_home
export OMP_NUM_THREADS ?= 1
APT := $(if $(filter 0,$(shell id -u)),apt-get,sudo apt-get)

.PHONY: help demo ui test lint types test-files test-mutations test-slow test-real test-s3 test-weather clean

help: ## show these lines
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.created:
	@python3 -c 'import ensurepip, venv' 2>/dev/null || { $(APT) update -qq && $(APT) install -y -qq python3-venv; }
	python3 -m venv $(VENV)
	$(BIN)/pip install -q -U pip
	@touch $@

$(VENV)/.runtime: pyproject.toml constraints.txt $(VENV)/.created
	@echo 'Installing the pinned packages into $(VENV): some minutes, once.'
	$(BIN)/pip install -q -c constraints.txt -e .
	@touch $@

$(VENV)/.test: $(VENV)/.runtime
	@echo 'Installing the test tools into $(VENV): a minute, once.'
	$(BIN)/pip install -q -c constraints.txt -e '.[test]'
	@touch $@

INSTALLERS := $(addprefix energy_assets_tests/servers/, install.sh install_mongosh.sh install_influx.sh)

$(VENV)/.servers: $(INSTALLERS) $(VENV)/.created
	bash energy_assets_tests/servers/install.sh $(VENV)
	@touch $@

dagster_home/dagster.yaml: deploy/dagster.local.yaml
	@mkdir -p dagster_home
	@cp $< $@

demo: $(VENV)/.runtime dagster_home/dagster.yaml ## sample files to forecasts, scores, plots and findings
	QUALITY=$${QUALITY:-fast} $(BIN)/python -m energy_assets.demo

ui: $(VENV)/.runtime dagster_home/dagster.yaml ## the Dagster UI on http://127.0.0.1:3000
	$(BIN)/dg dev --host 127.0.0.1 --port 3000

lint: $(VENV)/.test ## lint, format and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.test ## pyright, strict
	$(BIN)/pyright

test: lint types $(VENV)/.servers ## everything that must hold, on real stores
	REQUIRE_POSTGRES=1 REQUIRE_INFLUX=1 $(BIN)/python -m pytest -n 2

test-files: $(VENV)/.test ## the corpus of meter files, each with the values expected
	$(BIN)/python -m pytest -q -n 2 --tb=line -p energy_assets_tests.files.counting -m 'meter_files and not slow' energy_assets_tests/files

test-mutations: $(VENV)/.test ## 10,000 damaged meter files (MUTATIONS=number)
	MUTATIONS=$(MUTATIONS) $(BIN)/python -m pytest -q -n 2 -rP --timeout 3600 -m 'meter_files and slow' energy_assets_tests/files

test-slow: $(VENV)/.test $(VENV)/.servers ## exhaustive suites: large files, 100,000 objects
	$(BIN)/python -m pytest -m slow

test-real: $(VENV)/.test ## the whole pipeline on real public data (DATA=folder)
	REAL_DATA=$(DATA) $(BIN)/python -m pytest -m real_data

test-s3: $(VENV)/.test ## the object store on a real S3 server, Ceph
	bash energy_assets_tests/servers/install_ceph.sh
	bash energy_assets_tests/servers/ceph_rgw.sh $(BIN)/python -m pytest -m s3_server

test-weather: $(VENV)/.test ## the real weather services, with keys from the environment
	$(BIN)/python -m pytest -m live_weather

clean: ## remove the demo's data, not the environment
	rm -rf data dagster_home logs
