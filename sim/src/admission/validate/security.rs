//! Kubernetes 1.36: pkg/apis/core/validation/validation.go (ValidateSecurityContext, ValidatePodSecurityContext)

use super::kit::{At, Errors, quoted};
use super::windows;
use crate::value::Value;

const MOST_ID: i64 = i32::MAX as i64;

fn ids(at: &At, fields: &[&str], errors: &mut Errors) {
    for field in fields {
        let id = at.field(field);
        if id.is_set() {
            errors.in_range(&id, 0, MOST_ID);
        }
    }
}

pub fn pod(spec: &At, errors: &mut Errors) {
    let context = spec.field("securityContext");
    ids(&context, &["fsGroup", "runAsUser", "runAsGroup"], errors);
    for group in context.field("supplementalGroups").items() {
        errors.in_range(&group, 0, MOST_ID);
    }
    let share = spec.value.get("shareProcessNamespace");
    if share.as_bool() == Some(true) && spec.field("hostPID").value.as_bool() == Some(true) {
        let at = context.field_with("shareProcessNamespace", share);
        errors.invalid(&at, "ShareProcessNamespace and HostPID cannot both be enabled");
    }
    let mut seen: Vec<&str> = Vec::new();
    for sysctl in context.value.get("sysctls").items().iter() {
        seen.push(sysctl.get("name").as_str().unwrap_or(""));
    }
    let list = context.field("sysctls");
    for (i, sysctl) in list.items().enumerate() {
        let name = sysctl.field("name");
        if name.text().is_empty() {
            errors.required(&name, "");
        } else if !is_sysctl(name.text()) {
            errors.invalid(&name, "must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$");
        } else if seen[..i].contains(&name.text()) {
            errors.duplicate(&name);
        }
    }
    errors.one_of(&context.field("fsGroupChangePolicy"), &["Always", "OnRootMismatch"], true);
    seccomp(&context.field("seccompProfile"), errors);
    windows::options(&context.field("windowsOptions"), errors);
    app_armor(&context.field("appArmorProfile"), errors);
    errors.one_of(&context.field("supplementalGroupsPolicy"), &["Merge", "Strict"], true);
    errors.one_of(&context.field("seLinuxChangePolicy"), &["Recursive"], true);
}

fn is_sysctl(name: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    name.len() <= 253
        && name.split(['.', '/']).all(|part| {
            let bytes = part.as_bytes();
            bytes.first().is_some_and(|b| inner(*b))
                && bytes.last().is_some_and(|b| inner(*b))
                && bytes.iter().all(|b| inner(*b) || b"-_".contains(b))
        })
}

/// `host_users` is set where users within the Pod are the node's own.
pub fn container(at: &At, host_users: bool, errors: &mut Errors) {
    if !at.is_set() {
        return;
    }
    ids(at, &["runAsUser", "runAsGroup"], errors);
    let process = at.field("procMount");
    if process.is_set() && !["Default", "Unmasked"].contains(&process.text()) {
        errors.unsupported(&process, &["Default", "Unmasked"]);
    }
    if host_users && process.text() == "Unmasked" {
        errors.invalid(&process, "`hostUsers` must be false to use `Unmasked`");
    }
    seccomp(&at.field("seccompProfile"), errors);
    windows::options(&at.field("windowsOptions"), errors);
    let flag = |name: &str| at.value.get(name).as_bool();
    if flag("allowPrivilegeEscalation") == Some(false) {
        if flag("privileged") == Some(true) {
            errors.invalid_as(
                at,
                &go(at.value),
                "cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
            );
        }
        let added = at.value.at(&["capabilities", "add"]).items();
        if added.iter().any(|c| c.as_str() == Some("CAP_SYS_ADMIN")) {
            errors.invalid_as(
                at,
                &go(at.value),
                "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN",
            );
        }
    }
    app_armor(&at.field("appArmorProfile"), errors);
}

/// The context as Go prints its own struct, without the parts that are structs themselves.
fn go(value: &Value) -> String {
    let part = |name: &str| crate::manifest::write::json(value.get(name), 0);
    format!(
        "{{\"Capabilities\":null,\"Privileged\":{},\"SELinuxOptions\":null,\"WindowsOptions\":null,\"RunAsUser\":{},\"RunAsGroup\":{},\"RunAsNonRoot\":{},\"ReadOnlyRootFilesystem\":{},\"AllowPrivilegeEscalation\":{},\"ProcMount\":{},\"SeccompProfile\":null,\"AppArmorProfile\":null}}",
        part("privileged"),
        part("runAsUser"),
        part("runAsGroup"),
        part("runAsNonRoot"),
        part("readOnlyRootFilesystem"),
        part("allowPrivilegeEscalation"),
        part("procMount"),
    )
}

fn seccomp(at: &At, errors: &mut Errors) {
    if !at.is_set() {
        return;
    }
    let (kind, profile) = (at.field("type"), at.field("localhostProfile"));
    profile_type(&kind, "type is required when seccompProfile is set", errors);
    if kind.text() == "Localhost" {
        match profile.value {
            Value::Null => errors.required(&profile, "must be set when seccomp type is Localhost"),
            _ => super::projection::descending(&profile, errors),
        }
    } else if profile.is_set() {
        // The whole profile is shown, as Go's struct.
        let go = format!("{{\"Type\":{},\"LocalhostProfile\":{}}}", quoted(kind.text()), quoted(profile.text()));
        errors.invalid_as(&profile, &go, "can only be set when seccomp type is Localhost");
    }
}

fn profile_type(kind: &At, missing: &str, errors: &mut Errors) {
    const TYPES: [&str; 3] = ["Localhost", "RuntimeDefault", "Unconfined"];
    match kind.text() {
        "" => errors.required(kind, missing),
        known if TYPES.contains(&known) => {}
        other => errors.unsupported_as(kind, &quoted(other), &TYPES),
    }
}

fn app_armor(at: &At, errors: &mut Errors) {
    if !at.is_set() {
        return;
    }
    let (kind, profile) = (at.field("type"), at.field("localhostProfile"));
    match kind.text() {
        "Localhost" if profile.text().trim() != profile.text() => {
            errors.invalid(&profile, "must not be padded with whitespace");
        }
        "Localhost" if profile.text().is_empty() => {
            errors.required(&profile, "must be set when AppArmor type is Localhost");
        }
        "RuntimeDefault" | "Unconfined" if profile.is_set() => {
            errors.invalid(&profile, "can only be set when AppArmor type is Localhost");
        }
        _ => profile_type(&kind, "type is required when appArmorProfile is set", errors),
    }
}
