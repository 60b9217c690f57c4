//! `kubectl wait`.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/wait

use super::jsonpath::{Template, text_of};
use super::resources::{self, Found};
use super::{Answer, Context, Fault, OK, Step, time};
use crate::api::object::Object;
use crate::clock::{Span, Time};
use crate::value::Value;
use std::rc::Rc;

/// What is waited for.
enum Goal {
    Delete,
    Create,
    Condition(String, String),
    /// A path, and the text it must have if one is given.
    Path(Template, Option<String>),
}

fn goal(text: Option<&str>) -> Result<Goal, Fault> {
    let unrecognized = |text: &str| Fault::text(format!("unrecognized condition: {text}"));
    let Some(text) = text else { return Err(unrecognized("[]")) };
    let lower = text.to_lowercase();
    if lower == "delete" {
        return Ok(Goal::Delete);
    }
    if lower == "create" {
        return Ok(Goal::Create);
    }
    if lower.starts_with("condition=") {
        let condition = &text["condition=".len()..];
        let (name, value) = condition.split_once('=').unwrap_or((condition, "true"));
        return Ok(Goal::Condition(name.into(), value.into()));
    }
    if lower.starts_with("jsonpath=") {
        let rest = text["jsonpath=".len()..].trim_matches(['\'', '"']);
        let (path, value) = match rest.strip_prefix('{').and_then(|r| r.split_once('}')) {
            Some((path, tail)) => {
                (format!("{{{path}}}"), tail.strip_prefix('=').map(|v| v.trim_matches(['\'', '"']).to_string()))
            }
            None => {
                let (path, value) = rest.split_once('=').map_or((rest, None), |(p, v)| (p, Some(v.to_string())));
                (path.to_string(), value)
            }
        };
        if value.as_deref() == Some("") {
            return Err(Fault::text(
                "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3",
            ));
        }
        return Ok(Goal::Path(Template::relaxed(&path).map_err(Fault::text)?, value));
    }
    Err(unrecognized(&format!("\"{text}\"")))
}

pub fn run(context: &mut Context) -> Answer {
    let goal = goal(context.args.get("for"))?;
    resources::some(context)?;
    let timeout = context.args.get("timeout").and_then(time::parse).unwrap_or(30_000);
    if context.call.memory.is_null() {
        let now = Value::Int(context.now().0 as i64);
        context.call.memory.set("since", now);
        if let Some(step) = begin(context, &goal)? {
            return Ok(step);
        }
    }
    proceed(context, &goal, timeout)
}

/// Finds what to wait for and remembers it.
fn begin(context: &mut Context, goal: &Goal) -> Result<Option<Step>, Fault> {
    if let Goal::Create = goal {
        return Ok(None);
    }
    let found = find(context, goal)?;
    let entries = found.objects.iter().map(|o| {
        Value::list(vec![
            o.kind.plural_dot_group().into(),
            Value::Str(o.meta.namespace.clone()),
            Value::Str(o.meta.name.clone()),
            Value::Str(o.meta.uid.clone()),
        ])
    });
    let entries = entries.collect();
    context.call.memory.set("left", Value::list(entries));
    if found.objects.is_empty() {
        return match goal {
            Goal::Delete => Ok(Some(Step::Done(0))),
            _ => Err(Fault::text("no matching resources found")),
        };
    }
    Ok(None)
}

fn find(context: &mut Context, goal: &Goal) -> Result<Found, Fault> {
    let mut found = resources::find(context)?;
    if matches!(goal, Goal::Delete) {
        found.faults.retain(|f| !matches!(f, Fault::Server(s, _) if s.reason == "NotFound"));
    }
    Fault::all(std::mem::take(&mut found.faults))?;
    Ok(found)
}

fn proceed(context: &mut Context, goal: &Goal, timeout: i64) -> Answer {
    let since = context.call.memory.get("since").as_int().unwrap_or(0) as u64;
    let end = Time(since) + Span(timeout.max(0) as u64);
    if let Goal::Create = goal {
        let found = resources::find(context)?;
        if found.objects.is_empty() || !found.faults.is_empty() {
            return if context.now() < end {
                Ok(Step::Wait(Some(end)))
            } else {
                Err(Fault::text("timed out waiting for the condition"))
            };
        }
        for object in found.objects {
            met(context, &object.kind.singular_dot_group(), &object.meta.name);
        }
        return OK;
    }
    let mut left = context.call.memory.get("left").items().to_vec();
    let mut late: Vec<Fault> = vec![];
    while let Some(entry) = left.first().cloned() {
        let text = |i: usize| entry.items()[i].as_str().unwrap_or("").to_string();
        let Some(kind) = context.cluster.store.kind_named(&text(0)) else { break };
        let object = context.cluster.store.find(kind, &text(1), &text(2)).filter(|o| *o.meta.uid == *text(3)).cloned();
        let reached = match (&object, goal) {
            (None, Goal::Delete) => true,
            (Some(_), Goal::Delete) => false,
            (None, _) => return Err(crate::apiserver::Status::not_found(kind, &text(2)).into()),
            (Some(object), goal) => is_met(object, goal)?,
        };
        if reached {
            met(context, &kind.singular_dot_group(), &text(2));
        } else if context.now() < end {
            context.call.memory.set("left", Value::list(left));
            return Ok(Step::Wait(Some(end)));
        } else {
            let what = kind.plural();
            late.push(Fault::text(format!("timed out waiting for the condition on {what}/{}", text(2))));
        }
        left.remove(0);
    }
    Fault::all(late)?;
    OK
}

fn met(context: &mut Context, kind: &str, name: &str) {
    context.say(format!("{kind}/{name} condition met"));
}

fn is_met(object: &Rc<Object>, goal: &Goal) -> Result<bool, Fault> {
    let value = object.write();
    match goal {
        Goal::Condition(name, wanted) => {
            let conditions = value.at(&["status", "conditions"]).items();
            let found =
                conditions.iter().find(|c| c.get("type").as_str().is_some_and(|t| t.eq_ignore_ascii_case(name)));
            let Some(found) = found else { return Ok(false) };
            // A condition that speaks of an older spec does not count.
            let seen =
                found.get("observedGeneration").as_int().or(value.at(&["status", "observedGeneration"]).as_int());
            if seen.is_some_and(|seen| seen < object.meta.generation) {
                return Ok(false);
            }
            Ok(found.get("status").as_str().is_some_and(|s| s.eq_ignore_ascii_case(wanted)))
        }
        Goal::Path(template, wanted) => {
            let found = template.values(&value).unwrap_or_default();
            match (found.as_slice(), wanted) {
                ([], _) => Ok(false),
                ([_, ..], None) => Ok(true),
                ([one], Some(wanted)) => match one {
                    Value::Map(_) | Value::List(_) => {
                        Err(Fault::text("jsonpath leads to a nested object or list which is not supported"))
                    }
                    _ => Ok(text_of(one) == *wanted),
                },
                _ => Err(Fault::text("given jsonpath expression matches more than one value")),
            }
        }
        _ => Ok(false),
    }
}
