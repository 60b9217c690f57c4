//! The nouns: one file a kind, types only. What is simulated is typed; everything else that a user wrote is kept
//! beside it ([`object::Object::raw`]).

pub mod custom;
pub mod field;
pub mod kinds;
pub mod quantity;
pub mod shared;

pub mod metadata;
pub mod object;
pub mod selector;

pub mod config_map;
pub mod controller_revision;
pub mod cron_job;
pub mod daemon_set;
pub mod deployment;
pub mod endpoint_slice;
pub mod event;
pub mod job;
pub mod namespace;
pub mod node;
pub mod persistent_volume;
pub mod persistent_volume_claim;
pub mod pod;
pub mod pod_disruption_budget;
pub mod pod_status;
pub mod replica_set;
pub mod replication_controller;
pub mod service;
pub mod service_account;
pub mod stateful_set;
pub mod storage_class;

pub use field::{Amounts, Field, IntOrText, Stamp, Texts};
pub use kinds::Kind;
pub use metadata::{Condition, Metadata, OwnerReference};
pub use object::{Body, Key, Noun, Object};
pub use quantity::Quantity;
pub use shared::Shared;
