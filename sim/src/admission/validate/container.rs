//! Kubernetes 1.36: pkg/apis/core/validation/validation.go (validateContainers and what it calls)

use super::kit::{At, Errors, quoted};
use super::volume::Volumes;
use super::{names, probe, projection, resources, security, source, volume};
use crate::value::Value;

pub fn all(spec: &At, volumes: &Volumes, errors: &mut Errors) {
    let containers = spec.field("containers");
    if !containers.is_filled() {
        return errors.required(&containers, "");
    }
    let grace = spec.field("terminationGracePeriodSeconds").int();
    let mut used: Vec<&str> = Vec::new();
    for container in containers.items() {
        common(&container, volumes, spec.value, errors);
        unique(&container, &mut used, containers.value, errors);
        probe::lifecycle(&container.field("lifecycle"), grace, errors);
        probe::probes(&container, errors);
        restart(&container, errors);
    }
    let all: Vec<At> = containers.items().collect();
    host_ports(&all, errors);
    for container in spec.field("initContainers").items() {
        common(&container, volumes, spec.value, errors);
        init_restart(&container, errors);
        unique(&container, &mut used, spec.value.get("initContainers"), errors);
        init(&container, spec, grace, errors);
    }
    for container in spec.field("ephemeralContainers").items() {
        ephemeral(&container, volumes, spec.value, errors);
        unique(&container, &mut used, spec.value.get("ephemeralContainers"), errors);
        not_ephemeral(&container, spec.value, errors);
    }
}

/// What a container may do that runs before the others, and what one beside which they run.
fn init(container: &At, spec: &At, grace: i64, errors: &mut Errors) {
    // One after another they run: only ports of the same one are in each other's way.
    host_ports(&[spec.field("initContainers").index(0).standing_for(container.value)], errors);
    if container.field("restartPolicy").text() == "Always" {
        probe::lifecycle(&container.field("lifecycle"), grace, errors);
        return probe::probes(container, errors);
    }
    for field in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
        let field = container.field(field);
        if field.is_set() {
            errors.forbidden(&field, "may not be set for init containers without restartPolicy=Always");
        }
    }
    for policy in container.field("resizePolicy").items() {
        let way = policy.field("restartPolicy");
        if way.text() == "RestartContainer" {
            errors.invalid(&way, "must not be set to 'RestartContainer' for non-sidecar initContainers");
        }
    }
}

fn init_restart(container: &At, errors: &mut Errors) {
    let policy = container.field("restartPolicy");
    if policy.is_set() {
        restart(container, errors);
    } else if container.field("restartPolicyRules").is_filled() {
        errors.required(&policy, NO_POLICY);
    }
}

fn ephemeral(container: &At, volumes: &Volumes, spec: &Value, errors: &mut Errors) {
    common(container, volumes, spec, errors);
    no_blanks(container, errors);
}

/// What a container that is only there to look cannot have.
fn not_ephemeral(container: &At, spec: &Value, errors: &mut Errors) {
    const FORBIDDEN: [&str; 9] = [
        "ports",
        "resources",
        "resizePolicy",
        "restartPolicy",
        "restartPolicyRules",
        "livenessProbe",
        "readinessProbe",
        "startupProbe",
        "lifecycle",
    ];
    const WHY: &str = "cannot be set for an Ephemeral Container";
    let target = container.field("targetContainerName");
    let mut others = ["containers", "initContainers"].into_iter().flat_map(|list| spec.get(list).items());
    if !target.text().is_empty() && !others.any(|c| c.get("name") == target.value) {
        errors.not_found(&target);
    }
    for field in FORBIDDEN.map(|field| container.field(field)).iter().filter(|field| field.is_filled()) {
        errors.forbidden(field, WHY);
    }
    for mount in container.field("volumeMounts").items() {
        for field in ["subPath", "subPathExpr"].map(|field| mount.field(field)).iter().filter(|f| f.is_filled()) {
            errors.forbidden(field, WHY);
        }
    }
}

const NO_POLICY: &str = "must specify restartPolicy when restart rules are used";
const MOST_RULES: usize = 20;
const MOST_CODES: usize = 255;

/// Which end of a container lets it begin again.
fn restart(container: &At, errors: &mut Errors) {
    let (policy, rules) = (container.field("restartPolicy"), container.field("restartPolicyRules"));
    errors.one_of(&policy, &["Always", "Never", "OnFailure"], true);
    if rules.is_filled() && !policy.is_set() {
        errors.required(&policy, NO_POLICY);
    }
    if rules.items().count() > MOST_RULES {
        errors.too_many(&rules, MOST_RULES);
    }
    for rule in rules.items() {
        let (action, codes) = (rule.field("action"), rule.field("exitCodes"));
        errors.known(&action, &["Restart", "RestartAllContainers"]);
        if !codes.is_set() {
            errors.required(&codes, "must be specified");
            continue;
        }
        errors.known(&codes.field("operator"), &["In", "NotIn"]);
        let values = codes.field("values");
        if values.items().count() > MOST_CODES {
            errors.too_many(&values, MOST_CODES);
        }
    }
}

fn unique<'a>(container: &At, used: &mut Vec<&'a str>, list: &'a Value, errors: &mut Errors) {
    let name = container.field("name");
    let Some(text) = list.items().iter().find(|c| c.get("name") == name.value).and_then(|c| c.get("name").as_str())
    else {
        return;
    };
    if used.contains(&text) {
        errors.duplicate(&name);
    } else {
        used.push(text);
    }
}

/// What holds for containers of every sort.
fn common(at: &At, volumes: &Volumes, spec: &Value, errors: &mut Errors) {
    let name = at.field("name");
    if errors.needs_text(&name) {
        errors.invalid_all(&name, names::label(name.text()));
    }
    errors.needs_text(&at.field("image"));
    errors.one_of(&at.field("terminationMessagePolicy"), &["File", "FallbackToLogsOnError"], false);
    ports(&at.field("ports"), errors);
    environment(&at.field("env"), errors);
    for source in at.field("envFrom").items() {
        env_from(&source, &at.field("envFrom"), errors);
    }
    volume::mounts(at, volumes, errors);
    volume::devices(at, volumes, errors);
    errors.one_of(&at.field("imagePullPolicy"), &["Always", "IfNotPresent", "Never"], false);
    resources::container(&at.field("resources"), spec.get("resourceClaims"), errors);
    resize_policy(&at.field("resizePolicy"), spec.get("restartPolicy").as_str().unwrap_or(""), errors);
    let host_users = spec.get("hostUsers").as_bool() != Some(false);
    security::container(&at.field("securityContext"), host_users, errors);
}

fn ports(at: &At, errors: &mut Errors) {
    let mut used: Vec<String> = Vec::new();
    for port in at.items() {
        let name = port.field("name");
        if !name.text().is_empty() {
            let wrong = names::port_name(name.text());
            if wrong.is_empty() && used.iter().any(|n| n == name.text()) {
                errors.duplicate(&name);
            } else if wrong.is_empty() {
                used.push(name.text().to_string());
            }
            errors.invalid_all(&name, wrong);
        }
        let number = port.field("containerPort");
        if number.int() == 0 {
            errors.required(&number, "");
        } else {
            errors.in_range(&number, 1, 65_535);
        }
        let host = port.field("hostPort");
        if host.int() != 0 {
            errors.in_range(&host, 1, 65_535);
        }
        errors.one_of(&port.field("protocol"), &["SCTP", "TCP", "UDP"], false);
    }
}

/// In which way each resource may be changed while the container runs.
fn resize_policy(at: &At, restart: &str, errors: &mut Errors) {
    let mut seen: Vec<&str> = Vec::new();
    for (policy, own) in at.items().zip(at.value.items()) {
        let [name, way] = ["resourceName", "restartPolicy"].map(|field| own.get(field).as_str().unwrap_or(""));
        if seen.contains(&name) {
            errors.duplicate_as(&policy, &quoted(name));
        }
        seen.push(name);
        // The server writes the path of the whole list.
        for (value, known) in [(name, ["cpu", "memory"]), (way, ["NotRequired", "RestartContainer"])] {
            match value {
                "" => errors.required(at, ""),
                _ if known.contains(&value) => {}
                _ => errors.unsupported_as(at, &quoted(value), &known),
            }
        }
        if restart == "Never" && way != "NotRequired" {
            errors.invalid_as(at, &quoted(way), "must be 'NotRequired' when pod `restartPolicy` is 'Never'");
        }
    }
}

/// Only a Pod of its own must have images without spaces around them.
pub fn of_pod(spec: &At, errors: &mut Errors) {
    for list in ["containers", "initContainers"] {
        spec.field(list).items().for_each(|container| no_blanks(&container, errors));
    }
}

fn no_blanks(container: &At, errors: &mut Errors) {
    let image = container.field("image");
    if image.text().trim() != image.text() {
        errors.invalid(&image, "must not have leading or trailing whitespace");
    }
}

/// Files that variables are read from lie in a volume of the Pod, and in one that is its own.
pub fn files_of_variables(spec: &At, errors: &mut Errors) {
    let volumes = spec.value.get("volumes").items();
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        for container in spec.field(list).items() {
            for variable in container.field("env").items() {
                let source = variable.field("valueFrom");
                let file = source.field("fileKeyRef");
                let name = file.field("volumeName");
                match volumes.iter().rfind(|volume| volume.get("name").as_str() == Some(name.text())) {
                    _ if !file.is_set() => {}
                    None => errors.not_found(&name),
                    Some(volume) if volume.get("emptyDir").is_null() => {
                        errors.invalid(&name, "referenced volume must be of type emptyDir");
                    }
                    Some(_) => {}
                }
            }
        }
    }
}

/// In the node's own network a port of the node is the container's; a template may leave it out.
pub fn host_network(spec: &At, template: bool, errors: &mut Errors) {
    if spec.field("hostNetwork").value.as_bool() != Some(true) {
        return;
    }
    for container in spec.field("containers").items() {
        for port in container.field("ports").items() {
            let (host, own) = (port.field("hostPort"), port.field("containerPort").int());
            if host.int() != own && !(template && host.int() == 0) {
                let why = "must match `containerPort` when `hostNetwork` is true";
                errors.invalid_as(&host, &host.int().to_string(), why);
            }
        }
    }
}

/// A port of the node goes to one container only.
fn host_ports(containers: &[At], errors: &mut Errors) {
    let mut taken: Vec<String> = Vec::new();
    for container in containers {
        let list = container.field("ports");
        for port in list.items() {
            let host = port.field("hostPort");
            if host.int() == 0 {
                continue;
            }
            let text = |field: &str| port.value.get(field).as_str().unwrap_or("");
            let id = format!("{}/{}/{}", text("protocol"), text("hostIP"), host.int());
            if taken.contains(&id) {
                errors.duplicate_as(&host, &quoted(&id));
            }
            taken.push(id);
        }
    }
}

const ENV_SOURCES: [&str; 5] = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

fn environment(at: &At, errors: &mut Errors) {
    for variable in at.items() {
        let name = variable.field("name");
        if errors.needs_text(&name) {
            errors.invalid_all(&name, names::env_name(name.text()));
        }
        let source = variable.field("valueFrom");
        if source.is_set() {
            value_from(&variable, &source, errors);
        }
    }
}

fn value_from(variable: &At, source: &At, errors: &mut Errors) {
    let field = source.field("fieldRef");
    if field.is_set() {
        projection::field_ref(&field, &projection::OF_VARIABLES, errors);
    }
    let resource = source.field("resourceFieldRef");
    if resource.is_set() {
        projection::resource_ref(&resource, false, errors);
    }
    for reference in ["configMapKeyRef", "secretKeyRef"] {
        let reference = source.field(reference);
        if reference.is_set() {
            let (name, key) = (reference.field("name"), reference.field("key"));
            names::subdomain(name.text()).iter().for_each(|w| errors.invalid_as(&name, &quoted(name.text()), w));
            if errors.needs_text(&key) {
                errors.invalid_all(&key, names::config_key(key.text()));
            }
        }
    }
    let file = source.field("fileKeyRef");
    if file.is_set() {
        file_key(&file, errors);
    }
    let given = ENV_SOURCES.iter().filter(|s| !source.value.get(s).is_null()).count();
    if given == 0 {
        errors.invalid_as(
            source,
            "\"\"",
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`",
        );
    } else if !variable.field("value").text().is_empty() {
        errors.invalid_as(source, "\"\"", "may not be specified when `value` is not empty");
    } else if given > 1 {
        errors.invalid_as(source, "\"\"", "may not have more than one field specified at a time");
    }
}

/// An entry of a file that another container has written.
fn file_key(at: &At, errors: &mut Errors) {
    let (key, volume, path) = (at.field("key"), at.field("volumeName"), at.field("path"));
    if errors.needs_text(&key) {
        errors.invalid_all(&key, names::env_name(key.text()));
    }
    if errors.needs_text(&volume) {
        errors.invalid_all(&volume, names::label(volume.text()));
    }
    if errors.needs_text(&path) {
        source::no_dots(&path, errors);
    }
}

fn env_from(source: &At, list: &At, errors: &mut Errors) {
    let prefix = source.field("prefix");
    if !prefix.text().is_empty() {
        errors.invalid_all(&prefix, names::env_name(prefix.text()));
    }
    let given: Vec<&str> = ["configMapRef", "secretRef"].into_iter().filter(|r| source.field(r).is_set()).collect();
    for reference in &given {
        let reference = source.field(reference);
        let name = reference.field("name");
        if errors.needs_text(&name) {
            // It may be the beginning of a name.
            errors.invalid_all(&name, names::subdomain(name.text().strip_suffix('-').unwrap_or(name.text())));
        }
    }
    match given.len() {
        0 => errors.invalid_as(list, "\"\"", "must specify one of: `configMapRef` or `secretRef`"),
        1 => {}
        _ => errors.invalid_as(list, "\"\"", "may not have more than one field specified at a time"),
    }
}
