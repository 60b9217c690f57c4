//! What Node calls: plain functions, so that no glue is needed. Texts are read from memory by address and length.
#![allow(unsafe_code, reason = "an exported symbol is unsafe by definition: two of one name would clash")]

// As in the page.
#[path = "../../../src/memory.rs"]
mod memory;

use crate::LOADS;
use crate::steps::{self, Clocks};
use kubarium_sim::fingerprint;
use kubarium_sim::history::History;
use std::cell::RefCell;

thread_local!(static HISTORY: RefCell<Option<History>> = const { RefCell::new(None) });

#[unsafe(no_mangle)]
extern "C" fn loads() -> u32 {
    LOADS.len() as u32
}

#[unsafe(no_mangle)]
extern "C" fn name_address(load: u32) -> *const u8 {
    LOADS[load as usize].name.as_ptr()
}

#[unsafe(no_mangle)]
extern "C" fn name_length(load: u32) -> usize {
    LOADS[load as usize].name.len()
}

#[unsafe(no_mangle)]
extern "C" fn repeat(load: u32) -> u32 {
    LOADS[load as usize].repeat
}

/// Whether it is no part of the tests.
#[unsafe(no_mangle)]
extern "C" fn heavy(load: u32) -> bool {
    LOADS[load as usize].heavy
}

#[unsafe(no_mangle)]
extern "C" fn prepare(load: u32) {
    let history = (LOADS[load as usize].prepare)();
    HISTORY.with_borrow_mut(|kept| *kept = Some(history));
}

#[unsafe(no_mangle)]
extern "C" fn run(load: u32, round: u32) {
    HISTORY.with_borrow_mut(|kept| {
        let history = kept.as_mut().expect("a load is prepared before it is carried out");
        steps::time_with(Clocks { wall: || wall() as u64, cpu: || cpu() as u64 });
        (LOADS[load as usize].run)(history, round);
    });
}

#[link(wasm_import_module = "clock")]
unsafe extern "C" {
    /// The time that passes, and the CPU time that was spent, in microseconds.
    safe fn wall() -> f64;
    safe fn cpu() -> f64;
}

/// The longest that a step of [`run`] took, in microseconds.
#[unsafe(no_mangle)]
extern "C" fn longest_step() -> u64 {
    steps::longest()
}

/// CPU time of the scheduler's steps of [`run`], asked for at its end, in microseconds.
#[unsafe(no_mangle)]
extern "C" fn scheduling() -> u64 {
    steps::scheduling()
}

/// Of the cluster as it is now.
#[unsafe(no_mangle)]
extern "C" fn fingerprint() -> u64 {
    HISTORY.with_borrow(|kept| kept.as_ref().map_or(0, |history| fingerprint::of(history.cluster())))
}
