//! A number that two equal clusters share and two different ones do not: how replays are compared, natively and in
//! wasm alike.

use crate::cluster::Cluster;
use crate::dice::mix;
use std::hash::{Hash, Hasher};

/// A hasher with the same answers on every machine: sizes are hashed as 64 bits.
#[derive(Default)]
pub struct Fingerprint(u64);

impl Hasher for Fingerprint {
    fn finish(&self) -> u64 {
        mix(self.0)
    }
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }
    fn write_u8(&mut self, n: u8) {
        self.write_u64(n.into());
    }
    fn write_u32(&mut self, n: u32) {
        self.write_u64(n.into());
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = mix(self.0 ^ n).wrapping_add(0x9e37_79b9_7f4a_7c15);
    }
    fn write_i64(&mut self, n: i64) {
        self.write_u64(n as u64);
    }
    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }
    fn write_isize(&mut self, n: isize) {
        self.write_u64(n as i64 as u64);
    }
}

/// A hash of everything that has a bearing on what happens next.
pub fn of(cluster: &Cluster) -> u64 {
    let mut hasher = Fingerprint::default();
    cluster.now.hash(&mut hasher);
    cluster.epoch.hash(&mut hasher);
    cluster.dice.hash(&mut hasher);
    cluster.store.hash(&mut hasher);
    cluster.machines.hash(&mut hasher);
    cluster.plane.hash(&mut hasher);
    cluster.agenda.hash(&mut hasher);
    cluster.metrics_server.hash(&mut hasher);
    cluster.failures.hash(&mut hasher);
    cluster.manager.hash(&mut hasher);
    cluster.scheduler.hash(&mut hasher);
    cluster.folder.hash(&mut hasher);
    cluster.pool.hash(&mut hasher);
    cluster.namespace.hash(&mut hasher);
    cluster.sessions.hash(&mut hasher);
    cluster.affinity.hash(&mut hasher);
    // Between two instants nobody is busy.
    if cluster.is_busy() {
        format!("{:?}", (&cluster.errand, &cluster.changes)).hash(&mut hasher);
    }
    hasher.finish()
}
