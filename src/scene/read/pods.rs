//! Pods: their names in two parts, their state, what runs out.

use super::containers;
use super::status;
use super::workloads::Revision;
use super::{Memory, Source, id_of, key_of, nodes};
use crate::scene::model::{Inside, Node, Note, Pod, State};
use crate::scene::shape::{AsItIs, Id, Tone};
use crate::scene::words::Locale;
use kubarium_sim::api::Kind;
use kubarium_sim::api::object::{Key, Object};
use kubarium_sim::api::pod::Pod as ApiPod;
use kubarium_sim::claims;
use kubarium_sim::clock::Time;
use kubarium_sim::cluster::Cluster;
use kubarium_sim::machine::agent::Worker;
use kubarium_sim::table::{Slot, Table};
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::rc::Rc;

/// Pods as they were read last, by the address of the object, which is held so that the address stays its own.
pub type Known = HashMap<usize, (Rc<Object>, Rc<Pod>), BuildHasherDefault<AsItIs>>;

/// With fewer Pods all are read anew: what is physically so may have changed though the API knows nothing of it.
const FEW: usize = 200;

/// The Pods that are being read.
pub struct Part {
    left: std::vec::IntoIter<Slot>,
    table: Table<Object>,
    /// Whether there are so many that those that stay as they are, are not read again.
    many: bool,
    silent: Vec<bool>,
    before: Known,
    pub read: Vec<Rc<Pod>>,
}

impl Part {
    pub fn begin(source: &Source, nodes: &[Node], memory: &mut Memory) -> Part {
        let (slots, table) = memory.order.follow(source, Kind::Pod);
        let silent = nodes.iter().map(|node| {
            let found = source.cluster.store.find(Kind::Node, "", &node.key.name);
            nodes::silent(node, found.map(|object| object.expect()))
        });
        let (many, before) = (slots.len() > FEW, std::mem::take(&mut memory.pods));
        if many {
            // By itself it would grow again and again, at one go each time.
            memory.pods.reserve(slots.len());
        }
        Part {
            many,
            silent: silent.collect(),
            before,
            read: Vec::with_capacity(slots.len()),
            left: slots.into_iter(),
            table,
        }
    }

    /// Reads so many more; whether that was all.
    pub fn go_on(&mut self, source: &mut Source, known: &mut Known, most: usize) -> bool {
        for slot in self.left.by_ref().take(most) {
            let object = self.table.get(slot).expect("a Pod of the beginning").clone();
            note_uses(source, &object, self.read.len());
            let place = Place::of(source, &object, &self.silent);
            let stays = |pod: &Rc<Pod>| place.still_holds(pod) && source.ask.selected != Some(&pod.key);
            let old = self.before.remove(&address(&object)).map(|(_, pod)| pod).filter(stays);
            let pod = old.unwrap_or_else(|| Rc::new(pod(source, &object, &place)));
            if self.many {
                known.insert(address(&object), (object, pod.clone()));
            }
            self.read.push(pod);
        }
        self.left.len() == 0
    }
}

/// Allocations lie a multiple of 8 apart; a map wants numbers that differ in all bits.
fn address(object: &Rc<Object>) -> usize {
    (Rc::as_ptr(object) as usize).wrapping_mul(0x9e37_79b9)
}

/// Whose target, and the user of which claims the nth Pod is.
fn note_uses(source: &mut Source, object: &Object, n: usize) {
    if let Some(place) = source.index.pods.get_mut(&object.key()) {
        *place = Some(n);
    }
    let (namespace, name) = (&object.meta.namespace, &object.meta.name);
    for volume in &object.expect::<ApiPod>().spec.volumes {
        let Some(claim) = claims::of_volume(name, volume) else { continue };
        source.index.users.entry(Key::new(namespace.clone(), claim)).or_default().push(n);
    }
}

/// What a Pod's drawing depends on besides the Pod itself.
struct Place {
    node: Option<usize>,
    silent: bool,
    revision: Option<Revision>,
}

impl Place {
    fn of(source: &Source, object: &Object, silent: &[bool]) -> Place {
        let node = source.index.nodes.get(&object.expect::<ApiPod>().spec.node_name).copied();
        let revision = object.meta.controller().and_then(|owner| {
            let hash = object.meta.labels.get("controller-revision-hash");
            let by_hash = hash.and_then(|hash| source.index.revisions.get(&*format!("{}/{hash}", owner.uid)));
            by_hash.or_else(|| source.index.revisions.get(&owner.uid)).copied()
        });
        Place { node, silent: node.is_some_and(|node| silent[node]), revision }
    }

    /// Whether a Pod that was read before would be read as the same now. One in which something is under way may change with time.
    fn still_holds(&self, pod: &Pod) -> bool {
        let revision = (self.revision.map(|revision| revision.hue), self.revision.and_then(|revision| revision.number));
        let rests = match pod.state {
            State::Ready | State::Pending | State::Finished | State::Failed => true,
            // Nothing is asked of what does not run yet.
            State::Starting => pod.containers.iter().all(|container| container.inside == Inside::Waiting),
            _ => false,
        };
        rests && !pod.hung && !self.silent && pod.node == self.node && (pod.hue, pod.revision) == revision
    }
}

fn pod(source: &Source, object: &Rc<Object>, place: &Place) -> Pod {
    let (meta, body) = (&object.meta, object.expect::<ApiPod>());
    let printed = status::printed(meta, body);
    let state = status::state(meta, body, &printed.status, place.silent);
    let machine = source.cluster.machines.get(&body.spec.node_name).filter(|machine| !machine.off);
    let worker = machine.and_then(|machine| machine.agent.workers.get(&meta.uid)).map(|worker| &**worker);
    let sandbox = machine.and_then(|machine| machine.sandbox(&meta.uid));
    let first = body.spec.containers.first();
    let (stem, suffix) = names(object);
    let owner = meta.controller();
    let left = running_out(source.cluster, object, worker, state, source.ask.stepwise);
    Pod {
        id: id_of(object),
        key: key_of(object),
        node: place.node,
        stem,
        suffix,
        state,
        hue: place.revision.map(|revision| revision.hue),
        revision: place.revision.and_then(|revision| revision.number),
        containers: containers::read(body, (worker, sandbox), meta.deleting(), state == State::Init),
        volumes: containers::volumes(&body.spec.volumes),
        dial: left.as_ref().map(|left| left.share),
        note: note(object, body, state, left.as_ref(), source.ask.locale),
        restarts: printed.restarts,
        daemon: owner.is_some_and(|owner| &*owner.kind == "DaemonSet"),
        host_paths: containers::host_paths(&body.spec.volumes),
        created_ms: meta.creation.map_or(0, |stamp| source.cluster.time_of(stamp).0),
        owner: owner.map(|owner| Id::of(&owner.kind, &owner.uid)),
        status: printed.status,
        ready: printed.ready,
        hung: sandbox.zip(first).is_some_and(|(sandbox, first)| containers::hangs(sandbox, &first.name)),
    }
}

/// `web` and `x7k2p` of `web-7d4b9c6f58-x7k2p`: what its siblings share without the template's hash, and its own.
fn names(object: &Object) -> (Rc<str>, Rc<str>) {
    let name = &object.meta.name;
    let shared = object.meta.generate_name.as_deref().unwrap_or("");
    let Some(own) = name.strip_prefix(shared).filter(|own| !own.is_empty() && !shared.is_empty()) else {
        return (name.clone(), Rc::from(""));
    };
    let stem = shared.trim_end_matches('-');
    let hash = object.meta.labels.get("pod-template-hash").map(|hash| format!("-{hash}"));
    let stem = hash.and_then(|hash| stem.strip_suffix(&*hash)).unwrap_or(stem);
    (Rc::from(stem), Rc::from(own))
}

/// Something that runs out.
struct Left {
    /// Of 1.
    share: f32,
    ms: u64,
}

/// The grace period of a Pod that ends, or the back-off before the next try.
fn running_out(
    cluster: &Cluster,
    object: &Object,
    worker: Option<&Worker>,
    state: State,
    stepwise: bool,
) -> Option<Left> {
    let left = |end: Time, whole_ms: u64| {
        let ms = end.since(cluster.now).0;
        let ms = if stepwise { ms.div_ceil(1000) * 1000 } else { ms };
        (whole_ms > 0).then(|| Left { share: (ms as f32 / whole_ms as f32).min(1.0), ms })
    };
    match state {
        State::Terminating => {
            let (at, grace) = (object.meta.deletion?, object.meta.deletion_grace.unwrap_or(0));
            left(cluster.time_of(at), grace.max(0) as u64 * 1000)
        }
        State::Crash => {
            let status = &object.expect::<ApiPod>().status;
            let ends =
                status.container_statuses.iter().chain(&status.init_container_statuses).filter_map(|container| {
                    container.state.waiting.as_ref().filter(|waiting| &*waiting.reason == "CrashLoopBackOff")?;
                    let wait = worker?.troubles.get(&container.name)?.back_off?.wait;
                    let finished = container.last_state.terminated.as_ref()?.finished?;
                    Some((cluster.time_of(finished) + wait, wait))
                });
            ends.min().and_then(|(end, wait)| left(end, wait.0))
        }
        State::Image => {
            let pulls = worker?.pulls.values().map(|back| (back.updated + back.wait, back.wait));
            pulls.filter(|(end, _)| *end > cluster.now).min().and_then(|(end, wait)| left(end, wait.0))
        }
        _ => None,
    }
}

fn note(object: &Object, pod: &ApiPod, state: State, left: Option<&Left>, locale: Locale) -> Option<Note> {
    let said = |text: String, tone: Tone| Some(Note { text, tone });
    let seconds = |left: &Left| match left.ms.div_ceil(1000) {
        seconds @ 0..100 => format!("{seconds}s"),
        seconds => format!("{}m", seconds.div_ceil(60)),
    };
    let again = |left: &Left| match locale {
        Locale::English => format!("again in {}", seconds(left)),
        Locale::Korean => format!("{} 뒤 다시", seconds(left)),
    };
    let ended = || {
        let last = pod.status.container_statuses.iter().find_map(|container| container.state.terminated.as_ref());
        last.map(|ended| format!("exit {}", ended.exit_code))
    };
    match state {
        State::Terminating => said(format!("SIGTERM {}", seconds(left?)), Tone::TerminatingText),
        State::Crash | State::Image => said(left.map(again)?, Tone::BrokenText),
        State::Failed if !pod.status.reason.is_empty() => said(pod.status.reason.to_string(), Tone::BrokenText),
        State::Failed => said(ended()?, Tone::BrokenText),
        State::Finished => said(ended()?, Tone::FinishedText),
        State::Ready => {
            let job = object.meta.controller().is_some_and(|owner| &*owner.kind == "Job");
            job.then(|| Note { text: "Job".into(), tone: Tone::Ink3 })
        }
        _ => None,
    }
}
