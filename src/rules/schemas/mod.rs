//! Artifacts against the schemas of what they are for: kinds of Kubernetes objects, charts, resource types, as
//! `platc schema import` makes them below `schemas/`. What has no schema there is not judged, but for the kinds
//! that Kubernetes itself has.

mod api_resource;
mod bounds;
mod branches;
mod built_in;
mod cloudformation;
mod definitions;
mod formats;
mod former;
mod helm;
mod helm_text;
mod helm_values;
mod kubernetes;
mod misplaced;
mod object;
mod resource_types;
mod rules;
mod scalar;
mod store;
mod walk;

use crate::check::{Check, Node, Place, Report, View};
use crate::finding::{Findings, Rule};
use crate::yaml::path::Path;

pub use built_in::{apis, newest as newest_kubernetes};
pub(super) use built_in::{kustomization, misspelt_step, near_kind, of_other_group};
pub use former::BroughtBefore;
pub use misplaced::misplaced;
pub use store::Schemas;

/// All rules that artifacts are judged by with the help of schemas.
pub(super) static RULES: &[&Rule] = rules::ALL;

/// What needs no schema: that an object is one, and that the kinds that a role names are there.
pub(super) static CHECKS: &[Check] = &[
    Check::settled(&[&object::OBJECT], object::check),
    Check::each(&[&api_resource::API_RESOURCE], api_resource::check),
];

impl Schemas<'_> {
    /// Judges a tree. What is wrong with a schema that it needs is among the findings.
    pub fn judge(&self, view: &View<'_>, is_whole: bool, report: &mut Report, findings: &mut Findings) {
        kubernetes::judge(self, view, report, findings);
        cloudformation::judge(self, view, report, findings);
        // A release takes its values from other artifacts.
        if is_whole {
            helm::judge(self, view, report, findings);
        }
    }
}

/// A place below a node, which may be of something that is missing.
fn below(node: &Node<'_>, path: &Path) -> Place {
    let mut place = node.place();
    for step in path.steps() {
        place.path.push(step.clone());
    }
    place
}
