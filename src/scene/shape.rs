//! What a picture is made of: flat shapes with stable ids, coloured by tokens.
//!
//! A shape knows nothing of Kubernetes and nothing of the theme. Its lengths are CSS pixels in its own frame: the
//! origin `(x, y)` is in pixels of the screen, `k` scales everything that is measured from there. Two scenes share ids
//! where they show the same part of the same object, which is all that [`super::tween`] needs.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::rc::Rc;

/// The name of one part of one object, equal in every scene that shows it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Id(pub u64);

impl Id {
    /// Names an object: what it is, and its uid.
    pub fn of(kind: &str, uid: &str) -> Id {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in kind.bytes().chain([0]).chain(uid.bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Id(hash)
    }

    /// Names a part of it.
    pub fn part(self, n: u64) -> Id {
        let mut mixed = self.0 ^ n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Id(mixed ^ (mixed >> 31))
    }
}

/// A map by ids, which are hashes already: a picture looks up thousands a frame.
pub type ById<V> = HashMap<Id, V, BuildHasherDefault<AsItIs>>;

/// Takes a number for its own hash.
#[derive(Default)]
pub struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Rect {
    pub x: f32,
    pub y: f32,
    pub w: f32,
    pub h: f32,
}

impl Rect {
    pub const fn new(x: f32, y: f32, w: f32, h: f32) -> Rect {
        Rect { x, y, w, h }
    }

    pub fn right(self) -> f32 {
        self.x + self.w
    }

    pub fn bottom(self) -> f32 {
        self.y + self.h
    }

    pub fn centre(self) -> (f32, f32) {
        (self.x + self.w / 2.0, self.y + self.h / 2.0)
    }

    pub fn contains(self, x: f32, y: f32) -> bool {
        x >= self.x && y >= self.y && x <= self.right() && y <= self.bottom()
    }

    /// True where the two share an area; touching edges do not meet.
    pub fn meets(self, other: Rect) -> bool {
        let common = self.common(other);
        common.w > 0.0 && common.h > 0.0
    }

    pub fn grown(self, by: f32) -> Rect {
        Rect::new(self.x - by, self.y - by, self.w + 2.0 * by, self.h + 2.0 * by)
    }

    /// The least that covers both.
    pub fn around(self, other: Rect) -> Rect {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let (right, bottom) = (self.right().max(other.right()), self.bottom().max(other.bottom()));
        Rect::new(x, y, right - x, bottom - y)
    }

    /// What both cover; empty when they do not meet.
    pub fn common(self, other: Rect) -> Rect {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let (right, bottom) = (self.right().min(other.right()), self.bottom().min(other.bottom()));
        Rect::new(x, y, (right - x).max(0.0), (bottom - y).max(0.0))
    }
}

/// What lies over what. Layers from [`Layer::Tank`] to [`Layer::Tag`] are cut off at the window of the tanks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Layer {
    Ground,
    /// Pipes and cables between the bands.
    Bridge,
    /// Glass, water, disk.
    Tank,
    /// Cables within tanks.
    Cable,
    /// Pipes within tanks.
    Pipe,
    Pod,
    /// Names of nodes, verdicts, overflow.
    Tag,
    /// Rails, spine, shelf, outside.
    Band,
    /// What moves: parcels, tickets, drops.
    Journey,
    /// The loupe and what else lies over everything.
    Over,
    /// What helps to look, and is no part of a saved picture.
    Map,
}

impl Layer {
    pub const ALL: [Layer; 11] = [
        Layer::Ground,
        Layer::Bridge,
        Layer::Tank,
        Layer::Cable,
        Layer::Pipe,
        Layer::Pod,
        Layer::Tag,
        Layer::Band,
        Layer::Journey,
        Layer::Over,
        Layer::Map,
    ];

    /// Whether the window of the tanks cuts it off.
    pub fn in_window(self) -> bool {
        (Layer::Tank..=Layer::Tag).contains(&self)
    }
}

#[derive(Clone, PartialEq, Debug)]
pub struct Shape {
    pub id: Id,
    pub layer: Layer,
    pub x: f32,
    pub y: f32,
    pub k: f32,
    /// 0 to 1.
    pub alpha: f32,
    pub form: Form,
    pub fill: Fill,
    pub line: Option<Line>,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Form {
    /// Its upper left corner is the origin.
    Rect { w: f32, h: f32, r: f32 },
    /// Its centre is the origin.
    Disc { r: f32 },
    /// Path data as SVG writes it, measured from the origin. Equal drawings have equal text, so that a painter can keep them.
    Path(Cow<'static, str>),
    /// The origin is on the baseline, at the anchor.
    Text(Text),
    /// What fills a tank from a waved surface at the origin down to its round bottom, `h` below.
    Water { w: f32, h: f32, r: f32 },
    /// Many small Pods at once.
    Dots(Rc<[Dot]>),
}

#[derive(Clone, PartialEq, Debug)]
pub struct Text {
    pub text: Rc<str>,
    pub size: f32,
    /// 400, 500 or 600.
    pub weight: u16,
    pub mono: bool,
    pub anchor: Anchor,
    /// As measured, in pixels at `k` = 1.
    pub width: f32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// One Pod at levels 3 and 4, its centre measured from the origin of its shape.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Dot {
    pub x: f32,
    pub y: f32,
    /// Half of the width.
    pub r: f32,
    pub mark: Mark,
    pub tone: Tone,
}

/// The shape of a dot says the class of its state.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Mark {
    Disc,
    Square,
    Hollow,
    Dashed,
    Half,
    Diamond,
    /// Level 4: a cell of pixels.
    Cell,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Fill {
    None,
    Tone(Tone),
    /// From the one water tone to the other, downwards.
    Water,
    /// What the selected Pod would spill.
    Hatch,
    /// A taint.
    Lid,
    /// A cordon.
    Tape,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Line {
    pub tone: Tone,
    pub width: f32,
    /// Length drawn, length left out.
    pub dash: Option<(f32, f32)>,
    pub alpha: f32,
}

impl Shape {
    pub fn fill(&mut self, tone: Tone) -> &mut Shape {
        self.fill = Fill::Tone(tone);
        self
    }

    pub fn pattern(&mut self, fill: Fill) -> &mut Shape {
        self.fill = fill;
        self
    }

    pub fn line(&mut self, tone: Tone, width: f32) -> &mut Shape {
        self.line = Some(Line { tone, width, dash: None, alpha: 1.0 });
        self
    }

    pub fn dash(&mut self, on: f32, off: f32) -> &mut Shape {
        if let Some(line) = &mut self.line {
            line.dash = Some((on, off));
        }
        self
    }

    pub fn line_alpha(&mut self, alpha: f32) -> &mut Shape {
        if let Some(line) = &mut self.line {
            line.alpha = alpha;
        }
        self
    }

    pub fn alpha(&mut self, alpha: f32) -> &mut Shape {
        self.alpha *= alpha;
        self
    }

    /// The box that a text covers on the screen.
    pub fn text_box(&self) -> Option<Rect> {
        let Form::Text(text) = &self.form else { return None };
        let width = text.width * self.k;
        let left = match text.anchor {
            Anchor::Start => self.x,
            Anchor::Middle => self.x - width / 2.0,
            Anchor::End => self.x - width,
        };
        let size = text.size * self.k;
        Some(Rect::new(left, self.y - size * 0.76, width, size * 0.98))
    }
}

macro_rules! tones {
    ($($name:ident $token:literal)*) => {
        /// Every colour is a token of `tokens.css`; one drawing serves both themes.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Tone { $($name),* }

        impl Tone {
            pub const ALL: &'static [Tone] = &[$(Tone::$name),*];

            /// Its name in the style sheet, without the dashes in front.
            pub fn token(self) -> &'static str {
                match self { $(Tone::$name => $token),* }
            }
        }
    };
}

tones! {
    Canvas "canvas" Panel "panel" Raised "raised" Sunken "sunken" Tank "tank" Hover "hover"
    Water1 "water-1" Water2 "water-2" WaterLine "water-line" Line1 "line-1" Line2 "line-2" Line3 "line-3"
    Ink1 "ink-1" Ink2 "ink-2" Ink3 "ink-3" InkInverse "ink-inv"
    Flow "flow" FlowSoft "flow-soft" FlowText "flow-text" Pipe "pipe" PipeWall "pipe-wall" Cable "cable" Shade "shade"
    ReadyFill "ready-fill" Ready "ready" ReadyText "ready-text"
    WaitingFill "waiting-fill" Waiting "waiting" WaitingText "waiting-text"
    BrokenFill "broken-fill" Broken "broken" BrokenText "broken-text"
    TerminatingFill "terminating-fill" Terminating "terminating" TerminatingText "terminating-text"
    FinishedFill "finished-fill" Finished "finished" FinishedText "finished-text"
    UnknownFill "unknown-fill" Unknown "unknown" UnknownText "unknown-text" OnState "on-state"
    LagoonWash "rev-a-wash" Lagoon "rev-a" LagoonText "rev-a-text"
    OrchidWash "rev-b-wash" Orchid "rev-b" OrchidText "rev-b-text"
    OliveWash "rev-c-wash" Olive "rev-c" OliveText "rev-c-text"
    IndigoWash "rev-d-wash" Indigo "rev-d" IndigoText "rev-d-text"
    ClayWash "rev-e-wash" Clay "rev-e" ClayText "rev-e-text"
    FernWash "rev-f-wash" Fern "rev-f" FernText "rev-f-text"
}

/// The three tones of a hue: the wash of a body, its stroke, text on it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Hue {
    pub wash: Tone,
    pub line: Tone,
    pub text: Tone,
}

impl Hue {
    /// The hue of the nth revision of a workload, counted from 0; after six they come again.
    pub fn revision(n: u16) -> Hue {
        use Tone::*;
        let (wash, line, text) = match n % 6 {
            0 => (LagoonWash, Lagoon, LagoonText),
            1 => (OrchidWash, Orchid, OrchidText),
            2 => (OliveWash, Olive, OliveText),
            3 => (IndigoWash, Indigo, IndigoText),
            4 => (ClayWash, Clay, ClayText),
            _ => (FernWash, Fern, FernText),
        };
        Hue { wash, line, text }
    }
}
