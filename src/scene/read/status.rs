//! A Pod's state, as `kubectl get pods` says it and as the table of states draws it.
//!
//! Kubernetes 1.36: pkg/printers/internalversion/printers.go (printPod). Ephemeral containers are not looked at.

use crate::scene::model::State;
use kubarium_sim::api::metadata::Metadata;
use kubarium_sim::api::pod::Pod;
use kubarium_sim::api::pod_status::ContainerStatus;

/// What `kubectl` prints: READY, STATUS, RESTARTS.
pub struct Printed {
    pub ready: (usize, usize),
    pub status: String,
    pub restarts: u32,
}

pub fn printed(meta: &Metadata, pod: &Pod) -> Printed {
    let status = &pod.status;
    let mut reason = if status.reason.is_empty() { status.phase.to_string() } else { status.reason.to_string() };
    let sidecars = pod.spec.init_containers.iter().filter(|container| container.is_sidecar()).count();
    let all = pod.spec.containers.len() + sidecars;
    let is_sidecar = |name: &str| pod.spec.init_containers.iter().any(|c| *c.name == *name && c.is_sidecar());
    if status.conditions.iter().any(|c| &*c.kind == "PodScheduled" && &*c.reason == "SchedulingGated") {
        reason = "SchedulingGated".into();
    }
    let init = initializing(pod, &is_sidecar);
    let ready_sidecars = status
        .init_container_statuses
        .iter()
        .filter(|c| is_sidecar(&c.name) && c.ready && c.started == Some(true))
        .count();
    let mut ready = ready_sidecars;
    if let Some(text) = &init {
        reason = text.clone();
    } else {
        let mut running = false;
        for container in status.container_statuses.iter().rev() {
            if let Some(text) = trouble(container) {
                reason = text;
            } else if container.ready && container.state.running.is_some() {
                running = true;
                ready += 1;
            }
        }
        if reason == "Completed" && running {
            reason = if status.is("Ready") { "Running" } else { "NotReady" }.into();
        }
    }
    if meta.deleting() {
        reason = if &*status.reason == "NodeLost" { "Unknown" } else { "Terminating" }.into();
    }
    let counted = if init.is_some() { &status.init_container_statuses } else { &status.container_statuses };
    let restarts = counted.iter().map(|container| container.restart_count).sum::<i64>() as u32;
    Printed { ready: (ready, all), status: reason, restarts }
}

/// "Init:0/2" and its kin, while init containers have not all done their work.
fn initializing(pod: &Pod, is_sidecar: &dyn Fn(&str) -> bool) -> Option<String> {
    let total = pod.spec.init_containers.len();
    for (i, container) in pod.status.init_container_statuses.iter().enumerate() {
        let state = &container.state;
        if state.terminated.as_ref().is_some_and(|ended| ended.exit_code == 0)
            || is_sidecar(&container.name) && container.started == Some(true)
        {
            continue;
        }
        return Some(match (&state.terminated, &state.waiting) {
            (Some(ended), _) if ended.reason.is_empty() && ended.signal != 0 => format!("Init:Signal:{}", ended.signal),
            (Some(ended), _) if ended.reason.is_empty() => format!("Init:ExitCode:{}", ended.exit_code),
            (Some(ended), _) => format!("Init:{}", ended.reason),
            (_, Some(waiting)) if !waiting.reason.is_empty() && &*waiting.reason != "PodInitializing" => {
                format!("Init:{}", waiting.reason)
            }
            _ => format!("Init:{i}/{total}"),
        });
    }
    None
}

fn trouble(container: &ContainerStatus) -> Option<String> {
    let state = &container.state;
    match (&state.waiting, &state.terminated) {
        (Some(waiting), _) if !waiting.reason.is_empty() => Some(waiting.reason.to_string()),
        (_, Some(ended)) if !ended.reason.is_empty() => Some(ended.reason.to_string()),
        (_, Some(ended)) if ended.signal != 0 => Some(format!("Signal:{}", ended.signal)),
        (_, Some(ended)) => Some(format!("ExitCode:{}", ended.exit_code)),
        _ => None,
    }
}

/// The state to draw. `silent` says that the node is not heard of.
pub fn state(meta: &Metadata, pod: &Pod, printed: &str, silent: bool) -> State {
    if meta.deleting() && !silent {
        return State::Terminating;
    }
    match &*pod.status.phase {
        "Succeeded" => return State::Finished,
        "Failed" => return State::Failed,
        _ if silent => return State::Unknown,
        _ => {}
    }
    if pod.spec.node_name.is_empty() {
        return State::Pending;
    }
    let word = printed.strip_prefix("Init:").unwrap_or(printed);
    match word {
        "ErrImagePull" | "ImagePullBackOff" | "ErrImageNeverPull" | "InvalidImageName" | "ErrInvalidImageName" => {
            State::Image
        }
        "CrashLoopBackOff"
        | "RunContainerError"
        | "CreateContainerError"
        | "CreateContainerConfigError"
        | "Error"
        | "OOMKilled"
        | "StartError"
        | "ContainerCannotRun"
        | "PostStartHookError" => State::Crash,
        _ if word.starts_with("ExitCode:") || word.starts_with("Signal:") => State::Crash,
        _ if printed.starts_with("Init:") => State::Init,
        _ if pod.status.is("Ready") => State::Ready,
        _ if &*pod.status.phase == "Running" => State::NotReady,
        _ => State::Starting,
    }
}
