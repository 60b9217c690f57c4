//! Base64 as Go's standard encoding: with padding, line breaks inside are passed over.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().enumerate().fold(0u32, |g, (i, b)| g | u32::from(*b) << (16 - 8 * i));
        for i in 0..4 {
            let index = (group >> (18 - 6 * i)) as usize & 63;
            text.push(if i <= chunk.len() { ALPHABET[index] as char } else { '=' });
        }
    }
    text
}

/// The bytes, or the offset of the first byte that is wrong.
pub fn decode(text: &str) -> Result<Vec<u8>, usize> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut group, mut count) = (0u32, 0);
    let mut input = text.bytes().enumerate().filter(|(_, b)| !matches!(b, b'\r' | b'\n'));
    while let Some((at, b)) = input.next() {
        if b == b'=' {
            if count < 2 || (count == 2 && !matches!(input.next(), Some((_, b'=')))) {
                return Err(if count < 2 { at } else { text.len() });
            }
            if let Some((trailing, _)) = input.next() {
                return Err(trailing);
            }
            bytes.extend_from_slice(&(group << (24 - 6 * count)).to_be_bytes()[1..count as usize]);
            return Ok(bytes);
        }
        let six = ALPHABET.iter().position(|a| *a == b).ok_or(at)?;
        group = group << 6 | six as u32;
        count += 1;
        if count == 4 {
            bytes.extend_from_slice(&group.to_be_bytes()[1..]);
            (group, count) = (0, 0);
        }
    }
    if count == 0 { Ok(bytes) } else { Err(text.len() - count as usize) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_and_names_the_wrong_byte() {
        for text in ["", "a", "ab", "abc", "abcd", "\u{1F600}x"] {
            assert_eq!(decode(&encode(text.as_bytes())).unwrap(), text.as_bytes());
        }
        assert_eq!(encode(b"admin"), "YWRtaW4=");
        assert_eq!(decode("<base64>"), Err(0));
        assert_eq!(decode("YW!t"), Err(2));
        assert_eq!(decode("YWRtaW4"), Err(4));
        assert_eq!(decode("YWRt\nYWRt").unwrap(), b"admadm");
    }
}
