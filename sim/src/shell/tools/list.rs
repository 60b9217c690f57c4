//! ls, stat, find, readlink: what looks at files.

use super::super::files::{Errno, Kind, Links, Node};
use super::super::pattern;
use super::super::process::{Context, Flow};
use super::{Options, State, columns, disk, run, say, system, time};

pub fn ls(cx: &mut Context, args: &[String]) -> i32 {
    let options = Options::read(args, "");
    let mut paths = options.operands.clone();
    if paths.is_empty() {
        paths.push(".".into());
    }
    let mut code = 0;
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for path in paths {
        let cwd = cx.cwd();
        let links =
            if options.has('l') && !path.ends_with('/') || options.has('d') { Links::Keep } else { Links::Follow };
        let found = cx.fs().stat(&cwd, &path, links).cloned();
        match found {
            Ok(node) if node.is_folder() && !options.has('d') => folders.push(path),
            Ok(node) => files.push((path, node)),
            Err(error) => {
                let head = if cx.is_gnu() { format!("ls: cannot access '{path}'") } else { format!("ls: {path}") };
                cx.complain(format!("{head}: {error}"));
                code = if cx.is_gnu() { 2 } else { 1 };
            }
        }
    }
    let headed = files.len() + folders.len() > 1 || options.has('R');
    let mut first = files.is_empty();
    show(cx, &options, files);
    while !folders.is_empty() {
        let folder = folders.remove(0);
        let (cwd, creds) = (cx.cwd(), cx.creds());
        let mut names = match cx.fs().list(&cwd, &folder, &creds) {
            Ok(names) => names,
            Err(error) => {
                let text = match cx.is_gnu() {
                    true => format!("ls: cannot open directory '{folder}': {error}"),
                    false => format!("ls: can't open '{folder}': {error}"),
                };
                cx.complain(text);
                code = 1;
                continue;
            }
        };
        if !options.has('a') && !options.has('A') {
            names.retain(|(name, _)| !name.starts_with('.'));
        }
        if options.has('a') {
            names.splice(0..0, [(".".to_string(), Node::folder()), ("..".to_string(), Node::folder())]);
        }
        if options.has('R') {
            let below = names.iter().filter(|(name, node)| node.is_folder() && name != "." && name != "..");
            let below: Vec<String> =
                below.map(|(name, _)| format!("{}/{name}", folder.trim_end_matches('/'))).collect();
            folders.splice(0..0, below);
        }
        if headed {
            cx.out(&format!("{}{folder}:\n", if first { "" } else { "\n" }));
        }
        first = false;
        if options.has('l') {
            let blocks: u64 = names
                .iter()
                .map(|(_, node)| if matches!(node.kind, Kind::File(_)) { node.size().div_ceil(4096) * 4 } else { 0 })
                .sum();
            cx.out(&format!("total {blocks}\n"));
        }
        show(cx, &options, names);
    }
    code
}

fn show(cx: &mut Context, options: &Options, mut names: Vec<(String, Node)>) {
    if options.has('t') {
        names.sort_by_key(|(_, node)| std::cmp::Reverse(node.changed));
    } else if options.has('S') {
        names.sort_by_key(|(_, node)| std::cmp::Reverse(node.size()));
    }
    if options.has('r') {
        names.reverse();
    }
    let long = options.has('l') || options.has('n') || options.has('g');
    let lines: Vec<String> = names
        .iter()
        .map(|(name, node)| {
            let mark = match &node.kind {
                Kind::Folder if options.has('p') || options.has('F') => "/",
                Kind::Program(_) if options.has('F') => "*",
                Kind::Link(_) if options.has('F') && !long => "@",
                _ => "",
            };
            if !long {
                return format!("{name}{mark}");
            }
            let arrow = if let Kind::Link(target) = &node.kind { format!(" -> {target}") } else { String::new() };
            format!("{} {name}{mark}{arrow}", long_line(cx, options, node))
        })
        .collect();
    let beside = !long && !options.has('1') && (options.has('C') || cx.is_terminal(1));
    let text = match beside {
        true => columns::columns(&lines, cx.is_gnu()),
        false => lines.iter().map(|line| format!("{line}\n")).collect(),
    };
    cx.out(&text);
}

fn long_line(cx: &mut Context, options: &Options, node: &Node) -> String {
    let links = if node.is_folder() { 2 } else { 1 };
    let (user, group) = if options.has('n') {
        (node.uid.to_string(), node.gid.to_string())
    } else {
        (system::name_of(cx, "/etc/passwd", node.uid), system::name_of(cx, "/etc/group", node.gid))
    };
    let unix = cx.unix_at(node.changed);
    let when = time::format(unix, if cx.unix() - unix > 180 * 86_400 { "%b %e  %Y" } else { "%b %e %H:%M" });
    let size = if options.has('h') { disk::human(node.size()) } else { node.size().to_string() };
    if cx.is_gnu() {
        format!("{} {links} {user} {group} {size} {when}", permissions(node))
    } else {
        format!("{} {links:>4} {user:<8} {group:<8} {size:>9} {when}", permissions(node))
    }
}

/// `-rw-r--r--`.
pub fn permissions(node: &Node) -> String {
    let kind = match node.kind {
        Kind::Folder => 'd',
        Kind::Link(_) => 'l',
        Kind::Device(_) => 'c',
        _ => '-',
    };
    let mut text = String::from(kind);
    for (i, letter) in "rwxrwxrwx".chars().enumerate() {
        text.push(if node.mode & (0o400 >> i) != 0 { letter } else { '-' });
    }
    for (bit, at, on, off) in [(0o4000, 3, 's', 'S'), (0o2000, 6, 's', 'S'), (0o1000, 9, 't', 'T')] {
        if node.mode & bit != 0 {
            let letter = if text.as_bytes()[at] == b'x' { on } else { off };
            text.replace_range(at..=at, &letter.to_string());
        }
    }
    text
}

pub fn stat(cx: &mut Context, args: &[String]) -> i32 {
    let options = Options::read(args, "ct");
    let mut code = 0;
    for path in &options.operands {
        let cwd = cx.cwd();
        let links = if options.has('L') { Links::Follow } else { Links::Keep };
        let node = match cx.fs().stat(&cwd, path, links) {
            Ok(node) => node.clone(),
            Err(error) => {
                let text = match cx.is_gnu() {
                    true => format!("stat: cannot statx '{path}': {error}"),
                    false => format!("stat: can't stat '{path}': {error}"),
                };
                cx.complain(text);
                code = 1;
                continue;
            }
        };
        let unix = cx.unix_at(node.changed);
        let (user, group) = (system::name_of(cx, "/etc/passwd", node.uid), system::name_of(cx, "/etc/group", node.gid));
        let kind = match &node.kind {
            Kind::Folder => "directory",
            Kind::Link(_) => "symbolic link",
            Kind::Device(_) => "character special file",
            Kind::File(content) if content.is_empty() => "regular empty file",
            _ => "regular file",
        };
        let field = |letter: char| match letter {
            'a' => format!("{:o}", node.mode),
            'A' => permissions(&node),
            'n' => path.clone(),
            'N' => format!("'{path}'"),
            's' => node.size().to_string(),
            'u' => node.uid.to_string(),
            'g' => node.gid.to_string(),
            'U' => user.clone(),
            'G' => group.clone(),
            'F' => kind.to_string(),
            'X' | 'Y' | 'Z' => unix.to_string(),
            'x' | 'y' | 'z' => time::format(unix, "%Y-%m-%d %H:%M:%S.000000000 +0000"),
            'b' => (node.size().div_ceil(4096) * 8).to_string(),
            'B' => "512".into(),
            'h' => if node.is_folder() { "2" } else { "1" }.into(),
            'i' => "1".into(),
            '%' => "%".into(),
            other => format!("%{other}"),
        };
        let format = options.value('c').map(|f| format!("{f}\n")).unwrap_or_else(|| {
            "  File: %n\n  Size: %s\t\tBlocks: %b          IO Block: 4096   %F\nDevice: 0h/0d\tInode: %i  Links: %h\n\
             Access: (0%a/%A)  Uid: (%u/%U)   Gid: (%g/%G)\nAccess: %x\nModify: %y\nChange: %z\n"
                .to_string()
        });
        let mut out = String::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            match c {
                '%' => out.push_str(&chars.next().map(field).unwrap_or_default()),
                c => out.push(c),
            }
        }
        cx.out(&out);
    }
    code
}

/// find: -name, -iname, -path, -type, -maxdepth, -mindepth, -empty, -size, -newer, -not, -o, -print, -print0, -delete.
pub(in crate::shell) fn find(cx: &mut Context, args: &[String], state: &mut State) -> Flow {
    let paths_end = args.iter().position(|a| a.starts_with(['-', '!', '('])).unwrap_or(args.len());
    let mut paths = args[..paths_end].to_vec();
    if paths.is_empty() {
        paths.push(".".into());
    }
    let tests = &args[paths_end..];
    let number =
        |name: &str| tests.iter().position(|a| a == name).and_then(|i| tests.get(i + 1)?.parse::<usize>().ok());
    let (least, most) = (number("-mindepth").unwrap_or(0), number("-maxdepth").unwrap_or(usize::MAX));
    let (mut code, mut runs) = (0, Vec::new());
    let mut todo: Vec<(String, usize)> = paths.into_iter().rev().map(|p| (p, 0)).collect();
    let mut seen = 0;
    while let Some((path, depth)) = todo.pop() {
        seen += 1;
        if seen > 10_000 {
            break;
        }
        let (cwd, creds) = (cx.cwd(), cx.creds());
        let fs = cx.fs();
        let node = match fs.stat(&cwd, &path, Links::Keep) {
            Ok(node) => node.clone(),
            Err(error) => {
                let text =
                    if cx.is_gnu() { format!("find: '{path}': {error}") } else { format!("find: {path}: {error}") };
                cx.complain(text);
                code = 1;
                continue;
            }
        };
        let names = if node.is_folder() { fs.list(&cwd, &path, &creds).unwrap_or_default() } else { Vec::new() };
        let empty = if node.is_folder() { names.is_empty() } else { node.size() == 0 };
        if depth < most {
            // As busybox and the kernel's tmpfs give them: the newest name first.
            todo.extend(
                names.into_iter().map(|(name, _)| (format!("{}/{name}", path.trim_end_matches('/')), depth + 1)),
            );
        }
        if depth >= least
            && let Err(text) = found(cx, tests, &path, &node, empty, &mut runs)
        {
            cx.complain(format!("find: {text}"));
            return Flow::Exit(1);
        }
    }
    if runs.is_empty() {
        return Flow::Exit(code);
    }
    *state = State::Xargs(Box::new(run::Xargs::planned("find", runs, code)));
    Flow::Go
}

/// What `-exec` runs for a path: a command of its own, or one with many paths, up to a `+`.
fn plan<'t>(words: &mut impl Iterator<Item = &'t String>, hit: bool, path: &str, runs: &mut Vec<Vec<String>>) {
    let mut command = Vec::new();
    for word in words {
        match word.as_str() {
            ";" => {
                if hit {
                    runs.push(command.iter().map(|part: &String| part.replace("{}", path)).collect());
                }
                return;
            }
            "+" if command.last().is_some_and(|last| last == "{}") => {
                command.pop();
                match runs.iter_mut().find(|run| run.starts_with(&command)) {
                    _ if !hit => {}
                    Some(run) => run.push(path.into()),
                    None => runs.push([command, vec![path.into()]].concat()),
                }
                return;
            }
            _ => command.push(word.clone()),
        }
    }
}

/// Whether a node was changed later than a file.
fn is_newer(cx: &mut Context, node: &Node, than: &str) -> bool {
    let cwd = cx.cwd();
    cx.fs().stat(&cwd, than, Links::Follow).is_ok_and(|other| node.changed > other.changed)
}

fn found(
    cx: &mut Context,
    tests: &[String],
    path: &str,
    node: &Node,
    empty: bool,
    runs: &mut Vec<Vec<String>>,
) -> Result<(), String> {
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let (mut hit, mut negate, mut printed) = (true, false, false);
    let acts = tests.iter().any(|t| matches!(t.as_str(), "-print" | "-print0" | "-delete" | "-exec" | "-quit"));
    let mut rest = tests.iter();
    while let Some(test) = rest.next() {
        let mut value = || rest.next().cloned().unwrap_or_default();
        let holds = match test.as_str() {
            "!" | "-not" => {
                negate = !negate;
                continue;
            }
            "-a" | "-and" | "-xdev" | "-L" | "-follow" | "-depth" => continue,
            "-maxdepth" | "-mindepth" => {
                value();
                continue;
            }
            "-o" | "-or" if hit => break,
            "-o" | "-or" => {
                hit = true;
                continue;
            }
            "-name" => pattern::matches(&value(), name),
            "-iname" => pattern::matches(&value().to_lowercase(), &name.to_lowercase()),
            "-path" | "-wholename" => pattern::matches(&value(), path),
            "-type" => {
                let wanted = value();
                let kind = permissions(node).chars().next().map(|c| if c == '-' { 'f' } else { c });
                kind.is_some_and(|kind| wanted.contains(kind))
            }
            "-empty" => empty,
            "-size" => has_size(node, &value()),
            "-newer" => {
                let other = value();
                is_newer(cx, node, &other)
            }
            "-print" | "-print0" => {
                printed |= hit;
                let end = if test == "-print" { "\n" } else { "\0" };
                cx.out(&if hit { format!("{path}{end}") } else { String::new() });
                continue;
            }
            "-exec" => {
                plan(&mut rest, hit, path, runs);
                continue;
            }
            "-delete" => {
                if hit {
                    let (cwd, creds) = (cx.cwd(), cx.creds());
                    cx.fs().remove(&cwd, path, &creds).map_err(|error| format!("{path}: {error}"))?;
                }
                continue;
            }
            other => return Err(format!("unrecognized: {other}")),
        };
        hit &= holds != negate;
        negate = false;
    }
    if hit && !acts && !printed {
        cx.out(&format!("{path}\n"));
    }
    Ok(())
}

/// `+1M`, `-1k`, `0`.
fn has_size(node: &Node, wanted: &str) -> bool {
    let size = super::files::bytes(wanted.trim_start_matches(['+', '-'])).unwrap_or(0);
    match wanted.chars().next() {
        Some('+') => node.size() > size,
        Some('-') => node.size() < size,
        _ => node.size() == size,
    }
}

pub fn readlink(cx: &mut Context, tool: &str, args: &[String]) -> i32 {
    let options = Options::read(args, "");
    let resolves = tool == "realpath" || options.has('f') || options.has('e') || options.has('m');
    let mut code = 0;
    for path in &options.operands {
        let cwd = cx.cwd();
        let fs = cx.fs();
        let found: Result<String, Errno> = if resolves {
            fs.resolve(&cwd, path, Links::Follow)
                .map(|place| if place.path.is_empty() { "/".into() } else { place.path })
        } else {
            match fs.stat(&cwd, path, Links::Keep) {
                Ok(Node { kind: Kind::Link(target), .. }) => Ok(target.to_string()),
                Ok(_) => Err(Errno::Invalid),
                Err(error) => Err(error),
            }
        };
        match found {
            Ok(text) => drop(say(cx, text)),
            Err(error) => {
                if tool == "realpath" {
                    cx.complain(format!("realpath: {path}: {error}"));
                }
                code = 1;
            }
        }
    }
    code
}
