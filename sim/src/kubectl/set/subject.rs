//! `kubectl set subject`: who else a role is bound to.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/set/set_subject.go

use super::write;
use crate::api::Kind;
use crate::api::object::Object;
use crate::kubectl::{Context, Fault};
use crate::value::Value;
use std::rc::Rc;

pub const NONE: &str = "you must specify at least one value of user, group or serviceaccount";
const RBAC: &str = "rbac.authorization.k8s.io";

/// Adds those that the flags name and the binding does not have.
pub fn subject(context: &mut Context, object: &Rc<Object>) -> Result<(), Fault> {
    let subjects = named(context)?;
    if subjects.is_empty() {
        return Err(Fault::text(NONE));
    }
    if !matches!(object.kind, Kind::RoleBinding | Kind::ClusterRoleBinding) {
        return Err(Fault::text("setting subjects is only supported for RoleBinding/ClusterRoleBinding"));
    }
    let mut value = object.write();
    let before = value.get("subjects").items().to_vec();
    let new = subjects.into_iter().filter(|subject| !before.contains(subject)).collect::<Vec<_>>();
    if !new.is_empty() {
        value.set("subjects", Value::list(before.into_iter().chain(new).collect()));
    }
    write(context, object, value, "subjects updated")
}

/// Whom the flags name, each kind sorted.
fn named(context: &Context) -> Result<Vec<Value>, Fault> {
    let sorted = |flag: &str| {
        let mut list: Vec<String> = context.args.list(flag).into_iter().map(String::from).collect();
        list.sort();
        list.dedup();
        list
    };
    let mut out = vec![];
    for (flag, kind) in [("user", "User"), ("group", "Group")] {
        out.extend(
            sorted(flag).into_iter().map(|name| {
                Value::map([("apiGroup", Value::from(RBAC)), ("kind", kind.into()), ("name", name.into())])
            }),
        );
    }
    for account in sorted("serviceaccount") {
        let Some((namespace, name)) = account.split_once(':') else {
            return Err(Fault::text("serviceaccount must be <namespace>:<name>"));
        };
        if namespace.is_empty() {
            return Err(Fault::text("serviceaccount must be <namespace>:<name>, namespace must be specified"));
        }
        out.push(Value::map([
            ("kind", "ServiceAccount".into()),
            ("name", name.into()),
            ("namespace", Value::from(namespace)),
        ]));
    }
    Ok(out)
}
