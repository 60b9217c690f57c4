//! A saved cluster as the fragment of an address: `1.` and its text, deflated (RFC 1950), in the letters of base64url.

use super::{Flaw, MOST_TEXT, Opened, Saved, VERSION};
use kubarium_sim::manifest::base64;
use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_zlib_with_limit};

/// The most that a link holds, in bytes before they are written as letters.
pub const MOST_BYTES: usize = 64 << 10;
const MOST_LETTERS: usize = MOST_BYTES.div_ceil(3) * 4;
/// Of 0 to 10.
const EFFORT: u8 = 9;

/// The fragment without its `#`; none if the cluster is too large for a link.
pub fn write(saved: &Saved) -> Option<String> {
    let text = saved.write();
    let packed = compress_to_vec_zlib(text.as_bytes(), EFFORT);
    (text.len() <= MOST_TEXT && packed.len() <= MOST_BYTES).then(|| format!("{VERSION}.{}", letters(&packed)))
}

/// Whether a fragment (without its `#`) claims to be a link of ours.
pub fn is_link(fragment: &str) -> bool {
    fragment.split_once('.').is_some_and(|(version, _)| version.parse::<u32>().is_ok())
}

/// Reads a fragment, as far as it makes sense. What stands behind its end, as mail programs leave there, is no harm.
pub fn read(fragment: &str) -> Opened {
    let Some((version, body)) = fragment.split_once('.') else { return Opened::nothing(Flaw::Broken) };
    let newer = version.parse::<i64>().is_ok_and(|v| v > VERSION);
    if body.len() > MOST_LETTERS {
        return Opened::nothing(if newer { Flaw::TooNew } else { Flaw::TooLong });
    }
    let (text, whole) = match decompress_to_vec_zlib_with_limit(&bytes(body), MOST_TEXT) {
        Ok(text) => (text, true),
        Err(e) if e.status == TINFLStatus::HasMoreOutput => return Opened::nothing(Flaw::TooLong),
        Err(e) => (e.output, false),
    };
    let legible = match std::str::from_utf8(&text) {
        Ok(text) => text,
        Err(e) => std::str::from_utf8(&text[..e.valid_up_to()]).unwrap_or_default(),
    };
    let opened = Saved::read(legible);
    let flaw = if newer { Some(Flaw::TooNew) } else { opened.flaw.or((!whole).then_some(Flaw::Broken)) };
    Opened { flaw, ..opened }
}

/// The letters of base64url are those of base64 but for two, and it has no padding.
fn letters(bytes: &[u8]) -> String {
    let swap = |letter| match letter {
        '+' => '-',
        '/' => '_',
        letter => letter,
    };
    base64::encode(bytes).trim_end_matches('=').chars().map(swap).collect()
}

/// Up to the first sign that is no letter.
fn bytes(letters: &str) -> Vec<u8> {
    let swap = |letter| match letter {
        '-' => Some('+'),
        '_' => Some('/'),
        letter => letter.is_ascii_alphanumeric().then_some(letter),
    };
    let mut text: String = letters.chars().map_while(swap).collect();
    if text.len() % 4 == 1 {
        // A letter alone is not a byte.
        text.pop();
    }
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    base64::decode(&text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_those_of_base64url() {
        for (text, expect) in
            [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("??>", "Pz8-")]
        {
            assert_eq!(letters(text.as_bytes()), expect);
            assert_eq!(bytes(expect), text.as_bytes());
        }
        assert_eq!(bytes("Zm9v)."), b"foo");
        assert_eq!(bytes("Z"), b"");
    }

    #[test]
    fn what_is_no_link_is_left_alone() {
        for fragment in ["", "picture", "a.b", ".", "-1.x"] {
            assert!(!is_link(fragment), "{fragment}");
        }
        assert!(is_link("1.eJw") && is_link("7."));
    }
}
