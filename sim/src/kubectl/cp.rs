//! `kubectl cp`: files into a container and out of it, as an archive that a `tar` in the container unpacks or makes.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/cp. Not done: `--retries` (nothing breaks off), patterns in the
//! name of what is copied.

use super::{Answer, Context, Fault, Step, auth, exec, target};
use crate::api::Kind;
use crate::api::object::Object;
use crate::apiserver::Status;
use crate::clock::Span;
use crate::kubelet;
use crate::shell::{Input, Kind as What, Node, Stream, archive};
use crate::terminal::absolute;
use crate::value::Value;
use std::rc::Rc;

/// How often a program is looked at.
const LOOK: Span = Span(20);

/// What becomes of what a program writes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Output {
    Print,
    /// It is an archive; kubectl prints the complaints to its own output.
    Keep,
    Drop,
}

/// One end of the copy.
struct Place {
    namespace: String,
    /// Empty: the file is the user's own.
    pod: String,
    path: String,
}

impl Place {
    fn read(word: &str) -> Result<Place, Fault> {
        let odd = || Fault::text("filespec must match the canonical format: [[namespace/]pod:]file/path");
        let Some((pod, path)) = word.split_once(':') else {
            return Ok(Place { namespace: String::new(), pod: String::new(), path: trimmed(word) });
        };
        let (namespace, pod) = pod.split_once('/').unwrap_or(("", pod));
        if word.starts_with(':') || pod.contains('/') {
            return Err(odd());
        }
        Ok(Place { namespace: namespace.into(), pod: pod.into(), path: trimmed(&path.replace('\\', "/")) })
    }
}

fn trimmed(path: &str) -> String {
    if path == "/" { path.into() } else { path.strip_suffix('/').unwrap_or(path).into() }
}

/// A path without `.` and needless slashes, and with `..` only where it leads out.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = vec![];
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        match parts.last() {
            Some(last) if part == ".." && *last != ".." => _ = parts.pop(),
            None if part == ".." && rooted => {}
            _ => parts.push(part),
        }
    }
    let text = format!("{}{}", if rooted { "/" } else { "" }, parts.join("/"));
    if text.is_empty() { ".".into() } else { text }
}

/// The folder that a path is in, and its last part.
fn split(path: &str) -> (String, String) {
    match path.rsplit_once('/') {
        Some(("", name)) => ("/".into(), name.into()),
        Some((folder, name)) => (folder.into(), name.into()),
        None => (".".into(), path.into()),
    }
}

pub fn run(context: &mut Context) -> Answer {
    let [from, to] = context.args.words.as_slice() else {
        return Err(Fault::text("source and destination are required"));
    };
    let (from, to) = (Place::read(from)?, Place::read(to)?);
    if !from.pod.is_empty() && !to.pod.is_empty() {
        return Err(Fault::text("one of src or dest must be a local file specification"));
    }
    if from.path.is_empty() || to.path.is_empty() {
        return Err(Fault::text("filepath can not be empty"));
    }
    if !from.pod.is_empty() {
        return copy_out(context, &from, &to);
    }
    if !to.pod.is_empty() {
        return copy_in(context, &from, &to);
    }
    Err(Fault::text("one of src or dest must be a remote file specification"))
}

/// Into the container: is the destination a folder there? Then a `tar` unpacks in it, else in the one above.
fn copy_in(context: &mut Context, from: &Place, to: &Place) -> Answer {
    let local = clean(&from.path);
    if context.cluster.folder.node(&context.path(&local)).is_none() {
        return Err(Fault::text(format!("{} doesn't exist in local filesystem", from.path)));
    }
    let asked = context.call.memory.get("asked").as_bool() == Some(true);
    if !asked {
        let test = ["test", "-d", &to.path].map(String::from);
        let into = match begun(context, to, &test, Input::Empty, false) {
            Ok(()) => match finish(context, to, Output::Drop)? {
                Some(code) => code == 0,
                None => return wait(context),
            },
            // Why that failed is told by the next program.
            Err(_) => false,
        };
        context.call.memory = Value::map([("asked", Value::Bool(true)), ("into", Value::Bool(into))]);
    }
    let mut remote = to.path.clone();
    if context.call.memory.get("into").as_bool() == Some(true) {
        remote = clean(&format!("{remote}/{}", split(&local).1));
    }
    let (folder, name) = split(&clean(&remote));
    let mut command = vec!["tar".to_string()];
    if context.args.is("no-preserve") {
        command.extend(["--no-same-permissions", "--no-same-owner"].map(String::from));
    }
    command.extend(["-xmf", "-", "-C", &folder].map(String::from));
    if context.call.memory.get("exec").is_null() {
        begun(context, to, &command, Input::Pipe, true)?;
        let (pod, container, number) = started(context, to)?;
        let bytes = packed(context, &local, &name);
        kubelet::exec::feed(context.cluster, &pod, &container, Some(number), &bytes, true);
    }
    match finish(context, to, Output::Print)? {
        None => wait(context),
        Some(code) => ended(context, code),
    }
}

/// Out of the container: what a `tar` there makes is unpacked here.
fn copy_out(context: &mut Context, from: &Place, to: &Place) -> Answer {
    let command = ["tar", "cf", "-", &from.path].map(String::from);
    begun(context, from, &command, Input::Empty, true)?;
    let Some(code) = finish(context, from, Output::Keep)? else { return wait(context) };
    if code != 0 {
        return ended(context, code);
    }
    let bytes: Vec<u8> = context.call.memory.get("output").as_str().unwrap_or("").chars().map(|c| c as u8).collect();
    let prefix = clean(from.path.trim_start_matches(['/', '\\']));
    let prefix = prefix.trim_start_matches("../").trim_start_matches("./").to_string();
    let prefix = if prefix == "." { String::new() } else { prefix };
    for (name, node) in archive::read(&bytes).map_err(Fault::text)? {
        let Some(rest) = name.strip_prefix(&prefix) else { return Err(Fault::text("tar contents corrupted")) };
        unpack(context, from, &clean(&format!("{}/{rest}", to.path)), node)?;
    }
    Ok(Step::Done(0))
}

/// Puts an entry of an archive among the user's files.
fn unpack(context: &mut Context, from: &Place, path: &str, node: Node) -> Result<(), Fault> {
    let place = context.path(path);
    let there = context.cluster.folder.node(&place).map(Node::is_folder);
    match &node.kind {
        What::Link(target) => {
            let namespace =
                if from.namespace.is_empty() { context.namespace().to_string() } else { from.namespace.clone() };
            let (pod, source) = (&from.pod, &from.path);
            let other = format!("kubectl exec -n {namespace:?} {pod:?} -- tar cf - {source:?} | tar xf -");
            context.err(&format!("warning: skipping symlink: {path:?} -> {target:?} (consider using \"{other}\")"));
        }
        What::Folder if there == Some(true) => {}
        _ if there == Some(true) => return Err(Fault::text(format!("open {path}: is a directory"))),
        _ => {
            let now = context.now();
            context.cluster.folder.put_node(&place, Node { changed: now, uid: 0, gid: 0, ..node });
        }
    }
    Ok(())
}

/// The archive of the user's file or folder, under another name.
fn packed(context: &Context, local: &str, name: &str) -> Vec<u8> {
    let folder = &context.cluster.folder;
    let top = context.path(local);
    let mut entries: Vec<(String, &Node)> = vec![];
    let mut todo = vec![(top, name.to_string())];
    while let Some((path, name)) = todo.pop() {
        let Some(node) = folder.node(&path) else { continue };
        let names = folder.names_in(&path);
        if names.is_empty() {
            entries.push((name, node));
        } else {
            todo.extend(names.iter().rev().map(|inner| (absolute(&path, inner), format!("{name}/{inner}"))));
        }
    }
    archive::write(entries.iter().map(|(name, node)| (name.as_str(), *node)))
}

/// The Pod and the container that a place means.
fn at(context: &mut Context, place: &Place, loud: bool) -> Result<(Rc<Object>, String), Fault> {
    let namespace: Rc<str> =
        if place.namespace.is_empty() { context.namespace() } else { place.namespace.as_str().into() };
    auth::check(context, "get", Kind::Pod, &place.pod, &namespace)?;
    let found = context.cluster.store.find(Kind::Pod, &namespace, &place.pod).cloned();
    let pod = found.ok_or_else(|| Status::not_found(Kind::Pod, &place.pod))?;
    exec::refuse_completed(&pod)?;
    let asked = context.args.get("container").map(str::to_string);
    let said = context.out.len();
    let container = target::container(context, &pod, asked.as_deref())?;
    if !loud {
        context.out.truncate(said);
    }
    Ok((pod, container))
}

/// Starts a program unless one runs.
fn begun(context: &mut Context, place: &Place, command: &[String], input: Input, loud: bool) -> Result<(), Fault> {
    if !context.call.memory.get("exec").is_null() {
        return Ok(());
    }
    let (pod, container) = at(context, place, loud)?;
    let number = exec::begin(context, &pod, &container, command, input)?;
    let memory = &mut context.call.memory;
    memory.set("exec", Value::Int(number.into()));
    memory.set("output", Value::from(""));
    Ok(())
}

fn started(context: &mut Context, place: &Place) -> Result<(Rc<Object>, String, u32), Fault> {
    let (pod, container) = at(context, place, false)?;
    let number = context.call.memory.get("exec").as_int().unwrap_or(0) as u32;
    Ok((pod, container, number))
}

/// Whether the program that runs has ended, and how. Of what is kept, a character is a byte.
fn finish(context: &mut Context, place: &Place, output: Output) -> Result<Option<i32>, Fault> {
    let (pod, container, number) = started(context, place)?;
    let Some(look) = kubelet::exec::look(context.cluster, &pod, &container, number) else { return Ok(Some(137)) };
    let mut kept = context.call.memory.get("output").as_str().unwrap_or("").to_string();
    for (stream, bytes) in look.output {
        let text = || String::from_utf8_lossy(&bytes).into_owned();
        match (output, stream) {
            (Output::Print, stream) => context.out.push((stream, text())),
            (Output::Keep, Stream::Out) => kept.extend(bytes.iter().map(|byte| *byte as char)),
            (Output::Keep, Stream::Err) => context.print(text()),
            (Output::Drop, _) => {}
        }
    }
    context.call.memory.set("output", Value::from(kept));
    Ok(look.ended)
}

fn wait(context: &Context) -> Answer {
    Ok(Step::Wait(Some(context.now() + LOOK)))
}

fn ended(context: &mut Context, code: i32) -> Answer {
    if code != 0 {
        context.err(&format!("command terminated with exit code {code}"));
    }
    Ok(Step::Done(code))
}
