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
    let spec = value.at_mut(&["spec"]);
    data_source(spec);
    claim_spec(spec);
}

/// What holds for a claim that is only a template, too.
pub fn claim_spec(spec: &mut Value) {
    for source in ["dataSource", "dataSourceRef"] {
        if let Some(source) = inside(spec, source) {
            // Go prints it though it is unset.
            source.set_default("apiGroup", || Value::Null);
        }
    }
    set(spec, &[("volumeMode", Text("Filesystem")), ("resources", Empty)]);
}

/// A claim's source is told in an older and in a newer field; each follows the other.
fn data_source(spec: &mut Value) {
    // Sources in other namespaces: their feature gate is off.
    if !spec.at(&["dataSourceRef", "namespace"]).as_str().unwrap_or("").is_empty() {
        spec.remove("dataSourceRef");
    }
    // In the older field, what is neither a claim nor a snapshot is dropped without a word.
    let [group, kind] = ["apiGroup", "kind"].map(|field| spec.at(&["dataSource", field]).as_str().unwrap_or(""));
    let known = [("", "PersistentVolumeClaim"), ("snapshot.storage.k8s.io", "VolumeSnapshot")];
    if spec.get("dataSourceRef").is_null() && !known.contains(&(group, kind)) {
        spec.remove("dataSource");
    }
    let pairs = [("dataSource", "dataSourceRef"), ("dataSourceRef", "dataSource")];
    for (from, to) in pairs {
        if let Some(source) = inside(spec, from) {
            let mut source = source.clone();
            source.remove("namespace");
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
