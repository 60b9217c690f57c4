//! Kubernetes 1.36: pkg/controller/deployment/util/deployment_util.go (NewDeploymentCondition, SetDeploymentCondition)

use crate::api::{Condition, Stamp};
use crate::controllers::conditions;

pub const PROGRESSING: &str = "Progressing";
pub const AVAILABLE: &str = "Available";
pub const REPLICA_FAILURE: &str = "ReplicaFailure";

/// The reasons of `Progressing`.
pub const CREATED: &str = "NewReplicaSetCreated";
pub const FOUND: &str = "FoundNewReplicaSet";
pub const UPDATED: &str = "ReplicaSetUpdated";
pub const FINISHED: &str = "NewReplicaSetAvailable";
pub const CREATE_ERROR: &str = "ReplicaSetCreateError";
pub const TIMED_OUT: &str = "ProgressDeadlineExceeded";
pub const PAUSED: &str = "DeploymentPaused";
pub const RESUMED: &str = "DeploymentResumed";

/// A Deployment's condition: it also says when it was last updated.
pub fn new(kind: &str, status: &str, reason: &str, message: impl Into<String>, now: Stamp) -> Condition {
    Condition { last_update: Some(now), ..conditions::new(kind, status, reason, message, now) }
}
