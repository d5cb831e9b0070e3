//! Checks: rules about what an environment compiles to. They speak the languages of the outputs — `CloudFormation`, Helm,
//! Kubernetes, Argo CD, Flux — and know nothing of any one platform, so they serve every project.
//!
//! # Writing a rule
//!
//! A rule is one small file in the folder of its family: what it is called, how bad it is, why, an example of wrong and
//! right, and a function. The examples are run by the tests: `wrong` must break the rule and `right` must not.
//!
//! ```ignore
//! //! Subnets of one template that share addresses.           src/check/cloudformation/subnet_overlap.rs
//!
//! use crate::check::{Report, View, rule};
//!
//! rule! {
//!     SUBNET_OVERLAP = Error "cfn/subnet-overlap";
//!     summary: "two subnets of a VPC share addresses";
//!     explanation: "CloudFormation makes the first subnet and then fails on the second, with a stack half built. …";
//!     wrong: "
//!         Resources:
//!           A: {Type: 'AWS::EC2::Subnet', Properties: {CidrBlock: 10.0.0.0/16}}
//!           B: {Type: 'AWS::EC2::Subnet', Properties: {CidrBlock: 10.0.1.0/24}}
//!     ";
//!     right: "…";
//! }
//!
//! pub(super) fn check(view: &View<'_>, report: &mut Report) {
//!     for template in view.templates() {
//!         let subnets: Vec<_> = template.resources_of("AWS::EC2::Subnet").collect();
//!         for (at, one) in subnets.iter().enumerate() {
//!             for other in &subnets[at + 1..] {
//!                 let (Some(a), Some(b)) = (one.property("CidrBlock"), other.property("CidrBlock")) else { continue };
//!                 if overlap(&a, &b) {
//!                     report
//!                         .at(&SUBNET_OVERLAP, &b, format!("the subnets `{}` and `{}` overlap", one.id, other.id))
//!                         .label("these addresses are taken already")
//!                         .also(&a, format!("by `{}`", one.id))
//!                         .help("give each subnet a network of its own: `cidr_subnet(vpc, 20, n)`");
//!                 }
//!             }
//!         }
//!     }
//! }
//! ```
//!
//! Then one line in the family's `CHECKS` table, `Check::tree(&[&SUBNET_OVERLAP], subnet_overlap::check)`, and two cases that
//! show what a user sees: `tests/findings/cases/cfn/subnet-overlap.case` and `subnet-overlap.quiet.case`.
//!
//! - A check gets a [`View`] of one compiled environment and says in a [`Report`] which place *of an artifact* is wrong. The
//!   engine finds what the user wrote there: the environment's value and the layer it overrode, or the template's line.
//!   It renders the template once more for that, so only findings cost anything.
//! - [`Node`] is a value that knows its place: `node.get("key")`, `node.at(["spec", "template"])`, `node.items()`,
//!   `node.entries()`, `node.walk(…)`. A `&Node` is a place for the report; `node.place().key("name")` is one for what is missing.
//! - Where a text is made of several values, [`Draft::about`] says which part of it is wrong.
//! - A check that judges each artifact by itself is a [`Check::each`]: it still judges the others where one could not be
//!   made. One that looks from an artifact to another could take what is missing for a mistake, and is a [`Check::tree`].
//! - What an acknowledgement names, the *subject*, is the resource or object around the place; [`Draft::subject`] changes it.
//! - A rule across environments is a [`Check::fleet`]: each environment leaves small [`Facts`] while its tree is in memory,
//!   and they are judged together when all are there.
//! - A rule about what a change does is a [`Check::change`]: it gets the tree before beside the one that there is now.
//! - A check that cannot know says nothing. A false alarm costs more than a missed mistake: people turn rules off.

mod acknowledge;
mod change;
mod cloudformation;
mod fleet;
mod gitops;
mod helm;
mod instances;
mod kubernetes;
mod lifecycle;
mod link;
mod locate;
mod output;
mod own;
mod policy;
mod reference;
mod report;
mod schemas;
pub mod secret;
mod settings;
mod view;

#[cfg(test)]
mod tests;

use indexmap::IndexMap;

use crate::finding::{Rule, codes};

pub use acknowledge::{Acknowledgements, unused};
pub use change::{Before, Change, Past, Standing};
pub use fleet::{Facts, FleetReport, Gathered, Known, judge};
pub use locate::{Locator, Traced};
pub use own::{OwnRule, OwnRules};
pub use report::{Draft, Report};
pub use schemas::Schemas;
pub use settings::Severities;
pub use view::{Document, Laid, Node, Others, Place, Release, View, cloudformation as cfn, kubernetes as k8s, nodes};

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
    /// Judges what all environments of a run have left behind.
    Fleet { collect: fn(&View<'_>, &mut Facts), judge: fn(&[Known<'_>], &mut FleetReport) },
    /// Judges the tree of one environment against the one before.
    Change(fn(&Change<'_>, &mut Report)),
}

impl Check {
    pub const fn each(rules: &'static [&'static Rule], check: fn(&View<'_>, &mut Report)) -> Self {
        Self { rules, scope: Scope::Each(check) }
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
    pub fn judge(&self, is_whole: bool) -> Option<fn(&View<'_>, &mut Report)> {
        match self.scope {
            Scope::Each(judge) => Some(judge),
            Scope::Tree(judge) => Some(judge).filter(|_| is_whole),
            Scope::Fleet { .. } | Scope::Change(_) => None,
        }
    }

    fn has(&self, id: &str) -> bool {
        self.rules.iter().any(|rule| rule.id == id)
    }
}

/// The families, in the order of the documentation.
static FAMILIES: &[&[Check]] = &[
    cloudformation::CHECKS,
    kubernetes::CHECKS,
    policy::CHECKS,
    reference::CHECKS,
    helm::CHECKS,
    gitops::CHECKS,
    link::CHECKS,
    lifecycle::CHECKS,
    output::CHECKS,
    secret::CHECKS,
    fleet::CHECKS,
    change::CHECKS,
];

/// All checks that are built in.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    FAMILIES.iter().copied().flatten()
}

/// All rules that are built in: those of the stages, then those of the checks; those with the same first word together.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    by_family(codes::all().chain(output_rules()))
}

/// The rules about what is rendered.
pub fn output_rules() -> impl Iterator<Item = &'static Rule> {
    let of_checks = checks().flat_map(|check| check.rules.iter().copied());
    by_family(of_checks.chain(schemas::RULES.iter().copied()))
}

fn by_family(rules: impl Iterator<Item = &'static Rule>) -> impl Iterator<Item = &'static Rule> {
    let mut families: IndexMap<&str, Vec<&'static Rule>> = IndexMap::new();
    for rule in rules {
        families.entry(rule.id.split('/').next().unwrap_or_default()).or_default().push(rule);
    }
    families.into_values().flatten()
}

/// Defines a rule of a check. See [the module's documentation](self).
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
use rule;
