//! Who may do what, by Roles and their bindings.
//!
//! Kubernetes 1.36: plugin/pkg/auth/authorizer/rbac, pkg/controller/clusterroleaggregation. Everyone who asks is in
//! `system:authenticated`.

use crate::api::object::Object;
use crate::api::selector::LabelSelector;
use crate::api::{Field, Kind};
use crate::cluster::Cluster;
use crate::value::Value;
use std::rc::Rc;

/// Someone who asks.
#[derive(Clone, Debug)]
pub struct User {
    pub name: Rc<str>,
    /// Empty for one who only said his name.
    pub uid: &'static str,
    pub groups: Vec<String>,
}

/// The group that may do everything: it is not even asked for in Roles.
const MASTERS: &str = "system:masters";

/// What is asked for.
pub struct Ask<'a> {
    pub verb: &'a str,
    pub group: &'a str,
    /// `pods`, with a subresource `pods/log`, or a path of the API server's as `/healthz`.
    pub resource: &'a str,
    pub name: &'a str,
    /// Empty for cluster-scoped kinds.
    pub namespace: &'a str,
}

impl User {
    /// The one whom kubectl's configuration names.
    pub fn admin() -> User {
        let groups = vec![MASTERS.into(), "system:authenticated".into()];
        User { name: "kubernetes-admin".into(), uid: "admin", groups }
    }
    /// A user with the groups that he says he is in, and those that follow from his name.
    pub fn new<'a>(name: &str, groups: impl Iterator<Item = &'a str>) -> User {
        let mut groups: Vec<String> = groups.map(String::from).collect();
        if let Some((namespace, _)) = name.strip_prefix("system:serviceaccount:").and_then(|n| n.split_once(':')) {
            groups.push("system:serviceaccounts".into());
            groups.push(format!("system:serviceaccounts:{namespace}"));
        }
        groups.push("system:authenticated".into());
        User { name: name.into(), uid: "", groups }
    }
}

/// Whether the user may, and the binding by which he may, or the first one that leads to no role.
pub fn allows(cluster: &Cluster, user: &User, ask: &Ask) -> (bool, Option<String>) {
    if user.groups.iter().any(|group| group == MASTERS) {
        return (true, None);
    }
    let mut dangling = None;
    for (binding, role) in bound(cluster, user, ask.namespace) {
        match role {
            Some(role) if role.raw().get("rules").items().iter().any(|rule| grants(rule, ask)) => {
                return (true, Some(granted(binding, user)));
            }
            Some(_) => {}
            None => {
                let role = binding.raw().get("roleRef");
                let what = if role.get("kind").as_str() == Some("ClusterRole") { "clusterrole" } else { "role" };
                let name = role.get("name").as_str().unwrap_or("");
                dangling = dangling.or(Some(format!("RBAC: {what}.rbac.authorization.k8s.io \"{name}\" not found")));
            }
        }
    }
    (false, dangling)
}

/// `RBAC: allowed by RoleBinding "readers/shop" of Role "reader" to User "ann"`.
fn granted(binding: &Object, user: &User) -> String {
    let text = |value: &Value, field: &str| value.get(field).as_str().unwrap_or("").to_string();
    let (name, namespace) = (&binding.meta.name, &binding.meta.namespace);
    let place = if namespace.is_empty() { name.to_string() } else { format!("{name}/{namespace}") };
    let role = binding.raw().get("roleRef");
    let subject = binding.raw().get("subjects").items().iter().find(|s| is(s, user, namespace));
    let subject = subject.map_or_else(String::new, |s| {
        let own = text(s, "namespace");
        let of = if own.is_empty() { String::new() } else { format!("/{own}") };
        format!("{} \"{}{of}\"", text(s, "kind"), text(s, "name"))
    });
    let (kind, role, named) = (binding.kind.name(), text(role, "kind"), text(role, "name"));
    format!("RBAC: allowed by {kind} \"{place}\" of {role} \"{named}\" to {subject}")
}

/// All rules that are granted to a user in a namespace.
pub fn rules_of(cluster: &Cluster, user: &User, namespace: &str) -> Vec<Value> {
    let roles = bound(cluster, user, namespace).filter_map(|(_, role)| role);
    roles.flat_map(|role| role.raw().get("rules").items().to_vec()).collect()
}

/// The bindings of a user that count in a namespace, with their roles.
fn bound<'a>(
    cluster: &'a Cluster,
    user: &'a User,
    namespace: &'a str,
) -> impl Iterator<Item = (&'a Rc<Object>, Option<&'a Rc<Object>>)> {
    let bindings = cluster.store.list(Kind::ClusterRoleBinding);
    let bindings = bindings.chain(cluster.store.list_in(Kind::RoleBinding, namespace));
    let mine = bindings.filter(|b| b.raw().get("subjects").items().iter().any(|s| is(s, user, &b.meta.namespace)));
    mine.map(|binding| {
        let role = binding.raw().get("roleRef");
        let name = role.get("name").as_str().unwrap_or("");
        let role = match role.get("kind").as_str() {
            Some("ClusterRole") => cluster.store.find(Kind::ClusterRole, "", name),
            _ => cluster.store.find(Kind::Role, &binding.meta.namespace, name),
        };
        (binding, role)
    })
}

fn is(subject: &Value, user: &User, namespace: &str) -> bool {
    let text = |field: &str| subject.get(field).as_str().unwrap_or("");
    match text("kind") {
        "User" => text("name") == &*user.name,
        "Group" => user.groups.iter().any(|g| g == text("name")),
        "ServiceAccount" => {
            let namespace = if text("namespace").is_empty() { namespace } else { text("namespace") };
            user.name.strip_prefix("system:serviceaccount:").and_then(|n| n.split_once(':'))
                == Some((namespace, text("name")))
        }
        _ => false,
    }
}

/// Whether a rule covers what is asked.
pub fn grants(rule: &Value, ask: &Ask) -> bool {
    let has = |key: &str, wanted: &str| {
        rule.get(key).items().iter().any(|v| v.as_str() == Some("*") || v.as_str() == Some(wanted))
    };
    if ask.resource.starts_with('/') {
        let fits = |url: &Value| match url.as_str() {
            Some(url) => {
                url == ask.resource || url.strip_suffix('*').is_some_and(|head| ask.resource.starts_with(head))
            }
            None => false,
        };
        return has("verbs", ask.verb) && rule.get("nonResourceURLs").items().iter().any(fits);
    }
    // `*/scale` stands for that subresource of every kind.
    let every = ask.resource.split_once('/').map(|(_, sub)| format!("*/{sub}"));
    let names = rule.get("resourceNames").items();
    has("verbs", ask.verb)
        && has("apiGroups", ask.group)
        && (has("resources", ask.resource) || every.is_some_and(|every| has("resources", &every)))
        && (names.is_empty() || names.iter().any(|n| n.as_str() == Some(ask.name)))
}

/// The rules of a ClusterRole that gathers those of others, by their labels; `None` if it does not.
pub fn aggregated(cluster: &Cluster, role: &Object) -> Option<Value> {
    let selectors = role.raw().at(&["aggregationRule", "clusterRoleSelectors"]).as_list()?;
    let mut rules: Vec<Value> = Vec::new();
    for selector in selectors {
        let selector = LabelSelector::read(selector);
        let chosen = cluster.store.list(Kind::ClusterRole).filter(|r| r.meta.name != role.meta.name);
        for other in chosen.filter(|r| selector.matches(&r.meta.labels)) {
            for rule in other.raw().get("rules").items() {
                if !rules.contains(rule) {
                    rules.push(rule.clone());
                }
            }
        }
    }
    Some(Value::list(rules))
}
