//! Kubarium's page: a Kubernetes cluster under glass.
//!
//! Everything here that does not need a browser compiles and is tested on the host: [`scene`] turns a cluster into
//! positioned shapes, [`paint::svg`] writes them as text, [`saved`] keeps a cluster in a link or a file. The rest is for the
//! browser only.

pub mod clock_text;
pub mod paint;
pub mod picture;
pub mod saved;
pub mod scene;
