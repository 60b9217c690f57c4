mod browser;
mod text;

fn main() {}
