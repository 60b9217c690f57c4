//! Kubernetes 1.36: pkg/scheduler/framework/plugins/noderesources (least_allocated.go, balanced_allocation.go). Nodes
//! with much left are better, and such where CPU and memory are used up alike.

use super::MOST;
use crate::scheduler::filter::Candidate;
use crate::scheduler::node_info::NodeInfo;

/// CPU (millicores) and memory (bytes): allocatable, and what would be asked for with the Pod there.
fn with_pod(pod: &Candidate, info: &NodeInfo, presumed: bool) -> [(i64, i64); 2] {
    let (cpu, memory) = (info.room.cpu_milli, info.room.memory_bytes);
    let (a, b) = (&info.requested, &pod.requests);
    if presumed {
        [
            (cpu, a.presumed_cpu_milli + b.presumed_cpu_milli),
            (memory, a.presumed_memory_bytes + b.presumed_memory_bytes),
        ]
    } else {
        [(cpu, a.cpu_milli + b.cpu_milli), (memory, a.memory_bytes + b.memory_bytes)]
    }
}

pub fn least_allocated(pod: &Candidate, info: &NodeInfo) -> i64 {
    let parts = with_pod(pod, info, true);
    let known = parts.iter().filter(|(whole, _)| *whole > 0);
    let points = known.map(|&(whole, used)| if used > whole { 0 } else { (whole - used).saturating_mul(MOST) / whole });
    let (count, sum) = points.fold((0, 0), |(n, sum), p| (n + 1, sum + p));
    if count == 0 { 0 } else { sum / count }
}

/// 100 less half the difference of the two shares in percent: the standard deviation of two numbers.
pub fn balanced(pod: &Candidate, info: &NodeInfo) -> i64 {
    // A Pod that asks for nothing leaves the balance as it is: the rule has no opinion.
    if pod.requests.cpu_milli == 0 && pod.requests.memory_bytes == 0 {
        return 0;
    }
    let [cpu, memory] = with_pod(pod, info, false).map(|(whole, used)| match used.checked_mul(10_000) {
        _ if whole == 0 => 0,
        Some(parts) => (parts / whole).min(10_000),
        None => (i128::from(used) * 10_000 / i128::from(whole)).min(10_000) as i64,
    });
    MOST - (cpu - memory).abs() / 200
}
