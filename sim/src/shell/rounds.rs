//! Endless loops that only write and sleep: `while true; do date >> /tmp/log; sleep 1; done`. Nobody need watch one to know
//! what it will have done, and many of its turns are made as quickly as what they write is written.

use super::ast::*;
use super::context::PATH;
use super::counting::only;
use super::files::{Content, Kind};
use super::host::*;
use super::interp::{Frame, Interp};
use super::process::*;
use super::tools::{print, time};
use crate::clock::{Span, Time};

/// What a loop does between the ends of two of its sleeps.
struct Turn {
    /// The process that sleeps, and until when.
    sleep: Pid,
    until: Time,
    span: Span,
    acts: Vec<Act>,
}

/// A shell whose `sleep` is not over.
pub(super) struct Asleep<'a> {
    pub main: Pid,
    pub shell: &'a Process,
    pub interp: &'a Interp,
    pub sleep: Pid,
    pub since: Time,
    pub until: Time,
}

/// A command that writes to the shell's own output or to a file.
struct Act {
    says: Says,
    /// The file's key in the container's own layer, and whether what it held stays.
    file: Option<(String, bool)>,
}

enum Says {
    Text(String),
    Date(time::Wanted),
}

/// What a turn counts up.
#[derive(Clone, Debug)]
pub struct Counts {
    pub(super) pids: Pid,
    pub(super) ids: u32,
    pub(super) steps: u64,
    pub(super) span: Span,
}

impl Counts {
    /// Numbers of requests.
    pub fn ids(&self) -> u32 {
        self.ids
    }
    /// How long it took.
    pub fn span(&self) -> Span {
        self.span
    }
}

/// Turns that were made, beside what they wrote into files.
pub struct Turns {
    /// CPU time of each, in microseconds.
    pub micros: u64,
    /// When each was made, and what it wrote to the shell's output.
    pub made: Vec<(Time, String)>,
    /// When the next one is due.
    pub next: Time,
}

/// The commands of such a loop.
const NAMES: [&str; 5] = [":", "true", "echo", "date", "sleep"];

impl Processes {
    /// Whether nothing runs here but a shell in such a loop: until somebody does something to it, it writes to its own output
    /// and its container's own files at known times, and that is all.
    pub fn goes_round(&mut self, host: &mut dyn Host, now: Time) -> bool {
        self.turn(host, now).is_some()
    }

    /// Makes the turns that are due by `now`, if the last one led from `before` to where it began. `None`: no turn can be
    /// made in this way.
    pub fn go_round(&mut self, host: &mut dyn Host, before: &Processes, now: Time) -> Option<Turns> {
        let turn = self.turn(host, now).filter(|turn| turn.until <= now)?;
        let counts = Counts {
            pids: self.last_pid - before.last_pid,
            ids: self.last_id - before.last_id,
            steps: self.steps - before.steps,
            span: turn.span,
        };
        let mut same = before.clone();
        same.left = self.left;
        same.count_up(turn.sleep - counts.pids, &counts, 1)?;
        if same != *self {
            return None;
        }
        let count = now.since(turn.until).0 / turn.span.0 + 1;
        let at = |n: u64| turn.until + Span(turn.span.0 * n);
        let made = (0..count).map(|n| (at(n), act(&turn.acts, host, at(n)))).collect();
        self.count_up(turn.sleep, &counts, count)?;
        Some(Turns { micros: counts.steps * MICROS_PER_STEP, made, next: at(count) })
    }

    /// Puts the numbers where they are after so many turns.
    pub(super) fn count_up(&mut self, sleep: Pid, counts: &Counts, turns: u64) -> Option<()> {
        let (pids, ids) = (counts.pids * turns as Pid, counts.ids * turns as u32);
        let (span, next) = (Span(counts.span.0 * turns), sleep + pids);
        let mut sleeper = self.list.remove(&sleep)?;
        let Process { program: Program::Tool(tool), wait: Wait::Until(until), started, .. } = &mut *sleeper else {
            return None;
        };
        tool.sleep_on(span);
        *until += span;
        *started += span;
        let shell = self.list.get_mut(&sleeper.parent)?;
        shell.wait = Wait::Foreground(vec![next]);
        let Program::Shell(interp) = &mut shell.program else { return None };
        let Some(Frame::Children { pids: awaited, .. }) = interp.stack.last_mut() else { return None };
        *awaited = vec![next];
        self.at = sleeper.started;
        self.list.insert(next, sleeper);
        self.last_pid += pids;
        self.last_id += ids;
        self.steps += counts.steps * turns;
        Some(())
    }

    /// What runs here, if that is nothing but a shell which waits for a `sleep` of its own, and nobody bothers either.
    pub(super) fn asleep(&self) -> Option<Asleep<'_>> {
        let alone = self.list.len() == 2 && self.pipes.is_empty() && self.files.is_empty() && self.sessions.len() == 1;
        let mut list = self.list.iter().filter(|_| alone);
        let ((main, shell), (sleep, sleeper)) = (list.next()?, list.next()?);
        let (Program::Shell(interp), Program::Tool(_), Wait::Until(until)) =
            (&shell.program, &sleeper.program, &sleeper.wait)
        else {
            return None;
        };
        let waits = shell.wait == Wait::Foreground(vec![*sleep]) && sleeper.parent == *main;
        let bothered = [shell, sleeper].into_iter().any(|p| p.stopped || !p.pending.is_empty());
        let found = Asleep { main: *main, shell, interp, sleep: *sleep, since: sleeper.started, until: *until };
        (waits && !bothered && !interp.options.trace).then_some(found)
    }

    /// The turn that begins when the sleep is over, if all that runs here is a shell in such a loop, asleep.
    fn turn(&mut self, host: &mut dyn Host, now: Time) -> Option<Turn> {
        let Asleep { main, shell, interp, sleep, since, until } = self.asleep()?;
        let renamed = NAMES.into_iter().any(|name| interp.functions.contains_key(name));
        let logs = shell.fds.get(&1) == Some(&Fd::Output(main, Stream::Out));
        if until <= since || interp.options.exit_on_error || renamed || !logs {
            return None;
        }
        let simple = turn_of(interp)?;
        let span = until.since(since);
        let mut cx = Context { table: self, host, pid: sleep, now };
        let acts = simple.iter().map(|simple| Act::of(simple, &mut cx)).collect::<Option<Vec<_>>>()?;
        finds_own(&mut cx, &["date", "sleep"]).then_some(Turn { sleep, until, span, acts })
    }
}

/// Whether the programs of a turn are those that the tools stand for, and stay so: in a volume, others might put others.
pub(super) fn finds_own(cx: &mut Context, names: &[&str]) -> bool {
    let path = cx.env("PATH").unwrap_or_else(|| PATH.into());
    let fs = cx.fs();
    path.split(':').all(|folder| folder.starts_with('/') && fs.is_own(folder))
        && names.iter().all(|name| {
            let found = cx.find_program(name);
            found.is_ok_and(|(_, node)| node.kind == Kind::Program((*name).into())) && !cx.host.knows(name)
        })
}

/// The commands of a turn, from the one after the sleep to the one before it.
fn turn_of(interp: &Interp) -> Option<Vec<Simple>> {
    let [frames @ .., Frame::Children { pids, .. }] = interp.stack.as_slice() else { return None };
    let (frames, list) = match frames {
        [frames @ .., Frame::List { list, item, only: false, .. }] => (frames, Some((list, *item))),
        frames => (frames, None),
    };
    let Some(Frame::Loop { command, in_body: true, .. }) = frames.last() else { return None };
    let Command::Compound(Compound::Loop { until: false, condition, body }, _) = &**command else { return None };
    let at = match list {
        Some((list, item)) if list == body => item,
        Some(_) => return None,
        None => body.items.len() - 1,
    };
    let plain = |list: &List| list.items.iter().map(|item| simple(item).cloned()).collect::<Option<Vec<Simple>>>();
    let (condition, mut body) = (plain(condition)?, plain(body)?);
    let endless = condition.len() == 1 && matches!(constant(&condition[0])?.first()?.as_str(), "true" | ":");
    body.rotate_left(at + 1);
    let sleep = body.pop()?;
    let sleeps = constant(&sleep)?.first()? == "sleep" && sleep.redirects.is_empty() && pids.len() == 1;
    (endless && condition[0].redirects.is_empty() && sleeps).then_some(body)
}

fn simple(item: &Item) -> Option<&Simple> {
    match only(item)? {
        Command::Simple(simple) if simple.assigns.is_empty() => Some(simple),
        _ => None,
    }
}

/// The words of a command in which nothing is to be expanded.
fn constant(simple: &Simple) -> Option<Vec<String>> {
    simple.words.iter().map(plain_word).collect()
}

pub(super) fn plain_word(word: &Word) -> Option<String> {
    let part = |part: &Part| match part {
        Part::Quoted(text) => Some(text.to_string()),
        Part::Text(text) if !text.contains(['*', '?', '[', '{', '~', '\\']) => Some(text.to_string()),
        _ => None,
    };
    word.parts.iter().map(part).collect()
}

impl Act {
    fn of(simple: &Simple, cx: &mut Context) -> Option<Act> {
        let words = constant(simple)?;
        let says = match words.first()?.as_str() {
            ":" | "true" => Says::Text(String::new()),
            "echo" => Says::Text(print::echoed(&words[1..])),
            "date" => Says::Date(time::Wanted::read(&words[1..])?),
            _ => return None,
        };
        let file = match simple.redirects.as_slice() {
            [] => None,
            [Redirect { fd: None | Some(1), kind, target }] => {
                let (cwd, creds) = (cx.cwd(), cx.creds());
                let key = cx.fs().own_file(&cwd, &plain_word(target)?, &creds)?;
                match kind {
                    RedirectKind::Write => Some((key, false)),
                    RedirectKind::Append => Some((key, true)),
                    _ => return None,
                }
            }
            _ => return None,
        };
        Some(Act { says, file })
    }
}

/// Does what a turn at `now` does to files; gives what it writes to the shell's output.
fn act(acts: &[Act], host: &mut dyn Host, now: Time) -> String {
    let mut said = String::new();
    let millis = host.unix_millis(now);
    for act in acts {
        let date;
        let text = match &act.says {
            Says::Text(text) => text,
            Says::Date(wanted) => {
                date = wanted.line((millis / 1000) as i64, millis % 1000) + "\n";
                &date
            }
        };
        let Some((key, keeps)) = &act.file else {
            said.push_str(text);
            continue;
        };
        if *keeps && text.is_empty() {
            continue;
        }
        let Some(node) = host.fs().upper.node_mut(key) else { continue };
        let Kind::File(content) = &mut node.kind else { continue };
        if !keeps {
            *content = Content::default();
        }
        content.put(content.len(), text.as_bytes());
        node.changed = now;
    }
    said
}
