//! cat, head, tail, wc, sort, uniq, cut, tr, tee, rev, tac, base64 and checksums: what reads text and writes text.

use super::super::context::{OpenFor, Read};
use super::super::process::*;
use super::follow::Follow;
use super::letters::{self, Cut, Translate};
use super::sort::Sort;
use super::whole::{Whole, count_line, whole, whole_text};
use super::{Options, State, awk, cannot_open, grep, sed};

/// Tools that need all input before they write keep at most so many bytes of it.
const HELD_BYTES: usize = 1024 * 1024;
/// More than any machine has.
const ENDLESS_BYTES: u64 = 1 << 40;

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

/// How `cat` marks lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Marks {
    numbers: bool,
    /// Only lines that are not empty are counted.
    filled: bool,
    ends: bool,
    tabs: bool,
    /// Of empty lines in a row only one is shown; whether the last one was empty.
    squeezes: bool,
    blank: bool,
}

impl Marks {
    fn new(options: &Options) -> Marks {
        let shows = |letters: &str| letters.chars().any(|letter| options.has(letter));
        Marks {
            numbers: shows("nb"),
            filled: shows("b"),
            ends: shows("eEA"),
            tabs: shows("tTA"),
            squeezes: shows("s"),
            blank: false,
        }
    }

    fn line(&mut self, line: &str, newline: &str, number: &mut u64, out: &mut String) {
        let again = self.squeezes && self.blank && line.is_empty();
        self.blank = line.is_empty();
        if again {
            return;
        }
        if self.numbers && !(self.filled && line.is_empty()) {
            *number += 1;
            out.push_str(&format!("{number:6}\t"));
        }
        let line = if self.tabs { line.replace('\t', "^I") } else { line.to_string() };
        let end = if self.ends && !newline.is_empty() { "$" } else { "" };
        out.push_str(&format!("{line}{end}{newline}"));
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Work {
    Cat {
        marks: Marks,
        /// Lines counted so far.
        number: u64,
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
        // Page by page is not simulated.
        "cat" | "less" | "more" => {
            let options = Options::read(args, "");
            filter.files = options.operands.clone();
            Ok(Work::Cat { marks: Marks::new(&options), number: 0 })
        }
        "tee" => {
            filter.failed = open_copies(cx, args);
            Ok(Work::Tee)
        }
        "head" | "tail" => return Some(head_or_tail(cx, program, args, filter, state)),
        "cut" => letters::cut(args, &mut filter.files).map(Work::Cut),
        "tr" => letters::translate(args).map(Work::Translate),
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

/// Opens what `tee` writes to, from descriptor 100 on; whether one failed.
fn open_copies(cx: &mut Context, args: &[String]) -> bool {
    let options = Options::read(args, "");
    let how = if options.has('a') { OpenFor::Append } else { OpenFor::Write };
    let mut failed = false;
    for (i, path) in options.operands.iter().enumerate() {
        match cx.open(path, how) {
            Ok(open) => drop(cx.me_mut().fds.insert(100 + i as u32, open)),
            Err(error) => {
                cx.complain(format!("tee: {path}: {error}"));
                failed = true;
            }
        }
    }
    failed
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
        if let Some(bytes) = file.strip_prefix("/dev/").and_then(|name| cx.endless(name, PIPE_BYTES)) {
            let holds = matches!(&self.work, Work::Whole { what, .. } if !matches!(what, Whole::TailBytes { .. }));
            if holds {
                // All of it is held until there is an end, until there is no memory left.
                cx.me_mut().memory = ENDLESS_BYTES;
                return Flow::Wait(Wait::Forever);
            }
            self.feed(cx, &bytes);
            return Flow::Go;
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
            Work::Cat { marks, .. } if *marks == Marks::default() => return cx.write(1, bytes),
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
        let many = self.files.len() > 1 || matches!(&self.work, Work::Grep(grep) if grep.named());
        let mut out = String::new();
        for line in text.split_inclusive('\n') {
            if self.is_done() {
                break;
            }
            let (body, newline) = line.strip_suffix('\n').map_or((line, ""), |body| (body, "\n"));
            match &mut self.work {
                Work::Cat { marks, number } => marks.line(body, newline, number, &mut out),
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
            Work::Grep(grep) => grep.end_file(self.files.len() > 1 || grep.named(), &file, &mut out),
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
                out.push_str(&count_line(counts, shown, named, cx.is_gnu(), self.files.len() < 2));
                if last && self.files.len() > 1 {
                    out.push_str(&count_line(*total, shown, Some("total"), cx.is_gnu(), false));
                }
                held.clear();
            }
            Work::Whole { held, what: what @ (Whole::TailLines { .. } | Whole::TailBytes { .. }) }
                if self.files.len() > 1 && self.tool == "tail" =>
            {
                let gap = if self.next > 0 { "\n" } else { "" };
                out.push_str(&format!("{gap}==> {file} <==\n"));
                let end = what.tail(held);
                cx.out(&std::mem::take(&mut out));
                cx.write(1, &end);
                held.clear();
            }
            Work::Whole { held, what: Whole::Shape(_, texts) } => {
                texts.push(String::from_utf8_lossy(held).into_owned());
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
            Work::Grep(grep) => code = grep.code(self.failed, cx.is_gnu()),
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
                Whole::TailLines { .. } | Whole::TailBytes { .. } => out = what.tail(held),
                Whole::Base64 { decode: true, .. } => match super::system::base64_decode(held) {
                    Some(bytes) => out = bytes,
                    None => {
                        cx.complain("base64: truncated input");
                        code = 1;
                    }
                },
                Whole::Base64 { decode: false, wrap } => out = super::system::base64(held, *wrap).into_bytes(),
                Whole::Count { .. } | Whole::Sum | Whole::Compare => {}
                Whole::Dump(dump) => out = dump.text(held).into_bytes(),
                Whole::Shape(shape, texts) => out = shape.text(texts, &self.files).into_bytes(),
                Whole::Sort(sort) => {
                    let text = String::from_utf8_lossy(held).into_owned();
                    let file = self.files.first().map_or("-", String::as_str);
                    return sorted(cx, sort, &text, file, self.failed);
                }
                what => out = whole_text(what, &String::from_utf8_lossy(held)).into_bytes(),
            },
            _ => {}
        }
        cx.write(1, &out);
        Flow::Exit(code)
    }
}

/// Writes what `sort` made, or says where it is not sorted.
fn sorted(cx: &mut Context, sort: &Sort, text: &str, file: &str, failed: bool) -> Flow {
    let lines: Vec<&str> = text.lines().collect();
    if sort.check {
        let Some(wrong) = sort.unsorted(&lines) else { return Flow::Exit(0) };
        cx.complain(match cx.is_gnu() {
            true => format!("sort: {file}:{}: disorder: {}", wrong + 1, lines[wrong]),
            false => format!("Check line {}", wrong + 1),
        });
        return Flow::Exit(1);
    }
    let made: String = sort.sorted(lines).iter().map(|line| format!("{line}\n")).collect();
    if let Some(path) = &sort.output {
        match cx.open(path, OpenFor::Write) {
            Ok(open) => drop(cx.me_mut().fds.insert(1, open)),
            Err(error) => {
                cx.complain(format!("sort: {path}: {error}"));
                return Flow::Exit(2);
            }
        }
    }
    cx.out(&made);
    Flow::Exit(if failed { 2 } else { 0 })
}
