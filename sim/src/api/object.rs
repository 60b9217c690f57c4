//! An object of any kind: its metadata, what is simulated of it as typed fields, and all that was written, kept.

use crate::api::config_map::{ConfigMap, Secret};
use crate::api::controller_revision::ControllerRevision;
use crate::api::cron_job::CronJob;
use crate::api::daemon_set::DaemonSet;
use crate::api::deployment::Deployment;
use crate::api::endpoint_slice::EndpointSlice;
use crate::api::event::Event;
use crate::api::field::{Field, same_text};
use crate::api::job::Job;
use crate::api::kinds::Kind;
use crate::api::metadata::{Metadata, OwnerReference};
use crate::api::namespace::Namespace;
use crate::api::node::Node;
use crate::api::persistent_volume::PersistentVolume;
use crate::api::persistent_volume_claim::PersistentVolumeClaim;
use crate::api::pod::Pod;
use crate::api::pod_disruption_budget::PodDisruptionBudget;
use crate::api::replica_set::ReplicaSet;
use crate::api::replication_controller::ReplicationController;
use crate::api::service::Service;
use crate::api::service_account::ServiceAccount;
use crate::api::stateful_set::StatefulSet;
use crate::api::storage_class::StorageClass;
use crate::value::Value;
use std::rc::Rc;

/// Which object of a kind: its namespace (empty for cluster-scoped kinds) and name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub namespace: Rc<str>,
    pub name: Rc<str>,
}

impl Key {
    pub fn new(namespace: impl Into<Rc<str>>, name: impl Into<Rc<str>>) -> Key {
        Key { namespace: namespace.into(), name: name.into() }
    }
}

impl std::fmt::Display for Key {
    /// `namespace/name`, or the name alone.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.namespace.is_empty() { f.write_str(&self.name) } else { write!(f, "{}/{}", self.namespace, self.name) }
    }
}

/// An object of the API.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Object {
    pub kind: Kind,
    pub meta: Metadata,
    /// Everything beside `apiVersion`, `kind`, `metadata` and (where the body has it typed) `status`, as the server
    /// keeps it; `Null` where the body says it all. Change it through [`Object::edit`] only: the body is read from it.
    raw: Value,
    pub body: Body,
}

/// A kind with fields of its own.
pub trait Noun: Sized {
    const KIND: Kind;
    fn of(body: &Body) -> Option<&Self>;
    fn of_mut(body: &mut Body) -> Option<&mut Self>;
}

/// The body of a kind, from what is kept and the status, and the status written again (`None`: it stays in `raw`).
trait Typed: Sized {
    /// Whether the status is a part of the body.
    const HAS_STATUS: bool;
    fn read(raw: &Value, status: &Value) -> Self;
    fn status(&self) -> Option<Value>;
    /// Reads the status anew; `false` if it is no part of the body.
    fn set_status(&mut self, _: &Value) -> bool {
        false
    }
    /// All that there is beside the metadata, for a kind whose body leaves nothing out.
    fn whole(&self) -> Option<Value> {
        None
    }
    /// As [`Field::share`].
    fn share(&mut self, like: &Self);
}

// Each kind's functions stand by themselves: those of the kinds that a new cluster lacks are not needed to open the page.
macro_rules! bodies {
    ($($name:ident $how:ident;)*) => {
        /// What is simulated of an object.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum Body {
            $($name(Rc<$name>),)*
            /// A kind that has no fields of its own yet: all of it is in `raw`.
            Plain,
        }
        impl Body {
            fn read(kind: Kind, raw: &Value, status: &Value) -> Body {
                match kind {
                    $(Kind::$name => Body::$name(Rc::new(<$name as Typed>::read(raw, status))),)*
                    _ => Body::Plain,
                }
            }
            fn has_status(&self) -> bool {
                match self {
                    $(Body::$name(_) => $name::HAS_STATUS,)*
                    Body::Plain => false,
                }
            }
            fn status(&self) -> Option<Value> {
                match self {
                    $(Body::$name(body) => Typed::status(&**body),)*
                    Body::Plain => None,
                }
            }
            /// Reads the status anew; `false` if it is not one of the body's own.
            fn set_status(&mut self, status: &Value) -> bool {
                match self {
                    $(Body::$name(body) => Rc::make_mut(body).set_status(status),)*
                    Body::Plain => false,
                }
            }
            fn whole(&self) -> Option<Value> {
                match self {
                    $(Body::$name(body) => Typed::whole(&**body),)*
                    Body::Plain => None,
                }
            }
            fn share(&mut self, like: &Body) {
                match (self, like) {
                    $((Body::$name(own), Body::$name(like)) => {
                        if let Some(own) = Rc::get_mut(own) {
                            Typed::share(own, like);
                        }
                    })*
                    _ => {}
                }
            }
        }
        $(
            impl Noun for $name {
                const KIND: Kind = Kind::$name;
                fn of(body: &Body) -> Option<&Self> {
                    if let Body::$name(x) = body { Some(x) } else { None }
                }
                fn of_mut(body: &mut Body) -> Option<&mut Self> {
                    if let Body::$name(x) = body { Some(Rc::make_mut(x)) } else { None }
                }
            }
            bodies!(@$how $name);
        )*
    };
    (@spec $name:ident) => {
        impl Typed for $name {
            const HAS_STATUS: bool = true;
            #[inline(never)]
            fn read(raw: &Value, status: &Value) -> Self {
                $name { spec: Field::read(raw.get("spec")), status: Field::read(status) }
            }
            #[inline(never)]
            fn status(&self) -> Option<Value> {
                Some(self.status.write())
            }
            #[inline(never)]
            fn set_status(&mut self, status: &Value) -> bool {
                self.status = Field::read(status);
                true
            }
            #[inline(never)]
            fn share(&mut self, like: &Self) {
                self.spec.share(&like.spec);
                self.status.share(&like.status);
            }
        }
    };
    (@whole $name:ident) => {
        impl Typed for $name {
            const HAS_STATUS: bool = false;
            #[inline(never)]
            fn read(raw: &Value, _: &Value) -> Self {
                Field::read(raw)
            }
            fn status(&self) -> Option<Value> {
                None
            }
            #[inline(never)]
            fn whole(&self) -> Option<Value> {
                Some(self.write())
            }
            #[inline(never)]
            fn share(&mut self, like: &Self) {
                Field::share(self, like);
            }
        }
    };
    (@flat $name:ident) => {
        impl Typed for $name {
            const HAS_STATUS: bool = false;
            #[inline(never)]
            fn read(raw: &Value, _: &Value) -> Self {
                Field::read(raw)
            }
            fn status(&self) -> Option<Value> {
                None
            }
            #[inline(never)]
            fn share(&mut self, like: &Self) {
                Field::share(self, like);
            }
        }
    };
}

// `spec`: a spec and a status. `flat`: fields beside the metadata. `whole`: such that nothing else need be kept.
bodies! {
    Pod spec;
    ReplicaSet spec;
    ReplicationController spec;
    StatefulSet spec;
    DaemonSet spec;
    ControllerRevision flat;
    Job spec;
    CronJob spec;
    PodDisruptionBudget spec;
    Deployment spec;
    Service spec;
    EndpointSlice whole;
    ConfigMap flat;
    Secret flat;
    ServiceAccount flat;
    Namespace spec;
    Node spec;
    PersistentVolume spec;
    PersistentVolumeClaim spec;
    StorageClass flat;
    Event whole;
}

impl Object {
    /// From an object's JSON. Its shape was checked before.
    pub fn read(kind: Kind, value: &Value) -> Object {
        let mut raw = value.clone();
        for key in ["apiVersion", "kind", "metadata"] {
            raw.remove(key);
        }
        let status = raw.get("status").clone();
        let body = Body::read(kind, &raw, &status);
        if body.has_status() {
            raw.remove("status");
        }
        Object { kind, meta: Metadata::read(value.get("metadata")), raw, body }.settled()
    }

    /// From metadata and everything beside it.
    pub fn make(kind: Kind, meta: Metadata, raw: Value) -> Object {
        let body = Body::read(kind, &raw, &Value::Null);
        Object { kind, meta, raw, body }.settled()
    }

    /// From metadata and a body that says all the rest.
    pub fn of(kind: Kind, meta: Metadata, body: Body) -> Object {
        Object { kind, meta, raw: Value::Null, body }
    }

    /// Without what its body says as well.
    fn settled(mut self) -> Object {
        self.settle();
        self
    }

    fn settle(&mut self) {
        if self.body.whole().is_some_and(|whole| whole == self.raw) {
            self.raw = Value::Null;
        }
    }

    /// The whole object as JSON.
    pub fn write(&self) -> Value {
        let mut value = self.whole();
        value.set("apiVersion", Value::str(self.kind.api_version()));
        value.set("kind", self.kind.name().into());
        value.set("metadata", self.meta.write());
        if let Some(status) = self.body.status() {
            value.set("status", status);
        }
        value
    }

    /// Everything beside metadata and typed status, as it is kept: nothing of Events and EndpointSlices, whose bodies
    /// mostly say it all ([`Object::whole`]).
    pub fn raw(&self) -> &Value {
        &self.raw
    }

    /// Everything beside metadata and typed status, whether it is kept or follows from the body.
    pub fn whole(&self) -> Value {
        let follows = if self.raw.is_null() { self.body.whole() } else { None };
        follows.unwrap_or_else(|| self.raw.clone())
    }

    /// Changes what is kept, and reads the typed fields from it again; a typed status stays as it is.
    pub fn edit(&mut self, change: impl FnOnce(&mut Value)) {
        self.raw = self.whole();
        change(&mut self.raw);
        let status = self.body.status().unwrap_or_else(|| self.raw.get("status").clone());
        self.body = Body::read(self.kind, &self.raw, &status);
        self.settle();
    }

    /// Binds a Pod to a node: what befalls every Pod's spec once, so that all of it need not be read anew.
    pub fn set_node(&mut self, node: &Rc<str>) {
        self.raw.at_mut(&["spec"]).set("nodeName", Value::Str(node.clone()));
        let spec = &mut self.expect_mut::<Pod>().spec;
        Rc::make_mut(spec).node_name = node.clone();
        debug_assert!(self.expect::<Pod>().spec == Field::read(self.raw.get("spec")), "the body says something else");
    }

    /// The status as JSON; `Null` if the kind has none.
    pub fn status(&self) -> Value {
        self.body.status().unwrap_or_else(|| self.raw.get("status").clone())
    }

    pub fn set_status(&mut self, status: Value) {
        if !self.body.set_status(&status) {
            self.raw.set("status", status);
            self.body = Body::read(self.kind, &self.raw, &Value::Null);
        }
    }

    pub fn key(&self) -> Key {
        Key { namespace: self.meta.namespace.clone(), name: self.meta.name.clone() }
    }

    /// The typed body; `None` for another kind.
    pub fn get<T: Noun>(&self) -> Option<&T> {
        T::of(&self.body)
    }

    /// The typed body of an object that is known to be of this kind.
    pub fn expect<T: Noun>(&self) -> &T {
        T::of(&self.body).expect("an object of another kind")
    }

    /// The typed body, to change its status; its spec is changed by [`Object::edit`].
    pub fn expect_mut<T: Noun>(&mut self) -> &mut T {
        T::of_mut(&mut self.body).expect("an object of another kind")
    }

    /// Makes what is equal in the two one allocation. Replicas of one template differ in little, and so does an object from what
    /// it was before.
    pub(crate) fn share(&mut self, like: &Object) {
        self.meta.share(&like.meta);
        self.raw.share(&like.raw);
        self.body.share(&like.body);
    }

    /// A reference by which this object owns another as its controller.
    pub fn controller_reference(&self) -> OwnerReference {
        OwnerReference {
            api_version: self.kind.api_version().into(),
            block_deletion: Some(true),
            controller: Some(true),
            kind: self.kind.name().into(),
            name: self.meta.name.clone(),
            uid: self.meta.uid.clone(),
        }
    }

    /// Whether the two wish for the same and have the same metadata, but for the resource version.
    pub fn meta_but_version(&self, other: &Object) -> bool {
        let (a, b) = (&self.meta, &other.meta);
        a.generation == b.generation
            && a.deletion == b.deletion
            && a.deletion_grace == b.deletion_grace
            && a.labels == b.labels
            && a.annotations == b.annotations
            && a.finalizers == b.finalizers
            && a.owners == b.owners
    }

    /// Whether `owner` is this object's controller.
    pub fn is_controlled_by(&self, owner: &Object) -> bool {
        self.meta.controller().is_some_and(|c| same_text(&c.uid, &owner.meta.uid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Time;
    use crate::command::Command;
    use crate::history::History;
    use crate::setup::Setup;

    /// Objects of many kinds, and two that are nearly alike of each.
    fn lived() -> Vec<Rc<Object>> {
        let mut history = History::new(Setup::default().cluster());
        for line in [
            "kubectl create deployment web --image=nginx --replicas=3",
            "kubectl expose deployment web --port=80",
            "kubectl create configmap a --from-literal=k=v",
            "kubectl create configmap b --from-literal=k=w",
            "kubectl create job once --image=busybox -- sh -c 'exit 1'",
            "kubectl autoscale deployment web --max=5 --cpu=50%",
        ] {
            history.command(Command::Run { line: line.into() });
            history.seek(Time(history.now().0 + 10_000));
        }
        let store = &history.cluster().store;
        store.kinds().flat_map(|kind| store.list(kind)).cloned().collect()
    }

    #[test]
    fn what_is_shared_says_what_it_said() {
        let all = lived();
        let mut shared = 0;
        for object in &all {
            for like in all.iter().filter(|like| like.kind == object.kind) {
                // A copy that has nothing in common with anything.
                let mut own = Object::read(object.kind, &object.write());
                let before = own.write();
                own.share(like);
                assert_eq!(own.write(), before, "{} {} like {}", object.kind.name(), object.key(), like.key());
                assert_eq!(own, Object::read(object.kind, &before));
                shared += 1;
            }
        }
        assert!(shared > all.len(), "some are alike");
    }

    #[test]
    fn replicas_keep_what_they_have_in_common_once() {
        let pods: Vec<Rc<Object>> = lived().into_iter().filter(|object| object.kind == Kind::Pod).collect();
        let web = |object: &&Rc<Object>| object.meta.labels.get("app").is_some_and(|app| &**app == "web");
        let pods: Vec<_> = pods.iter().filter(web).collect();
        let [first, rest @ ..] = &pods[..] else { panic!("three replicas") };
        assert_eq!(rest.len(), 2);
        let image = |pod: &Object| pod.expect::<crate::api::pod::Pod>().spec.containers[0].image.clone();
        assert!(rest.iter().all(|pod| Rc::ptr_eq(&image(pod), &image(first))));
        // Each has a volume of its own with the same in it.
        let inside = |pod: &Object| match pod.raw().at(&["spec", "volumes"]).items()[0].get("projected") {
            Value::Map(inside) => inside.clone(),
            other => panic!("{other:?}"),
        };
        assert!(rest.iter().all(|pod| Rc::ptr_eq(&inside(pod), &inside(first))));
    }
}
