//! The law of the map on projects that are drawn by lot: templates with variables, macros, loops, namespaces, filters,
//! captures, pieces of others, `merge`, `for_each`, `when` and several documents, over environments and schemas.

use std::fmt::Write as _;

use camino::Utf8Path;
use platc::disk::Memory;
use platc::environment::load::Environment;
use platc::finding::Findings;
use platc::limits::Limits;
use platc::pipeline::{Compiler, Inputs, Options, Shared, on_threads};
use platc::project::Project;
use platc::source::Sources;

use crate::law;

/// Numbers by lot, the same for the same seed.
struct Lot(u64);

impl Lot {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % end
    }

    fn once_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

/// Names of texts, numbers, switches, lists, maps, and lists of maps with `name`, `size` and `on`. The last two of the first
/// three need not be set.
const TEXTS: [&str; 4] = ["s0", "cluster.name", "s1", "cluster.zone"];
/// Far apart, so that none becomes another one by a letter.
const ITEMS: [&str; 4] = ["alpha", "bravo7", "carol", "dave"];
const SWITCHES: [&str; 3] = ["b0", "cluster.on", "b1"];

/// What a template may name where it stands.
#[derive(Clone, Default)]
struct Scope {
    texts: Vec<String>,
    numbers: Vec<String>,
    /// Loop variables that are maps.
    items: Vec<String>,
    in_loop: bool,
    depth: usize,
}

struct Draw {
    lot: Lot,
    keys: usize,
    names: usize,
}

impl Draw {
    fn name(&mut self) -> String {
        self.names += 1;
        format!("v{}", self.names)
    }

    fn key(&mut self, scope: &Scope) -> String {
        self.keys += 1;
        if scope.in_loop { format!("k{}-{{{{ loop.index }}}}", self.keys) } else { format!("k{}", self.keys) }
    }

    fn text(&mut self, scope: &Scope, depth: usize) -> String {
        if depth == 0 || self.lot.once_in(3) {
            let of_items: Vec<String> = scope.items.iter().map(|item| format!("{item}.name")).collect();
            let own: Vec<&str> = scope.texts.iter().chain(&of_items).map(String::as_str).collect();
            return match self.lot.below(6) {
                0..=2 if !own.is_empty() => own[self.lot.below(own.len())].to_owned(),
                0..=3 => self.lot.pick(&TEXTS[..2]).to_owned(),
                4 => format!("({} | default('none'))", self.lot.pick(&TEXTS[2..])),
                _ => format!("'{}'", self.lot.pick(&["x", "lit", "a-b"])),
            };
        }
        let inner = |draw: &mut Self| draw.text(scope, depth - 1);
        match self.lot.below(16) {
            0 => format!("({} ~ '-' ~ {})", inner(self), inner(self)),
            1 => format!("({} | upper)", inner(self)),
            2 => format!("({} | replace('a', {}))", inner(self), inner(self)),
            3 => format!("({} if {} else {})", inner(self), self.test(scope, depth - 1), inner(self)),
            4 => "(list | join('-'))".to_owned(),
            5 => "(list | first)".to_owned(),
            6 => "(list | sort | last)".to_owned(),
            7 => "(items | map(attribute='name') | join('+'))".to_owned(),
            8 => format!("map[{}]", self.lot.pick(&["'a'", "'b'", "key"])),
            9 => format!("({} ~ {})", inner(self), self.number(scope, depth - 1)),
            10 => "(items | selectattr('on') | map(attribute='name') | join('/'))".to_owned(),
            11 => format!("dict(a={}, b=1).a", inner(self)),
            12 => format!("[{}, {}][{}]", inner(self), inner(self), self.lot.below(2)),
            13 => "(map | items | first | first)".to_owned(),
            14 => format!("merge(map, {{'a': {}}}).a", inner(self)),
            _ => format!("({} or {})", inner(self), inner(self)),
        }
    }

    fn number(&mut self, scope: &Scope, depth: usize) -> String {
        if depth == 0 || self.lot.once_in(2) {
            let of_items: Vec<String> = scope.items.iter().map(|item| format!("{item}.size")).collect();
            let own: Vec<&str> = scope.numbers.iter().chain(&of_items).map(String::as_str).collect();
            return match self.lot.below(5) {
                0..=2 if !own.is_empty() => own[self.lot.below(own.len())].to_owned(),
                0..=2 => self.lot.pick(&["n0", "cluster.size"]).to_owned(),
                3 => "(n1 | default(3))".to_owned(),
                _ => "2".to_owned(),
            };
        }
        match self.lot.below(5) {
            0 => format!("({} + {})", self.number(scope, depth - 1), self.number(scope, depth - 1)),
            1 => "(list | length)".to_owned(),
            2 => format!("({} * 2)", self.number(scope, depth - 1)),
            3 => "(items | map(attribute='size') | sum)".to_owned(),
            _ => format!("({} | length)", self.text(scope, depth - 1)),
        }
    }

    fn test(&mut self, scope: &Scope, depth: usize) -> String {
        if depth == 0 || self.lot.once_in(2) {
            return match self.lot.below(5) {
                0 => self.lot.pick(&SWITCHES[..2]).to_owned(),
                1 => "(b1 | default(false))".to_owned(),
                2 => "s1 is defined".to_owned(),
                3 if !scope.items.is_empty() => format!("{}.on", scope.items[self.lot.below(scope.items.len())]),
                _ => format!("{} > 2", self.number(scope, 0)),
            };
        }
        match self.lot.below(6) {
            0 => format!("(not {})", self.test(scope, depth - 1)),
            1 => format!("({} and {})", self.test(scope, depth - 1), self.test(scope, depth - 1)),
            2 => format!("({} or {})", self.test(scope, depth - 1), self.test(scope, depth - 1)),
            3 => format!("({} == {})", self.text(scope, depth - 1), self.text(scope, depth - 1)),
            4 => format!("({} in list)", self.text(scope, depth - 1)),
            _ => format!("({} < {})", self.number(scope, depth - 1), self.number(scope, depth - 1)),
        }
    }

    /// Lines of a map, at an indentation.
    fn block(&mut self, scope: &mut Scope, indent: usize, out: &mut String) {
        for _ in 0..=self.lot.below(3) {
            self.part(scope, indent, out);
        }
    }

    fn part(&mut self, scope: &mut Scope, indent: usize, out: &mut String) {
        let pad = " ".repeat(indent);
        let key = self.key(scope);
        let below = scope.depth < 3;
        let mut line = |text: String| {
            let _ = writeln!(out, "{pad}{text}");
        };
        match self.lot.below(if below { 20 } else { 6 }) {
            0 | 1 => line(format!("{key}: {{{{ {} }}}}", self.text(scope, 2))),
            2 => line(format!("{key}: \"{{{{ {} }}}}/{{{{ {} }}}}\"", self.text(scope, 1), self.text(scope, 1))),
            3 => line(format!("{key}: {{{{ {} }}}}", self.number(scope, 2))),
            4 => line(format!("{key}: {{{{ {} }}}}", self.lot.pick(&["map", "list", "items", "cluster", "[s0, n0]"]))),
            5 => line(format!("{key}-{{{{ {} }}}}: fixed", self.text(scope, 0))),
            6 => {
                line(format!("{key}: |"));
                line(format!("  one {{{{ {} }}}}", self.text(scope, 1)));
                line("  two".to_owned());
                line(format!("  {{% if {} %}}", self.test(scope, 1)));
                line(format!("  three {{{{ {} }}}}", self.text(scope, 1)));
                line("  {% endif %}".to_owned());
            }
            7 | 8 => {
                line(format!("{{% if {} %}}", self.test(scope, 2)));
                self.within(scope, indent, out);
                if self.lot.once_in(2) {
                    let _ = writeln!(out, "{pad}{{% elif {} %}}", self.test(scope, 1));
                    self.within(scope, indent, out);
                }
                if self.lot.once_in(2) {
                    let _ = writeln!(out, "{pad}{{% else %}}");
                    self.within(scope, indent, out);
                }
                let _ = writeln!(out, "{pad}{{% endif %}}");
            }
            9 | 10 if !scope.in_loop => {
                let name = self.name();
                let mut own = Scope { in_loop: true, depth: scope.depth + 1, ..scope.clone() };
                let filter = if self.lot.once_in(3) { format!(" if {name}.on") } else { String::new() };
                let (head, else_of) = match self.lot.below(3) {
                    0 => {
                        own.texts.push(name.clone());
                        (format!("{{% for {name} in list %}}"), false)
                    }
                    1 => {
                        let value = self.name();
                        own.texts.extend([name.clone(), value.clone()]);
                        (format!("{{% for {name}, {value} in map | items %}}"), false)
                    }
                    _ => {
                        own.items.push(name.clone());
                        (format!("{{% for {name} in items{filter} %}}"), !filter.is_empty())
                    }
                };
                line(head);
                self.block(&mut own, indent, out);
                if else_of {
                    let _ = writeln!(out, "{pad}{{% else %}}");
                    self.within(scope, indent, out);
                }
                let _ = writeln!(out, "{pad}{{% endfor %}}");
            }
            11 => {
                let name = self.name();
                line(format!("{{% set {name} = {} %}}", self.text(scope, 2)));
                scope.texts.push(name.clone());
                line(format!("{key}: {{{{ {name} }}}}"));
            }
            12 => {
                let name = self.name();
                line(format!("{{% set {name} %}}a {{{{ {} }}}} b{{% endset %}}", self.text(scope, 1)));
                scope.texts.push(name.clone());
                line(format!("{key}: \"{{{{ {name} }}}}\""));
            }
            13 if !scope.in_loop => {
                let (space, item) = (self.name(), self.name());
                line(format!("{{% set {space} = namespace(x='start', n=0, all=[]) %}}"));
                line(format!("{{% for {item} in items %}}"));
                let own = Scope { items: vec![item.clone()], depth: 3, ..scope.clone() };
                line(format!("{{% if {} %}}", self.test(&own, 1)));
                line(format!("{{% set {space}.x = {} %}}", self.text(&own, 1)));
                line("{% endif %}".to_owned());
                line(format!("{{% set {space}.n = {space}.n + {item}.size %}}"));
                line(format!("{{% set {space}.all = {space}.all + [{item}.name] %}}"));
                line("{% endfor %}".to_owned());
                line(format!("{key}: {{{{ {space}.x }}}}"));
                line(format!("{key}-n: {{{{ {space}.n }}}}"));
                line(format!("{key}-all: {{{{ {space}.all }}}}"));
            }
            14 => line(format!("{key}: {{{{ map_of({}, {}) }}}}", self.text(scope, 1), self.number(scope, 1))),
            15 => line(format!("{key}: \"{{{{ word_of({}) }}}}\"", self.text(scope, 1))),
            16 => line(format!("{key}: {{{{ shared({}) }}}}", self.text(scope, 1))),
            18 => {
                let wrap =
                    if self.lot.once_in(2) { "wrap()".to_owned() } else { format!("wrap_in({})", self.text(scope, 1)) };
                line(format!("{key}:"));
                line(format!("  {{% call {wrap} %}}"));
                line(format!("  called: {{{{ {} }}}}", self.text(scope, 1)));
                line(format!("  and: {{{{ {} }}}}", self.number(scope, 1)));
                line("  {% endcall %}".to_owned());
            }
            17 => {
                line(format!("{key}:"));
                line(format!("  - {{{{ {} }}}}", self.text(scope, 1)));
                if !scope.in_loop {
                    let item = self.name();
                    line(format!("  {{% for {item} in items %}}"));
                    let own = Scope { items: vec![item], depth: 3, ..scope.clone() };
                    // Else nobody knows which of two equal items became which.
                    line("  - at: {{ loop.index }}".to_owned());
                    line(format!("    word: {{{{ {} }}}}", self.text(&own, 1)));
                    line(format!("    size: {{{{ {} }}}}", self.number(&own, 1)));
                    line("  {% endfor %}".to_owned());
                }
            }
            _ => {
                line(format!("{key}:"));
                line("  a: 1".to_owned());
                line("  {% include '_part.j2' %}".to_owned());
            }
        }
    }

    fn within(&mut self, scope: &Scope, indent: usize, out: &mut String) {
        let mut own = Scope { depth: scope.depth + 1, ..scope.clone() };
        self.block(&mut own, indent, out);
    }

    fn template(&mut self, number: usize) -> (String, String) {
        let mut out = String::new();
        let mut scope = Scope::default();
        let mut front = String::new();
        let is_text = self.lot.once_in(6);
        let ending = if is_text { "txt" } else { "yaml" };
        if self.lot.once_in(4) {
            let _ = writeln!(front, "for_each: one in items");
            scope.items.push("one".to_owned());
            if self.lot.once_in(2) {
                let _ = writeln!(front, "output: t{number}/{{{{ one.name }}}}.{ending}");
            } else if is_text {
                let _ = writeln!(front, "output: t{number}/{{{{ one.name }}}}-{{{{ s0 }}}}.{ending}");
            }
        } else if self.lot.once_in(5) {
            let _ = writeln!(front, "output: t{number}-{{{{ {} | lower }}}}.{ending}", self.lot.pick(&TEXTS[..2]));
        }
        if self.lot.once_in(4) {
            let _ = writeln!(front, "when: {}", self.test(&Scope::default(), 1));
        }
        let several = !is_text && !front.contains("for_each") && self.lot.once_in(4);
        if !is_text && !several && self.lot.once_in(4) {
            let _ = writeln!(front, "merge: {}", self.lot.pick(&["over", "{'merged': s0}", "over if b0 else map"]));
        }
        if !front.is_empty() {
            let _ = write!(out, "{{#- platc\n{front}-#}}\n");
        }
        out += "{% from '_macros.j2' import shared %}\n\
                {% macro map_of(v, n) %}\nown: {{ v }}\nsize: {{ n }}\n{% if n > 3 %}\nlarge: {{ cluster.name }}\n{% endif %}\n{% endmacro %}\n\
                {% macro word_of(v) %}{{ v }}!{{ s0 }}{% endmacro %}\n\
                {% macro wrap() %}\n{{ caller() }}\n{% endmacro %}\n\
                {% macro wrap_in(v) %}\nouter: {{ v }}\nbelow: {{ caller() }}\n{% endmacro %}\n";
        // A name tells documents apart that are equal otherwise.
        out += if scope.items.is_empty() { "name: d0\nfirst: 1\n" } else { "name: {{ one.name }}\nfirst: 1\n" };
        self.block(&mut scope, 0, &mut out);
        if several {
            for document in 0..=self.lot.below(2) {
                let test = self.lot.once_in(2).then(|| self.test(&scope, 1));
                if let Some(test) = &test {
                    let _ = writeln!(out, "{{% if {test} %}}");
                }
                let _ = write!(out, "---\nname: d{}\nfirst: 2\n", document + 1);
                self.block(&mut scope, 0, &mut out);
                if test.is_some() {
                    out += "{% endif %}\n";
                }
            }
        }
        (format!("templates/t{number}.{ending}.j2"), out)
    }

    fn schema(&mut self) -> String {
        let text = |draw: &mut Self| match draw.lot.below(4) {
            0 => "{type: string, maxLength: 12}",
            1 => "{type: string, pattern: '^[a-z0-9-]*$'}",
            _ => "{type: string}",
        };
        let number = |draw: &mut Self| match draw.lot.below(3) {
            0 => "{type: integer, minimum: 1, maximum: 9}",
            _ => "{type: integer}",
        };
        let list = ["atomic", "set"][self.lot.below(2)];
        let by =
            if self.lot.once_in(2) { "x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [name], " } else { "" };
        format!(
            "type: object\nadditionalProperties: {}\nrequired: [s0, n0, b0, key]\nproperties:\n  s0: {}\n  s1: {}\n  \
             n0: {}\n  n1: {}\n  b0: {{type: boolean}}\n  b1: {{type: boolean}}\n  key: {{enum: [a, b]}}\n  \
             list: {{type: array, minItems: 1, items: {{type: string}}, x-kubernetes-list-type: {list}}}\n  \
             map: {{type: object, required: [a, b], additionalProperties: {{type: string}}}}\n  \
             over: {{type: object, additionalProperties: true}}\n  \
             cluster: {{type: object, required: [name, size, on], properties: {{name: {}, zone: {}, size: {}, on: {{type: boolean}}}}}}\n  \
             items: {{type: array, {by}items: {{type: object, required: [name, size, on], properties: {{name: {{type: string, pattern: '^[a-z0-9]+$'}}, size: {{type: integer}}, on: {{type: boolean}}}}}}}}\n",
            self.lot.once_in(2),
            text(self),
            text(self),
            number(self),
            number(self),
            text(self),
            text(self),
            number(self),
        )
    }

    fn layers(&mut self) -> (String, String) {
        let word = |draw: &mut Self| draw.lot.pick(&["web", "abc", "a", "eu-1", "lit", "x9"]).to_owned();
        let (mut base, mut own) = (String::new(), "extends: [../base]\n".to_owned());
        let mut put = |draw: &mut Self, text: String| {
            if draw.lot.once_in(2) { base += &text } else { own += &text }
        };
        for name in ["s0", "s1"] {
            if name == "s0" || self.lot.once_in(2) {
                let text = format!("{name}: {}\n", word(self));
                put(self, text);
            }
        }
        for name in ["n0", "n1"] {
            if name == "n0" || self.lot.once_in(2) {
                let text = format!("{name}: {}\n", 1 + self.lot.below(5));
                put(self, text);
            }
        }
        for name in ["b0", "b1"] {
            if name == "b0" || self.lot.once_in(2) {
                let text = format!("{name}: {}\n", self.lot.once_in(2));
                put(self, text);
            }
        }
        let key = self.lot.pick(&["a", "b"]);
        put(self, format!("key: {key}\n"));
        let list: Vec<String> = (0..=self.lot.below(3)).map(|at| format!("{}{}", ITEMS[at], word(self))).collect();
        put(self, format!("list: [{}]\n", list.join(", ")));
        let map = format!("map: {{a: {}, b: {}}}\n", word(self), word(self));
        put(self, map);
        let over = format!("over: {{first: {}, added: {{deep: {}}}}}\n", 3 + self.lot.below(4), word(self));
        put(self, over);
        let zone = if self.lot.once_in(2) { format!(", zone: {}", word(self)) } else { String::new() };
        let cluster = format!(
            "cluster: {{name: {}, size: {}, on: {}{zone}}}\n",
            word(self),
            1 + self.lot.below(5),
            self.lot.once_in(2)
        );
        put(self, cluster);
        let items: Vec<String> = (0..=self.lot.below(3))
            .map(|at| format!("{{name: {}, size: {}, on: {}}}", ITEMS[at], 1 + self.lot.below(4), self.lot.once_in(2)))
            .collect();
        put(self, format!("items: [{}]\n", items.join(", ")));
        (base, own)
    }
}

/// The files of a project.
fn project(seed: u64) -> Vec<(String, String)> {
    let mut draw = Draw { lot: Lot(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1), keys: 0, names: 0 };
    (0..20).for_each(|_| {
        draw.lot.below(2);
    });
    let (base, own) = draw.layers();
    let mut files = vec![
        ("platc.yaml".to_owned(), String::new()),
        ("schemas/environment.schema.yaml".to_owned(), draw.schema()),
        ("environments/base/base.yaml".to_owned(), base),
        ("environments/prod/environment.yaml".to_owned(), own),
        (
            "templates/_part.j2".to_owned(),
            "part: {{ cluster.name }}\n{% if b0 %}\nmore: {{ s0 }}\n{% endif %}\n".to_owned(),
        ),
        (
            "templates/_macros.j2".to_owned(),
            "{% macro shared(v) %}\nshared: {{ v }}\nof: {{ cluster.size }}\n{% endmacro %}\n".to_owned(),
        ),
    ];
    for number in 0..=draw.lot.below(2) {
        files.push(draw.template(number));
    }
    files
}

/// What came of one project: nothing if it does not compile.
fn judge(files: &[(String, String)]) -> Option<law::Tally> {
    let disk = files.iter().fold(Memory::default(), |disk, (path, text)| disk.file(path, text.as_str()));
    let (sources, limits) = (Sources::default(), Limits::default());
    let mut findings = Findings::default();
    let inputs = Inputs { disk: &disk, sources: &sources, limits: &limits };
    let project = Project::load(&disk, &sources, &limits, &mut findings)?;
    let shared = Shared::load(&project, inputs, &mut findings);
    let compiler = Compiler::new(&shared, Options::default(), inputs)?;
    if findings.has_errors() {
        return None;
    }
    let entry = project.find("prod", Utf8Path::new("")).ok()?;
    let environment: Environment = compiler.environment(entry, &mut findings)?;
    if !compiler.is_allowed(&environment) {
        return None;
    }
    law::tallied(&compiler, &environment, 1)
}

#[test]
fn in_generated_projects_what_changes_names_the_leaf() {
    let full = std::env::var("PLATC_TEST_FULL").ok();
    let (first, many) = match &full {
        Some(range) => match range.split_once('+') {
            Some((first, many)) => (first.parse().unwrap(), many.parse().unwrap()),
            None => (0, 3_000),
        },
        None => (0, 40),
    };
    let (mut compiled, mut leaves, mut moved, mut places) = (0_u64, 0, 0, 0);
    let (mut data, mut still): (usize, Vec<String>) = (0, Vec::new());
    let mut broken = Vec::new();
    for seed in first..first + many {
        let files = project(seed);
        let Some(tally) = on_threads(None, || judge(&files)).unwrap() else { continue };
        compiled += 1;
        leaves += tally.leaves;
        moved += tally.moved;
        places += tally.places;
        data += tally.data.len();
        still.extend(tally.data.iter().filter(|(_, moved)| !**moved).map(|(it, _)| format!("{seed}: {it:?}")));
        if !tally.unnamed.is_empty() {
            let first = tally.unnamed.iter().take(if full.is_some() { 9 } else { 1 }).cloned().collect::<Vec<_>>();
            let first = first.join("; ");
            let files: String = files.iter().map(|(path, text)| format!("--- {path} ---\n{text}")).collect();
            broken.push((files.len(), format!("seed {seed}: {first}"), files));
        }
    }
    let figures = format!(
        "{compiled} of {many} projects compile; {moved} of {leaves} leaves, {places} places changed, {data} data of which \
         {} stood still",
        still.len()
    );
    if full.is_some() {
        eprintln!("{figures}");
        for it in still.iter().take(60) {
            eprintln!("  still: {it}");
        }
    }
    broken.sort();
    let all: Vec<_> = broken.iter().map(|(_, words, _)| words.as_str()).take(60).collect();
    assert!(
        broken.is_empty(),
        "{} projects break the law; {figures}\n{}\nthe smallest of them:\n{}",
        broken.len(),
        all.join("\n"),
        broken[0].2
    );
    assert!(compiled * 2 >= many, "too few projects compile: {figures}");
}
