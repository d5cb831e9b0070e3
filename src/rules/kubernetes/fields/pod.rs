//! Pods: <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/>, as of Kubernetes 1.35.

use super::containers::{CONTAINER, DEVICES, INIT_CONTAINER, PROFILE, RESTART, SECCOMP};
use super::form::Form::{Address, Amount, Bool, List, Many, MapOf, Named, Number, One, Text, TextMap, Told, Word};
use super::form::Law::{All, AtMost, Needs, Never, OneOf, Other, Unique};
use super::form::{DNS_LABEL, DOMAIN, Form, ID, Law, Part, QUALIFIED, SOME};
use super::metadata::OF_TEMPLATE;
use super::pod_laws::{claims, dns, host_ports, is_search, is_sysctl, namespaces, of_system, root_user, sleeps};
use super::resources::overhead;
use super::scheduling::{AFFINITY, SPREAD, SPREADS, TOLERATION};
use super::volumes::VOLUME;

/// Of what makes pods.
pub(super) static TEMPLATE: Part =
    Part { fields: &[("metadata", One(&OF_TEMPLATE)), ("spec", One(&TEMPLATE_SPEC))], laws: &[Needs(&["spec"])] };

/// As [`TEMPLATE`], for what keeps its pods running.
pub(super) static LASTING: Part =
    Part { fields: &[("metadata", One(&OF_TEMPLATE)), ("spec", One(&LASTING_SPEC))], laws: &[Needs(&["spec"])] };

pub(super) static SPEC: Part = Part { fields: FIELDS, laws: &[All(LAWS), Never("ephemeralContainers", DEBUGGING)] };

static TEMPLATE_SPEC: Part = Part { fields: FIELDS, laws: &[All(LAWS), Never("ephemeralContainers", DEBUGGING)] };

static LASTING_SPEC: Part = Part {
    fields: FIELDS,
    laws: &[
        All(LAWS),
        Never("ephemeralContainers", DEBUGGING),
        Never("activeDeadlineSeconds", "these pods are kept running"),
    ],
};

const DEBUGGING: &str = "they are added to a pod that runs";

const FIELDS: &[(&str, Form)] = &[
    ("activeDeadlineSeconds", SOME),
    ("affinity", One(&AFFINITY)),
    ("automountServiceAccountToken", Bool),
    ("containers", Many(&CONTAINER)),
    ("dnsConfig", One(&DNS)),
    ("dnsPolicy", Word(&["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"])),
    ("enableServiceLinks", Bool),
    ("hostAliases", Many(&HOST_ALIAS)),
    ("hostIPC", Bool),
    ("hostNetwork", Bool),
    ("hostPID", Bool),
    ("hostUsers", Bool),
    ("hostname", DNS_LABEL),
    ("hostnameOverride", Told(&DOMAIN)),
    ("imagePullSecrets", Many(&LOCAL_REFERENCE)),
    ("initContainers", Many(&INIT_CONTAINER)),
    ("nodeName", DOMAIN),
    ("nodeSelector", TextMap),
    ("os", One(&SYSTEM)),
    ("overhead", MapOf(&Amount)),
    ("preemptionPolicy", Told(&Word(&["Never", "PreemptLowerPriority"]))),
    ("priorityClassName", DOMAIN),
    ("readinessGates", Many(&READINESS_GATE)),
    ("resourceClaims", Many(&CLAIM)),
    ("restartPolicy", RESTART),
    ("runtimeClassName", Told(&DOMAIN)),
    ("schedulerName", Text),
    ("schedulingGates", Many(&SCHEDULING_GATE)),
    ("securityContext", One(&POD_SECURITY)),
    ("serviceAccountName", DOMAIN),
    ("setHostnameAsFQDN", Bool),
    ("shareProcessNamespace", Bool),
    ("subdomain", DNS_LABEL),
    // One that is negative becomes 1.
    ("terminationGracePeriodSeconds", Number(i64::MIN, i64::MAX)),
    ("tolerations", Many(&TOLERATION)),
    ("topologySpreadConstraints", Many(&SPREAD)),
    ("volumes", Many(&VOLUME)),
];

const LAWS: &[Law] = &[
    Needs(&["containers"]),
    Unique("resourceClaims", "name"),
    Unique("schedulingGates", "name"),
    Other(claims),
    Other(dns),
    Other(host_ports),
    Other(namespaces),
    Other(of_system),
    Other(overhead),
    Other(root_user),
    Other(sleeps),
    DEVICES,
    SPREADS,
];

static DNS: Part = Part {
    fields: &[
        ("nameservers", List(&Address)),
        ("options", Many(&DNS_OPTION)),
        ("searches", List(&Named(is_search, "a DNS name in lower case, or `.`"))),
    ],
    laws: &[AtMost("nameservers", 3), AtMost("searches", 32)],
};

static DNS_OPTION: Part = Part { fields: &[("name", Text), ("value", Text)], laws: &[Needs(&["name"])] };

static LOCAL_REFERENCE: Part = Part { fields: &[("name", Text)], laws: &[] };

static HOST_ALIAS: Part = Part { fields: &[("hostnames", List(&DOMAIN)), ("ip", Address)], laws: &[Needs(&["ip"])] };

static SYSTEM: Part = Part { fields: &[("name", Word(&["linux", "windows"]))], laws: &[Needs(&["name"])] };

static READINESS_GATE: Part = Part { fields: &[("conditionType", QUALIFIED)], laws: &[Needs(&["conditionType"])] };

static SCHEDULING_GATE: Part = Part { fields: &[("name", QUALIFIED)], laws: &[Needs(&["name"])] };

static CLAIM: Part = Part {
    fields: &[("name", DNS_LABEL), ("resourceClaimName", DOMAIN), ("resourceClaimTemplateName", DOMAIN)],
    laws: &[Needs(&["name"]), OneOf(&["resourceClaimName", "resourceClaimTemplateName"])],
};

static POD_SECURITY: Part = Part {
    fields: &[
        ("appArmorProfile", One(&PROFILE)),
        ("fsGroup", ID),
        ("fsGroupChangePolicy", Told(&Word(&["OnRootMismatch", "Always"]))),
        ("runAsGroup", ID),
        ("runAsNonRoot", Bool),
        ("runAsUser", ID),
        ("seLinuxChangePolicy", Told(&Word(&["MountOption", "Recursive"]))),
        ("seccompProfile", One(&SECCOMP)),
        ("supplementalGroups", List(&ID)),
        ("supplementalGroupsPolicy", Told(&Word(&["Merge", "Strict"]))),
        ("sysctls", Many(&SYSCTL)),
    ],
    laws: &[Unique("sysctls", "name")],
};

static SYSCTL: Part = Part {
    fields: &[
        ("name", Named(is_sysctl, "lower-case letters, digits, `-` and `_`, in parts with `.` or `/` between them")),
        ("value", Text),
    ],
    laws: &[Needs(&["name"])],
};
