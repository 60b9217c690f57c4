//! Text as the browser measures it.

use super::theme::Theme;
use crate::scene::measure::{Measure, Table};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use web_sys::CanvasRenderingContext2d;

/// Widths asked of the browser once, then remembered.
pub struct Fonts {
    context: CanvasRenderingContext2d,
    theme: Theme,
    known: RefCell<HashMap<(u16, bool), HashMap<Box<str>, f32>>>,
    /// The weight and the family that the canvas measures now.
    set: Cell<Option<(u16, bool)>>,
}

/// Texts are measured at this size: large enough that rounding does not show.
const SIZE: f32 = 20.0;
/// So many widths are remembered; then memory begins anew.
const MOST: usize = 20_000;

impl Fonts {
    /// Measures on a canvas of its own: what one sets there, the other need not know.
    pub fn new() -> Fonts {
        Fonts {
            context: super::context(&super::sheet()),
            theme: Theme::read(),
            known: RefCell::default(),
            set: Cell::default(),
        }
    }

    /// Faces may have loaded since.
    pub fn forget(&self) {
        self.known.borrow_mut().clear();
        self.set.set(None);
    }
}

impl Default for Fonts {
    fn default() -> Fonts {
        Fonts::new()
    }
}

impl Measure for Fonts {
    fn width(&self, text: &str, size: f32, weight: u16, mono: bool) -> f32 {
        // Plain letters of such a face are all of one width.
        if mono && text.len() > 1 && text.bytes().all(|letter| matches!(letter, b' '..=b'~')) {
            return self.width("0", size, weight, mono) * text.len() as f32;
        }
        let mut known = self.known.borrow_mut();
        let face = known.entry((weight, mono)).or_default();
        if let Some(width) = face.get(text) {
            return width * size / SIZE;
        }
        if face.len() > MOST {
            face.clear();
        }
        if self.set.replace(Some((weight, mono))) != Some((weight, mono)) {
            self.context.set_font(&self.theme.font(SIZE, weight, mono));
        }
        let width = match self.context.measure_text(text) {
            Ok(metrics) => metrics.width() as f32,
            Err(_) => Table.width(text, SIZE, weight, mono),
        };
        face.insert(text.into(), width);
        width * size / SIZE
    }
}
