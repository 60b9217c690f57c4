//! The lines that put a cluster into an article (docs/figure.md).

use crate::paint::svg::escape;

/// A cluster as it is to stand in somebody's article.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figure {
    /// The cluster, and how one looks at it ([`super::link`]).
    pub link: String,
    /// In CSS pixels.
    pub height: u32,
    pub lang: &'static str,
    /// `light` or `dark`; else that of the reader.
    pub theme: Option<&'static str>,
    /// With the line of time.
    pub controls: bool,
    /// Time passes as soon as it is seen.
    pub autoplay: bool,
    pub lens: &'static str,
    /// What is selected, as `Pod/default/web-0`; empty for nothing.
    pub focus: String,
    /// What the still picture shows, in words.
    pub label: String,
}

impl Figure {
    /// As the element, with the script that it needs. `home` is the page's own address.
    pub fn element(&self, home: &str) -> String {
        let mut attributes = vec![("link", self.link.clone()), ("height", self.height.to_string())];
        let mut say = |name, value: &str| attributes.push((name, value.to_string()));
        say("lang", self.lang);
        if let Some(theme) = self.theme {
            say("theme", theme);
        }
        say("lens", self.lens);
        if !self.focus.is_empty() {
            say("focus", &self.focus);
        }
        if !self.controls {
            say("controls", "none");
        }
        let attributes: String = attributes.iter().map(|(n, v)| format!(" {n}=\"{}\"", escape(v))).collect();
        let autoplay = if self.autoplay { " autoplay" } else { "" };
        let (home, label) = (escape(home), escape(&self.label));
        format!(
            "<script src=\"{home}figure.js\" defer></script>\n<kubarium-figure{attributes}{autoplay}>\n  \
             <img src=\"{STILL}\" alt=\"{label}\" width=\"100%\">\n</kubarium-figure>\n"
        )
    }

    /// As a frame, where an article allows no scripts.
    pub fn frame(&self, home: &str) -> String {
        let (address, label) = (escape(&self.address(home)), escape(&self.label));
        format!(
            "<iframe src=\"{address}\" title=\"{label}\" sandbox=\"allow-scripts\" loading=\"lazy\" width=\"100%\" height=\"{}\"></iframe>\n",
            self.height
        )
    }

    /// What such a frame shows.
    pub fn address(&self, home: &str) -> String {
        let controls = if self.controls { "" } else { "=none" };
        let theme = self.theme.map_or_else(String::new, |theme| format!("&theme={theme}"));
        format!("{home}?embed{controls}&lang={}{theme}#{}", self.lang, self.link)
    }
}

/// What the still picture's file is called.
pub const STILL: &str = "figure.svg";
/// ... and as pixels.
pub const PIXELS: &str = "figure.png";

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "https://host/k/";

    fn figure() -> Figure {
        let text = |s: &str| s.to_string();
        Figure { link: text("1.eNo"), height: 420, lang: "en", controls: true, lens: "cluster", ..Figure::default() }
    }

    #[test]
    fn nothing_gets_out_of_its_quotes() {
        let bad = Figure { label: "2 Pods\"><script>&".into(), focus: "Pod/a/\"><b>".into(), ..figure() };
        assert_eq!(
            bad.element(HOME),
            "<script src=\"https://host/k/figure.js\" defer></script>\n<kubarium-figure link=\"1.eNo\" height=\"420\" lang=\"en\" \
             lens=\"cluster\" focus=\"Pod/a/&quot;&gt;&lt;b&gt;\">\n  \
             <img src=\"figure.svg\" alt=\"2 Pods&quot;&gt;&lt;script&gt;&amp;\" width=\"100%\">\n</kubarium-figure>\n"
        );
        assert!(bad.frame(HOME).contains("title=\"2 Pods&quot;&gt;&lt;script&gt;&amp;\""));
    }

    #[test]
    fn what_is_chosen_is_said_and_nothing_else() {
        let chosen =
            Figure { theme: Some("dark"), controls: false, autoplay: true, focus: "Node//node-1".into(), ..figure() };
        let element = chosen.element(HOME);
        assert!(
            element.contains(" theme=\"dark\" lens=\"cluster\" focus=\"Node//node-1\" controls=\"none\" autoplay>\n")
        );
        assert_eq!(chosen.address(HOME), "https://host/k/?embed=none&lang=en&theme=dark#1.eNo");
        assert_eq!(
            figure().frame(HOME),
            "<iframe src=\"https://host/k/?embed&amp;lang=en#1.eNo\" title=\"\" sandbox=\"allow-scripts\" loading=\"lazy\" width=\"100%\" height=\"420\"></iframe>\n"
        );
    }
}
