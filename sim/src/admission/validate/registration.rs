//! Kubernetes 1.36: pkg/apis/{admissionregistration,certificates,coordination,node,storage}/validation, kube-aggregator
//! (validation). Only what leaves an object without its essentials; expressions (CEL) are not checked.

use super::kit::{At, Errors, quoted, shown};
use super::{definition, meta, names};
use crate::api::Kind;

pub fn apply(kind: Kind, at: &At, errors: &mut Errors) {
    match kind {
        Kind::ValidatingWebhookConfiguration | Kind::MutatingWebhookConfiguration => {
            for hook in at.field("webhooks").items() {
                webhook(&hook, errors);
            }
        }
        Kind::ValidatingAdmissionPolicy => policy(&at.field("spec"), errors),
        Kind::CertificateSigningRequest => request(&at.field("spec"), errors),
        Kind::CustomResourceDefinition => definition::definition(at, errors),
        Kind::ResourceSlice => slice(&at.field("spec"), errors),
        Kind::APIService => api_service(&at.field("spec"), errors),
        Kind::RuntimeClass => {
            let handler = at.field("handler");
            errors.invalid_all(&handler, names::label(handler.text()));
        }
        Kind::Lease => lease(&at.field("spec"), errors),
        Kind::VolumeAttributesClass => attributes(at, errors),
        _ => {}
    }
}

fn lease(spec: &At, errors: &mut Errors) {
    let duration = spec.field("leaseDurationSeconds");
    if duration.is_set() && duration.int() <= 0 {
        errors.invalid(&duration, "must be greater than 0");
    }
    errors.non_negative(&spec.field("leaseTransitions"));
}

fn attributes(at: &At, errors: &mut Errors) {
    let driver = at.field("driverName");
    if errors.needs_text(&driver) {
        errors.invalid_all(&driver, names::qualified(&driver.text().to_ascii_lowercase()));
    }
    if !at.field("parameters").is_filled() {
        errors.required(&at.field("parameters"), "must contain at least one key/value pair");
    }
}

fn webhook(at: &At, errors: &mut Errors) {
    let effects = at.field("sideEffects");
    if !effects.is_set() {
        errors.required(&effects, "must specify one of None, NoneOnDryRun");
    } else if !["None", "NoneOnDryRun"].contains(&effects.text()) {
        errors.unsupported(&effects, &["None", "NoneOnDryRun"]);
    }
    meta::selector(&at.field("namespaceSelector"), errors);
    let client = at.field("clientConfig");
    if client.field("url").is_set() == client.field("service").is_set() {
        errors.required(&client, "exactly one of url or service is required");
    }
    let versions = at.field("admissionReviewVersions");
    if !versions.is_filled() {
        errors.required(&versions, "must specify one of v1, v1beta1");
    }
}

fn policy(spec: &At, errors: &mut Errors) {
    if !spec.field("matchConstraints").is_set() {
        errors.required(&spec.field("matchConstraints"), "");
    }
    let (validations, audits) = (spec.field("validations"), spec.field("auditAnnotations"));
    if !validations.is_filled() && !audits.is_filled() {
        for field in [&validations, &audits] {
            errors.required(field, "validations or auditAnnotations must contain at least one item");
        }
    }
}

fn request(spec: &At, errors: &mut Errors) {
    let request = spec.field("request");
    let bytes = crate::manifest::base64::decode(request.text()).unwrap_or_default();
    if !String::from_utf8_lossy(&bytes).contains("-----BEGIN CERTIFICATE REQUEST-----") {
        errors.invalid_as(&request, &shown(request.value), "PEM block type must be CERTIFICATE REQUEST");
    }
    let usages = spec.field("usages");
    if !usages.is_filled() {
        errors.required(&usages, "");
    }
    errors.needs_text(&spec.field("signerName"));
}

fn slice(spec: &At, errors: &mut Errors) {
    let pool = spec.field("pool");
    errors.needs_text(&pool.field("name"));
    let count = pool.field("resourceSliceCount");
    if count.int() <= 0 {
        errors.invalid_as(&count, &count.int().to_string(), "must be greater than zero");
    }
}

fn api_service(spec: &At, errors: &mut Errors) {
    let (group, version) = (spec.field("group"), spec.field("version"));
    if group.text().is_empty() && version.text() != "v1" {
        errors.required(&group, "only v1 may have an empty group and it better be legacy kube");
    }
    for wrong in names::label_1035(version.text()) {
        errors.invalid_as(&version, &quoted(version.text()), wrong);
    }
    for (field, most) in [("groupPriorityMinimum", 20_000), ("versionPriority", 1000)] {
        let field = spec.field(field);
        if field.int() <= 0 || field.int() > most {
            errors.invalid_as(&field, &field.int().to_string(), format!("must be positive and less than {most}"));
        }
    }
}
