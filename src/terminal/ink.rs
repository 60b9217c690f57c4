//! How a line of kubectl's output is inked: states by their colour, complaints in red, headings in grey.

/// A stretch of a line with its class; the empty class is plain ink.
pub type Piece<'a> = (&'static str, &'a str);

const WORDS: [(&str, &str); 22] = [
    ("CrashLoopBackOff", "broken"),
    ("ImagePullBackOff", "broken"),
    ("ErrImagePull", "broken"),
    ("InvalidImageName", "broken"),
    ("CreateContainerConfigError", "broken"),
    ("RunContainerError", "broken"),
    ("OOMKilled", "broken"),
    ("Error", "broken"),
    ("Failed", "broken"),
    ("Evicted", "broken"),
    ("NotReady", "broken"),
    ("Lost", "broken"),
    ("Warning", "broken"),
    ("Pending", "waiting"),
    ("ContainerCreating", "waiting"),
    ("PodInitializing", "waiting"),
    ("SchedulingGated", "waiting"),
    ("Terminating", "terminating"),
    ("Released", "terminating"),
    ("Completed", "finished"),
    ("Unknown", "finished"),
    ("<pending>", "waiting"),
];

pub fn pieces(line: &str) -> Vec<Piece<'_>> {
    let complaint = line.starts_with("Error from server")
        || line.starts_with("error:")
        || line.starts_with("Unable to connect")
        || (line.starts_with("The ") && line.contains("\" is invalid:"));
    if complaint {
        return vec![("bad", line)];
    }
    if is_heading(line) {
        return vec![("h", line)];
    }
    // A Pod that runs without being ready is told by its count.
    let short = line.split_whitespace().any(|w| {
        w.split_once('/').is_some_and(|(a, b)| matches!((a.parse::<u32>(), b.parse::<u32>()), (Ok(a), Ok(b)) if a < b))
    });
    let mut out = Vec::new();
    let mut plain = 0;
    for (at, word) in words(line) {
        let known = WORDS.iter().find(|(w, _)| *w == word).map(|(_, class)| *class);
        let class = known
            .or((word == "Running" && short).then_some("waiting"))
            .or(word.starts_with("Init:").then_some("waiting"));
        if let Some(class) = class {
            if at > plain {
                out.push(("", &line[plain..at]));
            }
            out.push((class, word));
            plain = at + word.len();
        }
    }
    if plain < line.len() {
        out.push(("", &line[plain..]));
    }
    out
}

/// `NAME   READY   STATUS`: nothing but capitals, in columns.
fn is_heading(line: &str) -> bool {
    line.len() > 8
        && line.starts_with(|c: char| c.is_ascii_uppercase())
        && line.contains("  ")
        && line
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')' | '/' | '%'))
}

fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    line.split_whitespace().map(move |w| (w.as_ptr() as usize - line.as_ptr() as usize, w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_their_colour_and_nothing_is_lost() {
        for line in [
            "web-zz8rc   1/2     Running   0   19s",
            "cart   0/1   CrashLoopBackOff   3 (17s ago)   81s",
            "",
            "  two  spaces  ",
            "한글 Pending",
        ] {
            assert_eq!(pieces(line).iter().map(|p| p.1).collect::<String>(), line);
        }
        assert_eq!(pieces("web   1/2   Running   0")[1], ("waiting", "Running"));
        assert_eq!(pieces("web   2/2   Running   0"), [("", "web   2/2   Running   0")]);
        assert_eq!(pieces("NAME   READY   STATUS")[0].0, "h");
        assert_eq!(pieces("error: no objects passed to apply")[0].0, "bad");
    }
}
