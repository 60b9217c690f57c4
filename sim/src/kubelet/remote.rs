//! Kubernetes 1.36: pkg/volume/{nfs,fc,csi,git_repo}, pkg/kubelet/volumemanager
//!
//! Volumes on servers that this world has not, and such with options that they do not take: how their mounting fails. Not simulated:
//! attaching, and what the controller says that does it.

use super::pod_worker::Turn;
use crate::api::Kind;
use crate::api::persistent_volume_claim::PersistentVolumeClaim;
use crate::api::pod::{Pod, Volume};
use crate::claims;
use crate::clock::Span;
use crate::value::Value;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Kinds of volumes that no kubelet knows any more, and the one for which it has no driver.
const GONE: [&str; 9] =
    ["cephfs", "flexVolume", "flocker", "glusterfs", "photonPersistentDisk", "quobyte", "rbd", "scaleIO", "storageos"];
/// Kinds that a controller would have to attach first, which it never does here.
const ATTACHED: [&str; 8] = [
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cinder",
    "gcePersistentDisk",
    "iscsi",
    "portworxVolume",
    "vsphereVolume",
];
/// So long a client of NFS tries to reach its server.
const NFS_TRIES: Span = Span::secs(120);

/// How the mounting of a volume fails.
pub(super) enum Trouble {
    Fails(Failure),
    /// Nothing is ever heard.
    Waits,
    /// There is no plug-in for it.
    Unknown,
}

/// What is said of a volume that cannot be mounted.
pub(super) struct Failure {
    /// What fails, and when that is known.
    pub step: &'static str,
    pub after: Span,
    /// The name that the volume has for the kubelet: its own, or that of a PersistentVolume.
    pub volume: Rc<str>,
    pub why: String,
    /// An event of its own.
    pub also: Option<(&'static str, &'static str)>,
}

/// What a Pod's volume, or the PersistentVolume behind it, says of where it is.
struct Sought {
    name: Rc<str>,
    source: Value,
    persistent: bool,
}

fn sought(turn: &Turn, volume: &Volume) -> Option<Sought> {
    if let Some(claim) = claims::of_volume(&turn.pod.meta.name, volume) {
        let store = &turn.cluster.store;
        let (_, claim) = store.typed::<PersistentVolumeClaim>(&turn.pod.meta.namespace, &claim)?;
        let object = store.find(Kind::PersistentVolume, "", &claim.spec.volume_name)?;
        return Some(Sought {
            name: object.meta.name.clone(),
            source: object.raw().get("spec").clone(),
            persistent: true,
        });
    }
    let volumes = turn.pod.raw().at(&["spec", "volumes"]).items();
    let source = volumes.iter().find(|other| other.get("name").as_str() == Some(&volume.name))?.clone();
    Some(Sought { name: volume.name.clone(), source, persistent: false })
}

/// What is wrong with a volume; `None` if nothing is.
pub(super) fn trouble(turn: &Turn, volume: &Volume) -> Option<Trouble> {
    let Sought { name, source, persistent } = sought(turn, volume)?;
    let has = |kinds: &[&str]| kinds.iter().any(|kind| !source.get(kind).is_null());
    let failure = |step, why: &str| Failure { step, after: Span(0), volume: name.clone(), why: why.into(), also: None };
    let fails = |step, why: &str| Some(Trouble::Fails(failure(step, why)));
    if has(&["hostPath"]) && !source.get("mountOptions").items().is_empty() {
        let why = "mount options are not supported for this volume type";
        let also = Some(("UnsupportedMountOption", "Mount options are not supported for this volume type"));
        return Some(Trouble::Fails(Failure { also, ..failure("MountOptionSupport check", why) }));
    }
    let modes = source.get("accessModes").items();
    if persistent && modes.len() == 1 && modes[0].as_str() == Some("ReadWriteOncePod") && is_taken(turn, volume) {
        return fails("SetUp", "volume uses the ReadWriteOncePod access mode and is already in use by another pod");
    }
    if has(&GONE) {
        return Some(Trouble::Unknown);
    }
    if has(&ATTACHED) {
        return Some(Trouble::Waits);
    }
    if has(&["nfs"]) {
        let place = format!("/var/lib/kubelet/pods/{}/volumes/kubernetes.io~nfs/{name}", turn.pod.meta.uid);
        let (after, why) = nfs(&place, &source);
        return Some(Trouble::Fails(Failure { after, ..failure("SetUp", &why) }));
    }
    if has(&["fc"]) {
        return fails("WaitForAttach", "no fc disk found");
    }
    if has(&["gitRepo"]) {
        return fails("SetUp", NO_GIT);
    }
    let driver = source.at(&["csi", "driver"]).as_str()?;
    let known = turn.cluster.store.find(Kind::CSIDriver, "", driver).map(|object| object.raw().get("spec"));
    if !persistent {
        let (step, why) = inline(driver, known);
        return fails(step, &why);
    }
    if known.is_none_or(|spec| spec.get("attachRequired").as_bool() != Some(false)) {
        return Some(Trouble::Waits);
    }
    let why = "kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient";
    fails("MountDevice", &format!("{why}: {}", unregistered(driver)))
}

/// Whether another Pod of the node has mounted the claim that a volume is.
fn is_taken(turn: &Turn, volume: &Volume) -> bool {
    let claim = claims::of_volume(&turn.pod.meta.name, volume);
    let namespace = &turn.pod.meta.namespace;
    let mut others = turn.cluster.store.pods_on(turn.node).filter(|other| other.meta.namespace == *namespace);
    others.any(|other| {
        let worker = turn.machine.agent.workers.get(&other.meta.uid);
        let mounted = |name: &Rc<str>| worker.is_some_and(|worker| worker.volumes.mounted.contains(name));
        let volumes = &other.expect::<Pod>().spec.volumes;
        volumes.iter().any(|v| mounted(&v.name) && claims::of_volume(&other.meta.name, v) == claim)
    })
}

/// Why nothing is cloned.
const NO_GIT: &str = "git-repo volume plugin has been disabled; if necessary, it may be re-enabled by enabling the feature-gate GitRepoVolumeDriver";

/// How long a node tries to reach a server, and what it says then.
fn nfs(place: &str, volume: &Value) -> (Span, String) {
    let source = volume.get("nfs");
    let text = |field: &str| source.get(field).as_str().unwrap_or("");
    let (server, path) = (text("server"), text("path"));
    let mut options: BTreeSet<&str> = volume.get("mountOptions").items().iter().filter_map(|o| o.as_str()).collect();
    options.extend((source.get("readOnly").as_bool() == Some(true)).then_some("ro"));
    let options = match options.into_iter().collect::<Vec<_>>().join(",") {
        none if none.is_empty() => none,
        all => format!(" -o {all}"),
    };
    // A node does not ask the cluster's name server.
    let (after, output) = match server.parse::<core::net::Ipv4Addr>() {
        Ok(_) => (NFS_TRIES, "Connection timed out".to_string()),
        Err(_) => (Span(0), format!("Failed to resolve server {server}: Name or service not known")),
    };
    let why = format!(
        "mount failed: exit status 32\nMounting command: mount\nMounting arguments: -t nfs{options} {server}:{path} {place}\nOutput: mount.nfs: {output}\n"
    );
    (after, why)
}

/// At which step a driver that no node has fails for a volume that a Pod asks it for, and how.
fn inline(driver: &str, known: Option<&Value>) -> (&'static str, String) {
    let refused = |why: String| {
        ("NewMounter initialization", format!("volume mode \"Ephemeral\" not supported by driver {driver} ({why})"))
    };
    let Some(spec) = known else {
        return refused("no CSIDriver object".into());
    };
    let modes = spec.get("volumeLifecycleModes").items();
    if !modes.iter().any(|mode| mode.as_str() == Some("Ephemeral")) {
        let said: Vec<String> = modes.iter().filter_map(|mode| Some(format!("{:?}", mode.as_str()?))).collect();
        return refused(format!("only supports [{}]", said.join(" ")));
    }
    let why = "kubernetes.io/csi: mounter.SetUpAt failed to get CSI client";
    ("SetUp", format!("{why}: {}", unregistered(driver)))
}

fn unregistered(driver: &str) -> String {
    format!("driver name {driver} not found in the list of registered CSI drivers")
}
