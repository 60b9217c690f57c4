//! Kubernetes 1.36: pkg/controller/controller_utils.go (ComputeHash), pkg/controller/deployment/util (EqualIgnoreHash)
//!
//! Which template is it? The hash is of the same kind and length as the real one, but of another text (JSON, not
//! Go's dump of the structs), so the names differ from a real cluster's.

use crate::dice;
use crate::value::Value;

pub const HASH_LABEL: &str = "pod-template-hash";

/// Whether two templates are one, beside the label with their hash. What is empty counts as absent.
pub fn same(a: &Value, b: &Value) -> bool {
    fn without_hash(template: &Value) -> Value {
        let mut out = template.clone();
        if !out.at(&["metadata", "labels", HASH_LABEL]).is_null() {
            out.at_mut(&["metadata", "labels"]).remove(HASH_LABEL);
        }
        out
    }
    equal(&without_hash(a), &without_hash(b))
}

/// Equality that takes what is empty for absent.
pub fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Map(x), Value::Map(y)) => {
            std::rc::Rc::ptr_eq(x, y)
                || x.iter().all(|(k, v)| equal(v, b.get(k))) && y.iter().all(|(k, v)| x.contains(k) || is_empty(v))
        }
        (Value::List(x), Value::List(y)) => x.len() == y.len() && x.iter().zip(y.iter()).all(|(v, w)| equal(v, w)),
        _ => a == b || is_empty(a) && is_empty(b),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Map(map) => map.iter().all(|(_, v)| is_empty(v)),
        Value::List(list) => list.is_empty(),
        Value::Str(s) => s.is_empty(),
        _ => false,
    }
}

/// The hash of a template in the letters that names are made of: up to ten. Another `collisions` gives another hash.
pub fn hash(template: &Value, collisions: Option<i64>) -> String {
    let mut state = 0x811c_9dc5_u32;
    feed(&mut state, template);
    if let Some(n) = collisions {
        n.to_le_bytes().iter().for_each(|b| add(&mut state, *b));
    }
    let letters = dice::NAME_LETTERS;
    state.to_string().bytes().map(|digit| letters[digit as usize % letters.len()] as char).collect()
}

/// FNV-1a.
fn add(state: &mut u32, byte: u8) {
    *state = (*state ^ u32::from(byte)).wrapping_mul(0x0100_0193);
}

/// Feeds a value to the hash, leaving out what is empty.
fn feed(state: &mut u32, value: &Value) {
    let text = |state: &mut u32, s: &str| {
        s.bytes().for_each(|b| add(state, b));
        add(state, 0xff);
    };
    match value {
        Value::Null => {}
        Value::Bool(b) => add(state, u8::from(*b)),
        Value::Int(n) => n.to_le_bytes().iter().for_each(|b| add(state, *b)),
        Value::Number(s) | Value::Str(s) => text(state, s),
        Value::List(list) => {
            list.iter().for_each(|v| feed(state, v));
            add(state, 0xfe);
        }
        Value::Map(map) => {
            for (key, v) in map.iter().filter(|(_, v)| !is_empty(v)) {
                text(state, key);
                feed(state, v);
            }
            add(state, 0xfd);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(image: &str, hash: Option<&str>) -> Value {
        let mut labels = Value::map([("app", Value::from("web"))]);
        if let Some(hash) = hash {
            labels.set(HASH_LABEL, hash.into());
        }
        let container = Value::map([("image", Value::from(image)), ("resources", Value::empty_map())]);
        let spec = Value::map([("containers", Value::list(vec![container]))]);
        Value::map([("metadata", Value::map([("labels", labels)])), ("spec", spec)])
    }

    #[test]
    fn templates_are_compared_without_their_hash() {
        assert!(same(&template("a", None), &template("a", Some("5d59d67564"))));
        assert!(!same(&template("a", None), &template("b", None)));
    }

    #[test]
    fn what_is_empty_counts_as_absent() {
        let mut other = template("a", None);
        other.at_mut(&["metadata"]).set("creationTimestamp", Value::Null);
        assert!(same(&template("a", None), &other));
        assert_eq!(hash(&template("a", None), None), hash(&other, None));
    }

    #[test]
    fn a_collision_gives_another_hash_in_the_letters_of_names() {
        let (a, b) = (hash(&template("a", None), None), hash(&template("a", None), Some(1)));
        assert_ne!(a, b);
        assert!(a.bytes().all(|c| dice::NAME_LETTERS.contains(&c)), "{a}");
    }
}
