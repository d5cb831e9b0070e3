"""Artifacts as data, from which each contestant's own source is written and the expected output computed.

A document is made of maps, lists, strings, numbers and booleans. In a string, `<a.b>` stands for a value of the
environment; a string that is nothing else takes the value with its type. `Each` repeats a list item, `When` keeps a
list item or the entries of a map under a condition. CloudFormation functions are `Ref`, `GetAtt` and `Sub`.
"""

import re
from dataclasses import dataclass
from typing import Any

HOLE = re.compile(r"<([a-zA-Z][\w]*(?:\.[a-zA-Z]\w*)*)>")


@dataclass(frozen=True)
class Each:
    """In a list: `body` once for every item of the list at `path`, called `name` in there."""

    name: str
    path: str
    body: Any


@dataclass(frozen=True)
class When:
    """In a list: `body` as an item if the value at `path` is true. As a key of a map: the entries below it, if so."""

    path: str
    body: Any = None


@dataclass(frozen=True)
class Function:
    """A CloudFormation function with its argument, long form and short: `Ref`, `Fn::GetAtt`, `Fn::Sub`."""

    long: str
    short: str
    argument: Any


def Ref(name):
    return Function("Ref", "!Ref", name)


def GetAtt(name, attribute):
    return Function("Fn::GetAtt", "!GetAtt", [name, attribute])


def Sub(text):
    return Function("Fn::Sub", "!Sub", text)


@dataclass(frozen=True)
class Artifact:
    """One template. `output` may hold values; `each` is `(name, path)` where it makes a file for every item of a list;
    `find` is `(name, path, wanted)` where it uses the item of a list whose `name` is the wanted one."""

    template: str
    output: str
    body: Any
    each: tuple | None = None
    find: tuple | None = None


def parts(text):
    """A string as a list of literal texts and paths, in turns: `a<b.c>d` is `['a', 'b.c', 'd']`."""
    return HOLE.split(text)


def sole_path(text):
    """The path of a string that is one value and nothing else."""
    found = HOLE.fullmatch(text)
    return found[1] if found else None


def lookup(scope, path):
    value = scope
    for key in path.split("."):
        value = value[key]
    return value


def in_text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def evaluate(node, scope):
    """The document as plain data for one environment."""
    match node:
        case str():
            path = sole_path(node)
            if path:
                return lookup(scope, path)
            return "".join(in_text(lookup(scope, part)) if n % 2 else part for n, part in enumerate(parts(node)))
        case dict():
            result = {}
            for key, value in node.items():
                if isinstance(key, When):
                    if lookup(scope, key.path):
                        result |= evaluate(value, scope)
                else:
                    result[evaluate(key, scope)] = evaluate(value, scope)
            return result
        case list():
            result = []
            for item in node:
                if isinstance(item, Each):
                    result += [evaluate(item.body, scope | {item.name: one}) for one in lookup(scope, item.path)]
                elif isinstance(item, When):
                    if lookup(scope, item.path):
                        result.append(evaluate(item.body, scope))
                else:
                    result.append(evaluate(item, scope))
            return result
        case Function():
            return {node.long: evaluate(node.argument, scope)}
        case _:
            return node


def files(artifacts, environment):
    """Path and document of every file of one environment."""
    for artifact in artifacts:
        items = [{}]
        if artifact.each:
            name, path = artifact.each
            items = [{name: item} for item in lookup(environment, path)]
        if artifact.find:
            name, path, wanted = artifact.find
            items = [{name: next(item for item in lookup(environment, path) if item["name"] == wanted)}]
        for item in items:
            scope = environment | item
            yield evaluate(artifact.output, scope), evaluate(artifact.body, scope)
