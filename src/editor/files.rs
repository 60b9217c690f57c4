//! The files that are being written, as plain values: the tabs of the editor.

use kubarium_sim::manifest;
use kubarium_sim::value::Value;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    pub name: String,
    pub text: String,
    /// What was last applied; none if it never was.
    pub applied: Option<String>,
}

impl File {
    pub fn new(name: &str, text: &str) -> File {
        File { name: name.into(), text: text.into(), applied: None }
    }

    /// Whether it holds something that the cluster has not been told.
    pub fn unsent(&self) -> bool {
        self.applied.as_deref() != Some(&self.text) && !self.text.trim().is_empty()
    }
}

/// The files in the order of their tabs; one of them is on view. There is always at least one.
#[derive(Clone, Debug, PartialEq)]
pub struct Files {
    pub list: Vec<File>,
    pub current: usize,
}

/// What an order says of a file: name and content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub name: String,
    pub text: String,
}

/// Files to be put beside those that are in the editor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    pub files: Vec<Sent>,
    /// Each comes as it is, whatever stands here under its name; else a file of that name is the one that is meant.
    pub anew: bool,
}

impl Files {
    /// What a first visitor finds.
    pub fn sample() -> Files {
        let list = vec![
            File::new("web.yaml", include_str!("../../static/samples/start/web.yaml")),
            File::new("notes.yaml", include_str!("../../static/samples/start/notes.yaml")),
            File::new("visitor.yaml", include_str!("../../static/samples/start/visitor.yaml")),
        ];
        Files { list, current: 0 }
    }

    /// What a cluster has been given.
    pub fn given(sent: &[Sent]) -> Files {
        let file = |s: &Sent| File { applied: Some(s.text.clone()), ..File::new(&s.name, &s.text) };
        let mut list: Vec<File> = sent.iter().map(file).collect();
        if list.is_empty() {
            list.push(File::new("new.yaml", ""));
        }
        Files { list, current: 0 }
    }

    pub fn now(&self) -> &File {
        &self.list[self.current]
    }

    pub fn now_mut(&mut self) -> &mut File {
        &mut self.list[self.current]
    }

    /// Adds a file and shows it; a name that is taken gets a number.
    pub fn add(&mut self, name: &str, text: &str) {
        let name = self.free_name(&plain(name));
        self.list.push(File::new(&name, text));
        self.current = self.list.len() - 1;
    }

    /// Puts files beside those that are here, where they are not, and shows the last of them. An empty first one makes room,
    /// and so does, where something was chosen, what a first visitor found and has left alone.
    pub fn offer(&mut self, offer: &Offer) {
        if offer.anew && self.list == Files::sample().list {
            *self = Files::given(&[]);
        }
        for sent in &offer.files {
            let is_it = |f: &File| if offer.anew { f.text == sent.text } else { f.name == sent.name };
            match self.list.iter().position(is_it) {
                Some(index) => self.current = index,
                None => self.add(&sent.name, &sent.text),
            }
        }
        if self.list.len() > 1 && self.list[0] == File::new("new.yaml", "") {
            self.close(0);
        }
    }

    /// Closes a file and returns it; the last one is emptied instead.
    pub fn close(&mut self, index: usize) -> Option<File> {
        if index >= self.list.len() {
            return None;
        }
        if self.list.len() == 1 {
            return Some(std::mem::replace(&mut self.list[0], File::new("new.yaml", "")));
        }
        let closed = self.list.remove(index);
        if self.current > index || self.current == self.list.len() {
            self.current -= 1;
        }
        Some(closed)
    }

    pub fn rename(&mut self, index: usize, name: &str) {
        let name = plain(name);
        if name.is_empty() || self.list[index].name == name {
            return;
        }
        self.list[index].name = String::new();
        let name = self.free_name(&name);
        self.list[index].name = name;
    }

    fn free_name(&self, name: &str) -> String {
        let taken = |n: &str| self.list.iter().any(|f| f.name == n);
        if !taken(name) {
            return name.into();
        }
        let (stem, ending) = name.rsplit_once('.').map_or((name, String::new()), |(s, e)| (s, format!(".{e}")));
        (2..).map(|n| format!("{stem}-{n}{ending}")).find(|n| !taken(n)).expect("there is always another number")
    }

    /// What Apply sends: all that the cluster does not know yet; if it knows everything, the file on view once more.
    pub fn to_send(&self) -> Vec<Sent> {
        let sent = |f: &File| Sent { name: f.name.clone(), text: f.text.clone() };
        let unsent: Vec<Sent> = self.list.iter().filter(|f| f.unsent()).map(sent).collect();
        if unsent.is_empty() { vec![sent(self.now())] } else { unsent }
    }

    /// Marks as applied what was sent, as far as it is still what stands here.
    pub fn mark_sent(&mut self, sent: &[Sent]) {
        for s in sent {
            if let Some(f) = self.list.iter_mut().find(|f| f.name == s.name) {
                f.applied = Some(s.text.clone());
            }
        }
    }

    /// Nothing is in the cluster any more.
    pub fn mark_unsent(&mut self) {
        for f in &mut self.list {
            f.applied = None;
        }
    }

    /// As text that [`Files::read`] reads.
    pub fn write(&self) -> String {
        let file = |f: &File| {
            Value::map([
                ("name", Value::from(f.name.as_str())),
                ("text", Value::from(f.text.as_str())),
                ("sent", Value::from(f.applied.as_ref() == Some(&f.text))),
            ])
        };
        let value = Value::map([
            ("current", Value::from(self.current as i64)),
            ("files", Value::list(self.list.iter().map(file).collect())),
        ]);
        manifest::write::json(&value, 0)
    }

    /// What was kept; none if it makes no sense any more.
    pub fn read(text: &str) -> Option<Files> {
        let value = manifest::json::parse(text).ok()?;
        let file = |v: &Value| {
            let file = File::new(v.get("name").as_str()?, v.get("text").as_str()?);
            let applied = (v.get("sent").as_bool() == Some(true)).then(|| file.text.clone());
            Some(File { applied, ..file })
        };
        let list: Vec<File> = value.get("files").items().iter().filter_map(file).collect();
        let current = value.get("current").as_int().unwrap_or(0).max(0) as usize;
        (!list.is_empty()).then(|| Files { current: current.min(list.len() - 1), list })
    }
}

/// A name that a command line takes as one word.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_')).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_files_come_back() {
        let mut files = Files::sample();
        files.add("web.yaml", "a: \"<b>\\ud800\" # 한글\n\ttab");
        assert_eq!(files.now().name, "web-2.yaml");
        let back = Files::read(&files.write()).expect("what was written reads");
        assert_eq!(back, files);
        assert_eq!(Files::read("{\"files\": []}"), None);
        assert_eq!(Files::read("[".repeat(400_000).as_str()), None);
    }

    #[test]
    fn what_is_offered_stands_beside_what_is_there() {
        let sent = |name: &str, text: &str| Sent { name: name.into(), text: text.into() };
        let mut files = Files::given(&[]);
        let offer = |files: Vec<Sent>, anew: bool| Offer { files, anew };
        files.offer(&offer(vec![sent("a.yaml", "1"), sent("b.yaml", "2")], false));
        files.now_mut().text = "changed".into();
        files.offer(&offer(vec![sent("a.yaml", "1")], false));
        files.offer(&offer(vec![sent("b.yaml", "2")], false));
        let names = |files: &Files| files.list.iter().map(|f| f.name.clone()).collect::<Vec<_>>();
        assert_eq!((names(&files), files.now().text.as_str()), (vec!["a.yaml".into(), "b.yaml".into()], "changed"));
        for _ in 0..2 {
            files.offer(&offer(vec![sent("b.yaml", "2")], true));
            assert_eq!((names(&files)[2].as_str(), files.now().text.as_str()), ("b-2.yaml", "2"));
        }
        assert_eq!(files.list.len(), 3, "one that is there already does not come twice");
        let mut found = Files::sample();
        found.offer(&offer(vec![sent("b.yaml", "2")], true));
        assert_eq!(names(&found), ["b.yaml"], "what a first visitor found gives way");
        let mut touched = Files::sample();
        touched.list[1].text.push('#');
        touched.offer(&offer(vec![sent("b.yaml", "2")], true));
        assert_eq!(touched.list.len(), 4);
    }

    #[test]
    fn apply_sends_what_is_new() {
        let mut files = Files::sample();
        let all = files.to_send();
        assert_eq!(all.len(), 3);
        files.mark_sent(&all);
        files.list[1].text.push_str("# more\n");
        assert_eq!(files.to_send().iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["notes.yaml"]);
        let second = files.to_send();
        files.mark_sent(&second);
        assert_eq!(files.to_send()[0].name, "web.yaml", "nothing new: the file on view");
    }

    #[test]
    fn the_last_file_is_never_lost() {
        let mut files = Files { list: vec![File::new("a.yaml", "x")], current: 0 };
        assert_eq!(files.close(0).map(|f| f.text), Some("x".into()));
        assert_eq!((files.list.len(), files.now().text.as_str()), (1, ""));
        files.add("b.yaml", "");
        files.add("c.yaml", "");
        files.close(0);
        assert_eq!(files.now().name, "c.yaml");
        files.rename(0, "c.yaml");
        assert_eq!(files.list[0].name, "c-2.yaml");
    }
}
