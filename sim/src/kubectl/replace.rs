//! `kubectl replace`: the whole object as the file says; with `--force` deleted and made again.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/replace

use super::{Answer, Context, Fault, OK, Step, apply, files, get};
use crate::apiserver::{DeleteOptions, Part, Verb};
use crate::value::Value;

pub fn run(context: &mut Context) -> Answer {
    if !context.args.has_files() {
        return Err(Fault::text("must specify one of -f and -k"));
    }
    let force = context.args.is("force");
    let infos = files::infos(context)?;
    if force && context.call.memory.is_null() {
        for info in infos.iter().flatten() {
            if context.cluster.store.get(info.kind, &info.key).is_none() {
                continue;
            }
            // The Pod's own grace, unless another is asked for; none at all is never given here.
            let grace = context.args.get("grace-period").and_then(|text| text.parse::<i64>().ok());
            let grace = grace.filter(|seconds| *seconds >= 0).map(|seconds| seconds.max(1));
            let options = DeleteOptions { grace, ..DeleteOptions::default() };
            context.request(info.kind, info.key.clone(), Verb::Delete(options))?;
            let from =
                if info.kind.namespaced() { format!(" from {} namespace", info.key.namespace) } else { String::new() };
            context.say(format!("{} \"{}\" deleted{from}", info.kind.singular_dot_group(), info.key.name));
        }
        context.call.memory = Value::Bool(true);
    }
    if force && infos.iter().flatten().any(|i| context.cluster.store.get(i.kind, &i.key).is_some()) {
        return Ok(Step::Wait(None));
    }
    let (mut faults, mut count) = (vec![], 0);
    for info in infos {
        count += 1;
        let replaced = info.and_then(|info| {
            let recorded = context.args.is("save-config");
            let value = if recorded { apply::recorded(&info.value) } else { info.value.clone() };
            let verb = if force { Verb::Create(value) } else { Verb::Replace(value, Part::Main) };
            let about = format!("error when replacing \"{}\": ", info.file);
            let object =
                context.request(info.kind, info.key.clone(), verb).map_err(|status| Fault::Server(status, about))?;
            context.done(&get::shown(&object), info.kind, "replaced")
        });
        faults.extend(replaced.err());
    }
    if count == 0 {
        return Err(Fault::text("no objects passed to replace"));
    }
    Fault::all(faults)?;
    OK
}
