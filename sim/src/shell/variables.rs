//! POSIX.1-2024: the builtins that set variables, parameters and options.

use std::rc::Rc;

use super::interp::{Frame, Interp, Variable};
use super::process::*;

impl Interp {
    pub(super) fn declare(&mut self, cx: &mut Context, how: &str, args: &[String]) -> i32 {
        let mut flags = String::new();
        let mut names = Vec::new();
        for arg in args {
            match arg.strip_prefix('-') {
                Some(letters) if names.is_empty() => flags.push_str(letters),
                _ => names.push(arg),
            }
        }
        if names.is_empty() || flags.contains('p') {
            let word = if how == "readonly" { "readonly" } else { "export" };
            let shown = |v: &Variable| if how == "readonly" { v.readonly } else { v.exported };
            let lines: String = self
                .vars
                .iter()
                .filter(|(_, v)| shown(v))
                .map(|(name, v)| match self.options.bash {
                    true => format!("declare -x {name}=\"{}\"\n", v.value),
                    false => format!("{word} {name}='{}'\n", v.value.replace('\'', "'\"'\"'")),
                })
                .collect();
            cx.out(&lines);
            return 0;
        }
        for arg in names {
            let (name, value) = match arg.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (arg.as_str(), None),
            };
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || (self.options.bash && "[]-.+".contains(c));
            if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(plain) {
                self.builtin_complains(cx, how, format!("{name}: bad variable name"));
                self.fail(cx, 2);
                return 2;
            }
            if how == "local" || (how != "export" && how != "readonly" && !flags.contains('g')) {
                let before = self.vars.get(name).cloned();
                let call = self.stack.iter_mut().rev().find_map(|frame| match frame {
                    Frame::Call { locals, .. } => Some(locals),
                    _ => None,
                });
                if let Some(locals) = call {
                    locals.push((name.into(), before));
                    Rc::make_mut(&mut self.vars).remove(name);
                } else if how == "local" {
                    self.builtin_complains(cx, how, "not in a function");
                    self.fail(cx, 2);
                    return 2;
                }
            }
            if let Some(value) = value
                && let Err(text) = self.set(name, value)
            {
                self.complain(cx, format!("{how}: {text}"));
                return 2;
            }
            let variable = Rc::make_mut(&mut self.vars).entry(name.into()).or_default();
            variable.exported |= how == "export" || flags.contains('x');
            variable.readonly |= how == "readonly" || flags.contains('r');
        }
        0
    }

    pub(super) fn unset(&mut self, cx: &mut Context, args: &[String]) -> i32 {
        for name in args.iter().filter(|arg| !arg.starts_with('-')) {
            if args[0] != "-f" && self.vars.get(name.as_str()).is_some_and(|variable| variable.readonly) {
                self.builtin_complains(cx, "unset", format!("{name}: is read only"));
                self.fail(cx, 2);
                return 2;
            }
            if args[0] != "-f" && Rc::make_mut(&mut self.vars).remove(name.as_str()).is_some() {
                continue;
            }
            Rc::make_mut(&mut self.functions).remove(name.as_str());
        }
        0
    }

    pub(super) fn set_options(&mut self, cx: &mut Context, args: &[String]) -> i32 {
        if args.is_empty() {
            let lines: String =
                self.vars.iter().map(|(name, v)| format!("{name}='{}'\n", v.value.replace('\'', "'\"'\"'"))).collect();
            cx.out(&lines);
            return 0;
        }
        let mut rest = args;
        while let Some((arg, more)) = rest.split_first() {
            if arg == "--" {
                self.params = Rc::new(more.iter().map(|p| Rc::from(p.as_str())).collect());
                return 0;
            }
            if !arg.starts_with(['-', '+']) || arg.len() < 2 {
                self.params = Rc::new(rest.iter().map(|p| Rc::from(p.as_str())).collect());
                return 0;
            }
            let known = |c: char| "abCefhIimnoquvxEHBTkpt".contains(c);
            if let Some(wrong) = arg.chars().skip(1).find(|c| !known(*c)) {
                return self.no_option(cx, "set", &format!("-{wrong}"));
            }
            self.options.set(arg);
            rest = more;
            if arg.ends_with('o') {
                let Some((name, more)) = rest.split_first() else { return 0 };
                let known = self.options.set_named(name, arg.starts_with('-'));
                if !known || (name == "pipefail" && self.is_dash(cx)) {
                    self.options.pipe_fail &= known && !self.is_dash(cx);
                    return self.no_option(cx, "set", &format!("{arg} {name}"));
                }
                rest = more;
            }
        }
        0
    }

    /// Ends the shell because of an option that a builtin does not have; gives the exit code.
    fn no_option(&mut self, cx: &mut Context, name: &str, option: &str) -> i32 {
        let illegal = if self.is_dash(cx) { "Illegal" } else { "illegal" };
        match self.options.bash {
            true => self.complain(cx, format!("{name}: {option}: invalid option")),
            false => {
                self.builtin_complains(cx, name, format!("{illegal} option {option}"));
                self.fail(cx, 2);
            }
        }
        // busybox' `set -o` alone leaves with 1.
        2
    }

    pub(super) fn shift(&mut self, cx: &mut Context, by: Option<&str>) -> i32 {
        let by: usize = by.map_or(1, |n| n.parse().unwrap_or(1));
        if by > self.params.len() {
            // Only dash makes something of it.
            if self.is_dash(cx) {
                self.complain(cx, "shift: can't shift that many");
                self.fail(cx, 2);
                return 2;
            }
            return 1;
        }
        Rc::make_mut(&mut self.params).drain(..by);
        0
    }

    pub(super) fn read(&mut self, cx: &mut Context, argv: Vec<String>) -> Flow {
        let mut raw = false;
        let mut names = Vec::new();
        let mut rest = argv[1..].iter();
        while let Some(arg) = rest.next() {
            match arg.strip_prefix('-') {
                Some(letters) if names.is_empty() && !letters.is_empty() => {
                    raw |= letters.contains('r');
                    if letters.ends_with(['p', 't', 'n', 'd', 'u', 'a']) {
                        rest.next();
                    }
                }
                _ => names.push(arg.clone()),
            }
        }
        if names.is_empty() && self.is_dash(cx) {
            self.complain(cx, "read: arg count");
            self.status = 2;
            return Flow::Go;
        }
        let Some((bytes, ended)) = cx.read_line(0) else {
            self.stack.push(Frame::Builtin { argv });
            return Flow::Wait(cx.wait_for_line(0));
        };
        let mut line = String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_string();
        if !raw {
            line = line.replace("\\\\", "\0").replace('\\', "").replace('\0', "\\");
        }
        if names.is_empty() {
            names.push("REPLY".into());
        }
        let separators = self.get("IFS").unwrap_or_else(|| " \t\n".into());
        let is_blank = |c: char| separators.contains(c) && c.is_whitespace();
        let mut rest = line.trim_matches(is_blank);
        self.status = i32::from(!ended);
        for (i, name) in names.iter().enumerate() {
            let value = if i + 1 == names.len() {
                std::mem::take(&mut rest)
            } else {
                let end = rest.find(|c| separators.contains(c)).unwrap_or(rest.len());
                let (value, more) = rest.split_at(end);
                let skip = more.chars().next().map_or(0, char::len_utf8);
                rest = more[skip..].trim_start_matches(is_blank);
                value
            };
            if let Err(text) = self.set(name, value) {
                self.complain(cx, format!("read: {text}"));
                self.status = 2;
            }
        }
        Flow::Go
    }

    pub(super) fn getopts(&mut self, cx: &mut Context, args: &[String]) -> i32 {
        let [spec, name, ..] = args else { return 2 };
        let params: Vec<Rc<str>> = match args.len() {
            2 => self.params.to_vec(),
            _ => args[2..].iter().map(|a| Rc::from(a.as_str())).collect(),
        };
        // OPTIND says which word is next, and our own variable where in that word.
        let index: usize = self.get("OPTIND").and_then(|v| v.parse().ok()).unwrap_or(1);
        let within: usize = self.get("_OPTPOS").and_then(|v| v.parse().ok()).unwrap_or(1);
        let word = params.get(index - 1).cloned().unwrap_or_default();
        let letter = word.chars().nth(within).filter(|_| word.starts_with('-') && &*word != "--");
        let Some(letter) = letter else {
            let _ = self.set(name, "?");
            return 1;
        };
        let more = word.chars().nth(within + 1).is_some();
        let (mut next, mut position) = if more { (index, within + 1) } else { (index + 1, 1) };
        let known = spec.trim_start_matches(':').find(letter);
        let takes = known.is_some() && spec.contains(&format!("{letter}:"));
        let mut result = if known.is_some() { letter.to_string() } else { "?".to_string() };
        if takes {
            let value = match more {
                true => Some(word.chars().skip(within + 1).collect::<String>()),
                false => params.get(index).map(|v| v.to_string()),
            };
            (next, position) = (if more { index + 1 } else { index + 2 }, 1);
            match value {
                Some(value) => drop(self.set("OPTARG", &value)),
                None if spec.starts_with(':') => result = ":".into(),
                None => result = "?".into(),
            }
        }
        if result == ":" {
            let _ = self.set("OPTARG", &letter.to_string());
        }
        if result == "?" {
            match spec.starts_with(':') {
                true => drop(self.set("OPTARG", &letter.to_string())),
                false => drop(Rc::make_mut(&mut self.vars).remove("OPTARG")),
            }
        }
        if result == "?" && !spec.starts_with(':') {
            match self.options.bash {
                true => self.complain(cx, format!("illegal option -- {letter}")),
                false => cx.complain(format!("Illegal option -{letter}")),
            }
        }
        let _ = self.set(name, &result);
        let _ = self.set("OPTIND", &next.to_string());
        let _ = self.set("_OPTPOS", &position.to_string());
        0
    }

    pub(super) fn let_all(&mut self, cx: &mut Context, args: &[String]) -> i32 {
        let mut last = 0;
        for arg in args {
            match self.arithmetic(cx, arg) {
                Ok(value) => last = value,
                Err(text) => {
                    self.complain(cx, text);
                    return 1;
                }
            }
        }
        i32::from(last == 0)
    }
}
