//! Links: what is written is read and lived again bit for bit; what older releases wrote opens still; what is damaged, or
//! meant ill, does no harm.
//!
//! `UPDATE_EXPECT=1 cargo test --test links` keeps links of a new release, and writes anew what the kept ones show.

use kubarium::saved::link::{self, MOST_BYTES};
use kubarium::saved::{Flaw, Look, MOST_TEXT, Opened, Saved};
use kubarium::scene::Lens;
use kubarium_sim::api::Kind;
use kubarium_sim::api::pod::Pod;
use kubarium_sim::clock::Time;
use kubarium_sim::cluster::Cluster;
use kubarium_sim::command::{Command, Fault};
use kubarium_sim::dice::mix;
use kubarium_sim::fingerprint;
use kubarium_sim::history::History;
use kubarium_sim::setup::Setup;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const SHOP: &str = include_str!("../static/samples/start/web.yaml");

/// A web site, half of which goes dark.
fn shop() -> Saved {
    let mut history = History::new(Setup::default().cluster());
    history.seek(Time(1_500));
    history.command(Command::Write { name: "web.yaml".into(), text: SHOP.into() });
    history.command(Command::Run { line: "kubectl apply -f web.yaml".into() });
    history.seek(Time(20_000));
    history.command(Command::Run { line: "kubectl get pods -A".into() });
    history.seek(Time(31_007));
    history.command(Command::Fault { what: Fault::PowerOff, node: "node-2".into() });
    history.seek(Time(90_000));
    let look = Look {
        lens: Lens::Network,
        namespace: Some("default".into()),
        selected: Some(["Deployment".into(), "default".into(), "web".into()]),
        aim: Some([500, 250, 2_000]),
        lang: Some("ko".into()),
    };
    Saved::of(&history, Time(33_333), look)
}

fn at(history: &mut History, moment: Time) -> u64 {
    history.seek(moment);
    fingerprint::of(history.cluster())
}

fn whole(opened: Opened) -> Saved {
    assert_eq!(opened.flaw, None);
    opened.saved.expect("without a flaw it is there")
}

#[test]
fn a_link_opens_the_same_moment_bit_for_bit() {
    let saved = shop();
    let fragment = link::write(&saved).expect("it is small");
    assert!(link::is_link(&fragment));
    assert!(fragment.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_')), "{fragment}");
    let opened = whole(link::read(&fragment));
    assert_eq!(opened, saved);
    let (mut here, mut there) = (saved.history(), opened.history());
    for moment in [90_000, 33_333, 500, 31_008, 33_333].map(Time) {
        assert_eq!(at(&mut here, moment), at(&mut there, moment), "{moment:?}");
    }
    assert_eq!(opened.files().iter().map(|f| &*f.0).collect::<Vec<_>>(), ["web.yaml"]);
}

#[test]
fn a_link_says_how_many_nodes_there_were() {
    let history = History::new(Setup { nodes: Setup::machines(40), pods: 2, ..Setup::default() }.cluster());
    let saved = Saved::of(&history, Time(0), Look::default());
    let opened = whole(Saved::read(&saved.write()));
    assert_eq!(opened, saved);
    let mut again = opened.history();
    assert_eq!(again.cluster().store.count(Kind::Node), 40);
    let running = |cluster: &Cluster| {
        let pods = cluster.store.list(Kind::Pod).map(|pod| pod.expect::<Pod>());
        pods.filter(|pod| pod.status.is("Ready")).count()
    };
    assert_eq!(running(again.cluster()), 0);
    again.seek(Time(20_000));
    assert_eq!(running(again.cluster()), 80);
    // No more than a picture can show; a text that asks for more has three.
    let many = saved.write().replace("\"nodes\":40", "\"nodes\":40000000");
    assert_eq!(whole(Saved::read(&many)).history().cluster().store.count(Kind::Node), 3);
}

#[test]
fn a_file_is_the_text_of_a_link() {
    let saved = shop();
    assert!(kubarium::saved::is_saved(&saved.write()));
    assert!(!kubarium::saved::is_saved(SHOP));
    assert_eq!(whole(Saved::read(&saved.write())), saved);
    assert_eq!(whole(Saved::read(&saved.write().replace('\n', "\r\n"))), saved);
}

#[test]
fn what_cannot_be_read_says_so_and_opens_as_far_as_it_can() {
    let saved = shop();
    let fragment = link::write(&saved).expect("it is small");
    let read = |text: &str| {
        let opened = link::read(text);
        (opened.flaw, opened.saved.map(|s| s.journal.len()))
    };
    assert_eq!(read(&format!("{fragment})., ")), (None, Some(4)), "what a mail program adds is no harm");
    assert_eq!(read(&fragment[..fragment.len() - 20]), (Some(Flaw::Broken), Some(3)));
    assert_eq!(read("1."), (Some(Flaw::Broken), None));
    assert_eq!(read("1.한글"), (Some(Flaw::Broken), None));
    assert_eq!(read(&fragment.replacen("1.", "2.", 1)), (Some(Flaw::TooNew), Some(4)));
    assert_eq!(read("9.AAAA"), (Some(Flaw::TooNew), None));
    let text = saved.write();
    let told = |text: &str| Saved::read(text).flaw;
    assert_eq!(told(&text.replace("\"kubarium\",1", "\"kubarium\",2")), Some(Flaw::TooNew));
    assert_eq!(told(&text.replace("\"run\"", "\"dance\"")), Some(Flaw::Broken));
    assert_eq!(told(&text.replace("[31008,", "[3,")), Some(Flaw::Broken), "time goes forward");
    assert_eq!(told(&text.replace("\"now\":33333", "\"now\":-1")), Some(Flaw::Broken));
    assert_eq!(told(&text.replace("\"lens\"", "\"unheard-of\"")), None, "a member that is new is no harm");
    assert_eq!(told(""), Some(Flaw::Broken));
    assert_eq!(told(&"[".repeat(MOST_TEXT)), Some(Flaw::Broken));
    assert_eq!(told(&format!("[\"kubarium\",{}", "[".repeat(500_000))), Some(Flaw::Broken));
}

#[test]
fn sizes_are_bounded_before_anything_is_read() {
    let mut saved = Saved::default();
    let zeros = |n: usize| Command::Write { name: "a".into(), text: "0".repeat(n).into() };
    let entry = |n: usize| kubarium_sim::history::Entry { time: Time(1), command: zeros(n) };
    saved.journal = vec![entry(MOST_TEXT / 2)];
    saved.end = Time(1);
    assert!(whole(link::read(&link::write(&saved).expect("it deflates well"))) == saved);
    saved.journal = vec![entry(MOST_TEXT)];
    assert_eq!(link::write(&saved), None);
    let bomb = miniz_oxide::deflate::compress_to_vec_zlib(&vec![b' '; 40 << 20], 9);
    assert!(bomb.len() < MOST_BYTES);
    let letters: String = base64url(&bomb);
    assert_eq!(link::read(&format!("1.{letters}")).flaw, Some(Flaw::TooLong));
    assert_eq!(link::read(&format!("1.{}", "A".repeat(2 * MOST_BYTES))).flaw, Some(Flaw::TooLong));
    assert_eq!(Saved::read(&" ".repeat(MOST_TEXT + 1)).flaw, Some(Flaw::TooLong));
}

/// As others would write it.
fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: Vec<u8> = bytes.iter().flat_map(|b| (0..8).rev().map(move |i| b >> i & 1)).collect();
    bits.chunks(6)
        .map(|six| six.iter().chain([0; 5].iter()).take(6).fold(0, |n, bit| n << 1 | usize::from(*bit)))
        .map(|n| LETTERS[n] as char)
        .collect()
}

/// Links that are cut, with letters changed, and whole texts with letters changed: each is answered at once, and what is
/// opened can be lived.
#[test]
fn two_thousand_damaged_links_do_no_harm() {
    let saved = shop();
    let (fragment, text) = (link::write(&saved).expect("it is small"), saved.write());
    let mut chance = 7;
    let mut draw = |below: usize| {
        chance = mix(chance + 1);
        (chance % below as u64) as usize
    };
    let start = Instant::now();
    let mut opened = [0, 0];
    for round in 0..2_000 {
        let (source, is_link) = if round % 2 == 0 { (&fragment, true) } else { (&text, false) };
        let mut bytes = source.clone().into_bytes();
        for _ in 0..=draw(3) {
            let at = draw(bytes.len());
            match draw(4) {
                0 => bytes.truncate(at.max(1)),
                1 => bytes[at] = b"Aa0-_.\"[]{}9,\n"[draw(14)],
                2 => _ = bytes.remove(at),
                _ => bytes.insert(at, bytes[at]),
            }
        }
        let damaged = String::from_utf8_lossy(&bytes);
        let answer = if is_link { link::read(&damaged) } else { Saved::read(&damaged) };
        assert!(answer.saved.is_some() || answer.flaw.is_some());
        opened[usize::from(answer.saved.is_some())] += 1;
        // The simulation is lived only now and then: it has tests of its own.
        if let Some(saved) = answer.saved.filter(|_| round % 100 == 1) {
            let mut history = saved.history();
            history.run(saved.now, 2_000);
        }
    }
    assert!(opened[0] > 300 && opened[1] > 300, "both happen: {opened:?}");
    assert!(start.elapsed() < Duration::from_secs(120));
}

/// What a link shows: of a few kinds the names, and of Pods how they are.
fn seen(cluster: &Cluster) -> String {
    let mut out = format!("at {} ms\n", cluster.now.0);
    for kind in [Kind::Node, Kind::Deployment, Kind::StatefulSet, Kind::Job, Kind::Service, Kind::Pod] {
        for object in cluster.store.list(kind) {
            let state = object.get::<Pod>().map(|p| format!(" {}", p.status.phase)).unwrap_or_default();
            out.push_str(&format!("{} {}/{}{state}\n", kind.name(), object.meta.namespace, object.meta.name));
        }
    }
    out
}

/// Links are written once for each release, and never again.
fn keep_links_of_this_release(folder: &Path) {
    let folder = folder.join(env!("CARGO_PKG_VERSION"));
    if folder.exists() || std::env::var_os("UPDATE_EXPECT").is_none() {
        return;
    }
    std::fs::create_dir_all(&folder).expect("it can be made");
    for (name, saved) in [("shop", shop()), ("empty", Saved::default())] {
        let fragment = link::write(&saved).expect("it is small");
        std::fs::write(folder.join(format!("{name}.link")), fragment + "\n").expect("it can be written");
    }
}

/// `tests/links/RELEASE/NAME.link` are the fragments that a release wrote; beside them what they show.
#[test]
fn links_of_every_release_open() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/links");
    keep_links_of_this_release(&folder);
    assert!(folder.join(env!("CARGO_PKG_VERSION")).is_dir(), "UPDATE_EXPECT=1 keeps links of this release");
    let files = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).expect("kept links are there");
        entries.map(|e| e.expect("readable").path()).collect()
    };
    let kept: Vec<PathBuf> = files(&folder).iter().flat_map(|release| files(release)).collect();
    let links: Vec<&PathBuf> = kept.iter().filter(|f| f.extension().is_some_and(|e| e == "link")).collect();
    assert!(!links.is_empty());
    for path in links {
        let fragment = std::fs::read_to_string(path).expect("a link is text");
        let saved = whole(link::read(fragment.trim_end()));
        let mut history = saved.history();
        history.seek(saved.now);
        let shows = seen(history.cluster());
        let beside = path.with_extension("txt");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&beside, &shows).expect("it can be written");
        }
        let expect = std::fs::read_to_string(&beside).unwrap_or_default();
        assert_eq!(shows, expect, "{}", path.display());
    }
}
