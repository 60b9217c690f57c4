//! The rules of the house, read off the sources as plain text: who may know whom, what `sim` may not name, how long a
//! file and a function may be, and what stands nowhere. ARCHITECTURE.md says why.

#[path = "tidy/source.rs"]
mod source;

use source::{Source, functions, words};
use std::path::Path;

const LONGEST_FILE: usize = 500;
const LONGEST_FUNCTION: usize = 70;

/// Files that may be longer, each with its reason.
const LONG_FILES: [(&str, &str); 0] = [];

/// The modules of `sim` in layers, lowest first. A file names its own module and those of lower layers, no others.
const LAYERS: &[&[&str]] = &[
    &["dice", "sorted", "table", "value"],
    &["clock"],
    &["manifest", "shell", "zone"],
    &["api"],
    &["schema", "affinity", "claims", "custom", "host_ports", "resources"],
    &["quota"],
    &["store", "trace", "machine", "terminal", "plane", "pool"],
    &["cluster"],
    &["metrics"],
    &["admission", "rbac"],
    &["apiserver"],
    &["outcome"],
    &["controllers", "scheduler", "kubelet", "storage", "network"],
    &["kustomize"],
    &["kubectl", "fingerprint", "hardware"],
    &["autoscaler", "exchange"],
    &["session"],
    &["wakes"],
    &["fault"],
    &["errand"],
    &["command", "run"],
    &["history", "setup"],
];

/// What a file may know against the order, each with its reason.
const ALSO: [(&str, &str, &str); 11] = [
    ("manifest", "api", "the objects of a file are of kinds"),
    ("manifest", "schema", "kubectl validates before it asks the server"),
    ("schema", "apiserver", "a refusal is the API server's Status"),
    ("custom", "apiserver", "a refusal is the API server's Status"),
    ("admission", "apiserver", "a refusal is the API server's Status"),
    ("quota", "admission", "a quota may count by QoS class, which admission tells"),
    ("cluster", "controllers", "what they keep in mind is a part of the value"),
    ("controllers", "setup", "the certificate that the cluster was made with"),
    ("cluster", "network", "the latest requests are a part of the value, for the picture"),
    ("cluster", "scheduler", "the scheduler's queue is a part of the value"),
    ("cluster", "outcome", "what an actor wants and has not got yet is a part of the value"),
];

/// What the head of a file with behaviour says about where its rules come from.
const ORIGINS: [&str; 4] = ["//! Kubernetes 1.36: ", "//! CoreDNS: ", "//! Gateway API: ", "//! Not of Kubernetes: "];

/// Where Kubernetes' behaviour is written: each file there names its ancestor.
const BEHAVIOUR: [&str; 6] = ["admission", "controllers", "scheduler", "kubelet", "storage", "network"];

#[test]
fn modules_of_the_simulation_know_only_lower_layers() {
    let layer = |module: &str| LAYERS.iter().position(|layer| layer.contains(&module));
    let mut wrong = Vec::new();
    let files = sources("sim/src");
    let modules: Vec<String> = files.iter().map(|source| source.module().to_string()).collect();
    for source in &files {
        let own = source.module();
        if own == "lib" {
            continue;
        }
        let Some(own_layer) = layer(own) else {
            wrong.push(format!("{}: module {own} has no place in LAYERS", source.path));
            continue;
        };
        for (line, known) in source.crate_modules() {
            if !modules.contains(&known) {
                continue; // a macro or another thing that lib.rs hands out
            }
            let also = ALSO.iter().any(|(from, to, _)| *from == own && *to == known);
            let allowed = known == own || also || layer(&known).is_some_and(|other| other < own_layer);
            if !allowed {
                wrong.push(format!("{}:{line}: {own} may not know {known}", source.path));
            }
        }
    }
    none(wrong);
}

#[test]
fn the_simulation_names_no_chance_clock_float_or_machine() {
    const NAMES: [&str; 7] = ["HashMap", "HashSet", "Instant", "SystemTime", "f32", "f64", "RandomState"];
    const PATHS: [&str; 7] = ["std::thread", "std::fs", "std::io", "std::env", "std::net", "std::process", "std::time"];
    let mut wrong = Vec::new();
    for source in sources("sim/src") {
        for (number, line) in source.code_lines() {
            let named = words(line).any(|word| NAMES.contains(&word)) || PATHS.iter().any(|path| line.contains(path));
            if named || has_float(line) {
                wrong.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    none(wrong);
}

/// A literal such as `1.5` (`1..5`, `x.0.1` and `1.max(2)` are none).
fn has_float(line: &str) -> bool {
    let bytes = line.as_bytes();
    let word = |at: usize| bytes.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    (1..bytes.len()).any(|dot| {
        let start = (0..dot).rev().take_while(|at| word(*at)).last().unwrap_or(dot);
        let number = bytes[start..dot].first().is_some_and(u8::is_ascii_digit);
        let part_of_a_field = start > 0 && bytes[start - 1] == b'.';
        bytes[dot] == b'.' && number && !part_of_a_field && bytes.get(dot + 1).is_some_and(u8::is_ascii_digit)
    })
}

/// The store is written through the API server alone; `setup` makes the objects that were there before anyone could ask.
#[test]
fn only_the_api_server_writes_the_store() {
    let mut wrong = Vec::new();
    for source in sources("sim/src") {
        let may = matches!(source.module(), "apiserver" | "store");
        for (number, line) in source.code_lines() {
            let store = line.contains("store.put(") || line.contains("store.take(") || line.contains("&mut Store");
            let commit = line.contains(".commit(") && source.module() != "setup";
            if !may && (store || commit) {
                wrong.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    none(wrong);
}

#[test]
fn the_picture_does_not_know_the_browser_nor_the_brush_kubernetes() {
    let mut wrong = Vec::new();
    for (folder, forbidden) in
        [("src/scene", &["web_sys", "js_sys", "wasm_bindgen", "gloo", "yew"][..]), ("src/paint", &["kubarium_sim"][..])]
    {
        for source in sources(folder) {
            for (number, line) in source.code_lines() {
                if let Some(word) = words(line).find(|word| forbidden.contains(word)) {
                    wrong.push(format!("{}:{number}: may not know {word}", source.path));
                }
            }
        }
    }
    none(wrong);
}

#[test]
fn behaviour_files_name_their_ancestor() {
    let mut wrong = Vec::new();
    for folder in BEHAVIOUR {
        for source in sources(&format!("sim/src/{folder}")) {
            let head: Vec<&str> = source.text.lines().take_while(|line| line.starts_with("//!")).collect();
            if !head.iter().any(|line| ORIGINS.iter().any(|origin| line.starts_with(origin))) {
                wrong.push(format!("{}: its head has no line `//! Kubernetes 1.36: ...`", source.path));
            }
        }
    }
    none(wrong);
}

#[test]
fn files_and_functions_are_short() {
    let mut wrong = Vec::new();
    for source in sources(".") {
        let lines = source.text.lines().count();
        let excused = LONG_FILES.iter().any(|(path, _)| *path == source.path);
        if lines > LONGEST_FILE && !excused {
            wrong.push(format!("{}: {lines} lines", source.path));
        }
        if !source.path.ends_with(".rs") {
            continue;
        }
        for function in functions(&source) {
            if function.lines > LONGEST_FUNCTION {
                let name = &function.name;
                wrong.push(format!("{}:{}: fn {name} has {} lines", source.path, function.at, function.lines));
            }
        }
    }
    none(wrong);
}

#[test]
fn no_code_makes_html_or_leaves_work_undone() {
    nowhere(
        |source| !source.path.ends_with(".md") && !source.path.ends_with(".toml"),
        &[
            (["inner", "HTML"], "text from users never becomes HTML"),
            (["outer", "HTML"], "text from users never becomes HTML"),
            (["from_html_", "unchecked"], "text from users never becomes HTML"),
            (["TO", "DO"], "do it, or file it"),
            (["FIX", "ME"], "do it, or file it"),
            (["todo", "!("], "do it, or refuse it by name"),
            (["unimplemented", "!("], "do it, or refuse it by name"),
            (["#[ign", "ore"], "a test that does not run is no test"),
        ],
    );
}

#[test]
fn no_file_names_a_registry_or_somebodys_machine() {
    nowhere(
        |_| true,
        &[
            (["npmjs", ".org"], "no host of a registry"),
            (["crates", ".io"], "no host of a registry"),
            (["pypi", ".org"], "no host of a registry"),
            (["/work/", "tmp"], "no path of somebody's machine"),
            (["/work/", "main"], "no path of somebody's machine"),
            (["/work/", "shared"], "no path of somebody's machine"),
        ],
    );
}

/// The texts are given in pieces, so that this file does not hold them either.
#[track_caller]
fn nowhere(within: impl Fn(&Source) -> bool, forbidden: &[([&str; 2], &str)]) {
    let mut wrong = Vec::new();
    for source in sources(".").into_iter().filter(within) {
        for (number, line) in source.text.lines().enumerate() {
            for (pieces, why) in forbidden {
                let text = pieces.concat();
                if line.contains(&text) {
                    wrong.push(format!("{}:{}: {text}: {why}", source.path, number + 1));
                }
            }
        }
    }
    none(wrong);
}

/// Without files that only hold tests of the simulation's own: those may know what they test with.
fn sources(below: &str) -> Vec<Source> {
    let mut sources = source::below(Path::new(env!("CARGO_MANIFEST_DIR")), below);
    sources.retain(|source| !source.path.starts_with("sim/src/") || !source.path.contains("tests"));
    sources
}

#[track_caller]
fn none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{} places to mend:\n{}\n", wrong.len(), wrong.join("\n"));
}
