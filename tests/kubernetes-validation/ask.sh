#!/usr/bin/env bash
# Asks Kubernetes' own validation about all changes, and records what it says.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
python=../../.ci/tools/venv/bin/python
$python changes.py 2600 1 --whole | ../../.ci/tools/bin/kubernetes-validation | $python keep.py <($python changes.py 2600 1) >"${1:-answers.jsonl}"
