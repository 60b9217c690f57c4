//! Conditions as Gateway API writes them: they know the generation that they are about.
//!
//! Gateway API: apis/v1/gateway_types.go (conditions and their reasons)

use super::Fault;
use crate::api::Stamp;
use crate::api::field::Field;
use crate::value::Value;

/// Makes the conditions of one list anew. Times stay where a status stays.
pub struct Conditions<'a> {
    pub before: &'a Value,
    pub generation: i64,
    pub now: Stamp,
}

impl Conditions<'_> {
    pub fn of(&self, kind: &str, status: bool, reason: &str, message: &str) -> Value {
        let status = if status { "True" } else { "False" };
        let same = |c: &&Value| c.get("type").as_str() == Some(kind) && c.get("status").as_str() == Some(status);
        let since = self.before.items().iter().find(same).map(|old| old.get("lastTransitionTime").clone());
        Value::map([
            ("lastTransitionTime", since.unwrap_or_else(|| self.now.write())),
            ("message", message.into()),
            ("observedGeneration", Value::Int(self.generation)),
            ("reason", reason.into()),
            ("status", status.into()),
            ("type", kind.into()),
        ])
    }

    /// True with the first pair of words, or false with those of the fault.
    pub fn judged(&self, kind: &str, verdict: &Result<(), Fault>, reason: &str, message: &str) -> Value {
        match verdict {
            Ok(()) => self.of(kind, true, reason, message),
            Err((reason, message)) => self.of(kind, false, reason, message),
        }
    }
}
