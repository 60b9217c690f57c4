//! What bounds others: quotas, budgets, autoscalers, namespaces, and the nodes themselves.

use super::{Need, Why};
use crate::inspector::portrait::Sitting;
use crate::terminal::EventRow;
use kubarium_sim::api::event::Event;
use kubarium_sim::api::namespace::Namespace;
use kubarium_sim::api::node::Node;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::pod_disruption_budget::PodDisruptionBudget;
use kubarium_sim::api::{Kind, Quantity};
use kubarium_sim::value::Value;

/// The most refusals that are told.
const MOST_REFUSALS: usize = 6;

fn quantity(value: &Value) -> Quantity {
    value.as_str().and_then(Quantity::parse).unwrap_or(Quantity::millis(0))
}

pub fn of_quota(sitting: &Sitting, object: &Object) -> Why {
    let status = object.status();
    let used = status.get("used");
    let full = status
        .get("hard")
        .as_map()
        .into_iter()
        .flat_map(|hard| hard.iter())
        .filter(|(name, hard)| quantity(used.get(name)).milli_units() >= quantity(hard).milli_units());
    let full = full.map(|(name, _)| name.to_string()).collect::<Vec<_>>().join(", ");
    let with = [("what", &*full)];
    let (title, lead) = if full.is_empty() { ("why-room", "why-room-lead") } else { ("why-full", "why-full-lead") };
    let needs = refusals(sitting, object);
    Why { needs, ..Why::say(sitting.text, title, lead, &with) }
}

/// Who was refused by a quota, and in which words: the latest first.
fn refusals(sitting: &Sitting, quota: &Object) -> Vec<Need> {
    let words = format!("exceeded quota: {},", quota.meta.name);
    let events = sitting.cluster.store.list_in(Kind::Event, &quota.meta.namespace);
    let mut said: Vec<_> =
        events.filter_map(|o| o.get::<Event>()).filter(|event| event.message.contains(&words)).collect();
    said.sort_by_key(|event| std::cmp::Reverse(event.last));
    let mut needs: Vec<Need> = Vec::new();
    for event in said {
        let who = format!("{}/{}", event.about.kind, event.about.name);
        if needs.len() < MOST_REFUSALS && needs.iter().all(|need| need.node != who) {
            let from = event.message.find(&words).expect("it was found above");
            needs.push(Need { node: who, reason: event.message[from..].to_string(), scarce: None });
        }
    }
    needs
}

pub fn of_budget(sitting: &Sitting, budget: &PodDisruptionBudget) -> Why {
    let status = &budget.status;
    let counts = [status.allowed, status.healthy, status.wanted, status.expected].map(|n| n.to_string());
    let with = [("allowed", &*counts[0]), ("healthy", &*counts[1]), ("least", &*counts[2]), ("pods", &*counts[3])];
    let say = |title, lead| Why::say(sitting.text, title, lead, &with);
    let condition = status.conditions.iter().find(|c| &*c.kind == "DisruptionAllowed");
    match condition.filter(|c| &*c.reason == "SyncFailed") {
        Some(c) => say("why-unreckoned", "why-unreckoned-lead").quoting(c.message.to_string()),
        None if status.expected == 0 => say("why-guards-nobody", "why-budget-nobody-lead"),
        None if status.allowed > 0 => say("why-may-go", "why-may-go-lead"),
        None => say("why-none-may-go", "why-none-may-go-lead"),
    }
}

pub fn of_autoscaler(sitting: &Sitting, object: &Object) -> Why {
    let (spec, status) = (object.raw().get("spec"), object.status());
    let number = |value: &Value| value.as_int().map_or_else(|| "0".to_string(), |n| n.to_string());
    let numbers = [
        number(status.get("currentReplicas")),
        number(status.get("desiredReplicas")),
        number(spec.get("minReplicas")),
        number(spec.get("maxReplicas")),
    ];
    let target = spec.at(&["scaleTargetRef", "name"]).as_str().unwrap_or("");
    let with = [
        ("now", &*numbers[0]),
        ("wanted", &*numbers[1]),
        ("least", &*numbers[2]),
        ("most", &*numbers[3]),
        ("target", target),
    ];
    let say = |title, lead| Why::say(sitting.text, title, lead, &with);
    let condition = |kind: &str, value: &str| {
        let is = |c: &&Value| c.get("type").as_str() == Some(kind) && c.get("status").as_str() == Some(value);
        status.get("conditions").items().iter().find(is).map(|c| c.get("message").as_str().unwrap_or("").to_string())
    };
    if let Some(message) = condition("AbleToScale", "False").or_else(|| condition("ScalingActive", "False")) {
        return say("why-cannot-scale", "why-cannot-scale-lead").quoting(message);
    }
    match (condition("ScalingLimited", "True"), condition("AbleToScale", "True")) {
        (Some(message), _) => say("why-scale-limit", "why-scale-limit-lead").quoting(message),
        (None, Some(message)) => say("why-scales", "why-scales-lead").quoting(message),
        (None, None) => say("why-scale-begins", "why-scale-begins-lead"),
    }
}

pub fn of_namespace(sitting: &Sitting, object: &Object, namespace: &Namespace) -> Why {
    let with = [("name", &*object.meta.name)];
    let say = |title, lead| Why::say(sitting.text, title, lead, &with);
    if !object.meta.deleting() {
        return say("why-namespace", "why-namespace-lead");
    }
    let mut left = namespace.status.conditions.iter().filter(|c| {
        &*c.status == "True"
            && matches!(
                &*c.kind,
                "NamespaceContentRemaining" | "NamespaceFinalizersRemaining" | "NamespaceDeletionContentFailure"
            )
    });
    say("why-going", "why-namespace-going-lead").quoting(left.next_back().map(|c| c.message.to_string()))
}

pub fn of_node(sitting: &Sitting, object: &Object, node: &Node, events: &[EventRow]) -> Why {
    let (cluster, text) = (sitting.cluster, sitting.text);
    let pods = cluster.store.pods_on(&object.meta.name).count();
    let word = text.count("pods", "pods-one", pods);
    let evicting =
        node.spec.taints.iter().any(|t| &*t.effect == "NoExecute" && t.key.starts_with("node.kubernetes.io/"));
    let with = [("pods", &*word)];
    let say = |title, lead| Why::say(text, title, lead, &with);
    let ready = node.status.condition("Ready");
    let said = ready.map(|c| c.message.to_string());
    let pressed = ["MemoryPressure", "DiskPressure", "PIDPressure"]
        .into_iter()
        .find_map(|kind| node.status.condition(kind).filter(|c| &*c.status == "True"));
    match (ready.map_or("Unknown", |c| &*c.status), pressed) {
        ("True", Some(pressed)) => say("why-pressed", "why-pressed-lead")
            .quoting(super::last_said(events, &["EvictionThresholdMet"]).or(Some(pressed.message.to_string()))),
        ("True", None) if node.spec.unschedulable => say("why-cordoned", "why-cordoned-lead"),
        ("True", None) if !node.spec.taints.is_empty() => say("why-tainted", "why-tainted-lead"),
        ("True", None) => say("why-node-ready", "why-node-ready-lead"),
        ("False", _) => say("why-node-broken", "why-node-broken-lead").quoting(said),
        _ => {
            let lead = if evicting { "why-node-evicts-lead" } else { "why-node-silent-lead" };
            say("why-node-silent", lead).quoting(said)
        }
    }
}
