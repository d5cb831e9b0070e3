#!/usr/bin/env python3
"""Writes the tables of what delivers in src/rules/schemas/built_in: by hand, from the definitions that Argo CD and Flux
publish, as `platc schema import` writes them, and from the types of Kustomize (the module sigs.k8s.io/kustomize/api).

    python3 benches/delivery_kinds.py schemas/kubernetes kustomize/api@v0.21.1 kustomize/kyaml@v0.21.1 3.4.4 2.8.5 2026-11-30
"""

import json
import pathlib
import re
import string
import sys

definitions, api, kyaml, argo, flux, day = sys.argv[1:]
kustomize = api.rpartition("@v")[2]
folder = pathlib.Path(__file__).parent.parent / "src/rules/schemas/built_in"
HEADER = f"""# Argo CD {argo} (https://github.com/argoproj/argo-cd), Flux {flux} (https://github.com/fluxcd/flux2) and Kustomize's
# api {kustomize} (https://github.com/kubernetes-sigs/kustomize), all Apache-2.0, looked up on {day}.
# Made by benches/delivery_kinds.py; do not edit.
"""
DIGITS = string.digits + string.ascii_letters
# What the server sets and what is judged elsewhere.
OPEN = {"metadata", "status"}

# Definitions as lists of fields, those that are equal once, in the order of first use.
lines = {}


def part(fields):
    """The code of an object with these fields."""
    key = tuple(sorted(fields.items()))
    return lines.setdefault(key, f"<{len(lines)}>")


def form(schema, is_root=False):
    """The code of what may stand in a field, by its definition."""
    if schema.get("enum") and schema.get("type") == "string" and all(schema["enum"]):
        return "|" + "|".join(schema["enum"])
    if "properties" in schema:
        below = schema["properties"].items()
        return part({key: "*" if is_root and key in OPEN else form(it) for key, it in sorted(below)})
    if schema.get("anyOf"):
        return "*"
    match schema.get("type"):
        case "array":
            return "[" + form(schema["items"])
        case "object":
            other = schema.get("additionalProperties")
            return "{" + (form(other) if isinstance(other, dict) else "*")
        case "string":
            return "t" if "ms|s|m" in schema.get("pattern", "") else "s"
        case "boolean":
            return "b"
        case "integer":
            return "i"
        case "number":
            return "n"
    return "*"


kinds = {}
for path in sorted(pathlib.Path(definitions).rglob("*.json")):
    schema = json.loads(path.read_text())
    group = path.parent.name if "_" not in path.parent.name and path.stem.count("_") == 1 else path.stem.split("_")[0]
    kind, version = path.stem.split("_")[-2:]
    if group == "argoproj.io" or group.endswith(".toolkit.fluxcd.io"):
        kinds[f"{group}/{version}/{kind}"] = form(schema, True)

# Kustomize's types, as Go writes them.
structs, others = {}, {}
files = [*pathlib.Path(api, "types").glob("*.go"), *pathlib.Path(kyaml, "resid").glob("*.go")]
for path in files:
    if path.name.endswith("_test.go"):
        continue
    text = path.read_text()
    for name, body in re.findall(r"^type (\w+) struct \{\n(.*?)^\}", text, re.M | re.S):
        structs[name] = re.findall(r"^\t(?:(\w+)\s+)?([\w.*\[\]{}]+)\s+`json:\"([^\"]*)\"", body, re.M)
    others |= dict(re.findall(r"^type (\w+) ([\w\[\]*.]+)$", text, re.M))


def fields_of(struct):
    """The fields of a struct, those of structs within it in line."""
    found = {}
    for name, kind, tag in structs[struct]:
        key = tag.split(",")[0]
        if key:
            found[key] = go(kind)
        elif "inline" in tag:
            found |= fields_of(kind.rpartition(".")[2])
    return found


def go(kind):
    kind = kind.lstrip("*")
    if kind.startswith("[]"):
        return "[" + go(kind[2:])
    if kind.startswith("map[string]"):
        return "{" + go(kind[len("map[string]") :])
    kind = kind.rpartition(".")[2]
    if kind in structs:
        return part(fields_of(kind))
    if kind in others:
        return go(others[kind])
    return {"string": "s", "bool": "b", "int": "i", "int64": "i", "interface{}": "*"}[kind]


kustomization = fields_of("Kustomization")
kinds["kustomize.config.k8s.io/v1alpha1/Component"] = part(kustomization)
kinds["kustomize.config.k8s.io/v1beta1/Kustomization"] = part(kustomization)

# A definition is named by where its line begins, in three digits.
offsets, at = {}, len(HEADER)
width = lambda code: len(re.sub(r"<\d+>", "000", code))
for fields, code in lines.items():
    offsets[code] = at
    at += sum(len(key) + 2 + width(inner) for key, inner in fields)


def number(found):
    value = offsets[found.group()]
    return DIGITS[value // 62**2] + DIGITS[value // 62 % 62] + DIGITS[value % 62]


written = lambda code: re.sub(r"<\d+>", number, code)
body = "".join(" ".join(f"{key}={written(code)}" for key, code in fields) + "\n" for fields in lines)
(folder / "delivery_fields.txt").write_text(HEADER + body)
listed = "".join(f"{kind} {written(code)}\n" for kind, code in sorted(kinds.items()))
(folder / "delivery_kinds.txt").write_text(HEADER + listed)
print(f"{len(kinds)} kinds, {len(lines)} definitions, {sum(map(len, lines))} fields")
