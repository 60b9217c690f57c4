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
    Some(HttpAnswer { status: 200, headers: vec![("Content-Type".into(), kind.into())], body: content.bytes.to_vec() })
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

thread_local! {
    /// What the configuration in an image describes, of the image that was asked for last: it depends on nothing but the
    /// image, so that this is no state.
    static READ: RefCell<Option<(Tree, Rc<Vec<Site>>)>> = const { RefCell::new(None) };
}

/// The servers that the files of nginx's configuration describe: `listen`, `root`, `index` and `return`.
pub fn nginx_sites(fs: &Fs) -> Rc<Vec<Site>> {
    let Some(image) = fs.as_in_image("/etc/nginx") else { return Rc::new(read_sites(fs)) };
    READ.with(|read| {
        let mut read = read.borrow_mut();
        match &*read {
            Some((tree, sites)) if tree == image => sites.clone(),
            _ => {
                let sites = Rc::new(read_sites(fs));
                *read = Some((image.clone(), sites.clone()));
                sites
            }
        }
    })
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

pub fn nginx(fs: &Fs, port: u16, page: &str, image: &str) -> HttpAnswer {
    let sites = nginx_sites(fs);
    let Some(site) = sites.iter().find(|site| site.ports.contains(&port)).or(sites.first()) else {
        return nginx_error(404, image);
    };
    let longest =
        site.returns.iter().filter(|(path, ..)| page.starts_with(path.as_str())).max_by_key(|(path, ..)| path.len());
    if let Some((_, code, text)) = longest {
        return HttpAnswer::text(*code, text.clone());
    }
    if let Some(answer) = folder(fs, &site.root, page, &site.index) {
        return answer;
    }
    let mounted = fs.mounts.iter().any(|mount| mount.path.starts_with(&site.root));
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
