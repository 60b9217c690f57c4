//! Answers every manifest of a corpus as the API server would, in the shape of the recorded verdicts.
//!
//! Each file is sent to a new cluster as `kubectl create --dry-run=server -o json -f FILE`. A file that fails for want
//! of namespaces is tried once more with just those that its errors named.

use kubarium_sim::admission::warnings;
use kubarium_sim::api::Kind;
use kubarium_sim::apiserver::{self, Request, Status};
use kubarium_sim::cluster::Cluster;
use kubarium_sim::manifest::objects::{Refusal, objects};
use kubarium_sim::manifest::{self, json, write};
use kubarium_sim::schema::{Strictness, body};
use kubarium_sim::setup::Setup;
use kubarium_sim::value::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// `verdicts CORPUS --out FILE`: CORPUS is a folder of manifests, or a file of lines with a manifest each under `file`.
pub fn command(arguments: &[String]) -> Result<(), String> {
    let [corpus, option, out] = arguments else { return Err("usage: kubarium verdicts CORPUS --out FILE".into()) };
    if option != "--out" {
        return Err(format!("unknown option {option:?}; usage: kubarium verdicts CORPUS --out FILE"));
    }
    let corpus = Path::new(corpus);
    let manifests = if corpus.is_dir() { folder(corpus)? } else { lines(corpus)? };
    let mut file = std::io::BufWriter::new(fs::File::create(out).map_err(|e| format!("{out}: {e}"))?);
    let empty = Setup::default().cluster();
    for Manifest { name, source, text } in manifests {
        let verdict = judge(&empty, &text, &source, &[]);
        let missing = missing_namespaces(&verdict.stderr);
        let mut verdicts = vec![(Vec::new(), verdict)];
        if !missing.is_empty() {
            let again = judge(&empty, &text, &source, &missing);
            verdicts.push((missing, again));
        }
        for (namespaces, verdict) in verdicts {
            let line = line(&name, &namespaces, verdict);
            writeln!(file, "{}", write::json(&line, 0)).map_err(|e| format!("{out}: {e}"))?;
        }
    }
    file.flush().map_err(|e| format!("{out}: {e}"))
}

struct Manifest {
    /// As the verdict names it: a path within the corpus, or the text itself.
    name: String,
    /// As kubectl's messages name it.
    source: String,
    text: String,
}

fn folder(corpus: &Path) -> Result<Vec<Manifest>, String> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = vec![corpus.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))? {
            let path = entry.map_err(|e| e.to_string())?.path();
            let manifest = matches!(path.extension().and_then(|e| e.to_str()), Some("yaml" | "yml" | "json"));
            if path.is_dir() {
                folders.push(path);
            } else if manifest {
                files.push(path);
            }
        }
    }
    files.sort();
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let name = path.strip_prefix(corpus).unwrap_or(&path).to_string_lossy().into_owned();
        Ok(Manifest { source: name.clone(), name, text: String::from_utf8_lossy(&bytes).into_owned() })
    };
    files.into_iter().map(read).collect()
}

fn lines(file: &Path) -> Result<Vec<Manifest>, String> {
    let text = fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let manifest = |line: &str| {
        let value = json::parse(line).map_err(|e| e.text)?;
        let text = value.get("file").as_str().ok_or("a line has no file")?.to_string();
        Ok(Manifest { name: text.clone(), source: "STDIN".into(), text })
    };
    text.lines().filter(|l| !l.trim().is_empty()).map(manifest).collect()
}

struct Verdict {
    stderr: String,
    failed: bool,
    objects: Vec<Value>,
}

fn judge(empty: &Cluster, text: &str, source: &str, namespaces: &[String]) -> Verdict {
    let mut cluster = empty.clone();
    for name in namespaces {
        add_namespace(&mut cluster, name);
    }
    let mut warned: Vec<String> = Vec::new();
    let mut errors = Vec::new();
    let mut accepted = Vec::new();
    for item in objects(&manifest::read(text), source, &[]) {
        let item = match item {
            Ok(item) => item,
            Err(refusal) => {
                errors.push(Error::Client(refusal));
                continue;
            }
        };
        let (answer, warnings) = create(&mut cluster, item.kind, item.value);
        warned.extend(warnings);
        match answer {
            Ok(object) => accepted.push(object),
            Err(status) => errors.push(Error::Server(status, item.kind)),
        }
    }
    let mut lines: Vec<String> = warned.iter().map(|w| format!("Warning: {w}")).collect();
    if accepted.is_empty() && errors.is_empty() {
        errors.push(Error::Client(Refusal {
            text: "no objects passed to create".into(),
            bare: false,
            span: Default::default(),
        }));
    }
    let alone = errors.len() == 1;
    let mut texts: Vec<String> = errors.iter().map(|e| e.text(source, alone)).collect();
    let mut seen = BTreeSet::new();
    texts.retain(|t| t.starts_with("Error from server") || seen.insert(t.clone()));
    let texts = files_last(texts);
    let failed = !texts.is_empty();
    lines.extend(texts);
    Verdict { stderr: lines.join("\n"), failed, objects: accepted }
}

fn add_namespace(cluster: &mut Cluster, name: &str) {
    let named = |kind: Kind, namespace: &str, name: &str| {
        let metadata = Value::map([("name", name.into()), ("namespace", Value::from(namespace))]);
        let value = Value::map([
            ("apiVersion", kind.api_version().into()),
            ("kind", kind.name().into()),
            ("metadata", metadata),
        ]);
        Request::create("kubectl", kind, value)
    };
    for request in [named(Kind::Namespace, "", name), named(Kind::ServiceAccount, name, "default")] {
        if let Err(status) = apiserver::handle(cluster, request) {
            eprintln!("namespace {name}: {status}");
        }
    }
}

/// The object as the server would store it, and what it warned of in any case.
fn create(cluster: &mut Cluster, kind: Kind, value: Value) -> (Result<Value, Status>, Vec<String>) {
    cluster.warnings.clear();
    let decoded = body(kind, &value, Strictness::Strict);
    if decoded.is_err() {
        cluster.warnings.extend(warnings::deprecated(kind).map(String::from));
    }
    let answer = decoded.and_then(|(mut value, _)| {
        let api_version = value.get("apiVersion").clone();
        if kind.namespaced() && value.at(&["metadata", "namespace"]).as_str().unwrap_or("").is_empty() {
            value.at_mut(&["metadata"]).set("namespace", "default".into());
        }
        let mut request = Request::create("kubectl", kind, value);
        request.dry_run = true;
        let mut object = apiserver::handle(cluster, request)?.write();
        object.set("apiVersion", api_version);
        Ok(shown(object))
    });
    (answer, std::mem::take(&mut cluster.warnings))
}

/// Without what differs from one run to the next.
fn shown(mut object: Value) -> Value {
    let metadata = object.at_mut(&["metadata"]);
    for field in ["uid", "resourceVersion", "creationTimestamp", "managedFields"] {
        metadata.remove(field);
    }
    let text = write::json(&object, 0);
    let mark = "kube-api-access-";
    let mut parts = text.split(mark);
    let mut out = parts.next().unwrap_or("").to_string();
    for part in parts {
        out.push_str(mark);
        out.push_str("xxxxx");
        out.push_str(part.get(5..).unwrap_or(""));
    }
    json::parse(&out).unwrap_or(object)
}

/// What could not be read of a file is told behind what the server refused, and as one if there is both.
fn files_last(texts: Vec<String>) -> Vec<String> {
    let (mut refused, unread): (Vec<_>, Vec<_>) = texts.into_iter().partition(|t| t.starts_with("Error from server"));
    if refused.is_empty() || unread.len() < 2 {
        refused.extend(unread);
    } else {
        refused.push(format!("[{}]", unread.join(", ")));
    }
    refused
}

enum Error {
    Client(Refusal),
    Server(Status, Kind),
}

impl Error {
    fn text(&self, source: &str, alone: bool) -> String {
        match self {
            Error::Client(refusal) if alone && !refusal.bare => format!("error: {}", refusal.text),
            Error::Client(refusal) => refusal.text.clone(),
            Error::Server(status, kind) if alone && status.reason == "Invalid" => invalid(status, *kind),
            Error::Server(status, _) => {
                format!("Error from server ({}): error when creating \"{source}\": {status}", status.reason)
            }
        }
    }
}

fn invalid(status: &Status, kind: Kind) -> String {
    let name = status.message.split('"').nth(1).unwrap_or("");
    let mut causes: Vec<String> = Vec::new();
    for cause in &status.causes {
        let text = format!("{}: {}", cause.field, cause.message);
        if !causes.contains(&text) {
            causes.push(text);
        }
    }
    let head = format!("The {} \"{name}\" is invalid: ", kind.name());
    match &causes[..] {
        [one] => format!("{head}{one}"),
        many => many.iter().fold(head, |text, cause| format!("{text}\n* {cause}")),
    }
}

fn missing_namespaces(stderr: &str) -> Vec<String> {
    let mut names = BTreeSet::new();
    for line in stderr.lines().filter(|l| l.starts_with("Error from server (NotFound)")) {
        if let Some(name) = line.split("namespaces \"").nth(1).and_then(|rest| rest.strip_suffix("\" not found")) {
            names.insert(name.to_string());
        }
    }
    names.into_iter().collect()
}

fn line(name: &str, namespaces: &[String], verdict: Verdict) -> Value {
    Value::map([
        ("file", Value::from(name)),
        ("namespaces", Value::list(namespaces.iter().map(|n| n.as_str().into()).collect())),
        ("exit", Value::Int(i64::from(verdict.failed))),
        ("stderr", verdict.stderr.into()),
        ("objects", Value::list(verdict.objects)),
    ])
}
