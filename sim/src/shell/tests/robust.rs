//! Any script can be cut at any point, cloned and resumed; no text makes the shell fail.

use super::super::*;
use super::host::{run, run_with};

const SCRIPTS: [&str; 8] = [
    "for i in 1 2 3; do echo $i; sleep 1; done | while read x; do echo \"<$x>\"; done",
    "f() { local x=$1; [ $x -gt 0 ] && f $((x-1)); echo $x; }; f 4",
    "trap 'echo bye' EXIT; (sleep 2; echo late) & echo early; wait",
    "cat <<EOF | sed 's/a/b/' | tee /tmp/x\n$(echo a; sleep 1)\nEOF\ncat /tmp/x",
    "i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo $i >> /tmp/log; done; tail -n 2 /tmp/log; wc -l < /tmp/log",
    "set -e; echo one; false || echo two; (exit 3); echo never",
    "case $(slow 1 abc) in a*) echo A;; *) echo other;; esac; timeout 2 sleep 9; echo $?",
    "wget -q -O- http://web/ > /tmp/page; md5sum /tmp/page; nslookup web | tail -n 3; seq 5 | xargs -n 2 echo",
];

#[test]
fn a_clone_goes_on_alike() {
    for script in SCRIPTS {
        let whole = run(script);
        // At every step the shell is replaced by a copy of itself.
        let copied = run_with("sh", script, |shell, desk, _| {
            let copy = (shell.clone(), desk.clone());
            assert_eq!(copy, (shell.clone(), desk.clone()));
            (*shell, *desk) = copy;
        });
        assert_eq!(whole, copied, "{script}");
        assert_eq!(whole, run(script), "{script}: twice the same");
    }
}

/// A generator of numbers that needs nothing but its last one.
fn next(seed: &mut u64) -> usize {
    *seed = crate::dice::Dice(*seed).throw("robust", "next");
    (*seed >> 16) as usize
}

#[test]
fn no_text_breaks_the_shell() {
    const PIECES: [&str; 60] = [
        "echo", " ", "\n", ";", "|", "&", "&&", "||", "(", ")", "{", "}", "$", "$(", "${", "$((", "))", "`", "'", "\"",
        "\\", "<<", "EOF", ">", "<", ">>", "2>&1", "if", "then", "fi", "while", "do", "done", "for", "in", "case",
        "esac", ";;", "*", "?", "[", "]", "x", "x=", "$x", "${x:-", "${x#", "#", "!", "[[", "]]", "=~", "1", "+", "a",
        "trap", "exit", "set", "read", "\u{e9}",
    ];
    let mut seed = 7;
    for _ in 0..3000 {
        let count = 1 + next(&mut seed) % 24;
        let script: String = (0..count)
            .map(|_| PIECES[next(&mut seed) % PIECES.len()])
            .collect::<Vec<_>>()
            .join(if next(&mut seed).is_multiple_of(2) { "" } else { " " });
        let ran = run_with(
            if next(&mut seed).is_multiple_of(2) { "sh" } else { "bash" },
            &format!("sleep 1 & {script}"),
            |shell, desk, now| {
                if now >= crate::clock::Time(3000) {
                    shell.signal(desk, Signal::KILL, now);
                }
            },
        );
        assert!(ran.code >= -1);
    }
}

#[test]
fn deep_and_long_input_is_refused() {
    for (open, close) in
        [("(", ")"), ("$(", ")"), ("{ ", ";}"), ("if ", ""), ("$((", "))"), ("${x:-", "}"), ("`", "`"), ("! ", "")]
    {
        let script = format!("{}{}", open.repeat(20_000), close.repeat(20_000));
        assert!(run(&script).code >= 0, "{open}");
    }
    assert_eq!(run(&"a".repeat(300_000)).code, 2);
    assert_eq!(run("f() { f; }; f").code, 2);
}

#[test]
fn growth_is_bounded() {
    let ran = run("x=a; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do x=$x$x$x$x; done; echo ${#x}");
    assert_eq!(ran.out, "4294967296\n");
    let ran = run(
        "yes | head -n 3; seq 3 | while read n; do echo $n; done; dd if=/dev/zero of=/tmp/big bs=1M count=20 2>/dev/null; ls -l /tmp/big | awk '{print $5}'",
    );
    assert_eq!(ran.out, "y\ny\ny\n1\n2\n3\n20971520\n");
    // Forks are limited; the shell says so and goes on.
    let ran = run("f() { f | f & }; f; sleep 1; echo alive");
    assert!(ran.code >= -1);
}

#[test]
fn what_is_read_twice_may_come_often() {
    let script = "echo $((echo a) | cat); ".repeat(20);
    assert_eq!(run(&script).out, "a\n".repeat(20));
}
