//! The event recorder that every component has: like events are counted, too many similar ones combined.
//!
//! Kubernetes 1.36: staging/src/k8s.io/client-go/tools/record/events_cache.go and, of the scheduler's,
//! tools/events/event_broadcaster.go. Not simulated: the token bucket that drops events of a source about one object
//! beyond 25 and one in five minutes; that a series' number is written anew after half an hour, or six minutes of rest.

use crate::api::endpoint_slice::Reference;
use crate::api::event::{Event, EventSource};
use crate::api::field::{empty_text, word};
use crate::api::object::{Body, Key, Object};
use crate::api::{Field, Kind, Metadata, Stamp};
use crate::clock::{Span, Time};
use crate::cluster::{Actor, Cluster};
use crate::value::{Value, shared};
use std::rc::Rc;

/// From the tenth similar event within this time on, they are combined.
const SIMILAR_WITHIN_MS: i64 = 600_000;
const SIMILAR_LIMIT: usize = 10;

/// Something a component says about an object.
#[derive(Clone, Debug)]
pub struct Note {
    pub about: Reference,
    /// `Normal` or `Warning`.
    pub kind: &'static str,
    pub reason: Rc<str>,
    pub message: String,
    /// The component: `kubelet`, `default-scheduler`, `replicaset-controller` ...
    pub from: &'static str,
    /// The node, for what a kubelet says.
    pub host: Rc<str>,
}

impl Note {
    pub fn normal(about: &Object, from: &'static str, reason: &str, message: impl Into<String>) -> Note {
        Note::new(about, "Normal", from, reason, message.into())
    }
    pub fn warning(about: &Object, from: &'static str, reason: &str, message: impl Into<String>) -> Note {
        Note::new(about, "Warning", from, reason, message.into())
    }
    fn new(about: &Object, kind: &'static str, from: &'static str, reason: &str, message: String) -> Note {
        let reference = Reference {
            api_version: word(&about.kind.api_version()),
            field_path: empty_text(),
            kind: word(about.kind.name()),
            name: about.meta.name.clone(),
            namespace: about.meta.namespace.clone(),
            resource_version: about.meta.resource_version.0.to_string().into(),
            uid: about.meta.uid.clone(),
        };
        Note { about: reference, kind, reason: shared(reason), message, from, host: empty_text() }
    }
    /// Says that it is about a part of the object: `spec.containers{web}`.
    pub fn of(mut self, field_path: impl AsRef<str>) -> Note {
        self.about.field_path = shared(field_path.as_ref());
        self
    }
    /// Says on which node the speaker is.
    pub fn on(mut self, host: &Rc<str>) -> Note {
        self.host = host.clone();
        self
    }
}

/// Writes an event, or counts one more of those already written.
pub fn record(cluster: &mut Cluster, note: Note) {
    let namespace: Rc<str> =
        if note.about.namespace.is_empty() { "default".into() } else { note.about.namespace.clone() };
    let now = cluster.stamp();
    // The scheduler speaks through the newer API, which keeps a series instead of a count.
    if note.from == SCHEDULER {
        return record_newer(cluster, &namespace, note, now);
    }
    // A kubelet that was started again does not know what it has said before.
    let started = cluster.machines.get(&note.host).map(|m| cluster.stamp_of(m.kubelet_since.second()));
    let (mut same, mut similar, mut combined) = (None, 0, None);
    for object in cluster.store.events_about(&note.about.uid) {
        let event = object.expect::<Event>();
        let alike = event.about.name == note.about.name
            && event.about.namespace == note.about.namespace
            && event.about.field_path == note.about.field_path
            && event.reason == note.reason
            && &*event.kind == note.kind
            && event.source.component.as_ref() == note.from;
        let forgotten = event.first.zip(started).is_some_and(|(first, started)| first < started);
        if !alike || forgotten {
            continue;
        }
        let recent = event.last.is_some_and(|last| now.since(last) < SIMILAR_WITHIN_MS);
        if *event.message == *note.message {
            same = Some(object.clone());
        } else if event.message.starts_with(COMBINED) {
            combined = recent.then(|| object.clone());
        } else if recent {
            similar += 1;
        }
    }
    if let Some(old) = same {
        return count(cluster, &old, None, now);
    }
    if similar + 1 >= SIMILAR_LIMIT {
        let message = format!("{COMBINED}{}", note.message);
        return match combined {
            Some(old) => count(cluster, &old, Some(message), now),
            None => write(cluster, &namespace, Note { message, ..note }, now),
        };
    }
    // A namespace that is being deleted takes no new objects, events neither.
    let ends = cluster.store.find(Kind::Namespace, "", &namespace).is_some_and(|n| n.meta.deleting());
    if !ends {
        write(cluster, &namespace, note, now);
    }
}

const SCHEDULER: &str = "default-scheduler";

/// What is said again of the same state of an object, whatever the words, makes a series; only its beginning is written.
fn record_newer(cluster: &mut Cluster, namespace: &Rc<str>, note: Note, now: Stamp) {
    let alike = |object: &&Rc<Object>| {
        let event = object.expect::<Event>();
        event.about == note.about && event.reason == note.reason && &*event.reporting_component == note.from
    };
    let before = cluster.store.events_about(&note.about.uid).find(alike).cloned();
    let Some(old) = before else { return write(cluster, namespace, note, now) };
    if old.expect::<Event>().series.is_null() {
        let mut new = (*old).clone();
        let series = Value::map([("count", Value::Int(2)), ("lastObservedTime", Value::str(now.micro()))]);
        new.edit(|raw| raw.set("series", series));
        cluster.commit(new);
    }
}

/// How long the API server keeps an event after its last change.
const KEPT: Span = Span::minutes(60);

/// Drops the events whose time is over. Answers when the next one's will be.
pub fn expire(cluster: &mut Cluster) -> Option<Time> {
    let now = cluster.now;
    let over = |cluster: &Cluster, object: &Object| {
        let event = object.expect::<Event>();
        let last = event.last.or(object.meta.creation).map_or(now, |stamp| cluster.time_of(stamp));
        last + KEPT
    };
    let all: Vec<(Time, Key)> = cluster.store.list(Kind::Event).map(|o| (over(cluster, o), o.key())).collect();
    for (_, key) in all.iter().filter(|(time, _)| *time <= now) {
        cluster.remove(Kind::Event, key);
    }
    all.iter().map(|(time, _)| *time).filter(|time| *time > now).min()
}

const COMBINED: &str = "(combined from similar events): ";

fn count(cluster: &mut Cluster, old: &Object, message: Option<String>, now: Stamp) {
    let mut new = old.clone();
    new.edit(|raw| {
        let count = raw.get("count").as_int().unwrap_or(1) + 1;
        raw.set("count", Value::Int(count));
        raw.set("lastTimestamp", now.write());
        if let Some(message) = message {
            raw.set("message", message.into());
        }
    });
    cluster.commit(new);
}

/// What the scheduler did or tried when it said this.
fn action(note: &Note) -> &'static str {
    match (note.from, &*note.reason) {
        (SCHEDULER, "Scheduled") => "Binding",
        (SCHEDULER, "Preempted") => "Preempting",
        (SCHEDULER, _) => "Scheduling",
        _ => "",
    }
}

fn write(cluster: &mut Cluster, namespace: &Rc<str>, note: Note, now: Stamp) {
    let newer = note.from == SCHEDULER;
    let whom = format!("{}/{}/{}", note.about.uid, note.reason, cluster.store.revision());
    // The time in nanoseconds, which gives each event a name of its own, later ones a greater.
    let nanos = now.0 as u64 * 1_000_000 + cluster.store.revision() % 1_000_000;
    let name = format!("{}.{nanos:016x}", note.about.name);
    let meta = Metadata {
        name: name.into(),
        namespace: namespace.clone(),
        uid: cluster.dice.uuid(&whom, "event uid"),
        creation: Some(now),
        ..Default::default()
    };
    let event = Event {
        action: word(action(&note)),
        count: i64::from(!newer),
        event_time: if newer { Value::str(now.micro()) } else { Value::Null },
        first: (!newer).then_some(now.second()),
        about: note.about,
        last: (!newer).then_some(now.second()),
        message: shared(&note.message),
        reason: note.reason,
        reporting_component: word(note.from),
        reporting_instance: note.host.clone(),
        source: if newer {
            EventSource::default()
        } else {
            EventSource { component: word(note.from), host: note.host }
        },
        kind: word(note.kind),
        ..Default::default()
    };
    cluster.commit(Object::of(Kind::Event, meta, Body::Event(event.into())));
    cluster.wake(Actor::EventExpiry, KEPT);
}
