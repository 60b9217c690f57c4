//! Where the picture's camera goes.

use super::Picture;
use crate::scene::Scene;
use crate::scene::camera::{Camera, FIT};
use crate::scene::ease;
use crate::scene::hit::{Direction, Key};

/// The part of the window that a key moves on by.
const STRIDE: f32 = 0.35;

impl Picture {
    /// Follows the hand by so many CSS pixels.
    pub fn drag(&mut self, dx: f64, dy: f64) {
        self.flight = None;
        self.point(self.camera.panned(dx as f32, dy as f32));
    }

    /// Zooms around a point of the canvas.
    pub fn zoom_at(&mut self, factor: f64, x: f64, y: f64) {
        let Some(window) = self.scene.as_ref().map(|scene| scene.window) else { return };
        self.flight = None;
        self.point(self.camera.zoomed(factor as f32, window, x as f32, y as f32));
    }

    /// The camera looks at the place that the map shows at a point of the canvas; `false` if there is no map.
    pub fn look_on_map(&mut self, x: f64, y: f64) -> bool {
        let Some((map, world, window)) = self.scene.as_ref().and_then(|s| Some((s.map?, s.world, s.window))) else {
            return false;
        };
        let zoom = self.camera.zoom;
        let middle = |at: f64, from: f32, length: f32, world: f32| (at as f32 - from) / length * world;
        let (x, y) = (middle(x, map.x, map.w, world.0), middle(y, map.y, map.h, world.1));
        self.flight = None;
        self.point(Camera { x: x - window.w / 2.0 / zoom, y: y - window.h / 2.0 / zoom, zoom });
        true
    }

    /// Moves on by a part of the window, as keys do.
    pub fn move_on(&mut self, direction: Direction) {
        let Some(window) = self.scene.as_ref().map(|scene| scene.window) else { return };
        let (right, down) = match direction {
            Direction::Left => (-1.0, 0.0),
            Direction::Right => (1.0, 0.0),
            Direction::Up => (0.0, -1.0),
            Direction::Down => (0.0, 1.0),
        };
        self.go(self.destination().panned(-right * window.w * STRIDE, -down * window.h * STRIDE));
    }

    /// Zooms around the middle, as keys do.
    pub fn zoom(&mut self, factor: f64) {
        let Some(window) = self.scene.as_ref().map(|scene| scene.window) else { return };
        let (x, y) = window.centre();
        self.go(self.destination().zoomed(factor as f32, window, x, y));
    }

    /// Where the camera is, or is flying to.
    fn destination(&self) -> Camera {
        self.flight.map_or(self.camera, |(_, to, _)| to)
    }

    /// Everything into view.
    pub fn fit(&mut self) {
        self.go(FIT);
    }

    /// Flies to a node, or to the node of a Pod.
    pub fn look_at(&mut self, key: &Key) {
        let Some(scene) = &self.scene else { return };
        let node = match key.kind {
            "Node" => self.model.nodes.iter().find(|node| node.key == *key),
            _ => self.model.pods.iter().find(|pod| pod.key == *key).and_then(|pod| self.model.nodes.get(pod.node?)),
        };
        if let Some(tank) = node.and_then(|node| scene.tanks.get(&node.id)) {
            let camera = Camera::at(scene.window, *tank);
            self.go(camera);
        }
    }

    pub fn camera(&self) -> Camera {
        self.camera
    }

    /// What of the world is in the middle, across and down, and how near, in thousandths; none if everything is in view.
    pub fn aim(&self) -> Option<[u32; 3]> {
        let Scene { window, world, .. } = self.scene.as_ref()?;
        let Camera { x, y, zoom } = self.camera;
        let middle = |offset: f32, window: f32, world: f32| (offset + window / 2.0 / zoom) / world;
        let aim = [middle(x, window.w, world.0), middle(y, window.h, world.1), zoom];
        (self.camera != FIT).then(|| aim.map(|part| (part * 1000.0).round() as u32))
    }

    /// Goes where [`Picture::aim`] was.
    pub fn take_aim(&mut self, aim: [u32; 3]) {
        let Some(scene) = &self.scene else { return };
        let [x, y, zoom] = aim.map(|part| part as f32 / 1000.0);
        let zoom = zoom.max(1.0);
        let offset = |middle: f32, window: f32, world: f32| middle * world - window / 2.0 / zoom;
        let camera =
            Camera { x: offset(x, scene.window.w, scene.world.0), y: offset(y, scene.window.h, scene.world.1), zoom };
        self.flight = None;
        self.point(camera);
    }

    fn point(&mut self, camera: Camera) {
        let Some(scene) = &self.scene else { return };
        let held = camera.held(scene.window, scene.world);
        if held != self.camera {
            self.camera = held;
            self.stale = true;
        }
    }

    fn go(&mut self, to: Camera) {
        let Some(scene) = &self.scene else { return };
        let to = to.held(scene.window, scene.world);
        if self.view.reduced {
            self.point(to);
        } else {
            self.flight = Some((self.camera, to, self.last));
        }
    }

    pub(super) fn fly(&mut self, wall: f64) {
        let Some((from, to, start)) = self.flight else { return };
        let share = ((wall - start) / ease::STEP) as f32;
        if share >= 1.0 {
            self.flight = None;
            self.point(to);
            return;
        }
        let along = ease::Ease::Out.at(share);
        let mix = |a: f32, b: f32| a + (b - a) * along;
        let zoom = from.zoom * (to.zoom / from.zoom).powf(along);
        self.point(Camera { x: mix(from.x, to.x), y: mix(from.y, to.y), zoom });
    }
}
