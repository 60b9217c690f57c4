//! The picture, laid out on the host: golden SVG texts, and what must hold at every size and zoom.
//!
//! `UPDATE_EXPECT=1 cargo test --test scene` writes the golden texts anew.

mod models;

use kubarium::paint::svg;
use kubarium::scene::camera::{Camera, FIT};
use kubarium::scene::crowd::Crowd;
use kubarium::scene::handle;
use kubarium::scene::hit::{self, Direction, Key};
use kubarium::scene::measure::Table;
use kubarium::scene::model::{Asked, Model, State};
use kubarium::scene::shape::{Fill, Form, Layer, Rect, Shape};
use kubarium::scene::slots::Places;
use kubarium::scene::words::{self, Locale};
use kubarium::scene::{self, ColourBy, Lens, Options, Scene, layout};
use std::path::Path;

fn options<'a>(places: &'a Places, selected: Option<&'a Key>) -> Options<'a> {
    Options {
        locale: Locale::English,
        lens: Lens::Cluster,
        colour: ColourBy::State,
        selected,
        hovered: None,
        reduced: false,
        handles: true,
        places,
        crowd: None,
        held: None,
    }
}

fn lay(model: &Model, size: (f32, f32), camera: Camera) -> Scene {
    layout(model, size, camera, options(&Places::default(), None), &Table)
}

/// Compares with the golden text of this name.
fn check(name: &str, scene: &Scene, model: &Model) {
    let text = svg::document(scene, &words::summary(model, Locale::English));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scene").join(format!("{name}.svg"));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &text).expect("the golden text can be written");
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = golden.lines().zip(text.lines()).enumerate().find(|(_, (a, b))| a != b);
    assert!(golden == text, "{name}.svg differs, first at {differs:?}; UPDATE_EXPECT=1 writes it anew");
}

#[test]
fn the_main_screen() {
    let model = models::shop();
    let train = models::pod_key("train-7hq2x");
    let scene = layout(&model, (860.0, 640.0), FIT, options(&Places::default(), Some(&train)), &Table);
    check("main", &scene, &model);
}

#[test]
fn on_a_phone() {
    let model = models::shop();
    let train = models::pod_key("train-7hq2x");
    let places = Places::default();
    check("phone", &layout(&model, (360.0, 474.0), FIT, options(&places, Some(&train)), &Table), &model);
}

#[test]
fn every_state() {
    let model = models::states();
    check("states", &lay(&model, (860.0, 640.0), FIT), &model);
}

#[test]
fn a_hundred_nodes() {
    let model = models::large(100, 30);
    let loupe = model.nodes[62].key.clone();
    let places = Places::default();
    let options = Options { hovered: Some(&loupe), selected: Some(&loupe), ..options(&places, None) };
    check("hundred", &layout(&model, (1156.0, 772.0), FIT, options, &Table), &model);
}

#[test]
fn the_other_lenses() {
    let model = models::shop();
    let places = Places::default();
    for (name, lens) in [("ownership", Lens::Ownership), ("network", Lens::Network), ("list", Lens::List)] {
        let options = Options { lens, ..options(&places, None) };
        check(name, &layout(&model, (860.0, 640.0), FIT, options, &Table), &model);
    }
}

// ------------------------------------------------------------------------------------------------ what always holds

/// The boxes of all texts, as far as they are on view.
fn text_boxes(scene: &Scene) -> Vec<(String, Rect)> {
    let visible = |shape: &Shape| {
        let covered = shape.text_box()?;
        Some(if shape.layer.in_window() { covered.common(scene.window) } else { covered })
    };
    let text = |shape: &Shape| match &shape.form {
        Form::Text(text) => text.text.to_string(),
        _ => String::new(),
    };
    scene.shapes.iter().filter_map(|shape| Some((text(shape), visible(shape)?))).collect()
}

fn assert_no_two_meet(scene: &Scene, what: &str) {
    let boxes = text_boxes(scene);
    for (i, (a, at)) in boxes.iter().enumerate() {
        for (b, other) in &boxes[i + 1..] {
            assert!(!at.meets(*other), "{what}: {a:?} at {at:?} meets {b:?} at {other:?}");
        }
    }
}

#[test]
fn no_two_labels_meet_at_any_zoom() {
    let sizes = [(860.0, 640.0), (360.0, 474.0), (700.0, 500.0), (1156.0, 772.0), (320.0, 300.0)];
    let clusters = [
        models::shop(),
        models::states(),
        models::large(4, 12),
        models::large(9, 20),
        models::large(20, 30),
        models::large(100, 30),
    ];
    for model in &clusters {
        for size in sizes {
            for step in 0..8 {
                let zoom = 1.35_f32.powi(step * 2);
                let scene = lay(model, size, Camera { x: 90.0, y: 120.0, zoom });
                assert_no_two_meet(&scene, &format!("{} nodes in {size:?} at zoom {zoom}", model.nodes.len()));
            }
            for lens in [Lens::Ownership, Lens::Network, Lens::List] {
                let places = Places::default();
                let scene = layout(model, size, FIT, Options { lens, ..options(&places, None) }, &Table);
                assert_no_two_meet(&scene, &format!("{lens:?} in {size:?}"));
            }
        }
    }
}

#[test]
fn korean_labels_do_not_meet_either() {
    let model = models::shop();
    let places = Places::default();
    let options = Options { locale: Locale::Korean, ..options(&places, None) };
    assert_no_two_meet(&layout(&model, (860.0, 640.0), FIT, options, &Table), "Korean");
}

#[test]
fn ids_are_unique_in_a_scene() {
    for model in [models::shop(), models::states(), models::large(9, 20)] {
        let scene = lay(&model, (860.0, 640.0), FIT);
        let mut seen = std::collections::HashMap::new();
        for shape in &scene.shapes {
            if let Some(other) = seen.insert(shape.id, shape) {
                panic!("{:?}\nand {:?}\nshare an id", shape, other);
            }
        }
    }
}

#[test]
fn every_node_and_pod_is_there_from_one_node_to_five_thousand() {
    for (nodes, each) in [(1, 3), (3, 8), (12, 10), (20, 30), (21, 30), (100, 30), (999, 30), (1000, 10), (5000, 4)] {
        let model = models::large(nodes, each);
        let scene = lay(&model, (1156.0, 772.0), FIT);
        assert_eq!(
            scene.hits.iter().filter(|hit| hit.key.kind == "Node").count(),
            if nodes > 20 { nodes } else { scene.hits.iter().filter(|hit| hit.key.kind == "Node").count() }
        );
        let dots: usize =
            scene.shapes.iter().map(|shape| if let Form::Dots(dots) = &shape.form { dots.len() } else { 0 }).sum();
        let drawn = scene.hits.iter().filter(|hit| hit.key.kind == "Pod").count();
        if nodes < 1000 {
            assert!(
                dots + drawn >= nodes * each || nodes > 3 && nodes < 21,
                "{nodes}: {dots} dots and {drawn} Pods of {}",
                nodes * each
            );
        } else {
            assert!(dots >= nodes);
        }
    }
}

#[test]
fn pods_keep_their_places() {
    let mut model = models::shop();
    let mut places = Places::default();
    places.settle(&model, &Crowd::of(&model).pods);
    let spot = |model: &Model, places: &Places, name: &str| {
        let scene = layout(model, (860.0, 640.0), FIT, options(places, None), &Table);
        scene.hits.iter().find(|hit| &*hit.key.name == name).map(|hit| hit.rect)
    };
    let before = spot(&model, &places, "db-0");
    let gone = model.pods.remove(0);
    for service in &mut model.services {
        service.endpoints.clear();
    }
    for volume in &mut model.volumes {
        volume.pods.clear();
    }
    places.settle(&model, &Crowd::of(&model).pods);
    assert_eq!(spot(&model, &places, "db-0"), before, "a neighbour's end moves nobody");
    let newcomer = models::pod("new", "", 0, kubarium::scene::model::State::Starting);
    model.pods.push(std::rc::Rc::new(newcomer));
    places.settle(&model, &Crowd::of(&model).pods);
    let first = scene::hit::at(&lay(&models::shop(), (860.0, 640.0), FIT).hits, 140.0, 290.0).map(|hit| hit.rect);
    assert_eq!(spot(&model, &places, "new"), first, "who comes takes the place of {}", gone.key.name);
}

#[test]
fn arrows_go_to_neighbours() {
    let model = models::shop();
    let scene = lay(&model, (860.0, 640.0), FIT);
    let go = |from: &str, direction| {
        hit::neighbour(&scene.hits, &models::pod_key(from), direction).map(|hit| hit.key.name.to_string())
    };
    assert_eq!(go("web-x7k2p", Direction::Right).as_deref(), Some("web-m4d9t"));
    assert_eq!(go("web-x7k2p", Direction::Down).as_deref(), Some("db-0"));
    assert_eq!(go("web-m4d9t", Direction::Right).as_deref(), Some("web-c2f6v"));
    let tank = hit::enclosing(&scene.hits, &models::pod_key("db-0")).expect("a tank");
    assert_eq!(&*tank.key.name, "node-1");
    assert_eq!(&*hit::enclosed(&scene.hits, &tank.key).expect("a Pod").key.name, "web-x7k2p");
}

#[test]
fn a_thing_is_told_in_a_sentence() {
    let model = models::shop();
    let say = |kind, namespace, name, locale| {
        words::sentence(&model, &Crowd::of(&model), &Key::new(kind, namespace, name), locale)
    };
    assert_eq!(say("Pod", "shop", "web-x7k2p", Locale::English), "web-x7k2p, ready, revision 2, on node-1");
    assert_eq!(say("Pod", "shop", "web-x7k2p", Locale::Korean), "web-x7k2p, 준비됨, 리비전 2, node-1에서");
    assert_eq!(say("Pod", "shop", "train-7hq2x", Locale::English), "train-7hq2x, waiting, 0/3 nodes are available");
    assert_eq!(
        say("Node", "", "node-2", Locale::English),
        "node-2, Ready, 5 Pods, cpu 74%, memory 66% requested: Insufficient cpu"
    );
    assert_eq!(words::summary(&model, Locale::English), "Cluster with 3 nodes, 14 Pods, 3 Services");
}

/// The map is there while not everything is on view, its frame is what is, and nothing beneath it is hit or read through it.
#[test]
fn a_map_tells_where_one_is() {
    let model = models::large(100, 30);
    assert_eq!(lay(&model, (1156.0, 772.0), FIT).map, None);
    let scene = lay(&model, (1156.0, 772.0), Camera { x: 300.0, y: 200.0, zoom: 4.0 });
    let map = scene.map.expect("a map");
    let is_frame = |shape: &&Shape| {
        shape.layer == Layer::Map && shape.fill == Fill::None && matches!(shape.form, Form::Rect { .. })
    };
    let frame = scene.shapes.iter().rfind(is_frame).expect("what is on view");
    let k = map.w / scene.world.0;
    assert!((frame.x - map.x - 300.0 * k).abs() < 0.1 && (frame.y - map.y - 200.0 * k).abs() < 0.1);
    let (x, y) = map.centre();
    assert_eq!(hit::at(&scene.hits, x, y).map(|hit| hit.key.clone()), Some(Key::part("camera", "map")));
    assert!(text_boxes(&scene).iter().all(|(_, text)| !text.meets(map)));
    assert!(!svg::document(&scene, "").contains("M-5 -2 V-5"), "it is no part of a saved picture");
    let narrow = lay(&model, (360.0, 520.0), Camera { x: 30.0, y: 20.0, zoom: 4.0 });
    assert!(narrow.window.w * 0.34 > narrow.map.expect("a map").w);
}

/// A phone has its tanks in one column, whatever is in them.
#[test]
fn on_a_phone_tanks_stand_in_one_column() {
    let empty = Model { pods: vec![], services: vec![], volumes: vec![], clients: vec![], ..models::shop() };
    for model in [empty, models::shop()] {
        let scene = lay(&model, (360.0, 520.0), FIT);
        let columns: std::collections::BTreeSet<u32> = scene.tanks.values().map(|tank| tank.x as u32).collect();
        assert_eq!(columns.len(), 1);
    }
}

/// A node that is selected can be switched, cut and cordoned where it stands, and gets company; its taint goes by its tag. A
/// Pod's program hangs and is killed below it, traffic to a Service grows at its rail. In a figure none of it is.
#[test]
fn handles_are_command_lines() {
    let mut model = models::shop();
    let node = model.nodes.last_mut().expect("a node");
    (node.cordoned, node.taints, node.verdict) = (true, vec!["dedicated=batch:NoSchedule".into()], None);
    let key = node.key.clone();
    let places = Places::default();
    let lines_of = |model: &Model, handles: bool, lens: Lens, selected: &Key| {
        let options = Options { lens, handles, ..options(&places, Some(selected)) };
        let scene = layout(model, (860.0, 640.0), FIT, options, &Table);
        assert_no_two_meet(&scene, "with handles");
        let orders = scene.hits.iter().filter(|hit| matches!(hit.key.kind, handle::ORDER | handle::GRIP));
        orders.map(|hit| hit.key.name.to_string()).collect::<Vec<_>>()
    };
    let mut found = lines_of(&model, true, Lens::Cluster, &key);
    found.sort();
    let name = &key.name;
    let taint = format!("kubectl taint nodes {name} dedicated=batch:NoSchedule-");
    let [cut, off, uncordon] =
        ["fault cut", "fault power-off", "kubectl uncordon"].map(|begin| format!("{begin} {name}"));
    let [more, away] = ["add --like", "remove"].map(|verb| format!("machine {verb} {name}"));
    assert_eq!(found, [cut, off, taint, uncordon, more, away]);
    let pod = model.pods.iter().find(|pod| pod.state == State::Ready).expect("a Pod").key.clone();
    let found = lines_of(&model, true, Lens::Cluster, &pod);
    assert!(found.len() == 2 && found[0].starts_with(&format!("fault hang shop/{}/", pod.name)), "{found:?}");
    assert!(found[1].starts_with(&format!("fault kill shop/{}/", pod.name)), "{found:?}");
    model.services[0].asked = Some(Asked { url: "http://web".into(), clients: Some(2) });
    let service = model.services[0].key.clone();
    let clients = |n| format!("kubectl scale deployment ask-{} -n shop --replicas={n}", service.name);
    let mut found = lines_of(&model, true, Lens::Cluster, &service);
    found.sort();
    assert_eq!(found, [clients(1), clients(3)]);
    let web = Key::new("Deployment", "shop", "web");
    let scales = lines_of(&model, true, Lens::Ownership, &web);
    assert_eq!(scales, [3, 4, 5].map(|n| format!("kubectl scale deployment web -n shop --replicas={n}")));
    assert_eq!(lines_of(&model, false, Lens::Cluster, &key), Vec::<String>::new());
    assert_eq!(lines_of(&model, false, Lens::Ownership, &web), Vec::<String>::new());
}

/// Where a thing has no room for its handles they stand in a bar: at a small tank, at a dot, on a phone, for what this lens does not show.
#[test]
fn what_has_no_room_for_handles_has_a_bar() {
    let places = Places::default();
    let bar = |model: &Model, size: (f32, f32), lens: Lens, key: &Key, handles: bool| {
        let options = Options { lens, handles, ..options(&places, Some(key)) };
        let scene = layout(model, size, FIT, options, &Table);
        assert_no_two_meet(&scene, "with a bar");
        let orders: Vec<_> = scene.hits.iter().filter(|hit| hit.key.kind == handle::ORDER).cloned().collect();
        for hit in &orders {
            let Rect { x, y, w, h } = hit.rect;
            assert!(x >= 0.0 && y >= 0.0 && x + w <= size.0 && y + h <= size.1, "{hit:?} is on view");
            assert!(w >= 24.0 && h >= 24.0, "{hit:?} can be pressed");
            let (x, y) = hit.rect.centre();
            assert_eq!(hit::at(&scene.hits, x, y).map(|hit| &hit.key), Some(&hit.key));
        }
        orders.iter().map(|hit| hit.key.name.to_string()).collect::<Vec<_>>()
    };
    let of_node = |name: &str| {
        let begin = ["fault power-off", "fault cut", "kubectl cordon", "machine add --like", "machine remove"];
        begin.map(|begin| format!("{begin} {name}"))
    };
    let (large, shop) = (models::large(100, 30), models::shop());
    let node = &large.nodes[62].key;
    let wide = (1156.0, 772.0);
    assert_eq!(bar(&large, wide, Lens::Cluster, node, true), of_node(&node.name));
    assert_eq!(bar(&large, (360.0, 520.0), Lens::Cluster, node, true), of_node(&node.name));
    assert_eq!(bar(&large, wide, Lens::Cluster, node, false), Vec::<String>::new());
    let node = &shop.nodes[0].key;
    assert_eq!(bar(&shop, (360.0, 520.0), Lens::Cluster, node, true), of_node(&node.name));
    let pod = &shop.pods.iter().find(|pod| pod.state == State::Ready).expect("a Pod").key;
    let found = bar(&shop, (360.0, 520.0), Lens::Cluster, pod, true);
    assert!(found.len() == 2 && found[0].starts_with("fault hang") && found[1].starts_with("fault kill"), "{found:?}");
    let web = Key::new("Deployment", "shop", "web");
    let scales = [3, 5].map(|n| format!("kubectl scale deployment web -n shop --replicas={n}"));
    assert_eq!(bar(&shop, (860.0, 640.0), Lens::Cluster, &web, true), scales);
    // At home it has handles of its own, and no others.
    let own = bar(&shop, (860.0, 640.0), Lens::Ownership, &web, true);
    assert_eq!(own, scales);
}

/// A zone with few nodes takes little room: all tanks are as large as they can be.
#[test]
fn blocks_are_as_wide_as_their_zones_are_large() {
    let mut model = models::large(120, 10);
    for (n, node) in model.nodes.iter_mut().enumerate() {
        node.zone = Some(if n < 90 { "zone-a" } else { "zone-b" }.into());
    }
    let scene = lay(&model, (1156.0, 772.0), FIT);
    let of_zone = |zone: &str| {
        let own = model.nodes.iter().filter(|node| node.zone.as_deref() == Some(zone));
        own.map(|node| scene.tanks[&node.id]).reduce(Rect::around).expect("a zone")
    };
    let (large, small) = (of_zone("zone-a"), of_zone("zone-b"));
    assert!((2.4..4.0).contains(&(large.w / small.w)), "{large:?} {small:?}");
    assert!((large.h - small.h).abs() < 1.0 && small.right() > 1100.0, "{large:?} {small:?}");
}
