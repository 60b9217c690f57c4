//! Objects of living clusters, and what is said of them.

use super::*;
use crate::chronicle::Chronicle;
use crate::inspector::Tab;
use crate::inspector::portrait::Portrait;
use crate::text::Lang;
use kubarium_sim::api::Key;
use kubarium_sim::clock::Time;
use kubarium_sim::command::Command;
use kubarium_sim::history::History;
use kubarium_sim::setup::Setup;

/// A cluster to which these manifests were given and in which these lines were typed, each with some seconds after it.
fn living(manifests: &str, lines: &[(&str, u64)]) -> History {
    let mut history = History::new(Setup::default().cluster());
    let mut pass = |command: Command, seconds: u64| {
        history.command(command);
        history.seek(Time(history.now().0 + seconds * 1_000));
    };
    pass(Command::Write { name: "all.yaml".into(), text: manifests.into() }, 0);
    pass(Command::Run { line: "kubectl apply -f all.yaml".into() }, 20);
    for (line, seconds) in lines {
        pass(Command::Run { line: (*line).into() }, *seconds);
    }
    history
}

fn portrait(history: &History, lang: Lang, chosen: &Chosen) -> Portrait {
    let chronicle = Chronicle::default();
    let sitting =
        Sitting { cluster: history.cluster(), chronicle: &chronicle, journal: history.journal(), text: Text(lang) };
    Portrait::of(&sitting, chosen, Tab::Why)
}

fn why(history: &History, kind: Kind, name: &str) -> Why {
    let namespace = if kind.namespaced() { "default" } else { "" };
    let portrait = portrait(history, Lang::En, &Chosen::new(kind, namespace, name));
    portrait.why.unwrap_or_else(|| panic!("there is no {} {name}", kind.name()))
}

fn seen(why: &Why) -> Vec<&str> {
    why.see.iter().map(|(chosen, _)| &*chosen.key.name).collect()
}

#[test]
fn a_quota_names_whom_it_refused() {
    let history = living(
        "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: few}\nspec: {hard: {pods: 1}}\n---\n\
         apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 2\n  selector: {matchLabels: {a: b}}\n  \
         template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: nginx}]}}",
        &[],
    );
    let quota = why(&history, Kind::ResourceQuota, "few");
    assert_eq!((&*quota.title, &*quota.lead), ("It is full", "Nothing more is let in that counts towards: pods."));
    assert!(quota.needs[0].node.starts_with("ReplicaSet/web-"), "{:?}", quota.needs);
    assert_eq!(quota.needs[0].reason, "exceeded quota: few, requested: pods=1, used: pods=1, limited: pods=1");
    assert_eq!(why(&history, Kind::Deployment, "web").title, "Its Pods cannot be made");
}

#[test]
fn a_rollout_that_waits_leads_to_the_pod_that_it_waits_for() {
    let history = living(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 3\n  selector: {matchLabels: {a: b}}\n  \
         strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}\n  \
         template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: nginx}]}}",
        &[("kubectl set image deployment/web c=nginx:no-such-tag", 30)],
    );
    let web = why(&history, Kind::Deployment, "web");
    assert_eq!(web.title, "A rollout is under way");
    assert!(web.lead.contains("3 Pods are available and there must be 3"), "{}", web.lead);
    let [(pod, how)] = &web.see[..] else { panic!("{:?}", web.see) };
    assert!(matches!(&*how.word, "ErrImagePull" | "ImagePullBackOff"), "{}: {}", pod.key.name, how.word);
}

#[test]
fn a_stateful_set_waits_for_one_after_another() {
    let history = living(
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec:\n  replicas: 3\n  serviceName: db\n  selector: {matchLabels: {a: b}}\n  \
         template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: nginx:no-such-tag}]}}",
        &[],
    );
    let set = why(&history, Kind::StatefulSet, "db");
    assert!(set.lead.ends_with("nothing after db-0 is made before it is ready."), "{}", set.lead);
    assert_eq!(seen(&set), ["db-0"]);
}

#[test]
fn a_cron_job_counts_down_and_says_what_keeps_it() {
    let manifest = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: tick}\nspec:\n  schedule: '*/5 * * * *'\n  concurrencyPolicy: Forbid\n  \
         jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: busybox, command: [sleep, '900']}]}}}}";
    let mut history = living(manifest, &[]);
    let tick = why(&history, Kind::CronJob, "tick");
    assert!(tick.lead.starts_with("The next Job starts in "), "{}", tick.lead);
    history.seek(Time(history.now().0 + 400_000));
    let tick = why(&history, Kind::CronJob, "tick");
    assert!(tick.lead.contains("concurrencyPolicy is Forbid") && tick.see.len() == 1, "{tick:?}");
    history.command(Command::Run { line: r#"kubectl patch cronjob tick -p '{"spec":{"suspend":true}}'"#.into() });
    history.seek(Time(history.now().0 + 5_000));
    assert_eq!(why(&history, Kind::CronJob, "tick").title, "It is suspended");
}

#[test]
fn a_claim_without_class_tells_of_each_volume_why_it_is_not_this() {
    let history = living(
        "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: small}\nspec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /d}}\n---\n\
         apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: much}\nspec: {storageClassName: '', accessModes: [ReadWriteOnce], resources: {requests: {storage: 5Gi}}}\n---\n\
         apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: later}\nspec: {storageClassName: slow, accessModes: [ReadWriteOnce], resources: {requests: {storage: 5Gi}}}\n---\n\
         apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: slow}\nprovisioner: rancher.io/local-path\nvolumeBindingMode: WaitForFirstConsumer",
        &[],
    );
    let much = why(&history, Kind::PersistentVolumeClaim, "much");
    assert!(much.lead.starts_with("It names no class"), "{}", much.lead);
    let [Need { node, reason, .. }] = &much.needs[..] else { panic!("{:?}", much.needs) };
    assert_eq!((&**node, &**reason), ("small", "requested PV is too small"));
    let later = why(&history, Kind::PersistentVolumeClaim, "later");
    assert!(later.lead.ends_with("No Pod uses it yet."), "{}", later.lead);
    assert_eq!(why(&history, Kind::PersistentVolume, "small").title, "It waits for a claim");
}

#[test]
fn what_nobody_carries_out_says_what_would() {
    let history = living(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: door}\nspec: {ingressClassName: nginx, defaultBackend: {service: {name: none, port: {number: 80}}}}\n---\n\
         apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: gate}\nspec: {podSelector: {}, policyTypes: [Ingress]}\n---\n\
         apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: nginx}]}",
        &[],
    );
    let mend = |kind, name| why(&history, kind, name).mend.unwrap_or_default();
    assert_eq!(mend(Kind::Ingress, "door"), "fault start ingress-controller");
    assert_eq!(mend(Kind::NetworkPolicy, "gate"), "fault start network-policies");
    let mut history = history;
    for line in ["fault start ingress-controller", "fault start network-policies"] {
        history.command(Command::Run { line: line.into() });
        history.seek(Time(history.now().0 + 10_000));
    }
    let door = why(&history, Kind::Ingress, "door");
    assert!(door.title == "Behind the door nobody answers" && door.lead.contains("none"), "{door:?}");
    assert!(
        why(&history, Kind::NetworkPolicy, "gate").lead.starts_with("1 Pod: let in"),
        "{:?}",
        why(&history, Kind::NetworkPolicy, "gate")
    );
}

#[test]
fn a_budget_says_how_many_may_go() {
    let history = living(
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: two}\nspec: {minAvailable: 2, selector: {matchLabels: {a: b}}}\n---\n\
         apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 2\n  selector: {matchLabels: {a: b}}\n  \
         template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: nginx}]}}",
        &[],
    );
    assert_eq!(why(&history, Kind::PodDisruptionBudget, "two").title, "None may go");
    let mut history = history;
    history.command(Command::Run { line: "kubectl scale deployment web --replicas=3".into() });
    history.seek(Time(history.now().0 + 20_000));
    assert_eq!(why(&history, Kind::PodDisruptionBudget, "two").title, "1 may go");
    let pod = history.cluster().store.list_in(Kind::Pod, "default").next().expect("three").clone();
    let portrait = portrait(&history, Lang::En, &Chosen { kind: Kind::Pod, key: pod.key() });
    let related: Vec<&str> = portrait.related.iter().map(|group| group.kind.name()).collect();
    assert!(related.contains(&"PodDisruptionBudget") && related.contains(&"Node"), "{related:?}");
}

#[test]
fn what_has_ended_and_comes_again_is_neither_starting_nor_done() {
    let own = "restartPolicy: Never, restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [3]}}], ";
    for (policy, own, code, title) in [
        ("Always", "", 0, "It has ended and is started again"),
        ("OnFailure", "", 3, "It has ended and is started again"),
        ("OnFailure", "", 0, "It has done its work"),
        ("Never", "", 3, "It has failed"),
        ("Never", own, 3, "It has ended and is started again"),
        ("Never", own, 4, "It has failed"),
    ] {
        let manifest = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{restartPolicy: {policy}, containers: [{{name: c, image: busybox, \
             {own}command: [sh, -c, 'sleep 30; exit {code}']}}]}}"
        );
        let mut history = living(&manifest, &[]);
        let ended = |history: &History| {
            let pod =
                history.cluster().store.typed::<kubarium_sim::api::pod::Pod>("default", "p").expect("it is there").1;
            pod.status.container_statuses.first().is_some_and(|c| c.state.terminated.is_some())
        };
        while !ended(&history) {
            history.seek(Time(history.now().0 + 100));
        }
        assert_eq!(why(&history, Kind::Pod, "p").title, title, "{policy} {own} {code}");
    }
}

#[test]
fn who_ends_a_pod_is_told() {
    let manifest = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 2\n  selector: {matchLabels: {a: b}}\n  \
         template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: busybox, command: [sh, -c, 'trap : TERM; while :; do sleep 1; done']}]}}";
    for (line, told) in [
        ("kubectl scale deployment web --replicas=1", "one too many"),
        ("kubectl delete pods -l a=b --wait=false", "You deleted it"),
    ] {
        let history = living(manifest, &[(line, 3)]);
        let pods = history.cluster().store.list_in(Kind::Pod, "default");
        let pod = pods.into_iter().find(|pod| pod.meta.deleting()).expect("one ends slowly").clone();
        let why = why(&history, Kind::Pod, &pod.meta.name);
        assert!(why.also.iter().any(|also| also.lead.contains(told)), "{line}: {why:?}");
    }
}

/// Whatever there is explains itself in both languages, with nothing left to be filled in.
#[test]
fn every_object_of_every_sample_explains_itself() {
    let topics = std::fs::read_dir("static/samples").expect("a folder").map(|topic| topic.expect("readable").path());
    for topic in topics.filter(|topic| topic.is_dir()) {
        for file in std::fs::read_dir(&topic).expect("a folder") {
            let path = file.expect("readable").path();
            let text = std::fs::read_to_string(&path).expect("a sample");
            let history = living(&text, &[("kubectl get all", 40)]);
            let store = &history.cluster().store;
            let all: Vec<(Kind, Key)> =
                store.kinds().flat_map(|kind| store.list(kind).map(move |o| (kind, o.key()))).collect();
            for (kind, key) in all.into_iter().filter(|(kind, _)| *kind != Kind::Event) {
                for lang in [Lang::En, Lang::Ko] {
                    let portrait = portrait(&history, lang, &Chosen { kind, key: key.clone() });
                    let why = portrait.why.expect("it is there");
                    let said = format!("{}\n{}", why.title, why.lead);
                    let filled = !said.contains(['{', '}']) && !why.title.is_empty() && !why.lead.is_empty();
                    assert!(filled, "{}: {} {key}: {said}", path.display(), kind.name());
                }
            }
        }
    }
}
