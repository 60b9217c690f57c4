//! What a container is started with, as its image and its specification say together.

use super::catalogue::{Entry, entry};
use super::files::WRAPPER;
use super::images;
use super::serve::{Server, Serving};
use crate::clock::{Span, Time};
use crate::shell::tools::{files::bytes, time::duration};
use crate::shell::{Creds, Env, ExecError, Input, Mount, PATH};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a container's first process is started with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Launch {
    /// The image's full name.
    pub image: Rc<str>,
    /// `command` and `args` of the specification, expanded.
    pub command: Vec<Rc<str>>,
    pub args: Vec<Rc<str>>,
    pub env: Rc<Vec<(Rc<str>, Rc<str>)>>,
    pub working_dir: Rc<str>,
    /// Ports that the specification declares.
    pub ports: Vec<u16>,
    /// Bytes; unset is unlimited.
    pub memory_limit: Option<u64>,
    /// Thousandths of a core; unset is unlimited.
    pub cpu_limit: Option<u64>,
    /// Volumes of the sandbox, and where the container sees them.
    pub mounts: Vec<Mount>,
    pub creds: Creds,
    pub read_only_root: bool,
    /// Where the termination message is left, and whether the log's end takes its place after an error.
    pub message_path: Rc<str>,
    pub message_from_log: bool,
    /// What is in `/etc/hosts` and `/etc/resolv.conf`.
    pub hosts: Rc<str>,
    pub resolv_conf: Rc<str>,
    /// Whether standard input is kept open for `attach`.
    pub stdin: bool,
    /// Whether that ends with the first who attaches.
    pub stdin_once: bool,
    /// Whether that and its outputs are a terminal.
    pub tty: bool,
    /// The Pod's: `kubarium.dev/...` set a server's behaviour.
    pub annotations: crate::api::Texts,
}

impl Launch {
    pub(super) fn entry(&self) -> Option<&'static Entry> {
        entry(images::repository(&self.image))
    }

    /// The program and its arguments: `command` replaces the image's entrypoint and its arguments, `args` only these.
    pub(super) fn argv(&self) -> Vec<String> {
        let own = |words: &[Rc<str>]| words.iter().map(|word| word.to_string()).collect::<Vec<_>>();
        let images = |words: &[&str]| words.iter().map(|word| word.to_string()).collect::<Vec<_>>();
        let entry = self.entry();
        let entrypoint = entry.map_or(Vec::new(), |entry| images(entry.entrypoint));
        let cmd = entry.map_or(Vec::new(), |entry| images(entry.cmd));
        match (self.command.is_empty(), self.args.is_empty()) {
            (false, _) => [own(&self.command), own(&self.args)].concat(),
            (true, false) => [entrypoint, own(&self.args)].concat(),
            (true, true) => [entrypoint, cmd].concat(),
        }
    }

    /// The environment: the image's, the specification's, and what the runtime adds.
    pub(super) fn environment(&self, hostname: &str, input: Input) -> Env {
        let mut env: BTreeMap<Rc<str>, Rc<str>> = BTreeMap::new();
        env.insert("PATH".into(), PATH.into());
        env.insert("HOSTNAME".into(), hostname.into());
        env.insert("HOME".into(), if self.creds.uid == 0 { "/root" } else { "/" }.into());
        for (name, value) in self.entry().map_or(&[][..], |entry| entry.env) {
            env.insert((*name).into(), (*value).into());
        }
        if input == Input::Terminal {
            env.insert("TERM".into(), "xterm".into());
        }
        env.extend(self.env.iter().map(|(name, value)| (name.clone(), value.clone())));
        Rc::new(env)
    }

    /// What its first program reads.
    pub(super) fn input(&self) -> Input {
        match (self.tty, self.stdin) {
            (true, _) => Input::Terminal,
            (false, true) => Input::Pipe,
            (false, false) => Input::Empty,
        }
    }

    pub(super) fn cwd(&self) -> Rc<str> {
        if self.working_dir.is_empty() { "/".into() } else { self.working_dir.clone() }
    }

    /// A server of this container's image.
    pub fn serving(&self, server: Server, mut argv: Vec<String>, hostname: &str, now: Time) -> Serving {
        if server == Server::Mysql {
            let given = |name: &str| self.env.iter().any(|(known, _)| known.ends_with(name));
            let set = ["_ROOT_PASSWORD", "_ALLOW_EMPTY_PASSWORD", "_RANDOM_ROOT_PASSWORD", "_ROOT_PASSWORD_FILE"];
            if !set.into_iter().any(given) {
                argv.push("\0no-password".into());
            }
        }
        let mut serving = Serving::new(server, argv, &self.image, hostname, &self.ports, now);
        let span = |name: &str| duration(self.annotations.get(name)?);
        if let Some(span) = span("kubarium.dev/ready-after") {
            serving.ready = now + span;
        }
        if let Some(span) = span("kubarium.dev/crash-after") {
            serving.ends = Some((now + span, 1));
        }
        if let Some(span) = span("kubarium.dev/cpu-per-request") {
            serving.cost = span.0 * 1000;
        }
        serving.fails_from = span("kubarium.dev/fail-after").map(|span| now + span);
        serving.leak = self.annotations.get("kubarium.dev/leak").and_then(|text| bytes(text)).unwrap_or(0);
        if let Some(limit) = self.memory_limit.filter(|_| serving.leak > 0) {
            let seconds = limit.saturating_sub(serving.memory(now)) / serving.leak + 1;
            serving.ends = Some((now + Span::secs(seconds), 137));
        }
        serving
    }

    /// The image's server, if that is what is started, with nothing around it.
    pub(super) fn bare_server(&self) -> Option<(Server, Vec<String>)> {
        let mut argv = self.argv();
        if argv.len() > 1 && argv[0].ends_with(WRAPPER) {
            argv.remove(0);
        }
        match self.entry() {
            None if argv.is_empty() => Some((Server::StandIn, vec!["stand-in".into()])),
            None => None,
            Some(entry) => {
                let (path, server) = entry.program?;
                let name = path.rsplit('/').next().unwrap_or_default();
                let first = argv.first()?;
                (first == name || first.trim_start_matches('/') == path).then_some((server, argv))
            }
        }
    }
}

/// runc's words for a program that cannot be started.
pub(super) fn explain(argv: &[String], error: ExecError) -> String {
    let name = argv.first().map(String::as_str).unwrap_or_default();
    match error {
        ExecError::NotFound => format!("exec: \"{name}\": executable file not found in $PATH"),
        ExecError::NoFile => format!("exec: \"{name}\": stat {name}: no such file or directory"),
        ExecError::Denied => format!("exec: \"{name}\": permission denied"),
        ExecError::IsFolder => format!("exec: \"{name}\": is a directory"),
        ExecError::Format => format!("exec {name}: exec format error"),
    }
}
