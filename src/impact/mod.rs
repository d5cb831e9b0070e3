//! What a change does: from the tree before and the one there is now to what becomes of each resource and object, by what
//! is known of resource types, fields and controllers. The rules about changes are thresholds on it, `platc diff` shows
//! it. What nothing here knows of is unknown, and never said to be harmless.

mod admission;
mod cloudformation;
mod delivery;
mod differs;
mod files;
mod karpenter;
mod kubernetes;
mod object;
mod tightened;

use crate::check::{Brought, Change, Report};

pub(crate) use admission::{action, began, ended};
pub(crate) use cloudformation::{Replacement, fixed_name, gone, is_stateful, replacements, steps};
pub(crate) use delivery::{Pruned, pruned};
pub(crate) use differs::{Difference, differences};
pub(crate) use kubernetes::{Refusal, may_force, refusals};

/// Says under the rule of its consequence what becomes of each thing that changes.
pub(crate) fn effects(change: &Change<'_>, brought: &dyn Brought, report: &mut Report) {
    cloudformation::effects(change, brought, report);
    kubernetes::effects(change, brought, report);
    admission::effects(change, brought, report);
    files::documents(change, report);
    files::texts(change, report);
}
