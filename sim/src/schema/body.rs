//! Kubernetes 1.36: apiserver/pkg/endpoints/handlers (create.go, rest.go). The body of a request, as the server decodes it.

use super::{Type, decode};
use crate::api::Kind;
use crate::apiserver::Status;
use crate::value::Value;

/// How strictly a body is read: `kubectl --validate=...`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// Unknown fields are an error.
    #[default]
    Strict,
    /// Unknown fields are a warning.
    Warn,
    Ignore,
}

/// A user's object as its Go type holds it, and warnings (without `Warning: `).
///
/// # Errors
/// `BadRequest` in the server's words: a wrong type, an unknown field, a kind in the wrong case.
pub fn body(kind: Kind, value: &Value, strictness: Strictness) -> Result<(Value, Vec<String>), Status> {
    let text = |field: &str| value.get(field).as_str().unwrap_or("");
    let (api_version, written) = (text("apiVersion"), text("kind"));
    if api_version.is_empty() {
        return Err(Status::new(404, "NotFound", "the server could not find the requested resource"));
    }
    let version = api_version.rsplit('/').next().unwrap_or("");
    let refuse = |why: String| {
        let what = format!("{written} in version \"{version}\" cannot be handled as a {}", kind.name());
        Status::bad_request(format!("{what}: {why}"))
    };
    let Some(of) = Type::of(api_version, written) else {
        let why = format!("no kind \"{written}\" is registered for version \"{api_version}\"");
        return Err(refuse(format!("{why} in scheme \"pkg/runtime/scheme.go:111\"")));
    };
    let decoded = decode(value, of).map_err(refuse)?;
    let unknown = decoded.unknown.iter().map(|path| format!("unknown field \"{path}\""));
    match strictness {
        _ if decoded.unknown.is_empty() => Ok((decoded.value, Vec::new())),
        Strictness::Ignore => Ok((decoded.value, Vec::new())),
        Strictness::Warn => Ok((decoded.value, unknown.collect())),
        Strictness::Strict => Err(refuse(format!("strict decoding error: {}", unknown.collect::<Vec<_>>().join(", ")))),
    }
}
