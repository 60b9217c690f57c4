//! The client: a command line in, text out. It reads the store and writes through the API server only.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl. A kubectl that runs is data ([`Call`]); each step reads its line
//! afresh and goes on from what it remembers.

mod apply;
mod args;
mod attach;
mod auth;
mod autoscale;
mod certificate;
pub mod complete;
mod config;
mod cp;
mod create;
mod debug;
mod delete;
mod describe;
mod diff;
mod drain;
mod dump;
mod each;
mod events;
mod exec;
mod explain;
mod expose;
mod fault;
mod files;
mod forward;
mod generate;
mod get;
mod help;
mod info;
pub mod jsonpath;
mod kustomize;
mod kyaml;
mod label;
mod last_applied;
mod logs;
mod order;
mod patch;
mod print;
mod prune;
mod raw;
mod reconcile;
mod replace;
mod resources;
mod rollout;
mod scale;
mod set;
pub mod table;
mod taint;
mod target;
pub mod template;
pub mod time;
mod token;
mod top;
mod upgrade;
mod wait;

use crate::admission::warnings::deprecated;
use crate::api::Kind;
use crate::api::object::{Key, Object};
use crate::apiserver::custom::body;
use crate::apiserver::{self, Manager, Part, Patch, Request, Status, Verb};
use crate::clock::{Span, Time};
use crate::cluster::Cluster;
use crate::kubelet::heartbeat::shown;
use crate::schema::Strictness;
use crate::shell::Mode;
use crate::terminal::{Call, HOME, Stream, absolute};
use crate::value::Value;
use args::Args;
pub use config::set_namespace;
use fault::Fault;
use std::rc::Rc;

/// From a call's start to its first request: what reading the line and finding the API took.
const LATENCY: Span = Span(100);

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It has ended with this exit code.
    Done(i32),
    /// It looks again when something has changed, and at this time at the latest.
    Wait(Option<Time>),
}

/// What a verb has to work with.
struct Context<'a> {
    cluster: &'a mut Cluster,
    args: Args,
    call: &'a mut Call,
    out: Vec<(Stream, String)>,
    access: config::Access,
}

type Answer = Result<Step, Fault>;

/// What needs no API server.
const WITHOUT_SERVER: [&str; 4] = ["config", "kustomize", "completion", "plugin"];

/// Flags that would change what a command does, and do not.
const NOT_SIMULATED: [&str; 15] = [
    "auth-provider",
    "custom",
    "detach-keys",
    "enable-alpha-plugins",
    "enable-helm",
    "exec-command",
    "flatten",
    "kubeconfig",
    "load-restrictor",
    "network",
    "prune-allowlist",
    "set-raw-bytes",
    "show-swap",
    "skip-wait-for-delete-timeout",
    "vmodule",
];

/// Where the line is noted that changed an object.
const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

const OK: Answer = Ok(Step::Done(0));

/// Lets a kubectl go on. Answers what became of it, and what it printed.
pub fn step(cluster: &mut Cluster, call: &mut Call) -> (Step, Vec<(Stream, String)>) {
    let begin = call.started + LATENCY;
    if cluster.now < begin {
        return (Step::Wait(Some(begin)), vec![]);
    }
    // Whatever changes meanwhile, the next request's turn comes when it comes.
    if let Some((_, due)) = each::turn(call).filter(|(_, due)| cluster.now < *due) {
        return (Step::Wait(Some(due)), vec![]);
    }
    let args = match Args::read(&call.argv) {
        Ok(args) => args,
        Err(text) => return (Step::Done(1), vec![(Stream::Err, format!("error: {text}\n"))]),
    };
    let reads_input = args.all("filename").any(|name| name == "-");
    if reads_input && !call.closed {
        call.reads = Some(Mode::Lines);
        return (Step::Wait(None), vec![]);
    }
    let mut context = Context { cluster, args, call, out: vec![], access: config::Access::default() };
    let step = match run(&mut context) {
        Ok(Step::Done(0)) => context.warned(),
        Ok(step) => step,
        Err(fault) => {
            let code = fault.code();
            let text = fault.print();
            if !text.is_empty() {
                context.err(&text);
            }
            Step::Done(code)
        }
    };
    (step, context.out)
}

/// Whether a call is connected to a Pod of this uid.
pub fn is_connected(call: &Call, uid: &str) -> bool {
    call.memory.get("uid").as_str() == Some(uid)
}

pub use exec::hang_up;

/// The namespace that is meant if none is said.
pub fn namespace(cluster: &Cluster) -> String {
    let said = config::namespace(cluster);
    if said.is_empty() { "default".into() } else { said }
}

fn run(context: &mut Context) -> Answer {
    let verb = context.args.verb.clone();
    let (first, second) = verb.split_once(' ').unwrap_or((&verb, ""));
    if matches!(first, "" | "help" | "options") || context.args.is("help") {
        return help::run(context, &verb);
    }
    if help::only_holds(&verb) {
        return help::holder(context, &verb);
    }
    if context.cluster.plane.api_server_stopped && !WITHOUT_SERVER.contains(&first) {
        let text = "The connection to the server 10.200.0.1:6443 was refused - did you specify the right host or port?";
        return Err(Fault::Bare(text.into()));
    }
    if !WITHOUT_SERVER.contains(&first) && !(first == "version" && context.args.is("client")) {
        context.access = config::access(context)?;
    }
    context.args.deprecations().iter().filter(|_| context.call.memory.is_null()).for_each(|text| {
        context.out.push((Stream::Err, format!("{text}\n")));
    });
    context.check_values()?;
    context.check_timeout()?;
    context.admit();
    match first {
        "get" => get::run(context),
        "apply" if second.is_empty() => apply::run(context),
        "apply" => last_applied::run(context, second),
        "create" if second.is_empty() => create::run(context),
        "create" if second == "token" => token::run(context),
        "create" => generate::run(context, second),
        "delete" => delete::run(context),
        "replace" => replace::run(context),
        "patch" => patch::run(context),
        "label" => label::run(context, "labels"),
        "annotate" => label::run(context, "annotations"),
        "taint" => taint::run(context),
        "scale" => scale::run(context),
        "autoscale" => autoscale::run(context),
        "set" => set::run(context, second),
        "rollout" => rollout::run(context, second),
        "expose" => expose::run(context),
        "run" => generate::pod::run(context),
        "wait" => wait::run(context),
        "events" => events::run(context),
        "describe" => describe::run(context),
        "diff" => diff::run(context),
        "kustomize" => kustomize::run(context),
        "cordon" => drain::cordon(context, true),
        "uncordon" => drain::cordon(context, false),
        "drain" => drain::run(context),
        "logs" => logs::run(context),
        "exec" => exec::run(context),
        "debug" => debug::run(context),
        "auth" if second == "reconcile" => reconcile::run(context),
        "auth" => auth::run(context, second),
        "explain" => explain::run(context),
        "certificate" => certificate::run(context, second),
        "cp" => cp::run(context),
        "proxy" => Err(Fault::text("kubectl proxy is not simulated: nothing outside the cluster could use the port")),
        "edit" => Err(Fault::text("kubectl edit needs an editor: change the manifest in the editor and apply it")),
        "completion" => info::completion(context),
        "plugin" => Err(Fault::text("unable to find any kubectl plugins in your PATH")),
        "config" => config::run(context, second),
        "cluster-info" if second == "dump" => dump::run(context),
        "version" | "cluster-info" | "api-resources" | "api-versions" => info::run(context, &verb),
        "attach" | "port-forward" => forward::run(context, first),
        "top" => top::run(context, second),
        _ => Err(Fault::text(format!("kubectl {verb} is not simulated"))),
    }
}

impl Context<'_> {
    fn now(&self) -> Time {
        self.cluster.now
    }
    /// The absolute path of a name that the user typed.
    fn path(&self, name: &str) -> String {
        let cwd = if self.call.cwd.is_empty() { HOME } else { &self.call.cwd };
        absolute(cwd, name)
    }
    /// The text of a file of the user's.
    fn file(&self, name: &str) -> Option<Rc<str>> {
        self.cluster.folder.get(&self.path(name))
    }
    /// Prints a line.
    fn say(&mut self, line: impl AsRef<str>) {
        self.print(format!("{}\n", line.as_ref()));
    }
    fn print(&mut self, text: String) {
        self.out.push((Stream::Out, text));
    }
    /// Prints a line to the error stream.
    fn err(&mut self, line: &str) {
        let end = if line.ends_with('\n') { "" } else { "\n" };
        self.out.push((Stream::Err, format!("{line}{end}")));
    }
    fn warn(&mut self, text: impl std::fmt::Display) {
        self.err(&format!("Warning: {text}"));
    }
    /// Passes on what the server warns of, each thing once.
    fn pass_on(&mut self, text: &str) {
        if !self.call.warned.iter().any(|said| **said == *text) {
            self.call.warned.push(text.into());
            self.warn(text);
        }
    }
    /// Whatever is asked about a deprecated kind, the server warns of it.
    fn asks_about(&mut self, kind: Kind) {
        if let Some(text) = deprecated(kind) {
            self.pass_on(text);
        }
    }
    /// The namespace of the command: `-n`, or the context's.
    fn namespace(&self) -> Rc<str> {
        let said = self.args.get("namespace").unwrap_or(&self.access.namespace);
        if said.is_empty() { "default" } else { said }.into()
    }
    /// The namespace in which an object of this kind is meant; empty for cluster-scoped kinds.
    fn namespace_of(&self, kind: Kind) -> Rc<str> {
        if kind.namespaced() { self.namespace() } else { "".into() }
    }
    fn find(&self, kind: Kind, name: &str) -> Result<Rc<Object>, Status> {
        auth::check(self, "get", kind, name, &self.namespace_of(kind))?;
        let found = self.cluster.store.find(kind, &self.namespace_of(kind), name);
        found.map(|o| shown(self.cluster, o)).ok_or_else(|| Status::not_found(kind, name))
    }
    /// `none`, `client` or `server`.
    fn dry_run(&self) -> &str {
        match self.args.get("dry-run") {
            None | Some("none" | "false") => "none",
            Some("server") => "server",
            Some(_) => "client",
        }
    }
    /// Asks the API server.
    fn request(&mut self, kind: Kind, key: Key, verb: Verb) -> Result<Rc<Object>, Status> {
        let manager = self.manager(&verb);
        self.request_by(manager, kind, key, verb)
    }
    /// Asks the API server, to be noted under a name.
    fn request_as(&mut self, name: &str, kind: Kind, key: Key, verb: Verb) -> Result<Rc<Object>, Status> {
        let manager = Manager { name: name.into(), ..self.manager(&verb) };
        self.request_by(manager, kind, key, verb)
    }
    fn request_by(&mut self, manager: Manager, kind: Kind, key: Key, verb: Verb) -> Result<Rc<Object>, Status> {
        let dry_run = self.dry_run() == "server";
        let (asked, name) = match &verb {
            Verb::Create(_) => ("create", ""),
            Verb::Replace(..) | Verb::Put(..) => ("update", &*key.name),
            Verb::Patch(..) | Verb::Apply(..) => ("patch", &*key.name),
            Verb::Delete(_) => ("delete", &*key.name),
            Verb::Evict(_) | Verb::Bind(_) => ("create", &*key.name),
        };
        auth::check(self, asked, kind, name, &key.namespace)?;
        if let Verb::Create(value) | Verb::Replace(value, _) = &verb {
            auth::check_grant(self, kind, &key.name, &key.namespace, value)?;
        }
        let (verb, mut warned) = self.read_body(kind, self.recorded(verb))?;
        self.cluster.warnings.clear();
        // `apply` refuses unknown fields, `patch` only warns of them.
        let strict = self.args.verb == "apply" && self.strictness() == Strictness::Strict;
        let user = auth::user(self).map(Rc::new);
        let request = Request { dry_run, strict, manager, user, ..Request::new("kubectl", kind, key, verb) };
        let answer = apiserver::handle(self.cluster, request);
        warned.extend(std::mem::take(&mut self.cluster.warnings));
        if answer.is_ok() {
            warned.iter().for_each(|text| self.pass_on(text));
        }
        answer
    }
    /// With `--record` what is written notes the line that wrote it.
    fn recorded(&self, mut verb: Verb) -> Verb {
        let written = match &mut verb {
            Verb::Create(value) | Verb::Replace(value, Part::Main) => Some(value),
            Verb::Patch(Patch::Strategic(value) | Patch::Merge(value), Part::Main) => Some(value),
            _ => None,
        };
        if let Some(value) = written.filter(|_| self.args.is("record")) {
            *value = self.with_cause(value);
        }
        verb
    }
    /// An object with the line noted, if that is asked for.
    fn with_cause(&self, value: &Value) -> Value {
        let mut value = value.clone();
        if self.args.is("record") {
            value.at_mut(&["metadata", "annotations"]).set(CHANGE_CAUSE, Value::from(self.args.line()));
        }
        value
    }
    /// As whom the server notes this kubectl.
    fn manager(&self, verb: &Verb) -> Manager {
        let first = self.args.verb.split(' ').next().unwrap_or("");
        let applies = matches!(verb, Verb::Apply(..));
        let subresource = match verb {
            Verb::Replace(_, part) | Verb::Patch(_, part) => part.name(),
            _ => "",
        };
        let own = match first {
            "apply" if applies => "kubectl".to_string(),
            "apply" => "kubectl-client-side-apply".into(),
            "scale" => "kubectl".into(),
            verb => format!("kubectl-{verb}"),
        };
        let name = self.args.get("field-manager").map_or(own, String::from).into();
        Manager { name, applies, subresource }
    }
    /// Refuses values of `--validate` and `--dry-run` that there are not.
    fn check_values(&self) -> Result<(), Fault> {
        let known = ["none", "server", "client", "true", "false", "unchanged", ""];
        if let Some(other) = self.args.get("dry-run").filter(|text| !known.contains(text)) {
            let why = format!("Invalid dry-run value ({other}). Must be \"none\", \"server\", or \"client\".");
            return Err(Fault::text(why));
        }
        match self.args.get("validate") {
            None | Some("true" | "strict" | "warn" | "false" | "ignore") => Ok(()),
            Some(other) => Err(Fault::text(format!(
                "invalid - validate option {other:?}; must be one of: strict (or true), warn, ignore (or false)"
            ))),
        }
    }
    /// Refuses a value of `--request-timeout` that is no length of time.
    fn check_timeout(&self) -> Result<(), Fault> {
        match self.args.general("request-timeout") {
            Some(text) if !text.is_empty() && text.parse::<u64>().is_err() && time::parse(text).is_none() => {
                Err(Fault::text(
                    "Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)",
                ))
            }
            _ => Ok(()),
        }
    }
    /// When a request that goes on is given up (`--request-timeout`); `None` if never. The others are answered at once.
    fn deadline(&self) -> Option<Time> {
        let text = self.args.general("request-timeout")?;
        let millis = text.parse().map(|seconds: u64| seconds.saturating_mul(1000)).ok();
        let millis = millis.or_else(|| time::parse(text).and_then(|millis| u64::try_from(millis).ok()));
        millis.filter(|millis| *millis > 0).map(|millis| self.call.started + LATENCY + Span(millis))
    }
    /// What becomes of a command that has done its work, by what it was warned of (`--warnings-as-errors`).
    fn warned(&mut self) -> Step {
        let is_warning = |(stream, text): &&(Stream, String)| *stream == Stream::Err && text.starts_with("Warning: ");
        let count = self.out.iter().filter(is_warning).count();
        if count == 0 || !self.args.is("warnings-as-errors") {
            return Step::Done(0);
        }
        self.err(&format!("error: {count} warning{} received", if count == 1 { "" } else { "s" }));
        Step::Done(1)
    }
    /// Says once of flags that do nothing here that they do not.
    fn admit(&mut self) {
        if self.now() != self.call.started + LATENCY {
            return;
        }
        let mut said: Vec<&str> = NOT_SIMULATED.into_iter().filter(|name| self.args.is(name)).collect();
        said.extend(self.args.general("v").filter(|level| *level != "0").map(|_| "v"));
        said.extend(self.args.off("allow-missing-template-keys").then_some("allow-missing-template-keys=false"));
        for name in said {
            self.out.push((Stream::Err, format!("note: --{name} is not simulated, and does nothing\n")));
        }
    }
    /// What becomes of a watch that has shown all there is.
    fn watched(&self) -> Step {
        match self.deadline() {
            Some(end) if self.now() >= end => Step::Done(0),
            end => Step::Wait(end),
        }
    }
    /// `--validate`: how strictly bodies are read.
    fn strictness(&self) -> Strictness {
        match self.args.get("validate") {
            Some("false" | "ignore") => Strictness::Ignore,
            Some("warn") => Strictness::Warn,
            _ => Strictness::Strict,
        }
    }
    /// The body of a request as the server decodes it, with its warnings.
    fn read_body(&self, kind: Kind, verb: Verb) -> Result<(Verb, Vec<String>), Status> {
        let strictness = self.strictness();
        Ok(match verb {
            Verb::Create(value) => {
                let (value, warned) = body(&self.cluster.store, kind, &value, strictness)?;
                (Verb::Create(value), warned)
            }
            Verb::Replace(value, part) => {
                let (value, warned) = body(&self.cluster.store, kind, &value, strictness)?;
                (Verb::Replace(value, part), warned)
            }
            other => (other, vec![]),
        })
    }
    /// Says what was done to an object, or prints the object if `-o` asks for that.
    fn done(&mut self, object: &Value, kind: Kind, what: &str) -> Result<(), Fault> {
        if self.args.get("output").is_some_and(|o| o != "name") {
            return print::object(self, object);
        }
        let resource = match object.at(&["metadata", "name"]).as_str() {
            Some(name) => format!("{}/{name}", kind.singular_dot_group()),
            None => print::name_of(&self.cluster.store, object),
        };
        if self.args.get("output").is_some() {
            self.say(resource);
            return Ok(());
        }
        let suffix = match self.dry_run() {
            "client" => " (dry run)",
            "server" => " (server dry run)",
            _ => "",
        };
        self.say(format!("{resource} {what}{suffix}"));
        Ok(())
    }
}
