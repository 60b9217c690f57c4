//! kustomize 5.8.1, as kubectl 1.36 holds it: `kubectl kustomize` and `-k`. A folder with a `kustomization.yaml` is read
//! into objects: resources and generated ones, changed by patches and by what is common to all, names and the
//! references to them rewritten.
//!
//! api/krusty/kustomizer.go, api/internal/target/kusttarget.go. Not done, and refused by name: Helm charts, plugins
//! (`generators`, `transformers`, `validators`), `configurations`, `crds`, `openapi`, `vars`, and what lies on the network.
//! Not as there: `yes`, `on` and the like are booleans in resources, too.

mod fields;
mod file;
mod generate;
pub mod hash;
mod images;
mod labels;
mod load;
mod merge;
mod names;
mod patches;
mod references;
mod replacements;
mod resource;
mod sort;

use crate::manifest;
use crate::terminal::Folder;
use crate::value::Value;
use file::Kustomization;
use load::Root;
use resource::{Resource, append};

/// What a folder was built into.
#[derive(Clone, Debug)]
pub struct Built {
    /// What kustomize says of old fields, to be printed to the error stream first.
    pub warnings: Vec<String>,
    /// The objects in the order in which they are to be made; or why there are none, in kustomize's words.
    pub objects: Result<Vec<Value>, String>,
}

/// Builds the folder at an absolute path. `shown` is how the user wrote it.
pub fn build(folder: &Folder, path: &str, shown: &str) -> Built {
    let mut build = Build { warnings: vec![] };
    let objects = build.run(folder, path, shown);
    Built { warnings: build.warnings, objects }
}

struct Build {
    warnings: Vec<String>,
}

impl Build {
    fn run(&mut self, folder: &Folder, path: &str, shown: &str) -> Result<Vec<Value>, String> {
        let root = Root::open(folder, path, shown)?;
        let file = self.read(&root)?;
        let mut resources = self.customize(&root, &file, vec![])?;
        names::add_hashes(&mut resources);
        references::rewrite(&mut resources)?;
        resources.retain(|resource| !resource.is_local());
        sort::sort(&mut resources, file.get("sortOptions"))?;
        Ok(resources.into_iter().map(|resource| resource.value).collect())
    }

    fn read(&mut self, root: &Root) -> Result<Kustomization, String> {
        let file = Kustomization::read(root)?;
        self.warnings.extend(file.warnings());
        file.check(root)?;
        Ok(file)
    }

    /// The resources of one kustomization. A component changes those that are there already.
    fn customize(&mut self, root: &Root, file: &Kustomization, before: Vec<Resource>) -> Result<Vec<Resource>, String> {
        let mut all = before;
        for path in file.texts("resources").chain(file.texts("bases")) {
            self.accumulate(root, path, &mut all).map_err(|why| format!("accumulating resources: {why}"))?;
        }
        generate::absorb(root, file, &mut all)?;
        for path in file.texts("components") {
            all = self.component(root, path, all).map_err(|why| format!("accumulating components: {why}"))?;
        }
        patches::merges(root, file, &mut all)?;
        patches::patches(root, file, &mut all)?;
        names::set_namespace(file, &mut all)?;
        names::add_prefix_and_suffix(file, &mut all);
        labels::labels(file, &mut all)?;
        labels::annotations(file, &mut all)?;
        patches::operations(root, file, &mut all)?;
        names::set_replicas(file, &mut all)?;
        images::set(file, &mut all);
        replacements::replace(root, file, &mut all)?;
        Ok(all)
    }

    /// A file of objects, or a folder with a kustomization of its own.
    fn accumulate(&mut self, root: &Root, path: &str, all: &mut Vec<Resource>) -> Result<(), String> {
        let Err(no_file) = add_file(root, path, all) else { return Ok(()) };
        let inner = match root.base(path) {
            Ok(inner) => inner,
            // Then it is likely a file, and what ails it is all that matters.
            Err(_) if no_file.contains("MalformedYAMLError") => return Err(no_file),
            Err(why) => return Err(format!("accumulation err='{no_file}': {why}")),
        };
        let told = |why: String| format!("accumulation err='{no_file}': {why}");
        let at = inner.path().to_string();
        let file = self.target(&inner).map_err(told)?;
        if file.is_component() {
            return Err(told(format!("expected kind != 'Component' for path '{at}'")));
        }
        let made = self.customize(&inner, &file, vec![]);
        let made = made.map_err(|why| told(format!("recursed accumulation of path '{at}': {why}")))?;
        for resource in made {
            append(all, resource).map_err(|why| told(format!("recursed merging from path '{at}': {why}")))?;
        }
        Ok(())
    }

    fn component(&mut self, root: &Root, path: &str, all: Vec<Resource>) -> Result<Vec<Resource>, String> {
        let inner = root.base(path).map_err(|why| format!("loader.New {why:?}"))?;
        let told = |why: String| format!("accumulateDirectory: {why:?}");
        let file = self.target(&inner).map_err(told)?;
        if !file.is_component() {
            let (at, kind) = (inner.path(), file.kind());
            return Err(told(format!("expected kind 'Component' for path '{at}' but got '{kind}'")));
        }
        let made = self.customize(&inner, &file, all);
        made.map_err(|why| told(format!("recursed accumulation of path '{}': {why}", inner.path())))
    }

    fn target(&mut self, root: &Root) -> Result<Kustomization, String> {
        self.read(root).map_err(|why| format!("couldn't make target for path '{}': {why}", root.path()))
    }
}

fn add_file(root: &Root, path: &str, all: &mut Vec<Resource>) -> Result<(), String> {
    let read = || {
        let text = root.text(path)?;
        objects(&text).map_err(|why| match why.contains("MalformedYAMLError") {
            true => format!("{why} in File: {path}"),
            false => why,
        })
    };
    let resources = read().map_err(|why| format!("accumulating resources from '{path}': {why}"))?;
    for value in resources {
        append(all, Resource::new(value)).map_err(|why| format!("merging resources from '{path}': {why}"))?;
    }
    Ok(())
}

/// The objects of a text, lists opened.
fn objects(text: &str) -> Result<Vec<Value>, String> {
    let reading = manifest::read(text);
    if let Some(problem) = reading.error() {
        let why = problem.text.trim_start_matches("error converting YAML to JSON: ");
        return Err(format!("MalformedYAMLError: {why}"));
    }
    let mut out = vec![];
    for document in reading.documents {
        let kind = document.value.get("kind").as_str().unwrap_or("").to_string();
        resource::check(&document.value)?;
        match document.value.get("items").as_list().filter(|_| kind.ends_with("List")) {
            Some(items) => {
                for item in items {
                    resource::check(item)?;
                    out.push(item.clone());
                }
            }
            None => out.push(document.value),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests;
