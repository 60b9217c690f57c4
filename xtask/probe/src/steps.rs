//! How long the longest step of a load took: what a page cannot interrupt.

use kubarium_sim::clock::Time;
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
}

/// Forgets what was measured, and measures with these clocks from now on.
pub fn time_with(clocks: Clocks) {
    CLOCKS.set(clocks);
    LONGEST.set(0);
}

/// CPU time in microseconds.
pub fn longest() -> u64 {
    LONGEST.get()
}

/// [`History::seek`], step by step.
pub fn seek(history: &mut History, time: Time) {
    let Clocks { wall, cpu } = CLOCKS.get();
    let (mut before, mut spent) = (wall(), cpu());
    history.jump(time);
    loop {
        let done = history.run(time, 1);
        let now = wall();
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
