//! Kubernetes 1.36: pkg/controller/history/controller_history.go
//!
//! The templates that a StatefulSet or DaemonSet had, each kept as a ControllerRevision.

use super::template;
use crate::api::controller_revision::ControllerRevision;
use crate::api::object::Object;
use crate::api::{Field, Kind};
use crate::apiserver::{DeleteOptions, Request};
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use crate::value::Value;
use std::rc::Rc;

/// What an owner's present template makes of its history.
pub enum Present {
    /// The template is that of this revision.
    Is(Rc<Object>),
    /// A request brings the history up to date; then it is to be looked at again.
    Changes(Request),
}

/// The revisions that an object controls, the oldest first.
pub fn list(cluster: &Cluster, owner: &Object) -> Vec<Rc<Object>> {
    let own = cluster.store.owned_by(&owner.meta.uid);
    let mut all: Vec<_> =
        own.filter(|o| o.kind == Kind::ControllerRevision && o.is_controlled_by(owner)).cloned().collect();
    all.sort_by(|a, b| {
        let order = |o: &Object| (number(o), o.meta.creation, o.meta.name.clone());
        order(a).cmp(&order(b))
    });
    all
}

pub fn number(revision: &Object) -> i64 {
    revision.expect::<ControllerRevision>().revision
}

/// The Pod template of a revision.
pub fn template_of(revision: &Object) -> Value {
    let mut template = revision.raw().at(&["data", "spec", "template"]).clone();
    template.remove("$patch");
    template
}

/// Finds the revision of the present template. One that is wanted again becomes the newest; a new one is made, its hash
/// under `label`.
pub fn present(cluster: &Cluster, by: &'static str, owner: &Object, all: &[Rc<Object>], label: &str) -> Present {
    let mut data = Value::empty_map();
    let mut wanted = owner.raw().at(&["spec", "template"]).clone();
    wanted.set("$patch", "replace".into());
    data.at_mut(&["spec"]).set("template", wanted);
    let newest = all.last().map_or(0, |r| number(r));
    match all.iter().rev().find(|r| template::equal(r.raw().get("data"), &data)) {
        Some(same) if number(same) == newest => Present::Is(same.clone()),
        Some(same) => {
            let mut new = (**same).clone();
            new.edit(|raw| raw.set("revision", Value::Int(newest + 1)));
            Present::Changes(Request::put(by, new))
        }
        None => {
            let mut collisions = owner.status().get("collisionCount").as_int();
            loop {
                let hash = template::hash(&data, collisions);
                let name = format!("{}-{hash}", owner.meta.name);
                if cluster.store.find(Kind::ControllerRevision, &owner.meta.namespace, &name).is_none() {
                    let value = new_revision(owner, &name, &hash, label, data, newest + 1);
                    return Present::Changes(Request::create(by, Kind::ControllerRevision, value));
                }
                collisions = Some(collisions.unwrap_or(0) + 1);
                // A DaemonSet first writes down that it has to, and looks again.
                if owner.kind == Kind::DaemonSet {
                    return Present::Changes(collided(by, owner, collisions));
                }
            }
        }
    }
}

/// That many names were taken by other templates.
fn collided(by: &'static str, owner: &Object, collisions: Option<i64>) -> Request {
    let mut new = owner.clone();
    let mut status = new.status();
    status.set("collisionCount", collisions.map_or(Value::Null, Value::Int));
    new.set_status(status);
    Request::put_status(by, new)
}

fn new_revision(owner: &Object, name: &str, hash: &str, label: &str, data: Value, revision: i64) -> Value {
    let mut labels = owner.raw().at(&["spec", "template", "metadata", "labels"]).clone();
    labels.set(label, hash.into());
    let mut meta = Value::map([
        ("name", Value::from(name)),
        ("namespace", Value::Str(owner.meta.namespace.clone())),
        ("labels", labels),
        ("ownerReferences", Value::list(vec![owner.controller_reference().write()])),
    ]);
    if !owner.meta.annotations.is_empty() {
        meta.set("annotations", owner.meta.annotations.write());
    }
    Value::map([("metadata", meta), ("data", data), ("revision", Value::Int(revision))])
}

/// Deletes revisions beyond the limit that are not `live`, the oldest first.
pub fn truncate(by: &'static str, all: &[Rc<Object>], limit: i64, live: impl Fn(&Object) -> bool, out: &mut Outcome) {
    let spare: Vec<_> = all.iter().filter(|r| !live(r)).collect();
    let surplus = (spare.len() as i64 - limit).max(0) as usize;
    for revision in spare.into_iter().take(surplus) {
        let request = Request::delete(by, Kind::ControllerRevision, revision.key(), DeleteOptions::default());
        out.request(request);
    }
}
