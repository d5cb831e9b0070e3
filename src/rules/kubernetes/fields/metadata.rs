//! What all objects say of themselves: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/>.

use super::form::Form::{Bool, List, Many, Named, Text, TextMap};
use super::form::Law::{Needs, Other};
use super::form::{DNS_LABEL, Form, Part};
use super::laws::exclude;
use crate::check::{Node, Report};
use crate::rules::kubernetes::words::is_qualified;

pub(super) static OF_NAMESPACE: Part = Part { fields: FIELDS_OF_ALL, laws: &[Other(owners)] };

/// A namespace is left out for kinds that are in none.
pub(super) static OF_CLUSTER: Part = Part { fields: FIELDS_OF_CLUSTER, laws: &[Other(owners)] };

/// Of kinds whose finalizers need no domain.
pub(super) static OTHERS: Part = Part { fields: FIELDS_OF_OTHERS, laws: &[Other(owners)] };

const FIELDS_OF_OTHERS: &[(&str, Form)] = &[
    ("creationTimestamp", TIME),
    ("deletionTimestamp", TIME),
    ("namespace", DNS_LABEL),
    ("ownerReferences", Many(&OWNER)),
];

/// Of jobs and claims that are made.
pub(super) static OF_MADE: Part = Part {
    fields: &[("annotations", TextMap), ("creationTimestamp", TIME), ("deletionTimestamp", TIME), ("labels", TextMap)],
    laws: &[],
};

/// Of pods that are made.
pub(super) static OF_TEMPLATE: Part =
    Part { fields: &[("creationTimestamp", TIME), ("deletionTimestamp", TIME)], laws: &[] };

const FIELDS_OF_ALL: &[(&str, Form)] = &[
    ("creationTimestamp", TIME),
    ("deletionTimestamp", TIME),
    ("finalizers", List(&FINALIZER)),
    ("namespace", DNS_LABEL),
    ("ownerReferences", Many(&OWNER)),
];

const FIELDS_OF_CLUSTER: &[(&str, Form)] = &[
    ("creationTimestamp", TIME),
    ("deletionTimestamp", TIME),
    ("finalizers", List(&FINALIZER)),
    ("ownerReferences", Many(&OWNER)),
];

const TIME: Form = Named(is_time, "a time such as `2026-01-31T12:00:00Z`");
const FINALIZER: Form = Named(is_finalizer, "a domain, `/` and a name, such as `example.com/clean-up`");

static OWNER: Part = Part {
    fields: &[
        ("apiVersion", Text),
        ("blockOwnerDeletion", Bool),
        ("controller", Bool),
        ("kind", Text),
        ("name", Text),
        ("uid", Text),
    ],
    laws: &[Needs(&["apiVersion", "kind", "name", "uid"])],
};

/// One owner at most looks after an object.
fn owners(metadata: &Node<'_>, report: &mut Report) {
    let owners = metadata.list(["ownerReferences"]);
    let mut controllers = owners.iter().filter_map(|it| it.get("controller")).filter(|it| it.boolean() == Some(true));
    if let (Some(first), Some(second)) = (controllers.next(), controllers.next()) {
        exclude("`controller: true`", &first, "that of another owner", &second, report);
    }
}

fn is_finalizer(text: &str) -> bool {
    matches!(text, "kubernetes" | "orphan" | "foregroundDeletion") || text.contains('/') && is_qualified(text)
}

/// As Go reads RFC 3339.
fn is_time(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit();
    let bytes = text.as_bytes();
    let form = b"0000-00-00T00:00:00";
    let (Some(head), Some(zone)) = (bytes.get(..form.len()), text.get(form.len()..)) else { return false };
    let fits = head.iter().zip(form).all(|(byte, sign)| if *sign == b'0' { is_digit(*byte) } else { byte == sign });
    let zone = match zone.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|letter: char| letter.is_ascii_digit()),
        None => zone,
    };
    let is_offset = zone.len() == 6 && zone.starts_with(['+', '-']) && zone.as_bytes()[3] == b':';
    fits && (zone == "Z" || is_offset)
}
