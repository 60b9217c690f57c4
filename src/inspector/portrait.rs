//! What the inspector tells of one object: plain values, made from a cluster at an instant.

use super::inside::Inside;
use super::why::{self, Why};
use super::{Tab, acts, facts, fit, related};
use crate::chronicle::{Chronicle, Turn};
use crate::how::{self, How};
use crate::terminal::{self, EventRow};
use crate::text::Text;
use kubarium_sim::api::event::Event;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::{Key, Kind};
use kubarium_sim::clock::Time;
use kubarium_sim::cluster::Cluster;
use kubarium_sim::history::Entry;
use kubarium_sim::kubelet::heartbeat;
use kubarium_sim::manifest;
use std::rc::Rc;

/// What is selected.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Chosen {
    pub kind: Kind,
    pub key: Key,
}

impl Chosen {
    pub fn new(kind: Kind, namespace: &str, name: &str) -> Chosen {
        Chosen { kind, key: Key::new(namespace, name) }
    }

    /// From the kind's name, as events and the picture give it.
    pub fn named(kind: &str, namespace: &str, name: &str) -> Option<Chosen> {
        let kind = Kind::ALL.iter().copied().find(|k| k.name() == kind)?;
        Some(Chosen::new(kind, namespace, name))
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Portrait {
    pub chosen: Chosen,
    /// Not there at this instant: not yet, or not any more.
    pub gone: bool,
    pub how: Option<How>,
    /// The one above it, if one is.
    pub owner: Option<Chosen>,
    pub why: Option<Why>,
    pub facts: Vec<facts::Fact>,
    /// Who made it, the first cause first.
    pub chain: Vec<Link>,
    pub acts: Vec<String>,
    /// What would let a waiting Pod in.
    pub ways: Vec<fit::Way>,
    /// What the scheduler's rules say of a Pod on each node.
    pub table: Option<fit::Table>,
    pub related: Vec<related::Group>,
    pub events: Rc<Vec<EventRow>>,
    pub yaml: Rc<str>,
    pub life: Vec<Turn>,
    /// Of a Pod or a volume, what is in it.
    pub inside: Inside,
}

/// One link of the chain of causes.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    pub chosen: Option<Chosen>,
    /// What the user did, for the first link.
    pub line: Option<String>,
    pub time: Time,
}

/// What a portrait is made from.
pub struct Sitting<'a> {
    pub cluster: &'a Cluster,
    pub chronicle: &'a Chronicle,
    pub journal: &'a [Entry],
    pub text: Text,
}

impl Portrait {
    /// Only what the open tab shows is made; the rest stays empty.
    pub fn of(sitting: &Sitting, chosen: &Chosen, tab: Tab) -> Portrait {
        let cluster = sitting.cluster;
        let tab = tab.of(chosen.kind);
        let life =
            |wanted: bool| if wanted { sitting.chronicle.life(chosen.kind, &chosen.key, cluster.now) } else { vec![] };
        let events = events_about(cluster, chosen);
        let mut portrait = Portrait {
            chosen: chosen.clone(),
            gone: true,
            how: None,
            owner: None,
            why: None,
            facts: vec![],
            chain: vec![],
            acts: vec![],
            ways: vec![],
            table: None,
            related: vec![],
            events: Rc::new(events),
            yaml: "".into(),
            life: life(tab == Tab::History),
            inside: Inside::default(),
        };
        let Some(object) = cluster.store.get(chosen.kind, &chosen.key) else { return portrait };
        portrait.gone = false;
        portrait.how = Some(how::of(object));
        portrait.owner = owner(object);
        portrait.inside = Inside::of(cluster, object, tab, sitting.text);
        match tab {
            Tab::Why => {
                portrait.why = Some(why::of(sitting, object, &portrait.events));
                portrait.facts = facts::of(cluster, object, sitting.text);
                portrait.chain = chain(sitting, object);
                portrait.acts = acts::acts(cluster, object);
                portrait.related = related::of(cluster, object);
                if object.kind == Kind::Pod {
                    portrait.ways = fit::ways(cluster, object, sitting.text);
                    portrait.table = fit::table(cluster, object);
                }
            }
            Tab::Yaml => {
                let mut value = heartbeat::shown(cluster, object).write();
                // As kubectl prints it: without the server's own book-keeping of fields.
                value.at_mut(&["metadata"]).remove("managedFields");
                portrait.yaml = manifest::write::yaml(&value).into();
            }
            Tab::Events | Tab::History | Tab::Logs | Tab::Files => {}
        }
        portrait
    }
}

pub fn owner(object: &Object) -> Option<Chosen> {
    let owner = object.meta.controller()?;
    let kind = Kind::ALL.iter().copied().find(|k| k.name() == &*owner.kind)?;
    let namespace = if kind.namespaced() { &*object.meta.namespace } else { "" };
    Some(Chosen::new(kind, namespace, &owner.name))
}

/// From the user's order down to the object itself.
fn chain(sitting: &Sitting, object: &Rc<Object>) -> Vec<Link> {
    let cluster = sitting.cluster;
    // Stamps of the API are whole seconds; what was seen happening is known to the millisecond.
    let born = |o: &Object| {
        let stamped = o.meta.creation.map_or(Time(0), |s| cluster.time_of(s));
        let seen = sitting.chronicle.first_turn(o.kind, &o.key(), stamped);
        seen.filter(|t| t.second() == stamped.second()).unwrap_or(stamped)
    };
    let mut links =
        vec![Link { chosen: Some(Chosen { kind: object.kind, key: object.key() }), line: None, time: born(object) }];
    let mut top = object.clone();
    // Owners cannot go in a circle for ever: no chain of Kubernetes' own is longer than this.
    for _ in 0..8 {
        let Some(above) = owner(&top).and_then(|c| cluster.store.get(c.kind, &c.key).cloned()) else { break };
        links.push(Link {
            chosen: Some(Chosen { kind: above.kind, key: above.key() }),
            line: None,
            time: born(&above),
        });
        top = above;
    }
    // The order came before it; where only the second is known, within that second.
    let first = born(&top);
    let order = sitting.journal.iter().rev().find_map(|e| match &e.command {
        kubarium_sim::command::Command::Run { line } if e.time.0 < first.0 + 1_000 => Some((e.time, line.to_string())),
        _ => None,
    });
    if let Some((time, line)) = order.filter(|_| top.meta.creation.is_some_and(|s| s.0 >= cluster.epoch)) {
        links.push(Link { chosen: None, line: Some(line), time });
    }
    links.reverse();
    links
}

/// The events about one object, the oldest first.
fn events_about(cluster: &Cluster, chosen: &Chosen) -> Vec<EventRow> {
    let namespace = if chosen.key.namespace.is_empty() { "default" } else { &*chosen.key.namespace };
    let mut rows: Vec<EventRow> = cluster
        .store
        .list_in(Kind::Event, namespace)
        .filter(|o| {
            o.get::<Event>().is_some_and(|e| e.about.name == chosen.key.name && &*e.about.kind == chosen.kind.name())
        })
        .map(|o| terminal::row(terminal::last_seen(cluster, o), o))
        .collect();
    rows.sort_by_key(|r| r.time);
    rows
}
