# The commands of the house. `make help` lists them.

SHELL := /bin/bash
SWIFT ?= swift

# The training run of `make demo`; `make demo SHORT=1` trains one epoch on a tenth of the images.
DEMO_ARGS ?= $(if $(SHORT),--epochs 1 --limit 6000,--epochs 5)

# What `make bench` runs: a subcommand of tributary-bench with its options.
BENCH ?= suite --threads 1,2

# C kernels at -O2 in debug builds too: at -O0 they are some fifty times slower.
TEST_FLAGS := -Xcc -O2 --disable-xctest

.PHONY: help setup build demo test kernels verify mutate bench bench-check docs format lint clean
.DEFAULT_GOAL := help

help: ## Lists these commands.
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Installs the system packages that are missing (Debian).
	@scripts/setup.sh

build: setup ## Builds the release into .build/release.
	$(SWIFT) build -c release

demo: setup ## Trains the MLP on Fashion-MNIST; SHORT=1 for a minute's version, DEMO_ARGS for options.
	$(SWIFT) build -c release --product tributary
	.build/release/tributary train --dataset fashion-mnist --model mlp $(DEMO_ARGS)

test: setup ## Runs the tests; FILTER=Name for some of them.
	$(SWIFT) test $(TEST_FLAGS) $(if $(FILTER),--filter '$(FILTER)')

kernels: ## Compares the C kernels at every level and on arm64, and runs them under sanitizers.
	@scripts/kernels.sh $(PARTS)

verify: ## Checks the models of the lock-free protocols; MODELS="deque lease" for some of them.
	@scripts/verify.sh all $(MODELS)

bench: setup ## Measures; BENCH="scaling --workload mlp-wide" for another benchmark.
	$(SWIFT) build -c release --product tributary-bench
	.build/release/tributary-bench $(BENCH)

bench-check: setup ## Compares speeds, as ratios to reference loops, with Benchmarks/thresholds.json.
	$(SWIFT) build -c release --product tributary-bench
	.build/release/tributary-bench check

mutate: ## Sees the checks find every mistake of Tests/Mutations; PATCHES="01 07" for some.
	@scripts/mutate.sh $(PATCHES)

docs: setup ## Builds the documentation of all modules into .build/docs; every link must resolve.
	@SWIFT='$(SWIFT)' scripts/docs.sh

format: ## Formats every Swift file in place.
	@scripts/format.sh

lint: ## Checks format, imports, file sizes and required comments, examples, deliberate mistakes.
	@scripts/format.sh --check
	@scripts/check-layering.sh
	@scripts/check-file-size.sh
	@scripts/check-comments.sh
	@scripts/check-examples.sh
	@scripts/check-mutations.sh

clean: ## Removes every build folder.
	rm -rf .build .build-*
