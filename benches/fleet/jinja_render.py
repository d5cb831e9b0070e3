"""python render.py ENVIRONMENT OUTPUT: layers merged, templates rendered by Jinja2, the text read and written by PyYAML.

Uses PyYAML's C reader and writer, which are some ten times as fast as those in Python.
"""

import json
import sys
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE = Path(__file__).parent


def load(path):
    return yaml.load(path.read_text(), Loader=yaml.CSafeLoader)


def named(value):
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) and "name" in item for item in value)


def merge(under, over):
    if isinstance(under, dict) and isinstance(over, dict):
        return under | {key: merge(under[key], value) if key in under else value for key, value in over.items()}
    if named(under) and named(over):
        changes = {item["name"]: item for item in over}
        return [merge(item, changes.get(item["name"], {})) for item in under]
    return over


def main():
    name, output = sys.argv[1], Path(sys.argv[2])
    own = load(HERE / f"environments/{name}.yaml")
    values = {}
    for layer in own.pop("extends"):
        values = merge(values, load(HERE / f"layers/{layer}.yaml"))
    values = merge(values, own)
    jinja = Environment(loader=FileSystemLoader(HERE / "templates"), undefined=StrictUndefined, autoescape=False)
    for artifact in json.loads((HERE / "artifacts.json").read_text()):
        template = jinja.get_template(artifact["template"])
        items = [{}]
        if artifact["each"]:
            item, path = artifact["each"]
            found = values
            for key in path.split("."):
                found = found[key]
            items = [{item: one} for one in found]
        for item in items:
            scope = values | item
            document = yaml.load(template.render(scope), Loader=yaml.CSafeLoader)
            path = output / jinja.from_string(artifact["output"]).render(scope)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w") as file:
                yaml.dump(document, file, Dumper=yaml.CSafeDumper, sort_keys=False, width=1000)


main()
