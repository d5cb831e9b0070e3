//! What a chart's `kubeVersion` allows, in the words of Helm (github.com/Masterminds/semver): `>=1.28.0-0 <1.36`,
//! `1.30 - 1.34`, `~1.33 || ^1.35`.
//!
//! Only the cluster's minor version is known, so a minor version is allowed if any patch of it is. Pre-releases count
//! as what they are of: EKS appends one to every version, and charts write `-0` to let them in.

use super::version::Minor;

/// Ways to be allowed, each of bounds that must all hold.
#[derive(Debug)]
pub(super) struct Constraint(Vec<Vec<Bound>>);

#[derive(Debug)]
struct Bound {
    kind: Kind,
    /// Major, minor and patch, as far as they are given.
    given: Vec<u64>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
    /// `~1.2.3`: patches.
    Tilde,
    /// `^1.2.3`: anything with the same major version.
    Caret,
}

const KINDS: [(&str, Kind); 11] = [
    ("!=", Kind::NotEqual),
    (">=", Kind::AtLeast),
    ("=>", Kind::AtLeast),
    ("<=", Kind::AtMost),
    ("=<", Kind::AtMost),
    ("~>", Kind::Tilde),
    ("=", Kind::Equal),
    (">", Kind::Greater),
    ("<", Kind::Less),
    ("~", Kind::Tilde),
    ("^", Kind::Caret),
];

/// Patches to try: Kubernetes has had fewer of any version.
const PATCHES: u64 = 64;

impl Constraint {
    /// None of what is not understood.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(Self(text.split("||").map(all).collect::<Option<_>>()?))
    }

    pub(super) fn allows(&self, minor: Minor) -> bool {
        let minor = u64::from(minor.0);
        let allowed = |version: [u64; 3]| self.0.iter().any(|bounds| bounds.iter().all(|bound| bound.holds(version)));
        (0..PATCHES).any(|patch| allowed([1, minor, patch]))
    }
}

fn all(text: &str) -> Option<Vec<Bound>> {
    if let Some((from, to)) = text.split_once(" - ") {
        let (from, to) = (parts(from.trim())?, parts(to.trim())?);
        return Some(vec![Bound { kind: Kind::AtLeast, given: from }, Bound { kind: Kind::AtMost, given: to }]);
    }
    let mut rest = text.trim();
    let mut bounds = Vec::new();
    while !rest.is_empty() {
        let kind = KINDS.iter().find(|(sign, _)| rest.starts_with(sign));
        let (sign, kind) = kind.map_or(("", Kind::Equal), |(sign, kind)| (*sign, *kind));
        rest = rest.strip_prefix(sign)?.trim_start();
        let end = rest.find([' ', ',', '<', '>', '=', '!', '~', '^']).unwrap_or(rest.len());
        let (version, after) = rest.split_at_checked(end)?;
        bounds.push(Bound { kind, given: parts(version)? });
        rest = after.trim_start_matches([' ', ',']);
    }
    (!bounds.is_empty()).then_some(bounds)
}

/// `v1.28.0-0` is 1, 28 and 0; `1.28.x` is 1 and 28; `*` is nothing.
fn parts(version: &str) -> Option<Vec<u64>> {
    let version = version.strip_prefix('v').unwrap_or(version);
    let version = version.split(['-', '+']).next().filter(|version| !version.is_empty())?;
    let mut given = Vec::new();
    for part in version.split('.') {
        if matches!(part, "x" | "X" | "*") {
            break;
        }
        given.push(part.parse().ok()?);
    }
    (given.len() <= 3).then_some(given)
}

impl Bound {
    fn holds(&self, version: [u64; 3]) -> bool {
        // A version that is given in part stands for all that begin with it: `<=1.34` has every patch of 1.34.
        let own = version.get(..self.given.len()).unwrap_or_default();
        let given = self.given.as_slice();
        match self.kind {
            Kind::Equal => own == given,
            Kind::NotEqual => own != given,
            Kind::Less => own < given,
            Kind::AtMost => own <= given,
            Kind::Greater => own > given,
            Kind::AtLeast => own >= given,
            Kind::Tilde => own >= given && version.iter().zip(given).take(2).all(|(own, given)| own == given),
            Kind::Caret => own >= given && version.iter().zip(given).take(1).all(|(own, given)| own == given),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Constraint, Minor};

    #[test]
    fn constraints_as_charts_write_them() {
        let allowed = |text: &str| -> Vec<u32> {
            let constraint = Constraint::parse(text).unwrap();
            (30..=36).filter(|minor| constraint.allows(Minor(*minor))).collect()
        };
        for (text, minors) in [
            (">=1.25.0-0", &[30, 31, 32, 33, 34, 35, 36][..]),
            (">= 1.34.0-0", &[34, 35, 36]),
            (">1.33", &[34, 35, 36]),
            (">1.33.2", &[33, 34, 35, 36]),
            (">=1.31.0 <1.34.0-0", &[31, 32, 33]),
            (">=1.31, <=1.33", &[31, 32, 33]),
            (">=1.31.0-0<1.33.0-0", &[31, 32]),
            ("<1.31.0", &[30]),
            ("1.30 - 1.32", &[30, 31, 32]),
            ("~1.33", &[33]),
            ("~1.33.4", &[33]),
            ("^1.34.0", &[34, 35, 36]),
            ("1.33.x", &[33]),
            ("v1.33.1 || 1.35.*", &[33, 35]),
            ("!=1.33", &[30, 31, 32, 34, 35, 36]),
            ("*", &[30, 31, 32, 33, 34, 35, 36]),
            ("^2", &[]),
        ] {
            assert_eq!(allowed(text), minors, "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_says_nothing() {
        for text in ["", " || 1.3", "newest", ">=", ">= one", "1.2.3.4", ">=1.30.0 and more"] {
            assert!(Constraint::parse(text).is_none(), "{text}");
        }
    }
}
