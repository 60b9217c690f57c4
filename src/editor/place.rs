//! Where in a manifest the caret is, though the text is not finished: told by its lines and their indentation.
//!
//! Not read: keys in braces that were opened on another line.

/// A place in a text of YAML. Offsets are in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub api_version: String,
    pub kind: String,
    /// The keys that lead to the mapping that the caret is in.
    pub path: Vec<String>,
    /// The keys that are there already.
    pub siblings: Vec<String>,
    /// Where the word begins that is being written.
    pub from: usize,
    /// The key whose value is being written; none if a key is.
    pub value_of: Option<String>,
    /// The column at which the keys stand; none between braces.
    pub column: Option<usize>,
}

/// A line as far as its structure goes.
#[derive(Clone, Copy, Debug)]
struct Line<'a> {
    /// Where it begins in the text.
    start: usize,
    text: &'a str,
    /// The columns of its dashes.
    dashes: [Option<usize>; 4],
    /// Where what is no dash begins.
    column: usize,
    key: Option<&'a str>,
    /// What stands behind the colon.
    value: &'a str,
}

impl<'a> Line<'a> {
    fn read(start: usize, text: &'a str) -> Line<'a> {
        let mut column = text.len() - text.trim_start_matches(' ').len();
        let (mut dashes, mut count) = ([None; 4], 0);
        while count < dashes.len() && (text[column..].starts_with("- ") || &text[column..] == "-") {
            dashes[count] = Some(column);
            count += 1;
            let rest = &text[column + 1..];
            column = text.len() - rest.trim_start_matches(' ').len();
        }
        let rest = &text[column..];
        let plain = |key: &str| !key.starts_with(['{', '[', '"', '\'', '#']) && !key.contains(" #");
        let split = rest.split_once(": ").or_else(|| rest.strip_suffix(':').map(|key| (key, "")));
        let (key, value) = match split {
            Some((key, value)) if plain(key) => (Some(key), value.trim()),
            _ => (None, ""),
        };
        Line { start, text, dashes, column, key, value }
    }
    fn is_blank(&self) -> bool {
        let rest = &self.text[self.column.min(self.text.len())..];
        rest.is_empty() && self.dashes[0].is_none() || rest.starts_with('#')
    }
    fn last_dash(&self) -> Option<usize> {
        self.dashes.iter().flatten().last().copied()
    }
}

/// The place at an offset of a text; none in a comment, a text of several lines, or where nothing is to be said.
pub fn at(text: &str, offset: usize) -> Option<Place> {
    let lines: Vec<Line> = document(text, offset);
    let here = lines.iter().position(|line| line.start <= offset && offset <= line.start + line.text.len())?;
    let head = |name: &str| {
        let line = lines.iter().find(|line| line.column == 0 && line.key == Some(name))?;
        Some(bare(line.value).to_string())
    };
    let mut place = Place {
        api_version: head("apiVersion").unwrap_or_default(),
        kind: head("kind").unwrap_or_default(),
        ..Place::default()
    };
    let line = &lines[here];
    let caret = offset - line.start;
    let written = line.text.get(line.column..caret.max(line.column))?;
    if caret < line.column || written.starts_with('#') || written.contains(" #") {
        return None;
    }
    climb(&lines, here, &mut place)?;
    place.column = Some(line.column);
    place.from = offset - written.len();
    if written.starts_with(['{', '[']) {
        place.column = None;
        return within_braces(written, offset, place);
    }
    let Some((key, value)) = written.split_once(':').filter(|_| line.key.is_some()) else {
        return is_word(written).then_some(place);
    };
    if value.trim_start().starts_with(['{', '[']) {
        place.path.push(key.into());
        place.siblings.clear();
        place.column = None;
        return within_braces(value, offset, place);
    }
    let value = value.strip_prefix(' ')?.trim_start();
    place.from = offset - value.len();
    place.value_of = Some(key.into());
    is_word(value).then_some(place)
}

/// The lines of the document around an offset.
fn document(text: &str, offset: usize) -> Vec<Line<'_>> {
    let (mut lines, mut start) = (vec![], 0);
    for line in text.split('\n') {
        if line.starts_with("---") {
            if start > offset {
                break;
            }
            lines.clear();
        } else {
            lines.push(Line::read(start, line));
        }
        start += line.len() + 1;
    }
    lines
}

/// Collects the keys around a line, and those above that lead to it.
fn climb(lines: &[Line], here: usize, place: &mut Place) -> Option<()> {
    let column = lines[here].column;
    let own = lines[here + 1..].iter().filter(|line| !line.is_blank());
    let below = own.take_while(|line| line.column >= column && line.last_dash().is_none_or(|dash| dash >= column));
    place.siblings.extend(below.filter(|line| line.column == column).filter_map(|line| line.key).map(String::from));
    // What is looked for above: the owner of a key at a column, or of an item with its dash there.
    let (mut column, mut item) = match lines[here].last_dash() {
        Some(dash) => (dash, true),
        None => (column, false),
    };
    let mut path = vec![];
    for line in lines[..here].iter().rev().filter(|line| !line.is_blank()) {
        let dash = line.last_dash();
        if item {
            let owns = line.column <= column && dash.is_none_or(|dash| dash < column);
            let Some(key) = line.key.filter(|_| owns) else { continue };
            path.push(key.to_string());
        } else if line.column == column {
            if path.is_empty() {
                place.siblings.extend(line.key.map(String::from));
            }
            if let Some(dash) = dash {
                (column, item) = (dash, true);
            }
            continue;
        } else if line.column < column {
            // A text of several lines, or nothing that could hold a key.
            if line.value.starts_with(['|', '>']) {
                return None;
            }
            path.push(line.key?.to_string());
        } else {
            continue;
        }
        (column, item) = match dash {
            Some(dash) => (dash, true),
            None => (line.column, false),
        };
    }
    path.reverse();
    place.path = path;
    Some(())
}

/// Follows braces up to the caret: `{name: web, ports: [{containerP`.
fn within_braces(value: &str, offset: usize, mut place: Place) -> Option<Place> {
    // Each open brace, the keys in it, and whether one led to it; then the key that comes next.
    let mut open: Vec<(char, Vec<String>, bool)> = vec![];
    let (mut key, mut word) = (None::<String>, String::new());
    let mut quote = None;
    for c in value.chars() {
        match (quote, c) {
            (Some(mark), c) if c == mark => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '{' | '[') => {
                open.push((c, vec![], key.is_some()));
                place.path.extend(key.take());
                word.clear();
            }
            (None, '}' | ']') => {
                let (_, _, named) = open.pop()?;
                if named {
                    place.path.pop();
                }
                (key, word) = (None, String::new());
            }
            (None, ',') => (key, word) = (None, String::new()),
            (None, ':') => {
                open.last_mut()?.1.push(word.trim().to_string());
                (key, word) = (Some(std::mem::take(&mut word).trim().to_string()), String::new());
            }
            (None, c) => word.push(c),
        }
    }
    let (brace, keys, _) = open.pop()?;
    let written = word.trim_start();
    place.from = offset - written.len();
    place.siblings = keys;
    if quote.is_some() || !is_word(written) || (brace == '[' && key.is_none()) {
        return None;
    }
    place.value_of = key;
    Some(place)
}

/// Without quotes and comment.
fn bare(value: &str) -> &str {
    value.split(" #").next().unwrap_or("").trim().trim_matches(['"', '\''])
}

fn is_word(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '-' | '_' | '$'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `|` is the caret.
    #[track_caller]
    fn check(text: &str, expect: Option<(&str, Option<&str>)>) -> Option<Place> {
        let offset = text.find('|').expect("a caret");
        let place = at(&text.replacen('|', "", 1), offset);
        let found = place.as_ref().map(|p| (p.path.join("."), p.value_of.clone()));
        assert_eq!(found, expect.map(|(path, value)| (path.to_string(), value.map(String::from))), "{text}");
        place
    }

    const POD: &str = "kind: Job\n---\napiVersion: v1\nkind: Pod # one\nmetadata:\n  name: web\nspec:\n  containers:\n";

    #[test]
    fn keys_are_found_by_their_indentation() {
        let pod = |rest: &str| format!("{POD}{rest}");
        let place = check(&pod("  - name: web\n    im|\n    ports: []\n"), Some(("spec.containers", None))).unwrap();
        assert_eq!((&*place.api_version, &*place.kind, place.column), ("v1", "Pod", Some(4)));
        assert_eq!(place.siblings, ["ports", "name"]);
        check(&pod("  - |"), Some(("spec.containers", None)));
        check(&pod("  - name: web\n  - na|"), Some(("spec.containers", None)));
        check(&pod("  - env:\n    - name: A\n      val|\n    - name: B"), Some(("spec.containers.env", None)));
        check(
            &pod("  - livenessProbe:\n      httpGet:\n        |"),
            Some(("spec.containers.livenessProbe.httpGet", None)),
        );
        check(&pod("  - name: web\n  |\n"), Some(("spec", None)));
        check(&pod("  - name: web\n|\n"), Some(("", None)));
        check("me|", Some(("", None)));
    }

    #[test]
    fn values_are_known_by_their_key() {
        let pod = |rest: &str| format!("{POD}{rest}");
        check(&pod("  - imagePullPolicy: Al|\n"), Some(("spec.containers", Some("imagePullPolicy"))));
        check("apiVersion: apps/|\nkind: Pod", Some(("", Some("apiVersion"))));
        check(&pod("  - command: |\n      hostNet|\n").replacen("command: |", "command: >", 1), None);
        check("# kin|", None);
        check("a: b # c|", None);
        check("a: 'x y|", None);
    }

    #[test]
    fn braces_are_followed() {
        let pod = |rest: &str| format!("{POD}{rest}");
        check(&pod("  - {name: web, ima|"), Some(("spec.containers", None)));
        let place = check("spec: {containers: [{name: web, im|", Some(("spec.containers", None))).unwrap();
        assert_eq!((place.siblings, place.column), (vec!["name".to_string()], None));
        check("spec: {containers: [{name: web}], rest|", Some(("spec", None)));
        check("spec: {strategy: {type: Re|", Some(("spec.strategy", Some("type"))));
        check("spec: {a: [x|", None);
    }
}
