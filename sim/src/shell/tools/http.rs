//! wget (busybox's) and curl.
//!
//! Not done: FTP, proxies, cookies, resuming, recursion, progress meters.

use super::super::context::OpenFor;
use super::super::host::*;
use super::super::process::*;
use super::resolve::{Resolve, Resolved};
use super::{State, time};
use crate::clock::{Span, Time};

/// Longest chain of redirections that is followed.
const REDIRECTS: usize = 20;

/// A page being fetched.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fetch {
    curl: bool,
    url: Url,
    method: Option<String>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// Where the body goes: a file, or `-`.
    output: String,
    quiet: bool,
    show_errors: bool,
    /// wget `-S`, curl `-i` and `-I`.
    show_headers: bool,
    head_only: bool,
    /// wget `--spider`.
    spider: bool,
    fail: bool,
    follow: bool,
    write_out: Option<String>,
    began: Time,
    limit: Option<Span>,
    followed: usize,
    tries: u64,
    resolve: Resolve,
    address: Option<String>,
    waiting: Option<(Ticket, Option<Time>)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Url {
    tls: bool,
    host: String,
    port: u16,
    path: String,
    /// Host and port as they were written.
    authority: String,
}

impl Url {
    fn parse(text: &str) -> Option<Url> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        if !matches!(scheme, "http" | "https") {
            return None;
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let path = path.split('#').next().unwrap_or_default();
        let path = if path.starts_with('/') { path.to_string() } else { format!("/{path}") };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, port.parse().ok()?),
            _ => (authority, if scheme == "https" { 443 } else { 80 }),
        };
        let host = host.trim_matches(['[', ']']).to_string();
        (!host.is_empty()).then(|| Url { tls: scheme == "https", host, port, path, authority: authority.to_string() })
    }
}

fn new(cx: &mut Context, url: Url, curl: bool) -> Fetch {
    Fetch {
        curl,
        resolve: Resolve::new(cx, &url.host),
        url,
        method: None,
        headers: Vec::new(),
        body: Vec::new(),
        output: if curl { "-".into() } else { String::new() },
        quiet: false,
        show_errors: false,
        show_headers: false,
        head_only: false,
        spider: false,
        fail: false,
        follow: !curl,
        write_out: None,
        began: cx.now,
        limit: if curl { None } else { Some(Span::secs(900)) },
        followed: 0,
        tries: 1,
        address: None,
        waiting: None,
    }
}

pub(in crate::shell) fn wget(cx: &mut Context, args: &[String], state: &mut State) -> Flow {
    let url = args.iter().rev().find(|arg| !arg.starts_with('-')).cloned().unwrap_or_default();
    let Some(parsed) = Url::parse(&url) else {
        cx.complain(if url.is_empty() {
            "wget: missing URL".to_string()
        } else {
            format!("wget: not an http or ftp url: {url}")
        });
        return Flow::Exit(1);
    };
    let mut fetch = new(cx, parsed, false);
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        let mut long = |name: &str| -> Option<String> {
            let after = arg.strip_prefix("--")?.strip_prefix(name)?;
            if after.is_empty() { rest.next().cloned() } else { after.strip_prefix('=').map(str::to_string) }
        };
        if let Some(value) = long("timeout") {
            fetch.limit = time::duration(&value);
        } else if let Some(value) = long("header") {
            fetch.headers.extend(header(&value));
        } else if let Some(value) = long("post-data") {
            fetch.method = Some("POST".into());
            fetch.body = value.into_bytes();
        } else if let Some(value) = long("output-document") {
            fetch.output = value;
        } else if let Some(value) = long("tries") {
            fetch.tries = value.parse().unwrap_or(1);
        } else if arg.starts_with("--") {
            fetch.spider |= arg == "--spider";
            fetch.show_headers |= arg == "--server-response";
            fetch.quiet |= arg == "--quiet";
        } else if let Some(letters) = arg.strip_prefix('-') {
            for (i, letter) in letters.char_indices() {
                let mut value = || {
                    let joined = &letters[i + 1..];
                    if joined.is_empty() { rest.next().cloned().unwrap_or_default() } else { joined.to_string() }
                };
                match letter {
                    'q' => fetch.quiet = true,
                    'S' => fetch.show_headers = true,
                    's' => fetch.spider = true,
                    'O' => fetch.output = value(),
                    'T' => fetch.limit = time::duration(&value()),
                    't' => fetch.tries = value().parse().unwrap_or(1),
                    'U' | 'P' | 'Y' | 'o' | 'a' => drop(value()),
                    _ => continue,
                }
                if "OTtUPYoa".contains(letter) {
                    break;
                }
            }
        }
    }
    if fetch.output.is_empty() {
        let name = fetch.url.path.split('?').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        fetch.output = if name.is_empty() { "index.html".into() } else { name.to_string() };
    }
    *state = State::Fetch(Box::new(fetch));
    Flow::Go
}

fn header(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once(':')?;
    Some((name.trim().to_string(), value.trim().to_string()))
}

/// Splits curl's command line into URLs and options with their values.
fn curl_words(args: &[String]) -> (Vec<String>, Vec<(String, String)>) {
    const WITH_VALUE: &str = "oXdHmwuAebTDEFcCKrxYyz";
    let mut words = Vec::new();
    let mut options: Vec<(String, String)> = Vec::new();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        if let Some(name) = arg.strip_prefix("--") {
            let takes = matches!(
                name,
                "output"
                    | "request"
                    | "data"
                    | "data-raw"
                    | "data-binary"
                    | "header"
                    | "max-time"
                    | "connect-timeout"
                    | "write-out"
                    | "user"
                    | "user-agent"
                    | "retry"
                    | "retry-delay"
                    | "retry-max-time"
                    | "resolve"
                    | "cacert"
                    | "cert"
                    | "key"
                    | "url"
                    | "limit-rate"
            );
            let value = if takes { rest.next().cloned().unwrap_or_default() } else { String::new() };
            if name == "url" { words.push(value) } else { options.push((name.to_string(), value)) }
        } else if arg.len() > 1 && arg.starts_with('-') {
            let letters = &arg[1..];
            for (i, letter) in letters.char_indices() {
                if WITH_VALUE.contains(letter) {
                    let joined = &letters[i + letter.len_utf8()..];
                    let value =
                        if joined.is_empty() { rest.next().cloned().unwrap_or_default() } else { joined.to_string() };
                    options.push((letter.to_string(), value));
                    break;
                }
                options.push((letter.to_string(), String::new()));
            }
        } else {
            words.push(arg.clone());
        }
    }
    (words, options)
}

pub(in crate::shell) fn curl(cx: &mut Context, args: &[String], state: &mut State) -> Flow {
    let (words, options) = curl_words(args);
    let Some(parsed) = words.first().and_then(|url| Url::parse(url)) else {
        cx.complain("curl: (3) URL rejected: Malformed input to a URL function");
        return Flow::Exit(3);
    };
    let mut fetch = new(cx, parsed, true);
    for (name, value) in options {
        match name.as_str() {
            "s" | "silent" => fetch.quiet = true,
            "S" | "show-error" => fetch.show_errors = true,
            "o" | "output" => fetch.output = value,
            "O" | "remote-name" => fetch.output = fetch.url.path.rsplit('/').next().unwrap_or_default().to_string(),
            "X" | "request" => fetch.method = Some(value),
            "d" | "data" | "data-raw" | "data-binary" => {
                fetch.method.get_or_insert_with(|| "POST".into());
                fetch.body.extend(value.into_bytes());
            }
            "H" | "header" => fetch.headers.extend(header(&value)),
            "m" | "max-time" | "connect-timeout" => fetch.limit = time::duration(&value),
            "w" | "write-out" => fetch.write_out = Some(value),
            "i" | "include" => fetch.show_headers = true,
            "I" | "head" => (fetch.head_only, fetch.show_headers) = (true, true),
            "f" | "fail" => fetch.fail = true,
            "L" | "location" => fetch.follow = true,
            _ => {}
        }
    }
    *state = State::Fetch(Box::new(fetch));
    Flow::Go
}

impl Fetch {
    pub(in crate::shell) fn step(&mut self, cx: &mut Context) -> Flow {
        let until = self.limit.map(|span| self.began + span);
        if until.is_some_and(|at| cx.now >= at) {
            return self.timed_out(cx);
        }
        let Some(address) = self.address.clone() else {
            match self.resolve.step(cx) {
                Err(Wait::Answer(ticket, at)) => {
                    return Flow::Wait(Wait::Answer(ticket, [at, until].into_iter().flatten().min()));
                }
                Err(wait) => return Flow::Wait(wait),
                Ok(Resolved::Address(address)) => {
                    if !self.curl && !self.quiet {
                        cx.complain(format!("Connecting to {} ({address}:{})", self.url.authority, self.url.port));
                    }
                    self.address = Some(address);
                    return Flow::Go;
                }
                Ok(_) => {
                    let text = format!("wget: bad address '{}'", self.url.authority);
                    let other = format!("curl: (6) Could not resolve host: {}", self.url.host);
                    return self.fail_with(cx, 6, text, other);
                }
            }
        };
        let Some((ticket, _)) = self.waiting else { return self.send(cx, address, until) };
        match cx.answer(ticket) {
            Some(answer) => self.answered(cx, &address, answer),
            None => Flow::Wait(Wait::Answer(ticket, until)),
        }
    }

    fn send(&mut self, cx: &mut Context, address: String, until: Option<Time>) -> Flow {
        let mut headers = vec![("Host".to_string(), self.url.authority.clone())];
        headers.push(("User-Agent".into(), if self.curl { "curl/8.5.0" } else { "Wget" }.into()));
        if self.curl {
            headers.push(("Accept".into(), "*/*".into()));
        }
        for (name, value) in &self.headers {
            headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
            headers.push((name.clone(), value.clone()));
        }
        headers.sort_by_key(|(name, _)| !name.eq_ignore_ascii_case("host"));
        if !self.curl {
            headers.push(("Connection".into(), "close".into()));
        }
        let method =
            self.method.clone().unwrap_or_else(|| if self.head_only || self.spider { "HEAD" } else { "GET" }.into());
        let ticket = cx.request(NetRequest::Http(HttpRequest {
            address,
            port: self.url.port,
            tls: self.url.tls,
            method,
            path: self.url.path.clone(),
            headers,
            body: self.body.clone(),
        }));
        self.waiting = Some((ticket, until));
        Flow::Wait(Wait::Answer(ticket, until))
    }

    fn fail_with(&self, cx: &mut Context, code: i32, wget: String, curl: String) -> Flow {
        if !self.curl {
            cx.complain(wget);
            return Flow::Exit(1);
        }
        if !self.quiet || self.show_errors {
            cx.complain(curl);
        }
        if let Some(format) = &self.write_out {
            cx.out(&format.replace("%{http_code}", "000").replace("\\n", "\n"));
        }
        Flow::Exit(code)
    }

    fn timed_out(&mut self, cx: &mut Context) -> Flow {
        let took = cx.now.since(self.began).0;
        let curl = format!("curl: (28) Connection timed out after {took} milliseconds");
        self.fail_with(cx, 28, "wget: download timed out".into(), curl)
    }

    fn answered(&mut self, cx: &mut Context, address: &str, answer: NetAnswer) -> Flow {
        let refused = |why: &str| format!("wget: can't connect to remote host ({address}): {why}");
        let took = cx.now.since(self.began).0;
        let curl = format!(
            "curl: (7) Failed to connect to {} port {} after {took} ms: Couldn't connect to server",
            self.url.host, self.url.port
        );
        let answer = match answer {
            NetAnswer::Http(answer) => answer,
            NetAnswer::Unreachable => return self.fail_with(cx, 7, refused("No route to host"), curl),
            NetAnswer::Reset => {
                let text = "curl: (56) Recv failure: Connection reset by peer";
                return self.fail_with(
                    cx,
                    56,
                    "wget: error getting response: Connection reset by peer".into(),
                    text.into(),
                );
            }
            _ => return self.fail_with(cx, 7, refused("Connection refused"), curl),
        };
        let location =
            answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("location")).map(|(_, v)| v.clone());
        if let Some(location) =
            location.filter(|_| self.follow && (300..400).contains(&answer.status) && self.followed < REDIRECTS)
        {
            let absolute = if location.starts_with('/') {
                format!("{}://{}{location}", if self.url.tls { "https" } else { "http" }, self.url.authority)
            } else {
                location
            };
            if let Some(url) = Url::parse(&absolute) {
                self.followed += 1;
                self.resolve = Resolve::new(cx, &url.host);
                (self.url, self.address, self.waiting) = (url, None, None);
                return Flow::Go;
            }
        }
        self.show(cx, &answer)
    }

    fn show(&mut self, cx: &mut Context, answer: &HttpAnswer) -> Flow {
        let status_line = format!("HTTP/1.1 {} {}", answer.status, answer.reason());
        if self.show_headers && !self.curl {
            let lines: String = answer.headers.iter().map(|(name, value)| format!("  {name}: {value}\n")).collect();
            cx.write(2, format!("  {status_line}\n{lines}  \n").as_bytes());
        }
        if !self.curl && !(200..300).contains(&answer.status) {
            cx.complain(format!("wget: server returned error: {status_line}"));
            return Flow::Exit(1);
        }
        if self.curl && self.fail && answer.status >= 400 {
            let text = format!("curl: (22) The requested URL returned error: {}", answer.status);
            if !self.quiet || self.show_errors {
                cx.complain(text);
            }
            return Flow::Exit(22);
        }
        let mut bytes = Vec::new();
        if self.curl && self.show_headers {
            let lines: String = answer.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            bytes.extend(format!("{status_line}\r\n{lines}\r\n").into_bytes());
        }
        if !self.head_only && !self.spider {
            bytes.extend(&*answer.body);
        }
        if self.spider {
            if !self.quiet {
                cx.complain("remote file exists");
            }
        } else if let Err(flow) = self.store(cx, &bytes) {
            return flow;
        }
        if let Some(format) = &self.write_out {
            let took = cx.now.since(self.began).0;
            let text = format
                .replace("%{http_code}", &answer.status.to_string())
                .replace("%{response_code}", &answer.status.to_string())
                .replace("%{size_download}", &answer.body.len().to_string())
                .replace("%{time_total}", &format!("{}.{:03}000", took / 1000, took % 1000))
                .replace("\\n", "\n")
                .replace("\\t", "\t");
            cx.out(&text);
        }
        Flow::Exit(0)
    }

    fn store(&mut self, cx: &mut Context, bytes: &[u8]) -> Result<(), Flow> {
        if self.output == "-" {
            if !self.curl && !self.quiet {
                cx.complain("writing to stdout");
            }
            cx.write(1, bytes);
            if !self.curl && !self.quiet {
                cx.complain(progress("-", bytes.len()));
                cx.complain("written to stdout");
            }
            return Ok(());
        }
        let path = self.output.clone();
        match cx.open(&path, OpenFor::Write) {
            Ok(open) => {
                if !self.curl && !self.quiet {
                    cx.complain(format!("saving to '{path}'"));
                }
                cx.me_mut().fds.insert(3, open);
                cx.write(3, bytes);
                cx.me_mut().fds.remove(&3);
                if !self.curl && !self.quiet {
                    cx.complain(progress(&path, bytes.len()));
                    cx.complain(format!("'{path}' saved"));
                }
                Ok(())
            }
            Err(error) => {
                let (wget, curl) =
                    (format!("wget: can't open '{path}': {error}"), "curl: (23) Failure writing output to destination");
                Err(self.fail_with(cx, 23, wget, curl.into()))
            }
        }
    }
}

/// The last state of busybox's progress bar.
fn progress(name: &str, bytes: usize) -> String {
    let name: String = name.chars().take(20).collect();
    format!("{name:<20} 100% |{}| {bytes:>5}  0:00:00 ETA", "*".repeat(32))
}
