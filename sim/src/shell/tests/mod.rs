//! A machine of its own for the shell's tests, and what scripts print on it.

mod host;
mod outputs;
mod recorded;
mod robust;
mod typed;
