# shellcheck shell=bash
# The official JSON schema of SARIF 2.1.0, which `--format sarif` is held to: tests/cli/formats.rs. It comes in a crate.

crate_file serde-sarif 0.8.0 src/schema.json sarif-schema-2.1.0.json
