//! Which objects a command line means: `pods`, `pod a b`, `deploy/web svc/web`, `-l app=web`, `-f web.yaml`.
//!
//! Kubernetes 1.36: staging/src/k8s.io/cli-runtime/pkg/resource/builder.go

use super::{Context, Fault, files};
use crate::api::Kind;
use crate::api::object::Object;
use crate::apiserver::Status;
use crate::apiserver::selection::{Fields, Labels};
use crate::kubelet::heartbeat;
use crate::store::Store;
use std::rc::Rc;

/// What was found, and what was not.
#[derive(Debug, Default)]
pub struct Found {
    pub objects: Vec<Rc<Object>>,
    pub faults: Vec<Fault>,
    /// The kinds that were asked for.
    pub kinds: Vec<Kind>,
    /// Objects were asked for by name.
    pub named: bool,
}

/// One thing that was asked for: a kind, and a name if one was given.
pub type Target = (Kind, Option<String>);

/// The kind of a word, or kubectl's complaint.
pub fn kind(store: &Store, word: &str) -> Result<Kind, Fault> {
    let plain = word.split('.').next().unwrap_or(word);
    store.kind_named(word).ok_or_else(|| Fault::text(format!("the server doesn't have a resource type \"{plain}\"")))
}

/// The kinds that `all` stands for, in the order in which kubectl lists them.
const ALL: [Kind; 9] = [
    Kind::Pod,
    Kind::ReplicationController,
    Kind::Service,
    Kind::DaemonSet,
    Kind::Deployment,
    Kind::ReplicaSet,
    Kind::StatefulSet,
    Kind::HorizontalPodAutoscaler,
    Kind::CronJob,
];

fn kinds(store: &Store, word: &str) -> Result<Vec<Kind>, Fault> {
    let mut out = vec![];
    for part in word.split(',').filter(|p| !p.is_empty()) {
        let before = out.len();
        if part == "all" {
            out.extend(ALL);
            out.push(Kind::Job);
        }
        out.extend(store.custom_kinds().filter(|k| k.resource().categories.contains(&part)));
        if out.len() == before {
            out.push(kind(store, part)?);
        }
    }
    Ok(out)
}

/// Reads words such as `pod a b`, `pod/a svc/b`.
pub fn targets(store: &Store, words: &[String]) -> Result<Vec<Target>, Fault> {
    let Some(first) = words.first() else { return Ok(vec![]) };
    if words.iter().any(|w| w.contains('/')) {
        return words.iter().map(|word| slashed(store, word)).collect();
    }
    let kinds = kinds(store, first)?;
    if words.len() == 1 {
        return Ok(kinds.into_iter().map(|k| (k, None)).collect());
    }
    Ok(kinds.iter().flat_map(|k| words[1..].iter().map(|n| (*k, Some(n.clone())))).collect())
}

fn slashed(store: &Store, word: &str) -> Result<Target, Fault> {
    let Some((name, object)) = word.split_once('/') else {
        return Err(Fault::text(
            "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
        ));
    };
    if name.is_empty() || object.is_empty() || object.contains('/') || name.contains(',') {
        return Err(Fault::text("arguments in resource/name form must have a single resource and name".to_string()));
    }
    Ok((kind(store, name)?, Some(object.into())))
}

/// Refuses a command line that names no resource at all.
pub fn some(context: &Context) -> Result<(), Fault> {
    if !context.args.words.is_empty() || context.args.has_files() {
        return Ok(());
    }
    Err(Fault::text(
        "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'",
    ))
}

/// The objects that the command's words, files and selectors mean.
pub fn find(context: &mut Context) -> Result<Found, Fault> {
    let words = context.args.words.clone();
    find_among(context, &words)
}

pub fn find_among(context: &mut Context, words: &[String]) -> Result<Found, Fault> {
    let mut found = Found::default();
    if context.args.has_files() {
        return from_files(context);
    }
    let targets = targets(&context.cluster.store, words)?;
    found.named = targets.iter().any(|(_, name)| name.is_some());
    // The selector of these is the new object's.
    let own = matches!(context.args.verb.as_str(), "expose" | "create poddisruptionbudget");
    let by_labels = !own && context.args.get("selector").is_some_and(|s| !s.is_empty());
    let selects = by_labels || context.args.get("field-selector").is_some();
    if found.named && selects {
        return Err(Fault::text("name cannot be provided when a selector is specified"));
    }
    for (kind, name) in targets {
        if !found.kinds.contains(&kind) {
            found.kinds.push(kind);
        }
        context.asks_about(kind);
        match name {
            Some(name) => match context.find(kind, &name) {
                Ok(object) => found.objects.push(object),
                Err(status) => found.faults.push(status.into()),
            },
            None => match list(context, kind) {
                Ok(objects) => found.objects.extend(objects),
                Err(status) => found.faults.push(status.into()),
            },
        }
    }
    Ok(found)
}

fn from_files(context: &mut Context) -> Result<Found, Fault> {
    let mut found = Found { named: true, ..Found::default() };
    for info in files::infos(context)? {
        info.iter().for_each(|info| context.asks_about(info.kind));
        match info {
            Ok(info) => match context.cluster.store.get(info.kind, &info.key) {
                Some(object) => {
                    found.kinds.push(info.kind);
                    found.objects.push(object.clone());
                }
                None => found.faults.push(Status::not_found(info.kind, &info.key.name).into()),
            },
            Err(fault) => found.faults.push(fault),
        }
    }
    found.kinds.dedup();
    Ok(found)
}

/// The objects of a kind that the selectors pick, by namespace and name.
pub fn list(context: &Context, kind: Kind) -> Result<Vec<Rc<Object>>, Status> {
    let (label_text, field_text) =
        (context.args.get("selector").unwrap_or(""), context.args.get("field-selector").unwrap_or(""));
    let refuse = |why: String| {
        let (group, version) = (kind.group(), kind.resource().version);
        let what = format!("{group}/{version}, Resource={}", kind.plural());
        Status::bad_request(format!(
            "Unable to find \"{what}\" that match label selector \"{label_text}\", field selector \"{field_text}\": {why}"
        ))
    };
    if !kind.resource().verbs.contains("list") {
        let text = "the server does not allow this method on the requested resource";
        return Err(Status::new(405, "MethodNotAllowed", text));
    }
    let labels = Labels::parse(label_text).map_err(refuse)?;
    let fields = Fields::parse(field_text).map_err(refuse)?;
    if let Some(field) = fields.unsupported(kind) {
        let why = if matches!(
            kind,
            Kind::Pod
                | Kind::Event
                | Kind::Node
                | Kind::Namespace
                | Kind::Secret
                | Kind::ReplicaSet
                | Kind::Job
                | Kind::ReplicationController
                | Kind::Service
        ) {
            format!("field label not supported: {field}")
        } else {
            format!("\"{field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")
        };
        return Err(refuse(why));
    }
    let all = context.args.is("all-namespaces") || !kind.namespaced();
    let namespace = context.namespace();
    super::auth::check(context, "list", kind, "", if all { "" } else { &namespace })?;
    let wanted = |o: &Rc<Object>| labels.matches(&o.meta.labels) && fields.matches(o);
    let store = &context.cluster.store;
    let show = |o: &Rc<Object>| heartbeat::shown(context.cluster, o);
    Ok(if all {
        store.list(kind).filter(|o| wanted(o)).map(show).collect()
    } else {
        store.list_in(kind, &namespace).filter(|o| wanted(o)).map(show).collect()
    })
}

/// The short names of a kind.
pub fn names(kind: Kind) -> &'static [&'static str] {
    kind.resource().short
}
