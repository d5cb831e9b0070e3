"""Holds that a project twice as large takes twice as long: counts the instructions of runs at three sizes, and compares them.

    cargo build --release
    bash .ci/tools.sh readers valgrind
    .ci/tools/venv/bin/python benches/linear.py            # 5 MB, 50,000 items, 10,000 templates: some ten minutes
    .ci/tools/venv/bin/python benches/linear.py --part 10  # a tenth of all sizes

From a quarter to half a size, and from there to all of it: the second step is twice the first if a run is linear, whatever it costs to
begin with, and four times if there is a loop within a loop. Sorting is not quite linear, and larger tables are slower to look into.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

import instructions

# How many times the first step the second may be.
MOST = 2.4

SCHEMA = """\
type: object
additionalProperties: false
properties:
  name: {type: string}
  title: {type: string}
  items:
    type: array
    x-kubernetes-list-type: map
    x-kubernetes-list-map-keys: [name]
    items:
      type: object
      additionalProperties: false
      required: [name]
      properties:
        name: {type: string}
        size: {type: integer, minimum: 0}
        labels: {type: object, additionalProperties: {type: string}}
"""

NAMES = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ name }}
  namespace: web
  annotations:
    example.com/title: {{ title | default("none") }}
data: {}
"""

LIST = """\
{% for item in items %}
- name: {{ item.name }}
  size: {{ item.size }}
  labels: {{ item.labels | default({}) }}
{% endfor %}
"""


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def project(folder, layers, templates):
    """A project of one environment over a base: both are texts; templates by their names."""
    shutil.rmtree(folder, ignore_errors=True)
    write(folder / "platc.yaml", "")
    write(folder / "schemas/environment.schema.yaml", SCHEMA)
    write(folder / "environments/base/base.yaml", layers[0])
    write(folder / "environments/one/environment.yaml", "extends: [../base]\nname: one\n" + layers[1])
    for name, text in templates.items():
        write(folder / "templates" / name, text)
    return folder


def items(count, labels):
    """A list of so many, each with so many labels."""
    lines = ["items:"]
    for number in range(count):
        lines += [f"- name: item-{number:06}", f"  size: {number}"]
        lines += ["  labels:"] * (labels > 0)
        lines += [f"    label-{label}: value of {number}" for label in range(labels)]
    return "\n".join(lines) + "\n"


def large_environment(folder, size):
    """An environment of so many bytes: a list of the base of which each item has something else in the overlay."""
    one = len(items(2, 12)) - len(items(1, 12))
    count = size // one
    overlay = "items:\n" + "".join(f"- {{name: item-{number:06}, size: 1}}\n" for number in range(0, count, 16))
    # One label of each is printed: no file may be larger than 4 MB.
    printed = LIST.replace("{{ item.labels | default({}) }}", "[{{ item.labels['label-1'] }}]")
    return project(folder, (items(count, 12), overlay), {"list.yaml.j2": printed})


def long_list(folder, size):
    """A list of so many small items."""
    return project(folder, (items(size, 0), ""), {"list.yaml.j2": LIST})


def many_templates(folder, size):
    """So many templates, each of which makes an object of its own."""
    templates = {f"t{number:05}.yaml.j2": NAMES.replace("{{ name }}", f"n-{number:05}") for number in range(size)}
    return project(folder, ("title: a title\n", ""), templates)


def many_objects(folder, size):
    """One template that makes so many objects, each of an item of some 200 bytes: what is read bounds what may be made."""
    front = "{#- platc\nfor_each: item in items\noutput: '{{ item.name }}.yaml'\n-#}\n"
    return project(folder, (items(size, 6), ""), {"each.yaml.j2": front + NAMES.replace("{{ name }}", "{{ item.name }}")})


def renamed_items(folder, size):
    """A list of so many items in a golden tree, all of which have another name and another place now."""
    made = project(folder, (items(0, 0), ""), {})
    listed = lambda name: "l:\n" + "".join(f"- {{name: {name(number)}, v: [1, 2]}}\n" for number in range(size))
    write(folder / "golden/one/l.yaml", listed(lambda number: f"old-{number}"))
    write(folder / "golden/one/.platc/manifest", "platc tree 1\nl.yaml\t" + "0" * 64 + "\t0\ttemplates/l.yaml\n")
    write(folder / "templates/l.yaml", listed(lambda number: f"new-{size - number}"))
    return made


def many_keys(folder, size):
    """A map of so many keys in a golden tree, half of which are others now, in another order."""
    made = project(folder, (items(0, 0), ""), {})
    listed = lambda keys: "m:\n" + "".join(f"  key-{number}: {{a: {number}}}\n" for number in keys)
    write(folder / "golden/one/m.yaml", listed(range(size)))
    write(folder / "golden/one/.platc/manifest", "platc tree 1\nm.yaml\t" + "0" * 64 + "\t0\ttemplates/m.yaml\n")
    write(folder / "templates/m.yaml", listed(range(size + size // 2, size // 2, -1)))
    return made


def renamed_images(folder, size):
    """So many pods, and a kustomization that gives each image the name of the next one."""
    made = project(folder, (items(0, 0), ""), {})
    pod = "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{0}, namespace: web}}\nspec: {{containers: [{{name: c, image: \"x{0}:1\"}}]}}\n"
    write(folder / "templates/p.yaml", "".join(pod.format(number) for number in range(size)))
    images = "".join(f"- {{name: x{number}, newName: x{number + 1}}}\n" for number in range(size))
    write(folder / "templates/kustomization.yaml", f"kind: Kustomization\nresources: [p.yaml]\nimages:\n{images}")
    return made


# What is made, how large, and the command; without one, it is rendered.
CASES = {
    "bytes of one environment": (large_environment, 5_000_000),
    "items of one list": (long_list, 50_000),
    "templates": (many_templates, 10_000),
    "objects of one template": (many_objects, 10_000),
    "items that are renamed": (renamed_items, 50_000, "diff", "--view", "structure"),
    "keys that differ": (many_keys, 50_000, "diff", "--view", "structure"),
    "images that are renamed": (renamed_images, 20_000, "images"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", type=int, default=1, metavar="N", help="an Nth of all sizes")
    parser.add_argument("--only", choices=CASES, metavar="CASE", help=", ".join(CASES))
    parser.add_argument("--platc", type=Path, default=instructions.ROOT / "target/release/platc", metavar="PROGRAM")
    arguments = parser.parse_args()
    if not shutil.which("valgrind"):
        raise SystemExit("there is no valgrind: `bash .ci/tools.sh valgrind` installs it")
    platc, good = arguments.platc.resolve(), True
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)

        def count(make, size, command):
            made = make(folder / "project", size)
            if command:
                return instructions.count(platc, made, *command, "--no-cache", codes=(0, 1))
            return instructions.count(platc, made, "render", "--no-cache", "--out-dir", folder / f"tree-{make.__name__}-{size}")

        print("| | size | instructions | half the size | a quarter | step by step |\n|---|---:|---:|---:|---:|---:|")
        for name, (make, size, *command) in CASES.items():
            if arguments.only not in (None, name):
                continue
            size //= arguments.part
            quarter, half, whole = (count(make, size // part, command) for part in (4, 2, 1))
            ratio = (whole - half) / (half - quarter)
            good &= ratio <= MOST
            verdict = "" if ratio <= MOST else f" **more than {MOST}**"
            counts = " | ".join(f"{number / 1e6:,.0f} M" for number in (whole, half, quarter))
            print(f"| {name} | {size:,} | {counts} | {ratio:.2f}{verdict} |", flush=True)
    if not good:
        raise SystemExit("twice the size is more than twice the work")


if __name__ == "__main__":
    main()
