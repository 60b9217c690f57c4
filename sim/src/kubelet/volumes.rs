//! Mounting a Pod's volumes: what must exist before its containers can be made.
//!
//! Kubernetes 1.36: pkg/kubelet/volumemanager, pkg/volume/{configmap,secret,projected,hostpath,emptydir}

use super::clockwork;
use super::pod_worker::Turn;
use super::remote::{self, Failure as Unmounted, Trouble};
use super::{hostpath, projected, security};
use crate::api::persistent_volume_claim::PersistentVolumeClaim;
use crate::api::pod::{Container, PodSpec, Volume};
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
        if !self.worker.mounted && self.worker.until.is_none() {
            let uid = self.uid();
            self.machine.begin_start(&uid, now, now + clockwork::WHOLE_START);
        }
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
        if let Some(text) = self.unknown_volumes() {
            return self.give_up(text);
        }
        self.try_mounts();
        if self.worker.volumes.waits.is_empty() {
            self.mounted();
            return true;
        }
        let patience = self.worker.volumes.began + PATIENCE;
        if now >= patience {
            return self.give_up(", failed to process volumes=[]: context deadline exceeded".into());
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
            let (trouble, used) = (remote::trouble(self, volume), is_used(&spec, volume));
            let tried = match trouble {
                Some(Trouble::Fails(failure)) if used && now < self.worker.volumes.began + failure.after => {
                    let due = self.worker.volumes.began + failure.after;
                    self.worker.volumes.waits.insert(volume.name.clone(), (due, FIRST_RETRY));
                    continue;
                }
                Some(Trouble::Fails(failure)) => Err(self.failed_mount(failure, used)),
                Some(_) => Err(String::new()),
                None => self.mount(volume).map_err(|why| failed("SetUp", &volume.name, &why)),
            };
            match tried {
                // Nobody waits for what no container mounts.
                Err(_) if !used => {}
                Ok(()) => {
                    self.worker.volumes.waits.remove(&volume.name);
                    self.worker.volumes.mounted.push(volume.name.clone());
                }
                Err(text) => {
                    let span = wait.map_or(FIRST_RETRY, |(_, span)| Span(span.0 * 2).min(LONGEST_RETRY));
                    self.worker.volumes.waits.insert(volume.name.clone(), (now + span, span));
                    if !text.is_empty() {
                        self.warn_pod("FailedMount", text);
                    }
                }
            }
        }
    }

    /// What the event says of a volume that cannot be mounted.
    fn failed_mount(&mut self, failure: Unmounted, used: bool) -> String {
        if let Some((reason, text)) = failure.also.filter(|_| used) {
            self.warn_pod(reason, text);
        }
        failed(failure.step, &failure.volume, &failure.why)
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
        if volume.image.is_some() {
            // The runtime mounts it, once the image is there.
            return Ok(None);
        }
        if let Some(source) = &volume.empty_dir {
            if !matches!(&*source.medium, "" | "Memory") && !source.medium.starts_with("HugePages") {
                return Err(format!("unknown storage medium \"{}\"", source.medium));
            }
            // What is in memory is lost with the node's power.
            let lasts = |running| running || &*source.medium != "Memory";
            let kept = self.sandbox().is_some_and(|s| lasts(s.running) && s.volumes.contains_key(&volume.name));
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

    /// What is said of volumes for which there is no plug-in.
    fn unknown_volumes(&mut self) -> Option<String> {
        let spec = self.spec.clone();
        let used = spec.volumes.iter().filter(|volume| is_used(&spec, volume));
        let unknown = used.filter(|volume| matches!(remote::trouble(self, volume), Some(Trouble::Unknown)));
        let names: Vec<&str> = unknown.map(|volume| &*volume.name).collect();
        let why = |name: &&str| {
            format!("failed to get Plugin from volumeSpec for volume \"{name}\" err=no volume plugin matched")
        };
        let whys: Vec<String> = names.iter().map(why).collect();
        (!names.is_empty()).then(|| format!(", failed to process volumes=[{}]: {}", names.join(" "), whys.join("; ")))
    }

    /// This sync will not have its volumes; `why` ends what is said.
    fn give_up(&mut self, why: String) -> bool {
        let spec = self.spec.clone();
        let mut open: Vec<&str> = spec.volumes.iter().filter(|v| is_used(&spec, v)).map(|v| &*v.name).collect();
        open.retain(|name| !self.worker.volumes.mounted.iter().any(|there| **there == **name));
        let text = format!(
            "Unable to attach or mount volumes: unmounted volumes=[{}], unattached volumes=[]{why}",
            open.join(" ")
        );
        self.warn_pod("FailedMount", text);
        self.worker.failed = Some(Failure::Plain);
        self.worker.tasks.clear();
        self.finish_sync();
        true
    }
}

/// The words for a step of mounting that failed; none for a silent wait.
fn failed(step: &str, volume: &str, why: &str) -> String {
    if why.is_empty() { String::new() } else { format!("MountVolume.{step} failed for volume \"{volume}\" : {why}") }
}

/// Whether any container mounts a volume or has it as a device.
fn is_used(spec: &PodSpec, volume: &Volume) -> bool {
    let all = spec.all_containers().chain(&spec.ephemeral_containers);
    let device = |container: &Container| {
        container.volume_devices.items().iter().any(|device| device.get("name").as_str() == Some(&volume.name))
    };
    all.into_iter().any(|c| c.volume_mounts.iter().any(|mount| mount.name == volume.name) || device(c))
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
        node.is_some_and(|n| matches!(&n.kind, Kind::File(content) if *content == file.content))
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

/// The text of a file of a volume, links being followed; `None` if there is none.
pub(super) fn read(turn: &Turn, volume: &Volume, path: &str) -> Option<String> {
    let (key, base) = place(turn, volume);
    let tree = match &*key {
        hostpath::DISK => &turn.machine.disk,
        _ => turn.sandbox()?.volumes.get(&key)?,
    };
    let part = tree.part(format!("{base}/{path}").trim_matches('/'))?;
    match &part.get("")?.kind {
        Kind::File(content) => Some(String::from_utf8_lossy(&content.bytes()).into_owned()),
        _ => None,
    }
}

/// Where on its node a volume is mounted.
pub(super) fn host_path(turn: &Turn, volume: &Volume) -> String {
    let plugin = match volume {
        Volume { host_path: Some(source), .. } => return source.path.to_string(),
        Volume { config_map: Some(_), .. } => "configmap",
        Volume { secret: Some(_), .. } => "secret",
        Volume { projected: Some(_), .. } => "projected",
        Volume { downward: Some(_), .. } => "downward-api",
        Volume { empty_dir: Some(_), .. } => "empty-dir",
        _ => "local-volume",
    };
    format!("/var/lib/kubelet/pods/{}/volumes/kubernetes.io~{plugin}/{}", turn.pod.meta.uid, volume.name)
}
