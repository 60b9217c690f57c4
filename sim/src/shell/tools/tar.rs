//! tar: makes, lists and unpacks archives.
//!
//! Not done: compression, owners and times of what is unpacked (it is the reader's, and new, as with `-m`).

use super::super::archive;
use super::super::context::{OpenFor, Read};
use super::super::files::{Errno, Kind, Links, Node};
use super::super::process::*;
use super::State;

/// The longest archive that is read.
const MOST: usize = 4 * 1024 * 1024;
/// The descriptor of an archive that is a file.
const ARCHIVE: u32 = 100;

/// What a tar was told to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tar {
    /// `c`, `t` or `x`; a space if it was not said.
    mode: char,
    verbose: bool,
    to_stdout: bool,
    /// The archive; `-` stands for the standard streams.
    file: String,
    folder: Option<String>,
    names: Vec<String>,
    /// What has been read of an archive.
    held: Vec<u8>,
}

/// The name of a path in an archive.
fn inner(path: &str) -> &str {
    path.trim_start_matches('/')
}

pub fn begin(cx: &mut Context, args: &[String], state: &mut State) -> Flow {
    let mut tar = match options(args) {
        Ok(tar) => tar,
        Err(why) => return fail(cx, why),
    };
    if tar.mode == ' ' {
        let gnu = "You must specify one of the '-Acdtrux', '--delete' or '--test-label' options";
        let why = if cx.is_gnu() { gnu } else { "need at least one option" };
        return fail(cx, why.into());
    }
    if tar.file != "-"
        && let Err(why) = tar.open(cx)
    {
        let (gnu, file) = (cx.is_gnu(), &tar.file);
        return fail(
            cx,
            if gnu { format!("{file}: Cannot open: {why}") } else { format!("can't open '{file}': {why}") },
        );
    }
    if let Some(folder) = &tar.folder
        && let Err(why) = go_to(cx, folder)
    {
        let words = if cx.is_gnu() { ("", ": Cannot open") } else { ("can't change directory to '", "'") };
        return fail(cx, format!("{}{folder}{}: {why}", words.0, words.1));
    }
    if tar.mode == 'c' {
        return create(cx, &tar);
    }
    if tar.file != "-" {
        return tar.unpack(cx);
    }
    *state = State::Tar(Box::new(tar));
    Flow::Go
}

/// Reads the words; the first may have its letters without a dash.
fn options(args: &[String]) -> Result<Tar, String> {
    let mut tar = Tar { mode: ' ', file: "-".into(), ..Tar::default() };
    let mut words = args.iter().enumerate();
    while let Some((number, word)) = words.next() {
        if let Some(long) = word.strip_prefix("--") {
            match long {
                "create" => tar.mode = 'c',
                "extract" | "get" => tar.mode = 'x',
                "list" => tar.mode = 't',
                "verbose" => tar.verbose = true,
                "gzip" | "bzip2" | "xz" => return Err("compressed archives are not simulated".into()),
                _ => {}
            }
            continue;
        }
        let letters = match word.strip_prefix('-') {
            Some(letters) if !letters.is_empty() => letters,
            None if number == 0 => word,
            _ => {
                tar.names.push(word.clone());
                continue;
            }
        };
        for (at, letter) in letters.char_indices() {
            match letter {
                'c' | 't' | 'x' => tar.mode = letter,
                'v' => tar.verbose = true,
                'O' => tar.to_stdout = true,
                'z' | 'j' | 'J' => return Err("compressed archives are not simulated".into()),
                'f' | 'C' => {
                    let joined = &letters[at + 1..];
                    // Old letters without a dash take their words from behind, one after another.
                    let own = word.starts_with('-') && !joined.is_empty();
                    let value = if own { Some(joined.to_string()) } else { words.next().map(|(_, word)| word.clone()) };
                    let value = value.ok_or(format!("option requires an argument -- '{letter}'"))?;
                    if letter == 'f' {
                        tar.file = value
                    } else {
                        tar.folder = Some(value)
                    }
                    if own {
                        break;
                    }
                }
                _ => {}
            }
        }
    }
    Ok(tar)
}

/// Works in another folder from now on.
fn go_to(cx: &mut Context, folder: &str) -> Result<(), Errno> {
    let cwd = cx.cwd();
    let fs = cx.fs();
    let place = fs.resolve(&cwd, folder, Links::Follow)?;
    if !fs.stat(&cwd, folder, Links::Follow)?.is_folder() {
        return Err(Errno::NotFolder);
    }
    cx.me_mut().cwd = if place.path.is_empty() { "/".into() } else { place.path.into() };
    Ok(())
}

fn fail(cx: &mut Context, why: String) -> Flow {
    cx.complain(format!("tar: {why}"));
    if cx.is_gnu() {
        cx.complain("tar: Error is not recoverable: exiting now");
    }
    Flow::Exit(if cx.is_gnu() { 2 } else { 1 })
}

fn create(cx: &mut Context, tar: &Tar) -> Flow {
    let gnu = cx.is_gnu();
    let (mut found, mut failed, mut told) = (vec![], false, false);
    for name in &tar.names {
        if name.starts_with('/') && !std::mem::replace(&mut told, true) {
            cx.complain(if gnu {
                "tar: Removing leading `/' from member names"
            } else {
                "tar: removing leading '/' from member names"
            });
        }
        let path = if name.len() > 1 { name.trim_end_matches('/') } else { name };
        if let Err((path, why)) = gather(cx, path, &mut found) {
            cx.complain(if gnu { format!("tar: {path}: Cannot stat: {why}") } else { format!("tar: {path}: {why}") });
            failed = true;
        }
    }
    if tar.verbose {
        let list: String = found.iter().map(|(name, _)| format!("{name}\n")).collect();
        cx.write(if tar.file == "-" { 2 } else { 1 }, list.as_bytes());
    }
    let bytes = archive::write(found.iter().map(|(name, node)| (name.as_str(), node)));
    cx.charge(bytes.len() as u64 / 1024);
    cx.write(tar.out(), &bytes);
    if failed {
        cx.complain(if gnu {
            "tar: Exiting with failure status due to previous errors"
        } else {
            "tar: error exit delayed from previous errors"
        });
    }
    Flow::Exit(if !failed {
        0
    } else if gnu {
        2
    } else {
        1
    })
}

/// Adds what is at and below a path.
fn gather(cx: &mut Context, path: &str, found: &mut Vec<(String, Node)>) -> Result<(), (String, Errno)> {
    let (cwd, creds) = (cx.cwd(), cx.creds());
    let at = |why: Errno| (path.to_string(), why);
    let fs = cx.fs();
    let mut node = fs.stat(&cwd, path, Links::Keep).map_err(at)?.clone();
    if let Kind::File(content) = &mut node.kind {
        *content = fs.read(&cwd, path, &creds).map_err(at)?;
    }
    let folder = node.is_folder();
    let name = inner(path);
    found.push((if folder { format!("{name}/") } else { name.into() }, node));
    if folder {
        let names = fs.list(&cwd, path, &creds).map_err(at)?;
        for (name, _) in names {
            gather(cx, &format!("{}/{name}", path.trim_end_matches('/')), found)?;
        }
    }
    Ok(())
}

impl Tar {
    /// Opens the archive that is written; reads the one that is read.
    fn open(&mut self, cx: &mut Context) -> Result<(), Errno> {
        if self.mode == 'c' {
            let open = cx.open(&self.file, OpenFor::Write)?;
            cx.me_mut().fds.insert(ARCHIVE, open);
        } else {
            self.held = cx.file(&self.file)?;
        }
        Ok(())
    }

    /// The descriptor that an archive is written to.
    fn out(&self) -> u32 {
        if self.file == "-" { 1 } else { ARCHIVE }
    }

    /// Takes what comes on standard input; at its end the archive is unpacked.
    pub(in crate::shell) fn step(&mut self, cx: &mut Context) -> Flow {
        match cx.read(0, PIPE_BYTES) {
            Read::Bytes(bytes) if self.held.len() + bytes.len() <= MOST => {
                self.held.extend_from_slice(&bytes);
                Flow::Go
            }
            Read::Bytes(_) => fail(cx, format!("an archive larger than {MOST} bytes is not simulated")),
            Read::Empty => Flow::Wait(Wait::Input(0)),
            Read::End => self.unpack(cx),
        }
    }

    fn unpack(&self, cx: &mut Context) -> Flow {
        let entries = match archive::read(&self.held) {
            Ok(entries) => entries,
            Err(_) if cx.is_gnu() => {
                cx.complain("tar: This does not look like a tar archive\ntar: Exiting with failure status due to previous errors");
                return Flow::Exit(2);
            }
            Err(why) => return fail(cx, why.into()),
        };
        let wanted = |name: &str| {
            let name = name.trim_end_matches('/');
            let below = |asked: &String| {
                inner(asked) == name || name.starts_with(&format!("{}/", inner(asked).trim_end_matches('/')))
            };
            self.names.is_empty() || self.names.iter().any(below)
        };
        for (name, node) in entries.into_iter().filter(|(name, _)| wanted(name)) {
            if self.mode == 't' || self.verbose {
                cx.out(&format!("{name}\n"));
            }
            match (self.mode, &node.kind) {
                ('t', _) => {}
                (_, Kind::File(content)) if self.to_stdout => cx.write(1, &content.bytes().clone()),
                _ => {
                    if let Err(why) = place(cx, &name, node) {
                        let gnu = cx.is_gnu();
                        return fail(
                            cx,
                            if gnu {
                                format!("{name}: Cannot open: {why}")
                            } else {
                                format!("can't open '{name}': {why}")
                            },
                        );
                    }
                }
            }
        }
        Flow::Exit(0)
    }
}

/// Puts an entry in its place, with the folders above it.
fn place(cx: &mut Context, name: &str, node: Node) -> Result<(), Errno> {
    let (cwd, creds, now) = (cx.cwd(), cx.creds(), cx.now);
    let mut fs = cx.fs();
    let name = inner(name).trim_end_matches('/');
    if name.split('/').any(|part| part == "..") {
        return Err(Errno::Invalid);
    }
    for (end, _) in name.match_indices('/') {
        if fs.stat(&cwd, &name[..end], Links::Follow).is_err() {
            let above = fs.resolve(&cwd, &name[..end], Links::Follow)?;
            fs.make(&above, Node::folder(), &creds, now)?;
        }
    }
    let exists = fs.stat(&cwd, name, Links::Keep).map(|old| old.is_folder());
    match (&node.kind, exists) {
        (Kind::Folder, Ok(true)) => return Ok(()),
        (_, Ok(true)) => return Err(Errno::IsFolder),
        (_, Ok(false)) => fs.remove(&cwd, name, &creds)?,
        _ => {}
    }
    let at = fs.resolve(&cwd, name, Links::Keep)?;
    fs.make(&at, node, &creds, now)
}
