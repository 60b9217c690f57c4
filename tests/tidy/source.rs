//! A source file as text, and the little of Rust's grammar that the rules need.

use std::fs;
use std::path::{Path, PathBuf};

pub struct Source {
    /// Relative to the top of the tree, with `/`.
    pub path: String,
    pub text: String,
    /// Rust only: the text without what stands in comments and literals, and without its tests; lines stay in place.
    code: String,
}

pub struct Function {
    pub name: String,
    /// Line, from 1.
    pub at: usize,
    pub lines: usize,
}

/// The sources below a folder (none if there is no such folder), in order of their paths.
pub fn below(root: &Path, folder: &str) -> Vec<Source> {
    const KINDS: [&str; 8] = ["rs", "js", "mjs", "css", "html", "toml", "md", "sh"];
    let mut paths = Vec::new();
    collect(&root.join(folder), &mut paths);
    paths.sort();
    paths
        .iter()
        .filter(|path| path.extension().is_some_and(|kind| KINDS.iter().any(|known| kind == *known)))
        .map(|path| Source::read(root, path))
        .collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    const NOT_OURS: [&str; 5] = [".git", "target", "dist", "node_modules", "recorded"];
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("a folder can be listed").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_file() {
            paths.push(path);
        } else if !NOT_OURS.contains(&&*name) {
            collect(&path, paths);
        }
    }
}

impl Source {
    fn read(root: &Path, path: &Path) -> Source {
        let text = fs::read_to_string(path).expect("a source is UTF-8 text");
        let relative = path.strip_prefix(root).expect("below the root");
        let parts: Vec<_> =
            relative.components().map(|part| part.as_os_str().to_string_lossy()).filter(|part| part != ".").collect();
        let code = if path.extension().is_some_and(|kind| kind == "rs") { code(&text) } else { String::new() };
        let code = code.split("#[cfg(test)]\nmod ").next().unwrap_or("").to_string();
        Source { path: parts.join("/"), text, code }
    }

    /// `api` for sim/src/api/pod.rs, `run` for sim/src/run.rs.
    pub fn module(&self) -> &str {
        let below = self.path.trim_start_matches("sim/src/");
        below.split('/').next().unwrap_or(below).trim_end_matches(".rs")
    }

    pub fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// The modules that stand behind `crate::`, also in braces: `use crate::{api::Pod, store};`.
    pub fn crate_modules(&self) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        for (at, _) in self.code.match_indices("crate::") {
            let line = self.code[..at].lines().count().max(1);
            let after = &self.code[at + "crate::".len()..];
            let Some(group) = after.strip_prefix('{') else {
                found.extend(first_word(after).map(|module| (line, module)));
                continue;
            };
            for part in parts(group) {
                found.extend(first_word(part).map(|module| (line, module)));
            }
        }
        found
    }
}

/// The parts of a brace's inside, up to its end; inner braces stay whole.
fn parts(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => {
                parts.push(&group[start..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts
}

/// A module is written small; `crate::Name` is something that lib.rs hands out, `crate::name!` a macro.
fn first_word(text: &str) -> Option<String> {
    let text = text.trim_start();
    let word = words(text).next()?;
    let module = word.starts_with(|letter: char| letter.is_ascii_lowercase()) && !text[word.len()..].starts_with('!');
    module.then(|| word.to_string())
}

pub fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
}

/// The functions of a file outside its tests, from the line of `fn` to that of the closing brace.
pub fn functions(source: &Source) -> Vec<Function> {
    let code = source.code.as_str();
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let starts = at == 0 || !code.as_bytes()[at - 1].is_ascii_alphanumeric() && code.as_bytes()[at - 1] != b'_';
        let (Some(name), true) = (words(&code[at + 3..]).next(), starts) else {
            continue;
        };
        let Some(open) = start_of_body(&code[at..]) else {
            continue;
        };
        let first = code[..at].matches('\n').count() + 1;
        let lines = code[at..at + open + length_of_block(&code[at + open..])].matches('\n').count() + 1;
        found.push(Function { name: name.to_string(), at: first, lines });
    }
    found
}

/// Where the brace of a function opens; none for one that is only declared. `[u8; 4]` in its signature is passed over.
fn start_of_body(function: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, letter) in function.char_indices() {
        match letter {
            '[' | '(' => depth += 1,
            ']' | ')' => depth -= 1,
            '{' if depth == 0 => return Some(at),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

fn length_of_block(text: &str) -> usize {
    let mut depth = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// Rust without the insides of its comments, strings and character literals; every line keeps its number.
fn code(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let skipped = skipped(rest, out.as_bytes().last().copied());
        if skipped == 0 {
            out.push(letter);
            rest = &rest[letter.len_utf8()..];
            continue;
        }
        out.extend(rest[..skipped].matches('\n'));
        out.push(' ');
        rest = &rest[skipped..];
    }
    out
}

/// How many bytes of a comment or literal begin here.
fn skipped(rest: &str, before: Option<u8>) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if let Some(inside) = rest.strip_prefix("/*") {
        return inside.find("*/").map_or(rest.len(), |end| end + 4);
    }
    let in_word = before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if rest.starts_with('r') && !in_word {
        let hashes = rest[1..].bytes().take_while(|byte| *byte == b'#').count();
        if let Some(inside) = rest[1 + hashes..].strip_prefix('"') {
            let close = format!("\"{}", "#".repeat(hashes));
            return inside.find(&close).map_or(rest.len(), |end| 2 + hashes + end + close.len());
        }
    }
    if let Some(inside) = rest.strip_prefix('"') {
        return 1 + end_of_literal(inside, b'"');
    }
    // 'a' and '\n' are literals, 'static is not.
    let mut letters = rest.chars();
    match (letters.next(), letters.next(), letters.next()) {
        (Some('\''), Some('\\'), _) => 1 + end_of_literal(&rest[1..], b'\''),
        (Some('\''), Some(letter), Some('\'')) => 2 + letter.len_utf8(),
        _ => 0,
    }
}

fn end_of_literal(inside: &str, close: u8) -> usize {
    let mut escaped = false;
    for (at, byte) in inside.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            _ if byte == close => return at + 1,
            _ => {}
        }
    }
    inside.len()
}

#[test]
fn comments_and_literals_are_no_code() {
    let check = |text: &str, expect: &str| assert_eq!(code(text), expect);
    check("a // b\nc", "a  \nc");
    check("f(\"x { \\\" }\", '}', 'a', r#\"{\"#) + y", "f( ,  ,  ,  ) + y");
    check("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}");
    check("/* f64\n */1", "\n 1");
}

#[test]
fn modules_are_found_behind_crate() {
    let code =
        "use crate::api::Pod;\nuse crate::{store::{Store, Change}, clock};\nfn f() { crate::run::go(crate::Name) }";
    let source = Source { path: "sim/src/x.rs".into(), text: String::new(), code: code.into() };
    let modules: Vec<String> = source.crate_modules().into_iter().map(|(_, module)| module).collect();
    assert_eq!(modules, ["api", "store", "clock", "run"]);
}

#[test]
fn functions_are_measured_with_their_braces() {
    let text = "fn short(a: [u8; 4]) {}\ntrait T { fn none(&self); }\npub fn two(\n) {\n if x {\n }\n}\n";
    let source = Source { path: "x.rs".into(), text: text.into(), code: code(text) };
    let found: Vec<_> = functions(&source).into_iter().map(|f| (f.name, f.at, f.lines)).collect();
    assert_eq!(found, [("short".into(), 1, 1), ("two".into(), 3, 5)]);
}
