//! Kubernetes 1.36: pkg/apis/core/validation/validation.go (ValidateNode). Not done: what it says of `spec.configSource`.

use super::kit::{At, Errors, quoted};
use super::names;
use std::collections::BTreeSet;

const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

pub fn node(at: &At, errors: &mut Errors) {
    let (metadata, spec) = (at.field("metadata"), at.field("spec"));
    // The server looks for them there when it reports them.
    taints(&metadata.field_with("taints", spec.value.get("taints")), errors);
    for part in ["capacity", "allocatable"] {
        let status = at.field("status");
        let amounts = status.field(part);
        for name in amounts.value.as_map().into_iter().flat_map(|map| map.keys()) {
            let amount = amounts.field(name);
            if super::resources::amount(&amount).milli_units() < 0 {
                errors.invalid(&amount, "must be greater than or equal to 0");
            }
        }
    }
    networks(&spec.field("podCIDRs"), errors);
}

fn taints(at: &At, errors: &mut Errors) {
    let mut seen = BTreeSet::new();
    for taint in at.items() {
        let [key, value, effect] = ["key", "value", "effect"].map(|f| taint.value.get(f).as_str().unwrap_or(""));
        let at_key = taint.field("key");
        names::qualified(key).iter().for_each(|wrong| errors.invalid_as(&at_key, &quoted(key), wrong));
        let wrong = names::label_value(value);
        if !wrong.is_empty() {
            errors.invalid(&taint.field("value"), wrong.join(";"));
        }
        if effect.is_empty() {
            errors.required(&taint.field("effect"), "");
        } else {
            errors.one_of(&taint.field("effect"), &EFFECTS, false);
        }
        if !seen.insert((key, effect)) {
            let [key, value, effect] = [key, value, effect].map(quoted);
            let since = taint.value.get("timeAdded").as_str().map_or("null".to_string(), quoted);
            let go = format!("{{\"Key\":{key},\"Value\":{value},\"Effect\":{effect},\"TimeAdded\":{since}}}");
            errors.duplicate_as(&taint, &format!("{go}: taints must be unique by key and effect pair"));
        }
    }
}

fn networks(at: &At, errors: &mut Errors) {
    for network in at.items() {
        match names::cidr(network.text()) {
            None => errors.invalid(&network, names::CIDR),
            Some((_, address, bits)) if bits < 128 && address << bits != 0 => {
                errors.invalid(&network, "must not have bits set beyond the prefix length");
            }
            _ => {}
        }
    }
    let v4: Vec<bool> = at.items().filter_map(|network| names::cidr(network.text())).map(|(v4, ..)| v4).collect();
    if v4.len() > 2 || v4.len() == 2 && v4[0] == v4[1] {
        errors.invalid(at, "may specify no more than one CIDR for each IP family");
    }
}
