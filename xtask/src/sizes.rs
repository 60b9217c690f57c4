//! What a visitor downloads, and how much it may be.

use crate::build;
use crate::run::{Result, output, root};
use crate::setup;

/// Bytes by brotli of all that is loaded before the page can be used.
const FIRST_LOAD: u64 = 300_000;
/// Known to be more than that: what it was when last measured, and a little. It may only shrink; once it is within the
/// bound, this line goes.
const KNOWN_FIRST_LOAD: u64 = 980_000;
/// Of the editor, which is loaded when it is first used.
const EDITOR: u64 = 130_000;

pub struct Size {
    pub name: String,
    pub bytes: u64,
    pub brotli: u64,
}

impl Size {
    fn is_editor(&self) -> bool {
        self.name.starts_with("assets/editor-")
    }
}

pub fn test() -> Result<()> {
    let sizes = measure()?;
    for size in &sizes {
        println!("{:9} {:8} {}", size.bytes, size.brotli, size.name);
    }
    let (first, editor) = sums(&sizes);
    println!("first load {first} of at most {FIRST_LOAD} bytes, editor {editor} of at most {EDITOR}, by brotli");
    if first > KNOWN_FIRST_LOAD || editor > EDITOR {
        return Err("the page has grown too large".into());
    }
    if first > FIRST_LOAD {
        println!("KNOWN SHORTFALL: the first load is {} times what it may be", first / FIRST_LOAD);
        return Ok(());
    }
    Err("the first load is within its bound: KNOWN_FIRST_LOAD can go".into())
}

/// The files of a fresh build.
pub fn measure() -> Result<Vec<Size>> {
    let tools = setup::tools()?;
    build::build(&tools, build::Mode::Release)?;
    let printed = output(tools.node.script("xtask/node/sizes.mjs").arg(root().join("dist")))?;
    let size = |line: &str| {
        let mut words = line.split('\t');
        let (bytes, brotli) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some(Size { name: words.next()?.to_string(), bytes, brotli })
    };
    let sizes: Vec<Size> = printed.lines().filter_map(size).collect();
    if sizes.is_empty() { Err("dist/ is empty".into()) } else { Ok(sizes) }
}

/// The first load and the editor, in bytes by brotli.
pub fn sums(sizes: &[Size]) -> (u64, u64) {
    let sum = |editor: bool| sizes.iter().filter(|size| size.is_editor() == editor).map(|size| size.brotli).sum();
    (sum(false), sum(true))
}
