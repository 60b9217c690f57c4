//! Lessons: plain Markdown with steps and goals, read, carried out and checked on a simulated cluster. docs/lessons.md tells
//! how one is written. No I/O: whoever has the files hands over their texts.

pub mod goal;
pub mod index;
pub mod markdown;
pub mod play;
pub mod run;
pub mod step;

mod reading;

pub use reading::{Flaw, Goal, Lesson, Part, is_file, is_steps};
