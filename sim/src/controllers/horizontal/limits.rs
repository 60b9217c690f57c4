//! Kubernetes 1.36: pkg/controller/podautoscaler/horizontal.go (normalizeDesiredReplicas and what follows it)
//!
//! How fast a target may follow what its metrics propose.

use super::ratio::Ratio;
use crate::api::selector::LabelSelector;
use crate::clock::{Span, Time};
use crate::value::Value;

/// The window for scaling down where nothing else is said.
const DOWN_WINDOW: Span = Span::minutes(5);
/// Without `behavior` the number of Pods may at most double in a step, but always grow to this.
const UP_FACTOR: i64 = 2;
const UP_LEAST: i64 = 4;

/// What the controller keeps in mind of an autoscaler.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Past {
    /// The Pods that it looked after when it last asked for metrics.
    pub selector: Option<LabelSelector>,
    /// What the metrics proposed, and when.
    pub proposals: Vec<(Time, i64)>,
    /// By how many Pods the target grew and shrank, and when.
    pub grown: Vec<(Time, i64)>,
    pub shrunk: Vec<(Time, i64)>,
    /// What it last asked of its target.
    pub attempt: Option<Attempt>,
}

/// A number of Pods that was asked for, why, and the status but for what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Attempt {
    pub wanted: i64,
    pub why: String,
    pub status: Value,
}

/// Between how many and how many Pods, from how many to how many.
#[derive(Clone, Copy)]
pub struct Wish {
    pub now: Time,
    pub min: i64,
    pub max: i64,
    pub current: i64,
    pub proposed: i64,
}

/// What comes of a wish: the number of Pods, and the reasons and messages of `AbleToScale` and `ScalingLimited`.
#[derive(Debug, PartialEq, Eq)]
pub struct Decision {
    pub replicas: i64,
    pub able: (&'static str, &'static str),
    /// Whether it is limited, and why (or why not).
    pub limited: (bool, &'static str, &'static str),
}

const READY: (&str, &str) = ("ReadyForNewScale", "recommended size matches current size");
const UP_STABILIZED: (&str, &str) = (
    "ScaleUpStabilized",
    "recent recommendations were lower than current one, applying the lowest recent recommendation",
);
const DOWN_STABILIZED: (&str, &str) = (
    "ScaleDownStabilized",
    "recent recommendations were higher than current one, applying the highest recent recommendation",
);
const WITHIN: (&str, &str) = ("DesiredWithinRange", "the desired count is within the acceptable range");
const TOO_MANY: (&str, &str) = ("TooManyReplicas", "the desired replica count is more than the maximum replica count");
const TOO_FEW: (&str, &str) = ("TooFewReplicas", "the desired replica count is less than the minimum replica count");
const UP_LIMIT: (&str, &str) =
    ("ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate");
const DOWN_LIMIT: (&str, &str) =
    ("ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate");

/// Decides with the rules of `spec.behavior`, or without any if there are none.
pub fn decide(behavior: &Value, past: &mut Past, wish: Wish) -> Decision {
    let (stable, able) = if behavior.is_null() {
        (stabilize(past, wish), DOWN_STABILIZED)
    } else {
        let (up, down) = (window(behavior.get("scaleUp"), Span::ZERO), window(behavior.get("scaleDown"), DOWN_WINDOW));
        let able = if wish.proposed >= wish.current { UP_STABILIZED } else { DOWN_STABILIZED };
        (stabilize_both(past, wish, up, down), able)
    };
    let able = if stable == wish.proposed { READY } else { able };
    let wish = Wish { proposed: stable, ..wish };
    let (replicas, why) = if behavior.is_null() { plain(wish) } else { limited(behavior, past, wish) };
    Decision { replicas, able, limited: (replicas != stable, why.0, why.1) }
}

/// Remembers a change of the target, for the rules that limit how much may change in a period.
pub fn remember(behavior: &Value, past: &mut Past, now: Time, before: i64, after: i64) {
    if behavior.is_null() {
        return;
    }
    let (events, rules) = match after > before {
        true => (&mut past.grown, behavior.get("scaleUp")),
        false => (&mut past.shrunk, behavior.get("scaleDown")),
    };
    let longest = rules.get("policies").items().iter().map(period).max().unwrap_or(Span::ZERO);
    note(events, (now, (after - before).abs()), now - longest);
}

/// Puts an entry in the place of the latest that is older than `since`; without one, behind all. What else is too old
/// stays, and counts again should a window grow.
fn note(entries: &mut Vec<(Time, i64)>, entry: (Time, i64), since: Time) {
    match entries.iter().rposition(|(at, _)| *at < since) {
        Some(i) => entries[i] = entry,
        None => entries.push(entry),
    }
}

fn window(rules: &Value, otherwise: Span) -> Span {
    let seconds = rules.get("stabilizationWindowSeconds").as_int();
    seconds.map_or(otherwise, |n| Span::secs(n.max(0) as u64))
}

fn period(policy: &Value) -> Span {
    Span::secs(policy.get("periodSeconds").as_int().unwrap_or(0).max(0) as u64)
}

/// Without `behavior`: the highest proposal of the window.
fn stabilize(past: &mut Past, wish: Wish) -> i64 {
    let since = wish.now - DOWN_WINDOW;
    let recent = past.proposals.iter().filter(|(at, _)| *at >= since).map(|(_, n)| *n);
    let highest = recent.fold(wish.proposed, i64::max);
    note(&mut past.proposals, (wish.now, wish.proposed), since);
    highest
}

/// What there is, if it lies between the lowest proposal of the one window and the highest of the other; else the nearer.
fn stabilize_both(past: &mut Past, wish: Wish, up: Span, down: Span) -> i64 {
    let within = |window: Span| past.proposals.iter().filter(move |(at, _)| *at > wish.now - window).map(|(_, n)| *n);
    let lowest = within(up).fold(wish.proposed, i64::min);
    let highest = within(down).fold(wish.proposed, i64::max);
    note(&mut past.proposals, (wish.now, wish.proposed), wish.now - up.max(down));
    wish.current.max(lowest).min(highest)
}

type Why = (&'static str, &'static str);

/// Without `behavior`.
fn plain(wish: Wish) -> (i64, Why) {
    let limit = (UP_FACTOR * wish.current).max(UP_LEAST);
    let (most, why) = if wish.max > limit { (limit, UP_LIMIT) } else { (wish.max, TOO_MANY) };
    match wish.proposed {
        n if n < wish.min => (wish.min, TOO_FEW),
        n if n > most => (most, why),
        n => (n, WITHIN),
    }
}

/// With the policies of `behavior`.
fn limited(behavior: &Value, past: &Past, wish: Wish) -> (i64, Why) {
    if wish.proposed > wish.current {
        let limit = limit(behavior.get("scaleUp"), past, wish, true).max(wish.current);
        let (most, why) = if wish.max > limit { (limit, UP_LIMIT) } else { (wish.max, TOO_MANY) };
        if wish.proposed > most {
            return (most, why);
        }
    } else if wish.proposed < wish.current {
        let limit = limit(behavior.get("scaleDown"), past, wish, false).min(wish.current);
        let (least, why) = if wish.min < limit { (limit, DOWN_LIMIT) } else { (wish.min, TOO_FEW) };
        if wish.proposed < least {
            return (least, why);
        }
    }
    (wish.proposed, WITHIN)
}

/// How far the policies let the target go in one direction.
fn limit(rules: &Value, past: &Past, wish: Wish, up: bool) -> i64 {
    let select = rules.get("selectPolicy").as_str().unwrap_or("Max");
    if select == "Disabled" {
        return wish.current;
    }
    let of = |policy: &Value| {
        let since = wish.now - period(policy);
        let sum = |events: &[(Time, i64)]| events.iter().filter(|(at, _)| *at > since).map(|(_, n)| n).sum::<i64>();
        let begin = wish.current - sum(&past.grown) + sum(&past.shrunk);
        let value = policy.get("value").as_int().unwrap_or(0);
        match (policy.get("type").as_str(), up) {
            (Some("Percent"), true) => Ratio { part: 100 + value, whole: 100 }.times_up(begin),
            (Some("Percent"), false) => Ratio { part: (100 - value).max(0), whole: 100 }.times_down(begin),
            (_, true) => begin + value,
            (_, false) => begin - value,
        }
    };
    let proposals = rules.get("policies").items().iter().map(of);
    // The policy that is chosen changes most; `Min`, least.
    if up == (select == "Min") { proposals.min().unwrap_or(0) } else { proposals.max().unwrap_or(0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `(second, current, proposed) -> decided`, one look after the other.
    fn check(behavior: &str, max: i64, looks: &[(u64, i64, i64, i64, &str, &str)]) {
        let behavior = crate::manifest::read(behavior).documents.first().map(|d| d.value.clone()).unwrap_or_default();
        let mut past = Past::default();
        for (second, current, proposed, decided, able, limited) in looks {
            let now = Time(second * 1000);
            let wish = Wish { now, min: 1, max, current: *current, proposed: *proposed };
            let decision = decide(&behavior, &mut past, wish);
            if decision.replicas != *current {
                remember(&behavior, &mut past, now, *current, decision.replicas);
            }
            let got = (decision.replicas, decision.able.0, decision.limited.1);
            assert_eq!(got, (*decided, *able, *limited), "at {second} s");
        }
    }

    #[test]
    fn without_rules_it_doubles_and_waits_five_minutes_to_shrink() {
        check(
            "",
            20,
            &[
                (15, 1, 15, 4, "ReadyForNewScale", "ScaleUpLimit"),
                (30, 4, 15, 8, "ReadyForNewScale", "ScaleUpLimit"),
                (45, 8, 15, 15, "ReadyForNewScale", "DesiredWithinRange"),
                (60, 15, 30, 20, "ReadyForNewScale", "TooManyReplicas"),
                (75, 20, 2, 20, "ScaleDownStabilized", "TooManyReplicas"),
                (361, 20, 2, 2, "ReadyForNewScale", "DesiredWithinRange"),
                (376, 2, 0, 2, "ScaleDownStabilized", "DesiredWithinRange"),
            ],
        );
    }

    #[test]
    fn policies_limit_what_changes_in_a_period() {
        let rules = "scaleUp: {stabilizationWindowSeconds: 0, selectPolicy: Max, policies: [{type: Pods, value: 2, periodSeconds: 60}, {type: Percent, value: 50, periodSeconds: 60}]}\nscaleDown: {stabilizationWindowSeconds: 0, selectPolicy: Min, policies: [{type: Pods, value: 4, periodSeconds: 60}, {type: Percent, value: 10, periodSeconds: 60}]}";
        check(
            rules,
            20,
            &[
                (15, 2, 10, 4, "ReadyForNewScale", "ScaleUpLimit"),
                (30, 4, 10, 4, "ReadyForNewScale", "ScaleUpLimit"),
                (76, 4, 10, 6, "ReadyForNewScale", "ScaleUpLimit"),
                (137, 6, 10, 9, "ReadyForNewScale", "ScaleUpLimit"),
                (198, 20, 1, 18, "ReadyForNewScale", "ScaleDownLimit"),
            ],
        );
        // What was added in the period is taken off before what may be taken away is counted.
        check(
            "scaleUp: {policies: [{type: Pods, value: 4, periodSeconds: 60}]}\nscaleDown: {stabilizationWindowSeconds: 0, policies: [{type: Pods, value: 2, periodSeconds: 60}]}",
            20,
            &[
                (15, 4, 9, 8, "ReadyForNewScale", "ScaleUpLimit"),
                (30, 8, 1, 2, "ReadyForNewScale", "ScaleDownLimit"),
                (45, 2, 9, 8, "ReadyForNewScale", "ScaleUpLimit"),
            ],
        );
        // Fewer Pods than there are were proposed in the window of growing, but nothing shrinks for that.
        check(
            "scaleUp: {stabilizationWindowSeconds: 60}\nscaleDown: {stabilizationWindowSeconds: 0}",
            20,
            &[
                (15, 5, 2, 2, "ReadyForNewScale", "DesiredWithinRange"),
                (30, 5, 6, 5, "ScaleUpStabilized", "DesiredWithinRange"),
            ],
        );
        let off =
            "scaleUp: {selectPolicy: Disabled}\nscaleDown: {selectPolicy: Disabled, stabilizationWindowSeconds: 0}";
        check(
            off,
            20,
            &[(15, 3, 9, 3, "ReadyForNewScale", "ScaleUpLimit"), (30, 3, 1, 3, "ReadyForNewScale", "ScaleDownLimit")],
        );
    }
}
