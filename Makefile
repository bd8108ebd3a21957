# Two commands do everything on a machine with Python, pip and make:
#
#   make demo   sets up, evaluates the example and explains customer C19
#   make test   sets up and passes all tests
#
# Another interpreter: make test PYTHON=python3.12. Another environment: make test VENV=/somewhere.

PYTHON ?= python3
VENV ?= .venv
PYTEST_ARGS ?= -n auto --dist loadgroup

bin := $(VENV)/bin
pip := $(bin)/python -m pip --disable-pip-version-check
install := $(pip) install --quiet --constraint constraints.txt --editable
debian := $(shell grep -o '^[a-z0-9][a-z0-9+.:-]*' apt.txt)

.PHONY: demo screenshots faults test lint format docs agreement bench record constraints debian clean

demo: $(VENV)/.demo
	$(bin)/lifeseg run
	$(bin)/lifeseg explain C19

test: debian $(VENV)/.test
	$(bin)/python -m pytest $(PYTEST_ARGS)

lint: $(VENV)/.test
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy
	$(bin)/lint-imports --no-logo

format: $(VENV)/.test
	$(bin)/ruff check --fix .
	$(bin)/ruff format .

docs: $(VENV)/.docs
	$(bin)/zensical build --clean --strict

# Every engine and the interpreter on many generated policies, for some hours: says how far it is, and goes on from there
# when it is called again. Fewer: make agreement PAIRS='duckdb=1000 spark=20'.
# Then years of twelve runs, on DuckDB and PostgreSQL, every twentieth on Spark.
YEARS ?= 100
PAIRS ?= duckdb=10000 compiled=10000 columns=10000 postgres=1000 spark=300
agreement: $(VENV)/.test
	$(bin)/python -m tests.agreement.many $(PAIRS)
	LIFESEG_YEARS=$(YEARS) $(bin)/python -m pytest -q $(PYTEST_ARGS) tests/agreement/test_years.py

# A hundred faults in the policies of packs, and which of check, test, prove and diff find them: some minutes.
FAULTS ?= 100
faults: $(VENV)/.test
	$(bin)/python -m tests.review.faults --faults $(FAULTS)

# Times, as figures beside a bare start of Python: read benchmarks/README.md.
bench: $(VENV)/.test
	$(bin)/python benchmarks/interactive.py

# Beside hand-written SQL and other libraries. Minutes, and some GB of disk with BENCH_ARGS=--growth.
bench-engines: $(VENV)/.bench
	$(bin)/python benchmarks/engines.py $(BENCH_ARGS)
	$(bin)/python benchmarks/records.py $(filter --save,$(BENCH_ARGS))

# Write the expected outputs anew; read the difference before committing it.
record: $(VENV)/.test
	LIFESEG_RECORD=1 $(bin)/python -m pytest tests

# Resolve everything in an empty environment and pin what came out: names and versions, nothing about where from.
constraints:
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && \
	$(MAKE) --no-print-directory VENV="$$scratch" "$$scratch/.made" && \
	"$$scratch/bin/python" -m pip install --quiet --disable-pip-version-check '.[xlsx,postgres,spark,columns,learn,prove,test,docs,bench]' && \
	"$$scratch/bin/python" -m pip freeze --exclude lifeseg > "$$scratch/frozen" && \
	if grep -v '^[A-Za-z0-9._-]*==[^ ]*$$' "$$scratch/frozen"; then echo 'not a name and a version: see above' >&2; exit 1; fi && \
	{ echo '# Every package lifeseg and its extras install, by name and version; made by `make constraints`.'; \
	  LC_ALL=C sort --ignore-case "$$scratch/frozen"; } > constraints.txt
	@git --no-pager diff --stat -- constraints.txt 2>/dev/null || true

clean:
	rm -rf build dist site .cache .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -print0 | xargs -0 rm -rf
	@echo 'the environment is left: rm -r $(VENV)'


# Setting up: each step leaves a stamp in the environment and is done again when what it depends on changes.

$(VENV)/.demo: $(VENV)/.made pyproject.toml constraints.txt
	$(install) .
	@touch $@

$(VENV)/.test: $(VENV)/.made pyproject.toml constraints.txt
	$(install) '.[xlsx,postgres,spark,columns,learn,prove,test]'
	@touch $@ $(VENV)/.demo

# The pictures of the manual, by the Chromium of the machine; look at them before committing them.
screenshots: debian $(VENV)/.test
	$(bin)/python docs/screenshots.py

$(VENV)/.docs: $(VENV)/.made pyproject.toml constraints.txt
	$(install) '.[docs]'
	@touch $@

$(VENV)/.bench: $(VENV)/.made pyproject.toml constraints.txt
	$(install) '.[bench]'
	@touch $@

# A Python without its own pip (Debian splits off python3-venv) still serves if a pip stands beside it.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'lifeseg needs Python 3.11 or newer as `$(PYTHON)`; name another one: make PYTHON=python3.12 …' >&2; exit 1; }
	@$(bin)/python -m pip --version >/dev/null 2>&1 \
	|| $(PYTHON) -m venv --clear $(VENV) >/dev/null 2>&1 \
	|| { $(PYTHON) -m venv --clear --without-pip $(VENV) && \
	     $(PYTHON) -m pip --python $(bin)/python install --quiet --disable-pip-version-check pip; } \
	|| { echo 'cannot make an environment: $(PYTHON) has neither venv with ensurepip nor pip.' >&2; \
	     echo 'On Debian and Ubuntu: apt-get install python3-venv python3-pip' >&2; rm -rf $(VENV); exit 1; }
	@touch $@

debian:
	@missing=; for package in $(debian); do \
	  dpkg-query --show --showformat='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  export DEBIAN_FRONTEND=noninteractive; \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing; \
	else echo 'the tests need packages of the system; first run:' >&2; \
	  echo "  sudo apt-get install -y$$missing" >&2; exit 1; fi
