# The two commands a newcomer needs: `make run` and `make test`. Everything else is for those who measure or mend.
PYTHON ?= python3
PORT ?= 8001
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check

.PHONY: run catalog test truth gdb week year hostile hostile-files real bench bench-harvest bench-check bench-validate bench-score bench-site bench-switch fuzz-validate bench-recheck validators pictures ckan lint clean lock

run: catalog
	$(BIN)/barometer serve --port $(PORT)

# Exit code 1 means "done, with items that failed": they are listed by `barometer status`, and the rest is published.
catalog: $(RUNTIME)
	$(BIN)/barometer run --portal sample || [ $$? -eq 1 ]

test: $(DEV)
	$(BIN)/python -m pytest

truth: $(DEV)
	$(BIN)/python -m bench.truth

gdb: $(DEV)
	$(BIN)/python -m bench.gdb

week: $(DEV)
	$(BIN)/python -m bench.week

year: $(DEV)
	$(BIN)/python -m bench.year

hostile: $(DEV)
	$(BIN)/python -m bench.hostile

hostile-files: $(DEV)
	$(BIN)/python -m bench.hostile_files

real: $(DEV)
	$(BIN)/python -m bench.real

bench: $(DEV)
	$(BIN)/python -m bench.peers

bench-harvest: $(DEV)
	$(BIN)/python -m bench.harvest

bench-check: $(DEV)
	$(BIN)/python -m bench.check

MINUTES ?= 1
fuzz-validate: $(DEV)
	$(BIN)/python -m bench.fuzz --minutes $(MINUTES)

bench-validate: $(DEV)
	$(BIN)/python -m bench.validate

bench-score: $(DEV)
	$(BIN)/python -m bench.score

bench-site: $(DEV)
	$(BIN)/python -m bench.site

bench-switch: $(DEV)
	$(BIN)/python -m bench.switch

bench-recheck: $(DEV)
	$(BIN)/python -m bench.recheck

# Other people's validators over the exports of the sample catalogue; their reports stay in build/validators.
validators: catalog $(DEV)
	$(BIN)/python -m bench.validators

pictures: $(DEV)
	$(BIN)/python -m bench.pictures

ckan: $(DEV)
	$(BIN)/python -m bench.ckan

lint: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

$(RUNTIME): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "barometer needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "On Debian: apt-get install python3-venv"; exit 2; }
	@echo 'Installing the packages of requirements.lock into $(VENV) (once, about a minute)'
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): $(RUNTIME) requirements-dev.lock
	@echo 'Installing the packages of requirements-dev.lock, for tests and measurements (once)'
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

# Needs pip-tools (`pip install pip-tools`): pins every package, with hashes, from pyproject.toml.
COMPILE := pip-compile --quiet --generate-hashes --no-annotate --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
lock:
	$(COMPILE) --output-file requirements.lock pyproject.toml
	$(COMPILE) --extra dev -c requirements.lock --output-file requirements-dev.lock pyproject.toml

clean:
	rm -rf $(VENV) build *.egg-info harvest.db* catalog.db* catalog.releases
