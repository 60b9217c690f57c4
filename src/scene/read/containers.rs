//! What is in a Pod: containers with their probes, volumes.

use crate::scene::model::{Container, Inside, Lamp, VolumeMark};
use kubarium_sim::api::pod::{Container as Spec, Pod, Volume};
use kubarium_sim::api::pod_status::ContainerStatus;
use kubarium_sim::machine::Sandbox;
use kubarium_sim::machine::agent::{ProbeKind, Worker};
use kubarium_sim::machine::results::{Results, Said};
use std::rc::Rc;

/// A Pod has room for so many results of its readiness probe.
const SHOWN: usize = 6;

/// While init containers run, those; then the containers that stay, sidecars last.
pub fn read(
    pod: &Pod,
    body: (Option<&Worker>, Option<&Sandbox>),
    deleting: bool,
    initializing: bool,
) -> Vec<Container> {
    let (worker, sandbox) = body;
    let spec = &pod.spec;
    let statuses = || pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses);
    let one = |container: &Spec| {
        let status = statuses().find(|status| status.name == container.name);
        let mut read = read_one(container, status, worker, deleting);
        if sandbox.is_some_and(|sandbox| hangs(sandbox, &container.name)) {
            read.inside = Inside::Hung;
        }
        read
    };
    if initializing {
        // Those that are done lead the way to the one that runs.
        let running = spec.init_containers.iter().position(|container| {
            let status = pod.status.init_container_statuses.iter().find(|status| status.name == container.name);
            status.is_none_or(|status| status.state.terminated.as_ref().is_none_or(|ended| ended.exit_code != 0))
        });
        let from = running.unwrap_or(0).saturating_sub(1);
        return spec.init_containers.iter().skip(from).take(2).map(one).collect();
    }
    let sidecars = spec.init_containers.iter().filter(|container| container.is_sidecar());
    spec.containers.iter().chain(sidecars).map(one).collect()
}

/// Whether a container's processes stand still.
pub fn hangs(sandbox: &Sandbox, name: &str) -> bool {
    sandbox.newest(name).is_some_and(|container| container.is_running() && container.process.is_frozen())
}

fn read_one(spec: &Spec, status: Option<&ContainerStatus>, worker: Option<&Worker>, deleting: bool) -> Container {
    let prober = |kind: ProbeKind| worker?.probers.iter().find(|p| p.container == spec.name && p.kind == kind);
    let lamp = |kind: ProbeKind, asked: bool| {
        asked.then(|| {
            let prober = prober(kind);
            match prober.and_then(|prober| prober.result) {
                Some(true) => Lamp::Passed,
                Some(false) if prober.is_some_and(|prober| prober.last.is_none()) => Lamp::Idle,
                Some(false) => Lamp::Failed,
                None => Lamp::Idle,
            }
        })
    };
    Container {
        name: spec.name.clone(),
        label: image_label(&spec.image),
        inside: inside(status, deleting, spec.readiness.is_some()),
        sidecar: spec.is_sidecar(),
        startup: lamp(ProbeKind::Startup, spec.startup.is_some()),
        liveness: lamp(ProbeKind::Liveness, spec.liveness.is_some()),
        readiness: lamp(ProbeKind::Readiness, spec.readiness.is_some()),
        history: prober(ProbeKind::Readiness).map_or(vec![], |prober| history(&prober.results)),
    }
}

/// Whether the last results passed, the oldest first.
fn history(results: &Results) -> Vec<bool> {
    let mut last: Vec<bool> = results.iter().rev().take(SHOWN).map(|(_, said)| *said == Said::Passed).collect();
    last.reverse();
    last
}

fn inside(status: Option<&ContainerStatus>, deleting: bool, probed: bool) -> Inside {
    let Some(status) = status else { return Inside::Waiting };
    match (&status.state.running, &status.state.terminated, &status.state.waiting) {
        (Some(_), ..) if deleting => Inside::Stopping,
        (Some(_), ..) if status.ready || !probed => Inside::Running,
        (Some(_), ..) => Inside::Unready,
        (_, Some(ended), _) if ended.exit_code == 0 => Inside::Done,
        (_, Some(_), _) => Inside::Crashed,
        (_, _, Some(waiting)) if !matches!(&*waiting.reason, "" | "ContainerCreating" | "PodInitializing") => {
            Inside::Crashed
        }
        _ => Inside::Waiting,
    }
}

/// An image without its registry and digest: `nginx:1.27`.
fn image_label(image: &str) -> String {
    let name = image.rsplit('/').next().unwrap_or(image);
    name.split('@').next().unwrap_or(name).to_string()
}

/// Marks of the volumes that users wrote; the token that every Pod gets is no news.
pub fn volumes(volumes: &[Volume]) -> Vec<VolumeMark> {
    let mark = |volume: &Volume| {
        Some(match () {
            () if volume.claim.is_some() || !volume.ephemeral.is_null() => VolumeMark::Claim,
            () if volume.empty_dir.is_some() => VolumeMark::EmptyDir,
            () if volume.host_path.is_some() => VolumeMark::HostPath,
            () if volume.config_map.is_some() => VolumeMark::ConfigMap,
            () if volume.secret.is_some() => VolumeMark::Secret,
            () if volume.downward.is_some() => VolumeMark::Downward,
            () if volume.projected.is_some() && !volume.name.starts_with("kube-api-access-") => VolumeMark::Projected,
            () => return None,
        })
    };
    volumes.iter().filter_map(mark).collect()
}

pub fn host_paths(volumes: &[Volume]) -> Vec<Rc<str>> {
    volumes.iter().filter_map(|volume| volume.host_path.as_ref().map(|host| host.path.clone())).collect()
}
