//! What is wrong with a text, and where: what the reader of manifests finds while one types, and the API server's own
//! refusals brought back to the line they are about.

use kubarium_sim::manifest::{self, Document, Severity, Span};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    Error,
    Warning,
    /// Nothing is wrong, but nothing comes of it: marked at its place only.
    Note,
}

/// Lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub line: u32,
    pub column: u32,
    pub end: Option<(u32, u32)>,
    /// The real text where the real thing has one.
    pub message: String,
    pub weight: Weight,
}

/// The most problems that are shown of one file.
const MOST: usize = 50;

/// What can be said of a text without a cluster.
pub fn problems(text: &str) -> Vec<Problem> {
    let reading = manifest::read(text);
    let mut found: Vec<Problem> = reading
        .problems
        .iter()
        .map(|p| {
            let weight = if p.severity == Severity::Error { Weight::Error } else { Weight::Warning };
            at(p.span, p.text.clone(), weight)
        })
        .collect();
    found.truncate(MOST);
    found
}

fn at(span: Span, message: String, weight: Weight) -> Problem {
    let end = (span.end.offset > span.start.offset).then_some((span.end.line + 1, span.end.column + 1));
    Problem { line: span.start.line + 1, column: span.start.column + 1, end, message, weight }
}

/// Brings what `kubectl apply` complained of back to the files it was about: the index of the file, and the problem.
/// A complaint that names no place is put at the start of the document it is about.
pub fn place(files: &[(&str, &str)], complaint: &str) -> Option<(usize, Problem)> {
    let weight = if complaint.starts_with("Warning") { Weight::Warning } else { Weight::Error };
    let about = About::read(complaint);
    let mut loose = None;
    for (index, (name, text)) in files.iter().enumerate() {
        if about.file.is_some_and(|f| f != *name) {
            continue;
        }
        for document in &manifest::read(text).documents {
            for item in items(document) {
                if !about.fits(document, &item) {
                    continue;
                }
                let (path, exact) = about.path_in(&item);
                let problem = at(document.find(&path), complaint.to_string(), weight);
                if exact {
                    return Some((index, problem));
                }
                loose = loose.or(Some((index, problem)));
            }
        }
    }
    loose
}

/// The objects of a document, as paths into it: itself, or what a List holds.
fn items(document: &Document) -> Vec<String> {
    let listed = document.value.get("items").items().len();
    if listed == 0 { vec![String::new()] } else { (0..listed).map(|i| format!("items[{i}]")).collect() }
}

/// What a complaint says of where it belongs.
#[derive(Debug, Default)]
struct About<'a> {
    file: Option<&'a str>,
    kind: Option<&'a str>,
    name: Option<&'a str>,
    path: Option<&'a str>,
}

impl<'a> About<'a> {
    fn read(text: &'a str) -> About<'a> {
        let mut about = About::default();
        let quoted_after = |word: &str| {
            let rest = &text[text.find(word)? + word.len()..];
            rest.strip_prefix('"')?.split_once('"').map(|(inside, _)| inside)
        };
        about.file = [
            "error when creating ",
            "error when applying patch:\n",
            "error when retrieving current configuration of:\n",
            " from ",
            "unable to decode ",
        ]
        .iter()
        .find_map(|w| quoted_after(w))
        .filter(|f| f.contains('.'));
        about.kind = text
            .split_once(" in version \"")
            .and_then(|(before, _)| before.rsplit(' ').next())
            .map(|k| k.trim_matches('"'));
        about.path = quoted_after("unknown field ").or_else(|| quoted_after("duplicate field "));
        // `The Deployment "web" is invalid: spec.x: Required value`, or `* spec.x: ...` in a list of them.
        let invalid = text.strip_prefix("The ").and_then(|t| t.split_once(" \"")).and_then(|(kind, rest)| {
            let (name, rest) = rest.split_once("\" is invalid: ")?;
            Some((kind, name, rest))
        });
        if let Some((kind, name, rest)) = invalid {
            (about.kind, about.name) = (Some(kind), Some(name));
            about.path = first_path(rest);
        } else if let Some(name) = quoted_after("for name: ") {
            about.name = Some(name);
            about.path = Some("apiVersion");
        } else if about.path.is_none() {
            about.path =
                text.rsplit(": ").map(|_| text).find_map(|t| t.split(" is invalid: ").nth(1).and_then(first_path));
            if let Some(rest) = text.split_once("Go struct field ").map(|(_, r)| r) {
                // `PodSpec.spec.containers of type []v1.Container`: the type's name goes first.
                about.path = rest.split(" of type").next().and_then(|p| p.split_once('.')).map(|(_, p)| p);
            }
        }
        about
    }

    fn fits(&self, document: &Document, item: &str) -> bool {
        let value = match item {
            "" => &document.value,
            _ => {
                let index = item.trim_start_matches("items[").trim_end_matches(']').parse().unwrap_or(0);
                document.value.get("items").items().get(index).unwrap_or(&document.value)
            }
        };
        let is = |said: Option<&str>, found: Option<&str>| said.is_none_or(|s| found.is_none_or(|f| s == f));
        is(self.kind, value.get("kind").as_str()) && is(self.name, value.at(&["metadata", "name"]).as_str())
    }

    /// The path to look up, and whether the complaint named one.
    fn path_in(&self, item: &str) -> (String, bool) {
        match self.path {
            Some(p) if item.is_empty() => (p.to_string(), true),
            Some(p) => (format!("{item}.{p}"), true),
            None => (item.to_string(), false),
        }
    }
}

/// `spec.containers[0].image` of `* spec.containers[0].image: Required value, ...`.
fn first_path(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(['[', '*', ' ', '\n']);
    let end = text.find(": ")?;
    let path = &text[..end];
    (!path.contains(' ') && !path.is_empty()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n      - name: redis\n        readinesProbe: {}\n";

    fn check(complaint: &str, expect: (u32, u32)) {
        let (file, problem) = place(&[("other.yaml", ""), ("web.yaml", FILE)], complaint).expect("it has a place");
        assert_eq!((file, problem.line, problem.column), (1, expect.0, expect.1), "{complaint}");
    }

    #[test]
    fn refusals_find_their_line() {
        let strict = "Error from server (BadRequest): error when creating \"web.yaml\": Deployment in version \"v1\" cannot be handled as a Deployment: strict decoding error: unknown field \"spec.template.spec.containers[0].readinesProbe\"";
        check(strict, (15, 9));
        check("The Deployment \"web\" is invalid: spec.template.spec.containers[0].image: Required value", (14, 9));
        check("The Deployment \"web\" is invalid: \n* spec.selector: Required value\n* spec.template: x", (10, 1));
        check(
            "error: resource mapping not found for name: \"web\" namespace: \"\" from \"web.yaml\": no matches for kind \"Deployment\" in version \"v1\"",
            (6, 1),
        );
    }

    #[test]
    fn a_refusal_of_another_file_is_not_placed() {
        assert_eq!(
            place(&[("web.yaml", FILE)], "The Deployment \"api\" is invalid: spec.selector: Required value"),
            None
        );
    }

    #[test]
    fn what_the_reader_finds_has_its_place() {
        let found = problems("a: 1\nb:\n\t- x\n");
        assert_eq!((found.len(), found[0].weight), (1, Weight::Error));
        assert_eq!(found[0].line, 3);
        assert!(problems(FILE).is_empty());
    }
}
