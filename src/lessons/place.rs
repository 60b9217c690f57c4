//! Where lessons are: a folder beside the page, `lessons` or the one that the address names (`?lessons=FOLDER`), and how a step
//! is named in the address: `#lesson/NAME/PART`.

use crate::browser;
use crate::text::Lang;
use kubarium_lesson::Lesson;
use kubarium_lesson::index::Index;
use std::rc::Rc;

const OWN: &str = "lessons";
const MARK: &str = "lesson/";
/// The most text that a file of a lesson may hold, in bytes.
const MOST: usize = 1 << 20;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Without a slash at its end.
    pub folder: Rc<str>,
    /// The list itself, if the address names it and not its folder.
    list: Option<Rc<str>>,
}

/// Whether a fragment (without its `#`) names a lesson.
pub fn is_lesson(fragment: &str) -> bool {
    fragment.starts_with(MARK)
}

/// The name of a lesson and the part, counted from 0, that a fragment names.
pub fn named(fragment: &str) -> Option<(Rc<str>, usize)> {
    let (name, part) = fragment.strip_prefix(MARK)?.rsplit_once('/')?;
    let part: usize = part.parse().ok()?;
    Some((decoded(name).into(), part.checked_sub(1)?))
}

pub fn fragment(name: &str, part: usize) -> String {
    format!("{MARK}{name}/{}", part + 1)
}

/// What the address asks for by `?lessons=`, if it does.
fn asked() -> Option<String> {
    let search = browser::window().location().search().unwrap_or_default();
    let asked = search.trim_start_matches('?').split('&').find_map(|pair| pair.strip_prefix("lessons="))?;
    Some(decoded(asked).trim_end_matches('/').to_string())
}

fn decoded(text: &str) -> String {
    js_sys::decode_uri_component(text).map_or(text.into(), |text| text.into())
}

impl Place {
    /// Whether the address asks for somebody's lessons: then their list is shown at once.
    pub fn is_asked() -> bool {
        asked().is_some()
    }

    pub fn asked() -> Place {
        match asked().filter(|folder| !folder.is_empty()) {
            Some(list) if list.ends_with(".md") => {
                let folder = list.rsplit_once('/').map_or(".", |(folder, _)| folder);
                Place { folder: folder.into(), list: Some(list.as_str().into()) }
            }
            folder => Place { folder: folder.as_deref().unwrap_or(OWN).into(), list: None },
        }
    }

    /// The list in a language; where there is none in it, the one that is in no language in particular.
    ///
    /// # Errors
    /// The address that could not be read.
    pub async fn index(&self, lang: Lang) -> Result<Index, String> {
        if let Some(list) = &self.list {
            return read(list).await.map(|text| Index::read(&text));
        }
        let in_language = read(&format!("{}/lessons.{}.md", self.folder, lang.code())).await;
        match in_language {
            Ok(text) => Ok(Index::read(&text)),
            Err(_) => read(&format!("{}/lessons.md", self.folder)).await.map(|text| Index::read(&text)),
        }
    }

    /// A lesson by its path in the list, and the files that it names.
    ///
    /// # Errors
    /// The address that could not be read, or what is wrong with the lesson.
    pub async fn lesson(&self, path: &str) -> Result<(Rc<Lesson>, Rc<Vec<(Rc<str>, Rc<str>)>>), String> {
        let address = format!("{}/{path}", self.folder);
        let lesson = Lesson::read(&read(&address).await?).map_err(|flaw| format!("{address}: {flaw}"))?;
        let home = address.rsplit_once('/').map_or("", |(home, _)| home);
        let mut files = vec![];
        for name in &lesson.files {
            files.push((name.as_str().into(), read(&format!("{home}/{name}")).await?.into()));
        }
        Ok((lesson.into(), files.into()))
    }
}

async fn read(address: &str) -> Result<String, String> {
    let text = browser::fetch_text(address).await.ok_or_else(|| address.to_string())?;
    if text.len() > MOST { Err(address.into()) } else { Ok(text) }
}
