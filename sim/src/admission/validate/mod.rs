//! What is wrong with an object in itself.
//!
//! Kubernetes 1.36: pkg/apis/*/validation

use crate::api::Kind;
use crate::apiserver::{Part, StatusCause};
use crate::value::Value;

/// All that is wrong with a new object, in the server's order.
pub fn create(_kind: Kind, _value: &Value) -> Vec<StatusCause> {
    Vec::new()
}

/// All that is wrong with a change, in the server's order.
pub fn update(_kind: Kind, _new: &Value, _old: &Value, _part: Part) -> Vec<StatusCause> {
    Vec::new()
}
