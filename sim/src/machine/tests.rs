//! Containers from their launch to their end.

use super::process::{Launch, Process, Reply, World};
use crate::clock::Time;
use crate::shell::{Mount, Node, Tree, Volumes};
use std::rc::Rc;

/// A process with what is around it.
struct Box {
    volumes: Volumes,
    process: Process,
    now: Time,
}

fn launch(image: &str, command: &[&str], args: &[&str]) -> Launch {
    Launch {
        image: super::images::full_name(image).expect("a name"),
        command: command.iter().map(|word| Rc::from(*word)).collect(),
        args: args.iter().map(|word| Rc::from(*word)).collect(),
        message_path: "/dev/termination-log".into(),
        ports: vec![8080],
        ..Launch::default()
    }
}

impl Box {
    fn start(launch: Launch) -> Result<Box, String> {
        let mut volumes = Volumes::from([("data".into(), Tree::new())]);
        let mut sent = Vec::new();
        let mut world =
            World { volumes: &mut volumes, hostname: "web-0", epoch: 1_795_464_334_000, sent: &mut sent, shared: None };
        let process = Process::start(launch, &mut world, Time(0)).map_err(|why| why.to_string())?;
        Ok(Box { volumes, process, now: Time(0) })
    }
    fn with<T>(&mut self, act: impl FnOnce(&mut Process, &mut World, Time) -> T) -> T {
        let mut sent = Vec::new();
        let mut world = World {
            volumes: &mut self.volumes,
            hostname: "web-0",
            epoch: 1_795_464_334_000,
            sent: &mut sent,
            shared: None,
        };
        act(&mut self.process, &mut world, self.now)
    }
    /// Lets time pass until `until`, or until nothing wants to go on.
    fn run(&mut self, until: u64) {
        while let Some(at) = self.process.next_wake().filter(|at| at.0 <= until) {
            self.now = self.now.max(at);
            self.with(|process, world, now| process.advance(world, now));
        }
        self.now = Time(until);
    }
    fn code(&self) -> Option<i32> {
        self.process.ended().map(|end| end.code)
    }
    fn log(&self) -> String {
        self.process.logs().lines().map(|line| &*line.text).collect()
    }
    fn exec(&mut self, argv: &[&str]) -> (i32, String) {
        let argv: Vec<Rc<str>> = argv.iter().map(|word| Rc::from(*word)).collect();
        match self.with(|process, world, now| process.exec(&argv, crate::shell::Input::Empty, world, now)) {
            Err(why) => (-1, why.to_string()),
            Ok(number) => {
                self.run(self.now.0 + 1000);
                let (code, output) = self.process.exec_result(number).expect("it has ended");
                (code, String::from_utf8_lossy(&output).into_owned())
            }
        }
    }
    fn get(&mut self, port: u16, path: &str) -> Reply {
        self.with(|process, world, now| process.get(port, path, &[], world, now))
    }
}

fn started(image: &str, command: &[&str], args: &[&str]) -> Box {
    Box::start(launch(image, command, args)).expect("it starts")
}

#[test]
fn a_script_runs_and_leaves_its_words() {
    let mut made = started(
        "busybox:1.36",
        &["sh", "-c", "echo up; sleep 3; echo -n 'the disk is full' > /dev/termination-log; exit 28"],
        &[],
    );
    made.run(2999);
    assert_eq!((made.code(), made.log().as_str()), (None, "up\n"));
    made.run(3000);
    let end = made.process.ended().expect("it ended");
    assert_eq!((end.at, end.code, &*end.message), (Time(3000), 28, "the disk is full"));
}

#[test]
fn what_cannot_be_started_says_so() {
    let why = |image: &str, command: &[&str]| Box::start(launch(image, command, &[])).err().unwrap_or_default();
    let head =
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ";
    let cannot = |text: &str| format!("{head}unable to start container process: {text}");
    assert_eq!(
        why("busybox:1.36", &["start-the-engine", "--fast"]),
        cannot("exec: \"start-the-engine\": executable file not found in $PATH")
    );
    assert_eq!(why("busybox:1.36", &["/etc/passwd"]), cannot("exec: \"/etc/passwd\": permission denied"));
    assert_eq!(why("registry.k8s.io/pause:3.9", &["sh"]), cannot("exec: \"sh\": executable file not found in $PATH"));
    let here = Launch { working_dir: "here".into(), ..launch("busybox", &["true"], &[]) };
    assert_eq!(Box::start(here).err(), Some(format!("{head}Cwd must be an absolute path")));
}

#[test]
fn signals_end_what_listens_to_them() {
    let after_term = |mut made: Box, millis: u64| {
        made.run(1000);
        made.with(|process, world, now| process.signal(15, world, now));
        made.run(1000 + millis);
        made.code()
    };
    assert_eq!(after_term(started("nginx:1.25", &[], &[]), 100), Some(0));
    assert_eq!(after_term(started("registry.k8s.io/pause:3.9", &[], &[]), 100), Some(0));
    let agnhost = "registry.k8s.io/e2e-test-images/agnhost:2.40";
    assert_eq!(after_term(started(agnhost, &[], &["liveness"]), 100), Some(2));
    assert_eq!(
        after_term(started(agnhost, &[], &["netexec", "--http-port=8080", "--delay-shutdown=12"]), 11_999),
        None
    );
    assert_eq!(
        after_term(started(agnhost, &[], &["netexec", "--http-port=8080", "--delay-shutdown=12"]), 12_000),
        Some(0)
    );
    // Process 1 of a namespace does not notice what it has no handler for.
    assert_eq!(after_term(started("busybox:1.36", &["sleep", "3600"], &[]), 30_000), None);
    assert_eq!(
        after_term(
            started("busybox:1.36", &["sh", "-c", "trap 'exit 0' TERM; while true; do sleep 0.2; done"], &[]),
            200
        ),
        Some(0)
    );
    let mut made = started("busybox:1.36", &["sleep", "3600"], &[]);
    made.with(|process, world, now| process.signal(9, world, now));
    made.run(1);
    assert_eq!(made.code(), Some(137));
}

#[test]
fn programs_are_run_inside() {
    let mut made = started("busybox:1.36", &["sleep", "3600"], &[]);
    assert_eq!(made.exec(&["ls", "/tmp/up"]), (1, "ls: /tmp/up: No such file or directory\n".into()));
    assert_eq!(made.exec(&["touch", "/tmp/up"]), (0, String::new()));
    assert_eq!(made.exec(&["test", "-e", "/tmp/up"]), (0, String::new()));
    assert_eq!(made.exec(&["sh", "-c", "hostname; cat /etc/hostname; pidof sleep"]), (0, "web-0\nweb-0\n1\n".into()));
    let nothing = "OCI runtime exec failed: exec failed: unable to start container process: exec: \"nosuchprogram\": executable file not found in $PATH";
    assert_eq!(made.exec(&["nosuchprogram"]), (-1, nothing.into()));
    assert_eq!(made.exec(&["sh", "-c", "echo said > /proc/1/fd/1"]), (0, String::new()));
    assert_eq!(made.log(), "said\n");
    // A server gets a table of processes when the first program is run beside it.
    let mut made = started("nginx:1.25", &[], &[]);
    assert_eq!(made.exec(&["sh", "-c", "echo hi; nginx -s quit"]).0, 0);
    made.run(5000);
    assert_eq!(made.code(), Some(0));
}

#[test]
fn servers_answer() {
    let status = |reply: Reply| if let Reply::Http { status, .. } = reply { status } else { 0 };
    let mut nginx = started("nginx:1.25", &[], &[]);
    assert_eq!(status(nginx.get(80, "/")), 200, "it is up at once");
    nginx.run(1000);
    assert_eq!(
        (status(nginx.get(80, "/")), status(nginx.get(80, "/no-such-page")), nginx.get(8081, "/")),
        (200, 404, Reply::Refused)
    );
    let mut liveness = started("registry.k8s.io/e2e-test-images/agnhost:2.40", &[], &["liveness"]);
    liveness.run(9000);
    assert_eq!(status(liveness.get(8080, "/healthz")), 200);
    liveness.run(11_000);
    assert_eq!(status(liveness.get(8080, "/healthz")), 500);
    let script = "mkdir -p /www; touch /www/open; exec httpd -f -p 8080 -h /www";
    let mut httpd = started("busybox:1.36", &["sh", "-c", script], &[]);
    httpd.run(1000);
    assert_eq!(status(httpd.get(8080, "/open")), 200);
    assert_eq!(httpd.exec(&["rm", "/www/open"]).0, 0);
    assert_eq!(status(httpd.get(8080, "/open")), 404);
    let mut other = started("registry.example/shop:4", &[], &[]);
    other.run(1000);
    assert_eq!((status(other.get(8080, "/")), other.get(9, "/")), (200, Reply::Refused));
    let mut exec = started(
        "registry.k8s.io/e2e-test-images/agnhost:2.40",
        &["sh", "-c", "touch /tmp/ready; exec /agnhost netexec --http-port=8080"],
        &[],
    );
    exec.run(1000);
    assert_eq!(exec.get(8080, "/hostname"), Reply::Http { status: 200, body: "web-0".into() });
    assert_eq!(exec.exec(&["test", "-e", "/tmp/ready"]).0, 0);
}

#[test]
fn volumes_and_permissions() {
    let mount = |read_only| {
        vec![Mount { path: "/data".into(), volume: "data".into(), sub_path: "".into(), read_only, memory: None }]
    };
    let write = ["sh", "-c", "echo hello > /data/x; sleep 100"];
    let mut made =
        Box::start(Launch { mounts: mount(false), ..launch("busybox:1.36", &write, &[]) }).expect("it starts");
    made.run(1000);
    assert_eq!(made.volumes["data"].get("x").map(Node::size), Some(6));
    assert_eq!(made.exec(&["cat", "/data/x"]), (0, "hello\n".into()));
    let mut made =
        Box::start(Launch { mounts: mount(true), ..launch("busybox:1.36", &["sleep", "9"], &[]) }).expect("it starts");
    assert_eq!(
        made.exec(&["sh", "-c", "echo x > /data/y"]),
        (1, "sh: can't create /data/y: Read-only file system\n".into())
    );
    let creds = crate::shell::Creds { uid: 1500, gid: 2500, groups: [3500].into() };
    let mut made = Box::start(Launch { creds, ..launch("busybox:1.36", &["sleep", "9"], &[]) }).expect("it starts");
    assert_eq!(made.exec(&["id"]), (0, "uid=1500 gid=2500 groups=2500,3500\n".into()));
    assert_eq!(made.exec(&["touch", "/etc/mine"]), (1, "touch: /etc/mine: Permission denied\n".into()));
    let mut made =
        Box::start(Launch { read_only_root: true, ..launch("busybox:1.36", &["sh", "-c", "echo hello > /note"], &[]) })
            .expect("it starts");
    made.run(10);
    assert_eq!((made.code(), made.log().as_str()), (Some(1), "sh: can't create /note: Read-only file system\n"));
}

#[test]
fn memory_over_the_limit_ends_it() {
    let script = "echo growing; sleep 2; x=a; while true; do x=$x$x$x$x; done";
    let mut made =
        Box::start(Launch { memory_limit: Some(32 << 20), ..launch("busybox:1.36", &["sh", "-c", script], &[]) })
            .expect("it starts");
    made.run(60_000);
    let end = made.process.ended().expect("it ended");
    assert_eq!((end.code, end.out_of_memory), (137, true));
    assert!(end.at < Time(3000));
    let stress = ["stress", "--vm", "1", "--vm-bytes", "250M", "--vm-hang", "1"];
    let mut made = Box::start(Launch { memory_limit: Some(100 << 20), ..launch("polinux/stress", &[], &stress[1..]) })
        .expect("it starts");
    made.run(100);
    assert_eq!(made.code(), Some(137));
}

#[test]
fn a_loop_without_sleep_is_bounded() {
    let mut made = started("busybox:1.36", &["sh", "-c", "while true; do :; done"], &[]);
    made.run(10_000);
    assert_eq!(made.code(), None);
    assert!(made.process.cpu_micros(Time(25_000)) > 9_000_000);
    let half =
        Launch { cpu_limit: Some(100), ..launch("busybox:1.36", &["sh", "-c", "while :; do echo x; done"], &[]) };
    let mut made = Box::start(half).expect("it starts");
    made.run(10_000);
    assert!(
        (900_000..1_200_000).contains(&made.process.cpu_micros(Time(25_000))),
        "{}",
        made.process.cpu_micros(Time(25_000))
    );
}
