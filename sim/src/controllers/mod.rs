//! THE CONTROLLER MANAGER: each controller compares what is wanted with what is, and takes one step.
//!
//! Kubernetes 1.36: cmd/kube-controller-manager, pkg/controller. Controllers are pure functions of the cluster, woken
//! with the key of one object; they meet in the store only.

use crate::api::object::Key;
use crate::apiserver::{Request, Status};
use crate::cluster::{Cluster, Controller};
use crate::outcome::Outcome;

/// Lets a controller look at one object.
pub fn wake(_controller: Controller, _cluster: &Cluster, _key: &Key) -> Outcome {
    Outcome::nothing()
}

/// Tells a controller that its request was refused; it may say so in an event. It will look again after a back-off.
pub fn refused(
    _controller: Controller,
    _cluster: &Cluster,
    _key: &Key,
    _request: &Request,
    _status: &Status,
) -> Outcome {
    Outcome::nothing()
}
