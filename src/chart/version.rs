//! Versions and constraints, as `Masterminds/semver` has them: `1.2` and `v1` are versions too, `>=1.2 <2 || 3.x`, `^1.2`,
//! `~1.2`, `1.2 - 1.4` are constraints.

use std::cmp::Ordering;
use std::sync::{Arc, LazyLock};

use regex::Regex;

use super::value::{Data, Field, Int, Struct, StructKind, Value};

const MOST_VERSION: usize = 256;
const MOST_CONSTRAINT: usize = 512;
const MOST_GROUPS: usize = 32;

const OPERATORS: &str = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^";
const WRITTEN: &str = r"v?([0-9|x|X|\*]+)(\.[0-9|x|X|\*]+)?(\.[0-9|x|X|\*]+)?(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?";
/// What RE2 means by `\s`.
const SPACE: &str = r"[\t\n\f\r ]";

static LOOSE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?$").ok()
});
static ONE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!("^{SPACE}*({OPERATORS}){SPACE}*({WRITTEN}){SPACE}*$")).ok());
static RANGE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!("{SPACE}*({WRITTEN}){SPACE}+-{SPACE}+({WRITTEN}){SPACE}*")).ok());
static EACH: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!("({OPERATORS}){SPACE}*({WRITTEN})")).ok());
static GROUP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let first = format!("({OPERATORS}){SPACE}*({WRITTEN}){SPACE}*");
    Regex::new(&format!("^({SPACE}*{first})((?:{SPACE}+|,{SPACE}*){first})*$")).ok()
});

/// A version as it may be written: `v1.2`, `1.2.3-rc.1+build`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    pub major: u64,
    pub minor: u64,
    pub patch: u64,
    pub pre: String,
    pub metadata: String,
}

impl Version {
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MOST_VERSION {
            return None;
        }
        let found = LOOSE.as_ref()?.captures(text)?;
        let part = |group: usize| found.get(group).map_or("", |it| it.as_str());
        let number = |text: &str| if text.is_empty() { Some(0) } else { text.trim_start_matches('.').parse().ok() };
        let version = Self {
            major: number(part(1))?,
            minor: number(part(2))?,
            patch: number(part(3))?,
            pre: part(5).to_owned(),
            metadata: part(8).to_owned(),
        };
        let zeros = |part: &str| part.len() > 1 && part.starts_with('0') && part.bytes().all(|it| it.is_ascii_digit());
        (version.pre.is_empty() || !version.pre.split('.').any(zeros)).then_some(version)
    }

    /// Which one is newer, what was added by a build aside.
    pub fn order(&self, other: &Self) -> Ordering {
        let numbers = (self.major, self.minor, self.patch).cmp(&(other.major, other.minor, other.patch));
        numbers.then_with(|| match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => compare_pre(&self.pre, &other.pre),
        })
    }

    fn text(&self) -> String {
        let pre = if self.pre.is_empty() { String::new() } else { format!("-{}", self.pre) };
        let metadata = if self.metadata.is_empty() { String::new() } else { format!("+{}", self.metadata) };
        format!("{}.{}.{}{pre}{metadata}", self.major, self.minor, self.patch)
    }
}

fn compare_pre(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<&str>, Vec<&str>) = (a.split('.').collect(), b.split('.').collect());
    for at in 0..a.len().max(b.len()) {
        let (left, right) = (a.get(at).copied().unwrap_or_default(), b.get(at).copied().unwrap_or_default());
        let order = match (left.parse::<u64>(), right.parse::<u64>()) {
            _ if left == right => continue,
            _ if left.is_empty() => Ordering::Less,
            _ if right.is_empty() => Ordering::Greater,
            (Ok(left), Ok(right)) if left == right => Ordering::Less,
            (Ok(left), Ok(right)) => left.cmp(&right),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            (Err(_), Err(_)) => left.cmp(right),
        };
        return order;
    }
    Ordering::Equal
}

/// A version as templates see it.
pub(super) fn value(text: &str) -> Option<Value> {
    let version = Version::parse(text)?;
    Some(as_value(&version, text))
}

fn as_value(version: &Version, original: &str) -> Value {
    let number = |it: u64| Value::from(Data::Int(it as i64, Int::Uint64));
    let text = |it: &str| Value::text(it);
    let field = |name, value| Field { name, json: name, omit_empty: false, value };
    let fields = vec![
        field("major", number(version.major)),
        field("minor", number(version.minor)),
        field("patch", number(version.patch)),
        field("pre", text(&version.pre)),
        field("metadata", text(&version.metadata)),
        field("original", text(original)),
        field("text", text(&version.text())),
    ];
    Data::Struct(Struct { kind: StructKind::Version, fields }.into()).into()
}

/// The next version in the part of that number.
pub(super) fn raised(text: &Value, part: usize) -> Value {
    let Data::Text(text) = &text.data else { return Value::ABSENT };
    let Some(mut version) = Version::parse(&text.str()) else { return Value::ABSENT };
    let was_pre = !version.pre.is_empty();
    (version.pre, version.metadata) = (String::new(), String::new());
    match part {
        0 => (version.major, version.minor, version.patch) = (version.major.saturating_add(1), 0, 0),
        1 => (version.minor, version.patch) = (version.minor.saturating_add(1), 0),
        _ if was_pre => {}
        _ => version.patch = version.patch.saturating_add(1),
    }
    let text = version.text();
    as_value(&version, &text)
}

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    Version::parse(a).unwrap_or_default().order(&Version::parse(b).unwrap_or_default())
}

/// Whether a version satisfies a constraint; an error says what can't be read.
pub fn satisfies(constraint: &str, version: &str) -> Result<bool, String> {
    let constraint =
        Constraint::parse(constraint).ok_or_else(|| format!("`{constraint}` is no constraint on versions"))?;
    let version = Version::parse(version).ok_or_else(|| format!("`{version}` is no version"))?;
    Ok(constraint.allows(&version))
}

/// `>= 1.2, < 2 || ^3.1`: alternatives, each of comparisons that must all hold.
#[derive(Debug)]
pub struct Constraint(Vec<Vec<Comparison>>);

impl Constraint {
    pub fn parse(text: &str) -> Option<Self> {
        alternatives(text).map(Self)
    }

    pub fn allows(&self, version: &Version) -> bool {
        self.0.iter().any(|alternative| {
            let with_pre = alternative.iter().any(|one| !one.version.pre.is_empty());
            alternative.iter().all(|one| one.allows(version, with_pre))
        })
    }
}

fn alternatives(text: &str) -> Option<Vec<Vec<Comparison>>> {
    if text.len() > MOST_CONSTRAINT {
        return None;
    }
    let mut written = text.to_owned();
    for found in RANGE.as_ref()?.captures_iter(text) {
        let part = |group: usize| found.get(group).map_or("", |it| it.as_str());
        written = written.replacen(part(0), &format!(">= {}, <= {} ", part(1), part(11)), 1);
    }
    let groups: Vec<&str> = written.split("||").collect();
    if groups.len() > MOST_GROUPS {
        return None;
    }
    groups.into_iter().map(group).collect()
}

fn group(text: &str) -> Option<Vec<Comparison>> {
    if !GROUP.as_ref()?.is_match(text) {
        return None;
    }
    EACH.as_ref()?.find_iter(text).map(|found| Comparison::parse(found.as_str())).collect()
}

#[derive(Debug)]
struct Comparison {
    operator: Arc<str>,
    version: Version,
    /// A part is left out, or an `x`.
    is_open: bool,
    minor_open: bool,
    patch_open: bool,
}

impl Comparison {
    fn parse(text: &str) -> Option<Self> {
        let found = ONE.as_ref()?.captures(text)?;
        let part = |group: usize| found.get(group).map_or("", |it| it.as_str());
        let is_open = |part: &str| matches!(part.trim_start_matches('.'), "" | "x" | "X" | "*");
        let (mut minor_open, mut patch_open, mut open) = (false, false, true);
        let version = if is_open(part(3)) {
            format!("0.0.0{}", part(6))
        } else if is_open(part(4)) {
            minor_open = true;
            format!("{}.0.0{}", part(3), part(6))
        } else if is_open(part(5)) {
            patch_open = true;
            format!("{}{}.0{}", part(3), part(4), part(6))
        } else {
            open = false;
            part(2).to_owned()
        };
        let version = Version::parse(&version)?;
        Some(Self { operator: part(1).into(), version, is_open: open, minor_open, patch_open })
    }

    fn allows(&self, version: &Version, with_pre: bool) -> bool {
        if !version.pre.is_empty() && !with_pre {
            return false;
        }
        let (own, order) = (&self.version, version.order(&self.version));
        match &*self.operator {
            "" | "=" if self.is_open => self.tilde(version),
            "" | "=" => order.is_eq(),
            "!=" => self.differs(version),
            ">" if !self.is_open => order.is_gt(),
            ">" if version.major != own.major => version.major > own.major,
            ">" if self.minor_open => false,
            ">" if self.patch_open => version.minor > own.minor,
            ">" => order.is_gt(),
            "<" => order.is_lt(),
            ">=" | "=>" => order.is_ge(),
            "<=" | "=<" if !self.is_open => order.is_le(),
            "<=" | "=<" => {
                version.major < own.major
                    || (version.major == own.major && (version.minor <= own.minor || self.minor_open))
            }
            "~" | "~>" => self.tilde(version),
            _ => self.caret(version),
        }
    }

    fn differs(&self, version: &Version) -> bool {
        let own = &self.version;
        if self.is_open {
            if own.major != version.major {
                return true;
            }
            if own.minor != version.minor && !self.minor_open {
                return true;
            }
            if self.minor_open {
                return false;
            }
            if own.patch != version.patch && !self.patch_open {
                return true;
            }
            if self.patch_open {
                return compare_pre(&version.pre, &own.pre).is_ne();
            }
        }
        version.order(own).is_ne()
    }

    fn tilde(&self, version: &Version) -> bool {
        let own = &self.version;
        if version.order(own).is_lt() {
            return false;
        }
        let is_zero = (own.major, own.minor, own.patch) == (0, 0, 0);
        if is_zero && !self.minor_open && !self.patch_open {
            return true;
        }
        version.major == own.major && (version.minor == own.minor || self.minor_open)
    }

    fn caret(&self, version: &Version) -> bool {
        let own = &self.version;
        if version.order(own).is_lt() {
            return false;
        }
        if own.major > 0 || self.minor_open {
            return version.major == own.major;
        }
        if version.major > 0 {
            return false;
        }
        if own.minor > 0 || self.patch_open {
            return version.minor == own.minor;
        }
        version.minor == 0 && own.patch == version.patch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_may_lack_parts() {
        for (text, expected) in
            [("1", "1.0.0"), ("v1.2", "1.2.0"), ("1.2.3-rc.1+b", "1.2.3-rc.1+b"), ("01.2.3", "1.2.3")]
        {
            assert_eq!(Version::parse(text).unwrap().text(), expected);
        }
        for text in ["", "a", "1.2.3.4", "1.2.3-01", "1.2.3 "] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }

    #[test]
    fn constraints_are_those_of_helm() {
        for (constraint, version, expected) in [
            (">=1.19.0-0", "1.30.0", Some(true)),
            (">=1.19.0-0", "1.30.0-eks-1", Some(true)),
            (">=1.19.0", "1.30.0-eks-1", Some(false)),
            ("^1.2.3", "1.9.0", Some(true)),
            ("^0.2.3", "0.3.0", Some(false)),
            ("^0.0", "0.0.9", Some(true)),
            ("~1.2.3", "1.2.9", Some(true)),
            ("~1.2", "1.3.0", Some(false)),
            ("~1", "1.9.9", Some(true)),
            ("1.x.x", "1.4.0", Some(true)),
            ("2.x", "1.4.0", Some(false)),
            ("*", "7.1.0", Some(true)),
            ("1.2 - 1.4", "1.4.5", Some(true)),
            ("1.2 - 1.4", "1.5.0", Some(false)),
            (">1.2", "1.2.5", Some(false)),
            (">1.2", "1.3.0", Some(true)),
            ("!=1.2.x", "1.2.7", Some(false)),
            ("<2 || >=3", "3.0.1", Some(true)),
            (">= 1.2 < 2", "1.9.0", Some(true)),
            (">= 1.2, < 2", "2.0.0", Some(false)),
            ("1.2.3", "1.2.3+build", Some(true)),
            ("", "1.0.0", None),
            ("latest", "1.0.0", None),
        ] {
            assert_eq!(satisfies(constraint, version).ok(), expected, "{constraint} {version}");
        }
    }
}
