#!/usr/bin/env python3
"""Writes the table of the values that known charts have, src/rules/helm/known/values.txt: by hand, with PyYAML installed.

    python3 benches/chart_values.py 2026-11-29 ../shared/upstream/charts

The folder has one folder a chart, with its `Chart.yaml`, `values.yaml` and, if it has one, `values.schema.json`.
"""

import json
import pathlib
import re
import sys

import yaml

day, folder = sys.argv[1], pathlib.Path(sys.argv[2])

# Words that a chart or its program takes and no schema lists, from the comments of `values.yaml` and the programs' references.
LEVELS = ["debug", "info", "warn", "error"]
WORDS = {
    "cilium": {
        "routingMode": ["native", "tunnel"],
        "tunnelProtocol": ["vxlan", "geneve"],
        "encryption.type": ["ipsec", "wireguard", "ztunnel"],
        "ingressController.loadbalancerMode": ["dedicated", "shared"],
        "hubble.tls.auto.method": ["helm", "cronJob", "certmanager"],
        "policyEnforcementMode": ["default", "always", "never"],
        "identityAllocationMode": ["crd", "kvstore", "doublewrite-readkvstore", "doublewrite-readcrd"],
        "loadBalancer.mode": ["snat", "dsr", "hybrid"],
        "loadBalancer.algorithm": ["random", "maglev"],
        "loadBalancer.acceleration": ["disabled", "native", "best-effort"],
    },
    "falco": {
        "driver.kind": ["auto", "kmod", "ebpf", "modern_ebpf", "modern-bpf", "module", "gvisor"],
        "controller.kind": ["daemonset", "deployment"],
    },
    "loki": {
        "deploymentMode": [
            "SingleBinary", "SimpleScalable", "Distributed", "SingleBinary<->SimpleScalable", "SimpleScalable<->Distributed",
            "Monolithic", "Monolithic<->SimpleScalable",
        ],
    },
    "external-dns": {"registry": ["txt", "noop", "aws-sd", "dynamodb"], "logFormat": ["text", "json"]},
    "velero": {"configuration.logFormat": ["text", "json"]},
    "karpenter": {"logLevel": LEVELS, "settings.preferencePolicy": ["Respect", "Ignore"]},
    "alloy": {"controller.type": ["daemonset", "deployment", "statefulset"]},
    "grafana-agent": {"controller.type": ["daemonset", "deployment", "statefulset"]},
}

KEY = re.compile(r"^[A-Za-z_][A-Za-z0-9_-]*$")
COMMENTED = re.compile(r"^\s*#+\s*([A-Za-z_][A-Za-z0-9_-]*):(\s|$)", re.M)
# Maps whose keys are somebody else's: labels, settings of the program itself.
DATA = re.compile(r"(labels?|annotations?|selector|headers|config|data|args|env|options|settings|cm|params|rules?)$", re.I)
MARKS = {"boolean": "?", "integer": "#", "number": "#", "array": "[", "string": '"', "object": "{"}


def resolve(schema, root):
    while isinstance(schema, dict) and "$ref" in schema and schema["$ref"].startswith("#/"):
        at = root
        for step in schema["$ref"][2:].split("/"):
            at = at.get(step, {}) if isinstance(at, dict) else {}
        schema = at
    return schema if isinstance(schema, dict) else {}


def mark(value, schema):
    """What a value is by its default and its schema; nothing where it may be several things."""
    kinds = schema.get("type")
    kinds = [kinds] if isinstance(kinds, str) else kinds or []
    kinds = [kind for kind in kinds if kind != "null"]
    if isinstance(value, bool):
        own = "boolean"
    elif isinstance(value, (int, float)):
        own = "integer"
    elif isinstance(value, list):
        own = "array"
    elif isinstance(value, dict):
        own = "object"
    elif isinstance(value, str) and value:
        own = "string"
    else:
        own = None
    if len(kinds) == 1:
        return MARKS.get(kinds[0], "") if own in (None, kinds[0]) or kinds[0] == "number" else ""
    if kinds or any(key in schema for key in ("oneOf", "anyOf", "allOf")):
        return ""
    # An empty default may be replaced by anything, and a text by a number.
    return {"boolean": "?", "array": "[", "object": "{"}.get(own, "") if value not in ([], {}) or own == "boolean" else ""


def maps(path, values, schema, root, found, words):
    schema = resolve(schema, root)
    own = schema.get("properties", {}) if isinstance(schema.get("properties"), dict) else {}
    children = dict.fromkeys(list(values) + list(own))
    if not children or not all(isinstance(key, str) and KEY.match(key) for key in children):
        return False
    tokens = []
    for key in sorted(children):
        value, inner = values.get(key), resolve(own.get(key, {}), root)
        at = f"{path}.{key}" if path else key
        token = key + mark(value, inner)
        allowed = words.get(at) or [word for word in inner.get("enum", []) if isinstance(word, str) and word]
        if allowed and all(re.match(r"^[^\s|=]+$", word) for word in allowed):
            token = key + "=" + "|".join(allowed)
        elif isinstance(value, dict) or "properties" in inner:
            is_open = DATA.search(key) or "additionalProperties" in inner and inner["additionalProperties"] not in (False,)
            if is_open or not maps(at, value if isinstance(value, dict) else {}, inner, root, found, words):
                token = key + "{}" if token.endswith("{") else token
        tokens.append(token)
    found[path] = tokens
    return True


lines = [
    "# Values of Helm charts: a line a map, by its path, with its keys. `?` is true or false, `#` a number, `[` a list, `{` a map,",
    '# `{}` one with keys of its own, `"` a text, `=` one of these words; what has no mark may be several things. Behind `~` stand',
    "# keys that are only in comments, and names of charts within. The charts are those of their projects' repositories, each at",
    f"# the version that stands behind its name, licensed under Apache-2.0; looked up on {day}.",
    "# Made by benches/chart_values.py; do not edit.",
]
for chart in sorted(folder.iterdir()):
    if not (chart / "values.yaml").exists() or chart.name.endswith("-crd") or chart.name == "prometheus-operator-crds":
        continue
    about = yaml.safe_load((chart / "Chart.yaml").read_text())
    text = (chart / "values.yaml").read_text()
    values = yaml.safe_load(text) or {}
    schema = json.loads((chart / "values.schema.json").read_text()) if (chart / "values.schema.json").exists() else {}
    found = {}
    maps("", values, schema, schema, found, WORDS.get(chart.name, {}))
    known = {re.split(r'[?#\[{"=]', token)[0] for tokens in found.values() for token in tokens}
    within = [it.get("alias") or it["name"] for it in about.get("dependencies", [])]
    also = sorted({match[1] for match in COMMENTED.finditer(text)} - known | set(within) | {"global"})
    lines.append(f"@{about['name']} {about['version']}")
    lines.append("~ " + " ".join(also))
    lines += [f"{path or '.'} {' '.join(tokens)}" for path, tokens in sorted(found.items())]

path = pathlib.Path(__file__).parent.parent / "src/rules/helm/known/values.txt"
path.write_text("\n".join(lines) + "\n")
