//! What takes time, what waits, what is the host's own.

use super::super::*;
use super::host::{run, run_with};
use crate::clock::Time;

fn check(script: &str, out: &str, code: i32) {
    let ran = run(script);
    assert_eq!((ran.out.as_str(), ran.code), (out, code), "{script}\n{}", ran.err);
}

fn check_time(script: &str, millis: u64) {
    let ran = run(script);
    assert_eq!((ran.millis, ran.code), (millis, 0), "{script}\n{}{}", ran.out, ran.err);
}

#[test]
fn sleeping_takes_its_time() {
    check_time("sleep 0.2", 200);
    check_time("sleep 1m", 60_000);
    check_time("for i in 1 2 3; do sleep 1; done", 3000);
    check_time("sleep 5 & sleep 2; wait", 5000);
    check_time("timeout 3 sleep 10 || true", 3000);
    check_time("slow 4 done", 4000);
    check_time("slow 4 x | cat; slow 2 y > /dev/null", 6000);
}

#[test]
fn a_script_on_standard_input_may_hold_a_here_document() {
    check(r"printf 'cat <<E\nin\nE\necho a \\\nb\nif true; then\necho on\nfi\n' | sh", "in\na b\non\n", 0);
    check(r"printf 'cat <<E\nin\n' | sh", "in\n", 0);
    check(
        r"printf 'if true; then\n' | sh 2>&1; echo $?",
        "sh: syntax error: unexpected end of file (expecting \"fi\")\n2\n",
        0,
    );
}

/// What a redirection puts aside is held open until it is put back.
#[test]
fn redirections_nest() {
    check("{ { date; } > b; echo x; } > a; cat a", "x\n", 0);
    check("{ { date; } > b; echo x; sleep 1; echo y; } | cat", "x\ny\n", 0);
    check("yes | head -n 3 | { { read a; echo $a; } < /etc/hosts; cat; }", "127.0.0.1 localhost\ny\ny\ny\n", 0);
    check(
        "f() { { date; (exit 3); } > b; echo $?; }; f > a; cat a; exec 3> c; echo three >&3; { date; } > b; echo four >&3; cat c",
        "3\nthree\nfour\n",
        0,
    );
    check("exec 3>&1 > a; { date; } > b; echo in; exec >&3; echo out; cat a", "out\nin\n", 0);
    check("for i in 1 2; do { echo $(echo $i; { date; } > b; echo k); } > a; cat a; done", "1 k\n2 k\n", 0);
}

#[test]
fn a_busy_loop_does_not_hang() {
    let ran = run_with("sh", "while true; do :; done", |shell, desk, now| {
        if now >= Time(1000) {
            shell.signal(desk, Signal::TERM, now);
        }
    });
    assert_eq!(ran.code, 143);
}

#[test]
fn counting_loops_end_where_they_would() {
    check("i=0; while [ $i -lt 1000000 ]; do i=$((i+1)); done; echo $i", "1000000\n", 0);
    check("i=5; while [ $i -ge 0 ]; do i=$((i - 2)); done; echo $i", "-1\n", 0);
    check("i=0; j=9; until [ $i -ge $j ]; do i=$((i+2)); j=$((j+1)); done; echo $i $j", "18 18\n", 0);
    check("i=0; while [ $i -ne 30 ]; do : $((i+=3)); done; echo $i", "30\n", 0);
    check("i=0; while [ $i -le 3 ]; do i=$((i+1)); echo $i; done", "1\n2\n3\n4\n", 0);
    check("bash -c 'i=-2; while ((i < 70000)); do ((i++)); done; echo $i $?'", "70000 0\n", 0);
    check("bash -c 'i=0; while ((i != -3)); do ((i--)); done; echo $i $?'", "-3 0\n", 0);
    // A machine counts a million in about a second and a half.
    let ran = run("i=0; while [ $i -lt 1000000 ]; do i=$((i+1)); done");
    assert!((1200..1800).contains(&ran.millis), "{}", ran.millis);
}

#[test]
fn programs_of_the_host() {
    check("slow 1 hello", "hello\n", 0);
    check("echo one two | upper", "ONE TWO\n", 0);
    check("x=$(slow 1 hi); echo \"<$x>\"", "<hi>\n", 0);
    check("cat <<EOF | upper\na $((1+1))\nEOF", "A 2\n", 0);
    check("slow 1 ''; echo $?", "\n1\n", 0);
    check("printf 'a\\nb\\n' | xargs -n 1 slow 1", "a\nb\n", 0);
}

#[test]
fn the_network_answers_later() {
    check("wget -q -O- http://web/hostname; echo", "web-1\n", 0);
    check("for i in 1 2; do timeout 3 wget -q -O- http://web/hostname; echo; done | sort -u | wc -l", "1\n", 0);
    check("curl -s -o /dev/null -w '%{http_code}' http://web/nope", "404", 0);
    assert_eq!(run("wget -q -O- http://nothing/x").err, "wget: bad address 'nothing'\n");
    assert_eq!(
        run("wget -q -O- http://10.96.77.111:81/").err,
        "wget: can't connect to remote host (10.96.77.111): Connection refused\n"
    );
    assert_eq!(
        run("wget http://web/x").err,
        "Connecting to web (10.96.77.111:80)\nwget: server returned error: HTTP/1.1 404 Not Found\n"
    );
    let dropped = run("timeout 3 wget -q -O- http://192.0.2.1/");
    assert_eq!((dropped.code, dropped.millis), (143, 3000));
    check(
        "nslookup -type=a web.default.svc.cluster.local",
        "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\tweb.default.svc.cluster.local\nAddress: 10.96.77.111\n\n",
        0,
    );
    check(
        "nslookup -type=a gone.default.svc.cluster.local",
        "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n** server can't find gone.default.svc.cluster.local: NXDOMAIN\n\n",
        1,
    );
    check(
        "ping -c 1 -W 2 web",
        "PING web (10.96.77.111): 56 data bytes\n64 bytes from 10.96.77.111: seq=0 ttl=61 time=0.296 ms\n\n\
         --- web ping statistics ---\n1 packets transmitted, 1 packets received, 0% packet loss\n\
         round-trip min/avg/max = 0.296/0.296/0.296 ms\n",
        0,
    );
    check("hostname; hostname -f; hostname -i", "desk\ndesk.sub.default.svc.cluster.local\n10.244.1.7\n", 0);
}

#[test]
fn signals_and_traps() {
    let term_at = |script: &str, at: u64| {
        run_with("sh", script, move |shell, desk, now| {
            if now >= Time(at) {
                shell.signal(desk, Signal::TERM, now);
            }
        })
    };
    let ran = term_at("trap 'echo got; exit 3' TERM; while true; do sleep 0.2; done", 1000);
    assert_eq!((ran.out.as_str(), ran.code), ("got\n", 3));
    // Ctrl-C reaches the child too; a child that is waited for first ends.
    let ran = run("trap 'echo late; exit 1' TERM; (sleep 1; kill -TERM $$) & sleep 5; echo never");
    assert_eq!((ran.out.as_str(), ran.code, ran.millis), ("late\n", 1, 5000));
    // `wait` is ended at once.
    let ran = run("trap 'echo now; exit 1' TERM; (sleep 1; kill -TERM $$) & sleep 5 & wait");
    assert_eq!((ran.out.as_str(), ran.code, ran.millis), ("now\n", 1, 1000));
    check("trap 'echo bye' EXIT; echo hi; exit 4", "hi\nbye\n", 4);
    check("sleep 100 & kill $!; wait $!; echo $?", "143\n", 0);
    check("sh -c 'kill -9 $$'; echo $?", "137\n", 0);
}

#[test]
fn bash_as_terminals_have_it() {
    let bash = |script: &str| run_with("bash", script, |_, _, _| {});
    assert_eq!(bash("for i in {1..3}; do echo $i; done").out, "1\n2\n3\n");
    assert_eq!(bash("a=(x y z); i=1; echo ${a[$i]} ${a[@]} ${#a[@]}").out, "y x y z 3\n");
    assert_eq!(bash("[[ web-12 =~ -([0-9]+)$ ]] && echo ${BASH_REMATCH[1]}").out, "12\n");
    assert_eq!(bash("[[ -e /nope ]] || echo no; for ((i=0; i<3; i++)); do printf $i; done").out, "no\n012");
    assert_eq!(bash("foo").err, "bash: line 1: foo: command not found\n");
    assert_eq!(
        bash("echo a{b,c}d{1,2}; x=hello; echo ${x^^} ${x:1:3} ${x/l/L}").out,
        "abd1 abd2 acd1 acd2\nHELLO ell heLlo\n"
    );
}
