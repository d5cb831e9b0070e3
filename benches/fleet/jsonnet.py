"""The fleet as Jsonnet: layers are objects added with `+:`, artifacts functions of the environment."""

import json
import re

import environments
from environments import named
from model import Each, Function, When, evaluate, parts, sole_path

WORD = re.compile(r"[A-Za-z_]\w*")
KEYWORDS = {"assert", "else", "error", "false", "for", "function", "if", "import", "in", "local", "null", "self", "super", "tailstrict", "then", "true"}


def write(folder, artifacts, count):
    layers = {"base": {}}
    for layer in environments.base().values():
        layers["base"] |= layer
    layers |= {tier: environments.tier(tier) for tier in environments.TIERS}
    layers |= {region: environments.region(region) for region in environments.REGIONS}
    for name, layer in layers.items():
        put(folder / f"layers/{name}.libsonnet", layer_text(layer, name == "base") + "\n")
    entries = []
    for artifact in artifacts:
        source = f"artifacts/{artifact.template.removesuffix('.yaml')}.libsonnet"
        item = (artifact.each or artifact.find or (None,))[0]
        scope = {item} if item else set()
        put(folder / source, f"function(env{', ' + item if item else ''})\n{expression(artifact.body, scope, 1)}\n")
        entries.append((artifact, source))
    put(folder / "fleet.libsonnet", fleet(entries))
    for number in range(count):
        tier, region = environments.extends(number)
        chain = " + ".join(f"(import '../layers/{name}.libsonnet')" for name in ("base", tier, region))
        own = layer_text(environments.environment(number), False)
        put(folder / f"environments/env-{number:04d}.jsonnet", f"(import '../fleet.libsonnet')(\n{chain} + {own})\n")


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def fleet(entries):
    """The function from an environment to the texts of all its files."""
    manifest = "std.manifestYamlDoc({}, indent_array_in_object=true, quote_keys=false)"
    items = []
    for artifact, source in entries:
        if artifact.each:
            name, path = artifact.each
            call = manifest.format(f"(import '{source}')(env, {name})")
            items.append(f"+ {{ [{string(artifact.output, {name})}]: {call} for {name} in std.objectValues(env.{path}) }}")
        elif artifact.find:
            _, path, wanted = artifact.find
            call = manifest.format(f"(import '{source}')(env, env.{path}[{json.dumps(wanted)}])")
            items.append(f"+ {{ {json.dumps(artifact.output)}: {call} }}")
        else:
            call = manifest.format(f"(import '{source}')(env)")
            items.append(f"+ {{ {json.dumps(artifact.output)}: {call} }}")
    return "function(env) {}\n" + "\n".join(items) + "\n"


def layer_text(node, whole, indent=0):
    """A layer; lists of named items become objects by name, so that `+:` merges them. `whole` layers override nothing."""
    if named(node):
        node = {item["name"]: item for item in node}
    if not isinstance(node, dict):
        return json.dumps(node)
    pad = "  " * (indent + 1)
    rows = []
    for key, value in node.items():
        nested = isinstance(value, dict) or named(value)
        rows.append(f"{pad}{key_text(key)}{'+' if nested and not whole else ''}: {layer_text(value, whole, indent + 1)},\n")
    return "{\n" + "".join(rows) + "  " * indent + "}"


def key_text(key):
    return key if WORD.fullmatch(key) and key not in KEYWORDS else json.dumps(key)


def reference(path, scope):
    return path if path.split(".")[0] in scope else f"env.{path}"


def string(text, scope):
    path = sole_path(text)
    if path:
        return reference(path, scope)
    pieces = [reference(part, scope) if n % 2 else json.dumps(part, ensure_ascii=False) for n, part in enumerate(parts(text))]
    return " + ".join(piece for piece in pieces if piece != '""') or '""'


def expression(node, scope, indent=0):
    pad, end = "  " * (indent + 1), "  " * indent
    match node:
        case str():
            return string(node, scope)
        case dict():
            plain = {key: value for key, value in node.items() if not isinstance(key, When)}
            rows = []
            for key, value in plain.items():
                name = f"[{string(key, scope)}]" if len(parts(key)) > 1 else key_text(key)
                rows.append(f"{pad}{name}: {expression(value, scope, indent + 1)},\n")
            text = "{\n" + "".join(rows) + end + "}" if rows else "{}"
            for key, value in node.items():
                if isinstance(key, When):
                    text += f" + (if {reference(key.path, scope)} then {expression(value, scope, indent)} else {{}})"
            return text
        case list():
            groups, plain = [], []
            for item in node:
                if isinstance(item, (Each, When)):
                    if plain:
                        groups.append(f"[{', '.join(plain)}]")
                        plain = []
                    groups.append(repeated(item, scope, indent))
                else:
                    plain.append(expression(item, scope, indent + 1))
            if plain or not groups:
                groups.append(f"[{', '.join(plain)}]")
            return " + ".join(groups)
        case Function():
            return expression({node.long: node.argument}, scope, indent)
        case _:
            return json.dumps(evaluate(node, {}))


def repeated(item, scope, indent):
    if isinstance(item, When):
        return f"(if {reference(item.path, scope)} then [{expression(item.body, scope, indent + 1)}] else [])"
    body = expression(item.body, scope | {item.name}, indent + 1)
    return f"[{body} for {item.name} in {reference(item.path, scope)}]"
