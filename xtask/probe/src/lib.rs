//! Fixed loads on the simulation, the same natively and in WebAssembly: `cargo xtask bench` measures them, `cargo xtask
//! test` compares the fingerprints of what they lead to.
//!
//! A load is prepared first, which is not measured, and then carried out. Time is kept by those who call.

mod documents;
mod large;
mod loads;
pub mod steps;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use loads::LOADS;

use kubarium_sim::history::History;

/// Something to measure.
pub struct Load {
    pub name: &'static str,
    /// What is measured, as the table of results calls it.
    pub about: &'static str,
    /// The most that it may take: CPU time in microseconds, of the median of all repetitions. 0: no limit is set.
    pub limit_us: u64,
    /// How often it is carried out, each time from new preparations.
    pub repeat: u32,
    /// Takes seconds: it is measured, but not a part of the tests.
    pub heavy: bool,
    /// How many Pods there are at the end.
    pub pods: u32,
    pub prepare: fn() -> History,
    /// Carries it out. What is chosen at random depends on `round` alone.
    pub run: fn(&mut History, round: u32),
}
