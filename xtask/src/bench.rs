//! `cargo xtask bench`: measures, and writes docs/benchmarks.md.

use crate::probe::{self, Load, Sample};
use crate::run::{Result, about, output, root};
use crate::serve;
use crate::setup;
use crate::sizes::{self, When};
use std::fmt::Write;
use std::fs;
use std::process::Command;

/// The load that tells how much memory a Pod takes.
const MEMORY: &str = "pods-1000";

pub fn command() -> Result<()> {
    let (loads, native) = probe::native(false)?;
    let wasm = probe::wasm(false)?;
    let sizes = sizes::measure()?;
    let text = page(&loads, &native, &wasm, &sizes)? + &frames()?;
    let path = root().join("docs/benchmarks.md");
    fs::write(&path, &text).map_err(about(&path))?;
    print!("{text}");
    let slow: Vec<&str> =
        loads.iter().filter(|load| too_slow(load, &native, &wasm)).map(|load| load.name.as_str()).collect();
    if slow.is_empty() { Ok(()) } else { Err(format!("over the limit: {}", slow.join(", "))) }
}

fn too_slow(load: &Load, native: &[Sample], wasm: &[Sample]) -> bool {
    let over = |samples| times(load, samples).is_some_and(|times| times.median > load.limit_us);
    load.limit_us > 0 && (over(native) || over(wasm))
}

fn page(loads: &[Load], native: &[Sample], wasm: &[Sample], sizes: &[sizes::Size]) -> Result<String> {
    let mut text = format!(
        "# Benchmarks\n\nWritten by `cargo xtask bench`. CPU time in milliseconds: median (least to most) of all repetitions.\n\
         In WebAssembly under Node {}, without what its compiler takes (each load is carried out once before); {}.\n\n\
         | load | at most | native | WebAssembly | repetitions |\n|---|---:|---:|---:|---:|\n",
        output(Command::new("node").arg("--version"))?.trim(),
        machine(),
    );
    for load in loads {
        let limit = if load.limit_us == 0 { String::new() } else { milliseconds(load.limit_us) };
        let cell = |samples| times(load, samples).map_or("-".to_string(), |times| times.to_string());
        let _ = writeln!(
            text,
            "| {} | {limit} | {} | {} | {} |",
            load.about,
            cell(native),
            cell(wasm),
            native.iter().filter(|sample| sample.load == load.name).count()
        );
    }
    let first = wasm.iter().find(|sample| sample.load == MEMORY);
    let pods = loads.iter().find(|load| load.name == MEMORY).map_or(1, |load| load.pods);
    let _ = writeln!(
        text,
        "\nMemory of WebAssembly a Pod, with its share of the history, in the run of {pods} Pods: {} bytes.\n\n\
         ## Download\n\n| file | bytes | by brotli |\n|---|---:|---:|",
        first.map_or(0, |sample| sample.memory) / pods
    );
    // Lessons are many small files, each loaded when it is read.
    for size in sizes.iter().filter(|size| size.when() != When::Lesson) {
        let _ = writeln!(text, "| {} | {} | {} |", without_hash(&size.name), size.bytes, size.brotli);
    }
    let [first, behind, editor, _, asked, lessons] = sizes::sums(sizes);
    for (name, sum) in [
        ("first load", first),
        ("behind the first picture", behind),
        ("editor, when first used", editor),
        ("the API's descriptions, when first asked for", asked),
        ("all lessons and articles, each when it is read", lessons),
    ] {
        let _ = writeln!(text, "| **{name}** | | **{sum}** |");
    }
    Ok(text)
}

/// How long the page in Chromium holds the main thread.
fn frames() -> Result<String> {
    let node = setup::node_only()?;
    let (address, _) = serve::start(&root().join("dist"), Some(0))?;
    let mut script = node.script("xtask/node/frames.mjs");
    let printed = output(script.arg(address).env("KUBARIUM_CHROMIUM", setup::chromium()?))?;
    let mut text = "\n## Frames\n\nThe page in Chromium, drawing without a graphics processor; milliseconds a frame, \
                    of the main thread's own time.\n\n\
                    | load | frames | median | 95 of 100 at most | longest (may be 6) | stretches over 50 ms (may be 0) |\n\
                    |---|---:|---:|---:|---:|---:|\n"
        .to_string();
    for line in printed.lines() {
        let _ = writeln!(text, "| {} |", line.replace('\t', " | "));
    }
    Ok(text)
}

/// `assets/app-0123456789abcdef.wasm` is app.wasm, whatever its content.
fn without_hash(name: &str) -> String {
    let name = name.trim_start_matches("assets/");
    match name.split_once('-') {
        Some((stem, hash)) => format!("{stem}{}", hash.trim_start_matches(|c: char| c.is_ascii_hexdigit())),
        None => name.to_string(),
    }
}

fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} cores, {}", model.map_or("CPU unknown", |(_, model)| model))
}

/// In microseconds.
struct Times {
    least: u64,
    median: u64,
    most: u64,
}

impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [median, least, most] = [self.median, self.least, self.most].map(milliseconds);
        write!(f, "{median} ({least} to {most})")
    }
}

fn times(load: &Load, samples: &[Sample]) -> Option<Times> {
    let mut all: Vec<u64> =
        samples.iter().filter(|sample| sample.load == load.name).map(|sample| sample.microseconds).collect();
    all.sort_unstable();
    Some(Times { least: *all.first()?, median: all[all.len() / 2], most: *all.last()? })
}

fn milliseconds(microseconds: u64) -> String {
    match microseconds {
        100_000.. => format!("{}", (microseconds + 500) / 1_000),
        _ => format!("{}.{}", microseconds / 1_000, microseconds % 1_000 / 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_hash() {
        let check = |name, expect: &str| assert_eq!(without_hash(name), expect);
        check("assets/app-0123456789abcdef.wasm", "app.wasm");
        check("index.html", "index.html");
    }

    #[test]
    fn the_median_is_told_with_its_spread() {
        let sample = |microseconds| Sample { load: "seek".into(), microseconds, fingerprint: String::new(), memory: 0 };
        let seek = Load { name: "seek".into(), limit_us: 0, pods: 0, about: String::new() };
        let samples = [sample(123_456), sample(1_260), sample(40)];
        assert_eq!(times(&seek, &samples).map(|times| times.to_string()).as_deref(), Some("1.2 (0.0 to 123)"));
    }
}
