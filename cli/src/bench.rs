//! `kubarium bench [--once] [LOAD]`: carries out the loads of xtask/probe, or one of them. `cargo xtask bench` makes a
//! table of what it prints: a line a load (`load`, name, limit in CPU microseconds, Pods, what it is) and then a line a
//! repetition (name, CPU microseconds, those of the longest step and of the scheduler's steps, fingerprint of the cluster that it led to).

use kubarium_probe::steps::{self, Clocks};
use kubarium_probe::{LOADS, Load};
use kubarium_sim::fingerprint;
use std::fs;
use std::sync::OnceLock;
use std::time::Instant;

/// With `once`, each load that is not heavy is carried out a single time; with a name, only that load.
pub fn bench(once: bool, only: Option<&str>) {
    let chosen = |load: &Load| only.map_or(!(once && load.heavy), |name| name == load.name);
    let loads = || LOADS.into_iter().filter(chosen);
    for load in loads() {
        println!("load\t{}\t{}\t{}\t{}", load.name, load.limit_us, load.pods, load.about);
    }
    let clocks = Clocks { wall: passed, cpu: on_cpu };
    for load in loads() {
        let rounds = if once { 1 } else { load.repeat };
        for round in 0..rounds {
            let mut history = (load.prepare)();
            steps::time_with(clocks);
            let start = on_cpu();
            (load.run)(&mut history, round);
            let (took, longest, scheduling) = (on_cpu() - start, steps::longest(), steps::scheduling());
            let fingerprint = fingerprint::of(history.cluster());
            println!("{}\t{took}\t{longest}\t{scheduling}\t{fingerprint:016x}", load.name);
        }
    }
}

/// The time that has passed since this was first asked, in microseconds.
fn passed() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_micros() as u64
}

/// The time that this thread has spent on a CPU in microseconds; where the system does not say, the time that has passed.
fn on_cpu() -> u64 {
    // Linux: nanoseconds on a CPU, nanoseconds waiting for one, turns.
    let scheduled = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let on_cpu = scheduled.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok());
    on_cpu.map_or_else(passed, |nanoseconds| nanoseconds / 1_000)
}
