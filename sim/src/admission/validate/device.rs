//! Kubernetes 1.36: pkg/apis/resource/validation/validation.go (DeviceClass, ResourceClaim, ResourceClaimTemplate).

use super::kit::{At, Errors, quoted};
use super::{meta, names, source};
use crate::api::Kind;
use crate::custom::cel::expression::{Names, Wanted};
use crate::manifest::write;
use crate::value::Value;

/// A list of requests, constraints, configurations or selectors has no more.
const MOST: usize = 32;
const MOST_ALTERNATIVES: usize = 8;
/// An expression, or the parameters of a driver, in bytes.
const LONGEST: usize = 10 << 10;
const EFFECTS: [&str; 3] = ["NoExecute", "NoSchedule", "None"];

pub fn apply(kind: Kind, at: &At, errors: &mut Errors) {
    let spec = at.field("spec");
    match kind {
        Kind::DeviceClass => class(&spec, errors),
        Kind::ResourceClaim => claim(&spec.field("devices"), errors),
        Kind::ResourceClaimTemplate => {
            template_metadata(&spec.field("metadata"), errors);
            claim(&spec.field("spec").field("devices"), errors);
        }
        _ => unreachable!("only the kinds of devices"),
    }
}

/// Metadata of what is made by a template: labels and annotations alone.
fn template_metadata(at: &At, errors: &mut Errors) {
    meta::annotations(&at.field("annotations"), errors);
    meta::labels(&at.field("labels"), errors);
    let others = [
        "name",
        "generateName",
        "namespace",
        "selfLink",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "ownerReferences",
        "finalizers",
        "managedFields",
    ];
    for field in others.iter().map(|name| at.field(name)).filter(At::is_filled) {
        errors.forbidden(&field, "cannot be set");
    }
    // As the server makes a path of `UID`.
    let uid = at.field_with("uID", at.value.get("uid"));
    if uid.is_filled() {
        errors.forbidden(&uid, "cannot be set");
    }
}

/// The items of a list that is not too long.
pub(super) fn each(list: &At, most: usize, errors: &mut Errors, mut check: impl FnMut(&At, &mut Errors)) {
    if list.value.items().len() > most {
        return errors.too_many(list, most);
    }
    list.items().for_each(|item| check(&item, errors));
}

/// The items of a list of which none may be there twice, told apart by a text.
pub(super) fn each_once(
    list: &At,
    most: usize,
    key: impl Fn(&Value) -> &str,
    errors: &mut Errors,
    check: impl FnMut(&At, &mut Errors),
) {
    each(list, most, errors, check);
    let items = list.value.items();
    for (i, item) in list.items().enumerate().filter(|_| items.len() <= most) {
        if items[..i].iter().any(|other| key(other) == key(item.value)) {
            errors.duplicate_as(&item, &quoted(key(item.value)));
        }
    }
}

/// The text of a field, by which items are told apart.
pub(super) fn text_of(field: &'static str) -> impl Fn(&Value) -> &str {
    move |item: &Value| item.get(field).as_str().unwrap_or("")
}

fn class(spec: &At, errors: &mut Errors) {
    each(&spec.field("selectors"), MOST, errors, selector);
    each(&spec.field("config"), MOST, errors, configuration);
    let name = spec.field("extendedResourceName");
    if name.is_set() && !is_extended(name.text()) {
        errors.invalid(&name, "must be a valid extended resource name");
    }
}

/// Whether a resource's name is one that somebody beside Kubernetes may give.
fn is_extended(name: &str) -> bool {
    let own = !name.contains('/') || name.contains("kubernetes.io/") || name.starts_with("requests.");
    !own && names::qualified(&format!("requests.{name}")).is_empty()
}

fn selector(selector: &At, errors: &mut Errors) {
    let cel = selector.field("cel");
    if !cel.is_set() {
        return errors.required(&cel, "");
    }
    let expression = cel.field("expression");
    if expression.text().len() > LONGEST {
        return errors.too_long(&expression, LONGEST);
    }
    let names = Names::of_device();
    if let Some(why) = names.refusal(expression.text(), Wanted::MaybeBool) {
        errors.invalid_as(&expression, &quoted(expression.text()), why);
    } else if names.is_too_costly(expression.text()) {
        errors.forbidden(&expression, "too complex, exceeds cost limit");
    }
}

fn configuration(at: &At, errors: &mut Errors) {
    let opaque = at.field("opaque");
    if !opaque.is_set() {
        return errors.required(&opaque, "");
    }
    source::driver(&opaque.field("driver"), errors);
    let parameters = opaque.field("parameters");
    match parameters.value {
        Value::Null => errors.required(&parameters, ""),
        value if write::json(value, 0).len() > LONGEST => errors.too_long(&parameters, LONGEST),
        Value::Map(_) => {}
        _ => errors.invalid_as(&parameters, "\"<value omitted>\"", "must be a valid JSON object"),
    }
}

fn claim(devices: &At, errors: &mut Errors) {
    let all = devices.value.get("requests");
    each_once(&devices.field("requests"), MOST, text_of("name"), errors, request);
    each(&devices.field("constraints"), MOST, errors, |constraint, errors| {
        references(&constraint.field("requests"), all, errors);
        let (same, distinct) = (constraint.field("matchAttribute"), constraint.field("distinctAttribute"));
        if same.is_set() {
            full_name(&same, errors);
        } else if distinct.is_set() {
            full_name(&distinct, errors);
        } else {
            let why =
                "exactly one of \"matchAttribute\" or \"distinctAttribute\" is required, but multiple fields are set";
            errors.required(constraint, why);
        }
    });
    each(&devices.field("config"), MOST, errors, |config, errors| {
        references(&config.field("requests"), all, errors);
        configuration(config, errors);
    });
}

fn request(at: &At, errors: &mut Errors) {
    const ONE: &str = "exactly one of `exactly` or `firstAvailable` is required";
    request_name(&at.field("name"), errors);
    let (exactly, first) = (at.field("exactly"), at.field("firstAvailable"));
    match (exactly.is_set(), first.is_filled()) {
        (false, false) => errors.required(at, ONE),
        (true, true) => errors.invalid_as(at, "null", format!("{ONE}, but multiple fields are set")),
        (true, false) => wanted(&exactly, errors),
        (false, true) => each_once(&first, MOST_ALTERNATIVES, text_of("name"), errors, |one, errors| {
            request_name(&one.field("name"), errors);
            wanted(one, errors);
        }),
    }
}

fn request_name(at: &At, errors: &mut Errors) {
    names::label(at.text()).iter().for_each(|wrong| errors.invalid_as(at, &quoted(at.text()), wrong));
}

/// What is wanted of a class of devices.
fn wanted(at: &At, errors: &mut Errors) {
    let (class, mode, count) = (at.field("deviceClassName"), at.field("allocationMode"), at.field("count"));
    if errors.needs_text(&class) {
        errors.invalid_all(&class, names::subdomain(class.text()));
    }
    each(&at.field("selectors"), MOST, errors, selector);
    match mode.text() {
        "All" if count.int() != 0 => errors.invalid(&count, "must not be specified when allocationMode is 'All'"),
        "All" => {}
        "ExactCount" if count.int() <= 0 => errors.invalid(&count, "must be greater than zero"),
        "ExactCount" => {}
        text => errors.unsupported_as(&mode, &quoted(text), &["All", "ExactCount"]),
    }
    at.field("tolerations").items().for_each(|one| toleration(&one, errors));
}

fn toleration(at: &At, errors: &mut Errors) {
    let [key, operator, value, effect] = ["key", "operator", "value", "effect"].map(|name| at.field(name));
    if !key.text().is_empty() {
        errors.invalid_all(&key, names::qualified(key.text()));
    }
    match operator.text() {
        "Exists" if !value.text().is_empty() => errors.invalid(&value, "must be empty for operator `Exists`"),
        "Exists" => {}
        "Equal" => errors.invalid_all(&value, names::label_value(value.text())),
        "" => errors.required(&operator, ""),
        _ => errors.unsupported(&operator, &["Equal", "Exists"]),
    }
    if !effect.text().is_empty() {
        errors.known(&effect, &EFFECTS);
    }
}

pub(super) fn taint(at: &At, errors: &mut Errors) {
    let [key, value, effect] = ["key", "value", "effect"].map(|name| at.field(name));
    names::qualified(key.text()).iter().for_each(|wrong| errors.invalid_as(&key, &quoted(key.text()), wrong));
    errors.invalid_all(&value, names::label_value(value.text()));
    errors.one_of(&effect, &EFFECTS, false);
}

/// Names of requests, or of an alternative of one: `request/alternative`.
fn references(list: &At, requests: &Value, errors: &mut Errors) {
    const WHAT: &str =
        "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
    let named = |list: &Value, name: &str| {
        list.items().iter().rev().find(|item| item.get("name").as_str().unwrap_or("") == name).cloned()
    };
    each_once(
        list,
        MOST,
        |item| item.as_str().unwrap_or(""),
        errors,
        |item, errors| {
            let parts: Vec<&str> = item.text().split('/').collect();
            if parts.len() > 2 {
                return errors.invalid(item, WHAT);
            }
            for part in &parts {
                names::label(part).iter().for_each(|wrong| errors.invalid_as(item, &quoted(part), wrong));
            }
            let request = named(requests, parts[0]);
            let alternative =
                |request: &Value| parts.get(1).is_none_or(|name| named(request.get("firstAvailable"), name).is_some());
            if !request.as_ref().is_some_and(alternative) {
                errors.invalid(item, WHAT);
            }
        },
    );
}

/// `driver.example.com/name`, of which the first part may be left out.
pub(super) fn qualified_name(at: &At, text: &str, errors: &mut Errors) {
    match text.split('/').collect::<Vec<_>>()[..] {
        [name] => identifier(at, name, errors),
        [domain, name] => {
            if domain.is_empty() {
                errors.invalid_as(at, "\"\"", "the domain must not be empty");
            } else {
                let domain = Value::from(domain);
                source::driver(&at.standing_for(&domain), errors);
            }
            if name.is_empty() {
                errors.invalid_as(at, "\"\"", "the name must not be empty");
            } else {
                identifier(at, name, errors);
            }
        }
        _ => {}
    }
}

fn full_name(at: &At, errors: &mut Errors) {
    qualified_name(at, at.text(), errors);
    if !at.text().contains('/') {
        errors.invalid(at, "a fully qualified name must be a domain and a name separated by a slash");
    }
}

fn identifier(at: &At, text: &str, errors: &mut Errors) {
    const LONGEST: usize = 32;
    if text.len() > LONGEST {
        errors.too_long(at, LONGEST);
    }
    for wrong in names::identifier(text) {
        errors.invalid_as(at, &quoted(text), wrong);
    }
}
