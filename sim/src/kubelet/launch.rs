//! What a container is started with: command, environment, user, limits, mounts, and the files that the kubelet writes.
//!
//! Kubernetes 1.36: pkg/kubelet/kubelet_pods.go (GenerateRunContainerOptions, makeMounts), pkg/kubelet/network/dns

use super::pod_worker::Turn;
use super::{env, hostpath, security, volumes};
use crate::api::node::Node as ApiNode;
use crate::api::pod::{Container, Resources, Volume};
use crate::machine::images;
use crate::machine::process::Launch;
use crate::resources;
use crate::shell::{Mount, Node};
use crate::value::shared;
use std::rc::Rc;

impl Turn<'_> {
    pub(super) fn launch_of(&mut self, container: &Container) -> Launch {
        let mut env = env::environment(self, container).unwrap_or_default();
        env.shrink_to_fit();
        let expand = |words: &[Rc<str>]| words.iter().map(|w| shared(&env::expand(w, &env))).collect::<Vec<Rc<str>>>();
        let granted = self.granted(container);
        let limit = |name: &str| granted.limits.get(name).copied();
        let path = &container.termination_message_path;
        Launch {
            image: images::full_name(&container.image).expect("its image is there"),
            command: expand(&container.command),
            args: expand(&container.args),
            working_dir: container.working_dir.clone(),
            ports: container.ports.iter().map(|p| p.port as u16).collect(),
            memory_limit: limit("memory").map(|q| q.units().max(0) as u64),
            cpu_limit: limit("cpu").map(|q| q.milli_units().max(0) as u64),
            mounts: self.frozen(container, self.mounts_of(container, &env)),
            creds: security::creds(&self.spec, container),
            read_only_root: security::read_only_root(container),
            message_path: if path.is_empty() { "/dev/termination-log".into() } else { path.clone() },
            message_from_log: &*container.termination_message_policy == "FallbackToLogsOnError",
            hosts: self.hosts().into(),
            resolv_conf: shared(&self.resolv_conf()),
            stdin: container.stdin,
            stdin_once: container.stdin_once,
            tty: container.tty,
            annotations: self.pod.meta.annotations.clone(),
            env: Rc::new(env),
        }
    }

    fn mounts_of(&self, container: &Container, env: &env::Env) -> Vec<Mount> {
        let mount = |m: &crate::api::pod::VolumeMount| {
            let volume = self.spec.volumes.iter().find(|v| v.name == m.name)?;
            let (key, base) = volumes::place(self, volume);
            let inner =
                if m.sub_path_expr.is_empty() { m.sub_path.to_string() } else { env::expand(&m.sub_path_expr, env) };
            let inner = inner.trim_matches('/');
            let gap = if base.is_empty() || inner.is_empty() { "" } else { "/" };
            Some(Mount {
                path: m.path.trim_end_matches('/').into(),
                volume: key,
                sub_path: format!("{base}{gap}{inner}").into(),
                read_only: m.read_only || volumes::is_read_only(volume) || volume.image.is_some(),
                memory: self.memory_of(volume),
            })
        };
        container.volume_mounts.iter().filter_map(mount).collect()
    }

    /// How many bytes a volume has that lies in memory: what the node has for Pods, what all containers of the Pod may use or
    /// what the volume is limited to, whichever is least. Secrets and projections lie in memory as well.
    /// Kubernetes 1.36: pkg/volume/emptydir/empty_dir.go (calculateEmptyDirMemorySize)
    fn memory_of(&self, volume: &Volume) -> Option<u64> {
        let empty = volume.empty_dir.as_ref().filter(|e| &*e.medium == "Memory");
        let kept = volume.secret.is_some() || volume.projected.is_some() || volume.downward.is_some();
        if empty.is_none() && !kept {
            return None;
        }
        let (_, node) = self.cluster.store.typed::<ApiNode>("", self.node)?;
        let limited = |resources: &Resources| resources.limits.get("memory").is_some();
        let whole = self.spec.resources.as_ref().is_some_and(|whole| limited(whole));
        let is_limited = whole || self.spec.containers.iter().all(|c| limited(&c.resources));
        let sizes = [
            node.status.allocatable.get("memory").copied(),
            resources::limits(&self.spec).get("memory").copied().filter(|_| is_limited),
            empty.and_then(|empty| empty.size_limit),
        ];
        sizes.into_iter().flatten().map(|size| size.units().max(0) as u64).filter(|size| *size > 0).min()
    }

    /// A part of a volume that is not there yet is made: a folder with the mode of the volume's root.
    fn make_sub_paths(&mut self, container: &Container, mounts: &[Mount]) {
        let asked = container.volume_mounts.iter().map(|m| !m.sub_path.is_empty() || !m.sub_path_expr.is_empty());
        for (mount, _) in mounts.iter().zip(asked).filter(|(_, asked)| *asked) {
            // While the Pod's processes run they have the disk.
            let lent = self.sandbox().is_some_and(|sandbox| sandbox.volumes.contains_key(&mount.volume));
            let tree = match (&*mount.volume, lent) {
                (hostpath::DISK, false) => Some(self.machine.disk_mut()),
                (volume, _) => self.sandbox_mut().and_then(|sandbox| sandbox.volumes.get_mut(volume)),
            };
            let Some(tree) = tree.filter(|tree| tree.part(&mount.sub_path).is_none()) else { continue };
            let root = tree.get("").cloned().unwrap_or_else(Node::folder);
            let ends = mount.sub_path.match_indices('/').map(|(at, _)| at).chain([mount.sub_path.len()]);
            for end in ends.collect::<Vec<_>>() {
                let key = &mount.sub_path[..end];
                if tree.get(key).is_none() {
                    tree.put(key, Node { mode: root.mode, gid: root.gid, ..Node::folder() });
                }
            }
        }
    }

    /// A part of a volume that only the kubelet writes stays as it is at the container's start: what is mounted is the file
    /// to which the links lead now.
    fn frozen(&mut self, container: &Container, mut mounts: Vec<Mount>) -> Vec<Mount> {
        self.make_sub_paths(container, &mounts);
        for mount in mounts.iter_mut().filter(|mount| !mount.sub_path.is_empty()) {
            let projected = self.spec.volumes.iter().any(|v| v.name == mount.volume && volumes::is_read_only(v));
            let Some(sandbox) = self.sandbox_mut().filter(|_| projected) else { continue };
            if let Some(part) = sandbox.volumes.get(&mount.volume).and_then(|tree| tree.part(&mount.sub_path)) {
                let key: Rc<str> = format!("{}:{}:{}", mount.volume, mount.sub_path, container.name).into();
                sandbox.volumes.insert(key.clone(), part);
                (mount.volume, mount.sub_path) = (key, "".into());
            }
        }
        mounts
    }

    fn hosts(&self) -> String {
        let address = self.sandbox().map(|s| s.address.to_string()).unwrap_or_default();
        let mut text = String::from(
            "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n\
             fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n",
        );
        let name = self.sandbox().map(|s| s.hostname.clone()).unwrap_or_default();
        match (self.spec.subdomain.is_empty() || self.spec.hostname_override.is_some(), &self.spec.subdomain) {
            (true, _) => text.push_str(&format!("{address}\t{name}\n")),
            (false, subdomain) => {
                let namespace = &self.pod.meta.namespace;
                text.push_str(&format!("{address}\t{name}.{subdomain}.{namespace}.svc.cluster.local\t{name}\n"));
            }
        }
        if !self.spec.host_aliases.items().is_empty() {
            text.push_str("\n# Entries added by HostAliases.\n");
        }
        for alias in self.spec.host_aliases.items() {
            let names: Vec<&str> = alias.get("hostnames").items().iter().filter_map(|n| n.as_str()).collect();
            text.push_str(&format!("{}\t{}\n", alias.get("ip").as_str().unwrap_or(""), names.join("\t")));
        }
        text
    }

    fn resolv_conf(&self) -> String {
        let namespace = &self.pod.meta.namespace;
        let list = |v: &crate::value::Value| v.items().iter().filter_map(|s| s.as_str().map(str::to_string)).collect();
        let mut searches: Vec<String> = Vec::new();
        let mut servers: Vec<String> = Vec::new();
        let mut options: Vec<String> = Vec::new();
        let cluster_first = match &*self.spec.dns_policy {
            "" | "ClusterFirst" => !self.spec.host_network,
            "ClusterFirstWithHostNet" => true,
            _ => false,
        };
        if cluster_first {
            let suffixes =
                [format!("{namespace}.svc.cluster.local"), "svc.cluster.local".into(), "cluster.local".into()];
            (searches, servers, options) = (suffixes.into(), vec!["10.96.0.10".into()], vec!["ndots:5".into()]);
        } else if &*self.spec.dns_policy != "None" {
            servers = vec!["10.200.0.1".into()];
        }
        let config = &self.spec.dns_config;
        let more: Vec<String> = list(config.get("nameservers"));
        servers.extend(more);
        let more: Vec<String> = list(config.get("searches"));
        searches.extend(more);
        for option in config.get("options").items() {
            let name = option.get("name").as_str().unwrap_or("");
            let text = option.get("value").as_str().map_or(name.to_string(), |value| format!("{name}:{value}"));
            options.retain(|o| o.split(':').next() != Some(name));
            options.push(text);
        }
        let mut text = String::new();
        if !searches.is_empty() {
            text.push_str(&format!("search {}\n", searches.join(" ")));
        }
        for server in servers {
            text.push_str(&format!("nameserver {server}\n"));
        }
        if !options.is_empty() {
            text.push_str(&format!("options {}\n", options.join(" ")));
        }
        text
    }
}
