//! `kubarium swarm [--runs N] [--seed S]`: random clusters, manifests, commands and faults, and what must hold all the while.
//!
//! Run number `i` has the seed `S + i`; what goes wrong is printed with its seed and the least that reproduces it.

mod chance;
mod deeds;
mod manifests;
mod plan;
mod play;
mod rules;
mod settled;
mod shrink;

use plan::Plan;
use play::Violation;
use std::panic;

/// # Errors
/// Something went wrong in a run, or the arguments are not understood.
pub fn command(arguments: &[String]) -> Result<(), String> {
    let (mut runs, mut seed) = (1_000, 1);
    for pair in arguments.chunks(2) {
        let number = pair.get(1).and_then(|n| n.parse::<u64>().ok()).ok_or("--runs and --seed take a number")?;
        match pair[0].as_str() {
            "--runs" => runs = number,
            "--seed" => seed = number,
            other => return Err(format!("swarm does not know {other}")),
        }
    }
    // A panic is told as any other violation.
    panic::set_hook(Box::new(|_| {}));
    let mut broken = 0;
    for seed in seed..seed + runs {
        if let Some(found) = run(seed) {
            broken += 1;
            println!("{}\n{}", found.report(seed), play::state(&found.plan, found.violation.time));
        }
    }
    println!("{runs} runs, {broken} broken");
    if broken == 0 { Ok(()) } else { Err("the swarm broke a rule".into()) }
}

/// The least that breaks a rule, and which.
struct Found {
    plan: Plan,
    violation: Violation,
}

impl Found {
    fn report(&self, seed: u64) -> String {
        let Violation { time, what } = &self.violation;
        format!("seed {seed}, at {} ms: {what}\n{}", time.0, self.plan.write())
    }
}

/// Plays the run of a seed; if it breaks a rule, the least that does so too.
fn run(seed: u64) -> Option<Found> {
    let plan = Plan::new(seed);
    let violation = play::play(&plan).err()?;
    let (plan, violation) = shrink::shrink(plan, violation);
    Some(Found { plan, violation })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_run_breaks_a_rule() {
        for seed in FIRST..FIRST + RUNS {
            if let Some(found) = run(seed) {
                panic!("{}", found.report(seed));
            }
        }
    }

    /// As many as take some seconds without optimisation.
    const RUNS: u64 = 5;
    const FIRST: u64 = 1_001;
}
