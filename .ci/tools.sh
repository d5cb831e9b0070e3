#!/usr/bin/env bash
# Installs what the tests and the gate compare platc with: other YAML readers, pre-commit, kubeconform, helm …
#
#   bash .ci/tools.sh               everything that .ci/install-*.sh names
#   bash .ci/tools.sh readers       only .ci/install-readers.sh
#   bash .ci/tools.sh benches/peers.sh   an installer elsewhere
#
# Everything is pinned and lands in .ci/tools/, which git ignores: .ci/tools/venv (Python), .ci/tools/npm/node_modules,
# .ci/tools/bin (Go and cargo). A second run does nothing. An installer calls the functions below, each once with all
# that it wants; they remember what they installed and start again only when that list changes.
set -euo pipefail

CI_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOOLS=$CI_DIR/tools
mkdir -p "$TOOLS/bin" "$TOOLS/stamps"
# Two runs at once (a hook and a test, say) would install over each other.
exec 9>"$TOOLS/lock"
flock 9

# once NAME SPEC COMMAND…: runs COMMAND unless it has already succeeded for this SPEC.
once() {
  local stamp=$TOOLS/stamps/$1 spec=$2
  shift 2
  [[ -f $stamp && $(<"$stamp") == "$spec" ]] && return 0
  local begin=$SECONDS
  "$@"
  printf '%s\n' "$spec" >"$stamp"
  printf 'installed %s in %d s\n' "$spec" $((SECONDS - begin))
}

# retry COMMAND…: registries have bad moments; three tries, then the failure counts.
retry() {
  local try
  for try in 1 2 3; do
    "$@" && return 0
    printf 'try %d of 3 failed: %s\n' "$try" "$*" >&2
    sleep $((try * 5))
  done
  return 1
}

# python_packages NAME==VERSION…: into the shared virtual environment.
python_packages() {
  once "python-$(printf '%s' "$*" | tr -c 'a-zA-Z0-9\n' -)" "$*" python_packages_now "$@"
}
python_packages_now() {
  [[ -x $TOOLS/venv/bin/python ]] || python3 -m venv "$TOOLS/venv"
  retry "$TOOLS/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input "$@"
}

# python_wheels NAME==VERSION…: into .ci/tools/wheels, for environments that are made without a registry.
python_wheels() {
  once "wheels-$(printf '%s' "$*" | tr -c 'a-zA-Z0-9\n' -)" "$*" python_wheels_now "$@"
}
python_wheels_now() {
  [[ -x $TOOLS/venv/bin/python ]] || python3 -m venv "$TOOLS/venv"
  retry "$TOOLS/venv/bin/python" -m pip download --quiet --disable-pip-version-check --no-input --no-deps --dest "$TOOLS/wheels" "$@"
}

# npm_packages NAME@VERSION…: under .ci/tools/npm, without running their install scripts.
npm_packages() {
  once "npm-$(printf '%s' "$*" | tr -c 'a-zA-Z0-9\n' -)" "$*" npm_packages_now "$@"
}
npm_packages_now() {
  mkdir -p "$TOOLS/npm"
  retry npm install --prefix "$TOOLS/npm" --save-exact --no-package-lock --ignore-scripts --no-audit --no-fund \
    --loglevel=error "$@"
}

# go_command MODULE/PATH@VERSION: a published command, into .ci/tools/bin.
go_command() {
  once "go-$(basename "${1%@*}")" "$1" retry env GOBIN="$TOOLS/bin" GOFLAGS=-buildvcs=false go install "$1"
}

# go_module FOLDER NAME: a module of ours (go.mod and go.sum beside it), built into .ci/tools/bin/NAME.
go_module() {
  local digest
  digest=$(cat "$1"/*.go "$1"/go.mod "$1"/go.sum | sha256sum | cut -c1-16)
  once "go-$2" "$2 $digest" go_module_now "$1" "$2"
}
go_module_now() {
  (cd "$1" && retry env GOFLAGS='-buildvcs=false -mod=readonly' go build -o "$TOOLS/bin/$2" .)
}

# cargo_command CRATE VERSION [OPTION…]: into .ci/tools/bin, with the crate's own lock file.
cargo_command() {
  local crate=$1 version=$2
  shift 2
  once "cargo-$crate" "$crate $version $*" retry cargo install --quiet --locked --root "$TOOLS" --version "$version" "$@" "$crate"
}

# crate_file CRATE VERSION PATH NAME: a file that a published crate holds, as .ci/tools/NAME.
crate_file() {
  once "file-$4" "$1 $2 $3" crate_file_now "$@"
}
crate_file_now() {
  local project
  project=$(mktemp -d "$TOOLS/crate.XXXXXX")
  printf '[package]\nname = "files"\nversion = "0.0.0"\nedition = "2024"\n[lib]\npath = "lib.rs"\n[dependencies]\n%s = "=%s"\n[workspace]\n' \
    "$1" "$2" >"$project/Cargo.toml"
  touch "$project/lib.rs"
  (cd "$project" && retry cargo vendor --quiet vendor >/dev/null)
  cp "$project/vendor/$1/$3" "$TOOLS/$4"
  rm -r "$project"
}

if [[ $# -gt 0 ]]; then
  for name in "$@"; do
    [[ $name == */* ]] || name=$CI_DIR/install-$name.sh
    # shellcheck source=/dev/null
    source "$name"
  done
else
  for installer in "$CI_DIR"/install-*.sh; do
    # shellcheck source=/dev/null
    source "$installer"
  done
fi
