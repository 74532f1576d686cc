# Every target does its own set-up from a fresh clone; run again, it is quick.
BIN := .venv/bin

.PHONY: demo test bench lint setup clean

demo: setup
	@$(BIN)/python demo/tour.py $(ARGS)

test: setup
	@$(BIN)/python -m pytest $(ARGS)

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: setup
	@$(BIN)/python bench/run.py $(ARGS)

setup:
	@tools/setup
	@$(BIN)/gatebook prewarm --quiet-when-ready

clean:
	rm -rf .venv .demo .bench .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
