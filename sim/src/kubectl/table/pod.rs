//! Pods in a table.

use super::{Row, plain};
use crate::value::Value;

/// `READY`, `STATUS` and `RESTARTS` of a Pod.
pub struct Summary {
    pub ready: i64,
    pub total: i64,
    pub reason: String,
    pub restarts: String,
}

fn restartable(row: &Row, name: &Value) -> bool {
    let containers = row.at("spec.initContainers").items();
    containers.iter().any(|c| c.get("name") == name && c.get("restartPolicy").as_str() == Some("Always"))
}

fn condition<'a>(row: &'a Row, kind: &str) -> &'a Value {
    let conditions = row.at("status.conditions").items();
    conditions.iter().find(|c| c.get("type").as_str() == Some(kind)).unwrap_or(const { &Value::Null })
}

/// `Signal:9` or `ExitCode:1`.
fn bare_end(terminated: &Value) -> String {
    match terminated.get("signal").as_int() {
        Some(signal) if signal != 0 => format!("Signal:{signal}"),
        _ => format!("ExitCode:{}", terminated.get("exitCode").as_int().unwrap_or(0)),
    }
}

/// Restarts and when the last one was.
#[derive(Clone, Default)]
struct Restarts(i64, Option<String>);

impl Restarts {
    fn count(&mut self, status: &Value) {
        self.0 += status.get("restartCount").as_int().unwrap_or(0);
        let finished = status.at(&["lastState", "terminated", "finishedAt"]).as_str().map(str::to_string);
        self.1 = self.1.take().max(finished);
    }
}

pub fn summary(row: &Row) -> Summary {
    let init = row.at("spec.initContainers").items();
    let sidecars = init.iter().filter(|c| restartable(row, c.get("name"))).count();
    let total = (row.at("spec.containers").items().len() + sidecars) as i64;
    let mut reason = row.text_or("status.reason", &row.text("status.phase"));
    if condition(row, "PodScheduled").get("reason").as_str() == Some("SchedulingGated") {
        reason = "SchedulingGated".into();
    }
    let (mut ready, mut restarts, mut sidecar_restarts) = (0, Restarts::default(), Restarts::default());
    let mut initializing = false;
    for (i, status) in row.at("status.initContainerStatuses").items().iter().enumerate() {
        restarts.count(status);
        let sidecar = restartable(row, status.get("name"));
        if sidecar {
            sidecar_restarts.count(status);
        }
        let (terminated, waiting) =
            (status.at(&["state", "terminated"]), plain(status.at(&["state", "waiting", "reason"])));
        if !terminated.is_null() && terminated.get("exitCode").as_int() == Some(0) {
            continue;
        }
        if sidecar && status.get("started").as_bool() == Some(true) {
            ready += i64::from(status.get("ready").as_bool() == Some(true));
            continue;
        }
        reason = if !terminated.is_null() {
            let why = plain(terminated.get("reason"));
            if why.is_empty() { format!("Init:{}", bare_end(terminated)) } else { format!("Init:{why}") }
        } else if !waiting.is_empty() && waiting != "PodInitializing" {
            format!("Init:{waiting}")
        } else {
            format!("Init:{i}/{}", init.len())
        };
        initializing = true;
        break;
    }
    if !initializing || condition(row, "Initialized").get("status").as_str() == Some("True") {
        restarts = sidecar_restarts;
        reason = containers(row, reason, &mut ready, &mut restarts);
    }
    if row.deleting() && row.text("status.reason") == "NodeLost" {
        reason = "Unknown".into();
    } else if row.deleting() && !matches!(row.text("status.phase").as_str(), "Succeeded" | "Failed") {
        reason = "Terminating".into();
    }
    let restarts = match restarts {
        Restarts(n, Some(last)) if n > 0 => format!("{n} ({} ago)", row.since(&Value::from(last))),
        Restarts(n, _) => n.to_string(),
    };
    Summary { ready, total, reason, restarts }
}

/// The reason as the ordinary containers tell it.
fn containers(row: &Row, mut reason: String, ready: &mut i64, restarts: &mut Restarts) -> String {
    let (mut running, mut failure) = (false, None);
    for status in row.at("status.containerStatuses").items().iter().rev() {
        restarts.count(status);
        let waiting = plain(status.at(&["state", "waiting", "reason"]));
        let terminated = status.at(&["state", "terminated"]);
        if !waiting.is_empty() {
            reason = waiting;
        } else if !terminated.is_null() {
            let why = plain(terminated.get("reason"));
            reason = if why.is_empty() { bare_end(terminated) } else { why };
            if reason != "Completed" {
                failure = Some(reason.clone());
            }
        } else if status.get("ready").as_bool() == Some(true) && !status.at(&["state", "running"]).is_null() {
            running = true;
            *ready += 1;
        }
    }
    if reason == "Completed" && running {
        let is_ready = condition(row, "Ready").get("status").as_str() == Some("True");
        return if is_ready { "Running".into() } else { "NotReady".into() };
    }
    // One container that failed outweighs those that are done.
    if reason == "Completed" { failure.unwrap_or(reason) } else { reason }
}

pub fn cells(row: &Row) -> Vec<String> {
    let Summary { ready, total, reason, restarts } = summary(row);
    let gates = row.at("spec.readinessGates").items();
    let open = gates.iter().filter(|g| {
        condition(row, g.get("conditionType").as_str().unwrap_or("")).get("status").as_str() == Some("True")
    });
    let gates_text = if gates.is_empty() { "<none>".into() } else { format!("{}/{}", open.count(), gates.len()) };
    vec![
        row.name(),
        format!("{ready}/{total}"),
        reason,
        restarts,
        row.age(),
        row.text_or("status.podIP", "<none>"),
        row.text_or("spec.nodeName", "<none>"),
        row.text_or("status.nominatedNodeName", "<none>"),
        gates_text,
    ]
}
