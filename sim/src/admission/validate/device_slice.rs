//! Kubernetes 1.36: pkg/apis/resource/validation/validation.go (ResourceSlice)

use super::device::{each, each_once, qualified_name, taint, text_of};
use super::kit::{At, Errors, quoted};
use super::{names, resources, scheduling, source};
use crate::value::Value;

const MOST_DEVICES: usize = 128;
/// With taints, counters or lists among the attributes.
const MOST_ELABORATE: usize = 64;
const MOST_COUNTERS: usize = 32;
/// Attributes and capacities of a device together.
const MOST_PROPERTIES: usize = 32;
const MOST_VALUES: usize = 48;
const LONGEST_VALUE: usize = 64;
const LISTS: [&str; 4] = ["bools", "ints", "strings", "versions"];

pub fn slice(spec: &At, errors: &mut Errors) {
    source::driver(&spec.field("driver"), errors);
    pool(&spec.field("pool"), errors);
    let per_device = spec.field("perDeviceNodeSelection");
    let mut set = where_it_is(spec, "must be either unset or set to a non-empty string", errors);
    let terms = spec.value.at(&["nodeSelector", "nodeSelectorTerms"]);
    if spec.field("nodeSelector").is_set() && terms.items().len() != 1 {
        let selector = spec.field("nodeSelector");
        errors.invalid(&selector.field("nodeSelectorTerms"), "must have exactly one node selector term");
    }
    set.extend(only_true(&per_device, "`perDeviceNodeSelection`", errors));
    let one = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";
    match &set[..] {
        [] => errors.required(spec, one),
        [_] => {}
        many => {
            let told = quoted(&format!("{{{}}}", many.join(", ")));
            errors.invalid_as(spec, &told, format!("{one}, but multiple fields are set"));
        }
    }
    let (devices, counters) = (spec.field("devices"), spec.field("sharedCounters"));
    if devices.is_set() && counters.is_set() {
        errors.invalid_as(spec, "\"\"", "only one of `sharedCounters` or `devices` is allowed");
    }
    let most = if devices.value.items().iter().any(is_elaborate) { MOST_ELABORATE } else { MOST_DEVICES };
    let apart = per_device.value.as_bool() == Some(true);
    each_once(&devices, most, text_of("name"), errors, |at, errors| device(at, apart, errors));
    each_once(&counters, 8, text_of("name"), errors, |at, errors| counted(at, &at.field("name"), errors));
}

fn is_elaborate(device: &Value) -> bool {
    let lists = |(_, attribute): (&std::rc::Rc<str>, &Value)| LISTS.iter().any(|list| !attribute.get(list).is_null());
    !device.get("taints").items().is_empty()
        || !device.get("consumesCounters").items().is_empty()
        || device.get("attributes").as_map().is_some_and(|map| map.iter().any(lists))
}

fn pool(pool: &At, errors: &mut Errors) {
    const LONGEST: usize = 253;
    let (name, count, generation) = (pool.field("name"), pool.field("resourceSliceCount"), pool.field("generation"));
    if errors.needs_text(&name) {
        if name.text().len() > LONGEST {
            errors.too_long(&name, LONGEST);
        }
        for part in name.text().split('/') {
            names::subdomain(part).iter().for_each(|wrong| errors.invalid_as(&name, &quoted(part), wrong));
        }
    }
    if count.int() <= 0 {
        errors.invalid_as(&count, &count.int().to_string(), "must be greater than zero");
    }
    if generation.int() < 0 {
        errors.invalid(&generation, "must be greater than or equal to zero");
    }
}

/// Which of the fields are set that say from which nodes devices can be used.
fn where_it_is(at: &At, empty: &str, errors: &mut Errors) -> Vec<&'static str> {
    let mut set = Vec::new();
    let (node, selector) = (at.field("nodeName"), at.field("nodeSelector"));
    if node.is_set() && node.text().is_empty() {
        errors.invalid(&node, empty);
    } else if node.is_set() {
        set.push("`nodeName`");
        errors.invalid_all(&node, names::subdomain(node.text()));
    }
    if selector.is_set() {
        set.push("`nodeSelector`");
        scheduling::node_selector(&selector, errors);
    }
    set.extend(only_true(&at.field("allNodes"), "`allNodes`", errors));
    set
}

fn only_true(at: &At, name: &'static str, errors: &mut Errors) -> Option<&'static str> {
    if at.value.as_bool() == Some(false) {
        errors.invalid(at, "must be either unset or set to true");
    }
    (at.value.as_bool() == Some(true)).then_some(name)
}

fn device(at: &At, apart: bool, errors: &mut Errors) {
    let name = at.field("name");
    names::label(name.text()).iter().for_each(|wrong| errors.invalid_as(&name, &quoted(name.text()), wrong));
    let (attributes, capacity) = (at.field("attributes"), at.field("capacity"));
    let properties = attributes.keys().count() + capacity.keys().count();
    if properties > MOST_PROPERTIES {
        let why = format!("the total number of attributes and capacities must not exceed {MOST_PROPERTIES}");
        errors.invalid_as(at, &properties.to_string(), why);
    }
    let count = |at: &At| LISTS.iter().map(|list| at.value.get(list).items().len()).sum::<usize>().max(1);
    let values: usize = attributes.keys().map(|(_, at)| count(&at)).sum();
    if values > MOST_VALUES {
        let why = format!("the total number of attribute values must not exceed {MOST_VALUES}");
        errors.invalid_as(at, &values.to_string(), why);
    }
    for (key, value) in attributes.keys() {
        qualified_name(&attributes, key, errors);
        attribute(&value, errors);
    }
    let shared = at.value.get("allowMultipleAllocations").as_bool() == Some(true);
    for (key, value) in capacity.keys() {
        qualified_name(&capacity, key, errors);
        let policy = value.field("requestPolicy");
        match (policy.is_set(), shared) {
            (true, true) => request_policy(&policy, &value.field("value"), errors),
            (true, false) => errors.forbidden(&policy, "allowMultipleAllocations must be true"),
            _ => {}
        }
    }
    each(&at.field("taints"), 16, errors, taint);
    each_once(&at.field("consumesCounters"), 2, text_of("counterSet"), errors, |at, errors| {
        counted(at, &at.field("counterSet"), errors);
    });
    device_place(at, apart, errors);
    conditions(at, errors);
}

fn device_place(at: &At, apart: bool, errors: &mut Errors) {
    let one = "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec";
    let said = ["nodeName", "nodeSelector", "allNodes"].iter().any(|field| at.field(field).is_set());
    if apart {
        match &where_it_is(at, "must not be empty", errors)[..] {
            [] => errors.required(at, one),
            [_] => {}
            many => errors.invalid_as(at, &quoted(&format!("{{{}}}", many.join(", "))), one),
        }
    } else if said {
        let why = "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec";
        errors.invalid_as(at, "null", why);
    }
}

fn attribute(at: &At, errors: &mut Errors) {
    let single = ["bool", "int", "string", "version"];
    let text = at.field("string");
    if text.text().len() > LONGEST_VALUE {
        errors.too_long(&text, LONGEST_VALUE);
    }
    version(&at.field("version"), errors);
    for list in LISTS.map(|name| at.field(name)) {
        if list.value.as_list().is_some_and(|items| items.is_empty()) {
            errors.invalid(&list, "must not be empty if specified");
        }
    }
    for text in at.field("strings").items().filter(|text| text.text().len() > LONGEST_VALUE) {
        errors.too_long(&text, LONGEST_VALUE);
    }
    at.field("versions").items().for_each(|one| version(&one, errors));
    let set: Vec<&str> = single.into_iter().chain(LISTS).filter(|name| at.field(name).is_set()).collect();
    match set.len() {
        1 => {}
        0 => errors.invalid_as(at, "\"\"", "exactly one value must be specified"),
        _ => errors.invalid_as(at, &go(at.value), "exactly one value must be specified"),
    }
}

/// An attribute as Go's struct of it is written in JSON.
fn go(attribute: &Value) -> String {
    let fields = ["int", "bool", "string", "version", "ints", "bools", "strings", "versions"];
    let names = [
        "IntValue",
        "BoolValue",
        "StringValue",
        "VersionValue",
        "IntValues",
        "BoolValues",
        "StringValues",
        "VersionValues",
    ];
    let text = |field| crate::manifest::write::json(attribute.get(field), 0);
    let all: Vec<String> =
        fields.iter().zip(names).map(|(field, name)| format!("\"{name}\":{}", text(field))).collect();
    format!("{{{}}}", all.join(","))
}

fn version(at: &At, errors: &mut Errors) {
    if at.is_set() && !is_version(at.text()) {
        errors.invalid(at, "must be a string compatible with semver.org spec 2.0.0");
    }
    if at.text().len() > LONGEST_VALUE {
        errors.too_long(at, LONGEST_VALUE);
    }
}

/// `1.2.3-alpha.1+build`.
fn is_version(text: &str) -> bool {
    let number = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()) && (part == "0" || !part.starts_with('0'))
    };
    let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let pre = |part: &str| word(part) && (number(part) || !part.bytes().all(|b| b.is_ascii_digit()));
    let (rest, build) = text.split_once('+').map_or((text, None), |(rest, build)| (rest, Some(build)));
    let (core, before) = rest.split_once('-').map_or((rest, None), |(core, before)| (core, Some(before)));
    let core: Vec<&str> = core.split('.').collect();
    core.len() == 3
        && core.into_iter().all(number)
        && before.is_none_or(|text| text.split('.').all(pre))
        && build.is_none_or(|text| text.split('.').all(word))
}

/// Named counters of a set, or what is taken of them.
fn counted(at: &At, name: &At, errors: &mut Errors) {
    if errors.needs_text(name) {
        errors.invalid_all(name, names::label(name.text()));
    }
    let counters = at.field("counters");
    match counters.keys().count() {
        0 => errors.required(&counters, ""),
        count if count > MOST_COUNTERS => {
            let all = Value::list(vec![Value::Null; count]);
            errors.too_many(&counters.standing_for(&all), MOST_COUNTERS);
        }
        _ => {
            for (key, _) in counters.keys() {
                names::label(key).iter().for_each(|wrong| errors.invalid_as(&counters, &quoted(key), wrong));
            }
        }
    }
}

/// How much of a capacity may be asked for at a time.
fn request_policy(policy: &At, capacity: &At, errors: &mut Errors) {
    let (values, range, default) = (policy.field("validValues"), policy.field("validRange"), policy.field("default"));
    if values.is_filled() && range.is_set() {
        let why =
            "exactly one policy can be specified, cannot specify \"validValues\" and \"validRange\" at the same time";
        errors.forbidden(policy, why);
    } else if values.is_filled() && default.is_set() {
        valid_values(&values, &default, capacity, errors);
    } else if range.is_set() && default.is_set() {
        valid_range(&range, &default, capacity, errors);
    } else if values.is_filled() || range.is_set() {
        let which = if range.is_set() { "validRange" } else { "validValues" };
        errors.required(&default, &format!("required when {which} is defined"));
    }
}

fn valid_values(values: &At, default: &At, capacity: &At, errors: &mut Errors) {
    const MOST: usize = 10;
    let amounts: Vec<i64> = values.items().map(|value| milli(&value)).collect();
    for (_, item) in values.items().enumerate().skip(1).filter(|(i, _)| amounts[i - 1] > amounts[*i]) {
        errors.invalid(&item, "values must be sorted in ascending order");
    }
    each(values, MOST, errors, |value, errors| {
        if milli(value) > milli(capacity) {
            errors.invalid(value, format!("option is larger than capacity value: {}", capacity.text()));
        }
    });
    for (i, item) in values.items().enumerate().filter(|_| amounts.len() <= MOST) {
        if amounts[..i].contains(&amounts[i]) {
            errors.duplicate_as(&item, &quoted(&(amounts[i] / 1000).to_string()));
        }
    }
    if !amounts.contains(&milli(default)) || amounts.len() > MOST {
        errors.invalid_as(values, &quoted(default.text()), "default value is not valid according to the requestPolicy");
    }
}

fn valid_range(range: &At, default: &At, capacity: &At, errors: &mut Errors) {
    let (min, max, step) = (range.field("min"), range.field("max"), range.field("step"));
    if !min.is_set() {
        return errors.required(&min, "required when validRange is defined");
    }
    let larger = |a: &At, b: &At| milli(a) > milli(b);
    if larger(&min, capacity) {
        errors.invalid(&min, format!("min is larger than capacity value: {}", capacity.text()));
    }
    if larger(&min, default) {
        errors.invalid_as(&min, &quoted(default.text()), format!("default is less than min: {}", min.text()));
    }
    if max.is_set() {
        if larger(&min, &max) {
            errors.invalid_as(&max, &quoted(min.text()), format!("min is larger than max: {}", max.text()));
        }
        if larger(&max, capacity) {
            errors.invalid(&max, format!("max is larger than capacity value: {}", capacity.text()));
        }
        if larger(default, &max) {
            errors.invalid_as(&max, &quoted(default.text()), format!("default is more than max: {}", max.text()));
        }
    }
    let size = milli(&step) / 1000;
    for value in [Some(default), max.is_set().then_some(&max)].into_iter().flatten().filter(|_| size > 0) {
        if (milli(value) / 1000 - milli(&min) / 1000) % size != 0 {
            let why = format!("value is not a multiple of a given step ({}) from ({})", step.text(), min.text());
            errors.invalid_as(&step, &quoted(value.text()), why);
        }
    }
}

fn milli(at: &At) -> i64 {
    resources::amount(at).milli_units()
}

/// Conditions that bind a device to a Pod, and those that fail to.
fn conditions(at: &At, errors: &mut Errors) {
    let lists = ["bindingConditions", "bindingFailureConditions"].map(|name| at.field(name));
    for list in &lists {
        each(list, 4, errors, |item, errors| {
            names::qualified(item.text()).iter().for_each(|wrong| errors.invalid_as(item, &quoted(item.text()), wrong));
        });
    }
    for (which, list) in lists.iter().enumerate() {
        for (i, item) in list.items().enumerate() {
            if list.value.items()[..i].contains(item.value) {
                errors.duplicate(&item);
            }
            if which == 1 && lists[0].value.items().contains(item.value) {
                errors.invalid(&item, "bindingFailureConditions must not overlap with bindingConditions");
            }
        }
    }
    let filled = lists.each_ref().map(At::is_filled);
    if filled[0] != filled[1] {
        let [missing, other] = if filled[1] { [0, 1] } else { [1, 0] };
        let names = ["bindingConditions", "bindingFailureConditions"];
        let why = format!("{} are required to use {}", names[missing], names[other]);
        errors.invalid(&lists[missing], why);
    }
}
