//! `changes.jsonl`: every change of every object, as a watcher of the API saw it.

use crate::play::NAMESPACE;
use kubarium_sim::api::{Kind, Stamp};
use kubarium_sim::clock::{Date, Time};
use kubarium_sim::cluster::Cluster;
use kubarium_sim::manifest::write::json;
use kubarium_sim::store::Change;
use kubarium_sim::value::Value;
use std::collections::BTreeMap;

/// Cluster-scoped kinds that are recorded under `# scope: cluster`.
const CLUSTER_WIDE: [Kind; 3] = [Kind::Node, Kind::PersistentVolume, Kind::PriorityClass];
/// Namespaces that were there before.
const SYSTEM: [&str; 4] = ["default", "kube-system", "kube-public", "kube-node-lease"];

/// Writes down changes as they come.
pub struct Recorder {
    lines: String,
    whole: bool,
    start: Time,
    /// Milliseconds since 1970 at the scene's start.
    epoch: i64,
    /// Whose uid is whose: uid to `KIND/NAME`.
    uids: BTreeMap<String, String>,
    /// Objects as they were last written down.
    last: BTreeMap<(Kind, String, String), Value>,
}

impl Recorder {
    pub fn new(scene: &str, whole: bool, start: Time, cluster: &Cluster) -> Recorder {
        let epoch = cluster.stamp_of(start).0;
        let header = Value::map([
            ("scene", Value::from(scene)),
            ("kubernetes", "v1.36.3".into()),
            ("recorded", Value::from(Date::from_unix(epoch / 1000).to_string()[..10].to_string())),
            ("scope", if whole { "cluster".into() } else { "namespace".into() }),
        ]);
        let mut recorder = Recorder {
            lines: json(&header, 0) + "\n",
            whole,
            start,
            epoch,
            uids: BTreeMap::new(),
            last: BTreeMap::new(),
        };
        for kind in cluster.store.kinds() {
            for object in cluster.store.list(kind) {
                let name = format!("{}/{}", object.kind.name(), object.meta.name);
                recorder.uids.insert(object.meta.uid.to_string(), name);
                let (namespace, name) = (object.meta.namespace.to_string(), object.meta.name.to_string());
                let value = recorder.told(&object.write(), kind);
                recorder.last.insert((kind, namespace, name), value);
            }
        }
        recorder
    }

    pub fn text(self) -> String {
        self.lines
    }

    pub fn note(&mut self, time: Time, change: &Change) {
        let (kind, namespace, name) = (change.kind, change.key.namespace.to_string(), change.key.name.to_string());
        let uid = change.latest().meta.uid.to_string();
        self.uids.insert(uid, format!("{}/{name}", kind.name()));
        let wanted = match namespace.as_str() {
            "" if kind == Kind::Namespace => !SYSTEM.contains(&&*name) && name != NAMESPACE,
            "" => self.whole && CLUSTER_WIDE.contains(&kind),
            other => !SYSTEM.contains(&other) || self.whole && other == "default",
        };
        let given = [(Kind::ConfigMap, "kube-root-ca.crt"), (Kind::ServiceAccount, "default")];
        if !wanted || matches!(kind, Kind::Lease | Kind::Endpoints) || given.contains(&(kind, &name)) {
            return;
        }
        let key = (kind, namespace.clone(), name.clone());
        let before = self.last.get(&key).cloned().unwrap_or_default();
        let (verb, field, content) = match &change.new {
            Some(object) => {
                let value = self.told(&object.write(), kind);
                self.last.insert(key, value.clone());
                if change.old.is_none() {
                    ("added", "object", value)
                } else {
                    let patch = difference(&before, &value);
                    if patch.as_map().is_none_or(|m| m.is_empty()) {
                        return;
                    }
                    ("modified", "patch", patch)
                }
            }
            None => {
                self.last.remove(&key);
                ("deleted", "last", self.told(&change.latest().write(), kind))
            }
        };
        let millis = time.since(self.start).0;
        let mut entries = vec![
            ("t", Value::Number(format!("{}.{:03}", millis / 1000, millis % 1000).into())),
            ("verb", Value::from(verb)),
            ("kind", kind.name().into()),
            ("name", Value::from(name)),
            (field, content),
        ];
        if !namespace.is_empty() && namespace != if self.whole { "default" } else { NAMESPACE } {
            entries.push(("namespace", Value::from(namespace)));
        }
        self.lines += &(json(&Value::map(entries), 0).replace(NAMESPACE, "default") + "\n");
    }

    /// An object as it is written down.
    fn told(&self, value: &Value, kind: Kind) -> Value {
        if kind == Kind::Event {
            return self.event(value);
        }
        let mut out = value.clone();
        let meta = out.at_mut(&["metadata"]);
        for field in ["resourceVersion", "managedFields", "namespace"] {
            meta.remove(field);
        }
        if kind == Kind::Node {
            for condition in out.at_mut(&["status", "conditions"]).list_mut() {
                condition.remove("lastHeartbeatTime");
            }
        }
        self.relative(&out)
    }

    fn event(&self, value: &Value) -> Value {
        let about = value.get("involvedObject");
        let text = |v: &Value| v.as_str().unwrap_or("").to_string();
        let or = |a: &Value, b: &Value| if a.is_null() || a.as_str() == Some("") { b.clone() } else { a.clone() };
        let series = value.get("series");
        let (first, last) =
            (or(value.get("firstTimestamp"), value.get("eventTime")), value.get("lastTimestamp").clone());
        let last = or(&or(series.get("lastObservedTime"), &last), &first);
        let count = or(series.get("count"), value.get("count"));
        self.relative(&Value::map([
            ("kind", Value::from("Event")),
            ("about", Value::from(format!("{}/{}", text(about.get("kind")), text(about.get("name"))))),
            ("field", about.get("fieldPath").clone()),
            ("type", value.get("type").clone()),
            ("reason", value.get("reason").clone()),
            ("message", value.get("message").clone()),
            ("from", or(value.at(&["source", "component"]), value.get("reportingComponent"))),
            ("count", if count.is_null() { Value::Int(1) } else { count }),
            ("first", first),
            ("last", last),
        ]))
    }

    /// Timestamps become seconds since the start, uids the names of their objects.
    fn relative(&self, value: &Value) -> Value {
        match value {
            Value::Map(map) => Value::map(map.iter().map(|(k, v)| (k.clone(), self.relative(v)))),
            Value::List(list) => Value::list(list.iter().map(|v| self.relative(v)).collect()),
            Value::Str(text) => {
                if let Some(owner) = self.uids.get(&**text) {
                    return Value::from(format!("<uid {owner}>"));
                }
                if text.len() >= 20 && text.ends_with('Z') && Date::parse_rfc3339(text).is_some() {
                    return Value::from(self.seconds(text));
                }
                value.clone()
            }
            _ => value.clone(),
        }
    }

    fn seconds(&self, stamp: &str) -> String {
        let time = <Stamp as kubarium_sim::api::Field>::read(&Value::from(stamp)).0 - self.epoch;
        let (sign, time) = if time < 0 { ("-", -time) } else { ("", time) };
        match time % 1000 {
            0 => format!("@{sign}{}", time / 1000),
            millis => format!("@{sign}{}.{:03}", time / 1000, millis).trim_end_matches('0').to_string(),
        }
    }
}

/// The JSON merge patch that makes `b` of `a`.
fn difference(a: &Value, b: &Value) -> Value {
    let (Some(old), Some(new)) = (a.as_map(), b.as_map()) else { return b.clone() };
    let mut patch = Value::empty_map();
    for (key, value) in new.iter() {
        match old.get(key) {
            Some(before) if before == value => {}
            Some(before) if before.as_map().is_some() && value.as_map().is_some() => {
                patch.set(key, difference(before, value));
            }
            _ => patch.set(key, value.clone()),
        }
    }
    for key in old.keys().filter(|k| !new.contains(k)) {
        patch.set(key, Value::Null);
    }
    patch
}
