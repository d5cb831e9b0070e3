#!/usr/bin/env bash
# Runs every command of the README, word for word, in a clean clone of what is committed. A command is a line that
# begins with `$ ` in a ```console block; lines below it are what it should print, where `...` stands for anything. A comment
# after the language says more: ```console exit=1 expects that exit code of the last command.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
git clone --quiet --no-local . "$scratch/platc"
# The tests of the clone look for other people's schemas beside it.
[[ -e ../shared ]] && ln -s "$(cd ../shared && pwd)" "$scratch/shared"
python3 .ci/readme.py README.md "$scratch/platc"
# Its picture is drawn from what platc prints; the README installs the one that draws it.
python3 docs/pictures/make.py "$scratch/installed/bin/platc" --check
