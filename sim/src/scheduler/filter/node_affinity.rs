//! Kubernetes 1.36: pkg/scheduler/framework/plugins/nodeaffinity. The Pod says by labels which nodes it takes.

use super::{Candidate, Verdict};
pub use crate::affinity::{any_term, matches, term_matches};
use crate::scheduler::node_info::NodeInfo;

pub fn check(pod: &Candidate, info: &NodeInfo) -> Verdict {
    if matches(pod.spec, &info.node) {
        return Verdict::Fits;
    }
    Verdict::never("NodeAffinity", "node(s) didn't match Pod's node affinity/selector")
}
