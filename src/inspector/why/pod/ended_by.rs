//! Who had a Pod ended, and why this one.

use super::Asked;
use crate::inspector::why::Why;
use kubarium_sim::api::Kind;

/// None if it was so long ago that nobody remembers.
pub fn of(asked: &Asked) -> Option<Why> {
    let key = asked.object.key();
    let mut acts = asked.cluster.trace.since(0).filter(|act| act.kind == Kind::Pod && act.key == key);
    let act = acts.find(|act| matches!(act.what, "delete" | "evict") && act.by != "kubelet")?;
    let lead = match (act.by, act.what) {
        ("kubectl", "evict") => "ended-by-drain",
        ("kubectl", _) => "ended-by-you",
        ("replicaset-controller" | "replication-controller", _) => "ended-by-set",
        ("statefulset-controller", _) => "ended-by-stateful-set",
        ("daemonset-controller", _) => "ended-by-daemon-set",
        ("job-controller", _) => "ended-by-job",
        ("taint-eviction-controller", _) => "ended-by-taint",
        ("default-scheduler", _) => "ended-by-scheduler",
        ("generic-garbage-collector", _) => "ended-by-collector",
        ("namespace-controller", _) => "ended-by-namespace",
        ("cluster-autoscaler", _) => "ended-by-autoscaler",
        _ => "ended-by-other",
    };
    let owner = asked.object.meta.controller().map_or("", |owner| &*owner.name);
    let with = [("owner", owner), ("by", act.by)];
    Some(Why { title: asked.text.fill("ended-by", &with), lead: asked.text.fill(lead, &with), ..Why::default() })
}
