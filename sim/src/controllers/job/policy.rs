//! Kubernetes 1.36: pkg/controller/job/pod_failure_policy.go
//!
//! What a Pod's failure means: the first rule that matches says.

use crate::api::job::{FailurePolicy, FailureRule, OnExitCodes};
use crate::api::object::Object;
use crate::api::pod::Pod;

/// What a failure means.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it counts against the limit.
    pub counts: bool,
    /// Whether its index has failed for good.
    pub fails_index: bool,
    /// Whether the Job has failed, and why.
    pub fails_job: Option<String>,
}

pub fn verdict(policy: &FailurePolicy, pod: &Object) -> Verdict {
    let matched = policy.rules.iter().enumerate().find_map(|(i, rule)| Some((i, rule, reason(rule, pod)?)));
    let Some((i, rule, what)) = matched else { return Verdict { counts: true, ..Default::default() } };
    match &*rule.action {
        "Ignore" => Verdict::default(),
        "FailIndex" => Verdict { counts: true, fails_index: true, fails_job: None },
        "FailJob" => {
            let message = format!("{what} matching FailJob rule at index {i}");
            Verdict { counts: true, fails_index: false, fails_job: Some(message) }
        }
        _ => Verdict { counts: true, ..Default::default() },
    }
}

/// What of the Pod a rule matches, in words.
fn reason(rule: &FailureRule, pod: &Object) -> Option<String> {
    let status = &pod.expect::<Pod>().status;
    if let Some(codes) = &rule.exit_codes {
        let all = status.init_container_statuses.iter().chain(&status.container_statuses);
        let mut ended = all.filter_map(|c| Some((&c.name, c.state.terminated.as_ref()?.exit_code)));
        let (name, code) = ended.find(|(name, code)| matches(codes, name, *code))?;
        return Some(format!("Container {name} for pod {} failed with exit code {code}", pod.key()));
    }
    let matched = |c: &&crate::api::pod_status::PodCondition| {
        rule.conditions.iter().any(|r| r.kind == c.kind && r.status == c.status)
    };
    let condition = status.conditions.iter().find(matched)?;
    Some(format!("Pod {} has condition {}", pod.key(), condition.kind))
}

fn matches(codes: &OnExitCodes, name: &str, code: i64) -> bool {
    let named = codes.container.as_ref().is_none_or(|c| &**c == name);
    let listed = codes.values.contains(&code);
    named && code != 0 && (if &*codes.operator == "In" { listed } else { !listed })
}
