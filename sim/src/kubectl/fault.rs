//! Errors, and how kubectl prints them.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/util/helpers.go (checkErr, StandardErrorMessage)

use crate::apiserver::Status;

/// Why a command failed.
#[derive(Clone, Debug)]
pub enum Fault {
    /// kubectl's own words.
    Text(String),
    /// Words that stand alone, without `error: `.
    Bare(String),
    /// The API server's refusal, after what kubectl was about (`error when creating "web.yaml": `).
    Server(Status, String),
    /// Several.
    Many(Vec<Fault>),
    /// All has been said; only the exit code is left.
    Code(i32),
}

impl From<Status> for Fault {
    fn from(status: Status) -> Fault {
        Fault::Server(status, String::new())
    }
}

impl Fault {
    pub fn text(text: impl Into<String>) -> Fault {
        Fault::Text(text.into())
    }
    /// A line that was used wrongly.
    pub fn usage(verb: &str, text: impl std::fmt::Display) -> Fault {
        Fault::Text(format!("{text}\nSee 'kubectl {verb} -h' for help and examples"))
    }
    /// `Ok` if there are none.
    pub fn all(mut faults: Vec<Fault>) -> Result<(), Fault> {
        match faults.len() {
            0 => Ok(()),
            1 => Err(faults.remove(0)),
            _ => Err(Fault::Many(faults)),
        }
    }
    pub fn code(&self) -> i32 {
        if let Fault::Code(code) = self { *code } else { 1 }
    }

    /// What is printed to the error stream.
    pub fn print(&self) -> String {
        match self {
            Fault::Code(_) => String::new(),
            Fault::Many(many) => many.iter().map(|f| f.plain() + "\n").collect(),
            Fault::Server(status, _) if status.reason == "Invalid" => invalid(status),
            Fault::Bare(text) => text.clone(),
            Fault::Text(text) if text.starts_with("error: ") => text.clone(),
            Fault::Text(text) => format!("error: {text}"),
            Fault::Server(..) => self.plain(),
        }
    }

    /// As one of several.
    pub fn plain(&self) -> String {
        match self {
            Fault::Text(text) | Fault::Bare(text) => text.clone(),
            Fault::Server(status, about) if status.reason.is_empty() => format!("Error from server: {about}{status}"),
            Fault::Server(status, about) => format!("Error from server ({}): {about}{status}", status.reason),
            Fault::Many(many) => many.iter().map(Fault::plain).collect::<Vec<_>>().join("\n"),
            Fault::Code(_) => String::new(),
        }
    }
}

/// What is wrong with an object, a line each if there are several things.
fn invalid(status: &Status) -> String {
    let Some((subject, _)) = status.message.split_once("\" is invalid: ").filter(|_| !status.causes.is_empty()) else {
        return format!("The request is invalid: {}", status.message);
    };
    let (kind, name) = subject.split_once(" \"").unwrap_or((subject, ""));
    let kind = kind.split('.').next().unwrap_or(kind);
    let mut texts: Vec<String> = vec![];
    for cause in &status.causes {
        let text = format!("{}: {}", cause.field, cause.message);
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    match texts.as_slice() {
        [one] => format!("The {kind} \"{name}\" is invalid: {one}"),
        many => {
            let lines: String = many.iter().map(|t| format!("* {t}\n")).collect();
            format!("The {kind} \"{name}\" is invalid: \n{lines}")
        }
    }
}
