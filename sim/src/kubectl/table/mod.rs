//! The tables that `kubectl get` prints: columns and cells of every kind, as the server computes them.
//!
//! Kubernetes 1.36: pkg/printers/internalversion/printers.go

pub mod cluster;
mod custom;
pub mod pod;
mod workloads;

use super::time;
use crate::api::Kind;
use crate::api::object::Object;
use crate::cluster::Cluster;
use crate::store::Store;
use crate::value::Value;

/// The columns of a kind, and whether they stand in wide tables only.
pub fn columns(store: &Store, kind: Kind) -> Vec<(String, bool)> {
    if kind.is_custom() {
        return custom::columns(store, kind);
    }
    let split = fixed(kind).split(';');
    split.map(|c| c.strip_prefix('~').map_or((c.to_string(), false), |c| (c.to_string(), true))).collect()
}

/// The columns of a kind that every cluster has, apart by `;`. Those that begin with `~` stand in wide tables only.
fn fixed(kind: Kind) -> &'static str {
    match kind {
        Kind::Pod => "NAME;READY;STATUS;RESTARTS;AGE;~IP;~NODE;~NOMINATED NODE;~READINESS GATES",
        Kind::Deployment => "NAME;READY;UP-TO-DATE;AVAILABLE;AGE;~CONTAINERS;~IMAGES;~SELECTOR",
        Kind::ReplicaSet | Kind::ReplicationController => {
            "NAME;DESIRED;CURRENT;READY;AGE;~CONTAINERS;~IMAGES;~SELECTOR"
        }
        Kind::StatefulSet => "NAME;READY;AGE;~CONTAINERS;~IMAGES",
        Kind::DaemonSet => {
            "NAME;DESIRED;CURRENT;READY;UP-TO-DATE;AVAILABLE;NODE SELECTOR;AGE;~CONTAINERS;~IMAGES;~SELECTOR"
        }
        Kind::Job => "NAME;STATUS;COMPLETIONS;DURATION;AGE;~CONTAINERS;~IMAGES;~SELECTOR",
        Kind::CronJob => "NAME;SCHEDULE;TIMEZONE;SUSPEND;ACTIVE;LAST SCHEDULE;AGE;~CONTAINERS;~IMAGES;~SELECTOR",
        Kind::Service => "NAME;TYPE;CLUSTER-IP;EXTERNAL-IP;PORT(S);AGE;~SELECTOR",
        Kind::Ingress => "NAME;CLASS;HOSTS;ADDRESS;PORTS;AGE",
        Kind::IngressClass => "NAME;CONTROLLER;PARAMETERS;AGE",
        Kind::Endpoints => "NAME;ENDPOINTS;AGE",
        Kind::EndpointSlice => "NAME;ADDRESSTYPE;PORTS;ENDPOINTS;AGE",
        Kind::NetworkPolicy => "NAME;POD-SELECTOR;AGE",
        Kind::Node => {
            "NAME;STATUS;ROLES;AGE;VERSION;~INTERNAL-IP;~EXTERNAL-IP;~OS-IMAGE;~KERNEL-VERSION;~CONTAINER-RUNTIME"
        }
        Kind::Namespace => "NAME;STATUS;AGE",
        Kind::PersistentVolume => {
            "NAME;CAPACITY;ACCESS MODES;RECLAIM POLICY;STATUS;CLAIM;STORAGECLASS;VOLUMEATTRIBUTESCLASS;REASON;AGE;~VOLUMEMODE"
        }
        Kind::PersistentVolumeClaim => {
            "NAME;STATUS;VOLUME;CAPACITY;ACCESS MODES;STORAGECLASS;VOLUMEATTRIBUTESCLASS;AGE;~VOLUMEMODE"
        }
        Kind::StorageClass => "NAME;PROVISIONER;RECLAIMPOLICY;VOLUMEBINDINGMODE;ALLOWVOLUMEEXPANSION;AGE",
        Kind::Event => "LAST SEEN;TYPE;REASON;OBJECT;~SUBOBJECT;~SOURCE;MESSAGE;~FIRST SEEN;~COUNT;~NAME",
        Kind::ConfigMap => "NAME;DATA;AGE",
        Kind::Secret => "NAME;TYPE;DATA;AGE",
        Kind::ResourceQuota => "NAME;REQUEST;LIMIT;AGE",
        Kind::LimitRange | Kind::Role | Kind::ClusterRole | Kind::CustomResourceDefinition => "NAME;CREATED AT",
        Kind::RoleBinding | Kind::ClusterRoleBinding => "NAME;ROLE;AGE;~USERS;~GROUPS;~SERVICEACCOUNTS",
        Kind::HorizontalPodAutoscaler => "NAME;REFERENCE;TARGETS;MINPODS;MAXPODS;REPLICAS;AGE",
        Kind::PodDisruptionBudget => "NAME;MIN AVAILABLE;MAX UNAVAILABLE;ALLOWED DISRUPTIONS;AGE",
        Kind::PriorityClass => "NAME;VALUE;GLOBAL-DEFAULT;AGE;PREEMPTIONPOLICY",
        Kind::ControllerRevision => "NAME;CONTROLLER;REVISION;AGE",
        Kind::Lease => "NAME;HOLDER;AGE",
        Kind::PodTemplate => "NAME;CONTAINERS;IMAGES;POD LABELS",
        Kind::RuntimeClass => "NAME;HANDLER;AGE",
        Kind::VolumeAttachment => "NAME;ATTACHER;PV;NODE;ATTACHED;AGE",
        Kind::MutatingWebhookConfiguration | Kind::ValidatingWebhookConfiguration => "NAME;WEBHOOKS;AGE",
        Kind::ValidatingAdmissionPolicy => "NAME;VALIDATIONS;PARAMKIND;AGE",
        Kind::ValidatingAdmissionPolicyBinding => "NAME;POLICYNAME;PARAMREF;AGE",
        _ => "NAME;AGE",
    }
}

/// The cells of an object, one a column.
pub fn row(cluster: &Cluster, object: &Object) -> Vec<String> {
    let value = object.write();
    let now = cluster.stamp();
    let row = Row { value: &value, now: now.0 };
    match object.kind {
        Kind::Custom(_) => custom::cells(cluster, object),
        Kind::Pod => pod::cells(&row),
        Kind::Deployment | Kind::ReplicaSet | Kind::ReplicationController | Kind::StatefulSet | Kind::DaemonSet => {
            workloads::cells(object.kind, &row)
        }
        Kind::Job => workloads::job(&row),
        Kind::CronJob => workloads::cron_job(&row),
        kind => cluster::cells(kind, &row),
    }
}

/// An object to be told in cells.
pub struct Row<'a> {
    pub value: &'a Value,
    /// Milliseconds since 1970.
    pub now: i64,
}

impl Row<'_> {
    pub fn at(&self, path: &str) -> &Value {
        path.split('.').fold(self.value, |v, key| v.get(key))
    }
    pub fn text(&self, path: &str) -> String {
        plain(self.at(path))
    }
    /// The text, or something else where it is empty.
    pub fn text_or(&self, path: &str, otherwise: &str) -> String {
        let text = self.text(path);
        if text.is_empty() { otherwise.into() } else { text }
    }
    pub fn int(&self, path: &str) -> i64 {
        self.at(path).as_int().unwrap_or(0)
    }
    pub fn name(&self) -> String {
        self.at("metadata").get("name").as_str().unwrap_or("").into()
    }
    pub fn age(&self) -> String {
        self.since(self.at("metadata.creationTimestamp"))
    }
    /// How long ago a timestamp was.
    pub fn since(&self, stamp: &Value) -> String {
        time::since(stamp, self.now)
    }
    pub fn deleting(&self) -> bool {
        !self.at("metadata.deletionTimestamp").is_null()
    }
    /// Names and images of the containers of a Pod's spec.
    pub fn containers(&self, spec: &str) -> (String, String) {
        let list = self.at(spec).get("containers").items();
        let of = |key: &str| list.iter().map(|c| plain(c.get(key))).collect::<Vec<_>>().join(",");
        (of("name"), of("image"))
    }
}

/// A scalar as text; nothing for null.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Str(s) => s.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Number(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        _ => String::new(),
    }
}

/// `a=1,b=2`, or `<none>`.
pub fn labels(value: &Value) -> String {
    let Some(map) = value.as_map().filter(|m| !m.is_empty()) else { return "<none>".into() };
    map.iter().map(|(k, v)| format!("{k}={}", plain(v))).collect::<Vec<_>>().join(",")
}

/// A label selector of an object.
pub fn selector(value: &Value) -> String {
    if value.is_null() {
        return "<none>".into();
    }
    <crate::api::selector::LabelSelector as crate::api::Field>::read(value).to_string()
}

/// Up to three, then ` + N more...`.
pub fn three(items: &[String], join: &str, more: &str) -> String {
    let shown = items.iter().take(3).cloned().collect::<Vec<_>>().join(join);
    if items.len() > 3 { format!("{shown}{more}{} more...", items.len() - 3) } else { shown }
}

/// Lays out rows under their headers: columns three spaces apart, none at a line's end except under the last one.
pub fn layout(headers: Option<&[String]>, rows: &[Vec<String>]) -> String {
    let width = |text: &str| text.chars().count();
    let columns = rows.iter().map(Vec::len).chain(headers.map(|h| h.len())).max().unwrap_or(0);
    let all = || headers.into_iter().map(|h| h.to_vec()).chain(rows.iter().cloned());
    let widths: Vec<usize> =
        (0..columns).map(|i| all().map(|r| r.get(i).map_or(0, |c| width(c))).max().unwrap_or(0)).collect();
    let mut out = String::new();
    for row in all() {
        for (i, cell) in row.iter().enumerate() {
            out.push_str(cell);
            if i + 1 < row.len() {
                out.extend(std::iter::repeat_n(' ', widths[i] - width(cell) + 3));
            }
        }
        out.push('\n');
    }
    out
}
