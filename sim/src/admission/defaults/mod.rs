//! The values of fields that were left out, kind by kind.
//!
//! Kubernetes 1.36: pkg/apis/*/v1/defaults.go

use crate::api::Kind;
use crate::value::Value;

/// Sets what was left out, as the server would store it.
pub fn apply(_kind: Kind, _value: &mut Value) {}
