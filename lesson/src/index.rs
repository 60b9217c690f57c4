//! `lessons.LANG.md`: the list of lessons, with headings between and a word about each.
//!
//! ```text
//! # Learn Kubernetes
//! ## Begin
//! - [Your first Pod](first-pod/lesson.en.md): what a cluster does with one.
//! ```

use crate::markdown::{self, Block, Span, Spans};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    pub title: String,
    pub about: Spans,
    pub chapters: Vec<Chapter>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chapter {
    /// Empty for what stands above the first heading.
    pub title: String,
    pub lessons: Vec<Listed>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub title: String,
    /// The path of the lesson's file from the list's folder: `first-pod/lesson.en.md`.
    pub path: String,
    pub about: Spans,
}

impl Listed {
    /// The lesson's name: its folder, which is the same in every language.
    pub fn name(&self) -> &str {
        self.path.rsplit_once('/').map_or(self.path.as_str(), |(folder, _)| folder)
    }
}

impl Index {
    pub fn read(text: &str) -> Index {
        let mut index = Index::default();
        for block in markdown::read(text) {
            match block {
                Block::Heading(1, title) => index.title = markdown::plain(&title),
                Block::Heading(_, title) => {
                    index.chapters.push(Chapter { title: markdown::plain(&title), lessons: vec![] });
                }
                Block::List(_, items) => {
                    if index.chapters.is_empty() {
                        index.chapters.push(Chapter::default());
                    }
                    let chapter = index.chapters.last_mut().expect("one was just made");
                    chapter.lessons.extend(items.into_iter().filter_map(listed));
                }
                Block::Paragraph(text) if index.chapters.is_empty() => index.about.extend(text),
                _ => {}
            }
        }
        index
    }

    pub fn lessons(&self) -> impl Iterator<Item = &Listed> {
        self.chapters.iter().flat_map(|chapter| &chapter.lessons)
    }

    pub fn find(&self, name: &str) -> Option<&Listed> {
        self.lessons().find(|lesson| lesson.name() == name)
    }
}

/// `[TITLE](PATH)`, and what is said of it behind a colon.
fn listed(item: Spans) -> Option<Listed> {
    let mut spans = item.into_iter();
    let Some(Span::Link(title, path)) = spans.next() else { return None };
    let mut about: Spans = spans.collect();
    if let Some(Span::Text(first)) = about.first_mut() {
        *first = first.trim_start_matches([':', ' ']).to_string();
    }
    Some(Listed { title: markdown::plain(&title), path, about })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read() {
        let index = Index::read(
            "# Learn\n\nAll *of* it.\n\n- [Zero](zero/lesson.md)\n\n## Begin\n- [One](a/one/lesson.en.md): it `is`.\n- no lesson\n",
        );
        assert_eq!((index.title.as_str(), markdown::plain(&index.about).as_str()), ("Learn", "All of it."));
        let names: Vec<(&str, &str)> = index.lessons().map(|l| (l.name(), l.title.as_str())).collect();
        assert_eq!(names, [("zero", "Zero"), ("a/one", "One")]);
        assert_eq!(index.chapters[1].title, "Begin");
        assert_eq!(markdown::plain(&index.find("a/one").expect("listed").about), "it is.");
        assert_eq!(index.find("two"), None);
    }
}
