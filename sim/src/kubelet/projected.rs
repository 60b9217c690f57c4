//! Volumes whose files are made from objects: ConfigMaps, Secrets, the downward API, tokens.
//!
//! Kubernetes 1.36: pkg/volume/{configmap,secret,downwardapi,projected}

use super::downward;
use super::pod_worker::Turn;
use crate::api::config_map::{ConfigMap, Secret};
use crate::api::pod::{Downward, KeyToPath, TokenSource, Volume};
use crate::apiserver::token;
use crate::manifest::base64;
use crate::shell::{Content, Kind, Node};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// A file of a volume.
pub(super) struct File {
    pub path: String,
    pub content: Content,
    pub mode: u16,
}

type Data = Vec<(Rc<str>, Content)>;

/// How the bytes of a file are written in an object.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    Plain,
    Base64,
}

/// So many texts are at hand as bytes.
const FILES: usize = 8;

/// The bytes of a text in an object: one allocation for all replicas that have a file of it.
fn bytes(text: &Rc<str>, how: Written) -> Content {
    thread_local!(static LATEST: RefCell<VecDeque<(Rc<str>, Written, Content)>> = const { RefCell::new(VecDeque::new()) });
    LATEST.with_borrow_mut(|latest| {
        if let Some((.., bytes)) = latest.iter().find(|(known, as_what, _)| Rc::ptr_eq(known, text) && *as_what == how)
        {
            return bytes.clone();
        }
        let bytes = Content::from(match how {
            Written::Plain => text.as_bytes().to_vec(),
            Written::Base64 => base64::decode(text).unwrap_or_default(),
        });
        latest.truncate(FILES - 1);
        latest.push_front((text.clone(), how, bytes.clone()));
        bytes
    })
}

/// The files of such a volume, sorted by path; `None` for a volume of another kind.
///
/// # Errors
/// Why it cannot be mounted.
pub(super) fn files(turn: &Turn, volume: &Volume) -> Result<Option<Vec<File>>, String> {
    let mut files = Vec::new();
    let optional = |o: Option<bool>| o == Some(true);
    if let Some(source) = &volume.config_map {
        let mode = mode(source.default_mode);
        take(
            &mut files,
            config_map(turn, &source.name),
            &source.items,
            mode,
            optional(source.optional),
            "configmap",
            &source.name,
        )?;
    } else if let Some(source) = &volume.secret {
        let mode = mode(source.default_mode);
        take(
            &mut files,
            secret(turn, &source.name),
            &source.items,
            mode,
            optional(source.optional),
            "secret",
            &source.name,
        )?;
    } else if let Some(source) = &volume.downward {
        about(turn, &mut files, source, mode(source.default_mode))?;
    } else if let Some(all) = &volume.projected {
        let mode = mode(all.default_mode);
        for source in &all.sources {
            if let Some(s) = &source.config_map {
                let data = config_map(turn, &s.name);
                take(&mut files, data, &s.items, mode, optional(s.optional), "configmap", &s.name)?;
            }
            if let Some(s) = &source.secret {
                take(&mut files, secret(turn, &s.name), &s.items, mode, optional(s.optional), "secret", &s.name)?;
            }
            if let Some(s) = &source.downward {
                about(turn, &mut files, s, mode)?;
            }
            if let Some(s) = &source.token {
                files.push(File { path: s.path.to_string(), content: token(turn, &volume.name, s)?, mode });
            }
        }
    } else {
        return Ok(None);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Some(files))
}

fn mode(mode: Option<i64>) -> u16 {
    mode.map_or(0o644, |m| (m & 0o777) as u16)
}

fn take(
    files: &mut Vec<File>,
    data: Option<Data>,
    items: &[KeyToPath],
    mode: u16,
    optional: bool,
    kind: &str,
    name: &str,
) -> Result<(), String> {
    let Some(data) = data else {
        return if optional { Ok(()) } else { Err(format!("{kind} \"{name}\" not found")) };
    };
    if items.is_empty() {
        files.extend(data.into_iter().map(|(key, content)| File { path: key.to_string(), content, mode }));
        return Ok(());
    }
    for item in items {
        match data.iter().find(|(key, _)| *key == item.key) {
            Some((_, content)) => {
                let mode = item.mode.map_or(mode, |m| (m & 0o777) as u16);
                files.push(File { path: item.path.to_string(), content: content.clone(), mode });
            }
            None if optional => {}
            None => {
                return Err(match kind {
                    "secret" => format!("references non-existent secret key: {}", item.key),
                    _ => format!("configmap references non-existent config key: {}", item.key),
                });
            }
        }
    }
    Ok(())
}

fn config_map(turn: &Turn, name: &str) -> Option<Data> {
    let (_, map) = turn.cluster.store.typed::<ConfigMap>(&turn.pod.meta.namespace, name)?;
    let texts = map.data.iter().map(|(k, v)| (k.clone(), bytes(v, Written::Plain)));
    let others = map.binary_data.iter().map(|(k, v)| (k.clone(), bytes(v, Written::Base64)));
    Some(texts.chain(others).collect())
}

fn secret(turn: &Turn, name: &str) -> Option<Data> {
    let (_, secret) = turn.cluster.store.typed::<Secret>(&turn.pod.meta.namespace, name)?;
    Some(secret.data.iter().map(|(k, v)| (k.clone(), bytes(v, Written::Base64))).collect())
}

fn about(turn: &Turn, files: &mut Vec<File>, source: &Downward, mode: u16) -> Result<(), String> {
    for item in &source.items {
        let content = match (&item.field, &item.resource) {
            (Some(field), _) => downward::field(turn, &field.path)?,
            (_, Some(resource)) => downward::resource(turn, None, resource)?,
            _ => continue,
        };
        let mode = item.mode.map_or(mode, |m| (m & 0o777) as u16);
        files.push(File { path: item.path.to_string(), content: content.into_bytes().into(), mode });
    }
    Ok(())
}

/// The token that the Pod has; one is asked for only where there is none or it was used long enough.
fn token(turn: &Turn, volume: &str, source: &TokenSource) -> Result<Content, String> {
    let since = turn.worker.since;
    if let Some(node) = present(turn, volume, &source.path)
        && let Kind::File(content) = &node.kind
        && token::lasts(source, since, node.changed, turn.now())
    {
        return Ok(content.clone());
    }
    let token = token::of_pod(turn.cluster, &turn.pod, source, since);
    token.map(|token| Content::unwritten(Rc::new(token))).map_err(|why| format!("failed to fetch token: {why}"))
}

/// A file of a projected volume as it is now.
fn present<'a>(turn: &'a Turn, volume: &str, path: &str) -> Option<&'a Node> {
    let tree = turn.sandbox()?.volumes.get(volume)?;
    let Kind::Link(folder) = &tree.get("..data")?.kind else { return None };
    tree.get(&format!("{folder}/{path}"))
}
