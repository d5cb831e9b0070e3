//! Versions of Kubernetes, of which only the minor matters here.

use std::fmt;

use crate::check::{Node, View};

/// `1.35`, by its second number: there has been no other first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::rules) struct Minor(pub(in crate::rules) u32);

impl fmt::Display for Minor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.0)
    }
}

impl Minor {
    /// A version that is nothing but a minor one.
    pub(in crate::rules) fn exact(text: &str) -> Option<Self> {
        let (minor, rest) = Self::split(text)?;
        rest.is_empty().then_some(minor)
    }

    /// The minor version that a longer one begins with: `1.35.3-20260821`, `v1.35.3-eksbuild.2`.
    pub(super) fn leading(text: &str) -> Option<Self> {
        let (minor, rest) = Self::split(text.strip_prefix('v').unwrap_or(text))?;
        (rest.is_empty() || rest.starts_with(['.', '-', '/', '+'])).then_some(minor)
    }

    fn split(text: &str) -> Option<(Self, &str)> {
        let text = text.strip_prefix("1.")?;
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = text.split_at_checked(digits)?;
        // `1.05` is no version, and neither is `1.350000`.
        let is_number = (1..=3).contains(&digits) && !(digits > 1 && number.starts_with('0'));
        Some((Self(number.parse().ok().filter(|_| is_number)?), rest))
    }
}

/// The version of the EKS clusters that a tree makes.
pub(in crate::rules) struct Cluster<'a> {
    pub(in crate::rules) minor: Minor,
    /// Where it is said.
    pub(super) node: Node<'a>,
}

impl<'a> Cluster<'a> {
    /// None if there is no cluster, if one has another version than the others, or one that only deployment knows.
    pub(in crate::rules) fn of(view: &View<'a>) -> Option<Self> {
        let mut found: Option<Self> = None;
        for cluster in view.resources_of("AWS::EKS::Cluster") {
            let node = cluster.property("Version")?;
            let minor = Minor::exact(node.text()?)?;
            if found.as_ref().is_some_and(|known| known.minor != minor) {
                return None;
            }
            found.get_or_insert(Self { minor, node });
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::Minor;

    #[test]
    fn a_minor_version_alone_or_before_more() {
        assert_eq!(Minor::exact("1.35"), Some(Minor(35)));
        for text in ["1.35.2", "v1.35", "1.", "1", "2.0", "1.05", "1.3500", ""] {
            assert_eq!(Minor::exact(text), None, "{text}");
        }
        for text in ["1.35", "v1.35.3-eksbuild.2", "1.35.3-20260821", "1.35-2026.08.12"] {
            assert_eq!(Minor::leading(text), Some(Minor(35)), "{text}");
        }
        for text in ["1.35rc", "x1.35", "11.35", "latest"] {
            assert_eq!(Minor::leading(text), None, "{text}");
        }
    }
}
