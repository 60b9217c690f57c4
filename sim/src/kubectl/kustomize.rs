//! `kubectl kustomize`, and the objects that `-k` means.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/kustomize, cli-runtime/pkg/resource/kustomizevisitor.go

use super::{Answer, Context, Fault, OK};
use crate::kustomize;
use crate::manifest::write::yaml;
use crate::value::Value;

pub fn run(context: &mut Context) -> Answer {
    let words = context.args.words.clone();
    if words.len() > 1 {
        return Err(Fault::text("specify one path to kustomization.yaml"));
    }
    let objects = built(context, words.first().map_or(".", |word| word.as_str()))?;
    let texts: Vec<String> = objects.iter().map(yaml).collect();
    let text = texts.join("---\n");
    match context.args.get("output").map(|path| context.path(path)) {
        Some(path) => context.cluster.folder.put(&path, &text),
        None => context.print(text),
    }
    OK
}

/// The objects of a folder with a kustomization. What kustomize warns of is printed.
pub fn built(context: &mut Context, folder: &str) -> Result<Vec<Value>, Fault> {
    if context.args.get("filename").is_some() {
        return Err(Fault::text("only one of -f or -k can be specified"));
    }
    if context.args.is("recursive") {
        return Err(Fault::text("the -k flag can't be used with -f or -R"));
    }
    let built = kustomize::build(&context.cluster.folder, &context.path(folder), folder);
    // One that waits for changes builds again and again.
    if context.call.memory.is_null() {
        built.warnings.iter().for_each(|text| context.err(text));
    }
    built.objects.map_err(Fault::Text)
}
