//! `kubectl events`: what was said, oldest first; with `--watch` what is said from then on, too.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/events.

use super::table::cluster::event_times;
use super::table::{Row, layout};
use super::{Answer, Context, Fault, OK, get, order, print, resources, time};
use crate::api::object::Object;
use crate::api::{Field, Kind, Stamp};
use crate::value::Value;
use std::rc::Rc;

pub fn run(context: &mut Context) -> Answer {
    let about = match context.args.get("for").map(str::to_string) {
        Some(text) => {
            let Some((kind, name)) = text.split_once('/') else {
                return Err(Fault::text("--for must be in resource/name form"));
            };
            Some((resources::kind(&context.cluster.store, kind)?.name(), name.to_string()))
        }
        None => None,
    };
    let types: Vec<String> = context.args.list("types").iter().map(|t| t.to_lowercase()).collect();
    for kind in &types {
        if kind != "normal" && kind != "warning" {
            return Err(Fault::text(format!("valid --types are: Normal, Warning, not {kind}")));
        }
    }
    let mut events = resources::list(context, Kind::Event)?;
    events.retain(|event| {
        let raw = event.whole();
        let of = about.as_ref().is_none_or(|(kind, name)| {
            raw.at(&["involvedObject", "kind"]).as_str() == Some(kind)
                && raw.at(&["involvedObject", "name"]).as_str() == Some(name)
        });
        of && (types.is_empty() || raw.get("type").as_str().is_some_and(|t| types.contains(&t.to_lowercase())))
    });
    if context.args.is("watch") {
        return watch(context, &events);
    }
    if events.is_empty() {
        let namespace = context.namespace();
        context.err(&if context.args.is("all-namespaces") {
            "No events found.".into()
        } else {
            format!("No events found in {namespace} namespace.")
        });
        return OK;
    }
    let now = context.cluster.stamp().0;
    let last = |event: &Rc<Object>| {
        let value = event.write();
        Stamp::read(&event_times(&Row { value: &value, now }).1)
    };
    let mut dated: Vec<_> = events.into_iter().map(|event| (last(&event), event)).collect();
    order::sort(&mut dated, |a, b| a.0 < b.0);
    let events: Vec<Rc<Object>> = dated.into_iter().map(|(_, event)| event).collect();
    if context.args.get("output").is_some() {
        print::objects(context, events.iter().map(|e| get::shown(e)).collect(), false)?;
        return OK;
    }
    let text = table(context, &events, true);
    context.print(text);
    OK
}

/// Each event as it comes or changes, by itself.
fn watch(context: &mut Context, events: &[Rc<Object>]) -> Answer {
    let (mut seen, was) = (Value::empty_map(), context.call.memory.clone());
    let mut begun = was.get("begun").as_bool() == Some(true);
    for event in events {
        let version = Value::Int(event.meta.resource_version.0 as i64);
        let key = event.key().to_string();
        let is_new = was.at(&["seen", &key]) != &version;
        seen.set(&key, version);
        if !is_new {
            continue;
        }
        if context.args.get("output").is_some() {
            print::objects(context, vec![get::shown(event)], true)?;
            continue;
        }
        let text = table(context, std::slice::from_ref(event), !begun);
        context.print(text);
        begun = true;
    }
    context.call.memory = Value::map([("seen", seen), ("begun", begun.into())]);
    Ok(context.watched())
}

/// The events as a table.
fn table(context: &Context, events: &[Rc<Object>], headers_too: bool) -> String {
    let now = context.cluster.stamp().0;
    let all = context.args.is("all-namespaces");
    let mut headers: Vec<String> = ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"].map(String::from).to_vec();
    if all {
        headers.insert(0, "NAMESPACE".into());
    }
    let rows: Vec<Vec<String>> = events
        .iter()
        .map(|event| {
            let value = event.write();
            let row = Row { value: &value, now };
            let (first, last, count) = event_times(&row);
            let age = if count > 1 {
                format!("{} (x{count} over {})", time::since(&last, now), time::since(&first, now))
            } else {
                time::since(&first, now)
            };
            let object = format!("{}/{}", row.text("involvedObject.kind"), row.text("involvedObject.name"));
            let mut cells =
                vec![age, row.text("type"), row.text("reason"), object, row.text("message").trim().to_string()];
            if all {
                cells.insert(0, row.text("metadata.namespace"));
            }
            cells
        })
        .collect();
    layout((headers_too && !context.args.is("no-headers")).then_some(&headers), &rows)
}
