"""The fleet for Jinja2 and PyYAML, as Ansible or a script of one's own would have it."""

import json
import shutil
from pathlib import Path

import environments
from platc import dump, put
from yamlish import JINJA, document, output


def write(folder, artifacts, count):
    base = {}
    for layer in environments.base().values():
        base |= layer
    put(folder / "layers/base.yaml", dump(base))
    for name in environments.TIERS:
        put(folder / f"layers/{name}.yaml", dump(environments.tier(name)))
    for name in environments.REGIONS:
        put(folder / f"layers/{name}.yaml", dump(environments.region(name)))
    for number in range(count):
        put(folder / f"environments/env-{number:04d}.yaml", dump({"extends": ["base", *environments.extends(number)]} | environments.environment(number)))
    index = []
    for artifact in artifacts:
        put(folder / f"templates/{artifact.template}.j2", document(artifact, JINJA))
        index.append({"template": f"{artifact.template}.j2", "output": output(artifact), "each": artifact.each})
    put(folder / "artifacts.json", json.dumps(index, indent=2))
    shutil.copy(Path(__file__).parent / "jinja_render.py", folder / "render.py")
