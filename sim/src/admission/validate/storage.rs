//! Kubernetes 1.36: pkg/apis/core/validation/validation.go (volumes and claims), pkg/apis/storage/validation

use super::kit::{At, Errors, quoted};
use super::{meta, names, resources, scheduling, source};

const ACCESS_MODES: [&str; 4] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

fn access_modes(at: &At, errors: &mut Errors) {
    let (mut alone, mut others) = (false, false);
    for mode in at.value.items() {
        let text = mode.as_str().unwrap_or("");
        if !ACCESS_MODES.contains(&text) {
            errors.unsupported_as(at, &quoted(text), &ACCESS_MODES);
        } else if text == "ReadWriteOncePod" {
            alone = true;
        } else {
            others = true;
        }
    }
    if alone && others {
        errors.forbidden(at, "may not use ReadWriteOncePod with other access modes");
    }
}

fn positive(at: &At, errors: &mut Errors) {
    if resources::amount(at).milli <= 0 {
        errors.invalid(at, "must be greater than zero");
    }
}

pub fn volume(at: &At, errors: &mut Errors) {
    let spec = at.field("spec");
    let modes = spec.field("accessModes");
    if !modes.is_filled() {
        errors.required(&modes, "");
    }
    access_modes(&modes, errors);
    let capacity = spec.field("capacity");
    if !capacity.is_filled() {
        errors.required(&capacity, "");
    }
    if !capacity.key("storage").is_set() || capacity.keys().count() > 1 {
        errors.unsupported(&capacity, &["storage"]);
    }
    for (_, amount) in capacity.keys() {
        let bytes = resources::amount(&amount).milli;
        if bytes < 0 {
            let whole = bytes.div_euclid(1000) + i128::from(bytes.rem_euclid(1000) > 0);
            errors.invalid_as(&amount, &whole.to_string(), "must be a valid resource quantity");
        }
        positive(&amount, errors);
    }
    let policy = spec.field("persistentVolumeReclaimPolicy");
    errors.one_of(&policy, &["Delete", "Recycle", "Retain"], true);
    let affinity = spec.field("nodeAffinity");
    if affinity.is_set() {
        let required = affinity.field("required");
        if required.is_set() {
            scheduling::node_selector(&required, errors);
        } else {
            errors.required(&required, "must specify required node constraints");
        }
    }
    source::of_volume(&spec, errors);
    let root = spec
        .value
        .at(&["hostPath", "path"])
        .as_str()
        .is_some_and(|path| !path.is_empty() && path.split('/').all(|part| matches!(part, "" | ".")));
    if root && policy.text() == "Recycle" {
        errors.forbidden(&policy, "may not be 'recycle' for a hostPath mount of '/'");
    }
    let class = spec.field("storageClassName");
    if !class.text().is_empty() {
        errors.invalid_all(&class, names::subdomain(class.text()));
    }
    errors.one_of(&spec.field("volumeMode"), &["Block", "Filesystem"], true);
    let class = spec.field("volumeAttributesClassName");
    if class.is_set() {
        if class.text().is_empty() {
            errors.required(&class, "an empty string is disallowed");
        } else {
            errors.invalid_all(&class, names::subdomain(class.text()));
        }
        if !spec.field("csi").is_set() {
            errors.required(&spec.field("csi"), "has to be specified when using volumeAttributesClassName");
        }
    }
}

pub fn claim(at: &At, errors: &mut Errors) {
    claim_spec(&at.field("spec"), errors);
}

pub fn claim_spec(spec: &At, errors: &mut Errors) {
    let modes = spec.field("accessModes");
    if !modes.is_filled() {
        errors.required(&modes, "at least 1 access mode is required");
    }
    if spec.field("selector").is_set() {
        meta::selector(&spec.field("selector"), errors);
    }
    access_modes(&modes, errors);
    let resources = spec.field("resources");
    let requests = resources.field("requests");
    let storage = requests.key("storage");
    // The server leaves `requests` out of these paths.
    let shown_at = resources.key("storage");
    if !storage.is_set() {
        errors.required(&shown_at, "");
    } else if resources::amount(&storage).milli <= 0 {
        errors.invalid_as(&shown_at, &super::kit::shown(storage.value), "must be greater than zero");
    }
    let class = spec.field("storageClassName");
    if !class.text().is_empty() {
        errors.invalid_all(&class, names::subdomain(class.text()));
    }
    errors.one_of(&spec.field("volumeMode"), &["Block", "Filesystem"], true);
    data_source(spec, errors);
    let class = spec.field("volumeAttributesClassName");
    if !class.text().is_empty() {
        errors.invalid_all(&class, names::subdomain(class.text()));
    }
}

/// The template of a claim that is made for a Pod: of its metadata only labels and annotations count.
pub fn claim_template(at: &At, errors: &mut Errors) {
    let metadata = at.field("metadata");
    meta::annotations(&metadata.field("annotations"), errors);
    meta::labels(&metadata.field("labels"), errors);
    const FORBIDDEN: [&str; 6] = ["name", "generateName", "namespace", "uid", "ownerReferences", "finalizers"];
    for field in FORBIDDEN.map(|field| metadata.field(field)).iter().filter(|field| field.is_filled()) {
        errors.forbidden(field, "cannot be set");
    }
    claim_spec(&at.field("spec"), errors);
}

/// What a claim is filled from.
fn data_source(spec: &At, errors: &mut Errors) {
    for field in ["dataSource", "dataSourceRef"] {
        let source = spec.field(field);
        if !source.is_set() {
            continue;
        }
        errors.needs_text(&source.field("name"));
        let (kind, group) = (source.field("kind"), source.field("apiGroup"));
        errors.needs_text(&kind);
        if group.text().is_empty() && kind.text() != "PersistentVolumeClaim" {
            let why = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
            errors.invalid_as(&source, &quoted(kind.text()), why);
        }
        if !group.text().is_empty() {
            errors.invalid_all(&group, names::subdomain(group.text()));
        }
        let namespace = source.field("namespace");
        if !namespace.text().is_empty() {
            errors.invalid_all(&namespace, names::label(namespace.text()));
        }
    }
}

pub fn class(at: &At, errors: &mut Errors) {
    let provisioner = at.field("provisioner");
    if errors.needs_text(&provisioner) {
        errors.invalid_all(&provisioner, names::qualified(&provisioner.text().to_ascii_lowercase()));
    }
    if at.field("parameters").keys().any(|(key, _)| key.is_empty()) {
        errors.invalid_as(&at.field("parameters"), "\"\"", "field can not be empty.");
    }
    errors.one_of(&at.field("reclaimPolicy"), &["Delete", "Retain"], true);
    errors.one_of(&at.field("volumeBindingMode"), &["Immediate", "WaitForFirstConsumer"], false);
    topologies(&at.field("allowedTopologies"), errors);
}

/// Where volumes of a class may lie. The server's paths leave the number of the term out.
fn topologies(at: &At, errors: &mut Errors) {
    for (i, term) in at.value.items().iter().enumerate() {
        let expressions = at.field_with("matchLabelExpressions", term.get("matchLabelExpressions"));
        for (j, expression) in expressions.items().enumerate() {
            let (key, values) = (expression.field("key"), expression.field("values"));
            if !values.is_filled() {
                errors.required(&values, "");
            }
            for (n, value) in values.items().enumerate() {
                if values.value.items()[..n].contains(value.value) {
                    errors.duplicate(&value);
                }
            }
            names::qualified(key.text()).iter().for_each(|w| errors.invalid_as(&key, &quoted(key.text()), w));
            if expressions.value.items()[..j].iter().any(|other| other.get("key") == key.value) {
                errors.duplicate(&key);
            }
        }
        if at.value.items()[..i].contains(term) {
            let term = at.index(i);
            errors.duplicate_as(&term.field("matchLabelExpressions"), "\"\"");
        }
    }
}
