//! The article with figures (`static/post`): its scenes can be played, and its still pictures are what they show.
//!
//! `UPDATE_EXPECT=1 cargo test --test post` writes the still pictures anew.

use kubarium::paint::svg;
use kubarium::scene::camera::FIT;
use kubarium::scene::hit::Key;
use kubarium::scene::measure::Table;
use kubarium::scene::read::{self, Ask, Memory};
use kubarium::scene::slots::Places;
use kubarium::scene::words::{self, Locale};
use kubarium::scene::{ColourBy, Lens, Options, layout};
use kubarium_lesson::run::{Next, Run};
use kubarium_lesson::step::Step;
use kubarium_sim::clock::{Span, Time};
use kubarium_sim::command::Command;
use kubarium_sim::history::History;
use kubarium_sim::kubectl::time;
use kubarium_sim::setup::Setup;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Of a figure without its line of time, in CSS pixels.
const SIZE: (f32, f32) = (720.0, 376.0);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("static/post")
}

fn text(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The figures of an article: the names of their scenes, and what is selected in them.
fn figures(lang: &str) -> Vec<(String, Option<Key>)> {
    let page = text(&format!("{lang}.html"));
    let figure = |tag: &str| {
        let attribute = |name: &str| Some(tag.split_once(&format!(" {name}=\""))?.1.split('"').next()?.to_string());
        let key = attribute("focus").map(|focus| match focus.split('/').collect::<Vec<_>>()[..] {
            ["Pod", namespace, name] => Key::new("Pod", namespace, name),
            _ => panic!("no such focus: {focus}"),
        });
        (attribute("scene").expect("a figure has a scene").trim_end_matches(".txt").to_string(), key)
    };
    page.split("<kubarium-figure").skip(1).map(|rest| figure(rest.split('>').next().unwrap_or_default())).collect()
}

/// A scene played to an instant; every line that has ended by then has ended well.
fn played(scene: &str, until: Time) -> History {
    let steps: Vec<Step> = scene.lines().filter_map(|line| Step::read(line).expect("a step")).collect();
    let mut history = History::new(Setup::default().cluster());
    for entry in fs::read_dir(folder()).expect("the article is here").map(|e| e.expect("readable").file_name()) {
        let name = entry.to_string_lossy().into_owned();
        if name.ends_with(".yaml") {
            let text = text(&name).into();
            history.command(Command::Write { name: name.into(), text });
        }
    }
    let mut run = Run::new(&steps);
    while history.now() < until {
        match run.next(history.cluster()) {
            Next::Order(command) => history.command(command),
            Next::Wait | Next::Done => history.seek((history.now() + Span(100)).min(until)),
        }
    }
    for session in history.cluster().sessions.values() {
        assert_eq!(session.ended.map_or(0, |(_, code)| code), 0, "{}\n{}", session.line, session.text());
    }
    history
}

/// The values of the tokens, light or dark.
fn tokens(dark: bool) -> BTreeMap<String, String> {
    let css = fs::read_to_string(folder().join("../style/tokens.css")).expect("the tokens are here");
    let block = |from: &str| {
        css.split_once(from).expect("a block of tokens").1.split('}').next().unwrap_or_default().to_string()
    };
    let theme = if dark { "[data-theme=\"dark\"] {" } else { "[data-theme=\"light\"] {" };
    let all = block(":root {") + &block(theme);
    let pairs = all
        .split(';')
        .filter_map(|line| line.trim().trim_start_matches("/* type */").trim().strip_prefix("--")?.split_once(':'));
    pairs.map(|(name, value)| (name.to_string(), value.trim().to_string())).collect()
}

fn still(history: &History, selected: Option<&Key>, locale: Locale) -> String {
    let ask = Ask { namespace: None, selected, locale, stepwise: false };
    let model = read::read(history.cluster(), ask, &mut Memory::default());
    let places = Places::default();
    let options = Options {
        locale,
        lens: Lens::Cluster,
        colour: ColourBy::State,
        selected,
        hovered: None,
        reduced: true,
        handles: false,
        places: &places,
        crowd: None,
        held: None,
    };
    let scene = layout(&model, SIZE, FIT, options, &Table);
    let values = [tokens(false), tokens(true)];
    svg::alone(&svg::document(&scene, &words::summary(&model, locale)), &mut |name, dark| {
        values[usize::from(dark)].get(name).unwrap_or_else(|| panic!("no token {name}")).clone()
    })
}

#[test]
fn both_languages_show_the_same_figures() {
    let (en, ko) = (figures("en"), figures("ko"));
    assert_eq!(en.len(), 6);
    assert_eq!(en, ko);
}

#[test]
fn still_pictures_are_what_the_scenes_show() {
    let mut wrong = vec![];
    for (name, selected) in figures("en") {
        let scene = text(&format!("{name}.txt"));
        let moment =
            scene.lines().find_map(|line| line.split_once("still: ")).expect("a scene says when it is drawn").1;
        let moment = Time(time::parse(moment).and_then(|ms| u64::try_from(ms).ok()).expect("a length of time"));
        let history = played(&scene, moment);
        for (lang, locale) in [("en", Locale::English), ("ko", Locale::Korean)] {
            let drawn = still(&history, selected.as_ref(), locale);
            let path = folder().join(format!("still/{name}.{lang}.svg"));
            if std::env::var_os("UPDATE_EXPECT").is_some() {
                fs::write(&path, &drawn).expect("it can be written");
            }
            if fs::read_to_string(&path).unwrap_or_default() != drawn {
                wrong.push(path);
            }
        }
    }
    assert!(wrong.is_empty(), "UPDATE_EXPECT=1 writes anew: {wrong:?}");
}

/// Whatever a scene orders goes well to its end, long after its still picture.
#[test]
fn every_scene_comes_to_its_end() {
    for (name, _) in figures("en") {
        let history = played(&text(&format!("{name}.txt")), Time(90_000));
        assert!(!history.cluster().sessions.is_empty(), "{name} orders nothing");
    }
}
