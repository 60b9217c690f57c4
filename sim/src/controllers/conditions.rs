//! Kubernetes 1.36: SetCondition and its like, which every controller has for its own kind.

use crate::api::{Condition, Stamp};

/// A condition that is first said now.
pub fn new(kind: &str, status: &str, reason: &str, message: impl Into<String>, now: Stamp) -> Condition {
    Condition {
        kind: kind.into(),
        status: status.into(),
        reason: reason.into(),
        message: message.into().into(),
        last_transition: Some(now),
        ..Default::default()
    }
}

pub fn find<'a>(conditions: &'a [Condition], kind: &str) -> Option<&'a Condition> {
    conditions.iter().find(|c| &*c.kind == kind)
}

pub fn remove(conditions: &mut Vec<Condition>, kind: &str) {
    conditions.retain(|c| &*c.kind != kind);
}

/// Puts a condition last, unless it is there with this status and reason. Its transition is that of the status.
pub fn set(conditions: &mut Vec<Condition>, mut condition: Condition) {
    if let Some(old) = find(conditions, &condition.kind) {
        if old.status == condition.status && old.reason == condition.reason {
            return;
        }
        if old.status == condition.status {
            condition.last_transition = old.last_transition;
        }
    }
    remove(conditions, &condition.kind);
    conditions.push(condition);
}
