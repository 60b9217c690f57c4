//! The part of Markdown that lessons are written in, as values. What is no part of it stays as it was typed: reading never
//! fails, and nothing of it ever becomes HTML.

use std::iter::Peekable;
use std::str::Lines;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// `# text`: its level and what it says.
    Heading(usize, Spans),
    Paragraph(Spans),
    /// `- item` or `1. item`; whether it counts.
    List(bool, Vec<Spans>),
    /// `- [ ] item`.
    Tasks(Vec<Spans>),
    /// `> text`.
    Quote(Spans),
    /// `> [!TIP]` and the lines below.
    Tip(Spans),
    /// Between two lines of three backticks: what stands behind the first, and the text.
    Code(String, String),
}

pub type Spans = Vec<Span>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    Text(String),
    /// Between backticks.
    Code(String),
    /// Between two stars on either side.
    Strong(Spans),
    /// Between single stars.
    Emphasis(Spans),
    /// `[text](where)`.
    Link(Spans, String),
}

/// The blocks of a text, in order.
pub fn read(text: &str) -> Vec<Block> {
    let mut lines = text.lines().peekable();
    let mut blocks = vec![];
    while let Some(line) = lines.peek().copied() {
        if line.trim().is_empty() {
            lines.next();
        } else if let Some(info) = line.strip_prefix("```") {
            lines.next();
            blocks.push(code(info.trim(), &mut lines));
        } else if let Some((level, title)) = heading(line) {
            lines.next();
            blocks.push(Block::Heading(level, spans(title)));
        } else if line.starts_with('>') {
            blocks.push(quote(&mut lines));
        } else if let Some((mark, _)) = item(line) {
            blocks.push(list(mark, &mut lines));
        } else {
            // What begins none of these is text, even where it looks like one of them in part.
            let mut text = vec![line.trim()];
            lines.next();
            while let Some(more) = lines.next_if(|line| continues(line)) {
                text.push(more.trim());
            }
            blocks.push(Block::Paragraph(spans(&text.join(" "))));
        }
    }
    blocks
}

/// The text without its marks.
pub fn plain(spans: &[Span]) -> String {
    let text = |span: &Span| match span {
        Span::Text(text) | Span::Code(text) => text.clone(),
        Span::Strong(inner) | Span::Emphasis(inner) | Span::Link(inner, _) => plain(inner),
    };
    spans.iter().map(text).collect()
}

fn code(info: &str, lines: &mut Peekable<Lines>) -> Block {
    let mut text = String::new();
    for line in lines.by_ref().take_while(|line| line.trim_end() != "```") {
        text.push_str(line);
        text.push('\n');
    }
    Block::Code(info.into(), text)
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.bytes().take_while(|b| *b == b'#').count();
    let title = line[level..].strip_prefix(' ')?;
    (1..=6).contains(&level).then_some((level, title.trim()))
}

fn quote(lines: &mut Peekable<Lines>) -> Block {
    let mut text = vec![];
    while let Some(line) = lines.next_if(|line| line.starts_with('>')) {
        text.push(line[1..].trim());
    }
    if text.first() == Some(&"[!TIP]") {
        return Block::Tip(spans(&text[1..].join(" ")));
    }
    Block::Quote(spans(&text.join(" ")))
}

#[derive(Clone, Copy, PartialEq)]
enum Mark {
    Dash,
    Number,
    Task,
}

/// A list's line: its mark, and the text behind it.
fn item(line: &str) -> Option<(Mark, &str)> {
    if let Some(task) = line.strip_prefix("- [ ] ") {
        return Some((Mark::Task, task));
    }
    if let Some(text) = line.strip_prefix("- ") {
        return Some((Mark::Dash, text));
    }
    let (number, text) = line.split_once(". ")?;
    (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some((Mark::Number, text))
}

fn list(mark: Mark, lines: &mut Peekable<Lines>) -> Block {
    let mut items = vec![];
    while let Some(line) = lines.next_if(|line| item(line).is_some_and(|(m, _)| m == mark)) {
        let mut text = vec![item(line).map_or("", |(_, text)| text).trim()];
        while let Some(more) = lines.next_if(|line| continues(line)) {
            text.push(more.trim());
        }
        items.push(spans(&text.join(" ")));
    }
    match mark {
        Mark::Task => Block::Tasks(items),
        Mark::Dash | Mark::Number => Block::List(mark == Mark::Number, items),
    }
}

/// Whether a line goes on with the paragraph or item above it.
fn continues(line: &str) -> bool {
    let begins = line.starts_with("```") || line.starts_with('>') || heading(line).is_some() || item(line).is_some();
    !line.trim().is_empty() && !begins
}

/// The spans of a line.
pub fn spans(text: &str) -> Spans {
    let mut out: Spans = vec![];
    let mut plain = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match span(rest) {
            Some((span, length)) => {
                if !plain.is_empty() {
                    out.push(Span::Text(std::mem::take(&mut plain)));
                }
                out.push(span);
                rest = &rest[length..];
            }
            None => {
                plain.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    if !plain.is_empty() {
        out.push(Span::Text(plain));
    }
    out
}

/// The marked span that a text begins with, and its length in bytes.
fn span(text: &str) -> Option<(Span, usize)> {
    let between = |mark: &str| {
        let inner = text.strip_prefix(mark)?;
        let end = inner.find(mark)?;
        let sound = end > 0 && !inner.starts_with(' ') && !inner[..end].ends_with(' ');
        sound.then(|| (&inner[..end], end + 2 * mark.len()))
    };
    if let Some(inner) = text.strip_prefix('`') {
        let end = inner.find('`').filter(|end| *end > 0)?;
        return Some((Span::Code(inner[..end].into()), end + 2));
    }
    if text.starts_with("**") {
        return between("**").map(|(inner, length)| (Span::Strong(spans(inner)), length));
    }
    if text.starts_with('*') {
        return between("*").map(|(inner, length)| (Span::Emphasis(spans(inner)), length));
    }
    let inner = text.strip_prefix('[')?;
    let middle = inner.find("](")?;
    let to = &inner[middle + 2..];
    let end = to.find(')')?;
    let sound = !inner[..middle].contains('[') && !to[..end].contains(' ');
    sound.then(|| (Span::Link(spans(&inner[..middle]), to[..end].into()), middle + end + 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Spans {
        vec![Span::Text(text.into())]
    }

    #[test]
    fn blocks() {
        let check = |source: &str, expect: &[Block]| assert_eq!(read(source), expect, "{source}");
        check(
            "# A title\n\nOne\nparagraph.\n",
            &[Block::Heading(1, text("A title")), Block::Paragraph(text("One paragraph."))],
        );
        check(
            "- a\n  b\n- c\n1. d\n",
            &[Block::List(false, vec![text("a b"), text("c")]), Block::List(true, vec![text("d")])],
        );
        check("- [ ] a: `b`\n", &[Block::Tasks(vec![vec![Span::Text("a: ".into()), Span::Code("b".into())]])]);
        check("> said\n> so\n\n> [!TIP]\n> try\n", &[Block::Quote(text("said so")), Block::Tip(text("try"))]);
        check(
            "```console hidden\n$ a\n\n# b\n```\nend",
            &[Block::Code("console hidden".into(), "$ a\n\n# b\n".into()), Block::Paragraph(text("end"))],
        );
        check("```\nnever closed", &[Block::Code("".into(), "never closed\n".into())]);
        check("#no title\n- \n", &[Block::Paragraph(text("#no title")), Block::List(false, vec![vec![]])]);
    }

    #[test]
    fn marks_within_a_line() {
        let check = |source: &str, expect: &[Span]| assert_eq!(spans(source), expect, "{source}");
        let word = |t: &str| Span::Text(t.into());
        check("a `b*c` d", &[word("a "), Span::Code("b*c".into()), word(" d")]);
        let emphasis = Span::Emphasis(vec![word("b")]);
        check("**a *b* c**", &[Span::Strong(vec![word("a "), emphasis, word(" c")])]);
        check("2 * 3 * 4", &[word("2 * 3 * 4")]);
        check("[`a`](b.yaml)은", &[Span::Link(vec![Span::Code("a".into())], "b.yaml".into()), word("은")]);
        check("[x] (y) `", &[word("[x] (y) `")]);
        check("<b onclick=x>", &[word("<b onclick=x>")]);
    }

    #[test]
    fn nothing_hangs_or_breaks() {
        for source in
            ["[".repeat(20_000), "*".repeat(20_001), "`".repeat(20_001), "> ".repeat(9_999), "- ".repeat(9_999)]
        {
            assert!(!read(&source).is_empty());
        }
    }
}
