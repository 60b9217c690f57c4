//! The single checks of Pod Security, in the order in which their violations are named.
//!
//! Kubernetes 1.36: staging/src/k8s.io/pod-security-admission/policy (check_*.go)

use crate::value::Value;

/// A rule that a Pod breaks, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub reason: &'static str,
    pub detail: String,
}

/// A check: `None` if the Pod keeps to it.
type Check = fn(&Pod) -> Option<Violation>;

const BASELINE: [Check; 9] =
    [host_namespaces, host_path, host_ports, privileged, capabilities, proc_mount, se_linux, unconfined, sysctls];
/// Two of the baseline's checks are replaced by stricter ones.
const OF_BASELINE_UNDER_RESTRICTED: [Check; 6] =
    [host_namespaces, host_ports, privileged, proc_mount, se_linux, sysctls];
const RESTRICTED: [Check; 6] = [escalation, all_capabilities, volume_types, non_root, root_user, seccomp];

/// All that a Pod (or a template) violates of a level.
pub fn violations(template: &Value, restricted: bool) -> Vec<Violation> {
    let pod = Pod::of(template);
    let run = |checks: &[Check]| checks.iter().filter_map(|check| check(&pod)).collect::<Vec<_>>();
    if restricted { [run(&OF_BASELINE_UNDER_RESTRICTED), run(&RESTRICTED)].concat() } else { run(&BASELINE) }
}

/// A Pod's spec and its containers of all kinds.
struct Pod<'a> {
    spec: &'a Value,
    containers: Vec<&'a Value>,
}

impl<'a> Pod<'a> {
    fn of(template: &'a Value) -> Pod<'a> {
        let spec = template.get("spec");
        let lists = ["initContainers", "containers", "ephemeralContainers"];
        Pod { spec, containers: lists.iter().flat_map(|list| spec.get(list).items()).collect() }
    }
    fn security(&self, field: &str) -> &'a Value {
        self.spec.at(&["securityContext", field])
    }
    /// The quoted names of the containers that a test finds at fault.
    fn at_fault(&self, test: impl Fn(&Value) -> bool) -> Vec<String> {
        self.containers.iter().filter(|c| test(c)).map(|c| quoted(c.get("name"))).collect()
    }
}

fn quoted(name: &Value) -> String {
    format!("\"{}\"", name.as_str().unwrap_or(""))
}

fn plural(word: &str, names: &[String]) -> String {
    format!("{word}{} {}", if names.len() == 1 { "" } else { "s" }, names.join(", "))
}

/// `container "a" must ...`, for the containers at fault.
fn containers(names: Vec<String>, reason: &'static str, must: &str) -> Option<Violation> {
    (!names.is_empty()).then(|| Violation { reason, detail: format!("{} {must}", plural("container", &names)) })
}

fn host_namespaces(pod: &Pod) -> Option<Violation> {
    let set = ["hostNetwork", "hostPID", "hostIPC"].into_iter().filter(|f| pod.spec.get(f).as_bool() == Some(true));
    let set: Vec<String> = set.map(|f| format!("{f}=true")).collect();
    (!set.is_empty()).then(|| Violation { reason: "host namespaces", detail: set.join(", ") })
}

fn host_path(pod: &Pod) -> Option<Violation> {
    let volumes = pod.spec.get("volumes").items().iter().filter(|v| !v.get("hostPath").is_null());
    let names: Vec<String> = volumes.map(|v| quoted(v.get("name"))).collect();
    (!names.is_empty()).then(|| Violation { reason: "hostPath volumes", detail: plural("volume", &names) })
}

fn host_ports(pod: &Pod) -> Option<Violation> {
    let ports_of = |c: &Value| -> Vec<String> {
        let ports = c.get("ports").items().iter().filter_map(|p| p.get("hostPort").as_int());
        ports.filter(|p| *p != 0).map(|p| p.to_string()).collect()
    };
    let names = pod.at_fault(|c| !ports_of(c).is_empty());
    let mut ports: Vec<String> = pod.containers.iter().flat_map(|c| ports_of(c)).collect();
    ports.sort();
    ports.dedup();
    let verb = if names.len() == 1 { "uses" } else { "use" };
    let detail = format!("{} {verb} {}", plural("container", &names), plural("hostPort", &ports));
    (!names.is_empty()).then_some(Violation { reason: "hostPort", detail })
}

fn privileged(pod: &Pod) -> Option<Violation> {
    let names = pod.at_fault(|c| c.at(&["securityContext", "privileged"]).as_bool() == Some(true));
    containers(names, "privileged", "must not set securityContext.privileged=true")
}

/// Capabilities that the runtime gives anyway.
const DEFAULT_CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

fn added(container: &Value) -> impl Iterator<Item = &str> {
    container.at(&["securityContext", "capabilities", "add"]).items().iter().filter_map(Value::as_str)
}

fn capabilities(pod: &Pod) -> Option<Violation> {
    let beyond = |c: &Value| added(c).any(|cap| !DEFAULT_CAPABILITIES.contains(&cap));
    let names = pod.at_fault(beyond);
    let extra = pod.containers.iter().flat_map(|c| added(c)).filter(|cap| !DEFAULT_CAPABILITIES.contains(cap));
    let mut extra: Vec<String> = extra.map(|cap| format!("\"{cap}\"")).collect();
    extra.sort();
    extra.dedup();
    let must = format!("must not include {} in securityContext.capabilities.add", extra.join(", "));
    containers(names, "non-default capabilities", &must)
}

fn proc_mount(pod: &Pod) -> Option<Violation> {
    let odd = |c: &Value| c.at(&["securityContext", "procMount"]).as_str().is_some_and(|m| m != "Default");
    containers(pod.at_fault(odd), "procMount", "must not set securityContext.procMount to \"Unmasked\"")
}

fn se_linux(pod: &Pod) -> Option<Violation> {
    let types = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
    let odd = |options: &Value| {
        let text = |field: &str| options.get(field).as_str().unwrap_or("").to_string();
        !types.contains(&text("type").as_str()) || !text("user").is_empty() || !text("role").is_empty()
    };
    let mut who = Vec::new();
    if odd(pod.security("seLinuxOptions")) {
        who.push("pod".to_string());
    }
    let names = pod.at_fault(|c| odd(c.at(&["securityContext", "seLinuxOptions"])));
    if !names.is_empty() {
        who.push(plural("container", &names));
    }
    let detail = format!("{} set forbidden securityContext.seLinuxOptions", who.join(" and "));
    (!who.is_empty()).then_some(Violation { reason: "seLinuxOptions", detail })
}

fn unconfined(pod: &Pod) -> Option<Violation> {
    let odd = |profile: &Value| profile.get("type").as_str() == Some("Unconfined");
    let mut who = Vec::new();
    if odd(pod.security("seccompProfile")) {
        who.push("pod".to_string());
    }
    let names = pod.at_fault(|c| odd(c.at(&["securityContext", "seccompProfile"])));
    if !names.is_empty() {
        who.push(plural("container", &names));
    }
    let detail = format!("{} must not set securityContext.seccompProfile.type to \"Unconfined\"", who.join(" and "));
    (!who.is_empty()).then_some(Violation { reason: "seccompProfile", detail })
}

/// Kernel settings that concern the Pod alone.
pub(crate) const SAFE_SYSCTLS: [&str; 12] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
];

fn sysctls(pod: &Pod) -> Option<Violation> {
    let names = pod.security("sysctls").items().iter().filter_map(|s| s.get("name").as_str());
    let unsafe_ones: Vec<&str> = names.filter(|n| !SAFE_SYSCTLS.contains(n)).collect();
    (!unsafe_ones.is_empty()).then(|| Violation { reason: "forbidden sysctls", detail: unsafe_ones.join(", ") })
}

fn escalation(pod: &Pod) -> Option<Violation> {
    let names = pod.at_fault(|c| c.at(&["securityContext", "allowPrivilegeEscalation"]).as_bool() != Some(false));
    let must = "must set securityContext.allowPrivilegeEscalation=false";
    containers(names, "allowPrivilegeEscalation != false", must)
}

fn all_capabilities(pod: &Pod) -> Option<Violation> {
    let drops_all = |c: &Value| {
        let dropped = c.at(&["securityContext", "capabilities", "drop"]).items();
        dropped.iter().any(|d| d.as_str() == Some("ALL"))
    };
    let mut details = Vec::new();
    let keeping = pod.at_fault(|c| !drops_all(c));
    if !keeping.is_empty() {
        details.push(format!("{} must set securityContext.capabilities.drop=[\"ALL\"]", plural("container", &keeping)));
    }
    let adding = pod.at_fault(|c| added(c).any(|cap| cap != "NET_BIND_SERVICE"));
    if !adding.is_empty() {
        let extra = pod.containers.iter().flat_map(|c| added(c)).filter(|cap| *cap != "NET_BIND_SERVICE");
        let mut extra: Vec<String> = extra.map(|cap| format!("\"{cap}\"")).collect();
        extra.sort();
        extra.dedup();
        let what = plural("container", &adding);
        details.push(format!("{what} must not include {} in securityContext.capabilities.add", extra.join(", ")));
    }
    (!details.is_empty()).then(|| Violation { reason: "unrestricted capabilities", detail: details.join("; ") })
}

fn volume_types(pod: &Pod) -> Option<Violation> {
    const ALLOWED: [&str; 9] = [
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    ];
    let kind_of = |v: &Value| v.as_map().and_then(|m| m.keys().find(|k| &***k != "name").map(|k| k.to_string()));
    let volumes = pod.spec.get("volumes").items().iter();
    let odd: Vec<(String, String)> = volumes
        .filter_map(|v| Some((quoted(v.get("name")), kind_of(v)?)))
        .filter(|(_, kind)| !ALLOWED.contains(&kind.as_str()))
        .collect();
    let names: Vec<String> = odd.iter().map(|(name, _)| name.clone()).collect();
    let mut kinds: Vec<String> = odd.iter().map(|(_, kind)| format!("\"{kind}\"")).collect();
    kinds.sort();
    kinds.dedup();
    let verb = if names.len() == 1 { "uses" } else { "use" };
    let detail = format!("{} {verb} {}", plural("volume", &names), plural("restricted volume type", &kinds));
    (!names.is_empty()).then_some(Violation { reason: "restricted volume types", detail })
}

fn non_root(pod: &Pod) -> Option<Violation> {
    let own = |c: &Value| c.at(&["securityContext", "runAsNonRoot"]).as_bool();
    let whole = pod.security("runAsNonRoot").as_bool();
    let refusing = pod.at_fault(|c| own(c) == Some(false));
    if !refusing.is_empty() {
        return containers(refusing, "runAsNonRoot != true", "must not set securityContext.runAsNonRoot=false");
    }
    let silent = pod.at_fault(|c| own(c).is_none());
    if whole == Some(true) || silent.is_empty() {
        return None;
    }
    let detail = format!("pod or {} must set securityContext.runAsNonRoot=true", plural("container", &silent));
    Some(Violation { reason: "runAsNonRoot != true", detail })
}

fn root_user(pod: &Pod) -> Option<Violation> {
    let mut who = Vec::new();
    if pod.security("runAsUser").as_int() == Some(0) {
        who.push("pod".to_string());
    }
    let names = pod.at_fault(|c| c.at(&["securityContext", "runAsUser"]).as_int() == Some(0));
    if !names.is_empty() {
        who.push(plural("container", &names));
    }
    let detail = format!("{} must not set runAsUser=0", who.join(" and "));
    (!who.is_empty()).then_some(Violation { reason: "runAsUser=0", detail })
}

fn seccomp(pod: &Pod) -> Option<Violation> {
    let good = |profile: &Value| matches!(profile.get("type").as_str(), Some("RuntimeDefault" | "Localhost"));
    let own = |c: &Value| c.at(&["securityContext", "seccompProfile"]).clone();
    let whole = pod.security("seccompProfile");
    let bad = pod.at_fault(|c| !own(c).is_null() && !good(&own(c)));
    let must = "securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"";
    if !bad.is_empty() {
        return containers(bad, "seccompProfile", &format!("must set {must}"));
    }
    let silent = pod.at_fault(|c| own(c).is_null());
    if good(whole) || silent.is_empty() {
        return None;
    }
    let detail = format!("pod or {} must set {must}", plural("container", &silent));
    Some(Violation { reason: "seccompProfile", detail })
}
