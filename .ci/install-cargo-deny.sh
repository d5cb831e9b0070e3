# shellcheck shell=bash
# cargo-deny judges licences, banned crates and their sources (deny.toml). Built without optimisation: that halves the
# build, and it works for a second.
cargo_command cargo-deny 0.20.2 --debug
