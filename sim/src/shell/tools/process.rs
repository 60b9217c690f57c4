//! ps, kill, killall, pidof, pgrep, pkill.

use super::super::host::{NAMES, Pid, Signal};
use super::super::process::*;
use super::{Options, say, system};

/// A row of the process list: of this container, or of a neighbour in the same namespace.
struct Row {
    pid: Pid,
    uid: u32,
    name: String,
    command: String,
    seconds: u64,
}

fn rows(cx: &Context) -> Vec<Row> {
    let mut rows: Vec<Row> = cx
        .host
        .neighbours()
        .iter()
        .map(|n| Row { pid: n.pid, uid: 0, name: n.name.to_string(), command: n.command.to_string(), seconds: 0 })
        .collect();
    rows.extend(cx.table.alive().map(|(pid, p)| Row {
        pid,
        uid: p.creds.uid,
        name: p.name.to_string(),
        command: p.argv.join(" "),
        seconds: cx.now.since(p.started).as_secs(),
    }));
    rows.sort_by_key(|row| row.pid);
    rows
}

/// Which columns are asked for.
fn columns(options: &Options, args: &[String], gnu: bool) -> Vec<String> {
    match options.value('o') {
        Some(wanted) => wanted.split(',').map(|c| c.trim().to_string()).collect(),
        None if gnu
            && !options
                .operands
                .iter()
                .chain(args)
                .any(|a| a.contains('f') || a.contains('u') || a.contains('e') || a.contains('A')) =>
        {
            ["pid", "tty", "time", "comm"].map(String::from).to_vec()
        }
        None if gnu => ["user", "pid", "tty", "time", "args"].map(String::from).to_vec(),
        None => ["pid", "user", "time", "args"].map(String::from).to_vec(),
    }
}

pub fn ps(cx: &mut Context, args: &[String]) -> i32 {
    let options = Options::read(args, "opU");
    let rows = rows(cx);
    let columns = columns(&options, args, cx.is_gnu());
    let mut out = String::new();
    let busybox = !cx.is_gnu();
    let widths = |column: &str| match column {
        "pid" | "ppid" | "pgid" => (5, true),
        "user" | "uid" => (8, false),
        "time" => (if busybox { 5 } else { 8 }, false),
        "comm" => (16, false),
        _ => (8, false),
    };
    let line = |cells: Vec<String>| {
        let last = cells.len().saturating_sub(1);
        let parts: Vec<String> = cells
            .iter()
            .zip(&columns)
            .enumerate()
            .map(|(i, (cell, column))| {
                let (width, right) = widths(column);
                match right {
                    true => format!("{cell:>width$}"),
                    false if i == last => cell.clone(),
                    false => format!("{cell:<width$}"),
                }
            })
            .collect();
        parts.join(" ") + "\n"
    };
    let heads: Vec<String> = columns
        .iter()
        .map(|c| match c.as_str() {
            "args" | "comm" | "cmd" if busybox => "COMMAND".to_string(),
            "args" => "CMD".into(),
            "comm" => "CMD".into(),
            // busybox puts the head of a number to the left.
            "pid" if busybox => "PID  ".into(),
            other => other.to_uppercase(),
        })
        .collect();
    out.push_str(&line(heads));
    for row in &rows {
        let cells = columns.iter().map(|column| match column.as_str() {
            "pid" => row.pid.to_string(),
            "user" => system::name_of(cx, "/etc/passwd", row.uid),
            "uid" => row.uid.to_string(),
            "comm" => row.name.clone(),
            "args" | "cmd" | "command" => row.command.clone(),
            "time" if busybox => "0:00".into(),
            "time" => "00:00:00".into(),
            "etime" => format!("{}:{:02}", row.seconds / 60, row.seconds % 60),
            "tty" => "?".into(),
            "stat" => "S".into(),
            _ => "0".into(),
        });
        let cells = cells.collect();
        out.push_str(&line(cells));
    }
    cx.out(&out);
    0
}

fn send(cx: &mut Context, pid: Pid, signal: Signal) {
    if cx.table.alive().any(|(p, _)| p == pid) {
        cx.signal(pid, signal);
    } else {
        cx.host.signal_neighbour(pid, signal);
    }
}

/// Takes `-9`, `-TERM`, `-s TERM` off the front.
fn signal_option(args: &[String]) -> Result<(Signal, &[String]), String> {
    let parse = |name: &str| Signal::parse(name).ok_or_else(|| format!("bad signal name '{name}'"));
    match args {
        [flag, name, rest @ ..] if flag == "-s" || flag == "--signal" => Ok((parse(name)?, rest)),
        [flag, rest @ ..] if flag == "--" => Ok((Signal::TERM, rest)),
        [flag, rest @ ..] if flag.len() > 1 && flag.starts_with('-') && flag != "-l" => Ok((parse(&flag[1..])?, rest)),
        rest => Ok((Signal::TERM, rest)),
    }
}

pub fn kill(cx: &mut Context, args: &[String]) -> i32 {
    if args.first().is_some_and(|arg| arg == "-l") {
        let lines: String = NAMES.iter().skip(1).map(|(n, name)| format!("{n:2}) {name}\n")).collect();
        cx.out(&lines);
        return 0;
    }
    let (signal, rest) = match signal_option(args) {
        Ok(found) => found,
        Err(text) => {
            cx.complain(format!("sh: kill: {text}"));
            return 1;
        }
    };
    let mut code = 0;
    if rest.is_empty() {
        cx.complain("sh: you need to specify whom to kill");
        return 1;
    }
    for arg in rest {
        let Ok(pid) = arg.trim_start_matches(['%', '-']).parse::<Pid>() else {
            cx.complain(format!("sh: invalid number '{arg}'"));
            code = 1;
            continue;
        };
        if !rows(cx).iter().any(|row| row.pid == pid) {
            cx.complain(format!("sh: can't kill pid {pid}: No such process"));
            code = 1;
        } else if signal != Signal(0) {
            send(cx, pid, signal);
        }
    }
    code
}

fn named(cx: &Context, name: &str, anywhere: bool, full: bool) -> Vec<Pid> {
    let own = cx.pid;
    let fits = |row: &Row| {
        row.pid != own
            && if anywhere { (if full { &row.command } else { &row.name }).contains(name) } else { row.name == name }
    };
    rows(cx).into_iter().filter(fits).map(|row| row.pid).collect()
}

pub fn killall(cx: &mut Context, tool: &str, args: &[String]) -> i32 {
    let (signal, rest) = match signal_option(args) {
        Ok(found) => found,
        Err(text) => {
            cx.complain(format!("{tool}: {text}"));
            return 1;
        }
    };
    let mut code = 0;
    let full = rest.iter().any(|arg| arg == "-f");
    for name in rest.iter().filter(|arg| !arg.starts_with('-')) {
        let pids = named(cx, name, tool == "pkill", full);
        if pids.is_empty() {
            if tool == "killall" {
                cx.complain(format!("killall: {name}: no process killed"));
            }
            code = 1;
        }
        for pid in pids {
            if signal != Signal(0) {
                send(cx, pid, signal);
            }
        }
    }
    code
}

pub fn pidof(cx: &mut Context, tool: &str, args: &[String]) -> i32 {
    let full = args.iter().any(|arg| arg == "-f");
    let mut pids: Vec<Pid> = Vec::new();
    for name in args.iter().filter(|arg| !arg.starts_with('-')) {
        pids.extend(named(cx, name, tool == "pgrep", full));
    }
    if pids.is_empty() {
        return 1;
    }
    if tool == "pgrep" {
        let lines: String = pids.iter().map(|pid| format!("{pid}\n")).collect();
        cx.out(&lines);
        return 0;
    }
    pids.reverse();
    let words: Vec<String> = pids.iter().map(|pid| pid.to_string()).collect();
    say(cx, words.join(" "))
}

impl Context<'_> {
    /// Sends a signal to a process of this table; to itself too.
    pub(in crate::shell) fn signal(&mut self, pid: Pid, signal: Signal) {
        // Process 1 of a namespace can be killed from outside alone.
        if pid == 1 && signal == Signal::KILL && self.host.owns_init() {
            return;
        }
        self.table.signal(self.host, pid, signal, self.now);
    }
}
