# Every target works on a fresh checkout with nothing but Python >= 3.10; see README.md.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python
# most tests wait for a local venue's clock, so more workers than cores pay off; other people's programs compute
WORKERS ?= 7
PROGRAMS ?= 4
PYTEST = $(RUN) -m pytest -q -n $(WORKERS) --dist loadgroup

.PHONY: demo test test-all check format lint types quick pythons bench clean

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(BIN)/python pyproject.toml
	$(RUN) -m pip install --quiet --disable-pip-version-check -e '.[demo]'
	touch $@

$(VENV)/.test: $(BIN)/python pyproject.toml
	$(RUN) -m pip install --quiet --disable-pip-version-check -e '.[test]'
	touch $@ $(VENV)/.run

$(VENV)/.dev: $(BIN)/python pyproject.toml
	$(RUN) -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@ $(VENV)/.test $(VENV)/.run

demo: $(VENV)/.run
	$(RUN) -m ccxt_dex demo

test: $(VENV)/.test
	$(PYTEST) -m "not peers and not campaign"

test-all: $(VENV)/.dev
	$(PYTEST) -n $(PROGRAMS) -m "peers or campaign"
	$(MAKE) pythons SKIP="$$($(RUN) -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
	$(MAKE) format lint types

check: $(VENV)/.dev format lint types quick

format: $(VENV)/.dev
	$(RUN) -m ruff format --check .

lint: $(VENV)/.dev
	$(RUN) -m ruff check .

types: $(VENV)/.dev
	$(RUN) -m mypy
	$(RUN) -m pyright

quick: $(VENV)/.test
	$(PYTEST) -m "not peers and not campaign" compat_tests/core compat_tests/rooms

# the quick tests under every supported Python that is installed here, but for the one that ran them already
pythons:
	SKIP="$(SKIP)" WORKERS="$(WORKERS)" .ci/pythons

bench: $(VENV)/.test
	$(RUN) -m benchmarks

clean:
	rm -rf $(VENV) build dist .cache .envs *.egg-info
