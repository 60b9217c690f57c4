//! Every type and field of the API, as a real v1.36 API server lists them in its OpenAPI document.
//!
//! The table is `types.txt`, made by `cargo xtask schema`, a line a type, numbered from 0, types and the fields of each sorted by
//! their names:
//! `group/package.Name field:type...,field:type...`, or `... =code` for a type with a reading of its own. A type is
//! `s` text, `b` bool, `i` int32, `l` int64, `f` float, `y` base64 bytes, `q` quantity, `o` number or text, `t` time,
//! `u` time with microseconds, `r` anything, a number (the line of another type), `[T` a list, `{T` a map. It may be
//! followed by `'Name` (the Go name of a text's type, or of what may be anything), `(A|B)` (the values allowed), `^Name` (the Go struct that the field
//! is embedded by), `!` (required), `*` (a pointer in Go: an empty value is kept), `@key` (merged by key in a strategic
//! merge patch; `@` alone: as a set), `~` (retain keys), `$` (a struct that is no pointer: always there), `%key+key` (the keys
//! of a map list; `%` alone: a set), `&` (the map or struct, or those of a list, are managed as a whole).

mod body;
mod decode;
pub mod descriptions;
pub mod ledger;

pub use body::{Strictness, body};
pub use decode::{Decoded, WRONG_FORMAT, decode, settle, time_fault};

use crate::api::Kind;

const TABLE: &str = include_str!("types.txt");

/// Where each type's line begins and each field, and for each type the first of its own among the fields. It is made when it is
/// first asked for: as a part of the program it would be downloaded by all.
struct Index {
    lines: Vec<u32>,
    fields: Vec<u32>,
    firsts: Vec<u16>,
}

impl Index {
    fn new() -> Index {
        let mut index = Index { lines: vec![0], fields: Vec::new(), firsts: vec![0] };
        let bytes = TABLE.as_bytes();
        for (i, byte) in bytes.iter().enumerate() {
            // A type with a reading of its own (`=code`) has no fields.
            if *byte == b',' || *byte == b' ' && bytes[i + 1] != b'=' {
                index.fields.push(i as u32 + 1);
            }
            if *byte == b'\n' {
                index.lines.push(i as u32 + 1);
                index.firsts.push(index.fields.len() as u16);
            }
        }
        // Behind the last line there is none.
        index.lines.pop();
        index
    }
    fn get() -> &'static Index {
        thread_local!(static INDEX: &'static Index = Box::leak(Box::new(Index::new())));
        INDEX.with(|index| *index)
    }
}

/// A type of the API: the number of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Type(u16);

/// A field of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    /// What follows the colon.
    spec: &'static str,
}

/// The shape of a field's value, one level of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Text,
    Bool,
    Int32,
    Int64,
    Float,
    Bytes,
    Quantity,
    IntOrText,
    Time,
    MicroTime,
    Any,
    Struct(Type),
    List(&'static str),
    Map(&'static str),
}

fn first_word(text: &str) -> &str {
    let end = text.bytes().position(|b| b" \r\n".contains(&b)).unwrap_or(text.len());
    &text[..end]
}

impl Type {
    /// The type of a kind's objects. `api_version` matters where a kind is served in several.
    pub fn of(api_version: &str, kind: &str) -> Option<Type> {
        let (group, version) = api_version.split_once('/').unwrap_or(("core", api_version));
        // `apps.example.com` is not `apps`.
        let group = if group.ends_with(".k8s.io") { group.split('.').next()? } else { group };
        Type::named(&format!("{group}/{version}.{kind}"))
    }
    /// `None` for a kind that a CustomResourceDefinition adds.
    pub fn of_kind(kind: Kind) -> Option<Type> {
        if kind.is_custom() {
            return None;
        }
        Type::of(&kind.api_version(), kind.name())
    }
    /// An object of which only the metadata are looked at: those are of one type whatever they belong to.
    pub fn of_any() -> Type {
        Type::of_kind(Kind::ConfigMap).expect("a kind of every cluster has a type")
    }
    /// All of them, by name.
    fn all() -> impl ExactSizeIterator<Item = Type> {
        (0..Index::get().lines.len() as u16).map(Type)
    }
    /// By its name in the table, such as `core/v1.PodSpec`.
    pub fn named(name: &str) -> Option<Type> {
        let place = Index::get().lines.partition_point(|start| first_word(&TABLE[*start as usize..]) < name);
        Some(Type(place as u16)).filter(|found| place < Type::all().len() && found.full_name() == name)
    }
    /// The number of its line, in the table and in the descriptions.
    fn number(self) -> usize {
        self.0.into()
    }
    /// Its name in the table: `core/v1.PodSpec`.
    pub fn full_name(self) -> &'static str {
        first_word(&TABLE[Index::get().lines[self.number()] as usize..])
    }
    /// As Go names it: `v1.PodSpec`.
    pub fn go_name(self) -> &'static str {
        self.full_name().split_once('/').map_or("", |(_, name)| name)
    }
    /// Without its package: `PodSpec`.
    pub fn name(self) -> &'static str {
        self.go_name().split_once('.').map_or("", |(_, name)| name)
    }
    pub fn fields(self) -> impl Iterator<Item = Field> {
        self.own_fields().iter().map(|start| Field::at(*start))
    }
    pub fn field(self, name: &str) -> Option<Field> {
        let own = self.own_fields();
        let place = own.partition_point(|start| Field::at(*start).name < name);
        own.get(place).map(|start| Field::at(*start)).filter(|field| field.name == name)
    }
    fn own_fields(self) -> &'static [u32] {
        let index = Index::get();
        let [first, end] = [0, 1].map(|n| usize::from(index.firsts[self.number() + n]));
        &index.fields[first..end]
    }
    /// The field at a path of names (`["spec", "template", "spec", "containers"]`), through lists and maps.
    pub fn at(self, path: &[&str]) -> Option<Field> {
        let (last, before) = path.split_last()?;
        let mut here = self;
        for name in before {
            here = here.field(name)?.element()?;
        }
        here.field(last)
    }
}

impl Field {
    /// The field that begins here in the table.
    fn at(start: u32) -> Field {
        let text = &TABLE[start as usize..];
        let end = |text: &str, marks: &[u8]| text.bytes().position(|b| marks.contains(&b)).unwrap_or(text.len());
        let (name, text) = text.split_at(end(text, b":"));
        Field { name, spec: &text[1..end(text, b",\r\n")] }
    }
    /// The type proper as the table writes it, without what follows it.
    pub fn kind(self) -> &'static str {
        let end = self.spec.bytes().position(|b| b"'(^!*@~$%&".contains(&b)).unwrap_or(self.spec.len());
        &self.spec[..end]
    }
    fn mark(self, mark: char) -> Option<&'static str> {
        let rest = &self.spec[self.spec.find(mark)? + 1..];
        let end = rest.find(['(', '^', '!', '*', '@', '~', '$', '%', '&']).unwrap_or(rest.len());
        Some(&rest[..end])
    }
    pub fn shape(self) -> Shape {
        shape(self.kind())
    }
    /// The type of the structs that this field holds, itself or in a list or map.
    pub fn element(self) -> Option<Type> {
        match shape(self.kind().trim_start_matches(['[', '{'])) {
            Shape::Struct(t) => Some(t),
            _ => None,
        }
    }
    /// As kubectl names its type: `string`, `[]Container`, `map[string]Quantity`.
    pub fn type_name(self) -> String {
        let kind = self.kind();
        let held = kind.trim_start_matches(['[', '{']);
        let around = kind[..kind.len() - held.len()].replace('[', "[]").replace('{', "map[string]");
        let name = match shape(held) {
            Shape::Text | Shape::Bytes | Shape::Time | Shape::MicroTime => "string",
            Shape::Bool => "boolean",
            Shape::Int32 | Shape::Int64 => "integer",
            Shape::Float => "number",
            _ => self.named_type().map_or("Object", Type::name),
        };
        around + name
    }
    /// The values that a text may have; none if any.
    pub fn allowed(self) -> impl Iterator<Item = &'static str> {
        let list = self.spec.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(list, _)| list);
        list.split('|').filter(move |_| !list.is_empty())
    }
    /// The type of what it holds, itself or in a list or map, if that has a name: also of texts and numbers (`Quantity`, `Time`).
    pub fn named_type(self) -> Option<Type> {
        let name = match shape(self.kind().trim_start_matches(['[', '{'])) {
            Shape::Struct(t) => return Some(t),
            Shape::Quantity => "Quantity",
            Shape::IntOrText => "IntOrString",
            Shape::Time => "Time",
            Shape::MicroTime => "MicroTime",
            Shape::Any => self.mark('\'')?,
            _ => return None,
        };
        Type::all().find(|t| t.name() == name)
    }
    pub fn required(self) -> bool {
        self.mark('!').is_some()
    }
    /// How a strategic merge patch treats a list: by this key, or as a set if it is empty. `None`: it is replaced.
    pub fn merge_key(self) -> Option<&'static str> {
        self.mark('@')
    }
    /// The fields by which the items of a list are told apart, joined by `+`. `None`: it is no such list.
    pub fn list_keys(self) -> Option<&'static str> {
        self.mark('%').filter(|keys| !keys.is_empty())
    }
    /// Whether the items of a list are told apart by what they are.
    pub fn is_set(self) -> bool {
        self.mark('%') == Some("")
    }
    /// Whether a server-side apply takes the map or struct that it holds, or those of its list, as a whole.
    pub fn is_atomic(self) -> bool {
        self.mark('&').is_some()
    }
    /// Whether it holds a struct that each object has, if empty.
    pub fn is_always(self) -> bool {
        self.mark('$').is_some()
    }
    /// Whether a strategic merge patch drops what it does not name.
    pub fn retains_keys(self) -> bool {
        self.mark('~').is_some()
    }
    pub fn is_pointer(self) -> bool {
        self.mark('*').is_some()
    }
    fn embedded_by(self) -> Option<&'static str> {
        self.mark('^')
    }
}

/// What kind of value a field, or what a list or map holds, has.
pub fn shape(kind: &'static str) -> Shape {
    match kind.as_bytes().first() {
        Some(b's') => Shape::Text,
        Some(b'b') => Shape::Bool,
        Some(b'i') => Shape::Int32,
        Some(b'l') => Shape::Int64,
        Some(b'f') => Shape::Float,
        Some(b'y') => Shape::Bytes,
        Some(b'q') => Shape::Quantity,
        Some(b'o') => Shape::IntOrText,
        Some(b't') => Shape::Time,
        Some(b'u') => Shape::MicroTime,
        Some(b'[') => Shape::List(&kind[1..]),
        Some(b'{') => Shape::Map(&kind[1..]),
        _ => kind.parse().map_or(Shape::Any, |n| Shape::Struct(Type(n))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_type() {
        for kind in Kind::ALL {
            assert!(Type::of_kind(*kind).is_some(), "{}", kind.name());
        }
        assert_eq!(
            Type::of("autoscaling/v1", "HorizontalPodAutoscaler").map(Type::go_name),
            Some("v1.HorizontalPodAutoscaler")
        );
        assert_eq!(Type::of("apps/v1", "Pod"), None);
    }

    #[test]
    fn fields_are_found_by_path() {
        let pod = Type::of("v1", "Pod").unwrap();
        let field = |path: &str| pod.at(&path.split('.').collect::<Vec<_>>()).unwrap();
        assert_eq!(field("spec.containers").merge_key(), Some("name"));
        assert_eq!(field("spec.tolerations").merge_key(), None);
        assert_eq!(field("metadata.finalizers").merge_key(), Some(""));
        assert!(field("spec.volumes").retains_keys());
        assert!(field("spec.containers.name").required());
        assert_eq!(field("spec.restartPolicy").allowed().collect::<Vec<_>>(), ["Always", "Never", "OnFailure"]);
        assert_eq!(field("spec.containers.resources.limits").shape(), Shape::Map("q"));
        assert!(pod.at(&["spec", "replicas"]).is_none());
        assert_eq!(Type::named("core/v1.Zebra"), None);
        assert_eq!(Type::named("core/v1.Pod").map(|t| t.fields().count()), Some(5));
    }

    #[test]
    fn every_line_is_well_formed() {
        for t in Type::all() {
            assert!(t.full_name().contains("/"), "{}", t.full_name());
            assert_eq!(Type::named(t.full_name()), Some(t), "types are sorted");
            for field in t.fields() {
                assert_eq!(t.field(field.name), Some(field), "fields are sorted");
                if let Some(element) = field.element() {
                    assert!(Type::all().any(|t| t == element));
                }
            }
        }
    }
}
