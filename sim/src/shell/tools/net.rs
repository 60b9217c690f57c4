//! hostname, nslookup, dig, ping, nc. (wget and curl: see `http`.)

use super::super::host::*;
use super::super::process::*;
pub use super::http::Fetch;
pub(in crate::shell) use super::http::{curl, wget};
use super::resolve::{Config, Resolve, Resolved, is_address};
use super::{Options, State, say, time};
use crate::clock::{Span, Time};

pub(in crate::shell) fn hostname(cx: &mut Context, args: &[String], _state: &mut State) -> Flow {
    let name = cx.host.hostname();
    let hosts = cx.fs().read_text("/etc/hosts").unwrap_or_default();
    let own = hosts.lines().find_map(|line| {
        let words: Vec<&str> = line.split('#').next().unwrap_or_default().split_whitespace().collect();
        (words.len() > 1 && words[1..].contains(&name.as_str())).then(|| (words[0].to_string(), words[1].to_string()))
    });
    let line = match args.first().map(String::as_str) {
        None => name,
        Some("-f" | "--fqdn") => own.map_or(name, |(_, full)| full),
        Some("-i" | "-I" | "--ip-address") => own.map_or(String::new(), |(address, _)| address),
        Some("-s" | "--short") => name.split('.').next().unwrap_or_default().to_string(),
        Some("-d" | "--domain") => {
            own.and_then(|(_, full)| Some(full.split_once('.')?.1.to_string())).unwrap_or_default()
        }
        Some(option) if option.starts_with('-') => {
            cx.complain(format!("hostname: unrecognized option: {}", option.trim_start_matches('-')));
            return Flow::Exit(1);
        }
        Some(_) => {
            cx.complain("hostname: sethostname: Operation not permitted");
            return Flow::Exit(1);
        }
    };
    Flow::Exit(say(cx, line))
}

/// nslookup and dig: questions to a DNS server, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lookup {
    style: Style,
    asked_for: String,
    server: String,
    questions: Vec<(String, Record)>,
    at: usize,
    ticket: Option<(Ticket, Time)>,
    found: bool,
    failed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Style {
    Busybox,
    /// busybox before 1.29.
    Old,
    Bind,
    Dig,
    DigShort,
}

pub(in crate::shell) fn nslookup(cx: &mut Context, tool: &str, args: &[String], state: &mut State) -> Flow {
    let config = Config::read(cx);
    let mut record = None;
    let mut words = Vec::new();
    let mut server = config.servers.first().cloned().unwrap_or_default();
    let mut short = false;
    for arg in args {
        let kind = arg.trim_start_matches('-').to_ascii_lowercase();
        if let Some(kind) =
            kind.strip_prefix("type=").or_else(|| kind.strip_prefix("query=")).or_else(|| kind.strip_prefix("q="))
        {
            record = record_of(kind);
        } else if let Some(at) = arg.strip_prefix('@') {
            server = at.to_string();
        } else if arg.starts_with('+') {
            short |= arg == "+short";
        } else if tool == "dig" && record_of(&kind).is_some() {
            record = record_of(&kind);
        } else if !arg.starts_with('-') {
            words.push(arg.clone());
        }
    }
    let Some(name) = words.first().cloned() else {
        cx.complain(format!("{tool}: usage: {tool} [-type=QUERY_TYPE] HOST [DNS_SERVER]"));
        return Flow::Exit(1);
    };
    if let Some(given) = words.get(1) {
        server = given.clone();
    }
    let style = match (tool, cx.is_gnu()) {
        ("dig", _) if short => Style::DigShort,
        ("dig", _) => Style::Dig,
        (_, true) => Style::Bind,
        _ if cx.host.is_old_busybox() => Style::Old,
        _ => Style::Busybox,
    };
    let names = match style {
        // busybox looks through the search list only for names without a dot, and shows every answer.
        Style::Busybox if name.contains('.') => vec![name.trim_end_matches('.').to_string()],
        Style::Busybox => config.search.iter().map(|domain| format!("{name}.{domain}")).collect(),
        Style::Dig | Style::DigShort => vec![name.trim_end_matches('.').to_string()],
        _ => config.candidates(&name),
    };
    let names = if is_address(&name) { vec![reverse(&name)] } else { names };
    let records = match record {
        Some(record) => vec![record],
        None if is_address(&name) => vec![Record::Ptr],
        None if style == Style::Busybox => vec![Record::A, Record::Aaaa],
        None => vec![Record::A],
    };
    let questions = names.iter().flat_map(|name| records.iter().map(|record| (name.clone(), *record))).collect();
    match style {
        Style::Busybox => cx.out(&format!("Server:\t\t{server}\nAddress:\t{server}:53\n\n")),
        Style::Bind => cx.out(&format!("Server:\t\t{server}\nAddress:\t{server}#53\n\n")),
        Style::Old => {
            cx.out(&format!("Server:    {server}\nAddress 1: {server} kube-dns.kube-system.svc.cluster.local\n\n"))
        }
        _ => {}
    }
    let lookup = Lookup { style, asked_for: name, server, questions, at: 0, ticket: None, found: false, failed: false };
    *state = State::Lookup(Box::new(lookup));
    Flow::Go
}

fn record_of(kind: &str) -> Option<Record> {
    Some(match kind {
        "a" => Record::A,
        "aaaa" => Record::Aaaa,
        "srv" => Record::Srv,
        "ptr" => Record::Ptr,
        "cname" => Record::Cname,
        "txt" => Record::Txt,
        _ => return None,
    })
}

/// The name under which an IPv4 address is looked up.
fn reverse(address: &str) -> String {
    let parts: Vec<&str> = address.split('.').rev().collect();
    format!("{}.in-addr.arpa", parts.join("."))
}

impl Lookup {
    pub(in crate::shell) fn step(&mut self, cx: &mut Context) -> Flow {
        loop {
            let Some((name, record)) = self.questions.get(self.at).cloned() else { return self.finish(cx) };
            match self.ticket {
                None => {
                    let ticket = cx.request(NetRequest::Dns { server: self.server.clone(), name, record });
                    let until = cx.now + Span::secs(5);
                    self.ticket = Some((ticket, until));
                    return Flow::Wait(Wait::Answer(ticket, Some(until)));
                }
                Some((ticket, until)) => match cx.answer(ticket) {
                    Some(NetAnswer::Dns(answer)) => {
                        self.ticket = None;
                        self.at += 1;
                        self.show(cx, &name, answer);
                    }
                    Some(_) => return self.silent(cx),
                    None if cx.now >= until => return self.silent(cx),
                    None => return Flow::Wait(Wait::Answer(ticket, Some(until))),
                },
            }
        }
    }

    fn silent(&mut self, cx: &mut Context) -> Flow {
        match self.style {
            Style::Old => cx.complain(format!("nslookup: can't resolve '{}'", self.asked_for)),
            Style::Dig | Style::DigShort => cx.out(";; connection timed out; no servers could be reached\n"),
            _ => cx.out(";; connection timed out; no servers could be reached\n\n"),
        }
        Flow::Exit(if self.style == Style::Dig { 9 } else { 1 })
    }

    fn show(&mut self, cx: &mut Context, name: &str, answer: Result<Vec<Answer>, Rcode>) {
        let last = self.at >= self.questions.len();
        match (self.style, answer) {
            (Style::Busybox, Err(code)) => {
                self.failed = true;
                cx.out(&format!("** server can't find {name}: {}\n\n", rcode(code)));
            }
            (Style::Busybox, Ok(answers)) => {
                // No answer of the second kind is no news when there was one of the first.
                if answers.is_empty() && !self.found {
                    cx.out(&format!("*** Can't find {name}: No answer\n\n"));
                } else if !answers.is_empty() {
                    self.found = true;
                    let lines: String = answers.iter().map(line).collect();
                    cx.out(&format!("{lines}\n"));
                } else {
                    cx.out("\n");
                }
            }
            (Style::Bind, Ok(answers)) if !answers.is_empty() => {
                let lines: String = answers.iter().map(line).collect();
                cx.out(&format!("{lines}\n"));
                (self.found, self.at) = (true, self.questions.len());
            }
            (Style::Bind, result) if last && !self.found => {
                self.failed = true;
                let why = result.err().map_or("No answer".to_string(), |code| rcode(code).to_string());
                cx.out(&format!("** server can't find {}: {why}\n\n", self.asked_for));
            }
            (Style::Old, Ok(answers)) if !answers.is_empty() => {
                cx.out(&format!("Name:      {}\n", self.asked_for));
                for (i, answer) in answers.iter().enumerate() {
                    cx.out(&format!("Address {}: {} {name}\n", i + 1, answer.value));
                }
                (self.found, self.at) = (true, self.questions.len());
            }
            (Style::Old, _) if last && !self.found => {
                self.failed = true;
                cx.complain(format!("nslookup: can't resolve '{}'", self.asked_for));
            }
            (Style::DigShort, Ok(answers)) => {
                let lines: String = answers.iter().map(|answer| format!("{}\n", answer.value)).collect();
                cx.out(&lines);
            }
            (Style::Dig, answer) => {
                let status = answer.as_ref().err().map_or("NOERROR", |code| rcode(*code));
                let answers = answer.unwrap_or_default();
                let lines: String =
                    answers.iter().map(|a| format!("{}.\t30\tIN\t{}\t{}\n", a.name, kind(a.record), a.value)).collect();
                let count = answers.len();
                cx.out(&format!(
                    "\n; <<>> DiG 9.18 <<>> {}\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: {status}, id: 1\n\
                     ;; flags: qr aa rd; QUERY: 1, ANSWER: {count}, AUTHORITY: 0, ADDITIONAL: 1\n\n;; ANSWER SECTION:\n{lines}\n\
                     ;; SERVER: {}#53({})\n\n",
                    self.asked_for, self.server, self.server
                ));
            }
            _ => {}
        }
    }

    fn finish(&mut self, _cx: &mut Context) -> Flow {
        Flow::Exit(i32::from(self.failed))
    }
}

fn rcode(code: Rcode) -> &'static str {
    match code {
        Rcode::NxDomain => "NXDOMAIN",
        Rcode::ServFail => "SERVFAIL",
        Rcode::Refused => "REFUSED",
    }
}

fn kind(record: Record) -> &'static str {
    match record {
        Record::A => "A",
        Record::Aaaa => "AAAA",
        Record::Srv => "SRV",
        Record::Ptr => "PTR",
        Record::Cname => "CNAME",
        Record::Txt => "TXT",
    }
}

fn line(answer: &Answer) -> String {
    let Answer { name, value, .. } = answer;
    match answer.record {
        Record::A | Record::Aaaa => format!("Name:\t{name}\nAddress: {value}\n"),
        Record::Srv => format!("{name}\tservice = {value}\n"),
        Record::Ptr => format!("{name}\tname = {value}\n"),
        Record::Cname => format!("{name}\tcanonical name = {value}\n"),
        Record::Txt => format!("{name}\ttext = \"{value}\"\n"),
    }
}

/// ping: a packet a second.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ping {
    name: String,
    resolve: Resolve,
    address: Option<String>,
    count: Option<u64>,
    interval: Span,
    patience: Span,
    quiet: bool,
    sent: u64,
    times: Vec<u64>,
    received: u64,
    waiting: Option<(Ticket, Time)>,
    next: Time,
}

pub(in crate::shell) fn ping(cx: &mut Context, args: &[String], state: &mut State) -> Flow {
    let options = Options::read(args, "cWiswIt");
    let Some(name) = options.operands.first().cloned() else {
        cx.complain("ping: usage: ping [OPTIONS] HOST");
        return Flow::Exit(1);
    };
    let span = |letter: char| options.value(letter).and_then(time::duration);
    *state = State::Ping(Box::new(Ping {
        resolve: Resolve::new(cx, &name),
        name,
        address: None,
        count: options.value('c').and_then(|n| n.parse().ok()),
        interval: span('i').unwrap_or(Span::secs(1)),
        patience: span('W').or(span('w')).unwrap_or(Span::secs(10)),
        quiet: options.has('q'),
        sent: 0,
        times: Vec::new(),
        received: 0,
        waiting: None,
        next: cx.now,
    }));
    Flow::Go
}

impl Ping {
    pub(in crate::shell) fn step(&mut self, cx: &mut Context) -> Flow {
        let Some(address) = self.address.clone() else {
            match self.resolve.step(cx) {
                Err(wait) => return Flow::Wait(wait),
                Ok(Resolved::Address(address)) => {
                    let size =
                        if cx.is_gnu() { "56(84) bytes of data.".to_string() } else { ": 56 data bytes".to_string() };
                    let gap = if cx.is_gnu() { " " } else { "" };
                    cx.out(&format!("PING {} ({address}){gap}{size}\n", self.name));
                    self.address = Some(address);
                    return Flow::Go;
                }
                Ok(_) => {
                    let text = match cx.is_gnu() {
                        true => format!("ping: {}: Name or service not known", self.name),
                        false => format!("ping: bad address '{}'", self.name),
                    };
                    cx.complain(text);
                    return Flow::Exit(if cx.is_gnu() { 2 } else { 1 });
                }
            }
        };
        if let Some((ticket, until)) = self.waiting {
            match cx.answer(ticket) {
                Some(NetAnswer::Pong { micros }) => {
                    self.received += 1;
                    if self.times.len() < 1000 {
                        self.times.push(micros);
                    }
                    if !self.quiet {
                        let seq = if cx.is_gnu() {
                            format!("icmp_seq={}", self.sent)
                        } else {
                            format!("seq={}", self.sent - 1)
                        };
                        cx.out(&format!("64 bytes from {address}: {seq} ttl=61 time={} ms\n", millis(micros)));
                    }
                    self.waiting = None;
                }
                Some(_) => self.waiting = None,
                None if cx.now < until => return Flow::Wait(Wait::Answer(ticket, Some(until))),
                None => self.waiting = None,
            }
        }
        if self.count.is_some_and(|count| self.sent >= count) {
            return self.finish(cx);
        }
        if cx.now < self.next {
            return Flow::Wait(Wait::Until(self.next));
        }
        self.sent += 1;
        self.next = cx.now + self.interval;
        let ticket = cx.request(NetRequest::Ping { address });
        let until = if self.count == Some(self.sent) { cx.now + self.patience } else { self.next };
        self.waiting = Some((ticket, until));
        Flow::Wait(Wait::Answer(ticket, Some(until)))
    }

    fn finish(&mut self, cx: &mut Context) -> Flow {
        let lost = (self.sent - self.received) * 100 / self.sent.max(1);
        let mut text = format!(
            "\n--- {} ping statistics ---\n{} packets transmitted, {} packets received, {lost}% packet loss\n",
            self.name, self.sent, self.received
        );
        if !self.times.is_empty() {
            let (min, max) =
                (self.times.iter().min().copied().unwrap_or(0), self.times.iter().max().copied().unwrap_or(0));
            let average = self.times.iter().sum::<u64>() / self.times.len() as u64;
            text.push_str(&format!(
                "round-trip min/avg/max = {}/{}/{} ms\n",
                millis(min),
                millis(average),
                millis(max)
            ));
        }
        cx.out(&text);
        Flow::Exit(i32::from(self.received == 0))
    }
}

fn millis(micros: u64) -> String {
    format!("{}.{:03}", micros / 1000, micros % 1000)
}

/// nc as a client. (As a server, `nc -l` listens: the container's ports.)
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Connect {
    name: String,
    port: u16,
    resolve: Resolve,
    address: String,
    scan: bool,
    verbose: bool,
    udp: bool,
    limit: Option<Time>,
    input: Vec<u8>,
    read: bool,
    ticket: Option<Ticket>,
}

pub(in crate::shell) fn nc(cx: &mut Context, args: &[String], state: &mut State) -> Flow {
    let options = Options::read(args, "wpse");
    if options.has('l') {
        // Listening is up to the machine, which knows the command line.
        return Flow::Wait(Wait::Forever);
    }
    let [name, port] = options.operands.as_slice() else {
        cx.complain("nc: usage: nc [OPTIONS] HOST PORT");
        return Flow::Exit(1);
    };
    let Ok(port) = port.parse::<u16>() else {
        cx.complain(format!("nc: bad port '{port}'"));
        return Flow::Exit(1);
    };
    *state = State::Connect(Box::new(Connect {
        name: name.clone(),
        port,
        resolve: Resolve::new(cx, name),
        address: String::new(),
        scan: options.has('z'),
        verbose: options.has('v'),
        udp: options.has('u'),
        limit: options.value('w').and_then(time::duration).map(|span| cx.now + span),
        input: Vec::new(),
        read: options.has('z'),
        ticket: None,
    }));
    Flow::Go
}

impl Connect {
    pub(in crate::shell) fn step(&mut self, cx: &mut Context) -> Flow {
        if !self.read {
            match cx.read(0, PIPE_BYTES) {
                super::super::context::Read::Bytes(bytes) => {
                    self.input.extend(bytes);
                    return Flow::Go;
                }
                super::super::context::Read::Empty if self.input.is_empty() => return Flow::Wait(Wait::Input(0)),
                _ => self.read = true,
            }
        }
        let Some(ticket) = self.ticket else {
            let address = match self.resolve.step(cx) {
                Err(wait) => return Flow::Wait(wait),
                Ok(Resolved::Address(address)) => address,
                Ok(_) => {
                    cx.complain(format!("nc: bad address '{}'", self.name));
                    return Flow::Exit(1);
                }
            };
            self.address = address.clone();
            let (port, send) = (self.port, self.input.clone());
            let ticket = cx.request(match self.udp {
                true => NetRequest::Udp { address, port, send },
                false => NetRequest::Tcp { address, port, send },
            });
            self.ticket = Some(ticket);
            return Flow::Wait(Wait::Answer(ticket, self.limit));
        };
        match cx.answer(ticket) {
            Some(NetAnswer::Connected(bytes)) => {
                if self.verbose {
                    cx.complain(format!("{} ({}:{}) open", self.name, self.address, self.port));
                }
                cx.write(1, &bytes);
                Flow::Exit(0)
            }
            Some(answer) => {
                let why = match answer {
                    NetAnswer::Unreachable => "No route to host",
                    _ => "Connection refused",
                };
                if self.verbose || !self.scan {
                    cx.complain(format!("nc: {} ({}:{}): {why}", self.name, self.address, self.port));
                }
                Flow::Exit(1)
            }
            None if self.limit.is_some_and(|at| cx.now >= at) => {
                cx.complain("nc: timed out");
                Flow::Exit(1)
            }
            None => Flow::Wait(Wait::Answer(ticket, self.limit)),
        }
    }
}
