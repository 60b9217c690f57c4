//! Kubernetes 1.36: pkg/apis/*/validation (Validate*Update). What a change may not do.

use super::kit::{At, Errors, shown};
use super::{body, definition, go, meta, subresource};
use crate::api::Kind;
use crate::apiserver::Part;
use crate::manifest::write;
use crate::value::Value;

pub fn apply(kind: Kind, new: &Value, old: &Value, part: Part, errors: &mut Errors) {
    let (at, was) = (At::root(new), At::root(old));
    base_of_name(&at.field("metadata"), errors);
    meta::metadata(kind, &at.field("metadata"), errors);
    if kind == Kind::Pod {
        return pod(&at, &was, part, errors);
    }
    let (spec, old_spec) = (at.field("spec"), was.field("spec"));
    match kind {
        Kind::Service => service(&spec, &old_spec, errors),
        Kind::Node => node(&spec, &old_spec, errors),
        Kind::ConfigMap | Kind::Secret => frozen(kind, &at, &was, errors),
        _ => {}
    }
    // Of some kinds what may not change is looked at first.
    if kind == Kind::IngressClass {
        immutable(&spec.field("controller"), old_spec.value.get("controller"), errors);
    }
    if kind == Kind::VolumeAttributesClass {
        for field in ["driverName", "parameters"] {
            top_level(kind, &at.field(field), was.value.get(field), errors);
        }
    }
    if matches!(kind, Kind::ResourceClaim | Kind::ResourceClaimTemplate) {
        if spec.value != old_spec.value {
            let go = go::devices(spec.value, kind == Kind::ResourceClaimTemplate);
            errors.invalid_as(&spec, &go, "field is immutable");
        }
        return;
    }
    // Of those nothing but what may not change is looked at.
    match kind {
        Kind::PriorityClass | Kind::IPAddress => {}
        Kind::CustomResourceDefinition => definition::definition(&at, old, errors),
        _ => body(kind, &at, errors),
    }
    match kind {
        Kind::Job => completions(&spec, old_spec.value.get("completions"), errors),
        Kind::StatefulSet => stateful_set(&spec, &old_spec, errors),
        Kind::PersistentVolumeClaim => {
            let bound = was.value.at(&["status", "phase"]).as_str() == Some("Bound");
            claim(&spec, &old_spec, bound, errors);
        }
        _ => {}
    }
    let fixed: &[&str] = match kind {
        Kind::Deployment | Kind::ReplicaSet | Kind::DaemonSet => &["selector"],
        Kind::Job => &["selector"],
        Kind::ResourceQuota => &["scopes"],
        Kind::ServiceCIDR => &["cidrs"],
        Kind::IPAddress => &["parentRef"],
        _ => &[],
    };
    for field in fixed {
        immutable(&spec.field(field), old_spec.value.get(field), errors);
    }
    if kind == Kind::Job {
        job_template(&spec, &old_spec, errors);
        for field in ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"] {
            immutable(&spec.field(field), old_spec.value.get(field), errors);
        }
    }
    fixed_above(kind, &at, &was, errors);
    if kind == Kind::CustomResourceDefinition {
        definition::update(&at, old, errors);
    }
    if kind == Kind::PersistentVolume {
        volume_source(&spec, &old_spec, errors);
    }
}

/// What is asked of every kind's `generateName`, before the kind itself is asked.
fn base_of_name(metadata: &At, errors: &mut Errors) {
    let base = metadata.field("generateName");
    for sign in ['/', '%'].into_iter().filter(|sign| base.text().contains(*sign)) {
        errors.invalid(&base, format!("may not contain '{sign}'"));
    }
}

/// Fields outside of any spec that may not change.
fn fixed_above(kind: Kind, at: &At, was: &At, errors: &mut Errors) {
    let fixed: &[&str] = match kind {
        Kind::StorageClass => &["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"],
        Kind::PriorityClass => &["value", "preemptionPolicy"],
        Kind::RoleBinding | Kind::ClusterRoleBinding => &["roleRef"],
        Kind::EndpointSlice => &["addressType"],
        Kind::RuntimeClass => &["handler"],
        Kind::ControllerRevision => &["data"],
        _ => &[],
    };
    for field in fixed {
        top_level(kind, &at.field(field), was.value.get(field), errors);
    }
}

pub fn immutable(at: &At, old: &Value, errors: &mut Errors) {
    if at.value != old {
        // A text that is gone is an empty one.
        let shown = shown(at.value);
        let gone = at.value.is_null() && old.as_str().is_some();
        errors.invalid_as(at, if gone { "\"\"" } else { &shown }, "field is immutable");
    }
}

fn top_level(kind: Kind, at: &At, old: &Value, errors: &mut Errors) {
    if at.value == old {
        return;
    }
    match kind {
        Kind::VolumeAttributesClass => {
            errors.forbidden(at, format!("updates to {} are forbidden.", at.path()));
        }
        Kind::PriorityClass if at.path() == "value" => errors.forbidden(at, "may not be changed in an update."),
        Kind::RoleBinding | Kind::ClusterRoleBinding => {
            let part = |field: &str| at.value.get(field).as_str().unwrap_or("");
            let go = format!(
                "{{\"APIGroup\":\"{}\",\"Kind\":\"{}\",\"Name\":\"{}\"}}",
                part("apiGroup"),
                part("kind"),
                part("name")
            );
            errors.invalid_as(at, &go, "cannot change roleRef");
        }
        _ => immutable(at, old, errors),
    }
}

/// What of a suspended Job's template may change: what decides where its Pods go, and what they ask for.
const SUSPENDED_MAY_CHANGE: [&str; 4] = ["affinity", "nodeSelector", "schedulingGates", "tolerations"];

/// A map, unless it is empty.
fn filled(map: &Value) -> Option<Value> {
    map.as_map().is_some_and(|map| !map.is_empty()).then(|| map.clone())
}

fn job_template(spec: &At, old: &At, errors: &mut Errors) {
    let at = spec.field("template");
    if old.value.get("suspend").as_bool() != Some(true) {
        // Nothing of it may change, and it is shown as a whole.
        let metadata = |template: &Value| ["labels", "annotations"].map(|f| filled(template.at(&["metadata", f])));
        let (new, before) = (at.value, old.value.get("template"));
        if new.get("spec") != before.get("spec") || metadata(new) != metadata(before) {
            errors.invalid_as(&at, &go::template(new), "field is immutable");
        }
        return;
    }
    let fixed = |value: &Value| {
        let mut value = value.clone();
        SUSPENDED_MAY_CHANGE.iter().for_each(|field| _ = value.remove(field));
        for list in ["containers", "initContainers"] {
            if value.get(list).is_null() {
                continue;
            }
            value.at_mut(&[list]).list_mut().iter_mut().for_each(|c| _ = c.remove("resources"));
        }
        value
    };
    let path = ["template", "spec"];
    let (new, before) = (spec.value.at(&path), old.value.at(&path));
    if fixed(new) != fixed(before) {
        errors.invalid_as(&at.field("spec"), &go::pod_spec(new, false), "field is immutable");
    }
}

/// An indexed Job may grow and shrink, as long as all its Pods run at once.
fn completions(spec: &At, old: &Value, errors: &mut Errors) {
    let at = spec.field("completions");
    let indexed = spec.field("completionMode").text() == "Indexed";
    match (at.value.as_int(), spec.field("parallelism").value.as_int()) {
        _ if !indexed => immutable(&at, old, errors),
        (Some(_), None) | (None, _) => {}
        (Some(all), Some(at_once)) if at.value == old || all == at_once => {}
        _ => errors.invalid(&at, "can only be modified in tandem with spec.parallelism"),
    }
}

/// What of a StatefulSet may change.
const STATEFUL_SET_MAY_CHANGE: [&str; 7] = [
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
];

fn stateful_set(spec: &At, old: &At, errors: &mut Errors) {
    let fixed = |value: &Value| {
        let mut value = value.clone();
        STATEFUL_SET_MAY_CHANGE.iter().for_each(|field| _ = value.remove(field));
        value
    };
    if fixed(spec.value) != fixed(old.value) {
        let list = STATEFUL_SET_MAY_CHANGE.map(|f| format!("'{f}'"));
        let (last, rest) = list.split_last().expect("the list has entries");
        let list = format!("{} and {last}", rest.join(", "));
        errors.forbidden(spec, format!("updates to statefulset spec for fields other than {list} are forbidden"));
    }
}

fn service(spec: &At, old: &At, errors: &mut Errors) {
    let is = |at: &At, field: &str, value: &str| at.field(field).text() == value;
    if !is(spec, "type", "ExternalName") && !is(old, "type", "ExternalName") {
        let (ips, before) = (spec.field("clusterIPs"), old.field("clusterIPs"));
        if before.is_filled() && ips.value != before.value {
            errors.invalid_as(&ips.index(0), &shown(ips.value), "may not change once set");
        }
        let families = (spec.field("ipFamilies"), old.value.get("ipFamilies").items());
        let headless = is(spec, "clusterIP", "None") || is(old, "clusterIP", "None");
        if !headless && families.0.value.items().len() == families.1.len() && families.0.value.items() != families.1 {
            errors.invalid_as(&families.0.index(0), &shown(families.0.value), "may not change once set");
        }
    }
    let class = spec.field("loadBalancerClass");
    let balances = |at: &At| is(at, "type", "LoadBalancer");
    if balances(spec) && balances(old) && class.value != old.value.get("loadBalancerClass") {
        errors.invalid(&class, "may not change once set");
    }
    let checked = |at: &At| balances(at) && is(at, "externalTrafficPolicy", "Local");
    let check = spec.field("healthCheckNodePort");
    if checked(spec) && checked(old) && check.value != old.value.get("healthCheckNodePort") {
        errors.forbidden(&check, "field is immutable");
    }
}

/// Where a Node's Pods have their addresses, and what machine it is, is said once.
fn node(spec: &At, old: &At, errors: &mut Errors) {
    for (field, said) in [("podCIDR", "podCIDRs"), ("providerID", "providerID")] {
        let before = old.field(field);
        if !before.text().is_empty() && spec.field(field).text() != before.text() {
            let why = format!("node updates may not change {field} except from \"\" to valid");
            errors.forbidden(&spec.field(said), why);
        }
    }
}

fn frozen(kind: Kind, at: &At, was: &At, errors: &mut Errors) {
    if kind == Kind::Secret && at.value.get("type") != was.value.get("type") {
        errors.invalid(&at.field("type"), "field is immutable");
    }
    if was.field("immutable").value.as_bool() != Some(true) {
        return;
    }
    for field in ["immutable", "data", "binaryData"] {
        let field_at = at.field(field);
        if field_at.value != was.value.get(field) {
            errors.forbidden(&field_at, "field is immutable when `immutable` is set");
        }
    }
}

const CLAIM_IS_FIXED: &str =
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";

fn claim(spec: &At, old: &At, bound: bool, errors: &mut Errors) {
    let fixed = |value: &Value| {
        let mut value = value.clone();
        for field in ["volumeAttributesClassName", "dataSourceRef", "dataSource"] {
            value.remove(field);
        }
        if bound {
            value.at_mut(&["resources"]).remove("requests");
        } else if old.field("volumeName").text().is_empty() {
            value.remove("volumeName");
        }
        // What was made without a class may get the default one.
        if old.value.get("storageClassName").is_null() {
            value.remove("storageClassName");
        }
        value
    };
    if fixed(spec.value) != fixed(old.value) {
        let mut new = spec.value.clone();
        if bound {
            new.at_mut(&["resources"]).set("requests", old.value.at(&["resources", "requests"]).clone());
        }
        let difference = write::unified(&go::claim_spec(old.value), &go::claim_spec(&new));
        errors.forbidden(spec, format!("{CLAIM_IS_FIXED}\n{difference}"));
    }
    let (new, before) = (spec.value.at(&["resources", "requests"]), old.value.at(&["resources", "requests"]));
    let at = spec.field("resources");
    let requests = at.field("requests");
    let amount = |v: &Value| super::resources::amount(&At::root(v.get("storage"))).milli;
    if amount(new) < amount(before) {
        errors.forbidden(&requests.field("storage"), "field can not be less than status.capacity");
    }
    // So the server writes this path.
    immutable(&At::root(spec.value).field("volumeMode"), old.value.get("volumeMode"), errors);
}

fn volume_source(spec: &At, old: &At, errors: &mut Errors) {
    let sources = |value: &Value| {
        let mut value = value.clone();
        for field in [
            "accessModes",
            "capacity",
            "claimRef",
            "mountOptions",
            "nodeAffinity",
            "persistentVolumeReclaimPolicy",
            "storageClassName",
            "volumeAttributesClassName",
            "volumeMode",
        ] {
            value.remove(field);
        }
        value
    };
    if sources(spec.value) != sources(old.value) {
        let at = spec.field("persistentvolumesource");
        let difference = write::unified(&go::volume_source(old.value), &go::volume_source(spec.value));
        errors.forbidden(&at, format!("spec.persistentvolumesource is immutable after creation\n{difference}"));
    }
    // So the server writes this path.
    immutable(&At::root(spec.value).field("volumeMode"), old.value.get("volumeMode"), errors);
    let (affinity, before) = (spec.field("nodeAffinity"), old.field("nodeAffinity"));
    if before.is_set() && affinity.value != before.value {
        let root = At::root(spec.value);
        errors.invalid_as(
            &root.field("nodeAffinity"),
            &go::volume_affinity(affinity.value),
            "field is immutable, except for updating from beta label to GA",
        );
    }
}

/// What of a Pod may change, as the server lists it.
const POD_MAY_CHANGE: &str = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

fn pod(at: &At, was: &At, part: Part, errors: &mut Errors) {
    super::pod::new_or_old(at, errors);
    if let Part::Other(part) = part {
        return subresource::update(part, &at.field("spec"), &was.field("spec"), errors);
    }
    let (spec, old) = (at.field("spec"), was.field("spec"));
    for list in ["containers", "initContainers"] {
        let (now, before) = (spec.field(list), old.field(list));
        if now.value.items().len() != before.value.items().len() {
            return errors.forbidden(&now, "pod updates may not add or remove containers");
        }
        for container in now.items() {
            let image = container.field("image");
            if image.text().is_empty() {
                errors.required(&image, "");
            } else if image.text().trim() != image.text() {
                errors.invalid(&image, "must not have leading or trailing whitespace");
            }
        }
    }
    let fixed = |value: &Value| {
        let mut value = value.clone();
        for list in ["containers", "initContainers"] {
            if value.get(list).as_list().is_some() {
                for container in value.at_mut(&[list]).list_mut() {
                    container.remove("image");
                }
            }
        }
        for field in ["activeDeadlineSeconds", "tolerations", "schedulingGates"] {
            value.remove(field);
        }
        value
    };
    if !deadline_may_become(&spec, old.value, errors) {
        return;
    }
    tolerations(&spec, old.value, errors);
    let gated = !old.value.get("schedulingGates").items().is_empty();
    gates(&spec, old.value, errors);
    let narrowed = gated && selector_only_grows(&spec, old.value, errors);
    let (mut now, mut before) = (fixed(spec.value), fixed(old.value));
    if narrowed {
        now.remove("nodeSelector");
        before.remove("nodeSelector");
    }
    if now != before {
        // What may change is shown as it was.
        let mut shown = spec.value.clone();
        for list in ["containers", "initContainers"] {
            for (i, was) in old.value.get(list).items().iter().enumerate() {
                shown.at_mut(&[list]).list_mut()[i].set("image", was.get("image").clone());
            }
        }
        for field in ["activeDeadlineSeconds", "tolerations", "schedulingGates"] {
            match old.value.get(field) {
                Value::Null => _ = shown.remove(field),
                was => shown.set(field, was.clone()),
            }
        }
        let difference = write::unified(&go::pod_spec(old.value, true), &go::pod_spec(&shown, true));
        errors.forbidden(&spec, format!("{POD_MAY_CHANGE}\n{difference}"));
    }
}

/// A deadline may be set and shortened. Answers whether what else may change is looked at.
fn deadline_may_become(spec: &At, old: &Value, errors: &mut Errors) -> bool {
    let (deadline, before) = (spec.field("activeDeadlineSeconds"), old.get("activeDeadlineSeconds").as_int());
    match (deadline.value.as_int(), before) {
        (Some(now), _) if !(0..=i64::from(i32::MAX)).contains(&now) => {
            errors.invalid(&deadline, "must be between 0 and 2147483647, inclusive");
            return false;
        }
        (Some(now), Some(before)) if before < now => {
            errors.invalid(&deadline, "must be less than or equal to previous value");
            return false;
        }
        (None, Some(_)) => errors.invalid_as(&deadline, "null", "must not update from a positive integer to nil value"),
        _ => {}
    }
    true
}

/// How long a toleration lasts may change, nothing else of it.
fn tolerations(spec: &At, old: &Value, errors: &mut Errors) {
    let lasting = |toleration: &Value| {
        let mut toleration = toleration.clone();
        toleration.remove("tolerationSeconds");
        toleration
    };
    let now: Vec<Value> = spec.value.get("tolerations").items().iter().map(lasting).collect();
    if !old.get("tolerations").items().iter().all(|t| now.contains(&lasting(t))) {
        let why = "existing toleration can not be modified except its tolerationSeconds";
        errors.forbidden(&spec.field("tolerations"), why);
    }
}

/// Scheduling gates are only ever taken away.
fn gates(spec: &At, old: &Value, errors: &mut Errors) {
    for gate in spec.field("schedulingGates").items() {
        if !old.get("schedulingGates").items().contains(gate.value) {
            let name = gate.field("name");
            let text = format!("only deletion is allowed, but found new scheduling gate '{}'", name.text());
            errors.forbidden(&name, &text);
        }
    }
}

/// While a Pod is gated, its node selector may be narrowed.
fn selector_only_grows(spec: &At, old: &Value, errors: &mut Errors) -> bool {
    let selector = spec.field("nodeSelector");
    let before = old.get("nodeSelector").as_map().cloned().unwrap_or_default();
    let kept = before.iter().all(|(key, value)| selector.value.get(key) == value);
    if !kept {
        errors.invalid(&selector, "only additions to spec.nodeSelector are allowed (no mutations or deletions)");
    }
    true
}
