//! The inside of a Pod: its containers, what they write, the files that they see. Each is made only for the tab that shows it.

pub mod card;
pub mod cards;
pub mod files;
pub mod logs;
pub mod place;
pub mod probes;
pub mod stream;

#[cfg(test)]
mod tests;

use super::Tab;
use crate::text::Text;
use card::Card;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::pod::{Container, Pod, PodSpec};
use kubarium_sim::api::pod_status::{ContainerStatus, PodStatus};
use kubarium_sim::cluster::Cluster;
use place::Place;
use std::rc::Rc;
use stream::Stream;

/// What the open tab shows of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inside {
    pub cards: Vec<Card>,
    pub streams: Rc<Vec<Stream>>,
    pub places: Rc<Vec<Place>>,
}

impl Inside {
    pub fn of(cluster: &Cluster, object: &Object, tab: Tab, text: Text) -> Inside {
        let pod = object.get::<Pod>();
        let mut inside = Inside::default();
        match (tab, pod) {
            (Tab::Why, Some(pod)) => inside.cards = card::of(cluster, object, pod, text),
            (Tab::Logs, Some(pod)) => inside.streams = Rc::new(stream::of(cluster, object, pod, text)),
            (Tab::Files, Some(pod)) => inside.places = Rc::new(place::of_pod(cluster, object, pod, text)),
            (Tab::Files, None) => inside.places = Rc::new(place::of_volume(cluster, object)),
            _ => {}
        }
        inside
    }
}

/// What a container is in its Pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The nth of so many init containers, counted from 1.
    Init(usize, usize),
    Sidecar,
    Ordinary,
    Ephemeral,
}

impl Role {
    /// What is said of it beside its name; nothing of an ordinary one.
    pub fn word(self, text: Text) -> Option<String> {
        match self {
            Role::Init(n, of) => Some(text.fill("role-init", &[("n", &n.to_string()), ("of", &of.to_string())])),
            Role::Sidecar => Some(text.get("role-sidecar").into()),
            Role::Ordinary => None,
            Role::Ephemeral => Some(text.get("role-ephemeral").into()),
        }
    }
}

/// The containers of a Pod in the order in which they start: init containers and sidecars, ordinary ones, ephemeral ones.
pub fn in_order(spec: &PodSpec) -> impl Iterator<Item = (&Container, Role)> {
    let steps = spec.init_containers.iter().filter(|c| !c.is_sidecar()).count();
    let mut step = 0;
    let first = spec.init_containers.iter().map(move |container| match container.is_sidecar() {
        true => (container, Role::Sidecar),
        false => {
            step += 1;
            (container, Role::Init(step, steps))
        }
    });
    let ordinary = spec.containers.iter().map(|container| (container, Role::Ordinary));
    first.chain(ordinary).chain(spec.ephemeral_containers.iter().map(|container| (container, Role::Ephemeral)))
}

pub fn status_of<'a>(status: &'a PodStatus, name: &str) -> Option<&'a ContainerStatus> {
    let all = status.init_container_statuses.iter().chain(&status.container_statuses);
    all.chain(&status.ephemeral_container_statuses).find(|status| *status.name == *name)
}

/// Bytes as Kubernetes writes them, in the largest unit that leaves a whole number before the point: `812 B`, `1.5Ki`, `64Mi`.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 4] = ["Ki", "Mi", "Gi", "Ti"];
    if n < 1024 {
        return format!("{n} B");
    }
    let mut unit = 0;
    let mut tenths = n * 10 / 1024;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    match tenths % 10 {
        0 => format!("{}{}", tenths / 10, UNITS[unit]),
        _ if tenths >= 1000 => format!("{}{}", tenths / 10, UNITS[unit]),
        tenth => format!("{}.{tenth}{}", tenths / 10, UNITS[unit]),
    }
}
