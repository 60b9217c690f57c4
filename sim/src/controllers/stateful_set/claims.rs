//! Kubernetes 1.36: pkg/controller/statefulset/stateful_set_utils.go (getPersistentVolumeClaims,
//! updateClaimOwnerRefForSetAndPod), stateful_pod_control.go
//!
//! Each Pod has a claim of its own for each claim template. It outlives the Pod, unless the retention policy gives it an
//! owner.

use super::{BY, Look, identity};
use crate::api::object::Object;
use crate::api::stateful_set::StatefulSet;
use crate::api::{Kind, OwnerReference};
use crate::apiserver::Request;
use crate::apiserver::events::Note;
use crate::controllers::claim::with_owners;
use crate::outcome::Outcome;
use crate::value::Value;

fn templates(set: &Object) -> &[Value] {
    set.expect::<StatefulSet>().spec.claim_templates.items()
}

fn template_name(template: &Value) -> &str {
    template.at(&["metadata", "name"]).as_str().unwrap_or("")
}

/// Puts a Pod's claims among its volumes, in the place of volumes of the same name.
pub fn mount(set: &Object, pod: &str, spec: &mut Value) {
    let own = templates(set).iter().map(|t| {
        let name = template_name(t);
        let source = Value::map([("claimName", Value::str(format!("{name}-{pod}")))]);
        Value::map([("name", name.into()), ("persistentVolumeClaim", source)])
    });
    let mut volumes: Vec<Value> = own.collect();
    let named = |v: &Value| templates(set).iter().any(|t| v.get("name").as_str() == Some(template_name(t)));
    volumes.extend(spec.get("volumes").items().iter().filter(|v| !named(v)).cloned());
    if !volumes.is_empty() {
        spec.set("volumes", Value::list(volumes));
    }
}

/// The Pod of a claim, from the claim's name.
pub fn pod_of(set: &Object, claim: &str) -> String {
    let pod = templates(set).iter().find_map(|t| claim.strip_prefix(template_name(t))?.strip_prefix('-'));
    pod.filter(|p| identity::ordinal(set, p).is_some()).unwrap_or(claim).to_string()
}

impl Look<'_> {
    /// Makes the claims that a Pod lacks. Answers one that is on its way out, which the Pod must wait for.
    pub(super) fn make_claims(&self, pod: &str, out: &mut Outcome) -> Option<String> {
        let namespace = &self.object.meta.namespace;
        let mut stale = None;
        for template in templates(self.object) {
            let name = format!("{}-{pod}", template_name(template));
            if let Some(claim) = self.cluster.store.find(Kind::PersistentVolumeClaim, namespace, &name) {
                if claim.meta.deleting() {
                    stale.get_or_insert(name);
                }
                continue;
            }
            let mut value = template.clone();
            value.remove("status");
            let meta = value.at_mut(&["metadata"]);
            meta.set("name", name.as_str().into());
            meta.set("namespace", Value::Str(namespace.clone()));
            for (key, label) in self.spec.selector.match_labels.iter() {
                meta.at_mut(&["labels"]).set(key, Value::Str(label.clone()));
            }
            if self.retention().1 {
                let owner = crate::api::Field::write(&self.object.controller_reference());
                meta.set("ownerReferences", Value::list(vec![owner]));
            }
            out.request(Request::create(BY, Kind::PersistentVolumeClaim, value));
            let message = format!("Create Claim {name} Pod {pod} in StatefulSet {} success", self.object.meta.name);
            out.event(Note::normal(self.object, BY, "SuccessfulCreate", message));
        }
        stale
    }

    pub(super) fn tell_stale(&self, pod: &str, claim: &str, out: &mut Outcome) {
        let set = &self.object.meta.name;
        let text = format!("Create Pod {pod} in StatefulSet {set} failed error: pvc {claim} is being deleted");
        out.event(Note::warning(self.object, BY, "FailedCreate", text));
    }

    /// Whether one of a Pod's claims goes with a former Pod of that name, which is waited for in silence.
    pub(super) fn has_stale_claim(&self, pod: &str) -> bool {
        let namespace = &self.object.meta.namespace;
        let names = templates(self.object).iter().map(|t| format!("{}-{pod}", template_name(t)));
        let mut claims = names.filter_map(|n| self.cluster.store.find(Kind::PersistentVolumeClaim, namespace, &n));
        self.retention().0 && claims.any(|c| c.meta.owners.iter().any(|o| &*o.kind == "Pod" && &*o.name == pod))
    }

    /// Whether claims go when the set is scaled down, and when it is deleted.
    fn retention(&self) -> (bool, bool) {
        let policy = self.spec.claim_retention.clone().unwrap_or_default();
        (&*policy.when_scaled == "Delete", &*policy.when_deleted == "Delete")
    }

    /// Gives a Pod's claims the owners that the retention policy wants; answers whether some had others.
    pub(super) fn own_claims(&self, pod: &Object, condemned: bool, out: &mut Outcome) -> bool {
        let (scaled, deleted) = self.retention();
        let (by_pod, by_set) = (scaled && condemned, deleted && !(scaled && condemned));
        let mut changed = false;
        for template in templates(self.object) {
            let name = format!("{}-{}", template_name(template), pod.meta.name);
            let found = self.cluster.store.find(Kind::PersistentVolumeClaim, &self.object.meta.namespace, &name);
            let Some(claim) = found else { continue };
            let mut new = (**claim).clone();
            own(&mut new, pod, by_pod);
            own(&mut new, self.object, by_set);
            if new != **claim {
                out.request(Request::put(BY, new));
                changed = true;
            }
        }
        changed
    }
}

/// Makes an object an owner of a claim, or no owner.
fn own(claim: &mut Object, owner: &Object, wanted: bool) {
    let is = claim.meta.owners.iter().any(|o| o.uid == owner.meta.uid);
    if is != wanted {
        with_owners(&mut claim.meta, |owners: &mut Vec<OwnerReference>| {
            owners.retain(|o| o.uid != owner.meta.uid);
            if wanted {
                owners.push(owner.controller_reference());
            }
        });
    }
}
