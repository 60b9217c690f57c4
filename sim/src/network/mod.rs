//! THE NETWORK: names become addresses, addresses of Services become those of Pods.
//!
//! Kubernetes 1.36: pkg/proxy; CoreDNS' kubernetes plug-in. Pure functions of the cluster. Nothing enforces
//! NetworkPolicies here, as on a cluster whose network plug-in does not; cluster IPs answer to their ports only.

pub mod dns;
pub mod proxy;
pub mod route;
pub mod traffic;

pub use route::{End, Hop, Source, Walk, connect};

#[cfg(test)]
mod tests;
