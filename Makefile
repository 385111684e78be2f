# Two commands for a new user: `make synth`, `make test`. Each sets up what it needs, once.

PYTHON ?= python3

# cdktf, or cdktn for its successor: docs/decisions/0001-cdktf-and-its-successor.md
ENGINE ?= cdktf
ENVIRONMENT_cdktf :=
ENVIRONMENT_cdktn := -cdktn
$(if $(filter cdktf cdktn,$(ENGINE)),,$(error ENGINE=$(ENGINE): there are cdktf and cdktn))
VENV := .venv$(ENVIRONMENT_$(ENGINE))
LOCK := requirements/$(ENGINE)
BIN := $(VENV)/bin

# Where Python finds the package, in whatever is called here.
export PYTHONPATH := modules

# Nothing is compiled ahead: of the bindings' 2,200 modules a run imports two dozen. The lock is
# complete, so pip has nothing to resolve.
PIP_FLAGS := --quiet --disable-pip-version-check --no-compile --no-deps
PIP_INSTALL := $(BIN)/python -m pip install $(PIP_FLAGS) --require-hashes

# What a user's environment or pip.conf says of where packages go and which versions of others are
# wanted is meant for other folders than this. Where packages come from stays theirs to say.
export PIP_USER := 0
export PIP_CONSTRAINT := /dev/null
export PIP_REQUIRE_VIRTUALENV := 0
unexport PIP_TARGET PIP_PREFIX PIP_ROOT PIP_REQUIREMENT PIP_DRY_RUN PIP_NO_BINARY PYTHONHOME
# Images of Python often set it; each run would compile all two hundred modules again.
unexport PYTHONDONTWRITEBYTECODE

# Scripts in a virtual environment name its Python by the whole path: moved, they end with "Error
# 127", as everything does where that Python was removed.
HELD := $(CURDIR)/$(BIN)/python
STALE := $(shell test -e $(BIN)/pip && ! { $(BIN)/python -c "" && head -n 2 $(BIN)/pip | \
	grep -qF "$(HELD)"; } >/dev/null 2>&1 && echo stale)
$(if $(STALE),$(info $(VENV) was made in another folder, or its Python is gone: it is made anew) \
	$(shell rm -rf $(VENV)))

# Two processes a core: a rehearsal waits much, for Terraform's own pauses. Tests of one
# xdist_group share what one of them started. The order is that of tests/conftest.py: xdist's own
# would leave a long test that is in no group for the end.
IN_PARALLEL = --numprocesses $(shell $(PYTHON) -c 'import os; print(os.cpu_count() * 2)') \
	--dist loadgroup --no-loadscope-reorder
ONE_A_CORE = --numprocesses auto --dist loadgroup --no-loadscope-reorder
FAST := not slow and not terraform and not rehearsal

# Of a delivery elsewhere, as in a Terraform monorepo: make synth CONFIG=../infra/delivery.yaml
PLACES = $(if $(CONFIG),--config "$(CONFIG)") $(if $(OUT),--out "$(OUT)")

.DEFAULT_GOAL := help
.PHONY: help synth test test-fast test-editor test-install soak check reference rehearse rehearse-all bench cdktn site dist format limits lock \
	providers-lock clean

help:  ## what each target does
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

synth: $(VENV)/.synth  ## write generated/ from delivery.yaml; other places: CONFIG=… OUT=…
	@$(BIN)/python main.py synth $(PLACES)

test: $(VENV)/.dev  ## run every test, offline and without credentials
	@$(BIN)/pytest $(IN_PARALLEL)

test-fast: $(VENV)/.dev  ## the unit suite: nothing that starts Terraform, a server or many processes
	@$(BIN)/pytest $(ONE_A_CORE) -m "$(FAST)"

soak: $(VENV)/.dev  ## every test, and those that make up their input with thousands of inputs
	@HYPOTHESIS_PROFILE=soak $(BIN)/pytest $(IN_PARALLEL)

check: $(VENV)/.dev  ## lint, types, the direction of imports, and generated/ up to date
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python main.py check $(PLACES)
	@$(BIN)/python main.py explain --page | diff -u docs/delivery-file.md - \
		&& $(BIN)/python main.py explain --schema | diff -u schema/delivery.schema.json - \
		|| { echo "mend it with: make reference" >&2; exit 1; }

test-editor: $(VENV)/.dev  ## try the JSON schema in the language server that editors run (needs npm)
	@cd tests/editor && npm ci --no-audit --no-fund --silent
	@$(BIN)/pytest tests/reference/test_editor.py

.PHONY: conformance
conformance: $(VENV)/.dev  ## compare our evaluator of expressions with GitHub's own (needs npm)
	@cd tests/conformance && npm ci --no-audit --no-fund --silent
	@$(BIN)/pytest tests/rehearsal/test_conformance.py

reference: $(VENV)/.synth  ## write the delivery file's page and JSON schema from its models
	@$(BIN)/python main.py explain --page >docs/delivery-file.md
	@$(BIN)/python main.py explain --schema >schema/delivery.schema.json

rehearse: $(VENV)/.rehearse  ## play the delivery with real Terraform and a local AWS
	@$(BIN)/python main.py rehearse $(if $(CONFIG),--config "$(CONFIG)")

rehearse-all: $(VENV)/.rehearse  ## play every example so, one after another
	@for example in examples/*.yaml; do \
		echo "== $$example"; $(BIN)/python main.py rehearse --config "$$example" || exit 1; \
	done

bench: $(VENV)/.dev  ## the performance table, each figure beside its anchor
	@$(BIN)/python -m bench

cdktn:  ## the unit suite on CDK Terrain, and the JSON of both engines compared
	@$(MAKE) --no-print-directory ENGINE=cdktf .venv/.synth
	@$(MAKE) --no-print-directory ENGINE=cdktn .venv-cdktn/.dev
	@.venv-cdktn/bin/pytest $(ONE_A_CORE) -m "$(FAST) and not cdktf"
	@.venv-cdktn/bin/python -m bench.engines .venv/bin/python .venv-cdktn/bin/python

site: .venv-site/.done  ## the documents as a site, in build/site; a link that leads nowhere stops it
	@.venv-site/bin/zensical build --clean --strict
	@echo "look at it, search included: $(PYTHON) -m http.server --bind 127.0.0.1 --directory build/site"

dist: .venv-dist/.done  ## build the wheel and the sdist, in build/dist
	@rm -rf build/dist
	@.venv-dist/bin/hatchling build --directory build/dist

test-install: dist $(VENV)/.dev  ## install the wheel in an environment of its own, and use it there (fetches packages)
	@rm -rf build/install
	@$(PYTHON) -m venv build/install
	@build/install/bin/python -m pip install $(PIP_FLAGS) --require-hashes --requirement requirements/cdktf.txt
	@build/install/bin/python -m pip install $(PIP_FLAGS) --no-index build/dist/*.whl
	@build/install/bin/python -m pip check
	@KEYLESS_ECS=$(CURDIR)/build/install/bin/keyless-ecs $(BIN)/pytest tests/test_installed.py

format: $(VENV)/.dev  ## format the code and mend what the linter can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

limits: $(VENV)/.dev  ## read AWS's limits again from botocore's models of its services
	@$(BIN)/python -m tests.support.service_models

# What CDK Terrain stands in for is left out of its lock files.
WITHOUT_CDKTF = printf '%s\n' cdktf cdktf-cdktf-provider-aws cdktf-cdktf-provider-github | \
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--excludes /dev/stdin

lock:  ## pin every dependency again, with hashes (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		pyproject.toml --output-file requirements/cdktf.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--extra rehearse --constraint requirements/cdktf.txt pyproject.toml \
		--output-file requirements/cdktf-rehearse.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--extra dev --extra rehearse --constraint requirements/cdktf-rehearse.txt pyproject.toml \
		--output-file requirements/cdktf-dev.txt
	$(WITHOUT_CDKTF) --group cdktn pyproject.toml --output-file requirements/cdktn.txt
	$(WITHOUT_CDKTF) --group cdktn --extra dev --extra rehearse \
		--constraint requirements/cdktn.txt pyproject.toml \
		--output-file requirements/cdktn-dev.txt

	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--group site --output-file requirements/site.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--group dist --output-file requirements/dist.txt

# For other platforms than main.py lock has: make providers-lock PLATFORMS="…"
providers-lock: $(VENV)/.synth  ## write each stack's .terraform.lock.hcl (needs Terraform and its registry)
	@$(BIN)/python main.py lock --out "$(or $(OUT),generated)" $(PLATFORMS:%=--platform %)

clean:  ## remove the virtual environment and the caches
	rm -rf .venv .venv-cdktn .venv-dist .venv-site build .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "keyless-ecs needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@echo "Setting up $(VENV) (once, about half a minute)" >&2
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.synth: $(LOCK).txt | $(BIN)/pip
	@$(PIP_INSTALL) --requirement $(LOCK).txt
	@$(BIN)/python -m keyless_ecs.engine.bindings
	@touch $@

$(VENV)/.rehearse: $(LOCK)-rehearse.txt $(VENV)/.synth
	@$(PIP_INSTALL) --requirement $(LOCK)-rehearse.txt
	@touch $@

$(VENV)/.dev: $(LOCK)-dev.txt $(VENV)/.synth
	@$(PIP_INSTALL) --requirement $(LOCK)-dev.txt
	@touch $@

.venv-site/.done: requirements/site.txt
	@$(PYTHON) -m venv .venv-site
	@.venv-site/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
		--requirement requirements/site.txt
	@touch $@

.venv-dist/.done: requirements/dist.txt
	@$(PYTHON) -m venv .venv-dist
	@.venv-dist/bin/python -m pip install $(PIP_FLAGS) --require-hashes --requirement requirements/dist.txt
	@touch $@
