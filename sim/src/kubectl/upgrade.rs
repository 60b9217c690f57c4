//! From a client-side apply to a server-side one: who applied on the client becomes who applies on the server.
//!
//! Kubernetes 1.36: client-go/util/csaupgrade, kubectl/pkg/cmd/apply/apply.go

use crate::api::metadata::LAST_APPLIED;
use crate::value::Value;

/// Whether an entry of `managedFields` is of an operation and has the note of what was applied last.
fn has_note(entry: &Value, operation: &str) -> bool {
    let note = entry.at(&["fieldsV1", "f:metadata", "f:annotations"]);
    entry.get("operation").as_str() == Some(operation)
        && note.as_map().is_some_and(|m| m.contains(&format!("f:{LAST_APPLIED}")))
}

/// Whether the note of what was applied last would be lost: no server-side apply manages it.
pub fn loses_note(managed: &Value) -> bool {
    !managed.items().iter().any(|entry| has_note(entry, "Apply"))
}

/// The managed fields when `manager` has taken over those of who applied on the client; `None` if nobody did.
pub fn taken_over(managed: &Value, manager: &str) -> Option<Value> {
    let clients: Vec<&Value> = managed.items().iter().filter(|entry| has_note(entry, "Update")).collect();
    let names: Vec<&Value> = clients.iter().map(|entry| entry.get("manager")).collect();
    let is_client = |entry: &Value| {
        let update = entry.get("operation").as_str() == Some("Update") && entry.get("subresource").is_null();
        update && names.contains(&entry.get("manager"))
    };
    let first = managed.items().iter().find(|entry| is_client(entry))?;
    let is_own = |entry: &Value| {
        let applies = entry.get("operation").as_str() == Some("Apply") && entry.get("subresource").is_null();
        applies && entry.get("manager").as_str() == Some(manager)
    };
    let mut own = managed.items().iter().find(|entry| is_own(entry)).unwrap_or(first).clone();
    own.set("manager", manager.into());
    own.set("operation", "Apply".into());
    let version = own.get("apiVersion").clone();
    for client in managed.items().iter().filter(|e| is_client(e) && *e.get("apiVersion") == version) {
        let both = union(own.get("fieldsV1"), client.get("fieldsV1"));
        own.set("fieldsV1", both);
    }
    let rest = managed.items().iter().filter(|entry| !is_client(entry) && !is_own(entry)).cloned();
    Some(Value::list(std::iter::once(own.clone()).chain(rest).collect()))
}

/// The fields that one or the other has.
fn union(a: &Value, b: &Value) -> Value {
    let empty = |value: &Value| value.as_map().is_none_or(|m| m.is_empty());
    match (empty(a), empty(b)) {
        (true, true) => Value::empty_map(),
        (one, other) if one || other => {
            let mut whole = if one { b.clone() } else { a.clone() };
            whole.set(".", Value::empty_map());
            whole
        }
        _ => {
            let mut out = a.clone();
            for (step, below) in b.as_map().into_iter().flat_map(|m| m.iter()) {
                let both = if a.as_map().is_some_and(|m| m.contains(step)) {
                    union(a.get(step), below)
                } else {
                    below.clone()
                };
                out.set(step, both);
            }
            out
        }
    }
}
