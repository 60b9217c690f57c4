//! Which tags of a repository exist, and which repositories Docker's official library has.

/// Which tags of a repository exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tags {
    /// Versions between these (major, minor), each also with a patch version, and with one of the suffixes; `latest`.
    Versions {
        from: (u32, u32),
        to: (u32, u32),
        suffixes: &'static [&'static str],
        names: &'static [&'static str],
    },
    /// Any tag that begins with a digit, or with `v` and a digit, and `latest`.
    AnyVersion,
    Only(&'static [&'static str]),
    Any,
}

/// Docker's official images that have no entry of their own: they exist and are stand-ins.
pub const OFFICIAL: &[&str] = &[
    "adminer",
    "almalinux",
    "amazoncorretto",
    "arangodb",
    "archlinux",
    "caddy",
    "chronograf",
    "clojure",
    "composer",
    "consul",
    "couchbase",
    "couchdb",
    "crate",
    "dart",
    "docker",
    "drupal",
    "eclipse-mosquitto",
    "eclipse-temurin",
    "elasticsearch",
    "elixir",
    "emqx",
    "erlang",
    "flink",
    "fluentd",
    "friendica",
    "gcc",
    "ghost",
    "golang",
    "gradle",
    "groovy",
    "haproxy",
    "haskell",
    "haxe",
    "hello-world",
    "influxdb",
    "jenkins",
    "jetty",
    "joomla",
    "julia",
    "kapacitor",
    "kibana",
    "kong",
    "logstash",
    "lightstreamer",
    "matomo",
    "maven",
    "mediawiki",
    "mongo-express",
    "monica",
    "nats",
    "neo4j",
    "nextcloud",
    "odoo",
    "open-liberty",
    "openjdk",
    "oraclelinux",
    "orientdb",
    "phpmyadmin",
    "plone",
    "redmine",
    "registry",
    "rethinkdb",
    "rocket.chat",
    "ruby",
    "rust",
    "sapmachine",
    "silverpeas",
    "solr",
    "sonarqube",
    "spark",
    "spiped",
    "storm",
    "swift",
    "swipl",
    "telegraf",
    "tomcat",
    "tomee",
    "traefik",
    "unit",
    "varnish",
    "vault",
    "websphere-liberty",
    "yourls",
    "znc",
];

impl Tags {
    /// Whether a tag of this kind exists.
    pub fn has(self, tag: &str) -> bool {
        match self {
            Tags::Any => true,
            Tags::Only(tags) => tags.contains(&tag),
            Tags::AnyVersion => {
                let bare = tag.strip_prefix('v').unwrap_or(tag);
                matches!(tag, "latest" | "stable" | "stable-slim" | "e2e")
                    || bare.starts_with(|c: char| c.is_ascii_digit())
            }
            Tags::Versions { from, to, suffixes, names } => {
                let number = tag.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(tag.len());
                let (version, suffix) = tag.split_at(number);
                let parts: Option<Vec<u32>> = version.split('.').map(|part| part.parse().ok()).collect();
                let fits = match parts.as_deref() {
                    Some([major, minor]) | Some([major, minor, _]) => (from..=to).contains(&(*major, *minor)),
                    _ => false,
                };
                let plain = |name: &str| names.contains(&name);
                plain(tag) || (fits && (suffix.is_empty() || suffixes.iter().any(|s| suffix.starts_with(s))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::machine::catalogue::entry;

    #[test]
    fn tags_by_rule() {
        let nginx = entry("docker.io/library/nginx").map(|entry| entry.tags).expect("it is listed");
        for tag in ["latest", "1.25", "1.14.2", "1.16.1", "1.27-alpine", "stable", "1.16-alpine"] {
            assert!(nginx.has(tag), "{tag}");
        }
        for tag in ["1.161", "no-such-tag", "nosuchtag", "1.25-alpnie", "broken", "1.none", "1.91", "doesnotexist"] {
            assert!(!nginx.has(tag), "{tag}");
        }
        let pause = entry("registry.k8s.io/pause").map(|entry| entry.tags).expect("it is listed");
        assert!(pause.has("3.9") && pause.has("latest") && !pause.has("none"));
    }
}
