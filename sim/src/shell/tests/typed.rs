//! What is typed into a terminal: at whatever time it comes, and wherever the run is cut, the same comes of it.

use super::super::*;
use super::host::{Desk, Ran, play};
use crate::clock::{Span, Time};
use proptest::prelude::*;

/// What is typed, and how many milliseconds after what was typed before.
type Typed = Vec<(u64, &'static str)>;

/// What goes on for so long after the last key is killed.
const PATIENCE: Span = Span::secs(20);

fn run(program: &str, typed: &Typed, copies: bool) -> Ran {
    let mut due: Vec<(Time, &str)> = Vec::new();
    for (after, text) in typed {
        due.push((due.last().map_or(Time(0), |last| last.0) + Span(*after), text));
    }
    let end = due.last().map_or(Time(0), |last| last.0) + PATIENCE;
    let between = |shell: &mut Shell, desk: &mut Desk, now: Time| {
        if copies {
            (*shell, *desk) = (shell.clone(), desk.clone());
        }
        while let Some((_, text)) = due.first().filter(|(at, _)| *at <= now) {
            shell.type_in(desk, text, now);
            due.remove(0);
        }
        if now >= end {
            shell.signal(desk, Signal::KILL, now);
        }
        Some(due.first().map_or(end, |(at, _)| *at)).filter(|at| *at > now)
    };
    play("sh", program, Input::Terminal, between)
}

fn typed() -> impl Strategy<Value = Typed> {
    let text = prop_oneof![
        4 => Just("echo a b\n"), 2 => Just("x=$(sleep 1; echo c)\n"), 2 => Just("echo $x $?\n"), 2 => Just("sleep 2\n"),
        2 => Just("sleep 2; echo late\n"), 2 => Just("\u{3}"), 1 => Just("\u{4}"), 1 => Just("cat\n"), 1 => Just("words\n"), 1 => Just("half"),
        1 => Just("for i in 1 2; do\n"), 1 => Just("echo $i\ndone\n"), 1 => Just("read y; echo \"<$y>\"\n"), 1 => Just("sleep 1 &\n"),
        1 => Just("sh\n"), 1 => Just("exit 3\n"), 1 => Just("cat <<E\nin\nE\n"), 1 => Just("echo )\n"), 1 => Just("trap 'echo INT' INT\n"),
        1 => Just("echo ${none?gone}\n"), 1 => Just("while :; do sleep 1; done\n"), 1 => Just("(sleep 1; exit 4) | cat\n"), 1 => Just("\n"),
        1 => Just("slow 2 said\n"), 1 => Just("upper\n"), 1 => Just("timeout 1 cat\n"),
    ];
    prop::collection::vec((0_u64..3_000, text), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_clone_goes_on_alike(program in prop_oneof![Just("sh"), Just("bash"), Just("cat"), Just("read x; echo $x; cat"), Just("while read x; do echo \"<$x>\"; sleep 1; done")], typed in typed()) {
        let whole = run(program, &typed, false);
        prop_assert_eq!(&whole, &run(program, &typed, true), "{} {:?}", program, typed);
    }
}

#[test]
fn a_shell_talks_and_outlives_errors_and_ctrl_c() {
    let ran = run(
        "sh",
        &vec![
            (10, "false\n"),
            (10, "echo $? >&2\n"),
            (10, "echo ${none?gone}\n"),
            (10, "sleep 9; echo never\n"),
            (500, "\u{3}"),
            (10, "exit\n"),
        ],
        false,
    );
    assert_eq!((&*ran.out, ran.code, ran.millis), ("^C", 130, 550));
    assert_eq!(ran.err, "/root # false\n/root # echo $? >&2\n1\n/root # echo ${none?gone}\nsh: none: gone\n/root # sleep 9; echo never\n\n/root # exit\n".replace("/root", "~"));
}

#[test]
fn what_is_not_simulated_is_said() {
    let ran = run("sh", &vec![(10, "sleep 1 &\n"), (10, "fg\n"), (10, "exit\n")], false);
    assert_eq!((ran.err.lines().nth(2), ran.code), (Some("sh: fg: job control is not simulated"), 1), "{}", ran.err);
}

/// What was typed while a command ran is shown twice: by the terminal, and by the shell that reads it.
#[test]
fn what_is_typed_ahead_is_done_in_its_turn() {
    let ran = run("sh", &vec![(0, "sleep 1\n"), (500, "echo next\n"), (1_000, "\u{4}")], false);
    assert_eq!(
        (&*ran.out, &*ran.err, ran.code),
        ("sleep 1\necho next\nnext\n", "~ # sleep 1\n~ # echo next\n~ # \n", 0)
    );
}

#[test]
fn ctrl_d_ends_what_reads_but_not_the_terminal() {
    let ran = run(
        "cat; echo one; read x; echo \"two $x $?\"; cat",
        &vec![(10, "a\n"), (10, "\u{4}"), (10, "b c\n"), (10, "d"), (10, "\u{4}"), (10, "\u{4}")],
        false,
    );
    assert_eq!((&*ran.out, ran.code), ("a\na\none\nb c\ntwo b c 0\ndd", 0));
}

#[test]
fn ctrl_c_does_not_reach_the_background() {
    let ran = run(
        "sh",
        &vec![
            (10, "(sleep 2; echo done > /tmp/f) &\n"),
            (10, "sleep 9\n"),
            (100, "\u{3}"),
            (3_000, "cat /tmp/f\n"),
            (10, "exit 0\n"),
        ],
        false,
    );
    assert!(ran.out.ends_with("done\n"), "{ran:?}");
}
