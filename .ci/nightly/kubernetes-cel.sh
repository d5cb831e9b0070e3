# shellcheck shell=bash
# Kubernetes' engine for CEL, which tests/kubernetes-cel/answers.jsonl was recorded from.
go_module "$CI_DIR/../tests/kubernetes-cel/go" kubernetes-cel
