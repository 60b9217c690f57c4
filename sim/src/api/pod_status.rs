//! Pods: how they are.

use crate::api::field::Stamp;
use crate::api::shared::Shared;
use crate::noun;
use crate::value::Value;
use std::rc::Rc;

noun! {
    /// A Pod's `status`.
    pub struct PodStatus {
        /// Of the whole Pod: `allocatedResources`, `resources`; derived from the spec.
        allocated_resources: Value = "allocatedResources";
        conditions: Shared<PodCondition> = "conditions";
        container_statuses: Shared<ContainerStatus> = "containerStatuses";
        ephemeral_container_statuses: Shared<ContainerStatus> = "ephemeralContainerStatuses";
        extended_resource_claim_status: Value = "extendedResourceClaimStatus";
        host_ip: Rc<str> = "hostIP";
        host_ips: Shared<Ip> = "hostIPs";
        init_container_statuses: Shared<ContainerStatus> = "initContainerStatuses";
        message: Rc<str> = "message";
        nominated_node_name: Rc<str> = "nominatedNodeName";
        observed_generation: i64 = "observedGeneration";
        phase: Rc<str> = "phase";
        pod_ip: Rc<str> = "podIP";
        pod_ips: Shared<Ip> = "podIPs";
        qos_class: Rc<str> = "qosClass";
        reason: Rc<str> = "reason";
        resize: Rc<str> = "resize";
        resource_claim_statuses: Value = "resourceClaimStatuses";
        resources: Value = "resources";
        start_time: Option<Stamp> = "startTime";
    }
    pub struct Ip {
        ip: Rc<str> = "ip" always;
    }
    pub struct PodCondition {
        last_probe: Option<Stamp> = "lastProbeTime" always;
        last_transition: Option<Stamp> = "lastTransitionTime" always;
        message: Rc<str> = "message";
        observed_generation: i64 = "observedGeneration";
        reason: Rc<str> = "reason";
        status: Rc<str> = "status" always;
        kind: Rc<str> = "type" always;
    }
    pub struct ContainerStatus {
        allocated_resources: Value = "allocatedResources";
        allocated_resources_status: Value = "allocatedResourcesStatus";
        container_id: Rc<str> = "containerID";
        image: Rc<str> = "image" always;
        image_id: Rc<str> = "imageID" always;
        last_state: ContainerState = "lastState" always;
        name: Rc<str> = "name" always;
        ready: bool = "ready" always;
        resources: Value = "resources";
        restart_count: i64 = "restartCount" always;
        started: Option<bool> = "started";
        state: ContainerState = "state" always;
        stop_signal: Value = "stopSignal";
        user: Value = "user";
        volume_mounts: Value = "volumeMounts";
    }
    /// At most one is set; none means waiting.
    pub struct ContainerState {
        running: Option<Running> = "running";
        terminated: Option<Box<Terminated>> = "terminated";
        waiting: Option<Waiting> = "waiting";
    }
    pub struct Running {
        started: Option<Stamp> = "startedAt" always;
    }
    pub struct Waiting {
        message: Rc<str> = "message";
        reason: Rc<str> = "reason";
    }
    pub struct Terminated {
        container_id: Rc<str> = "containerID";
        exit_code: i64 = "exitCode" always;
        finished: Option<Stamp> = "finishedAt" always;
        message: Rc<str> = "message";
        reason: Rc<str> = "reason";
        signal: i64 = "signal";
        started: Option<Stamp> = "startedAt" always;
    }
}

impl PodStatus {
    pub fn condition(&self, kind: &str) -> Option<&PodCondition> {
        self.conditions.iter().find(|c| &*c.kind == kind)
    }
    /// Whether the condition is `True`.
    pub fn is(&self, kind: &str) -> bool {
        self.condition(kind).is_some_and(|c| &*c.status == "True")
    }
    /// `Succeeded` or `Failed`: the Pod will not run again.
    pub fn finished(&self) -> bool {
        matches!(&*self.phase, "Succeeded" | "Failed")
    }
}
