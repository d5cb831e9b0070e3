//! Volumes of pods: <https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume/>.

use super::container_laws::is_file_field;
use super::containers::RESOURCE_OF_CONTAINER;
use super::disks::{
    AZURE_DISK, AZURE_FILE, BY_ID, CEPH, CINDER, DRIVER, EBS, FIBRE, FLEX, FLOCKER, GCE_DISK, GLUSTER, HOST_PATH,
    ISCSI, NFS, PHOTON, QUOBYTE, RBD, SCALE_IO, STORAGE_OS, VSPHERE,
};
use super::form::Form::{Amount, Bool, Many, Named, Number, One, Text, TextMap, Word};
use super::form::Law::{AtMostOne, Needs, OneOf, Other};
use super::form::{DNS_LABEL, DOMAIN, FILE_BELOW, MODE, Part};
use super::volume_laws::paths_once;

pub(super) static VOLUME: Part = Part {
    fields: &[
        ("awsElasticBlockStore", One(&EBS)),
        ("azureDisk", One(&AZURE_DISK)),
        ("azureFile", One(&AZURE_FILE)),
        ("cephfs", One(&CEPH)),
        ("cinder", One(&CINDER)),
        ("configMap", One(&CONFIG_MAP)),
        ("csi", One(&CSI)),
        ("downwardAPI", One(&DOWNWARD)),
        ("emptyDir", One(&EMPTY)),
        ("ephemeral", One(&EPHEMERAL)),
        ("fc", One(&FIBRE)),
        ("flexVolume", One(&FLEX)),
        ("flocker", One(&FLOCKER)),
        ("gcePersistentDisk", One(&GCE_DISK)),
        ("gitRepo", One(&GIT)),
        ("glusterfs", One(&GLUSTER)),
        ("hostPath", One(&HOST_PATH)),
        ("image", One(&IMAGE)),
        ("iscsi", One(&ISCSI)),
        ("name", DNS_LABEL),
        ("nfs", One(&NFS)),
        ("persistentVolumeClaim", One(&CLAIM)),
        ("photonPersistentDisk", One(&PHOTON)),
        ("portworxVolume", One(&BY_ID)),
        ("projected", One(&PROJECTED)),
        ("quobyte", One(&QUOBYTE)),
        ("rbd", One(&RBD)),
        ("scaleIO", One(&SCALE_IO)),
        ("secret", One(&SECRET)),
        ("storageos", One(&STORAGE_OS)),
        ("vsphereVolume", One(&VSPHERE)),
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

static ITEM: Part =
    Part { fields: &[("key", Text), ("mode", MODE), ("path", FILE_BELOW)], laws: &[Needs(&["key", "path"])] };

static CSI: Part = Part {
    fields: &[
        ("driver", DRIVER),
        ("nodePublishSecretRef", One(&SECRET_OF_DRIVER)),
        ("readOnly", Bool),
        ("volumeAttributes", TextMap),
    ],
    laws: &[Needs(&["driver"])],
};

static SECRET_OF_DRIVER: Part = Part { fields: &[("name", DOMAIN)], laws: &[Needs(&["name"])] };

pub(super) static DOWNWARD: Part =
    Part { fields: &[("defaultMode", MODE), ("items", Many(&DOWNWARD_ITEM))], laws: &[] };

static DOWNWARD_ITEM: Part = Part {
    fields: &[
        ("fieldRef", One(&FIELD)),
        ("mode", MODE),
        ("path", FILE_BELOW),
        ("resourceFieldRef", One(&RESOURCE_OF_CONTAINER)),
    ],
    laws: &[Needs(&["path"]), OneOf(&["fieldRef", "resourceFieldRef"])],
};

static FIELD: Part = Part {
    fields: &[
        ("apiVersion", Word(&["v1"])),
        ("fieldPath", Named(is_file_field, "a field of a pod that a file may hold, such as `metadata.labels`")),
    ],
    laws: &[Needs(&["fieldPath"])],
};

static EMPTY: Part = Part { fields: &[("medium", Text), ("sizeLimit", Amount)], laws: &[] };

static EPHEMERAL: Part = Part {
    fields: &[("volumeClaimTemplate", One(&super::storage::EPHEMERAL_CLAIM))],
    laws: &[Needs(&["volumeClaimTemplate"])],
};

static GIT: Part =
    Part { fields: &[("directory", super::form::BELOW), ("repository", Text)], laws: &[Needs(&["repository"])] };

static IMAGE: Part = Part {
    fields: &[("pullPolicy", Word(&["Always", "IfNotPresent", "Never"])), ("reference", Text)],
    laws: &[Needs(&["reference"])],
};

static CLAIM: Part = Part { fields: &[("claimName", Text), ("readOnly", Bool)], laws: &[Needs(&["claimName"])] };

static PROJECTED: Part =
    Part { fields: &[("defaultMode", MODE), ("sources", Many(&PROJECTED_SOURCE))], laws: &[Other(paths_once)] };

static PROJECTED_SOURCE: Part = Part {
    fields: &[
        ("configMap", One(&PROJECTED_OBJECT)),
        ("downwardAPI", One(&DOWNWARD)),
        ("secret", One(&PROJECTED_OBJECT)),
        ("serviceAccountToken", One(&TOKEN)),
    ],
    // Those that are behind gates are left out where they are not on.
    laws: &[AtMostOne(&["configMap", "downwardAPI", "secret", "serviceAccountToken"])],
};

static PROJECTED_OBJECT: Part =
    Part { fields: &[("items", Many(&ITEM)), ("name", Text), ("optional", Bool)], laws: &[Needs(&["name"])] };

/// At least ten minutes.
static TOKEN: Part = Part {
    fields: &[("audience", Text), ("expirationSeconds", Number(600, 1 << 32)), ("path", FILE_BELOW)],
    laws: &[Needs(&["path"])],
};
