//! Kubernetes 1.36: pkg/apis/core/validation/validation.go (validateWindowsSecurityContextOptions,
//! validateWindowsHostProcessPod, validateHostUsers, validateOS, validateLinux, validateWindows)
//!
//! Whose users and which operating system a Pod's containers have, and what goes with that.

use super::kit::{At, Errors, quoted};
use super::names;
use crate::value::Value;

const LISTS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];
const MOST_CREDENTIALS: usize = 64 << 10;
const MOST_DOMAIN: usize = 256;
const MOST_USER: usize = 104;
/// What the name of a Windows user never contains.
const FORBIDDEN: &str = "\"/\\:;|=,+*?<>@[]";

pub fn options(at: &At, errors: &mut Errors) {
    let credential = at.field("gmsaCredentialSpecName");
    if credential.is_set() {
        errors.invalid_all(&credential, names::subdomain(credential.text()));
    }
    let whole = at.field("gmsaCredentialSpec");
    if whole.is_set() && whole.text().is_empty() {
        errors.invalid(&whole, "gmsaCredentialSpec cannot be an empty string");
    } else if whole.text().len() > MOST_CREDENTIALS {
        errors.invalid(&whole, format!("gmsaCredentialSpec size must be under {} KiB", MOST_CREDENTIALS >> 10));
    }
    let user = at.field("runAsUserName");
    if user.is_set() {
        user_name(&user, errors);
    }
}

/// `DOMAIN\USER`, or only the user.
fn user_name(at: &At, errors: &mut Errors) {
    let parts: Vec<&str> = at.text().split('\\').collect();
    let (domain, user) = match parts[..] {
        _ if at.text().is_empty() => return errors.invalid(at, "runAsUserName cannot be an empty string"),
        _ if at.text().bytes().any(|b| b.is_ascii_control()) => {
            return errors.invalid(at, "runAsUserName cannot contain control characters");
        }
        [user] => (None, user),
        [domain, user] => (Some(domain), user),
        _ => return errors.invalid(at, "runAsUserName cannot contain more than one backslash"),
    };
    if domain.is_some_and(|domain| domain.len() >= MOST_DOMAIN) {
        errors.invalid(at, format!("runAsUserName's Domain length must be under {MOST_DOMAIN} characters"));
    }
    if domain.is_some_and(|domain| !is_net_bios(domain) && !is_dns(domain)) {
        errors.invalid(at, "runAsUserName's Domain doesn't match the NetBios nor the DNS format");
    }
    if user.is_empty() {
        errors.invalid(at, "runAsUserName's User cannot be empty");
    } else if user.len() > MOST_USER {
        errors.invalid(at, format!("runAsUserName's User length must not be longer than {MOST_USER} characters"));
    }
    if !user.is_empty() && user.chars().all(|c| c == '.' || c == ' ') {
        errors.invalid(at, "runAsUserName's User cannot contain only periods or spaces");
    }
    if user.contains(|c: char| FORBIDDEN.contains(c)) {
        errors.invalid(at, format!("runAsUserName's User cannot contain the following characters: {FORBIDDEN}"));
    }
}

fn is_net_bios(text: &str) -> bool {
    let special = |c: char| "\\/:*?\"<>|".contains(c);
    !text.is_empty() && text.chars().count() <= 15 && !text.starts_with('.') && !text.contains(special)
}

fn is_dns(text: &str) -> bool {
    let part = |part: &str| {
        let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        ends(part.chars().next())
            && ends(part.chars().last())
            && part.chars().all(|c| c == '-' || c.is_ascii_alphanumeric())
    };
    text.split('.').all(part)
}

/// A Pod of whose containers one is a process of its host is that as a whole, in its host's network.
pub fn host_process(spec: &At, errors: &mut Errors) {
    let asked = |value: &Value| value.at(&["securityContext", "windowsOptions", "hostProcess"]).as_bool();
    let of_pod = asked(spec.value);
    let (mut all, mut of_host) = (0, 0);
    for list in LISTS {
        for container in spec.field(list).items() {
            all += 1;
            let own = asked(container.value);
            of_host += usize::from(own.or(of_pod) == Some(true));
            if let (Some(of_pod), Some(own)) = (of_pod, own)
                && of_pod != own
            {
                let context = container.field("securityContext");
                let options = context.field("windowsOptions");
                let why = format!("pod hostProcess value must be identical if both are specified, was {of_pod}");
                errors.invalid(&options.field("hostProcess"), why);
            }
        }
    }
    if of_host > 0 && of_host != all {
        let why = "If pod contains any hostProcess containers then all containers must be HostProcess containers";
        errors.invalid_as(spec, "\"\"", why);
    }
    let network = spec.field("hostNetwork");
    if of_host > 0 && network.value.as_bool() != Some(true) {
        errors.invalid_as(&network, "false", "hostNetwork must be true if pod contains any hostProcess containers");
    }
}

/// Users of its own do not go with what else is the node's.
pub fn host_users(spec: &At, errors: &mut Errors) {
    const WHY: &str = "when `hostUsers` is false";
    if spec.field("hostUsers").value.as_bool() != Some(false) {
        return;
    }
    for (field, shown) in [("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")] {
        if spec.value.get(field).as_bool() == Some(true) {
            errors.forbidden(&spec.field(shown), WHY);
        }
    }
    for list in LISTS {
        for container in spec.field(list).items().filter(|c| c.field("volumeDevices").is_filled()) {
            errors.forbidden(&container.field("volumeDevices"), WHY);
        }
    }
}

/// What a Pod may not say that names its operating system.
pub fn os(spec: &At, errors: &mut Errors) {
    let os = spec.field("os");
    let name = os.field("name");
    match name.text() {
        _ if !os.is_set() => {}
        "" => errors.required(&name, ""),
        "linux" => only_linux(spec, errors),
        "windows" => only_windows(spec, errors),
        other => errors.unsupported_as(&os, &quoted(other), &["linux", "windows"]),
    }
}

fn only_linux(spec: &At, errors: &mut Errors) {
    let refuse = |at: &At, errors: &mut Errors| {
        let context = at.field("securityContext");
        if context.field("windowsOptions").is_set() {
            errors.forbidden(&context.field("windowsOptions"), "windows options cannot be set for a linux pod");
        }
    };
    refuse(spec, errors);
    LISTS.iter().for_each(|list| spec.field(list).items().for_each(|container| refuse(&container, errors)));
}

fn only_windows(spec: &At, errors: &mut Errors) {
    const WHY: &str = "cannot be set for a windows pod";
    /// Of the Pod: in the server's order, those of its security context and those of its own.
    const OF_POD: [&str; 15] = [
        "appArmorProfile",
        "seLinuxOptions",
        "hostUsers",
        "hostPID",
        "hostIPC",
        "seccompProfile",
        "fsGroup",
        "fsGroupChangePolicy",
        "sysctls",
        "shareProcessNamespace",
        "runAsUser",
        "runAsGroup",
        "supplementalGroups",
        "supplementalGroupsPolicy",
        "seLinuxChangePolicy",
    ];
    const OF_CONTAINERS: [&str; 10] = [
        "appArmorProfile",
        "seLinuxOptions",
        "seccompProfile",
        "capabilities",
        "readOnlyRootFilesystem",
        "privileged",
        "allowPrivilegeEscalation",
        "procMount",
        "runAsUser",
        "runAsGroup",
    ];
    let context = spec.field("securityContext");
    for field in OF_POD {
        let own = matches!(field, "hostUsers" | "hostPID" | "hostIPC" | "shareProcessNamespace");
        let at = if own { spec.field(field) } else { context.field(field) };
        if at.is_set() {
            errors.forbidden(&at, WHY);
        }
    }
    for list in LISTS {
        for container in spec.field(list).items() {
            let context = container.field("securityContext");
            for at in OF_CONTAINERS.map(|field| context.field(field)).iter().filter(|at| at.is_set()) {
                errors.forbidden(at, WHY);
            }
        }
    }
}
