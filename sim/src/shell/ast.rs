//! POSIX.1-2024, Shell Command Language, 2.10: the grammar's nouns. Also bash's `[[ ]]`, `(( ))` and arrays, which
//! manifests use.

use std::rc::Rc;

/// Commands one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct List {
    pub items: Vec<Item>,
}

/// Pipelines joined by `&&` and `||`, ended by `;`, a newline or `&`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Item {
    /// The first link's `Join` has no meaning.
    pub links: Vec<(Join, Pipeline)>,
    pub background: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Join {
    And,
    Or,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pipeline {
    pub negated: bool,
    pub commands: Vec<Rc<Command>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    Simple(Simple),
    Compound(Compound, Vec<Redirect>),
    Function(Rc<str>, Rc<Command>),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Simple {
    pub assigns: Vec<Assign>,
    pub words: Rc<Vec<Word>>,
    pub redirects: Vec<Redirect>,
    /// Newlines before it in the script.
    pub line: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Assign {
    pub name: Rc<str>,
    pub index: Option<Word>,
    pub append: bool,
    pub value: AssignValue,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AssignValue {
    Word(Word),
    /// bash: `name=(a b c)`.
    Array(Rc<Vec<Word>>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Compound {
    Group(Rc<List>),
    Subshell(Rc<List>),
    If {
        arms: Vec<(Rc<List>, Rc<List>)>,
        otherwise: Option<Rc<List>>,
    },
    /// `while` (or `until`, when it goes on as long as the condition fails).
    Loop {
        until: bool,
        condition: Rc<List>,
        body: Rc<List>,
    },
    /// Without `words` it goes over `"$@"`.
    For {
        name: Rc<str>,
        words: Option<Rc<Vec<Word>>>,
        body: Rc<List>,
    },
    /// bash: `for ((first; condition; next))`.
    Count {
        first: Word,
        condition: Word,
        next: Word,
        body: Rc<List>,
    },
    Case {
        word: Word,
        arms: Vec<CaseArm>,
    },
    /// bash: `(( ))`.
    Arithmetic(Word),
    /// bash: `[[ ]]`.
    Condition(Condition),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CaseArm {
    pub patterns: Vec<Word>,
    pub body: Rc<List>,
    /// Ended by `;&`: the next arm's body runs too.
    pub falls_through: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// One word, or an operator and its operand(s).
    Words(Vec<Word>),
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Redirect {
    /// The descriptor, where it is not the operator's usual one. `&>` has both outputs.
    pub fd: Option<u32>,
    pub kind: RedirectKind,
    pub target: Word,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RedirectKind {
    Read,
    Write,
    /// `>|`: `set -C` notwithstanding.
    Clobber,
    Append,
    ReadWrite,
    /// `<&` and `>&`.
    CopyIn,
    CopyOut,
    /// `&>` and `&>>`.
    BothWrite,
    BothAppend,
    /// A here-document or `<<<`: the target is the text.
    Here,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Word {
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Unquoted: may hold pattern characters and a leading `~`.
    Text(Rc<str>),
    Quoted(Rc<str>),
    /// `$name`, `${name op word}`; whether in double quotes.
    Parameter(Box<Parameter>, bool),
    /// `$(...)` and backquotes.
    Command(Rc<List>, bool),
    /// `$((...))`.
    Arithmetic(Word, bool),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Parameter {
    pub name: Rc<str>,
    /// bash: `${name[index]}`; `@` and `*` stand for all.
    pub index: Option<Word>,
    pub op: Op,
    /// `${!name}`: the value names the parameter.
    pub indirect: bool,
}

impl Parameter {
    /// `$name` alone.
    pub fn named(name: &str) -> Parameter {
        Parameter { name: name.into(), index: None, op: Op::Value, indirect: false }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    Value,
    Length,
    /// `${x-word}` and so on; `true` if with a colon: an empty value counts as unset.
    Default(bool, Word),
    Assign(bool, Word),
    Error(bool, Word),
    Alternative(bool, Word),
    /// `true` takes the longest match away.
    CutPrefix(bool, Word),
    CutSuffix(bool, Word),
    /// `${x:offset:length}`.
    Slice(Word, Option<Word>),
    /// `${x/pattern/word}`.
    Replace {
        all: bool,
        pattern: Word,
        with: Word,
    },
    /// `${x^^}` and `${x,,}`; `all` is false for a single sign.
    Case {
        upper: bool,
        all: bool,
    },
}

impl Word {
    /// The word's text if it is one unquoted literal.
    pub fn plain(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }
    /// A word that stands for itself.
    pub fn quoted(text: &str) -> Word {
        Word { parts: vec![Part::Quoted(text.into())] }
    }
}
