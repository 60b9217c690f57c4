//! The events of the cluster, and how the log shows one.

use super::MOST_LINES;
use kubarium_sim::api::Kind;
use kubarium_sim::api::event::Event;
use kubarium_sim::api::field::Stamp;
use kubarium_sim::api::object::Object;
use kubarium_sim::clock::Time;
use kubarium_sim::cluster::Cluster;
use kubarium_sim::table::Table;
use std::collections::BTreeMap;
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

/// The events of a namespace, or of all: how many there are, and the latest.
#[derive(Clone, Default)]
pub struct Events {
    count: usize,
    latest: Rc<Vec<(Time, Rc<Object>)>>,
}

impl PartialEq for Events {
    /// Objects that are the same one are equal; another one is another one.
    fn eq(&self, other: &Events) -> bool {
        let same = |(a, b): (&(Time, Rc<Object>), &(Time, Rc<Object>))| Rc::ptr_eq(&a.1, &b.1);
        self.count == other.count
            && self.latest.len() == other.latest.len()
            && self.latest.iter().zip(&*other.latest).all(same)
    }
}

impl Events {
    pub fn len(&self) -> usize {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The newest first.
    pub fn latest(&self) -> impl Iterator<Item = EventRow> {
        self.latest.iter().map(|(time, object)| row(*time, object))
    }
}

/// All events in their order, kept from one look to the next: of many only those are looked at that have changed.
#[derive(Default)]
pub struct Log {
    namespace: Option<Rc<str>>,
    seen: Table<Object>,
    /// By when each was seen last, those of one moment as they were written.
    order: BTreeMap<(Option<Stamp>, u64), Rc<Object>>,
}

impl Log {
    pub fn read(&mut self, cluster: &Cluster, namespace: Option<&str>) -> Events {
        if self.namespace.as_deref() != namespace {
            *self = Log { namespace: namespace.map(Rc::from), ..Log::default() };
        }
        let now = cluster.store.shelf(Kind::Event).map(|shelf| shelf.objects.clone()).unwrap_or_default();
        let place = |object: &Object| (stamp(object), object.meta.resource_version.0);
        for (_, new, old) in now.changed(&self.seen) {
            old.iter().for_each(|old| _ = self.order.remove(&place(old)));
            let new = new.filter(|new| namespace.is_none_or(|namespace| *new.meta.namespace == *namespace));
            new.iter().for_each(|new| _ = self.order.insert(place(new), Rc::clone(new)));
        }
        self.seen = now;
        let latest = self.order.values().rev().take(MOST_LINES);
        let latest = latest.map(|object| (last_seen(cluster, object), object.clone())).collect();
        Events { count: self.order.len(), latest: Rc::new(latest) }
    }
}

/// When an event was seen last.
pub fn last_seen(cluster: &Cluster, object: &Object) -> Time {
    stamp(object).map_or(Time(0), |s| cluster.time_of(s))
}

fn stamp(object: &Object) -> Option<Stamp> {
    let event = object.expect::<Event>();
    event.last.or(event.first).or(object.meta.creation)
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

#[cfg(test)]
mod tests {
    use super::*;
    use kubarium_sim::command::Command;
    use kubarium_sim::history::History;
    use kubarium_sim::setup::Setup;

    #[test]
    fn the_log_follows_time_on_and_back() {
        let mut history = History::new(Setup::default().cluster());
        history.command(Command::Run { line: "kubectl create deployment bad --image=nowhere/nothing:1".into() });
        let mut log = Log::default();
        let mut counts = vec![];
        for (second, namespace) in [(0, None), (60, None), (60, Some("default")), (60, Some("kube-system")), (0, None)]
        {
            history.seek(Time(second * 1000));
            let cluster = history.cluster();
            let events = log.read(cluster, namespace);
            assert!(events == Log::default().read(cluster, namespace), "{second} s, {namespace:?}");
            let times: Vec<Time> = events.latest().map(|row| row.time).collect();
            assert!(times.is_sorted_by(|a, b| a >= b) && times.len() == events.len());
            counts.push(events.len());
        }
        assert!(counts[1] > counts[0] && counts[3] == 0 && counts[4] == counts[0], "{counts:?}");
    }
}
