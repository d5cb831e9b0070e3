#!/usr/bin/env python3
"""Writes the tables of custom resources in src/rules/schemas/built_in: by hand, from the definitions that their projects
publish. Each argument names a project, its version and a folder or file of its definitions, as YAML or as a schema alone
in a file named `group_Kind_version.json`.

    python3 benches/custom_kinds.py 2026-11-30 karpenter=1.14.1=crds/karpenter cilium=1.18.2=crds/cilium …
"""

import json
import pathlib
import re
import string
import sys

import yaml

# All of them under the Apache License 2.0: where they are, and whose kinds they are.
PROJECTS = {
    "karpenter": ("https://github.com/aws/karpenter-provider-aws", ["karpenter.sh", "karpenter.k8s.aws"]),
    "cilium": ("https://github.com/cilium/cilium", ["cilium.io"]),
    "cert-manager": ("https://github.com/cert-manager/cert-manager", ["cert-manager.io"]),
    "external-secrets": ("https://github.com/external-secrets/external-secrets", ["external-secrets.io"]),
    "kyverno": ("https://github.com/kyverno/kyverno", ["kyverno.io", "policies.kyverno.io"]),
    "prometheus-operator": ("https://github.com/prometheus-operator/prometheus-operator", ["monitoring.coreos.com"]),
    "velero": ("https://github.com/vmware-tanzu/velero", ["velero.io"]),
    "gateway-api": ("https://github.com/kubernetes-sigs/gateway-api", ["gateway.networking.k8s.io"]),
    "keda": ("https://github.com/kedacore/keda", ["keda.sh"]),
    "external-dns": ("https://github.com/kubernetes-sigs/external-dns", ["externaldns.k8s.io"]),
    "aws-load-balancer-controller": (
        "https://github.com/kubernetes-sigs/aws-load-balancer-controller",
        ["elbv2.k8s.aws"],
    ),
    "vertical-pod-autoscaler": ("https://github.com/kubernetes/autoscaler", ["autoscaling.k8s.io"]),
}
# Kinds that controllers make, which nobody writes, and those that hold whole pods.
LEFT_OUT = {
    "Alertmanager", "BackupRepository", "CertificateRequest", "Challenge", "CiliumEndpoint", "CiliumEndpointSlice",
    "CiliumIdentity", "CiliumNode", "CiliumNodeConfig", "DataDownload", "DataUpload", "DeleteBackupRequest",
    "DownloadRequest", "NodeClaim", "Order", "PodVolumeBackup", "PodVolumeRestore", "Prometheus", "PrometheusAgent",
    "ServerStatusRequest", "ThanosRuler", "UpdateRequest", "VerticalPodAutoscalerCheckpoint",
}  # fmt: skip
# A word of one enumeration is `=`.
yaml.CSafeLoader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: node.value)
day, *arguments = sys.argv[1:]
folder = pathlib.Path(__file__).parent.parent / "src/rules/schemas/built_in"
DIGITS = string.digits + string.ascii_letters
# What the server sets and what is judged elsewhere.
OPEN = {"metadata", "status"}

# Lines of the table, each once: definitions as lists of fields, and patterns behind `~`.
lines = {}


def line(key):
    return lines.setdefault(key, f"<{len(lines)}>")


def part(schema, is_root=False):
    """The code of an object: its fields with `!` for those that have to be there, and `*` for all others."""
    fields, needed = schema["properties"], set(schema.get("required", []))
    found = {}
    for key, it in fields.items():
        if not re.fullmatch(r"[\w.$/-]+", key):
            continue
        # What is on its way out has another form in other versions.
        if "deprecated" in it.get("description", "").lower():
            it = {}
        sign = "!" if key in needed and "default" not in it and not (is_root and key != "spec") else ""
        found[key + sign] = "*" if is_root and key in OPEN | {"apiVersion", "kind"} else form(it)
    if schema.get("x-kubernetes-preserve-unknown-fields") or schema.get("x-kubernetes-embedded-resource"):
        found["*"] = "*"
    elif isinstance(schema.get("additionalProperties"), dict):
        found["*"] = form(schema["additionalProperties"])
    return line(tuple(sorted(found.items())))


def text(schema):
    words = schema.get("enum")
    if words and all(isinstance(word, str) and re.fullmatch(r"[^\s|=]+", word) for word in words):
        return "|" + "|".join(words)
    pattern = schema.get("pattern", "")
    # What our engine does not read, or reads otherwise, is not judged.
    if 0 < len(pattern) < 200 and not re.search(r"\(\?[^:]|\\[pPdDwWsSbBAzZ]|\\\d|\n", pattern) and pattern.isascii():
        return "~" + line(pattern)
    return "s"


def form(schema):
    """The code of what may stand in a field."""
    if schema.get("x-kubernetes-int-or-string"):
        return "p"
    if schema.get("properties"):
        return part(schema)
    match schema.get("type"):
        case "array":
            return "[" + form(schema.get("items", {}))
        case "object":
            other = schema.get("additionalProperties")
            return "{" + form(other) if isinstance(other, dict) else "*"
        case "string":
            return text(schema)
        case "boolean":
            return "b"
        case "integer":
            least, most = schema.get("minimum"), schema.get("maximum")
            if least is None and most is None:
                return "i"
            return f"i{'' if least is None else int(least)}:{'' if most is None else int(most)}"
        case "number":
            return "n"
    return "*"


def definitions(path):
    """Group, version, kind, schema and whether it is served, of each version of each definition."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    for file in files:
        alone = re.fullmatch(r"([a-z0-9.-]+)_([A-Z]\w+)_(v\w+)\.json", file.name)
        if alone:
            group, kind, version = alone.groups()
            yield group, version, kind, json.loads(file.read_text())
        elif file.suffix in (".yaml", ".yml"):
            for document in yaml.load_all(file.read_text(), yaml.CSafeLoader):
                if isinstance(document, dict) and document.get("kind") == "CustomResourceDefinition":
                    spec = document["spec"]
                    for version in filter(lambda it: it["served"], spec["versions"]):
                        yield spec["group"], version["name"], spec["names"]["kind"], version["schema"]["openAPIV3Schema"]


found, sources = {}, []
for argument in arguments:
    name, version, path = argument.split("=", 2)
    url, groups = PROJECTS[name]
    sources.append(f"# {name} {version} ({url})\n")
    for group, its_version, kind, schema in definitions(pathlib.Path(path)):
        if group in groups and kind not in LEFT_OUT:
            found.setdefault((group, its_version, kind), schema)

# Early versions of what has another one are on their way out.
settled = {(group, kind) for group, version, kind in found if "alpha" not in version}
kinds = {
    f"{group}/{version}/{kind}": part(schema, True)
    for (group, version, kind), schema in found.items()
    if "alpha" not in version or (group, kind) not in settled
}

HEADER = f"""# Custom resources of the projects below, all Apache-2.0, looked up on {day}.
{"".join(sources)}# Made by benches/custom_kinds.py; do not edit.
"""

# A line is named by where it begins, in three digits.
width = lambda code: len(re.sub(r"<\d+>", "000", code))
offsets, at = {}, len(HEADER)
for key, code in lines.items():
    offsets[code] = at
    at += len(key) + 2 if isinstance(key, str) else sum(len(name) + 2 + width(inner) for name, inner in key) + (not key)


def number(found):
    value = offsets[found.group()]
    return DIGITS[value // 62**2] + DIGITS[value // 62 % 62] + DIGITS[value % 62]


written = lambda code: re.sub(r"<\d+>", number, code)
row = lambda key: "~" + key if isinstance(key, str) else " ".join(f"{name}={written(code)}" for name, code in key)
(folder / "custom_fields.txt").write_text(HEADER + "".join(row(key) + "\n" for key in lines))
listed = "".join(f"{kind} {written(code)}\n" for kind, code in sorted(kinds.items()))
(folder / "custom_kinds.txt").write_text(HEADER + listed)
print(f"{len(kinds)} kinds, {len(lines)} lines, {at} bytes")
