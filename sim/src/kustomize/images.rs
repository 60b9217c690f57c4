//! `images`: other names, tags and digests of images.
//!
//! kustomize: api/filters/imagetag, api/internal/image/image.go

use super::file::Kustomization;
use super::resource::Resource;
use crate::shell::regex::Regex;
use crate::value::Value;

/// The lists of things with an image that are looked for anywhere in an object.
const LISTS: [&str; 2] = ["containers", "initContainers"];
/// Deeper than manifests are read nothing is looked for.
const DEEPEST: usize = crate::manifest::MAX_DEPTH;

pub fn set(file: &Kustomization, all: &mut [Resource]) {
    for order in file.get("images").items().iter().chain(file.get("imageTags").items()) {
        let name = order.get("name").as_str().unwrap_or("");
        let pattern = format!("^{name}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$");
        let Ok(pattern) = Regex::new(&pattern, true, false) else { continue };
        let mut change = |image: &mut Value| {
            if let Some(text) = image.as_str().filter(|text| pattern.is_match(text)) {
                *image = Value::from(renamed(text, order));
            }
        };
        for resource in all.iter_mut().filter(|r| r.id().kind != "CustomResourceDefinition") {
            find(&mut resource.value, 0, &mut change);
            volumes(&mut resource.value, &mut change);
        }
    }
}

/// Goes to the images of all containers below a value.
fn find(value: &mut Value, depth: usize, change: &mut dyn FnMut(&mut Value)) {
    if depth > DEEPEST {
        return;
    }
    match value {
        Value::List(_) => value.list_mut().iter_mut().for_each(|item| find(item, depth + 1, change)),
        Value::Map(_) => {
            for (key, inner) in value.map_mut().iter_mut() {
                find(inner, depth + 1, change);
                if LISTS.contains(&&**key) && inner.as_list().is_some() {
                    inner.list_mut().iter_mut().filter_map(|item| image_of(item, "image")).for_each(&mut *change);
                }
            }
        }
        _ => {}
    }
}

fn image_of<'a>(item: &'a mut Value, field: &str) -> Option<&'a mut Value> {
    item.get(field).as_str()?;
    item.map_mut().get_mut(field)
}

/// Images that are mounted as volumes.
fn volumes(value: &mut Value, change: &mut dyn FnMut(&mut Value)) {
    for path in [&["spec", "volumes"][..], &["spec", "template", "spec", "volumes"]] {
        if value.at(path).as_list().is_none() {
            continue;
        }
        for volume in
            value.at_mut(path).list_mut().iter_mut().filter(|v| v.at(&["image", "reference"]).as_str().is_some())
        {
            change(volume.at_mut(&["image", "reference"]));
        }
    }
}

fn renamed(image: &str, order: &Value) -> String {
    let text = |field: &str| order.get(field).as_str().unwrap_or("").to_string();
    let (mut name, mut tag, mut digest) = split(image);
    if !text("newName").is_empty() {
        name = text("newName");
    }
    match (text("newTag"), text("digest"), text("tagSuffix")) {
        (new, sum, _) if !new.is_empty() || !sum.is_empty() => (tag, digest) = (new, sum),
        (_, _, suffix) if !suffix.is_empty() => {
            tag += &suffix;
            digest.clear();
        }
        _ => {}
    }
    let tag = if tag.is_empty() { tag } else { format!(":{tag}") };
    let digest = if digest.is_empty() { digest } else { format!("@{digest}") };
    format!("{name}{tag}{digest}")
}

/// Name, tag and digest.
fn split(image: &str) -> (String, String, String) {
    let (rest, digest) = image.split_once('@').unwrap_or((image, ""));
    // A colon before the first slash is a port's.
    let host = rest.find('/').unwrap_or(0);
    let (name, tag) = match rest[host..].find(':') {
        Some(at) => (&rest[..host + at], &rest[host + at + 1..]),
        None => (rest, ""),
    };
    (name.into(), tag.into(), digest.into())
}
