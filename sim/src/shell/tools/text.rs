//! cat, head, tail, wc, sort, uniq, cut, tr, tee, rev, tac, base64 and checksums: what reads text and writes text.

use super::super::context::{OpenFor, Read};
use super::super::process::*;
use super::{Options, State, awk, cannot_open, grep, sed};
use crate::clock::Span;

/// Tools that need all input before they write keep at most so many bytes of it.
const HELD_BYTES: usize = 1024 * 1024;
/// How often `tail -f` looks again (busybox: every second).
const FOLLOW: Span = Span::secs(1);

/// A tool that reads files, or standard input, and writes what it makes of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Filter {
    tool: String,
    files: Vec<String>,
    next: usize,
    /// The beginning of a line whose end has not come.
    carry: Vec<u8>,
    failed: bool,
    work: Work,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Work {
    Cat {
        number: Option<u64>,
    },
    Tee,
    /// Lines of each file, and how many of the current one are left.
    HeadLines(u64, u64),
    HeadBytes(usize),
    Cut(Cut),
    Translate(Translate),
    Reverse,
    Grep(Box<grep::Grep>),
    Sed(Box<sed::Sed>),
    Awk(Box<awk::Awk>),
    /// Works on everything at once.
    Whole {
        held: Vec<u8>,
        what: Whole,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Whole {
    TailLines { from_start: bool, count: usize },
    TailBytes { from_start: bool, count: usize },
    Count { lines: bool, words: bool, bytes: bool, total: [u64; 3] },
    Sort(Sort),
    Unique { counts: bool, repeated: bool, single: bool },
    Tac,
    Base64 { decode: bool, wrap: usize },
    Sum,
    Compare,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Cut {
    what: char,
    ranges: Vec<(usize, usize)>,
    delimiter: char,
    only_delimited: bool,
    joined_by: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Translate {
    from: Vec<char>,
    to: Vec<char>,
    complement: bool,
    delete: bool,
    squeeze: bool,
    last: Option<char>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Sort {
    numeric: bool,
    human: bool,
    reverse: bool,
    unique: bool,
    fold: bool,
    version: bool,
    /// First and last field, from 1, with their own flags.
    keys: Vec<(usize, Option<usize>, String)>,
    separator: Option<char>,
}

/// Begins a filter; `None` if no tool has that name.
pub(in crate::shell) fn begin(cx: &mut Context, program: &str, args: &[String], state: &mut State) -> Option<Flow> {
    let mut filter = Filter {
        tool: program.to_string(),
        files: Vec::new(),
        next: 0,
        carry: Vec::new(),
        failed: false,
        work: Work::Tee,
    };
    let made = match program {
        "cat" => {
            let options = Options::read(args, "");
            filter.files = options.operands.clone();
            Ok(Work::Cat { number: options.has('n').then_some(0) })
        }
        "tee" => {
            let options = Options::read(args, "");
            let how = if options.has('a') { OpenFor::Append } else { OpenFor::Write };
            for (i, path) in options.operands.iter().enumerate() {
                match cx.open(path, how) {
                    Ok(open) => drop(cx.me_mut().fds.insert(100 + i as u32, open)),
                    Err(error) => {
                        cx.complain(format!("tee: {path}: {error}"));
                        filter.failed = true;
                    }
                }
            }
            Ok(Work::Tee)
        }
        "head" | "tail" => return Some(head_or_tail(cx, program, args, filter, state)),
        "cut" => cut(args, &mut filter.files),
        "tr" => translate(args),
        "rev" => {
            filter.files = args.to_vec();
            Ok(Work::Reverse)
        }
        "grep" | "egrep" | "fgrep" => match grep::Grep::new(program, args, &mut filter.files) {
            Ok(grep) => {
                if grep.recursive {
                    filter.files = grep::files_below(cx, &filter.files);
                }
                Ok(Work::Grep(Box::new(grep)))
            }
            Err(text) => Err((text, 2)),
        },
        "sed" => match sed::Sed::new(cx, args, &mut filter.files) {
            Ok(sed) => Ok(Work::Sed(Box::new(sed))),
            Err(text) => Err((text, 1)),
        },
        "awk" => match awk::Awk::new(cx, args, &mut filter.files) {
            Ok(awk) => Ok(Work::Awk(Box::new(awk))),
            Err(text) => Err((text, 2)),
        },
        _ => match whole(program, args, &mut filter.files) {
            Some(what) => Ok(Work::Whole { held: Vec::new(), what }),
            None => return None,
        },
    };
    Some(match made {
        Ok(work) => {
            filter.work = work;
            if let Work::Awk(awk) = &mut filter.work {
                let mut out = String::new();
                awk.begin(&mut out);
                cx.out(&out);
                if let Some(code) = awk.exited() {
                    return Some(Flow::Exit(code));
                }
            }
            *state = State::Filter(Box::new(filter));
            Flow::Go
        }
        Err((text, code)) => {
            cx.complain(format!("{program}: {text}"));
            Flow::Exit(code)
        }
    })
}

fn whole(program: &str, args: &[String], files: &mut Vec<String>) -> Option<Whole> {
    let options = Options::read(args, if program == "sort" { "kto" } else { "w" });
    *files = options.operands.clone();
    Some(match program {
        "wc" => {
            let any = options.has('l') || options.has('w') || options.has('c') || options.has('m');
            Whole::Count {
                lines: options.has('l') || !any,
                words: options.has('w') || !any,
                bytes: options.has('c') || options.has('m') || !any,
                total: [0; 3],
            }
        }
        "sort" => Whole::Sort(Sort {
            numeric: options.has('n') || options.has('g'),
            human: options.has('h'),
            reverse: options.has('r'),
            unique: options.has('u'),
            fold: options.has('f'),
            version: options.has('V'),
            separator: options.value('t').and_then(|t| t.chars().next()),
            keys: options
                .values('k')
                .map(|key| {
                    let number =
                        |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok();
                    let flags: String = key.chars().filter(|c| c.is_ascii_alphabetic()).collect();
                    let (first, last) = key.split_once(',').map_or((key, None), |(f, l)| (f, Some(l)));
                    (number(first).unwrap_or(1), last.and_then(number), flags)
                })
                .collect(),
        }),
        "uniq" => Whole::Unique { counts: options.has('c'), repeated: options.has('d'), single: options.has('u') },
        "tac" => Whole::Tac,
        "base64" => Whole::Base64 {
            decode: options.has('d'),
            wrap: options.value('w').and_then(|n| n.parse().ok()).unwrap_or(76),
        },
        "md5sum" | "sha256sum" => Whole::Sum,
        "cmp" => Whole::Compare,
        _ => return None,
    })
}

fn head_or_tail(cx: &mut Context, program: &str, args: &[String], mut filter: Filter, state: &mut State) -> Flow {
    // `-5` means `-n 5`; `+3` means `-n +3`.
    let mut words = Vec::new();
    for arg in args {
        let digits = arg.trim_start_matches(['-', '+']);
        if arg.starts_with(['-', '+'])
            && !digits.is_empty()
            && digits.chars().all(|c| c.is_ascii_digit())
            && arg.len() == digits.len() + 1
            && !matches!(words.last().map(String::as_str), Some("-n" | "-c"))
        {
            words.push("-n".to_string());
            words.push(arg.trim_start_matches('-').to_string());
        } else {
            words.push(arg.clone());
        }
    }
    let options = Options::read(&words, "ncs");
    filter.files = options.operands.clone();
    let bytes = options.value('c').is_some();
    let count = options.value('n').or(options.value('c')).unwrap_or("10").to_string();
    let digits = count.trim_start_matches(['-', '+']);
    let Ok(n) = digits.parse::<u64>() else {
        cx.complain(format!("{program}: invalid number '{count}'"));
        return Flow::Exit(1);
    };
    if program == "head" {
        filter.work = if bytes { Work::HeadBytes(n as usize) } else { Work::HeadLines(n, n) };
    } else {
        let from_start = count.starts_with('+');
        let n = n as usize;
        let what =
            if bytes { Whole::TailBytes { from_start, count: n } } else { Whole::TailLines { from_start, count: n } };
        filter.work = Work::Whole { held: Vec::new(), what };
        if (options.has('f') || options.has('F')) && !filter.files.is_empty() {
            let follow =
                Follow { files: filter.files.clone(), seen: Vec::new(), count: n, from_start, retry: options.has('F') };
            *state = State::Follow(Box::new(follow));
            return Flow::Go;
        }
    }
    *state = State::Filter(Box::new(filter));
    Flow::Go
}

impl Filter {
    pub(in crate::shell) fn step(&mut self, cx: &mut Context) -> Flow {
        if self.is_done() {
            return self.finish(cx);
        }
        if self.files.is_empty() && self.next == 0 {
            self.files = vec!["-".into()];
        }
        let Some(file) = self.files.get(self.next).cloned() else { return self.finish(cx) };
        if file == "-" {
            return match cx.read(0, PIPE_BYTES) {
                Read::Bytes(bytes) => {
                    self.feed(cx, &bytes);
                    Flow::Go
                }
                Read::Empty => Flow::Wait(Wait::Input(0)),
                Read::End => {
                    self.end_file(cx);
                    Flow::Go
                }
            };
        }
        match cx.file(&file) {
            Ok(bytes) => {
                if self.files.len() > 1 && matches!(self.work, Work::HeadLines(..)) {
                    let gap = if self.next > 0 { "\n" } else { "" };
                    cx.out(&format!("{gap}==> {file} <==\n"));
                }
                cx.charge(bytes.len() as u64 / 1024);
                self.feed(cx, &bytes);
            }
            Err(error) => {
                let text = if matches!(self.work, Work::Grep(_) | Work::Sed(_)) && !cx.is_gnu() || self.tool == "grep" {
                    format!("{}: {file}: {error}", self.tool)
                } else {
                    match error {
                        super::super::files::Errno::IsFolder if !cx.is_gnu() => {
                            format!("{}: read error: {error}", self.tool)
                        }
                        _ => cannot_open(cx, &self.tool, &file, error),
                    }
                };
                if !matches!(&self.work, Work::Grep(grep) if grep.silent) {
                    cx.complain(text);
                }
                self.failed = true;
            }
        }
        self.end_file(cx);
        Flow::Go
    }

    fn is_done(&self) -> bool {
        match &self.work {
            Work::HeadLines(_, 0) => self.next + 1 >= self.files.len(),
            Work::HeadBytes(0) => true,
            Work::Grep(grep) => grep.is_done(),
            Work::Sed(sed) => sed.quit,
            Work::Awk(awk) => awk.exited().is_some(),
            _ => false,
        }
    }

    fn feed(&mut self, cx: &mut Context, bytes: &[u8]) {
        match &mut self.work {
            Work::Cat { number: None } => return cx.write(1, bytes),
            Work::Tee => {
                cx.write(1, bytes);
                let copies: Vec<u32> = cx.me().fds.keys().copied().filter(|fd| *fd >= 100).collect();
                for fd in copies {
                    cx.write(fd, bytes);
                }
                return;
            }
            Work::HeadBytes(left) => {
                let n = bytes.len().min(*left);
                *left -= n;
                return cx.write(1, &bytes[..n]);
            }
            Work::Whole { held, .. } => {
                let room = HELD_BYTES.saturating_sub(held.len());
                held.extend_from_slice(&bytes[..bytes.len().min(room)]);
                return;
            }
            Work::Translate(translate) => {
                let text = translate.apply(&String::from_utf8_lossy(bytes));
                return cx.out(&text);
            }
            _ => {}
        }
        self.carry.extend_from_slice(bytes);
        let Some(end) = self.carry.iter().rposition(|b| *b == b'\n') else { return };
        let lines: Vec<u8> = self.carry.drain(..=end).collect();
        self.lines(cx, &lines);
    }

    fn lines(&mut self, cx: &mut Context, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let file = self.files.get(self.next).cloned().unwrap_or_default();
        let many = self.files.len() > 1;
        let mut out = String::new();
        for line in text.split_inclusive('\n') {
            if self.is_done() {
                break;
            }
            let (body, newline) = line.strip_suffix('\n').map_or((line, ""), |body| (body, "\n"));
            match &mut self.work {
                Work::Cat { number: Some(n) } => {
                    *n += 1;
                    out.push_str(&format!("{n:6}\t{body}{newline}"));
                }
                Work::HeadLines(_, 0) => {}
                Work::HeadLines(_, left) => {
                    *left -= 1;
                    out.push_str(line);
                }
                Work::Cut(cut) => cut.line(body, &mut out),
                Work::Reverse => {
                    out.extend(body.chars().rev());
                    out.push_str(newline);
                }
                Work::Grep(grep) => grep.line(body, if many { Some(&file) } else { None }, &file, &mut out),
                Work::Sed(sed) => sed.line(body, newline, &mut out),
                Work::Awk(awk) => awk.line(body, &mut out),
                _ => {}
            }
        }
        if let Work::Sed(sed) = &mut self.work
            && let Some(edited) = &mut sed.edited
        {
            edited.push_str(&std::mem::take(&mut out));
        }
        cx.charge(bytes.len() as u64 / 256);
        cx.out(&out);
    }

    fn end_file(&mut self, cx: &mut Context) {
        if !self.carry.is_empty() {
            let rest = std::mem::take(&mut self.carry);
            self.lines(cx, &rest);
        }
        let file = self.files.get(self.next).cloned().unwrap_or_default();
        let named = (file != "-").then_some(file.as_str());
        let last = self.next + 1 >= self.files.len();
        let mut out = String::new();
        match &mut self.work {
            Work::HeadLines(count, left) => *left = *count,
            Work::Grep(grep) => grep.end_file(self.files.len() > 1, &file, &mut out),
            Work::Sed(sed) => {
                sed.flush(last || sed.edited.is_some(), &mut out);
                if let Some(edited) = &mut sed.edited {
                    let text = std::mem::take(edited) + &std::mem::take(&mut out);
                    let (cwd, creds, now) = (cx.cwd(), cx.creds(), cx.now);
                    let mut fs = cx.fs();
                    let written = fs
                        .open_write(&cwd, &file, true, &creds, now)
                        .and_then(|place| fs.write(&place.path, Some(0), text.as_bytes(), now));
                    if let Err(error) = written {
                        cx.complain(format!("sed: {file}: {error}"));
                        self.failed = true;
                    }
                }
            }
            Work::Whole { held, what: Whole::Count { lines, words, bytes, total } } => {
                let text = String::from_utf8_lossy(held);
                let counts =
                    [held.iter().filter(|b| **b == b'\n').count(), text.split_whitespace().count(), held.len()]
                        .map(|n| n as u64);
                (0..3).for_each(|i| total[i] += counts[i]);
                let shown = [*lines, *words, *bytes];
                out.push_str(&count_line(counts, shown, named, cx.is_gnu()));
                if last && self.files.len() > 1 {
                    out.push_str(&count_line(*total, shown, Some("total"), cx.is_gnu()));
                }
                held.clear();
            }
            Work::Whole { held, what: Whole::Sum } if !self.failed || !held.is_empty() => {
                let sum = if self.tool == "md5sum" { super::system::md5(held) } else { super::system::sha256(held) };
                out.push_str(&format!("{sum}  {file}\n"));
                held.clear();
            }
            _ => {}
        }
        cx.out(&out);
        self.next += 1;
    }

    fn finish(&mut self, cx: &mut Context) -> Flow {
        let mut out = Vec::new();
        let mut code = i32::from(self.failed);
        match &mut self.work {
            Work::Grep(grep) => code = grep.code(self.failed),
            Work::Sed(sed) => {
                let mut text = String::new();
                sed.flush(true, &mut text);
                out = text.into_bytes();
            }
            Work::Awk(awk) => {
                let mut text = String::new();
                code = awk.end(&mut text);
                out = text.into_bytes();
            }
            Work::Whole { held, what } => match what {
                Whole::TailBytes { from_start, count } => {
                    let from = if *from_start { count.saturating_sub(1) } else { held.len().saturating_sub(*count) };
                    out = held[from.min(held.len())..].to_vec();
                }
                Whole::Base64 { decode: true, .. } => match super::system::base64_decode(held) {
                    Some(bytes) => out = bytes,
                    None => {
                        cx.complain("base64: truncated input");
                        code = 1;
                    }
                },
                Whole::Base64 { decode: false, wrap } => out = super::system::base64(held, *wrap).into_bytes(),
                Whole::Count { .. } | Whole::Sum | Whole::Compare => {}
                what => out = whole_text(what, &String::from_utf8_lossy(held)).into_bytes(),
            },
            _ => {}
        }
        cx.write(1, &out);
        Flow::Exit(code)
    }
}

fn whole_text(what: &Whole, text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let join = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    match what {
        Whole::TailLines { from_start, count } => {
            let all: Vec<&str> = text.split_inclusive('\n').collect();
            let from = if *from_start { count.saturating_sub(1) } else { all.len().saturating_sub(*count) };
            all[from.min(all.len())..].concat()
        }
        Whole::Tac => join(&lines.into_iter().rev().collect::<Vec<_>>()),
        Whole::Sort(sort) => join(&sort.sorted(lines)),
        Whole::Unique { counts, repeated, single } => {
            let mut out = String::new();
            let mut rest = lines.as_slice();
            while let Some(first) = rest.first() {
                let n = rest.iter().take_while(|line| *line == first).count();
                rest = &rest[n..];
                if (*repeated && n == 1) || (*single && n > 1) {
                    continue;
                }
                out.push_str(&if *counts { format!("{n:7} {first}\n") } else { format!("{first}\n") });
            }
            out
        }
        _ => String::new(),
    }
}

fn count_line(counts: [u64; 3], shown: [bool; 3], name: Option<&str>, gnu: bool) -> String {
    let numbers: Vec<u64> = counts.iter().zip(shown).filter(|(_, shown)| *shown).map(|(n, _)| *n).collect();
    let mut line = match numbers.as_slice() {
        [one] => one.to_string(),
        // GNU makes the columns as wide as the largest number, or 7 for what it cannot know beforehand.
        many if gnu && name.is_some() => {
            let width = counts[2].to_string().len();
            many.iter().map(|n| format!("{n:>width$}")).collect::<Vec<_>>().join(" ")
        }
        many if gnu => many.iter().map(|n| format!("{n:>7}")).collect::<Vec<_>>().join(" "),
        many => many.iter().map(|n| format!("{n:>9}")).collect::<Vec<_>>().join(" "),
    };
    if let Some(name) = name {
        line.push_str(&format!(" {name}"));
    }
    line + "\n"
}

impl Sort {
    fn sorted<'t>(&self, mut lines: Vec<&'t str>) -> Vec<&'t str> {
        lines.sort_by(|a, b| {
            let order = self.compare(a, b);
            let order = if order.is_eq() && !self.unique { a.cmp(b) } else { order };
            if self.reverse { order.reverse() } else { order }
        });
        if self.unique {
            lines.dedup_by(|a, b| self.compare(a, b).is_eq());
        }
        lines
    }

    fn compare(&self, a: &str, b: &str) -> std::cmp::Ordering {
        if self.keys.is_empty() {
            return self.compare_key(a, b, "");
        }
        let orders = self.keys.iter().map(|(first, last, flags)| {
            let order = self.compare_key(&self.fields(a, *first, *last), &self.fields(b, *first, *last), flags);
            if flags.contains('r') { order.reverse() } else { order }
        });
        orders.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
    }

    fn fields(&self, line: &str, first: usize, last: Option<usize>) -> String {
        let (parts, joint): (Vec<&str>, String) = match self.separator {
            Some(c) => (line.split(c).collect(), c.to_string()),
            None => (line.split_whitespace().collect(), " ".into()),
        };
        let end = last.unwrap_or(parts.len()).min(parts.len());
        parts.get(first.saturating_sub(1)..end).unwrap_or_default().join(&joint)
    }

    fn compare_key(&self, a: &str, b: &str, flags: &str) -> std::cmp::Ordering {
        if self.numeric || flags.contains('n') || self.human {
            return leading_number(a, self.human).cmp(&leading_number(b, self.human));
        }
        if self.version || flags.contains('V') {
            return version_key(a).cmp(&version_key(b));
        }
        if self.fold || flags.contains('f') { a.to_lowercase().cmp(&b.to_lowercase()) } else { a.cmp(b) }
    }
}

/// A number at a text's beginning, in millionths; with a unit if `human`.
fn leading_number(text: &str, human: bool) -> i128 {
    let text = text.trim_start();
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len()).min(18);
    let (whole, part) = digits[..end].split_once('.').unwrap_or((&digits[..end], ""));
    let part: String = format!("{part:0<6}").chars().take(6).collect();
    let value = whole.parse::<i128>().unwrap_or(0) * 1_000_000 + part.parse::<i128>().unwrap_or(0);
    let unit = match digits[end..].chars().next() {
        Some('K' | 'k') if human => 1 << 10,
        Some('M') if human => 1 << 20,
        Some('G') if human => 1 << 30,
        _ => 1,
    };
    sign * value * unit
}

fn version_key(text: &str) -> Vec<(String, u64)> {
    let mut key = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let words = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let digits = rest[words..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |n| words + n);
        key.push((rest[..words].to_string(), rest[words..digits].parse().unwrap_or(0)));
        rest = &rest[digits..];
    }
    key
}

fn cut(args: &[String], files: &mut Vec<String>) -> Result<Work, (String, i32)> {
    let options = Options::read(args, "dfcbO");
    *files = options.operands.clone();
    let what = ['f', 'c', 'b'].into_iter().find(|c| options.value(*c).is_some());
    let Some(what) = what else { return Err(("expected a list of bytes, characters, or fields".into(), 1)) };
    let mut ranges = Vec::new();
    for part in options.value(what).unwrap_or_default().split(',') {
        let (low, high) = part.split_once('-').map_or((part, part), |(l, h)| (l, h));
        let low = if low.is_empty() { Some(1) } else { low.parse().ok() };
        let high = if high.is_empty() { Some(usize::MAX) } else { high.parse().ok() };
        match (low, high) {
            (Some(low), Some(high)) if low >= 1 && high >= low => ranges.push((low, high)),
            _ => return Err((format!("invalid range '{part}'"), 1)),
        }
    }
    let delimiter = options.value('d').and_then(|d| d.chars().next()).unwrap_or('\t');
    Ok(Work::Cut(Cut { what, ranges, delimiter, only_delimited: options.has('s'), joined_by: delimiter.to_string() }))
}

impl Cut {
    fn line(&self, line: &str, out: &mut String) {
        let wanted = |i: usize| self.ranges.iter().any(|(low, high)| (*low..=*high).contains(&(i + 1)));
        if self.what != 'f' {
            out.extend(line.chars().enumerate().filter(|(i, _)| wanted(*i)).map(|(_, c)| c));
        } else if line.contains(self.delimiter) {
            let kept = line.split(self.delimiter).enumerate().filter(|(i, _)| wanted(*i)).map(|(_, part)| part);
            out.push_str(&kept.collect::<Vec<_>>().join(&self.joined_by));
        } else if self.only_delimited {
            return;
        } else {
            out.push_str(line);
        }
        out.push('\n');
    }
}

fn translate(args: &[String]) -> Result<Work, (String, i32)> {
    let options = Options::read(args, "");
    let set = |i: usize| options.operands.get(i).map(|text| letters(text)).unwrap_or_default();
    if options.operands.is_empty() {
        return Err(("missing operand".into(), 1));
    }
    Ok(Work::Translate(Translate {
        from: set(0),
        to: set(1),
        complement: options.has('c') || options.has('C'),
        delete: options.has('d'),
        squeeze: options.has('s'),
        last: None,
    }))
}

/// The letters that a set of `tr` names: ranges, classes, escapes.
fn letters(text: &str) -> Vec<char> {
    let (text, _) = super::print::unescape(text, false);
    let chars: Vec<char> = text.chars().collect();
    let mut out = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        if chars[i] == '[' && chars.get(i + 1) == Some(&':') {
            if let Some(end) = (i + 2..chars.len()).find(|j| chars[*j] == ':' && chars.get(j + 1) == Some(&']')) {
                let name: String = chars[i + 2..end].iter().collect();
                out.extend((0..128_u8).map(char::from).filter(|c| super::super::pattern::in_class(&name, *c)));
                i = end + 2;
                continue;
            }
        }
        if chars.get(i + 1) == Some(&'-') && i + 2 < chars.len() {
            out.extend((chars[i]..=chars[i + 2]).take(70_000));
            i += 3;
        } else {
            out.push(chars[i]);
            i += 1;
        }
    }
    out
}

impl Translate {
    fn apply(&mut self, text: &str) -> String {
        let mut out = String::new();
        for c in text.chars() {
            let at = self.from.iter().position(|f| *f == c);
            let hit = at.is_some() != self.complement;
            if self.delete && hit {
                continue;
            }
            let to = match at {
                _ if !hit || self.delete || self.to.is_empty() => c,
                Some(at) => *self.to.get(at).or(self.to.last()).unwrap_or(&c),
                None => *self.to.last().unwrap_or(&c),
            };
            let squeezes = self.squeeze && (hit || self.to.contains(&to)) && self.last == Some(to);
            self.last = Some(to);
            if !squeezes {
                out.push(to);
            }
        }
        out
    }
}

/// `tail -f`: what is added to files, as it is added.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Follow {
    files: Vec<String>,
    /// Bytes of each that were shown.
    seen: Vec<Option<usize>>,
    count: usize,
    from_start: bool,
    /// `-F`: a file that is missing is waited for.
    retry: bool,
}

impl Follow {
    pub(in crate::shell) fn step(&mut self, cx: &mut Context) -> Flow {
        let first = self.seen.is_empty();
        self.seen.resize(self.files.len(), None);
        let mut open = false;
        for i in 0..self.files.len() {
            let path = self.files[i].clone();
            match cx.file(&path) {
                Ok(bytes) => {
                    open = true;
                    let from = match self.seen[i] {
                        Some(seen) if seen <= bytes.len() => seen,
                        Some(_) => 0,
                        None if first => bytes.len() - self.tail(&bytes).len(),
                        None => 0,
                    };
                    cx.write(1, &bytes[from..]);
                    self.seen[i] = Some(bytes.len());
                }
                Err(error) if first => {
                    let text = cannot_open(cx, "tail", &path, error);
                    cx.complain(text);
                    open |= self.retry;
                }
                Err(_) => open |= self.retry || self.seen[i].is_some(),
            }
        }
        if !open {
            if !cx.is_gnu() {
                cx.complain("tail: no files");
            }
            return Flow::Exit(1);
        }
        let devices = self.files.iter().all(|file| file == "/dev/null");
        Flow::Wait(if devices { Wait::Forever } else { Wait::Until(cx.now + FOLLOW) })
    }

    fn tail<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        let lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
        let from = if self.from_start { self.count.saturating_sub(1) } else { lines.len().saturating_sub(self.count) };
        let skipped: usize = lines[..from.min(lines.len())].iter().map(|line| line.len()).sum();
        &bytes[skipped..]
    }
}
