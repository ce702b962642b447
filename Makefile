# Every target makes its own environment, .venv, from a bare clone; PYTHON chooses the interpreter (>= 3.11).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest --numprocesses auto --dist worksteal

.PHONY: demo test quick check format docs bench clean

demo: $(VENV)/.demo  ## train on handwritten digits; writes digits.png
	$(BIN)/python examples/digits.py

test: check  ## everything: style, types, all tests
	$(PYTEST)

quick: $(VENV)/.test  ## style and the fast tests
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(PYTEST) -m "not slow"

check: $(VENV)/.test  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python .ci/check_types.py

format: $(VENV)/.test  ## rewrite the sources in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.test  ## rewrite the pages that are made from the code
	$(BIN)/python docs/generate.py

bench: $(VENV)/.test $(VENV)/.demo  ## the promised figures, beside NumPy
	$(BIN)/python benchmarks/figures.py

clean:
	rm -rf $(VENV) build dist *.egg-info digits.png

$(VENV)/.made:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tfc needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.test: $(VENV)/.made pyproject.toml
	$(PIP) install --editable '.[test]'
	touch $@

$(VENV)/.demo: $(VENV)/.made pyproject.toml
	$(PIP) install --editable '.[demo]'
	touch $@
