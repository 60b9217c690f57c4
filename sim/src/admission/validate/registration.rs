//! Kubernetes 1.36: pkg/apis/{certificates,coordination,node,storage}/validation, kube-aggregator (validation)

use super::kit::{At, Errors, quoted, shown};
use super::{admission, csi, definition, device, device_slice, flow, go, meta, names, resources, scheduling};
use crate::api::Kind;
use crate::value::Value;

pub fn apply(kind: Kind, at: &At, errors: &mut Errors) {
    match kind {
        Kind::ValidatingWebhookConfiguration | Kind::MutatingWebhookConfiguration => {
            admission::webhooks(kind, at, errors);
        }
        Kind::ValidatingAdmissionPolicy | Kind::MutatingAdmissionPolicy => admission::policy(kind, at, errors),
        Kind::ValidatingAdmissionPolicyBinding | Kind::MutatingAdmissionPolicyBinding => {
            admission::binding(kind, at, errors);
        }
        Kind::CertificateSigningRequest => request(&at.field("spec"), errors),
        Kind::CustomResourceDefinition => definition::definition(at, &Value::Null, errors),
        Kind::ResourceSlice => device_slice::slice(&at.field("spec"), errors),
        Kind::DeviceClass | Kind::ResourceClaim | Kind::ResourceClaimTemplate => device::apply(kind, at, errors),
        Kind::FlowSchema => flow::flow_schema(at, errors),
        Kind::PriorityLevelConfiguration => flow::priority_level(at, errors),
        Kind::APIService => api_service(at, errors),
        Kind::ServiceCIDR => service_cidr(&at.field("spec"), errors),
        Kind::IPAddress => address_parent(&at.field("spec"), errors),
        Kind::RuntimeClass => runtime_class(at, errors),
        Kind::CSIDriver | Kind::CSINode | Kind::CSIStorageCapacity | Kind::VolumeAttachment => {
            csi::apply(kind, at, errors);
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
    for usage in usages.items() {
        errors.known(&usage, &USAGES);
    }
    for (i, usage) in usages.items().enumerate() {
        if usages.value.items()[..i].contains(usage.value) {
            errors.duplicate(&usage);
        }
    }
    let signer = spec.field("signerName");
    match signer.text() {
        "kubernetes.io/legacy-unknown" => {
            errors.invalid(&signer, "the legacy signerName is not allowed via this API version");
        }
        _ => signer_name(&signer, errors),
    }
    let seconds = spec.field("expirationSeconds");
    if seconds.is_set() && seconds.int() < 600 {
        errors.invalid(&seconds, "may not specify a duration less than 600 seconds (10 minutes)");
    }
}

/// What a certificate may be for.
const USAGES: [&str; 23] = [
    "any",
    "cert sign",
    "client auth",
    "code signing",
    "content commitment",
    "crl sign",
    "data encipherment",
    "decipher only",
    "digital signature",
    "email protection",
    "encipher only",
    "ipsec end system",
    "ipsec tunnel",
    "ipsec user",
    "key agreement",
    "key encipherment",
    "microsoft sgc",
    "netscape sgc",
    "ocsp signing",
    "s/mime",
    "server auth",
    "signing",
    "timestamping",
];

/// `example.com/signer-name`.
fn signer_name(at: &At, errors: &mut Errors) {
    const LONGEST: usize = 253;
    if !errors.needs_text(at) {
        return;
    }
    let parts: Vec<&str> = at.text().split('/').collect();
    let [domain, path] = parts[..] else {
        return errors.invalid(at, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
    };
    if domain.len() > LONGEST {
        errors.too_long(at, LONGEST);
    }
    let first_wrong = |text: &str, check: names::Check, errors: &mut Errors| {
        let wrong = text.split('.').map(|label| (label, check(label))).find(|(_, wrong)| !wrong.is_empty());
        for (label, why) in wrong.iter().flat_map(|(label, wrong)| wrong.iter().map(move |why| (label, why))) {
            errors.invalid_as(at, &quoted(text), format!("validating label {}: {why}", quoted(label)));
        }
    };
    first_wrong(domain, names::label, errors);
    if !domain.contains('.') {
        errors.invalid_as(at, &quoted(domain), "should be a domain with at least two segments separated by dots");
    }
    first_wrong(path, names::subdomain, errors);
}

fn runtime_class(at: &At, errors: &mut Errors) {
    let (handler, overhead, place) = (at.field("handler"), at.field("overhead"), at.field("scheduling"));
    if errors.needs_text(&handler) {
        errors.invalid_all(&handler, names::label(handler.text()));
    }
    resources::overhead(&overhead.standing_for(overhead.value.get("podFixed")), errors);
    meta::labels(&place.field("nodeSelector"), errors);
    let tolerations = place.field("tolerations");
    scheduling::tolerations(&tolerations, errors);
    for (i, toleration) in tolerations.items().enumerate() {
        if tolerations.value.items()[..i].contains(toleration.value) {
            errors.duplicate_as(&toleration, &go::toleration(toleration.value));
        }
    }
}

fn service_cidr(spec: &At, errors: &mut Errors) {
    let list = spec.field("cidrs");
    let ranges = list.value.items();
    if ranges.is_empty() {
        return errors.required(&list, "at least one CIDR required");
    }
    if ranges.len() > 2 {
        let go = format!("{{\"CIDRs\":{}}}", shown(list.value));
        return errors.invalid_as(&list, &go, "may only hold up to 2 values");
    }
    for range in list.items().filter(|range| names::cidr(range.text()).is_none()) {
        errors.invalid(&range, names::CIDR);
    }
    let families: Vec<bool> = list.items().filter_map(|range| names::cidr(range.text())).map(|(v4, ..)| v4).collect();
    if let [one, other] = families[..]
        && one == other
    {
        let why = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64";
        errors.invalid(&list, why);
    }
}

/// What an address is given to.
fn address_parent(spec: &At, errors: &mut Errors) {
    let parent = spec.field("parentRef");
    if !parent.is_set() {
        return errors.required(&parent, "");
    }
    let [group, resource, name, namespace] =
        ["group", "resource", "name", "namespace"].map(|field| parent.field(field));
    if !group.text().is_empty() {
        errors.invalid_all(&group, names::subdomain(group.text()));
    }
    for needed in [&resource, &name] {
        if errors.needs_text(needed) {
            errors.invalid_all(needed, names::path_segment(needed.text()));
        }
    }
    errors.invalid_all(&namespace, names::path_segment(namespace.text()));
}

fn api_service(at: &At, errors: &mut Errors) {
    let (metadata, spec) = (at.field("metadata"), at.field("spec"));
    let (name, group, version) = (metadata.field("name"), spec.field("group"), spec.field("version"));
    let wanted = format!("{}.{}", version.text(), group.text());
    if !name.text().is_empty() && names::path_segment(name.text()).is_empty() && name.text() != wanted {
        errors.invalid(&name, format!("must be `spec.version+\".\"+spec.group`: {}", quoted(&wanted)));
    }
    if group.text().is_empty() && version.text() != "v1" {
        errors.required(&group, "only v1 may have an empty group and it better be legacy kube");
    } else if !group.text().is_empty() {
        errors.invalid_all(&group, names::subdomain(group.text()));
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
    api_service_at(&spec, errors);
}

/// Where the requests for a group go.
fn api_service_at(spec: &At, errors: &mut Errors) {
    let [service, bundle, insecure] = ["service", "caBundle", "insecureSkipTLSVerify"].map(|field| spec.field(field));
    let trusts_all = insecure.value.as_bool() == Some(true);
    if !service.is_set() {
        if bundle.is_filled() {
            let bytes = crate::manifest::base64::decode(bundle.text()).map_or(0, |bytes| bytes.len());
            let told = quoted(&format!("{bytes} bytes"));
            errors.invalid_as(&bundle, &told, "local APIServices may not have a caBundle");
        }
        if trusts_all {
            errors.invalid(&insecure, "local APIServices may not have insecureSkipTLSVerify");
        }
        return;
    }
    errors.needs_text(&service.field("namespace"));
    errors.needs_text(&service.field("name"));
    let port = service.field("port");
    if !(1..=65535).contains(&port.int()) {
        errors.invalid(&port, "port is not valid: must be between 1 and 65535, inclusive");
    }
    if trusts_all && bundle.is_filled() {
        errors.invalid(&insecure, "may not be true if caBundle is present");
    }
}
