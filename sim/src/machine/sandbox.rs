//! A Pod's sandbox and the containers in it.

use super::process::{Launch, Process};
use crate::clock::Time;
use std::rc::Rc;

/// What the containers of one Pod share: an address, and while it runs the namespaces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sandbox {
    pub running: bool,
    pub address: Rc<str>,
    /// How often the Pod got a sandbox before this one.
    pub attempt: u32,
    /// In the order of their creation. Of each name at most the last two.
    pub containers: Vec<Container>,
}

/// One life of a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Container {
    pub name: Rc<str>,
    /// 64 hexadecimal digits.
    pub id: Rc<str>,
    /// How many containers of this name the Pod had before.
    pub attempt: u32,
    /// The image's full name (`docker.io/library/nginx:1.25`).
    pub image: Rc<str>,
    /// The image as the kubelet wrote it into the container's specification.
    pub wanted_image: Rc<str>,
    pub created: Time,
    pub state: ContainerState,
    pub process: Process,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ContainerState {
    Created,
    Running { since: Time },
    Exited(Box<Exit>),
}

/// How a container ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Exit {
    /// Unset if its program could not even be started.
    pub started: Option<Time>,
    pub finished: Time,
    pub code: i32,
    /// `Completed`, `Error`, `OOMKilled`, `StartError`, `ContainerStatusUnknown`.
    pub reason: &'static str,
    /// The termination message.
    pub message: Rc<str>,
}

impl Sandbox {
    /// The newest container of a name.
    pub fn newest(&self, name: &str) -> Option<&Container> {
        self.containers.iter().rev().find(|c| &*c.name == name)
    }
    pub fn newest_mut(&mut self, name: &str) -> Option<&mut Container> {
        self.containers.iter_mut().rev().find(|c| &*c.name == name)
    }
    /// The container of a name that ended before the newest one was made.
    pub fn previous(&self, name: &str) -> Option<&Container> {
        self.containers.iter().rev().filter(|c| &*c.name == name).nth(1)
    }
    /// Adds a container; of the dead ones of its name only the latest is kept.
    pub fn add(&mut self, container: Container) {
        let old = self.containers.iter().filter(|c| c.name == container.name).count();
        if old > 1 {
            let oldest = self.containers.iter().position(|c| c.name == container.name).expect("counted above");
            self.containers.remove(oldest);
        }
        self.containers.push(container);
    }
    /// When a process of the Pod goes on by itself.
    pub fn next_wake(&self) -> Option<Time> {
        self.containers.iter().filter(|c| c.is_running()).filter_map(|c| c.process.next_wake()).min()
    }
    /// Lets all processes go on that can. Gives when the first of those that ended did so.
    pub fn advance(&mut self, now: Time) -> Option<Time> {
        self.containers.iter_mut().filter_map(|c| c.advance(now)).min()
    }
}

impl Container {
    pub fn is_running(&self) -> bool {
        matches!(self.state, ContainerState::Running { .. })
    }
    pub fn exit(&self) -> Option<&Exit> {
        if let ContainerState::Exited(exit) = &self.state { Some(exit) } else { None }
    }
    /// Starts the container's program.
    ///
    /// # Errors
    /// The runtime's words if it cannot be started; the container has then ended with code 128.
    pub fn start(&mut self, launch: Launch, now: Time) -> Result<(), Rc<str>> {
        match Process::start(launch, now) {
            Ok(process) => {
                self.process = process;
                self.state = ContainerState::Running { since: now };
                Ok(())
            }
            Err(why) => {
                self.state = ContainerState::Exited(Box::new(Exit {
                    started: None,
                    finished: now,
                    code: 128,
                    reason: "StartError",
                    message: why.clone(),
                }));
                Err(why)
            }
        }
    }
    /// Lets the process go on if it can; notes its end, and gives its time.
    pub fn advance(&mut self, now: Time) -> Option<Time> {
        let ContainerState::Running { since } = self.state else { return None };
        self.process.advance(now);
        let end = self.process.ended()?;
        let at = end.at;
        let reason = match end.code {
            _ if end.out_of_memory => "OOMKilled",
            0 => "Completed",
            _ => "Error",
        };
        self.state = ContainerState::Exited(Box::new(Exit {
            started: Some(since),
            finished: end.at,
            code: end.code,
            reason,
            message: end.message.clone(),
        }));
        Some(at)
    }
    /// Sends a signal to process 1 and lets it react. Gives the time of its end if it ends.
    pub fn signal(&mut self, signal: u8, now: Time) -> Option<Time> {
        if self.is_running() {
            self.process.signal(signal, now);
        }
        self.advance(now)
    }
}
