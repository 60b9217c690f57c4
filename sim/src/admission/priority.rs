//! Turns a Pod's priority class into a number.
//!
//! Kubernetes 1.36: plugin/pkg/admission/priority/admission.go

use crate::api::{Kind, Metadata};
use crate::apiserver::Status;
use crate::cluster::Cluster;
use crate::value::Value;

pub fn mutate(cluster: &Cluster, meta: &Metadata, pod: &mut Value) -> Result<(), Status> {
    let spec = pod.at_mut(&["spec"]);
    let name = spec.get("priorityClassName").as_str().unwrap_or("").to_string();
    let shown = super::name_so_far(meta);
    let class = if name.is_empty() {
        cluster.store.list(Kind::PriorityClass).find(|c| c.raw().get("globalDefault").as_bool() == Some(true)).cloned()
    } else {
        let found = cluster.store.find(Kind::PriorityClass, "", &name).cloned();
        if found.is_none() {
            let why = format!("no PriorityClass with name {name} was found");
            return Err(Status::forbidden(Kind::Pod, shown, why));
        }
        found
    };
    if let (true, Some(class)) = (name.is_empty(), &class) {
        spec.set("priorityClassName", Value::Str(class.meta.name.clone()));
    }
    let number = class.as_ref().and_then(|c| c.raw().get("value").as_int()).unwrap_or(0);
    let policy = class.as_ref().and_then(|c| c.raw().get("preemptionPolicy").as_str().map(str::to_string));
    let policy = policy.unwrap_or_else(|| "PreemptLowerPriority".into());
    if let Some(asked) = spec.get("priority").as_int().filter(|asked| *asked != number) {
        let why = format!(
            "the integer value of priority ({asked}) must not be provided in pod spec; priority admission controller computed {number} from the given PriorityClass name"
        );
        return Err(Status::forbidden(Kind::Pod, shown, why));
    }
    spec.set("priority", Value::Int(number));
    if let Some(asked) = spec.get("preemptionPolicy").as_str().filter(|asked| *asked != policy) {
        let why = format!(
            "the string value of PreemptionPolicy ({asked}) must not be provided in pod spec; priority admission controller computed {policy} from the given PriorityClass name"
        );
        return Err(Status::forbidden(Kind::Pod, shown, why));
    }
    spec.set_default("preemptionPolicy", || Value::str(policy));
    Ok(())
}
