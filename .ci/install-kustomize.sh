# Kustomize, which Flux builds with and which examples/app is compared with. Sourced by tools.sh.

go_command sigs.k8s.io/kustomize/kustomize/v5@v5.8.1
