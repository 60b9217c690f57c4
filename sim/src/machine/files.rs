//! The files that an image brings, and those that the runtime puts into every container.

use super::catalogue::{Base, Entry};
use super::process::Launch;
use crate::clock::Time;
use crate::shell::{Fs, Mount, Node, Tree, Volumes, tools};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Tools that Debian's images lack.
const NOT_IN_DEBIAN: [&str; 22] = [
    "less",
    "top",
    "vi",
    "watch",
    "wget",
    "curl",
    "nc",
    "ps",
    "ping",
    "nslookup",
    "dig",
    "killall",
    "pidof",
    "pgrep",
    "pkill",
    "free",
    "uptime",
    "stress",
    "httpd",
    "clear",
    "which-busybox",
    "vi",
];

/// Where an entrypoint is a script that becomes the program of its arguments.
pub const WRAPPER: &str = "docker-entrypoint.sh";

thread_local! {
    /// Trees that were built before: they depend on nothing but the image, so that this is no state.
    static BUILT: RefCell<BTreeMap<(Base, &'static str), Tree>> = const { RefCell::new(BTreeMap::new()) };
}

/// The read-only layer of an image. Of an unknown image: what most have.
pub fn root(entry: Option<&'static Entry>) -> Tree {
    let base = entry.map_or(Base::Debian, |entry| entry.base);
    let program = entry.and_then(|entry| entry.program).map_or("", |(path, _)| path);
    let wrapped = entry.is_none_or(|entry| entry.entrypoint.iter().any(|word| word.ends_with(WRAPPER)));
    let key = (base, if entry.is_none() { "?" } else { program });
    BUILT.with(|built| {
        built.borrow_mut().entry(key).or_insert_with(|| build(base, program, wrapped, entry.is_none())).clone()
    })
}

fn build(base: Base, program: &str, wrapped: bool, unknown: bool) -> Tree {
    let mut tree = if base == Base::Scratch { Tree::new() } else { tools::tree() };
    for (name, mode) in [
        ("etc", 0o755),
        ("root", 0o700),
        ("home", 0o755),
        ("var", 0o755),
        ("var/log", 0o755),
        ("var/run", 0o755),
        ("usr", 0o755),
        ("dev", 0o755),
        ("proc", 0o555),
        ("sys", 0o555),
        ("mnt", 0o755),
        ("opt", 0o755),
        ("tmp", 0o1777),
    ] {
        if base != Base::Scratch || matches!(name, "etc" | "dev" | "proc" | "sys") {
            tree.put(name, Node::folder().with_mode(mode));
        }
    }
    choose_tools(&mut tree, base, unknown);
    if base != Base::Scratch {
        tree.put("etc/passwd", Node::file("root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nwww-data:x:33:33:www-data:/var/www:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n"));
        tree.put(
            "etc/group",
            Node::file("root:x:0:\ndaemon:x:1:\nwheel:x:10:root\nwww-data:x:33:\nnogroup:x:65534:\n"),
        );
    }
    if !program.is_empty() {
        let name = program.rsplit('/').next().unwrap_or_default();
        tree.put(program, Node::program(name));
        let clients: &[&str] = match name {
            "redis-server" => &["redis-cli"],
            "mysqld" => &["mysql", "mysqladmin"],
            "postgres" => &["psql", "pg_isready"],
            "mongod" => &["mongosh", "mongo"],
            _ => &[],
        };
        for client in clients {
            tree.put(&format!("usr/bin/{client}"), Node::program(client));
        }
        if name == "nginx" {
            tree.put("etc/nginx/conf.d/default.conf", Node::file("server {\n    listen       80;\n    server_name  localhost;\n\n    location / {\n        root   /usr/share/nginx/html;\n        index  index.html index.htm;\n    }\n}\n"));
            tree.put("usr/share/nginx/html/index.html", Node::file(super::pages::WELCOME));
            tree.put("usr/share/nginx/html/50x.html", Node::file("<h1>An error occurred.</h1>\n"));
            tree.put("docker-entrypoint.sh", Node::file("#!/bin/sh\nexec \"$@\"\n").with_mode(0o755));
        }
        if name == "httpd-foreground" {
            tree.put(
                "usr/local/apache2/htdocs/index.html",
                Node::file("<html><body><h1>It works!</h1></body></html>\n"),
            );
        }
    }
    if wrapped && base != Base::Scratch {
        tree.put(&format!("usr/local/bin/{WRAPPER}"), Node::file("#!/bin/sh\nexec \"$@\"\n").with_mode(0o755));
    }
    tree
}

/// Takes away what images of a kind lack, and adds what only they have.
fn choose_tools(tree: &mut Tree, base: Base, unknown: bool) {
    match base {
        Base::Scratch => {
            for name in ["null", "zero", "full", "random", "urandom"] {
                tree.put(&format!("dev/{name}"), Node::device(name));
            }
        }
        Base::Busybox => {
            for absent in ["curl", "dig", "stress", "bash"] {
                tree.remove(&format!("bin/{absent}"));
            }
            tree.put("bin/httpd", Node::program("httpd"));
        }
        Base::Alpine => {
            tree.put("bin/bash", Node::program("bash"));
            tree.put("usr/bin/httpd", Node::program("httpd"));
        }
        Base::Debian | Base::DebianCurl => {
            for absent in NOT_IN_DEBIAN {
                if !(unknown || absent == "curl" && base == Base::DebianCurl) {
                    tree.remove(&format!("bin/{absent}"));
                }
            }
            tree.put("bin/bash", Node::program("bash"));
        }
    }
}

/// The writable layer of a new container: what the runtime and the kubelet put there.
pub fn layer(launch: &Launch, hostname: &str, now: Time) -> Tree {
    let mut tree = Tree::new();
    let mut put = |path: &str, node: Node| {
        let mut node = node;
        node.changed = now;
        tree.put(path.trim_start_matches('/'), node);
    };
    put("etc/hostname", Node::file(&*format!("{hostname}\n")));
    put("etc/hosts", Node::file(&*launch.hosts));
    put("etc/resolv.conf", Node::file(&*launch.resolv_conf));
    put(&launch.message_path, Node::file("").with_mode(0o666));
    if !launch.working_dir.is_empty() {
        let key = launch.working_dir.trim_matches('/');
        if !key.is_empty() {
            put(key, Node::folder());
        }
    }
    for mount in launch.mounts.iter() {
        // A mount point is made where it is missing.
        put(&mount.path, Node::folder());
    }
    tree
}

/// The files of a container in which nothing but a server has run.
pub(super) fn bare<'a>(lower: &'a Tree, upper: &'a mut Tree, mounts: &'a [Mount], volumes: &'a mut Volumes) -> Fs<'a> {
    Fs { lower: Some(lower), upper, mounts, volumes, read_only: true }
}
