//! Set-up: what is missing is installed into a per-user cache, once; nothing is written outside it but the wasm target
//! (through rustup) and Chromium (through apt-get, as root).
//!
//! Every tool lives under a name that holds its version, so that two branches can use one cache.

use crate::build::TARGET;
use crate::run::{Result, about, cargo, on_path, output, root, run};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// What building the page needs.
pub struct Tools {
    pub wasm_bindgen: PathBuf,
    pub node: Node,
}

/// Node's own packages, as `xtask/node/package-lock.json` pins them.
pub struct Node {
    /// The folder `node_modules`.
    pub modules: PathBuf,
}

impl Node {
    /// A command that one of the packages brings, such as `esbuild`.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.modules.join(".bin").join(program));
        command.env("NODE_PATH", &self.modules).current_dir(root());
        command
    }

    /// Node itself, with a script; it finds the packages through `KUBARIUM_NODE_MODULES`.
    pub fn script(&self, script: &str) -> Command {
        let mut command = Command::new("node");
        command.arg(script).env("KUBARIUM_NODE_MODULES", &self.modules).current_dir(root());
        command
    }
}

/// Installs all that any command needs.
pub fn everything() -> Result<()> {
    let start = Instant::now();
    tools()?;
    chromium()?;
    python()?;
    println!("set-up: done in {} s", start.elapsed().as_secs());
    Ok(())
}

/// Installs what building needs; the slow steps side by side.
pub fn tools() -> Result<Tools> {
    let cache = cache()?;
    wasm_target()?;
    std::thread::scope(|scope| {
        let node = scope.spawn(|| node(&cache));
        let wasm_bindgen = wasm_bindgen(&cache)?;
        let node = node.join().expect("the thread does not panic")?;
        Ok(Tools { wasm_bindgen, node })
    })
}

/// Only Node's packages: for scripts that need no page.
pub fn node_only() -> Result<Node> {
    node(&cache()?)
}

fn cache() -> Result<PathBuf> {
    let base = match (env::var_os("XDG_CACHE_HOME"), env::var_os("HOME")) {
        (Some(cache), _) if !cache.is_empty() => PathBuf::from(cache),
        (_, Some(home)) => PathBuf::from(home).join(".cache"),
        _ => return Err("neither XDG_CACHE_HOME nor HOME is set: no place for the tools".into()),
    };
    let cache = base.join("kubarium");
    fs::create_dir_all(&cache).map_err(about(&cache))?;
    Ok(cache)
}

/// Rust's own libraries for WebAssembly.
pub fn wasm_target() -> Result<()> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let libraries = output(Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]))?;
    if Path::new(libraries.trim()).is_dir() {
        return Ok(());
    }
    if on_path("rustup").is_none() {
        return Err(format!(
            "the Rust target {TARGET} is missing, and so is rustup, which would bring it: see https://rustup.rs"
        ));
    }
    println!("set-up: the Rust target {TARGET}");
    run(Command::new("rustup").args(["target", "add", TARGET]))
}

/// The wasm-bindgen command of exactly the library's version: any other refuses to work.
fn wasm_bindgen(cache: &Path) -> Result<PathBuf> {
    install(cache, "wasm-bindgen-cli", "wasm-bindgen", &locked_version("wasm-bindgen")?)
}

/// What looks after licences and sources (deny.toml).
pub fn cargo_deny() -> Result<PathBuf> {
    const VERSION: &str = "0.20.2";
    install(&cache()?, "cargo-deny", "cargo-deny", VERSION)
}

/// A program from a package of cargo's.
fn install(cache: &Path, package: &str, name: &str, version: &str) -> Result<PathBuf> {
    let folder = cache.join(format!("{name}-{version}"));
    let program = folder.join("bin").join(name);
    if program.is_file() {
        return Ok(program);
    }
    println!("set-up: {name} {version} (a few minutes, once)");
    let start = Instant::now();
    let work = cache.join(format!("{name}-target"));
    // It runs for a second or two: compiling it fast matters more than the speed of what comes out.
    run(cargo()
        .args(["install", "--quiet", package])
        .args(["--version", &format!("={version}")])
        .arg("--root")
        .arg(&folder)
        .env("CARGO_TARGET_DIR", &work)
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "false"))?;
    let _ = fs::remove_dir_all(work);
    println!("set-up: {name} took {} s", start.elapsed().as_secs());
    Ok(program)
}

/// The version of a package in Cargo.lock.
fn locked_version(package: &str) -> Result<String> {
    let path = root().join("Cargo.lock");
    let lock = fs::read_to_string(&path).map_err(about(&path))?;
    let name = format!("name = \"{package}\"");
    lock.lines()
        .skip_while(|line| *line != name)
        .nth(1)
        .and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
        .map(str::to_string)
        .ok_or_else(|| format!("Cargo.lock has no {package}"))
}

fn node(cache: &Path) -> Result<Node> {
    if on_path("node").is_none() || on_path("npm").is_none() {
        return Err("Node with npm is missing (version 20 or later): see https://nodejs.org".into());
    }
    let source = root().join("xtask/node");
    let lock = source.join("package-lock.json");
    let bytes = fs::read(&lock).map_err(about(&lock))?;
    let folder = cache.join(format!("node-{:016x}", crate::build::fingerprint(&bytes)));
    let modules = folder.join("node_modules");
    if modules.is_dir() {
        return Ok(Node { modules });
    }
    println!("set-up: Node's packages (esbuild, CodeMirror, binaryen, playwright-core, axe)");
    // Installed beside and renamed at the end: a set-up that was interrupted leaves nothing that looks whole.
    let unfinished = cache.join(format!("node-unfinished-{}", std::process::id()));
    let _ = fs::remove_dir_all(&unfinished);
    fs::create_dir_all(&unfinished).map_err(about(&unfinished))?;
    for file in ["package.json", "package-lock.json", ".npmrc"] {
        let from = source.join(file);
        fs::copy(&from, unfinished.join(file)).map_err(about(&from))?;
    }
    run(Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&unfinished))?;
    if fs::rename(&unfinished, &folder).is_err() && !modules.is_dir() {
        return Err(format!("cannot move Node's packages to {}", folder.display()));
    }
    Ok(Node { modules })
}

/// A Chromium to test in: `KUBARIUM_CHROMIUM`, or one on the PATH, or Debian's, which root can install.
pub fn chromium() -> Result<PathBuf> {
    if let Some(chosen) = env::var_os("KUBARIUM_CHROMIUM") {
        return Ok(PathBuf::from(chosen));
    }
    const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let found = || NAMES.iter().find_map(|name| on_path(name));
    if let Some(path) = found() {
        return Ok(path);
    }
    install_by_apt("chromium")?;
    found().ok_or_else(|| {
        "the browser tests need Chromium: install it (Debian: apt-get install chromium), or name one in KUBARIUM_CHROMIUM"
            .into()
    })
}

/// Python 3, which the judge of the recordings is written in.
pub fn python() -> Result<PathBuf> {
    if on_path("python3").is_none() {
        install_by_apt("python3-minimal")?;
    }
    on_path("python3").ok_or_else(|| "the judge of the recordings needs python3, 3.9 or later: install it".into())
}

/// Installs a Debian package where we are root and there is apt-get; elsewhere does nothing.
fn install_by_apt(package: &str) -> Result<()> {
    let root_here = output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !root_here || on_path("apt-get").is_none() {
        return Ok(());
    }
    println!("set-up: {package}, by apt-get");
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    run(Command::new("apt-get")
        .args(["install", "-y", "-qq", "--no-install-recommends", package])
        .env("DEBIAN_FRONTEND", "noninteractive"))
}
