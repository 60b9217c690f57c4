//! Questions to the API server: who am I, may I, whose token is this. They are answered, and nothing of them is kept.
//!
//! Kubernetes 1.36: pkg/registry/{authentication,authorization}, pkg/apis/authorization/validation. Not simulated: tokens;
//! none that is asked about is a right one.

use super::status::{Status, StatusCause};
use crate::api::Kind;
use crate::cluster::Cluster;
use crate::rbac::{Ask, User, allows, rules_of};
use crate::value::Value;

/// The answer to a question, as its status; `None` if the kind is no question.
///
/// # Errors
/// `Invalid` or `BadRequest` for a question that lacks what it is about.
pub(super) fn answer(
    cluster: &Cluster,
    kind: Kind,
    value: &Value,
    user: Option<&User>,
) -> Result<Option<Value>, Status> {
    let spec = value.get("spec");
    let me = || asking(user);
    Ok(Some(match kind {
        Kind::SelfSubjectReview => Value::map([("userInfo", info(&me()))]),
        Kind::TokenReview => {
            if text(spec, "token").is_empty() {
                return Err(Status::bad_request("token is required for TokenReview in authentication"));
            }
            let mut status = value.get("status").clone();
            status.remove("authenticated");
            status.set("error", "invalid bearer token".into());
            status.set_default("user", Value::empty_map);
            status
        }
        Kind::SelfSubjectAccessReview => {
            check(kind, spec)?;
            access(cluster, spec, &me())
        }
        Kind::SubjectAccessReview | Kind::LocalSubjectAccessReview => {
            check(kind, spec)?;
            let groups = spec.get("groups").items().iter().filter_map(Value::as_str).map(String::from).collect();
            access(cluster, spec, &User { name: text(spec, "user").into(), uid: "", groups })
        }
        Kind::SelfSubjectRulesReview => rules(cluster, spec, &me())?,
        _ => return Ok(None),
    }))
}

/// Who asks: the administrator, unless it is said.
pub(super) fn asking(user: Option<&User>) -> User {
    user.cloned().unwrap_or_else(User::admin)
}

/// What the server knows of a user, as objects that note their maker hold it.
pub(super) fn info(user: &User) -> Value {
    let groups = user.groups.iter().map(|group| group.as_str().into()).collect();
    let mut info = Value::map([("groups", Value::list(groups)), ("username", Value::Str(user.name.clone()))]);
    if !user.uid.is_empty() {
        info.set("uid", user.uid.into());
    }
    info
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).as_str().unwrap_or("")
}

/// A question is about a resource or about a path, and about somebody.
fn check(kind: Kind, spec: &Value) -> Result<(), Status> {
    let invalid = |field: &str, value: &str, detail: &str| StatusCause {
        reason: "FieldValueInvalid",
        field: format!("spec.{field}"),
        message: format!("Invalid value: {value}: {detail}"),
    };
    let mut wrong = Vec::new();
    match (spec.get("resourceAttributes").is_null(), spec.get("nonResourceAttributes").is_null()) {
        (true, true) => {
            let detail = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
            wrong.push(invalid("resourceAttributes", "null", detail));
        }
        (false, false) => {
            let shown = crate::manifest::write::json(spec.get("nonResourceAttributes"), 0);
            wrong.push(invalid(
                "nonResourceAttributes",
                &shown,
                "cannot be specified in combination with resourceAttributes",
            ));
        }
        _ => {}
    }
    let nobody = text(spec, "user").is_empty() && spec.get("groups").items().is_empty();
    if kind != Kind::SelfSubjectAccessReview && nobody {
        wrong.push(invalid("user", "\"\"", "at least one of user or group must be specified"));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Status::invalid(kind, "", wrong)) }
}

fn access(cluster: &Cluster, spec: &Value, user: &User) -> Value {
    let (about, path) = (spec.get("resourceAttributes"), spec.get("nonResourceAttributes"));
    let resource = match text(about, "subresource") {
        "" => text(about, "resource").to_string(),
        part => format!("{}/{part}", text(about, "resource")),
    };
    let ask = if path.is_null() {
        let (verb, group, name) = (text(about, "verb"), text(about, "group"), text(about, "name"));
        Ask { verb, group, resource: &resource, name, namespace: text(about, "namespace") }
    } else {
        Ask { verb: text(path, "verb"), group: "", resource: text(path, "path"), name: "", namespace: "" }
    };
    let (allowed, why) = allows(cluster, user, &ask);
    let mut status = Value::map([("allowed", Value::Bool(allowed))]);
    if let Some(why) = why {
        status.set("reason", why.into());
    }
    status
}

/// All that one may do in a namespace.
fn rules(cluster: &Cluster, spec: &Value, user: &User) -> Result<Value, Status> {
    if text(spec, "namespace").is_empty() {
        return Err(Status::bad_request("no namespace on request"));
    }
    let all = rules_of(cluster, user, text(spec, "namespace"));
    let part = |list: &str, fields: &[&'static str]| {
        let of = all.iter().filter(|rule| !rule.get(list).items().is_empty());
        let narrow = |rule: &Value| {
            let present = fields.iter().filter(|field| !rule.get(field).is_null());
            Value::map(present.map(|field| (*field, rule.get(field).clone())))
        };
        Value::list(of.map(narrow).collect())
    };
    Ok(Value::map([
        ("incomplete", Value::Bool(false)),
        ("nonResourceRules", part("nonResourceURLs", &["nonResourceURLs", "verbs"])),
        ("resourceRules", part("resources", &["apiGroups", "resourceNames", "resources", "verbs"])),
    ]))
}
