//! Values to text, laid out as kubectl prints them.

mod json;
mod yaml;

pub use json::json;
pub use yaml::yaml;
