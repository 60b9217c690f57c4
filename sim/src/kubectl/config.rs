//! `kubectl config`: the kubeconfig of the user, with several contexts; and what it means for every other command.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/config, client-go/tools/clientcmd. There is one cluster; of the users,
//! its administrator and service accounts with their tokens are simulated.

use super::describe::columns;
use super::{Answer, Context, Fault, OK, print};
use crate::cluster::Cluster;
use crate::manifest::write;
use crate::terminal::HOME;
use crate::value::Value;

/// The cluster and the context that there are at first.
pub const NAME: &str = "kubarium";
const ADMIN: &str = "kubarium-admin";
pub const SERVER: &str = "https://10.200.0.1:6443";
const OMITTED: &str = "DATA+OMITTED";

/// A list of the kubeconfig, and under what its entries keep what they are.
#[derive(Clone, Copy)]
struct Part {
    list: &'static str,
    inner: &'static str,
    fields: &'static [&'static str],
}

const CONTEXTS: Part = Part { list: "contexts", inner: "context", fields: &["cluster", "user", "namespace"] };
const CLUSTERS: Part = Part {
    list: "clusters",
    inner: "cluster",
    fields: &["server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority", "proxy-url"],
};
const USERS: Part = Part {
    list: "users",
    inner: "user",
    fields: &["token", "username", "password", "client-certificate", "client-key"],
};

impl Part {
    /// What an entry is; `None` if there is none of this name.
    fn find<'a>(&self, config: &'a Value, name: &str) -> Option<&'a Value> {
        let mut entries = config.get(self.list).items().iter();
        entries.find(|entry| entry.get("name").as_str() == Some(name)).map(|entry| entry.get(self.inner))
    }
    fn names<'a>(&self, config: &'a Value) -> impl Iterator<Item = &'a str> {
        config.get(self.list).items().iter().filter_map(|entry| entry.get("name").as_str())
    }
    fn remove(&self, config: &mut Value, name: &str) {
        let mut left = config.get(self.list).items().to_vec();
        left.retain(|entry| entry.get("name").as_str() != Some(name));
        config.set(self.list, if left.is_empty() { Value::Null } else { Value::list(left) });
    }
    /// Entries are kept by name.
    fn put(&self, config: &mut Value, name: &str, inner: Value) {
        self.remove(config, name);
        let entries = config.at_mut(&[self.list]).list_mut();
        entries.push(Value::map([(self.inner, inner), ("name", name.into())]));
        entries.sort_by(|a, b| a.get("name").cmp(b.get("name")));
    }
}

/// The kubeconfig as it is at first.
fn initial() -> Value {
    let mut config =
        Value::map([("apiVersion", Value::from("v1")), ("current-context", NAME.into()), ("kind", "Config".into())]);
    let omitted = || Value::from(OMITTED);
    CLUSTERS.put(&mut config, NAME, Value::map([("certificate-authority-data", omitted()), ("server", SERVER.into())]));
    CONTEXTS.put(&mut config, NAME, Value::map([("cluster", Value::from(NAME)), ("user", ADMIN.into())]));
    let user = Value::map([("client-certificate-data", omitted()), ("client-key-data", omitted())]);
    USERS.put(&mut config, ADMIN, user);
    config
}

fn of(cluster: &Cluster) -> Value {
    if cluster.kubeconfig.is_null() { initial() } else { cluster.kubeconfig.clone() }
}

fn current(config: &Value) -> &str {
    config.get("current-context").as_str().unwrap_or("")
}

/// The namespace of the current context; empty if it says none.
pub fn namespace(cluster: &Cluster) -> String {
    let config = &cluster.kubeconfig;
    let context = CONTEXTS.find(config, current(config));
    context.and_then(|context| context.get("namespace").as_str()).unwrap_or("").into()
}

/// The names of all contexts.
pub fn names_of_contexts(cluster: &Cluster) -> Vec<String> {
    CONTEXTS.names(&of(cluster)).map(String::from).collect()
}

/// Says another namespace in the current context.
pub fn set_namespace(cluster: &mut Cluster, namespace: &str) {
    let mut config = of(cluster);
    let name = current(&config).to_string();
    let mut context = CONTEXTS.find(&config, &name).cloned().unwrap_or_else(Value::empty_map);
    said(&mut context, "namespace", namespace);
    CONTEXTS.put(&mut config, &name, context);
    cluster.kubeconfig = config;
}

/// An empty text is not kept.
fn said(entry: &mut Value, field: &str, text: &str) {
    if text.is_empty() {
        entry.remove(field);
    } else {
        entry.set(field, text.into());
    }
}

/// Who asks, and in which namespace if none is said.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// A service account's name, if it is not the administrator.
    pub user: Option<String>,
    pub namespace: String,
}

/// Where a command goes, by the kubeconfig and the flags.
///
/// # Errors
/// There is no such context, or it leads elsewhere.
pub fn access(context: &Context) -> Result<Access, Fault> {
    let (config, args) = (of(context.cluster), &context.args);
    let name = args.general("context").unwrap_or(current(&config));
    let said = CONTEXTS.find(&config, name);
    if said.is_none() && !name.is_empty() {
        let why = "Error in configuration: context was not found for specified context";
        return Err(Fault::Bare(format!("{why}: {name}")));
    }
    let own = |field: &str| said.and_then(|context| context.get(field).as_str()).unwrap_or("");
    let (cluster, user) =
        (args.general("cluster").unwrap_or(own("cluster")), args.general("user").unwrap_or(own("user")));
    for (flag, part, what, name) in [("cluster", CLUSTERS, "cluster", cluster), ("user", USERS, "auth info", user)] {
        if args.general(flag).is_some() && part.find(&config, name).is_none() {
            return Err(Fault::text(format!("{what} {name:?} does not exist")));
        }
    }
    let server = CLUSTERS.find(&config, cluster).and_then(|cluster| cluster.get("server").as_str());
    match args.general("server").or(server).unwrap_or("") {
        SERVER => {}
        "" => {
            let text =
                "The connection to the server localhost:8080 was refused - did you specify the right host or port?";
            return Err(Fault::Bare(text.into()));
        }
        other => {
            let why = format!("the server {other} is not simulated: there is one cluster, at {SERVER}");
            return Err(Fault::text(why));
        }
    }
    let user = match (args.general("token"), USERS.find(&config, user)) {
        (Some(token), _) => Some(owner(token)?),
        (_, Some(said)) => account(user, said)?,
        _ => return Err(Fault::Bare("Please enter Username: error: EOF".into())),
    };
    Ok(Access { user, namespace: own("namespace").to_string() })
}

/// Who a user of the kubeconfig is to the server: `None` for the administrator.
fn account(name: &str, user: &Value) -> Result<Option<String>, Fault> {
    if let Some(token) = user.get("token").as_str() {
        return owner(token).map(Some);
    }
    if user.get("client-certificate-data").as_str() == Some(OMITTED) {
        return Ok(None);
    }
    let why = "is not simulated: certificates and passwords are not; a token of a service account is, and so is --as";
    Err(Fault::text(format!("the user {name:?} of the kubeconfig {why}")))
}

/// Whose a token is.
fn owner(token: &str) -> Result<String, Fault> {
    let owner = crate::apiserver::token::owner(token);
    owner.ok_or_else(|| Fault::text("You must be logged in to the server (Unauthorized)"))
}

pub fn run(context: &mut Context, verb: &str) -> Answer {
    let mut config = of(context.cluster);
    match verb {
        "current-context" if current(&config).is_empty() => return Err(Fault::text("current-context is not set")),
        "current-context" => context.say(current(&config)),
        "get-contexts" => return contexts(context, &config),
        "get-clusters" => names(context, CLUSTERS.names(&config)),
        "get-users" => names(context, USERS.names(&config)),
        "view" => return view(context, config),
        _ => {
            let told = change(context, verb, &mut config)?;
            context.cluster.kubeconfig = config;
            context.say(told);
        }
    }
    OK
}

fn names<'a>(context: &mut Context, names: impl Iterator<Item = &'a str>) {
    context.say("NAME");
    names.for_each(|name| context.say(name));
}

/// The words of a command that takes so many.
fn words<const N: usize>(context: &Context) -> Result<[String; N], Fault> {
    let words = context.args.words.clone();
    <[String; N]>::try_from(words).map_err(|words| Fault::text(format!("Unexpected args: [{}]", words.join(" "))))
}

/// Changes the kubeconfig; answers what is said of that.
fn change(context: &mut Context, verb: &str, config: &mut Value) -> Result<String, Fault> {
    match verb {
        "use-context" => {
            let [name] = words(context)?;
            if name.is_empty() {
                return Err(Fault::text("empty context names are not allowed"));
            }
            if CONTEXTS.find(config, &name).is_none() {
                return Err(Fault::text(format!("no context exists with the name: {name:?}")));
            }
            config.set("current-context", name.as_str().into());
            Ok(format!("Switched to context {name:?}."))
        }
        "rename-context" => rename(context, config),
        "set-context" => set_context(context, config),
        "set-cluster" => {
            let [name] = words(context)?;
            set_entry(context, config, CLUSTERS, &name)?;
            Ok(format!("Cluster {name:?} set."))
        }
        "set-credentials" => {
            let [name] = words(context)?;
            set_entry(context, config, USERS, &name)?;
            Ok(format!("User {name:?} set."))
        }
        "delete-context" => delete(context, config, CONTEXTS),
        "delete-cluster" => delete(context, config, CLUSTERS),
        "delete-user" => delete(context, config, USERS),
        "set" => {
            let [property, value] = words(context)?;
            if value.is_empty() {
                return Err(Fault::text("you cannot use set to unset a property"));
            }
            set(config, &property, Some(&value))?;
            Ok(format!("Property {property:?} set."))
        }
        "unset" => {
            let [property] = words(context)?;
            set(config, &property, None)?;
            Ok(format!("Property {property:?} unset."))
        }
        _ => Err(Fault::text(format!("kubectl config {verb} is not simulated"))),
    }
}

fn file() -> String {
    format!("{HOME}/.kube/config")
}

fn rename(context: &Context, config: &mut Value) -> Result<String, Fault> {
    let [name, new] = words(context)?;
    if new.is_empty() {
        return Err(Fault::text("You must specify a new non-empty context name"));
    }
    let Some(said) = CONTEXTS.find(config, &name).cloned() else {
        return Err(Fault::text(format!("cannot rename the context {name:?}, it's not in {}", file())));
    };
    if CONTEXTS.find(config, &new).is_some() {
        let why = format!("the context {new:?} already exists in {}", file());
        return Err(Fault::text(format!("cannot rename the context {name:?}, {why}")));
    }
    CONTEXTS.remove(config, &name);
    CONTEXTS.put(config, &new, said);
    if current(config) == name {
        config.set("current-context", new.as_str().into());
    }
    Ok(format!("Context {name:?} renamed to {new:?}."))
}

fn delete(context: &mut Context, config: &mut Value, part: Part) -> Result<String, Fault> {
    let [name] = words(context)?;
    if part.find(config, &name).is_none() {
        return Err(Fault::text(format!("cannot delete {} {name}, not in {}", part.inner, file())));
    }
    if part.list == CONTEXTS.list && current(config) == name {
        let advice = "use \"kubectl config use-context\" to select a different one";
        context.err(&format!("warning: this removed your active context, {advice}\n"));
    }
    part.remove(config, &name);
    Ok(format!("deleted {} {name} from {}", part.inner, file()))
}

fn set_context(context: &Context, config: &mut Value) -> Result<String, Fault> {
    let args = &context.args;
    if args.words.len() > 1 {
        return Err(Fault::text(format!("Unexpected args: [{}]", args.words.join(" "))));
    }
    let name = args.words.first().cloned().unwrap_or_default();
    let name = match (name.is_empty(), args.is("current")) {
        (true, false) => return Err(Fault::text("you must specify a non-empty context name or --current")),
        (false, true) => return Err(Fault::text("you cannot specify both a context name and --current")),
        (true, true) if current(config).is_empty() => return Err(Fault::text("no current context is set")),
        (true, true) => current(config).to_string(),
        (false, false) => name,
    };
    let old = CONTEXTS.find(config, &name).cloned();
    let done = if old.is_some() { "modified" } else { "created" };
    let mut entry = old.unwrap_or_else(Value::empty_map);
    for field in CONTEXTS.fields {
        if let Some(text) = args.get(field) {
            said(&mut entry, field, text);
        }
    }
    CONTEXTS.put(config, &name, entry);
    Ok(format!("Context {name:?} {done}."))
}

/// `set-cluster`, `set-credentials`: each flag is a field of the entry.
fn set_entry(context: &Context, config: &mut Value, part: Part, name: &str) -> Result<(), Fault> {
    let args = &context.args;
    let mut entry = part.find(config, name).cloned().unwrap_or_else(Value::empty_map);
    for field in part.fields {
        let Some(text) = args.get(field) else { continue };
        let is_file = matches!(*field, "certificate-authority" | "client-certificate" | "client-key");
        let data = format!("{field}-data");
        match *field {
            "insecure-skip-tls-verify" if text == "false" => _ = entry.remove(field),
            "insecure-skip-tls-verify" => {
                entry.set(field, true.into());
                ["certificate-authority", "certificate-authority-data"].iter().for_each(|f| _ = entry.remove(f));
            }
            _ if is_file && args.is("embed-certs") => {
                if context.file(text).is_none() {
                    let why = format!("stat {text}: no such file or directory");
                    return Err(Fault::text(format!("could not stat {field} file {text}: {why}")));
                }
                entry.remove(field);
                entry.set(&data, "DATA".into());
            }
            _ if is_file => {
                entry.remove(&data);
                said(&mut entry, field, &context.path(text));
            }
            _ => said(&mut entry, field, text),
        }
    }
    part.put(config, name, entry);
    Ok(())
}

/// Sets a property (`contexts.dev.namespace`), or takes it away.
fn set(config: &mut Value, property: &str, value: Option<&str>) -> Result<(), Fault> {
    let steps: Vec<&str> = property.split('.').collect();
    if property == "current-context" {
        config.set("current-context", value.unwrap_or("").into());
        return Ok(());
    }
    let Some(part) = [CONTEXTS, CLUSTERS, USERS].into_iter().find(|part| part.list == steps[0]) else {
        return Err(Fault::text(format!("unable to parse {property} after [] at api.Config")));
    };
    // A name may have dots in it: it ends before a field.
    let end = steps.iter().skip(1).position(|step| part.fields.contains(step)).map_or(steps.len(), |at| at + 1);
    let (name, field) = (steps[1..end].join("."), steps.get(end));
    match (field, value) {
        (Some(field), _) => {
            let Some(mut entry) = part.find(config, &name).cloned().or_else(|| value.map(|_| Value::empty_map()))
            else {
                return Err(Fault::text(format!("current map key `{name}` is invalid")));
            };
            said(&mut entry, field, value.unwrap_or(""));
            part.put(config, &name, entry);
        }
        (None, None) if name.is_empty() => config.set(part.list, Value::Null),
        (None, None) => part.remove(config, &name),
        (None, Some(_)) => return Err(Fault::text("can't set a map to a value: map[]")),
    }
    Ok(())
}

fn contexts(context: &mut Context, config: &Value) -> Answer {
    let output = context.args.get("output").unwrap_or("").to_string();
    if !matches!(output.as_str(), "" | "name") {
        let text = format!(
            "--output {output} is not available in kubectl config get-contexts; resetting to default output format"
        );
        return Err(Fault::text(text));
    }
    let asked = context.args.words.clone();
    let mut chosen: Vec<&str> = CONTEXTS.names(config).collect();
    chosen.retain(|name| asked.is_empty() || asked.iter().any(|asked| asked == name));
    let mut text = String::new();
    if output.is_empty() && !context.args.is("no-headers") {
        text += "CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n";
    }
    for name in chosen {
        let entry = CONTEXTS.find(config, name).cloned().unwrap_or_default();
        let [cluster, user, namespace] = CONTEXTS.fields else { unreachable!("a context has three fields") };
        let [cluster, user, namespace] = [cluster, user, namespace].map(|f| entry.get(f).as_str().unwrap_or(""));
        let mark = if name == current(config) { "*" } else { " " };
        text += &match output.as_str() {
            "name" => format!("{name}\n"),
            _ => format!("{mark}\t{name}\t{cluster}\t{user}\t{namespace}\n"),
        };
    }
    context.print(columns(&text, 3));
    let missing = asked.iter().filter(|name| CONTEXTS.find(config, name).is_none());
    let faults: Vec<Fault> = missing.map(|name| Fault::text(format!("context {name} not found"))).collect();
    Fault::all(faults)?;
    OK
}

fn view(context: &mut Context, mut config: Value) -> Answer {
    let args = &context.args;
    if args.is("minify") {
        if let Some(name) = args.get("context") {
            config.set("current-context", name.into());
        }
        minify(&mut config)?;
    }
    if !args.is("raw") {
        hide(&mut config);
    }
    match args.get("output") {
        Some(_) => print::object(context, &config)?,
        None => context.print(write::yaml(&config)),
    }
    OK
}

/// What is secret is not shown.
fn hide(config: &mut Value) {
    let names: Vec<String> = USERS.names(config).map(String::from).collect();
    for name in names {
        let mut user = USERS.find(config, &name).cloned().unwrap_or_default();
        for (field, shown) in [
            ("token", "REDACTED"),
            ("password", "REDACTED"),
            ("client-key-data", OMITTED),
            ("client-certificate-data", OMITTED),
        ] {
            if !user.get(field).is_null() {
                user.set(field, shown.into());
            }
        }
        USERS.put(config, &name, user);
    }
}

/// Leaves only what the current context needs.
fn minify(config: &mut Value) -> Result<(), Fault> {
    let name = current(config).to_string();
    if name.is_empty() {
        return Err(Fault::text("current-context must exist in order to minify"));
    }
    let context = CONTEXTS.find(config, &name).cloned();
    let context = context.ok_or_else(|| Fault::text(format!("cannot locate context {name}")))?;
    let mut small = config.clone();
    for part in [CONTEXTS, CLUSTERS, USERS] {
        small.set(part.list, Value::Null);
    }
    for part in [CLUSTERS, USERS] {
        let Some(name) = context.get(part.inner).as_str() else { continue };
        let entry = part.find(config, name).cloned();
        let entry = entry.ok_or_else(|| Fault::text(format!("cannot locate {} {name}", part.inner)))?;
        part.put(&mut small, name, entry);
    }
    CONTEXTS.put(&mut small, &name, context);
    *config = small;
    Ok(())
}
