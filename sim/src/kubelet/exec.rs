//! Running a further program in a container: what `kubectl exec` asks of a node.
//!
//! Kubernetes 1.36: pkg/kubelet/server (exec), pkg/kubelet/kubelet_pods.go. Not done: terminals' sizes, port forwarding.

use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::clock::Span;
use crate::cluster::{Actor, Cluster};
use crate::machine::Machine;
use crate::shell::{Input, Stream};
use std::rc::Rc;

/// What a program did since the last look.
#[derive(Clone, Debug)]
pub struct Look {
    pub output: Vec<(Stream, Vec<u8>)>,
    /// Its exit code, once it has ended; its number then means nothing any more.
    pub ended: Option<i32>,
}

/// Starts a program in a container of a Pod; `input` is given to it by [`feed`].
///
/// # Errors
/// What the node answers, as it follows `error: ` or `Error from server: `.
pub fn start(
    cluster: &mut Cluster,
    pod: &Object,
    container: &str,
    argv: &[Rc<str>],
    input: Input,
) -> Result<u32, String> {
    let now = cluster.now;
    let absent =
        || format!("Internal error occurred: unable to upgrade connection: container not found (\"{container}\")");
    let started = with(cluster, pod, |machine, uid| {
        let sandbox = machine.sandbox_mut(uid)?;
        sandbox.newest(container).filter(|c| c.is_running())?;
        Some((sandbox.newest(container)?.id.clone(), sandbox.exec(container, argv, input, now)))
    });
    match started.flatten() {
        None => Err(absent()),
        Some((_, Ok(number))) => {
            wake(cluster, pod);
            Ok(number)
        }
        Some((id, Err(why))) => {
            let exec = cluster.dice.hex(64, &id, &format!("exec {}", now.0));
            Err(format!(
                "Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec \"{exec}\": {why}"
            ))
        }
    }
}

/// What a program that was started did; `None` if its container is gone.
pub fn look(cluster: &mut Cluster, pod: &Object, container: &str, number: u32) -> Option<Look> {
    with(cluster, pod, |machine, uid| {
        let (output, ended) = machine.sandbox_mut(uid)?.exec_look(container, number)?;
        Some(Look { output, ended })
    })?
}

/// Gives input to a program, or to the container's first one; `closes`: no more comes.
pub fn feed(cluster: &mut Cluster, pod: &Object, container: &str, number: Option<u32>, bytes: &[u8], closes: bool) {
    let now = cluster.now;
    with(cluster, pod, |machine, uid| {
        if let Some(sandbox) = machine.sandbox_mut(uid) {
            sandbox.feed(container, number, bytes, closes, now);
        }
    });
    wake(cluster, pod);
}

/// Whether a container's first program shows its prompt again to whoever attaches a terminal.
pub fn edits(cluster: &Cluster, pod: &Object, container: &str) -> bool {
    let machine = cluster.machines.get(&pod.expect::<Pod>().spec.node_name);
    let found = machine.and_then(|m| m.sandbox(&pod.meta.uid)).and_then(|sandbox| sandbox.newest(container));
    found.is_some_and(|container| container.process.edits())
}

/// Ends a program, as when its client hangs up.
pub fn kill(cluster: &mut Cluster, pod: &Object, container: &str, number: u32) {
    with(cluster, pod, |machine, uid| {
        if let Some(sandbox) = machine.sandbox_mut(uid) {
            sandbox.exec_kill(container, number);
        }
    });
}

/// Acts on the machine that a Pod is on, if it can be reached.
fn with<T>(cluster: &mut Cluster, pod: &Object, act: impl FnOnce(&mut Machine, &str) -> T) -> Option<T> {
    let (node, now) = (&pod.expect::<Pod>().spec.node_name, cluster.now);
    let machine = cluster.machines.get_mut(node)?;
    if machine.is_silent() {
        return None;
    }
    let machine = Rc::make_mut(machine);
    machine.enter(&pod.meta.uid, now);
    let result = act(machine, &pod.meta.uid);
    machine.leave(&pod.meta.uid);
    Some(result)
}

/// The Pod's processes have something to do.
fn wake(cluster: &mut Cluster, pod: &Object) {
    let node = pod.expect::<Pod>().spec.node_name.clone();
    cluster.wake(Actor::PodWorker(node, pod.meta.uid.clone()), Span::ZERO);
}
