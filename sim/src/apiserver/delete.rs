//! Deleting: at once, gracefully, or after the finalizers.
//!
//! Kubernetes 1.36: staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go (Delete),
//! pkg/registry/core/pod/strategy.go (CheckGracefulDelete)

use super::status::Status;
use crate::api::object::{Key, Object};
use crate::api::pod::Pod;
use crate::api::{Kind, Stamp};
use crate::cluster::Cluster;
use std::rc::Rc;

/// What becomes of the objects that a deleted one owns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Propagation {
    /// The owner goes first, the garbage collector then takes what it owned.
    #[default]
    Background,
    /// What is owned goes first.
    Foreground,
    /// What is owned stays.
    Orphan,
}

#[derive(Clone, Debug, Default)]
pub struct DeleteOptions {
    /// Seconds; unset leaves it to the object.
    pub grace: Option<i64>,
    pub propagation: Propagation,
    /// Refuse if the object has another uid.
    pub uid: Option<Rc<str>>,
    /// Refuse if the object has another resource version.
    pub resource_version: Option<u64>,
    /// Only tells what would be done: as an Eviction asks for in its own text.
    pub dry_run: bool,
}

/// The finalizers of the two propagations that do not let an object go at once.
pub const FOREGROUND: &str = "foregroundDeletion";
pub const ORPHAN: &str = "orphan";

pub(super) fn delete(
    cluster: &mut Cluster,
    kind: Kind,
    key: &Key,
    options: &DeleteOptions,
    dry_run: bool,
) -> Result<Rc<Object>, Status> {
    let old = cluster.store.get(kind, key).cloned().ok_or_else(|| Status::not_found(kind, &key.name))?;
    check_preconditions(&old, options)?;
    crate::admission::namespace::may_delete(kind, &key.name)?;
    if dry_run {
        return Ok(old);
    }
    let grace = grace_of(&old, options);
    let mut new = (*old).clone();
    let finalizer = match options.propagation {
        Propagation::Background => None,
        Propagation::Foreground => Some(FOREGROUND),
        Propagation::Orphan => Some(ORPHAN),
    };
    if let Some(finalizer) = finalizer
        && !new.meta.has_finalizer(finalizer)
    {
        new.meta.finalizers.make_mut().push(finalizer.into());
    }
    if kind == Kind::CustomResourceDefinition && new.meta.deletion.is_none() {
        super::custom::mark_deleted(&mut new, cluster.stamp());
        return Ok(cluster.commit(new));
    }
    if kind == Kind::Namespace {
        return Ok(terminate_namespace(cluster, new));
    }
    let ends = grace == 0 && new.meta.finalizers.is_empty();
    if ends && kind != Kind::Pod {
        cluster.remove(kind, key);
        return Ok(old);
    }
    let now = cluster.stamp();
    let deletion = Stamp(now.0 + grace * 1000);
    match new.meta.deletion {
        // A second order may only shorten the grace.
        Some(before) if before <= deletion && new.meta.deletion_grace.unwrap_or(0) <= grace => {
            if new.meta.finalizers == old.meta.finalizers {
                return Ok(old);
            }
        }
        Some(before) => {
            new.meta.deletion = Some(before.min(deletion));
            new.meta.deletion_grace = Some(grace);
        }
        None => {
            new.meta.deletion = Some(deletion);
            new.meta.deletion_grace = Some(grace);
            if super::strategy::counts_generations(kind) {
                new.meta.generation += 1;
            }
        }
    }
    let last = cluster.commit(new);
    if ends {
        // A Pod's end is written to it before it goes.
        cluster.remove(kind, key);
    }
    Ok(last)
}

fn check_preconditions(old: &Object, options: &DeleteOptions) -> Result<(), Status> {
    let (kind, name) = (old.kind, &old.meta.name);
    if let Some(uid) = options.uid.as_ref().filter(|uid| **uid != old.meta.uid) {
        let why = format!("Precondition failed: UID in precondition: {uid}, UID in object meta: {}", old.meta.uid);
        return Err(Status::conflict(kind, name, &why));
    }
    let version = old.meta.resource_version.0;
    if let Some(wanted) = options.resource_version.filter(|v| *v != version) {
        let why = format!(
            "Precondition failed: ResourceVersion in precondition: {wanted}, ResourceVersion in object meta: {version}"
        );
        return Err(Status::conflict(kind, name, &why));
    }
    Ok(())
}

/// Seconds of grace. Only Pods have one: none before they are bound or after they have ended.
fn grace_of(old: &Object, options: &DeleteOptions) -> i64 {
    let Some(pod) = old.get::<Pod>() else { return 0 };
    if pod.spec.node_name.is_empty() || pod.status.finished() {
        return 0;
    }
    options.grace.or(pod.spec.termination_grace).unwrap_or(30).max(0)
}

/// A namespace stays, Terminating, until its controller has emptied and finalized it.
fn terminate_namespace(cluster: &mut Cluster, mut new: Object) -> Rc<Object> {
    if new.meta.deletion.is_none() {
        new.meta.deletion = Some(cluster.stamp());
        let mut status = new.status();
        status.set("phase", "Terminating".into());
        new.set_status(status);
    }
    cluster.commit(new)
}
