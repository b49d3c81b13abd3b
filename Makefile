# Two commands do all the set-up:
#   make run    installs, indexes the sample (or COLLECTION=path instead) and serves on http://127.0.0.1:8000
#   make test   installs the test tools too, then checks style, types, architecture and behaviour
# The rest: make fuzz, make soak, make torture, make bench, make readers, make lock, make site, make sbom, make clean. Python is the first of ≥ 3.11 found; name another with PYTHON=….

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
COLLECTION ?=
HOST ?= 127.0.0.1
PORT ?= 8000
# Two workers, each file in one of them: files share models and servers that are slow to start.
PYTEST ?= --numprocesses 2 --dist loadfile

# Another torch, for instance a GPU build, is a matter of TORCH_INDEX; see the README.
TORCH ?= torch==2.13.0
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

# Ten thousand windows, which take some minutes to index: kept from one run to the next.
BENCH_HOME ?= $(VENV)/bench

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --progress-bar off

# Cases an operation and phase; 5000 are 10⁵ cases and more.
EXAMPLES ?= 1000

.PHONY: run test lint bench fuzz soak torture readers lock site sbom clean

run: $(VENV)/run.stamp
ifneq ($(COLLECTION),)
	@$(BIN)/ibid index --only --yes "$(COLLECTION)"
else
	@$(BIN)/ibid index --sample --if-new
endif
	@$(BIN)/ibid serve --host $(HOST) --port $(PORT)

test: lint
	$(BIN)/pytest $(PYTEST)

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The short version, in less than ten minutes; docs/performance.md has the commands of the long one.
bench: $(VENV)/test.stamp
	$(BIN)/python -m benchmarks.indexing --rounds 2
	$(BIN)/python -m benchmarks.asking --rounds 100
	$(BIN)/python -m benchmarks.beside --on stdlib --home $(BENCH_HOME) --rounds 500
	$(BIN)/python -m benchmarks.memory --on stdlib --home $(BENCH_HOME) --rounds 30
	$(BIN)/python -m benchmarks.cold_start --rounds 3
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.growth --sizes 10000 --rounds 50
	@command -v wrk >/dev/null || echo "benchmarks.throughput is left out: it needs wrk (apt install wrk)"
	@! command -v wrk >/dev/null || $(BIN)/python -m benchmarks.throughput --on stdlib --home $(BENCH_HOME) --rounds 4

# The service against its own OpenAPI document, for longer than the tests do it.
fuzz: $(VENV)/test.stamp
	$(BIN)/python -m tests.fuzzing --examples $(EXAMPLES)

# An hour under load with a new index a minute.
soak: $(VENV)/test.stamp
	$(BIN)/python -m benchmarks.soak --on stdlib --home $(BENCH_HOME)

# Thousands of damaged files, killed writers and disk errors: an hour. The test suite runs a few of each.
torture: $(VENV)/test.stamp
	$(BIN)/python -m benchmarks.torture

# torch comes first and alone: an extra index holds its CPU build, and where that index cannot be reached one
# retry costs seconds. pip is upgraded before anything else: 23.2 skips some extras without a word.
$(VENV)/torch.stamp: Makefile
	@test -n "$(PYTHON)" || { echo "Ibid needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3"; exit 1; }
	@echo "Installing PyTorch into $(VENV) (the first time this takes some minutes) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(INSTALL) --upgrade pip
	@$(INSTALL) --no-deps --retries 1 --extra-index-url $(TORCH_INDEX) $(TORCH)
	@touch $@

# The readers of Markdown of chat windows, for tests/test_answer_output.py; 20 MB outside of the repository. Needs Node and npm.
READERS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ibid-readers
readers:
	@mkdir -p $(READERS)
	@cp scripts/readers/package.json scripts/readers/read.mjs $(READERS)
	@npm install --prefix $(READERS) --no-audit --no-fund --ignore-scripts --silent --fetch-retries 1

# torch is pinned and not hashed: its CPU wheel comes from another index than PyPI, with hashes of its own, and another build
# (TORCH_INDEX) is meant to take its place. The lock without torch is checked whole.
# The lock holds all that a CPU build of torch needs; what another build needs beyond it, the second line adds.
$(VENV)/locked.stamp: $(VENV)/torch.stamp requirements/run.lock
	@echo "Installing what Ibid runs on …"
	@$(INSTALL) --require-hashes --no-deps -r requirements/run.lock
	@$(INSTALL) $(TORCH)
	@touch $@

$(VENV)/run.stamp: $(VENV)/locked.stamp pyproject.toml
	@$(INSTALL) --no-build-isolation --no-deps --editable .
	@$(PIP) check
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp requirements/test.lock
	@echo "Installing the test tools …"
	@$(INSTALL) --require-hashes --no-deps -r requirements/test.lock
	@$(PIP) check
	@touch $@

# The light extras are part of both, so that every command works after `make run`.
# torch and the CUDA libraries of its Linux wheel stay out of the locks: see [tool.uv] in pyproject.toml.
COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-package torch --custom-compile-command "make lock" --group build --extra evaluate --extra mcp --extra openai
lock: $(VENV)/run.stamp
	$(INSTALL) "uv>=0.9"
	$(COMPILE) --group test --output-file requirements/test.lock
	$(COMPILE) --constraint requirements/test.lock --output-file requirements/run.lock

# The documentation as a site in build/site; a link that leads nowhere is an error. Its tools have an environment of their own.
$(VENV)/site/bin/mkdocs:
	@$(PYTHON) -m venv $(VENV)/site
	@$(VENV)/site/bin/python -m pip --disable-pip-version-check install --quiet "pip>=25.1"
	@$(VENV)/site/bin/python -m pip --disable-pip-version-check install --quiet --group site

site: $(VENV)/site/bin/mkdocs
	$(VENV)/site/bin/python scripts/site_pages.py build/site-pages
	$(VENV)/site/bin/mkdocs build --strict

# The components of what `make run` installs, in CycloneDX.
sbom: $(VENV)/run.stamp $(VENV)/site/bin/mkdocs
	@mkdir -p build
	$(VENV)/site/bin/cyclonedx-py environment $(BIN)/python --pyproject pyproject.toml --output-reproducible --output-file build/sbom.json

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
