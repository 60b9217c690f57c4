//! What every check needs: a place in an object with its path, and a list of what is wrong.
//!
//! Kubernetes 1.36: apimachinery/pkg/util/validation/field

use crate::apiserver::StatusCause;
use crate::manifest::write;
use crate::value::Value;

/// A value and where it stands. The path is only written when something is wrong.
#[derive(Clone, Copy)]
pub struct At<'a> {
    pub value: &'a Value,
    parent: Option<&'a At<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Field(&'a str),
    Index(usize),
    Key(&'a str),
}

impl<'a> At<'a> {
    /// The whole object.
    pub fn root(value: &'a Value) -> At<'a> {
        At { value, parent: None, step: Step::Field("") }
    }
    pub fn field<'b>(&'b self, name: &'b str) -> At<'b> {
        At { value: self.value.get(name), parent: Some(self), step: Step::Field(name) }
    }
    /// A place that has no value of its own, or another's.
    pub fn field_with<'b>(&'b self, name: &'b str, value: &'b Value) -> At<'b> {
        At { value, parent: Some(self), step: Step::Field(name) }
    }
    pub fn index(&self, i: usize) -> At<'_> {
        At {
            value: self.value.items().get(i).unwrap_or(const { &Value::Null }),
            parent: Some(self),
            step: Step::Index(i),
        }
    }
    /// The same place with another value.
    pub fn standing_for<'b>(&'b self, value: &'b Value) -> At<'b> {
        At { value, ..*self }
    }
    /// An entry of a map, which paths write as `[key]`.
    pub fn key<'b>(&'b self, key: &'b str) -> At<'b> {
        At { value: self.value.get(key), parent: Some(self), step: Step::Key(key) }
    }
    pub fn items(&self) -> impl Iterator<Item = At<'_>> {
        (0..self.value.items().len()).map(|i| self.index(i))
    }
    /// The entries of a map.
    pub fn keys(&self) -> impl Iterator<Item = (&str, At<'_>)> {
        self.value.as_map().into_iter().flat_map(|m| m.keys()).map(|k| (&**k, self.key(k)))
    }
    /// The text, empty if there is none.
    pub fn text(&self) -> &'a str {
        self.value.as_str().unwrap_or("")
    }
    /// The number, 0 if there is none.
    pub fn int(&self) -> i64 {
        self.value.as_int().unwrap_or(0)
    }
    pub fn is_set(&self) -> bool {
        !self.value.is_null()
    }
    /// Neither absent nor an empty list, map or text.
    pub fn is_filled(&self) -> bool {
        match self.value {
            Value::Null => false,
            Value::List(l) => !l.is_empty(),
            Value::Map(m) => !m.is_empty(),
            Value::Str(s) => !s.is_empty(),
            _ => true,
        }
    }
    pub fn path(&self) -> String {
        let Some(parent) = self.parent else { return String::new() };
        let before = parent.path();
        match self.step {
            Step::Field(name) if before.is_empty() => name.to_string(),
            Step::Field(name) => format!("{before}.{name}"),
            Step::Index(i) => format!("{before}[{i}]"),
            Step::Key(key) => format!("{before}[{key}]"),
        }
    }
}

/// What is wrong, in the server's order.
#[derive(Default)]
pub struct Errors(pub Vec<StatusCause>);

impl Errors {
    fn add(&mut self, reason: &'static str, at: &At, message: String) {
        self.0.push(StatusCause { reason, message, field: at.path() });
    }
    pub fn required(&mut self, at: &At, detail: &str) {
        let colon = if detail.is_empty() { "" } else { ": " };
        self.add("FieldValueRequired", at, format!("Required value{colon}{detail}"));
    }
    /// The value is shown as it is.
    pub fn invalid(&mut self, at: &At, detail: impl AsRef<str>) {
        self.invalid_as(at, &shown(at.value), detail);
    }
    /// The value is shown as `value`: JSON, or what Go makes of one of its structs.
    pub fn invalid_as(&mut self, at: &At, value: &str, detail: impl AsRef<str>) {
        let colon = if detail.as_ref().is_empty() { "" } else { ": " };
        self.add("FieldValueInvalid", at, format!("Invalid value: {value}{colon}{}", detail.as_ref()));
    }
    /// For a value that is not shown.
    pub fn invalid_without_value(&mut self, at: &At, detail: &str) {
        self.add("FieldValueInvalid", at, format!("Invalid value: {detail}"));
    }
    pub fn invalid_all(&mut self, at: &At, details: Vec<String>) {
        for detail in details {
            self.invalid(at, detail);
        }
    }
    pub fn unsupported(&mut self, at: &At, supported: &[&str]) {
        self.unsupported_as(at, &shown(at.value), supported);
    }
    pub fn unsupported_as(&mut self, at: &At, value: &str, supported: &[&str]) {
        let list: Vec<String> = supported.iter().map(|s| format!("\"{s}\"")).collect();
        let text = format!("Unsupported value: {value}: supported values: {}", list.join(", "));
        self.add("FieldValueNotSupported", at, text);
    }
    /// Of a field that was looked at before.
    pub fn forbidden_at(&mut self, path: String, detail: &str) {
        let message = format!("Forbidden: {detail}");
        self.0.push(StatusCause { reason: "FieldValueForbidden", field: path, message });
    }
    pub fn forbidden(&mut self, at: &At, detail: impl AsRef<str>) {
        self.add("FieldValueForbidden", at, format!("Forbidden: {}", detail.as_ref()));
    }
    /// The value is not shown.
    pub fn too_long(&mut self, at: &At, most: usize) {
        self.add("FieldValueTooLong", at, format!("Too long: may not be more than {most} bytes"));
    }
    pub fn too_many(&mut self, at: &At, most: usize) {
        let count = at.value.items().len();
        let items = if most == 1 { "item" } else { "items" };
        self.add("FieldValueTooMany", at, format!("Too many: {count}: must have at most {most} {items}"));
    }
    pub fn duplicate(&mut self, at: &At) {
        self.duplicate_as(at, &shown(at.value));
    }
    pub fn duplicate_as(&mut self, at: &At, value: &str) {
        self.add("FieldValueDuplicate", at, format!("Duplicate value: {value}"));
    }
    pub fn not_found(&mut self, at: &At) {
        self.not_found_as(at, at.text(), "");
    }
    pub fn not_found_as(&mut self, at: &At, name: &str, detail: &str) {
        let colon = if detail.is_empty() { "" } else { ": " };
        self.add("FieldValueNotFound", at, format!("Not found: {}{colon}{detail}", quoted(name)));
    }

    // What is checked again and again.

    /// A number that may be absent but not negative.
    pub fn non_negative(&mut self, at: &At) {
        if at.int() < 0 {
            self.invalid(at, "must be greater than or equal to 0");
        }
    }
    pub fn non_negative_all(&mut self, at: &At, fields: &[&str]) {
        for field in fields {
            self.non_negative(&at.field(field));
        }
    }
    /// One of `values`; with `absent_is_fine` there may be none, but an empty one is no value.
    pub fn one_of(&mut self, at: &At, values: &[&str], absent_is_fine: bool) {
        if !at.is_set() && absent_is_fine {
            return;
        }
        if at.text().is_empty() && !absent_is_fine {
            self.required(at, "");
        } else if !values.contains(&at.text()) {
            self.unsupported_as(at, &quoted(at.text()), values);
        }
    }
    /// One of `values`, of which an empty text is none.
    pub fn known(&mut self, at: &At, values: &[&str]) {
        if !values.contains(&at.text()) {
            self.unsupported_as(at, &quoted(at.text()), values);
        }
    }
    /// A text that must be there.
    pub fn needs_text(&mut self, at: &At) -> bool {
        if at.text().is_empty() {
            self.required(at, "");
        }
        !at.text().is_empty()
    }
    pub fn in_range(&mut self, at: &At, low: i64, high: i64) {
        if !(low..=high).contains(&at.int()) {
            let shown = if at.is_set() { shown(at.value) } else { "0".into() };
            self.invalid_as(at, &shown, format!("must be between {low} and {high}, inclusive"));
        }
    }
}

/// A value as error texts show it.
pub fn shown(value: &Value) -> String {
    match value {
        // Go quotes a text; it does not escape as JSON does.
        Value::Str(text) => quoted(text),
        value => write::json(value, 0),
    }
}

pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
