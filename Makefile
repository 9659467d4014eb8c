# The menu. `make` lists what can be done; CI runs the same targets.

.PHONY: help demo test lint bench build size clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' Makefile

demo:  ## Terraform puts an image on a private Incus daemon and takes it away again (2 minutes the first time)
	@scripts/setup demo
	@scripts/demo

test:  ## all tests, with real daemons and the real command line
	@scripts/setup test || true
	cargo test --locked

lint:  ## formatting, clippy, shellcheck where it is installed
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	@if command -v shellcheck >/dev/null; then shellcheck scripts/* .ci/run; else echo "shellcheck is not installed"; fi

bench:  ## start-up time and memory of the release build, and look-ups on a large image server
	cargo bench --locked

build:  ## the release binary
	cargo build --locked --release

size: build  ## how big it all is
	@scripts/size

clean:  ## removes what was built
	cargo clean
