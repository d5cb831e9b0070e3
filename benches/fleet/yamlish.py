"""Writes documents as YAML text with template expressions: for platc, and for Jinja2 followed by PyYAML."""

import json
import re

from model import Each, Function, When, parts, sole_path

PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nil", "none", "nan", "inf", "e"}


class Dialect:
    """How a value stands in the text, and how a CloudFormation function is written."""

    def __init__(self, value, short_tags):
        self.value = value
        self.short_tags = short_tags


# The value keeps its type wherever it stands.
PLATC = Dialect("{{{{ {} }}}}", short_tags=True)
# JSON is YAML; without it a string like `1.30` or a list would come back as something else.
JINJA = Dialect("{{{{ {} | tojson }}}}", short_tags=False)


def scalar(value):
    """A scalar without holes, as YAML."""
    if isinstance(value, str) and PLAIN.fullmatch(value) and value.lower() not in WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def text(value):
    """A string with holes, in double quotes."""
    pieces = [f"{{{{ {part} }}}}" if n % 2 else json.dumps(part, ensure_ascii=False)[1:-1] for n, part in enumerate(parts(value))]
    return f'"{"".join(pieces)}"'


def lines(node, dialect, indent=0):
    """A map or list as lines."""
    pad = " " * indent
    if isinstance(node, dict):
        for key, value in node.items():
            if isinstance(key, When):
                yield f"{pad}{{% if {key.path} %}}"
                yield from lines(value, dialect, indent)
                yield f"{pad}{{% endif %}}"
            else:
                name = text(key) if len(parts(key)) > 1 else scalar(key)
                yield from entry(f"{pad}{name}:", value, dialect, indent + 2)
        return
    for item in node:
        if isinstance(item, Each):
            yield f"{pad}{{% for {item.name} in {item.path} %}}"
            yield from list_item(item.body, dialect, indent)
            yield f"{pad}{{% endfor %}}"
        elif isinstance(item, When):
            yield f"{pad}{{% if {item.path} %}}"
            yield from list_item(item.body, dialect, indent)
            yield f"{pad}{{% endif %}}"
        else:
            yield from list_item(item, dialect, indent)


def list_item(item, dialect, indent):
    pad = " " * indent
    if isinstance(item, dict) and item and not any(isinstance(key, When) for key in item):
        # The first key stands behind the dash.
        first, *rest = lines(item, dialect, indent + 2)
        yield f"{pad}- {first.lstrip()}"
        yield from rest
    else:
        yield from entry(f"{pad}-", item, dialect, indent + 2)


def entry(head, value, dialect, indent):
    """`head` with its value, on the same line where there is room for it."""
    if isinstance(value, Function):
        if dialect.short_tags:
            argument = ".".join(value.argument) if isinstance(value.argument, list) else value.argument
            yield f"{head} {value.short} {text(argument) if len(parts(argument)) > 1 else scalar(argument)}"
            return
        value = {value.long: value.argument}
    if isinstance(value, str):
        path = sole_path(value)
        if path:
            yield f"{head} {dialect.value.format(path)}"
        elif "\n" in value:
            yield f"{head} |"
            for line in value.splitlines():
                yield " " * indent + "".join(f"{{{{ {part} }}}}" if n % 2 else part for n, part in enumerate(parts(line)))
        else:
            yield f"{head} {text(value) if len(parts(value)) > 1 else scalar(value)}"
    elif isinstance(value, (dict, list)) and value:
        yield head
        yield from lines(value, dialect, indent)
    else:
        yield f"{head} {json.dumps(value)}"


def find(artifact):
    """The statement that looks an item up by its name."""
    if not artifact.find:
        return []
    name, path, wanted = artifact.find
    return [f'{{% set {name} = {path} | selectattr("name", "eq", "{wanted}") | first %}}']


def document(artifact, dialect):
    return "\n".join([*find(artifact), *lines(artifact.body, dialect)]) + "\n"


def output(artifact):
    return "".join(f"{{{{ {part} }}}}" if n % 2 else part for n, part in enumerate(parts(artifact.output)))
