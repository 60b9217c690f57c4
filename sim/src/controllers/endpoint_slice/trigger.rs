//! Kubernetes 1.36: staging/src/k8s.io/endpointslice/trigger_time_tracker.go
//!
//! Since when is there something new to write? The annotation of a slice says when the change came that it takes in.

use super::desired::Made;
use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::api::{Field, Stamp};
use crate::controllers::memory::Memory;
use std::rc::Rc;

pub const ANNOTATION: &str = "endpoints.kubernetes.io/last-change-trigger-time";

/// The latest changes of a Service and its Pods that were taken in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Seen {
    service: Stamp,
    /// By name.
    pods: Vec<(Rc<str>, Stamp)>,
    pub made: Made,
}

impl Seen {
    /// How many Pods the Service has.
    pub fn count(&self) -> usize {
        self.pods.len()
    }
}

/// The earliest change since the last look, as the annotation's text; a Service that is new is itself the change. The
/// Pods come in the order of their names.
pub fn since_last_look(memory: &mut Memory, service: &Object, pods: &[Rc<Object>], made: Made) -> Option<Rc<str>> {
    let mut seen =
        Seen { service: service.meta.creation.unwrap_or_default(), pods: Vec::with_capacity(pods.len()), made };
    for pod in pods {
        if let Some(ready) = pod.expect::<Pod>().status.condition("Ready") {
            let since = ready.last_transition.unwrap_or_default().second();
            seen.pods.push((pod.meta.name.clone(), since));
        }
    }
    let seen = Rc::new(seen);
    let trigger = match memory.services.insert(service.key(), seen.clone()) {
        None => Some(seen.service),
        Some(before) => {
            let mut known = before.pods.iter().peekable();
            let changed = seen.pods.iter().filter(|(name, at)| {
                while known.next_if(|(other, _)| other < name).is_some() {}
                known.peek().is_none_or(|(other, then)| other != name || at > then)
            });
            changed.map(|(_, at)| *at).chain((seen.service > before.service).then_some(seen.service)).min()
        }
    };
    trigger.map(|t| Rc::read(&t.write()))
}
