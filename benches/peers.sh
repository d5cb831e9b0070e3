# shellcheck shell=bash
# What benches/run.py sets platc against: `bash .ci/tools.sh benches/peers.sh`. The gate does not need these; building
# them takes some five minutes, once.
python_packages Jinja2==3.1.6 PyYAML==6.0.3
go_command github.com/google/go-jsonnet/cmd/jsonnet@v0.22.0
# The newest that the Go of this year's Debian builds.
go_command sigs.k8s.io/kustomize/kustomize/v5@v5.8.1
cargo_command rsjsonnet 0.5.1
cargo_command jrsonnet 0.5.0-pre98
