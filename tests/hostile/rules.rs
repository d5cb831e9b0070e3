//! Rules in CEL: of the schema on much, of the project, and deep ones.

use crate::case::{Case, TEXTS, lines, nested, quoted};

/// Of `self.l`, integers, and `self.s`, a text.
const RULES: [(&str, &str); 26] = [
    ("pairs", "self.l.all(x, self.l.exists(y, y == x))"),
    ("triples", "self.l.all(x, self.l.all(y, self.l.all(z, x + y + z > -1)))"),
    ("maps of maps", "self.l.map(x, self.l.map(y, [x, y])).size() > 0"),
    ("filters of filters", "self.l.filter(x, self.l.filter(y, y > x).size() > 1).size() >= 0"),
    ("all are one", "self.l.exists_one(x, self.l.exists_one(y, x == y))"),
    ("sorted in a loop", "self.l.all(x, self.l.sort()[0] <= x)"),
    ("distinct in a loop", "self.l.all(x, self.l.distinct().size() > 0)"),
    ("a flat list", "self.l.map(x, self.l).flatten().size() > 0"),
    ("slices", "self.l.all(x, self.l.slice(0, self.l.size()).size() > 0)"),
    ("sums", "self.l.all(x, self.l.sum() > x)"),
    ("a sum that overflows", "self.l.map(x, 9223372036854775807).sum() > 0"),
    ("sets", "sets.contains(self.l, self.l.map(x, x + 1))"),
    ("equal sets", "sets.equivalent(self.l, self.l.reverse())"),
    (
        "doubled texts",
        "['x'].all(a, [a + a].all(b, [b + b].all(c, [c + c].all(d, [d + d].all(e, (e + self.s + self.s).size() > 0)))))",
    ),
    ("a long text in a loop", "self.l.all(x, (self.s + self.s + self.s + self.s).size() > x)"),
    ("replace that grows", "self.s.replace('a', self.s).size() > 0"),
    ("replace that grows twice", "self.s.replace('a', self.s).replace('a', self.s).size() > 0"),
    ("a join of a split", "self.s.split('').join(self.s).size() > 0"),
    ("patterns in a loop", "self.l.all(x, self.s.matches('^(a|b|ab)*c' + string(x)))"),
    ("all that match", "self.l.all(x, self.s.findAll('a').size() > 0)"),
    ("format", "'%0999999999d'.format([1]).size() > 0"),
    ("many digits", "self.l.all(x, '%.900000f'.format([1.5]).size() > 0)"),
    ("a range", "lists.range(1000000000).size() > 0"),
    (
        "quantities",
        "self.l.all(x, quantity('1' + self.s.substring(0, 1).replace('a', '0') + 'E').sub(quantity('9e999999')).sign() < 0)",
    ),
    ("base64", "self.l.all(x, base64.encode(bytes(self.s)).size() > 0)"),
    ("a map from a list", "self.l.transformMap(i, x, self.l).size() > 0"),
];

/// What recurses in a parser or in a checker.
const DEEP: [(&str, &str, &str, &str); 14] = [
    ("brackets", "(", "true", ")"),
    ("lists", "[", "1", "]"),
    ("maps", "{1: ", "1", "}"),
    ("not", "!", "true", ""),
    ("minus", "-", "1", ""),
    ("choices", "true ? true : ", "true", ""),
    ("and", "true && ", "true", ""),
    ("plus", "1 + ", "1", ""),
    ("indexes", "", "self.l", "[0]"),
    ("members", "", "self", ".a"),
    ("calls", "size(", "self.l", ")"),
    ("methods", "", "self.l", ".map(x, x)"),
    ("loops", "self.l.all(x, ", "true", ")"),
    ("optional", "", "self", ".?a"),
];

const SCHEMA: &str = "type: object\nproperties:\n  l: {type: array, items: {type: integer}}\n  s: {type: string}\n";

fn with_rule(name: String, rule: &str, count: usize) -> Case {
    let environment = format!("l:\n{}s: {}\n", lines(count, |at| format!("- {at}")), "a".repeat(count.min(200_000)));
    let schema = format!("{SCHEMA}x-kubernetes-validations:\n- rule: {}\n", quoted(rule));
    Case::new(name).schema(schema).environment(environment)
}

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (what, rule) in RULES {
        for count in [10, 1_000, 30_000] {
            cases.push(with_rule(format!("rule: {what} of {count}"), rule, count));
        }
        let own = format!("id: own/a\nsummary: s\nmatch: {{path: '**'}}\nrule: {}\nmessage: m\n", quoted(rule));
        let case = Case::new(format!("own rule: {what}")).file("schemas/rules/a.yaml", own);
        cases.push(case.template(format!("l: {{{{ range(20000) | list }}}}\ns: {}\n", "a".repeat(20_000))));
    }
    for (what, open, inner, close) in DEEP {
        for depth in [20, 200, 5_000, 100_000] {
            let rule = nested(open, inner, close, depth);
            cases.push(with_rule(format!("rule: {what}, {depth} deep"), &rule, 3));
        }
    }
    for (what, text) in TEXTS {
        for (key, rule) in [
            ("rule", text),
            ("message", "self.l.size() > 9"),
            ("messageExpression", "self.l.size() > 9"),
            ("fieldPath", "self.l.size() > 9"),
            ("reason", "false"),
        ] {
            let schema = format!(
                "{SCHEMA}x-kubernetes-validations:\n- rule: {}\n{}",
                quoted(rule),
                if key == "rule" { String::new() } else { format!("  {key}: {}\n", quoted(text)) }
            );
            cases.push(Case::new(format!("rule: its `{key}` is {what}")).schema(schema).environment("l: [1]\ns: a\n"));
        }
    }
    cases.extend(own());
    cases
}

/// Files of the project's own rules that are not what they should be.
fn own() -> Vec<Case> {
    let mut cases = Vec::new();
    for key in ["id", "summary", "match", "rule", "message", "explanation", "severity", "unknown"] {
        for (what, text) in TEXTS {
            let fields =
                [("id", "own/a"), ("summary", "s"), ("match", "{path: '**'}"), ("rule", "false"), ("message", "m")];
            let mut file = lines(fields.len(), |at| {
                if fields[at].0 == key { String::new() } else { format!("{}: {}", fields[at].0, fields[at].1) }
            });
            file += &format!("{key}: {}\n", quoted(text));
            cases.push(Case::new(format!("own rule: its `{key}` is {what}")).file("schemas/rules/a.yaml", file));
        }
    }
    for count in [100, 1_500] {
        let mut case = Case::new(format!("own rule: {count} files"));
        for at in 0..count {
            let rule =
                format!("id: own/r{at}\nsummary: s\nmatch: {{path: '**'}}\nrule: self.l.all(x, x >= 0)\nmessage: m\n");
            case = case.file(format!("schemas/rules/r{at}.yaml"), rule);
        }
        cases.push(case.template("l: {{ range(5000) | list }}\n"));
    }
    cases
}
