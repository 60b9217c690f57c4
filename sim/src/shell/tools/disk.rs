//! df, mount, du: what files lie on, and how much of it they take.

use super::super::files::{Links, Mount, Tree};
use super::super::host::Flavor;
use super::super::process::*;
use super::{Options, say};

/// The node's disk, in bytes: all of it, what is used and what is free.
const DISK: (u64, u64, u64) = (20_957_446_144, 5_368_709_120, 14_502_068_224);
/// What a runtime gives `/dev` and `/dev/shm`.
const DEVICES: u64 = 64 << 20;

pub fn about(cx: &mut Context, tool: &str, args: &[String]) -> i32 {
    let options = Options::read(args, "t");
    match tool {
        "df" => df(cx, &options),
        "mount" => mount(cx),
        _ => du(cx, &options),
    }
}

/// A row of df: device, size, used, free, and where it is mounted.
type Row = (&'static str, u64, u64, u64, String);

fn rows(cx: &mut Context) -> Vec<Row> {
    let fs = cx.fs();
    let row = |m: &Mount| match m.memory {
        Some(size) => {
            let used = fs.volumes.get(&m.volume).map_or(0, Tree::paged_bytes).min(size);
            ("tmpfs", size, used, size - used, m.path.to_string())
        }
        None => ("/dev/vda1", DISK.0, DISK.1, DISK.2, m.path.to_string()),
    };
    let mut rows =
        vec![("overlay", DISK.0, DISK.1, DISK.2, "/".to_string()), ("tmpfs", DEVICES, 0, DEVICES, "/dev".to_string())];
    rows.extend(fs.mounts.iter().map(row));
    rows.push(("/dev/vda1", DISK.0, DISK.1, DISK.2, "/etc/hosts".to_string()));
    rows.push(("shm", DEVICES, 0, DEVICES, "/dev/shm".to_string()));
    rows
}

/// What is mounted; with paths, in what each of them lies.
fn df(cx: &mut Context, options: &Options) -> i32 {
    let (mut rows, mut code) = (rows(cx), 0);
    if !options.operands.is_empty() {
        let all = std::mem::take(&mut rows);
        for path in &options.operands {
            let (cwd, fs) = (cx.cwd(), cx.fs());
            let place = fs.stat(&cwd, path, Links::Follow).and_then(|_| fs.resolve(&cwd, path, Links::Follow));
            let place = match place {
                Ok(place) => place.path,
                Err(error) => {
                    cx.complain(format!("df: {path}: {error}"));
                    code = 1;
                    continue;
                }
            };
            let holds = |at: &str| {
                at == "/" || place.strip_prefix(at).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let inmost = all.iter().filter(|row| holds(&row.4)).max_by_key(|row| row.4.len());
            rows.extend(inmost.cloned());
        }
    }
    if rows.is_empty() {
        return code;
    }
    let (busybox, short) = (cx.host.flavor() == Flavor::Busybox, options.has('h'));
    let shown = |bytes: u64| match (short, busybox) {
        (false, _) if options.has('m') => bytes.div_ceil(1 << 20).to_string(),
        (false, _) => bytes.div_ceil(1024).to_string(),
        (true, true) => human(bytes),
        (true, false) => rounded_up(bytes),
    };
    let head = match (short, busybox) {
        (true, true) => ["Size", "Used", "Available"],
        (true, false) => ["Size", "Used", "Avail"],
        (false, _) if options.has('m') => ["1M-blocks", "Used", "Available"],
        (false, _) => ["1K-blocks", "Used", "Available"],
    };
    let cells: Vec<[String; 3]> = rows.iter().map(|row| [shown(row.1), shown(row.2), shown(row.3)]).collect();
    let width = |n: usize| match busybox {
        true => 9,
        // GNU's columns are as wide as what stands in them, and at least so.
        false => {
            cells.iter().map(|cell| cell[n].len()).max().unwrap_or(0).max(head[n].len()).max(if short { 5 } else { 0 })
        }
    };
    let wide = [width(0), width(1), width(2)];
    let name = if busybox { 20 } else { 14 };
    let line = |device: &str, cells: [&str; 3], share: &str, path: &str| {
        let [a, b, c] = cells;
        let (w0, w1, w2) = (wide[0], wide[1], wide[2]);
        format!("{device:<name$} {a:>w0$} {b:>w1$} {c:>w2$} {share:>4} {path}\n")
    };
    let mut text = line("Filesystem", head, "Use%", "Mounted on");
    for ((device, _, used, free, path), [a, b, c]) in rows.iter().zip(&cells) {
        let share = (used * 100).div_ceil((used + free).max(1));
        text += &line(device, [a, b, c], &format!("{share}%"), path);
    }
    cx.out(&text);
    code
}

fn mount(cx: &mut Context) -> i32 {
    let line = |m: &Mount| {
        let how = if m.read_only { "ro" } else { "rw" };
        match m.memory {
            Some(size) => {
                format!("tmpfs on {} type tmpfs ({how},relatime,size={}k,inode64,noswap)\n", m.path, size / 1024)
            }
            None => format!("/dev/vda1 on {} type ext4 ({how},relatime)\n", m.path),
        }
    };
    let mounts: String = cx.fs().mounts.iter().map(line).collect();
    say(
        cx,
        format!(
            "overlay on / type overlay (rw,relatime)\n\
             proc on /proc type proc (rw,nosuid,nodev,noexec,relatime)\n\
             tmpfs on /dev type tmpfs (rw,nosuid,size=65536k,mode=755,inode64)\n\
             {mounts}/dev/vda1 on /etc/hosts type ext4 (rw,relatime)\n\
             shm on /dev/shm type tmpfs (rw,nosuid,nodev,noexec,relatime,size=65536k,inode64)"
        ),
    )
}

pub fn human(bytes: u64) -> String {
    let mut tenths = u128::from(bytes) * 10;
    for unit in ["", "K", "M", "G", "T"] {
        if tenths < 10_240 || unit == "T" {
            return if unit.is_empty() { bytes.to_string() } else { format!("{}.{}{unit}", tenths / 10, tenths % 10) };
        }
        tenths /= 1024;
    }
    bytes.to_string()
}

/// As GNU's tools shorten: what is left over counts as one more, below ten with one decimal.
fn rounded_up(bytes: u64) -> String {
    let (mut unit, mut size) = (0, 1_u64);
    while bytes.div_ceil(size) >= 1024 && unit < 4 {
        (unit, size) = (unit + 1, size * 1024);
    }
    let tenths = (u128::from(bytes) * 10).div_ceil(u128::from(size));
    let letter = ["", "K", "M", "G", "T"][unit];
    match tenths {
        0..100 if unit > 0 => format!("{}.{}{letter}", tenths / 10, tenths % 10),
        _ => format!("{}{letter}", bytes.div_ceil(size)),
    }
}

fn du(cx: &mut Context, options: &Options) -> i32 {
    let mut paths = options.operands.clone();
    if paths.is_empty() {
        paths.push(".".into());
    }
    let mut code = 0;
    for path in paths {
        let (cwd, creds) = (cx.cwd(), cx.creds());
        let fs = cx.fs();
        if let Err(error) = fs.stat(&cwd, &path, Links::Keep) {
            cx.complain(format!("du: {path}: {error}"));
            code = 1;
            continue;
        }
        let mut lines = Vec::new();
        let mut todo = vec![path.clone()];
        while let Some(folder) = todo.pop() {
            let bytes = fs.bytes_below(&cwd, &folder);
            let size = if options.has('h') {
                human(bytes.max(4096))
            } else if options.has('b') {
                bytes.to_string()
            } else {
                bytes.div_ceil(1024).max(4).to_string()
            };
            lines.push(format!("{size}\t{folder}\n"));
            if options.has('s') || lines.len() > 4096 {
                continue;
            }
            let names = fs.list(&cwd, &folder, &creds).unwrap_or_default();
            let inner = names.iter().filter(|(_, node)| node.is_folder());
            todo.extend(inner.map(|(name, _)| format!("{}/{name}", folder.trim_end_matches('/'))));
        }
        lines.reverse();
        cx.out(&lines.concat());
    }
    code
}
