//! Kubernetes as one plain value: no I/O, no wall clock, no floats, no threads.

pub mod manifest;
pub mod value;

pub mod api;
pub mod clock;
pub mod dice;
pub mod table;
