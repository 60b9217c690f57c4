//! `x-kubernetes-validations`: rules that stand anywhere in a schema, about what stands there in an object.
//!
//! Kubernetes 1.36: apiextensions-apiserver/pkg/apiserver/schema/cel/{validation,compilation}.go

use super::eval::{Failure, Run};
use super::parse::{Expr, Kind, parse};
use super::sizes::Part;
use super::types::{self, Ty};
use super::value::Val;
use super::{Fault, cost};
use crate::apiserver::StatusCause;
use crate::custom::of_field;
use crate::manifest::write::json;
use crate::value::Value;
use std::rc::Rc;

const RULES: &str = "x-kubernetes-validations";
/// All rules of a request together (RuntimeCELCostBudget).
const BUDGET: u64 = 10_000_000;
const LONGEST_MESSAGE: usize = 5 * 1024;

/// What rules say of an object.
#[derive(Debug, Default)]
pub struct Told {
    pub wrong: Vec<StatusCause>,
    /// What is wrong but was so before.
    pub warnings: Vec<String>,
    spent: u64,
    stopped: bool,
}

pub fn check(schema: &Value, value: &Value, old: Option<&Value>) -> Told {
    let mut told = Told::default();
    let unchanged = old == Some(value);
    node(&Place { schema, rules: schema, is_root: true }, value, Before { old, unchanged }, "", &mut told);
    told
}

/// A part of a schema; within `allOf` its rules stand apart.
#[derive(Clone, Copy)]
struct Place<'a> {
    schema: &'a Value,
    rules: &'a Value,
    is_root: bool,
}

/// What a part was before, if that can be said, and whether it or what holds it is as it was.
#[derive(Clone, Copy)]
struct Before<'a> {
    old: Option<&'a Value>,
    unchanged: bool,
}

impl<'a> Before<'a> {
    fn part(self, old: Option<&'a Value>, new: &Value) -> Before<'a> {
        Before { old, unchanged: old.map_or(self.unchanged, |old| old == new) }
    }
}

fn node(place: &Place, value: &Value, before: Before, path: &str, told: &mut Told) {
    if value.is_null() || told.stopped {
        return;
    }
    rules(place, value, before, path, told);
    for inner in place.rules.get("allOf").items() {
        node(&Place { rules: inner, ..*place }, value, before, path, told);
    }
    let child = |schema, rules| Place { schema, rules, is_root: false };
    match value {
        Value::List(items) => {
            let (schema, rules) = (place.schema.get("items"), place.rules.get("items"));
            if rules.is_null() {
                return;
            }
            for (i, item) in items.iter().enumerate() {
                let old = before.old.and_then(|old| same_item(place.schema, item, old));
                node(&child(schema, rules), item, before.part(old, item), &format!("{path}[{i}]"), told);
            }
        }
        Value::Map(map) => {
            let atomic = place.schema.get("x-kubernetes-map-type").as_str() == Some("atomic");
            for (key, inner) in map.iter() {
                let (Some(schema), Some(rules)) = (of_field(place.schema, key), of_field(place.rules, key)) else {
                    continue;
                };
                let named = !place.schema.get("properties").get(key).is_null();
                let path = match named {
                    true if path.is_empty() => key.to_string(),
                    true => format!("{path}.{key}"),
                    false => format!("{path}[{key}]"),
                };
                let old = before.old.filter(|_| !atomic).and_then(|old| old.as_map()?.get(key));
                node(&child(schema, rules), inner, before.part(old, inner), &path, told);
            }
        }
        _ => {}
    }
}

/// What an item of a list that is a map was before.
fn same_item<'a>(schema: &Value, item: &Value, old: &'a Value) -> Option<&'a Value> {
    if schema.get("x-kubernetes-list-type").as_str() != Some("map") {
        return None;
    }
    let keys = schema.get("x-kubernetes-list-map-keys").items();
    let same = |old: &&Value| keys.iter().filter_map(Value::as_str).all(|key| old.get(key) == item.get(key));
    old.items().iter().find(same)
}

fn cause(path: &str, reason: &'static str, message: String) -> StatusCause {
    StatusCause { reason, message, field: if path.is_empty() { "<nil>".into() } else { path.into() } }
}

fn rules(place: &Place, value: &Value, before: Before, path: &str, told: &mut Told) {
    let kind = place.schema.get("type").as_str().unwrap_or("");
    let list = place.rules.get(RULES).items();
    let own = (!list.is_empty()).then(|| Val::of(value, place.schema, place.is_root));
    for (rule, own) in list.iter().zip(own.iter().cycle()) {
        let invalid = |told: &mut Told, detail: String| {
            told.wrong.push(cause(path, "FieldValueInvalid", format!("Invalid value: {kind:?}: {detail}")));
        };
        if told.spent > BUDGET {
            let why = "validation failed due to running out of cost budget, no further validation rules will be run";
            told.stopped = true;
            return invalid(told, why.into());
        }
        // Rules that cannot be read were refused with the definition.
        let Ok(expr) = parse(text(rule, "rule")) else { continue };
        let optional = rule.get("optionalOldSelf").as_bool() == Some(true);
        let (uses_old, old) = (uses(&expr, "oldSelf"), before.old.filter(|old| !old.is_null()));
        if uses_old && old.is_none() && !optional {
            continue;
        }
        let old = old.map(|old| Val::of(old, place.schema, place.is_root));
        let old = if optional { Some(Val::Optional(old.map(Rc::new))) } else { old };
        let mut names = vec![(Rc::from("self"), own.clone())];
        names.extend(old.map(|old| (Rc::from("oldSelf"), old)));
        let mut run = Run::new(names.clone());
        let answer = run.eval(&expr);
        told.spent = told.spent.saturating_add(run.cost);
        match answer {
            Ok(Val::Bool(true)) => {}
            Ok(_) => {
                let detail = spoken(rule, names, told).unwrap_or_else(|| or_default(rule));
                let cause = refused(rule, (kind, value), path, detail);
                match !uses_old && before.unchanged {
                    true => told.warnings.push(format!("{}: {}", cause.field, cause.message)),
                    false => told.wrong.push(cause),
                }
            }
            Err(failure) if failure.missing().is_some() => {
                let what = failure.missing().unwrap_or("");
                told.warnings
                    .push(format!("the rule {:?} is not checked: {what} is not simulated", text(rule, "rule")));
            }
            Err(failure) => {
                invalid(told, failed(&failure, rule));
                told.stopped = failure.is_spent();
            }
        }
        if told.stopped {
            return;
        }
    }
}

fn text<'a>(rule: &'a Value, field: &str) -> &'a str {
    rule.get(field).as_str().unwrap_or("").trim()
}

fn failed(failure: &Failure, rule: &Value) -> String {
    let own = if text(rule, "message").is_empty() { text(rule, "rule") } else { text(rule, "message") };
    let why = &failure.0;
    if why.starts_with("no such overload") {
        let what = "call arguments did not match a supported operator, function or macro signature for rule";
        return format!("'{why}': {what}: {own}");
    }
    if failure.is_spent() {
        let what = "no further validation rules will be run due to call cost exceeds limit for rule";
        return format!("'{why}': {what}: {own}");
    }
    format!("{why} evaluating rule: {own}")
}

fn or_default(rule: &Value) -> String {
    match text(rule, "message") {
        "" => format!("failed rule: {}", text(rule, "rule")),
        message => message.into(),
    }
}

/// What `messageExpression` says, if that can be used.
fn spoken(rule: &Value, names: Vec<(Rc<str>, Val)>, told: &mut Told) -> Option<String> {
    let expr = Some(text(rule, "messageExpression")).filter(|text| !text.is_empty())?;
    let mut run = Run::new(names);
    let answer = run.eval(&parse(expr).ok()?);
    told.spent = told.spent.saturating_add(run.cost);
    let Ok(Val::Str(said)) = answer else { return None };
    let said = said.trim();
    (!said.is_empty() && !said.contains('\n') && said.len() <= LONGEST_MESSAGE).then(|| said.to_string())
}

fn refused(rule: &Value, (kind, value): (&str, &Value), path: &str, detail: String) -> StatusCause {
    let below = normal_path(text(rule, "fieldPath"));
    let path = if path.is_empty() || below.is_empty() { format!("{path}{below}") } else { format!("{path}.{below}") };
    let shown = match value {
        _ if matches!(kind, "object" | "array") => None,
        Value::Str(text) => Some(format!("{text:?}")),
        value => Some(json(value, 0)),
    };
    let shown = shown.map_or(String::new(), |shown| format!(": {shown}"));
    match rule.get("reason").as_str() {
        Some("FieldValueForbidden") => cause(&path, "FieldValueForbidden", format!("Forbidden: {detail}")),
        Some("FieldValueRequired") => cause(&path, "FieldValueRequired", format!("Required value: {detail}")),
        Some("FieldValueDuplicate") => cause(&path, "FieldValueDuplicate", format!("Duplicate value{shown}")),
        _ => cause(&path, "FieldValueInvalid", format!("Invalid value{shown}: {detail}")),
    }
}

/// `.spec['a.b'].c` as the server writes paths: `spec.a.b.c`.
fn normal_path(path: &str) -> String {
    let named = path.trim_start_matches('.').replace("['", ".").replace("']", "");
    named.trim_start_matches('.').to_string()
}

fn uses(expr: &Expr, name: &str) -> bool {
    matches!(&expr.kind, Kind::Name(own) if **own == *name) || expr.children().iter().any(|inner| uses(inner, name))
}

/// What is wrong with a rule by itself.
#[derive(Debug, Default)]
pub struct Compiled {
    pub wrong: Option<String>,
    pub wrong_message: Option<String>,
    pub uses_old: bool,
    /// What one evaluation costs at most.
    pub cost: u64,
    pub message_cost: u64,
    /// How often there can be what it is about, if no schema around it limits that.
    pub occurs: u64,
}

/// Reads a rule about what has this schema.
pub fn compile(schema: &Value, is_root: bool, rule: &Value) -> Compiled {
    let mut out = Compiled::default();
    let source = rule.get("rule").as_str().unwrap_or("");
    let Some(own) = Ty::of(schema, is_root, "selfType") else { return out };
    if source.trim().is_empty() {
        return out;
    }
    let old = match rule.get("optionalOldSelf").as_bool() {
        Some(true) => Ty::Optional(own.clone().into()),
        _ => own.clone(),
    };
    let names = vec![(Rc::from("self"), own), (Rc::from("oldSelf"), old)];
    let described = Part::of(schema, is_root).unwrap_or_default();
    out.occurs = described.occurs();
    let read = |source: &str, names: Vec<(Rc<str>, Ty)>| -> Result<(Expr, Ty, u64), String> {
        let told = |faults: Vec<Fault>| faults.iter().map(|f| f.told(source)).collect::<Vec<_>>().join("\n");
        let expr = parse(source).map_err(|fault| told(vec![fault]))?;
        let (typed, mut faults) = types::check(&expr, names);
        faults.sort_by_key(|fault| fault.at);
        if !faults.is_empty() {
            return Err(told(faults));
        }
        let (cost, ty) = (cost::most(&typed, &described, None), typed.ty.clone());
        Ok((expr, ty, cost))
    };
    match read(source, names.clone()) {
        Ok((expr, Ty::Named("bool"), cost)) => {
            out.uses_old = uses(&expr, "oldSelf");
            out.cost = cost;
        }
        Ok(_) => out.wrong = Some("cel expression must evaluate to a bool".into()),
        Err(told) => out.wrong = Some(format!("compilation failed: {told}")),
    }
    let message = rule.get("messageExpression").as_str().unwrap_or("");
    if out.wrong.is_none() && !message.trim().is_empty() {
        out.wrong_message = match read(message, names) {
            Ok((_, Ty::Named("string"), cost)) => {
                out.message_cost = cost;
                None
            }
            Ok(_) => Some("messageExpression must evaluate to a string".into()),
            Err(told) => Some(format!("messageExpression compilation failed: {told}")),
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Value {
        crate::manifest::read(text).documents[0].value.clone()
    }

    const SCHEMA: &str = "
type: object
properties:
  low: {type: integer}
  name: {type: string, maxLength: 20}
  size: {x-kubernetes-int-or-string: true}
  since: {type: string, format: date-time}
  every: {type: string, format: duration}
  tags: {type: array, items: {type: string}}
  limits: {type: object, additionalProperties: {type: string}}
  ports:
    type: array
    x-kubernetes-list-type: map
    x-kubernetes-list-map-keys: [name]
    items: {type: object, properties: {name: {type: string}, port: {type: integer}}}";
    const OBJECT: &str = "{low: 3, name: a-b, size: 50%, since: '2026-11-29T12:00:00Z', every: 90s, tags: [x, w],
  limits: {cpu: 500m}, ports: [{name: http, port: 80}]}";

    /// What is wrong with a rule, or with an object by it.
    fn told(rule: &str, object: &str, old: Option<&str>) -> String {
        let mut schema = parse(SCHEMA);
        schema.set(RULES, Value::list(vec![Value::map([("rule", Value::from(rule))])]));
        if let Some(why) = compile(&schema, true, &schema.get(RULES).items()[0]).wrong {
            return why;
        }
        let found = check(&schema, &parse(object), old.map(parse).as_ref());
        let wrong = found.wrong.iter().map(|cause| cause.message.clone());
        wrong.chain(found.warnings.into_iter().map(|text| format!("warning: {text}"))).collect::<Vec<_>>().join("\n")
    }

    /// The rules and texts of the real server's own test, as far as they are ours.
    #[test]
    fn rules_that_hold() {
        for rule in [
            "self.low > 2 && self.name.startsWith('a') && size(self.tags) == 2",
            "self.name.matches('^[a-z]-[a-z]$') && !self.name.contains('c')",
            "self.name.split('-') == ['a', 'b'] && 'x' in self.tags && 'cpu' in self.limits",
            "self.tags.all(t, t != 'z') && self.tags.exists_one(t, t == 'x') && self.tags.map(t, t + t)[1] == 'ww'",
            "self.ports.all(i, p, i == 0 && p.port == 80) && self.ports.filter(p, p.port > 80).size() == 0",
            "type(self.size) == string ? self.size == '50%' : self.size > 5",
            "self.since < timestamp('2026-11-29T14:00:00+01:00') && self.every == duration('1m30s')",
            "quantity(self.limits['cpu']).isLessThan(quantity('1')) && self.?low.orValue(0) == 3",
            "!has(self.limits.memory) || quantity(self.limits.memory).isGreaterThan(quantity('1Gi'))",
            "self.limits.none == '' || true",
            "url('https://a.b:8080/c?d=e').getHost() == 'a.b:8080' && ip('10.0.0.1').family() == 4",
            "cidr('10.0.0.0/8').containsIP('10.1.2.3') && isCIDR('fd00::/8') && !isIP('10.0.0')",
            "[1, 2, 3].sum() == 6 && ['b', 'a'].sort() == ['a', 'b'] && '%s is %d'.format(['a', 1]) == 'a is 1'",
            "(1 / 0 == 1) || self.low == 3",
            "!!(self.metadata.name == 'x')",
            "{'a': 1}.transformMapEntry(k, v, {v: k})[1] == 'a'",
        ] {
            let object = format!("{}, metadata: {{name: x}}}}", &OBJECT[..OBJECT.len() - 1]);
            assert_eq!(told(rule, &object, None), "", "{rule}");
        }
    }

    #[test]
    fn what_rules_say() {
        let check = |rule: &str, expect: &str| assert_eq!(told(rule, OBJECT, None), expect, "{rule}");
        check("self.low > 5", "Invalid value: failed rule: self.low > 5");
        check(
            "self.limits['none'] == ''",
            "Invalid value: \"object\": no such key: none evaluating rule: self.limits['none'] == ''",
        );
        check(
            "1 / (self.low - 3) == 1",
            "Invalid value: \"object\": division by zero evaluating rule: 1 / (self.low - 3) == 1",
        );
        check(
            "self.size > 5",
            "Invalid value: \"object\": 'no such overload': call arguments did not match a supported operator, function or macro signature for rule: self.size > 5",
        );
        check(
            "self.hight > 5",
            "compilation failed: ERROR: <input>:1:5: undefined field 'hight'\n | self.hight > 5\n | ....^",
        );
        check(
            "self.name == 5",
            "compilation failed: ERROR: <input>:1:11: found no matching overload for '_==_' applied to '(string, int)'\n | self.name == 5\n | ..........^",
        );
        check(
            "other && self.name.has('x')",
            "compilation failed: ERROR: <input>:1:1: undeclared reference to 'other' (in container '')\n | other && self.name.has('x')\n | ^\nERROR: <input>:1:23: undeclared reference to 'has' (in container '')\n | other && self.name.has('x')\n | ......................^",
        );
        check(
            "cel.bind(n, true, n)",
            "compilation failed: ERROR: <input>:1:1: undeclared reference to 'cel' (in container '')\n | cel.bind(n, true, n)\n | ^\nERROR: <input>:1:9: undeclared reference to 'bind' (in container '')\n | cel.bind(n, true, n)\n | ........^\nERROR: <input>:1:10: undeclared reference to 'n' (in container '')\n | cel.bind(n, true, n)\n | .........^\nERROR: <input>:1:19: undeclared reference to 'n' (in container '')\n | cel.bind(n, true, n)\n | ..................^",
        );
        check("self.low", "cel expression must evaluate to a bool");
        check(
            "[1].exists(n, n.all(m, true))",
            "compilation failed: ERROR: <input>:1:15: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)\n | [1].exists(n, n.all(m, true))\n | ..............^",
        );
        check(
            "format.uuid().validate(self.name) == optional.none()",
            "warning: the rule \"format.uuid().validate(self.name) == optional.none()\" is not checked: the function format.uuid is not simulated",
        );
        let long = "lists.range(50000).all(a, lists.range(50000).all(b, a + b >= 0))";
        assert!(told(long, OBJECT, None).contains("operation cancelled: actual cost limit exceeded"));
    }

    /// Costs as apiextensions-apiserver 0.36.3 reckons them.
    #[test]
    fn what_rules_cost_at_most() {
        let schema = parse(
            "{type: object, properties: {s: {type: string}, u: {type: string, maxLength: 50}, ls: {type: array, items: {type: string}},
  lo: {type: array, maxItems: 10, items: {type: object, properties: {k: {type: string, maxLength: 5}, t: {type: array, maxItems: 3, items: {type: string}}}}},
  m: {type: object, additionalProperties: {type: string}}}}",
        );
        for (rule, cost) in [
            ("self.u == 'abc'", 3),
            ("self.s.contains('abc')", 314_575),
            ("self.ls.all(x, x.matches('^a'))", 329_857_577_778),
            ("self.ls.all(x, self.ls.exists(y, x == y))", 345_882_608_640_773_328),
            ("self.lo.all(o, o.t.all(x, x.size() > o.k.size()))", 1863),
            ("self.m.exists(k, v, v == k)", 2_359_293),
            ("self.?u.optMap(x, x + 'b').orValue('') == ''", 1_844_674_407_370_955_283),
            ("self.ls.map(x, x.trim()).sort().join(',') == ''", 1_844_677_046_207_984_551),
        ] {
            let found = compile(&schema, true, &Value::map([("rule", Value::from(rule))]));
            assert_eq!((found.wrong, found.cost, found.occurs), (None, cost, 1_048_576), "{rule}");
        }
    }

    #[test]
    fn what_was_wrong_before_is_but_warned_of() {
        assert_eq!(told("self.low == oldSelf.low", OBJECT, None), "");
        assert_eq!(
            told("self.low == oldSelf.low", "low: 3", Some("low: 2")),
            "Invalid value: failed rule: self.low == oldSelf.low"
        );
        assert_eq!(
            told("self.low > 5", "low: 3", Some("low: 3")),
            "warning: <nil>: Invalid value: failed rule: self.low > 5"
        );
        assert_eq!(told("self.low > 5", "low: 3", Some("low: 2")), "Invalid value: failed rule: self.low > 5");
    }
}
