//! Which IP families and cluster IPs a Service asks for: checked and filled in before anything is given.
//!
//! Kubernetes 1.36: pkg/registry/core/service/storage/alloc.go (initIPFamilyFields), storage.go (normalizeClusterIPs),
//! pkg/apis/core/validation/validation.go (ValidateServiceClusterIPsRelatedFields). The cluster has IPv4 only.

use super::status::{Status, StatusCause};
use crate::admission::validate::names;
use crate::api::Kind;
use crate::value::Value;

const FAMILIES: [&str; 2] = ["IPv4", "IPv6"];
const POLICIES: [&str; 3] = ["PreferDualStack", "RequireDualStack", "SingleStack"];
const POLICY: &str = "spec.ipFamilyPolicy";
const IPS: &str = "spec.clusterIPs";

fn text<'a>(spec: &'a Value, field: &str) -> &'a str {
    spec.get(field).as_str().unwrap_or("")
}

fn texts<'a>(spec: &'a Value, field: &str) -> Vec<&'a str> {
    spec.get(field).items().iter().filter_map(Value::as_str).collect()
}

/// # Errors
/// All that is wrong with these fields; nothing else of the Service is looked at then.
pub(super) fn complete(value: &mut Value, old: Option<&Value>) -> Result<(), Status> {
    let name = value.at(&["metadata", "name"]).as_str().unwrap_or("").to_string();
    let spec = value.at_mut(&["spec"]);
    let old = old.map(|old| old.get("spec"));
    if old.is_some_and(|old| stays_as_it_is(spec, old)) {
        return Ok(());
    }
    if old.is_none() && spec.get("clusterIPs").items().is_empty() && !text(spec, "clusterIP").is_empty() {
        let one = spec.get("clusterIP").clone();
        spec.set("clusterIPs", Value::list(vec![one]));
    }
    let free = text(spec, "clusterIP") == "None" && spec.get("selector").as_map().is_none_or(|s| s.is_empty());
    let before = old.map(|old| old.get("ipFamilyPolicy").clone()).filter(|policy| !policy.is_null());
    spec.set_default("ipFamilyPolicy", || {
        before.unwrap_or_else(|| if free { "RequireDualStack" } else { "SingleStack" }.into())
    });
    let refused = |causes: Vec<StatusCause>| match causes.is_empty() {
        true => Ok(()),
        false => Err(Status::invalid(Kind::Service, &name, causes)),
    };
    refused(related(spec))?;
    let single = text(spec, "ipFamilyPolicy") == "SingleStack";
    if single && old.is_some_and(|old| old.get("ipFamilies") == spec.get("ipFamilies")) {
        spec.at_mut(&["ipFamilies"]).list_mut().truncate(1);
    }
    refused(too_many(spec))?;
    refused(infer(spec))?;
    if !free {
        refused(not_configured(spec))?;
    }
    if spec.get("ipFamilies").items().is_empty() {
        spec.set("ipFamilies", Value::list(vec!["IPv4".into()]));
    }
    // A headless Service without a selector may be of both families, in a cluster that has only one.
    if let ([one], true) = (&texts(spec, "ipFamilies")[..], free && !single) {
        let other = if *one == "IPv6" { "IPv4" } else { "IPv6" };
        spec.at_mut(&["ipFamilies"]).list_mut().push(other.into());
    }
    Ok(())
}

/// What prefers both families and was not changed in this is left alone.
fn stays_as_it_is(spec: &Value, old: &Value) -> bool {
    text(spec, "ipFamilyPolicy") == "PreferDualStack"
        && ["type", "ipFamilyPolicy", "clusterIPs", "ipFamilies"].iter().all(|f| spec.get(f) == old.get(f))
}

fn invalid(field: impl Into<String>, value: &str, why: &str) -> StatusCause {
    StatusCause { reason: "FieldValueInvalid", field: field.into(), message: format!("Invalid value: {value}: {why}") }
}

fn unsupported(field: impl Into<String>, value: &str, known: &[&str]) -> StatusCause {
    let known = known.iter().map(|k| format!("\"{k}\"")).collect::<Vec<_>>().join(", ");
    let message = format!("Unsupported value: \"{value}\": supported values: {known}");
    StatusCause { reason: "FieldValueNotSupported", field: field.into(), message }
}

fn quoted(value: &str) -> String {
    format!("\"{value}\"")
}

/// A list as Go's encoder of JSON writes it.
fn listed(ips: &[&str]) -> String {
    format!("[{}]", ips.iter().map(|ip| quoted(ip)).collect::<Vec<_>>().join(","))
}

/// What can be said of these fields without knowing the cluster.
fn related(spec: &Value) -> Vec<StatusCause> {
    let mut causes = Vec::new();
    let (one, ips, families) = (text(spec, "clusterIP"), texts(spec, "clusterIPs"), texts(spec, "ipFamilies"));
    match ips.first() {
        None if !one.is_empty() => {
            causes.push(StatusCause {
                reason: "FieldValueRequired",
                field: IPS.into(),
                message: "Required value".into(),
            });
        }
        Some(first) if !one.is_empty() && *first != one => {
            causes.push(invalid(IPS, &listed(&ips), "first value must match `clusterIP`"));
        }
        Some(_) if one.is_empty() => {
            causes.push(invalid(IPS, &listed(&ips), "must be empty when `clusterIP` is not specified"));
        }
        _ => {}
    }
    for (i, family) in families.iter().enumerate() {
        let at = format!("spec.ipFamilies[{i}]");
        if !FAMILIES.contains(family) {
            causes.push(unsupported(at.clone(), family, &FAMILIES));
        }
        if families[..i].contains(family) {
            let message = format!("Duplicate value: \"{family}\"");
            causes.push(StatusCause { reason: "FieldValueDuplicate", field: at, message });
        }
    }
    if !POLICIES.contains(&text(spec, "ipFamilyPolicy")) {
        causes.push(unsupported(POLICY, text(spec, "ipFamilyPolicy"), &POLICIES));
    }
    let mut bad = false;
    for (i, ip) in ips.iter().enumerate() {
        if i == 0 && *ip == "None" {
            if ips.len() > 1 {
                bad = true;
                causes.push(invalid(IPS, &listed(&ips), "'None' must be the first and only value"));
            }
        } else if names::ip(ip).is_none() {
            bad = true;
            causes.push(invalid(format!("{IPS}[{i}]"), &quoted(ip), names::IP));
        }
    }
    if ips.len() > 2 {
        causes.push(invalid(IPS, &listed(&ips), "may only hold up to 2 values"));
    }
    if !bad && one != "None" {
        causes.extend(by_family(&ips, &families));
    }
    causes
}

fn is_six(ip: &str) -> bool {
    ip.contains(':')
}

/// Each IP has to be of the family in its place, and there is one of a family.
fn by_family(ips: &[&str], families: &[&str]) -> Vec<StatusCause> {
    let mut causes = Vec::new();
    if ips.len() > 1 && ips.iter().all(|ip| is_six(ip) == is_six(ips[0])) {
        causes.push(invalid(IPS, &listed(ips), "may specify no more than one IP for each IP family"));
    }
    for (i, (ip, family)) in ips.iter().zip(families).enumerate() {
        if FAMILIES.contains(family) && is_six(ip) != (*family == "IPv6") {
            let why = format!("expected an {family} value as indicated by `ipFamilies[{i}]`");
            causes.push(invalid(format!("{IPS}[{i}]"), &quoted(ip), &why));
        }
    }
    causes
}

fn too_many(spec: &Value) -> Vec<StatusCause> {
    let (field, policy) = (POLICY, text(spec, "ipFamilyPolicy"));
    if policy != "SingleStack" {
        return Vec::new();
    }
    let wanted = [("clusterIPs", "cluster IPs"), ("ipFamilies", "IP families")];
    let several = wanted.into_iter().filter(|(list, _)| spec.get(list).items().len() == 2);
    let why = |what| format!("must be 'RequireDualStack' or 'PreferDualStack' when multiple {what} are specified");
    several.map(|(_, what)| invalid(field, &quoted(policy), &why(what))).collect()
}

/// Families that are not named follow from the IPs.
fn infer(spec: &mut Value) -> Vec<StatusCause> {
    let (ips, known) = (texts(spec, "clusterIPs"), spec.get("ipFamilies").items().len());
    let named: Vec<&str> = ips.iter().copied().take_while(|ip| *ip != "None").collect();
    let mut causes = Vec::new();
    for (i, _) in named.iter().enumerate().skip(known).filter(|(_, ip)| is_six(ip)) {
        causes.push(invalid(format!("{IPS}[{i}]"), &listed(&ips), "IPv6 is not configured on this cluster"));
    }
    let inferred = named.len().saturating_sub(known);
    if causes.is_empty() && inferred > 0 {
        spec.at_mut(&["ipFamilies"]).list_mut().extend((0..inferred).map(|_| Value::from("IPv4")));
    }
    causes
}

fn not_configured(spec: &Value) -> Vec<StatusCause> {
    let mut causes = Vec::new();
    let policy = text(spec, "ipFamilyPolicy");
    if policy == "RequireDualStack" {
        causes.push(invalid(POLICY, &quoted(policy), "this cluster is not configured for dual-stack services"));
    }
    for (i, family) in texts(spec, "ipFamilies").iter().enumerate().filter(|(_, family)| **family == "IPv6") {
        let at = format!("spec.ipFamilies[{i}]");
        causes.push(invalid(at, &quoted(family), "not configured on this cluster"));
    }
    causes
}
