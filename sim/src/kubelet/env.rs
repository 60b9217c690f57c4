//! A container's environment: Services, `envFrom`, `env`, and `$(NAME)` in values.
//!
//! Kubernetes 1.36: pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables), pkg/kubelet/envvars,
//! third_party/forked/golang/expansion

use super::pod_worker::Turn;
use super::volumes;
use crate::api::Kind;
use crate::api::config_map::{ConfigMap, Secret};
use crate::api::pod::{Container, EnvSource, FileKey};
use crate::api::service::Service;
use crate::store::Store;
use crate::value::shared;
use std::collections::BTreeSet;
use std::rc::Rc;

pub(super) type Env = Vec<(Rc<str>, Rc<str>)>;

/// The environment that the specification asks for, in its order.
///
/// # Errors
/// The words of a `CreateContainerConfigError`.
pub(super) fn environment(turn: &Turn, container: &Container) -> Result<Env, String> {
    let services = services(turn, &turn.pod.meta.namespace);
    let mut env = specified(turn, container, &services)?;
    for (name, value) in services {
        if !env.iter().any(|(n, _)| *n == name) {
            env.push((name, value));
        }
    }
    Ok(env)
}

/// Whether there is all that the environment is made of, and what paths of mounts take from it.
///
/// # Errors
/// As [`environment`], and as [`sub_paths_known`].
pub(super) fn check(turn: &Turn, container: &Container) -> Result<(), String> {
    if container.volume_mounts.iter().any(|mount| !mount.sub_path_expr.is_empty()) {
        return sub_paths_known(container, &environment(turn, container)?);
    }
    // What Services add is always there.
    specified(turn, container, &Env::new()).map(drop)
}

/// What `envFrom` and `env` say.
fn specified(turn: &Turn, container: &Container, services: &Env) -> Result<Env, String> {
    let mut env: Env = Vec::new();
    let namespace = turn.pod.meta.namespace.clone();
    for from in &container.env_from {
        let (name, optional, data) = match (&from.config_map, &from.secret) {
            (Some(r), _) => (&r.name, r.optional, config_map(&turn.cluster.store, &namespace, &r.name)),
            (_, Some(r)) => (&r.name, r.optional, secret(&turn.cluster.store, &namespace, &r.name)),
            _ => continue,
        };
        match data {
            Some(data) => {
                for (key, value) in data {
                    set(&mut env, &format!("{}{key}", from.prefix), value);
                }
            }
            None if optional == Some(true) => {}
            None => {
                let kind = if from.config_map.is_some() { "configmap" } else { "secret" };
                return Err(format!("{kind} \"{name}\" not found"));
            }
        }
    }
    for var in &container.env {
        let value = match &var.value_from {
            None => {
                let value = expand_with(&var.value, &env, services);
                Some(value)
            }
            Some(source) => from_source(turn, container, &namespace, source)?,
        };
        if let Some(value) = value {
            set(&mut env, &var.name, value);
        }
    }
    Ok(env)
}

fn set(env: &mut Env, name: &str, value: String) {
    match env.iter_mut().find(|(n, _)| **n == *name) {
        Some(entry) => entry.1 = value.into(),
        None => env.push((name.into(), value.into())),
    }
}

fn from_source(
    turn: &Turn,
    container: &Container,
    namespace: &str,
    source: &EnvSource,
) -> Result<Option<String>, String> {
    if let Some(field) = &source.field {
        return super::downward::field(turn, &field.path).map(Some);
    }
    if let Some(resource) = &source.resource {
        return super::downward::resource(turn, Some(container), resource).map(Some);
    }
    if let Some(file) = &source.file {
        return from_file(turn, file);
    }
    let (key, data, kind) = match (&source.config_map, &source.secret) {
        (Some(k), _) => (k, config_map(&turn.cluster.store, namespace, &k.name), "configmap"),
        (_, Some(k)) => (k, secret(&turn.cluster.store, namespace, &k.name), "secret"),
        _ => return Ok(None),
    };
    let optional = key.optional == Some(true);
    match data {
        None if optional => Ok(None),
        None => Err(format!("{kind} \"{}\" not found", key.name)),
        Some(data) => match data.into_iter().find(|(k, _)| **k == *key.key) {
            Some((_, value)) => Ok(Some(value)),
            None if optional => Ok(None),
            None => {
                let kind = if kind == "secret" { "Secret" } else { "ConfigMap" };
                Err(format!("couldn't find key {} in {kind} {namespace}/{}", key.key, key.name))
            }
        },
    }
}

/// A variable of a file in a volume.
///
/// Kubernetes 1.36: pkg/kubelet/util/env/env_util.go
fn from_file(turn: &Turn, source: &FileKey) -> Result<Option<String>, String> {
    let Some(volume) = turn.spec.volumes.iter().find(|volume| volume.name == source.volume) else {
        return Err(format!("cannot find the volume \"{}\" referenced by FileKeyRef", source.volume));
    };
    let text = volumes::read(turn, volume, &source.path).ok_or("couldn't parse env file")?;
    let line = |line: &str| {
        let (key, value) = line.split('#').next()?.split_once('=')?;
        (*key == *source.key).then(|| value.to_string())
    };
    match text.lines().find_map(line).filter(|value| !value.is_empty()) {
        Some(value) => Ok(Some(value)),
        None if source.optional == Some(true) => Ok(None),
        None => {
            let place = volumes::host_path(turn, volume);
            Err(format!("environment variable key \"{}\" not found in file \"{place}/{}\"", source.key, source.path))
        }
    }
}

/// Keys and what they hold, as text.
pub(super) type Data = Vec<(Rc<str>, String)>;

pub(super) fn config_map(store: &Store, namespace: &str, name: &str) -> Option<Data> {
    let (_, map) = store.typed::<ConfigMap>(namespace, name)?;
    Some(map.data.iter().map(|(k, v)| (k.clone(), v.to_string())).collect())
}

pub(super) fn secret(store: &Store, namespace: &str, name: &str) -> Option<Data> {
    let (_, secret) = store.typed::<Secret>(namespace, name)?;
    let decode = |v: &str| crate::manifest::base64::decode(v).unwrap_or_default();
    Some(secret.data.iter().map(|(k, v)| (k.clone(), String::from_utf8_lossy(&decode(v)).into_owned())).collect())
}

/// `WEB_SERVICE_HOST` and its kin, of each Service in the namespace and of the API server's own.
fn services(turn: &Turn, namespace: &str) -> Env {
    let mut env = Env::new();
    let own = turn.spec.enable_service_links.unwrap_or(true);
    let mut list: Vec<_> = turn.cluster.store.find(Kind::Service, "default", "kubernetes").into_iter().collect();
    if own {
        let others = turn.cluster.store.list_in(Kind::Service, namespace);
        list.extend(others.filter(|s| !(&*s.meta.name == "kubernetes" && namespace == "default")));
    }
    for object in list {
        let service = object.expect::<Service>();
        let address = service.spec.cluster_ip.clone();
        if address.is_empty() || &*address == "None" {
            continue;
        }
        let base = object.meta.name.to_ascii_uppercase().replace(['-', '.'], "_");
        let Some(first) = service.spec.ports.first() else { continue };
        let mut add = |name: String, value: String| env.push((shared(&name), shared(&value)));
        add(format!("{base}_SERVICE_HOST"), address.to_string());
        add(format!("{base}_SERVICE_PORT"), first.port.to_string());
        for port in service.spec.ports.iter().filter(|p| !p.name.is_empty()) {
            let suffix = port.name.to_ascii_uppercase().replace('-', "_");
            add(format!("{base}_SERVICE_PORT_{suffix}"), port.port.to_string());
        }
        let protocol = |p: &str| if p.is_empty() { "tcp".to_string() } else { p.to_ascii_lowercase() };
        add(format!("{base}_PORT"), format!("{}://{address}:{}", protocol(&first.protocol), first.port));
        for port in &service.spec.ports {
            let lower = protocol(&port.protocol);
            let prefix = format!("{base}_PORT_{}_{}", port.port, lower.to_ascii_uppercase());
            add(prefix.clone(), format!("{lower}://{address}:{}", port.port));
            add(format!("{prefix}_PROTO"), lower);
            add(format!("{prefix}_PORT"), port.port.to_string());
            add(format!("{prefix}_ADDR"), address.to_string());
        }
    }
    env
}

/// Whether each variable that a mount's `subPathExpr` names is there and not empty.
///
/// # Errors
/// Which are not. Kubernetes 1.36: pkg/kubelet/container/helpers.go (ExpandContainerVolumeMounts)
fn sub_paths_known(container: &Container, env: &Env) -> Result<(), String> {
    for mount in container.volume_mounts.iter() {
        let mut missing = BTreeSet::new();
        replace(&mount.sub_path_expr, |name| {
            let value = env.iter().find(|(n, _)| **n == *name).map(|(_, value)| value.clone());
            if value.as_ref().is_none_or(|value| value.is_empty()) {
                missing.insert(name.to_string());
            }
            value
        });
        let missing = missing.into_iter().collect::<Vec<_>>();
        if !missing.is_empty() {
            return Err(format!("missing value for {}", missing.join(", ")));
        }
    }
    Ok(())
}

/// Replaces `$(NAME)` by the variable's value; `$$` stands for `$`; what is not known stays as it is.
pub(super) fn expand(text: &str, env: &Env) -> String {
    expand_with(text, env, &Env::new())
}

fn expand_with(text: &str, env: &Env, more: &Env) -> String {
    replace(text, |name| env.iter().chain(more).find(|(n, _)| **n == *name).map(|(_, v)| v.clone()))
}

fn replace(text: &str, mut known: impl FnMut(&str) -> Option<Rc<str>>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((name, after)) = rest.strip_prefix('(').and_then(|r| r.split_once(')')) {
            match known(name) {
                Some(value) => out.push_str(&value),
                None => {
                    out.push_str("$(");
                    out.push_str(name);
                    out.push(')');
                }
            }
            rest = after;
        } else {
            out.push('$');
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_expand_as_documented() {
        let env: Env = vec![("A".into(), "1".into()), ("B".into(), "x y".into())];
        let of = |text| expand(text, &env);
        assert_eq!(
            [of("$(A)-$(B)"), of("$$(A)"), of("$(C) $A"), of("$(A"), of("5$")],
            ["1-x y", "$(A)", "$(C) $A", "$(A", "5$"]
        );
    }
}
