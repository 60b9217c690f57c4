//! Web servers' pages: files below their roots, and what they say when there is none.

use crate::shell::{Creds, Fs, HttpAnswer, Links, Tree};
use std::cell::RefCell;
use std::rc::Rc;

pub const WELCOME: &str = "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n<p>If you see this page, the nginx web server is successfully installed and\nworking. Further configuration is required.</p>\n</body>\n</html>\n";

/// A file below a web server's root; of a folder its index.
pub fn folder(fs: &Fs, root: &str, page: &str, index: &str) -> Option<HttpAnswer> {
    let path = format!("{}{page}", root.trim_end_matches('/'));
    let is_folder = fs.stat("/", &path, Links::Follow).is_ok_and(|node| node.is_folder());
    let path = if is_folder { format!("{}/{index}", path.trim_end_matches('/')) } else { path };
    let content = fs.read("/", &path, &Creds::default()).ok()?;
    let kind = match path.rsplit('.').next() {
        Some("html" | "htm") => "text/html",
        Some("txt" | "conf") => "text/plain",
        Some("json") => "application/json",
        Some("css") => "text/css",
        Some("js") => "application/javascript",
        _ => "application/octet-stream",
    };
    let headers = Rc::new(vec![("Content-Type".into(), kind.into())]);
    Some(HttpAnswer { status: 200, headers, body: content.bytes() })
}

/// One `server` of nginx's configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    pub ports: Vec<u16>,
    root: String,
    index: String,
    /// `return CODE TEXT`, by the place of its location.
    returns: Vec<(String, u16, String)>,
}

/// What nginx makes of the files of an image.
struct Read {
    image: Tree,
    sites: Rc<Vec<Site>>,
    answers: Vec<Known>,
}

/// An answer that hangs on nothing but these files.
struct Known {
    /// The image's name, which stands in what it says of errors.
    image: Rc<str>,
    port: u16,
    page: String,
    answer: HttpAnswer,
}

/// So many answers are kept at most.
const ANSWERS: usize = 16;

thread_local! {
    /// Of the image that was asked for last: it depends on nothing but the image, so that this is no state.
    static READ: RefCell<Option<Read>> = const { RefCell::new(None) };
}

/// Looks into what is known of an image's files.
fn with_read<T>(fs: &Fs, image: &Tree, look: impl FnOnce(&mut Read) -> T) -> T {
    READ.with(|read| {
        let mut read = read.borrow_mut();
        match &mut *read {
            Some(known) if known.image == *image => look(known),
            other => {
                let sites = Rc::new(read_sites(fs));
                look(other.insert(Read { image: image.clone(), sites, answers: Vec::new() }))
            }
        }
    })
}

/// The servers that the files of nginx's configuration describe: `listen`, `root`, `index` and `return`.
pub fn nginx_sites(fs: &Fs) -> Rc<Vec<Site>> {
    match fs.as_in_image("/etc/nginx") {
        Some(image) => with_read(fs, image, |read| read.sites.clone()),
        None => Rc::new(read_sites(fs)),
    }
}

fn read_sites(fs: &Fs) -> Vec<Site> {
    let mut text = String::new();
    let main = fs.read_text("/etc/nginx/nginx.conf");
    let includes = main.as_ref().is_none_or(|text| text.contains("conf.d"));
    text.push_str(&main.unwrap_or_default());
    for (name, _) in fs.list("/", "/etc/nginx/conf.d", &Creds::default()).unwrap_or_default() {
        if includes && name.ends_with(".conf") {
            text.push_str(&fs.read_text(&format!("/etc/nginx/conf.d/{name}")).unwrap_or_default());
            text.push('\n');
        }
    }
    let mut sites: Vec<Site> = Vec::new();
    let mut location = String::from("/");
    let plain: String =
        text.lines().map(|line| line.split('#').next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    for statement in plain.split_inclusive([';', '{', '}']) {
        let words: Vec<&str> = statement.trim_end_matches([';', '{', '}']).split_whitespace().collect();
        match words.as_slice() {
            ["server"] if statement.ends_with('{') => {
                sites.push(Site { index: "index.html".into(), root: "/usr/share/nginx/html".into(), ..Site::default() })
            }
            ["location", .., path] => location = path.to_string(),
            ["listen", address, ..] => {
                if let (Some(site), Some(port)) =
                    (sites.last_mut(), address.rsplit(':').next().and_then(|p| p.parse().ok()))
                {
                    site.ports.push(port);
                }
            }
            ["root", root] => {
                if let Some(site) = sites.last_mut() {
                    site.root = root.to_string();
                }
            }
            ["index", index, ..] => {
                if let Some(site) = sites.last_mut() {
                    site.index = index.to_string();
                }
            }
            ["return", code, text @ ..] => {
                if let (Some(site), Ok(code)) = (sites.last_mut(), code.parse()) {
                    let text = text.join(" ").trim_matches(['\'', '"']).replace("\\n", "\n");
                    site.returns.push((location.clone(), code, text));
                }
            }
            _ => {}
        }
    }
    for site in &mut sites {
        if site.ports.is_empty() {
            site.ports.push(80);
        }
    }
    if sites.is_empty() {
        sites.push(Site {
            ports: vec![80],
            root: "/usr/share/nginx/html".into(),
            index: "index.html".into(),
            returns: Vec::new(),
        });
    }
    sites
}

/// What nginx answers, whose image has this name.
pub fn nginx(fs: &Fs, port: u16, page: &str, image: &Rc<str>) -> HttpAnswer {
    let Some(files) = fs.as_in_image("/etc/nginx") else {
        return of_site(fs, site_at(&read_sites(fs), port), page, image);
    };
    with_read(fs, files, |read| {
        let sites = read.sites.clone();
        let site = site_at(&sites, port);
        let of_image = |site: &Site| fs.as_in_image(&site.root).is_some() && !is_mounted(fs, site);
        if !site.is_some_and(of_image) || page.contains("..") {
            return of_site(fs, site, page, image);
        }
        let same = |known: &&Known| known.port == port && known.page == page && known.image == *image;
        if let Some(known) = read.answers.iter().find(same) {
            return known.answer.clone();
        }
        let answer = of_site(fs, site, page, image);
        if read.answers.len() < ANSWERS {
            let known = Known { image: image.clone(), port, page: page.into(), answer: answer.clone() };
            read.answers.push(known);
        }
        answer
    })
}

fn site_at(sites: &[Site], port: u16) -> Option<&Site> {
    sites.iter().find(|site| site.ports.contains(&port)).or(sites.first())
}

fn is_mounted(fs: &Fs, site: &Site) -> bool {
    fs.mounts.iter().any(|mount| mount.path.starts_with(&site.root))
}

fn of_site(fs: &Fs, site: Option<&Site>, page: &str, image: &str) -> HttpAnswer {
    let Some(site) = site else { return nginx_error(404, image) };
    let longest =
        site.returns.iter().filter(|(path, ..)| page.starts_with(path.as_str())).max_by_key(|(path, ..)| path.len());
    if let Some((_, code, text)) = longest {
        return HttpAnswer::text(*code, text.clone());
    }
    if let Some(answer) = folder(fs, &site.root, page, &site.index) {
        return answer;
    }
    let mounted = is_mounted(fs, site);
    if matches!(page, "/" | "/index.html") && site.root == "/usr/share/nginx/html" && !mounted {
        return HttpAnswer::html(200, WELCOME);
    }
    // An empty folder may not be listed.
    nginx_error(if page.ends_with('/') && mounted { 403 } else { 404 }, image)
}

fn nginx_error(status: u16, image: &str) -> HttpAnswer {
    let answer = HttpAnswer { status, ..HttpAnswer::default() };
    let version =
        image.rsplit(':').next().filter(|tag| tag.starts_with(|c: char| c.is_ascii_digit())).unwrap_or("1.29");
    let text = format!("{status} {}", answer.reason());
    HttpAnswer::html(
        status,
        format!(
            "<html>\r\n<head><title>{text}</title></head>\r\n<body>\r\n<center><h1>{text}</h1></center>\r\n<hr><center>nginx/{version}</center>\r\n</body>\r\n</html>\r\n"
        ),
    )
}

pub fn apache_404() -> HttpAnswer {
    HttpAnswer::html(
        404,
        "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>404 Not Found</title>\n</head><body>\n<h1>Not Found</h1>\n</body></html>\n",
    )
}

pub fn busybox_404() -> HttpAnswer {
    HttpAnswer::html(
        404,
        "<HTML><HEAD><TITLE>404 Not Found</TITLE></HEAD>\n<BODY><H1>404 Not Found</H1>\nThe requested URL was not found\n</BODY></HTML>\n",
    )
}
