//! The page: what it knows, what can happen to it, what then becomes of it. How it looks is in [`view`], what the panels
//! are told is in [`refresh`].

mod arrange;
mod course;
mod figure;
mod frame;
mod gallery;
mod guest;
mod intro;
mod mine;
mod orders;
mod pointing;
mod present;
mod refresh;
mod split;
mod view;

use crate::browser::{self, Shelf};
use crate::clusters::{self, Clusters};
use crate::editor::files::{Offer, Sent};
use crate::inspector::overview::{Overview, Tally};
use crate::inspector::portrait::{Chosen, Portrait};
use crate::inspector::{Sheet, Tab};
use crate::journal;
use crate::lessons::{self, Course};
use crate::player::{Player, SPEEDS};
use crate::rehearsal::Rehearsal;
use crate::rest;
use crate::samples::{self, Samples};
use crate::terminal::{Events, Foreground, Line, Log, RequestRow};
use crate::text::{Lang, Text};
use crate::timeline::Act;
use crate::timeline::track::Track;
use kubarium_sim::api::Kind;
use kubarium_sim::clock::Time;
use kubarium_sim::kubectl::complete::{Completion, complete};
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use web_sys::KeyboardEvent;
use yew::prelude::*;

pub use guest::Guest;
pub use intro::Turn;
use kubarium::picture::Picture;
use kubarium::saved::Saved;
pub use kubarium::scene::Lens;
use kubarium::scene::hit::Key;
use kubarium_lesson::run::Run;
use pointing::{Hand, Touch};
pub use split::Edge;

/// How often the panels are told what has become of the cluster; the picture is drawn anew with every frame.
const REFRESH_MS: f64 = 100.0;
/// How often the moment is kept, to go on from should the page end.
const KEEP_MS: f64 = 500.0;
/// Between two looks at the size of the picture while nobody does anything: each makes the browser lay out the page.
const FIT_MS: f64 = 1_000.0;
/// For how long a message is on view that tells of nothing bad.
const TOAST_MS: f64 = 12_000.0;
/// The most messages on view at once.
const MOST_TOASTS: usize = 3;

/// What lies over the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    Find,
    Keys,
    Samples,
    Ledger,
    /// Lines for an article are made.
    Figure,
    /// One's own clusters by name.
    Clusters,
}

/// Which panel a narrow screen shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Panel {
    #[default]
    Picture,
    Yaml,
    Terminal,
    List,
    Lesson,
}

/// Something that was refused, or done, told in passing.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    pub number: u32,
    pub tone: Tone,
    pub message: String,
    /// When it came, by the wall.
    pub since: f64,
}

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Bad,
    /// An order that can be taken back while it is the last.
    Deed,
}

pub enum Msg {
    /// The whole program is there.
    Arrived,
    Frame(f64),
    Key(KeyboardEvent),
    AfterG,
    Lens(Lens),
    Language,
    Theme,
    Guest(Guest),
    Lesson(lessons::Act),
    Sample(samples::Act),
    Cluster(clusters::Act),
    Intro(intro::Turn),
    /// Something was touched, or a key was pressed.
    Stir(web_sys::Event),
    /// The page around a figure speaks.
    Heard(web_sys::MessageEvent),
    Namespace(Option<Rc<str>>),
    Over(Option<Over>),
    Panel(Panel),
    Time(Act),
    Faster(i8),
    Apply(Vec<Sent>),
    /// Apply is wanted, from anywhere on the page.
    ApplyKey,
    Run(String),
    /// ... by a press on something that stands for it.
    Deed(String),
    /// The beginning of a line, to be gone on with in the terminal.
    Enter(String),
    /// The last order is taken back.
    Undo,
    /// How a line may go on, for whom to tell.
    Complete(String, Callback<Completion>),
    Interrupt,
    TypeIn(String),
    Pick(Option<Chosen>),
    /// Back and forward in what was selected.
    Again(isize),
    Owner,
    Out,
    Tab(Tab),
    Sheet(Sheet),
    TerminalOpen(bool),
    TerminalKey,
    Edge(Edge, f64),
    Shut(u32),
    Fresh,
    SingleKeys(bool),
    Touch(Touch),
    Resized,
    Retheme,
    /// The picture is to be large, or as usual again.
    Big(bool),
    /// The picture is to be printed.
    Paper,
    /// A page is printed now, or has been.
    Print(bool),
}

pub struct App {
    /// The whole program is there.
    arrived: bool,
    text: Text,
    lens: Lens,
    namespace: Option<Rc<str>>,
    player: Player,
    /// As long as nothing has been done.
    rehearsal: Option<Box<Rehearsal>>,
    /// One's own cluster, while a guest is on view.
    own: Option<Player>,
    /// The files that a guest has brought; none if there is none.
    brought: Option<Rc<Vec<Sent>>>,
    /// Files that are put beside those in the editor; the last of them is shown.
    offered: Rc<Offer>,
    samples: Samples,
    clusters: Rc<Clusters>,
    /// Which of them is on view.
    mine: Option<mine::Mine>,
    /// Of a kind that is known only once the moment that is gone to is there.
    wanted: Option<[Rc<str>; 3]>,
    /// The cluster as it was when a figure of it was begun.
    snapshot: Rc<Saved>,
    course: Option<Box<Course>>,
    /// What a figure plays.
    scene: Option<Run>,
    /// What a first visitor is shown.
    intro: Option<Box<intro::Intro>>,
    /// A guest is named in the address and has not come yet.
    announced: bool,
    /// Where the camera is to go once the moment that is gone to is there.
    aim: Option<[u32; 3]>,
    chosen: Option<Chosen>,
    /// What was selected before, and where in it one is.
    trail: Vec<Chosen>,
    trail_at: usize,
    tab: Tab,
    sheet: Sheet,
    over: Option<Over>,
    /// What had the focus before something lay over the page.
    before_over: Option<web_sys::HtmlElement>,
    /// Sizes of the panels, by the order of [`Edge::ALL`].
    sizes: [f64; 3],
    panel: Panel,
    terminal_open: bool,
    toasts: Vec<Toast>,
    toasts_made: u32,
    /// What the last Apply was refused for.
    complaints: Rc<Vec<String>>,
    /// Orders whose answers are awaited, to tell what was refused.
    awaited: Vec<refresh::Awaited>,
    cleared: u32,
    /// Counts how often Apply was wanted from outside of the editor.
    applies: u32,
    /// Counts whenever drawings must be made anew.
    paint: u32,
    /// The picture is shown large.
    big: bool,
    /// The theme that waits until all is printed.
    before_print: Option<Option<String>>,
    single_keys: bool,
    after_g: bool,
    told: Told,
    last_refresh: f64,
    last_keep: f64,
    /// The last frame has had all its time, and none for the cluster.
    full: bool,
    waited: bool,
    dirty: bool,
    /// Time was set, and the picture does not know it yet.
    leapt: bool,
    picture: Option<Picture>,
    hand: Hand,
    reduced: bool,
    app: NodeRef,
    canvas: NodeRef,
    canvas_size: (f64, f64, f64),
    /// When to look again whether the page gives it another size: at once after whatever the reader did.
    fit_at: f64,
    frame: Option<Closure<dyn FnMut(f64)>>,
    listeners: Vec<Closure<dyn FnMut(web_sys::Event)>>,
}

/// What the panels have been told last.
#[derive(Default)]
struct Told {
    /// Which bit comes next, and of when it is told.
    turn: usize,
    of: (u64, Time),
    /// The first bit has more to count.
    counting: bool,
    tally: Tally,
    log: Log,
    revision: u64,
    now: Time,
    portrait: Option<Rc<Portrait>>,
    overview: Rc<Overview>,
    track: Rc<Track>,
    lines: Rc<Vec<Line>>,
    foreground: Foreground,
    events: Events,
    requests: Rc<Vec<RequestRow>>,
    requests_seen: u64,
    namespaces: Rc<Vec<Rc<str>>>,
    objects: Rc<Vec<Chosen>>,
    symbols: Rc<Vec<(Key, String)>>,
    /// What the picture had seen when they were told, and whether the panels know.
    sights: u64,
    resighted: bool,
    /// For those who hear the page: the last thing that happened, and up to when all was said.
    said: String,
    said_until: Time,
    said_at: f64,
}

impl Component for App {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let lang = browser::root_attribute("lang").map_or(Lang::En, |l| Lang::from_code(&l));
        let broke = browser::kept(Shelf::Tab, "broke").is_some();
        browser::forget(Shelf::Tab, "broke");
        let announced = guest::announced();
        let mut player = Player::new();
        // After a fault time stands still at the last good moment: going on is the reader's choice.
        player.playing = !broke && figure::around().is_none();
        let link = ctx.link().clone();
        App {
            arrived: false,
            text: Text(lang),
            lens: Lens::Cluster,
            namespace: None,
            player,
            rehearsal: None,
            own: None,
            brought: announced.then(Rc::default),
            offered: Rc::default(),
            samples: Samples::default(),
            clusters: Rc::default(),
            mine: None,
            wanted: None,
            snapshot: Rc::default(),
            course: None,
            scene: None,
            intro: None,
            announced,
            aim: None,
            chosen: None,
            trail: vec![],
            trail_at: 0,
            tab: Tab::Why,
            sheet: Sheet::Half,
            over: None,
            before_over: None,
            sizes: split::kept(),
            panel: Panel::Picture,
            terminal_open: true,
            toasts: vec![],
            toasts_made: 0,
            complaints: Rc::default(),
            awaited: vec![],
            cleared: 0,
            applies: 0,
            paint: 0,
            big: false,
            before_print: None,
            single_keys: browser::kept(Shelf::Long, "single-keys").as_deref() != Some("off"),
            after_g: false,
            told: Told::default(),
            last_refresh: f64::MIN,
            last_keep: f64::MIN,
            full: false,
            waited: false,
            dirty: true,
            leapt: false,
            picture: None,
            hand: Hand::default(),
            reduced: arrange::reduced(),
            app: NodeRef::default(),
            canvas: NodeRef::default(),
            canvas_size: (0.0, 0.0, 0.0),
            fit_at: 0.0,
            frame: Some(Closure::new(move |wall_ms| link.send_message(Msg::Frame(wall_ms)))),
            listeners: vec![],
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, first: bool) {
        // What was in hand before a dialog came is in hand again.
        if self.over.is_none()
            && let Some(before) = self.before_over.take()
        {
            let _ = before.focus();
        }
        if first {
            self.listen(ctx);
            split::restore(&self.app, self.sizes);
            self.picture = self.canvas.cast().map(Picture::new);
            self.ask_for_frame();
            let link = ctx.link().clone();
            rest::once_arrived(move || link.send_message(Msg::Arrived));
        }
        if first {
            self.fit_canvas();
        }
        self.place_tip();
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        if let Msg::Frame(wall_ms) = msg {
            return self.on_frame(wall_ms);
        }
        self.fit_at = 0.0;
        match msg {
            Msg::Arrived => self.arrive(ctx),
            Msg::Stir(_) if self.intro.is_none() => return false,
            Msg::Stir(event) => self.interrupt_intro(&event),
            Msg::Intro(turn) => self.turn(turn),
            Msg::Key(event) => return self.on_key(ctx, &event),
            Msg::AfterG => self.after_g = true,
            Msg::Lens(lens) => self.set_lens(lens),
            Msg::Guest(guest) => self.guest(ctx, guest),
            Msg::Lesson(act) => self.lesson(ctx, act),
            Msg::Sample(act) => self.sample(ctx, act),
            Msg::Cluster(act) => self.cluster(ctx, act),
            Msg::Heard(event) => self.hear(ctx, &event),
            Msg::Namespace(namespace) => self.namespace = namespace,
            Msg::Over(over) => {
                self.set_over(over);
                if matches!(over, Some(Over::Find | Over::Samples)) {
                    self.fetch_samples(ctx);
                }
            }
            Msg::Panel(Panel::Lesson) if self.course.is_none() => {
                ctx.link().send_message(Msg::Lesson(lessons::Act::List))
            }
            Msg::Panel(panel) => self.set_panel(panel),
            Msg::Time(act) => self.on_time(act),
            Msg::Faster(by) => self.player.set_speed(self.player.speed().saturating_add_signed(isize::from(by))),
            Msg::Apply(sent) => self.apply(sent),
            Msg::ApplyKey if self.over.is_none() => self.applies += 1,
            Msg::ApplyKey => {}
            Msg::Run(line) => self.run(&line),
            Msg::Deed(line) => self.deed(&line),
            Msg::Enter(line) => self.enter(line),
            Msg::Undo => self.undo(),
            Msg::Complete(line, answer) => answer.emit(complete(self.player.cluster(), &line)),
            Msg::Interrupt => self.interrupt(),
            Msg::TypeIn(text) => self.type_in(&text),
            Msg::Pick(chosen) => return self.pick_and_tell(chosen),
            Msg::Again(by) => self.again(by),
            Msg::Owner => {
                if let Some(owner) = self.told.portrait.as_ref().and_then(|p| p.owner.clone()) {
                    self.pick(Some(owner));
                }
            }
            Msg::Out => {
                if self.over.is_some() {
                    self.set_over(None);
                } else if self.big && self.chosen.is_none() {
                    self.present(false);
                } else {
                    self.pick(None);
                }
            }
            Msg::Fresh => self.fresh(),
            Msg::Touch(touch) => return self.touch(ctx, touch),
            how_it_looks => self.arrange(ctx, how_it_looks),
        }
        self.refresh();
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        self.page(ctx)
    }
}

impl App {
    fn arrive(&mut self, ctx: &Context<Self>) {
        self.arrived = true;
        match self.announced {
            true => self.guest(ctx, Guest::Address),
            false => self.player.take_up(),
        }
        if browser::root_attribute("data-big").is_some() {
            self.present(true);
        }
        if figure::around().is_none() {
            browser::dress_later();
        }
        self.rehearse();
        self.tell_ready();
        self.greet_with_lessons(ctx);
    }

    fn on_time(&mut self, act: Act) {
        let now = self.player.now();
        match act {
            Act::Toggle => self.player.playing = !self.player.playing,
            Act::Step(forward) => self.player.step(forward),
            Act::Speed(speed) => self.player.set_speed(speed.min(SPEEDS.len() - 1)),
            Act::Seek(time) => self.player.seek(time),
            Act::Mark(forward) => {
                if let Some(mark) = self.told.track.mark_from(now, forward) {
                    self.player.seek(mark);
                }
            }
            Act::Other => {
                if self.player.other_future() {
                    journal::keep(self.player.history());
                }
            }
        }
        self.dirty = true;
    }

    fn toast(&mut self, bad: bool, message: String) {
        self.tell(if bad { Tone::Bad } else { Tone::Good }, message);
    }

    fn tell(&mut self, tone: Tone, message: String) {
        self.toasts_made += 1;
        self.toasts.push(Toast { number: self.toasts_made, tone, message, since: browser::wall_ms() });
        let over = self.toasts.len().saturating_sub(MOST_TOASTS);
        self.toasts.drain(..over);
    }

    fn kinds_present(&self) -> impl Iterator<Item = &Rc<kubarium_sim::api::object::Object>> {
        self.player.cluster().store.list(Kind::Namespace)
    }
}
