//! Machines that join the cluster and leave it: `machine add`, `machine remove`.
//!
//! Not of Kubernetes: what `kubeadm join` and a cloud's controller bring about.

use crate::api::node::Node;
use crate::api::object::{Key, Object};
use crate::api::{Field, Kind, Metadata, Quantity};
use crate::apiserver::events::{self, Note};
use crate::apiserver::{self, DeleteOptions, Request};
use crate::cluster::Cluster;
use crate::kubelet::heartbeat;
use crate::machine::Machine;
use crate::plane::{Machinery, Recruit};
use crate::pool::LABEL;
use crate::value::Value;
use std::rc::Rc;

const USAGE: &str = "usage: machine add [NAME] [--like NODE] [--cpu CORES] [--memory BYTES] [--labels KEY=VALUE,...] [--taints KEY=VALUE:EFFECT,...]
       machine remove NAME
";
const HOSTNAME: &str = "kubernetes.io/hostname";

/// What `machine ARGUMENTS` asks for.
///
/// # Errors
/// What is said of arguments that make no sense.
pub fn order(cluster: &mut Cluster, argv: &[String]) -> Result<Machinery, String> {
    match argv {
        [verb, name] if verb == "remove" => leaving(cluster, name),
        [verb, rest @ ..] if verb == "add" => joining(cluster, rest).map(|recruit| Machinery::Join(Box::new(recruit))),
        _ => Err(USAGE.into()),
    }
}

fn leaving(cluster: &Cluster, name: &str) -> Result<Machinery, String> {
    if !cluster.machines.contains_key(name) {
        return Err(format!("machine: there is no machine {name}\n"));
    }
    // The next one is like one that is there.
    if cluster.machines.len() == 1 {
        return Err(format!("machine: {name} is the last one\n"));
    }
    Ok(Machinery::Leave(name.into()))
}

fn joining(cluster: &mut Cluster, argv: &[String]) -> Result<Recruit, String> {
    let mut recruit = Recruit::default();
    let mut rest = argv.iter();
    while let Some(arg) = rest.next() {
        if !arg.starts_with('-') && recruit.name.is_empty() {
            recruit.name = arg.as_str().into();
            continue;
        }
        let (flag, value) = arg.split_once('=').filter(|_| arg.starts_with("--")).unwrap_or((arg, ""));
        let value = if value.is_empty() { rest.next().map_or("", |v| v) } else { value };
        let wrong = || format!("machine: {flag}: {value:?} makes no sense\n\n{USAGE}");
        let amount = || Quantity::parse(value).filter(|q| q.milli_units() > 0).ok_or_else(wrong);
        match flag {
            "--like" => recruit.like = value.into(),
            "--cpu" => recruit.cpu = Some(amount()?),
            "--memory" => recruit.memory = Some(amount()?),
            "--labels" => {
                let pairs = value.split(',').map(|pair| pair.split_once('=').map(|(k, v)| (k.into(), v.into())));
                recruit.labels = pairs.collect::<Option<_>>().ok_or_else(wrong)?;
            }
            "--taints" => {
                recruit.taints = value.split(',').map(taint).collect::<Option<_>>().ok_or_else(wrong)?;
            }
            _ => return Err(wrong()),
        }
    }
    named(cluster, recruit)
}

/// Completes what was left open: the first free `node-N`, like the first node.
fn named(cluster: &mut Cluster, mut recruit: Recruit) -> Result<Recruit, String> {
    let known = |name: &str| cluster.store.find(Kind::Node, "", name).is_some();
    let taken = |name: &str| cluster.machines.contains_key(name) || known(name);
    if recruit.name.is_empty() {
        let free = (1..).map(|n| format!("node-{n}")).find(|name| !taken(name));
        recruit.name = free.expect("names do not end").into();
    }
    if taken(&recruit.name) {
        return Err(format!("machine: there is a {} already\n", recruit.name));
    }
    if recruit.like.is_empty()
        && let Some(first) = cluster.store.list(Kind::Node).next()
    {
        recruit.like = first.meta.name.clone();
    }
    let Some(model) = cluster.store.find(Kind::Node, "", &recruit.like).cloned() else {
        return Err(format!("machine: there is no node {} to be like\n", recruit.like));
    };
    let node = node(&model, &recruit, network(cluster));
    let trial = Request { dry_run: true, ..Request::create("kubelet", Kind::Node, node) };
    apiserver::handle(cluster, trial).map_err(|status| format!("machine: {}\n", status.message))?;
    Ok(recruit)
}

/// `KEY[=VALUE]:EFFECT`
fn taint(text: &str) -> Option<Value> {
    let (name, effect) = text.rsplit_once(':')?;
    let (key, value) = name.split_once('=').unwrap_or((name, ""));
    let mut taint = Value::map([("key", key.into()), ("effect", effect.into())]);
    if !value.is_empty() {
        taint.set("value", value.into());
    }
    Some(taint)
}

/// Lets a machine join or leave.
pub fn carry_out(cluster: &mut Cluster, change: &Machinery) {
    match change {
        Machinery::Join(recruit) => join(cluster, recruit),
        Machinery::Leave(name) => leave(cluster, name),
    }
}

/// A machine comes, and its kubelet makes its node known; nothing if that is refused, or if there is none to be like.
pub fn join(cluster: &mut Cluster, recruit: &Recruit) {
    let Some(model) = cluster.store.find(Kind::Node, "", &recruit.like).cloned() else { return };
    let number = network(cluster);
    let request = Request::create("kubelet", Kind::Node, node(&model, recruit, number));
    let Ok(node) = apiserver::handle(cluster, request) else { return };
    let name = &recruit.name;
    let like = cluster.machines.get(&recruit.like);
    let machine = like.map_or_else(Machine::default, |like| Machine {
        preloaded: like.preloaded,
        imported: like.imported,
        ..Default::default()
    });
    cluster.machines.insert(name.clone(), Rc::new(machine));
    let mut new = (*node).clone();
    new.set_status(status(cluster, recruit, model.status(), number));
    let now = cluster.stamp();
    for condition in &mut new.expect_mut::<Node>().status.conditions {
        condition.last_transition = Some(now);
        condition.last_heartbeat = Some(now);
    }
    // A machine of this name may have left its lease behind.
    let mut lease = heartbeat::first(&node, cluster);
    let left = cluster.store.get(Kind::Lease, &lease.key()).cloned();
    let lease = match left {
        None => Request::create("kubelet", Kind::Lease, lease.write()),
        Some(left) => {
            lease.meta = Metadata { owners: lease.meta.owners, ..left.meta.clone() };
            Request::put("kubelet", lease)
        }
    };
    for request in [Request::put_status("kubelet", new), lease] {
        apiserver::handle(cluster, request).expect("a new node's own status and lease");
    }
    let registered = format!("Node {name} event: Registered Node {name} in Controller");
    events::record(cluster, Note::normal(&node, "kubelet", "Starting", "Starting kubelet."));
    events::record(cluster, Note::normal(&node, "node-controller", "RegisteredNode", registered));
}

/// The number of the first network that no node's Pods have: 1 is 10.244.1.0/24, and so on through 10.245.
fn network(cluster: &Cluster) -> usize {
    let used = |node: &Rc<Object>| node.raw().at(&["spec", "podCIDR"]).as_str().unwrap_or("").to_string();
    let used: Vec<String> = cluster.store.list(Kind::Node).map(used).collect();
    (1..).find(|n| !used.contains(&pod_network(*n))).expect("networks are not that many")
}

/// The network of the Pods of a node, by the node's number from 1.
pub fn pod_network(network: usize) -> String {
    format!("10.{}.{}.0/24", 244 + network / 256, network % 256)
}

/// The node as its kubelet makes it known.
fn node(model: &Object, recruit: &Recruit, network: usize) -> Value {
    let mut labels = model.meta.labels.clone();
    labels.remove(LABEL);
    labels.insert(HOSTNAME, recruit.name.clone());
    for (key, value) in &recruit.labels {
        labels.insert(key.clone(), value.clone());
    }
    let meta = Value::map([
        ("name", Value::Str(recruit.name.clone())),
        ("labels", labels.write()),
        ("annotations", model.meta.annotations.write()),
    ]);
    let mut spec = Value::map([("podCIDR", Value::str(pod_network(network)))]);
    if !recruit.taints.is_empty() {
        spec.set("taints", Value::list(recruit.taints.clone()));
    }
    Value::map([("metadata", meta), ("spec", spec)])
}

/// The addresses of a node, by its number from 1: the first is 10.200.0.11.
pub fn addresses(name: &str, number: usize) -> Value {
    let address = |kind: &str, address: String| Value::map([("type", kind.into()), ("address", Value::str(address))]);
    let ip = format!("10.200.{}.{}", (number + 10) / 256, (number + 10) % 256);
    Value::list(vec![address("InternalIP", ip), address("Hostname", name.to_string())])
}

/// What a node says of its machine: of its size and address, and that it is another one.
fn status(cluster: &Cluster, recruit: &Recruit, mut status: Value, number: usize) -> Value {
    let name = &recruit.name;
    status.set("addresses", addresses(name, number));
    for (resource, amount) in [("cpu", recruit.cpu), ("memory", recruit.memory)] {
        let Some(amount) = amount else { continue };
        for part in ["allocatable", "capacity"] {
            status.at_mut(&[part]).set(resource, amount.write());
        }
    }
    let info = status.at_mut(&["nodeInfo"]);
    info.set("bootID", Value::str(cluster.dice.uuid(name, "boot")));
    info.set("machineID", Value::str(cluster.dice.hex(32, name, "machine")));
    info.set("systemUUID", Value::str(cluster.dice.uuid(name, "system")));
    status
}

/// A machine goes for good, with all that ran and lay on it; the cloud's controller takes its node away.
pub fn leave(cluster: &mut Cluster, name: &Rc<str>) {
    cluster.machines.remove(name);
    let pool = Rc::make_mut(&mut cluster.pool);
    pool.leaving.retain(|leaving| leaving != name);
    pool.idle.remove(name);
    let by = "system:cloud-controller-manager";
    let request = Request::delete(by, Kind::Node, Key::new("", name.clone()), DeleteOptions::default());
    // It may have been deleted already.
    drop(apiserver::handle(cluster, request));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::Setup;

    fn ask(cluster: &mut Cluster, line: &str) -> Result<(), String> {
        let argv: Vec<String> = line.split(' ').map(str::to_string).collect();
        order(cluster, &argv).map(|change| carry_out(cluster, &change))
    }

    #[test]
    fn a_machine_is_like_another_but_for_what_is_said() {
        let mut cluster = Setup::default().cluster();
        ask(&mut cluster, "add --like node-3 --cpu 8 --memory=16Gi --labels disk=ssd --taints gpu=yes:NoSchedule")
            .expect("a machine");
        let (meta, node) = cluster.store.typed::<Node>("", "node-4").expect("a node");
        let label = |key| meta.labels.get(key).map(|v| &**v);
        assert_eq!((label("disk"), label("topology.kubernetes.io/zone")), (Some("ssd"), Some("zone-2")));
        assert_eq!(label(HOSTNAME), Some("node-4"));
        let amount = |name: &str| node.status.allocatable.get(name).map(|q| q.to_string());
        assert_eq!((amount("cpu"), amount("memory")), (Some("8".into()), Some("16Gi".into())));
        assert!(node.spec.taints.iter().any(|t| &*t.key == "gpu" && &*t.effect == "NoSchedule"));
        ask(&mut cluster, "remove node-2").expect("gone");
        ask(&mut cluster, "add").expect("a machine in its place");
        assert!(cluster.machines.contains_key("node-2") && cluster.machines.len() == 4);
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        let mut cluster = Setup { nodes: Setup::machines(1), ..Setup::default() }.cluster();
        let mut check = |line: &str, start: &str| {
            let said = ask(&mut cluster, line).err().unwrap_or_else(|| panic!("{line} is taken"));
            assert!(said.starts_with(start), "{said}");
        };
        check("add node-1", "machine: there is a node-1 already");
        check("add --cpu none", "machine: --cpu: \"none\" makes no sense");
        check("add --like node-9", "machine: there is no node node-9 to be like");
        check("add Node_2", "machine: Node \"Node_2\" is invalid: metadata.name: Invalid value: \"Node_2\": ");
        check("add --taints a=b:Never", "machine: Node \"node-2\" is invalid: metadata.taints[0].effect: ");
        check("remove node-7", "machine: there is no machine node-7");
        check("remove node-1", "machine: node-1 is the last one");
        check("", "usage: machine add");
    }
}
