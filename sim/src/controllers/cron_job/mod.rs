//! Kubernetes 1.36: pkg/controller/cronjob/cronjob_controllerv2.go
//!
//! CronJobs: a Job at each time of the schedule.

pub mod schedule;

use crate::api::cron_job::{CronJob, CronJobSpec, CronJobStatus};
use crate::api::endpoint_slice::Reference;
use crate::api::job::Job;
use crate::api::object::{Key, Object};
use crate::api::{Kind, Stamp};
use crate::apiserver::events::Note;
use crate::apiserver::{DeleteOptions, Request, Status};
use crate::clock::{Date, Span};
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use crate::value::Value;
use crate::zone::Zone;
use schedule::Schedule;
use std::rc::Rc;

const BY: &str = "cronjob-controller";
const SCHEDULED: &str = "batch.kubernetes.io/cronjob-scheduled-timestamp";
/// How long after the full minute the controller looks.
const DELTA: Span = Span::millis(100);

struct Look<'a> {
    cluster: &'a Cluster,
    object: &'a Object,
    spec: &'a CronJobSpec,
    status: CronJobStatus,
    jobs: Vec<Rc<Object>>,
    out: Outcome,
}

/// When its schedule has the next start, whether or not one is then made; none if schedule or time zone make no sense.
pub fn next_start(cluster: &Cluster, spec: &CronJobSpec) -> Option<Stamp> {
    let zone = Zone::find(spec.time_zone.as_deref().unwrap_or("UTC"))?;
    let next = Schedule::parse(&spec.schedule, zone)?.next(cluster.stamp().0.div_euclid(1000));
    next.map(|seconds| Stamp(seconds * 1000))
}

/// Looks at a CronJob.
pub fn wake(cluster: &Cluster, key: &Key) -> Outcome {
    let Some(object) = cluster.store.get(Kind::CronJob, key) else { return Outcome::nothing() };
    let CronJob { spec, status } = object.expect();
    let own = cluster.store.owned_by(&object.meta.uid).filter(|o| o.kind == Kind::Job && o.is_controlled_by(object));
    let jobs = own.cloned().collect();
    let mut look = Look { cluster, object, spec, status: status.clone(), jobs, out: Outcome::nothing() };
    look.clean_up();
    look.note_jobs();
    if !object.meta.deleting() && !spec.suspend {
        look.start();
    }
    look.write();
    look.out
}

impl Look<'_> {
    fn say(&mut self, note: fn(&Object, &'static str, &str, String) -> Note, reason: &str, message: String) {
        self.out.event(note(self.object, BY, reason, message));
    }

    /// Brings the list of active Jobs up to date: what has begun, what has ended, what has gone missing.
    fn note_jobs(&mut self) {
        for made in self.jobs.clone() {
            let name = &made.meta.name;
            let listed = self.status.active.iter().any(|r| r.uid == made.meta.uid);
            let finished = made.expect::<Job>().status.finished().cloned();
            match finished {
                None if !listed => self.note_new(&made),
                Some(end) if listed => {
                    self.status.active.retain(|r| r.uid != made.meta.uid);
                    self.say(
                        Note::normal,
                        "SawCompletedJob",
                        format!("Saw completed job: {name}, condition: {}", end.kind),
                    );
                }
                _ => {}
            }
            let success = made.expect::<Job>().status.completion_time.map(Stamp::second);
            if success > self.status.last_success.map(Stamp::second) {
                self.status.last_success = success;
            }
        }
        for reference in self.status.active.clone() {
            if !self.jobs.iter().any(|j| j.meta.uid == reference.uid) {
                self.status.active.retain(|r| r.uid != reference.uid);
                self.say(Note::normal, "MissingJob", format!("Active job went missing: {}", reference.name));
            }
        }
    }

    /// A Job that is not listed: the one just made, or a stranger.
    fn note_new(&mut self, made: &Object) {
        let time = scheduled(made).filter(|t| *made.meta.name == *self.name(*t));
        let last = self.status.last_schedule.map_or(i64::MIN, |s| s.0.div_euclid(1000));
        match time.filter(|t| *t > last) {
            Some(time) => {
                self.status.active.push(Reference {
                    api_version: "batch/v1".into(),
                    kind: "Job".into(),
                    name: made.meta.name.clone(),
                    namespace: made.meta.namespace.clone(),
                    resource_version: made.meta.resource_version.0.to_string().into(),
                    uid: made.meta.uid.clone(),
                    ..Default::default()
                });
                self.status.last_schedule = Some(Stamp(time * 1000));
            }
            None => {
                let message = format!("Saw a job that the controller did not create or forgot: {}", made.meta.name);
                self.say(Note::warning, "UnexpectedJob", message);
            }
        }
    }

    /// The name of the Job for a time: with its minute since 1970.
    fn name(&self, time: i64) -> String {
        format!("{}-{}", self.object.meta.name, time / 60)
    }

    /// Starts the Job that is due, if one is.
    fn start(&mut self) {
        let Some(schedule) = self.schedule() else { return };
        let now = self.cluster.stamp().0.div_euclid(1000);
        let made = self.object.meta.creation.unwrap_or_default().0.div_euclid(1000);
        let last = self.status.last_schedule.map(|s| s.0.div_euclid(1000));
        let mut earliest = last.unwrap_or(made);
        if let Some(deadline) = self.spec.starting_deadline {
            earliest = earliest.max(now - deadline);
        }
        let due = schedule.latest(earliest, now);
        if let Some((time, many)) = due
            && self.start_for(time, many, last)
        {
            // The Job, once it is there, leads to the next look; if it is refused, the back-off alone does.
            return;
        }
        match schedule.next(due.map_or(earliest, |d| d.0).max(now)) {
            Some(next) => self.out.again_at(self.cluster.time_of(Stamp(next * 1000)) + DELTA),
            // There is no 31st of February: one such time is as far as the next.
            None => {
                let why = "time difference between two schedules is less than 1 second";
                let message = format!("invalid schedule: {} : {why}", self.spec.schedule);
                self.say(Note::warning, "InvalidSchedule", message);
            }
        }
    }

    /// Asks for the Job of a time, unless it was there already or may not be; answers whether it did.
    fn start_for(&mut self, time: i64, many: bool, last: Option<i64>) -> bool {
        if many {
            let message =
                "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
            self.say(Note::warning, "TooManyMissedTimes", message.into());
        }
        let name = self.name(time);
        if self.status.active.iter().any(|r| *r.name == *name) || last == Some(time) {
            return false;
        }
        match &*self.spec.concurrency {
            "Forbid" if !self.status.active.is_empty() => {
                let message = "Not starting job because prior execution is running and concurrency policy is Forbid";
                self.say(Note::normal, "JobAlreadyActive", message.into());
                return false;
            }
            "Replace" => {
                for reference in std::mem::take(&mut self.status.active) {
                    self.delete(&reference.name);
                }
            }
            _ => {}
        }
        self.create(&name, time);
        true
    }

    /// The schedule in its time zone; says so if there is none such.
    fn schedule(&mut self) -> Option<Schedule> {
        let zone = self.spec.time_zone.as_deref().unwrap_or("UTC");
        let Some(zone) = Zone::find(zone) else {
            self.say(
                Note::warning,
                "UnknownTimeZone",
                format!("invalid timeZone: \"{zone}\": unknown time zone {zone}"),
            );
            return None;
        };
        let text = &self.spec.schedule;
        let parsed = Schedule::parse(text, zone);
        if parsed.is_none() {
            self.say(Note::warning, "UnparseableSchedule", format!("unparseable schedule: {text:?}"));
        }
        parsed
    }

    fn create(&mut self, name: &str, time: i64) {
        let template = &self.spec.template;
        let mut meta = Value::map([
            ("name", Value::from(name)),
            ("namespace", Value::Str(self.object.meta.namespace.clone())),
            ("ownerReferences", Value::list(vec![crate::api::Field::write(&self.object.controller_reference())])),
        ]);
        for field in ["labels", "annotations"] {
            let wanted = template.at(&["metadata", field]);
            if !wanted.is_null() {
                meta.set(field, wanted.clone());
            }
        }
        let stamp = stamp_in(self.spec.time_zone.as_deref().unwrap_or("UTC"), time);
        meta.at_mut(&["annotations"]).set(SCHEDULED, stamp.into());
        let job = Value::map([("metadata", meta), ("spec", template.get("spec").clone())]);
        self.out.request(Request::create(BY, Kind::Job, job));
        self.say(Note::normal, "SuccessfulCreate", format!("Created job {name}"));
    }

    fn delete(&mut self, name: &str) {
        let key = Key { namespace: self.object.meta.namespace.clone(), name: name.into() };
        if self.cluster.store.get(Kind::Job, &key).is_some() {
            self.out.request(Request::delete(BY, Kind::Job, key, DeleteOptions::default()));
            self.say(Note::normal, "SuccessfulDelete", format!("Deleted job {name}"));
        }
    }

    /// Deletes finished Jobs beyond the limits, those that started first.
    fn clean_up(&mut self) {
        for (kind, limit) in [("Complete", self.spec.successful_limit), ("Failed", self.spec.failed_limit)] {
            let Some(limit) = limit else { continue };
            let ended = |j: &&Rc<Object>| j.expect::<Job>().status.finished().is_some_and(|c| &*c.kind == kind);
            let mut finished: Vec<_> = self.jobs.iter().filter(ended).cloned().collect();
            finished.sort_by_key(|j| (j.expect::<Job>().status.start_time, j.meta.name.clone()));
            let surplus = (finished.len() as i64 - limit).max(0) as usize;
            for old in finished.into_iter().take(surplus).filter(|j| !j.meta.deleting()) {
                self.delete(&old.meta.name);
                // Then nobody sees that it has completed.
                self.status.active.retain(|r| r.uid != old.meta.uid);
            }
        }
    }

    fn write(&mut self) {
        if self.status != self.object.expect::<CronJob>().status {
            let mut object = self.object.clone();
            object.expect_mut::<CronJob>().status = self.status.clone();
            self.out.request(Request::put_status(BY, object));
        }
    }
}

/// A time, in seconds since 1970, as the clocks of a zone show it.
fn stamp_in(zone: &str, time: i64) -> String {
    let minutes = Zone::find(zone).map_or(0, |zone| zone.ahead(time) / 60);
    let stamp = Date::from_unix(time + minutes * 60).to_string();
    if minutes == 0 {
        return stamp;
    }
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{}{sign}{:02}:{:02}", stamp.trim_end_matches('Z'), minutes.abs() / 60, minutes.abs() % 60)
}

/// The time that a Job was made for, in seconds since 1970.
fn scheduled(made: &Object) -> Option<i64> {
    made.meta.annotations.get(SCHEDULED).and_then(|t| Date::parse_rfc3339(t)).map(Date::to_unix)
}

/// A Job could not be made.
pub fn refused(cluster: &Cluster, key: &Key, request: &Request, status: &Status) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(Kind::CronJob, key) else { return out };
    let made = request.kind == Kind::Job && matches!(request.verb, crate::apiserver::Verb::Create(_));
    if made && !status.is_of_going_namespace() {
        out.event(Note::warning(object, BY, "FailedCreate", format!("Error creating job: {status}")));
    }
    out
}
