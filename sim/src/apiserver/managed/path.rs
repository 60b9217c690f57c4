//! Paths to fields, and sets of them.
//!
//! sigs.k8s.io/structured-merge-diff/v6/fieldpath

use crate::manifest::json::parse;
use crate::manifest::write::json;
use crate::value::Value;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops::Bound;
use std::rc::Rc;

/// One step of a path, as `fieldsV1` writes it: `f:spec`, `k:{"name":"web"}`, `v:"x"`.
pub type Step = Rc<str>;
/// From the root to a field.
pub type Path = Vec<Step>;
/// The fields that somebody manages. What is below a field is not in it for that.
pub type Set = BTreeSet<Path>;

pub fn field(name: &str) -> Step {
    format!("f:{name}").into()
}

/// A path as errors write it: `.spec.containers[name="web"].image`.
pub fn shown(path: &[Step]) -> String {
    path.iter().map(|step| shown_step(step)).collect()
}

pub fn shown_step(step: &str) -> String {
    let rest = &step[2..];
    match &step[..2] {
        "f:" => format!(".{rest}"),
        "v:" => format!("[={rest}]"),
        _ => {
            let keys = parse(rest).unwrap_or_default();
            let keys = keys.as_map().into_iter().flat_map(|m| m.iter());
            let scalar =
                |v: &Value| if matches!(v, Value::Map(_) | Value::List(_)) { String::new() } else { json(v, 0) };
            let keys: Vec<String> = keys.map(|(k, v)| format!("{k}={}", scalar(v))).collect();
            format!("[{}]", keys.join(","))
        }
    }
}

/// Whether a set has anything below a path.
pub fn has_below(set: &Set, path: &Path) -> bool {
    let after = (Bound::Excluded(path), Bound::Unbounded);
    set.range::<Path, _>(after).next().is_some_and(|next| next.starts_with(path))
}

/// The order in which errors list paths: the fields of an object, then what is inside of them.
pub fn listed(a: &[Step], b: &[Step]) -> Ordering {
    match (a, b) {
        ([x], [y]) => steps(x, y),
        ([_], _) => Ordering::Less,
        (_, [_]) => Ordering::Greater,
        ([x, below_x @ ..], [y, below_y @ ..]) => steps(x, y).then_with(|| listed(below_x, below_y)),
        _ => a.len().cmp(&b.len()),
    }
}

fn steps(a: &str, b: &str) -> Ordering {
    let read = |step: &str| parse(&step[2..]).unwrap_or_default();
    a[..2].cmp(&b[..2]).then_with(|| if a.starts_with("f:") { a.cmp(b) } else { read(a).cmp(&read(b)) })
}

/// A set as `fieldsV1` writes it.
pub fn written(set: &Set) -> Value {
    let mut out = Value::empty_map();
    for path in set {
        let steps: Vec<&str> = path.iter().map(|s| &**s).collect();
        let node = out.at_mut(&steps);
        // Paths come sorted: what is below a node comes after it.
        if node.is_null() {
            *node = Value::empty_map();
        }
    }
    for path in set.iter().filter(|path| has_below(set, path)) {
        let steps: Vec<&str> = path.iter().map(|s| &**s).collect();
        out.at_mut(&steps).set(".", Value::empty_map());
    }
    out
}

/// The set that `fieldsV1` writes.
pub fn read(fields: &Value) -> Set {
    let mut out = Set::new();
    gather(fields, &mut vec![], &mut out);
    out
}

fn gather(fields: &Value, path: &mut Path, out: &mut Set) {
    let Some(map) = fields.as_map() else { return };
    if map.is_empty() && !path.is_empty() {
        out.insert(path.clone());
    }
    for (step, below) in map.iter() {
        if &**step == "." {
            out.insert(path.clone());
        } else if step.get(..2).is_some_and(|kind| ["f:", "k:", "v:", "i:"].contains(&kind)) {
            path.push(step.clone());
            gather(below, path, out);
            path.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_written_and_read() {
        let text = r#"{"f:metadata":{"f:finalizers":{"v:\"x/y\"":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:image":{}}},"f:containers2":{}}}"#;
        let set = read(&parse(text).unwrap());
        let shown: Vec<String> = set.iter().map(|path| shown(path)).collect();
        assert_eq!(
            shown,
            [
                ".metadata.finalizers[=\"x/y\"]",
                ".spec.containers[name=\"c\"]",
                ".spec.containers[name=\"c\"].image",
                ".spec.containers2"
            ]
        );
        assert_eq!(json(&written(&set), 0), text);
    }

    #[test]
    fn paths_are_listed_level_by_level() {
        let path = |text: &str| text.split(' ').map(Step::from).collect::<Path>();
        let mut paths = [r#"f:a f:b k:{"port":8080}"#, r#"f:a f:b k:{"port":443}"#, "f:a f:c", "f:b"].map(path);
        paths.sort_by(|a, b| listed(a, b));
        let told: Vec<String> = paths.iter().map(|path| shown(path)).collect();
        assert_eq!(told, [".b", ".a.c", ".a.b[port=443]", ".a.b[port=8080]"]);
    }
}
