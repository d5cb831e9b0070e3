//! Rules about a change: the tree that an environment compiles to now, against the one before. What stands in the new
//! tree is fine by itself; what is judged is the way there.

mod bottlerocket_build;
mod data_lost;
mod enforced;
mod export_in_use;
mod guard_removed;
mod immutable_field;
mod kubernetes_version;
mod named_replacement;
mod object_removed;
mod protection;
mod provider_removed;
mod renamed_resource;
mod replaced;
mod resource_type;
mod retention;
mod volume_size;
mod weakened;

use crate::check::Check;

pub(super) static CHECKS: &[Check] = &[
    Check::change(&[&data_lost::DATA_LOST], data_lost::check),
    Check::change(&[&named_replacement::NAMED_REPLACEMENT], named_replacement::check),
    Check::change(&[&renamed_resource::RENAMED_RESOURCE], renamed_resource::check),
    Check::change(&[&provider_removed::PROVIDER_REMOVED], provider_removed::check),
    Check::change(&[&replaced::REPLACED], replaced::check),
    Check::change(&[&resource_type::RESOURCE_TYPE], resource_type::check),
    Check::change(&[&export_in_use::EXPORT_IN_USE], export_in_use::check),
    Check::change(&[&kubernetes_version::KUBERNETES_VERSION], kubernetes_version::check),
    Check::change(&[&immutable_field::IMMUTABLE_FIELD], immutable_field::check),
    Check::change(&[&object_removed::OBJECT_REMOVED], object_removed::check),
    Check::change(&[&enforced::ENFORCED], enforced::check),
    Check::change(&[&weakened::WEAKENED], weakened::check),
    Check::change(&[&weakened::WEAKENED], protection::check),
    Check::change(&[&weakened::WEAKENED], guard_removed::check),
    Check::change(&[&bottlerocket_build::BOTTLEROCKET_BUILD], bottlerocket_build::check),
    Check::change(&[&retention::RETENTION], retention::check),
    Check::change(&[&volume_size::VOLUME_SIZE], volume_size::check),
];
