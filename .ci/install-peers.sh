# shellcheck shell=bash
# Go programs that read what platc writes as their users will: helm takes the values files, kubeconform checks
# Kubernetes objects against the schemas of their kinds, actionlint reads the published workflow.
go_command helm.sh/helm/v3/cmd/helm@v3.22.0
go_command github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0
go_command github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
