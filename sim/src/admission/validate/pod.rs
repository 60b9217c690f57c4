//! Kubernetes 1.36: pkg/apis/core/validation/validation.go (ValidatePodSpec and what only a Pod of its own must satisfy)

use super::kit::{At, Errors, quoted, shown};
use super::{container, meta, names, scheduling, security, volume};

/// A new Pod.
pub fn pod(at: &At, errors: &mut Errors) {
    let spec = at.field("spec");
    pod_spec(&spec, &[], errors);
    let ephemeral = spec.field("ephemeralContainers");
    if ephemeral.is_filled() {
        errors.forbidden(&ephemeral, "cannot be set on create");
    }
    let node = spec.field("nodeName");
    if spec.field("schedulingGates").is_filled() && !node.text().is_empty() {
        errors.forbidden(&node, "cannot be set until all schedulingGates have been cleared");
    }
}

/// The template of a workload's Pods. `claims` are volumes that they have beside those of the template.
pub fn template(at: &At, claims: &[&str], errors: &mut Errors) {
    let metadata = at.field("metadata");
    // The real server leaves `metadata` out of these paths.
    meta::labels(&at.field_with("labels", metadata.value.get("labels")), errors);
    meta::annotations(&at.field_with("annotations", metadata.value.get("annotations")), errors);
    let spec = at.field("spec");
    pod_spec(&spec, claims, errors);
    let ephemeral = spec.field("ephemeralContainers");
    if ephemeral.is_filled() {
        errors.forbidden(&ephemeral, "ephemeral containers not allowed in pod template");
    }
}

fn pod_spec(spec: &At, claims: &[&str], errors: &mut Errors) {
    let list = spec.field("volumes");
    let mut volumes = volume::volumes(&list, errors);
    volumes.extend(claims.iter().map(|name| (*name, true)));
    container::all(spec, &volumes, errors);
    errors.one_of(&spec.field("restartPolicy"), &["Always", "OnFailure", "Never"], false);
    let dns = spec.field("dnsPolicy");
    errors.one_of(&dns, &["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"], false);
    meta::labels(&spec.field("nodeSelector"), errors);
    security::pod(spec, errors);
    scheduling::affinity(&spec.field("affinity"), errors);
    dns_config(spec, errors);
    gates(spec, errors);
    scheduling::spread(&spec.field("topologySpreadConstraints"), errors);
    let named = [("serviceAccountName", names::subdomain as names::Check), ("nodeName", names::subdomain)];
    for (field, check) in named {
        let field = spec.field(field);
        if !field.text().is_empty() {
            errors.invalid_all(&field, check(field.text()));
        }
    }
    let deadline = spec.field("activeDeadlineSeconds");
    if deadline.is_set() {
        errors.in_range(&deadline, 1, i64::from(i32::MAX));
    }
    for field in ["hostname", "subdomain"] {
        let field = spec.field(field);
        if !field.text().is_empty() {
            errors.invalid_all(&field, names::label(field.text()));
        }
    }
    scheduling::tolerations(&spec.field("tolerations"), errors);
    for alias in spec.field("hostAliases").items() {
        let ip = alias.field("ip");
        if names::ip(ip.text()).is_none() {
            errors.invalid_as(&ip, &quoted(ip.text()), names::IP);
        }
        for name in alias.field("hostnames").items() {
            errors.invalid_all(&name, names::subdomain(name.text()));
        }
    }
    for field in ["priorityClassName", "runtimeClassName", "hostnameOverride"] {
        let field = spec.field(field);
        if !field.text().is_empty() {
            errors.invalid_all(&field, names::subdomain(field.text()));
        }
    }
    let policy = spec.field("preemptionPolicy");
    errors.one_of(&policy, &["Never", "PreemptLowerPriority"], true);
    let os = spec.field("os");
    if os.is_set() && !["linux", "windows"].contains(&os.field("name").text()) {
        errors.unsupported_as(&os, &quoted(os.field("name").text()), &["linux", "windows"]);
    }
}

const MOST_NAMESERVERS: usize = 3;
const MOST_SEARCHES: usize = 32;

fn dns_config(spec: &At, errors: &mut Errors) {
    let config = spec.field("dnsConfig");
    let none = spec.field("dnsPolicy").text() == "None";
    let servers = config.field("nameservers");
    if none && !config.is_set() {
        return errors.required(&config, "must provide `dnsConfig` when `dnsPolicy` is None");
    }
    if none && !servers.is_filled() {
        errors.required(&servers, "must provide at least one DNS nameserver when `dnsPolicy` is None");
    }
    if servers.items().count() > MOST_NAMESERVERS {
        errors.invalid(&servers, format!("must not have more than {MOST_NAMESERVERS} nameservers"));
    }
    for server in servers.items().filter(|s| names::ip(s.text()).is_none()) {
        errors.invalid(&server, names::IP);
    }
    let searches = config.field("searches");
    if searches.items().count() > MOST_SEARCHES {
        errors.invalid(&searches, format!("must not have more than {MOST_SEARCHES} search paths"));
    }
    for search in searches.items() {
        let text = search.text().strip_suffix('.').unwrap_or(search.text());
        errors.invalid_all(&search, names::subdomain(text));
    }
    for option in config.field("options").items() {
        errors.needs_text(&option.field("name"));
    }
}

fn gates(spec: &At, errors: &mut Errors) {
    for gate in spec.field("readinessGates").items() {
        let kind = gate.field("conditionType");
        for wrong in names::qualified(kind.text()) {
            errors.invalid_as(&kind, &quoted(kind.text()), wrong);
        }
    }
    let mut seen: Vec<&str> = Vec::new();
    let scheduling = spec.field("schedulingGates");
    for gate in scheduling.items() {
        let name = gate.value.get("name").as_str().unwrap_or("");
        for wrong in names::qualified(name) {
            errors.invalid_as(&gate, &quoted(name), wrong);
        }
        if seen.contains(&name) {
            errors.duplicate_as(&gate, &shown(gate.value.get("name")));
        }
        seen.push(name);
    }
}
