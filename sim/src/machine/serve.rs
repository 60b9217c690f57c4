//! The programs of known images: what they listen on, what they answer, how they react to signals.

use crate::clock::{Date, Span, Time};
use crate::shell::{Fs, HttpAnswer, Signal};
use std::rc::Rc;

/// What kind of program it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Server {
    Nginx,
    Apache,
    /// busybox's, with its own command line.
    BusyboxHttpd,
    Pause,
    Agnhost,
    ServeHostname,
    TestWeb,
    HelloApp,
    Guestbook,
    HttpEcho,
    Echo,
    HpaExample,
    Redis,
    Mysql,
    Postgres,
    Wordpress,
    Perl,
    Interpreter(&'static str),
    /// Name, port, milliseconds until it listens, MiB of memory at rest.
    Listens(&'static str, u16, u64, u64),
    /// An unknown image's program: it serves on the declared ports.
    StandIn,
}

impl Server {
    /// Microseconds of CPU that a request takes: what one core of today needs, roughly.
    fn cost(self) -> u64 {
        match self {
            Server::Nginx => 60,
            Server::Apache => 200,
            // It starts a process for each.
            Server::BusyboxHttpd => 900,
            // A million square roots in PHP.
            Server::HpaExample => 65_000,
            Server::Wordpress => 45_000,
            Server::Guestbook => 4_000,
            Server::StandIn => 500,
            _ => 120,
        }
    }
    /// Microseconds of CPU that it uses each second when nobody asks anything.
    fn idle(self) -> u64 {
        match self {
            Server::Mysql => 6_000,
            Server::Redis => 1_500,
            Server::Postgres => 500,
            // Those that take long to start have much to do at all times.
            Server::Listens(_, _, wait, _) => wait * 2 / 3,
            Server::Apache | Server::Guestbook | Server::HpaExample | Server::Wordpress => 100,
            _ => 0,
        }
    }
}

/// Milliseconds from its start until agnhost, a large Go program, listens. The kubelet's first probe comes sooner (seen in
/// the recordings).
const GO_START: u64 = 30;

/// A program at work.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Serving {
    pub server: Server,
    pub argv: Rc<Vec<String>>,
    pub started: Time,
    pub hostname: Rc<str>,
    pub image: Rc<str>,
    ports: Vec<u16>,
    /// When it listens.
    pub ready: Time,
    /// When it ends by itself, or of a signal, and how.
    pub ends: Option<(Time, i32)>,
    /// Told to end after its delay.
    stopping: bool,
    pub requests: u64,
    /// From then on it answers every request with status 500.
    pub fails_from: Option<Time>,
    /// Bytes by which its memory grows each second.
    pub leak: u64,
    /// Microseconds of CPU that a request takes.
    pub cost: u64,
}

/// What a program says: lines for its log.
pub type Lines = Vec<(bool, String)>;

impl Serving {
    /// Starts a program of an image; `declared` are the ports that the container's specification names.
    pub fn new(
        server: Server,
        argv: Vec<String>,
        image: &Rc<str>,
        hostname: &str,
        declared: &[u16],
        now: Time,
    ) -> Serving {
        let flag = |name: &str| value_of(&argv, name);
        let number = |name: &str, otherwise: u16| flag(name).and_then(|v| v.parse().ok()).unwrap_or(otherwise);
        let sub = argv.get(1).map(String::as_str).unwrap_or_default();
        let (ports, wait): (Vec<u16>, u64) = match server {
            Server::Nginx
            | Server::Apache
            | Server::Guestbook
            | Server::HpaExample
            | Server::Wordpress
            | Server::TestWeb => (vec![80], 0),
            Server::BusyboxHttpd => {
                (vec![flag("-p").and_then(|p| p.rsplit(':').next()?.parse().ok()).unwrap_or(80)], 0)
            }
            Server::Agnhost => match sub {
                "netexec" => (vec![number("http-port", 8080)], GO_START),
                "liveness" | "guestbook" | "inclusterclient" => (vec![8080], GO_START),
                "serve-hostname" => (vec![number("port", 9376)], GO_START),
                "test-webserver" | "porter" => (vec![number("port", 80)], GO_START),
                "grpc-health-checking" => (vec![number("port", 5000), number("http-port", 8080)], GO_START),
                "net" | "nettest" | "webhook" => (declared.to_vec(), GO_START),
                _ => (Vec::new(), 0),
            },
            Server::ServeHostname => (vec![9376], 0),
            Server::HelloApp => (vec![8080], 0),
            Server::HttpEcho => {
                (vec![flag("listen").and_then(|p| p.rsplit(':').next()?.parse().ok()).unwrap_or(5678)], 0)
            }
            Server::Echo => (if declared.is_empty() { vec![8080] } else { declared.to_vec() }, 0),
            Server::Redis => (vec![number("port", 6379)], 100),
            Server::Mysql => (vec![3306], 6000),
            Server::Postgres => (vec![5432], 2500),
            Server::Listens(_, port, wait, _) => (vec![port], wait),
            Server::StandIn => (declared.to_vec(), 0),
            Server::Pause | Server::Perl | Server::Interpreter(_) => (Vec::new(), 0),
        };
        let mut ends = None;
        match server {
            // Two thousand digits of pi take a few seconds.
            Server::Perl => ends = Some((now + Span::secs(if argv.len() > 1 { 5 } else { 0 }), 0)),
            Server::Interpreter(_) => ends = Some((now + Span::millis(300), i32::from(argv.len() > 1))),
            Server::Mysql => ends = mysql_lacks_password(&argv).then_some((now + Span::secs(1), 1)),
            _ => {}
        }
        Serving {
            server,
            argv: Rc::new(argv),
            started: now,
            hostname: hostname.into(),
            image: image.clone(),
            ports,
            ready: now + Span::millis(wait),
            ends,
            stopping: false,
            requests: 0,
            fails_from: None,
            leak: 0,
            cost: server.cost(),
        }
    }

    /// Microseconds of CPU that it has used at rest until an instant.
    pub fn idle_micros(&self, until: Time) -> u64 {
        self.server.idle() * until.since(self.started).0 / 1000
    }

    pub fn ports(&self) -> &[u16] {
        &self.ports
    }
    /// Ports that its configuration opens instead of the usual ones.
    pub fn listen_on(&mut self, ports: Vec<u16>) {
        self.ports = ports;
    }
    pub fn listens(&self, port: u16, now: Time) -> bool {
        now >= self.ready && self.ports.contains(&port) && self.ends.is_none_or(|(at, _)| now < at)
    }

    pub fn speaks_grpc(&self) -> bool {
        match self.server {
            Server::Agnhost => self.argv.iter().any(|arg| arg == "grpc-health-checking"),
            Server::StandIn | Server::Listens("etcd", ..) => true,
            _ => false,
        }
    }

    /// Memory in use, in bytes.
    pub fn memory(&self, now: Time) -> u64 {
        const MIB: u64 = 1 << 20;
        let leaked = self.leak.saturating_mul(now.since(self.started).as_secs());
        let rest = match self.server {
            Server::Nginx => 4 * MIB,
            Server::Apache | Server::Guestbook | Server::HpaExample | Server::Wordpress => 18 * MIB,
            Server::Pause => MIB / 4,
            Server::Mysql => 380 * MIB,
            Server::Postgres => 30 * MIB,
            Server::Listens(.., mib) => mib * MIB,
            Server::BusyboxHttpd => MIB / 2,
            _ => 8 * MIB,
        };
        rest.saturating_add(leaked)
    }

    /// Reacts to a signal. `false`: it has no handler.
    pub fn signal(&mut self, signal: Signal, now: Time) -> bool {
        if !matches!(signal, Signal::TERM | Signal::INT | Signal::QUIT) {
            // A Go program ignores none by default; nginx and apache take HUP for a reload.
            return matches!((self.server, signal), (Server::Nginx | Server::Apache, Signal::HUP));
        }
        let delay = value_of(&self.argv, "delay-shutdown").and_then(|v| v.parse().ok()).unwrap_or(0);
        let (span, code) = match self.server {
            Server::Agnhost if delay > 0 && !self.stopping => (Span::secs(delay), 0),
            Server::Agnhost if delay > 0 => return true,
            Server::Agnhost if self.argv.get(1).is_some_and(|sub| sub == "netexec") => (Span::ZERO, 0),
            // A Go program that does not ask for the signal ends with 2 where it is process 1.
            Server::Agnhost | Server::ServeHostname | Server::TestWeb | Server::Echo => (Span::ZERO, 2),
            Server::Apache | Server::Guestbook | Server::HpaExample | Server::Wordpress => (Span::millis(50), 0),
            Server::Mysql => (Span::millis(900), 0),
            Server::Postgres | Server::Redis => (Span::millis(100), 0),
            Server::Listens(_, _, wait, _) => (Span::millis(wait / 10), 0),
            // Without a handler, process 1 does not even notice.
            Server::BusyboxHttpd | Server::Interpreter(_) | Server::Perl => return false,
            Server::Nginx | Server::Pause | Server::HttpEcho | Server::HelloApp | Server::StandIn => {
                (Span::millis(10), 0)
            }
        };
        self.stopping = true;
        self.ends = Some((now + span, code));
        true
    }

    /// Answers a request over HTTP.
    pub fn answer(&mut self, fs: &Fs, port: u16, method: &str, path: &str, from: &str, now: Time) -> HttpAnswer {
        self.requests += 1;
        let (page, query) = path.split_once('?').unwrap_or((path, ""));
        match self.server {
            _ if self.fails_from.is_some_and(|at| now >= at) => HttpAnswer::text(500, "kubarium.dev/fail-after\n"),
            Server::Nginx => super::pages::nginx(fs, port, page, &self.image),
            Server::Apache => {
                super::pages::folder(fs, "/usr/local/apache2/htdocs", page, "index.html").unwrap_or_else(|| {
                    if page == "/" {
                        HttpAnswer::html(200, "<html><body><h1>It works!</h1></body></html>\n")
                    } else {
                        super::pages::apache_404()
                    }
                })
            }
            Server::BusyboxHttpd => {
                let root = value_of(&self.argv, "-h").unwrap_or_else(|| "/".into());
                super::pages::folder(fs, &root, page, "index.html").unwrap_or_else(super::pages::busybox_404)
            }
            Server::Agnhost => self.agnhost(page, query, port, from, now),
            Server::ServeHostname => HttpAnswer::text(200, &*self.hostname),
            Server::HelloApp => {
                let version = if self.image.ends_with("2.0") { "2.0.0" } else { "1.0.0" };
                HttpAnswer::text(200, format!("Hello, world!\nVersion: {version}\nHostname: {}\n", self.hostname))
            }
            Server::HttpEcho => match page {
                "/health" => HttpAnswer::text(200, "{\"status\":\"ok\"}\n"),
                _ => HttpAnswer::text(200, format!("{}\n", value_of(&self.argv, "text").unwrap_or_default())),
            },
            Server::Echo => match page {
                "/healthy" | "/ready" | "/healthz" => HttpAnswer::text(200, "ok"),
                _ => HttpAnswer::text(200, format!("Hostname: {}\n\nRequest: {method} {path}\n", self.hostname)),
            },
            Server::HpaExample => HttpAnswer::html(200, "OK!"),
            Server::Guestbook | Server::Wordpress => {
                HttpAnswer::html(200, "<html><head><title>Guestbook</title></head></html>\n")
            }
            Server::TestWeb => super::pages::folder(fs, "/", page, "index.html")
                .unwrap_or_else(|| HttpAnswer::text(404, "404 page not found\n")),
            Server::StandIn => {
                HttpAnswer::text(200, format!("kubarium: a stand-in for {} on {}\n", self.image, self.hostname))
            }
            _ => HttpAnswer::text(400, ""),
        }
    }

    /// agnhost's subcommands that serve.
    fn agnhost(&mut self, page: &str, query: &str, port: u16, from: &str, now: Time) -> HttpAnswer {
        let sub = self.argv.get(1).map(String::as_str).unwrap_or_default();
        let parameter = |name: &str| {
            query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(str::to_string)
        };
        match (sub, page) {
            ("netexec", "/hostname" | "/hostName") => HttpAnswer::text(200, &*self.hostname),
            ("netexec", "/") => HttpAnswer::text(200, format!("NOW: {}", now.0)),
            ("netexec", "/healthz") if self.stopping => HttpAnswer::text(500, ""),
            ("netexec", "/healthz" | "/readyz") => HttpAnswer::text(200, ""),
            ("netexec", "/clientip") => HttpAnswer::text(200, format!("{from}:40000")),
            ("netexec", "/echo") => HttpAnswer::text(200, parameter("msg").unwrap_or_default()),
            ("netexec", "/redirect") => {
                let mut answer = HttpAnswer::text(parameter("code").and_then(|c| c.parse().ok()).unwrap_or(302), "");
                Rc::make_mut(&mut answer.headers)
                    .extend(parameter("location").map(|location| ("Location".to_string(), location)));
                answer
            }
            ("netexec", "/exit") => {
                let code = parameter("code").and_then(|c| c.parse().ok()).unwrap_or(0);
                self.ends = Some((now, code));
                HttpAnswer::text(200, "")
            }
            // Well for ten seconds, then broken.
            ("liveness", "/healthz") => {
                let age = now.since(self.started);
                match age > Span::secs(10) {
                    true => HttpAnswer::text(500, format!("error: {}.{:09}", age.0 / 1000, age.0 % 1000 * 1_000_000)),
                    false => HttpAnswer::text(200, "ok"),
                }
            }
            ("serve-hostname", _) => HttpAnswer::text(200, &*self.hostname),
            ("guestbook" | "test-webserver", _) => HttpAnswer::text(200, ""),
            ("porter", _) => HttpAnswer::text(200, format!("port {port}")),
            _ => HttpAnswer::text(404, "404 page not found\n"),
        }
    }

    /// What it writes when it starts.
    pub fn greeting(&self) -> Lines {
        let out = |text: &str| (false, text.to_string());
        let err = |text: &str| (true, text.to_string());
        match self.server {
            Server::Agnhost if self.argv.get(1).is_some_and(|sub| sub == "netexec") => vec![err(&format!(
                "I0101 00:00:00.000000       1 log.go:245] Started HTTP server on port {}",
                self.ports[0]
            ))],
            Server::HelloApp => vec![err("Server listening on port 8080")],
            Server::HttpEcho => vec![err(&format!("server is listening on :{}", self.ports[0]))],
            Server::Redis => vec![out("1:M Ready to accept connections tcp")],
            Server::Perl => vec![],
            Server::Mysql if self.ends.is_some() => vec![err(
                "[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD",
            )],
            Server::StandIn => vec![out(&format!(
                "kubarium: {} is not simulated; a stand-in serves on its declared ports",
                self.image
            ))],
            Server::Interpreter(language) if self.ends.is_some_and(|(_, code)| code != 0) => {
                vec![err(&format!("kubarium: programs in {language} are not simulated"))]
            }
            _ => Vec::new(),
        }
    }
}

impl Server {
    /// What it logs of a request that it has answered; `unix`: the wall clock's seconds since 1970.
    pub fn access_line(self, answer: &HttpAnswer, method: &str, path: &str, from: &str, unix: i64) -> Option<String> {
        if self != Server::Nginx {
            return None;
        }
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let Date { year, month, day, hour, minute, second, .. } = Date::from_unix(unix);
        let (month, status, bytes) = (MONTHS[month as usize - 1], answer.status, answer.body.len());
        Some(format!(
            "{from} - - [{day:02}/{month}/{year}:{hour:02}:{minute:02}:{second:02} +0000] \"{method} {path} HTTP/1.1\" {status} {bytes} \"-\" \"-\" \"-\"\n"
        ))
    }
}

/// The image's entrypoint refuses to start without a password; the mark is set by who starts the program.
fn mysql_lacks_password(argv: &[String]) -> bool {
    argv.iter().any(|arg| arg == "\0no-password")
}

/// The value of a flag: `--name=value`, `--name value`, `-name=value`, `-name value`, `-n value`.
fn value_of(argv: &[String], name: &str) -> Option<String> {
    let name = name.trim_start_matches('-');
    let mut rest = argv.iter();
    while let Some(arg) = rest.next() {
        let Some(flag) = arg.strip_prefix("--").or_else(|| arg.strip_prefix('-')) else { continue };
        if flag == name {
            return rest.next().cloned();
        }
        if let Some(value) = flag.strip_prefix(name).and_then(|after| after.strip_prefix('=')) {
            return Some(value.to_string());
        }
    }
    None
}
