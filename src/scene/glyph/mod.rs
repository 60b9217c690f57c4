//! The drawing vocabulary: signs of states, lamps of probes, marks of volumes and kinds, and a few things of daily life.

mod kind;
mod sign;
mod small;

pub use kind::kind;
pub use sign::{dot_mark, sign};
pub use small::{brackets, drop, history, lamp, lamp_dot, parcel, person, valve, volume};
