//! Who a container runs as, and when that is refused.
//!
//! Kubernetes 1.36: pkg/kubelet/kuberuntime/security_context.go, util

use crate::api::object::Object;
use crate::api::pod::{Container, PodSpec};
use crate::machine::images;
use crate::shell::Creds;
use crate::value::Value;

/// A setting of the container, or else of its Pod.
fn setting<'a>(spec: &'a PodSpec, container: &'a Container, field: &str) -> &'a Value {
    match container.security_context.get(field) {
        Value::Null => spec.security_context.get(field),
        own => own,
    }
}

/// # Errors
/// Why the container must not run as the user that it would run as.
pub(super) fn check(pod: &Object, spec: &PodSpec, container: &Container) -> Result<(), String> {
    if setting(spec, container, "runAsNonRoot").as_bool() != Some(true) {
        return Ok(());
    }
    let meta = &pod.meta;
    let place = format!("(pod: \"{}_{}({})\", container: {})", meta.name, meta.namespace, meta.uid, container.name);
    match setting(spec, container, "runAsUser").as_int() {
        Some(0) => Err(format!("container's runAsUser breaks non-root policy {place}")),
        Some(_) => Ok(()),
        None if image_user(container) == 0 => {
            Err(format!("container has runAsNonRoot and image will run as root {place}"))
        }
        None => Ok(()),
    }
}

fn image_user(container: &Container) -> i64 {
    images::full_name(&container.image).map_or(0, |full| images::user(&full))
}

/// Who the container's programs are.
pub(super) fn creds(spec: &PodSpec, container: &Container) -> Creds {
    let user = user(spec, container);
    let number = |v: &Value| v.as_int().unwrap_or(0).clamp(0, u32::MAX.into()) as u32;
    let linux = user.get("linux");
    let groups: Vec<u32> = linux.get("supplementalGroups").items().iter().map(number).collect();
    Creds { uid: number(linux.get("uid")), gid: number(linux.get("gid")), groups: groups.into() }
}

pub(super) fn read_only_root(container: &Container) -> bool {
    container.security_context.get("readOnlyRootFilesystem").as_bool() == Some(true)
}

/// The group that owns the files of the Pod's volumes.
pub(super) fn fs_group(spec: &PodSpec) -> Option<u32> {
    spec.security_context.get("fsGroup").as_int().and_then(|g| u32::try_from(g).ok())
}

/// `status.containerStatuses[].user`.
pub(super) fn user(spec: &PodSpec, container: &Container) -> Value {
    let uid = setting(spec, container, "runAsUser").as_int().unwrap_or_else(|| image_user(container));
    let gid = setting(spec, container, "runAsGroup").as_int().unwrap_or(0);
    let mut groups = vec![Value::Int(gid)];
    let more = spec.security_context.get("supplementalGroups").items().iter();
    for group in more.chain([spec.security_context.get("fsGroup")]).filter(|g| !g.is_null()) {
        if !groups.contains(group) {
            groups.push(group.clone());
        }
    }
    let linux = [("gid", Value::Int(gid)), ("supplementalGroups", Value::list(groups)), ("uid", Value::Int(uid))];
    Value::map([("linux", Value::map(linux))])
}
