//! Nodes, and what the Pods on them ask for.

use super::page::{Page, date};
use crate::api::{Kind, Quantity};
use crate::kubectl::table::{Row, cluster, plain};
use crate::kubelet::heartbeat;
use crate::value::Value;

fn or(text: String, otherwise: &str) -> String {
    if text.is_empty() { otherwise.into() } else { text }
}

pub fn node(page: &mut Page) {
    page.same("Name", "metadata.name");
    let value = page.value.clone();
    page.field("Roles", cluster::roles(&Row { value: &value, now: 0 }));
    page.labels();
    page.annotations();
    let created = page.date("metadata.creationTimestamp");
    page.field("CreationTimestamp", created);
    let mut taints: Vec<String> = page
        .at("spec.taints")
        .items()
        .iter()
        .map(|t| {
            let text = plain(t.get("value"));
            let text = if text.is_empty() { text } else { format!("={text}") };
            format!("{}{text}:{}", plain(t.get("key")), plain(t.get("effect")))
        })
        .collect();
    taints.sort();
    page.field("Taints", taints.first().cloned().unwrap_or("<none>".into()));
    taints.iter().skip(1).for_each(|t| page.put(0, format!("\t{t}")));
    let cordoned = page.at("spec.unschedulable").as_bool().unwrap_or(false);
    page.field("Unschedulable", cordoned);
    lease(page);
    conditions(page);
    page.put(0, "Addresses:");
    for address in page.at("status.addresses").items() {
        page.put(1, format!("{}:\t{}", plain(address.get("type")), plain(address.get("address"))));
    }
    for (name, path) in [("Capacity", "status.capacity"), ("Allocatable", "status.allocatable")] {
        page.put(0, format!("{name}:"));
        for (resource, amount) in page.at(path).as_map().into_iter().flat_map(|m| m.iter()) {
            page.put(1, format!("{resource}:\t{}", plain(amount)));
        }
    }
    page.put(0, "System Info:");
    for (name, key) in [
        ("Machine ID", "machineID"),
        ("System UUID", "systemUUID"),
        ("Boot ID", "bootID"),
        ("Kernel Version", "kernelVersion"),
        ("OS Image", "osImage"),
        ("Operating System", "operatingSystem"),
        ("Architecture", "architecture"),
        ("Container Runtime Version", "containerRuntimeVersion"),
        ("Kubelet Version", "kubeletVersion"),
    ] {
        let text = page.str(&format!("status.nodeInfo.{key}"));
        page.put(1, format!("{name}:\t{text}"));
    }
    for (name, path) in [("PodCIDR", "spec.podCIDR"), ("ProviderID", "spec.providerID")] {
        if !page.str(path).is_empty() {
            page.same(name, path);
        }
    }
    node_pods(page);
    page.events();
}

fn conditions(page: &mut Page) {
    page.put(0, "Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage\n  ----\t------\t-----------------\t------------------\t------\t-------");
    for c in page.at("status.conditions").items() {
        let text = |key: &str| plain(c.get(key));
        let (beat, change) = (date(c.get("lastHeartbeatTime")), date(c.get("lastTransitionTime")));
        page.put(
            1,
            format!(
                "{} \t{} \t{beat} \t{change} \t{} \t{}",
                text("type"),
                text("status"),
                text("reason"),
                text("message")
            ),
        );
    }
}

fn lease(page: &mut Page) {
    page.put(0, "Lease:");
    let name = page.object().meta.name.clone();
    let lease = page.cluster().store.find(Kind::Lease, heartbeat::NAMESPACE, &name);
    let lease = lease.map(|l| heartbeat::shown(page.cluster(), l).write()).unwrap_or_default();
    let holder = or(plain(lease.at(&["spec", "holderIdentity"])), &name);
    page.put(1, format!("HolderIdentity:\t{holder}"));
    page.put(1, format!("AcquireTime:\t{}", date(lease.at(&["spec", "acquireTime"]))));
    page.put(1, format!("RenewTime:\t{}", date(lease.at(&["spec", "renewTime"]))));
}

/// Sums of what the Pods on the node ask for.
fn node_pods(page: &mut Page) {
    let name = page.object().meta.name.clone();
    let mut pods: Vec<_> = page
        .cluster()
        .store
        .pods_on(&name)
        .filter(|p| !matches!(p.status().get("phase").as_str(), Some("Succeeded" | "Failed")))
        .cloned()
        .collect();
    pods.sort_by_key(|p| p.key());
    page.put(0, format!("Non-terminated Pods:\t({} in total)", pods.len()));
    page.put(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
    page.put(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
    let allocatable = page.at("status.allocatable");
    let mut sums: Vec<(String, [Quantity; 2])> = vec![];
    for resource in ["cpu", "memory", "ephemeral-storage", "hugepages-1Gi", "hugepages-2Mi"] {
        sums.push((resource.into(), [Quantity::ZERO; 2]));
    }
    for (resource, _) in allocatable.as_map().into_iter().flat_map(|m| m.iter()) {
        if resource.contains('/') {
            sums.push((resource.to_string(), [Quantity::ZERO; 2]));
        }
    }
    for pod in &pods {
        let spec = pod.raw().get("spec");
        let ask = |what: &str, resource: &str| pod_amount(spec, what, resource);
        let part = |what: &str, resource: &str| share(ask(what, resource), allocatable.get(resource));
        let (namespace, name) = (&pod.meta.namespace, &pod.meta.name);
        let age = page.age(pod.write().at(&["metadata", "creationTimestamp"]));
        page.put(
            1,
            format!(
                "{namespace}\t{name}\t\t{}\t{}\t{}\t{}\t{age}",
                part("requests", "cpu"),
                part("limits", "cpu"),
                part("requests", "memory"),
                part("limits", "memory")
            ),
        );
        for (resource, sum) in &mut sums {
            sum[0] = sum[0].plus(ask("requests", resource));
            sum[1] = sum[1].plus(ask("limits", resource));
        }
    }
    page.put(0, "Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)\n  Resource\tRequests\tLimits\n  --------\t--------\t------");
    for (resource, [requests, limits]) in sums {
        let of =
            |q: Quantity| if resource.contains('/') { q.to_string() } else { share(q, allocatable.get(&resource)) };
        page.put(1, format!("{resource}\t{}\t{}", of(requests), of(limits)));
    }
}

fn pod_amount(spec: &Value, what: &str, resource: &str) -> Quantity {
    let of = |c: &Value| Quantity::parse(&plain(c.at(&["resources", what, resource]))).unwrap_or(Quantity::ZERO);
    let sidecar = |c: &&Value| c.get("restartPolicy").as_str() == Some("Always");
    let inits = spec.get("initContainers").items();
    let sum = spec
        .get("containers")
        .items()
        .iter()
        .chain(inits.iter().filter(sidecar))
        .fold(Quantity::ZERO, |s, c| s.plus(of(c)));
    let largest = inits.iter().filter(|c| !sidecar(c)).map(of).max_by_key(|q| q.milli).unwrap_or(Quantity::ZERO);
    let sum = if largest.milli > sum.milli { largest } else { sum };
    sum.plus(Quantity::parse(&plain(spec.at(&["overhead", resource]))).unwrap_or(Quantity::ZERO))
}

/// `100m (5%)`.
fn share(amount: Quantity, of: &Value) -> String {
    let whole = Quantity::parse(&plain(of)).map_or(0, |q| q.milli);
    let percent = if whole == 0 { 0 } else { amount.milli * 100 / whole };
    format!("{amount} ({percent}%)")
}
