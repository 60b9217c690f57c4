//! Every text that the page itself says, in the reader's language.
//!
//! API words and the messages of the API server stay English and never pass through here.
//! A line of `static/locales/*.txt` is `key = text`; `{name}` in it is filled in by [`Text::fill`]. What is said only once the
//! reader has done something stands in the files `-later`, which are not part of the first load.

use std::collections::BTreeMap;
use std::sync::OnceLock;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    #[default]
    En,
    Ko,
}

impl Lang {
    pub fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Ko => "ko",
        }
    }

    pub fn from_code(code: &str) -> Lang {
        if code.starts_with("ko") { Lang::Ko } else { Lang::En }
    }

    pub fn other(self) -> Lang {
        match self {
            Lang::En => Lang::Ko,
            Lang::Ko => Lang::En,
        }
    }
}

/// The texts of one language; as cheap to hand about as the language itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Text(pub Lang);

type Table = BTreeMap<&'static str, &'static str>;

const EN: &str = include_str!("../static/locales/en.txt");
const KO: &str = include_str!("../static/locales/ko.txt");
const EN_LATER: &str = include_str!("../static/locales/en-later.txt");
const KO_LATER: &str = include_str!("../static/locales/ko-later.txt");

fn table(lang: Lang) -> &'static Table {
    static TABLES: [OnceLock<Table>; 2] = [OnceLock::new(), OnceLock::new()];
    let source = if lang == Lang::Ko { KO } else { EN };
    TABLES[lang as usize].get_or_init(|| read(source))
}

/// A function of its own, so that its texts are fetched with it (`xtask/src/split.rs`).
#[inline(never)]
fn later(lang: Lang) -> &'static Table {
    static TABLES: [OnceLock<Table>; 2] = [OnceLock::new(), OnceLock::new()];
    let source = if lang == Lang::Ko { KO_LATER } else { EN_LATER };
    TABLES[lang as usize].get_or_init(|| read(source))
}

fn read(source: &'static str) -> Table {
    source
        .lines()
        .filter(|l| !l.starts_with('#'))
        .filter_map(|l| l.split_once(" = "))
        .map(|(k, v)| (k.trim(), v.trim()))
        .collect()
}

impl Text {
    /// The text of a key. A key that is missing is our own mistake and shows as the key.
    pub fn get(self, key: &'static str) -> &'static str {
        let found = table(self.0).get(key).or_else(|| later(self.0).get(key)).copied();
        debug_assert!(found.is_some(), "no text for {key}");
        found.unwrap_or(key)
    }

    /// The text of a key with its `{names}` filled in.
    pub fn fill(self, key: &'static str, with: &[(&str, &str)]) -> String {
        fill(self.get(key), with)
    }

    /// A count with its noun: English has two forms, Korean one (`key-one`, `key`).
    pub fn count(self, key: &'static str, one: &'static str, n: usize) -> String {
        self.fill(if n == 1 { one } else { key }, &[("n", &grouped(n))])
    }
}

/// One pass over the pattern, so that a value which looks like a pattern is not filled again.
fn fill(pattern: &str, with: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}').map(|c| open + c) else {
            break;
        };
        out.push_str(&rest[..open]);
        let name = &rest[open + 1..close];
        match with.iter().find(|(n, _)| *n == name) {
            Some((_, value)) => out.push_str(value),
            None => out.push_str(&rest[open..=close]),
        }
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    out
}

/// `12345` as `12,345`.
pub fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, d) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(d);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(first: &'static str, later: &'static str) -> Table {
        read(first).into_iter().chain(read(later)).collect()
    }

    /// Both languages say the same things, and with the same blanks to fill.
    #[test]
    fn languages_match() {
        assert_eq!(read(EN).keys().collect::<Vec<_>>(), read(KO).keys().collect::<Vec<_>>());
        let (en, ko) = (all(EN, EN_LATER), all(KO, KO_LATER));
        assert_eq!(en.len(), read(EN).len() + read(EN_LATER).len(), "no text stands in both files");
        assert_eq!(en.keys().collect::<Vec<_>>(), ko.keys().collect::<Vec<_>>());
        for (key, text) in &en {
            let blanks = |s: &str| {
                let mut found: Vec<String> =
                    s.split('{').skip(1).filter_map(|p| p.split_once('}')).map(|(n, _)| n.into()).collect();
                found.sort();
                found.dedup();
                found
            };
            assert_eq!(blanks(text), blanks(ko[key]), "blanks of {key}");
        }
    }

    /// What the sources ask for is there, and what is there is asked for.
    #[test]
    fn keys_are_those_of_the_sources() {
        let sources: String =
            rust_files("src".as_ref()).iter().map(|f| std::fs::read_to_string(f).expect("readable")).collect();
        let texts = all(EN, EN_LATER);
        for call in ["t.get(\"", "text.get(\"", ".fill(\"", "::say(text, \""] {
            for key in sources.split(call).skip(1).filter_map(|rest| rest.split('"').next()) {
                // Other things are got by name as well, such as fields of a manifest.
                let ours = (call != "t.get(\"" || key.contains('-')) && !key.starts_with("--");
                assert!(!ours || texts.contains_key(key), "no text for {key:?}");
            }
        }
        for key in texts.keys() {
            assert!(sources.contains(&format!("\"{key}\"")), "nobody says {key:?}");
        }
    }

    fn rust_files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir(folder).expect("the sources are here").map(|e| e.expect("readable").path());
        entries
            .flat_map(|p| if p.is_dir() { rust_files(&p) } else { vec![p] })
            .filter(|p| p.extension().is_some_and(|e| e == "rs"))
            .collect()
    }

    #[test]
    fn fills_once() {
        assert_eq!(fill("{a} of {b}", &[("a", "{b}"), ("b", "3")]), "{b} of 3");
        assert_eq!(fill("open { stays", &[]), "open { stays");
        assert_eq!(grouped(150_000), "150,000");
        assert_eq!(grouped(12), "12");
    }
}
