//! A Pod's phase, from how its containers are.
//!
//! Kubernetes 1.36: pkg/kubelet/kubelet_pods.go (getPhase)

use super::restart;
use crate::api::pod::PodSpec;
use crate::api::pod_status::{ContainerStatus, PodStatus};

pub(super) fn phase(spec: &PodSpec, status: &PodStatus) -> &'static str {
    let find = |list: &'_ [ContainerStatus], name: &str| list.iter().position(|s| &*s.name == name);
    let (mut pending_init, mut failed_init) = (0, 0);
    for container in &spec.init_containers {
        let of = find(&status.init_container_statuses, &container.name).map(|i| &status.init_container_statuses[i]);
        let Some(s) = of else {
            pending_init += 1;
            continue;
        };
        let code = |t: &Option<Box<crate::api::pod_status::Terminated>>| t.as_ref().map(|t| t.exit_code);
        if container.is_sidecar() {
            // Once it has run, it holds nobody up.
            let ran = s.started == Some(true)
                || code(&s.state.terminated).is_some()
                || code(&s.last_state.terminated).is_some();
            pending_init += usize::from(!ran);
            continue;
        }
        match (code(&s.state.terminated), &s.state.running, code(&s.last_state.terminated)) {
            (Some(0), ..) => {}
            (Some(code), ..) if restart::should_restart(spec, container, Some(code as i32)) => pending_init += 1,
            (Some(_), ..) => failed_init += 1,
            (None, Some(_), _) => pending_init += 1,
            (None, None, _) => pending_init += 1,
        }
    }
    if failed_init > 0 {
        return "Failed";
    }
    let (mut running, mut waiting, mut stopped, mut succeeded, mut again) = (0, 0, 0, 0, 0);
    for container in &spec.containers {
        let Some(s) = find(&status.container_statuses, &container.name).map(|i| &status.container_statuses[i]) else {
            waiting += 1;
            continue;
        };
        let ended =
            s.state.terminated.as_ref().or(s.last_state.terminated.as_ref().filter(|_| s.state.running.is_none()));
        match ended {
            _ if s.state.running.is_some() => running += 1,
            Some(end) => {
                stopped += 1;
                succeeded += usize::from(end.exit_code == 0);
                let waits = s.state.terminated.is_none();
                again += usize::from(waits || restart::should_restart(spec, container, Some(end.exit_code as i32)));
            }
            None => waiting += 1,
        }
    }
    let sidecars = spec.init_containers.iter().zip(&status.init_container_statuses);
    let sidecar_runs = sidecars.into_iter().any(|(c, s)| c.is_sidecar() && s.state.running.is_some());
    match () {
        _ if pending_init > 0 || waiting > 0 => "Pending",
        _ if running > 0 || again > 0 || sidecar_runs => "Running",
        _ if stopped > 0 && stopped == succeeded => "Succeeded",
        _ if stopped > 0 => "Failed",
        _ => "Pending",
    }
}
