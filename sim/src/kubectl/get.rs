//! `kubectl get`.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/get/get.go

use super::jsonpath::{Template, compare};
use super::resources::{self, Found};
use super::{Answer, Context, Fault, OK, order, print, raw, table, time};
use crate::api::Kind;
use crate::api::object::Object;
use crate::manifest::write;
use crate::value::Value;
use std::rc::Rc;

pub fn run(context: &mut Context) -> Answer {
    if let Some(path) = context.args.get("raw").map(str::to_string) {
        return raw::run(context, &path);
    }
    if context.args.words.is_empty() && !context.args.has_files() {
        context.err("You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported resources.\n\n");
        let hint = "Use \"kubectl explain <resource>\" for a detailed description of that resource (e.g. kubectl explain pods).";
        return Err(Fault::usage("get", format!("Required resource not specified.\n{hint}")));
    }
    if context.args.is("all-namespaces")
        && resources::targets(&context.cluster.store, &context.args.words)?.iter().any(|(_, name)| name.is_some())
    {
        return Err(Fault::text("a resource cannot be retrieved by name across all namespaces"));
    }
    let watches = context.args.is("watch") || context.args.is("watch-only");
    if context.args.is("output-watch-events") && !watches {
        return Err(Fault::text("--output-watch-events option can only be used with --watch or --watch-only"));
    }
    let mut found = resources::find(context)?;
    if context.args.is("ignore-not-found") {
        found.faults.retain(|f| !matches!(f, Fault::Server(s, _) if s.reason == "NotFound"));
    }
    let format = context.args.get("output").unwrap_or("").to_string();
    if watches {
        return watch(context, found);
    }
    if !matches!(format.as_str(), "" | "wide") {
        return whole(context, found);
    }
    let kept = sorted(context, &mut found)?;
    tables(context, &found, kept)?;
    Fault::all(found.faults)?;
    OK
}

/// Objects that are printed whole, or by a format of the user's own.
fn whole(context: &mut Context, mut found: Found) -> Answer {
    let one = found.named && found.objects.len() == 1 && found.faults.is_empty() && context.args.words.len() <= 2
        || found.named && found.objects.len() == 1 && context.args.has_files();
    sorted(context, &mut found)?;
    let managed = context.args.is("show-managed-fields");
    let values: Vec<Value> = found.objects.iter().map(|o| if managed { o.write() } else { shown(o) }).collect();
    if !(found.named && values.is_empty() && !found.faults.is_empty())
        && !(found.named && values.is_empty() && context.args.is("ignore-not-found"))
    {
        print::objects(context, values, one)?;
    }
    Fault::all(found.faults)?;
    OK
}

/// An object as kubectl shows it.
pub fn shown(object: &Object) -> Value {
    let mut value = object.write();
    value.at_mut(&["metadata"]).remove("managedFields");
    value
}

/// Sorts by `--sort-by`. Answers whether anything is left to show: a field that no object has hides them all.
fn sorted(context: &Context, found: &mut Found) -> Result<bool, Fault> {
    let Some(field) = context.args.get("sort-by").filter(|f| !f.is_empty()) else { return Ok(true) };
    let Ok(template) = Template::relaxed(field) else { return Ok(false) };
    let keyed = |o: &Rc<Object>| template.values(&o.write()).ok().and_then(|v| v.into_iter().next());
    let mut objects: Vec<(Option<Value>, Rc<Object>)> = found.objects.drain(..).map(|o| (keyed(&o), o)).collect();
    let known = objects.iter().any(|(key, _)| key.is_some());
    order::sort(&mut objects, |(a, _), (b, _)| match (a, b) {
        // What is null stands first.
        (Some(a), Some(b)) if a.is_null() == b.is_null() => by_size(a, b).is_lt(),
        (Some(a), Some(b)) => a.is_null() && !b.is_null(),
        // One that lacks the field stands before any other, even one that lacks it too.
        _ => a.is_none(),
    });
    found.objects = objects.into_iter().map(|(_, o)| o).collect();
    Ok(known || found.objects.is_empty())
}

/// Amounts are sorted by size, texts naturally, as people count.
fn by_size(a: &Value, b: &Value) -> std::cmp::Ordering {
    let amount = |v: &Value| {
        v.as_str().filter(|s| s.starts_with(|c: char| c.is_ascii_digit())).and_then(crate::api::Quantity::parse)
    };
    match (amount(a), amount(b)) {
        (Some(a), Some(b)) => a.milli.cmp(&b.milli),
        _ => compare(a, b),
    }
}

fn tables(context: &mut Context, found: &Found, any: bool) -> Result<(), Fault> {
    if found.objects.is_empty() || !any {
        nothing(context, found);
        return Ok(());
    }
    // Sorted objects of several kinds stand in the order of the sort, a table for each run of one kind.
    let mut runs: Vec<(Kind, Vec<Rc<Object>>)> = vec![];
    for object in &found.objects {
        match runs.last_mut() {
            Some((kind, list)) if *kind == object.kind => list.push(object.clone()),
            _ => runs.push((object.kind, vec![object.clone()])),
        }
    }
    let slashed = context.args.words.iter().any(|w| w.contains('/'));
    let several = runs.len() > 1 || context.args.is("show-kind") || found.kinds.len() > 1 && !slashed;
    for (i, (kind, objects)) in runs.iter().enumerate() {
        if i > 0 {
            context.print("\n".into());
        }
        let text = one_table(context, *kind, objects, several);
        context.print(text);
    }
    Ok(())
}

fn nothing(context: &mut Context, found: &Found) {
    if !found.faults.is_empty() || context.args.is("ignore-not-found") {
        return;
    }
    let cluster_wide = context.args.is("all-namespaces") || found.kinds.iter().all(|k| !k.namespaced());
    if cluster_wide {
        context.err("No resources found");
    } else {
        let namespace = context.namespace();
        context.err(&format!("No resources found in {namespace} namespace."));
    }
}

/// Objects as kubectl itself lays them out: it knows no more of them than their names.
fn by_client(context: &Context, objects: &[Rc<Object>], several: bool) -> String {
    let all = context.args.is("all-namespaces") && objects.iter().any(|object| object.kind.namespaced());
    let mut headers = vec!["NAME".to_string(), "AGE".to_string()];
    if all {
        headers.insert(0, "NAMESPACE".into());
    }
    let now = context.cluster.stamp().0;
    let row = |object: &Rc<Object>| {
        let value = object.write();
        let name = object.meta.name.to_string();
        let name = if several { format!("{}/{name}", object.kind.singular_dot_group()) } else { name };
        let space = if all { vec![object.meta.namespace.to_string()] } else { vec![] };
        [space, vec![name, time::since(value.at(&["metadata", "creationTimestamp"]), now)]].concat()
    };
    let rows: Vec<Vec<String>> = objects.iter().map(row).collect();
    table::layout((!context.args.is("no-headers")).then_some(&headers), &rows)
}

/// One kind's objects as a table.
fn one_table(context: &Context, kind: Kind, objects: &[Rc<Object>], several: bool) -> String {
    if context.args.off("server-print") {
        return by_client(context, objects, several);
    }
    let wide = context.args.get("output") == Some("wide");
    let all = context.args.is("all-namespaces") && kind.namespaced();
    let columns = table::columns(&context.cluster.store, kind);
    let extra = context.args.list("label-columns");
    let mut headers: Vec<String> = vec![];
    if all {
        headers.push("NAMESPACE".into());
    }
    headers.extend(columns.iter().filter(|(_, w)| wide || !w).map(|(name, _)| name.to_string()));
    headers.extend(extra.iter().map(|l| l.rsplit('/').next().unwrap_or(l).to_uppercase()));
    if context.args.is("show-labels") {
        headers.push("LABELS".into());
    }
    let rows: Vec<Vec<String>> = objects
        .iter()
        .map(|object| {
            let mut cells = table::row(context.cluster, object);
            if several && columns[0].0 == "NAME" {
                cells[0] = format!("{}/{}", kind.singular_dot_group(), cells[0]);
            }
            let mut row = if all { vec![object.meta.namespace.to_string()] } else { vec![] };
            row.extend(cells.into_iter().zip(&columns).filter(|(_, (_, w))| wide || !w).map(|(cell, _)| cell));
            row.extend(extra.iter().map(|l| object.meta.labels.get(l).map_or(String::new(), |v| v.to_string())));
            if context.args.is("show-labels") {
                let labels: Vec<String> = object.meta.labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
                row.push(if labels.is_empty() { "<none>".into() } else { labels.join(",") });
            }
            row
        })
        .collect();
    table::layout((!context.args.is("no-headers")).then_some(&headers), &rows)
}

/// Shows what there is, then what comes, changes and goes. Its memory is what was shown last of each object.
fn watch(context: &mut Context, found: Found) -> Answer {
    let first = context.call.memory.is_null();
    if first && found.objects.is_empty() && !found.faults.is_empty() {
        Fault::all(found.faults)?;
    }
    if found.kinds.len() > 1 {
        return Err(Fault::text("you may only specify a single resource type"));
    }
    let was = context.call.memory.get("seen").clone();
    // What is there at first stands in one table.
    if first && !context.args.is("watch-only") {
        events(context, "ADDED", &found.objects)?;
    }
    if found.named && found.objects.len() > 1 {
        return Err(Fault::text("you may only watch a single resource or type of resource at a time"));
    }
    let mut now = Value::empty_map();
    for object in &found.objects {
        let key = format!("{}/{}", object.kind.name(), object.key());
        let version = Value::Int(object.meta.resource_version.0 as i64);
        let old = was.get(&key);
        if old.get("version") == &version {
            now.set(&key, old.clone());
            continue;
        }
        now.set(&key, Value::map([("version", version), ("object", object.write())]));
        if !first {
            let what = if old.is_null() { "ADDED" } else { "MODIFIED" };
            events(context, what, std::slice::from_ref(object))?;
        }
    }
    for (key, last) in was.as_map().into_iter().flat_map(|map| map.iter()) {
        let kind = found.kinds.iter().find(|kind| key.split('/').next() == Some(kind.name()));
        if let (Some(kind), true) = (kind, now.get(key).is_null()) {
            events(context, "DELETED", &[Rc::new(Object::read(*kind, last.get("object")))])?;
        }
    }
    let begun = context.call.memory.get("begun").as_bool() == Some(true);
    context.call.memory = Value::map([("seen", now), ("begun", begun.into())]);
    Ok(context.watched())
}

/// What became of objects that are watched, as rows or whole.
fn events(context: &mut Context, what: &str, objects: &[Rc<Object>]) -> Result<(), Fault> {
    let tells = context.args.is("output-watch-events");
    let format = context.args.get("output").unwrap_or("").to_string();
    if !matches!(format.as_str(), "" | "wide") {
        return objects.iter().try_for_each(|object| match &*format {
            "json" if tells => {
                let whole = write::json(&object.write(), 0);
                context.print(format!("{{\"type\":{what:?},\"object\":{whole}}}\n"));
                Ok(())
            }
            "name" => print::object(context, &shown(object)),
            _ if tells => print::object(context, &Value::map([("type", what.into()), ("object", object.write())])),
            _ => print::objects(context, vec![shown(object)], true),
        });
    }
    let Some(first) = objects.first() else { return Ok(()) };
    let text = one_table(context, first.kind, objects, context.args.is("show-kind"));
    let begun = context.call.memory.get("begun").as_bool() == Some(true);
    let hides = context.args.is("no-headers");
    for (i, line) in text.lines().enumerate().skip(usize::from(begun && !hides)) {
        let head = if i == 0 && !hides { "EVENT" } else { what };
        context.say(if tells { format!("{head:<8}   {line}") } else { line.to_string() });
    }
    context.call.memory = Value::map([("seen", context.call.memory.get("seen").clone()), ("begun", true.into())]);
    Ok(())
}
