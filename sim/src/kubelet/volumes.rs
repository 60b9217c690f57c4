//! Mounting a Pod's volumes: what must exist before its containers can be made.
//!
//! Kubernetes 1.36: pkg/kubelet/volumemanager, pkg/volume/{configmap,secret,projected,hostpath,emptydir}

use super::clockwork;
use super::pod_worker::Turn;
use super::{hostpath, projected, security};
use crate::api::persistent_volume_claim::PersistentVolumeClaim;
use crate::api::pod::Volume;
use crate::claims;
use crate::clock::Span;
use crate::machine::agent::Failure;
use crate::shell::{Kind, Node, Tree};
use std::rc::Rc;

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
        if self.worker.mounted {
            self.refresh_volumes();
        } else {
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
            match self.mount(volume) {
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
    fn mount(&mut self, volume: &Volume) -> Result<(), String> {
        let tree = self.build(volume)?;
        if let Some(tree) = tree {
            self.worker.volumes.trees.insert(volume.name.clone(), tree);
        }
        Ok(())
    }

    /// The files of a volume as they should be now; `None` if they are not the kubelet's to write.
    fn build(&mut self, volume: &Volume) -> Result<Option<Tree>, String> {
        if let Some(source) = &volume.host_path {
            return hostpath::check(self, source).map(|()| None);
        }
        if let Some(name) = claims::of_volume(&self.pod.meta.name, volume) {
            let namespace = &self.pod.meta.namespace;
            let claim = self.cluster.store.typed::<PersistentVolumeClaim>(namespace, &name);
            let bound = claim.is_some_and(|(_, c)| &*c.status.phase == "Bound");
            return if bound { hostpath::prepare_claim(self, volume).map(|()| None) } else { Err(String::new()) };
        }
        if let Some(source) = &volume.empty_dir {
            if !matches!(&*source.medium, "" | "Memory") && !source.medium.starts_with("HugePages") {
                return Err(format!("unknown storage medium \"{}\"", source.medium));
            }
            let kept = self.sandbox().is_some_and(|s| s.volumes.contains_key(&volume.name));
            if kept || self.worker.volumes.trees.contains_key(&volume.name) {
                return Ok(None);
            }
            let mut tree = Tree::new();
            let root = Node::folder()
                .with_mode(root_mode(security::fs_group(&self.spec)))
                .owned_by(0, security::fs_group(&self.spec).unwrap_or(0));
            tree.put("", root);
            return Ok(Some(tree));
        }
        let files = projected::files(self, volume)?;
        Ok(files.map(|files| self.project(&volume.name, files)))
    }

    /// A projected volume: a folder of its own for each state, and links that lead to the present one.
    fn project(&self, name: &str, files: Vec<projected::File>) -> Tree {
        let date = self.cluster.stamp().date();
        let nanos = self.cluster.dice.below(1_000_000_000, &self.pod.meta.uid, name);
        let folder = format!(
            "..{:04}_{:02}_{:02}_{:02}_{:02}_{:02}.{nanos:09}",
            date.year, date.month, date.day, date.hour, date.minute, date.second
        );
        let group = security::fs_group(&self.spec);
        let mut tree = Tree::new();
        tree.put("", Node::folder().with_mode(root_mode(group)).owned_by(0, group.unwrap_or(0)));
        tree.put(&folder, Node::folder().owned_by(0, group.unwrap_or(0)));
        tree.put("..data", Node::link(&folder));
        for file in files {
            let mode = if group.is_some() { file.mode | 0o440 } else { file.mode };
            let node = Node { changed: self.now(), ..Node::file(file.content) };
            tree.put(&format!("{folder}/{}", file.path), node.with_mode(mode).owned_by(0, group.unwrap_or(0)));
            let top = file.path.split('/').next().unwrap_or(&file.path);
            tree.put(top, Node::link(&format!("..data/{top}")));
        }
        tree
    }

    /// A sync brings the files of volumes to what their objects say now.
    pub(super) fn refresh_volumes(&mut self) {
        let spec = self.spec.clone();
        for volume in spec.volumes.iter().filter(|v| is_read_only(v)) {
            let Ok(Some(files)) = projected::files(self, volume) else { continue };
            let same = self.sandbox().and_then(|s| s.volumes.get(&volume.name)).is_some_and(|t| holds(t, &files));
            if !same {
                let tree = self.project(&volume.name, files);
                if let Some(sandbox) = self.sandbox_mut() {
                    sandbox.volumes.insert(volume.name.clone(), tree);
                }
            }
        }
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
}

/// The mode of a volume's root: with a group of its own, files in it get that group.
fn root_mode(group: Option<u32>) -> u16 {
    if group.is_some() { 0o2777 } else { 0o777 }
}

/// Whether a tree holds just these files.
fn holds(tree: &Tree, files: &[projected::File]) -> bool {
    let Some(Node { kind: Kind::Link(folder), .. }) = tree.get("..data") else { return false };
    let below = tree.iter().filter(|(key, node)| key.starts_with(&**folder) && matches!(node.kind, Kind::File(_)));
    let same = |file: &projected::File| {
        let node = tree.get(&format!("{folder}/{}", file.path));
        node.is_some_and(|n| matches!(&n.kind, Kind::File(c) if *c.bytes == file.content))
    };
    below.count() == files.len() && files.iter().all(same)
}

/// Volumes whose files only the kubelet writes.
pub(super) fn is_read_only(volume: &Volume) -> bool {
    volume.config_map.is_some() || volume.secret.is_some() || volume.projected.is_some() || volume.downward.is_some()
}

/// In which tree a volume's files are, and where in it.
pub(super) fn place(turn: &Turn, volume: &Volume) -> (Rc<str>, String) {
    match hostpath::path(turn, volume) {
        Some(path) => (hostpath::DISK.into(), path.trim_matches('/').to_string()),
        None => (volume.name.clone(), String::new()),
    }
}
