//! id, uname, free, stress; checksums and base64.

use super::super::process::*;
use super::{Options, State, files, say, time};

/// The number that `/etc/passwd` or `/etc/group` gives to a name; numbers stand for themselves.
pub fn id_of(cx: &mut Context, file: &str, name: &str) -> Option<u32> {
    if let Ok(id) = name.parse() {
        return Some(id);
    }
    let text = cx.fs().read_text(file)?;
    text.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(name)).then(|| fields.nth(1)?.parse().ok())?
    })
}

/// The name that `/etc/passwd` or `/etc/group` gives to a number; else the number.
pub fn name_of(cx: &mut Context, file: &str, id: u32) -> String {
    found_name(cx, file, id).unwrap_or_else(|| id.to_string())
}

/// The name of the user that a program runs as, if he has one.
pub fn user(cx: &mut Context) -> Option<String> {
    let uid = cx.creds().uid;
    found_name(cx, "/etc/passwd", uid)
}

fn found_name(cx: &mut Context, file: &str, id: u32) -> Option<String> {
    let Some(text) = cx.fs().read_text(file) else { return (id == 0).then(|| "root".into()) };
    text.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        (fields.get(2)?.parse() == Ok(id)).then(|| fields[0].to_string())
    })
}

pub fn id(cx: &mut Context, tool: &str, args: &[String]) -> i32 {
    let creds = cx.creds();
    let options = Options::read(args, "");
    let user = found_name(cx, "/etc/passwd", creds.uid);
    if tool == "whoami" {
        return match user {
            Some(user) => say(cx, user),
            None => {
                let text = if cx.is_gnu() {
                    format!("whoami: cannot find name for user ID {}", creds.uid)
                } else {
                    format!("whoami: unknown uid {}", creds.uid)
                };
                cx.complain(text);
                1
            }
        };
    }
    // The kernel sorts its list; GNU's tools put the group itself first.
    let mut groups: Vec<u32> = creds.groups.iter().copied().chain([creds.gid]).collect();
    groups.sort_by_key(|group| (cx.is_gnu() && *group != creds.gid, *group));
    groups.dedup();
    let names: Vec<Option<String>> = groups.iter().map(|group| found_name(cx, "/etc/group", *group)).collect();
    let group = found_name(cx, "/etc/group", creds.gid);
    let shown = |id: u32, name: &Option<String>| name.as_ref().map_or(id.to_string(), |name| format!("{id}({name})"));
    if options.has('u') {
        let text = if options.has('n') { user.unwrap_or_else(|| creds.uid.to_string()) } else { creds.uid.to_string() };
        return say(cx, text);
    }
    if options.has('g') {
        let text =
            if options.has('n') { group.unwrap_or_else(|| creds.gid.to_string()) } else { creds.gid.to_string() };
        return say(cx, text);
    }
    if options.has('G') || tool == "groups" {
        let by_name = options.has('n') || tool == "groups";
        let words: Vec<String> = groups
            .iter()
            .zip(&names)
            .map(|(id, name)| name.clone().filter(|_| by_name).unwrap_or_else(|| id.to_string()))
            .collect();
        return say(cx, words.join(" "));
    }
    let list: Vec<String> = groups.iter().zip(&names).map(|(id, name)| shown(*id, name)).collect();
    let line = format!("uid={} gid={} groups={}", shown(creds.uid, &user), shown(creds.gid, &group), list.join(","));
    say(cx, line)
}

pub fn about(cx: &mut Context, tool: &str, args: &[String]) -> i32 {
    let options = Options::read(args, "t");
    match tool {
        "nproc" => say(cx, 2),
        "tty" => {
            let name = if cx.is_terminal(0) { "/dev/pts/0" } else { "not a tty" };
            say(cx, name);
            i32::from(!cx.is_terminal(0))
        }
        "uname" => {
            let host = cx.host.hostname();
            let mut words = Vec::new();
            for (letter, text) in [
                ('s', "Linux"),
                ('n', &*host),
                ('r', "6.12.0"),
                ('v', "#1 SMP PREEMPT_DYNAMIC"),
                ('m', "x86_64"),
                ('o', "GNU/Linux"),
            ] {
                if options.has(letter) || options.has('a') || (letter == 's' && args.is_empty()) {
                    words.push(text.to_string());
                }
            }
            say(cx, words.join(" "))
        }
        _ => say(
            cx,
            "              total        used        free      shared  buff/cache   available\n\
             Mem:        4030464      512000     2400000        1200     1118464     3400000\n\
             Swap:             0           0           0",
        ),
    }
}

/// stress, as polinux/stress and progrium/stress have it: memory and CPU for a while.
pub(in crate::shell) fn stress(cx: &mut Context, args: &[String], state: &mut State) -> Flow {
    let value = |names: &[&str]| {
        let at = args.iter().position(|arg| names.contains(&arg.as_str()))?;
        args.get(at + 1).cloned()
    };
    let number = |names: &[&str]| value(names).and_then(|text| files::bytes(&text)).unwrap_or(0);
    let (cpu, vm) = (number(&["--cpu", "-c", "-cpus", "--cpus"]), number(&["--vm", "-m"]));
    let bytes = value(&["--vm-bytes", "-mem-total"]).and_then(|text| files::bytes(&text)).unwrap_or(256 << 20);
    let until = value(&["--timeout", "-t"]).and_then(|text| time::duration(&text)).map(|span| cx.now + span);
    let total = vm.max(u64::from(args.iter().any(|arg| arg == "-mem-total"))) * bytes;
    say(cx, format!("stress: info: [{}] dispatching hogs: {cpu} cpu, 0 io, {vm} vm, 0 hdd", cx.pid));
    cx.me_mut().memory = total;
    if cpu > 0 {
        *state = State::Stress(until);
        return Flow::Go;
    }
    match until {
        Some(at) => {
            *state = State::Until(at);
            Flow::Wait(Wait::Until(at))
        }
        None => Flow::Wait(Wait::Forever),
    }
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 with lines of `wrap` letters; 0 for one line without a newline at its end.
pub fn base64(bytes: &[u8], wrap: usize) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, b| word << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            text.push(if i <= chunk.len() { char::from(BASE64[(word >> (18 - 6 * i)) as usize & 63]) } else { '=' });
        }
    }
    if wrap == 0 || text.is_empty() {
        return text;
    }
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(wrap).map(|line| line.iter().collect::<String>() + "\n").collect()
}

/// `None` if it is no base64. Line breaks are passed over, missing padding is forgiven.
pub fn base64_decode(text: &[u8]) -> Option<Vec<u8>> {
    let (mut word, mut bits, mut out) = (0_u32, 0, Vec::new());
    for byte in text.iter().filter(|b| !b.is_ascii_whitespace()) {
        if *byte == b'=' {
            break;
        }
        let value = BASE64.iter().position(|b| b == byte)? as u32;
        word = word << 6 | value;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((word >> bits) as u8);
            word &= (1 << bits) - 1;
        }
    }
    Some(out)
}

/// RFC 1321.
pub fn md5(data: &[u8]) -> String {
    const SHIFTS: [u32; 16] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
    let mut state = [0x6745_2301_u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in padded(data, false).chunks(64) {
        let words: Vec<u32> = block.chunks(4).map(|w| u32::from_le_bytes([w[0], w[1], w[2], w[3]])).collect();
        let [mut a, mut b, mut c, mut d] = state;
        for i in 0..64_usize {
            let (f, g) = match i / 16 {
                0 => ((b & c) | (!b & d), i),
                1 => ((d & b) | (!d & c), (5 * i + 1) % 16),
                2 => (b ^ c ^ d, (3 * i + 5) % 16),
                _ => (c ^ (b | !d), (7 * i) % 16),
            };
            let sum = a.wrapping_add(f).wrapping_add(SINES[i]).wrapping_add(words[g]);
            (a, d, c) = (d, c, b);
            b = b.wrapping_add(sum.rotate_left(SHIFTS[i / 16 * 4 + i % 4]));
        }
        for (sum, new) in state.iter_mut().zip([a, b, c, d]) {
            *sum = sum.wrapping_add(new);
        }
    }
    state.iter().flat_map(|word| word.to_le_bytes()).map(|byte| format!("{byte:02x}")).collect()
}

/// FIPS 180-4.
pub fn sha256(data: &[u8]) -> String {
    sha256_bytes(data).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sha256_bytes(data: &[u8]) -> [u8; 32] {
    let mut state =
        [0x6a09_e667_u32, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];
    for block in padded(data, true).chunks(64) {
        let mut w: Vec<u32> = block.chunks(4).map(|w| u32::from_be_bytes([w[0], w[1], w[2], w[3]])).collect();
        for i in 16..64 {
            let s0 = w[i - 15].rotate_right(7) ^ w[i - 15].rotate_right(18) ^ (w[i - 15] >> 3);
            let s1 = w[i - 2].rotate_right(17) ^ w[i - 2].rotate_right(19) ^ (w[i - 2] >> 10);
            w.push(w[i - 16].wrapping_add(s0).wrapping_add(w[i - 7]).wrapping_add(s1));
        }
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state;
        for i in 0..64 {
            let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
            let choice = (e & f) ^ (!e & g);
            let t1 = h.wrapping_add(s1).wrapping_add(choice).wrapping_add(ROUNDS[i]).wrapping_add(w[i]);
            let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
            let t2 = s0.wrapping_add((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(t1), c, b, a, t1.wrapping_add(t2));
        }
        for (sum, new) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *sum = sum.wrapping_add(new);
        }
    }
    let mut out = [0; 32];
    for (chunk, word) in out.chunks_mut(4).zip(state) {
        chunk.copy_from_slice(&word.to_be_bytes());
    }
    out
}

fn padded(data: &[u8], big_endian: bool) -> Vec<u8> {
    let mut padded = data.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    let bits = data.len() as u64 * 8;
    padded.extend(if big_endian { bits.to_be_bytes() } else { bits.to_le_bytes() });
    padded
}

/// RFC 1321: the sines of 1 to 64, as fractions of 2^32.
const SINES: [u32; 64] = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];

/// FIPS 180-4: of the cube roots of the first 64 primes, the fractions.
const ROUNDS: [u32; 64] = [
    0x428a_2f98,
    0x7137_4491,
    0xb5c0_fbcf,
    0xe9b5_dba5,
    0x3956_c25b,
    0x59f1_11f1,
    0x923f_82a4,
    0xab1c_5ed5,
    0xd807_aa98,
    0x1283_5b01,
    0x2431_85be,
    0x550c_7dc3,
    0x72be_5d74,
    0x80de_b1fe,
    0x9bdc_06a7,
    0xc19b_f174,
    0xe49b_69c1,
    0xefbe_4786,
    0x0fc1_9dc6,
    0x240c_a1cc,
    0x2de9_2c6f,
    0x4a74_84aa,
    0x5cb0_a9dc,
    0x76f9_88da,
    0x983e_5152,
    0xa831_c66d,
    0xb003_27c8,
    0xbf59_7fc7,
    0xc6e0_0bf3,
    0xd5a7_9147,
    0x06ca_6351,
    0x1429_2967,
    0x27b7_0a85,
    0x2e1b_2138,
    0x4d2c_6dfc,
    0x5338_0d13,
    0x650a_7354,
    0x766a_0abb,
    0x81c2_c92e,
    0x9272_2c85,
    0xa2bf_e8a1,
    0xa81a_664b,
    0xc24b_8b70,
    0xc76c_51a3,
    0xd192_e819,
    0xd699_0624,
    0xf40e_3585,
    0x106a_a070,
    0x19a4_c116,
    0x1e37_6c08,
    0x2748_774c,
    0x34b0_bcb5,
    0x391c_0cb3,
    0x4ed8_aa4a,
    0x5b9c_ca4f,
    0x682e_6ff3,
    0x748f_82ee,
    0x78a5_636f,
    0x84c8_7814,
    0x8cc7_0208,
    0x90be_fffa,
    0xa450_6ceb,
    0xbef9_a3f7,
    0xc671_78f2,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_of_the_standards() {
        assert_eq!(md5(b""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(md5(b"message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn base64_there_and_back() {
        assert_eq!(base64(b"secret", 0), "c2VjcmV0");
        assert_eq!(base64(b"a", 76), "YQ==\n");
        assert_eq!(base64_decode(b"YQ==\n"), Some(b"a".to_vec()));
        assert_eq!(base64_decode(b"!"), None);
    }
}
