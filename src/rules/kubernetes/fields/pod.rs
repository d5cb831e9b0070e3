//! Pods: <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/>, as of Kubernetes 1.35.

use super::form::Form::{Bool, Many, Named, Number, One, Port, Text, TextMap, Texts, Word};
use super::form::Law::{AtMostOne, Demands, Excludes, Needs, OneOf, Only, Other, Unique};
use super::form::{COUNT, ID, MODE, PORT_NUMBER, PROTOCOL, Part, SOME};
use super::pod_laws::{bidirectional, escalates, host_ports, is_env_name, is_field_path, root_user};
use super::selectors::LABEL_SELECTOR;
use crate::rules::kubernetes::words::is_dns_label;

pub(super) static TEMPLATE: Part = Part { fields: &[("spec", One(&SPEC))], laws: &[] };

pub(super) static SPEC: Part = Part {
    fields: &[
        ("activeDeadlineSeconds", SOME),
        ("affinity", One(&AFFINITY)),
        ("automountServiceAccountToken", Bool),
        ("containers", Many(&CONTAINER)),
        ("dnsPolicy", Word(&["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"])),
        ("enableServiceLinks", Bool),
        ("hostAliases", Many(&HOST_ALIAS)),
        ("hostIPC", Bool),
        ("hostNetwork", Bool),
        ("hostPID", Bool),
        ("hostUsers", Bool),
        ("hostname", DNS_LABEL),
        ("imagePullSecrets", Many(&LOCAL_REFERENCE)),
        ("initContainers", Many(&INIT_CONTAINER)),
        ("nodeName", Text),
        ("nodeSelector", TextMap),
        ("preemptionPolicy", Word(&["Never", "PreemptLowerPriority"])),
        ("priorityClassName", Text),
        ("restartPolicy", RESTART),
        ("runtimeClassName", Text),
        ("schedulerName", Text),
        ("securityContext", One(&POD_SECURITY)),
        ("serviceAccountName", Text),
        ("setHostnameAsFQDN", Bool),
        ("shareProcessNamespace", Bool),
        ("subdomain", DNS_LABEL),
        // One that is negative becomes 1.
        ("terminationGracePeriodSeconds", Number(i64::MIN, i64::MAX)),
        ("tolerations", Many(&TOLERATION)),
        ("topologySpreadConstraints", Many(&SPREAD)),
        ("volumes", Many(&VOLUME)),
    ],
    laws: &[Other(host_ports), Other(root_user)],
};

const DNS_LABEL: super::form::Form =
    Named(is_dns_label, "lower-case letters, digits and `-`, at most 63, with a letter or digit at both ends");
const RESTART: super::form::Form = Word(&["Always", "OnFailure", "Never"]);

static LOCAL_REFERENCE: Part = Part { fields: &[("name", Text)], laws: &[] };

static HOST_ALIAS: Part = Part { fields: &[("hostnames", Texts), ("ip", Text)], laws: &[Needs(&["ip"])] };

static POD_SECURITY: Part = Part {
    fields: &[
        ("fsGroup", ID),
        ("fsGroupChangePolicy", Word(&["OnRootMismatch", "Always"])),
        ("runAsGroup", ID),
        ("runAsNonRoot", Bool),
        ("runAsUser", ID),
        ("seccompProfile", One(&SECCOMP)),
        ("supplementalGroupsPolicy", Word(&["Merge", "Strict"])),
        ("sysctls", Many(&SYSCTL)),
    ],
    laws: &[],
};

static SYSCTL: Part = Part { fields: &[("name", Text), ("value", Text)], laws: &[Needs(&["name"])] };

static SECCOMP: Part = Part {
    fields: &[("localhostProfile", Text), ("type", Word(&["Unconfined", "RuntimeDefault", "Localhost"]))],
    laws: &[
        Needs(&["type"]),
        Only("type", &["Localhost"], &["localhostProfile"]),
        Demands("type", &["Localhost"], &["localhostProfile"]),
    ],
};

static TOLERATION: Part = Part {
    fields: &[
        ("effect", Word(&["NoSchedule", "PreferNoSchedule", "NoExecute"])),
        ("key", Text),
        // `Gt` and `Lt` are new in 1.35, behind a gate.
        ("operator", Word(&["Exists", "Equal", "Gt", "Lt"])),
        ("value", Text),
    ],
    laws: &[
        Excludes("operator", &["Exists"], &["value"]),
        Demands("operator", &["Equal"], &["key"]),
        Excludes("effect", &["NoSchedule", "PreferNoSchedule"], &["tolerationSeconds"]),
    ],
};

static SPREAD: Part = Part {
    fields: &[
        ("labelSelector", One(&LABEL_SELECTOR)),
        ("matchLabelKeys", Texts),
        ("maxSkew", SOME),
        ("minDomains", SOME),
        ("nodeAffinityPolicy", Word(&["Honor", "Ignore"])),
        ("nodeTaintsPolicy", Word(&["Honor", "Ignore"])),
        ("topologyKey", Text),
        ("whenUnsatisfiable", Word(&["DoNotSchedule", "ScheduleAnyway"])),
    ],
    laws: &[
        Needs(&["maxSkew", "topologyKey", "whenUnsatisfiable"]),
        Excludes("whenUnsatisfiable", &["ScheduleAnyway"], &["minDomains"]),
    ],
};

static AFFINITY: Part = Part {
    fields: &[
        ("nodeAffinity", One(&NODE_AFFINITY)),
        ("podAffinity", One(&POD_AFFINITY)),
        ("podAntiAffinity", One(&POD_AFFINITY)),
    ],
    laws: &[],
};

static NODE_AFFINITY: Part = Part {
    fields: &[
        ("preferredDuringSchedulingIgnoredDuringExecution", Many(&PREFERRED_NODES)),
        ("requiredDuringSchedulingIgnoredDuringExecution", One(&NODE_SELECTOR)),
    ],
    laws: &[],
};

pub(super) static NODE_SELECTOR: Part =
    Part { fields: &[("nodeSelectorTerms", Many(&NODE_TERM))], laws: &[Needs(&["nodeSelectorTerms"])] };

static PREFERRED_NODES: Part =
    Part { fields: &[("preference", One(&NODE_TERM)), ("weight", Number(1, 100))], laws: &[Needs(&["weight"])] };

static NODE_TERM: Part =
    Part { fields: &[("matchExpressions", Many(&NODE_DEMAND)), ("matchFields", Many(&NODE_DEMAND))], laws: &[] };

static NODE_DEMAND: Part = Part {
    fields: &[
        ("key", Text),
        ("operator", Word(&["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"])),
        ("values", Texts),
    ],
    laws: &[
        Needs(&["key", "operator"]),
        Demands("operator", &["In", "NotIn", "Gt", "Lt"], &["values"]),
        Excludes("operator", &["Exists", "DoesNotExist"], &["values"]),
    ],
};

static POD_AFFINITY: Part = Part {
    fields: &[
        ("preferredDuringSchedulingIgnoredDuringExecution", Many(&PREFERRED_PODS)),
        ("requiredDuringSchedulingIgnoredDuringExecution", Many(&POD_TERM)),
    ],
    laws: &[],
};

static PREFERRED_PODS: Part = Part {
    fields: &[("podAffinityTerm", One(&POD_TERM)), ("weight", Number(1, 100))],
    laws: &[Needs(&["weight", "podAffinityTerm"])],
};

static POD_TERM: Part = Part {
    fields: &[
        ("labelSelector", One(&LABEL_SELECTOR)),
        ("namespaceSelector", One(&LABEL_SELECTOR)),
        ("namespaces", Texts),
        ("topologyKey", Text),
    ],
    laws: &[Needs(&["topologyKey"])],
};

static CONTAINER: Part = Part {
    fields: CONTAINER_FIELDS,
    laws: &[
        Needs(&["name"]),
        Unique("volumeMounts", "mountPath"),
        Unique("volumeDevices", "devicePath"),
        Other(bidirectional),
    ],
};

/// One that runs to its end, unless it is always restarted: then it runs beside the others.
static INIT_CONTAINER: Part = Part {
    fields: CONTAINER_FIELDS,
    laws: &[
        Needs(&["name"]),
        Unique("volumeMounts", "mountPath"),
        Unique("volumeDevices", "devicePath"),
        Other(bidirectional),
        Only("restartPolicy", &["Always"], &["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]),
    ],
};

const CONTAINER_FIELDS: &[(&str, super::form::Form)] = &[
    ("args", Texts),
    ("command", Texts),
    ("env", Many(&ENV)),
    ("envFrom", Many(&ENV_FROM)),
    ("image", Text),
    ("imagePullPolicy", Word(&["Always", "IfNotPresent", "Never"])),
    ("lifecycle", One(&LIFECYCLE)),
    ("livenessProbe", One(&LIVENESS)),
    ("name", Text),
    ("ports", Many(&CONTAINER_PORT)),
    ("readinessProbe", One(&READINESS)),
    ("restartPolicy", RESTART),
    ("securityContext", One(&SECURITY)),
    ("startupProbe", One(&LIVENESS)),
    ("stdin", Bool),
    ("stdinOnce", Bool),
    ("terminationMessagePath", Text),
    ("terminationMessagePolicy", Word(&["File", "FallbackToLogsOnError"])),
    ("tty", Bool),
    ("volumeDevices", Many(&DEVICE)),
    ("volumeMounts", Many(&MOUNT)),
    ("workingDir", Text),
];

static ENV: Part = Part {
    fields: &[
        ("name", Named(is_env_name, "characters of ASCII that can be seen, without `=`")),
        ("value", Text),
        ("valueFrom", One(&ENV_SOURCE)),
    ],
    laws: &[Needs(&["name"]), AtMostOne(&["value", "valueFrom"])],
};

static ENV_SOURCE: Part = Part {
    fields: &[
        ("configMapKeyRef", One(&KEY_REFERENCE)),
        ("fieldRef", One(&FIELD_REFERENCE)),
        ("resourceFieldRef", One(&RESOURCE_REFERENCE)),
        ("secretKeyRef", One(&KEY_REFERENCE)),
    ],
    laws: &[OneOf(&["configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef"])],
};

static KEY_REFERENCE: Part =
    Part { fields: &[("key", Text), ("name", Text), ("optional", Bool)], laws: &[Needs(&["key"])] };

static FIELD_REFERENCE: Part = Part {
    fields: &[
        ("apiVersion", Text),
        ("fieldPath", Named(is_field_path, "a field of a pod that a variable may take, such as `metadata.name`")),
    ],
    laws: &[Needs(&["fieldPath"])],
};

static RESOURCE_REFERENCE: Part =
    Part { fields: &[("containerName", Text), ("resource", Text)], laws: &[Needs(&["resource"])] };

static ENV_FROM: Part = Part {
    fields: &[("configMapRef", One(&OBJECT_REFERENCE)), ("prefix", Text), ("secretRef", One(&OBJECT_REFERENCE))],
    laws: &[OneOf(&["configMapRef", "secretRef"])],
};

static OBJECT_REFERENCE: Part = Part { fields: &[("name", Text), ("optional", Bool)], laws: &[Needs(&["name"])] };

static CONTAINER_PORT: Part = Part {
    fields: &[
        ("containerPort", Number(1, 65_535)),
        ("hostIP", Text),
        ("hostPort", PORT_NUMBER),
        ("name", Text),
        ("protocol", PROTOCOL),
    ],
    laws: &[Needs(&["containerPort"])],
};

static MOUNT: Part = Part {
    fields: &[
        ("mountPath", Text),
        ("mountPropagation", Word(&["None", "HostToContainer", "Bidirectional"])),
        ("name", Text),
        ("readOnly", Bool),
        ("recursiveReadOnly", Word(&["Disabled", "IfPossible", "Enabled"])),
        ("subPath", Named(stays_below, "a path that does not begin with `/` and has no `..`")),
        ("subPathExpr", Named(stays_below, "a path that does not begin with `/` and has no `..`")),
    ],
    laws: &[Needs(&["name", "mountPath"]), AtMostOne(&["subPath", "subPathExpr"])],
};

static DEVICE: Part = Part { fields: &[("devicePath", Text), ("name", Text)], laws: &[Needs(&["name", "devicePath"])] };

static LIFECYCLE: Part = Part { fields: &[("postStart", One(&HANDLER)), ("preStop", One(&HANDLER))], laws: &[] };

static HANDLER: Part = Part {
    fields: &[("exec", One(&EXEC)), ("httpGet", One(&HTTP)), ("sleep", One(&SLEEP)), ("tcpSocket", One(&TCP))],
    laws: &[OneOf(&["exec", "httpGet", "sleep", "tcpSocket"])],
};

static SLEEP: Part = Part { fields: &[("seconds", COUNT)], laws: &[] };

static READINESS: Part = Part {
    fields: &[
        ("exec", One(&EXEC)),
        ("failureThreshold", COUNT),
        ("grpc", One(&GRPC)),
        ("httpGet", One(&HTTP)),
        ("initialDelaySeconds", COUNT),
        ("periodSeconds", COUNT),
        ("successThreshold", COUNT),
        ("tcpSocket", One(&TCP)),
        ("timeoutSeconds", COUNT),
    ],
    laws: &[OneOf(PROBES)],
};

/// Of liveness and startup: one success is enough.
static LIVENESS: Part = Part {
    fields: &[
        ("exec", One(&EXEC)),
        ("failureThreshold", COUNT),
        ("grpc", One(&GRPC)),
        ("httpGet", One(&HTTP)),
        ("initialDelaySeconds", COUNT),
        ("periodSeconds", COUNT),
        ("successThreshold", Number(0, 1)),
        ("tcpSocket", One(&TCP)),
        ("terminationGracePeriodSeconds", SOME),
        ("timeoutSeconds", COUNT),
    ],
    laws: &[OneOf(PROBES)],
};

const PROBES: &[&str] = &["exec", "grpc", "httpGet", "tcpSocket"];

static EXEC: Part = Part { fields: &[("command", Texts)], laws: &[Needs(&["command"])] };

static GRPC: Part = Part { fields: &[("port", Number(1, 65_535)), ("service", Text)], laws: &[Needs(&["port"])] };

static HTTP: Part = Part {
    fields: &[
        ("host", Text),
        ("httpHeaders", Many(&HEADER)),
        ("path", Text),
        ("port", Port),
        ("scheme", Word(&["HTTP", "HTTPS"])),
    ],
    laws: &[Needs(&["port"])],
};

static HEADER: Part = Part { fields: &[("name", Text), ("value", Text)], laws: &[Needs(&["name"])] };

static TCP: Part = Part { fields: &[("host", Text), ("port", Port)], laws: &[Needs(&["port"])] };

static SECURITY: Part = Part {
    fields: &[
        ("allowPrivilegeEscalation", Bool),
        ("capabilities", One(&CAPABILITIES)),
        ("privileged", Bool),
        ("procMount", Word(&["Default", "Unmasked"])),
        ("readOnlyRootFilesystem", Bool),
        ("runAsGroup", ID),
        ("runAsNonRoot", Bool),
        ("runAsUser", ID),
        ("seccompProfile", One(&SECCOMP)),
    ],
    laws: &[Other(escalates)],
};

static CAPABILITIES: Part = Part { fields: &[("add", Texts), ("drop", Texts)], laws: &[] };

static VOLUME: Part = Part {
    fields: &[
        ("configMap", One(&CONFIG_MAP)),
        ("csi", One(&CSI)),
        ("downwardAPI", One(&DOWNWARD)),
        ("ephemeral", One(&EPHEMERAL)),
        ("hostPath", One(&HOST_PATH)),
        ("name", DNS_LABEL),
        ("nfs", One(&NFS)),
        ("persistentVolumeClaim", One(&CLAIM)),
        ("projected", One(&PROJECTED)),
        ("secret", One(&SECRET)),
    ],
    laws: &[Needs(&["name"]), AtMostOne(SOURCES)],
};

const SOURCES: &[&str] = &[
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "gitRepo",
    "glusterfs",
    "hostPath",
    "image",
    "iscsi",
    "nfs",
    "persistentVolumeClaim",
    "photonPersistentDisk",
    "portworxVolume",
    "projected",
    "quobyte",
    "rbd",
    "scaleIO",
    "secret",
    "storageos",
    "vsphereVolume",
];

static CONFIG_MAP: Part = Part {
    fields: &[("defaultMode", MODE), ("items", Many(&ITEM)), ("name", Text), ("optional", Bool)],
    laws: &[Needs(&["name"])],
};

static SECRET: Part = Part {
    fields: &[("defaultMode", MODE), ("items", Many(&ITEM)), ("optional", Bool), ("secretName", Text)],
    laws: &[Needs(&["secretName"])],
};

static ITEM: Part = Part {
    fields: &[
        ("key", Text),
        ("mode", MODE),
        ("path", Named(stays_below, "a path that does not begin with `/` and has no `..`")),
    ],
    laws: &[Needs(&["key", "path"])],
};

static CSI: Part = Part {
    fields: &[("driver", Text), ("readOnly", Bool), ("volumeAttributes", TextMap)],
    laws: &[Needs(&["driver"])],
};

static DOWNWARD: Part = Part { fields: &[("defaultMode", MODE), ("items", Many(&DOWNWARD_ITEM))], laws: &[] };

static DOWNWARD_ITEM: Part = Part {
    fields: &[
        ("mode", MODE),
        ("path", Named(stays_below, "a path that does not begin with `/` and has no `..`")),
        ("resourceFieldRef", One(&RESOURCE_REFERENCE)),
    ],
    laws: &[Needs(&["path"]), OneOf(&["fieldRef", "resourceFieldRef"])],
};

static EPHEMERAL: Part = Part { fields: &[("volumeClaimTemplate", One(&super::storage::CLAIM))], laws: &[] };

static HOST_PATH: Part = Part {
    fields: &[
        ("path", Text),
        (
            "type",
            Word(&["DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"]),
        ),
    ],
    laws: &[Needs(&["path"])],
};

static NFS: Part =
    Part { fields: &[("path", Text), ("readOnly", Bool), ("server", Text)], laws: &[Needs(&["path", "server"])] };

static CLAIM: Part = Part { fields: &[("claimName", Text), ("readOnly", Bool)], laws: &[Needs(&["claimName"])] };

static PROJECTED: Part = Part { fields: &[("defaultMode", MODE), ("sources", Many(&PROJECTED_SOURCE))], laws: &[] };

static PROJECTED_SOURCE: Part = Part {
    fields: &[
        ("configMap", One(&PROJECTED_OBJECT)),
        ("downwardAPI", One(&DOWNWARD)),
        ("secret", One(&PROJECTED_OBJECT)),
        ("serviceAccountToken", One(&TOKEN)),
    ],
    laws: &[OneOf(&[
        "clusterTrustBundle",
        "configMap",
        "downwardAPI",
        "podCertificate",
        "secret",
        "serviceAccountToken",
    ])],
};

static PROJECTED_OBJECT: Part =
    Part { fields: &[("items", Many(&ITEM)), ("name", Text), ("optional", Bool)], laws: &[Needs(&["name"])] };

/// At least ten minutes.
static TOKEN: Part = Part {
    fields: &[("audience", Text), ("expirationSeconds", Number(600, 1 << 32)), ("path", Text)],
    laws: &[Needs(&["path"])],
};

/// Whether a path can only lead below where it begins.
fn stays_below(path: &str) -> bool {
    !path.starts_with('/') && path.split('/').all(|step| step != "..")
}
