//! Jobs and CronJobs: how many run at a time.

use super::{Seen, made, says};
use kubarium_sim::api::Kind;
use kubarium_sim::api::cron_job::CronJob;
use kubarium_sim::api::job::Job;
use kubarium_sim::api::object::Object;
use kubarium_sim::store::Change;

/// A Job runs no more Pods at a time than it may, and none when it is over or suspended.
pub fn no_more_at_a_time(seen: &Seen, change: &Change) -> Option<String> {
    let (pod, _) = made(change)?;
    let (owner, job) = seen.controller::<Job>(pod)?;
    if job.status.finished().is_some() || job.spec.suspend || owner.meta.deleting() {
        return says(&change.key, "was made for a Job that does not run");
    }
    let (count, most) = (seen.active(owner).count() as i64, job.spec.parallelism.unwrap_or(1));
    (count > most).then(|| format!("{}: is number {count} of {most} at a time", change.key))
}

/// No two Pods work on one index.
pub fn one_pod_an_index(seen: &Seen, change: &Change) -> Option<String> {
    let (pod, _) = made(change)?;
    let (owner, job) = seen.controller::<Job>(pod).filter(|(_, job)| &*job.spec.completion_mode == "Indexed")?;
    let index = |o: &Object| o.meta.annotations.get("batch.kubernetes.io/job-completion-index").cloned();
    let own: i64 = index(pod)?.parse().ok()?;
    if own >= job.spec.completions.unwrap_or(0) {
        return says(&change.key, "its index is not wanted");
    }
    let count = seen.active(owner).filter(|p| index(p) == index(pod)).count();
    (count > 1).then(|| format!("{}: is number {count} for index {own}", change.key))
}

/// A CronJob that forbids it, or replaces, has one Job at a time. Those that a user made from it do not count: the controller
/// says of them that it has not made them (pkg/controller/cronjob: `UnexpectedJob`), and goes on.
pub fn one_job_at_a_time(seen: &Seen, change: &Change) -> Option<String> {
    let new = change.new.as_ref().filter(|n| n.kind == Kind::Job && change.old.is_none())?;
    let (owner, cron) = seen.controller::<CronJob>(new).filter(|_| seen.by == "cronjob-controller")?;
    let jobs = seen.cluster.store.owned_by(&owner.meta.uid).filter(|o| o.is_controlled_by(owner));
    let runs =
        |o: &&std::rc::Rc<Object>| !o.meta.deleting() && o.get::<Job>().is_some_and(|j| j.status.finished().is_none());
    let by_hand = |o: &&std::rc::Rc<Object>| o.meta.annotations.get("cronjob.kubernetes.io/instantiate").is_some();
    let count = jobs.filter(runs).filter(|job| !by_hand(job)).count();
    let alone = &*cron.spec.concurrency != "Allow";
    (alone && count > 1).then(|| format!("CronJob {}: {count} Jobs at a time", owner.key()))
}
