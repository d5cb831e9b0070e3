//! Rules about Kubernetes objects.

mod access_mode;
mod ami;
mod autoscaler;
mod budget;
mod containers;
mod cron;
mod data;
mod domains;
mod duplicate_object;
mod egress;
mod everyone;
pub(super) mod fields;
mod host;
mod image_name;
mod label;
mod limit_range;
mod name;
mod namespace;
mod network_policy;
mod node_label;
mod node_requirements;
mod plain_http;
mod pod;
mod pod_security;
mod pool_budget;
mod pool_limits;
mod quota;
mod rbac;
mod resources;
mod selector;
pub(super) mod served;
mod service;
mod spread;
mod startup_taint;
mod storage_class;
mod topology_key;
mod utilization;
mod volume_binding;
mod words;

use crate::check::Check;

pub(super) static CHECKS: &[Check] = &[
    Check::tree(&[&duplicate_object::DUPLICATE_OBJECT], duplicate_object::check),
    Check::settled(&[&name::NAME], name::check),
    Check::each(&[&name::NAME], name::check_pods),
    Check::each(&[&label::LABEL], label::check),
    Check::tree(&[&namespace::NAMESPACE], namespace::check),
    Check::settled(&[&selector::SELECTOR], selector::check_own),
    Check::tree(&[&selector::SELECTOR, &selector::TARGET_PORT], selector::check),
    Check::tree(&[&budget::DISRUPTION_BUDGET], budget::check),
    Check::settled(&[&containers::IMAGE_TAG], containers::check),
    Check::each(&[&containers::PROBE_PORT], containers::check_probes),
    Check::settled(&[&image_name::IMAGE_NAME], image_name::check),
    Check::each(&[&pod::POD, &pod::DUPLICATE_ENV], pod::check_twice),
    Check::settled(&[&pod::POD], pod::check),
    Check::settled(&[&fields::TYPE, &fields::VALUE, &fields::FIELDS], fields::check),
    Check::tree(&[&served::NOT_SERVED], served::check),
    Check::each(&[&service::SERVICE], service::check),
    Check::each(&[&data::DATA], data::check),
    Check::settled(&[&host::HOST], host::check),
    Check::each(&[&rbac::RBAC], rbac::check),
    Check::each(&[&everyone::EVERYONE], everyone::check),
    Check::tree(&[&rbac::RBAC], rbac::check_bindings),
    Check::settled(&[&resources::QUANTITY, &resources::RESOURCES], resources::check),
    Check::tree(&[&limit_range::LIMIT_RANGE], limit_range::check),
    Check::tree(&[&quota::QUOTA], quota::check),
    Check::tree(&[&network_policy::NETWORK_POLICY], network_policy::check),
    Check::tree(&[&autoscaler::HPA_REPLICAS], autoscaler::check),
    Check::settled(&[&cron::CRON], cron::check),
    Check::tree(&[&spread::SPREAD], spread::check),
    Check::each(&[&node_requirements::NODE_REQUIREMENTS], node_requirements::check),
    Check::each(&[&pool_limits::POOL_LIMITS], pool_limits::check),
    Check::each(&[&pool_budget::POOL_BUDGET], pool_budget::check),
    Check::each(&[&startup_taint::STARTUP_TAINT], startup_taint::check),
    Check::each(&[&node_label::NODE_LABEL], node_label::check),
    Check::tree(&[&utilization::UTILIZATION], utilization::check),
    Check::each(&[&ami::AMI], ami::check),
    Check::tree(&[&topology_key::TOPOLOGY_KEY], topology_key::check),
    Check::tree(&[&access_mode::ACCESS_MODE], access_mode::check),
    Check::tree(&[&pod_security::POD_SECURITY, &pod_security::PRIVILEGED], pod_security::check),
    Check::each(&[&volume_binding::VOLUME_BINDING], volume_binding::check),
    Check::tree(&[&plain_http::PLAIN_HTTP], plain_http::check),
    Check::tree(&[&storage_class::STORAGE_CLASS_DEFAULT], storage_class::check),
];
