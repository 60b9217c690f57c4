//! Values to text, laid out as kubectl prints them.

mod diff;
mod json;
mod yaml;

pub use diff::unified;
pub use json::json;
pub use yaml::yaml;
