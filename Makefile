# The short commands of the course; `make` alone lists them.

VENV ?= .venv
# The first Python that is new enough; where none is, the set-up says so.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && exit; done; echo python3)
# Extra arguments for pip, such as an index with CPU-only builds of PyTorch.
PIP_ARGS ?=
# make lab: the notebook to open; make lab, make playground: the port, where 8888 or 8866 is not wanted.
NB ?= $(firstword $(sort $(wildcard notebooks/[0-9]*.ipynb)))
PORT ?=

PY = $(VENV)/bin/python
SETUP = @command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON): install Python 3.11 or newer."; exit 1; }; \
	"$(PYTHON)" tools/setup_venv.py "$(VENV)"
SETUP_FILES = pyproject.toml constraints.txt tools/setup_venv.py $(PY)

.DEFAULT_GOAL := help
.PHONY: help lab lecture slides handout playground test test-long notebooks site lint format drinks clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | awk -F'\t' '{ printf "make %-10s %s\n", $$1, $$2 }'

# Each stamp says that an installation is complete and newer than what it was made from.
$(VENV)/.lab-ready: $(SETUP_FILES)
	$(SETUP) -- $(PIP_ARGS)
	@touch $@
$(VENV)/.lecture-ready: $(SETUP_FILES)
	$(SETUP) lecture -- $(PIP_ARGS)
	@touch $@ $(VENV)/.lab-ready
$(VENV)/.test-ready: $(SETUP_FILES)
	$(SETUP) test render lecture -- $(PIP_ARGS)
	@touch $@ $(VENV)/.lab-ready $(VENV)/.lecture-ready
# An environment whose Python is gone is made again.
$(PY): ;

lab: $(VENV)/.lab-ready ## set up, then open JupyterLab at the first notebook (NB=notebooks/03_crop.ipynb: at that one)
	@$(PY) -m d2laug lab notebooks $(addprefix --lesson ,$(NB)) $(addprefix --port ,$(PORT))

lecture: $(VENV)/.lecture-ready ## present the lecture, its widgets live (NB=notebooks/02_flip.ipynb: that lesson)
	@$(PY) -m d2laug.pages.live $(if $(filter command line environment,$(origin NB)),$(NB)) $(addprefix --port ,$(PORT))

slides: $(VENV)/.lecture-ready ## the lecture and the lessons as slides, in slides/, that need no kernel and no network (the first time it records their sliders)
	@$(PY) -m d2laug slides slides

handout: $(VENV)/.lecture-ready ## copies for a class, in handout/: student/ without solutions, teacher/ with notes
	@$(PY) -m d2laug handout handout

playground: $(VENV)/.lab-ready ## set up, then open the pipeline builder alone, as a page in the browser
	@$(PY) -m d2laug playground $(addprefix --port ,$(PORT))

test: $(VENV)/.test-ready ## set up, then run the tests: unit, notebooks (one epoch each), browser
	@$(PY) tools/test.py

test-long: $(VENV)/.test-ready ## the long tests, the notebooks in full, and each one in JupyterLab
	@$(PY) tools/test.py --long

notebooks: $(VENV)/.test-ready ## run all notebooks again, in place (NB=notebooks/03_crop.ipynb: only that one)
	@$(PY) tools/notebooks.py run $(if $(filter command line environment,$(origin NB)),$(NB))

site: $(VENV)/.lecture-ready ## the course as web pages whose sliders move, in site/ (the first time it records them)
	@$(PY) -m d2laug.pages.site site

lint: $(VENV)/.test-ready ## check the code and the notebooks' code, and the types of the package
	@$(PY) -m ruff check . && $(PY) -m ruff format --check . && $(PY) -m mypy

format: $(VENV)/.test-ready ## format the code and the notebooks' code
	@$(PY) -m ruff check --fix . && $(PY) -m ruff format .

drinks: $(VENV)/.test-ready ## render the drinks data set again
	@$(PY) data/render/make.py && $(PY) data/render/places.py

clean: ## remove what the other commands made, the environment included
	rm -rf "$(VENV)" site slides handout .pytest_cache .ruff_cache .mypy_cache .hypothesis test-results
