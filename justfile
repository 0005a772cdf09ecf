# What people do here. `just` lists it.

default:
    @just --list

# Both services, a vendor connected, a request carried out; then they stay up.
demo *args:
    cargo run --release -- demo {{args}}

# Everything CI runs.
test:
    sh scripts/test

# The quick part of it, on SQLite.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings
    cargo test --workspace --locked

# Licences, sources and duplicates of the dependencies (needs cargo-deny).
deny:
    cargo deny --offline check licenses bans sources

# What the binary is made of, as CycloneDX.
sbom:
    cargo run -q -p testkit --bin sbom

# What performance is, in one run.
bench *args:
    cargo run --release -p bench -- {{args}}

# Public OAuth clients against a real provider (needs Python 3 and Node), then calls that its API documents allow and
# nobody thought of.
interop *clients:
    tests/interop/run {{clients}}
    tests/interop/schemathesis

# Everything that the OpenAPI document allows, and much that it does not, against a real manager (needs Python 3).
api *options:
    tests/api/run {{options}}

# Weeks of both services in seconds, with everything that can go wrong, for 1000 seeds.
simulate *args:
    cargo run --release -p testkit --bin simulate -- {{args}}

# 1000 requests while the manager is killed 100 times. `--database postgres://…` for PostgreSQL, an empty database.
kill-test *args:
    cargo run --release -p testkit --bin simulate -- --kill 100 --requests 1000 {{args}}

# The parsers of what strangers send, each for a minute.
fuzz *args:
    fuzz/run {{args}}

# A picture of every page, wide and narrow, light and dark, in docs/screens (needs Chromium with its driver).
screens:
    rm -rf docs/screens
    RIGHTFUL_SCREENS={{justfile_directory()}}/docs/screens cargo test -p testkit --test browser -- no_page_has
