//! Kubernetes 1.36: staging/src/k8s.io/endpointslice/trigger_time_tracker.go
//!
//! Since when is there something new to write? The annotation of a slice says when the change came that it takes in.

use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::api::{Field, Stamp};
use crate::controllers::memory::Memory;
use crate::controllers::pods::whole_second;
use std::collections::BTreeMap;
use std::rc::Rc;

pub const ANNOTATION: &str = "endpoints.kubernetes.io/last-change-trigger-time";

/// The latest changes of a Service and its Pods that were taken in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Seen {
    service: Stamp,
    pods: BTreeMap<Rc<str>, Stamp>,
}

impl Seen {
    /// How many Pods the Service has.
    pub fn count(&self) -> usize {
        self.pods.len()
    }
}

/// The earliest change since the last look, as the annotation's text; a Service that is new is itself the change.
pub fn since_last_look(memory: &mut Memory, service: &Object, pods: &[Rc<Object>]) -> Option<Rc<str>> {
    let mut seen = Seen { service: service.meta.creation.unwrap_or_default(), ..Default::default() };
    for pod in pods {
        if let Some(ready) = pod.expect::<Pod>().status.condition("Ready") {
            let since = whole_second(ready.last_transition.unwrap_or_default());
            seen.pods.insert(pod.meta.name.clone(), since);
        }
    }
    let before = memory.services.insert(service.key(), Rc::new(seen.clone()));
    let trigger = match before {
        None => Some(seen.service),
        Some(before) => {
            let newer = |(name, at): &(&Rc<str>, &Stamp)| before.pods.get(*name).is_none_or(|then| *at > then);
            let changed = seen.pods.iter().filter(newer).map(|(_, at)| *at);
            changed.chain((seen.service > before.service).then_some(seen.service)).min()
        }
    };
    trigger.map(|t| Rc::read(&t.write()))
}
