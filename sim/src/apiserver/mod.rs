//! The API server: the only door to the store. A request is admitted, or refused with a Status.
//!
//! Kubernetes 1.36: staging/src/k8s.io/apiserver/pkg/endpoints/handlers, pkg/registry. Reading needs no request:
//! everyone has the store at hand. Not done here: authentication; authorization is `kubectl auth can-i`'s affair.

pub mod bind;
pub mod create;
pub mod custom;
pub mod delete;
pub mod events;
mod evict;
mod managed;
pub mod patch;
mod review;
pub mod scale;
pub mod selection;
pub mod service_families;
mod service_ip;
mod service_type;
pub mod status;
pub mod strategic;
pub mod strategy;
pub mod token;
pub mod update;

use crate::api::Kind;
use crate::api::object::{Key, Object};
use crate::cluster::Cluster;
use crate::rbac::User;
use crate::value::Value;
pub use delete::{DeleteOptions, Propagation};
pub use managed::Manager;
pub use patch::Patch;
pub use status::{Status, StatusCause};
use std::rc::Rc;

/// Something that is asked of the API server.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who asks: a component's name (`replicaset-controller`, `kubelet`, `kubectl`).
    pub by: &'static str,
    pub kind: Kind,
    /// The object it is about. Of a created object with a generated name, the name is empty.
    pub key: Key,
    pub verb: Verb,
    /// Answer as if, but store nothing.
    pub dry_run: bool,
    /// Whether a patch with fields that do not exist is refused; else they are warned of and dropped.
    pub strict: bool,
    /// Who is noted as the manager of what changes.
    pub manager: Manager,
    /// The user in whose name it is asked; unset for the administrator.
    pub user: Option<Rc<User>>,
}

/// What is asked.
#[derive(Clone, Debug)]
pub enum Verb {
    Create(Value),
    /// Replaces an object by a user's JSON. A resource version in it must be the present one.
    Replace(Value, Part),
    /// Replaces an object by a component's own, which it read before; refused if it has changed since.
    Put(Box<Object>, Part),
    Patch(Patch, Part),
    /// Server-side apply: what the user wants of an object that may be there or not. `true` forces conflicts.
    Apply(Value, bool),
    Delete(DeleteOptions),
    /// Deletes a Pod if its disruption budget allows that.
    Evict(DeleteOptions),
    /// Binds the Pod to a node.
    Bind(Rc<str>),
}

/// Which part of an object a request may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All but the status.
    Main,
    /// `/status`.
    Status,
    /// `/scale`: only `spec.replicas`.
    Scale,
    /// `/ephemeralcontainers`, `/resize`, `/approval`: only what they name.
    Other(&'static str),
}

impl Part {
    /// As it is called in paths; empty for the object itself.
    pub fn name(self) -> &'static str {
        match self {
            Part::Main => "",
            Part::Status => "status",
            Part::Scale => "scale",
            Part::Other(name) => name,
        }
    }
}

impl Request {
    pub fn new(by: &'static str, kind: Kind, key: Key, verb: Verb) -> Request {
        Request { by, kind, key, verb, dry_run: false, strict: false, manager: Manager::default(), user: None }
    }
    /// Creates an object; its namespace and name are read from its metadata.
    pub fn create(by: &'static str, kind: Kind, value: Value) -> Request {
        let text = |field: &str| value.at(&["metadata", field]).as_str().unwrap_or("").to_string();
        Request::new(by, kind, Key::new(text("namespace"), text("name")), Verb::Create(value))
    }
    /// Writes a component's own object, all but its status.
    pub fn put(by: &'static str, object: Object) -> Request {
        Request::new(by, object.kind, object.key(), Verb::Put(Box::new(object), Part::Main))
    }
    /// Writes the status of a component's own object.
    pub fn put_status(by: &'static str, object: Object) -> Request {
        Request::new(by, object.kind, object.key(), Verb::Put(Box::new(object), Part::Status))
    }
    pub fn delete(by: &'static str, kind: Kind, key: Key, options: DeleteOptions) -> Request {
        Request::new(by, kind, key, Verb::Delete(options))
    }
}

/// Answers a request. What it changed, watchers are told at the end of the step.
///
/// # Errors
/// A Status, as the real API server would answer; the store is then as before.
pub fn handle(cluster: &mut Cluster, request: Request) -> Result<Rc<Object>, Status> {
    let Request { by, kind, key, verb, dry_run, strict, manager, user } = request;
    let what = verb.name();
    let how = |part: Part| How { part, dry_run, manager: &manager, managed: None, user: user.as_deref() };
    let answer = match verb {
        Verb::Create(value) => create::create(cluster, kind, &key, value, &how(Part::Main)),
        Verb::Replace(value, part) => update::replace(cluster, kind, &key, value, &how(part)),
        Verb::Put(object, part) => update::put(cluster, *object, &how(part)),
        Verb::Patch(patch, part) => update::patch(cluster, kind, &key, (&patch, strict), &how(part)),
        Verb::Apply(value, force) => update::apply(cluster, kind, &key, value, (force, &how(Part::Main))),
        Verb::Evict(options) => evict::evict(cluster, &key, &options, dry_run || options.dry_run),
        Verb::Delete(options) => delete::delete(cluster, kind, &key, &options, dry_run),
        Verb::Bind(node) => bind::bind(cluster, &key, &node),
    }?;
    if !dry_run && kind != Kind::Event {
        cluster.trace.record(cluster.now, by, what, kind, answer.key());
    }
    Ok(answer)
}

/// How something is written.
struct How<'a> {
    part: Part,
    dry_run: bool,
    manager: &'a Manager,
    /// Who manages what after a server-side apply.
    managed: Option<&'a Value>,
    /// Who asks, if it is not the administrator.
    user: Option<&'a User>,
}

impl Cluster {
    /// Stores an object; watchers are told at the end of the step.
    pub(crate) fn commit(&mut self, object: Object) -> Rc<Object> {
        let change = self.store.put(object);
        let new = change.new.clone().expect("an object was put");
        self.changes.push(change);
        new
    }

    /// Takes an object away.
    fn remove(&mut self, kind: Kind, key: &Key) {
        let change = self.store.take(kind, key).expect("removed an object that is not there");
        self.changes.push(change);
    }
}

impl Verb {
    fn name(&self) -> &'static str {
        match self {
            Verb::Create(_) => "create",
            Verb::Replace(_, Part::Status) | Verb::Put(_, Part::Status) => "status",
            Verb::Replace(..) | Verb::Put(..) => "update",
            Verb::Patch(..) | Verb::Apply(..) => "patch",
            Verb::Delete(_) | Verb::Evict(_) => "delete",
            Verb::Bind(_) => "bind",
        }
    }
}
