//! PodDisruptionBudgets.

use crate::api::field::{IntOrText, Stamp};
use crate::api::selector::LabelSelector;
use crate::noun;
use crate::value::Value;
use std::rc::Rc;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PodDisruptionBudget {
    pub spec: Rc<PodDisruptionBudgetSpec>,
    pub status: PodDisruptionBudgetStatus,
}

noun! {
    pub struct PodDisruptionBudgetSpec {
        max_unavailable: Option<IntOrText> = "maxUnavailable";
        min_available: Option<IntOrText> = "minAvailable";
        /// Unset selects nothing, an empty one all.
        selector: Option<LabelSelector> = "selector";
        /// `IfHealthyBudget` or `AlwaysAllow`.
        unhealthy: Option<Rc<str>> = "unhealthyPodEvictionPolicy";
    }
    pub struct PodDisruptionBudgetStatus {
        conditions: Vec<BudgetCondition> = "conditions";
        healthy: i64 = "currentHealthy" always;
        wanted: i64 = "desiredHealthy" always;
        /// Pods that were evicted and are not gone yet: name to time.
        disrupted: Value = "disruptedPods";
        allowed: i64 = "disruptionsAllowed" always;
        expected: i64 = "expectedPods" always;
        observed_generation: i64 = "observedGeneration";
    }
    pub struct BudgetCondition {
        last_transition: Option<Stamp> = "lastTransitionTime" always;
        message: Rc<str> = "message" always;
        observed_generation: i64 = "observedGeneration";
        reason: Rc<str> = "reason" always;
        status: Rc<str> = "status" always;
        kind: Rc<str> = "type" always;
    }
}

impl PodDisruptionBudgetStatus {
    /// Brings the condition `DisruptionAllowed` into line with what is allowed.
    pub fn say_allowed(&mut self, generation: i64, now: Stamp) {
        let (status, reason) =
            if self.allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
        self.say(status, reason, "", generation, now);
    }
    /// Says why nothing can be allowed: what should be there cannot be reckoned.
    pub fn say_failed(&mut self, why: &str, now: Stamp) {
        self.say("False", "SyncFailed", why, self.observed_generation, now);
    }
    fn say(&mut self, status: &str, reason: &str, message: &str, generation: i64, now: Stamp) {
        let old = self.conditions.iter().find(|c| &*c.kind == "DisruptionAllowed" && &*c.status == status);
        let since = old.map_or(Some(now), |c| c.last_transition);
        self.conditions.retain(|c| &*c.kind != "DisruptionAllowed");
        self.conditions.push(BudgetCondition {
            kind: "DisruptionAllowed".into(),
            status: status.into(),
            reason: reason.into(),
            message: message.into(),
            observed_generation: generation,
            last_transition: since,
        });
    }
}
