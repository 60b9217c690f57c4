//! STORAGE: claims find volumes, or volumes are made for them.
//!
//! Kubernetes 1.36: pkg/controller/volume/persistentvolume

pub mod binder;
pub mod protection;
pub mod provisioner;
