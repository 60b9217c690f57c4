//! How a cluster is when nobody has used it yet: its nodes, namespaces, classes and own Services.
//!
//! The default is a cluster of three nodes like the one whose behaviour this project is checked against.

mod pods;
mod rbac;

use crate::api::metadata::LAST_APPLIED;
use crate::api::object::Object;
use crate::api::{Field, Kind, Metadata, Texts};
use crate::clock::Time;
use crate::cluster::Cluster;
use crate::dice::Dice;
use crate::hardware;
use crate::value::Value;
use std::rc::Rc;

/// What a cluster is made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Setup {
    pub seed: u64,
    /// What the wall clock shows at the beginning: milliseconds since 1970.
    pub epoch: i64,
    pub nodes: Vec<Machine>,
    /// So many Pods each node has to start: bound already, as by a scheduler of a moment ago.
    pub pods: usize,
    /// Namespaces beside those that every cluster has.
    pub namespaces: Vec<String>,
    /// Every image that exists is on every node already; otherwise images are pulled when they are first needed.
    pub preloaded: bool,
    /// Whether there is a metrics-server, as most clusters have.
    pub metrics_server: bool,
}

/// A node's hardware.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Machine {
    pub name: String,
    pub zone: String,
    /// Thousandths of a core.
    pub cpu_milli: i64,
    pub memory_bytes: i64,
    pub pods: i64,
}

/// How long before time 0 the cluster was made: its own objects are an hour and a half old.
const AGE_MS: i64 = 5_400_000;
/// What a node keeps of its disk for Pods, and the disk itself, in bytes.
const DISK_ALLOCATABLE: i64 = 243_497_856_212;
const DISK: i64 = 264_212_084 * 1024;

/// What the nodes of the recorded cluster had out of an archive.
static IMPORTED: [&str; 1] = ["registry.k8s.io/pause:3.9"];

impl Default for Setup {
    /// Three nodes of 2 cores and about 4 GiB, in two zones; Monday, 23 November 2026, 20:00 UTC.
    fn default() -> Setup {
        Setup {
            seed: 1,
            epoch: 1_795_464_000_000,
            nodes: Setup::machines(3),
            pods: 0,
            namespaces: vec![],
            preloaded: true,
            metrics_server: true,
        }
    }
}

impl Setup {
    /// `count` nodes `node-1`, `node-2` ...; the first two thirds are in zone-1, the rest is in zone-2.
    pub fn machines(count: usize) -> Vec<Machine> {
        (0..count)
            .map(|i| Machine {
                name: format!("node-{}", i + 1),
                zone: if i * 3 < count * 2 { "zone-1".into() } else { "zone-2".into() },
                cpu_milli: 2000,
                memory_bytes: 3_610_172 * 1024,
                pods: 110,
            })
            .collect()
    }

    /// The cluster at time 0.
    pub fn cluster(&self) -> Cluster {
        let mut cluster = Cluster { now: Time(0), epoch: self.epoch, dice: Dice(self.seed), ..Default::default() };
        cluster.metrics_server = self.metrics_server;
        for name in ["default", "kube-node-lease", "kube-public", "kube-system"] {
            namespace(&mut cluster, name);
        }
        for name in &self.namespaces {
            namespace(&mut cluster, name);
        }
        for (i, machine) in self.nodes.iter().enumerate() {
            node(&mut cluster, i, machine);
            let imported: &[&str] = if self.preloaded { &IMPORTED } else { &[] };
            let physical = crate::machine::Machine { preloaded: self.preloaded, imported, ..Default::default() };
            cluster.machines.insert(machine.name.as_str().into(), Rc::new(physical));
        }
        for machine in &self.nodes {
            (0..self.pods).for_each(|n| pods::bound(&mut cluster, &machine.name, n));
        }
        storage_class(&mut cluster);
        priority_class(&mut cluster, "system-cluster-critical", 2_000_000_000);
        priority_class(&mut cluster, "system-node-critical", 2_000_001_000);
        rbac::add_all(&mut cluster);
        api_service(&mut cluster);
        dns_service(&mut cluster);
        crate::run::tell(&mut cluster, &mut |_, _| {});
        cluster
    }
}

fn add(
    cluster: &mut Cluster,
    kind: Kind,
    namespace: &str,
    name: &str,
    raw: Value,
    status: Value,
    more: impl FnOnce(&mut Metadata),
) -> Rc<Object> {
    let whom = format!("{}/{namespace}/{name}", kind.name());
    let mut meta = Metadata {
        name: name.into(),
        namespace: namespace.into(),
        uid: cluster.dice.uuid(&whom, "uid"),
        creation: Some(crate::api::Stamp(cluster.epoch - AGE_MS)),
        ..Default::default()
    };
    more(&mut meta);
    let mut object = Object::make(kind, meta, raw);
    if !status.is_null() {
        object.set_status(status);
    }
    cluster.commit(object)
}

fn namespace(cluster: &mut Cluster, name: &str) {
    let spec = Value::map([("finalizers", Value::list(vec!["kubernetes".into()]))]);
    let status = Value::map([("phase", "Active".into())]);
    add(cluster, Kind::Namespace, "", name, Value::map([("spec", spec)]), status, |meta| {
        meta.labels.insert("kubernetes.io/metadata.name", name);
    });
    add(cluster, Kind::ServiceAccount, name, "default", Value::empty_map(), Value::Null, |_| {});
    let data = Value::map([("ca.crt", ROOT_CERTIFICATE.into())]);
    add(cluster, Kind::ConfigMap, name, "kube-root-ca.crt", Value::map([("data", data)]), Value::Null, |meta| {
        meta.annotations.insert("kubernetes.io/description", ROOT_CERTIFICATE_DESCRIPTION);
    });
}

/// Stands for the certificate of the cluster's own authority: nothing here is encrypted.
pub const ROOT_CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nsimulated\n-----END CERTIFICATE-----\n";
/// Kubernetes 1.36: pkg/controller/certificates/rootcacertpublisher/publisher.go
pub const ROOT_CERTIFICATE_DESCRIPTION: &str = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

fn node(cluster: &mut Cluster, index: usize, machine: &Machine) {
    let status = node_status(cluster, index, machine);
    let spec = Value::map([("podCIDR", Value::str(hardware::pod_network(index + 1)))]);
    let name = machine.name.clone();
    let node = add(cluster, Kind::Node, "", &name, Value::map([("spec", spec)]), status, |meta| {
        meta.labels = Texts::from_iter([
            ("beta.kubernetes.io/arch", "amd64"),
            ("beta.kubernetes.io/os", "linux"),
            ("kubernetes.io/arch", "amd64"),
            ("kubernetes.io/os", "linux"),
            ("kubernetes.io/hostname", machine.name.as_str()),
            ("topology.kubernetes.io/zone", machine.zone.as_str()),
        ]);
        meta.annotations = Texts::from_iter([
            ("node.alpha.kubernetes.io/ttl", "0"),
            ("volumes.kubernetes.io/controller-managed-attach-detach", "true"),
        ]);
    });
    cluster.commit(crate::kubelet::heartbeat::first(&node, cluster));
}

fn node_status(cluster: &Cluster, index: usize, machine: &Machine) -> Value {
    let capacity = |disk: String| {
        Value::map([
            ("cpu", crate::api::Quantity::millis(machine.cpu_milli).write()),
            ("ephemeral-storage", disk.into()),
            ("hugepages-1Gi", "0".into()),
            ("hugepages-2Mi", "0".into()),
            ("memory", Value::str(format!("{}Ki", machine.memory_bytes / 1024))),
            ("pods", Value::str(machine.pods.to_string())),
        ])
    };
    Value::map([
        ("addresses", hardware::addresses(&machine.name, index + 1)),
        ("allocatable", capacity(DISK_ALLOCATABLE.to_string())),
        ("capacity", capacity(format!("{}Ki", DISK / 1024))),
        ("conditions", node_conditions(crate::api::Stamp(cluster.epoch - AGE_MS))),
        ("daemonEndpoints", Value::map([("kubeletEndpoint", Value::map([("Port", Value::Int(10_250))]))])),
        (
            "nodeInfo",
            Value::map([
                ("architecture", "amd64".into()),
                ("bootID", Value::str(cluster.dice.uuid(&machine.name, "boot"))),
                ("containerRuntimeVersion", "containerd://2.2.0".into()),
                ("kernelVersion", "6.12.0".into()),
                ("kubeProxyVersion", "".into()),
                ("kubeletVersion", "v1.36.3".into()),
                ("machineID", Value::str(cluster.dice.hex(32, &machine.name, "machine"))),
                ("operatingSystem", "linux".into()),
                ("osImage", "Debian GNU/Linux 12 (bookworm)".into()),
                ("systemUUID", Value::str(cluster.dice.uuid(&machine.name, "system"))),
            ]),
        ),
    ])
}

fn node_conditions(since: crate::api::Stamp) -> Value {
    let condition = |(kind, status, reason, message): (&str, &str, &str, &str)| {
        Value::map([
            ("type", kind.into()),
            ("status", status.into()),
            ("reason", reason.into()),
            ("message", message.into()),
            ("lastHeartbeatTime", since.write()),
            ("lastTransitionTime", since.write()),
        ])
    };
    let all = [
        ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ];
    Value::list(all.map(condition).to_vec())
}

fn storage_class(cluster: &mut Cluster) {
    let raw = Value::map([
        ("provisioner", Value::from("kubernetes.io/host-path")),
        ("reclaimPolicy", "Delete".into()),
        ("volumeBindingMode", "Immediate".into()),
    ]);
    add(cluster, Kind::StorageClass, "", "standard", raw, Value::Null, |meta| {
        meta.annotations.insert(crate::api::storage_class::DEFAULT_CLASS, "true");
        // The recorded cluster's class was applied with kubectl.
        meta.annotations.insert(LAST_APPLIED, concat!(
            r#"{"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"annotations":"#,
            r#"{"storageclass.kubernetes.io/is-default-class":"true"},"name":"standard"},"provisioner":"kubernetes.io/host-path","#,
            r#""reclaimPolicy":"Delete","volumeBindingMode":"Immediate"}"#, "\n"));
    });
}

fn priority_class(cluster: &mut Cluster, name: &str, value: i64) {
    let what = if value > 2_000_000_000 {
        "critical pods that must not be moved from their current node"
    } else {
        "critical pods that must run in the cluster, but can be moved to another node if necessary"
    };
    let raw = Value::map([
        ("value", Value::Int(value)),
        ("description", Value::str(format!("Used for system {what}."))),
        ("preemptionPolicy", "PreemptLowerPriority".into()),
    ]);
    add(cluster, Kind::PriorityClass, "", name, raw, Value::Null, |meta| meta.generation = 1);
}

fn service(ip: &str, ports: Vec<Value>) -> Value {
    let spec = Value::map([
        ("clusterIP", Value::from(ip)),
        ("clusterIPs", Value::list(vec![ip.into()])),
        ("internalTrafficPolicy", "Cluster".into()),
        ("ipFamilies", Value::list(vec!["IPv4".into()])),
        ("ipFamilyPolicy", "SingleStack".into()),
        ("ports", Value::list(ports)),
        ("sessionAffinity", "None".into()),
        ("type", "ClusterIP".into()),
    ]);
    Value::map([("spec", spec)])
}

fn port(name: &str, port: i64, protocol: &str, target: i64) -> Value {
    Value::map([
        ("name", Value::from(name)),
        ("port", Value::Int(port)),
        ("protocol", protocol.into()),
        ("targetPort", Value::Int(target)),
    ])
}

/// Where the API server itself listens.
const API_ADDRESS: &str = "10.200.0.1";

fn api_service(cluster: &mut Cluster) {
    let status = || Value::map([("loadBalancer", Value::empty_map())]);
    let raw = service("10.96.0.1", vec![port("https", 443, "TCP", 6443)]);
    add(cluster, Kind::Service, "default", "kubernetes", raw, status(), |meta| {
        meta.labels = Texts::from_iter([("component", "apiserver"), ("provider", "kubernetes")]);
    });
    let endpoint = Value::map([
        ("addresses", Value::list(vec![API_ADDRESS.into()])),
        ("conditions", Value::map([("ready", true.into())])),
    ]);
    let slice_port = Value::map([("name", "https".into()), ("port", Value::Int(6443)), ("protocol", "TCP".into())]);
    let slice = Value::map([
        ("addressType", Value::from("IPv4")),
        ("endpoints", Value::list(vec![endpoint])),
        ("ports", Value::list(vec![slice_port])),
    ]);
    add(cluster, Kind::EndpointSlice, "default", "kubernetes", slice, Value::Null, |meta| {
        meta.labels.insert("kubernetes.io/service-name", "kubernetes");
    });
}

fn dns_service(cluster: &mut Cluster) {
    let raw = service("10.96.0.10", vec![port("dns", 53, "UDP", 1053), port("dns-tcp", 53, "TCP", 1053)]);
    let status = Value::map([("loadBalancer", Value::empty_map())]);
    add(cluster, Kind::Service, "kube-system", "kube-dns", raw, status, |meta| {
        meta.labels = Texts::from_iter([
            ("k8s-app", "kube-dns"),
            ("kubernetes.io/cluster-service", "true"),
            ("kubernetes.io/name", "CoreDNS"),
        ]);
    });
}
