//! What each document of a user's goes through before it is stored.

use crate::{Load, loads};
use kubarium_sim::apiserver::{self, Request};
use kubarium_sim::command::Command;
use kubarium_sim::manifest::objects::objects;
use kubarium_sim::manifest::write::json;
use kubarium_sim::manifest::{self, Place};

/// So many documents are read.
const COUNT: usize = 1_000;

pub const DOCUMENTS: Load = Load {
    name: "documents-1000",
    about: "1,000 documents of eight kinds are read, defaulted and validated",
    // 8,000 a second.
    limit_us: 125_000,
    repeat: 9,
    heavy: false,
    pods: 0,
    prepare: || loads::empty(3),
    run: |history, _| {
        let text = TYPICAL.repeat(COUNT / KINDS);
        let mut cluster = history.cluster().clone();
        let (mut place, mut accepted, mut answers) = (Some(Place::default()), 0, String::new());
        while let Some(from) = place {
            let (reading, next) = manifest::read_from(&text, from);
            for item in objects(&reading, "typical.yaml", &[]).into_iter().flatten() {
                let mut request = Request::create("kubectl", item.kind, item.value);
                request.dry_run = true;
                request.key.namespace = if item.kind.namespaced() { "default".into() } else { "".into() };
                let answer = apiserver::handle(&mut cluster, request).expect("a document without faults");
                accepted += 1;
                if accepted <= KINDS {
                    answers += &json(&answer.write(), 0);
                }
            }
            place = next;
        }
        assert_eq!(accepted, COUNT);
        // What this led to: nothing was stored.
        history.command(Command::Write { name: "answers.json".into(), text: answers.into() });
    },
};

const KINDS: usize = 8;
const TYPICAL: &str = include_str!("typical.yaml");
