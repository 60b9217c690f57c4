//! The hash at the end of a generated name: of what a ConfigMap or Secret holds, so that who uses it starts anew.
//!
//! kustomize: api/hasher/hasher.go. Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/util/hash

use crate::manifest::write::json;
use crate::shell::tools::system::sha256;
use crate::value::Value;

/// Ten letters for what an object holds; of other kinds than ConfigMap and Secret, for all of it.
pub fn of(object: &Value) -> String {
    let kind = object.get("kind");
    let text = |value: &Value| if value.is_null() { Value::from("") } else { value.clone() };
    let more = match kind.as_str() {
        Some("ConfigMap") => "binaryData",
        Some("Secret") => "stringData",
        _ => return encode(&json(object, 0)),
    };
    let mut held = Value::map([
        ("data", text(object.get("data"))),
        ("kind", kind.clone()),
        ("name", text(object.at(&["metadata", "name"]))),
    ]);
    if more == "stringData" {
        held.set("type", text(object.get("type")));
    }
    if object.get(more).as_map().is_some() {
        held.set(more, object.get(more).clone());
    }
    encode(&json(&held, 0))
}

/// The first digits of a SHA-256, without those that might spell a word.
fn encode(text: &str) -> String {
    let digits = sha256(text.as_bytes());
    let letter = |digit: char| match digit {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        other => other,
    };
    digits.chars().take(10).map(letter).collect()
}
