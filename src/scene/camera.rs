//! Where in the window one looks, and how near. At zoom 1 and rest everything fits, as far as it can.

use super::shape::Rect;

/// Offsets are pixels of the world at zoom 1, measured from the window's upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    pub x: f32,
    pub y: f32,
    /// 1 and up.
    pub zoom: f32,
}

pub const FIT: Camera = Camera { x: 0.0, y: 0.0, zoom: 1.0 };
pub const ZOOM_MOST: f32 = 64.0;

impl Default for Camera {
    fn default() -> Self {
        FIT
    }
}

impl Camera {
    /// World to screen.
    pub fn place(self, window: Rect, r: Rect) -> Rect {
        Rect::new(
            window.x + (r.x - self.x) * self.zoom,
            window.y + (r.y - self.y) * self.zoom,
            r.w * self.zoom,
            r.h * self.zoom,
        )
    }

    /// Zooms so that what is under the point stays under it.
    pub fn zoomed(self, factor: f32, window: Rect, x: f32, y: f32) -> Camera {
        let zoom = (self.zoom * factor).clamp(1.0, ZOOM_MOST);
        let under = |at: f32, from: f32, offset: f32| offset + (at - from) * (1.0 / self.zoom - 1.0 / zoom);
        Camera { x: under(x, window.x, self.x), y: under(y, window.y, self.y), zoom }
    }

    /// Moves by pixels of the screen, as one drags: what is held follows the hand.
    pub fn panned(self, dx: f32, dy: f32) -> Camera {
        Camera { x: self.x - dx / self.zoom, y: self.y - dy / self.zoom, ..self }
    }

    /// Keeps the window within the world.
    pub fn held(self, window: Rect, world: (f32, f32)) -> Camera {
        let zoom = self.zoom.clamp(1.0, ZOOM_MOST);
        let most = |world: f32, window: f32| (world.max(window) - window / zoom).max(0.0);
        Camera { x: self.x.clamp(0.0, most(world.0, window.w)), y: self.y.clamp(0.0, most(world.1, window.h)), zoom }
    }

    /// Looks at a place so that it fills most of the window.
    pub fn at(window: Rect, world: Rect) -> Camera {
        let zoom = (window.w * 0.8 / world.w).min(window.h * 0.8 / world.h).clamp(1.0, ZOOM_MOST);
        let (x, y) = world.centre();
        Camera { x: x - window.w / 2.0 / zoom, y: y - window.h / 2.0 / zoom, zoom }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_under_the_hand_stays_there() {
        let window = Rect::new(80.0, 190.0, 700.0, 350.0);
        let thing = Rect::new(300.0, 100.0, 50.0, 50.0);
        let before = FIT.place(window, thing).centre();
        let after = FIT.zoomed(3.0, window, before.0, before.1).place(window, thing).centre();
        assert!((before.0 - after.0).abs() < 0.01 && (before.1 - after.1).abs() < 0.01);
    }

    #[test]
    fn the_window_stays_within_the_world() {
        let window = Rect::new(0.0, 0.0, 400.0, 300.0);
        assert_eq!(
            Camera { x: 900.0, y: -5.0, zoom: 0.2 }.held(window, (400.0, 500.0)),
            Camera { x: 0.0, y: 0.0, zoom: 1.0 }
        );
        assert_eq!(
            Camera { x: 900.0, y: 900.0, zoom: 2.0 }.held(window, (400.0, 500.0)),
            Camera { x: 200.0, y: 350.0, zoom: 2.0 }
        );
    }
}
