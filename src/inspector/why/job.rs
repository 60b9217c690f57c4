//! Jobs and CronJobs: what has been done, what is tried again, when the next begins.

use super::{Why, last_said, pods_in_the_way};
use crate::clock_text;
use crate::how;
use crate::inspector::portrait::{Chosen, Sitting};
use crate::terminal::EventRow;
use kubarium_sim::api::Kind;
use kubarium_sim::api::cron_job::CronJob;
use kubarium_sim::api::job::Job;
use kubarium_sim::api::object::Object;
use kubarium_sim::controllers::cron_job;

pub fn of_job(sitting: &Sitting, object: &Object, job: &Job, events: &[EventRow]) -> Why {
    let (spec, status) = (&job.spec, &job.status);
    let wanted = spec.completions.unwrap_or(1);
    let limit = spec.backoff_limit.unwrap_or(6);
    let counts = [status.succeeded, wanted, status.active, status.failed, limit].map(|n| n.to_string());
    let with = [
        ("done", &*counts[0]),
        ("wanted", &*counts[1]),
        ("active", &*counts[2]),
        ("failed", &*counts[3]),
        ("limit", &*counts[4]),
        ("by", spec.managed_by.as_deref().unwrap_or("")),
    ];
    let say = |title, lead| Why::say(sitting.text, title, lead, &with);
    let own = spec.managed_by.as_deref().is_none_or(|by| by == "kubernetes.io/job-controller");
    if !own {
        return say("why-managed", "why-managed-lead");
    }
    if let Some(c) = status.condition("Complete") {
        return say("why-job-done", "why-job-done-lead").quoting(c.message.to_string());
    }
    if let Some(c) = status.condition("Failed").or_else(|| status.condition("FailureTarget")) {
        return say("why-job-failed", "why-job-failed-lead").quoting(c.message.to_string());
    }
    if spec.suspend {
        return say("why-suspended", "why-job-suspended-lead");
    }
    let blocking = pods_in_the_way(sitting.cluster, &object.meta.uid);
    let refused = last_said(events, &["FailedCreate"]);
    match (status.active, status.failed) {
        (0, 0) => say("why-job-starts", "why-job-starts-lead").quoting(refused),
        (0, _) => say("why-job-again", "why-job-again-lead").quoting(refused),
        (_, 0) => say("why-job-works", "why-job-works-lead").seeing(blocking),
        _ => say("why-job-works", "why-job-tries-lead").seeing(blocking),
    }
}

pub fn of_cron_job(sitting: &Sitting, object: &Object, job: &CronJob, events: &[EventRow]) -> Why {
    let cluster = sitting.cluster;
    let next = cron_job::next_start(cluster, &job.spec);
    let left = next.map_or(0, |next| next.since(cluster.stamp()).max(0) as u64);
    let left = clock_text::age(left);
    let at = next.map_or_else(String::new, |next| next.date().to_string());
    let active: Vec<Chosen> =
        job.status.active.iter().map(|job| Chosen::new(Kind::Job, &object.meta.namespace, &job.name)).collect();
    let running = active.first().map_or_else(String::new, |chosen| chosen.key.name.to_string());
    let with = [("left", &*left), ("at", &*at), ("job", &*running), ("schedule", &*job.spec.schedule)];
    let say = |title, lead| Why::say(sitting.text, title, lead, &with);
    let said = || {
        let reasons = [
            "MissSchedule",
            "JobAlreadyActive",
            "TooManyMissedTimes",
            "UnknownTimeZone",
            "UnparseableSchedule",
            "InvalidSchedule",
            "FailedCreate",
        ];
        last_said(events, &reasons)
    };
    if job.spec.suspend {
        return say("why-suspended", "why-cron-suspended-lead");
    }
    if next.is_none() {
        return say("why-never", "why-never-lead").quoting(said());
    }
    let seen = active.into_iter().filter_map(|chosen| {
        let how = how::of(cluster.store.get(chosen.kind, &chosen.key)?);
        Some((chosen, how))
    });
    let lead = match (&*job.spec.concurrency, running.is_empty()) {
        (_, true) => "why-cron-lead",
        ("Forbid", false) => "why-cron-forbid-lead",
        ("Replace", false) => "why-cron-replace-lead",
        _ => "why-cron-beside-lead",
    };
    say("why-cron", lead).quoting(said()).seeing(seen.collect())
}
