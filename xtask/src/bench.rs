//! `cargo xtask bench`: measures, and writes docs/benchmarks.md.

use crate::probe::{self, Load, Sample};
use crate::run::{Result, about, output, root};
use crate::serve;
use crate::setup;
use crate::sizes::{self, When};
use std::fmt::Write;
use std::fs;
use std::process::Command;

/// The load that tells how much memory a Pod takes, and how much it may be: 150,000 Pods in 150 MB.
const MEMORY: &str = "pods-1000";
const POD_BYTES: u64 = 1_000;
/// The loads that tell how fast the scheduler is, and how many Pods it is to place in a second at least.
const SCHEDULING: [(&str, u64); 3] = [("bind-1000", 10_000), ("bind-5000", 2_000), ("affinity-5000", 350)];
/// Nothing may hold the page up for longer, in microseconds.
const STEP_US: u64 = 50_000;

pub fn command() -> Result<()> {
    let (loads, native) = probe::native(false)?;
    let wasm = probe::wasm(false)?;
    let sizes = sizes::measure()?;
    let mut limits = Limits::default();
    let mut text = times_table(&loads, &native, &wasm, &mut limits)?;
    text += &steps_table(&loads, &native, &wasm, &mut limits);
    text += &scheduling_table(&loads, &native, &wasm, &mut limits);
    text += &memory(&loads, &wasm, &mut limits);
    text += &download(&sizes, &mut limits);
    text += &frames(&mut limits)?;
    text += &visit(&mut limits)?;
    text += &figures(&mut limits)?;
    let path = root().join("docs/benchmarks.md");
    fs::write(&path, &text).map_err(about(&path))?;
    print!("{text}");
    limits.verdict()
}

/// What was compared with its limit.
#[derive(Default)]
struct Limits {
    compared: usize,
    missed: Vec<String>,
}

impl Limits {
    /// Whether a limit is met, as the tables say it: by how much it is missed, or nothing if there is none.
    fn met(&mut self, what: &str, measured: u64, limit: Option<u64>) -> String {
        let Some(limit) = limit else { return String::new() };
        self.compared += 1;
        if measured <= limit {
            return "yes".to_string();
        }
        let said = match (measured * 10).checked_div(limit) {
            Some(tenths) => format!("**no**, {}.{} times", tenths / 10, tenths % 10),
            None => format!("**no**, {measured}"),
        };
        self.missed.push(format!("{what}: {}", said.replace('*', "")));
        said
    }

    fn verdict(self) -> Result<()> {
        let (missed, compared) = (self.missed.len(), self.compared);
        if missed == 0 {
            return Ok(());
        }
        Err(format!("{missed} of {compared} limits are not met:\n  {}", self.missed.join("\n  ")))
    }
}

fn times_table(loads: &[Load], native: &[Sample], wasm: &[Sample], limits: &mut Limits) -> Result<String> {
    let mut text = format!(
        "# Benchmarks\n\nWritten by `cargo xtask bench`. CPU time in milliseconds: median (least to most) of all repetitions.\n\
         In WebAssembly under Node {}, without what its compiler takes (each load is carried out once before); {}.\n\n\
         | load | native | WebAssembly | at most | met | repetitions |\n|---|---:|---:|---:|---|---:|\n",
        output(Command::new("node").arg("--version"))?.trim(),
        machine(),
    );
    for load in loads {
        let limit = (load.limit_us > 0).then_some(load.limit_us);
        let (native, wasm) = (times(load, native), times(load, wasm));
        let slower = [&native, &wasm].into_iter().flatten().map(|times| times.median).max().unwrap_or(0);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            load.about,
            cell(&native),
            cell(&wasm),
            limit.map_or(String::new(), milliseconds),
            limits.met(&load.about, slower, limit),
            native.map_or(0, |times| times.count),
        );
    }
    Ok(text)
}

fn steps_table(loads: &[Load], native: &[Sample], wasm: &[Sample], limits: &mut Limits) -> String {
    let mut text = format!(
        "\n## Steps\n\nThe longest step of each load, CPU time in milliseconds, in the repetition in which it was least: so long a page stands \
         still (at most {}). Shorter steps are measured a millisecond together.\n\n| load | native | WebAssembly | met |\n|---|---:|---:|---|\n",
        milliseconds(STEP_US)
    );
    for load in loads {
        let least = |all: &[Sample]| all.iter().filter(|s| s.load == load.name).map(|s| s.longest).min().unwrap_or(0);
        let (native, wasm) = (least(native), least(wasm));
        let what = format!("longest step of {}", load.about);
        let met = limits.met(&what, native.max(wasm), Some(STEP_US));
        let _ = writeln!(text, "| {} | {} | {} | {met} |", load.about, milliseconds(native), milliseconds(wasm));
    }
    text
}

fn scheduling_table(loads: &[Load], native: &[Sample], wasm: &[Sample], limits: &mut Limits) -> String {
    let mut text = "\n## Scheduling\n\nOf those loads the scheduler alone, which finds each Pod a node and binds it: Pods a second of CPU time.\n\n\
                    | load | native | WebAssembly | at least | met |\n|---|---:|---:|---:|---|\n"
        .to_string();
    for (name, least) in SCHEDULING {
        let Some(load) = loads.iter().find(|load| load.name == name) else { continue };
        let rate = |all: &[Sample]| {
            let samples = all.iter().filter(|sample| sample.load == name && sample.scheduling > 0);
            samples.map(|sample| load.pods * 1_000_000 / sample.scheduling).max().unwrap_or(0)
        };
        let (native, wasm) = (rate(native), rate(wasm));
        // Too few a second is the same as too long for so many.
        let met = limits.met(&format!("scheduling alone, of {}", load.about), least, Some(native.min(wasm)));
        let _ = writeln!(text, "| {} | {native} | {wasm} | {least} | {met} |", load.about);
    }
    text
}

fn memory(loads: &[Load], wasm: &[Sample], limits: &mut Limits) -> String {
    let first = wasm.iter().find(|sample| sample.load == MEMORY);
    let pods = loads.iter().find(|load| load.name == MEMORY).map_or(1, |load| load.pods);
    let bytes = first.map_or(0, |sample| sample.memory) / pods;
    let met = limits.met("bytes a Pod", bytes, Some(POD_BYTES));
    format!(
        "\n## Memory\n\nOf WebAssembly a Pod, with its share of the history, in the run of {pods} Pods: {bytes} bytes (at most {POD_BYTES}; \
         met: {met}).\n"
    )
}

fn download(sizes: &[sizes::Size], limits: &mut Limits) -> String {
    let mut text =
        "\n## Download\n\n| file | bytes | by brotli | at most | met |\n|---|---:|---:|---:|---|\n".to_string();
    // Lessons are many small files, each loaded when it is read.
    for size in sizes.iter().filter(|size| size.when() != When::Lesson) {
        let _ = writeln!(text, "| {} | {} | {} | | |", without_hash(&size.name), size.bytes, size.brotli);
    }
    let [first, behind, editor, _, asked, lessons] = sizes::sums(sizes);
    for (name, sum, limit) in [
        ("first load", first, Some(sizes::FIRST_LOAD)),
        ("behind the first picture", behind, None),
        ("editor, when first used", editor, Some(sizes::EDITOR)),
        ("the API's descriptions, when first asked for", asked, Some(sizes::DESCRIPTIONS)),
        ("all lessons and articles, each when it is read", lessons, None),
    ] {
        let most = limit.map_or(String::new(), |limit| limit.to_string());
        let _ = writeln!(text, "| **{name}** | | **{sum}** | {most} | {} |", limits.met(name, sum, limit));
    }
    text
}

/// How long the page in Chromium holds the main thread.
fn frames(limits: &mut Limits) -> Result<String> {
    let node = setup::node_only()?;
    let (address, _) = serve::start(&root().join("dist"), Some(0))?;
    let mut script = node.script("xtask/node/frames.mjs");
    let printed = output(script.arg(address).env("KUBARIUM_CHROMIUM", setup::chromium()?))?;
    let mut text = "\n## Frames\n\nThe page in Chromium, drawing without a graphics processor; milliseconds a frame, \
                    of the main thread's own time.\n\n\
                    | load | frames | median | 95 of 100 at most | longest | at most | met | stretches over 50 ms | none |\n\
                    |---|---:|---:|---:|---:|---:|---|---:|---|\n"
        .to_string();
    for line in printed.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let [name, limit, frames, median, most_of, longest, stretches] = cells[..] else {
            return Err(format!("this is no measurement of frames: {line:?}"));
        };
        let short = limits.met(&format!("longest frame of {name}"), number(longest)?, Some(10 * number(limit)?));
        let count = number(stretches)?;
        let none = limits.met(&format!("stretches over 50 ms of {name}"), count, Some(0));
        let _ = writeln!(
            text,
            "| {name} | {frames} | {median} | {most_of} | {longest} | {limit} | {short} | {stretches} | {none} |"
        );
    }
    Ok(text)
}

/// What a visitor waits for and feels.
fn visit(limits: &mut Limits) -> Result<String> {
    let about = "The page over a line of 1.6 Mbit/s, on a processor four times slower than this one; presses at its own pace. Milliseconds by \
                 the clock, shifts in thousandths.";
    waits("Visit", about, "xtask/node/visit.mjs", limits)
}

/// What a reader of an article with figures waits for.
fn figures(limits: &mut Limits) -> Result<String> {
    let about = "In an article, over a line of 10 Mbit/s, in Chromium; milliseconds by the clock, the median of five visits, and of frames the \
                 main threads' own time.";
    waits("Figures", about, "xtask/node/figures.mjs", limits)
}

/// A table of what a script measures of `dist/`.
fn waits(title: &str, about: &str, script: &str, limits: &mut Limits) -> Result<String> {
    let mut command = setup::node_only()?.script(script);
    let printed = output(command.arg(root().join("dist")).env("KUBARIUM_CHROMIUM", setup::chromium()?))?;
    let mut text = format!("\n## {title}\n\n{about}\n\n| what | measured | at most | met |\n|---|---:|---:|---|\n");
    for line in printed.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let [what, measured, limit] = cells[..] else {
            return Err(format!("this is no measurement of {script}: {line:?}"));
        };
        let met = limits.met(what, number(measured)?, Some(10 * number(limit)?));
        let _ = writeln!(text, "| {what} | {measured} | {limit} | {met} |");
    }
    Ok(text)
}

/// As the scripts print them: with one decimal, tenths come of it, with none, wholes.
fn number(text: &str) -> Result<u64> {
    text.replace('.', "").parse().map_err(|_| format!("no number: {text}"))
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
    count: usize,
}

impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [median, least, most] = [self.median, self.least, self.most].map(milliseconds);
        write!(f, "{median} ({least} to {most})")
    }
}

fn cell(times: &Option<Times>) -> String {
    times.as_ref().map_or("-".to_string(), Times::to_string)
}

fn times(load: &Load, samples: &[Sample]) -> Option<Times> {
    let mut all: Vec<u64> =
        samples.iter().filter(|sample| sample.load == load.name).map(|sample| sample.microseconds).collect();
    all.sort_unstable();
    Some(Times { least: *all.first()?, median: all[all.len() / 2], most: *all.last()?, count: all.len() })
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
        let sample = |microseconds| Sample {
            load: "seek".into(),
            microseconds,
            longest: 0,
            scheduling: 0,
            fingerprint: String::new(),
            memory: 0,
        };
        let seek = Load { name: "seek".into(), limit_us: 0, pods: 0, about: String::new() };
        let samples = [sample(123_456), sample(1_260), sample(40)];
        assert_eq!(times(&seek, &samples).map(|times| times.to_string()).as_deref(), Some("1.2 (0.0 to 123)"));
    }

    #[test]
    fn the_scheduler_is_told_by_the_pods_of_a_second() {
        let load = |name: &str, pods| Load { name: name.into(), limit_us: 0, pods, about: name.into() };
        let loads = [load("bind-1000", 10_000), load("affinity-5000", 2_000)];
        let sample = |load: &str, scheduling| Sample {
            load: load.into(),
            microseconds: 0,
            longest: 0,
            scheduling,
            fingerprint: String::new(),
            memory: 0,
        };
        let native = [sample("bind-1000", 500_000), sample("affinity-5000", 1_000_000)];
        let wasm = [sample("bind-1000", 1_000_000), sample("affinity-5000", 8_000_000)];
        let mut limits = Limits::default();
        let text = scheduling_table(&loads, &native, &wasm, &mut limits);
        assert!(text.contains("| bind-1000 | 20000 | 10000 | 10000 | yes |\n"), "{text}");
        assert!(text.ends_with("| affinity-5000 | 2000 | 250 | 350 | **no**, 1.4 times |\n"), "{text}");
    }

    #[test]
    fn a_limit_that_is_missed_is_named() {
        let mut limits = Limits::default();
        assert_eq!(limits.met("a", 5, Some(5)), "yes");
        assert_eq!(limits.met("b", 12, Some(5)), "**no**, 2.4 times");
        assert_eq!(limits.met("c", 3, Some(0)), "**no**, 3");
        assert_eq!(limits.met("d", 9, None), "");
        assert_eq!(limits.verdict(), Err("2 of 3 limits are not met:\n  b: no, 2.4 times\n  c: no, 3".to_string()));
    }
}
