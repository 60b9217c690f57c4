//! Scenes made visible: as SVG text for export, posters and tests; on a canvas for the page. Knows shapes and tokens,
//! nothing of Kubernetes.

pub mod canvas;
mod extent;
mod squares;
pub mod svg;
mod water;
