//! The kinds of one release of Kubernetes and their fields. The list of kinds is read when one is first asked for, and the
//! fields of a kind where it is asked for.

use std::sync::LazyLock;

/// A kind a line, sorted: `apps/v1/Deployment`, and where its fields stand.
const KINDS: &str = include_str!("kinds.txt");
/// Fields a line, `name=form`; a form that is another part is named by where that part's line begins.
const FIELDS: &str = include_str!("fields.txt");

/// The release.
pub(super) const MINOR: u32 = 35;

/// The fields of an object, or of a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part(&'static str);

/// What may stand in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    /// A whole one.
    Integer,
    Number,
    Bool,
    /// A number or a text: a quantity, a port.
    Scalar,
    Part(Part),
    /// Of which nothing is said.
    Open,
}

impl Part {
    fn at(code: &str) -> Option<Self> {
        let digit = |letter: u8| match letter {
            b'0'..=b'9' => Some(letter - b'0'),
            b'a'..=b'z' => Some(letter - b'a' + 10),
            b'A'..=b'Z' => Some(letter - b'A' + 36),
            _ => None,
        };
        let begin = code.bytes().try_fold(0, |value, letter| Some(value * 62 + usize::from(digit(letter)?)))?;
        let line = FIELDS.get(begin..)?;
        Some(Self(&line[..line.find('\n').unwrap_or(line.len())]))
    }

    /// A field's form, with `[` and `{` for the lists and maps around it.
    pub(super) fn field(self, name: &str) -> Option<&'static str> {
        self.entries().find(|(key, _)| *key == name).map(|(_, code)| code)
    }

    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        self.entries().map(|(name, _)| name)
    }

    fn entries(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.0.split(' ').filter_map(|entry| entry.split_once('='))
    }
}

impl Form {
    /// What a code without lists and maps around it means.
    pub(super) fn of(code: &str) -> Self {
        match code {
            "s" => Self::Text,
            "i" => Self::Integer,
            "n" => Self::Number,
            "b" => Self::Bool,
            "p" | "q" => Self::Scalar,
            code => Part::at(code).filter(|_| code.len() == 3).map_or(Self::Open, Self::Part),
        }
    }
}

/// A kind, and the code of its fields.
struct Kind {
    /// Group, version and name.
    id: (&'static str, &'static str, &'static str),
    code: &'static str,
}

/// All kinds, sorted as they are written.
static ALL: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    let lines = KINDS.lines().filter(|line| !line.starts_with('#'));
    let kind = |line: &'static str| {
        let (name, code) = line.split_once(' ')?;
        let mut parts = name.split('/');
        Some(Kind { id: (parts.next()?, parts.next()?, parts.next()?), code })
    };
    let mut all: Vec<Kind> = lines.filter_map(kind).collect();
    all.sort_unstable_by_key(|kind| kind.id);
    all
});

/// The kind with its fields, if there is one.
pub(super) fn kind(group: &str, version: &str, kind: &str) -> Option<Part> {
    let at = ALL.binary_search_by(|own| own.id.cmp(&(group, version, kind))).ok()?;
    Part::at(ALL.get(at)?.code)
}

/// All kinds as group, version and name.
pub(super) fn kinds() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    ALL.iter().map(|kind| kind.id)
}

/// Whether the table holds kinds of a group.
pub(super) fn has_group(group: &str) -> bool {
    let begin = ALL.partition_point(|kind| kind.id.0 < group);
    ALL.get(begin).is_some_and(|kind| kind.id.0 == group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_and_every_form_is_one() {
        let mut count = 0;
        for (group, version, name) in kinds() {
            let part = kind(group, version, name).unwrap_or_else(|| panic!("{group}/{version}/{name}"));
            assert!(part.field("metadata").is_some() || name == "Scale" || part.field("kind").is_some());
            count += 1;
        }
        assert!(count > 150);
        for line in FIELDS.lines().filter(|line| !line.starts_with('#')) {
            for (name, code) in Part(line).entries() {
                let inner = code.trim_start_matches(['[', '{']);
                assert!(inner == "*" || Form::of(inner) != Form::Open, "{name}={code}");
                // A part begins where a line does.
                if let Form::Part(part) = Form::of(inner) {
                    assert!(FIELDS.lines().any(|line| line == part.0), "{name}={code}");
                }
            }
        }
        assert!(FIELDS.starts_with(&format!("# Kubernetes 1.{MINOR}.")));
        assert_eq!(kind("apps", "v1", "Deploymnt"), None);
        assert_eq!(kind("", "v1", "A"), None);
        assert_eq!(kind("zzz", "v1", "A"), None);
        let pod = kind("", "v1", "Pod").and_then(|pod| pod.field("spec")).map(Form::of);
        let Some(Form::Part(spec)) = pod else { panic!("{pod:?}") };
        let containers = spec.field("containers").and_then(|code| code.strip_prefix('[')).map(Form::of);
        let Some(Form::Part(container)) = containers else { panic!("{containers:?}") };
        assert_eq!(container.field("image"), Some("s"));
        assert_eq!(container.field("imag"), None);
    }
}
