#!/usr/bin/env python3
"""Changes objects of Kubernetes in one place each, as people do by mistake, and writes a question a line:

    {"of": "Deployment/web", "at": ["spec", "replicas"], "to": -1}

Without "to" the place is left out; one past the end of a list appends to it. By their kind, all changes of a place are made:
what is needed is missing, words and names are changed, numbers leave their bounds, fields stand beside each other that
exclude each other, items stand twice. Of these, an even choice is taken that is always the same.

    python3 changes.py COUNT SEED [OBJECTS…]     with --whole, the changed objects instead, for whoever judges them
"""

import copy
import json
import pathlib
import random
import sys

import yaml

HERE = pathlib.Path(__file__).parent
TABLES = HERE.parent.parent / "src/rules/schemas/built_in"
FIELDS = (TABLES / "fields.txt").read_text()
KINDS = dict(line.rsplit(" ", 1) for line in (TABLES / "kinds.txt").read_text().splitlines() if not line.startswith("#"))
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
LONG, LONGER = "a" * 64, "b" * 300


def part(code):
    """The fields of a part, with the codes of their forms."""
    at = sum(DIGITS.index(digit) * 62**power for power, digit in enumerate(reversed(code)))
    return dict(entry.split("=", 1) for entry in FIELDS[at : FIELDS.index("\n", at)].split(" "))


def filled(code, deep=0):
    """Something that fits into a field."""
    if code.startswith("["):
        return [filled(code[1:], deep + 1)]
    if code.startswith("{"):
        return {"some": filled(code[1:], deep + 1)}
    return {"s": "some", "i": 1, "n": 1, "b": True, "p": 1, "q": "1", "*": {}}.get(code, {})


def of_text(text):
    yield "empty", ""
    if text:
        first = text[0].lower() if text[0].isupper() else text[0].upper()
        yield "case", first + text[1:]
        yield "end", text + "-"
        yield "beginning", "_" + text
        yield "twice", text + text
        yield "spaces", text + " x"
        yield "shorter", text[:-1]
        yield "slash", text[1:] if text.startswith("/") else "/" + text
    yield "long", LONG
    yield "longer", LONGER
    yield "up", "../" + text
    yield "other", "something-else"
    yield "number", 7


def of_number(number):
    yield from (("less", -1), ("none", 0), ("port", 65536), ("more", number * 1000 + 5), ("huge", 2147483648))
    yield "quoted", str(number)


def of_quantity(value):
    yield from (("less", "-1"), ("none", "0"), ("bytes", "512MB"), ("word", "much"), ("part", "1.5"), ("milli", "5m"))
    yield "exact", "2.5Gi"
    yield "huge", "1000000"


def of_share(value):
    yield from (("less", -1), ("none", 0), ("text", "1"), ("over", "150%"), ("word", "half"), ("minus", "-5%"), ("both", "0%"))
    yield from (("name", "a-name-that-is-longer-than-15"), ("port", 65536))


def of_map(kind, value, code):
    """Fields that a map lacks and could have, and one that it could not."""
    if code == "{s":
        yield "key", ["not a key"], "x"
        yield "key", ["-key"], "x"
        yield "value", ["key"], "not a value!"
        yield "value", ["key"], LONG
        yield "number", ["key"], 1
    elif code == "{q":
        yield "key", ["things"], "1"
        yield "key", ["example.com/things"], "1"
        yield "value", ["example.com/things"], "1.5"
    elif len(code) == 3:
        known = part(code)
        for name, inner in known.items():
            if name not in value and name not in ("status", "managedFields", "selfLink", "uid", "resourceVersion", "generation"):
                yield "beside", [name], filled(inner)
        yield "unknown", ["colour"], "red"


def changes(node, code, at):
    """(kind of change, place, new value or nothing) of a value and what is below."""
    if at:
        yield "missing", at, None
    if isinstance(node, dict):
        if at:
            yield "empty", at, [{}]
        for how, below, new in of_map(how_of(at), node, code):
            yield how, [*at, *below], [new]
        fields = part(code) if len(code) == 3 else {}
        for key, value in node.items():
            inner = code[1:] if code.startswith("{") else fields.get(key, "*")
            yield from changes(value, inner, [*at, key])
    elif isinstance(node, list):
        yield "empty", at, [[]]
        if node:
            yield "again", [*at, len(node)], [copy.deepcopy(node[0])]
            yield "hollow", [*at, len(node)], [{} if isinstance(node[0], dict) else ""]
            yield "single", at, [node[0]]
        for index, value in enumerate(node):
            yield from changes(value, code[1:] if code.startswith("[") else "*", [*at, index])
    elif code == "q":
        yield from ((how, at, [new]) for how, new in of_quantity(node))
    elif code == "p":
        yield from ((how, at, [new]) for how, new in of_share(node))
    elif isinstance(node, bool):
        yield "not", at, [not node]
        yield "quoted", at, [str(node).lower()]
    elif isinstance(node, int):
        yield from ((how, at, [new]) for how, new in of_number(node))
    elif isinstance(node, str):
        yield from ((how, at, [new]) for how, new in of_text(node))


def how_of(at):
    return at[-1] if at else ""


def changed(whole, at, new):
    """A copy of an object with one place changed, or nothing where that is no change."""
    whole = copy.deepcopy(whole)
    node = whole
    for step in at[:-1]:
        node = node[step]
    last = at[-1]
    if new is None:
        del node[last]
    elif isinstance(last, int) and last == len(node):
        node.append(new[0])
    elif isinstance(last, int) and node[last] == new[0] or isinstance(node, dict) and node.get(last, node) == new[0]:
        return None
    else:
        node[last] = new[0]
    return whole


def kind_of(whole):
    group, _, version = whole["apiVersion"].rpartition("/")
    return f"{group}/{version}/{whole['kind']}"


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--whole"]
    count, seed, *files = arguments
    choice = random.Random(int(seed))
    lots = {}
    for file in files or [HERE / "objects.yaml"]:
        text = pathlib.Path(file).read_text()
        wholes = map(json.loads, text.splitlines()) if str(file).endswith("l") and "jsonl" in str(file) else yaml.safe_load_all(text)
        for whole in wholes:
            kind = kind_of(whole)
            if kind not in KINDS:
                continue
            for how, at, new in changes(whole, KINDS[kind], []):
                if at[0] in ("apiVersion", "kind"):
                    continue
                lots.setdefault((kind, how), []).append((whole, at, new))
    lots = [choice.sample(lots[key], len(lots[key])) for key in sorted(lots)]
    taken = []
    while len(taken) < int(count) and any(lots):
        for lot in lots:
            if lot and len(taken) < int(count):
                taken.append(lot.pop())
    for whole, at, new in taken:
        whole_changed = changed(whole, at, new)
        if whole_changed is None:
            continue
        if "--whole" in sys.argv:
            print(json.dumps(whole_changed))
            continue
        question = {"of": f"{whole['kind']}/{whole['metadata']['name']}", "at": at}
        if new is not None:
            question["to"] = new[0]
        print(json.dumps(question, separators=(",", ":")))


if __name__ == "__main__":
    main()
