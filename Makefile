# The menu. `make` lists what can be done; CI runs the same targets.

# What release builds are made for: `make dist TARGET=aarch64-unknown-linux-musl`.
TARGET ?= $(shell scripts/target)

.PHONY: help demo test lint docs bench build size dist dist-check clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s  %s\n", $$1, $$2 }' Makefile

demo:  ## Terraform puts an image on a private Incus daemon and takes it away again (2 minutes the first time)
	@scripts/setup demo
	@scripts/demo

test:  ## all tests, with real daemons and the real command line
	@scripts/setup test || true
	cargo test --locked

lint:  ## formatting, clippy, stale documentation, shellcheck where it is installed
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo test --locked --quiet --test docs
	@if command -v shellcheck >/dev/null; then shellcheck scripts/* .ci/run; else echo "shellcheck is not installed"; fi

docs:  ## writes what is generated: docs/ and the tests' copy of the schema
	UPDATE=1 cargo test --locked --quiet --test docs
	CI=true UPDATE=1 cargo test --locked --quiet --test suite cli::schema

bench:  ## release build: start-up, look-ups on a large image server, exports and relays of 1 GiB
	cargo bench --locked

build:  ## the release binary; static where Rust has the musl target
	@scripts/build $(TARGET)

size: build  ## how big it all is
	@scripts/size $(TARGET)

dist: build  ## a release of this machine's platform: zip, checksums, SBOM, in dist/
	@scripts/dist $(TARGET)

dist-check: dist  ## installs that release from a filesystem mirror and runs README's example on it
	cargo test --locked --test suite dist:: -- --ignored

clean:  ## removes what was built
	cargo clean
	rm -rf dist
