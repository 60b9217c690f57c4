//! What a program in a Pod asks to find the address of a name, told to who follows its request.

use super::resolve;
use crate::api::Kind;
use crate::api::object::Key;
use crate::api::pod::Pod;
use crate::cluster::Cluster;
use crate::shell::Record;
use crate::shell::tools::resolve::{Config, address_in, is_address};

/// Of the full names that a Pod's resolver asks for one after another the first that has an address, and that, as things are now; without
/// an address the last, if none has one. Nothing is asked about what is an address, or stands in `/etc/hosts`.
pub fn asked(cluster: &Cluster, pod: &Key, name: &str) -> Option<(String, Option<String>)> {
    if is_address(name) {
        return None;
    }
    let object = cluster.store.get(Kind::Pod, pod)?;
    let machine = cluster.machines.get(&object.expect::<Pod>().spec.node_name)?;
    let container = &machine.sandbox(&object.meta.uid)?.containers.first()?.name;
    let files = machine.view(&object.meta.uid, container, cluster.now)?;
    if files.text("/etc/hosts").is_some_and(|hosts| address_in(&hosts, name).is_some()) {
        return None;
    }
    let mut asked = None;
    for full in Config::of(&files.text("/etc/resolv.conf").unwrap_or_default()).candidates(name) {
        let answers = resolve(cluster, &full, Record::A).unwrap_or_default();
        let address = answers.into_iter().find(|answer| answer.record == Record::A).map(|answer| answer.value);
        let found = address.is_some();
        asked = Some((full, address));
        if found {
            break;
        }
    }
    asked
}
