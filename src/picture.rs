//! The live picture: a canvas that shows a cluster. It stays out of the virtual DOM; the page tells it what to show with
//! every frame and asks it what is under the pointer.

mod moves;

use kubarium_sim::api::Kind;
use kubarium_sim::cluster::Cluster;
use std::rc::Rc;
use web_sys::HtmlCanvasElement;

use crate::paint::canvas::{self, Canvas, Fonts};
use crate::paint::svg;
use crate::scene::camera::{Camera, FIT};
use crate::scene::crowd::Crowd;
use crate::scene::ease;
use crate::scene::hit::{self, Direction, Hit, Key};
use crate::scene::journey::{Journeys, Manner};
use crate::scene::model::{Model, Pod};
use crate::scene::read::{Ask, Memory, Reading};
use crate::scene::shape::Layer;
use crate::scene::slots::Places;
use crate::scene::traffic;
use crate::scene::tween::{Change, Tween};
use crate::scene::words::{self, Locale};
use crate::scene::{ColourBy, Lens, Options, Scene, layout};

/// How the reader looks at the cluster now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ViewState {
    pub lens: Lens,
    pub locale: Locale,
    pub colour: ColourBy,
    /// Only what is in this namespace; unset, all that users have made.
    pub namespace: Option<String>,
    pub selected: Option<Key>,
    /// What the pointer rests on or the focus is at.
    pub hovered: Option<Key>,
    /// Times real time.
    pub speed: f64,
    pub playing: bool,
    /// The reader asked for less motion.
    pub reduced: bool,
    /// It is to be looked at only: nothing in it gives orders.
    pub to_look_at: bool,
}

/// The picture and all that it remembers from frame to frame.
pub struct Picture {
    canvas: Canvas,
    fonts: Fonts,
    size: (f32, f32),
    model: Model,
    crowd: Crowd,
    memory: Memory,
    /// A look that goes on from frame to frame.
    reading: Option<Reading>,
    /// Pods of models before: to let go of all of them takes longer than a frame has.
    leaving: Vec<Rc<Pod>>,
    /// How often something else was seen.
    sights: u64,
    scene: Option<Scene>,
    places: Places,
    tween: Tween,
    journeys: Journeys,
    camera: Camera,
    /// Where it was when the scene was laid out.
    laid_out_at: Camera,
    /// Where the camera is going, and since when.
    flight: Option<(Camera, Camera, f64)>,
    view: ViewState,
    /// Wall time of the last frame, and of the last look at the cluster.
    last: f64,
    read_at: f64,
    /// What the cluster was when it was last looked at.
    seen: (u64, u64),
    /// Passes as fast as requests are seen to move; stands while time stands.
    beat: f64,
    /// The scene must be laid out anew, and how what is new is then to appear.
    stale: bool,
    change: Change,
    /// Since the cluster was last looked at time was set, not lived: nothing travels.
    leapt: bool,
    /// There was no time to draw what was laid out.
    owes: bool,
    /// Until then all is drawn in each frame: where everything moves, parts that lag behind would be seen to.
    whole_until: f64,
    drew_movers: bool,
}

/// What a frame still has time for.
pub struct Room<'a> {
    /// Since the last frame time was set, not lived.
    pub leapt: bool,
    /// Whether the frame has had its time: what can wait is left for the next.
    pub full: &'a dyn Fn() -> bool,
}

fn ask(view: &ViewState) -> Ask<'_> {
    Ask {
        namespace: view.namespace.as_deref(),
        selected: view.selected.as_ref(),
        locale: view.locale,
        stepwise: view.reduced,
    }
}

/// Tells apart two moments of a cluster.
fn seen(cluster: &Cluster) -> (u64, u64) {
    (cluster.store.revision(), cluster.now.0)
}

/// A cluster of no more Pods is read at once.
const AT_ONCE: usize = 100;
/// Of a larger one so many are read a frame at least, and so many that it takes no more frames than these.
const BIT: usize = 100;
const FRAMES_MOST: usize = 200;
/// So many Pods that are shown no more leave the memory in a frame.
const LEAVING: usize = 200;

/// So many times as long as usual a look may wait for a frame that has time for it.
const PATIENCE: f64 = 4.0;
/// So long the next bit of one may, in milliseconds.
const LATE: f64 = 33.0;

/// The least wall time between two looks at a cluster of so many Pods, in milliseconds.
fn look_every(pods: usize) -> f64 {
    match pods {
        0..200 => 33.0,
        200..1_000 => 66.0,
        1_000..5_000 => 100.0,
        5_000..50_000 => 300.0,
        _ => 1000.0,
    }
}

impl Picture {
    pub fn new(element: HtmlCanvasElement) -> Picture {
        Picture {
            canvas: Canvas::new(element),
            fonts: Fonts::new(),
            size: (1.0, 1.0),
            model: Model::default(),
            crowd: Crowd::default(),
            memory: Memory::default(),
            reading: None,
            leaving: Vec::new(),
            sights: 0,
            scene: None,
            places: Places::default(),
            tween: Tween::default(),
            journeys: Journeys::default(),
            camera: FIT,
            laid_out_at: FIT,
            flight: None,
            view: ViewState::default(),
            last: 0.0,
            read_at: f64::MIN,
            seen: (u64::MAX, u64::MAX),
            beat: 0.0,
            stale: true,
            change: Change::Step,
            leapt: false,
            owes: false,
            whole_until: f64::MIN,
            drew_movers: false,
        }
    }

    /// CSS pixels, and how many pixels of the screen each has.
    pub fn resize(&mut self, width: f64, height: f64, ratio: f64) {
        self.size = (width.max(1.0) as f32, height.max(1.0) as f32);
        self.canvas.resize(width.max(1.0), height.max(1.0), ratio);
        self.stale = true;
        self.cut();
    }

    /// The theme was changed, or fonts have come: everything is drawn anew.
    pub fn retheme(&mut self) {
        self.canvas.retheme();
        self.fonts.forget();
        self.stale = true;
    }

    /// Draws the picture at `wall` milliseconds. Does little when nothing has changed. What is seen of the cluster in one
    /// frame is laid out in the next: the two together may take longer than a frame.
    pub fn frame(&mut self, wall: f64, cluster: &Cluster, view: &ViewState, room: Room) {
        let since = (wall - self.last).clamp(0.0, 100.0);
        self.last = wall;
        if view.playing {
            self.beat += since * ease::pace(view.speed);
        }
        if room.leapt {
            (self.leapt, self.reading) = (true, None);
        }
        self.fly(wall);
        if self.take_on(view) || self.scene.is_none() {
            self.look(wall, cluster, room.full);
        }
        if self.stale {
            self.lay_out(wall);
        }
        // What one frame leaves out the next does not.
        self.owes = !self.owes && (room.full)();
        if !self.owes {
            self.draw(wall, room.full);
        }
        if self.is_due(wall, cluster, (room.full)()) {
            match self.reading {
                Some(_) => self.look_on(wall, cluster, room.full),
                None => self.look(wall, cluster, room.full),
            }
        }
        self.leaving.truncate(self.leaving.len().saturating_sub(LEAVING));
    }

    /// Takes on how the reader looks now; whether that asks for other things of the cluster.
    fn take_on(&mut self, view: &ViewState) -> bool {
        if view.lens != self.view.lens {
            (self.camera, self.flight) = (FIT, None);
            self.change = Change::Lens;
        }
        let other = (&view.namespace, &view.selected, view.locale)
            != (&self.view.namespace, &self.view.selected, self.view.locale);
        if *view != self.view {
            self.stale = true;
            self.view = view.clone();
        }
        other
    }

    /// Whether the cluster is to be looked at: it may have changed, and there is time for it or none could be found for long.
    fn is_due(&self, wall: f64, cluster: &Cluster, full: bool) -> bool {
        let going = self.reading.is_some();
        let every = if self.leapt || going { 0.0 } else { look_every(self.model.pods.len()) };
        let patience = match (full, going) {
            (true, false) => PATIENCE * every.max(LATE),
            (true, true) => LATE,
            _ => every,
        };
        (going || seen(cluster) != self.seen) && wall - self.read_at >= patience
    }

    /// Looks at the cluster, or begins to.
    fn look(&mut self, wall: f64, cluster: &Cluster, full: &dyn Fn() -> bool) {
        self.seen = seen(cluster);
        let Picture { view, memory, .. } = self;
        self.reading = Some(Reading::begin(cluster, ask(view), memory));
        let at_once = cluster.store.count(Kind::Pod) <= AT_ONCE || self.scene.is_none();
        self.look_on(wall, cluster, if at_once { &|| false } else { full });
    }

    /// Reads a bit more of what has been begun, and as much as there is time for.
    fn look_on(&mut self, wall: f64, cluster: &Cluster, full: &dyn Fn() -> bool) {
        self.read_at = wall;
        let Picture { view, memory, reading, .. } = self;
        let Some(mut going) = reading.take() else { return };
        let bits = 1.max(cluster.store.count(Kind::Pod) / FRAMES_MOST / BIT);
        let mut read = 0;
        while !going.go_on(cluster, ask(view), memory, BIT) {
            read += 1;
            if read >= bits && full() {
                *reading = Some(going);
                return;
            }
        }
        let model = going.end(cluster, ask(view), memory);
        self.take_in(model);
    }

    /// What was seen is what is to be shown; tells how what is new of it is to appear.
    fn take_in(&mut self, model: Model) {
        if std::mem::take(&mut self.leapt) {
            self.places = Places::default();
            self.journeys.forget();
            if self.change == Change::Step {
                self.change = Change::Fade;
            }
        }
        if model != self.model {
            let before = std::mem::replace(&mut self.model, model);
            // Whoever is known to nobody else.
            self.leaving.extend(before.pods.into_iter().filter(|pod| Rc::strong_count(pod) == 1));
            self.sights += 1;
            self.crowd = Crowd::of(&self.model);
            self.places.settle(&self.model, &self.crowd.pods);
            self.stale = true;
        }
    }

    fn lay_out(&mut self, wall: f64) {
        let view = &self.view;
        let held = self.scene.as_ref().map(|scene| scene.level);
        let options = Options {
            locale: view.locale,
            lens: view.lens,
            colour: view.colour,
            selected: view.selected.as_ref(),
            hovered: view.hovered.as_ref(),
            reduced: view.reduced,
            handles: !view.to_look_at,
            places: &self.places,
            crowd: Some(&self.crowd),
            held,
        };
        let scene = layout(&self.model, self.size, self.camera, options, &self.fonts);
        let asked = std::mem::replace(&mut self.change, Change::Step);
        let moved = self.camera != self.laid_out_at;
        let change = match held {
            _ if view.reduced => Change::Cut,
            _ if asked == Change::Lens => Change::Lens,
            Some(level) if level != scene.level && asked == Change::Step => Change::Fade,
            _ if moved => Change::Cut,
            _ => asked,
        };
        self.laid_out_at = self.camera;
        let old = self.scene.take();
        let shapes = old.as_ref().map_or(&[][..], |old| &old.shapes);
        self.tween.retarget(shapes, &scene.shapes, change, wall, ease::pace(view.speed));
        if moved || change == Change::Lens {
            self.whole_until = self.tween.end().max(wall);
        }
        // Once only, however often the scene is laid out.
        let deeds = std::mem::take(&mut self.model.deeds);
        let manner = Manner { now: wall, speed: view.speed, reduced: view.reduced };
        match old.as_ref() {
            Some(old) if view.playing && asked != Change::Fade => self.journeys.depart(&deeds, old, &scene, manner),
            _ => self.journeys.forget(),
        }
        let same = old.is_some_and(|old| old.shapes == scene.shapes);
        if !same || !self.tween.settled(wall) {
            self.canvas.spoil();
        }
        self.scene = Some(scene);
        self.stale = false;
    }

    fn draw(&mut self, wall: f64, full: &dyn Fn() -> bool) {
        let Some(scene) = &self.scene else { return };
        let settled = self.tween.settled(wall);
        let full: &dyn Fn() -> bool = if wall <= self.whole_until { &|| false } else { full };
        let mut movers = self.journeys.frame(wall);
        if !self.view.reduced {
            movers.extend(traffic::drops(&scene.lanes, self.beat));
        }
        let moves = !movers.is_empty() || self.drew_movers;
        if settled && self.canvas.is_true() && !self.canvas.owes() && !moves {
            return;
        }
        self.drew_movers = !movers.is_empty();
        let window = scene.window;
        if settled {
            let shapes = (!self.canvas.is_true()).then(|| scene.shapes.iter());
            self.canvas.draw(shapes, window, true, &movers, (wall, full));
        } else {
            let shapes = self.tween.frame(&scene.shapes, wall);
            self.canvas.draw(Some(shapes.iter().map(|shape| &**shape)), window, false, &movers, (wall, full));
        }
    }

    // -------------------------------------------------------------------------------------------- pointing

    /// What is under a point, in CSS pixels of the canvas.
    pub fn hit(&self, x: f64, y: f64) -> Option<&Hit> {
        hit::at(&self.scene.as_ref()?.hits, x as f32, y as f32)
    }

    /// What of the picture can be pointed at now.
    pub fn hits(&self) -> &[Hit] {
        self.scene.as_ref().map_or(&[], |scene| &scene.hits)
    }

    /// Where the arrow keys go from a thing; from nowhere, to the first thing.
    pub fn neighbour(&self, from: Option<&Key>, direction: Direction) -> Option<Key> {
        let hits = self.hits();
        let here = from.filter(|key| hits.iter().any(|hit| hit.key == **key));
        match here {
            Some(key) => hit::neighbour(hits, key, direction).map(|hit| hit.key.clone()),
            None => hits.iter().find(|hit| hit.key.is_object()).map(|hit| hit.key.clone()),
        }
    }

    /// Into a thing, or out of it.
    pub fn into(&self, key: &Key) -> Option<Key> {
        hit::enclosed(self.hits(), key).map(|hit| hit.key.clone())
    }

    pub fn out_of(&self, key: &Key) -> Option<Key> {
        hit::enclosing(self.hits(), key).map(|hit| hit.key.clone())
    }

    /// One thing in a sentence.
    pub fn sentence(&self, key: &Key) -> String {
        words::sentence(&self.model, &self.crowd, key, self.view.locale)
    }

    /// Whether the loupe tells of a thing already.
    pub fn is_magnified(&self, key: &Key) -> bool {
        key.kind == "Node" && self.scene.as_ref().is_some_and(|scene| scene.loupe)
    }

    /// The whole picture in a sentence.
    pub fn summary(&self) -> String {
        words::summary(&self.model, self.view.locale)
    }

    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Counts how often it has seen something else: that may be later than the cluster changed.
    pub fn sights(&self) -> u64 {
        self.sights
    }

    /// The present scene as SVG text, for export.
    pub fn svg(&self) -> Option<String> {
        self.scene.as_ref().map(|scene| svg::document(scene, &self.summary()))
    }

    /// The present scene on a canvas of its own, so many pixels for each CSS pixel.
    pub fn pixels(&self, ratio: f64) -> Option<HtmlCanvasElement> {
        let scene = self.scene.as_ref()?;
        let shapes = scene.shapes.iter().filter(|shape| shape.layer != Layer::Map);
        Some(canvas::pixels(shapes, scene.window, (f64::from(scene.width), f64::from(scene.height)), ratio))
    }

    fn cut(&mut self) {
        self.tween = Tween::default();
    }
}
