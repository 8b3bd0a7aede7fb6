# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later

ROOT := $(CURDIR)
COLLECTION := $(ROOT)/ansible_collections/inouter/haproxy
VENV := $(ROOT)/.venv
PYTHON := $(VENV)/bin/python
READY := $(VENV)/.ready
BUILDS := cd $(COLLECTION) && $(PYTHON) -m tests.integration.lab.builds && \
	$(PYTHON) -m tests.integration.lab.programs && \
	$(PYTHON) -m tests.integration.lab.node
AGAIN := $(MAKE) --no-print-directory

# Only for the commands below that run tools by their bare names.
WITH_VENV := PATH="$(VENV)/bin:$$PATH"

.PHONY: help venv demo test lint docs bench unit integration molecule tools clean
.DEFAULT_GOAL := help

help: ## Show this list
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1	\2/p' Makefile | expand -t 22

venv: $(READY) ## Make the Python environment in .venv/

$(READY): requirements.txt
	python=$$(tools/find-python) && rm -rf $(VENV) && "$$python" -m venv $(VENV)
	$(PYTHON) -m pip install --quiet --require-hashes --requirement requirements.txt
	@touch $@

demo: $(READY) ## Watch the collection work on a real HAProxy
	$(WITH_VENV) demo/run

test: $(READY) ## Run everything: lint, unit and integration tests, scenarios
	$(PYTHON) tools/run_parallel.py lint '$(AGAIN) lint' \
		tests '$(AGAIN) --keep-going unit integration' scenarios '$(AGAIN) molecule'

lint: $(READY) ## Run the static checks and ansible-test
	tools/lint

docs: $(READY) ## Build the documentation in .cache/site
	tools/docs

bench: $(READY) ## Measure how fast it is
	$(WITH_VENV) PYTHONPATH=. $(PYTHON) -m bench

unit: $(READY) ## Run the unit tests
	$(WITH_VENV) $(PYTHON) -m pytest -n 2 $(COLLECTION)/tests/unit

integration: tools ## Run the tests against real HAProxy versions
	$(WITH_VENV) $(PYTHON) -m pytest -n 4 --dist loadgroup $(COLLECTION)/tests/integration

molecule: $(READY) ## Run the roles on booted hosts (as root, with podman)
	tools/molecule

tools: $(READY) ## Fetch the HAProxy builds and the programs that the tests run
	$(BUILDS)

clean: ## Delete everything that make has made
	rm -rf .venv .cache .hypothesis .ansible
	cd $(COLLECTION) && rm -rf .hypothesis .ansible tests/output *.tar.gz
