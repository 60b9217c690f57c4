//! Where files are: in a Pod's containers, on the disks that hold a volume.

use super::in_order;
use crate::inspector::portrait::Chosen;
use crate::text::Text;
use kubarium_sim::api::Kind;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::persistent_volume::PersistentVolume;
use kubarium_sim::api::persistent_volume_claim::PersistentVolumeClaim;
use kubarium_sim::api::pod::{Pod, Volume};
use kubarium_sim::claims;
use kubarium_sim::cluster::Cluster;
use kubarium_sim::machine::View;
use kubarium_sim::shell::{Kind as What, Node};
use std::rc::Rc;

/// The most disks on which a volume is looked for.
const MOST_DISKS: usize = 20;
/// The most names of a folder that are told.
pub const MOST_NAMES: usize = 200;
/// The most bytes of a file that are shown.
pub const MOST_BYTES: usize = 64 * 1024;

/// Something that has files.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// A container's name, or a node's.
    pub name: Rc<str>,
    /// What it is in its Pod, if that is to be said.
    pub role: Option<String>,
    pub roots: Vec<Root>,
    pub view: View,
}

/// Where one begins to look.
#[derive(Clone, Debug, PartialEq)]
pub struct Root {
    pub path: String,
    /// What is mounted there: `ConfigMap web-conf`; empty for a container's own files.
    pub what: String,
    /// The object behind it.
    pub to: Option<Chosen>,
    pub read_only: bool,
}

/// The containers of a Pod that have been made: their mounts, and while they run their own files.
pub fn of_pod(cluster: &Cluster, object: &Object, pod: &Pod, text: Text) -> Vec<Place> {
    let Some(machine) = cluster.machines.get(&pod.spec.node_name) else { return vec![] };
    let one = |(container, role): (&kubarium_sim::api::pod::Container, super::Role)| {
        let view = machine.view(&object.meta.uid, &container.name, cluster.now)?;
        let root = |mount: &kubarium_sim::shell::Mount| {
            let of = container.volume_mounts.iter().find(|m| m.path.trim_end_matches('/') == &*mount.path);
            let volume = of.and_then(|of| pod.spec.volumes.iter().find(|volume| volume.name == of.name));
            let (what, to) = volume.map_or((String::new(), None), |volume| behind(object, volume));
            Root { path: mount.path.to_string(), what, to, read_only: mount.read_only }
        };
        let mut roots: Vec<Root> = view.mounts().iter().map(root).collect();
        if view.has_root() {
            roots.push(Root { path: "/".into(), what: String::new(), to: None, read_only: false });
        }
        Some(Place { name: container.name.clone(), role: role.word(text), roots, view })
    };
    in_order(&pod.spec).filter_map(one).collect()
}

/// What a volume is made of, in words of the API, and the object that it is.
fn behind(pod: &Object, volume: &Volume) -> (String, Option<Chosen>) {
    let namespace = &pod.meta.namespace;
    let object = |kind: Kind, name: &str| (format!("{} {name}", kind.name()), Some(Chosen::new(kind, namespace, name)));
    let plain = |word: &str| (word.to_string(), None);
    if let Some(claim) = claims::of_volume(&pod.meta.name, volume) {
        return object(Kind::PersistentVolumeClaim, &claim);
    }
    match volume {
        Volume { config_map: Some(of), .. } => object(Kind::ConfigMap, &of.name),
        Volume { secret: Some(of), .. } => object(Kind::Secret, &of.name),
        Volume { host_path: Some(of), .. } => plain(&format!("hostPath {}", of.path)),
        Volume { empty_dir: Some(_), .. } => plain("emptyDir"),
        Volume { downward: Some(_), .. } => plain("downwardAPI"),
        Volume { projected: Some(_), .. } => plain("projected"),
        Volume { image: Some(of), .. } => plain(&format!("image {}", of.reference)),
        _ => plain(&volume.name),
    }
}

/// The disks that have the folder of a PersistentVolume, or of the one that a claim is bound to.
pub fn of_volume(cluster: &Cluster, object: &Object) -> Vec<Place> {
    let name = match object.get::<PersistentVolumeClaim>() {
        Some(claim) => claim.spec.volume_name.clone(),
        None => object.meta.name.clone(),
    };
    let Some((_, volume)) = cluster.store.typed::<PersistentVolume>("", &name) else { return vec![] };
    let own = volume.spec.host_path.as_ref().map(|of| &of.path);
    let Some(path) = own.or(volume.spec.local.as_ref().map(|of| &of.path)) else { return vec![] };
    let there = cluster.machines.iter().filter(|(_, machine)| machine.disk.get(path.trim_matches('/')).is_some());
    let one = |(node, machine): (&Rc<str>, &Rc<kubarium_sim::machine::Machine>)| Place {
        name: node.clone(),
        role: None,
        roots: vec![Root {
            path: "/".into(),
            what: format!("{node}:{path}"),
            to: Some(Chosen::new(Kind::Node, "", node)),
            read_only: false,
        }],
        view: View::of_disk(&machine.disk, path),
    };
    there.take(MOST_DISKS).map(one).collect()
}

/// What a file holds, as far as it can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// Its text, and how many bytes follow that are not shown.
    Text(String, u64),
    /// It is no text; so many bytes.
    Bytes(u64),
    /// A program of the image, or a device.
    Opaque,
    /// In the words of the system.
    Refused(String),
}

pub fn read(view: &View, path: &str) -> Page {
    match view.node(path) {
        Ok(Node { kind: What::File(content), .. }) => {
            let bytes = content.bytes();
            let kept = &bytes[..bytes.len().min(MOST_BYTES)];
            let text = match std::str::from_utf8(kept) {
                Ok(text) => text,
                // Cut within a letter.
                Err(e) if e.error_len().is_none() => std::str::from_utf8(&kept[..e.valid_up_to()]).unwrap_or_default(),
                Err(_) => return Page::Bytes(content.len()),
            };
            if text.contains('\0') || text.is_empty() && !content.is_empty() {
                return Page::Bytes(content.len());
            }
            Page::Text(text.into(), content.len() - text.len() as u64)
        }
        Ok(Node { kind: What::Folder, .. }) => Page::Refused("Is a directory".into()),
        Ok(_) => Page::Opaque,
        Err(why) => Page::Refused(why.to_string()),
    }
}
