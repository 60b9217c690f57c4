//! What a machine gives to the processes on it: files, a clock, programs of its own, a network.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use super::files::Fs;
use super::tty::Mode;
use crate::clock::Time;

pub type Pid = u32;
/// Names a network request until its answer comes.
pub type Ticket = u32;
pub type Env = Rc<BTreeMap<Rc<str>, Rc<str>>>;

/// A machine as its processes see it. A container is one; the user's own terminal is another.
pub trait Host {
    fn fs(&mut self) -> Fs<'_>;
    /// Milliseconds since 1970, UTC.
    fn unix_millis(&self, now: Time) -> u64;
    fn hostname(&self) -> String;
    fn flavor(&self) -> Flavor;
    /// busybox before 1.29, whose nslookup speaks differently.
    fn is_old_busybox(&self) -> bool {
        false
    }
    /// How much CPU the processes may use together, in thousandths of a core.
    fn cpu_milli(&self) -> u64 {
        1000
    }
    /// Whether the machine runs this program itself (a server, `kubectl`), and not the shell's own tools.
    fn knows(&self, _program: &str) -> bool {
        false
    }
    /// Starts a program that [`Host::knows`].
    fn start(&mut self, _call: &Call, _now: Time) {}
    /// Lets such a program go on. Called whenever it may have something to do; it must not be called too often.
    fn run(&mut self, _pid: Pid, _io: &mut Io, _now: Time) -> Progress {
        Progress::Ended(127)
    }
    /// When such a program wants to go on although it is blocked: something else than input has reached it.
    fn due(&self, _pid: Pid) -> Option<Time> {
        None
    }
    /// A signal for such a program. `false`: it has no handler, so the default action is taken.
    fn signal(&mut self, _pid: Pid, _signal: Signal, _now: Time) -> bool {
        false
    }
    /// Such a program was killed: forget it.
    fn forget(&mut self, _pid: Pid) {}
    /// A program sends a request; the answer is to be given to [`super::Processes::deliver`] later, or never.
    fn send(&mut self, _ticket: Ticket, _request: NetRequest, _now: Time) {}
    /// Processes of other containers that share this process namespace.
    fn neighbours(&self) -> &[Neighbour] {
        &[]
    }
    /// A signal for a neighbour.
    fn signal_neighbour(&mut self, _pid: Pid, _signal: Signal) {}
    /// Whether process 1 belongs to these processes (else it is the sandbox's).
    fn owns_init(&self) -> bool {
        true
    }
}

/// Whose words the shell and the tools use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Flavor {
    /// busybox ash and applets (alpine too).
    #[default]
    Busybox,
    /// dash and the GNU tools: Debian and what is built on it.
    Debian,
    /// bash and the GNU tools.
    Bash,
}

/// A program and what it is started with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    pub pid: Pid,
    pub program: Rc<str>,
    pub argv: Vec<String>,
    pub env: Env,
    pub cwd: Rc<str>,
    /// Whether its standard input is a terminal.
    pub terminal: bool,
}

/// The streams of a host's program during one run.
#[derive(Debug, Default)]
pub struct Io {
    /// What came on standard input since the last run.
    pub input: Vec<u8>,
    /// No more input will come.
    pub closed: bool,
    /// How it reads its standard input, if it does.
    pub reads: Option<Mode>,
    /// What the program writes.
    pub output: Vec<(Stream, Vec<u8>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    Out,
    Err,
}

/// What became of something that was stepped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Progress {
    /// It did something and can go on at once.
    Ran,
    /// It goes on at that time, or when something comes in.
    Sleeping(Time),
    /// It goes on when something comes in: input, an answer, a signal.
    Blocked,
    Ended(i32),
}

/// A process of another container in the same namespace, or of the sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Neighbour {
    pub pid: Pid,
    pub name: Rc<str>,
    pub command: Rc<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signal(pub u8);

impl Signal {
    /// Not a signal: the name under which `trap` knows the end of the shell.
    pub const EXIT: Signal = Signal(0);
    pub const HUP: Signal = Signal(1);
    pub const INT: Signal = Signal(2);
    pub const QUIT: Signal = Signal(3);
    pub const KILL: Signal = Signal(9);
    pub const PIPE: Signal = Signal(13);
    pub const TERM: Signal = Signal(15);
    pub const CHLD: Signal = Signal(17);
    pub const CONT: Signal = Signal(18);
    pub const STOP: Signal = Signal(19);

    /// Reads `15`, `TERM`, `SIGTERM` or `term`.
    pub fn parse(text: &str) -> Option<Signal> {
        if let Ok(n) = text.parse::<u8>() {
            return (n < 65).then_some(Signal(n));
        }
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        NAMES.iter().find(|(_, known)| *known == name).map(|(n, _)| Signal(*n))
    }

    /// What a shell says of a process that it has killed: glibc's `strsignal`. Nothing of Ctrl-C and of a broken pipe.
    pub fn described(self) -> Option<&'static str> {
        Some(match self.0 {
            1 => "Hangup",
            3 => "Quit",
            4 => "Illegal instruction",
            5 => "Trace/breakpoint trap",
            6 => "Aborted",
            8 => "Floating point exception",
            9 => "Killed",
            10 => "User defined signal 1",
            11 => "Segmentation fault",
            12 => "User defined signal 2",
            14 => "Alarm clock",
            15 => "Terminated",
            _ => return None,
        })
    }

    /// Whether a process without a handler is ended by it.
    pub fn ends(self) -> bool {
        !matches!(self.0, 0 | 17 | 18 | 19 | 20 | 21 | 22 | 23 | 28)
    }
}

impl fmt::Display for Signal {
    /// The name without `SIG`, or the number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.iter().find(|(n, _)| *n == self.0) {
            Some((_, name)) => f.write_str(name),
            None => write!(f, "{}", self.0),
        }
    }
}

/// Linux: include/uapi/asm-generic/signal.h.
pub const NAMES: [(u8, &str); 28] = [
    (0, "EXIT"),
    (1, "HUP"),
    (2, "INT"),
    (3, "QUIT"),
    (4, "ILL"),
    (5, "TRAP"),
    (6, "ABRT"),
    (7, "BUS"),
    (8, "FPE"),
    (9, "KILL"),
    (10, "USR1"),
    (11, "SEGV"),
    (12, "USR2"),
    (13, "PIPE"),
    (14, "ALRM"),
    (15, "TERM"),
    (17, "CHLD"),
    (18, "CONT"),
    (19, "STOP"),
    (20, "TSTP"),
    (21, "TTIN"),
    (22, "TTOU"),
    (23, "URG"),
    (24, "XCPU"),
    (25, "XFSZ"),
    (28, "WINCH"),
    (29, "IO"),
    (30, "PWR"),
];

/// What a program asks of the network.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NetRequest {
    /// One question to a DNS server, the name as it goes over the wire (without a trailing dot).
    Dns {
        server: String,
        name: String,
        record: Record,
    },
    Http(HttpRequest),
    /// Opens a connection and closes it again (`nc -z`), or sends text and reads the answer.
    Tcp {
        address: String,
        port: u16,
        send: Vec<u8>,
    },
    Udp {
        address: String,
        port: u16,
        send: Vec<u8>,
    },
    Ping {
        address: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Record {
    A,
    Aaaa,
    Srv,
    Ptr,
    Cname,
    Txt,
}

/// A request of HTTP, as it leaves its sender.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct HttpRequest {
    /// Where the connection goes: an IP address.
    pub address: String,
    pub port: u16,
    pub tls: bool,
    pub method: String,
    /// With the query, as written after the host.
    pub path: String,
    /// `Host` first.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What comes back. What never comes (a dropped packet) is simply not delivered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NetAnswer {
    /// DNS: the records, or why not.
    Dns(Result<Vec<Answer>, Rcode>),
    Http(HttpAnswer),
    /// The connection was made; what the other side sent.
    Connected(Vec<u8>),
    /// Of a ping: how long it took, in microseconds.
    Pong {
        micros: u64,
    },
    Refused,
    Unreachable,
    Reset,
}

/// One record of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Answer {
    pub name: String,
    pub record: Record,
    /// An address, a name, or for SRV `priority weight port name`.
    pub value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rcode {
    NxDomain,
    ServFail,
    Refused,
}

/// An answer over HTTP. Clones share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct HttpAnswer {
    pub status: u16,
    pub headers: Rc<Vec<(String, String)>>,
    pub body: Rc<Vec<u8>>,
}

impl HttpAnswer {
    pub fn text(status: u16, body: impl Into<String>) -> HttpAnswer {
        let headers = Rc::new(vec![("Content-Type".into(), "text/plain; charset=utf-8".into())]);
        HttpAnswer { status, headers, body: Rc::new(body.into().into_bytes()) }
    }
    pub fn html(status: u16, body: impl Into<String>) -> HttpAnswer {
        let headers = Rc::new(vec![("Content-Type".into(), "text/html".into())]);
        HttpAnswer { status, headers, body: Rc::new(body.into().into_bytes()) }
    }
    /// The words after the number in the status line.
    pub fn reason(&self) -> &'static str {
        match self.status {
            200 => "OK",
            201 => "Created",
            204 => "No Content",
            301 => "Moved Permanently",
            302 => "Found",
            304 => "Not Modified",
            307 => "Temporary Redirect",
            400 => "Bad Request",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            429 => "Too Many Requests",
            500 => "Internal Server Error",
            502 => "Bad Gateway",
            503 => "Service Unavailable",
            504 => "Gateway Timeout",
            _ => "Unknown",
        }
    }
}
