//! Kubernetes as one plain value: no I/O, no wall clock, no floats, no threads.
//!
//! The modules stand in reading order: each knows those above it, siblings of one block do not know each other.

pub mod manifest;
pub mod schema;
pub mod value;

pub mod clock;
pub mod dice;
pub mod sorted;
pub mod table;
pub mod zone;

pub mod shell;

pub mod api;
pub mod custom;

pub mod affinity;
pub mod host_ports;
pub mod machine;
pub mod plane;
pub mod quota;
pub mod resources;
pub mod store;
pub mod terminal;
pub mod trace;

pub mod claims;
pub mod cluster;
pub mod metrics;
pub mod pool;

pub mod admission;
pub mod apiserver;
pub mod rbac;

pub mod outcome;

pub mod controllers;
pub mod kubelet;
pub mod network;
pub mod scheduler;
pub mod storage;

pub mod kustomize;

pub mod hardware;
pub mod kubectl;
pub mod session;

pub mod autoscaler;
pub mod command;
mod errand;
pub mod exchange;
pub mod fault;
pub mod fingerprint;
pub mod history;
pub mod run;
pub mod setup;
pub mod wakes;
