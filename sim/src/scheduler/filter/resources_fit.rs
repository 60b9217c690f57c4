//! Kubernetes 1.36: pkg/scheduler/framework/plugins/noderesources/fit.go. What is asked for must be left; what is in
//! use does not count.

use super::{Candidate, Verdict};
use crate::api::node::Node;
use crate::scheduler::node_info::NodeInfo;
use std::rc::Rc;

pub fn check(pod: &Candidate, info: &NodeInfo) -> Verdict {
    let allocatable = &info.node.expect::<Node>().status.allocatable;
    let units = |name: &str| allocatable.get(name).map_or(0, |q| q.units());
    let mut reasons: Vec<Rc<str>> = Vec::new();
    let mut hopeless = false;
    if info.pods + 1 > units("pods") {
        reasons.push("Too many pods".into());
    }
    let asked = &pod.requests;
    let mut need = |name: &str, wanted: i64, used: i64, whole: i64| {
        if wanted > 0 && wanted > whole - used {
            reasons.push(format!("Insufficient {name}").into());
            hopeless |= wanted > whole;
        }
    };
    let cpu = allocatable.get("cpu").map_or(0, |q| q.milli_units());
    need("cpu", asked.cpu_milli, info.requested.cpu_milli, cpu);
    need("memory", asked.memory_bytes, info.requested.memory_bytes, units("memory"));
    need("ephemeral-storage", asked.disk_bytes, info.requested.disk_bytes, units("ephemeral-storage"));
    for (name, wanted) in &asked.others {
        need(name, *wanted, info.requested.other(name), units(name));
    }
    match (reasons.is_empty(), hopeless) {
        (true, _) => Verdict::Fits,
        (false, true) => Verdict::Never("NodeResourcesFit", reasons),
        (false, false) => Verdict::Full("NodeResourcesFit", reasons),
    }
}
