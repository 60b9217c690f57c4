//! Kubernetes 1.36: pkg/apis/core/v1/defaults.go (volumes and claims), pkg/apis/storage/v1/defaults.go

use super::Default::{Bool, Empty, Text};
use super::{inside, pod, set};
use crate::api::Kind;
use crate::value::Value;

pub fn volume(value: &mut Value) {
    let spec = value.at_mut(&["spec"]);
    set(spec, &[("persistentVolumeReclaimPolicy", Text("Retain")), ("volumeMode", Text("Filesystem"))]);
    pod::source_defaults(spec);
    if let Some(file) = inside(spec, "azureFile") {
        // Go prints it though it is unset.
        file.set_default("secretNamespace", || Value::Null);
    }
}

pub fn claim(value: &mut Value) {
    claim_spec(value.at_mut(&["spec"]));
}

pub fn claim_spec(spec: &mut Value) {
    data_source(spec);
    set(spec, &[("volumeMode", Text("Filesystem")), ("resources", Empty)]);
}

/// A claim's source is told in an older and in a newer field; each follows the other.
fn data_source(spec: &mut Value) {
    // Sources in other namespaces: their feature gate is off.
    if !spec.at(&["dataSourceRef", "namespace"]).is_null() {
        spec.remove("dataSourceRef");
        return;
    }
    let pairs = [("dataSource", "dataSourceRef"), ("dataSourceRef", "dataSource")];
    for (from, to) in pairs {
        if let Some(source) = inside(spec, from) {
            if source.get("apiGroup").is_null() {
                source.set("apiGroup", Value::Null);
            }
            let source = source.clone();
            spec.set_default(to, || source);
        }
    }
}

pub fn apply(kind: Kind, value: &mut Value) {
    if kind == Kind::StorageClass {
        return set(value, &[("reclaimPolicy", Text("Delete")), ("volumeBindingMode", Text("Immediate"))]);
    }
    let Some(spec) = inside(value, "spec") else { return };
    set(
        spec,
        &[
            ("attachRequired", Bool(true)),
            ("podInfoOnMount", Bool(false)),
            ("storageCapacity", Bool(false)),
            ("fsGroupPolicy", Text("ReadWriteOnceWithFSType")),
            ("requiresRepublish", Bool(false)),
            ("seLinuxMount", Bool(false)),
        ],
    );
    spec.set_default("volumeLifecycleModes", || Value::list(vec!["Persistent".into()]));
}
