//! What the API server warns of although it accepts.
//!
//! Kubernetes 1.36: pkg/api/*/warnings.go, pkg/registry/*/strategy.go (WarningsOnCreate)

use crate::api::Kind;
use crate::value::Value;

/// Warnings about a new object, without `Warning: `.
pub fn create(kind: Kind, _value: &Value) -> Vec<String> {
    let mut warnings = Vec::new();
    if kind == Kind::Endpoints {
        warnings.push("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice".into());
    }
    warnings
}
