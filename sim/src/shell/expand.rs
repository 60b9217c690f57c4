//! POSIX.1-2024, Shell Command Language, 2.6: word expansion, in the order tilde, parameters, commands, arithmetic,
//! field splitting, file names, quote removal. A word that needs a command's output is expanded again from its
//! beginning when the output is there; what the first try assigned is kept only then.

use std::rc::Rc;

use super::ast::*;
use super::host::Pid;
use super::interp::{Frame, Interp};
use super::process::*;
use super::{glob, parameter, pattern};

/// The output of one command substitution is cut at this length.
const OUTPUT_BYTES: usize = 1024 * 1024;
/// A word expands to at most so many bytes; what is beyond is only counted as memory.
pub const WORD_BYTES: usize = 256 * 1024;

/// What is done with a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Split into fields, with file names.
    Fields,
    /// One field as it is: assignments, redirections, `case`.
    Single,
    /// One pattern: what was quoted stands for itself.
    Pattern,
    /// Operands of `[[ ]]`: each word gives two, its text and its pattern.
    Condition,
}

/// Words being expanded one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Expansion {
    words: Rc<Vec<Word>>,
    mode: Mode,
    at: usize,
    done: Vec<String>,
    /// The outputs of the current word's commands, as far as they are there.
    outputs: Vec<Rc<str>>,
    /// The command that runs now, the descriptor that its output comes from, what came.
    running: Option<(Pid, u32, Vec<u8>)>,
}

/// Why a word cannot be expanded (yet).
pub enum Stop {
    Command(Rc<List>),
    Error(String),
}

impl Expansion {
    pub fn new(words: Rc<Vec<Word>>, mode: Mode) -> Expansion {
        Expansion { words, mode, at: 0, done: Vec::new(), outputs: Vec::new(), running: None }
    }

    /// Expands on; `None` if a command was started whose output is needed.
    pub(super) fn advance(&mut self, shell: &mut Interp, cx: &mut Context) -> Result<Option<Vec<String>>, String> {
        while let Some(word) = self.words.clone().get(self.at) {
            let mut fields = Vec::new();
            let braces = if shell.options.bash && self.mode == Mode::Fields { glob::braces(word) } else { Vec::new() };
            let words = if braces.is_empty() { std::slice::from_ref(word) } else { &braces };
            let before = shell.vars.clone();
            let mut used = 0;
            let mut stop = None;
            for word in words {
                let mut expander = Expander { shell, cx, outputs: &self.outputs, used, counted: 0 };
                let result = expander.fields(word, self.mode);
                used = expander.used;
                match result {
                    Ok(more) => fields.extend(more),
                    Err(reason) => {
                        stop = Some(reason);
                        break;
                    }
                }
            }
            match stop {
                None => {
                    self.done.append(&mut fields);
                    self.outputs.clear();
                    self.at += 1;
                }
                Some(Stop::Error(text)) => return Err(text),
                Some(Stop::Command(list)) => {
                    shell.vars = before;
                    self.begin(shell, cx, list)?;
                    return Ok(None);
                }
            }
        }
        Ok(Some(std::mem::take(&mut self.done)))
    }

    fn begin(&mut self, shell: &mut Interp, cx: &mut Context, list: Rc<List>) -> Result<(), String> {
        let pipe = cx.table.next_id();
        cx.table.pipes.insert(pipe, Vec::new());
        let mut fds = cx.me().fds.clone();
        fds.insert(1, Fd::PipeWrite(pipe));
        let frame = Frame::List { list: file_reader(&list).unwrap_or(list), item: 0, link: 0, ran: false, only: false };
        let child = cx.table.fork(cx.pid, shell.subshell(frame), fds, cx.now);
        let child = child.ok_or("can't fork: Resource temporarily unavailable")?;
        // Far above what scripts use, one for each level of nesting.
        let fd = (SUBSTITUTIONS..).find(|fd| !cx.me().fds.contains_key(fd)).unwrap_or(SUBSTITUTIONS);
        cx.me_mut().fds.insert(fd, Fd::PipeRead(pipe));
        self.running = Some((child, fd, Vec::new()));
        Ok(())
    }

    /// Takes what the running command has written; gives what to wait for if it is not done.
    pub(super) fn collect(&mut self, shell: &mut Interp, cx: &mut Context) -> Option<Wait> {
        let (child, fd, mut bytes) = self.running.take()?;
        loop {
            match cx.read(fd, PIPE_BYTES) {
                super::context::Read::Bytes(more) if bytes.len() < OUTPUT_BYTES => bytes.extend(more),
                super::context::Read::Bytes(_) => {}
                super::context::Read::Empty => {
                    self.running = Some((child, fd, bytes));
                    return Some(Wait::Input(fd));
                }
                super::context::Read::End => break,
            }
        }
        match cx.take_child(child) {
            Some(code) => {
                shell.status = code;
                shell.substituted = Some(code);
            }
            None => {
                self.running = Some((child, fd, bytes));
                return Some(Wait::Foreground(vec![child]));
            }
        }
        cx.me_mut().fds.remove(&fd);
        bytes.retain(|b| *b != 0);
        let text = String::from_utf8_lossy(&bytes);
        self.outputs.push(text.trim_end_matches('\n').into());
        None
    }
}

/// bash: `$(< file)` reads the file.
fn file_reader(list: &List) -> Option<Rc<List>> {
    let [Item { links, background: false }] = list.items.as_slice() else { return None };
    let [(_, Pipeline { commands, .. })] = links.as_slice() else { return None };
    let [command] = commands.as_slice() else { return None };
    let Command::Simple(simple) = &**command else { return None };
    let reads = simple.words.is_empty()
        && simple.assigns.is_empty()
        && matches!(simple.redirects.as_slice(), [Redirect { kind: RedirectKind::Read, .. }]);
    reads.then(|| {
        let simple = Simple { words: Rc::new(vec![Word::quoted("cat")]), ..simple.clone() };
        let commands = vec![Rc::new(Command::Simple(simple))];
        let pipeline = Pipeline { negated: false, commands };
        Rc::new(List { items: vec![Item { links: vec![(Join::And, pipeline)], background: false }] })
    })
}

/// A field being built: its text, and the same as a pattern in which quoted signs are escaped.
#[derive(Clone, Debug, Default)]
struct Field {
    text: String,
    pattern: String,
    /// Something was there, if only an empty pair of quotes.
    begun: bool,
}

pub(super) struct Expander<'s, 'c, 'h> {
    pub shell: &'s mut Interp,
    pub cx: &'c mut Context<'h>,
    outputs: &'c [Rc<str>],
    used: usize,
    /// Bytes that were left out because the word is too long.
    pub counted: u64,
}

impl<'h> Expander<'_, '_, 'h> {
    fn fields(&mut self, word: &Word, mode: Mode) -> Result<Vec<String>, Stop> {
        let fields = self.raw_fields(word, mode)?;
        self.shell.counted = self.counted;
        let mut out = Vec::new();
        for field in fields {
            match mode {
                Mode::Single => out.push(field.text),
                Mode::Pattern => out.push(field.pattern),
                Mode::Condition => out.extend([field.text, field.pattern]),
                Mode::Fields if !self.shell.options.no_glob && pattern::is_pattern(&field.pattern) => {
                    let found = glob::expand(self.cx, &field.pattern);
                    if found.is_empty() { out.push(field.text) } else { out.extend(found) }
                }
                Mode::Fields => out.push(field.text),
            }
        }
        Ok(out)
    }

    fn raw_fields(&mut self, word: &Word, mode: Mode) -> Result<Vec<Field>, Stop> {
        let mut fields = Vec::new();
        let mut field = Field { begun: mode != Mode::Fields, ..Field::default() };
        self.parts(word, mode, &mut fields, &mut field)?;
        if field.begun {
            fields.push(field);
        }
        if mode != Mode::Fields && fields.len() > 1 {
            // `x=$@`: one field, with blanks between.
            let text = fields.iter().map(|f| f.text.as_str()).collect::<Vec<_>>().join(" ");
            let pattern = fields.iter().map(|f| f.pattern.as_str()).collect::<Vec<_>>().join(" ");
            fields = vec![Field { text, pattern, begun: true }];
        }
        Ok(fields)
    }

    fn parts(&mut self, word: &Word, mode: Mode, fields: &mut Vec<Field>, field: &mut Field) -> Result<(), Stop> {
        for (i, part) in word.parts.iter().enumerate() {
            match part {
                Part::Text(text) => {
                    let rest = if i == 0 { self.tilde(text, field) } else { text };
                    field.begun |= !rest.is_empty();
                    field.text.push_str(rest);
                    field.pattern.push_str(rest);
                }
                Part::Quoted(text) => self.quoted(text, field),
                Part::Command(list, quoted) => {
                    let Some(output) = self.outputs.get(self.used).cloned() else {
                        return Err(Stop::Command(list.clone()));
                    };
                    self.used += 1;
                    self.value(&output, *quoted, mode, fields, field);
                }
                Part::Arithmetic(word, quoted) => {
                    let text = self.text(word)?;
                    let value = self.shell.arithmetic(self.cx, &text).map_err(Stop::Error)?;
                    self.value(&value.to_string(), *quoted, mode, fields, field);
                }
                // Unquoted, `$*` gives its fields as `$@` does, whatever stands between them otherwise.
                Part::Parameter(parameter, false) if mode == Mode::Fields && **parameter == Parameter::named("*") => {
                    let all = Part::Parameter(Box::new(Parameter::named("@")), false);
                    self.parts(&Word { parts: vec![all] }, mode, fields, field)?;
                }
                Part::Parameter(parameter, quoted) => match parameter::expand(self, parameter)? {
                    parameter::Value::One(value) => self.value(&value, *quoted, mode, fields, field),
                    parameter::Value::Unset => field.begun |= *quoted,
                    parameter::Value::Word(word) if *quoted => {
                        let text = self.text(&word)?;
                        self.quoted(&text, field);
                    }
                    parameter::Value::Word(word) => self.parts(&word, mode, fields, field)?,
                    parameter::Value::Many(values) if *quoted || mode == Mode::Fields => {
                        for (i, value) in values.iter().enumerate() {
                            if i > 0 {
                                fields.push(std::mem::take(field));
                            }
                            self.value(value, *quoted, mode, fields, field);
                        }
                    }
                    parameter::Value::Many(values) => self.value(&values.join(" "), *quoted, mode, fields, field),
                },
            }
        }
        Ok(())
    }

    /// A word as one text, unsplit.
    pub fn text(&mut self, word: &Word) -> Result<String, Stop> {
        Ok(self.raw_fields(word, Mode::Single)?.into_iter().map(|f| f.text).collect())
    }

    /// A word as one pattern.
    pub fn pattern(&mut self, word: &Word) -> Result<String, Stop> {
        Ok(self.raw_fields(word, Mode::Pattern)?.into_iter().map(|f| f.pattern).collect())
    }

    fn quoted(&mut self, text: &str, field: &mut Field) {
        field.begun = true;
        let text = self.within_limit(text, field);
        field.text.push_str(text);
        pattern::escape(text, &mut field.pattern);
    }

    /// As much of `text` as the field has room for.
    fn within_limit<'t>(&mut self, text: &'t str, field: &Field) -> &'t str {
        let room = WORD_BYTES.saturating_sub(field.text.len());
        if text.len() <= room {
            return text;
        }
        let end = (0..=room).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        self.counted = self.counted.saturating_add((text.len() - end) as u64);
        &text[..end]
    }

    fn value(&mut self, value: &str, quoted: bool, mode: Mode, fields: &mut Vec<Field>, field: &mut Field) {
        if quoted {
            return self.quoted(value, field);
        }
        let value = self.within_limit(value, field);
        if mode != Mode::Fields {
            field.text.push_str(value);
            field.pattern.push_str(value);
            return;
        }
        let separators = match self.shell.vars.get("IFS") {
            Some(ifs) => ifs.value.clone(),
            None => " \t\n".into(),
        };
        for c in value.chars() {
            if !separators.contains(c) {
                field.begun = true;
                field.text.push(c);
                field.pattern.push(c);
            } else if field.begun || !c.is_whitespace() {
                fields.push(std::mem::take(field));
            }
        }
    }

    /// Takes a leading `~` off and puts the home folder into the field.
    fn tilde<'t>(&mut self, text: &'t str, field: &mut Field) -> &'t str {
        match text.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                let home = self.shell.vars.get("HOME").map_or("/root".into(), |v| v.value.clone());
                self.quoted(&home, field);
                rest
            }
            _ => text,
        }
    }
}

impl Interp {
    /// Sets a variable; an error if it is read-only.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        self.set_long(name, value, 0)
    }

    /// Sets a variable whose value is longer by bytes that are not kept.
    pub fn set_long(&mut self, name: &str, value: &str, counted: u64) -> Result<(), String> {
        let export = self.options.export_all;
        let vars = Rc::make_mut(&mut self.vars);
        let variable = match vars.get_mut(name) {
            Some(variable) => variable,
            None => vars.entry(name.into()).or_default(),
        };
        if variable.readonly {
            return Err(format!("{name}: is read only"));
        }
        let kept = (0..=value.len().min(super::interp::VALUE_BYTES)).rev().find(|n| value.is_char_boundary(*n));
        let kept = kept.unwrap_or(0);
        variable.value = value[..kept].into();
        variable.counted = counted.saturating_add((value.len() - kept) as u64);
        variable.exported |= export;
        if let Some(list) = &mut variable.list {
            let mut all = (**list).clone();
            if all.is_empty() {
                all.push(variable.value.clone())
            } else {
                all[0] = variable.value.clone()
            }
            *list = Rc::new(all);
        }
        Ok(())
    }

    pub fn get(&self, name: &str) -> Option<Rc<str>> {
        self.vars.get(name).map(|v| v.value.clone())
    }
}
