#!/usr/bin/env python3
"""Puts questions and answers together: first the objects, then a line a question, with the fields that are refused."""

import json
import pathlib
import sys

import yaml


def line(value):
    return json.dumps(value, separators=(",", ":"))


for whole in yaml.safe_load_all((pathlib.Path(__file__).parent / "objects.yaml").read_text()):
    print(line({"object": whole}))
with open(sys.argv[1]) as questions:
    for question, answer in zip(questions, sys.stdin):
        said = json.loads(answer)
        if said is not None:
            fields = sorted({"decode" if it.startswith("decode: ") else it.split(": ", 1)[0] for it in said})
            print(line({**json.loads(question), "says": fields}))
