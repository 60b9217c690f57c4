//! The rules of a role as a table: a line for each resource, the verbs of equal ones together.
//!
//! Kubernetes 1.36: pkg/apis/rbac/v1 (CompactRules, SortableRuleSlice), component-helpers/auth/rbac (BreakdownRule)

use crate::kubectl::table::plain;
use crate::value::Value;

/// A rule about one thing.
#[derive(Clone, Default, PartialEq)]
struct Simple {
    group: Option<String>,
    resource: String,
    name: String,
    url: String,
    verbs: Vec<String>,
}

fn texts(value: &Value) -> Vec<String> {
    value.items().iter().map(plain).collect()
}

fn broken_down(rule: &Value) -> Vec<Simple> {
    let verbs = texts(rule.get("verbs"));
    let mut names = texts(rule.get("resourceNames"));
    if names.is_empty() {
        names.push(String::new());
    }
    let mut out = vec![];
    for group in texts(rule.get("apiGroups")) {
        for resource in texts(rule.get("resources")) {
            for name in &names {
                let (group, resource, name) = (Some(group.clone()), resource.clone(), name.clone());
                out.push(Simple { group, resource, name, verbs: verbs.clone(), ..Simple::default() });
            }
        }
    }
    let urls = texts(rule.get("nonResourceURLs")).into_iter();
    out.extend(urls.map(|url| Simple { url, verbs: verbs.clone(), ..Simple::default() }));
    out
}

/// The lines of a role's table: resource, URLs, names, verbs.
pub fn rows(rules: &[Value]) -> Vec<String> {
    let mut all: Vec<Simple> = vec![];
    for rule in rules.iter().flat_map(broken_down) {
        let same = |r: &&mut Simple| {
            (&r.group, &r.resource, &r.name, &r.url) == (&rule.group, &rule.resource, &rule.name, &rule.url)
        };
        match all.iter_mut().find(same) {
            Some(present) => {
                let more = rule.verbs.into_iter().filter(|v| !present.verbs.contains(v)).collect::<Vec<_>>();
                present.verbs.extend(more);
            }
            None => all.push(rule),
        }
    }
    // Sorted as Go prints the rules.
    all.sort_by_cached_key(|r| {
        let group = r.group.clone().unwrap_or_default();
        format!("[{}],[{group}],[{}],[{}],[{}]", r.verbs.join(" "), r.resource, r.name, r.url)
    });
    let row = |r: &Simple| {
        let (main, sub) =
            r.resource.split_once('/').map_or((&*r.resource, String::new()), |(m, s)| (m, format!("/{s}")));
        let group = r.group.as_deref().filter(|g| !g.is_empty()).map_or(String::new(), |g| format!(".{g}"));
        format!("{main}{group}{sub}\t[{}]\t[{}]\t[{}]", r.url, r.name, r.verbs.join(" "))
    };
    all.iter().map(row).collect()
}
