//! KYAML: YAML in braces, with every text quoted.
//!
//! Kubernetes 1.36: sigs.k8s.io/yaml/kyaml

use crate::manifest::write::json;
use crate::value::Value;

pub fn write(value: &Value) -> String {
    let mut out = String::from("---\n");
    node(&mut out, value, 0);
    out.push('\n');
    out
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}

fn node(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Map(map) if !map.is_empty() => {
            out.push_str("{\n");
            for (key, value) in map.iter() {
                indent(out, depth + 1);
                out.push_str(&name(key));
                out.push_str(": ");
                node(out, value, depth + 1);
                out.push_str(",\n");
            }
            indent(out, depth);
            out.push('}');
        }
        // Items stand in the brackets' own line: `[{` ... `}, {` ... `}]`.
        Value::List(list) if list.iter().all(|v| matches!(v, Value::Map(m) if !m.is_empty())) && !list.is_empty() => {
            out.push('[');
            for (i, value) in list.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                node(out, value, depth);
            }
            out.push(']');
        }
        Value::List(list) if !list.is_empty() => {
            out.push_str("[\n");
            for value in list.iter() {
                indent(out, depth + 1);
                node(out, value, depth + 1);
                out.push_str(",\n");
            }
            indent(out, depth);
            out.push(']');
        }
        Value::Str(text) if text.contains('\n') => {
            out.push_str("\"\\\n");
            for line in text.split_inclusive('\n') {
                indent(out, depth);
                out.push_str("   ");
                let quoted = json(&Value::from(line), 0);
                out.push_str(&quoted[1..quoted.len() - 1]);
                out.push_str("\\\n");
            }
            indent(out, depth);
            out.push_str("  \"");
        }
        other => out.push_str(&json(other, 0)),
    }
}

/// Keys that could be taken for something else are quoted.
fn name(key: &str) -> String {
    let plain = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
        && !matches!(
            key.to_ascii_lowercase().as_str(),
            "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null"
        );
    if plain { key.into() } else { json(&Value::from(key), 0) }
}
