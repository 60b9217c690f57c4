//! The images that are known: what is in them and how their programs behave.
//!
//! An image is found by its repository; of a repository that is listed here only tags of the listed kind exist. Of
//! `docker.io/library` all repositories are listed: what is not does not exist. Any other image is a stand-in that
//! serves on the ports which its container declares.

use super::serve::Server;
pub use super::tags::{OFFICIAL, Tags};

/// What an image is built on: which programs it has, and in whose words they speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Base {
    Busybox,
    /// busybox with a shell, and curl and bind's tools.
    Alpine,
    /// GNU tools, dash and bash; without ps, ping, wget or curl.
    Debian,
    /// As Debian, with curl.
    DebianCurl,
    /// Nothing but the image's own program.
    Scratch,
}

/// A known image.
#[derive(Debug)]
pub struct Entry {
    pub repositories: &'static [&'static str],
    pub base: Base,
    pub entrypoint: &'static [&'static str],
    pub cmd: &'static [&'static str],
    /// The image's own program: its path, what it is.
    pub program: Option<(&'static str, Server)>,
    pub tags: Tags,
    /// What the image's programs run as.
    pub user: u32,
    pub size: u64,
    pub env: &'static [(&'static str, &'static str)],
}

const NONE: Entry = Entry {
    repositories: &[],
    base: Base::Debian,
    entrypoint: &[],
    cmd: &[],
    program: None,
    tags: Tags::AnyVersion,
    user: 0,
    size: 40_000_000,
    env: &[],
};

const DISTRO: &[&str] = &["-alpine", "-alpine-slim", "-perl", "-alpine-perl", "-bookworm", "-bullseye", "-slim"];

/// The images, each with all repositories that hold it.
pub const ENTRIES: &[Entry] = &[
    Entry {
        repositories: &["docker.io/library/nginx", "registry.k8s.io/nginx", "docker.io/nginxinc/nginx-unprivileged"],
        base: Base::DebianCurl,
        entrypoint: &["/docker-entrypoint.sh"],
        cmd: &["nginx", "-g", "daemon off;"],
        program: Some(("usr/sbin/nginx", Server::Nginx)),
        tags: Tags::Versions {
            from: (1, 7),
            to: (1, 31),
            suffixes: DISTRO,
            names: &["latest", "stable", "mainline", "alpine", "1", "perl", "stable-alpine"],
        },
        size: 81_531_798,
        ..NONE
    },
    Entry {
        repositories: &["registry.k8s.io/nginx-slim"],
        base: Base::Debian,
        cmd: &["nginx", "-g", "daemon off;"],
        program: Some(("usr/sbin/nginx", Server::Nginx)),
        ..NONE
    },
    Entry {
        repositories: &["docker.io/library/httpd"],
        cmd: &["httpd-foreground"],
        program: Some(("usr/local/bin/httpd-foreground", Server::Apache)),
        tags: Tags::Versions {
            from: (2, 2),
            to: (2, 4),
            suffixes: DISTRO,
            names: &["latest", "2", "alpine", "bookworm"],
        },
        size: 58_000_000,
        ..NONE
    },
    Entry {
        repositories: &[
            "docker.io/library/busybox",
            "registry.k8s.io/busybox",
            "gcr.io/google_containers/busybox",
            "k8s.gcr.io/busybox",
            "gcr.io/google-containers/busybox",
            "docker.io/radial/busyboxplus",
        ],
        base: Base::Busybox,
        cmd: &["sh"],
        tags: Tags::Versions {
            from: (1, 21),
            to: (1, 38),
            suffixes: &["-musl", "-glibc", "-uclibc"],
            names: &["latest", "stable", "1", "musl", "glibc", "uclibc", "curl"],
        },
        size: 2_160_000,
        ..NONE
    },
    Entry {
        repositories: &["docker.io/library/alpine"],
        base: Base::Alpine,
        cmd: &["/bin/sh"],
        tags: Tags::Versions { from: (3, 1), to: (3, 24), suffixes: &[], names: &["latest", "3", "edge"] },
        size: 3_600_000,
        ..NONE
    },
    Entry { repositories: &["docker.io/library/debian"], cmd: &["bash"], tags: Tags::Any, size: 49_000_000, ..NONE },
    Entry {
        repositories: &["docker.io/library/ubuntu"],
        cmd: &["/bin/bash"],
        tags: Tags::Only(&[
            "latest", "rolling", "14.04", "16.04", "18.04", "20.04", "22.04", "24.04", "24.10", "25.04", "25.10",
            "26.04", "xenial", "bionic", "focal", "jammy", "noble",
        ]),
        size: 30_000_000,
        ..NONE
    },
    Entry {
        repositories: &[
            "docker.io/library/fedora",
            "docker.io/library/centos",
            "docker.io/library/rockylinux",
            "docker.io/library/amazonlinux",
        ],
        cmd: &["/bin/bash"],
        tags: Tags::AnyVersion,
        size: 80_000_000,
        ..NONE
    },
    Entry {
        repositories: &["docker.io/library/bash"],
        base: Base::Alpine,
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["bash"],
        size: 6_000_000,
        ..NONE
    },
    Entry {
        repositories: &[
            "registry.k8s.io/pause",
            "k8s.gcr.io/pause",
            "docker.io/kubernetes/pause",
            "gcr.io/google_containers/pause",
        ],
        base: Base::Scratch,
        entrypoint: &["/pause"],
        program: Some(("pause", Server::Pause)),
        size: 320_000,
        ..NONE
    },
    Entry {
        repositories: &["registry.k8s.io/e2e-test-images/agnhost", "k8s.gcr.io/e2e-test-images/agnhost"],
        base: Base::Alpine,
        entrypoint: &["/agnhost"],
        cmd: &["pause"],
        program: Some(("agnhost", Server::Agnhost)),
        tags: Tags::Versions { from: (2, 1), to: (2, 60), suffixes: &[], names: &[] },
        size: 51_000_000,
        ..NONE
    },
    Entry {
        repositories: &["registry.k8s.io/serve_hostname", "gcr.io/google_containers/serve_hostname"],
        base: Base::Scratch,
        entrypoint: &["/serve_hostname"],
        program: Some(("serve_hostname", Server::ServeHostname)),
        size: 6_000_000,
        ..NONE
    },
    Entry {
        repositories: &["registry.k8s.io/test-webserver", "gcr.io/google_containers/test-webserver"],
        base: Base::Scratch,
        entrypoint: &["/test-webserver"],
        program: Some(("test-webserver", Server::TestWeb)),
        size: 4_500_000,
        ..NONE
    },
    Entry {
        repositories: &[
            "gcr.io/google-samples/hello-app",
            "us-docker.pkg.dev/google-samples/containers/gke/hello-app",
            "gcr.io/google-samples/hello-go-gke",
        ],
        base: Base::Scratch,
        entrypoint: &["/hello-app"],
        program: Some(("hello-app", Server::HelloApp)),
        tags: Tags::Only(&["1.0", "2.0", "latest"]),
        size: 11_000_000,
        ..NONE
    },
    Entry {
        repositories: &[
            "gcr.io/google-samples/hello-frontend",
            "gcr.io/google-samples/gb-frontend",
            "gcr.io/google_samples/gb-frontend",
            "us-docker.pkg.dev/google-samples/containers/gke/gb-frontend",
        ],
        cmd: &["apache2-foreground"],
        program: Some(("usr/local/bin/apache2-foreground", Server::Guestbook)),
        size: 160_000_000,
        ..NONE
    },
    Entry {
        repositories: &["docker.io/hashicorp/http-echo"],
        base: Base::Scratch,
        entrypoint: &["/http-echo"],
        program: Some(("http-echo", Server::HttpEcho)),
        size: 3_000_000,
        ..NONE
    },
    Entry {
        repositories: &[
            "gcr.io/kuar-demo/kuard-amd64",
            "docker.io/kubernetesbootcamp/kubernetes-bootcamp",
            "gcr.io/google-samples/kubernetes-bootcamp",
            "registry.k8s.io/echoserver",
            "gcr.io/google_containers/echoserver",
            "k8s.gcr.io/echoserver",
            "docker.io/traefik/whoami",
        ],
        base: Base::Alpine,
        entrypoint: &["/echo"],
        program: Some(("echo-server", Server::Echo)),
        tags: Tags::Any,
        size: 24_000_000,
        ..NONE
    },
    Entry {
        repositories: &["registry.k8s.io/hpa-example", "k8s.gcr.io/hpa-example"],
        cmd: &["apache2-foreground"],
        program: Some(("usr/local/bin/apache2-foreground", Server::HpaExample)),
        size: 180_000_000,
        ..NONE
    },
    Entry {
        repositories: &[
            "docker.io/library/redis",
            "registry.k8s.io/redis",
            "docker.io/kubernetes/redis",
            "gcr.io/google_samples/gb-redisslave",
            "us-docker.pkg.dev/google-samples/containers/gke/gb-redis-follower",
            "docker.io/bitnami/redis",
        ],
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["redis-server"],
        program: Some(("usr/local/bin/redis-server", Server::Redis)),
        tags: Tags::Any,
        size: 45_000_000,
        ..NONE
    },
    Entry {
        repositories: &["docker.io/library/memcached"],
        cmd: &["memcached"],
        program: Some(("usr/local/bin/memcached", Server::Listens("memcached", 11211, 300, 12))),
        size: 32_000_000,
        ..NONE
    },
    Entry {
        repositories: &["docker.io/library/mysql", "docker.io/library/mariadb", "docker.io/library/percona"],
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["mysqld"],
        program: Some(("usr/sbin/mysqld", Server::Mysql)),
        size: 233_000_000,
        ..NONE
    },
    Entry {
        repositories: &["docker.io/library/postgres"],
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["postgres"],
        program: Some(("usr/local/bin/postgres", Server::Postgres)),
        size: 150_000_000,
        ..NONE
    },
    Entry {
        repositories: &["docker.io/library/mongo"],
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["mongod"],
        program: Some(("usr/bin/mongod", Server::Listens("mongod", 27017, 2500, 90))),
        size: 250_000_000,
        ..NONE
    },
    Entry {
        repositories: &["docker.io/library/rabbitmq"],
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["rabbitmq-server"],
        program: Some(("usr/sbin/rabbitmq-server", Server::Listens("rabbitmq-server", 5672, 8000, 130))),
        size: 110_000_000,
        ..NONE
    },
    Entry {
        repositories: &["gcr.io/google-samples/cassandra", "docker.io/library/cassandra"],
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["cassandra", "-f"],
        program: Some(("usr/local/bin/cassandra", Server::Listens("cassandra", 9042, 30_000, 900))),
        tags: Tags::Any,
        size: 150_000_000,
        ..NONE
    },
    Entry {
        repositories: &["docker.io/library/zookeeper"],
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["zkServer.sh"],
        program: Some(("usr/bin/zkServer.sh", Server::Listens("zookeeper", 2181, 3000, 100))),
        tags: Tags::Any,
        size: 120_000_000,
        ..NONE
    },
    Entry {
        repositories: &["registry.k8s.io/kubernetes-zookeeper"],
        cmd: &["start-zookeeper"],
        program: Some(("usr/bin/start-zookeeper", Server::Listens("zookeeper", 2181, 3000, 100))),
        tags: Tags::Any,
        size: 120_000_000,
        ..NONE
    },
    Entry {
        repositories: &["registry.k8s.io/etcd", "quay.io/coreos/etcd"],
        base: Base::Scratch,
        entrypoint: &["etcd"],
        program: Some(("usr/local/bin/etcd", Server::Listens("etcd", 2379, 800, 25))),
        tags: Tags::AnyVersion,
        size: 60_000_000,
        ..NONE
    },
    Entry {
        repositories: &["docker.io/library/wordpress", "docker.io/library/php"],
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["apache2-foreground"],
        program: Some(("usr/local/bin/apache2-foreground", Server::Wordpress)),
        tags: Tags::Any,
        size: 200_000_000,
        ..NONE
    },
    Entry {
        repositories: &["docker.io/library/perl"],
        cmd: &["perl"],
        program: Some(("usr/local/bin/perl", Server::Perl)),
        size: 330_000_000,
        ..NONE
    },
    Entry {
        repositories: &["docker.io/library/python"],
        cmd: &["python3"],
        program: Some(("usr/local/bin/python3", Server::Interpreter("Python 3"))),
        tags: Tags::Any,
        size: 360_000_000,
        ..NONE
    },
    Entry {
        repositories: &["docker.io/library/node"],
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["node"],
        program: Some(("usr/local/bin/node", Server::Interpreter("Node.js"))),
        tags: Tags::Any,
        size: 380_000_000,
        ..NONE
    },
    Entry {
        repositories: &["docker.io/polinux/stress", "docker.io/vish/stress", "docker.io/progrium/stress"],
        base: Base::Alpine,
        entrypoint: &["stress"],
        tags: Tags::Any,
        size: 4_000_000,
        ..NONE
    },
    Entry {
        repositories: &[
            "docker.io/nicolaka/netshoot",
            "docker.io/curlimages/curl",
            "registry.k8s.io/e2e-test-images/jessie-dnsutils",
            "docker.io/tutum/dnsutils",
        ],
        base: Base::Alpine,
        entrypoint: &[],
        cmd: &["sh"],
        tags: Tags::Any,
        size: 80_000_000,
        ..NONE
    },
];

/// The entry of a repository.
pub fn entry(repository: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.repositories.contains(&repository))
}
