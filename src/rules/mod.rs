//! Checks: rules about what an environment compiles to. They speak the languages of the outputs — `CloudFormation`, Helm,
//! Kubernetes, Argo CD, Flux — and know nothing of any one platform, so they serve every project.
//!
//! # Writing a rule
//!
//! A rule is one small file in the folder of its family: what it is called, how bad it is, why, an example of wrong and
//! right, and a function. The examples are run by the tests: `wrong` must break the rule and `right` must not.
//!
//! ```ignore
//! //! Subnets of one template that share addresses.           src/rules/cloudformation/subnet_overlap.rs
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
//! - [`Node`](crate::check::Node) is a value that knows its place: `node.get("key")`, `node.at(["spec", "template"])`,
//!   `node.list(["spec", "rules"])`, `node.items()`, `node.entries()`, `node.key()`, `node.walk(…)`. So are whole things:
//!   `view.resources_of("AWS::EC2::VPC")`, `view.objects_of("apps", "Deployment")`, `view.releases()`,
//!   `view.applications()`, `view.appliers()` of folders, `view.kustomizations()`; `selector::selects` is the one judge of
//!   selectors. A `&Node` is a place for the report; `node.place().key("name")` is one for what is missing.
//! - Where a text is made of several values, [`Draft::about`](crate::check::Draft::about) says which part of it is wrong.
//! - A check that judges each artifact by itself is a [`Check::each`]: it still judges the others where one could not be
//!   made. One that looks from an artifact to another could take what is missing for a mistake, and is a [`Check::tree`].
//!   Between the two is a [`Check::settled`]: of each artifact by itself, as Kustomize leaves it.
//! - What an acknowledgement names, the *subject*, is the resource or object around the place; [`Draft::subject`](crate::check::Draft::subject) changes it.
//! - A rule across environments is a [`Check::fleet`]: each environment leaves small [`Facts`](crate::check::Facts) while its tree is in memory,
//!   and they are judged together when all are there.
//! - A rule about what a change does is a [`Check::change`]: it gets the tree before beside the one that there is now.
//! - A check that cannot know says nothing. A false alarm costs more than a missed mistake: people turn rules off.

mod change;
mod cloudformation;
mod fleet;
mod gitops;
mod helm;
mod instances;
mod kubernetes;
mod lifecycle;
mod link;
mod near;
mod of_charts;
mod output;
mod own;
mod policy;
mod reference;
mod schemas;
mod secret;

#[cfg(test)]
mod replay;
#[cfg(test)]
mod tests;

use crate::check::k8s::Object;
use crate::check::{Broken, Brought, Catalogue, Check, Refused, Report, Severities, Sides, View};
use crate::finding::{Findings, Rule};
use crate::images::Delivered;
use crate::impact::effects;
use crate::schema::Schema;
use crate::source::Sources;

pub use of_charts::of_charts;
pub use own::{OwnRule, OwnRules};
pub use schemas::{BroughtBefore, Schemas, apis, misplaced, newest_kubernetes};
pub use secret::{HIDDEN, is_secret_place, masked, parts as secret_parts, secret_places, secret_texts};

/// The families, in the order of the documentation.
static FAMILIES: &[&[Check]] = &[
    cloudformation::CHECKS,
    cloudformation::LANGUAGE,
    cloudformation::POLICIES,
    cloudformation::FIXED,
    schemas::CHECKS,
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

/// All that is built in, as the engine wants to have it.
pub static CATALOGUE: Catalogue =
    Catalogue { families: FAMILIES, of_schemas: schemas::RULES, inward: secret::INWARD, effects };

/// All checks that are built in.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    CATALOGUE.checks()
}

/// All rules that are built in: those of the stages, then those of the checks; those with the same first word together.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    CATALOGUE.rules()
}

/// The rules about what is rendered.
pub fn output_rules() -> impl Iterator<Item = &'static Rule> {
    CATALOGUE.output_rules()
}

/// What a project brings to judge by: schemas of what others publish, and rules of its own.
#[derive(Debug)]
pub struct OfProject<'a> {
    pub schemas: Schemas<'a>,
    pub own: &'a OwnRules,
    pub sources: &'a Sources,
    /// What was brought before, if changes are judged against a revision.
    pub before: Option<BroughtBefore<'a>>,
}

impl Brought for OfProject<'_> {
    fn judge(
        &self,
        view: &View<'_>,
        is_whole: bool,
        severities: &Severities,
        report: &mut Report,
        findings: &mut Findings,
    ) {
        self.schemas.judge(view, is_whole, report, findings);
        let own = self.own.iter().filter(|own| is_whole || own.is_of_each());
        let own: Vec<_> = own.filter(|own| severities.is_on(own.rule.id)).collect();
        let delivered = if own.is_empty() { Delivered::default() } else { Delivered::of(view) };
        for own in &own {
            own.judge(view, &delivered, self.sources, report);
        }
        own::unseen(&own, view, report);
    }

    fn create_only(&self, kind: &str) -> Option<Vec<String>> {
        self.schemas.create_only(kind)
    }

    fn transitions(&self, old: &Object<'_>, new: &Object<'_>, defined: Option<&Schema>) -> Vec<Broken> {
        self.schemas.transitions(old, new, defined)
    }

    fn defined(&self, definition: &Object<'_>, version: &str) -> Option<Schema> {
        self.schemas.defined(definition, version)
    }

    fn refused(&self, view: &View<'_>) -> Vec<Refused> {
        policy::refused(view)
    }

    fn judge_by_former(&self, sides: &Sides<'_, '_>, is_whole: bool, report: &mut Report) {
        if let Some(before) = &self.before {
            before.judge((&self.schemas, self.own), sides, is_whole, report);
        }
    }

    fn ids(&self) -> Vec<&'static str> {
        self.own.ids()
    }

    fn forget(&self) {
        self.schemas.forget();
    }
}
