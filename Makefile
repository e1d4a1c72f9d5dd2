# `make demo` and `make test` do everything on a machine with Python 3.11, make and git.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check
LOCK   := requirements.lock
BASE   ?= python:3.11-slim

FUZZ_SECONDS ?= 1800

RUNTIME_BENCHMARKS := store events scaling faults overhead ray_backend
BENCHMARKS := compile language lsp example $(RUNTIME_BENCHMARKS)

# Of bench-strategies: which of its benches, at most how many seeds each, processes at once.
BENCH ?=
SEEDS ?=
JOBS  ?= 1

# Just what the demo runs on; the tests' environment has everything.
DEMO_EXTRAS := algorithms,data,edge,search,serve

export OMP_NUM_THREADS ?= 1
export PYTHONHASHSEED ?= 0

.PHONY: help demo test check lint types tests format editors test-cluster test-postgres chaos fuzz bench bench-runtime bench-strategies bench-% lock clean image

help: ## what there is to make
	@grep -hE '^[a-z%-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.demo ## set up and run examples/digits-edge here: search, train, serve, report
	$(BIN)/ofc run -f examples/digits-edge/omniforce.yaml

test: check ## set up and pass the suite

check: lint types tests ## what CI runs

lint: $(VENV)/.dev ## ruff, and the examples through ofc's own tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/ofc check examples/*/omniforce.yaml
	$(BIN)/ofc fmt --check examples
	$(BIN)/ofc lint --fail-on note examples/*/omniforce.yaml

types: $(VENV)/.dev ## mypy and pyright, both strict
	$(BIN)/mypy
	$(BIN)/basedpyright --level error

tests: $(VENV)/.dev ## pytest
	$(BIN)/python -m pytest -n 2 --dist loadgroup

editors: $(VENV)/node/.installed ## the schema in the real yaml-language-server; needs node and npm
	$(BIN)/python -m pytest -m editors

test-cluster: $(VENV)/.dev ## the suite for a real cluster, whatever KUBECONFIG points to
	$(BIN)/python -m pytest -m cluster -rs tests/cluster

test-postgres: $(VENV)/.dev ## the tests that a real PostgreSQL passes, started by themselves
	$(BIN)/python -m pytest -m "postgres and not chaos" -rs

chaos: $(VENV)/.dev ## processes killed at every place, a network that lies, many seeds
	$(BIN)/python -m pytest -m chaos -n 2 -rs tests/runtime/chaos

fuzz: $(VENV)/.fuzz ## broken specs at the compiler, guided by what they reach; FUZZ_SECONDS=1800
	$(BIN)/python tests/fuzz/spec_target.py --seconds $(FUZZ_SECONDS)

format: $(VENV)/.dev ## put the code into house form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.bench ## every benchmark, one after the other
	for each in $(BENCHMARKS); do $(BIN)/python benchmarks/$$each.py || exit 1; done
	$(MAKE) bench-strategies

bench-runtime: $(VENV)/.bench ## what the run time costs: store, events, scaling, faults, overhead, ray
	for each in $(RUNTIME_BENCHMARKS); do $(BIN)/python benchmarks/$$each.py || exit 1; done

bench-strategies: $(VENV)/.bench ## how well each strategy searches, beside its peers: BENCH=table1 SEEDS=2 JOBS=2
	$(BIN)/python -m benchmarks.strategies $(BENCH) $(if $(SEEDS),--seeds $(SEEDS)) --jobs $(JOBS)

bench-%: $(VENV)/.bench ## one benchmark: make bench-compile
	$(BIN)/python benchmarks/$*.py

image: ## both images, by buildah; BASE is any image with Python 3.11 and pip
	buildah build --build-arg BASE=$(BASE) --target functions -t localhost:5000/omniforce/functions:0.1.0 .
	buildah build --build-arg BASE=$(BASE) --target full -t localhost:5000/omniforce/full:0.1.0 .

lock: $(VENV)/.python ## resolve pyproject.toml anew; read the diff before committing it
	$(PIP) install --quiet --dry-run --ignore-installed --report $(VENV)/report.json \
		--constraint requirements.pins '.[all,bench,dev]'
	$(BIN)/python .ci/lock.py $(VENV)/report.json > $(LOCK)

$(VENV)/.python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.demo: $(VENV)/.python pyproject.toml $(LOCK)
	$(PIP) install --quiet --constraint $(LOCK) --editable '.[$(DEMO_EXTRAS)]'
	touch $@

$(VENV)/.dev: $(VENV)/.python pyproject.toml $(LOCK)
	$(PIP) install --quiet --constraint $(LOCK) --editable '.[dev]'
	touch $@ $(VENV)/.demo

$(VENV)/.bench: $(VENV)/.dev
	$(PIP) install --quiet --constraint $(LOCK) --editable '.[bench]'
	touch $@

$(VENV)/.fuzz: $(VENV)/.dev
	$(PIP) install --quiet --constraint $(LOCK) --editable '.[fuzz]'
	touch $@

$(VENV)/node/.installed: tests/editors/package.json $(VENV)/.dev
	mkdir -p $(@D)
	cp tests/editors/package.json $(@D)/
	npm install --prefix $(@D) --no-package-lock --no-audit --no-fund --silent
	touch $@

clean: ## everything that make made
	rm -rf $(VENV) build dist .ofc *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
