//! Kubernetes 1.36: pkg/scheduler/framework/plugins/noderesources/fit.go. What is asked for must be left; what is in
//! use does not count.

use super::{Candidate, Verdict};
use crate::api::node::Node;
use crate::scheduler::node_info::NodeInfo;
use std::rc::Rc;

pub fn check(pod: &Candidate, info: &NodeInfo) -> Verdict {
    let room = &info.room;
    let mut reasons: Vec<Rc<str>> = Vec::new();
    let mut hopeless = false;
    if info.pods + 1 > room.pods {
        reasons.push("Too many pods".into());
    }
    let asked = &pod.requests;
    let mut need = |name: &str, wanted: i64, used: i64, whole: i64| {
        if wanted > 0 && wanted > whole - used {
            reasons.push(format!("Insufficient {name}").into());
            hopeless |= wanted > whole;
        }
    };
    need("cpu", asked.cpu_milli, info.requested.cpu_milli, room.cpu_milli);
    need("memory", asked.memory_bytes, info.requested.memory_bytes, room.memory_bytes);
    need("ephemeral-storage", asked.disk_bytes, info.requested.disk_bytes, room.disk_bytes);
    for (name, wanted) in &asked.others {
        let whole = info.node.expect::<Node>().status.allocatable.get(name).map_or(0, |q| q.units());
        need(name, *wanted, info.requested.other(name), whole);
    }
    match (reasons.is_empty(), hopeless) {
        (true, _) => Verdict::Fits,
        (false, true) => Verdict::Never("NodeResourcesFit", reasons),
        (false, false) => Verdict::Full("NodeResourcesFit", reasons),
    }
}
