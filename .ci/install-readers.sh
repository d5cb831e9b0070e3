# shellcheck shell=bash
# The YAML readers that must read what platc writes: see tests/support/readers.rs.

# `js-yaml` 4 beside 5: most of what is installed today is still on 4.
python_packages pyyaml==6.0.3 ruamel.yaml==0.19.1
npm_packages yaml@2.9.1 js-yaml@5.5.0 js-yaml-4@npm:js-yaml@4.3.2
go_module "$CI_DIR/../tests/readers/go" read-yaml
