//! Kubernetes 1.36: pkg/controller/statefulset/stateful_set_utils.go
//!
//! Who a Pod of a StatefulSet is: its name, its number, its claims.

use super::{Look, REVISION, claims, template};
use crate::api::Kind;
use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::apiserver::Request;
use crate::controllers::pods;
use crate::outcome::Outcome;
use crate::value::Value;

const POD_NAME: &str = "statefulset.kubernetes.io/pod-name";
const POD_INDEX: &str = "apps.kubernetes.io/pod-index";

/// The number of a Pod of this set, from its name; `None` if the name is another's.
pub fn ordinal(set: &Object, name: &str) -> Option<i64> {
    let number = name.strip_prefix(&*set.meta.name)?.strip_prefix('-')?;
    let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    number.parse().ok().filter(|_| plain && (number == "0" || !number.starts_with('0')))
}

impl Look<'_> {
    /// The revision of a Pod that is to be made: below the partition the current one.
    fn revision_of(&self, ordinal: i64) -> &Object {
        let current = match &self.spec.update.rolling {
            _ if &*self.spec.update.kind != "RollingUpdate" => false,
            None => ordinal < self.start() + self.status.current,
            Some(rolling) => ordinal < self.start() + rolling.partition,
        };
        if current { &self.current } else { &self.update }
    }

    /// Asks for the Pod with this number.
    pub(super) fn new_pod(&self, ordinal: i64) -> Request {
        let revision = self.revision_of(ordinal);
        let mut pod = pods::from_template(self.object, &template(revision));
        let name = format!("{}-{ordinal}", self.object.meta.name);
        let labels = pod.at_mut(&["metadata", "labels"]);
        labels.set(POD_NAME, name.as_str().into());
        labels.set(POD_INDEX, Value::str(ordinal.to_string()));
        labels.set(REVISION, Value::Str(revision.meta.name.clone()));
        pod.at_mut(&["metadata"]).set("name", name.as_str().into());
        let spec = pod.at_mut(&["spec"]);
        spec.set("hostname", name.as_str().into());
        if !self.spec.service_name.is_empty() {
            spec.set("subdomain", Value::Str(self.spec.service_name.clone()));
        }
        claims::mount(self.object, &name, spec);
        Request::create(super::BY, Kind::Pod, pod)
    }

    /// Gives a Pod that was taken in the labels of its place; answers whether it lacked them.
    pub(super) fn name(&self, pod: &Object, ordinal: i64, out: &mut Outcome) -> bool {
        if pod.meta.labels.get(POD_NAME).is_some_and(|name| *name == pod.meta.name) {
            return false;
        }
        let mut new = pod.clone();
        new.meta.labels.insert(POD_NAME, pod.meta.name.clone());
        new.meta.labels.insert(POD_INDEX, ordinal.to_string());
        out.request(Request::put(super::BY, new));
        true
    }

    pub(super) fn is_updated(&self, pod: &Object) -> bool {
        pod.meta.labels.get(REVISION) == Some(&self.update.meta.name)
    }
}

pub fn is_running_and_ready(pod: &Object) -> bool {
    &*pod.expect::<Pod>().status.phase == "Running" && pods::is_ready(pod)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Metadata;

    #[test]
    fn ordinals_are_read_from_names() {
        let meta = Metadata { name: "web".into(), ..Default::default() };
        let set = Object::make(Kind::StatefulSet, meta, Value::empty_map());
        for (name, expect) in
            [("web-0", Some(0)), ("web-12", Some(12)), ("web-x", None), ("web-", None), ("db-1", None)]
        {
            assert_eq!(ordinal(&set, name), expect, "{name}");
        }
    }
}
