//! Scenes made visible: as SVG text for export, posters and tests; on a canvas for the page. Knows shapes and tokens,
//! nothing of Kubernetes.

pub mod canvas;
pub mod svg;
mod water;
