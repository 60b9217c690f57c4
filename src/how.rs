//! How an object is, in one sign and one word: for Pods the STATUS that kubectl prints, for others what comes nearest.

use crate::icons::Sign;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::pod::Pod;
use kubarium_sim::api::{Body, Kind};
use kubarium_sim::value::Value;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct How {
    pub sign: Sign,
    /// A word of the API, or a count such as `2/3`.
    pub word: String,
}

impl How {
    fn new(sign: Sign, word: impl Into<String>) -> How {
        How { sign, word: word.into() }
    }
}

pub fn of(object: &Object) -> How {
    if object.meta.deleting() && object.kind != Kind::Pod {
        return How::new(Sign::Terminating, "Terminating");
    }
    match &object.body {
        Body::Pod(pod) => of_pod(object, pod),
        Body::Node(node) => {
            let ready = node.status.condition("Ready").map_or("Unknown", |c| &*c.status);
            match ready {
                "True" if node.spec.unschedulable => How::new(Sign::Ready, "Ready,SchedulingDisabled"),
                "True" => How::new(Sign::Ready, "Ready"),
                "False" => How::new(Sign::Broken, "NotReady"),
                _ => How::new(Sign::Unknown, "NotReady"),
            }
        }
        Body::Namespace(_) => phase(object, "Active"),
        Body::PersistentVolume(_) | Body::PersistentVolumeClaim(_) => phase(object, "Pending"),
        _ => counted(object),
    }
}

fn phase(object: &Object, missing: &str) -> How {
    let status = object.status();
    let phase = status.get("phase").as_str().unwrap_or(missing);
    let sign = match phase {
        "Active" | "Bound" => Sign::Ready,
        "Available" => Sign::Finished,
        "Released" | "Terminating" => Sign::Terminating,
        "Failed" | "Lost" => Sign::Broken,
        _ => Sign::Waiting,
    };
    How::new(sign, phase)
}

/// Whatever has replicas says how many of them are ready; everything else simply is there.
fn counted(object: &Object) -> How {
    let status = object.status();
    let number = |value: &Value, key: &str| value.get(key).as_int();
    let spec = object.raw().get("spec");
    let wanted = match object.kind {
        Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet | Kind::ReplicationController => {
            number(spec, "replicas").unwrap_or(1)
        }
        Kind::DaemonSet => number(&status, "desiredNumberScheduled").unwrap_or(0),
        _ => return How::new(Sign::Ready, "Active"),
    };
    let ready = number(&status, "readyReplicas").or(number(&status, "numberReady")).unwrap_or(0);
    let sign = if ready >= wanted { Sign::Ready } else { Sign::NotReady };
    How::new(sign, format!("{ready}/{wanted}"))
}

/// Kubernetes 1.36: pkg/printers/internalversion/printers.go, the STATUS column of a Pod, with the sign that goes with it.
fn of_pod(object: &Object, pod: &Pod) -> How {
    let status = &pod.status;
    if object.meta.deleting() {
        return match &*status.reason {
            "NodeLost" => How::new(Sign::Unknown, "Unknown"),
            _ => How::new(Sign::Terminating, "Terminating"),
        };
    }
    if let Some(init) = initializing(pod) {
        return init;
    }
    let mut word = if status.reason.is_empty() { status.phase.to_string() } else { status.reason.to_string() };
    let mut running = false;
    for c in status.container_statuses.iter().rev() {
        if let Some(w) = c.state.waiting.as_ref().filter(|w| !w.reason.is_empty()) {
            word = w.reason.to_string();
        } else if let Some(t) = &c.state.terminated {
            word = ended(&t.reason, t.signal, t.exit_code);
        } else if c.ready && c.state.running.is_some() {
            running = true;
        }
    }
    if word == "Completed" && running {
        word = if status.is("Ready") { "Running".into() } else { "NotReady".into() };
    }
    How { sign: pod_sign(pod, &word), word }
}

fn ended(reason: &str, signal: i64, exit_code: i64) -> String {
    match (reason, signal) {
        ("", 0) => format!("ExitCode:{exit_code}"),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.to_string(),
    }
}

fn initializing(pod: &Pod) -> Option<How> {
    let total = pod.spec.init_containers.len();
    for (i, c) in pod.status.init_container_statuses.iter().enumerate() {
        let sidecar = pod.spec.init_containers.iter().find(|s| s.name == c.name).is_some_and(|s| s.is_sidecar());
        if c.state.terminated.as_ref().is_some_and(|t| t.exit_code == 0) || (sidecar && c.started == Some(true)) {
            continue;
        }
        return Some(if let Some(t) = &c.state.terminated {
            How::new(Sign::Broken, format!("Init:{}", ended(&t.reason, t.signal, t.exit_code)))
        } else if let Some(w) =
            c.state.waiting.as_ref().filter(|w| !w.reason.is_empty() && &*w.reason != "PodInitializing")
        {
            let word = format!("Init:{}", w.reason);
            How { sign: pod_sign(pod, &w.reason), word }
        } else {
            How::new(Sign::Init, format!("Init:{i}/{total}"))
        });
    }
    None
}

fn pod_sign(pod: &Pod, word: &str) -> Sign {
    match word {
        "Running" if pod.status.is("Ready") => Sign::Ready,
        "Running" | "NotReady" => Sign::NotReady,
        "Completed" | "Succeeded" => Sign::Finished,
        "Unknown" => Sign::Unknown,
        "Pending" | "ContainerCreating" | "PodInitializing" | "SchedulingGated" => Sign::Waiting,
        "Evicted" => Sign::Failed,
        _ if pod.status.finished() => Sign::Failed,
        _ => Sign::Broken,
    }
}
