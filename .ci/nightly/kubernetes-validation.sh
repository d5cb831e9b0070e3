# shellcheck shell=bash
# Kubernetes' own validation, which tests/kubernetes-validation/answers.jsonl was recorded from.
go_module "$CI_DIR/../tests/kubernetes-validation/go" kubernetes-validation
