//! Pods and their containers.

use super::page::{Page, date};
use super::volumes;
use crate::kubectl::table::{labels, plain};
use crate::value::Value;

pub fn pod(page: &mut Page) {
    page.names();
    if !page.at("spec.priority").is_null() {
        page.same("Priority", "spec.priority");
    }
    for (name, path) in [
        ("Priority Class Name", "spec.priorityClassName"),
        ("Runtime Class Name", "spec.runtimeClassName"),
        ("Service Account", "spec.serviceAccountName"),
    ] {
        if !page.str(path).is_empty() {
            page.same(name, path);
        }
    }
    let node = page.str("spec.nodeName");
    let place = if node.is_empty() { "<none>".into() } else { format!("{node}/{}", page.str("status.hostIP")) };
    page.field("Node", place);
    if !page.at("status.startTime").is_null() {
        let start = page.date("status.startTime");
        page.field("Start Time", start);
    }
    page.labels();
    page.annotations();
    status(page);
    let ips = page.at("status.podIPs");
    page.same("IP", "status.podIP");
    if ips.items().is_empty() {
        page.field("IPs", "<none>");
    } else {
        page.put(0, "IPs:");
        for ip in ips.items() {
            page.put(1, format!("IP:\t{}", plain(ip.get("ip"))));
        }
    }
    if let Some(owner) = page.object().meta.controller() {
        page.field("Controlled By", format!("{}/{}", owner.kind, owner.name));
    }
    if !page.str("status.nominatedNodeName").is_empty() {
        page.same("NominatedNodeName", "status.nominatedNodeName");
    }
    let spec = page.at("spec");
    if !spec.get("resources").is_null() {
        let mut lines = Vec::new();
        amounts(spec.get("resources"), &mut lines);
        page.put(0, "Resources:");
        lines.into_iter().for_each(|line| page.put(1, line));
    }
    let lists = [
        ("Init Containers", "initContainers", "initContainerStatuses"),
        ("Containers", "containers", "containerStatuses"),
        ("Ephemeral Containers", "ephemeralContainers", "ephemeralContainerStatuses"),
    ];
    for (name, list, statuses) in lists {
        let statuses = page.at(&format!("status.{statuses}"));
        if list == "containers" || !spec.get(list).items().is_empty() {
            containers(page, 0, name, spec.get(list), Some(&statuses));
        }
    }
    gates_and_conditions(page);
    volumes::all(page, 0, spec.get("volumes"));
    let qos = page.str("status.qosClass");
    page.field("QoS Class", qos);
    selectors(page, 0, &spec);
    spread(page, 0, &spec);
    page.events();
}

fn status(page: &mut Page) {
    let deletion = page.at("metadata.deletionTimestamp");
    if deletion.is_null() || matches!(page.str("status.phase").as_str(), "Succeeded" | "Failed") {
        page.same("Status", "status.phase");
    } else {
        let lasts = page.age(&deletion);
        let lasts = if lasts == "<invalid>" { "0s".into() } else { lasts };
        page.field("Status", format!("Terminating (lasts {lasts})"));
        let grace = format!("{}s", page.int("metadata.deletionGracePeriodSeconds"));
        page.field("Termination Grace Period", grace);
    }
    for (name, path) in [("Reason", "status.reason"), ("Message", "status.message")] {
        if !page.str(path).is_empty() {
            page.same(name, path);
        }
    }
    let profile = page.at("spec.securityContext.seccompProfile");
    if !profile.is_null() {
        page.field("SeccompProfile", plain(profile.get("type")));
    }
}

fn gates_and_conditions(page: &mut Page) {
    let conditions = page.at("status.conditions");
    let gates = page.at("spec.readinessGates");
    if !gates.items().is_empty() {
        page.put(0, "Readiness Gates:\n  Type\tStatus");
        for gate in gates.items() {
            let kind = plain(gate.get("conditionType"));
            let found = conditions.items().iter().find(|c| plain(c.get("type")) == kind);
            let status = found.map_or("<none>".into(), |c| plain(c.get("status")));
            page.put(1, format!("{kind} \t{status} "));
        }
    }
    if !conditions.items().is_empty() {
        page.put(0, "Conditions:\n  Type\tStatus");
        for condition in conditions.items() {
            page.put(1, format!("{} \t{} ", plain(condition.get("type")), plain(condition.get("status"))));
        }
    }
}

/// Node selectors and tolerations.
pub fn selectors(page: &mut Page, level: usize, spec: &Value) {
    let map = spec.get("nodeSelector");
    page.texts(level, "Node-Selectors", map, "=");
    let mut tolerations: Vec<&Value> = spec.get("tolerations").items().iter().collect();
    tolerations.sort_by_key(|t| plain(t.get("key")));
    let tolerations: Vec<String> = tolerations.into_iter().map(toleration).collect();
    if tolerations.is_empty() {
        return page.put(level, "Tolerations:\t<none>");
    }
    for (i, text) in tolerations.iter().enumerate() {
        page.put(level, format!("{}\t{text}", if i == 0 { "Tolerations:" } else { "" }));
    }
}

fn toleration(toleration: &Value) -> String {
    let text = |key: &str| plain(toleration.get(key));
    let mut out = text("key");
    if !text("value").is_empty() {
        out += &format!("={}", text("value"));
    }
    if !text("effect").is_empty() {
        out += &format!(":{}", text("effect"));
    }
    if text("operator") == "Exists" && text("value").is_empty() {
        out += if text("key").is_empty() && text("effect").is_empty() { "op=Exists" } else { " op=Exists" };
    } else if matches!(text("operator").as_str(), "Gt" | "Lt") {
        out += &format!(" op={}", text("operator"));
    }
    if let Some(seconds) = toleration.get("tolerationSeconds").as_int() {
        out += &format!(" for {seconds}s");
    }
    out
}

/// Topology spread constraints.
pub fn spread(page: &mut Page, level: usize, spec: &Value) {
    let constraints = spec.get("topologySpreadConstraints").items();
    for (i, c) in constraints.iter().enumerate() {
        let name = if i == 0 { "Topology Spread Constraints:" } else { "" };
        let selector = crate::kubectl::table::selector(c.get("labelSelector"));
        let text = format!(
            "{}:{} when max skew {} is exceeded for selector {selector}",
            plain(c.get("topologyKey")),
            plain(c.get("whenUnsatisfiable")),
            plain(c.get("maxSkew"))
        );
        page.put(level, format!("{name}\t{text}"));
    }
}

/// Containers, with how they are where `statuses` are given.
pub fn containers(page: &mut Page, level: usize, name: &str, list: &Value, statuses: Option<&Value>) {
    page.put(level, format!("{name}:"));
    // A template's names stand one letter in, a Pod's a level.
    let indent = if statuses.is_some() { "  " } else { " " };
    let whole = page.value.clone();
    let pod = statuses.map(|_| &whole);
    for container in list.items() {
        let own = container.get("name");
        let status = statuses.and_then(|s| s.items().iter().find(|c| c.get("name") == own));
        page.put(level, format!("{indent}{}:", plain(own)));
        let level = level + if statuses.is_some() { 2 } else { 1 };
        for line in container_lines(container, status, pod) {
            page.put(level, line);
        }
    }
}

/// What is said of a container; of a Pod's own, variables that stand for a field of it have their values.
fn container_lines(container: &Value, status: Option<&Value>, pod: Option<&Value>) -> Vec<String> {
    let mut out: Vec<String> = vec![];
    let text = |key: &str| plain(container.get(key));
    if let Some(status) = status {
        out.push(format!("Container ID:\t{}", plain(status.get("containerID"))));
    }
    out.push(format!("Image:\t{}", text("image")));
    if let Some(status) = status {
        out.push(format!("Image ID:\t{}", plain(status.get("imageID"))));
    }
    let ports = container.get("ports").items();
    let (plural, none) = (if ports.len() > 1 { "s" } else { "" }, "<none>".to_string());
    for (name, key) in [("Port", "containerPort"), ("Host Port", "hostPort")] {
        let all: Vec<String> = ports
            .iter()
            .map(|p| {
                let named = plain(p.get("name"));
                let named = if named.is_empty() { named } else { format!(" ({named})") };
                format!("{}/{}{named}", p.get(key).as_int().unwrap_or(0), plain(p.get("protocol")))
            })
            .collect();
        out.push(format!("{name}{plural}:\t{}", if all.is_empty() { none.clone() } else { all.join(", ") }));
    }
    let profile = container.at(&["securityContext", "seccompProfile"]);
    if !profile.is_null() {
        out.push(format!("SeccompProfile:\t{}", plain(profile.get("type"))));
    }
    for (name, key) in [("Command", "command"), ("Args", "args")] {
        if !container.get(key).items().is_empty() {
            out.push(format!("{name}:"));
            for word in container.get(key).items().iter().map(plain) {
                out.extend(word.split('\n').map(|line| format!("  {line}")));
            }
        }
    }
    if let Some(status) = status {
        state_lines(status, &mut out);
    }
    amounts(container.get("resources"), &mut out);
    for (name, key) in [("Liveness", "livenessProbe"), ("Readiness", "readinessProbe"), ("Startup", "startupProbe")] {
        if !container.get(key).is_null() {
            out.push(format!("{name}:\t{}", probe(container.get(key))));
        }
    }
    environment(container, pod, &mut out);
    volumes::mounts(container, &mut out);
    out
}

/// What is asked for, and the limits.
fn amounts(resources: &Value, out: &mut Vec<String>) {
    for (name, key) in [("Limits", "limits"), ("Requests", "requests")] {
        let amounts = resources.get(key).as_map().filter(|m| !m.is_empty());
        out.extend(amounts.map(|_| format!("{name}:")));
        out.extend(amounts.into_iter().flat_map(|m| m.iter()).map(|(k, v)| format!("  {k}:\t{}", plain(v))));
    }
}

fn state_lines(status: &Value, out: &mut Vec<String>) {
    state("State", status.get("state"), out);
    if status.get("lastState").as_map().is_some_and(|m| !m.is_empty()) {
        state("Last State", status.get("lastState"), out);
    }
    let ready = status.get("ready").as_bool() == Some(true);
    out.push(format!("Ready:\t{}", if ready { "True" } else { "False" }));
    out.push(format!("Restart Count:\t{}", status.get("restartCount").as_int().unwrap_or(0)));
}

fn state(name: &str, state: &Value, out: &mut Vec<String>) {
    let (running, terminated, waiting) = (state.get("running"), state.get("terminated"), state.get("waiting"));
    if !running.is_null() {
        out.push(format!("{name}:\tRunning"));
        out.push(format!("  Started:\t{}", date(running.get("startedAt"))));
    } else if !terminated.is_null() {
        out.push(format!("{name}:\tTerminated"));
        for (name, key) in [("Reason", "reason"), ("Message", "message")] {
            let text = plain(terminated.get(key));
            if !text.is_empty() {
                out.push(format!("  {name}:\t{text}"));
            }
        }
        out.push(format!("  Exit Code:\t{}", terminated.get("exitCode").as_int().unwrap_or(0)));
        if let Some(signal) = terminated.get("signal").as_int().filter(|s| *s > 0) {
            out.push(format!("  Signal:\t{signal}"));
        }
        out.push(format!("  Started:\t{}", moment(terminated.get("startedAt"))));
        out.push(format!("  Finished:\t{}", moment(terminated.get("finishedAt"))));
    } else {
        out.push(format!("{name}:\tWaiting"));
        let reason = plain(waiting.get("reason"));
        if !reason.is_empty() {
            out.push(format!("  Reason:\t{reason}"));
        }
    }
}

/// `http-get http://:80/ delay=0s timeout=1s period=10s #success=1 #failure=3`.
fn probe(probe: &Value) -> String {
    let n = |key: &str| probe.get(key).as_int().unwrap_or(0);
    let attributes = format!(
        "delay={}s timeout={}s period={}s #success={} #failure={}",
        n("initialDelaySeconds"),
        n("timeoutSeconds"),
        n("periodSeconds"),
        n("successThreshold"),
        n("failureThreshold")
    );
    let (exec, http, tcp, grpc) = (probe.get("exec"), probe.get("httpGet"), probe.get("tcpSocket"), probe.get("grpc"));
    let action = if !exec.is_null() {
        let words: Vec<String> = exec.get("command").items().iter().map(plain).collect();
        format!("exec [{}]", words.join(" "))
    } else if !http.is_null() {
        let scheme = plain(http.get("scheme")).to_lowercase();
        let (host, port, path) = (plain(http.get("host")), plain(http.get("port")), plain(http.get("path")));
        let slash = if path.starts_with('/') { "" } else { "/" };
        let port = if port.is_empty() { port } else { format!(":{port}") };
        format!("http-get {scheme}://{host}{port}{slash}{path}")
    } else if !tcp.is_null() {
        format!("tcp-socket {}:{}", plain(tcp.get("host")), plain(tcp.get("port")))
    } else if !grpc.is_null() {
        format!("grpc <pod>:{} {}", plain(grpc.get("port")), plain(grpc.get("service")))
    } else {
        "unknown".into()
    };
    format!("{action} {attributes}")
}

fn environment(container: &Value, pod: Option<&Value>, out: &mut Vec<String>) {
    let from = container.get("envFrom").items();
    if !from.is_empty() {
        out.push("Environment Variables from:".into());
    }
    for source in from {
        let (kind, of) = if source.get("configMapRef").is_null() {
            ("Secret", source.get("secretRef"))
        } else {
            ("ConfigMap", source.get("configMapRef"))
        };
        let prefix = plain(source.get("prefix"));
        let prefix = if prefix.is_empty() { prefix } else { format!(" with prefix '{prefix}'") };
        let optional = of.get("optional").as_bool().unwrap_or(false);
        out.push(format!("  {}\t{kind}{prefix}\tOptional: {optional}", plain(of.get("name"))));
    }
    let env = container.get("env").items();
    if env.is_empty() {
        out.push("Environment:\t<none>".into());
        return;
    }
    out.push("Environment:".into());
    for variable in env {
        let name = plain(variable.get("name"));
        let source = variable.get("valueFrom");
        if source.is_null() {
            let text = plain(variable.get("value"));
            for (i, line) in text.split('\n').enumerate() {
                out.push(if i == 0 { format!("  {name}:\t{line}") } else { format!("  \t{line}") });
            }
            continue;
        }
        out.push(format!("  {name}:\t{}", source_text(source, container, pod)));
    }
}

/// The value of a field that a variable may stand for; only metadata is known to who asks.
fn field_value(pod: &Value, path: &str) -> String {
    let metadata = |key: &str| plain(pod.at(&["metadata", key]));
    let keyed = |map: &str| {
        let key = path.strip_prefix("metadata.")?.strip_prefix(map)?.strip_prefix("['")?.strip_suffix("']")?;
        Some(plain(pod.at(&["metadata", map, key])))
    };
    match path {
        "metadata.name" | "metadata.namespace" | "metadata.uid" => metadata(&path["metadata.".len()..]),
        _ => keyed("labels").or_else(|| keyed("annotations")).unwrap_or_default(),
    }
}

fn source_text(source: &Value, container: &Value, pod: Option<&Value>) -> String {
    let key = |of: &Value| (plain(of.get("key")), plain(of.get("name")), of.get("optional").as_bool().unwrap_or(false));
    let (field, resource) = (source.get("fieldRef"), source.get("resourceFieldRef"));
    if !field.is_null() {
        let path = plain(field.get("fieldPath"));
        let value = pod.map_or(String::new(), |pod| field_value(pod, &path));
        return format!("{value} ({}:{path})", plain(field.get("apiVersion")));
    }
    if !resource.is_null() {
        let name = plain(resource.get("resource"));
        let amount = name.split_once('.').map(|(kind, of)| plain(container.at(&["resources", kind, of])));
        let amount = whole(&amount.unwrap_or_default(), &plain(resource.get("divisor")));
        let unlimited = amount == "0" && matches!(&*name, "limits.cpu" | "limits.memory");
        return format!("{} ({name})", if unlimited { "node allocatable" } else { &amount });
    }
    let (config, secret) = (source.get("configMapKeyRef"), source.get("secretKeyRef"));
    if !config.is_null() {
        let (key, name, optional) = key(config);
        return format!("<set to the key '{key}' of config map '{name}'>\tOptional: {optional}");
    }
    let (key, name, optional) = key(secret);
    format!("<set to the key '{key}' in secret '{name}'>\tOptional: {optional}")
}

/// An amount in units of the divisor, rounded up; 0 if there is none.
fn whole(amount: &str, divisor: &str) -> String {
    use crate::api::Quantity;
    let Some(amount) = Quantity::parse(amount) else { return "0".into() };
    let divisor = Quantity::parse(divisor).filter(|d| d.milli > 0).map_or(1000, |d| d.milli);
    ((amount.milli + divisor - 1) / divisor).to_string()
}

/// `a=1,b=2`, for pages that show a selector in one line.
pub fn one_line(map: &Value) -> String {
    labels(map)
}

/// A time as it is printed where none is the beginning of all times.
fn moment(stamp: &Value) -> String {
    if stamp.is_null() { "Mon, 01 Jan 0001 00:00:00 +0000".into() } else { date(stamp) }
}
