# Every target makes its own virtual environment first; see .ci/environment.
PYTHON ?= python3
VENV ?= .venv
READY = $(VENV)/.ready
MAN ?= build/man
# A coroutine that nobody awaits, and a file that nobody closes, are bugs: fail on them.
TRIAL = PYTHONWARNINGS=error::RuntimeWarning $(VENV)/bin/python -W error::RuntimeWarning -m twisted.trial

.PHONY: help demo test test-postgres test-s3 test-large test-modes test-storm lint types format man bench coverage requirements clean

help:
	@echo 'make demo      start a server, store real files, list, fetch and verify them'
	@echo 'make test      run all tests but the very large one'
	@echo 'make test-postgres  the SQL stores on PostgreSQL     make test-s3  blobs on a one-node Ceph'
	@echo 'make test-storm  a thousand cuts and kills during transfers, and the server killed 500 times'
	@echo 'make test-modes  stories of users again, on servers with workers, and with one for each connection'
	@echo 'make test-large  8 GiB through put and get, with the memory of both sides'
	@echo 'make lint      ruff: rules and format        make types    mypy, strict'
	@echo 'make format    let ruff write the format     make bench    print the tables of benchmarks/'
	@echo 'make coverage  lines and branches            make clean    remove what the others made'
	@echo 'make man       write the manual pages into build/man (or MAN=FOLDER)'

$(READY): requirements.txt requirements-dev.txt pyproject.toml setup.py .ci/environment
	PYTHON=$(PYTHON) .ci/environment $(VENV)
	@touch $@

demo: $(READY)
	$(VENV)/bin/python docs/demo.py

test: $(READY)
	.ci/tools tmux
	$(TRIAL) -j2 tests

test-postgres: $(READY)
	.ci/tools postgresql
	$(TRIAL) tests.server.stores.test_postgres tests.server.stores.test_pairings \
	    tests.server.stores.test_upkeep

test-s3: $(READY)
	.ci/tools radosgw ceph-mon ceph-osd ceph-mgr ceph-common
	tests/cluster/with-s3 env $(TRIAL) tests.server.stores.test_s3

test-large: $(READY)
	ANONCLOUD_LARGE=1 $(TRIAL) tests.system.test_memory

test-modes: $(READY)
	ANONCLOUD_TEST_MODE=workers $(TRIAL) tests.system.test_two_clients tests.system.test_devices \
	    tests.system.test_pairing tests.system.test_resume tests.system.test_crash
	ANONCLOUD_TEST_MODE=per-user $(TRIAL) tests.system.test_two_clients tests.system.test_devices \
	    tests.system.test_pairing tests.system.test_resume

test-storm: $(READY)
	ANONCLOUD_STORM=1000 ANONCLOUD_KILLS=500 $(TRIAL) tests.system.test_storm tests.system.test_crash

lint: $(READY)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(READY)
	$(VENV)/bin/mypy

format: $(READY)
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

man: $(READY)
	$(VENV)/bin/python docs/manual.py $(MAN)

bench: $(READY)
	$(VENV)/bin/python -m benchmarks

coverage: $(READY)
	$(VENV)/bin/coverage run -m twisted.trial tests.crypto tests.wire tests.client tests.server tests.cli
	$(VENV)/bin/coverage report --skip-covered

# The lock files; they name versions and hashes, and no place to get them from.
requirements: $(READY)
	$(VENV)/bin/pip-compile --quiet --upgrade --generate-hashes --strip-extras --allow-unsafe \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o requirements.txt requirements.in
	$(VENV)/bin/pip-compile --quiet --upgrade --generate-hashes --strip-extras --allow-unsafe \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o requirements-dev.txt requirements-dev.in

clean:
	rm -rf $(VENV) _trial_temp* .hypothesis .mypy_cache .ruff_cache .coverage build dist *.egg-info
	find . -name __pycache__ -prune -exec rm -rf {} +
	rm -f twisted/plugins/dropin.cache
