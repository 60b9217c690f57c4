//! The lines that put a cluster into an article (docs/figure.md).

use crate::paint::svg::escape;

/// `home` is the page's own address, `link` a cluster ([`super::link`]), `label` what the still picture shows, in words.
pub fn lines(home: &str, link: &str, lang: &str, label: &str) -> String {
    let [home, link, lang, label] = [home, link, lang, label].map(escape);
    format!(
        "<script src=\"{home}figure.js\" defer></script>\n<kubarium-figure link=\"{link}\" height=\"420\" lang=\"{lang}\">\n  \
         <img src=\"{STILL}\" alt=\"{label}\" width=\"100%\">\n</kubarium-figure>\n"
    )
}

/// What the still picture's file is called.
pub const STILL: &str = "figure.svg";
/// ... and as pixels.
pub const PIXELS: &str = "figure.png";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_its_quotes() {
        let lines = lines("https://host/k/", "1.eNo", "en", "2 Pods\"><script>&");
        assert_eq!(
            lines,
            "<script src=\"https://host/k/figure.js\" defer></script>\n<kubarium-figure link=\"1.eNo\" height=\"420\" lang=\"en\">\n  \
             <img src=\"figure.svg\" alt=\"2 Pods&quot;&gt;&lt;script&gt;&amp;\" width=\"100%\">\n</kubarium-figure>\n"
        );
    }
}
