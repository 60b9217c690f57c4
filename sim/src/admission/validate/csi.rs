//! Kubernetes 1.36: pkg/apis/storage/validation/validation.go (CSIDriver, CSINode, CSIStorageCapacity, VolumeAttachment)

use super::kit::{At, Errors, quoted};
use super::{meta, names, resources, source};
use crate::api::Kind;

pub fn apply(kind: Kind, at: &At, errors: &mut Errors) {
    let spec = at.field("spec");
    match kind {
        Kind::CSIDriver => driver(&spec, errors),
        Kind::CSINode => node(&spec.field("drivers"), errors),
        Kind::CSIStorageCapacity => capacity(at, errors),
        Kind::VolumeAttachment => attachment(&spec, errors),
        _ => unreachable!("only the kinds of CSI"),
    }
}

fn driver(spec: &At, errors: &mut Errors) {
    errors.one_of(&spec.field("fsGroupPolicy"), &["File", "None", "ReadWriteOnceWithFSType"], true);
    let tokens = spec.field("tokenRequests");
    for (i, token) in tokens.items().enumerate() {
        let (audience, seconds) = (token.field("audience"), token.field("expirationSeconds"));
        let told = |other: &crate::value::Value| other.get("audience").as_str().unwrap_or("") == audience.text();
        if tokens.value.items()[..i].iter().any(told) {
            errors.duplicate_as(&audience, &quoted(audience.text()));
        } else if seconds.is_set() && seconds.int() < 600 {
            errors.invalid(&seconds, "may not specify a duration less than 10 minutes");
        } else if seconds.int() > 1 << 32 {
            errors.invalid(&seconds, "may not specify a duration larger than 2^32 seconds");
        }
    }
    let modes = spec.field("volumeLifecycleModes");
    const MODES: [&str; 2] = ["Persistent", "Ephemeral"];
    for mode in modes.items().filter(|mode| !MODES.contains(&mode.text())) {
        errors.unsupported_as(&modes, &quoted(mode.text()), &MODES);
    }
    let period = spec.field("nodeAllocatableUpdatePeriodSeconds");
    if period.is_set() && period.int() < 10 {
        errors.invalid(&period, "must be greater than or equal to 10 seconds");
    }
    let hidden = spec.field("serviceAccountTokenInSecrets");
    if hidden.is_set() && !tokens.is_filled() {
        errors.invalid(&hidden, "serviceAccountTokenInSecrets is set but no tokenRequests are specified");
    }
}

fn node(drivers: &At, errors: &mut Errors) {
    const LONGEST: usize = 256;
    for (i, driver) in drivers.items().enumerate() {
        let (name, id) = (driver.field("name"), driver.field("nodeID"));
        source::driver(&name, errors);
        errors.needs_text(&id);
        if id.text().len() > LONGEST {
            errors.invalid(&id, format!("must be {LONGEST} characters or less"));
        }
        let allocatable = driver.field("allocatable");
        errors.non_negative(&allocatable.field("count"));
        if drivers.value.items()[..i].iter().any(|other| other.get("name") == name.value) {
            errors.duplicate_as(&name, &quoted(name.text()));
        }
        // The server's paths are the driver's own.
        let keys = driver.field("topologyKeys");
        for (j, key) in keys.items().enumerate() {
            if key.text().is_empty() {
                errors.required(&driver, "");
            }
            if keys.value.items()[..j].contains(key.value) {
                errors.duplicate_as(&driver, &quoted(key.text()));
            }
            names::qualified(key.text()).iter().for_each(|w| errors.invalid_as(&driver, &quoted(key.text()), w));
        }
    }
}

fn capacity(at: &At, errors: &mut Errors) {
    meta::selector(&at.field("nodeTopology"), errors);
    let (class, amount) = (at.field("storageClassName"), at.field("capacity"));
    names::subdomain(class.text()).iter().for_each(|w| errors.invalid_as(&class, &quoted(class.text()), w));
    if amount.is_set() && resources::amount(&amount).milli_units() < 0 {
        errors.invalid(&amount, "must be greater than or equal to 0");
    }
}

fn attachment(spec: &At, errors: &mut Errors) {
    const ONE: &str = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
    source::driver(&spec.field("attacher"), errors);
    let of = spec.field("source");
    let (inline, volume) = (of.field("inlineVolumeSpec"), of.field("persistentVolumeName"));
    match (inline.is_set(), volume.is_set()) {
        (false, false) => errors.required(&of, ONE),
        (true, true) => errors.forbidden(&of, ONE),
        (false, true) if volume.text().is_empty() => {
            errors.required(&volume, "must specify non empty persistentVolumeName");
        }
        _ => {}
    }
    let node = spec.field("nodeName");
    names::subdomain(node.text()).iter().for_each(|w| errors.invalid_as(&node, &quoted(node.text()), w));
    if volume.is_set() {
        errors.invalid_all(&volume, names::subdomain(volume.text()));
    }
}
