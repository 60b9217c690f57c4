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

/// So many pieces are kept together: of a log that is shared with what was before, a change copies so many.
const PAGE: usize = 64;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Logs {
    /// In their order; none is empty.
    pages: Vec<Rc<Vec<Line>>>,
    bytes: usize,
    /// Lines that were rotated away.
    pub dropped: u64,
}

impl Logs {
    pub fn lines(&self) -> impl Iterator<Item = &Line> + Clone {
        self.pages.iter().flat_map(|page| page.iter())
    }

    /// How many lines are kept.
    pub fn len(&self) -> usize {
        self.pages.iter().map(|page| page.len()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    pub fn last(&self) -> Option<&Line> {
        self.pages.last()?.last()
    }

    pub fn write(&mut self, stream: Stream, bytes: &[u8], now: Time) {
        for piece in String::from_utf8_lossy(bytes).split_inclusive('\n') {
            self.bytes += piece.len();
            let goes_on = |last: &Line| last.stream == stream && !last.text.ends_with('\n') && last.text.len() < PIECE;
            match self.pages.last_mut() {
                Some(page) if page.last().is_some_and(goes_on) => {
                    let last = Rc::make_mut(page).last_mut().expect("just looked at");
                    last.text = format!("{}{piece}", last.text).into();
                }
                Some(page) if page.len() < PAGE => {
                    Rc::make_mut(page).push(Line { at: now, stream, text: piece.into() });
                }
                _ => self.pages.push(Rc::new(vec![Line { at: now, stream, text: piece.into() }])),
            }
        }
        if self.bytes > LOG_BYTES {
            self.rotate();
        }
    }

    /// Drops what is too much. The last line stays, however long it is.
    fn rotate(&mut self) {
        let (mut cut, mut bytes, len) = (0, self.bytes, self.len());
        for line in self.lines().take(len - 1) {
            if bytes <= LOG_BYTES {
                break;
            }
            bytes -= line.text.len();
            cut += 1;
        }
        if cut == 0 {
            return;
        }
        // Cut seldom, a good part at a time.
        let mut more = (cut + len / 4).min(len - 1);
        self.bytes -= self.lines().take(more).map(|line| line.text.len()).sum::<usize>();
        self.dropped += more as u64;
        let mut whole = 0;
        while self.pages[whole].len() <= more {
            more -= self.pages[whole].len();
            whole += 1;
        }
        self.pages.drain(..whole);
        Rc::make_mut(&mut self.pages[0]).drain(..more);
    }

    /// The last lines, at most so many and so many bytes: the fallback for a termination message.
    pub fn tail(&self, lines: usize, bytes: usize) -> String {
        let all: String = self.lines().map(|line| &*line.text).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The log as one list of lines.
    #[derive(Default)]
    struct Plain {
        lines: Vec<Line>,
        bytes: usize,
        dropped: usize,
    }

    impl Plain {
        fn write(&mut self, stream: Stream, text: &str, at: Time) {
            for piece in text.split_inclusive('\n') {
                self.bytes += piece.len();
                match self.lines.last_mut() {
                    Some(last) if last.stream == stream && !last.text.ends_with('\n') && last.text.len() < PIECE => {
                        last.text = [&*last.text, piece].concat().into();
                    }
                    _ => self.lines.push(Line { at, stream, text: piece.into() }),
                }
            }
            let mut cut = 0;
            while self.bytes > LOG_BYTES && cut + 1 < self.lines.len() {
                self.bytes -= self.lines[cut].text.len();
                cut += 1;
            }
            if cut > 0 {
                let more = (cut + self.lines.len() / 4).min(self.lines.len() - 1);
                self.bytes -= self.lines[cut..more].iter().map(|line| line.text.len()).sum::<usize>();
                self.lines.drain(..more);
                self.dropped += more;
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn what_is_written_is_kept_until_it_is_rotated_away(
            writes in prop::collection::vec((any::<bool>(), 0_usize..40_000, 1_usize..90, any::<bool>()), 1..60),
        ) {
            let (mut logs, mut plain) = (Logs::default(), Plain::default());
            for (n, (err, len, lines, ends)) in writes.into_iter().enumerate() {
                let stream = if err { Stream::Err } else { Stream::Out };
                let line = "x".repeat(len / lines) + "\n";
                let text = line.repeat(lines) + if ends { "" } else { "more" };
                logs.write(stream, text.as_bytes(), Time(n as u64));
                plain.write(stream, &text, Time(n as u64));
                prop_assert!(logs.lines().eq(&plain.lines));
                prop_assert_eq!((logs.len(), logs.dropped as usize, logs.last()), (plain.lines.len(), plain.dropped, plain.lines.last()));
            }
        }
    }
}
