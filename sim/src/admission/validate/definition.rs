//! Kubernetes 1.36: apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go
//!
//! CustomResourceDefinitions, but for their schemas. What all versions say alike is told of under `spec` itself, where
//! the server's own type has it. Not checked: selectable fields, addresses and certificates of webhooks.

use super::kit::{At, Errors};
use super::{names, schema};
use crate::value::Value;

const COLUMN_TYPES: [&str; 5] = ["boolean", "date", "integer", "number", "string"];
const COLUMN_FORMATS: [&str; 8] = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

/// What is wrong with a definition; `old` is what it was before, or nothing.
pub fn definition(at: &At, old: &Value, errors: &mut Errors) {
    let (metadata, spec) = (at.field("metadata"), at.field("spec"));
    let (name, group) = (metadata.field("name"), spec.field("group"));
    let wanted = format!("{}.{}", spec.value.at(&["names", "plural"]).as_str().unwrap_or(""), group.text());
    if !name.text().is_empty() && name.text() != wanted {
        errors.invalid(&name, "must be spec.names.plural+\".\"+spec.group");
    }
    if errors.needs_text(&group) {
        let wrong = names::subdomain(group.text());
        if !wrong.is_empty() {
            errors.invalid(&group, wrong.join(","));
        } else if !group.text().contains('.') {
            errors.invalid(&group, "should be a domain with at least one dot");
        }
    }
    errors.one_of(&spec.field("scope"), &["Cluster", "Namespaced"], false);
    let stored = versions(&spec, old, errors);
    names_of(&spec.field("names"), errors);
    shared(&spec, old, errors);
    conversion(&spec.field("conversion"), errors);
    if stored == 0 {
        let status = at.field("status");
        errors.invalid_as(&status.field("storedVersions"), "null", "must have at least one stored version");
    }
}

/// Whether all versions say the same under a field, and say something.
fn alike(versions: &Value, field: &str) -> bool {
    let first = versions.items().first().map_or(&Value::Null, |v| v.get(field));
    !first.is_null() && versions.items().iter().all(|v| v.get(field) == first)
}

/// Each version by itself; answers how many are stored.
fn versions(spec: &At, old: &Value, errors: &mut Errors) -> usize {
    let versions = spec.field("versions");
    for version in versions.items() {
        let schema = version.field("schema");
        if !schema.field("openAPIV3Schema").is_set() {
            errors.required(&schema.field("openAPIV3Schema"), "");
        }
    }
    for version in versions.items() {
        let name = version.field("name");
        let wrong = names::label_1035(name.text());
        if !wrong.is_empty() {
            errors.invalid(&name, wrong.join(","));
        }
        let warning = version.field("deprecationWarning");
        if warning.is_set() && version.field("deprecated").value.as_bool() != Some(true) {
            errors.invalid(&warning, "can only be set for deprecated versions");
        }
        if !alike(versions.value, "schema") {
            let outer = version.field("schema");
            let own = outer.field("openAPIV3Schema");
            schema::schema(&own, has_status(version.value), has_schema(old, version.value), errors);
        }
        if !alike(versions.value, "subresources") {
            subresources(&version.field("subresources"), errors);
        }
        if !alike(versions.value, "additionalPrinterColumns") {
            version.field("additionalPrinterColumns").items().for_each(|c| column(&c, errors));
        }
    }
    let list = versions.value.items();
    if list.iter().enumerate().any(|(i, v)| list[..i].iter().any(|w| w.get("name") == v.get("name"))) {
        errors.invalid(&versions, "must contain unique version names");
    }
    let stored = list.iter().filter(|v| v.get("storage").as_bool() == Some(true)).count();
    if stored != 1 {
        errors.invalid(&versions, "must have exactly one version marked as storage version");
    }
    stored
}

/// Whether a definition has a version of this name and with this schema.
fn has_schema(definition: &Value, version: &Value) -> bool {
    let mut versions = definition.at(&["spec", "versions"]).items().iter();
    versions.any(|own| ["name", "schema"].iter().all(|field| own.get(field) == version.get(field)))
}

fn has_status(version: &Value) -> bool {
    !version.at(&["subresources", "status"]).is_null()
}

fn names_of(at: &At, errors: &mut Errors) {
    for field in ["plural", "singular", "kind", "listKind"] {
        errors.needs_text(&at.field(field));
    }
    for field in ["plural", "singular", "kind", "listKind"] {
        let name = at.field(field);
        let mixed = matches!(field, "kind" | "listKind");
        let wrong = names::label_1035(&if mixed { name.text().to_ascii_lowercase() } else { name.text().into() });
        if !name.text().is_empty() && !wrong.is_empty() {
            let but = if mixed { "may have mixed case, but should otherwise match: " } else { "" };
            errors.invalid(&name, format!("{but}{}", wrong.join(",")));
        }
    }
    for list in ["shortNames", "categories"] {
        for name in at.field(list).items() {
            let wrong = names::label_1035(name.text());
            if !wrong.is_empty() {
                errors.invalid(&name, wrong.join(","));
            }
        }
        let list_kind = at.field("listKind");
        if list == "shortNames" && !list_kind.text().is_empty() && at.field("kind").text() == list_kind.text() {
            errors.invalid(&list_kind, "kind and listKind may not be the same");
        }
    }
}

/// What all versions say alike.
fn shared(spec: &At, old: &Value, errors: &mut Errors) {
    let all = spec.value.get("versions");
    let Some(first) = all.items().first() else { return };
    if alike(all, "schema") {
        let validation = spec.field_with("validation", first.get("schema"));
        let has_status = all.items().iter().any(has_status);
        schema::schema(&validation.field("openAPIV3Schema"), has_status, has_schema(old, first), errors);
    }
    if alike(all, "subresources") {
        subresources(&spec.field_with("subresources", first.get("subresources")), errors);
    }
    if alike(all, "additionalPrinterColumns") {
        let columns = spec.field_with("additionalPrinterColumns", first.get("additionalPrinterColumns"));
        columns.items().for_each(|c| column(&c, errors));
    }
}

fn simple_path(at: &At, errors: &mut Errors) -> bool {
    let simple = at.text().starts_with('.');
    if !simple {
        errors.invalid(at, "must be a simple json path starting with .");
    }
    simple
}

fn subresources(at: &At, errors: &mut Errors) {
    let scale = at.field("scale");
    if !scale.is_set() {
        return;
    }
    for (field, below) in [("specReplicasPath", ".spec"), ("statusReplicasPath", ".status")] {
        let path = scale.field(field);
        if errors.needs_text(&path) && simple_path(&path, errors) && !path.text().starts_with(&format!("{below}.")) {
            errors.invalid(&path, format!("should be a json path under {below}"));
        }
    }
    let labels = scale.field("labelSelectorPath");
    let fits = [".spec.", ".status."].iter().any(|below| labels.text().starts_with(below));
    if !labels.text().is_empty() && simple_path(&labels, errors) && !fits {
        errors.invalid(&labels, "should be a json path under either .spec or .status");
    }
}

fn column(at: &At, errors: &mut Errors) {
    errors.needs_text(&at.field("name"));
    let (kind, format) = (at.field("type"), at.field("format"));
    let types = format!("must be one of {}", COLUMN_TYPES.join(","));
    if kind.text().is_empty() {
        errors.required(&kind, &types);
    } else if !COLUMN_TYPES.contains(&kind.text()) {
        errors.invalid(&kind, types);
    }
    if !format.text().is_empty() && !COLUMN_FORMATS.contains(&format.text()) {
        errors.invalid(&format, format!("must be one of {}", COLUMN_FORMATS.join(",")));
    }
    // Its path is written as Go's field is.
    let path = at.field_with("JSONPath", at.value.get("jsonPath"));
    if errors.needs_text(&path) {
        simple_path(&path, errors);
    }
}

fn conversion(at: &At, errors: &mut Errors) {
    if !at.is_set() {
        return;
    }
    errors.one_of(&at.field("strategy"), &["None", "Webhook"], false);
    let webhook = at.value.get("webhook");
    let client = at.field_with("webhookClientConfig", webhook.get("clientConfig"));
    let versions = at.field_with("conversionReviewVersions", webhook.get("conversionReviewVersions"));
    if at.field("strategy").text() == "Webhook" {
        if !client.is_set() {
            errors.required(&client, "required when strategy is set to Webhook");
        } else if client.field("url").is_set() == client.field("service").is_set() {
            errors.required(&client, "exactly one of url or service is required");
        }
        if !versions.is_filled() {
            errors.required(&versions, "");
        } else if !versions.value.items().iter().any(|v| matches!(v.as_str(), Some("v1" | "v1beta1"))) {
            errors.invalid(&versions, "must include at least one of v1, v1beta1");
        }
    } else {
        for field in [&client, &versions].into_iter().filter(|f| f.is_filled()) {
            errors.forbidden(field, "should not be set when strategy is not set to Webhook");
        }
    }
}

/// What a change may not do.
pub fn update(at: &At, old: &Value, errors: &mut Errors) {
    let (spec, before) = (at.field("spec"), old.get("spec"));
    let (names, had) = (spec.field("names"), before.get("names"));
    if crate::api::custom::holds(old.get("status"), "Established") {
        super::update::immutable(&spec.field("scope"), before.get("scope"), errors);
        super::update::immutable(&names.field("kind"), had.get("kind"), errors);
    }
    super::update::immutable(&spec.field("group"), before.get("group"), errors);
    super::update::immutable(&names.field("plural"), had.get("plural"), errors);
    let status = at.field("status");
    for stored in status.field("storedVersions").items() {
        let version = stored.text();
        if !spec.field("versions").value.items().iter().any(|v| v.get("name").as_str() == Some(version)) {
            errors.invalid(&stored, format!("missing from spec.versions; {version} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in {version} and removes {version} from status.storedVersions"));
        }
    }
}
