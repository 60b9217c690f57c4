//! Kubernetes 1.36: pkg/scheduler/framework/plugins/volumerestrictions. A ReadWriteOncePod claim serves one Pod, wherever that is.

use super::{Candidate, Verdict};
use crate::scheduler::node_info::NodeInfo;

const REASON: &str =
    "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod";

pub fn check(pod: &Candidate, _: &NodeInfo) -> Verdict {
    if pod.claims.holders.is_empty() { Verdict::Fits } else { Verdict::full("VolumeRestrictions", REASON) }
}
