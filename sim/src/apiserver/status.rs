//! Refusals, in the API server's own words.
//!
//! Kubernetes 1.36: staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go

use crate::api::Kind;
use std::fmt;

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Status {
    /// As in HTTP.
    pub code: u16,
    /// `NotFound`, `AlreadyExists`, `Conflict`, `Invalid`, `Forbidden`, `BadRequest` ...
    pub reason: &'static str,
    pub message: String,
    pub causes: Vec<StatusCause>,
}

/// One of several causes: which field, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StatusCause {
    /// `FieldValueInvalid`, `FieldValueRequired` ...
    pub reason: &'static str,
    pub message: String,
    pub field: String,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Status {
    pub fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Status {
        Status { code, reason, message: message.into(), causes: Vec::new() }
    }
    pub fn not_found(kind: Kind, name: &str) -> Status {
        Status::new(404, "NotFound", format!("{} \"{name}\" not found", kind.plural_dot_group()))
    }
    pub fn already_exists(kind: Kind, name: &str) -> Status {
        Status::new(409, "AlreadyExists", format!("{} \"{name}\" already exists", kind.plural_dot_group()))
    }
    pub fn conflict(kind: Kind, name: &str, why: &str) -> Status {
        let what = kind.plural_dot_group();
        Status::new(409, "Conflict", format!("Operation cannot be fulfilled on {what} \"{name}\": {why}"))
    }
    /// The object has changed since it was read.
    pub fn modified(kind: Kind, name: &str) -> Status {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        Status::conflict(kind, name, why)
    }
    pub fn forbidden(kind: Kind, name: &str, why: impl fmt::Display) -> Status {
        let what = kind.plural_dot_group();
        let message = if name.is_empty() {
            format!("{what} is forbidden: {why}")
        } else {
            format!("{what} \"{name}\" is forbidden: {why}")
        };
        Status::new(403, "Forbidden", message)
    }
    /// Whether something was refused as its namespace is going: for controllers that is no failure.
    pub fn is_of_going_namespace(&self) -> bool {
        self.causes.iter().any(|c| c.reason == "NamespaceTerminating")
    }
    pub fn bad_request(message: impl Into<String>) -> Status {
        Status::new(400, "BadRequest", message)
    }
    /// All that is wrong with an object at once, as `Deployment.apps "x" is invalid: ...`.
    pub fn invalid(kind: Kind, name: &str, causes: Vec<StatusCause>) -> Status {
        let texts: Vec<String> = causes.iter().map(|c| format!("{}: {}", c.field, c.message)).collect();
        let all = match texts.as_slice() {
            [one] => one.clone(),
            // An aggregate of equal texts names each once.
            many => {
                let mut unique: Vec<&String> = Vec::new();
                for text in many {
                    if !unique.contains(&text) {
                        unique.push(text);
                    }
                }
                match unique.as_slice() {
                    [one] => (*one).clone(),
                    _ => format!("[{}]", unique.iter().map(|t| t.as_str()).collect::<Vec<_>>().join(", ")),
                }
            }
        };
        let what = match kind.group() {
            "" => kind.name().to_string(),
            group => format!("{}.{group}", kind.name()),
        };
        Status { code: 422, reason: "Invalid", message: format!("{what} \"{name}\" is invalid: {all}"), causes }
    }
}
