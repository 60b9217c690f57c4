//! Makes `sim/src/schema/types.txt` and `descriptions.txt` from what a real API server says of itself: the `definitions` of its
//! OpenAPI v2 document. Run when the Kubernetes version changes.
//!
//! The formats are explained in `sim/src/schema`. Four things are added that the document does not tell, but the
//! server's answers do: the names of string types, the names of embedded structs, which scalars are pointers, and which
//! structs are not.

use crate::run::Result;
use kubarium_sim::manifest::json;
use kubarium_sim::value::{Map, Value};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Fields whose Go type is a named string, `Struct.field Type`; `*.field` stands for every struct.
const NAMED_STRINGS: &str = include_str!("go_strings.txt");
/// Scalar fields that are pointers in Go, so that an empty value is kept: `Struct.field`, or `*.field`. An entry for a
/// package's own struct of an ambiguous name stands as `group/Struct.field`.
const POINTERS: &str = include_str!("go_pointers.txt");
/// Structs that are no pointers in Go, so that an object always has them, if empty: `Struct.field`. `metadata`, `spec` and
/// `status` are never pointers.
const VALUES: &str = include_str!("go_values.txt");
/// Embedded structs and the fields in them; `-field` stands for all but it, `*Source` for all of such a type.
const EMBEDDED: &[(&str, &str, &[&str])] = &[
    ("Volume", "VolumeSource", &["-name"]),
    ("PersistentVolumeSpec", "PersistentVolumeSource", &["*Source"]),
    ("EphemeralContainer", "EphemeralContainerCommon", &["-targetContainerName"]),
    ("Probe", "ProbeHandler", &["exec", "grpc", "httpGet", "tcpSocket"]),
    ("IngressRule", "IngressRuleValue", &["http"]),
    ("RuleWithOperations", "Rule", &["apiGroups", "apiVersions", "resources", "scope"]),
    ("NamedRuleWithOperations", "RuleWithOperations", &["operations"]),
    ("NamedRuleWithOperations", "RuleWithOperations.Rule", &["apiGroups", "apiVersions", "resources", "scope"]),
    ("DeviceClaimConfiguration", "DeviceConfiguration", &["opaque"]),
    ("DeviceClassConfiguration", "DeviceConfiguration", &["opaque"]),
    ("ConfigMapKeySelector", "LocalObjectReference", &["name"]),
    ("SecretKeySelector", "LocalObjectReference", &["name"]),
    ("ConfigMapEnvSource", "LocalObjectReference", &["name"]),
    ("SecretEnvSource", "LocalObjectReference", &["name"]),
    ("ConfigMapProjection", "LocalObjectReference", &["name"]),
    ("SecretProjection", "LocalObjectReference", &["name"]),
    ("ConfigMapVolumeSource", "LocalObjectReference", &["name"]),
];

pub fn command(rest: &[String]) -> Result<()> {
    let [folder] = rest else {
        return Err("usage: cargo xtask schema FOLDER (with openapi-definitions.json)".into());
    };
    let read = |name: &str| fs::read_to_string(Path::new(folder).join(name)).map_err(|e| format!("{name}: {e}"));
    let document = json::parse(&read("openapi-definitions.json")?).map_err(|e| e.text)?;
    let definitions = document.get("definitions").as_map().ok_or("no definitions")?;
    let mut names: Vec<&str> = definitions.keys().map(|k| &**k).filter(|n| !is_list(n)).collect();
    // They are looked up by the names that the table gives them.
    names.sort_by_key(|name| table_name(name));
    let numbers: BTreeMap<&str, usize> = names.iter().enumerate().map(|(i, n)| (*n, i)).collect();
    let (mut types, mut descriptions) = (String::new(), String::new());
    for name in &names {
        let definition = definitions.get(name).ok_or("a type vanished")?;
        types += &(type_line(name, definitions, &numbers) + "\n");
        descriptions += &(description_line(definition) + "\n");
    }
    write("sim/src/schema/types.txt", &types)?;
    write("sim/src/schema/descriptions.txt", &descriptions)
}

fn write(path: &str, text: &str) -> Result<()> {
    println!("{path}: {} bytes", text.len());
    fs::write(path, text).map_err(|e| format!("{path}: {e}"))
}

/// `PodList` and its like: no manifest holds one, and what a list is needs no table.
fn is_list(name: &str) -> bool {
    let kind = name.rsplit('.').next().unwrap_or("");
    kind.ends_with("List") && kind != "List"
}

/// What a type is, and what each of its fields is, in the order of `type_line`.
fn description_line(definition: &Value) -> String {
    let fields =
        definition.get("properties").as_map().into_iter().flat_map(|fields| fields.iter().map(|(_, field)| field));
    let texts = std::iter::once(definition).chain(fields).map(|of| of.get("description").as_str().unwrap_or(""));
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t");
    texts.map(escaped).collect::<Vec<_>>().join("\t")
}

/// Group (empty where the package is no version), package and kind of a type's long name.
fn parts(name: &str) -> (&str, &str, &str) {
    let parts: Vec<&str> = name.split('.').collect();
    let (package, kind) = (parts[parts.len() - 2], parts[parts.len() - 1]);
    (if package.starts_with('v') { parts[parts.len() - 3] } else { "" }, package, kind)
}

/// `group/v1.Name`
fn table_name(name: &str) -> String {
    let (group, package, kind) = parts(name);
    format!("{group}/{package}.{kind}")
}

/// `group/v1.Name field:type,field:type`
fn type_line(name: &str, definitions: &Map, numbers: &BTreeMap<&str, usize>) -> String {
    let definition = definitions.get(name).expect("a name of the definitions");
    let (group, _, kind) = parts(name);
    let mut line = table_name(name);
    if let Some(code) = special(kind) {
        return format!("{line} ={code}");
    }
    let Some(fields) = definition.get("properties").as_map() else { return line };
    let required = definition.get("required").items();
    for (i, (field, schema)) in fields.iter().enumerate() {
        line.push(if i == 0 { ' ' } else { ',' });
        line.push_str(field);
        line.push(':');
        line.push_str(&field_type(kind, field, schema, numbers));
        if let Some(values) = schema.get("enum").as_list() {
            let values: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
            line.push_str(&format!("({})", values.join("|")));
        }
        if let Some(embedded) = embedded_in(kind, field, schema) {
            line.push_str(&format!("^{embedded}"));
        }
        if required.iter().any(|r| r.as_str() == Some(field)) {
            line.push('!');
        }
        if is_pointer(group, kind, field) {
            line.push('*');
        }
        if is_value(kind, field, schema) {
            line.push('$');
        }
        line.push_str(&merge_of(schema));
        if is_atomic(schema, definitions) {
            line.push('&');
        }
    }
    line
}

fn special(kind: &str) -> Option<char> {
    Some(match kind {
        "Quantity" => 'q',
        "IntOrString" => 'o',
        "Time" => 't',
        "MicroTime" => 'u',
        "FieldsV1" | "Patch" | "RawExtension" | "JSON" => 'r',
        "JSONSchemaPropsOrArray" | "JSONSchemaPropsOrBool" | "JSONSchemaPropsOrStringArray" => 'r',
        _ => return None,
    })
}

fn field_type(kind: &str, field: &str, schema: &Value, numbers: &BTreeMap<&str, usize>) -> String {
    if let Some(reference) = schema.get("$ref").as_str() {
        let name = reference.trim_start_matches("#/definitions/");
        return match special(name.rsplit('.').next().unwrap_or("")) {
            // What may be anything is told apart by its name.
            Some('r') => format!("r'{}", name.rsplit('.').next().unwrap_or("")),
            Some(code) => code.to_string(),
            None => numbers.get(name).map_or("r".to_string(), |n| n.to_string()),
        };
    }
    match (schema.get("type").as_str().unwrap_or(""), schema.get("format").as_str().unwrap_or("")) {
        ("array", _) => format!("[{}", field_type(kind, field, schema.get("items"), numbers)),
        ("object", _) if schema.get("additionalProperties").is_null() => "r".into(),
        ("object", _) => format!("{{{}", field_type(kind, field, schema.get("additionalProperties"), numbers)),
        ("string", "byte") => "y".into(),
        ("string", _) => match named_string(kind, field) {
            Some(name) => format!("s'{name}"),
            None => "s".into(),
        },
        ("integer", "int64") => "l".into(),
        ("integer", _) => "i".into(),
        ("number", _) => "f".into(),
        ("boolean", _) => "b".into(),
        _ => "r".into(),
    }
}

fn is_pointer(group: &str, kind: &str, field: &str) -> bool {
    let names = [format!("{group}/{kind}.{field}"), format!("{kind}.{field}"), format!("*.{field}")];
    POINTERS.lines().any(|line| names.iter().any(|n| n == line))
}

/// Whether a field holds a struct itself, not a pointer to one.
fn is_value(kind: &str, field: &str, schema: &Value) -> bool {
    let name = format!("{kind}.{field}");
    let always = matches!(field, "metadata" | "spec" | "status") && !schema.get("$ref").is_null();
    always || VALUES.lines().any(|line| line == name)
}

/// Whether a server-side apply takes the map or struct of a field, or those of a list, as a whole.
fn is_atomic(schema: &Value, definitions: &Map) -> bool {
    let said = |schema: &Value| schema.get("x-kubernetes-map-type").as_str().map(|said| said == "atomic");
    let held = if schema.get("items").is_null() { schema } else { schema.get("items") };
    let name = held.get("$ref").as_str().unwrap_or("").trim_start_matches("#/definitions/");
    said(schema).or_else(|| said(definitions.get(name)?)).unwrap_or(false)
}

fn named_string(kind: &str, field: &str) -> Option<&'static str> {
    let find = |wanted: &str| {
        NAMED_STRINGS.lines().find_map(|line| line.split_once(' ').filter(|(key, _)| *key == wanted).map(|(_, t)| t))
    };
    find(&format!("{kind}.{field}")).or_else(|| find(&format!("*.{field}")))
}

fn embedded_in(kind: &str, field: &str, schema: &Value) -> Option<&'static str> {
    let inside = |fields: &[&str]| match fields {
        ["*Source"] => schema.get("$ref").as_str().is_some_and(|r| r.ends_with("Source")),
        [one] if one.starts_with('-') => one[1..] != *field,
        all => all.contains(&field),
    };
    let mut all = EMBEDDED.iter().filter(|(k, ..)| *k == kind);
    all.find(|(.., fields)| inside(fields)).map(|(_, embedded, _)| *embedded)
}

/// How a strategic merge patch treats a field: `@` merge, `@key` merge by key, `~` retain keys; then `%key+key` of a map list, `%`
/// of a set.
fn merge_of(schema: &Value) -> String {
    let mut text = String::new();
    let strategy = schema.get("x-kubernetes-patch-strategy").as_str().unwrap_or("");
    if strategy.split(',').any(|s| s == "merge") {
        text.push('@');
        text.push_str(schema.get("x-kubernetes-patch-merge-key").as_str().unwrap_or(""));
    }
    if strategy.split(',').any(|s| s == "retainKeys") {
        text.push('~');
    }
    let keys: Vec<&str> = schema.get("x-kubernetes-list-map-keys").items().iter().filter_map(Value::as_str).collect();
    if !keys.is_empty() {
        text.push('%');
        text.push_str(&keys.join("+"));
    } else if schema.get("x-kubernetes-list-type").as_str() == Some("set") {
        text.push('%');
    }
    text
}
