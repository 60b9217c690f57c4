//! Names of images, and which of them exist.
//!
//! Kubernetes 1.36: pkg/util/parsers; github.com/distribution/reference. Any image exists unless its name shows that it does
//! not: a registry that cannot be, or a tag that the catalogue does not list for a repository it knows.

use super::catalogue::{OFFICIAL, Tags, entry};
use crate::clock::Span;
use crate::dice::Dice;
use crate::shell::Tree;
use std::rc::Rc;

/// The full name of an image: registry, repository, tag (`docker.io/library/nginx:1.25`).
///
/// # Errors
/// What follows `invalid reference format`.
pub fn full_name(image: &str) -> Result<Rc<str>, String> {
    let first = image.split('/').next().unwrap_or("");
    let has_registry = image.contains('/') && (first.contains(['.', ':']) || first == "localhost");
    let name = match (has_registry, image.contains('/')) {
        (true, _) => image.to_string(),
        (false, true) => format!("docker.io/{image}"),
        (false, false) => format!("docker.io/library/{image}"),
    };
    let (registry, rest) = name.split_once('/').expect("a registry was added");
    let (path, digest) = rest.split_once('@').map_or((rest, None), |(p, d)| (p, Some(d)));
    let (path, tag) = path.rsplit_once(':').map_or((path, None), |(p, t)| (p, Some(t)));
    if path.chars().any(|c| c.is_ascii_uppercase()) {
        let shown = path.split(':').next().unwrap_or(path);
        return Err(format!(": repository name ({shown}) must be lowercase"));
    }
    let word = |s: &str| {
        let ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        !s.is_empty() && s.chars().all(ok) && s.starts_with(edge) && s.ends_with(edge)
    };
    let tag_ok = |t: &str| {
        let ok = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        !t.is_empty() && t.len() <= 128 && t.chars().all(ok) && !t.starts_with(['.', '-'])
    };
    if !path.split('/').all(word) || tag.is_some_and(|t| !tag_ok(t)) {
        return Err(String::new());
    }
    Ok(match (tag, digest) {
        (None, None) => format!("{registry}/{path}:latest").into(),
        _ => name.into(),
    })
}

/// Whether a registry has this image.
pub fn exists(full: &str) -> bool {
    let repository = repository(full);
    let tag = full[repository.len()..].strip_prefix(':').unwrap_or("latest");
    let tag = tag.split('@').next().unwrap_or_default();
    match (entry(repository), repository.strip_prefix("docker.io/library/")) {
        _ if full.contains('@') => true,
        (Some(entry), _) => entry.tags.has(tag),
        (None, Some(official)) => OFFICIAL.contains(&official) && Tags::AnyVersion.has(tag),
        // Names that documents use for what is not there.
        (None, None) => {
            let host = repository.split('/').next().unwrap_or_default();
            let reserved = ["example.com", "example.org", "example.net"].contains(&host) || host.ends_with(".invalid");
            !reserved
                && !["does-not-exist", "doesnotexist", "non-existing", "nonexistent", "no-such"]
                    .iter()
                    .any(|word| full.contains(word))
        }
    }
}

/// A full name without its tag and digest.
pub fn repository(full: &str) -> &str {
    let name = full.split('@').next().unwrap_or(full);
    match name.rsplit_once(':') {
        Some((before, tag)) if !tag.contains('/') => before,
        _ => name,
    }
}

/// What an image holds.
pub fn files(full: &str) -> Tree {
    super::files::root(entry(repository(full)))
}

/// What the runtime says when an image cannot be pulled.
pub fn pull_error(full: &str) -> String {
    format!(
        "rpc error: code = NotFound desc = failed to pull and unpack image \"{full}\": failed to resolve image: {full}: not found"
    )
}

/// What the runtime says when the registry does not answer.
pub fn no_answer(full: &str) -> String {
    let repository = repository(full);
    let (registry, path) = repository.split_once('/').unwrap_or((repository, ""));
    let tag = full[repository.len()..].trim_start_matches([':', '@']);
    let what = format!("Head \"https://{registry}/v2/{path}/manifests/{tag}\"");
    format!(
        "rpc error: code = DeadlineExceeded desc = failed to pull and unpack image \"{full}\": failed to resolve image: failed to do request: {what}: dial tcp: lookup {registry}: i/o timeout"
    )
}

/// How long a pull takes; if all images are there already, only the registry is asked.
pub fn pull_time(full: &str, preloaded: bool, dice: Dice) -> Span {
    let base = if !exists(full) {
        1500
    } else if preloaded {
        800
    } else {
        600 + size(full) / 40_000
    };
    Span(base + dice.below(100, full, "pull"))
}

/// The user that an image's programs run as: root, where the image names no other.
pub fn user(full: &str) -> i64 {
    entry(repository(full)).map_or(0, |entry| i64::from(entry.user))
}

/// Bytes of an image.
pub fn size(full: &str) -> u64 {
    match entry(repository(full)) {
        Some(entry) => entry.size + Dice(0).below(entry.size / 50 + 1, full, "size"),
        None => 5_000_000 + Dice(0).below(90_000_000, full, "size"),
    }
}

/// `sha256:...` of an image, the same for every tag of one content.
/// From a repository it has that one's name before it.
pub fn image_id(full: &str, imported: bool) -> String {
    let digest = format!("sha256:{}", Dice(0).hex(64, full, "image"));
    if imported { digest } else { format!("{}@{digest}", repository(full)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_get_registry_and_tag() {
        let of = |image| full_name(image).map(|n| n.to_string());
        assert_eq!(of("nginx"), Ok("docker.io/library/nginx:latest".into()));
        assert_eq!(of("bitnami/redis:7"), Ok("docker.io/bitnami/redis:7".into()));
        assert_eq!(of("registry.k8s.io/pause:3.9"), Ok("registry.k8s.io/pause:3.9".into()));
        assert_eq!(of("localhost:5000/x/y"), Ok("localhost:5000/x/y:latest".into()));
        assert_eq!(of("Nginx:1.25:stable"), Err(": repository name (library/Nginx) must be lowercase".into()));
    }
}
