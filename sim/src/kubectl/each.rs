//! One request after another: what a command does to each object of its files.
//!
//! Kubernetes 1.36: staging/src/k8s.io/cli-runtime/pkg/resource/visitor.go (ContinueOnErrorVisitor). The cluster goes on
//! between two requests: controllers act on the first objects of a file before its last one is made.

use super::files::{Info, Unread};
use super::{Answer, Context, Fault, OK, Step, prune};
use crate::api::Kind;
use crate::api::object::Key;
use crate::clock::{Span, Time};
use crate::store::Store;
use crate::terminal::Call;
use crate::value::Value;

/// From one request to the next.
const PACE: Span = Span(10);

/// Carries `act` out for each object of the files; all that failed is told at the end. A document is read when its first
/// object's turn has come: no step is long.
///
/// # Errors
/// `nothing` if there are no objects.
pub fn run(context: &mut Context, nothing: &str, act: fn(&mut Context, &Info) -> Result<(), Fault>) -> Answer {
    if context.call.memory.is_null() {
        let unread = Unread::new(context)?.remembered();
        let begin = Value::Int(context.now().0 as i64);
        let memory = [("begin", begin), ("entries", Value::list(vec![])), ("next", Value::Int(0)), ("unread", unread)];
        context.call.memory = Value::map(memory);
    }
    loop {
        let (next, due) = turn(context.call).expect("just remembered");
        if context.now() < due {
            return Ok(Step::Wait(Some(due)));
        }
        let Some(entry) = entry(context, next) else {
            if next == 0 {
                return Err(Fault::text(nothing));
            }
            ended(context)?;
            return pruned(context);
        };
        if let Some(info) = info(&context.cluster.store, &entry)
            && let Err(fault) = act(context, &info)
        {
            context.call.memory.at_mut(&["entries"]).list_mut()[next] = remembered(&Err(fault));
        } else if !entry.get("file").is_null() {
            // What was in it need not be kept.
            context.call.memory.at_mut(&["entries"]).list_mut()[next].remove("value");
        }
        context.call.memory.set("next", Value::Int(next as i64 + 1));
    }
}

/// The number of the object that is next, and when its turn comes; `None` for a command that goes through no files, or has not
/// begun to.
pub fn turn(call: &Call) -> Option<(usize, Time)> {
    let (begin, next) = (call.memory.get("begin").as_int()?, call.memory.get("next").as_int()?);
    Some((next as usize, Time(begin as u64) + Span(PACE.0 * next as u64)))
}

/// The object that is next, read if it has not been; `None` after the last.
fn entry(context: &mut Context, next: usize) -> Option<Value> {
    while context.call.memory.get("entries").items().len() <= next {
        let mut unread = Unread::recalled(context, context.call.memory.get("unread"));
        let more = unread.read_on(context)?;
        context.call.memory.set("unread", unread.remembered());
        context.call.memory.at_mut(&["entries"]).list_mut().extend(more.iter().map(remembered));
    }
    context.call.memory.get("entries").items().get(next).cloned()
}

fn ended(context: &Context) -> Answer {
    let entries = context.call.memory.get("entries").items().iter();
    let mut faults: Vec<&Value> = entries.filter(|e| e.get("file").is_null()).collect();
    // `apply` reads all files before its first request; else what could not be read of a file is told behind what was refused.
    let applies = context.args.verb == "apply";
    faults.sort_by_key(|fault| fault.get("read").is_null() == applies);
    let text = |fault: &Value, how: &str| fault.get(how).as_str().unwrap_or("").to_string();
    match faults.as_slice() {
        [] => OK,
        [one] => Err(Fault::Bare(text(one, "alone"))),
        many => {
            let plain = |faults: &[&Value]| faults.iter().map(|fault| text(fault, "plain")).collect::<Vec<_>>();
            let (refused, unread) = many.split_at(many.partition_point(|fault| fault.get("read").is_null()));
            let all = match (applies, plain(refused), plain(unread)) {
                // Beside those, they are one.
                (false, mut refused, unread) if !refused.is_empty() && unread.len() > 1 => {
                    refused.push(format!("[{}]", unread.join(", ")));
                    refused
                }
                _ => plain(many),
            };
            Err(Fault::Many(all.into_iter().map(Fault::Bare).collect()))
        }
    }
}

/// After all has gone well.
fn pruned(context: &mut Context) -> Answer {
    if context.args.verb == "apply" && context.args.is("prune") {
        let entries = context.call.memory.get("entries").items().iter();
        let kept: Vec<(Kind, Key)> =
            entries.filter_map(|entry| info(&context.cluster.store, entry)).map(|info| (info.kind, info.key)).collect();
        prune::run(context, &kept)?;
    }
    OK
}

/// An object, or what was wrong, as the command's memory keeps it.
fn remembered(info: &Result<Info, Fault>) -> Value {
    match info {
        Ok(info) => Value::map([
            ("file", Value::Str(info.file.clone())),
            ("kind", Value::from(info.kind.plural_dot_group())),
            ("namespace", Value::Str(info.key.namespace.clone())),
            ("name", Value::Str(info.key.name.clone())),
            ("value", info.value.clone()),
        ]),
        Err(fault) => {
            let read = if matches!(fault, Fault::Server(..)) { Value::Null } else { true.into() };
            Value::map([("alone", Value::from(fault.print())), ("plain", fault.plain().into()), ("read", read)])
        }
    }
}

fn info(store: &Store, entry: &Value) -> Option<Info> {
    let text = |field: &str| entry.get(field).as_str().unwrap_or("");
    let kind = store.kind_named(entry.get("kind").as_str()?)?;
    let key = Key::new(text("namespace"), text("name"));
    Some(Info { file: text("file").into(), kind, key, value: entry.get("value").clone() })
}
