//! Kubernetes 1.36: pkg/scheduler/framework/plugins/volumerestrictions. A ReadWriteOncePod claim serves one Pod, wherever that is.

use super::{Candidate, Verdict};
use crate::scheduler::node_info::NodeInfo;

const REASON: &str = "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode";

pub fn check(pod: &Candidate, _: &NodeInfo) -> Verdict {
    if pod.claims.holders.is_empty() { Verdict::Fits } else { Verdict::full("VolumeRestrictions", REASON) }
}
