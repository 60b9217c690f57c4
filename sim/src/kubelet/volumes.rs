//! Mounting a Pod's volumes: what must exist before its containers can be made.
//!
//! Kubernetes 1.36: pkg/kubelet/volumemanager, pkg/volume/{configmap,secret,projected,hostpath,emptydir}

use super::clockwork;
use super::pod_worker::Turn;
use crate::api::Kind;
use crate::api::persistent_volume_claim::PersistentVolumeClaim;
use crate::api::pod::Volume;
use crate::clock::{Span, Time};
use crate::machine::agent::Failure;

/// The first wait after a failed mount; it doubles.
const FIRST_RETRY: Span = Span(500);
const LONGEST_RETRY: Span = Span::secs(122);
/// A sync waits so long for the volumes before it gives up.
const PATIENCE: Span = Span::secs(123);

impl Turn<'_> {
    /// Goes on with mounting. Answers whether anything came of it.
    pub(super) fn step_mount(&mut self) -> bool {
        let now = self.now();
        if self.spec.volumes.is_empty() || self.worker.mounted {
            self.mounted();
            return true;
        }
        let Some(until) = self.worker.until else {
            self.worker.volumes.began = now;
            self.worker.until = Some(now + clockwork::MOUNT);
            return false;
        };
        if until > now {
            return false;
        }
        self.try_mounts();
        if self.worker.volumes.waits.is_empty() {
            self.mounted();
            return true;
        }
        let patience = self.worker.volumes.began + PATIENCE;
        if now >= patience {
            return self.give_up();
        }
        let next = self.worker.volumes.waits.values().map(|(at, _)| *at).min().expect("something waits");
        self.worker.until = Some(next.min(patience));
        false
    }

    fn mounted(&mut self) {
        if !self.worker.mounted {
            self.worker.mounted = true;
            self.add_probers();
        }
        self.next_task();
    }

    /// Tries what is due; a volume that cannot be mounted waits longer each time.
    fn try_mounts(&mut self) {
        let now = self.now();
        let spec = self.spec.clone();
        for volume in &spec.volumes {
            if self.worker.volumes.mounted.contains(&volume.name) {
                continue;
            }
            let wait = self.worker.volumes.waits.get(&volume.name).copied();
            if wait.is_some_and(|(at, _)| at > now) {
                continue;
            }
            match self.mount(volume, now) {
                Ok(()) => {
                    self.worker.volumes.waits.remove(&volume.name);
                    self.worker.volumes.mounted.push(volume.name.clone());
                }
                Err(why) => {
                    let span = wait.map_or(FIRST_RETRY, |(_, span)| Span(span.0 * 2).min(LONGEST_RETRY));
                    self.worker.volumes.waits.insert(volume.name.clone(), (now + span, span));
                    if !why.is_empty() {
                        let text = format!("MountVolume.SetUp failed for volume \"{}\" : {why}", volume.name);
                        self.warn_pod("FailedMount", text);
                    }
                }
            }
        }
    }

    /// # Errors
    /// Why not, as the event says it; empty for a silent wait.
    fn mount(&mut self, volume: &Volume, _now: Time) -> Result<(), String> {
        let namespace = self.pod.meta.namespace.clone();
        let store = &self.cluster.store;
        let missing = |kind: Kind, name: &str, optional: Option<bool>| {
            optional != Some(true) && store.find(kind, &namespace, name).is_none()
        };
        if let Some(map) = &volume.config_map
            && missing(Kind::ConfigMap, &map.name, map.optional)
        {
            return Err(format!("configmap \"{}\" not found", map.name));
        }
        if let Some(secret) = &volume.secret
            && missing(Kind::Secret, &secret.name, secret.optional)
        {
            return Err(format!("secret \"{}\" not found", secret.name));
        }
        if let Some(claim) = &volume.claim {
            let claim = store.typed::<PersistentVolumeClaim>(&namespace, &claim.name);
            if claim.is_none_or(|(_, c)| &*c.status.phase != "Bound") {
                return Err(String::new());
            }
        }
        Ok(())
    }

    fn give_up(&mut self) -> bool {
        let open: Vec<&str> = self.worker.volumes.waits.keys().map(|n| &**n).collect();
        let text = format!(
            "Unable to attach or mount volumes: unmounted volumes=[{}], unattached volumes=[], failed to process volumes=[]: context deadline exceeded",
            open.join(" ")
        );
        self.warn_pod("FailedMount", text);
        self.worker.failed = Some(Failure::Plain);
        self.worker.tasks.clear();
        self.finish_sync();
        true
    }

    /// Whether anything in the Pod follows objects that may change without notice.
    pub(super) fn needs_resync(&self) -> bool {
        false
    }
}
