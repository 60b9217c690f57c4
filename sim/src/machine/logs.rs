//! What a container has written, line by line, as the runtime's log file keeps it.

use crate::clock::Time;
use crate::shell::Stream;
use std::rc::Rc;

/// Of a container's log so many bytes are kept (the kubelet rotates at 10 MiB; here earlier, for the memory's sake).
pub const LOG_BYTES: usize = 128 * 1024;

/// A longer line is written in pieces (containerd).
pub const PIECE: usize = 16 * 1024;

/// A piece of a log: a line with its newline, or the beginning of one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Line {
    pub at: Time,
    pub stream: Stream,
    pub text: Rc<str>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Logs {
    lines: Rc<Vec<Line>>,
    bytes: usize,
    /// Lines that were rotated away.
    pub dropped: u64,
}

impl Logs {
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    pub fn write(&mut self, stream: Stream, bytes: &[u8], now: Time) {
        if bytes.is_empty() {
            return;
        }
        let lines = Rc::make_mut(&mut self.lines);
        for piece in String::from_utf8_lossy(bytes).split_inclusive('\n') {
            self.bytes += piece.len();
            match lines.last_mut() {
                Some(last) if last.stream == stream && !last.text.ends_with('\n') && last.text.len() < PIECE => {
                    last.text = format!("{}{piece}", last.text).into();
                }
                _ => lines.push(Line { at: now, stream, text: piece.into() }),
            }
        }
        let mut cut = 0;
        while self.bytes > LOG_BYTES && cut + 1 < lines.len() {
            self.bytes -= lines[cut].text.len();
            cut += 1;
        }
        // Cut seldom, a good part at a time.
        if cut > 0 {
            let more = (cut + lines.len() / 4).min(lines.len() - 1);
            self.bytes -= lines[cut..more].iter().map(|line| line.text.len()).sum::<usize>();
            lines.drain(..more);
            self.dropped += more as u64;
        }
    }

    /// The last lines, at most so many and so many bytes: the fallback for a termination message.
    pub fn tail(&self, lines: usize, bytes: usize) -> String {
        let all: String = self.lines.iter().map(|line| &*line.text).collect();
        let pieces: Vec<&str> = all.split_inclusive('\n').collect();
        let mut text: &str = &pieces[pieces.len().saturating_sub(lines)..].concat();
        while text.len() > bytes {
            let mut chars = text.chars();
            chars.next();
            text = chars.as_str();
        }
        text.to_string()
    }
}
