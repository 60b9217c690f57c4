//! CronJobs.

use crate::api::endpoint_slice::Reference;
use crate::api::field::Stamp;
use crate::noun;
use crate::value::Value;
use std::rc::Rc;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CronJob {
    pub spec: Rc<CronJobSpec>,
    pub status: CronJobStatus,
}

noun! {
    pub struct CronJobSpec {
        /// `Allow`, `Forbid`, `Replace`.
        concurrency: Rc<str> = "concurrencyPolicy";
        failed_limit: Option<i64> = "failedJobsHistoryLimit";
        template: Value = "jobTemplate";
        schedule: Rc<str> = "schedule";
        /// Seconds.
        starting_deadline: Option<i64> = "startingDeadlineSeconds";
        successful_limit: Option<i64> = "successfulJobsHistoryLimit";
        suspend: bool = "suspend";
        time_zone: Option<Rc<str>> = "timeZone";
    }
    pub struct CronJobStatus {
        active: Vec<Reference> = "active";
        last_schedule: Option<Stamp> = "lastScheduleTime";
        last_success: Option<Stamp> = "lastSuccessfulTime";
    }
}
