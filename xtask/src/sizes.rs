//! What a visitor downloads, and how much it may be.

use crate::build;
use crate::run::{Result, output, root};
use crate::setup;

/// Bytes by brotli of all that is loaded before the page can be used.
pub const FIRST_LOAD: u64 = 300_000;
/// Of the editor, which is loaded when it is first used.
pub const EDITOR: u64 = 130_000;
/// Of the API's descriptions of itself.
pub const DESCRIPTIONS: u64 = 120_000;
/// Of the script that another page loads for a figure.
const FIGURE: u64 = 5_000;

pub struct Size {
    pub name: String,
    pub bytes: u64,
    pub brotli: u64,
}

/// When a file is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Before the page can be used.
    First,
    /// Behind the first picture, without being waited for.
    Behind,
    /// When the editor is first used.
    Editor,
    /// By another page, which shows ours.
    Figure,
    /// When the API's description of a field is first asked for.
    Asked,
    /// When a lesson, a sample, an article or a dialog is opened: each its own few files.
    Lesson,
}

impl Size {
    pub fn when(&self) -> When {
        if self.name == "figure.js" {
            return When::Figure;
        }
        if ["lessons/", "post/", "samples/"].iter().any(|folder| self.name.starts_with(folder)) {
            return When::Lesson;
        }
        match self.name.strip_prefix("assets/") {
            Some(name) if name.starts_with("editor-") => When::Editor,
            Some(name) if name.starts_with("descriptions-") => When::Asked,
            Some(name) if name.starts_with("later-") => When::Lesson,
            Some(name) if ["run-", "rest-", "offline-"].iter().any(|part| name.starts_with(part)) => When::Behind,
            None if self.name == "sw.js" => When::Behind,
            _ => When::First,
        }
    }
}

pub fn test() -> Result<()> {
    let sizes = measure()?;
    for size in &sizes {
        println!("{:9} {:8} {}", size.bytes, size.brotli, size.name);
    }
    let [first, behind, editor, figure, asked, _] = sums(&sizes);
    println!("by brotli: first load {first} bytes of at most {FIRST_LOAD}, behind it {behind}");
    println!(
        "editor {editor} of at most {EDITOR}, figure {figure} of at most {FIGURE}, descriptions {asked} of at most {DESCRIPTIONS}"
    );
    if first > FIRST_LOAD || editor > EDITOR || figure > FIGURE || asked > DESCRIPTIONS {
        return Err("the page has grown too large".into());
    }
    Ok(())
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

/// What is loaded first, behind that, for the editor, by a page with a figure, to describe the API, and for all lessons and articles, in
/// bytes by brotli.
pub fn sums(sizes: &[Size]) -> [u64; 6] {
    let sum = |when| sizes.iter().filter(|size| size.when() == when).map(|size| size.brotli).sum();
    [When::First, When::Behind, When::Editor, When::Figure, When::Asked, When::Lesson].map(sum)
}
