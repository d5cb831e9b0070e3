//! What disks are told by, of pods and of the cluster:
//! <https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume/>.

use super::form::Form::{Bool, Named, Number, One, Text, TextMap, Texts, Told, Word};
use super::form::Law::{Needs, OneOf, Other};
use super::form::{DNS_LABEL, Form, NO_STEPS_BACK, Part};
use super::volume_laws::{shared_disk, world_wide_names};
use crate::rules::kubernetes::words::is_subdomain;

pub(super) static EBS: Part =
    Part { fields: &[("partition", PARTITION), ("volumeID", Text)], laws: &[Needs(&["volumeID"])] };

pub(super) static GCE_DISK: Part =
    Part { fields: &[("partition", PARTITION), ("pdName", Text)], laws: &[Needs(&["pdName"])] };

pub(super) static AZURE_DISK: Part = Part {
    fields: &[
        ("cachingMode", Word(&["None", "ReadOnly", "ReadWrite"])),
        ("diskName", Text),
        ("diskURI", Text),
        ("kind", Word(&["Shared", "Dedicated", "Managed"])),
    ],
    laws: &[Needs(&["diskName", "diskURI"]), Other(shared_disk)],
};

pub(super) static AZURE_FILE: Part = Part {
    fields: &[("secretName", Text), ("secretNamespace", Told(&Text)), ("shareName", Text)],
    laws: &[Needs(&["secretName", "shareName"])],
};

pub(super) static CEPH: Part = Part { fields: &[("monitors", Texts)], laws: &[Needs(&["monitors"])] };

pub(super) static CINDER: Part =
    Part { fields: &[("secretRef", One(&NAMED)), ("volumeID", Text)], laws: &[Needs(&["volumeID"])] };

pub(super) static FIBRE: Part = Part {
    fields: &[("lun", Number(i32::MIN as i64, i32::MAX as i64)), ("targetWWNs", Texts), ("wwids", Texts)],
    laws: &[Other(world_wide_names)],
};

pub(super) static FLEX: Part = Part { fields: &[("driver", Text), ("options", TextMap)], laws: &[Needs(&["driver"])] };

pub(super) static FLOCKER: Part = Part {
    fields: &[("datasetName", Named(has_no_slash, "a name without `/`")), ("datasetUUID", Text)],
    laws: &[OneOf(&["datasetName", "datasetUUID"])],
};

pub(super) static GLUSTER: Part =
    Part { fields: &[("endpoints", Text), ("path", Text)], laws: &[Needs(&["endpoints", "path"])] };

pub(super) static HOST_PATH: Part = Part {
    fields: &[
        ("path", NO_STEPS_BACK),
        (
            "type",
            Word(&["DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"]),
        ),
    ],
    laws: &[Needs(&["path"])],
};

pub(super) static ISCSI: Part = Part {
    fields: &[("iqn", Text), ("lun", Number(0, 255)), ("targetPortal", Text)],
    laws: &[Needs(&["targetPortal", "iqn"])],
};

pub(super) static NFS: Part = Part {
    fields: &[("path", Named(is_absolute, "a path that begins with `/`")), ("readOnly", Bool), ("server", Text)],
    laws: &[Needs(&["path", "server"])],
};

pub(super) static PHOTON: Part = Part { fields: &[("pdID", Text)], laws: &[Needs(&["pdID"])] };

pub(super) static BY_ID: Part = Part { fields: &[("volumeID", Text)], laws: &[Needs(&["volumeID"])] };

pub(super) static VSPHERE: Part = Part { fields: &[("volumePath", Text)], laws: &[Needs(&["volumePath"])] };

pub(super) static QUOBYTE: Part =
    Part { fields: &[("registry", Text), ("volume", Text)], laws: &[Needs(&["registry", "volume"])] };

pub(super) static RBD: Part =
    Part { fields: &[("image", Text), ("monitors", Texts)], laws: &[Needs(&["monitors", "image"])] };

pub(super) static SCALE_IO: Part = Part {
    fields: &[("gateway", Text), ("system", Text), ("volumeName", Text)],
    laws: &[Needs(&["gateway", "system", "volumeName"])],
};

pub(super) static STORAGE_OS: Part =
    Part { fields: &[("volumeName", DNS_LABEL), ("volumeNamespace", DNS_LABEL)], laws: &[Needs(&["volumeName"])] };

const PARTITION: Form = Number(0, 255);

static NAMED: Part = Part { fields: &[("name", Text)], laws: &[Needs(&["name"])] };

pub(super) const DRIVER: Form = Named(is_driver, "the name of a driver: a DNS name, at most 63 characters");

fn has_no_slash(text: &str) -> bool {
    !text.contains('/')
}

/// The name of a driver, in letters of any case.
pub(super) fn is_driver(name: &str) -> bool {
    name.len() <= 63 && is_subdomain(&name.to_lowercase())
}

pub(super) fn is_absolute(path: &str) -> bool {
    path.starts_with('/')
}
