//! A page of `kubectl describe`: lines with cells apart by tabs, laid out in columns at the end.

use crate::api::metadata::LAST_APPLIED;
use crate::api::object::Object;
use crate::api::{Field, Kind, Stamp};
use crate::cluster::Cluster;
use crate::kubectl::table::cluster::event_times;
use crate::kubectl::table::{Row, plain};
use crate::kubectl::time;
use crate::value::Value;
use std::rc::Rc;

pub struct Page<'a> {
    /// Unset for a page about no object.
    pub of: Option<(&'a Cluster, &'a Rc<Object>)>,
    pub value: Value,
    /// Whether the page ends with what was said of the object.
    pub with_events: bool,
    text: String,
}

impl<'a> Page<'a> {
    pub fn new(cluster: &'a Cluster, object: &'a Rc<Object>) -> Page<'a> {
        Page { of: Some((cluster, object)), value: object.write(), with_events: true, text: String::new() }
    }
    pub fn bare() -> Page<'static> {
        Page { of: None, value: Value::Null, with_events: false, text: String::new() }
    }
    pub fn cluster(&self) -> &'a Cluster {
        self.of.expect("a page about an object").0
    }
    pub fn object(&self) -> &'a Rc<Object> {
        self.of.expect("a page about an object").1
    }
    pub fn at(&self, path: &str) -> Value {
        path.split('.').fold(&self.value, |v, key| v.get(key)).clone()
    }
    pub fn str(&self, path: &str) -> String {
        plain(&self.at(path))
    }
    pub fn int(&self, path: &str) -> i64 {
        self.at(path).as_int().unwrap_or(0)
    }
    /// A line at a level, two spaces each.
    pub fn put(&mut self, level: usize, line: impl AsRef<str>) {
        self.text.extend(std::iter::repeat_n("  ", level));
        self.text.push_str(line.as_ref());
        self.text.push('\n');
    }
    /// The lines so far, not laid out.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.text.lines().map(String::from)
    }
    /// `Name:  value`.
    pub fn field(&mut self, name: &str, value: impl std::fmt::Display) {
        self.put(0, format!("{name}:\t{value}"));
    }
    /// A field of the object as it is.
    pub fn same(&mut self, name: &str, path: &str) {
        let text = self.str(path);
        self.field(name, text);
    }
    /// Labels or annotations, a line each.
    pub fn texts(&mut self, level: usize, name: &str, map: &Value, separator: &str) {
        let entries: Vec<(String, String)> = map
            .as_map()
            .into_iter()
            .flat_map(|m| m.iter())
            .filter(|(k, _)| &***k != LAST_APPLIED)
            .map(|(k, v)| (k.to_string(), plain(v)))
            .collect();
        if entries.is_empty() {
            self.put(level, format!("{name}:\t<none>"));
        }
        for (i, (key, text)) in entries.iter().enumerate() {
            let name = if i == 0 { format!("{name}:") } else { String::new() };
            // An annotation of several lines, or a long one, begins on a line of its own.
            if separator == ": " && (text.trim_end_matches('\n').contains('\n') || text.len() + key.len() > 138) {
                self.put(level, format!("{name}\t{key}:"));
                for line in text.trim_end_matches('\n').split('\n') {
                    let cut = (0..=138).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
                    let line = if line.len() > 138 { format!("{}...", &line[..cut]) } else { line.to_string() };
                    self.put(level, format!("\t  {line}"));
                }
            } else {
                self.put(level, format!("{name}\t{key}{separator}{}", text.trim_end_matches('\n')));
            }
        }
    }
    pub fn labels(&mut self) {
        let labels = self.at("metadata.labels");
        self.texts(0, "Labels", &labels, "=");
    }
    pub fn annotations(&mut self) {
        let annotations = self.at("metadata.annotations");
        self.texts(0, "Annotations", &annotations, ": ");
    }
    /// Name and namespace.
    pub fn names(&mut self) {
        self.same("Name", "metadata.name");
        self.same("Namespace", "metadata.namespace");
    }
    /// `Mon, 23 Nov 2026 19:49:48 +0000`; `<unset>` if there is no time.
    pub fn date(&self, path: &str) -> String {
        date(&self.at(path))
    }
    pub fn age(&self, stamp: &Value) -> String {
        time::since(stamp, self.cluster().stamp().0)
    }

    /// What was said of the object, oldest first.
    pub fn events(&mut self) {
        if !self.with_events {
            return;
        }
        let (cluster, object) = (self.cluster(), self.object());
        let mut rows: Vec<(String, Option<Stamp>, String)> = vec![];
        let now = cluster.stamp().0;
        for event in cluster.store.list(Kind::Event) {
            let value = event.write();
            let about = value.get("involvedObject");
            // What names no uid is not found; a kubelet gives its node's name for it.
            let uid = about.get("uid").as_str();
            let node = object.kind == Kind::Node && uid == Some(&object.meta.name);
            if uid != Some(&object.meta.uid) && !node {
                continue;
            }
            let row = Row { value: &value, now };
            let (first, last, count) = event_times(&row);
            let age = match count > 1 {
                true => format!("{} (x{count} over {})", time::since(&last, now), time::since(&first, now)),
                false => time::since(&first, now),
            };
            let from = row.text_or("source.component", &row.text("reportingComponent"));
            let field = row.text("involvedObject.fieldPath");
            let field = if field.is_empty() { field } else { format!("{field}: ") };
            let line = format!(
                "{}\t{}\t{age}\t{from}\t{field}{}",
                row.text("type"),
                row.text("reason"),
                row.text("message").trim()
            );
            rows.push((plain(&last).get(..19).unwrap_or("").to_string(), event.meta.creation, line));
        }
        rows.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        if rows.is_empty() {
            return self.put(0, "Events:\t<none>");
        }
        self.put(0, "Events:\n  Type\tReason\tAge\tFrom\tMessage\n  ----\t------\t----\t----\t-------");
        for (.., line) in rows {
            self.put(1, line);
        }
    }

    /// The lines as they are, with tabs between cells.
    pub fn raw(self) -> String {
        self.text
    }
    /// The whole page in columns.
    pub fn finish(self) -> String {
        columns(&self.text, 2)
    }
}

/// As pages print a timestamp.
pub fn date(stamp: &Value) -> String {
    if stamp.is_null() {
        return "<unset>".into();
    }
    let date = Stamp::read(stamp).date();
    let day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][date.weekday as usize];
    let month = MONTHS[date.month as usize - 1];
    format!("{day}, {:02} {month} {} {:02}:{:02}:{:02} +0000", date.day, date.year, date.hour, date.minute, date.second)
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Go's text/tabwriter: a cell ends at a tab; cells of consecutive lines make a column, `padding` wider than the
/// widest of them.
pub fn columns(text: &str, padding: usize) -> String {
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    let mut widths: Vec<Vec<usize>> = lines.iter().map(|l| vec![0; l.len()]).collect();
    let most = lines.iter().map(Vec::len).max().unwrap_or(0);
    for column in 0..most {
        let mut at = 0;
        while at < lines.len() {
            // A block: lines that have this cell and one behind it.
            let end = (at..lines.len()).find(|i| lines[*i].len() <= column + 1).unwrap_or(lines.len());
            let block = at..end;
            let width = block.clone().map(|i| lines[i][column].chars().count()).max().unwrap_or(0) + padding;
            for i in block {
                widths[i][column] = width;
            }
            at = end.max(at) + usize::from(end == at || end < lines.len());
        }
    }
    let mut out = String::with_capacity(text.len() * 2);
    for (line, widths) in lines.iter().zip(&widths) {
        for (i, cell) in line.iter().enumerate() {
            out.push_str(cell);
            if i + 1 < line.len() {
                out.extend(std::iter::repeat_n(' ', widths[i].saturating_sub(cell.chars().count())));
            }
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_end_where_a_line_has_none() {
        assert_eq!(super::columns("a:\tb\nlong:\tc\nx\nq:\tr\n", 2), "a:     b\nlong:  c\nx\nq:  r\n");
    }
}
