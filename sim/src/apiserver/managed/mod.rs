//! Who manages which field: kept for what users write, asked when they apply on the server.
//!
//! Kubernetes 1.36: staging/src/k8s.io/apimachinery/pkg/util/managedfields, sigs.k8s.io/structured-merge-diff/v6/merge. Not
//! simulated: what components write is nobody's here, so that controllers never conflict with users.

mod apply;
mod path;
mod schema;
mod typed;

pub(super) use apply::{Applied, apply, check, unconverted};
pub(super) use schema::Schema;

use super::Part;
use crate::api::{Field as _, Object, Stamp};
use crate::value::Value;
use path::Set;
use std::rc::Rc;

/// Who writes, and how. Without a name, nobody is noted.
#[derive(Clone, Debug, Default)]
pub struct Manager {
    pub name: Rc<str>,
    /// By a server-side apply.
    pub applies: bool,
    /// `scale`, or empty.
    pub subresource: &'static str,
}

/// Fields of `metadata` that nobody manages.
const OWN: [&str; 9] = [
    "f:creationTimestamp",
    "f:deletionGracePeriodSeconds",
    "f:deletionTimestamp",
    "f:generation",
    "f:managedFields",
    "f:name",
    "f:namespace",
    "f:resourceVersion",
    "f:uid",
];
/// So many who changed an object are told apart; the oldest of more become one.
const MOST: usize = 10;
const ANCIENT: &str = "ancient-changes";

/// An entry of `managedFields`.
#[derive(Clone, Debug)]
struct Entry {
    manager: Rc<str>,
    applies: bool,
    api_version: Rc<str>,
    subresource: Rc<str>,
    time: Value,
    set: Set,
}

impl Entry {
    fn new(manager: &Manager, api_version: &str) -> Entry {
        Entry {
            manager: manager.name.clone(),
            applies: manager.applies,
            api_version: api_version.into(),
            subresource: manager.subresource.into(),
            time: Value::Null,
            set: Set::new(),
        }
    }

    fn read(value: &Value) -> Entry {
        let text = |field: &str| Rc::from(value.get(field).as_str().unwrap_or(""));
        Entry {
            manager: text("manager"),
            applies: value.get("operation").as_str() == Some("Apply"),
            api_version: text("apiVersion"),
            subresource: text("subresource"),
            time: value.get("time").clone(),
            set: path::read(value.get("fieldsV1")),
        }
    }

    fn write(self) -> Value {
        let operation = if self.applies { "Apply" } else { "Update" };
        let mut entry = Value::map([
            ("apiVersion", Value::Str(self.api_version)),
            ("fieldsType", "FieldsV1".into()),
            ("fieldsV1", path::written(&self.set)),
            ("manager", Value::Str(self.manager)),
            ("operation", operation.into()),
            ("time", self.time),
        ]);
        if !self.subresource.is_empty() {
            entry.set("subresource", Value::Str(self.subresource));
        }
        entry
    }

    /// Whether the two are one manager. Who applies is the same in every version.
    fn is_of(&self, other: &Entry) -> bool {
        let version = self.applies || self.api_version == other.api_version;
        version
            && (&self.manager, self.applies, &self.subresource) == (&other.manager, other.applies, &other.subresource)
    }
}

fn read(managed: &Value) -> Vec<Entry> {
    managed.items().iter().map(Entry::read).collect()
}

fn written(mut entries: Vec<Entry>) -> Value {
    entries.retain(|entry| !entry.set.is_empty());
    let order = |e: &Entry| {
        let time = e.time.as_str().unwrap_or("").to_string();
        (!e.applies, time, e.manager.clone(), e.api_version.clone(), e.subresource.clone())
    };
    entries.sort_by_key(order);
    if entries.is_empty() { Value::Null } else { Value::list(entries.into_iter().map(Entry::write).collect()) }
}

/// Leaves out what is not this request's to change, and what nobody manages.
fn narrow(set: &mut Set, part: Part, apart: bool) {
    set.retain(|path| {
        let status = &*path[0] == "f:status";
        let own = &*path[0] == "f:metadata" && path.get(1).is_none_or(|field| OWN.contains(&&**field));
        let own = own || matches!(&*path[0], "f:apiVersion" | "f:kind");
        !own && if part == Part::Status { status } else { !(apart && status) }
    });
}

/// How an object is written.
#[derive(Clone, Copy)]
pub(super) struct Writing<'a> {
    pub manager: &'a Manager,
    pub schema: Schema<'a>,
    pub part: Part,
    /// The status is written apart.
    pub apart: bool,
    pub now: Stamp,
}

/// `managedFields` of an object after a manager has written it. Those in `new` itself were brought by the request.
pub(super) fn after(old: Option<&Object>, new: &Value, writing: Writing) -> Value {
    let Writing { manager, schema, part, apart, now } = writing;
    let reset = |list: &[Value]| match list {
        [] => true,
        [one] => one.as_map().is_some_and(|m| m.is_empty()),
        _ => false,
    };
    let kept = old.map_or(&Value::Null, |old| &old.meta.managed_fields);
    let said = new.at(&["metadata", "managedFields"]);
    let mut entries = match said.as_list() {
        Some(list) if reset(list) => return Value::Null,
        Some(_) if said != kept && part == Part::Main => read(said),
        _ => read(kept),
    };
    let before = old.map_or_else(Value::empty_map, |old| old.write());
    let mut difference = typed::compare(schema, &before, new);
    narrow(&mut difference.changed, part, apart);
    if difference.changed.is_empty() && difference.removed.is_empty() {
        return written(entries);
    }
    let version = new.get("apiVersion").as_str().unwrap_or("");
    let mut own = Entry::new(manager, version);
    for entry in &mut entries {
        if !entry.is_of(&own) {
            entry.set.retain(|path| !difference.changed.contains(path));
        }
        entry.set.retain(|path| !difference.removed.contains(path));
    }
    if !difference.changed.is_empty() {
        own.time = now.write();
        own.set = difference.changed;
        if let Some(at) = entries.iter().position(|entry| entry.is_of(&own)) {
            own.set.append(&mut entries.remove(at).set);
        }
        entries.push(own);
    }
    written(capped(entries))
}

/// The oldest of too many become one.
fn capped(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.retain(|entry| !entry.set.is_empty());
    let count = entries.iter().filter(|e| !e.applies).count();
    if count <= MOST {
        return entries;
    }
    let (mut changes, mut out): (Vec<_>, Vec<_>) = entries.into_iter().partition(|e| !e.applies);
    changes.sort_by(|a, b| (a.time.as_str(), &a.manager).cmp(&(b.time.as_str(), &b.manager)));
    let rest = changes.split_off(count - MOST + 1);
    for old in changes {
        match out.iter_mut().find(|e| &*e.manager == ANCIENT && e.api_version == old.api_version) {
            Some(ancient) => {
                ancient.set.extend(old.set);
                ancient.time = old.time;
            }
            None => out.push(Entry { manager: ANCIENT.into(), subresource: "".into(), ..old }),
        }
    }
    out.extend(rest);
    out
}
