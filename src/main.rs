mod browser;
mod chronicle;
mod editor;
mod how;
mod icons;
mod player;
mod text;

fn main() {}
