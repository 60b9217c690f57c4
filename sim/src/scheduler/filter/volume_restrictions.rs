//! Kubernetes 1.36: pkg/scheduler/framework/plugins/volumerestrictions. A ReadWriteOncePod claim serves one Pod.

use super::{Candidate, Verdict};
use crate::api::pod::Pod;
use crate::scheduler::node_info::{NodeInfo, takes_room};

const REASON: &str = "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode";

pub fn check(pod: &Candidate, info: &NodeInfo) -> Verdict {
    if pod.claims.exclusive.is_empty() {
        return Verdict::Fits;
    }
    let uses = |spec: &crate::api::pod::PodSpec| {
        spec.volumes.iter().filter_map(|v| v.claim.as_ref()).any(|c| pod.claims.exclusive.contains(&c.name))
    };
    let here = pod.store.pods_on(&info.node.meta.name).filter(|p| takes_room(p));
    let mut here = here.filter(|p| p.meta.namespace == pod.object.meta.namespace);
    if here.any(|p| uses(&p.expect::<Pod>().spec)) {
        return Verdict::full("VolumeRestrictions", REASON);
    }
    Verdict::Fits
}
