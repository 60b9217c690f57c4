//! Kubernetes 1.36: sigs.k8s.io/json, apimachinery/pkg/runtime/serializer/json. JSON to an object of its Go type, strictly.
//!
//! What the server stores is not what it was sent but what its structs hold: null and empty fields vanish, amounts are
//! canonical. The first wrong type is an error in Go's words; fields that the type does not have are listed.

use super::{Field, Shape, Type, shape};
use crate::api::Quantity;
use crate::api::field::Field as _;
use crate::manifest::base64;
use crate::value::{Map, Value};
use std::rc::Rc;

/// An object as its type holds it, and the paths of fields that it should not have, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    pub value: Value,
    pub unknown: Vec<String>,
}

/// Decodes `value` as an object of `of`.
///
/// # Errors
/// The first wrong type, as Go says it: `json: cannot unmarshal string into Go struct field ...`.
pub fn decode(value: &Value, of: Type) -> Result<Decoded, String> {
    let mut decoder = Decoder { fatal: None, error: None, unknown: Vec::new(), go_path: Vec::new() };
    let value = decoder.object(value, of, "");
    match decoder.fatal.or(decoder.error) {
        Some(error) => Err(error),
        None => Ok(Decoded { value, unknown: decoder.unknown }),
    }
}

struct Decoder {
    /// What ended the decoding: a type with a reading of its own refused. Go then forgets what it noted before.
    fatal: Option<String>,
    /// The first wrong type, with which Go goes on.
    error: Option<String>,
    unknown: Vec<String>,
    /// Names of fields without indices, with the names of embedded structs, as Go's texts have them.
    go_path: Vec<&'static str>,
}

/// Where a value stands: the struct whose field it is (or is in), for the error text.
#[derive(Clone, Copy)]
struct Place {
    of: Type,
    field: Field,
}

/// The metadata of a Pod template.
const TEMPLATE: &str = "template.metadata";
/// Where kinds have theirs.
const TEMPLATES: [&[&str]; 3] = [&["spec", "template"], &["template"], &["spec", "jobTemplate", "spec", "template"]];

/// Drops what was only kept for the errors to tell of: what is stored has no empty labels.
pub fn settle(value: &mut Value) {
    for path in TEMPLATES {
        let labels = value.at(path).at(&["metadata", "labels"]);
        if labels.as_map().is_some_and(|map| map.is_empty()) {
            value.at_mut(path).at_mut(&["metadata"]).remove("labels");
        }
    }
}

impl Decoder {
    fn object(&mut self, value: &Value, of: Type, path: &str) -> Value {
        let Some(map) = value.as_map() else { return Value::empty_map() };
        let mut out: Vec<(Rc<str>, Value)> = Vec::with_capacity(map.len());
        for (key, value) in map.iter() {
            let inner = if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
            let Some(field) = of.field(key) else {
                self.unknown.push(inner);
                continue;
            };
            if value.is_null() {
                continue;
            }
            let depth = self.go_path.len();
            self.go_path.extend(field.embedded_by());
            self.go_path.push(field.name);
            let decoded = self.value(value, field.kind(), Place { of, field }, &inner);
            self.go_path.truncate(depth);
            // A template's labels are compared with its selector: the errors tell `{}` from nothing.
            let told_apart = key.as_ref() == "labels" && path.ends_with(TEMPLATE) && decoded.as_map().is_some();
            if told_apart || !is_left_out(&decoded, field) {
                out.push((key.clone(), decoded));
            }
        }
        Value::map(out)
    }

    fn value(&mut self, value: &Value, kind: &'static str, place: Place, path: &str) -> Value {
        match (shape(kind), value) {
            (Shape::Any, _) => value.clone(),
            (Shape::Text, Value::Str(_)) | (Shape::Bool, Value::Bool(_)) => value.clone(),
            (Shape::Int32, Value::Int(n)) if i32::try_from(*n).is_ok() => value.clone(),
            (Shape::Int64, Value::Int(_)) => value.clone(),
            (Shape::Int32 | Shape::Int64, Value::Int(_) | Value::Number(_)) => {
                let number = crate::manifest::write::json(value, 0);
                self.mismatch(&format!("number {number}"), kind, place)
            }
            (Shape::Float, Value::Int(_) | Value::Number(_)) => value.clone(),
            (Shape::Bytes, Value::Str(text)) => match base64::decode(text) {
                Ok(bytes) => Value::from(base64::encode(&bytes)),
                Err(at) => self.fail(format!("illegal base64 data at input byte {at}")),
            },
            (Shape::Bytes, Value::List(items)) => self.bytes(items, place),
            (Shape::Quantity, _) => match quantity(value) {
                Ok(amount) => amount,
                Err(text) => self.end(text.to_string()),
            },
            (Shape::IntOrText, Value::Str(_)) => value.clone(),
            (Shape::IntOrText, Value::Int(n)) if i32::try_from(*n).is_ok() => value.clone(),
            (Shape::IntOrText, Value::Int(_) | Value::Number(_)) => {
                let number = crate::manifest::write::json(value, 0);
                let text = self.mismatch_text(&format!("number {number}"), "i", place);
                self.end(text)
            }
            (Shape::IntOrText, _) => {
                let text = self.mismatch_text(value.json_type(), "i", place);
                self.end(text)
            }
            (Shape::Time | Shape::MicroTime, Value::Str(text)) => match time_fault(text) {
                None => value.clone(),
                Some(fault) => self.end(fault),
            },
            (Shape::Time | Shape::MicroTime, _) => {
                let text = self.mismatch_text(value.json_type(), "s", place);
                self.end(text)
            }
            (Shape::Struct(of), Value::Map(_)) => self.object(value, of, path),
            (Shape::List(element), Value::List(items)) => self.list(items, element, place, path),
            (Shape::Map(element), Value::Map(map)) => self.map(map, element, place, path),
            _ => self.mismatch(value.json_type(), kind, place),
        }
    }

    /// Go takes a list of numbers for bytes, too.
    fn bytes(&mut self, items: &[Value], place: Place) -> Value {
        let byte = |item: &Value| item.as_int().and_then(|n| u8::try_from(n).ok()).or(item.is_null().then_some(0));
        if let Some(wrong) = items.iter().find(|item| byte(item).is_none()) {
            let (of, path, found) = (place.of.name(), self.go_path.join("."), wrong.json_type());
            return self.fail(format!("json: cannot unmarshal {found} into Go struct field {of}.{path} of type uint8"));
        }
        Value::from(base64::encode(&items.iter().filter_map(byte).collect::<Vec<u8>>()))
    }

    fn list(&mut self, items: &[Value], element: &'static str, place: Place, path: &str) -> Value {
        let decode = |(i, item): (usize, &Value)| match item {
            Value::Null => zero(element),
            item => self.value(item, element, place, &format!("{path}[{i}]")),
        };
        Value::list(items.iter().enumerate().map(decode).collect())
    }

    fn map(&mut self, map: &Map, element: &'static str, place: Place, path: &str) -> Value {
        let entries: Vec<_> = map
            .iter()
            .map(|(key, value)| {
                let value = match value {
                    Value::Null => zero(element),
                    value => self.value(value, element, place, &format!("{path}.{key}")),
                };
                (key.clone(), value)
            })
            .collect();
        Value::map(entries)
    }

    fn mismatch(&mut self, found: &str, kind: &'static str, place: Place) -> Value {
        let text = self.mismatch_text(found, kind, place);
        self.fail(text)
    }

    fn mismatch_text(&self, found: &str, kind: &'static str, place: Place) -> String {
        let (of, path) = (place.of.name(), self.go_path.join("."));
        let wanted = go_type(kind, place);
        format!("json: cannot unmarshal {found} into Go struct field {of}.{path} of type {wanted}")
    }

    /// Go goes on after a wrong type, but tells of the first only.
    fn fail(&mut self, text: String) -> Value {
        self.error.get_or_insert(text);
        Value::Null
    }

    fn end(&mut self, text: String) -> Value {
        self.fatal.get_or_insert(text);
        Value::Null
    }
}

/// What Go has for a null in a list or map.
fn zero(kind: &'static str) -> Value {
    match shape(kind) {
        Shape::Text => Value::from(""),
        Shape::Bool => Value::Bool(false),
        Shape::Int32 | Shape::Int64 | Shape::Float | Shape::IntOrText => Value::Int(0),
        Shape::Quantity => Value::from("0"),
        Shape::Struct(_) => Value::empty_map(),
        _ => Value::Null,
    }
}

/// `omitempty`: what a field's Go type would not print.
fn is_left_out(value: &Value, field: Field) -> bool {
    let empty = match value {
        Value::Null => true,
        Value::List(items) => items.is_empty(),
        Value::Map(map) => map.is_empty() && matches!(field.shape(), Shape::Map(_)),
        Value::Str(text) => text.is_empty() && !matches!(field.shape(), Shape::IntOrText),
        Value::Int(n) => *n == 0 && !matches!(field.shape(), Shape::IntOrText),
        Value::Bool(b) => !b,
        Value::Number(_) => false,
    };
    empty && !field.is_pointer() && !matches!(field.shape(), Shape::Any | Shape::Quantity) && !field.required()
}

/// The name of a type in Go's error texts.
fn go_type(kind: &'static str, place: Place) -> String {
    let named = || place.field.mark('\'').map(|name| format!("{}.{name}", package(place.of, name)));
    match shape(kind) {
        Shape::Text => named().unwrap_or_else(|| "string".into()),
        Shape::Bool => "bool".into(),
        Shape::Int32 => "int32".into(),
        Shape::Int64 => "int64".into(),
        Shape::Float => "float64".into(),
        Shape::Bytes => "[]uint8".into(),
        Shape::Struct(of) => of.go_name().into(),
        Shape::List(element) => format!("[]{}", go_type(element, place)),
        Shape::Map("q") => "v1.ResourceList".into(),
        Shape::Map(element) => format!("map[string]{}", go_type(element, place)),
        _ => "string".into(),
    }
}

/// The package of a named string type: the struct's own, but some are of another.
fn package(of: Type, name: &str) -> &'static str {
    match name {
        "UID" => "types",
        "ResourceName" | "Protocol" | "PersistentVolumeReclaimPolicy" | "PreemptionPolicy" => "v1",
        _ => of.go_name().split('.').next().unwrap_or("v1"),
    }
}

/// What is wrong with an amount that is none.
pub const WRONG_FORMAT: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

fn quantity(value: &Value) -> Result<Value, &'static str> {
    let text: Rc<str> = match value {
        Value::Str(text) => text.clone(),
        Value::Int(n) => n.to_string().into(),
        Value::Number(text) => text.clone(),
        Value::Null => return Ok(Value::from("0")),
        _ => return Err(WRONG_FORMAT),
    };
    // The same text in as out is by far the most frequent.
    if let Some(amount) = Quantity::parse(&text) {
        return Ok(amount.write());
    }
    let number = text.strip_prefix(['+', '-']).unwrap_or(&text);
    let suffix = number.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let after = suffix.trim_start_matches(|c| "eEinumkKMGTP".contains(c));
    let digits = after.strip_prefix(['+', '-']).unwrap_or(after);
    if text.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(WRONG_FORMAT);
    }
    let known = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    let exponent = suffix.starts_with(['e', 'E']) && suffix.len() > 1;
    if exponent || known.contains(&suffix) {
        return Err("unable to parse numeric part of quantity");
    }
    Err("unable to parse quantity's suffix")
}

/// What Go says of a text that is no RFC 3339 time.
pub fn time_fault(text: &str) -> Option<String> {
    const LAYOUT: &str = "2006-01-02T15:04:05Z07:00";
    let mut rest = text;
    let parts = [
        (4, "2006"),
        (0, "-"),
        (2, "01"),
        (0, "-"),
        (2, "02"),
        (0, "T"),
        (2, "15"),
        (0, ":"),
        (2, "04"),
        (0, ":"),
        (2, "05"),
    ];
    let fault = |rest: &str, wanted: &str| {
        Some(format!("parsing time {text:?} as {LAYOUT:?}: cannot parse {rest:?} as {wanted:?}"))
    };
    for (digits, wanted) in parts {
        if digits == 0 {
            let Some(after) = rest.strip_prefix(wanted) else { return fault(rest, wanted) };
            rest = after;
        } else {
            let count = rest.bytes().take(digits).take_while(u8::is_ascii_digit).count();
            // Go takes an hour of one digit.
            if count < digits && !(wanted == "15" && count == 1) {
                return fault(rest, wanted);
            }
            rest = &rest[count..];
        }
    }
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    let zone = rest.as_bytes();
    let offset = matches!(zone, [b'+' | b'-', a, b, b':', c, d] if [a, b, c, d].iter().all(|x| x.is_ascii_digit()));
    if rest == "Z" || offset { None } else { fault(rest, "Z07:00") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{json, write};

    fn check(api_version: &str, kind: &str, object: &str, expect: &str) {
        let value = json::parse(object).unwrap();
        let got = match decode(&value, Type::of(api_version, kind).unwrap()) {
            Err(text) => text,
            Ok(decoded) if decoded.unknown.is_empty() => write::json(&decoded.value, 0),
            Ok(decoded) => decoded.unknown.join(", "),
        };
        assert_eq!(got, expect);
    }

    #[test]
    fn wrong_types_are_told_as_go_does() {
        let pod = |object: &str, expect: &str| {
            check("v1", "Pod", object, &format!("json: cannot unmarshal {expect}"));
        };
        pod(
            r#"{"spec":{"containers":{}}}"#,
            "object into Go struct field PodSpec.spec.containers of type []v1.Container",
        );
        pod(
            r#"{"spec":{"containers":[1]}}"#,
            "number into Go struct field PodSpec.spec.containers of type v1.Container",
        );
        pod(r#"{"spec":"x"}"#, "string into Go struct field Pod.spec of type v1.PodSpec");
        pod(
            r#"{"spec":{"tolerations":[{"effect":{}}]}}"#,
            "object into Go struct field Toleration.spec.tolerations.effect of type v1.TaintEffect",
        );
        pod(
            r#"{"spec":{"volumes":[{"fc":{"lun":"x"}}]}}"#,
            "string into Go struct field FCVolumeSource.spec.volumes.VolumeSource.fc.lun of type int32",
        );
        pod(
            r#"{"spec":{"terminationGracePeriodSeconds":1.5}}"#,
            "number 1.5 into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64",
        );
        pod(
            r#"{"spec":{"containers":[{"ports":[{"containerPort":99999999999}]}]}}"#,
            "number 99999999999 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
        );
        pod(
            r#"{"spec":{"containers":[{"resources":{"limits":true}}]}}"#,
            "bool into Go struct field ResourceRequirements.spec.containers.resources.limits of type v1.ResourceList",
        );
        check("v1", "Secret", r#"{"data":{"a":"UPPER"}}"#, "illegal base64 data at input byte 4");
        check(
            "v1",
            "LimitRange",
            r#"{"spec":{"limits":[{"default":{"memory":"1mi"}}]}}"#,
            "unable to parse quantity's suffix",
        );
        check("v1", "LimitRange", r#"{"spec":{"limits":[{"default":{"memory":"abc"}}]}}"#, WRONG_FORMAT);
    }

    #[test]
    fn unknown_fields_are_listed_in_order() {
        check(
            "v1",
            "Pod",
            r#"{"spec":{"containers":[{"image":"a","Name":"b"}],"replicas":1},"x":2}"#,
            "spec.containers[0].Name, spec.replicas, x",
        );
    }

    #[test]
    fn what_is_empty_vanishes() {
        check(
            "v1",
            "Pod",
            r#"{"metadata":{"labels":{},"name":"a","annotations":null},"spec":{"hostNetwork":false,"containers":[{"name":"a","command":[],"resources":{"limits":{"cpu":0.5,"memory":"1024Mi"}},"workingDir":"","securityContext":{"privileged":false}}],"volumes":[{"name":"v","emptyDir":{}}]}}"#,
            r#"{"metadata":{"name":"a"},"spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":"500m","memory":"1Gi"}},"securityContext":{"privileged":false}}],"volumes":[{"emptyDir":{},"name":"v"}]}}"#,
        );
    }
}
