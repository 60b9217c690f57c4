//! Kubernetes 1.36: pkg/apis/core/validation/validation.go (validateContainers and what it calls)

use super::kit::{At, Errors, quoted};
use super::volume::Volumes;
use super::{downward, names, probe, resources, security, volume};

pub fn all(spec: &At, volumes: &Volumes, errors: &mut Errors) {
    let containers = spec.field("containers");
    if !containers.is_filled() {
        return errors.required(&containers, "");
    }
    let grace = spec.field("terminationGracePeriodSeconds").int();
    let host_network = spec.field("hostNetwork").value.as_bool() == Some(true);
    let mut used: Vec<&str> = Vec::new();
    for container in containers.items() {
        common(&container, volumes, errors);
        unique(&container, &mut used, containers.value, errors);
        probe::lifecycle(&container.field("lifecycle"), grace, errors);
        probe::probes(&container, errors);
        container_restart(&container, errors);
    }
    host_ports(&containers, host_network, errors);
    for container in spec.field("initContainers").items() {
        let restarts = container.field("restartPolicy").text() == "Always";
        common(&container, volumes, errors);
        unique(&container, &mut used, spec.value.get("initContainers"), errors);
        if restarts {
            probe::lifecycle(&container.field("lifecycle"), grace, errors);
            probe::probes(&container, errors);
        } else {
            for field in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
                let field = container.field(field);
                if field.is_set() {
                    errors.forbidden(&field, "may not be set for init containers without restartPolicy=Always");
                }
            }
        }
        container_restart(&container, errors);
    }
}

fn container_restart(container: &At, errors: &mut Errors) {
    let policy = container.field("restartPolicy");
    errors.one_of(&policy, &["Always", "Never", "OnFailure"], true);
    if container.field("restartPolicyRules").is_filled() && !policy.is_set() {
        errors.required(&policy, "must specify restartPolicy when restart rules are used");
    }
}

fn unique<'a>(container: &At, used: &mut Vec<&'a str>, list: &'a crate::value::Value, errors: &mut Errors) {
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
fn common(at: &At, volumes: &Volumes, errors: &mut Errors) {
    let name = at.field("name");
    if errors.needs_text(&name) {
        errors.invalid_all(&name, names::label(name.text()));
    }
    let image = at.field("image");
    if errors.needs_text(&image) && image.text().trim() != image.text() {
        errors.invalid(&image, "must not have leading or trailing whitespace");
    }
    errors.one_of(&at.field("terminationMessagePolicy"), &["File", "FallbackToLogsOnError"], false);
    ports(&at.field("ports"), errors);
    environment(&at.field("env"), errors);
    for source in at.field("envFrom").items() {
        env_from(&source, &at.field("envFrom"), errors);
    }
    volume::mounts(at, volumes, errors);
    volume::devices(at, volumes, errors);
    errors.one_of(&at.field("imagePullPolicy"), &["Always", "IfNotPresent", "Never"], false);
    resources::container(&at.field("resources"), errors);
    security::container(&at.field("securityContext"), errors);
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

/// A port of the node goes to one container only; in the node's own network it is the container's port.
fn host_ports(containers: &At, host_network: bool, errors: &mut Errors) {
    let mut taken: Vec<String> = Vec::new();
    for container in containers.items() {
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
    for container in containers.items().filter(|_| host_network) {
        let list = container.field("ports");
        for port in list.items() {
            let host = port.field("hostPort");
            if host.int() != port.field("containerPort").int() {
                errors.invalid(&host, "must match `containerPort` when `hostNetwork` is true");
            }
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
    let field = source.field("fieldRef");
    if field.is_set() {
        downward::field_ref(&field, &downward::IN_VARIABLES, errors);
    }
    let resource = source.field("resourceFieldRef");
    if resource.is_set() {
        downward::resource_ref(&resource, false, errors);
    }
    for reference in ["configMapKeyRef", "secretKeyRef"] {
        let reference = source.field(reference);
        if reference.is_set() {
            let name = reference.field("name");
            errors.invalid_all_as(&name, &quoted(name.text()), names::subdomain(name.text()));
            let key = reference.field("key");
            if errors.needs_text(&key) {
                errors.invalid_all(&key, names::config_key(key.text()));
            }
        }
    }
}

fn env_from(source: &At, list: &At, errors: &mut Errors) {
    let prefix = source.field("prefix");
    if !prefix.text().is_empty() {
        errors.invalid_all(&prefix, names::env_name(prefix.text()));
    }
    let given: Vec<&str> = ["configMapRef", "secretRef"].into_iter().filter(|r| source.field(r).is_set()).collect();
    for reference in &given {
        let (reference, name) = (source.field(reference), "name");
        let name = reference.field(name);
        if errors.needs_text(&name) {
            errors.invalid_all(&name, names::subdomain(name.text()));
        }
    }
    match given.len() {
        0 => errors.invalid_as(list, "\"\"", "must specify one of: `configMapRef` or `secretRef`"),
        1 => {}
        _ => errors.invalid_as(list, "\"\"", "may not have more than one field specified at a time"),
    }
}
