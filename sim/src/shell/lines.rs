//! Reading lines from descriptors without taking what comes after them.

use super::context::Read;
use super::process::*;

impl Context<'_> {
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
