//! `kubectl auth can-i` and who may do what, from Roles and their bindings.
//!
//! Kubernetes 1.36: plugin/pkg/auth/authorizer/rbac. Without `--as` the user may do everything.

use super::describe::{columns, policy};
use super::table::plain;
use super::{Answer, Context, Fault, OK, Step};
use crate::api::Kind;
use crate::apiserver::Status;
use crate::rbac::{Ask, User, allows, rules_of};
use crate::value::Value;

/// Verbs that `can-i` asks for without a warning.
const VERBS: [&str; 16] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "use",
    "bind",
    "impersonate",
    "*",
    "approve",
    "sign",
    "escalate",
    "attest",
];

/// The user that `--as` names, or that the kubeconfig does.
pub fn user(context: &Context) -> Option<User> {
    let name = context.args.get("as").or(context.access.user.as_deref())?;
    Some(User::new(name, context.args.all("as-group")))
}

/// Refuses what `--as` may not do.
pub fn check(context: &Context, verb: &str, kind: Kind, name: &str, namespace: &str) -> Result<(), Status> {
    check_part(context, verb, (kind, ""), name, namespace)
}

/// The same of a subresource, or of the resource itself if that is empty.
pub fn check_part(
    context: &Context,
    verb: &str,
    (kind, part): (Kind, &str),
    name: &str,
    namespace: &str,
) -> Result<(), Status> {
    let Some(user) = user(context) else { return Ok(()) };
    let what = if part.is_empty() { kind.plural().to_string() } else { format!("{}/{part}", kind.plural()) };
    let ask = Ask { verb, group: kind.group(), resource: &what, name, namespace };
    let (allowed, why) = allows(context.cluster, &user, &ask);
    if allowed {
        return Ok(());
    }
    let place =
        if namespace.is_empty() { "at the cluster scope".into() } else { format!("in the namespace \"{namespace}\"") };
    let (who, group) = (&user.name, kind.group());
    let why = why.map_or(String::new(), |why| format!(": {why}"));
    let text = format!("User \"{who}\" cannot {verb} resource \"{what}\" in API group \"{group}\" {place}{why}");
    Err(Status::forbidden(kind, name, text))
}

/// Refuses to give away rights that `--as` does not have.
pub fn check_grant(context: &Context, kind: Kind, name: &str, namespace: &str, value: &Value) -> Result<(), Status> {
    let Some(user) = user(context) else { return Ok(()) };
    let rules = match kind {
        Kind::Role | Kind::ClusterRole => value.get("rules").clone(),
        Kind::RoleBinding | Kind::ClusterRoleBinding => {
            let (of, role) = (plain(value.at(&["roleRef", "kind"])), plain(value.at(&["roleRef", "name"])));
            let found = match of.as_str() {
                "ClusterRole" => context.cluster.store.find(Kind::ClusterRole, "", &role),
                _ => context.cluster.store.find(Kind::Role, namespace, &role),
            };
            found.map(|role| role.raw().get("rules").clone()).unwrap_or_default()
        }
        _ => return Ok(()),
    };
    let mut missing = String::new();
    for rule in rules.items() {
        let texts = |key: &str| rule.get(key).items().iter().map(plain).collect::<Vec<_>>();
        for (group, resource) in
            texts("apiGroups").iter().flat_map(|g| texts("resources").into_iter().map(move |r| (g.clone(), r)))
        {
            let lacks = |verb: &String| {
                let ask = Ask { verb, group: &group, resource: &resource, name: "", namespace };
                !allows(context.cluster, &user, &ask).0
            };
            let verbs: Vec<String> = texts("verbs").into_iter().filter(lacks).map(|v| format!("{v:?}")).collect();
            if !verbs.is_empty() {
                missing +=
                    &format!("\n{{APIGroups:[{group:?}], Resources:[{resource:?}], Verbs:[{}]}}", verbs.join(" "));
            }
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let groups: Vec<String> = user.groups.iter().map(|g| format!("{g:?}")).collect();
    let who = format!("user \"{}\" (groups=[{}])", user.name, groups.join(" "));
    let text = format!("{who} is attempting to grant RBAC permissions not currently held:{missing}");
    Err(Status::forbidden(kind, name, text))
}

pub fn run(context: &mut Context, what: &str) -> Answer {
    if what == "whoami" {
        let name = context.args.get("as").unwrap_or("kubernetes-admin").to_string();
        context.print(super::describe::columns(
            &format!("ATTRIBUTE\tVALUE\nUsername\t{name}\nGroups\t[system:masters system:authenticated]\n"),
            3,
        ));
        return OK;
    }
    if context.args.is("list") {
        let who = user(context).unwrap_or_else(User::admin);
        let rules = rules_of(context.cluster, &who, &context.namespace());
        let rows = policy::rows(&rules).join("\n");
        let head =
            if context.args.is("no-headers") { "" } else { "Resources\tNon-Resource URLs\tResource Names\tVerbs\n" };
        context.print(columns(&format!("{head}{rows}\n"), 3));
        return OK;
    }
    let words = context.args.words.clone();
    let (Some(verb), Some(resource)) = (words.first(), words.get(1)) else {
        return Err(Fault::text(
            "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
        ));
    };
    if resource.starts_with('/') {
        let ask = Ask { verb, group: "", resource, name: "", namespace: "" };
        let yes = user(context).is_none_or(|user| allows(context.cluster, &user, &ask).0);
        context.say(if yes { "yes" } else { "no" });
        return Ok(Step::Done(i32::from(!yes)));
    }
    let (resource, name) = resource.split_once('/').unwrap_or((resource, ""));
    let kind = if resource == "*" { None } else { context.cluster.store.kind_named(resource) };
    if kind.is_none() && resource != "*" {
        context.warn(format!("the server doesn't have a resource type '{resource}'\n\n"));
    }
    let (group, plural) = kind.map_or((if resource == "*" { "*" } else { "" }, resource), |k| (k.group(), k.plural()));
    if kind.is_some_and(|k| !k.namespaced()) {
        let group = if group.is_empty() { String::new() } else { format!(" group '{group}'") };
        context.warn(format!(
            "resource '{plural}' is not namespace scoped{}\n\n",
            if group.is_empty() { group } else { format!(" in{group}") }
        ));
    }
    if !VERBS.contains(&verb.as_str()) {
        context.warn(format!("verb '{verb}' is not a known verb\n\n"));
    }
    let resource = match context.args.get("subresource") {
        Some(sub) => format!("{plural}/{sub}"),
        None => plural.to_string(),
    };
    let namespace = context.namespace();
    let namespace =
        if context.args.is("all-namespaces") || kind.is_some_and(|k| !k.namespaced()) { "" } else { &namespace };
    let (yes, why) = match user(context) {
        None => (true, None),
        Some(user) => allows(context.cluster, &user, &Ask { verb, group, resource: &resource, name, namespace }),
    };
    if !context.args.is("quiet") {
        match (yes, why) {
            (true, _) => context.say("yes"),
            (false, Some(why)) => context.say(format!("no - {why}")),
            _ => context.say("no"),
        }
    }
    Ok(Step::Done(i32::from(!yes)))
}
