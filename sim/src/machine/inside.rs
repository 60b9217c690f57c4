//! A container as its processes see it: files, clock, the image's own programs, the network.

use super::catalogue::{Base, entry};
use super::images;
use super::process::Launch;
use super::serve::{Server, Serving};
use crate::clock::Time;
use crate::shell::{
    Call, Flavor, Fs, Host, Io, Neighbour, NetRequest, Pid, Progress, Signal, Stream, Ticket, Tree, Volumes,
};
use std::collections::BTreeMap;
use std::rc::Rc;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Inside {
    pub launch: Rc<Launch>,
    pub hostname: Rc<str>,
    /// What the wall clock showed at time 0: milliseconds since 1970.
    pub epoch: i64,
    pub lower: Tree,
    pub upper: Tree,
    pub volumes: Volumes,
    pub servers: BTreeMap<Pid, Serving>,
    /// Programs that have done their work: exit code, what they still have to say.
    pub done: BTreeMap<Pid, (i32, String)>,
    /// Requests that nobody has taken yet.
    pub requests: Vec<(Ticket, Rc<NetRequest>)>,
    /// Processes of the Pod's other containers, if they share the namespace.
    pub neighbours: Vec<Neighbour>,
    /// Signals for them.
    pub signals: Vec<(Pid, Signal)>,
    /// Servers that have not said their greeting.
    pub fresh: Vec<Pid>,
}

impl Inside {
    /// Bytes of the volumes in memory that its processes can write to.
    pub fn in_memory(&self) -> u64 {
        let mut volumes: Vec<&Rc<str>> =
            self.launch.mounts.iter().filter(|m| m.can_fill()).map(|m| &m.volume).collect();
        volumes.sort_unstable();
        volumes.dedup();
        volumes.into_iter().filter_map(|volume| self.volumes.get(volume)).map(Tree::bytes).sum()
    }

    fn base(&self) -> Base {
        entry(images::repository(&self.launch.image)).map_or(Base::Debian, |entry| entry.base)
    }

    /// Which server a program is.
    fn server(&self, program: &str) -> Option<Server> {
        if program == "httpd" {
            return Some(Server::BusyboxHttpd);
        }
        let (path, server) = entry(images::repository(&self.launch.image))?.program?;
        (path.rsplit('/').next() == Some(program)).then_some(server)
    }

    /// The files, and beside them the servers.
    pub fn split(&mut self) -> (Fs<'_>, &mut BTreeMap<Pid, Serving>) {
        let fs = Fs {
            lower: Some(&self.lower),
            upper: &mut self.upper,
            mounts: &self.launch.mounts,
            volumes: &mut self.volumes,
            read_only: self.launch.read_only_root,
        };
        (fs, &mut self.servers)
    }

    /// Short programs that talk to the servers in the container.
    fn client(&mut self, call: &Call, now: Time) -> Option<(i32, String)> {
        let args: Vec<&str> = call.argv.iter().skip(1).map(String::as_str).collect();
        let is_up = |servers: &BTreeMap<Pid, Serving>, port: u16| servers.values().any(|s| s.listens(port, now));
        Some(match &*call.program {
            "redis-cli" if !is_up(&self.servers, 6379) => (1, "Could not connect to Redis at 127.0.0.1:6379: Connection refused\n".into()),
            "redis-cli" if args.last().is_some_and(|arg| arg.eq_ignore_ascii_case("ping")) => (0, "PONG\n".into()),
            "redis-cli" => (0, "OK\n".into()),
            "mysqladmin" | "mysql" if !is_up(&self.servers, 3306) => {
                (1, "ERROR 2002 (HY000): Can't connect to local MySQL server through socket '/var/run/mysqld/mysqld.sock' (2)\n".into())
            }
            "mysqladmin" => (0, "mysqld is alive\n".into()),
            "mysql" => (0, if args.contains(&"SELECT 1") { "1\n1\n".into() } else { String::new() }),
            "pg_isready" if !is_up(&self.servers, 5432) => (2, "/var/run/postgresql:5432 - no response\n".into()),
            "pg_isready" => (0, "/var/run/postgresql:5432 - accepting connections\n".into()),
            "psql" => (if is_up(&self.servers, 5432) { 0 } else { 2 }, String::new()),
            "mongosh" | "mongo" => (if is_up(&self.servers, 27017) { 0 } else { 1 }, "{ ok: 1 }\n".into()),
            "nginx" if args.first() == Some(&"-s") => {
                let signal = match args.get(1) {
                    Some(&"quit") => Some(Signal::QUIT),
                    Some(&"stop") => Some(Signal::TERM),
                    _ => None,
                };
                if let Some(signal) = signal {
                    for serving in self.servers.values_mut().filter(|s| s.server == Server::Nginx) {
                        serving.signal(signal, now);
                    }
                }
                (0, String::new())
            }
            "nginx" if matches!(args.first(), Some(&"-t" | &"-T")) => (
                0,
                "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: configuration file /etc/nginx/nginx.conf test is successful\n".into(),
            ),
            "nginx" if matches!(args.first(), Some(&"-v" | &"-V")) => {
                let version = self.launch.image.rsplit(':').next().unwrap_or("1.29").to_string();
                (0, format!("nginx version: nginx/{version}\n"))
            }
            _ => return None,
        })
    }

    /// Starts a server as process `pid`.
    pub fn serve(&mut self, pid: Pid, server: Server, argv: Vec<String>, now: Time) {
        let serving = self.launch.serving(server, argv, &self.hostname, now);
        let (fs, _) = self.split();
        let sites = (server == Server::Nginx).then(|| super::pages::nginx_sites(&fs));
        let mut serving = serving;
        if let Some(sites) = sites {
            serving.listen_on(sites.iter().flat_map(|site| site.ports.iter().copied()).collect());
        }
        self.servers.insert(pid, serving);
        self.fresh.push(pid);
    }
}

/// What a client says that is given nothing to do but has somebody before it.
fn talks(call: &Call) -> Option<(i32, String)> {
    let (told, how): (&[&str], &str) = match &*call.program {
        "redis-cli" => (&[], "redis-cli ping"),
        "mysql" => (&["-e", "--execute"], "mysql -e 'SELECT 1'"),
        "psql" => (&["-c", "--command", "-f", "-l"], "psql -c 'SELECT 1'"),
        "mongosh" | "mongo" => (&["--eval"], "mongosh --eval 'db.hello()'"),
        _ => return None,
    };
    let mut args = call.argv.iter().skip(1);
    let has_work =
        args.any(|arg| if told.is_empty() { !arg.starts_with('-') } else { told.iter().any(|t| arg.starts_with(t)) });
    let why = format!("{}: its own prompt is not simulated; ask it in one line, such as {how}\n", call.program);
    (!has_work).then_some((1, why))
}

/// Programs that are run here and not by the shell's tools.
const CLIENTS: [&str; 9] =
    ["redis-cli", "mysqladmin", "mysql", "pg_isready", "psql", "mongosh", "mongo", "nginx", "httpd"];

impl Host for Inside {
    fn fs(&mut self) -> Fs<'_> {
        self.split().0
    }
    fn unix_millis(&self, now: Time) -> u64 {
        (self.epoch.max(0) as u64).saturating_add(now.0)
    }
    fn hostname(&self) -> String {
        self.hostname.to_string()
    }
    fn flavor(&self) -> Flavor {
        match self.base() {
            Base::Busybox | Base::Alpine | Base::Scratch => Flavor::Busybox,
            Base::Debian | Base::DebianCurl => Flavor::Debian,
        }
    }
    fn is_old_busybox(&self) -> bool {
        let tag = self.launch.image.rsplit(':').next().unwrap_or_default();
        let minor = tag.strip_prefix("1.").and_then(|rest| rest.split(['.', '-']).next()?.parse::<u32>().ok());
        self.base() == Base::Busybox && minor.is_some_and(|minor| minor < 29)
    }
    fn cpu_milli(&self) -> u64 {
        self.launch.cpu_limit.unwrap_or(1000).min(1000)
    }
    fn knows(&self, program: &str) -> bool {
        CLIENTS.contains(&program) || self.server(program).is_some()
    }
    fn start(&mut self, call: &Call, now: Time) {
        if let Some(mut done) = self.client(call, now) {
            if done.0 == 0 && call.terminal {
                done = talks(call).unwrap_or(done);
            }
            self.done.insert(call.pid, done);
            return;
        }
        match self.server(&call.program) {
            Some(server) => self.serve(call.pid, server, call.argv.clone(), now),
            None => drop(self.done.insert(call.pid, (127, String::new()))),
        }
    }
    fn run(&mut self, pid: Pid, io: &mut Io, now: Time) -> Progress {
        if let Some((code, text)) = self.done.remove(&pid) {
            io.output.push((if code == 0 { Stream::Out } else { Stream::Err }, text.into_bytes()));
            return Progress::Ended(code);
        }
        let fresh = self.fresh.iter().position(|p| *p == pid);
        let Some(serving) = self.servers.get(&pid) else { return Progress::Ended(127) };
        if let Some(at) = fresh {
            self.fresh.remove(at);
            for (is_err, line) in serving.greeting() {
                io.output.push((if is_err { Stream::Err } else { Stream::Out }, format!("{line}\n").into_bytes()));
            }
        }
        match serving.ends {
            Some((at, code)) if now >= at => {
                self.servers.remove(&pid);
                Progress::Ended(code)
            }
            Some((at, _)) => Progress::Sleeping(at),
            None => Progress::Blocked,
        }
    }
    fn due(&self, pid: Pid) -> Option<Time> {
        self.servers.get(&pid)?.ends.map(|(at, _)| at)
    }
    fn signal(&mut self, pid: Pid, signal: Signal, now: Time) -> bool {
        self.servers.get_mut(&pid).is_some_and(|serving| serving.signal(signal, now))
    }
    fn forget(&mut self, pid: Pid) {
        self.servers.remove(&pid);
        self.done.remove(&pid);
    }
    fn send(&mut self, ticket: Ticket, request: NetRequest, _now: Time) {
        self.requests.push((ticket, Rc::new(request)));
    }
    fn neighbours(&self) -> &[Neighbour] {
        &self.neighbours
    }
    fn signal_neighbour(&mut self, pid: Pid, signal: Signal) {
        self.signals.push((pid, signal));
    }
    fn owns_init(&self) -> bool {
        self.neighbours.is_empty()
    }
}
