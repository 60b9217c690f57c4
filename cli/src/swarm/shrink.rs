//! Of a plan that breaks a rule, the least that still breaks it.

use super::plan::Plan;
use super::play::{Violation, play};
use kubarium_sim::setup::Setup;

/// Leaves out one act after the other as long as something of the same kind goes wrong.
pub fn shrink(plan: Plan, violation: Violation) -> (Plan, Violation) {
    let kind = kind(&violation);
    let (mut plan, mut violation) = (plan, violation);
    let attempt = |plan: &mut Plan, violation: &mut Violation, smaller: Plan| match play(&smaller) {
        Err(found) if self::kind(&found) == kind => {
            (*plan, *violation) = (smaller, found);
            true
        }
        _ => false,
    };
    let usual = Setup { seed: plan.setup.seed, namespaces: plan.setup.namespaces.clone(), ..Setup::default() };
    let simpler = Plan { setup: usual, acts: plan.acts.clone() };
    attempt(&mut plan, &mut violation, simpler);
    let mut size = plan.acts.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < plan.acts.len() {
            let mut smaller = plan.clone();
            let left_out: Vec<_> = smaller.acts.drain(at..(at + size).min(plan.acts.len())).collect();
            if let Some(next) = smaller.acts.get_mut(at) {
                next.wait = left_out.iter().fold(next.wait, |sum, act| sum + act.wait);
            }
            if !attempt(&mut plan, &mut violation, smaller) {
                at += size;
            }
        }
        size /= 2;
    }
    (plan, violation)
}

/// A complaint without names and numbers.
fn kind(violation: &Violation) -> String {
    let what = violation.what.split_once(": ").map_or(&*violation.what, |(_, what)| what);
    what.split(' ').filter(|word| word.chars().all(|c| c.is_ascii_lowercase())).collect::<Vec<_>>().join(" ")
}
