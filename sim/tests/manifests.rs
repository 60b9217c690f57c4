//! Reading and writing of manifests: round trips of random values, and every file of a corpus.

use kubarium_sim::manifest::{self, write};
use kubarium_sim::value::Value;
use proptest::prelude::*;
use std::path::{Path, PathBuf};

/// Texts that mean something else when they are not quoted, and texts that break lines.
fn text() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        "",
        "yes",
        "n",
        "~",
        "null",
        "0644",
        "0x1F",
        "1_000",
        "1e3",
        ".5",
        "-",
        "- x",
        "? y",
        ": z",
        "a: b",
        "a #b",
        "#c",
        "'q'",
        "\"d\"",
        "{e",
        "[f",
        "*g",
        "&h",
        "!i",
        "|",
        ">",
        "%j",
        "@k",
        "`l",
        "---",
        "...",
        "<<",
        "2026-11-23",
        "1:30",
        " lead",
        "trail ",
        "one\ntwo",
        "one\n",
        "\n",
        "one\n\n",
        " one\ntwo\n",
        "tab\there",
        "x \ny",
        "\u{1F600}",
        "\u{85}",
        "\u{FEFF}",
        "=",
        "12:30:45",
        "+.inf",
    ]);
    prop_oneof![
        odd.prop_map(String::from),
        "[ -~]{0,100}",
        "[a-z \n:#-]{0,30}",
        any::<String>().prop_map(without_controls)
    ]
}

/// What no YAML may hold as it is.
fn without_controls(text: String) -> String {
    text.chars().filter(|c| !c.is_control() && !('\u{FFFE}'..='\u{FFFF}').contains(c)).collect()
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::list),
            prop::collection::vec((text(), inner), 0..6).prop_map(Value::map),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_as_yaml_is_read_back(value in value()) {
        // What is printed is always an object, never a bare text.
        let value = Value::map([("object", value)]);
        let text = write::yaml(&value);
        let reading = manifest::read(&text);
        prop_assert!(reading.error().is_none(), "{:?}\n{}", reading.problems, text);
        let read = reading.documents.first().map(|d| d.value.clone()).unwrap_or_default();
        prop_assert_eq!(read, value, "{}", text);
    }

    #[test]
    fn what_is_written_as_json_is_read_back(value in value(), indent in prop::sample::select(vec![0usize, 4])) {
        let text = write::json(&value, indent);
        prop_assert_eq!(manifest::json::parse(&text).ok(), Some(value), "{}", text);
    }

    #[test]
    fn nothing_that_is_typed_breaks_the_reader(text in "[ -~\n\t]{0,200}") {
        let reading = manifest::read(&text);
        for document in &reading.documents {
            document.find("spec.containers[0].image");
        }
    }
}

/// A folder of real manifests, if there is one: `KUBARIUM_CORPUS`, or `tests/corpus`.
fn corpus() -> Option<PathBuf> {
    let named = std::env::var_os("KUBARIUM_CORPUS").map(PathBuf::from);
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus");
    named.or(Some(own)).filter(|folder| folder.is_dir())
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the corpus can be read") {
        let path = entry.expect("the corpus can be read").path();
        if path.is_dir() {
            files(&path, out);
        } else if matches!(path.extension().and_then(|e| e.to_str()), Some("yaml" | "yml" | "json")) {
            out.push(path);
        }
    }
}

#[test]
fn every_file_of_the_corpus_is_read() {
    let Some(folder) = corpus() else {
        return eprintln!("no corpus (KUBARIUM_CORPUS): nothing was read");
    };
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    assert!(!paths.is_empty());
    for path in paths {
        let text = String::from_utf8_lossy(&std::fs::read(&path).expect("the corpus can be read")).into_owned();
        let reading = manifest::read(&text);
        let broken = path.components().any(|c| c.as_os_str() == "broken-snippets");
        assert!(broken || reading.error().is_none(), "{}: {:?}", path.display(), reading.problems);
        for document in &reading.documents {
            let again = manifest::read(&write::yaml(&document.value));
            assert_eq!(again.documents[0].value, document.value, "{}", path.display());
        }
    }
}
