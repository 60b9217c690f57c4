//! The page: what it knows, what can happen to it, what then becomes of it. How it looks is in [`view`], what the panels
//! are told is in [`refresh`].

mod refresh;
mod split;
mod view;

use crate::browser::{self, Shelf};
use crate::editor::files::Sent;
use crate::inspector::overview::Overview;
use crate::inspector::portrait::{Chosen, Portrait};
use crate::inspector::{Sheet, Tab};
use crate::journal;
use crate::keys;
use crate::player::{Player, SPEEDS};
use crate::terminal::{EventRow, Line};
use crate::text::{Lang, Text};
use crate::timeline::Act;
use crate::timeline::track::Track;
use kubarium_sim::api::Kind;
use kubarium_sim::clock::Time;
use kubarium_sim::command::Command;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::KeyboardEvent;
use yew::prelude::*;

pub use kubarium::scene::Lens;
pub use split::Edge;

/// How often the panels are told what has become of the cluster; the picture is drawn anew with every frame.
const REFRESH_MS: f64 = 100.0;
/// How often the moment is kept, to go on from should the page end.
const KEEP_MS: f64 = 500.0;
/// The most messages on view at once.
const MOST_TOASTS: usize = 3;

/// What lies over the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    Find,
    Keys,
}

/// Which panel a narrow screen shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Panel {
    #[default]
    Picture,
    Yaml,
    Terminal,
    List,
}

/// Something that was refused, or done, told in passing.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    pub number: u32,
    pub bad: bool,
    pub message: String,
}

pub enum Msg {
    Frame(f64),
    Key(KeyboardEvent),
    AfterG,
    Lens(Lens),
    Language,
    Theme,
    Share,
    Namespace(Option<Rc<str>>),
    Over(Option<Over>),
    Panel(Panel),
    Time(Act),
    Faster(i8),
    Apply(Vec<Sent>),
    Run(String),
    Interrupt,
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
    Big,
    SingleKeys(bool),
    Resized,
}

pub struct App {
    text: Text,
    lens: Lens,
    namespace: Option<Rc<str>>,
    player: Player,
    chosen: Option<Chosen>,
    /// What was selected before, and where in it one is.
    trail: Vec<Chosen>,
    trail_at: usize,
    tab: Tab,
    sheet: Sheet,
    over: Option<Over>,
    panel: Panel,
    terminal_open: bool,
    toasts: Vec<Toast>,
    toasts_made: u32,
    /// What the last Apply was refused for.
    complaints: Rc<Vec<String>>,
    /// Orders whose answers are awaited, to tell what was refused.
    awaited: Vec<refresh::Awaited>,
    cleared: u32,
    /// Counts whenever drawings must be made anew.
    paint: u32,
    single_keys: bool,
    after_g: bool,
    told: Told,
    last_refresh: f64,
    last_keep: f64,
    dirty: bool,
    app: NodeRef,
    canvas: NodeRef,
    frame: Option<Closure<dyn FnMut(f64)>>,
    listeners: Vec<Closure<dyn FnMut(web_sys::Event)>>,
}

/// What the panels have been told last.
#[derive(Default)]
struct Told {
    revision: u64,
    now: Time,
    portrait: Option<Rc<Portrait>>,
    overview: Rc<Overview>,
    track: Rc<Track>,
    lines: Rc<Vec<Line>>,
    busy: bool,
    events: Rc<Vec<EventRow>>,
    namespaces: Rc<Vec<Rc<str>>>,
    objects: Rc<Vec<Chosen>>,
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
        let mut player = match journal::kept() {
            Some((entries, end, moment)) => Player::resume(entries, end, moment),
            None => Player::new(),
        };
        // After a fault time stands still at the last good moment: going on is the reader's choice.
        player.playing = !broke;
        let link = ctx.link().clone();
        App {
            text: Text(lang),
            lens: Lens::Cluster,
            namespace: None,
            player,
            chosen: None,
            trail: vec![],
            trail_at: 0,
            tab: Tab::Why,
            sheet: Sheet::Half,
            over: None,
            panel: Panel::Picture,
            terminal_open: true,
            toasts: vec![],
            toasts_made: 0,
            complaints: Rc::default(),
            awaited: vec![],
            cleared: 0,
            paint: 0,
            single_keys: browser::kept(Shelf::Long, "single-keys").as_deref() != Some("off"),
            after_g: false,
            told: Told::default(),
            last_refresh: f64::MIN,
            last_keep: f64::MIN,
            dirty: true,
            app: NodeRef::default(),
            canvas: NodeRef::default(),
            frame: Some(Closure::new(move |wall_ms| link.send_message(Msg::Frame(wall_ms)))),
            listeners: vec![],
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, first: bool) {
        if first {
            self.listen(ctx);
            split::restore(&self.app);
            self.ask_for_frame();
        }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Frame(wall_ms) => return self.on_frame(wall_ms),
            Msg::Key(event) => return self.on_key(ctx, &event),
            Msg::AfterG => self.after_g = true,
            Msg::Lens(lens) => self.set_lens(lens),
            Msg::Language => {
                self.text = Text(self.text.0.other());
                browser::set_root_attribute("lang", Some(self.text.0.code()));
                browser::keep(Shelf::Long, "lang", self.text.0.code());
            }
            Msg::Theme => {
                let theme = if browser::dark() { "light" } else { "dark" };
                browser::set_root_attribute("data-theme", Some(theme));
                browser::keep(Shelf::Long, "theme", theme);
                self.paint += 1;
            }
            Msg::Share => self.share(),
            Msg::Namespace(namespace) => self.namespace = namespace,
            Msg::Over(over) => self.set_over(over),
            Msg::Panel(panel) => self.set_panel(panel),
            Msg::Time(act) => self.on_time(act),
            Msg::Faster(by) => self.player.set_speed(self.player.speed().saturating_add_signed(isize::from(by))),
            Msg::Apply(sent) => self.apply(sent),
            Msg::Run(line) => self.run(&line),
            Msg::Interrupt => self.interrupt(),
            Msg::Pick(chosen) => self.pick(chosen),
            Msg::Again(by) => self.again(by),
            Msg::Owner => {
                if let Some(owner) = self.told.portrait.as_ref().and_then(|p| p.owner.clone()) {
                    self.pick(Some(owner));
                }
            }
            Msg::Out => {
                if self.over.is_some() {
                    self.set_over(None);
                } else {
                    self.pick(None);
                }
            }
            Msg::Tab(tab) => self.tab = tab,
            Msg::Sheet(sheet) => self.sheet = sheet,
            Msg::TerminalOpen(open) => self.open_terminal(open),
            Msg::TerminalKey => {
                self.open_terminal(!self.terminal_open);
                if self.terminal_open {
                    gloo_timers::callback::Timeout::new(0, || browser::focus("terminal")).forget();
                }
            }
            Msg::Edge(edge, to) => {
                split::set(&self.app, edge, to);
                self.paint += 1;
            }
            Msg::Shut(number) => self.toasts.retain(|t| t.number != number),
            Msg::Fresh => self.fresh(),
            Msg::Big => {
                let big = browser::root_attribute("data-big").is_some();
                browser::set_root_attribute("data-big", (!big).then_some(""));
                self.paint += 1;
            }
            Msg::SingleKeys(on) => {
                self.single_keys = on;
                browser::keep(Shelf::Long, "single-keys", if on { "on" } else { "off" });
            }
            Msg::Resized => self.paint += 1,
        }
        self.refresh();
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        self.page(ctx)
    }
}

impl App {
    fn on_frame(&mut self, wall_ms: f64) -> bool {
        self.ask_for_frame();
        let played = self.player.frame(wall_ms);
        self.dirty |= played.moved;
        if wall_ms - self.last_keep > KEEP_MS && played.moved {
            self.last_keep = wall_ms;
            journal::keep_moment(self.player.history());
        }
        if !self.dirty || wall_ms - self.last_refresh < REFRESH_MS {
            return false;
        }
        self.last_refresh = wall_ms;
        self.dirty = false;
        self.refresh()
    }

    fn ask_for_frame(&self) {
        if let Some(frame) = &self.frame {
            let _ = browser::window().request_animation_frame(frame.as_ref().unchecked_ref());
        }
    }

    fn listen(&mut self, ctx: &Context<Self>) {
        let link = ctx.link().clone();
        let mut on = |name: &str, act: Box<dyn FnMut(web_sys::Event)>| {
            let closure = Closure::wrap(act);
            let _ = browser::window().add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
            self.listeners.push(closure);
        };
        let keys = link.clone();
        on("keydown", Box::new(move |e| keys.send_message(Msg::Key(e.unchecked_into()))));
        on("resize", Box::new(move |_| link.send_message(Msg::Resized)));
    }

    fn on_key(&mut self, ctx: &Context<Self>, event: &KeyboardEvent) -> bool {
        let after_g = std::mem::take(&mut self.after_g);
        if self.over.is_some() && event.key() != "Escape" {
            return false;
        }
        if self.over.is_some() {
            event.prevent_default();
            return Component::update(self, ctx, Msg::Out);
        }
        match keys::meaning(event, after_g, self.single_keys) {
            Some(msg) => {
                event.prevent_default();
                Component::update(self, ctx, msg)
            }
            None => false,
        }
    }

    fn set_lens(&mut self, lens: Lens) {
        self.lens = lens;
        if self.panel != Panel::Yaml && self.panel != Panel::Terminal {
            self.panel = if lens == Lens::List { Panel::List } else { Panel::Picture };
        }
    }

    fn set_panel(&mut self, panel: Panel) {
        self.panel = panel;
        match panel {
            Panel::List => self.lens = Lens::List,
            Panel::Picture if self.lens == Lens::List => self.lens = Lens::Cluster,
            Panel::Terminal => self.terminal_open = true,
            _ => {}
        }
        self.paint += 1;
    }

    fn set_over(&mut self, over: Option<Over>) {
        self.over = over;
        if over == Some(Over::Find) {
            self.told.objects = Rc::new(crate::find::objects(self.player.cluster()));
        }
    }

    fn open_terminal(&mut self, open: bool) {
        self.terminal_open = open;
        if open && self.panel != Panel::Terminal && browser::media("(max-width: 959px)") {
            self.panel = Panel::Terminal;
        }
        self.paint += 1;
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

    fn command(&mut self, command: Command) {
        self.player.command(command);
        self.dirty = true;
    }

    /// Hands the files over and applies them, as `kubectl apply` does.
    fn apply(&mut self, sent: Vec<Sent>) {
        let mut line = String::from("kubectl apply");
        for file in sent {
            line.push_str(" -f ");
            line.push_str(&file.name);
            self.command(Command::Write { name: file.name.into(), text: file.text.into() });
        }
        self.complaints = Rc::default();
        self.order(&line, true);
        if !self.player.playing && self.player.history().now() == Time(0) {
            self.player.playing = true;
        }
        if self.panel == Panel::Yaml {
            self.set_panel(Panel::Picture);
        }
    }

    fn run(&mut self, line: &str) {
        self.order(line, false);
    }

    fn order(&mut self, line: &str, applies: bool) {
        self.command(Command::Run { line: line.into() });
        let since = self.player.history().journal().last().map_or(Time(0), |e| e.time);
        self.awaited.push(refresh::Awaited { line: line.into(), since, applies });
        journal::keep(self.player.history());
    }

    fn interrupt(&mut self) {
        if let Some(session) = refresh::open_session(self.player.cluster()) {
            self.command(Command::Interrupt { session });
            journal::keep(self.player.history());
        }
    }

    fn pick(&mut self, chosen: Option<Chosen>) {
        if let Some(c) = chosen.as_ref().filter(|c| self.trail.get(self.trail_at) != Some(c)) {
            self.trail.truncate(self.trail_at + 1);
            self.trail.push(c.clone());
            self.trail_at = self.trail.len() - 1;
        }
        if chosen.is_some() && self.sheet == Sheet::Low {
            self.sheet = Sheet::Half;
        }
        self.chosen = chosen;
    }

    fn again(&mut self, by: isize) {
        let at = self.trail_at.saturating_add_signed(by);
        if let Some(c) = self.trail.get(at) {
            self.trail_at = at;
            self.chosen = Some(c.clone());
        }
    }

    fn toast(&mut self, bad: bool, message: String) {
        self.toasts_made += 1;
        self.toasts.push(Toast { number: self.toasts_made, bad, message });
        let over = self.toasts.len().saturating_sub(MOST_TOASTS);
        self.toasts.drain(..over);
    }

    /// The address of this page: the cluster itself is not in it yet, and the message says so.
    fn share(&mut self) {
        let address = browser::window().location().href().unwrap_or_default();
        browser::copy_to_clipboard(&address);
        self.toast(false, self.text.get("shared").into());
    }

    /// A new cluster; what is written stays.
    fn fresh(&mut self) {
        journal::forget();
        self.player = Player::new();
        self.chosen = None;
        self.trail.clear();
        self.trail_at = 0;
        self.awaited.clear();
        self.complaints = Rc::default();
        self.cleared += 1;
        self.told = Told::default();
        self.dirty = true;
    }

    fn kinds_present(&self) -> impl Iterator<Item = &Rc<kubarium_sim::api::object::Object>> {
        self.player.cluster().store.list(Kind::Namespace)
    }
}
