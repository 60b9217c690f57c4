//! `create role`, `create rolebinding`, `create quota`, `create priorityclass`, `create poddisruptionbudget`.

use super::{make, numbers, texts};
use crate::api::{Kind, Quantity};
use crate::kubectl::{Context, Fault, resources};
use crate::schema::WRONG_FORMAT;
use crate::value::Value;

const RBAC: &str = "rbac.authorization.k8s.io";
/// Verbs of resources that need no warning.
const VERBS: [&str; 14] = [
    "*",
    "get",
    "delete",
    "list",
    "create",
    "update",
    "patch",
    "watch",
    "proxy",
    "deletecollection",
    "use",
    "bind",
    "escalate",
    "impersonate",
];

pub fn quota(context: &mut Context, name: &str) -> Result<(), Fault> {
    let mut spec = Value::empty_map();
    let hard = context.args.list("hard");
    if !hard.is_empty() {
        let pairs = hard.iter().map(|p| {
            p.split_once('=')
                .ok_or_else(|| Fault::text(format!("Invalid argument syntax {p}, expected <resource>=<value>")))
        });
        let pairs = pairs.collect::<Result<Vec<_>, _>>()?;
        if pairs.iter().any(|(_, amount)| Quantity::parse(amount).is_none()) {
            return Err(Fault::text(WRONG_FORMAT));
        }
        spec.set("hard", Value::map(pairs.into_iter().map(|(k, v)| (k, Value::from(v)))));
    }
    let scopes = context.args.list("scopes");
    if !scopes.is_empty() {
        spec.set("scopes", texts(scopes));
    }
    make(
        context,
        Kind::ResourceQuota,
        name,
        Value::map([("spec", spec), ("status", Value::empty_map())]),
        "created",
        "quota",
    )
}

pub fn priority_class(context: &mut Context, name: &str) -> Result<(), Fault> {
    let mut value = Value::map([
        ("preemptionPolicy", Value::from(context.args.get("preemption-policy").unwrap_or("PreemptLowerPriority"))),
        ("value", Value::Int(numbers(context, "value")?.unwrap_or(0))),
    ]);
    if let Some(text) = context.args.get("description").filter(|t| !t.is_empty()) {
        value.set("description", Value::from(text));
    }
    if context.args.is("global-default") {
        value.set("globalDefault", Value::Bool(true));
    }
    make(context, Kind::PriorityClass, name, value, "created", "priorityclass")
}

pub fn budget(context: &mut Context, name: &str) -> Result<(), Fault> {
    let (min, max) = (context.args.get("min-available"), context.args.get("max-unavailable"));
    let Some(selector) = context.args.get("selector") else {
        return Err(Fault::text("a selector must be specified"));
    };
    let mut spec = Value::empty_map();
    let labels = selector.split(',').filter_map(|p| p.split_once('='));
    let labels = labels.map(|(k, v)| (k.trim_end_matches('='), Value::from(v.trim_start_matches('='))));
    spec.set("selector", Value::map([("matchLabels", Value::map(labels))]));
    let amount = |text: &str| text.parse().map_or_else(|_| Value::from(text), Value::Int);
    match (min, max) {
        (None, None) => return Err(Fault::text("one of min-available or max-unavailable must be specified")),
        (Some(_), Some(_)) => return Err(Fault::text("min-available and max-unavailable cannot be both specified")),
        (Some(min), _) => spec.set("minAvailable", amount(min)),
        (_, Some(max)) => spec.set("maxUnavailable", amount(max)),
    }
    let counts = ["currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods"];
    let status = Value::map(counts.map(|c| (c, Value::Int(0))));
    make(
        context,
        Kind::PodDisruptionBudget,
        name,
        Value::map([("spec", spec), ("status", status)]),
        "created",
        "poddisruptionbudget",
    )
}

/// A ClusterRole that gathers the rules of others.
fn aggregated(context: &mut Context, name: &str, selector: &str) -> Result<(), Fault> {
    if ["verb", "resource", "resource-name", "non-resource-url"].iter().any(|flag| context.args.get(flag).is_some()) {
        let why = "aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames";
        return Err(Fault::text(why));
    }
    let labels = selector.split(',').filter_map(|pair| pair.split_once('=')).map(|(k, v)| (k, Value::from(v)));
    let selector = Value::map([("matchLabels", Value::map(labels))]);
    let rule = Value::map([("clusterRoleSelectors", Value::list(vec![selector]))]);
    make(
        context,
        Kind::ClusterRole,
        name,
        Value::map([("aggregationRule", rule), ("rules", Value::Null)]),
        "created",
        "",
    )
}

pub fn role(context: &mut Context, name: &str, whole: bool) -> Result<(), Fault> {
    let verbs: Vec<String> = context.args.list("verb").iter().map(|verb| verb.to_string()).collect();
    if let (true, Some(selector)) = (whole, context.args.get("aggregation-rule").map(str::to_string)) {
        return aggregated(context, name, &selector);
    }
    if verbs.is_empty() {
        return Err(Fault::text("at least one verb must be specified"));
    }
    let odd: Vec<&String> = verbs.iter().filter(|verb| !VERBS.contains(&verb.as_str())).collect();
    if context.args.get("resource").is_some() {
        odd.iter().for_each(|verb| context.warn(format!("'{verb}' is not a standard resource verb")));
    }
    let names = context.args.list("resource-name");
    let mut rules: Vec<(String, Vec<String>)> = vec![];
    for resource in context.args.list("resource") {
        let (main, sub) = resource.split_once('/').map_or((resource, String::new()), |(m, s)| (m, format!("/{s}")));
        let (group, plural) = match main {
            "*" => (String::new(), "*".to_string()),
            _ => {
                let bare = |_| Fault::Bare(format!("the server doesn't have a resource type {main:?}"));
                let kind = resources::kind(&context.cluster.store, main).map_err(bare)?;
                (kind.group().to_string(), kind.plural().to_string())
            }
        };
        match rules.iter_mut().find(|(g, _)| *g == group) {
            Some((_, list)) => list.push(plural + &sub),
            None => rules.push((group, vec![plural + &sub])),
        }
    }
    rules.sort_by(|(a, _), (b, _)| a.cmp(b));
    let urls = context.args.list("non-resource-url");
    if rules.is_empty() && urls.is_empty() {
        let text = if whole {
            "one of resource or nonResourceURL must be specified"
        } else {
            "at least one resource must be specified"
        };
        return Err(Fault::text(text));
    }
    let mut out: Vec<Value> = rules
        .into_iter()
        .map(|(group, resources)| {
            let mut rule = Value::map([
                ("apiGroups", texts([group])),
                ("resources", texts(resources)),
                ("verbs", texts(verbs.clone())),
            ]);
            if !names.is_empty() {
                rule.set("resourceNames", texts(names.clone()));
            }
            rule
        })
        .collect();
    if !urls.is_empty() {
        out.push(Value::map([("nonResourceURLs", texts(urls)), ("verbs", texts(verbs.clone()))]));
    }
    let kind = if whole { Kind::ClusterRole } else { Kind::Role };
    make(context, kind, name, Value::map([("rules", Value::list(out))]), "created", "")
}

pub fn binding(context: &mut Context, name: &str, whole: bool) -> Result<(), Fault> {
    let (kind, role) = match (context.args.get("role"), context.args.get("clusterrole")) {
        (Some(role), None) => ("Role", role),
        (None, Some(role)) => ("ClusterRole", role),
        _ => return Err(Fault::text("exactly one of clusterrole or role must be specified")),
    };
    let mut subjects = vec![];
    for (flag, of) in [("user", "User"), ("group", "Group")] {
        for subject in context.args.list(flag) {
            subjects.push(Value::map([("apiGroup", Value::from(RBAC)), ("kind", of.into()), ("name", subject.into())]));
        }
    }
    for account in context.args.list("serviceaccount") {
        let Some((namespace, account)) = account.split_once(':') else {
            return Err(Fault::text("serviceaccount must be <namespace>:<name>"));
        };
        subjects.push(Value::map([
            ("kind", "ServiceAccount".into()),
            ("name", Value::from(account)),
            ("namespace", namespace.into()),
        ]));
    }
    let reference = Value::map([("apiGroup", Value::from(RBAC)), ("kind", kind.into()), ("name", role.into())]);
    let mut value = Value::map([("roleRef", reference)]);
    if !subjects.is_empty() {
        value.set("subjects", Value::list(subjects));
    }
    let (kind, noun) =
        if whole { (Kind::ClusterRoleBinding, "clusterrolebinding") } else { (Kind::RoleBinding, "rolebinding") };
    make(context, kind, name, value, "created", noun)
}
