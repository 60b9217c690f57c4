//! One machine: what is on it and whether it runs.

use super::agent::Agent;
use super::sandbox::{DISK, Sandbox};
use crate::clock::Time;
use crate::shell::{Node, Tree};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A node's machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Machine {
    /// Without power nothing runs, and what ran is lost.
    pub off: bool,
    /// With its cable out, the machine goes on, but nobody hears of it.
    pub cut: bool,
    /// When the kubelet was last started.
    pub kubelet_since: Time,
    /// The kubelet does not run; what it started does.
    pub kubelet_stopped: bool,
    /// The kubelet has just been started and has not said so yet.
    pub booting: bool,
    /// When power comes back by itself.
    pub on_at: Option<Time>,
    /// Bytes of the disk that something beside the Pods has filled.
    pub disk_filled: i64,
    /// Bytes of memory that something beside the Pods has taken.
    pub memory_taken: i64,
    /// Every image that exists is there already: nothing need be pulled.
    pub preloaded: bool,
    /// Images that were put there out of an archive, by their full names: no repository has a digest for them.
    pub imported: &'static [&'static str],
    /// Images that were pulled, by their full names.
    pub images: Rc<BTreeSet<Rc<str>>>,
    /// The sandboxes by the uid of their Pods.
    pub sandboxes: BTreeMap<Rc<str>, Rc<Sandbox>>,
    /// What the node's kubelet remembers.
    pub agent: Agent,
    /// The network that Pods get their addresses from, as it was last told: the runtime keeps it.
    pub network: Rc<str>,
    /// How many Pod addresses were given so far.
    pub addresses: u32,
    /// The node's own disk.
    pub disk: Tree,
}

/// Folders that every node has.
const FOLDERS: [&str; 12] =
    ["dev", "etc", "home", "mnt", "opt", "proc", "root", "run", "tmp", "usr", "var/lib", "var/log"];

impl Machine {
    /// What stands in a machine's place while it is looked at: nothing runs there. It costs no allocation.
    pub fn none() -> Rc<Machine> {
        thread_local!(static NONE: Rc<Machine> = Rc::default());
        NONE.with(Rc::clone)
    }
    /// The node's disk, with the folders that every node has.
    pub fn disk_mut(&mut self) -> &mut Tree {
        if self.disk.is_default() {
            self.disk = Tree::new();
            for folder in FOLDERS {
                self.disk.put(folder, Node::folder().with_mode(if folder == "tmp" { 0o1777 } else { 0o755 }));
            }
        }
        &mut self.disk
    }
    /// Everything that runs is lost, and so is what only was in memory; disks and dead containers stay.
    pub fn power_off(&mut self) {
        self.off = true;
        self.agent = Agent::default();
        for sandbox in self.sandboxes.values_mut() {
            Rc::make_mut(sandbox).lose_power();
        }
    }
    pub fn power_on(&mut self, now: Time) {
        if self.off {
            (self.off, self.on_at) = (false, None);
            self.start_kubelet(now);
            // The runtime finds its containers dead.
            self.sandboxes.values_mut().for_each(|s| Rc::make_mut(s).find_lost(now));
        }
    }
    /// What the kubelet knew is lost; containers go on.
    pub fn stop_kubelet(&mut self) {
        self.kubelet_stopped = true;
        self.agent = Agent::default();
    }
    pub fn start_kubelet(&mut self, now: Time) {
        (self.kubelet_stopped, self.booting, self.kubelet_since) = (false, true, now);
    }
    /// Whether nothing is heard of its kubelet.
    pub fn is_silent(&self) -> bool {
        self.off || self.cut || self.kubelet_stopped
    }
    /// Before a Pod's processes run: what they did unwatched is made up for, and they see the node's disk if they mount any of
    /// it.
    pub fn enter(&mut self, uid: &str, now: Time) {
        self.catch_up(uid, now);
        if self.sandboxes.get(uid).is_some_and(|s| s.on_disk) {
            let disk = std::mem::take(self.disk_mut());
            self.sandbox_mut(uid).expect("looked at above").volumes.insert(DISK.into(), disk);
        }
    }
    /// After they ran.
    pub fn leave(&mut self, uid: &str) {
        if self.sandboxes.get(uid).is_some_and(|s| s.on_disk)
            && let Some(disk) = self.sandbox_mut(uid).and_then(|s| s.volumes.remove(DISK))
        {
            self.disk = disk;
        }
    }
    /// Acts on a Pod's sandbox as it is at `now`; its processes may run. `None` if there is none.
    pub fn inside<T>(&mut self, uid: &str, now: Time, act: impl FnOnce(&mut Sandbox) -> T) -> Option<T> {
        let sandbox = self.sandboxes.get_mut(uid)?;
        if !sandbox.on_disk {
            let sandbox = Rc::make_mut(sandbox);
            sandbox.catch_up(now);
            return Some(act(sandbox));
        }
        self.enter(uid, now);
        let result = self.sandbox_mut(uid).map(act);
        self.leave(uid);
        result
    }
    pub fn sandbox(&self, uid: &str) -> Option<&Sandbox> {
        self.sandboxes.get(uid).map(|s| &**s)
    }
    pub fn sandbox_mut(&mut self, uid: &str) -> Option<&mut Sandbox> {
        self.sandboxes.get_mut(uid).map(Rc::make_mut)
    }
    /// Whether a container can be made from this image (its full name) without pulling it.
    pub fn has_image(&self, name: &str) -> bool {
        self.images.contains(name)
    }
    pub fn add_image(&mut self, name: &str) {
        if !self.images.contains(name) {
            Rc::make_mut(&mut self.images).insert(name.into());
        }
    }
    /// The next free address of a network like `10.244.1.0/24`; the first is the gateway's. Without one it is the network of
    /// the time before.
    pub fn take_address(&mut self, network: &str) -> Rc<str> {
        if !network.is_empty() {
            self.network = network.into();
        }
        let network = self.network.clone();
        let (base, bits) = network.split_once('/').unwrap_or((&network, "24"));
        let octet = |s: &str| s.parse::<u32>().unwrap_or(0);
        let base = base.split('.').fold(0, |sum, part| sum << 8 | octet(part));
        let size = 1_u32 << 32_u32.saturating_sub(octet(bits)).min(24);
        let used = |address: &str| self.sandboxes.values().any(|s| s.running && &*s.address == address);
        for _ in 0..size {
            self.addresses += 1;
            let at = base + 2 + (self.addresses - 1) % size.saturating_sub(3).max(1);
            let text = format!("{}.{}.{}.{}", at >> 24, at >> 16 & 255, at >> 8 & 255, at & 255);
            if !used(&text) {
                return text.into();
            }
        }
        crate::api::field::empty_text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_given_in_turn() {
        let mut machine = Machine::default();
        assert_eq!(&*machine.take_address("10.244.1.0/24"), "10.244.1.2");
        assert_eq!(&*machine.take_address("10.244.1.0/24"), "10.244.1.3");
        // The Node is gone, and with it what its network was.
        assert_eq!(&*machine.take_address(""), "10.244.1.4");
    }
}
