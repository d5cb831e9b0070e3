//! Containers: <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container>.

use super::container_laws::{
    bidirectional, devices, escalates, is_beginning, is_env_name, is_field_path, is_header, is_resource_field,
};
use super::container_laws::{read_only, unlike_mounts};
use super::form::Form::{Bool, List, Many, Named, Number, One, Port, Text, Texts, Told, Word};
use super::form::Law::{All, AtMost, AtMostOne, Demands, Needs, Never, Once, OneOf, Only, Other, Unique, With};
use super::form::{BELOW, COUNT, DATA_KEY, DNS_LABEL, DOMAIN, Form, ID, Law, PORT_NUMBER, Part};
use super::resources::{RESOURCES, divides};

pub(super) static CONTAINER: Part = Part { fields: CONTAINER_FIELDS, laws: CONTAINER_LAWS };

/// One that runs to its end, unless it is always restarted: then it runs beside the others.
pub(super) static INIT_CONTAINER: Part = Part {
    fields: CONTAINER_FIELDS,
    laws: &[
        All(CONTAINER_LAWS),
        Only("restartPolicy", &["Always"], &["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]),
    ],
};

const CONTAINER_LAWS: &[Law] = &[
    Needs(&["name", "image"]),
    Unique("volumeMounts", "mountPath"),
    Unique("volumeDevices", "devicePath"),
    Unique("volumeDevices", "name"),
    Unique("resizePolicy", "resourceName"),
    With("restartPolicyRules", &["restartPolicy"]),
    Other(bidirectional),
    Other(unlike_mounts),
];

pub(super) const RESTART: Form = Word(&["Always", "OnFailure", "Never"]);

const CONTAINER_FIELDS: &[(&str, Form)] = &[
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
    ("resizePolicy", Many(&RESIZE)),
    ("resources", One(&RESOURCES)),
    ("restartPolicy", Told(&RESTART)),
    ("restartPolicyRules", Many(&RESTART_RULE)),
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
    fields: &[("name", ENV_NAME), ("value", Text), ("valueFrom", One(&ENV_SOURCE))],
    laws: &[Needs(&["name"]), AtMostOne(&["value", "valueFrom"])],
};

const ENV_NAME: Form = Named(is_env_name, "characters of ASCII that can be seen, without `=`");

static ENV_SOURCE: Part = Part {
    fields: &[
        ("configMapKeyRef", One(&KEY_REFERENCE)),
        ("fieldRef", One(&FIELD_REFERENCE)),
        ("fileKeyRef", One(&FILE_REFERENCE)),
        ("resourceFieldRef", One(&RESOURCE_REFERENCE)),
        ("secretKeyRef", One(&KEY_REFERENCE)),
    ],
    laws: &[OneOf(&["configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef"])],
};

static KEY_REFERENCE: Part =
    Part { fields: &[("key", DATA_KEY), ("name", DOMAIN), ("optional", Bool)], laws: &[Needs(&["key", "name"])] };

static FILE_REFERENCE: Part = Part {
    fields: &[("key", ENV_NAME), ("optional", Bool), ("path", super::form::NO_STEPS_BACK), ("volumeName", DNS_LABEL)],
    laws: &[Needs(&["key", "path", "volumeName"])],
};

static FIELD_REFERENCE: Part = Part {
    fields: &[
        ("apiVersion", Word(&["v1"])),
        ("fieldPath", Named(is_field_path, "a field of a pod that a variable may take, such as `metadata.name`")),
    ],
    laws: &[Needs(&["fieldPath"])],
};

const RESOURCE_FIELD: Form = Named(is_resource_field, "one of the container's own, such as `limits.cpu`");

static RESOURCE_REFERENCE: Part = Part {
    fields: &[("containerName", Text), ("divisor", Form::Amount), ("resource", RESOURCE_FIELD)],
    laws: &[Needs(&["resource"]), Other(divides)],
};

/// In a volume, which is the whole pod's.
pub(super) static RESOURCE_OF_CONTAINER: Part = Part {
    fields: &[("containerName", Text), ("divisor", Form::Amount), ("resource", RESOURCE_FIELD)],
    laws: &[Needs(&["containerName", "resource"]), Other(divides)],
};

static ENV_FROM: Part = Part {
    fields: &[("configMapRef", One(&OBJECT_REFERENCE)), ("prefix", ENV_NAME), ("secretRef", One(&OBJECT_REFERENCE))],
    laws: &[OneOf(&["configMapRef", "secretRef"])],
};

/// The name may end as if something came after it.
static OBJECT_REFERENCE: Part = Part {
    fields: &[("name", Named(is_beginning, "lower-case letters, digits, `-` and `.`")), ("optional", Bool)],
    laws: &[Needs(&["name"])],
};

static CONTAINER_PORT: Part = Part {
    fields: &[
        ("containerPort", Number(1, 65_535)),
        ("hostIP", Text),
        ("hostPort", PORT_NUMBER),
        ("name", Text),
        ("protocol", Word(&["TCP", "UDP", "SCTP"])),
    ],
    laws: &[Needs(&["containerPort"])],
};

static RESIZE: Part = Part {
    fields: &[
        ("resourceName", Word(&["cpu", "memory"])),
        ("restartPolicy", Word(&["NotRequired", "RestartContainer"])),
    ],
    laws: &[Needs(&["resourceName", "restartPolicy"])],
};

static RESTART_RULE: Part = Part {
    fields: &[("action", Word(&["Restart", "RestartAllContainers"])), ("exitCodes", One(&EXIT_CODES))],
    laws: &[Needs(&["action", "exitCodes"])],
};

static EXIT_CODES: Part = Part {
    fields: &[("operator", Word(&["In", "NotIn"])), ("values", List(&Number(i32::MIN as i64, i32::MAX as i64)))],
    laws: &[Needs(&["operator"]), AtMost("values", 255), Once("values")],
};

static MOUNT: Part = Part {
    fields: &[
        ("mountPath", Text),
        ("mountPropagation", Told(&Word(&["None", "HostToContainer", "Bidirectional"]))),
        ("name", Text),
        ("readOnly", Bool),
        ("recursiveReadOnly", Told(&Word(&["Disabled", "IfPossible", "Enabled"]))),
        ("subPath", BELOW),
        ("subPathExpr", BELOW),
    ],
    laws: &[Needs(&["name", "mountPath"]), AtMostOne(&["subPath", "subPathExpr"]), Other(read_only)],
};

static DEVICE: Part = Part {
    fields: &[("devicePath", super::form::NO_STEPS_BACK), ("name", Text)],
    laws: &[Needs(&["name", "devicePath"])],
};

static LIFECYCLE: Part =
    Part { fields: &[("postStart", One(&HANDLER)), ("preStop", One(&HANDLER)), ("stopSignal", Text)], laws: &[] };

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
    laws: &[OneOf(PROBES), Never("terminationGracePeriodSeconds", "a container that is not ready is not ended")],
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
        ("terminationGracePeriodSeconds", Number(1, i64::MAX)),
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
        ("port", Port(1)),
        ("scheme", Word(&["HTTP", "HTTPS"])),
    ],
    laws: &[Needs(&["port"])],
};

static HEADER: Part = Part {
    fields: &[("name", Named(is_header, "letters, digits and `-`")), ("value", Text)],
    laws: &[Needs(&["name"])],
};

static TCP: Part = Part { fields: &[("host", Text), ("port", Port(1))], laws: &[Needs(&["port"])] };

static SECURITY: Part = Part {
    fields: &[
        ("allowPrivilegeEscalation", Bool),
        ("appArmorProfile", One(&PROFILE)),
        ("capabilities", One(&CAPABILITIES)),
        ("privileged", Bool),
        ("procMount", Told(&Word(&["Default", "Unmasked"]))),
        ("readOnlyRootFilesystem", Bool),
        ("runAsGroup", ID),
        ("runAsNonRoot", Bool),
        ("runAsUser", ID),
        ("seccompProfile", One(&SECCOMP)),
    ],
    laws: &[Other(escalates)],
};

static CAPABILITIES: Part = Part { fields: &[("add", Texts), ("drop", Texts)], laws: &[] };

pub(super) static SECCOMP: Part = Part {
    fields: &[("localhostProfile", BELOW), ("type", PROFILES)],
    laws: &[
        Needs(&["type"]),
        Only("type", &["Localhost"], &["localhostProfile"]),
        Demands("type", &["Localhost"], &["localhostProfile"]),
    ],
};

pub(super) static PROFILE: Part = Part {
    fields: &[("localhostProfile", Text), ("type", PROFILES)],
    laws: &[
        Needs(&["type"]),
        Only("type", &["Localhost"], &["localhostProfile"]),
        Demands("type", &["Localhost"], &["localhostProfile"]),
    ],
};

const PROFILES: Form = Word(&["Unconfined", "RuntimeDefault", "Localhost"]);

/// Of a whole pod: what is used as a device is a claim.
pub(super) const DEVICES: Law = Other(devices);
