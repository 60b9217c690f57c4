//! WHAT IS PHYSICALLY SO: each node's power, cable, images, sandboxes, and the processes in its containers.
//!
//! Only the kubelet of a node asks for changes here. What the API says of it is what the kubelet reports.

pub mod agent;
mod asking;
pub mod catalogue;
mod exec;
mod files;
mod freeze;
pub mod images;
mod inside;
mod launch;
mod load;
pub mod logs;
pub mod meter;
pub mod node;
mod pages;
pub mod process;
pub mod results;
pub mod sandbox;
mod serve;
mod shared;
mod tags;
mod unwatched;
pub mod view;

#[cfg(test)]
mod tests;

pub use agent::Agent;
pub use freeze::Heard;
pub use node::Machine;
pub use sandbox::{Container, ContainerState, Exit, Sandbox};
pub use view::View;

use crate::sorted::Sorted;
use std::rc::Rc;

/// The machines by the names of their nodes.
pub type Machines = Sorted<Rc<str>, Rc<Machine>>;
