//! `kubectl logs`.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/logs, pkg/registry/core/pod/strategy.go (LogLocation)

use super::{Answer, Context, Fault};

pub fn run(context: &mut Context) -> Answer {
    let _ = context;
    Err(Fault::text("kubectl logs is not simulated yet"))
}
