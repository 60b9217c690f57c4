//! A cluster as positioned shapes: pure layout, no browser. The same state in the same window always gives the same picture.
//!
//! [`model::Model`] is what there is to draw; [`layout`] gives every part of it a place; [`tween`] moves from one scene to
//! the next; [`crate::paint`] puts it on a canvas or into SVG text.

pub mod arrange;
pub mod camera;
pub mod crowd;
pub mod ease;
mod frame;
pub mod glyph;
pub mod handle;
pub mod hit;
pub mod journey;
mod lens;
mod loupe;
mod map;
pub mod measure;
pub mod model;
mod outside;
pub mod pen;
mod pipe;
mod pod;
mod rail;
pub mod read;
pub mod shape;
mod shelf;
pub mod slots;
mod spine;
mod tank;
mod toolbar;
pub mod traffic;
pub mod tween;
pub mod words;

use camera::Camera;
use crowd::Crowd;
use hit::{Hit, Key};
use measure::Measure;
use model::Model;
use pen::Pen;
use shape::{ById, Fill, Form, Id, Layer, Line, Rect, Shape, Tone};
use slots::{Level, Places};
use words::Locale;

/// How one looks at the cluster.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    pub locale: Locale,
    pub lens: Lens,
    pub colour: ColourBy,
    pub selected: Option<&'a Key>,
    /// What the pointer rests on; over a small tank it holds the loupe.
    pub hovered: Option<&'a Key>,
    /// Nothing moves: requests are a count on the rail.
    pub reduced: bool,
    /// What is selected or pointed at shows what can be done to it.
    pub handles: bool,
    pub places: &'a Places,
    /// Of the same model, if it is known already.
    pub crowd: Option<&'a Crowd>,
    /// The level shown so far.
    pub held: Option<Level>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Lens {
    #[default]
    Cluster,
    Ownership,
    Network,
    List,
}

/// What the colour of dots means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ColourBy {
    #[default]
    State,
    Revision,
    Namespace,
}

#[derive(Clone, Debug)]
pub struct Scene {
    pub width: f32,
    pub height: f32,
    /// Layers of the window are cut off here.
    pub window: Rect,
    /// The size of what the camera moves over, in pixels at zoom 1.
    pub world: (f32, f32),
    /// By layer, and within a layer from below to above.
    pub shapes: Vec<Shape>,
    pub hits: Vec<Hit>,
    /// The level of detail of most Pods.
    pub level: Level,
    /// Ways that requests take.
    pub lanes: Vec<Lane>,
    /// Where journeys begin and end.
    pub spots: ById<(f32, f32)>,
    /// Tanks in pixels of the world, for the camera to look at.
    pub tanks: ById<Rect>,
    /// The loupe shows what the pointer rests on, with its numbers.
    pub loupe: bool,
    /// Where on the screen the map shows the world; none where there is no map.
    pub map: Option<Rect>,
}

/// The way of a Service's requests to one of its Pods; to nobody where it ends at the rail.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    pub service: Id,
    /// Requests in a second of shown time, of the whole Service.
    pub rate: u32,
    pub points: Vec<(f32, f32)>,
    pub answered: bool,
}

/// Lays out the picture in a viewport of so many CSS pixels.
pub fn layout(
    model: &Model,
    (width, height): (f32, f32),
    camera: Camera,
    options: Options,
    measure: &dyn Measure,
) -> Scene {
    let mut scene = match options.lens {
        Lens::Cluster => lens::cluster::layout(model, (width, height), camera, options, measure),
        Lens::Ownership => lens::ownership::layout(model, (width, height), camera, options, measure),
        Lens::Network => lens::network::layout(model, (width, height), camera, options, measure),
        Lens::List => lens::list::layout(model, (width, height), camera, options, measure),
    };
    toolbar::draw(&mut scene, model, options, measure);
    scene.shapes.sort_by_key(|shape| shape.layer);
    if let Some(key) = options.hovered.filter(|key| options.selected != Some(*key)) {
        scene.point_out(key);
    }
    scene
}

impl Scene {
    /// A fine line around what the pointer rests on.
    fn point_out(&mut self, key: &Key) {
        let Some(hit) = self.hits.iter().rev().find(|hit| hit.key == *key) else { return };
        let Rect { x, y, w, h } = hit.rect.grown(5.0);
        self.shapes.push(Shape {
            id: Id::of("hover", ""),
            layer: Layer::Over,
            x,
            y,
            k: 1.0,
            alpha: 1.0,
            form: Form::Rect { w, h, r: 13.0_f32.min(h / 2.0) },
            fill: Fill::None,
            line: Some(Line { tone: Tone::Ink1, width: 1.2, dash: None, alpha: 0.45 }),
        });
    }

    fn new(pen: Pen, (width, height): (f32, f32), world: (f32, f32), level: Level) -> Scene {
        let mut spots: ById<(f32, f32)> = ById::default();
        for hit in &pen.hits {
            spots.entry(hit.id).or_insert(hit.rect.centre());
        }
        Scene {
            width,
            height,
            window: pen.window,
            world,
            shapes: pen.shapes,
            hits: pen.hits,
            level,
            lanes: Vec::new(),
            spots,
            tanks: ById::default(),
            loupe: false,
            map: None,
        }
    }
}
