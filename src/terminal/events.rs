//! The events of the cluster, and how the log shows one.

use kubarium_sim::api::Kind;
use kubarium_sim::api::event::Event;
use kubarium_sim::api::object::Object;
use kubarium_sim::clock::Time;
use kubarium_sim::cluster::Cluster;
use std::rc::Rc;

#[derive(Clone, Debug, PartialEq)]
pub struct EventRow {
    pub time: Time,
    pub warning: bool,
    pub about: String,
    pub reason: Rc<str>,
    pub message: Rc<str>,
    pub count: i64,
    pub from: Rc<str>,
    pub kind: Rc<str>,
    pub namespace: Rc<str>,
    pub name: Rc<str>,
}

/// All events of a namespace, or of all, the oldest first. Only of those on view rows are made.
#[derive(Clone, Default)]
pub struct Events(Rc<Vec<(Time, Rc<Object>)>>);

impl PartialEq for Events {
    /// Objects that are the same one are equal; another one is another one.
    fn eq(&self, other: &Events) -> bool {
        self.0.len() == other.0.len() && self.0.iter().zip(&*other.0).all(|(a, b)| Rc::ptr_eq(&a.1, &b.1))
    }
}

impl Events {
    pub fn of(cluster: &Cluster, namespace: Option<&str>) -> Events {
        let wanted = |o: &&Rc<Object>| namespace.is_none_or(|n| &*o.meta.namespace == n);
        let mut all: Vec<(Time, Rc<Object>)> =
            cluster.store.list(Kind::Event).filter(wanted).map(|o| (last_seen(cluster, o), o.clone())).collect();
        all.sort_by_key(|(time, _)| *time);
        Events(Rc::new(all))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The newest first.
    pub fn latest(&self) -> impl Iterator<Item = EventRow> {
        self.0.iter().rev().map(|(time, object)| row(*time, object))
    }
}

/// When an event was seen last.
pub fn last_seen(cluster: &Cluster, object: &Object) -> Time {
    let event = object.expect::<Event>();
    let stamp = event.last.or(event.first).or(object.meta.creation);
    stamp.map_or(Time(0), |s| cluster.time_of(s))
}

pub fn row(time: Time, object: &Object) -> EventRow {
    let event = object.expect::<Event>();
    let from = if event.reporting_component.is_empty() { &event.source.component } else { &event.reporting_component };
    EventRow {
        time,
        warning: &*event.kind == "Warning",
        about: format!("{}/{}", event.about.kind.to_lowercase(), event.about.name),
        reason: event.reason.clone(),
        message: event.message.clone(),
        count: event.count.max(1),
        from: from.clone(),
        kind: event.about.kind.clone(),
        namespace: event.about.namespace.clone(),
        name: event.about.name.clone(),
    }
}
