# Every target does its own set-up: a virtual environment in .venv, the packages at the versions of constraints.txt,
# what Debian must bring (installed by apt where this runs as root, else named), and the pages, built where there is a
# Node 20. `make help` lists the targets.

PYTHON ?= python3
PORT ?= 8000
SPEED ?= 60
VIEWERS ?=
SHAPE ?= spike
ROUNDS ?= 300
KILLS ?= 50
DAY ?=

# Of the branches.
COVERAGE_PERCENT := 92

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
RUN_READY := $(VENV)/.ready-to-run
DEV_READY := $(VENV)/.ready-to-develop
LOAD_READY := $(VENV)/.ready-to-load
BENCH_READY := $(VENV)/.ready-to-compare

.PHONY: help demo evening test coverage test-pythons test-load lint format docs bench bench-hostile bench-peers bench-pages bench-console bench-waitlist bench-counting bench-reporting bench-archiving screenshots spike chaos chaos-waitlist kill-holders clean
.NOTPARALLEL:

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

demo: $(RUN_READY) ## Open a live room that sells by itself: http://127.0.0.1:8000 (PORT=..., SPEED=..., VIEWERS=...)
	@$(BIN)/python server/web/node.py build || echo "The demo goes on without new pages."
	@$(BIN)/shelfcast demo --port $(PORT) --speed $(SPEED) --viewers $(or $(VIEWERS),40)

evening: $(DEV_READY) ## Play a whole evening of a shop, check by check (DAY=orders.csv.gz, an export of orders; else the sample)
	@$(BIN)/python loadtest/evening.py $(DAY)

test: $(DEV_READY) redis chromium ## Run the tests (TESTS="tests/stock -k expiry" runs some of them)
	@$(BIN)/python server/web/node.py build
	@$(if $(TESTS),:,$(BIN)/python server/web/node.py test)
	@$(BIN)/python -m pytest $(TESTS)

coverage: $(DEV_READY) redis ## Measure which branches of the server its tests take, and fail below 92 % (TESTS="tests/stock": a table alone)
	@$(BIN)/python server/web/node.py build
	@$(PYTHON) .ci/test-pythons --coverage $(COVERAGE_PERCENT) $(if $(TESTS),-- $(TESTS))

test-pythons: redis ## Run the tests of server, SDK and commands under Python 3.12 and 3.13, those that are here (PYTHONS=--one)
	@$(PYTHON) .ci/test-pythons $(PYTHONS)

test-load: $(DEV_READY) ## Run the small load runs, which the suite leaves out
	@$(BIN)/python -m pytest tests/loadtest -m load -n 0

lint: $(DEV_READY) ## Check style, format, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python server/web/node.py check

format: docs ## Format the code, mend what the linter can mend, and write what the documents take from the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python server/web/node.py format

docs: $(DEV_READY) ## Write the table of settings into docs/operations.md
	$(BIN)/python -m shelfcast.settings.table docs/operations.md

bench: $(DEV_READY) ## Measure reservations a second, fan-out, handshakes and memory; results go to out/
	$(BIN)/python loadtest/bench/reservations.py
	$(BIN)/python loadtest/bench/fanout.py
	$(BIN)/python loadtest/bench/storms.py

bench-hostile: $(DEV_READY) ## Attack a server beside 200 bystanders (HOSTILE="--only idle --seconds 8"); table, and JSON in out/
	@$(BIN)/python loadtest/bench/hostile.py $(HOSTILE)

bench-peers: $(BENCH_READY) nchan ## Compare with other servers, each where it can run here; table, JSON and plots go to out/
	$(BIN)/python loadtest/bench/compare.py

bench-pages: $(DEV_READY) chromium ## Measure the pages in Chromium (PARTS="memory --minutes 30"); results go to out/
	@$(BIN)/python server/web/node.py build
	$(BIN)/python loadtest/bench/pages.py $(PARTS)

bench-console: $(DEV_READY) chromium ## Measure the operator console in Chromium with 2,000 SKUs (PARTS="memory --minutes 30"); results go to out/
	@$(BIN)/python server/web/node.py build
	$(BIN)/python loadtest/bench/console.py $(PARTS)

bench-waitlist: $(DEV_READY) ## Let 10,000 holds run out while people wait (WAITLIST="--holds 1000 --untimed"); table, and JSON in out/
	@$(BIN)/python loadtest/bench/waitlist.py $(WAITLIST)

bench-reporting: $(DEV_READY) ## Write the report of a show of a million ledger entries beside viewers (REPORTING="--entries 50000 --phase-s 6 --untimed"); table, and JSON in out/
	@$(BIN)/python loadtest/bench/reporting.py $(REPORTING)

bench-counting: $(DEV_READY) ## Send a count sheet of 20,000 lines beside viewers (COUNTING="--lines 1000 --untimed"); table, and JSON in out/
	@$(BIN)/python loadtest/bench/stocktaking.py $(COUNTING)

bench-archiving: $(DEV_READY) ## Archive 1,000,000 ledger entries beside viewers (ARCHIVING="--entries 50000 --untimed"); table, and JSON in out/
	@$(BIN)/python loadtest/bench/archiving.py $(ARCHIVING)

screenshots: $(DEV_READY) chromium ## Photograph every page in every state, into out/screenshots/ (SCREENSHOTS="--keep docs/screenshots")
	@$(BIN)/python server/web/node.py build
	@PYTHONPATH=tests $(BIN)/python -m pages.screenshots $(SCREENSHOTS)

spike: $(LOAD_READY) ## Open a room to a crowd, all within half a minute (VIEWERS=100000, SHAPE=spike, LOAD="--rate 3000"); report in out/
	@$(BIN)/python loadtest/spike.py --shape $(SHAPE) --viewers $(or $(VIEWERS),1000) $(LOAD)

chaos: $(DEV_READY) ## Kill, freeze and starve a server that sells (ROUNDS=300, CHAOS="--resume"); table, and JSON in out/
	@$(BIN)/python loadtest/chaos.py --rounds $(ROUNDS) $(CHAOS)

chaos-waitlist: $(DEV_READY) ## Kill engine and workers while 5,000 wait (CHAOS="--waiting 500 --rounds 6"): places, offers, answers
	@$(BIN)/python loadtest/waitlist_chaos.py $(CHAOS)

kill-holders: $(DEV_READY) ## Kill the process that does the duties, again and again (KILLS=50): how late each goes on, and is none done twice
	@PYTHONPATH=tests $(BIN)/python -m duty.kill_holders --kills $(KILLS)

clean: ## Remove what was built and installed here; the stock in data/ stays
	rm -rf server/shelfcast/http/pages/static server/web/node_modules client_sdk/typescript/node_modules client_sdk/typescript/dist
	rm -rf $(VENV) .venvs build dist out .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(RUN_READY): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing shelfcast into $(VENV) ..."
	@$(PIP) --editable .
	@touch $@

$(DEV_READY): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing shelfcast and its development tools into $(VENV) ..."
	@$(PIP) --editable '.[dev,load]'
	@touch $@ $(RUN_READY) $(LOAD_READY)

$(LOAD_READY): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing shelfcast and the load test into $(VENV) ..."
	@$(PIP) --editable '.[load]'
	@touch $@ $(RUN_READY)

$(BENCH_READY): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing shelfcast and what the comparison needs into $(VENV) ..."
	@$(PIP) --editable '.[bench]'
	@touch $@ $(RUN_READY)

# Debian keeps ensurepip, which a virtual environment needs, in a package of its own.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Shelfcast needs Python 3.11 or newer; PYTHON=... names another one." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || sh .ci/debian-package python3-venv
	@$(PYTHON) -m venv $(VENV)

# The engine's tests run against Debian's redis-server too, where there is one; without it they run on Valkey alone.
.PHONY: redis
redis:
	@command -v redis-server >/dev/null || sh .ci/debian-package redis-server || echo "The tests go on without it."

# The tests of the pages drive Debian's Chromium; without it they are skipped.
.PHONY: chromium
chromium:
	@command -v chromium >/dev/null || sh .ci/debian-package chromium || echo "The tests go on without it."

# One peer of the comparison is a module of Debian's nginx; without it, it is named as missing.
.PHONY: nchan
nchan:
	@test -e /usr/lib/nginx/modules/ngx_nchan_module.so || sh .ci/debian-package libnginx-mod-nchan || echo "The comparison goes on without it."
