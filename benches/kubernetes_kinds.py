#!/usr/bin/env python3
"""Writes the tables of Kubernetes' own kinds in src/rules/schemas/built_in: by hand, from the OpenAPI definitions that
Kubernetes publishes (api/openapi-spec/swagger.json of a release).

    python3 benches/kubernetes_kinds.py swagger.json 1.35.0 2026-11-29
"""

import json
import pathlib
import string
import sys

source, version, day = sys.argv[1:]
definitions = json.loads(pathlib.Path(source).read_text())["definitions"]
folder = pathlib.Path(__file__).parent.parent / "src/rules/schemas/built_in"
HEADER = f"""# Kubernetes {version}, api/openapi-spec (https://github.com/kubernetes/kubernetes), Apache-2.0, looked up on {day}.
# Made by benches/kubernetes_kinds.py; do not edit.
"""
# What is asked of the API server rather than kept by it, under any group.
NOT_OBJECTS = {"APIGroup", "APIGroupList", "APIResourceList", "APIVersions", "DeleteOptions", "Status", "WatchEvent"}
# What any of these holds is judged elsewhere, or by nobody: what the server sets, labels, and the schemas of others.
OPEN = {"annotations", "labels", "managedFields", "openAPIV3Schema", "status"}
SCALARS = {"string": "s", "integer": "i", "number": "n", "boolean": "b", "object": "*"}
SPECIAL = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "q",
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": "s",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "s",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "p",
}
DIGITS = string.digits + string.ascii_letters

kinds = {}
for name, definition in definitions.items():
    for it in definition.get("x-kubernetes-group-version-kind", []):
        if it["kind"] not in NOT_OBJECTS and "properties" in definition:
            kinds[f"{it['group']}/{it['version']}/{it['kind']}"] = name

# Every definition that a kind leads to, in the order of first use.
lines = {}


def form(schema):
    """The code of what may stand in a field."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name in SPECIAL:
            return SPECIAL[name]
        if "properties" not in definitions[name]:
            return "*"
        visit(name)
        return ["to", name]
    if schema.get("type") == "array":
        return wrap("[", form(schema["items"]))
    if "additionalProperties" in schema:
        return wrap("{", form(schema["additionalProperties"]))
    return SCALARS[schema["type"]]


def wrap(sign, inner):
    return [sign, *inner] if isinstance(inner, list) else sign + inner


def visit(name):
    if name not in lines:
        lines[name] = None
        properties = definitions[name]["properties"]
        lines[name] = {key: "*" if key in OPEN else form(properties[key]) for key in sorted(properties)}


for name in kinds.values():
    visit(name)

# A definition is named by where its line begins, in three digits.
offsets, at = {}, len(HEADER)
for name, fields in lines.items():
    offsets[name] = at
    at += sum(len(key) + 2 + (len(code) if isinstance(code, str) else len(code) - 2 + 3) for key, code in fields.items())


def number(value):
    return DIGITS[value // 62**2] + DIGITS[value // 62 % 62] + DIGITS[value % 62]


def written(code):
    return code if isinstance(code, str) else "".join(code[:-2]) + number(offsets[code[-1]])


body = "".join(
    " ".join(f"{key}={written(code)}" for key, code in fields.items()) + "\n" for fields in lines.values()
)
(folder / "fields.txt").write_text(HEADER + body)
listed = "".join(f"{kind} {number(offsets[name])}\n" for kind, name in sorted(kinds.items()))
(folder / "kinds.txt").write_text(HEADER + listed)
print(f"{len(kinds)} kinds, {len(lines)} definitions, {sum(map(len, lines.values()))} fields")
