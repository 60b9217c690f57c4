//! What the picture says: the few words in it, and a sentence for each of its things. API words stay English.

use super::crowd::Crowd;
use super::handle;
use super::hit::Key;
use super::model::{Model, Node, Pod, State};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Locale {
    #[default]
    English,
    Korean,
}

macro_rules! words {
    ($($name:ident $english:literal $korean:literal)*) => {
        /// A word or phrase of the picture.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Word { $($name),* }

        impl Word {
            pub fn say(self, locale: Locale) -> &'static str {
                match (self, locale) {
                    $((Word::$name, Locale::English) => $english, (Word::$name, Locale::Korean) => $korean,)*
                }
            }
        }
    };
}

words! {
    You "you" "나"
    Outside "outside" "바깥"
    Key "key" "범례"
    Storage "storage" "스토리지"
    Ready "ready" "준비됨"
    Waiting "waiting" "대기 중"
    NotReady "not ready" "준비 안 됨"
    Broken "broken" "고장"
    Terminating "terminating" "종료 중"
    Finished "finished" "완료"
    Unknown "unknown" "알 수 없음"
    NoClaim "no claim" "클레임 없음"
    NoVolume "no volume yet" "볼륨 없음"
    NothingYet "Nothing runs here yet" "아직 실행 중인 것이 없습니다"
    NoNodes "This cluster has no nodes" "이 클러스터에는 노드가 없습니다"
    NoSuchName "no such name" "그런 이름 없음"
    NoEndpoints "no endpoints" "엔드포인트 없음"
    NoneHere "none on this node" "이 노드에는 없음"
    NotForThisAddress "not for this address" "이 주소에는 허용되지 않음"
    StillEnding "still serves while it ends" "종료 중이지만 아직 응답함"
    Allowed "allowed" "허용됨"
    Denied "denied" "거부됨"
    NoRoute "No request has been followed yet" "아직 따라간 요청이 없습니다"
    Nearer "nearer" "가까이"
    Farther "farther" "멀리"
    Everything "everything" "전체"
    NoWorkloads "Nobody has ordered anything yet" "아직 아무것도 요청되지 않았습니다"
}

/// The state in a word of prose.
pub fn state(state: State, locale: Locale) -> &'static str {
    match (state, locale) {
        (State::Pending, Locale::English) => "waiting",
        (State::Init, Locale::English) => "initializing",
        (State::Starting, Locale::English) => "starting",
        (State::NotReady, Locale::English) => "not ready",
        (State::Ready, Locale::English) => "ready",
        (State::Crash, Locale::English) => "crashing",
        (State::Image, Locale::English) => "cannot pull",
        (State::Failed, Locale::English) => "failed",
        (State::Terminating, Locale::English) => "terminating",
        (State::Finished, Locale::English) => "finished",
        (State::Unknown, Locale::English) => "unknown",
        (State::Pending, Locale::Korean) => "대기 중",
        (State::Init, Locale::Korean) => "초기화 중",
        (State::Starting, Locale::Korean) => "시작하는 중",
        (State::NotReady, Locale::Korean) => "준비 안 됨",
        (State::Ready, Locale::Korean) => "준비됨",
        (State::Crash, Locale::Korean) => "반복해서 비정상 종료",
        (State::Image, Locale::Korean) => "이미지를 가져오지 못함",
        (State::Failed, Locale::Korean) => "실패",
        (State::Terminating, Locale::Korean) => "종료 중",
        (State::Finished, Locale::Korean) => "완료",
        (State::Unknown, Locale::Korean) => "알 수 없음",
    }
}

/// "3 of 5 ready"
pub fn ready_of(ready: usize, total: usize, locale: Locale) -> String {
    match locale {
        Locale::English => format!("{ready} of {total} ready"),
        Locale::Korean => format!("{total}개 중 {ready}개 준비"),
    }
}

/// "1 of 3, at random"
pub fn chosen_of(of: usize, kept: bool, locale: Locale) -> String {
    match (kept, locale) {
        (true, Locale::English) => format!("1 of {of}, kept for the client (sessionAffinity)"),
        (true, Locale::Korean) => format!("{of}개 중 1개, 클라이언트별로 유지 (sessionAffinity)"),
        (false, Locale::English) => format!("1 of {of}, at random"),
        (false, Locale::Korean) => format!("{of}개 중 1개, 무작위"),
    }
}

/// "on node-2"
pub fn on_node(node: &str, locale: Locale) -> String {
    match locale {
        Locale::English => format!("on {node}"),
        Locale::Korean => format!("{node}에서"),
    }
}

/// "*/5 * * * * · in 42 s"; with no next start it is suspended or makes no sense, and rests.
pub fn next_start(schedule: &str, left_ms: Option<u64>, locale: Locale) -> String {
    match (left_ms.map(span), locale) {
        (None, Locale::English) => format!("{schedule} · rests"),
        (None, Locale::Korean) => format!("{schedule} · 쉼"),
        (Some(left), Locale::English) => format!("{schedule} · in {left}"),
        (Some(left), Locale::Korean) => format!("{schedule} · {left} 뒤"),
    }
}

/// "3 acting"
pub fn acting(count: usize, locale: Locale) -> String {
    match locale {
        Locale::English => format!("{count} acting"),
        Locale::Korean => format!("{count}개 동작"),
    }
}

/// "41 in queue"
pub fn in_queue(count: usize, locale: Locale) -> String {
    match locale {
        Locale::English => format!("{count} in queue"),
        Locale::Korean => format!("대기열 {count}"),
    }
}

/// A length of time in two units at most: "41 s", "3 m 20 s".
pub fn span(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..600 if !seconds.is_multiple_of(60) => format!("{} m {} s", seconds / 60, seconds % 60),
        60..3600 => format!("{} m", seconds / 60),
        3600..86400 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86400),
    }
}

/// The whole picture in a sentence.
pub fn summary(model: &Model, locale: Locale) -> String {
    let (nodes, pods, services) = (model.nodes.len(), model.pods.len(), model.services.len());
    match locale {
        Locale::English => {
            let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
            format!("Cluster with {}, {}, {}", plural(nodes, "node"), plural(pods, "Pod"), plural(services, "Service"))
        }
        Locale::Korean => format!("노드 {nodes}개, Pod {pods}개, Service {services}개인 클러스터"),
    }
}

/// One thing of the picture in a sentence: "web-x7k2p, ready, revision 2, on node-1".
pub fn sentence(model: &Model, crowd: &Crowd, key: &Key, locale: Locale) -> String {
    match key.kind {
        "Pod" => model.pods.iter().find(|pod| pod.key == *key).map(|pod| pod_sentence(model, pod, locale)),
        "Node" => node_sentence(model, crowd, key, locale),
        "Service" => model.services.iter().find(|service| service.key == *key).map(|service| {
            format!("Service {}, {}, {}", key.name, service.address, ready_of(service.ready, service.total, locale))
        }),
        "PersistentVolume" | "PersistentVolumeClaim" => {
            model.volumes.iter().find(|volume| volume.key == *key).map(|volume| {
                let claim = volume.claim.as_deref().unwrap_or(Word::NoClaim.say(locale));
                format!("{} {}, {:?}, {}, {claim}", key.kind, key.name, volume.phase, volume.size)
            })
        }
        "camera" => Some(camera_word(&key.name).say(locale).to_string()),
        // A handle says the line that it stands for.
        handle::ORDER | handle::GRIP => Some(key.name.to_string()),
        _ => None,
    }
    .unwrap_or_else(|| format!("{} {}", key.kind, key.name).trim_end().to_string())
}

fn camera_word(tool: &str) -> Word {
    match tool {
        "in" => Word::Nearer,
        "out" => Word::Farther,
        _ => Word::Everything,
    }
}

fn pod_sentence(model: &Model, pod: &Pod, locale: Locale) -> String {
    let mut said = format!("{}, {}", pod.key.name, state(pod.state, locale));
    if let Some(revision) = pod.revision {
        said += &match locale {
            Locale::English => format!(", revision {revision}"),
            Locale::Korean => format!(", 리비전 {revision}"),
        };
    }
    if let Some(note) = &pod.note {
        said += &format!(", {}", note.text);
    }
    if let Some(node) = pod.node.and_then(|node| model.nodes.get(node)) {
        said += &match locale {
            Locale::English => format!(", on {}", node.key.name),
            Locale::Korean => format!(", {}에서", node.key.name),
        };
    } else if let Some(queued) = model.plane.queue.iter().find(|queued| queued.key == pod.key)
        && !queued.reason.is_empty()
    {
        said += &format!(", {}", queued.reason);
    }
    said
}

/// A node in numbers: "50 Pods, cpu 64%, memory 41% requested".
pub fn numbers(node: &Node, pods: usize, locale: Locale) -> String {
    let percent = |share: f32| (share * 100.0).round() as i32;
    let (cpu, memory) = (percent(node.cpu), percent(node.memory));
    match locale {
        Locale::English => {
            format!("{pods} {}, cpu {cpu}%, memory {memory}% requested", if pods == 1 { "Pod" } else { "Pods" })
        }
        Locale::Korean => format!("Pod {pods}개, 요청된 cpu {cpu}%, 메모리 {memory}%"),
    }
}

fn node_sentence(model: &Model, crowd: &Crowd, key: &Key, locale: Locale) -> Option<String> {
    let index = model.nodes.iter().position(|node| node.key == *key)?;
    let node = &model.nodes[index];
    let pods = crowd.pods.get(index).map_or(0, Vec::len);
    let mut said = format!("{}, {}, {}", key.name, node.word, numbers(node, pods, locale));
    if node.cordoned {
        said += ", SchedulingDisabled";
    }
    for taint in &node.taints {
        said += &format!(", {taint}");
    }
    if let Some(verdict) = &node.verdict {
        said += &format!(": {}", verdict.text);
    }
    Some(said)
}
