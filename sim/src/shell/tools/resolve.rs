//! musl and glibc: names to addresses, by /etc/hosts and then the servers and search list of /etc/resolv.conf.

use super::super::host::*;
use super::super::process::*;
use crate::clock::{Span, Time};

/// How long a DNS server is waited for, and how often it is asked (resolv.conf: timeout 5, attempts 2).
const PATIENCE: Span = Span::secs(5);
const ATTEMPTS: u32 = 2;

/// What /etc/resolv.conf says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Config {
    pub servers: Vec<String>,
    pub search: Vec<String>,
    pub ndots: usize,
}

impl Config {
    pub fn read(cx: &mut Context) -> Config {
        Config::of(&cx.fs().read_text("/etc/resolv.conf").unwrap_or_default())
    }

    /// Of the file's text.
    pub fn of(text: &str) -> Config {
        let mut config = Config { ndots: 1, ..Config::default() };
        for line in text.lines() {
            let mut words = line.split_whitespace();
            match words.next() {
                Some("nameserver") => config.servers.extend(words.map(str::to_string)),
                Some("search") => config.search = words.map(str::to_string).collect(),
                Some("options") => {
                    let ndots = words.find_map(|word| word.strip_prefix("ndots:"));
                    config.ndots = ndots.and_then(|n| n.parse().ok()).unwrap_or(config.ndots);
                }
                _ => {}
            }
        }
        config
    }

    /// The full names that a name may stand for, in the order in which they are tried.
    pub fn candidates(&self, name: &str) -> Vec<String> {
        if let Some(full) = name.strip_suffix('.') {
            return vec![full.to_string()];
        }
        let searched = self.search.iter().map(|domain| format!("{name}.{}", domain.trim_end_matches('.')));
        let bare = std::iter::once(name.to_string());
        if name.matches('.').count() >= self.ndots {
            bare.chain(searched).collect()
        } else {
            searched.chain(bare).collect()
        }
    }
}

/// Whether a text is an IP address.
pub fn is_address(text: &str) -> bool {
    text.parse::<core::net::IpAddr>().is_ok()
}

/// The address that /etc/hosts gives to a name.
fn in_hosts(cx: &mut Context, name: &str) -> Option<String> {
    address_in(&cx.fs().read_text("/etc/hosts")?, name)
}

/// The address that the text of /etc/hosts gives to a name.
pub fn address_in(hosts: &str, name: &str) -> Option<String> {
    hosts.lines().find_map(|line| {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let address = words.next()?;
        words.any(|word| word == name).then(|| address.to_string())
    })
}

/// A name being resolved.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Resolve {
    name: String,
    server: Option<String>,
    candidates: Vec<String>,
    at: usize,
    asked: Option<(Ticket, Time)>,
    attempts: u32,
}

pub enum Resolved {
    Address(String),
    /// There is no such name.
    Unknown,
    /// No server answered.
    Silent,
}

impl Resolve {
    pub fn new(cx: &mut Context, name: &str) -> Resolve {
        let config = Config::read(cx);
        Resolve {
            name: name.to_string(),
            server: config.servers.first().cloned(),
            candidates: config.candidates(name),
            at: 0,
            asked: None,
            attempts: 0,
        }
    }

    /// Goes on; gives what to wait for while there is no result.
    pub fn step(&mut self, cx: &mut Context) -> Result<Resolved, Wait> {
        if is_address(&self.name) {
            return Ok(Resolved::Address(self.name.clone()));
        }
        if let Some(address) = in_hosts(cx, &self.name) {
            return Ok(Resolved::Address(address));
        }
        let Some(server) = self.server.clone() else { return Ok(Resolved::Unknown) };
        loop {
            if let Some((ticket, until)) = self.asked {
                match cx.answer(ticket) {
                    Some(NetAnswer::Dns(Ok(answers))) => {
                        let address = answers.iter().find(|answer| answer.record == Record::A);
                        if let Some(answer) = address {
                            return Ok(Resolved::Address(answer.value.clone()));
                        }
                        (self.at, self.asked, self.attempts) = (self.at + 1, None, 0);
                    }
                    Some(NetAnswer::Dns(Err(Rcode::NxDomain))) => {
                        (self.at, self.asked, self.attempts) = (self.at + 1, None, 0)
                    }
                    Some(_) => return Ok(Resolved::Silent),
                    None if cx.now < until => return Err(Wait::Answer(ticket, Some(until))),
                    None if self.attempts >= ATTEMPTS => return Ok(Resolved::Silent),
                    None => self.asked = None,
                }
            }
            if self.asked.is_none() {
                let Some(name) = self.candidates.get(self.at).cloned() else { return Ok(Resolved::Unknown) };
                self.attempts += 1;
                let ticket = cx.request(NetRequest::Dns { server: server.clone(), name, record: Record::A });
                let until = cx.now + PATIENCE;
                self.asked = Some((ticket, until));
                return Err(Wait::Answer(ticket, Some(until)));
            }
        }
    }
}
