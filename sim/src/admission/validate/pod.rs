//! Kubernetes 1.36: pkg/apis/core/validation/validation.go (ValidatePodSpec and what only a Pod of its own must satisfy)

use super::kit::{At, Errors, quoted, shown};
use super::{container, meta, names, policy, resources, scheduling, security, volume, windows};

/// A new Pod.
pub fn pod(at: &At, errors: &mut Errors) {
    let spec = at.field("spec");
    new_or_old(at, errors);
    let ephemeral = spec.field("ephemeralContainers");
    if ephemeral.is_filled() {
        errors.forbidden(&ephemeral, "cannot be set on create");
    }
    let node = spec.field("nodeName");
    if spec.field("schedulingGates").is_filled() && !node.text().is_empty() {
        errors.forbidden(&node, "cannot be set until all schedulingGates have been cleared");
    }
}

/// What holds for a Pod that is new and for one that is changed.
pub fn new_or_old(at: &At, errors: &mut Errors) {
    let (spec, metadata) = (at.field("spec"), at.field("metadata"));
    annotations(at, errors);
    pod_spec(&spec, Some(metadata.field("name").text()), errors);
    token_without_account(&spec, errors);
    container::of_pod(&spec, errors);
}

/// The template of a workload's Pods.
pub fn template(at: &At, errors: &mut Errors) {
    let metadata = at.field("metadata");
    // The real server leaves `metadata` out of these paths.
    meta::labels(&at.field_with("labels", metadata.value.get("labels")), errors);
    meta::annotations(&at.field_with("annotations", metadata.value.get("annotations")), errors);
    let spec = at.field("spec");
    pod_spec(&spec, None, errors);
    let ephemeral = spec.field("ephemeralContainers");
    if ephemeral.is_filled() {
        errors.forbidden(&ephemeral, "ephemeral containers not allowed in pod template");
    }
}

/// What annotations must be that mean something for a Pod.
fn annotations(at: &At, errors: &mut Errors) {
    const COST: &str = "controller.kubernetes.io/pod-deletion-cost";
    let metadata = at.field("metadata");
    let list = metadata.field("annotations");
    let cost = list.key(COST);
    let number = cost.text().parse::<i32>().is_ok() && (cost.text() == "0" || !cost.text().starts_with(['0', '+']));
    if cost.is_set() && !number {
        errors.invalid(&cost, "must be a 32bit integer");
    }
}

fn token_without_account(spec: &At, errors: &mut Errors) {
    if !spec.field("serviceAccountName").text().is_empty() {
        return;
    }
    for volume in spec.field("volumes").items() {
        let projected = volume.field("projected");
        for source in projected.field("sources").items() {
            let token = source.field("serviceAccountToken");
            if token.is_set() {
                errors.forbidden(&token, "must not be specified when serviceAccountName is not set");
            }
        }
    }
}

/// `owner` is the Pod's name, unset in a template.
fn pod_spec(spec: &At, owner: Option<&str>, errors: &mut Errors) {
    let list = spec.field("volumes");
    let volumes = volume::volumes(&list, owner.unwrap_or(""), errors);
    device_claims(&spec.field("resourceClaims"), errors);
    container::all(spec, &volumes, errors);
    resources::pod(spec, errors);
    container::host_network(spec, owner.is_none(), errors);
    errors.one_of(&spec.field("restartPolicy"), &["Always", "OnFailure", "Never"], false);
    let dns = spec.field("dnsPolicy");
    errors.one_of(&dns, &["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"], false);
    meta::labels(&spec.field("nodeSelector"), errors);
    security::pod(spec, errors);
    scheduling::affinity(&spec.field("affinity"), errors);
    dns_config(spec, errors);
    gates(spec, errors);
    scheduling::spread(&spec.field("topologySpreadConstraints"), errors);
    windows::host_process(spec, errors);
    windows::host_users(spec, errors);
    host_name(spec, errors);
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
    for name in ["priorityClassName", "runtimeClassName"] {
        let field = spec.field(name);
        if !field.text().is_empty() || name == "runtimeClassName" && field.is_set() {
            errors.invalid_all(&field, names::subdomain(field.text()));
        }
    }
    let policy = spec.field("preemptionPolicy");
    policy::preemption_policy(&policy, errors);
    resources::overhead(&spec.field("overhead"), errors);
    windows::os(spec, errors);
    container::files_of_variables(spec, errors);
}

/// A host name of the Pod's own choice.
fn host_name(spec: &At, errors: &mut Errors) {
    const LONGEST: usize = 64;
    let name = spec.field("hostnameOverride");
    if !name.is_set() {
        return;
    }
    for field in ["setHostnameAsFQDN", "hostNetwork"] {
        if spec.value.get(field).as_bool() == Some(true) {
            errors.forbidden(&name, format!("may not be specified when {field} is true"));
        }
    }
    if name.text().len() > LONGEST {
        errors.too_long(&name, LONGEST);
    }
    errors.invalid_all(&name, names::subdomain(name.text()));
}

fn device_claims(list: &At, errors: &mut Errors) {
    const SOURCES: [&str; 2] = ["resourceClaimName", "resourceClaimTemplateName"];
    let mut seen: Vec<&str> = Vec::new();
    for (claim, own) in list.items().zip(list.value.items()) {
        let (name, text) = (claim.field("name"), own.get("name").as_str().unwrap_or(""));
        if errors.needs_text(&name) {
            if seen.contains(&text) {
                errors.duplicate(&name);
            } else {
                errors.invalid_all(&name, names::label(text));
                seen.push(text);
            }
        }
        let [by_name, by_template] = SOURCES.map(|field| own.get(field));
        let go = format!(
            "{{\"Name\":{},\"ResourceClaimName\":{},\"ResourceClaimTemplateName\":{}}}",
            quoted(text),
            shown(by_name),
            shown(by_template)
        );
        match (by_name.is_null(), by_template.is_null()) {
            (false, false) => {
                let why = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified";
                errors.invalid_as(&claim, &go, why);
            }
            (true, true) => {
                let why = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`";
                errors.invalid_as(&claim, &go, why);
            }
            _ => {}
        }
        for field in SOURCES.map(|field| claim.field(field)).iter().filter(|field| field.is_set()) {
            errors.invalid_all(field, names::subdomain(field.text()));
        }
    }
}

const MOST_NAMESERVERS: usize = 3;
const MOST_SEARCHES: usize = 32;
const MOST_SEARCH_LETTERS: usize = 2048;

fn dns_config(spec: &At, errors: &mut Errors) {
    let config = spec.field("dnsConfig");
    let none = spec.field("dnsPolicy").text() == "None";
    let servers = config.field("nameservers");
    if none && !config.is_set() {
        return errors.required(&config, "must provide `dnsConfig` when `dnsPolicy` is None");
    }
    if none && !servers.is_filled() {
        return errors.required(&servers, "must provide at least one DNS nameserver when `dnsPolicy` is None");
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
    let list = searches.value.items().iter();
    if list.map(|text| text.as_str().map_or(0, str::len) + 1).sum::<usize>() > MOST_SEARCH_LETTERS + 1 {
        let why =
            format!("must not have more than {MOST_SEARCH_LETTERS} characters (including spaces) in the search list");
        errors.invalid(&searches, why);
    }
    for search in searches.items().filter(|search| search.text() != ".") {
        let text = search.text().strip_suffix('.').unwrap_or(search.text());
        names::subdomain_with_underscore(text).iter().for_each(|w| errors.invalid_as(&search, &quoted(text), w));
    }
    for option in config.field("options").items() {
        if option.field("name").text().is_empty() {
            errors.required(&option, "must not be empty");
        }
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
