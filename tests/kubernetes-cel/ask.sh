#!/usr/bin/env bash
# Asks Kubernetes' engine all questions, and records what it says.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
python3 questions.py 6000 | ../../.ci/tools/bin/kubernetes-cel | python3 keep.py >"${1:-answers.jsonl}"
