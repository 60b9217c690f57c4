//! The nodes that the cluster autoscaler has made, and what it keeps in mind.
//!
//! Not of Kubernetes: kubernetes/autoscaler, cluster-autoscaler (its clusterstate and unneeded nodes), as a model.

use crate::clock::Time;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The name of the only group; its nodes are named after it and labelled with it.
pub const GROUP: &str = "pool-1";
pub const LABEL: &str = "kubarium.dev/node-group";
/// So many nodes it may have at most.
pub const LARGEST: usize = 10;

/// What the autoscaler keeps in mind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pool {
    /// Machines that were ordered: when they join.
    pub ordered: BTreeMap<Rc<str>, Time>,
    /// Since when nodes are not needed.
    pub idle: BTreeMap<Rc<str>, Time>,
    /// Nodes that are being emptied, to go.
    pub leaving: Vec<Rc<str>>,
    /// When the last machine joined.
    pub grew: Option<Time>,
    /// How many were ordered so far.
    pub count: u32,
}
