# make lab     open the notebooks in JupyterLab           make lab PORT=9000 IP=0.0.0.0
# make test    lint, unit tests, notebook rules, and every notebook in a few seconds
# make full    every notebook as a student runs it, and the slow tests (minutes)
# make render  run the notebooks and store their outputs  make render NB=02
# make models  the trained networks that ship with the package (15 minutes)
# make study   the many seeds of notebooks 06 to 11, or what is missing of them (three hours)
# make gpu     the tests that need CUDA, and how fast training is there (four minutes)
# make lint    ruff and mypy     make bench  the benchmarks     make clean  remove what make made
#
# Another Python: make lab PYTHON=python3.12

PYTHON ?= python3
PORT ?= 8888
IP ?= 127.0.0.1
JOBS ?= 2
NB ?=

VENV := .venv
RUN := $(VENV)/bin/python
# pip is upgraded first: --group needs 25.1.
INSTALL := $(RUN) -m pip install --disable-pip-version-check
FIRST := notebooks/00_start_here.ipynb

# Notebooks run side by side here: two processes with one thread each beat one with two.
test full: export OMP_NUM_THREADS ?= 1
# Threads that wait give way soon, so that what runs beside them is not slowed: see tools/lab.py.
test full render: export GOMP_SPINCOUNT ?= 1000
# Tests and rendering keep out of the student's own cache of parsed data and trained classifiers.
test full render: export GAN_HELPERS_CACHE ?= $(CURDIR)/build/cache

NBVAL := $(RUN) -m pytest -q -n $(JOBS) --dist loadfile \
	--nbval-lax --nbval-current-env --nbval-cell-timeout=1200 --nbval-kernel-startup-timeout=120

# A cold, busy machine may lose a page: what fails is tried once more.
browser = $(RUN) -m pytest -q tests/browser -m "$(1)" || $(RUN) -m pytest -q tests/browser -m "$(1)" --last-failed

LAB_OPTIONS := --ServerApp.ip=$(IP) --ServerApp.port=$(PORT)
ifeq ($(shell id -u),0)
LAB_OPTIONS += --allow-root
endif
# A browser opens where there is a screen: macOS, or a display, and nobody is logged in from afar.
ifneq ($(SSH_CONNECTION),)
BROWSER_HERE :=
else ifeq ($(shell uname -s),Darwin)
BROWSER_HERE := yes
else
BROWSER_HERE := $(DISPLAY)$(WAYLAND_DISPLAY)
endif
ifeq ($(BROWSER_HERE),)
LAB_OPTIONS += --no-browser
endif

.DELETE_ON_ERROR:
.PHONY: lab test full render study models gpu lint bench clean

lab: $(VENV)/.lab-ready
	@$(if $(BROWSER_HERE),,echo "Open the address with ?token= that follows in a browser. Ctrl-C stops the server.")
	@exec $(RUN) -m tools.lab $(LAB_OPTIONS) --ServerApp.root_dir="$(CURDIR)" \
		--LabApp.default_url=/lab/tree/$(FIRST)

test: lint
	$(RUN) -m pytest -q -n $(JOBS) --dist loadfile -m "not browser and not slow"
	$(call browser,browser and not slow)
	GAN_HELPERS_BUDGET=smoke $(NBVAL) notebooks/*.ipynb
	rm -rf build/solved
	$(RUN) -m tools.notebooks solve
	GAN_HELPERS_BUDGET=smoke GAN_HELPERS_STRICT=1 $(NBVAL) build/solved/*.ipynb

full: $(VENV)/.test-ready
	$(RUN) -m pytest -q -n $(JOBS) -m "slow and not browser"
	$(call browser,browser and slow)
	GAN_HELPERS_BUDGET=full $(NBVAL) --durations=5 notebooks/*.ipynb

render: $(VENV)/.test-ready
	$(RUN) -m tools.notebooks render $(NB)

study: $(VENV)/.test-ready
	$(RUN) -m gan_helpers.study

models: $(VENV)/.test-ready
	$(RUN) -m gan_helpers.models

gpu: $(VENV)/.test-ready
	@$(RUN) benchmarks/gpu.py

lint: $(VENV)/.test-ready
	$(RUN) -m ruff check .
	$(RUN) -m mypy

bench: $(VENV)/.test-ready
	set -e; for script in $(filter-out benchmarks/gpu.py,$(wildcard benchmarks/*.py)); do $(RUN) $$script; done

clean:
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find gan_helpers tests tools benchmarks notebooks -name __pycache__ -prune -exec rm -rf {} +

# The stamps say what is installed; they are older than a changed pyproject.toml or constraints.txt.
$(VENV)/.lab-ready: $(RUN) pyproject.toml constraints.txt
	@echo "Installing into $(VENV): some minutes the first time."
	@$(INSTALL) --quiet --upgrade 'pip>=25.1'
	@$(INSTALL) --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.test-ready: $(VENV)/.lab-ready
	@$(INSTALL) --quiet --constraint constraints.txt --group dev
	@touch $@

$(RUN):
	$(if $(shell $(PYTHON) -c 'import sys; print(sys.version_info >= (3, 11) or "")' 2>&1 | grep True),,\
		$(error Python 3.11 or newer is needed and $(PYTHON) is $(or $(shell { \
		$(PYTHON) -c 'import sys; print(sys.version.split()[0])'; } 2>/dev/null),not there). Install one, or name one: make lab PYTHON=python3.12))
	$(if $(shell $(PYTHON) -c 'import ensurepip, venv; print(True)' 2>&1 | grep True),,\
		$(error $(PYTHON) lacks the venv module. On Debian or Ubuntu: apt install python3-venv, then make again))
	@$(PYTHON) -m venv $(VENV)
