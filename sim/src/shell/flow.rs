//! POSIX.1-2024, Shell Command Language, 2.9.2 to 2.9.4: pipelines, lists and compound commands, a frame at a time.

use std::rc::Rc;

use super::ast::*;
use super::expand::Mode;
use super::host::{Pid, Signal};
use super::interp::{Frame, Interp};
use super::parse::{Beginning, parse_lines};
use super::process::*;
use super::{condition, counting, pattern};

impl Interp {
    pub(super) fn list(
        &mut self,
        cx: &mut Context,
        list: Rc<List>,
        item: usize,
        link: usize,
        ran: bool,
        only: bool,
    ) -> Flow {
        let Some(now) = list.items.get(item) else { return Flow::Go };
        let failed = ran && self.status != 0 && link == now.links.len() && !now.links[link - 1].1.negated;
        if failed && self.options.exit_on_error && !self.is_tested() {
            self.exit(self.status);
            return Flow::Go;
        }
        if now.background && !only {
            let frame = Frame::List { list: list.clone(), item, link: 0, ran: false, only: true };
            let mut fds = cx.me().fds.clone();
            fds.insert(0, Fd::Device("null".into()));
            self.status = match cx.table.fork(cx.pid, self.subshell(frame), fds, cx.now) {
                Some(pid) => {
                    // Without job control the keyboard does not reach it.
                    if !self.options.interactive {
                        cx.table.process_mut(pid).ignored |= 1 << Signal::INT.0 | 1 << Signal::QUIT.0;
                    }
                    self.background = Some(pid);
                    self.jobs.push(pid);
                    self.tell_of_job(cx, pid);
                    0
                }
                None => self.no_fork(cx),
            };
            self.stack.push(Frame::List { list, item: item + 1, link: 0, ran: false, only });
            return Flow::Go;
        }
        let Some((join, pipeline)) = now.links.get(link) else {
            if !only {
                self.stack.push(Frame::List { list, item: item + 1, link: 0, ran: false, only });
            }
            return Flow::Go;
        };
        if self.options.no_execution {
            return Flow::Go;
        }
        let runs = link == 0 || (*join == Join::And) == (self.status == 0);
        let last = link + 1 == now.links.len() && (only || item + 1 == list.items.len());
        // Under `set -e` the end of each is looked at, but for the last of all, which may replace the shell.
        let watched = self.options.exit_on_error && !self.stack.is_empty();
        if !last || watched || (!runs && link + 1 < now.links.len()) {
            self.stack.push(Frame::List { list: list.clone(), item, link: link + 1, ran: runs, only });
        }
        if runs { self.pipeline(cx, pipeline) } else { Flow::Go }
    }

    /// Whether a failure here is looked at by a condition, so that `set -e` does not end the shell.
    pub(super) fn is_tested(&self) -> bool {
        self.stack.iter().any(|frame| match frame {
            Frame::List { list, item, link, .. } => {
                list.items.get(*item).is_some_and(|i| *link < i.links.len() && *link > 0)
            }
            // These stand below a condition only, never below a body.
            Frame::Not | Frame::If { .. } => true,
            Frame::Loop { in_body, .. } => !in_body,
            _ => false,
        })
    }

    pub(super) fn no_fork(&mut self, cx: &mut Context) -> i32 {
        self.complain(cx, "can't fork: Resource temporarily unavailable");
        2
    }

    pub(super) fn pipeline(&mut self, cx: &mut Context, pipeline: &Pipeline) -> Flow {
        if let [command] = pipeline.commands.as_slice() {
            if pipeline.negated {
                self.stack.push(Frame::Not);
            }
            self.push_command(command);
            return Flow::Go;
        }
        let mut pids = Vec::new();
        let mut input = cx.me().fds.get(&0).cloned();
        for (i, command) in pipeline.commands.iter().enumerate() {
            let mut fds = cx.me().fds.clone();
            if let Some(input) = input.take() {
                fds.insert(0, input);
            }
            if i + 1 < pipeline.commands.len() {
                let pipe = cx.table.next_id();
                cx.table.pipes.insert(pipe, Vec::new());
                fds.insert(1, Fd::PipeWrite(pipe));
                input = Some(Fd::PipeRead(pipe));
            }
            let list = List { items: vec![Item { links: vec![(Join::And, single(command))], background: false }] };
            let frame = Frame::List { list: Rc::new(list), item: 0, link: 0, ran: false, only: false };
            match cx.table.fork(cx.pid, self.subshell(frame), fds, cx.now) {
                Some(pid) => pids.push(pid),
                None => self.status = self.no_fork(cx),
            }
        }
        self.stack.push(Frame::Children { pids: pids.clone(), codes: Vec::new(), negated: pipeline.negated });
        Flow::Wait(Wait::Foreground(pids))
    }

    pub(super) fn children(&mut self, cx: &mut Context, pids: Vec<Pid>, mut codes: Vec<i32>, negated: bool) -> Flow {
        for pid in &pids[codes.len()..] {
            let ended = if self.options.bash { cx.take_child(*pid) } else { cx.bury_child(*pid) };
            match ended {
                Some(code) => codes.push(code),
                None => {
                    let left = pids[codes.len()..].to_vec();
                    self.stack.push(Frame::Children { pids, codes, negated });
                    return Flow::Wait(Wait::Foreground(left));
                }
            }
        }
        if self.options.interactive && self.struck(cx, &codes) {
            return Flow::Go;
        }
        let worst = codes.iter().rev().find(|code| **code != 0).copied().unwrap_or(0);
        let last = codes.last().copied().unwrap_or(self.status);
        self.status = if self.options.pipe_fail { worst } else { last };
        if negated {
            self.status = i32::from(self.status == 0);
        }
        Flow::Go
    }

    pub(super) fn redirected(&mut self, cx: &mut Context, command: Rc<Command>, mut targets: Vec<String>) -> Flow {
        let Command::Compound(_, redirects) = &*command else { return Flow::Go };
        while let Some(redirect) = redirects.get(targets.len()) {
            let words = Rc::new(vec![redirect.target.clone()]);
            let back = || Frame::Redirected { command: command.clone(), targets: targets.clone() };
            match self.expand(cx, &words, Mode::Single, back) {
                Some(result) => targets.push(result.concat()),
                None => return Flow::Go,
            }
        }
        match self.redirect(cx, redirects, &targets) {
            Some(saved) => {
                self.stack.push(Frame::Restore(saved));
                self.stack.push(Frame::Compound(command));
            }
            None => self.status = self.not_redirected(cx),
        }
        Flow::Go
    }

    pub(super) fn compound(&mut self, cx: &mut Context, command: Rc<Command>) -> Flow {
        let Command::Compound(compound, _) = &*command else { return Flow::Go };
        match compound {
            Compound::Group(list) => self.push_list(list.clone()),
            Compound::Subshell(list) => {
                let frame = Frame::List { list: list.clone(), item: 0, link: 0, ran: false, only: false };
                let fds = cx.me().fds.clone();
                match cx.table.fork(cx.pid, self.subshell(frame), fds, cx.now) {
                    Some(pid) => {
                        self.stack.push(Frame::Children { pids: vec![pid], codes: Vec::new(), negated: false });
                        return Flow::Wait(Wait::Foreground(vec![pid]));
                    }
                    None => self.status = self.no_fork(cx),
                }
            }
            Compound::If { .. } => self.stack.push(Frame::If { command, arm: 0 }),
            Compound::Loop { condition, .. } => {
                let condition = condition.clone();
                self.stack.push(Frame::Loop { command, in_body: false, status: 0 });
                self.push_list(condition);
            }
            Compound::For { name, words, body } => {
                let words = match words {
                    Some(words) => match self.expand(cx, words, Mode::Fields, || Frame::Compound(command.clone())) {
                        Some(words) => words,
                        None => return Flow::Go,
                    },
                    None => self.params.iter().map(|p| p.to_string()).collect(),
                };
                self.status = 0;
                self.stack.push(Frame::For { name: name.clone(), words: Rc::new(words), at: 0, body: body.clone() });
            }
            Compound::Count { .. } => self.stack.push(Frame::Count { command, stage: 0 }),
            Compound::Case { .. } => self.stack.push(Frame::Case { command, word: None, arm: 0, pattern: 0 }),
            Compound::Arithmetic(word) => {
                let words = Rc::new(vec![word.clone()]);
                let Some(text) = self.expand(cx, &words, Mode::Single, || Frame::Compound(command.clone())) else {
                    return Flow::Go;
                };
                match self.arithmetic(cx, &text.concat()) {
                    // Two subshells, one in the other.
                    _ if !self.options.bash => {
                        let text = text.concat();
                        let name = text.split_whitespace().next().unwrap_or_default();
                        self.status = self.not_started(cx, name, ExecError::NotFound);
                    }
                    Ok(value) => self.status = i32::from(value == 0),
                    Err(text) => {
                        self.complain(cx, text);
                        self.status = 1;
                    }
                }
            }
            Compound::Condition(_) if self.is_dash(cx) => {
                self.status = self.not_started(cx, "[[", ExecError::NotFound);
            }
            Compound::Condition(condition) => {
                let words = condition::words(condition);
                let back = || Frame::Compound(command.clone());
                let Some(words) = self.expand(cx, &Rc::new(words), Mode::Condition, back) else { return Flow::Go };
                self.status = condition::evaluate(self, cx, condition, &words);
            }
        }
        Flow::Go
    }

    /// `arm` counts the conditions that were begun.
    pub(super) fn if_arm(&mut self, command: Rc<Command>, arm: usize) -> Flow {
        let Command::Compound(Compound::If { arms, otherwise }, _) = &*command else { return Flow::Go };
        if arm > 0 && self.status == 0 {
            self.push_list(arms[arm - 1].1.clone());
        } else if let Some((condition, _)) = arms.get(arm) {
            self.stack.push(Frame::If { command: command.clone(), arm: arm + 1 });
            self.push_list(condition.clone());
        } else if let Some(otherwise) = otherwise {
            self.push_list(otherwise.clone());
        } else {
            self.status = 0;
        }
        Flow::Go
    }

    pub(super) fn loop_turn(&mut self, cx: &mut Context, command: Rc<Command>, in_body: bool, status: i32) -> Flow {
        let Command::Compound(Compound::Loop { until, condition, body }, _) = &*command else { return Flow::Go };
        let next = if in_body {
            counting::turn(self, cx, *until, condition, body);
            self.stack.push(Frame::Loop { command: command.clone(), in_body: false, status: self.status });
            condition
        } else if (self.status == 0) != *until {
            self.stack.push(Frame::Loop { command: command.clone(), in_body: true, status });
            body
        } else {
            // The status of a loop is that of its last body.
            self.status = status;
            return Flow::Go;
        };
        let next = next.clone();
        self.push_list(next);
        Flow::Go
    }

    pub(super) fn for_turn(
        &mut self,
        cx: &mut Context,
        name: Rc<str>,
        words: Rc<Vec<String>>,
        at: usize,
        body: Rc<List>,
    ) -> Flow {
        let Some(word) = words.get(at) else { return Flow::Go };
        if let Err(text) = self.set(&name, word) {
            self.complain(cx, text);
            self.fail(cx, 2);
            return Flow::Go;
        }
        self.stack.push(Frame::For { name, words, at: at + 1, body: body.clone() });
        self.push_list(body);
        Flow::Go
    }

    /// Stage 0: begin; 1: test the condition; 2: after a body.
    pub(super) fn count_turn(&mut self, cx: &mut Context, command: Rc<Command>, stage: u8) -> Flow {
        let Command::Compound(Compound::Count { first, condition, next, body }, _) = &*command else { return Flow::Go };
        let word = [first, condition, next][usize::from(stage)];
        let words = Rc::new(vec![word.clone()]);
        let Some(text) = self.expand(cx, &words, Mode::Single, || Frame::Count { command: command.clone(), stage })
        else {
            return Flow::Go;
        };
        let text = text.concat();
        let value = if text.trim().is_empty() { Ok(1) } else { self.arithmetic(cx, &text) };
        match value {
            Err(text) => {
                self.complain(cx, text);
                self.status = 1;
            }
            Ok(value) if stage == 1 => {
                if value != 0 {
                    self.stack.push(Frame::Count { command: command.clone(), stage: 2 });
                    self.push_list(body.clone());
                }
            }
            Ok(_) => self.stack.push(Frame::Count { command: command.clone(), stage: 1 }),
        }
        Flow::Go
    }

    pub(super) fn case_arm(
        &mut self,
        cx: &mut Context,
        command: Rc<Command>,
        word: Option<String>,
        mut arm: usize,
        mut at: usize,
    ) -> Flow {
        let Command::Compound(Compound::Case { word: subject, arms }, _) = &*command else { return Flow::Go };
        let Some(word) = word else {
            let words = Rc::new(vec![subject.clone()]);
            let back = || Frame::Case { command: command.clone(), word: None, arm, pattern: at };
            if let Some(result) = self.expand(cx, &words, Mode::Single, back) {
                self.stack.push(Frame::Case {
                    command: command.clone(),
                    word: Some(result.concat()),
                    arm,
                    pattern: at,
                });
            }
            return Flow::Go;
        };
        while let Some(now) = arms.get(arm) {
            let Some(candidate) = now.patterns.get(at) else {
                (arm, at) = (arm + 1, 0);
                continue;
            };
            let words = Rc::new(vec![candidate.clone()]);
            let back = || Frame::Case { command: command.clone(), word: Some(word.clone()), arm, pattern: at };
            let Some(result) = self.expand(cx, &words, Mode::Pattern, back) else { return Flow::Go };
            if pattern::matches(&result.concat(), &word) {
                let mut bodies = vec![now.body.clone()];
                while arms[arm].falls_through && arm + 1 < arms.len() {
                    arm += 1;
                    bodies.push(arms[arm].body.clone());
                }
                for body in bodies.into_iter().rev() {
                    self.push_list(body);
                }
                return Flow::Go;
            }
            at += 1;
        }
        self.status = 0;
        Flow::Go
    }

    /// Reads the next commands from standard input: as many lines as they take.
    pub(super) fn stdin(&mut self, cx: &mut Context, mut text: String) -> Flow {
        match cx.read_line(0) {
            None => {
                self.stack.push(Frame::Stdin { text });
                return Flow::Wait(cx.wait_for_line(0));
            }
            Some((line, ended)) => {
                text.push_str(&String::from_utf8_lossy(&line));
                match parse_lines(&text) {
                    Beginning::Part(_) if ended => self.stack.push(Frame::Stdin { text }),
                    // At the end of the input a here-document ends as well.
                    Beginning::Part(_) | Beginning::Wrong(_) if !ended => self.run_text(cx, &text),
                    Beginning::Part(error) | Beginning::Wrong(error) => {
                        self.complain(cx, self.worded(cx, &error.0));
                        self.exit(2);
                    }
                    Beginning::Whole(list) => {
                        if ended {
                            self.stack.push(Frame::Stdin { text: String::new() });
                        }
                        self.push_list(list);
                    }
                }
            }
        }
        Flow::Go
    }
}

fn single(command: &Rc<Command>) -> Pipeline {
    Pipeline { negated: false, commands: vec![command.clone()] }
}
