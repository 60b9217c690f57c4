//! What a status counts is what there is.

use super::Complaints;
use crate::swarm::rules::{is_active, is_ready, noted_size, owned, owned_sets};
use kubarium_sim::api::daemon_set::DaemonSet;
use kubarium_sim::api::deployment::Deployment;
use kubarium_sim::api::event::Event;
use kubarium_sim::api::job::Job;
use kubarium_sim::api::object::{Noun, Object};
use kubarium_sim::api::pod::Pod;
use kubarium_sim::api::pod_disruption_budget::PodDisruptionBudget;
use kubarium_sim::api::replica_set::ReplicaSet;
use kubarium_sim::api::replication_controller::ReplicationController;
use kubarium_sim::api::stateful_set::StatefulSet;
use kubarium_sim::api::{Kind, Stamp};
use kubarium_sim::cluster::Cluster;
use kubarium_sim::quota;
use std::rc::Rc;

pub fn check(cluster: &Cluster, found: &mut Complaints) {
    replica_sets(cluster, found);
    each::<ReplicationController>(cluster, found, |object, rc, say| {
        let (count, ready) = tally(cluster, object);
        say.equal("replicas", rc.status.replicas, count);
        say.equal("ready", rc.status.ready, ready);
    });
    each::<Deployment>(cluster, found, |object, deployment, say| deployments(cluster, object, deployment, say));
    each::<StatefulSet>(cluster, found, |object, set, say| {
        let ready = owned(cluster, object).filter(|p| is_ready(p) && is_running(p)).count() as i64;
        say.equal("replicas", set.status.replicas, owned(cluster, object).count() as i64);
        say.equal("ready", set.status.ready, ready);
        say.equal("observed generation", set.status.observed_generation, object.meta.generation);
    });
    each::<DaemonSet>(cluster, found, |object, set, say| {
        let on_nodes = owned(cluster, object).filter(|p| is_active(p) && is_ready(p)).count() as i64;
        say.most("ready", set.status.ready, on_nodes);
        if !is_refused(cluster, object) {
            say.equal("scheduled", set.status.current, set.status.desired);
        }
        say.equal("observed generation", set.status.observed_generation, object.meta.generation);
    });
    each::<Job>(cluster, found, |object, job, say| jobs(cluster, object, job, say));
    budgets(cluster, found);
    quotas(cluster, found);
}

/// Says what a status gets wrong.
struct Say<'a> {
    who: String,
    found: &'a mut Complaints,
}

impl Say<'_> {
    fn equal(&mut self, what: &str, said: i64, is: i64) {
        if said != is {
            self.found.insert(format!("{}: says {what} {said}, but it is {is}", self.who));
        }
    }
    fn most(&mut self, what: &str, said: i64, most: i64) {
        if said > most {
            self.found.insert(format!("{}: says {what} {said}, at most {most} are right", self.who));
        }
    }
}

fn each<T: Noun>(cluster: &Cluster, found: &mut Complaints, check: impl Fn(&Rc<Object>, &T, &mut Say)) {
    for object in cluster.store.list(T::KIND) {
        let who = format!("{} {}", T::KIND.name(), object.key());
        check(object, object.expect(), &mut Say { who, found });
    }
}

fn is_running(pod: &Object) -> bool {
    &*pod.expect::<Pod>().status.phase == "Running"
}

/// Whether its Pods were refused, and it says so.
fn is_refused(cluster: &Cluster, owner: &Object) -> bool {
    cluster.store.events_about(&owner.meta.uid).any(|e| &*e.expect::<Event>().reason == "FailedCreate")
}

/// How many Pods of an owner are active, and how many of these ready.
fn tally(cluster: &Cluster, owner: &Object) -> (i64, i64) {
    let active = || owned(cluster, owner).filter(|p| is_active(p));
    (active().count() as i64, active().filter(|p| is_ready(p)).count() as i64)
}

fn replica_sets(cluster: &Cluster, found: &mut Complaints) {
    each::<ReplicaSet>(cluster, found, |object, set, say| {
        let (count, ready) = tally(cluster, object);
        let status = &set.status;
        say.equal("replicas", status.replicas, count);
        say.equal("ready", status.ready, ready);
        say.most("available", status.available, ready);
        say.equal("observed generation", status.observed_generation, object.meta.generation);
        let refused = status.conditions.iter().any(|c| &*c.kind == "ReplicaFailure");
        if !refused && !object.meta.deleting() {
            say.equal("wanted", set.spec.replicas, count);
        }
    });
}

fn deployments(cluster: &Cluster, object: &Object, deployment: &Deployment, say: &mut Say) {
    let (spec, status) = (&deployment.spec, &deployment.status);
    let sets = || owned_sets(cluster, object).map(|o| o.expect::<ReplicaSet>());
    say.equal("replicas", status.replicas, sets().map(|s| s.status.replicas).sum());
    say.equal("ready", status.ready, sets().map(|s| s.status.ready).sum());
    say.equal("available", status.available, sets().map(|s| s.status.available).sum());
    say.equal("observed generation", status.observed_generation, object.meta.generation);
    let progress = status.conditions.iter().find(|c| &*c.kind == "Progressing");
    let done = status.updated == spec.replicas && status.replicas == spec.replicas && status.available == spec.replicas;
    // Scaled and turned to Recreate in mid-rollout, the real controller waits for ever too: it means to scale first, and
    // shares among several ReplicaSets only when it rolls (pkg/controller/deployment/sync.go).
    let active = || owned_sets(cluster, object).filter(|o| o.expect::<ReplicaSet>().spec.replicas > 0);
    let scaled = active().any(|o| noted_size(o).is_some_and(|noted| noted != spec.replicas));
    let dead_end = &*spec.strategy.kind == "Recreate" && active().count() > 1 && scaled;
    // Once complete, it is not judged again as long as all its Pods are new (progress.go).
    let was_done =
        progress.is_some_and(|c| &*c.reason == "NewReplicaSetAvailable") && status.updated == status.replicas;
    let explained = spec.paused
        || dead_end
        || object.meta.deleting()
        || status.conditions.iter().any(|c| &*c.kind == "ReplicaFailure")
        || was_done
        || progress.is_some_and(|c| &*c.reason == "ProgressDeadlineExceeded")
        || progress.and_then(|c| c.last_update).is_some_and(|at| !is_late(cluster, at, spec.progress_deadline));
    if !done && !explained {
        let reason = progress.map_or("nothing", |c| &c.reason);
        say.found.insert(format!("{}: is not complete, and says {reason}", say.who));
    }
}

/// Whether the last progress is longer ago than the Deployment has patience for.
fn is_late(cluster: &Cluster, progress: Stamp, deadline: Option<i64>) -> bool {
    cluster.stamp().since(progress) > (deadline.unwrap_or(600) + 2) * 1000
}

fn jobs(cluster: &Cluster, object: &Object, job: &Job, say: &mut Say) {
    let (spec, status) = (&job.spec, &job.status);
    let (active, ready) = tally(cluster, object);
    say.equal("active", status.active, active);
    say.equal("ready", status.ready.unwrap_or(0), ready);
    let uncounted = status.uncounted.as_ref().map_or(0, |u| u.failed.len() + u.succeeded.len());
    say.equal("uncounted", uncounted as i64, 0);
    if status.condition("Complete").is_some() && spec.success_policy.is_none() {
        match spec.completions {
            Some(all) => say.equal("succeeded", status.succeeded, all),
            None => say.most("one success needed, of", 1, status.succeeded),
        }
    }
    if status.finished().is_some() {
        say.equal("active though finished", active, 0);
        let held = owned(cluster, object).filter(|p| p.meta.has_finalizer("batch.kubernetes.io/job-tracking"));
        say.equal("Pods held", held.count() as i64, 0);
    } else if !spec.suspend && spec.parallelism != Some(0) && !object.meta.deleting() {
        // After a failure it waits longer and longer.
        if active == 0 && status.failed == 0 && !is_refused(cluster, object) {
            say.found.insert(format!("{}: does nothing and says nothing", say.who));
        }
    }
}

fn budgets(cluster: &Cluster, found: &mut Complaints) {
    each::<PodDisruptionBudget>(cluster, found, |object, budget, say| {
        let selects = |o: &Object| budget.spec.selector.as_ref().is_some_and(|s| s.matches(&o.meta.labels));
        let pods = || cluster.store.list_in(Kind::Pod, &object.meta.namespace).filter(|p| selects(p));
        let failed = budget.status.conditions.iter().any(|c| &*c.reason == "SyncFailed");
        if !failed {
            let healthy = pods().filter(|p| is_ready(p) && !p.meta.deleting()).count() as i64;
            say.equal("healthy", budget.status.healthy, healthy);
            say.equal("observed generation", budget.status.observed_generation, object.meta.generation);
        }
    });
}

/// What a quota says to be used is what there is.
fn quotas(cluster: &Cluster, found: &mut Complaints) {
    for object in cluster.store.list(Kind::ResourceQuota) {
        let used = object.status();
        for (name, _) in quota::hard(object).iter() {
            let said = used.at(&["used", name]).as_str().unwrap_or("0").to_string();
            let kinds = Kind::ALL.iter().copied().filter(|k| quota::concerns(*k, name));
            let objects = kinds.flat_map(|k| cluster.store.list_in(k, &object.meta.namespace));
            let sum: i64 = objects.filter_map(|o| Some(quota::usage(o).get(name)?.milli_units())).sum();
            if said != (sum / 1000).to_string() {
                found.insert(format!("ResourceQuota {}: says {name} {said}, but it is {}", object.key(), sum / 1000));
            }
        }
    }
}
