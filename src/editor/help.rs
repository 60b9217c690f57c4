//! What the API's schema has to say of a manifest while it is written: how a word may go on, what a field is, what is inert.

use super::check::{Problem, Weight};
use super::place::{self, Place};
use kubarium_sim::api::Kind;
use kubarium_sim::manifest::{self, Document, Inside, Span, Spans};
use kubarium_sim::schema::{Field, Shape, Type, descriptions, ledger};

/// Longer texts are written by machines.
const LONGEST: usize = 1 << 20;
/// The fields that every object has, for one whose kind is not known yet.
const COMMON: [&str; 4] = ["apiVersion", "kind", "metadata", "spec"];

/// A way in which a word may go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    pub label: String,
    /// Behind the label: its type.
    pub detail: String,
    /// What is written in its place.
    pub text: String,
    /// What is described by [`about`].
    pub field: Option<(Type, &'static str)>,
    pub required: bool,
    pub inert: bool,
}

/// The field under the mouse or the caret. The span is in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub from: usize,
    pub to: usize,
    pub name: String,
    pub detail: String,
    pub of: Type,
    pub required: bool,
    pub inert: bool,
}

/// A field by one word, and back.
pub fn name_of(of: Type, field: &str) -> String {
    format!("{}#{field}", of.full_name())
}

/// What the API says of a field that [`name_of`] has named; none if the descriptions could not be had.
pub fn about(name: &str) -> Option<String> {
    let (of, field) = name.split_once('#')?;
    descriptions::are_here().then(|| descriptions::of_field(Type::named(of).unwrap_or(Type::of_any()), field))
}

/// How the word at an offset may go on, and where it begins.
pub fn ways(text: &str, offset: usize) -> Option<(usize, Vec<Way>)> {
    let place = place::at(text, offset).filter(|_| text.len() <= LONGEST)?;
    let ways = match &place.value_of {
        Some(key) => values(&place, key),
        None => keys(&place),
    };
    (!ways.is_empty()).then_some((place.from, ways))
}

/// The type whose fields a place holds.
fn holder(place: &Place) -> Option<Type> {
    let root = match Type::of(&place.api_version, &place.kind) {
        Some(of) => of,
        None => Kind::ALL.iter().find(|kind| kind.name() == place.kind).copied().and_then(Type::of_kind)?,
    };
    place.path.iter().try_fold(root, |of, key| of.field(key)?.element())
}

fn keys(place: &Place) -> Vec<Way> {
    let is_new = |name: &str| !place.siblings.iter().any(|sibling| sibling == name);
    let Some(of) = holder(place) else {
        let common = COMMON.iter().filter(|name| place.path.is_empty() && is_new(name));
        return common
            .map(|name| Way { text: begun(place, name, *name == "metadata" || *name == "spec", false), ..plain(name) })
            .collect();
    };
    let mut ways: Vec<Way> =
        of.fields().filter(|field| is_new(field.name)).map(|field| way(place, of, field)).collect();
    ways.sort_by(|a, b| (!a.required, a.inert, &a.label).cmp(&(!b.required, b.inert, &b.label)));
    ways
}

fn way(place: &Place, of: Type, field: Field) -> Way {
    let nested = matches!(field.shape(), Shape::Struct(_) | Shape::Map(_) | Shape::List(_));
    Way {
        label: field.name.into(),
        detail: field.type_name(),
        text: begun(place, field.name, nested, matches!(field.shape(), Shape::List(_))),
        field: Some((of, field.name)),
        required: field.required() || (place.path.is_empty() && ["apiVersion", "kind"].contains(&field.name)),
        inert: !of.simulates(field.name),
    }
}

fn plain(word: &str) -> Way {
    Way { label: word.into(), detail: String::new(), text: word.into(), field: None, required: false, inert: false }
}

/// A key as it is written, ready for its value.
fn begun(place: &Place, name: &str, nested: bool, list: bool) -> String {
    match place.column {
        Some(column) if nested => format!("{name}:\n{}{}", " ".repeat(column + 2), if list { "- " } else { "" }),
        _ => format!("{name}: "),
    }
}

fn values(place: &Place, key: &str) -> Vec<Way> {
    if place.path.is_empty() && key == "kind" {
        let fits = |kind: &&Kind| place.api_version.is_empty() || kind.api_version() == place.api_version;
        return Kind::ALL.iter().filter(fits).map(|kind| kind_way(*kind)).collect();
    }
    if place.path.is_empty() && key == "apiVersion" {
        let fits = |kind: &&Kind| place.kind.is_empty() || kind.name() == place.kind;
        let mut versions: Vec<String> = Kind::ALL.iter().filter(fits).map(|kind| kind.api_version()).collect();
        versions.sort();
        versions.dedup();
        return versions.iter().map(|version| plain(version)).collect();
    }
    let Some(field) = holder(place).and_then(|of| of.field(key)) else { return vec![] };
    match field.shape() {
        Shape::Bool => ["true", "false"].map(plain).into(),
        _ => field.allowed().filter(|value| !value.is_empty()).map(plain).collect(),
    }
}

fn kind_way(kind: Kind) -> Way {
    Way { detail: kind.api_version(), inert: !ledger::is_simulated(kind), ..plain(kind.name()) }
}

/// The field whose key is at an offset.
pub fn field_at(text: &str, offset: usize) -> Option<Found> {
    let mut found = None;
    each_field(text, &mut |of, field, span, _| {
        if (span.start.offset as usize) <= offset && offset <= span.end.offset as usize {
            let (from, to) = (span.start.offset as usize, span.end.offset as usize);
            let (name, detail) = (field.name.to_string(), field.type_name());
            let inert = !of.simulates(field.name);
            found = Some(Found { from, to, name, detail, of, required: field.required(), inert });
        }
        true
    });
    found
}

/// Where something is written of which nothing comes: inert fields, each where it begins, and kinds of which nothing is simulated.
/// `kind` and `field` say so of a name.
pub fn inert(text: &str, kind: &dyn Fn(&str) -> String, field: &dyn Fn(&str) -> String) -> Vec<Problem> {
    let mut notes = vec![];
    let note = |span: Span, message: String| Problem {
        line: span.start.line + 1,
        column: span.start.column + 1,
        end: Some((span.end.line + 1, span.end.column + 1)),
        message,
        weight: Weight::Note,
    };
    each_field(text, &mut |of, at, span, root| {
        if root && !of.is_simulated() {
            if at.name == "kind" {
                notes.push(note(span, kind(of.name())));
            }
            return false;
        }
        let acts = of.simulates(at.name);
        if !acts {
            notes.push(note(span, field(at.name)));
        }
        acts
    });
    notes
}

/// Who is told of a field: its type, itself, where its key stands, whether it is one of the object's own; answers whether to go on into it.
type Visit<'a> = dyn FnMut(Type, Field, Span, bool) -> bool + 'a;

fn each_field(text: &str, visit: &mut Visit) {
    if text.len() > LONGEST {
        return;
    }
    for document in &manifest::read(text).documents {
        let of = |name: &str| document.value.get(name).as_str().unwrap_or("");
        if let Some(root) = Type::of(of("apiVersion"), of("kind")) {
            walk(document, &document.spans, root, true, visit);
        }
    }
}

fn walk(document: &Document, spans: &Spans, of: Type, root: bool, visit: &mut Visit) {
    match &spans.inside {
        Inside::List(items) => items.iter().for_each(|item| walk(document, item, of, root, visit)),
        Inside::Map(entries) => {
            for (key, span, inside) in entries {
                let Some(field) = of.field(key) else { continue };
                let goes_on = visit(of, field, document.placed(*span), root);
                let Some(element) = field.element().filter(|_| goes_on) else { continue };
                match (field.shape(), &inside.inside) {
                    // The keys of a map are the user's own.
                    (Shape::Map(_), Inside::Map(entries)) => {
                        entries.iter().for_each(|(_, _, inside)| walk(document, inside, element, false, visit));
                    }
                    _ => walk(document, inside, element, false, visit),
                }
            }
        }
        Inside::Nothing => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  hostUsers: false\n  containers:\n  - name: web\n    volumeDevices: []\n    resources: {claims: [{name: a}]}\n";

    fn labels(text: &str) -> Vec<String> {
        let offset = text.find('|').expect("a caret");
        let (_, ways) = ways(&text.replacen('|', "", 1), offset).unwrap_or_default();
        ways.into_iter().map(|way| way.label).collect()
    }

    #[test]
    fn words_go_on_as_the_kind_allows() {
        assert_eq!(labels("|"), ["apiVersion", "kind", "metadata", "spec"]);
        assert_eq!(labels("kind: Deployment\nspec:\n  strategy:\n    type: |"), ["Recreate", "RollingUpdate"]);
        assert_eq!(labels("apiVersion: batch/v1\nkind: |"), ["CronJob", "Job"]);
        assert_eq!(labels("kind: Ingress\napiVersion: |"), ["networking.k8s.io/v1"]);
        assert_eq!(labels("kind: Pod\nspec:\n  hostNetwork: |"), ["true", "false"]);
        let first = labels("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - |");
        assert_eq!((&*first[0], &*first[1]), ("name", "args"), "what is required goes first");
        assert!(labels("apiVersion: v1\nkind: Pod\nspec:\n  nothing:\n    |").is_empty());
    }

    #[test]
    fn keys_are_written_ready_for_their_values() {
        let text = "apiVersion: v1\nkind: Pod\nspec:\n  ";
        let (from, ways) = ways(text, text.len()).expect("there are ways");
        let written = |label: &str| ways.iter().find(|way| way.label == label).map(|way| way.text.clone()).unwrap();
        assert_eq!(from, text.len());
        assert_eq!(written("restartPolicy"), "restartPolicy: ");
        assert_eq!(written("containers"), "containers:\n    - ");
        assert_eq!(written("affinity"), "affinity:\n    ");
    }

    #[test]
    fn a_field_is_known_where_its_key_stands() {
        let at = |what: &str| {
            field_at(POD, POD.find(what).expect("it is there") + 1).map(|found| (found.name, found.detail))
        };
        assert_eq!(at("hostUsers"), Some(("hostUsers".into(), "boolean".into())));
        assert_eq!(at("resources"), Some(("resources".into(), "ResourceRequirements".into())));
        assert_eq!(at("claims"), Some(("claims".into(), "[]ResourceClaim".into())));
        assert_eq!(at("false"), None);
    }

    #[test]
    fn inert_fields_and_kinds_are_marked() {
        let marked = |text: &str| -> Vec<(u32, String)> {
            inert(text, &|kind| format!("kind {kind}"), &str::to_string)
                .into_iter()
                .map(|p| (p.line, p.message))
                .collect()
        };
        assert_eq!(marked(POD), [(5, "hostUsers".into()), (8, "volumeDevices".into()), (9, "claims".into())]);
        let two = format!(
            "{POD}---\napiVersion: storage.k8s.io/v1\nkind: VolumeAttributesClass\nmetadata: {{name: a}}\ndriverName: a\n"
        );
        assert_eq!(marked(&two)[3..], [(12, "kind VolumeAttributesClass".into())]);
        assert!(marked("apiVersion: example.com/v1\nkind: Shirt\n").is_empty());
    }
}
