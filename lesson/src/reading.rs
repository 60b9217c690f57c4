//! A lesson as it is read: parts, each with what to read, what to do, what to reach.

use crate::goal::Check;
use crate::markdown::{self, Block, Span, Spans};
use crate::step::Step;
use std::fmt;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lesson {
    pub title: String,
    /// What stands above the first part.
    pub intro: Vec<Block>,
    /// Done before the lesson begins: the `console` blocks of the intro.
    pub before: Vec<Step>,
    pub parts: Vec<Part>,
    /// What the lesson's links name of its own folder, in order: the files that its commands may read.
    pub files: Vec<String>,
}

/// What stands below one `##`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    pub title: String,
    /// To be read; without what follows.
    pub blocks: Vec<Block>,
    pub goals: Vec<Goal>,
    pub tips: Vec<Spans>,
    /// A way to the goals: the `console` blocks, those that are hidden too.
    pub steps: Vec<Step>,
    /// The files that its links name; the first part's are also those of the intro.
    pub files: Vec<String>,
}

/// `- [ ] In words: `the check``.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    pub words: Spans,
    pub check: Check,
}

/// What is wrong with a lesson, and in which part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    pub part: String,
    pub what: String,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.part, self.what)
    }
}

/// What stands behind the three backticks of steps, and of steps that are shown only to whoever asks for them.
const STEPS: &str = "console";
const HIDDEN_STEPS: &str = "console hidden";

impl Lesson {
    /// # Errors
    /// The first thing that is no step, no goal, or missing.
    pub fn read(text: &str) -> Result<Lesson, Flaw> {
        let mut lesson = Lesson::default();
        for block in markdown::read(text) {
            match block {
                Block::Heading(1, title) if lesson.title.is_empty() => lesson.title = markdown::plain(&title),
                Block::Heading(2, title) => {
                    let files = if lesson.parts.is_empty() { lesson.files.clone() } else { vec![] };
                    lesson.parts.push(Part { title: markdown::plain(&title), files, ..Part::default() });
                }
                block => {
                    note_files(&block, &mut lesson.files);
                    if let Some(part) = lesson.parts.last_mut() {
                        note_files(&block, &mut part.files);
                    }
                    let read = match lesson.parts.last_mut() {
                        Some(part) => part.take(block),
                        None => take_before(&mut lesson, block),
                    };
                    read.map_err(|what| {
                        let part = lesson.parts.last().map_or(&lesson.title, |part| &part.title);
                        Flaw { part: part.clone(), what }
                    })?;
                }
            }
        }
        match (lesson.title.as_str(), lesson.parts.len()) {
            ("", _) => Err(Flaw { part: "(top)".into(), what: "a lesson begins with `# Its title`".into() }),
            (_, 0) => Err(Flaw { part: lesson.title, what: "it has no part: a line `## What to do`".into() }),
            _ => Ok(lesson),
        }
    }
}

fn take_before(lesson: &mut Lesson, block: Block) -> Result<(), String> {
    match block {
        Block::Code(info, text) if info == STEPS || info == HIDDEN_STEPS => lesson.before.extend(steps(&text)?),
        Block::Tasks(_) => return Err("goals stand below a `##`".into()),
        block => lesson.intro.push(block),
    }
    Ok(())
}

impl Part {
    fn take(&mut self, block: Block) -> Result<(), String> {
        match block {
            Block::Code(info, text) if info == HIDDEN_STEPS => self.steps.extend(steps(&text)?),
            Block::Code(info, text) if info == STEPS => {
                self.steps.extend(steps(&text)?);
                self.blocks.push(Block::Code(info, text));
            }
            Block::Tasks(items) => {
                for item in items {
                    self.goals.push(goal(item)?);
                }
            }
            Block::Tip(text) => self.tips.push(text),
            block => self.blocks.push(block),
        }
        Ok(())
    }
}

/// Whether a code block holds steps, as opposed to something to look at.
pub fn is_steps(info: &str) -> bool {
    info == STEPS
}

fn steps(text: &str) -> Result<Vec<Step>, String> {
    let mut steps = vec![];
    for line in text.lines() {
        match Step::read(line)? {
            Some(Step::Until(_)) => return Err(format!("{line}: a lesson only waits, `wait 20s`")),
            step => steps.extend(step),
        }
    }
    Ok(steps)
}

/// The check is the last of the item; what stands before it are the words.
fn goal(mut item: Spans) -> Result<Goal, String> {
    let Some(Span::Code(check)) = item.pop() else {
        return Err(format!("a goal ends with its check between backticks: {}", markdown::plain(&item)));
    };
    let check = Check::read(&check).map_err(|what| format!("`{check}`: {what}"))?;
    if let Some(Span::Text(last)) = item.last_mut() {
        *last = last.trim_end().trim_end_matches(':').to_string();
    }
    Ok(Goal { words: item, check })
}

/// Whether a link leads to a file of the lesson: a path within its folder.
pub fn is_file(to: &str) -> bool {
    let outside = to.contains(':') || to.starts_with(['/', '#']) || to.split('/').any(|part| part == "..");
    !outside && !to.is_empty() && !to.ends_with(".md")
}

fn note_files(block: &Block, files: &mut Vec<String>) {
    let mut note = |spans: &[Span]| note_links(spans, files);
    match block {
        Block::Heading(_, spans) | Block::Paragraph(spans) | Block::Quote(spans) | Block::Tip(spans) => note(spans),
        Block::List(_, items) | Block::Tasks(items) => items.iter().for_each(|item| note(item)),
        Block::Code(..) => {}
    }
}

fn note_links(spans: &[Span], files: &mut Vec<String>) {
    for span in spans {
        match span {
            Span::Link(_, to) if is_file(to) && !files.contains(to) => files.push(to.clone()),
            Span::Strong(inner) | Span::Emphasis(inner) => note_links(inner, files),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LESSON: &str = "# A Pod\n\nRead [pod.yaml](pod.yaml), or [more](https://kubernetes.io/docs/).\n\n```console\nfault stop kube-scheduler\n```\n\n\
        ## Make it\n\nTry **[it](pod.yaml)**.\n\n```console\n$ kubectl apply -f pod.yaml\nwait 2s\n```\n\n\
        - [ ] It runs: `Pod/a is Running`\n\n> [!TIP]\n> Look.\n\n```console hidden\n$ ls\n```\n\n## End\n\nDone.\n";

    #[test]
    fn parts_hold_what_is_to_read_to_do_and_to_reach() {
        let lesson = Lesson::read(LESSON).expect("sound");
        assert_eq!((lesson.title.as_str(), lesson.parts.len()), ("A Pod", 2));
        assert_eq!(lesson.files, ["pod.yaml"]);
        assert_eq!((lesson.before.len(), lesson.intro.len()), (1, 1));
        let part = &lesson.parts[0];
        assert_eq!((part.steps.len(), part.blocks.len(), part.tips.len()), (3, 2, 1));
        assert_eq!(markdown::plain(&part.goals[0].words), "It runs");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let check = |text: &str, expect: &str| {
            assert_eq!(Lesson::read(text).expect_err("a flaw").to_string(), expect);
        };
        check("Hello", "(top): a lesson begins with `# Its title`");
        check("# A\n", "A: it has no part: a line `## What to do`");
        check("# A\n## B\n```console\nkubectl\n```\n", "B: no such step: kubectl");
        check("# A\n## B\n```console\nuntil 5s\n```\n", "B: until 5s: a lesson only waits, `wait 20s`");
        check("# A\n## B\n- [ ] Well\n", "B: a goal ends with its check between backticks: ");
        check("# A\n## B\n- [ ] Well: `Pot/a is Red`\n", "B: `Pot/a is Red`: no such kind: Pot");
    }

    #[test]
    fn files_lie_within_the_folder() {
        for to in ["a.yaml", "b/c.yaml"] {
            assert!(is_file(to), "{to}");
        }
        for to in ["https://a/b.yaml", "javascript:a", "/a.yaml", "../a.yaml", "b/../../c", "#top", "", "other.md"] {
            assert!(!is_file(to), "{to}");
        }
    }
}
