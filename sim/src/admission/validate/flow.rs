//! Kubernetes 1.36: pkg/apis/flowcontrol/validation/validation.go

use super::kit::{At, Errors, quoted};
use super::names;

const VERBS: [&str; 9] = ["create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"];

pub fn flow_schema(at: &At, errors: &mut Errors) {
    const LAST: i64 = 10_000;
    let (name, spec) = (at.value.at(&["metadata", "name"]), at.field("spec"));
    let precedence = spec.field("matchingPrecedence");
    let shown = precedence.int().to_string();
    if precedence.int() <= 0 {
        errors.invalid_as(&precedence, &shown, "must be a positive value");
    }
    if precedence.int() > LAST {
        errors.invalid_as(&precedence, &shown, format!("must not be greater than {LAST}"));
    }
    if precedence.int() == 1 && name.as_str() != Some("exempt") {
        errors.invalid_as(&precedence, &shown, "only the schema named 'exempt' may have matchingPrecedence 1");
    }
    let method = spec.field("distinguisherMethod");
    if method.is_set() && !["ByNamespace", "ByUser"].contains(&method.field("type").text()) {
        let told = format!("{{\"Type\":{}}}", quoted(method.field("type").text()));
        errors.unsupported_as(&method.field("type"), &told, &["ByNamespace", "ByUser"]);
    }
    let level = spec.field("priorityLevelConfiguration");
    let level = level.field("name");
    if level.text().is_empty() {
        errors.required(&level, "must reference a priority level");
    } else {
        errors.invalid_all(&level, names::subdomain(level.text()));
    }
    spec.field("rules").items().for_each(|one| rule(&one, errors));
}

fn rule(rule: &At, errors: &mut Errors) {
    let subjects = rule.field("subjects");
    if !subjects.is_filled() {
        errors.required(&subjects, "subjects must contain at least one value");
    }
    subjects.items().for_each(|one| subject(&one, errors));
    let (resources, paths) = (rule.field("resourceRules"), rule.field("nonResourceRules"));
    if !resources.is_filled() && !paths.is_filled() {
        errors.required(rule, "at least one of resourceRules and nonResourceRules has to be non-empty");
    }
    resources.items().for_each(|one| resource_rule(&one, errors));
    paths.items().for_each(|one| path_rule(&one, errors));
}

/// Who a subject may be, the field that tells of one, and the order in which the others are refused.
const SUBJECTS: [(&str, &str, [(&str, &str); 2]); 3] = [
    ("ServiceAccount", "serviceAccount", [("User", "user"), ("Group", "group")]),
    ("User", "user", [("ServiceAccount", "serviceAccount"), ("Group", "group")]),
    ("Group", "group", [("ServiceAccount", "serviceAccount"), ("User", "user")]),
];

fn subject(at: &At, errors: &mut Errors) {
    let kind = at.field("kind");
    let Some((kind, own, others)) = SUBJECTS.iter().find(|(known, ..)| *known == kind.text()) else {
        return errors.unsupported_as(&kind, &quoted(kind.text()), &["Group", "ServiceAccount", "User"]);
    };
    let told = at.field(own);
    if !told.is_set() {
        errors.required(&told, &format!("{own} is required when subject kind is '{kind}'"));
    } else {
        let name = told.field("name");
        if errors.needs_text(&name) && *own == "serviceAccount" && name.text() != "*" {
            errors.invalid_all(&name, names::subdomain(name.text()));
        }
        let namespace = told.field("namespace");
        if *own == "serviceAccount" && namespace.text().is_empty() {
            errors.required(&namespace, "must specify namespace for service account");
        } else if *own == "serviceAccount" {
            errors.invalid_all(&namespace, names::label(namespace.text()));
        }
    }
    for (kind, field) in others.iter().filter(|(_, field)| at.field(field).is_set()) {
        errors.forbidden(&at.field(field), format!("{field} is forbidden when subject kind is not '{kind}'"));
    }
}

fn has_all(list: &At) -> bool {
    list.value.items().iter().any(|item| item.as_str() == Some("*"))
}

fn verbs(rule: &At, errors: &mut Errors) {
    let verbs = rule.field("verbs");
    if !verbs.is_filled() {
        errors.required(&verbs, "verbs must contain at least one value");
    } else if has_all(&verbs) {
        alone(&verbs, "verbs", errors);
    } else if verbs.items().any(|verb| !VERBS.contains(&verb.text())) {
        errors.unsupported(&verbs, &VERBS);
    }
}

/// `*` stands for all: there is nothing beside it.
fn alone(list: &At, what: &str, errors: &mut Errors) {
    if list.value.items().len() > 1 && has_all(list) {
        errors.invalid(list, format!("if '*' is present, must not specify other {what}"));
    }
}

fn resource_rule(rule: &At, errors: &mut Errors) {
    verbs(rule, errors);
    for (field, one, many) in [("apiGroups", "api group", "api groups"), ("resources", "resource", "resources")] {
        let list = rule.field(field);
        if !list.is_filled() {
            errors.required(&list, &format!("resource rules must supply at least one {one}"));
        }
        alone(&list, many, errors);
    }
    let namespaces = rule.field("namespaces");
    if !namespaces.is_filled() && rule.value.get("clusterScope").as_bool() != Some(true) {
        let why = "resource rules that are not cluster scoped must supply at least one namespace";
        errors.required(&namespaces, why);
    } else if has_all(&namespaces) {
        alone(&namespaces, "namespaces", errors);
    } else {
        for namespace in namespaces.items() {
            for wrong in names::label(namespace.text()) {
                errors
                    .invalid(&namespace, format!("each member of this list must be '*' or a DNS-1123 label; {wrong}"));
            }
        }
    }
}

fn path_rule(rule: &At, errors: &mut Errors) {
    verbs(rule, errors);
    let paths = rule.field("nonResourceURLs");
    if !paths.is_filled() {
        errors.required(&paths, "nonResourceURLs must contain at least one value");
    } else if has_all(&paths) {
        alone(&paths, "non-resource URLs", errors);
    } else {
        for path in paths.items() {
            let text = path.text();
            let why = match () {
                _ if text.is_empty() => "must not be empty",
                _ if text == "/" => continue,
                _ if !text.starts_with('/') => "must start with slash",
                _ if text.contains(' ') => "must not contain white-space",
                _ if text.contains("//") => "must not contain double slash",
                _ if text.matches('*').count() > 1 || text.contains('*') && !text.ends_with("/*") => {
                    "wildcard can only do suffix matching"
                }
                _ => continue,
            };
            errors.invalid(&path, why);
        }
    }
}

pub fn priority_level(at: &At, errors: &mut Errors) {
    const TYPES: [&str; 2] = ["Exempt", "Limited"];
    let (name, spec) = (at.value.at(&["metadata", "name"]), at.field("spec"));
    let (kind, limited, exempt) = (spec.field("type"), spec.field("limited"), spec.field("exempt"));
    if (name.as_str() == Some("exempt")) != (kind.text() == "Exempt") {
        errors.invalid_as(&kind, &quoted(kind.text()), "must be 'Exempt' if and only if `name` is 'exempt'");
    }
    match kind.text() {
        "Exempt" => {
            if limited.is_set() {
                errors.forbidden(&limited, "must be nil if the type is not Limited");
            }
            shares(&exempt, errors);
            percent(&exempt, errors);
        }
        "Limited" => {
            if exempt.is_set() {
                errors.forbidden(&exempt, "must be nil if the type is Limited");
            }
            if !limited.is_set() {
                return errors.required(&limited, "must not be empty when type is Limited");
            }
            shares(&limited, errors);
            response(&limited.field("limitResponse"), errors);
            percent(&limited, errors);
            let borrowed = limited.field("borrowingLimitPercent");
            if borrowed.int() < 0 {
                errors.invalid(&borrowed, "if specified, must be a non-negative integer");
            }
        }
        "" => errors.required(&kind, ""),
        _ => errors.unsupported(&kind, &TYPES),
    }
}

fn shares(level: &At, errors: &mut Errors) {
    let shares = level.field("nominalConcurrencyShares");
    if shares.int() < 0 {
        errors.invalid(&shares, "must be a non-negative integer");
    }
}

fn percent(level: &At, errors: &mut Errors) {
    let lent = level.field("lendablePercent");
    if !(0..=100).contains(&lent.int()) {
        errors.invalid(&lent, "must be between 0 and 100, inclusive");
    }
}

fn response(response: &At, errors: &mut Errors) {
    let (kind, queuing) = (response.field("type"), response.field("queuing"));
    match kind.text() {
        "Reject" if queuing.is_set() => {
            errors.forbidden(&queuing, "must be nil if limited.limitResponse.type is not Limited");
        }
        "Reject" => {}
        "Queue" if !queuing.is_set() => {
            errors.required(&queuing, "must not be empty if limited.limitResponse.type is Limited");
        }
        "Queue" => queues(&queuing, errors),
        "" => errors.required(&kind, ""),
        _ => errors.unsupported(&kind, &["Queue", "Reject"]),
    }
}

fn queues(queuing: &At, errors: &mut Errors) {
    const MOST: i64 = 10_000_000;
    const BITS: u32 = 60;
    let (length, count, hand) = (queuing.field("queueLengthLimit"), queuing.field("queues"), queuing.field("handSize"));
    if length.int() <= 0 {
        errors.invalid(&length, "must be positive");
    }
    if count.int() <= 0 {
        errors.invalid(&count, "must be positive");
    } else if count.int() > MOST {
        errors.invalid(&count, format!("must not be greater than {MOST}"));
    }
    if hand.int() <= 0 {
        errors.invalid(&hand, "must be positive");
    } else if hand.int() > count.int() {
        errors.invalid(&hand, format!("should not be greater than queues ({})", count.int()));
    } else if !fits(count.int(), hand.int(), BITS) {
        let (deck, hand_size) = (count.int(), hand.int());
        errors.invalid(
            &hand,
            format!(
                "required entropy bits of deckSize {deck} and handSize {hand_size} should not be greater than {BITS}"
            ),
        );
    }
}

/// Whether the ways to draw a hand from a deck, in order, can be told apart by so many bits.
fn fits(deck: i64, hand: i64, bits: u32) -> bool {
    let mut ways: u128 = 1;
    (0..hand).all(|i| {
        ways *= u128::try_from(deck - i).unwrap_or(1);
        ways <= 1 << bits
    })
}
