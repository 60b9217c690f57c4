//! Kinds that CustomResourceDefinitions add.
//!
//! Kubernetes 1.36: apiextensions-apiserver/pkg/apiserver/customresource_discovery_controller.go,
//! apimachinery/pkg/version/helpers.go

use super::kinds::{Kind, Resource};
use crate::value::Value;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

const VERBS: &str = "delete,deletecollection,get,list,patch,create,update,watch";
/// While the definition is being deleted.
const LAST_VERBS: &str = "delete,deletecollection,get,list,watch";

/// What a definition says of its kind. Two are of one kind if group, kind, plural and scope are the same.
#[derive(Debug)]
pub struct Custom {
    pub resource: Resource,
    /// What one is called, which need not be the kind in lower case.
    pub singular: &'static str,
    /// Versions that are served beside the preferred one.
    pub others: &'static [&'static str],
}

// Few compare custom kinds, and all that compare kinds would else hold what it takes.
impl Custom {
    #[cold]
    #[inline(never)]
    fn order(&self, other: &Self) -> Ordering {
        self.identity().cmp(&other.identity())
    }
    fn identity(&self) -> (&str, &str, &str, bool) {
        let Resource { group, plural, kind, namespaced, .. } = self.resource;
        (group, plural, kind, namespaced)
    }
}
impl PartialEq for Custom {
    fn eq(&self, other: &Self) -> bool {
        self.order(other) == Ordering::Equal
    }
}
impl Eq for Custom {}
impl PartialOrd for Custom {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Custom {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order(other)
    }
}
impl Hash for Custom {
    #[cold]
    #[inline(never)]
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

/// The kind that a CustomResourceDefinition adds; `None` until it is established, or if no version is served.
pub fn kind(definition: &Value) -> Option<Kind> {
    let (spec, status) = (definition.get("spec"), definition.get("status"));
    if !holds(status, "Established") {
        return None;
    }
    let names = status.get("acceptedNames");
    let text = |value: &Value| value.as_str().unwrap_or("").to_string();
    let texts = |value: &Value| value.items().iter().map(text).collect::<Vec<_>>();
    let served = spec.get("versions").items().iter().filter(|v| v.get("served").as_bool() == Some(true));
    let mut versions: Vec<String> = served.map(|v| text(v.get("name"))).collect();
    versions.sort_by(|a, b| priority(b).cmp(&priority(a)).then_with(|| a.cmp(b)));
    if versions.is_empty() {
        return None;
    }
    let scope = text(spec.get("scope"));
    let verbs = if holds(status, "Terminating") { LAST_VERBS } else { VERBS };
    Some(interned(vec![
        vec![text(spec.get("group")), text(names.get("kind")), text(names.get("plural"))],
        vec![text(names.get("singular")), scope, verbs.to_string()],
        versions,
        texts(names.get("shortNames")),
        texts(names.get("categories")),
    ]))
}

/// Whether a condition of a definition is true.
pub fn holds(status: &Value, condition: &str) -> bool {
    let mut conditions = status.get("conditions").items().iter();
    conditions.any(|c| c.get("type").as_str() == Some(condition) && c.get("status").as_str() == Some("True"))
}

/// How a version ranks: `v10` before `v2`, that before `v3beta1`, that before `v1alpha1`, that before all other names.
pub fn priority(version: &str) -> (u32, u64, u64) {
    let number = |text: &str| (!text.is_empty()).then(|| text.parse::<u64>().ok()).flatten();
    let parse = || {
        let rest = version.strip_prefix('v')?;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (major, rest) = (number(&rest[..digits])?, &rest[digits..]);
        let level = [("beta", 2), ("alpha", 1)];
        if rest.is_empty() {
            return Some((3, major, 0));
        }
        let (minor, rank) = level.iter().find_map(|(name, rank)| Some((number(rest.strip_prefix(name)?)?, *rank)))?;
        Some((rank, major, minor))
    };
    parse().unwrap_or_default()
}

/// A kind is a small value that many hold: what is said of a custom one is kept once, for good.
fn interned(said: Vec<Vec<String>>) -> Kind {
    thread_local!(static KNOWN: RefCell<BTreeMap<Vec<Vec<String>>, &'static Custom>> = const { RefCell::new(BTreeMap::new()) });
    KNOWN.with_borrow_mut(|known| {
        if let Some(custom) = known.get(&said) {
            return Kind::Custom(custom);
        }
        let kept = |text: &String| -> &'static str { text.clone().leak() };
        let list = |texts: &[String]| -> &'static [&'static str] { texts.iter().map(kept).collect::<Vec<_>>().leak() };
        let [who, how, versions, short, categories] = &said[..] else { unreachable!("made above") };
        let resource = Resource {
            group: kept(&who[0]),
            kind: kept(&who[1]),
            plural: kept(&who[2]),
            namespaced: how[1] == "Namespaced",
            verbs: kept(&how[2]),
            version: kept(&versions[0]),
            short: list(short),
            categories: list(categories),
        };
        let (singular, others) = (kept(&how[0]), list(&versions[1..]));
        let custom: &'static Custom = Box::leak(Box::new(Custom { resource, singular, others }));
        known.insert(said, custom);
        Kind::Custom(custom)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_rank_as_kubernetes_ranks_them() {
        let mut versions = ["v1alpha1", "foo1", "v10", "v2beta2", "v1", "v11beta2", "v2", "foo10", "v3beta1"];
        versions.sort_by(|a, b| priority(b).cmp(&priority(a)).then_with(|| a.cmp(b)));
        assert_eq!(versions.join(" "), "v10 v2 v1 v11beta2 v3beta1 v2beta2 v1alpha1 foo1 foo10");
    }

    #[test]
    fn a_definition_that_is_established_adds_its_kind() {
        let text = "spec: {group: stable.example.com, scope: Namespaced, versions: [{name: v1beta1, served: true}, {name: v1, served: true}, {name: v2, served: false}]}\n\
            status: {acceptedNames: {plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct]}, conditions: [{type: Established, status: 'False'}]}\n";
        let read = |text: &str| crate::manifest::read(text).documents[0].value.clone();
        assert_eq!(kind(&read(text)), None);
        let kind = kind(&read(&text.replace("'False'", "'True'"))).expect("a kind");
        assert_eq!(kind.api_version(), "stable.example.com/v1");
        for name in [
            "ct",
            "crontab",
            "crontabs",
            "CronTab",
            "crontabs.stable.example.com",
            "crontabs.v1beta1.stable.example.com",
        ] {
            assert!(kind.is_called(name), "{name}");
        }
        assert!(!kind.is_called("crontabs.v2.stable.example.com"));
        assert!(kind.is_served_as("stable.example.com", "v1beta1", "CronTab") && kind.resource().namespaced);
    }
}
