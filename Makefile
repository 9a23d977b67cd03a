# Every command a person or a build machine needs; `make help` lists them.
# Needs Python 3.11 or newer with its venv module, and GNU make: no more than that.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

# Where `make run` serves. Anything but a loopback address asks for a clients file.
HOST ?= 127.0.0.1
PORT ?= 8080

# Options for pytest, for instance: make test PYTEST="-n 0 -k metformin"
PYTEST ?= -n 2
# Real FHIR data to read, where somebody has some; see `make data`.
SHARED_DATA ?= ../shared/data
IMAGE ?= localhost/b12-cds:latest
SBOM ?= sbom.json
HEALTHCHAIN := build/bench/healthchain

# No index and no download address goes into a lock, so that it works behind any mirror.
LOCK := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
  --generate-hashes --no-emit-index-url --custom-compile-command "make lock"

PRODUCT := cds_hooks service
SOURCES := $(PRODUCT) tests deploy tools $(wildcard bench)


##@ Use

.PHONY: run
run: $(VENV)/.installed ## Serve on http://127.0.0.1:8080 (HOST and PORT change that)
	@exec $(BIN)/b12-cds serve --host "$(HOST)" --port "$(PORT)"

.PHONY: data
data: $(VENV)/.installed-dev ## Put every patient of SHARED_DATA to the service and report
	@test -d "$(SHARED_DATA)" || { echo "make data: there is no folder $(SHARED_DATA);" \
	  "name one with SHARED_DATA=..." >&2; exit 1; }
	SHARED_DATA="$(SHARED_DATA)" $(BIN)/pytest -n 0 -m shared_data -rP


##@ Change

.PHONY: test
test: $(VENV)/.installed-dev ## Run every test, from a fresh clone if need be
	@SHARED_DATA="$(SHARED_DATA)" $(BIN)/pytest $(PYTEST)

.PHONY: check
check: format-check lint types audit test ## Formatter, linter, types, audit and tests; a warning is a failure

.PHONY: fix
fix: $(VENV)/.installed-dev ## Format the code and mend what the linter can mend
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

.PHONY: format-check
format-check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check $(SOURCES)

.PHONY: lint
lint: $(VENV)/.installed-dev
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml $(PRODUCT)

.PHONY: types
types: $(VENV)/.installed-dev
	$(BIN)/mypy

# pip-audit asks an advisory database on the network. Where none answers, the
# audit says so and the other checks go on; where one does, any advisory fails.
.PHONY: audit
audit: $(VENV)/.installed-dev ## Look the locked libraries up in the advisory database
	@$(BIN)/python deploy/audit.py requirements.txt

.PHONY: coverage
coverage: $(VENV)/.installed-dev ## Run every test and show what none of them reaches
	@SHARED_DATA="$(SHARED_DATA)" $(BIN)/pytest $(PYTEST) --cov --cov-report=term-missing

.PHONY: reference
reference: $(VENV)/.installed-dev ## Print the API reference again from openapi.yaml
	$(BIN)/python tools/print_api_reference.py

.PHONY: manual
manual: $(VENV)/.installed-dev ## Print the manual of the rules, the seed facts and the conformance page again
	$(BIN)/python -m tests.spec.manual
	$(BIN)/python -m tests.protocol.conformance_page

.PHONY: contract
contract: $(VENV)/.installed-dev ## Put 10,000 calls made from openapi.yaml to the service
	CONTRACT_CASES=10000 CONTRACT_RECORD=tests/contract/last_run.toml \
	  $(BIN)/pytest -n 0 tests/contract
	$(BIN)/python -m tests.protocol.conformance_page

.PHONY: fuzz
fuzz: $(VENV)/.installed-dev ## Spoil calls at random for ten minutes (FUZZ_MINUTES) and look for crashes
	$(BIN)/python -W error -m tests.fuzz

.PHONY: mutation
mutation: $(VENV)/.installed-dev ## Change the clinical rules in small ways and see whether a test notices (MODULES)
	$(BIN)/python tools/mutate.py $(MODULES)

.PHONY: lock
lock: $(VENV)/.installed-dev ## Lock the newest releases of everything, with hashes
	$(LOCK) --output-file requirements-build.txt requirements-build.in
	$(LOCK) --output-file requirements.txt pyproject.toml
	$(LOCK) --output-file requirements-dev.txt --constraint requirements.txt \
	  pyproject.toml requirements-dev.in

# Measures with what there is: HealthChain, in an environment of its own, where it can
# be installed, and without it where not.
.PHONY: bench
bench: $(VENV)/.installed-dev $(HEALTHCHAIN)/.installed ## Measure against other servers and write bench/RESULTS.md (10 minutes)
	@$(BIN)/python -m bench

$(HEALTHCHAIN)/.installed: bench/requirements-healthchain.txt
	@"$(PYTHON)" -m venv $(HEALTHCHAIN)
	@mkdir -p $(HEALTHCHAIN) && { $(HEALTHCHAIN)/bin/python -m pip install --quiet \
	  --disable-pip-version-check -r $< \
	  || { echo "make bench: HealthChain cannot be installed here; measuring without" >&2; \
	       rm -f $(HEALTHCHAIN)/bin/python; }; }
	@touch $@


##@ Ship

.PHONY: image
image: ## Build the container image, with no daemon (buildah; as root)
	deploy/build-image "$(IMAGE)"

.PHONY: image-run
image-run: ## Run the image on http://127.0.0.1:8080, with no daemon
	HOST="$(HOST)" PORT="$(PORT)" deploy/run-image "$(IMAGE)"

.PHONY: sbom
sbom: $(VENV)/.installed-dev ## Write the bill of materials (CycloneDX) to sbom.json (SBOM)
	$(BIN)/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml \
	  --output-reproducible --output-format JSON --output-file "$(SBOM)"


##@ Tidy

.PHONY: clean
clean: ## Remove what the other targets made, but not the store under var/
	rm -rf $(VENV) build dist sbom.json .coverage .coverage.* htmlcov mutants \
	  .hypothesis .mypy_cache .pytest_cache .ruff_cache .schemathesis
	find $(SOURCES) -name __pycache__ -prune -exec rm -rf {} +

.PHONY: help
help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)


# The stamps make a second run quick: pip is asked again only when a lock or
# pyproject.toml is newer than the last installation.

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "b12-cds needs Python 3.11 or newer" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "b12-cds needs Python 3.11 or newer; $(PYTHON) is older." \
	    "Name another with PYTHON=..." >&2; exit 1; }
	"$(PYTHON)" -m venv $(VENV)

$(VENV)/.installed: requirements.txt requirements-build.txt pyproject.toml | $(BIN)/python
	@echo "b12-cds: installing the locked dependencies into $(VENV)"
	@$(PIP) install --quiet --require-hashes -r requirements-build.txt
	@$(PIP) install --quiet --require-hashes -r requirements.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "b12-cds: installing what the tests and checks need into $(VENV)"
	@$(PIP) install --quiet --require-hashes -r requirements-dev.txt
	@touch $@
