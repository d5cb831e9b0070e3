"""Questions in CEL: those of questions.txt, and as many more as asked for, made at random from a grammar of typed expressions.

    python3 questions.py 3000 | kubernetes-cel | python3 keep.py >answers.jsonl

The same number gives the same questions.
"""
import json
import random
import sys
from pathlib import Path

TEXT, LIST = {"type": "string"}, "array"
ITEM = {"type": "object", "required": ["k"], "properties": {"k": TEXT, "v": TEXT}}
BY_KEY = {"type": LIST, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"], "items": ITEM}
SET = {"type": LIST, "x-kubernetes-list-type": "set", "items": TEXT}
SCHEMA = {
    "type": "object",
    "properties": {
        "t": {"type": "string", "format": "date-time"},
        "d": {"type": "string", "format": "date"},
        "du": {"type": "string", "format": "duration"},
        "big": {"type": "integer"},
        "s": SET,
        "s2": SET,
        "m": BY_KEY,
        "m2": BY_KEY,
        "n": {"type": "string", "nullable": True},
        "nope": TEXT,
        "mapn": {"type": "object", "additionalProperties": {"type": "string", "nullable": True}},
        "labels": {"type": "object", "additionalProperties": TEXT},
        "namespace": TEXT,
        "if": {"type": "integer"},
        "obj": {"type": "object", "properties": {"for": {"type": "integer"}, "x": {"type": "integer"}}},
        "in": {"type": "integer"},
        "by": {"type": "string", "format": "byte"},
        "str": TEXT,
        "emb": {"type": "object", "x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True},
        "emptydur": {"type": LIST, "items": {"type": "string", "format": "duration"}},
        "emptydbl": {"type": LIST, "items": {"type": "number"}},
        "l": {"type": LIST, "items": {"type": "integer"}},
        "x__y": {"type": "integer"},
        "a-b": {"type": "integer"},
        "a.b": {"type": "integer"},
        "a/b": {"type": "integer"},
        "num": {"type": "number"},
        "ios": {"x-kubernetes-int-or-string": True},
        "pu": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "def": {"type": "integer", "default": 7},
    },
}
SELF = {
    "t": "2024-01-01T00:00:00.5+02:00",
    "d": "2024-01-01",
    "du": "1h",
    "big": 9007199254740993,
    "s": ["a", "b"],
    "s2": ["b", "c", "a"],
    "m": [{"k": "a", "v": "1"}, {"k": "b"}],
    "m2": [{"k": "b", "v": "2"}, {"k": "c"}],
    "n": None,
    "mapn": {"a": None, "b": "x"},
    "labels": {"app": "web", "tier": "gold"},
    "namespace": "ns",
    "if": 1,
    "obj": {"for": 2},
    "in": 3,
    "by": "aGk=",
    "str": "hi",
    "emb": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "namespace": "y"}, "spec": {}},
    "emptydur": [],
    "emptydbl": [],
    "l": [1, 2],
    "x__y": 4,
    "a-b": 5,
    "a.b": 6,
    "a/b": 7,
    "num": 3,
    "ios": 5,
    "pu": {"x": 1},
}

# What an expression of a type may look like; a capital word in braces stands for one of that type.
GRAMMAR = {
    "BOOL": """true|false|{BOOL} && {BOOL}|{BOOL} || {BOOL}|!({BOOL})|{INT} == {INT}|{INT} < {INT}|{INT} >= {DOUBLE}
        |{DOUBLE} <= {DOUBLE}|{TEXT} == {TEXT}|{TEXT} < {TEXT}|{TEXT}.contains({TEXT})|{TEXT}.startsWith({TEXT})
        |{TEXT}.endsWith({TEXT})|{TEXT}.matches({PATTERN})|{TEXT} in {TEXTS}|{INT} in {INTS}|has({HAS})
        |{TEXTS} == {TEXTS}|{TEXTS} != {TEXTS}|{INTS} == {INTS}|{TEXTS}.all(x, x.size() > {INT})
        |{TEXTS}.exists(x, x == {TEXT})|{INTS}.exists_one(x, x == {INT})|{INTS}.all(i, v, v > i)
        |{BOOL} ? {BOOL} : {BOOL}|{DURATION} > {DURATION}|{TIME} < {TIME}|{TIME} == {TIME}|{QUANTITY}.isLessThan({QUANTITY})
        |{QUANTITY}.isInteger()|{KEYED} == {KEYED}|isQuantity({TEXT})|isURL({TEXT})|isIP({TEXT})
        |isCIDR({TEXT})|isSemver({TEXT})|{BYTES} == {BYTES}|{INTS}.isSorted()|sets.contains({TEXTS}, {TEXTS})
        |sets.equivalent({INTS}, {INTS})|sets.intersects({TEXTS}, {TEXTS})|{OPTIONAL}.hasValue()|dyn({INT}) == dyn({DOUBLE})
        |type({INT}) == int|type({TIME}) == google.protobuf.Timestamp|{TEXT} in self.labels""",
    "INT": """0|1|2|-1|7|9223372036854775807|self.big|self.if|self.obj.for|self.def|self.x__underscores__y|self.a__dash__b
        |{INT} + {INT}|{INT} - {INT}|{INT} * {INT}|{INT} / {INT}|{INT} % {INT}|-({INT})|{TEXT}.size()|size({TEXTS})
        |{TEXT}.indexOf({TEXT})|{TEXT}.indexOf({TEXT}, {INT})|{TEXT}.lastIndexOf({TEXT})|{TEXT}.lastIndexOf({TEXT}, {INT})
        |int({TEXT})|int({DOUBLE})|{INTS}[{INT}]|{INTS}.sum()|{INTS}.max()|{INTS}.min()|{TEXTS}.indexOf({TEXT})
        |{DURATION}.getSeconds()|{DURATION}.getMilliseconds()|{DURATION}.getHours()|{TIME}.getHours()|{TIME}.getDayOfWeek()
        |{TIME}.getDate('+05:30')|{TIME}.getFullYear()|{TIME}.getMilliseconds()|{BOOL} ? {INT} : {INT}|self.?if.orValue({INT})
        |{QUANTITY}.asInteger()|{QUANTITY}.compareTo({QUANTITY})|{BYTES}.size()|{KEYED}.size()""",
    "DOUBLE": """0.0|1.5|-2.25|1e21|1234567.0|0.00001|self.num|{DOUBLE} + {DOUBLE}|{DOUBLE} * {DOUBLE}|{DOUBLE} / {DOUBLE}
        |double({INT})|double({TEXT})|self.emptydbl.sum()|[{DOUBLE}, {DOUBLE}].sum()|quantity('1500m').asApproximateFloat()""",
    "TEXT": """''|'a'|'ab'|'b'|'1'|'héé'|'a,b,c'|' x '|'1Gi'|'10.0.0.1'|'https://e.org/p?x=1#f'|self.str|self.namespace|self.n
        |self.nope|self.mapn.b|self.labels['app']|self.emb.kind|{TEXT} + {TEXT}|{TEXT}.charAt({INT})|{TEXT}.substring({INT})
        |{TEXT}.substring({INT}, {INT})|{TEXT}.replace({TEXT}, {TEXT})|{TEXT}.replace({TEXT}, {TEXT}, {INT})|{TEXT}.trim()
        |{TEXT}.upperAscii()|{TEXT}.lowerAscii()|{TEXTS}.join({TEXT})|{TEXTS}[{INT}]|string({INT})|string({DOUBLE})
        |string({BOOL})|string({TIME})|string({DURATION})|string({BYTES})|{TEXT}.find({PATTERN})|'%s'.format([{TEXT}])
        |'%s'.format([{DOUBLE}])|'%s'.format([{TEXTS}])|'%d %x'.format([{INT}, {INT}])|'%.2f'.format([{DOUBLE}])
        |'%e'.format([{DOUBLE}])|'%s'.format([{TIME}])|{OPTIONAL}.orValue({TEXT})|url('https://u@e.org:1/a b?x=1#f').getHost()""",
    "TEXTS": """[]|['a']|['b', 'a']|self.s|self.s2|{TEXTS} + {TEXTS}|{TEXTS}.map(x, x + {TEXT})|{TEXTS}.filter(x, x < {TEXT})
        |{TEXT}.split({TEXT})|{TEXT}.split({TEXT}, {INT})|{TEXT}.findAll({PATTERN})|{TEXT}.findAll({PATTERN}, {INT})
        |{TEXTS}.sort()|{TEXTS}.distinct()|{TEXTS}.reverse()|{TEXTS}.slice({INT}, {INT})|self.m.map(x, x.k)
        |{TEXTS}.sortBy(x, x.size())""",
    "INTS": """[]|[1, 2]|[3, 1, 2]|self.l|{INTS} + {INTS}|{INTS}.map(x, x + {INT})|{INTS}.filter(x, x > {INT})|lists.range(3)
        |{INTS}.sort()|{INTS}.distinct()|{INTS}.reverse()|{INTS}.transformList(i, v, i * v)|{TEXTS}.map(x, x.size())""",
    "KEYED": "self.m|self.m2|{KEYED} + {KEYED}|[self.m[1], self.m[0]]|{KEYED}.filter(x, x.k != {TEXT})",
    "DURATION": """duration('1h')|duration('90m')|duration('1.5s')|duration('-2ms')|self.du|{DURATION} + {DURATION}
        |{TIME} - {TIME}|self.emptydur.sum()|[{DURATION}].sum()""",
    "TIME": """timestamp('2024-02-29T23:30:00-01:00')|timestamp('2024-01-01T00:00:00Z')|timestamp(0)|self.t|self.d
        |{TIME} + {DURATION}|{TIME} - {DURATION}""",
    "QUANTITY": """quantity('1')|quantity('1.5Gi')|quantity('1500m')|quantity('1e30')|quantity('-2k')|quantity('100000Gi')
        |quantity('0.1')|{QUANTITY}.add({QUANTITY})|{QUANTITY}.sub({INT})""",
    "BYTES": "b'hi'|b'\\xff'|self.by|bytes({TEXT})|{BYTES} + {BYTES}",
    "OPTIONAL": """self.?str|self.?n|self.?nope|self.mapn.?a|self.labels[?{TEXT}]|optional.of({TEXT})|optional.none()
        |optional.ofNonZeroValue({TEXT})|{TEXTS}.first()|{TEXTS}.last()|{OPTIONAL}.or({OPTIONAL})|{OPTIONAL}.optMap(x, x + {TEXT})""",
    "HAS": "self.n|self.nope|self.str|self.obj.x|self.mapn.a|self.labels.nope|self.if|self.namespace|self.def|self.emb.metadata.name",
    "PATTERN": r"'a'|'^[a-c]*$'|'\\d+'|'\\w+'|'(?i)H'|'\\pL+'|'[[:alpha:]]'|'h\\p{L}*'|'.'|'x{,2}'|','",
}
FORMS = {kind: [form.strip() for form in forms.replace("||", "\0").split("|")] for kind, forms in GRAMMAR.items()}
FORMS = {kind: [form.replace("\0", "||") for form in forms] for kind, forms in FORMS.items()}


def make(kind, depth, dice):
    forms = FORMS[kind]
    simple = [form for form in forms if "{" not in form or kind == "PATTERN"]
    form = dice.choice(simple if depth == 0 and simple else forms)
    if kind == "PATTERN":
        return form
    made, rest = "", form
    while "{" in rest:
        before, _, behind = rest.partition("{")
        name, _, rest = behind.partition("}")
        inner = make(name, max(depth - 1, 0), dice)
        made += before + ("(" + inner + ")" if " " in inner and not inner.startswith(("[", "'")) else inner)
    return made + rest


def main():
    dice = random.Random(1)
    asks = Path(__file__).with_name("questions.txt").read_text().splitlines()
    kinds = [kind for kind in FORMS if kind not in ("HAS", "PATTERN", "QUANTITY")]
    for _ in range(int(sys.argv[1])):
        asks.append(make(dice.choice(kinds), dice.choice([1, 2, 2, 3, 3]), dice))
    print(json.dumps({"schema": SCHEMA, "self": SELF, "asks": list(dict.fromkeys(asks))}))


main()
