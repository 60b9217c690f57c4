//! `kubectl auth reconcile`: roles and bindings get what the files say, and keep (or lose) what they have beyond.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/auth/reconcile.go,
//! staging/src/k8s.io/component-helpers/auth/rbac/{reconciliation,validation}

use super::files::{self, Info};
use super::table::plain;
use super::{Answer, Context, Fault, OK, get};
use crate::api::Kind;
use crate::api::object::Key;
use crate::apiserver::{DeleteOptions, Part, Verb};
use crate::rbac::{Ask, grants};
use crate::value::Value;

/// With this annotation an object stays as it is.
const OPTED_OUT: &str = "rbac.authorization.kubernetes.io/autoupdate";

/// What is to be done with an object.
struct Plan {
    object: Value,
    /// `create`, `update`, `recreate` or nothing.
    operation: &'static str,
    protected: bool,
    missing: Vec<Value>,
    extra: Vec<Value>,
}

pub fn run(context: &mut Context) -> Answer {
    if !context.args.has_files() {
        return Err(Fault::text("must specify one of -f and -k"));
    }
    if !context.args.words.is_empty() {
        return Err(Fault::text("no arguments are allowed"));
    }
    if context.dry_run() == "server" {
        return Err(Fault::text("--dry-run=server for command reconcile is not supported yet"));
    }
    let mut faults = vec![];
    for info in files::infos(context)? {
        let done = info.and_then(|info| match info.kind {
            Kind::Role | Kind::ClusterRole | Kind::RoleBinding | Kind::ClusterRoleBinding => reconcile(context, &info),
            _ => Ok(()),
        });
        faults.extend(done.err());
    }
    Fault::all(faults)?;
    OK
}

fn reconcile(context: &mut Context, info: &Info) -> Result<(), Fault> {
    let binding = matches!(info.kind, Kind::RoleBinding | Kind::ClusterRoleBinding);
    let list = if binding { "subjects" } else { "rules" };
    let remove = context.args.is(if binding { "remove-extra-subjects" } else { "remove-extra-permissions" });
    let there = context.cluster.store.get(info.kind, &info.key).map(|object| get::shown(object));
    let mut plan = match there {
        None => Plan {
            object: info.value.clone(),
            operation: "create",
            protected: false,
            missing: info.value.get(list).items().to_vec(),
            extra: vec![],
        },
        Some(there) => plan(&there, &info.value, (list, remove)),
    };
    if !plan.protected && context.dry_run() == "none" {
        plan.object = carry_out(context, info, plan.operation, plan.object)?;
    }
    context.done(&plan.object, info.kind, "reconciled")?;
    tell(context, &plan, (binding, remove));
    Ok(())
}

/// What makes of the object that is there the one that is wanted.
fn plan(there: &Value, wanted: &Value, (list, remove): (&str, bool)) -> Plan {
    let annotation = there.at(&["metadata", "annotations"]).get(OPTED_OUT);
    let protected = annotation.as_str() == Some("false");
    let mut plan = Plan { object: there.clone(), operation: "", protected, missing: vec![], extra: vec![] };
    if list == "subjects" && there.get("roleRef") != wanted.get("roleRef") {
        return Plan { object: wanted.clone(), operation: "recreate", ..plan };
    }
    for field in ["annotations", "labels"] {
        for (key, value) in wanted.at(&["metadata", field]).as_map().into_iter().flat_map(|map| map.iter()) {
            if there.at(&["metadata", field]).get(key).is_null() {
                plan.object.at_mut(&["metadata", field]).set(key, value.clone());
                plan.operation = "update";
            }
        }
    }
    let (old, new) = (there.get(list).items(), wanted.get(list).items());
    let gathers = |role: &Value| !role.get("aggregationRule").is_null();
    (plan.missing, plan.extra) = match list {
        "subjects" => (beyond(new, old), beyond(old, new)),
        _ if gathers(there) && gathers(wanted) => (uncovered(old, new), vec![]),
        _ => (uncovered(old, new), uncovered(new, old)),
    };
    if remove && !(plan.missing.is_empty() && plan.extra.is_empty()) {
        plan.object.set(list, Value::list(new.to_vec()));
        plan.operation = "update";
    } else if !plan.missing.is_empty() {
        plan.object.set(list, Value::list(old.iter().chain(&plan.missing).cloned().collect()));
        plan.operation = "update";
    }
    if list == "rules" {
        gather(&mut plan, there, wanted, remove);
    }
    plan
}

/// The rule by which a ClusterRole gathers those of others.
fn gather(plan: &mut Plan, there: &Value, wanted: &Value, remove: bool) {
    let selectors = |role: &Value| role.at(&["aggregationRule", "clusterRoleSelectors"]).items().to_vec();
    let (old, new) = (selectors(there), selectors(wanted));
    let (missing, extra) = (beyond(&new, &old), beyond(&old, &new));
    if wanted.get("aggregationRule").is_null() {
        if plan.object.remove("aggregationRule").is_some() {
            plan.operation = "update";
        }
    } else if remove && !(missing.is_empty() && extra.is_empty()) {
        plan.object.set("aggregationRule", wanted.get("aggregationRule").clone());
        plan.operation = "update";
    } else if !missing.is_empty() {
        let all = Value::list(old.into_iter().chain(missing).collect());
        plan.object.at_mut(&["aggregationRule"]).set("clusterRoleSelectors", all);
        plan.operation = "update";
    }
}

/// What is in one list only.
fn beyond(list: &[Value], other: &[Value]) -> Vec<Value> {
    let mut out: Vec<Value> = vec![];
    for item in list {
        if !other.contains(item) && !out.contains(item) {
            out.push(item.clone());
        }
    }
    out
}

/// What rules allow beyond others, in the smallest pieces.
fn uncovered(owner: &[Value], rules: &[Value]) -> Vec<Value> {
    let mut out = vec![];
    for rule in rules {
        let texts = |field: &str| rule.get(field).items().iter().map(plain).collect::<Vec<_>>();
        let one = |text: &str| Value::list(vec![Value::from(text)]);
        let (verbs, names) = (texts("verbs"), texts("resourceNames"));
        let covered = |ask: Ask| owner.iter().any(|rule| grants(rule, &ask));
        for group in texts("apiGroups") {
            for (resource, verb) in texts("resources").iter().flat_map(|r| verbs.iter().map(move |v| (r, v))) {
                for name in if names.is_empty() { vec![String::new()] } else { names.clone() } {
                    if covered(Ask { verb, group: &group, resource, name: &name, namespace: "" }) {
                        continue;
                    }
                    let mut piece =
                        Value::map([("apiGroups", one(&group)), ("resources", one(resource)), ("verbs", one(verb))]);
                    if !name.is_empty() {
                        piece.set("resourceNames", one(&name));
                    }
                    out.push(piece);
                }
            }
        }
        for (url, verb) in texts("nonResourceURLs").iter().flat_map(|url| verbs.iter().map(move |verb| (url, verb))) {
            if !covered(Ask { verb, group: "", resource: url, name: "", namespace: "" }) {
                out.push(Value::map([("nonResourceURLs", one(url)), ("verbs", one(verb))]));
            }
        }
    }
    out
}

/// Makes it so, and answers the object as it then is.
fn carry_out(context: &mut Context, info: &Info, operation: &str, object: Value) -> Result<Value, Fault> {
    let made = match operation {
        "update" => context.request(info.kind, info.key.clone(), Verb::Replace(object, Part::Main))?,
        "create" | "recreate" => {
            if operation == "recreate" {
                context.request(info.kind, info.key.clone(), Verb::Delete(DeleteOptions::default()))?;
            }
            let namespace = &info.key.namespace;
            if !namespace.is_empty() && context.cluster.store.find(Kind::Namespace, "", namespace).is_none() {
                let metadata = Value::map([("name", Value::Str(namespace.clone()))]);
                let value = Value::map([
                    ("apiVersion", Value::from("v1")),
                    ("kind", "Namespace".into()),
                    ("metadata", metadata),
                ]);
                context.request(Kind::Namespace, Key::new("", namespace.to_string()), Verb::Create(value))?;
            }
            context.request(info.kind, info.key.clone(), Verb::Create(object))?
        }
        _ => return Ok(object),
    };
    Ok(get::shown(&made))
}

/// Says what was, or would have been, done.
fn tell(context: &mut Context, plan: &Plan, (binding, remove): (bool, bool)) {
    if plan.operation.is_empty() {
        return;
    }
    let opted = ", but object opted out (rbac.authorization.kubernetes.io/autoupdate: false)";
    let caveat = if plan.protected { opted } else { "" };
    context.err(&format!("\treconciliation required {}{caveat}", plan.operation));
    let what = if binding { "subjects" } else { "rules" };
    let removed: &[Value] = if remove { &plan.extra } else { &[] };
    for (head, list) in [("missing", plan.missing.as_slice()), ("extra", removed)] {
        if !list.is_empty() {
            let done = if head == "missing" { "added" } else { "removed" };
            context.err(&format!("\t{head} {what} {done}:"));
            list.iter().for_each(|item| context.err(&format!("\t\t{}", go(item, binding))));
        }
    }
}

/// A rule or a subject as Go prints its struct.
fn go(item: &Value, binding: bool) -> String {
    let fields: &[(&str, &str)] = if binding {
        &[("Kind", "kind"), ("APIGroup", "apiGroup"), ("Name", "name"), ("Namespace", "namespace")]
    } else {
        &[
            ("Verbs", "verbs"),
            ("APIGroups", "apiGroups"),
            ("Resources", "resources"),
            ("ResourceNames", "resourceNames"),
            ("NonResourceURLs", "nonResourceURLs"),
        ]
    };
    let text = |field: &str| match item.get(field).as_list() {
        None if binding => plain(item.get(field)),
        list => format!("[{}]", list.unwrap_or_default().iter().map(plain).collect::<Vec<_>>().join(" ")),
    };
    let fields: Vec<String> = fields.iter().map(|(name, field)| format!("{name}:{}", text(field))).collect();
    format!("{{{}}}", fields.join(" "))
}
