//! Reading lines from descriptors without taking what comes after them.

use super::context::Read;
use super::process::*;
use super::tty::{END, INTERRUPT};

/// What somebody has typed at a prompt.
pub(super) enum Keyed {
    /// A line with its newline, or the beginning of one.
    Text(String),
    /// Ctrl-C, and what stood before it.
    Interrupt(String),
    /// Ctrl-D, or nobody is there any more.
    End,
}

impl Context<'_> {
    /// Takes what was typed, at the beginning of a line or, if one has `begun`, within it. `None`: nothing yet.
    pub(super) fn read_keys(&mut self, fd: u32, begun: bool) -> Option<Keyed> {
        if !self.is_terminal(fd) {
            let (line, ended) = self.read_line(fd)?;
            let line = String::from_utf8_lossy(&line).into_owned() + if ended { "" } else { "\n" };
            return Some(if ended || line.len() > 1 { Keyed::Text(line) } else { Keyed::End });
        }
        let mut bytes = match self.read(fd, PIPE_BYTES) {
            Read::Bytes(bytes) => bytes,
            Read::End => return Some(Keyed::End),
            Read::Empty => return None,
        };
        let key = bytes.pop_if(|key| matches!(*key, INTERRUPT | END));
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Some(match key {
            Some(INTERRUPT) => Keyed::Interrupt(text),
            Some(_) if text.is_empty() && !begun => Keyed::End,
            _ => Keyed::Text(text),
        })
    }

    /// Takes a line with its newline, and whether it has one. `None`: it is not there yet.
    pub fn read_line(&mut self, fd: u32) -> Option<(Vec<u8>, bool)> {
        match self.read(fd, PIPE_BYTES) {
            Read::Bytes(mut bytes) => match bytes.iter().position(|b| *b == b'\n') {
                Some(at) => {
                    let rest = bytes.split_off(at + 1);
                    self.unread(fd, &rest);
                    Some((bytes, true))
                }
                None if bytes.len() >= PIPE_BYTES || self.at_end(fd) => Some((bytes, false)),
                None => {
                    self.unread(fd, &bytes);
                    None
                }
            },
            Read::End => Some((Vec::new(), false)),
            Read::Empty => None,
        }
    }

    /// What to wait for when a line is not yet whole: there may be bytes already, so that no wait for bytes would do.
    pub fn wait_for_line(&mut self, fd: u32) -> Wait {
        match self.read(fd, 1) {
            Read::Bytes(bytes) => {
                self.unread(fd, &bytes);
                Wait::Until(self.now + crate::clock::Span::millis(100))
            }
            _ => Wait::Input(fd),
        }
    }

    /// Whether nothing can come any more (the bytes at hand were taken).
    fn at_end(&mut self, fd: u32) -> bool {
        match self.read(fd, 1) {
            Read::End => true,
            Read::Empty => false,
            Read::Bytes(bytes) => {
                self.unread(fd, &bytes);
                false
            }
        }
    }
}
