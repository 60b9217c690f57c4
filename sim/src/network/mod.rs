//! THE NETWORK: names become addresses, addresses of Services become those of Pods.
//!
//! Kubernetes 1.36: pkg/proxy; CoreDNS' kubernetes plug-in. Pure functions of the cluster. Whether
//! NetworkPolicies are enforced and Ingresses and Gateways served is a matter of the cluster's add-ons; cluster IPs answer to their ports only.

pub mod affinity;
pub mod dns;
pub mod gateway;
pub mod ingress;
pub mod ingress_controller;
pub mod policy;
pub mod proxy;
pub mod route;
pub mod rules;
pub mod topology;
pub mod traffic;

pub use route::{End, Hop, Source, Walk, connect, to_service};

#[cfg(test)]
mod tests;
