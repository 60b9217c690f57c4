//! Kubernetes 1.36: pkg/kubelet/eviction/eviction_manager.go (localStorageEviction)
//!
//! What a Pod writes to its node's disk, against its own limits. The sizes of volumes are taken once a minute, those of
//! containers' own files at each look.

use super::{Active, PERIOD_MS};
use crate::api::Quantity;
use crate::api::pod::PodSpec;
use crate::cluster::Cluster;
use crate::machine::Sandbox;
use crate::resources;

const STORAGE: &str = "ephemeral-storage";
const VOLUMES_MS: u64 = 60_000;

/// Whether a Pod has limits of this kind at all.
pub fn may_exceed(spec: &PodSpec) -> bool {
    spec.volumes.iter().any(|v| v.empty_dir.as_ref().is_some_and(|e| e.size_limit.is_some()))
        || spec.all_containers().any(|c| c.resources.limits.get(STORAGE).is_some())
}

/// Which limit a Pod exceeds, in the kubelet's words.
pub(super) fn exceeded(cluster: &Cluster, node: &str, active: &Active) -> Option<String> {
    let Active { pod, sandbox, .. } = active;
    let phase = cluster.dice.below(VOLUMES_MS, node, "volume sizes");
    let known = (cluster.now.0 + VOLUMES_MS - phase) % VOLUMES_MS < PERIOD_MS;
    if known {
        for volume in &pod.spec.volumes {
            let Some(limit) = volume.empty_dir.as_ref().and_then(|e| e.size_limit) else { continue };
            if bytes(sandbox, &volume.name) as i64 > limit.units() && !limit.is_zero() {
                return Some(format!("Usage of EmptyDir volume \"{}\" exceeds the limit \"{limit}\". ", volume.name));
            }
        }
    }
    if let Some(limit) = resources::limits(&pod.spec).get(STORAGE) {
        let volumes = if known { emptied(&pod.spec, sandbox) } else { 0 };
        if (layers(sandbox) + volumes) as i64 > limit.units() {
            return Some(format!("Pod ephemeral local storage usage exceeds the total limit of containers {limit}. "));
        }
    }
    let over = |limit: &Quantity, used: u64| used as i64 > limit.units();
    let container = pod.spec.all_containers().find_map(|c| {
        let limit = c.resources.limits.get(STORAGE)?;
        over(limit, sandbox.newest(&c.name)?.process.layer_bytes()).then_some((c, limit))
    });
    container.map(|(c, limit)| format!("Container {} exceeded its local ephemeral storage limit \"{limit}\". ", c.name))
}

fn bytes(sandbox: &Sandbox, volume: &str) -> u64 {
    sandbox.volumes.get(volume).map_or(0, |tree| tree.bytes())
}

/// What containers wrote to their own files.
fn layers(sandbox: &Sandbox) -> u64 {
    sandbox.containers.iter().map(|c| c.process.layer_bytes()).sum()
}

/// What is in volumes on the disk.
fn emptied(spec: &PodSpec, sandbox: &Sandbox) -> u64 {
    let on_disk = spec.volumes.iter().filter(|v| v.empty_dir.as_ref().is_some_and(|e| &*e.medium != "Memory"));
    on_disk.map(|v| bytes(sandbox, &v.name)).sum()
}

/// All that a Pod has on the disk.
pub(super) fn on_disk(active: &Active) -> u64 {
    layers(&active.sandbox) + emptied(&active.pod.spec, &active.sandbox)
}
