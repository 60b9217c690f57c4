//! Namespaces, configuration, policies.

use super::page::{Page, date};
use super::policy;
use crate::api::Kind;
use crate::kubectl::table::{Row, cluster, plain, selector};
use crate::manifest::base64;
use crate::value::Value;

fn or(text: String, otherwise: &str) -> String {
    if text.is_empty() { otherwise.into() } else { text }
}

pub fn namespace(page: &mut Page) {
    page.same("Name", "metadata.name");
    page.labels();
    page.annotations();
    page.same("Status", "status.phase");
    let conditions = page.at("status.conditions");
    if !conditions.items().is_empty() {
        page.put(0, "Conditions:\n  Type\tStatus\tLastTransitionTime\tReason\tMessage");
        page.put(1, "----\t------\t------------------\t------\t-------");
    }
    for c in conditions.items() {
        let text = |field: &str| plain(c.get(field));
        let since = date(c.get("lastTransitionTime"));
        page.put(1, [text("type"), text("status"), since, text("reason"), text("message")].join("\t"));
    }
    let name = page.object().meta.name.clone();
    let store = &page.cluster().store;
    let (quotas, limits): (Vec<_>, Vec<_>) =
        (store.list_in(Kind::ResourceQuota, &name).collect(), store.list_in(Kind::LimitRange, &name).collect());
    if quotas.is_empty() {
        page.put(0, "\nNo resource quota.");
    } else {
        page.put(0, "\nResource Quotas");
        for quota in quotas {
            page.put(1, format!("Name:\t{}", quota.meta.name));
            let scopes = scopes(quota.raw().get("spec"));
            if !scopes.is_empty() {
                page.put(1, format!("Scopes:\t{}", scopes.join(", ")));
            }
            for text in scopes.iter().map(|scope| scope_text(scope)).filter(|text| !text.is_empty()) {
                page.put(1, format!("* {text}"));
            }
            page.put(1, "Resource\tUsed\tHard\n  --------\t---\t---");
            quota_rows(page, 1, &quota.status());
        }
    }
    if limits.is_empty() {
        page.put(0, "\nNo LimitRange resource.");
    } else {
        page.put(0, "\nResource Limits\n Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio\n ----\t--------\t---\t---\t---------------\t-------------\t-----------------------");
        for range in limits {
            limit_rows(page, range.raw(), " ");
        }
    }
}

fn quota_rows(page: &mut Page, level: usize, status: &Value) {
    for (resource, hard) in status.get("hard").as_map().into_iter().flat_map(|m| m.iter()) {
        let used = or(plain(status.at(&["used", resource])), "0");
        page.put(level, format!("{resource}\t{used}\t{}", plain(hard)));
    }
}

/// What a scope of a quota means.
fn scope_text(scope: &str) -> &'static str {
    match scope {
        "Terminating" => {
            "Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system."
        }
        "NotTerminating" => {
            "Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate."
        }
        "BestEffort" => {
            "Matches all pods that do not have resource requirements set. These pods have a best effort quality of service."
        }
        "NotBestEffort" => {
            "Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service."
        }
        _ => "",
    }
}

/// The scopes of a quota in the order in which pages name them.
fn scopes(spec: &Value) -> Vec<String> {
    let mut scopes: Vec<String> = spec.get("scopes").items().iter().map(plain).collect();
    scopes.sort();
    scopes
}

pub fn quota(page: &mut Page) {
    page.names();
    let scopes = scopes(&page.at("spec"));
    if !scopes.is_empty() {
        page.field("Scopes", scopes.join(", "));
        for scope in &scopes {
            let text = scope_text(scope);
            if !text.is_empty() {
                page.put(0, format!(" * {text}"));
            }
        }
    }
    page.put(0, "Resource\tUsed\tHard\n--------\t----\t----");
    let status = page.at("status");
    quota_rows(page, 0, &status);
}

fn limit_rows(page: &mut Page, raw: &Value, indent: &str) {
    for item in raw.at(&["spec", "limits"]).items() {
        let fields = ["min", "max", "defaultRequest", "default", "maxLimitRequestRatio"];
        let mut resources: Vec<String> = vec![];
        for map in fields.iter().filter_map(|f| item.get(f).as_map()) {
            for key in map.keys().filter(|k| !resources.iter().any(|r| **r == ***k)).collect::<Vec<_>>() {
                resources.push(key.to_string());
            }
        }
        resources.sort();
        for resource in resources {
            let cells: Vec<String> = fields.iter().map(|f| or(plain(item.at(&[f, &resource])), "-")).collect();
            page.put(0, format!("{indent}{}\t{resource}\t{}", plain(item.get("type")), cells.join("\t")));
        }
    }
}

pub fn limit_range(page: &mut Page) {
    page.names();
    page.put(0, "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio\n----\t--------\t---\t---\t---------------\t-------------\t-----------------------");
    let value = page.value.clone();
    limit_rows(page, &value, "");
}

pub fn config_map(page: &mut Page) {
    page.names();
    page.labels();
    page.annotations();
    page.put(0, "\nData\n====");
    for (key, text) in page.at("data").as_map().into_iter().flat_map(|m| m.iter()) {
        page.put(0, format!("{key}:\n----\n{}\n", plain(text).replace('\t', "        ")));
    }
    page.put(0, "\nBinaryData\n====");
    for (key, text) in page.at("binaryData").as_map().into_iter().flat_map(|m| m.iter()) {
        page.put(0, format!("{key}: {} bytes", base64::decode(&plain(text)).map_or(0, |b| b.len())));
    }
    page.put(0, "");
    page.events();
}

pub fn secret(page: &mut Page) {
    page.names();
    page.labels();
    page.annotations();
    page.put(0, "");
    page.same("Type", "type");
    page.put(0, "\nData\n====");
    for (key, text) in page.at("data").as_map().into_iter().flat_map(|m| m.iter()) {
        page.put(0, format!("{key}:\t{} bytes", base64::decode(&plain(text)).map_or(0, |b| b.len())));
    }
}

pub fn service_account(page: &mut Page) {
    page.names();
    page.labels();
    page.annotations();
    let names: Vec<String> = page.at("imagePullSecrets").items().iter().map(|s| plain(s.get("name"))).collect();
    page.field("Image pull secrets", names.first().cloned().unwrap_or("<none>".into()));
    names.iter().skip(1).for_each(|n| page.put(0, format!("\t{n}")));
    page.events();
}

pub fn autoscaler(page: &mut Page) {
    page.names();
    page.labels();
    page.annotations();
    let created = page.date("metadata.creationTimestamp");
    page.field("CreationTimestamp", created);
    let target = page.at("spec.scaleTargetRef");
    let kind = plain(target.get("kind"));
    page.field("Reference", format!("{kind}/{}", plain(target.get("name"))));
    page.put(0, "Metrics:\t( current / target )");
    let value = page.value.clone();
    for (i, metric) in page.at("spec.metrics").items().iter().enumerate() {
        let text = cluster::metric(&Row { value: &value, now: 0 }, i, metric);
        let (_, pair) = text.rsplit_once(": ").unwrap_or(("", &text));
        let (now, wanted) = pair.trim_end_matches(" (avg)").split_once('/').unwrap_or((pair, ""));
        let current = page.at("status.currentMetrics").items().get(i).cloned().unwrap_or_default();
        let source = if metric.get("resource").is_null() { "containerResource" } else { "resource" };
        let average = plain(current.at(&[source, "current", "averageValue"]));
        let shown = if now == "<unknown>" || average.is_empty() || !wanted.ends_with('%') {
            now.to_string()
        } else {
            format!("{now} ({average})")
        };
        page.put(1, format!("{}:\t{shown} / {wanted}", metric_name(metric, wanted.ends_with('%'))));
    }
    let min = or(page.str("spec.minReplicas"), "<unset>");
    page.field("Min replicas", min);
    page.same("Max replicas", "spec.maxReplicas");
    behavior(page);
    let (current, desired) = (page.int("status.currentReplicas"), page.int("status.desiredReplicas"));
    page.field(&format!("{kind} pods"), format!("{current} current / {desired} desired"));
    let conditions = page.at("status.conditions");
    if !conditions.items().is_empty() {
        page.put(0, "Conditions:\n  Type\tStatus\tReason\tMessage\n  ----\t------\t------\t-------");
        for c in conditions.items() {
            let text = |key: &str| plain(c.get(key));
            page.put(1, format!("{}\t{}\t{}\t{}", text("type"), text("status"), text("reason"), text("message")));
        }
    }
    page.events();
}

/// What a metric is and of what.
fn metric_name(metric: &Value, percent: bool) -> String {
    let text = |path: &[&str]| plain(metric.at(path));
    let target = |source: &str| match text(&[source, "target", "averageValue"]).as_str() {
        "" => "(target value)",
        _ => "(target average value)",
    };
    let share = if percent { "  (as a percentage of request)" } else { "" };
    match text(&["type"]).as_str() {
        "External" => format!("{:?} {}", text(&["external", "metric", "name"]), target("external")),
        "Pods" => format!("{:?} on pods", text(&["pods", "metric", "name"])),
        "Object" => {
            let of = |field: &str| text(&["object", "describedObject", field]);
            let name = text(&["object", "metric", "name"]);
            format!("{name:?} on {}/{} {}", of("kind"), of("name"), target("object"))
        }
        "ContainerResource" => {
            let of = |field: &str| text(&["containerResource", field]);
            format!("resource {} of container {:?} on pods{share}", of("name"), of("container"))
        }
        _ => format!("resource {} on pods{share}", text(&["resource", "name"])),
    }
}

fn behavior(page: &mut Page) {
    let behavior = page.at("spec.behavior");
    if behavior.is_null() {
        return;
    }
    page.put(0, "Behavior:");
    for (name, key) in [("Scale Up", "scaleUp"), ("Scale Down", "scaleDown")] {
        let rules = behavior.get(key);
        if rules.is_null() {
            continue;
        }
        page.put(1, format!("{name}:"));
        if let Some(seconds) = rules.get("stabilizationWindowSeconds").as_int() {
            page.put(2, format!("Stabilization Window: {seconds} seconds"));
        }
        page.put(2, format!("Select Policy: {}", or(plain(rules.get("selectPolicy")), "Max")));
        page.put(2, "Policies:");
        for policy in rules.get("policies").items() {
            let text = |key: &str| plain(policy.get(key));
            page.put(
                3,
                format!(
                    "- Type: {}\tValue: {}\tPeriod: {} seconds",
                    text("type"),
                    text("value"),
                    text("periodSeconds")
                ),
            );
        }
    }
}

pub fn budget(page: &mut Page) {
    page.names();
    if page.at("spec.minAvailable").is_null() {
        page.same("Max unavailable", "spec.maxUnavailable");
    } else {
        page.same("Min available", "spec.minAvailable");
    }
    let picks = selector(&page.at("spec.selector"));
    page.field("Selector", picks);
    page.put(0, "Status:");
    for (name, key) in [
        ("Allowed disruptions", "disruptionsAllowed"),
        ("Current", "currentHealthy"),
        ("Desired", "desiredHealthy"),
        ("Total", "expectedPods"),
    ] {
        let n = page.int(&format!("status.{key}"));
        page.put(2, format!("{name}:\t{n}"));
    }
    page.events();
}

pub fn role(page: &mut Page) {
    page.same("Name", "metadata.name");
    page.labels();
    page.annotations();
    page.put(0, "PolicyRule:\n  Resources\tNon-Resource URLs\tResource Names\tVerbs\n  ---------\t-----------------\t--------------\t-----");
    for row in policy::rows(page.at("rules").items()) {
        page.put(1, row);
    }
}

pub fn role_binding(page: &mut Page) {
    page.same("Name", "metadata.name");
    page.labels();
    page.annotations();
    let role = page.at("roleRef");
    page.put(0, format!("Role:\n  Kind:\t{}\n  Name:\t{}", plain(role.get("kind")), plain(role.get("name"))));
    page.put(0, "Subjects:\n  Kind\tName\tNamespace\n  ----\t----\t---------");
    for s in page.at("subjects").items() {
        page.put(1, format!("{}\t{}\t{}", plain(s.get("kind")), plain(s.get("name")), plain(s.get("namespace"))));
    }
}

pub fn priority_class(page: &mut Page) {
    page.same("Name", "metadata.name");
    page.same("Value", "value");
    let default = page.at("globalDefault").as_bool().unwrap_or(false);
    page.field("GlobalDefault", default);
    page.same("PreemptionPolicy", "preemptionPolicy");
    page.same("Description", "description");
    let annotations: Vec<String> = page
        .at("metadata.annotations")
        .as_map()
        .into_iter()
        .flat_map(|m| m.iter())
        .map(|(k, v)| format!("{k}={}", plain(v)))
        .collect();
    page.field("Annotations", if annotations.is_empty() { "<none>".into() } else { annotations.join(",") });
    page.events();
}
