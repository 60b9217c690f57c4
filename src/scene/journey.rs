//! Things travel from who made them to where they go: parcels to the API server, tickets to the queue and into a tank.
//! One journey an event; nothing moves without one.

use super::Scene;
use super::ease::{Ease, FADE, GLOW, STEP, TRAVEL};
use super::glyph::{parcel, sign};
use super::measure::{Face, Table};
use super::model::{By, Deed, State};
use super::pen::Pen;
use super::shape::{Id, Layer, Rect, Shape, Tone};

/// At most so many are on the screen; more join one that goes the same way.
const MOST: usize = 40;
/// From this speed on a glow at the target takes their place.
const GLOW_FROM: f64 = 20.0;

/// All that is under way.
#[derive(Default)]
pub struct Journeys {
    going: Vec<Journey>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Journey {
    what: Load,
    from: (f32, f32),
    to: (f32, f32),
    start: f64,
    ms: f64,
    ease: Ease,
    /// How many go together.
    count: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Load {
    Parcel,
    Ticket,
    /// A hairline from the API server to who notices.
    Notice,
    /// The target is outlined in ink.
    Glow,
}

/// How the deeds are shown.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    pub now: f64,
    pub speed: f64,
    /// Nothing may travel: targets are outlined instead.
    pub reduced: bool,
}

impl Journeys {
    /// Time was set: what was under way is gone.
    pub fn forget(&mut self) {
        self.going.clear();
    }

    /// Sends off what happened since the last look. `old` is the scene in which it began.
    pub fn depart(&mut self, deeds: &[Deed], old: &Scene, new: &Scene, manner: Manner) {
        for deed in deeds {
            for leg in legs(deed, old, new) {
                self.send(leg, manner);
            }
        }
    }

    fn send(&mut self, leg: Leg, manner: Manner) {
        let Manner { now, speed, reduced } = manner;
        let pace = super::ease::pace(speed);
        let glows = reduced || speed >= GLOW_FROM;
        let (what, ms) = match (glows, reduced) {
            (true, true) => (Load::Glow, GLOW),
            (true, false) => (Load::Glow, FADE * 2.0),
            _ => (leg.what, leg.ms / pace),
        };
        let start = now + if glows { 0.0 } else { leg.delay / pace };
        let near = |a: (f32, f32), b: (f32, f32)| (a.0 - b.0).abs() + (a.1 - b.1).abs() < 3.0;
        let same_way = |other: &Journey| {
            let from = glows || near(other.from, leg.from);
            other.what == what && near(other.to, leg.to) && from && (other.start - start).abs() < 90.0
        };
        let full = self.going.len() >= MOST;
        let joins = self.going.iter().position(same_way);
        let joins = joins.or_else(|| self.going.iter().rposition(|other| full && other.what == what));
        match joins {
            Some(other) => self.going[other].count += 1,
            None if full => {}
            None => self.going.push(Journey { what, from: leg.from, to: leg.to, start, ms, ease: leg.ease, count: 1 }),
        }
    }

    /// What is to be drawn of them at an instant.
    pub fn frame(&mut self, now: f64) -> Vec<Shape> {
        self.going.retain(|journey| now < journey.start + journey.ms);
        let mut pen = Pen::new(&Table, Rect::default());
        pen.layer = Layer::Journey;
        for (i, journey) in self.going.iter().filter(|journey| now >= journey.start).enumerate() {
            pen.object(Id::of("journey", &i.to_string()));
            let share = ((now - journey.start) / journey.ms) as f32;
            draw(&mut pen, journey, share);
        }
        pen.shapes
    }
}

/// One way of a journey.
struct Leg {
    what: Load,
    from: (f32, f32),
    to: (f32, f32),
    ms: f64,
    ease: Ease,
    delay: f64,
}

fn leg(what: Load, from: (f32, f32), to: (f32, f32), ms: f64, ease: Ease) -> Leg {
    Leg { what, from, to, ms, ease, delay: 0.0 }
}

/// The ways that a deed sends something, by the table of motion.
fn legs(deed: &Deed, old: &Scene, new: &Scene) -> Vec<Leg> {
    let spot = |scene: &Scene, id: Id| scene.spots.get(&id).copied();
    let part = |kind: &str, name: &str| spot(new, Id::of(kind, name));
    let Some(api) = part("apiserver", "") else { return Vec::new() };
    let target = spot(new, deed.target).or_else(|| spot(old, deed.target));
    match deed.by {
        By::User => part("you", "").map(|you| leg(Load::Parcel, you, api, TRAVEL, Ease::InOut)).into_iter().collect(),
        By::Controller(name) => {
            let Some(chip) = part("controller", name).or_else(|| part("controllers", "")) else { return Vec::new() };
            let notice = leg(Load::Notice, api, chip, STEP, Ease::Out);
            let parcel = Leg { delay: STEP, ..leg(Load::Parcel, chip, api, STEP, Ease::InOut) };
            let made = target.filter(|_| deed.is_pod && deed.what == "create");
            let ticket = made.map(|to| Leg { delay: STEP, ..leg(Load::Ticket, chip, to, TRAVEL, Ease::InOut) });
            [notice, parcel].into_iter().chain(ticket).collect()
        }
        By::Scheduler if deed.what == "bind" => {
            let queue = spot(old, deed.target).or_else(|| part("scheduler", ""));
            let way = queue.zip(spot(new, deed.target));
            way.map(|(from, to)| leg(Load::Ticket, from, to, TRAVEL, Ease::Drop)).into_iter().collect()
        }
        By::Scheduler => {
            let tank = new.hits.iter().find(|hit| hit.key.kind == "Node").map(|hit| (hit.rect.centre().0, hit.rect.y));
            let way = tank.zip(target);
            way.map(|(from, to)| leg(Load::Ticket, from, to, STEP, Ease::Out)).into_iter().collect()
        }
        By::Kubelet | By::Other => Vec::new(),
    }
}

fn draw(pen: &mut Pen, journey: &Journey, share: f32) {
    let along = journey.ease.at(share);
    let mix = |a: f32, b: f32| a + (b - a) * along;
    let (x, y) = (mix(journey.from.0, journey.to.0), mix(journey.from.1, journey.to.1));
    match journey.what {
        Load::Notice => {
            let (dx, dy) = (x - journey.from.0, y - journey.from.1);
            pen.path(journey.from.0, journey.from.1, format!("M0 0 L{dx:.1} {dy:.1}"))
                .line(Tone::Ink1, 1.0)
                .line_alpha(0.5);
            return;
        }
        Load::Glow => {
            pen.rect(journey.to.0 - 14.0, journey.to.1 - 14.0, 28.0, 28.0, 10.0)
                .line(Tone::Ink1, 2.0)
                .alpha(1.0 - share);
            return;
        }
        Load::Parcel => parcel(pen, x, y, 0.95),
        Load::Ticket => {
            pen.rect(x - 15.0, y - 9.0, 30.0, 18.0, 6.0).fill(Tone::WaitingFill).line(Tone::Waiting, 1.2);
            sign(pen, State::Pending, x, y, 5.6);
        }
    }
    if journey.count > 1 {
        let text = journey.count.to_string();
        const FACE: Face = Face::ui(9.5, 600);
        let w = pen.width(&text, FACE) + 8.0;
        pen.rect(x + 8.0, y - 17.0, w, 14.0, 7.0).fill(Tone::Ink1);
        pen.label_middle(x + 8.0 + w / 2.0, y - 6.6, &text, FACE, Tone::InkInverse);
    }
}

#[cfg(test)]
mod tests {
    use super::super::camera::FIT;
    use super::super::model::{Controller, Model, Plane};
    use super::super::slots::Places;
    use super::super::words::Locale;
    use super::super::{ColourBy, Lens, Options, layout};
    use super::*;

    fn scene() -> Scene {
        let places = Places::default();
        let options = Options {
            locale: Locale::English,
            lens: Lens::Cluster,
            colour: ColourBy::State,
            selected: None,
            hovered: None,
            reduced: false,
            handles: false,
            places: &places,
            crowd: None,
            held: None,
        };
        let controllers = vec![Controller { name: "Job", lit: true }];
        let model = Model { plane: Plane { controllers, ..Plane::default() }, ..Model::default() };
        layout(&model, (860.0, 640.0), FIT, options, &Table)
    }

    fn deed(by: By) -> Deed {
        Deed { by, what: "update", target: Id::default(), is_pod: false }
    }

    const MANNER: Manner = Manner { now: 0.0, speed: 1.0, reduced: false };

    #[test]
    fn an_order_travels_from_you_to_the_api_server() {
        let scene = scene();
        let mut journeys = Journeys::default();
        journeys.depart(&[deed(By::User)], &scene, &scene, MANNER);
        let x = |journeys: &mut Journeys, now: f64| journeys.frame(now).first().map(|shape| shape.x);
        let (early, late) = (x(&mut journeys, 50.0).expect("it goes"), x(&mut journeys, 500.0).expect("it goes"));
        let api = scene.spots[&Id::of("apiserver", "")].0;
        assert!(early < 82.0 && late > early && late <= api, "{early} {late} {api}");
        assert_eq!(x(&mut journeys, TRAVEL + 1.0), None, "it has arrived");
    }

    #[test]
    fn many_go_as_one_and_no_more_than_can_be_seen() {
        let scene = scene();
        let mut journeys = Journeys::default();
        let deeds: Vec<Deed> = (0..300).map(|_| deed(By::Controller("Job"))).collect();
        journeys.depart(&deeds, &scene, &scene, MANNER);
        assert_eq!(journeys.going.len(), 2, "a notice and a parcel");
        assert!(journeys.going.iter().all(|journey| journey.count == 300));
    }

    #[test]
    fn with_less_motion_or_at_great_speed_the_target_glows() {
        let scene = scene();
        for manner in [Manner { reduced: true, ..MANNER }, Manner { speed: 100.0, ..MANNER }] {
            let mut journeys = Journeys::default();
            journeys.depart(&[deed(By::User)], &scene, &scene, manner);
            assert!(journeys.going.iter().all(|journey| journey.what == Load::Glow));
            let places: Vec<f32> = [10.0, 200.0].map(|now| journeys.frame(now)[0].x).to_vec();
            assert_eq!(places[0], places[1], "nothing travels");
        }
    }
}
