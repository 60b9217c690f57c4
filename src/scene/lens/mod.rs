//! Four ways to look at the same things. Shapes keep their ids, so that changing the lens slides them to new places.

pub mod cluster;
pub mod list;
pub mod network;
pub mod ownership;
