//! `kubectl diff`: what an apply would change.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/diff. The headers name the objects; there are no files to name.

use super::apply;
use super::files::{self, Info};
use super::{Answer, Context, Fault, Step, get};
use crate::api::metadata::LAST_APPLIED;
use crate::apiserver::{self, Part, Patch, Request, Verb, strategic};
use crate::manifest::{self, write};
use crate::value::Value;

pub fn run(context: &mut Context) -> Answer {
    if !context.args.has_files() {
        context.err("error: must specify one of -f and -k");
        return Err(Fault::Code(2));
    }
    let failed = |fault: Fault| {
        let text = fault.print();
        (text, Fault::Code(2))
    };
    let infos = match files::infos(context) {
        Ok(infos) => infos,
        Err(fault) => {
            let (text, code) = failed(fault);
            context.err(&text);
            return Err(code);
        }
    };
    let mut differ = false;
    for info in infos {
        match info.and_then(|info| one(context, &info)) {
            Ok(different) => differ |= different,
            Err(fault) => {
                let (text, code) = failed(fault);
                context.err(&text);
                return Err(code);
            }
        }
    }
    Ok(Step::Done(i32::from(differ)))
}

fn one(context: &mut Context, info: &Info) -> Result<bool, Fault> {
    let wanted = apply::recorded(&info.value);
    let current = context.cluster.store.get(info.kind, &info.key).cloned();
    let verb = match &current {
        None => Verb::Create(wanted),
        Some(object) => {
            let last = object.meta.annotations.get(LAST_APPLIED);
            let last = last
                .and_then(|text| manifest::read(text).documents.first().map(|d| d.value.clone()))
                .unwrap_or_default();
            Verb::Patch(Patch::Strategic(strategic::three_way(info.kind, &last, &wanted, &object.write())), Part::Main)
        }
    };
    let request = Request { dry_run: true, ..Request::new("kubectl", info.kind, info.key.clone(), verb) };
    let merged = apiserver::handle(context.cluster, request)?;
    let shown = |value: Value| {
        let mut value = value;
        value.at_mut(&["metadata", "annotations"]).remove(LAST_APPLIED);
        if value.at(&["metadata", "annotations"]).as_map().is_some_and(|m| m.is_empty()) {
            value.at_mut(&["metadata"]).remove("annotations");
        }
        write::yaml(&value)
    };
    let (old, new) = (current.map_or(String::new(), |o| shown(get::shown(&o))), shown(get::shown(&merged)));
    if old == new {
        return Ok(false);
    }
    let name = format!(
        "{}.{}.{}.{}",
        info.kind.api_version().replace('/', "."),
        info.kind.name(),
        info.key.namespace,
        info.key.name
    );
    context.say(format!("diff -u -N LIVE/{name} MERGED/{name}"));
    let stamp = context.cluster.stamp().date().to_string().replace('T', " ").replace('Z', ".000000000 +0000");
    context.say(format!("--- LIVE/{name}\t{stamp}\n+++ MERGED/{name}\t{stamp}"));
    context.print(write::unified(&old, &new));
    Ok(true)
}
