//! Two strangers look at what we make: the types generated from the API's own description must read every object of a
//! busy cluster and write it back the same, and another reader of YAML must find in our YAML what is in our JSON.

use k8s_openapi::api::{
    apps::v1 as apps, autoscaling::v2 as autoscaling, batch::v1 as batch, coordination::v1 as coordination,
    core::v1 as core, discovery::v1 as discovery, networking::v1 as networking, node::v1 as node, policy::v1 as policy,
    rbac::v1 as rbac, scheduling::v1 as scheduling, storage::v1 as storage,
};
use kubarium_sim::api::Kind;
use kubarium_sim::clock::{Span, Time};
use kubarium_sim::cluster::Cluster;
use kubarium_sim::command::Command;
use kubarium_sim::history::History;
use kubarium_sim::manifest::write;
use kubarium_sim::setup::Setup;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

const MANIFEST: &str = include_str!("examiners.yaml");

/// A cluster in which there is something of most kinds, after two minutes.
fn busy() -> Cluster {
    let mut history = History::new(Setup::default().cluster());
    history.command(Command::Write { name: "all.yaml".into(), text: MANIFEST.into() });
    history.command(Command::Run { line: "kubectl apply -f all.yaml".into() });
    history.seek(Time(0) + Span::secs(30));
    history.command(Command::Run { line: "kubectl set image deployment/web nginx=nginx:1.29".into() });
    history.seek(Time(0) + Span::secs(120));
    history.cluster().clone()
}

/// What the generated type makes of an object; `None` for a kind that is not examined.
fn through_generated(kind: Kind, object: &Value) -> Option<Result<Value, serde_json::Error>> {
    Some(match kind {
        Kind::Namespace => through::<core::Namespace>(object),
        Kind::Node => through::<core::Node>(object),
        Kind::Pod => through::<core::Pod>(object),
        Kind::Service => through::<core::Service>(object),
        Kind::Endpoints => through::<core::Endpoints>(object),
        Kind::ConfigMap => through::<core::ConfigMap>(object),
        Kind::Secret => through::<core::Secret>(object),
        Kind::ServiceAccount => through::<core::ServiceAccount>(object),
        Kind::PersistentVolume => through::<core::PersistentVolume>(object),
        Kind::PersistentVolumeClaim => through::<core::PersistentVolumeClaim>(object),
        Kind::ReplicationController => through::<core::ReplicationController>(object),
        Kind::ResourceQuota => through::<core::ResourceQuota>(object),
        Kind::LimitRange => through::<core::LimitRange>(object),
        Kind::Event => through::<core::Event>(object),
        Kind::Deployment => through::<apps::Deployment>(object),
        Kind::ReplicaSet => through::<apps::ReplicaSet>(object),
        Kind::StatefulSet => through::<apps::StatefulSet>(object),
        Kind::DaemonSet => through::<apps::DaemonSet>(object),
        Kind::ControllerRevision => through::<apps::ControllerRevision>(object),
        Kind::Job => through::<batch::Job>(object),
        Kind::CronJob => through::<batch::CronJob>(object),
        Kind::HorizontalPodAutoscaler => through::<autoscaling::HorizontalPodAutoscaler>(object),
        Kind::PodDisruptionBudget => through::<policy::PodDisruptionBudget>(object),
        Kind::NetworkPolicy => through::<networking::NetworkPolicy>(object),
        Kind::Ingress => through::<networking::Ingress>(object),
        Kind::IngressClass => through::<networking::IngressClass>(object),
        Kind::EndpointSlice => through::<discovery::EndpointSlice>(object),
        Kind::StorageClass => through::<storage::StorageClass>(object),
        Kind::PriorityClass => through::<scheduling::PriorityClass>(object),
        Kind::RuntimeClass => through::<node::RuntimeClass>(object),
        Kind::Lease => through::<coordination::Lease>(object),
        Kind::Role => through::<rbac::Role>(object),
        Kind::RoleBinding => through::<rbac::RoleBinding>(object),
        _ => return None,
    })
}

fn through<T: DeserializeOwned + Serialize>(object: &Value) -> Result<Value, serde_json::Error> {
    serde_json::to_value(T::deserialize(object)?)
}

/// Without what the generated types leave out on writing: nulls, and lists and maps with nothing in them.
fn plain(value: &Value) -> Value {
    let empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    match value {
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.clone(), plain(value)));
            Value::Object(fields.filter(|(_, value)| !empty(value)).collect())
        }
        other => other.clone(),
    }
}

#[test]
fn generated_types_read_every_object_and_write_it_back() {
    let cluster = busy();
    let mut examined = std::collections::BTreeSet::new();
    for kind in Kind::ALL {
        for object in cluster.store.list(*kind) {
            let object: Value = serde_json::from_str(&write::json(&object.write(), 0)).expect("what we write is JSON");
            match through_generated(*kind, &object) {
                Some(Ok(back)) => assert_eq!(plain(&back), plain(&object), "{kind:?}"),
                Some(Err(error)) => panic!("{kind:?}: {error}\n{object:#}"),
                None => continue,
            }
            examined.insert(kind.name());
        }
    }
    let missing: Vec<&str> = Kind::ALL
        .iter()
        .filter(|k| through_generated(**k, &Value::Null).is_some())
        .map(|k| k.name())
        .filter(|n| !examined.contains(n))
        .collect();
    assert_eq!(missing, [""; 0], "of these the cluster has no object");
}

#[test]
fn another_reader_finds_in_our_yaml_what_is_in_our_json() {
    let cluster = busy();
    for kind in Kind::ALL {
        for object in cluster.store.list(*kind) {
            let object = object.write();
            let json: Value = serde_json::from_str(&write::json(&object, 0)).expect("what we write is JSON");
            let yaml: Value = serde_yaml::from_str(&write::yaml(&object)).expect("what we write is YAML");
            assert_eq!(yaml, json, "{kind:?}");
        }
    }
}
