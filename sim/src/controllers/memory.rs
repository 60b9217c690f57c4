//! What the controller manager keeps in mind beside the store, as the real one does in its process.
//!
//! Not of Kubernetes: there each controller has it in fields of its own.

use super::daemon_set::back_off::Pauses;
use super::endpoint_slice::trigger::Seen;
use super::horizontal::limits::Past;
use crate::api::Stamp;
use crate::api::object::Key;
use crate::clock::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Memory {
    /// By Service: the changes that its EndpointSlices have taken in.
    pub services: BTreeMap<Key, Rc<Seen>>,
    /// Services whose endpoints have hints by the annotation `topology-mode`.
    pub hinted: BTreeSet<Key>,
    /// By autoscaler: what was proposed and done lately.
    pub autoscalers: BTreeMap<Key, Rc<Past>>,
    /// When Pods are to be evicted for a taint that they tolerate for a while.
    pub evictions: BTreeMap<Key, Time>,
    /// Nodes that Pods name and that are not there, since when that is known.
    pub lost_nodes: BTreeMap<Rc<str>, Time>,
    /// When Pods whose nodes are out of service are let go.
    pub lost_pods: BTreeMap<Key, Time>,
    /// What the node lifecycle controller saw of nodes.
    pub nodes: BTreeMap<Rc<str>, Health>,
    /// Nodes that were deleted and are still to be missed: their uid, and when that is.
    pub gone_nodes: BTreeMap<Rc<str>, (Rc<str>, Option<Time>)>,
    /// When the next node of a zone may be given over to eviction.
    pub zones: BTreeMap<Rc<str>, Time>,
    /// No zone had a node that was ready when it was looked last.
    pub all_down: bool,
    /// How often failed Pods of DaemonSets were replaced.
    pub daemons: Pauses,
    /// By Job, with its uid: its failures of late.
    pub jobs: BTreeMap<Key, (Rc<str>, BackOff)>,
}

/// How many Pods of a Job have failed since one last succeeded, and when the last one did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct BackOff {
    pub failures: u32,
    pub last: Option<Stamp>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Health {
    /// The lease's last renewal, and when it was seen, of a node that has fallen silent.
    pub silent: Option<(Rc<str>, Time)>,
    /// When its NoExecute taint is to be changed.
    pub change: Option<Time>,
}
