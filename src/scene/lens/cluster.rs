//! The cluster lens: the outside, the spine, rails, tanks with what is in them, the shelf.

use crate::scene::arrange::{Ground, Style, arrange, inside};
use crate::scene::camera::Camera;
use crate::scene::crowd::Crowd;
use crate::scene::frame::Frame;
use crate::scene::glyph::brackets;
use crate::scene::hit::Key;
use crate::scene::measure::{Face, Measure};
use crate::scene::model::{Glass, Model, Pod};
use crate::scene::pen::Pen;
use crate::scene::pipe::{self, Pipe, Target};
use crate::scene::rail::{self, Rails};
use crate::scene::shape::{Dot, Hue, Id, Layer, Mark, Rect, Tone};
use crate::scene::slots::{Level, Slot, furnish, heap, pitch};
use crate::scene::tank::{self, Body, Free};
use crate::scene::words::{self, Word};
use crate::scene::{ColourBy, Lane, Options, Scene, handle, loupe, map, outside, pod, shelf, spine};
use std::borrow::Cow;

/// Everything that the parts of this lens need to know of each other.
struct View<'a> {
    model: &'a Model,
    options: Options<'a>,
    camera: Camera,
    frame: Frame,
    rails: Rails,
    ground: Ground,
    crowd: Cow<'a, Crowd>,
    /// Of those on view, by Pod: its place on the screen and the index of its tank in `ground`.
    seats: Vec<(usize, Rect, usize)>,
    level: Level,
}

pub fn layout(model: &Model, size: (f32, f32), camera: Camera, options: Options, measure: &dyn Measure) -> Scene {
    let dense = model.nodes.len() >= crate::scene::frame::DENSE_FROM;
    let rails = Rails::of(model, dense, options.selected);
    let frame = Frame::of(model, size.0, size.1, rails.rows());
    let crowd = options.crowd.map_or_else(|| Cow::Owned(Crowd::of(model)), Cow::Borrowed);
    let ground = arrange(model, &frame, &crowd);
    let camera = camera.held(frame.window, ground.world);
    let mut view =
        View { model, options, camera, frame, rails, ground, crowd, seats: Vec::new(), level: Level::Containers };
    let mut pen = Pen::new(measure, view.frame.window);
    view.seat();
    let pipes = view.pipes();
    view.tanks(&mut pen, &pipes);
    let drums = view.shelf(&mut pen);
    for pipe in &pipes {
        pipe::draw(&mut pen, pipe, view.k(), view.frame.small);
    }
    view.draw_pods(&mut pen);
    view.zones(&mut pen);
    rail::draw_all(&mut pen, model, &view.frame, &view.rails, options);
    spine::draw(&mut pen, &model.plane, &view.frame, options.selected, options.locale);
    outside::draw(&mut pen, model, &view.frame, &view.rails, options.locale);
    shelf::draw(&mut pen, model, &view.frame, &drums, options.selected, options.locale);
    view.empty(&mut pen);
    let loupe = view.loupe(&mut pen);
    let map = map::draw(&mut pen, model, &view.ground, camera, view.frame.strip.w > 0.0, |node| view.crowd.worst[node]);
    let mut scene = Scene::new(pen, size, view.ground.world, view.level);
    (scene.map, scene.loupe) = (map, loupe);
    scene.lanes = view.lanes(&pipes);
    scene.spots.extend(view.seats.iter().map(|&(pod, rect, _)| (model.pods[pod].id, rect.centre())));
    scene.tanks = view.ground.tanks.iter().map(|&(node, rect)| (model.nodes[node].id, rect)).collect();
    scene
}

impl<'a> View<'a> {
    /// The scale of furnished tanks; small tanks are drawn at the size they have.
    fn k(&self) -> f32 {
        if self.furnished() { self.camera.zoom } else { 1.0 }
    }

    fn furnished(&self) -> bool {
        matches!(self.ground.style, Style::Full | Style::Compact)
    }

    fn on_screen(&self, tank: Rect) -> Rect {
        self.camera.place(self.frame.window, tank)
    }

    fn visible(&self, tank: Rect) -> bool {
        let labels = self.frame.labels * self.camera.zoom;
        Rect::new(tank.x - 8.0, tank.y - labels, tank.w + 16.0, tank.h + labels + 16.0).meets(self.frame.window)
    }

    fn is_selected(&self, key: &Key) -> bool {
        self.options.selected == Some(key)
    }

    /// Gives every Pod on view its place on the screen.
    fn seat(&mut self) {
        let most = self.crowd.pods.iter().map(Vec::len).max().unwrap_or(0);
        let largest = self.ground.tanks.first().map_or((1.0, 1.0), |(_, tank)| (tank.w, tank.h));
        let pitch = if self.furnished() { 0.0 } else { pitch(largest.0, largest.1, most) };
        let side = pitch * 0.84 * self.camera.zoom;
        self.level = if self.furnished() { Level::Containers } else { Level::of(side, side, self.options.held) };
        for t in 0..self.ground.tanks.len() {
            let (node, tank) = self.ground.tanks[t];
            let on_screen = self.on_screen(tank);
            if self.crowd.pods[node].is_empty() || !self.visible(on_screen) || self.as_cells(on_screen) {
                continue;
            }
            let places = self.options.places.of(self.model, node, &self.crowd.pods[node]);
            for Slot { pod, rect } in self.slots(tank, pitch, &places) {
                let world = Rect::new(tank.x + rect.x, tank.y + rect.y, rect.w, rect.h);
                self.seats.push((pod, self.on_screen(world), t));
            }
        }
        self.seats.sort_unstable_by_key(|(pod, ..)| *pod);
        if self.ground.style == Style::Compact {
            let high = self.seats.iter().map(|(_, rect, _)| rect.h).fold(0.0, f32::max);
            self.level = Level::of(94.0 * self.camera.zoom, high, None);
        }
    }

    fn seat_of(&self, pod: usize) -> Option<(Rect, usize)> {
        let found = self.seats.binary_search_by_key(&pod, |(pod, ..)| *pod).ok()?;
        let (_, rect, tank) = self.seats[found];
        Some((rect, tank))
    }

    fn slots(&self, tank: Rect, pitch: f32, places: &[Option<usize>]) -> Vec<Slot> {
        if self.furnished() {
            let kept = |pod: &Pod| self.is_selected(&pod.key);
            furnish(self.model, self.ground.style, tank.w, tank.h, places, kept)
        } else {
            heap(tank.w, tank.h, pitch, places)
        }
    }

    /// A tank too small to be one is a cell.
    fn as_cells(&self, on_screen: Rect) -> bool {
        self.ground.style == Style::Cell && on_screen.w < 24.0
    }

    fn body(&self, on_screen: Rect) -> (Body, f32) {
        if !self.furnished() {
            let (w, h) = (on_screen.w, on_screen.h);
            return (Body { w, h, disk: 0.0, r: (w * 0.16).clamp(1.0, 18.0), furnished: false }, 1.0);
        }
        let k = self.camera.zoom;
        let disk = inside(self.ground.style).disk;
        (Body { w: on_screen.w / k, h: on_screen.h / k, disk, r: 18.0, furnished: true }, k)
    }

    // -------------------------------------------------------------------------------------------- tanks

    fn tanks(&self, pen: &mut Pen<'a>, pipes: &[Pipe]) {
        let mut cells = Vec::new();
        for &(n, world) in &self.ground.tanks {
            let at = self.on_screen(world);
            if !self.visible(at) {
                continue;
            }
            let node = &self.model.nodes[n];
            pen.object(node.id);
            pen.layer = Layer::Tank;
            pen.hit(node.key.clone(), at.x, at.y, at.w, at.h);
            if self.as_cells(at) {
                self.cell(n, at, &mut cells);
            } else {
                self.tank(pen, n, at, pipes);
            }
            if self.is_selected(&node.key) {
                pen.layer = Layer::Tag;
                pen.part(60);
                brackets(pen, at.x - 7.0, at.y - 8.0, at.w + 14.0, at.h + 14.0, 9.0);
            }
        }
        if !cells.is_empty() {
            cells.sort_by_key(|dot: &Dot| (dot.mark != Mark::Cell, dot.mark));
            pen.object(Id::of("cells", ""));
            pen.layer = Layer::Tank;
            pen.dots(0.0, 0.0, cells);
        }
    }

    fn tank(&self, pen: &mut Pen<'a>, n: usize, at: Rect, pipes: &[Pipe]) {
        let node = &self.model.nodes[n];
        let (body, k) = self.body(at);
        pen.within(at.x, at.y, k, |pen| {
            tank::draw(pen, node, body);
            if self.ground.style == Style::Full {
                tank::numbers(pen, node, body);
                let seated =
                    self.crowd.pods[n].iter().filter_map(|&p| Some((&*self.model.pods[p], self.seat_of(p)?.0)));
                tank::host_paths(pen, node, seated, at, body, k);
                if self.has_handles(n) {
                    handle::of_node(pen, node, body, self.model.nodes.len() > 1);
                }
            }
            let labels = self.frame.labels * if self.furnished() { 1.0 } else { 0.25 * self.camera.zoom };
            if labels < 20.0 || body.w < 60.0 {
                return;
            }
            let crossings: Vec<f32> = pipes
                .iter()
                .filter(|pipe| {
                    pipe.crossing.1 == at.y && pipe.crossing.0 > at.x - 8.0 && pipe.crossing.0 < at.x + at.w + 8.0
                })
                .map(|pipe| (pipe.crossing.0 - at.x) / k)
                .collect();
            let low = self.frame.small || !self.furnished();
            let mut free = Free::new(2.0, body.w, &crossings);
            tank::name(pen, node, &mut free, if low { -10.0 } else { -22.0 });
            self.tags(pen, n, body, low.then_some(&mut free));
            tank::zone(pen, node, &mut free, if low { -10.0 } else { -22.0 });
        });
    }

    /// What hangs on the rim: the verdict for the selected Pod, else the first taint.
    /// Where space is short it shares the row of names.
    fn tags(&self, pen: &mut Pen<'a>, n: usize, body: Body, row: Option<&mut Free>) {
        let node = &self.model.nodes[n];
        let (x, y, room) = match row {
            Some(free) => {
                let Some((from, to)) = free.take_widest() else { return };
                ((from + to) / 2.0, -23.5, to - from)
            }
            None => (body.w / 2.0 + 10.0, if node.taints.is_empty() { -10.0 } else { -12.0 }, body.w - 16.0),
        };
        match (&node.verdict, node.taints.first()) {
            (Some(verdict), _) => _ = tank::verdict(pen, verdict, x, y, room),
            (None, Some(taint)) => {
                if let Some(tag) = tank::taint(pen, taint, x, y, room).filter(|_| self.has_handles(n)) {
                    handle::of_taint(pen, node, taint, tag);
                }
            }
            _ => {}
        }
    }

    fn has_handles(&self, n: usize) -> bool {
        let Options { handles, selected, hovered, .. } = self.options;
        handles && handle::are_seen(&self.model.nodes[n].key, selected, hovered)
    }

    /// A node as one cell, with a mark when some of its Pods are broken or waiting.
    fn cell(&self, n: usize, at: Rect, cells: &mut Vec<Dot>) {
        let (x, y) = at.centre();
        let tone = match self.model.nodes[n].glass {
            Glass::Ready => Tone::Ready,
            Glass::NotReady => Tone::Broken,
            Glass::Unknown => Tone::Unknown,
            Glass::Off => Tone::Line2,
        };
        cells.push(Dot { x, y, r: at.w.min(at.h) / 2.0, mark: Mark::Cell, tone });
        let r = (at.w * 0.2).max(1.5);
        if let Some(tone) = self.crowd.worst[n] {
            cells.push(Dot { x, y, r, mark: if tone == Tone::Broken { Mark::Diamond } else { Mark::Hollow }, tone });
        }
    }

    // -------------------------------------------------------------------------------------------- Pods

    fn draw_pods(&self, pen: &mut Pen<'a>) {
        let mut dots: Vec<Vec<(u8, Dot)>> = vec![Vec::new(); self.ground.tanks.len()];
        for &(p, at, t) in &self.seats {
            if !at.grown(8.0).meets(self.frame.window) {
                continue;
            }
            let pod = &self.model.pods[p];
            let held = (!self.furnished()).then_some(self.level);
            match Level::of(at.w, at.h, held) {
                level @ (Level::Dot | Level::Shade) => {
                    let tank = self.on_screen(self.ground.tanks[t].1);
                    let inside = Rect { x: at.x - tank.x, y: at.y - tank.y, ..at };
                    let shade = level == Level::Shade;
                    dots[t].push((pod.state.weight(), pod::dot(pod, inside, shade, self.colour(pod))));
                    if self.is_selected(&pod.key) {
                        pen.object(pod.id);
                        pen.layer = Layer::Tag;
                        pen.part(60);
                        brackets(pen, at.x - 4.0, at.y - 4.0, at.w + 8.0, at.h + 8.0, 4.0);
                    }
                }
                level => self.draw_pod(pen, pod, at, level),
            }
        }
        for (mut dots, &(n, tank)) in dots.into_iter().zip(&self.ground.tanks) {
            if dots.is_empty() {
                continue;
            }
            dots.sort_by_key(|(weight, _)| *weight);
            let at = self.on_screen(tank);
            pen.object(self.model.nodes[n].id);
            pen.part(40);
            pen.layer = Layer::Pod;
            pen.dots(at.x, at.y, dots.into_iter().map(|(_, dot)| dot).collect());
        }
    }

    fn draw_pod(&self, pen: &mut Pen<'a>, pod: &Pod, at: Rect, level: Level) {
        let k = match level {
            Level::Containers => (at.w / 94.0).min(at.h / 74.0).clamp(0.9, 4.0),
            _ => (at.w / 70.0).min(at.h / 24.0).clamp(0.8, 4.0),
        };
        let (w, h) = (at.w / k, if level == Level::Pod { (at.h / k).min(28.0) } else { at.h / k });
        pen.object(pod.id);
        pen.layer = Layer::Pod;
        pen.within(at.x, at.y, k, |pen| {
            pen.hit(pod.key.clone(), 0.0, 0.0, w, h);
            pod::draw(pen, pod, w, h);
            if self.is_selected(&pod.key) {
                pod::select(pen, w, h);
                if self.options.handles && level == Level::Containers {
                    handle::of_pod(pen, pod, (w, h));
                }
            }
        });
    }

    fn colour(&self, pod: &Pod) -> Tone {
        match self.options.colour {
            ColourBy::State => pod.state.tone(),
            ColourBy::Revision => pod.hue.map_or(Tone::Line3, |hue| Hue::revision(hue).line),
            ColourBy::Namespace => {
                let Id(hash) = Id::of("namespace", &pod.key.namespace);
                Hue::revision((hash % 6) as u16).line
            }
        }
    }

    // -------------------------------------------------------------------------------------------- bands

    /// The pipes of Services that have a rail, to Pods drawn as such.
    fn pipes(&self) -> Vec<Pipe> {
        if !self.furnished() {
            return Vec::new();
        }
        let mut pipes = Vec::new();
        let first = self.ground.tanks.first().map_or(0.0, |(_, tank)| tank.y);
        for (lane, &s) in self.rails.own.iter().enumerate() {
            let service = &self.model.services[s];
            let rail = self.frame.rail_at(self.rails.row(s).expect("it has a row"));
            for &endpoint in &service.endpoints {
                let Some((pod, t)) = self.seat_of(endpoint.pod) else { continue };
                let upper = (self.ground.tanks[t].1.y - first).abs() < 1.0;
                // A phone has no aisle between its tanks.
                if pod.h < 15.0 || self.frame.small && !upper {
                    continue;
                }
                let tank = self.on_screen(self.ground.tanks[t].1);
                let top = inside(self.ground.style).top * self.k();
                let target = Target { pod, tank, first_row: pod.y - tank.y < top + 2.0 * self.k(), upper, k: self.k() };
                let points = pipe::route(rail.bottom(), &target, self.lane_of(s, endpoint.pod, lane));
                let into = points.iter().rev().find(|(_, y)| *y < tank.y).copied().unwrap_or(points[0]);
                let id = service.id.part(self.model.pods[endpoint.pod].id.0);
                pipes.push(Pipe { id, service: s, endpoint, points, crossing: (into.0, tank.y) });
            }
        }
        pipes
    }

    /// Which of the lanes in a gutter: the how many-th Service it is that leads to this Pod.
    fn lane_of(&self, service: usize, pod: usize, lane: usize) -> usize {
        let leads = |s: &usize| self.model.services[*s].endpoints.iter().any(|endpoint| endpoint.pod == pod);
        let before = self.rails.own.iter().take_while(|&&s| s != service).filter(|s| leads(s)).count();
        before.min(lane)
    }

    fn lanes(&self, pipes: &[Pipe]) -> Vec<Lane> {
        let mut lanes = Vec::new();
        for &s in &self.rails.own {
            let service = &self.model.services[s];
            if service.rate == 0 {
                continue;
            }
            let rail = self.frame.rail_at(self.rails.row(s).expect("it has a row"));
            let lane = rail.y + rail::lane(rail.h);
            // Requests from outside come in from the strip, those of Pods begin on the rail.
            let outside = self.model.clients.iter().any(|client| client.service == s) && self.frame.strip.w > 0.0;
            let start = if outside { 54.0 } else { rail.x + 4.0 };
            let entry = [(start, rail.y + rail.h / 2.0), (rail.x + 6.0, rail.y + rail.h / 2.0)];
            let way = |points: &[(f32, f32)], answered| Lane {
                service: service.id,
                rate: service.rate,
                points: points.to_vec(),
                answered,
            };
            let open: Vec<&Pipe> = pipes.iter().filter(|pipe| pipe.service == s && pipe.endpoint.open).collect();
            if open.is_empty() {
                lanes.push(way(&entry, service.ready > 0));
            }
            for pipe in open {
                let mut points = entry.to_vec();
                points.extend([(rail.x + 6.0, lane), (pipe.points[0].0, lane)]);
                points.extend(&pipe.points);
                lanes.push(way(&points, true));
            }
        }
        lanes
    }

    fn shelf(&self, pen: &mut Pen<'a>) -> shelf::Drums {
        let seat = |volume: &crate::scene::model::Volume| {
            volume.pods.iter().find_map(|&pod| self.seat_of(pod)).filter(|(rect, _)| rect.h >= 15.0)
        };
        let under = |volume: &crate::scene::model::Volume| seat(volume).map(|(rect, _)| rect.x + rect.w / 2.0);
        let drums = shelf::place(self.model, &self.frame, &under);
        let last = self.ground.tanks.iter().map(|(_, tank)| tank.y).fold(0.0, f32::max);
        for &(v, at) in &drums {
            let volume = &self.model.volumes[v];
            for &p in &volume.pods {
                let Some((pod, t)) = self.seat_of(p).filter(|(rect, _)| rect.h >= 15.0) else { continue };
                let world = self.ground.tanks[t].1;
                let id = volume.id.part(self.model.pods[p].id.0);
                shelf::cable(pen, id, pod, self.on_screen(world), at, (world.y - last).abs() < 1.0);
            }
        }
        drums
    }

    fn zones(&self, pen: &mut Pen<'a>) {
        const NAME: Face = Face::ui(11.0, 500);
        const CPU: Face = Face::ui(10.0, 400);
        pen.layer = Layer::Tag;
        for zone in &self.ground.zones {
            let at = self.on_screen(Rect::new(zone.x, zone.y, zone.w, 0.0)).common(Rect {
                y: f32::MIN / 2.0,
                h: f32::MAX,
                ..self.frame.window
            });
            let y = self.on_screen(Rect::new(zone.x, zone.y, zone.w, 0.0)).y - 14.0;
            pen.object(Id::of("zone", &zone.name));
            let cpu = zone.nodes.iter().map(|&n| self.model.nodes[n].cpu).sum::<f32>() / zone.nodes.len().max(1) as f32;
            let cpu = format!("cpu {}%", (cpu * 100.0).round());
            let Some(name) = NAME.fit(pen.measure, &zone.name, at.w - 6.0) else { continue };
            pen.label(at.x, y, &name, NAME, Tone::Ink3);
            pen.part(1);
            if pen.width(&name, NAME) + pen.width(&cpu, CPU) + 8.0 < at.w {
                pen.label_end(at.right(), y, &cpu, CPU, Tone::Ink3);
            }
        }
    }

    /// An empty state says what is missing.
    fn empty(&self, pen: &mut Pen<'a>) {
        let word = match (self.model.nodes.is_empty(), self.model.pods.is_empty()) {
            (true, _) => Word::NoNodes,
            (_, true) => Word::NothingYet,
            _ => return,
        };
        pen.layer = Layer::Band;
        pen.object(Id::of("empty", ""));
        // In the middle tank of the first row: between two tanks it would lie across their walls.
        let top = self.ground.tanks.first().map(|(_, at)| at.y);
        let row: Vec<_> = self.ground.tanks.iter().map(|(_, at)| *at).filter(|at| Some(at.y) == top).collect();
        let window = row.get(row.len() / 2).map_or(self.frame.window, |at| self.on_screen(*at));
        let (x, y) = (window.x + window.w / 2.0, window.y + window.h * 0.45);
        let face = Face::ui(13.0, 500);
        // Beside the gauges at the wall.
        let lines = face.lines(pen.measure, word.say(self.options.locale), window.w - 48.0);
        for (n, line) in lines.into_iter().enumerate() {
            pen.part(n as u64);
            pen.label_middle(x, y + 18.0 * n as f32, line, face, Tone::Ink3);
        }
    }

    /// Whether there is one.
    fn loupe(&self, pen: &mut Pen<'a>) -> bool {
        let hovered = self.options.hovered.filter(|_| !self.furnished() && self.level >= Level::Dot);
        let tank = hovered.and_then(|key| self.ground.tanks.iter().find(|(n, _)| self.model.nodes[*n].key == *key));
        let Some((n, at)) = tank.map(|&(n, tank)| (n, self.on_screen(tank))).filter(|(_, at)| self.visible(*at)) else {
            return false;
        };
        let places = self.options.places.of(self.model, n, &self.crowd.pods[n]);
        let says = words::numbers(&self.model.nodes[n], self.crowd.pods[n].len(), self.options.locale);
        loupe::draw(pen, self.model, (n, at), &places, &says, |pod| self.is_selected(&pod.key), |pod| self.colour(pod));
        true
    }
}
