#!/usr/bin/env python3
"""Compares what platc makes of charts with what Helm makes of them.

    benches/charts.py PLATC HELM FOLDER…

Each folder is a chart, or holds charts (folders, or `.tgz` as `helm pull` leaves them). Each chart is rendered with its
defaults and with each of its `ci/*-values.yaml`, by `helm template` and by `platc chart template`; both texts, and the
objects in them, must be equal, or both must refuse. Lines in which two runs of Helm differ are random, and not compared.
Prints one line a chart and what differs; exit 1 if anything does.
"""

import concurrent.futures
import difflib
import os
import subprocess
import sys
import tempfile
import time

import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def charts(folder):
    if folder.endswith(".tgz") or os.path.exists(os.path.join(folder, "Chart.yaml")):
        return [folder]
    if not os.path.isdir(folder):
        return []
    return [chart for name in sorted(os.listdir(folder)) for chart in charts(os.path.join(folder, name))]


def values(chart):
    ci = os.path.join(chart, "ci")
    files = sorted(os.listdir(ci)) if os.path.isdir(ci) else []
    return [None] + [os.path.join(ci, name) for name in files if name.endswith("values.yaml")]


def run(command):
    start = time.monotonic()
    try:
        done = subprocess.run(command, capture_output=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return 1, "", "it takes more than five minutes", time.monotonic() - start
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"), time.monotonic() - start


def objects(text):
    return [document for document in yaml.load_all(text, Loader) if document]


def same_objects(ours, theirs):
    try:
        return objects(ours) == objects(theirs)
    except yaml.YAMLError:
        return False


def only_random(ours, theirs, again):
    ours, theirs, again = ours.splitlines(), theirs.splitlines(), again.splitlines()
    if not len(ours) == len(theirs) == len(again):
        return False
    return all(a == b or b != c for a, b, c in zip(ours, theirs, again))


def compare(platc, helm, project, chart, file):
    options = ["--include-crds", "--kube-version", "1.35.0"]
    named = ["-f", file] if file else []
    theirs = run([helm, "template", "release-name", chart, *options, *named])
    ours = run([platc, "-C", project, "chart", "template", chart, *options, *named])
    if theirs[0] != 0 or ours[0] != 0:
        verdict = "both refuse" if theirs[0] != 0 and ours[0] != 0 else "helm refuses" if theirs[0] != 0 else "platc refuses"
        words = [part.strip()[-600:] for part in (theirs[2] if theirs[0] else "", ours[2] if ours[0] else "") if part]
        return verdict, "\n".join(words), ours[3], theirs[3]
    if ours[1] == theirs[1]:
        return "equal", "", ours[3], theirs[3]
    if only_random(ours[1], theirs[1], run([helm, "template", "release-name", chart, *options, *named])[1]):
        return "equal, random", "", ours[3], theirs[3]
    lines = difflib.unified_diff(theirs[1].splitlines(), ours[1].splitlines(), "helm", "platc", lineterm="", n=2)
    verdict = "equal objects" if same_objects(ours[1], theirs[1]) else "different"
    return verdict, "\n".join(list(lines)[:60]), ours[3], theirs[3]


def main():
    platc, helm, folders = sys.argv[1], sys.argv[2], sys.argv[3:]
    jobs = [(chart, file) for folder in folders for chart in charts(folder) for file in values(chart)]
    counts, took = {}, [0.0, 0.0]
    with tempfile.TemporaryDirectory() as project, concurrent.futures.ThreadPoolExecutor(2) as pool:
        with open(os.path.join(project, "platc.yaml"), "w", encoding="utf-8"):
            pass
        results = pool.map(lambda job: (job, compare(platc, helm, project, *job)), jobs)
        for (chart, file), (verdict, detail, ours, theirs) in results:
            counts[verdict] = counts.get(verdict, 0) + 1
            took[0] += ours
            took[1] += theirs
            name = os.path.basename(chart) + (" with " + os.path.basename(file) if file else "")
            print(f"{verdict:14} {name}  ({ours * 1000:.0f} ms, helm {theirs * 1000:.0f} ms)")
            if detail and verdict != "both refuse" or detail and os.environ.get("VERBOSE"):
                print("    " + detail.replace("\n", "\n    "))
    print(", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())))
    print(f"platc {took[0]:.2f} s, helm {took[1]:.2f} s")
    return 0 if set(counts) <= {"equal", "equal, random", "both refuse"} else 1


if __name__ == "__main__":
    sys.exit(main())
