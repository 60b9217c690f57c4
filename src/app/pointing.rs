//! Hands on the picture: pointer, wheel, fingers and keys. What they point at is selected; the camera follows them.

use super::{App, Msg};
use crate::browser;
use crate::inspector::Sheet;
use crate::inspector::portrait::Chosen;
use kubarium::picture::Picture;
use kubarium::scene::handle;
use kubarium::scene::hit::{Direction, Key};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, PointerEvent, WheelEvent};
use yew::prelude::*;

/// How much nearer a press on + leads.
const NEARER: f64 = 1.5;
/// How far a pointer may stray and still have pressed, in CSS pixels.
const STRAY: f64 = 5.0;

/// The pointers that are down, and what they have done since.
#[derive(Default)]
pub struct Hand {
    down: Vec<(i32, f64, f64)>,
    strayed: f64,
    /// The number that is dragged: where it was taken, and the line it stood for.
    grip: Option<(f64, Key)>,
    /// The pointer moves what the map shows.
    on_map: bool,
    /// Where the mouse rests, in pixels of the canvas.
    pub rests: Option<(f64, f64)>,
    pub hovered: Option<Key>,
    /// Where the keyboard is in the picture.
    pub focus: Option<Key>,
}

pub enum Touch {
    Down(PointerEvent),
    Move(PointerEvent),
    Up(PointerEvent),
    Leave,
    Wheel(WheelEvent),
    Key(KeyboardEvent),
    Double,
}

/// What is selected, as the picture names it.
pub fn key_of(chosen: &Chosen) -> Key {
    Key::new(chosen.kind.name(), &chosen.key.namespace, &chosen.key.name)
}

pub fn chosen_of(key: &Key) -> Option<Chosen> {
    key.is_object().then(|| Chosen::named(key.kind, &key.namespace, &key.name)).flatten()
}

impl App {
    pub(super) fn touch(&mut self, ctx: &Context<Self>, touch: Touch) -> bool {
        match touch {
            Touch::Down(e) => self.pointer_down(&e),
            Touch::Move(e) => return self.pointer_moved(&e),
            Touch::Up(e) => return self.pointer_up(ctx, &e),
            Touch::Leave => {
                self.hand.rests = None;
                return self.hand.hovered.take().is_some();
            }
            Touch::Wheel(e) => {
                let (x, y) = self.place(e.client_x(), e.client_y());
                if let Some(picture) = &mut self.picture {
                    picture.zoom_at((-e.delta_y() * 0.0016).exp(), x, y);
                }
                e.prevent_default();
            }
            Touch::Key(e) => return self.picture_key(ctx, &e),
            Touch::Double => {
                if let (Some(picture), Some(key)) = (&mut self.picture, &self.hand.hovered) {
                    let key = key.clone();
                    picture.look_at(&key);
                }
            }
        }
        false
    }

    /// Pixels of the canvas.
    fn place(&self, client_x: i32, client_y: i32) -> (f64, f64) {
        let rect = self.canvas.cast::<Element>().map(|c| c.get_bounding_client_rect());
        let k = self.growth();
        rect.map_or((0.0, 0.0), |r| ((f64::from(client_x) - r.left()) / k, (f64::from(client_y) - r.top()) / k))
    }

    fn pointer_down(&mut self, e: &PointerEvent) {
        if let Some(canvas) = self.canvas.cast::<Element>() {
            let _ = canvas.set_pointer_capture(e.pointer_id());
        }
        let (x, y) = self.place(e.client_x(), e.client_y());
        if self.hand.down.is_empty() {
            self.hand.strayed = 0.0;
            let on_map = |p: &Picture| p.hit(x, y).is_some_and(|h| h.key == Key::part("camera", "map"));
            self.hand.on_map = self.picture.as_ref().is_some_and(on_map);
            let under = self.picture.as_ref().and_then(|p| p.hit(x, y)).map(|h| h.key.clone());
            self.hand.grip = under.filter(|key| key.kind == handle::GRIP).map(|key| (x, key));
        }
        self.hand.down.push((e.pointer_id(), x, y));
        self.move_on_map(x, y);
    }

    fn pointer_moved(&mut self, e: &PointerEvent) -> bool {
        let (x, y) = self.place(e.client_x(), e.client_y());
        let Some(at) = self.hand.down.iter().position(|(id, ..)| *id == e.pointer_id()) else {
            return self.rest(x, y);
        };
        let (_, old_x, old_y) = self.hand.down[at];
        let Some(picture) = &mut self.picture else { return false };
        self.hand.strayed += (x - old_x).abs() + (y - old_y).abs();
        if let Some((from, key)) = self.hand.grip.as_ref().filter(|_| self.hand.down.len() == 1) {
            // What it has come to is told like what the mouse rests on.
            let line = handle::dragged(&key.name, (x - from) as f32).unwrap_or_default();
            self.hand.hovered = Some(Key { name: line.into(), ..key.clone() });
            self.hand.rests = Some((x, y));
            return true;
        }
        match self.hand.down.len() {
            1 if self.hand.on_map => _ = picture.look_on_map(x, y),
            1 if self.hand.strayed > STRAY => picture.drag(x - old_x, y - old_y),
            2 => {
                // Two fingers: what is between them stays between them.
                let (_, other_x, other_y) = self.hand.down[1 - at];
                let reach = |ax: f64, ay: f64| (ax - other_x).hypot(ay - other_y).max(1.0);
                let middle = ((x + other_x) / 2.0, (y + other_y) / 2.0);
                picture.zoom_at(reach(x, y) / reach(old_x, old_y), middle.0, middle.1);
                picture.drag((x - old_x) / 2.0, (y - old_y) / 2.0);
            }
            _ => {}
        }
        self.hand.down[at] = (e.pointer_id(), x, y);
        false
    }

    fn move_on_map(&mut self, x: f64, y: f64) {
        if let Some(picture) = self.picture.as_mut().filter(|_| self.hand.on_map) {
            picture.look_on_map(x, y);
        }
    }

    /// The mouse rests on something: it is named, and its node is seen nearer.
    fn rest(&mut self, x: f64, y: f64) -> bool {
        let key = self.picture.as_ref().and_then(|p| p.hit(x, y)).map(|h| h.key.clone());
        self.hand.rests = Some((x, y));
        if key == self.hand.hovered {
            return false;
        }
        self.hand.hovered = key;
        true
    }

    fn pointer_up(&mut self, ctx: &Context<Self>, e: &PointerEvent) -> bool {
        self.hand.down.retain(|(id, ..)| *id != e.pointer_id());
        if let Some((_, key)) = self.hand.grip.take() {
            return self.let_go(ctx, key, e.type_() == "pointercancel");
        }
        if self.hand.strayed > STRAY || !self.hand.down.is_empty() || e.type_() == "pointercancel" {
            return false;
        }
        let (x, y) = self.place(e.client_x(), e.client_y());
        let key = self.picture.as_ref().and_then(|p| p.hit(x, y)).map(|h| h.key.clone());
        self.press(ctx, key)
    }

    /// A number was dragged and is let go of.
    #[inline(never)]
    fn let_go(&mut self, ctx: &Context<Self>, key: Key, cancelled: bool) -> bool {
        let hovered = self.hand.hovered.replace(key.clone());
        match hovered.filter(|to| !cancelled && to.kind == handle::GRIP && to.name != key.name) {
            Some(to) => Component::update(self, ctx, Msg::Deed(to.name.to_string())),
            None => true,
        }
    }

    /// Something in the picture was pressed, or nothing.
    fn press(&mut self, ctx: &Context<Self>, key: Option<Key>) -> bool {
        let Some(key) = key else { return Component::update(self, ctx, Msg::Pick(None)) };
        if key.kind == "camera"
            && let Some(picture) = &mut self.picture
        {
            match &*key.name {
                "in" => picture.zoom(NEARER),
                "out" => picture.zoom(1.0 / NEARER),
                "fit" => picture.fit(),
                // The map has heard of the pointer already.
                _ => {}
            }
            return false;
        }
        if key.kind == handle::ORDER {
            return Component::update(self, ctx, Msg::Deed(key.name.to_string()));
        }
        // The client of a Service stands for the Service that it calls.
        let service = |name: &str| {
            let model = self.picture.as_ref()?.model();
            model.services.iter().find(|s| &*s.key.name == name).map(|s| s.key.clone())
        };
        let key = if key.kind == "client" { service(&key.name).unwrap_or(key) } else { key };
        self.hand.focus = Some(key.clone());
        let chosen = chosen_of(&key);
        Component::update(self, ctx, Msg::Pick(chosen))
    }

    fn picture_key(&mut self, ctx: &Context<Self>, e: &KeyboardEvent) -> bool {
        if e.ctrl_key() || e.meta_key() || e.alt_key() {
            return false;
        }
        let Some(picture) = &mut self.picture else { return false };
        let from = self.hand.focus.clone().or(self.chosen.as_ref().map(key_of));
        let next = match e.key().as_str() {
            key if let Some(direction) = direction_of(key) => {
                let next = picture.neighbour(from.as_ref(), direction).filter(|_| !e.shift_key());
                // At the edge of what is on view the camera goes on.
                if next.is_none() {
                    picture.move_on(direction);
                }
                next
            }
            "Enter" => from.as_ref().and_then(|key| Picture::into(picture, key)),
            "Escape" => match from.as_ref().and_then(|key| picture.out_of(key)) {
                Some(key) => Some(key),
                None => {
                    self.hand.focus = None;
                    e.stop_propagation();
                    return Component::update(self, ctx, Msg::Pick(None));
                }
            },
            "+" | "=" => {
                picture.zoom(NEARER);
                None
            }
            "-" => {
                picture.zoom(1.0 / NEARER);
                None
            }
            "f" => {
                picture.fit();
                None
            }
            _ => return false,
        };
        e.prevent_default();
        e.stop_propagation();
        match next {
            Some(key) => {
                self.told.said = self.picture.as_ref().map(|p| p.sentence(&key)).unwrap_or_default();
                self.told.said_at = browser::wall_ms();
                self.press(ctx, Some(key))
            }
            None => false,
        }
    }

    /// Something is selected, or nothing.
    pub(super) fn pick(&mut self, chosen: Option<Chosen>) {
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

    /// Back and forward in what was selected.
    pub(super) fn again(&mut self, by: isize) {
        let at = self.trail_at.saturating_add_signed(by);
        if let Some(c) = self.trail.get(at) {
            self.trail_at = at;
            self.chosen = Some(c.clone());
        }
    }

    /// Puts the tip beside what the mouse rests on.
    pub(super) fn place_tip(&self) {
        let (Some(tip), Some((x, y))) = (browser::document().query_selector(".tip").ok().flatten(), self.hand.rests)
        else {
            return;
        };
        let Some(canvas) = self.canvas.cast::<Element>() else { return };
        let (room, own, k) = (canvas.get_bounding_client_rect(), tip.get_bounding_client_rect(), self.growth());
        let (w, h) = (own.width() / k, own.height() / k);
        let left = (x + 14.0).min(room.width() / k - w - 8.0).max(4.0);
        let below = y + 18.0;
        let top = if below + h > room.height() / k - 4.0 { y - h - 10.0 } else { below };
        browser::set_property(tip.unchecked_ref(), "--tip-x", &format!("{left}px"));
        browser::set_property(tip.unchecked_ref(), "--tip-y", &format!("{top}px"));
    }
}

fn direction_of(key: &str) -> Option<Direction> {
    match key {
        "ArrowLeft" => Some(Direction::Left),
        "ArrowRight" => Some(Direction::Right),
        "ArrowUp" => Some(Direction::Up),
        "ArrowDown" => Some(Direction::Down),
        _ => None,
    }
}
