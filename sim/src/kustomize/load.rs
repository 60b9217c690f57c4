//! A kustomization's folder: it reads only what lies in it or below, and builds on folders that are not above it.
//!
//! kustomize: api/internal/loader/{fileloader,loadrestrictions}.go, kyaml/filesys

use crate::terminal::{Folder, absolute};
use std::rc::Rc;

/// A folder, and those whose kustomizations led to it.
pub struct Root<'a> {
    folder: &'a Folder,
    path: String,
    before: Vec<String>,
}

impl<'a> Root<'a> {
    /// The folder at an absolute path.
    ///
    /// # Errors
    /// There is none, in kustomize's words; `shown` is how the user wrote it.
    pub fn open(folder: &'a Folder, path: &str, shown: &str) -> Result<Root<'a>, String> {
        if remote(shown) {
            return Err(unreachable(shown));
        }
        let path = confirm(folder, path, shown)?;
        Ok(Root { folder, path, before: vec![] })
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// The folder of a kustomization that this one builds on.
    pub fn base(&self, path: &str) -> Result<Root<'a>, String> {
        if path.is_empty() {
            return Err("new root cannot be empty".into());
        }
        if remote(path) {
            return Err(unreachable(path));
        }
        if path.starts_with('/') {
            return Err(format!("new root '{path}' cannot be absolute"));
        }
        let joined = absolute(&self.path, path);
        let inner = confirm(self.folder, &joined, &joined)?;
        for visited in self.before.iter().chain([&self.path]) {
            if within(visited, &inner) {
                return Err(format!("cycle detected: candidate root '{inner}' contains visited root '{visited}'"));
            }
        }
        let before = self.before.iter().chain([&self.path]).cloned().collect();
        Ok(Root { folder: self.folder, path: inner, before })
    }

    /// A file's bytes.
    pub fn bytes(&self, path: &str) -> Result<Rc<Vec<u8>>, String> {
        if remote(path) {
            return Err(unreachable(path));
        }
        let whole = absolute(&self.path, path);
        exists(self.folder, &whole, &whole)?;
        let content = self.folder.bytes(&whole).ok_or_else(|| format!("'{whole}' must resolve to a file"))?;
        if !within(&whole, &self.path) {
            return Err(format!("security; file '{whole}' is not in or below '{}'", self.path));
        }
        Ok(content)
    }

    /// A file's text.
    pub fn text(&self, path: &str) -> Result<String, String> {
        Ok(String::from_utf8_lossy(&self.bytes(path)?).into_owned())
    }

    /// Whether a file is in the folder itself.
    pub fn has(&self, name: &str) -> bool {
        self.folder.bytes(&format!("{}/{name}", self.path)).is_some()
    }
}

fn remote(path: &str) -> bool {
    path.contains("://") || path.starts_with("github.com/") || path.starts_with("git@")
}

fn unreachable(path: &str) -> String {
    format!("unable to read \"{path}\": there is no internet in here; copy the files instead")
}

fn within(path: &str, root: &str) -> bool {
    root == "/" || path == root || path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'))
}

/// The path of a folder that is there.
fn confirm(folder: &Folder, path: &str, shown: &str) -> Result<String, String> {
    let told = |why: String| format!("must build at directory: {why}");
    exists(folder, path, shown).map_err(|why| told(format!("not a valid directory: {why}")))?;
    if folder.bytes(path).is_some() {
        return Err(told(format!("'{shown}': file is not directory")));
    }
    Ok(path.into())
}

fn exists(folder: &Folder, path: &str, shown: &str) -> Result<(), String> {
    let ends = path.match_indices('/').map(|(at, _)| at).skip(1).chain([path.len()]);
    for end in ends {
        let part = &path[..end];
        if folder.bytes(part).is_none() && !folder.is_folder(part) {
            return Err(format!("evalsymlink failure on '{shown}' : lstat {part}: no such file or directory"));
        }
    }
    Ok(())
}
