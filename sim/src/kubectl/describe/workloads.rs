//! What makes Pods.

use super::page::Page;
use super::{pod, volumes};
use crate::api::Kind;
use crate::kubectl::table::{labels, plain, selector};
use crate::kubectl::time;
use crate::value::Value;

/// The Pods' template.
pub fn template(page: &mut Page, template: &Value) {
    page.put(0, "Pod Template:");
    page.texts(0, "  Labels", template.at(&["metadata", "labels"]), "=");
    let annotations = template.at(&["metadata", "annotations"]);
    if annotations.as_map().is_some_and(|m| !m.is_empty()) {
        page.texts(0, "  Annotations", annotations, ": ");
    }
    let spec = template.get("spec");
    let account = plain(spec.get("serviceAccountName"));
    if !account.is_empty() {
        page.put(1, format!("Service Account:\t{account}"));
    }
    if !spec.get("initContainers").items().is_empty() {
        pod::containers(page, 1, "Init Containers", spec.get("initContainers"), None);
    }
    pod::containers(page, 1, "Containers", spec.get("containers"), None);
    volumes::all(page, 1, spec.get("volumes"));
    pod::spread(page, 1, spec);
    let class = plain(spec.get("priorityClassName"));
    if !class.is_empty() {
        page.put(1, format!("Priority Class Name:\t{class}"));
    }
    pod::selectors(page, 1, spec);
}

fn own_template(page: &mut Page) {
    let of = page.at("spec.template");
    template(page, &of);
}

/// Running, waiting, succeeded and failed Pods of an owner.
fn pods(page: &Page) -> [usize; 4] {
    let mut counts = [0; 4];
    for owned in page.cluster().store.owned_by(&page.object().meta.uid) {
        if owned.kind == Kind::Pod {
            let status = owned.status();
            let phase = ["Running", "Pending", "Succeeded", "Failed"]
                .iter()
                .position(|p| status.get("phase").as_str() == Some(p));
            phase.into_iter().for_each(|i| counts[i] += 1);
        }
    }
    counts
}

fn pods_status(page: &mut Page) {
    let [running, waiting, succeeded, failed] = pods(page);
    page.field(
        "Pods Status",
        format!("{running} Running / {waiting} Waiting / {succeeded} Succeeded / {failed} Failed"),
    );
}

pub fn deployment(page: &mut Page) {
    page.names();
    let created = page.date("metadata.creationTimestamp");
    page.field("CreationTimestamp", created);
    page.labels();
    page.annotations();
    let picks = selector(&page.at("spec.selector"));
    page.field("Selector", picks);
    let n = |path: &str| page.int(path);
    let replicas = format!(
        "{} desired | {} updated | {} total | {} available | {} unavailable",
        n("spec.replicas"),
        n("status.updatedReplicas"),
        n("status.replicas"),
        n("status.availableReplicas"),
        n("status.unavailableReplicas")
    );
    page.field("Replicas", replicas);
    page.same("StrategyType", "spec.strategy.type");
    let ready = page.int("spec.minReadySeconds");
    page.field("MinReadySeconds", ready);
    let rolling = page.at("spec.strategy.rollingUpdate");
    if !rolling.is_null() {
        let (unavailable, surge) = (plain(rolling.get("maxUnavailable")), plain(rolling.get("maxSurge")));
        page.field("RollingUpdateStrategy", format!("{unavailable} max unavailable, {surge} max surge"));
    }
    own_template(page);
    conditions(page);
    replica_sets(page);
    page.events();
}

fn conditions(page: &mut Page) {
    let conditions = page.at("status.conditions");
    if conditions.items().is_empty() {
        return;
    }
    page.put(0, "Conditions:\n  Type\tStatus\tReason\n  ----\t------\t------");
    for c in conditions.items() {
        page.put(1, format!("{} \t{}\t{}", plain(c.get("type")), plain(c.get("status")), plain(c.get("reason"))));
    }
}

/// The new ReplicaSet is the oldest with the Deployment's template: a paused Deployment whose template was changed has none.
fn replica_sets(page: &mut Page) {
    let object = page.object();
    let wanted = object.raw().at(&["spec", "template"]);
    let (mut old, mut new) = (vec![], vec![]);
    let mut sets: Vec<_> =
        page.cluster().store.owned_by(&object.meta.uid).filter(|o| o.kind == Kind::ReplicaSet).cloned().collect();
    sets.sort_by(|a, b| a.meta.creation.cmp(&b.meta.creation).then(a.meta.name.cmp(&b.meta.name)));
    for set in sets {
        let (status, spec) = (set.status(), set.raw().get("spec"));
        let text = format!(
            "{} ({}/{} replicas created)",
            set.meta.name,
            status.get("replicas").as_int().unwrap_or(0),
            spec.get("replicas").as_int().unwrap_or(0)
        );
        let mut template = spec.get("template").clone();
        template.at_mut(&["metadata", "labels"]).remove("pod-template-hash");
        if new.is_empty() && template == *wanted { new.push(text) } else { old.push(text) }
    }
    if old.is_empty() && new.is_empty() {
        return;
    }
    let told = |list: Vec<String>| if list.is_empty() { "<none>".to_string() } else { list.join(", ") };
    page.field("OldReplicaSets", told(old));
    page.field("NewReplicaSet", told(new));
}

pub fn replica_set(page: &mut Page) {
    page.names();
    let picks = page.at("spec.selector");
    let picks = if page.object().kind == Kind::ReplicationController { labels(&picks) } else { selector(&picks) };
    page.field("Selector", picks);
    page.labels();
    page.annotations();
    controlled_by(page);
    let (current, desired) = (page.int("status.replicas"), page.int("spec.replicas"));
    page.field("Replicas", format!("{current} current / {desired} desired"));
    pods_status(page);
    own_template(page);
    conditions(page);
    page.events();
}

fn controlled_by(page: &mut Page) {
    if let Some(owner) = page.object().meta.controller() {
        page.field("Controlled By", format!("{}/{}", owner.kind, owner.name));
    }
}

pub fn stateful_set(page: &mut Page) {
    page.names();
    let created = page.date("metadata.creationTimestamp");
    page.field("CreationTimestamp", created);
    let picks = selector(&page.at("spec.selector"));
    page.field("Selector", picks);
    page.labels();
    page.annotations();
    let (desired, total) = (page.int("spec.replicas"), page.int("status.replicas"));
    page.field("Replicas", format!("{desired} desired | {total} total"));
    page.same("Update Strategy", "spec.updateStrategy.type");
    let rolling = page.at("spec.updateStrategy.rollingUpdate");
    if !rolling.is_null() {
        page.put(1, format!("Partition:\t{}", rolling.get("partition").as_int().unwrap_or(0)));
        if !rolling.get("maxUnavailable").is_null() {
            page.put(1, format!("MaxUnavailable:\t{}", plain(rolling.get("maxUnavailable"))));
        }
    }
    pods_status(page);
    own_template(page);
    let claims = page.at("spec.volumeClaimTemplates");
    if claims.items().is_empty() {
        page.field("Volume Claims", "<none>");
    } else {
        page.put(0, "Volume Claims:");
    }
    for claim in claims.items() {
        page.put(1, format!("Name:\t{}", plain(claim.at(&["metadata", "name"]))));
        page.put(1, format!("StorageClass:\t{}", plain(claim.at(&["spec", "storageClassName"]))));
        page.texts(1, "Labels", claim.at(&["metadata", "labels"]), "=");
        page.texts(1, "Annotations", claim.at(&["metadata", "annotations"]), ": ");
        let capacity = plain(claim.at(&["spec", "resources", "requests", "storage"]));
        page.put(1, format!("Capacity:\t{}", if capacity.is_empty() { "<default>".into() } else { capacity }));
        let modes: Vec<String> = claim.at(&["spec", "accessModes"]).items().iter().map(plain).collect();
        page.put(1, format!("Access Modes:\t[{}]", modes.join(" ")));
    }
    page.events();
}

pub fn daemon_set(page: &mut Page) {
    page.names();
    let picks = selector(&page.at("spec.selector"));
    page.field("Selector", picks);
    let nodes = pod::one_line(&page.at("spec.template.spec.nodeSelector"));
    page.field("Node-Selector", nodes);
    page.labels();
    page.annotations();
    for (name, path) in [
        ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
        ("Number of Nodes Misscheduled", "numberMisscheduled"),
    ] {
        let n = page.int(&format!("status.{path}"));
        page.put(0, format!("{name}: {n}"));
    }
    pods_status(page);
    own_template(page);
    page.events();
}

pub fn job(page: &mut Page) {
    page.names();
    let picks = selector(&page.at("spec.selector"));
    page.field("Selector", picks);
    page.labels();
    page.annotations();
    controlled_by(page);
    for (name, path) in [("Parallelism", "spec.parallelism"), ("Completions", "spec.completions")] {
        let text = page.str(path);
        page.field(name, if text.is_empty() { "<unset>".into() } else { text });
    }
    page.same("Completion Mode", "spec.completionMode");
    let suspend = page.at("spec.suspend").as_bool().unwrap_or(false);
    page.field("Suspend", suspend);
    page.same("Backoff Limit", "spec.backoffLimit");
    if !page.at("spec.ttlSecondsAfterFinished").is_null() {
        page.same("TTL Seconds After Finished", "spec.ttlSecondsAfterFinished");
    }
    let (start, end) = (page.at("status.startTime"), page.at("status.completionTime"));
    for (name, path) in [("Start Time", "status.startTime"), ("Completed At", "status.completionTime")] {
        if !page.at(path).is_null() {
            let date = page.date(path);
            page.field(name, date);
        }
    }
    if !start.is_null() && !end.is_null() {
        let end = <crate::api::Stamp as crate::api::Field>::read(&end).0;
        page.field("Duration", time::since(&start, end));
    }
    if let Some(seconds) = page.at("spec.activeDeadlineSeconds").as_int() {
        page.field("Active Deadline Seconds", format!("{seconds}s"));
    }
    let n = |path: &str| page.int(&format!("status.{path}"));
    // A Job that somebody else manages may not say how many are ready.
    let ready = page.at("status.ready").as_int().map_or(String::new(), |ready| format!(" ({ready} Ready)"));
    let counts = format!("{} Active{ready} / {} Succeeded / {} Failed", n("active"), n("succeeded"), n("failed"));
    page.field("Pods Statuses", counts);
    if page.str("spec.completionMode") == "Indexed" {
        let indexes = page.str("status.completedIndexes");
        page.field("Completed Indexes", shortened(&indexes));
    }
    own_template(page);
    page.events();
}

/// Indexes of a Job: cut at the first comma after 50 characters.
fn shortened(indexes: &str) -> String {
    match indexes.get(50..).and_then(|rest| rest.find(',')) {
        _ if indexes.is_empty() => "<none>".into(),
        Some(at) => format!("{}...", &indexes[..50 + at + 1]),
        None => indexes.into(),
    }
}

pub fn cron_job(page: &mut Page) {
    page.names();
    page.labels();
    page.annotations();
    page.same("Schedule", "spec.schedule");
    page.same("Concurrency Policy", "spec.concurrencyPolicy");
    let suspend = page.at("spec.suspend").as_bool() == Some(true);
    page.field("Suspend", if suspend { "True" } else { "False" });
    let unset = |text: String| if text.is_empty() { "<unset>".to_string() } else { text };
    for (name, path) in [
        ("Time Zone", "timeZone"),
        ("Successful Job History Limit", "successfulJobsHistoryLimit"),
        ("Failed Job History Limit", "failedJobsHistoryLimit"),
    ] {
        let text = unset(page.str(&format!("spec.{path}")));
        page.field(name, text);
    }
    let seconds = page.at("spec.startingDeadlineSeconds").as_int();
    page.field("Starting Deadline Seconds", seconds.map_or("<unset>".into(), |s| format!("{s}s")));
    let picks = page.at("spec.jobTemplate.spec.selector");
    page.field("Selector", if picks.is_null() { "<unset>".into() } else { selector(&picks) });
    for (name, path) in [("Parallelism", "parallelism"), ("Completions", "completions")] {
        let text = unset(page.str(&format!("spec.jobTemplate.spec.{path}")));
        page.field(name, text);
    }
    if let Some(seconds) = page.at("spec.jobTemplate.spec.activeDeadlineSeconds").as_int() {
        page.field("Active Deadline Seconds", format!("{seconds}s"));
    }
    let of = page.at("spec.jobTemplate.spec.template");
    template(page, &of);
    let last = page.date("status.lastScheduleTime");
    page.field("Last Schedule Time", last);
    let active: Vec<String> = page.at("status.active").items().iter().map(|a| plain(a.get("name"))).collect();
    page.field("Active Jobs", if active.is_empty() { "<none>".into() } else { active.join(", ") });
    page.events();
}
