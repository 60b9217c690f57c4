//! The roles and bindings that every cluster has, read from a table.
//!
//! Kubernetes 1.36: plugin/pkg/auth/authorizer/rbac/bootstrappolicy. A line of the table is an object: kind, name (with its
//! namespace), for a role the labels by which others gather it (`>view`) and what it gathers (`<edit`), for a binding its role
//! and its subjects. The indented lines below a role are its rules: verbs, groups (`-` is the core), resources, names; or
//! verbs and paths.

use super::add;
use crate::api::{Kind, Texts};
use crate::cluster::Cluster;
use crate::rbac;
use crate::value::Value;

const TABLE: &str = include_str!("rbac.txt");
const GROUP: &str = "rbac.authorization.k8s.io";

pub(super) fn add_all(cluster: &mut Cluster) {
    let mut lines = TABLE.lines().peekable();
    while let Some(line) = lines.next() {
        let mut rules = vec![];
        while let Some(rule) = lines.next_if(|line| line.starts_with(' ')) {
            rules.push(self::rule(rule.trim_start()));
        }
        object(cluster, line, rules);
    }
    let roles: Vec<_> = cluster.store.list(Kind::ClusterRole).cloned().collect();
    // Twice: what is gathered may itself be gathered.
    for _ in 0..2 {
        for role in &roles {
            let mut role = (**cluster.store.get(Kind::ClusterRole, &role.key()).expect("it was listed")).clone();
            if let Some(rules) = rbac::aggregated(cluster, &role) {
                role.edit(|raw| raw.set("rules", rules));
                cluster.commit(role);
            }
        }
    }
}

fn object(cluster: &mut Cluster, line: &str, rules: Vec<Value>) {
    let mut words = line.split(' ');
    let (kind, name) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let kind = Kind::named(kind).expect("the table names kinds");
    let (namespace, name) = name.split_once('/').unwrap_or(("", name));
    let mut labels = vec![("kubernetes.io/bootstrapping".to_string(), "rbac-defaults")];
    let mut raw = Value::empty_map();
    if matches!(kind, Kind::Role | Kind::ClusterRole) {
        raw.set("rules", Value::list(rules));
        for word in words {
            let label = format!("{GROUP}/aggregate-to-{}", &word[1..]);
            if word.starts_with('>') {
                labels.push((label, "true"));
                continue;
            }
            let selector = Value::map([("matchLabels", Value::map([(label, Value::from("true"))]))]);
            raw.set("aggregationRule", Value::map([("clusterRoleSelectors", Value::list(vec![selector]))]));
        }
    } else {
        let (of, role) = words.next().and_then(|w| w.split_once('/')).unwrap_or_default();
        let role = [("apiGroup", Value::from(GROUP)), ("kind", of.into()), ("name", role.into())];
        raw.set("roleRef", Value::map(role));
        let subjects: Vec<Value> = words.map(subject).collect();
        if !subjects.is_empty() {
            raw.set("subjects", Value::list(subjects));
        }
    }
    add(cluster, kind, namespace, name, raw, Value::Null, |meta| {
        meta.labels = Texts::from_iter(labels.iter().map(|(k, v)| (k.as_str(), *v)));
        meta.annotations.insert("rbac.authorization.kubernetes.io/autoupdate", "true");
    });
}

fn rule(line: &str) -> Value {
    let list = |words: &str| {
        let texts = words.split(',').map(|w| Value::from(if w == "-" { "" } else { w }));
        Value::list(texts.collect())
    };
    let words: Vec<&str> = line.split(' ').collect();
    let fields: &[&'static str] = match words.len() {
        2 => &["verbs", "nonResourceURLs"],
        _ => &["verbs", "apiGroups", "resources", "resourceNames"],
    };
    Value::map(fields.iter().zip(words).map(|(field, words)| (*field, list(words))))
}

/// `g:system:masters`, `u:system:kube-proxy`, `s:kube-system/job-controller`.
fn subject(word: &str) -> Value {
    let name = &word[2..];
    if let Some((namespace, name)) = name.split_once('/').filter(|_| word.starts_with('s')) {
        let entries = [("kind", Value::from("ServiceAccount")), ("name", name.into()), ("namespace", namespace.into())];
        return Value::map(entries);
    }
    let kind = if word.starts_with('g') { "Group" } else { "User" };
    Value::map([("apiGroup", Value::from(GROUP)), ("kind", kind.into()), ("name", name.into())])
}
