//! The first Apply, played once where nobody sees it, bit by bit while the page has nothing else to do: a browser compiles
//! a function when it is first called, and the first Apply would call thousands of them at once.

use crate::browser;
use crate::editor::files::Files;
use crate::inspector::overview::Tally;
use crate::player::{Player, SPEEDS};
use kubarium::picture::{Picture, Room, ViewState};
use kubarium_sim::clock::Time;
use kubarium_sim::command::Command;
use wasm_bindgen::JsCast;

/// By then the sample runs, and has been rolled out once more.
const END: Time = Time(40_000);
const ROLLS: Time = Time(15_000);
/// What passes from one bit to the next, in wall time of those who would see it.
const BIT_MS: f64 = 100.0;
/// What of that the cluster may take, in milliseconds.
const LIVE_MS: f64 = 2.0;
/// The size of a picture that shows everything, in CSS pixels.
const SIZE: (f64, f64) = (900.0, 700.0);

pub struct Rehearsal {
    player: Player,
    picture: Option<Picture>,
    wall_ms: f64,
    rolled: bool,
    tally: Tally,
}

impl Rehearsal {
    pub fn new() -> Rehearsal {
        let mut player = Player::new();
        player.set_speed(SPEEDS.len() / 2);
        let line = player.hand_over(Files::sample().list.into_iter().map(|file| (file.name, file.text)));
        player.command(Command::Run { line: line.into() });
        let canvas = browser::document().create_element("canvas").ok();
        let mut picture = canvas.map(|canvas| Picture::new(canvas.unchecked_into()));
        if let Some(picture) = &mut picture {
            picture.resize(SIZE.0, SIZE.1, 1.0);
        }
        Rehearsal { player, picture, wall_ms: 0.0, rolled: false, tally: Tally::default() }
    }

    /// Plays a bit, no more than fits into a frame; whether there is more.
    pub fn go_on(&mut self) -> bool {
        self.wall_ms += BIT_MS;
        self.player.frame(self.wall_ms, LIVE_MS, None);
        let cluster = self.player.cluster();
        if let Some(picture) = &mut self.picture {
            picture.frame(
                self.wall_ms,
                cluster,
                &ViewState { speed: 10.0, playing: true, ..ViewState::default() },
                Room { leapt: false, full: &|| false },
            );
        }
        self.tally.go_on(cluster, None, usize::MAX);
        let _ = self.tally.overview(cluster);
        let now = cluster.now;
        if now >= ROLLS && !std::mem::replace(&mut self.rolled, true) {
            self.player.command(Command::Run { line: "kubectl rollout restart deployment/web".into() });
        }
        now < END
    }
}
