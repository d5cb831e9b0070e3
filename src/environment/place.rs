//! [`Place`]: where in an environment a walk stands, for messages. It costs nothing until it is printed.

use std::fmt;

use crate::yaml::path::write_word;

/// One step of a walk, tied to the step before it. Prints as a [`Path`](crate::yaml::path::Path).
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    above: Option<&'a Place<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Root,
    Key(&'a str),
    /// An item of a list that has keys.
    Item(&'a str),
    Index(usize),
}

impl<'a> Place<'a> {
    pub const ROOT: Place<'static> = Place { above: None, step: Step::Root };

    #[must_use]
    pub fn key(&'a self, key: &'a str) -> Self {
        Self { above: Some(self), step: Step::Key(key) }
    }

    #[must_use]
    pub fn item(&'a self, item: &'a str) -> Self {
        Self { above: Some(self), step: Step::Item(item) }
    }

    #[must_use]
    pub fn index(&'a self, index: usize) -> Self {
        Self { above: Some(self), step: Step::Index(index) }
    }

    pub fn is_root(&self) -> bool {
        self.above.is_none()
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(above) = self.above {
            above.fmt(f)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Key(key) => {
                if !self.above.is_none_or(Place::is_root) {
                    f.write_str(".")?;
                }
                write_word(f, key)
            }
            Step::Item(item) => write!(f, "[{item}]"),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn prints_as_a_path() {
        let pools = Place::ROOT.key("karpenter");
        let pools = pools.key("nodePools");
        let pool = pools.item("name=general");
        let labels = pool.key("labels");
        let label = labels.key("node.kubernetes.io/role");
        assert_eq!(label.to_string(), r#"karpenter.nodePools[name=general].labels."node.kubernetes.io/role""#);
        assert_eq!(labels.index(0).to_string(), "karpenter.nodePools[name=general].labels[0]");
        assert_eq!(Place::ROOT.key("a.b").to_string(), r#""a.b""#);
    }
}
