//! Inert fields, tried: each is put into an object of a living cluster, alone, and nothing else may become of the cluster.

use kubarium_sim::api::Kind;
use kubarium_sim::clock::{Span, Time};
use kubarium_sim::cluster::Cluster;
use kubarium_sim::command::Command;
use kubarium_sim::history::History;
use kubarium_sim::manifest::{self, write};
use kubarium_sim::schema::{Field, Shape, Type, shape};
use kubarium_sim::setup::Setup;
use kubarium_sim::value::Value;

const MANIFEST: &str = include_str!("manifest.yaml");
/// How long each cluster lives.
const LIFE: Span = Span::secs(40);
/// A template with another field is another template, with other Pods: its types are tried in the Pod.
const UNTRIED: [&str; 1] = ["template"];

/// Of these fields a value stands in another's place, so each is tried in an item of its own.
const ONE_OF: &str = "v1.Volume";
/// What the server takes where it takes few things.
const TAKEN: [(&str, &str); 6] = [
    ("appArmorProfile", "{type: Unconfined}"),
    ("loadBalancerSourceRanges", "[10.0.0.0/8]"),
    ("managedBy", "acme.io/foo"),
    ("os", "{name: linux}"),
    ("subPath", "x"),
    ("trafficDistribution", "PreferClose"),
];

/// Objects that the server takes are lived with; a line of what it says otherwise.
fn live(objects: &[Value]) -> Result<Cluster, String> {
    let mut history = History::new(Setup::default().cluster());
    let texts: Vec<String> = objects.iter().map(|object| write::json(object, 0)).collect();
    history.command(Command::Write { name: "all.yaml".into(), text: texts.join("\n---\n").into() });
    history.command(Command::Run { line: "kubectl create -f all.yaml".into() });
    history.seek(Time(0) + LIFE);
    history.command(Command::Run { line: "kubectl logs web; kubectl exec web -- env".into() });
    history.seek(history.now() + Span::secs(5));
    let cluster = history.cluster();
    let made = cluster.sessions.values().next().expect("it ran").text();
    match made.lines().find(|line| line.contains("rror") || line.contains("is invalid")) {
        Some(line) => Err(line.to_string()),
        None => Ok(cluster.clone()),
    }
}

/// What became of a cluster: all objects but the one that was changed, of which only the status counts, and what was printed.
fn course(cluster: &Cluster, but: &Value) -> Vec<String> {
    let mut lines: Vec<String> = cluster.sessions.values().skip(1).map(|session| session.text()).collect();
    for kind in Kind::ALL {
        for object in cluster.store.list(*kind) {
            let mut whole = object.write();
            let is = but.get("kind").as_str() == Some(kind.name())
                && but.at(&["metadata", "name"]).as_str() == Some(&*object.meta.name);
            if is {
                whole =
                    Value::map([("status", object.status()), ("labels", whole.at(&["metadata", "labels"]).clone())]);
            } else {
                whole.at_mut(&["metadata"]).remove("resourceVersion");
            }
            lines.push(format!("{}/{} {}", kind.name(), object.meta.name, write::json(&whole, 0)));
        }
    }
    lines
}

/// Something that may stand in a field.
fn something(field: Field) -> Value {
    if let Some((_, text)) = TAKEN.iter().find(|(name, _)| *name == field.name) {
        return manifest::read(text).documents[0].value.clone();
    }
    match field.allowed().find(|value| !value.is_empty()) {
        Some(value) if matches!(field.shape(), Shape::Text) => value.into(),
        _ => of_shape(field.shape(), field.name, 0),
    }
}

fn of_shape(of: Shape, name: &str, depth: usize) -> Value {
    match of {
        Shape::Text => if name.to_lowercase().ends_with("path") { "/x" } else { "x" }.into(),
        Shape::Bool => true.into(),
        Shape::Int32 | Shape::Int64 | Shape::IntOrText | Shape::Float => Value::Int(1),
        Shape::Bytes => "eA==".into(),
        Shape::Quantity => "1".into(),
        Shape::Time | Shape::MicroTime => "2026-01-01T00:00:00Z".into(),
        Shape::Any => Value::empty_map(),
        Shape::List(rest) => Value::list(vec![of_shape(shape(rest), name, depth)]),
        Shape::Map(rest) => Value::map([("x", of_shape(shape(rest), name, depth))]),
        Shape::Struct(of) => {
            let needed = of.fields().filter(|field| field.required());
            let any = of.fields().take(usize::from(depth < 3 && of.fields().all(|field| !field.required())));
            Value::map(needed.chain(any).map(|field| (field.name, of_shape(field.shape(), field.name, depth + 1))))
        }
    }
}

/// Every way to give an object one more field that is simulated or not, at the places that it has.
fn trials(object: &Value, of: Type, simulated: bool, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, Value)>) {
    for field in of.fields().filter(|field| !["status", "metadata"].contains(&field.name)) {
        let present = object.get(field.name);
        if present.is_null() && of.simulates(field.name) == simulated && of.go_name() != ONE_OF {
            found.push((path.iter().cloned().chain([field.name.into()]).collect(), something(field)));
        }
        let Some(element) = field.element().filter(|_| !UNTRIED.contains(&field.name)) else { continue };
        path.push(field.name.into());
        match present {
            Value::Map(_) if matches!(field.shape(), Shape::Struct(_)) => {
                trials(present, element, simulated, path, found)
            }
            Value::List(items) if element.go_name() == ONE_OF => {
                for other in element.fields().filter(|other| element.simulates(other.name) == simulated && !simulated) {
                    let more = Value::map([("name", "more".into()), (other.name, something(other))]);
                    found.push((path.iter().cloned().chain([items.len().to_string()]).collect(), more));
                }
            }
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push(index.to_string());
                    trials(item, element, simulated, path, found);
                    path.pop();
                }
            }
            _ => {}
        }
        path.pop();
    }
}

fn set(object: &mut Value, path: &[String], value: Value) {
    match path {
        [] => *object = value,
        [first, rest @ ..] => match first.parse::<usize>() {
            Ok(index) => {
                let items = object.list_mut();
                if index == items.len() {
                    items.push(Value::Null);
                }
                set(&mut items[index], rest, value);
            }
            Err(_) => set(object.map_mut().entry(first), rest, value),
        },
    }
}

/// What came of a trial.
enum Came {
    Refused(String),
    Nothing,
    /// The first thing that is not as it was without.
    Something(String),
}

struct Tried {
    name: String,
    came: Came,
}

/// Tries one field after the other in each object whose kind is wanted.
fn all_tried(simulated: bool, wanted: impl Fn(&str) -> bool) -> Vec<Tried> {
    let objects: Vec<Value> =
        manifest::read(MANIFEST).documents.iter().map(|document| document.value.clone()).collect();
    let plain = live(&objects).expect("the manifest is good");
    let mut tried = vec![];
    for (at, object) in objects.iter().enumerate() {
        let text = |key: &str| object.get(key).as_str().unwrap_or("");
        let of = Type::of(text("apiVersion"), text("kind")).expect("a kind");
        let mut found = vec![];
        trials(object, of, simulated, &mut vec![], &mut found);
        let before = course(&plain, object);
        for (path, value) in found.into_iter().filter(|_| wanted(text("kind"))) {
            let name = format!("{} {}: {}", text("kind"), path.join("."), write::json(&value, 0).replace('\n', " "));
            let mut all = objects.clone();
            set(&mut all[at], &path, value);
            let came = match live(&all) {
                Err(why) => Came::Refused(why),
                Ok(cluster) => {
                    let after = course(&cluster, object);
                    let changed = before.iter().zip(&after).find(|(a, b)| a != b);
                    match changed {
                        Some((a, b)) => Came::Something(format!("without: {a}\n  with:    {b}")),
                        None if before.len() != after.len() => Came::Something("more or less objects".into()),
                        None => Came::Nothing,
                    }
                }
            };
            tried.push(Tried { name, came });
        }
    }
    tried
}

#[test]
fn nothing_comes_of_inert_fields() {
    let tried = all_tried(false, |_| true);
    let mut wrong = vec![];
    for trial in &tried {
        match &trial.came {
            Came::Refused(why) => println!("refused  {}: {why}", trial.name),
            Came::Nothing => println!("nothing  {}", trial.name),
            Came::Something(what) => wrong.push(format!("{}\n  {what}", trial.name)),
        }
    }
    assert!(wrong.is_empty(), "something came of what is said to be inert:\n{}", wrong.join("\n"));
    let taken = tried.iter().filter(|trial| matches!(trial.came, Came::Nothing)).count();
    assert!(taken * 2 >= tried.len(), "only {taken} of {} fields were taken", tried.len());
}

/// The same eyes see what simulated fields do, so they are not blind.
#[test]
fn something_comes_of_simulated_fields() {
    let tried = all_tried(true, |kind| kind == "Service" || kind == "StatefulSet" || kind == "PersistentVolumeClaim");
    let seen = tried.iter().filter(|trial| matches!(trial.came, Came::Something(_))).count();
    for trial in tried.iter().filter(|trial| matches!(trial.came, Came::Nothing)) {
        println!("not seen  {}", trial.name);
    }
    assert!(seen >= 6, "only {seen} of {} were seen to do something", tried.len());
}
