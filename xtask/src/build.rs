//! `cargo xtask build`: the page as a folder `dist/` of plain files.
//!
//! ```text
//! cargo build (wasm) -> wasm-bindgen -> wasm-opt    kubarium_bg.wasm, and its glue kubarium.js
//! src/editor/codemirror.js -> esbuild               editor.js, loaded when the editor is first used
//! static/, index.html                               all that refers to them
//! ```
//! Files refer to each other by these plain names, in quotes. In `dist/` a file that index.html or a script refers to has
//! a hash of its content in its name, so that it may be cached for ever, and the quoted names are changed to match. The
//! rest of static/ is copied under its own name. All addresses are relative: the folder works under any path.

use crate::run::{Result, about, cargo, root, run};
use crate::setup::{self, Tools};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

#[derive(Clone, Copy, PartialEq)]
pub enum Mode {
    /// As it is published.
    Release,
    /// Quick to build and slow to run.
    Dev,
}

pub fn command() -> Result<()> {
    let tools = setup::tools()?;
    build(&tools, Mode::Release)
}

/// Builds `dist/` anew.
pub fn build(tools: &Tools, mode: Mode) -> Result<()> {
    let start = Instant::now();
    let work = root().join("target/web");
    fs::create_dir_all(&work).map_err(about(&work))?;
    let module = compile(mode)?;
    bind(tools, mode, &module, &work)?;
    run(bundle(tools, &work.join("editor.js")).arg("src/editor/codemirror.js"))?;
    run(bundle(tools, &work.join("kubarium.js")).arg(work.join("bound/kubarium.js")))?;
    let mut page = Page::default();
    // Each after those that it refers to.
    for name in ["kubarium_bg.wasm", "kubarium.js", "editor.js"] {
        let path = work.join(name);
        page.add(name, fs::read(&path).map_err(about(&path))?);
    }
    page.add_statics()?;
    page.write(&root().join("dist"))?;
    println!("build: dist/ in {:.1} s", start.elapsed().as_secs_f32());
    Ok(())
}

/// Rust to WebAssembly; the path of the module.
fn compile(mode: Mode) -> Result<PathBuf> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let mut command = cargo();
    command.args(["build", "--quiet", "--package", "kubarium", "--target", TARGET]);
    if mode == Mode::Release {
        command.arg("--release");
    }
    run(&mut command)?;
    let profile = if mode == Mode::Release { "release" } else { "debug" };
    Ok(target_folder().join(TARGET).join(profile).join("kubarium.wasm"))
}

/// Where cargo puts what it makes.
pub fn target_folder() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// wasm-bindgen and wasm-opt: `work/bound/kubarium.js` and `work/kubarium_bg.wasm`. Left out when the module has not changed.
fn bind(tools: &Tools, mode: Mode, module: &Path, work: &Path) -> Result<()> {
    let bytes = fs::read(module).map_err(about(module))?;
    let stamp = work.join("stamp");
    let made_of = format!("{:016x} {}", fingerprint(&bytes), tools.wasm_bindgen.display());
    let optimized = work.join("kubarium_bg.wasm");
    if optimized.is_file() && fs::read_to_string(&stamp).is_ok_and(|last| last == made_of) {
        return Ok(());
    }
    let bound = work.join("bound");
    run(Command::new(&tools.wasm_bindgen)
        .args(["--target", "web", "--no-typescript", "--out-name", "kubarium", "--out-dir"])
        .arg(&bound)
        .arg(module))?;
    let module = bound.join("kubarium_bg.wasm");
    if mode == Mode::Release {
        optimize(tools, &module, &optimized)?;
    } else {
        fs::copy(&module, &optimized).map_err(about(&module))?;
    }
    fs::write(&stamp, made_of).map_err(about(&stamp))
}

/// The features named are those that rustc emits: a browser that lacks others must still run the page.
fn optimize(tools: &Tools, module: &Path, optimized: &Path) -> Result<()> {
    const FEATURES: [&str; 7] = [
        "--enable-bulk-memory",
        "--enable-call-indirect-overlong",
        "--enable-multivalue",
        "--enable-mutable-globals",
        "--enable-nontrapping-float-to-int",
        "--enable-reference-types",
        "--enable-sign-ext",
    ];
    run(tools
        .node
        .command("wasm-opt")
        .arg("-Oz")
        .args(FEATURES)
        .args(["--strip-debug", "--strip-producers", "-o"])
        .arg(optimized)
        .arg(module))
}

/// esbuild, told to write one small module with all that its entry imports.
fn bundle(tools: &Tools, to: &Path) -> Command {
    let mut command = tools.node.command("esbuild");
    command
        .args(["--bundle", "--format=esm", "--minify", "--target=es2022"])
        .args(["--legal-comments=none", "--log-level=warning"])
        .arg(format!("--outfile={}", to.display()));
    command
}

/// The files of the page by the names that refer to them.
#[derive(Default)]
struct Page {
    named: BTreeMap<String, File>,
}

struct File {
    /// Relative to index.html.
    address: String,
    bytes: Vec<u8>,
}

impl Page {
    fn add(&mut self, name: &str, bytes: Vec<u8>) {
        let bytes = self.refer(name, bytes);
        let (stem, kind) = name.rsplit_once('.').unwrap_or((name, "bin"));
        let address = format!("{stem}-{:016x}.{kind}", fingerprint(&bytes));
        self.named.insert(name.to_string(), File { address, bytes });
    }

    /// A text with the quoted names of files changed to their addresses.
    fn refer(&self, name: &str, bytes: Vec<u8>) -> Vec<u8> {
        if !name.ends_with(".html") && !name.ends_with(".js") {
            return bytes;
        }
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        for (name, file) in &self.named {
            for quote in ['"', '\''] {
                let (from, to) = (format!("{quote}{name}{quote}"), format!("{quote}{}{quote}", file.address));
                text = text.replace(&from, &to);
            }
        }
        text.into_bytes()
    }

    /// The files of static/ that index.html refers to; scripts last, as they refer to others.
    fn add_statics(&mut self) -> Result<()> {
        let index = index()?;
        let mut names: Vec<&str> = index.split('"').filter(|name| name.starts_with("static/")).collect();
        names.sort_by_key(|name| name.ends_with(".js"));
        names.dedup();
        for name in names {
            let path = root().join(name);
            self.add(name, fs::read(&path).map_err(about(&path))?);
        }
        Ok(())
    }

    /// Writes the folder whole beside the old one, then puts it in its place: a server never shows half a page.
    fn write(&self, dist: &Path) -> Result<()> {
        let next = root().join("target/web/dist");
        let _ = fs::remove_dir_all(&next);
        let put = |name: &str, bytes: &[u8]| {
            let path = next.join(name);
            let folder = path.parent().unwrap_or(&next);
            fs::create_dir_all(folder).map_err(about(folder))?;
            fs::write(&path, bytes).map_err(about(&path))
        };
        for file in self.named.values() {
            put(&file.address, &file.bytes)?;
        }
        for path in files_below(&root().join("static"))? {
            let name = path.strip_prefix(root()).unwrap_or(&path).to_string_lossy().into_owned();
            if !self.named.contains_key(&name) {
                put(&name, &fs::read(&path).map_err(about(&path))?)?;
            }
        }
        put("index.html", &self.refer("index.html", index()?.into_bytes()))?;
        let _ = fs::remove_dir_all(dist);
        fs::rename(&next, dist).map_err(about(dist))
    }
}

fn index() -> Result<String> {
    let path = root().join("index.html");
    fs::read_to_string(&path).map_err(about(&path))
}

/// All files below a folder, in order of their names; none if there is no such folder.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.map_err(about(&folder))?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// FNV-1a, 64 bits: tells apart versions of a file; guards against nobody.
pub fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
