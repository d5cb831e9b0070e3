#!/usr/bin/env python3
"""Asks cfn-lint what it makes of mistakes in templates: edits of the templates beside this, made by a seed.

    python3 ask.py > answers.jsonl          (with cfn-lint installed)

A line is a template, an edit (`at`, `op`, `value`) and the rules that cfn-lint says are broken, each with section and id.
"""

import copy
import json
import logging
import pathlib
import random

import yaml
from cfnlint.api import lint
from cfnlint.config import ManualArgs

EACH = 60
FOLDER = pathlib.Path(__file__).parent / "templates"

class Loader(yaml.SafeLoader):
    pass
Loader.yaml_implicit_resolvers = {k: [r for r in v if r[0] != 'tag:yaml.org,2002:timestamp'] for k, v in yaml.SafeLoader.yaml_implicit_resolvers.items()}

def load(path):
    return yaml.load(path.read_text(), Loader)

def paths(node, at=()):
    yield at, node
    if isinstance(node, dict):
        for k, v in node.items():
            yield from paths(v, at + (k,))
    elif isinstance(node, list):
        for i, v in enumerate(node):
            yield from paths(v, at + (i,))

def get(node, at):
    for s in at: node = node[s]
    return node

def typo(r, text):
    i = r.randrange(max(1, len(text)))
    kind = r.randrange(3)
    if kind == 0 and len(text) > 2: return text[:i] + text[i+1:]
    if kind == 1 and i + 1 < len(text) and text[i] != text[i+1]: return text[:i] + text[i+1] + text[i] + text[i+2:]
    return text[:i] + text[i:i+1] + text[i:]

def apply(doc, edit):
    doc = copy.deepcopy(doc)
    at, op, value = edit['at'], edit['op'], edit.get('value')
    parent = get(doc, at[:-1])
    key = at[-1]
    if op == 'set': parent[key] = value
    elif op == 'remove': del parent[key]
    elif op == 'rename':
        items = [(value if k == key else k, v) for k, v in parent.items()]
        parent.clear(); parent.update(items)
    elif op == 'add': parent[key] = value
    elif op == 'repeat': parent[key].append(copy.deepcopy(parent[key][0]))
    return doc

FUNCS = ('Ref', 'Condition')
def is_fn(n): return isinstance(n, dict) and len(n) == 1 and (list(n)[0].startswith('Fn::') or list(n)[0] in FUNCS)

def edits(doc, r, count):
    allp = [(p, n) for p, n in paths(doc) if p]
    res = [p for p, n in allp if p[0] == 'Resources' and len(p) > 1]
    props = [(p, n) for p, n in allp if p[0] == 'Resources' and len(p) > 3 and p[2] == 'Properties' and 'Metadata' not in p]
    keys = [(p, n) for p, n in props if isinstance(p[-1], str) and not p[-1].startswith('Fn::') and p[-1] != 'Ref']
    scal = [(p, n) for p, n in props if isinstance(n, (str, int, bool)) and not any(isinstance(s, str) and s.startswith('Fn::') or s == 'Ref' for s in p)]
    lists = [(p, n) for p, n in props if isinstance(n, list) and n and not any(isinstance(s, str) and s.startswith('Fn::') for s in p)]
    maps = [(p, n) for p, n in props if isinstance(n, dict) and not is_fn(n) and not any(isinstance(s, str) and s.startswith('Fn::') for s in p)]
    fns = [(p, n) for p, n in allp if is_fn(n)]
    tops = [(p, n) for p, n in allp if p[0] == 'Resources' and len(p) == 3]
    ids = [p for p, n in allp if len(p) == 2 and p[0] in ('Resources', 'Outputs', 'Parameters', 'Conditions', 'Mappings')]
    outs = [(p, n) for p, n in allp if p[0] == 'Outputs' and len(p) == 3]
    params = [(p, n) for p, n in allp if p[0] == 'Parameters' and len(p) == 3]
    sections = [(p, n) for p, n in allp if len(p) == 1]
    def pick(l): return r.choice(l) if l else None
    def E(at, op, value=None, what=''): return {'at': list(at), 'op': op, 'value': value, 'what': what}
    def m_key_typo():
        x = pick(keys); return x and E(x[0], 'rename', typo(r, x[0][-1]), 'property typo')
    def m_key_case():
        x = pick(keys); k = x and x[0][-1]; return x and E(x[0], 'rename', k[:1].swapcase() + k[1:], 'property case')
    def m_remove():
        x = pick(keys); return x and E(x[0], 'remove', None, 'property removed')
    def m_scalar_list():
        x = pick(scal); return x and E(x[0], 'set', [x[1]], 'list for scalar')
    def m_scalar_map():
        x = pick(scal); return x and E(x[0], 'set', {'Value': x[1]}, 'map for scalar')
    def m_list_scalar():
        x = pick(lists); return x and E(x[0], 'set', 'text', 'text for list')
    def m_list_map():
        x = pick(lists); return x and E(x[0], 'set', {'Item': x[1][0]}, 'map for list')
    def m_list_empty():
        x = pick(lists); return x and E(x[0], 'set', [], 'empty list')
    def m_list_repeat():
        x = pick(lists); return x and E(x[0], 'repeat', None, 'repeated item')
    def m_map_text():
        x = pick(maps); return x and E(x[0], 'set', 'text', 'text for map')
    def m_map_list():
        x = pick(maps); return x and E(x[0], 'set', [x[1]], 'list for map')
    def m_map_empty():
        x = pick(maps); return x and E(x[0], 'set', {}, 'empty map')
    def m_value_typo():
        x = pick([(p, n) for p, n in scal if isinstance(n, str) and n]); return x and E(x[0], 'set', typo(r, x[1]), 'value typo')
    def m_value_case():
        x = pick([(p, n) for p, n in scal if isinstance(n, str) and n]); return x and E(x[0], 'set', x[1].lower() if x[1] != x[1].lower() else x[1].upper(), 'value case')
    def m_value_empty():
        x = pick(scal); return x and E(x[0], 'set', '', 'empty text')
    def m_value_long():
        x = pick([(p, n) for p, n in scal if isinstance(n, str)]); return x and E(x[0], 'set', (x[1] or 'x') * 400, 'long text')
    def m_value_bad():
        x = pick(scal); return x and E(x[0], 'set', r.choice(['not valid!', 'a b', '-', '$%&', 'xyz']), 'bad text')
    def m_number():
        x = pick([(p, n) for p, n in scal if isinstance(n, int) and not isinstance(n, bool)]); return x and E(x[0], 'set', r.choice([-1, 0, 1000000, 'many', 2.5]), 'number')
    def m_bool():
        x = pick([(p, n) for p, n in scal if isinstance(n, bool)]); return x and E(x[0], 'set', r.choice(['yes', 'on', 2, 'enabled']), 'boolean')
    def m_null():
        x = pick(keys); return x and E(x[0], 'set', None, 'null')
    def m_extra():
        x = pick(maps); return x and E(x[0] + (r.choice(['Foo', 'Nme', 'Enabled', 'Id']),), 'add', 'x', 'extra property')
    def m_ref():
        x = pick([(p, n) for p, n in fns if 'Ref' in n and not n['Ref'].startswith('AWS::')]); return x and E(x[0] + ('Ref',), 'set', typo(r, x[1]['Ref']), 'Ref typo')
    def m_pseudo():
        x = pick([(p, n) for p, n in fns if 'Ref' in n and n['Ref'].startswith('AWS::')]); return x and E(x[0] + ('Ref',), 'set', typo(r, x[1]['Ref']), 'pseudo typo')
    def m_getatt():
        x = pick([(p, n) for p, n in fns if 'Fn::GetAtt' in n and isinstance(n['Fn::GetAtt'], list)])
        if not x: return None
        i = r.randrange(2); return E(x[0] + ('Fn::GetAtt', i), 'set', typo(r, x[1]['Fn::GetAtt'][i]), 'GetAtt typo')
    def m_getatt_other():
        x = pick([(p, n) for p, n in fns if 'Fn::GetAtt' in n and isinstance(n['Fn::GetAtt'], list)])
        return x and E(x[0] + ('Fn::GetAtt', 1), 'set', r.choice(['Arn', 'Id', 'Name', 'Endpoint']), 'GetAtt attribute')
    def m_fn_form():
        x = pick(fns)
        if not x: return None
        k = list(x[1])[0]; v = x[1][k]
        bad = r.choice([{}, [], 'text', 5, {'a': 'b'}, v[:1] if isinstance(v, list) else [v]])
        return E(x[0] + (k,), 'set', bad, 'function form ' + k)
    def m_fn_name():
        x = pick(fns)
        if not x: return None
        k = list(x[1])[0]; return E(x[0] + (k,), 'rename', typo(r, k), 'function typo')
    def m_sub():
        x = pick([(p, n) for p, n in fns if 'Fn::Sub' in n and isinstance(n['Fn::Sub'], str)])
        if not x: return None
        t = x[1]['Fn::Sub']; i = t.find('${'); j = t.find('}', i)
        if i < 0: return None
        return E(x[0] + ('Fn::Sub',), 'set', t[:i+2] + typo(r, t[i+2:j]) + t[j:], 'Sub typo')
    def m_sub_plain():
        x = pick([(p, n) for p, n in fns if 'Fn::Sub' in n and isinstance(n['Fn::Sub'], str)])
        return x and E(x[0], 'set', x[1]['Fn::Sub'], 'Sub forgotten')
    def m_top_typo():
        x = pick(tops); return x and E(x[0], 'rename', typo(r, x[0][-1]), 'attribute typo')
    def m_type():
        x = pick([(p, n) for p, n in tops if p[-1] == 'Type']); return x and E(x[0], 'set', typo(r, x[1]), 'type typo')
    def m_policy():
        x = pick(res); return x and E(x[:2] + (r.choice(['DeletionPolicy', 'UpdateReplacePolicy']),), 'set', r.choice(['Retained', 'retain', 'Keep', 'Snapshot', True, 'Delete ']), 'policy word')
    def m_depends():
        x = pick(res); return x and E(x[:2] + ('DependsOn',), 'set', r.choice(['Nothing', ['Nothing'], {'a': 'b'}, 5, [x[1]], x[1]]), 'DependsOn')
    def m_condition():
        x = pick(res); return x and E(x[:2] + ('Condition',), 'set', r.choice(['Nothing', ['Nothing'], {'Fn::Equals': ['a', 'a']}]), 'Condition')
    def m_id():
        x = pick(ids); return x and E(x, 'rename', x[1] + r.choice(['-', '_', '.x', ' ']), 'id')
    def m_section():
        x = pick(sections); return x and E(x[0], 'rename', typo(r, x[0][0]), 'section typo')
    def m_section_form():
        x = pick([(p, n) for p, n in sections]); return x and E(x[0], 'set', r.choice([[], 'text', [{'a': 1}], {}, 5]), 'section form')
    def m_out():
        x = pick(outs); return x and E(x[0], r.choice(['remove', 'rename']), typo(r, x[0][-1]), 'output')
    def m_out_value():
        x = pick(outs); return x and E(x[0], 'set', r.choice([['a'], {'a': 'b'}, 5, None, True]), 'output value')
    def m_param():
        n = 'P' + str(r.randrange(9))
        p = r.choice([{'Type': 'Strin'}, {'Type': 'Number', 'Default': 'abc'}, {'Type': 'String', 'Default': 'c', 'AllowedValues': ['a', 'b']},
                      {'Type': 'String', 'AllowedPattern': '[a-z]+', 'Default': 'A1'}, {'Type': 'String', 'MinLength': 5, 'Default': 'abc'}, {'Default': 'x'},
                      {'Type': 'String', 'AllowedValue': ['a']}, {'Type': 'Number', 'MinValue': 5, 'Default': 1}, {'Type': 'String', 'NoEcho': 'maybe'},
                      {'Type': 'String', 'AllowedValues': 'a'}, {'Type': 'String', 'Default': ['a']}, {'Type': 'List<Strin>'}, {'Type': 'String', 'MaxLength': 'x'},
                      {'Type': 'CommaDelimitedList', 'Default': 'a,b', 'AllowedValues': ['a']}, {'Type': 'AWS::EC2::VPC::Idd'}, 'String', {'Type': 'String', 'Description': ['a']},
                      {'Type': 'String', 'ConstraintDescription': 5, 'Default': {'Ref': 'AWS::Region'}}])
        return E(('Parameters',), 'add', {**doc.get('Parameters', {}), n: p}, 'parameter')
    def m_cond_section():
        n = 'C' + str(r.randrange(9))
        c = r.choice([{'Fn::Equals': ['a']}, {'Fn::Equals': 'a'}, {'Fn::Not': [{'Condition': 'Nowhere'}]}, {'Fn::Or': [{'Fn::Equals': ['a', 'b']}]}, {'Fn::And': {}},
                      {'Fn::If': ['a', 'b', 'c']}, True, 'text', {'Fn::Equals': ['a', 'b'], 'x': 1}, {'Fn::Equals': [{'Fn::GetAtt': ['A', 'Arn']}, 'b']}, {'Ref': 'AWS::Region'}, {'Fn::Not': {'Fn::Equals': ['a', 'b']}},
                      {'Fn::Equals': [{'Ref': res[0][1]}, 'b']}, {'Condition': ['x']}, []])
        return E(('Conditions',), 'add', {**doc.get('Conditions', {}), n: c}, 'condition definition')
    def m_mapping():
        c = r.choice([{'M': 'text'}, {'M': {'a': 'b'}}, {'M': {'a': {}}}, {'M': {'a': {'b': {'c': 'd'}}}}, {'M-x': {'a': {'b': 'c'}}}, {'M': {'a': {'b': {'Ref': 'AWS::Region'}}}}, {'M': {'a!': {'b': 'c'}}}, {'M': {}}, [], {'M': {'a': {'b': None}}}, {'M': {'a': {'b': [{'x': 'y'}]}}}])
        return E(('Mappings',), 'add', c, 'mapping')
    def m_outputs_extra():
        c = r.choice([{'Value': ['a', 'b']}, {'Description': 'x'}, {'Value': 'a', 'Export': 'x'}, {'Value': 'a', 'Export': {'Nam': 'x'}}, {'Value': 'a', 'Export': {'Name': ['x']}}, {'Value': 'a', 'Condition': 'Nowhere'}, 'a', {'Value': {'Ref': 'Nowhere'}}, {'Value': 'a', 'Description': {'Ref': 'AWS::Region'}}, {'Value': {'Fn::GetAtt': [res[0][1], 'Nope']}}, {'Value': 'a', 'Extra': 'b'}])
        return E(('Outputs',), 'add', {**doc.get('Outputs', {}), 'O1': c}, 'output definition')
    def m_fn_new():
        x = pick(scal)
        c = r.choice([{'Fn::Join': ['-']}, {'Fn::Join': '-'}, {'Fn::Join': ['-', 'a']}, {'Fn::Select': [0]}, {'Fn::Select': ['x', ['a']]}, {'Fn::Select': [3, ['a', 'b']]}, {'Fn::Split': ['a']}, {'Fn::Split': 'a'},
                      {'Fn::If': ['Nowhere', 'a', 'b']}, {'Fn::If': ['a', 'b']}, {'Fn::Sub': ['a']}, {'Fn::Sub': ['${A}', {'B': 'c'}]}, {'Fn::Sub': ['${A}', 'b']}, {'Fn::FindInMap': ['M', 'a']}, {'Fn::FindInMap': ['Nowhere', 'a', 'b']},
                      {'Fn::Base64': ['a']}, {'Fn::Cidr': ['10.0.0.0/16', 2]}, {'Fn::GetAZs': ['a']}, {'Fn::ImportValue': ['a']}, {'Fn::Equals': ['a', 'b']}, {'Fn::Foo': 'a'}, {'Ref': ['a']}, {'Fn::GetAtt': 'A'}, {'Fn::GetAtt': ['A']}, {'Fn::Transform': 'a'}, {'Fn::Join': ['-', ['a', {'b': 'c'}]]}, {'Ref': 'AWS::Account'}, {'Fn::Length': ['a']}, {'Fn::Not': [True]}, {'Fn::Sub': 5}, {'Fn::Sub': '${'}, {'Fn::Sub': '${AWS::Foo}'}])
        return x and E(x[0], 'set', c, 'function ' + list(c)[0])
    weights = [(m_key_typo, 4), (m_key_case, 2), (m_remove, 6), (m_scalar_list, 2), (m_scalar_map, 2), (m_list_scalar, 2), (m_list_map, 1), (m_list_empty, 2), (m_list_repeat, 3), (m_map_text, 2), (m_map_list, 1), (m_map_empty, 2),
               (m_value_typo, 5), (m_value_case, 4), (m_value_empty, 3), (m_value_long, 3), (m_value_bad, 4), (m_number, 4), (m_bool, 2), (m_null, 1), (m_extra, 3), (m_ref, 2), (m_pseudo, 1), (m_getatt, 2), (m_getatt_other, 2), (m_fn_form, 5), (m_fn_name, 1), (m_sub, 2), (m_sub_plain, 1),
               (m_top_typo, 2), (m_type, 2), (m_policy, 2), (m_depends, 2), (m_condition, 2), (m_id, 2), (m_section, 1), (m_section_form, 1), (m_out, 2), (m_out_value, 1), (m_param, 4), (m_cond_section, 3), (m_mapping, 2), (m_outputs_extra, 2), (m_fn_new, 5)]
    bag = [f for f, w in weights for _ in range(w)]
    done = 0; tries = 0
    seen = set()
    while done < count and tries < count * 5:
        tries += 1
        e = r.choice(bag)()
        if not e: continue
        k = json.dumps(e)
        if k in seen: continue
        seen.add(k)
        try:
            apply(doc, e)
        except Exception: continue
        done += 1
        yield e


def ask(document):
    answers = lint(json.dumps(document, indent=1), config=ManualArgs(regions=["eu-central-1"]))
    return {(it.rule.id, "/".join(str(step) for step in (getattr(it, "path", None) or [])[:2])) for it in answers if it.rule.id[0] == "E"}


logging.disable(logging.CRITICAL)
for path in sorted(FOLDER.glob("*.yaml")):
    document = load(path)
    assert not ask(document), path
    for edit in edits(document, random.Random(f"platc {path.name}"), EACH):
        answers = sorted(ask(apply(document, edit)))
        row = {"template": path.stem, **edit, "answers": [" ".join(it) for it in answers]}
        print(json.dumps(row), flush=True)
