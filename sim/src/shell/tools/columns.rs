//! Names side by side, as `ls` shows them on a terminal: busybox's all as wide as the longest, GNU's each as wide as it must be.

/// How wide a terminal is: its size is not simulated.
const WIDTH: usize = 80;

/// The names in lines, down each column first.
pub(super) fn columns(names: &[String], gnu: bool) -> String {
    if names.is_empty() {
        return String::new();
    }
    let lengths: Vec<usize> = names.iter().map(|name| name.chars().count()).collect();
    let most = names.len().clamp(1, WIDTH / 3);
    let widths = match gnu {
        true => (1..=most).rev().find_map(|count| fitting(&lengths, count)),
        false => {
            let width = lengths.iter().max().map_or(0, |longest| longest + 2);
            Some(vec![width; (WIDTH / width.max(1)).max(1)])
        }
    };
    let widths = widths.unwrap_or_else(|| vec![0]);
    let rows = names.len().div_ceil(widths.len());
    let mut out = String::new();
    for row in 0..rows {
        let mut gap = 0;
        for (column, width) in widths.iter().enumerate() {
            let at = column * rows + row;
            let Some(name) = names.get(at) else { break };
            out.extend(std::iter::repeat_n(' ', gap));
            out.push_str(name);
            gap = width.saturating_sub(lengths[at]);
        }
        out.push('\n');
    }
    out
}

/// The widths of so many columns with the gaps between them, if they fit.
fn fitting(lengths: &[usize], count: usize) -> Option<Vec<usize>> {
    let rows = lengths.len().div_ceil(count);
    let widths: Vec<usize> = lengths.chunks(rows).map(|column| column.iter().max().map_or(0, |n| n + 2)).collect();
    (widths.iter().sum::<usize>() <= WIDTH + 1).then_some(widths)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As busybox 1.35 and coreutils 9.1 print them into 80 columns.
    #[test]
    fn names_stand_down_the_columns() {
        let names: Vec<String> =
            ["bin", "dev", "etc", "home", "lib", "lib64", "proc", "root", "sys", "tmp", "usr", "var"]
                .map(Into::into)
                .into();
        assert_eq!(
            columns(&names, false),
            "bin    etc    lib    proc   sys    usr\ndev    home   lib64  root   tmp    var\n"
        );
        assert_eq!(columns(&names, true), "bin  dev  etc  home  lib  lib64  proc  root  sys  tmp  usr  var\n");
        let long = vec!["x".repeat(90), "y".into()];
        assert_eq!(columns(&long, true), format!("{}\ny\n", long[0]));
        assert_eq!(columns(&long, false), format!("{}\ny\n", long[0]));
    }
}
