//! A field that is said to be simulated is named by somebody who acts: by itself, or as the field of our own struct that is read from it.

use kubarium_sim::api::Kind;
use kubarium_sim::schema::{Type, ledger};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Who does not act: the nouns, what reads and checks and completes what is written, and the client.
const PASSIVE: [&str; 7] =
    ["api/", "schema/", "manifest/", "kubectl/", "kustomize/", "admission/validate/", "admission/defaults/"];
/// Fields that one of these acts upon all the same.
const ALSO: [(&str, &str); 6] = [
    ("immutable", "admission/validate: an update is refused for it"),
    ("manualSelector", "admission/defaults: it keeps the server from making a Job's selector"),
    ("stringData", "admission/defaults: it becomes data"),
    ("scope", "api: it says whether a custom kind has namespaces"),
    ("jsonPath", "kubectl: it is a column"),
    ("uniqueItems", "admission/validate: a schema may not have it"),
];

/// The sources of the simulation by their paths, without comments.
fn sources(folder: &Path, prefix: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            sources(&entry.path(), &format!("{prefix}{name}/"), found);
        } else if name.ends_with(".rs") && !name.contains("tests") {
            let text = fs::read_to_string(entry.path()).expect("a text");
            let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            found.insert(format!("{prefix}{name}"), code.join("\n"));
        }
    }
}

/// Whether a text quotes a name, alone or at an end of a path.
fn quotes(code: &str, name: &str) -> bool {
    [format!("\"{name}\""), format!("\"{name}."), format!(".{name}\"")].iter().any(|quoted| code.contains(quoted))
}

/// `name: Type = "jsonName";` of our own structs: the names in Rust of each name in JSON.
fn own_fields(all: &BTreeMap<String, String>) -> BTreeMap<&str, Vec<&str>> {
    let mut own: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in all.iter().filter(|(path, _)| path.starts_with("api/")).flat_map(|(_, code)| code.lines()) {
        if let Some((left, right)) = line.split_once(" = \"")
            && let (Some((name, _)), Some((json, _))) = (left.trim().split_once(':'), right.split_once('"'))
        {
            own.entry(json).or_default().push(name);
        }
    }
    own
}

#[test]
fn what_is_simulated_is_named_by_those_who_act() {
    let mut all = BTreeMap::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut all);
    let acts = |path: &str| !PASSIVE.iter().any(|folder| path.starts_with(folder));
    let code: String = all.iter().filter(|(path, _)| acts(path)).map(|(_, code)| code.as_str()).collect();
    let own = own_fields(&all);
    let words: BTreeSet<&str> = code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    let mut wrong = vec![];
    let (mut told, mut next): (Vec<Type>, Vec<Type>) =
        (vec![], Kind::ALL.iter().copied().filter_map(Type::of_kind).collect());
    while let Some(of) = next.pop() {
        if told.contains(&of) || !of.is_simulated() {
            continue;
        }
        told.push(of);
        for field in of.fields().filter(|field| of.simulates(field.name)) {
            let typed = own.get(field.name).is_some_and(|names| names.iter().any(|name| words.contains(name)));
            let also = ALSO.iter().any(|(name, _)| *name == field.name);
            if !typed && !also && !quotes(&code, field.name) && !is_frame(field.name) {
                wrong.push(format!("{} {}", of.go_name(), field.name));
            }
            next.extend(field.element());
        }
    }
    assert!(told.len() > 200, "{} types", told.len());
    assert!(wrong.is_empty(), "said to be simulated, and nobody reads them:\n{}", wrong.join("\n"));
}

/// What every object has, and what its parts are.
fn is_frame(name: &str) -> bool {
    ["apiVersion", "kind", "metadata", "spec", "status"].contains(&name)
}

#[test]
fn a_simulated_field_has_a_simulated_type() {
    for kind in Kind::ALL.iter().copied().filter(|kind| ledger::is_simulated(*kind)) {
        let mut next: Vec<Type> = Type::of_kind(kind).into_iter().collect();
        let mut told = vec![];
        while let Some(of) = next.pop() {
            if told.contains(&of) {
                continue;
            }
            told.push(of);
            for field in of.fields().filter(|field| of.simulates(field.name)) {
                if let Some(element) = field.element() {
                    assert!(element.is_simulated(), "{}.{} is simulated, its type is not", of.go_name(), field.name);
                    next.push(element);
                }
            }
        }
    }
}
