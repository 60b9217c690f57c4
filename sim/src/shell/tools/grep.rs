//! grep, also as egrep and fgrep.

use super::super::files::Links;
use super::super::process::Context;
use super::super::regex::Regex;
use super::Options;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Grep {
    patterns: Vec<Regex>,
    inverted: bool,
    count: bool,
    only: bool,
    quiet: bool,
    /// `-s`: no complaints about files.
    pub silent: bool,
    names: Option<bool>,
    /// `-l` and `-L`.
    list: Option<bool>,
    numbers: bool,
    words: bool,
    whole: bool,
    most: Option<u64>,
    before: usize,
    after: usize,
    pub recursive: bool,
    line: u64,
    hits: u64,
    any: bool,
    listed: bool,
    /// Lines that may still come before a hit, and how many after the last hit are still to be shown.
    held: Vec<(u64, String)>,
    owed: usize,
    shown: Option<u64>,
}

impl Grep {
    pub fn new(program: &str, args: &[String], files: &mut Vec<String>) -> Result<Grep, String> {
        // `-3` means `-C 3`.
        let lines = |arg: &String| {
            let digits =
                arg.strip_prefix('-').filter(|rest| rest.chars().all(|c| c.is_ascii_digit()) && !rest.is_empty());
            digits.map_or(arg.clone(), |digits| format!("-C{digits}"))
        };
        let args: Vec<String> = args.iter().map(lines).collect();
        let options = Options::read(&args, "efmABC");
        let mut operands = options.operands.clone();
        let mut written: Vec<String> = options.values('e').flat_map(|e| e.split('\n')).map(str::to_string).collect();
        if written.is_empty() {
            if operands.is_empty() {
                return Err("no pattern".into());
            }
            written = operands.remove(0).split('\n').map(str::to_string).collect();
        }
        let fold = options.has('i') || options.has('y');
        let extended = options.has('E') || options.has('P') || program == "egrep";
        let fixed = options.has('F') || program == "fgrep";
        let compile = |pattern: &String| {
            if fixed { Ok(Regex::literal(pattern, fold)) } else { Regex::new(pattern, extended, fold) }
        };
        let patterns = written.iter().map(compile).collect::<Result<Vec<_>, _>>().map_err(str::to_string)?;
        let number = |letter: char| options.value(letter).and_then(|n| n.parse::<usize>().ok());
        let recursive = options.has('r') || options.has('R');
        *files = operands;
        if recursive && files.is_empty() {
            files.push(".".into());
        }
        let names = if options.has('h') { Some(false) } else { (options.has('H') || recursive).then_some(true) };
        Ok(Grep {
            patterns,
            inverted: options.has('v'),
            count: options.has('c'),
            only: options.has('o'),
            quiet: options.has('q'),
            silent: options.has('s'),
            names,
            list: if options.has('l') { Some(true) } else { options.has('L').then_some(false) },
            numbers: options.has('n'),
            words: options.has('w'),
            whole: options.has('x'),
            most: number('m').map(|n| n as u64),
            before: number('B').or(number('C')).unwrap_or(0),
            after: number('A').or(number('C')).unwrap_or(0),
            recursive,
            line: 0,
            hits: 0,
            any: false,
            listed: false,
            held: Vec::new(),
            owed: 0,
            shown: None,
        })
    }

    /// Nothing more can change the answer.
    pub fn is_done(&self) -> bool {
        self.quiet && self.any
    }

    /// The places that match in a line.
    fn places(&self, line: &[char]) -> Vec<(usize, usize)> {
        let word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric() || *c == '_');
        let mut places = Vec::new();
        let mut from = 0;
        while from <= line.len() {
            let found = self
                .patterns
                .iter()
                .filter_map(|p| p.find(line, from)?[0])
                .min_by_key(|(start, end)| (*start, usize::MAX - end));
            let Some((start, end)) = found else { break };
            let fits = (!self.whole || (start == 0 && end == line.len()))
                && (!self.words || (!(start > 0 && word(line.get(start - 1))) && !word(line.get(end))));
            if fits {
                places.push((start, end));
                if !self.only {
                    break;
                }
            }
            from = if end > start && fits { end } else { start + 1 };
        }
        places
    }

    pub fn line(&mut self, line: &str, name: Option<&str>, _file: &str, out: &mut String) {
        self.line += 1;
        if self.most.is_some_and(|most| self.hits >= most) {
            return;
        }
        let chars: Vec<char> = line.chars().collect();
        let places = self.places(&chars);
        if places.is_empty() != self.inverted {
            if self.owed > 0 {
                self.owed -= 1;
                self.show(line, self.line, '-', name, out);
            } else if self.before > 0 {
                self.held.push((self.line, line.to_string()));
                if self.held.len() > self.before {
                    self.held.remove(0);
                }
            }
            return;
        }
        self.hits += 1;
        self.any = true;
        if self.quiet || self.count || self.list.is_some() {
            return;
        }
        if self.only {
            for (start, end) in places {
                if end > start {
                    let part: String = chars[start..end].iter().collect();
                    self.show(&part, self.line, ':', name, out);
                }
            }
            return;
        }
        for (n, held) in std::mem::take(&mut self.held) {
            self.show(&held, n, '-', name, out);
        }
        self.show(line, self.line, ':', name, out);
        self.owed = self.after;
    }

    fn show(&mut self, line: &str, number: u64, mark: char, name: Option<&str>, out: &mut String) {
        let context = self.before + self.after > 0;
        if context && self.shown.is_some_and(|last| last + 1 < number) {
            out.push_str("--\n");
        }
        self.shown = Some(number);
        if let Some(name) = self.shown_name(name) {
            out.push_str(&format!("{name}{mark}"));
        }
        if self.numbers {
            out.push_str(&format!("{number}{mark}"));
        }
        out.push_str(line);
        out.push('\n');
    }

    /// `-H`: names are shown even for one file.
    pub fn named(&self) -> bool {
        self.names == Some(true)
    }

    fn shown_name<'n>(&self, name: Option<&'n str>) -> Option<&'n str> {
        let name = name.filter(|_| self.names != Some(false))?;
        Some(if name == "-" { "(standard input)" } else { name })
    }

    pub fn end_file(&mut self, many: bool, file: &str, out: &mut String) {
        let name = if many { Some(file) } else { None };
        self.listed |= self.list == Some(self.hits > 0);
        if self.list == Some(self.hits > 0) {
            out.push_str(&format!("{}\n", if file == "-" { "(standard input)" } else { file }));
        } else if self.count && !self.quiet {
            if let Some(name) = self.shown_name(name) {
                out.push_str(&format!("{name}:"));
            }
            out.push_str(&format!("{}\n", self.hits));
        }
        (self.line, self.hits, self.owed, self.shown) = (0, 0, 0, None);
        self.held.clear();
    }

    pub fn code(&self, failed: bool, gnu: bool) -> i32 {
        match (self.any, failed) {
            (true, _) if self.quiet => 0,
            (_, true) => 2,
            // For busybox `-L` succeeds with a file that has no hit.
            (any, false) => i32::from(!if self.list == Some(false) && !gnu { self.listed } else { any }),
        }
    }
}

/// All files at and below some paths.
pub fn files_below(cx: &mut Context, paths: &[String]) -> Vec<String> {
    let mut files = Vec::new();
    let mut todo: Vec<String> = paths.iter().rev().cloned().collect();
    while let Some(path) = todo.pop() {
        let (cwd, creds) = (cx.cwd(), cx.creds());
        let fs = cx.fs();
        if fs.stat(&cwd, &path, Links::Follow).is_ok_and(|node| node.is_folder()) && files.len() < 4096 {
            let names = fs.list(&cwd, &path, &creds).unwrap_or_default();
            todo.extend(names.iter().rev().map(|(name, _)| format!("{}/{name}", path.trim_end_matches('/'))));
        } else {
            files.push(path);
        }
    }
    // Two of them, so that names are shown even for one.
    if files.len() == 1 {
        files.push("/dev/null".into());
    }
    files
}
