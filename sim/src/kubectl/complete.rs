//! What Tab makes of a line that has been begun: commands, flags and their values, kinds, names, files.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/util/completion. Not done: fields of `explain`, labels.

use super::args::{self, Args};
use super::{config, help, namespace};
use crate::api::Kind;
use crate::cluster::Cluster;

/// How the last word of a line may go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Where the part begins that is to be replaced, in bytes.
    pub from: usize,
    /// What may stand there, sorted.
    pub words: Vec<String>,
}

impl Completion {
    /// What all ways have in common from `from` on.
    pub fn common(&self) -> &str {
        let Some(first) = self.words.first() else { return "" };
        let same =
            |word: &String| first.char_indices().zip(word.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
        let least = |word: &String| same(word).unwrap_or(first.len().min(word.len()));
        &first[..self.words.iter().map(least).min().unwrap_or(0)]
    }
}

const PROGRAMS: [&str; 8] = ["kubectl", "fault", "cat", "ls", "cd", "grep", "for", "watch"];
const FORMATS: [&str; 8] =
    ["wide", "yaml", "json", "name", "jsonpath=", "custom-columns=", "go-template=", "jsonpath-as-json="];

/// What the flags take that take one of few words.
const CHOICES: [(&str, &[&str]); 6] = [
    ("dry-run", &["none", "client", "server"]),
    ("cascade", &["background", "foreground", "orphan"]),
    ("restart", &["Always", "OnFailure", "Never"]),
    ("type", &["strategic", "merge", "json", "ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]),
    ("for", &["condition=", "jsonpath=", "delete", "create"]),
    ("validate", &["strict", "warn", "ignore"]),
];

/// How a line may go on at its end.
pub fn complete(cluster: &Cluster, line: &str) -> Completion {
    let command = last_command(line);
    let before: Vec<&str> = command.split_whitespace().collect();
    let begun = !line.is_empty() && !line.ends_with(char::is_whitespace) && !before.is_empty();
    let (word, before) =
        if begun { (before[before.len() - 1], &before[..before.len() - 1]) } else { ("", &before[..]) };
    // Of `--flag=value` only the value is completed.
    let value = word.strip_prefix("--").and_then(|flag| flag.split_once('='));
    let word = value.map_or(word, |(_, value)| value);
    let mut words = match (before, value) {
        ([], _) => owned(&PROGRAMS),
        (["kubectl", rest @ ..], Some((flag, _))) => flag_values(cluster, &owned(rest), flag, word),
        (["kubectl", rest @ ..], None) => of_kubectl(cluster, &owned(rest), word),
        _ => files(cluster, word),
    };
    words.retain(|way| way.starts_with(word));
    words.sort();
    words.dedup();
    Completion { from: line.len() - word.len(), words }
}

/// The part of a line behind what divides commands.
fn last_command(line: &str) -> &str {
    let (mut quote, mut from) = (None, 0);
    for (at, c) in line.char_indices() {
        match c {
            '\'' | '"' if quote.is_none() => quote = Some(c),
            c if quote == Some(c) => quote = None,
            '|' | ';' | '&' | '(' | '`' | '\n' if quote.is_none() => from = at + 1,
            _ => {}
        }
    }
    &line[from..]
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| word.to_string()).collect()
}

fn of_kubectl(cluster: &Cluster, argv: &[String], word: &str) -> Vec<String> {
    let verb = args::verb(argv);
    if let Some(flag) = argv.last().and_then(|last| args::valued(&verb, last)) {
        return flag_values(cluster, &argv[..argv.len() - 1], flag, word);
    }
    if word.starts_with('-') {
        return args::options(&verb)
            .iter()
            .chain(&args::options(""))
            .filter_map(|line| line.find("--").map(|at| line[at..].to_string()))
            .collect();
    }
    let Ok(args) = Args::read(argv) else { return vec![] };
    let mut ways = if args.words.is_empty() { help::below(&verb) } else { vec![] };
    if !help::only_holds(&verb) {
        ways.extend(arguments(cluster, &args, word));
    }
    ways
}

/// What a flag takes; `argv` are the words before it.
fn flag_values(cluster: &Cluster, argv: &[String], flag: &str, word: &str) -> Vec<String> {
    match flag {
        "namespace" => names(cluster, "", Kind::Namespace),
        "output" => owned(&FORMATS),
        "filename" | "kustomize" | "from-file" | "from-env-file" | "patch-file" => files(cluster, word),
        "container" => containers(cluster, argv),
        _ => CHOICES.iter().find(|(name, _)| *name == flag).map_or(vec![], |(_, list)| owned(list)),
    }
}

/// The containers of the Pod that a line names.
fn containers(cluster: &Cluster, argv: &[String]) -> Vec<String> {
    let args = Args::read(argv).unwrap_or_default();
    let name = args.words.last().map_or("", |word| word.rsplit('/').next().unwrap_or(word));
    let Some(pod) = cluster.store.find(Kind::Pod, &space(cluster, &args), name) else { return vec![] };
    let raw = pod.raw();
    let lists = ["initContainers", "containers", "ephemeralContainers"];
    let all = lists.iter().flat_map(|list| raw.at(&["spec", list]).items());
    all.filter_map(|container| container.get("name").as_str().map(str::to_string)).collect()
}

/// The namespace that a line is about.
fn space(cluster: &Cluster, args: &Args) -> String {
    args.get("namespace").map_or_else(|| namespace(cluster), String::from)
}

/// Words that are neither verbs nor flags: kinds, names, files.
fn arguments(cluster: &Cluster, args: &Args, word: &str) -> Vec<String> {
    let space = &*space(cluster, args);
    let named = |word: &str| cluster.store.kind_named(word).map_or(vec![], |k| names(cluster, space, k));
    if let Some((kind, _)) = word.split_once('/') {
        return named(kind).into_iter().map(|name| format!("{kind}/{name}")).collect();
    }
    let first = args.verb.split(' ').next().unwrap_or("");
    match (first, args.words.as_slice()) {
        (
            "get" | "describe" | "delete" | "edit" | "label" | "annotate" | "patch" | "wait" | "expose" | "autoscale"
            | "scale" | "rollout" | "set" | "explain",
            [],
        ) => kinds(cluster, first),
        ("explain", _) => vec![],
        (
            "get" | "describe" | "delete" | "edit" | "label" | "annotate" | "patch" | "wait" | "expose" | "autoscale"
            | "scale" | "rollout" | "set" | "taint",
            [kind, taken @ ..],
        ) if !kind.contains('/') => {
            let kind = kind.rsplit(',').next().unwrap_or(kind);
            named(kind).into_iter().filter(|name| !taken.contains(name)).collect()
        }
        ("logs" | "exec" | "attach" | "debug" | "port-forward", []) => names(cluster, space, Kind::Pod),
        ("cordon" | "uncordon" | "drain", []) => names(cluster, "", Kind::Node),
        ("top", []) if args.verb == "top node" => names(cluster, "", Kind::Node),
        ("top", []) if args.verb == "top pod" => names(cluster, space, Kind::Pod),
        ("taint", []) => vec!["nodes".into()],
        ("config", []) if args.verb.contains("-context") => config::names_of_contexts(cluster),
        ("kustomize", []) => files(cluster, word),
        ("help", _) => help::below(&args.words.join(" ")),
        _ => vec![],
    }
}

/// The kinds that a verb is for.
fn kinds(cluster: &Cluster, verb: &str) -> Vec<String> {
    let of = |list: &[Kind]| list.iter().map(|kind| kind.plural().to_string()).collect();
    match verb {
        "rollout" => of(&[Kind::Deployment, Kind::StatefulSet, Kind::DaemonSet]),
        "scale" | "autoscale" => {
            of(&[Kind::Deployment, Kind::StatefulSet, Kind::ReplicaSet, Kind::ReplicationController])
        }
        _ => {
            let listed =
                cluster.store.kinds().filter(|kind| kind.resource().verbs.split(',').any(|verb| verb == "list"));
            listed.map(|kind| kind.plural().to_string()).collect()
        }
    }
}

fn names(cluster: &Cluster, space: &str, kind: Kind) -> Vec<String> {
    let store = &cluster.store;
    let here = store.list(kind).filter(|object| !kind.namespaced() || *object.meta.namespace == *space);
    here.map(|object| object.meta.name.to_string()).collect()
}

/// Files and folders of the user's; a folder ends in `/`.
fn files(cluster: &Cluster, word: &str) -> Vec<String> {
    let folder = word.rfind('/').map_or("", |at| &word[..=at]);
    let names = cluster.folder.names_in(folder);
    let path = |name: String| format!("{folder}{name}");
    names.into_iter().map(path).map(|path| if cluster.folder.is_folder(&path) { path + "/" } else { path }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Span;
    use crate::command::Command;
    use crate::history::History;
    use crate::setup::Setup;

    #[track_caller]
    fn check(line: &str, expect: &[&str]) {
        let mut cluster = Setup::default().cluster();
        cluster.folder.put("web.yaml", "");
        cluster.folder.put("prod/kustomization.yaml", "");
        let completion = complete(&cluster, line);
        assert_eq!(completion.words, expect, "{line}");
        assert!(line.is_char_boundary(completion.from));
    }

    #[test]
    fn words_go_on_as_kubectl_knows_them() {
        check("kub", &["kubectl"]);
        check("kubectl roll", &["rollout"]);
        check("kubectl rollout st", &["status"]);
        check("kubectl get nod", &["nodes"]);
        check("kubectl describe no ", &["node-1", "node-2", "node-3"]);
        check("kubectl get -n kube-", &["kube-node-lease", "kube-public", "kube-system"]);
        check("kubectl get svc -n default kub", &["kubernetes"]);
        check("kubectl get svc/", &["svc/kubernetes"]);
        check("ls; kubectl drain node-1 --ign", &["--ignore-daemonsets"]);
        check("kubectl apply -f we", &["web.yaml"]);
        check("kubectl apply -k ", &["prod/", "web.yaml"]);
        check("cat prod/", &["prod/kustomization.yaml"]);
        check("kubectl delete pod x --cascade=o", &["orphan"]);
        check("kubectl get pods -o ya", &["yaml"]);
        check("kubectl frobnicate ", &[]);
    }

    #[test]
    fn containers_and_kinds_are_those_of_the_cluster() {
        const WIDGETS: &str = "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition,
            metadata: {name: widgets.a.b}, spec: {group: a.b, scope: Namespaced, names: {plural: widgets, kind: Widget},
            versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}}";
        let mut cluster = Setup::default().cluster();
        cluster.folder.put("widgets.yaml", WIDGETS);
        let mut history = History::new(cluster);
        let line = "kubectl create ns shop; kubectl run web -n shop --image=nginx; kubectl apply -f widgets.yaml";
        history.command(Command::Run { line: line.into() });
        history.seek(history.now() + Span::secs(5));
        let words = |line: &str| complete(history.cluster(), line).words;
        assert_eq!(words("kubectl logs -n shop web -c "), ["web"]);
        assert_eq!(words("kubectl logs web -n shop --container="), ["web"]);
        assert_eq!(words("kubectl describe wid"), ["widgets"]);
    }

    #[test]
    fn what_all_ways_share_is_taken_at_once() {
        let words = |words: &[&str]| Completion { from: 0, words: words.iter().map(|w| w.to_string()).collect() };
        assert_eq!(words(&["node-1", "node-2"]).common(), "node-");
        assert_eq!(words(&["가나", "가다"]).common(), "가");
        assert_eq!(words(&["pod", "pods"]).common(), "pod");
        assert_eq!(words(&[]).common(), "");
    }
}
