# shellcheck shell=bash
# The official JSON schema of CycloneDX 1.6 with the two that it refers to, which `platc images --format cyclonedx` is held
# to: tests/cli/images.rs. They come in a Python package.

cyclonedx_schemas() {
  local folder
  folder=$(mktemp -d "$TOOLS/cyclonedx.XXXXXX")
  [[ -x $TOOLS/venv/bin/python ]] || python3 -m venv "$TOOLS/venv"
  retry "$TOOLS/venv/bin/python" -m pip download --quiet --disable-pip-version-check --no-input --no-deps \
    --dest "$folder" "cyclonedx-python-lib==$1"
  "$TOOLS/venv/bin/python" -m zipfile -e "$folder"/*.whl "$folder/all"
  mkdir -p "$TOOLS/cyclonedx"
  cp "$folder"/all/cyclonedx/schema/_res/{bom-1.6,spdx,jsf-0.82}.SNAPSHOT.schema.json "$TOOLS/cyclonedx/"
  rm -r "$folder"
}
once files-cyclonedx 'cyclonedx-python-lib 11.12.0' cyclonedx_schemas 11.12.0
