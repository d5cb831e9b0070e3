"""The fleet for Kustomize, which has no values: a base with everything, and for each environment patches of every line
that differs. It takes Kubernetes objects only, so other documents get an apiVersion, a kind and a name here."""

import json

import environments
from model import files
from platc import put


def write(folder, artifacts, count):
    artifacts = list(artifacts)
    base = wrapped(artifacts, 0)
    for number, (path, document) in enumerate(base.items()):
        put(folder / f"base/{number:03d}.yaml", json.dumps(document))
    put(folder / "base/kustomization.yaml", json.dumps({"resources": [f"{number:03d}.yaml" for number in range(len(base))]}))
    for number in range(count):
        patches = []
        for (path, before), after in zip(base.items(), wrapped(artifacts, number).values(), strict=True):
            operations = list(changes(before, after))
            if operations:
                target = {"kind": before["kind"], "name": before["metadata"]["name"]}
                patches.append({"target": target, "patch": json.dumps(operations), "options": {"allowNameChange": True}})
        kustomization = {"resources": ["../base"], "patches": patches}
        put(folder / f"env-{number:04d}/kustomization.yaml", json.dumps(kustomization))


def wrapped(artifacts, number):
    """Path and object of every file, in a fixed order."""
    return {path: wrap(path, document) for path, document in files(artifacts, environments.merged(number))}


def wrap(path, document):
    if "apiVersion" in document:
        return document
    kind = {"cloudformation": "Template", "helm": "Values", "git-sync": "Deployment"}[path.split("/")[0]]
    name = path.removesuffix("/values.yaml").removesuffix(".yaml").split("/")[-1]
    return {"apiVersion": "platform.example.com/v1", "kind": kind, "metadata": {"name": name}} | document


def changes(before, after, path=""):
    """The JSON patch operations that lead from one to the other."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before.keys() | after.keys():
            at = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
            if key not in after:
                yield {"op": "remove", "path": at}
            elif key not in before:
                yield {"op": "add", "path": at, "value": after[key]}
            else:
                yield from changes(before[key], after[key], at)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for at, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from changes(one, other, f"{path}/{at}")
    elif before != after:
        yield {"op": "replace", "path": path, "value": after}
