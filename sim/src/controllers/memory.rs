//! What the controller manager keeps in mind beside the store, as the real one does in its process.
//!
//! Not of Kubernetes: there each controller has it in fields of its own.

use super::endpoint_slice::trigger::Seen;
use crate::api::object::Key;
use std::collections::BTreeMap;
use std::rc::Rc;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Memory {
    /// By Service: the changes that its EndpointSlices have taken in.
    pub services: BTreeMap<Key, Rc<Seen>>,
}
