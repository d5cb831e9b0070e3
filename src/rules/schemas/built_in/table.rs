//! Tables of kinds and their fields: those of one release of Kubernetes, and those of others. The list of kinds is read
//! when one is first asked for, and the fields of a kind where it is asked for.

use std::sync::LazyLock;

/// Kinds and their fields.
pub(super) struct Table {
    /// Sorted.
    kinds: LazyLock<Vec<Kind>>,
    /// Fields a line, `name=form`; a form that is another part is named by where that part's line begins.
    fields: &'static str,
}

/// Kubernetes' own kinds.
pub(super) static KUBERNETES: Table =
    Table { kinds: LazyLock::new(|| kinds(include_str!("kinds.txt"))), fields: include_str!("fields.txt") };
/// Kinds of Argo CD, Flux and Kustomize.
pub(super) static DELIVERY: Table = Table {
    kinds: LazyLock::new(|| kinds(include_str!("delivery_kinds.txt"))),
    fields: include_str!("delivery_fields.txt"),
};

/// Custom resources of others, with a header that names their versions.
pub(super) const CUSTOM_KINDS: &str = include_str!("custom_kinds.txt");
pub(super) static CUSTOM: Table =
    Table { kinds: LazyLock::new(|| kinds(CUSTOM_KINDS)), fields: include_str!("custom_fields.txt") };

/// Kubernetes' own APIs, as charts ask for them: `apps/v1/Deployment`.
pub fn apis() -> impl Iterator<Item = &'static str> {
    let lines = include_str!("kinds.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| Some(line.split_once(' ')?.0.trim_start_matches('/')))
}

/// The version of Kubernetes that the tables are of.
pub fn newest() -> String {
    format!("1.{MINOR}")
}

/// The release of Kubernetes.
pub(super) const MINOR: u32 = 35;

/// The fields of an object, or of a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    line: &'static str,
    /// Where other parts are found.
    fields: &'static str,
}

/// What may stand in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    /// A whole one.
    Integer,
    /// A whole one within bounds.
    Within(i64, i64),
    Number,
    Bool,
    /// A number or a text: a quantity, a port.
    Scalar,
    /// With a unit: `10m`.
    Time,
    /// A text in which a pattern is found.
    Like(&'static str),
    /// One of some words, with `|` between them.
    OneOf(&'static str),
    Part(Part),
    /// Of which nothing is said.
    Open,
}

impl Part {
    fn at(code: &str, fields: &'static str) -> Option<Self> {
        let digit = |letter: u8| match letter {
            b'0'..=b'9' => Some(letter - b'0'),
            b'a'..=b'z' => Some(letter - b'a' + 10),
            b'A'..=b'Z' => Some(letter - b'A' + 36),
            _ => None,
        };
        let begin = code.bytes().try_fold(0, |value, letter| Some(value * 62 + usize::from(digit(letter)?)))?;
        let rest = fields.get(begin..)?;
        Some(Self { line: rest.lines().next()?, fields })
    }

    /// A field's form, with `[` and `{` for the lists and maps around it; `*` is the name of all others.
    pub(super) fn field(self, name: &str) -> Option<&'static str> {
        self.code(name).or_else(|| self.code("*"))
    }

    /// The code behind a name. Most fields are looked up in every object, so this passes over the others byte by byte.
    fn code(self, name: &str) -> Option<&'static str> {
        let mut rest = self.line;
        loop {
            let after = rest.strip_prefix(name).map(|after| after.strip_prefix('!').unwrap_or(after));
            let end = rest.bytes().position(|byte| byte == b' ');
            if let Some(code) = after.and_then(|after| after.strip_prefix('=')) {
                let kept = end.map_or(0, |end| rest.len() - end);
                return code.get(..code.len() - kept);
            }
            rest = &rest[end? + 1..];
        }
    }

    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        self.entries().map(|(name, _)| name.trim_end_matches('!')).filter(|name| *name != "*")
    }

    /// The fields that have to be there.
    pub(super) fn needed(self) -> impl Iterator<Item = &'static str> {
        self.entries().filter_map(|(name, _)| name.strip_suffix('!'))
    }

    fn entries(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.line.split(' ').filter_map(|entry| entry.split_once('='))
    }

    /// A pattern stands in a line of its own, behind `~`.
    fn pattern(self, code: &str) -> Option<&'static str> {
        Self::at(code, self.fields)?.line.strip_prefix('~')
    }

    /// What the code of one of its fields means, without lists and maps around it.
    pub(super) fn form(self, code: &'static str) -> Form {
        match code {
            "s" => Form::Text,
            "i" => Form::Integer,
            "n" => Form::Number,
            "b" => Form::Bool,
            "p" | "q" => Form::Scalar,
            "t" => Form::Time,
            code => match code.as_bytes().first() {
                Some(b'|') => Form::OneOf(&code[1..]),
                Some(b'~') => self.pattern(&code[1..]).map_or(Form::Text, Form::Like),
                Some(b'i') if code.contains(':') => {
                    bounds(code).map_or(Form::Integer, |(from, to)| Form::Within(from, to))
                }
                _ => Self::at(code, self.fields).filter(|_| code.len() == 3).map_or(Form::Open, Form::Part),
            },
        }
    }
}

/// `i1:100`, `i0:`: the least and the most.
fn bounds(code: &str) -> Option<(i64, i64)> {
    let (from, to) = code.strip_prefix('i')?.split_once(':')?;
    let least = if from.is_empty() { i64::MIN } else { from.parse().ok()? };
    Some((least, if to.is_empty() { i64::MAX } else { to.parse().ok()? }))
}

/// A kind, and the code of its fields.
struct Kind {
    /// Group, version and name.
    id: (&'static str, &'static str, &'static str),
    code: &'static str,
}

/// A kind a line: `apps/v1/Deployment`, and where its fields stand.
fn kinds(text: &'static str) -> Vec<Kind> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let kind = |line: &'static str| {
        let (name, code) = line.split_once(' ')?;
        let mut parts = name.split('/');
        Some(Kind { id: (parts.next()?, parts.next()?, parts.next()?), code })
    };
    let mut all: Vec<Kind> = lines.filter_map(kind).collect();
    all.sort_unstable_by_key(|kind| kind.id);
    all
}

impl Table {
    /// The kind with its fields, if there is one.
    pub(super) fn kind(&self, group: &str, version: &str, kind: &str) -> Option<Part> {
        let at = self.kinds.binary_search_by(|own| own.id.cmp(&(group, version, kind))).ok()?;
        Part::at(self.kinds.get(at)?.code, self.fields)
    }

    /// All kinds as group, version and name.
    pub(super) fn kinds(&self) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
        self.kinds.iter().map(|kind| kind.id)
    }

    /// Whether the table holds kinds of a group.
    pub(super) fn has_group(&self, group: &str) -> bool {
        let begin = self.kinds.partition_point(|kind| kind.id.0 < group);
        self.kinds.get(begin).is_some_and(|kind| kind.id.0 == group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_and_every_form_is_one() {
        for (table, least) in [(&KUBERNETES, 150), (&DELIVERY, 11), (&CUSTOM, 80)] {
            let mut count = 0;
            for (group, version, name) in table.kinds() {
                let part = table.kind(group, version, name).unwrap_or_else(|| panic!("{group}/{version}/{name}"));
                assert!(part.field("metadata").is_some() || name == "Scale" || part.field("kind").is_some());
                count += 1;
            }
            assert!(count > least);
            for line in table.fields.lines().filter(|line| !line.starts_with('#')) {
                if let Some(pattern) = line.strip_prefix('~') {
                    assert!(regex_lite::Regex::new(pattern).is_ok(), "{pattern}");
                    continue;
                }
                let own = Part { line, fields: table.fields };
                for (name, code) in own.entries() {
                    let inner = code.trim_start_matches(['[', '{']);
                    assert!(inner == "*" || own.form(inner) != Form::Open, "{name}={code}");
                    assert!(!inner.starts_with('~') || matches!(own.form(inner), Form::Like(_)), "{name}={code}");
                    assert!(
                        !inner.contains(':') || matches!(own.form(inner), Form::Within(..) | Form::OneOf(_)),
                        "{name}={code}"
                    );
                    // A part begins where a line does.
                    if let Form::Part(part) = own.form(inner) {
                        assert!(table.fields.lines().any(|line| line == part.line), "{name}={code}");
                    }
                }
            }
        }
        assert!(KUBERNETES.fields.starts_with(&format!("# Kubernetes 1.{MINOR}.")));
        assert_eq!(KUBERNETES.kind("apps", "v1", "Deploymnt"), None);
        assert_eq!(KUBERNETES.kind("", "v1", "A"), None);
        assert_eq!(KUBERNETES.kind("zzz", "v1", "A"), None);
        let container = ["spec", "containers"].into_iter().fold(KUBERNETES.kind("", "v1", "Pod"), below).unwrap();
        assert_eq!(container.field("image"), Some("s"));
        assert_eq!(container.field("imag"), None);
        let pool = CUSTOM.kind("karpenter.sh", "v1", "NodePool").and_then(|pool| below(Some(pool), "spec")).unwrap();
        assert_eq!(pool.needed().collect::<Vec<_>>(), ["template"]);
        assert_eq!(pool.field("weight").map(|code| pool.form(code)), Some(Form::Within(1, 100)));
        let set = DELIVERY.kind("argoproj.io", "v1alpha1", "ApplicationSet");
        let helm = ["spec", "template", "spec", "source", "helm"].into_iter().fold(set, below).unwrap();
        assert_eq!(helm.field("valuesObject"), Some("{*"));
    }

    fn below(part: Option<Part>, field: &str) -> Option<Part> {
        let code = part?.field(field)?.trim_start_matches('[');
        match part?.form(code) {
            Form::Part(part) => Some(part),
            _ => None,
        }
    }
}
