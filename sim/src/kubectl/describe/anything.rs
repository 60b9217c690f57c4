//! Kinds without a page of their own: every field by its name, each part sorted.

use super::page::Page;
use crate::kubectl::table::plain;
use crate::manifest::write;
use crate::value::Value;

/// What stands above the fields, or is not shown.
const HIDDEN: [&str; 5] = ["name", "namespace", "labels", "annotations", "managedFields"];
/// Words that are written in capitals.
const ACRONYMS: [&str; 4] = ["API", "URL", "UID", "GUID"];

pub fn anything(page: &mut Page) {
    page.same("Name", "metadata.name");
    page.same("Namespace", "metadata.namespace");
    page.labels();
    page.annotations();
    let mut value = page.value.clone();
    for hidden in HIDDEN {
        value.at_mut(&["metadata"]).remove(hidden);
    }
    tree(page, 0, &value);
    page.events();
}

fn tree(page: &mut Page, level: usize, value: &Value) {
    for (key, value) in value.as_map().into_iter().flat_map(|m| m.iter()) {
        let name = label(key);
        match value {
            Value::Map(_) => {
                page.put(level, format!("{name}:"));
                tree(page, level + 1, value);
            }
            Value::List(list) => {
                page.put(level, format!("{name}:"));
                for item in list.iter() {
                    match item {
                        Value::Map(_) => tree(page, level + 1, item),
                        other => page.put(level + 1, write::json(other, 0).trim_matches('"')),
                    }
                }
            }
            Value::Null => page.put(level, format!("{name}:\t<nil>")),
            other => page.put(level, format!("{name}:\t{}", plain(other))),
        }
    }
}

/// A field's name in words: `resourceVersion` is `Resource Version`. One with digits or dots stays as it is.
fn label(field: &str) -> String {
    if field.chars().any(|c| !c.is_alphabetic() && c != '-') {
        return field.into();
    }
    let mut words: Vec<String> = vec![];
    for part in parts(field) {
        // Capitals that another capital follows are one word.
        let joins = words.last().is_some_and(|w| w.len() >= 2 && w.chars().all(char::is_uppercase));
        match words.last_mut() {
            Some(last) if joins && part.starts_with(char::is_uppercase) => last.push_str(&part),
            _ => words.push(part),
        }
    }
    let shown = words.iter().map(|word| match word.to_uppercase() {
        upper if ACRONYMS.contains(&upper.as_str()) => upper,
        _ if word.chars().all(|c| !c.is_uppercase()) => {
            let mut letters = word.chars();
            letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
        }
        _ => word.clone(),
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// Runs of small letters, of capitals and of dashes; a run of small letters takes the capital before it.
fn parts(field: &str) -> Vec<String> {
    let class = |c: char| (c.is_lowercase(), c.is_uppercase());
    let mut parts: Vec<String> = vec![];
    for c in field.chars() {
        match parts.last_mut() {
            Some(last) if last.chars().next().map(class) == Some(class(c)) => last.push(c),
            _ => parts.push(c.into()),
        }
    }
    for i in 1..parts.len() {
        if parts[i].starts_with(char::is_lowercase) && parts[i - 1].starts_with(char::is_uppercase) {
            let capital = parts[i - 1].pop().expect("a part is not empty");
            parts[i].insert(0, capital);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn names_become_words() {
        for (field, words) in [
            ("apiVersion", "API Version"),
            ("podCIDR", "Pod CIDR"),
            ("clusterIPs", "Cluster I Ps"),
            ("openAPIV3Schema", "openAPIV3Schema"),
            ("uid", "UID"),
            ("resourceVersion", "Resource Version"),
            ("my-field", "My - Field"),
        ] {
            assert_eq!(label(field), words);
        }
    }
}
