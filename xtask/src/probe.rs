//! The loads of xtask/probe, carried out natively and as WebAssembly under Node.

use crate::build::{PROFILE, TARGET, optimize, target_folder};
use crate::run::{Result, cargo, output, run};
use crate::setup;
use std::thread;

/// What was carried out.
pub struct Load {
    pub name: String,
    /// The most CPU time that it may take; 0 if no limit is set.
    pub limit_us: u64,
    /// At its end.
    pub pods: u64,
    pub about: String,
}

/// One repetition of a load.
pub struct Sample {
    pub load: String,
    pub microseconds: u64,
    /// How long its longest step took, in microseconds.
    pub longest: u64,
    /// What the scheduler's steps took, in microseconds.
    pub scheduling: u64,
    pub fingerprint: String,
    /// By how much the memory grew; only WebAssembly tells.
    pub memory: u64,
}

/// Natively, as the command line does it.
pub fn native(once: bool) -> Result<(Vec<Load>, Vec<Sample>)> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--release", "--package", "kubarium-cli", "--", "bench"]);
    let printed = output(command.args(once.then_some("--once")))?;
    let load = |line: &str| {
        let mut words = line.strip_prefix("load\t")?.split('\t');
        Some(Load {
            name: words.next()?.to_string(),
            limit_us: words.next()?.parse().ok()?,
            pods: words.next()?.parse().ok()?,
            about: words.next()?.to_string(),
        })
    };
    Ok((printed.lines().filter_map(load).collect(), samples(&printed)?))
}

/// As WebAssembly under Node, built as the page is.
pub fn wasm(once: bool) -> Result<Vec<Sample>> {
    setup::wasm_target()?;
    // As nothing but a module: for a library as well what it depends on would be compiled in another way than for the page.
    run(cargo().args(["rustc", "--quiet", "--package", "kubarium-probe", "--lib", "--crate-type", "cdylib"]).args([
        "--target",
        TARGET,
        "--profile",
        PROFILE,
    ]))?;
    let folder = target_folder().join(TARGET).join(PROFILE);
    let node = setup::node_only()?;
    let optimized = folder.join("kubarium_probe.optimized.wasm");
    optimize(&node, &folder.join("kubarium_probe.wasm"), &optimized)?;
    let mut command = node.script("xtask/node/probe.mjs");
    samples(&output(command.arg(optimized).args(once.then_some("--once")))?)
}

/// Fails unless every load leads to the same cluster natively and in WebAssembly.
pub fn test() -> Result<()> {
    // The compiler ends a module on one core: meanwhile there is time for the native side.
    let (native, wasm) = thread::scope(|scope| {
        let native = scope.spawn(|| native(true));
        let wasm = wasm(true);
        (native.join().expect("no panic"), wasm)
    });
    let ((_, native), wasm) = (native?, wasm?);
    if native.len() != wasm.len() {
        return Err(format!("{} loads natively, {} in WebAssembly", native.len(), wasm.len()));
    }
    let mut differ = Vec::new();
    for (native, wasm) in native.iter().zip(&wasm) {
        println!("{:16} native {}  wasm {}", native.load, native.fingerprint, wasm.fingerprint);
        if native.load != wasm.load || native.fingerprint != wasm.fingerprint {
            differ.push(native.load.as_str());
        }
    }
    if differ.is_empty() { Ok(()) } else { Err(format!("not the same in WebAssembly: {}", differ.join(", "))) }
}

fn samples(printed: &str) -> Result<Vec<Sample>> {
    let sample = |line: &str| {
        let mut words = line.split('\t');
        Some(Sample {
            load: words.next()?.to_string(),
            microseconds: words.next()?.parse().ok()?,
            longest: words.next()?.parse().ok()?,
            scheduling: words.next()?.parse().ok()?,
            fingerprint: words.next()?.to_string(),
            memory: words.next().map_or(Some(0), |bytes| bytes.parse().ok())?,
        })
    };
    let samples: Option<Vec<Sample>> = printed.lines().filter(|line| !line.starts_with("load\t")).map(sample).collect();
    samples.filter(|samples| !samples.is_empty()).ok_or_else(|| format!("these are no measurements: {printed:?}"))
}
