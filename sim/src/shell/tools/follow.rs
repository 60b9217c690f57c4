//! tail -f: what is added to files, as it is added.

use super::super::process::*;
use super::cannot_open;
use crate::clock::Span;

/// How often `tail -f` looks again (busybox: every second).
const FOLLOW: Span = Span::secs(1);

/// `tail -f`: what is added to files, as it is added.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Follow {
    pub files: Vec<String>,
    /// Bytes of each that were shown.
    pub seen: Vec<Option<usize>>,
    pub count: usize,
    pub from_start: bool,
    /// `-F`: a file that is missing is waited for.
    pub retry: bool,
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
