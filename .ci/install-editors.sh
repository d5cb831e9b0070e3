# shellcheck shell=bash
# The server behind YAML in most editors: tests/editors.rs asks it about environment files, as an editor does.
npm_packages yaml-language-server@2.0.0
