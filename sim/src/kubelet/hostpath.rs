//! Volumes on the node's own disk: `hostPath`, and claims whose volume lies there.
//!
//! Kubernetes 1.36: pkg/volume/{hostpath,local}

use super::pod_worker::Turn;
use crate::api::Kind;
use crate::api::persistent_volume_claim::PersistentVolumeClaim;
use crate::api::pod::{HostPath, Volume};
use crate::claims;
use crate::shell::{Kind as What, Node, Tree};

pub(super) use crate::machine::sandbox::DISK;

/// Where on the node's disk a volume is; `None` if it is not there.
pub(super) fn path(turn: &Turn, volume: &Volume) -> Option<String> {
    if let Some(host) = &volume.host_path {
        return Some(host.path.to_string());
    }
    let name = claims::of_volume(&turn.pod.meta.name, volume)?;
    let store = &turn.cluster.store;
    let (_, claim) = store.typed::<PersistentVolumeClaim>(&turn.pod.meta.namespace, &name)?;
    let name = &claim.spec.volume_name;
    let object = store.find(Kind::PersistentVolume, "", name)?;
    let spec = object.raw().get("spec");
    let own = spec.at(&["hostPath", "path"]).as_str().or(spec.at(&["local", "path"]).as_str());
    own.map(str::to_string)
}

/// Character devices that every node has.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];

fn key(path: &str) -> &str {
    path.trim_matches('/')
}

/// Checks what the volume's type demands and makes what it may make.
///
/// # Errors
/// `hostPath type check failed: ...`
pub(super) fn check(turn: &mut Turn, source: &HostPath) -> Result<(), String> {
    let path = &source.path;
    let disk = turn.machine.disk_mut();
    let device = path.strip_prefix("/dev/").filter(|name| DEVICES.contains(name));
    if let Some(name) = device.filter(|_| disk.get(key(path)).is_none()) {
        disk.put(key(path), Node::device(name));
    }
    let node = disk.get(key(path)).map(|n| n.kind.clone());
    let is_folder = matches!(node, Some(What::Folder)) || key(path).is_empty();
    let wrong = |what: &str| Err(format!("hostPath type check failed: {path} is not a {what}"));
    match &*source.kind {
        "DirectoryOrCreate" if node.is_none() => disk.put(key(path), Node::folder()),
        "FileOrCreate" if node.is_none() => disk.put(key(path), Node::file("").with_mode(0o644)),
        "Directory" | "DirectoryOrCreate" if !is_folder => return wrong("directory"),
        "File" | "FileOrCreate" if !matches!(node, Some(What::File(_))) => return wrong("file"),
        "Socket" if !is_socket(path) => return wrong("socket file"),
        "CharDevice" if !matches!(node, Some(What::Device(_))) => return wrong("character device"),
        "BlockDevice" => return wrong("block device"),
        // Nothing is checked; the runtime makes a folder of what is missing.
        "" if node.is_none() && !is_folder => disk.put(key(path), Node::folder()),
        _ => {}
    }
    Ok(())
}

/// Sockets that every node has.
fn is_socket(path: &str) -> bool {
    matches!(path.trim_start_matches("/var"), "/run/containerd/containerd.sock" | "/run/docker.sock")
}

/// The folder of a claim's volume is there.
pub(super) fn prepare_claim(turn: &mut Turn, volume: &Volume) -> Result<(), String> {
    let Some(path) = path(turn, volume) else { return Err(String::new()) };
    let disk: &mut Tree = turn.machine.disk_mut();
    if disk.get(key(&path)).is_none() {
        disk.put(key(&path), Node::folder().with_mode(0o777));
    }
    Ok(())
}
