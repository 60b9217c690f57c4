//! Fuzzing without a second toolchain: texts that are nearly right are read by everything that reads what users type.
//!
//! Each target starts from the texts of `corpus/TARGET`, and changes them by dice (docs/decisions/0007). A text whose
//! outcome was not seen before joins the corpus for the rest of the run. Nothing may panic, overflow the stack, take
//! seconds or take much memory, and most targets assert what must be true of their readers.
//!
//! The tests try some hundred texts each. For long, and one target alone:
//!     FUZZ_SECONDS=3600 cargo test --release -p kubarium-sim --test fuzz -- shell
//! The seconds are those that it computes, whatever else the machine does. `FUZZ_SEED=7` throws other dice. A text that fails is left in `target/fuzz-TARGET.txt`; mended, it joins the corpus.

mod mutate;
mod targets;

use mutate::Mutator;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Seek, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{env, fs, process, thread};

/// Texts tried by a test that was not told how long.
const CASES: u64 = 96;
/// No text may take longer; without optimisation all takes ten times as long.
const SLOWEST: Duration = if cfg!(debug_assertions) { Duration::from_secs(20) } else { Duration::from_secs(2) };
/// How often the watch looks.
const LOOK: Duration = Duration::from_millis(200);
/// The stack on which a text is read. A page's is 1 MiB; without optimisation frames are larger.
const STACK_BYTES: usize = if cfg!(debug_assertions) { 8 << 20 } else { 1 << 20 };
/// What the whole process may take.
const MEMORY_KIB: u64 = 2 << 20;
/// Texts with new outcomes that are kept beside the corpus.
const KEPT: usize = 2000;

/// Texts between two looks at how long it has computed.
const ROUND: u64 = 32;

/// Something that reads texts. `read` answers an outcome: a few words, equal for texts that went the same way.
pub struct Target {
    pub name: &'static str,
    /// What mutation sets in, besides pieces of the corpus.
    pub words: &'static [&'static str],
    pub read: fn(&str) -> String,
}

/// Tries texts until the time or the number of cases is over.
fn fuzz(target: &'static Target) {
    let run = move || {
        let seconds = env::var("FUZZ_SECONDS").ok().and_then(|text| text.parse::<u64>().ok());
        let seed = env::var("FUZZ_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
        let corpus = corpus(target.name);
        assert!(!corpus.is_empty(), "{} has a corpus", target.name);
        let mut seen = BTreeSet::new();
        let watch = Watch::start(target.name);
        for text in &corpus {
            seen.insert(watch.read(target, text));
        }
        let mut mutator = Mutator::new(seed, target.name, target.words, corpus);
        let task = own_stat();
        let mut cases = 0;
        while seconds.map_or(cases < CASES, |seconds| spent(&task).as_secs() < seconds) {
            for _ in 0..ROUND {
                let text = mutator.next();
                let outcome = watch.read(target, &text);
                if seen.len() < KEPT && seen.insert(outcome) {
                    mutator.keep(text);
                }
                cases += 1;
            }
        }
        println!("{}: {cases} texts, {} outcomes", target.name, seen.len());
    };
    let done = thread::Builder::new().stack_size(STACK_BYTES).spawn(run).expect("a thread").join();
    if let Err(panic) = done {
        resume_unwind(panic);
    }
}

/// The texts that a target starts from, by name.
fn corpus(target: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| String::from_utf8_lossy(&fs::read(path).expect("a file")).into_owned()).collect()
}

/// Ends the process when a text takes too long, and keeps the text at hand for whoever looks.
struct Watch {
    path: PathBuf,
    file: File,
    texts: Cell<u64>,
    /// Which text is being read; 0 between two.
    current: Arc<AtomicU64>,
}

impl Watch {
    fn start(name: &'static str) -> Watch {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a folder").join(format!("fuzz-{name}.txt"));
        let file = File::create(&path).expect("it can be made");
        let watch = Watch { path, file, texts: Cell::new(0), current: Arc::default() };
        let (current, path) = (watch.current.clone(), watch.path.clone());
        let task = own_stat();
        thread::spawn(move || {
            let (mut text, mut since) = (0, Duration::ZERO);
            while Arc::strong_count(&current) > 1 {
                thread::sleep(LOOK);
                let now = current.load(Ordering::Relaxed);
                // What counts is what it has computed: a machine that sleeps, or is busy with others, would have every text be slow.
                let spent = spent(&task);
                if now != text {
                    (text, since) = (now, spent);
                }
                if text > 0 && spent - since > SLOWEST || used_kib() > MEMORY_KIB {
                    eprintln!("{name}: slower than {SLOWEST:?} or larger than {MEMORY_KIB} KiB: {}", path.display());
                    process::exit(101);
                }
            }
        });
        watch
    }

    /// The outcome of a text.
    fn read(&self, target: &Target, text: &str) -> String {
        // A stack that overflows ends the process at once: the text must be there before.
        let mut file = &self.file;
        file.rewind().and_then(|()| file.write_all(text.as_bytes())).expect("it can be written");
        file.set_len(text.len() as u64).expect("it can be cut");
        self.texts.set(self.texts.get() + 1);
        self.current.store(self.texts.get(), Ordering::Relaxed);
        let outcome = catch_unwind(AssertUnwindSafe(|| (target.read)(text)));
        self.current.store(0, Ordering::Relaxed);
        outcome.unwrap_or_else(|panic| {
            eprintln!("{}: the text is in {}", target.name, self.path.display());
            resume_unwind(panic)
        })
    }
}

/// The memory that this process holds, where the system tells.
fn used_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// The file in which the system tells what this thread has computed.
fn own_stat() -> PathBuf {
    Path::new("/proc").join(fs::read_link("/proc/thread-self").unwrap_or_default()).join("stat")
}

/// The time that a thread has computed so far, where the system tells it in this file.
fn spent(stat: &Path) -> Duration {
    const TICK: Duration = Duration::from_millis(10);
    let stat = fs::read_to_string(stat).unwrap_or_default();
    // Behind the program's name: the 12th and 13th are its own, and the kernel's for it.
    let behind = stat.rsplit(')').next().unwrap_or_default();
    TICK * behind.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u32>().ok()).sum()
}
