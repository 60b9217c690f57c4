//! Kubernetes 1.36: apiextensions-apiserver/pkg/apis/apiextensions/validation (ValidateCustomResourceDefinitionOpenAPISchema)
//!
//! Rules in CEL, as a schema writes them.

use super::kit::{At, Errors};
use crate::custom::cel;
use crate::custom::cel::double::Double;
use crate::manifest::write;
use crate::value::Value;

const RULES: &str = "x-kubernetes-validations";
const REASONS: [&str; 4] = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];

/// What can be said of rules without reading them.
pub fn written(at: &At, errors: &mut Errors) {
    for rule in at.field(RULES).items() {
        let (source, message, said) = (rule.field("rule"), rule.field("message"), rule.field("messageExpression"));
        let blank = |field: &At| !field.text().is_empty() && field.text().trim().is_empty();
        if source.text().trim().is_empty() {
            errors.required(&source, "rule is not specified");
        } else if blank(&message) {
            errors.invalid(&message, "must be non-empty if specified");
        } else if has_break(message.text().trim()) {
            errors.invalid(&message, "must not contain line breaks");
        } else if has_break(source.text().trim()) && message.text().is_empty() {
            errors.required(&message, "message must be specified if rule contains line breaks");
        }
        if blank(&said) {
            errors.required(&said, "messageExpression must be non-empty if specified");
        }
        if rule.field("reason").is_set() && !REASONS.contains(&rule.field("reason").text()) {
            errors.unsupported(&rule.field("reason"), &REASONS);
        }
        let path = rule.field("fieldPath");
        if blank(&path) {
            errors.invalid(&path, "must be non-empty if specified");
        }
        if has_break(path.text()) {
            errors.invalid(&path, "must not contain line breaks");
        }
        if !path.text().is_empty() && !leads(at.value, path.text()) {
            errors.invalid(&path, "must be a valid path");
        }
    }
}

fn has_break(text: &str) -> bool {
    text.contains(['\n', '\r'])
}

/// Whether a path (`.spec.x`, `.map['key']`) leads to something that a schema knows.
fn leads(schema: &Value, path: &str) -> bool {
    let (mut schema, mut rest) = (schema, path);
    while !rest.is_empty() {
        let name;
        if let Some(after) = rest.strip_prefix("['") {
            let Some(end) = after.find("']") else { return false };
            (name, rest) = (&after[..end], &after[end + 2..]);
        } else if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            (name, rest) = (&after[..end], &after[end..]);
        } else {
            return false;
        }
        let own = schema.get("properties").get(name);
        schema = if own.is_null() { schema.get("additionalProperties") } else { own };
        if name.is_empty() || schema.as_map().is_none() {
            return false;
        }
    }
    true
}

/// What a part of a schema stands in.
#[derive(Clone, Copy)]
struct Place<'a> {
    is_root: bool,
    /// What cannot be told from one object to the next, and holds this.
    loose: Option<&'a str>,
    /// How often this can be there in an object; `None` if nothing limits that.
    times: Option<u64>,
}

/// So much may a rule cost, and all rules of a schema (StaticEstimatedCostLimit, StaticEstimatedCRDCostLimit).
const MOST: u64 = 10_000_000;
const MOST_OF_ALL: u64 = 100_000_000;

/// Rules of a schema as they are read one by one.
struct Reader<'a> {
    /// The fields in which the schema itself is wrong.
    wrong: &'a [String],
    /// What was let in before is not asked again what each rule costs.
    is_known: bool,
    total: u64,
    /// The costliest, by their paths; four at most.
    costly: Vec<(u64, String)>,
}

/// What is found when the rules of a schema are read; `wrong` are the fields in which the schema itself is wrong.
pub fn compiled(at: &At, is_known: bool, wrong: &[String], errors: &mut Errors) {
    let mut reader = Reader { wrong, is_known, total: 0, costly: vec![] };
    reader.read(at, Place { is_root: true, loose: None, times: Some(1) }, errors);
    if reader.total <= MOST_OF_ALL {
        return;
    }
    for (_, path) in reader.costly {
        let why = "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema";
        errors.forbidden_at(path, why);
    }
    let what = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema";
    errors.forbidden(at, too_costly(what, reader.total, MOST_OF_ALL));
}

fn too_costly(what: &str, cost: u64, most: u64) -> String {
    let factor = match cost {
        _ if cost > most.saturating_mul(100) => "more than 100".to_string(),
        _ if cost < most / 2 * 3 => Double::ratio(cost, most).fixed(6),
        _ => Double::ratio(cost, most).fixed(1),
    };
    format!(
        "{what} exceeds budget by factor of {factor}x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)"
    )
}

/// How much oftener than a part of a schema what it holds can be there; `None` if nothing limits that.
fn multiplies(schema: &Value) -> Option<u64> {
    let limit = |field: &str| schema.get(field).as_int().map(|n| u64::try_from(n).unwrap_or(0));
    match schema.get("type").as_str() {
        Some("object") if !schema.get("additionalProperties").is_null() => limit("maxProperties"),
        Some("array") => limit("maxItems"),
        _ => Some(1),
    }
}

impl Reader<'_> {
    fn read(&mut self, at: &At, place: Place, errors: &mut Errors) {
        let own = at.path();
        let times = place.times.zip(multiplies(at.value)).map(|(times, more)| times.saturating_mul(more));
        let below = Place { is_root: false, times, ..place };
        let more = at.field("additionalProperties");
        if more.value.as_map().is_some() {
            self.read(&more, below, errors);
        }
        let atomic = at.value.get("x-kubernetes-map-type").as_str() == Some("atomic");
        for (_, property) in at.field("properties").keys() {
            self.read(&property, Place { loose: place.loose.or(atomic.then_some(&own)), ..below }, errors);
        }
        let items = at.field("items");
        if items.is_set() {
            let loses = at.value.get("x-kubernetes-list-type").as_str() != Some("map");
            self.read(&items, Place { loose: place.loose.or(loses.then_some(&own)), ..below }, errors);
        }
        // Where the schema itself is wrong, here or deeper, its rules are not read.
        if self.wrong.iter().any(|field| field.starts_with(&own)) {
            return;
        }
        for rule in at.field(RULES).items() {
            self.rule(at.value, &rule, place, errors);
        }
    }

    fn rule(&mut self, schema: &Value, rule: &At, place: Place, errors: &mut Errors) {
        let found = cel::compile(schema, place.is_root, rule.value);
        let cost = found.cost.saturating_mul(place.times.unwrap_or(found.occurs));
        self.costs(&rule.field("rule"), "estimated rule cost", cost, errors);
        if let Some(why) = found.wrong {
            errors.invalid_as(&rule.field("rule"), &shown(rule.value), why);
        }
        if let Some(why) = found.wrong_message {
            errors.invalid_as(&rule.field("messageExpression"), &shown(rule.value), why);
        }
        let message = rule.field("messageExpression");
        self.costs(&message, "estimated messageExpression cost", found.message_cost, errors);
        match place.loose {
            Some(within) if found.uses_old => {
                let why = format!("oldSelf cannot be used on the uncorrelatable portion of the schema within {within}");
                errors.invalid(&rule.field("rule"), why);
            }
            _ if !found.uses_old && rule.field("optionalOldSelf").is_set() => {
                errors.invalid(&rule.field("optionalOldSelf"), "may not be set if oldSelf is not used in rule");
            }
            _ => {}
        }
    }

    fn costs(&mut self, at: &At, what: &str, cost: u64, errors: &mut Errors) {
        if cost > MOST && !self.is_known {
            errors.forbidden(at, too_costly(what, cost, MOST));
        }
        self.total = self.total.saturating_add(cost);
        if cost >= MOST_OF_ALL / 100 {
            self.costly.push((cost, at.path()));
            self.costly.sort_by_key(|(cost, _)| std::cmp::Reverse(*cost));
            self.costly.truncate(4);
        }
    }
}

/// A rule as the server shows it: its own type as JSON.
fn shown(rule: &Value) -> String {
    let text = |field: &str| write::json(&Value::from(rule.get(field).as_str().unwrap_or("")), 0);
    let field = |field: &str| write::json(rule.get(field), 0);
    format!(
        r#"{{"Rule":{},"Message":{},"MessageExpression":{},"Reason":{},"FieldPath":{},"OptionalOldSelf":{}}}"#,
        text("rule"),
        text("message"),
        text("messageExpression"),
        field("reason"),
        text("fieldPath"),
        field("optionalOldSelf"),
    )
}

#[cfg(test)]
mod tests {
    use crate::admission::validate;
    use crate::api::Kind;
    use crate::apiserver::Part;
    use crate::value::Value;

    const MORE: &str = "(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)";

    /// A definition with this rule about each of its lists.
    fn definition(rule: &str, more: &str) -> Value {
        let text = format!(
            "metadata: {{name: things.example.com}}
spec:
  group: example.com
  scope: Namespaced
  names: {{plural: things, singular: thing, kind: Thing, listKind: ThingList}}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {{openAPIV3Schema: {{type: object, properties: {{l: {{type: array{more}, items: {{type: array, items: {{type: string}}, x-kubernetes-validations: [{{rule: \"{rule}\"}}]}}}}}}}}}}
status: {{storedVersions: [v1]}}
"
        );
        crate::manifest::read(&text).documents[0].value.clone()
    }

    fn told(value: &Value) -> Vec<String> {
        let wrong = validate::create(Kind::CustomResourceDefinition, value);
        let own = |field: &str| {
            field.replace("spec.validation.openAPIV3Schema", "^").replace(".x-kubernetes-validations", "!")
        };
        wrong.iter().map(|cause| format!("{}: {}", own(&cause.field), cause.message.replace(MORE, "..."))).collect()
    }

    /// As kube-apiserver 1.36.3 answers.
    #[test]
    fn rules_that_could_cost_too_much_are_refused() {
        assert_eq!(told(&definition("self.size() < 5", ", maxItems: 10")), Vec::<String>::new());
        let squared = "self.all(x, self.exists(y, x == y))";
        let rule = "^.properties[l].items![0].rule";
        assert_eq!(
            told(&definition(squared, "")),
            [
                format!("{rule}: Forbidden: estimated rule cost exceeds budget by factor of more than 100x ..."),
                format!("{rule}: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema"),
                "^: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x ...".to_string(),
            ]
        );
        assert_eq!(
            told(&definition("self.all(x, x.size() < 5)", ", maxItems: 2")),
            [format!("{rule}: Forbidden: estimated rule cost exceeds budget by factor of 1.258290x ...")]
        );
        assert_eq!(
            told(&definition("self.all(x, x.size() < 5)", ", maxItems: 4")),
            [format!("{rule}: Forbidden: estimated rule cost exceeds budget by factor of 2.5x ...")]
        );
    }

    #[test]
    fn what_was_let_in_is_not_asked_again_what_each_rule_costs() {
        let old = definition("self.all(x, x.size() < 5)", ", maxItems: 2");
        let mut new = old.clone();
        new.set(
            "metadata",
            crate::manifest::read("{name: things.example.com, labels: {a: b}}").documents[0].value.clone(),
        );
        let refused = |new: &Value| validate::update(Kind::CustomResourceDefinition, new, &old, Part::Main).len();
        assert_eq!(refused(&new), 0);
        assert_eq!(refused(&definition("self.all(x, x.size() < 6)", ", maxItems: 2")), 1);
    }
}
