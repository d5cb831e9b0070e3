//! The engine that judges what an environment compiles to. It reads artifacts through [`View`], asks the checks, and leads
//! what they say in a [`Report`] back to the lines that somebody wrote. It knows no rule: those are in
//! [`crate::rules`], which hands them over as a [`Catalogue`].

mod acknowledge;
mod catalogue;
mod change;
pub mod fleet;
mod installed;
mod judge;
mod locate;
mod outside;
mod report;
mod settings;
pub mod view;

use crate::finding::Rule;

pub use acknowledge::{Acknowledgements, unused};
pub use catalogue::{Catalogue, Inward};
pub use change::{Before, Change, Consequence, Effect, Former, Pair, Past, Standing, Stood, Then};
pub use fleet::{Facts, FleetReport, Gathered, Known, Remembered, Where};
pub use installed::{Charts, Hears, Installed, Spot, Trace, Traces};
pub use judge::{Broken, Brought, Judge, Made, Member, Refused, Side, Sides, unsaid};
pub use locate::Locator;
pub use outside::{Declared, unused as unused_outside};
pub(crate) use report::At;
pub use report::{Draft, Report};
pub use settings::Severities;
pub use view::{
    Application, Applier, ChartValues, Document, Installs, Kustomization, Laid, Node, Others, Place, Release, Signs,
    View, cloudformation as cfn, kubernetes as k8s, nodes,
};

/// A function and the rules that it judges by.
#[derive(Debug)]
pub struct Check {
    pub rules: &'static [&'static Rule],
    pub scope: Scope,
}

#[derive(Clone, Copy, Debug)]
pub enum Scope {
    /// Judges each artifact by itself: what it says of one does not depend on which others there are. It judges what was
    /// made also where another artifact could not be.
    Each(fn(&View<'_>, &mut Report)),
    /// Judges the tree of one environment, whole.
    Tree(fn(&View<'_>, &mut Report)),
    /// Judges each artifact by itself, as Kustomize leaves it.
    Settled(fn(&View<'_>, &mut Report)),
    /// Judges what all environments of a run have left behind.
    Fleet { collect: fn(&View<'_>, &mut Facts), judge: fn(&[Known<'_>], &mut FleetReport) },
    /// Judges the tree of one environment against the one before.
    Change(fn(&Change<'_>, &mut Report)),
}

/// What could not be made of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    Nothing,
    /// Texts, whose paths are known and are among what was made, and of which no document speaks.
    Texts,
    /// Something, but nothing by which Kustomize would change what is there.
    Settled,
    Anything,
}

impl Check {
    pub const fn each(rules: &'static [&'static Rule], check: fn(&View<'_>, &mut Report)) -> Self {
        Self { rules, scope: Scope::Each(check) }
    }

    pub const fn settled(rules: &'static [&'static Rule], check: fn(&View<'_>, &mut Report)) -> Self {
        Self { rules, scope: Scope::Settled(check) }
    }

    pub const fn tree(rules: &'static [&'static Rule], check: fn(&View<'_>, &mut Report)) -> Self {
        Self { rules, scope: Scope::Tree(check) }
    }

    pub const fn fleet(
        rules: &'static [&'static Rule],
        collect: fn(&View<'_>, &mut Facts),
        judge: fn(&[Known<'_>], &mut FleetReport),
    ) -> Self {
        Self { rules, scope: Scope::Fleet { collect, judge } }
    }

    pub const fn change(rules: &'static [&'static Rule], check: fn(&Change<'_>, &mut Report)) -> Self {
        Self { rules, scope: Scope::Change(check) }
    }

    /// What judges one environment: its whole tree, or what there is of it.
    pub fn judge(&self, missing: Missing) -> Option<fn(&View<'_>, &mut Report)> {
        match self.scope {
            Scope::Each(judge) => Some(judge),
            Scope::Settled(judge) => Some(judge).filter(|_| missing != Missing::Anything),
            Scope::Tree(judge) => Some(judge).filter(|_| matches!(missing, Missing::Nothing | Missing::Texts)),
            Scope::Fleet { .. } | Scope::Change(_) => None,
        }
    }

    fn has(&self, id: &str) -> bool {
        self.rules.iter().any(|rule| rule.id == id)
    }
}

/// Defines a rule of a check. See [`crate::rules`].
macro_rules! rule {
    (
        $name:ident = $severity:ident $id:literal;
        summary: $summary:literal;
        explanation: $explanation:literal;
        wrong: $wrong:literal;
        right: $right:literal;
    ) => {
        #[doc = $summary]
        pub(super) static $name: $crate::finding::Rule = $crate::finding::Rule {
            id: $id,
            severity: $crate::finding::Severity::$severity,
            summary: $summary,
            explanation: $explanation,
            example: Some($crate::finding::codes::Example { wrong: $wrong, right: $right }),
            configurable: true,
        };
    };
}
pub(crate) use rule;
