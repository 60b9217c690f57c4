//! How long the longest step of a load took, which a page cannot interrupt, and how long all steps of the scheduler.

use kubarium_sim::clock::Time;
use kubarium_sim::cluster::Actor;
use kubarium_sim::history::History;
use std::cell::Cell;

/// Steps that are shorter than this together are measured as one, in microseconds: looking at the CPU's clock takes long.
const GRAIN: u64 = 1_000;

/// In microseconds.
#[derive(Clone, Copy)]
pub struct Clocks {
    /// The time that passes.
    pub wall: fn() -> u64,
    /// The time that the program has spent on a CPU.
    pub cpu: fn() -> u64,
}

thread_local! {
    static CLOCKS: Cell<Clocks> = const { Cell::new(Clocks { wall: || 0, cpu: || 0 }) };
    static LONGEST: Cell<u64> = const { Cell::new(0) };
    /// What the clocks showed when measuring began: wall, CPU.
    static START: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
    static SCHEDULING: Cell<u64> = const { Cell::new(0) };
}

/// Forgets what was measured, and measures with these clocks from now on.
pub fn time_with(clocks: Clocks) {
    CLOCKS.set(clocks);
    LONGEST.set(0);
    START.set(((clocks.wall)(), (clocks.cpu)()));
    SCHEDULING.set(0);
}

/// CPU time in microseconds.
pub fn longest() -> u64 {
    LONGEST.get()
}

/// CPU time in microseconds that the scheduler's steps took so far, in which it finds Pods their nodes and binds them: their share
/// of the time that passed, of the CPU time of all. They are too short for the CPU's clock.
pub fn scheduling() -> u64 {
    let (Clocks { wall, cpu }, (wall_start, cpu_start)) = (CLOCKS.get(), START.get());
    SCHEDULING.get() * (cpu() - cpu_start) / (wall() - wall_start).max(1)
}

/// [`History::seek`], step by step.
pub fn seek(history: &mut History, time: Time) {
    let Clocks { wall, cpu } = CLOCKS.get();
    let (mut before, mut spent) = (wall(), cpu());
    history.jump(time);
    let mut begun = before;
    loop {
        let scheduling = matches!(history.cluster().turn(), Some(Actor::Scheduler));
        let done = history.run(time, 1);
        let now = wall();
        if scheduling {
            SCHEDULING.set(SCHEDULING.get() + now - begun);
        }
        begun = now;
        if now - before >= GRAIN {
            let spent_now = cpu();
            LONGEST.set(LONGEST.get().max(spent_now - spent));
            (before, spent) = (now, spent_now);
        }
        if done {
            return;
        }
    }
}
