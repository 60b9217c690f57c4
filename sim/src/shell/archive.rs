//! Archives, as `tar` and `kubectl cp` carry files.
//!
//! POSIX.1-1988 (ustar), GNU's long names. Not done: owners' names, devices, sparse files, compression.

use super::files::{Content, Kind, Node};
use crate::clock::Time;

const BLOCK: usize = 512;
/// A name that is longer has an entry of its own before it.
const NAME: usize = 100;
const LONG: &str = "././@LongLink";
/// tar ends an archive with zeros up to a multiple of this.
const RECORD: usize = 20 * BLOCK;

/// The archive of these files, links and folders, each under a name.
pub fn write<'a>(entries: impl IntoIterator<Item = (&'a str, &'a Node)>) -> Vec<u8> {
    let mut out = vec![];
    for (name, node) in entries {
        let (kind, target, content) = match &node.kind {
            Kind::File(content) => (b'0', "", content.clone()),
            Kind::Link(target) => (b'2', &**target, Content::default()),
            Kind::Folder => (b'5', "", Content::default()),
            // A program's bytes are not there to be copied.
            Kind::Device(_) | Kind::Program(_) | Kind::Gone => (b'0', "", Content::default()),
        };
        if name.len() > NAME {
            let long = Content::from(name.as_bytes().to_vec());
            put(&mut out, LONG, b'L', "", &Node::file(""), &long);
        }
        put(&mut out, name, kind, target, node, &content);
    }
    out.resize((out.len() + 2 * BLOCK).next_multiple_of(RECORD), 0);
    out
}

/// One entry: its header, and what is in it up to whole blocks.
fn put(out: &mut Vec<u8>, name: &str, kind: u8, target: &str, node: &Node, content: &Content) {
    let mut header = [0u8; BLOCK];
    let mut set = |at: usize, text: &[u8], most: usize| {
        let text = &text[..text.len().min(most)];
        header[at..at + text.len()].copy_from_slice(text);
    };
    set(0, name.as_bytes(), NAME);
    let numbers = [(100, u64::from(node.mode)), (108, node.uid.into()), (116, node.gid.into())];
    numbers.iter().for_each(|(at, number)| set(*at, format!("{number:07o}").as_bytes(), 8));
    set(124, format!("{:011o}", content.bytes().len()).as_bytes(), 12);
    set(136, format!("{:011o}", node.changed.0 / 1000).as_bytes(), 12);
    set(148, b"        ", 8);
    set(156, &[kind], 1);
    set(157, target.as_bytes(), NAME);
    set(257, b"ustar\x0000", 8);
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    out.extend_from_slice(&header);
    out.extend_from_slice(&content.bytes());
    out.resize(out.len().next_multiple_of(BLOCK), 0);
}

/// The entries of an archive by their names.
///
/// # Errors
/// What tar says of bytes that are no archive.
pub fn read(mut bytes: &[u8]) -> Result<Vec<(String, Node)>, &'static str> {
    let (mut out, mut long) = (vec![], None);
    loop {
        let Some((header, rest)) = bytes.split_at_checked(BLOCK) else { return Err("short read") };
        if header.iter().all(|byte| *byte == 0) {
            return Ok(out);
        }
        let text = |from: usize, most: usize| {
            let field = &header[from..from + most];
            let end = field.iter().position(|byte| *byte == 0).unwrap_or(most);
            String::from_utf8_lossy(&field[..end]).into_owned()
        };
        let number = |from: usize, most: usize| u64::from_str_radix(text(from, most).trim(), 8).ok();
        // The sum is taken as if spaces stood in its own place.
        let sum: u64 = (0..BLOCK).map(|i| if (148..156).contains(&i) { 32 } else { u64::from(header[i]) }).sum();
        if number(148, 8) != Some(sum) {
            return Err("invalid tar magic");
        }
        let size = number(124, 12).and_then(|size| usize::try_from(size).ok()).ok_or("corrupted octal value")?;
        let content = rest.get(..size).ok_or("short read")?.to_vec();
        bytes = rest.get(size.next_multiple_of(BLOCK)..).unwrap_or_default();
        let prefix = if header.starts_with(LONG.as_bytes()) { String::new() } else { text(345, 155) };
        let own = if prefix.is_empty() { text(0, NAME) } else { format!("{prefix}/{}", text(0, NAME)) };
        let kind = match header[156] {
            b'L' => {
                let end = content.iter().position(|byte| *byte == 0).unwrap_or(content.len());
                long = Some(String::from_utf8_lossy(&content[..end]).into_owned());
                continue;
            }
            b'5' => Kind::Folder,
            b'2' => Kind::Link(text(157, NAME).into()),
            b'0' | 0 => Kind::File(Content::from(content)),
            _ => continue,
        };
        let id = |from: usize| number(from, 8).and_then(|id| u32::try_from(id).ok()).unwrap_or(0);
        let changed = Time(number(136, 12).unwrap_or(0).saturating_mul(1000));
        let node = Node { kind, mode: (id(100) & 0o7777) as u16, uid: id(108), gid: id(116), changed };
        out.push((long.take().unwrap_or(own), node));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let long = "a/".repeat(70) + "b";
        let files = [
            ("tmp/x".to_string(), Node::file("hello\n").with_mode(0o640)),
            ("tmp/empty".into(), Node::folder()),
            ("tmp/l".into(), Node::link("x")),
            (long, Node::file(&*"z".repeat(1024)).owned_by(7, 8)),
        ];
        let bytes = write(files.iter().map(|(name, node)| (name.as_str(), node)));
        assert_eq!(bytes.len() % RECORD, 0);
        assert_eq!(read(&bytes), Ok(files.to_vec()));
        assert_eq!(read(&bytes[..700]), Err("short read"));
        assert_eq!(read(&[b'x'; 600]), Err("invalid tar magic"));
    }
}
