//! Disks, and what configuration and rights are kept in:
//! <https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/>.

use super::form::Form::{Bool, Many, Number, One, Text, TextMap, Texts, Word, Words};
use super::form::Law::Needs;
use super::form::Part;
use super::selectors::LABEL_SELECTOR;

pub(super) static CLAIM: Part = Part { fields: &[("spec", One(&CLAIM_SPEC))], laws: &[] };

pub(super) static CLAIM_SPEC: Part = Part {
    fields: &[
        ("accessModes", Words(&["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"])),
        ("selector", One(&LABEL_SELECTOR)),
        ("storageClassName", Text),
        ("volumeMode", Word(&["Block", "Filesystem"])),
        ("volumeName", Text),
    ],
    laws: &[],
};

pub(super) static VOLUME_SPEC: Part = Part {
    fields: &[
        ("accessModes", Words(&["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"])),
        ("mountOptions", Texts),
        ("persistentVolumeReclaimPolicy", Word(&["Delete", "Recycle", "Retain"])),
        ("storageClassName", Text),
        ("volumeMode", Word(&["Block", "Filesystem"])),
    ],
    laws: &[],
};

pub(super) static STORAGE_CLASS: Part = Part {
    fields: &[
        ("allowVolumeExpansion", Bool),
        ("mountOptions", Texts),
        ("parameters", TextMap),
        ("provisioner", Text),
        ("reclaimPolicy", Word(&["Delete", "Retain"])),
        ("volumeBindingMode", Word(&["Immediate", "WaitForFirstConsumer"])),
    ],
    laws: &[],
};

pub(super) static CONFIG_MAP: Part =
    Part { fields: &[("binaryData", TextMap), ("data", TextMap), ("immutable", Bool)], laws: &[] };

pub(super) static SECRET: Part =
    Part { fields: &[("data", TextMap), ("immutable", Bool), ("stringData", TextMap), ("type", Text)], laws: &[] };

pub(super) static SERVICE_ACCOUNT: Part = Part { fields: &[("automountServiceAccountToken", Bool)], laws: &[] };

pub(super) static ROLE: Part = Part { fields: &[("rules", Many(&ROLE_RULE))], laws: &[] };

static ROLE_RULE: Part = Part {
    fields: &[
        ("apiGroups", Texts),
        ("nonResourceURLs", Texts),
        ("resourceNames", Texts),
        ("resources", Texts),
        ("verbs", Texts),
    ],
    laws: &[Needs(&["verbs"])],
};

pub(super) static BINDING: Part =
    Part { fields: &[("roleRef", One(&ROLE_REFERENCE)), ("subjects", Many(&SUBJECT))], laws: &[] };

static ROLE_REFERENCE: Part = Part {
    fields: &[
        ("apiGroup", Word(&["rbac.authorization.k8s.io"])),
        ("kind", Word(&["ClusterRole", "Role"])),
        ("name", Text),
    ],
    laws: &[Needs(&["kind", "name"])],
};

static SUBJECT: Part = Part {
    fields: &[
        ("apiGroup", Text),
        ("kind", Word(&["Group", "ServiceAccount", "User"])),
        ("name", Text),
        ("namespace", Text),
    ],
    laws: &[Needs(&["kind", "name"])],
};

/// Those of users end at a thousand million.
pub(super) static PRIORITY_CLASS: Part = Part {
    fields: &[
        ("description", Text),
        ("globalDefault", Bool),
        ("preemptionPolicy", Word(&["Never", "PreemptLowerPriority"])),
        ("value", Number(i32::MIN as i64, 1_000_000_000)),
    ],
    laws: &[],
};

pub(super) static WEBHOOKS: Part = Part { fields: &[("webhooks", Many(&WEBHOOK))], laws: &[] };

static WEBHOOK: Part = Part {
    fields: &[
        ("admissionReviewVersions", Texts),
        ("failurePolicy", Word(&["Fail", "Ignore"])),
        ("matchPolicy", Word(&["Equivalent", "Exact"])),
        ("name", Text),
        ("namespaceSelector", One(&LABEL_SELECTOR)),
        ("objectSelector", One(&LABEL_SELECTOR)),
        ("reinvocationPolicy", Word(&["IfNeeded", "Never"])),
        ("rules", Many(&WEBHOOK_RULE)),
        ("sideEffects", Word(&["None", "NoneOnDryRun"])),
        ("timeoutSeconds", Number(1, 30)),
    ],
    laws: &[Needs(&["name", "clientConfig", "sideEffects", "admissionReviewVersions"])],
};

static WEBHOOK_RULE: Part = Part {
    fields: &[
        ("apiGroups", Texts),
        ("apiVersions", Texts),
        ("operations", Words(&["*", "CONNECT", "CREATE", "DELETE", "UPDATE"])),
        ("resources", Texts),
        ("scope", Word(&["*", "Cluster", "Namespaced"])),
    ],
    laws: &[],
};
