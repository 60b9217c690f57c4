//! `kubectl exec`.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/exec, pkg/registry/core/pod/strategy.go (ExecLocation)

use super::{Answer, Context, Fault};

pub fn run(context: &mut Context) -> Answer {
    let _ = context;
    Err(Fault::text("kubectl exec is not simulated yet"))
}
