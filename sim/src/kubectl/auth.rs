//! `kubectl auth can-i` and who may do what, from Roles and their bindings.
//!
//! Kubernetes 1.36: plugin/pkg/auth/authorizer/rbac. Without `--as` the user may do everything.

use super::table::plain;
use super::{Answer, Context, Fault, OK, Step};
use crate::api::Kind;
use crate::api::object::Object;
use crate::cluster::Cluster;
use crate::value::Value;

/// Someone who asks.
pub struct User<'a> {
    pub name: &'a str,
    pub groups: Vec<&'a str>,
}

/// What is asked for.
pub struct Ask<'a> {
    pub verb: &'a str,
    pub group: &'a str,
    /// `pods`, or with a subresource `pods/log`.
    pub resource: &'a str,
    pub name: &'a str,
    /// Empty for cluster-scoped kinds.
    pub namespace: &'a str,
}

/// Whether the user may, and the first binding that leads to no role.
pub fn allows(cluster: &Cluster, user: &User, ask: &Ask) -> (bool, Option<String>) {
    if user.groups.contains(&"system:masters") {
        return (true, None);
    }
    let mut dangling = None;
    let bindings = cluster.store.list(Kind::ClusterRoleBinding);
    let bindings = bindings.chain(cluster.store.list_in(Kind::RoleBinding, ask.namespace));
    for binding in bindings {
        let raw = binding.raw();
        if !raw.get("subjects").items().iter().any(|s| is(s, user, &binding.meta.namespace)) {
            continue;
        }
        let (kind, name) = (plain(raw.at(&["roleRef", "kind"])), plain(raw.at(&["roleRef", "name"])));
        let role = match kind.as_str() {
            "ClusterRole" => cluster.store.find(Kind::ClusterRole, "", &name),
            _ => cluster.store.find(Kind::Role, &binding.meta.namespace, &name),
        };
        match role {
            Some(role) if grants(role, ask) => return (true, None),
            Some(_) => {}
            None => {
                let what = if kind == "ClusterRole" { "clusterrole" } else { "role" };
                dangling = dangling.or(Some(format!("RBAC: {what}.rbac.authorization.k8s.io \"{name}\" not found")));
            }
        }
    }
    (false, dangling)
}

fn is(subject: &Value, user: &User, namespace: &str) -> bool {
    let name = plain(subject.get("name"));
    match subject.get("kind").as_str() {
        Some("User") => name == user.name,
        Some("Group") => user.groups.iter().any(|g| *g == name) || name == "system:authenticated",
        Some("ServiceAccount") => {
            let own = plain(subject.get("namespace"));
            let namespace = if own.is_empty() { namespace } else { &own };
            user.name == format!("system:serviceaccount:{namespace}:{name}")
        }
        _ => false,
    }
}

fn grants(role: &Object, ask: &Ask) -> bool {
    role.raw().get("rules").items().iter().any(|rule| {
        let has = |key: &str, wanted: &str| {
            rule.get(key).items().iter().any(|v| v.as_str() == Some("*") || v.as_str() == Some(wanted))
        };
        let names = rule.get("resourceNames").items();
        has("verbs", ask.verb)
            && has("apiGroups", ask.group)
            && has("resources", ask.resource)
            && (names.is_empty() || names.iter().any(|n| n.as_str() == Some(ask.name)))
    })
}

/// The user that `--as` names.
pub fn user<'a>(context: &'a Context) -> Option<User<'a>> {
    let name = context.args.get("as")?;
    Some(User { name, groups: context.args.all("as-group").collect() })
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
    let words = context.args.words.clone();
    let (Some(verb), Some(resource)) = (words.first(), words.get(1)) else {
        return Err(Fault::text(
            "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
        ));
    };
    let (resource, name) = resource.split_once('/').unwrap_or((resource, ""));
    let kind = if resource == "*" { None } else { Kind::named(resource) };
    if kind.is_none() && resource != "*" {
        context.warn(format!("the server doesn't have a resource type '{resource}'\n"));
    }
    let (group, plural) = kind.map_or((if resource == "*" { "*" } else { "" }, resource), |k| (k.group(), k.plural()));
    if kind.is_some_and(|k| !k.namespaced()) {
        let group = if group.is_empty() { String::new() } else { format!(" group '{group}'") };
        context.warn(format!(
            "resource '{plural}' is not namespace scoped{}\n",
            if group.is_empty() { group } else { format!(" in{group}") }
        ));
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
