# The front door: `make chat` and `make test`. Both set up what they need and do so once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up

.PHONY: chat test setup index check lint types layers words evals-smoke lock adapter comparisons entailment plan-reader screenshots bench clean

chat: index            ## set-up, index, web chat on http://127.0.0.1:7860
	$(BIN)/assistant chat

test: setup            ## set-up and the whole test suite
	$(BIN)/python -m pytest

setup: $(STAMP)        ## the set-up alone

# Byte-compiling in parallel after the install saves a minute on two cores.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "assistant needs Python 3.11 or newer; use: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --progress-bar off -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q -j 0 $(VENV)/lib || true
	@touch $(STAMP)

index: setup           ## bring the index up to date
	$(BIN)/assistant index

check: lint types layers words

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

layers: setup
	$(BIN)/lint-imports

# Licensed words must never be committed; the checker stands beside the project where the licensed texts do.
words:
	@if [ -x ../shared/tools/verbatim_check ]; then ../shared/tools/verbatim_check; else echo "words: no verbatim_check beside the project, nothing compared"; fi

lock:                  ## pin every dependency anew (edit pyproject.toml or constraints.in first)
	$(BIN)/uv pip compile --quiet pyproject.toml --extra dev --extra model --python-version 3.11 --constraint constraints.in \
	  --no-annotate --no-header --output-file requirements.tmp
	sed -E 's/^(torch==[0-9.]+)\+[a-z0-9]+/\1/; /^(nvidia-|cuda-|triton)/d' requirements.tmp > requirements.lock
	rm requirements.tmp

adapter: setup         ## train the question adapter anew (about half an hour)
	$(BIN)/python scripts/train_adapter.py

comparisons: setup     ## train what tells comparisons anew (seconds)
	$(BIN)/python scripts/train_comparisons.py

entailment: index      ## train the verifier's cross-encoder anew (about 45 minutes)
	$(BIN)/python scripts/train_entailment.py --data-dir .assistant

plan-reader: index     ## train the coverage map's reader anew (over an hour)
	$(BIN)/python scripts/train_plan_reader.py --data-dir .assistant

# From an empty folder: what an earlier version of the code answered is no result of this one.
evals-smoke: index
	rm -rf runs/smoke
	$(BIN)/assistant evals run --tier smoke --out runs/smoke
	$(BIN)/assistant evals compare evals/baselines/smoke.jsonl runs/smoke --max-loss 8

screenshots: index     ## docs/images anew
	$(BIN)/python scripts/screenshots.py

clean:
	rm -rf $(VENV) .assistant runs dist build
