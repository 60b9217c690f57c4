//! Nothing is owned by the dead.

use super::Complaints;
use kubarium_sim::api::Kind;
use kubarium_sim::api::object::Object;
use kubarium_sim::cluster::Cluster;

pub fn check(cluster: &Cluster, found: &mut Complaints) {
    for kind in Kind::ALL.iter().copied() {
        for object in cluster.store.list(kind).filter(|o| !o.meta.owners.is_empty()) {
            let orphan = !object.meta.owners.iter().any(|owner| {
                let kind = Kind::find(&owner.api_version, &owner.kind);
                let namespace = |kind: Kind| if kind.namespaced() { &*object.meta.namespace } else { "" };
                kind.and_then(|kind| cluster.store.find(kind, namespace(kind), &owner.name))
                    .is_some_and(|o| o.meta.uid == owner.uid)
            });
            if orphan && !object.meta.deleting() {
                found.insert(format!("{} {}: its owner is no more", kind.name(), object.key()));
            }
        }
        if kind.namespaced() {
            homeless(cluster, kind, found);
        }
    }
}

/// Nothing is in a namespace that is not there.
fn homeless(cluster: &Cluster, kind: Kind, found: &mut Complaints) {
    let lost = |o: &&std::rc::Rc<Object>| cluster.store.find(Kind::Namespace, "", &o.meta.namespace).is_none();
    for object in cluster.store.list(kind).filter(lost) {
        found.insert(format!("{} {}: its namespace is no more", kind.name(), object.key()));
    }
}
