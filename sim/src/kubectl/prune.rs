//! `kubectl apply --prune`: what was applied once and is not in the files any more is deleted.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/apply/prune.go. Not done: ApplySets.

use super::{Context, Fault};
use crate::api::Kind;
use crate::api::metadata::LAST_APPLIED;
use crate::api::object::Key;
use crate::apiserver::selection::Labels;
use crate::apiserver::{DeleteOptions, Propagation, Verb};
use std::rc::Rc;

/// The kinds that are pruned if none are named: those of a namespace first.
const KINDS: [Kind; 16] = [
    Kind::ConfigMap,
    Kind::Endpoints,
    Kind::PersistentVolumeClaim,
    Kind::Pod,
    Kind::ReplicationController,
    Kind::Secret,
    Kind::Service,
    Kind::Job,
    Kind::CronJob,
    Kind::Ingress,
    Kind::DaemonSet,
    Kind::Deployment,
    Kind::ReplicaSet,
    Kind::StatefulSet,
    Kind::Namespace,
    Kind::PersistentVolume,
];

/// Refuses a prune that might take everything.
pub fn check(context: &Context) -> Result<(), Fault> {
    let (all, selector) = (context.args.is("all"), context.args.get("selector").is_some());
    match context.args.is("prune") {
        true if all && selector => Err(Fault::text("cannot set --all and --selector at the same time")),
        true if !all && !selector => Err(Fault::text(
            "all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector",
        )),
        _ => Ok(()),
    }
}

/// Deletes what is left over in the namespaces that `kept` are in.
pub fn run(context: &mut Context, kept: &[(Kind, Key)]) -> Result<(), Fault> {
    let labels = context.args.get("selector").map(Labels::parse).transpose().map_err(Fault::text)?;
    let mut chosen = vec![];
    for kind in KINDS {
        let inside = |namespace: &Rc<str>| !kind.namespaced() || kept.iter().any(|(_, k)| k.namespace == *namespace);
        for object in context.cluster.store.list(kind) {
            let applied = object.meta.annotations.get(LAST_APPLIED).is_some();
            let fits = labels.as_ref().is_none_or(|labels| labels.matches(&object.meta.labels));
            let stays = kept.iter().any(|(k, key)| *k == kind && *key == object.key());
            if applied && fits && !stays && inside(&object.meta.namespace) && !object.meta.deleting() {
                chosen.push(object.clone());
            }
        }
    }
    for object in chosen {
        if context.dry_run() != "client" {
            let options = DeleteOptions { propagation: Propagation::Background, ..DeleteOptions::default() };
            context.request(object.kind, object.key(), Verb::Delete(options))?;
        }
        context.done(&super::get::shown(&object), object.kind, "pruned")?;
    }
    Ok(())
}
