//! Namespaces.

use crate::api::metadata::Condition;
use crate::noun;
use std::rc::Rc;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Namespace {
    pub spec: Rc<NamespaceSpec>,
    pub status: NamespaceStatus,
}

noun! {
    pub struct NamespaceSpec {
        finalizers: Vec<Rc<str>> = "finalizers";
    }
    pub struct NamespaceStatus {
        conditions: Vec<Condition> = "conditions";
        phase: Rc<str> = "phase";
    }
}
