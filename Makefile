# Every target makes its own environment, .venv, from a bare clone; PYTHON chooses the interpreter (>= 3.11).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
PEERS := benchmarks/.envs
PEER_jax := jax==0.10.2 scipy==1.17.1
PEER_numba := numba==0.68.1
PEER_tf := tensorflow-cpu==2.21.0
PEER_torch := torch==2.13.0
PYTEST := $(BIN)/python -m pytest --numprocesses auto --dist worksteal

.PHONY: demo test quick fuzz check format docs bench bench-quick figures clean

demo: $(VENV)/.demo  ## train on handwritten digits; writes digits.png
	$(BIN)/python examples/digits.py

test: check  ## everything: style, types, all tests, the programs of test/python by the reference executor and natively
	$(PYTEST)
	TFC_TEST_EXECUTION=native $(PYTEST) test/python/test_conformance.py test/functions/test_state_when_failing.py

quick: $(VENV)/.test  ## style and the fast tests
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(PYTEST) -m "not slow"

SECONDS ?= 600
SEED ?= $(shell date +%s)
fuzz: $(VENV)/.test  ## random programs for SECONDS, from SEED on
	PYTHONPATH=test $(BIN)/python -m fuzz --seconds $(SECONDS) --seed $(SEED)

check: $(VENV)/.test  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python .ci/check_types.py

format: $(VENV)/.test  ## rewrite the sources in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.test  ## rewrite the pages that are made from the code
	$(BIN)/python docs/generate.py

bench: $(VENV)/.test $(foreach peer,jax numba tf torch,$(PEERS)/$(peer)/.made)  ## every workload, tfc beside its peers
	$(BIN)/python benchmarks/run.py --save
	$(BIN)/python benchmarks/report.py

bench-quick: $(VENV)/.test  ## every workload by tfc, beside the stored results of the peers
	$(BIN)/python benchmarks/run.py --quick

figures: $(VENV)/.test $(VENV)/.demo  ## figures with their limits, beside NumPy
	$(BIN)/python benchmarks/figures.py

clean:
	rm -rf $(VENV) $(PEERS) build dist *.egg-info digits.png

$(VENV)/.made:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tfc needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(PEERS)/%/.made: Makefile
	$(PYTHON) -m venv $(PEERS)/$*
	$(PEERS)/$*/bin/python -m pip --quiet --disable-pip-version-check install $(PEER_$*) numpy==2.4.6
	touch $@

$(VENV)/.test: $(VENV)/.made pyproject.toml
	$(PIP) install --editable '.[test]'
	touch $@

$(VENV)/.demo: $(VENV)/.made pyproject.toml
	$(PIP) install --editable '.[demo]'
	touch $@
