//! POSIX.1-2024, sh: a shell that somebody talks to through a terminal.
//!
//! As busybox 1.35, dash 0.5.12 and bash 5.2 do under a pseudo terminal. Not done: job control (`fg`, `bg`, word of jobs
//! that have ended), history and completion.

use super::host::*;
use super::interp::{Frame, Interp, Variable};
use super::lines::Keyed;
use super::parse::{Beginning, parse_lines};
use super::process::*;
use super::tools::system;
use std::rc::Rc;

/// The signals that do not end such a shell: INT, QUIT, TERM; a bit each.
pub const ALWAYS: u64 = 1 << Signal::INT.0 | 1 << Signal::QUIT.0 | 1 << Signal::TERM.0;
/// What Ctrl-C leaves as the status.
const STRUCK: i32 = 128 + Signal::INT.0 as i32;

impl Context<'_> {
    /// Makes a new shell one that talks, if it is to.
    pub(super) fn begin_talk(&mut self, pid: Pid, shell: &mut Interp) {
        let reads = matches!(shell.stack.as_slice(), [Frame::Stdin { .. }]);
        shell.options.interactive &= reads;
        if !shell.options.interactive {
            return;
        }
        shell.stack = vec![Frame::Prompt { text: String::new(), shown: false }];
        let process = self.table.process_mut(pid);
        process.caught = ALWAYS & !process.ignored;
        let sign = if process.creds.uid == 0 { "# " } else { "$ " };
        let first = match (shell.options.bash, self.host.flavor()) {
            (true, Flavor::Busybox) => r"\s-5.2\$ ",
            (true, _) => r"\u@\h:\w\$ ",
            (false, Flavor::Busybox) => r"\w \$ ",
            (false, _) => sign,
        };
        let vars = Rc::make_mut(&mut shell.vars);
        for (name, value) in [("PS1", first), ("PS2", "> ")] {
            vars.entry(name.into()).or_insert_with(|| Variable { value: value.into(), ..Variable::default() });
        }
    }
}

impl Interp {
    /// Whether it shows what is typed by itself; dash leaves that to the terminal.
    fn edits(&self, cx: &Context) -> bool {
        cx.is_terminal(0) && (self.options.bash || cx.host.flavor() == Flavor::Busybox)
    }

    /// Asks for the next command and takes it; `text` holds the lines of one that has begun.
    pub(super) fn prompt(&mut self, cx: &mut Context, mut text: String, shown: bool) -> Flow {
        if !shown {
            let prompt = self.prompt_text(cx, if text.is_empty() { "PS1" } else { "PS2" });
            cx.write(2, prompt.as_bytes());
        }
        let edits = self.edits(cx);
        cx.set_mode(if edits { Mode::Edited } else { Mode::Lines });
        let keyed = cx.read_keys(0, !text.is_empty() && !text.ends_with('\n'));
        if keyed.is_some() {
            cx.set_mode(Mode::Lines);
        }
        match keyed {
            None => {
                self.stack.push(Frame::Prompt { text, shown: true });
                return Flow::Wait(cx.wait_for_line(0));
            }
            Some(Keyed::End) => self.at_end(cx, text),
            Some(Keyed::Interrupt(line)) => {
                cx.write(2, format!("{line}^C\n").as_bytes());
                self.ask_anew(cx, STRUCK);
            }
            Some(Keyed::Text(line)) => {
                if edits {
                    cx.write(2, line.as_bytes());
                }
                text.push_str(&line);
                if text.ends_with('\n') {
                    self.obey(cx, text)
                } else {
                    self.stack.push(Frame::Prompt { text, shown: true })
                }
            }
        }
        Flow::Go
    }

    fn obey(&mut self, cx: &mut Context, text: String) {
        match parse_lines(&text) {
            Beginning::Part(_) => self.stack.push(Frame::Prompt { text, shown: false }),
            Beginning::Whole(list) => {
                self.stack.push(Frame::Prompt { text: String::new(), shown: false });
                if !list.items.is_empty() {
                    self.push_list(list);
                }
            }
            Beginning::Wrong(error) => {
                self.complain(cx, self.worded(cx, &error.0));
                self.ask_anew(cx, 2);
            }
        }
    }

    /// Ctrl-D at the beginning of a line.
    fn at_end(&mut self, cx: &mut Context, text: String) {
        if let Beginning::Part(error) = parse_lines(&text) {
            self.complain(cx, self.worded(cx, &error.0));
            self.ask_anew(cx, 2);
            if !self.options.bash {
                return;
            }
        }
        match self.options.bash {
            true => self.say_exit(cx),
            false => cx.write(2, b"\n"),
        }
        self.exit(self.status);
    }

    /// bash says that it leaves.
    pub(super) fn say_exit(&self, cx: &mut Context) {
        if self.options.interactive && self.options.bash {
            cx.write(2, b"exit\n");
        }
    }

    pub(super) fn no_job_control(&self, cx: &mut Context, name: &str) -> i32 {
        self.complain(cx, format!("{name}: job control is not simulated"));
        1
    }

    /// bash says what runs in the background from now on.
    pub(super) fn tell_of_job(&self, cx: &mut Context, pid: Pid) {
        if self.options.interactive && self.options.bash {
            cx.complain(format!("[{}] {pid}", self.jobs.len()));
        }
    }

    /// Ends the shell because of an error; one that somebody talks to asks for the next command.
    pub(super) fn fail(&mut self, cx: &mut Context, status: i32) {
        if self.options.interactive { self.ask_anew(cx, status) } else { self.exit(status) }
    }

    /// Ctrl-C: the command is given up.
    pub(super) fn interrupted(&mut self, cx: &mut Context) {
        cx.write(2, b"\n");
        self.ask_anew(cx, STRUCK);
    }

    /// Whether a foreground command has died of Ctrl-C; then so has all of the line.
    pub(super) fn struck(&mut self, cx: &mut Context, codes: &[i32]) -> bool {
        let pending = &mut cx.me_mut().pending;
        let heard = pending.contains(&Signal::INT);
        pending.retain(|signal| *signal != Signal::INT);
        let struck = heard && codes.last() == Some(&STRUCK);
        if struck {
            self.interrupted(cx);
        }
        struck
    }

    fn ask_anew(&mut self, cx: &mut Context, status: i32) {
        while let Some(frame) = self.stack.pop() {
            self.leave(cx, frame);
        }
        // What a command substitution was read from.
        cx.me_mut().fds.retain(|fd, _| *fd < SUBSTITUTIONS);
        self.result = None;
        self.status = status;
        self.stack.push(Frame::Prompt { text: String::new(), shown: false });
    }

    /// The prompt; of what may stand in it the names of user, host, folder and shell.
    fn prompt_text(&self, cx: &mut Context, which: &str) -> String {
        let text = self.get(which).unwrap_or_default();
        if !self.options.bash && cx.host.flavor() != Flavor::Busybox {
            return text.to_string();
        }
        let mut out = String::new();
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            let sign = if c == '\\' { rest.next() } else { None };
            match sign {
                None => out.push(c),
                Some('u') => out.push_str(&system::user(cx).unwrap_or_else(|| "I have no name!".into())),
                Some('h') => out.push_str(cx.host.hostname().split('.').next().unwrap_or_default()),
                Some('H') => out.push_str(&cx.host.hostname()),
                Some('s') => out.push_str(self.name.rsplit('/').next().unwrap_or_default()),
                Some('w') => out.push_str(&self.folder(cx)),
                Some('W') => out.push_str(self.folder(cx).rsplit('/').next().filter(|s| !s.is_empty()).unwrap_or("/")),
                Some('$') => out.push(if cx.creds().uid == 0 { '#' } else { '$' }),
                Some('n') => out.push('\n'),
                // These enclose what takes no room.
                Some('[' | ']') => {}
                Some(other) => out.extend(['\\', other]),
            }
        }
        out
    }

    /// The folder it is in, with `~` for that of its user.
    fn folder(&self, cx: &Context) -> String {
        let cwd = cx.cwd();
        let home = self.get("HOME").filter(|home| home.len() > 1);
        match home.and_then(|home| cwd.strip_prefix(&*home)).filter(|rest| rest.is_empty() || rest.starts_with('/')) {
            Some(rest) => format!("~{rest}"),
            None => cwd.to_string(),
        }
    }
}
