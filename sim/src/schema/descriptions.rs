//! What the API says of its own types and fields: a text for `kubectl explain` and the editor.
//!
//! The table is `descriptions.txt`, made by `cargo xtask schema`: a line a type as in `types.txt`, with the type's description and
//! those of its fields, apart by tabs; `\n`, `\t` and `\\` stand for what they stand for elsewhere. It is as large as much of the
//! program, so the page fetches it when it is first asked for, as it fetches other late parts of the program
//! (docs/decisions/0010-descriptions.md). Natively it is at hand: [`TEXT`].

use super::{Field, Type};
use std::borrow::Cow;
use std::sync::OnceLock;

/// The table, for those who need not fetch it. The page does not name it, so that it is no part of its module.
pub const TEXT: &str = include_str!("descriptions.txt");

/// A text and where its lines begin.
struct Table {
    text: Cow<'static, str>,
    starts: Vec<usize>,
}

static TABLE: OnceLock<Table> = OnceLock::new();

/// Puts the table in its place. The first one stays: like the code, it is the same for all clusters and all time.
pub fn give(text: impl Into<Cow<'static, str>>) {
    let text = text.into();
    let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    TABLE.get_or_init(|| Table { text, starts });
}

/// Whether the table has come, or it is known that it will not (an empty one was given).
pub fn are_settled() -> bool {
    TABLE.get().is_some()
}

/// Whether there is anything to read.
pub fn are_here() -> bool {
    TABLE.get().is_some_and(|table| !table.text.is_empty())
}

/// What a type is; empty if nothing is said, or the table has not come.
pub fn of_type(of: Type) -> String {
    said(of, 0)
}

/// What a field of a type is; empty as above.
pub fn of_field(of: Type, name: &str) -> String {
    of.fields().position(|field: Field| field.name == name).map_or_else(String::new, |at| said(of, at + 1))
}

fn said(of: Type, column: usize) -> String {
    let line = || {
        let table = TABLE.get()?;
        let line = table.text.get(*table.starts.get(of.number())?..)?;
        line[..line.find('\n')?].split('\t').nth(column)
    };
    let mut out = String::new();
    let mut escaped = false;
    for c in line().unwrap_or("").chars() {
        match (escaped, c) {
            (false, '\\') => {
                escaped = true;
                continue;
            }
            (true, 'n') => out.push('\n'),
            (true, 't') => out.push('\t'),
            _ => out.push(c),
        }
        escaped = false;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_of_its_type() {
        let lines: Vec<&str> = TEXT.lines().collect();
        assert_eq!(lines.len(), Type::all().len());
        for (number, line) in lines.iter().enumerate() {
            let of = Type(number as u16);
            assert_eq!(line.split('\t').count(), of.fields().count() + 1, "{}", of.name());
        }
    }

    #[test]
    fn types_and_fields_are_described() {
        give(TEXT);
        let pod = Type::of("v1", "Pod").unwrap();
        assert!(of_type(pod).starts_with("Pod is a collection of containers"));
        assert!(of_field(pod, "spec").starts_with("Specification of the desired behavior of the pod."));
        assert_eq!(of_field(pod, "nothing"), "");
        let configuration = Type::named("admissionregistration/v1.ApplyConfiguration").unwrap();
        assert!(of_field(configuration, "expression").contains("\n\n\tObject{\n\t  spec:"));
    }
}
