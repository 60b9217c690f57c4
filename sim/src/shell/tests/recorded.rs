//! Scripts and what busybox printed for them, in `words.txt`, `programs.txt` and `found.txt`, and dash in `dash.txt`: a line `$ SCRIPT` (further lines `> `), the output of both
//! streams, `[exit N]` if it failed. Recorded with busybox 1.35.

use super::super::Flavor;
use super::host::run_as;

#[test]
fn the_language_does_what_busybox_does() {
    check_all(Flavor::Busybox, include_str!("words.txt"));
}

#[test]
fn the_tools_print_what_busybox_prints() {
    check_all(Flavor::Busybox, include_str!("programs.txt"));
}

#[test]
fn what_scripts_at_random_found_stays_mended() {
    check_all(Flavor::Busybox, include_str!("found.txt"));
}

#[test]
fn debian_has_dash_and_gnu_tools() {
    check_all(Flavor::Debian, include_str!("dash.txt"));
}

fn check_all(flavor: Flavor, text: &str) {
    let mut wrong = Vec::new();
    let blocks: Vec<&str> = text.split("\n$ ").collect();
    for block in &blocks[1..] {
        let mut lines = block.split('\n');
        let mut script = lines.next().unwrap_or_default().to_string();
        let mut expected = String::new();
        for line in lines {
            match line.strip_prefix("> ") {
                Some(more) if expected.is_empty() => script.push_str(&format!("\n{more}")),
                _ => expected.push_str(&format!("{line}\n")),
            }
        }
        let ran = run_as(flavor, &format!("cd /root/t\nexec 2>&1\n{script}"));
        let mut got = ran.out + &ran.err;
        if !got.is_empty() && !got.ends_with('\n') {
            got.push('\n');
        }
        if ran.code != 0 {
            got.push_str(&format!("[exit {}]\n", ran.code));
        }
        if got.trim_end() != expected.trim_end() {
            wrong.push(format!("$ {script}\n--- expected\n{expected}--- got\n{got}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), blocks.len() - 1, wrong.join("\n"));
}
