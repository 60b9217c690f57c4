//! A command line that runs in the user's terminal.
//!
//! Until the shell is there a line is one kubectl command; anything else says so.

use crate::clock::Span;
use crate::cluster::{Actor, Cluster};
use crate::kubectl::{self, Step};
use crate::outcome::Outcome;
use crate::terminal::{Call, Chunk, Session, Stream};
use std::rc::Rc;

/// How soon a command that waits looks at a change.
const WATCH: Span = Span(5);
/// Ended sessions beyond these are forgotten, the oldest first.
const KEPT: usize = 50;

/// Starts a command line.
pub fn start(cluster: &mut Cluster, line: &Rc<str>) {
    let number = cluster.sessions.keys().next_back().map_or(1, |n| n + 1);
    let mut session = Session { line: line.clone(), started: cluster.now, ended: None, output: vec![], call: None };
    let words = split(&line.replace("$KUBECTL_NS", kubectl::namespace(cluster)));
    match words.split_first() {
        Some((program, rest)) if program == "kubectl" => {
            session.call = Some(Call { argv: rest.to_vec(), started: cluster.now, closed: true, ..Call::default() });
        }
        Some((program, _)) => {
            let text = format!("sh: 1: {program}: not found\n").into();
            session.output.push(Chunk { time: cluster.now, stream: Stream::Err, text });
            session.ended = Some((cluster.now, 127));
        }
        None => session.ended = Some((cluster.now, 0)),
    }
    let sessions = Rc::make_mut(&mut cluster.sessions);
    sessions.insert(number, Rc::new(session));
    while sessions.len() > KEPT {
        let Some(oldest) = sessions.iter().find(|(_, s)| s.ended.is_some()).map(|(n, _)| *n) else { break };
        sessions.remove(&oldest);
    }
    cluster.wake(Actor::Session(number), Span::ZERO);
}

/// Ctrl-C.
pub fn interrupt(cluster: &mut Cluster, number: u32) {
    let now = cluster.now;
    if let Some(session) = Rc::make_mut(&mut cluster.sessions).get_mut(&number)
        && session.ended.is_none()
    {
        let session = Rc::make_mut(session);
        session.ended = Some((now, 130));
        session.call = None;
    }
}

/// Lets a session go on.
pub fn wake(cluster: &mut Cluster, number: u32) -> Outcome {
    let mut outcome = Outcome::nothing();
    let Some(mut session) = cluster.sessions.get(&number).map(|s| (**s).clone()) else { return outcome };
    let Some(mut call) = session.call.take() else { return outcome };
    let (step, output) = kubectl::step(cluster, &mut call);
    let time = cluster.now;
    session.output.extend(output.into_iter().map(|(stream, text)| Chunk { time, stream, text: text.into() }));
    match step {
        Step::Done(code) => session.ended = Some((time, code)),
        Step::Wait(until) => {
            session.call = Some(call);
            if let Some(until) = until {
                outcome.again_at(until);
            }
        }
    }
    Rc::make_mut(&mut cluster.sessions).insert(number, Rc::new(session));
    outcome
}

/// Something changed: sessions that wait look.
pub fn notice(cluster: &mut Cluster) {
    let waiting: Vec<u32> = cluster.sessions.iter().filter(|(_, s)| s.ended.is_none()).map(|(n, _)| *n).collect();
    for number in waiting {
        cluster.wake(Actor::Session(number), WATCH);
    }
}

/// Words of a simple line, with quotes.
fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut open) = (vec![], String::new(), None, false);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '\'' | '"') => (quote, open) = (Some(c), true),
            (None | Some('"'), '\\') => word.extend(chars.next()),
            (None, c) if c.is_whitespace() => {
                if open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            _ => word.push(c),
        }
    }
    if open || !word.is_empty() {
        words.push(word);
    }
    words
}
