//! `kubarium bench [--once] [LOAD]`: carries out the loads of xtask/probe, or one of them. `cargo xtask bench` makes a
//! table of what it prints: a line a load (`load`, name, limit in CPU microseconds, Pods, what it is) and then a line a
//! repetition (name, CPU microseconds, fingerprint of the cluster that it led to).

use kubarium_probe::{LOADS, Load};
use kubarium_sim::fingerprint;
use std::fs;
use std::time::Instant;

/// With `once`, each load that is not heavy is carried out a single time; with a name, only that load.
pub fn bench(once: bool, only: Option<&str>) {
    let chosen = |load: &Load| only.map_or(!(once && load.heavy), |name| name == load.name);
    let loads = || LOADS.into_iter().filter(chosen);
    for load in loads() {
        println!("load\t{}\t{}\t{}\t{}", load.name, load.limit_us, load.pods, load.about);
    }
    let clock = CpuClock::start();
    for load in loads() {
        let rounds = if once { 1 } else { load.repeat };
        for round in 0..rounds {
            let mut history = (load.prepare)();
            let start = clock.microseconds();
            (load.run)(&mut history, round);
            let took = clock.microseconds() - start;
            println!("{}\t{took}\t{:016x}", load.name, fingerprint::of(history.cluster()));
        }
    }
}

/// The time that this thread has spent on a CPU; where the system does not say, the time that has passed.
struct CpuClock(Instant);

impl CpuClock {
    fn start() -> CpuClock {
        CpuClock(Instant::now())
    }
    fn microseconds(&self) -> u64 {
        // Linux: nanoseconds on a CPU, nanoseconds waiting for one, turns.
        let scheduled = fs::read_to_string("/proc/thread-self/schedstat").ok();
        let on_cpu = scheduled.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok());
        on_cpu.map_or_else(|| self.0.elapsed().as_micros() as u64, |nanoseconds| nanoseconds / 1_000)
    }
}
