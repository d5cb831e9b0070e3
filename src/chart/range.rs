//! Versions and constraints as Helm reads them: versions may lack parts and begin with `v`, a constraint is a list of
//! alternatives, each a list of comparisons that must all hold.

use std::cmp::Ordering;
use std::sync::OnceLock;

use regex::Regex;
use semver::{BuildMetadata, Prerelease, Version};

const LONGEST: usize = 512;
const VERSION: &str =
    r"v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?";
const WANTED: &str = r"v?([0-9|x|X|\*]+)(\.[0-9|x|X|\*]+)?(\.[0-9|x|X|\*]+)?(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?";
const OPERATORS: &str = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^";

struct Patterns {
    version: Regex,
    one: Regex,
    range: Regex,
    each: Regex,
    whole: Regex,
}

fn patterns() -> Option<&'static Patterns> {
    static PATTERNS: OnceLock<Option<Patterns>> = OnceLock::new();
    let make = || {
        let made = |text: String| Regex::new(&text).ok();
        Some(Patterns {
            version: made(format!("^{VERSION}$"))?,
            one: made(format!(r"^\s*({OPERATORS})\s*({WANTED})\s*$"))?,
            range: made(format!(r"\s*({WANTED})\s+-\s+({WANTED})\s*"))?,
            each: made(format!(r"({OPERATORS})\s*({WANTED})"))?,
            whole: made(format!(r"^(\s*({OPERATORS})\s*({WANTED})\s*)((?:\s+|,\s*)({OPERATORS})\s*({WANTED})\s*)*$"))?,
        })
    };
    PATTERNS.get_or_init(make).as_ref()
}

/// A version as it may be written: `v1.2`, `1.2.3-rc.1+build`.
pub fn read(text: &str) -> Option<Version> {
    let found = patterns()?.version.captures(text).filter(|_| text.len() <= LONGEST)?;
    let part = |number: usize| found.get(number).map_or("", |part| part.as_str());
    let number = |text: &str| if text.is_empty() { Some(0) } else { text.parse().ok() };
    Some(Version {
        major: number(part(1))?,
        minor: number(part(2).trim_start_matches('.'))?,
        patch: number(part(3).trim_start_matches('.'))?,
        pre: Prerelease::new(part(5)).ok()?,
        build: BuildMetadata::new(part(8)).ok()?,
    })
}

/// Whether a version is one of those that a constraint allows. None if either cannot be read.
pub fn allows(constraint: &str, version: &str) -> Option<bool> {
    Some(Constraint::read(constraint)?.allows(&read(version)?))
}

/// `>= 1.2, < 2 || ^3.1`.
#[derive(Debug)]
pub struct Constraint(Vec<Alternative>);

#[derive(Debug)]
struct Alternative {
    comparisons: Vec<Comparison>,
    /// It names a version before a release, and so means those.
    takes_early: bool,
}

#[derive(Debug)]
struct Comparison {
    operator: Operator,
    with: Version,
    /// A part of the version is left out, or any.
    is_partial: bool,
    any_minor: bool,
    any_patch: bool,
}

#[derive(Clone, Copy, Debug)]
enum Operator {
    Equal,
    Not,
    Greater,
    Less,
    AtLeast,
    AtMost,
    Tilde,
    Caret,
}

impl Constraint {
    pub fn read(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let patterns = patterns()?;
        let mut rewritten = text.to_owned();
        for found in patterns.range.captures_iter(text) {
            let bounds = format!(">= {}, <= {} ", &found[1], &found[11]);
            rewritten = rewritten.replacen(&found[0], &bounds, 1);
        }
        let alternatives = rewritten.split("||").map(|part| Alternative::read(part, patterns));
        alternatives.collect::<Option<_>>().map(Self)
    }

    pub fn allows(&self, version: &Version) -> bool {
        self.0
            .iter()
            .any(|alternative| alternative.comparisons.iter().all(|it| it.holds(version, alternative.takes_early)))
    }
}

impl Alternative {
    fn read(text: &str, patterns: &Patterns) -> Option<Self> {
        if !patterns.whole.is_match(text) {
            return None;
        }
        let parts = patterns.each.find_iter(text).map(|part| Comparison::read(part.as_str(), patterns));
        let comparisons: Vec<Comparison> = parts.collect::<Option<_>>()?;
        let takes_early = comparisons.iter().any(|it| !it.with.pre.is_empty());
        Some(Self { comparisons, takes_early })
    }
}

impl Comparison {
    fn read(text: &str, patterns: &Patterns) -> Option<Self> {
        let found = patterns.one.captures(text)?;
        let part = |number: usize| found.get(number).map_or("", |part| part.as_str());
        let operator = match part(1) {
            "" | "=" => Operator::Equal,
            "!=" => Operator::Not,
            ">" => Operator::Greater,
            "<" => Operator::Less,
            ">=" | "=>" => Operator::AtLeast,
            "<=" | "=<" => Operator::AtMost,
            "~" | "~>" => Operator::Tilde,
            _ => Operator::Caret,
        };
        let is_any = |text: &str| matches!(text.trim_start_matches('.'), "" | "x" | "X" | "*");
        let (major, minor, patch, early) = (part(3), part(4), part(5), part(6));
        let (mut any_minor, mut any_patch) = (false, false);
        let written = if is_any(major) {
            format!("0.0.0{early}")
        } else if is_any(minor) {
            any_minor = true;
            format!("{major}.0.0{early}")
        } else if is_any(patch) {
            any_patch = true;
            format!("{major}{minor}.0{early}")
        } else {
            part(2).to_owned()
        };
        let is_partial = is_any(major) || any_minor || any_patch;
        Some(Self { operator, with: read(&written)?, is_partial, any_minor, any_patch })
    }

    fn holds(&self, version: &Version, takes_early: bool) -> bool {
        if !version.pre.is_empty() && !takes_early {
            return false;
        }
        let order = version.cmp_precedence(&self.with);
        match self.operator {
            Operator::Equal if self.is_partial => self.tilde(version, order),
            Operator::Equal => order == Ordering::Equal,
            Operator::Not => self.differs(version, order),
            Operator::Greater if self.is_partial => self.is_past(version, order),
            Operator::Greater => order == Ordering::Greater,
            Operator::Less => order == Ordering::Less,
            Operator::AtLeast => order != Ordering::Less,
            Operator::AtMost if self.is_partial => {
                let is_later_minor = version.major == self.with.major && version.minor > self.with.minor;
                version.major <= self.with.major && (!is_later_minor || self.any_minor)
            }
            Operator::AtMost => order != Ordering::Greater,
            Operator::Tilde => self.tilde(version, order),
            Operator::Caret => self.caret(version, order),
        }
    }

    fn differs(&self, version: &Version, order: Ordering) -> bool {
        if !self.is_partial {
            return order != Ordering::Equal;
        }
        if self.with.major != version.major {
            return true;
        }
        if self.any_minor {
            return false;
        }
        if self.with.minor != version.minor {
            return true;
        }
        if !self.any_patch {
            return if self.with.patch == version.patch { order != Ordering::Equal } else { true };
        }
        (!version.pre.is_empty() || !self.with.pre.is_empty()) && version.pre != self.with.pre
    }

    fn is_past(&self, version: &Version, order: Ordering) -> bool {
        match version.major.cmp(&self.with.major) {
            Ordering::Greater => true,
            Ordering::Less => false,
            Ordering::Equal if self.any_minor => false,
            Ordering::Equal if self.any_patch => version.minor > self.with.minor,
            Ordering::Equal => order == Ordering::Greater,
        }
    }

    fn tilde(&self, version: &Version, order: Ordering) -> bool {
        let Version { major, minor, patch, .. } = self.with;
        if order == Ordering::Less {
            return false;
        }
        if (major, minor, patch) == (0, 0, 0) && !self.any_minor && !self.any_patch {
            return true;
        }
        version.major == major && (version.minor == minor || self.any_minor)
    }

    fn caret(&self, version: &Version, order: Ordering) -> bool {
        let Version { major, minor, patch, .. } = self.with;
        if order == Ordering::Less {
            return false;
        }
        if major > 0 || self.any_minor {
            return version.major == major;
        }
        if version.major > 0 {
            return false;
        }
        if minor > 0 || self.any_patch {
            return version.minor == minor;
        }
        version.minor == 0 && version.patch == patch
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
            assert_eq!(read(text).unwrap().to_string(), expected);
        }
        for text in ["", "a", "1.2.3.4", "1.2.3-01", "1.2.3 "] {
            assert_eq!(read(text), None, "{text}");
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
            assert_eq!(allows(constraint, version), expected, "{constraint} {version}");
        }
    }
}
