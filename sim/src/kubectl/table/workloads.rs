//! What makes Pods, in a table.

use super::{Row, labels, selector};
use crate::api::Kind;
use crate::kubectl::time;

pub fn cells(kind: Kind, row: &Row) -> Vec<String> {
    let n = |path: &str| row.int(path).to_string();
    let of = |done: &str| format!("{}/{}", row.int(done), row.int("spec.replicas"));
    let (names, images) = row.containers("spec.template.spec");
    let picks = match kind {
        Kind::ReplicationController => labels(row.at("spec.selector")),
        _ => selector(row.at("spec.selector")),
    };
    let own = match kind {
        Kind::Deployment => {
            vec![of("status.readyReplicas"), n("status.updatedReplicas"), n("status.availableReplicas")]
        }
        Kind::StatefulSet => vec![of("status.readyReplicas")],
        Kind::DaemonSet => vec![
            n("status.desiredNumberScheduled"),
            n("status.currentNumberScheduled"),
            n("status.numberReady"),
            n("status.updatedNumberScheduled"),
            n("status.numberAvailable"),
            labels(row.at("spec.template.spec.nodeSelector")),
        ],
        _ => vec![n("spec.replicas"), n("status.replicas"), n("status.readyReplicas")],
    };
    let mut cells = vec![row.name()];
    cells.extend(own);
    cells.extend([row.age(), names, images]);
    if kind != Kind::StatefulSet {
        cells.push(picks);
    }
    cells
}

fn job_status(row: &Row) -> &'static str {
    let is = |kind: &str| {
        let conditions = row.at("status.conditions").items();
        conditions.iter().any(|c| c.get("type").as_str() == Some(kind) && c.get("status").as_str() == Some("True"))
    };
    match () {
        () if is("Complete") => "Complete",
        () if is("Failed") => "Failed",
        () if row.deleting() => "Terminating",
        () if is("Suspended") => "Suspended",
        () if is("FailureTarget") => "FailureTarget",
        () if is("SuccessCriteriaMet") => "SuccessCriteriaMet",
        () => "Running",
    }
}

pub fn job(row: &Row) -> Vec<String> {
    let succeeded = row.int("status.succeeded");
    let completions = match (row.at("spec.completions").as_int(), row.int("spec.parallelism")) {
        (Some(n), _) => format!("{succeeded}/{n}"),
        (None, p) if p > 1 => format!("{succeeded}/1 of {p}"),
        (None, _) => format!("{succeeded}/1"),
    };
    let (start, end) = (row.at("status.startTime"), row.at("status.completionTime"));
    let duration = match (start.is_null(), end.is_null()) {
        (true, _) => String::new(),
        (false, true) => row.since(start),
        _ => time::since(start, <crate::api::Stamp as crate::api::Field>::read(end).0),
    };
    let (names, images) = row.containers("spec.template.spec");
    vec![
        row.name(),
        job_status(row).into(),
        completions,
        duration,
        row.age(),
        names,
        images,
        selector(row.at("spec.selector")),
    ]
}

pub fn cron_job(row: &Row) -> Vec<String> {
    let last = row.at("status.lastScheduleTime");
    let (names, images) = row.containers("spec.jobTemplate.spec.template.spec");
    vec![
        row.name(),
        row.text("spec.schedule"),
        row.text_or("spec.timeZone", "<none>"),
        if row.at("spec.suspend").as_bool() == Some(true) { "True".into() } else { "False".into() },
        row.at("status.active").items().len().to_string(),
        if last.is_null() { "<none>".into() } else { row.since(last) },
        row.age(),
        names,
        images,
        selector(row.at("spec.jobTemplate.spec.selector")),
    ]
}
