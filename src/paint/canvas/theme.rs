//! The colours and faces of the theme that is on, read from the page's own tokens.

use crate::scene::shape::Tone;

pub struct Theme {
    colours: Vec<String>,
    /// Red, green and blue of each.
    bytes: Vec<[u8; 3]>,
    pub ui: String,
    pub mono: String,
}

impl Theme {
    /// Reads the tokens that the document has now.
    pub fn read() -> Theme {
        let window = web_sys::window().expect("the page runs in a window");
        let root = window.document().and_then(|document| document.document_element()).expect("a document has a root");
        let style = window.get_computed_style(&root).ok().flatten();
        let token = |name: &str| {
            let value = style.as_ref().and_then(|style| style.get_property_value(&format!("--{name}")).ok());
            value.map(|value| value.trim().to_string()).unwrap_or_default()
        };
        let colours: Vec<String> = Tone::ALL.iter().map(|tone| token(tone.token())).collect();
        Theme {
            bytes: colours.iter().map(|colour| bytes(colour)).collect(),
            colours,
            ui: token("font-ui"),
            mono: token("font-mono"),
        }
    }

    pub fn colour(&self, tone: Tone) -> &str {
        &self.colours[tone as usize]
    }

    /// Red, green, blue.
    pub fn bytes(&self, tone: Tone) -> [u8; 3] {
        self.bytes[tone as usize]
    }

    pub fn font(&self, size: f32, weight: u16, mono: bool) -> String {
        format!("{weight} {size}px {}", if mono { &self.mono } else { &self.ui })
    }
}

/// Of a token that is written `#rrggbb`.
fn bytes(colour: &str) -> [u8; 3] {
    let colour = colour.trim_start_matches('#');
    let byte = |at: usize| colour.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()).unwrap_or(128);
    [byte(0), byte(2), byte(4)]
}
