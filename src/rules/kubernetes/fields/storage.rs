//! Disks, and what configuration is kept in:
//! <https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/>.

use super::disks::{
    AZURE_DISK, AZURE_FILE, BY_ID, CEPH, CINDER, DRIVER, EBS, FIBRE, FLEX, FLOCKER, GCE_DISK, GLUSTER, HOST_PATH,
    ISCSI, NFS, PHOTON, QUOBYTE, RBD, SCALE_IO, STORAGE_OS, VSPHERE,
};
use super::form::Form::{
    Amount, Bool, Labels, Many, MapOf, Named, Number, One, Quantity, SomeAmount, Text, TextMap, Texts, Told, Word,
    Words,
};
use super::form::Law::{Needs, Never, Once, OneOf, Other, Unique};
use super::form::{DNS_LABEL, DOMAIN, Form, NO_STEPS_BACK, Part, QUALIFIED};
use super::metadata::OF_MADE;
use super::scheduling::{NODE_SELECTOR, TOLERATION};
use super::selectors::LABEL_SELECTOR;
use super::storage_laws::{alone, disks, group_of_source, keys_once, kinds_of_data, local, same_source};
use super::workload_laws::is_lower_qualified;

pub(super) static CLAIM: Part =
    Part { fields: &[("metadata", One(&OF_MADE)), ("spec", One(&CLAIM_SPEC))], laws: &[Needs(&["spec"])] };

/// Of a claim that is made with its pod, which gives it its name.
pub(super) static EPHEMERAL_CLAIM: Part =
    Part { fields: &[("metadata", One(&LABELS_ONLY)), ("spec", One(&CLAIM_SPEC))], laws: &[Needs(&["spec"])] };

static LABELS_ONLY: Part = Part {
    fields: &[("labels", Labels)],
    laws: &[
        Never("name", "the claim is called after the pod"),
        Never("namespace", "the claim is made beside the pod"),
        Never("generateName", "the claim is called after the pod"),
        Never("finalizers", "only labels and annotations are taken"),
        Never("ownerReferences", "only labels and annotations are taken"),
    ],
};

const MODES: Form = Words(&["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]);

const VOLUME_MODE: Form = Told(&Word(&["Block", "Filesystem"]));

pub(super) static CLAIM_SPEC: Part = Part {
    fields: &[
        ("accessModes", MODES),
        ("dataSourceRef", One(&SOURCE)),
        ("resources", One(&CLAIMED)),
        ("selector", One(&LABEL_SELECTOR)),
        ("storageClassName", DOMAIN),
        ("volumeAttributesClassName", DOMAIN),
        ("volumeMode", VOLUME_MODE),
        ("volumeName", Text),
    ],
    laws: &[Needs(&["accessModes", "resources"]), Other(alone), Other(same_source)],
};

static CLAIMED: Part =
    Part { fields: &[("limits", MapOf(&Quantity)), ("requests", One(&REQUESTED))], laws: &[Needs(&["requests"])] };

static REQUESTED: Part = Part { fields: &[("storage", SomeAmount)], laws: &[Needs(&["storage"])] };

static SOURCE: Part = Part {
    fields: &[("apiGroup", DOMAIN), ("kind", Text), ("name", Text), ("namespace", DNS_LABEL)],
    laws: &[Needs(&["kind", "name"]), Other(group_of_source)],
};

pub(super) static VOLUME_SPEC: Part = Part {
    fields: &[
        ("accessModes", MODES),
        ("awsElasticBlockStore", One(&EBS)),
        ("azureDisk", One(&AZURE_DISK)),
        ("azureFile", One(&AZURE_FILE)),
        ("capacity", One(&CAPACITY)),
        ("cephfs", One(&CEPH)),
        ("cinder", One(&CINDER)),
        ("csi", One(&CSI)),
        ("fc", One(&FIBRE)),
        ("flexVolume", One(&FLEX)),
        ("flocker", One(&FLOCKER)),
        ("gcePersistentDisk", One(&GCE_DISK)),
        ("glusterfs", One(&GLUSTER)),
        ("hostPath", One(&HOST_PATH)),
        ("iscsi", One(&ISCSI)),
        ("local", One(&LOCAL)),
        ("mountOptions", Texts),
        ("nfs", One(&NFS)),
        ("nodeAffinity", One(&VOLUME_AFFINITY)),
        ("persistentVolumeReclaimPolicy", Word(&["Delete", "Recycle", "Retain"])),
        ("photonPersistentDisk", One(&PHOTON)),
        ("portworxVolume", One(&BY_ID)),
        ("quobyte", One(&QUOBYTE)),
        ("rbd", One(&RBD)),
        ("scaleIO", One(&SCALE_IO)),
        ("storageClassName", DOMAIN),
        ("storageos", One(&STORAGE_OS)),
        ("volumeAttributesClassName", Told(&DOMAIN)),
        ("volumeMode", VOLUME_MODE),
        ("vsphereVolume", One(&VSPHERE)),
    ],
    laws: &[Needs(&["accessModes", "capacity"]), OneOf(DISKS), Other(alone), Other(local)],
};

const DISKS: &[&str] = &[
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "csi",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "glusterfs",
    "hostPath",
    "iscsi",
    "local",
    "nfs",
    "photonPersistentDisk",
    "portworxVolume",
    "quobyte",
    "rbd",
    "scaleIO",
    "storageos",
    "vsphereVolume",
];

static CAPACITY: Part = Part { fields: &[("storage", SomeAmount)], laws: &[Needs(&["storage"]), Other(disks)] };

static LOCAL: Part = Part { fields: &[("path", NO_STEPS_BACK)], laws: &[Needs(&["path"])] };

static CSI: Part = Part {
    fields: &[
        ("controllerExpandSecretRef", One(&SECRET_OF_DRIVER)),
        ("controllerPublishSecretRef", One(&SECRET_OF_DRIVER)),
        ("driver", DRIVER),
        ("nodeExpandSecretRef", One(&SECRET_OF_DRIVER)),
        ("nodePublishSecretRef", One(&SECRET_OF_DRIVER)),
        ("volumeAttributes", TextMap),
        ("volumeHandle", Text),
    ],
    laws: &[Needs(&["driver", "volumeHandle"])],
};

static SECRET_OF_DRIVER: Part =
    Part { fields: &[("name", DOMAIN), ("namespace", DNS_LABEL)], laws: &[Needs(&["name", "namespace"])] };

static VOLUME_AFFINITY: Part = Part { fields: &[("required", One(&NODE_SELECTOR))], laws: &[Needs(&["required"])] };

pub(super) static STORAGE_CLASS: Part = Part {
    fields: &[
        ("allowVolumeExpansion", Bool),
        ("allowedTopologies", Many(&TOPOLOGY)),
        ("mountOptions", Texts),
        ("parameters", TextMap),
        ("provisioner", PROVISIONER),
        ("reclaimPolicy", Word(&["Delete", "Retain"])),
        ("volumeBindingMode", Told(&Word(&["Immediate", "WaitForFirstConsumer"]))),
    ],
    laws: &[Needs(&["provisioner"]), Once("allowedTopologies")],
};

const PROVISIONER: Form = Named(is_lower_qualified, "a name such as `ebs.csi.aws.com` or `example.com/disks`");

static TOPOLOGY: Part =
    Part { fields: &[("matchLabelExpressions", Many(&OF_TOPOLOGY))], laws: &[Unique("matchLabelExpressions", "key")] };

static OF_TOPOLOGY: Part =
    Part { fields: &[("key", QUALIFIED), ("values", Texts)], laws: &[Needs(&["key", "values"]), Once("values")] };

pub(super) static CSI_DRIVER: Part = Part { fields: &[("spec", One(&DRIVER_SPEC))], laws: &[] };

static DRIVER_SPEC: Part = Part {
    fields: &[
        ("attachRequired", Bool),
        ("fsGroupPolicy", Told(&Word(&["File", "None", "ReadWriteOnceWithFSType"]))),
        ("nodeAllocatableUpdatePeriodSeconds", Number(10, i64::MAX)),
        ("podInfoOnMount", Bool),
        ("tokenRequests", Many(&TOKEN)),
        ("volumeLifecycleModes", Words(&["Ephemeral", "Persistent"])),
    ],
    laws: &[Unique("tokenRequests", "audience")],
};

static TOKEN: Part = Part { fields: &[("audience", Text), ("expirationSeconds", Number(600, 1 << 32))], laws: &[] };

pub(super) static RUNTIME_CLASS: Part = Part {
    fields: &[("handler", DNS_LABEL), ("overhead", One(&OVERHEAD)), ("scheduling", One(&RUNTIME_SCHEDULING))],
    laws: &[Needs(&["handler"])],
};

static RUNTIME_SCHEDULING: Part =
    Part { fields: &[("nodeSelector", Labels), ("tolerations", Many(&TOLERATION))], laws: &[Once("tolerations")] };

static OVERHEAD: Part = Part { fields: &[("podFixed", MapOf(&Amount))], laws: &[] };

pub(super) static CONFIG_MAP: Part =
    Part { fields: &[("binaryData", TextMap), ("data", TextMap), ("immutable", Bool)], laws: &[Other(keys_once)] };

pub(super) static SECRET: Part = Part {
    fields: &[("data", TextMap), ("immutable", Bool), ("stringData", TextMap), ("type", Text)],
    laws: &[Other(kinds_of_data)],
};

pub(super) static SERVICE_ACCOUNT: Part = Part { fields: &[("automountServiceAccountToken", Bool)], laws: &[] };

/// Those of users end at a thousand million.
pub(super) static PRIORITY_CLASS: Part = Part {
    fields: &[
        ("description", Text),
        ("globalDefault", Bool),
        ("preemptionPolicy", Told(&Word(&["Never", "PreemptLowerPriority"]))),
        ("value", Number(i32::MIN as i64, 1_000_000_000)),
    ],
    laws: &[],
};
