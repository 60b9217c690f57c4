//! StorageClasses.

use crate::noun;
use crate::value::Value;
use std::rc::Rc;

noun! {
    pub struct StorageClass {
        allow_expansion: Option<bool> = "allowVolumeExpansion";
        allowed_topologies: Value = "allowedTopologies";
        mount_options: Vec<Rc<str>> = "mountOptions";
        parameters: Value = "parameters";
        provisioner: Rc<str> = "provisioner" always;
        reclaim_policy: Rc<str> = "reclaimPolicy";
        /// `Immediate` or `WaitForFirstConsumer`.
        binding_mode: Rc<str> = "volumeBindingMode";
    }
}

/// Marks the class that claims without a class get.
pub const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";
