# Every target installs what it misses (Debian packages with sudo when not root, npm packages, Go tools).
# A fresh machine needs Go, Node.js, gcc, git and make. The work is done in build/scripts.

S := build/scripts
.DEFAULT_GOAL := help
.PHONY: help run dev desktop server generate check format test e2e bench clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' Makefile

run: ## build and start: the window, or `serve` where there is no display; with --demo it answers at once
	@$(S)/run.sh

dev: ## headless program and Vite side by side: pages reload as they are edited
	@$(S)/dev.sh

desktop: ## build build/bin/antigravity-tools, the program with a window
	@bash -c '. $(S)/lib.sh; build_desktop'

server: ## build build/bin/antigravity-tools-server, static, without a window
	@bash -c '. $(S)/lib.sh; build_server'

generate: ## write frontend/wailsjs from the Go types
	@$(S)/generate.sh

format: ## format all sources
	@bash -c '. $(S)/lib.sh; gofmt -w $$(git ls-files "*.go"); need_npm "$$ROOT/frontend"; cd frontend && npm run --silent format'

check: ## format, lint, types, drift: the quick part of make test
	@$(S)/test.sh check

test: ## every check and every judge: what .ci/run runs
	@$(S)/test.sh all

e2e: ## the judges alone: SDKs, browser, window, coding clients
	@$(S)/test.sh e2e

bench: ## measure against a direct call and the floor (ARGS="--only small"); docs/performance.md
	@$(S)/bench.sh $(ARGS)

clean: ## remove what was built
	@rm -rf build/bin build/shots build/test frontend/dist/assets frontend/dist/index.html
