//! A small deterministic shell: what containers run, and what the user's terminal understands.
//!
//! [`Processes`] is a table of processes; each runs a shell ([`Interp`]), one of the [`tools`], or a program of the
//! [`Host`]. All of it is plain data: it is cloned, compared and rewound with the cluster.

pub mod archive;
pub mod ast;
mod brackets;
mod compound;
mod here;
pub mod lex;
pub mod parse;

pub mod files;
pub mod host;
pub mod process;
mod schedule;
mod seen;
mod tree;
mod tty;

mod arithmetic;
mod asks;
mod builtin;
mod command;
mod condition;
mod context;
mod counting;
mod expand;
mod flow;
mod glob;
mod interactive;
mod interp;
mod lines;
mod options;
mod parameter;
pub mod pattern;
pub mod regex;
mod rounds;
mod terminal;
pub mod tools;
mod variables;

#[cfg(test)]
mod tests;

pub use context::PATH;
pub use files::{Content, Creds, Errno, Fs, Kind, Links, Mount, Node, Tree, Volumes, Writer};
pub use host::*;
pub use interp::Interp;
pub use process::{ExecError, Processes, Start};
pub use rounds::Counts;
pub use seen::Seen;
pub use terminal::Shell;
pub use tty::{Input, Mode};
