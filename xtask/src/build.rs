//! `cargo xtask build`: the page as a folder `dist/` of plain files.
//!
//! ```text
//! cargo build (wasm) -> wasm-bindgen -> split -> wasm-opt     app.wasm, run.wasm, rest.wasm
//! src/boot.js, with wasm-bindgen's glue -> esbuild   app.js
//! src/editor/codemirror.js -> esbuild                editor.js, loaded when the editor is first used
//! ```
//! index.html is a template: `{{app.js}}`, `{{app.wasm}}` and `{{static/FILE}}` become addresses relative to it, with a hash
//! of the content in the name, so that files may be cached for ever and the folder works under any path. boot.js gets
//! the names of its neighbours as the constants `WASM_FILE`, `LATER_FILES`, `EDITOR_FILE`,
//! `OFFLINE_FILE`, `DESCRIPTIONS_FILE` and `LATER_STYLE`; sw.js, which keeps all for when there is no network, the names of all files.

use crate::run::{Result, about, cargo, output, root, run};
use crate::setup::{self, Node, Tools};
use crate::split;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

pub const TARGET: &str = "wasm32-unknown-unknown";
/// Of Cargo.toml, for what is published.
pub const PROFILE: &str = "page";

/// The program: what opening the page takes, what a cluster at work takes, and the rest.
const PARTS: [&str; 3] = ["app.wasm", "run.wasm", "rest.wasm"];
/// What is rehearsed (xtask/node/rehearse.mjs) to know what each part but the last needs.
const VISITS: [&[&str]; 2] = [&["new", "wide", "back", "guest", "mine"], &["reader", "figure"]];

/// Loaded when lessons or a dialog are first opened.
const LATER_STYLE: &str = "static/style/later.css";
/// Loaded when one of them is first asked for.
const DESCRIPTIONS: &str = "sim/src/schema/descriptions.txt";

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
    let mut page = Page::default();
    // Quick to build is whole: then nothing comes later.
    let parts = if mode == Mode::Release { &PARTS[..] } else { &PARTS[..1] };
    for part in parts {
        page.add(part, &work.join(part))?;
    }
    let later: Vec<String> = parts[1..].iter().map(|part| format!("\"{}\"", page.file_name(part))).collect();
    run(bundle(tools, &work.join("editor.js")).arg("src/editor/codemirror.js"))?;
    page.add("editor.js", &work.join("editor.js"))?;
    run(bundle(tools, &work.join("offline.js")).arg("src/offline.js"))?;
    page.add("offline.js", &work.join("offline.js"))?;
    for late in [LATER_STYLE, DESCRIPTIONS] {
        page.add(late, &root().join(late))?;
    }
    let glue = work.join("bound/kubarium.js");
    run(bundle(tools, &work.join("app.js"))
        .arg("src/boot.js")
        .arg(format!("--alias:kubarium={}", glue.display()))
        .arg(format!("--define:WASM_FILE=\"{}\"", page.file_name("app.wasm")))
        .arg(format!("--define:LATER_FILES=[{}]", later.join(",")))
        .arg(format!("--define:EDITOR_FILE=\"{}\"", page.file_name("editor.js")))
        .arg(format!("--define:OFFLINE_FILE=\"{}\"", page.file_name("offline.js")))
        .arg(format!("--define:DESCRIPTIONS_FILE=\"{}\"", page.file_name(DESCRIPTIONS)))
        .arg(format!("--define:LATER_STYLE=\"{}\"", page.file_name(LATER_STYLE))))?;
    page.add("app.js", &work.join("app.js"))?;
    page.write(&root().join("dist"))?;
    println!("build: dist/ in {:.1} s", start.elapsed().as_secs_f32());
    Ok(())
}

/// Rust to WebAssembly; the path of the module.
fn compile(mode: Mode) -> Result<PathBuf> {
    let profile = if mode == Mode::Release { PROFILE } else { "native" };
    let mut build = cargo();
    build.args(["rustc", "--quiet", "--package", "kubarium", "--bin", "kubarium", "--target", TARGET]);
    build.args(["--profile", profile]);
    if mode == Mode::Release {
        // Says which code and data hold which addresses, by which the module is split.
        build.args(["--", "-Clink-arg=--emit-relocs"]);
    }
    run(&mut build)?;
    Ok(target_folder().join(TARGET).join(profile).join("kubarium.wasm"))
}

/// Where cargo puts what it makes.
pub fn target_folder() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// wasm-bindgen and wasm-opt: `work/bound/kubarium.js`, `work/app.wasm` and, as it is published, the other parts. Left out when the
/// module has not changed.
fn bind(tools: &Tools, mode: Mode, linked: &Path, work: &Path) -> Result<()> {
    let bytes = fs::read(linked).map_err(about(linked))?;
    let stamp = work.join("stamp");
    let visits = VISITS.concat().concat();
    let dividing: [&[u8]; 5] = [
        include_bytes!("../node/rehearse.mjs"),
        include_bytes!("../../index.html"),
        include_bytes!("split.rs"),
        include_bytes!("split/constants.rs"),
        visits.as_bytes(),
    ];
    let made_of = format!(
        "{:016x} {:016x} {}",
        fingerprint(&bytes),
        fingerprint(&dividing.concat()),
        tools.wasm_bindgen.display()
    );
    let optimized = work.join("app.wasm");
    if optimized.is_file() && fs::read_to_string(&stamp).is_ok_and(|last| last == made_of) {
        return Ok(());
    }
    let bound = work.join("bound");
    run(Command::new(&tools.wasm_bindgen)
        .args(["--target", "web", "--no-typescript", "--out-name", "kubarium", "--out-dir"])
        .arg(&bound)
        .arg(linked))?;
    let module = bound.join("kubarium_bg.wasm");
    if mode == Mode::Release {
        divide(tools, linked, &module, work)?;
        for part in PARTS {
            optimize(&tools.node, &work.join("parts").join(part), &work.join(part))?;
        }
    } else {
        fs::copy(&module, &optimized).map_err(about(&module))?;
    }
    fs::write(&stamp, made_of).map_err(about(&stamp))
}

/// `work/parts/`, as they leave the splitter.
fn divide(tools: &Tools, linked: &Path, module: &Path, work: &Path) -> Result<()> {
    let (folder, watched, glue) = (work.join("parts"), work.join("watched.wasm"), work.join("rehearsed.mjs"));
    fs::create_dir_all(&folder).map_err(about(&folder))?;
    split::watch(module, &watched)?;
    let bound = work.join("bound/kubarium.js");
    fs::copy(&bound, &glue).map_err(about(&bound))?;
    let called_in = |visit: &&str| {
        let mut rehearsal = tools.node.script("--expose-gc");
        rehearsal.args(["xtask/node/rehearse.mjs".as_ref(), glue.as_path(), &watched, visit.as_ref()]);
        let numbers = output(&mut rehearsal)?;
        Ok(numbers.lines().filter_map(|number| number.parse().ok()).collect::<Vec<usize>>())
    };
    let mut called = vec![];
    for visits in VISITS {
        let numbers: Result<Vec<_>> = visits.iter().map(called_in).collect();
        called.push(numbers?.concat().into_iter().collect::<BTreeSet<_>>());
    }
    let parts = PARTS.map(|part| folder.join(part));
    split::split(linked, module, &called, &parts.each_ref().map(PathBuf::as_path))
}

/// wasm-opt. The features named are those that rustc emits: a browser that lacks others must still run the page.
pub fn optimize(node: &Node, module: &Path, optimized: &Path) -> Result<()> {
    const FEATURES: [&str; 7] = [
        "--enable-bulk-memory",
        "--enable-call-indirect-overlong",
        "--enable-multivalue",
        "--enable-mutable-globals",
        "--enable-nontrapping-float-to-int",
        "--enable-reference-types",
        "--enable-sign-ext",
    ];
    // By itself it puts whatever is called from one place into that place: functions of 250 kB came of it, and a browser
    // compiles a function when it is first called, at one go.
    const INLINING: &str = "--one-caller-inline-max-function-size=100";
    run(node
        .command("wasm-opt")
        .arg("-Oz")
        .arg(INLINING)
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

/// The files of the page by the names that index.html calls them.
#[derive(Default)]
struct Page {
    files: BTreeMap<String, File>,
}

struct File {
    /// Relative to index.html.
    address: String,
    bytes: Vec<u8>,
}

impl Page {
    fn add(&mut self, name: &str, path: &Path) -> Result<()> {
        let bytes = fs::read(path).map_err(about(path))?;
        let (stem, kind) = name.rsplit_once('.').unwrap_or((name, "bin"));
        let stem = stem.rsplit('/').next().unwrap_or(stem);
        let address = format!("assets/{stem}-{:016x}.{kind}", fingerprint(&bytes));
        self.files.insert(name.to_string(), File { address, bytes });
        Ok(())
    }

    /// A file's name in the folder `assets`.
    fn file_name(&self, name: &str) -> &str {
        self.files[name].address.trim_start_matches("assets/")
    }

    /// Writes the folder whole beside the old one, then puts it in its place: a server never shows half a page.
    fn write(mut self, dist: &Path) -> Result<()> {
        let next = root().join("target/web/dist");
        let _ = fs::remove_dir_all(&next);
        fs::create_dir_all(next.join("assets")).map_err(about(&next))?;
        let index = self.fill(&root().join("index.html"))?;
        fs::write(next.join("index.html"), index).map_err(about(&next))?;
        // Other pages name it, so its address stays.
        let figure = root().join("static/figure.js");
        fs::copy(&figure, next.join("figure.js")).map_err(about(&figure))?;
        for folder in ["lessons", "post", "samples"] {
            copy_all(&root().join("static").join(folder), &next.join(folder))?;
        }
        for file in self.files.values() {
            let path = next.join(&file.address);
            fs::write(&path, &file.bytes).map_err(about(&path))?;
        }
        write_worker(&next)?;
        let _ = fs::remove_dir_all(dist);
        fs::rename(&next, dist).map_err(about(dist))
    }

    /// The template with addresses and texts in the places of names; static files join the page as they are named.
    fn fill(&mut self, template: &Path) -> Result<String> {
        let text = fs::read_to_string(template).map_err(about(template))?;
        let mut filled = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, after) =
                after.split_once("}}").ok_or_else(|| format!("{}: {{{{ without }}}}", template.display()))?;
            filled.push_str(before);
            filled.push_str(&self.what_is_named(name)?);
            rest = after;
        }
        Ok(filled + rest)
    }

    /// The address of a file, or, of `text FILE`, all that is in it.
    fn what_is_named(&mut self, name: &str) -> Result<String> {
        if let Some(text) = name.strip_prefix("text ") {
            let path = root().join(text);
            return Ok(escaped(&fs::read_to_string(&path).map_err(about(&path))?));
        }
        if name.starts_with("static/") {
            self.add(name, &root().join(name))?;
        }
        let file =
            self.files.get(name).ok_or_else(|| format!("index.html names {name:?}, which is no file of the page"))?;
        Ok(file.address.clone())
    }
}

/// As a text within an element.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// sw.js, which is told the names of all files and a version that changes with any of them.
fn write_worker(page: &Path) -> Result<()> {
    let (mut names, mut all) = (Vec::new(), Vec::new());
    for file in files_below(page)? {
        let name = file.strip_prefix(page).expect("it lies below").to_string_lossy().replace('\\', "/");
        all.extend_from_slice(name.as_bytes());
        all.extend(fs::read(&file).map_err(about(&file))?);
        names.push(name);
    }
    let template = root().join("static/sw.js");
    let text = fs::read_to_string(&template).map_err(about(&template))?;
    let text = text.replace("{{VERSION}}", &format!("{:016x}", fingerprint(&all)));
    let path = page.join("sw.js");
    fs::write(&path, text.replace("{{FILES}}", &names.join("', '"))).map_err(about(&path))
}

/// Copies a folder as it is.
fn copy_all(from: &Path, to: &Path) -> Result<()> {
    for file in files_below(from)? {
        let target = to.join(file.strip_prefix(from).expect("it lies below"));
        fs::create_dir_all(target.parent().unwrap_or(to)).map_err(about(to))?;
        fs::copy(&file, &target).map_err(about(&file))?;
    }
    Ok(())
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
