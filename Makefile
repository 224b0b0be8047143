# Naru. `make run` and `make test` are all that a newcomer needs; `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
# Two test processes at most: each brings its own PostgreSQL, Valkey and Chromium. A file stays in one of them.
JOBS := $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -gt 2 ] && n=2; echo $$n)
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help python setup setup-test run stop reset test torture lint bench browser docs mutants

help: ## this list
	@echo "Naru: public e-procurement with sealed bids that anyone can check"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r name what; do printf '%-14s %s\n' "$$name" "$$what"; done
	@echo
	@echo "  NARU_PORT=8081 make run     another port than 8080"
	@echo "  make test ARGS='-k ties'    only some tests"

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Naru needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
	  echo "On Debian 12 or later: apt-get install python3 python3-venv"; \
	  echo "Where a newer one is installed under another name: make PYTHON=python3.12 run"; exit 1; }

setup: python
	@$(PYTHON) app/embedded/setup.py run

setup-test: python
	@$(PYTHON) app/embedded/setup.py test

run: setup ## start everything on this machine and print the address and the logins
	@exec $(BIN)/python -m app.embedded.supervisor run

stop: ## stop what `make run` started
	@[ ! -x $(BIN)/python ] || exec $(BIN)/python -m app.embedded.supervisor stop

reset: ## stop, and empty the demonstration data
	@[ ! -x $(BIN)/python ] || exec $(BIN)/python -m app.embedded.supervisor reset

browser:
	@sh app/embedded/test_tools.sh

test: setup-test browser ## all tests, on throw-away stores
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

torture: setup-test browser ## crashes, races and tampering at length (an hour or so); make torture ARGS=web-crash
	@$(BIN)/python -m tests.faults $(or $(ARGS),all)

mutants: setup-test ## mutation testing of the rules (docs/mutation.md); make mutants ARGS=bidding/rules/floor.py
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements-mutation.txt
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tests.mutation $(ARGS)

lint: setup-test ## ruff, and mypy in strict mode over everything
	@$(BIN)/ruff check .
	@$(BIN)/mypy

bench: setup-test ## the benchmarks, each beside its limit in the same run
	@$(BIN)/python -m benchmarks $(ARGS)

docs: setup-test browser ## draw the documentation's pictures from a throw-away system
	@$(BIN)/python -m docs.build
