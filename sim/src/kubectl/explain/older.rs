//! `kubectl explain -o plaintext-openapiv2`: the format of before, without groups and enums.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/explain (model_printer.go, fields_printer.go, formatter.go)

use super::node::Node;

/// The width of a page.
const WIDTH: usize = 80;
/// Types that are texts in the API's own schema.
const TEXTS: [&str; 4] = ["Quantity", "IntOrString", "Time", "MicroTime"];

/// What is said of the field at a path, or of the kind itself; none if there is no such field.
pub fn page(root: Node, path: &[&str], recursive: bool) -> Option<String> {
    let mut here = root;
    for step in path {
        here = here.properties().into_iter().find(|field| field.name == *step)?.node;
    }
    let (fields, kind) = (here.properties(), type_name(&here));
    let mut out = match path.last() {
        None => String::new(),
        Some(name) if fields.is_empty() => format!("FIELD:    {name} <{kind}>\n\n"),
        Some(name) => format!("RESOURCE: {name} <{kind}>\n\n"),
    };
    out += "DESCRIPTION:\n";
    let said = here.about();
    let said: Vec<&str> = said.lines().collect();
    out += &if said.is_empty() { wrapped("<empty>", 5) } else { wrapped(&said.join("\n\n"), 5) };
    if !fields.is_empty() {
        out += "\nFIELDS:\n";
        if recursive { list(&here, 3, &mut vec![], &mut out) } else { table(&here, &mut out) }
    }
    Some(out)
}

/// The fields of a type with what is said of each.
fn table(here: &Node, out: &mut String) {
    for field in here.properties() {
        let required = if field.required { " -required-" } else { "" };
        *out += &format!("   {}\t<{}>{required}\n", field.name, type_name(&field.node));
        *out += &wrapped(&field.node.description(), 5);
        out.push('\n');
    }
}

/// The fields of a type with their own below them; `above` are the types that this is in.
fn list(here: &Node, indent: usize, above: &mut Vec<&'static str>, out: &mut String) {
    let own = here.reference();
    if own.is_some_and(|name| above.contains(&name)) {
        return;
    }
    above.extend(own);
    for field in here.properties() {
        *out += &format!("{:indent$}{}\t<{}>\n", "", field.name, type_name(&field.node));
        list(&field.node, indent + 3, above, out);
    }
    above.truncate(above.len() - usize::from(own.is_some()));
}

/// `string`, `[]Object`, `map[string]string`.
fn type_name(node: &Node) -> String {
    let name = node.type_name();
    let at = name.rfind(']').map_or(0, |at| at + 1);
    let (held, inner) = name.split_at(at);
    let inner = match inner {
        _ if TEXTS.contains(&inner) => "string",
        _ if inner.starts_with(|c: char| c.is_ascii_uppercase()) => "Object",
        _ => inner,
    };
    format!("{held}{inner}")
}

/// Text in lines of a page's width. Lines of the text are joined, but for empty ones, code, lists and what follows a colon.
fn wrapped(text: &str, indent: usize) -> String {
    let (mut lines, mut words): (Vec<String>, Vec<&str>) = (vec![], vec![]);
    let flush = |words: &mut Vec<&str>, lines: &mut Vec<String>| {
        if !words.is_empty() {
            lines.push(words.join(" "));
            words.clear();
        }
    };
    for line in text.split('\n') {
        let empty = line.trim().is_empty();
        if line.starts_with("    ") || empty && !lines.is_empty() || empty && !words.is_empty() {
            flush(&mut words, &mut lines);
            lines.push(if empty { String::new() } else { line.into() });
            continue;
        }
        if words.last().is_some_and(|word| word.ends_with(':')) || is_item(line.trim()) {
            flush(&mut words, &mut lines);
        }
        for word in line.split_whitespace() {
            let length = words.iter().map(|word| word.len() + 1).sum::<usize>() + word.len();
            if length > WIDTH - indent {
                flush(&mut words, &mut lines);
            }
            words.push(word);
        }
    }
    flush(&mut words, &mut lines);
    lines.iter().map(|line| if line.is_empty() { "\n".into() } else { format!("{:indent$}{line}\n", "") }).collect()
}

/// Whether a line begins an item of a list: `- x`, `* x`, `1. x`.
fn is_item(line: &str) -> bool {
    let Some((mark, _)) = line.split_once(char::is_whitespace) else { return false };
    let digits = mark.strip_suffix('.').unwrap_or(mark);
    matches!(mark, "-" | "*") || !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}
