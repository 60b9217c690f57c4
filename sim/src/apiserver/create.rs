//! Making an object: names, admission, validation, storing.
//!
//! Kubernetes 1.36: staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go (Create)

use super::{How, bind, custom, review, service_ip, status::Status, strategy, update};
use crate::admission;
use crate::api::object::{Key, Object};
use crate::api::{Field, Kind, Metadata};
use crate::cluster::Cluster;
use crate::rbac::User;
use crate::schema::settle;
use crate::value::Value;
use std::rc::Rc;

pub(super) fn create(
    cluster: &mut Cluster,
    kind: Kind,
    key: &Key,
    mut value: Value,
    how: &How,
) -> Result<Rc<Object>, Status> {
    cluster.warnings.extend(admission::warnings::deprecated(kind).map(String::from));
    let served = custom::served(&cluster.store, kind, &value);
    if let Some(served) = &served {
        cluster.warnings.extend(served.deprecation());
        served.may_create(kind, name_for_errors(&value))?;
    }
    admission::namespace::check(cluster, kind, &key.namespace, name_for_errors(&value))?;
    let meta = prepare(cluster, kind, key, &mut value, how.user);
    let name = meta.name.clone();
    admission::defaults::apply_to_new(kind, &mut value);
    if let Some(served) = &served {
        if served.version.has_status() {
            value.remove("status");
        }
        served.version.complete(&mut value);
    }
    update::note_manager(cluster, kind, None, &mut value, how);
    admission::mutate(cluster, kind, &meta, &mut value)?;
    service_ip::assign(cluster, kind, &key.namespace, &mut value, None, how.dry_run)?;
    let mut wrong = Vec::from_iter(admission::device_admin::check(cluster, kind, &key.namespace, &value));
    wrong.extend(admission::validate::create(kind, &value));
    if let Some(served) = &served {
        wrong.extend(served.check(&value, None, &mut cluster.warnings));
    }
    if !wrong.is_empty() {
        return Err(Status::invalid(kind, &name, wrong));
    }
    settle(&mut value);
    if kind == Kind::Job {
        // What is read back from the store is defaulted once more: now it has the labels that were added since.
        admission::defaults::apply(kind, &mut value);
    }
    if kind == Kind::HorizontalPodAutoscaler && !how.dry_run {
        admission::defaults::autoscaling::convert(&mut value);
    }
    if kind == Kind::Binding {
        return bind::create(cluster, &Key { namespace: meta.namespace, name }, &value, how.dry_run);
    }
    if let Some(status) = review::answer(cluster, kind, &value, how.user)? {
        value.set("status", status);
        value.at_mut(&["metadata"]).remove("uid");
        return Ok(Rc::new(Object::read(kind, &value)));
    }
    let object = Object::read(kind, &value);
    let admitted = admission::permit(cluster, &object, &value, None)?;
    if let Some(present) = cluster.store.get(kind, &object.key()) {
        let mut status = Status::already_exists(kind, &name);
        if present.meta.deleting() {
            status.message = format!("object is being deleted: {}", status.message);
        }
        return Err(status);
    }
    cluster.warnings.extend(admission::warnings::about(kind, &value, None));
    cluster.warnings.extend(admitted.warnings);
    if how.dry_run {
        return Ok(Rc::new(object));
    }
    admitted.quotas.into_iter().for_each(|quota| drop(cluster.commit(quota)));
    // What nobody else holds can become one with what others have that is equal.
    drop(value);
    Ok(cluster.commit(object))
}

fn name_for_errors(value: &Value) -> &str {
    value.at(&["metadata", "name"]).as_str().unwrap_or("")
}

/// Gives a new object its name, uid, time and generation, and drops what only the server may say.
fn prepare(cluster: &Cluster, kind: Kind, key: &Key, value: &mut Value, user: Option<&User>) -> Metadata {
    let mut meta = Metadata::read(value.get("metadata"));
    if !key.namespace.is_empty() {
        meta.namespace = key.namespace.clone();
    }
    if !kind.namespaced() {
        meta.namespace = crate::api::field::empty_text();
    }
    let serial = cluster.store.revision().to_string();
    if let (true, Some(base)) = (meta.name.is_empty(), meta.generate_name.clone()) {
        meta.name = generated(cluster, kind, &meta, &base, &serial);
    }
    let whom = format!("{}/{}/{}/{serial}", kind.name(), meta.namespace, meta.name);
    meta.uid = cluster.dice.uuid(&whom, "uid");
    meta.creation = Some(cluster.stamp());
    meta.generation = i64::from(strategy::counts_generations(kind));
    meta.deletion = None;
    meta.deletion_grace = None;
    meta.resource_version = Default::default();
    value.set("metadata", meta.write());
    value.set("kind", kind.name().into());
    // Another version in which the kind is served has other defaults.
    let version = value.get("apiVersion").as_str().unwrap_or("");
    if !kind.is_custom() && Kind::find(version, kind.name()) != Some(kind) {
        value.set("apiVersion", Value::str(kind.api_version()));
    }
    strategy::prepare_for_create(kind, cluster.stamp(), value);
    if kind == Kind::CertificateSigningRequest {
        // Who asks for a certificate is noted, whatever he says of himself.
        let who = review::info(&review::asking(user));
        for field in ["extra", "groups", "uid", "username"] {
            value.at_mut(&["spec"]).remove(field);
        }
        for (field, said) in who.as_map().into_iter().flat_map(|m| m.iter()) {
            value.at_mut(&["spec"]).set(field, said.clone());
        }
    }
    meta
}

/// A free name that begins with `base`.
fn generated(cluster: &Cluster, kind: Kind, meta: &Metadata, base: &str, serial: &str) -> Rc<str> {
    let mut end = base.len().min(admission::LONGEST_BASE);
    while !base.is_char_boundary(end) {
        end -= 1;
    }
    let mut tries = 0;
    loop {
        let letters = cluster.dice.letters(5, &format!("{}/{base}/{serial}/{tries}", meta.namespace), "name");
        let name: Rc<str> = format!("{}{letters}", &base[..end]).into();
        if cluster.store.find(kind, &meta.namespace, &name).is_none() {
            return name;
        }
        tries += 1;
    }
}
